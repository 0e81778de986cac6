"""The page of `schedule`, and its picture."""

from __future__ import annotations

import math
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from driftproof.theory.errors import DriftproofError
from driftproof.theory.sgd_bound import NOISE, PAPERS, START, TRIVIAL, B, V

from .extras import extras_named
from .layout import block, columns
from .output import write_whole

if TYPE_CHECKING:
    from .scheduled import Scheduled

HEADINGS = ("", "steps", "evaluations", "B_T", "V_T", "bound", "smallest", "drawn", "last", "verdict")
PICTURES = (".svg", ".png")


def schedule_text(found: Scheduled) -> str:
    """Verdict, reason, sums, bound, floor, hypotheses, closed forms, and the others beside it."""
    t = found.totals
    lines = [*block("lr", str(found.plan.lr)), *block("batch", str(found.plan.batch))]
    i = found.inputs
    lines += block("run", f"{t.steps} steps, {t.evaluations:.10g} gradient evaluations")
    lines += block("inputs", f"L = {i.L}, sigma2 = {i.sigma2}, gap = {i.gap}")
    lines += ["", *block("verdict", _headline(found)), *block("why", found.reason), ""]
    lines += block("B_T", f"{found.value(B):.6g} = 1/sum eta_t{_exact(found, B)}")
    lines += block("V_T", f"{found.value(V):.6g} = (sum eta_t^2/b_t)/sum eta_t{_exact(found, V)}")
    lines += _bound(found)
    lines += [line for h in found.held for line in block("hypothesis", f"{h.name}: {_word(h.holds)}. {h.why}")]
    lines += _on_quadratic(found) + _explained(found)
    lines += [line for note in found.notes for line in block("note", note)]
    if found.compared:
        lines += ["", *compared_text(found)]
    return "\n".join(lines)


def _headline(found: Scheduled) -> str:
    limit = found.limit
    if limit.rate is None or found.bound is None:
        return found.verdict
    more = f"; in N gradient evaluations {limit.of_evaluations}" if limit.of_evaluations else ""
    return f"{found.verdict}, to stationary points. Order: {limit.rate}{more}"


def _bound(found: Scheduled) -> list[str]:
    if found.bound is None:
        return block("bound", "none: a hypothesis fails")
    start, noise = found.value(START), found.value(NOISE)
    parts = f"start {start:.4g} + noise {noise:.4g}: {found.dominates} dominates"
    word = "" if found.informative else f" (not informative: without a step it is {found.value(TRIVIAL):.4g})"
    lines = block(
        "bound", f"{found.bound:.6g}{word}, on min over t of E |grad f|^2, and on the iterate drawn at random"
    )
    lines += block("terms", parts)
    lines += block("paper's form", f"{found.value(PAPERS):.6g}, with the largest step size in every term")
    floor = found.limit.floor
    if floor is not None:
        lines += block("floor", f"{float(floor.value):.6g} as T grows; of the smallest iterate on the quadratic "
                       f"{float(floor.smallest):.6g}")  # fmt: skip
    return lines


def _on_quadratic(found: Scheduled) -> list[str]:
    law = found.law
    if law is None:
        return block("exact run", "not computed: the run is longer than 2 million steps")
    told = f"smallest {_short(law.smallest)} (before step {law.at}), drawn {_short(law.drawn)}, last {_short(law.last)}"
    return block("exact run", f"E |grad f|^2 on L x^2/2 from that gap: {told}. The bound is not about the last one.")


def _explained(found: Scheduled) -> list[str]:
    rows = []
    for item in found.explained:
        word = "holds" if item.holds else "FALSE for this run"
        rows.append((item.form.name, _short(item.B), _short(item.V), word + ("" if item.form.ours else " (not ours)")))
    return ["", *columns([("closed form", "B_T <=", "V_T <=", ""), *rows])] if rows else []


