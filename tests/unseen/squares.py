"""RMSprop, Adagrad, Adadelta and Adamax."""

import torch
from torch.optim import Optimizer


def evaluate(closure):
    if closure is None:
        return None
    with torch.enable_grad():
        return closure()


class RootMeanSquare(Optimizer):
    def __init__(self, params, lr=0.01, rho=0.99, eps=1e-8):
        super().__init__(params, dict(lr=lr, rho=rho, eps=eps))

    @torch.no_grad()
    def step(self, closure=None):
        loss = evaluate(closure)
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                if "ms" not in self.state[p]:
                    self.state[p]["ms"] = torch.zeros_like(p)
                ms = self.state[p]["ms"]
                ms += (1 - group["rho"]) * (p.grad * p.grad - ms)
                p.addcdiv_(p.grad, ms.sqrt() + group["eps"], value=-group["lr"])
        return loss


class MyAdagrad(Optimizer):
    def __init__(self, params, lr=0.01, lr_decay=0.0, initial=0.0, eps=1e-10):
        super().__init__(params, dict(lr=lr, lr_decay=lr_decay, initial=initial, eps=eps))

    @torch.no_grad()
    def step(self, closure=None):
        loss = evaluate(closure)
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                s = self.state[p]
                if not s:
                    s["seen"], s["total"] = 0, torch.full_like(p, group["initial"])
                rate = group["lr"] / (1 + s["seen"] * group["lr_decay"])
                s["seen"] += 1
                s["total"].addcmul_(p.grad, p.grad)
                p.addcdiv_(p.grad, s["total"].sqrt().add_(group["eps"]), value=-rate)
        return loss


class AdaDelta(Optimizer):
    def __init__(self, params, lr=1.0, decay=0.95, eps=1e-6):
        super().__init__(params, dict(lr=lr, decay=decay, eps=eps))

    @torch.no_grad()
    def step(self, closure=None):
        loss = evaluate(closure)
        for group in self.param_groups:
            rho, eps = group["decay"], group["eps"]
            for p in group["params"]:
                if p.grad is None:
                    continue
                s = self.state[p]
                if not s:
                    s["eg2"] = torch.zeros_like(p)
                    s["edx2"] = torch.zeros_like(p)
                s["eg2"] = rho * s["eg2"] + (1 - rho) * p.grad.square()
                move = ((s["edx2"] + eps) / (s["eg2"] + eps)).sqrt() * p.grad
                s["edx2"] = rho * s["edx2"] + (1 - rho) * move.square()
                p -= group["lr"] * move
        return loss


class OptimizerInf(Optimizer):
    def __init__(self, params, lr=2e-3, beta_1=0.9, beta_2=0.999, epsilon=1e-8):
        super().__init__(params, dict(lr=lr, beta_1=beta_1, beta_2=beta_2, epsilon=epsilon))

    @torch.no_grad()
    def step(self, closure=None):
        loss = evaluate(closure)
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                s = self.state[p]
                if not s:
                    s["iteration"], s["m"], s["u"] = 0, torch.zeros_like(p), torch.zeros_like(p)
                s["iteration"] += 1
                s["m"].lerp_(p.grad, 1 - group["beta_1"])
                torch.maximum(s["u"] * group["beta_2"], p.grad.abs() + group["epsilon"], out=s["u"])
                p.addcdiv_(s["m"], s["u"], value=-group["lr"] / (1 - group["beta_1"] ** s["iteration"]))
        return loss
