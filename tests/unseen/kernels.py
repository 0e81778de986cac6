"""Adam and friends on flat memory, in lists, in chunks and in other types."""

import torch
from torch.optim import Optimizer


def adam_(w, g, m, v, t, lr, b1, b2, eps):
    m.mul_(b1).add_(g, alpha=1 - b1)
    v.mul_(b2).addcmul_(g, g, value=1 - b2)
    w.addcdiv_(m, (v / (1 - b2**t)).sqrt_().add_(eps), value=-lr / (1 - b1**t))


class KernelAdam(Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, **more):
        super().__init__(params, dict(lr=lr, betas=betas, eps=eps, **more))

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
                if not s:
                    s["t"], s["m"], s["v"] = 0, torch.zeros_like(p), torch.zeros_like(p)
                s["t"] += 1
                launch = self.launch_many if group.get("foreach") else self.launch
                launch(p, p.grad, s, (s["t"], group["lr"], *group["betas"], group["eps"]))
        return loss


class Vectorised(KernelAdam):
    width = 8

    def launch(self, p, g, s, scalars):
        flat = [x.reshape(-1).clone() for x in (p, g, s["m"], s["v"])]
        whole = p.numel() // self.width * self.width
        adam_(*(x[:whole].view(-1, self.width) for x in flat), *scalars)
        for x, y in zip((p, s["m"], s["v"]), (flat[0], flat[2], flat[3]), strict=True):
            x.copy_(y.view_as(x))


class FlatMemory(KernelAdam):
    def launch(self, p, g, s, scalars):
        w, m, v = (x.reshape(-1).clone() for x in (p, s["m"], s["v"]))
        adam_(w, torch.as_strided(g, (g.numel(),), (1,)), m, v, *scalars)
        for x, y in zip((p, s["m"], s["v"]), (w, m, v), strict=True):
            x.copy_(y.view_as(x))


class ScaledAgainstOverflow(KernelAdam):
    def launch(self, p, g, s, scalars):
        scale = 2.0 ** g.abs().mean().clamp(min=1).log2().ceil() if g.numel() else 1.0
        adam_(p, (g / scale) * scale, s["m"], s["v"], *scalars)


class RowByRow(KernelAdam):
    def launch(self, p, g, s, scalars):
        for i in range(p.shape[0]):
            adam_(p[i], g[i], s["m"][i], s["v"][i], *scalars)


class WatchesPeaks(KernelAdam):
    def launch(self, p, g, s, scalars):
        s["peak"] = max(s.get("peak", 0.0), float(g.detach().abs().amax()))
        adam_(p, g, s["m"], s["v"], *scalars)


class Dithered(KernelAdam):
    def launch(self, p, g, s, scalars):
        noise = torch.rand_like(p).sub_(0.5).mul_(torch.finfo(p.dtype).eps * 64)
        adam_(p, g * (1 + noise), s["m"], s["v"], *scalars)


class SingleInside(KernelAdam):
    def launch(self, p, g, s, scalars):
        w, m, v = p.float(), s["m"].float(), s["v"].float()
        adam_(w, g.float(), m, v, *scalars)
        p.copy_(w)
        s["m"].copy_(m)
        s["v"].copy_(v)


class HalfMoments(KernelAdam):
    """The averages rest in bfloat16, the arithmetic is in the type of the parameter."""

    def launch(self, p, g, s, scalars):
        m, v = s["m"].to(torch.bfloat16).to(p.dtype), s["v"].to(torch.bfloat16).to(p.dtype)
        adam_(p, g, m, v, *scalars)
        s["m"], s["v"] = m.to(torch.bfloat16), v.to(torch.bfloat16)


class ManyAdam(KernelAdam):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, foreach=False):
        super().__init__(params, lr, betas, eps, foreach=foreach)

    def launch(self, p, g, s, scalars):
        adam_(p, g, s["m"], s["v"], *scalars)

    def launch_many(self, p, g, s, scalars):
        t, lr, b1, b2, eps = scalars
        torch._foreach_lerp_([s["m"]], [g], 1 - b1)
        torch._foreach_mul_([s["v"]], b2)
        torch._foreach_addcmul_([s["v"]], [g], [g], 1 - b2)
        roots = torch._foreach_sqrt(torch._foreach_add(torch._foreach_div([s["v"]], 1 - b2**t), eps))
        torch._foreach_addcdiv_([p], [s["m"]], roots, -lr / (1 - b1**t))


class Amsgradless(KernelAdam):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, amsgrad=False):
        super().__init__(params, lr, betas, eps, amsgrad=amsgrad)

    def launch(self, p, g, s, scalars):
        adam_(p, g, s["m"], s["v"], *scalars)


class ZippedMomentum(Optimizer):
    def __init__(self, params, lr=0.1, momentum=0.9):
        super().__init__(params, dict(lr=lr, momentum=momentum))

    @torch.no_grad()
    def step(self, closure=None):
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for p in group["params"]:
                self.state[p].setdefault("buf", torch.zeros_like(p))
            live = [p for p in group["params"] if p.grad is not None]
            bufs = [self.state[p]["buf"] for p in group["params"]][: len(live)]
            if live:
                torch._foreach_mul_(bufs, group["momentum"])
                torch._foreach_add_(bufs, [p.grad for p in live])
                torch._foreach_add_(live, bufs, alpha=-group["lr"])
        return loss
