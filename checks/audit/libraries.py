"""The optimizers of whole libraries, audited one by one: the dated table of libraries.md.

    python -m driftproof.checks.audit.libraries torch.optim pytorch_optimizer --output build/libraries

writes one JSON report per library, and goes on where it was interrupted; `--table` prints Markdown of what is there.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from driftproof.theory.errors import DriftproofError

LISTING = """
import contextlib, importlib, io, json, sys, warnings
with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
    warnings.simplefilter("ignore")
    module = importlib.import_module(sys.argv[1])
    import torch
names = []
for name in sorted(vars(module)):
    found = getattr(module, name)
    if isinstance(found, type) and issubclass(found, torch.optim.Optimizer) and found is not torch.optim.Optimizer:
        names.append(name)
print(json.dumps(names))
"""
OPTAX = """
adabelief adadelta adafactor adagrad adam adamax adamaxw adamw adan amsgrad fromage lamb lars lion nadam nadamw novograd
radam rmsprop rprop sgd sign_sgd signum sm3 yogi contrib.ademamix contrib.adopt contrib.madgrad
""".split()
"""Functions of optax that return a transformation from hyperparameters alone."""


def optimizers(library: str) -> list[str]:
    """Names in a library, listed in a process of its own."""
    import subprocess

    if library == "optax":
        return OPTAX
    done = subprocess.run([sys.executable, "-c", LISTING, library], capture_output=True, text=True, check=True)
    return list(json.loads(done.stdout))


def audited(library: str, names: Sequence[str], file: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The reports, each written as soon as it is there; those of the file are not made again."""
    found: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
    for name in names:
        if name not in found:
            found[name] = report_of(f"{library}:{name}")
            file.parent.mkdir(parents=True, exist_ok=True)
            partial = file.with_suffix(".partial")
            partial.write_text(json.dumps(found, indent=1))
            partial.replace(file)
        yield name, found[name]


def report_of(target: str) -> dict[str, Any]:
    """The report; for a target that cannot be asked for without a further word, why."""
    from driftproof.checks.api import audit

    try:
        return audit(target).as_json()
    except DriftproofError as error:
        return {"verdict": f"not run: {error.what}", "identified": {}, "findings": []}


def row(name: str, report: dict[str, Any]) -> str:
    """One line of the table."""
    counts = {s: sorted({f["code"] for f in report["findings"] if f["severity"] == s}) for s in ("error", "warning")}
    identified = report["identified"] or {}
    exact = "" if identified.get("exact") else "nearest: "
    what = f"{exact}{identified.get('text') or identified.get('rule') or ''}"
    return f"| {name} | {report['verdict']} | {what} | {' '.join(counts['error'])} | {' '.join(counts['warning'])} |"


HEAD = "| optimizer | verdict | what it is | errors | warnings |\n|---|---|---|---|---|"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m driftproof.checks.audit.libraries", description=__doc__)
    parser.add_argument("libraries", nargs="*")
    parser.add_argument("--output", type=Path, default=Path("build/libraries"))
    parser.add_argument("--table", action="store_true", help="Print the table of what is there, and audit nothing.")
    given = parser.parse_args(arguments)
    for library in given.libraries:
        file = given.output / f"{library}.json"
        if given.table:
            print(f"\n## {library}\n\n{HEAD}")
            print("\n".join(row(name, report) for name, report in json.loads(file.read_text()).items()))
            continue
        for name, report in audited(library, optimizers(library), file):
            print(row(name, report), file=sys.stderr, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
