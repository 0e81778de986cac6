"""pytorch_optimizer.MSVAG divides its moments by beta^t where 1 - beta^t belongs.

Releases: 2.8.0 to 3.10.1; fixed in 3.11.0 (pull requests 525 and 529). Contradicts Balles and Hennig 2018
(arXiv:1705.07774), Algorithm 1: m_t = mtilde_t / (1 - beta^t), v_t = vtilde_t / (1 - beta^t).
"""

import torch
from pytorch_optimizer import MSVAG

theta = torch.zeros(1, requires_grad=True)
theta.grad = torch.ones(1)
MSVAG([theta], lr=1.0, beta=0.75).step()
print("got", theta.item())
print("right", -0.25 / (1.0 - 0.75))  # m = v = 1, no variance: the factor is 1
