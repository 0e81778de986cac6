"""The square-root scaling rule keeps the SDE of Adam and of AdamW (Malladi et al. 2022; decoupled decay added)."""

from ..proving.instance import Drawn, Instance
from ..proving.script import Proof
from ..proving.theorem import Theorem
from .root_of_quotient import invert, root
from .square_root_scaling_keeps_the_sde_of_rmsprop import divided, drift_of_v, keep_drift_of_v

FIRST, SECOND = "(1 - exp(-(1 - beta1)/h*t))", "(1 - exp(-(1 - beta2)/h*t))"
BETA1, BETA2 = "(1 - kappa*(1 - beta1))", "(1 - kappa*(1 - beta2))"
NEW_FIRST, NEW_SECOND = (f"(1 - exp(-(1 - {beta})/(kappa*h)*t))" for beta in (BETA1, BETA2))
OLD = f"(sqrt(v(i)/{SECOND}) + eps)"
NEW = f"(sqrt(v(i)/kappa/{NEW_SECOND}) + eps/sqrt(kappa))"
DRIFT = (
    f"-(sqrt(kappa)*eta)*(m(i)/{NEW_FIRST})/{NEW}/(kappa*h) - sqrt(kappa)*eta*(sqrt(kappa)*lam)*x(i)/(kappa*h)"
    f" = -eta*(m(i)/{FIRST})/{OLD}/h - eta*lam*x(i)/h"
)
MEAN = (
    f"E({BETA1}*m(i) + (1 - {BETA1})*(G(i) + w(i)) - m(i))/(kappa*h)"
    " = E(beta1*m(i) + (1 - beta1)*(G(i) + z(i)) - m(i))/h"
)
SPREAD = f"E((1 - {BETA1})*w(i)*((1 - {BETA1})*w(j)))/(kappa*h) = E((1 - beta1)*z(i)*((1 - beta1)*z(j)))/h"
SQUARE = drift_of_v("beta2")


def script(proof: Proof) -> None:
    """(1 - beta_i)/h is kept, hence the corrections; the denominator is divided by sqrt(kappa)."""
    invert(proof, "larger", "kappa")
    root(proof, "larger", "kappa")
    invert(proof, "step_time", "h")
    proof.have("second_slow", "1 - beta2 > 0", ["average"])
    for name, beta in (("first", "beta1"), ("second", "beta2")):
        proof.have(
            f"{name}_rate", f"-(1 - (1 - kappa*(1 - {beta})))/(kappa*h)*t = -(1 - {beta})/h*t", (), ["larger_unit"]
        )
        proof.congruent(f"{name}_correction", f"{name}_rate", "1 - exp(hole)")
    proof.have("second_passed", "(1 - beta2)/h*t > 0", ["second_slow*step_time_inverse*later"])
    positive_correction(proof, "second", "(1 - beta2)/h*t")
    with proof.fixing("scaled", f"forall i nat: 1/{NEW} = sqrt(kappa)/{OLD}") as inner:
        denominators(inner)
    proof.congruent("over_first", "first_correction", "1/hole")
    with proof.fixing("drift", f"forall i nat: {DRIFT}") as inner:
        inner.use("over", "scaled", i="i")
        inner.have("done", DRIFT, (), ["over", "over_first", "larger_squared", "larger_unit"])
    with proof.fixing("mean", f"forall i nat: {MEAN}") as inner:
        inner.use("one", "centred", i="i")
        inner.use("two", "large_centred", i="i")
        inner.linear(
            "new", f"E({BETA1}*m(i) + (1 - {BETA1})*(G(i) + w(i)) - m(i)) = kappa*(1 - beta1)*(G(i) + E(w(i)) - m(i))"
        )
        inner.linear("old", "E(beta1*m(i) + (1 - beta1)*(G(i) + z(i)) - m(i)) = (1 - beta1)*(G(i) + E(z(i)) - m(i))")
        inner.have("done", MEAN, (), ["new", "old", "one", "two", "larger_unit"])
    with proof.fixing("spread", f"forall i nat, j nat: {SPREAD}") as inner:
        inner.use("both", "large_covariance", i="i", j="j")
        inner.linear("new", f"E((1 - {BETA1})*w(i)*((1 - {BETA1})*w(j))) = (1 - {BETA1})^2*E(w(i)*w(j))")
        inner.linear("old", "E((1 - beta1)*z(i)*((1 - beta1)*z(j))) = (1 - beta1)^2*E(z(i)*z(j))")
        inner.have("done", SPREAD, (), ["new", "old", "both", "larger_unit"])
    keep_drift_of_v(proof, "square", "beta2")


def positive_correction(proof: Proof, name: str, rate: str) -> None:
    """1 - exp(-rate) > 0, because exp(rate) >= 1 + rate > 1; from `name_passed`, rate > 0."""
    proof.use(f"{name}_tangent", "exp_tangent", x=rate)
    proof.use(f"{name}_product", "exp_of_sum", x=rate, y=f"-({rate})")
    proof.use(f"{name}_at_0", "exp_of_zero")
    proof.use(f"{name}_decaying", "exp_positive", x=f"-({rate})")
    both = [("1", f"{name}_product"), ("1", f"{name}_at_0")]
    proof.have(f"{name}_back", f"exp({rate})*exp(-({rate})) = 1", (), both)
    products = [f"{name}_tangent*{name}_decaying", f"{name}_passed*{name}_decaying"]
    proof.have(f"{name}_corrected", f"1 - exp(-({rate})) > 0", products, [f"{name}_back"])
    invert(proof, f"{name}_corrected", f"1 - exp(-({rate}))")


