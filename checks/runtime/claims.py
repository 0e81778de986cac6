"""The claim ledger, generated: from the checks, from what is derived of every rule, and from the rules' sources.

No claim is written here. Texts live beside what shows them: in a check, in a hypothesis, in a rule's Source; what is
only taken from papers, in theory.published.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from driftproof.theory.errors import Refused

from .layout import block
from .verdict import STATUSES

OPEN = "open"
ORDER = (*STATUSES, OPEN)


@dataclass(frozen=True)
class Claim:
    """claim: in our words.   status: one of STATUSES, or open.   source: of the claim, if it is from a paper.

    place: the command or file that shows it, or that would.
    """

    claim: str
    status: str
    source: str
    place: str

    def __post_init__(self) -> None:
        if self.status not in ORDER:
            raise ValueError(f"claim {self.claim!r}: {self.status!r} is not one of {', '.join(ORDER)}")

    def as_json(self) -> dict[str, str]:
        return asdict(self)


def ledger() -> list[Claim]:
    """Every claim, the strongest status first. Derivations are made anew; checks are listed, not run."""
    found = {
        claim.claim: claim
        for claim in (
            *_of_theorems(),
            *_of_checks(),
            *_of_derivations(),
            *_of_convergence(),
            *_of_schedules(),
            *_of_papers(),
            *_of_rules(),
        )
    }
    return sorted(found.values(), key=lambda claim: ORDER.index(claim.status))


def _of_theorems() -> Iterator[Claim]:
    """The theorems that ship with a certificate, what they refute, and what they do not reach; with what they cite."""
    from driftproof.theory.proving import corpus

    certificates = corpus.shipped("certificates")
    for name, theorem in corpus.theorems().items():
        says = " ".join(theorem.says.split())
        if name not in certificates:
            yield Claim(says, OPEN, "; ".join(theorem.sources), f"driftproof prove {name}")
            continue
        cited = "".join(f" Cited: {source}." for _, source in theorem.cites.values())
        status, sources = "cited" if cited else "proved", "; ".join(theorem.sources)
        for text, known in ((says + cited, status), (theorem.refutes, "refuted"), (theorem.unproved, OPEN)):
            if text:
                yield Claim(" ".join(text.split()), known, sources, f"driftproof prove {name}")


def _of_checks() -> Iterator[Claim]:
    from .discover import checks

    for check in checks().values():
        status = "derived" if check.evidence == "T0" else "measured"
        source = str(check.source) if check.source else ""
        yield Claim(check.claim, status, source, f"driftproof check {check.id}")
        if check.refutes:
            yield Claim(check.refutes, "refuted", source, f"driftproof check {check.id}")


OF_THE_PAPERS = ("sgd", "rmsprop", "adam", "adamw")
"""The rules whose SDEs the papers are about; `derive --order 2` takes any other."""


def _of_derivations() -> Iterator[Claim]:
    """What `derive` shows of every declared rule, what it takes from the literature, and what it refuses."""
    from driftproof.checks.api import derive
    from driftproof.theory.catalogue import names

    for name in names():
        place = f"driftproof derive {name}"
        try:
            found = derive(name)
        except Refused as refusal:
            yield Claim(f"{name} has an SDE: not shown. {refusal.what} {refusal.why}".strip(), OPEN, "", place)
            continue
        source = str(found.sde.source)
        steps = f"one step is {found.sde.time_per_step} of time".replace("**", "^")
        yield Claim(
            f"{name}: drift and diffusion of its SDE are the moments of one step ({steps}).", "derived", source, place
        )
        for hypothesis in found.sde.hypotheses:
            if hypothesis.cited:
                yield Claim(f"{hypothesis.name}: {hypothesis.statement}", "cited", source, place)
        if name in OF_THE_PAPERS:
            yield from _of_order_two(name)
        if found.scaling is not None:
            powers = ", ".join(f"{k}: {e}" for k, e in found.scaling.exponents.items())
            yield Claim(f"{name}: no other powers of kappa keep its SDE than {powers}.", "derived", source, place)
        else:
            yield Claim(f"{name} has a scaling rule: not shown. {found.refusal}", OPEN, source, place)


def _of_order_two(name: str) -> Iterator[Claim]:
    """What `derive --order 2` shows of a rule that has an SDE; conditions on the noise are left to it."""
    from driftproof.checks.api import rule
    from driftproof.theory.modified import WHATEVER, obstacle
    from driftproof.theory.noise import GENERAL
    from driftproof.theory.scales import Scales

    for regime, noise in (("diffusive", "dominates"), ("small", "is fixed")):
        place = f"driftproof derive {name} --order 2 --regime {regime}"
        try:
            refusal = obstacle(Scales(rule(name).update_rule, regime), GENERAL, 2)
        except Refused:
            continue
        if refusal is None:
            yield Claim(
                f"{name}: where the noise {noise}, its generator is an SDE's up to order 2.", "derived", "", place
            )
        elif WHATEVER in refusal.what:
            yield Claim(refusal.what, "derived", "", place)


OF_THE_TABLE = ("adagrad", "adamnc", "rmsprop", "adam")
"""The rules that the sufficient condition's papers map to Generic Adam and that are quickly decided; `converge RULE`
takes any other."""
AS_WRITTEN = "1-1/t"
"""beta2 of the papers' families at r = 1 and of AdamNC, which is 0 at t = 1."""


