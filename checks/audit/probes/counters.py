"""The step counter: whose it is, how far it counts, in which type."""

from __future__ import annotations

from collections.abc import Iterator

from ..finding import Counterexample, Finding
from ..observe import flat
from ..probe import Audited, Probe, finding
from ..script import called, lines_script
from ..subject import Array


def late_gradient(audited: Audited) -> Iterator[Finding]:
    """A tensor whose first gradient comes at step 4 moves as one that an optimizer of its own has from then on."""
    variant = audited.variant
    start, gradients = audited.draws(6, salt=1)
    late = [[step[0], *(g if number >= 3 else None for g in step[1:])] for number, step in enumerate(gradients)]
    theirs = audited.target_path(start, late)[-1]
    alone = [audited.oracle_path([a], [[g] for g in column[skip:]])[-1]
             for a, column, skip in zip(start, zip(*gradients, strict=True), (0, 3, 3, 3), strict=False)]  # fmt: skip
    ours = flat(alone)
    size, step, entry = audited.differs([ours], [theirs], start)
    if step:
        yield finding(
            LATE,
            f"a tensor whose first gradient comes at step 4 is {size:.2g} steps from {variant} counted for it alone: "
            "the count is shared by tensors that were not there",
            _late_script(audited, ours, start, late),
        )


def _late_script(audited: Audited, ours: Array, start: list[Array], late: list[list[Array | None]]) -> Counterexample:
    """Two tensors of one entry, the second of which has no gradient in the first step."""
    x = [float(a.flat[0]) for a in start[:2]]
    g = [[None if a is None else round(float(a.flat[0]), 3) for a in step[:2]] for step in late[2:4]]
    right = audited.oracle_path([start[1].reshape(-1)[:1]], [[[g[1][1]]]])[-1][0]  # type: ignore[list-item]
    lines = [
        f"a, b = (torch.nn.Parameter(torch.tensor([x], dtype=torch.float64)) for x in {x})",
        f"optimizer = {called(audited.subject, '[a, b]', audited.loud)}",
        f"a.grad = torch.tensor([{g[0][0]}], dtype=torch.float64)",
        "optimizer.step()",
        f"a.grad, b.grad = (torch.tensor([x], dtype=torch.float64) for x in {g[1]})",
        "optimizer.step()",
        'print("got  ", b.item())',
        f'print("right", {right!r})  # {audited.variant.text}: the first step of b',
    ]
    return lines_script(audited.subject, lines, 2, 2, 2)


LATE = Probe(
    "DP201",
    "late-gradients",
    "warning",
    "A tensor that gets its first gradient later starts its own count then.",
    "Runs several tensors, one of which has no gradient at first, and compares each with the declared rule run for it "
    "alone from its first gradient on. torch counts steps per tensor. A counter per group, or one for the whole "
    "optimizer, gives a late tensor the bias correction of an old one: its first steps are too small. It is torch's "
    "convention, not a law; where it is meant, list the check in expected_failed_checks.",
    late_gradient,
)
PROBES = (LATE,)
