"""A constant step and batch size: V_T = eta/b, and a quadratic whose gradients stay above the floor of the bound."""

from ..proving.instance import Drawn, Instance, Recursion, Run, along
from ..proving.script import Equals, Proof, square
from ..proving.theorem import Theorem

FLOOR = "L*eta*sigma2/b/(2 - L*eta)"


def script(proof: Proof) -> None:
    """The recurrence of the mean squared distance has this fixed point, and never crosses it."""
    proof.have("rest", "2 - L*eta > 0", ["stable"])
    for name, whole, body in (
        ("b", "batch", "b"),
        ("rest", "rest", "2 - L*eta"),
        ("eta", "positive", "eta"),
        ("T", "some", "T"),
    ):
        proof.use(f"{name}_apart", "positive_is_apart", whole, x=body)
        proof.use(f"{name}_unit", "reciprocal", f"{name}_apart", x=body)
    proof.linear("S1", "sum(t < T, eta) = T*eta")
    proof.linear("S2", "sum(t < T, eta^2/b) = T*eta^2/b")
    proof.congruent("one_over", "S1", "1/hole")
    proof.have("B", "1/sum(t < T, eta) = 1/eta/T", (), [("1", "one_over")])
    units: list[Equals] = ["eta_unit", "T_unit", "S2", ("1", "B"), ("sum(t < T, eta^2/b)", "one_over")]
    ratio = "sum(t < T, eta^2/b)/sum(t < T, eta) = eta/b"
    proof.have("V", ratio, (), units)
    line = "L^2*e({n}) - " + FLOOR + " = p({n})*(L^2*e(0) - " + FLOOR + ")"
    with proof.induction("distance", "forall n nat: " + line.format(n="n")) as (zero, following):
        zero.have("start", line.format(n="0"), (), ["power_start"])
        following.use("e_next", "recurrence", t="n")
        following.use("p_next", "powers", t="n")
        following.have(
            "next",
            line.format(n="(n + 1)"),
            (),
            ["e_next", "p_next", ("(1 - L*eta)^2", "before"), "rest_unit"],
        )
    with proof.induction("sign", "forall n nat: p(n) >= 0") as (zero, following):
        zero.have("start", "p(0) >= 0", (), ["power_start"])
        following.use("p_next", "powers", t="n")
        following.have("next", "p(n + 1) >= 0", [square("1 - L*eta") * "before"], ["p_next"])
    with proof.fixing("never_below", f"forall n nat: L^2*e(n) >= {FLOOR}") as inner:
        inner.use("here", "distance", n="n")
        inner.use("p_sign", "sign", n="n")
        inner.have("order", f"L^2*e(n) >= {FLOOR}", ["p_sign*above"], [("1", "here")])


QUARTERS = "exp(t*log(1/4))"


def shown(proof: Proof) -> None:
    """Powers of 1/4, and the floor 1/3 with 2/3 of them."""
    proof.have("quarter_positive", "1/4 > 0")
    proof.use("quarter", "exp_of_log", "quarter_positive", x="1/4")
    proof.use("power_start", "exp_of_zero")
    for name, claim in (
        ("powers", "exp((t + 1)*log(1/4)) = (1 - 1/2)^2*exp(t*log(1/4))"),
        ("recurrence", "(1 + 2*exp((t + 1)*log(1/4)))/3 = (1 - 1/2)^2*((1 + 2*exp(t*log(1/4)))/3) + (1/2)^2*1/1"),
    ):
        with proof.fixing(name, f"forall t nat: {claim}") as inner:
            inner.use("split", "exp_of_sum", x="t*log(1/4)", y="log(1/4)")
            inner.have("done", claim, (), ["split", "quarter"])
    proof.have("above", "1^2*((1 + 2*exp(0*log(1/4)))/3) >= 1*(1/2)*1/1/(2 - 1*(1/2))", (), ["power_start"])


THEOREM = Theorem(
    theorem="constant_steps_keep_the_floor_of_the_bound",
    title="With constant step and batch size the floor of the bound is attained",
    says="""With a constant step eta < 2/L and batch b, B_T = 1/(eta T) and V_T = eta/b, so the bound has the floor L
    eta sigma^2/(b (2 - L eta)). On f(x) = L x^2/2 with noise of variance sigma^2/b, where the mean square e(t) of x
    obeys e(t + 1) = (1 - L eta)^2 e(t) + eta^2 sigma^2/b, E |grad f|^2 = L^2 e(t) differs from that floor by (1 - L
    eta)^(2 t) times what it differs by at 0: for L > 0 it goes there, and never below if it starts above.""",
    sources=["umeda2024increasing, Lemma 2.1 and scheduler (i)"],
    variables={
        "T": "nat",
        "L": "real",
        "eta": "real",
        "b": "real",
        "sigma2": "real",
        "e": "real(nat)",
        "p": "real(nat)",
    },
    hypotheses={
        "some": "T > 0",
        "positive": "eta > 0",
        "stable": "L*eta < 2",
        "batch": "b > 0",
        "recurrence": "forall t nat: e(t + 1) = (1 - L*eta)^2*e(t) + eta^2*sigma2/b",
        "power_start": "p(0) = 1",
        "powers": "forall t nat: p(t + 1) = (1 - L*eta)^2*p(t)",
        "above": f"L^2*e(0) >= {FLOOR}",
    },
    claims={
        "B": "1/sum(t < T, eta) = 1/eta/T",
        "V": "sum(t < T, eta^2/b)/sum(t < T, eta) = eta/b",
        "distance": "forall n nat: " + "L^2*e(n) - " + FLOOR + " = p(n)*(L^2*e(0) - " + FLOOR + ")",
        "never_below": f"forall n nat: L^2*e(n) >= {FLOOR}",
    },
    model={
        "T": "2",
        "L": "1",
        "eta": "1/2",
        "b": "1",
        "sigma2": "1",
        "e": ["t", f"(1 + 2*{QUARTERS})/3"],
        "p": ["t", QUARTERS],
    },
    script=script,
    shown=shown,
    instances=[
        Instance(
            "the mean square of three SGD steps on a quadratic loss, all outcomes",
            {
                "T": "3",
                "L": "1",
                "eta": "1/2",
                "b": "2",
                "sigma2": "E(z(1)^2)",
                "z": Drawn(("2", "0", "-1")),
                "p": Recursion(("t",), "1", "(1 - L*eta)^2*p(t)"),
                "exact": Recursion(("t",), "4", "exact(t) - eta*(L*exact(t) + z(t + 1)/sqrt(b))"),
                "e": ["t", "E(x(t)^2)"],
            },
            ("1/4", "1/4", "1/2"),
            draws=3,
            naturals={"": 4},
            run=Run(
                "sgd",
                {"eta": "eta"},
                "L*exact(t) + z(t + 1)/sqrt(b)",
                ("4",),
                3,
                {"x": along("theta")},
                torch="SGD",
            ),
            wrong=("sgd@momentum=ema,first=damped",),
        )
    ],
)
