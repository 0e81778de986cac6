"""pytorch_optimizer.StableAdamW with foreach clips its first step by the second moment of before, which is 0.

Releases: 3.10.0 and 3.10.1; fixed in 3.11.0 (pull request 544); foreach=False is right. Contradicts Wortsman et al.
2023 (arXiv:2304.13013), Algorithm 2: RMS_t = sqrt(mean(g_t^2 / max(u_t, eps^2))) with the u_t of this step, and
eta_t = alpha_t / max(1, RMS_t).
"""

import torch
from pytorch_optimizer import StableAdamW

theta = torch.zeros(1, requires_grad=True)
theta.grad = torch.ones(1)
StableAdamW([theta], lr=0.5, betas=(0.9, 0.99), weight_decay=0.0, kahan_sum=False, foreach=True).step()
print("got", theta.item())
print("right", -0.5)  # u_1 = g**2, RMS = 1, m_1 = g
