"""The mean square of a damped root (Chen et al. 2022, Jensen's inequality in the proof of the main theorem)."""

from ..proving.instance import Drawn, Instance
from ..proving.script import Proof, square
from ..proving.theorem import Theorem

SCALE, TOP = "(sqrt(x) + outside)", "(sqrt(c) + top)"


def script(proof: Proof) -> None:
    """2 sqrt(c) sqrt(x) <= x + c."""
    proof.have("c_sign", "c >= 0", ["c_positive"])
    proof.use("root_of_c", "root_squared", "c_sign", x="c")
    proof.use("root_of_c_positive", "root_positive", "c_positive", x="c")
    proof.use("root_of_x", "root_squared", "x_sign", x="x")
    proof.use("root_of_x_sign", "root_nonnegative", x="x")
    proof.use("apart", "positive_is_apart", "root_of_c_positive", x="sqrt(c)")
    proof.use("unit", "reciprocal", "apart", x="sqrt(c)")
    proof.use("inverse", "reciprocal_positive", "root_of_c_positive", x="sqrt(c)")
    proof.have("young", "2*sqrt(c)*sqrt(x) <= x + c", [square("sqrt(x) - sqrt(c)")], ["root_of_c", "root_of_x"])
    proof.mean("mean_young", "2*sqrt(c)*E(sqrt(x)) <= E(x) + c", "young")
    proof.have("root", "E(sqrt(x)) <= sqrt(c)", ["mean_young*inverse", "mean*inverse"], ["unit", "root_of_c"])
    proof.mean("mean_root_sign", "E(sqrt(x)) >= 0", "root_of_x_sign")
    proof.have("whole", f"{SCALE}^2 = x + 2*outside*sqrt(x) + outside^2", (), ["root_of_x"])
    proof.mean("mean_whole", f"E({SCALE}^2) = E(x) + 2*outside*E(sqrt(x)) + outside^2", "whole")
    proof.have("gap", "top - outside >= 0", ["most"])
    proof.have(
        "bound",
        f"E({SCALE}^2) <= {TOP}^2",
        ["mean", "root*outside_sign", "gap*root_of_c_positive", "gap*outside_sign", "gap*gap"],
        ["mean_whole", "root_of_c"],
    )


THEOREM = Theorem(
    theorem="mean_square_of_a_damped_root",
    title="The mean square of a damped root",
    says="""If x >= 0 has mean at most c > 0 and 0 <= outside <= top, then sqrt(x) + outside has a mean square of at
    most (sqrt(c) + top)^2.""",
    sources=["chen2022towards, the proof of the main theorem"],
    variables={"x": "rand", "c": "real", "outside": "real", "top": "real"},
    hypotheses={
        "x_sign": "x >= 0",
        "c_positive": "c > 0",
        "mean": "E(x) <= c",
        "outside_sign": "outside >= 0",
        "most": "outside <= top",
    },
    claims={"bound": f"E({SCALE}^2) <= {TOP}^2"},
    model={"x": "2", "c": "3", "outside": "1", "top": "2"},
    script=script,
    instances=[
        Instance(
            "two results, and a mean that is the bound",
            {"x": Drawn(("4", "1/9"), draw=1), "c": "13/12", "outside": "1/3", "top": "1/2"},
            weights=("1/4", "3/4"),
            draws=1,
        ),
    ],
)
