"""Optimizers that are functions: four methods, with state that is handed in and out.

    init(params, **hyperparameters) -> state
    step(params, grads, state, **hyperparameters) -> (params, state)
    step(params, grads, state, loss, **hyperparameters)            (instead, where the step takes the loss)
    save(state) -> anything        (optional: copy.deepcopy)
    load(anything) -> state        (optional: copy.deepcopy)

params and grads are lists of arrays. A class with these methods (made without arguments), an object or a module
will do. Hyperparameters are the keywords of step that follow these.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from driftproof.checks.runtime.packages import quiet
from driftproof.theory.errors import DriftproofError

from .signature import Signature
from .subject import Array, Group
from .torch_class import written


class FunctionalSubject:
    """See subject.Subject."""

    kind = "functional"

    def __init__(self, methods: Any, name: str, where: str, version: str, header: Sequence[str]) -> None:
        self.maker, self.name, self.where, self.version = methods, name, where, version
        self.title = name.rpartition(":")[2]
        self.made = isinstance(methods, type)
        self.methods = methods() if self.made else methods
        self._header = list(header)
        self.takes_loss = list(inspect.signature(self.methods.step).parameters)[3:4] == ["loss"]
        self.signature = Signature.of(self.methods.step, 4 if self.takes_loss else 3)
        self.at_init = _keywords(self.methods.init)

    def start(
        self,
        tensors: Sequence[Array],
        keywords: Mapping[str, Any],
        groups: Sequence[Group] = (),
        dtype: str = "float64",
    ) -> FunctionalLive:
        if groups:
            raise DriftproofError(f"{self.name} has no groups.", "A functional optimizer has one set of keywords.")
        return FunctionalLive(self, [np.array(a, dtype=dtype) for a in tensors], dict(keywords))

    @property
    def loss_given(self) -> str:
        """How a script goes on after the state."""
        return f", {FunctionalLive.loss}" if self.takes_loss else ""

    def header(self) -> list[str]:
        return ["import numpy as np", *self._header]

    def script(self, tensors: Sequence[Array], keywords: Mapping[str, Any], gradients: Sequence[Any]) -> list[str]:
        here = f"{self.title}()" if self.made else self.title
        shown = "".join(f", {k}={v!r}" for k, v in keywords.items())
        at_init = "".join(f", {k}={v!r}" for k, v in keywords.items() if self.at_init is None or k in self.at_init)
        wrap = "np.array({})".format
        given = ", ".join(wrap(written(a)) for a in tensors)
        series = ", ".join(f"[{', '.join(wrap(written(g)) for g in step)}]" for step in gradients)
        return [
            f"optimizer, params = {here}, [{given}]",
            f"state = optimizer.init(params{at_init})",
            f"for grads in [{series}]:",
            f"    params, state = optimizer.step(params, grads, state{self.loss_given}{shown})",
            "got = [x for p in params for x in np.ravel(p).tolist()]",
        ]


class FunctionalLive:
    """See subject.Live. loss: of the steps to come, for a step that takes it; as in torch_class.TorchLive."""

    loss = 2.0

    def __init__(self, subject: FunctionalSubject, tensors: list[Array], keywords: dict[str, Any]) -> None:
        self.subject, self.params, self.keywords = subject, tensors, keywords
        with quiet():
            self.state = subject.methods.init(self.params, **self._known(subject.at_init))

    def _known(self, names: Sequence[str] | None) -> dict[str, Any]:
        return {k: v for k, v in self.keywords.items() if names is None or k in names}

    def step(self, gradients: Sequence[Array | None]) -> None:
        if any(g is None for g in gradients):
            raise DriftproofError("A functional optimizer has a gradient for every tensor.")
        self.hand([np.array(g, dtype=p.dtype) for g, p in zip(gradients, self.params, strict=True)])

    def hand(self, grads: list[Array]) -> None:
        """One step with these very arrays."""
        given = [self.params, grads, self.state, *([self.loss] if self.subject.takes_loss else [])]
        with quiet():
            params, self.state = self.subject.methods.step(*given, **self.keywords)
        self.params = list(params)

    def set(self, keywords: Mapping[str, Any]) -> None:
        self.keywords = {**self.keywords, **keywords}

    def theta(self) -> list[Array]:
        return [np.array(p, dtype=np.float64) for p in self.params]

    def save(self) -> Any:
        return getattr(self.subject.methods, "save", copy.deepcopy)(self.state)

    def load(self, saved: Any) -> None:
        self.state = getattr(self.subject.methods, "load", copy.deepcopy)(saved)


def _keywords(function: Any) -> tuple[str, ...] | None:
    """The keywords that a function takes after its first parameter; None if it takes all."""
    parameters = list(inspect.signature(function).parameters.values())
    if any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters):
        return None
    return tuple(p.name for p in parameters[1:])
