"""How long a step of Adam with bias corrections can be after t steps, for any beta1 and beta2 below 1."""

from ..proving.instance import Instance, Recursion, Run, along
from ..proving.script import Proof, square
from ..proving.theorem import Theorem
from .adam_moments_obey_cauchy_schwarz import GRADIENTS, averages_of_ones
from .adam_moments_obey_cauchy_schwarz import THEOREM as MOMENTS
from .corrected_adam_follows_the_drift_of_its_periodic_state import ENTRY
from .powers_of_a_fraction import HALVES
from .root_of_quotient import invert, known_root, root
from .torch_adam_is_generic_adam_with_schedules import steps_of_ones

P, Q, SUM = "1 - beta1_power(t + 1)", "1 - beta2_power(t + 1)", "sum(j < t + 1, r(j))"
ROOT, MOVED = f"sqrt(v(t + 1)/({Q}))", "theta(t + 1) - theta(t)"
DENOMINATOR = f"{ROOT} + eps"
BOUND = f"eta*((1 - beta1)/({P}))*(sqrt({Q})/sqrt(1 - beta2))*sqrt({SUM})"


def script(proof: Proof) -> None:
    """m^2 <= (1 - beta1)^2/(1 - beta2) S v, and v <= (1 - beta2^t) D^2 for the denominator D."""
    proof.have("v_start_sign", "v(0) >= 0", (), ["v_start"])
    given = ["v_start_sign" if name == "v_start" else name for name in MOMENTS.hypotheses]
    values = {name: name if name.startswith("beta") else ["t", f"{name}(t)"] for name in MOMENTS.variables}
    for name in ("bound", "second_sign", "sum_sign"):
        proof.lemma(name, MOMENTS.claims[name], MOMENTS.theorem, given, values)
    proof.have("low", "beta2 >= 0", ["positive"])
    for beta, lower, below in (("beta1", "first_sign", "first_below_1"), ("beta2", "low", "below_1")):
        proof.have(f"{beta}_upper", f"{beta} <= 1", [below])
        proof.lemma(
            f"{beta}_later",
            f"forall t nat: {beta}_power(t + 1) <= {beta}",
            "powers_of_a_fraction",
            [lower, f"{beta}_upper", f"{beta}_power_start", f"{beta}_power_next"],
            {"b": beta, "p": ["i", f"{beta}_power(i)"]},
        )
    proof.have("rest", "1 - beta2 > 0", ["below_1"])
    invert(proof, "rest", "1 - beta2")
    root(proof, "rest", "1 - beta2")
    with proof.fixing("step", f"forall t nat: abs({MOVED}) <= {BOUND}") as inner:
        inner.use("p_now", "beta1_later", t="t")
        inner.have("left", f"{P} > 0", ["p_now", "first_below_1"])
        invert(inner, "left", P)
        inner.use("q_now", "beta2_later", t="t")
        inner.have("kept", f"{Q} > 0", ["q_now", "below_1"])
        invert(inner, "kept", Q)
        root(inner, "kept", Q)
        inner.use("v_sign", "second_sign", t="t + 1")
        inner.have("corrected_sign", f"v(t + 1)/({Q}) >= 0", ["v_sign*kept_inverse"])
        inner.use("corrected_squared", "root_squared", "corrected_sign", x=f"v(t + 1)/({Q})")
        inner.use("corrected_root", "root_nonnegative", x=f"v(t + 1)/({Q})")
        inner.use("s_sign", "sum_sign", t="t + 1")
        inner.use("s_squared", "root_squared", "s_sign", x=SUM)
        inner.use("s_root", "root_nonnegative", x=SUM)
        inner.have("all", f"{DENOMINATOR} > 0", ["positive_eps", "corrected_root"])
        invert(inner, "all", DENOMINATOR)
        inner.use("sharp", "bound", t="t + 1")
        inner.have(
            "size",
            f"v(t + 1) <= ({Q})*({DENOMINATOR})^2",
            [square("eps") * "kept", "positive_eps*corrected_root*kept"],
            [(Q, "corrected_squared"), ("v(t + 1)", "kept_unit")],
        )
        inner.have(
            "over",
            f"v(t + 1)*(1/({DENOMINATOR}))^2 <= {Q}",
            [square(f"1/({DENOMINATOR})") * "size"],
            [(f"({Q})*(({DENOMINATOR})/({DENOMINATOR}) + 1)", "all_unit")],
        )
        inner.have(
            "rest_roots",
            "1/sqrt(1 - beta2)^2 = 1/(1 - beta2)",
            (),
            [
                ("1/(1 - beta2)", "rest_root_unit"),
                ("1/sqrt(1 - beta2)/(1 - beta2)*sqrt(1 - beta2)", "rest_root_unit"),
                ("1/sqrt(1 - beta2)^2/(1 - beta2)", "rest_squared"),
                ("1/sqrt(1 - beta2)^2", "rest_unit"),
            ],
        )
        inner.use("next", "theta_next", t="t")
        inner.have(
            "squares",
            f"({MOVED})^2 <= ({BOUND})^2",
            [
                square(f"eta/({P})/({DENOMINATOR})") * "sharp",
                square(f"eta*(1 - beta1)/({P})") * "rest_inverse*s_sign*over",
            ],
            ["next", "rest_roots@1/sqrt(1 - beta2)^2", "kept_squared", "s_squared"],
        )
        inner.have("first", "1 - beta1 >= 0", ["first_below_1"])
        inner.have("sign", f"{BOUND} >= 0", ["steps*first*left_inverse*kept_root*rest_root_inverse*s_root"])
        names = {"a": MOVED, "b": BOUND}
        inner.lemma("done", f"abs({MOVED}) <= {BOUND}", "size_from_squares", ["squares", "sign"], names)
    at_1(proof)


