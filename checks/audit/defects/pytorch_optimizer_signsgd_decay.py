"""pytorch_optimizer.SignSGD takes a weight decay, checks it, and never applies it.

Releases: 2.10.0 to 3.10.1; fixed in 3.11.0 (issue 517, pull request 518). Contradicts its documentation, "weight_decay:
weight decay (L2 penalty)", decoupled: theta_t = (1 - lr lambda) theta_{t-1} - lr sign(m_t).
"""

import torch
from pytorch_optimizer import SignSGD

theta = torch.full((1,), 2.0, requires_grad=True)
theta.grad = torch.zeros(1)
SignSGD([theta], lr=0.5, momentum=0.0, weight_decay=0.25, weight_decouple=True).step()
print("got", theta.item())
print("right", (1.0 - 0.5 * 0.25) * 2.0)
