"""timm's RAdamLegacy keeps the step size of a step, lr included, in a list that all groups share.

Releases: 1.0.19 to 1.0.30; fixed in 1.0.31. Contradicts torch's parameter groups, whose lr is their own, and Liu et al.
2020 (arXiv:1908.03265), Algorithm 2: while the variance is intractable, theta_t = theta_{t-1} - alpha_t m_hat_t.
"""

import torch
from timm.optim.radam import RAdamLegacy

first, second = torch.zeros(1, requires_grad=True), torch.zeros(1, requires_grad=True)
first.grad, second.grad = torch.ones(1), torch.ones(1)
RAdamLegacy([{"params": [first], "lr": 1.0}, {"params": [second], "lr": 0.25}], betas=(0.5, 0.9)).step()
print("got", second.item())
print("right", -0.25 * 0.5 / (1.0 - 0.5))  # m = 0.5, corrected by 1 - 0.5
