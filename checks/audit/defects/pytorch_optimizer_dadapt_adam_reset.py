"""pytorch_optimizer.DAdaptAdam looks for a counter that has moved elsewhere, and zeroes its moments in each step.

Releases: 2.9.0 to 3.5.1; fixed in 3.6.0. Contradicts Defazio and Mishchenko 2023 (arXiv:2301.07733), Algorithm 5:
m_{k+1} = beta_1 m_k + (1 - beta_1) d_k gamma_k g_k, v_{k+1} = beta_2 v_k + (1 - beta_2) g_k^2.
"""

import torch
from pytorch_optimizer import DAdaptAdam

theta = torch.zeros(1, requires_grad=True)
rule = DAdaptAdam([theta], lr=1.0, betas=(0.5, 0.75), d0=1.0, eps=1e-12)
for _ in range(2):
    theta.grad = torch.ones(1)
    rule.step()
print("got", theta.item())
print("right", -0.5 / 0.25**0.5 - 0.75 / 0.4375**0.5)  # m = 1/2, 3/4; v = 1/4, 7/16; d is 1 in both steps
