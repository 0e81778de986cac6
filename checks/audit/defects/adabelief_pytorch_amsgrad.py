"""adabelief_pytorch.AdaBelief with amsgrad adds eps to the maximum in each step, so that it grows without end.

Releases: 0.0.5 and 0.1.0; fixed in 0.2.0 (Adabelief-Optimizer issue 32). Contradicts Zhuang et al. 2020
(arXiv:2010.07468), Algorithm 2: s_t = beta_2 s_{t-1} + (1 - beta_2) (g_t - m_t)^2 + eps, of which the maximum
max(s_max, s_t) is to be taken.
"""

import contextlib

import torch
from adabelief_pytorch import AdaBelief

theta = torch.zeros(1, requires_grad=True)
with contextlib.redirect_stdout(None):  # the constructor prints advice
    rule = AdaBelief([theta], lr=1.0, betas=(0.0, 0.5), eps=1.0, amsgrad=True, rectify=False)
for _ in range(10):
    before, theta.grad = theta.item(), torch.ones(1)
    rule.step()
# beta_1 = 0, hence g - m = 0 and s_10 = 1 + 1/2 + ... + 1/2**9 = 2 (1 - 1/2**10), corrected 2; the package has 10.
print("got", before - theta.item())
print("right", 1.0 / (2.0**0.5 + 1.0))
