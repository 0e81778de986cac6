"""QHAdam: each of Adam's averages mixed with its newest value (Ma & Yarats 2019, Section 4)."""

from ..language import *
from .adam import adam

qhadam = amend(
    "qhadam",
    adam,
    [
        eq(m_hat, (1 - nu1) * g + nu1 * new(m) / bias1),
        eq(v_hat, (1 - nu2) * g**2 + nu2 * new(v) / bias2),
    ],
    source=Source("ma2019quasi", "Section 4, QHAdam", "alpha is eta; nu1 = nu2 = 1 is Adam"),
    held={"second_moment": "new", "amsgrad": "off"},
    hyperparameters=[hyper(nu1, "0.7"), hyper(nu2, "1"), hyper(beta1, "0.995")],
    used_in=["qhoptim.pyt.QHAdam", "torch_optimizer.QHAdam", "pytorch_optimizer.QHAdam"],
    disagreements=["Defaults differ: the paper's for language models are nu1 = 0.8, nu2 = 0.7."],
)
