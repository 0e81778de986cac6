"""torch_optimizer.PID does not keep the first gradient: its second derivative term is taken against 0.

Releases: 0.1.0 to 0.3.0 (today's). Contradicts An et al. 2018 (CVPR), the paper that its documentation names:
D_{t+1} = alpha D_t + (1 - alpha) (g_t - g_{t-1}).
"""

import torch
import torch_optimizer

theta = torch.zeros(1, requires_grad=True)
rule = torch_optimizer.PID([theta], lr=1.0, momentum=0.5, dampening=0.0, derivative=1.0, integral=1.0)
for gradient in (1.0, 3.0):
    theta.grad = torch.full((1,), gradient)
    rule.step()
# Step 1: g + I = 1 + 1. Step 2: g + I + D with I = 0.5 * 1 + 3 and D = 0.5 * (3 - 1).
print("got", theta.item())
print("right", -(1.0 + 1.0) - (3.0 + 3.5 + 1.0))
