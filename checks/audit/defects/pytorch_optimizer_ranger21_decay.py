"""pytorch_optimizer.Ranger21 decays with the step size it was given, not with the one of its warm-up.

Releases: 2.9.0; fixed in 2.9.1 (issue 169, pull request 170). Contradicts Wright and Demeure 2021 (arXiv:2106.13731):
the decay subtracts eta_t lambda theta_{t-1} over the root of the mean second moment, with the scheduled eta_t.
"""

import torch
from pytorch_optimizer import Ranger21

theta = torch.tensor([1.0, 0.0, 0.0, 0.0], requires_grad=True)
theta.grad = torch.zeros(4)
Ranger21([theta], num_iterations=100, lr=1.0, num_warm_up_iterations=10, weight_decay=0.25, beta0=0.9).step()
# The first of ten steps of warm-up: eta_1 = 0.1. The package starts its sum of second moments at 1, over 4 entries.
print("got", theta[0].item())
print("right", 1.0 - 0.1 * 0.25 / (1.0 / 4) ** 0.5)
