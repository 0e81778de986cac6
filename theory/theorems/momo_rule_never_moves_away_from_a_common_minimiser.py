"""MoMo by its own rule comes nearer to points where no loss is above its bound (Schaipp et al. 2024, Section 4)."""

from ..proving.momo_distance import EXCESS, NEXT, NOW, nearer
from ..proving.script import Proof
from ..proving.theorem import Theorem
from . import momo_rule_takes_polyak_steps_up_to_its_cap as polyak


def script(proof: Proof) -> None:
    """The distance changes by -2 tau <m, theta - best> + tau^2 |m|^2, and <m, theta - best> >= e."""
    polyak.applied(proof, polyak.THEOREM, polyak.CLAIMS, {})
    moved = polyak.CLAIMS["step"].split(": ")[1]
    for name in ("progress", "gain"):
        claim = CLAIMS[name].split(": ")[1]
        with proof.fixing(name, CLAIMS[name]) as inner:
            for fact in ("tau_sign", "tau_most", "tau_size"):
                inner.use(f"{fact}_here", fact, t="t")
            products, equations = ["tau_size_here*tau_sign_here"], []
            if name == "progress":
                inner.use("average", "below", t="t")
                with inner.fixing("moved", f"forall i nat: {moved}") as one:
                    one.use("now", "step", t="t", i="i")
                nearer(inner, "moved")
                products, equations = [*products, "average*tau_sign_here"], [("1", "all"), ("1", "split")]
            with inner.cases("now", claim, on=f"0 - {EXCESS}", assume="low") as (down, up):
                down.use("value_here", "absolute_of_nonnegative", "low", x=f"0 - {EXCESS}")
                down.have("tau_none", "tau(t + 1) <= 0", ["tau_most_here"], ["value_here"])
                down.have("now", claim, [*products, "tau_none*low"], ["value_here", *equations])
                up.use("value_here", "absolute_of_negative", "low", x=f"0 - {EXCESS}")
                up.have("now", claim, [*products, "tau_sign_here*low"], ["value_here", *equations])
    with proof.fixing("fejer", CLAIMS["fejer"]) as inner:
        inner.use("step_gain", "gain", t="t")
        inner.use("step_progress", "progress", t="t")
        inner.have("nearer", f"{NEXT} <= {NOW}", ["step_gain", "step_progress"])


CLAIMS = {
    "progress": f"forall t nat: {NEXT} <= {NOW} - tau(t + 1)*{EXCESS}",
    "gain": f"forall t nat: tau(t + 1)*{EXCESS} >= 0",
    "fejer": f"forall t nat: {NEXT} <= {NOW}",
}
THEOREM = Theorem(
    theorem="momo_rule_never_moves_away_from_a_common_minimiser",
    title="MoMo by its rule never moves away from a common minimiser",
    says="""MoMo without decay, with momentum beta1 and any caps eta >= 0, on convex losses that at a point best are not
    above f_star (a common minimiser, where f_star is the least loss). h = beta1 level + (1 - beta1) f is the value of
    its averaged model before the step. Every step comes nearer to best or stays as far: the squared distance falls by
    at least tau (h - f_star) >= 0, tau = min(eta, max(0, h - f_star)/|m|^2). Where the average m of the gradients is 0,
    so are max(0, h - f_star) and tau: the step rests.""",
    sources=["schaipp2024momo, Theorem 4.1"],
    variables=polyak.THEOREM.variables,
    hypotheses=polyak.THEOREM.written,
    definitions=polyak.THEOREM.definitions,
    claims=CLAIMS,
    lemmas=[polyak.THEOREM.theorem],
    model=polyak.THEOREM.model,
    script=script,
    shown=polyak.shown,
    instances=polyak.THEOREM.instances,
)
