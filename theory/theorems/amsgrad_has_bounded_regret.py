"""The regret of AMSGrad with beta1 = 0 on convex losses over a box (Reddi, Kale & Kumar 2018, Theorem 4)."""

from ..proving.instance import Instance, Read
from ..proving.script import Proof
from ..proving.theorem import Theorem
from . import steps_that_come_nearer_have_bounded_regret as steps

PROJECT, ROOTS = "projections_onto_intervals_move_nearer", "orders_on_every_outcome"
OF_ROOTS = "forall Y rand, Z rand: Y >= 0, Y <= Z => sqrt(Y) <= sqrt(Z)"
Y = "x(t, i) - alpha(t)*g(t, i)/sqrt(vhat(t, i))"
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
    with proof.fixing("roots", "forall t nat, i nat: sqrt(vhat(t, i)) > 0") as inner:
        inner.use("value", "v_positive", i="i", s="t")
        inner.use("root", "root_positive", "value", x="vhat(t, i)")
    with proof.fixing("roots_grow", "forall t nat, i nat: sqrt(vhat(t, i)) <= sqrt(vhat(t + 1, i))") as inner:
        inner.use("value", "v_positive", i="i", s="t")
        inner.have("weak", "vhat(t, i) >= 0", ["value"])
        inner.use("grown", "v_grows", t="t", i="i")
        inner.use("root_grows", "of_roots", "weak", "grown", Y="vhat(t, i)", Z="vhat(t + 1, i)")


def inside(proof: Proof) -> None:
    """All points stay in the box, are at most a side away from best, and come nearer to it."""
    values = {"p": "x(t + 1, i)", "y": Y, "b": "best(i)", "low": "low(i)", "high": "high(i)"}
    claim = f"{AWAY.format(t='s')} <= {SIDE}^2"
    with proof.fixing("near", f"forall s nat, i nat: {claim}") as inner:
        inner.use("left", "best_low", i="i")
        inner.use("right", "best_high", i="i")
        for name, said in (("low", "x(t, i) >= low(i)"), ("high", "x(t, i) <= high(i)")):
            with inner.induction(f"{name}_all", f"forall t nat: {said}") as (zero, following):
                zero.use("now", f"start_{name}", i="i")
                following.use("moved", "step", t="t", i="i")
                following.lemma("now", said.replace("t,", "t + 1,"), PROJECT, ["moved", "left", "right"], values)
            inner.use(f"{name}_here", f"{name}_all", t="s")
        inner.have("one", f"{SIDE} - (x(s, i) - best(i)) >= 0", ["high_here", "left"])
        inner.have("two", f"{SIDE} + (x(s, i) - best(i)) >= 0", ["low_here", "right"])
        inner.have("near", claim, ["one*two"])
    nearer = f"{AWAY.format(t='t + 1')} <= ({Y} - best(i))^2"
    with proof.fixing("nearer", f"forall t nat, i nat: {nearer}") as inner:
        inner.use("left", "best_low", i="i")
        inner.use("right", "best_high", i="i")
        inner.use("moved", "step", t="t", i="i")
        inner.lemma("now", nearer, PROJECT, ["moved", "left", "right"], values)


def script(proof: Proof) -> None:
    """Projections come nearer to all points of the box; the rest is known for such steps."""
    proof.lemma("of_roots", OF_ROOTS, ROOTS, [], {})
    scales(proof)
    inside(proof)
    values: dict[str, str | list[str]] = {
        "d": "d",
        **{name: ["t", f"{name}(t)"] for name in ("alpha", "f", "value", "best")},
    }
    values |= {"side": ["i", SIDE], "s": ["t", "i", "sqrt(vhat(t, i))"]}
    values |= {name: ["t", "i", f"{name}(t, i)"] for name in ("x", "g")}
    facts = ["rate_positive", "rate_falls", "roots", "roots_grow", "near", "nearer", "convex"]
    proof.lemma("regret", THEOREM.claims["regret"], steps.THEOREM.theorem, facts, values)


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
    lemmas=[PROJECT, ROOTS, steps.THEOREM.theorem],
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
                **steps.AMSGRAD,
                "low": ["i", "-9"],
                "high": ["i", "9"],
            },
            naturals={"": 5, "i": 2},
            run=steps.amsgrad({"x": Read("theta"), "v": Read("v", shift=1), "vhat": Read("v_max", shift=1)}),
            wrong=("adam@amsgrad=corrected", "adam@amsgrad=raw,correction=none"),
        )
    ],
)
