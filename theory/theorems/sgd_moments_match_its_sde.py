"""One step of SGD has the moments of its SDE, dX = -grad f dt + sigma0 Sigma^(1/2) dW, up to O(h^2), h = eta.

Malladi et al. 2022 and Li, Malladi & Arora 2021: the local condition of weak order 1 (Milstein 1986).
"""

from __future__ import annotations

from ..proving.define import Definitions
from ..proving.noisy import noisy_sgd
from ..proving.script import Proof, square
from ..proving.theorem import Theorem
from .raw_moments_of_a_noisy_gradient import MODEL, NOISE, VARIABLES, raw, use_raw_moments
from .sizes_on_every_outcome import absolute_of_zero, sizes

SGD = Definitions("sgd_step", "sgd", after=0, names={"theta_next": "update"})
D = {c: f"(theta(t + 1, {c}) - theta(t, {c}))" for c in "ijl"}
THIRD = (
    "sigma0^2*(abs(G(t, l)*Sigma(t, i, j)) + abs(G(t, j)*Sigma(t, i, l)) + abs(G(t, i)*Sigma(t, j, l)) + K(t))"
    " + eta*abs(G(t, i)*G(t, j)*G(t, l))"
)
FOURTH = "8*(sigma0^4*kurt(t, i, i, i) + eta^2*G(t, i)^4)"
CLAIMS = {
    "drift": f"forall X rand, t nat, i nat: past(X, t) => E(X*{D['i']}) = eta*E(X*(-G(t, i)))",
    "diffusion": f"forall X rand, t nat, i nat, j nat: past(X, t) => E(X*{D['i']}*{D['j']}) = "
    "eta*E(X*(sigma0^2*Sigma(t, i, j))) + eta^2*E(X*G(t, i)*G(t, j))",
    "third_moments": f"forall X rand, t nat, i nat, j nat, l nat: past(X, t), X >= 0 => "
    f"abs(E(X*{D['i']}*{D['j']}*{D['l']})) <= eta^2*E(X*({THIRD}))",
    "fourth_moments": f"forall X rand, t nat, i nat: past(X, t), X >= 0 => E(X*{D['i']}^4) <= eta^2*E(X*({FOURTH}))",
}


def _steps(proof: Proof, letters: str, power: int = 1) -> None:
    """`average`: E of X times the steps of these coordinates, in terms of g."""
    for c in sorted(set(letters)):
        proof.use(f"step_{c}", "update", t="t", i=c)
    steps = "*".join(D[c] + (f"^{power}" if power > 1 else "") for c in letters)
    gradients = "*".join(f"g(t + 1, {c})" + (f"^{power}" if power > 1 else "") for c in letters)
    order = len(letters) * power
    factor = ("-" if order % 2 else "") + (f"eta^{order}" if order > 1 else "eta")
    proof.have("pointwise", f"X*{steps} = {factor}*X*{gradients}", (), [f"step_{c}" for c in sorted(set(letters))])
    proof.mean("average", f"E(X*{steps}) = {factor}*E(X*{gradients})", "pointwise")


def script(proof: Proof) -> None:
    """The step is -eta g: the raw moments of g, with sigma^2 eta = sigma0^2."""
    use_raw_moments(proof)
    with proof.fixing("drift", CLAIMS["drift"], "known") as inner:
        _steps(inner, "i")
        inner.use("raw", "raw_first", "known", X="X", t="t", i="i")
        inner.linear("sign", "E(X*(-G(t, i))) = -E(X*G(t, i))")
        inner.have("drift", f"E(X*{D['i']}) = eta*E(X*(-G(t, i)))", (), ["average", "raw", "sign"])
    with proof.fixing("diffusion", CLAIMS["diffusion"], "known") as inner:
        _steps(inner, "ij")
        inner.use("raw", "raw_second", "known", X="X", t="t", i="i", j="j")
        parts = "E(X*G(t, i)*G(t, j)) + sigma^2*E(X*Sigma(t, i, j))"
        inner.linear("collected", f"E(X*({raw('ij')})) = {parts}")
        inner.linear("noise", "E(X*(sigma0^2*Sigma(t, i, j))) = sigma0^2*E(X*Sigma(t, i, j))")
        goal = "eta*E(X*(sigma0^2*Sigma(t, i, j))) + eta^2*E(X*G(t, i)*G(t, j))"
        inner.have(
            "diffusion",
            f"E(X*{D['i']}*{D['j']}) = {goal}",
            (),
            ["average", "raw", "collected", "noise", "scale@sigma^2*eta"],
        )
    _third(proof)
    with proof.fixing("fourth_moments", CLAIMS["fourth_moments"], "known", "sign") as inner:
        _steps(inner, "i", 4)
        inner.use("raw", "raw_fourth_size", "known", "sign", X="X", t="t", i="i")
        inner.linear(
            "collected",
            "E(X*(G(t, i)^4 + sigma^4*kurt(t, i, i, i))) = E(X*G(t, i)^4) + sigma^4*E(X*kurt(t, i, i, i))",
        )
        split = "8*sigma0^4*E(X*kurt(t, i, i, i)) + 8*eta^2*E(X*G(t, i)^4)"
        inner.linear("bound", f"E(X*({FOURTH})) = {split}")
        inner.have("even", "eta^4 >= 0", ["positive_eta*positive_eta*positive_eta*positive_eta"])
        inner.have("scaled", "eta^4*sigma^4 = eta^2*sigma0^4", (), ["scale@sigma^2*eta"])
        inner.have(
            "size",
            f"E(X*{D['i']}^4) <= eta^2*E(X*({FOURTH}))",
            ["even*raw"],
            ["average", "bound", "collected", "scaled@eta^4*sigma^4"],
        )


