"""pytorch_optimizer.PID does not keep the first gradient: its second derivative term is taken against 0.

Releases: 2.8.0 to 3.10.1; fixed in 3.11.0 (pull request 539). Contradicts An et al. 2018 (CVPR), eq. 14:
D_{t+1} = alpha D_t + (1 - alpha) (g_t - g_{t-1}).
"""

import torch
from pytorch_optimizer import PID

theta = torch.zeros(1, requires_grad=True)
rule = PID([theta], lr=1.0, momentum=0.5, dampening=0.0, derivative=1.0, integral=1.0)
for gradient in (1.0, 3.0):
    theta.grad = torch.full((1,), gradient)
    rule.step()
# Step 1: g + I = 1 + 1. Step 2: g + I + D with I = 0.5 * 1 + 3 and D = 0.5 * (3 - 1).
print("got", theta.item())
print("right", -(1.0 + 1.0) - (3.0 + 3.5 + 1.0))
