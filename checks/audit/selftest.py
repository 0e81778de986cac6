"""The auditor audits itself: wrong optimizers that it has to notice, and right ones in which it must find nothing.

Wrong ones: every observable change of one place of every declared rule (mutated.py), and defects of published
implementations, by hand (hand_mutants_*.py). Right ones: the rules in every convention, one class written in several
ways, and torch's own classes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from multiprocessing import get_context
from time import perf_counter
from typing import Any

from driftproof.theory.catalogue import names
from driftproof.theory.errors import UnknownName, nearest

from .finding import SEVERITIES
from .hand_mutants import HandMutant, hand_mutants, right_ones

TIERS = ("fast", "full")
SHARES = {"changes": 16, "options": 8, "hand": 5, "right": 5}
"""One of so many is taken in the fast tier, by the digest of its name; the default variant of each rule always is."""
TORCH = {
    "SGD": "sgd", "Adam": "adam", "AdamW": "adamw", "RMSprop": "rmsprop", "Adagrad": "adagrad", "Adadelta": "adadelta",
    "Adamax": "adamax", "NAdam": "nadam", "RAdam": "radam", "Rprop": "rprop", "ASGD": "asgd",
    "Adafactor": "adafactor", "Muon": "muon",
}  # fmt: skip
"""torch's classes, and the rules that they claim to be."""
TORCH_DEFECTS = {
    "DP554": ("fused=True", ("SGD", "Adam", "AdamW", "Adagrad")),
    "DP551": ("fused=True", ("SGD",)),
    "DP507": ("", ("Adafactor",)),
}
"""Errors in torch 2.13 itself, on the CPU, and no false alarms: code -> words of the message, classes.

A gradient that lies otherwise in memory than its parameter is read as if it did not; SGD with momentum is wrong in
half precision from 16 entries on; eps of Adafactor, where it is left to the type, is that of the first tensor's type
for all of them. tests/test_audit_selftest.py shows each with torch alone.
"""


@dataclass(frozen=True)
class Part:
    """What one piece of work found. named: killed, or a survivor, by name.

    outputs: changes of what a rule gives out beside theta; an audit does not look there, and they are not counted.
    """

    task: str
    killed: int = 0
    survivors: tuple[str, ...] = ()
    right: int = 0
    false_alarms: tuple[str, ...] = ()
    outputs: int = 0
    in_torch: tuple[str, ...] = ()


@dataclass(frozen=True)
class SelfTest:
    """killed of total wrong optimizers were noticed; false_alarms: findings in one of the `right` right ones.

    in_torch: errors that were found in torch itself, see TORCH_DEFECTS.   outputs: see Part.
    """

    tier: str
    killed: int
    total: int
    survivors: tuple[str, ...]
    right: int
    false_alarms: tuple[str, ...]
    outputs: int
    in_torch: tuple[str, ...]
    seconds: float = field(compare=False)

    @property
    def passed(self) -> bool:
        return not self.survivors and not self.false_alarms and self.killed == self.total > 0 and self.right > 0

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "passed": self.passed}

    def text(self) -> str:
        head = f"self-test ({self.tier}): {self.killed}/{self.total} wrong optimizers noticed, "
        head += f"{len(self.false_alarms)} false alarm(s) in {self.right} right ones, {self.seconds:.0f} s"
        lines = [head, *(f"survived     {name}" for name in self.survivors)]
        lines += [f"false alarm  {name}" for name in self.false_alarms]
        lines += [f"in torch     {name}" for name in self.in_torch]
        if self.outputs:
            lines.append(f"not counted  {self.outputs} change(s) of outputs beside theta: an audit does not look there")
        return "\n".join(lines)


def selftest(
    jobs: int = 1,
    progress: Callable[[Part], object] | None = None,
    tier: str = "fast",
    rules: Iterable[str] | None = None,
) -> SelfTest:
    """Runs it. progress: called with each part as it comes.   rules: only these rules, and no others by hand.

    tier: "fast" (a sample, the same every time) or "full" (everything).
    raises: UnknownName for a tier or a rule that does not exist.
    """
    if tier not in TIERS:
        raise UnknownName(f"There is no tier '{tier}'.", "", nearest(tier, TIERS))
    began = perf_counter()
    parts = []
    for part in _done(_tasks(tier, rules), jobs):
        parts.append(part)
        if progress is not None:
            progress(part)
    return _joined(tier, parts, perf_counter() - began)


