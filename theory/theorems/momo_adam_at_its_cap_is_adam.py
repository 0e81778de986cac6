"""Where MoMo-Adam's cap is below the Polyak step, it is Adam as PyTorch has it (Schaipp et al. 2024, Section 3)."""

from collections.abc import Mapping

from ..proving.instance import Given, Instance, Recursion, Run, Table
from ..proving.momo_runs import WHY, path
from ..proving.positive import inverse
from ..proving.script import Proof
from ..proving.theorem import Theorem
from .powers_of_a_fraction import HALVES, known_powers

D = "(sqrt(v(k, i)/(1 - q(k + 1))) + eps)"
RHO = "(1 - p(k + 1))"
ADAM = f"d(k, i)/{RHO}/{D}"


def excess(rho: str) -> str:
    """h - rho bound."""
    return f"(fbar(k) + sum(i < n, d(k, i)*x(k, i)) - gamma(k) - {rho}*bound(k))"


def size(metric: str) -> str:
    """The squared norm of d in the inverse metric."""
    return f"sum(i < n, d(k, i)^2/{metric})"


def capped(proof: Proof, rho: str, metric: str) -> None:
    """tau(k) = alpha(k)/rho, because rho > 0 and alpha/rho q <= e."""
    e, q = excess(rho), size(metric)
    proof.use("q_positive", "moving", k="k")
    proof.use("e_large", "binding", k="k")
    proof.use("alpha_here", "alpha_nonnegative", k="k")
    proof.use("tau_value", "rule", k="k")
    inverse(proof, "q", q, "q_positive")
    products = ["e_large", "alpha_here*q_positive"]
    if rho != "1":
        proof.use("rho_inverse", "reciprocal_positive", "rho_positive", x=rho)
        products[1] += "*rho_inverse"
    proof.have("e_sign", f"{e} >= 0", products)
    proof.use("first", "absolute_of_nonnegative", "e_sign", x=f"{e} - 0")
    between = f"max({e}, 0)/{q} - alpha(k)/{rho}"
    proof.have("sign", f"{between} >= 0", ["e_large*q_inverse"], ["first", "q_one"])
    proof.use("second", "absolute_of_nonnegative", "sign", x=between)
    proof.have("tau_here", f"tau(k) = alpha(k)/{rho}", [], ["tau_value", "second"])


def same(proof: Proof, rho: str, metric: str) -> None:
    """The two runs agree, step by step."""
    with proof.fixing("same", "forall i nat, m nat: x(m, i) = y(m, i)") as inner:
        with inner.induction("always", "forall k nat: x(k, i) = y(k, i)") as (zero, following):
            zero.use("now", "start", i="i")
            following.use("one", "momo_step", k="k", i="i")
            following.use("other", "other_step", k="k", i="i")
            if rho != "1":
                following.use("rho_positive", "corrected", k="k")
            capped(following, rho, metric)
            following.have("next", "x(k + 1, i) = y(k + 1, i)", [], ["one", "other", "before", "tau_here"])
        inner.use("now", "always", k="m")


def script(proof: Proof) -> None:
    """1 - beta1^(k + 1) > 0; then both steps are the same."""
    with proof.induction("below", "forall k nat: p(k + 1) <= beta1") as (zero, following):
        zero.use("next", "p_next", t="0")
        zero.have("now", "p(0 + 1) <= beta1", [], ["next", "p_start"])
        following.use("next", "p_next", t="k + 1")
        following.have("now", "p(k + 1 + 1) <= beta1", ["before*nonnegative", "below_one*nonnegative"], ["next"])
    with proof.fixing("corrected", f"forall k nat: {RHO} > 0") as inner:
        inner.use("less", "below", k="k")
        inner.have("sign", f"{RHO} > 0", ["less", "below_one"])
    same(proof, RHO, D)


