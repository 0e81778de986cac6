"""The steps of u = v/sigma^2 of RMSprop and Adam have second moments O(h^2) and fourth moments O(h^4), h = eta^2."""

from __future__ import annotations

from ..proving.define import Definitions
from ..proving.noisy import noisy_run
from ..proving.script import Proof, square
from ..proving.theorem import Theorem
from .adamw_in_units_of_its_sde import HYPOTHESES as ADAMW
from .adamw_in_units_of_its_sde import NAMES
from .adamw_moments_match_its_sde import DU
from .moments_of_shifted_noise import LAWS, use_shifted_moments
from .moments_of_shifted_noise import VARIABLES as NOISE_VARIABLES
from .raw_moments_of_a_noisy_gradient import MODEL, NOISE
from .rmsprop_in_units_of_its_sde import u_step
from .rmsprop_moments_match_its_sde import over_sigma0

EIGHTH = {
    "eighth": "forall X rand, t nat, i nat: past(X, t), X >= 0 => E(X*z(t + 1, i)^8) <= E(X*tail(t, i))",
}
SECOND_OF_U = "c2^2*(8*(kurt(t, i, i, i) + eta^4*G(t, i)^4/sigma0^4) + u(t, i)^2)"
FOURTH_OF_U = "8*c2^4*eta^4*(128*(tail(t, i) + eta^8*G(t, i)^8/sigma0^8) + u(t, i)^4)"
START = "forall X rand, t nat, i nat: past(X, t), X >= 0 => "
CLAIMS = {
    "second_of_u": f"{START}E(X*{DU['i']}^2) <= eta^4*E(X*({SECOND_OF_U}))",
    "fourth_of_u": f"{START}E(X*{DU['i']}^4) <= eta^4*E(X*({FOURTH_OF_U}))",
}
SQUARES = Definitions("rmsprop_second_moment", "rmsprop", after=0, only=("v",), names=NAMES)
SHARED = ("positive_eta", "positive_sigma", "sigma_constant", "c2_constant", "second_moment", "u_definition")


def script(proof: Proof) -> None:
    """(x - u)^2 <= x^2 + u^2 for x, u >= 0, (x - u)^4 <= 8 (x^4 + u^4), and powers of G + sigma z."""
    use_shifted_moments(proof)
    over_sigma0(proof)
    proof.use("over_eta", "reciprocal_positive", "positive_eta", x="eta")
    u_step(proof)
    proof.use("over_sigma", "reciprocal_positive", "positive_sigma", x="sigma")
    noisy = "(G(t, i) + sigma*z(t + 1, i))"
    with proof.fixing("second_of_u", CLAIMS["second_of_u"], "known", "sign") as inner:
        inner.use("u_i", "u_step", t="t", i="i")
        inner.use("gradient_i", "gradient", t="t", i="i")
        inner.use("past_i", "past_gradient", t="t", i="i")
        inner.use("positive", "u_sign", t="t", i="i")
        inner.have(
            "pointwise",
            f"X*{DU['i']}^2 <= c2^2*eta^4*(1/sigma^4*X*{noisy}^4 + X*u(t, i)^2)",
            [square(f"c2*eta^2/sigma*{noisy}") * "sign*positive"],
            ["u_i@u(t + 1, i)", "gradient_i"],
        )
        means = f"1/sigma^4*E(X*{noisy}^4) + E(X*u(t, i)^2)"
        inner.mean("average", f"E(X*{DU['i']}^2) <= c2^2*eta^4*({means})", "pointwise")
        inner.use("noise", "shifted_fourth", "known", "sign", "past_i", X="X", A="G(t, i)", t="t", i="i")
        inner.have("factor", "c2^2*eta^4/sigma^4 >= 0", [square("c2*eta^2/sigma^2")])
        fourth, kurt = "E(X*G(t, i)^4)", "E(X*kurt(t, i, i, i))"
        inner.linear("split", f"E(X*(G(t, i)^4 + sigma^4*kurt(t, i, i, i))) = {fourth} + sigma^4*{kurt}")
        inner.linear("bound", f"E(X*({SECOND_OF_U})) = c2^2*(8*({kurt} + eta^4/sigma0^4*{fourth}) + E(X*u(t, i)^2))")
        equations = ["split", "bound", "over_sigma0", "one_eta", "one_sigma"]
        inner.have("small", CLAIMS["second_of_u"].split("=> ")[1], ["average", "factor*noise"], equations)
    _fourth(proof, noisy)


