"""The lemma behind MoMo's estimated lower bound (Schaipp et al. 2024, Section 5)."""

from ..proving.momo_runs import momo_run
from ..proving.script import Proof, square
from ..proving.theorem import Theorem
from . import momo_never_moves_away_from_a_common_minimiser as fejer
from .momo_converges_to_common_minimisers import X, halved

H = fejer.H
Q = "sum(i < n, d(k, i)^2/D(k, i))"
AWAY = "sum(i < n, D({metric}, i)*(x({k}, i) - best(i))^2)"
BOUND = f"2*eta(k)*tau(k)*floor(k) - eta(k)*tau(k)*(2*{H} - tau(k)*{Q})"

LEFT, RIGHT = "sum(k < K, 2*eta(k)*tau(k)*floor(k))", f"sum(k < K, eta(k)*tau(k)*(2*{H} - tau(k)*{Q}))"


def away(metric: str, k: str) -> str:
    """The squared distance at step k in the metric of another step."""
    return AWAY.format(metric=metric, k=k)


def script(proof: Proof) -> None:
    """A step changes eta |x - best|^2 by at most -eta tau (2 <d, x - best> - tau q); metrics shrink; telescope."""
    proof.have("weight_left", "1 - beta >= 0", ["averaging"])
    fejer.convexity(proof)
    change = f"eta(k)*{away('k', 'k + 1')} <= eta(k)*{away('k', 'k')} + {BOUND}"
    with proof.fixing("moved", f"forall k nat: {change}") as inner:
        inner.use("average", "below", k="k")
        inner.use("eta_here", "eta_nonnegative", k="k")
        inner.use("tau_here", "tau_nonnegative", k="k")
        term = "D(k, i)*(x(k + 1, i) - best(i))^2 - D(k, i)*(x(k, i) - best(i))^2"
        term += " + 2*tau(k)*(d(k, i)*x(k, i) - d(k, i)*best(i)) - tau(k)^2*(d(k, i)^2/D(k, i))"
        with inner.fixing("each", f"forall i nat: {term} = 0") as here:
            here.use("metric", "D_positive", k="k", i="i")
            here.use("apart", "positive_is_apart", "metric", x="D(k, i)")
            here.use("one", "reciprocal", "apart", x="D(k, i)")
            here.use("stepped", "step", k="k", i="i")
            here.have("zero", f"{term} = 0", [], ["stepped", "one"])
        inner.add("all", f"sum(i < n, {term}) = 0", "each", "n")
        split = f"{away('k', 'k + 1')} - {away('k', 'k')} + 2*tau(k)*(sum(i < n, d(k, i)*x(k, i)) - {fejer.ALONG})"
        inner.linear("split", f"sum(i < n, {term}) = {split} - tau(k)^2*{Q}")
        equations = [("eta(k)", "all"), ("eta(k)", "split")]
        inner.have("change", change, ["average*eta_here*tau_here"], equations)
    shrink = f"eta(k + 1)*{away('k + 1', 'k + 1')} <= eta(k)*{away('k', 'k + 1')}"
    with proof.fixing("shrunk", f"forall k nat: {shrink}") as inner:
        term = "(eta(k)*D(k, i) - eta(k + 1)*D(k + 1, i))*(x(k + 1, i) - best(i))^2"
        with inner.fixing("each", f"forall i nat: {term} >= 0") as here:
            here.use("less", "shrinking", k="k", i="i")
            here.have("sign", f"{term} >= 0", [square("x(k + 1, i) - best(i)") * "less"])
        inner.add("all", f"sum(i < n, {term}) >= 0", "each", "n")
        difference = f"eta(k)*{away('k', 'k + 1')} - eta(k + 1)*{away('k + 1', 'k + 1')}"
        inner.linear("split", f"sum(i < n, {term}) = {difference}")
        inner.have("less", shrink, ["all"], [("1", "split")])
    total = f"sum(j < k, {at_j(BOUND)})"
    claim = f"{total} >= eta(k)*{away('k', 'k')} - eta(0)*{away('0', '0')}"
    with proof.induction("path", f"forall k nat: {claim}") as (zero, following):
        empty = total.replace("j < k", "j < 0")
        zero.linear("empty", f"{empty} = 0")
        zero.have("now", f"{empty} >= eta(0)*{away('0', '0')} - eta(0)*{away('0', '0')}", [], ["empty"])
        following.use("one", "moved", k="k")
        following.use("two", "shrunk", k="k")
        longer = total.replace("j < k", "j < k + 1")
        following.linear("more", f"{longer} = {total} + {BOUND}")
        then = f"{longer} >= eta(k + 1)*{away('k + 1', 'k + 1')} - eta(0)*{away('0', '0')}"
        following.have("next", then, ["before", "one", "two"], ["more"])
    proof.use("whole", "path", k="K")
    proof.use("eta_end", "eta_nonnegative", k="K")
    with proof.fixing("squares", "forall i nat: D(K, i)*(x(K, i) - best(i))^2 >= 0") as inner:
        inner.use("metric", "D_positive", k="K", i="i")
        inner.have("sign", "D(K, i)*(x(K, i) - best(i))^2 >= 0", [square("x(K, i) - best(i)") * "metric"])
    proof.add("end", f"{away('K', 'K')} >= 0", "squares", "n")
    proof.linear("two_sums", f"{total.replace('j < k', 'j < K')} = {LEFT} - {RIGHT}")
    proof.have("bound", f"{LEFT} >= {RIGHT} - {away('0', '0')}", ["whole", "eta_end*end"], ["eta_start", "two_sums"])


