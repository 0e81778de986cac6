"""pytorch_optimizer.ScheduleFreeRAdam divides the root of v by other factors than that of 1 - beta_2^t.

Releases: 3.3.0 to 3.4.2 by another beta (pull request 354), 3.5.0 to 3.11.0 by 1 - beta_2^t itself; fixed in 4.0.0.
Contradicts Liu et al. 2020 (arXiv:1908.03265), Algorithm 2, and the authors' schedulefree: the first adaptive step is
r_t g / sqrt(v_t / (1 - beta_2^t)), with r_t^2 = (rho_t - 4) (rho_t - 2) rho_inf / ((rho_inf - 4) (rho_inf - 2) rho_t).
"""

import torch
from pytorch_optimizer import ScheduleFreeRAdam

theta = torch.zeros(1, requires_grad=True)
rule = ScheduleFreeRAdam([theta], lr=0.1, betas=(0.9, 0.75), eps=1e-12)
rule.train()
for _ in range(6):  # the steps before are silent
    theta.grad = torch.ones(1)
    rule.step()
rho = 7 - 12 * 0.75**6 / (1 - 0.75**6)
print("got", theta.item())
print("right", -0.1 * ((rho - 4) * (rho - 2) * 7 / ((7 - 4) * (7 - 2) * rho)) ** 0.5)
