"""SGD with the four schedulers on real images: what the gradient does, and what the bound predicts.

    python -m driftproof.checks.examples.schedules_on_real_images

A network of 64 - 32 - 10 units on 1500 images of digits, all schedules at equal gradient evaluations, 8 replicas. L and
sigma2 are the largest seen along the runs, which is an estimate: the bound beside the runs is a prediction, not proved
for this network. Writes schedules_on_real_images.svg where matplotlib is there.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from driftproof.checks.a_network_on_real_images_stays_under_the_bound_of_its_schedule import half_width, numbers
from driftproof.checks.runtime.layout import columns
from driftproof.checks.runtime.output import write_whole
from driftproof.checks.runtime.render_schedule import bounds_so_far
from driftproof.checks.runtime.scheduled_network import Experiment, experiment

EPOCHS, REPLICAS, SEED = 10, 8, 1
FILE = "schedules_on_real_images.svg"
SHOWN = ("bound", "drawn", "interval", "smallest", "last", "last interval")


def main() -> str:
    """Prints a table and two orders; draws the runs; returns the file, or ""."""
    found = experiment(EPOCHS, REPLICAS, SEED)
    print(told(found))
    if not find_spec("matplotlib"):
        return ""
    write_whole(Path(FILE), drawn(found))
    print(f"\n|grad f|^2 and the bound, against gradient evaluations: {FILE}")
    return FILE


def told(found: Experiment) -> str:
    """E |grad f|^2 by schedule, lowest last iterate first."""
    rows = {name: numbers(found, name) for name in found.runs}
    by_last, by_bound = (sorted(rows, key=lambda name: rows[name][word]) for word in ("last", "bound"))
    table = [("", *SHOWN), *((name, *(f"{rows[name][word]:.3g}" for word in SHOWN)) for name in by_last)]
    spent = rows[by_last[0]]["evaluations"]
    return "\n".join(
        [
            f"|grad f|^2 over {spent:.5g} gradient evaluations; the mean of {REPLICAS} replicas and half its interval",
            f"(95 %, by Student's t). Largest seen: L = {found.L:.3g}, sigma2 = {found.sigma2:.3g}; f begins at "
            f"{found.gap:.3g}.",
            "drawn: at a step with weight eta (1 - L eta/2), which the bound is about; smallest: over the points seen.",
            "",
            *columns(table, indent=""),
            "",
            f"lowest last iterate: {by_last[0]}; lowest bound: {by_bound[0]}",
        ]
    )


def drawn(found: Experiment) -> bytes:
    """Beside each other: what was measured, with intervals, and the bound of every beginning of each run."""
    from io import BytesIO

    import matplotlib
    from matplotlib.figure import Figure

    figure, into = Figure(figsize=(11, 4.5), layout="constrained"), BytesIO()
    axes: Any = figure.subplots(1, 2, sharey=True)
    for name, run in found.runs.items():
        spent = np.array([p.evaluations for p in run.points])
        means = np.array([p.squared.mean() for p in run.points])
        half = np.array([half_width(p.squared) for p in run.points])
        colour = axes[0].plot(spent, means, label=name, marker=".")[0].get_color()
        axes[0].fill_between(spent, np.maximum(means - half, means / 10), means + half, color=colour, alpha=0.15)
        answer = found.answers[name]
        axes[1].plot(np.cumsum(answer.b), bounds_so_far(answer), color=colour)
    for ax, title in zip(
        axes, ("measured: f is the loss on all images", "the bound, L and sigma2 estimated"), strict=True
    ):
        ax.set(yscale="log", xlabel="gradient evaluations", title=title)
        ax.grid(alpha=0.3)
    axes[0].set_ylabel("|grad f|^2")
    axes[0].legend(fontsize=8)
    with matplotlib.rc_context({"svg.hashsalt": "images", "svg.fonttype": "none"}):
        figure.savefig(into, format="svg", metadata={"Date": None})
    return into.getvalue()


if __name__ == "__main__":
    main()
