"""Every code and check of an audit, with its page: of the identification, of the probes, of the process."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from driftproof.theory.errors import UnknownName, nearest

from .discover import probes
from .probe import Probe
from .progress import PAGES
from .rule_codes import CODES
from .rule_codes import DICTIONARY as VERSION

TARGETS = (
    "What can be audited: module:Class or path/to/file.py:Class. A class with `step` that is made from parameters, as "
    "those of torch.optim are; a function that returns an optax gradient transformation, or such a transformation; an "
    "object with init(params) and step(params, grads, state). Arguments are read by their names: where one is called "
    "otherwise, say --argument LETTER=NAME (--argument beta1=rho), and --set NAME=VALUE for one that stands for no "
    "letter. The target's code runs, in a process of its own with a time limit (--timeout): containment, not a sandbox."
)
DICTIONARY = (
    "The conventions on which published implementations of one rule differ (where eps stands, which bias corrections, "
    "how weight decay enters) are options of its declaration: `driftproof show NAME` lists them. All of them together "
    "are the dictionary that a target is compared with. Its version is in every report and baseline; it grows when "
    "a verdict may change. [tool.driftproof.audit] dictionary = N pins it: another version is then an error."
)


def identification_checks() -> dict[str, str]:
    """check -> code, of what is judged without a probe."""
    return {code.check: name for name, code in CODES.items()}


def all_checks(deep: bool = True) -> dict[str, str]:
    """check -> code, in the order of codes. deep: with those that run with --deep only."""
    found = {p.check: p.code for p in probes() if deep or not p.deep}
    return dict(sorted({**identification_checks(), **found}.items(), key=lambda pair: pair[1]))


def applicable(kind: str, deep: bool, select: Iterable[str], ignore: Iterable[str]) -> Iterator[Probe]:
    """The probes that an audit of a target of that kind runs."""
    selected, ignored = set(select), set(ignore)
    for probe in probes():
        names = {probe.code, probe.check}
        wanted = (not selected or names & selected) and not names & ignored
        if wanted and kind in probe.kinds and (deep or not probe.deep):
            yield probe


def named(names: Iterable[str]) -> tuple[str, ...]:
    """Codes and names of checks, all of which exist. raises: UnknownName, with the nearest one."""
    known = {**{code: code for code in (*all_checks().values(), *PAGES)}, **{check: check for check in all_checks()}}
    lower = {name.lower(): name for name in known}
    for name in names:
        if name.lower() not in lower:
            raise UnknownName(f"There is no check '{name}' in an audit.", "", nearest(name, known))
    return tuple(lower[name.lower()] for name in names)


def pages() -> Mapping[str, str]:
    """code -> what --explain prints."""
    from .kernel import CHECKS
    from .kernel import PAGES as KERNEL

    kernels = {code: f"{CHECKS[code][1]}, check {CHECKS[code][0]} of --kernel. {page}" for code, page in KERNEL.items()}
    ours = {name: f"{code.severity}, check {code.check}. {code.page}" for name, code in CODES.items()}
    theirs = {p.code: f"{p.severity}, check {p.check}. {p.claim} {p.page}" for p in probes()}
    return {**ours, **theirs, **PAGES, **kernels, "targets": TARGETS, "dictionary": DICTIONARY}


def expected(checks: Mapping[str, str]) -> dict[str, str]:
    """check -> reason, of checks that are meant to fail; codes are turned into names.

    raises: UnknownName for a check that does not exist.
    """
    by_code = {code: check for check, code in all_checks().items()}
    found = {}
    for name, reason in checks.items():
        (known,) = named([name])
        found[by_code.get(known, known)] = reason
    return found


def dictionary_version() -> int:
    """The version of the conventions that targets are compared with."""
    return VERSION
