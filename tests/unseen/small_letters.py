"""Adam where the small letters differ: where eps stands, what is corrected, which maximum is kept."""

import math

import torch
from torch.optim import Optimizer


class AdamLoop(Optimizer):
    def __init__(self, params, lr=0.001, betas=(0.9, 0.999), eps=1e-7):
        super().__init__(params, dict(lr=lr, betas=betas, eps=eps))

    @torch.no_grad()
    def step(self, closure=None):
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    self.apply(p, p.grad, self.state[p], group["lr"], *group["betas"], group["eps"])
        return loss

    def moments(self, p, grad, s, b1, b2):
        if "count" not in s:
            s["count"], s["m"], s["v"] = 0, torch.zeros_like(p), torch.zeros_like(p)
        s["count"] += 1
        s["m"].mul_(b1).add_(grad, alpha=1 - b1)
        s["v"].mul_(b2).addcmul_(grad, grad, value=1 - b2)
        return 1 - b1 ** s["count"], 1 - b2 ** s["count"]


class AdamKerasLike(AdamLoop):
    def apply(self, p, grad, s, lr, b1, b2, eps):
        c1, c2 = self.moments(p, grad, s, b1, b2)
        alpha = lr * math.sqrt(c2) / c1
        p.addcdiv_(s["m"], s["v"].sqrt() + eps, value=-alpha)


class Variant3(AdamLoop):
    def apply(self, p, grad, s, lr, b1, b2, eps):
        c1, c2 = self.moments(p, grad, s, b1, b2)
        p.sub_(s["m"].div(c1).mul_(torch.rsqrt(s["v"] / c2 + eps)), alpha=lr)


class Variant4(AdamLoop):
    def apply(self, p, grad, s, lr, b1, b2, eps):
        c1, c2 = self.moments(p, grad, s, b1, b2)
        p.addcdiv_(s["m"], (s["v"] + eps).sqrt(), value=-lr * math.sqrt(c2) / c1)


class ClampedAdam(AdamLoop):
    def apply(self, p, grad, s, lr, b1, b2, eps):
        c1, c2 = self.moments(p, grad, s, b1, b2)
        p.addcdiv_(s["m"], (s["v"] / c2).sqrt_().clamp_(min=eps), value=-lr / c1)


class FirstOnly(AdamLoop):
    def apply(self, p, grad, s, lr, b1, b2, eps):
        c1, _ = self.moments(p, grad, s, b1, b2)
        p.addcdiv_(s["m"], s["v"].sqrt().add_(eps), value=-lr / c1)


class AMSGradTorch(AdamLoop):
    def apply(self, p, grad, s, lr, b1, b2, eps):
        c1, c2 = self.moments(p, grad, s, b1, b2)
        s["top"] = torch.maximum(s.get("top", torch.zeros_like(p)), s["v"])
        p.addcdiv_(s["m"], s["top"].sqrt() / math.sqrt(c2) + eps, value=-lr / c1)


class AMSGradHat(AdamLoop):
    def apply(self, p, grad, s, lr, b1, b2, eps):
        c1, c2 = self.moments(p, grad, s, b1, b2)
        s["top"] = torch.maximum(s.get("top", torch.zeros_like(p)), s["v"] / c2)
        p.addcdiv_(s["m"], s["top"].sqrt() + eps, value=-lr / c1)


class PaperAMSGrad(AdamLoop):
    def apply(self, p, grad, s, lr, b1, b2, eps):
        self.moments(p, grad, s, b1, b2)
        top = s.setdefault("top", torch.zeros_like(p))
        torch.maximum(top, s["v"], out=top)
        p.sub_(lr * s["m"] / (top.sqrt() + eps))
