"""Only the square-root scaling rule keeps the SDE of Adam and of AdamW when the batch size changes.

Malladi et al. 2022; the rule for decoupled decay is derived here.
"""

from ..proving.instance import Instance
from ..proving.script import Proof
from ..proving.theorem import Theorem
from .linear_scaling_of_momentum_is_unique import THEOREM as MOMENTUM
from .linear_scaling_of_sgd_is_unique import cancel
from .root_of_quotient import invert, known_root, quotient_of_roots, root
from .square_root_scaling_keeps_the_sde_of_adam import positive_correction
from .square_root_scaling_of_rmsprop_is_unique import (
    averaging,
    denominators,
    equal_steps,
    halved,
    rates,
    step_and_eps,
)

FIRST, SECOND = "(1 - exp(-(1 - beta1)/h*t))", "(1 - exp(-(1 - beta2)/h*t))"
NEW_FIRST, NEW_SECOND = "(1 - exp(-(1 - beta1_new)/h_new*t))", "(1 - exp(-(1 - beta2_new)/h_new*t))"
OLD, NEW = f"(sqrt(v/{SECOND}) + eps)", f"(sqrt(v_scale*v/{NEW_SECOND}) + eps_new)"
DRIFT = (
    f"-eta_new*(m_scale*m/{NEW_FIRST})/{NEW}/h_new - eta_new*lam_new*x/h_new = -eta*(m/{FIRST})/{OLD}/h - eta*lam*x/h"
)
MEAN = "(1 - beta1_new)*(G - m_scale*m)/m_scale/h_new = (1 - beta1)*(G - m)/h"
SPREAD = "(1 - beta1_new)^2*(S/kappa)/m_scale^2/h_new = (1 - beta1)^2*S/h"
SQUARE = "(1 - beta2_new)*(S/kappa - v_scale*v)/v_scale/h_new = (1 - beta2)*(S - v)/h"
PLACES = (("one", "1", "1"), ("four", "4", "2"))


def script(proof: Proof) -> None:
    """m gives h' and beta1', v its scale and beta2', so the corrections are equal; two values of v give the rest."""
    proof.have("first_slow", "1 - beta1 > 0", ["first_average"])
    proof.have("second_slow", "1 - beta2 > 0", ["second_average"])
    for name, x in (
        ("larger", "kappa"),
        ("step_time", "h"),
        ("new_time", "h_new"),
        ("v_stored", "v_scale"),
        ("second_slow", "1 - beta2"),
        ("steps", "eta"),
    ):
        invert(proof, name, x)
    root(proof, "larger", "kappa")
    with proof.fixing("position", "forall m real: -0*(m_scale*m)/h_new = -0*m/h") as inner:
        inner.have("done", "-0*(m_scale*m)/h_new = -0*m/h")
    names = ["first_average", "step_time", "new_time", "larger", "m_stored", "noise", "mean", "spread", "position"]
    values = {
        "eta": "0",
        "eta_new": "0",
        "mu": "beta1",
        "mu_new": "beta1_new",
        "h": "h",
        "h_new": "h_new",
        "kappa": "kappa",
        "scale": "m_scale",
        "S": "S",
    }
    proof.lemma("m_unscaled", "m_scale = 1", MOMENTUM.theorem, names, values)
    proof.lemma("duration", "h_new = kappa*h", MOMENTUM.theorem, names, values)
    proof.lemma("first_averaging", "1 - beta1_new = kappa*(1 - beta1)", MOMENTUM.theorem, names, values)
    proof.use("at_v", "square", s="0", v="1")
    proof.use("at_S", "square", s="1", v="0")
    rates(proof, "beta2", "v_scale", "v_stored_unit", "step_time_unit", "second_slow_unit", "v_rescaled")
    averaging(proof, "second_averaging", "beta2", "step_time_unit")
    for name, beta in (("first", "beta1"), ("second", "beta2")):
        proof.have(f"{name}_passed", f"(1 - {beta})/h*t > 0", [f"{name}_slow*step_time_inverse*later"])
        positive_correction(proof, name, f"(1 - {beta})/h*t")
        proof.have(
            f"{name}_rate",
            f"-(1 - {beta}_new)/h_new*t = -(1 - {beta})/h*t",
            (),
            [
                ("t/h_new", f"{name}_averaging"),
                (f"(1 - {beta})*t/h/h_new", "duration"),
                (f"(1 - {beta})*t/h", "new_time_unit"),
                (f"kappa*(1 - {beta})*t/h_new", "step_time_unit"),
            ],
        )
        proof.congruent(f"{name}_over", f"{name}_rate", "1/(1 - exp(hole))")
    proof.have(
        "first_ratio",
        f"m_scale*{FIRST}/{NEW_FIRST} = 1",
        (),
        [(f"m_scale*{FIRST}", "first_over"), ("m_scale", "first_corrected_unit"), ("1", "m_unscaled")],
    )
    known_root(proof, "root_one", "1", "1")
    known_root(proof, "root_four", "4", "2")
    for name, number, value in PLACES:
        speeds(proof, name, number, value)
    step_and_eps(proof)
    proof.use("at_x", "drift", "one_moved", m="0", v=f"1*{SECOND}", x="1")
    proof.have("decays", "eta_new*lam_new/h_new = eta*lam/h", (), [("1", "at_x")])
    proof.have(
        "decay_times",
        "lam_new*eta = sqrt(kappa)*lam*eta",
        (),
        [
            ("h_new/sqrt(kappa)", "decays"),
            ("eta_new*lam_new/sqrt(kappa)", "new_time_unit"),
            ("lam_new/sqrt(kappa)", "step_size"),
            ("lam_new*eta", "larger_root_unit"),
            ("eta*lam/h/sqrt(kappa)", "duration"),
            ("kappa*eta*lam/sqrt(kappa)", "step_time_unit"),
            ("eta*lam/sqrt(kappa)", "larger_squared"),
            ("sqrt(kappa)*eta*lam", "larger_root_unit"),
        ],
    )
    cancel(proof, "decay_scaled", "decay_times", "lam_new", "sqrt(kappa)*lam", "eta", "steps_unit")


