"""pytorch_optimizer.Shampoo takes the root 1/k of its preconditioners where 1/(2k) belongs, k the number of axes.

Releases: 2.6.1 to 3.10.1; fixed in 3.11.0 (pull request 530). Contradicts Gupta et al. 2018 (arXiv:1802.09568),
Algorithm 2: the gradient is multiplied by (H^i)^(-1/(2k)) along each axis i.
"""

import torch
from pytorch_optimizer import Shampoo

theta = torch.zeros(1, requires_grad=True)
theta.grad = torch.full((1,), 4.0)
Shampoo([theta], lr=1.0, matrix_eps=1e-12).step()
print("got", theta.item())
print("right", -4.0 / 16.0**0.5)  # one axis: H = 4 * 4, and H^(-1/2)
