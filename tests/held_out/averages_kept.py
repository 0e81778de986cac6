"""Averages kept in other coordinates: as roots, as sums with the sum of their weights, with decays that grow."""

import torch


class RootAdam(torch.optim.Optimizer):
    """Keeps the root mean square itself, not its square."""

    def __init__(self, params, step_size=1e-3, decay_rates=(0.9, 0.999), epsilon=1e-8):
        super().__init__(params, {"step_size": step_size, "decay_rates": decay_rates, "epsilon": epsilon})

    @torch.no_grad()
    def step(self, closure=None):
        with torch.enable_grad():
            out = closure() if closure else None
        for group in self.param_groups:
            d1, d2 = group["decay_rates"]
            for x in (x for x in group["params"] if x.grad is not None):
                mem = self.state[x]
                k = mem["k"] = mem.get("k", 0) + 1
                mean, rms = mem.get("mean", torch.zeros_like(x)), mem.get("rms", torch.zeros_like(x))
                mem["mean"] = mean = d1 * mean + (1 - d1) * x.grad
                mem["rms"] = rms = torch.hypot(d2**0.5 * rms, (1 - d2) ** 0.5 * x.grad)
                x.addcdiv_(mean / (1 - d1**k), rms / (1 - d2**k) ** 0.5 + group["epsilon"], value=-group["step_size"])
        return out


class WeightedSums(torch.optim.Optimizer):
    def __init__(self, params, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
        super().__init__(params, dict(lr=lr, beta1=beta1, beta2=beta2, eps=eps))

    @torch.no_grad()
    def step(self, closure=None):
        with torch.enable_grad():
            out = closure() if closure else None
        for group in self.param_groups:
            lr, beta1, beta2, eps = (group[k] for k in ("lr", "beta1", "beta2", "eps"))
            for p in group["params"]:
                if p.grad is None:
                    continue
                st = self.state[p]
                if not st:
                    st["sum"], st["sum_w"] = torch.zeros_like(p), 0.0
                    st["sum_sq"], st["sum_sq_w"] = torch.zeros_like(p), 0.0
                st["sum"].mul_(beta1).add_(p.grad)
                st["sum_w"] = st["sum_w"] * beta1 + 1
                st["sum_sq"].mul_(beta2).addcmul_(p.grad, p.grad)
                st["sum_sq_w"] = st["sum_sq_w"] * beta2 + 1
                p.sub_(lr * (st["sum"] / st["sum_w"]) / (torch.sqrt(st["sum_sq"] / st["sum_sq_w"]) + eps))
        return out


class GrowingRMS(torch.optim.Optimizer):
    """The decay of the mean square grows from 0 to beta2, so that the mean needs no correction afterwards."""

    def __init__(self, params, lr=0.01, beta2=0.99, eps=1e-8, momentum=0.9):
        super().__init__(params, dict(lr=lr, beta2=beta2, eps=eps, momentum=momentum))

    @torch.no_grad()
    def step(self, closure=None):
        with torch.enable_grad():
            out = closure() if closure else None
        for group in self.param_groups:
            beta2 = group["beta2"]
            for p in group["params"]:
                if p.grad is None:
                    continue
                st = self.state[p]
                if not st:
                    st["t"], st["ms"], st["buf"] = 0, torch.zeros_like(p), torch.zeros_like(p)
                st["t"] += 1
                beta2t = beta2 * (1 - beta2 ** (st["t"] - 1)) / (1 - beta2 ** st["t"])
                st["ms"].mul_(beta2t).addcmul_(p.grad, p.grad, value=1 - beta2t)
                st["buf"].mul_(group["momentum"]).addcdiv_(p.grad, st["ms"].sqrt().add_(group["eps"]))
                p.add_(st["buf"], alpha=-group["lr"])
        return out


class ClippedAdopt(torch.optim.Optimizer):
    """The normalised gradient is clipped to the number of the step, to a power."""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.9999), eps=1e-6, weight_decay=0.0, clip_exp=0.25):
        super().__init__(params, dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, clip_exp=clip_exp))

    @torch.no_grad()
    def step(self, closure=None):
        with torch.enable_grad():
            out = closure() if closure else None
        for group in self.param_groups:
            b1, b2 = group["betas"]
            for p in group["params"]:
                if p.grad is None:
                    continue
                p.mul_(1 - group["lr"] * group["weight_decay"])
                st = self.state[p]
                if not st:
                    st["step"], st["m"], st["v"] = 1, torch.zeros_like(p), p.grad * p.grad
                    continue
                st["step"] += 1
                bound = st["step"] ** group["clip_exp"]
                u = (p.grad / torch.clamp(st["v"].sqrt(), min=group["eps"])).clamp_(-bound, bound)
                p.sub_(st["m"].mul_(b1).add_(u, alpha=1 - b1), alpha=group["lr"])
                st["v"].mul_(b2).addcmul_(p.grad, p.grad, value=1 - b2)
        return out


class StableAdam(torch.optim.Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
        super().__init__(params, dict(lr=lr, betas=betas, eps=eps))

    @torch.no_grad()
    def step(self, closure=None):
        with torch.enable_grad():
            out = closure() if closure else None
        for group in self.param_groups:
            b1, b2 = group["betas"]
            for p in group["params"]:
                if p.grad is None:
                    continue
                st = self.state[p]
                if not st:
                    st["t"], st["m"], st["v"] = 0, torch.zeros_like(p), torch.zeros_like(p)
                st["t"] += 1
                st["m"].lerp_(p.grad, 1 - b1)
                st["v"].lerp_(p.grad.square(), 1 - b2)
                v_hat = st["v"] / (1 - b2 ** st["t"])
                p.sub_(group["lr"] / (1 - b1 ** st["t"]) * st["m"] * torch.rsqrt(v_hat + group["eps"] ** 2))
        return out


class ByShape(torch.optim.Optimizer):
    """RMSprop; the mean squares are kept under the shape, to be readable after a load."""

    def __init__(self, params, lr=0.01, alpha=0.99, eps=1e-8):
        super().__init__(params, dict(lr=lr, alpha=alpha, eps=eps))

    @torch.no_grad()
    def step(self, closure=None):
        with torch.enable_grad():
            out = closure() if closure else None
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                st = self.state["x".join(map(str, p.shape))]
                if "ms" not in st:
                    st["ms"] = torch.zeros_like(p)
                st["ms"].mul_(group["alpha"]).add_((1 - group["alpha"]) * p.grad**2)
                p.sub_(group["lr"] * p.grad / (st["ms"].sqrt() + group["eps"]))
        return out
