"""One step of RMSprop has the moments of its SDE up to O(h^2), h = eta^2 (Malladi et al. 2022).

d theta = -P^-1 (grad f dt + sigma0 Sigma^(1/2) dW), d u = c2 (diag Sigma - u) dt, P = sigma0 sqrt(u) + eps0.
"""

from __future__ import annotations

from ..proving.noisy import noisy_rmsprop
from ..proving.same_names import with_same_names
from ..proving.script import Proof, square
from ..proving.theorem import Theorem
from .raw_moments_of_a_noisy_gradient import MODEL, NOISE, VARIABLES, raw, use_raw_moments
from .rmsprop_in_units_of_its_sde import CONSTANTS, LETTERS, OLD, SCALE, UPDATE, VALUES
from .rmsprop_in_units_of_its_sde import THEOREM as UNITS
from .sizes_on_every_outcome import absolute_of_zero, sizes

P = {c: SCALE.format(c) for c in "ijl"}
DT = {c: f"(theta(t + 1, {c}) - theta(t, {c}))" for c in "ijl"}
DU = {c: f"(u(t + 1, {c}) - u(t, {c}))" for c in "ijl"}
CROSS = (
    "c2*(abs(G(t, i)*(Sigma(t, j, j) - u(t, j))) + 2*abs(G(t, j)*Sigma(t, i, j)) + K(t)"
    " + eta^2*abs(G(t, i)*G(t, j)^2)/sigma0^2)"
)
THIRD = (
    "sigma0^2*(abs(G(t, l)*Sigma(t, i, j)) + abs(G(t, j)*Sigma(t, i, l)) + abs(G(t, i)*Sigma(t, j, l)) + K(t))"
    " + eta^2*abs(G(t, i)*G(t, j)*G(t, l))"
)
CLAIMS = {
    "drift_of_theta": f"forall X rand, t nat, i nat: past(X, t) => E(X*{DT['i']}) = eta^2*E(X*(-G(t, i)/{P['i']}))",
    "drift_of_u": f"forall X rand, t nat, i nat: past(X, t) => E(X*{DU['i']}) = "
    "eta^2*E(X*(c2*(Sigma(t, i, i) - u(t, i)))) + eta^4*E(X*(c2*G(t, i)^2/sigma0^2))",
    "diffusion_of_theta": "forall X rand, t nat, i nat, j nat: past(X, t) => "
    f"E(X*{DT['i']}*{DT['j']}) = eta^2*E(X*(sigma0^2*Sigma(t, i, j)/{P['i']}/{P['j']}))"
    f" + eta^4*E(X*(G(t, i)*G(t, j)/{P['i']}/{P['j']}))",
    "no_diffusion_between_theta_and_u": "forall X rand, t nat, i nat, j nat: past(X, t), X >= 0 => "
    f"abs(E(X*{DT['i']}*{DU['j']})) <= eta^4*E(X*({CROSS}/{P['i']}))",
    "third_moments": "forall X rand, t nat, i nat, j nat, l nat: past(X, t), X >= 0 => "
    f"abs(E(X*{DT['i']}*{DT['j']}*{DT['l']})) <= eta^4*E(X*(({THIRD})/{P['i']}/{P['j']}/{P['l']}))",
}


class Moments:
    """What all five proofs use: steps in terms of g, weights that are past, and constants."""

    def __init__(self, proof: Proof, letters: str) -> None:
        self.proof, self.letters = proof, letters
        for c in letters:
            proof.use(f"theta_{c}", "theta_step", t="t", i=c)
            proof.use(f"u_{c}", "u_step", t="t", i=c)
            proof.use(f"past_u_{c}", "past_u", t="t", i=c)
            proof.use(f"scale_{c}", "scale_positive", t="t", i=c)
            proof.use(f"over_{c}", "reciprocal_positive", f"scale_{c}", x=P[c])

    def weight(self, name: str, text: str) -> str:
        """X times past terms is past."""
        past = [f"past_u_{c}" for c in self.letters]
        return self.proof.past(name, f"past({text}, t)", "known", *past)


