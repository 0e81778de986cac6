"""torch.optim.Adafactor divides by the number of entries of a parameter that has none.

Releases: torch 2.13.0 (today's), with foreach or without. Its documentation knows no restriction; the other classes of
torch.optim leave an empty parameter as it is, and RMS(x) stands in Shazeer and Stern 2018 (arXiv:1804.04235) only as a
factor of the parameter's own step, which is empty too.
"""

import torch

theta = torch.zeros(0, 3, requires_grad=True)
theta.grad = torch.zeros(0, 3)
try:
    torch.optim.Adafactor([theta]).step()
    print("got", tuple(theta.shape))
except ZeroDivisionError as error:
    print("got", type(error).__name__)
print("right", (0, 3))
