"""RMSprop in the regime of its SDE has no SDE of order 2: the noise would need kurtosis 3 and 1 at once.

Order 2 in h = eta^2 demands one-step moments up to O(h^3) (Li, Tai & E 2019); here even O(h^(5/2)) is too much.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..proving.instance import Drawn, Given, Instance, Run, after, defined_by
from ..proving.noisy import OLD
from ..proving.script import Proof
from ..proving.theorem import Theorem
from .steps_whose_fourth_moments_no_diffusion_has import CLAIMS, DIFFUSION, MATCH, NOISE, OTHER, SIZES, STEP, distances
from .steps_whose_fourth_moments_no_diffusion_has import THEOREM as STEPS

DT, DU = "(theta_next - theta)", "(v_next/sigma^2 - u)"
P = "sigma0*sqrt(u) + eps0"
ORDER_TWO = {name: text.format(DT[1:-1], DU[1:-1]) for name, text in MATCH.items()}
OURS = STEP.replace("r*", "(-r)*")


def script(proof: Proof) -> None:
    """The steps in units of the SDE are those of the theorem used, with -r for r and G/sigma0 for a and b."""
    for letter in ("eta", "sigma"):
        proof.use(f"apart_{letter}", "positive_is_apart", f"positive_{letter}", x=letter)
        proof.use(f"one_{letter}", "reciprocal", f"apart_{letter}", x=letter)
        proof.use(f"over_{letter}", "reciprocal_positive", f"positive_{letter}", x=letter)
    proof.have("sigma0_positive", "sigma0 > 0", ["positive_eta*positive_sigma"], ["sigma_constant"])
    proof.use("apart_sigma0", "positive_is_apart", "sigma0_positive", x="sigma0")
    proof.use("one_sigma0", "reciprocal", "apart_sigma0", x="sigma0")
    proof.have("c2_sign", "c2 >= 0", ["beta2_most*over_eta*over_eta"], ["c2_constant"])
    proof.have("beta2_value", "beta2 = 1 - c2*eta^2", (), ["c2_constant", "one_eta"])
    proof.have("u_positive", "u > 0", ["positive_v*over_sigma*over_sigma"], ["u_definition"])
    proof.have("u_sign", "u >= 0", ["u_positive"])
    proof.have("gradient_value", "G = a*sigma0", (), ["a_definition", "one_sigma0"])
    scaled(proof)
    theirs = ["r_definition", "gradient", "gradient_value", "sigma_constant"]
    proof.have("first_value", f"theta_next = theta + {OURS}", (), ["update", "over_stored@1/(sqrt(v) + eps)", *theirs])
    other = OTHER.replace("b*", "a*")
    second = ["second_moment", "beta2_value", "v_value", "gradient", "gradient_value", "sigma_constant"]
    proof.have("second_value", f"v_next = sigma^2*(u + {other})", (), second)
    matched(proof, DT, DU, OURS, other, {"r": "-r", "b": "a"})


def scaled(proof: Proof) -> None:
    """`over_stored`: 1/(sqrt(v) + eps) = eta/P."""
    proof.have("v_known", "v >= 0", ["positive_v"])
    proof.use("v_root", "root_squared", "v_known", x="v")
    proof.use("u_root", "root_squared", "u_sign", x="u")
    proof.use("v_root_positive", "root_positive", "positive_v", x="v")
    proof.use("u_root_positive", "root_positive", "u_positive", x="u")
    total = "sqrt(v) + sigma*sqrt(u)"
    proof.have("total", f"{total} > 0", ["v_root_positive", "positive_sigma*u_root_positive"])
    proof.use("apart_total", "positive_is_apart", "total", x=total)
    proof.use("one_total", "reciprocal", "apart_total", x=total)
    proof.have("v_value", "v = sigma^2*u", (), ["u_definition", "one_sigma"])
    proof.have("squares", "sqrt(v)^2 - sigma^2*sqrt(u)^2 = 0", (), ["v_root", "u_root", "v_value"])
    proof.have("root", "sqrt(v) = sigma*sqrt(u)", (), ["one_total", (f"1/({total})", "squares")])
    proof.have("same", f"eta*(sqrt(v) + eps) = {P}", (), ["root", "sigma_constant", "eps_constant"])
    proof.have("stored", "sqrt(v) + eps > 0", ["v_root_positive", "eps_sign"])
    proof.have("scale", f"{P} > 0", ["positive_eta*stored"], [("1", "same")])
    for name, fact, text in (("P", "scale", P), ("S", "stored", "sqrt(v) + eps")):
        proof.use(f"apart_{name}", "positive_is_apart", fact, x=text)
        proof.use(f"one_{name}", "reciprocal", f"apart_{name}", x=text)
    over = f"1/(sqrt(v) + eps) = eta/({P})"
    proof.have("over_stored", over, (), [(f"1/(sqrt(v) + eps)*1/({P})", "same"), "one_P", "one_S"])


def matched(proof: Proof, first: str, second: str, step: str, other: str, others: Mapping[str, str]) -> None:
    """The claims of the theorem about steps, from `first_value`, `second_value` and `one_sigma`."""
    powers = {
        "same_second": (f"{first}^2", f"({step})^2", "E(A^2)"),
        "same_mean": (second, other, "E(B)"),
        "same_fourth": (f"{first}^4", f"({step})^4", "E(A^4)"),
        "same_mixed": (f"{first}^2*{second}", f"({step})^2*({other})", "E(A^2*B)"),
    }
    names = {name: name for name in STEPS.hypotheses}
    for name, (ours, theirs, moment) in powers.items():
        values = ["first_value", "second_value", "one_sigma"] if "v_next" in ours else ["first_value"]
        proof.have(f"{name}_outcome", f"{ours} = {theirs}", (), values)
        proof.mean(f"{name}_average", f"E({ours}) = E({theirs})", f"{name}_outcome")
        size = proof.congruent(f"{name}_size", f"{name}_average", f"abs({moment} - hole)")
        bound = ORDER_TWO_BOUNDS[name]
        said = f"abs({moment} - E({theirs})) <= {bound}"
        names[name] = proof.have(f"{name}_here", said, [name], [("1", size)])
    values = {name: name for name in STEPS.variables} | dict(others)
    for name, claim in CLAIMS.items():
        proof.lemma(name, claim, STEPS.theorem, list(names.values()), values)


ORDER_TWO_BOUNDS = {name: text.split(" <= ")[1] for name, text in MATCH.items()}
ONE_B = {name: text.replace("(a + b)", "(a + a)").replace("b^2", "a^2") for name, text in SIZES.items()}

RUN = {
    **dict.fromkeys(("z", "S", "m3", "m4", "G", "a", "A", "D", "g", "theta", "theta_next"), "0"),
    **dict.fromkeys(("sigma0", "eps0", "c2", "u", "K"), "1"),
    "eta": "1/2",
    "sigma": "2",
    "eps": "2",
    "beta2": "3/4",
    "v": "4",
    "v_next": "3",
    "B": "-1/4",
    "beta": "-1",
    "r": "1/(sqrt(1) + 1)",
    "k1": "2",
    "k2": "2",
    "k3": "2 + 4*abs(0)*(1/(sqrt(1) + 1))^4",
    "k4": "2 + 2*abs(0)*(1/(sqrt(1) + 1))^2",
}
"""The gradient 0 without noise."""
SKEWED: Mapping[str, Given] = {
    "z": Drawn(("2", "-1"), draw=1),
    "y": Drawn(("2", "-1"), draw=2),
    "S": "E(z^2)",
    "m3": "E(z^3)",
    "m4": "E(z^4)",
    "eta": "1/2",
    "sigma": "2",
    "sigma0": "eta*sigma",
    "beta2": "3/4",
    "c2": "(1 - beta2)/eta^2",
    "u": "v/sigma^2",
    "G": "1/2",
    "g": "G + sigma*z",
    "beta": "c2*(S - u)",
    "K": "abs(E(A^4) - 3*(D*eta^2)^2)/eta^5",
}
"""Noise with two results, and the moments of a diffusion up to what is allowed."""


def shown(proof: Proof) -> None:
    """All distances are 0."""
    distances(proof, RUN, THEOREM.hypotheses)


THEOREM = Theorem(
    theorem="no_order_two_sde_for_rmsprop",
    title="No order-2 SDE for RMSprop",
    says="""No SDE describes RMSprop, with sigma0 = eta sigma, eps0 = eta eps and c2 = (1 - beta2)/eta^2 held fixed, to
    order 2 in h = eta^2, whatever the law of the noise: let (A, B) be one step of time h of a diffusion in a coordinate
    of (theta, u), with variance rate D and drift beta, so that E A^4 = 3 (D h)^2 and E A^2 B = D beta h^2 up to K eta^5
    (Ito). If its moments are those of RMSprop's step up to K eta^5, E A^2 and E B up to K eta^4 (order 2 demands
    eta^6), then the noise has E z^4 = 3 S^2 from the one and E z^4 = S^2 from the other, up to eta; so S^2, S its
    variance, is at most a constant times eta: impossible for small eta where there is noise.""",
    sources=["malladi2022sdes, SDE of RMSprop", "li2017stochastic, modified equations"],
    variables={
        **dict.fromkeys(("eta", "sigma", "sigma0", "eps", "eps0", "beta2", "c2", "theta", "v", "u", "G"), "real"),
        **dict.fromkeys(("r", "a", "S", "m3", "m4", "D", "beta", "K", "k1", "k2", "k3", "k4"), "real"),
        **dict.fromkeys(("g", "z", "theta_next", "v_next", "A", "B"), "rand"),
    },
    hypotheses={
        "positive_eta": "eta > 0",
        "small_eta": "eta <= 1",
        "positive_sigma": "sigma > 0",
        "sigma_constant": "sigma0 = eta*sigma",
        "eps_constant": "eps0 = eta*eps",
        "eps_sign": "eps >= 0",
        "c2_constant": "c2 = (1 - beta2)/eta^2",
        "beta2_most": "1 - beta2 >= 0",
        "positive_v": "v > 0",
        "u_definition": "u = v/sigma^2",
        "gradient": "g = G + sigma*z",
        "update": "theta_next = theta - eta*g/(sqrt(v) + eps)",
        "second_moment": "v_next = beta2*v + (1 - beta2)*g^2",
        **NOISE,
        **DIFFUSION,
        **ORDER_TWO,
        "r_definition": f"r = sigma0/({P})",
        "a_definition": "a = G/sigma0",
        **ONE_B,
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
                "eps": "1/4",
                "eps0": "eta*eps",
                "r": f"sigma0/({P})",
                "a": "G/sigma0",
                "D": "r^2*S",
                "K": "abs(E(A^2*B) - D*beta*eta^4)/eta^5",
                "A": "-eta*r*(a*eta + y)",
                "B": "c2*eta^2*((a*eta + y)^2 - u) + eta^5/3",
                **{name[:2]: defined_by(text) for name, text in ONE_B.items()},
            },
            weights=("1/3", "2/3"),
            draws=2,
            run=Run(
                "rmsprop@second_moment=old",
                {"eta": "eta", "beta2": "beta2", "eps": "eps"},
                "g",
                ("1",),
                1,
                {
                    "theta": after("theta", 0),
                    "theta_next": after("theta", 1),
                    "v": after("v", 0),
                    "v_next": after("v", 1),
                },
                why=OLD,
                before=(("3",),),
            ),
            wrong=("rmsprop", "rmsprop@second_moment=old,eps=inside"),
        )
    ],
)
