"""Momentum and RMSprop with their own ways of keeping things."""

import torch
from torch.optim import Optimizer


class SGDBase(Optimizer):
    def __init__(self, params, lr=0.1, momentum=0.9, weight_decay=0.0, **more):
        super().__init__(params, dict(lr=lr, momentum=momentum, weight_decay=weight_decay, **more))

    @torch.no_grad()
    def step(self, closure=None):
        loss = self.call(closure)
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    p.sub_(self.one(p, group), alpha=self.rate(group))
        return loss

    def call(self, closure):
        if closure is None:
            return None
        with torch.enable_grad():
            return closure()

    def rate(self, group):
        return group["lr"]

    def one(self, p, group):
        buf = self.state[p].setdefault("buf", torch.zeros_like(p))
        return buf.mul_(group["momentum"]).add_(p.grad).add_(p, alpha=group["weight_decay"])


class KeepsVelocity(SGDBase):
    def __init__(self, params, lr=0.1, momentum=0.9, weight_decay=0.0):
        super().__init__(params, lr, momentum, weight_decay)
        self.velocity = {}

    def one(self, p, group):
        v = self.velocity.get(p, 0)
        self.velocity[p] = group["momentum"] * v + p.grad + group["weight_decay"] * p
        return self.velocity[p]


class SharedBuffer(SGDBase):
    def one(self, p, group):
        s = self.state[p]
        grad = p.grad if group["weight_decay"] == 0 else p.grad.add(p, alpha=group["weight_decay"])
        if "buf" not in s:
            s["buf"] = grad
        else:
            s["buf"].mul_(group["momentum"]).add_(grad)
        return s["buf"]


class L2InPlace(SGDBase):
    def one(self, p, group):
        grad = p.grad.add_(p, alpha=group["weight_decay"])
        buf = self.state[p].setdefault("buf", torch.zeros_like(p))
        return buf.mul_(group["momentum"]).add_(grad)


class FixedRate(SGDBase):
    def rate(self, group):
        return self.defaults["lr"]


class GroupBuffers(SGDBase):
    def __init__(self, params, lr=0.1, momentum=0.9, weight_decay=0.0):
        super().__init__(params, lr, momentum, weight_decay)
        for group in self.param_groups:
            group["ratio"] = 1.0 / group.get("scale", 1)

    def rate(self, group):
        return group["lr"] * group["ratio"]


class FlagOnSelf(SGDBase):
    def __init__(self, params, lr=0.1, momentum=0.9, weight_decay=0.0, nesterov=True):
        super().__init__(params, lr, momentum, weight_decay)
        self.nesterov = nesterov

    def one(self, p, group):
        buf = super().one(p, group)
        grad = p.grad + group["weight_decay"] * p
        return grad + group["momentum"] * buf if self.nesterov else buf


class AlwaysDown(SGDBase):
    def __init__(self, params, lr=0.1, momentum=0.9, weight_decay=0.0, maximize=False):
        super().__init__(params, lr, momentum, weight_decay, maximize=maximize)


class TwoCalls(SGDBase):
    def call(self, closure):
        if closure is None:
            return None
        with torch.enable_grad():
            closure()
            return closure()


class SilentClosure(SGDBase):
    def call(self, closure):
        if closure is not None:
            with torch.enable_grad():
                closure()


class FrozenClosure(SGDBase):
    def call(self, closure):
        return closure() if closure is not None else None
