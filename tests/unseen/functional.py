"""Optimizers without objects: arrays and a state go in, arrays and a state come out."""

import numpy as np


class NumpyAdam:
    def init(self, params, lr=1e-3, b1=0.9, b2=0.999, eps=1e-8):
        zeros = [np.zeros_like(p) for p in params]
        return {"t": 0, "m": zeros, "v": [z.copy() for z in zeros]}

    def step(self, params, grads, state, lr=1e-3, b1=0.9, b2=0.999, eps=1e-8):
        t = state["t"] + 1
        m = [b1 * a + (1 - b1) * g for a, g in zip(state["m"], grads, strict=True)]
        v = [b2 * a + (1 - b2) * g * g for a, g in zip(state["v"], grads, strict=True)]
        size = lr / (1 - b1**t)
        new = [p - size * a / (np.sqrt(c / (1 - b2**t)) + eps) for p, a, c in zip(params, m, v, strict=True)]
        return new, {"t": t, "m": m, "v": v}

    def save(self, state):
        return {"t": state["t"], "m": [x.copy() for x in state["m"]], "v": [x.copy() for x in state["v"]]}

    def load(self, saved):
        return self.save(saved)


class NumpyMomentum:
    """Average of the gradients, started at the first of them."""

    def init(self, params, lr=0.1, momentum=0.9):
        return [None for _ in params]

    def step(self, params, grads, state, lr=0.1, momentum=0.9):
        state = [
            g.copy() if b is None else momentum * b + (1 - momentum) * g for b, g in zip(state, grads, strict=True)
        ]
        return [p - lr * b for p, b in zip(params, state, strict=True)], state

    def save(self, state):
        return [None if b is None else b.tolist() for b in state]

    def load(self, saved):
        return [None if b is None else np.array(b) for b in saved]


class NumpyAdamForgetful(NumpyAdam):
    def save(self, state):
        return {"m": [x.copy() for x in state["m"]], "v": [x.copy() for x in state["v"]]}

    def load(self, saved):
        return {"t": 0, **saved}


class NumpyRMSprop:
    def init(self, params, lr=0.01, rho=0.9, eps=1e-8):
        return {"s": [np.zeros_like(p) for p in params]}

    def step(self, params, grads, state, lr=0.01, rho=0.9, eps=1e-8):
        new, squares = [], []
        for p, g, s in zip(params, grads, state["s"], strict=True):
            squares.append(rho * s + (1 - rho) * g**2)
            g /= np.sqrt(squares[-1]) + eps
            new.append(p - lr * g)
        return new, {"s": squares}

    def save(self, state):
        return {"s": [x.copy() for x in state["s"]]}

    def load(self, saved):
        return {"s": [x.copy() for x in saved["s"]]}
