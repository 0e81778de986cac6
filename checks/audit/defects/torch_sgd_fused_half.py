"""torch's fused SGD on the CPU does not move full groups of 16 entries in bfloat16 and float16.

Releases: 2.13.0. Contradicts torch's own for-loop and foreach forms, and its documented theta_t = theta_{t-1} -
gamma g_t: with theta = 1, lr = 0.5 and g = 1 every entry is 0.5.
"""

import torch

p = torch.nn.Parameter(torch.ones(17, dtype=torch.bfloat16))
optimizer = torch.optim.SGD([p], lr=0.5, fused=True)
p.grad = torch.ones_like(p)
optimizer.step()
print("got  ", p.tolist())
print("right", [0.5] * 17)
