"""The regret of steps that come nearer to a point of a box, scaled by any numbers that grow.

The proof for AMSGrad after its projection (Reddi, Kale & Kumar 2018, Theorem 4), which projected steps and steps that
stay in the box both reach.
"""

from collections.abc import Mapping

from ..proving.instance import Given, Instance, Read, Recursion, Run, Table
from ..proving.positive import inverse
from ..proving.script import Proof, square
from ..proving.theorem import Theorem

WEIGHT = "s({t}, i)/alpha({t})"
AWAY = "(x({t}, i) - best(i))^2"
PRODUCT, NOISE = "g(t, i)*(x(t, i) - best(i))", "alpha(t)*g(t, i)^2/s(t, i)/2"
SIDE = "side(i)"
BOUND = f"sum(i < d, {SIDE}^2*s(m, i)/(2*alpha(m)) + sum(t < m + 1, {NOISE}))"


def one_step(proof: Proof) -> None:
    """g (x - best) is at most half the weight times the fall of the squared distance, and half the noise."""
    weight = WEIGHT.format(t="t")
    claim = f"{PRODUCT} <= {weight}/2*({AWAY.format(t='t')} - {AWAY.format(t='t + 1')}) + {NOISE}"
    with proof.fixing("steps", f"forall i nat, t nat: {claim}") as inner:
        inner.use("root", "positive", t="t", i="i")
        inner.use("rate", "rate_positive", t="t")
        inverse(inner, "s", "s(t, i)", "root")
        inverse(inner, "a", "alpha(t)", "rate")
        inner.use("nearer_here", "nearer", t="t", i="i")
        inner.have("stepped", claim, ["nearer_here*root*a_inverse"], ["s_one", "a_one"])


def coordinates(proof: Proof) -> None:
    """Summation by parts: the weights grow, and the distances stay below the side."""
    noise, product = f"sum(t < {{m}} + 1, {NOISE})", f"sum(t < {{m}} + 1, {PRODUCT})"
    claim = f"{product} <= {WEIGHT.replace('{t}', '{m}')}/2*({SIDE}^2 - {AWAY.replace('{t}', '{m} + 1')}) + {noise}"
    with proof.fixing("parts", f"forall i nat, k nat: {claim.format(m='k')}") as inner:
        with inner.induction("all", f"forall m nat: {claim.format(m='m')}") as (zero, following):
            zero.use("one", "steps", i="i", t="0")
            zero.use("close", "near", t="0", i="i")
            zero.use("root", "positive", t="0", i="i")
            zero.use("rate", "rate_positive", t="0")
            inverse(zero, "a", "alpha(0)", "rate")
            zero.linear("only", f"{product.format(m='0')} = {PRODUCT.replace('t,', '0,')}")
            zero.linear("only_noise", f"{noise.format(m='0')} = {NOISE.replace('(t', '(0')}")
            zero.have("now", claim.format(m="0"), ["one", "close*root*a_inverse"], ["only", "only_noise"])
            following.use("one", "steps", i="i", t="m + 1")
            following.use("close", "near", t="m + 1", i="i")
            for name, place in (("old", "m"), ("new", "m + 1")):
                following.use(f"{name}_root", "positive", t=place, i="i")
                following.use(f"{name}_rate", "rate_positive", t=place)
                inverse(following, f"{name}_a", f"alpha({place})", f"{name}_rate")
            following.use("grown", "grows", t="m", i="i")
            following.use("fallen", "rate_falls", t="m")
            over = "1/alpha(m) <= 1/alpha(m + 1)"
            following.have("over_grows", over, ["fallen*old_a_inverse*new_a_inverse"], ["old_a_one", "new_a_one"])
            weights = f"{WEIGHT.format(t='m')} <= {WEIGHT.format(t='m + 1')}"
            following.have("weights", weights, ["grown*new_a_inverse", "over_grows*old_root"])
            following.linear(
                "more", f"{product.format(m='m + 1')} = {product.format(m='m')} + {PRODUCT.replace('t,', 'm + 1,')}"
            )
            following.linear(
                "more_noise", f"{noise.format(m='m + 1')} = {noise.format(m='m')} + {NOISE.replace('(t', '(m + 1')}"
            )
            following.have("next", claim.format(m="m + 1"), ["before", "one", "weights*close"], ["more", "more_noise"])
        inner.use("here", "all", m="k")
    final = f"{product.format(m='m')} <= {SIDE}^2*s(m, i)/(2*alpha(m)) + {noise.format(m='m')}"
    with proof.fixing("coordinates", f"forall m nat, i nat: {final}") as inner:
        inner.use("here", "parts", i="i", k="m")
        inner.use("root", "positive", t="m", i="i")
        inner.use("rate", "rate_positive", t="m")
        inverse(inner, "a", "alpha(m)", "rate")
        inner.have("all", final, ["here", square("x(m + 1, i) - best(i)") * "root*a_inverse"])


