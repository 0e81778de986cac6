"""AdamW's and Adam's steps of m have fourth moments O(h^2), those of theta second moments O(h^2), h = eta^2."""

from __future__ import annotations

from ..proving.noisy import noisy_adam
from ..proving.same_names import with_same_names
from ..proving.script import Product, Proof, square
from ..proving.theorem import Theorem
from .adamw_in_units_of_its_sde import HYPOTHESES, OLD, VALUES, decaying_run
from .adamw_in_units_of_its_sde import THEOREM as UNITS
from .adamw_in_units_of_its_sde import VARIABLES as LETTERS
from .adamw_moments_match_its_sde import DM, DT, GAP, NOISY_GAP
from .moments_of_shifted_noise import use_shifted_moments
from .raw_moments_of_a_noisy_gradient import MODEL, NOISE, VARIABLES

FOURTH_OF_M = f"8*c1^4*(sigma0^4*kurt(t, i, i, i) + eta^4*{GAP['i']}^4)"
SECOND_OF_THETA = (
    f"2*lambda0^2*theta(t, i)^2 + 4*a(t, i)^2*(m(t, i)^2 + c1^2*eta^2*(sigma0^2*Sigma(t, i, i) + eta^2*{GAP['i']}^2))"
)
FOURTH_OF_THETA = (
    "eta^4*(8*lambda0^4*theta(t, i)^4 + 64*a(t, i)^4*(m(t, i)^4"
    f" + 8*c1^4*eta^4*(sigma0^4*kurt(t, i, i, i) + eta^4*{GAP['i']}^4)))"
)
START = "forall X rand, t nat, i nat: past(X, t), X >= 0 => "
CLAIMS = {
    "fourth_of_m": f"{START}E(X*{DM['i']}^4) <= eta^4*E(X*({FOURTH_OF_M}))",
    "second_of_theta": f"{START}E(X*{DT['i']}^2) <= eta^4*E(X*({SECOND_OF_THETA}))",
    "fourth_of_theta": f"{START}E(X*{DT['i']}^4) <= eta^4*E(X*({FOURTH_OF_THETA}))",
}


def fourth_powers(a: str, b: str) -> list[Product]:
    """Squares that add up to 8 a^4 + 8 b^4 - (a + b)^4."""
    a, b = f"({a})", f"({b})"
    return [
        square(text) for text in (f"({a} - {b})*({a} + {b})", f"({a} - {b})*{a}", f"({a} - {b})*{b}", f"{a}^2 - {b}^2")
    ]


def script(proof: Proof) -> None:
    """(a + b)^2 <= 2 a^2 + 2 b^2 and (a + b)^4 <= 8 a^4 + 8 b^4 for theta and m, and for m and its step."""
    use_shifted_moments(proof)
    with_same_names(proof, UNITS, "theta_step", "m_step")
    for name, claim in CLAIMS.items():
        with proof.fixing(name, claim, "known", "sign") as inner:
            inner.use("theta_i", "theta_step", t="t", i="i")
            inner.use("m_i", "m_step", t="t", i="i")
            inner.use("gradient_i", "gradient", t="t", i="i")
            for fact in ("gradient", "m", "factor"):
                inner.use(f"past_{fact}_i", f"past_{fact}", t="t", i="i")
            inner.past("past_gap", f"past({GAP['i'][1:-1]}, t)", "past_gradient_i", "past_m_i")
            {"fourth_of_m": fourth_of_m, "second_of_theta": _second, "fourth_of_theta": _fourth}[name](inner, claim)


def fourth_of_m(proof: Proof, claim: str) -> None:
    """The claim of that name, for the step of m that both second moments share."""
    step, power = f"X*{DM['i']}^4", f"X*{NOISY_GAP['i']}^4"
    proof.have("pointwise", f"{step} = c1^4*eta^8*({power})", (), ["m_i@m(t + 1, i)", "gradient_i"])
    proof.mean("average", f"E({step}) = c1^4*eta^8*E({power})", "pointwise")
    proof.use("size", "shifted_fourth", "known", "sign", "past_gap", X="X", A=GAP["i"], t="t", i="i")
    gap, kurt = f"E(X*{GAP['i']}^4)", "E(X*kurt(t, i, i, i))"
    proof.linear("split", f"E(X*({GAP['i']}^4 + sigma^4*kurt(t, i, i, i))) = {gap} + sigma^4*{kurt}")
    proof.linear("bound", f"E(X*({FOURTH_OF_M})) = 8*c1^4*(sigma0^4*{kurt} + eta^4*{gap})")
    proof.have("even", "c1^4*eta^8 >= 0", [square("c1^2*eta^4")])
    equations = ["average", "split", "bound", "sigma_constant"]
    proof.have("small", claim.split("=> ")[1], ["even*size"], equations)


