"""For training in low precision: master copies in float32, moments in less."""

import torch

HALVES = (torch.float16, torch.bfloat16)


class MixedAdam(torch.optim.Optimizer):
    """Half-precision parameters have a master copy and moments in float32; others are their own master."""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
        super().__init__(params, dict(lr=lr, betas=betas, eps=eps))

    def load_state_dict(self, state_dict):
        super().load_state_dict(state_dict)
        order = [p for group in self.param_groups for p in group["params"]]
        names = [i for group in state_dict["param_groups"] for i in group["params"]]
        for name, p in zip(names, order, strict=True):  # torch has cast the moments to the type of the parameter
            for key, value in state_dict["state"].get(name, {}).items():
                if torch.is_tensor(value):
                    self.state[p][key] = value.detach().clone().to(p.device)

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
                wide = torch.float32 if p.dtype in HALVES else p.dtype
                if not s:
                    s["t"] = 0
                    s["m"], s["v"] = (torch.zeros_like(p, dtype=wide) for _ in range(2))
                    if p.dtype in HALVES:
                        s["master"] = p.detach().to(wide, copy=True)
                master, g = s.get("master", p), p.grad.to(wide)
                s["t"] += 1
                s["m"] += (1 - b1) * (g - s["m"])
                s["v"] += (1 - b2) * (g * g - s["v"])
                correction = (1 - b2 ** s["t"]) ** 0.5 / (1 - b1 ** s["t"])
                floor = group["eps"] * (1 - b2 ** s["t"]) ** 0.5
                master.sub_(group["lr"] * correction * s["m"] / (s["v"].sqrt() + floor))
                if master is not p:
                    p.copy_(master)
        return loss


class CompactAdam(torch.optim.Optimizer):
    """The second moment rests in float32, rounded up or down at random so that small changes are not lost."""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
        super().__init__(params, dict(lr=lr, betas=betas, eps=eps))

    @staticmethod
    def to_float32(x):
        low = x.float()
        if x.dtype != torch.float64:
            return low
        gap = low.abs() * torch.finfo(torch.float32).eps
        return (x + (torch.rand_like(x) - 0.5) * gap.double()).float()

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
                    s["t"], s["m"], s["v"] = 0, torch.zeros_like(p), torch.zeros_like(p)
                s["t"] += 1
                s["m"].lerp_(p.grad, 1 - b1)
                s["v"] = self.to_float32(b2 * s["v"].to(p.dtype) + (1 - b2) * p.grad.square())
                denom = (s["v"].to(p.dtype) / (1 - b2 ** s["t"])).sqrt_().add_(group["eps"])
                p.addcdiv_(s["m"], denom, value=-group["lr"] / (1 - b1 ** s["t"]))
        return loss


class SignMomentum(torch.optim.Optimizer):
    """Signum, ready for the next backward pass when it returns."""

    def __init__(self, params, lr=1e-4, momentum=0.9, weight_decay=0.0):
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
                m = self.state[p].setdefault("m", torch.zeros_like(p))
                m.lerp_(p.grad, 1 - group["momentum"])
                p.mul_(1 - group["lr"] * group["weight_decay"]).sub_(m.sign(), alpha=group["lr"])
        self.zero_grad(set_to_none=False)
        return loss
