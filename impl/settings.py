"""Values of the hyperparameters at a step: defaults, numbers or functions of t, checked against their domains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from driftproof.theory.errors import DriftproofError, OutOfDomain
from driftproof.theory.rule import Hyperparameter, UpdateRule


class Settings:
    """Reads what a user gives to `step`. It remembers the last value that passed, so that a constant costs nothing."""

    def __init__(self, rule: UpdateRule) -> None:
        self.rule = rule
        self._defaults = {h.name: float(Fraction(int(h.default.p), int(h.default.q))) for h in rule.hyperparameters}
        self._passed: dict[str, float] = {}

    def values(self, given: Any, t: int, groups: int) -> dict[str, list[np.float64]]:
        """Per hyperparameter one float64 per group.

        raises: UnknownName; OutOfDomain (NaN and infinities lie in no domain); DriftproofError where the number of
        mappings is not that of the groups, or a global hyperparameter differs between groups.
        """
        mappings = self._mappings(given, groups)
        for mapping in mappings:
            for name in mapping:
                if name not in self._defaults:
                    self.rule.hyperparameter(name)
        columns = {}
        for hyper in self.rule.hyperparameters:
            default = self._defaults[hyper.name]
            columns[hyper.name] = [self._number(hyper, m.get(hyper.name, default), t) for m in mappings]
            if hyper.scope == "global" and len(set(columns[hyper.name])) > 1:
                raise DriftproofError(f"{hyper.name} is one value for all groups, not {columns[hyper.name]}.")
        return columns

    def _mappings(self, given: Any, groups: int) -> Sequence[Mapping[str, Any]]:
        if given is None or isinstance(given, Mapping):
            return [given or {}] * groups
        mappings = list(given) if isinstance(given, Sequence) else []
        if len(mappings) != groups or not all(isinstance(m, Mapping) for m in mappings):
            raise DriftproofError(
                f"hyperparameters = {given!r} for {groups} groups.",
                "",
                "Give one mapping from names to values, or a list of them with one per group.",
            )
        return mappings

    def _number(self, hyper: Hyperparameter, value: Any, t: int) -> np.float64:
        number = value(t) if callable(value) else value
        try:
            if isinstance(number, str | bool):
                raise TypeError
            result = float(number)
        except (TypeError, ValueError, OverflowError) as error:
            raise OutOfDomain(
                f"{hyper.name} = {number!r} is not a real number.", "", f"Give a value in {hyper.domain}."
            ) from error
        if self._passed.get(hyper.name) != result:
            hyper.domain.check(hyper.name, result)
            self._passed[hyper.name] = result
        return np.float64(result)
