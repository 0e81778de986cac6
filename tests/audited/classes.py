"""Optimizers for the tests of the audit: one base that is AdamW, and relatives that differ in one thing."""

from typing import Any

import torch


class AdamW(torch.optim.Optimizer):
    def __init__(
        self,
        params: Any,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        wd: float = 0.0,
    ) -> None:
        super().__init__(params, dict(lr=lr, betas=betas, eps=eps, wd=wd))

    def decay(self, p: Any, group: dict[str, Any]) -> None:
        p.mul_(1 - group["lr"] * group["wd"])

    def gradient(self, p: Any, group: dict[str, Any]) -> Any:
        return p.grad

    def corrections(self, t: int, b1: float, b2: float) -> tuple[float, float]:
        return 1 - b1**t, 1 - b2**t

    def direction(self, m: Any, v: Any, c1: float, c2: float, eps: float) -> Any:
        return (m / c1) / ((v / c2).sqrt() + eps)

    @torch.no_grad()
    def step(self, closure: Any = None) -> Any:
        for group in self.param_groups:
            b1, b2 = group["betas"]
            for p in group["params"]:
                if p.grad is None:
                    continue
                state = self.state[p]
                if not state:
                    state.update(t=0, m=torch.zeros_like(p), v=torch.zeros_like(p))
                state["t"] += 1
                g = self.gradient(p, group)
                self.decay(p, group)
                state["m"].lerp_(g, 1 - b1)
                state["v"].mul_(b2).addcmul_(g, g, value=1 - b2)
                step = self.direction(state["m"], state["v"], *self.corrections(state["t"], b1, b2), group["eps"])
                p.sub_(group["lr"] * step)


class MyAdamW(AdamW):
    """eps before the correction."""

    def direction(self, m: Any, v: Any, c1: float, c2: float, eps: float) -> Any:
        return (m / c1) / ((v.sqrt() + eps) / c2**0.5)


class FusedAdamW(AdamW):
    """Decay in the gradient."""

    def decay(self, p: Any, group: dict[str, Any]) -> None:
        pass

    def gradient(self, p: Any, group: dict[str, Any]) -> Any:
        return p.grad + group["wd"] * p


class Adam(AdamW):
    """Decoupled decay."""


class DoubleAdamW(AdamW):
    def decay(self, p: Any, group: dict[str, Any]) -> None:
        p.mul_(1 - 2 * group["lr"] * group["wd"])


class Late(AdamW):
    """One changed place: t + 1 in the first correction."""

    def corrections(self, t: int, b1: float, b2: float) -> tuple[float, float]:
        return 1 - b1 ** (t + 1), 1 - b2**t


class FastAdamW(AdamW):
    """float32 inside."""

    def direction(self, m: Any, v: Any, c1: float, c2: float, eps: float) -> Any:
        return super().direction(m.float(), v, c1, c2, eps)


class CachedAdamW(AdamW):
    """The step size of the constructor for good."""

    def __init__(self, params: Any, lr: float = 1e-3, wd: float = 0.0) -> None:
        super().__init__(params, lr=lr, wd=wd)
        self.lr = lr

    def direction(self, m: Any, v: Any, c1: float, c2: float, eps: float) -> Any:
        return super().direction(m, v, c1, c2, eps) * self.lr / self.param_groups[0]["lr"]

    def decay(self, p: Any, group: dict[str, Any]) -> None:
        p.mul_(1 - self.lr * group["wd"])


class SharedAdamW(AdamW):
    """One counter, which every tensor moves."""

    count = 0

    def corrections(self, t: int, b1: float, b2: float) -> tuple[float, float]:
        self.count += 1
        return super().corrections(self.count, b1, b2)


class Nothing(AdamW):
    """No declared rule, and near none."""

    def direction(self, m: Any, v: Any, c1: float, c2: float, eps: float) -> Any:
        return torch.cos(3 * m) * v.sqrt() + 5 * m**3


class Failing(AdamW):
    def gradient(self, p: Any, group: dict[str, Any]) -> Any:
        raise RuntimeError("no such kernel")


class OddNames(torch.optim.Optimizer):
    """SGD whose one number has a name that says nothing."""

    def __init__(self, params: Any, pace: float = 0.1) -> None:
        super().__init__(params, dict(pace=pace))

    @torch.no_grad()
    def step(self) -> None:
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    p.sub_(group["pace"] * p.grad)