def compared_text(found: Scheduled) -> list[str]:
    """A row for each schedule, at equal gradient evaluations."""
    rows, names = [HEADINGS], []
    for place, a in enumerate((found, *found.compared), start=1):
        law = [a.law.smallest, a.law.drawn, a.law.last] if a.law else [math.nan] * 3
        numbers = (_short(x) for x in (a.value(B), a.value(V), a.bound, *law))
        rows.append((f"({place})", str(a.totals.steps), f"{a.totals.evaluations:.8g}", *numbers, a.verdict))
        names += block(f"({place})", f"lr = {a.plan.lr}; batch = {a.plan.batch}")
    return [*columns(rows, indent=""), "", *names]


def _exact(found: Scheduled, e: Any) -> str:
    value = found.totals.exactly(e, found.inputs)
    if value is None:
        return f" (relative error below {2 * found.totals.error:.0e})"
    brief = max(int(value.p).bit_length(), int(value.q).bit_length()) <= 40
    return f" = {value}, exactly" if brief else " (a rational, rounded)"


def _word(holds: bool) -> str:
    return "holds" if holds else "FAILS"


def _short(value: float | None) -> str:
    return "-" if value is None or math.isnan(value) else f"{value:.4g}"


# The picture


def require_picture(file: str) -> str:
    """The file, if it names a picture. raises: DriftproofError."""
    if Path(file).suffix.lower() not in PICTURES:
        raise DriftproofError(f"{file}: a picture is written as {', '.join(PICTURES)}.", "", "Name it schedule.svg.")
    return file


def save(found: Scheduled, file: str) -> None:
    """Step sizes, batch sizes and the bound of every beginning of the run, against gradient evaluations."""
    write_whole(Path(file), picture(found, Path(require_picture(file)).suffix.lower()[1:]))


def picture(found: Scheduled, form: str) -> bytes:
    """form: svg or png; the same answer gives the same bytes. raises: NotInstalled without matplotlib."""
    with extras_named():
        import matplotlib
        from matplotlib.figure import Figure
    figure, into = Figure(figsize=(9, 8), layout="constrained"), BytesIO()
    axes = figure.subplots(3, 1, sharex=True)
    for a in (found, *found.compared):
        _draw(axes, a)
    for ax, name in zip(axes, ("step size", "batch size", "bound on min E |grad f|^2"), strict=True):
        ax.set_ylabel(name)
        ax.grid(alpha=0.3)
    axes[1].set_yscale("log")
    axes[2].set_yscale("log")
    axes[2].set_xlabel("gradient evaluations")
    axes[0].legend(fontsize=7)
    with matplotlib.rc_context({"svg.hashsalt": "schedule", "svg.fonttype": "none"}):
        figure.savefig(into, format=form, metadata={"Date": None} if form == "svg" else {"Software": None})
    return into.getvalue()


def _draw(axes: Any, a: Scheduled) -> None:
    import numpy as np

    places = np.unique(np.linspace(0, len(a.eta) - 1, 1000).astype(int))
    spent = np.cumsum(a.b)
    colour = axes[0].plot(spent[places], a.eta[places], label=f"{a.plan.lr} | {a.plan.batch}")[0].get_color()
    axes[1].plot(spent[places], a.b[places], color=colour)
    if a.bound is not None:
        axes[2].plot(spent[places], bounds_so_far(a)[places], color=colour)


def bounds_so_far(a: Scheduled) -> Any:
    """The smallest bound of a beginning of the run that ends no later, step by step; before that 2 L gap."""
    import numpy as np

    L, sigma2, gap = (float(x) for x in (a.inputs.L, a.inputs.sigma2, a.inputs.gap))
    noise = L * sigma2 / 2 * np.cumsum(a.eta**2 / a.b)
    bounds = (gap + noise) / np.maximum(np.cumsum(a.eta * (1 - L * a.eta / 2)), 1e-300)
    return np.minimum(np.minimum.accumulate(bounds), 2 * L * gap)
