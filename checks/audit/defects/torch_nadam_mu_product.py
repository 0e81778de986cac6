"""torch.optim.NAdam keeps the product of its momenta in float32 for float64 parameters: eight digits of sixteen.

Releases: torch 2.13.0 (today's); _get_scalar_dtype follows the default dtype, not the parameter's. Contradicts the
documented algorithm, m_hat = mu_{t+1} m_t / (1 - prod_{i<=t+1} mu_i) + (1 - mu_t) g_t / (1 - prod_{i<=t} mu_i).
"""

import torch

theta = torch.zeros(1, dtype=torch.float64, requires_grad=True)
theta.grad = torch.ones(1, dtype=torch.float64)
torch.optim.NAdam([theta], lr=1.0, betas=(0.9, 0.99), eps=0.0, momentum_decay=0.0).step()
# Without momentum decay mu = 0.9 / 2 in each step, m = 0.1 and v_hat = 1.
print("got", theta.item())
print("right", -(0.45 * 0.1 / (1 - 0.45 * 0.45) + (1 - 0.45) / (1 - 0.45)))
