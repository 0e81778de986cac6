"""pytorch_optimizer's Adan with maximize=True keeps the gradient of before it is negated: its first difference is -2g.

Releases: 4.1.0. Contradicts Xie et al. 2022 (arXiv:2208.06677), Algorithm 1: the first difference of gradients is 0, so
that maximising f is minimising -f: here with the gradients 2 and 1 of f.
"""

import torch
from pytorch_optimizer import Adan

p = torch.nn.Parameter(torch.tensor([1.0], dtype=torch.float64))
q = torch.nn.Parameter(torch.tensor([1.0], dtype=torch.float64))
for tensor, sign, maximize in ((p, 1, True), (q, -1, False)):
    optimizer = Adan([tensor], lr=0.1, betas=(0.9, 0.8, 0.7), maximize=maximize)
    for g in (2.0, 1.0):
        tensor.grad = torch.tensor([sign * g], dtype=torch.float64)
        optimizer.step()
print("got  ", p.item())
print("right", q.item())
