"""Pages about a rule as declared: `show`, in text and LaTeX. Nothing here prints; the command line does."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sympy

from driftproof.theory.quantities import short
from driftproof.theory.rule import Equation, First, UpdateRule
from driftproof.theory.symbols import letter, symbol, theta

from .layout import block, columns, equations, flowing
from .notation import Latex, Text
from .printer import Printer

SCREEN = 25
HELPERS = ("denom", "step", "bias", "count", "limit")
HELPER_SUFFIXES = ("used", "raw")


def printer(rule: UpdateRule, latex: bool = False) -> Printer:
    return Printer(Latex() if latex else Text(), [h.name for h in rule.hyperparameters])


def readable(rule: UpdateRule) -> list[Equation]:
    """The equations as a paper has them: helper values that are used once stand where they are used."""
    equations = list(rule.equations)
    outside = [rule.guard, *(o.expression for o in rule.outputs)]
    for name in [e.symbol for e in equations if _is_helper(e.symbol.name)]:
        value = next(e.expression for e in equations if e.symbol == name)
        uses = sum(part == name for e in equations for part in sympy.preorder_traversal(e.expression))
        if uses == 1 and not value.has(sympy.Piecewise) and not any(e.has(name) for e in outside):
            kept = [e for e in equations if e.symbol != name]
            equations = [Equation(e.symbol, e.expression.xreplace({name: value})) for e in kept]
    return equations


def _is_helper(name: str) -> bool:
    base, _, suffix = name.partition("_")
    return base.rstrip("0123456789") in HELPERS or suffix in HELPER_SUFFIXES


def _sides(rule: UpdateRule, latex: bool = False) -> list[tuple[str, str]]:
    """Left and right sides of the readable equations."""
    show = printer(rule, latex)
    own = {e.symbol: symbol(e.symbol.name.removesuffix("_new")) for e in rule.equations}
    return [(show.show(e.symbol), show.show(e.expression, own[e.symbol])) for e in readable(rule)]


def equation_lines(rule: UpdateRule) -> list[str]:
    """The readable equations as text, one below the other."""
    return equations((left, f"= {right}") for left, right in _sides(rule))


def show_text(rule: UpdateRule) -> str:
    """The rule on one screen: equations, options, where it is used, known disagreements; what does not fit is short."""
    pages = (_page(rule, short) for short in range(len(SHORTER) + 1))
    page: list[str] = []
    for page in pages:
        if len(page) <= SCREEN:
            break
    return "\n".join(page)


SHORTER = ("conventions", "defaults", "state", "differences")
"""What is shortened where a page is too long for a screen, in this order; the last is left to --format json."""


def _page(rule: UpdateRule, shortened: int) -> list[str]:
    """The page with so many of its parts in their short form."""
    brief, show = SHORTER[:shortened], printer(rule)
    lines = block(rule.label, [str(rule.source), *filter(None, [rule.source.note, rule.notes])])
    lines += ["", *equation_lines(rule), ""]
    lines += block("gradients", _draws(rule, show))
    lines += block("state", _states(rule, show, "state" in brief))
    lines += block("guard", [] if rule.guard == sympy.true else show.show(rule.guard))
    lines += block("outputs", [f"{o.name} = {show.show(o.expression)}: {o.meaning}" for o in rule.outputs])
    lines += block("defaults", _defaults(rule, "defaults" in brief))
    lines += block("conventions", _conventions(rule, "conventions" in brief) if rule.conventions else [])
    lines += block("made with", ", then ".join(rule.combinators) if rule.combinators else [])
    lines += block("used in", ", ".join(rule.used_in) if rule.used_in else [])
    lines += block("differences", [] if "differences" in brief else rule.disagreements)
    lines += block("digest", rule.digest)
    return [*lines, *block("", "(--format json explains them)")] if brief and len(lines) < SCREEN else lines


def _states(rule: UpdateRule, show: Printer, short_form: bool) -> list[str]:
    if not short_form:
        return flowing(f"{s.name} = {_init(s, show)} at the start, one per {s.scope}" for s in rule.state)
    scopes = dict.fromkeys(s.scope for s in rule.state)
    return flowing(
        ", ".join(f"{s.name} = {_init(s, show)}" for s in rule.state if s.scope == scope) + f" per {scope}"
        for scope in scopes
    )


def _defaults(rule: UpdateRule, short_form: bool) -> list[str]:
    if short_form:
        return flowing(f"{h.name} = {short(h.default)}" for h in rule.hyperparameters)
    return columns([(h.name, short(h.default), str(h.domain), _meaning(h)) for h in rule.hyperparameters], indent="")


def _conventions(rule: UpdateRule, short_form: bool) -> list[str]:
    """The chosen option of each axis with its meaning, and the others; in the short form one axis after the other."""
    if short_form:
        return flowing(_brief(rule, c) for c in rule.conventions)
    return [_convention(rule, c) for c in rule.conventions]


def _draws(rule: UpdateRule, show: Printer) -> list[str]:
    """Said only where it is not simply g at theta."""
    if [d.at for d in rule.gradients] == [theta]:
        return []
    return flowing(f"{show.show(d.symbol)} at {show.show(d.at)}" for d in rule.gradients)


def _init(state: Any, show: Printer) -> str:
    return show.show(state.init.expression) if isinstance(state.init, First) else short(state.init)


def _meaning(item: Any) -> str:
    known = letter(item.name)
    return str(item.meaning or (known.meaning if known else ""))


def _convention(rule: UpdateRule, axis: Any) -> str:
    """The chosen option with its meaning, then the others."""
    chosen = rule.options[axis.name]
    others = "|".join(option for option in axis.options if option != chosen)
    return f"{axis.name}={chosen}: {axis.options[chosen]}   (or {others})"


def _brief(rule: UpdateRule, axis: Any) -> str:
    others = "|".join(option for option in axis.options if option != rule.options[axis.name])
    return f"{axis.name}={rule.options[axis.name]} (or {others})"


def equations_latex(rule: UpdateRule) -> str:
    """The equations as an align* environment."""
    return align(f"{left} &= {right}" for left, right in _sides(rule, latex=True))


def align(rows: Iterable[str]) -> str:
    body = " \\\\\n  ".join(rows)
    return f"\\begin{{align*}}\n  {body}\n\\end{{align*}}"


def document(title: str, body: str) -> str:
    """A LaTeX document that compiles as it stands."""
    return "\n".join(
        [
            r"\documentclass{article}",
            r"\usepackage{amsmath}",
            r"\begin{document}",
            rf"\noindent\texttt{{{escaped(title)}}}",
            body,
            r"\end{document}",
            "",
        ]
    )


def escaped(text: str) -> str:
    """Text with LaTeX's special characters made harmless."""
    special = {**{c: f"\\{c}" for c in "#$%&_{}"}, "\\": r"\textbackslash{}", "^": r"\^{}", "~": r"\~{}"}
    return "".join(special.get(c, c) for c in text)


