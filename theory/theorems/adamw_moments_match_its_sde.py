"""One step of AdamW has the moments of its SDE up to O(h^2), h = eta^2, from any time t0 > 0 on (Malladi et al. 2022).

d theta = -(lambda0 theta + sqrt(gamma2) m/(gamma1 (sigma0 sqrt(u) + eps0 sqrt(gamma2)))) dt,
d m = c1 (grad f - m) dt + c1 sigma0 Sigma^(1/2) dW,   d u = c2 (diag Sigma - u) dt,   gamma_i = 1 - exp(-c_i t).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..proving.noisy import noisy_adam
from ..proving.same_names import own_letters, with_same_names
from ..proving.script import Proof, square
from ..proving.theorem import Theorem
from .adams_corrected_scale_tends_to_its_limit import THEOREM as SCALE
from .adamw_in_units_of_its_sde import FACTOR, HYPOTHESES, OLD, VALUES, correction_below_one, decaying_run
from .adamw_in_units_of_its_sde import THEOREM as UNITS
from .adamw_in_units_of_its_sde import VARIABLES as LETTERS
from .moments_of_shifted_noise import shifted, use_shifted_moments
from .raw_moments_of_a_noisy_gradient import MODEL, NOISE, VARIABLES
from .rmsprop_moments_match_its_sde import over_sigma0, size_of, weighted
from .sizes_on_every_outcome import absolute_of_zero, sizes

DT = {c: f"(theta(t + 1, {c}) - theta(t, {c}))" for c in "ijl"}
DM = {c: f"(m(t + 1, {c}) - m(t, {c}))" for c in "ijl"}
DU = {c: f"(u(t + 1, {c}) - u(t, {c}))" for c in "ijl"}
GAP = {c: f"(G(t, {c}) - m(t, {c}))" for c in "ijl"}
NOISY = {c: f"(G(t, {c}) + sigma*z(t + 1, {c}))" for c in "ijl"}
NOISY_GAP = {c: f"({GAP[c][1:-1]} + sigma*z(t + 1, {c}))" for c in "ijl"}
K1, S = "t + k0 + 1", "(sigma0*sqrt(u(t, i)))"
Z, TIME = f"sqrt(gamma2({K1}))", f"(({K1})*eta^2)"
LIMIT = f"{Z}/gamma1({K1})/({S[1:-1]} + eps0*{Z})"
RATE = f"c2^2*{TIME}/(2*{Z}*gamma1({K1})) + c1*(1 + c1*{TIME})*{Z}/gamma1({K1})^2"
DRIFT = f"-lambda0*theta(t, i) - {LIMIT}*m(t, i)"
DRIFT_ERROR = f"(({RATE})*abs(m(t, i)) + c1*abs{GAP['i']}/gamma1({K1}))/{S}"
CROSS = (
    f"c1*c2*(abs({GAP['i']}*(Sigma(t, j, j) - u(t, j))) + 2*abs(G(t, j)*Sigma(t, i, j)) + K(t)"
    f" + eta^2*abs({GAP['i']}*G(t, j)^2)/sigma0^2)"
)
THIRD = (
    f"c1^3*(sigma0^2*(abs({GAP['i']}*Sigma(t, j, l)) + abs({GAP['j']}*Sigma(t, i, l)) + abs({GAP['l']}*Sigma(t, i, j))"
    f" + K(t)) + eta^2*abs({GAP['i']}*{GAP['j']}*{GAP['l']}))"
)
NEXT_M = f"(m(t, i) + c1*eta^2*{GAP['i']})"
BOTH = f"(lambda0*theta(t, i) + a(t, i)*{NEXT_M})*{GAP['j']} + c1*sigma0^2*a(t, i)*Sigma(t, i, j)"
MIXED = "no_diffusion_between_theta_and_m"
ONE, TWO = "forall X rand, t nat, i nat: past(X, t)", "forall X rand, t nat, i nat, j nat: past(X, t)"
CLAIMS = {
    "drift_of_theta": f"{ONE}, X >= 0 => abs(E(X*{DT['i']}) - eta^2*E(X*({DRIFT}))) <= eta^4*E(X*({DRIFT_ERROR}))",
    "drift_of_m": f"{ONE} => E(X*{DM['i']}) = eta^2*E(X*(c1*{GAP['i']}))",
    "drift_of_u": f"{ONE} => E(X*{DU['i']}) = "
    "eta^2*E(X*(c2*(Sigma(t, i, i) - u(t, i)))) + eta^4*E(X*(c2*G(t, i)^2/sigma0^2))",
    "diffusion_of_m": f"{TWO} => E(X*{DM['i']}*{DM['j']}) = eta^2*E(X*(c1^2*sigma0^2*Sigma(t, i, j)))"
    f" + eta^4*E(X*(c1^2*{GAP['i']}*{GAP['j']}))",
    MIXED: f"{TWO} => E(X*{DT['i']}*{DM['j']}) = -eta^4*E(X*(c1*({BOTH})))",
    "no_diffusion_between_m_and_u": f"{TWO}, X >= 0 => abs(E(X*{DM['i']}*{DU['j']})) <= eta^4*E(X*({CROSS}))",
    "third_moments": "forall X rand, t nat, i nat, j nat, l nat: past(X, t), X >= 0 => "
    f"abs(E(X*{DM['i']}*{DM['j']}*{DM['l']})) <= eta^4*E(X*({THIRD}))",
}


def said(name: str) -> str:
    """What a claim says of fixed X, t and coordinates."""
    return CLAIMS[name].split("=> ")[1]


def steps(proof: Proof, letters: str) -> None:
    """The steps of these coordinates, g in them replaced, and what is past."""
    for c in letters:
        for name in ("theta", "m", "u"):
            proof.use(f"{name}_{c}", f"{name}_step", t="t", i=c)
        proof.use(f"gradient_{c}", "gradient", t="t", i=c)
        for name, fact in (("G", "past_gradient"), ("m", "past_m"), ("u", "past_u")):
            proof.use(f"past_{name}_{c}", fact, t="t", i=c)
        proof.past(f"past_gap_{c}", f"past({GAP[c][1:-1]}, t)", f"past_G_{c}", f"past_m_{c}")


def rewrites(names: str) -> list[str]:
    """Steps as rewriting equations, from names such as theta_i."""
    return [f"{name}@{name[:-2]}(t + 1, {name[-1]})" for name in names.split()]


def prepare(proof: Proof) -> None:
    """The lemmas, and the constants in the forms that they want."""
    use_shifted_moments(proof)
    correction_below_one(proof)
    with_same_names(proof, UNITS)
    sizes(proof)
    over_sigma0(proof)
    proof.have("positive_h", "eta^2 > 0", ["positive_eta*positive_eta"])
    proof.use("over_eta", "reciprocal_positive", "positive_eta", x="eta")
    averages(proof)
    use_scale(proof, SCALE)


def averages(proof: Proof) -> None:
    """1 - beta = c h for both averages, and c h at most 1; `eps0_sign`."""
    proof.have("eps0_sign", "eps0 >= 0", ["positive_eta*eps_sign"], ["eps_constant"])
    for n in "12":
        proof.have(f"positive_c{n}", f"c{n} > 0", [f"beta{n}_below*over_eta*over_eta"], [f"c{n}_constant"])
        value = proof.have(f"beta{n}_value", f"beta{n} = 1 - c{n}*eta^2", (), [f"c{n}_constant", "one_eta"])
        proof.have(f"small{n}", f"c{n}*eta^2 <= 1", [f"beta{n}_sign"], [value])
        with proof.fixing(f"powers{n}", f"forall k nat: p{n}(k + 1) = (1 - c{n}*eta^2)*p{n}(k)") as inner:
            inner.use("next", f"stored_powers{n}", t="k")
            inner.have("power", f"p{n}(k + 1) = (1 - c{n}*eta^2)*p{n}(k)", (), ["next", value])


def use_scale(proof: Proof, theorem: Theorem) -> None:
    """`factor_..`: what the theorem says of the factor of m and its limit, with h = eta^2."""
    values = {**own_letters(theorem.variables, ("k",)), "h": "eta^2"}
    for name, claim in theorem.claims.items():
        here = claim.replace("*h)", "*eta^2)").replace("<= h*", "<= eta^2*")
        proof.lemma(f"factor_{name}", here, theorem.theorem, list(theorem.hypotheses), values)


@dataclass(frozen=True)
class Near:
    """A step of theta, or what is near it: -eta^2 (lambda0 theta + a m(t + 1)), a being near its limit.

    step: this step, at i.   equations: those that rewrite it as this.   factor: what a is.
    rate: bounds how far a is from its limit, times S/eta^2.   error: that of the drift, over eta^4.
    """

    step: str
    equations: Sequence[str]
    factor: str
    rate: str
    error: str

    def drift(self, proof: Proof, name: str, claim: str) -> None:
        """The mean of the step is eta^2 times the drift, up to eta^4 times the error."""
        with proof.fixing(name, claim, "known", "sign") as inner:
            steps(inner, "i")
            inner.use("past_a", "past_factor", t="t", i="i")
            inner.use("a_value", "factor", t="t", i="i")
            inner.use("s_positive", "noise_positive", t="t", i="i")
            inner.use("over_s", "reciprocal_positive", "s_positive", x=S)
            inner.use("g_positive", "factor_limit_of_first_positive", k="t + k0")
            inner.use("over_g", "reciprocal_positive", "g_positive", x=f"gamma1({K1})")
            exact = self._exact_drift(inner)
            self._bounds_of_factor(inner)
            self._drift_size(inner, exact)

    def _exact_drift(self, proof: Proof) -> str:
        """`same`: the mean less the drift is the mean of X times what is returned."""
        weight = proof.past("weight", "past(X*a(t, i), t)", "known", "past_a")
        mean = f"E(X*a(t, i)*{NOISY_GAP['i']})"
        parts = f"lambda0*E(X*theta(t, i)) + E(X*a(t, i)*m(t, i)) + c1*eta^2*{mean}"
        pointwise = f"lambda0*X*theta(t, i) + X*a(t, i)*m(t, i) + c1*eta^2*(X*a(t, i)*{NOISY_GAP['i']})"
        equations = [*self.equations, "m_i@m(t + 1, i)", "gradient_i"]
        proof.have("pointwise", f"X*{self.step} = -eta^2*({pointwise})", (), equations)
        proof.mean("average", f"E(X*{self.step}) = -eta^2*({parts})", "pointwise")
        proof.use("shift", "shifted_first", weight, "past_gap_i", X="X*a(t, i)", A=GAP["i"], t="t", i="i")
        exact = f"-eta^2*((a(t, i) - {LIMIT})*m(t, i) + a(t, i)*c1*eta^2*{GAP['i']})"
        still = parts.replace(mean, f"E(X*a(t, i)*{GAP['i']})")
        proof.linear("gap", f"E(X*({exact})) = -eta^2*({still}) - eta^2*E(X*({DRIFT}))")
        proof.have("same", f"{self._difference} = E(X*({exact}))", (), ["average", "shift", ("1", "gap")])
        return exact

    @property
    def _difference(self) -> str:
        return f"E(X*{self.step}) - eta^2*E(X*({DRIFT}))"

    def _bounds_of_factor(self, proof: Proof) -> None:
        """Signs and sizes of a, a less its limit, m and G - m."""
        proof.use("rate", "factor_rate", "s_positive", k="t + k0", s=S)
        proof.use("most", "factor_bounded", "s_positive", k="t + k0", s=S)
        proof.use("least", "factor_sign", "s_positive", k="t + k0", s=S)
        proof.have("a_sign", "a(t, i) >= 0", ["least"], ["a_value"])
        proof.have("a_most", f"1/(gamma1({K1})*{S}) - a(t, i) >= 0", ["most"], ["a_value"])
        for side in ("above", "below"):
            proof.use(f"{side}_a", f"absolute_{side}", x=f"{self.factor} - {LIMIT}")
            proof.use(f"{side}_m", f"absolute_{side}", x="m(t, i)")
            proof.use(f"{side}_gap", f"absolute_{side}", x=GAP["i"])
        rate = f"eta^2*(({self.rate})/{S})"
        proof.have("a_up", f"{rate} - (a(t, i) - {LIMIT}) >= 0", ["rate", "above_a"], ["a_value"])
        proof.have("a_down", f"{rate} + (a(t, i) - {LIMIT}) >= 0", ["rate", "below_a"], ["a_value"])
        proof.have("m_up", "abs(m(t, i)) + m(t, i) >= 0", ["below_m"])
        proof.have("m_down", "abs(m(t, i)) - m(t, i) >= 0", ["above_m"])
        proof.have("second", "c1*eta^2*a(t, i) >= 0", ["positive_c1*positive_h*a_sign"])
        proof.have("gap_sign", f"abs{GAP['i']} >= 0", ["above_gap", "below_gap"])
        proof.have("h2", "c1*eta^2*eta^2 >= 0", ["positive_c1*positive_h*positive_h"])

    def _drift_size(self, proof: Proof, exact: str) -> None:
        size, more = f"eta^4*({self.error})", "h2*a_most*gap_sign"
        rows = ["positive_h*a_up*m_down", "positive_h*a_down*m_up", "positive_h*second*below_gap", more]
        proof.have("upper", f"{exact} <= {size}", rows)
        rows = ["positive_h*a_up*m_up", "positive_h*a_down*m_down", "positive_h*second*above_gap", more]
        proof.have("lower", f"-({exact}) <= {size}", rows)
        proof.use("pointwise_size", "both_signs", "upper", "lower", Y=exact, Z=size)
        weighted(proof, self._difference, "X", exact, size, f"eta^4*E(X*({self.error}))", [])

    def mixed(self, proof: Proof, name: str, claim: str) -> None:
        """The mean of the step times that of m."""
        with proof.fixing(name, claim, "known") as inner:
            steps(inner, "ij")
            inner.use("past_a", "past_factor", t="t", i="i")
            inner.use("past_theta", "past_position", t="t", i="i")
            both = f"X*{self.step}*{DM['j']}"
            still = "X*(lambda0*theta(t, i) + a(t, i)*m(t, i))"
            first, second = f"{still}*{NOISY_GAP['j']}", f"X*a(t, i)*{NOISY_GAP['i']}*{NOISY_GAP['j']}"
            equations = [*self.equations, *rewrites("m_i m_j"), "gradient_i", "gradient_j"]
            inner.have("pointwise", f"{both} = -c1*eta^4*(({first}) + c1*eta^2*({second}))", (), equations)
            inner.mean("average", f"E({both}) = -c1*eta^4*(E({first}) + c1*eta^2*E({second}))", "pointwise")
            weight = inner.past("weight", f"past({still}, t)", "known", "past_a", "past_theta", "past_m_i")
            other = inner.past("other", "past(X*a(t, i), t)", "known", "past_a")
            inner.use("one", "shifted_first", weight, "past_gap_j", X=still, A=GAP["j"], t="t", i="j")
            values = {"A": GAP["i"], "B": GAP["j"]}
            past = [other, "past_gap_i", "past_gap_j"]
            inner.use("two", "shifted_second", *past, X="X*a(t, i)", t="t", i="i", j="j", **values)
            raw, gap = f"E(X*a(t, i)*({shifted('ij', values, 'ij')}))", f"E({still}*{GAP['j']})"
            exact = f"E(X*(c1*({BOTH})))"
            noise = "c1^2*(sigma0^2 - eta^2*sigma^2)*E(X*a(t, i)*Sigma(t, i, j))"
            inner.linear("whole", f"{exact} - c1*{gap} - c1^2*eta^2*{raw} = {noise}")
            equations = ["average", "one", "two", f"whole@{exact}", "sigma_constant"]
            inner.have("done", claim.split("=> ")[1], (), equations)


def script(proof: Proof) -> None:
    """Means of products of G - m + sigma z and G + sigma z; the factor of m near its limit."""
    prepare(proof)
    near = Near(DT["i"], rewrites("theta_i"), FACTOR, RATE, DRIFT_ERROR)
    near.drift(proof, "drift_of_theta", CLAIMS["drift_of_theta"])
    for part in (drift_of_m, drift_of_u, diffusion):
        part(proof)
    near.mixed(proof, MIXED, CLAIMS[MIXED])
    cross(proof)
    third(proof)


def drift_of_m(proof: Proof) -> None:
    """The mean of the step of m."""
    with proof.fixing("drift_of_m", CLAIMS["drift_of_m"], "known") as inner:
        steps(inner, "i")
        mean = f"X*{NOISY_GAP['i']}"
        inner.have("pointwise", f"X*{DM['i']} = c1*eta^2*({mean})", (), [*rewrites("m_i"), "gradient_i"])
        inner.mean("average", f"E(X*{DM['i']}) = c1*eta^2*E({mean})", "pointwise")
        inner.use("shift", "shifted_first", "known", "past_gap_i", X="X", A=GAP["i"], t="t", i="i")
        inner.linear("right", f"E(X*(c1*{GAP['i']})) = c1*E(X*{GAP['i']})")
        inner.have("drift", said("drift_of_m"), (), ["average", "shift", "right"])


def drift_of_u(proof: Proof) -> None:
    """The mean of the step of u."""
    with proof.fixing("drift_of_u", CLAIMS["drift_of_u"], "known") as inner:
        steps(inner, "i")
        mean = f"X*{NOISY['i']}*{NOISY['i']}"
        pointwise = f"X*{DU['i']} = c2*eta^2*(({mean})/sigma^2 - X*u(t, i))"
        inner.have("pointwise", pointwise, (), [*rewrites("u_i"), "gradient_i"])
        inner.mean("average", f"E(X*{DU['i']}) = c2*eta^2*(E({mean})/sigma^2 - E(X*u(t, i)))", "pointwise")
        past = ["known", "past_G_i", "past_G_i"]
        inner.use("shift", "shifted_second", *past, X="X", A="G(t, i)", B="G(t, i)", t="t", i="i", j="i")
        raw = f"E(X*({shifted('ij', {'A': 'G(t, i)', 'B': 'G(t, i)'}, 'ii')}))"
        inner.linear("left", f"{raw} = E(X*G(t, i)^2) + sigma^2*E(X*Sigma(t, i, i))")
        inner.linear("first", "E(X*(c2*(Sigma(t, i, i) - u(t, i)))) = c2*(E(X*Sigma(t, i, i)) - E(X*u(t, i)))")
        inner.linear("second", "E(X*(c2*G(t, i)^2/sigma0^2)) = c2*E(X*G(t, i)^2)/sigma0^2")
        equations = ["average", "shift", "left", "first", "second", "over_sigma0", "one_eta", "one_sigma"]
        inner.have("drift", said("drift_of_u"), (), equations)


def diffusion(proof: Proof) -> None:
    """The second moments of m."""
    with proof.fixing("diffusion_of_m", CLAIMS["diffusion_of_m"], "known") as inner:
        steps(inner, "ij")
        both, product = f"X*{DM['i']}*{DM['j']}", f"X*{NOISY_GAP['i']}*{NOISY_GAP['j']}"
        equations = [*rewrites("m_i m_j"), "gradient_i", "gradient_j"]
        inner.have("pointwise", f"{both} = c1^2*eta^4*({product})", (), equations)
        inner.mean("average", f"E({both}) = c1^2*eta^4*E({product})", "pointwise")
        values = {"A": GAP["i"], "B": GAP["j"]}
        inner.use("shift", "shifted_second", "known", "past_gap_i", "past_gap_j", X="X", t="t", i="i", j="j", **values)
        raw = f"E(X*({shifted('ij', values, 'ij')}))"
        gaps, noise = f"E(X*{GAP['i']}*{GAP['j']})", "E(X*Sigma(t, i, j))"
        inner.linear("left", f"{raw} - {gaps} = sigma^2*{noise}")
        inner.linear("first", f"E(X*(c1^2*sigma0^2*Sigma(t, i, j))) = c1^2*sigma0^2*{noise}")
        inner.linear("second", f"E(X*(c1^2*{GAP['i']}*{GAP['j']})) - c1^2*{gaps} = 0")
        last = (f"left@{raw}", "first", ("eta^4", "second"), "sigma_constant")
        inner.have("diffusion", said("diffusion_of_m"), (), ["average", "shift", *last])


def cross(proof: Proof) -> None:
    """The mixed moments of m and u are small."""
    name = "no_diffusion_between_m_and_u"
    with proof.fixing(name, CLAIMS[name], "known", "sign") as inner:
        steps(inner, "ij")
        both, cube = f"X*{DM['i']}*{DU['j']}", f"X*{NOISY_GAP['i']}*{NOISY['j']}*{NOISY['j']}"
        once = f"X*u(t, j)*{NOISY_GAP['i']}"
        equations = [*rewrites("m_i u_j"), "gradient_i", "gradient_j"]
        inner.have("pointwise", f"{both} = c1*c2*eta^4*(({cube})/sigma^2 - {once})", (), equations)
        inner.mean("average", f"E({both}) = c1*c2*eta^4*(E({cube})/sigma^2 - E({once}))", "pointwise")
        values = {"A": GAP["i"], "B": "G(t, j)", "C": "G(t, j)"}
        past = ["known", "past_gap_i", "past_G_j", "past_G_j"]
        inner.use("three", "shifted_third", *past, X="X", t="t", i="i", j="j", l="j", **values)
        weight = inner.past("weight", "past(X*u(t, j), t)", "known", "past_u_j")
        inner.use("first", "shifted_first", weight, "past_gap_i", X="X*u(t, j)", A=GAP["i"], t="t", i="i")
        raw = shifted("ijl", values, "ijj")
        exact, size = f"c1*c2*eta^4*(({raw})/sigma^2 - u(t, j)*{GAP['i']})", f"eta^4*({CROSS})"
        inner.linear("left", f"E(X*({exact})) = c1*c2*eta^4*(E(X*({raw}))/sigma^2 - E(X*u(t, j)*{GAP['i']}))")
        inner.have("same", f"E({both}) = E(X*({exact}))", (), ["average", "three", "first", ("1", "left")])
        inner.have("even", "c1*c2*eta^4 >= 0", ["positive_c1*positive_c2*positive_h*positive_h"])
        inner.have("small", "c1*c2*eta^4/sigma0^2*eta^2 >= 0", [square("eta/sigma0") * "even"])
        inner.have("noisy", "c1*c2*eta^4*sigma >= 0", ["even*positive_sigma"])
        inner.use("low", "low_skewness", t="t", i="i", j="j", l="j")
        parts = [f"{GAP['i']}*(Sigma(t, j, j) - u(t, j))", "G(t, j)*Sigma(t, i, j)", "skew(t, i, j, j)"]
        rows = [("even", parts[0]), ("even", parts[1]), ("noisy", parts[2]), ("small", f"{GAP['i']}*G(t, j)^2")]
        size_of(inner, rows, "noisy*low", exact, size, ["over_sigma0", "one_eta", "one_sigma"], False)
        weighted(inner, f"E({both})", "X", exact, size, f"eta^4*E(X*({CROSS}))", [])


def third(proof: Proof) -> None:
    """The third moments of m are small."""
    with proof.fixing("third_moments", CLAIMS["third_moments"], "known", "sign") as inner:
        steps(inner, "ijl")
        three, product = f"X*{DM['i']}*{DM['j']}*{DM['l']}", f"X*{NOISY_GAP['i']}*{NOISY_GAP['j']}*{NOISY_GAP['l']}"
        equations = [*rewrites("m_i m_j m_l"), "gradient_i", "gradient_j", "gradient_l"]
        inner.have("pointwise", f"{three} = c1^3*eta^6*({product})", (), equations)
        inner.mean("average", f"E({three}) = c1^3*eta^6*E({product})", "pointwise")
        values = {"A": GAP["i"], "B": GAP["j"], "C": GAP["l"]}
        past = ["known", "past_gap_i", "past_gap_j", "past_gap_l"]
        inner.use("shift", "shifted_third", *past, X="X", t="t", i="i", j="j", l="l", **values)
        raw = shifted("ijl", values, "ijl")
        exact, size = f"c1^3*eta^6*({raw})", f"eta^4*({THIRD})"
        inner.linear("left", f"E(X*({exact})) = c1^3*eta^6*E(X*({raw}))")
        inner.have("same", f"E({three}) = E(X*({exact}))", (), ["average", "shift", ("1", "left")])
        inner.use("low", "low_skewness", t="t", i="i", j="j", l="l")
        inner.have("cube", "c1^3 > 0", ["positive_c1*positive_c1*positive_c1"])
        inner.have("noise", "c1^3*eta^4*sigma0^2 >= 0", [square("eta^2*sigma0") * "cube"])
        inner.have("small", "c1^3*eta^6 >= 0", [square("eta^3") * "cube"])
        inner.have("noisy", "c1^3*eta^4*sigma0^2*sigma >= 0", ["noise*positive_sigma"])
        pairs = [("i", "j, l"), ("j", "i, l"), ("l", "i, j")]
        rows = [("noise", f"{GAP[c]}*Sigma(t, {other})") for c, other in pairs]
        rows += [("noisy", "skew(t, i, j, l)"), ("small", f"{GAP['i']}*{GAP['j']}*{GAP['l']}")]
        size_of(inner, rows, "noisy*low", exact, size, ["one_sigma", "sigma_constant"], False)
        weighted(inner, f"E({three})", "X", exact, size, f"eta^4*E(X*({THIRD}))", [])


HYPOTHESES_HERE = {
    **{name: text for name, text in HYPOTHESES.items() if name != "correction"},
    **{f"beta{n}_sign": f"beta{n} >= 0" for n in "12"},
    **{f"beta{n}_below": f"1 - beta{n} > 0" for n in "12"},
    **{f"gamma{n}_definition": f"forall k nat: gamma{n}(k) = 1 - exp(-c{n}*(k*eta^2))" for n in "12"},
    "past_position": "forall t nat, i nat: past(theta(t, i), t)",
    "past_m": "forall t nat, i nat: past(m(t, i), t)",
    "past_u": "forall t nat, i nat: past(u(t, i), t)",
    "past_factor": "forall t nat, i nat: past(a(t, i), t)",
    **NOISE,
    "low_skewness": "forall t nat, i nat, j nat, l nat: abs(skew(t, i, j, l)) <= K(t)/sigma",
}


def _shown(proof: Proof) -> None:
    """A run on the gradient 0 without noise."""
    decaying_run(proof)
    absolute_of_zero(proof)


THEOREM = Theorem(
    theorem="adamw_moments_match_its_sde",
    title="AdamW's moments match its SDE",
    says="""For AdamW with bias-corrected averages (new first, old second moment) and v > 0, g = grad f + sigma z, and
    sigma0 = eta sigma, eps0 = eta eps, c_i = (1 - beta_i)/eta^2, lambda0 = lambda/eta held fixed, one step is h = eta^2
    of time: given the past, the means of m and u = v/sigma^2 are h times the drifts c1 (grad f - m) and c2 (Sigma_ii -
    u), that of u up to h^2; that of theta is h times -lambda0 theta - sqrt(gamma2) m/(gamma1 P) up to h^2, where
    gamma_i = 1 - exp(-c_i t) and P = sigma0 sqrt(u) + eps0 sqrt(gamma2); the second moments of m are h times c1^2
    sigma0^2 Sigma_ij, across all coordinates and up to h^2, those of theta and m are O(h^2). If the noise has low
    skewness |E z^3| <= K/sigma, the mixed moments of m and u and the third moments of m are O(h^2) too.""",
    sources=["malladi2022sdes, method of its SDE derivations", "loshchilov2019decoupled, Algorithm 2"],
    variables={**VARIABLES, **LETTERS, "K": "rand(nat)", "gamma1": "real(nat)", "gamma2": "real(nat)"},
    hypotheses=HYPOTHESES_HERE,
    definitions=[OLD],
    claims=CLAIMS,
    lemmas=[
        "moments_of_shifted_noise",
        "adamw_in_units_of_its_sde",
        "sizes_on_every_outcome",
        "adams_corrected_scale_tends_to_its_limit",
        "powers_of_a_fraction",
    ],
    model={
        **MODEL,
        **VALUES,
        "G": ["t", "i", "0"],
        "K": ["t", "1"],
        "gamma1": ["k", "1 - exp(-(k/4))"],
        "gamma2": ["k", "1 - exp(-(k/4))"],
    },
    script=script,
    shown=_shown,
    instances=[noisy_adam(HYPOTHESES_HERE, "adamw")],
)
