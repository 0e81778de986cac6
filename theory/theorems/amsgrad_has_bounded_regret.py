"""The regret of AMSGrad with beta1 = 0 on convex losses over a box (Reddi, Kale & Kumar 2018, Theorem 4)."""

from ..proving.instance import Instance, Read, Recursion, Run, Table
from ..proving.positive import inverse
from ..proving.script import Proof, square
from ..proving.theorem import Theorem

PROJECT, ROOTS = "projections_onto_intervals_move_nearer", "orders_on_every_outcome"
OF_ROOTS = "forall Y rand, Z rand: Y >= 0, Y <= Z => sqrt(Y) <= sqrt(Z)"
Y = "x(t, i) - alpha(t)*g(t, i)/sqrt(vhat(t, i))"
WEIGHT = "sqrt(vhat({t}, i))/alpha({t})"
AWAY = "(x({t}, i) - best(i))^2"
PRODUCT, NOISE = "g(t, i)*(x(t, i) - best(i))", "alpha(t)*g(t, i)^2/sqrt(vhat(t, i))/2"
SIDE = "(high(i) - low(i))"
BOUND = f"sum(i < d, {SIDE}^2*sqrt(vhat(m, i))/(2*alpha(m)) + sum(t < m + 1, {NOISE}))"


def scales(proof: Proof) -> None:
    """The largest v so far is positive and grows."""
    with proof.fixing("v_grows", "forall t nat, i nat: vhat(t, i) <= vhat(t + 1, i)") as inner:
        inner.use("largest", "maximum", t="t", i="i")
        inner.use("distance", "absolute_below", x="vhat(t, i) - v(t + 1, i)")
        inner.use("other", "absolute_above", x="vhat(t, i) - v(t + 1, i)")
        inner.have("more", "vhat(t, i) <= vhat(t + 1, i)", ["distance", "other"], ["largest"])
    with proof.fixing("v_positive", "forall i nat, s nat: vhat(s, i) > 0") as inner:
        with inner.induction("all", "forall t nat: vhat(t, i) > 0") as (zero, following):
            zero.use("now", "start", i="i")
            following.use("grown", "v_grows", t="t", i="i")
            following.have("now", "vhat(t + 1, i) > 0", ["before", "grown"])
        inner.use("here", "all", t="s")
    with proof.fixing("roots", "forall i nat, t nat: sqrt(vhat(t, i)) > 0") as inner:
        inner.use("value", "v_positive", i="i", s="t")
        inner.use("root", "root_positive", "value", x="vhat(t, i)")


def one_step(proof: Proof) -> None:
    """g (x - best) is at most half the weight times the fall of the squared distance, and half the noise."""
    weight = WEIGHT.format(t="t")
    claim = f"{PRODUCT} <= {weight}/2*({AWAY.format(t='t')} - {AWAY.format(t='t + 1')}) + {NOISE}"
    with proof.fixing("steps", f"forall i nat, t nat: {claim}") as inner:
        inner.use("root", "roots", i="i", t="t")
        inner.use("rate", "rate_positive", t="t")
        inverse(inner, "s", "sqrt(vhat(t, i))", "root")
        inverse(inner, "a", "alpha(t)", "rate")
        inner.use("left", "best_low", i="i")
        inner.use("right", "best_high", i="i")
        inner.use("moved", "step", t="t", i="i")
        values = {"p": "x(t + 1, i)", "y": Y, "b": "best(i)", "low": "low(i)", "high": "high(i)"}
        nearer = f"{AWAY.format(t='t + 1')} <= ({Y} - best(i))^2"
        inner.lemma("nearer", nearer, PROJECT, ["moved", "left", "right"], values)
        inner.have("stepped", claim, ["nearer*root*a_inverse"], ["s_one", "a_one"])


def inside(proof: Proof) -> None:
    """All points stay in the box, and are at most a side away from best."""
    claim = f"{AWAY.format(t='s')} <= {SIDE}^2"
    with proof.fixing("near", f"forall i nat, s nat: {claim}") as inner:
        inner.use("left", "best_low", i="i")
        inner.use("right", "best_high", i="i")
        for name, said in (("low", "x(t, i) >= low(i)"), ("high", "x(t, i) <= high(i)")):
            with inner.induction(f"{name}_all", f"forall t nat: {said}") as (zero, following):
                zero.use("now", f"start_{name}", i="i")
                following.use("moved", "step", t="t", i="i")
                values = {"p": "x(t + 1, i)", "y": Y, "b": "best(i)", "low": "low(i)", "high": "high(i)"}
                following.lemma("now", said.replace("t,", "t + 1,"), PROJECT, ["moved", "left", "right"], values)
            inner.use(f"{name}_here", f"{name}_all", t="s")
        inner.have("one", f"{SIDE} - (x(s, i) - best(i)) >= 0", ["high_here", "left"])
        inner.have("two", f"{SIDE} + (x(s, i) - best(i)) >= 0", ["low_here", "right"])
        inner.have("near", claim, ["one*two"])