def denominators(inner: Proof) -> None:
    """sqrt(v/kappa/c) + eps/sqrt(kappa) = (sqrt(v/c) + eps)/sqrt(kappa), c the correction."""
    inner.use("moved", "positive", i="i")
    hat = f"v(i)/{SECOND}"
    inner.have("hat", f"{hat} > 0", ["moved*second_corrected_inverse"])
    inner.lemma(
        "quotient",
        f"sqrt({hat}/kappa) = sqrt({hat})/sqrt(kappa)",
        "root_of_quotient",
        ["hat", "larger"],
        {"x": hat, "y": "kappa"},
    )
    inner.congruent("same_hat", "second_correction", "sqrt(v(i)/kappa/hole)")
    inner.use("hat_root", "root_positive", "hat", x=hat)
    inner.have("old", f"{OLD} > 0", ["hat_root", "eps_sign"])
    inner.have(
        "new_root",
        f"sqrt(v(i)/kappa/{NEW_SECOND}) = sqrt({hat})/sqrt(kappa)",
        (),
        [("1", "same_hat"), ("1", "quotient")],
    )
    inner.have(
        "new", f"{NEW} > 0", ["hat_root*larger_root_inverse", "eps_sign*larger_root_inverse"], [("1", "new_root")]
    )
    divided(inner, OLD, NEW, "new_root", f"sqrt({hat})")


THEOREM = Theorem(
    theorem="square_root_scaling_keeps_the_sde_of_adam",
    title="Square-root scaling keeps the SDE of Adam and AdamW",
    says="""The SDE of AdamW has m and v, corrected by 1 - exp(-(1 - beta_i) t/h) at time t, and the drift
    -eta (m/correction)/(sqrt(v/correction) + eps)/h - eta lambda x/h of the parameters x; lambda = 0 is Adam. Divide
    the noise covariance by kappa. Then sqrt(kappa) eta, 1 - beta1 and 1 - beta2 times kappa, eps/sqrt(kappa),
    sqrt(kappa) lambda and v/kappa keep this drift, the drift and the diffusion of m, and the drift
    (1 - beta2)(Sigma_ii - v_i)/h of v in its own units, if a step takes the time kappa h instead of h. Besides, the
    drift of v has the squared gradient, which grows by kappa: the SDE leaves it out.""",
    sources=["malladi2022sdes, square-root scaling rule"],
    variables={
        **dict.fromkeys(("eta", "beta1", "beta2", "eps", "lam", "h", "t", "kappa"), "real"),
        **dict.fromkeys(("m", "v", "x", "G"), "real(nat)"),
        "z": "rand(nat)",
        "w": "rand(nat)",
    },
    hypotheses={
        "larger": "kappa > 0",
        "step_time": "h > 0",
        "later": "t > 0",
        "average": "beta2 < 1",
        "eps_sign": "eps >= 0",
        "positive": "forall i nat: v(i) > 0",
        "centred": "forall i nat: E(z(i)) = 0",
        "large_centred": "forall i nat: E(w(i)) = 0",
        "large_covariance": "forall i nat, j nat: E(w(i)*w(j)) = E(z(i)*z(j))/kappa",
    },
    claims={
        "drift": f"forall i nat: {DRIFT}",
        "mean": f"forall i nat: {MEAN}",
        "spread": f"forall i nat, j nat: {SPREAD}",
        "square": f"forall i nat: {SQUARE}",
    },
    lemmas=["root_of_quotient"],
    model={
        "eta": "1/10",
        "beta1": "9/10",
        "beta2": "9/10",
        "eps": "1/100",
        "lam": "1/10",
        "h": "1/100",
        "t": "1",
        "kappa": "4",
        "m": ["i", "1"],
        "v": ["i", "1"],
        "x": ["i", "1"],
        "G": ["i", "i"],
        "z": ["i", "0"],
        "w": ["i", "0"],
    },
    script=script,
    instances=[
        Instance(
            "skewed noise on two coordinates, and a quarter of its covariance",
            {
                "eta": "1/8",
                "beta1": "7/8",
                "beta2": "15/16",
                "eps": "1/4",
                "lam": "1/2",
                "h": "1/64",
                "t": "3",
                "kappa": "4",
                "m": ["i", "1/2 - i"],
                "v": ["i", "2 + i"],
                "x": ["i", "1 + i"],
                "G": ["i", "1 - 3*i"],
                "z": Drawn((("2", "-1"), ("0", "3"), ("-1", "-1")), draw=1),
                "w": Drawn((("1", "-1/2"), ("0", "3/2"), ("-1/2", "-1/2")), draw=2),
            },
            ("1/4", "1/4", "1/2"),
            draws=2,
            naturals={"": 2},
        )
    ],
)
