"""Orders from squares, cubes, products and roots, for random variables: what holds on every outcome."""

from ..proving.instance import Instance
from ..proving.script import Proof, square
from ..proving.theorem import Theorem

CLAIMS = {
    "from_squares": "forall Y rand, Z rand: Z >= 0, Y^2 <= Z^2 => Y <= Z",
    "from_cubes": "forall Y rand, Z rand: Z >= 0, Y^3 <= Z^3 => Y <= Z",
    "from_product": "forall Y rand, Z rand, W rand: Y >= 0, Z >= 0, W^2 <= Y*Z => 2*W <= Y + Z",
    "of_roots": "forall Y rand, Z rand: Y >= 0, Y <= Z => sqrt(Y) <= sqrt(Z)",
}


def _quotient(proof: Proof, divisor: str, positive: str, claim: str, over: str) -> None:
    """The claim from (what it says)(divisor) >= 0."""
    proof.use("apart", "positive_is_apart", positive, x=divisor)
    proof.use("one", "reciprocal", "apart", x=divisor)
    proof.use("inverse", "reciprocal_positive", positive, x=divisor)
    proof.have("order", claim, [f"inverse*{over}"], ["one"])


def script(proof: Proof) -> None:
    """In each case Z^n - Y^n is Z - Y times a sum that is positive where Y > Z."""
    with (
        proof.fixing("from_squares", CLAIMS["from_squares"], "sign", "powers") as fixed,
        fixed.cases("order", "Y <= Z", on="Z - Y") as (below, above),
    ):
        below.have("order", "Y <= Z", ["case"])
        above.have("total", "Y + Z > 0", ["case", "sign"])
        _quotient(above, "Y + Z", "total", "Y <= Z", "powers")
    with (
        proof.fixing("from_cubes", CLAIMS["from_cubes"], "sign", "powers") as fixed,
        fixed.cases("order", "Y <= Z", on="Z - Y") as (below, above),
    ):
        below.have("order", "Y <= Z", ["case"])
        above.have("positive", "Y > 0", ["case", "sign"])
        above.have("total", "Y^2 + Y*Z + Z^2 > 0", ["positive*positive", "positive*sign", square("Z")])
        _quotient(above, "Y^2 + Y*Z + Z^2", "total", "Y <= Z", "powers")
    with proof.fixing("from_product", CLAIMS["from_product"], "Y_sign", "Z_sign", "powers") as fixed:
        fixed.have("sign", "Y + Z >= 0", ["Y_sign", "Z_sign"])
        fixed.have("whole", "(2*W)^2 <= (Y + Z)^2", ["powers", square("Y - Z")])
        fixed.use("order", "from_squares", "sign", "whole", Y="2*W", Z="Y + Z")
    with proof.fixing("of_roots", CLAIMS["of_roots"], "sign", "order") as fixed:
        fixed.have("other", "Z >= 0", ["sign", "order"])
        fixed.use("root_Y", "root_squared", "sign", x="Y")
        fixed.use("root_Z", "root_squared", "other", x="Z")
        fixed.use("nonnegative", "root_nonnegative", x="Z")
        fixed.have("squares", "sqrt(Y)^2 <= sqrt(Z)^2", ["order"], ["root_Y", "root_Z"])
        fixed.use("roots", "from_squares", "nonnegative", "squares", Y="sqrt(Y)", Z="sqrt(Z)")


THEOREM = Theorem(
    theorem="orders_on_every_outcome",
    title="Orders from squares, cubes, products and roots",
    says="""For random variables, on every outcome: Z >= 0 and Y^2 <= Z^2 give Y <= Z, and so do cubes; Y, Z >= 0 and
    W^2 <= Y Z give 2 W <= Y + Z; and 0 <= Y <= Z gives sqrt(Y) <= sqrt(Z).""",
    variables={},
    hypotheses={},
    claims=CLAIMS,
    model={},
    script=script,
    instances=[
        Instance(
            "random numbers on two draws",
            {},
            ("1/3", "2/3"),
            draws=2,
            reals=("1/2", "-1/2", "0", "2", "-2", "2/9", "9/2"),
        ),
    ],
)
