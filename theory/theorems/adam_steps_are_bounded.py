"""|m_t|/sqrt(v_t) is at most (1 - beta1)/sqrt((1 - beta2)(1 - beta1^2/beta2)) in Adam with beta1^2 < beta2.

It is the effective step of Kingma & Ba 2015, Section 2.1, without bias corrections.
"""

from ..proving.script import Proof, square
from ..proving.theorem import Theorem
from .adam_moments_obey_cauchy_schwarz import GRADIENTS, shown, six_steps
from .adam_moments_obey_cauchy_schwarz import THEOREM as MOMENTS
from .root_of_quotient import invert, root

RATIO, SUM = "beta1^2/beta2", "sum(j < t, r(j))"
SIZE = "(1 - beta1)/(sqrt(1 - beta2)*sqrt(1 - beta1^2/beta2))"


def script(proof: Proof) -> None:
    """The sum of the powers of rho is (1 - rho^t)/(1 - rho), at most 1/(1 - rho)."""
    given = [name for name in MOMENTS.hypotheses]
    values = {name: name if name.startswith("beta") else ["t", f"{name}(t)"] for name in MOMENTS.variables}
    for name in ("bound", "second_sign", "powers_sign", "shifted"):
        proof.lemma(name, MOMENTS.claims[name], MOMENTS.theorem, given, values)
    invert(proof, "positive", "beta2")
    proof.have("gap", f"1 - {RATIO} > 0", ["slow*positive_inverse"], ["positive_unit"])
    proof.have("rest", "1 - beta2 > 0", ["below_1"])
    for name, text in (("gap", f"1 - {RATIO}"), ("rest", "1 - beta2")):
        invert(proof, name, text)
        root(proof, name, text)
    with proof.fixing("geometric", f"forall t nat: (1 - {RATIO})*{SUM} = 1 - r(t)") as inner:
        inner.use("longer", "shifted", t="t")
        inner.linear("last", f"sum(j < t + 1, r(j)) = {SUM} + r(t)")
        inner.have("done", f"(1 - {RATIO})*{SUM} = 1 - r(t)", (), ["longer", ("1", "last")])
    with proof.fixing("moments", f"forall t nat: abs(m(t)) <= {SIZE}*sqrt(v(t))") as inner:
        moments(inner)
    size = "forall t nat: v(t) > 0 => abs(m(t))/sqrt(v(t)) <= " + SIZE
    with proof.fixing("size", size, "moved") as inner:
        inner.use("now", "moments", t="t")
        root(inner, "moved", "v(t)")
        inner.have("done", f"abs(m(t))/sqrt(v(t)) <= {SIZE}", ["now*moved_root_inverse"], ["moved_root_unit"])
    step = f"forall t nat: abs(m(t))/(sqrt(v(t)) + eps) <= {SIZE}"
    with proof.fixing("step", step) as inner:
        inner.use("now", "moments", t="t")
        inner.use("root", "root_nonnegative", x="v(t)")
        inner.have("all", "sqrt(v(t)) + eps > 0", ["root", "positive_eps"])
        invert(inner, "all", "sqrt(v(t)) + eps")
        inner.have("first", "1 - beta1 > 0", ["first_below_1"])
        inner.have(
            "done",
            f"abs(m(t))/(sqrt(v(t)) + eps) <= {SIZE}",
            ["now*all_inverse", "first*gap_root_inverse*rest_root_inverse*positive_eps*all_inverse"],
            [(SIZE, "all_unit")],
        )


def moments(inner: Proof) -> None:
    """m^2 <= (1 - beta1)^2/(1 - beta2) v/(1 - rho), and the roots of both sides."""
    inner.use("sharp", "bound", t="t")
    inner.use("v_sign", "second_sign", t="t")
    inner.use("v_squared", "root_squared", "v_sign", x="v(t)")
    inner.use("v_root", "root_nonnegative", x="v(t)")
    inner.use("sum_now", "geometric", t="t")
    inner.use("power", "powers_sign", i="t")
    inner.have(
        "sum_bound",
        f"{SUM} <= 1/(1 - {RATIO})",
        ["power*gap_inverse"],
        [(SUM, "gap_unit"), (f"1/(1 - {RATIO})", "sum_now")],
    )
    inner.have(
        "gap_roots",
        f"1/sqrt(1 - {RATIO})^2 = 1/(1 - {RATIO})",
        (),
        [
            (f"1/(1 - {RATIO})", "gap_root_unit"),
            (f"1/sqrt(1 - {RATIO})/(1 - {RATIO})*sqrt(1 - {RATIO})", "gap_root_unit"),
            (f"1/sqrt(1 - {RATIO})^2/(1 - {RATIO})", "gap_squared"),
            (f"1/sqrt(1 - {RATIO})^2", "gap_unit"),
        ],
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
    inner.have("first", "1 - beta1 >= 0", ["first_below_1"])
    inner.have("sign", f"{SIZE}*sqrt(v(t)) >= 0", ["first*gap_root_inverse*rest_root_inverse*v_root"])
    inner.have(
        "squares",
        f"m(t)^2 <= ({SIZE}*sqrt(v(t)))^2",
        ["sharp", square("1 - beta1") * "rest_inverse*v_sign*sum_bound"],
        ["gap_roots@1/sqrt(1 - beta1^2/beta2)^2", "rest_roots@1/sqrt(1 - beta2)^2", "v_squared"],
    )
    inner.lemma(
        "done",
        f"abs(m(t)) <= {SIZE}*sqrt(v(t))",
        "size_from_squares",
        ["squares", "sign"],
        {"a": "m(t)", "b": f"{SIZE}*sqrt(v(t))"},
    )


THEOREM = Theorem(
    theorem="adam_steps_are_bounded",
    title="Adam's steps are bounded",
    says="""If beta1^2 < beta2, beta1 < 1, m_0 = 0 and v_0 >= 0, then |m_t| <= K sqrt(v_t) in every coordinate at every
    step, whatever the gradients, with K = (1 - beta1)/sqrt((1 - beta2)(1 - beta1^2/beta2)); so a step without bias
    corrections is at most K times the step size.""",
    sources=["kingma2015adam, Section 2.1"],
    variables={**MOMENTS.variables, "eps": "real"},
    hypotheses={
        **MOMENTS.hypotheses,
        "first_below_1": "beta1 < 1",
        "slow": "beta1^2 < beta2",
        "positive_eps": "eps > 0",
    },
    definitions=MOMENTS.definitions,
    claims={
        "moments": f"forall t nat: abs(m(t)) <= {SIZE}*sqrt(v(t))",
        "size": f"forall t nat: v(t) > 0 => abs(m(t))/sqrt(v(t)) <= {SIZE}",
        "step": f"forall t nat: abs(m(t))/(sqrt(v(t)) + eps) <= {SIZE}",
    },
    lemmas=["adam_moments_obey_cauchy_schwarz", "size_from_squares"],
    model={**MOMENTS.model, "eps": "1"},
    script=script,
    shown=shown,
    instances=[six_steps(GRADIENTS, eps="1/8")],
)
