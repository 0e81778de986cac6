"""From the drift of the periodic state to the limit, with the learning rates rate/sqrt(t) of Reddi et al. (2018)."""

from __future__ import annotations

from ..proving.positive import reciprocal
from ..proving.script import Proof
from ..proving.theorem import Theorem
from .adam_with_falling_rates_goes_to_the_worst_point import BOUND, PACE
from .adam_with_falling_rates_goes_to_the_worst_point import THEOREM as FALLING
from .adam_with_falling_rates_goes_to_the_worst_point import shown as falling_shown
from .clipped_numbers_stay_near import THEOREM as CLIPPED

SUM = "sum(l < k, alpha(L + l))"
CLAIM = (
    f"forall L nat, k nat: k >= 1, ({PACE})*rate*k >= 2*sqrt(L + k) => theta(L + k) >= 1 - {BOUND}*(rate/sqrt(L + 1))"
)
STEP = "theta(t) - alpha(t)*(m(t)/sqrt(v(t)))"


def _rooted(proof: Proof, name: str, body: str, positive: str) -> None:
    """The root of a positive number and its reciprocal."""
    proof.use(f"{name}_root", "root_positive", positive, x=body)
    reciprocal(proof, name, f"{name}_root", f"sqrt({body})")


def _later(proof: Proof, name: str, first: str, second: str, order: str) -> None:
    """1/sqrt falls from a positive number to one that is at least as large."""
    proof.have(f"{name}_least", f"{first} > 0", ["natural_t"])
    proof.have(f"{name}_weak", f"{first} >= 0", [f"{name}_least"])
    proof.have(f"{name}_most", f"{second} > 0", [f"{name}_least", order])
    _rooted(proof, f"{name}_first", first, f"{name}_least")
    _rooted(proof, f"{name}_second", second, f"{name}_most")
    proof.use(f"{name}_roots", "of_roots", f"{name}_weak", order, Y=first, Z=second)
    rows = [f"{name}_roots*{name}_first_over*{name}_second_over"]
    units = [f"{name}_first_unit", f"{name}_second_unit"]
    proof.have(name, f"1/sqrt({second}) <= 1/sqrt({first})", rows, units)


def _rates(proof: Proof) -> None:
    with proof.fixing("rates", "forall t nat: alpha(t) >= 0") as inner:
        inner.use("natural_t", "natural", n="t")
        inner.have("time", "t + 1 > 0", ["natural_t"])
        _rooted(inner, "time", "t + 1", "time")
        inner.use("here", "rates_are", t="t")
        inner.have("now", "alpha(t) >= 0", ["rate_positive*time_over"], ["here"])
    with proof.fixing("falling", "forall t nat: alpha(t + 1) <= alpha(t)") as inner:
        inner.use("natural_t", "natural", n="t")
        inner.have("order", "t + 1 <= t + 2")
        _later(inner, "less", "t + 1", "t + 2", "order")
        inner.use("here", "rates_are", t="t")
        inner.use("there", "rates_are", t="t + 1")
        inner.have("now", "alpha(t + 1) <= alpha(t)", ["less*rate_positive"], ["here", "there"])
    with proof.induction("inside", "forall t nat: theta(t) >= -1") as (zero, following):
        zero.have("now", "theta(0) >= -1", ["start"])
        following.use("moved", "step", t="t")
        values: dict[str, str | list[str]] = {"y": "theta(t + 1)", "z": STEP}
        following.lemma("now", "theta(t + 1) >= -1", CLIPPED.theorem, ["moved"], values)


def _least(proof: Proof) -> None:
    """`large`: the sum is at least k rate/sqrt(L + k)."""
    claim = "forall l nat: l + 1 <= k => alpha(L + l) - rate/sqrt(L + k) >= 0"
    with proof.fixing("each", claim, "below") as inner:
        inner.use("natural_t", "natural", n="L + l")
        inner.have("order", "L + l + 1 <= L + k", ["below"])
        _later(inner, "less", "L + l + 1", "L + k", "order")
        inner.use("rate_here", "rates_are", t="L + l")
        inner.have("now", "alpha(L + l) - rate/sqrt(L + k) >= 0", ["less*rate_positive"], ["rate_here"])
    proof.add("large", f"{SUM} - k*(rate/sqrt(L + k)) >= 0", "each", "k")


