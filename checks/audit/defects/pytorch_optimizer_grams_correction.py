"""pytorch_optimizer.Grams takes the root of the second moment's correction twice.

Releases: 3.4.0 to 3.11.0; fixed in 4.0.0. Contradicts Cao et al. 2024 (arXiv:2412.17107), Algorithm 1:
v_hat = v_t / (1 - beta_2^t), u_t = m_hat / (sqrt(v_hat) + eps), theta_t = theta_{t-1} - eta_t sign(g_t) |u_t|.
"""

import torch
from pytorch_optimizer import Grams

theta = torch.zeros(1, requires_grad=True)
theta.grad = torch.ones(1)
Grams([theta], lr=1.0, betas=(0.5, 0.75), eps=0.0).step()
print("got", theta.item())
print("right", -(0.5 / 0.5) / (0.25 / 0.25) ** 0.5)
