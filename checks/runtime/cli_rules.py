"""The commands about rules: rules, show, derive, scale, compile. What they need is imported when they run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from driftproof.theory.errors import DriftproofError

from .output import as_json, emit, report, require_folder, styled

ORDERS = "Weak order. 2 and 3 add corrections in the time step, where there is such an SDE."
LAWS = ["any", "unskewed", "gaussian"]
NOISE = "Law of the gradient noise: its moments left open, its third moments 0, or Gaussian."
RULE = "RULE is NAME or PATH.py[:NAME], then @axis=option,axis=option."


def formats(*names: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The two options of every command: --format, the first one by default, and --output."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        output = click.option(
            "-o", "--output", metavar="FILE", callback=lambda *given: require_folder(given[2]), help="Write to FILE."
        )
        function = output(function)
        return click.option("--format", "form", type=click.Choice(names), default=names[0], show_default=True)(function)

    return decorate


@click.command("rules")
@formats("text", "json")
def rules_(form: str, output: str | None) -> None:
    """List the declared rules and their conventions."""
    from driftproof.checks.api import rules

    from .layout import rules_text

    found = rules()
    if form == "text":
        emit(rules_text(found), output)
        return
    axes = [{c.name: dict(c.options) for c in item.conventions} for item in found]
    emit(
        as_json(
            [{"name": r.name, "source": str(r.source), "conventions": a} for r, a in zip(found, axes, strict=True)]
        ),
        output,
    )


@click.command(epilog=RULE)
@click.argument("rule")
@formats("text", "json", "latex")
def show(rule: str, form: str, output: str | None) -> None:
    """The equations of RULE as mathematics."""
    from driftproof.checks.api import rule as read

    from . import render

    chosen = read(rule).update_rule
    if form == "json":
        emit(as_json(render.show_json(chosen)), output)
    elif form == "latex":
        emit(render.show_latex(chosen), output)
    else:
        page = render.show_text(chosen)
        emit(page if output else styled(page), output)


@click.command(epilog=RULE)
@click.argument("rule")
@click.option("--regime", type=click.Choice(["diffusive", "small"]), default="diffusive", show_default=True)
@click.option("--order", type=click.IntRange(1, 3), default=1, show_default=True, help=ORDERS)
@click.option("--noise", type=click.Choice(LAWS), default="any", show_default=True, help=NOISE)
@formats("text", "json", "latex")
def derive(rule: str, regime: str, order: int, noise: str, form: str, output: str | None) -> None:
    """The SDE of RULE, its hypotheses, scaling rule and SVAG form."""
    from driftproof.checks.api import derive as derived

    found = derived(rule, regime, order, noise)
    if form == "json":
        emit(as_json(found.as_json()), output)
    elif form == "latex":
        emit(found.latex(), output)
    else:
        emit(str(found) if output else styled(str(found)), output)


@click.command(epilog=f"{RULE} Numbers are read exactly: 4, 0.001, 1/3, 1e-8.")
@click.argument("rule")
@click.option("--kappa", required=True, help="Factor of the batch size.")
@click.option("--lr", help="Step size, eta.")
@click.option("--beta1", help="Decay of the first moment.")
@click.option("--beta2", help="Decay of the second moment.")
@click.option("--mu", help="Momentum.")
@click.option("--eps", help="Damping.")
@click.option("--weight-decay", help="Weight decay, lambda.")
@click.option("--set", "others", multiple=True, metavar="NAME=VALUE", help="Any other hyperparameter of the rule.")
@click.option("--batch-size", help="Of the old run.")
@click.option("--steps", help="Of the old run.")
@click.option("--warmup", metavar="N", help="Warm-up steps of the old run.")
@click.option("--schedule", metavar="EXPR", help="Factor of the step size, in t (step) and T (steps): min(1, t/100).")
@formats("text", "json")
def scale(rule: str, kappa: str, form: str, output: str | None, others: tuple[str, ...], **given: str | None) -> int:
    """Hyperparameters for a batch KAPPA times as large."""
    from driftproof.checks.api import scale as scaled

    try:
        values = {name: value for name, value in given.items() if value is not None}
        found = scaled(rule, kappa, **values, **named(others, values))
    except DriftproofError as refusal:
        if form == "json":
            emit(as_json(_refused(rule, kappa, refusal)), output)
        report(refusal)
        return 2
    if form == "json":
        emit(as_json(found.as_json()), output)
    else:
        from .render_scale import scale_text

        emit(scale_text(found) if output else styled(scale_text(found)), output)
    if found.refusal is None:
        return 0
    report(found.refusal)
    return 2


def named(pairs: tuple[str, ...], given: dict[str, str]) -> dict[str, str]:
    """The values of --set NAME=VALUE, each name once."""
    found: dict[str, str] = {}
    for pair in pairs:
        name, separator, value = pair.partition("=")
        if not separator or not name.isidentifier() or name in found or name in given:
            raise DriftproofError(f"--set {pair} is not NAME=VALUE, or names one twice.", "", "Write --set beta3=0.9.")
        found[name] = value
    return found


def _refused(rule: str, kappa: str, error: DriftproofError) -> dict[str, Any]:
    """The keys of a result, without one."""
    reason = " ".join(filter(None, [error.what, error.why, error.fix]))
    empty: dict[str, Any] = {"hyperparameters": {}, "exact": {}, "steps": None, "state_transform": {}, "schedule": None}
    return {
        "rule": rule,
        "kappa": kappa,
        "valid": False,
        "reason": reason,
        "code": error.code,
        **empty,
        "alternatives": [],
    }


@click.command("compile", epilog=RULE)
@click.argument("rule")
@click.option("--target", type=click.Choice(["reference", "torch", "cpu", "cuda"]), required=True)
@formats("text", "json")
def compile_(rule: str, target: str, form: str, output: str | None) -> None:
    """The update function of RULE as readable source."""
    from driftproof.checks.api import rule as read

    chosen = read(rule)
    source = chosen.source(target)
    if form == "json":
        emit(as_json({"target": target, "rule": rule, "digest": chosen.digest, "source": source}), output)
    else:
        emit(source, output)


COMMANDS = (rules_, show, derive, scale, compile_)
