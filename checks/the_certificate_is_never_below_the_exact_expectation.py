"""The certificate is never below the exact expectation: every path of short runs, and every step of its proof alone.

1. Problems whose noise takes two values at each step, so that 2^T paths are all there is. The declared rule runs on all
   of them as entries of one tensor; E |grad f(theta_tau)|^{4/3} is then a finite sum. Step sizes and betas are random
   and go up and down.
2. The bound is loose on such runs (the largest ratio is reported), so that a wrong constant would pass. Hence every
   inequality of the proof is held on those paths, in the proof's own letters; A on a million one-step cases too.
3. And the recurrences are held to their sums over pairs of steps, in 40 digits, and B to gradients that attain it.
The explicit bounds of Defossez et al. are enumerated in their own form.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache, partial
from typing import Any

import mpmath
import numpy as np
import sympy

from driftproof.impl import certificate as number
from driftproof.impl import compile_rule
from driftproof.impl.compiled import CompiledRule
from driftproof.theory import certificate as claim
from driftproof.theory.catalogue import rule as rule_of
from driftproof.theory.certificate import BACKWARD, BOUND, FORWARD, Inputs
from driftproof.theory.explicit import defossez
from driftproof.theory.generic import matched
from driftproof.theory.recursion import Recursion
from driftproof.theory.references import Source

from .runtime import seeds
from .runtime.check import Check, Context, Mutant
from .runtime.enumerated import Array, Problem, Settings, problem, stationarity
from .runtime.proof_steps import attained, defined, judged, least_constant
from .runtime.verdict import Verdict

RULES = (
    "generic_adam", "adam", "adam@eps=inside", "adam@eps=both", "adam@eps=hat", "adam@correction=none",
    "adam@eps=inside_hat,correction=second", "rmsprop", "adagrad", "adagrad@eps=inside", "adamnc",
    "adopt", "adopt@eps=outside")  # fmt: skip
LETTERS = ("eta", "beta1", "beta2", "eps")
STEPS, PAIRS = 8, 12
ROUNDING = 1e-12
"""Relative. A step takes some 30 operations and a path 8 steps: 8 * 30 * 2^-53 = 3e-14, and sums of 256 terms."""
DIGITS = 1e-11
"""Relative, of recurrences over 12 steps against 40 digits; 1 - beta2 >= 0.001 is handed over rounded: 2^-53/0.001."""


def drawn(random: np.random.Generator, steps: int, constant: bool = False) -> Settings:
    """Sequences over some orders of magnitude, neither monotone nor slow unless constant; v_0 may be large."""
    up = np.ones(steps) if constant else 10 ** random.uniform(-0.7, 0.7, steps)
    alpha = 10 ** random.uniform(-3, 0.5) * up
    beta1 = (np.full(steps, random.random()) if constant else random.random(steps)) * 0.95 * (random.random() < 0.8)
    gap = np.full(steps, 10 ** random.uniform(-3, -0.05)) if constant else 10 ** random.uniform(-3, -0.05, steps)
    inside, outside = (np.full(steps, 10 ** random.uniform(-6, 1) * random.integers(2)) for _ in range(2))
    return Settings(alpha, beta1, 1 - gap, inside, outside, 10 ** random.uniform(-6, 1.5))


def given(s: Settings) -> dict[Any, Array]:
    """What number.evaluated reads."""
    found = {claim.alpha: s.alpha, claim.beta1: s.beta1, claim.beta2: s.beta2}
    found |= {claim.gap1: 1 - s.beta1, claim.gap2: 1 - s.beta2}
    start = np.full(len(s.alpha), s.v_start)
    return found | {number.INSIDE: s.inside, number.OUTSIDE: s.outside, number.START: start}


def inputs(p: Problem) -> Inputs:
    return Inputs(L=p.smoothness, G=p.largest(), dim=p.dim, gap=p.gap, horizon=p.steps)


# 1. Every path


def ratio(label: str, random: np.random.Generator) -> float | None:
    """Exact expectation over certificate for one draw of a rule; None where the certificate is infinite."""
    rule, p = read(label).rule, problem(random, STEPS, int(random.integers(1, 4)))
    s, eps = drawn(random, STEPS, constant=random.random() < 0.5), 10 ** random.uniform(-4, 0)
    if random.random() < 0.5:
        p, s, eps = _close(p, s, random)
    if rule.name == "adopt":
        s = _as_adopt(s, random)
    letters = {"eta": s.alpha, "beta1": s.beta1, "beta2": s.beta2, "eps": np.full(STEPS, eps)}
    names = {h.name for h in rule.hyperparameters}
    letters = {name: values for name, values in letters.items() if name in names}
    recursion = read(label)
    if rule.name == "generic_adam":
        recursion = replace(recursion, v_start=sympy.Float(s.v_start))
    known = {h.symbol: letters[h.name] for h in rule.hyperparameters if h.name in letters}
    found = number.finite(recursion, inputs(p), given=known)
    if not np.isfinite(found.bound):
        return None
    sequences = number.given_by(recursion, np.arange(1, STEPS + 1), STEPS, known)
    weights = sequences[claim.alpha] * (1 if recursion.form == "old" else sequences[claim.gap1])
    first = found.start - 1
    points = _points(rule, p, letters, s.v_start)[first:]
    return stationarity(p, points, weights[first:], 4 / 3) / found.bound


@cache
def read(label: str) -> Recursion:
    """The recursion of a rule with eta, the betas and eps left as letters, the rest at its defaults."""
    rule = rule_of(label)
    return matched(rule, {h.name: h.default for h in rule.hyperparameters if h.name not in LETTERS})


def _close(p: Problem, s: Settings, random: np.random.Generator) -> tuple[Problem, Settings, float]:
    """A run on which the bound is not far off: little noise, a denominator of some G, and a way of about 1/L."""
    p = replace(p, noise=p.noise * 0.01)
    size = p.largest() * 10 ** random.uniform(0.3, 1.3)
    alpha = np.full(STEPS, size / (p.smoothness * STEPS) * 10 ** random.uniform(-1, 0.3))
    s = replace(s, alpha=alpha, beta1=s.beta1 * random.integers(2), v_start=size**2)
    return p, s, size if random.random() < 0.5 else size**2


def _as_adopt(s: Settings, random: np.random.Generator) -> Settings:
    """With momentum its certificate needs a constant step size and beta1."""
    if random.random() < 0.5:
        return replace(s, beta1=np.zeros(STEPS))
    return replace(s, alpha=np.full(STEPS, s.alpha[0]), beta1=np.full(STEPS, s.beta1[0]))


@cache
def compiled_rule(label: str) -> CompiledRule:
    return compile_rule(rule_of(label), "reference")


def _points(rule: Any, p: Problem, letters: dict[str, Array], v_start: float) -> list[Array]:
    """theta_t of every path before each step, by the reference backend."""
    compiled = compiled_rule(rule.label)
    state = compiled.init([np.broadcast_to(p.start, (2**p.steps, p.dim)).copy()])
    if rule.name == "generic_adam":
        state.states["v"][0][:] = v_start
    points = []
    for t in range(p.steps):
        points.append(state.theta[0])
        state = compiled.step(state, [p.noisy(points[t], t)], {name: float(x[t]) for name, x in letters.items()})
    return points


# 2. Each step of the proof


def worst_steps(seed: int, draws: int, wrong: Callable[[dict[str, Array]], dict[str, Array]] = lambda q: q,
                **constants: float) -> dict[str, float]:  # fmt: skip
    """How much each inequality is broken at worst. wrong: changes the sequences; constants: of A and D."""
    found: dict[str, float] = {}
    for k in range(draws):
        random = seeds.generator(seed, 1, k)
        p, s = problem(random, 6, int(random.integers(1, 4))), drawn(random, 6)
        q = wrong({x.name: values for x, values in number.sequences(given(s), inputs(p)).items()})
        for name, value in judged(p, s, q, **constants).items():
            found[name] = max(found.get(name, -1.0), value)
    return found


# 3. By definition


def departure(seed: int, draws: int, forward: Any = FORWARD, backward: Any = BACKWARD, bound: Any = BOUND) -> float:
    """The largest relative difference of the bound, and of each sequence, from sums over pairs of steps."""
    worst = 0.0
    for k in range(draws):
        random = seeds.generator(seed, 2, k)
        s, p = drawn(random, PAIRS), problem(random, PAIRS, int(random.integers(1, 4)))
        with mpmath.workdps(40):
            by_pairs, whole = defined(s, inputs(p))
            found = number.sequences(given(s), inputs(p), forward, backward)
            pairs = [(number.evaluated(given(s), inputs(p), forward, backward, bound), whole)]
            for x, values in found.items():
                pairs += zip(values, by_pairs.get(x.name, values), strict=True)
            worst = max(worst, *(float(abs(a - b) / abs(b)) for a, b in pairs if b != 0))
    return worst


def attainment(seed: int) -> float:
    """The largest relative difference of A_T from m^2/v of the gradients that attain it, exactly."""
    worst = 0.0
    for k in range(20):
        random = seeds.generator(seed, 3, k)
        steps = int(random.integers(1, 8))
        beta1, beta2 = ([Fraction(int(x), 64) for x in random.integers(1, 64, steps)] for _ in range(2))
        s = replace(drawn(random, steps), beta1=np.array(beta1, float), beta2=np.array(beta2, float))
        found = number.sequences(given(s), Inputs())[claim.A][-1]
        worst = max(worst, abs(float(Fraction(found) / attained(beta1, beta2) - 1)))
    return worst


# Defossez et al.


@dataclass(frozen=True)
class Theirs:
    """alpha, beta1, beta2, e in their form; beta2 = 1 is Adagrad."""

    alpha: float
    beta1: float
    beta2: float
    e: float

    def points(self, p: Problem) -> list[Array]:
        """x before each step: m = beta1 m + g, v = beta2 v + g^2, x = x - a_n m/sqrt(e + v)."""
        x = np.broadcast_to(p.start, (2**p.steps, p.dim))
        m, v, found = np.zeros(x.shape), np.zeros(x.shape), []
        for n in range(1, p.steps + 1):
            found.append(x)
            g = p.noisy(x, n - 1)
            m, v = self.beta1 * m + g, self.beta2 * v + g**2
            size = self.alpha
            if self.beta2 < 1:
                size *= (1 - self.beta1) * np.sqrt((1 - self.beta2**n) / (1 - self.beta2))
            x = x - size * m / np.sqrt(self.e + v)
        return found


def their_ratio(theorem: int, random: np.random.Generator) -> float | None:
    """E |grad|^2 over the bound; None where it needs more steps."""
    p = problem(random, STEPS, int(random.integers(1, 4)))
    beta2 = 1.0 if theorem in (1, 3) else 1 - 10 ** random.uniform(-3, -0.3)
    beta1 = 0.0 if theorem in (1, 2) else random.uniform(0, min(beta2, 0.85))
    theirs = Theirs(10 ** random.uniform(-3, 0.5), beta1, beta2, 10 ** random.uniform(-6, 1))
    name, bound = defossez(theirs.alpha, beta1, beta2, theirs.e, replace(inputs(p), G=p.almost_surely()))
    if not np.isfinite(bound):
        return None
    assert name == f"Theorem {theorem}"
    weights = 1 - beta1 ** np.arange(STEPS, 0, -1.0)
    return stationarity(p, theirs.points(p), weights, 2) / bound


# The check


def run(context: Context) -> Iterator[Verdict]:
    draws = 30 if context.tier == "fast" else 1000
    for label in RULES:
        if context.wants(rule_of(label)):
            yield _covered(context, label, [ratio(label, seeds.generator(context.seed, 0, k)) for k in range(draws)])
    if not context.wants(rule_of("generic_adam")):
        return
    for theorem in (1, 2, 3, 4):
        found = [their_ratio(theorem, seeds.generator(context.seed, 4, theorem, k)) for k in range(draws)]
        yield _covered(context, f"Defossez et al., Theorem {theorem}", found)
    for name, excess in worst_steps(context.seed, draws).items():
        yield context.verdict(f"the proof, {name}", excess <= ROUNDING, "T1", n=draws, detail={"excess": excess})
    constant = least_constant(seeds.generator(context.seed, 5), draws * 5000)
    yield context.verdict(
        "the proof, A on one-step cases", constant <= 2, "T1", n=draws * 5000, detail={"least constant": constant}
    )
    found = departure(context.seed, draws // 4)
    yield context.verdict(
        "sums over pairs of steps, 40 digits", found <= DIGITS, "T1", n=draws // 4, detail={"departure": found}
    )
    found = attainment(context.seed)
    yield context.verdict("B is attained", found <= DIGITS, "T1", n=20, detail={"departure": found})


def _covered(context: Context, subject: str, ratios: list[float | None]) -> Verdict:
    finite = [r for r in ratios if r is not None]
    holds = bool(finite) and max(finite) <= 1 + ROUNDING
    detail = {"largest ratio": max(finite, default=None), "without a bound": len(ratios) - len(finite)}
    return context.verdict(subject, holds, "T1", n=len(finite), detail=detail)


# Mutants

_AL, _B1, _B2, _G1, _G2, _RHO, _P, _A, _C = (
    claim.alpha, claim.beta1, claim.beta2, claim.gap1, claim.gap2, claim.rho, claim.P, claim.A, claim.c)  # fmt: skip
_before, _after = claim.before, claim.after
_chi = claim.chi
_g, _L = claim.G, claim.L
_OTHER = sympy.sqrt(_before(_A) / _B2)

EQUATIONS: dict[str, tuple[Any, Any]] = {
    "rho without the root of beta2": (_RHO, _B1 * _AL / _before(_AL)),
    "rho with beta2 for its root": (_RHO, _B1 * _AL / (_B2 * _before(_AL))),
    "rho without the step sizes": (_RHO, _B1 / sympy.sqrt(_B2)),
    "rho upside down": (_RHO, _B1 * _before(_AL) / (sympy.sqrt(_B2) * _AL)),
    "P without what came before": (_P, sympy.Integer(1) + 0 * _before(_P)),
    "P without its 1": (_P, _RHO * _before(_P)),
    "A with beta1 for its square": (_A, _B1 / _B2 * _before(_A) + _G1**2 / _G2),
    "A without beta2": (_A, _B1**2 * _before(_A) + _G1**2 / _G2),
    "A with 1 - beta1 for its square": (_A, _B1**2 / _B2 * _before(_A) + _G1 / _G2),
    "c with 1 for 2": (_C, _g * (_G1 * _chi + _AL * _B1 * _OTHER)),
    "c without momentum": (_C, 2 * _g * _G1 * _chi),
    "c with beta1 dropped": (_C, _g * (2 * _G1 * _chi + _AL * _OTHER)),
    "c with this step's A": (_C, _g * (2 * _G1 * _chi + _AL * _B1 * sympy.sqrt(_A / _B2))),
    "c without G": (_C, 2 * _G1 * _chi + _AL * _B1 * _OTHER),
    "Q without what comes after": (claim.Q, sympy.Integer(1)),
    "Q with this step's rho": (claim.Q, 1 + _RHO * _after(claim.Q)),
    "H without Q": (claim.H, _P + _after(_RHO) * _after(claim.H)),
    "H without what comes after": (claim.H, claim.Q * _P),
    "w without L": (claim.w, claim.H * (_G1 * _chi) ** 2 + claim.Q * _C),
    "w with chi for its square": (claim.w, _L * claim.H * _G1 * _chi + claim.Q * _C),
    "w without 1 - beta1": (claim.w, _L * claim.H * _chi**2 + claim.Q * _C),
    "w without Q": (claim.w, _L * claim.H * (_G1 * _chi) ** 2 + _C),
    "wbar without the maximum": (claim.wbar, claim.w),
}
WHOLE: dict[str, Any] = {
    "half the bound": BOUND / 2,
    "the root of dim dropped": BOUND / sympy.sqrt(claim.dim),
    "B dropped outside": BOUND / claim.top,
    "the gap dropped": BOUND.subs(claim.gap, 0),
    "dim dropped inside": BOUND * (claim.gap + claim.wbar1 + claim.forgotten) / (claim.gap + claim.wbar1),
    "v_0 log with 1 for 2": BOUND.subs(claim.wbar1, claim.wbar1 / 2),
    "what beta2 forgets dropped": BOUND.subs(claim.forgotten, 0),
    "s_0 for B": BOUND.subs(claim.least, claim.top),
}


def mutants(context: Context) -> Iterator[Mutant]:
    if not context.wants(rule_of("generic_adam")):
        return
    seed, pairs, paths = context.seed, "sums over pairs of steps", "every path, step by step"
    for name, (letter, wrong) in EQUATIONS.items():
        yield Mutant(name, pairs, partial(_departs, seed, letter, wrong))
    for name, whole in WHOLE.items():
        yield Mutant(name, pairs, partial(_said, seed, whole))
    for name, constants in {"D with a quarter of U": {"d": 0.25}, "D with half of U": {"d": 0.5}}.items():
        yield Mutant(name, paths, partial(_broken, seed, "D: the share of g^2", **constants))
    yield Mutant("A with 1/2 for 2", "one-step cases", partial(_too_small, seed, 0.5))
    for name, step, wrong in SEQUENCES:
        yield Mutant(name, paths, partial(_broken, seed, step, wrong))
    for label, share in (("adopt", 4), ("generic_adam", 64)):
        yield Mutant(f"{label}: a bound {share} times smaller", "every path", partial(_exceeded, seed, label, share))
    yield Mutant("Defossez: the gap dropped", "a run that stands still", _stalled)


SEQUENCES: tuple[tuple[str, str, Callable[[dict[str, Array]], dict[str, Array]]], ...] = (
    ("P of 1", "E: the step", lambda q: q | {"P": np.ones_like(q["P"])}),
    ("a tenth of A", "B", lambda q: q | {"A": q["A"] / 10}),
    ("rho of 0", "C", lambda q: q | {"rho": 0 * q["rho"]}),
    ("w for wbar", "E: telescoped", lambda q: q | {"wbar": q["w"]}),
    ("wbar of the first step for every w", "F: the larger weights", lambda q: q | {"wbar": 0 * q["w"] + q["w"][0]}),
)


def _departs(seed: int, letter: Any, wrong: Any) -> str:
    forward = {s: wrong if s == letter else e for s, e in FORWARD.items()}
    backward = {s: wrong if s == letter else e for s, e in BACKWARD.items()}
    return _far(departure(seed, 4, forward, backward))


def _said(seed: int, whole: Any) -> str:
    return _far(departure(seed, 4, bound=whole))


def _far(found: float) -> str:
    return f"{found:.3g} from the sums" if not found <= DIGITS else ""


def _broken(seed: int, step: str, wrong: Any = lambda q: q, **constants: float) -> str:
    found = worst_steps(seed, 40, wrong, **constants)[step]
    return f"{step} is broken by {found:.3g}" if found > ROUNDING else ""


def _too_small(seed: int, constant: float) -> str:
    least = least_constant(seeds.generator(seed, 5), 200_000)
    return f"one case needs {least:.3g}" if least > constant else ""


def _exceeded(seed: int, label: str, share: float) -> str:
    found = [r for k in range(40) if (r := ratio(label, seeds.generator(seed, 0, k))) is not None]
    return f"{share * max(found):.3g} times the bound" if share * max(found) > 1 else ""


STILL = Inputs(L=1.0, G=1.0, dim=1, gap=0.5, horizon=10**6)
"""f = x^2/2 from x = 1, without noise: a step is at most 1e-8 max |g|/min |g|, so that |grad| stays above 1/2."""


def _stalled() -> str:
    bound = defossez(1e-8, 0.0, 1 - 1e-6, 1e-2, replace(STILL, gap=1e-99))[1]
    return f"E |grad|^2 >= 1/4, and it says {bound:.3g}" if bound < 0.25 else ""


check = Check(
    id="certificate-above-expectation",
    claim="The certificate's bound is at least the exact expectation, over all outcomes of two-point noise, for "
    "arbitrary step sizes and betas and every place of eps; each step of its proof holds on every path, and its "
    "recurrences are their sums over pairs of steps.",
    evidence="T1",
    run=run,
    mutants=mutants,
    applies_to=lambda rule: any(rule.name == rule_of(label).name for label in RULES),
    source=Source("chen2022towards", "the method of proof", "the statement for arbitrary sequences is ours"),
)
