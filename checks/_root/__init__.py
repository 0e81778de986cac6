"""driftproof: from the paper's equation to the update function, every step proved, cited or measured.

`import driftproof as dp` loads nothing heavy: a public name is imported when it is first used.
"""

from importlib import import_module

__version__ = "0.1.0"

# public name -> (module, attribute)
_PUBLIC = {
    "DriftproofError": ("driftproof.theory.errors", "DriftproofError"),
    "UpdateRule": ("driftproof.theory.rule", "UpdateRule"),
    **{
        name: ("driftproof.checks.api", name)
        for name in (
            "Rule audit best_schedule check converge derive momo phase_diagram rule rules scale schedule verify witness"
        ).split()
    },
    "parametrize_with_checks": ("driftproof.checks.audit.plugin", "parametrize_with_checks"),
}


def __getattr__(name: str) -> object:
    if name not in _PUBLIC:
        raise AttributeError(f"driftproof has no {name!r}; it has {', '.join(sorted(_PUBLIC))}")
    module, attribute = _PUBLIC[name]
    value = getattr(import_module(module), attribute)
    globals()[name] = value  # the next use does not come here
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_PUBLIC})
