"""Functions of optax, and the rules that they follow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sympy import Rational

from .packages import Pairing, imported, quiet
from .scenario import Array, Scenario, flat

WORDS: Mapping[str, str] = {
    "eta": "learning_rate",
    "beta1": "b1",
    "beta2": "b2",
    "beta3": "b3",
    "beta": "b1",
    "eps": "eps",
    "lambda": "weight_decay",
    "lambda2": "weight_decay",
    "mu": "momentum",
    "alpha": "alpha",
    "v0": "initial_accumulator_value",
}
"""Our letter -> optax's keyword, where a pairing names no other one."""


def pair(name: str, rule_text: str, options: Mapping[str, Any] | None = None, **more: Any) -> Pairing:
    words = {**WORDS, **more.pop("words", {})}
    return Pairing(f"optax.{name}", rule_text, options or {}, words=words, **more)


def _adam_family() -> Iterator[Pairing]:
    root = {"words": {"eps": "eps_root"}}
    twice = {"words": {"eps": ("eps", "eps_root")}}
    yield pair("adam", "adam")
    yield pair("adam", "adam@eps=inside", {"eps": 0.0}, **root)
    yield pair("adam", "adam@eps=both", **twice)
    yield pair("adamw", "adamw")
    yield pair("amsgrad", "adam@amsgrad=corrected")
    yield pair("amsgrad", "amsgrad@correction=first", {"bias_correction_nu": False})
    yield pair("amsgrad", "amsgrad", {"bias_correction_mu": False, "bias_correction_nu": False})
    yield pair("nadam", "nadam@schedule=constant", fixed={"lambda": 0})
    yield pair("nadamw", "nadam@schedule=constant")
    yield pair("radam", "radam@eps=outside", fixed={"lambda": 0}, small={"beta2": 0.9})
    yield pair("adabelief", "adabelief", **twice)
    yield pair("adabelief", "adabelief@damped=once", {"eps_root": 0.0})
    yield pair("yogi", "yogi@m0=same", fixed={"v0": Rational(1, 10**6)})
    yield pair("adamax", "adamax")
    yield pair("adamaxw", "adamax", around=("decoupled",))
    yield pair("lamb", "lamb")
    yield pair("contrib.ademamix", "ademamix")
    yield pair(
        "adafactor",
        "adafactor@damping=added,relative=no,decay=independent",
        {"min_dim_size_to_factor": 1},
        fixed={"eps2": Rational(1, 1000)},
        words={"eps1": "eps", "power": "decay_rate", "c": "clipping_threshold", "lambda": "weight_decay_rate"},
    )
    yield pair("contrib.adopt", "adopt@clip=growing", fixed={"lambda": 0, "power": Rational(1, 4)})
    yield pair("contrib.adopt", "adopt", {"use_clipping": False}, fixed={"lambda": 0})


def _others() -> Iterator[Pairing]:
    yield pair("sgd", "sgd")
    yield pair("sgd", "sgd@momentum=heavy_ball", fixed={"tau": 0})
    yield pair("sgd", "sgd@momentum=heavy_ball,nesterov=yes", {"nesterov": True}, fixed={"tau": 0})
    yield pair("adadelta", "adadelta", around=("l2",), words={"beta": "rho"})
    yield pair("adagrad", "adagrad@eps=inside", fixed={"delta": 0})
    square = {"words": {"beta2": "decay"}}
    yield pair("rmsprop", "rmsprop@eps=inside", **square)
    yield pair("rmsprop", "rmsprop", {"eps_in_sqrt": False}, **square)
    yield pair("rmsprop", "rmsprop@eps=inside,start=one", {"initial_scale": 1.0}, **square)
    yield pair("rmsprop", "rmsprop@eps=inside,correction=second", {"bias_correction": True}, **square)
    yield pair("rmsprop", "rmsprop@eps=inside,centered=yes", {"centered": True}, **square)
    yield pair("rmsprop", "rmsprop@eps=inside,momentum=inside", **square)
    yield pair("rmsprop", "rmsprop@eps=inside,momentum=inside,centered=yes", {"centered": True}, **square)
    yield pair("lion", "lion")
    yield pair("sign_sgd", "signsgd")
    yield pair("signum", "signum", words={"mu": "beta"}, fixed={"lambda": 0})
    yield pair("contrib.madgrad", "madgrad@offset=eps", around=("l2",))
    free = {"outputs": ("evaluation",)}
    yield pair("contrib.schedule_free_sgd", "schedule_free_sgd@weights=largest", **free)
    yield pair("contrib.schedule_free_adamw", "schedule_free_adamw@weights=largest", **free)
    slow = {"around": ("lookahead",), "shared": {"every": "sync_period", "share": "slow_step_size"}}
    yield pair("sgd", "sgd@momentum=heavy_ball", fixed={"tau": 0}, wrapper="optax.lookahead", **slow)
    yield pair("lion", "lion", wrapper="optax.lookahead", **slow)