def _third(proof: Proof) -> None:
    with proof.fixing("third_moments", CLAIMS["third_moments"], "known", "sign") as inner:
        _steps(inner, "ijl")
        inner.use("raw", "raw_third", "known", X="X", t="t", i="i", j="j", l="l")
        inner.use("low", "low_skewness", t="t", i="i", j="j", l="l")
        inner.use("apart", "positive_is_apart", "positive_sigma", x="sigma")
        inner.use("one", "reciprocal", "apart", x="sigma")
        parts = ["G(t, l)*Sigma(t, i, j)", "G(t, j)*Sigma(t, i, l)", "G(t, i)*Sigma(t, j, l)"]
        for place, part in enumerate([*parts, "G(t, i)*G(t, j)*G(t, l)", "skew(t, i, j, l)"]):
            inner.use(f"above_{place}", "absolute_above", x=part)
            inner.use(f"below_{place}", "absolute_below", x=part)
        inner.have("cube", "eta^3 > 0", ["positive_eta*positive_eta*positive_eta"])
        inner.have("noise", "eta^2*sigma0^2 >= 0", [square("eta*sigma0")])
        inner.have("skewed", "eta^3*sigma^3 > 0", ["cube*positive_sigma*positive_sigma*positive_sigma"])
        exact, size = f"-eta^3*({raw('ijl')})", f"eta^2*({THIRD})"
        for name, claim, other in (("upper", exact, "below"), ("lower", f"-({exact})", "above")):
            rows = [f"noise*{other}_{place}" for place in range(3)]
            rows += [f"cube*{other}_3", f"skewed*{other}_4", "skewed*low"]
            inner.have(name, f"{claim} <= {size}", rows, ["one", "scale@sigma^2*eta"])
        sizes(inner)
        inner.use("pointwise_size", "both_signs", "upper", "lower", Y=exact, Z=size)
        inner.use("mean", "mean_size", "sign", "pointwise_size", W="X", Y=exact, Z=size)
        inner.linear("left", f"E(X*({exact})) = -eta^3*E(X*({raw('ijl')}))")
        inner.linear("right", f"E(X*({size})) = eta^2*E(X*({THIRD}))")
        steps = f"E(X*{D['i']}*{D['j']}*{D['l']})"
        inner.have("same", f"{steps} = E(X*({exact}))", (), ["average", "raw", "left"])
        inner.congruent("size", "same", "abs(hole)")
        inner.have("third_moments", f"abs({steps}) <= eta^2*E(X*({THIRD}))", ["mean"], ["size", "right"])


THEOREM = Theorem(
    theorem="sgd_moments_match_its_sde",
    title="SGD's moments match its SDE",
    says="""For SGD, theta' = theta - eta g with g = grad f + sigma z and sigma^2 eta = sigma0^2 held fixed, one step is
    h = eta of time: given the past, its mean is h times the drift -grad f, its second moments are h times the
    diffusion sigma0^2 Sigma_ij up to h^2, across all coordinates, its third moments are O(h^2) if the noise has low
    skewness |E z^3| <= K/sigma, and its fourth moments are O(h^2), with these constants.""",
    sources=["malladi2022sdes, method of its SDE derivations", "li2021validity, Section 4"],
    variables={
        **VARIABLES,
        "sigma0": "real",
        "K": "rand(nat)",
    },
    hypotheses={
        "positive_eta": "eta > 0",
        "positive_sigma": "sigma > 0",
        "scale": "sigma^2*eta = sigma0^2",
        **NOISE,
        "low_skewness": "forall t nat, i nat, j nat, l nat: abs(skew(t, i, j, l)) <= K(t)/sigma",
    },
    claims=CLAIMS,
    definitions=[SGD],
    lemmas=["raw_moments_of_a_noisy_gradient", "sizes_on_every_outcome"],
    model={
        **MODEL,
        "eta": "1/4",
        "sigma": "2",
        "sigma0": "1",
        "K": ["t", "1"],
        "theta": ["t", "i", "-t/4*(1 + i)"],
    },
    script=script,
    shown=absolute_of_zero,
    instances=[noisy_sgd()],
)
