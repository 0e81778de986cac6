"""The point where the gradient is taken, in the limit: where df and Sigma of the SDE stand.

A rule may take its gradient at a point y made of theta and its states (a look-ahead, an average). At order 1 nothing
is differentiated: with y = y0 + O(h), f'(y) h = f'(y0) h + O(h^2), and Sigma likewise, so that df and Sigma are read
at y0. A larger deviation would change a moment of one step at an order below h^2.
"""

from __future__ import annotations

from fractions import Fraction

import sympy
from sympy import Expr

from .errors import Refused
from .scales import THETA
from .step_series import StepSeries
from .symbols import theta


def gradient_point(step: StepSeries) -> Expr:
    """y0, an expression in the letters of the SDE; theta for most rules.

    raises: Refused where the point has no limit, deviates from it by more than O(h), or draws have different ones.
    """
    rule = step.scales.rule
    found = {THETA if d.at == theta else _limit(step, d.at, rule.label) for d in rule.gradients}
    if len(found) > 1:
        places = ", ".join(sorted(map(str, found)))
        raise Refused(
            f"{rule.label} takes its gradients at different points: {places}.",
            "The SDE would need f' and Sigma at each of them, and the covariance of the noises between them.",
            "Take a variant with one point.",
        )
    return found.pop() if found else THETA


def _limit(step: StepSeries, at: Expr, label: str) -> Expr:
    point = step.value(at)
    if point.valuation < 0:
        raise Refused(
            f"{label} takes its gradient at {at}, which grows like h^({point.valuation}).",
            "The point must have a limit as h goes to 0: df and Sigma are read there.",
            "No SDE is claimed for this variant in this regime.",
        )
    beyond = min((k for k in point.terms if k > 0), default=point.order)
    if beyond < 1:
        size = step.expansion.reveal(point.coefficient(beyond))
        raise Refused(
            f"{label} takes its gradient at {at}, which deviates from its limit by h^({beyond}) times {size}.",
            "Drift and covariance at that point then differ from those at its limit by more than O(h).",
            "No SDE of order 1 is claimed for this variant in this regime.",
        )
    limit = step.expansion.reveal(point.coefficient(Fraction(0)))
    return sympy.collect(sympy.expand(limit), [step.scales.state(s).letter for s in step.scales.states])
