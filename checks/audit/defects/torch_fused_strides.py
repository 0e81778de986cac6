"""torch's fused SGD, Adagrad, Adam and AdamW on the CPU pair entries by their place in memory, not by their index.

Releases: 2.13.0. Contradicts torch's own for-loop and foreach forms: a gradient whose strides differ from the
parameter's is read in the wrong order. With theta = 0 and lr = 1 the parameter becomes minus the gradient.
"""

import torch

p = torch.nn.Parameter(torch.zeros(4))
optimizer = torch.optim.SGD([p], lr=1.0, fused=True)
p.grad = torch.tensor([[1.0, 9.0], [2.0, 9.0], [3.0, 9.0], [4.0, 9.0]])[:, 0]
optimizer.step()
print("got  ", p.tolist())
print("right", [-1.0, -2.0, -3.0, -4.0])
