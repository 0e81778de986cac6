"""pytorch_optimizer.AdamG divides by beta^t where 1 - beta^t belongs: its steps explode.

Releases: 3.2.0 and 3.3.0; fixed in 3.3.1 (issue 305, pull request 308). Contradicts Pan et al. 2024 (arXiv:2405.04376),
Algorithm 2: m_hat = m_k / (1 - beta_1^k), v_hat = v_k / (1 - beta_2^k).
"""

import torch
from pytorch_optimizer import AdamG

theta = torch.zeros(1, requires_grad=True)
rule = AdamG([theta], lr=1.0, betas=(0.75, 0.75, 0.5), p=1.0, q=0.5, eps=0.0)
theta.grad = torch.full((1,), 2.0)
rule.step()
# v = 0.25 * 4, r = 0.5 * v**0.5, m = 0.25 * r * 2 = 1/4; both corrections are 1 - 0.75, and min(lr, 1 / sqrt(1)) = 1.
print("got", theta.item())
print("right", -(0.25 / 0.25) / (1.0 / 0.25) ** 0.5)
