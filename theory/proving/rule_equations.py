"""The equations of an update rule: which there are, at which step, and what each letter is called."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy

from ..kernel.formulas import Claim
from ..kernel.terms import RESERVED, Term, names, show
from ..nodes import IsFinite
from ..rule import First, UpdateRule
from ..symbols import f, new, symbol, t, theta
from .define import Definitions
from .rule_shares import refused
from .rule_terms import COORDINATE, DIMENSION, Words, at_step, of_time
from .spoken import canonical
from .written_terms import later, name

TIME, SINCE = "t", "k0"
LONG = 60
"""Characters of what is put in again and again where it is used."""


class Writer:
    """A rule, and how its definitions are to be written."""

    def __init__(self, rule: UpdateRule, how: Definitions) -> None:
        self.rule, self.how = rule, how
        guard = rule.guard.replace(lambda e: isinstance(e, IsFinite), lambda e: sympy.true)
        if guard != sympy.true:
            raise refused(f"steps that are made only where {guard}")
        self.scalars = {h.symbol for h in rule.hyperparameters if h.name not in how.schedules}
        self.states = {s.symbol: s.scope == "element" for s in rule.state} | {theta: True}
        self.given = {d.symbol for d in rule.gradients} | {f}
        timed = {e.symbol: e.expression for e in rule.equations if e.expression.free_symbols == {t}}
        wanted = self._wanted()
        self.equations = [
            (e.symbol, e.expression.xreplace(timed))
            for e in rule.equations
            if e.symbol in wanted and e.symbol not in timed
        ]
        self.random = self._random()
        self.powers: dict[Any, str] = {}
        self.sorts: dict[str, str] = {}

    def _wanted(self) -> set[Any]:
        """What the chosen states depend on; states and theta, all of them where none is chosen."""
        inside = {e.symbol: e.expression.free_symbols for e in self.rule.equations}
        waiting = [symbol(state) for state in self.how.only] or list(self.states)
        for state in waiting:
            if state not in self.states:
                raise refused(f"{state}, which is no state of {self.rule.label}")
        found: set[Any] = set()
        while waiting:
            at = waiting.pop()
            if at not in found:
                found.add(at)
                waiting += inside.get(at, ())
                waiting += [new(at)] if at in self.states else []
        return found

    def _random(self) -> set[Any]:
        """What depends on gradients."""
        found = {*self.given, theta}
        for _ in range(len(self.equations) + 1):
            for letter, e in self.equations:
                if e.free_symbols & found:
                    found |= {letter} | {s for s in self.states if new(s) == letter}
            found |= {s.symbol for s in self.rule.state if self._begins_random(s, found)}
        return found

    def _begins_random(self, state: Any, found: set[Any]) -> bool:
        return isinstance(state.init, First) and bool(state.init.expression.free_symbols & found)

    def called(self, text: str) -> str:
        """The name of a letter or of a fact."""
        return self.how.names.get(text, text)

    def family(self, letter: Any, time: Term, wide: bool) -> Term:
        """A letter at a time, and at the coordinate if it is `wide`; its sort is kept."""
        arguments = [time, *([name(COORDINATE)] if wide and self.how.coordinates else [])]
        base = next((s for s in self.states if new(s) == letter), letter)
        text = self.called(str(base))
        self._keep(text, self.how.kind if base in self.random else "real", len(arguments))
        return name(text, *arguments)

    def _keep(self, text: str, sort: str, arity: int) -> None:
        said = sort + (f"({', '.join(['nat'] * arity)})" if arity else "")
        if text in RESERVED or text in (TIME, COORDINATE) or self.sorts.setdefault(text, said) != said:
            raise refused(f"the name {text!r} for two things")

    def power(self, letter: Any) -> str:
        """The sequence of powers of a letter."""
        return self.powers.setdefault(letter, self.called(f"{letter}_power"))

    def words(self, time: Term) -> Words:
        """What letters mean at the step after `time`, before anything is computed in it."""
        step = later(time, 1)
        letters: dict[Any, Term] = {}
        for h in self.rule.hyperparameters:
            plain = h.symbol in self.scalars
            letters[h.symbol] = name(self.called(h.name)) if plain else name(self.called(h.name), step)
        for letter in self.given:
            letters[letter] = self.family(letter, step, letter != f)
        for letter, wide in self.states.items():
            letters[letter] = self.family(letter, time, wide)
            letters[new(letter)] = self.family(letter, step, wide)
        if self.how.after is not None:
            step = later(("+", name(TIME), name(SINCE)), self.how.after + 1)
        return Words(letters, step, self.power, self.how.coordinates)

    def written(self) -> tuple[dict[str, str], list[list[str]]]:
        """Sorts by name, and equations by name in their order."""
        made = [*self._starts(), *self._steps()]
        made += self._power_equations()
        used = set[str]().union(*(names(c.left) | names(c.right) for _, c, _ in made))
        for h in self.rule.hyperparameters:
            if self.called(h.name) in used:
                self._keep(self.called(h.name), "real", h.symbol not in self.scalars)
        self.sorts |= {sort: "nat" for sort in (DIMENSION, SINCE) if sort in used and sort not in self.sorts}
        facts = [[self.called(fact), self._formula(claim, wide)] for fact, claim, wide in made]
        return {n: s for n, s in sorted(self.sorts.items()) if n in used}, facts

    def _formula(self, claim: Claim, binders: tuple[str, ...]) -> str:
        sides = (canonical(show(claim.left)), canonical(show(claim.right)))
        said = "forall " + ", ".join(f"{b} nat" for b in binders) + ": " if binders else ""
        return f"{said}{sides[0]} = {sides[1]}"

    def _equation(self, fact: str, left: Term, right: Term) -> tuple[str, Claim, tuple[str, ...]]:
        free = names(left) | names(right)
        return fact, Claim("=", left, right), tuple(b for b in (TIME, COORDINATE) if b in free)

    def _starts(self) -> Iterator[tuple[str, Claim, tuple[str, ...]]]:
        if self.how.after is not None:
            return
        words, reached = self.words(("num", 0)), {letter for letter, _ in self.equations}
        for state in self.rule.state:
            if new(state.symbol) in reached:
                begins = state.init.expression if isinstance(state.init, First) else state.init
                yield self._equation(f"{state.symbol}_start", words.letters[state.symbol], words.term(begins))

    def _steps(self) -> Iterator[tuple[str, Claim, tuple[str, ...]]]:
        """Every equation for all t; one that knows the first step for that, and for the later ones."""
        knows: set[Any] = set()
        for letter, e in self.equations:
            if self._inside(letter) and (of_time(e) or e.free_symbols & knows):
                knows.add(letter)  # states are families, and split by themselves
        if not any(of_time(e) for _, e in self.equations):
            yield from self._phase(name(TIME), None, None, False)
        elif self.how.after:
            yield from self._phase(name(TIME), False, None, False)
        elif self.how.after == 0:
            raise refused("the first step, which is another one, in a run that may begin anywhere: let it begin later")
        else:
            yield from self._phase(("num", 0), True, knows, True)
            yield from self._phase(name(TIME), None, knows, False)
            yield from self._phase(later(name(TIME), 1), False, knows, True)

    def _phase(
        self, time: Term, first: bool | None, knows: set[Any] | None, split: bool
    ) -> Iterator[tuple[str, Claim, tuple[str, ...]]]:
        """The equations at one kind of step: those that know the first step, or the others, or (None) all."""
        words, step = self.words(time), later(time, 1)
        letters = dict(words.letters)
        here = Words(letters, words.step, self.power, self.how.coordinates)
        for letter, e in self.equations:
            here_too = knows is None or (of_time(e) or bool(e.free_symbols & knows)) == split
            if not here_too and not (split and self._inside(letter)):
                continue
            value = here.term(e if first is None else at_step(e, first))
            state = next((s for s in self.states if new(s) == letter), None)
            if state is None and not self._apart(letter, value):
                letters[letter] = value
                continue
            wide = COORDINATE in names(value) if state is None else self.states[state]
            left = letters[letter] = self.family(letter, step, wide) if state is None else letters[letter]
            if here_too:
                ending = "is" if state is None else "next"
                yield self._equation(f"{state or letter}_{'first' if first else ending}", left, value)

    def _inside(self, letter: Any) -> bool:
        return all(new(s) != letter for s in self.states)

    def _apart(self, letter: Any, value: Term) -> bool:
        """Whether what is computed on the way is a family of its own."""
        uses = sum(e.count(letter) for _, e in self.equations)
        return uses > 1 and len(show(value)) > LONG

    def _power_equations(self) -> Iterator[tuple[str, Claim, tuple[str, ...]]]:
        for letter, power in self.powers.items():
            self._keep(power, "real", 1)
            base, after = name(self.called(str(letter))), name(power, later(name(TIME), 1))
            yield self._equation(f"{power}_start", name(power, ("num", 0)), ("num", 1))
            yield self._equation(f"{power}_next", after, ("*", base, name(power, name(TIME))))
