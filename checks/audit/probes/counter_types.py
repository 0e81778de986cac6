"""The step counter itself: that it moves, and how far it counts, in low precision and in float32."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..bookkeeping import base, guarded, named
from ..counted import NAMES, Slot, counters, rises, slots
from ..finding import Counterexample, Finding
from ..probe import Audited, Probe, Skipped, finding
from ..subject import Live
from ..telling import first_telling, made, printed, series, small, stepper, telling_script, tensors
from ..torch_class import step_text

SHORT_STOPS = (256, 2048)
"""Where bfloat16 and float16 stop: adding one rounds back."""
FLOAT_STOP = 2**24
SETTINGS = (("float32", ""), ("bfloat16", ""), ("float16", ""), ("float32", "bfloat16"))
"""Type of the parameters, and torch's default type where it is another than float32."""


def low_precision_counter(audited: Audited) -> Iterator[Finding]:
    """The counter counts past 256 and 2048 whatever the type of the parameters."""
    keywords, looked = base(audited), False
    for dtype, default in SETTINGS:
        if audited.subject.kind != "torch" and (default or (dtype, audited.subject.kind) == ("bfloat16", "functional")):
            continue
        with default_type(default):
            found = _started(audited, keywords, dtype)
            if found is None:
                continue
            live, counted, step = found
            looked = looked or bool(counted)
            stuck = next(((c, s) for s in SHORT_STOPS for c in counted.values() if _stuck(live, c, s, step)), None)
        if stuck:
            slot, stop = stuck
            around = f" where torch's default type is {default}" if default else ""
            yield finding(
                SHORT,
                f"the counter {slot.path} ({slot.kind}) stays at {stop} with {dtype} parameters{around}",
                _count_script(audited, keywords, slot, stop, dtype, default),
                severity="warning" if default else "",
            )
            return
    if not looked:
        raise Skipped("no scalar of the state rises by one a step")


def saturating_counter(audited: Audited) -> Iterator[Finding]:
    """The counter counts past 2^24, and steps stay finite there."""
    keywords = base(audited)
    found = _started(audited, keywords, "float32")
    if found is None or not found[1]:
        raise Skipped("no scalar of the state rises by one a step")
    live, counted, step = found
    for number in (255, 2047, FLOAT_STOP - 1):
        for slot in counted.values():
            slots(live)[slot.path].write(number)
        try:
            step()
        except Exception as error:
            yield finding(FAR, f"a step at count {number} raises {named(error)}", severity="warning")
            return
        if not all(np.isfinite(a).all() for a in live.theta()):
            yield finding(FAR, f"parameters are not finite after the step at count {number}", severity="warning")
            return
    for slot in counted.values():
        if "32" in slot.kind and _stuck(live, slot, FLOAT_STOP, step):
            text = f"the counter {slot.path} ({slot.kind}) stays at 2^24 = {FLOAT_STOP}, as in torch"
            yield finding(FAR, text, _count_script(audited, keywords, slot, FLOAT_STOP, "float32", ""))
            return


def _started(audited: Audited, keywords: dict[str, Any], dtype: str) -> tuple[Live, dict[str, Slot], Any] | None:
    """A run of one tensor, its counters, and a step of it; None where the target does not take the type."""
    gradient = [np.full((2, 2), 0.5)]
    try:
        live = audited.subject.start([np.ones((2, 2))], keywords, dtype=dtype)
        return live, counters(live, lambda: live.step(gradient)), lambda: live.step(gradient)
    except Exception:
        return None


def _stuck(live: Live, slot: Slot, stop: int, step: Any) -> bool:
    """Whether a counter that is put at a number is still there after a step."""
    slots(live)[slot.path].write(stop)
    if slots(live)[slot.path].read() != stop:
        return False
    step()
    return slots(live)[slot.path].read() == stop


@contextlib.contextmanager
def default_type(name: str) -> Iterator[None]:
    """torch's default type for a while; "" leaves it."""
    if not name:
        yield
        return
    import torch

    before = torch.get_default_dtype()
    torch.set_default_dtype(getattr(torch, name))
    try:
        yield
    finally:
        torch.set_default_dtype(before)


