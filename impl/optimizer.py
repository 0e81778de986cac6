"""MoMo and MoMo-Adam as torch optimizers: drop-in, with one share of the step for all parameter groups.

    optimizer = MoMo(model.parameters(), lr=1.0)           # or MoMoAdam(..., lr=0.01)
    loss = criterion(model(x), y); loss.backward()
    optimizer.step(loss)                                   # or step(closure)

The rules momo and momo_adam of driftproof.theory, written once more by hand, since a training loop wants what a
compiled rule does not give: all scalars stay on the device in float64, also the count of steps, so that a step never
waits for the device, not even where it is skipped. After a look whether gradients are finite, one pass takes averages
and inner products, and a second one moves the parameters and measures how far they really moved. Tests hold both
classes against the rules, step by step.

A step whose loss, or any of whose gradients, is not finite changes nothing; `skipped` counts such steps, `below` those
whose loss lay below f_star. Nobody else may move the parameters between two steps: the model's value is carried along.
Data parallel: average the loss over processes as well as the gradients, or each process takes another share.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor

from driftproof.theory.errors import DriftproofError, OutOfDomain

SHARED = ("beta1", "f_star")
"""Values of which the model has one for all groups."""


class _Model(torch.optim.Optimizer):
    """What both have in common. The scalars lie in the first group, since torch rounds what lies beside a parameter."""

    def __init__(self, params: Iterable[Any], defaults: dict[str, Any], first: bool, star: bool, divide: bool) -> None:
        self.first, self.star, self.divide = first, star, divide
        super().__init__(params, defaults)
        device = self.param_groups[0]["params"][0].device
        names = ("t", "rho", "level", "low", "cut", "below", "skipped")
        zero = {name: torch.zeros((), dtype=torch.float64, device=device) for name in names}
        zero["low"] += defaults["f_star"]
        self.param_groups[0]["model"] = zero

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """raises: OutOfDomain for a value outside its domain, DriftproofError for one that groups must share."""
        super().add_param_group(param_group)
        group = self.param_groups[-1]
        for name, limit in (("lr", float("inf")), ("weight_decay", float("inf")), ("beta1", 1.0), ("beta2", 1.0)):
            if not 0 <= group.get(name, 0.0) < limit:
                raise OutOfDomain(f"{name} = {group[name]} lies outside [0, {limit}).", "", "Choose it there.")
        for name in SHARED:
            if group[name] != self.param_groups[0][name]:
                why = "The model of the loss is one for all groups."
                raise DriftproofError(f"{name} = {group[name]} in one group, another value before.", why, "Give one.")
        if any(p.is_complex() for p in group["params"]):
            raise DriftproofError("A parameter is complex.", "The rule is over the reals.", "Give its two parts.")

    @property
    def model(self) -> dict[str, Tensor]:
        """The scalars, on the device: t, rho, level, low, cut (the share taken last), below, skipped.

        Reading a number waits for the device.
        """
        scalars: dict[str, Tensor] = self.param_groups[0]["model"]
        return scalars

    @torch.no_grad()
    def step(self, loss: Tensor | float | Callable[[], Any] | None = None) -> Any:
        """One step. loss: of this batch, or a closure that computes it with its gradients; returned as given.

        raises: DriftproofError without a loss, or for a sparse gradient.
        """
        if callable(loss):
            with torch.enable_grad():
                loss = loss()
        if loss is None:
            why = "The length of the step comes from it."
            raise DriftproofError("MoMo needs the loss.", why, "Write step(loss), or step(closure).")
        used = [(group, p) for group in self.param_groups for p in group["params"] if p.grad is not None]
        if used:
            self._move(used, torch.as_tensor(loss, device=self.model["t"].device).detach().reshape(()).double())
        return loss

    def _move(self, used: list[tuple[dict[str, Any], Any]], f: Tensor) -> None:
        model, lead = self.model, self.param_groups[0]
        if any(p.grad.is_sparse for _, p in used):
            raise DriftproofError("A gradient is sparse.", "", "Make it dense: gradient.to_dense().")
        largest = torch.stack([p.grad.abs().amax().double() for _, p in used if p.numel()])
        fine = torch.isfinite(f) & torch.isfinite(largest).all()
        t = model["t"] + 1
        fresh = torch.full_like(t, 1 - lead["beta1"])
        if self.first:
            fresh = torch.where(t == 1, torch.ones_like(t), fresh)
        rho = model["rho"] + fresh * (1 - model["rho"])
        value = model["level"] + fresh * (f - model["level"])
        # First pass: averages, and inner products of the slope with the step and with the parameters.
        found: list[tuple[Any, ...]] = []
        q, q_plain, drift = torch.zeros_like(t), torch.zeros_like(t), torch.zeros_like(t)
        for group, p in used:
            wide = torch.promote_types(p.dtype, torch.float32)
            A = 1 + group["lr"] * group["weight_decay"]
            m, kept = self._averages(group, p, fresh, t, wide)
            move = torch.where(m == 0, 0, self._step(group, m, kept, t, rho))
            product = torch.sum(m * move, dtype=torch.float64)
            q, q_plain = q + product / A, q_plain + product
            if group["weight_decay"]:
                drift = drift + torch.sum(m * p.to(wide), dtype=torch.float64) * (1 - 1 / A)
            found.append((group, p, m, kept, move, A))
        height = value - drift
        low = self._reset(height, rho)
        rest = height - rho * low
        share = torch.where((q > 0) & (rest > 0), torch.where(rest >= q, 1.0, rest / q), 0.0)
        # Second pass: what the parameters really moved, after rounding, carries the model on.
        moved = torch.zeros_like(t)
        for group, p, m, kept, move, A in found:
            old = p.to(m.dtype)
            rate = group["lr"] * group["weight_decay"]
            end = (old - share.to(m.dtype) * move) / A if self.divide else (1 - rate) * old - share.to(m.dtype) * move
            moved = moved + torch.sum(m * (end.to(p.dtype).to(m.dtype) - old), dtype=torch.float64)
            p.copy_(torch.where(fine, end.to(p.dtype), p))
            state = self.state[p]
            for name, new in {"m": m, **kept}.items():
                state[name].copy_(torch.where(fine, new.to(p.dtype), state[name]))
        after = {
            "t": t,
            "rho": rho,
            "level": value + moved,
            "cut": share,
            "below": model["below"] + (f < lead["f_star"]),
        }
        if self.star:
            after["low"] = torch.clamp_min((value - share * q_plain / 2) / rho, lead["f_star"])
        for name, new in after.items():
            model[name].copy_(torch.where(fine, new, model[name]))
        model["skipped"].add_((~fine).double())

    def _reset(self, height: Tensor, rho: Tensor) -> Tensor:
        """The bound that this step takes: an estimated one above the model falls to half of the model."""
        if not self.star:
            return torch.full_like(height, self.param_groups[0]["f_star"])
        low = self.model["low"]
        halved = torch.clamp_min(height / (2 * rho), self.param_groups[0]["f_star"])
        return torch.where(height < rho * low, halved, low)

    def _averages(self, group: Any, p: Any, fresh: Tensor, t: Tensor, wide: Any) -> tuple[Tensor, dict[str, Tensor]]:
        state = self.state[p]
        if not state:
            state.update({name: torch.zeros_like(p) for name in self.names})
        m, g = state["m"].to(wide), p.grad.to(wide)
        return m + fresh.to(wide) * (g - m), self._second(group, state, g)

    names: tuple[str, ...] = ("m",)

    def _second(self, group: Any, state: Any, g: Tensor) -> dict[str, Tensor]:
        return {}

    def _step(self, group: Any, m: Tensor, kept: dict[str, Tensor], t: Tensor, rho: Tensor) -> Tensor:
        """The method's own step."""
        length: Tensor = group["lr"] / self._weight(group, t)
        return m * length.to(m.dtype)

    def _weight(self, group: Any, t: Tensor) -> Tensor:
        if self.first:
            return torch.ones_like(t)
        return 1 - torch.pow(torch.full_like(t, group["beta1"]), t)


