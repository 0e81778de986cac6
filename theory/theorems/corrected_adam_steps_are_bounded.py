"""How long a step of Adam with bias corrections can be after t steps, for any beta1 and beta2 below 1."""

from ..proving.instance import Recursion
from ..proving.script import Proof, square
from ..proving.theorem import Theorem
from .adam_moments_obey_cauchy_schwarz import GRADIENTS, shown, six_steps
from .adam_moments_obey_cauchy_schwarz import THEOREM as MOMENTS
from .powers_of_a_fraction import HALVES
from .root_of_quotient import invert, known_root, root

P, Q, SUM = "1 - p(t + 1)", "1 - q(t + 1)", "sum(j < t + 1, r(j))"
DENOMINATOR = f"sqrt(v(t + 1))/sqrt({Q}) + eps"
STEP = f"alpha/({P})*m(t + 1)/({DENOMINATOR})"
BOUND = f"alpha*((1 - beta1)/({P}))*(sqrt({Q})/sqrt(1 - beta2))*sqrt({SUM})"


def script(proof: Proof) -> None:
    """m^2 <= (1 - beta1)^2/(1 - beta2) S v, and v <= (1 - beta2^t) D^2 for the denominator D."""
    given = [name for name in MOMENTS.hypotheses]
    values = {name: name if name.startswith("beta") else ["t", f"{name}(t)"] for name in MOMENTS.variables}
    for name in ("bound", "second_sign", "sum_sign"):
        proof.lemma(name, MOMENTS.claims[name], MOMENTS.theorem, given, values)
    for beta, powers, lower, below in (("beta1", "p", "first_sign", "first_below_1"), ("beta2", "q", "low", "below_1")):
        if powers == "q":
            proof.have("low", "beta2 >= 0", ["positive"])
        proof.have(f"{powers}_upper", f"{beta} <= 1", [below])
        proof.lemma(
            f"{powers}_later",
            f"forall t nat: {powers}(t + 1) <= {beta}",
            "powers_of_a_fraction",
            [lower, f"{powers}_upper", f"{powers}_start", f"{powers}_next"],
            {"b": beta, "p": ["i", f"{powers}(i)"]},
        )
    proof.have("rest", "1 - beta2 > 0", ["below_1"])
    invert(proof, "rest", "1 - beta2")
    root(proof, "rest", "1 - beta2")
    with proof.fixing("step", f"forall t nat: abs({STEP}) <= {BOUND}") as inner:
        inner.use("p_now", "p_later", t="t")
        inner.have("left", f"{P} > 0", ["p_now", "first_below_1"])
        invert(inner, "left", P)
        inner.use("q_now", "q_later", t="t")
        inner.have("kept", f"{Q} > 0", ["q_now", "below_1"])
        root(inner, "kept", Q)
        inner.use("v_sign", "second_sign", t="t + 1")
        inner.use("v_squared", "root_squared", "v_sign", x="v(t + 1)")
        inner.use("v_root", "root_nonnegative", x="v(t + 1)")
        inner.use("s_sign", "sum_sign", t="t + 1")
        inner.use("s_squared", "root_squared", "s_sign", x=SUM)
        inner.use("s_root", "root_nonnegative", x=SUM)
        inner.have("all", f"{DENOMINATOR} > 0", ["positive_eps", "v_root*kept_root_inverse"])
        invert(inner, "all", DENOMINATOR)
        inner.use("sharp", "bound", t="t + 1")
        inner.have(
            "size",
            f"v(t + 1) <= ({Q})*({DENOMINATOR})^2",
            [square("eps") * "kept", "positive_eps*v_root*kept_root"],
            [
                ("sqrt(v(t + 1))^2*(1 + sqrt(1 - q(t + 1))/sqrt(1 - q(t + 1)))", "kept_root_unit"),
                ("2*eps*sqrt(v(t + 1))*sqrt(1 - q(t + 1))", "kept_root_unit"),
                (f"1/sqrt({Q})^2*sqrt(v(t + 1))^2", "kept_squared"),
                (f"2*eps*sqrt(v(t + 1))/sqrt({Q})", "kept_squared"),
                ("1", "v_squared"),
            ],
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
        inner.have(
            "squares",
            f"({STEP})^2 <= ({BOUND})^2",
            [
                square(f"alpha/({P})/({DENOMINATOR})") * "sharp",
                square(f"alpha*(1 - beta1)/({P})") * "rest_inverse*s_sign*over",
            ],
            ["rest_roots@1/sqrt(1 - beta2)^2", "kept_squared", "s_squared"],
        )
        inner.have("first", "1 - beta1 >= 0", ["first_below_1"])
        inner.have("sign", f"{BOUND} >= 0", ["steps*first*left_inverse*kept_root*rest_root_inverse*s_root"])
        inner.lemma(
            "done", f"abs({STEP}) <= {BOUND}", "size_from_squares", ["squares", "sign"], {"a": STEP, "b": BOUND}
        )
    at_1(proof)


def at_1(proof: Proof) -> None:
    """All factors of the bound are 1 at t = 1."""
    proof.use("now", "step", t="0")
    proof.use("p_1", "p_next", i="0")
    proof.use("q_1", "q_next", i="0")
    proof.linear("alone", "sum(j < 1, r(j)) = r(0)")
    proof.have("sum_1", "sum(j < 1, r(j)) = 1", (), ["alone", "r_start"])
    proof.have("q_is", "1 - q(1) = 1 - beta2", (), ["q_1", "q_start"])
    proof.congruent("root_q", "q_is", "sqrt(hole)")
    proof.congruent("root_sum", "sum_1", "sqrt(hole)")
    known_root(proof, "one", "1", "1")
    proof.have("p_is", "1 - p(1) = 1 - beta1", (), ["p_1", "p_start"])
    proof.congruent("over_p", "p_is", "1/hole")
    proof.have("first_left", "1 - beta1 > 0", ["first_below_1"])
    invert(proof, "first_left", "1 - beta1")
    proof.have(
        "first",
        f"abs({STEP.replace('t + 1', '1')}) <= alpha",
        ["now"],
        [
            ("alpha", "first_left_unit"),
            ("alpha*(1 - beta1)", "over_p"),
            ("alpha*(1 - beta1)/(1 - p(1))*sqrt(1)", "rest_root_unit"),
            ("alpha*(1 - beta1)/(1 - p(1))", "one"),
            ("alpha*(1 - beta1)/(1 - p(1))*sqrt(1)/sqrt(1 - beta2)", "root_q"),
            ("alpha*(1 - beta1)/(1 - p(1))*sqrt(1 - q(1))/sqrt(1 - beta2)", "root_sum"),
        ],
    )


THEOREM = Theorem(
    theorem="corrected_adam_steps_are_bounded",
    title="Adam's steps are bounded at every time",
    says="""After t steps, Adam's step with bias corrections is in every coordinate at most alpha times
    (1 - beta1)/(1 - beta1^t) sqrt((1 - beta2^t)/(1 - beta2)) sqrt(1 + rho + .. + rho^(t-1)), rho = beta1^2/beta2,
    whatever the gradients; at t = 1 that is alpha. Here p(t), q(t) and r(t) are the powers of beta1, beta2 and rho.""",
    sources=["kingma2015adam, Section 2.1"],
    variables={**MOMENTS.variables, "alpha": "real", "eps": "real", "p": "real(nat)", "q": "real(nat)"},
    hypotheses={
        **MOMENTS.hypotheses,
        "first_sign": "beta1 >= 0",
        "first_below_1": "beta1 < 1",
        "positive_eps": "eps > 0",
        "steps": "alpha >= 0",
        "p_start": "p(0) = 1",
        "p_next": "forall i nat: p(i + 1) = beta1*p(i)",
        "q_start": "q(0) = 1",
        "q_next": "forall i nat: q(i + 1) = beta2*q(i)",
    },
    definitions=MOMENTS.definitions,
    claims={
        "step": f"forall t nat: abs({STEP}) <= {BOUND}",
        "first": f"abs({STEP.replace('t + 1', '1')}) <= alpha",
    },
    lemmas=["adam_moments_obey_cauchy_schwarz", "powers_of_a_fraction", "size_from_squares"],
    model={**MOMENTS.model, "alpha": "1", "eps": "1", "p": ["i", HALVES], "q": ["i", HALVES]},
    script=script,
    shown=shown,
    instances=[
        six_steps(
            GRADIENTS,
            eps="1/8",
            alpha="1/4",
            p=Recursion(("i",), "1", "beta1*p(i)"),
            q=Recursion(("i",), "1", "beta2*q(i)"),
        )
    ],
)