def _joined(tier: str, parts: Sequence[Part], seconds: float) -> SelfTest:
    ordered = sorted(parts, key=lambda part: part.task)

    def names_of(kind: str) -> tuple[str, ...]:
        return tuple(name for part in ordered for name in getattr(part, kind))

    killed, right, outputs = (sum(getattr(part, kind) for part in parts) for kind in ("killed", "right", "outputs"))
    lost, alarms = names_of("survivors"), names_of("false_alarms")
    return SelfTest(tier, killed, killed + len(lost), lost, right, alarms, outputs, names_of("in_torch"), seconds)


# The work

Task = tuple[str, Any, str]
"""What to do, with what, in which tier."""


def _tasks(tier: str, rules: Iterable[str] | None) -> list[Task]:
    known = names()
    chosen = list(known if rules is None else rules)
    for name in chosen:
        if name not in known:
            raise UnknownName(f"There is no rule '{name}'.", "", nearest(name, known))
    tasks: list[Task] = [("rule", name, tier) for name in chosen]
    if rules is None:
        tasks += [("hand", mutant, tier) for mutant in hand_mutants() if _taken(mutant.name, "hand", tier)]
        tasks += [("right", (t, r), tier) for t, r in _right() if t.endswith(":Good") or _taken(t, "right", tier)]
    return tasks


def _right() -> Iterator[tuple[str, str]]:
    yield from ((target, "adamw") for target in right_ones())
    yield from ((f"torch.optim:{name}", rule) for name, rule in TORCH.items())


def _taken(name: str, kind: str, tier: str) -> bool:
    return tier == "full" or int(sha256(name.encode()).hexdigest(), 16) % SHARES[kind] == 0


def _done(tasks: Sequence[Task], jobs: int) -> Iterator[Part]:
    if jobs <= 1:
        yield from map(part_of, tasks)
        return
    with get_context("spawn").Pool(min(jobs, len(tasks))) as pool:
        yield from pool.imap_unordered(part_of, tasks)


def part_of(task: Task) -> Part:
    kind, what, tier = task
    return {"rule": _of_rule, "hand": _of_hand, "right": _of_right}[kind](what, tier)


def _of_rule(name: str, tier: str) -> Part:
    """The changes of a rule in every variant (fast: some, of the default one), and its options as they are."""
    from .mutated import Changes, changes_of, misjudged, options_of, survivors, variants_of
    from .variant import Variant

    share = SHARES["changes"] if tier == "fast" else 1
    looked = [(Variant(name), frozenset())] if tier == "fast" else list(variants_of(name))
    changes: list[Changes] = [changes_of(variant, share, known) for variant, known in looked]
    lost = [what for found in changes for what in survivors(found)]
    options = [v for number, v in enumerate(options_of(name)) if not number or _taken(v.text, "options", tier)]
    alarms = [f"{v.text} is not seen to be itself" for v in options if misjudged(v)]
    total = sum(len(found.rules) for found in changes)
    outputs = sum(found.outputs for found in changes)
    return Part(f"rule {name}", total - len(lost), tuple(lost), len(options), tuple(alarms), outputs)


def _of_hand(mutant: HandMutant, tier: str) -> Part:
    task = f"hand {mutant.name}"
    if noticed(mutant):
        return Part(task, killed=1)
    return Part(task, survivors=(f"{mutant.name} ({mutant.letter}): none of {', '.join(mutant.codes)}",))


def noticed(mutant: HandMutant) -> bool:
    """Whether an audit has one of the findings that it should have, and at least so severe."""
    from .core import audit_events

    least = SEVERITIES.index(mutant.severity)
    found = (e for e in audit_events(mutant.target, "adamw", select=mutant.codes) if e["event"] == "finding")
    return any(e["code"] in mutant.codes and SEVERITIES.index(e["severity"]) >= least for e in found)


def _of_right(pair: tuple[str, str], tier: str) -> Part:
    target, rule = pair
    alarms, torch = [], []
    for found in alarms_of(target, rule):
        (torch if of_torch(target, found) else alarms).append(f"{target}: {found['code']} {found['message']}")
    return Part(f"right {target}", right=1, false_alarms=tuple(alarms), in_torch=tuple(torch))


def of_torch(target: str, found: Mapping[str, Any]) -> bool:
    """Whether a finding is one of TORCH_DEFECTS."""
    module, _, name = target.partition(":")
    words, classes = TORCH_DEFECTS.get(found["code"], ("", ()))
    return module == "torch.optim" and name in classes and words in found["message"]


def alarms_of(target: str, rule: str) -> Iterator[dict[str, Any]]:
    """Findings in a right optimizer: errors, and in one of ours warnings too, since it has no habits of its own."""
    from .core import audit_events

    counted = ("error",) if target.startswith("torch.optim:") else ("warning", "error")
    yield from (e for e in audit_events(target, rule) if e["event"] == "finding" and e["severity"] in counted)
