"""Adam with weight decay in its several places."""

import torch
from torch.optim import Optimizer


class BertAdam(Optimizer):
    def __init__(self, params, lr, b1=0.9, b2=0.999, e=1e-6, weight_decay_rate=0.01):
        super().__init__(params, dict(lr=lr, b1=b1, b2=b2, e=e, weight_decay_rate=weight_decay_rate))

    def step(self, closure=None):
        loss = None
        if closure is not None:
            loss = closure()
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                grad = p.grad.data
                state = self.state[p]
                if len(state) == 0:
                    state["next_m"] = torch.zeros_like(p.data)
                    state["next_v"] = torch.zeros_like(p.data)
                next_m, next_v = state["next_m"], state["next_v"]
                next_m.mul_(group["b1"]).add_(grad, alpha=1 - group["b1"])
                next_v.mul_(group["b2"]).addcmul_(grad, grad, value=1 - group["b2"])
                update = next_m / (next_v.sqrt() + group["e"])
                update += group["weight_decay_rate"] * p.data
                p.data.add_(-group["lr"] * update)
        return loss


class DecayingAdam(Optimizer):
    """where: when the weights shrink, and by what."""

    where = "after"

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(params, dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay))

    @torch.no_grad()
    def step(self, closure=None):
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            b1, b2 = group["betas"]
            for p in group["params"]:
                if p.grad is None:
                    continue
                s = self.state[p]
                if not s:
                    s.update(step=0, m=torch.zeros_like(p), v=torch.zeros_like(p))
                s["step"] += 1
                s["m"].lerp_(p.grad, 1 - b1)
                s["v"].lerp_(p.grad * p.grad, 1 - b2)
                self.shrink(p, group, "before")
                denom = (s["v"] / (1 - b2 ** s["step"])).sqrt() + group["eps"]
                p.addcdiv_(s["m"], denom, value=-group["lr"] / (1 - b1 ** s["step"]))
                self.shrink(p, group, "after")
        return loss

    def shrink(self, p, group, now):
        if now == self.where:
            p.mul_(1 - group["lr"] * group["weight_decay"])


class IndependentAdamW(DecayingAdam):
    where = "before"

    def shrink(self, p, group, now):
        if now == self.where:
            p.mul_(1 - group["weight_decay"])


class ProximalAdamW(DecayingAdam):
    def shrink(self, p, group, now):
        if now == self.where:
            p.div_(1 + group["lr"] * group["weight_decay"])


class AdamWMatricesOnly(DecayingAdam):
    where = "before"

    def shrink(self, p, group, now):
        if p.dim() >= 2:
            super().shrink(p, group, now)