def script(proof: Proof) -> None:
    """The learning rates add up to at least k rate/sqrt(L + k); two of the drift are enough."""
    roots = "forall Y rand, Z rand: Y >= 0, Y <= Z => sqrt(Y) <= sqrt(Z)"
    proof.lemma("of_roots", roots, "orders_on_every_outcome", [], {})
    _rates(proof)
    values: dict[str, str | list[str]] = {}
    for name, sort in FALLING.variables.items():
        values[name] = ["t", f"{name}(t)"] if "(" in sort else name
    proof.lemma("reach", FALLING.claims["reach"], FALLING.theorem, list(FALLING.hypotheses), values)
    proof.use("natural_N", "natural", n="N")
    proof.have("period", "N + 1 > 0", ["natural_N"])
    proof.use("period_over", "reciprocal_positive", "period", x="N + 1")
    proof.have("pace_sign", f"{PACE} >= 0", ["drift*period_over"])
    with proof.fixing("limit", CLAIM, "some", "long") as inner:
        inner.use("there", "reach", L="L", k="k")
        inner.use("now_inside", "inside", t="L")
        inner.use("here", "rates_are", t="L")
        _least(inner)
        inner.use("natural_L", "natural", n="L")
        inner.have("end", "L + k > 0", ["natural_L", "some"])
        _rooted(inner, "end", "L + k", "end")
        goal = f"theta(L) + ({PACE})*{SUM}"
        rows = ["now_inside", "large*pace_sign", "long*end_over"]
        inner.have("enough", f"1 - ({goal}) <= 0", rows, ["end_unit"])
        claim = f"min(1, {goal}) >= 1"
        with inner.cases("full", claim, on=f"1 - ({goal})") as (equal, beyond):
            equal.use("value", "absolute_of_nonnegative", "case", x=f"1 - ({goal})")
            equal.have("full", claim, ["enough"], ["value"])
            beyond.use("value", "absolute_of_negative", "case", x=f"1 - ({goal})")
            beyond.have("full", claim, [], ["value"])
        inner.have("now", CLAIM.split("=> ")[1], ["there", "full"], ["here"])


def shown(proof: Proof) -> None:
    """Gradients of -1, from the upper end."""
    falling_shown(proof)
    inside = "1 - 1/sqrt(t + 1)*((-1)/sqrt(1))"
    kept = f"1 = max(-1, min(1, {inside}))"
    with proof.fixing("step_here", f"forall t nat: {kept}") as inner:
        inner.use("natural_t", "natural", n="t")
        inner.have("time", "t + 1 > 0", ["natural_t"])
        _rooted(inner, "time", "t + 1", "time")
        inner.have("above", f"1 - ({inside}) < 0", ["over*time_over"])
        inner.use("top_cut", "absolute_of_negative", "above", x=f"1 - ({inside})")
        inner.have("bottom", f"-1 - min(1, {inside}) < 0", ["low"], ["top_cut"])
        inner.use("bottom_cut", "absolute_of_negative", "bottom", x=f"-1 - min(1, {inside})")
        inner.have("now", kept, [], ["bottom_cut", "top_cut"])


THEOREM = Theorem(
    theorem="adam_with_inverse_root_rates_tends_to_the_worst_point",
    title="Adam with rates 1/sqrt(t) tends to the worst point",
    says="""Adam without bias corrections and eps, projected onto [-1, 1], with the learning rates rate/sqrt(t), on a
    stream of linear losses whose gradients come again after n = N + 1 steps and have squares of at least least. M and V
    are the periodic state of its averages m and v, and its steps move up by pace on average. From every time L on, as
    soon as k >= 1 more steps have pace rate k >= 2 sqrt(L + k), theta is at least 1 - B rate/sqrt(L + 1), B a constant,
    wherever it was: with pace > 0 it tends to the upper end 1, the worst point where the gradients have a positive sum,
    at the rate 1/sqrt(t). In the formulas t counts from 0.""",
    sources=["reddi2018convergence, Theorem 2"],
    variables={**FALLING.variables, "rate": "real"},
    hypotheses={
        **{n: s for n, s in FALLING.hypotheses.items() if n not in ("rates", "falling")},
        "rate_positive": "rate > 0",
        "rates_are": "forall t nat: alpha(t) = rate/sqrt(t + 1)",
        "start": "theta(0) >= -1",
    },
    claims={"limit": CLAIM},
    lemmas=["orders_on_every_outcome", CLIPPED.theorem, FALLING.theorem],
    model={**FALLING.model, "rate": "1", "alpha": ["t", "1/sqrt(t + 1)"]},
    script=script,
    shown=shown,
)
