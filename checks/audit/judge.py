"""From what a target is to a verdict: conforms, variant, precision, bug or unknown, and the findings that say why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .finding import Counterexample, Finding
from .identified import Identified, Option
from .minimal import edited, smallest, zero_first
from .observe import FAR, Laboratory
from .rule_codes import CODES
from .signature import bare
from .variant import DECAY, Variant
from .words import CLAIMS, axis_of

VERDICTS = ("conforms", "variant", "precision", "bug", "unknown")
CHOSEN = ("momentum", "nesterov", "centered", "amsgrad")
"""Axes that arguments of a constructor choose: an option on them is not a deviation."""
COUPLED = ("adam", "sgd")
DECOUPLED = ("adamw", "sgdw", "lion")
"""Rules whose name says how weight decay enters."""
NEAR_MISS = 1.0
"""Nearer than that, in steps, to a rule that it is not meant to be, a target is a near miss."""


@dataclass(frozen=True)
class Judged:
    verdict: str
    explanation: str
    findings: tuple[Finding, ...]


class Judge:
    """declared: the rule that the target should follow, None if nothing says.   explicit: whether the user said so."""

    def __init__(
        self, laboratory: Laboratory, identified: Identified, declared: Variant | None, explicit: bool
    ) -> None:
        self.laboratory, self.identified, self.declared, self.explicit = laboratory, identified, declared, explicit

    def judged(self) -> Judged:
        verdict, explanation, findings = self._rule()
        found = list(findings)
        if self.identified.distance.exact:
            found += [*self._options(), *self._unread()]
        for flag, value in self.identified.under.items():
            usual = self.laboratory.subject.signature.defaults[flag]
            said = f"{explanation} with {flag}={value}; with {flag}={usual}, as by default, no known convention of it"
            found.append(self.finding("DP113", said, None, "warning"))
            verdict, explanation = "variant", said
        if any(f.severity == "error" for f in found):
            verdict = "bug"
        return Judged(verdict, explanation, tuple(found))

    def finding(self, code: str, message: str, shown: Counterexample | None = None, severity: str = "") -> Finding:
        what = CODES[code]
        return Finding(code, what.check, severity or what.severity, message, shown, where=self.laboratory.subject.where)

    def _rule(self) -> tuple[str, str, list[Finding]]:
        identified, declared = self.identified, self.declared
        if identified.distance is FAR:
            said = f"the target does not run: {identified.error}"
            return "unknown", said, [self.finding("DP105", said, None, "" if self.declared else "warning")]
        if not identified.distance.exact:
            return self._not_exact()
        if (limit := self._limit()) is not None:
            return "bug", f"{identified.variant}, {identified.plan}", [limit]
        if declared is not None and identified.variant.name != declared.name:
            return self._another_rule(declared)
        if (wrong := self._decay()) is not None:
            return ("bug" if wrong.severity == "error" else "variant"), wrong.message, [wrong]
        return self._convention()

    def _convention(self) -> tuple[str, str, list[Finding]]:
        """The rule itself; perhaps in another convention, perhaps in lower precision."""
        identified = self.identified
        other = self._deviations()
        found = []
        if other:
            shown = ", ".join(f"{axis}={option}" for axis, option in other.items())
            meaning = "; ".join(self._meaning(axis, option) for axis, option in other.items())
            said = f"{identified.variant}: the named convention {shown} ({meaning})"
            severity = "warning" if self.declared is not None else "note"
            if self.declared is not None and (claimed := self._claimed(other)):
                said = f"{claimed} is declared, and it is {said}"
                found.append(self.finding("DP101", said, self._shown(self.declared, identified.decay is not None)))
                return "bug", said, found
            found.append(self.finding("DP102", said, self._against_declared(), severity))
        if not identified.precise:
            size = identified.first.in_steps
            said = f"{identified.variant}, computed in lower precision than the parameters: up to {size:.1g} steps off"
            found.append(self.finding("DP103", said))
            return ("variant" if other else "precision"), said, found
        return ("variant" if other else "conforms"), str(identified.variant), found

    def _claimed(self, other: dict[str, str]) -> str:
        """What the user declared on axes that arguments choose, and that the target contradicts."""
        assert self.declared is not None
        return ", ".join(
            f"{axis}={option}" for axis, option in self.declared.options if axis in CHOSEN and axis in other
        )

    def _deviations(self) -> dict[str, str]:
        """Axes on which the target has another option than the declared rule (than the default where none is)."""
        variant = self.identified.variant
        meant = (self.declared or Variant(variant.name)).conventions
        skipped = () if self.explicit and self.declared and self.declared.options else CHOSEN
        own = {c.name for c in Variant(variant.name).rule.conventions}
        return {a: o for a, o in variant.conventions.items() if a in own and meant.get(a) != o and a not in skipped}

    def _meaning(self, axis: str, option: str) -> str:
        return next(c.options[option] for c in self.identified.variant.rule.conventions if c.name == axis)

    def _against_declared(self) -> Counterexample | None:
        if self.declared is None:
            return None
        base = Variant(self.declared.name, self.declared.options, self.identified.variant.around)
        chosen = {a: o for a, o in self.identified.variant.conventions.items() if a in CHOSEN}
        axes = {c.name for c in base.rule.conventions}
        base = base if self.declared.options else base.having(**{a: o for a, o in chosen.items() if a in axes})
        found = smallest(self.laboratory, base, {}, self.identified.decay is not None, f"{base.text} in float64")
        return found[0] if found else None

    def _another_rule(self, declared: Variant) -> tuple[str, str, list[Finding]]:
        identified = self.identified
        said = f"it is {identified.variant}, not {declared}"
        if declared.name in COUPLED and identified.variant.name in DECOUPLED and identified.decay is not None:
            said = (
                f"weight decay is decoupled, as in {identified.variant.text}; {declared.name} adds it to the gradient"
            )
            code = "DP110"
        else:
            code = "DP101"
        return "bug", said, [self.finding(code, said, self._shown(self._meant(declared), identified.decay is not None))]

    def _meant(self, declared: Variant) -> Variant:
        """The declared rule with weight decay as its name says it enters, where the target has some."""
        coupled = declared.name in COUPLED and self.identified.decay is not None and not declared.around
        return Variant(declared.name, declared.options, "l2") if coupled else declared

    def _decay(self) -> Finding | None:
        """Weight decay that contradicts the name, or follows no known form."""
        identified, declared = self.identified, self.declared
        variant = identified.variant
        if identified.decay is None:
            return None
        base = declared or Variant(variant.name)
        if not identified.decay.exact:
            size, step = identified.decay.in_steps, identified.decay.step
            place = f": {identified.changed.what}" if identified.changed else ""
            said = (
                f"with weight decay it follows no known form; {variant} is {size:.2g} steps off from step {step}{place}"
            )
            meant = self._meant(declared) if declared else variant
            return self.finding("DP110", said, self._shown(meant, True), "" if declared or place else "warning")
        switched = any("decoupl" in flag or "decouple" in flag for flag in self.laboratory.subject.signature.flags)
        coupled = variant.around == "l2"
        if declared is None or switched:
            return None
        if base.name in DECOUPLED and coupled:
            said = f"weight decay is added to the gradient; {base.name} decouples it"
            return self.finding("DP110", said, self._shown(base, True))
        if base.name in COUPLED and variant.around == "decoupled":
            said = (
                f"weight decay is decoupled ({DECAY}={variant.conventions[DECAY]}); {base.name} adds it to the gradient"
            )
            return self.finding("DP110", said, self._shown(self._meant(base), True))
        return None

    def _shown(self, variant: Variant, decay: bool) -> Counterexample | None:
        found = smallest(self.laboratory, variant, {}, decay, f"{variant} in float64")
        return found[0] if found else None

    def _limit(self) -> Finding | None:
        """What the target cannot do that the declared rule can."""
        plan, identified = self.identified.plan, self.identified
        size = identified.first.in_steps
        if not plan.change:
            said = f"{identified.variant} at a constant step size; {size:.2g} steps off when it is edited half-way"
            return self.finding("DP106", said, edited(self.laboratory, identified.variant))
        if not plan.zeros:
            said = f"{identified.variant} where no gradient is 0; {_off(size)} where a tensor's first gradient is"
            return self.finding("DP108", said, zero_first(self.laboratory, identified.variant))
        if plan.shapes in ("vector", "entry"):
            said = f"{identified.variant} on one tensor; {size:.2g} steps off with several"
            return self.finding("DP107", said, self._shown(identified.variant, False))
        return None

    def _not_exact(self) -> tuple[str, str, list[Finding]]:
        identified, declared = self.identified, self.declared
        variant, distance = identified.variant, identified.distance
        where = f"{distance.in_steps:.2g} steps off from step {distance.step}"
        if identified.changed is not None:
            said = f"{variant}, but for one place: {identified.changed.what}; {where}"
            return "bug", said, [self.finding("DP101", said, self._shown(variant, False))]
        if declared is not None:
            nearest = variant if variant.name == declared.name else declared
            said = f"it is not {declared} in any convention; the nearest is {variant}, {where}"
            return "bug", said, [self.finding("DP101", said, self._shown(nearest, False))]
        near = distance.in_steps < NEAR_MISS
        said = f"no declared rule; the nearest is {variant}, {where}"
        shown = self._shown(variant, False) if near else None
        return "unknown", said, [self.finding("DP104", said, shown, "" if near else "note")]

    def _unread(self) -> Iterator[Finding]:
        """Numbers that the rule has no letter for."""
        signature = self.laboratory.subject.signature
        left = sorted(set(signature.numbers) - {bare(word) for word in self.identified.words.values()})
        if left:
            said = f"{self.identified.variant.text} has no letter for {', '.join(left)}: at the default throughout"
            yield self.finding("DP114", said)

    def _options(self) -> Iterator[Finding]:
        for option in self.identified.options:
            if option.effect == "fails":
                said = f"{option.text} fails in a run with ordinary inputs: {option.error}"
                yield self.finding("DP112" if option.flag in CLAIMS else "DP113", said, None, "warning")
            elif option.effect == "changes" and option.variant is not None:
                yield from self._changed(option, option.variant)

    def _changed(self, option: Option, variant: Variant) -> Iterator[Finding]:
        axis = axis_of(option.flag)
        wanted = CLAIMS.get(option.flag, ()) if axis in variant.conventions else ()
        if not option.distance.exact:
            claims = bool(wanted) and option.value
            size, step = option.distance.in_steps, option.distance.step
            said = f"{option.text}: no convention of {variant.name}; {variant} is {size:.2g} steps off from step {step}"
            decay = self.identified.decay is not None
            found = (
                smallest(self.laboratory, variant, {option.flag: option.value}, decay, str(variant)) if claims else None
            )
            yield self.finding("DP112" if claims else "DP113", said, found[0] if found else None)
        elif wanted and option.value and variant.conventions[axis] not in wanted:
            yield self.finding("DP112", f"{option.text} chooses {axis}={variant.conventions[axis]}")


def _off(size: float) -> str:
    return f"{size:.2g} steps off" if size != float("inf") else "not finite"
