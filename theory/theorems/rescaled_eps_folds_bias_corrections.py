"""Adam's bias corrections as one factor of the step: right if eps is multiplied by sqrt(1 - beta2^t) as well.

Kingma & Ba 2015, end of Section 2, where the second form has an "epsilon hat".
"""

from ..proving.instance import Instance, Run, after
from ..proving.positive import reciprocal
from ..proving.script import Proof
from ..proving.theorem import Theorem


def script(proof: Proof) -> None:
    """sqrt(v) + eps sqrt(1 - q) is sqrt(1 - q) times sqrt(v/(1 - q)) + eps."""
    proof.have("kept", "1 - q > 0", ["below_1"])
    proof.lemma(
        "corrected_root",
        "sqrt(v/(1 - q))*sqrt(1 - q) = sqrt(v)",
        "root_of_quotient",
        ["moved", "kept"],
        {"x": "v", "y": "1 - q"},
    )
    proof.use("factor", "root_positive", "kept", x="1 - q")
    proof.use("root", "root_positive", "moved", x="v")
    proof.use("root_of_corrected", "root_nonnegative", x="v/(1 - q)")
    proof.have("folded_positive", "sqrt(v) + eps*sqrt(1 - q) > 0", ["root", "eps_sign*factor"])
    proof.use("folded_apart", "positive_is_apart", "folded_positive", x="sqrt(v) + eps*sqrt(1 - q)")
    proof.use("folded_unit", "reciprocal", "folded_apart", x="sqrt(v) + eps*sqrt(1 - q)")
    reciprocal(proof, "factor", "factor", "sqrt(1 - q)", over="inverse")
    proof.have(
        "denominator_positive",
        "sqrt(v/(1 - q)) + eps > 0",
        ["folded_positive*factor_inverse"],
        [("1/sqrt(1 - q)", "corrected_root"), ("eps + sqrt(v/(1 - q))", "factor_unit")],
    )
    proof.use("apart", "positive_is_apart", "denominator_positive", x="sqrt(v/(1 - q)) + eps")
    proof.use("unit", "reciprocal", "apart", x="sqrt(v/(1 - q)) + eps")
    proof.have(
        "denominators",
        "sqrt(v) + eps*sqrt(1 - q) = sqrt(1 - q)*(sqrt(v/(1 - q)) + eps)",
        (),
        ["corrected_root"],
    )
    step, folded = "1/(sqrt(v/(1 - q)) + eps)", "1/(sqrt(v) + eps*sqrt(1 - q))"
    proof.have(
        "reciprocals",
        f"{step} = sqrt(1 - q)*{folded}",
        (),
        [(step, "folded_unit"), (f"({step})*({folded})", "denominators"), (f"sqrt(1 - q)*{folded}", "unit")],
    )
    proof.have(
        "same",
        "alpha*(m/(1 - p))/(sqrt(v/(1 - q)) + eps) = alpha*sqrt(1 - q)/(1 - p)*m/(sqrt(v) + eps*sqrt(1 - q))",
        (),
        [("alpha*m/(1 - p)", "reciprocals")],
    )


THEOREM = Theorem(
    theorem="rescaled_eps_folds_bias_corrections",
    title="Bias corrections fold into the step if eps is rescaled",
    says="""Write p for beta1^t and q for beta2^t < 1. Adam's step, with m/(1 - p) over sqrt(v/(1 - q)) + eps, is the
    step without corrections but with the step size alpha sqrt(1 - q)/(1 - p) and with eps sqrt(1 - q) instead of eps,
    for every m and every v > 0.""",
    sources=["kingma2015adam, Section 2"],
    variables=dict.fromkeys(("alpha", "m", "v", "eps", "p", "q"), "real"),
    hypotheses={"moved": "v > 0", "eps_sign": "eps >= 0", "below_1": "q < 1"},
    claims={
        "same": "alpha*(m/(1 - p))/(sqrt(v/(1 - q)) + eps) = alpha*sqrt(1 - q)/(1 - p)*m/(sqrt(v) + eps*sqrt(1 - q))",
        "denominators": "sqrt(v) + eps*sqrt(1 - q) = sqrt(1 - q)*(sqrt(v/(1 - q)) + eps)",
    },
    lemmas=["root_of_quotient"],
    model={"alpha": "1", "m": "1", "v": "1", "eps": "1", "p": "1/2", "q": "3/4"},
    script=script,
    instances=[
        Instance(
            "moments after two steps",
            {
                "alpha": "1/4",
                "beta1": "1/2",
                "beta2": "3/4",
                "eps": "1/8",
                "p": "beta1^2",
                "q": "beta2^2",
            },
            run=Run(
                "adam",
                {"beta1": "beta1", "beta2": "beta2"},
                "t + 1/2",
                ("1",),
                2,
                {"m": after("m", 2), "v": after("v", 2)},
                torch="Adam",
            ),
        )
    ],
)
