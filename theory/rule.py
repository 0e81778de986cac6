"""`UpdateRule`: one optimizer, declared once as ordered equations. It checks itself where it is written.

The equations are single assignments. An old value is written `m`, the value after the step `new(m)`.
Conventions turn one declaration into many exact variants: `rule.variant(eps="inside")`. What a rule shows
(`equations`, `state`, `hyperparameters`) is always that of the chosen variant, without what it does not use.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any

import sympy
from sympy import Expr, Symbol

from .bounds import fraction, short
from .convention import Convention
from .domain import Interval, interval
from .errors import DriftproofError, NotExact, RuleError, UnknownName, nearest
from .functions import as_condition, as_expression
from .nodes import SCOPES, Choice
from .references import Source
from .symbols import ALPHABET, g, letter, new, symbol, theta


def exact(value: Any, where: str) -> sympy.Expr:
    """An exact number from an int, a Fraction, a SymPy rational or a decimal string; never from a float."""
    if isinstance(value, float) or getattr(value, "is_Float", False):
        raise NotExact(
            f"{value} in {where} is a float.",
            "Declarations are exact, and a float such as 0.1 is not 1/10 in binary.",
            f'Write "{value}" (a decimal string is exact) or a fraction.',
        )
    try:
        number = as_expression(fraction(value) if isinstance(value, str) else value)
    except DriftproofError as error:
        raise NotExact(f"{short(repr(value))} in {where} is not a number.", "", 'Write 3, "0.001" or "1/3".') from error
    if not number.is_Rational:
        raise NotExact(f"{short(number)} in {where} is not a rational number.", "", 'Write 3, "0.001" or "1/3".')
    return number


def _symbol(value: Any, where: str) -> Symbol:
    """raises: RuleError unless the value is a letter of the language."""
    if not isinstance(value, Symbol) or value != symbol(value.name):
        raise RuleError(
            f"{short(repr(value))} ({type(value).__name__}) in {where} is not a letter of the language.",
            "Letters are real symbols, the same ones everywhere.",
            'Import it from the language, or write symbol("name").',
        )
    return value


@dataclass(frozen=True)
class Hyperparameter:
    """A number the user sets. role: how it enters a limit. Each may be a constant or a function of t."""

    symbol: Symbol
    default: Any
    domain: Any = ""
    role: str = ""
    meaning: str = ""
    scope: str = "group"

    def __post_init__(self) -> None:
        _symbol(self.symbol, "a hyperparameter")
        if self.scope not in SCOPES:
            raise RuleError(f"{self.symbol}: unknown scope '{self.scope}'.", "", nearest(str(self.scope), SCOPES))
        known = letter(self.symbol.name) or ALPHABET["kappa"]
        role = self.role or known.role or "constant"
        domain = self.domain or known.domain or "(-oo, oo)"
        domain = domain if isinstance(domain, Interval) else interval(domain)
        default = exact(self.default, f"the default of {self.symbol}")
        domain.check(f"default of {self.symbol}", default)
        for name, value in (("default", default), ("role", role), ("domain", domain)):
            object.__setattr__(self, name, value)

    @property
    def name(self) -> str:
        return str(self.symbol.name)


@dataclass(frozen=True)
class First:
    """first(e): at the first step the old value is that of e, so that averages start at their first input."""

    expression: Expr

    def __post_init__(self) -> None:
        object.__setattr__(self, "expression", as_expression(self.expression))


first = First


@dataclass(frozen=True)
class State:
    """What the rule remembers, with a scope and an init: a number, or first(expression)."""

    symbol: Symbol
    init: Any = None
    scope: str = "element"

    def __post_init__(self) -> None:
        _symbol(self.symbol, "a state")
        if self.init is None:
            raise RuleError(
                f"State '{self.symbol}' has no init.",
                "Without it the first step is undefined, and implementations differ exactly there.",
                f"Write State({self.symbol}, init=0), or init=first(g) to start at the first value.",
            )
        if self.scope not in SCOPES:
            raise RuleError(
                f"State '{self.symbol}': unknown scope '{self.scope}'.", "", nearest(str(self.scope), SCOPES)
            )
        if not isinstance(self.init, First):
            object.__setattr__(self, "init", exact(self.init, f"the init of {self.symbol}"))

    @property
    def name(self) -> str:
        return str(self.symbol.name)


@dataclass(frozen=True)
class Gradient:
    """One draw of the stochastic gradient, taken at a point (an expression in old values)."""

    symbol: Symbol = g
    at: Expr = theta

    def __post_init__(self) -> None:
        _symbol(self.symbol, "a gradient")
        object.__setattr__(self, "at", as_expression(self.at))


@dataclass(frozen=True)
class Equation:
    """symbol := expression, in the order of the list."""

    symbol: Symbol
    expression: Expr

    def __post_init__(self) -> None:
        _symbol(self.symbol, "an equation")
        object.__setattr__(self, "expression", as_expression(self.expression))


eq = Equation


@dataclass(frozen=True)
class Output:
    """A named result beside the state: a monitor scalar, an evaluation point, averaged weights."""

    name: str
    expression: Expr
    meaning: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "expression", as_expression(self.expression))


@dataclass(frozen=True)
class UpdateRule:
    """An update rule. Raises RuleError where it is written if it is not well formed.

    equations: ordered; the last word on theta is the equation for new(theta).
    guard: a condition of global scope; where it is false no state changes.
    names: meanings of names outside the alphabet.   combinators: what was applied, in order.
    options: the chosen option of every convention.
    used_in: implementations, by import name.   disagreements: where they part from the paper or each other.
    """

    name: str
    source: Source
    equations: Sequence[Equation]
    hyperparameters: Sequence[Hyperparameter] = ()
    state: Sequence[State] = ()
    gradients: Sequence[Gradient] = (Gradient(),)
    conventions: Sequence[Convention] = ()
    guard: Any = sympy.true
    outputs: Sequence[Output] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    combinators: Sequence[str] = ()
    options: Mapping[str, str] = field(default_factory=dict)
    notes: str = ""
    used_in: Sequence[str] = ()
    disagreements: Sequence[str] = ()

    def __post_init__(self) -> None:
        from .dataflow import check_variant
        from .wellformed import check_declaration

        declared: dict[str, Any] = {}
        for item in fields(self):
            value = getattr(self, item.name)
            declared[item.name] = tuple(value) if isinstance(value, list) else value
        declared["guard"] = as_condition(self.guard)
        for text in (self.notes, *self.used_in, *self.disagreements):
            _check_line(self.name, text)
        options = _complete(self.name, declared["conventions"], self.options)
        declared["options"] = options
        object.__setattr__(self, "declared", declared)
        check_declaration(self.name, declared)
        for name, value in _resolve(declared).items():
            object.__setattr__(self, name, value)
        check_variant(self)

    declared: Mapping[str, Any] = field(init=False, repr=False, compare=False, default_factory=dict)

    def variant(self, **options: str) -> UpdateRule:
        """The same declaration with other options; axes not named keep theirs."""
        return self.replace(options={**self.options, **options}) if options else self

    def replace(self, **changes: Any) -> UpdateRule:
        """A new rule from this declaration (conventions unresolved) with some fields changed."""
        arguments = {item.name: self.declared[item.name] for item in fields(self) if item.init}
        return UpdateRule(**{**arguments, **changes})

    @property
    def label(self) -> str:
        """The RULE string of this variant: name, and the options that are not the defaults."""
        chosen = [f"{c.name}={self.options[c.name]}" for c in self.conventions if self.options[c.name] != c.default]
        return self.name + ("@" + ",".join(chosen) if chosen else "")

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the canonical text: equal for equal mathematics, whatever SymPy's ordering."""
        from .canonical import digest

        return digest(self)

    @cached_property
    def step_map(self) -> dict[Symbol, Expr]:
        """new values of theta and of each state as expressions in old values, inputs and hyperparameters only."""
        known: dict[Symbol, Expr] = {}
        for equation in self.equations:
            known[equation.symbol] = equation.expression.xreplace(known)
        return {new(s): known[new(s)] for s in (theta, *(s.symbol for s in self.state))}

    def hyperparameter(self, name: str) -> Hyperparameter:
        for item in self.hyperparameters:
            if item.name == name:
                return item
        raise UnknownName(
            f"{self.label} has no hyperparameter '{name}'.", "", nearest(name, (h.name for h in self.hyperparameters))
        )

    def __hash__(self) -> int:
        return hash(self.digest)