def over_sigma0(proof: Proof) -> None:
    """`over_sigma0`: 1/sigma0 = 1/eta 1/sigma, and what it takes."""
    for letter in ("eta", "sigma"):
        proof.use(f"apart_{letter}", "positive_is_apart", f"positive_{letter}", x=letter)
        proof.use(f"one_{letter}", "reciprocal", f"apart_{letter}", x=letter)
    proof.have("positive_sigma0", "sigma0 > 0", ["positive_eta*positive_sigma"], ["sigma_constant"])
    proof.use("apart_sigma0", "positive_is_apart", "positive_sigma0", x="sigma0")
    proof.use("one_sigma0", "reciprocal", "apart_sigma0", x="sigma0")
    shares = ["one_sigma0", "one_eta", "one_sigma"]
    proof.have("over_sigma0", "1/sigma0 = 1/eta*1/sigma", (), [("1/eta*1/sigma*1/sigma0", "sigma_constant"), *shares])


def script(proof: Proof) -> None:
    """The raw moments of g, with weights X/P, X/(P P) and X/(P P P)."""
    use_raw_moments(proof, "raw_first", "raw_second", "raw_third")
    with_same_names(proof, UNITS, "u_positive", "scale_positive", "theta_step", "u_step")
    sizes(proof)
    over_sigma0(proof)
    proof.use("over_eta", "reciprocal_positive", "positive_eta", x="eta")
    for claim in (_drift_of_theta, _drift_of_u, _diffusion, _cross, _third):
        claim(proof)


def _drift_of_theta(proof: Proof) -> None:
    with proof.fixing("drift_of_theta", CLAIMS["drift_of_theta"], "known") as inner:
        here, weight = Moments(inner, "i"), f"X/{P['i']}"
        here.weight("weight", weight)
        inner.have("pointwise", f"X*{DT['i']} = -eta^2*({weight}*g(t + 1, i))", (), ["theta_i@theta(t + 1, i)"])
        inner.mean("average", f"E(X*{DT['i']}) = -eta^2*E({weight}*g(t + 1, i))", "pointwise")
        inner.use("raw", "raw_first", "weight", X=weight, t="t", i="i")
        inner.linear("right", f"E(X*(-G(t, i)/{P['i']})) = -E({weight}*G(t, i))")
        inner.have("drift", f"E(X*{DT['i']}) = eta^2*E(X*(-G(t, i)/{P['i']}))", (), ["average", "raw", "right"])


def _drift_of_u(proof: Proof) -> None:
    with proof.fixing("drift_of_u", CLAIMS["drift_of_u"], "known") as inner:
        Moments(inner, "i")
        squares, parts = "c2*eta^2*(X*g(t + 1, i)^2/sigma^2 - X*u(t, i))", "E(X*g(t + 1, i)^2)/sigma^2 - E(X*u(t, i))"
        inner.have("pointwise", f"X*{DU['i']} = {squares}", (), ["u_i@u(t + 1, i)"])
        inner.mean("average", f"E(X*{DU['i']}) = c2*eta^2*({parts})", "pointwise")
        inner.use("raw", "raw_second", "known", X="X", t="t", i="i", j="i")
        inner.linear(
            "left", "E(X*(G(t, i)*G(t, i) + sigma^2*Sigma(t, i, i))) = E(X*G(t, i)^2) + sigma^2*E(X*Sigma(t, i, i))"
        )
        inner.linear("first", "E(X*(c2*(Sigma(t, i, i) - u(t, i)))) = c2*(E(X*Sigma(t, i, i)) - E(X*u(t, i)))")
        inner.linear("second", "E(X*(c2*G(t, i)^2/sigma0^2)) = c2*E(X*G(t, i)^2)/sigma0^2")
        claim = CLAIMS["drift_of_u"].split("=> ")[1]
        inner.have(
            "drift", claim, (), ["average", "raw", "left", "first", "second", "over_sigma0", "one_eta", "one_sigma"]
        )


def _diffusion(proof: Proof) -> None:
    with proof.fixing("diffusion_of_theta", CLAIMS["diffusion_of_theta"], "known") as inner:
        here, both = Moments(inner, "ij"), f"{P['i']}/{P['j']}"
        weight = f"X/{both}"
        here.weight("weight", weight)
        steps, gradients = f"X*{DT['i']}*{DT['j']}", f"{weight}*g(t + 1, i)*g(t + 1, j)"
        inner.have(
            "pointwise", f"{steps} = eta^4*({gradients})", (), ["theta_i@theta(t + 1, i)", "theta_j@theta(t + 1, j)"]
        )
        inner.mean("average", f"E({steps}) = eta^4*E({gradients})", "pointwise")
        inner.use("raw", "raw_second", "weight", X=weight, t="t", i="i", j="j")
        parts = f"E({weight}*G(t, i)*G(t, j)) + sigma^2*E({weight}*Sigma(t, i, j))"
        inner.linear("left", f"E({weight}*({raw('ij')})) = {parts}")
        inner.linear("right", f"E(X*(sigma0^2*Sigma(t, i, j)/{both})) = sigma0^2*E({weight}*Sigma(t, i, j))")
        claim = CLAIMS["diffusion_of_theta"].split("=> ")[1]
        inner.have("diffusion", claim, (), ["average", "raw", "left", "right", "sigma_constant"])


