"""Coq as referee: compiles exported proofs, and accepts those that rest on the axioms of the classical reals alone."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

ALLOWED = frozenset(
    {
        "ClassicalDedekindReals.sig_not_dec",
        "ClassicalDedekindReals.sig_forall_dec",
        "FunctionalExtensionality.functional_extensionality_dep",
        "Classical_Prop.classic",
    }
)
"""What Coq's real numbers rest on; nothing else may stand under Print Assumptions."""
SECONDS, PROCESSES = 300, 2
_AXIOM = re.compile(r"^(\S+)\s*:", re.MULTILINE)


@dataclass(frozen=True)
class Judgement:
    """What Coq says of one file: accepted, or why not."""

    name: str
    accepted: bool
    reason: str


def version() -> str:
    """What `coqc` says it is; empty where there is none."""
    if shutil.which("coqc") is None:
        return ""
    return subprocess.run(["coqc", "--version"], capture_output=True, text=True, check=False).stdout.split("\n")[0]


def assumptions(printed: str) -> list[str]:
    """The axioms under `Print Assumptions`. Empty where Coq says that there are none."""
    _, found, listed = printed.partition("Axioms:")
    return _AXIOM.findall(listed) if found else []


def judged(name: str, printed: str, code: int, errors: str) -> Judgement:
    """A run of coqc: it must end well, print the assumptions, and print none but the allowed."""
    if code:
        return Judgement(name, False, f"coqc ends with {code}: {' '.join(errors.split())[:400]}")
    if "Axioms:" not in printed and "Closed under the global context" not in printed:
        return Judgement(name, False, "it does not print its assumptions")
    foreign = sorted(set(assumptions(printed)) - ALLOWED)
    if foreign:
        return Judgement(name, False, f"it rests on {', '.join(foreign)}")
    return Judgement(name, True, "")


def compiled(folder: Path, name: str) -> Judgement:
    """One file, compiled where the files that it requires are compiled already."""
    source = (folder / f"{name}.v").read_text()
    for word in ("Admitted", "Axiom", "Parameter", "Conjecture", "admit"):
        if re.search(rf"\b{word}\b", source):
            return Judgement(name, False, f"it says {word}")
    try:
        run = subprocess.run(
            ["coqc", "-q", "-w", "none", f"{name}.v"],
            cwd=folder, capture_output=True, text=True, timeout=SECONDS, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return Judgement(name, False, f"coqc takes more than {SECONDS} s")
    return judged(name, run.stdout, run.returncode, run.stderr)


def judge(
    folder: Path, order: Sequence[str], uses: Mapping[str, Sequence[str]], told: Callable[[Judgement], None]
) -> list[Judgement]:
    """The library, then every theorem after those that it uses; several at a time."""
    library = compiled(folder, "Library")
    told(library)
    found: dict[str, Judgement] = {"Library": library}
    if not library.accepted:
        return [library]
    waiting, running = list(order), set[Future[Judgement]]()
    with ThreadPoolExecutor(PROCESSES) as pool:
        while waiting or running:
            ready = [name for name in waiting if all(used in found for used in uses.get(name, ()))]
            waiting = [name for name in waiting if name not in ready]
            ready.sort(key=lambda name: -(folder / f"{name}.v").stat().st_size)  # what takes long starts first
            running |= {pool.submit(_one, folder, name, uses, found) for name in ready}
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for verdict in (future.result() for future in done):
                found[verdict.name] = verdict
                told(verdict)
    return list(found.values())


def _one(folder: Path, name: str, uses: Mapping[str, Sequence[str]], found: Mapping[str, Judgement]) -> Judgement:
    for used in uses.get(name, ()):
        if not found[used].accepted:
            return Judgement(name, False, f"it uses {used}, which Coq does not accept")
    return compiled(folder, name)
