"""Multi-tensor code with torch._foreach_*: Adan, LaProp, Adam."""

import torch
from torch.optim import Optimizer


class MultiTensor(Optimizer):
    keys = ()

    @torch.no_grad()
    def step(self, closure=None):
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            params = [p for p in group["params"] if p.grad is not None]
            if not params:
                continue
            for p in params:
                state = self.state[p]
                if len(state) == 0:
                    state["step"] = 0
                    state.update({key: torch.zeros_like(p) for key in self.keys})
                state["step"] += 1
            lists = [[self.state[p][key] for p in params] for key in self.keys]
            steps = [self.state[p]["step"] for p in params]
            self.multi_tensor(group, params, [p.grad for p in params], steps, *lists)
        return loss


class ListAdan(MultiTensor):
    keys = ("exp_avg", "exp_avg_diff", "exp_avg_sq", "neg_pre_grad")

    def __init__(self, params, lr=1e-3, betas=(0.98, 0.92, 0.99), eps=1e-8, weight_decay=0.0):
        super().__init__(params, dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay))

    def multi_tensor(self, group, params, grads, steps, avgs, diffs, sqs, negs):
        b1, b2, b3 = group["betas"]
        lr, wd = group["lr"], group["weight_decay"]
        for neg, g, step in zip(negs, grads, steps, strict=True):
            if step == 1:
                neg.copy_(-g)
        torch._foreach_add_(negs, grads)  # now the difference

        torch._foreach_mul_(avgs, b1)
        torch._foreach_add_(avgs, grads, alpha=1 - b1)
        torch._foreach_mul_(diffs, b2)
        torch._foreach_add_(diffs, negs, alpha=1 - b2)
        torch._foreach_mul_(negs, b2)
        torch._foreach_add_(negs, grads)
        torch._foreach_mul_(sqs, b3)
        torch._foreach_addcmul_(sqs, negs, negs, value=1 - b3)

        denom = torch._foreach_sqrt(sqs)
        torch._foreach_div_(denom, [(1 - b3**t) ** 0.5 for t in steps])
        torch._foreach_add_(denom, group["eps"])
        self.shrink_before(params, 1 - lr * wd)
        torch._foreach_addcdiv_(params, avgs, denom, [-lr / (1 - b1**t) for t in steps])
        torch._foreach_addcdiv_(params, diffs, denom, [-lr * b2 / (1 - b2**t) for t in steps])
        self.shrink_after(params, 1 + lr * wd)

        torch._foreach_zero_(negs)
        torch._foreach_add_(negs, grads, alpha=-1.0)

    def shrink_before(self, params, factor):
        torch._foreach_mul_(params, factor)

    def shrink_after(self, params, divisor):
        pass


class AdanNoDecoupling(ListAdan):
    def shrink_before(self, params, factor):
        pass

    def shrink_after(self, params, divisor):
        torch._foreach_div_(params, divisor)


class AdanSingle(MultiTensor):
    keys = ("m", "d", "n")

    def __init__(self, params, lr=1e-3, betas=(0.98, 0.92, 0.99), eps=1e-8, weight_decay=0.0):
        super().__init__(params, dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay))

    def multi_tensor(self, group, params, grads, steps, ms, ds, ns):
        b1, b2, b3 = group["betas"]
        for p, g, t, m, d, n in zip(params, grads, steps, ms, ds, ns, strict=True):
            jump = g - self.state[p].get("previous", g)
            self.state[p]["previous"] = g
            m.lerp_(g, 1 - b1)
            d.lerp_(jump, 1 - b2)
            n.lerp_((g + b2 * jump).square_(), 1 - b3)
            step = (m / (1 - b1**t) + b2 * d / (1 - b2**t)) / ((n / (1 - b3**t)).sqrt() + group["eps"])
            p.mul_(1 - group["lr"] * group["weight_decay"]).sub_(step, alpha=group["lr"])


class LaPropList(MultiTensor):
    """The step size is averaged together with what it multiplies."""

    keys = ("exp_avg", "exp_avg_sq")

    def __init__(self, params, lr=4e-4, betas=(0.9, 0.999), eps=1e-15, weight_decay=0.0):
        super().__init__(params, dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay))

    def multi_tensor(self, group, params, grads, steps, avgs, sqs):
        b1, b2 = group["betas"]
        lr = group["lr"]
        torch._foreach_lerp_(sqs, torch._foreach_mul(grads, grads), 1 - b2)
        denom = torch._foreach_sqrt(torch._foreach_div(sqs, [1 - b2**t for t in steps]))
        torch._foreach_add_(denom, group["eps"])
        torch._foreach_mul_(avgs, b1)
        torch._foreach_addcdiv_(avgs, grads, denom, value=lr * (1 - b1))
        for p in params:
            self.state[p]["lr_avg"] = self.state[p].get("lr_avg", 0.0) * b1 + (1 - b1) * lr
        scales = [lr / max(self.state[p]["lr_avg"], 1e-300) for p in params]
        torch._foreach_sub_(params, torch._foreach_mul(avgs, scales))
        if group["weight_decay"]:
            torch._foreach_mul_(params, 1 - lr * group["weight_decay"])


class ListAdam(MultiTensor):
    keys = ("exp_avg", "exp_avg_sq")

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
        super().__init__(params, dict(lr=lr, betas=betas, eps=eps))

    def multi_tensor(self, group, params, grads, steps, avgs, sqs):
        b1, b2 = group["betas"]
        step = steps[0]
        torch._foreach_lerp_(avgs, grads, 1 - b1)
        torch._foreach_mul_(sqs, b2)
        torch._foreach_addcmul_(sqs, grads, grads, value=1 - b2)
        denom = torch._foreach_sqrt(sqs)
        torch._foreach_div_(denom, (1 - b2**step) ** 0.5)
        torch._foreach_add_(denom, group["eps"])
        torch._foreach_addcdiv_(params, avgs, denom, value=-group["lr"] / (1 - b1**step))


class TwoPathAdam(MultiTensor):
    """L2 regularisation; a loop, or lists."""

    keys = ("exp_avg", "exp_avg_sq")

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, foreach=False):
        super().__init__(params, dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, foreach=foreach))

    def multi_tensor(self, group, params, grads, steps, avgs, sqs):
        wd = group["weight_decay"]
        if group["foreach"]:
            if wd != 0:
                torch._foreach_add_(grads, params, alpha=wd)
            self.lists(group, params, grads, steps, avgs, sqs)
            return
        for p, g, *rest in zip(params, grads, steps, avgs, sqs, strict=True):
            g = g.add(p, alpha=wd) if wd != 0 else g
            self.lists(group, [p], [g], *([x] for x in rest))

    @staticmethod
    def lists(group, params, grads, steps, avgs, sqs):
        b1, b2 = group["betas"]
        torch._foreach_lerp_(avgs, grads, 1 - b1)
        torch._foreach_mul_(sqs, b2)
        torch._foreach_addcmul_(sqs, grads, grads, value=1 - b2)
        denom = torch._foreach_sqrt(sqs)
        torch._foreach_div_(denom, [(1 - b2**t) ** 0.5 for t in steps])
        torch._foreach_add_(denom, group["eps"])
        torch._foreach_addcdiv_(params, avgs, denom, [-group["lr"] / (1 - b1**t) for t in steps])
