"""The commands `witness` and `verify`. What they need is imported when they run; `verify` needs no SymPy."""

from __future__ import annotations

from pathlib import Path

import click

from .cli_rules import RULE, formats, named
from .output import Usage, as_json, emit, require_folder, styled, write_whole

CODES = {"WITNESS": 0, "IMPOSSIBLE": 0, "NONE_FOUND": 4, "STATISTICAL": 4}
GRADIENTS = "One stream, judged as it is: 1000,-1x999 is 1000 and then -1 999 times."
DIAGRAM = "Instead, what all betas do on --period N losses: a picture (.svg, .png) or data (.json, .csv)."
MODEL = "The stream again and again, or each gradient drawn from its entries independently."


@click.command(
    epilog=f"{RULE} Numbers are read exactly: 0.999, 999/1000. beta2 may be a schedule in t: 1-1/(2*sqrt(t))."
)
@click.option("--rule", required=True, metavar="RULE", help="Whose recursion it is.")
@click.option("--beta1", help="Decay of the first moment.")
@click.option("--beta2", help="Decay of the second moment.")
@click.option("--eps", help="Damping, where the rule has it.")
@click.option("--lr", help="Step size; for the predicted steps alone.")
@click.option("--set", "others", multiple=True, metavar="NAME=VALUE", help="Any other hyperparameter of the rule.")
@click.option("--period", type=click.IntRange(1), help="The spike of this period.")
@click.option("--smallest", is_flag=True, help="The spike with sum 1 of the smallest period.")
@click.option("--gradients", metavar="LIST", help=GRADIENTS)
@click.option("--budget", type=click.IntRange(1), metavar="STEPS", help="Of predicted steps.  [default: 10000000]")
@click.option("--model", type=click.Choice(["cyclic", "iid"]), default="cyclic", show_default=True, help=MODEL)
@click.option("--phase-diagram", metavar="FILE", callback=lambda *given: require_folder(given[2]), help=DIAGRAM)
@click.option("--certificate", metavar="FILE", callback=lambda *given: require_folder(given[2]), help="Save the proof.")
@formats("text", "json")
def witness(
    rule: str,
    period: int | None,
    smallest: bool,
    gradients: str | None,
    budget: int | None,
    model: str,
    certificate: str | None,
    phase_diagram: str | None,
    others: tuple[str, ...],
    form: str,
    output: str | None,
    **given: str | None,
) -> int:
    """Find a stream of gradients on which RULE goes the wrong way, with an exact proof object.

    By default the fastest one found within the budget.
    """
    from driftproof.checks.api import witness as search

    values = {name: value for name, value in given.items() if value is not None}
    values |= named(others, values)
    if phase_diagram is not None:
        alone = not (values or smallest or gradients or budget or certificate or model != "cyclic")
        return _diagram(rule, period, phase_diagram, alone, form, output)
    asked = {"period": period, "smallest": smallest, "gradients": gradients, "budget": budget, "model": model}
    found = search(rule, **asked, **values)  # type: ignore[arg-type]
    page = found.as_json()
    if certificate is not None and found.proof is not None:
        write_whole(Path(certificate), as_json(page["certificate"]) + "\n")
    if form == "json":
        emit(as_json(page), output)
    else:
        from .render_witness import witness_text

        text = witness_text(found, certificate)
        emit(text if output else styled(text), output)
    return CODES[found.verdict]


def _diagram(rule: str, period: int | None, file: str, alone: bool, form: str, output: str | None) -> int:
    from driftproof.checks.api import phase_diagram

    from .render_phase import phase_text, require_suffix, save

    if not alone:
        raise Usage(
            "--phase-diagram goes with --rule and --period alone.", "It looks at all betas.", "Leave the rest out."
        )
    require_suffix(file)
    found = phase_diagram(rule, **({} if period is None else {"period": period}))
    save(found, file)
    if form == "json":
        emit(as_json(found.as_json()), output)
    else:
        text = phase_text(found, file)
        emit(text if output else styled(text), output)
    return 0


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE ...")
@formats("text", "json")
def verify(files: tuple[str, ...], form: str, output: str | None) -> int:
    """Replay proof objects with the independent checker alone (standard library only)."""
    from .processors import usable
    from .proofs import replayed

    found = replayed(files, usable())
    if form == "json":
        emit(as_json([{key: item[key] for key in ("file", "accepted", "reason")} for item in found]), output)
    else:
        words = {True: "ACCEPTED", False: "REJECTED"}
        emit("\n".join(f"{words[item['accepted']]}  {item['file']}: {item['reason']}" for item in found), output)
    if not all(item["readable"] for item in found):
        return 2
    return 0 if all(item["accepted"] for item in found) else 1


COMMANDS = (witness, verify)
