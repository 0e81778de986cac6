"""torch.optim.Adafactor takes the default eps1 from the dtype of its first parameter, for all others as well.

Releases: torch 2.13.0 (today's); with foreach, from the first group of one dtype. Contradicts torch's parameters, which
do not depend on each other's order, and itself: alone, the same float64 parameter ends at 0.5. Its documented rule is
theta_t = theta_{t-1} - alpha_t U_t, U_t = G_t / max(sqrt(V_t), eps_1).
"""

import torch

single = torch.ones(1, requires_grad=True)
double = torch.ones(1, dtype=torch.float64, requires_grad=True)
single.grad, double.grad = torch.full((1,), 1e-12), torch.full((1,), 1e-12, dtype=torch.float64)
torch.optim.Adafactor([single, double], lr=0.5, weight_decay=0.0, foreach=False).step()
# v = g**2 = 1e-24 is above (2.2e-16)**2, so that g / sqrt(v) = 1, times RMS(theta) = 1 and lr; below (1.2e-7)**2.
print("got", double.item())
print("right", 1.0 - 0.5)
