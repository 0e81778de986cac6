"""MoMo with any cap comes nearer to points where its lower bound is reached (Schaipp et al. 2024, Section 4)."""

from ..proving.instance import Table
from ..proving.momo_runs import momo_run
from ..proving.positive import inverse
from ..proving.script import Proof
from ..proving.theorem import Theorem
from .powers_of_a_fraction import HALVES, known_powers

H = "(fbar(k) + sum(i < n, d(k, i)*x(k, i)) - gamma(k))"
EXCESS = f"({H} - rho(k)*bound(k))"
SIZE = "sum(i < n, d(k, i)^2/D(i))"
AWAY = "sum(i < n, D(i)*(x({k}, i) - best(i))^2)"
NOW, NEXT = AWAY.format(k="k"), AWAY.format(k="k + 1")
ALONG = "sum(i < n, d(k, i)*best(i))"
BELOW = f"fbar(k) - gamma(k) + {ALONG} <= floor(k)"


def convexity(proof: Proof) -> None:
    """The averaged linearisations lie below the averaged losses at the minimiser."""
    with proof.induction("below", f"forall k nat: {BELOW}") as (zero, following):
        zero.use("convex_here", "convex", k="0")
        term = "d(0, i)*best(i) - first*(g(0, i)*best(i))"
        with zero.fixing("each", f"forall i nat: {term} = 0") as here:
            here.use("momentum", "gradient_start", i="i")
            here.have("zero", f"{term} = 0", [], ["momentum"])
        zero.add("all", f"sum(i < n, {term}) = 0", "each", "n")
        split = "sum(i < n, d(0, i)*best(i)) - first*sum(i < n, g(0, i)*best(i))"
        zero.linear("split", f"sum(i < n, {term}) = {split}")
        spread(zero, "0")
        equations = ["loss_start", "product_start", "floor_start", ("1", "all"), ("1", "split"), "spread"]
        zero.have("now", BELOW.replace("k", "0"), ["convex_here*weight"], equations)
        following.use("convex_here", "convex", k="k + 1")
        term = "d(k + 1, i)*best(i) - beta*(d(k, i)*best(i)) - (1 - beta)*(g(k + 1, i)*best(i))"
        with following.fixing("each", f"forall i nat: {term} = 0") as here:
            here.use("momentum", "gradients", k="k", i="i")
            here.have("zero", f"{term} = 0", [], ["momentum"])
        following.add("all", f"sum(i < n, {term}) = 0", "each", "n")
        split = "sum(i < n, d(k + 1, i)*best(i)) - beta*sum(i < n, d(k, i)*best(i))"
        split += " - (1 - beta)*sum(i < n, g(k + 1, i)*best(i))"
        following.linear("split", f"sum(i < n, {term}) = {split}")
        spread(following, "k + 1")
        for name, fact in (("loss", "losses"), ("product", "products"), ("floor_next", "floors")):
            following.use(name, fact, k="k")
        equations = ["loss", "product", "floor_next", ("1", "all"), ("1", "split"), "spread"]
        products = ["convex_here*weight_left", "before*forgetting"]
        following.have(
            "next", BELOW.replace("k", "(k + 1)").replace("floor((k + 1))", "floor(k + 1)"), products, equations
        )


def spread(proof: Proof, k: str) -> None:
    """<g, best - x> as a difference of two sums."""
    left = f"sum(i < n, g({k}, i)*(best(i) - x({k}, i)))"
    proof.linear("spread", f"{left} = sum(i < n, g({k}, i)*best(i)) - sum(i < n, g({k}, i)*x({k}, i))")


def moved(proof: Proof) -> None:
    """The square of the distance after the step, expanded."""
    change = "D(i)*(x(k + 1, i) - best(i))^2 - D(i)*(x(k, i) - best(i))^2"
    change += " + 2*tau(k)*(d(k, i)*x(k, i) - d(k, i)*best(i)) - tau(k)^2*(d(k, i)^2/D(i))"
    with proof.fixing("each", f"forall i nat: {change} = 0") as inner:
        inner.use("metric", "D_positive", i="i")
        inner.use("apart", "positive_is_apart", "metric", x="D(i)")
        inner.use("one", "reciprocal", "apart", x="D(i)")
        inner.use("here", "step", k="k", i="i")
        inner.have("zero", f"{change} = 0", [], ["here", "one"])
    proof.add("all", f"sum(i < n, {change}) = 0", "each", "n")
    split = f"{NEXT} - {NOW} + 2*tau(k)*(sum(i < n, d(k, i)*x(k, i)) - {ALONG}) - tau(k)^2*{SIZE}"
    proof.linear("split", f"sum(i < n, {change}) = {split}")


