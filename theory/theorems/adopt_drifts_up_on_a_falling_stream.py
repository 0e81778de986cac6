"""An exact instance: ADOPT goes the wrong way on a stream of period 3, where its gradients are not independent."""

from fractions import Fraction

from ..proving.instance import Instance, Run, Table, after
from ..proving.script import Proof
from ..proving.theorem import Theorem
from .default_adam_drifts_up_on_a_falling_stream import ORDER, averages, enclosed, solved, steady

ENTRIES = [Fraction("-1.8"), Fraction(1), Fraction(1)]
SQUARES = steady(Fraction(1, 2), [entry**2 for entry in ENTRIES])
SCALED = [f"({entry})/sqrt(V{k or 3})" for k, entry in enumerate(ENTRIES)]


def script(proof: Proof) -> None:
    """In a period m sums to what the scaled gradients sum to; the roots of the steady v are enclosed."""
    proof.have("rest", "1 - beta1 > 0", ["below_one"])
    proof.use("apart", "positive_is_apart", "rest", x="1 - beta1")
    proof.use("one", "reciprocal", "apart", x="1 - beta1")
    averages_of_m = [("1", f"M{k}_average") for k in (1, 2, 3)]
    difference = f"M1 + M2 + M3 - ({' + '.join(SCALED)})"
    proof.have("scaled", f"(1 - beta1)*({difference}) = 0", [], averages_of_m)
    proof.have("same", f"M1 + M2 + M3 = {' + '.join(SCALED)}", [], [(difference, "one"), ("1/(1 - beta1)", "scaled")])
    solved(proof, "V", SQUARES)
    for k, value in enumerate(SQUARES):
        enclosed(proof, f"V{k + 1}", value, Fraction(0))
    proof.have("drift", "-(M1 + M2 + M3) > 0", ["V3_low", "V1_high", "V2_high"], [("1", "same")])


THEOREM = Theorem(
    theorem="adopt_drifts_up_on_a_falling_stream",
    title="ADOPT drifts up on a falling stream",
    says="""ADOPT without clipping and eps, with any beta1 < 1 and beta2 = 1/2 on linear losses with the gradients
    -1.8, 1, 1 again and again, whose sum is above 0. ADOPT divides each gradient by the root of the v before it. In
    the periodic state of m and v the steps of a period add up to a move upwards: that any beta2 will do needs
    gradients that are independent.""",
    sources=["taniguchi2024adopt"],
    variables={"beta1": "real", **dict.fromkeys(("M1", "M2", "M3", "V1", "V2", "V3"), "real")},
    hypotheses={
        "below_one": "beta1 < 1",
        **{
            f"M{k + 1}_average": f"M{k + 1} = beta1*M{k or 3} + (1 - beta1)*({scaled})"
            for k, scaled in enumerate(SCALED)
        },
        **averages("V", Fraction(1, 2), [entry**2 for entry in ENTRIES]),
    },
    claims={"drift": "-(M1 + M2 + M3) > 0"},
    lemmas=[ORDER],
    model={
        "beta1": "0",
        **{f"M{k + 1}": scaled.replace(f"V{k or 3}", str(SQUARES[k - 1])) for k, scaled in enumerate(SCALED)},
        **{f"V{k + 1}": str(value) for k, value in enumerate(SQUARES)},
    },
    script=script,
    instances=[
        Instance(
            "twenty periods",
            {"g": Table(("-9/5", "1", "1") * 21), "beta1": "1/2"},
            run=Run(
                "adopt",
                {"beta1": "beta1", "beta2": "1/2", "eps": "0", "lambda": "0"},
                "g(t)",
                ("0",),
                63,
                {
                    **{"V1": after("v", 61), "V2": after("v", 62), "V3": after("v", 63)},
                    **{"M1": after("m", 61), "M2": after("m", 62), "M3": after("m", 63)},
                },
                why="torch has no ADOPT",
            ),
        )
    ],
)
