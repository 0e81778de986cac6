"""SGD whose buffer is an average, or damped, and SGDW."""

import torch
from torch.optim import Optimizer


class _Base(Optimizer):
    @torch.no_grad()
    def step(self, closure=None):
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    self.update(p, p.grad, self.state[p], group)
        return loss


class AveragedGradient(_Base):
    def __init__(self, params, lr=0.1, beta=0.9):
        super().__init__(params, dict(lr=lr, beta=beta))

    def update(self, p, grad, state, group):
        if "avg" not in state:
            state["avg"] = torch.zeros_like(p)
        state["avg"].lerp_(grad, 1 - group["beta"])
        p.add_(state["avg"], alpha=-group["lr"])


class AveragedFromFirst(_Base):
    def __init__(self, params, lr=0.1, momentum=0.9):
        super().__init__(params, dict(lr=lr, momentum=momentum))

    def update(self, p, grad, state, group):
        state["avg"] = grad.clone() if "avg" not in state else torch.lerp(grad, state["avg"], group["momentum"])
        p.add_(state["avg"], alpha=-group["lr"])


class DampenedSGD(_Base):
    """Dampening applies to the first step as to every other."""

    def __init__(self, params, lr=0.1, momentum=0.9, dampening=0.0):
        super().__init__(params, dict(lr=lr, momentum=momentum, dampening=dampening))

    def update(self, p, grad, state, group):
        buf = state.setdefault("momentum_buffer", torch.zeros_like(p))
        buf.mul_(group["momentum"]).add_(grad, alpha=1 - group["dampening"])
        p.sub_(group["lr"] * buf)


class SGDWithDecoupledDecay(_Base):
    def __init__(self, params, lr=0.1, momentum=0.9, wd=1e-2):
        super().__init__(params, dict(lr=lr, momentum=momentum, wd=wd))

    def update(self, p, grad, state, group):
        if not state:
            state["buf"] = grad.clone()
        else:
            state["buf"].mul_(group["momentum"]).add_(grad)
        p.mul_(1 - group["lr"] * group["wd"]).add_(state["buf"], alpha=-group["lr"])