def script(proof: Proof) -> None:
    """Coordinate by coordinate, and then all of them."""
    one_step(proof)
    coordinates(proof)
    by_time, by_coordinate = f"sum(t < m, sum(i < d, {PRODUCT}))", f"sum(i < d, sum(t < m, {PRODUCT}))"
    with proof.induction("swapped", f"forall m nat: {by_time} = {by_coordinate}") as (zero, following):
        zero.linear("now", f"{by_time} = {by_coordinate}".replace("t < m", "t < 0"))
        last = f"sum(i < d, {PRODUCT.replace('t,', 'm,')})"
        longer = [text.replace("t < m", "t < m + 1") for text in (by_time, by_coordinate)]
        following.linear("one", f"{longer[0]} = {by_time} + {last}")
        following.linear("two", f"{longer[1]} = {by_coordinate} + {last}")
        following.have("next", f"{longer[0]} = {longer[1]}", [], ["one", "two", "before"])
    with proof.fixing("regret", THEOREM.claims["regret"]) as inner:
        inner.add(
            "times", f"sum(t < m + 1, f(t) - value(t)) <= sum(t < m + 1, sum(i < d, {PRODUCT}))", "convex", "m + 1"
        )
        final = f"sum(t < m + 1, {PRODUCT}) <= {SIDE}^2*s(m, i)/(2*alpha(m)) + sum(t < m + 1, {NOISE})"
        with inner.fixing("each", f"forall i nat: {final}") as here:
            here.use("bound", "coordinates", m="m", i="i")
        inner.add("all", f"sum(i < d, sum(t < m + 1, {PRODUCT})) <= {BOUND}", "each", "d")
        inner.use("order", "swapped", m="m + 1")
        inner.have("regret", THEOREM.claims["regret"].split(": ")[1], ["times", "all"], ["order"])


AMSGRAD: Mapping[str, Given] = {
    "d": "2",
    "eta": ["t", "1/(t + 1)/4"],
    "q": Recursion(("t",), "1", "3/4*q(t)"),
    "alpha": ["t", "eta(t)*sqrt(1 - q(t + 1))"],
    "best": ["i", "9 - 18*i"],
    "g": Table((("-1", "2"), ("-3", "1"), ("-1/2", "3"), ("-1", "1/4"), ("-2", "1"))),
    "f": ["t", "sum(i < d, g(t, i)*x(t, i))"],
    "value": ["t", "sum(i < d, g(t, i)*best(i))"],
}
"""Torch's AMSGrad without eps, its bias correction in alpha, on linear losses that drive it away from best."""


def amsgrad(reads: Mapping[str, Read]) -> Run:
    """The run that these values are of."""
    return Run(
        "adam@amsgrad=raw",
        {"eta": "eta(t)", "beta1": "0", "beta2": "3/4", "eps": "0"},
        "g(t, i)",
        ("1", "-2"),
        5,
        reads,
        torch="Adam",
        options={"amsgrad": True},
    )


THEOREM = Theorem(
    theorem="steps_that_come_nearer_have_bounded_regret",
    title="Steps that come nearer have bounded regret",
    says="""Let every coordinate of x move at least as near to best as x - alpha g/s is, with s that grow and alpha that
    do not, and stay within side of best. On convex losses the regret of the first T = m + 1 steps against best is at
    most the sum over the coordinates of side^2 s_T/(2 alpha_T) plus the sum of alpha_t g_t^2/(2 s_t).""",
    sources=["reddi2018convergence, Theorem 4"],
    variables={
        "d": "nat",
        **{name: "real(nat)" for name in ("alpha", "f", "value", "best", "side")},
        **{name: "real(nat, nat)" for name in ("x", "g", "s")},
    },
    hypotheses={
        "rate_positive": "forall t nat: alpha(t) > 0",
        "rate_falls": "forall t nat: alpha(t + 1) <= alpha(t)",
        "positive": "forall t nat, i nat: s(t, i) > 0",
        "grows": "forall t nat, i nat: s(t, i) <= s(t + 1, i)",
        "near": f"forall t nat, i nat: {AWAY.format(t='t')} <= {SIDE}^2",
        "nearer": f"forall t nat, i nat: {AWAY.format(t='t + 1')} <= (x(t, i) - alpha(t)*g(t, i)/s(t, i) - best(i))^2",
        "convex": f"forall t nat: f(t) - value(t) <= sum(i < d, {PRODUCT})",
    },
    claims={"regret": f"forall m nat: sum(t < m + 1, f(t) - value(t)) <= {BOUND}"},
    model={
        "d": "1",
        **{name: ["t", "1"] for name in ("alpha", "f", "side")},
        **{name: ["t", "0"] for name in ("value", "best")},
        **{name: ["t", "i", "1"] for name in ("x", "s")},
        "g": ["t", "i", "2"],
    },
    script=script,
    instances=[
        Instance(
            "AMSGrad far from the ends",
            {
                **AMSGRAD,
                "side": ["i", "18"],
                "s": ["t", "i", "sqrt(vhat(t, i))"],
            },
            naturals={"": 5, "i": 2},
            run=amsgrad({"x": Read("theta"), "vhat": Read("v_max", shift=1)}),
        ),
        Instance(
            "steps projected onto [-1, 1], where they stay a side away",
            {
                "d": "2",
                "alpha": ["t", "3/(t + 2)"],
                "best": ["i", "1 - 2*i"],
                "side": ["i", "2"],
                "s": Table((("1", "1/2"), ("1", "3/4"), ("2", "3/4"), ("5/2", "3"))),
                "g": Table((("3", "-1"), ("1", "-2"), ("-1", "1/2"), ("2", "3"))),
                "x": Recursion(("t", "i"), "1/2 - i", "max(-1, min(1, x(t, i) - alpha(t)*g(t, i)/s(t, i)))"),
                "f": ["t", "sum(i < d, g(t, i)*x(t, i))"],
                "value": ["t", "sum(i < d, g(t, i)*best(i)) + t/5"],
            },
            naturals={"": 4, "i": 2},
        ),
    ],
)
