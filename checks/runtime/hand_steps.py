"""One step of a few rules, written by hand from the papers in plain arithmetic: it shares no code with ours.

They stand against the mutants of derived SDEs. Each takes old values by letter (theta, g, t, states and
hyperparameters; any numbers that can be added, multiplied and rooted) and returns the new values by letter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Values = Mapping[str, Any]
Step = Callable[[Values], dict[str, Any]]
HALF = 0.5  # exact in every arithmetic: x ** HALF is the root of x


def sgd(o: Values) -> dict[str, Any]:
    return {"theta": o["theta"] - o["eta"] * o["g"]}


def sgd_averaged(o: Values) -> dict[str, Any]:
    """Momentum as an average of gradients, Sutskever et al. 2013 in the averaged form; after the first step."""
    b = o["mu"] * o["b"] + (1 - o["mu"]) * o["g"]
    return {"b": b, "theta": o["theta"] - o["eta"] * b}


def rmsprop_old(o: Values) -> dict[str, Any]:
    """Malladi et al. 2022: the denominator is that of the step before, eps outside the root."""
    theta = o["theta"] - o["eta"] * o["g"] / (o["v"] ** HALF + o["eps"])
    return {"theta": theta, "v": o["beta2"] * o["v"] + (1 - o["beta2"]) * o["g"] ** 2}


def rmsprop(o: Values) -> dict[str, Any]:
    v = o["beta2"] * o["v"] + (1 - o["beta2"]) * o["g"] ** 2
    return {"v": v, "theta": o["theta"] - o["eta"] * o["g"] / (v**HALF + o["eps"])}


def adam(o: Values) -> dict[str, Any]:
    """Kingma & Ba 2015, Algorithm 1."""
    m = o["beta1"] * o["m"] + (1 - o["beta1"]) * o["g"]
    v = o["beta2"] * o["v"] + (1 - o["beta2"]) * o["g"] ** 2
    m_hat, v_hat = m / (1 - o["beta1"] ** o["t"]), v / (1 - o["beta2"] ** o["t"])
    return {"m": m, "v": v, "theta": o["theta"] - o["eta"] * m_hat / (v_hat**HALF + o["eps"])}


def adamw(o: Values) -> dict[str, Any]:
    """Loshchilov & Hutter 2019, Algorithm 2: the decay acts on the old parameters, beside the step of Adam."""
    new = adam(o)
    return {**new, "theta": new["theta"] - o["eta"] * o["lambda"] * o["theta"]}


def adagrad(o: Values) -> dict[str, Any]:
    """Duchi, Hazan & Singer 2011, Figure 1; the step size falls as eta / (1 + (t - 1) delta)."""
    v = o["v"] + o["g"] ** 2
    eta = o["eta"] / (1 + (o["t"] - 1) * o["delta"])
    return {"v": v, "theta": o["theta"] - eta * o["g"] / (v**HALF + o["eps"])}


def sign_of(x: Any) -> int:
    return int(x > 0) - int(x < 0)


def signsgd(o: Values) -> dict[str, Any]:
    """Bernstein et al. 2018, Algorithm 1."""
    return {"theta": o["theta"] - o["eta"] * sign_of(o["g"])}


def lion(o: Values) -> dict[str, Any]:
    """Chen et al. 2023, Algorithm 2: the step is along the sign of one average, the state is another."""
    c = o["beta1"] * o["m"] + (1 - o["beta1"]) * o["g"]
    theta = o["theta"] - o["eta"] * (sign_of(c) + o["lambda"] * o["theta"])
    return {"theta": theta, "m": o["beta2"] * o["m"] + (1 - o["beta2"]) * o["g"]}


BY_HAND: Mapping[str, Step] = {
    "sgd": sgd,
    "sgd@momentum=ema": sgd_averaged,
    "rmsprop@second_moment=old": rmsprop_old,
    "rmsprop": rmsprop,
    "adam": adam,
    "adamw": adamw,
    "adagrad": adagrad,
    "signsgd": signsgd,
    "lion": lion,
}