def _fourth(proof: Proof, noisy: str) -> None:
    with proof.fixing("fourth_of_u", CLAIMS["fourth_of_u"], "known", "sign") as inner:
        inner.use("u_i", "u_step", t="t", i="i")
        inner.use("gradient_i", "gradient", t="t", i="i")
        x, u = f"({noisy}^2/sigma^2)", "u(t, i)"
        squares = [f"({x} + {u})*({x} - {u})", f"({x} + {u})*{x}", f"({x} + {u})*{u}", f"{x}^2 - {u}^2"]
        inner.have("powers", f"({x} - {u})^4 <= 8*({x}^4 + {u}^4)", [square(text) for text in squares])
        a, b = "G(t, i)", "(sigma*z(t + 1, i))"
        squares = [f"({a} - {b})*({a} + {b})", f"({a} - {b})*{a}", f"({a} - {b})*{b}", f"{a}^2 - {b}^2"]
        inner.have("once", f"{noisy}^4 <= 8*({a}^4 + {b}^4)", [square(text) for text in squares])
        inner.have("room", f"8*({a}^4 + {b}^4) - {noisy}^4 >= 0", ["once"])
        inner.have(
            "sum_sign",
            f"8*({a}^4 + {b}^4) + {noisy}^4 >= 0",
            [square(f"{a}^2"), square(f"{b}^2"), square(f"{noisy}^2")],
        )
        inner.have("twice", f"{noisy}^8 <= 128*({a}^8 + {b}^8)", ["room*sum_sign", square(f"{a}^4 - {b}^4")])
        whole = f"{noisy}^8"
        inner.have(
            "step",
            f"X*{DU['i']}^4 <= 8*c2^4*eta^8*(1/sigma^8*X*{whole} + X*{u}^4)",
            [square("c2^2*eta^4") * "sign*powers"],
            ["u_i@u(t + 1, i)", "gradient_i"],
        )
        inner.have("noisy", f"X*{whole} <= 128*(X*{a}^8 + sigma^8*X*z(t + 1, i)^8)", ["sign*twice"])
        inner.mean("step_mean", f"E(X*{DU['i']}^4) <= 8*c2^4*eta^8*(1/sigma^8*E(X*{whole}) + E(X*{u}^4))", "step")
        inner.mean("noise", f"E(X*{whole}) <= 128*(E(X*{a}^8) + sigma^8*E(X*z(t + 1, i)^8))", "noisy")
        inner.use("tail", "eighth", "known", "sign", X="X", t="t", i="i")
        inner.have("factor", "c2^4*eta^8/sigma^8 >= 0", [square("c2^2*eta^4/sigma^4")])
        inner.have("plain", "c2^4*eta^8 >= 0", [square("c2^2*eta^4")])
        gradient = f"eta^8/sigma0^8*E(X*{a}^8)"
        inner.linear("bound", f"E(X*({FOURTH_OF_U})) = 8*c2^4*eta^4*(128*(E(X*tail(t, i)) + {gradient}) + E(X*{u}^4))")
        inner.have(
            "small",
            CLAIMS["fourth_of_u"].split("=> ")[1],
            ["step_mean", "factor*noise", "plain*tail"],
            ["bound", "over_sigma0", "one_eta", "one_sigma"],
        )


THEOREM = Theorem(
    theorem="steps_of_u_are_small",
    title="Steps of u are small",
    says="""For the second moment v of RMSprop, Adam and AdamW, u = v/sigma^2, sigma0 = eta sigma and
    c2 = (1 - beta2)/eta^2: given the past, E (u' - u)^2 and E (u' - u)^4 are at most eta^4 times explicit numbers made
    of u, the gradient, and the fourth and eighth moments of the noise.""",
    sources=["malladi2022sdes, method of its SDE derivations"],
    variables={
        **NOISE_VARIABLES,
        **dict.fromkeys(("G", "g", "v", "u", "tail"), "rand(nat, nat)"),
        **dict.fromkeys(("eta", "sigma0", "beta2", "c2"), "real"),
    },
    hypotheses={
        **{name: ADAMW[name] for name in SHARED},
        "u_sign": "forall t nat, i nat: u(t, i) >= 0",
        "past_gradient": NOISE["past_gradient"],
        "gradient": NOISE["gradient"],
        **LAWS,
        **EIGHTH,
    },
    definitions=[SQUARES],
    claims=CLAIMS,
    lemmas=["moments_of_shifted_noise"],
    model={
        **MODEL,
        **{name: ["t", "i", "1"] for name in ("G", "g", "v")},
        "tail": ["t", "i", "0"],
        "u": ["t", "i", "1/4"],
        "eta": "1/2",
        "sigma": "2",
        "sigma0": "1",
        "beta2": "3/4",
        "c2": "1",
    },
    script=script,
    instances=[noisy_run("rmsprop", "v", torch="RMSprop")],
)
