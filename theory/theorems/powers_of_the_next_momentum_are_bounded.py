"""The momentum after a step, times a factor that the past determines: second and fourth moments."""

from __future__ import annotations

from ..proving.noisy import noisy_run
from ..proving.script import Proof, square
from ..proving.theorem import Theorem
from .adamw_in_units_of_its_sde import CLAIMS as UNITS
from .adamw_moments_match_its_sde import DM, GAP, NOISY_GAP
from .adamw_steps_are_small import FOURTH_OF_M, START, fourth_of_m, fourth_powers
from .moments_of_shifted_noise import LAWS, use_shifted_moments
from .moments_of_shifted_noise import VARIABLES as NOISE_VARIABLES
from .raw_moments_of_a_noisy_gradient import MODEL, NOISE

STEP, NOISE_STEP = "(a(t, i)*m(t + 1, i))", f"(c1*eta^2*{NOISY_GAP['i']})"
SECOND = f"2*a(t, i)^2*(m(t, i)^2 + c1^2*eta^2*(sigma0^2*Sigma(t, i, i) + eta^2*{GAP['i']}^2))"
FOURTH = f"8*a(t, i)^4*(m(t, i)^4 + 8*c1^4*eta^4*(sigma0^4*kurt(t, i, i, i) + eta^4*{GAP['i']}^4))"
CLAIMS = {
    "second_of_step": f"{START}E(X*{STEP}^2) <= E(X*({SECOND}))",
    "fourth_of_step": f"{START}E(X*{STEP}^4) <= E(X*({FOURTH}))",
    "fourth_of_m": f"{START}E(X*{DM['i']}^4) <= eta^4*E(X*({FOURTH_OF_M}))",
}


def script(proof: Proof) -> None:
    """(x + y)^2 <= 2 x^2 + 2 y^2 and (x + y)^4 <= 8 x^4 + 8 y^4 for m and its step."""
    use_shifted_moments(proof)
    for name, claim in CLAIMS.items():
        with proof.fixing(name, claim, "known", "sign") as inner:
            inner.use("m_i", "m_step", t="t", i="i")
            inner.use("gradient_i", "gradient", t="t", i="i")
            for fact in ("gradient", "m", "factor"):
                inner.use(f"past_{fact}_i", f"past_{fact}", t="t", i="i")
            inner.past("past_gap", f"past({GAP['i'][1:-1]}, t)", "past_gradient_i", "past_m_i")
            {"second_of_step": _second, "fourth_of_step": _fourth, "fourth_of_m": fourth_of_m}[name](inner, claim)


def _second(proof: Proof, claim: str) -> None:
    weight = "X*a(t, i)^2"
    known = proof.past("weight", f"past({weight}, t)", "known", "past_factor_i")
    still, moved = f"{weight}*m(t, i)^2", f"{weight}*{NOISY_GAP['i']}*{NOISY_GAP['i']}"
    proof.have(
        "pointwise",
        f"X*{STEP}^2 <= 2*({still} + c1^2*eta^4*({moved}))",
        [square(f"a(t, i)*(m(t, i) - {NOISE_STEP})") * "sign"],
        ["m_i@m(t + 1, i)", "gradient_i"],
    )
    proof.mean("average", f"E(X*{STEP}^2) <= 2*(E({still}) + c1^2*eta^4*E({moved}))", "pointwise")
    values = {"A": GAP["i"], "B": GAP["i"]}
    proof.use("two", "shifted_second", known, "past_gap", "past_gap", X=weight, t="t", i="i", j="i", **values)
    gap, variance = f"E({weight}*{GAP['i']}^2)", f"E({weight}*Sigma(t, i, i))"
    raw = f"E({weight}*({GAP['i']}*{GAP['i']} + sigma^2*Sigma(t, i, i)))"
    proof.linear("split", f"{raw} = {gap} + sigma^2*{variance}")
    whole = f"2*(E({still}) + c1^2*eta^2*(sigma0^2*{variance} + eta^2*{gap}))"
    proof.linear("bound", f"E(X*({SECOND})) = {whole}")
    proof.have("small", claim.split("=> ")[1], ["average"], ["two", "split", "bound", "sigma_constant"])


