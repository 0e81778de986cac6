"""SGD with weight decay on a scale-invariant loss at equilibrium (Li, Malladi & Arora 2021)."""

from ..proving.instance import Drawn, Instance
from ..proving.script import Proof
from ..proving.theorem import Theorem
from .root_of_quotient import invert

SIZE, SIGNAL = "E(sum(i < d, x(i)^2))", "E(sum(i < d, G(i)^2))"
NOISE = "E(sum(i < d, (g(i) - G(i))^2))"
AFTER = "E(sum(i < d, ((1 - eta*lam)*x(i) - eta*g(i))^2))"
IDENTITY = f"(2 - eta*lam)*lam*{SIZE} = eta*({SIGNAL} + {NOISE})"


def script(proof: Proof) -> None:
    """Expand |x'|^2; the mixed term is 0; E |g|^2 is the signal plus the noise."""
    proof.linear(
        "expanded",
        f"{AFTER} = (1 - eta*lam)^2*{SIZE} - 2*eta*(1 - eta*lam)*E(sum(i < d, x(i)*g(i)))"
        " + eta^2*E(sum(i < d, g(i)^2))",
    )
    proof.mean("along", "E(sum(i < d, x(i)*g(i))) = 0", "orthogonal")
    with proof.fixing("each", "forall j nat: E(G(j)*g(j)) - E(G(j)^2) = 0") as inner:
        inner.use("here", "unbiased", i="j")
        inner.have("difference", "E(G(j)*g(j)) - E(G(j)^2) = 0", (), ["here"])
    proof.add("bias", "sum(j < d, E(G(j)*g(j)) - E(G(j)^2)) = 0", "each", "d")
    proof.linear("split", f"E(sum(i < d, g(i)^2)) = {SIGNAL} + {NOISE} + 2*sum(j < d, E(G(j)*g(j)) - E(G(j)^2))")
    proof.have(
        "all",
        f"eta*(2 - eta*lam)*lam*{SIZE} = eta^2*({SIGNAL} + {NOISE})",
        (),
        [
            ("1", "equilibrium"),
            ("1", "expanded"),
            ("2*eta*(1 - eta*lam)", "along"),
            ("eta^2", "split"),
            ("eta^2", "bias"),
        ],
    )
    invert(proof, "steps", "eta")
    proof.have(
        "identity",
        IDENTITY,
        (),
        [("1/eta", "all"), (f"(2 - eta*lam)*lam*{SIZE}", "steps_unit"), (f"eta*({SIGNAL} + {NOISE})", "steps_unit")],
    )


THEOREM = Theorem(
    theorem="sgd_equilibrium_balances_decay_and_gradients",
    title="SGD's equilibrium balances decay and gradients",
    says="""SGD with weight decay steps from x to (1 - eta lambda) x - eta g, where g is an unbiased gradient of a
    scale-invariant loss, hence orthogonal to x; G is the mean gradient. If E |x|^2 stays the same, then
    (2 - eta lambda) lambda E |x|^2 = eta (E |G|^2 + E |g - G|^2).""",
    sources=["li2021validity, when the linear rule fails"],
    variables={"eta": "real", "lam": "real", "d": "nat", "x": "rand(nat)", "g": "rand(nat)", "G": "rand(nat)"},
    hypotheses={
        "steps": "eta > 0",
        "orthogonal": "sum(i < d, x(i)*g(i)) = 0",
        "unbiased": "forall i nat: E(G(i)*g(i)) = E(G(i)^2)",
        "equilibrium": f"{AFTER} = {SIZE}",
    },
    claims={"identity": IDENTITY},
    model={"eta": "3/5", "lam": "1/3", "d": "2", "x": ["i", "1 - i"], "g": ["i", "i"], "G": ["i", "i"]},
    script=script,
    instances=[
        Instance(
            "random directions across random parameters",
            {
                **{"eta": "4/17", "lam": "1/2", "d": "2"},
                "x": Drawn((("2", "-1"), ("0", "1"), ("1", "1/2")), draw=1),
                "across": Drawn((("1", "2"), ("-1", "0"), ("-1/2", "1")), draw=1),
                "size": Drawn(("-14/5", "2/5", "2"), draw=2),
                "g": ["i", "size*across(i)"],
                "G": ["i", "E(size)*across(i)"],
            },
            ("1/4", "1/4", "1/2"),
            draws=2,
            naturals={"": 2},
        )
    ],
)