def _cross(proof: Proof) -> None:
    name = "no_diffusion_between_theta_and_u"
    with proof.fixing(name, CLAIMS[name], "known", "sign") as inner:
        here, weight = Moments(inner, "ij"), f"X/{P['i']}"
        here.weight("weight", weight)
        here.weight("weighted_u", f"{weight}*u(t, j)")
        steps, gradients = f"X*{DT['i']}*{DU['j']}", f"{weight}*g(t + 1, i)*g(t + 1, j)*g(t + 1, j)"
        once = f"{weight}*u(t, j)*g(t + 1, i)"
        inner.have(
            "pointwise",
            f"{steps} = -c2*eta^4*(({gradients})/sigma^2 - {once})",
            (),
            ["theta_i@theta(t + 1, i)", "u_j@u(t + 1, j)"],
        )
        inner.mean("average", f"E({steps}) = -c2*eta^4*(E({gradients})/sigma^2 - E({once}))", "pointwise")
        inner.use("raw", "raw_third", "weight", X=weight, t="t", i="i", j="j", l="j")
        inner.use("mean_of_g", "raw_first", "weighted_u", X=f"{weight}*u(t, j)", t="t", i="i")
        exact, size = f"-c2*eta^4*(({raw('ijj')})/sigma^2 - u(t, j)*G(t, i))", f"eta^4*({CROSS})"
        cubes = f"E({weight}*({raw('ijj')}))"
        inner.linear("left", f"E({weight}*({exact})) = -c2*eta^4*({cubes}/sigma^2 - E({weight}*u(t, j)*G(t, i)))")
        inner.have("same", f"E({steps}) = E({weight}*({exact}))", (), ["average", "raw", "mean_of_g", "left"])
        inner.have("even", "c2*eta^4 >= 0", ["c2_sign*positive_eta*positive_eta*positive_eta*positive_eta"])
        inner.use("low", "low_skewness", t="t", i="i", j="j", l="j")
        inner.have("small", "c2*eta^4/sigma0^2*eta^2 >= 0", [square("eta/sigma0") * "even"])
        inner.have("noisy", "c2*eta^4*sigma >= 0", ["even*positive_sigma"])
        parts = ["G(t, i)*(Sigma(t, j, j) - u(t, j))", "G(t, j)*Sigma(t, i, j)", "skew(t, i, j, j)"]
        rows = [("even", parts[0]), ("even", parts[1]), ("noisy", parts[2]), ("small", "G(t, i)*G(t, j)^2")]
        size_of(inner, rows, "noisy*low", exact, size, ["over_sigma0", "one_eta", "one_sigma"], True)
        weighted(inner, f"E({steps})", weight, exact, size, f"eta^4*E(X*({CROSS}/{P['i']}))", ["over_i"])


def _third(proof: Proof) -> None:
    with proof.fixing("third_moments", CLAIMS["third_moments"], "known", "sign") as inner:
        here, weight = Moments(inner, "ijl"), f"X/{P['i']}/{P['j']}/{P['l']}"
        here.weight("weight", weight)
        steps, gradients = f"X*{DT['i']}*{DT['j']}*{DT['l']}", f"{weight}*g(t + 1, i)*g(t + 1, j)*g(t + 1, l)"
        inner.have(
            "pointwise",
            f"{steps} = -eta^6*({gradients})",
            (),
            ["theta_i@theta(t + 1, i)", "theta_j@theta(t + 1, j)", "theta_l@theta(t + 1, l)"],
        )
        inner.mean("average", f"E({steps}) = -eta^6*E({gradients})", "pointwise")
        inner.use("raw", "raw_third", "weight", X=weight, t="t", i="i", j="j", l="l")
        exact, size = f"-eta^6*({raw('ijl')})", f"eta^4*({THIRD})"
        inner.linear("left", f"E({weight}*({exact})) = -eta^6*E({weight}*({raw('ijl')}))")
        inner.have("same", f"E({steps}) = E({weight}*({exact}))", (), ["average", "raw", "left"])
        inner.use("low", "low_skewness", t="t", i="i", j="j", l="l")
        inner.have("noise", "eta^4*sigma0^2 >= 0", [square("eta^2*sigma0")])
        inner.have("small", "eta^6 >= 0", [square("eta^3")])
        inner.have("noisy", "eta^4*sigma0^2*sigma >= 0", ["noise*positive_sigma"])
        parts = ["G(t, l)*Sigma(t, i, j)", "G(t, j)*Sigma(t, i, l)", "G(t, i)*Sigma(t, j, l)"]
        rows = [*(("noise", part) for part in parts), ("noisy", "skew(t, i, j, l)")]
        rows.append(("small", "G(t, i)*G(t, j)*G(t, l)"))
        size_of(inner, rows, "noisy*low", exact, size, ["one_sigma", "sigma_constant"], True)
        over = f"eta^4*E(X*(({THIRD})/{P['i']}/{P['j']}/{P['l']}))"
        weighted(inner, f"E({steps})", weight, exact, size, over, ["over_i", "over_j", "over_l"])


