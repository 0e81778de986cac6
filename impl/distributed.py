"""Data-parallel training with one compiled rule on every process: gradients are averaged before the step.

    grads = averaged([p.grad for p in parameters])         # equal shards: the gradient of one large batch
    state = compiled.step(state, grads, settings, out=state)

Averaged gradients give the moments of one large batch. Averaged squares of gradients, or averaged states, do not.
A method that takes the loss, such as MoMo, needs it averaged too, or each process takes another share of the step:

    *grads, loss = averaged([*grads, loss.detach()])
torch.distributed is imported when it is called; the process group is the caller's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from driftproof.theory.errors import DriftproofError, OutOfDomain


def averaged(gradients: Sequence[Any], samples: int | None = None, group: Any = None) -> list[Any]:
    """The gradient of the mean loss over the samples of all processes, the same to the bit on every one of them.

    gradients: of the mean loss over this process's samples, torch tensors of one type; they are not changed. That
    loss itself may be one of them.
    samples: how many those are, where processes differ; None where all have as many.   group: of processes.
    One message for all tensors. Sums are rounded in an order that is the backend's.
    raises: DriftproofError without a process group; OutOfDomain for a number of samples below 1.
    """
    import torch
    import torch.distributed as dist

    if not dist.is_available() or not dist.is_initialized():
        raise DriftproofError(
            "There is no process group.",
            "Gradients are averaged over the processes of torch.distributed.",
            "Call torch.distributed.init_process_group first.",
        )
    if samples is not None and (isinstance(samples, bool) or not isinstance(samples, int) or samples < 1):
        raise OutOfDomain(f"samples = {samples!r} is not a whole number from 1 on.")
    weight = 1 if samples is None else samples
    flat = torch.cat([g.detach().reshape(-1) for g in gradients] + [gradients[0].new_tensor([1.0])]) * weight
    dist.all_reduce(flat, group=group)
    flat = flat[:-1] / flat[-1]
    sizes = [g.numel() for g in gradients]
    return [part.reshape(g.shape) for part, g in zip(torch.split(flat, sizes), gradients, strict=True)]
