"""Rules that differ from another one in a few equations, and equations that come in a pattern.

    yogi = amend("yogi", adam, [eq(new(v), v - (1 - beta2) * sign(v - g**2) * g**2)], source=...)

Everything else is the other rule's: each equation stands in one file, and only what differs in the file of the
relative.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sympy import Symbol

from .convention import Convention, amended_conventions
from .dataflow import needed
from .errors import RuleError
from .functions import as_expression
from .nodes import Choice
from .references import Source
from .rule import (
    Equation,
    First,
    Gradient,
    Hyperparameter,
    Output,
    State,
    UpdateRule,
    eq,
    resolve_choices,
)
from .symbols import new, symbol


def average(of: Symbol, value: Any, decay: Any) -> Equation:
    """new(m) = decay m + (1 - decay) value: the exponential moving average that m is."""
    rate = as_expression(decay)
    return eq(new(of), rate * of + (1 - rate) * as_expression(value))


def repeat(count: int, equations: Sequence[Equation], result: Symbol) -> list[Equation]:
    """The equations `count` times in a row, each time on the values of the time before.

    Write *repeat(...) among the equations of a rule. The values of the k-th time are called x1, x2, ...; the last
    value of the last equation is called `result`.
    """
    names = [e.symbol for e in equations]
    found: list[Equation] = []
    before: dict[Symbol, Symbol] = {}
    for turn in range(1, count + 1):
        now = {s: symbol(f"{s.name}{turn}") for s in names}
        if turn == count:
            now[names[-1]] = result
        done: dict[Symbol, Symbol] = {}
        for equation in equations:
            found.append(Equation(now[equation.symbol], equation.expression.xreplace({**before, **done})))
            done[equation.symbol] = now[equation.symbol]
        before = now
    return found


def amend(
    name: str,
    rule: UpdateRule,
    equations: Sequence[Equation] = (),
    source: Source | None = None,
    hyperparameters: Sequence[Hyperparameter] = (),
    state: Sequence[State] = (),
    conventions: Sequence[Convention] = (),
    held: Mapping[str, str] | None = None,
    defaults: Mapping[str, str] | None = None,
    outputs: Sequence[Output] = (),
    names: Mapping[str, str] | None = None,
    used_in: Sequence[str] = (),
    disagreements: Sequence[str] = (),
    notes: str = "",
) -> UpdateRule:
    """The rule with some equations replaced.

    equations: each replaces the one for its symbol; one for a new symbol stands before the next replaced one. They
    keep the order of the rule, but an equation waits for those whose values it uses.
    hyperparameters, state, conventions: likewise replaced by symbol or name, or added.
    held: axes fixed at an option, no conventions any more.   defaults: another default option of an axis.
    Equations, states and hyperparameters on which nothing depends any more are dropped.
    raises: RuleError where an equation for a new symbol has no place, or a convention makes no difference any more;
    UnknownName for an axis or option.
    """
    axes = amended_conventions(name, rule.declared["conventions"], conventions, held or {}, defaults or {})
    fields = _held(rule.declared, held or {})
    fields["equations"] = _merged(name, fields["equations"], equations)
    for word, others, by in (
        ("hyperparameters", hyperparameters, "symbol"),
        ("state", state, "symbol"),
        ("outputs", outputs, "name"),
    ):
        fields[word] = _replaced(fields[word], others, by)
    used = needed(fields)
    for word in ("equations", "hyperparameters", "state"):
        fields[word] = tuple(item for item in fields[word] if item.symbol in used)
    _require_occurring(name, axes, fields)
    return rule.replace(
        **fields,
        name=name,
        source=source or rule.source,
        conventions=axes,
        names={**rule.declared["names"], **(names or {})},
        options={},
        used_in=used_in,
        disagreements=disagreements,
        notes=notes,
    )


def _replaced(present: Iterable[Any], others: Iterable[Any], by: str) -> tuple[Any, ...]:
    """The items, those of the same symbol or name replaced, the others added at the end."""
    table = {getattr(item, by): item for item in present}
    table.update({getattr(item, by): item for item in others})
    return tuple(table.values())


def _merged(name: str, present: Sequence[Equation], others: Sequence[Equation]) -> tuple[Equation, ...]:
    known = {e.symbol for e in present}
    before: dict[Symbol, list[Equation]] = {}
    waiting: list[Equation] = []
    for equation in others:
        waiting.append(equation)
        if equation.symbol in known:
            before[equation.symbol], waiting = waiting, []
    if waiting:
        raise RuleError(
            f"amend('{name}'): the equation for {waiting[0].symbol} has no place.",
            "An equation for a new symbol stands before the next one that replaces an equation.",
            "List the equation that uses it after it, for instance that of new(theta).",
        )
    return tuple(_in_order([e for old in present for e in before.get(old.symbol, [old])]))


def _in_order(equations: Sequence[Equation]) -> Iterable[Equation]:
    """The same order, but an equation waits for those whose values it uses; a cycle is left for the rule to refuse."""
    waiting, ahead = list(equations), {e.symbol for e in equations}
    while waiting:
        ready = next((e for e in waiting if not e.expression.free_symbols & ahead), waiting[0])
        waiting.remove(ready)
        ahead.discard(ready.symbol)
        yield ready


def _held(declared: Mapping[str, Any], fixed: Mapping[str, str]) -> dict[str, Any]:
    """The fields of a declaration with the choices of some axes made."""
    states = [
        State(s.symbol, First(resolve_choices(s.init.expression, fixed)), s.scope) if isinstance(s.init, First) else s
        for s in declared["state"]
    ]
    return {
        "equations": tuple(Equation(e.symbol, resolve_choices(e.expression, fixed)) for e in declared["equations"]),
        "state": tuple(states),
        "hyperparameters": declared["hyperparameters"],
        "gradients": tuple(Gradient(d.symbol, resolve_choices(d.at, fixed)) for d in declared["gradients"]),
        "guard": resolve_choices(declared["guard"], fixed),
        "outputs": tuple(Output(o.name, resolve_choices(o.expression, fixed), o.meaning) for o in declared["outputs"]),
    }


def _require_occurring(name: str, axes: Iterable[Convention], fields: Mapping[str, Any]) -> None:
    """raises: RuleError for a convention on which nothing depends any more."""
    found = [e.expression for e in (*fields["equations"], *fields["outputs"])]
    found += [s.init.expression for s in fields["state"] if isinstance(s.init, First)]
    found += [d.at for d in fields["gradients"]]
    left = {choice.axis for e in found for choice in e.atoms(Choice)}
    for axis in axes:
        if axis.name not in left:
            raise RuleError(
                f"amend('{name}'): nothing depends on the convention '{axis.name}' any more.",
                "An axis on which nothing differs is not a convention.",
                f'Hold it: held={{"{axis.name}": "{axis.default}"}}.',
            )


__all__ = ["amend", "average", "repeat"]