def _count_script(
    audited: Audited, keywords: dict[str, Any], slot: Slot, stop: int, dtype: str, default: str
) -> Counterexample | None:
    """Counts to one more than where it stops; where that is far, from just before."""
    if audited.subject.kind != "torch":
        return None
    far = stop == FLOAT_STOP
    steps, start = (2 if far else stop + 1), [np.ones((2, 2))]
    jump = [
        step_text(audited.subject),
        f"{slot.path}{'.fill_' if 'torch' in slot.kind else ' = '}({stop - 1})  # as after so many steps",
    ]
    lines = [
        *([f"torch.set_default_dtype(torch.{default})"] if default else []),
        f"p = torch.nn.Parameter(torch.ones(2, 2, dtype=torch.{dtype}))",
        *made(audited.subject, "optimizer", "[p]", keywords),
        "p.grad = torch.full_like(p, 0.5)",
        *(jump if far else []),
        f"for _ in range({steps}):",
        f"    {step_text(audited.subject)}",
        f'print("got  ", float({slot.path}))',
        *(["torch.set_default_dtype(torch.float32)"] if default else []),
    ]
    return first_telling(
        [telling_script(audited.subject, lines, start, steps, str(float(stop + 1)), "the number of steps")]
    )


def counter_moves(audited: Audited) -> Iterator[Finding]:
    """What is called a counter rises by one at each step."""
    keywords = base(audited)
    start, gradients = audited.draws(1)
    live = audited.subject.start(start[:1], keywords)
    found = rises(live, lambda: live.step(gradients[0][:1]))
    counting = any(by in ({1.0}, {2.0}) for _, by in found.values())  # then one that stays is of no use, and no harm
    for path, (slot, by) in found.items():
        if slot.key in NAMES and (by == {2.0} or (by == {0.0} and not counting)):
            what = "stays where it is" if by == {0.0} else "rises by 2 at each step"
            yield finding(MOVES, f"the counter {path} {what}", _moves_script(audited, keywords, path))
            return


def _moves_script(audited: Audited, keywords: dict[str, Any], path: str) -> Counterexample | None:
    if audited.subject.kind != "torch":
        return None
    start, gradients = small([(2, 2)], 3)
    lines = [
        *tensors(("p",), start),
        *made(audited.subject, "optimizer", "[p]", keywords),
        *stepper(audited.subject),
        f"steps(optimizer, [p], {series(gradients[:1])})",
        f"before = float({path})",
        f"steps(optimizer, [p], {series(gradients[1:])})",
        f'print("got  ", float({path}) - before)',
    ]
    shown = telling_script(audited.subject, lines, start, 3, "2.0", "two steps later")
    return shown if printed(shown.script) else None


SHORT = Probe(
    "DP206",
    "counter-in-low-precision",
    "error",
    "The counter counts past 256 and 2048 in every type of the parameters.",
    "Puts the counter (every scalar of the state, of a group or of the optimizer that rises by one at each step) at "
    "256 and at 2048, makes a step, and reads it: with float32, bfloat16 and float16 parameters, and with torch's "
    "default type at bfloat16. A bfloat16 cannot hold 257, a float16 cannot hold 2049, so a counter in these types "
    "stops there, and the bias correction stays for good what it was then: at beta2 = 0.999 Adam's steps are twice as "
    "large as they should be. Keep the counter as a Python int, or in float32 as torch does.",
    guarded(low_precision_counter, real=True),
    kinds=("torch", "optax", "functional"),
)
FAR = Probe(
    "DP207",
    "counter-saturates",
    "note",
    "The counter counts past 2^24.",
    "Puts the counter at 255, 2047 and 2^24 - 1, makes steps, and reads it. A float32 stops at 2^24 = 16777216; "
    "torch's own counter does, where nothing depends on it any more (0.999^16777216 is 0 in every type). For rules "
    "that divide by the count, or have a schedule in it, it matters. Steps there must stay finite: a warning if not.",
    guarded(saturating_counter, real=True),
    kinds=("torch", "optax", "functional"),
)
MOVES = Probe(
    "DP205",
    "counter-moves",
    "warning",
    "What is called a counter in the state rises by one at each step.",
    "Reads scalars of the state named step, t, count and the like before and after steps with one tensor. One that "
    "stays where it is was written before it was incremented, or never stored; one that rises by 2 is incremented in "
    "two places. The bias correction then follows another count than the number of steps.",
    guarded(counter_moves),
    kinds=("torch", "optax", "functional"),
)
PROBES = (MOVES, SHORT, FAR)
