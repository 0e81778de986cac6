"""pytorch_optimizer.Lamb divides its step by 1 - beta1^t outside the trust ratio: the first step is ten times lr.

Releases: 2.9.0 to 4.1.0 (today's), at their defaults; 2.8.0 is right, and adam_debias=True turns it off. Contradicts
its documentation, "The default update follows version 3 of the paper without bias correction", and You et al. 2020
(arXiv:1904.00962), Algorithm 2: x_{t+1} = x_t - eta phi(|x_t|) / |r_t + lambda x_t| (r_t + lambda x_t).
"""

import torch
from pytorch_optimizer import Lamb

theta = torch.ones(1, requires_grad=True)
theta.grad = torch.ones(1)
Lamb([theta], lr=0.1, betas=(0.9, 0.999), eps=1e-12).step()
print("got", 1.0 - theta.item())
print("right", 0.1)  # eta |x|, whatever the betas are; the package: 0.1 / (1 - 0.9)
