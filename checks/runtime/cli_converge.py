"""The command converge. What it needs is imported when it runs."""

from __future__ import annotations

from typing import Any

import click

from driftproof.theory.errors import DriftproofError

from .cli_rules import RULE, formats
from .output import as_json, emit, report, styled


@click.command(epilog=f"{RULE} Schedules are expressions in t (steps, from 1) and T (the horizon).")
@click.argument("rule", required=False)
@click.option("--rule", "named", metavar="RULE", help="The same as the argument. Default: generic_adam, or of --torch.")
@click.option("--lr", metavar="EXPR", help="Step size alpha_t: 0.1/sqrt(t)")
@click.option("--beta1", metavar="EXPR")
@click.option("--beta2", metavar="EXPR", help="1 - 0.5/t")
@click.option("--eps", metavar="EXPR", help="Damping; of generic_adam it is v_0.")
@click.option("--weight-decay", metavar="EXPR")
@click.option("--torch", "words", metavar="OPTIONS", help="torch's words: lr=1e-3,betas=(0.9,0.999)")
@click.option("--torch-class", default="Adam", show_default=True, metavar="CLASS")
@click.option("--set", "others", multiple=True, metavar="NAME=EXPR", help="Any other hyperparameter of the rule.")
@click.option("--horizon", type=int, metavar="T", help="Also give the certificate's number after T steps.")
@click.option("--start", type=int, default=1, show_default=True, metavar="T0", help="The first step.")
@click.option("--L", "L", type=float, help="Smoothness of the loss. [default: 1]")
@click.option("--G", "G", type=float, help="E_t g_k^2 <= G^2 for every coordinate. [default: 1]")
@click.option("--dim", type=int, help="Number of coordinates. [default: 1]")
@click.option("--gap", type=float, help="f(theta_1) - inf f. [default: 1]")
@click.option("--samples", type=int, metavar="N", help="f is a sum of N functions, with --D1.")
@click.option("--D1", "D1", type=float, help="sum_i |grad f_i|^2 <= D1 |grad f|^2 + D0.")
@click.option("--explain", is_flag=True, help="Also print what was read off the rule, and by which exponents.")
@formats("text", "json")
def converge(form: str, output: str | None, explain: bool, **given: Any) -> int:
    """Is convergence to stationarity guaranteed for these schedules?"""
    from driftproof.checks.api import converge as answer

    try:
        found = answer(**_arguments(given))
    except DriftproofError as refusal:
        if form == "json":
            emit(as_json(_refused(refusal)), output)
        report(refusal)
        return 2
    if form == "json":
        emit(as_json(found.as_json()), output)
    else:
        from .render_converge import converge_text

        page = converge_text(found, explain)
        emit(page if output else styled(page), output)
    return found.exit_code


def _arguments(given: dict[str, Any]) -> dict[str, Any]:
    """Keyword arguments of dp.converge."""
    others, rule, named = given.pop("others"), given.pop("rule"), given.pop("named")
    if rule and named and rule != named:
        raise DriftproofError(f"Two rules are named: {rule} and {named}.", "", "Name one.")
    found = {name: value for name, value in given.items() if value is not None}
    if not found.get("words"):
        found.pop("torch_class")
    for pair in others:
        name, separator, value = pair.partition("=")
        if not separator or not name.isidentifier() or name in found:
            raise DriftproofError(f"--set {pair} is not NAME=EXPR, or names one twice.", "", "Write --set mu=0.9.")
        found[name] = value
    return {"rule": rule or named, **found}


def _refused(error: DriftproofError) -> dict[str, Any]:
    """The keys of an answer, without one."""
    reason = " ".join(filter(None, [error.what, error.why, error.fix]))
    empty = {"by": None, "informative": False, "rate": None, "conditions": {}, "bound": None}
    return {"verdict": "REJECTED", **empty, "reason": reason, "code": error.code}


COMMANDS = (converge,)
