"""Adam that counts its steps in several ways."""

import torch
from torch.optim import Optimizer


class Counted(Optimizer):
    def __init__(self, params, lr=1e-3, b1=0.9, b2=0.999, eps=1e-8):
        super().__init__(params, dict(lr=lr, b1=b1, b2=b2, eps=eps, steps=0))

    @torch.no_grad()
    def step(self, closure=None):
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                s = self.state[p]
                if "m" not in s:
                    s["m"], s["v"] = torch.zeros_like(p), torch.zeros_like(p)
                t = self.count(group, s)
                s["m"].lerp_(p.grad, 1 - group["b1"])
                s["v"].lerp_(p.grad.square(), 1 - group["b2"])
                m_hat, v_hat = s["m"] / (1 - group["b1"] ** t), s["v"] / (1 - group["b2"] ** t)
                p.sub_(group["lr"] * m_hat / (v_hat.sqrt() + group["eps"]))
        return loss


class CountedInGroup(Counted):
    def count(self, group, s):
        group["steps"] += 1
        return group["steps"]


class CountedTwice(Counted):
    def count(self, group, s):
        s["t"] = s.get("t", 0) + 1
        s["t"] += 1
        return s["t"]


class CountedShort(Counted):
    def count(self, group, s):
        s["step"] = s.get("step", torch.zeros((), dtype=torch.bfloat16)) + 1
        return float(s["step"])


class CountedHalf(Counted):
    def count(self, group, s):
        s["step"] = s.get("step", torch.zeros((), dtype=torch.float16)) + 1
        return float(s["step"])


class CountedOnce(Counted):
    def count(self, group, s):
        t = s.setdefault("t", 0) + 1
        return t


class CountedOnSelf(Counted):
    calls = 0

    def step(self, closure=None):
        self.calls += 1
        return super().step(closure)

    def count(self, group, s):
        return self.calls
