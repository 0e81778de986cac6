"""From the drift of the periodic state to the limit, with the learning rates rate/sqrt(t) of Reddi et al. (2018)."""

from __future__ import annotations

from typing import Any

from ..proving.positive import reciprocal
from ..proving.script import Proof
from ..proving.theorem import Theorem
from .adam_follows_the_drift_of_its_periodic_state import LOSS
from .adam_with_falling_rates_goes_to_the_worst_point import PACE, bound, clipped, ending
from .adam_with_falling_rates_goes_to_the_worst_point import THEOREM as FALLING
from .clipped_numbers_stay_near import THEOREM as CLIPPED

SUM = "sum(l < k, eta(L + l + 1))"
STEP = "theta(t) + (free(t + 1) - free(t))"


def limit(loss: str) -> str:
    """The claim."""
    there = f"theta(L + k) >= 1 - {bound(loss)}*(rate/sqrt(L + 1))"
    return f"forall L nat, k nat: k >= 1, ({PACE})*rate*k >= 2*sqrt(L + k) => {there}"


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
    with proof.fixing("rates", "forall t nat: eta(t + 1) >= 0") as inner:
        inner.use("natural_t", "natural", n="t")
        inner.have("time", "t + 1 > 0", ["natural_t"])
        _rooted(inner, "time", "t + 1", "time")
        inner.use("here", "rates_are", t="t")
        inner.have("now", "eta(t + 1) >= 0", ["rate_positive*time_over"], ["here"])
    with proof.fixing("falling", "forall t nat: eta(t + 2) <= eta(t + 1)") as inner:
        inner.use("natural_t", "natural", n="t")
        inner.have("order", "t + 1 <= t + 2")
        _later(inner, "less", "t + 1", "t + 2", "order")
        inner.use("here", "rates_are", t="t")
        inner.use("there", "rates_are", t="t + 1")
        inner.have("now", "eta(t + 2) <= eta(t + 1)", ["less*rate_positive"], ["here", "there"])
    with proof.induction("inside", "forall t nat: theta(t) >= -1") as (zero, following):
        zero.have("now", "theta(0) >= -1", ["start"])
        following.use("moved", "projected", t="t")
        values: dict[str, str | list[str]] = {"y": "theta(t + 1)", "z": STEP}
        following.lemma("now", "theta(t + 1) >= -1", CLIPPED.theorem, ["moved"], values)


def _least(proof: Proof) -> None:
    """`large`: the sum is at least k rate/sqrt(L + k)."""
    claim = "forall l nat: l + 1 <= k => eta(L + l + 1) - rate/sqrt(L + k) >= 0"
    with proof.fixing("each", claim, "below") as inner:
        inner.use("natural_t", "natural", n="L + l")
        inner.have("order", "L + l + 1 <= L + k", ["below"])
        _later(inner, "less", "L + l + 1", "L + k", "order")
        inner.use("rate_here", "rates_are", t="L + l")
        inner.have("now", "eta(L + l + 1) - rate/sqrt(L + k) >= 0", ["less*rate_positive"], ["rate_here"])
    proof.add("large", f"{SUM} - k*(rate/sqrt(L + k)) >= 0", "each", "k")


def without_rates(falling: Theorem) -> dict[str, str]:
    """The hypotheses of a theorem for rates that fall, but for those on rates."""
    return {name: said for name, said in falling.written.items() if name not in ("rates", "falling")}


