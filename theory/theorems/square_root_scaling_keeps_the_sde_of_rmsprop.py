"""The square-root scaling rule keeps the SDE of RMSprop (Malladi et al. 2022)."""

from ..proving.instance import Drawn, Instance
from ..proving.script import Proof
from ..proving.theorem import Theorem
from .root_of_quotient import invert, root

OLD = "(sqrt(v({0})) + eps)"
NEW = "(sqrt(v({0})/kappa) + eps/sqrt(kappa))"


def new(i: str, what: str) -> str:
    """What the scaled step does to the gradient or the noise in a coordinate."""
    return f"-(sqrt(kappa)*eta)*{what}/{NEW.format(i)}"


def old(i: str, what: str) -> str:
    """The same of the step before."""
    return f"-eta*{what}/{OLD.format(i)}"


def drift_of_v(beta: str) -> str:
    """That the drift of v is kept, but for the squared gradient."""
    scaled = f"(1 - kappa*(1 - {beta}))"
    return (
        f"kappa*E({scaled}*(v(i)/kappa) + (1 - {scaled})*(G(i) + w(i))^2 - v(i)/kappa)/(kappa*h)"
        f" = E({beta}*v(i) + (1 - {beta})*(G(i) + z(i))^2 - v(i))/h + (kappa - 1)*(1 - {beta})*G(i)^2/h"
    )


DRIFT = f"E({new('i', '(G(i) + w(i))')})/(kappa*h) = E({old('i', '(G(i) + z(i))')})/h"
DIFFUSION = f"E({new('i', 'w(i)')}*({new('j', 'w(j)')}))/(kappa*h) = E({old('i', 'z(i)')}*({old('j', 'z(j)')}))/h"
SECOND = drift_of_v("beta")
COEFFICIENT = "E(beta*v(i) + (1 - beta)*(G(i) + z(i))^2 - v(i))/h = (1 - beta)*(E(z(i)^2) - v(i) + G(i)^2)/h"


def script(proof: Proof) -> None:
    """The new denominator is the old one over sqrt(kappa), so that a step is kappa times what it was, with w for z."""
    invert(proof, "larger", "kappa")
    root(proof, "larger", "kappa")
    with proof.fixing("scaled", f"forall i nat: 1/{NEW.format('i')} = sqrt(kappa)/{OLD.format('i')}") as inner:
        denominators(inner)
    with proof.fixing("drift", f"forall i nat: {DRIFT}") as inner:
        inner.use("one", "centred", i="i")
        inner.use("two", "large_centred", i="i")
        inner.use("over", "scaled", i="i")
        inner.linear("new", f"E({new('i', '(G(i) + w(i))')}) = {new('i', '(G(i) + E(w(i)))')}")
        inner.linear("old", f"E({old('i', '(G(i) + z(i))')}) = {old('i', '(G(i) + E(z(i)))')}")
        inner.have("done", DRIFT, (), ["new", "old", "one", "two", "over", "larger_squared", "larger_unit"])
    with proof.fixing("diffusion", f"forall i nat, j nat: {DIFFUSION}") as inner:
        inner.use("both", "large_covariance", i="i", j="j")
        inner.use("over", "scaled", i="i")
        inner.use("over_too", "scaled", i="j")
        new_factors, old_factors = (f"{f('i', '1')}*({f('j', '1')})" for f in (new, old))
        inner.linear("new", f"E({new('i', 'w(i)')}*({new('j', 'w(j)')})) = {new_factors}*E(w(i)*w(j))")
        inner.linear("old", f"E({old('i', 'z(i)')}*({old('j', 'z(j)')})) = {old_factors}*E(z(i)*z(j))")
        inner.have("done", DIFFUSION, (), ["new", "old", "both", "over", "over_too", "larger_squared", "larger_unit"])
    keep_drift_of_v(proof, "second", "beta")
    with proof.fixing("coefficient", f"forall i nat: {COEFFICIENT}") as inner:
        inner.use("one", "centred", i="i")
        inner.linear("old", mean_of_v("beta"))
        inner.have("done", COEFFICIENT, (), ["old", "one"])