def _of_convergence() -> Iterator[Claim]:
    """What `converge` decides of rules at their defaults, and of beta2 as the papers write it."""
    from driftproof.checks.api import converge
    from driftproof.theory.convergence import SUFFICIENT

    source = "Chen et al., Towards practical Adam, JMLR 23(229), 2022, condition (SC)"
    for name in OF_THE_TABLE:
        found = converge(name)
        place = f"driftproof converge {name}"
        if found.verdict == "CONVERGES":
            rests = "SC1 to SC4 hold; that they suffice is cited" if found.by == SUFFICIENT else found.reason
            text = f"{name} at its defaults tends to stationary points, at the order {found.limit.rate}: {rests}."
            yield Claim(text, "derived", source, place)
        else:
            yield Claim(
                f"{name} at its defaults tends to stationary points: not shown. {found.reason}", OPEN, "", place
            )
    found = converge(lr="1/sqrt(t)", beta1="0.9", beta2=AS_WRITTEN)
    if found.verdict == "REJECTED":
        text = f"Generic Adam with beta2 = {AS_WRITTEN} satisfies SC2 from t = 1 on: false. {found.reason}"
        yield Claim(text, "refuted", source, f'driftproof converge --lr "1/sqrt(t)" --beta1 0.9 --beta2 "{AS_WRITTEN}"')


ORDERS = (
    ("(i), diminishing step sizes and a constant batch size", "diminishing(0.1)", "128"),
    ("(ii), a constant step size and batch sizes that grow exponentially", "0.1", "exponential(8, 2)"),
    ("(ii), a cosine and batch sizes that grow exponentially", "cosine(0.1)", "exponential(8, 2)"),
    ("(ii), diminishing step sizes and batch sizes that grow exponentially", "diminishing(0.1)", "exponential(8, 2)"),
    ("(ii), a constant step size and batch sizes that grow as m^2", "0.1", "growth(8, 1, 2)"),
    ("(iv), a warm-up and then a constant, batch sizes that grow exponentially",
     "warmup(exponential(0.1, 1.2, every=3), 30, 0.2)", "exponential(8, 2)"),
)  # fmt: skip
"""Schedulers of Umeda & Iiduka, as one of each kind."""
SCHEDULES = "Umeda & Iiduka, 2024, arXiv:2409.08770, the theorems on schedulers (i) to (iv)"


def _of_schedules() -> Iterator[Claim]:
    """What `schedule` decides of the paper's schedulers."""
    from driftproof.checks.api import schedule

    run = "--samples 50000 --epochs 300 --block-epochs 30"
    layout: dict[str, Any] = {"samples": 50000, "epochs": 300, "block_epochs": 30}
    for name, lr, batch in ORDERS:
        found = schedule(lr, batch=batch, **layout)
        text = f"SGD with {name}: the bound on min E |grad f|^2 is of order {found.limit.rate} in the steps"
        place = f'driftproof schedule --lr "{lr}" --batch "{batch}" {run}'
        yield Claim(f"{text}, {found.limit.of_evaluations} in gradient evaluations.", "derived", SCHEDULES, place)
    found = schedule("0.1", batch=10, steps=100)
    floor = found.limit.floor
    if floor is not None:
        text = (
            f"SGD with step size 1/10, batches of 10, L = sigma2 = 1: E |grad f|^2 on x^2/2 tends to {floor.smallest}"
        )
        place = "driftproof schedule --lr 0.1 --batch 10 --steps 100"
        yield Claim(f"{text}, its bound's limit {floor.value}: the floor is real.", "derived", SCHEDULES, place)
    yield from _of_growth()


GROWN = (("exponential(0.1, 1.2)", 18), ("exponential(0.1, 1.4143)", 8))
"""Step sizes and blocks: the first leaves (0, 2/L) at L = 1, the second has gamma^2 > delta = 2."""


def _of_growth() -> Iterator[Claim]:
    """Scheduler (iii): what its rate in the number of blocks rests on."""
    from driftproof.checks.api import schedule

    for lr, blocks in GROWN:
        found = schedule(lr, batch="exponential(8, 2)", steps=10 * blocks, block_epochs=10)
        if found.verdict == "REJECTED":
            place = f'driftproof schedule --lr "{lr}" --batch "exponential(8, 2)" --steps {10 * blocks}'
            text = f"SGD with scheduler (iii), {lr} and batches doubled by block, is refused at {blocks} blocks."
            yield Claim(f"{text} {found.reason}", "derived", SCHEDULES, f"{place} --block-epochs 10")


def _of_papers() -> Iterator[Claim]:
    from driftproof.theory.published import STATEMENTS

    for item in STATEMENTS:
        yield Claim(item.statement, OPEN if item.open else "cited", str(item.source), item.place)


def _of_rules() -> Iterator[Claim]:
    from driftproof.theory.catalogue import outlines

    for item in outlines():
        note = f" ({item.source.note})" if item.source.note else ""
        yield Claim(
            f"{item.name}: the equations are those of the paper{note}; the place named was not compared with its text.",
            "cited",
            str(item.source),
            f"driftproof show {item.name}",
        )


def ledger_text(claims: list[Claim]) -> str:
    """A block for each claim, and the counts in the last line."""
    lines = [line for c in claims for line in block(c.status, [c.claim, f"  {c.place}   {_short(c.source)}".rstrip()])]
    counts = Counter(claim.status for claim in claims)
    said = ", ".join(f"{counts[status]} {status}" for status in ORDER if counts[status])
    return "\n".join([*lines, f"{len(claims)} claims: {said}. Checks are listed, not run: driftproof check"])


def _short(source: str) -> str:
    """The authors; --format json has the rest."""
    return source.partition(",")[0]
