"""Without low skewness RMSprop's moments miss those of its SDE by eta^3 times the skewness (Malladi et al. 2022)."""

from __future__ import annotations

from ..kernel.terms import show
from ..proving.noisy import noisy_rmsprop
from ..proving.same_names import with_same_names
from ..proving.script import Proof
from ..proving.theorem import Theorem
from .raw_moments_of_a_noisy_gradient import MODEL, NOISE, VARIABLES, raw, use_raw_moments
from .rmsprop_in_units_of_its_sde import CONSTANTS, LETTERS, OLD, UPDATE, VALUES
from .rmsprop_in_units_of_its_sde import THEOREM as UNITS
from .rmsprop_moments_match_its_sde import DT, DU, P, over_sigma0
from .sizes_on_every_outcome import sizes

OVER = f"{P['i']}/{P['j']}/{P['l']}"
MIXED, CUBED = f"c2*sigma0*skew(t, i, j, j)/{P['i']}", f"sigma0^3*skew(t, i, j, l)/{OVER}"
MIXED_REST = (
    f"c2*(G(t, i)*(Sigma(t, j, j) - u(t, j)) + 2*G(t, j)*Sigma(t, i, j) + eta^2*G(t, i)*G(t, j)^2/sigma0^2)/{P['i']}"
)
CUBED_REST = (
    "(sigma0^2*(G(t, l)*Sigma(t, i, j) + G(t, j)*Sigma(t, i, l) + G(t, i)*Sigma(t, j, l))"
    f" + eta^2*G(t, i)*G(t, j)*G(t, l))/{OVER}"
)
TWO, THREE = f"X*{DT['i']}*{DU['j']}", f"X*{DT['i']}*{DT['j']}*{DT['l']}"
PAIR, TRIPLE = "forall X rand, t nat, i nat, j nat", "forall X rand, t nat, i nat, j nat, l nat"
EXACT = "E({0}) = -eta^3*E(X*({1})) - eta^4*E(X*({2}))"


def needed(binders: str, steps: str, skewness: str, rest: str) -> str:
    """If the moment is O(eta^4), the skewness is O(eta)."""
    bound = f"abs(E(X*({skewness}))) <= eta*(C + abs(E(X*({rest}))))"
    return f"{binders}, C real: past(X, t), abs(E({steps})) <= C*eta^4 => {bound}"


CLAIMS = {
    "mixed": f"{PAIR}: past(X, t) => {EXACT.format(TWO, MIXED, MIXED_REST)}",
    "cubed": f"{TRIPLE}: past(X, t) => {EXACT.format(THREE, CUBED, CUBED_REST)}",
    "mixed_needs": needed(PAIR, TWO, MIXED, MIXED_REST),
    "cubed_needs": needed(TRIPLE, THREE, CUBED, CUBED_REST),
}


def script(proof: Proof) -> None:
    """The raw moments of g, in which the skewness stands alone at eta^3."""
    use_raw_moments(proof, "raw_first", "raw_third")
    with_same_names(proof, UNITS, "theta_step", "u_step")
    sizes(proof)
    over_sigma0(proof)
    proof.use("over_eta", "reciprocal_positive", "positive_eta", x="eta")
    _mixed(proof)
    _cubed(proof)
    for name, coordinates in (("mixed", "ij"), ("cubed", "ijl")):
        claim = CLAIMS[f"{name}_needs"]
        with proof.fixing(f"{name}_needs", claim, "known", "small") as inner:
            inner.use("exact", name, "known", X="X", t="t", **{c: c for c in coordinates})
            skewness_is_small(inner, claim.split("=> ")[1])


def skewness_is_small(proof: Proof, claim: str, plus: bool = False) -> None:
    """The claim from `exact` and `small`: eta^3 |skewness| <= |moment| + eta^4 |rest|, divided by eta^3."""
    size, bound = claim.split(" <= ")
    term, rest = size[4:-1], bound[len("eta*(C + abs(") : -2]
    moment = proof.scope.claim("small").left
    for name, text in (("moment", show(moment)[4:-1]), ("rest", rest)):
        proof.use(f"{name}_above", "absolute_above", x=text)
        proof.use(f"{name}_below", "absolute_below", x=text)
    proof.have("cube", "1/eta^3 > 0", ["over_eta*over_eta*over_eta"])
    proof.have("eta_sign", "eta >= 0", ["positive_eta"])
    for name, sign, side, other in (("upper", "", "below", "above"), ("lower", "-", "above", "below")):
        rows = ["cube*small", f"cube*moment_{other if plus else side}", f"eta_sign*rest_{side}"]
        proof.have(name, f"{sign}{term} <= {bound}", rows, [("1/eta^3", "exact"), "one_eta"])
    proof.use("done", "both_signs", "upper", "lower", Y=term, Z=bound)