def step_size(proof: Proof) -> None:
    """0 <= tau, and tau q <= max(e, 0), where q > 0."""
    proof.use("tau_value", "rule", "large", k="k")
    proof.use("rho_here", "rho_positive", k="k")
    proof.use("alpha_here", "alpha_nonnegative", k="k")
    proof.use("rho_inverse", "reciprocal_positive", "rho_here", x="rho(k)")
    inverse(proof, "size", SIZE, "large")
    distance = f"{EXCESS} - 0"
    with proof.cases("part", f"max({EXCESS}, 0) >= 0", on=EXCESS, assume="sign") as (more, less):
        more.use("value", "absolute_of_nonnegative", "sign", x=distance)
        more.have("part", f"max({EXCESS}, 0) >= 0", ["sign"], ["value"])
        less.use("value", "absolute_of_negative", "sign", x=distance)
        less.have("part", f"max({EXCESS}, 0) >= 0", [], ["value"])
    between = f"alpha(k)/rho(k) - max({EXCESS}, 0)/{SIZE}"
    proof.use("least_above", "absolute_above", x=between)
    proof.use("least_below", "absolute_below", x=between)
    proof.have("quotient", f"max({EXCESS}, 0)/{SIZE} >= 0", ["part*size_inverse"])
    proof.have("cap", "alpha(k)/rho(k) >= 0", ["alpha_here*rho_inverse"])
    with proof.cases("tau_positive", "tau(k) >= 0", on=between, assume="sign") as (more, less):
        more.use("value", "absolute_of_nonnegative", "sign", x=between)
        more.have("tau_positive", "tau(k) >= 0", ["quotient"], ["tau_value", "value"])
        less.use("value", "absolute_of_negative", "sign", x=between)
        less.have("tau_positive", "tau(k) >= 0", ["cap"], ["tau_value", "value"])
    proof.have("tau_most", f"tau(k) <= max({EXCESS}, 0)/{SIZE}", ["least_above", "least_below"], ["tau_value"])
    proof.have("tau_size", f"tau(k)*{SIZE} <= max({EXCESS}, 0)", ["tau_most*large"], ["size_one"])


def script(proof: Proof) -> None:
    """The distance changes by -2 tau <d, x - best> + tau^2 q, and <d, x - best> >= e."""
    proof.have("weight_left", "1 - beta >= 0", ["averaging"])
    convexity(proof)
    gain = f"{NEXT} <= {NOW} - tau(k)*{EXCESS}"
    for name, claim in (("progress", gain), ("gain", f"tau(k)*{EXCESS} >= 0")):
        with proof.fixing(name, f"forall k nat: {claim}") as inner:
            inner.use("average", "below", k="k")
            inner.use("true_here", "true_bound", k="k")
            moved(inner)
            with inner.cases(name, claim, on=f"0 - {SIZE}") as (still, moving):
                still.have("small", f"{SIZE} <= 0", ["case"])
                still.use("tau_value", "rest", "small", k="k")
                still.have(name, claim, [], ["tau_value", ("1", "all"), ("1", "split")])
                moving.have("large", f"{SIZE} > 0", ["case"])
                step_size(moving)
                with moving.cases(name, claim, on=EXCESS, assume="sign") as (more, less):
                    more.use("value", "absolute_of_nonnegative", "sign", x=f"{EXCESS} - 0")
                    products = ["tau_size*tau_positive", "average*tau_positive", "true_here*tau_positive"]
                    equations = ["value", ("1", "all"), ("1", "split")]
                    more.have(name, claim, [*products, "tau_positive*sign"], equations)
                    less.use("value", "absolute_of_negative", "sign", x=f"{EXCESS} - 0")
                    less.have("tau_none", "tau(k) <= 0", ["tau_most"], ["value"])
                    less.have(name, claim, [*products, "tau_none*sign"], equations)
    with proof.fixing("fejer", f"forall k nat: {NEXT} <= {NOW}") as inner:
        inner.use("step_gain", "gain", k="k")
        inner.use("step_progress", "progress", k="k")
        inner.have("nearer", f"{NEXT} <= {NOW}", ["step_gain", "step_progress"])


X = HALVES.replace("i*", "k*")


def shown(proof: Proof) -> None:
    """The loss max(x, 0) with caps x/2, from 1: x is halved again and again."""
    known_powers(proof)
    with proof.fixing("alpha_nonnegative", f"forall k nat: {X}/2 >= 0") as inner:
        inner.use("positive", "exp_positive", x="k*log(1/2)")
        inner.have("weak", f"{X}/2 >= 0", ["positive"])
    after = X.replace("k*", "(k + 1)*")
    with proof.fixing("step", f"forall k nat, i nat: {after} = {X} - {X}/2*1/1") as inner:
        inner.use("half_of", "halves", i="k")
        inner.have("now", f"{after} = {X} - {X}/2*1/1", [], ["half_of"])
    h, q = f"({X} + sum(i < 1, 1*{X}) - {X} - 1*0)", "sum(i < 1, 1^2/1)"
    rule = f"{X}/2 = min({X}/2/1, max({h}, 0)/{q})"
    with proof.fixing("rule", f"forall k nat: {q} > 0 => {rule}", "large") as inner:
        inner.use("positive", "exp_positive", x="k*log(1/2)")
        inner.linear("value", f"{h} = {X}")
        inner.linear("one", f"{q} = 1")
        inner.have("sign", f"{h} >= 0", ["positive"], [("1", "value")])
        inner.use("first", "absolute_of_nonnegative", "sign", x=f"{h} - 0")
        inner.congruent("unit", "one", f"max({h}, 0)/hole")
        between = f"{X}/2/1 - max({h}, 0)/{q}"
        inner.have("below", f"{between} < 0", ["positive"], ["unit", "first", ("1", "value")])
        inner.use("second", "absolute_of_negative", "below", x=between)
        inner.have("now", rule, [], ["second"])
    with proof.fixing("rest", f"forall k nat: {q} <= 0 => {X}/2 = 0", "small") as inner:
        inner.linear("one", f"{q} = 1")
        inner.have("false", "-1 >= 0", ["small"], ["one"])
        inner.have("negative", "-1 < 0")
        inner.use("same", "absolute_of_nonnegative", "false", x="-1")
        inner.use("other", "absolute_of_negative", "negative", x="-1")
        inner.have("now", f"{X}/2 = 0", [], [(X, "same"), (X, "other")])