def _chained() -> Iterator[Pairing]:
    """One tensor for each group, so that a norm over all that a transformation sees is one over a tensor."""
    single = {"shapes": ((2, 3), (3, 2), (4,)), "shared": {"c": "threshold"}}
    here = f"{__name__}.{{}}".format
    yield pair("sgd", "sgd", around=("clip_by_norm",), wrapper=here("clip_by_global_norm"), **single)
    yield pair("sgd", "sgd", around=("clip_by_value",), wrapper=here("clip"), **single)
    yield pair("sgd", "sgd@momentum=ema,first=damped", {"momentum": None}, wrapper=here("ema"), shared={"mu": "decay"})


def clip_by_global_norm(inner: Any, threshold: float) -> Any:
    """The transformation after optax.clip_by_global_norm."""
    import optax

    return optax.chain(optax.clip_by_global_norm(threshold), inner)


def clip(inner: Any, threshold: float) -> Any:
    """The transformation after optax.clip."""
    import optax

    return optax.chain(optax.clip(threshold), inner)


def ema(inner: Any, decay: float, debias: bool = False) -> Any:
    """The transformation after optax.ema."""
    import optax

    return optax.chain(optax.ema(decay, debias=debias), inner)


def debiased_ema(inner: Any, decay: float) -> Any:
    """The transformation after optax.ema as it is by default."""
    return ema(inner, decay, debias=True)


PAIRINGS = (*_adam_family(), *_others(), *_chained())


class _Group:
    """The parameters that share hyperparameters: one transformation, its state, and what it has reached."""

    def __init__(self, pairing: Pairing, start: list[Array], letters: Mapping[str, float]) -> None:
        import jax
        import jax.numpy as jnp

        self.pairing = pairing
        self.letters: Mapping[str, float] = {}
        self.at: Any = [jnp.asarray(a) for a in start]
        if pairing.wrapper == "optax.lookahead":
            self.at = imported("optax.LookaheadParams").init_synced(self.at)
        self._settle(letters)
        self.state = jax.tree.map(_with_long_counter, self.transformation.init(self.at))

    def _settle(self, letters: Mapping[str, float]) -> None:
        """Where a step size changes, another transformation goes on from the state."""
        import jax

        if letters != self.letters:
            self.letters, pairing = letters, self.pairing
            made = imported(pairing.name)(**{**pairing.arguments(letters), **pairing.options})
            if pairing.wrapper:
                made = imported(pairing.wrapper)(made, **pairing.common(letters))
            self.transformation = made
            self.update = jax.jit(made.update)

    def step(self, gradients: list[Array], letters: Mapping[str, float]) -> list[list[Any]]:
        """theta, and evaluation weights where the pairing has some, tensor by tensor."""
        import jax.numpy as jnp
        import optax

        self._settle(letters)
        updates, self.state = self.update([jnp.asarray(g) for g in gradients], self.state, self.at)
        self.at = optax.apply_updates(self.at, updates)
        reached = [getattr(self.at, "fast", self.at)]
        if "evaluation" in self.pairing.outputs:
            reached.append(imported("optax.contrib.schedule_free_eval_params")(self.state, self.at))
        return reached


def _with_long_counter(leaf: Any) -> Any:
    """Counters of 64 bits: the root of one of 32 bits has single precision (MADGRAD)."""
    return leaf.astype("int64") if leaf.dtype == "int32" else leaf


def optax_run(pairing: Pairing, scenario: Scenario, form: str = "") -> Iterator[Array]:
    """theta, and the outputs of the pairing, after each step; one transformation for each group, in float64."""
    groups = range(len(scenario.settings[0]))
    members = [[k for k, owner in enumerate(scenario.groups) if owner == number] for number in groups]
    order = [k for own in members for k in own]
    with quiet(), in_double():
        runs = [
            _Group(pairing, [scenario.start[k] for k in own], scenario.settings[0][number])
            for number, own in enumerate(members)
        ]
    for gradients, settings in zip(scenario.gradients, scenario.settings, strict=True):
        with quiet(), in_double():
            reached = [
                run.step([gradients[k] for k in own], letters)
                for run, own, letters in zip(runs, members, settings, strict=True)
            ]
        # From group by group to tensor by tensor.
        kinds = [[tensor for part in parts for tensor in part] for parts in zip(*reached, strict=True)]
        yield flat([kind[order.index(k)] for kind in kinds for k in range(len(order))])


@contextmanager
def in_double() -> Iterator[None]:
    """optax in float64, with its internal roundings to single precision taken out (Adafactor's schedule)."""
    from unittest.mock import patch

    import jax

    with jax.enable_x64(True), patch.object(jax.numpy, "float32", jax.numpy.float64):
        yield
