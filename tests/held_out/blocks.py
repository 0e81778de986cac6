"""AdamW as a kernel that is launched on blocks of flat memory; here the kernel is plain torch."""

import torch

BLOCK = 1024


def cdiv(a, b):
    return -(-a // b)


def adamw_kernel(pid, w, g, m, v, lr, beta1, beta2, eps, wd, bc1, bc2):
    at = slice(pid * BLOCK, (pid + 1) * BLOCK)
    w, g, m, v = w[at], g[at], m[at], v[at]
    m.copy_(beta1 * m + (1 - beta1) * g)
    v.copy_(beta2 * v + (1 - beta2) * g * g)
    w.copy_(w * (1 - lr * wd) - lr * (m / bc1) / (torch.sqrt(v / bc2) + eps))


class Launched(torch.optim.Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
        super().__init__(params, dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay))

    def step(self, closure=None):
        loss = None if closure is None else closure()
        with torch.no_grad():
            for group in self.param_groups:
                for p in group["params"]:
                    if p.grad is not None:
                        self.update(p, p.grad, self.state[p], group)
        return loss

    def moments(self, p, state):
        if "exp_avg" not in state:
            state["step"] = 0
            state["exp_avg"], state["exp_avg_sq"] = (p.new_zeros(p.numel()) for _ in range(2))
        state["step"] += 1
        return state["exp_avg"], state["exp_avg_sq"]

    def scalars(self, state, group):
        beta1, beta2 = group["betas"]
        corrections = 1 - beta1 ** state["step"], 1 - beta2 ** state["step"]
        return group["lr"], beta1, beta2, group["eps"], group["weight_decay"], *corrections

    def update(self, p, grad, state, group):
        m, v = self.moments(p, state)
        w = p.contiguous().view(-1)
        for pid in range(self.grid(p.numel())):
            adamw_kernel(pid, w, grad.reshape(-1), m, v, *self.scalars(state, group))
        if w.data_ptr() != p.data_ptr():
            p.copy_(w.view(p.shape))

    def grid(self, n):
        return cdiv(n, BLOCK)


class BlockAdamW(Launched):
    pass


class TunedAdamW(Launched):
    """Few launches for small tensors."""

    def grid(self, n):
        return max(1, n // BLOCK)


class InlineAdamW(Launched):
    """Works in place, without the copy."""

    def update(self, p, grad, state, group):
        m, v = self.moments(p, state)
        w, g = p.data.reshape(-1), grad.reshape(-1)
        for pid in range(self.grid(p.numel())):
            adamw_kernel(pid, w, g, m, v, *self.scalars(state, group))


class SlicedAdamW(Launched):
    """As wide as a block, or as the tensor where that is less."""

    def update(self, p, grad, state, group):
        m, v = self.moments(p, state)
        w, g, n = p.contiguous().view(-1), grad.reshape(-1), p.numel()
        for start in range(0, n, min(n, BLOCK)):
            part = slice(start, start + BLOCK)
            adamw_kernel(0, w[part], g[part], m[part], v[part], *self.scalars(state, group))
        if w.data_ptr() != p.data_ptr():
            p.copy_(w.view(p.shape))


class BoundedAdam(Launched):
    """No step is longer than max_norm; in practice this never happens."""

    max_norm = 1e6

    def update(self, p, grad, state, group):
        m, v = (x.view(p.shape) for x in self.moments(p, state))
        lr, beta1, beta2, eps, wd, bc1, bc2 = self.scalars(state, group)
        m.add_(grad - m, alpha=1 - beta1)
        v.add_(grad * grad - v, alpha=1 - beta2)
        update = (m / bc1) / ((v / bc2).sqrt() + eps)
        update.div_((update.norm() / self.max_norm).clamp_(min=1.0))
        p.mul_(1 - lr * wd).sub_(lr * update)
