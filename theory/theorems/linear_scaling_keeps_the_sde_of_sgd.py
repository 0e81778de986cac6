"""The linear scaling rule keeps the SDE of SGD (Goyal et al. 2017; Li, Tai & E 2017, Malladi et al. 2022)."""

from ..proving.instance import Drawn, Instance
from ..proving.script import Proof
from ..proving.theorem import Theorem
from .root_of_quotient import invert

DRIFT = "E(-(kappa*eta)*(G(i) + w(i)))/(kappa*h) = E(-eta*(G(i) + z(i)))/h"
DIFFUSION = "E(kappa*eta*w(i)*(kappa*eta*w(j)))/(kappa*h) = E(eta*z(i)*(eta*z(j)))/h"


def script(proof: Proof) -> None:
    """Both are the step's mean and covariance: -kappa eta G and (kappa eta)^2 Sigma/kappa, over kappa h."""
    invert(proof, "larger", "kappa")
    with proof.fixing("drift", f"forall i nat: {DRIFT}") as inner:
        inner.use("one", "centred", i="i")
        inner.use("two", "large_centred", i="i")
        inner.linear("new", "E(-(kappa*eta)*(G(i) + w(i))) = -kappa*eta*(G(i) + E(w(i)))")
        inner.linear("old", "E(-eta*(G(i) + z(i))) = -eta*(G(i) + E(z(i)))")
        inner.have(
            "done",
            DRIFT,
            (),
            [
                ("1/kappa/h", "new"),
                ("1/h", "old"),
                ("eta*kappa/kappa/h", "two"),
                ("eta/h", "one"),
                ("eta*G(i)/h", "larger_unit"),
            ],
        )
    with proof.fixing("diffusion", f"forall i nat, j nat: {DIFFUSION}") as inner:
        inner.use("scaled", "large_covariance", i="i", j="j")
        inner.linear("new", "E(kappa*eta*w(i)*(kappa*eta*w(j))) = kappa^2*eta^2*E(w(i)*w(j))")
        inner.linear("old", "E(eta*z(i)*(eta*z(j))) = eta^2*E(z(i)*z(j))")
        factor = "eta^2/h*E(z(i)*z(j))"
        inner.have(
            "done",
            DIFFUSION,
            (),
            [
                ("1/kappa/h", "new"),
                ("1/h", "old"),
                ("kappa^2*eta^2/kappa/h", "scaled"),
                (f"{factor}*kappa/kappa", "larger_unit"),
                (factor, "larger_unit"),
            ],
        )


THEOREM = Theorem(
    theorem="linear_scaling_keeps_the_sde_of_sgd",
    title="Linear scaling keeps the SDE of SGD",
    says="""Let G be the gradient, z its noise at a batch size and w that at kappa times the batch size, both of mean 0,
    with E w w^T = E z z^T/kappa. With the step size kappa eta instead of eta, and a step that takes the time kappa h
    instead of h, SGD's drift and diffusion per unit of time stay what they are, across all coordinates.""",
    sources=["goyal2017accurate, Section 2.1", "malladi2022sdes, linear scaling rule"],
    variables={"eta": "real", "h": "real", "kappa": "real", "G": "real(nat)", "z": "rand(nat)", "w": "rand(nat)"},
    hypotheses={
        "larger": "kappa > 0",
        "centred": "forall i nat: E(z(i)) = 0",
        "large_centred": "forall i nat: E(w(i)) = 0",
        "large_covariance": "forall i nat, j nat: E(w(i)*w(j)) = E(z(i)*z(j))/kappa",
    },
    claims={"drift": f"forall i nat: {DRIFT}", "diffusion": f"forall i nat, j nat: {DIFFUSION}"},
    model={"eta": "1/10", "h": "1/10", "kappa": "4", "G": ["i", "i"], "z": ["i", "0"], "w": ["i", "0"]},
    script=script,
    instances=[
        Instance(
            "skewed noise on two coordinates, and a quarter of its covariance",
            {
                "eta": "1/8",
                "h": "1/8",
                "kappa": "4",
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
