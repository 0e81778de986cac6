"""torch_optimizer.Lookahead takes its slow weights after the first step, and synchronises one step late.

Releases: 0.1.0 to 0.3.0 (today's). Contradicts Zhang et al. 2019 (arXiv:1907.08610), Algorithm 1: the fast weights
start from phi_{t-1}, and phi_t = phi_{t-1} + alpha (theta_{t,k} - phi_{t-1}) after k inner steps.
"""

import torch
import torch_optimizer

theta = torch.zeros(1, requires_grad=True)
rule = torch_optimizer.Lookahead(torch.optim.SGD([theta], lr=1.0), k=2, alpha=0.5)
for _ in range(2):
    theta.grad = -torch.ones(1)
    rule.step()
print("got", theta.item())
print("right", 0.0 + 0.5 * (2.0 - 0.0))  # phi = 0, the fast weights reach 2
