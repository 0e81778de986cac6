"""pytorch_optimizer.LaProp subtracts the squared mean from the average it keeps, not from a copy.

Releases: 3.3.0 to 3.10.1; fixed in 3.11.0. Contradicts the meaning of centred: the variance is n_t - nbar_t^2 with
n_t = nu n_{t-1} + (1 - nu) g_t^2 (Ziyin et al. 2020, arXiv:2002.04839), in which no nbar is fed back.
"""

import torch
from pytorch_optimizer import LaProp

theta = torch.zeros(1, requires_grad=True)
rule = LaProp([theta], lr=1.0, betas=(0.0, 0.5), eps=0.0, centered=True, steps_before_using_centered=0)
for _ in range(2):
    before, theta.grad = theta.item(), torch.ones(1)
    rule.step()
# n_2 = nbar_2 = 0.75, corrected by 1 - 0.5**2; the package has 0.5 * (0.5 - 0.5**2) + 0.5 for n_2.
print("got", before - theta.item())
print("right", 1.0 / ((0.75 - 0.75**2) / 0.75) ** 0.5)
