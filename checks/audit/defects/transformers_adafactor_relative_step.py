"""transformers' Adafactor writes the scaled step of one parameter into the group, and scales it again for the next.

Releases: 4.1.1 to 4.2.2; fixed in 4.3.0 (pull request 9751); with scale_parameter=True and relative_step=False.
Contradicts Shazeer and Stern 2018 (arXiv:1804.04235), Algorithm 4: alpha_t = max(eps_2, RMS(X_{t-1})) rho_t for each X.
"""

import torch
from transformers.optimization import Adafactor

first, second = torch.full((1,), 0.5, requires_grad=True), torch.full((1,), 4.0, requires_grad=True)
first.grad = second.grad = torch.ones(1)
Adafactor([first, second], lr=0.125, relative_step=False, scale_parameter=True).step()
print("got", second.item())
print("right", 4.0 - 4.0 * 0.125)  # RMS = 4, rho = 0.125, and the first step is along sign(g)
