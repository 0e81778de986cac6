"""The deep part of an audit: drawn hyperparameters, and drawn sequences of actions, made small by Hypothesis."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from .finding import Counterexample, Finding
from .probe import Audited, Skipped
from .session import Apart, Case
from .story import story_script

if TYPE_CHECKING:
    from .draws import Failures

EXAMPLES = {"drawn": 100, "actions": 60, "all": 40}
"""Of each kind; 200 together."""


def deep_findings(audited: Audited) -> Iterator[Finding]:
    """DP910: hyperparameters at which target and rule part. DP911: actions after which they do.

    raises: Skipped where the rule is not known, runs in lower precision, or acts on several tensors at once.
    """
    yield from drawn_findings(audited)
    yield from stateful_findings(audited)


def check_deep(audited: Audited) -> None:
    """raises: Skipped, as deep_findings says."""
    if audited.identified is not None and not audited.identified.precise:
        raise Skipped("the target computes in lower precision than its parameters")
    if audited.joint:
        raise Skipped("the rule acts on several tensors at once")


def drawn_findings(audited: Audited) -> Iterator[Finding]:
    """Drawn hyperparameters, start and gradients. raises: Skipped."""
    check_deep(audited)
    found = smallest_failure(audited, _drawn_test, EXAMPLES["drawn"])
    if found is not None:
        case, said = found
        shown = ", ".join(f"{word}={case.letters[k]:g}" for k, word in audited.words.items())
        yield _finding("DP910", "drawn-hyperparameters", "error", f"with {shown}: {said}", audited, case)


def stateful_findings(audited: Audited) -> Iterator[Finding]:
    """Drawn actions: at first such that every optimizer has to take, then missing gradients and copies too.

    raises: Skipped.
    """
    check_deep(audited)
    found = smallest_failure(audited, _machine_test(False), EXAMPLES["actions"])
    if found is not None:
        yield _finding("DP911", "drawn-actions", "error", found[1], audited, found[0])
    elif audited.subject.kind == "torch":
        found = smallest_failure(audited, _machine_test(True), EXAMPLES["all"])
        if found is not None:
            yield _finding("DP911", "drawn-actions", "warning", found[1], audited, found[0])


def _finding(code: str, check: str, severity: str, said: str, audited: Audited, case: Case) -> Finding:
    return Finding(code, check, severity, said, _counterexample(audited, case), where=audited.subject.where)


def _counterexample(audited: Audited, case: Case) -> Counterexample:
    tensors = [*case.start, *(a[1] for a in case.actions if a[0] == "group")]
    steps = sum(a[0] == "step" for a in case.actions)
    return Counterexample(len(tensors), sum(a.size for a in tensors), steps, story_script(audited, case))


# Hypothesis


def smallest_failure(
    audited: Audited, made: Callable[[Audited, Failures], Callable[[Any], None]], examples: int
) -> tuple[Case, str] | None:
    """The smallest failing case and what was said of it, None if there is none. The draws depend on the seed alone."""
    import hypothesis
    from hypothesis.errors import Flaky

    failures: Failures = []
    settings = hypothesis.settings(
        max_examples=examples,
        stateful_step_count=8,
        database=None,
        deadline=None,
        derandomize=False,
        print_blob=False,
        report_multiple_bugs=False,
        verbosity=hypothesis.Verbosity.quiet,
        suppress_health_check=list(hypothesis.HealthCheck),
        phases=(hypothesis.Phase.generate, hypothesis.Phase.shrink),
    )
    try:
        made(audited, failures)(settings)
    except (Apart, Flaky):
        if not failures:
            raise
        return failures[-1]  # the smallest one is run once more, last of all
    return None


def _drawn_test(audited: Audited, failures: Failures) -> Callable[[Any], None]:
    import hypothesis
    from hypothesis import strategies as st

    from .draws import DRAWN, ENTRIES, GRADIENTS, arrays, letters, started, watched

    shape = audited.shapes[0] if len(audited.shapes[0]) > 1 else (2,)
    series = st.lists(arrays(shape, GRADIENTS), min_size=1, max_size=6)

    def test(start: Any, values: Mapping[str, float], gradients: list[Any]) -> None:
        session = started(audited, [start], values)
        for gradient in gradients:
            watched(session, ("step", [gradient]), failures)

    def run(settings: Any) -> None:
        drawn = hypothesis.given(arrays(shape, ENTRIES), letters(audited, DRAWN), series)(test)
        hypothesis.seed(audited.seed)(settings(drawn))()

    return run


def _machine_test(everything: bool) -> Callable[[Audited, Failures], Callable[[Any], None]]:
    def made(audited: Audited, failures: Failures) -> Callable[[Any], None]:
        import hypothesis
        from hypothesis.stateful import run_state_machine_as_test

        from .machine import machine

        def run(settings: Any) -> None:
            seeded = hypothesis.seed(audited.seed)(machine(audited, failures, everything))
            run_state_machine_as_test(seeded, settings=settings)

        return run

    return made
