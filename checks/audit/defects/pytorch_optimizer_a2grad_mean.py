"""pytorch_optimizer.A2Grad moves its running mean by t + 1 times the difference where 1/t belongs.

Releases: 2.8.0 to 3.10.1; fixed in 3.11.0 (pull request 524). Contradicts Deng et al. 2018 (arXiv:1810.00553), which
measures the noise against the mean of the gradients so far: v_k adds |g_k - (g_1 + ... + g_k) / k|^2.
"""

import torch
from pytorch_optimizer import A2Grad

theta = torch.zeros(1, requires_grad=True)
rule = A2Grad([theta], beta=1.0, lips=1.0, variant="uni")
for gradient in (1.0, 3.0):
    theta.grad = torch.full((1,), gradient)
    rule.step()
# Mean (1 + 3) / 2, v = (3 - 2)**2, step 1 / (2/3 + 1) = 0.6; x = -1 - 0.6 * 3, theta_1 = -1, alpha = 1, 1/2, 2/5.
print("got", theta.item())
print("right", 0.6 * -1.0 + 0.4 * (-1.0 - 0.6 * 3.0) - 0.6 * 0.5 * 0.6 * 3.0)
