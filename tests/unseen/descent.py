"""Gradient descent with and without a memory."""

import torch
from torch.optim import Optimizer


class Descent(Optimizer):
    def __init__(self, params, alpha=0.01):
        super().__init__(params, {"alpha": alpha})

    @torch.no_grad()
    def step(self, closure=None, loss=None):
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    p.sub_(p.grad, alpha=group["alpha"])
        return loss


class ClosureMomentum(Optimizer):
    """step() wants the closure, as LBFGS does."""

    def __init__(self, params, lr, momentum=0.9):
        super().__init__(params, {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure):
        with torch.enable_grad():
            loss = closure()
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                buf = self.state[p].get("velocity")
                if buf is None:
                    buf = self.state[p]["velocity"] = torch.zeros_like(p)
                buf.mul_(group["momentum"]).add_(p.grad)
                p.add_(buf, alpha=-group["lr"])
        return loss


class NesterovSGD(Optimizer):
    def __init__(self, params, lr=0.1, mu=0.9, weight_decay=0.0):
        super().__init__(params, {"lr": lr, "mu": mu, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure=None):
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            live = [p for p in group["params"] if p.grad is not None]
            if not live:
                continue
            grads = torch._foreach_add([p.grad for p in live], live, alpha=group["weight_decay"])
            bufs = [self.state[p].setdefault("b", torch.zeros_like(p)) for p in live]
            torch._foreach_mul_(bufs, group["mu"])
            torch._foreach_add_(bufs, grads)
            torch._foreach_add_(grads, bufs, alpha=group["mu"])
            torch._foreach_add_(live, grads, alpha=-group["lr"])
        return loss


class Mover(Optimizer):
    """The velocity is what is added to the weights."""

    def __init__(self, params, learning_rate=0.01, momentum=0.0, nesterov=False):
        super().__init__(params, dict(learning_rate=learning_rate, momentum=momentum, nesterov=nesterov))

    @torch.no_grad()
    def step(self, closure=None):
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            lr, mu = group["learning_rate"], group["momentum"]
            for p in filter(lambda q: q.grad is not None, group["params"]):
                vel = self.state[p].setdefault("vel", torch.zeros_like(p))
                vel.mul_(mu).sub_(p.grad, alpha=lr)
                p.add_(vel * mu - lr * p.grad if group["nesterov"] else vel)
        return loss
