"""pytorch_optimizer.SignSGD makes a new momentum buffer in each step, so that its momentum does nothing.

Releases: 3.9.0 to 3.10.1; fixed in 3.11.0 (pull request 516). Contradicts Bernstein et al. 2018 (arXiv:1802.04434),
Algorithm 2 (Signum): m_{k+1} = beta m_k + (1 - beta) g_k, x_{k+1} = x_k - delta sign(m_{k+1}).
"""

import torch
from pytorch_optimizer import SignSGD

theta = torch.zeros(1, requires_grad=True)
rule = SignSGD([theta], lr=1.0, momentum=0.75)
for gradient in (4.0, -1.0):
    theta.grad = torch.full((1,), gradient)
    rule.step()
print("got", theta.item())
print("right", -1.0 - 1.0)  # m = 0.25 * 4, then 0.75 * 1 - 0.25 * 1: both positive
