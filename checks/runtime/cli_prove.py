"""The command `prove`. What it needs is imported when it runs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .cli_rules import formats
from .output import Usage, as_json, complain, emit, styled, write_whole

if TYPE_CHECKING:
    from .proved import Outcome
    from .referee import Judgement

NOT_RUN = 4


@click.command()
@click.argument("ids", nargs=-1, metavar="[ID ...]")
@click.option("--explain", is_flag=True, help="Print the proofs, to be read by a person.")
@click.option("--axioms", is_flag=True, help="Print what is taken on trust, by the kernel and by these theorems.")
@click.option("--coq", metavar="DIR", help="Write the proofs as Coq files into this folder.")
@click.option("--referee", is_flag=True, help="Let Coq check the files of --coq; not run where there is no coqc.")
@click.option("--falsify", is_flag=True, help="Only ask z3 for values at which a theorem would be false.")
@click.option("--write", is_flag=True, help="Ship what was found: statements and certificates into the package.")
@formats("text", "json")
def prove(
    ids: tuple[str, ...],
    explain: bool,
    axioms: bool,
    coq: str | None,
    referee: bool,
    falsify: bool,
    write: bool,
    form: str,
    output: str | None,
) -> int:
    """Prove theorems: search each proof anew, replay it in the kernel, compare with the certificate that ships.

    Without ID: all of them. Exit code 1 if one is not proved, or ships with other files.
    """
    from . import proved, render_proof

    if falsify:
        return _falsified(ids, output)
    if referee and coq is None:
        raise Usage("--referee needs --coq DIR.", "It checks the files that are written there.", "Add --coq build/coq.")
    if sum((explain, axioms, form == "json")) > 1:
        raise Usage("--explain, --axioms and --format json are three pages.", "", "Ask for one of them.")
    outcomes = _found(ids)
    if write:
        for file in proved.write(outcomes, complete=not ids):
            complain(f"wrote {file}")
        outcomes = [outcome.written() for outcome in outcomes]
    if form == "json":
        emit(as_json([outcome.as_json() for outcome in outcomes]), output)
    else:
        text = render_proof.axioms(outcomes) if axioms else render_proof.listing(outcomes)
        if explain:
            text = "\n\n\n".join(map(render_proof.explained, outcomes if not ids else _asked(outcomes, ids)))
        emit(text if output else styled(text), output)
    bad = any(outcome.report is None or outcome.reason for outcome in outcomes)
    if coq is not None:
        return max(int(bad), _coq(outcomes, coq, referee, complete=not ids, keep=write))
    return int(bad)


def _falsified(ids: tuple[str, ...], output: str | None) -> int:
    """Exit code 1 if a theorem has a countermodel."""
    from driftproof.theory.proving import corpus

    from . import proved
    from .falsifier import FOUND, falsified

    asked = ids or tuple(proved.selected(()))
    answers = [falsified(corpus.theorems()[name]) for name in proved.selected(asked) if name in asked]
    emit("\n".join(map(str, answers)), output)
    return int(any(answer.outcome == FOUND for answer in answers))


def _asked(outcomes: list[Outcome], ids: tuple[str, ...]) -> list[Outcome]:
    return [outcome for outcome in outcomes if outcome.theorem.theorem in ids]


def _found(ids: tuple[str, ...]) -> list[Outcome]:
    """All outcomes, with the theorem that is being proved shown where a person watches."""
    from . import proved
    from .processors import usable

    found = []
    total = len(proved.selected(ids))
    for outcome in proved.proved(ids, usable()):
        found.append(outcome)
        if sys.stderr is not None and sys.stderr.isatty():
            said = f"{len(found)}/{total} {outcome.theorem.theorem}" if len(found) < total else ""
            sys.stderr.write(f"\r\033[K{said}")
            sys.stderr.flush()
    return found


def _coq(outcomes: list[Outcome], folder: str, referee: bool, complete: bool, keep: bool) -> int:
    """Writes the files, and lets Coq judge them."""
    import json

    from driftproof.theory.kernel.replay import sha256
    from driftproof.theory.proving import corpus

    from . import proved
    from . import referee as coq_referee

    to = proved.export(outcomes, folder)
    exported = {outcome.theorem.theorem: outcome for outcome in outcomes if outcome.coq}
    complain(f"{len(exported)} theorems written to {to}")
    if not referee:
        return 0
    version = coq_referee.version()
    if not version:
        complain("Coq: not run. There is no coqc here. Debian and Ubuntu: apt install coq, or `make coq` as root.")
        return NOT_RUN
    uses = {name: outcome.theorem.lemmas for name, outcome in exported.items()}
    judgements = coq_referee.judge(Path(to), list(exported), uses, _tell)
    good = {found.name for found in judgements if found.accepted}
    complain(
        f"Coq ({version}): {len(good & set(exported))} of {len(exported)} theorems accepted, "
        f"{'with' if 'Library' in good else 'WITHOUT'} the library of inferences"
    )
    if keep and complete:
        record = {name: sha256(exported[name].coq) for name in sorted(good & set(exported))}
        text = json.dumps({"coq": version, "theorems": record}, indent=1) + "\n"
        write_whole(corpus.folder("coq") / "accepted.json", text)
    return 0 if all(found.accepted for found in judgements) and "Library" in good else 1


def _tell(judgement: Judgement) -> None:
    if not judgement.accepted:
        complain(f"REJECTED by Coq  {judgement.name}: {judgement.reason}")


COMMANDS = (prove,)
