"""pytorch_optimizer.AdaSmooth divides 0 by 0 where a parameter starts from 0.

Releases: 2.9.0 to 3.10.1; fixed in 3.11.0 (pull request 522). Lu 2022 (arXiv:2204.00825) has an effective ratio
e_t = |s_t| / n_t between 0 and 1 and c_t = (rho_2 - rho_1) e_t + (1 - rho_2): nothing has moved yet, so e_1 = 0.
"""

import torch
from pytorch_optimizer import AdaSmooth

theta = torch.zeros(1, requires_grad=True)
theta.grad = torch.ones(1)
AdaSmooth([theta], lr=1.0, betas=(0.5, 0.75), eps=1e-12).step()
print("got", theta.item())
print("right", -1.0 / (0.25**2) ** 0.5)  # c = 1 - 0.75, v = c**2