def tends(proof: Proof, falling: Theorem, claim: str) -> None:
    """The learning rates add up to at least k rate/sqrt(L + k); two of the drift are enough."""
    roots = "forall Y rand, Z rand: Y >= 0, Y <= Z => sqrt(Y) <= sqrt(Z)"
    proof.lemma("of_roots", roots, "orders_on_every_outcome", [], {})
    _rates(proof)
    values: dict[str, str | list[str]] = {}
    for name, sort in falling.variables.items():
        values[name] = ["t", f"{name}(t)"] if "(" in sort else name
    proof.lemma("reach", falling.claims["reach"], falling.theorem, list(falling.hypotheses), values)
    proof.use("natural_N", "natural", n="N")
    proof.have("period", "N + 1 > 0", ["natural_N"])
    proof.use("period_over", "reciprocal_positive", "period", x="N + 1")
    proof.have("pace_sign", f"{PACE} >= 0", ["drift*period_over"])
    with proof.fixing("limit", claim, "some", "long") as inner:
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
        full = f"min(1, {goal}) >= 1"
        with inner.cases("full", full, on=f"1 - ({goal})") as (equal, beyond):
            equal.use("value", "absolute_of_nonnegative", "case", x=f"1 - ({goal})")
            equal.have("full", full, ["enough"], ["value"])
            beyond.use("value", "absolute_of_negative", "case", x=f"1 - ({goal})")
            beyond.have("full", full, [], ["value"])
        inner.have("now", claim.split("=> ")[1], ["there", "full"], ["here"])


def script(proof: Proof) -> None:
    """The case of these learning rates."""
    tends(proof, FALLING, limit(LOSS))


def shown(proof: Proof) -> None:
    """Gradients of -1, from the upper end."""
    ending(proof)
    free_moves(proof)
    up = f"{FREE[1].replace('< t', '< t + 1')} = {FREE[1]} - 8/sqrt(t + 1)*(-1)/(sqrt(1) + 1)"
    with proof.fixing("free_steps", f"forall t nat: {up}") as inner:
        inner.linear("now", up)


FREE = ["t", "8/(sqrt(1) + 1)*sum(j < t, 1/sqrt(j + 1))"]
"""Steps of 8/sqrt(t) times 1/(sqrt(1) + 1) upwards."""


def free_moves(proof: Proof) -> None:
    """The projection keeps theta at the upper end."""
    inside = f"1 + ({FREE[1].replace('< t', '< t + 1')} - {FREE[1]})"
    with proof.fixing("kept", f"forall t nat: 1 = max(-1, min(1, {inside}))") as inner:
        inner.use("natural_t", "natural", n="t")
        inner.have("time", "t + 1 > 0", ["natural_t"])
        _rooted(inner, "time", "t + 1", "time")
        inner.linear("more", "sum(j < t + 1, 1/sqrt(j + 1)) = sum(j < t, 1/sqrt(j + 1)) + 1/sqrt(t + 1)")
        inner.have("beyond", f"1 - ({inside}) < 0", ["over*time_over"], ["more"])
        clipped(inner, inside)


KEPT = {
    "rate_positive": "rate > 0",
    "rates_are": "forall t nat: eta(t + 1) = rate/sqrt(t + 1)",
    "start": "theta(0) >= -1",
}


def carried(falling: Theorem, loss: str) -> dict[str, Any]:
    """What the limit has from the theorem on falling rates: all but words and script."""
    return {
        "variables": {**falling.variables, "rate": "real"},
        "hypotheses": {**without_rates(falling), **KEPT},
        "definitions": falling.definitions,
        "claims": {"limit": limit(loss)},
        "lemmas": ["orders_on_every_outcome", CLIPPED.theorem, falling.theorem],
        "model": {**falling.model, "rate": "8", "eta": ["t", "8/sqrt(t)"], "free": FREE},
    }


THEOREM = Theorem(
    theorem="adam_with_inverse_root_rates_tends_to_the_worst_point",
    title="Adam with rates 1/sqrt(t) tends to the worst point",
    says="""Adam without bias corrections, with eps >= 0 added to sqrt(v), with the learning rates rate/sqrt(t), on a
    stream of linear losses whose gradients come again after n = N + 1 steps. Gradients do not depend on the point, and
    theta takes the same steps as free, which Adam moves, but is projected onto [-1, 1]. The squares of gradients, and v
    after the first step, are at least least. M and V are the periodic state of the averages m and v, and its steps move
    up by pace on average. After every number L of steps, as soon as k >= 1 more have pace rate k >= 2 sqrt(L + k),
    theta is at least 1 - B rate/sqrt(L + 1), B a constant, wherever it was: with pace > 0 it tends to the upper end 1,
    the worst point where the gradients have a positive sum, at the rate 1/sqrt(t).""",
    sources=["reddi2018convergence, Theorem 2"],
    **carried(FALLING, LOSS),
    script=script,
    shown=shown,
)
