"""Absolute values of random variables on every outcome, and of means: what bounds both signs bounds the size."""

from ..proving.instance import Instance
from ..proving.script import Proof
from ..proving.theorem import Theorem

CLAIMS = {
    "both_signs": "forall Y rand, Z rand: Y <= Z, -Y <= Z => abs(Y) <= Z",
    "mean_size": "forall W rand, Y rand, Z rand: W >= 0, abs(Y) <= Z => abs(E(W*Y)) <= E(W*Z)",
}


def both_signs(proof: Proof) -> None:
    """|Y| is Y or -Y."""
    with (
        proof.fixing("both_signs", CLAIMS["both_signs"], "above", "below") as fixed,
        fixed.cases("size", "abs(Y) <= Z", on="Y") as (positive, negative),
    ):
        positive.use("plain", "absolute_of_nonnegative", "case", x="Y")
        positive.have("size", "abs(Y) <= Z", ["above"], ["plain"])
        negative.use("turned", "absolute_of_negative", "case", x="Y")
        negative.have("size", "abs(Y) <= Z", ["below"], ["turned"])


def script(proof: Proof) -> None:
    """|Y| is Y or -Y; both times W are at most W Z, also on average."""
    both_signs(proof)
    with proof.fixing("mean_size", CLAIMS["mean_size"], "sign", "size") as fixed:
        fixed.use("above", "absolute_above", x="Y")
        fixed.use("below", "absolute_below", x="Y")
        fixed.have("upper", "W*Y <= W*Z", ["sign*size", "sign*above"])
        fixed.have("lower", "-W*Y <= W*Z", ["sign*size", "sign*below"])
        fixed.mean("mean_upper", "E(W*Y) <= E(W*Z)", "upper")
        fixed.mean("mean_lower", "-E(W*Y) <= E(W*Z)", "lower")
        fixed.use("mean_size", "both_signs", "mean_upper", "mean_lower", Y="E(W*Y)", Z="E(W*Z)")


def sizes(proof: Proof) -> None:
    """The claims as facts of another proof."""
    for name, claim in CLAIMS.items():
        proof.lemma(name, claim, THEOREM.theorem, [], {})


def absolute_of_zero(proof: Proof) -> None:
    """For models whose noise is 0."""
    proof.have("zero", "0 >= 0")
    proof.use("no_size", "absolute_of_nonnegative", "zero", x="0")
    with proof.fixing("low", "forall t nat, i nat, j nat, l nat: abs(0) <= 1/2") as inner:
        inner.have("skewness", "abs(0) <= 1/2", (), ["no_size"])


THEOREM = Theorem(
    theorem="sizes_on_every_outcome",
    title="Sizes from both signs",
    says="""On every outcome Y <= Z and -Y <= Z give |Y| <= Z; and |Y| <= Z with a weight W >= 0 gives
    |E W Y| <= E W Z.""",
    variables={},
    hypotheses={},
    claims=CLAIMS,
    model={},
    script=script,
    instances=[
        Instance(
            "a draw with three results, and constants",
            {},
            ("1/4", "1/4", "1/2"),
            draws=1,
            reals=("-3/2", "0", "2/3", "2"),
        ),
    ],
)
