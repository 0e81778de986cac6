"""Optimizers put together of small callbacks: statistics first, then steppers; each gets the settings by name."""

import torch
from torch.optim import Optimizer


def average_grad(p, mom, grad_avg=None, **kw):
    if grad_avg is None:
        grad_avg = torch.zeros_like(p)
    return {"grad_avg": torch.lerp(p.grad, grad_avg, mom)}


def average_sqr_grad(p, sqr_mom, sqr_avg=None, **kw):
    if sqr_avg is None:
        sqr_avg = torch.zeros_like(p)
    return {"sqr_avg": torch.lerp(p.grad.square(), sqr_avg, sqr_mom)}


def sum_grad(p, mom, total=None, **kw):
    return {"total": p.grad.clone() if total is None else total * mom + p.grad}


def step_stat(p, step=0, **kw):
    return {"step": step + 1}


def debias(mom, damp, step):
    return damp * (1 - mom**step) / (1 - mom)


def weight_decay(p, lr, wd, **kw):
    p.data.mul_(1 - lr * wd)


def sgd_step(p, lr, total, **kw):
    p.data.add_(total, alpha=-lr)


def adam_step(p, lr, mom, step, sqr_mom, grad_avg, sqr_avg, eps, **kw):
    one, two = debias(mom, 1 - mom, step), debias(sqr_mom, 1 - sqr_mom, step)
    p.data.addcdiv_(grad_avg, (sqr_avg / two).sqrt() + eps, value=-lr / one)


def lamb_step(p, lr, mom, step, sqr_mom, grad_avg, sqr_avg, eps, wd, **kw):
    one, two = debias(mom, 1 - mom, step), debias(sqr_mom, 1 - sqr_mom, step)
    update = grad_avg / one / ((sqr_avg / two).sqrt() + eps)
    if wd != 0:
        update = update + wd * p.data
    r1, r2 = p.data.pow(2).sum().sqrt(), update.pow(2).sum().sqrt()
    q = 1.0 if r1 == 0 or r2 == 0 else r1 / r2
    p.data.sub_(lr * q * update)


def fresh_on_new_lr(p, lr, last_lr=None, **kw):
    return {"last_lr": lr} if last_lr in (None, lr) else {"last_lr": lr, "total": None}


class Stepped(Optimizer):
    cbs = ()

    def __init__(self, params, **hypers):
        super().__init__(params, hypers)

    def step(self, closure=None):
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        with torch.no_grad():
            for pg in self.param_groups:
                hyper = {k: v for k, v in pg.items() if k != "params"}
                for p in (q for q in pg["params"] if q.grad is not None):
                    for cb in self.cbs:
                        self.state[p].update(cb(p, **{**hyper, **self.state[p]}) or {})
        return loss


class SteppedAdam(Stepped):
    cbs = (step_stat, average_grad, average_sqr_grad, adam_step)

    def __init__(self, params, lr=1e-3, mom=0.9, sqr_mom=0.99, eps=1e-5):
        super().__init__(params, lr=lr, mom=mom, sqr_mom=sqr_mom, eps=eps)


class Larger(Stepped):
    cbs = (step_stat, average_grad, average_sqr_grad, lamb_step)

    def __init__(self, params, lr=1e-3, mom=0.9, sqr_mom=0.99, eps=1e-5, wd=0.0):
        super().__init__(params, lr=lr, mom=mom, sqr_mom=sqr_mom, eps=eps, wd=wd)


class SteppedSGD(Stepped):
    cbs = (fresh_on_new_lr, weight_decay, sum_grad, sgd_step)

    def __init__(self, params, lr=1e-2, mom=0.9, wd=0.0):
        super().__init__(params, lr=lr, mom=mom, wd=wd)
