"""AdamW as steps of theta, m and u = v/sigma^2 (Malladi et al. 2022; decoupled decay: Loshchilov & Hutter 2019)."""

from __future__ import annotations

from ..proving.define import Definitions
from ..proving.noisy import noisy_adam
from ..proving.script import Proof
from ..proving.theorem import Theorem
from .rmsprop_in_units_of_its_sde import AVERAGE, CONSTANTS, LETTERS, reciprocals, u_step
from .rmsprop_in_units_of_its_sde import CLAIMS as RMSPROP
from .rmsprop_in_units_of_its_sde import NAMES as RMSPROP_NAMES

ROOT = "sqrt(1 - p2(t + k0 + 1))"
FIRST = "1 - p1(t + k0 + 1 + 1)"
FACTOR = f"{ROOT}/({FIRST})/(sigma0*sqrt(u(t, i)) + eps0*{ROOT})"
CLAIMS = {
    "u_positive": RMSPROP["u_positive"],
    "noise_positive": "forall t nat, i nat: sigma0*sqrt(u(t, i)) > 0",
    "theta_step": "forall t nat, i nat: theta(t + 1, i) - theta(t, i) = "
    "-eta^2*(lambda0*theta(t, i) + a(t, i)*m(t + 1, i))",
    "m_step": "forall t nat, i nat: m(t + 1, i) - m(t, i) = c1*eta^2*(g(t + 1, i) - m(t, i))",
    "u_step": RMSPROP["u_step"],
}
NAMES = {
    **RMSPROP_NAMES,
    **{f"beta{n}_power": f"p{n}" for n in "12"},
    **{f"p{n}_start": f"first{n}" for n in "12"},
    **{f"p{n}_next": f"stored_powers{n}" for n in "12"},
}
OLD = Definitions("adamw_step_with_old_second_moment", "adamw@second_moment=old", after=1, names=NAMES)
HYPOTHESES = {
    **OLD.equations,
    **CONSTANTS,
    "c1_constant": "c1 = (1 - beta1)/eta^2",
    "decay_constant": "lambda0 = lambda/eta",
    **AVERAGE,
    "correction": "forall k nat: p2(k + 1) < 1",
    "factor": f"forall t nat, i nat: a(t, i) = {FACTOR}",
}
VARIABLES = {
    **LETTERS,
    "beta1": "real",
    "c1": "real",
    "lambda": "real",
    "lambda0": "real",
    "m": "rand(nat, nat)",
    "a": "rand(nat, nat)",
    "k0": "nat",
    "p1": "real(nat)",
    "p2": "real(nat)",
}


def script(proof: Proof) -> None:
    """eta sqrt(v/(1 - p2)) sqrt(1 - p2) = sigma0 sqrt(u) in the denominator."""
    in_units(proof)
    with proof.fixing("theta_step", CLAIMS["theta_step"]) as inner:
        _theta_step(inner)


def in_units(proof: Proof) -> None:
    """The constants in units of the SDE, the steps of u and m, and sigma0 sqrt(u) > 0."""
    reciprocals(proof)
    u_step(proof)
    proof.have("beta1_value", "beta1 = 1 - c1*eta^2", (), ["c1_constant", "one_eta"])
    proof.have("lambda_value", "lambda = eta*lambda0", (), ["decay_constant", "one_eta"])
    proof.have("sigma0_positive", "sigma0 > 0", ["positive_eta*positive_sigma"], ["sigma_constant"])
    proof.have("eps0_sign", "eps0 >= 0", ["positive_eta*eps_sign"], ["eps_constant"])
    with proof.fixing("noise_positive", CLAIMS["noise_positive"]) as inner:
        inner.use("sign", "u_positive", t="t", i="i")
        inner.use("root", "root_positive", "sign", x="u(t, i)")
        inner.have("noise", "sigma0*sqrt(u(t, i)) > 0", ["sigma0_positive*root"])
    with proof.fixing("m_step", CLAIMS["m_step"]) as inner:
        inner.use("average", "first_moment", t="t", i="i")
        inner.have("step", CLAIMS["m_step"].split(": ")[1], (), ["average", "beta1_value"])


