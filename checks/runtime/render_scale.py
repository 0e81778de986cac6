"""The page of `scale`: old and new hyperparameters, what becomes of the stored state, and the alternatives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftproof.theory.quantities import short

from .layout import block, columns, flowing
from .notation import Text
from .printer import Printer

if TYPE_CHECKING:
    from driftproof.theory.counts import Count
    from driftproof.theory.rescaled import Rescaled, Setting


def scale_text(found: Rescaled) -> str:
    lines = block(found.rule, f"batch size x {short(found.kappa)}: {'valid' if found.valid else _refused(found)}")
    lines += block("why", found.reason) if found.valid else []
    if found.setting is not None:
        lines += [
            "",
            *columns(_rows(found, found.setting)),
            "",
            *_state(found.setting),
            *block("note", [found.setting.note, *found.remarks]),
        ]
    lines += _run(found)
    for place, item in enumerate(found.alternatives):
        lines += block("" if place else "alternatives", [_values(found, item), item.note])
    return "\n".join(lines)


def _refused(found: Rescaled) -> str:
    """In short; the error says why."""
    walls = [f"{name} needs kappa < {short(wall)}" for name, wall in found.walls.items() if found.kappa >= wall]
    return f"REFUSED{': ' if walls else ''}{', '.join(walls)}"


def _rows(found: Rescaled, setting: Setting) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [("", "old", "new", "power of kappa")]
    for name, value in setting.hyperparameters.items():
        small = f"1-{name}"
        power = (
            f"{found.exponents[small]}, of {small}" if small in found.exponents else str(found.exponents.get(name, 0))
        )
        rows.append((name, short(found.values[name]), short(value), power))
    return rows


def _state(setting: Setting) -> list[str]:
    show = Printer(Text())
    moved = [f"{name} -> {show.show(e)}" for name, e in setting.state_transform.items()]
    return block("mid-run", flowing(["stored state:", *moved])) if moved else []


def _run(found: Rescaled) -> list[str]:
    """Batch size, steps, warm-up and schedule, where they were given."""
    lines = [f"batch size {found.batch_size}"] if found.batch_size is not None else []
    lines += [_count("steps", c, found) for c in [found.steps] if c is not None]
    lines += [_count("warm-up", c, found) for c in [found.warmup] if c is not None]
    lines += [f"schedule s(t) = {Printer(Text()).show(found.schedule)}"] if found.schedule is not None else []
    return block("the run", lines)


def _count(name: str, count: Count, found: Rescaled) -> str:
    """Says what is left over where kappa does not divide the number of steps."""
    text = f"{name} {count.chosen}"
    if count.leftover == 0:
        return text
    side = "short of" if count.leftover > 0 else "beyond"
    rest = f"it ends {abs(count.leftover)} new steps {side} the same SDE time"
    return f"{text}, the nearest whole number to {count.exact}: {rest}"


def _values(found: Rescaled, setting: Setting) -> str:
    changed = [f"{name} = {short(value)}" for name, value in setting.hyperparameters.items()]
    return f"{setting.label}: {', '.join(changed)}"