def coordinates(proof: Proof) -> None:
    """Summation by parts: the weights grow, and the distances stay below the side."""
    noise, product = f"sum(t < {{m}} + 1, {NOISE})", f"sum(t < {{m}} + 1, {PRODUCT})"
    claim = f"{product} <= {WEIGHT.replace('{t}', '{m}')}/2*({SIDE}^2 - {AWAY.replace('{t}', '{m} + 1')}) + {noise}"
    with proof.fixing("parts", f"forall i nat, s nat: {claim.format(m='s')}") as inner:
        with inner.induction("all", f"forall m nat: {claim.format(m='m')}") as (zero, following):
            zero.use("one", "steps", i="i", t="0")
            zero.use("close", "near", i="i", s="0")
            zero.use("root", "roots", i="i", t="0")
            zero.use("rate", "rate_positive", t="0")
            inverse(zero, "a", "alpha(0)", "rate")
            zero.linear("only", f"{product.format(m='0')} = {PRODUCT.replace('t,', '0,')}")
            zero.linear("only_noise", f"{noise.format(m='0')} = {NOISE.replace('(t', '(0')}")
            zero.have("now", claim.format(m="0"), ["one", "close*root*a_inverse"], ["only", "only_noise"])
            following.use("one", "steps", i="i", t="m + 1")
            following.use("close", "near", i="i", s="m + 1")
            for name, place in (("old", "m"), ("new", "m + 1")):
                following.use(f"{name}_root", "roots", i="i", t=place)
                following.use(f"{name}_rate", "rate_positive", t=place)
                inverse(following, f"{name}_a", f"alpha({place})", f"{name}_rate")
                following.use(f"{name}_v", "v_positive", i="i", s=place)
            following.have("old_weak", "vhat(m, i) >= 0", ["old_v"])
            following.use("grown", "v_grows", t="m", i="i")
            following.use("root_grows", "of_roots", "old_weak", "grown", Y="vhat(m, i)", Z="vhat(m + 1, i)")
            following.use("fallen", "rate_falls", t="m")
            over = "1/alpha(m) <= 1/alpha(m + 1)"
            following.have("over_grows", over, ["fallen*old_a_inverse*new_a_inverse"], ["old_a_one", "new_a_one"])
            weights = f"{WEIGHT.format(t='m')} <= {WEIGHT.format(t='m + 1')}"
            following.have("weights", weights, ["root_grows*new_a_inverse", "over_grows*old_root"])
            following.linear(
                "more", f"{product.format(m='m + 1')} = {product.format(m='m')} + {PRODUCT.replace('t,', 'm + 1,')}"
            )
            following.linear(
                "more_noise", f"{noise.format(m='m + 1')} = {noise.format(m='m')} + {NOISE.replace('(t', '(m + 1')}"
            )
            following.have("next", claim.format(m="m + 1"), ["before", "one", "weights*close"], ["more", "more_noise"])
        inner.use("here", "all", m="s")
    final = f"{product.format(m='m')} <= {SIDE}^2*sqrt(vhat(m, i))/(2*alpha(m)) + {noise.format(m='m')}"
    with proof.fixing("coordinates", f"forall m nat, i nat: {final}") as inner:
        inner.use("here", "parts", i="i", s="m")
        inner.use("root", "roots", i="i", t="m")
        inner.use("rate", "rate_positive", t="m")
        inverse(inner, "a", "alpha(m)", "rate")
        inner.have("all", final, ["here", square("x(m + 1, i) - best(i)") * "root*a_inverse"])


def script(proof: Proof) -> None:
    """Coordinate by coordinate, and then all of them."""
    proof.lemma("of_roots", OF_ROOTS, ROOTS, [], {})
    scales(proof)
    one_step(proof)
    inside(proof)
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
        final = f"sum(t < m + 1, {PRODUCT}) <= {SIDE}^2*sqrt(vhat(m, i))/(2*alpha(m)) + sum(t < m + 1, {NOISE})"
        with inner.fixing("each", f"forall i nat: {final}") as here:
            here.use("bound", "coordinates", m="m", i="i")
        inner.add("all", f"sum(i < d, sum(t < m + 1, {PRODUCT})) <= {BOUND}", "each", "d")
        inner.use("order", "swapped", m="m + 1")
        inner.have("regret", THEOREM.claims["regret"].split(": ")[1], ["times", "all"], ["order"])