def _theta_step(proof: Proof) -> None:
    w, stored = "1 - p2(t + k0 + 1)", "sqrt(v(t, i)/(1 - p2(t + k0 + 1)))"
    scale = f"sigma0*sqrt(u(t, i)) + eps0*{ROOT}"
    proof.use("below", "correction", k="t + k0")
    proof.have("w_positive", f"{w} > 0", ["below"])
    proof.use("v_positive", "positive_v", t="t", i="i")
    proof.use("u_sign", "u_positive", t="t", i="i")
    proof.use("definition", "u_definition", t="t", i="i")
    proof.use("w_apart", "positive_is_apart", "w_positive", x=w)
    proof.use("one_w", "reciprocal", "w_apart", x=w)
    proof.use("over_w", "reciprocal_positive", "w_positive", x=w)
    proof.have("quotient", f"v(t, i)/({w}) > 0", ["v_positive*over_w"])
    for name, fact, text in (("w", "w_positive", w), ("u", "u_sign", "u(t, i)"), ("q", "quotient", f"v(t, i)/({w})")):
        proof.use(f"root_{name}", "root_positive", fact, x=text)
        proof.have(f"{name}_known", f"{text} >= 0", [fact])
        proof.use(f"square_{name}", "root_squared", f"{name}_known", x=text)
    product, whole = f"{stored}*{ROOT}", f"{stored}*{ROOT} + sigma*sqrt(u(t, i))"
    proof.have("total", f"{whole} > 0", ["root_q*root_w", "positive_sigma*root_u"])
    proof.use("total_apart", "positive_is_apart", "total", x=whole)
    proof.use("one_total", "reciprocal", "total_apart", x=whole)
    proof.have("v_value", "v(t, i) = sigma^2*u(t, i)", (), ["definition", "one_sigma"])
    squares = f"({product})^2 - sigma^2*sqrt(u(t, i))^2 = 0"
    proof.have("squares", squares, (), ["square_q", "square_w", "square_u", "v_value", "one_w"])
    proof.have("roots", f"{product} = sigma*sqrt(u(t, i))", (), ["one_total", (f"1/({whole})", "squares")])
    proof.have(
        "same", f"eta*{ROOT}*({stored} + eps) = {scale}", (), [("eta", "roots"), "sigma_constant", "eps_constant"]
    )
    proof.use("noise", "noise_positive", t="t", i="i")
    proof.have("stored_positive", f"{stored} + eps > 0", ["root_q", "eps_sign"])
    proof.have("scale_positive", f"{scale} > 0", ["noise", "eps0_sign*root_w"])
    for name, fact, text in (("P", "scale_positive", scale), ("S", "stored_positive", f"{stored} + eps")):
        proof.use(f"apart_{name}", "positive_is_apart", fact, x=text)
        proof.use(f"one_{name}", "reciprocal", f"apart_{name}", x=text)
    over = f"1/({stored} + eps) = eta*{ROOT}/({scale})"
    proof.have("over", over, (), [(f"1/({stored} + eps)*1/({scale})", "same"), "one_P", "one_S"])
    proof.use("step", "update", t="t", i="i")
    proof.use("value", "factor", t="t", i="i")
    claim = CLAIMS["theta_step"].split(": ")[1]
    proof.have("steps", claim, (), ["step", "value", f"over@1/({stored} + eps)", "lambda_value"])


POWER = "exp({0}*log(3/4))"
_RUN_ROOT = f"sqrt(1 - {POWER.format('(t + 3)')})"
VALUES = {
    "eta": "1/2",
    "sigma": "2",
    "sigma0": "1",
    "eps": "2",
    "eps0": "1",
    "beta1": "3/4",
    "beta2": "3/4",
    "c1": "1",
    "c2": "1",
    "lambda": "1/2",
    "lambda0": "1",
    "g": ["t", "i", "0"],
    "m": ["t", "i", "0"],
    "theta": ["t", "i", f"(1 + i)*{POWER.format('t')}"],
    "v": ["t", "i", POWER.format("t")],
    "u": ["t", "i", POWER.format("t") + "/4"],
    "a": ["t", "i", f"{_RUN_ROOT}/(1 - {POWER.format('(t + 4)')})/(sqrt({POWER.format('t')}/4) + {_RUN_ROOT})"],
    "k0": "2",
    "p1": ["k", POWER.format("k")],
    "p2": ["k", POWER.format("k")],
}
"""A run on the gradient 0, which decays."""