class MoMo(_Model):
    """MoMo (Schaipp et al. 2024): averaged gradients, the step cut by a model of the loss.

    lr: the largest step size.   f_star: a lower bound of the loss; star=True estimates one from f_star on.
    bias_correction: averages start at 0, not at the first gradient.   divide: decay as in the model, not as in AdamW.
    """

    def __init__(
        self, params: Iterable[Any], lr: float = 1.0, beta1: float = 0.9, weight_decay: float = 0.0,
        f_star: float = 0.0, bias_correction: bool = False, star: bool = False, divide: bool = True,
    ) -> None:  # fmt: skip
        defaults = {"lr": lr, "beta1": beta1, "weight_decay": weight_decay, "f_star": f_star}
        super().__init__(params, defaults, not bias_correction, star, divide)


class MoMoAdam(_Model):
    """MoMo-Adam (Schaipp et al. 2024): Adam's step cut by the model; betas, eps as in torch.optim.Adam. See MoMo."""

    names = ("m", "v")

    def __init__(
        self, params: Iterable[Any], lr: float = 0.01, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8,
        weight_decay: float = 0.0, f_star: float = 0.0, star: bool = False, divide: bool = True,
    ) -> None:  # fmt: skip
        defaults = {"lr": lr, "beta1": betas[0], "beta2": betas[1], "eps": eps}
        super().__init__(params, defaults | {"weight_decay": weight_decay, "f_star": f_star}, False, star, divide)

    def _second(self, group: Any, state: Any, g: Tensor) -> dict[str, Tensor]:
        return {"v": group["beta2"] * state["v"].to(g.dtype) + (1 - group["beta2"]) * g * g}

    def _step(self, group: Any, m: Tensor, kept: dict[str, Tensor], t: Tensor, rho: Tensor) -> Tensor:
        correction = (1 - torch.pow(torch.full_like(t, group["beta2"]), t)).to(m.dtype)
        denom = torch.sqrt(kept["v"] / correction) + group["eps"]
        return torch.where(denom > 0, super()._step(group, m, kept, t, rho) / denom, 0)


__all__ = ["MoMo", "MoMoAdam"]