def _check_line(name: str, text: Any) -> None:
    if not isinstance(text, str) or not text.isprintable():
        raise RuleError(f"Rule '{name}': {short(repr(text))} is not a line of text.", "", "Write printable characters.")


def _complete(name: str, conventions: Iterable[Convention], options: Mapping[str, str]) -> dict[str, str]:
    axes = {convention.name: convention for convention in conventions}
    for axis in options:
        if axis not in axes:
            raise UnknownName(
                f"Rule '{name}' has no convention '{axis}'.",
                "Conventions: " + (", ".join(axes) or "none") + ".",
                nearest(axis, axes) if axes else "",
            )
    return {axis: item.check(options.get(axis, item.default)) for axis, item in axes.items()}


def resolve_choices(expression: Any, options: Mapping[str, str]) -> Any:
    """The expression with every choice of these axes replaced by the branch of the option."""
    if isinstance(expression, Choice) and expression.axis in options:
        return resolve_choices(expression.branches[options[expression.axis]], options)
    if not getattr(expression, "args", ()) or not expression.has(Choice):
        return expression
    return expression.func(*(resolve_choices(a, options) for a in expression.args))


def _inline_aliases(equations: Iterable[Equation]) -> tuple[list[Equation], dict[Any, Any]]:
    """Equations without those that only rename a value: what a choice such as v_used = new(v) leaves behind."""
    kept: list[Equation] = []
    aliases: dict[Any, Any] = {}
    for equation in equations:
        expression = equation.expression.xreplace(aliases)
        if not equation.symbol.name.endswith("_new") and (expression.is_Symbol or expression.is_Rational):
            aliases[equation.symbol] = expression
        else:
            kept.append(Equation(equation.symbol, expression))
    return kept, aliases


