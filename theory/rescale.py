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
from sympy import Expr, Rational

from .counts import horizon, new_batch, warm_up
from .errors import OutOfDomain
from .filters import Filter, filters
from .quantities import in_float64, number, short
from .rescaled import Rescaled, Setting
from .rule import UpdateRule
from .schedules import require_usable
from .settled import eventually
from .symbols import symbol, t

if TYPE_CHECKING:
    from .scaling import ScalingRule

NOT_SMALL = 0.1
"""Above it h, or 1 - beta = c h, is pointed out: the error of the SDE is O(h)."""
LARGEST_EXACT_POWER = 64
DIGITS = 30
"""beta^kappa is exact for whole kappa up to the one, and rounded to so many digits otherwise: its fraction would
have millions of digits."""


@dataclass(frozen=True)
class Rescaling:
    """The scaling of one rule by one kappa. values: exact, for every hyperparameter of the rule."""

    rule: UpdateRule
    scaling: ScalingRule
    kappa: Rational
    values: Mapping[str, Rational]

    @cached_property
    def factors(self) -> dict[str, Expr]:
        """What each hyperparameter, or its 1 - beta, is multiplied with by the rule."""
        return {name: _power(self.kappa, e) for name, e in self.scaling.exponents.items()}

    @cached_property
    def states(self) -> dict[str, Expr]:
        """What each stored state is multiplied with by the rule."""
        return {name: _power(self.kappa, e) for name, e in self.scaling.state_exponents.items()}

    @cached_property
    def decays(self) -> tuple[str, ...]:
        return tuple(key.removeprefix("1-") for key in self.factors if key.startswith("1-"))

    @cached_property
    def filters(self) -> tuple[Filter, ...]:
        """Those whose gain moves with beta need an eta that can make up for it."""
        found = filters(self.rule, self.decays)
        return tuple(item for item in found if item.state in self.states and (item.power == 0 or "eta" in self.factors))

    @cached_property
    def time_factor(self) -> Expr:
        """How many steps of the old run one step of the new run stands for."""
        return 1 / self.factors["steps"]

    @cached_property
    def walls(self) -> dict[str, Expr]:
        """For each averaging hyperparameter the kappa at which the new beta reaches 0."""
        powers = {name: Rational(self.scaling.exponents[f"1-{name}"]) for name in self.decays}
        return {name: (1 / (1 - self.values[name])) ** (1 / e) for name, e in powers.items() if e > 0}

    def by_rule(self) -> Setting:
        """raises: OutOfDomain at the wall kappa (1 - beta) >= 1, and where a value fits no domain or no float64."""
        self._require_below_walls()
        note = "; ".join(item.note for item in self.filters) or "eta is the effective step size"
        return self._setting(
            "rule", self.factors, self.states, {name: self._by_rule(name) for name in self.decays}, note
        )

    def require_time(self) -> None:
        """raises: OutOfDomain where the step size defines h and is 0."""
        for name in self._clocks:
            if self.values[name] == 0:
                raise OutOfDomain(
                    f"{self.rule.label}: {name} = 0 cannot be scaled.",
                    f"{name} defines the time h of a step; at h = 0 c = (1 - beta)/h has no value.",
                    f"Give {name} as a positive number.",
                )

    def remarks(self) -> tuple[str, ...]:
        """Where h, or 1 - beta = c h, is not small at the new values, and by how much."""
        found = {f"1 - {name} = c h": 1 - self._by_rule(name) for name in self.decays}
        for name, exponent in self._clocks.items():
            power = Rational(-self.scaling.exponents["steps"] / exponent)
            words = "h" if power == 1 else f"h = {name}^{power}" if power.is_Integer else f"h = {name}^({power})"
            found[words] = (self.values[name] * self.factors[name]) ** power
        return tuple(
            f"{what} is {short(value)}, which is not small, and the error of the SDE is O(h)"
            for what, value in found.items()
            if float(sympy.N(value, DIGITS)) > NOT_SMALL
        )

    @cached_property
    def _clocks(self) -> dict[str, Any]:
        """The step sizes that define h, with their powers of kappa."""
        sizes = (h.name for h in self.rule.hyperparameters if h.role == "step_size")
        return {name: self.scaling.exponents[name] for name in sizes if self.scaling.exponents.get(name)}

    def alternatives(self) -> Iterator[Setting]:
        """Those that stay in the domain, with what they approximate."""
        if self.kappa == 1 or not self.decays:
            return
        for make in (self._by_powers, *(lambda item=item: self._with_fixed(item) for item in self.filters)):
            try:
                yield make()
            except OutOfDomain:
                continue

    def _by_rule(self, name: str) -> Expr:
        return 1 - (1 - self.values[name]) * self.factors[f"1-{name}"]

    def _require_below_walls(self) -> None:
        """kappa = 1 changes nothing, so nothing can be wrong with it."""
        for name, wall in sorted(self.walls.items(), key=lambda item: float(item[1])):
            if self.kappa >= wall and self.kappa != 1:
                raise OutOfDomain(
                    f"{self.rule.label}: {name} = {short(self.values[name])} cannot be scaled by kappa: "
                    f"kappa = {short(self.kappa)} is not below {short(wall)}.",
                    f"The rule sets 1 - {name} to {short(1 - self._by_rule(name))}; it must stay below 1, "
                    "and nothing is clipped.",
                    f"Take kappa < {short(wall)}, a {name} nearer to 1, or one of the alternatives.",
                )

    def _by_powers(self) -> Setting:
        """beta^(kappa^e): 1 - beta^k = k (1 - beta) + O((1 - beta)^2), per step of length O(1 - beta)."""
        powers = {name: _decay(self.values[name], self.factors[f"1-{name}"]) for name in self.decays}
        note = "agrees with the rule up to O(h), the order of its claim, as h -> 0"
        if any(not _is_short(self.factors[f"1-{name}"]) for name in self.decays):
            note += f"; beta^kappa is rounded to {DIGITS} digits"
        if any(self.kappa >= wall for wall in self.walls.values()):
            note += "; here kappa (1 - beta) >= 1, so that this error is not small"
        return self._setting("beta^kappa", *self._same_effective_step(powers), powers, note)

    def _with_fixed(self, item: Filter) -> Setting:
        """One average keeps its memory in steps, the others go by the rule."""
        decays = {name: self._by_rule(name) for name in self.decays} | {item.beta: self.values[item.beta]}
        note = (
            f"in SDE time {item.state} then remembers kappa times as long: another SDE, with (1 - {item.beta})/h "
            f"divided by kappa, and the difference is not O(h). If {item.beta} is held fixed while h -> 0, "
            f"{item.state} is slaved to its input and the limit is the SDE without that average "
            "(RMSprop's for Adam, plain SGD's for momentum)"
        )
        if item.power:
            note += f"; eta is such that eta (1 - {item.beta})^{item.power} scales as by the rule"
        return self._setting(f"{item.beta} fixed", *self._same_effective_step(decays), decays, note)

    def _same_effective_step(self, decays: Mapping[str, Expr]) -> tuple[dict[str, Expr], dict[str, Expr]]:
        """Factors and states of the rule, with eta and the sums corrected for a gain that another beta gives."""
        factors, states = dict(self.factors), dict(self.states)
        for item in self.filters:
            gain = ((1 - decays[item.beta]) / (1 - self._by_rule(item.beta))) ** item.power
            factors["eta"] = factors["eta"] / gain if item.power else factors["eta"]
            states[item.state] *= 1 if item.holds_eta else gain
        return factors, states

    def _setting(
        self,
        label: str,
        factors: Mapping[str, Expr],
        states: Mapping[str, Expr],
        decays: Mapping[str, Expr],
        note: str,
    ) -> Setting:
        found: dict[str, Expr] = {}
        for item in self.rule.hyperparameters:
            value = decays.get(item.name, self.values[item.name] * factors.get(item.name, 1))
            item.domain.check(f"the new {item.name}", in_float64(f"the new {item.name}", value))
            found[item.name] = value
        moved = {name: symbol(name) * factor for name, factor in states.items()}
        if self._counts_time:
            moved["t"] = t / self.time_factor
        return Setting(label, found, moved, note)

    @cached_property
    def _counts_time(self) -> bool:
        """Whether the step number matters beyond the first step: bias corrections, schedules inside the rule."""
        return any(eventually(e, self.rule).has(t) for e in self.rule.step_map.values())


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
    factor = _positive_kappa(kappa)
    given = {name: number(value, name) for name, value in (values or {}).items()}
    for name, value in given.items():
        rule.hyperparameter(name).domain.check(name, value)
    full = {h.name: given.get(h.name, h.default) for h in rule.hyperparameters}
    work = Rescaling(rule, scaling, factor, full)
    work.require_time()
    length = None if steps is None else horizon(steps, work.time_factor)
    if schedule is not None:
        require_usable(schedule, (length.old, length.chosen) if length else None, work.time_factor)
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
        batch_size=None if batch_size is None else new_batch(batch_size, factor),
        steps=length,
        warmup=None if warmup is None else warm_up(warmup, length, work.time_factor),
        schedule=None if schedule is None else in_new_time(schedule, work.time_factor),
        remarks=work.remarks() if refusal is None else (),
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
    return sympy.Pow(kappa, Rational(exponent))


def _decay(beta: Rational, power: Expr) -> Expr:
    """beta^power, exact or rounded to DIGITS digits. raises: OutOfDomain where it underflows."""
    if beta == 0 or _is_short(power):
        return beta**power
    rounded = sympy.N(sympy.Pow(beta, power, evaluate=False), DIGITS)
    if rounded < Rational(1, 10**300):
        raise OutOfDomain(f"beta^{short(power)} does not fit in float64.", "", "Take a kappa nearer to 1.")
    return Rational(str(rounded))


def _is_short(power: Expr) -> bool:
    return bool(power.is_Integer and power <= LARGEST_EXACT_POWER)


def _positive_kappa(value: Any) -> Rational:
    exact = number(value, "kappa")
    if exact <= 0:
        raise OutOfDomain(
            f"kappa = {short(exact)} is not positive.", "It is the factor of the batch size.", "Give 4, 1/2 or 1.5."
        )
    return exact
