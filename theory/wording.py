"""The sentences that go with a derived SDE: hypotheses, meanings of letters, times, remarks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import sympy
from sympy import Expr

from .errors import Refused
from .hypothesis import BOUNDED_MOMENTS, Hypothesis
from .operators import FUNCTIONS_OF_THETA
from .scales import THETA, Scales
from .symbols import letter, theta

MEANINGS = {
    "theta": "parameters, one coordinate",
    "t": "SDE time: step k is at t = k h",
    "h": "time per step; a free small number, since the limit keeps the step size fixed",
    "df": "f'(theta), that coordinate of the gradient of the loss",
    "sigma": "scale of the gradient noise: g = grad f + sigma z; 1/sqrt(batch size) where Sigma is that of one sample",
    "Sigma": "Sigma_ii(theta), covariance of z in one coordinate",
    "Sigma_ij": "covariance of z between coordinates i and j",
    "K3": "sigma E z^3, which low skewness bounds",
    "l": "SVAG's parameter",
}


def symbol_meanings(
    scales: Scales,
    entries: Iterable[Expr],
    constants: Mapping[str, Expr],
    rescaling: Mapping[str, str],
    point: Expr = THETA,
) -> dict[str, str]:
    """A meaning for every letter of the SDE, and for those that its constants are defined by.

    point: where the gradient is taken, and df and Sigma are read.
    """
    known = {**_meanings(scales, constants, rescaling), **_at(point)}
    used = {s.name for e in (*entries, *constants.values()) for s in e.free_symbols} | set(constants)
    used |= {"t", "l", *(scales.state(s).letter.name for s in scales.states), *(s.name for s in scales.rule_letters)}  # type: ignore[union-attr]
    return {name: _meaning(name, known) for name in sorted(used)}


def _meanings(scales: Scales, constants: Mapping[str, Expr], rescaling: Mapping[str, str]) -> dict[str, str]:
    names = dict(scales.rule.names)
    plain = {s.name: names.get(s.name) or _of_letter(s.name) for s in scales.rule_letters}
    plain |= {h.name: h.meaning for h in scales.rule.hyperparameters if h.meaning}
    made = {name: f"held fixed as h goes to 0: {definition}" for name, definition in constants.items()}
    made |= {name: f"state on the scale of the limit: {definition}" for name, definition in rescaling.items()}
    made |= {g.name: f"1 - exp(-{c} t): bias correction in the limit" for c, g in scales.gammas.items()}
    made |= {f"s_{name}": f"schedule: {name} at time t over its base value" for name in scales.scheduled}
    return {**plain, **MEANINGS, **made}


def _at(point: Expr) -> dict[str, str]:
    if point == THETA:
        return {}
    return {
        "df": f"f'(y) at y = {point}, where the gradient is taken: that coordinate of the gradient of the loss",
        "Sigma": f"Sigma_ii(y) at y = {point}, covariance of z in one coordinate",
        "Sigma_ij": f"covariance of z between coordinates i and j, at y = {point}",
    }


def _of_letter(name: str) -> str:
    known = letter(name)
    return known.meaning if known else name


def _meaning(name: str, known: Mapping[str, str]) -> str:
    if name in known:
        return known[name]
    if derivative := FUNCTIONS_OF_THETA.match(name):
        times, what, indices = derivative.groups()
        if times is not None and (times, what) != ("", "f"):
            return _of_derivative(1 if times == "" else int(times), what, indices)
    base, _, side = name.rpartition("_")
    if side == "ij":
        return f"mixed moment of z in coordinates i and j, degrees {', '.join(base.removeprefix('mu'))}"
    if side in ("i", "j") and base:
        return f"{_meaning(base, known)}; coordinate {side}"
    return f"moment of z of degree {name.removeprefix('mu')}" if name.startswith("mu") else name


def _of_derivative(times: int, what: str, indices: str) -> str:
    """d2f: f''(theta); d2f_ij, dSigma_i_j: partial derivatives in theta_j."""
    if not indices:
        return f"{what}{chr(39) * times}(theta), derivative in one coordinate"
    if what == "f":
        return f"partial derivative of f in {', '.join(f'theta_{x}' for x in indices.removeprefix('_'))}"
    own, _, by = indices.removeprefix("_").rpartition("_")
    return f"derivative of {what}_{own if len(own) > 1 else own * 2} in {', '.join(f'theta_{x}' for x in by)}"


def hypotheses(scales: Scales, entries: Iterable[Expr]) -> list[Hypothesis]:
    """What the order-1 statement assumes for any rule; source of the theorem: see SDE.source."""
    smooth = "f and Sigma^(1/2) are smooth, with derivatives of polynomial growth; grad f is Lipschitz"
    found = [
        Hypothesis("smoothness", smooth),
        Hypothesis("independent calls", "the gradients of different steps are independent given theta"),
        BOUNDED_MOMENTS,
    ]
    if scales.regime == "diffusive":
        scaling = f"sigma = sigma0 h^({scales.noise.weight}), with sigma0 and the other constants fixed"
        found.append(Hypothesis("noise-dominated scaling", scaling))
    if bases := _must_be_positive(scales, entries):
        stay = "stays" if len(bases) == 1 else "stay"
        found.append(Hypothesis("smooth coefficients", f"{', '.join(map(str, bases))} {stay} above a positive number"))
    return found


def _must_be_positive(scales: Scales, entries: Iterable[Expr]) -> list[Expr]:
    """Bases of roots and quotients that depend on a state. raises: Refused where one certainly crosses 0."""
    states = {scales.state(s).letter: s for s in scales.states}
    free = {here for here, s in states.items() if s not in scales.nonnegative}
    bases: set[Expr] = set()
    for power in {p for e in entries for p in e.atoms(sympy.Pow)}:
        if (power.exp.is_Integer and power.exp > 0) or not power.base.free_symbols & states.keys():
            continue
        if power.base in free:
            raise Refused(
                f"{scales.rule.label}: the SDE has the coefficient {power}.",
                "That state may cross 0, where the coefficient is not smooth, or not real.",
                "No SDE is claimed for this variant in this regime.",
            )
        bases.add(power.base)
    return _not_implied(bases)


def _not_implied(bases: Iterable[Expr]) -> list[Expr]:
    """Those that are not positive because simpler ones are: eps0 + sigma0 sqrt(u) is, where u is."""
    kept: list[Expr] = []
    for base in sorted(bases, key=lambda e: (e.count_ops(), str(e))):
        roots = {p: sympy.Dummy(positive=True) for p in base.atoms(sympy.Pow) if p.base in kept}
        if not (roots and base.xreplace(roots).is_positive):
            kept.append(base)
    return kept


def valid_from(entries: Iterable[Expr], later: bool = False) -> str:
    """From which time on the claim holds: bias corrections and powers of t may be singular at t = 0.

    later: whether the rule does something else at first.
    """
    singular: set[str] = set()
    for entry in entries:
        vanishing = {s: 0 for s in entry.free_symbols if s.name == "t" or s.name.startswith("gamma")}
        if vanishing and entry.subs(vanishing).has(sympy.zoo, sympy.nan, sympy.oo):
            singular |= {s.name for s in vanishing}
        if any(p.base.is_Symbol and p.base.name == "t" and not p.exp.is_Integer for p in entry.atoms(sympy.Pow)):
            singular.add("t")  # a root of t is not smooth there
    if not singular and later:
        return "t >= t0 > 0, started from the rule's own state at t0: until then the rule does something else"
    if not singular:
        return "t >= 0"
    verb = "vanishes" if len(singular) == 1 else "vanish"
    return f"t >= t0 > 0, started from the rule's own state at t0: {', '.join(sorted(singular))} {verb} at t = 0"


def remarks(scales: Scales, point: Expr = THETA, order: int = 1) -> tuple[str, ...]:
    """What a reader must not conclude, and what the limit leaves out."""
    found = [f"one step is {scales.time_per_step} of time"]
    if point != THETA:
        found.append(f"df and Sigma stand at the point of the gradient, y = {point}")
    for beta in scales.rates:
        if scales.weights.values.get(f"1-{beta}") == 0:
            found.append(f"{beta} stays as it is: in this limit 1 - {beta} does not go to 0 with h")
    elsewhere = [d.at for d in scales.rule.gradients if d.at != theta]
    if point == THETA and elsewhere:
        found.append(f"the gradient is taken at {elsewhere[0]} = theta + O(h): df and Sigma stand at theta")
    if scales.regime == "small" and order == 1:
        found.append("the gradient flow, without noise, is of weak order 1 here too: order 1 does not test D")
    found += [f"dominated as h goes to 0, and dropped: {b.reason}" for b in scales.weights.dominated]
    if any(e.has(sympy.Piecewise) for e in scales.rule.step_map.values()):
        found.append("branches on t are taken as they are for large t")
    return tuple(found)