def speeds(proof: Proof, name: str, number: str, value: str) -> None:
    """At v = number correction, where the roots are value/sqrt(kappa) and value."""
    v = f"{number}*{SECOND}"
    proof.have(f"{name}_positive", f"{number} > 0")
    proof.have(f"{name}_moved", f"{v} > 0", ["second_corrected"])
    proof.lemma(
        f"{name}_quotient",
        f"sqrt({number}/kappa) = sqrt({number})/sqrt(kappa)",
        "root_of_quotient",
        [f"{name}_positive", "larger"],
        {"x": number, "y": "kappa"},
    )
    proof.have(f"{name}_hat", f"{v}/{SECOND} = {number}", (), [(number, "second_corrected_unit")])
    proof.have(
        f"{name}_new_hat",
        f"v_scale*({v})/{NEW_SECOND} = {number}/kappa",
        (),
        [(f"v_scale*{v}", "second_over"), (f"{number}*v_scale", "second_corrected_unit"), (number, "v_rescaled")],
    )
    proof.congruent(f"{name}_hat_root", f"{name}_hat", "sqrt(hole)")
    proof.congruent(f"{name}_new_hat_root", f"{name}_new_hat", "sqrt(hole)")
    proof.have(
        f"{name}_old_root", f"sqrt({v}/{SECOND}) = {value}", (), [("1", f"{name}_hat_root"), ("1", f"root_{name}")]
    )
    proof.have(
        f"{name}_new_root",
        f"sqrt(v_scale*({v})/{NEW_SECOND}) = {value}/sqrt(kappa)",
        (),
        [("1", f"{name}_new_hat_root"), ("1", f"{name}_quotient"), ("1/sqrt(kappa)", f"root_{name}")],
    )
    old, new = f"({value} + eps)", f"({value}/sqrt(kappa) + eps_new)"
    proof.congruent(f"{name}_old_over", f"{name}_old_root", "1/(hole + eps)")
    proof.congruent(f"{name}_new_over", f"{name}_new_root", "1/(hole + eps_new)")
    denominators(proof, name, old, new)
    proof.use(f"{name}_drift", "drift", f"{name}_moved", m=FIRST, v=v, x="0")
    proof.have(
        f"{name}_speed",
        f"eta_new/{new}/h_new = eta/{old}/h",
        (),
        [
            ("1", f"{name}_drift"),
            (f"eta_new*m_scale*{FIRST}/{NEW_FIRST}/h_new", f"{name}_new_over"),
            (f"eta_new/{new}/h_new", "first_ratio"),
            (f"eta*{FIRST}/{FIRST}/h", f"{name}_old_over"),
            (f"eta/{old}/h", "first_corrected_unit"),
        ],
    )
    equal_steps(proof, name, value, "step_time_unit")


