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
@click.option("--best", is_flag=True, help="Find the schedule with the smallest bound under the limits below.")
@click.option("--floor", metavar="EXPR", help="Of the batch size, by block: 8*2**block. [default: 1]")
@click.option("--most-steps", type=float, metavar="T")
@click.option("--most-lr", type=float, metavar="X")
@click.option("--time", type=float, metavar="X", help="Of the run; a step takes step-cost + sample-cost * b.")
@click.option("--step-cost", type=float, metavar="X")
@click.option("--sample-cost", type=float, metavar="X")
@click.option("--share", type=click.Choice(["steps", "evaluations", "time"]), help="What blocks have equal shares of.")
@click.option(
    "--plot",
    metavar="FILE",
    callback=lambda *given: require_folder(given[2]),
    help="Draw step sizes, batch sizes and bound (.svg, .png).",
)
@formats("text", "json", "latex")
def schedule(form: str, output: str | None, plot: str | None, best: bool, **given: Any) -> int:
    """What a batch-size and learning-rate schedule guarantees for SGD; or, with --best, which one guarantees most."""
    from .render_schedule import require_picture, save, schedule_text

    try:
        if plot:
            require_picture(plot)
        found, drawn = _answer(
            best, {name: value for name, value in given.items() if value is not None and value != ()}
        )
    except DriftproofError as refusal:
        if form == "json":
            emit(as_json(_refused(refusal)), output)
        report(refusal)
        return 2
    if plot:
        save(drawn, plot)
    if form == "json":
        emit(as_json(found.as_json()), output)
    elif form == "latex":
        from .schedule_latex import schedule_latex

        emit(schedule_latex(drawn), output)
    else:
        page = str(found) if best else schedule_text(found)
        emit(page if output else styled(page), output)
    return int(found.exit_code)


OF_BEST = ("floor", "most_steps", "most_lr", "time", "step_cost", "sample_cost", "share")
OF_BOTH = ("blocks", "budget", "L", "sigma2", "gap")


def _answer(best: bool, given: dict[str, Any]) -> tuple[Any, Any]:
    """The answer, and what of it is drawn. raises: DriftproofError, for an option of the other kind too."""
    from driftproof.checks import api

    for name in given:
        if name not in OF_BOTH and best != (name in OF_BEST):
            option = f"--{'round' if name == 'whole' else name.replace('_', '-')}"
            why = "--best finds step sizes, batch sizes and length." if best else f"{option} is a limit for --best."
            raise DriftproofError(f"{option} {'with' if best else 'without'} --best.", why, "Leave one of them out.")
    found = api.best_schedule(**given) if best else api.schedule(**given)
    return found, found.answer if best else found


def _refused(error: DriftproofError) -> dict[str, Any]:
    """The keys of an answer, without one."""
    reason = " ".join(filter(None, [error.what, error.why, error.fix]))
    return {"B_T": None, "V_T": None, "bound": None, "verdict": "REJECTED", "reason": reason, "code": error.code}


COMMANDS = (schedule,)
