"""The derived scaling rules keep the law of the run: the gap between batch sizes falls like the time step h.

One run has batch size B; another has kappa B, hyperparameters and stored state scaled by the derived exponents, and
kappa times fewer steps. Both share an SDE, so expectations differ by C h; where one exponent is wrong they belong to
different limits and the gap stays. Nothing is sampled:

* SGD on a quadratic with multiplicative noise: exact recursion of the moments E[x^k].
* RMSprop on a quadratic and Adam on a linear loss, noise a mean of fair signs: backward iteration on Chebyshev
  grids through the compiled rule. Adam's parameters are a sum along the run of (m, v), which does not depend on
  them when the gradient's mean is constant; E[x], E[x^2] and moments of m and v are compared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

import mpmath
import numpy as np
import sympy

from driftproof.theory.catalogue import rule as rule_of
from driftproof.theory.hypothesis import BOUNDED_MOMENTS, WEAK_ORDER
from driftproof.theory.references import Source
from driftproof.theory.scaling import scaling_rule

from .runtime.check import Check, Context, Mutant
from .runtime.hand_steps import BY_HAND
from .runtime.orders import FIRST_ORDER, LESS, slope
from .runtime.quadrature import Array, expectations, mean_of_signs
from .runtime.recursion import DEGREE, DIGITS, H, Problem, matrix_of_step, numbers, powers
from .runtime.verdict import FAIL, INCONCLUSIVE, PASS, Range, Verdict, decide

KAPPA = 4
SIGMA0, EPS0, SLOPE = 0.7, 0.3, 1.0
H_VALUES = tuple(1 / 2**k for k in (4, 5, 6, 7))
Exponents = Mapping[str, Fraction]


def exponents(text: str) -> dict[str, Fraction]:
    """The derived exponents of hyperparameters, steps and stored state ("state of v")."""
    scaling = scaling_rule(rule_of(text))
    return {**scaling.exponents, **{f"state of {n}": e for n, e in scaling.state_exponents.items()}}


# SGD


def sgd_gaps(scaled: Exponents, by_hand: bool = False) -> list[list[Any]]:
    """Per k the gap of E[x^k] at T = 2 for h = 2^-15 ... 2^-18, in the diffusive regime: sigma = h^(-1/2)."""
    rule, problem, found = rule_of("sgd"), Problem(), []
    eta = H * sympy.Integer(KAPPA) ** sympy.Rational(scaled["eta"])
    base = matrix_of_step(rule, problem, H, 1 / sympy.sqrt(H), by_hand)
    large = matrix_of_step(rule, problem, eta, 1 / sympy.sqrt(KAPPA * H), by_hand)
    for halving in range(15, 19):
        h, steps = Fraction(1, 2**halving), 2 ** (halving + 1)
        one = numbers(base, h) ** steps * powers(Fraction(3, 2))
        other = numbers(large, h) ** int(steps * Fraction(KAPPA) ** scaled["steps"]) * powers(Fraction(3, 2))
        found.append([other[k] - one[k] for k in range(1, DEGREE + 1)])
    return [list(column) for column in zip(*found, strict=True)]


# RMSprop and Adam: sigma = sigma0/sqrt(h), eps = eps0/sqrt(h), 1 - beta = c h, eta = sqrt(h), u = v/sigma^2.


@dataclass(frozen=True)
class Model:
    """A rule in SDE units. rates: c of each beta; start: the first coordinate and u; times: from which t to which T.

    parameter: the first coordinate is theta on a quadratic (RMSprop), else it is m on a linear loss (Adam).
    """

    rule: str
    rates: tuple[tuple[str, float], ...]
    start: tuple[float, float]
    times: tuple[float, float]
    parameter: bool
    shape: tuple[int, int]


MODELS = {
    "rmsprop@second_moment=old": Model(
        "rmsprop@second_moment=old", (("beta2", 2.0),), (1.5, 2.0), (0.0, 1.0), True, (10, 12)
    ),
    "adam": Model("adam", (("beta1", 2.0), ("beta2", 1.0)), (0.2, 2.0), (0.5, 1.5), False, (3, 12)),
}


@cache
def compiled(rule: str) -> Any:
    from driftproof.impl import compile_rule

    return compile_rule(rule, "reference")


def law(model: Model, h: float, kappa: int, scaled: Exponents, finer: int = 0, by_hand: bool = False) -> Array:
    """Expectations at the end of one run: E[sum of steps], E of its square, and of the test functions.

    by_hand: run the step of `hand_steps` instead of the compiled rule.
    """

    def factor(name: str) -> float:
        return float(kappa ** float(scaled.get(name, 0)))

    eta, base_sigma = np.sqrt(h), SIGMA0 / np.sqrt(h)
    sigma = base_sigma / np.sqrt(kappa)
    given = {"eta": eta * factor("eta"), "eps": EPS0 / eta * factor("eps")}
    given |= {name: 1 - rate * h * factor(f"1-{name}") for name, rate in model.rates}
    first, last = (round(time / h * factor("steps")) for time in model.times)
    u_start = model.start[1] * base_sigma**2 * factor("state of v") / sigma**2
    rule = compiled(model.rule)

    def step(at: Array, z: float, k: int) -> tuple[Array, Array]:
        v = sigma**2 * np.exp(at[:, 1])
        if by_hand:
            return step_by_hand(at, v, z, k)
        state = rule.init([at[:, 0] if model.parameter else np.zeros(len(at))])
        state.states |= {"v": [v]} if model.parameter else {"m": [at[:, 0]], "v": [v]}
        state.t = k
        slope_here = SLOPE * (at[:, 0] if model.parameter else 1.0)
        state = rule.step(state, [slope_here + sigma * z * np.ones(len(at))], given)
        kept = state.theta[0] if model.parameter else state.states["m"][0]
        return np.stack([kept, np.log(state.states["v"][0] / sigma**2)], axis=1), state.theta[0]

    def step_by_hand(at: Array, v: Array, z: float, k: int) -> tuple[Array, Array]:
        start = at[:, 0] if model.parameter else np.zeros(len(at))
        slope_here = SLOPE * (at[:, 0] if model.parameter else np.ones(len(at)))
        old = {"theta": start, "m": at[:, 0], "v": v, "g": slope_here + sigma * z, "t": k + 1, **given}
        new = BY_HAND[model.rule](old)
        kept = new["theta"] if model.parameter else new["m"]
        return np.stack([kept, np.log(new["v"] / sigma**2)], axis=1), new["theta"]

    def tests(at: Array) -> Array:
        y, u = at[:, 0], np.exp(at[:, 1])
        return np.stack([y, y**2, y**3, u], axis=1)

    shape = (model.shape[0] + finer * model.parameter, model.shape[1] + finer)
    start = (model.start[0], np.log(u_start))
    found = expectations(step, start, range(first, last), mean_of_signs(kappa), tests, shape)
    return found[2:] if model.parameter else found


@cache
def base_law(name: str, h: float, by_hand: bool) -> Array:
    return law(MODELS[name], h, 1, {}, by_hand=by_hand)


def adaptive_gaps(name: str, scaled: Exponents, by_hand: bool = False) -> list[list[float]]:
    """Per test function the gap between the two batch sizes for each h."""
    found = [law(MODELS[name], h, KAPPA, scaled, by_hand=by_hand) - base_law(name, h, by_hand) for h in H_VALUES]
    return [list(column) for column in np.array(found).T]


def quadrature_error(name: str, scaled: Exponents) -> float:
    """The change of the expectations with a finer grid, at the coarsest h, where the grid is strained most."""
    h, model = H_VALUES[0], MODELS[name]
    pairs: tuple[tuple[int, Exponents], ...] = ((1, {}), (KAPPA, scaled))
    return max(float(np.abs(law(model, h, k, e) - law(model, h, k, e, finer=4)).max()) for k, e in pairs)


# Verdicts


def gaps(name: str, scaled: Exponents, by_hand: bool = False) -> list[list[Any]]:
    return sgd_gaps(scaled, by_hand) if name == "sgd" else adaptive_gaps(name, scaled, by_hand)


def judged(name: str, scaled: Exponents, by_hand: bool = False) -> tuple[str, Range, Any]:
    """The worst verdict over the test functions, with its slope and its gap at the smallest h."""
    with mpmath.workdps(DIGITS):
        columns = gaps(name, scaled, by_hand)
        slopes = [slope(column) for column in columns]
        judgements = [(decide(s, FIRST_ORDER, LESS), s, c[-1]) for s, c in zip(slopes, columns, strict=True)]
        return min(judgements, key=lambda j: ((FAIL, INCONCLUSIVE, PASS).index(j[0]), j[1]))


SUBJECTS = ("sgd", *MODELS)


def run(context: Context) -> Iterator[Verdict]:
    """The derived rule of SGD, RMSprop and Adam at kappa = 4."""
    for name in SUBJECTS:
        if not context.wants(rule_of(name)):
            continue
        scaled = exponents(name)
        verdict, interval, gap = judged(name, scaled)
        error = 0.0 if name == "sgd" else quadrature_error(name, scaled)
        trusted = error < 1e-3 * abs(gap)  # then the slope is right to 1e-3/ln 2 * 2
        yield context.verdict(
            f"{name}, kappa = {KAPPA}",
            verdict if trusted else INCONCLUSIVE,
            interval=interval,
            n=len(H_VALUES),
            detail={
                "rule": ", ".join(f"{n} {e}" for n, e in scaled.items()),
                "slope of the gap": f"{sum(interval) / 2:.4f}",
                "last gap": f"{float(gap):.2g}",
                "quadrature error": f"{error:.1g}",
            },
        )


# Mutants: wrong exponents. What kills them are runs of the step written by hand, at two batch sizes.


def wrong_rules(name: str) -> dict[str, Exponents]:
    """One exponent dropped or turned round; the rules that people use instead."""
    right = exponents(name)
    zero, kept = Fraction(0), {"steps": right["steps"]}
    stored = {n: e for n, e in right.items() if n.startswith("state")}
    linear = "square-root" if right["eta"] == 1 else "linear"
    found: dict[str, Exponents] = {
        f"{linear} step size": {**right, "eta": Fraction(3, 2) - right["eta"]},
        "nothing scaled": {**dict.fromkeys(right, zero), **kept, **stored},
        **{f"{n} not scaled": {**right, n: zero} for n, e in right.items() if e and n != "steps"},
    }
    if "eps" in right:
        found["only eta scaled"] = {"eta": right["eta"], **kept, **stored}
        found["eta and the betas scaled, eps not"] = {**right, "eps": zero}
        found["eta and eps scaled, the betas not"] = {n: e for n, e in right.items() if not n.startswith("1-")}
        found["eps scaled the wrong way"] = {**right, "eps": -right["eps"]}
    return found


def mutants(context: Context) -> Iterator[Mutant]:
    for name in SUBJECTS:
        if context.wants(rule_of(name)):
            how = "exact moment recursion" if name == "sgd" else "quadrature"
            oracle = f"{how} of the step written by hand, at two batch sizes"
            seen: list[Exponents] = []
            for what, wrong in wrong_rules(name).items():
                if wrong not in seen:
                    seen.append(wrong)
                    yield Mutant(f"{name}: {what}", oracle, _killer(name, wrong))


def _killer(name: str, wrong: Exponents) -> Callable[[], str]:
    def kill() -> str:
        verdict, interval, gap = judged(name, wrong, by_hand=True)
        return f"the gap stays at {float(gap):.2g}, slope {sum(interval) / 2:.2f}" if verdict == FAIL else ""

    return kill


check = Check(
    id="scaling-rules",
    claim="The derived linear (SGD) and square-root (RMSprop with the old second moment, Adam on a linear loss) rules "
    "keep the moments of a run up to C h: at kappa = 4, under two-point noise.",
    evidence="T1",
    run=run,
    mutants=mutants,
    applies_to=lambda rule: any(rule.name == name.split("@")[0] for name in SUBJECTS),
    cites=(str(BOUNDED_MOMENTS), WEAK_ORDER),
    source=Source("malladi2022sdes", "square-root scaling rules", "linear rule: li2021validity; exponents derived"),
)
