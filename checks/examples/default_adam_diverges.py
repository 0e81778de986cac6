"""torch.optim.Adam with its default settings, driven to the wrong end of [-1, 1] by an exact witness.

    python -m driftproof.checks.examples.default_adam_diverges

The losses are g_t theta, where g_t runs through 2000, -1, ..., -1 again and again: their mean is theta/2000, lowest at
theta = -1. The run starts there. About 190,000 steps, some seconds.
"""

from __future__ import annotations

import driftproof as dp


def main(period: int = 2000) -> int:
    """Prints where theta is after some shares of the predicted time; returns the step at which it reached 1."""
    import torch

    found = dp.witness("adam", beta1="0.9", beta2="0.999", period=period)
    assert found.proof is not None and found.predicted_steps is not None
    print(found.reason)
    print(f"predicted: from -1 to 1 in about {found.predicted_steps} steps")

    gradients = [torch.tensor([float(g)], dtype=torch.float64) for n, g in found.proof.runs for _ in range(n)]
    theta = torch.nn.Parameter(torch.tensor([-1.0], dtype=torch.float64))
    optimizer = torch.optim.Adam([theta])
    step = 0
    while theta.item() < 1 and step < 2 * found.predicted_steps:
        theta.grad = gradients[step % period]
        optimizer.step()
        theta.data.clamp_(-1, 1)
        step += 1
        if step % (found.predicted_steps // 8) == 0 or theta.item() == 1:
            print(f"step {step:7}   theta = {theta.item():.4f}")
    return step


if __name__ == "__main__":
    main()