def show_latex(rule: UpdateRule) -> str:
    return document(rule.label, equations_latex(rule))


def show_json(rule: UpdateRule) -> dict[str, Any]:
    """Plain data: the equations as declared, and as a paper prints them."""
    show = printer(rule)
    return {
        "name": rule.name,
        "label": rule.label,
        "digest": rule.digest,
        "source": str(rule.source),
        "notes": [*filter(None, [rule.source.note, rule.notes])],
        "equations": [{"symbol": str(e.symbol), "expression": str(e.expression)} for e in rule.equations],
        "text": [f"{left} = {right}" for left, right in _sides(rule)],
        "latex": equations_latex(rule),
        "gradients": [{"symbol": str(d.symbol), "at": str(d.at)} for d in rule.gradients],
        "guard": str(rule.guard),
        "outputs": [{"name": o.name, "expression": str(o.expression)} for o in rule.outputs],
        "state": [{"name": s.name, "init": _init(s, show), "scope": s.scope} for s in rule.state],
        "hyperparameters": [
            {"name": h.name, "default": str(h.default), "domain": str(h.domain), "role": h.role, "meaning": _meaning(h)}
            for h in rule.hyperparameters
        ],
        "conventions": [
            {"name": c.name, "chosen": rule.options[c.name], "options": dict(c.options)} for c in rule.conventions
        ],
        "combinators": list(rule.combinators),
        "used_in": list(rule.used_in),
        "disagreements": list(rule.disagreements),
    }
