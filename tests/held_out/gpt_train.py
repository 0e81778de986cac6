"""From a training script for a small language model: everything in one file, nothing imported but torch."""

import inspect
import math

import torch

# -----------------------------------------------------------------------------
# defaults of the 124M run
learning_rate = 6e-4
betas = (0.9, 0.95)
weight_decay = 1e-1
# -----------------------------------------------------------------------------


def optim_groups(model, weight_decay=weight_decay):
    decay_params = [p for p in model.parameters() if p.requires_grad and p.dim() >= 2]
    nodecay_params = [p for p in model.parameters() if p.requires_grad and p.dim() < 2]
    return [
        {"params": decay_params, "weight_decay": weight_decay},
        {"params": nodecay_params, "weight_decay": 0.0},
    ]


def keywords(cls, config):
    return {k: v for k, v in config.items() if k in inspect.signature(cls).parameters}


def get_lr(it, warmup_iters=100, lr_decay_iters=5000, min_lr=6e-5):
    if it < warmup_iters:
        return learning_rate * (it + 1) / (warmup_iters + 1)
    ratio = min(1.0, (it - warmup_iters) / (lr_decay_iters - warmup_iters))
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (learning_rate - min_lr)


class GPTAdamW(torch.optim.Optimizer):
    def __init__(self, params, lr=learning_rate, betas=betas, eps=1e-8, weight_decay=weight_decay):
        super().__init__(params, dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay))

    @torch.no_grad()
    def step(self, closure=None):
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            lr, (b1, b2), eps, wd = group["lr"], group["betas"], group["eps"], group["weight_decay"]
            for p in group["params"]:
                if p.grad is None:
                    continue
                st = self.state[p]
                if "exp_avg" not in st:
                    st["exp_avg"], st["exp_avg_sq"], st["iter_num"] = torch.zeros_like(p), torch.zeros_like(p), 0
                st["iter_num"] += 1
                n = st["iter_num"]
                # m / (1 - b1^n) over sqrt(v / (1 - b2^n)) + eps, with the corrections on one side
                c = math.sqrt(1.0 - b2**n)
                st["exp_avg"].add_(p.grad - st["exp_avg"], alpha=1 - b1)
                st["exp_avg_sq"].add_(p.grad**2 - st["exp_avg_sq"], alpha=1 - b2)
                upd = c * st["exp_avg"] / (st["exp_avg_sq"].sqrt() + c * eps)
                p.copy_(p * (1 - lr * wd) - upd * (lr / (1.0 - b1**n)))
        return loss


class FinetuneAdamW(torch.optim.Optimizer):
    def __init__(self, params, lr=5e-5, betas=betas, eps=1e-8, weight_decay=weight_decay):
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
                grad = p.grad
                if group["weight_decay"] != 0:
                    grad = grad.add(p, alpha=group["weight_decay"])
                st = self.state[p]
                if not st:
                    st["exp_avg"], st["exp_avg_sq"], st["iter_num"] = torch.zeros_like(p), torch.zeros_like(p), 0
                st["iter_num"] += 1
                p.mul_(1 - group["lr"] * group["weight_decay"])
                st["exp_avg"].mul_(b1).add_(grad, alpha=1 - b1)
                st["exp_avg_sq"].mul_(b2).addcmul_(grad, grad, value=1 - b2)
                c1, c2 = 1 - b1 ** st["iter_num"], 1 - b2 ** st["iter_num"]
                p.sub_(group["lr"] * (st["exp_avg"] / c1) / ((st["exp_avg_sq"] / c2).sqrt() + group["eps"]))
        return loss


class ScriptAdam(torch.optim.Optimizer):
    """Counts its iterations once per group, for the log."""

    def __init__(self, params, lr=learning_rate, betas=betas, eps=1e-8):
        super().__init__(params, dict(lr=lr, betas=betas, eps=eps, iter_num=0))

    @torch.no_grad()
    def step(self, closure=None):
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        self.param_groups[0]["iter_num"] += 1
        for group in self.param_groups:
            b1, b2 = group["betas"]
            n = max(group["iter_num"], 1)
            for p in group["params"]:
                if p.grad is None:
                    continue
                st = self.state[p]
                if not st:
                    st["exp_avg"], st["exp_avg_sq"] = torch.zeros_like(p), torch.zeros_like(p)
                st["exp_avg"].lerp_(p.grad, 1 - b1)
                st["exp_avg_sq"].lerp_(p.grad.square(), 1 - b2)
                denom = st["exp_avg_sq"].sqrt().div_(math.sqrt(1 - b2**n)).add_(group["eps"])
                p.addcdiv_(st["exp_avg"], denom, value=-group["lr"] / (1 - b1**n))
        return loss
