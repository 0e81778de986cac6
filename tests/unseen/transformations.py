"""Gradient transformations in the manner of optax; without optax the file still loads, its functions do not run."""

from typing import Any, NamedTuple

try:
    import jax
    import jax.numpy as jnp
    import optax
except ImportError:
    jax = jnp = optax = None


class Moments(NamedTuple):
    count: Any
    mu: Any
    nu: Any


def _start(params):
    zeros = jax.tree.map(jnp.zeros_like, params)
    return Moments(jnp.zeros([], jnp.int32), zeros, jax.tree.map(jnp.copy, zeros))


def _average(old, new, decay):
    return jax.tree.map(lambda a, b: decay * a + (1 - decay) * b, old, new)


def adam_transform(learning_rate, b1=0.9, b2=0.999, eps=1e-8):
    def update(grads, state, params=None):
        count = state.count + 1
        mu = _average(state.mu, grads, b1)
        nu = _average(state.nu, jax.tree.map(jnp.square, grads), b2)
        c1, c2 = 1 - b1**count, 1 - b2**count
        moves = jax.tree.map(lambda m, v: -learning_rate * (m / c1) / (jnp.sqrt(v / c2) + eps), mu, nu)
        return moves, Moments(count, mu, nu)

    return optax.GradientTransformation(_start, update)


def adamw_inside(learning_rate, b1=0.9, b2=0.999, eps_root=1e-8, weight_decay=1e-4):
    def update(grads, state, params=None):
        count = state.count + 1
        mu = _average(state.mu, grads, b1)
        nu = _average(state.nu, jax.tree.map(jnp.square, grads), b2)
        c1, c2 = 1 - b1**count, 1 - b2**count
        moves = jax.tree.map(
            lambda m, v, p: -learning_rate * (m / c1 / jnp.sqrt(v / c2 + eps_root) + weight_decay * p), mu, nu, params
        )
        return moves, Moments(count, mu, nu)

    return optax.GradientTransformation(_start, update)


def adam_late_count(learning_rate, b1=0.9, b2=0.999, eps=1e-8):
    def update(grads, state, params=None):
        count = jnp.maximum(state.count, 1)
        mu = _average(state.mu, grads, b1)
        nu = _average(state.nu, jax.tree.map(jnp.square, grads), b2)
        c1, c2 = 1 - b1**count, 1 - b2**count
        moves = jax.tree.map(lambda m, v: -learning_rate * (m / c1) / (jnp.sqrt(v / c2) + eps), mu, nu)
        return moves, Moments(state.count + 1, mu, nu)

    return optax.GradientTransformation(_start, update)
