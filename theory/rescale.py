"""Concrete hyperparameters for a batch kappa times as large: what `scale` computes, exactly.

The exponents come from `scaling.scaling_rule`. A scaled value that leaves its domain is refused, never clipped;
alternatives that stay inside are computed beside it, each with what it approximates.
source: Malladi et al. 2022, the square-root scaling rule; Goyal et al. 2017, the linear one (both derived here).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import sympy
from sympy import Expr, Integer, Rational

from .errors import OutOfDomain
from .increments import eventually
from .quantities import in_float64, number, short
from .rule import UpdateRule
from .symbols import g, new, symbol, t, theta

if TYPE_CHECKING:
    from .scaling import ScalingRule

eta = symbol("eta")
LARGEST_EXACT_POWER = 64
"""beta^kappa is written out as a fraction up to this kappa, and left as a power beyond."""


@dataclass(frozen=True)
class Count:
    """A whole number of steps near an exact one. leftover: exact - chosen, in steps of the new run, at most 1/2."""

    exact: Rational
    chosen: int

    @property
    def leftover(self) -> Rational:
        return self.exact - self.chosen


@dataclass(frozen=True)
class Setting:
    """One way to go on at the new batch size: every hyperparameter, and what becomes of the stored state."""

    label: str
    hyperparameters: Mapping[str, Expr]
    state_transform: Mapping[str, Expr]
    note: str

    def as_json(self) -> dict[str, Any]:
        return {
            "label": self.label,
            "hyperparameters": {name: in_float64(name, e) for name, e in self.hyperparameters.items()},
            "exact": {name: str(e) for name, e in self.hyperparameters.items()},
            "state_transform": {name: str(e) for name, e in self.state_transform.items()},
            "note": self.note,
        }


@dataclass(frozen=True)
class Rescaled:
    """values: the old ones.   walls: for each averaging hyperparameter the kappa that the rule must stay below.

    setting: by the rule, None where that is refused.   What was not given is None.
    """

    rule: str
    kappa: Rational
    values: Mapping[str, Rational]
    exponents: Mapping[str, Rational]
    walls: Mapping[str, Expr]
    setting: Setting | None
    refusal: OutOfDomain | None
    reason: str
    alternatives: tuple[Setting, ...]
    batch_size: int | None = None
    steps: Count | None = None
    warmup: Count | None = None
    schedule: Expr | None = None

    @property
    def valid(self) -> bool:
        return self.setting is not None

    def as_json(self) -> dict[str, Any]:
        """Plain data; numbers as doubles, and exactly under `exact`."""
        refused = Setting("rule", {}, {}, "")
        return {
            "rule": self.rule,
            "kappa": str(self.kappa),
            "valid": self.valid,
            "reason": self.reason,
            **(self.setting or refused).as_json(),
            "batch_size": self.batch_size,
            **_count_json("steps", self.steps),
            **_count_json("warmup", self.warmup),
            "schedule": None if self.schedule is None else str(self.schedule),
            "exponents": {name: str(e) for name, e in self.exponents.items()},
            "walls": {name: str(e) for name, e in self.walls.items()},
            "alternatives": [item.as_json() for item in self.alternatives],
        }


def _count_json(name: str, count: Count | None) -> dict[str, Any]:
    return {name: count and count.chosen, f"{name}_leftover": count and str(count.leftover)}


@dataclass(frozen=True)
class Filter:
    """A state that averages an input odd in the gradient: new(s) = beta s + rest.

    power: of 1 - beta in its gain, rest/(1 - beta): 0 for an average, -1 for a sum (heavy ball).
    """

    state: str
    beta: str
    power: Rational

    @property
    def note(self) -> str:
        if self.power == 0:
            return f"{self.state} is an average (gain 1), so eta is the effective step size"
        return (
            f"{self.state} is a sum (gain (1 - {self.beta})^{self.power}): the effective step is eta/(1 - {self.beta})"
        )


@dataclass(frozen=True)
class Rescaling:
    """The scaling of one rule by one kappa. values: exact, for every hyperparameter of the rule."""

    rule: UpdateRule
    scaling: ScalingRule
    kappa: Rational
    values: Mapping[str, Rational]

    @cached_property
    def time_factor(self) -> Expr:
        """How many steps of the old run one step of the new run stands for."""
        return _power(self.kappa, -self.scaling.exponents["steps"])

    def by_rule(self) -> Setting:
        """raises: OutOfDomain at the wall kappa (1 - beta) >= 1, and where a value fits no domain or no float64."""
        self._require_below_wall()
        note = "; ".join(item.note for item in self.filters if item.power) or "every constant of the SDE is kept"
        return self._setting("rule", self.scaling.exponents, self.scaling.state_exponents, note)

    def alternatives(self) -> Iterator[Setting]:
        """Those that stay in the domain, with what they approximate."""
        if self.kappa == 1:
            return
        for make in (self._by_powers, *(lambda item=item: self._with_fixed(item) for item in self.filters)):
            try:
                yield make()
            except OutOfDomain:
                continue

    @cached_property
    def walls(self) -> dict[str, Expr]:
        """For each averaging hyperparameter the kappa at which the new beta reaches 0."""
        powers = {k.removeprefix("1-"): e for k, e in self.scaling.exponents.items() if k.startswith("1-")}
        return {name: (1 / (1 - self.values[name])) ** (1 / e) for name, e in powers.items() if e > 0}

    def _require_below_wall(self) -> None:
        if self.kappa == 1:
            return
        for name, wall in sorted(self.walls.items(), key=lambda item: float(item[1])):
            if self.kappa >= wall:
                below = f"kappa = {short(self.kappa)} is not below {short(wall)}"
                raise OutOfDomain(
                    f"{self.rule.label}: {name} = {short(self.values[name])} cannot be scaled by kappa: {below}.",
                    f"The rule sets 1 - {name} to {short(self._scaled(f'1-{name}'))}; it must stay below 1, "
                    "and nothing is clipped.",
                    f"Take kappa < {short(wall)}, a {name} nearer to 1, or one of the alternatives.",
                )

    def _scaled(self, key: str) -> Expr:
        name = key.removeprefix("1-")
        value = 1 - self.values[name] if key != name else self.values[name]
        return value * _power(self.kappa, self.scaling.exponents[key])

    def _setting(
        self,
        label: str,
        exponents: Mapping[str, Rational],
        state_exponents: Mapping[str, Rational],
        note: str,
        instead: Mapping[str, Expr] | None = None,
    ) -> Setting:
        found: dict[str, Expr] = {}
        for item in self.rule.hyperparameters:
            value = self.values[item.name]
            if item.name in exponents:
                value = value * _power(self.kappa, exponents[item.name])
            elif f"1-{item.name}" in exponents:
                value = 1 - (1 - value) * _power(self.kappa, exponents[f"1-{item.name}"])
            found[item.name] = (instead or {}).get(item.name, value)
            item.domain.check(f"the new {item.name}", in_float64(f"the new {item.name}", found[item.name]))
        states = {name: symbol(name) * _power(self.kappa, e) for name, e in state_exponents.items()}
        if self._counts_time:
            states["t"] = t / self.time_factor
        return Setting(label, found, states, note)

    @cached_property
    def _counts_time(self) -> bool:
        """Whether the step number matters beyond the first step: bias corrections, schedules inside the rule."""
        return any(eventually(e, self.rule.label).has(t) for e in self.rule.step_map.values())

    def _by_powers(self) -> Setting:
        """beta^(kappa^e): 1 - beta^k = k (1 - beta) + O((1 - beta)^2), per step of length O(1 - beta)."""
        exponents = self.scaling.exponents
        averaging = [k.removeprefix("1-") for k in exponents if k.startswith("1-")]
        if not averaging:
            raise OutOfDomain(f"{self.rule.label} averages nothing.")
        powers = {name: _decay(self.values[name], _power(self.kappa, exponents[f"1-{name}"])) for name in averaging}
        note = "agrees with the rule up to O(h), the order of its claim, as h -> 0"
        if any(self.kappa >= self.walls.get(name, sympy.oo) for name in averaging):
            note += "; here kappa (1 - beta) >= 1, so that this error is not small"
        return self._setting("beta^kappa", exponents, self.scaling.state_exponents, note, powers)

    def _with_fixed(self, item: Filter) -> Setting:
        """One average keeps its memory in steps; then eta times its gain is what must scale."""
        moved = self.scaling.exponents[f"1-{item.beta}"] * item.power
        exponents = {k: e for k, e in self.scaling.exponents.items() if k != f"1-{item.beta}"}
        if moved:
            exponents["eta"] += moved
        states = dict(self.scaling.state_exponents)
        states[item.state] = states.get(item.state, Integer(0)) - moved
        kind = "RMSprop" if len(self._averaging) > 1 else "plain SGD"
        note = (
            f"as h -> 0 the run goes to another SDE, that of {self.rule.name} with {item.state} slaved to its input "
            f"(as {kind} has it); the difference from the rule is not O(h)"
        )
        return self._setting(f"{item.beta} fixed", exponents, states, note)

    @cached_property
    def filters(self) -> tuple[Filter, ...]:
        """The states that average the gradient itself, each with its own decay: momentum, first moments."""
        candidates = (self._filter(s.name, k.removeprefix("1-")) for s in self.rule.state for k in self._averaging)
        return tuple(item for item in candidates if item is not None)

    @property
    def _averaging(self) -> list[str]:
        return [key for key in self.scaling.exponents if key.startswith("1-")]

    def _filter(self, state: str, beta: str) -> Filter | None:
        """The filter that this decay makes of this state, or None where it is something else."""
        old, decay, small = symbol(state), symbol(beta), symbol("small")
        update = eventually(self.rule.step_map[new(old)], self.rule.label)
        rest = sympy.expand(update - decay * old)
        others = [e for s, e in self.rule.step_map.items() if s not in (new(old), new(theta))]
        at_zero = rest.subs(theta, 0)
        is_odd = rest.has(g) and sympy.expand(at_zero + at_zero.subs(g, -g)) == 0
        if rest.has(old) or not is_odd or any(e.has(decay) for e in others):
            return None
        of_small = rest.subs(decay, 1 - small)
        power = sympy.simplify(small * sympy.diff(of_small, small) / of_small) - 1
        moves_eta = power != 0 and "eta" not in self.scaling.exponents
        return None if moves_eta or not power.is_Rational else Filter(state, beta, power)


def rescale(
    rule: UpdateRule,
    scaling: ScalingRule,
    kappa: Any,
    values: Mapping[str, Any] | None = None,
    *,
    batch_size: Any = None,
    steps: Any = None,
    warmup: Any = None,
    schedule: Expr | None = None,
) -> Rescaled:
    """New hyperparameters for batch size kappa B, or a refusal that says why (`valid` is False).

    values: by name, exact; those left out have the rule's defaults.   schedule: s(t), factor of the step size.
    raises: OutOfDomain for kappa <= 0, values outside their domain, a batch size that is not whole;
    UnknownName for a hyperparameter that the rule does not have.
    """
    factor = _positive("kappa", kappa)
    given = {name: number(value, name) for name, value in (values or {}).items()}
    for name, value in given.items():
        rule.hyperparameter(name).domain.check(name, value)
    full = {h.name: given.get(h.name, h.default) for h in rule.hyperparameters}
    work = Rescaling(rule, scaling, factor, full)
    setting, refusal = _by_rule(work)
    return Rescaled(
        rule=rule.label,
        kappa=factor,
        values=full,
        exponents=dict(scaling.exponents),
        walls=work.walls,
        setting=setting,
        refusal=refusal,
        reason=_reason(scaling) if refusal is None else f"{refusal.what} {refusal.why} {refusal.fix}",
        alternatives=tuple(work.alternatives()),
        batch_size=None if batch_size is None else _batch(batch_size, factor),
        steps=None if steps is None else _count("steps", steps, work.time_factor),
        warmup=None if warmup is None else _count("warmup", warmup, work.time_factor),
        schedule=None if schedule is None else in_new_time(schedule, work.time_factor),
    )


def _by_rule(work: Rescaling) -> tuple[Setting | None, OutOfDomain | None]:
    try:
        return work.by_rule(), None
    except OutOfDomain as refusal:
        return None, refusal


def in_new_time(schedule: Expr, factor: Expr) -> Expr:
    """s(t) at the same SDE time: s(factor t), and the horizon T, counted in steps, shrinks alike."""
    return schedule.subs({t: factor * t, symbol("T"): factor * symbol("T")}, simultaneous=True)


def _reason(scaling: ScalingRule) -> str:
    return (
        "the only power rule that keeps every coefficient of the SDE and its time horizon "
        f"(rank {scaling.rank} of {len(scaling.unknowns)})"
    )


def _power(kappa: Rational, exponent: Any) -> Expr:
    return sympy.Pow(kappa, sympy.Rational(exponent))


def _decay(beta: Rational, power: Expr) -> Expr:
    """beta^power, written out only where that is short."""
    exact = power.is_Integer and power <= LARGEST_EXACT_POWER
    return sympy.Pow(beta, power, evaluate=bool(exact or beta == 0))


def _positive(name: str, value: Any) -> Rational:
    exact = number(value, name)
    if exact <= 0:
        raise OutOfDomain(
            f"{name} = {short(exact)} is not positive.", "It is the factor of the batch size.", "Give 4, 1/2 or 1.5."
        )
    return exact


def _whole(name: str, value: Any, least: int) -> int:
    exact = number(value, name)
    if not exact.is_Integer or exact < least:
        raise OutOfDomain(
            f"{name} = {short(exact)} is not a whole number from {least} on.",
            "It is counted.",
            f"Give {name} as {max(least, 1)}, 64 or 1000.",
        )
    return int(exact)


def _batch(value: Any, kappa: Rational) -> int:
    old = _whole("batch size", value, 1)
    exact = kappa * old
    if not exact.is_Integer:
        near = sorted({max(int(sympy.floor(exact)), 1), int(sympy.ceiling(exact))})
        options = " or ".join(f"kappa = {Rational(b, old)} (batch size {b})" for b in near)
        raise OutOfDomain(
            f"The new batch size {short(kappa)} * {old} = {exact} is not a positive whole number.",
            "A batch holds whole samples, and the rule holds for the kappa that is really used.",
            f"Take {options}.",
        )
    return int(exact)


def _count(name: str, value: Any, factor: Expr) -> Count:
    """The whole number of new steps nearest to the same SDE time; at least one step if there was one."""
    old = _whole(name, value, 0)
    exact = old / factor
    nearest = int(sympy.floor(exact + Rational(1, 2)))
    return Count(exact, max(nearest, 1) if old else 0)