def shown(proof: Proof) -> None:
    """With kappa = 4 and v/4 for v, the denominator is half of what it was."""
    proof.have("first_passed", "1 > 0")
    positive_correction(proof, "first", "1")
    correction = "(1 - exp(-1))"
    old, new = f"(sqrt(v/{correction}) + 1/100)", f"(sqrt(1/4*v/{correction}) + 1/200)"
    claim = (
        f"-1/5*(1*m/{correction})/{new}/(1/25) - 1/5*(1/5)*x/(1/25)"
        f" = -1/10*(m/{correction})/{old}/(1/100) - 1/10*(1/10)*x/(1/100)"
    )
    with proof.fixing("drift", f"forall m real, v real, x real: v > 0 => {claim}", "moved") as inner:
        inner.have("x_positive", f"v/{correction} > 0", ["moved*first_corrected_inverse"])
        inner.have("y_positive", "4 > 0")
        quotient_of_roots(inner, f"v/{correction}", "4")
        known_root(inner, "two", "4", "2")
        inner.have("half", f"2*{new} = {old}", (), ["product", (f"sqrt(v/{correction}/4)", "two"), "quotient"])
        inner.have("old", f"{old} > 0", ["positive_root_of_x"])
        inner.have("new", f"{new} > 0", ["positive_root_of_quotient"])
        halved(inner, old, new)
        inner.have("done", claim, (), [(f"m/{correction}", "over")])


THEOREM = Theorem(
    theorem="square_root_scaling_of_adam_is_unique",
    title="Square-root scaling of Adam and AdamW is unique",
    says="""Divide the noise covariance of AdamW (of Adam, where both decays are 0) by kappa. If other eta', beta1',
    beta2', eps', lambda' and another time h' per step, with m and v stored in other scales, keep the drift of the
    parameters x at one time t, the drift of m and of v, at all states, gradients G and variances S, and the diffusion
    of m at one S other than 0, in one coordinate, then m is stored as it was, v divided by kappa, h' = kappa h, 1 -
    beta_i' = kappa (1 - beta_i), eta' = sqrt(kappa) eta, eps' = eps/sqrt(kappa) and lambda' = sqrt(kappa) lambda.""",
    sources=["malladi2022sdes, square-root scaling rule"],
    variables=dict.fromkeys(
        (
            *"eta eta_new beta1 beta1_new beta2 beta2_new eps eps_new lam lam_new h h_new t kappa".split(),
            "m_scale",
            "v_scale",
            "S",
        ),
        "real",
    ),
    hypotheses={
        "steps": "eta > 0",
        "first_average": "beta1 < 1",
        "second_average": "beta2 < 1",
        "eps_sign": "eps >= 0",
        "eps_new_sign": "eps_new >= 0",
        "step_time": "h > 0",
        "new_time": "h_new > 0",
        "later": "t > 0",
        "larger": "kappa > 0",
        "m_stored": "m_scale > 0",
        "v_stored": "v_scale > 0",
        "noise": "S /= 0",
        "drift": f"forall m real, v real, x real: v > 0 => {DRIFT}",
        "mean": f"forall G real, m real: {MEAN}",
        "spread": SPREAD,
        "square": f"forall s real, v real: {SQUARE.replace('S', 's')}",
    },
    claims={
        "m_unscaled": "m_scale = 1",
        "v_rescaled": "v_scale = 1/kappa",
        "duration": "h_new = kappa*h",
        "first_averaging": "1 - beta1_new = kappa*(1 - beta1)",
        "second_averaging": "1 - beta2_new = kappa*(1 - beta2)",
        "step_size": "eta_new = sqrt(kappa)*eta",
        "eps_scaled": "eps_new = eps/sqrt(kappa)",
        "decay_scaled": "lam_new = sqrt(kappa)*lam",
    },
    lemmas=["linear_scaling_of_momentum_is_unique", "root_of_quotient"],
    model={
        "eta": "1/10",
        "eta_new": "1/5",
        "beta1": "9/10",
        "beta1_new": "3/5",
        "beta2": "9/10",
        "beta2_new": "3/5",
        "eps": "1/100",
        "eps_new": "1/200",
        "lam": "1/10",
        "lam_new": "1/5",
        "h": "1/100",
        "h_new": "1/25",
        "t": "1/10",
        "kappa": "4",
        "m_scale": "1",
        "v_scale": "1/4",
        "S": "2",
    },
    shown=shown,
    script=script,
    instances=[
        Instance(
            "batches 9/4 times as large",
            {
                **{"kappa": "9/4", "h": "1/100", "h_new": "9/400", "t": "1/10", "m_scale": "1", "v_scale": "4/9"},
                **{"beta1": "9/10", "beta1_new": "31/40", "beta2": "19/20", "beta2_new": "71/80"},
                **{"eta": "1/8", "eta_new": "3/16", "eps": "1/50", "eps_new": "1/75", "lam": "1/5", "lam_new": "3/10"},
                "S": "3",
            },
        )
    ],
)
