"""More of the usual optimizers, in one mould."""

import torch
from torch.optim import Optimizer


class Mould(Optimizer):
    slots = ("m", "v")

    def __init__(self, params, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8, **more):
        super().__init__(params, dict(lr=lr, beta1=beta1, beta2=beta2, eps=eps, **more))

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
                if not s:
                    s["t"] = 0
                    s.update({slot: torch.zeros_like(p) for slot in self.slots})
                s["t"] += 1
                self.rule(p, p.grad, s, group["lr"], group.get("beta1"), group.get("beta2"), group.get("eps"), group)
        return loss


class QuickAdam(Mould):
    def rule(self, p, g, s, lr, b1, b2, eps, group):
        s["m"].mul_(b1).add_(g, alpha=1 - b1)
        s["v"].mul_(b2).addcmul_(g, g, value=1 - b1)
        p.sub_(lr * (s["m"] / (1 - b1 ** s["t"])) / ((s["v"] / (1 - b2 ** s["t"])).sqrt() + eps))


class OptimizerR(Mould):
    slots = ("v",)

    def __init__(self, params, lr=0.01, beta2=0.99, eps=1e-8):
        Optimizer.__init__(self, params, dict(lr=lr, beta2=beta2, eps=eps))

    def rule(self, p, g, s, lr, b1, b2, eps, group):
        s["v"].mul_(b2).add_(g.abs(), alpha=1 - b2)
        p.addcdiv_(g, s["v"].sqrt().add_(eps), value=-lr)


class LionLike(Mould):
    slots = ("m",)

    def __init__(self, params, lr=1e-4, beta1=0.9, beta2=0.99, weight_decay=0.0):
        Optimizer.__init__(self, params, dict(lr=lr, beta1=beta1, beta2=beta2, weight_decay=weight_decay))

    def rule(self, p, g, s, lr, b1, b2, eps, group):
        s["m"].lerp_(g, 1 - b2)
        p.mul_(1 - lr * group["weight_decay"]).sub_(torch.sign(b1 * s["m"] + (1 - b1) * g), alpha=lr)


class InfinityNormAdam(Mould):
    slots = ("m", "u")

    def rule(self, p, g, s, lr, b1, b2, eps, group):
        s["m"].lerp_(g, 1 - b1)
        torch.maximum(s["u"] * b2, g + eps, out=s["u"])
        p.addcdiv_(s["m"], s["u"].clamp(min=eps), value=-lr / (1 - b1 ** s["t"]))


class ZeilerDelta(Mould):
    slots = ("eg", "ed")

    def __init__(self, params, lr=1.0, rho=0.9, eps=1e-6):
        Optimizer.__init__(self, params, dict(lr=lr, rho=rho, eps=eps))

    def rule(self, p, g, s, lr, b1, b2, eps, group):
        b2 = group["rho"]
        s["eg"].mul_(b2).addcmul_(g, g, value=1 - b2)
        delta = g * (s["ed"] + eps).sqrt() / (s["eg"] + eps).sqrt() * lr
        s["ed"].mul_(b2).addcmul_(delta, delta, value=1 - b2)
        p.sub_(delta)


class NesterovTriple(Mould):
    slots = ("m", "d", "n", "last")

    def __init__(self, params, lr=1e-3, beta1=0.98, beta2=0.92, beta3=0.99, eps=1e-8, weight_decay=0.0):
        super().__init__(params, lr, beta1, beta2, eps, beta3=beta3, weight_decay=weight_decay)

    def rule(self, p, g, s, lr, b1, b2, eps, group):
        diff = s["last"] - g if s["t"] > 1 else torch.zeros_like(g)
        s["last"].copy_(g)
        s["m"].lerp_(g, 1 - b1)
        s["d"].lerp_(diff, 1 - b2)
        s["n"].lerp_((g + b2 * diff).square(), 1 - group["beta3"])
        c1, c2, c3 = (1 - b ** s["t"] for b in (b1, b2, group["beta3"]))
        p.mul_(1 - lr * group["weight_decay"])
        p.sub_(lr * (s["m"] / c1 + b2 * s["d"] / c2) / ((s["n"] / c3).sqrt() + eps))


class AMSGradShort(Mould):
    slots = ("m", "v", "top")

    def rule(self, p, g, s, lr, b1, b2, eps, group):
        s["m"].lerp_(g, 1 - b1)
        s["v"].lerp_(g.square(), 1 - b2)
        top = torch.maximum(s["top"], s["v"])
        p.addcdiv_(s["m"], (top / (1 - b2 ** s["t"])).sqrt() + eps, value=-lr / (1 - b1 ** s["t"]))


class RectifiedAdam(Mould):
    def rule(self, p, g, s, lr, b1, b2, eps, group):
        s["m"].lerp_(g, 1 - b1)
        s["v"].lerp_(g.square(), 1 - b2)
        t, rho_inf = s["t"], 2 / (1 - b2) - 1
        rho = rho_inf - t * b2**t / (1 - b2**t)
        m_hat = s["m"] / (1 - b1**t)
        if rho > 5:
            r = ((rho - 4) * (rho - 2) * rho_inf / ((rho_inf - 4) * (rho_inf - 2) * rho)) ** 0.5
            m_hat = r * m_hat * (1 - b2**t) ** 0.5 / (s["v"].sqrt() + eps)
        p.sub_(lr * m_hat)
