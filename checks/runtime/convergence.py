"""`converge`: what holds as T grows (theory.convergence), and the certificate at a horizon (impl.certificate)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import sympy

from driftproof.theory.certificate import Inputs
from driftproof.theory.convergence import CERTIFICATE, CONVERGES, FINITE, NOT_COVERED, REJECTED, Limit, limit
from driftproof.theory.errors import DriftproofError, OutOfDomain, Refused, UnknownName, nearest
from driftproof.theory.generic import matched
from driftproof.theory.growth import BOUNDED
from driftproof.theory.quantities import number
from driftproof.theory.recursion import Recursion
from driftproof.theory.schedules import schedule

if TYPE_CHECKING:
    from sympy import Expr

    from driftproof.impl.certificate import Finite
    from driftproof.theory.explicit import Explicit, FiniteSum
    from driftproof.theory.rule import UpdateRule

CERTIFIED = "CERTIFIED_UP_TO_T"
EXITS = {CONVERGES: 0, CERTIFIED: 0, NOT_COVERED: 4, REJECTED: 2}
MEANS = "to stationary points; nothing is said of the minimum"


@dataclass(frozen=True)
class Convergence:
    """The answer for one rule and its schedules.

    verdict: CONVERGES, CERTIFIED_UP_TO_T, NOT_COVERED or REJECTED.   by: sufficient_condition, certificate or "".
    limit: what holds as T grows.   finite: the certificate at a horizon, or None where none was asked or can be.
    explicit: bounds of others whose constants are explicit, where their form of the rule is this one.
    """

    rule: str
    verdict: str
    by: str
    informative: bool
    reason: str
    limit: Limit
    finite: Finite | None = None
    explicit: tuple[Explicit, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        return EXITS[self.verdict]

    def as_json(self) -> dict[str, Any]:
        """Plain data; bound is null where there is none, or where it overflows."""
        finite, order = self.finite, self.limit.rate
        bound = finite.bound if finite is not None and math.isfinite(finite.bound) else None
        return {
            "verdict": self.verdict,
            "by": self.by or None,
            "informative": self.informative,
            "rate": None if order is None else order.as_json(),
            "conditions": {c.name: str(c) for c in self.limit.conditions},
            "bound": bound,
            "reason": self.reason,
            "rule": self.rule,
            "inputs": None if finite is None else finite.as_json(),
            "recursion": self.limit.recursion.as_json(),
            "explicit_bounds": [item.as_json() for item in self.explicit],
            "notes": list(self.notes),
            "measures": "(E |grad f(theta_tau)|^(4/3))^(3/2)",
        }

    def __str__(self) -> str:
        from .render_converge import converge_text

        return converge_text(self)


def converge(
    rule: UpdateRule,
    asked: str,
    given: Mapping[str, Any],
    start: int,
    inputs: Inputs | None,
    problem: FiniteSum | None = None,
) -> Convergence:
    """The answer for a rule with these hyperparameters: numbers, or schedules in t and T as text.

    given: by letter; what is left out has the rule's default. eps of a rule without that letter is its v_0.
    inputs: of the bound, with its horizon; None to ask for no number unless nothing else can speak.
    problem: where f is a finite sum, for thresholds on beta2 that depend on it.
    raises: Refused with the term that does not fit; UnknownName, NotReadable, OutOfDomain for bad values.
    """
    from driftproof.theory.explicit import explicit

    recursion = _recursion(rule, given)
    found = judged(asked, limit(recursion, start), start, inputs)
    return replace(found, explicit=explicit(recursion, inputs or Inputs(), problem) if inputs or problem else ())


def judged(
    asked: str,
    found: Limit,
    start: int,
    inputs: Inputs | None,
    sizes: Mapping[Any, Any] | None = None,
    notes: tuple[str, ...] = (),
) -> Convergence:
    """The verdict of a limit and of the certificate at a horizon. sizes: letter -> values at the steps."""
    if found.verdict == REJECTED:
        return Convergence(asked, REJECTED, "", False, found.reason, found, notes=notes)
    try:
        finite = _finite(found, start, inputs, sizes)
    except OutOfDomain as error:
        reason = " ".join(filter(None, (error.what, error.why, error.fix)))
        return Convergence(asked, REJECTED, "", False, reason, found, notes=notes)
    verdict, by, informative, reason = _verdict(found, finite)
    return Convergence(asked, verdict, by, informative, reason, found, finite, notes=notes)


def _verdict(found: Limit, finite: Finite | None) -> tuple[str, str, bool, str]:
    """verdict, by, informative, reason."""
    if found.verdict == CONVERGES:
        return CONVERGES, found.by, finite is None or finite.informative, found.reason
    if finite is None:
        if found.verdict == FINITE and found.rate is not None and found.rate < BOUNDED:
            return CERTIFIED, CERTIFICATE, True, f"{found.reason} --horizon T gives the number."
        return NOT_COVERED, "", False, found.reason
    if finite.informative:
        reason = f"{found.reason} The certificate at T = {finite.inputs.horizon} is {finite.bound:.4g}."
        return CERTIFIED, CERTIFICATE, True, reason
    return NOT_COVERED, "", False, f"{found.reason} {_says_nothing(finite)}"


def _says_nothing(finite: Finite) -> str:
    if not math.isfinite(finite.bound):
        return f"At T = {finite.inputs.horizon} there is no finite bound: {finite.reason}."
    return (
        f"At T = {finite.inputs.horizon} the certificate is {finite.bound:.4g}, no less than the trivial bound "
        f"d G^2 = {finite.trivial:.4g}."
    )


def _finite(found: Limit, start: int, inputs: Inputs | None, sizes: Mapping[Any, Any] | None) -> Finite | None:
    """The certificate, where it was asked for or nothing else can speak."""
    from driftproof.impl.certificate import finite

    if found.recursion.form == "max" or found.recursion.decay != 0:
        return None
    if inputs is None:
        if found.verdict == CONVERGES or found.rate is not None:
            return None
        inputs = Inputs()
    return finite(found.recursion, inputs, start, sizes)


def _recursion(rule: UpdateRule, given: Mapping[str, Any]) -> Recursion:
    """The recursion with every hyperparameter put in."""
    values = {h.name: h.default for h in rule.hyperparameters}
    rest = {name: _read(value, name) for name, value in given.items()}
    start = rest.pop("eps", None) if "eps" not in values else None
    for name in rest:
        if name not in values:
            raise UnknownName(f"{rule.label} has no hyperparameter '{name}'.", "", nearest(name, [*values, "eps"]))
    for h in rule.hyperparameters:
        if h.name in rest and rest[h.name].is_number and h.role not in ("step_size", "averaging"):
            h.domain.check(h.name, rest[h.name])
    recursion = matched(rule, {**values, **rest})
    if start is None:
        return recursion
    if not start.is_number or not start.is_positive:
        raise OutOfDomain(f"eps = {start} is not a positive number.", "It is v_0 here.", "Give eps above 0.")
    return replace(recursion, v_start=start)


def _read(value: Any, name: str) -> Expr:
    """Text and expressions are schedules; anything else is a number."""
    if isinstance(value, sympy.Expr):
        return value
    return schedule(value) if isinstance(value, str) else number(value, name)


# Live optimizers


def live(optimizer: Any, scheduler: Any, group: int | None, inputs: Inputs | None) -> Convergence:
    """The answer for a torch.optim optimizer with its scheduler, whose step sizes are known up to the horizon.

    raises: Refused for a class that is not read, for groups that differ, and for one that has already moved.
    """
    import numpy as np

    from driftproof.theory.catalogue import rule
    from driftproof.theory.symbols import symbol

    from .live_torch import from_torch

    inputs = inputs or (Inputs() if scheduler is not None else None)
    groups = from_torch(optimizer, scheduler, steps=inputs.horizon if inputs and scheduler is not None else 1)
    chosen = groups[_place(groups, group)]
    if chosen.start > 1 or chosen.varying:
        what = "has already moved" if chosen.start > 1 else f"also moves {', '.join(chosen.varying)}"
        raise Refused(
            f"The optimizer {what}.",
            "The certificate is for moments that start at 0, and for betas that stay.",
            "Give a fresh optimizer, or the schedules as text.",
        )
    declared = rule(chosen.asked)
    values = {k: v for k, v in chosen.values.items() if k in {h.name for h in declared.hyperparameters}}
    if len(set(chosen.eta)) == 1:
        return judged(chosen.asked, limit(matched(declared, values)), 1, inputs, notes=chosen.notes)
    recursion = matched(declared, {k: v for k, v in values.items() if k != "eta"})
    known = Limit(recursion, FINITE, reason="The scheduler's step sizes are a finite sequence.")
    if recursion.form == "max" or recursion.decay != 0:
        known = replace(limit(matched(declared, values)), rate=None, conditions=())
        known = replace(known, recursion=recursion)
    return judged(chosen.asked, known, 1, inputs, {symbol("eta"): np.array(chosen.eta)}, chosen.notes)


def _place(groups: tuple[Any, ...], group: int | None) -> int:
    if group is None and len({(g.asked, tuple(sorted(g.values.items())), g.eta) for g in groups}) > 1:
        raise DriftproofError(
            f"The optimizer has {len(groups)} groups with different settings.",
            "Each has a certificate of its own.",
            "Give group=0, 1, ...",
        )
    if group is not None and not 0 <= group < len(groups):
        raise OutOfDomain(f"group = {group}; the optimizer has {len(groups)}.", "", "Groups are counted from 0.")
    return group or 0