def decaying_run(proof: Proof) -> None:
    """For models with VALUES: powers of 3/4."""
    proof.have("positive", "3/4 > 0")
    proof.use("base", "exp_of_log", "positive", x="3/4")
    proof.use("no_power", "exp_of_zero")
    now, later = POWER.format("k"), POWER.format("(k + 1)")
    with proof.fixing("powers", f"forall k nat: {later} = 3/4*{now}") as inner:
        inner.use("split", "exp_of_sum", x="k*log(3/4)", y="log(3/4)")
        inner.have("done", f"{later} = 3/4*{now}", (), ["split", "base"])
    with proof.induction("below_1", f"forall k nat: {later} < 1") as (zero, following):
        zero.have("start", f"{POWER.format('(0 + 1)')} < 1", (), ["base"])
        following.use("next", "powers", k="k + 1")
        following.use("sign", "exp_positive", x="(k + 1)*log(3/4)")
        following.have("step", f"{POWER.format('(k + 1 + 1)')} < 1", ["before", "sign"], ["next"])
    now, later = POWER.format("t"), POWER.format("(t + 1)")
    with proof.fixing("v_positive", f"forall t nat, i nat: {now} > 0") as inner:
        inner.use("sign", "exp_positive", x="t*log(3/4)")
    with proof.fixing("v_average", f"forall t nat, i nat: {later} = 3/4*{now} + (1 - 3/4)*0^2") as inner:
        inner.use("next", "powers", k="t")
        inner.have("done", f"{later} = 3/4*{now} + (1 - 3/4)*0^2", (), ["next"])
    decay = f"(1 + i)*{later} = (1 + i)*{now} - 1/2*(1/2)*((1 + i)*{now})"
    with proof.fixing("decay", f"forall t nat, i nat: {decay}") as inner:
        inner.use("next", "powers", k="t")
        inner.have("done", decay, (), ["next"])


def correction_below_one(proof: Proof) -> None:
    """`correction`: beta2^(k + 1) < 1."""
    proof.have("beta2_most", "beta2 <= 1", ["beta2_below"])
    names = ["beta2_sign", "beta2_most", "first2", "stored_powers2"]
    powers: dict[str, str | list[str]] = {"b": "beta2", "p": ["i", "p2(i)"]}
    proof.lemma("later", "forall t nat: p2(t + 1) <= beta2", "powers_of_a_fraction", names, powers)
    with proof.fixing("correction", HYPOTHESES["correction"]) as inner:
        inner.use("most", "later", t="k")
        inner.have("below", "p2(k + 1) < 1", ["most", "beta2_below"])


THEOREM = Theorem(
    theorem="adamw_in_units_of_its_sde",
    title="AdamW in units of its SDE",
    says="""For AdamW with the new first and the old second moment, bias-corrected, v > 0, |beta2| < 1, and sigma0 = eta
    sigma, eps0 = eta eps, c_i = (1 - beta_i)/eta^2, lambda0 = lambda/eta, u = v/sigma^2: theta moves by -eta^2 (lambda0
    theta + a m'), m by c1 eta^2 (g - m) and u by c2 eta^2 (g^2/sigma^2 - u), where a is sqrt(1 - beta2^k)/((1 -
    beta1^(k + 1)) (sigma0 sqrt(u) + eps0 sqrt(1 - beta2^k))) and m' the new m.""",
    sources=["malladi2022sdes, SDE of Adam", "loshchilov2019decoupled, Algorithm 2"],
    variables=VARIABLES,
    hypotheses=HYPOTHESES,
    definitions=[OLD],
    claims=CLAIMS,
    model=VALUES,
    script=script,
    shown=decaying_run,
    instances=[noisy_adam(HYPOTHESES, "adamw")],
)