def at_1(proof: Proof) -> None:
    """All factors of the bound are 1 at t = 1."""
    proof.use("now", "step", t="0")
    proof.use("p_1", "beta1_power_next", t="0")
    proof.use("q_1", "beta2_power_next", t="0")
    proof.linear("alone", "sum(j < 1, r(j)) = r(0)")
    proof.have("sum_1", "sum(j < 1, r(j)) = 1", (), ["alone", "r_start"])
    proof.have("q_is", "1 - beta2_power(1) = 1 - beta2", (), ["q_1", "beta2_power_start"])
    proof.congruent("root_q", "q_is", "sqrt(hole)")
    proof.congruent("root_sum", "sum_1", "sqrt(hole)")
    known_root(proof, "one", "1", "1")
    proof.have("p_is", "1 - beta1_power(1) = 1 - beta1", (), ["p_1", "beta1_power_start"])
    proof.congruent("over_p", "p_is", "1/hole")
    proof.have("first_left", "1 - beta1 > 0", ["first_below_1"])
    invert(proof, "first_left", "1 - beta1")
    proof.have(
        "first",
        "abs(theta(1) - theta(0)) <= eta",
        ["now"],
        [
            ("eta", "first_left_unit"),
            ("eta*(1 - beta1)", "over_p"),
            ("eta*(1 - beta1)/(1 - beta1_power(1))*sqrt(1)", "rest_root_unit"),
            ("eta*(1 - beta1)/(1 - beta1_power(1))", "one"),
            ("eta*(1 - beta1)/(1 - beta1_power(1))*sqrt(1)/sqrt(1 - beta2)", "root_q"),
            ("eta*(1 - beta1)/(1 - beta1_power(1))*sqrt(1 - beta2_power(1))/sqrt(1 - beta2)", "root_sum"),
        ],
    )


def shown(proof: Proof) -> None:
    """All gradients are 1."""
    averages_of_ones(proof)
    proof.have("start", "1 - exp(0*log(1/2)) = 0", (), ["halves_start"])
    steps_of_ones(proof, "t nat")


THEOREM = Theorem(
    theorem="corrected_adam_steps_are_bounded",
    title="Adam's steps are bounded at every time",
    says="""After t steps, Adam's step with bias corrections is in every coordinate at most eta times
    (1 - beta1)/(1 - beta1^t) sqrt((1 - beta2^t)/(1 - beta2)) sqrt(1 + rho + .. + rho^(t-1)), rho = beta1^2/beta2,
    whatever the gradients; at t = 1 that is eta. Here r(t) are the powers of rho.""",
    sources=["kingma2015adam, Section 2.1"],
    variables={"r": "real(nat)"},
    hypotheses={
        **{name: said for name, said in MOMENTS.written.items() if name not in ("m_start", "v_start")},
        "first_sign": "beta1 >= 0",
        "first_below_1": "beta1 < 1",
        "positive_eps": "eps > 0",
        "steps": "eta >= 0",
    },
    definitions=[ENTRY],
    claims={
        "step": f"forall t nat: abs({MOVED}) <= {BOUND}",
        "first": "abs(theta(1) - theta(0)) <= eta",
    },
    lemmas=["adam_moments_obey_cauchy_schwarz", "powers_of_a_fraction", "size_from_squares"],
    model={
        **MOMENTS.model,
        **{"theta": ["t", "-t/2"], "eta": "1", "eps": "1", "beta1_power": ["i", HALVES], "beta2_power": ["i", HALVES]},
    },
    script=script,
    shown=shown,
    instances=[
        Instance(
            "six steps of one coordinate",
            {
                **{"eta": "1/4", "beta1": "1/2", "beta2": "3/4", "eps": "1/8", "g": GRADIENTS},
                "beta1_power": Recursion(("t",), "1", "beta1*beta1_power(t)"),
                "beta2_power": Recursion(("t",), "1", "beta2*beta2_power(t)"),
                "r": Recursion(("i",), "1", "beta1^2/beta2*r(i)"),
            },
            naturals={"": 7},
            run=Run(
                "adam",
                {name: name for name in ("eta", "beta1", "beta2", "eps")},
                "g(t + 1)",
                ("1",),
                6,
                {name: along(name) for name in ("theta", "m", "v")},
                torch="Adam",
            ),
            wrong=("adam@correction=none", "adam@eps=hat", "adam@second_moment=old"),
        )
    ],
)
