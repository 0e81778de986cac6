"""Instances of theorems on schedules: step sizes that a run makes, read from where SGD goes when all gradients are -1.

Then theta after t steps is the sum of the first t step sizes. torch runs its own scheduler, the compiled rule the
formula.
"""

from __future__ import annotations

from collections.abc import Mapping

from .instance import Given, Instance, Run, along


def step_sizes(
    says: str, formula: str, steps: int, schedule: str, values: Mapping[str, Given], name: str = "eta", lr: str = ""
) -> Instance:
    """formula: of the step size, a term in t.   schedule: torch's, or "".   name: of the step sizes in the theorem.

    lr: torch's before the scheduler, if it is not the first step size.
    """
    given = {name: ["t", "travelled(t + 1) - travelled(t)"], **values}
    reads = {"travelled": along("theta")}
    torch, why = ("SGD", "") if schedule else ("", "torch has no scheduler with this formula")
    run = Run("sgd", {"eta": formula}, "-1", ("0",), steps, reads, torch=torch, why=why, schedule=schedule, lr=lr)
    return Instance(says, given, naturals={"": steps + 1}, run=run, wrong=("sgd@momentum=ema,first=damped",))
