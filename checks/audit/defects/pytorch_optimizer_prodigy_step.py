"""pytorch_optimizer.Prodigy counts two steps a step, hence corrects the second one as if it were the third.

Releases: 3.6.0 to 3.10.1; fixed in 3.11.0 (pull request 546); with bias_correction=True. Contradicts the authors' own
package (prodigyopt) and Kingma and Ba 2015 (arXiv:1412.6980), Algorithm 1: 1 - beta^t in step t.
"""

import torch
from pytorch_optimizer import Prodigy

theta = torch.zeros(1, requires_grad=True)
rule = Prodigy([theta], lr=1.0, betas=(0.5, 0.75), d0=1.0, d_coef=1e-9, eps=1e-12, bias_correction=True)
for _ in range(2):
    theta.grad = torch.ones(1)
    rule.step()
# d stays 1, and a corrected step along a constant gradient is lr; in step 3 the corrections were 7/8 and 37/64.
print("got", theta.item())
print("right", -1.0 - 1.0)
