"""A small Gaussian step along SGD's SDE with weight decay changes E |x|^2 by Ito's rate, up to an explicit rest."""

from ..proving.instance import Drawn, Instance
from ..proving.script import Proof
from ..proving.theorem import Theorem
from .sde_equilibrium_balances_decay_and_noise import RATE

PULL, SIZE = "(G(i) + lam*x(i))", "E(sum(i < d, x(i)^2))"
AFTER = f"E(sum(i < d, (x(i) - time*{PULL} + sqrt(time*eta)*xi(i))^2))"
CLAIM = f"{AFTER} = {SIZE} + time*{RATE} + time^2*E(sum(i < d, {PULL}^2))"


def script(proof: Proof) -> None:
    """Expand the square: the terms with one xi have the mean 0, and xi^2 has the mean of Sigma's diagonal."""
    proof.have("square_sign", "time*eta >= 0", ["positive*steps"])
    proof.use("root", "root_squared", "square_sign", x="time*eta")
    for name, claim in (
        ("along_x", "E(x(j)*xi(j)) = 0"),
        ("along_G", "E(G(j)*xi(j)) = 0"),
        ("sizes", "E(xi(j)^2) - E(S(j)) = 0"),
    ):
        source = {"along_x": "independent_x", "along_G": "independent_G", "sizes": "covariance"}[name]
        with proof.fixing(f"{name}_each", f"forall j nat: {claim}") as inner:
            inner.use("here", source, i="j")
            inner.have("done", claim, (), [("1", "here")])
        proof.add(name, f"sum(j < d, {claim.removesuffix(' = 0')}) = 0", f"{name}_each", "d")
    proof.linear(
        "expanded",
        f"{AFTER} = {SIZE} + 2*time*E(sum(i < d, x(i)*(-{PULL}))) + time^2*E(sum(i < d, {PULL}^2))"
        " + 2*sqrt(time*eta)*(1 - time*lam)*sum(j < d, E(x(j)*xi(j)))"
        " - 2*sqrt(time*eta)*time*sum(j < d, E(G(j)*xi(j)))"
        " + sqrt(time*eta)^2*(sum(j < d, E(xi(j)^2) - E(S(j))) + E(sum(i < d, S(i))))",
    )
    proof.linear("rate", f"{RATE} = 2*E(sum(i < d, x(i)*(-{PULL}))) + eta*E(sum(i < d, S(i)))")
    proof.have(
        "change",
        CLAIM,
        (),
        [
            ("1", "expanded"),
            ("time", "rate"),
            ("2*sqrt(time*eta)*(1 - time*lam)", "along_x"),
            ("2*sqrt(time*eta)*time", "along_G"),
            ("sqrt(time*eta)^2", "sizes"),
            ("E(sum(i < d, S(i)))", "root"),
        ],
    )


THEOREM = Theorem(
    theorem="small_steps_of_the_sde_change_the_norm_at_itos_rate",
    title="Small steps of SGD's SDE change the norm at Ito's rate",
    says="""A step of duration tau along dX = -(G + lambda X) dt + (eta Sigma)^(1/2) dW, with increments xi of mean 0
    and covariance Sigma independent of the state, changes E |x|^2 by tau E(2 <x, -(G + lambda x)> + eta tr Sigma), the
    rate in Ito's formula, and tau^2 E |G + lambda x|^2. S(i) is the i-th diagonal entry of Sigma.""",
    sources=["li2021validity, when the linear rule fails"],
    variables={
        **dict.fromkeys(("eta", "lam", "time"), "real"),
        "d": "nat",
        **dict.fromkeys(("x", "G", "S", "xi"), "rand(nat)"),
    },
    hypotheses={
        "steps": "eta >= 0",
        "positive": "time >= 0",
        "independent_x": "forall i nat: E(x(i)*xi(i)) = 0",
        "independent_G": "forall i nat: E(G(i)*xi(i)) = 0",
        "covariance": "forall i nat: E(xi(i)^2) = E(S(i))",
    },
    claims={"change": CLAIM},
    model={
        "eta": "1",
        "lam": "1",
        "time": "1/10",
        "d": "2",
        "x": ["i", "0"],
        "G": ["i", "0"],
        "S": ["i", "1"],
        "xi": ["i", "1"],
    },
    script=script,
    instances=[
        Instance(
            "one step of two coordinates from a random state",
            {
                "x": Drawn((("1", "-2"), ("-1/2", "3")), draw=1),
                "G": Drawn((("3", "1/2"), ("-1", "2")), draw=1),
                "S": Drawn((("4", "12"), ("1", "6")), draw=1),
                "xi": Drawn((("2", "-4"), ("-1", "2")), draw=2),
                "eta": "1/3",
                "lam": "1/5",
                "time": "1/4",
                "d": "2",
            },
            weights=("1/3", "2/3"),
            draws=2,
        )
    ],
)
