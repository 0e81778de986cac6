"""AdamW in lists, and by hand; plain and with an option for L2."""

import torch
from torch.optim import Optimizer


class ForeachAdamW(Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
        if lr < 0 or eps < 0 or not all(0 <= b < 1 for b in betas):
            raise ValueError(f"bad settings: lr {lr}, eps {eps}, betas {betas}")
        super().__init__(params, dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay))

    @torch.no_grad()
    def step(self, closure=None):
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            ps = [p for p in group["params"] if p.grad is not None]
            if not ps:
                continue
            for p in ps:
                if len(self.state[p]) == 0:
                    self.state[p].update(step=0, exp_avg=torch.zeros_like(p), exp_avg_sq=torch.zeros_like(p))
                self.state[p]["step"] += 1
            grads = [p.grad for p in ps]
            ms = [self.state[p]["exp_avg"] for p in ps]
            vs = [self.state[p]["exp_avg_sq"] for p in ps]
            b1, b2 = group["betas"]
            torch._foreach_mul_(ps, 1 - group["lr"] * group["weight_decay"])
            torch._foreach_lerp_(ms, grads, 1 - b1)
            torch._foreach_mul_(vs, b2)
            torch._foreach_addcmul_(vs, grads, grads, 1 - b2)
            denoms = torch._foreach_sqrt(vs)
            torch._foreach_div_(denoms, [(1 - b2 ** self.state[p]["step"]) ** 0.5 for p in ps])
            torch._foreach_add_(denoms, group["eps"])
            sizes = [-group["lr"] / (1 - b1 ** self.state[p]["step"]) for p in ps]
            torch._foreach_addcdiv_(ps, ms, denoms, sizes)
        return loss


class HandWrittenAdamW(Optimizer):
    def __init__(self, params, learning_rate, b1=0.9, b2=0.95, eps=1e-8, wd=0.1, *, maximize=False):
        super().__init__(params, dict(learning_rate=learning_rate, b1=b1, b2=b2, eps=eps, wd=wd, maximize=maximize))

    @torch.no_grad()
    def step(self, closure=None):
        value = None
        if closure is not None:
            with torch.enable_grad():
                value = closure()
        for g in self.param_groups:
            for p in g["params"]:
                if p.grad is None:
                    continue
                grad = -p.grad if g["maximize"] else p.grad
                st = self.state[p]
                if not st:
                    st["k"], st["mu"], st["nu"] = 0, p * 0, p * 0
                st["k"] += 1
                st["mu"] = g["b1"] * st["mu"] + (1 - g["b1"]) * grad
                st["nu"] = g["b2"] * st["nu"] + (1 - g["b2"]) * grad * grad
                mu_hat = st["mu"] / (1 - g["b1"] ** st["k"])
                nu_hat = st["nu"] / (1 - g["b2"] ** st["k"])
                p.copy_(p - g["learning_rate"] * (mu_hat / (nu_hat.sqrt() + g["eps"]) + g["wd"] * p))
        return value


class RegularisedAdam(Optimizer):
    """Adam on the loss with (weight_decay / 2) |theta|^2 added."""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
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
                grad = p.grad.add(p, alpha=group["weight_decay"])
                s = self.state[p]
                s["step"] = s.get("step", 0) + 1
                m = s.setdefault("m", torch.zeros_like(p)).mul_(b1).add_(grad, alpha=1 - b1)
                v = s.setdefault("v", torch.zeros_like(p)).mul_(b2).add_(grad.pow(2), alpha=1 - b2)
                m_hat, v_hat = m / (1 - b1 ** s["step"]), v / (1 - b2 ** s["step"])
                p.add_(m_hat / (v_hat.sqrt() + group["eps"]), alpha=-group["lr"])
        return loss
