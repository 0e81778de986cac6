"""NAdam and RAdam."""

import torch
from torch.optim import Optimizer


class NesterovAdam(Optimizer):
    def __init__(self, params, lr=2e-3, betas=(0.9, 0.999), eps=1e-8, momentum_decay=4e-3):
        super().__init__(params, dict(lr=lr, betas=betas, eps=eps, momentum_decay=momentum_decay))

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
                    s.update(step=0, product=1.0, m=torch.zeros_like(p), v=torch.zeros_like(p))
                s["step"] += 1
                psi = group["momentum_decay"]
                mu, mu_next = (b1 * (1 - 0.5 * 0.96 ** (k * psi)) for k in (s["step"], s["step"] + 1))
                s["product"] *= mu
                s["m"].lerp_(p.grad, 1 - b1)
                s["v"].mul_(b2).addcmul_(p.grad, p.grad, value=1 - b2)
                denom = s["v"].div(1 - b2 ** s["step"]).sqrt_().add_(group["eps"])
                p.addcdiv_(p.grad, denom, value=-group["lr"] * (1 - mu) / (1 - s["product"]))
                p.addcdiv_(s["m"], denom, value=-group["lr"] * mu_next / (1 - s["product"] * mu_next))
        return loss


class SimpleNAdam(Optimizer):
    """Look-ahead of the first moment; one correction for both of its parts."""

    def __init__(self, params, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
        super().__init__(params, dict(lr=lr, beta1=beta1, beta2=beta2, eps=eps))

    @torch.no_grad()
    def step(self, closure=None):
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            b1, b2 = group["beta1"], group["beta2"]
            for p in group["params"]:
                if p.grad is None:
                    continue
                s = self.state[p]
                s["t"] = s.get("t", 0) + 1
                m = s["m"] = b1 * s.get("m", 0) + (1 - b1) * p.grad
                v = s["v"] = b2 * s.get("v", 0) + (1 - b2) * p.grad**2
                ahead = (b1 * m + (1 - b1) * p.grad) / (1 - b1 ** s["t"])
                p -= group["lr"] * ahead / ((v / (1 - b2 ** s["t"])) ** 0.5 + group["eps"])
        return loss


class WarmFreeAdam(Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
        super().__init__(params, dict(lr=lr, betas=betas, eps=eps))

    @torch.no_grad()
    def step(self, closure=None):
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            b1, b2 = group["betas"]
            longest = 2 / (1 - b2) - 1
            for p in group["params"]:
                if p.grad is None:
                    continue
                s = self.state[p]
                if not s:
                    s.update(step=0, m=torch.zeros_like(p), v=torch.zeros_like(p))
                s["step"] += 1
                s["m"].lerp_(p.grad, 1 - b1)
                s["v"].mul_(b2).addcmul_(p.grad, p.grad, value=1 - b2)
                left = b2 ** s["step"]
                length = longest - 2 * s["step"] * left / (1 - left)
                size = group["lr"] / (1 - b1 ** s["step"])
                if length > 5:
                    ratio = (length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length)
                    size *= (ratio * (1 - left)) ** 0.5
                    p.addcdiv_(s["m"], s["v"].sqrt().add_(group["eps"]), value=-size)
                else:
                    p.add_(s["m"], alpha=-size)
        return loss
