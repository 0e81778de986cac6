"""`driftproof --explain CODE`: a page for every code that a message, a table or a shell can show."""

from __future__ import annotations

from collections.abc import Mapping

from driftproof.theory.errors import UnknownName, nearest

from . import explain_converge, explain_schedule
from .layout import block
from .verdict import EVIDENCE, STATUSES

ERRORS: Mapping[str, str] = {
    "input": "The input was understood but cannot be used; the message says why. Nothing was computed from it.",
    "rule": "A rule file declares something that is not an update rule: a symbol without a declaration, a state "
    "without an init or an equation, a cycle, scopes that do not fit. A rule checks itself where it is written, so "
    "that no later step can meet half a rule. Mend the place named; `driftproof show adam` shows a sound one.",
    "not-exact": "A float stands where an exact number is meant. Declarations and certificates are over the rationals, "
    'and 0.1 is not 1/10 in binary. Write Rational(1, 10), or "0.1" in quotes.',
    "not-readable": "The text is outside the small language that rule files and expressions are read with. Nothing in "
    "it was executed: there is no eval behind it, so only what the language knows can be said. Write numbers, names, "
    "+ - * / **, comparisons and the functions of the language.",
    "unknown-name": "A rule, convention, option, hyperparameter, check, theorem or symbol of that name does not exist. "
    "The message names the nearest one. `driftproof rules` lists rules and conventions, `driftproof check --list` the "
    "checks, `driftproof prove` the theorems.",
    "out-of-domain": "A value lies outside the domain on which the rule and every statement about it are declared. It "
    "is refused, never clipped: a clipped value would answer another question. Give a value in the domain named; "
    "`scale` lists alternatives that stay inside.",
    "refused": "The mathematics does not cover this input: a step that is not smooth, a limit that is not unique, an "
    "order that the method does not reach. Nothing is claimed instead. The message names the equation or the moment "
    "that stands in the way; another convention of the same rule may be covered. `scale` still prints its JSON, "
    "with valid false and the alternatives that stay in the domain.",
    "not-proved": "A script of theory/theorems names a step that does not follow, or that was not found: no "
    "combination of the products and equations that it names gives the claim. What is left after rewriting is printed. "
    "Name the products that a proof on paper would multiply, or split the step.",
    "undecided": "A sign, an order or a limit of a schedule is not decided exactly: no samples are taken instead. The "
    "message names the expression. `converge --horizon T` still computes the certificate's number.",
    "usage": "The command line was not understood: an option or argument that does not exist, or is missing. "
    "COMMAND --help lists what it takes.",
    "config": "[tool.driftproof] in the nearest pyproject.toml holds a key or a value that is not understood. Nothing "
    "was run, because a misspelt key would silently do nothing. Keys: tier, jobs, executor, select, ignore; "
    "of [tool.driftproof.audit]: targets, rule, arguments, set, expected_failed_checks, fail_on, timeout, dictionary.",
    "not-built": "The command belongs to the design but does not exist yet. Nothing stands in for it.",
    "not-installed": "An optional library is needed and is not there. The base install is small; extras bring the "
    'rest: pip install "driftproof[torch,check]".',
    "cannot-write": "The result could not be written. Files are written under a temporary name and renamed, so an old "
    "file is still whole and no half of a new one is left. Name a file in a folder that exists and can be written.",
}
VERDICTS: Mapping[str, str] = {
    "PASS": "The interval of what was measured lies where the claim puts it and misses the named alternative, so the "
    "claim held and a wrong version would have been told apart. It says nothing beyond what was run.",
    "FAIL": "The interval misses what the claim allows. For sampled evidence this is wrong with at most the level "
    "printed (1e-9 unless it says otherwise), so it is not retried: it is a fault to find. The replay command "
    "repeats it.",
    "INCONCLUSIVE": "The interval meets both the claim and its alternative: the run was too weak to tell. It counts as "
    "neither, and the exit code is 4. The replay command runs it again.",
    "WITNESS": "Of `witness`: a stream of gradients on which the method goes the wrong way for ever, with a proof "
    "object that `driftproof verify` replays. The betas come first, then the problem: it says nothing against a "
    "problem that is fixed before beta2 is chosen.",
    "NONE_FOUND": "Of `witness`: no witness among the streams that were looked at, or none within the budget of steps. "
    "It is no proof that there is none. The exit code is 4.",
    "IMPOSSIBLE": "Of `witness`: no periodic stream can be one, for the reason given; a method may still be misled for "
    "a time, which is told where it is known.",
    "STATISTICAL": "Of `witness --model iid`: the proved interval of the drift holds 0, so that only a simulation says "
    "on which side it is, at the level and seed printed. It is no proof. The exit code is 4.",
}
EXITS: Mapping[str, str] = {
    "exit-0": "All good: what was asked for was done, and every verdict is PASS; of `converge` CONVERGES or "
    "CERTIFIED_UP_TO_T (of `schedule` FLOOR too), of `witness` WITNESS or IMPOSSIBLE.",
    "exit-1": "Something is refuted or failed, or a mutant survived its oracle; in an audit, a finding of severity "
    "error (--fail-on), or a check that was expected to fail and passed.",
    "exit-2": "Wrong usage or input, or a refusal of `scale`, `converge` or `schedule` (its JSON is still on standard "
    "output).",
    "exit-3": "An internal error, or a check that raised: a fault of driftproof. DRIFTPROOF_DEBUG=1 shows the "
    "traceback.",
    "exit-4": "Inconclusive: nothing failed, but something could not be decided. In an audit: the rule is unknown, or "
    "a check was not decided in time. Of `converge`, `schedule` and `witness`: NOT_COVERED, NONE_FOUND, STATISTICAL.",
    "exit-5": "Nothing was selected, so nothing was shown.",
    "exit-130": "Interrupted. What had finished was printed.",
}
THEOREMS: Mapping[str, str] = {
    "reduced": "Status of a theorem: its certificate replays, and proves it from premises that are cited from the "
    "literature. They stand in the statement; `driftproof prove --axioms` lists them.",
    "placeholder": "Status of a theorem: its script finds no proof, or the kernel rejects what it finds.",
}
LEVELS = "Levels of evidence, strongest first: T0, T1, T2, T3. No measurement becomes a theorem."


