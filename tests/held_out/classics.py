"""Assorted optimizers, each with its own loop."""

import math

import torch
from torch.optim.optimizer import Optimizer


class ResilientBackprop(Optimizer):
    def __init__(self, params, lr=0.01, etas=(0.5, 1.2), step_sizes=(1e-6, 50.0)):
        super().__init__(params, dict(lr=lr, etas=etas, step_sizes=step_sizes))

    @torch.no_grad()
    def step(self, closure=None):
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            minus, plus = group["etas"]
            for p in group["params"]:
                if p.grad is None:
                    continue
                g, state = p.grad.clone(), self.state[p]
                if len(state) == 0:
                    state["prev"], state["width"] = torch.zeros_like(p), torch.full_like(p, group["lr"])
                turn = g * state["prev"]
                factor = torch.ones_like(p).masked_fill_(turn > 0, plus).masked_fill_(turn < 0, minus)
                state["width"].mul_(factor).clamp_(*group["step_sizes"])
                g.masked_fill_(turn < 0, 0)
                p.sub_(g.sign() * state["width"])
                state["prev"].copy_(g)
        return loss


class DualAverages(Optimizer):
    """Momentumized, adaptive, dual averaged."""

    def __init__(self, params, lr=1e-2, momentum=0.9, eps=1e-6):
        super().__init__(params, dict(lr=lr, momentum=momentum, eps=eps))

    @torch.no_grad()
    def step(self, closure=None):
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            ck = 1 - group["momentum"]
            for p in group["params"]:
                if p.grad is None:
                    continue
                state = self.state[p]
                if "x0" not in state:
                    state["k"], state["x0"] = 0, p.detach().clone()
                    state["s"], state["grad_sum_sq"] = torch.zeros_like(p), torch.zeros_like(p)
                lamb = group["lr"] * math.sqrt(state["k"] + 1)
                state["grad_sum_sq"].addcmul_(p.grad, p.grad, value=lamb)
                state["s"].add_(p.grad, alpha=lamb)
                rms = state["grad_sum_sq"].pow(1 / 3).add_(group["eps"])
                z = state["x0"].addcdiv(state["s"], rms, value=-1)
                p.mul_(1 - ck).add_(z, alpha=ck)
                state["k"] += 1
        return loss


