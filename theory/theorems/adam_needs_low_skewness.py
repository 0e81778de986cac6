"""Without low skewness Adam's and AdamW's moments miss those of their SDE by eta^3 times it (Malladi et al. 2022)."""

from __future__ import annotations

from ..proving.define import Definitions
from ..proving.noisy import noisy_run
from ..proving.script import Proof
from ..proving.theorem import Theorem
from .adamw_in_units_of_its_sde import HYPOTHESES as ADAMW
from .adamw_in_units_of_its_sde import NAMES
from .adamw_moments_match_its_sde import DM, DU, GAP, NOISY, NOISY_GAP
from .moments_of_shifted_noise import shifted, use_shifted_moments
from .raw_moments_of_a_noisy_gradient import MODEL, NOISE, VARIABLES
from .rmsprop_in_units_of_its_sde import u_step
from .rmsprop_moments_match_its_sde import over_sigma0
from .rmsprop_needs_low_skewness import PAIR, TRIPLE, needed, skewness_is_small
from .sizes_on_every_outcome import sizes

MIXED, CUBED = "c1*c2*sigma0*skew(t, i, j, j)", "c1^3*sigma0^3*skew(t, i, j, l)"
MIXED_REST = (
    f"c1*c2*({GAP['i']}*(Sigma(t, j, j) - u(t, j)) + 2*G(t, j)*Sigma(t, i, j) + eta^2*{GAP['i']}*G(t, j)^2/sigma0^2)"
)
CUBED_REST = (
    f"c1^3*(sigma0^2*({GAP['i']}*Sigma(t, j, l) + {GAP['j']}*Sigma(t, i, l) + {GAP['l']}*Sigma(t, i, j))"
    f" + eta^2*{GAP['i']}*{GAP['j']}*{GAP['l']})"
)
TWO, THREE = f"X*{DM['i']}*{DU['j']}", f"X*{DM['i']}*{DM['j']}*{DM['l']}"
EXACT = "E({0}) = eta^3*E(X*({1})) + eta^4*E(X*({2}))"
M_STEP = "forall t nat, i nat: m(t + 1, i) - m(t, i) = c1*eta^2*(g(t + 1, i) - m(t, i))"
CLAIMS = {
    "mixed": f"{PAIR}: past(X, t) => {EXACT.format(TWO, MIXED, MIXED_REST)}",
    "cubed": f"{TRIPLE}: past(X, t) => {EXACT.format(THREE, CUBED, CUBED_REST)}",
    "mixed_needs": needed(PAIR, TWO, MIXED, MIXED_REST),
    "cubed_needs": needed(TRIPLE, THREE, CUBED, CUBED_REST),
}


def script(proof: Proof) -> None:
    """Means of products of G - m + sigma z and G + sigma z, in which the skewness stands alone at eta^3."""
    use_shifted_moments(proof)
    sizes(proof)
    over_sigma0(proof)
    proof.use("over_eta", "reciprocal_positive", "positive_eta", x="eta")
    u_step(proof)
    proof.have("beta1_value", "beta1 = 1 - c1*eta^2", (), ["c1_constant", "one_eta"])
    with proof.fixing("m_step", M_STEP) as inner:
        inner.use("average", "first_moment", t="t", i="i")
        inner.have("step", M_STEP.split(": ")[1], (), ["average", "beta1_value"])
    _mixed(proof)
    _cubed(proof)
    for name, coordinates in (("mixed", "ij"), ("cubed", "ijl")):
        claim = CLAIMS[f"{name}_needs"]
        with proof.fixing(f"{name}_needs", claim, "known", "small") as inner:
            inner.use("exact", name, "known", X="X", t="t", **{c: c for c in coordinates})
            skewness_is_small(inner, claim.split("=> ")[1], plus=True)


def _gap(proof: Proof, c: str) -> None:
    proof.use(f"m_{c}", "m_step", t="t", i=c)
    proof.use(f"gradient_{c}", "gradient", t="t", i=c)
    proof.use(f"past_G_{c}", "past_gradient", t="t", i=c)
    proof.use(f"past_m_{c}", "past_m", t="t", i=c)
    proof.past(f"past_gap_{c}", f"past({GAP[c][1:-1]}, t)", f"past_G_{c}", f"past_m_{c}")


