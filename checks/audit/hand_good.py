"""AdamW written well, as a class of hooks, and the same written in other ways: none of them has a defect.

The mutants by hand (hand_mutants_*.py) change one hook each. Only the self-test loads these files.
"""

# mypy: disable-error-code="misc"
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

Group = dict[str, Any]
State = dict[str, Any]


class Good(Optimizer):
    """AdamW, one tensor after the other or with foreach; counts and moments per tensor."""

    def __init__(
        self, params: Any, lr: float = 1e-3, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8,
        weight_decay: float = 1e-2, amsgrad: bool = False, maximize: bool = False, foreach: bool = False,
    ) -> None:  # fmt: skip
        if lr < 0 or eps < 0 or weight_decay < 0 or not all(0 <= b < 1 for b in betas):
            raise ValueError(f"invalid: lr={lr}, betas={betas}, eps={eps}, weight_decay={weight_decay}")
        given = {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay}
        super().__init__(params, {**given, "amsgrad": amsgrad, "maximize": maximize, "foreach": foreach})
        self.made()

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        loss = self.evaluated(closure)
        for group in self.param_groups:
            ready = self.ready(group)
            for p in ready:
                if not self.state[p]:
                    self.begin(p, self.state[p], group)
                self.count(self.state[p], group)
            (self.together if group["foreach"] else self.apart)(ready, group)
        return loss

    # Hooks

    def made(self) -> None:
        """At the end of the constructor."""

    def evaluated(self, closure: Callable[[], Any] | None) -> Any:
        if closure is None:
            return None
        with torch.enable_grad():
            return closure()

    def ready(self, group: Group) -> list[Tensor]:
        found = [p for p in group["params"] if p.grad is not None]
        if any(p.grad.is_sparse for p in found):
            raise RuntimeError("sparse gradients are not supported")
        return found

    def begin(self, p: Tensor, state: State, group: Group) -> None:
        state["step"] = torch.zeros((), dtype=torch.float32)
        state["exp_avg"] = torch.zeros_like(p, memory_format=torch.preserve_format)
        state["exp_avg_sq"] = torch.zeros_like(p, memory_format=torch.preserve_format)
        if group["amsgrad"]:
            state["max_exp_avg_sq"] = torch.zeros_like(p, memory_format=torch.preserve_format)

    def count(self, state: State, group: Group) -> None:
        state["step"] += 1

    def corrections(self, state: State, group: Group) -> tuple[float, float]:
        t = float(state["step"])
        return 1 - group["betas"][0] ** t, 1 - group["betas"][1] ** t

    def gradient(self, p: Tensor, group: Group) -> Tensor:
        assert p.grad is not None
        return real(-p.grad if group["maximize"] else p.grad)

    def apart(self, ready: Sequence[Tensor], group: Group) -> None:
        for p in ready:
            self.update(real(p), self.gradient(p, group), self.state[p], group)

    def update(self, p: Tensor, g: Tensor, state: State, group: Group) -> None:
        self.decay(p, group)
        m, v = self.average(g, state, group)
        first, second = self.corrections(state, group)
        self.move(p, m, self.denominator(v, second, group), first, group)

    def decay(self, p: Tensor, group: Group) -> None:
        p.mul_(1 - group["lr"] * group["weight_decay"])

    def average(self, g: Tensor, state: State, group: Group) -> tuple[Tensor, Tensor]:
        b1, b2 = group["betas"]
        m, v = real(state["exp_avg"]), real(state["exp_avg_sq"])
        m.lerp_(g, 1 - b1)
        v.mul_(b2).addcmul_(g, g, value=1 - b2)
        if group["amsgrad"]:
            largest = real(state["max_exp_avg_sq"])
            torch.maximum(largest, v, out=largest)
            return m, largest
        return m, v

    def denominator(self, v: Tensor, second: float, group: Group) -> Tensor:
        return (v.sqrt() / second**0.5).add_(group["eps"])

    def move(self, p: Tensor, m: Tensor, denominator: Tensor, first: float, group: Group) -> None:
        p.addcdiv_(m, denominator, value=-group["lr"] / first)

    # With foreach

    def together(self, ready: Sequence[Tensor], group: Group) -> None:
        if not ready:
            return
        b1, b2 = group["betas"]
        states = [self.state[p] for p in ready]
        params, grads = [real(p) for p in ready], [self.gradient(p, group) for p in ready]
        m, v = [real(s["exp_avg"]) for s in states], [real(s["exp_avg_sq"]) for s in states]
        corrections = self.corrections_together(states, group)
        grads = self.decay_together(params, grads, group)
        torch._foreach_lerp_(m, grads, 1 - b1)
        torch._foreach_mul_(v, b2)
        torch._foreach_addcmul_(v, grads, grads, 1 - b2)
        if group["amsgrad"]:
            largest = [real(s["max_exp_avg_sq"]) for s in states]
            torch._foreach_maximum_(largest, v)
            v = largest
        below = list(torch._foreach_sqrt(v))
        torch._foreach_div_(below, [second**0.5 for _, second in corrections])
        torch._foreach_add_(below, self.eps_together(group))
        torch._foreach_addcdiv_(params, m, below, [-group["lr"] / first for first, _ in corrections])

    def corrections_together(self, states: Sequence[State], group: Group) -> list[tuple[float, float]]:
        return [self.corrections(s, group) for s in states]

    def decay_together(self, params: list[Tensor], grads: list[Tensor], group: Group) -> list[Tensor]:
        torch._foreach_mul_(params, 1 - group["lr"] * group["weight_decay"])
        return grads

    def eps_together(self, group: Group) -> float:
        return float(group["eps"])


