"""SVAG's noise does not become Gaussian: half of its excess kurtosis stays, while its skewness vanishes."""

from ..proving.instance import Drawn, Instance
from ..proving.script import Proof, square
from ..proving.theorem import Theorem
from .root_of_quotient import invert
from .svag_fourth_cumulants import THEOREM as FOURTH
from .svag_third_cumulants import THEOREM as THIRD

S, FACTOR = "(a*z + b*w)", "(1/2 + 1/ell - 1/(2*ell^2))"
KURTOSIS = f"E(z^2)^2*(E({S}^4) - 3*E({S}^2)^2) = {FACTOR}*E({S}^2)^2*(E(z^4) - 3*E(z^2)^2)"
GIVEN = {
    "mean": "a + b = 1",
    "covariance": "a^2 + b^2 = ell",
    "same_covariance": "E(w^2) = E(z^2)",
    "same_third": "E(w^3) = E(z^3)",
    "same_fourth": "E(w^4) = E(z^4)",
    "uncorrelated": "E(z*w) = 0",
    "two_and_one": "E(z^2*w) = 0",
    "one_and_two": "E(z*w^2) = 0",
    "three_and_one": "E(z^3*w) = 0",
    "one_and_three": "E(z*w^3) = 0",
    "two_and_two": "E(z^2*w^2) = E(z^2)*E(w^2)",
}


def script(proof: Proof) -> None:
    """The factors of the third and fourth cumulants in one coordinate, over powers of the variance's factor ell."""
    two, three, four = (f"forall {', '.join(f'{i} nat' for i in 'ijkl'[:n])}: " for n in (2, 3, 4))
    for name, binders, fact in (
        ("pairs_same", two, "same_covariance"),
        ("pairs_mixed", two, "uncorrelated"),
        ("triples_same", three, "same_third"),
        ("triples_21", three, "two_and_one"),
        ("triples_12", three, "one_and_two"),
        ("fours_same", four, "same_fourth"),
        ("fours_31", four, "three_and_one"),
        ("fours_13", four, "one_and_three"),
        ("fours_22", four, "two_and_two"),
    ):
        with proof.fixing(name, binders + GIVEN[fact]) as inner:
            inner.have("done", GIVEN[fact], (), [("1", fact)])
    values: dict[str, str | list[str]] = {"ell": "ell", "a": "a", "b": "b", "z": ["i", "z"], "w": ["i", "w"]}
    proof.lemma(
        "third_of",
        f"{three}E({S}^3) = (3*ell - 1)/2*E(z^3)",
        THIRD.theorem,
        ["mean", "covariance", "triples_same", "triples_21", "triples_12"],
        values,
    )
    hypotheses = ["mean", "covariance", "pairs_same", "fours_same", "pairs_mixed", "fours_31", "fours_13", "fours_22"]
    proof.lemma("second_of", f"{two}E({S}^2) = ell*E(z^2)", FOURTH.theorem, hypotheses, values)
    proof.lemma(
        "fourth_of",
        f"{four}E({S}^4) - 3*E({S}^2)^2 = (ell^2 + 2*ell - 1)/2*(E(z^4) - 3*E(z^2)^2)",
        FOURTH.theorem,
        hypotheses,
        values,
    )
    proof.use("third", "third_of", i="0", j="0", k="0")
    proof.use("second", "second_of", i="0", j="0")
    proof.use("fourth", "fourth_of", i="0", j="0", k="0", l="0")
    proof.have("other", "b = 1 - a", (), ["mean"])
    proof.have("quadratic", "ell = 2*a^2 - 2*a + 1", (), ["other", "covariance"])
    proof.have("at_least", "ell >= 1/2", [square("2*a - 1")], ["quadratic"])
    proof.have("size", "ell > 0", ["at_least"])
    invert(proof, "size", "ell")
    excess = "(E(z^4) - 3*E(z^2)^2)"
    proof.have(
        "kurtosis",
        KURTOSIS,
        (),
        [
            ("E(z^2)^2", "fourth"),
            (f"{FACTOR}*{excess}*(E({S}^2) + ell*E(z^2))", "second"),
            (f"E(z^2)^2*{excess}*ell", "size_unit"),
            (f"E(z^2)^2*{excess}", "size_unit"),
            (f"E(z^2)^2*{excess}*ell/ell", "size_unit"),
        ],
    )
    proof.have("half_stays", f"{FACTOR} >= 1/2", [square("1/ell") * "at_least"], [("1/ell", "size_unit")])
    proof.have("at_most", f"{FACTOR} <= 1/2 + 1/ell", [square("1/ell")])
    proof.have("squares", "z^2 >= 0", [square("z")])
    proof.mean("variance", "E(z^2) >= 0", "squares")
    proof.have("sixfold", "6*ell - 1 >= 0", ["at_least"])
    proof.have(
        "skewness",
        f"E(z^2)^3*E({S}^3)^2 <= 9/(4*ell)*E({S}^2)^3*E(z^3)^2",
        [square("E(z^2)*E(z^3)") * "variance*sixfold"],
        ["third", "second", "size_unit"],
    )


THEOREM = Theorem(
    theorem="svag_kurtosis_does_not_vanish",
    title="SVAG's kurtosis does not vanish",
    says="""Let z and w be independent noise of one law in one coordinate, and let a and b be SVAG's weights, which keep
    the mean and multiply the variance by ell. The excess kurtosis of a z + b w is that of z times
    1/2 + 1/ell - 1/(2 ell^2), which is at least 1/2 and tends to 1/2; the square of the skewness is at most 9/(4 ell)
    times that of z. For SGD ell is the l of SVAG, for adaptive methods its square.""",
    sources=["malladi2022sdes, SVAG", "li2021validity, Section 4"],
    variables={"ell": "real", "a": "real", "b": "real", "z": "rand", "w": "rand"},
    hypotheses=GIVEN,
    claims={
        "kurtosis": KURTOSIS,
        "half_stays": f"{FACTOR} >= 1/2",
        "at_most": f"{FACTOR} <= 1/2 + 1/ell",
        "skewness": f"E(z^2)^3*E({S}^3)^2 <= 9/(4*ell)*E({S}^2)^3*E(z^3)^2",
    },
    lemmas=["svag_fourth_cumulants", "svag_third_cumulants"],
    model={"ell": "5", "a": "2", "b": "-1", "z": "0", "w": "0"},
    script=script,
    instances=[
        Instance(
            "two independent draws",
            {
                "ell": "5",
                "a": "2",
                "b": "-1",
                "z": Drawn(("2", "0", "-1"), draw=1),
                "w": Drawn(("2", "0", "-1"), draw=2),
            },
            ("1/4", "1/4", "1/2"),
            draws=2,
        )
    ],
)