class Scaled:
    """A functional SGD with momentum inside."""

    def init(self, params: Any) -> Any:
        return [0 * p for p in params]

    def step(self, params: Any, grads: Any, state: Any, lr: float = 0.1, momentum: float = 0.9) -> Any:
        state = [momentum * b + lr * g for b, g in zip(state, grads, strict=True)]
        return [p - b for p, b in zip(params, state, strict=True)], state


class Hungry(AdamW):
    """Requires what no rule knows."""

    def __init__(self, params: Any, appetite: Any) -> None:
        super().__init__(params)


class Polyak(torch.optim.Optimizer):
    """A Polyak step that needs the loss."""

    def __init__(self, params: Any, lr: float = 0.1) -> None:
        super().__init__(params, dict(lr=lr))

    @torch.no_grad()
    def step(self, closure: Any = None, loss: Any = None) -> None:
        for group in self.param_groups:
            norm = sum((p.grad**2).sum() for p in group["params"])
            for p in group["params"]:
                p.sub_(torch.clamp(loss / norm, max=group["lr"]) * p.grad)


class Rectified(AdamW):
    """Something else unless a flag is turned."""

    def __init__(self, params: Any, lr: float = 1e-3, rectify: bool = True, drag: float = 1.0) -> None:
        super().__init__(params, lr=lr)
        self.rectify = rectify

    def direction(self, m: Any, v: Any, c1: float, c2: float, eps: float) -> Any:
        return super().direction(m, v, c1, c2, eps) * (torch.cos(m) if self.rectify else 1.0)

    def decay(self, p: Any, group: dict[str, Any]) -> None:
        p.mul_(1 - group["lr"] * 0.01)


class Halving(Scaled):
    """Halves the gradients that it is handed."""

    def step(self, params: Any, grads: Any, state: Any, lr: float = 0.1, momentum: float = 0.9) -> Any:
        for g in grads:
            g /= 2
        return super().step(params, grads, state, lr, momentum)


class Dithered(AdamW):
    """Noise of the global generator."""

    def gradient(self, p: Any, group: dict[str, Any]) -> Any:
        return p.grad * (1 + 1e-14 * torch.rand_like(p))


class Unguarded(torch.optim.Optimizer):
    """LAMB without a guard where a norm is 0."""

    def __init__(
        self, params: Any, lr: float = 1e-3, betas: Any = (0.9, 0.999), eps: float = 1e-6, wd: float = 0.0
    ) -> None:
        super().__init__(params, dict(lr=lr, betas=betas, eps=eps, wd=wd))

    @torch.no_grad()
    def step(self) -> None:
        for group in self.param_groups:
            b1, b2 = group["betas"]
            for p in group["params"]:
                state = self.state[p]
                if not state:
                    state.update(t=0, m=torch.zeros_like(p), v=torch.zeros_like(p))
                state["t"] += 1
                state["m"].lerp_(p.grad, 1 - b1)
                state["v"].mul_(b2).addcmul_(p.grad, p.grad, value=1 - b2)
                c1, c2 = 1 - b1 ** state["t"], 1 - b2 ** state["t"]
                d = (state["m"] / c1) / ((state["v"] / c2).sqrt() + group["eps"]) + group["wd"] * p
                p.sub_(group["lr"] * p.norm() / d.norm() * d)


class TwiceDamped(AdamW):
    """A second eps, under the root."""

    def __init__(
        self, params: Any, lr: float = 1e-3, eps: float = 1e-8, wd: float = 0.0, eps_root: float = 1e-3
    ) -> None:
        super().__init__(params, lr=lr, eps=eps, wd=wd)
        self.eps_root = eps_root

    def direction(self, m: Any, v: Any, c1: float, c2: float, eps: float) -> Any:
        return (m / c1) / ((v / c2 + self.eps_root).sqrt() + eps)


class DecayingSGD(torch.optim.Optimizer):
    """Decoupled decay, on by default, around a rule that has none of its own."""

    def __init__(self, params: Any, lr: float = 0.1, weight_decay: float = 0.1) -> None:
        super().__init__(params, dict(lr=lr, weight_decay=weight_decay))

    @torch.no_grad()
    def step(self) -> None:
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    p.mul_(1 - group["lr"] * group["weight_decay"]).sub_(group["lr"] * p.grad)
