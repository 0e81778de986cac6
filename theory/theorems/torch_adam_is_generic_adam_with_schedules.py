"""PyTorch's Adam is Generic Adam with other step sizes and other eps, both written out.

Generic Adam: Zou et al. 2019 and Chen et al. 2022, Algorithm 1, there without bias corrections.
"""

from ..proving.instance import Instance, Read, Recursion, Run
from ..proving.positive import reciprocal
from ..proving.script import Proof
from ..proving.theorem import Theorem
from .powers_of_a_fraction import HALVES, known_powers

ALPHA, EPS = "alpha*sqrt(1 - q(t + 1))/(1 - p(t + 1))", "eps*sqrt(1 - q(t + 1))"
FACTOR = "sqrt(1 - q(t + 1))"


def script(proof: Proof) -> None:
    """sqrt(v)/c + eps = (sqrt(v) + eps c)/c with c = sqrt(1 - beta2^t), and 1 - beta2^t <= c <= 1."""
    for beta, powers in (("beta1", "p"), ("beta2", "q")):
        proof.have(f"{beta}_upper", f"{beta} <= 1", [f"{beta}_below_1"])
        for kind, claim in (("at_least_0", ">= 0"), ("later", f"<= {beta}")):
            at = "t" if kind == "at_least_0" else "t + 1"
            hypotheses = [f"{beta}_sign", f"{beta}_upper", f"{powers}_start", f"{powers}_next"]
            proof.lemma(
                f"{powers}_{kind}",
                f"forall t nat: {powers}({at}) {claim}",
                "powers_of_a_fraction",
                hypotheses,
                {"b": beta, "p": ["i", f"{powers}(i)"]},
            )
    with proof.fixing(
        "generic",
        f"forall t nat, i nat: theta(t + 1, i) = theta(t, i) - {ALPHA}*m(t + 1, i)/(sqrt(v(t + 1, i)) + {EPS})",
    ) as inner:
        factor(inner)
        inner.use("root", "root_nonnegative", x="v(t + 1, i)")
        torch, folded = f"sqrt(v(t + 1, i))/{FACTOR} + eps", f"sqrt(v(t + 1, i)) + {EPS}"
        inner.use("inverse", "reciprocal_positive", "factor", x=FACTOR)
        inner.have("torch", f"{torch} > 0", ["positive_eps", "root*inverse"])
        inner.have("folded", f"{folded} > 0", ["positive_eps*factor", "root"])
        inner.use("apart", "positive_is_apart", "factor", x=FACTOR)
        inner.use("unit", "reciprocal", "apart", x=FACTOR)
        inner.use("torch_apart", "positive_is_apart", "torch", x=torch)
        inner.use("torch_unit", "reciprocal", "torch_apart", x=torch)
        inner.use("folded_apart", "positive_is_apart", "folded", x=folded)
        inner.use("folded_unit", "reciprocal", "folded_apart", x=folded)
        inner.have("denominators", f"{folded} = {FACTOR}*({torch})", (), [("sqrt(v(t + 1, i))", "unit")])
        inner.have(
            "reciprocals",
            f"1/({torch}) = {FACTOR}/({folded})",
            (),
            [
                (f"1/({torch})", "folded_unit"),
                (f"1/({torch})/({folded})", "denominators"),
                (f"{FACTOR}/({folded})", "torch_unit"),
            ],
        )
        inner.use("step", "torch_step", t="t", i="i")
        inner.have(
            "done",
            f"theta(t + 1, i) = theta(t, i) - {ALPHA}*m(t + 1, i)/({folded})",
            (),
            ["step", ("alpha*m(t + 1, i)/(1 - p(t + 1))", "reciprocals")],
        )
    for name, claim, products, last in (
        ("eps_upper", f"{EPS} <= eps", ["positive_eps*below_1"], ()),
        ("eps_lower", f"{EPS} >= eps*(1 - q(t + 1))", ["positive_eps*above"], ()),
        ("step_upper", f"{ALPHA} <= alpha/(1 - p(t + 1))", ["steps*inverse*below_1"], ()),
        ("step_lower", f"{ALPHA} >= alpha*(1 - q(t + 1))", ["steps*above", "steps*factor*more"], ()),
    ):  # fmt: skip
        with proof.fixing(name, f"forall t nat: {claim}") as inner:
            factor(inner)
            inner.use("q_low", "q_at_least_0", t="t + 1")
            inner.have("plus", f"1 + {FACTOR} > 0", ["factor"])
            reciprocal(inner, "plus", "plus", f"1 + {FACTOR}", over="inverse")
            inner.have(
                "below_1",
                f"1 - {FACTOR} >= 0",
                ["q_low*plus_inverse"],
                [(f"1 - {FACTOR}", "plus_unit"), (f"1/(1 + {FACTOR})", "squared")],
            )
            inner.have("above", f"{FACTOR} >= 1 - q(t + 1)", ["factor*below_1"], [("1", "squared")])
            inner.use("p_low", "p_at_least_0", t="t + 1")
            inner.use("p_high", "p_later", t="t")
            inner.have("left", "1 - p(t + 1) > 0", ["p_high", "beta1_below_1"])
            inner.use("inverse", "reciprocal_positive", "left", x="1 - p(t + 1)")
            inner.use("left_apart", "positive_is_apart", "left", x="1 - p(t + 1)")
            inner.use("left_unit", "reciprocal", "left_apart", x="1 - p(t + 1)")
            inner.have("more", "1/(1 - p(t + 1)) - 1 >= 0", ["p_low*inverse"], [("1", "left_unit")])
            inner.have("done", claim, products, last)


