"""Only the linear scaling rule keeps the SDE of SGD with momentum m' = mu m + (1 - mu) g, x' = x - eta m'."""

from ..proving.instance import Instance
from ..proving.script import Proof
from ..proving.theorem import Theorem
from .linear_scaling_of_sgd_is_unique import cancel
from .root_of_quotient import invert

VELOCITY = "(1 - mu_new)*(G - scale*m)/scale/h_new = (1 - mu)*(G - m)/h"


def script(proof: Proof) -> None:
    """At G = 0 and at m = 0 the drift of m gives rate and scale; the diffusion gives h', and the drift of x eta'."""
    proof.have("slow", "1 - mu > 0", ["average"])
    for name, x in (("larger", "kappa"), ("time", "h"), ("new_time", "h_new"), ("stored", "scale"), ("slow", "1 - mu")):
        invert(proof, name, x)
    proof.use("noise_unit", "reciprocal", "noise", x="S")
    proof.use("at_m", "velocity", G="0", m="1")
    proof.use("at_G", "velocity", G="1", m="0")
    proof.have("rates", "(1 - mu_new)/h_new = (1 - mu)/h", (), [("1", "at_m"), ("(1 - mu_new)/h_new", "stored_unit")])
    proof.have("scaled_rates", "1/scale*(1 - mu)/h = (1 - mu)/h", (), [("1", "at_G"), ("1/scale", "rates")])
    proof.have(
        "no_time",
        "1/scale*(1 - mu) = 1*(1 - mu)",
        (),
        [("h", "scaled_rates"), ("1/scale*(1 - mu)", "time_unit"), ("1 - mu", "time_unit")],
    )
    cancel(proof, "no_rate", "no_time", "1/scale", "1", "1 - mu", "slow_unit")
    proof.have("unscaled", "scale = 1", (), [("scale", "no_rate"), ("1", "stored_unit")])
    proof.have("no_noise", "((1 - mu_new)/scale)^2/kappa/h_new*S = (1 - mu)^2/h*S", (), [("1", "spread")])
    cancel(proof, "spreads", "no_noise", "((1 - mu_new)/scale)^2/kappa/h_new", "(1 - mu)^2/h", "S", "noise_unit")
    rate = "(1 - mu)/h"
    proof.have("new_rate", f"1 - mu_new = {rate}*h_new", (), [("h_new", "rates"), ("1 - mu_new", "new_time_unit")])
    proof.have(
        "squared",
        f"({rate})^2*h_new/kappa = ({rate})^2*h",
        (),
        [
            ("1", "spreads"),
            ("(1 - mu_new)^2*(1/scale + 1)/kappa/h_new", "no_rate"),
            (f"(1 - mu_new + {rate}*h_new)/kappa/h_new", "new_rate"),
            (f"({rate})^2*h_new/kappa", "new_time_unit"),
            ("(1 - mu)^2/h", "time_unit"),
        ],
    )
    proof.have("rate_unit", f"{rate}*(h/(1 - mu)) = 1", (), [("1", "slow_unit"), ("(1 - mu)/(1 - mu)", "time_unit")])
    proof.have(
        "once",
        f"{rate}*h_new/kappa = {rate}*h",
        (),
        [("h/(1 - mu)", "squared"), (f"{rate}*h_new/kappa", "rate_unit"), (f"{rate}*h", "rate_unit")],
    )
    proof.have(
        "twice", "h_new/kappa = h", (), [("h/(1 - mu)", "once"), ("h_new/kappa", "rate_unit"), ("h", "rate_unit")]
    )
    proof.have("duration", "h_new = kappa*h", (), [("kappa", "twice"), ("h_new", "larger_unit")])
    proof.have(
        "averaging",
        "1 - mu_new = kappa*(1 - mu)",
        (),
        [("1", "new_rate"), (rate, "duration"), ("kappa*(1 - mu)", "time_unit")],
    )
    proof.use("at_1", "position", m="1")
    proof.have(
        "step_size",
        "eta_new = kappa*eta",
        (),
        [
            ("h_new", "at_1"),
            ("eta_new*scale", "new_time_unit"),
            ("eta_new", "unscaled"),
            ("eta/h", "duration"),
            ("kappa*eta", "time_unit"),
        ],
    )


THEOREM = Theorem(
    theorem="linear_scaling_of_momentum_is_unique",
    title="Linear scaling of momentum is unique",
    says="""SGD with momentum m' = mu m + (1 - mu) g, x' = x - eta m', and the noise covariance divided by kappa. If
    other eta', mu' and another time h' per step, with m stored in another scale, keep the drift of m at all gradients
    and all m, its diffusion at one S other than 0, and the drift of x at all m, then the scale is 1, h' = kappa h, 1 -
    mu' = kappa (1 - mu) and eta' = kappa eta.""",
    sources=["goyal2017accurate, Section 2.1", "malladi2022sdes, linear scaling rule"],
    variables=dict.fromkeys(("eta", "eta_new", "mu", "mu_new", "h", "h_new", "kappa", "scale", "S"), "real"),
    hypotheses={
        "average": "mu < 1",
        "time": "h > 0",
        "new_time": "h_new > 0",
        "larger": "kappa > 0",
        "stored": "scale > 0",
        "noise": "S /= 0",
        "velocity": f"forall G real, m real: {VELOCITY}",
        "spread": "(1 - mu_new)^2*(S/kappa)/scale^2/h_new = (1 - mu)^2*S/h",
        "position": "forall m real: -eta_new*(scale*m)/h_new = -eta*m/h",
    },
    claims={
        "unscaled": "scale = 1",
        "duration": "h_new = kappa*h",
        "averaging": "1 - mu_new = kappa*(1 - mu)",
        "step_size": "eta_new = kappa*eta",
    },
    model={
        "eta": "1/10",
        "eta_new": "2/5",
        "mu": "9/10",
        "mu_new": "3/5",
        "h": "1/10",
        "h_new": "2/5",
        "kappa": "4",
        "scale": "1",
        "S": "2",
    },
    script=script,
    instances=[
        Instance(
            "batches half as large again, with momentum 7/8",
            {
                **{"eta": "1/5", "eta_new": "3/10", "mu": "7/8", "mu_new": "13/16", "h": "1/3", "h_new": "1/2"},
                **{"kappa": "3/2", "scale": "1", "S": "5/3"},
            },
        ),
        Instance(
            "batches a third as large: momentum that grows",
            {
                **{"eta": "3/4", "eta_new": "1/4", "mu": "-1/2", "mu_new": "1/2", "h": "6/5", "h_new": "2/5"},
                **{"kappa": "1/3", "scale": "1", "S": "1/7"},
            },
        ),
    ],
)