def at_j(text: str) -> str:
    """A text about step k, about step j."""
    return text.replace("(k", "(j")


THEOREM = Theorem(
    theorem="losses_at_a_minimiser_are_bounded_along_momo",
    title="Losses at a minimiser, or any point, are bounded below along MoMo",
    says="""Along MoMo's steps with any sizes tau(k) >= 0, in metrics D(k) with weights eta such that eta D does not
    increase (eta(k + 1) is eta(k) times the least D(k, i)/D(k + 1, i)): for convex losses and any point best, the sum
    of 2 eta tau times the averaged losses at best is at least the sum of eta tau (2 h - tau q), h = fbar + <d, x> -
    gamma and q the squared norm of d in the inverse metric, minus the first squared distance to best. MoMo's estimate
    of its lower bound drops that unknown distance; so it is no bound.""",
    sources=["schaipp2024momo, Section 5"],
    variables={
        "n": "nat",
        "K": "nat",
        "beta": "real",
        "first": "real",
        "best": "real(nat)",
        "f": "real(nat)",
        "value": "real(nat)",
        "fbar": "real(nat)",
        "gamma": "real(nat)",
        "floor": "real(nat)",
        "eta": "real(nat)",
        "tau": "real(nat)",
        "g": "real(nat, nat)",
        "d": "real(nat, nat)",
        "x": "real(nat, nat)",
        "D": "real(nat, nat)",
    },
    hypotheses={
        "forgetting": "beta >= 0",
        "averaging": "beta <= 1",
        "weight": "first >= 0",
        "D_positive": "forall k nat, i nat: D(k, i) > 0",
        "eta_start": "eta(0) = 1",
        "eta_nonnegative": "forall k nat: eta(k) >= 0",
        "shrinking": "forall k nat, i nat: eta(k + 1)*D(k + 1, i) <= eta(k)*D(k, i)",
        "tau_nonnegative": "forall k nat: tau(k) >= 0",
        **{
            name: fejer.THEOREM.hypotheses[name]
            for name in ("convex", "loss_start", "gradient_start", "product_start", "floor_start")
        },
        **{name: fejer.THEOREM.hypotheses[name] for name in ("losses", "gradients", "products", "floors")},
        "step": "forall k nat, i nat: x(k + 1, i) = x(k, i) - tau(k)*d(k, i)/D(k, i)",
    },
    claims={"bound": f"{LEFT} >= {RIGHT} - {away('0', '0')}"},
    model={
        **{name: ["k", f"{X}^2/2"] for name in ("f", "fbar")},
        **{name: ["k", "i", X] for name in ("g", "d", "x")},
        **{name: ["k", "0"] for name in ("value", "floor")},
        "gamma": ["k", f"{X}^2"],
        "tau": ["k", "1/2"],
        "eta": ["k", "1"],
        "D": ["k", "i", "1"],
        "best": ["i", "0"],
        "beta": "0",
        "first": "1",
        "n": "1",
        "K": "2",
    },
    script=script,
    shown=halved,
    instances=[momo_run("three steps", {"K": "3", "D": ["k", "i", "1"], "eta": ["k", "1"]})],
)
