"""Only the linear scaling rule keeps the SDE of SGD when the batch size changes."""

from ..proving.instance import Instance
from ..proving.script import Proof
from ..proving.theorem import Theorem
from .root_of_quotient import invert


def cancel(proof: Proof, name: str, fact: str, left: str, right: str, factor: str, unit: str) -> None:
    """left = right from the fact left factor = right factor, where `unit` says factor (1/factor) = 1."""
    proof.have(name, f"{left} = {right}", (), [(f"1/({factor})", fact), (left, unit), (right, unit)])


def script(proof: Proof) -> None:
    """The drift gives eta'/h' = eta/h; put into the diffusion it gives eta'/kappa = eta."""
    for name, x in (("larger", "kappa"), ("time", "h"), ("new_time", "h_new"), ("steps", "eta")):
        invert(proof, name, x)
    proof.use("gradient_unit", "reciprocal", "gradient", x="G")
    proof.use("noise_unit", "reciprocal", "noise", x="S")
    cancel(proof, "speeds", "drift", "eta_new/h_new", "eta/h", "G", "gradient_unit")
    proof.have("no_noise", "eta_new^2/kappa/h_new*S = eta^2/h*S", (), [("1", "diffusion")])
    cancel(proof, "spreads", "no_noise", "eta_new^2/kappa/h_new", "eta^2/h", "S", "noise_unit")
    proof.have("cross", "eta_new/kappa*(eta/h) = eta*(eta/h)", (), [("1", "spreads"), ("eta_new/kappa", "speeds")])
    proof.have("speed", "eta/h > 0", ["steps*time_inverse"])
    proof.have("speed_unit", "eta/h*(h/eta) = 1", (), [("1", "steps_unit"), ("eta/eta", "time_unit")])
    proof.have(
        "without_speed",
        "eta_new/kappa = eta",
        (),
        [("h/eta", "cross"), ("eta_new/kappa", "speed_unit"), ("eta", "speed_unit")],
    )
    proof.have("step_size", "eta_new = kappa*eta", (), [("kappa", "without_speed"), ("eta_new", "larger_unit")])
    proof.have(
        "times",
        "eta*h_new = eta_new*h",
        (),
        [("h*h_new", "speeds"), ("eta_new*h", "new_time_unit"), ("eta*h_new", "time_unit")],
    )
    proof.have("times_eta", "h_new*eta = kappa*h*eta", (), [("1", "times"), ("h", "step_size")])
    cancel(proof, "duration", "times_eta", "h_new", "kappa*h", "eta", "steps_unit")
    proof.have("counts", "steps_new*kappa*h = steps_old*h", (), [("1", "horizon"), ("steps_new", "duration")])
    cancel(proof, "kappa_counts", "counts", "steps_new*kappa", "steps_old", "h", "time_unit")
    proof.have("number", "steps_new = steps_old/kappa", (), [("1/kappa", "kappa_counts"), ("steps_new", "larger_unit")])


THEOREM = Theorem(
    theorem="linear_scaling_of_sgd_is_unique",
    title="Linear scaling of SGD is unique",
    says="""Divide the noise covariance by kappa. If SGD with the step size eta' and the time h' per step has the drift
    and the diffusion per unit of time that it had with eta and h, at one gradient G other than 0 and one covariance S
    other than 0 only, then eta' = kappa eta and h' = kappa h; a run over the same time has steps/kappa steps.""",
    sources=["goyal2017accurate, Section 2.1", "malladi2022sdes, linear scaling rule"],
    variables=dict.fromkeys(("eta", "eta_new", "h", "h_new", "kappa", "G", "S", "steps_old", "steps_new"), "real"),
    hypotheses={
        "steps": "eta > 0",
        "time": "h > 0",
        "new_time": "h_new > 0",
        "larger": "kappa > 0",
        "gradient": "G /= 0",
        "noise": "S /= 0",
        "drift": "eta_new*G/h_new = eta*G/h",
        "diffusion": "eta_new^2*(S/kappa)/h_new = eta^2*S/h",
        "horizon": "steps_new*h_new = steps_old*h",
    },
    claims={"step_size": "eta_new = kappa*eta", "duration": "h_new = kappa*h", "number": "steps_new = steps_old/kappa"},
    model={
        "eta": "1/10",
        "eta_new": "2/5",
        "h": "1/10",
        "h_new": "2/5",
        "kappa": "4",
        "G": "3",
        "S": "2",
        "steps_old": "40",
        "steps_new": "10",
    },
    script=script,
    instances=[
        Instance(
            "batches half as large again",
            {
                **{"eta": "1/5", "eta_new": "3/10", "h": "1/3", "h_new": "1/2", "kappa": "3/2"},
                **{"G": "-2/3", "S": "5/7", "steps_old": "12", "steps_new": "8"},
            },
        ),
        Instance(
            "batches a third as large",
            {
                **{"eta": "3/4", "eta_new": "1/4", "h": "6/5", "h_new": "2/5", "kappa": "1/3"},
                **{"G": "4/3", "S": "-1/7", "steps_old": "5", "steps_new": "15"},
            },
        ),
    ],
)
