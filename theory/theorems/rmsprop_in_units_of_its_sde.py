"""RMSprop as steps of theta and of u = v/sigma^2 (Malladi et al. 2022): the constants of the limit put in."""

from __future__ import annotations

from ..proving.define import Definitions
from ..proving.noisy import noisy_rmsprop
from ..proving.script import Proof
from ..proving.theorem import Theorem

SCALE = "(sigma0*sqrt(u(t, {0})) + eps0)"
CLAIMS = {
    "u_positive": "forall t nat, i nat: u(t, i) > 0",
    "scale_positive": f"forall t nat, i nat: {SCALE.format('i')} > 0",
    "theta_step": f"forall t nat, i nat: theta(t + 1, i) - theta(t, i) = -eta^2*g(t + 1, i)/{SCALE.format('i')}",
    "u_step": "forall t nat, i nat: u(t + 1, i) - u(t, i) = c2*eta^2*(g(t + 1, i)^2/sigma^2 - u(t, i))",
}
NAMES = {"theta_next": "update", "v_next": "second_moment", "m_next": "first_moment"}
OLD = Definitions("rmsprop_step_with_old_second_moment", "rmsprop@second_moment=old", after=0, names=NAMES)
CONSTANTS = {
    "positive_eta": "eta > 0",
    "positive_sigma": "sigma > 0",
    "sigma_constant": "sigma0 = eta*sigma",
    "eps_constant": "eps0 = eta*eps",
    "c2_constant": "c2 = (1 - beta2)/eta^2",
    "eps_sign": "eps >= 0",
}
AVERAGE = {
    "second_moment": OLD.equations["second_moment"],
    "positive_v": "forall t nat, i nat: v(t, i) > 0",
    "u_definition": "forall t nat, i nat: u(t, i) = v(t, i)/sigma^2",
}
UPDATE = {
    "update": OLD.equations["update"],
    **AVERAGE,
}
LETTERS = {
    "eta": "real",
    "sigma": "real",
    "sigma0": "real",
    "eps": "real",
    "eps0": "real",
    "beta2": "real",
    "c2": "real",
    "theta": "rand(nat, nat)",
    "g": "rand(nat, nat)",
    "v": "rand(nat, nat)",
    "u": "rand(nat, nat)",
}
VALUES = {
    "eta": "1/2",
    "sigma": "2",
    "sigma0": "1",
    "eps": "2",
    "eps0": "1",
    "beta2": "3/4",
    "c2": "1",
    "theta": ["t", "i", "-t/2/(sqrt(1) + 2)"],
    "g": ["t", "i", "1"],
    "v": ["t", "i", "1"],
    "u": ["t", "i", "1/4"],
}
"""A run on a constant gradient, for models."""


def reciprocals(proof: Proof) -> None:
    """`one_eta`, `one_sigma` and `u_positive`, for proofs with these hypotheses."""
    for letter in ("eta", "sigma"):
        proof.use(f"apart_{letter}", "positive_is_apart", f"positive_{letter}", x=letter)
        proof.use(f"one_{letter}", "reciprocal", f"apart_{letter}", x=letter)
    proof.use("over_sigma", "reciprocal_positive", "positive_sigma", x="sigma")
    with proof.fixing("u_positive", CLAIMS["u_positive"]) as inner:
        inner.use("definition", "u_definition", t="t", i="i")
        inner.use("positive", "positive_v", t="t", i="i")
        inner.have("sign", "u(t, i) > 0", ["positive*over_sigma*over_sigma"], ["definition"])


def u_step(proof: Proof) -> None:
    """(1 - beta2)(g^2 - v)/sigma^2, with 1 - beta2 = c2 eta^2."""
    proof.have("beta2_value", "beta2 = 1 - c2*eta^2", (), ["c2_constant", "one_eta"])
    with proof.fixing("u_step", CLAIMS["u_step"]) as inner:
        inner.use("after", "u_definition", t="t + 1", i="i")
        inner.use("before", "u_definition", t="t", i="i")
        inner.use("average", "second_moment", t="t", i="i")
        inner.have("step", CLAIMS["u_step"].split(": ")[1], (), ["after", "before", "average", "beta2_value"])


