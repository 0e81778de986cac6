"""Rules that step by signs."""

import torch
from torch.optim import Optimizer


class FusedLion(Optimizer):
    def __init__(self, params, lr=1e-4, betas=(0.9, 0.99), weight_decay=0.0):
        super().__init__(params, dict(lr=lr, betas=betas, weight_decay=weight_decay))

    @torch.no_grad()
    def step(self, closure=None):
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for p in (q for q in group["params"] if q.grad is not None):
                m = self.state[p].setdefault("m", torch.zeros_like(p))
                self.kernel(p.data, p.grad.data, m, group["lr"], *group["betas"], group["weight_decay"])
        return loss

    @staticmethod
    def kernel(w, g, m, lr, b1, b2, wd):
        direction = torch.lerp(g, m, b1).sign_()
        w.mul_(1 - lr * wd).add_(direction, alpha=-lr)
        m.lerp_(g, 1 - b2)


class LionProx(FusedLion):
    """The decay as a proximal step."""

    @staticmethod
    def kernel(w, g, m, lr, b1, b2, wd):
        w.sub_(lr * torch.sign(b1 * m + (1 - b1) * g)).div_(1 + lr * wd)
        m.mul_(b2).add_((1 - b2) * g)


class OnlySigns(Optimizer):
    def __init__(self, params, delta=1e-4):
        super().__init__(params, {"delta": delta})

    def step(self, closure=None):
        loss = None if closure is None else closure()
        with torch.no_grad():
            for group in self.param_groups:
                for p in group["params"]:
                    if p.grad is not None:
                        p.add_(torch.sign(p.grad), alpha=-group["delta"])
        return loss


class Signum(Optimizer):
    """The sum of the gradients has the sign of their average."""

    def __init__(self, params, lr=1e-4, momentum=0.9, weight_decay=0.0):
        super().__init__(params, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    def step(self, closure=None):
        loss = None if closure is None else closure()
        with torch.no_grad():
            for group in self.param_groups:
                for p in group["params"]:
                    if p.grad is None:
                        continue
                    b = self.state[p].setdefault("b", torch.zeros_like(p))
                    b.mul_(group["momentum"]).add_(p.grad)
                    p -= group["lr"] * (b.sign() + group["weight_decay"] * p)
        return loss
