"""A schedule and its bound as LaTeX."""

from __future__ import annotations

from collections.abc import Iterator

import sympy
from sympy import Expr

from driftproof.theory.planned import BLOCK, BLOCKS, EPOCH, EPOCHS, ByBlock, Listed, Schedule, Single, WarmUp
from driftproof.theory.sgd_bound import NOISE, START, B, V

from .render import align, document, escaped
from .scheduled import Scheduled

LETTERS = {EPOCH: "e", EPOCHS: "E", BLOCK: "m", BLOCKS: "M"}
MEANING = (
    "Steps $t = 1, \\dots, T$, epochs $e = 0, \\dots, E - 1$, blocks $m = 0, \\dots, M - 1$; they count anew in the "
    "parts of a schedule. $\\Delta = f(\\theta_1) - \\inf f$."
)


def schedule_latex(found: Scheduled) -> str:
    """A document that compiles: step sizes, batch sizes, sums, bound and floor; closed forms as text."""
    parts = [align(_rows(found)), MEANING, ""]
    if found.bound is None:
        parts += [rf"\noindent\texttt{{{escaped(f'no bound: {found.reason}')}}}", ""]
    for item in found.explained:
        word = "" if item.holds else " (false for this run)"
        parts += [rf"\noindent\texttt{{{escaped(f'{item.form.name}: {item.form.formula}{word}')}}}", ""]
    return document(str(found.verdict), "\n".join(parts).rstrip())


def _rows(found: Scheduled) -> Iterator[str]:
    lr = found.plan.lr
    shown = lr.formula if isinstance(lr, Listed) and lr.formula is not None else lr
    yield rf"\eta_t &= {latex(shown)}"
    yield rf"b_t &= {latex(found.plan.batch)}"
    yield rf"T &= {found.totals.steps}, \quad \sum_t b_t = {_number(found.totals.evaluations)}"
    i = found.inputs
    yield rf"L &= {sympy.latex(i.L)}, \quad \sigma^2 = {sympy.latex(i.sigma2)}, \quad \Delta = {sympy.latex(i.gap)}"
    yield rf"B_T &= \frac{{1}}{{\sum_t \eta_t}} = {_number(found.value(B))}"
    yield rf"V_T &= \frac{{\sum_t \eta_t^2 / b_t}}{{\sum_t \eta_t}} = {_number(found.value(V))}"
    if found.bound is None:
        return
    whole = r"\frac{\Delta + \frac{L \sigma^2}{2} \sum_t \eta_t^2 / b_t}{\sum_t \eta_t (1 - L \eta_t / 2)}"
    terms = f"{_number(found.value(START))} + {_number(found.value(NOISE))}"
    yield (rf"\min_{{t \le T}} \mathbf{{E}} \, |\nabla f(\theta_t)|^2 &\le {whole} = {terms} = {_number(found.bound)}")
    floor = found.limit.floor
    if floor is not None:
        yield rf"\text{{floor}} &= {sympy.latex(floor.value)}"


def latex(schedule: Schedule) -> str:
    """A formula, or cases by part."""
    if isinstance(schedule, Single):
        return _expression(schedule.expression)
    if isinstance(schedule, WarmUp):
        parts = [(latex(schedule.first), rf"e < {schedule.epochs}"), (latex(schedule.then), r"\text{after that}")]
        return _cases(parts)
    if isinstance(schedule, ByBlock):
        last = len(schedule.each) - 1
        parts = [(latex(part), rf"m = {k}" if k < last else rf"m \ge {k}") for k, part in enumerate(schedule.each)]
        return _cases(parts) if last else parts[0][0]
    return rf"\text{{{escaped(str(schedule))}}}"


def _cases(parts: list[tuple[str, str]]) -> str:
    return r"\begin{cases} " + r" \\ ".join(f"{value} & {where}" for value, where in parts) + r" \end{cases}"


def _expression(e: Expr) -> str:
    return str(sympy.latex(e, symbol_names=LETTERS))


def _number(value: float) -> str:
    """Six digits: 4.57039 \\times 10^{-3}."""
    digits, _, power = f"{value:.6g}".partition("e")
    return rf"{digits} \times 10^{{{int(power)}}}" if power else digits
