"""pytorch_optimizer.DAdaptAdam multiplies its estimate of the distance by |s|_1 instead of dividing.

Releases: 2.9.0 to 3.10.1; fixed in 3.11.0 (pull request 538). Contradicts Defazio and Mishchenko 2023
(arXiv:2301.07733), Algorithm 5: d_hat = r_{k+1} / ((1 - sqrt(beta_2)) |s_{k+1}|_1).
"""

import torch
from pytorch_optimizer import DAdaptAdam

theta = torch.zeros(1, requires_grad=True)
rule = DAdaptAdam([theta], lr=1.0, betas=(0.0, 0.25), d0=1.0, eps=1e-12)
for _ in range(3):
    theta.grad = torch.ones(1)
    rule.step()
# s = 1/2, 3/4, 7/8; v = 3/4, 15/16; r_3 = (1/2) (1/2) (1/2) / sqrt(3/4) + (1/2) (3/4) / sqrt(15/16).
print("got", float(rule.param_groups[0]["d"]))
print("right", (0.125 / 0.75**0.5 + 0.375 / 0.9375**0.5) / (0.5 * 0.875))
