"""Heavy ball with mu left as it is: in the long run a gradient moves x by lr/(1 - mu), and lr scales linearly."""

from ..proving.instance import Instance, Recursion, Run, Table, along
from ..proving.script import Proof
from ..proving.theorem import Theorem
from .linear_scaling_of_sgd_is_unique import THEOREM as SGD
from .powers_of_a_fraction import HALVES, known_powers
from .root_of_quotient import invert

RATE, NEW = "lr/(1 - mu)", "lr_new/(1 - mu)"


def script(proof: Proof) -> None:
    """After n steps a gradient g has moved x by -lr g (1 + mu + .. + mu^(n-1)); SGD's rule for lr/(1 - mu)."""
    proof.have("slow", "1 - mu > 0", ["average"])
    invert(proof, "slow", "1 - mu")
    with proof.induction("left", "forall n nat: b(n) = p(n)*g") as (zero, following):
        zero.have("start", "b(0) = p(0)*g", (), ["kick", "p_start"])
        following.use("one", "decay", n="n")
        following.use("two", "p_next", i="n")
        following.have("done", "b(n + 1) = p(n + 1)*g", (), ["one", "two", "before"])
    with proof.induction("moved", f"forall n nat: x(n) = x(0) - {RATE}*(1 - p(n))*g") as (zero, following):
        zero.have("start", f"x(0) = x(0) - {RATE}*(1 - p(0))*g", (), ["p_start"])
        following.use("one", "step", n="n")
        following.use("two", "left", n="n")
        following.use("three", "p_next", i="n")
        following.have(
            "done",
            f"x(n + 1) = x(0) - {RATE}*(1 - p(n + 1))*g",
            (),
            [("1", "one"), ("1", "before"), ("lr", "two"), ("lr*p(n)*g", "slow_unit"), (f"{RATE}*g", "three")],
        )
    proof.have("speed", f"{RATE} > 0", ["lr_positive*slow_inverse"])
    names = ["speed", "time", "new_time", "larger", "gradient", "noise", "drift", "diffusion", "horizon"]
    values = {name: name for name in SGD.variables} | {"eta": RATE, "eta_new": NEW}
    proof.lemma("speeds", f"{NEW} = kappa*({RATE})", SGD.theorem, names, values)
    proof.lemma("duration", "h_new = kappa*h", SGD.theorem, names, values)
    proof.lemma("number", "steps_new = steps_old/kappa", SGD.theorem, names, values)
    proof.have(
        "step_size", "lr_new = kappa*lr", (), [("1 - mu", "speeds"), ("lr_new", "slow_unit"), ("kappa*lr", "slow_unit")]
    )


def shown(proof: Proof) -> None:
    """The buffer halves in each step, and x with it."""
    known_powers(proof)
    for name, claim, factor in (
        ("decay", "exp((n + 1)*log(1/2)) = 1/2*exp(n*log(1/2))", "1"),
        ("step", "1/5*exp((n + 1)*log(1/2)) = 1/5*exp(n*log(1/2)) - 1/10*exp(n*log(1/2))", "1/5"),
    ):
        with proof.fixing(name, f"forall n nat: {claim}") as inner:
            inner.use("next", "halves", i="n")
            inner.have("done", claim, (), [(factor, "next")])


THEOREM = Theorem(
    theorem="heavy_ball_with_fixed_momentum_scales_linearly",
    title="Heavy ball with fixed momentum scales linearly",
    says="""In heavy ball, b' = mu b + g and x' = x - lr b', one gradient g moves x in n steps by -lr/(1 - mu) (1 -
    mu^n) g, so that the buffer acts as SGD with the step size lr/(1 - mu). If mu is left as it is and the noise
    covariance is divided by kappa, then this drift and this diffusion per unit of time stay what they are only for lr'
    = kappa lr and h' = kappa h; a run over the same time has steps/kappa steps.""",
    sources=["goyal2017accurate, Section 2.1"],
    variables={
        **{name: sort for name, sort in SGD.variables.items() if not name.startswith("eta")},
        **dict.fromkeys(("lr", "lr_new", "mu", "g"), "real"),
        **dict.fromkeys(("b", "x", "p"), "real(nat)"),
    },
    hypotheses={
        "lr_positive": "lr > 0",
        "average": "mu < 1",
        "kick": "b(0) = g",
        "decay": "forall n nat: b(n + 1) = mu*b(n)",
        "step": "forall n nat: x(n + 1) = x(n) - lr*b(n)",
        "p_start": "p(0) = 1",
        "p_next": "forall i nat: p(i + 1) = mu*p(i)",
        **{name: SGD.hypotheses[name] for name in ("time", "new_time", "larger", "gradient", "noise")},
        "drift": f"{NEW}*G/h_new = {RATE}*G/h",
        "diffusion": f"({NEW})^2*(S/kappa)/h_new = ({RATE})^2*S/h",
        "horizon": SGD.hypotheses["horizon"],
    },
    claims={
        "moved": f"forall n nat: x(n) = x(0) - {RATE}*(1 - p(n))*g",
        "step_size": "lr_new = kappa*lr",
        "duration": "h_new = kappa*h",
        "number": "steps_new = steps_old/kappa",
    },
    lemmas=[SGD.theorem],
    model={
        "lr": "1/10",
        "lr_new": "2/5",
        "mu": "1/2",
        "g": "1",
        "b": ["n", "exp(n*log(1/2))"],
        "x": ["n", "1/5*exp(n*log(1/2))"],
        "p": ["i", HALVES],
        **{name: SGD.model[name] for name in SGD.model if not name.startswith("eta")},
    },
    shown=shown,
    script=script,
    instances=[
        Instance(
            "one kick, then three steps without a gradient; four times the batch",
            {
                "lr": "1/8",
                "mu": "3/4",
                "g": "2",
                "p": Recursion(("i",), "1", "mu*p(i)"),
                "G": "3",
                "S": "2",
                "kappa": "4",
                "h": "1/2",
                "lr_new": "kappa*lr",
                "h_new": "kappa*h",
                "steps_old": "100",
                "steps_new": "steps_old/kappa",
                "kicks": Table(("g", "0", "0", "0")),
            },
            naturals={"": 4},
            run=Run(
                "sgd@momentum=heavy_ball",
                {"eta": "lr", "mu": "mu", "tau": "0"},
                "kicks(t)",
                ("1",),
                4,
                {"x": along("theta", letter="n"), "b": along("b", 1, letter="n")},
                torch="SGD",
            ),
            wrong=("sgd@momentum=ema,first=damped", "sgd@momentum=none", "sgd@momentum=heavy_ball,nesterov=yes"),
        )
    ],
)
