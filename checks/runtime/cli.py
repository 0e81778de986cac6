"""The command `driftproof`: the commands, and what every one of them does with errors, interrupts and pipes.

It is a thin layer over `driftproof.checks.api`. Loading it loads click alone.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Sequence
from typing import Any

import click

from driftproof.theory.errors import DriftproofError, UnknownName, nearest

from . import cli_audit, cli_bench, cli_checks, cli_converge, cli_prove, cli_rules, cli_schedule, cli_witness
from .extras import extras_named
from .output import NotBuilt, Usage, complain, emit, report

REFUTED, WRONG_INPUT, INTERNAL, INTERRUPTED = 1, 2, 3, 130

PLANNED = ("report", "plan")
"""Commands of the design that are not there yet; typing one says so."""

FIRST_SCREEN = """\
driftproof: from the paper's equation to the update function, and for every step how it is known.

try first
  driftproof rules                          the optimizers that are declared, and their conventions
  driftproof show adam                      one of them, as mathematics
  driftproof derive adam                    its SDE, hypotheses, scaling rule and SVAG form
  driftproof scale adam --kappa 4           hyperparameters for a batch four times as large
  driftproof compile adam --target cpu      its update function, as readable source
  driftproof converge --lr "0.1/sqrt(t)" --beta1 0.9 --beta2 "1-0.5/t"
                                            is Adam guaranteed to converge with these schedules?
  driftproof witness --rule adam --beta1 0.9 --beta2 0.999
                                            a problem on which it goes the wrong way, with a proof
  driftproof schedule --lr "cosine(0.1)" --batch "exponential(8, 2)" --samples 50000 --epochs 300 --block-epochs 30
                                            what these step sizes and batch sizes guarantee for SGD
  driftproof check                          every check: derived, measured, with mutants to test the tests
  driftproof audit torch.optim:Adam         anybody's optimizer: which rule it is, and what is wrong with it

RULE is NAME or PATH.py[:NAME], then @axis=option,axis=option: adam@eps=inside,correction=none
more: driftproof COMMAND --help, driftproof claims, driftproof --explain CODE, --format json
"""


class Commands(click.Group):
    """The group: says which commands are planned, and turns every outcome into its exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        name = args[0]
        if name in PLANNED:
            built = ", ".join(self.commands)
            raise NotBuilt(
                f"'{name}' is not built yet.", "It is planned, and nothing stands in for it.", f"There are: {built}."
            )
        if name not in self.commands and not name.startswith("-"):
            raise UnknownName(f"There is no command '{name}'.", "", nearest(name, self.commands))
        return super().resolve_command(ctx, args)

    def main(  # type: ignore[override]
        self, args: Sequence[str] | None = None, standalone_mode: bool = True, **extra: Any
    ) -> Any:
        run = super().main
        code = guarded(lambda: run(args=args, standalone_mode=False, **extra))
        if standalone_mode:
            sys.exit(code)
        return code


def guarded(command: Callable[[], Any]) -> int:
    """Runs a command; whatever happens ends as an exit code and, if it is an error, a message. Never a traceback."""
    try:
        with extras_named():
            return command() or 0
    except DriftproofError as error:
        report(error)
        return WRONG_INPUT
    except click.ClickException as error:
        report(_usage(error))
        return WRONG_INPUT
    except (click.Abort, KeyboardInterrupt):
        complain("interrupted")
        return INTERRUPTED
    except SystemExit as stop:
        # click leaves this way when the reader of the help text has closed the pipe.
        return 0 if isinstance(stop.__context__, BrokenPipeError) else int(stop.code or 0)
    except Exception as error:
        _internal(error)
        return INTERNAL


def _usage(error: click.ClickException) -> Usage:
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "driftproof"
    why = context.command.get_usage(context) if context else ""
    return Usage(error.format_message(), why.replace("Usage:", "usage:"), f"{command} --help lists what it takes.")


def _internal(error: Exception) -> None:
    if os.environ.get("DRIFTPROOF_DEBUG"):
        traceback.print_exc()
    complain(
        f"internal error: {type(error).__name__}: {error}\n"
        "  why: this is a fault of driftproof, not of the input.\n"
        "  fix: run it again with DRIFTPROOF_DEBUG=1 and report the traceback with the command line."
    )


def _explain(context: click.Context, _: click.Parameter, code: str | None) -> None:
    if code is not None and not context.resilient_parsing:
        from .explain import explain

        emit(explain(code))
        context.exit()


def _version(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:
        from driftproof import __version__

        emit(f"driftproof {__version__}")
        context.exit()


@click.group(cls=Commands, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--explain", metavar="CODE", callback=_explain, expose_value=False, is_eager=True, help="Explain a code.")
@click.option(
    "--version", is_flag=True, callback=_version, expose_value=False, is_eager=True, help="Print the version."
)
@click.pass_context
def cli(context: click.Context) -> None:
    """From an optimizer's equation to its update function; for every step it says how it is known."""
    if context.invoked_subcommand is None:
        emit(FIRST_SCREEN)


modules = (cli_rules, cli_converge, cli_schedule, cli_witness, cli_prove, cli_checks, cli_audit, cli_bench)
for command in (command for module in modules for command in module.COMMANDS):
    cli.add_command(command)


def main(args: Sequence[str] | None = None) -> int:
    """Runs the command line and returns its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    return int(cli.main(args, prog_name="driftproof", standalone_mode=False))
