"""RAdam: Adam whose step is rectified, and not adaptive while v has seen too few steps (Liu et al. 2020)."""

from ..language import *
from .adam import adam

threshold = Convention("threshold", {"five": "adaptive where rho > 5 (torch)", "four": "where rho > 4 (paper)"})
unadapted = Convention("unadapted", {
    "corrected": "before that m_hat (paper, torch)", "raw": "m (early authors' code)", "none": "no step (its option)"})

undecayed = amend(
    "radam",
    adam,
    [
        eq(rho_max, 2 / (1 - beta2) - 1),
        eq(rho, rho_max - 2 * t * beta2**t / bias2),
        eq(r, sqrt(Max(0, (rho - 4) * (rho - 2) * rho_max / ((rho_max - 4) * (rho_max - 2) * rho)))),
        eq(step, eta * Piecewise(
            (r * m_hat / denom, rho > choose("threshold", five=5, four=4)),
            (choose("unadapted", corrected=m_hat, raw=new(m), none=0), True))),
    ],
    source=Source("liu2020variance", "Algorithm 2", "rho_inf is rho_max; the paper has no eps"),
    conventions=[threshold, unadapted],
    held={"second_moment": "new", "correction": "both", "amsgrad": "off"},
    defaults={"eps": "hat"},
    names={"rho": "length of the average seen so far", "rho_max": "length of the second moment's memory"},
)
early = rho <= choose("threshold", five=5, four=4)
rectified = Piecewise((theta_raw, early), (theta_raw - eta * lambda_ * theta, True))
radam = compose(
    "radam", undecayed, [decoupled_decay("0", rectified=rectified)],
    conventions=[decay_orders(rectified="as before, but none while the step is not adaptive")],
    used_in=["torch.optim.RAdam", "optax.radam", "timm.optim.RAdamLegacy"],
    disagreements=[
        "optax: eps=outside; pytorch_optimizer: none, decay=rectified.",
        "The authors' rho >= 5 differs at equality only."])