def momo(rho: str, metric: str) -> dict[str, str]:
    """The hypotheses about MoMo: its step, and that the cap is not above the Polyak step."""
    return {
        "alpha_nonnegative": "forall k nat: alpha(k) >= 0",
        "moving": f"forall k nat: {size(metric)} > 0",
        "binding": f"forall k nat: alpha(k)/{rho}*{size(metric)} <= {excess(rho)}",
        "rule": f"forall k nat: tau(k) = min(max({excess(rho)}, 0)/{size(metric)}, alpha(k)/{rho})",
        "momo_step": f"forall k nat, i nat: x(k + 1, i) = x(k, i) - tau(k)*d(k, i)/{metric}",
        "start": "forall i nat: x(0, i) = y(0, i)",
    }


VARIABLES = {
    "n": "nat",
    **{name: "real(nat)" for name in ("fbar", "gamma", "bound", "alpha", "tau")},
    **{name: "real(nat, nat)" for name in ("d", "x", "y")},
}
RHO_THERE = f"(1 - {HALVES.replace('i*', '(k + 1)*')})"
HERE = f"sum(j < k, 1/(1 - {HALVES.replace('i*', '(j + 1)*')}))/(sqrt(0) + 1)"


def shown(proof: Proof) -> None:
    """The slope is 1 and the caps are the smaller ones, because the model is 2 above its bound."""
    known_powers(proof)
    q, e = "sum(i < 1, 1^2/(sqrt(0) + 1))", f"(2 + sum(i < 1, 1*(-{HERE})) - -{HERE} - {RHO_THERE}*0)"
    e = e.replace("- -", "+ ")
    proof.use("root", "root_nonnegative", x="0")
    proof.have("metric", "sqrt(0) + 1 > 0", ["root"])
    inverse(proof, "metric", "sqrt(0) + 1", "metric")
    proof.linear("size", f"{q} = 1/(sqrt(0) + 1)")
    proof.have("positive", f"{q} > 0", ["metric_inverse"], ["size"])
    with proof.fixing("moving", f"forall k nat: {q} > 0") as inner:
        inner.have("here", f"{q} > 0", ["positive"])
    inverse(proof, "q", q, "positive")
    for name, claim in (
        ("binding", f"1/{RHO_THERE}*{q} <= {e}"),
        ("rule", f"1/{RHO_THERE} = min(max({e}, 0)/{q}, 1/{RHO_THERE})"),
    ):
        with proof.fixing(name, f"forall k nat: {claim}") as inner:
            inner.use("small", "halves_later", i="k")
            inner.have("rho", f"{RHO_THERE} > 0", ["small"])
            inverse(inner, "rho", RHO_THERE, "rho")
            inner.linear("value", f"{e} = 2")
            inner.have("most", f"1/{RHO_THERE} <= 2", ["small*rho_inverse"], ["rho_one"])
            inner.have("less", "1/(sqrt(0) + 1) <= 1", ["root*metric_inverse"], ["metric_one"])
            products = ["most*metric_inverse", "less"]
            inner.have("bound", f"1/{RHO_THERE}*{q} <= {e}", products, ["size", ("1", "value")])
            if name == "binding":
                continue
            inner.have("sign", f"{e} >= 0", [], [("1", "value")])
            inner.use("first", "absolute_of_nonnegative", "sign", x=f"{e} - 0")
            between = f"max({e}, 0)/{q} - 1/{RHO_THERE}"
            inner.have("over", f"{between} >= 0", ["bound*q_inverse"], ["first", "q_one"])
            inner.use("second", "absolute_of_nonnegative", "over", x=between)
            inner.have("now", claim, [], ["second"])