def explain(code: str) -> str:
    """The page of a code. raises: UnknownName with the nearest one."""
    pages = {**_fixed_pages(), **explain_converge.pages(), **explain_schedule.PAGES, **_check_pages(), **_audit_pages()}
    found = {name.lower(): name for name in pages}.get(code.lower())
    if found is None:
        raise UnknownName(
            f"There is no code '{code}'.",
            "Ids of checks are codes too, and names of checks of an audit.",
            nearest(code, pages),
        )
    return "\n".join(block(found, pages[found]))


def _fixed_pages() -> dict[str, str]:
    levels = {level: f"{meaning[0].upper()}{meaning[1:]}. {LEVELS}" for level, meaning in EVIDENCE.items()}
    statuses = {word: f"Status of a claim: {meaning}." for word, meaning in STATUSES.items()}
    statuses["open"] = "Status of a claim: nothing shows it yet."
    return {**ERRORS, **VERDICTS, **levels, **statuses, **THEOREMS, **EXITS}


def _check_pages() -> dict[str, str]:
    from .discover import checks

    return {
        name: f"{check.claim} Evidence {check.evidence}, tier {check.tier}. Run it: driftproof check {name}"
        for name, check in checks().items()
    }


def _audit_pages() -> dict[str, str]:
    """By code, and by the name of the check."""
    from driftproof.checks.audit.codes import all_checks, pages

    found = pages()
    return {**found, **{check: found[code] for check, code in all_checks().items()}}
