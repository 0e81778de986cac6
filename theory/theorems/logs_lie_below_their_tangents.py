"""Logarithms lie below their tangents, for random variables: what holds on every outcome."""

from ..proving.instance import Instance
from ..proving.script import Proof
from ..proving.theorem import Theorem

CLAIMS = {
    "tangent": "forall Y rand, Z rand: Y > 0, Z > 0 => log(Y) - log(Z) <= Y/Z - 1",
    "of_squares": "forall Y rand, Z rand: Y > 0, Z > 0 => 2*log(Y) - 2*log(Z) <= Y^2/Z^2 - 1",
    "of_product": "forall Y rand, Z rand, W rand: Y > 0, Z > 0, W > 0 => log(Y) - log(Z) - log(W) >= 1 - Z*W/Y",
}


def _quotient(proof: Proof, name: str, positive: str) -> None:
    proof.use(f"{name}_is_apart", "positive_is_apart", positive, x=name)
    proof.use(f"{name}_unit", "reciprocal", f"{name}_is_apart", x=name)


def script(proof: Proof) -> None:
    """exp(x) >= 1 + x at the logarithms of Y/Z, Y^2/Z^2 and Z W/Y."""
    with proof.fixing("tangent", CLAIMS["tangent"], "Y_positive", "Z_positive") as fixed:
        fixed.use("of_Y", "exp_of_log", "Y_positive", x="Y")
        fixed.use("of_Z", "exp_of_log", "Z_positive", x="Z")
        _quotient(fixed, "Z", "Z_positive")
        fixed.use("whole", "exp_of_sum", x="log(Y) - log(Z)", y="log(Z)")
        fixed.have(
            "product",
            "Y = exp(log(Y) - log(Z))*Z",
            (),
            [("1", "whole"), ("1", "of_Y"), ("exp(log(Y) - log(Z))", "of_Z")],
        )
        fixed.have("ratio", "exp(log(Y) - log(Z)) = Y/Z", (), [("exp(log(Y) - log(Z))", "Z_unit"), ("1/Z", "product")])
        fixed.use("bound", "exp_tangent", x="log(Y) - log(Z)")
        fixed.have("done", "log(Y) - log(Z) <= Y/Z - 1", ["bound"], ["ratio"])
    with proof.fixing("of_squares", CLAIMS["of_squares"], "Y_positive", "Z_positive") as fixed:
        fixed.use("of_Y", "exp_of_log", "Y_positive", x="Y")
        fixed.use("of_Z", "exp_of_log", "Z_positive", x="Z")
        _quotient(fixed, "Z", "Z_positive")
        fixed.use("whole", "exp_of_sum", x="log(Y) - log(Z)", y="log(Z)")
        fixed.have(
            "product",
            "Y = exp(log(Y) - log(Z))*Z",
            (),
            [("1", "whole"), ("1", "of_Y"), ("exp(log(Y) - log(Z))", "of_Z")],
        )
        fixed.have("ratio", "exp(log(Y) - log(Z)) = Y/Z", (), [("exp(log(Y) - log(Z))", "Z_unit"), ("1/Z", "product")])
        fixed.use("twice", "exp_of_sum", x="log(Y) - log(Z)", y="log(Y) - log(Z)")
        fixed.use("bound", "exp_tangent", x="2*log(Y) - 2*log(Z)")
        fixed.have("done", "2*log(Y) - 2*log(Z) <= Y^2/Z^2 - 1", ["bound"], ["twice", "ratio"])
    with proof.fixing("of_product", CLAIMS["of_product"], "Y_positive", "Z_positive", "W_positive") as fixed:
        for name in ("Y", "Z", "W"):
            fixed.use(f"of_{name}", "exp_of_log", f"{name}_positive", x=name)
        _quotient(fixed, "Y", "Y_positive")
        fixed.use("first", "exp_of_sum", x="log(Z) + log(W) - log(Y)", y="log(Y)")
        fixed.use("second", "exp_of_sum", x="log(Z)", y="log(W)")
        power = "exp(log(Z) + log(W) - log(Y))"
        fixed.have(
            "product",
            f"Z*W = {power}*Y",
            (),
            [("1", "first"), ("1", "second"), (power, "of_Y"), ("W", "of_Z"), ("exp(log(Z))", "of_W")],
        )
        fixed.have("ratio", f"{power} = Z*W/Y", (), [(power, "Y_unit"), ("1/Y", "product")])
        fixed.use("bound", "exp_tangent", x="log(Z) + log(W) - log(Y)")
        fixed.have("done", "log(Y) - log(Z) - log(W) >= 1 - Z*W/Y", ["bound"], ["ratio"])


THEOREM = Theorem(
    theorem="logs_lie_below_their_tangents",
    title="Logarithms lie below their tangents",
    says="""For positive random variables, on every outcome: log(Y) - log(Z) <= Y/Z - 1, the same for Y^2 and Z^2, and
    log(Y) - log(Z) - log(W) >= 1 - Z W/Y.""",
    variables={},
    hypotheses={},
    claims=CLAIMS,
    model={},
    script=script,
    instances=[
        Instance("numbers on both sides of 1, some of them equal", {}, reals=("1/3", "4/5", "1", "9/4", "7")),
    ],
)
