"""AMSGrad: Adam whose second moment never falls (Reddi, Kale & Kumar 2018, Algorithm 2)."""

from ..language import *
from .adam import adam

amsgrad = amend(
    "amsgrad",
    adam,
    source=Source("reddi2018convergence", "Algorithm 2", "alpha_t is eta; the paper has neither correction nor eps"),
    defaults={"amsgrad": "raw", "correction": "none"},
    held={"second_moment": "new"},
    used_in=["torch.optim.Adam(amsgrad=True)", "optax.amsgrad", "keras.optimizers.Adam(amsgrad=True)"],
    disagreements=[
        "torch and Keras correct both moments (correction=both).",
        "optax too, and takes the maximum of v_hat."],
)
