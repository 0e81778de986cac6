"""Relatives of Adam: belief, Yogi, layer-wise, ADOPT, Adan, quasi-hyperbolic, two averages."""

import torch
from torch.optim import Optimizer


class Relative(Optimizer):
    """Loop, closure and counting; a relative says what one tensor does."""

    buffers = ("m", "v")

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
                if len(s) == 0:
                    s["t"] = 0
                    for name in self.buffers:
                        s[name] = torch.zeros_like(p)
                s["t"] += 1
                self.one(p, p.grad, s, **{k: x for k, x in group.items() if k != "params"})
        return loss


class Belief(Relative):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-16):
        super().__init__(params, dict(lr=lr, betas=betas, eps=eps))

    def one(self, p, g, s, lr, betas, eps):
        s["m"].mul_(betas[0]).add_(g, alpha=1 - betas[0])
        surprise = g - s["m"]
        s["v"].mul_(betas[1]).addcmul_(surprise, surprise, value=1 - betas[1]).add_(eps)
        root = (s["v"] / (1 - betas[1] ** s["t"])).sqrt()
        p.addcdiv_(s["m"], root + eps, value=-lr / (1 - betas[0] ** s["t"]))


class MyYogi(Relative):
    def __init__(self, params, lr=1e-2, betas=(0.9, 0.999), eps=1e-3, initial_accumulator=1e-6):
        super().__init__(params, dict(lr=lr, betas=betas, eps=eps, initial_accumulator=initial_accumulator))

    def one(self, p, g, s, lr, betas, eps, initial_accumulator):
        if s["t"] == 1:
            s["v"].fill_(initial_accumulator)
        s["m"].lerp_(g, 1 - betas[0])
        s["v"].addcmul_((s["v"] - g * g).sign(), g * g, value=betas[1] - 1)
        root = (s["v"] / (1 - betas[1] ** s["t"])).sqrt()
        p.sub_(lr / (1 - betas[0] ** s["t"]) * s["m"] / (root + eps))


class LayerwiseAdam(Relative):
    def __init__(self, params, lr=1e-3, b1=0.9, b2=0.999, eps=1e-6, weight_decay=0.01):
        super().__init__(params, dict(lr=lr, b1=b1, b2=b2, eps=eps, weight_decay=weight_decay))

    def one(self, p, g, s, lr, b1, b2, eps, weight_decay):
        s["m"].lerp_(g, 1 - b1)
        s["v"].lerp_(g * g, 1 - b2)
        move = s["m"] / (1 - b1 ** s["t"]) / ((s["v"] / (1 - b2 ** s["t"])).sqrt() + eps)
        move.add_(p, alpha=weight_decay)
        weight, length = p.norm(), move.norm()
        trust = weight / length if weight > 0 and length > 0 else 1.0
        p.sub_(lr * trust * move)


class Adopt(Relative):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.9999), eps=1e-6, weight_decay=0.0):
        super().__init__(params, dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay))

    def one(self, p, g, s, lr, betas, eps, weight_decay):
        p.mul_(1 - lr * weight_decay)
        if s["t"] == 1:
            s["v"].copy_(g.square())
            return
        s["m"].lerp_(g / s["v"].sqrt().clamp(min=eps), 1 - betas[0])
        p.sub_(s["m"], alpha=lr)
        s["v"].lerp_(g.square(), 1 - betas[1])


class NesterovThree(Relative):
    buffers = ("m", "diff", "n", "before")

    def __init__(self, params, lr=1e-3, beta1=0.98, beta2=0.92, beta3=0.99, eps=1e-8, wd=0.0):
        super().__init__(params, dict(lr=lr, beta1=beta1, beta2=beta2, beta3=beta3, eps=eps, wd=wd))

    def one(self, p, g, s, lr, beta1, beta2, beta3, eps, wd):
        d = torch.zeros_like(g) if s["t"] == 1 else g - s["before"]
        s["before"].copy_(g)
        s["m"].lerp_(g, 1 - beta1)
        s["diff"].lerp_(d, 1 - beta2)
        s["n"].lerp_((g + beta2 * d) ** 2, 1 - beta3)
        c1, c2, c3 = (1 - b ** s["t"] for b in (beta1, beta2, beta3))
        move = (s["m"] / c1 + beta2 * s["diff"] / c2) / ((s["n"] / c3).sqrt() + eps)
        p.mul_(1 - lr * wd).sub_(move, alpha=lr)


class QuasiAdam(Relative):
    def __init__(self, params, lr=1e-3, betas=(0.995, 0.999), nus=(0.7, 1.0), eps=1e-8):
        super().__init__(params, dict(lr=lr, betas=betas, nus=nus, eps=eps))

    def one(self, p, g, s, lr, betas, nus, eps):
        s["m"].lerp_(g, 1 - betas[0])
        s["v"].lerp_(g * g, 1 - betas[1])
        top = torch.lerp(g, s["m"] / (1 - betas[0] ** s["t"]), nus[0])
        bottom = torch.lerp(g * g, s["v"] / (1 - betas[1] ** s["t"]), nus[1])
        p.addcdiv_(top, bottom.sqrt() + eps, value=-lr)


class TwoAverages(Relative):
    buffers = ("fast", "slow", "v")

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999, 0.9999), alpha=5.0, eps=1e-8, weight_decay=0.0):
        super().__init__(params, dict(lr=lr, betas=betas, alpha=alpha, eps=eps, weight_decay=weight_decay))

    def one(self, p, g, s, lr, betas, alpha, eps, weight_decay):
        s["fast"].lerp_(g, 1 - betas[0])
        s["slow"].lerp_(g, 1 - betas[2])
        s["v"].mul_(betas[1]).addcmul_(g, g, value=1 - betas[1])
        top = s["fast"] / (1 - betas[0] ** s["t"]) + alpha * s["slow"]
        p.sub_(lr * (top / ((s["v"] / (1 - betas[1] ** s["t"])).sqrt() + eps) + weight_decay * p))
