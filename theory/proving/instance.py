"""Instances of a theorem: values of its names on a finite probability space, some of them read from a run. Pure data.

    Instance(
        "two steps on two coordinates",
        weights=("1/3", "2/3"), draws=2,
        values={"eta": "1/4", "z": Drawn((("-1", "1/2"), ("1/2", "-1/4"))), "g": ["t", "i", "1 + z(t, i)"], ..},
        run=Run("sgd", {"eta": "eta"}, "g(t + 1, i)", ("1", "-2"), 2, {"theta": Read("theta")}, torch="SGD"),
    )

A value is a term in the theorem's names, which may name other values ([parameter, .., term] for a family); a `Table`; a
`Recursion`; or `Drawn`, which the draws decide. Names that a run is read for have the values of the compiled rule, and
once more those of the class of torch. No name needs a value for all natural numbers: what a theorem says is judged
where all of its names have values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from ..errors import DriftproofError
from ..kernel.formulas import formula
from ..kernel.terms import is_name, show, term


@dataclass(frozen=True)
class Table:
    """The values at 0, 1, ..; none beyond. Rows are values at a second argument."""

    entries: tuple[str | tuple[str, ...], ...]

    def __post_init__(self) -> None:
        for entry in self.entries:
            for text in (entry,) if isinstance(entry, str) else entry:
                term(text)


@dataclass(frozen=True)
class Recursion:
    """A family by its first argument: `first` at 0, and at n + 1 a term in n and the parameters after it.

    parameters: names of the arguments; in `following` the first of them is n.
    """

    parameters: tuple[str, ...]
    first: str
    following: str

    def __post_init__(self) -> None:
        _all_names(self.parameters)
        term(self.first), term(self.following)


@dataclass(frozen=True)
class Drawn:
    """Random numbers that one draw decides: a row for each of its results, with the values at the coordinates.

    draw: its number, counted from 1; 0: the first argument says it, and at 0 the value is 0.
    """

    results: tuple[str | tuple[str, ...], ...]
    draw: int = 0

    def __post_init__(self) -> None:
        for row in self.results:
            for text in (row,) if isinstance(row, str) else row:
                Fraction(text)


@dataclass(frozen=True)
class Read:
    """A family of the theorem, read from a run: `what` (theta or a state) after so many steps, at a coordinate.

    parameters: names of its arguments.   steps, coordinate: terms in them.   shift: is added to steps; below 0 is 0.
    """

    what: str
    parameters: tuple[str, ...] = ("t", "i")
    steps: str = "t"
    coordinate: str = "i"
    shift: int = 0

    def __post_init__(self) -> None:
        _all_names(self.parameters)
        term(self.steps), term(self.coordinate)


def along(what: str, shift: int = 0, letter: str = "t", each: str = "") -> Read:
    """x(t) of a run with one coordinate. each: x(k) is that after each * k steps and shift more."""
    return Read(what, (letter,), f"{each}*{letter}" if each else letter, "0", shift)


def after(what: str, steps: int) -> Read:
    """A number: what it is after so many steps, at the first coordinate."""
    return Read(what, (), str(steps), "0")


@dataclass(frozen=True)
class Run:
    """A run of an optimizer, made once for every outcome.

    rule: a RULE string.   settings: terms for its hyperparameters; t in them is the time.   gradient: a term in t and i
    for the step from time t to t + 1; it cannot depend on the run.   start: of theta.   steps: how many, from time 0.
    reads: names of the theorem that have their values from it.   before: gradients of steps made before time 0.
    torch: the class of torch.optim that runs on the same gradients, with `options`; else `why` says why none does.
    loss: a term in t, for rules that take the loss.   schedule: the scheduler that gives torch's step sizes, such as
    "PolynomialLR(4, power=2)"; the compiled rule has those of `settings`.   lr: torch's before the scheduler, if not
    the first of these.
    """

    rule: str
    settings: Mapping[str, str]
    gradient: str
    start: tuple[str, ...]
    steps: int
    reads: Mapping[str, Read]
    torch: str = ""
    options: Mapping[str, bool] = field(default_factory=dict)
    why: str = ""
    before: tuple[tuple[str, ...], ...] = ()
    loss: str = ""
    schedule: str = ""
    lr: str = ""

    def __post_init__(self) -> None:
        _all_names(self.reads)
        rows = (text for row in self.before for text in row)
        for text in (*self.settings.values(), self.gradient, *self.start, *rows, *([self.loss] if self.loss else [])):
            term(text)
        if bool(self.torch) == bool(self.why):
            raise DriftproofError("A run has a class of torch, or a reason why not.", f"torch {self.torch!r}", self.why)
        if self.steps < 1 or not self.start or any(len(row) != len(self.start) for row in self.before):
            raise DriftproofError(f"A run of {self.steps} steps from {self.start} after {self.before}.")


Given = str | Sequence[str] | Table | Recursion | Drawn


@dataclass(frozen=True)
class Instance:
    """Values of a theorem's names.

    says: what it is, in a few words.   values: of names that the run does not give.   weights: of the results of one
    draw.   draws: how many there are.   naturals: how many values binders of sort nat take, by name ("": all others).
    reals: the values that binders of sort real take.
    wrong: other RULE strings, of which the theorem is not true: with them a hypothesis or a claim must fail.
    """

    says: str
    values: Mapping[str, Given]
    weights: tuple[str, ...] = ("1",)
    draws: int = 0
    naturals: Mapping[str, int] = field(default_factory=dict)
    reals: tuple[str, ...] = ()
    run: Run | None = None
    wrong: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _all_names(self.values)
        if sum(map(Fraction, self.weights)) != 1 or any(Fraction(weight) <= 0 for weight in self.weights):
            raise DriftproofError(f"Weights {self.weights} of the results of a draw.", "They do not add up to 1.")
        for name, given in self.values.items():
            if isinstance(given, Drawn) and len(given.results) != len(self.weights):
                raise DriftproofError(f"{name} has {len(given.results)} results of a draw, not {len(self.weights)}.")
            if isinstance(given, str):
                term(given)
            elif isinstance(given, Sequence):
                _all_names(given[:-1])
                term(given[-1])
        both = set(self.values) & set(self.run.reads if self.run else ())
        if both or (self.wrong and not self.run):
            raise DriftproofError(f"{', '.join(both) or 'A wrong rule'} has a value, and one from the run.")


def defined_by(hypothesis: str) -> list[str]:
    """The value that a hypothesis "forall t nat, i nat: x(t, i) = term" gives to x, as [t, i, term]."""
    said = formula(hypothesis)
    if said.premises or said.conclusion.relation != "=" or said.conclusion.left[0] != "name":
        raise DriftproofError(f"{hypothesis} defines nothing.")
    return [*(show(argument) for argument in said.conclusion.left[2]), show(said.conclusion.right)]


def _all_names(names: Sequence[str] | Mapping[str, object]) -> None:
    for name in names:
        if not is_name(name):
            raise DriftproofError(f"{name!r} cannot be a name of a theorem.")
