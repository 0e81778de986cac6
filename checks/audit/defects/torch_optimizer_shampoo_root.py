"""torch_optimizer.Shampoo takes the root 1/k of its preconditioners where 1/(2k) belongs, k the number of axes.

Releases: 0.1.0 to 0.3.0 (today's). Contradicts Gupta et al. 2018 (arXiv:1802.09568), Algorithm 2, to which its source
refers: the gradient is multiplied by (H^i)^(-1/(2k)) along each axis i.
"""

import torch
import torch_optimizer

theta = torch.zeros(1, requires_grad=True)
theta.grad = torch.full((1,), 4.0)
torch_optimizer.Shampoo([theta], lr=1.0, epsilon=1e-12).step()
print("got", theta.item())
print("right", -4.0 / 16.0**0.5)  # one axis: H = 4 * 4, and H^(-1/2)
