"""RMSprop, Adagrad and Adamax as other libraries have them."""

import torch
from torch.optim import Optimizer


class _Rule(Optimizer):
    @torch.no_grad()
    def step(self, closure=None):
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    p.sub_(self.move(p.grad, self.state[p], group))
        return loss


class RMSpropInside(_Rule):
    def __init__(self, params, learning_rate=0.001, rho=0.9, epsilon=1e-7):
        super().__init__(params, dict(learning_rate=learning_rate, rho=rho, epsilon=epsilon))

    def move(self, g, s, group):
        s["ms"] = group["rho"] * s.get("ms", 0) + (1 - group["rho"]) * g**2
        return group["learning_rate"] * g * torch.rsqrt(s["ms"] + group["epsilon"])


class CenteredRMS(_Rule):
    def __init__(self, params, lr=0.01, alpha=0.99, eps=1e-8):
        super().__init__(params, dict(lr=lr, alpha=alpha, eps=eps))

    def move(self, g, s, group):
        a = group["alpha"]
        s["ms"] = a * s.get("ms", 0) + (1 - a) * g**2
        s["mg"] = a * s.get("mg", 0) + (1 - a) * g
        return group["lr"] * g / ((s["ms"] - s["mg"] ** 2).sqrt() + group["eps"])


class RMSpropMomentum(_Rule):
    def __init__(self, params, lr=0.01, alpha=0.99, eps=1e-8, momentum=0.9):
        super().__init__(params, dict(lr=lr, alpha=alpha, eps=eps, momentum=momentum))

    def move(self, g, s, group):
        s["ms"] = g.square().lerp(s.get("ms", torch.zeros_like(g)), group["alpha"])
        s["buf"] = group["momentum"] * s.get("buf", 0) + g / (s["ms"].sqrt() + group["eps"])
        return group["lr"] * s["buf"]


class RMSpropTF(_Rule):
    """As TensorFlow 1 did it."""

    def __init__(self, params, lr=0.01, decay=0.9, momentum=0.0, eps=1e-10):
        super().__init__(params, dict(lr=lr, decay=decay, momentum=momentum, eps=eps))

    def move(self, g, s, group):
        if not s:
            s["ms"], s["mom"] = torch.ones_like(g), torch.zeros_like(g)
        s["ms"].add_(g.square() - s["ms"], alpha=1 - group["decay"])
        s["mom"].mul_(group["momentum"]).addcdiv_(g, (s["ms"] + group["eps"]).sqrt(), value=group["lr"])
        return s["mom"]


class AdagradInside(_Rule):
    def __init__(self, params, lr=0.01, initial_accumulator_value=0.1, eps=1e-7):
        super().__init__(params, dict(lr=lr, initial_accumulator_value=initial_accumulator_value, eps=eps))

    def move(self, g, s, group):
        s["sum"] = s.get("sum", group["initial_accumulator_value"]) + g * g
        return group["lr"] * g / (s["sum"] + group["eps"]).sqrt()


class AdamaxKeras(_Rule):
    def __init__(self, params, lr=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
        super().__init__(params, dict(lr=lr, beta_1=beta_1, beta_2=beta_2, epsilon=epsilon))

    def move(self, g, s, group):
        s["t"] = s.get("t", 0) + 1
        s["m"] = s.get("m", 0) + (g - s.get("m", 0)) * (1 - group["beta_1"])
        s["u"] = torch.maximum(group["beta_2"] * s.get("u", torch.zeros_like(g)), g.abs())
        return group["lr"] / (1 - group["beta_1"] ** s["t"]) * s["m"] / (s["u"] + group["epsilon"])
