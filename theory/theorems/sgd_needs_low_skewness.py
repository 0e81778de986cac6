"""Without low skewness SGD's third moments are not O(h^2), h = eta (Malladi et al. 2022; Li, Malladi & Arora 2021)."""

from __future__ import annotations

from ..proving.noisy import noisy_sgd
from ..proving.script import Proof
from ..proving.theorem import Theorem
from .raw_moments_of_a_noisy_gradient import MODEL, NOISE, VARIABLES, raw, use_raw_moments
from .sgd_moments_match_its_sde import SGD, D
from .sizes_on_every_outcome import sizes

STEPS = f"X*{D['i']}*{D['j']}*{D['l']}"
SKEWNESS = "sigma0^2*sigma*skew(t, i, j, l)"
REST = (
    "sigma0^2*(G(t, l)*Sigma(t, i, j) + G(t, j)*Sigma(t, i, l) + G(t, i)*Sigma(t, j, l)) + eta*G(t, i)*G(t, j)*G(t, l)"
)
EXACT = f"E({STEPS}) = -eta^2*(E(X*({SKEWNESS})) + E(X*({REST})))"
SMALL = f"abs(E({STEPS})) <= C*eta^2"
BOUND = f"C + abs(E(X*({REST})))"
CLAIMS = {
    "third": f"forall X rand, t nat, i nat, j nat, l nat: past(X, t) => {EXACT}",
    "needed": f"forall X rand, t nat, i nat, j nat, l nat, C real: past(X, t), {SMALL} => "
    f"abs(E(X*({SKEWNESS}))) <= {BOUND}",
}


def script(proof: Proof) -> None:
    """The raw third moment of g, with sigma^2 eta = sigma0^2."""
    use_raw_moments(proof, "raw_third")
    sizes(proof)
    proof.use("apart", "positive_is_apart", "positive_eta", x="eta")
    proof.use("one", "reciprocal", "apart", x="eta")
    proof.use("over", "reciprocal_positive", "positive_eta", x="eta")
    with proof.fixing("third_moment", CLAIMS["third"], "known") as inner:
        for c in "ijl":
            inner.use(f"step_{c}", "update", t="t", i=c)
        product = "X*g(t + 1, i)*g(t + 1, j)*g(t + 1, l)"
        inner.have("pointwise", f"{STEPS} = -eta^3*({product})", (), ["step_i", "step_j", "step_l"])
        inner.mean("average", f"E({STEPS}) = -eta^3*E({product})", "pointwise")
        inner.use("raw", "raw_third", "known", X="X", t="t", i="i", j="j", l="l")
        pairs = ["G(t, l)*Sigma(t, i, j)", "G(t, j)*Sigma(t, i, l)", "G(t, i)*Sigma(t, j, l)"]
        three = " + ".join(f"E(X*{p})" for p in pairs)
        gradients, skewness = "E(X*G(t, i)*G(t, j)*G(t, l))", "E(X*skew(t, i, j, l))"
        inner.linear("cubes", f"E(X*({raw('ijl')})) = {gradients} + sigma^2*({three}) + sigma^3*{skewness}")
        inner.linear("skewness", f"E(X*({SKEWNESS})) = sigma0^2*sigma*{skewness}")
        inner.linear("rest", f"E(X*({REST})) = sigma0^2*({three}) + eta*{gradients}")
        inner.have("whole", EXACT, (), ["average", "raw", "cubes", "skewness", "rest", "scale@sigma^2*eta"])
    with proof.fixing("needed", CLAIMS["needed"], "known", "small") as inner:
        inner.use("exact", "third_moment", "known", X="X", t="t", i="i", j="j", l="l")
        term, rest = f"E(X*({SKEWNESS}))", f"E(X*({REST}))"
        for name, text in (("moment", f"E({STEPS})"), ("rest", rest)):
            inner.use(f"{name}_above", "absolute_above", x=text)
            inner.use(f"{name}_below", "absolute_below", x=text)
        inner.have("square", "1/eta^2 > 0", ["over*over"])
        for name, sign, side in (("upper", "", "below"), ("lower", "-", "above")):
            rows = ["square*small", f"square*moment_{side}", f"rest_{side}"]
            inner.have(name, f"{sign}{term} <= {BOUND}", rows, [("1/eta^2", "exact"), "one"])
        inner.use("done", "both_signs", "upper", "lower", Y=term, Z=BOUND)


THEOREM = Theorem(
    theorem="sgd_needs_low_skewness",
    title="SGD needs low skewness",
    says="""Whatever the law of the noise, with sigma^2 eta = sigma0^2 the third moments of an SGD step are
    -eta^2 (sigma0^2 sigma E z_i z_j z_l + an explicit number without the skewness). So if they are O(h^2) = O(eta^2),
    then E z_i z_j z_l is O(1/sigma): low skewness is not only enough.""",
    sources=["malladi2022sdes, low skewness condition"],
    variables={**VARIABLES, "sigma0": "real"},
    hypotheses={
        "positive_eta": "eta > 0",
        "scale": "sigma^2*eta = sigma0^2",
        **NOISE,
    },
    claims=CLAIMS,
    definitions=[SGD],
    lemmas=["raw_moments_of_a_noisy_gradient", "sizes_on_every_outcome"],
    model={**MODEL, "eta": "1/4", "sigma": "2", "sigma0": "1", "theta": ["t", "i", "-t/4*(1 + i)"]},
    script=script,
    instances=[noisy_sgd()],
)
