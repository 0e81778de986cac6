"""Adam and AdamW in the regime of their SDE have no SDE of order 2: the noise would need kurtosis 3 and 1 at once.

Order 2 in h = eta^2 demands one-step moments up to O(h^3) (Li, Tai & E 2019); here even O(h^(5/2)) is too much.
"""

from __future__ import annotations

from ..proving.instance import Instance, Run, after, defined_by
from ..proving.script import Proof
from ..proving.theorem import Theorem
from .no_order_two_sde_for_rmsprop import RUN as RMSPROP_RUN
from .no_order_two_sde_for_rmsprop import SKEWED, matched
from .steps_whose_fourth_moments_no_diffusion_has import CLAIMS, DIFFUSION, MATCH, NOISE, OTHER, SIZES, STEP, distances
from .steps_whose_fourth_moments_no_diffusion_has import THEOREM as STEPS

DM, DU = "(m_next - m)", "(v_next/sigma^2 - u)"
ORDER_TWO = {name: text.format(DM[1:-1], DU[1:-1]) for name, text in MATCH.items()}


def script(proof: Proof) -> None:
    """The steps of m and u are those of the theorem used, with r = c1 sigma0, a = (G - m)/sigma0 and b = G/sigma0."""
    for letter in ("eta", "sigma"):
        proof.use(f"apart_{letter}", "positive_is_apart", f"positive_{letter}", x=letter)
        proof.use(f"one_{letter}", "reciprocal", f"apart_{letter}", x=letter)
    proof.use("over_eta", "reciprocal_positive", "positive_eta", x="eta")
    proof.use("over_sigma", "reciprocal_positive", "positive_sigma", x="sigma")
    proof.have("sigma0_positive", "sigma0 > 0", ["positive_eta*positive_sigma"], ["sigma_constant"])
    proof.use("apart_sigma0", "positive_is_apart", "sigma0_positive", x="sigma0")
    proof.use("one_sigma0", "reciprocal", "apart_sigma0", x="sigma0")
    proof.have("c2_sign", "c2 >= 0", ["beta2_most*over_eta*over_eta"], ["c2_constant"])
    for n in "12":
        proof.have(f"beta{n}_value", f"beta{n} = 1 - c{n}*eta^2", (), [f"c{n}_constant", "one_eta"])
    proof.have("u_sign", "u >= 0", ["v_sign*over_sigma*over_sigma"], ["u_definition"])
    proof.have("gradient_value", "G = b*sigma0", (), ["b_definition", "one_sigma0"])
    proof.have("m_value", "m = G - a*sigma0", (), ["a_definition", "one_sigma0"])
    proof.have("v_value", "v = sigma^2*u", (), ["u_definition", "one_sigma"])
    values = ["gradient", "m_value", "gradient_value", "sigma_constant"]
    proof.have("first_value", f"m_next = m + {STEP}", (), ["first_moment", "beta1_value", "r_definition", *values])
    second = ["second_moment", "beta2_value", "v_value", "gradient", "gradient_value", "sigma_constant"]
    proof.have("second_value", f"v_next = sigma^2*(u + {OTHER})", (), second)
    matched(proof, DM, DU, STEP, OTHER, {})


RUN = {name: value for name, value in RMSPROP_RUN.items() if not name.startswith(("theta", "eps"))} | {
    **dict.fromkeys(("m", "m_next", "b"), "0"),
    "c1": "1",
    "beta1": "3/4",
    "r": "1",
    "k3": "2 + 4*abs(0)",
    "k4": "2 + 2*abs(0)",
}
"""The gradient 0 without noise."""


def shown(proof: Proof) -> None:
    """All distances are 0."""
    distances(proof, RUN, THEOREM.hypotheses)


THEOREM = Theorem(
    theorem="no_order_two_sde_for_adam",
    title="No order-2 SDE for Adam",
    says="""No SDE describes Adam or AdamW, in the regime sigma0 = eta sigma, c_i = (1 - beta_i)/eta^2 of their SDE, to
    order 2 in h = eta^2, whatever the law of the noise: let (A, B) be one step of time h of a diffusion in a coordinate
    of (m, u), with variance rate D and drift beta, so that E A^4 = 3 (D h)^2 and E A^2 B = D beta h^2 up to K eta^5
    (Ito). If its moments are those of a step of m and u up to K eta^5, E A^2 and E B up to K eta^4 (order 2 demands
    eta^6), then the noise has E z^4 = 3 S^2 from the one and E z^4 = S^2 from the other, up to eta; so S^2, S its
    variance, is at most a constant times eta: impossible for small eta where there is noise.""",
    sources=["malladi2022sdes, SDE of Adam", "li2017stochastic, modified equations"],
    variables={
        **dict.fromkeys(("eta", "sigma", "sigma0", "beta1", "beta2", "c1", "c2", "m", "v", "u", "G"), "real"),
        **dict.fromkeys(("r", "a", "b", "S", "m3", "m4", "D", "beta", "K", "k1", "k2", "k3", "k4"), "real"),
        **dict.fromkeys(("g", "z", "m_next", "v_next", "A", "B"), "rand"),
    },
    hypotheses={
        "positive_eta": "eta > 0",
        "small_eta": "eta <= 1",
        "positive_sigma": "sigma > 0",
        "sigma_constant": "sigma0 = eta*sigma",
        "c1_constant": "c1 = (1 - beta1)/eta^2",
        "c2_constant": "c2 = (1 - beta2)/eta^2",
        "beta2_most": "1 - beta2 >= 0",
        "v_sign": "v >= 0",
        "u_definition": "u = v/sigma^2",
        "gradient": "g = G + sigma*z",
        "first_moment": "m_next = beta1*m + (1 - beta1)*g",
        "second_moment": "v_next = beta2*v + (1 - beta2)*g^2",
        **NOISE,
        **DIFFUSION,
        **ORDER_TWO,
        "r_definition": "r = c1*sigma0",
        "a_definition": "a = (G - m)/sigma0",
        "b_definition": "b = G/sigma0",
        **SIZES,
    },
    claims=CLAIMS,
    lemmas=[STEPS.theorem],
    model=RUN,
    script=script,
    shown=shown,
    instances=[
        Instance(
            "a step on skewed noise, and a step of the same law",
            {
                **SKEWED,
                "beta1": "1/2",
                "c1": "(1 - beta1)/eta^2",
                "r": "c1*sigma0",
                "a": "(G - m)/sigma0",
                "b": "G/sigma0",
                "D": "r^2*S",
                "A": "eta*r*(a*eta + y)",
                "B": "c2*eta^2*((b*eta + y)^2 - u) + eta^5/3",
                **{name[:2]: defined_by(text) for name, text in SIZES.items()},
            },
            weights=("1/3", "2/3"),
            draws=2,
            run=Run(
                "adam",
                {"eta": "eta", "beta1": "beta1", "beta2": "beta2", "eps": "1/4"},
                "g",
                ("1",),
                1,
                {"m": after("m", 0), "m_next": after("m", 1), "v": after("v", 0), "v_next": after("v", 1)},
                torch="Adam",
                before=(("3",),),
            ),
            wrong=("adabelief",),
        )
    ],
)
