"""MoMo's step where its averaged gradient is 0: the division by its norm is not made (Schaipp et al. 2024)."""

from ..proving.instance import Table
from ..proving.momo_runs import momo_step
from ..proving.script import Proof
from ..proving.theorem import Theorem
from .momo_step_minimises_its_model import DISTANCE, NEAR, OBJECTIVE, of

TERM = "D(i)/(2*alpha(i))*({y}(i) - x(i))^2 + lambda(i)/2*D(i)*{y}(i)^2"


def script(proof: Proof) -> None:
    """The model does not depend on y, and the rest is a parabola around z = x/(1 + alpha lambda)."""
    difference = f"{of(TERM, 'y')} - ({of(TERM, 'z')}) - D(i)/2*(1/alpha(i) + lambda(i))*(y(i) - z(i))^2"
    with proof.fixing("each", f"forall i nat: {difference} = 0") as inner:
        inner.use("rate", "alpha_positive", i="i")
        inner.use("decay", "lambda_nonnegative", i="i")
        inner.use("alpha_apart", "positive_is_apart", "rate", x="alpha(i)")
        inner.use("alpha_one", "reciprocal", "alpha_apart", x="alpha(i)")
        inner.have("A_positive", "1 + alpha(i)*lambda(i) > 0", ["rate*decay"])
        inner.use("A_apart", "positive_is_apart", "A_positive", x="1 + alpha(i)*lambda(i)")
        inner.use("A_one", "reciprocal", "A_apart", x="1 + alpha(i)*lambda(i)")
        inner.use("z_here", "step", i="i")
        inner.have("stationary", "(1 + alpha(i)*lambda(i))*z(i) = x(i)", [], ["z_here", "A_one"])
        slope = "D(i)*(1/alpha(i))*(z(i) - x(i)) + lambda(i)*D(i)*z(i) = 0"
        inner.have("slope", slope, [], [("D(i)*(1/alpha(i))", "stationary"), "alpha_one"])
        inner.have("parabola", f"{difference} = 0", [], [("y(i) - z(i)", "slope")])
    proof.add("all", f"sum(i < n, {difference}) = 0", "each", "n")
    proof.linear("split", f"sum(i < n, {difference}) = {of(NEAR, 'y')} - {of(NEAR, 'z')} - {DISTANCE}")
    with proof.fixing("still", "forall i nat: d(i)*y(i) - d(i)*z(i) = 0") as inner:
        inner.use("none", "resting", i="i")
        inner.have("now", "d(i)*y(i) - d(i)*z(i) = 0", [], ["none"])
    proof.add("line", "sum(i < n, d(i)*y(i) - d(i)*z(i)) = 0", "still", "n")
    products = ("sum(i < n, d(i)*y(i))", "sum(i < n, d(i)*z(i))")
    proof.linear("lines", f"sum(i < n, d(i)*y(i) - d(i)*z(i)) = {products[0]} - {products[1]}")
    proof.have("same", f"{products[0]} = {products[1]}", [], [("1", "line"), ("1", "lines")])
    proof.congruent("model", "same", "max((F + hole)/rho, bound)")
    known = [("1", "model"), ("1", "all"), ("1", "split")]
    proof.have("minimum", THEOREM.claims["minimum"], [], known)


THEOREM = Theorem(
    theorem="momo_only_shrinks_without_momentum",
    title="MoMo only shrinks without momentum",
    says="""Where the averaged gradient d is 0, z = x/(1 + alpha lambda) minimises MoMo's model plus |y - x|^2/(2 alpha)
    plus lambda |y|^2/2 in the metric D, whatever the lower bound is; every other point y is worse by the sum of D
    (1/alpha + lambda)(y - z)^2/2. alpha and lambda may differ between coordinates.""",
    sources=["schaipp2024momo, Lemma 3.1"],
    variables={
        "n": "nat",
        **{name: "real(nat)" for name in ("x", "y", "z", "d", "D", "alpha", "lambda")},
        **{name: "real" for name in ("F", "rho", "bound")},
    },
    hypotheses={
        "alpha_positive": "forall i nat: alpha(i) > 0",
        "lambda_nonnegative": "forall i nat: lambda(i) >= 0",
        "resting": "forall i nat: d(i) = 0",
        "step": "forall i nat: z(i) = x(i)/(1 + alpha(i)*lambda(i))",
    },
    claims={"minimum": f"{of(OBJECTIVE, 'y')} - ({of(OBJECTIVE, 'z')}) = {DISTANCE}"},
    model={
        "n": "2",
        **{"x": ["i", "1"], "y": ["i", "i"], "z": ["i", "1/2"], "d": ["i", "0"]},
        **{name: ["i", "1"] for name in ("D", "alpha", "lambda")},
        **{"F": "0", "rho": "1", "bound": "0"},
    },
    script=script,
    instances=[
        momo_step(
            "a step without a gradient, with decay",
            {
                "alpha": ["i", "rate"],
                "lambda": ["i", "decay"],
                "a": Table((("0", "0"),) * 4),
                "F": "1/2",
                "bound": "1/4",
            },
            ("momo@decay=adamw",),
        )
    ],
)