def _fourth(proof: Proof, claim: str) -> None:
    weight = "X*a(t, i)^4"
    known = proof.past("weight", f"past({weight}, t)", "known", "past_factor_i")
    proof.have("weight_sign", f"{weight} >= 0", [square("a(t, i)^2") * "sign"])
    still, moved = f"{weight}*m(t, i)^4", f"{weight}*{NOISY_GAP['i']}^4"
    proof.have(
        "powers", f"(m(t, i) + {NOISE_STEP})^4 <= 8*(m(t, i)^4 + {NOISE_STEP}^4)", fourth_powers("m(t, i)", NOISE_STEP)
    )
    proof.have(
        "pointwise",
        f"X*{STEP}^4 <= 8*({still} + c1^4*eta^8*({moved}))",
        ["weight_sign*powers"],
        ["m_i@m(t + 1, i)", "gradient_i"],
    )
    proof.mean("average", f"E(X*{STEP}^4) <= 8*(E({still}) + c1^4*eta^8*E({moved}))", "pointwise")
    proof.use("size", "shifted_fourth", known, "weight_sign", "past_gap", X=weight, A=GAP["i"], t="t", i="i")
    gap, kurt = f"E({weight}*{GAP['i']}^4)", f"E({weight}*kurt(t, i, i, i))"
    proof.linear("split", f"E({weight}*({GAP['i']}^4 + sigma^4*kurt(t, i, i, i))) = {gap} + sigma^4*{kurt}")
    whole = f"8*(E({still}) + 8*c1^4*eta^4*(sigma0^4*{kurt} + eta^4*{gap}))"
    proof.linear("bound", f"E(X*({FOURTH})) = {whole}")
    proof.have("even", "c1^4*eta^8 >= 0", [square("c1^2*eta^4")])
    proof.have("small", claim.split("=> ")[1], ["average", "even*size"], ["split", "bound", "sigma_constant"])


THEOREM = Theorem(
    theorem="powers_of_the_next_momentum_are_bounded",
    title="Powers of the next momentum are bounded",
    says="""Let m' = m + c1 eta^2 (G + sigma z - m) with sigma0 = eta sigma, and let a be a factor that the past
    determines. Given the past, the second and fourth moments of a m', and the fourth moment of m' - m over eta^4, are
    at most explicit numbers that stay bounded as eta goes to 0.""",
    sources=["malladi2022sdes, method of its SDE derivations"],
    variables={
        **NOISE_VARIABLES,
        **dict.fromkeys(("G", "g", "m", "a"), "rand(nat, nat)"),
        **dict.fromkeys(("eta", "sigma0", "c1"), "real"),
    },
    hypotheses={
        "sigma_constant": "sigma0 = eta*sigma",
        "m_step": UNITS["m_step"],
        "past_gradient": NOISE["past_gradient"],
        "past_m": "forall t nat, i nat: past(m(t, i), t)",
        "past_factor": "forall t nat, i nat: past(a(t, i), t)",
        "gradient": NOISE["gradient"],
        **LAWS,
    },
    claims=CLAIMS,
    lemmas=["moments_of_shifted_noise"],
    model={
        **{name: MODEL[name] for name in NOISE_VARIABLES if name != "sigma"},
        "sigma": "2",
        **{name: ["t", "i", "1"] for name in ("G", "g", "m", "a")},
        "eta": "1/2",
        "sigma0": "1",
        "c1": "1",
    },
    script=script,
    instances=[noisy_run("adam", "m", values={"a": ["t", "i", "1 + z(t, i)/4"]}, torch="Adam")],
)
