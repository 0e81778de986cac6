"""What a theorem says, held against finite models of its hypotheses: independent of how the kernel came to accept it.

Variables get small values at random; equations such as x = a, f(0) = a and f(t + 1) = a are solved for what stands on
their left, so that sequences and definitions are met more than by luck. Whatever is chosen, hypotheses are evaluated,
and only models of all of them count.
"""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any, NamedTuple

SMALL = [Fraction(text) for text in ("0", "1", "2", "3", "-1", "-2", "1/2", "1/3", "-1/2", "3/2", "4", "9/4", "1/10")]
KNOWN, ASKED, SURE = 6, 4, 11  # natural numbers below these: in hypotheses, in claims, in hypotheses before an alarm


class Verdict(NamedTuple):
    """In how many of the models that were drawn all hypotheses hold, and which claims are false in the last of them."""

    models: int
    false: list[str]


def verdict(
    models: Any, variables: Any, given: Any, claims: Any, seed: int, enough: int, tries: int, base: Any = None
) -> Verdict:
    """The claims in models of what is given: formulas, with sorts of their variables. `base`: values to start from.

    Draws until there are `enough` models, or until `tries` were drawn.
    """
    draw, met = random.Random(seed), 0
    for _ in range(tries):
        if met == enough:
            break
        model = drawn(models, variables, given, draw, base or {})
        if model is None or not satisfied(models, model, given, draw, 80, KNOWN):
            continue
        met += 1
        false = [str(said) for said in claims if refuted(models, model, said, draw)]
        if false and satisfied(models, model, given, draw, 2000, SURE):
            return Verdict(met, false)
    return Verdict(met, [])


def satisfied(models: Any, model: Any, given: Any, draw: random.Random, most: int, naturals: int) -> bool:
    """Whether all that is given holds there, as far as can be seen; not if that cannot be decided."""
    try:
        return all(model.true(said, draw, most, naturals) for said in given)
    except models.Undecided:
        return False


def refuted(models: Any, model: Any, said: Any, draw: random.Random) -> bool:
    """Whether a formula is false there; not if that cannot be decided."""
    try:
        return not model.true(said, draw, 60, ASKED)
    except models.Undecided:
        return False


def drawn(models: Any, variables: Any, given: Any, draw: random.Random, base: Any) -> Any:
    """A model with one or two draws, which may meet what is given; None if equations go in circles."""
    draws = draw.choice([1, 1, 2])
    weights = [Fraction(draw.choice([1, 1, 1, 2, 3, 0])) for _ in range(2**draws)]
    weights = [weight / sum(weights) for weight in weights] if sum(weights) else [Fraction(1, 2**draws)] * 2**draws
    model = models.Model(weights, {}, draws)
    near = draw.choice([0.0, 0.5, 0.9]) if base else 0.0
    for name, sort in variables.items():
        kept = base.get(name) if draw.random() < near else None
        model.values[name] = kept if kept is not None else _value(sort, model, draw)
    solved: dict[str, list[Any]] = {}
    for said in given:
        left = said.conclusion.left
        if said.conclusion.relation == "=" and left[0] == "name" and not said.premises and left[1] in variables:
            solved.setdefault(left[1], []).append(said)
    for name, equations in solved.items():
        if draw.random() < 0.9:
            solution = _Solved(models, model, name, variables[name], equations)
            try:
                model.values[name] = solution if variables[name].arity else solution()
            except models.Undecided:
                return None
    return model


def _value(sort: Any, model: Any, draw: random.Random) -> Any:
    if sort.kind == "nat":
        return Fraction(draw.randint(0, 4))
    if sort.arity:
        return _family(sort, model, draw)
    return _random(model, draw) if sort.kind == "rand" else draw.choice(SMALL)


def _random(model: Any, draw: random.Random) -> Any:
    same = draw.choice(SMALL)
    changes = draw.random() < 0.8
    return tuple(Fraction(draw.randint(-3, 3)) if changes else same for _ in model.outcomes)


def _family(sort: Any, model: Any, draw: random.Random) -> Any:
    """Constant, or drawn anew at all arguments; positive half of the time."""
    seed, shape, size = draw.random(), draw.choice(["same", "any"]), draw.choice([abs, abs, lambda x: x])
    known: dict[Any, Any] = {}

    def value(*arguments: int) -> Any:
        key = () if shape == "same" else arguments
        if key not in known:
            own = random.Random(f"{seed} {key}")
            made = _random(model, own) if sort.kind == "rand" else own.choice(SMALL)
            known[key] = tuple(map(size, made)) if isinstance(made, tuple) else size(made)
        return known[key]

    return value


class _Solved:
    """A variable that equations give: x = a, f(0) = a, f(t) = a or f(t + 1) = a, t being bound."""

    def __init__(self, models: Any, model: Any, name: str, sort: Any, equations: Any) -> None:
        self.models, self.model, self.sort, self.equations = models, model, sort, equations
        self.other = model.values[name]
        self.known: dict[Any, Any] = {}

    def __call__(self, *arguments: int) -> Any:
        if arguments not in self.known:
            self.known[arguments] = None  # not yet known: an equation that asks for itself gives nothing
            self.known[arguments] = self._made(arguments)
        if self.known[arguments] is None:
            raise self.models.Undecided("a circle")
        return self.known[arguments]

    def _made(self, arguments: Any) -> Any:
        for said in self.equations:
            names = self._matched(said.conclusion.left[2], arguments, dict(said.binders))
            if names is None:
                continue
            values = [self.model.value(said.conclusion.right, names, at) for at in self.model.outcomes]
            natural = values[0] >= 0 and values[0] == int(values[0])
            if self.sort.kind == "nat" and not natural:
                continue
            return tuple(values) if self.sort.kind == "rand" else values[0]
        return self.other(*arguments) if self.sort.arity else self.other

    def _matched(self, patterns: Any, arguments: Any, binders: Any) -> Any:
        """The values of the binders for which the left side is the value at these arguments, or None."""
        names: dict[str, Fraction] = {}
        for pattern, argument in zip(patterns, arguments, strict=True):
            shift = 0
            if pattern[0] == "+" and pattern[2][0] == "num":
                pattern, shift = pattern[1], pattern[2][1]
            if pattern[0] == "num" and pattern[1] + shift == argument:
                continue
            if pattern[0] != "name" or pattern[1] not in binders or argument < shift or pattern[1] in names:
                return None
            names[pattern[1]] = Fraction(argument - shift)
        return names if set(names) == set(binders) else None