class RAdam(Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
        super().__init__(params, dict(lr=lr, betas=betas, eps=eps))

    def step_size(self, group, step):
        beta1, beta2 = group["betas"]
        beta2_t = beta2**step
        n_sma_max = 2 / (1 - beta2) - 1
        n_sma = n_sma_max - 2 * step * beta2_t / (1 - beta2_t)
        if n_sma <= 5:
            return n_sma, group["lr"] / (1 - beta1**step)
        rect = (n_sma - 4) / (n_sma_max - 4) * (n_sma - 2) / n_sma * n_sma_max / (n_sma_max - 2)
        return n_sma, group["lr"] * math.sqrt((1 - beta2_t) * rect) / (1 - beta1**step)

    def denominator(self, exp_avg_sq, group, step):
        return exp_avg_sq.sqrt().add_(group["eps"])

    def step(self, closure=None):
        loss = None
        if closure is not None:
            loss = closure()
        for group in self.param_groups:
            beta1, beta2 = group["betas"]
            for p in group["params"]:
                if p.grad is None:
                    continue
                state = self.state[p]
                if len(state) == 0:
                    state["step"] = 0
                    state["exp_avg"] = torch.zeros_like(p.data)
                    state["exp_avg_sq"] = torch.zeros_like(p.data)
                state["step"] += 1
                state["exp_avg_sq"].mul_(beta2).addcmul_(p.grad.data, p.grad.data, value=1 - beta2)
                state["exp_avg"].mul_(beta1).add_(p.grad.data, alpha=1 - beta1)
                n_sma, size = self.step_size(group, state["step"])
                if n_sma > 5:
                    p.data.addcdiv_(
                        state["exp_avg"], self.denominator(state["exp_avg_sq"], group, state["step"]), value=-size
                    )
                else:
                    p.data.add_(state["exp_avg"], alpha=-size)
        return loss


class RAdamSmallEps(RAdam):
    def denominator(self, exp_avg_sq, group, step):
        return exp_avg_sq.sqrt().add_(group["eps"] * math.sqrt(1 - group["betas"][1] ** step))


class BufferedRAdam(RAdam):
    """Computes each step size once for all tensors."""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
        buffer = [[None, None, None] for _ in range(10)]
        Optimizer.__init__(self, params, dict(lr=lr, betas=betas, eps=eps, buffer=buffer))

    def step_size(self, group, step):
        buffered = group["buffer"][step % 10]
        if step != buffered[0]:
            buffered[0] = step
            buffered[1:] = super().step_size(group, step)
        return buffered[1], buffered[2]


class BeliefOnce(Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
        super().__init__(params, dict(lr=lr, betas=betas, eps=eps))

    @torch.no_grad()
    def step(self, closure=None):
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            beta1, beta2 = group["betas"]
            for p in group["params"]:
                if p.grad is None:
                    continue
                state = self.state[p]
                if len(state) == 0:
                    state.update(step=0, exp_avg=torch.zeros_like(p), exp_avg_var=torch.zeros_like(p))
                state["step"] += 1
                state["exp_avg"].mul_(beta1).add_(p.grad, alpha=1 - beta1)
                residual = p.grad - state["exp_avg"]
                state["exp_avg_var"].mul_(beta2).addcmul_(residual, residual, value=1 - beta2)
                scale = math.sqrt(1 - beta2 ** state["step"])
                denom = (state["exp_avg_var"].sqrt() + group["eps"]) / scale
                p.addcdiv_(state["exp_avg"], denom, value=-group["lr"] / (1 - beta1 ** state["step"]))
        return loss


class Lamb(Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-6, weight_decay=0.0, clamp_value=10.0):
        super().__init__(params, dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, clamp_value=clamp_value))

    @torch.no_grad()
    def step(self, closure=None):
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            beta1, beta2 = group["betas"]
            for p in group["params"]:
                if p.grad is None:
                    continue
                state = self.state[p]
                if len(state) == 0:
                    state["exp_avg"], state["exp_avg_sq"] = torch.zeros_like(p), torch.zeros_like(p)
                exp_avg, exp_avg_sq = state["exp_avg"], state["exp_avg_sq"]
                exp_avg.mul_(beta1).add_(p.grad, alpha=1 - beta1)
                exp_avg_sq.mul_(beta2).addcmul_(p.grad, p.grad, value=1 - beta2)
                adam_step = exp_avg / exp_avg_sq.sqrt().add(group["eps"])
                if group["weight_decay"] != 0:
                    adam_step.add_(p, alpha=group["weight_decay"])
                weight_norm = torch.norm(p).clamp(0, group["clamp_value"])
                adam_norm = torch.norm(adam_step)
                trust_ratio = 1.0 if weight_norm == 0 or adam_norm == 0 else float(weight_norm / adam_norm)
                p.add_(adam_step, alpha=-group["lr"] * trust_ratio)
        return loss


class LionIndependent(Optimizer):
    """The decay does not go through the learning rate."""

    def __init__(self, params, lr=1e-4, b1=0.9, b2=0.99, wd=0.0):
        super().__init__(params, dict(lr=lr, b1=b1, b2=b2, wd=wd))

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
                m = self.state[p].get("m")
                if m is None:
                    m = self.state[p]["m"] = torch.zeros_like(p)
                way = p.grad.lerp(m, group["b1"]).sign()
                m.sub_(m - p.grad, alpha=1 - group["b2"])
                p.mul_(1 - group["wd"]).sub_(way, alpha=group["lr"])
        return loss


class AveragedNesterovW(Optimizer):
    def __init__(self, params, lr=0.1, momentum=0.9, weight_decay=0.01):
        super().__init__(params, dict(lr=lr, momentum=momentum, weight_decay=weight_decay))

    @torch.no_grad()
    def step(self, closure=None):
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            mu = group["momentum"]
            for p in group["params"]:
                if p.grad is None:
                    continue
                state = self.state[p]
                if "momentum_buffer" in state:
                    state["momentum_buffer"].lerp_(p.grad, 1 - mu)
                else:
                    state["momentum_buffer"] = p.grad.clone()
                look_ahead = p.grad.lerp(state["momentum_buffer"], mu)
                p.mul_(1 - group["lr"] * group["weight_decay"]).sub_(look_ahead, alpha=group["lr"])
        return loss


class MomentumW(Optimizer):
    def __init__(self, params, lr=0.1, momentum=0.9, weight_decay=0.01):
        super().__init__(params, dict(lr=lr, momentum=momentum, weight_decay=weight_decay))

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
                buf = self.state[p].setdefault("momentum_buffer", torch.zeros_like(p))
                buf.mul_(1 - group["lr"] * group["weight_decay"])
                buf.mul_(group["momentum"]).add_(p.grad)
                p.add_(buf, alpha=-group["lr"])
        return loss


class UpOrDown(Optimizer):
    """SGD with momentum and L2, up or down the slope."""

    def __init__(self, params, lr=0.1, momentum=0.9, weight_decay=0.0, *, maximize=False):
        super().__init__(params, dict(lr=lr, momentum=momentum, weight_decay=weight_decay, maximize=maximize))

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
                d_p = p.grad.add(p, alpha=group["weight_decay"])
                buf = self.state[p].get("momentum_buffer")
                if buf is None:
                    buf = self.state[p]["momentum_buffer"] = d_p
                else:
                    buf.mul_(group["momentum"]).add_(d_p)
                p.add_(buf, alpha=group["lr"] if group["maximize"] else -group["lr"])
        return loss
