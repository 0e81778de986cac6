"""The page of an audit: a first screen of at most 25 lines of 100 columns, or everything."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import shorten, wrap

from driftproof.checks.runtime.layout import columns

from .finding import SEVERITIES, Finding
from .policy import Policy, described
from .report import AuditReport

LINES, COLUMNS, LABEL = 25, 100, 13
MOST_EQUATIONS, MOST_FINDINGS = 6, 6
LEAST = 5
"""Lines about findings of several targets, however many targets there are."""


def page(report: AuditReport, policy: Policy | None = None, whole: bool = False) -> str:
    """One target. whole: every finding with its script, every check, and every flag."""
    policy = policy or Policy()
    head = _head(report)
    if whole:
        head[0] = _about(report)
    foot = [*_remarks(report, policy), _counts(report), *([] if whole else _next(report))]
    findings = sorted(report.findings, key=lambda f: -SEVERITIES.index(f.severity))
    if whole:
        return "\n".join(
            [
                *head,
                *_equation(report, 99),
                *_flags(report),
                *_table(report),
                *_in_full(findings),
                *_checks(report),
                *foot,
            ]
        )
    equation = _equation(report, MOST_EQUATIONS)
    for most in range(MOST_FINDINGS, 0, -1):  # a script says more than a further line
        listed = _listed(findings, most)
        room = LINES - len(head) - len(listed) - len(foot)
        script = _script(findings, room - min(len(equation), 3))
        if len(script) > 1 or not findings:
            break
    shown = equation if len(equation) <= room - len(script) else _equation(report, max(room - len(script) - 1, 0))
    return "\n".join([*head, *shown, *listed, *script, *foot])


def several(reports: Sequence[AuditReport], policies: Sequence[Policy]) -> str:
    """A row for each target, then the worst finding of each that fails."""
    rows: list[tuple[str, ...]] = [("target", "verdict", "is", "errors", "warnings", "notes", "seconds")]
    for report in reports:
        counts = [str(report.count(name)) for name in reversed(SEVERITIES)]
        name = shorten(str(report.identified.get("text") or "-"), 40, placeholder="...")
        rows.append((report.target, report.verdict, name, *counts, f"{report.seconds:.1f}"))
    lines = [line.strip() for line in columns(rows, indent="")]
    pairs = list(zip(reports, policies, strict=True))
    failing = [(r, f) for r, policy in pairs for f in policy.failing(r)[:1]]
    said = [_cut(f"{r.target}: {f.code} {f.severity} {f.check}: {f.message}") for r, f in failing]
    said += [_cut(remark) for r, policy in pairs for remark in _remarks(r, policy, f"{r.target}: ")]
    room = max(LINES - len(lines) - 2, LEAST)
    lines += said if len(said) <= room + 1 else [*said[:room], f"... and {len(said) - room} more lines (--all)"]
    return "\n".join([*lines, "next: driftproof audit TARGET   one of them, with its equation and scripts"])


def _head(report: AuditReport) -> list[str]:
    """Whose it is, the verdict, and the number of it."""
    name = report.identified.get("text", "")
    lines = [_cut(_about(report)), *_labelled("verdict", f"{report.verdict.upper()}: {report.explanation or name}", 3)]
    if report.declared:
        lines += _labelled("declared", report.declared, 1)
    if name and name != report.declared and name not in report.explanation:
        lines += _labelled("nearest" if report.verdict in ("bug", "unknown") else "is", name, 1)
    if "table" in report.identified:
        return [*lines, *_labelled("sweep", _sweep(report), 2)]
    return [*lines, *_labelled("in steps", _distance(report), 2)] if "in_steps" in report.identified else lines


def _sweep(report: AuditReport) -> str:
    """What a kernel was run on."""
    rows = report.identified["table"]
    cells = [cell for row in rows for cell in row[1:]]
    return (
        f"{cells.count('ok')} of {len(cells)} pairs of size ({rows[0][0]} to {rows[-1][0]}) and type are within "
        f"rounding, in {report.identified['runs']} runs"
    )


def _about(report: AuditReport) -> str:
    return "   ".join(filter(None, [report.target, report.about.get("version", ""), report.about.get("where", "")]))


def _distance(report: AuditReport) -> str:
    far, near = report.identified.get("in_steps"), report.identified.get("at_default")
    said = "not finite" if far is None else f"{far:.2g} of the largest step where conventions differ most"
    return f"{said}, {near:.2g} at the default hyperparameters" if near is not None else said


def _equation(report: AuditReport, most: int) -> list[str]:
    lines = [f"  {line.strip()}" for line in report.identified.get("equation") or []]
    if most <= 0:
        return []
    return [_cut(line) for line in lines[:most]] + (
        [f"  ... and {len(lines) - most} more"] if len(lines) > most else []
    )


def _listed(findings: Sequence[Finding], most: int) -> list[str]:
    """One line for each finding, as many as fit."""
    lines = []
    for found in findings[:most]:
        also = " (torch too)" if found.also_in_torch else ""
        head = f"{found.code} {found.severity:<7} {found.check}: "
        lines.append(head + _cut(found.message, COLUMNS - len(head) - len(also)) + also)
    return lines + ([f"... and {len(findings) - most} more (--all)"] if len(findings) > most else [])


def _script(findings: Sequence[Finding], room: int) -> list[str]:
    """The first script, whole or not at all: half a script shows nothing."""
    found = next((f for f in findings if f.counterexample is not None), None)
    if found is None or found.counterexample is None:
        return []
    c = found.counterexample
    lines = [f"script of {found.code}: {c.parameters} parameters x {c.entries} entries x {c.steps} steps"]
    lines += c.script.splitlines()  # not indented, so that it can be pasted
    if sum(1 + len(line) // (COLUMNS + 1) for line in lines) > room:
        return [f"script of {found.code}: --all"] if room > 0 else []
    return lines


def _remarks(report: AuditReport, policy: Policy, head: str = "") -> list[str]:
    """What the exit code rests on beside findings, and what is not decided."""
    said = [
        f"{head}{check} was expected to fail ({policy.expected[check]}), and passed" for check in policy.healed(report)
    ]
    if report.undecided:
        said.append(f"{head}not decided: {_few(report.undecided)}; a larger --timeout may help")
    if policy.baseline is not None:
        known = len(report.findings) - len([f for f in report.findings if not policy.baseline.knows(report.target, f)])
        gone = policy.baseline.gone(report)
        said.append(f"{head}baseline: {known} known" + (f"; gone: {_few(gone)} (--write-baseline)" if gone else ""))
        then, now = policy.baseline.dictionary, report.dictionary
        if now is not None and then != now:
            said.append(f"{head}baseline: written with dictionary {then}, this is {now}")
    return [_cut(line) for line in said]


def _counts(report: AuditReport) -> str:
    counts = ", ".join(f"{n} {name}{'s' * (n != 1)}" for name in reversed(SEVERITIES) for n in [report.count(name)])
    done = f"{len(report.passed)} checks passed, {len(report.skipped)} skipped"
    return f"{counts} | {done} | dictionary {report.dictionary or '-'} | {report.seconds:.1f} s"


def _next(report: AuditReport) -> list[str]:
    codes = [f.code for f in report.findings[:1]]
    how = (
        f"--kernel {report.target} --rule {report.declared}" if report.about.get("kind") == "kernel" else report.target
    )
    hints = [f"driftproof audit {how} --all", *(f"driftproof --explain {code}" for code in codes)]
    return [_cut("next: " + "   ".join(hints))]


def _flags(report: AuditReport) -> list[str]:
    lines = []
    for option in report.identified.get("options") or []:
        what = {"nothing": "changes nothing", "fails": "fails"}.get(option["effect"], f"is {option['is']}")
        lines += _labelled("flag", f"{option['option']} {what}{'' if option['exact'] else ', not exactly'}", 2)
    return lines


def _table(report: AuditReport) -> list[str]:
    """Of a kernel: sizes and types."""
    return columns(report.identified.get("table") or [])


def _in_full(findings: Sequence[Finding]) -> list[str]:
    lines: list[str] = []
    for found in findings:
        head, *rest = described(found).splitlines()
        lines += ["", *wrap(head, COLUMNS, subsequent_indent="  ", break_on_hyphens=False)]
        lines += rest
    return [*lines, ""] if lines else []


def _checks(report: AuditReport) -> list[str]:
    lines = _labelled("passed", ", ".join(report.passed), 99) if report.passed else []
    return lines + [line for s in report.skipped for line in _labelled("skipped", f"{s.check}: {s.reason}", 9)]


def _labelled(label: str, text: str, most: int) -> list[str]:
    lines = wrap(text, COLUMNS - LABEL, break_on_hyphens=False)
    if len(lines) > most:
        lines = [*lines[: most - 1], _cut(" ".join(lines[most - 1 :]), COLUMNS - LABEL)]
    return [f"{label if k == 0 else '':<{LABEL}}{line}".rstrip() for k, line in enumerate(lines)]


def _cut(line: str, room: int = COLUMNS) -> str:
    line = " ".join(line.split("\n"))
    return line if len(line) <= room else line[: room - 3].rstrip() + "..."


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