def _resolve_init(init: Any, options: Mapping[str, str]) -> Any:
    """A number, or First; first(choose(...)) becomes a number where the chosen branch is one."""
    found = resolve_choices(init.expression, options) if isinstance(init, First) else init
    return found if found.is_Rational else First(found)


def _resolve(declared: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of the chosen variant: choices resolved, and only what theta, guard and outputs depend on."""
    from .dataflow import needed

    options = declared["options"]
    equations, aliases = _inline_aliases(
        Equation(e.symbol, resolve_choices(e.expression, options)) for e in declared["equations"]
    )
    states = [State(s.symbol, _resolve_init(s.init, options), s.scope) for s in declared["state"]]
    guard = resolve_choices(declared["guard"], options).xreplace(aliases)
    outputs = tuple(
        Output(o.name, resolve_choices(o.expression, options).xreplace(aliases), o.meaning) for o in declared["outputs"]
    )
    gradients = tuple(Gradient(d.symbol, resolve_choices(d.at, options)) for d in declared["gradients"])
    chosen = {"equations": equations, "state": states, "gradients": gradients, "guard": guard, "outputs": outputs}
    used = needed(chosen)
    return {
        "equations": tuple(e for e in equations if e.symbol in used),
        "state": tuple(s for s in states if s.symbol in used or new(s.symbol) in used),
        "hyperparameters": tuple(h for h in declared["hyperparameters"] if h.symbol in used),
        "gradients": gradients,
        "conventions": declared["conventions"],
        "guard": guard,
        "outputs": outputs,
        "combinators": declared["combinators"],
        "options": options,
    }
