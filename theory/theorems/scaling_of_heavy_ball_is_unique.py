"""Which hyperparameters keep the SDE of heavy ball, b' = mu b + g and x' = x - lr b' (torch): kappa^2 lr."""

from ..proving.instance import Instance
from ..proving.script import Proof
from ..proving.theorem import Theorem
from .root_of_quotient import invert

VELOCITY = "(G - (1 - mu_new)*(scale*b))/scale/h_new = (G - (1 - mu)*b)/h"


def script(proof: Proof) -> None:
    """At b = 0 the drift of b gives scale h' = h, at G = 0 the rate; the diffusion gives kappa scale^2 h' = h."""
    for name, x in (("larger", "kappa"), ("time", "h"), ("new_time", "h_new"), ("stored", "scale")):
        invert(proof, name, x)
    proof.use("noise_unit", "reciprocal", "noise", x="S")
    proof.use("at_b", "velocity", G="0", b="1")
    proof.use("at_G", "velocity", G="1", b="0")
    proof.have("rates", "(1 - mu_new)/h_new = (1 - mu)/h", (), [("1", "at_b"), ("(1 - mu_new)/h_new", "stored_unit")])
    proof.have("short", "1/scale/h_new = 1/h", (), [("1", "at_G")])
    proof.have(
        "scaled_time",
        "h = scale*h_new",
        (),
        [
            ("h*scale*h_new", "short"),
            ("h*h_new/h_new", "stored_unit"),
            ("h", "new_time_unit"),
            ("scale*h_new", "time_unit"),
        ],
    )
    proof.have(
        "spreads",
        "1/kappa/scale^2/h_new = 1/h",
        (),
        [("1/S", "spread"), ("1/kappa/scale^2/h_new", "noise_unit"), ("1/h", "noise_unit")],
    )
    proof.have("both", "1/kappa/scale/h = 1/h", (), [("1", "spreads"), ("1/kappa/scale", "short")])
    proof.have("product", "1/kappa/scale = 1", (), [("h", "both"), ("1/kappa/scale", "time_unit"), ("1", "time_unit")])
    proof.have("rescaled", "scale = 1/kappa", (), [("scale", "product"), ("1/kappa", "stored_unit")])
    proof.have(
        "duration",
        "h_new = kappa*h",
        (),
        [("kappa", "scaled_time"), ("kappa*h_new", "rescaled"), ("h_new", "larger_unit")],
    )
    proof.have(
        "averaging",
        "1 - mu_new = kappa*(1 - mu)",
        (),
        [
            ("h_new", "rates"),
            ("1 - mu_new", "new_time_unit"),
            ("(1 - mu)/h", "duration"),
            ("kappa*(1 - mu)", "time_unit"),
        ],
    )
    proof.use("at_1", "position", b="1")
    proof.have(
        "step_size",
        "lr_new = kappa^2*lr",
        (),
        [
            ("kappa*h_new", "at_1"),
            ("kappa*lr_new*scale", "new_time_unit"),
            ("kappa*lr_new", "rescaled"),
            ("lr_new", "larger_unit"),
            ("kappa*lr/h", "duration"),
            ("kappa^2*lr", "time_unit"),
        ],
    )


THEOREM = Theorem(
    theorem="scaling_of_heavy_ball_is_unique",
    title="The scaling rule of heavy ball is unique",
    says="""Heavy ball, b' = mu b + g and x' = x - lr b', with the noise covariance divided by kappa. If other lr', mu'
    and another time h' per step, with b stored in another scale, keep the drift of b at all gradients and all b, its
    diffusion at one S other than 0, and the drift of x at all b, then b is stored divided by kappa, h' = kappa h, 1 -
    mu' = kappa (1 - mu) and lr' = kappa^2 lr.""",
    sources=["goyal2017accurate, Section 2.1", "malladi2022sdes, linear scaling rule"],
    variables=dict.fromkeys(("lr", "lr_new", "mu", "mu_new", "h", "h_new", "kappa", "scale", "S"), "real"),
    hypotheses={
        "time": "h > 0",
        "new_time": "h_new > 0",
        "larger": "kappa > 0",
        "stored": "scale > 0",
        "noise": "S /= 0",
        "velocity": f"forall G real, b real: {VELOCITY}",
        "spread": "S/kappa/scale^2/h_new = S/h",
        "position": "forall b real: -lr_new*(scale*b)/h_new = -lr*b/h",
    },
    claims={
        "rescaled": "scale = 1/kappa",
        "duration": "h_new = kappa*h",
        "averaging": "1 - mu_new = kappa*(1 - mu)",
        "step_size": "lr_new = kappa^2*lr",
    },
    model={
        "lr": "1/100",
        "lr_new": "4/25",
        "mu": "9/10",
        "mu_new": "3/5",
        "h": "1/10",
        "h_new": "2/5",
        "kappa": "4",
        "scale": "1/4",
        "S": "2",
    },
    script=script,
    instances=[
        Instance(
            "larger batches",
            {
                **{"kappa": "9/4", "h": "1/3", "h_new": "3/4", "mu": "4/5", "mu_new": "11/20"},
                **{"lr": "2/7", "lr_new": "81/56", "scale": "4/9", "S": "-3/2"},
            },
        ),
        Instance(
            "smaller batches",
            {
                **{"kappa": "2/3", "h": "3/2", "h_new": "1", "mu": "1/2", "mu_new": "2/3"},
                **{"lr": "3/5", "lr_new": "4/15", "scale": "3/2", "S": "5"},
            },
        ),
    ],
)
