"""torch_optimizer.Lamb with debias=True corrects the step, not the moments: the trust ratio cannot cancel it.

Releases: 0.1.0 to 0.3.0 (today's); issue 443, open. Contradicts You et al. 2020 (arXiv:1904.00962), Algorithm 2:
m_t / (1 - beta_1^t) and v_t / (1 - beta_2^t) stand in r_t, and x_{t+1} = x_t - eta phi(|x_t|) / |r_t + lambda x_t|
(r_t + lambda x_t): without decay, one entry moves by eta |x_t| whatever the betas are.
"""

import torch
import torch_optimizer

theta = torch.ones(1, requires_grad=True)
theta.grad = torch.ones(1)
torch_optimizer.Lamb([theta], lr=0.1, betas=(0.9, 0.999), eps=0.0, debias=True).step()
print("got", 1.0 - theta.item())
print("right", 0.1)  # the package: 0.1 * sqrt(1 - 0.999) / (1 - 0.9)
