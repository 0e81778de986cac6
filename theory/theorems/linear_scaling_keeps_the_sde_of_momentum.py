"""The linear scaling rule keeps the SDE of SGD with momentum, in both parametrisations.

An average, m' = mu m + (1 - mu) g and x' = x - eta m'; or heavy ball, b' = mu b + g and x' = x - lr b' (torch).
"""

from ..proving.instance import Drawn, Instance
from ..proving.script import Proof
from ..proving.theorem import Theorem
from .root_of_quotient import invert

MU = "(1 - kappa*(1 - mu))"
VELOCITY = f"E({MU}*m(i) + (1 - {MU})*(G(i) + w(i)) - m(i))/(kappa*h) = E(mu*m(i) + (1 - mu)*(G(i) + z(i)) - m(i))/h"
SPREAD = f"E((1 - {MU})*w(i)*((1 - {MU})*w(j)))/(kappa*h) = E((1 - mu)*z(i)*((1 - mu)*z(j)))/h"
POSITION = "-(kappa*eta)*m(i)/(kappa*h) = -eta*m(i)/h"
REST = (
    f"E(-(kappa*eta)*({MU}*m(i) + (1 - {MU})*(G(i) + w(i))))/(kappa*h) + eta*m(i)/h"
    " = kappa*(E(-eta*(mu*m(i) + (1 - mu)*(G(i) + z(i))))/h + eta*m(i)/h)"
)
BALL_VELOCITY = f"kappa*E({MU}*(b(i)/kappa) + G(i) + w(i) - b(i)/kappa)/(kappa*h) = E(mu*b(i) + G(i) + z(i) - b(i))/h"
BALL_SPREAD = "E(kappa*w(i)*(kappa*w(j)))/(kappa*h) = E(z(i)*z(j))/h"
BALL_POSITION = "-(kappa^2*lr)*(b(i)/kappa)/(kappa*h) = -lr*b(i)/h"


def script(proof: Proof) -> None:
    """Every E is a mean or a covariance; kappa (1/kappa) = 1 does the rest."""
    invert(proof, "larger", "kappa")
    for name, claim, left, right in (
        (
            "velocity",
            VELOCITY,
            (f"E({MU}*m(i) + (1 - {MU})*(G(i) + w(i)) - m(i))", "kappa*(1 - mu)*(G(i) + E(w(i)) - m(i))"),
            ("E(mu*m(i) + (1 - mu)*(G(i) + z(i)) - m(i))", "(1 - mu)*(G(i) + E(z(i)) - m(i))"),
        ),
        (
            "rest",
            REST,
            (
                f"E(-(kappa*eta)*({MU}*m(i) + (1 - {MU})*(G(i) + w(i))))",
                f"-(kappa*eta)*({MU}*m(i) + (1 - {MU})*(G(i) + E(w(i))))",
            ),
            ("E(-eta*(mu*m(i) + (1 - mu)*(G(i) + z(i))))", "-eta*(mu*m(i) + (1 - mu)*(G(i) + E(z(i))))"),
        ),
        (
            "ball_velocity",
            BALL_VELOCITY,
            (f"E({MU}*(b(i)/kappa) + G(i) + w(i) - b(i)/kappa)", f"{MU}*(b(i)/kappa) + G(i) + E(w(i)) - b(i)/kappa"),
            ("E(mu*b(i) + G(i) + z(i) - b(i))", "mu*b(i) + G(i) + E(z(i)) - b(i)"),
        ),
    ):
        with proof.fixing(name, f"forall i nat: {claim}") as inner:
            inner.use("one", "centred", i="i")
            inner.use("two", "large_centred", i="i")
            inner.linear("new", " = ".join(left))
            inner.linear("old", " = ".join(right))
            inner.have("done", claim, (), ["new", "old", "one", "two", "larger_unit"])
    with proof.fixing("spread", f"forall i nat, j nat: {SPREAD}") as inner:
        inner.use("scaled", "large_covariance", i="i", j="j")
        inner.linear("new", f"E((1 - {MU})*w(i)*((1 - {MU})*w(j))) = (1 - {MU})^2*E(w(i)*w(j))")
        inner.linear("old", "E((1 - mu)*z(i)*((1 - mu)*z(j))) = (1 - mu)^2*E(z(i)*z(j))")
        inner.have("done", SPREAD, (), ["new", "old", "scaled", "larger_unit"])
    with proof.fixing("ball_spread", f"forall i nat, j nat: {BALL_SPREAD}") as inner:
        inner.use("scaled", "large_covariance", i="i", j="j")
        inner.linear("new", "E(kappa*w(i)*(kappa*w(j))) = kappa^2*E(w(i)*w(j))")
        inner.have("done", BALL_SPREAD, (), ["new", "scaled", "larger_unit"])
    for name, claim in (("position", POSITION), ("ball_position", BALL_POSITION)):
        with proof.fixing(name, f"forall i nat: {claim}") as inner:
            inner.have("done", claim, (), ["larger_unit"])


THEOREM = Theorem(
    theorem="linear_scaling_keeps_the_sde_of_momentum",
    title="Linear scaling keeps the SDE of momentum",
    says="""Divide the noise covariance by kappa, and let a step take the time kappa h instead of h. In the form
    m' = mu m + (1 - mu) g, x' = x - eta m', the step size kappa eta and 1 - mu times kappa keep the drift and diffusion
    of m and the drift -eta m/h of x; what else is in the mean of x's step is of higher order, and grows with kappa. In
    the form b' = mu b + g, x' = x - lr b', the same holds with kappa^2 lr, 1 - mu times kappa, and b divided by
    kappa.""",
    sources=["goyal2017accurate, Section 2.1", "malladi2022sdes, linear scaling rule"],
    variables={
        "eta": "real",
        "lr": "real",
        "mu": "real",
        "h": "real",
        "kappa": "real",
        "m": "real(nat)",
        "b": "real(nat)",
        "G": "real(nat)",
        "z": "rand(nat)",
        "w": "rand(nat)",
    },
    hypotheses={
        "larger": "kappa > 0",
        "centred": "forall i nat: E(z(i)) = 0",
        "large_centred": "forall i nat: E(w(i)) = 0",
        "large_covariance": "forall i nat, j nat: E(w(i)*w(j)) = E(z(i)*z(j))/kappa",
    },
    claims={
        "velocity": f"forall i nat: {VELOCITY}",
        "spread": f"forall i nat, j nat: {SPREAD}",
        "position": f"forall i nat: {POSITION}",
        "rest": f"forall i nat: {REST}",
        "ball_velocity": f"forall i nat: {BALL_VELOCITY}",
        "ball_spread": f"forall i nat, j nat: {BALL_SPREAD}",
        "ball_position": f"forall i nat: {BALL_POSITION}",
    },
    model={
        "eta": "1/10",
        "lr": "1/100",
        "mu": "9/10",
        "h": "1/10",
        "kappa": "4",
        "m": ["i", "1"],
        "b": ["i", "10"],
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
                "lr": "1/16",
                "mu": "7/8",
                "h": "1/8",
                "kappa": "4",
                "m": ["i", "1/2 + i"],
                "b": ["i", "2 - i"],
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
