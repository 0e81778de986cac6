"""Subclasses of torch.optim.Optimizer, and anything that has their shape: made from parameters, with a step."""

from __future__ import annotations

import inspect
import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from driftproof.checks.runtime.packages import quiet

from .signature import Signature
from .subject import Array, Group


class TorchSubject:
    """See subject.Subject."""

    kind = "torch"

    def __init__(self, maker: Any, name: str, where: str, version: str, header: Sequence[str]) -> None:
        import torch
        import torch._dynamo  # (torch imports it with the first optimizer; it is no part of an audit)

        self.maker, self.name, self.where, self.version = maker, name, where, version
        self.title = getattr(maker, "__name__", name)
        self._header = list(header)
        self.signature = Signature.of(maker, 1)
        self.form = _form_of_step(maker)
        self._types = {name: getattr(torch, name) for name in ("float32", "float16", "bfloat16", "half")}

    def start(
        self,
        tensors: Sequence[Array],
        keywords: Mapping[str, Any],
        groups: Sequence[Group] = (),
        dtype: str = "float64",
    ) -> TorchLive:
        import torch

        kind = getattr(torch, dtype)
        parameters = [torch.nn.Parameter(torch.as_tensor(np.array(a)).to(kind)) for a in tensors]
        self.signature.check_complete(keywords)
        with quiet():
            if groups:
                given: Any = [{"params": [parameters[k] for k in g.members], **g.keywords} for g in groups]
            else:
                given = parameters
            try:
                return TorchLive(self, self.maker(given, **keywords), parameters)
            except SystemExit as stop:  # an option whose library is missing, say
                raise RuntimeError(f"the constructor calls exit({stop.code or ''})") from stop

    def usual_types(self) -> Any:
        """The context in which torch's names of types mean what they usually do, also in a run in double precision."""
        from unittest.mock import patch

        import torch

        return patch.multiple(torch, **self._types)

    def header(self) -> list[str]:
        return ["import torch", *self._header]

    def script(self, tensors: Sequence[Array], keywords: Mapping[str, Any], gradients: Sequence[Any]) -> list[str]:
        wrap = "torch.tensor({}, dtype=torch.float64)".format
        names = [f"p{k}" for k in range(len(tensors))] if len(tensors) > 1 else ["p"]
        lines = [f"{n} = torch.nn.Parameter({wrap(written(a))})" for n, a in zip(names, tensors, strict=True)]
        given = "".join(f", {k}={v!r}" for k, v in keywords.items())
        lines.append(f"optimizer = {self.title}([{', '.join(names)}]{given})")
        call = step_text(self)
        series = [[written(g) for g in step] for step in gradients]
        if len(names) == 1:
            lines += [f"for g in {_row([s[0] for s in series])}:", f"    p.grad = {wrap('g')}", f"    {call}"]
        else:
            draws = ", ".join(f"g{k}" for k in range(len(names)))
            lines.append(f"for {draws} in {_row(['(' + ', '.join(s) + ')' for s in series])}:")
            lines += [f"    {n}.grad = {wrap(f'g{k}')}" for k, n in enumerate(names)]
            lines.append(f"    {call}")
        entries = ", ".join(f"*{n}.detach().flatten().tolist()" for n in names)
        return [*lines, f"got = [{entries}]"]


def _row(parts: Sequence[str]) -> str:
    return f"[{', '.join(parts)}]"


def step_text(subject: Any, name: str = "optimizer") -> str:
    """One call of step in a script, in the form that the target asks for, with the loss that a run has."""
    loss = f"torch.tensor({TorchLive.loss})"
    given = {"": "", "closure": f"lambda: {loss}"}.get(subject.form, f"loss={loss}")
    return f"{name}.step({given})"


def written(array: Any) -> str:
    """An array as nested lists of literals, None as it is."""
    return "None" if array is None else repr(np.asarray(array, dtype=float).tolist())


class TorchLive:
    """See subject.Live. optimizer, parameters: torch's own objects, for probes that are about torch.

    loss: what a closure returns, or is given as loss=, in the next step.
    """

    loss = 2.0

    def __init__(self, subject: TorchSubject, optimizer: Any, parameters: list[Any]) -> None:
        self.subject, self.optimizer, self.parameters = subject, optimizer, parameters
        if hasattr(optimizer, "train"):  # schedule-free weights
            with quiet():
                optimizer.train()

    def step(self, gradients: Sequence[Array | None]) -> None:
        import torch

        for parameter, gradient in zip(self.parameters, gradients, strict=True):
            parameter.grad = None if gradient is None else torch.as_tensor(np.array(gradient)).to(parameter.dtype)
        self.call()

    def call(self) -> Any:
        """One step with the gradients that are there."""
        import torch

        with quiet():
            if self.subject.form == "closure":
                return self.optimizer.step(lambda: torch.tensor(self.loss, dtype=torch.float64))
            if self.subject.form == "loss":
                return self.optimizer.step(loss=torch.tensor(self.loss, dtype=torch.float64))
            return self.optimizer.step()

    def set(self, keywords: Mapping[str, Any]) -> None:
        for group in self.optimizer.param_groups:
            group.update({k: v for k, v in keywords.items() if k in group})

    def theta(self) -> list[Array]:
        return [p.detach().to("cpu").double().numpy().copy() for p in self.parameters]

    def save(self) -> Any:
        import torch

        stream = io.BytesIO()
        with self.subject.usual_types():
            torch.save(self.optimizer.state_dict(), stream)
        return stream.getvalue()

    def load(self, saved: Any) -> None:
        import torch

        with self.subject.usual_types():
            read = torch.load(io.BytesIO(saved), weights_only=False)
        with quiet():
            self.optimizer.load_state_dict(read)


def _form_of_step(maker: Any) -> str:
    """How step is called: "" without anything, with a "closure", or with a "loss"."""
    try:
        parameters = inspect.signature(maker.step).parameters
    except (AttributeError, TypeError, ValueError):
        return ""
    if "loss" in parameters:
        return "loss"
    closure = parameters.get("closure")
    return "closure" if closure is not None and closure.default is inspect.Parameter.empty else ""