def _second(proof: Proof, claim: str) -> None:
    known = proof.past("weight", "past(X*a(t, i)^2, t)", "known", "past_factor_i")
    step, decay = f"X*{DT['i']}^2", "X*theta(t, i)^2"
    still, moved = "X*a(t, i)^2*m(t, i)^2", f"X*a(t, i)^2*{NOISY_GAP['i']}*{NOISY_GAP['i']}"
    noise = f"c1*eta^2*{NOISY_GAP['i']}"
    squares = [
        square(f"eta^2*(lambda0*theta(t, i) - a(t, i)*(m(t, i) + {noise}))") * "sign",
        square(f"eta^2*a(t, i)*(m(t, i) - {noise})") * "sign",
    ]
    parts = "2*eta^4*lambda0^2*{0} + 4*eta^4*({1} + c1^2*eta^4*({2}))"
    steps = ["theta_i@theta(t + 1, i)", "m_i@m(t + 1, i)", "gradient_i"]
    proof.have("pointwise", f"{step} <= {parts.format(decay, still, moved)}", squares, steps)
    means = [f"E({text})" for text in (decay, still, moved)]
    proof.mean("average", f"E({step}) <= {parts.format(*means)}", "pointwise")
    values = {"A": GAP["i"], "B": GAP["i"]}
    proof.use("two", "shifted_second", known, "past_gap", "past_gap", X="X*a(t, i)^2", t="t", i="i", j="i", **values)
    gap, variance = f"E(X*a(t, i)^2*{GAP['i']}^2)", "E(X*a(t, i)^2*Sigma(t, i, i))"
    raw = f"E(X*a(t, i)^2*({GAP['i']}*{GAP['i']} + sigma^2*Sigma(t, i, i)))"
    proof.linear("split", f"{raw} = {gap} + sigma^2*{variance}")
    whole = f"2*lambda0^2*{means[0]} + 4*({means[1]} + c1^2*eta^2*(sigma0^2*{variance} + eta^2*{gap}))"
    proof.linear("bound", f"E(X*({SECOND_OF_THETA})) = {whole}")
    proof.have("small", claim.split("=> ")[1], ["average"], ["two", "split", "bound", "sigma_constant"])


def _fourth(proof: Proof, claim: str) -> None:
    known = proof.past("weight", "past(X*a(t, i)^4, t)", "known", "past_factor_i")
    proof.have("weight_sign", "X*a(t, i)^4 >= 0", [square("a(t, i)^2") * "sign"])
    step, decay = f"X*{DT['i']}^4", "X*theta(t, i)^4"
    still, moved = "X*a(t, i)^4*m(t, i)^4", f"X*a(t, i)^4*{NOISY_GAP['i']}^4"
    noise = f"c1*eta^2*{NOISY_GAP['i']}"
    one = "lambda0*theta(t, i)", f"a(t, i)*(m(t, i) + {noise})"
    steps = ["theta_i@theta(t + 1, i)", "m_i@m(t + 1, i)", "gradient_i"]
    first = f"8*eta^8*(({one[0]})^4 + ({one[1]})^4)"
    proof.have("outer", f"{DT['i']}^4 <= {first}", [square("eta^4") * row for row in fourth_powers(*one)], steps)
    proof.have("inner", f"(m(t, i) + {noise})^4 <= 8*(m(t, i)^4 + ({noise})^4)", fourth_powers("m(t, i)", noise))
    parts = "8*eta^8*lambda0^4*{0} + 64*eta^8*({1} + c1^4*eta^8*({2}))"
    proof.have(
        "pointwise",
        f"{step} <= {parts.format(decay, still, moved)}",
        ["sign*outer", square("eta^4") * "weight_sign*inner"],
    )
    means = [f"E({text})" for text in (decay, still, moved)]
    proof.mean("average", f"E({step}) <= {parts.format(*means)}", "pointwise")
    proof.use("size", "shifted_fourth", known, "weight_sign", "past_gap", X="X*a(t, i)^4", A=GAP["i"], t="t", i="i")
    gap, kurt = f"E(X*a(t, i)^4*{GAP['i']}^4)", "E(X*a(t, i)^4*kurt(t, i, i, i))"
    proof.linear("split", f"E(X*a(t, i)^4*({GAP['i']}^4 + sigma^4*kurt(t, i, i, i))) = {gap} + sigma^4*{kurt}")
    whole = f"64*({means[1]} + 8*c1^4*eta^4*(sigma0^4*{kurt} + eta^4*{gap}))"
    proof.linear("bound", f"E(X*({FOURTH_OF_THETA})) = eta^4*(8*lambda0^4*{means[0]} + {whole})")
    proof.have("even", "c1^4*eta^16 >= 0", [square("c1^2*eta^8")])
    equations = ["split", "bound", "sigma_constant"]
    proof.have("small", claim.split("=> ")[1], ["average", "even*size"], equations)


THEOREM = Theorem(
    theorem="adamw_steps_are_small",
    title="AdamW's steps are small",
    says="""For AdamW (and Adam, lambda0 = 0) with sigma0 = eta sigma, c1 = (1 - beta1)/eta^2, lambda0 = lambda/eta held
    fixed, v > 0 and |beta2| < 1: given the past, E (m' - m)^4, E (theta' - theta)^2 and E (theta' - theta)^4 are at
    most eta^4 times explicit numbers, coordinate by coordinate; a is the factor of m in the step of theta.""",
    sources=["malladi2022sdes, method of its SDE derivations"],
    variables={**VARIABLES, **LETTERS},
    hypotheses={
        **HYPOTHESES,
        "past_m": "forall t nat, i nat: past(m(t, i), t)",
        "past_factor": "forall t nat, i nat: past(a(t, i), t)",
        **NOISE,
    },
    definitions=[OLD],
    claims=CLAIMS,
    lemmas=["moments_of_shifted_noise", "adamw_in_units_of_its_sde"],
    model={**MODEL, **VALUES, "G": ["t", "i", "0"]},
    script=script,
    shown=decaying_run,
    instances=[noisy_adam(HYPOTHESES, "adamw")],
)
