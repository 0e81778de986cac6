"""Other ways to the same numbers where a tensor has no gradient at first: one count for a whole list shows there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from driftproof.theory.errors import DriftproofError

from .. import tensors
from ..finding import Counterexample, Finding
from ..observe import flat
from ..probe import Audited, Probe, Skipped, finding
from ..script import called, lines_script
from ..subject import Array

LATE_BY = 2
"""Steps in which the second tensor has no gradient."""


def late_siblings(audited: Audited) -> Iterator[Finding]:
    """Each form moves a tensor that comes late as the form with every flag off does, if that counts it for itself."""
    start, gradients = audited.draws(4, (audited.shapes[0],) * 2, salt=52)
    series: list[list[Array | None]] = [
        [row[0], None if number < LATE_BY else row[1]] for number, row in enumerate(gradients)
    ]
    plain, *others = tensors.forms(audited)
    if not others:
        raise Skipped("there is one way to the numbers only")
    right = _alone(audited, start, gradients)
    if audited.differs([right], [_last(audited, start, series, plain)], start)[1]:
        raise Skipped("the plain form does not count a late tensor for itself: see late-gradients")
    for form in others:
        try:
            prompt = tensors.path(audited, start, gradients, {**audited.loud, **form})
            got = _last(audited, start, series, form)
        except DriftproofError:
            raise
        except Exception:  # it refuses to run here; siblings-run looks at that
            continue
        if audited.differs(audited.oracle_path(start, gradients), prompt, start)[1]:
            continue  # it is off without late gradients too
        size, step, _ = audited.differs([right], [got], start)
        if step:
            late = f"a tensor whose first gradient comes at step {LATE_BY + 1}"
            text = f"with {tensors.named(form)} {late} is {size:.2g} steps from {audited.variant} counted for it alone"
            yield finding(LATE, text, _script(audited, form))


def _last(
    audited: Audited, start: Sequence[Array], series: Sequence[Sequence[Array | None]], form: Mapping[str, Any]
) -> Array:
    return tensors.path(audited, start, series, {**audited.loud, **form})[-1]


def _alone(audited: Audited, start: Sequence[Array], gradients: Sequence[Sequence[Array]]) -> Array:
    """Each tensor by the rule for itself, from its first gradient on."""
    columns = zip(start, zip(*gradients, strict=True), (0, LATE_BY), strict=True)
    return flat([audited.oracle_path([a], [[g] for g in column[skip:]])[-1] for a, column, skip in columns])


def _script(audited: Audited, form: Mapping[str, Any]) -> Counterexample:
    """Two tensors, the second of which has its first gradient in step 2."""
    shape = audited.shapes[0] if len(audited.shapes[0]) > 1 else (1,)
    start, gradients = audited.draws(2, (shape,) * 2, salt=52)
    a, b = (x.round(3).tolist() for x in start)
    (g, _), (h, k) = ([x.round(3).tolist() for x in row] for row in gradients)
    right = audited.oracle_path([start[1].round(3)], [[gradients[1][1].round(3)]])[-1]
    tensor = "torch.tensor({}, dtype=torch.float64)".format
    lines = [
        f"a, b = (torch.nn.Parameter({tensor('x')}) for x in [{a}, {b}])",
        f"optimizer = {called(audited.subject, '[a, b]', {**audited.loud, **form})}",
        f"for g, h in [({g}, None), ({h}, {k})]:",
        f"    a.grad, b.grad = {tensor('g')}, None if h is None else {tensor('h')}",
        "    optimizer.step()",
        'print("got  ", b.detach().flatten().tolist())',
        f'print("right", {right.tolist()})  # {audited.variant}: the first step of b',
    ]
    return lines_script(audited.subject, lines, 2, 2 * int(start[0].size), 2)


LATE = Probe(
    "DP506",
    "siblings-with-late-gradients",
    "error",
    "With foreach, fused or capturable a tensor that gets its first gradient later starts its own count then, if it "
    "does without.",
    "Runs two tensors, the second of which has no gradient in the first two steps, in every form that the constructor "
    "has flags for. An implementation for lists of tensors that takes the step of the first one for all is right in "
    "every test in which all tensors have gradients from the start on.",
    late_siblings,
)
PROBES = (LATE,)
