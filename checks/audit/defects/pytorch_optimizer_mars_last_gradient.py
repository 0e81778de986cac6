"""pytorch_optimizer.MARS keeps the gradient tensor itself as the last gradient: the next backward overwrites it.

Releases: 3.3.1 to 3.10.1; fixed in 3.11.0 (pull request 533). Contradicts Yuan et al. 2024 (arXiv:2411.10438),
Algorithm 2: c_t = g_t + gamma_t beta_1 / (1 - beta_1) (g_t - g_{t-1}).
"""

import torch
from pytorch_optimizer import MARS

theta = torch.zeros(1, 1, requires_grad=True)
theta.grad = torch.zeros(1, 1)
rule = MARS([theta], lr=1.0, betas=(0.5, 0.75), gamma=1.0, eps=0.0, weight_decay=0.0)
for gradient in (0.25, 0.125):
    before = theta.item()
    theta.grad.fill_(gradient)  # as zero_grad(set_to_none=False) and backward do
    rule.step()
print("got", before - theta.item())
print("right", (0.125 / 0.75) / (0.75 * 0.0625 / 0.4375) ** 0.5)  # c = 1/2, 0: m = 1/4, 1/8; v = 1/16, 3/64
