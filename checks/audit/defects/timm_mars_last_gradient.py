"""timm's Mars keeps the gradient tensor itself as the last gradient: the next backward overwrites it.

Releases: 1.0.19 to 1.0.29; fixed in 1.0.30. Contradicts Yuan et al. 2024 (arXiv:2411.10438), Algorithm 2:
c_t = g_t + gamma_t beta_1 / (1 - beta_1) (g_t - g_{t-1}).
"""

import torch
from timm.optim.mars import Mars

theta = torch.zeros(1, 1, requires_grad=True)
theta.grad = torch.zeros(1, 1)
rule = Mars([theta], lr=1.0, betas=(0.5, 0.75), gamma=1.0, eps=0.0, weight_decay=0.0)
for gradient in (0.25, 0.125):
    before = theta.item()
    theta.grad.fill_(gradient)  # as zero_grad(set_to_none=False) and backward do
    rule.step()
# timm starts from the first gradient: c = 1/4, then 1/8 + (1/8 - 1/4) = 0; m = 1/8, 1/16; v = 1/64, 3/256.
print("got", before - theta.item())
print("right", (1 / 16 / 0.75) / (3 / 256 / 0.4375) ** 0.5)
