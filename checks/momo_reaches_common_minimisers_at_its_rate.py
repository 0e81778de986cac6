"""MoMo without a cap tends to a common minimiser like G D/((1 - beta) sqrt(K)): every path of short runs, 50 digits.

f(x, s) convex for s = 1, 2, drawn at random; x* minimises both, with least value f_star = 0; D = |x^1 - x*|, and
G^2 = E_s max |grad f(x, s)|^2 over the ball |x - x*| <= D. Then for every K, with expectations over all 2^K paths,

    min over k <= K of E f(x^k) <= (1/K) sum_k E f(x^k) <= G D/((1 - beta) sqrt(K))          f = (f(., 1) + f(., 2))/2,

and on every path, with e = h - rho f_star the height of the averaged model over the bound, d its slope,

    e_k = (1 - beta) f(x^k, s_k),    sum_k e_k^2/|d_k|^2 <= D^2,    |x^{k+1} - x*| <= |x^k - x*|.

Nothing is sampled: G is known in closed form, and expectations are sums.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import mpmath
import numpy as np
import sympy

from driftproof.theory.catalogue import rule as rule_of
from driftproof.theory.references import Source
from driftproof.theory.rule import First, UpdateRule
from driftproof.theory.symbols import f as loss_letter
from driftproof.theory.symbols import g as gradient_letter
from driftproof.theory.symbols import new, symbol, t, theta

from .runtime import seeds
from .runtime.check import Check, Context, Mutant
from .runtime.evaluate import MPMATH, evaluate, step
from .runtime.mutants import built
from .runtime.verdict import Verdict

PRECISION, STEPS, SHAPE = 50, 7, (2,)
TINY = mpmath.mpf(10) ** -40
"""What a few steps of 50 digits may round off."""
NO_CAP = mpmath.mpf(2) ** 200


@dataclass(frozen=True)
class Loss:
    """value, slope: of r = <a, x>.   steepest: (|a|, D) -> the largest |slope * a| for |x| <= D."""

    value: Callable[[Any], Any]
    slope: Callable[[Any], Any]
    steepest: Callable[[Any, Any], Any]


LOSSES = {
    "absolute values": Loss(abs, mpmath.sign, lambda a, D: a),
    "squares": Loss(lambda r: r * r / 2, lambda r: r, lambda a, D: a * a * D),
    "squared hinges": Loss(lambda r: max(r, 0) ** 2 / 2, lambda r: max(r, 0), lambda a, D: a * a * D),
}


@dataclass(frozen=True)
class Setting:
    text: str
    loss: str
    beta: str

    @property
    def subject(self) -> str:
        return f"{self.text}, {self.loss}, beta {self.beta}"


SETTINGS = [
    Setting(text, loss, beta)
    for text in ("momo", "momo@average=bias")
    for loss in LOSSES
    for beta in ("0", "0.5", "0.9")
]


@dataclass(frozen=True)
class Instance:
    directions: tuple[Any, Any]
    start: Any


@cache
def instance(number: int, seed: int) -> Instance:
    random = seeds.generator(seed, number)
    with mpmath.workdps(PRECISION):
        a, b, x = (np.array([mpmath.mpf(v) for v in random.normal(size=2)], dtype=object) for _ in range(3))
        a, b = (d * mpmath.sign(d @ x) for d in (a, b))  # or a hinge may be 0 where the run starts
    return Instance((a, b), x)


def _norm(x: Any) -> Any:
    return mpmath.sqrt(x @ x)


@dataclass(frozen=True)
class Node:
    """A point that a path has come to. squares: the sum of e^2/|d|^2 on the way.   wrong: what did not hold there."""

    state: dict[Any, Any]
    squares: Any = 0
    wrong: str = ""


def _after(rule: UpdateRule, setting: Setting, node: Node, k: int, a: Any, f_star: Any) -> Node:
    """One step with the loss of the direction a."""
    loss, x = LOSSES[setting.loss], node.state[theta]
    rest = a @ x
    beta, given = mpmath.mpf(setting.beta), {"eta": NO_CAP, "lambda": mpmath.mpf(0), "f_star": f_star}
    values = {gradient_letter: loss.slope(rest) * a, loss_letter: loss.value(rest), t: mpmath.mpf(k)}
    values |= {h.symbol: {"beta1": beta, **given}[h.name] for h in rule.hyperparameters}
    state = dict(node.state)
    if k == 1:
        for s in rule.state:
            init = s.init.expression if isinstance(s.init, First) else s.init
            state[s.symbol] = evaluate(init, {**state, **values}, MPMATH, SHAPE)
    known = step(rule, {**state, **values}, MPMATH, SHAPE)
    after = {s: known[new(s)] for s in state}
    m, moved = after[symbol("m")], after[theta] - x
    e, q = after[symbol("level")] - m @ moved, m @ m
    weight = 1 - beta if k > 1 or setting.text != "momo" else 1
    wrong = ""
    if abs(e - weight * loss.value(rest)) > TINY:
        wrong = f"step {k}: the model's height is {mpmath.nstr(e, 3)}, not {mpmath.nstr(weight * loss.value(rest), 3)}"
    elif _norm(after[theta]) > _norm(x) + TINY:
        wrong = f"step {k}: the distance grows by {mpmath.nstr(_norm(after[theta]) - _norm(x), 3)}"
    return Node(after, node.squares + (e * e / q if q > 0 else 0), node.wrong or wrong)


def measured(rule: UpdateRule, setting: Setting, number: int, seed: int, f_star: str = "0") -> tuple[list[Any], str]:
    """E f(x^k) for k = 1 .. STEPS, and what did not hold on some path, or ""."""
    given, loss = instance(number, seed), LOSSES[setting.loss]
    nodes, gaps = [Node({theta: given.start})], []
    for k in range(1, STEPS + 1):
        values = [sum(loss.value(a @ node.state[theta]) for a in given.directions) / 2 for node in nodes]
        gaps.append(sum(values) / len(nodes))
        nodes = [_after(rule, setting, node, k, a, mpmath.mpf(f_star)) for node in nodes for a in given.directions]
    wrong = next((node.wrong for node in nodes if node.wrong), "")
    first = given.start @ given.start
    if not wrong and (most := max(node.squares for node in nodes)) > first * (1 + TINY):
        wrong = f"sum of e^2/|d|^2 is {mpmath.nstr(most / first, 4)} D^2"
    return gaps, wrong


Bound = Callable[[Any, Any, Any, int], Any]


def stated(G: Any, D: Any, beta: Any, K: int) -> Any:
    return G * D / ((1 - beta) * mpmath.sqrt(K))


def ratio(rule: UpdateRule, setting: Setting, number: int, seed: int, bound: Bound = stated) -> tuple[Any, str]:
    """The largest share of the bound that a mean of gaps uses, over all K; and what is wrong, or ""."""
    with mpmath.workdps(PRECISION):
        gaps, wrong = measured(rule, setting, number, seed)
        given, beta = instance(number, seed), mpmath.mpf(setting.beta)
        D = _norm(given.start)
        G = mpmath.sqrt(sum(LOSSES[setting.loss].steepest(_norm(a), D) ** 2 for a in given.directions) / 2)
        used = max(sum(gaps[:K]) / K / bound(G, D, beta, K) for K in range(1, STEPS + 1))
    return used, wrong or (f"a mean gap is {mpmath.nstr(used, 3)} times the bound" if used > 1 else "")


def run(context: Context) -> Iterator[Verdict]:
    if not context.wants(rule_of("momo")):
        return
    full = context.tier == "full"
    for number, setting in enumerate(SETTINGS):
        if full or number % 2 == 0:
            found = [ratio(rule_of(setting.text), setting, k, context.seed) for k in range(3 if full else 1)]
            wrong = next((words for _, words in found if words), "")
            detail = {"paths": 2**STEPS * len(found), "used of the bound": float(max(used for used, _ in found))}
            n = len(found) * (2 ** (STEPS + 1) - 2)
            yield context.verdict(setting.subject, not wrong, n=n, detail={**detail, "wrong": wrong or "none"})


def _sharper(G: Any, D: Any, beta: Any, K: int) -> Any:
    return G * D / ((1 - beta) * K)


SETTING = Setting("momo", "absolute values", "0")
HEAVY = Setting("momo", "absolute values", "0.9")


def _slips() -> dict[str, dict[Any, Any]]:
    right = {e.symbol: e.expression for e in rule_of("momo").equations}
    cut, move, q, m = symbol("cut"), symbol("move"), symbol("q"), symbol("m")
    return {
        "a step twice and a half as long": {new(theta): theta - sympy.Rational(5, 2) * cut * move},
        "the averaged loss in place of the model": {new(symbol("level")): symbol("level_bar")},
        "old momentum in the squared norm": {q: right[q].xreplace({new(m): m})},
    }


def _low(setting: Setting, seed: int) -> str:
    with mpmath.workdps(PRECISION):
        return measured(rule_of(setting.text), setting, 0, seed, "-0.3")[1]


def mutants(context: Context) -> Iterator[Mutant]:
    rule, seed, oracle = rule_of("momo"), context.seed, "all paths to 50 digits"
    if not context.wants(rule):
        return
    for name, changed in _slips().items():
        mutant = built(rule, [type(e)(e.symbol, changed.get(e.symbol, e.expression)) for e in rule.equations])
        if mutant is None:
            raise ValueError(f"the mutant '{name}' is not well formed")
        yield Mutant(name, oracle, lambda mutant=mutant: ratio(mutant, HEAVY, 0, seed)[1])  # type: ignore[misc]
    yield Mutant("a bound below the minimum", oracle, partial(_low, SETTING, seed))
    yield Mutant("a rate of 1/K", oracle, lambda: _of_bound(_sharper, seed))


def _of_bound(bound: Bound, seed: int) -> str:
    """Over a few problems: a bound is wrong if one exceeds it."""
    return next(filter(None, (ratio(rule_of("momo"), SETTING, k, seed, bound)[1] for k in range(3))), "")


check = Check(
    id="momo-rate",
    claim="On convex losses with a common minimiser MoMo without a cap has a mean gap of at most "
    "G D/((1 - beta) sqrt(K)) in exact expectation, and the identities of its proof hold on every path.",
    evidence="T1",
    run=run,
    mutants=mutants,
    applies_to=lambda rule: rule.name == "momo",
    source=Source("schaipp2024momo", "the convergence theorem for convex losses", "the constant was derived anew"),
)
