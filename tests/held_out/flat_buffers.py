"""One flat tensor for all the parameters of a group."""

import itertools

import torch
from torch.optim import Optimizer


def flatten(tensors):
    return torch.cat([t.detach().reshape(-1) for t in tensors])


def unflatten(flat, like):
    return [part.view(t.shape) for part, t in zip(flat.split([t.numel() for t in like]), like, strict=True)]


class FlatMomentum(Optimizer):
    def __init__(self, params, lr=0.1, momentum=0.9, weight_decay=0.0):
        super().__init__(params, dict(lr=lr, momentum=momentum, weight_decay=weight_decay))

    def step(self, closure=None):
        loss = None
        if closure is not None:
            loss = closure()
        for group in self.param_groups:
            live = [p for p in group["params"] if p.grad is not None]
            for _, same in itertools.groupby(sorted(live, key=self.kind), key=self.kind):
                self.step_together(list(same), group["lr"], group["momentum"], group["weight_decay"])
        return loss

    @staticmethod
    def kind(p):
        return f"{p.dtype} {p.device}"

    @torch.no_grad()
    def step_together(self, ps, lr, mu, wd):
        w, g = flatten(ps), flatten([p.grad for p in ps])
        v = flatten([self.state[p].get("velocity", torch.zeros_like(p)) for p in ps])
        v = mu * v + (g + wd * w)
        w = w - lr * v
        for p, new, kept in zip(ps, unflatten(w, ps), unflatten(v, ps), strict=True):
            p.copy_(new)
            self.state[p]["velocity"] = kept.clone()


class FlatVelocity(Optimizer):
    """Allocates the velocity of each group at once and hands out views of it."""

    def __init__(self, params, lr=0.1, momentum=0.9, weight_decay=0.0):
        super().__init__(params, dict(lr=lr, momentum=momentum, weight_decay=weight_decay))

    def add_param_group(self, param_group):
        super().add_param_group(param_group)
        self.allocate()

    def allocate(self):
        for group in self.param_groups:
            total = sum(p.numel() for p in group["params"])
            group["velocity"] = group["params"][0].new_zeros(total, requires_grad=False)

    @torch.no_grad()
    def step(self, closure=None):
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for p, v in zip(group["params"], unflatten(group["velocity"], group["params"]), strict=True):
                if p.grad is None:
                    continue
                d = p.grad + group["weight_decay"] * p
                v.mul_(group["momentum"]).add_(d)
                p.add_(v, alpha=-group["lr"])
        return loss


class GatheredAdagrad(Optimizer):
    """Collects all gradients first, then works on the flat tensors."""

    def __init__(self, params, lr=0.01, initial_accumulator_value=0.0, eps=1e-10):
        super().__init__(params, dict(lr=lr, initial_accumulator_value=initial_accumulator_value, eps=eps))

    def gather(self):
        for group in self.param_groups:
            live = [p for p in group["params"] if p.grad is not None]
            if live:
                yield group, live, flatten([p.grad for p in live])

    @torch.no_grad()
    def step(self, closure=None):
        gathered = list(self.gather())
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group, live, g in gathered:
            start = group["initial_accumulator_value"]
            total = flatten([self.state[p].get("sum", torch.full_like(p, start)) for p in live]) + g * g
            moves = group["lr"] * g / (total.sqrt() + group["eps"])
            for p, move, kept in zip(live, unflatten(moves, live), unflatten(total, live), strict=True):
                p.sub_(move)
                self.state[p]["sum"] = kept.clone()
        return loss