def _mixed(proof: Proof) -> None:
    with proof.fixing("mixed", CLAIMS["mixed"], "known") as inner:
        weight = f"X/{P['i']}"
        inner.use("theta_i", "theta_step", t="t", i="i")
        inner.use("u_j", "u_step", t="t", i="j")
        inner.use("past_i", "past_u", t="t", i="i")
        inner.use("past_j", "past_u", t="t", i="j")
        past = inner.past("weight", f"past({weight}, t)", "known", "past_i")
        other = inner.past("weighted_u", f"past({weight}*u(t, j), t)", "known", "past_i", "past_j")
        cube, once = f"{weight}*g(t + 1, i)*g(t + 1, j)*g(t + 1, j)", f"{weight}*u(t, j)*g(t + 1, i)"
        steps = ["theta_i@theta(t + 1, i)", "u_j@u(t + 1, j)"]
        inner.have("pointwise", f"{TWO} = -c2*eta^4*(({cube})/sigma^2 - {once})", (), steps)
        inner.mean("average", f"E({TWO}) = -c2*eta^4*(E({cube})/sigma^2 - E({once}))", "pointwise")
        inner.use("raw", "raw_third", past, X=weight, t="t", i="i", j="j", l="j")
        inner.use("mean_of_g", "raw_first", other, X=f"{weight}*u(t, j)", t="t", i="i")
        products = [f"E({weight}*{p})" for p in ("G(t, i)*G(t, j)^2", "G(t, j)*Sigma(t, i, j)", "skew(t, i, j, j)")]
        last, unit = f"E({weight}*G(t, i)*Sigma(t, j, j))", f"E({weight}*u(t, j)*G(t, i))"
        whole = f"{products[0]} + 2*sigma^2*{products[1]} + sigma^3*{products[2]} + sigma^2*{last}"
        inner.linear("cubes", f"E({weight}*({raw('ijj')})) = {whole}")
        inner.linear("skewness", f"E(X*({MIXED})) = c2*sigma0*{products[2]}")
        rest = f"c2*({last} - {unit} + 2*{products[1]} + eta^2/sigma0^2*{products[0]})"
        inner.linear("rest", f"E(X*({MIXED_REST})) = {rest}")
        equations = ["average", "raw", "mean_of_g", "cubes", "skewness", "rest", "over_sigma0", "sigma_constant"]
        inner.have("mixed", EXACT.format(TWO, MIXED, MIXED_REST), (), [*equations, "one_eta", "one_sigma"])


def _cubed(proof: Proof) -> None:
    with proof.fixing("cubed", CLAIMS["cubed"], "known") as inner:
        weight = f"X/{OVER}"
        for c in "ijl":
            inner.use(f"theta_{c}", "theta_step", t="t", i=c)
            inner.use(f"past_{c}", "past_u", t="t", i=c)
        past = inner.past("weight", f"past({weight}, t)", "known", "past_i", "past_j", "past_l")
        product = f"{weight}*g(t + 1, i)*g(t + 1, j)*g(t + 1, l)"
        steps = [f"theta_{c}@theta(t + 1, {c})" for c in "ijl"]
        inner.have("pointwise", f"{THREE} = -eta^6*({product})", (), steps)
        inner.mean("average", f"E({THREE}) = -eta^6*E({product})", "pointwise")
        inner.use("raw", "raw_third", past, X=weight, t="t", i="i", j="j", l="l")
        pairs = ["G(t, l)*Sigma(t, i, j)", "G(t, j)*Sigma(t, i, l)", "G(t, i)*Sigma(t, j, l)"]
        three = " + ".join(f"E({weight}*{p})" for p in pairs)
        gradients, skewness = f"E({weight}*G(t, i)*G(t, j)*G(t, l))", f"E({weight}*skew(t, i, j, l))"
        inner.linear("cubes", f"E({weight}*({raw('ijl')})) = {gradients} + sigma^2*({three}) + sigma^3*{skewness}")
        inner.linear("skewness", f"E(X*({CUBED})) = sigma0^3*{skewness}")
        inner.linear("rest", f"E(X*({CUBED_REST})) = sigma0^2*({three}) + eta^2*{gradients}")
        equations = ["average", "raw", "cubes", "skewness", "rest", "sigma_constant"]
        inner.have("cubed", EXACT.format(THREE, CUBED, CUBED_REST), (), equations)


THEOREM = Theorem(
    theorem="rmsprop_needs_low_skewness",
    title="RMSprop needs low skewness",
    says="""Whatever the law of the noise, where v > 0, RMSprop's mixed moments of theta and u are -eta^3 c2 sigma0 E
    z_i z_j^2/P_i, its third moments of theta -eta^3 sigma0^3 E z_i z_j z_l/(P_i P_j P_l), up to O(eta^4) with exact
    remainders. So if they are O(h^2) = O(eta^4), as an SDE with this diffusion demands, these third moments of the
    noise are O(eta) = O(1/sigma): low skewness is not only enough.""",
    sources=["malladi2022sdes, low skewness condition"],
    variables={**VARIABLES, **LETTERS},
    hypotheses={**CONSTANTS, **UPDATE, "past_u": "forall t nat, i nat: past(u(t, i), t)", **NOISE},
    definitions=[OLD],
    claims=CLAIMS,
    lemmas=["raw_moments_of_a_noisy_gradient", "rmsprop_in_units_of_its_sde", "sizes_on_every_outcome"],
    model={**MODEL, **VALUES, "G": ["t", "i", "1"]},
    script=script,
    instances=[noisy_rmsprop({})],
)
