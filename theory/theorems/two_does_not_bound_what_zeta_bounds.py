"""With 2 for zeta(c) the bound on V_T for batch sizes (a m + b0)^c is false for c near 1 (Umeda & Iiduka 2024)."""

from ..proving.instance import Instance
from ..proving.positive import reciprocal
from ..proving.script import Equals, Proof
from ..proving.theorem import Theorem

TANGENT = "forall Y rand, Z rand: Y > 0, Z > 0 => log(Y) - log(Z) <= Y/Z - 1"
LOGS = "logs_lie_below_their_tangents"
V = "sum(m < 4, steps*top^2/b(m))/sum(m < 4, steps*top)"


def script(proof: Proof) -> None:
    """k^(-c) >= (1 - (c - 1) log k)/k, and log 2, log 3, log 4 are at most 5/6, 4/3, 5/3."""
    proof.lemma("logs", TANGENT, LOGS, [], {})
    _logs(proof)
    proof.have("gap", "c - 1 > 0", ["growing"])
    with proof.fixing("reciprocals", "forall m nat: 1/b(m) >= (1 - (c - 1)*log(m + 1))/(m + 1)") as inner:
        _reciprocal(inner)
    for m in range(4):
        proof.use(f"term_{m}", "reciprocals", m=str(m))
    proof.have(
        "four",
        "1/b(0) + 1/b(1) + 1/b(2) + 1/b(3) > 2",
        [*(f"term_{m}" for m in range(4)), *(f"gap*log_{k}" for k in range(2, 5)), "near", "gap"],
        ["log_1"],
    )
    for name in ("steps", "top"):
        reciprocal(proof, name, f"{name}_positive", name)
    proof.linear("noise", "sum(m < 4, steps*top^2/b(m)) = steps*top^2*(1/b(0) + 1/b(1) + 1/b(2) + 1/b(3))")
    proof.linear("sizes", "sum(m < 4, steps*top) = 4*steps*top")
    proof.linear("count", "sum(m < 4, steps) = 4*steps")
    proof.congruent("sizes_over", "sizes", "1/hole")
    proof.congruent("count_over", "count", "1/hole")
    proof.have(
        "false_bound",
        f"{V} > 2*top*steps/sum(m < 4, steps)",
        ["four*top_positive*steps_positive*steps_over"],
        ["noise", ("steps*top^2*(1/b(0) + 1/b(1) + 1/b(2) + 1/b(3))", "sizes_over"),
         ("2*top*steps", "count_over"), "top_unit", "steps_unit"],
    )  # fmt: skip


def _logs(proof: Proof) -> None:
    proof.use("one_from_exp", "exp_of_zero")
    proof.use("log_of_one", "log_of_exp", x="0")
    proof.congruent("log_one", "one_from_exp", "log(hole)")
    proof.have("log_1", "log(1) = 0", (), ["log_of_one", ("-1", "log_one")])
    numbers = {"one": "1", "half": "3/2", "two": "2", "three": "3", "four": "4"}
    for name, number in numbers.items():
        proof.have(f"{name}_positive", f"{number} > 0")
    for low, high in (("one", "half"), ("half", "two"), ("two", "three"), ("three", "four")):
        values = {"Y": numbers[high], "Z": numbers[low]}
        proof.use(f"to_{high}", "logs", f"{high}_positive", f"{low}_positive", **values)
    proof.have("log_2", "log(2) <= 5/6", ["to_half", "to_two"], ["log_1"])
    proof.have("log_3", "log(3) <= 4/3", ["log_2", "to_three"])
    proof.have("log_4", "log(4) <= 5/3", ["log_3", "to_four"])


def _reciprocal(proof: Proof) -> None:
    log = "log(m + 1)"
    proof.use("natural_m", "natural", n="m")
    proof.have("base_positive", "m + 1 > 0", ["natural_m"])
    proof.use("base_value", "exp_of_log", "base_positive", x="m + 1")
    reciprocal(proof, "base", "base_positive", "m + 1")
    proof.use("batch", "batches", m="m")
    proof.use("power", "exp_positive", x=f"c*{log}")
    proof.have("batch_positive", "b(m) > 0", ["power"], ["batch"])
    proof.use("batch_apart", "positive_is_apart", "batch_positive", x="b(m)")
    proof.use("unit", "reciprocal", "batch_apart", x="b(m)")
    inverse = f"exp(-(c - 1)*{log})"
    proof.use("product", "exp_of_sum", x=f"c*{log}", y=f"-(c - 1)*{log}")
    proof.use("tangent", "exp_tangent", x=f"-(c - 1)*{log}")
    equations: list[Equals] = ["unit", "base_unit", "batch", ("1/b(m)/(m + 1)", "product"), "base_value"]
    proof.have("value", f"1/b(m) = {inverse}/(m + 1)", (), equations)
    goal = f"1/b(m) >= (1 - (c - 1)*{log})/(m + 1)"
    proof.have("here", goal, ["tangent*base_over"], ["value"])


THEOREM = Theorem(
    theorem="two_does_not_bound_what_zeta_bounds",
    title="For batch sizes that grow as a power, 2 in place of zeta(c) is too small",
    says="""For 1 < c <= 21/20, batch sizes (m + 1)^c, four blocks of equal length and a constant step size `top`, V_T
    is larger than 2 top steps/T: the bound with 2 for zeta(c) is false.""",
    sources=["umeda2024increasing, scheduler (ii)"],
    variables={"c": "real", "steps": "real", "top": "real", "b": "real(nat)"},
    hypotheses={
        "growing": "c > 1",
        "near": "c <= 21/20",
        "steps_positive": "steps > 0",
        "top_positive": "top > 0",
        "batches": "forall m nat: b(m) = pow(m + 1, c)",
    },
    claims={"false_bound": f"{V} > 2*top*steps/sum(m < 4, steps)"},
    model={"c": "21/20", "steps": "7", "top": "1/10", "b": ["m", "pow(m + 1, 21/20)"]},
    lemmas=[LOGS],
    refutes=(
        "For batch sizes that grow as the power c > 1 of the block, V_T is at most 2 top steps/T: false for c "
        "near 1, as for c <= 21/20. With zeta(c) in place of 2 the bound holds."
    ),
    script=script,
    instances=[
        Instance(
            "a power nearer to 1",
            {"c": "41/40", "steps": "5/2", "top": "1/3", "b": ["m", "pow(m + 1, 41/40)"]},
        ),
    ],
)
