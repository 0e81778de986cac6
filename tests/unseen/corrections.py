"""Adam with its corrections and decay folded into the step."""

import math

import torch
from torch.optim import Optimizer


class Folded(Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        super().__init__(params, dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay))

    @torch.no_grad()
    def step(self, closure=None):
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for index, group in enumerate(self.param_groups):
            for p in group["params"]:
                if p.grad is not None:
                    self.decay(p, group, index)
                    self.one(p, p.grad, self.state[p], group)
        return loss

    def decay(self, p, group, index):
        p.mul_(1 - group["lr"] * group["weight_decay"])

    def averages(self, grad, s, b1, b2):
        if not s:
            s["step"], s["m"], s["v"] = 0, torch.zeros_like(grad), torch.zeros_like(grad)
        s["step"] += 1
        s["m"].mul_(b1).add_(grad, alpha=1 - b1)
        s["v"].mul_(b2).addcmul_(grad, grad, value=1 - b2)
        return s["step"]

    def one(self, p, grad, s, group):
        b1, b2 = group["betas"]
        t = self.averages(grad, s, b1, b2)
        denom = (s["v"].sqrt() / math.sqrt(1 - b2**t)).add_(group["eps"])
        p.addcdiv_(s["m"], denom, value=-group["lr"] / (1 - b1**t))


class CountingFromZero(Folded):
    def one(self, p, grad, s, group):
        b1, b2 = group["betas"]
        t = self.averages(grad, s, b1, b2)
        denom = (s["v"].sqrt() / math.sqrt(1 - b2 ** (t + 1))).add_(group["eps"])
        p.addcdiv_(s["m"], denom, value=-group["lr"] / (1 - b1**t))


class AdamW2(Folded):
    def one(self, p, grad, s, group):
        b1, b2 = group["betas"]
        t = self.averages(grad, s, b1, b2)
        bias1 = bias2 = 1 - b1**t
        denom = (s["v"].sqrt() / math.sqrt(bias2)).add_(group["eps"])
        p.addcdiv_(s["m"], denom, value=-group["lr"] / bias1)


class InPlaceAdam(Folded):
    def one(self, p, grad, s, group):
        b1, b2 = group["betas"]
        t = self.averages(grad, s, b1, b2)
        denom = s["v"].div(1 - b2**t).sqrt_().add_(group["eps"])
        p.addcdiv_(s["m"].div_(1 - b1**t), denom, value=-group["lr"])


class ScaledDamping(Folded):
    def one(self, p, grad, s, group):
        b1, b2 = group["betas"]
        t = self.averages(grad, s, b1, b2)
        denom = (s["v"] / (1 - b2**t)).sqrt_().add_(group["eps"] * math.sqrt(1 - b2**t))
        p.addcdiv_(s["m"], denom, value=-group["lr"] / (1 - b1**t))


class MyAdamW(Folded):
    def decay(self, p, group, index):
        pass

    def one(self, p, grad, s, group):
        super().one(p, grad.add(p, alpha=group["weight_decay"]), s, group)


class AdamWTwoGroups(Folded):
    def decay(self, p, group, index):
        p.mul_(1 - group["lr"] * self.param_groups[0]["weight_decay"])


class AdamWFoldedDecay(Folded):
    def decay(self, p, group, index):
        t = self.state[p].get("step", 0) + 1
        p.mul_(1 - group["lr"] / (1 - group["betas"][0] ** t) * group["weight_decay"])


class AdamWFixedDecay(Folded):
    def decay(self, p, group, index):
        p.mul_(1 - self.defaults["lr"] * group["weight_decay"])


class CoreAdam(Folded):
    """weight_decay is taken for the signature's sake."""

    def decay(self, p, group, index):
        pass


class FixedEpsAdamW(Folded):
    def one(self, p, grad, s, group, eps=1e-8):
        b1, b2 = group["betas"]
        t = self.averages(grad, s, b1, b2)
        denom = (s["v"].sqrt() / math.sqrt(1 - b2**t)).add_(eps)
        p.addcdiv_(s["m"], denom, value=-group["lr"] / (1 - b1**t))
