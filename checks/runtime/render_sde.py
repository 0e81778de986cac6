"""The page of `derive`: SDE, hypotheses, scaling rule and SVAG form, in text and LaTeX."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import sympy
from sympy import Symbol

from .layout import block, equations, flowing, unbroken, width
from .notation import Latex, Text
from .printer import Printer
from .render import SCREEN, align, document

DOMINATED = "dominated as h goes to 0, and dropped"

LEFT = 15
"""Columns before the right side of an equation."""

if TYPE_CHECKING:
    from driftproof.checks.api import Derivation
    from driftproof.theory.scaling import ScalingRule, SVAGForm
    from driftproof.theory.sde import SDE


def derivation_text(found: Derivation) -> str:
    """The SDE, from what it follows, what it gives, and what to do next; on one screen where that can be."""
    numbered = list(enumerate(found.sde.hypotheses, 1))
    full = _page(found, [f"H{i} {h}" for i, h in numbered])
    if len(full) <= SCREEN:
        return "\n".join(full)
    needed = [f"H{i} {h if h.needed_for else h.name}" for i, h in numbered]
    page = _page(found, [*flowing(needed), "(the statements are in --format json)"])
    if len(page) <= SCREEN:
        return "\n".join(page)
    return "\n".join(_page(found, flowing([*(f"H{i} {h.name}" for i, h in numbered), "(--format json)"]), brief=True))


def _page(found: Derivation, hypotheses: list[str], brief: bool = False) -> list[str]:
    """brief: what fits a narrow terminal; the rest is in the JSON."""
    sde, show = found.sde, Printer(Text(primes=found.sde.weak_order > 1))
    source = str(sde.source).partition(",")[0] if brief else _short(sde)
    lines = block(sde.rule, f"Ito SDE, {sde.regime} regime, weak order {sde.weak_order} in {sde.order_in}; {source}")
    lines += block("held fixed", flowing(_definitions(sde, show)))
    lines += ["", *equations(_equations(sde, show)), ""]
    lines += block("coordinates", list(_coupling(sde, show)))
    lines += block("where", flowing(_corrections(sde)))
    lines += block("D = B B^T", flowing([*_entries(sde, show), "other entries 0"]))
    lines += block("hypotheses", hypotheses)
    lines += block("valid", sde.valid_from)
    lines += block("note", _notes(sde, brief))
    lines += block("scaling", _scaling(found.scaling) if found.scaling else f"refused: {found.refusal}")
    lines += block("SVAG(l)", _svag(found.svag, show, brief) if found.svag else [])
    commands = list(_next(shlex.quote(found.asked), sde))
    return [*lines, *unbroken("next", commands[:1] if brief else commands)]


def _notes(sde: SDE, brief: bool) -> list[str]:
    """Remarks; in the brief form the dominated terms are counted."""
    found = [r for r in sde.remarks if not r.startswith("one step")]
    dominated = [r for r in found if r.startswith(DOMINATED)]
    if not brief or not dominated:
        return found
    return [*(r for r in found if r not in dominated), f"{len(dominated)} {DOMINATED} (--format json)"]


def _short(sde: SDE) -> str:
    return f"{str(sde.source).partition(',')[0]}, {sde.source.where}"


def derivation_latex(found: Derivation) -> str:
    """A document that compiles: the SDE, the entries of D, and the constants held fixed."""
    return document(f"{found.sde.rule}, {found.sde.regime} regime", sde_latex(found.sde))


def sde_latex(sde: SDE) -> str:
    show = Printer(Latex(primes=sde.weak_order > 1))
    letter = show.notation.name
    rows = [rf"d{letter(state)} &= {_joined(parts) or '0'}" for state, parts in _right_sides(sde, show)]
    for state, e in sde.drift_coupling.items():
        rows.append(rf"d{letter(state + '_i')} &\mathrel{{+}}= \sum_{{j \neq i}} {_in_sum(show, e)} \, dt")
    rows += [rf"D_{{{letter(a)},{letter(b)}}} &= {show.show(e)}" for (a, b), e in _nonzero(sde).items()]
    rows += [rf"{letter(name)} &= {show.show(e)}" for name, e in sde.constants.items()]
    rows += [rf"{letter(n)} &= 1 - e^{{-c_{{{n.removeprefix('gamma')}}} t}}" for n in _gammas(sde)]
    return align(rows)


def _coupling(sde: SDE, show: Printer) -> Iterator[str]:
    """What the other coordinates add to the drift of coordinate i."""
    for state, e in sde.drift_coupling.items():
        yield f"each j other than i adds to d {state}_i:  {_in_sum(show, e)} dt"


def _in_sum(show: Printer, e: Any, own: Any = None) -> str:
    text = show.show(e, own)
    return show.notation.parenthesised(text) if e.is_Add else text


def _next(rule: str, sde: SDE) -> Iterator[str]:
    if sde.weak_order > 1:
        yield f"driftproof derive {rule} --regime {sde.regime}"
        return
    yield f"driftproof scale {rule} --kappa 4"
    yield f"driftproof derive {rule} --format json|latex"


def _definitions(sde: SDE, show: Printer) -> Iterator[str]:
    for name, expression in sde.constants.items():
        yield f"{name} = {show.show(expression)}"
    yield f"one step = {show.show(sde.time_per_step)} of time"
    for name, text in sde.rescaling.items():
        yield f"{name} = {text.replace('**', '^')}"


def _equations(sde: SDE, show: Printer) -> Iterator[tuple[str, str]]:
    """One line for each state, or one for each part where a line would be too long."""
    for state, parts in _right_sides(sde, show):
        whole = _joined(parts) or "0"
        first, *rest = [whole] if len(whole) <= width() - LEFT else parts
        yield f"d {state}", f"= {first}"
        yield from (("", _signed(part)) for part in rest)


def _joined(parts: list[str]) -> str:
    return " ".join([*parts[:1], *map(_signed, parts[1:])])


def _signed(part: str) -> str:
    """A part that is added to others before it."""
    return f"- {part.removeprefix('-')}" if part.startswith("-") else f"+ {part}"


def _by_power(sde: SDE, drift: Any) -> list[Any]:
    """The drift; at higher orders its parts of each power of h, the lowest first."""
    if sde.weak_order == 1:
        return [drift] if drift != 0 else []
    h = Symbol("eta") if sde.time_per_step.has(Symbol("eta")) else Symbol("h")
    found: dict[Any, Any] = {}
    for term in sympy.Add.make_args(drift):
        power = term.as_coeff_exponent(h)[1]
        found[power] = found.get(power, 0) + term
    return [found[power] for power in sorted(found) if found[power] != 0]


def _right_sides(sde: SDE, show: Printer) -> Iterator[tuple[str, list[str]]]:
    """For each state its drift, and its noise where a single one is driven."""
    root = _single_noise(sde)
    for state, drift in sde.drift.items():
        parts = [f"{_in_sum(show, part, Symbol(state))} dt" for part in _by_power(sde, drift)]
        parts += ["dW" if root[state] == 1 else f"{show.show(root[state])} dW"] if state in root else []
        parts += ["noise of D"] if not root and any(a == state for a, _ in _nonzero(sde)) else []
        yield state, parts


def _nonzero(sde: SDE) -> dict[tuple[str, str], Any]:
    """The entries of D on and above the diagonal that are not 0."""
    order = list(sde.drift)
    return {(a, b): e for (a, b), e in sde.diffusion.items() if e != 0 and order.index(a) <= order.index(b)}


def _single_noise(sde: SDE) -> dict[str, Any]:
    """State -> root of its entry of D, if that is the only entry that is not 0; else B is not one number."""
    found = _nonzero(sde)
    if len(found) != 1:
        return {}
    ((state, other), entry), *_ = found.items()
    positive = {s: Symbol(s.name, positive=True) for s in entry.free_symbols}
    root = sympy.sqrt(sympy.factor(entry.xreplace(positive)))
    return {state: root.xreplace({p: s for s, p in positive.items()})} if state == other else {}


def _entries(sde: SDE, show: Printer) -> Iterator[str]:
    for (a, b), entry in _nonzero(sde).items():
        yield f"D[{a},{b}] = {show.show(entry)}"


def _gammas(sde: SDE) -> list[str]:
    return [name for name in sde.symbols if name.startswith("gamma") and "_" not in name]


def _corrections(sde: SDE) -> Iterator[str]:
    for name in _gammas(sde):
        yield f"{name} = {sde.symbols[name].partition(':')[0]}"


def _scaling(scaling: ScalingRule) -> list[str]:
    rules = [scaled(name, e) for name, e in scaling.exponents.items()]
    states = [scaled(name, e) for name, e in scaling.state_exponents.items()]
    proof = f"unique: rank {scaling.rank} of {len(scaling.unknowns)}"
    return [*flowing(["batch x kappa:", *rules]), *flowing([*(["stored state:"] if states else []), *states, proof])]


def scaled(name: str, exponent: Fraction) -> str:
    """`eta -> sqrt(kappa) eta`."""
    base = f"({name})" if name.startswith("1-") else name
    if exponent == 0:
        return f"{base} -> {base}"
    kappa = Printer(Text()).show(Symbol("kappa") ** sympy.Rational(abs(exponent)))
    return f"{base} -> {kappa} {base}" if exponent > 0 else f"{base} -> {base} / {kappa}"


def _svag(form: SVAGForm, show: Printer, brief: bool) -> list[str]:
    amplification, steps = show.show(form.amplification), show.show(form.steps)
    draws = f"two draws, A = {amplification}" if brief else _draws(amplification)
    changed = [f"{name} -> {show.show(e)}" for name, e in form.hyperparameters.items()]
    if brief:
        changed = [f"scaled with kappa = 1/{steps}"]
    error = f"error C / {show.show(Symbol('l') ** sympy.Rational(form.order))}"
    return flowing([draws, *changed, f"steps x {steps}", error])


def _draws(amplification: str) -> str:
    return f"g = r1 g1 + r2 g2 of two draws, r = (1 +- sqrt(2 A - 1)) / 2 with A = {amplification}"
