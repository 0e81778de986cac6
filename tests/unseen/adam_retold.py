"""Adam and AdamW with the algebra moved about."""

import math

import torch
from torch.optim import Optimizer


class AdamPowers(Optimizer):
    def __init__(self, params, lr=1e-3, beta1=0.9, beta2=0.999, epsilon=1e-8):
        super().__init__(params, dict(lr=lr, beta1=beta1, beta2=beta2, epsilon=epsilon))

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
                if not s:
                    s["t"], s["m"], s["v"] = 0, torch.zeros_like(p), torch.zeros_like(p)
                s["t"] += 1
                s["m"].mul_(b1).add_(p.grad, alpha=1 - b1)
                s["v"].mul_(b2).addcmul_(p.grad, p.grad, value=1 - b2)
                denom = (s["v"].sqrt() / math.sqrt(1 - b2 ** s["t"])).add_(group["epsilon"])
                p.addcdiv_(s["m"], denom, value=-group["lr"] / (1 - b1 ** s["t"]))
        return loss


class AdamRunningProducts(Optimizer):
    """Keeps beta1^t and beta2^t as products; eps rides with the folded correction of the second moment."""

    def __init__(self, params, learning_rate=0.001, betas=(0.9, 0.999), eps=1e-8):
        super().__init__(params, {"learning_rate": learning_rate, "betas": betas, "eps": eps})

    def step(self, closure=None):
        loss = closure() if closure is not None else None
        with torch.no_grad():
            for group in self.param_groups:
                for p in group["params"]:
                    if p.grad is not None:
                        self._one(p, group["learning_rate"], *group["betas"], group["eps"])
        return loss

    def _one(self, p, lr, b1, b2, eps):
        state = self.state[p]
        if "first" not in state:
            state.update(first=torch.zeros_like(p), second=torch.zeros_like(p), prod1=1.0, prod2=1.0)
        state["prod1"] *= b1
        state["prod2"] *= b2
        state["first"].lerp_(p.grad, 1 - b1)
        state["second"].lerp_(p.grad.square(), 1 - b2)
        root = (1 - state["prod2"]) ** 0.5
        p -= lr * root / (1 - state["prod1"]) * state["first"] / (state["second"].sqrt() + eps * root)


class OptimizerA(Optimizer):
    """Debiased decay rates: the buffers hold the corrected averages themselves."""

    def __init__(self, params, alpha=0.001, b1=0.9, b2=0.999, eps=1e-8):
        super().__init__(params, dict(alpha=alpha, b1=b1, b2=b2, eps=eps))

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
                n = s["n"] = s.get("n", 0) + 1
                if n == 1:
                    s["mean"], s["square"] = torch.zeros_like(p), torch.zeros_like(p)
                now1 = (1 - group["b1"]) / (1 - group["b1"] ** n)
                now2 = (1 - group["b2"]) / (1 - group["b2"] ** n)
                s["mean"] += now1 * (p.grad - s["mean"])
                s["square"] += now2 * (p.grad**2 - s["square"])
                p.sub_(s["mean"] / (s["square"].sqrt() + group["eps"]), alpha=group["alpha"])
        return loss