def root_of_v(proof: Proof) -> None:
    """sqrt(v) = sigma sqrt(u): both are positive and have the square v."""
    with proof.fixing("root_of_v", "forall t nat, i nat: sqrt(v(t, i)) = sigma*sqrt(u(t, i))") as inner:
        inner.use("v_sign", "positive_v", t="t", i="i")
        inner.use("u_sign", "u_positive", t="t", i="i")
        inner.use("definition", "u_definition", t="t", i="i")
        for c in "vu":
            inner.use(f"root_{c}", "root_positive", f"{c}_sign", x=f"{c}(t, i)")
            inner.have(f"{c}_known", f"{c}(t, i) >= 0", [f"{c}_sign"])
            inner.use(f"square_{c}", "root_squared", f"{c}_known", x=f"{c}(t, i)")
        inner.have("total", "sqrt(v(t, i)) + sigma*sqrt(u(t, i)) > 0", ["root_v", "positive_sigma*root_u"])
        inner.use("apart", "positive_is_apart", "total", x="sqrt(v(t, i)) + sigma*sqrt(u(t, i))")
        inner.use("one", "reciprocal", "apart", x="sqrt(v(t, i)) + sigma*sqrt(u(t, i))")
        inner.have("v_value", "v(t, i) = sigma^2*u(t, i)", (), ["definition", "one_sigma"])
        same = "sqrt(v(t, i))^2 - sigma^2*sqrt(u(t, i))^2 = 0"
        inner.have("squares", same, (), ["square_v", "square_u", "v_value"])
        whole = "sqrt(v(t, i)) + sigma*sqrt(u(t, i))"
        inner.have("root", "sqrt(v(t, i)) = sigma*sqrt(u(t, i))", (), ["one", (f"1/({whole})", "squares")])


def script(proof: Proof) -> None:
    """eta sqrt(v) = sigma0 sqrt(u) in the denominator; u_step as it stands."""
    reciprocals(proof)
    u_step(proof)
    root_of_v(proof)
    proof.have("sigma0_positive", "sigma0 > 0", ["positive_eta*positive_sigma"], ["sigma_constant"])
    proof.have("eps0_sign", "eps0 >= 0", ["positive_eta*eps_sign"], ["eps_constant"])
    scale = SCALE.format("i")
    with proof.fixing("scale_positive", CLAIMS["scale_positive"]) as inner:
        inner.use("sign", "u_positive", t="t", i="i")
        inner.use("root", "root_positive", "sign", x="u(t, i)")
        inner.have("scale", f"{scale} > 0", ["sigma0_positive*root", "eps0_sign"])
    with proof.fixing("theta_step", CLAIMS["theta_step"]) as inner:
        inner.use("scale", "scale_positive", t="t", i="i")
        inner.use("root", "root_of_v", t="t", i="i")
        inner.use("step", "update", t="t", i="i")
        inner.have("same", f"eta*(sqrt(v(t, i)) + eps) = {scale}", (), ["root", "sigma_constant", "eps_constant"])
        inner.use("over_eta", "reciprocal_positive", "positive_eta", x="eta")
        stored = "sqrt(v(t, i)) + eps"
        inner.have("stored", f"{stored} > 0", ["scale*over_eta"], [("1/eta", "same"), "one_eta"])
        for name, fact, text in (("P", "scale", scale), ("S", "stored", stored)):
            inner.use(f"apart_{name}", "positive_is_apart", fact, x=text)
            inner.use(f"one_{name}", "reciprocal", f"apart_{name}", x=text)
        inner.have("over", f"1/({stored}) = eta/{scale}", (), [(f"1/({stored})*1/{scale}", "same"), "one_P", "one_S"])
        claim = CLAIMS["theta_step"].split(": ")[1]
        inner.have("steps", claim, (), ["step", f"over@1/({stored})"])


THEOREM = Theorem(
    theorem="rmsprop_in_units_of_its_sde",
    title="RMSprop in units of its SDE",
    says="""For RMSprop with the old second moment and v > 0, and sigma0 = eta sigma, eps0 = eta eps,
    c2 = (1 - beta2)/eta^2, u = v/sigma^2: theta moves by -eta^2 g/(sigma0 sqrt(u) + eps0), and u by
    c2 eta^2 (g^2/sigma^2 - u).""",
    sources=["malladi2022sdes, method of its SDE derivations"],
    variables=LETTERS,
    hypotheses={**CONSTANTS, **UPDATE},
    definitions=[OLD],
    claims=CLAIMS,
    model=VALUES,
    script=script,
    instances=[noisy_rmsprop({})],
)
