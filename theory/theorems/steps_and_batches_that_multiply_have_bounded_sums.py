"""Step sizes and batch sizes that both grow exponentially: B_T and V_T (Umeda & Iiduka 2024, scheduler (iii))."""

from ..proving.positive import reciprocal
from ..proving.script import Proof, square
from ..proving.step_sizes import step_sizes
from ..proving.theorem import Theorem
from .reciprocals_of_a_geometric_sequence_add_up import TWOS, powers_of_two

S1, SN = "sum(m < M + 1, steps(m)*eta(m))", "sum(m < M + 1, steps(m)*eta(m)^2/b(m))"
LIMIT = "eta(0)^2/b(0)/(1 - gamma^2/delta)"


def script(proof: Proof) -> None:
    """The last block alone bounds sum eta; eta^2/b shrinks by gamma^2/delta from block to block."""
    proof.have("delta_positive", "delta > 0", ["slower", square("gamma")])
    reciprocal(proof, "delta", "delta_positive", "delta")
    proof.have("ratio", "1 - gamma^2/delta > 0", ["slower*delta_over"], ["delta_unit"])
    reciprocal(proof, "ratio", "ratio", "1 - gamma^2/delta")
    reciprocal(proof, "least", "some", "least")
    proof.have("gamma_positive", "gamma > 0", ["growing"])
    for name, family, rule, factor in (("eta", "eta", "eta_rule", "gamma"), ("b", "b", "b_rule", "delta")):
        with proof.induction(f"all_{name}", f"forall m nat: {family}(m) > 0") as (zero, following):
            zero.have("start", f"{family}(0) > 0", [f"{name}_first"])
            following.use("next_one", rule, m="m")
            following.have("next", f"{family}(m + 1) > 0", [f"before*{factor}_positive"], ["next_one"])
    with proof.fixing("sizes", "forall m nat: steps(m)*eta(m) >= 0") as inner:
        inner.use("here", "all_eta", m="m")
        inner.use("long", "shortest", m="m")
        inner.have("size", "steps(m)*eta(m) >= 0", ["here*long", "here*some"])
    proof.add("earlier", "sum(m < M, steps(m)*eta(m)) >= 0", "sizes", "M")
    proof.linear("more", f"{S1} = sum(m < M, steps(m)*eta(m)) + steps(M)*eta(M)")
    proof.use("last_eta", "all_eta", m="M")
    proof.use("last_long", "shortest", m="M")
    proof.have("lower", f"{S1} >= least*eta(M)", ["earlier", "last_eta*last_long"], ["more"])
    _noise(proof)
    proof.have("S_positive", f"{S1} > 0", ["lower", "some*last_eta"])
    reciprocal(proof, "S", "S_positive", S1)
    reciprocal(proof, "last", "last_eta", "eta(M)")
    units = ["S_unit", "least_unit", "last_unit"]
    proof.have("B", f"1/{S1} <= 1/least/eta(M)", ["lower*S_over*least_over*last_over"], units)
    proof.have(
        "V",
        f"({SN})/({S1}) <= most/least*{LIMIT}/eta(M)",
        ["noise*S_over", "B*most_positive*limit"],
    )


