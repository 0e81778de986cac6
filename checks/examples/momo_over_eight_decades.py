"""How much the step size matters: SGD and Adam, MoMo, MoMo-Adam and their starred forms over eight decades.

    python -m driftproof.checks.examples.momo_over_eight_decades [--tasks regression,digits] [--replicas 2] [--jobs 2]

Trains small models on four tasks (runtime/step_sizes.py says which) and prints the loss on all data at the end of
training, the median of the replicas. Writes all numbers to robustness.csv and a picture, with every replica as a dot,
to robustness.svg; a dot at the upper edge is a loss beyond it or none. torch alone is needed, and some two minutes.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from statistics import median

from driftproof.checks.runtime.output import write_whole
from driftproof.checks.runtime.step_sizes import BASELINE, GRID, METHODS, TASKS, final_loss, loss_at_start

SEED = 0
COLOURS = dict(zip(METHODS, ("#d55e00", "#0072b2", "#56b4e9", "#e69f00", "#009e73", "#cc79a7"), strict=True))
WIDTH, HEIGHT, EDGE = 520, 260, 60
Job = tuple[str, str, float, int]
"""task, method, step size, replica."""
Losses = Mapping[Job, float]


def _loss(job: Job) -> float:
    return final_loss(*job, SEED)


def losses(tasks: Sequence[str], replicas: int, jobs: int) -> Losses:
    """Every run, on that many processes; the numbers do not depend on how many."""
    todo = [(task, method, lr, k) for task in tasks for lr in GRID for method in METHODS for k in range(replicas)]
    if jobs == 1:
        return dict(zip(todo, map(_loss, todo), strict=True))
    with ProcessPoolExecutor(jobs, get_context("spawn")) as processes:
        return dict(zip(todo, processes.map(_loss, todo, chunksize=4), strict=True))


def typical(found: Losses, task: str, method: str, lr: float) -> float:
    return median(loss for (a, b, c, _), loss in found.items() if (a, b, c) == (task, method, lr))


def table(found: Losses, task: str) -> str:
    """Medians, and over how many step sizes in a row they are below half of the loss at the start."""
    start = loss_at_start(task, 0, SEED)
    lines = [f"{task}: loss at the start {start:.3g}", " " * 12 + "".join(f"{lr:10.0e}" for lr in GRID) + "   trains"]
    for method in METHODS:
        row = [typical(found, task, method, lr) for lr in GRID]
        good = [lr for lr, loss in zip(GRID, row, strict=True) if loss < start / 2]
        where = f"{good[0]:.0e} to {good[-1]:.0e}" if good else "nowhere"
        lines.append(method.ljust(12) + "".join(f"{loss:10.3g}" for loss in row) + "   " + where)
    return "\n".join(lines)


def csv(found: Losses) -> str:
    rows = [f"{task},{method},{lr:g},{k},{loss!r}" for (task, method, lr, k), loss in found.items()]
    return "\n".join(["task,method,step size,replica,loss", *rows]) + "\n"


def picture(found: Losses) -> str:
    """One panel for each task and each metric, as SVG: loss over step size, both logarithmic."""
    tasks = list(dict.fromkeys(task for task, *_ in found))
    families = [[m for m in METHODS if base in (m, BASELINE.get(m))] for base in ("SGD-M", "Adam")]
    parts = [
        f'<g transform="translate({column * WIDTH},{row * HEIGHT})">{_panel(found, task, methods)}</g>'
        for row, task in enumerate(tasks)
        for column, methods in enumerate(families)
    ]
    size = f'viewBox="0 0 {2 * WIDTH} {len(tasks) * HEIGHT}"'
    body = "\n".join(['<rect width="100%" height="100%" fill="white"/>', *parts])
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-size="12" font-family="sans-serif">\n{body}\n</svg>\n'


def _panel(found: Losses, task: str, methods: Sequence[str]) -> str:
    finite = [x for (a, b, *_), x in found.items() if a == task and b in methods and math.isfinite(x)]
    low, high = math.log10(max(min(finite), 1e-300)) - 0.2, math.log10(10 * loss_at_start(task, 0, SEED))

    def place(lr: float, loss: float) -> tuple[float, float]:
        share = min((math.log10(max(loss, 1e-300)) - low) / (high - low), 1.0) if math.isfinite(loss) else 1.0
        across = (math.log10(lr) - math.log10(GRID[0])) / math.log10(GRID[-1] / GRID[0])
        return EDGE + across * (WIDTH - EDGE - 30), HEIGHT - 40 - share * (HEIGHT - 80)

    parts = [
        f'<text x="{EDGE}" y="20">{task}, loss at the end</text>',
        f'<text x="{(EDGE + WIDTH - 30) / 2}" y="{HEIGHT - 3}" text-anchor="middle">step size</text>',
    ]
    for k, method in enumerate(methods):
        points = [place(lr, typical(found, task, method, lr)) for lr in GRID]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{COLOURS[method]}"/>')
        parts.append(f'<text x="{EDGE + 165 + 95 * k}" y="20" fill="{COLOURS[method]}">{method}</text>')
        for (a, b, lr, _), loss in found.items():
            if (a, b) == (task, method):
                x, y = place(lr, loss)
                parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="{COLOURS[method]}"/>')
    for lr in GRID[::2]:
        parts.append(f'<text x="{place(lr, 1)[0]:.1f}" y="{HEIGHT - 20}" text-anchor="middle">{lr:.0e}</text>')
    for power in range(math.ceil(low), math.floor(high) + 1):
        parts.append(f'<text x="{EDGE - 8}" y="{place(1, 10.0**power)[1] + 4:.1f}" text-anchor="end">1e{power}</text>')
    frame = f'<rect x="{EDGE}" y="40" width="{WIDTH - EDGE - 30}" height="{HEIGHT - 80}" fill="none" stroke="#999"/>'
    return "".join([frame, *parts])


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--tasks", default=",".join(TASKS), help="some of " + ", ".join(TASKS))
    parser.add_argument("--replicas", type=int, default=2, help="runs with other starts, data and batches")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    asked = parser.parse_args(words)
    tasks = asked.tasks.split(",")
    if unknown := [task for task in tasks if task not in TASKS]:
        parser.error(f"there is no task '{unknown[0]}'; tasks: {', '.join(TASKS)}")
    if asked.replicas < 1 or asked.jobs < 1:
        parser.error("replicas and jobs are whole numbers from 1 on")
    found = losses(tasks, asked.replicas, asked.jobs)
    print("\n\n".join(table(found, task) for task in tasks))
    write_whole(Path("robustness.csv"), csv(found))
    write_whole(Path("robustness.svg"), picture(found))
    print("\nall numbers: robustness.csv   picture: robustness.svg")


if __name__ == "__main__":
    main()
