"""The pytest plugin: one test for every (target, check), without a test file, or in one of yours.

    pytest --driftproof mylib.optim:MyAdam

runs the audit of MyAdam as tests (and nothing else, unless test files are named too). In a test file:

    import driftproof

    @driftproof.parametrize_with_checks(
        ["mylib.optim:MyAdam"], expected_failed_checks={"late-gradients": "group-level step by design"}
    )
    def test_optimizer(check):
        check()

A check that is expected to fail must fail: when it passes, the run fails, so that no expectation outlives its reason.
[tool.driftproof.audit] holds for both. In continuous integration, three lines:

    - run: pip install torch --index-url https://download.pytorch.org/whl/cpu
    - run: pip install "driftproof[check]" .
    - run: driftproof audit mylib.optim:MyAdam --format junit --output audit.xml

pytest loads this module in every run where driftproof is installed; so it imports pytest and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .checked import Check

OPTION = "--driftproof"


def pytest_addoption(parser: pytest.Parser) -> None:
    """--driftproof TARGET, and what belongs to it."""
    group = parser.getgroup("driftproof", "audits of optimizers")
    group.addoption(
        OPTION,
        action="append",
        default=[],
        dest="driftproof_targets",
        metavar="TARGET",
        help="audit module:Class or path.py:Class, one test for each check; repeatable",
    )
    group.addoption(
        "--driftproof-deep", action="store_true", dest="driftproof_deep", help="with the probes that take longer"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Where targets are named and no files, the audit is all that runs."""
    if config.getoption("driftproof_targets") and config.args_source is not pytest.Config.ArgsSource.ARGS:
        config.args = []


def pytest_unconfigure() -> None:
    """A session audits each target once; the next session audits anew."""
    import sys

    checked = sys.modules.get(f"{__package__}.checked")
    if checked is not None:
        checked.audit_once.cache_clear()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    """Adds the tests of the targets on the command line, first, so that -k and -m choose among them too."""
    targets = config.getoption("driftproof_targets")
    if targets:
        from .checked import items_of

        items.extend(items_of(session, targets, config.getoption("driftproof_deep")))


def parametrize_with_checks(
    targets: Iterable[str | type],
    *,
    expected_failed_checks: Mapping[str, Any] | None = None,
    rule: str | Mapping[str, str] = "",
    arguments: Mapping[str, str] | None = None,
    fixed: Mapping[str, Any] | None = None,
    deep: bool = False,
    fail_on: str = "",
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorates a test that takes `check` and calls it: it runs once for every target and check.

    targets: "module:Class", "path.py:Class", or classes that can be imported.
    expected_failed_checks: check -> why it is meant to fail, or target -> such a mapping.
    rule: what they should be, or target -> that.
    arguments, fixed: see dp.audit.   fail_on: the least severity that fails, "error" unless configured.
    What is not given comes from [tool.driftproof.audit].
    raises: DriftproofError for a check that does not exist, or a class that cannot be imported by its name.
    """
    from .checked import checks_of, named_target

    parameters = []
    for target in map(named_target, targets):
        said = rule if isinstance(rule, str) else rule.get(target, "")
        for check in checks_of(
            target, _of(expected_failed_checks or {}, target), said, arguments, fixed, deep, fail_on
        ):
            parameters.append(_parameter(check))
    return pytest.mark.parametrize("check", parameters)


def _of(expected: Mapping[str, Any], target: str) -> dict[str, str]:
    """What is expected of every target, and of this one."""
    return {**{k: v for k, v in expected.items() if isinstance(v, str)}, **expected.get(target, {})}


def _parameter(check: Check) -> Any:
    marks = [pytest.mark.xfail(reason=check.reason, strict=True, raises=AssertionError)] if check.reason else []
    return pytest.param(check, id=f"{check.target}-{check.name}", marks=marks)
