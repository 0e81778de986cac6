"""SGD that is close to its SDE has much noise beside its gradients (Li, Malladi & Arora 2021)."""

from ..proving.instance import Drawn, Instance
from ..proving.script import Proof, square
from ..proving.theorem import Theorem
from .sde_equilibrium_balances_decay_and_noise import THEOREM as SDE
from .sgd_equilibrium_balances_decay_and_gradients import THEOREM as SGD


def of_sde(text: str) -> str:
    """What is said of the SDE's x and G, said of X and H."""
    return text.replace("x(i)", "X(i)").replace("G(i)", "H(i)")


SIZE, SIGNAL, NOISE = "E(sum(i < d, x(i)^2))", "E(sum(i < d, G(i)^2))", "E(sum(i < d, (g(i) - G(i))^2))"
SDE_SIZE, SDE_SIGNAL, SDE_NOISE = "E(sum(i < d, X(i)^2))", "E(sum(i < d, H(i)^2))", "E(sum(i < d, S(i)))"
CLAIM = f"{SDE_SIGNAL} <= (C^2 - 1)*{SDE_NOISE}"


def script(proof: Proof) -> None:
    """eta (Gbar + Nbar) <= C eta (G + N) = C (2 - eta lambda) lambda R <= 2 C^2 lambda Rbar = C^2 eta Nbar."""
    values = {name: name if name in ("eta", "lam", "d") else ["i", f"{name}(i)"] for name in SGD.variables}
    proof.lemma("sgd", SGD.claims["identity"], SGD.theorem, ["steps", "orthogonal", "unbiased", "equilibrium"], values)
    values = {"eta": "eta", "lam": "lam", "d": "d", "x": ["i", "X(i)"], "G": ["i", "H(i)"], "S": ["i", "S(i)"]}
    proof.lemma("sde", of_sde(SDE.claims["identity"]), SDE.theorem, ["orthogonal_sde", "equilibrium_sde"], values)
    with proof.fixing("squares", "forall i nat: x(i)^2 >= 0") as inner:
        inner.have("square", "x(i)^2 >= 0", [square("x(i)")])
    proof.add("norm", "sum(i < d, x(i)^2) >= 0", "squares", "d")
    proof.mean("size_sign", f"{SIZE} >= 0", "norm")
    proof.have(
        "times",
        f"eta*{SDE_SIGNAL} <= (C^2 - 1)*eta*{SDE_NOISE}",
        ["steps*factor*decay*decay*size_sign", "steps*near_signal", "steps*near_noise", "factor*decay*near_size"],
        [("C", "sgd"), ("C^2", "sde")],
    )
    proof.use("inverse", "reciprocal_positive", "steps", x="eta")
    proof.use("apart", "positive_is_apart", "steps", x="eta")
    proof.use("unit", "reciprocal", "apart", x="eta")
    proof.have("noise", CLAIM, ["inverse*times"], [(SDE_SIGNAL, "unit"), (f"(C^2 - 1)*{SDE_NOISE}", "unit")])


THEOREM = Theorem(
    theorem="sgd_near_its_sde_needs_noise",
    title="SGD near its SDE needs noise",
    says="""Take SGD with weight decay and its SDE on a scale-invariant loss, both at equilibrium. If E |x|^2 is at
    most C times that of the SDE, and the SDE's mean squared gradient and trace of the noise covariance are at most C
    times those of SGD, then on the SDE E |G|^2 <= (C^2 - 1) E tr Sigma. So C-closeness is ruled out where the gradient
    is large beside the noise. SGD has x, g, G; the SDE has X, H (gradient) and S (the diagonal of Sigma).""",
    sources=["li2021validity, when the linear rule fails"],
    variables={**SGD.variables, "C": "real", "X": "rand(nat)", "H": "rand(nat)", "S": "rand(nat)"},
    hypotheses={
        **SGD.hypotheses,
        "decay": "lam > 0",
        "factor": "C > 0",
        "orthogonal_sde": of_sde(SDE.hypotheses["orthogonal"]),
        "equilibrium_sde": of_sde(SDE.hypotheses["equilibrium"]),
        "near_size": f"{SIZE} <= C*{SDE_SIZE}",
        "near_signal": f"{SDE_SIGNAL} <= C*{SIGNAL}",
        "near_noise": f"{SDE_NOISE} <= C*{NOISE}",
    },
    claims={"noise": CLAIM},
    lemmas=[SGD.theorem, SDE.theorem],
    model={
        "eta": "3/5",
        "lam": "1/3",
        "d": "2",
        "x": ["i", "1 - i"],
        "g": ["i", "i"],
        "G": ["i", "0"],
        "C": "2",
        "X": ["i", "1 - i"],
        "H": ["i", "0"],
        "S": ["i", "5/9"],
    },
    script=script,
    instances=[
        Instance(
            "random directions across random parameters, 4/5 of their size along the SDE",
            {
                **{"eta": "4/17", "lam": "1/2", "d": "2", "C": "25/16"},
                "x": Drawn((("2", "-1"), ("0", "1"), ("1", "1/2")), draw=1),
                "across": Drawn((("1", "2"), ("-1", "0"), ("-1/2", "1")), draw=1),
                "size": Drawn(("-14/5", "2/5", "2"), draw=2),
                "g": ["i", "size*across(i)"],
                "G": ["i", "E(size)*across(i)"],
                "X": ["i", "4/5*x(i)"],
                "H": ["i", "across(i)/2"],
                "S": ["i", "68/25*across(i)^2"],
            },
            ("1/4", "1/4", "1/2"),
            draws=2,
            naturals={"": 2},
        ),
    ],
)
