"""From what a target is to a verdict: conforms, variant, precision, bug or unknown, and the findings that say why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from .finding import Counterexample, Finding
from .identify import Identified, Option
from .minimal import smallest
from .observe import FAR, Laboratory
from .variant import DECAY, Variant
from .words import CLAIMS

VERDICTS = ("conforms", "variant", "precision", "bug", "unknown")
CHOSEN = ("momentum", "nesterov", "centered", "amsgrad")
"""Axes that arguments of a constructor choose: an option on them is not a deviation."""
COUPLED = ("adam", "sgd")
DECOUPLED = ("adamw", "sgdw", "lion")
"""Rules whose name says how weight decay enters."""
NEAR_MISS = 1.0
"""Nearer than that, in steps, to a rule that it is not meant to be, a target is a near miss."""


@dataclass(frozen=True)
class Code:
    """check: the stable name.   severity: of its findings.   page: what --explain prints."""

    check: str
    severity: str
    page: str


CODES: Mapping[str, Code] = {
    "DP101": Code(
        "rule",
        "error",
        "The target is not the rule that it claims to be (by --rule, the configuration or the name of its class), in "
        "none of the conventions that the dictionary has; or it is another rule. The target ran as a black box in "
        "float64, at large and different hyperparameters, with gradients over several decades and a step size that "
        "changes; the difference is in units of the largest step. Where one changed place of the equations "
        "explains it exactly, the message names the place. If the deviation is meant and published, it belongs into the "
        "dictionary: declare it as a rule file and pass --rule file.py.",
    ),
    "DP102": Code(
        "convention",
        "warning",
        "The target is the rule that it claims to be, in another convention of the dictionary, which is named. Published "
        "implementations differ exactly there, so it is no error; but results with the same hyperparameters differ. "
        "To declare it, pass --rule NAME@axis=option.",
    ),
    "DP103": Code(
        "precision",
        "note",
        "The equations are right, and some of the computation is in a lower precision than the parameters: float32 "
        "scalars or counters beside float64 parameters, a product in bfloat16. With these roundings taken out the "
        "target equals the rule exactly, or it stays as near as the rule itself does in single precision.",
    ),
    "DP104": Code(
        "unknown-rule",
        "warning",
        "The target equals no declared rule, and nothing says which one it should be, so that nothing is called wrong. "
        "The message names the nearest rule. Probes that need no rule still ran. Pass --rule to say what is meant; "
        "a new optimizer is declared in one file (see the README) and then audited against that.",
    ),
    "DP105": Code(
        "runs",
        "error",
        "The target could not be made, or its step raised an error on ordinary inputs: parameters of one and two "
        "dimensions, float64, gradients without zeros. If the constructor's arguments were misread, say what they are with "
        "--argument LETTER=NAME and --set NAME=VALUE.",
    ),
    "DP106": Code(
        "step-size-changes",
        "error",
        "At a constant step size the target is the rule exactly; when the step size is edited half-way, as every "
        "schedule does (param_groups for torch), it is not. Usually the constructor has cached the value, or a buffer "
        "has it inside.",
    ),
    "DP107": Code(
        "several-tensors",
        "error",
        "With one tensor the target is the rule exactly; with several it is not. Usually a counter is incremented once "
        "per tensor, or state is shared by tensors.",
    ),
    "DP110": Code(
        "weight-decay",
        "error",
        "Without weight decay the target is the rule exactly; with it, decay enters in another way than the name says "
        "(AdamW decouples it, Adam adds it to the gradient), or in no known way at all.",
    ),
    "DP112": Code(
        "option",
        "error",
        "A flag whose name is that of a convention (amsgrad, nesterov, centered) chooses something else.",
    ),
    "DP113": Code(
        "option-unknown",
        "note",
        "A flag changes the equations into something that the dictionary does not have. It may well be meant; nothing "
        "is known about it.",
    ),
}


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
            found += self._options()
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
            return "unknown", said, [self.finding("DP105", said)]
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
            if self.declared is not None and (claimed := set(other) & set(CHOSEN) & {a for a, _ in self.declared.options}):
                said = f"{', '.join(f'{a}={self.declared.conventions[a]}' for a in claimed)} is declared, and it is {said}"
                found.append(self.finding("DP101", said, self._shown(self.declared, identified.decay is not None)))
                return "bug", said, found
            found.append(self.finding("DP102", said, self._against_declared(), severity))
        if not identified.precise:
            size = identified.first.in_steps
            said = f"{identified.variant}, computed in lower precision than the parameters: up to {size:.1g} steps off"
            found.append(self.finding("DP103", said))
            return ("variant" if other else "precision"), said, found
        return ("variant" if other else "conforms"), str(identified.variant), found

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
            return self.finding("DP106", said, _edited(self.laboratory, identified))
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

    def _options(self) -> Iterator[Finding]:
        for option in self.identified.options:
            if option.effect == "fails":
                said = f"{option.text} fails in a run with ordinary inputs: {option.error}"
                yield self.finding("DP112" if option.flag in CLAIMS else "DP113", said, None, "warning")
            elif option.effect == "changes" and option.variant is not None:
                yield from self._changed(option, option.variant)

    def _changed(self, option: Option, variant: Variant) -> Iterator[Finding]:
        axis = {"ams_bound": "amsgrad", "amsbound": "amsgrad"}.get(option.flag, option.flag)
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


def _edited(laboratory: Laboratory, identified: Identified) -> Counterexample | None:
    """Two steps, the step size halved between them; for torch."""
    import numpy as np

    from .inputs import Inputs
    from .observe import reference_path
    from .script import called, lines_script

    subject, variant = laboratory.subject, identified.variant
    if subject.kind != "torch":
        return None
    words, letters = laboratory.setting(variant, 0, {}, False)
    inputs = Inputs((np.ones(1),), ((np.ones(1),), (np.ones(1),)), letters, (1.0, 0.5))
    right = float(reference_path(variant, inputs, letters, 2)[-1][0])
    keywords = subject.signature.keywords(words, letters)
    lines = [
        "p = torch.nn.Parameter(torch.tensor([1.0], dtype=torch.float64))",
        f"optimizer = {called(subject, '[p]', keywords)}",
        f"for lr in ({letters['eta']}, {letters['eta'] / 2}):",
        f"    optimizer.param_groups[0]['{words.get('eta', 'lr')}'] = lr",
        "    p.grad = torch.tensor([1.0], dtype=torch.float64)",
        "    optimizer.step()",
        'print("got  ", p.item())',
        f'print("right", {right!r})  # {variant} in float64',
    ]
    return lines_script(subject, lines, 1, 1, 2)