def size_of(
    proof: Proof, rows: list[tuple[str, str]], skewed: str, exact: str, size: str, equations: list[str], minus: bool
) -> None:
    """`pointwise_size`: |exact| <= size, from the sizes of terms, with factors >= 0 and one sign, and low skewness."""
    for place, (_, part) in enumerate(rows):
        proof.use(f"above_{place}", "absolute_above", x=part)
        proof.use(f"below_{place}", "absolute_below", x=part)
    sides = ("below", "above") if minus else ("above", "below")
    for name, claim, side in (("upper", exact, sides[0]), ("lower", f"-({exact})", sides[1])):
        products = [f"{factor}*{side}_{place}" for place, (factor, _) in enumerate(rows)]
        proof.have(name, f"{claim} <= {size}", [*products, skewed], equations)
    proof.use("pointwise_size", "both_signs", "upper", "lower", Y=exact, Z=size)


def weighted(proof: Proof, mean: str, weight: str, exact: str, size: str, bound: str, positive: list[str]) -> None:
    """|mean| <= bound from `same`: mean = E(weight exact), and `pointwise_size`."""
    proof.have("weight_sign", f"{weight} >= 0", ["*".join(["sign", *positive])])
    proof.use("mean", "mean_size", "weight_sign", "pointwise_size", W=weight, Y=exact, Z=size)
    proof.linear("bound", f"E({weight}*({size})) = {bound}")
    proof.congruent("size", "same", "abs(hole)")
    proof.have("done", f"abs({mean}) <= {bound}", ["mean"], ["size", ("1", "bound")])


THEOREM = Theorem(
    theorem="rmsprop_moments_match_its_sde",
    title="RMSprop's moments match its SDE",
    says="""For RMSprop with the old second moment and v > 0, g = grad f + sigma z, and sigma0 = eta sigma, eps0 = eta
    eps, c2 = (1 - beta2)/eta^2 held fixed, one step is h = eta^2 of time: given the past, the means of theta and u =
    v/sigma^2 are h times the drifts -grad f/P and c2 (Sigma_ii - u), that of u up to h^2, the second moments of theta
    are h times the diffusion sigma0^2 Sigma_ij/(P_i P_j), across all coordinates and up to h^2. If the noise has low
    skewness |E z^3| <= K/sigma, the mixed moments of theta and u and the third moments of theta are O(h^2), with these
    constants. P = sigma0 sqrt(u) + eps0.""",
    sources=["malladi2022sdes, method of its SDE derivations"],
    variables={**VARIABLES, **LETTERS, "K": "rand(nat)"},
    hypotheses={
        **CONSTANTS,
        "c2_sign": "c2 >= 0",
        **UPDATE,
        "past_u": "forall t nat, i nat: past(u(t, i), t)",
        **NOISE,
        "low_skewness": "forall t nat, i nat, j nat, l nat: abs(skew(t, i, j, l)) <= K(t)/sigma",
    },
    definitions=[OLD],
    claims=CLAIMS,
    lemmas=["raw_moments_of_a_noisy_gradient", "rmsprop_in_units_of_its_sde", "sizes_on_every_outcome"],
    model={**MODEL, **VALUES, "G": ["t", "i", "1"], "K": ["t", "1"]},
    script=script,
    shown=absolute_of_zero,
    instances=[noisy_rmsprop({})],
)
