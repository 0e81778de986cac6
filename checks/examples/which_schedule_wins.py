"""Do growing batches and step sizes accelerate SGD? Where the bound says so, where exact runs do, and where not.

    python -m driftproof.checks.examples.which_schedule_wins

The schedulers of Umeda & Iiduka (2024) at equal gradient evaluations, over r = sigma2/(L gap) and the budget. Bound,
drawn iterate and last iterate are straight lines in r, on a quadratic with curvatures over three decades, so that every
border is exact. Writes schedule_regions.svg where matplotlib is there.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from driftproof.checks.runtime.acceleration import CONTENDERS, METRICS, Line, table, winner
from driftproof.checks.runtime.best_schedule import best_constant
from driftproof.checks.runtime.output import write_whole

EPOCHS = (100, 200, 300, 500, 1000)
SHOWN = 300
GROWING = ("(iii) to 0.2", "(iii) to 1", "(iv) to 0.2")
OTHERS = ("(i) constant", "(i) cosine", "(ii) constant", "(ii) cosine")
FILE = "schedule_regions.svg"
MEANING = {
    "bound": "the bound on min over t",
    "drawn": "E |grad f|^2 of the drawn iterate, exact",
    "last": "E |grad f|^2 of the last iterate, exact",
}


def main() -> str:
    """Prints for which r one beats the other, by each metric; draws the winners; returns the file, or ""."""
    found = table(EPOCHS)
    print(f"{SHOWN} epochs over 50000 samples: {SHOWN * 50000:.3g} gradient evaluations each; r = sigma2/(L gap)")
    for metric in METRICS:
        print(f"\n{MEANING[metric]}")
        for name in GROWING:
            told = [f"{other}: {found[SHOWN][name][metric].beats(found[SHOWN][other][metric])}" for other in OTHERS]
            print(f"  {name:13} is below  " + "   ".join(told))
    print("\nthe border between (iii) to 0.2 and (i) constant, by the bound: " + borders(found))
    print(constants(found))
    if not find_spec("matplotlib"):
        return ""
    write_whole(Path(FILE), drawn(found))
    print(f"the winners, over r and the budget: {FILE}")
    return FILE


def borders(found: dict[int, dict[str, dict[str, Line]]]) -> str:
    """It moves as 1/budget."""
    pairs = ((count, of["(iii) to 0.2"]["bound"].beats(of["(i) constant"]["bound"])) for count, of in found.items())
    return ", ".join(f"{word} at {count} epochs" for count, word in pairs)


def constants(found: dict[int, dict[str, dict[str, Line]]]) -> str:
    """The best constant pair at the same steps and evaluations as (iii) has a smaller bound than any of them."""
    steps, budget = 374760, 15152640
    lines = [f"\nof all schedules with (iii)'s {steps} steps and {budget} evaluations a constant has the least bound:"]
    for r in (1e-4, 1e-2, 1.0):
        eta, least = best_constant(np.array([steps]), r, budget, np.ones(1), 1.0)
        lines.append(f"  r = {r:g}: eta = {eta:.3g}, b = {budget / steps:.4g}: {least:.3g}; "
                     f"(iii) to 0.2: {found[SHOWN]['(iii) to 0.2']['bound'].at(r):.3g}")  # fmt: skip
    return "\n".join(lines)


def drawn(found: dict[int, dict[str, dict[str, Line]]]) -> bytes:
    """A panel for each metric: which schedule has the smallest value."""
    from io import BytesIO

    import matplotlib
    from matplotlib.colors import ListedColormap
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch

    names, colours = list(CONTENDERS), ["#9ecae1", "#3182bd", "#a1d99b", "#31a354", "#fdae6b", "#e6550d", "#756bb1"]
    rates = np.logspace(-5, 1, 241)
    figure, into = Figure(figsize=(11, 4), layout="constrained"), BytesIO()
    axes: Any = figure.subplots(1, 3, sharey=True)
    for ax, metric in zip(axes, METRICS, strict=True):
        cells = [[names.index(winner(of, metric, float(r))) for r in rates] for of in found.values()]
        budgets, colouring = [count * 50000 for count in found], ListedColormap(colours)
        ax.pcolormesh(rates, budgets, cells, cmap=colouring, vmin=-0.5, vmax=6.5, shading="nearest", rasterized=True)
        ax.set(xscale="log", yscale="log", xlabel="r = sigma2/(L gap)", title=MEANING[metric])
        ax.title.set_fontsize(9)
    axes[0].set_ylabel("gradient evaluations")
    keys = [Patch(color=colour, label=name) for colour, name in zip(colours, names, strict=True)]
    figure.legend(handles=keys, loc="outside lower center", ncols=7, fontsize=8)
    with matplotlib.rc_context({"svg.hashsalt": "regions", "svg.fonttype": "none"}):
        figure.savefig(into, format="svg", metadata={"Date": None})
    return into.getvalue()


if __name__ == "__main__":
    main()
