"""Adam's bias corrections fold into the step for one eps only: eps sqrt(1 - beta2^t). The converse of the identity."""

from ..proving.instance import Instance, Run, after
from ..proving.script import Proof
from ..proving.theorem import Theorem
from .root_of_quotient import known_root

TRUE = "alpha*(m/(1 - p))/(sqrt(v/(1 - q)) + eps)"


def script(proof: Proof) -> None:
    """Both sides are alpha m sqrt(1 - q)/(1 - p) over a denominator; cancel all but the denominators."""
    proof.lemma(
        "identity",
        f"{TRUE} = alpha*sqrt(1 - q)/(1 - p)*m/(sqrt(v) + eps*sqrt(1 - q))",
        "rescaled_eps_folds_bias_corrections",
        ["moved", "eps_sign", "below_1"],
        {name: name for name in ("alpha", "m", "v", "eps", "p", "q")},
    )
    proof.have("kept", "1 - q > 0", ["below_1"])
    proof.use("factor", "root_positive", "kept", x="1 - q")
    proof.use("root", "root_positive", "moved", x="v")
    proof.have("one", "sqrt(v) + eps*sqrt(1 - q) > 0", ["root", "eps_sign*factor"])
    proof.have("two", "sqrt(v) + folded > 0", ["root", "folded_sign"])
    proof.use("factor_apart", "positive_is_apart", "factor", x="sqrt(1 - q)")
    proof.use("one_apart", "positive_is_apart", "one", x="sqrt(v) + eps*sqrt(1 - q)")
    proof.use("two_apart", "positive_is_apart", "two", x="sqrt(v) + folded")
    proof.use("alpha_unit", "reciprocal", "steps", x="alpha")
    proof.use("m_unit", "reciprocal", "gradient", x="m")
    proof.use("p_unit", "reciprocal", "p_apart", x="1 - p")
    proof.use("factor_unit", "reciprocal", "factor_apart", x="sqrt(1 - q)")
    proof.use("one_unit", "reciprocal", "one_apart", x="sqrt(v) + eps*sqrt(1 - q)")
    proof.use("two_unit", "reciprocal", "two_apart", x="sqrt(v) + folded")
    first, second = "1/(sqrt(v) + eps*sqrt(1 - q))", "1/(sqrt(v) + folded)"
    proof.have(
        "both",
        f"alpha*m*sqrt(1 - q)/(1 - p)*({first}) = alpha*m*sqrt(1 - q)/(1 - p)*({second})",
        (),
        [("1", "same"), ("1", "identity")],
    )
    proof.have(
        "without_alpha",
        f"m*sqrt(1 - q)/(1 - p)*({first} - {second}) = 0",
        (),
        [
            ("1/alpha", "both"),
            (f"m*sqrt(1 - q)/(1 - p)*({first})", "alpha_unit"),
            (f"m*sqrt(1 - q)/(1 - p)*({second})", "alpha_unit"),
        ],
    )
    proof.have(
        "without_m",
        f"sqrt(1 - q)/(1 - p)*({first} - {second}) = 0",
        (),
        [
            ("1/m", "without_alpha"),
            (f"sqrt(1 - q)/(1 - p)*({first})", "m_unit"),
            (f"sqrt(1 - q)/(1 - p)*({second})", "m_unit"),
        ],
    )
    proof.have(
        "without_p",
        f"sqrt(1 - q)*({first} - {second}) = 0",
        (),
        [("1 - p", "without_m"), (f"sqrt(1 - q)*({first})", "p_unit"), (f"sqrt(1 - q)*({second})", "p_unit")],
    )
    proof.have(
        "reciprocals",
        f"{first} = {second}",
        (),
        [("1/sqrt(1 - q)", "without_p"), (first, "factor_unit"), (second, "factor_unit")],
    )
    proof.have(
        "denominators",
        "sqrt(v) + folded = sqrt(v) + eps*sqrt(1 - q)",
        (),
        [
            ("(sqrt(v) + folded)*(sqrt(v) + eps*sqrt(1 - q))", "reciprocals"),
            ("sqrt(v) + folded", "one_unit"),
            ("sqrt(v) + eps*sqrt(1 - q)", "two_unit"),
        ],
    )
    proof.have("eps_is_rescaled", "folded = eps*sqrt(1 - q)", (), ["denominators"])


def shown(proof: Proof) -> None:
    """sqrt(9/25) = 3/5 and sqrt(1) = 1: both steps are 1/2."""
    known_root(proof, "three_fifths", "9/25", "3/5")
    known_root(proof, "one", "1", "1")
    folded = "sqrt(1 - 16/25)/(1 - 1/2)*(1/2)/(sqrt(9/25) + 3/5)"
    true = "((1/2)/(1 - 1/2))/(sqrt((9/25)/(1 - 16/25)) + 1)"
    proof.congruent("left", "three_fifths", "hole/(1 - 1/2)*(1/2)/(hole + 3/5)")
    proof.congruent("right", "one", "(1/2)/(1 - 1/2)/(hole + 1)")
    proof.have("same", f"{folded} = {true}", (), [("1", "left"), ("1", "right")])


THEOREM = Theorem(
    theorem="folded_bias_corrections_force_the_rescaled_eps",
    title="Folded bias corrections force the rescaled eps",
    says="""Write p for beta1^t and q for beta2^t < 1. If the step with both bias corrections folded into the step size
    and with some number >= 0 in place of eps >= 0 is Adam's step, at one m other than 0 and one v > 0 only, then that
    number is eps sqrt(1 - beta2^t).""",
    sources=["kingma2015adam, Section 2"],
    variables=dict.fromkeys(("alpha", "m", "v", "eps", "folded", "p", "q"), "real"),
    hypotheses={
        "steps": "alpha /= 0",
        "gradient": "m /= 0",
        "moved": "v > 0",
        "eps_sign": "eps >= 0",
        "folded_sign": "folded >= 0",
        "p_apart": "1 - p /= 0",
        "below_1": "q < 1",
        "same": f"alpha*sqrt(1 - q)/(1 - p)*m/(sqrt(v) + folded) = {TRUE}",
    },
    claims={"eps_is_rescaled": "folded = eps*sqrt(1 - q)"},
    lemmas=["rescaled_eps_folds_bias_corrections"],
    model={"alpha": "1", "m": "1/2", "v": "9/25", "eps": "1", "folded": "3/5", "p": "1/2", "q": "16/25"},
    shown=shown,
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
                "folded": "eps*sqrt(1 - q)",
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