def factor(inner: Proof) -> None:
    """c = sqrt(1 - beta2^(t + 1)) is above 0, and its square."""
    inner.use("q_high", "q_later", t="t")
    inner.have("kept", "1 - q(t + 1) > 0", ["q_high", "beta2_below_1"])
    inner.have("kept_sign", "1 - q(t + 1) >= 0", ["kept"])
    inner.use("factor", "root_positive", "kept", x="1 - q(t + 1)")
    inner.use("squared", "root_squared", "kept_sign", x="1 - q(t + 1)")


def shown(proof: Proof) -> None:
    """All gradients are 1: m/(1 - beta1^t) and v/(1 - beta2^t) are 1, and a step is 1/(1 + 1)."""
    known_powers(proof)
    u = "1 - exp((t + 1)*log(1/2))"
    step = f"-(t + 1)/2 = -t/2 - 1/({u})*({u})/(sqrt({u})/sqrt({u}) + 1)"
    with proof.fixing("runs", f"forall t nat, i nat: {step}") as inner:
        inner.use("later", "halves_later", i="t")
        inner.have("positive", f"{u} > 0", ["later"])
        inner.use("apart", "positive_is_apart", "positive", x=u)
        inner.use("unit", "reciprocal", "apart", x=u)
        inner.use("root", "root_positive", "positive", x=u)
        inner.use("root_apart", "positive_is_apart", "root", x=f"sqrt({u})")
        inner.use("root_unit", "reciprocal", "root_apart", x=f"sqrt({u})")
        inner.congruent("all", "root_unit", f"-t/2 - 1/({u})*({u})/(hole + 1)")
        inner.have("done", step, (), [("1", "all"), ("1/2", "unit")])


THEOREM = Theorem(
    theorem="torch_adam_is_generic_adam_with_schedules",
    title="PyTorch's Adam is Generic Adam with a schedule",
    says="""A run of PyTorch's Adam, on whatever gradients, is a run of Adam without bias corrections whose step size is
    alpha sqrt(1 - beta2^t)/(1 - beta1^t) and whose eps is eps sqrt(1 - beta2^t). The first lies between
    alpha (1 - beta2^t) and alpha/(1 - beta1^t), the second between eps (1 - beta2^t) and eps, so that both tend to
    alpha and eps geometrically. Here p(t) is beta1^t, q(t) is beta2^t, and m, v are the running averages.""",
    sources=["zou2019sufficient, Algorithm 1", "kingma2015adam, Algorithm 1"],
    variables={
        "alpha": "real",
        "beta1": "real",
        "beta2": "real",
        "eps": "real",
        "p": "real(nat)",
        "q": "real(nat)",
        "m": "real(nat, nat)",
        "v": "real(nat, nat)",
        "theta": "real(nat, nat)",
    },
    hypotheses={
        "steps": "alpha > 0",
        "beta1_sign": "beta1 >= 0",
        "beta1_below_1": "beta1 < 1",
        "beta2_sign": "beta2 >= 0",
        "beta2_below_1": "beta2 < 1",
        "positive_eps": "eps > 0",
        "p_start": "p(0) = 1",
        "p_next": "forall i nat: p(i + 1) = beta1*p(i)",
        "q_start": "q(0) = 1",
        "q_next": "forall i nat: q(i + 1) = beta2*q(i)",
        "torch_step": "forall t nat, i nat: theta(t + 1, i) = theta(t, i)"
        " - alpha/(1 - p(t + 1))*m(t + 1, i)/(sqrt(v(t + 1, i))/sqrt(1 - q(t + 1)) + eps)",
    },
    claims={
        "generic": f"forall t nat, i nat: theta(t + 1, i) = theta(t, i)"
        f" - {ALPHA}*m(t + 1, i)/(sqrt(v(t + 1, i)) + {EPS})",
        "step_lower": f"forall t nat: {ALPHA} >= alpha*(1 - q(t + 1))",
        "step_upper": f"forall t nat: {ALPHA} <= alpha/(1 - p(t + 1))",
        "eps_lower": f"forall t nat: {EPS} >= eps*(1 - q(t + 1))",
        "eps_upper": f"forall t nat: {EPS} <= eps",
    },
    lemmas=["powers_of_a_fraction"],
    model={
        "alpha": "1",
        "beta1": "1/2",
        "beta2": "1/2",
        "eps": "1",
        "p": ["i", HALVES],
        "q": ["i", HALVES],
        "m": ["t", "i", "1 - exp(t*log(1/2))"],
        "v": ["t", "i", "1 - exp(t*log(1/2))"],
        "theta": ["t", "i", "-t/2"],
    },
    shown=shown,
    script=script,
    instances=[
        Instance(
            "four steps of two coordinates",
            {
                "alpha": "1/4",
                "beta1": "1/2",
                "beta2": "3/4",
                "eps": "1/8",
                "p": Recursion(("i",), "1", "beta1*p(i)"),
                "q": Recursion(("i",), "1", "beta2*q(i)"),
            },
            naturals={"": 5},
            run=Run(
                "adam",
                {"eta": "alpha", "beta1": "beta1", "beta2": "beta2", "eps": "eps"},
                "2 - t + i*t/2",
                ("1", "-2"),
                4,
                {name: Read(name) for name in ("theta", "m", "v")},
                torch="Adam",
            ),
            wrong=("adam@eps=hat", "adam@eps=inside", "adam@correction=none", "adam@correction=second"),
        )
    ],
)
