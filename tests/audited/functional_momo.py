"""MoMo as functions of arrays; the step takes the loss. Averages start at the first value."""

import numpy as np


class NumpyMoMo:
    def init(self, params, **keywords):
        return None

    def step(self, params, grads, state, loss, lr=1.0, beta=0.9, weight_decay=0.0, lower_bound=0.0):
        x, g = (np.concatenate([a.ravel() for a in arrays]) for arrays in (params, grads))
        fresh, (f, gx, d) = (1.0, (0.0, 0.0, 0 * g)) if state is None else (1 - beta, state)
        f, gx, d = f + fresh * (loss - f), gx + fresh * (g @ x - gx), d + fresh * (g - d)
        shrink = 1 + lr * weight_decay
        rest = shrink * (f - gx - lower_bound) + self.inner(d, x)
        tau = min(lr, max(rest, 0.0) / (d @ d)) if d @ d > 0 else 0.0
        new = (x - tau * d) / shrink
        ends = np.cumsum([p.size for p in params])[:-1]
        return [a.reshape(p.shape) for a, p in zip(np.split(new, ends), params, strict=True)], (f, gx, d)

    def inner(self, d, x):
        return d @ x


class Forgetful(NumpyMoMo):
    """<d, x> is left out, so that the average of losses stands for the model only where theta is 0."""

    def inner(self, d, x):
        return 0.0
