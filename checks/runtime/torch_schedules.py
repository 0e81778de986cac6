"""Schedulers of torch.optim.lr_scheduler for plain SGD, live or as text, as lists of step sizes. torch comes late.

"CosineAnnealingLR(T_max=300, eta_min=0.001)"
"SequentialLR([LinearLR(0.1, total_iters=5), CosineAnnealingLR(95)], milestones=[5])"
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from driftproof.theory.course import Course
from driftproof.theory.errors import DriftproofError, NotReadable, Refused
from driftproof.theory.functions import rational
from driftproof.theory.planned import Listed
from driftproof.theory.quantities import number
from driftproof.theory.reader import expression

from .live_torch import learning_rates
from .torch_formulas import formula

WORDS = (
    "ConstantLR", "CosineAnnealingLR", "CosineAnnealingWarmRestarts", "CyclicLR", "ExponentialLR", "LinearLR",
    "MultiStepLR", "OneCycleLR", "PolynomialLR", "StepLR", "SequentialLR", "ChainedScheduler")  # fmt: skip
"""The schedulers that take numbers and each other alone."""
PLAIN = {"momentum": 0, "dampening": 0, "nesterov": False, "maximize": False}


@dataclass(frozen=True)
class Recipe:
    """A scheduler that is yet to be made for an optimizer."""

    name: str
    given: tuple[Any, ...]
    named: Mapping[str, Any]

    def made(self, optimizer: Any) -> Any:
        """raises: NotReadable where torch does not take the arguments, with its reason."""
        from torch.optim import lr_scheduler

        positional = [_made(value, optimizer) for value in self.given]
        keywords = {name: _made(value, optimizer) for name, value in self.named.items()}
        if self.name == "ChainedScheduler":
            keywords["optimizer"] = optimizer
        else:
            positional.insert(0, optimizer)
        try:
            return getattr(lr_scheduler, self.name)(*positional, **keywords)
        except (TypeError, ValueError, AttributeError) as error:
            raise NotReadable(f"torch does not take {self.name} with these arguments: {error}") from error


def _made(value: Any, optimizer: Any) -> Any:
    """Numbers as Python's, recipes as schedulers."""
    if isinstance(value, Recipe):
        return value.made(optimizer)
    if isinstance(value, list | tuple):
        return [_made(item, optimizer) for item in value]
    if isinstance(value, bool | str):
        return value
    exact = number(value, "an argument")
    return int(exact) if exact.is_Integer else float(exact)


def recipe(text: str) -> Recipe:
    """The scheduler that a text names. raises: NotReadable, UnknownName with the place; nothing is executed."""
    found = expression(text, {"Rational": rational, **{name: _word(name) for name in WORDS}}, "scheduler")
    if not isinstance(found, Recipe):
        raise NotReadable(f"{text[:60]} is no scheduler.", "", 'Write "CosineAnnealingLR(T_max=300)".')
    return found


def _word(name: str) -> Callable[..., Recipe]:
    return lambda *given, **named: Recipe(name, given, named)


def from_text(text: str, lr: Any) -> Callable[[Course, str], Listed]:
    """The step sizes of a text's scheduler on plain SGD with that lr; see `listed`."""
    from torch import zeros
    from torch.nn import Parameter
    from torch.optim import SGD

    optimizer = SGD([Parameter(zeros(1))], lr=float(number(lr, "lr")))
    scheduler = recipe(text).made(optimizer)
    return lambda course, every: listed(optimizer, scheduler, course, every, text)


def listed(optimizer: Any, scheduler: Any, course: Course, every: str = "", name: str = "") -> Listed:
    """The step sizes that a live scheduler gives on a course.

    every: the scheduler is stepped every "step" or every "epoch"; by default every epoch where epochs have several
    steps.   returns: also the formula that they are, or why there is none.
    raises: Refused for what is not plain SGD, or where groups differ.
    """
    _require_plain(optimizer)
    every = every or ("epoch" if any(s.steps > 1 for s in course.stretches) else "step")
    if every not in ("step", "epoch"):
        raise DriftproofError(f"every = {every!r} is neither 'step' nor 'epoch'.")
    groups = set(learning_rates(optimizer, scheduler, course.steps if every == "step" else course.epochs))
    if len(groups) > 1:
        raise Refused("The groups have different step sizes.", "The bound is for one step size at each step.")
    rates = groups.pop()
    if every == "epoch":
        each = [s.steps for s in course.stretches for _ in range(s.epochs)]
        rates = tuple(rate for rate, count in zip(rates, each, strict=True) for _ in range(count))
    told = name or (_name(scheduler) if scheduler is not None else "constant")
    back = formula(optimizer, scheduler, course, every, rates)
    return Listed(rates, f"{told}, of torch, every {every}", back.formula, back.why)


def made(recipe_text: str, lr: float, optimizer: Any) -> Any:
    """A live scheduler of that text on an optimizer, whose lr is set first; None for "", a constant."""
    for group in optimizer.param_groups:
        group["lr"] = lr
    return recipe(recipe_text).made(optimizer) if recipe_text else None


def _name(scheduler: Any) -> str:
    some = list(scheduler) if isinstance(scheduler, Sequence) else [scheduler]
    return " with ".join(type(item).__name__ for item in some)


def _require_plain(optimizer: Any) -> None:
    """raises: Refused unless it is torch.optim.SGD without momentum."""
    kind = type(optimizer)
    if kind.__name__ != "SGD" or not kind.__module__.startswith("torch.optim"):
        raise Refused(
            f"{kind.__module__}.{kind.__name__} is not torch.optim.SGD.",
            "The bound is about plain SGD.", "For Adam and its relatives there is dp.converge.",
        )  # fmt: skip
    for group in optimizer.param_groups:
        for word, value in PLAIN.items():
            if group.get(word, value) != value:
                raise Refused(
                    f"{word} = {group[word]}.", "The bound is about plain SGD.", f"It holds with {word} = {value}."
                )


def notes(optimizer: Any) -> tuple[str, ...]:
    """What else the optimizer's options say."""
    decay = max((group.get("weight_decay", 0) for group in optimizer.param_groups), default=0)
    if not decay:
        return ()
    return (f"weight_decay {decay} is part of the gradient: f is the loss + {decay} |theta|^2/2, and L includes it.",)
