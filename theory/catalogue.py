"""The rules by name: one file each in theory/rules, discovered by file; and RULE strings.

RULE = NAME | PATH.py[:NAME], then optionally @axis=option,axis=option.
`outlines()` reads names, sources and conventions alone and needs no SymPy; `rule()` reads the mathematics.
Every rule file, ours too, passes the same reader and is never executed.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .bounds import short
from .convention import DECAY_ORDERS, Convention, amended_conventions, decay_orders
from .errors import NotReadable, UnknownName, nearest
from .reader import module, read_text
from .references import Source

if TYPE_CHECKING:
    from .rule import UpdateRule

RULES = Path(__file__).parent / "rules"
_LANGUAGE = {(0, "driftproof.theory.language"), (2, "language")}
_OPTIONS = re.compile(r"[a-z][a-z0-9_]*=[a-z0-9_]+(,[a-z][a-z0-9_]*=[a-z0-9_]+)*\Z")


def names() -> list[str]:
    """The declared rules, by file."""
    return sorted(path.stem for path in RULES.glob("*.py") if not path.stem.startswith("_"))


@dataclass(frozen=True)
class Outline:
    """What `rules` lists: everything about a rule but its mathematics."""

    name: str
    source: Source
    conventions: tuple[Convention, ...] = ()
    notes: str = ""


class _Opaque:
    """Stands for any mathematics while a file is read for its outline."""

    def _same(self, *_: Any, **__: Any) -> _Opaque:
        return self

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _same
    __pow__ = __rpow__ = __neg__ = __pos__ = __lt__ = __le__ = __gt__ = __ge__ = __call__ = _same


def _outline(name: str, source: Source, conventions: Any = (), notes: str = "", **_: Any) -> Outline:
    return Outline(name, source, tuple(conventions), notes)


def _outline_amended(
    name: str,
    rule: Outline,
    equations: Any = (),
    source: Source | None = None,
    conventions: Any = (),
    held: Mapping[str, str] | None = None,
    defaults: Mapping[str, str] | None = None,
    notes: str = "",
    **_: Any,
) -> Outline:
    axes = amended_conventions(name, rule.conventions, conventions, held or {}, defaults or {})
    return Outline(name, source or rule.source, axes, notes)


def _outline_composed(
    name: str,
    rule: Outline,
    combinators: Any,
    source: Source | None = None,
    conventions: Any = (),
    notes: str = "",
    **_: Any,
) -> Outline:
    return Outline(name, source or rule.source, (*rule.conventions, *conventions), notes or rule.notes)


_OUTLINE_WORDS: Mapping[str, Any] = {
    "Source": Source,
    "Convention": Convention,
    "DECAY_ORDERS": DECAY_ORDERS,
    "UpdateRule": _outline,
    "compose": _outline_composed,
    "amend": _outline_amended,
    "decay_orders": decay_orders,
    "repeat": lambda *_, **__: [],
}


def _read(path: Path, outline: bool) -> dict[str, Any]:
    """The rules (or outlines) that a file assigns, by variable name."""
    if outline:
        words: Mapping[str, Any] = _OUTLINE_WORDS
        kind: type[Any] = Outline
    else:
        from . import language
        from .rule import UpdateRule

        words = {name: getattr(language, name) for name in language.__all__}
        kind = UpdateRule

    def importer(source: str, level: int, name: str) -> Any:
        if (level, source) in _LANGUAGE:
            if name == "*":
                return {word: words.get(word, _Opaque()) for word in _language_words()}
            if outline:
                return words.get(name, _Opaque())
            if name in words:
                return words[name]
            raise UnknownName(f"{path}: the language has no word '{name}'.", "", nearest(name, words))
        stem = source.removeprefix("driftproof.theory.rules.")
        if (level == 1 or (level == 0 and stem != source)) and stem == name and stem in names():
            return _built_in(name, outline)
        raise NotReadable(
            f"{path}: 'from {'.' * level}{source} import {name}' is not allowed.",
            "A rule file imports from driftproof.theory.language, and from driftproof.theory.rules.NAME.",
            f"Declared rules: {', '.join(names())}.",
        )

    found = module(read_text(path), importer, str(path))
    return {name: value for name, value in found.items() if isinstance(value, kind)}


@cache
def _language_words() -> tuple[str, ...]:
    """The words of the language, read from the text of its file: importing it would bring SymPy."""
    tree = ast.parse((Path(__file__).parent / "language.py").read_text(encoding="utf-8"))
    (listed,) = (s.value for s in tree.body if isinstance(s, ast.Assign) and ast.unparse(s.targets[0]) == "__all__")
    return tuple(ast.literal_eval(listed))


@cache
def _built_in(name: str, outline: bool) -> Any:
    found = _read(RULES / f"{name}.py", outline)
    if name not in found or found[name].name != name:
        raise NotReadable(
            f"theory/rules/{name}.py does not declare a rule named '{name}'.", "", f"Assign it to {name}."
        )
    return found[name]


def outlines() -> list[Outline]:
    """Names, sources and conventions of every declared rule; no SymPy is imported."""
    return [_built_in(name, True) for name in names()]


def rule(text: str) -> UpdateRule:
    """The variant that a RULE string names.

    raises: UnknownName for a rule, axis or option that does not exist (with the nearest one);
    NotReadable, NotExact or RuleError for a file that is not a rule.
    """
    base, _, options = text.rpartition("@")
    if not base or not _OPTIONS.match(options):
        if base and ".py" not in options:
            raise NotReadable(
                f"'@{short(options)}' in RULE '{short(text)}' is not readable.",
                "",
                "Write NAME@axis=option,axis=option.",
            )
        base, options = text, ""
    chosen: dict[str, str] = {}
    for pair in filter(None, options.split(",")):
        axis, _, option = pair.partition("=")
        if axis in chosen:
            raise NotReadable(f"RULE '{short(text)}' names the axis '{axis}' twice.", "", "Give each axis one option.")
        chosen[axis] = option
    return _base(base).variant(**chosen)


def _base(text: str) -> UpdateRule:
    path, separator, wanted = text.rpartition(".py:")
    if separator:
        return _from_file(Path(path + ".py"), wanted)
    if text.endswith(".py"):
        return _from_file(Path(text), "")
    if "/" in text or "\\" in text or (text not in names() and Path(f"{text[:200]}.py").is_file()):
        raise UnknownName(
            f"There is no rule '{short(text)}'.",
            "It looks like a path, and the path of a rule file ends in .py.",
            "Write PATH.py, or PATH.py:NAME.",
        )
    if text not in names():
        raise UnknownName(
            f"There is no rule '{short(text)}'.",
            "RULE is NAME or PATH.py[:NAME], then @axis=option.",
            nearest(text, names()),
        )
    return _built_in(text, False)  # type: ignore[no-any-return]


def _from_file(path: Path, wanted: str) -> UpdateRule:
    found: dict[str, UpdateRule] = _read(path, outline=False)
    key = wanted or (path.stem if path.stem in found else next(iter(found)) if len(found) == 1 else "")
    if key not in found:
        raise UnknownName(
            f"{path} declares no rule '{wanted}'." if wanted else f"{path} declares {len(found)} rules.",
            "Rules there: " + (", ".join(found) or "none") + ".",
            f"Write {path}:NAME.",
        )
    return found[key]
