"""optax.adan multiplies the gradient differences by 1 - b2 where b2 belongs.

Releases: 0.2.5 to 0.2.8 (today's); pull request 1715, open. Contradicts optax.adan's own documentation,
u_t = theta_t - eta_t (m_t + (1 - beta_2) v_t) with v_t = (1 - beta_2) v_{t-1} + beta_2 (g_t - g_{t-1}), which is
Algorithm 1 of Xie et al. 2022 (arXiv:2208.06677): there beta_2 is 1 - b2, hence 1 - beta_2 is b2.
"""

import jax.numpy as jnp
import optax

rule = optax.adan(learning_rate=1.0, b1=0.5, b2=0.75, b3=0.5, eps=0.0)
at, state = jnp.zeros(1), rule.init(jnp.zeros(1))
for gradient in (1.0, 2.0):
    update, state = rule.update(jnp.full(1, gradient), state, at)
# t = 2: m = 0.5 * 0.5 + 0.5 * 2 = 5/4 over 1 - 0.5**2; v = 0.25 * 1 over 1 - 0.75**2;
# n = 0.5 * 0.5 + 0.5 * (2 + b2 * 1)**2 = 129/32 over 1 - 0.5**2, with b2 = 3/4.
print("got", -float(update[0]))
print("right", (5 / 3 + 3 / 4 * 4 / 7) / (129 / 32 / (3 / 4)) ** 0.5)