def denominators(inner: Proof) -> None:
    """sqrt(v/kappa) + eps/sqrt(kappa) = (sqrt(v) + eps)/sqrt(kappa)."""
    inner.use("moved", "positive", i="i")
    inner.lemma(
        "quotient",
        "sqrt(v(i)/kappa) = sqrt(v(i))/sqrt(kappa)",
        "root_of_quotient",
        ["moved", "larger"],
        {"x": "v(i)", "y": "kappa"},
    )
    inner.use("v_root", "root_positive", "moved", x="v(i)")
    inner.have("old", f"{OLD.format('i')} > 0", ["v_root", "eps_sign"])
    inner.have(
        "new", f"{NEW.format('i')} > 0", ["v_root*larger_root_inverse", "eps_sign*larger_root_inverse"], ["quotient"]
    )
    divided(inner, OLD.format("i"), NEW.format("i"), "quotient", "sqrt(v(i))")


def divided(proof: Proof, old: str, new: str, equation: str, root: str) -> None:
    """1/new = sqrt(kappa)/old, from `old`, `new` > 0 and the equation that says what the root in new is."""
    invert(proof, "old", old)
    invert(proof, "new", new)
    units = [(root, "larger_root_unit"), ("eps", "larger_root_unit")]
    proof.have("same", f"sqrt(kappa)*{new} = {old}", (), [("sqrt(kappa)", equation), *units])
    equations = [(f"1/{new}/{old}", "same"), (f"sqrt(kappa)/{old}", "new_unit"), (f"1/{new}", "old_unit")]
    proof.have("done", f"1/{new} = sqrt(kappa)/{old}", (), equations)


def mean_of_v(beta: str) -> str:
    """The mean of the step of v."""
    step = f"{beta}*v(i) + (1 - {beta})*(G(i) + z(i))^2 - v(i)"
    return f"E({step}) = (1 - {beta})*(G(i)^2 + 2*G(i)*E(z(i)) + E(z(i)^2) - v(i))"


def keep_drift_of_v(proof: Proof, name: str, beta: str) -> None:
    """`drift_of_v` under this name."""
    scaled = f"(1 - kappa*(1 - {beta}))"
    with proof.fixing(name, f"forall i nat: {drift_of_v(beta)}") as inner:
        inner.use("one", "centred", i="i")
        inner.use("two", "large_centred", i="i")
        inner.use("both", "large_covariance", i="i", j="i")
        inner.linear(
            "new",
            f"E({scaled}*(v(i)/kappa) + (1 - {scaled})*(G(i) + w(i))^2 - v(i)/kappa)"
            f" = kappa*(1 - {beta})*(G(i)^2 + 2*G(i)*E(w(i)) + E(w(i)^2) - v(i)/kappa)",
        )
        inner.linear("old", mean_of_v(beta))
        inner.have("done", drift_of_v(beta), (), ["new", "old", "one", "two", "both", "larger_unit"])


THEOREM = Theorem(
    theorem="square_root_scaling_keeps_the_sde_of_rmsprop",
    title="Square-root scaling keeps the SDE of RMSprop",
    says="""RMSprop steps theta' = theta - eta g/(sqrt(v) + eps), v' = beta v + (1 - beta) g^2. Divide the noise
    covariance by kappa. The step size sqrt(kappa) eta, 1 - beta times kappa, eps/sqrt(kappa) and v/kappa keep the
    drift and the diffusion of theta, and the drift (1 - beta)(Sigma_ii - v_i)/h of v in its own units, if a step takes
    the time kappa h instead of h. Besides, the drift of v has the squared gradient, which grows by kappa: the SDE
    leaves it out.""",
    sources=["malladi2022sdes, square-root scaling rule"],
    variables={
        "eta": "real",
        "beta": "real",
        "eps": "real",
        "h": "real",
        "kappa": "real",
        "v": "real(nat)",
        "G": "real(nat)",
        "z": "rand(nat)",
        "w": "rand(nat)",
    },
    hypotheses={
        "larger": "kappa > 0",
        "eps_sign": "eps >= 0",
        "positive": "forall i nat: v(i) > 0",
        "centred": "forall i nat: E(z(i)) = 0",
        "large_centred": "forall i nat: E(w(i)) = 0",
        "large_covariance": "forall i nat, j nat: E(w(i)*w(j)) = E(z(i)*z(j))/kappa",
    },
    claims={
        "drift": f"forall i nat: {DRIFT}",
        "diffusion": f"forall i nat, j nat: {DIFFUSION}",
        "coefficient": f"forall i nat: {COEFFICIENT}",
        "second": f"forall i nat: {SECOND}",
    },
    lemmas=["root_of_quotient"],
    model={
        "eta": "1/10",
        "beta": "9/10",
        "eps": "1/100",
        "h": "1/100",
        "kappa": "4",
        "v": ["i", "1"],
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
                "beta": "15/16",
                "eps": "1/4",
                "h": "1/64",
                "kappa": "4",
                "v": ["i", "2 + i"],
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
