"""The command schedule. What it needs is imported when it runs."""

from __future__ import annotations

from typing import Any

import click

from driftproof.theory.errors import DriftproofError

from .cli_rules import formats
from .output import as_json, emit, report, require_folder, styled

WORDS = (
    "Schedules: 0.1, 0.1/sqrt(t), diminishing(0.1), cosine(0.1, 0.001), polynomial(0.1, 0, 2), linear(0.1, 0), "
    "exponential(8, 2) (by block), growth(8, 4, 1.5) = (4 block + 8)^1.5, warmup(exponential(0.1, 1.2, every=3), 30, "
    "cosine(0.4)), by_block(0.1, 0.01); letters t, T, epoch, epochs, block, blocks."
)


@click.command(epilog=WORDS)
@click.option("--lr", metavar="EXPR", help="Step sizes.")
@click.option("--batch", metavar="EXPR", help="Batch sizes. [default: 1]")
@click.option("--paper", type=click.Choice(["i", "ii", "iii", "iv"]), help="A scheduler of the paper, as it was run.")
@click.option("--torch", metavar="SCHEDULER", help="Of torch, on that --lr: CosineAnnealingLR(T_max=300)")
@click.option("--every", type=click.Choice(["step", "epoch"]), help="When torch's scheduler is stepped.")
@click.option("--steps", type=int, metavar="T")
@click.option("--steps-per-epoch", type=int, metavar="K")
@click.option("--samples", type=int, metavar="N", help="An epoch has ceil(N/b) steps.")
@click.option("--epochs", type=int, metavar="E")
@click.option("--block-epochs", type=int, metavar="E", help="Epochs in a block.")
@click.option("--blocks", type=int, metavar="B", help="Or how many blocks there are.")
@click.option("--round", "whole", type=click.Choice(["up", "down", "nearest"]), help="Batch sizes to whole numbers.")
@click.option("--L", "L", default="1", show_default=True, metavar="X", help="Mean smoothness of the samples' losses.")
@click.option("--sigma2", default="1", show_default=True, metavar="X", help="Variance of one sample's gradient.")
@click.option("--gap", default="1", show_default=True, metavar="X", help="f(theta_1) - inf f.")
@click.option("--versus", multiple=True, metavar="CHANGES", help='Compare, at equal evaluations: "lr=0.2; batch=64"')
@click.option("--budget", type=float, metavar="N", help="Gradient evaluations of all of them. [default: of the first]")
@click.option(
    "--plot",
    metavar="FILE",
    callback=lambda *given: require_folder(given[2]),
    help="Draw step sizes, batch sizes and bound (.svg, .png).",
)
@formats("text", "json")
def schedule(form: str, output: str | None, plot: str | None, **given: Any) -> int:
    """What a batch-size and learning-rate schedule guarantees for SGD."""
    from driftproof.checks.api import schedule as answer

    from .render_schedule import require_picture, save, schedule_text

    try:
        if plot:
            require_picture(plot)
        found = answer(**{name: value for name, value in given.items() if value is not None and value != ()})
    except DriftproofError as refusal:
        if form == "json":
            emit(as_json(_refused(refusal)), output)
        report(refusal)
        return 2
    if plot:
        save(found, plot)
    if form == "json":
        emit(as_json(found.as_json()), output)
    else:
        page = schedule_text(found)
        emit(page if output else styled(page), output)
    return found.exit_code


def _refused(error: DriftproofError) -> dict[str, Any]:
    """The keys of an answer, without one."""
    reason = " ".join(filter(None, [error.what, error.why, error.fix]))
    return {"B_T": None, "V_T": None, "bound": None, "verdict": "REJECTED", "reason": reason, "code": error.code}


COMMANDS = (schedule,)
