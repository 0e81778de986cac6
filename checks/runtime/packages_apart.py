"""What packages compute that is no option of ours: each as the equations in which it differs, and in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sympy import Max, Piecewise, Rational, sign

from driftproof.theory.amend import average
from driftproof.theory.functions import sqrt
from driftproof.theory.nodes import reduce
from driftproof.theory.rule import Hyperparameter, State, eq
from driftproof.theory.symbols import columns, g, new, rows, symbol, t, theta

from .packages import Pairing
from .packages_optax import pair
from .packages_torch import COUPLED, DECOUPLED, FOREACH
from .scenario import NOT_EMPTY

b, d, m, n, r, u, v, x, z, step, denom = map(symbol, "b d m n r u v x z step denom".split())
eta, mu, eps, eps2, beta1, beta2, beta3 = map(symbol, "eta mu eps eps2 beta1 beta2 beta3".split())
lambda_, share, every, slow, since, p_used, q = map(symbol, "lambda share every theta_slow since p_used q".split())
bias1, bias2, v_hat, v_max, v_used, jump = map(symbol, "bias1 bias2 v_hat v_max v_used jump".split())
raw, mask, size = map(symbol, "theta_raw mask size".split())
DECAY = [Hyperparameter(lambda_, "0")]

hidden = eq(denom, sqrt(v_hat + Rational("1e-15") / bias2) + eps / sqrt(bias2))
belief = eq(new(v), beta2 * v + (1 - beta2) * (g - new(m)) ** 2 + eps)
guarded_ratio = eq(r, Piecewise((1, p_used <= 0), (1, q <= 0), (p_used / (q + eps), True)))
due = since + 1 >= every


def _torch(name: str, rule_text: str, *equations: Any, apart: str, **more: Any) -> Pairing:
    extra = {word: more.pop(word) for word in ("hyperparameters", "state") if word in more}
    return Pairing(name, rule_text, apart=apart, changed={"equations": equations, **extra}, **more)


def _optax(name: str, rule_text: str, *equations: Any, apart: str, **more: Any) -> Pairing:
    extra = {word: more.pop(word) for word in ("hyperparameters", "state") if word in more}
    return pair(name, rule_text, apart=apart, changed={"equations": equations, **extra}, **more)


def _hidden_constants() -> Iterator[Pairing]:
    said = "1e-15 is added to v under the root, and eps to that, before the correction"
    yield _torch(
        "pytorch_optimizer.LaProp", "laprop@inner=eta,decay=after", hidden, apart=said, options=DECOUPLED, forms=FOREACH
    )
    yield _torch(
        "pytorch_optimizer.ScheduleFreeAdamW",
        "schedule_free_adamw@weights=largest",
        eq(denom, sqrt(new(v) / (1 - beta2**t) + Rational("1e-15")) + eps),
        apart="1e-15 is added to the corrected v under the root",
        outputs=("evaluation",),
        forms=FOREACH,
    )
    bound = {"with_eta": ("final",), "small": {"gamma": 1e-9}, "forms": FOREACH}
    for amsgrad, options in (("off", {}), ("raw", {"ams_bound": True})):
        yield _torch(
            "pytorch_optimizer.AdaBound",
            f"adabound@amsgrad={amsgrad}",
            hidden,
            apart=said,
            options={**COUPLED, **options},
            around=("l2",),
            **bound,
        )


def _trust_ratios() -> Iterator[Pairing]:
    text, name = "lamb@correction=none,trust=clamped", "pytorch_optimizer.Lamb"
    held: dict[str, Any] = {"fixed": {"c": 10}, "forms": FOREACH}
    yield _torch(
        name,
        text,
        guarded_ratio,
        eq(step, eta / (1 - beta1**t) * r * d),
        apart="the first moment's correction is outside the trust ratio, v has none, and eps is added to the norm of d",
        options=COUPLED,
        **held,
    )
    yield _torch(
        name,
        text,
        guarded_ratio,
        apart="neither moment is corrected, and eps is added to the norm of d",
        options={**COUPLED, "adam_debias": True},
        **held,
    )
    yield _torch(
        "torch_optimizer.Lamb",
        text,
        eq(step, eta * sqrt(1 - beta2**t) / (1 - beta1**t) * r * d),
        apart="both corrections are outside the trust ratio, which cannot cancel them there",
        options={"debias": True},
        shared={"c": "clamp_value"},
    )


def _second_moments() -> Iterator[Pairing]:
    said = "AdaBelief's second moment in RAdam's step"
    quiet = {"print_change_log": False}
    yield _torch("adabelief_pytorch.AdaBelief", "radam", belief, apart=said, options=quiet)
    yield _torch("pytorch_optimizer.AdaBelief", "radam", belief, apart=said, options={**DECOUPLED, "rectify": True})
    yield _torch(
        "torch_optimizer.AdaBelief",
        "radam@eps=outside,threshold=four,unadapted=raw",
        belief,
        apart=f"{said}, with eps outside, the threshold 4, and the raw m before it",
        options={**COUPLED, "rectify": True},
        around=("l2",),
        fixed={"lambda": 0},
    )
    yield _torch(
        "torch_optimizer.AdaBelief",
        "adabelief@damped=once,amsgrad=raw",
        eq(new(v_max), Max(v_max, v_used) + eps),
        apart="eps is added in each step to the maximum and not to v, so that the maximum grows without end",
        options={**COUPLED, "rectify": False, "amsgrad": True},
        around=("l2",),
    )
    yield _optax(
        "rmsprop",
        "rmsprop@eps=inside,correction=second,centered=yes",
        eq(denom, sqrt(new(v) / bias2 - (new(m) / bias2) ** 2 + eps)),
        apart="m is corrected too, before it is squared",
        options={"centered": True, "bias_correction": True},
        words={"beta2": "decay"},
    )


def _decays() -> Iterator[Pairing]:
    average_of = eq(new(theta), mu * theta + (1 - mu) * z - (eta + eps) * lambda_ * theta)
    for name, options in (
        ("madgrad.MADGRAD", {"decouple_decay": True}),
        ("pytorch_optimizer.MADGRAD", DECOUPLED),
    ):
        said = "decoupled decay with (eta + eps) lambda"
        yield _torch(name, "madgrad@offset=eps", average_of, apart=said, options=options, hyperparameters=DECAY)
    yield _torch(
        "torch_optimizer.SGDW",
        "sgd@momentum=heavy_ball",
        eq(new(theta), theta - eta * d - eta * lambda_),
        apart="the decay subtracts eta lambda itself, not that share of theta",
        hyperparameters=DECAY,
    )


def _steps() -> Iterator[Pairing]:
    ahead = (new(m) / (1 - beta1**t) + (1 - beta2) * new(v) / (1 - beta2**t)) / denom
    yield _optax(
        "adan",
        "adan",
        average(n, (g + (1 - beta2) * jump) ** 2, beta3),
        eq(raw, theta - eta * ahead),
        apart="1 - beta2 stands for beta2 before the differences, which its own documentation does not say",
        options={"eps_root": 0.0},
    )
    yield _optax(
        "rprop",
        "rprop",
        eq(new(u), sign(d) * new(size)),
        eq(new(theta), theta - Piecewise((0, r < 0), (u, True))),
        apart="each step is taken one step late",
        state=[State(u, init=0)],
        words={"up": "eta_plus", "down": "eta_minus", "low": "min_step_size", "high": "max_step_size"},
    )
    yield _optax(
        "rmsprop",
        "rmsprop@eps=inside,momentum=inside",
        eq(new(theta), theta - (mu * new(b) + eta * d)),
        apart="a look-ahead with the momentum",
        options={"nesterov": True},
        words={"beta2": "decay"},
    )
    yield _optax(
        "sgd",
        "sgd@momentum=ema,first=damped",
        eq(d, new(b) / (1 - mu**t)),
        apart="the average is corrected",
        options={"momentum": None},
        wrapper=f"{pair.__module__}.debiased_ema",
        shared={"mu": "decay"},
    )
    bold = {"words": {"mu": "beta"}}
    early = mu * new(b) / (1 - mu ** (t + 1)) + (1 - mu) * g / (1 - mu**t)
    yield _optax(
        "contrib.muon",
        "muon@eps=outside",
        eq(x, early),
        eq(step, eta * sqrt(Max(1, columns / rows))),
        apart="NAdam's corrected look-ahead, and a matrix is the transpose of torch's",
        **bold,
    )
    yield _optax(
        "contrib.muon",
        "muon@eps=outside,scale=match_rms",
        eq(x, early),
        apart="NAdam's corrected look-ahead",
        options={"consistent_rms": 0.2},
        **bold,
    )
    yield _optax(
        "contrib.muon",
        "muon@eps=outside,scale=match_rms,nesterov=no",
        eq(x, new(b) / (1 - mu**t)),
        apart="the average is corrected",
        options={"consistent_rms": 0.2, "nesterov": False},
        **bold,
    )


def _wrappers() -> Iterator[Pairing]:
    yield _torch(
        "pytorch_optimizer.SGDW",
        "sgd@momentum=heavy_ball",
        eq(new(theta), Piecewise((raw, t <= 1), (slow + share * (raw - slow), due), (raw, True))),
        eq(new(slow), Piecewise((raw, t <= 1), (new(theta), due), (slow, True))),
        eq(new(since), Piecewise((0, t <= 1), (0, due), (since + 1, True))),
        apart="Lookahead's slow weights start after the first step, and its steps are counted from there",
        wrapper="torch_optimizer.Lookahead",
        around=("lookahead",),
        shared={"every": "k", "share": "alpha"},
        late=True,
    )
    moved = (raw - theta) * mask * rows * columns / (reduce("sum", mask, over="tensor") + 1)
    for name, text in (("Lion", "lion"), ("ADOPT", "adopt@clip=counted")):
        yield _torch(
            f"pytorch_optimizer.{name}",
            text,
            eq(new(theta), theta + moved),
            apart="the cautious share of entries is (count + 1)/size",
            options={"cautious": True},
            around=("cautious",),
            fixed={"lambda": 0, "power": Rational(1, 4)} if name == "ADOPT" else {"lambda": 0},
            forms=FOREACH,
            shapes=NOT_EMPTY,
            late=True,
        )


PAIRINGS = (
    *_hidden_constants(),
    *_trust_ratios(),
    *_second_moments(),
    *_decays(),
    *_steps(),
    *_wrappers(),
)