SETTINGS = {"eta": "1/8", "beta1": "beta1", "beta2": "beta2", "eps": "eps"}
AVERAGES = {"d": path("m", shift=1), "v": path("v", shift=1)}
STEPS: Mapping[str, Given] = {
    "n": "2",
    "alpha": ["k", "1/8"],
    "beta1": "1/2",
    "beta2": "3/4",
    "eps": "1/8",
    "p": Recursion(("k",), "1", "beta1*p(k)"),
    "q": Recursion(("k",), "1", "beta2*q(k)"),
    "bound": ["k", "-99"],
    "f": ["k", "2 + k"],
    "g": Table((("1", "2"), ("-2", "1"), ("1", "-1"))),
    "fbar": Recursion(("k",), "(1 - beta1)*f(0)", "beta1*fbar(k) + (1 - beta1)*f(k + 1)"),
    "gamma": Recursion(
        ("k",),
        "(1 - beta1)*sum(i < n, g(0, i)*x(0, i))",
        "beta1*gamma(k) + (1 - beta1)*sum(i < n, g(k + 1, i)*x(k + 1, i))",
    ),
    "scale": ["k", "i", "sqrt(v(k, i)/(1 - q(k + 1))) + eps"],
    "height": ["k", "fbar(k) + sum(i < n, d(k, i)*x(k, i)) - gamma(k) - (1 - p(k + 1))*bound(k)"],
    "length": ["k", "sum(i < n, d(k, i)^2/scale(k, i))"],
    "tau": ["k", "min(max(height(k), 0)/length(k), alpha(k)/(1 - p(k + 1)))"],
}
"""Three steps of both at the cap."""


THEOREM = Theorem(
    theorem="momo_adam_at_its_cap_is_adam",
    title="MoMo-Adam at its cap is Adam",
    says="""MoMo-Adam and PyTorch's Adam (without weight decay) from one point, on the same gradients, and so with the
    same averages d and v of them. If at every step the cap alpha/(1 - beta1^t) is at most MoMo's Polyak step (h - rho
    bound)/q, in the metric sqrt(v/(1 - beta2^t)) + eps, both are always at the same points.""",
    sources=["schaipp2024momo, Section 3", "kingma2015adam"],
    variables={
        **VARIABLES,
        "v": "real(nat, nat)",
        "p": "real(nat)",
        "q": "real(nat)",
        "beta1": "real",
        "eps": "real",
    },
    hypotheses={
        "nonnegative": "beta1 >= 0",
        "below_one": "beta1 < 1",
        "p_start": "p(0) = 1",
        "p_next": "forall t nat: p(t + 1) = beta1*p(t)",
        **momo(RHO, D),
        "other_step": f"forall k nat, i nat: y(k + 1, i) = y(k, i) - alpha(k)*({ADAM})",
    },
    claims={"same": "forall i nat, k nat: x(k, i) = y(k, i)"},
    model={
        "n": "1",
        "fbar": ["k", "2"],
        "gamma": ["k", f"-{HERE}"],
        "bound": ["k", "0"],
        "alpha": ["k", "1"],
        "tau": ["k", f"1/{RHO_THERE}"],
        "d": ["k", "i", "1"],
        "x": ["k", "i", f"-{HERE}"],
        "y": ["k", "i", f"-{HERE}"],
        "v": ["k", "i", "0"],
        "p": ["k", HALVES.replace("i*", "k*")],
        "q": ["k", HALVES.replace("i*", "k*")],
        "beta1": "1/2",
        "eps": "1",
    },
    script=script,
    shown=shown,
    instances=[
        Instance(
            "three steps of MoMo-Adam at the cap",
            {**STEPS, "y": Recursion(("k", "i"), "1 - 3*i", "y(k, i) - alpha(k)/(1 - p(k + 1))*d(k, i)/scale(k, i)")},
            naturals={"": 3, "i": 2},
            run=Run(
                "momo_adam",
                {**SETTINGS, "lambda": "0", "f_star": "-99"},
                "g(t, i)",
                ("1", "-2"),
                3,
                {"x": path("theta"), **AVERAGES},
                why=WHY,
                loss="f(t)",
            ),
            wrong=("momo_adam@average=first",),
        ),
        Instance(
            "three steps of Adam beside it",
            {**STEPS, "x": Recursion(("k", "i"), "1 - 3*i", "x(k, i) - tau(k)*d(k, i)/scale(k, i)")},
            naturals={"": 3, "i": 2},
            run=Run("adam", SETTINGS, "g(t, i)", ("1", "-2"), 3, {"y": path("theta"), **AVERAGES}, torch="Adam"),
            wrong=("adam@eps=hat", "adam@correction=none"),
        ),
    ],
)
