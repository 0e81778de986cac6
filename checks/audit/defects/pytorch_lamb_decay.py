"""pytorch_lamb.Lamb adds the decay to the gradient, where it goes through both moments, instead of to the step.

Releases: 0.0.0; fixed in 1.0.0 (cybertronai/pytorch-lamb issue 3). Contradicts You et al. 2020 (arXiv:1904.00962),
Algorithm 2: x_{t+1} = x_t - eta phi(|x_t|) / |r_t + lambda x_t| (r_t + lambda x_t), with r_t of the gradient alone.
"""

import torch
from pytorch_lamb import Lamb

theta = torch.tensor([3.0, 4.0], requires_grad=True)
theta.grad = torch.tensor([0.0, 1e-6])
Lamb([theta], lr=0.1, betas=(0.0, 0.75), eps=0.0 + 1e-30, weight_decay=0.5).step()
# r = (0, 1 / sqrt(0.25)) = (0, 2), r + 0.5 theta = (1.5, 4), |theta| = 5.
print("got", theta.tolist())
print("right", [3.0 - 0.1 * 5 / 18.25**0.5 * 1.5, 4.0 - 0.1 * 5 / 18.25**0.5 * 4])
