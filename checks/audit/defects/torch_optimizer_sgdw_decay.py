"""torch_optimizer.SGDW subtracts lr * weight_decay itself, without the parameter: what is negative grows.

Releases: 0.1.0 to 0.3.0 (today's); issues 433 and 454, pull request 455, all open. Contradicts the paper that its
documentation names, Loshchilov and Hutter 2019 (arXiv:1711.05101), Algorithm 1, line 9:
theta_t = theta_{t-1} - m_t - eta_t lambda theta_{t-1}.
"""

import torch
import torch_optimizer

theta = torch.tensor([-2.0], requires_grad=True)
theta.grad = torch.zeros(1)
torch_optimizer.SGDW([theta], lr=0.5, weight_decay=0.25).step()
print("got", theta.item())
print("right", -2.0 - 0.5 * 0.25 * -2.0)
