"""The powers of a number from 0 to 1 stay there and do not increase."""

from ..proving.instance import Instance, Recursion, Table
from ..proving.script import Proof
from ..proving.theorem import Theorem


def script(proof: Proof) -> None:
    """By induction; p(t + 1) = b p(t) <= b."""
    with proof.induction("at_least_0", "forall t nat: p(t) >= 0") as (zero, following):
        zero.have("start", "p(0) >= 0", (), ["first"])
        following.use("next", "powers", i="t")
        following.have("step", "p(t + 1) >= 0", ["lower*before"], ["next"])
    with proof.induction("at_most_1", "forall t nat: p(t) <= 1") as (zero, following):
        zero.have("start", "p(0) <= 1", (), ["first"])
        following.use("next", "powers", i="t")
        following.have("step", "p(t + 1) <= 1", ["lower*before", "upper"], ["next"])
    with proof.fixing("later", "forall t nat: p(t + 1) <= b") as inner:
        inner.use("next", "powers", i="t")
        inner.use("below", "at_most_1", t="t")
        inner.have("step", "p(t + 1) <= b", ["lower*below"], ["next"])
    with proof.fixing("decreasing", "forall t nat: p(t + 1) <= p(t)") as inner:
        inner.use("next", "powers", i="t")
        inner.use("sign", "at_least_0", t="t")
        inner.have("gap", "1 - b >= 0", ["upper"])
        inner.have("step", "p(t + 1) <= p(t)", ["gap*sign"], ["next"])


HALVES = "exp(i*log(1/2))"
"""The powers of 1/2 as a term, for models."""


def known_powers(proof: Proof) -> None:
    """For models with HALVES: `halves_start`, the rule `halves`, and `halves_later`: at most 1/2 from 1 on."""
    proof.have("half_positive", "1/2 > 0")
    proof.use("half", "exp_of_log", "half_positive", x="1/2")
    proof.use("halves_start", "exp_of_zero")
    with proof.fixing("halves", "forall i nat: exp((i + 1)*log(1/2)) = 1/2*exp(i*log(1/2))") as inner:
        inner.use("split", "exp_of_sum", x="i*log(1/2)", y="log(1/2)")
        inner.have("done", "exp((i + 1)*log(1/2)) = 1/2*exp(i*log(1/2))", (), ["split", "half"])
    with proof.induction("halves_later", "forall i nat: exp((i + 1)*log(1/2)) <= 1/2") as (zero, following):
        zero.have("start", "exp((0 + 1)*log(1/2)) <= 1/2", (), ["half"])
        following.use("next", "halves", i="i + 1")
        following.have("step", "exp((i + 1 + 1)*log(1/2)) <= 1/2", ["before"], ["next"])


THEOREM = Theorem(
    theorem="powers_of_a_fraction",
    title="The powers of a fraction",
    says="If 0 <= b <= 1, the powers p(t) = b^t lie between 0 and 1, do not increase, and are at most b from t = 1 on.",
    variables={"b": "real", "p": "real(nat)"},
    hypotheses={
        "lower": "b >= 0",
        "upper": "b <= 1",
        "first": "p(0) = 1",
        "powers": "forall i nat: p(i + 1) = b*p(i)",
    },
    claims={
        "at_least_0": "forall t nat: p(t) >= 0",
        "at_most_1": "forall t nat: p(t) <= 1",
        "later": "forall t nat: p(t + 1) <= b",
        "decreasing": "forall t nat: p(t + 1) <= p(t)",
    },
    model={"b": "1", "p": ["i", "1"]},
    script=script,
    instances=[
        Instance("powers of 2/3", {"b": "2/3", "p": Recursion(("i",), "1", "b*p(i)")}, naturals={"": 6}),
        Instance("powers of 0", {"b": "0", "p": Table(("1", "0", "0", "0"))}),
    ],
)