def _noise(proof: Proof) -> None:
    with proof.fixing("shrinks", "forall m nat: eta(m + 1)^2/b(m + 1) = gamma^2/delta*(eta(m)^2/b(m))") as inner:
        inner.use("eta_next", "eta_rule", m="m")
        inner.use("b_next", "b_rule", m="m")
        inner.congruent("over_next", "b_next", "1/hole")
        goal = "eta(m + 1)^2/b(m + 1) = gamma^2/delta*(eta(m)^2/b(m))"
        inner.have("here", goal, (), ["eta_next", ("gamma^2*eta(m)^2", "over_next")])
    line = "(1 - gamma^2/delta)*sum(m < {0}, eta(m)^2/b(m)) = eta(0)^2/b(0) - eta({0})^2/b({0})"
    with proof.induction("telescope", "forall n nat: " + line.format("n")) as (zero, following):
        zero.linear("start", line.format("0"))
        following.use("next_one", "shrinks", m="n")
        following.linear("another", "sum(m < n + 1, eta(m)^2/b(m)) = sum(m < n, eta(m)^2/b(m)) + eta(n)^2/b(n)")
        goal = line.format("(n + 1)").replace("m < (n + 1)", "m < n + 1")
        following.have("next", goal, (), ["another", ("1", "before"), ("1", "next_one")])
    proof.use("whole", "telescope", n="M + 1")
    proof.use("end", "all_b", m="M + 1")
    proof.use("end_over", "reciprocal_positive", "end", x="b(M + 1)")
    total = "sum(m < M + 1, eta(m)^2/b(m))"
    proof.have(
        "squares",
        f"{total} <= {LIMIT}",
        [square("eta(M + 1)") * "end_over*ratio_over"],
        ["ratio_unit", ("1/(1 - gamma^2/delta)", "whole")],
    )
    with proof.fixing("each", "forall m nat: most*(eta(m)^2/b(m)) - steps(m)*eta(m)^2/b(m) >= 0") as inner:
        inner.use("b_here", "all_b", m="m")
        inner.use("over", "reciprocal_positive", "b_here", x="b(m)")
        inner.use("short", "longest", m="m")
        goal = "most*(eta(m)^2/b(m)) - steps(m)*eta(m)^2/b(m) >= 0"
        inner.have("here", goal, [square("eta(m)") * "short*over"])
    proof.add("all", f"most*{total} - {SN} >= 0", "each", "M + 1")
    proof.use("one_short", "longest", m="0")
    proof.use("one_long", "shortest", m="0")
    proof.have("most_positive", "most > 0", ["one_short", "one_long", "some"])
    proof.have("noise", f"{SN} <= most*{LIMIT}", ["all", "most_positive*squares"])
    proof.use("first_over", "reciprocal_positive", "b_first", x="b(0)")
    proof.have("limit", f"{LIMIT} >= 0", [square("eta(0)") * "first_over*ratio_over"])


def shown(proof: Proof) -> None:
    """Powers of 2 and of 8."""
    powers_of_two(proof, "eta_rule")
    proof.have("eta_first", "exp(0*log(2)) > 0", (), ["start_at_one"])
    with proof.fixing("b_rule", "forall m nat: exp((m + 1)*log(2))^3 = 8*exp(m*log(2))^3") as inner:
        inner.use("next_one", "eta_rule", m="m")
        inner.have("done", "exp((m + 1)*log(2))^3 = 8*exp(m*log(2))^3", (), ["next_one"])
    proof.have("b_first", "exp(0*log(2))^3 > 0", (), ["start_at_one"])


THEOREM = Theorem(
    theorem="steps_and_batches_that_multiply_have_bounded_sums",
    title="Step sizes and batch sizes that both grow exponentially: B_T and V_T",
    says="""Over blocks m = 0, ..., M of at least `least` and at most `most` steps, eta grows by gamma > 1 and b by
    delta > gamma^2. Then B_T <= 1/(least eta(M)) and V_T <= (most/least) eta(0)^2/(b(0)(1 - gamma^2/delta)
    eta(M)), where eta(M) = gamma^M eta(0).""",
    sources=["umeda2024increasing, scheduler (iii)"],
    variables={
        "M": "nat",
        "gamma": "real",
        "delta": "real",
        "least": "real",
        "most": "real",
        "eta": "real(nat)",
        "b": "real(nat)",
        "steps": "real(nat)",
    },
    hypotheses={
        "growing": "gamma > 1",
        "slower": "gamma^2 < delta",
        "eta_first": "eta(0) > 0",
        "eta_rule": "forall m nat: eta(m + 1) = gamma*eta(m)",
        "b_first": "b(0) > 0",
        "b_rule": "forall m nat: b(m + 1) = delta*b(m)",
        "some": "least > 0",
        "shortest": "forall m nat: steps(m) >= least",
        "longest": "forall m nat: steps(m) <= most",
    },
    claims={
        "B": f"1/{S1} <= 1/least/eta(M)",
        "V": f"({SN})/({S1}) <= most/least*{LIMIT}/eta(M)",
    },
    model={
        "M": "2",
        "gamma": "2",
        "delta": "8",
        "least": "1",
        "most": "2",
        "eta": ["m", TWOS],
        "b": ["m", f"{TWOS}^3"],
        "steps": ["m", "3/2"],
    },
    script=script,
    shown=shown,
    instances=[
        step_sizes(
            "ExponentialLR with a factor above 1",
            "1/16*pow(gamma, t)",
            4,
            "ExponentialLR(2)",
            {
                **{"M": "2", "gamma": "2", "delta": "8", "least": "1", "most": "2"},
                **{"b": ["m", "pow(delta, m)"], "steps": ["m", "1 + 1/(m + 1)"]},
            },
        )
    ],
)
