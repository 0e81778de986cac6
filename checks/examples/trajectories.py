"""Adam, AMSGrad, ADOPT and Generic Adam on one stream: 1010 once in 101 steps, else -10, on [-1, 1].

    python -m driftproof.checks.examples.trajectories

The gradients of a period add up to 10, so that -1 is the best point. Beside where theta is, what is known without a
run: what `converge` says of the schedules, and what `witness` says of this stream, exactly. A run alone misleads:
Generic Adam with 1 - beta2 of the order t^(-1/2) is covered, and stands near the wrong end for a million steps.

Written: trajectories.csv, and trajectories.svg where matplotlib is installed. With a C compiler it takes seconds.
"""

from __future__ import annotations

import csv
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import driftproof as dp
from driftproof.impl.simulate import simulate
from driftproof.impl.toolchain import compiler
from driftproof.theory.errors import Refused
from driftproof.theory.problems import synthetic

PERIOD = 101
LR = "1/(2*sqrt(t))"
METHODS = {
    "Adam (0.9, 0.99)": ("adam", "0.99"),
    "Adam (0.9, 0.999)": ("adam", "0.999"),
    "AMSGrad (0.9, 0.99)": ("adam@amsgrad=raw", "0.99"),
    "ADOPT (0.9, 0.99)": ("adopt", "0.99"),
    "Generic Adam, r = 1/2": ("generic_adam", "1 - 0.505/t**(1/2)"),
    "Generic Adam, r = 3/4": ("generic_adam", "1 - 0.7525/t**(3/4)"),
    "Generic Adam, r = 1": ("generic_adam", "1 - 1/(t + 1)"),
}
"""Rule and beta2; beta1 = 0.9 throughout."""


def main(steps: int = 0) -> dict[str, Any]:
    """Prints a table and writes the files into this folder; returns the runs. steps: 0 for as many as take seconds."""
    steps = steps or affordable()
    stops = sorted({t for k in range(70) if (t := PERIOD * round(10 ** (k / 10))) < steps} | {steps})
    shown = [t for t in (10**4, 10**6) if t < steps] + [steps]
    runs = {}
    print(f"{'theta after':22}{''.join(f'{t:>10}' for t in shown)}  converge       witness, on this stream")
    for name, (rule, beta2) in METHODS.items():
        schedules = {"eta": LR, "beta1": "0.9", "beta2": beta2}
        run = simulate(rule, synthetic(), steps, hyperparameters=schedules, record=[*stops, *shown], measure=())
        runs[name] = run
        theta = "".join(f"{run.trajectory[t][0]:10.4f}" for t in shown)
        print(
            f"{name:22}{theta}  {dp.converge(rule, lr=LR, beta1='0.9', beta2=beta2).verdict:13}  {known(rule, beta2)}"
        )
    write(runs, stops)
    print("written: trajectories.csv" + (", trajectories.svg" if find_spec("matplotlib") else ""))
    return runs


def affordable() -> int:
    """Millions where loops are compiled."""
    try:
        compiler()
    except Refused:
        return 20_000
    return 5_000_000


def known(rule: str, beta2: str) -> str:
    """What is certain of this stream."""
    found = dp.witness(rule, beta1="0.9", beta2=beta2, gradients="1010,-10x100")
    if found.crossing and found.crossing.step:
        return f"wrong way until about step {found.crossing.step}"
    return f"{found.verdict}: the {'wrong' if found.verdict == 'WITNESS' else 'right'} way in the end"


def write(runs: dict[str, Any], stops: list[int]) -> None:
    """The table of theta, and its picture over the logarithm of the step."""
    with Path("trajectories.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["step", *runs])
        rows.writerows([t, *(float(run.trajectory[t][0]) for run in runs.values())] for t in stops)
    if find_spec("matplotlib"):
        from matplotlib.figure import Figure

        figure = Figure(figsize=(7, 4.5), layout="constrained")
        axes = figure.subplots()
        for name, run in runs.items():
            axes.semilogx(stops, [run.trajectory[t][0] for t in stops], label=name)
        axes.set(xlabel="step t", ylabel="theta; the best point is -1", title="1010 once in 101 steps, else -10")
        figure.legend(loc="outside right upper", fontsize=8)
        figure.savefig("trajectories.svg", metadata={"Date": None})


if __name__ == "__main__":
    main()
