"""A phase diagram as text, as CSV, and as a picture (matplotlib, without a display)."""

from __future__ import annotations

from fractions import Fraction
from io import BytesIO
from itertools import pairwise
from math import log10
from pathlib import Path
from typing import TYPE_CHECKING, Any

from driftproof.theory.errors import DriftproofError

from .extras import extras_named
from .layout import block
from .output import as_json, write_whole

if TYPE_CHECKING:
    from driftproof.theory.phase import PhaseDiagram

PICTURES = (".svg", ".png")
SUFFIXES = (*PICTURES, ".json", ".csv")
COLOURS = {"diverges": "#e8a39b", "unknown": "#eeeeee", "guaranteed": "#2c7bb6"}
QUANTIFIERS = (
    "The number of parts n comes first here, then the betas. With the betas first, no point of the diagram is safe: "
    "each has a period and a sum for which it diverges (driftproof witness --period N)."
)


def require_suffix(file: str) -> str:
    """The file, if its suffix is one that can be written. raises: DriftproofError."""
    if Path(file).suffix.lower() not in SUFFIXES:
        raise DriftproofError(f"{file}: a diagram is written as {', '.join(SUFFIXES)}.", "", "Name it phase.svg.")
    return file


def save(diagram: PhaseDiagram, file: str) -> None:
    """Writes it whole or not at all. raises: CannotWrite; NotInstalled for a picture without matplotlib."""
    suffix = Path(require_suffix(file)).suffix.lower()
    made: dict[str, Any] = {".json": lambda: as_json(diagram.as_json()) + "\n", ".csv": lambda: phase_csv(diagram)}
    write_whole(Path(file), made.get(suffix, lambda: phase_picture(diagram, suffix[1:]))())


def phase_text(diagram: PhaseDiagram, file: str) -> str:
    """What a reader of the picture needs to know."""
    from driftproof.theory.phase import REGIONS

    d, n = diagram.default, diagram.period
    lines = block(diagram.rule, [f"{len(diagram.points)} points (beta1, beta2), sums of n = {n} losses: {file}"])
    for name, meaning in REGIONS.items():
        count = sum(point.region == name for point in diagram.points)
        lines += block(name, f"{count} points: {meaning}")
    lines += block("default", f"torch's (0.9, 0.999), n = {n}: {d.region}")
    for item in diagram.schedules:
        told = f"{item.verdict} {item.rate}".strip()
        lines += block(
            "schedules", f"lr = 1/sqrt(t), beta2(t) = {item.beta2}, i.i.d.: {told} at every point. {item.reason}"
        )
    return "\n".join([*lines, *block("note", QUANTIFIERS)])


def phase_csv(diagram: PhaseDiagram) -> str:
    """One row a point."""
    rows = [point.as_json() for point in diagram.points]
    return "\n".join([",".join(rows[0]), *(",".join(row.values()) for row in rows)]) + "\n"


def phase_picture(diagram: PhaseDiagram, form: str) -> bytes:
    """form: svg or png; the same diagram gives the same bytes. raises: NotInstalled."""
    with extras_named():
        from matplotlib import rc_context
        from matplotlib.figure import Figure
    with rc_context({"svg.hashsalt": diagram.rule, "svg.fonttype": "none", "font.size": 9}):
        figure = Figure(figsize=(6.4, 6), layout="constrained")
        axes = figure.subplots()
        axes.set(xscale="log", yscale="log", xlabel="1 - beta1", ylabel="1 - beta2")
        axes.set_title(_title(diagram), fontsize=8)
        _tiles(axes, diagram)
        _boundaries(axes, diagram)
        place = ([float(1 - diagram.default.beta1)], [float(1 - diagram.default.beta2)])
        axes.scatter(*place, s=70, marker="*", color="black", zorder=5, label="torch's default (0.9, 0.999)")
        axes.invert_xaxis()
        axes.invert_yaxis()
        figure.legend(loc="outside lower center", ncols=2, fontsize=7)
        picture = BytesIO()
        figure.savefig(picture, format=form, dpi=100, metadata={"Date": None} if form == "svg" else {"Software": None})
    return picture.getvalue()


def _title(diagram: PhaseDiagram) -> str:
    lines = [f"{diagram.rule}, constant betas, sums of n = {diagram.period} losses"]
    for item in diagram.schedules:
        if item.verdict == "CONVERGES":
            lines.append(f"certified at every point, for i.i.d. draws: beta2(t) = {item.beta2}, lr = 1/sqrt(t)")
    return "\n".join(lines)


def _tiles(axes: Any, diagram: PhaseDiagram) -> None:
    """One tile a point, half-way to its neighbours on the logarithmic axes; what is guaranteed is a line, beta1 = 0."""
    from matplotlib.colors import ListedColormap

    columns = sorted({1 - p.beta1 for p in diagram.points})
    rows = sorted({1 - p.beta2 for p in diagram.points})
    diverging = {(1 - p.beta1, 1 - p.beta2) for p in diagram.points if p.region == "diverges"}
    values = [[(x, y) in diverging for x in columns] for y in rows]
    colours, edges = ListedColormap([COLOURS["unknown"], COLOURS["diverges"]]), (_edges(columns), _edges(rows))
    axes.pcolormesh(*edges, values, cmap=colours, vmin=0, vmax=1, rasterized=True)
    for name in ("diverges", "unknown"):
        axes.plot([], [], "s", color=COLOURS[name], label=_label(name, diagram))
    sure = [(float(1 - p.beta1), float(1 - p.beta2)) for p in diagram.points if p.region == "guaranteed"]
    drawn = {"linewidth": 5, "color": COLOURS["guaranteed"], "label": _label("guaranteed", diagram)}
    axes.plot([x for x, _ in sure], [y for _, y in sure], **drawn)


def _edges(values: list[Fraction]) -> list[float]:
    logs = [log10(x) for x in values]
    inner = [(a + b) / 2 for a, b in pairwise(logs)]
    return [10**x for x in (2 * logs[0] - inner[0], *inner, 2 * logs[-1] - inner[-1])]


def _boundaries(axes: Any, diagram: PhaseDiagram) -> None:
    """Where the spike turns, exactly; for the period asked for the first order beside it."""
    for period in sorted({t.period for t in diagram.turns}):
        turns = [t for t in diagram.turns if t.period == period]
        found = [(float(1 - t.beta1), float(t.small[1])) for t in turns if t.small]
        wide = 1.6 if period == diagram.period else 0.8
        axes.plot([x for x, _ in found], [y for _, y in found], color="black", linewidth=wide)
        if found:
            axes.annotate(f"n = {period}", found[0], xytext=(4, 3), textcoords="offset points", fontsize=8)
        if period == diagram.period:
            told = "first order: 1/kappa, which is 4/(n(n - 2)) at beta1 = 0"
            places = [float(1 - t.beta1) for t in turns]
            axes.plot(
                places, [float(t.first_order) for t in turns], ":", color="#ffb000", linewidth=1.4, zorder=4, label=told
            )


def _label(region: str, diagram: PhaseDiagram) -> str:
    return {
        "diverges": f"diverges on ({diagram.period}, -1, ..., -1): exact, with a witness",
        "unknown": "unknown: that stream goes the right way",
        "guaranteed": "guaranteed at beta1 = 0, reshuffled (Shi et al.)",
    }[region]