def _mixed(proof: Proof) -> None:
    with proof.fixing("mixed", CLAIMS["mixed"], "known") as inner:
        _gap(inner, "i")
        _gap(inner, "j")
        inner.use("u_j", "u_step", t="t", i="j")
        inner.use("past_u_j", "past_u", t="t", i="j")
        weight = inner.past("weight", "past(X*u(t, j), t)", "known", "past_u_j")
        cube, once = f"X*{NOISY_GAP['i']}*{NOISY['j']}*{NOISY['j']}", f"X*u(t, j)*{NOISY_GAP['i']}"
        steps = ["m_i@m(t + 1, i)", "u_j@u(t + 1, j)", "gradient_i", "gradient_j"]
        inner.have("pointwise", f"{TWO} = c1*c2*eta^4*(({cube})/sigma^2 - {once})", (), steps)
        inner.mean("average", f"E({TWO}) = c1*c2*eta^4*(E({cube})/sigma^2 - E({once}))", "pointwise")
        values = {"A": GAP["i"], "B": "G(t, j)", "C": "G(t, j)"}
        past = ["known", "past_gap_i", "past_G_j", "past_G_j"]
        inner.use("three", "shifted_third", *past, X="X", t="t", i="i", j="j", l="j", **values)
        inner.use("first", "shifted_first", weight, "past_gap_i", X="X*u(t, j)", A=GAP["i"], t="t", i="i")
        raw, unit = f"E(X*({shifted('ijl', values, 'ijj')}))", f"E(X*u(t, j)*{GAP['i']})"
        inner.linear("skewness", f"E(X*({MIXED})) = c1*c2*sigma0*E(X*skew(t, i, j, j))")
        gap = f"E(X*{GAP['i']}*G(t, j)^2)"
        pairs = f"2*E(X*G(t, j)*Sigma(t, i, j)) + E(X*{GAP['i']}*Sigma(t, j, j))"
        inner.linear("cubes", f"{raw} = {gap} + sigma^2*({pairs}) + sigma^3*E(X*skew(t, i, j, j))")
        inner.linear("rest", f"E(X*({MIXED_REST})) = c1*c2*({pairs} - {unit} + eta^2/sigma0^2*{gap})")
        equations = ["average", "three", "first", "cubes", "skewness", "rest", "over_sigma0", "sigma_constant"]
        inner.have("mixed", EXACT.format(TWO, MIXED, MIXED_REST), (), [*equations, "one_eta", "one_sigma"])


def _cubed(proof: Proof) -> None:
    with proof.fixing("cubed", CLAIMS["cubed"], "known") as inner:
        for c in "ijl":
            _gap(inner, c)
        product = f"X*{NOISY_GAP['i']}*{NOISY_GAP['j']}*{NOISY_GAP['l']}"
        steps = [f"{name}{c}{over}" for c in "ijl" for name, over in (("m_", f"@m(t + 1, {c})"), ("gradient_", ""))]
        inner.have("pointwise", f"{THREE} = c1^3*eta^6*({product})", (), steps)
        inner.mean("average", f"E({THREE}) = c1^3*eta^6*E({product})", "pointwise")
        values = {"A": GAP["i"], "B": GAP["j"], "C": GAP["l"]}
        past = ["known", "past_gap_i", "past_gap_j", "past_gap_l"]
        inner.use("shift", "shifted_third", *past, X="X", t="t", i="i", j="j", l="l", **values)
        raw = f"E(X*({shifted('ijl', values, 'ijl')}))"
        gaps, skewness = f"E(X*{GAP['i']}*{GAP['j']}*{GAP['l']})", "E(X*skew(t, i, j, l))"
        pairs = [("i", "j, l"), ("j", "i, l"), ("l", "i, j")]
        three = " + ".join(f"E(X*{GAP[c]}*Sigma(t, {other}))" for c, other in pairs)
        inner.linear("cubes", f"{raw} = {gaps} + sigma^2*({three}) + sigma^3*{skewness}")
        inner.linear("skewness", f"E(X*({CUBED})) = c1^3*sigma0^3*{skewness}")
        inner.linear("rest", f"E(X*({CUBED_REST})) = c1^3*(sigma0^2*({three}) + eta^2*{gaps})")
        equations = ["average", "shift", "cubes", "skewness", "rest", "sigma_constant"]
        inner.have("cubed", EXACT.format(THREE, CUBED, CUBED_REST), (), equations)


MOMENTS = Definitions("adam_moments", "adam", after=0, only=("m", "v"), names=NAMES)
CONSTANTS = ("positive_eta", "positive_sigma", "sigma_constant", "c1_constant", "c2_constant")
LETTERS = ("eta", "sigma", "sigma0", "beta1", "beta2", "c1", "c2")

THEOREM = Theorem(
    theorem="adam_needs_low_skewness",
    title="Adam needs low skewness",
    says="""Whatever the law of the noise, the mixed moments of m and u of Adam and AdamW are
    eta^3 c1 c2 sigma0 E z_i z_j^2, their third moments of m eta^3 c1^3 sigma0^3 E z_i z_j z_l, up to O(eta^4), exact
    remainders. So if they are O(h^2) = O(eta^4), as an SDE with this diffusion demands, these third moments of the
    noise are O(eta) = O(1/sigma): low skewness is not only enough.""",
    sources=["malladi2022sdes, low skewness condition"],
    variables={
        **VARIABLES,
        **dict.fromkeys(LETTERS, "real"),
        **dict.fromkeys(("m", "v", "u"), "rand(nat, nat)"),
    },
    hypotheses={
        **{name: ADAMW[name] for name in (*CONSTANTS, "first_moment", "second_moment", "u_definition")},
        "past_m": "forall t nat, i nat: past(m(t, i), t)",
        "past_u": "forall t nat, i nat: past(u(t, i), t)",
        **NOISE,
    },
    definitions=[MOMENTS],
    claims=CLAIMS,
    lemmas=["moments_of_shifted_noise", "sizes_on_every_outcome"],
    model={
        **MODEL,
        **dict.fromkeys(("beta1", "beta2"), "3/4"),
        **dict.fromkeys(("c1", "c2", "sigma0"), "1"),
        **{name: ["t", "i", "1"] for name in ("G", "g", "m", "v")},
        "eta": "1/2",
        "sigma": "2",
        "u": ["t", "i", "1/4"],
    },
    script=script,
    instances=[noisy_run("adam", "m v", torch="Adam")],
)
