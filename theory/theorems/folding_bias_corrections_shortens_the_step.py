"""Adam's bias corrections folded into the step size with the same eps: another, shorter step at every state."""

from ..proving.positive import reciprocal
from ..proving.same_names import own_letters
from ..proving.script import Proof
from ..proving.theorem import Theorem
from .rescaled_eps_folds_bias_corrections import THEOREM as RESCALED

TRUE = "alpha*(m/(1 - p))/(sqrt(v/(1 - q)) + eps)"


def script(proof: Proof) -> None:
    """The folded denominator is sqrt(v) + eps; the right one, sqrt(v) + eps sqrt(1 - q), is smaller."""
    proof.have("eps_sign", "eps >= 0", ["positive_eps"])
    proof.lemma(
        "identity",
        RESCALED.claims["same"],
        RESCALED.theorem,
        ["moved", "eps_sign", "below_1"],
        own_letters(RESCALED.variables),
    )
    proof.have("kept", "1 - q > 0", ["below_1"])
    proof.have("kept_sign", "1 - q >= 0", ["below_1"])
    proof.use("factor_squared", "root_squared", "kept_sign", x="1 - q")
    proof.use("factor", "root_positive", "kept", x="1 - q")
    proof.use("root", "root_positive", "moved", x="v")
    proof.have("plus", "1 + sqrt(1 - q) > 0", ["factor"])
    reciprocal(proof, "plus", "plus", "1 + sqrt(1 - q)", over="inverse")
    proof.have(
        "factor_below_1",
        "1 - sqrt(1 - q) > 0",
        ["above_0*plus_inverse"],
        [("1 - sqrt(1 - q)", "plus_unit"), ("1/(1 + sqrt(1 - q))", "factor_squared")],
    )
    proof.have("right", "sqrt(v) + eps*sqrt(1 - q) > 0", ["root", "positive_eps*factor"])
    proof.have("folded", "sqrt(v) + eps > 0", ["root", "positive_eps"])
    for name, text in (("right", "sqrt(v) + eps*sqrt(1 - q)"), ("folded", "sqrt(v) + eps")):
        reciprocal(proof, name, name, text, over="inverse")
    one, two = "1/(sqrt(v) + eps*sqrt(1 - q))", "1/(sqrt(v) + eps)"
    proof.have(
        "gap",
        f"{two} < {one}",
        ["positive_eps*factor_below_1*right_inverse*folded_inverse"],
        [(one, "folded_unit"), (two, "right_unit")],
    )
    proof.have("left", "1 - p > 0", ["p_below_1"])
    proof.use("left_inverse", "reciprocal_positive", "left", x="1 - p")
    proof.have(
        "shorter",
        f"alpha*sqrt(1 - q)/(1 - p)*m/(sqrt(v) + eps) < {TRUE}",
        ["steps*gradient*factor*left_inverse*gap"],
        ["identity"],
    )


THEOREM = Theorem(
    theorem="folding_bias_corrections_shortens_the_step",
    title="Folding the bias corrections with the same eps shortens every step",
    says="""Write p for beta1^t < 1 and q for beta2^t, between 0 and 1. With the bias corrections folded into the step
    size and the same eps > 0, the step is not Adam's: for m > 0 and v > 0 it is strictly shorter.""",
    sources=["kingma2015adam, Section 2"],
    variables=RESCALED.variables,
    hypotheses={
        "steps": "alpha > 0",
        "gradient": "m > 0",
        "moved": "v > 0",
        "positive_eps": "eps > 0",
        "p_below_1": "p < 1",
        "above_0": "q > 0",
        "below_1": "q < 1",
    },
    claims={"shorter": f"alpha*sqrt(1 - q)/(1 - p)*m/(sqrt(v) + eps) < {TRUE}"},
    lemmas=[RESCALED.theorem],
    model={"alpha": "1", "m": "1", "v": "1", "eps": "1", "p": "1/2", "q": "1/2"},
    script=script,
    instances=RESCALED.instances,
)
