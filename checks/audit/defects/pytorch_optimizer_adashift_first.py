"""pytorch_optimizer.AdaShift fills its queue with the first gradient twice, and steps before it has a shifted one.

Releases: 2.9.0 to 3.10.1; fixed in 3.11.0 (pull request 523). Contradicts Zhou et al. 2019 (arXiv:1810.00143),
Algorithm 3: v_t is made from g_{t-n}, and there is no step before step n + 1; here 1 - beta_2^(1 - 2) < 0.
"""

import torch
from pytorch_optimizer import AdaShift

theta = torch.zeros(1, requires_grad=True)
theta.grad = torch.ones(1)
AdaShift([theta], lr=1.0, betas=(0.5, 0.75), keep_num=2).step()
print("got", theta.item())
print("right", 0.0)
