"""Functional optimizers on lists of arrays, in the manner of MLX: init_single and apply_single for one of them."""

import copy

import numpy as np


class _Lists:
    """init, step, save and load for a rule of one array; the state is a list of dictionaries."""

    def init(self, params, **hyper):
        return [self.init_single(p, **hyper) for p in params]

    def step(self, params, grads, state, **hyper):
        pairs = [self.apply_single(p, g, s, **hyper) for p, g, s in zip(params, grads, state, strict=True)]
        return [new for new, _ in pairs], [s for _, s in pairs]

    def save(self, state):
        return {f"{i}.{k}": copy.copy(v) for i, s in enumerate(state) for k, v in s.items()}

    def load(self, saved):
        n = 1 + max((int(key.split(".")[0]) for key in saved), default=-1)
        state = [{} for _ in range(n)]
        for key, value in saved.items():
            i, k = key.split(".")
            state[int(i)][k] = copy.copy(value)
        return state


class Lion(_Lists):
    def init(self, params, learning_rate=1e-4, beta1=0.9, beta2=0.99, weight_decay=0.0):
        return [{"m": np.zeros_like(p)} for p in params]

    def step(self, params, grads, state, learning_rate=1e-4, beta1=0.9, beta2=0.99, weight_decay=0.0):
        hyper = dict(learning_rate=learning_rate, beta1=beta1, beta2=beta2, weight_decay=weight_decay)
        return super().step(params, grads, state, **hyper)

    def apply_single(self, parameter, gradient, s, learning_rate, beta1, beta2, weight_decay):
        m = s["m"]
        c = beta1 * m + (1 - beta1) * gradient
        if weight_decay > 0:
            parameter = (1 - learning_rate * weight_decay) * parameter
        return parameter - learning_rate * np.sign(c), {"m": beta2 * m + (1 - beta2) * gradient}


class InfNorm(_Lists):
    """The eps is a floor of the newest gradient, as in torch."""

    def init(self, params, stepsize=2e-3, b1=0.9, b2=0.999, eps=1e-8):
        return [{"mean": 0 * p, "inf": 0 * p, "power": np.float64(1.0)} for p in params]

    def step(self, params, grads, state, stepsize=2e-3, b1=0.9, b2=0.999, eps=1e-8):
        return super().step(params, grads, state, stepsize=stepsize, b1=b1, b2=b2, eps=eps)

    def apply_single(self, x, g, s, stepsize, b1, b2, eps):
        mean, inf, power = g + b1 * (s["mean"] - g), np.maximum(b2 * s["inf"], np.abs(g) + eps), b1 * s["power"]
        return x - stepsize / (1 - power) * (mean / inf), {"mean": mean, "inf": inf, "power": power}


class Yogi(_Lists):
    """Both moments start at the same small number."""

    def init(self, params, learning_rate=1e-2, b1=0.9, b2=0.999, eps=1e-3, initial_accumulator_value=1e-6):
        def full(p):
            return np.full_like(p, initial_accumulator_value)

        return [{"count": 0, "mu": full(p), "nu": full(p)} for p in params]

    def step(
        self, params, grads, state, learning_rate=1e-2, b1=0.9, b2=0.999, eps=1e-3, initial_accumulator_value=1e-6
    ):
        return super().step(params, grads, state, learning_rate=learning_rate, b1=b1, b2=b2, eps=eps)

    def apply_single(self, p, g, s, learning_rate, b1, b2, eps):
        n, g2 = s["count"] + 1, g**2
        mu = b1 * s["mu"] + (1 - b1) * g
        nu = s["nu"] + (1 - b2) * np.sign(g2 - s["nu"]) * g2
        move = mu / (1 - b1**n) / (np.sqrt(nu / (1 - b2**n)) + eps)
        return p - learning_rate * move, {"count": n, "mu": mu, "nu": nu}


class MaxAdam(_Lists):
    """Reddi et al. without corrections."""

    def init(self, params, learning_rate=1e-3, b1=0.9, b2=0.999, eps_root=1e-8):
        return [dict.fromkeys(("mu", "nu", "nu_max"), np.zeros_like(p)) for p in params]

    def step(self, params, grads, state, learning_rate=1e-3, b1=0.9, b2=0.999, eps_root=1e-8):
        return super().step(params, grads, state, learning_rate=learning_rate, b1=b1, b2=b2, eps_root=eps_root)

    def apply_single(self, p, g, s, learning_rate, b1, b2, eps_root):
        mu, nu = b1 * s["mu"] + (1 - b1) * g, b2 * s["nu"] + (1 - b2) * g * g
        top = np.where(nu < s["nu_max"], s["nu_max"], nu)
        return p - learning_rate * mu / np.sqrt(top + eps_root), {"mu": mu, "nu": nu, "nu_max": top}


class InPlaceAdam:
    """Saves memory: the moments are updated where they lie."""

    def init(self, params, lr=1e-3, b1=0.9, b2=0.999, eps=1e-8):
        return {"t": 0, "m": [np.zeros_like(p) for p in params], "v": [np.zeros_like(p) for p in params]}

    def step(self, params, grads, state, lr=1e-3, b1=0.9, b2=0.999, eps=1e-8):
        state["t"] += 1
        new = []
        for p, g, m, v in zip(params, grads, state["m"], state["v"], strict=True):
            m *= b1
            m += (1 - b1) * g
            v *= b2
            v += (1 - b2) * g * g
            new.append(p - lr * (m / (1 - b1 ** state["t"])) / (np.sqrt(v / (1 - b2 ** state["t"])) + eps))
        return new, state

    def save(self, state):
        return dict(state)

    def load(self, saved):
        return dict(saved)


class SignBlend(_Lists):
    """Evolved sign momentum."""

    def init(self, params, learning_rate=1e-4, beta1=0.9, beta2=0.99, weight_decay=0.0):
        return [{"momentum": np.zeros_like(p)} for p in params]

    def step(self, params, grads, state, learning_rate=1e-4, beta1=0.9, beta2=0.99, weight_decay=0.0):
        hyper = dict(lr=learning_rate, betas=(beta1, beta2), wd=weight_decay)
        return super().step(params, grads, state, **hyper)

    def apply_single(self, p, g, s, lr, betas, wd):
        slow, fast = betas
        update = np.sign(fast * s["momentum"] + (1 - fast) * g)
        return p - lr * (update + wd * p), {"momentum": slow * s["momentum"] + (1 - slow) * g}
