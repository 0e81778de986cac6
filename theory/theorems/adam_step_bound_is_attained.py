"""Growing gradients attain the bound on Adam's steps, so that no smaller constant bounds m_t/sqrt(v_t).

The effective step of Kingma & Ba 2015, Section 2.1, without bias corrections.
"""

from ..proving.instance import Recursion
from ..proving.script import Proof
from ..proving.theorem import Theorem
from .adam_moments_obey_cauchy_schwarz import ENTRY, averages_of_ones, longer_sum, six_steps
from .adam_moments_obey_cauchy_schwarz import THEOREM as MOMENTS
from .root_of_quotient import invert

SUM = "sum(j < t, r(j))"


def script(proof: Proof) -> None:
    """By induction beta2 m_t = (1 - beta1) g_(t+1) beta1 S_t, and the same for v; S_(t+1) = 1 + rho S_t."""
    invert(proof, "positive", "beta2")
    invert(proof, "first_positive", "beta1")
    longer_sum(proof)
    for name, start, following_name, weight in (
        ("first", "m_start", "m_next", "(1 - beta1)*g(t)"),
        ("second", "v_start", "v_next", "(1 - beta2)*g(t)^2"),
    ):
        x = "m" if name == "first" else "v"
        with proof.induction(name, f"forall t nat: {x}(t) = {weight}*{SUM}") as (zero, following):
            zero.linear("none", "sum(j < 0, r(j)) = 0")
            zero.have("done", f"{x}(0) = {weight.replace('(t)', '(0)')}*sum(j < 0, r(j))", (), [start, "none"])
            following.use("next", following_name, t="t")
            following.use("grown", "growth", t="t")
            following.use("longer", "shifted", t="t")
            following.have(
                "done",
                f"{x}(t + 1) = {weight.replace('(t)', '(t + 1)')}*sum(j < t + 1, r(j))",
                (),
                ["next", "before", "longer", "grown", "first_positive_unit", "positive_unit"],
            )
    with proof.fixing("equal", f"forall t nat: (1 - beta2)*m(t)^2 = (1 - beta1)^2*{SUM}*v(t)") as inner:
        inner.use("one", "first", t="t")
        inner.use("two", "second", t="t")
        inner.have("done", f"(1 - beta2)*m(t)^2 = (1 - beta1)^2*{SUM}*v(t)", (), ["one", "two"])
    proof.linear("sum_2", "sum(j < 2, r(j)) = r(0) + r(1)")
    proof.use("ratio", "r_next", i="0")
    proof.use("at_2", "equal", t="2")
    proof.use("v_2", "second", t="2")
    proof.use("g_1", "growth", t="0")
    proof.use("g_2", "growth", t="1")
    proof.have("rest", "1 - beta2 > 0", ["below_1"])
    proof.have("left", "1 - beta1 > 0", ["first_below_1"])
    for name, before, now in (("g_1", "starts", "g(1)"), ("g_2", "g_1_positive", "g(2)")):
        proof.have(f"{name}_positive", f"{now} > 0", [f"positive*first_positive_inverse*{before}"], [name])
    proof.have(
        "larger_sum",
        "sum(j < 2, r(j)) > 1",
        ["first_positive*first_positive*positive_inverse"],
        ["sum_2", "ratio", "r_start"],
    )
    proof.have(
        "v_positive",
        "v(2) > 0",
        ["rest*g_2_positive*g_2_positive*larger_sum", "rest*g_2_positive*g_2_positive"],
        ["v_2"],
    )
    proof.have("exceeds", "(1 - beta2)*m(2)^2 > (1 - beta1)^2*v(2)", ["left*left*larger_sum*v_positive"], ["at_2"])


def shown(proof: Proof) -> None:
    """With beta1 = beta2 = 1/2 the gradients are all 1, and both averages are 1 - beta^t."""
    averages_of_ones(proof)
    proof.have("from_0", "1 - exp(0*log(1/2)) = 0", (), ["halves_start"])


THEOREM = Theorem(
    theorem="adam_step_bound_is_attained",
    title="The bound on Adam's steps is attained",
    says="""If each gradient is beta2/beta1 times the one before, then at every step
    m_t^2 = (1 - beta1)^2/(1 - beta2) (1 + rho + .. + rho^(t-1)) v_t with rho = beta1^2/beta2: the bound that holds for
    all gradients is reached. Already at t = 2, m_t/sqrt(v_t) is larger than (1 - beta1)/sqrt(1 - beta2).""",
    sources=["kingma2015adam, Section 2.1"],
    variables=MOMENTS.variables,
    hypotheses={
        "first_positive": "beta1 > 0",
        "first_below_1": "beta1 < 1",
        "positive": "beta2 > 0",
        "below_1": "beta2 < 1",
        "r_start": "r(0) = 1",
        "r_next": "forall i nat: r(i + 1) = beta1^2/beta2*r(i)",
        "starts": "g(0) > 0",
        "growth": "forall t nat: g(t + 1) = beta2/beta1*g(t)",
        "m_start": "m(0) = 0",
        "v_start": "v(0) = 0",
    },
    definitions=[ENTRY],
    claims={
        "equal": f"forall t nat: (1 - beta2)*m(t)^2 = (1 - beta1)^2*{SUM}*v(t)",
        "v_positive": "v(2) > 0",
        "exceeds": "(1 - beta2)*m(2)^2 > (1 - beta1)^2*v(2)",
    },
    model=MOMENTS.model,
    script=script,
    shown=shown,
    instances=[six_steps(Recursion(("t",), "1", "beta2/beta1*g(t)"))],
)
