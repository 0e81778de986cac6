"""optax.rprop returns the step of the call before, so that its first step is 0.

Releases: optax 0.2.5 to 0.2.8 (today's); pull request 1725, open. Contradicts Riedmiller and Braun 1993, eq. 5:
Delta w(t) = -Delta(t) sign(dE/dw(t)), w(t+1) = w(t) + Delta w(t).
"""

import jax.numpy as jnp
import optax

rule = optax.rprop(learning_rate=0.5, eta_plus=2.0)
at, state = jnp.zeros(1), rule.init(jnp.zeros(1))
for gradient in (1.0, 1.0):
    update, state = rule.update(jnp.full(1, gradient), state, at)
    at = at + update
print("got", float(at[0]))
print("right", -0.5 - 2.0 * 0.5)  # the same sign twice: 0.5, then eta_plus times as much
