"""The SDE of SGD with weight decay on a scale-invariant loss at equilibrium (Li, Malladi & Arora 2021)."""

from ..proving.instance import Drawn, Instance
from ..proving.script import Proof
from ..proving.theorem import Theorem

SIZE, NOISE = "E(sum(i < d, x(i)^2))", "E(sum(i < d, S(i)))"
RATE = "E(sum(i < d, 2*x(i)*(-(G(i) + lam*x(i))) + eta*S(i)))"
IDENTITY = f"2*lam*{SIZE} = eta*{NOISE}"


def script(proof: Proof) -> None:
    """The gradient does no work along x."""
    proof.mean("along", "E(sum(i < d, x(i)*G(i))) = 0", "orthogonal")
    proof.linear("expanded", f"{RATE} = -2*E(sum(i < d, x(i)*G(i))) - 2*lam*{SIZE} + eta*{NOISE}")
    proof.have("identity", IDENTITY, (), [("1", "equilibrium"), ("1", "expanded"), ("2", "along")])


THEOREM = Theorem(
    theorem="sde_equilibrium_balances_decay_and_noise",
    title="The equilibrium of SGD's SDE balances decay and noise",
    says="""In dX = -(G + lambda X) dt + (eta Sigma)^(1/2) dW the mean of |X|^2 changes, by Ito's formula, at the rate
    E(2 <X, -(G + lambda X)> + eta tr Sigma). If this is 0, and the gradient G of a scale-invariant loss is orthogonal
    to X, then 2 lambda E |X|^2 = eta E tr Sigma. S(i) is the i-th diagonal entry of Sigma.""",
    sources=["li2021validity, when the linear rule fails"],
    variables={"eta": "real", "lam": "real", "d": "nat", "x": "rand(nat)", "G": "rand(nat)", "S": "rand(nat)"},
    hypotheses={"orthogonal": "sum(i < d, x(i)*G(i)) = 0", "equilibrium": f"{RATE} = 0"},
    claims={"identity": IDENTITY},
    model={"eta": "1", "lam": "1", "d": "2", "x": ["i", "1 - i"], "G": ["i", "i"], "S": ["i", "1"]},
    script=script,
    instances=[
        Instance(
            "random noise across random parameters",
            {
                **{"eta": "1/3", "lam": "2/3", "d": "2"},
                "x": Drawn((("2", "-1"), ("0", "1"), ("1", "1/2")), draw=1),
                "across": Drawn((("1", "2"), ("-1", "0"), ("-1/2", "1")), draw=1),
                "size": Drawn(("-14/5", "2/5", "2"), draw=2),
                "G": ["i", "size*across(i)/3"],
                "S": ["i", "(size*across(i))^2"],
            },
            ("1/4", "1/4", "1/2"),
            draws=2,
            naturals={"": 2},
        ),
    ],
)