def shown(proof: Proof) -> None:
    """The loss x at the left end of [0, 1], which it does not leave."""
    proof.have("none", "0 >= 0")
    proof.use("equal", "absolute_of_nonnegative", "none", x="1 - 1")
    with proof.fixing("maximum", "forall t nat, i nat: 1 = max(1, 1)") as inner:
        inner.have("now", "1 = max(1, 1)", [], ["equal"])
    proof.have("one", "1 > 0")
    proof.use("root", "root_positive", "one", x="1")
    proof.use("inverse", "reciprocal_positive", "root", x="sqrt(1)")
    there = "0 - 1*1/sqrt(1)"
    proof.have("first_sign", f"1 - ({there}) >= 0", ["inverse"])
    proof.use("first", "absolute_of_nonnegative", "first_sign", x=f"1 - ({there})")
    proof.have("second_sign", f"0 - min(1, {there}) >= 0", ["inverse"], ["first"])
    proof.use("second", "absolute_of_nonnegative", "second_sign", x=f"0 - min(1, {there})")
    with proof.fixing("step", f"forall t nat, i nat: 0 = max(0, min(1, {there}))") as inner:
        inner.have("now", f"0 = max(0, min(1, {there}))", [], ["second", "first"])


THEOREM = Theorem(
    theorem="amsgrad_has_bounded_regret",
    title="AMSGrad has bounded regret",
    says="""AMSGrad with beta1 = 0 and any averages v, on convex losses over a box, with learning rates alpha that do
    not increase: vhat is the largest v so far, and each step is projected onto the box. Its regret against any point
    best of the box is, for every T = m + 1, at most the sum over the coordinates of side^2 sqrt(vhat_T)/(2 alpha_T)
    plus the sum of alpha_t g_t^2/(2 sqrt(vhat_t)). The published proof for beta1 > 0 is disputed; this one is not
    concerned.""",
    sources=["reddi2018convergence, Theorem 4"],
    variables={
        "d": "nat",
        "alpha": "real(nat)",
        "f": "real(nat)",
        "value": "real(nat)",
        "best": "real(nat)",
        "low": "real(nat)",
        "high": "real(nat)",
        "x": "real(nat, nat)",
        "g": "real(nat, nat)",
        "v": "real(nat, nat)",
        "vhat": "real(nat, nat)",
    },
    hypotheses={
        "rate_positive": "forall t nat: alpha(t) > 0",
        "rate_falls": "forall t nat: alpha(t + 1) <= alpha(t)",
        "best_low": "forall i nat: low(i) <= best(i)",
        "best_high": "forall i nat: best(i) <= high(i)",
        "start_low": "forall i nat: x(0, i) >= low(i)",
        "start_high": "forall i nat: x(0, i) <= high(i)",
        "convex": f"forall t nat: f(t) - value(t) <= sum(i < d, {PRODUCT})",
        "start": "forall i nat: vhat(0, i) > 0",
        "maximum": "forall t nat, i nat: vhat(t + 1, i) = max(vhat(t, i), v(t + 1, i))",
        "step": f"forall t nat, i nat: x(t + 1, i) = max(low(i), min(high(i), {Y}))",
    },
    claims={"regret": f"forall m nat: sum(t < m + 1, f(t) - value(t)) <= {BOUND}"},
    lemmas=[PROJECT, ROOTS],
    model={
        "d": "1",
        **{name: ["t", "1"] for name in ("alpha", "value", "best", "high")},
        **{name: ["t", "0"] for name in ("f", "low")},
        **{name: ["t", "i", "1"] for name in ("g", "v", "vhat")},
        "x": ["t", "i", "0"],
    },
    shown=shown,
    script=script,
    instances=[
        Instance(
            "four steps of two coordinates, far from the ends",
            {
                "d": "2",
                "eta": ["t", "1/(t + 1)/4"],
                "q": Recursion(("t",), "1", "3/4*q(t)"),
                "alpha": ["t", "eta(t)*sqrt(1 - q(t + 1))"],
                "low": ["i", "-9"],
                "high": ["i", "9"],
                "best": ["i", "9 - 18*i"],
                "g": Table((("-1", "2"), ("-3", "1"), ("-1/2", "3"), ("-1", "1/4"), ("-2", "1"))),
                "f": ["t", "sum(i < d, g(t, i)*x(t, i))"],
                "value": ["t", "sum(i < d, g(t, i)*best(i))"],
            },
            naturals={"": 5, "i": 2},
            run=Run(
                "adam@amsgrad=raw",
                {"eta": "eta(t)", "beta1": "0", "beta2": "3/4", "eps": "0"},
                "g(t, i)",
                ("1", "-2"),
                5,
                {"x": Read("theta"), "v": Read("v", shift=1), "vhat": Read("v_max", shift=1)},
                torch="Adam",
                options={"amsgrad": True},
            ),
            wrong=("adam@amsgrad=corrected", "adam@amsgrad=raw,correction=none"),
        )
    ],
)
