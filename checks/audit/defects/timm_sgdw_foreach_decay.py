"""timm's SGDW with foreach decays every parameter once for each dtype there is.

Releases: 1.0.19 to 1.0.28; fixed in 1.0.29 (pull request 2750); foreach=False is right. Contradicts Loshchilov and
Hutter 2019 (arXiv:1711.05101), Algorithm 1, line 9: theta_t = theta_{t-1} - m_t - eta_t lambda theta_{t-1}, once.
"""

import torch
from timm.optim.sgdw import SGDW

single = torch.ones(1, requires_grad=True)
double = torch.ones(1, dtype=torch.float64, requires_grad=True)
single.grad, double.grad = torch.zeros(1), torch.zeros(1, dtype=torch.float64)
SGDW([single, double], lr=1.0, momentum=0.0, weight_decay=0.25, foreach=True).step()
print("got", double.item())
print("right", 1.0 - 1.0 * 0.25)