def real(tensor: Tensor) -> Tensor:
    return torch.view_as_real(tensor) if tensor.is_complex() else tensor


# The same written in other ways


class Reordered(Good):
    """Decay and step subtracted as one, the step size moved into the numerator."""

    def update(self, p: Tensor, g: Tensor, state: State, group: Group) -> None:
        m, v = self.average(g, state, group)
        first, second = self.corrections(state, group)
        denominator = (v / second).sqrt() + group["eps"]
        p.sub_(group["lr"] * group["weight_decay"] * p + (group["lr"] * (m / first)) / denominator)


class Sums(Good):
    """Moments as sums instead of lerp and addcmul."""

    def average(self, g: Tensor, state: State, group: Group) -> tuple[Tensor, Tensor]:
        if group["amsgrad"]:
            return super().average(g, state, group)
        b1, b2 = group["betas"]
        m, v = real(state["exp_avg"]), real(state["exp_avg_sq"])
        m.copy_(b1 * m + (1 - b1) * g)
        v.copy_(b2 * v + (1 - b2) * g * g)
        return m, v


class Products(Good):
    """Powers of beta as running products in the state, in float64."""

    def begin(self, p: Tensor, state: State, group: Group) -> None:
        super().begin(p, state, group)
        state["powers"] = [1.0, 1.0]

    def count(self, state: State, group: Group) -> None:
        super().count(state, group)
        state["powers"] = [x * b for x, b in zip(state["powers"], group["betas"], strict=True)]

    def corrections(self, state: State, group: Group) -> tuple[float, float]:
        return 1 - state["powers"][0], 1 - state["powers"][1]


class Scaled(Good):
    """Step size and eps scaled by the root of the second correction: algebra that torch's documentation mentions."""

    def denominator(self, v: Tensor, second: float, group: Group) -> Tensor:
        return v.sqrt() + group["eps"] * second**0.5

    def update(self, p: Tensor, g: Tensor, state: State, group: Group) -> None:
        self.decay(p, group)
        m, v = self.average(g, state, group)
        first, second = self.corrections(state, group)
        p.addcdiv_(m, self.denominator(v, second, group), value=-group["lr"] * second**0.5 / first)


class Counted(Good):
    """The count as a Python integer."""

    def begin(self, p: Tensor, state: State, group: Group) -> None:
        super().begin(p, state, group)
        state["step"] = 0


class Hypot(Good):
    """The second moment's average by addcmul of a scaled gradient, the division by reciprocal."""

    def move(self, p: Tensor, m: Tensor, denominator: Tensor, first: float, group: Group) -> None:
        p.sub_(m * denominator.reciprocal_(), alpha=group["lr"] / first)


RIGHT = ("Good", "Reordered", "Sums", "Products", "Scaled", "Counted", "Hypot")
