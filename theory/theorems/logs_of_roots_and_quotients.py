"""Logarithms of roots, reciprocals and quotients."""

from ..proving.instance import Instance
from ..proving.script import Proof
from ..proving.theorem import Theorem


def script(proof: Proof) -> None:
    """exp of the right sides is what stands under the logarithms on the left."""
    for x in ("a", "b"):
        proof.use(f"of_{x}", "exp_of_log", f"{x}_positive", x=x)
        proof.use(f"{x}_apart", "positive_is_apart", f"{x}_positive", x=x)
        proof.use(f"{x}_unit", "reciprocal", f"{x}_apart", x=x)
    proof.use("whole", "exp_of_sum", x="log(a) - log(b)", y="log(b)")
    difference = "exp(log(a) - log(b))"
    proof.have("product", f"a = {difference}*b", (), [("1", "whole"), ("1", "of_a"), (difference, "of_b")])
    proof.have("ratio", f"{difference} = a/b", (), [(difference, "b_unit"), ("1/b", "product")])
    proof.congruent("same", "ratio", "log(hole)")
    proof.use("back", "log_of_exp", x="log(a) - log(b)")
    proof.have("quotient", "log(a/b) = log(a) - log(b)", (), [("1", "same"), ("1", "back")])
    proof.use("zero", "log_of_exp", x="0")
    proof.use("one", "exp_of_zero")
    proof.congruent("same_one", "one", "log(hole)")
    proof.have("of_one", "log(1) = 0", (), [("1", "same_one"), ("1", "zero")])
    proof.use("whole_one", "exp_of_sum", x="0 - log(b)", y="log(b)")
    proof.have(
        "b_product", "exp(0 - log(b))*b = 1", (), [("1", "whole_one"), ("exp(0 - log(b))", "of_b"), ("1", "one")]
    )
    proof.have("b_ratio", "exp(0 - log(b)) = 1/b", (), [("exp(0 - log(b))", "b_unit"), ("1/b", "b_product")])
    proof.congruent("b_same", "b_ratio", "log(hole)")
    proof.use("b_back", "log_of_exp", x="0 - log(b)")
    proof.have("reciprocal_of_b", "log(1/b) = -log(b)", (), [("1", "b_same"), ("1", "b_back")])
    proof.have("b_sign", "b >= 0", ["b_positive"])
    proof.use("root", "root_squared", "b_sign", x="b")
    proof.use("root_positive_here", "root_positive", "b_positive", x="b")
    proof.use("of_root", "exp_of_log", "root_positive_here", x="sqrt(b)")
    proof.use("twice", "exp_of_sum", x="log(sqrt(b))", y="log(sqrt(b))")
    proof.have(
        "square",
        "exp(2*log(sqrt(b))) = b",
        (),
        [("1", "twice"), ("exp(log(sqrt(b))) + sqrt(b)", "of_root"), ("1", "root")],
    )
    proof.congruent("root_same", "square", "log(hole)")
    proof.use("root_back", "log_of_exp", x="2*log(sqrt(b))")
    proof.have("root_of_b", "2*log(sqrt(b)) = log(b)", (), [("1", "root_same"), ("1", "root_back")])


THEOREM = Theorem(
    theorem="logs_of_roots_and_quotients",
    title="Logarithms of roots, reciprocals and quotients",
    says="""For positive numbers: log(a/b) = log(a) - log(b), log(1/b) = -log(b), log(b) is twice log(sqrt(b)), and
    log(1) = 0.""",
    variables={"a": "real", "b": "real"},
    hypotheses={"a_positive": "a > 0", "b_positive": "b > 0"},
    claims={
        "quotient": "log(a/b) = log(a) - log(b)",
        "reciprocal_of_b": "log(1/b) = -log(b)",
        "root_of_b": "2*log(sqrt(b)) = log(b)",
        "of_one": "log(1) = 0",
    },
    model={"a": "2", "b": "3"},
    script=script,
    instances=[
        Instance("fractions on both sides of 1", {"a": "5/3", "b": "2/7"}),
    ],
)