THEOREM = Theorem(
    theorem="momo_never_moves_away_from_a_common_minimiser",
    title="MoMo never moves away from a common minimiser",
    says="""MoMo with momentum beta, any caps alpha(k)/rho(k) >= 0 and lower bounds for which rho(k) bound(k) is at
    least the average of the losses at a point best (for a common minimiser: with its true losses as bounds). If the
    losses are convex, every step comes nearer to best, in the metric D of the step, or stays as far: the squared
    distance falls by at least tau (h - rho bound) >= 0. The averages start with any weight first >= 0: 1, or 1 -
    beta.""",
    sources=["schaipp2024momo, Theorem 4.1"],
    variables={
        "n": "nat",
        "beta": "real",
        "first": "real",
        "best": "real(nat)",
        "f": "real(nat)",
        "value": "real(nat)",
        "fbar": "real(nat)",
        "gamma": "real(nat)",
        "floor": "real(nat)",
        "rho": "real(nat)",
        "bound": "real(nat)",
        "alpha": "real(nat)",
        "tau": "real(nat)",
        "g": "real(nat, nat)",
        "d": "real(nat, nat)",
        "x": "real(nat, nat)",
        "D": "real(nat)",
    },
    hypotheses={
        "forgetting": "beta >= 0",
        "averaging": "beta <= 1",
        "weight": "first >= 0",
        "D_positive": "forall i nat: D(i) > 0",
        "rho_positive": "forall k nat: rho(k) > 0",
        "alpha_nonnegative": "forall k nat: alpha(k) >= 0",
        "convex": "forall k nat: value(k) >= f(k) + sum(i < n, g(k, i)*(best(i) - x(k, i)))",
        "loss_start": "fbar(0) = first*f(0)",
        "gradient_start": "forall i nat: d(0, i) = first*g(0, i)",
        "product_start": "gamma(0) = first*sum(i < n, g(0, i)*x(0, i))",
        "floor_start": "floor(0) = first*value(0)",
        "losses": "forall k nat: fbar(k + 1) = beta*fbar(k) + (1 - beta)*f(k + 1)",
        "gradients": "forall k nat, i nat: d(k + 1, i) = beta*d(k, i) + (1 - beta)*g(k + 1, i)",
        "products": "forall k nat: gamma(k + 1) = beta*gamma(k) + (1 - beta)*sum(i < n, g(k + 1, i)*x(k + 1, i))",
        "floors": "forall k nat: floor(k + 1) = beta*floor(k) + (1 - beta)*value(k + 1)",
        "true_bound": "forall k nat: rho(k)*bound(k) >= floor(k)",
        "rule": f"forall k nat: {SIZE} > 0 => tau(k) = min(alpha(k)/rho(k), max({EXCESS}, 0)/{SIZE})",
        "rest": f"forall k nat: {SIZE} <= 0 => tau(k) = 0",
        "step": "forall k nat, i nat: x(k + 1, i) = x(k, i) - tau(k)*d(k, i)/D(i)",
    },
    claims={
        "progress": f"forall k nat: {NEXT} <= {NOW} - tau(k)*{EXCESS}",
        "gain": f"forall k nat: tau(k)*{EXCESS} >= 0",
        "fejer": f"forall k nat: {NEXT} <= {NOW}",
    },
    model={
        "n": "1",
        "beta": "0",
        "first": "1",
        "best": ["i", "0"],
        "f": ["k", X],
        "value": ["k", "0"],
        "fbar": ["k", X],
        "gamma": ["k", X],
        "floor": ["k", "0"],
        "rho": ["k", "1"],
        "bound": ["k", "0"],
        "alpha": ["k", f"{X}/2"],
        "tau": ["k", f"{X}/2"],
        "g": ["k", "i", "1"],
        "d": ["k", "i", "1"],
        "x": ["k", "i", X],
        "D": ["i", "1"],
    },
    shown=shown,
    script=script,
    instances=[
        momo_run("three steps", {"D": ["i", "1"]}),
        momo_run(
            "three steps that rest",
            {
                "D": ["i", "1"],
                "a": Table((("0", "0"),) * 4),
            },
            (),
        ),
    ],
)
