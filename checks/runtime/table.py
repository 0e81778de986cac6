"""The table of a run: one line per check with its worst subject, then the counts. At most 25 lines."""

from __future__ import annotations

from collections import Counter
from typing import IO, Any

from .summary import Report
from .verdict import FAIL, INCONCLUSIVE, PASS, STATUSES, Verdict

HEADINGS = ("check", "verdict", "evidence", "worst subject", "n", "mutants", "seconds")
NUMBERS = ("n", "mutants", "seconds")
MOST_ROWS = 60
_SEVERITY = {FAIL: 0, INCONCLUSIVE: 1, PASS: 2}


def worst(verdicts: list[Verdict]) -> Verdict:
    """FAIL before INCONCLUSIVE before PASS; among equals the one closest to its bound."""
    return min(verdicts, key=lambda v: (_SEVERITY[v.verdict], -_closeness(v)))


def _closeness(verdict: Verdict) -> float:
    """How much of what is allowed is used, for verdicts that say so."""
    used = verdict.detail.get("used", 0)
    return float(used) if isinstance(used, int | float) else 0.0


def rows(report: Report) -> list[tuple[str, ...]]:
    """One row per check, in the order of the run."""
    found: list[tuple[str, ...]] = []
    for name in dict.fromkeys([*(event.id for event in report.events), *report.unfinished]):
        verdicts = [v for v in report.verdicts if v.id == name]
        mutants = [m for m in report.mutants if m.id == name]
        seconds = sum(v.seconds for v in verdicts) + sum(m.seconds for m in mutants)
        shown = worst(verdicts) if verdicts else None
        killed = f"{sum(m.killed for m in mutants)}/{len(mutants)}" if mutants else "none" if verdicts else "-"
        weakest = max((v.evidence for v in verdicts), default="-")  # T0 is the strongest
        cells = (weakest, shown.subject, str(sum(v.n for v in verdicts))) if shown else ("-", "-", "-")
        found.append((name, _outcome(report, name, shown), *cells, killed, f"{seconds:.1f}"))
    return found


def _outcome(report: Report, name: str, shown: Verdict | None) -> str:
    """A failure stands however little was done; nothing else is said of a check that was not finished."""
    if any(c.id == name for c in report.crashes):
        return "CRASH"
    if shown and shown.verdict == FAIL:
        return FAIL
    if name in report.unfinished:
        return "partial"
    return shown.verdict if shown else "not run"


def last_line(report: Report) -> str:
    """The counts of what was proved, derived, cited and measured, and of what is not good."""
    counts = [f"{report.shown(s)} {s}" for s in STATUSES if s in ("proved", "derived", "cited", "measured")]
    if report.shown("refuted"):
        counts.append(f"{report.shown('refuted')} published claim(s) refuted")
    counts += [f"{report.count(INCONCLUSIVE)} inconclusive", f"{report.count(FAIL)} failed"]
    if report.not_run:
        counts.append(f"{len(report.not_run)} not run")
    if report.crashes:
        counts.append(f"{len(report.crashes)} crashed")
    killed = len(report.mutants) - len(report.survivors)
    end = f"mutants killed {killed}/{len(report.mutants)} | error bound {report.familywise_error_bound:.1g}"
    return f"{', '.join(counts)} | {end} | {report.seconds:.0f} s"


def remarks(report: Report) -> list[str]:
    """What the reader must know beside the table: failures with their replay, survivors, crashes, omissions."""
    said = [
        f"{v.verdict} {v.id}, {v.subject}: {_numbers(v)}\n  replay: {v.replay}" for v in report.verdicts if not v.passed
    ]
    said += [f"SURVIVED {m.id}: {m.name} (oracle: {m.oracle})" for m in report.survivors]
    said += [f"CRASH {c.id}, {c.part}: {c.message}" for c in report.crashes]
    said += _omissions(report)
    if names := _without_mutants(report):
        said.append(f"mutants: none for what was asked, in {_few(names)}")
    if report.interrupted:
        said.append("interrupted: only what had finished is shown")
    return [*said, *report.notes]


MOST_REASONS = 6
"""Of omissions that are printed one by one; of more, a line for each check."""


def _omissions(report: Report) -> list[str]:
    """What was not run and why: a line for each check and reason, or for each check where there are many reasons."""
    reasons: dict[tuple[str, str], list[str]] = {}
    for omitted in report.not_run:
        reasons.setdefault((omitted.id, omitted.reason), []).append(omitted.subject)
    if len(reasons) <= MOST_REASONS:
        return [f"not run {name}: {_few(subjects)}: {reason}" for (name, reason), subjects in reasons.items()]
    checks: dict[str, list[str]] = {}
    for (name, _), subjects in reasons.items():
        checks.setdefault(name, []).extend(subjects)
    counts = Counter(name for name, _ in reasons)
    why = {name: f"{count} reason{'s' * (count > 1)} (--format json has them)" for name, count in counts.items()}
    return [f"not run {name}: {_few(subjects)}, for {why[name]}" for name, subjects in checks.items()]


def _without_mutants(report: Report) -> list[str]:
    """Checks that passed without a mutant to show that they could have failed."""
    said = {c.id for c in report.crashes} | {n.id for n in report.not_run if n.subject == "mutants"}
    known = said | {m.id for m in report.mutants} | set(report.unfinished)
    return list(dict.fromkeys(v.id for v in report.verdicts if v.id not in known))


def _numbers(verdict: Verdict) -> str:
    return "; ".join(f"{key} {value}" for key, value in verdict.detail.items())


def _few(subjects: list[str]) -> str:
    rest = f" and {len(subjects) - 3} more" if len(subjects) > 3 else ""
    return ", ".join(subjects[:3]) + rest


def text(report: Report) -> str:
    """The plain table, the remarks, and the last line."""
    table: list[tuple[str, ...]] = [HEADINGS, *rows(report)]
    shown, hidden = table[: MOST_ROWS + 1], len(table) - MOST_ROWS - 1
    widths = [max(len(row[i]) for row in shown) for i in range(len(HEADINGS))]
    lines = [
        "  ".join(_align(cell, w, h) for cell, w, h in zip(row, widths, HEADINGS, strict=True)).rstrip()
        for row in shown
    ]
    lines += [f"... and {hidden} more checks (--format json lists all)"] if hidden > 0 else []
    return "\n".join([*lines, *remarks(report), last_line(report)])


def _align(cell: str, width: int, heading: str) -> str:
    return cell.rjust(width) if heading in NUMBERS else cell.ljust(width)


def show(report: Report, stream: IO[str]) -> None:
    """Prints the table: with colour on a terminal, plain elsewhere."""
    if stream.isatty():
        _show_rich(report, stream)
    else:
        print(text(report), file=stream)


def _show_rich(report: Report, stream: IO[str]) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    colours: dict[str, Any] = {
        "PASS": "green",
        "FAIL": "bold red",
        "CRASH": "bold red",
        "INCONCLUSIVE": "yellow",
        "partial": "yellow",
    }
    table = Table(box=None, pad_edge=False)
    for heading in HEADINGS:
        table.add_column(heading, justify="right" if heading in NUMBERS else "left", overflow="fold")
    for row in rows(report)[:MOST_ROWS]:
        table.add_row(*(escape(cell) for cell in row), style=colours.get(row[1]) if row[1] != PASS else None)
    console = Console(file=stream)
    console.print(table)
    for line in (*remarks(report), last_line(report)):
        console.print(line, markup=False, highlight=False)
