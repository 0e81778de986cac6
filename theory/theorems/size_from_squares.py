"""Sizes from squares: a^2 <= b^2 and b >= 0 give |a| <= b."""

from ..proving.instance import Instance
from ..proving.script import Proof
from ..proving.theorem import Theorem


def script(proof: Proof) -> None:
    """The order of a and b, that of -a and b, and |a| is one of them."""
    for name, a in (("above", "a"), ("below", "-a")):
        proof.have(f"square_{name}", f"({a})^2 <= b^2", ["squares"])
        proof.lemma(
            name,
            f"{a} <= b",
            "numbers_with_smaller_squares_are_smaller",
            ["nonnegative", f"square_{name}"],
            {"a": a, "b": "b"},
        )
    with proof.cases("size", "abs(a) <= b", on="a") as (positive, negative):
        positive.use("plain", "absolute_of_nonnegative", "case", x="a")
        positive.have("done", "abs(a) <= b", ["above"], ["plain"])
        negative.use("turned", "absolute_of_negative", "case", x="a")
        negative.have("done", "abs(a) <= b", ["below"], ["turned"])


THEOREM = Theorem(
    theorem="size_from_squares",
    title="Sizes from squares",
    says="If a^2 <= b^2 and b >= 0, then a, -a and |a| are at most b.",
    variables={"a": "real", "b": "real"},
    hypotheses={"squares": "a^2 <= b^2", "nonnegative": "b >= 0"},
    claims={"size": "abs(a) <= b", "above": "a <= b", "below": "-a <= b"},
    lemmas=["numbers_with_smaller_squares_are_smaller"],
    model={"a": "-1", "b": "2"},
    script=script,
    instances=[
        Instance("smaller and positive", {"a": "3/7", "b": "5/3"}),
        Instance("as large and negative", {"a": "-5/3", "b": "5/3"}),
    ],
)
