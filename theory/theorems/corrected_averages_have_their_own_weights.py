"""Bias correction is a schedule of the averages' weights: theta_t = beta (1 - beta^(t-1))/(1 - beta^t).

Adam's corrected moments are Generic Adam's moments (Zou et al. 2019) with these weights; the first one is 0.
"""

from ..proving.instance import Instance, Recursion, Run, Table, along
from ..proving.script import Proof
from ..proving.theorem import Theorem
from .powers_of_a_fraction import HALVES, known_powers

NEW = "1/(1 - p(t + 1))"
WEIGHT = "beta*(1 - p(t))/(1 - p(t + 1))"


def recursion(t: str) -> str:
    """The corrected average after step t + 1 from the one before."""
    weight = f"beta*(1 - p({t}))/(1 - p({t} + 1))"
    return f"x({t} + 1)/(1 - p({t} + 1)) = {weight}*(x({t})/(1 - p({t}))) + (1 - {weight})*y({t} + 1)"


def script(proof: Proof) -> None:
    """1 - beta^t = beta (1 - beta^(t-1)) + 1 - beta; where t is 0, x is 0."""
    proof.have("upper", "beta <= 1", ["below_1"])
    for name, claim in (
        ("at_least_0", "forall t nat: p(t) >= 0"),
        ("at_most_1", "forall t nat: p(t) <= 1"),
        ("later", "forall t nat: p(t + 1) <= beta"),
    ):
        hypotheses = ["lower", "upper", "p_start", "p_next"]
        proof.lemma(name, claim, "powers_of_a_fraction", hypotheses, {"b": "beta", "p": ["i", "p(i)"]})
    with proof.fixing("known", "forall t nat: (1 - p(t + 1))*(1/(1 - p(t + 1))) = 1") as inner:
        positive(inner)
        inner.use("unit", "reciprocal", "apart", x="1 - p(t + 1)")
    with proof.induction("average", "forall t nat: " + recursion("t")) as (zero, following):
        zero.use("unit", "known", t="0")
        zero.use("next", "averages", i="0")
        zero.use("power", "p_next", i="0")
        zero.have("start", recursion("0"), (), ["next", "power", "x_start", ("y(0 + 1)", "unit"), "p_start"])
        following.use("unit", "known", t="t + 1")
        following.use("before_unit", "known", t="t")
        following.use("next", "averages", i="t + 1")
        following.use("power", "p_next", i="t + 1")
        new = "1/(1 - p(t + 1 + 1))"
        following.have(
            "step",
            recursion("t + 1"),
            (),
            [
                (new, "next"),
                (f"{new}*beta*x(t + 1)", "before_unit"),
                ("y(t + 2)", "unit"),
                (f"y(t + 2)*{new}", "power"),
            ],
        )
    with proof.fixing("at_most", f"forall t nat: {WEIGHT} <= beta") as inner:
        positive(inner)
        inner.use("unit", "known", t="t")
        inner.use("sign", "at_least_0", t="t")
        inner.use("power", "p_next", i="t")
        inner.have("gap", "1 - beta >= 0", ["below_1"])
        inner.have(
            "done", f"{WEIGHT} <= beta", ["lower*gap*sign*inverse"], [("beta", "unit"), (f"beta*{NEW}", "power")]
        )
    with proof.fixing("at_least", f"forall t nat: {WEIGHT} >= beta - beta*p(t)") as inner:
        positive(inner)
        inner.use("unit", "known", t="t")
        inner.use("most", "at_most_1", t="t")
        inner.use("sign", "at_least_0", t="t + 1")
        inner.have("left", "1 - p(t) >= 0", ["most"])
        inner.have("done", f"{WEIGHT} >= beta - beta*p(t)", ["lower*left*sign*inverse"], [("beta*(1 - p(t))", "unit")])
    with proof.fixing("rest", f"forall t nat: 1 - {WEIGHT} = (1 - beta)/(1 - p(t + 1))") as inner:
        inner.use("unit", "known", t="t")
        inner.use("power", "p_next", i="t")
        inner.have("done", f"1 - {WEIGHT} = (1 - beta)/(1 - p(t + 1))", (), [("1", "unit"), (NEW, "power")])
    proof.use("first_unit", "known", t="0")
    proof.use("first_power", "p_next", i="0")
    proof.use("first_average", "averages", i="0")
    proof.have(
        "first",
        "x(1)/(1 - p(1)) = y(1)",
        (),
        ["first_average", "first_power", "x_start", ("y(1)", "first_unit"), "p_start"],
    )


def positive(inner: Proof) -> None:
    """1 - beta^(t + 1) > 0."""
    inner.use("power_below", "later", t="t")
    inner.have("positive", "1 - p(t + 1) > 0", ["power_below", "below_1"])
    inner.use("inverse", "reciprocal_positive", "positive", x="1 - p(t + 1)")
    inner.use("apart", "positive_is_apart", "positive", x="1 - p(t + 1)")


def shown(proof: Proof) -> None:
    """The average of ones is 1 - beta^t."""
    known_powers(proof)
    step = "1 - exp((i + 1)*log(1/2)) = 1/2*(1 - exp(i*log(1/2))) + (1 - 1/2)*1"
    with proof.fixing("averages", f"forall i nat: {step}") as inner:
        inner.use("next", "halves", i="i")
        inner.have("done", step, (), ["next"])
    proof.have("start", "1 - exp(0*log(1/2)) = 0", (), ["halves_start"])


THEOREM = Theorem(
    theorem="corrected_averages_have_their_own_weights",
    title="Bias correction is a schedule of weights",
    says="""An average x of y, with weight beta < 1 and from 0, divided by 1 - beta^t, is an average of y with weights
    theta_t = beta (1 - beta^(t-1))/(1 - beta^t): the first is 0, and beta - beta beta^(t-1) <= theta_t <= beta. With
    y = g and y = g^2 these are Adam's corrected moments. Here p(t) is beta^t.""",
    sources=["zou2019sufficient, Algorithm 1", "kingma2015adam, Section 3"],
    variables={"beta": "real", "p": "real(nat)", "x": "real(nat)", "y": "real(nat)"},
    hypotheses={
        "lower": "beta >= 0",
        "below_1": "beta < 1",
        "p_start": "p(0) = 1",
        "p_next": "forall i nat: p(i + 1) = beta*p(i)",
        "x_start": "x(0) = 0",
        "averages": "forall i nat: x(i + 1) = beta*x(i) + (1 - beta)*y(i + 1)",
    },
    claims={
        "first": "x(1)/(1 - p(1)) = y(1)",
        "average": "forall t nat: " + recursion("t"),
        "rest": f"forall t nat: 1 - {WEIGHT} = (1 - beta)/(1 - p(t + 1))",
        "at_most": f"forall t nat: {WEIGHT} <= beta",
        "at_least": f"forall t nat: {WEIGHT} >= beta - beta*p(t)",
    },
    lemmas=["powers_of_a_fraction"],
    model={
        "beta": "1/2",
        "p": ["i", HALVES],
        "x": ["t", "1 - exp(t*log(1/2))"],
        "y": ["t", "1"],
    },
    script=script,
    shown=shown,
    instances=[
        Instance(
            "Adam's first moment in six steps",
            {
                "beta": "1/2",
                "p": Recursion(("i",), "1", "beta*p(i)"),
                "y": Table(("0", "1", "-2", "1/2", "0", "3", "-1/4")),
            },
            naturals={"": 7},
            run=Run("adam", {"beta1": "beta"}, "y(t + 1)", ("1",), 6, {"x": along("m")}, torch="Adam"),
        )
    ],
)
