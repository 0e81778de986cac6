"""`lower`: an update rule to a Program.

What changes on the way, and nothing else: equations are inlined and common subexpressions shared; products are
regrouped, scalars first, so that what does not differ between entries is computed once per step; x**(p/q) with q
a power of 2 becomes multiplications, square roots and a division, other powers `pow`; a*b + c per entry becomes
one fma (a sum starts with its single values and quotients, and each product is folded in by one fma; scalars use
no fma, so that every host computes the same). Over the reals all of it is an identity, and `impl.verify` shows it.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import sympy
from sympy import Symbol
from sympy.core import relational

from driftproof.theory import canonical, nodes
from driftproof.theory.errors import Refused
from driftproof.theory.rule import First, UpdateRule
from driftproof.theory.symbols import SHAPE, f, new, t, theta

from .builder import Builder, Product
from .program import Buffer, Op, Program
from .stages import closure

ONE_ARGUMENT: dict[type, str] = {sympy.exp: "exp", sympy.log: "log", sympy.Abs: "abs", sympy.sign: "sign"}
FOLDED: dict[type, str] = {sympy.Min: "min", sympy.Max: "max", sympy.And: "and", sympy.Or: "or"}
COMPARISONS: dict[type, tuple[str, bool]] = {
    relational.StrictLessThan: ("lt", False),
    relational.LessThan: ("le", False),
    relational.StrictGreaterThan: ("lt", True),
    relational.GreaterThan: ("le", True),
    relational.Equality: ("eq", False),
    relational.Unequality: ("ne", False),
}
"""The operation, and whether the sides change places."""


def lower(rule: UpdateRule, storage: str = "float64", compute: str = "", rounding: str = "nearest") -> Program:
    """The program of the chosen variant.

    storage: type of theta, gradients and states per entry; compute: type in registers (default: storage).
    raises: Refused, by name, for what no backend could carry.
    """
    lowering = _Lowering(rule)
    lowering.equations()
    stores = [(s.name, lowering.stored(new(s), scope)) for s, scope in lowering.scopes.items()]
    outputs = [(o.name, lowering.number(o.expression)) for o in rule.outputs]
    points = [(d.symbol.name, lowering.entries(lowering.number(d.at))) for d in rule.gradients]
    guard = None if rule.guard == sympy.true else lowering.number(rule.guard)
    ops, place = _alive(
        lowering.named(), [n for _, n in (*stores, *outputs, *points)] + ([] if guard is None else [guard])
    )
    return Program(
        label=rule.label,
        digest=rule.digest,
        source=str(rule.source),
        ops=ops,
        buffers=_buffers(rule, storage, compute or storage, rounding),
        stores=tuple((name, place[n]) for name, n in stores),
        outputs=tuple((name, place[n]) for name, n in outputs),
        points=tuple((name, place[n]) for name, n in points),
        guard=None if guard is None else place[guard],
    )


def _buffers(rule: UpdateRule, storage: str, compute: str, rounding: str) -> tuple[Buffer, ...]:
    """Per entry as asked; coarser states are few numbers, kept in float64."""
    found = [Buffer("theta", "theta", "element", storage, compute, Fraction(0), rounding)]
    for state in rule.state:
        init = None if isinstance(state.init, First) else Fraction(int(state.init.p), int(state.init.q))
        kept, used = (storage, compute) if state.scope == "element" else ("float64", "float64")
        found.append(Buffer(state.name, "state", state.scope, kept, used, init, rounding))
    found += [Buffer(d.symbol.name, "gradient", "element", storage, compute) for d in rule.gradients]
    return tuple(found)


def host_symbols(rule: UpdateRule) -> set[Symbol]:
    """Symbols whose values depend on hyperparameters, t and shapes alone: the largest set closed under equations."""
    equations = {e.symbol: e.expression for e in rule.equations}
    scalars = [s for s in rule.state if s.scope != "element"]
    host = set(equations) | {t, *SHAPE} | {h.symbol for h in rule.hyperparameters} | {s.symbol for s in scalars}
    while True:
        fallen = {s for s, e in equations.items() if e.has(nodes.Reduce) or not e.free_symbols <= host}
        fallen |= {s.symbol for s in scalars if new(s.symbol) not in host}
        fallen |= {
            s.symbol for s in scalars if isinstance(s.init, First) and not s.init.expression.free_symbols <= host
        }
        if not fallen & host:
            return host
        host -= fallen


def _alive(ops: list[Op], roots: list[int]) -> tuple[tuple[Op, ...], dict[int, int]]:
    """The operations that the roots depend on (theta stays in any case), renumbered; and the new numbers."""
    kept = closure(ops, [*roots, *(n for n, op in enumerate(ops) if op.value == "theta")])
    place = {number: k for k, number in enumerate(kept)}
    renumbered = [
        Op(o.code, tuple(place[a] for a in o.args), o.scope, o.host, o.value, o.name) for o in (ops[n] for n in kept)
    ]
    return tuple(renumbered), place


class _Lowering:
    """The values of a rule's symbols, as open products over the operations of one builder."""

    def __init__(self, rule: UpdateRule) -> None:
        self.rule, self.build = rule, Builder()
        self.values: dict[Symbol, Product] = {}
        self.scopes = {theta: "element", **{s.symbol: s.scope for s in rule.state}}
        self._handlers: dict[type, Callable[[Any], int]] = {
            nodes.Reduce: self._reduce,
            nodes.MatMul: self._matmul,
            nodes.Transpose: lambda e: self.build.op("transpose", self.entries(self.number(e.args[0]))),
            nodes.IsFinite: lambda e: self.build.op("isfinite", self.number(e.args[0])),
            sympy.Not: lambda e: self.build.op("not", self.number(e.args[0])),
            sympy.Piecewise: self._piecewise,
        }
        self._inputs()

    # Inputs and equations

    def _inputs(self) -> None:
        host = host_symbols(self.rule)
        self._input(theta, "theta", "element")
        for draw in self.rule.gradients:
            self._input(draw.symbol, "gradient", "element")
        for hyper in self.rule.hyperparameters:
            if hyper.scope not in ("group", "global"):
                raise Refused(
                    f"Hyperparameter {hyper.name} of {self.rule.label} has scope {hyper.scope}.",
                    "Values are given once per step, or once per group.",
                    'Declare scope="group" or "global".',
                )
            self._input(hyper.symbol, "hyperparameter", hyper.scope, host=True)
        self._input(t, "step", "global", host=True)
        for item in SHAPE:
            self._input(item, "shape", "tensor", host=True)
        self._input(f, "loss", "global")
        for state in self.rule.state:
            self._input(state.symbol, "state", state.scope, host=state.symbol in host)
        for state in self.rule.state:
            if isinstance(state.init, First):
                self._first(state.symbol, state.init.expression)

    def _input(self, symbol: Symbol, role: str, scope: str, host: bool = False) -> None:
        number = self.build.append(Op("input", (), scope, host, role, symbol.name))
        self.build.remember(number, symbol.name)
        self.values[symbol] = Product(above=(number,))

    def _first(self, symbol: Symbol, expression: Any) -> None:
        """At t = 1 the old value is that of the expression."""
        first = self.build.op("le", self.number(t), self.build.const(1))
        number = self.build.select(first, self.number(expression), self.number(symbol))
        self.build.remember(number, symbol.name)
        self.values[symbol] = Product(above=(number,))

    def equations(self) -> None:
        for equation in self.rule.equations:
            product = self.product(equation.expression)
            for number in product.above if product == Product(above=product.above[:1]) else ():
                self.build.remember(number, equation.symbol.name)
            self.values[equation.symbol] = product

    def named(self) -> list[Op]:
        """The operations, those that are the value of an equation under its name."""
        names: dict[int, str] = {}
        for equation in self.rule.equations:
            names.setdefault(self.build.value(self.values[equation.symbol]), equation.symbol.name)
        return [
            Op(o.code, o.args, o.scope, o.host, o.value, o.name if o.code == "input" else names.get(n, ""))
            for n, o in enumerate(self.build.ops)
        ]

    def stored(self, symbol: Symbol, scope: str) -> int:
        number = self.number(symbol)
        return self.entries(number) if scope == "element" else number

    def entries(self, number: int) -> int:
        return self.build.spread(number)

    # Expressions

    def number(self, expression: Any) -> int:
        return self.build.value(self.product(expression))

    def product(self, expression: Any) -> Product:
        """The value of an expression as an open product."""
        if isinstance(expression, Symbol):
            return self.values[expression]
        if isinstance(expression, sympy.Rational):
            return Product(Fraction(int(expression.p), int(expression.q)))
        if isinstance(expression, sympy.Mul):
            done = Product()
            for factor in sorted(expression.args, key=canonical.text):
                done = done.times(self.product(factor))
            return done
        if isinstance(expression, sympy.Pow):
            return self._power(expression.base, expression.exp)
        number = self._single(expression)
        self.build.remember(number, canonical.text(expression))
        return Product(above=(number,))

    def _single(self, expression: Any) -> int:
        kind = type(expression)
        if expression in (sympy.true, sympy.false):
            return self.build.const(bool(expression))
        if kind is sympy.Add:
            return self.build.total([(canonical.text(a), self.product(a)) for a in expression.args])
        if kind in ONE_ARGUMENT:
            return self.build.op(ONE_ARGUMENT[kind], self.number(expression.args[0]))
        if kind in FOLDED:
            return self._folded(FOLDED[kind], expression)
        if kind in COMPARISONS:
            return self._compare(expression)
        if kind in self._handlers:
            return self._handlers[kind](expression)
        raise Refused(f"{kind.__name__} in {self.rule.label} is not carried.", "", "Write it in the rule language.")

    def _folded(self, code: str, expression: Any) -> int:
        """min, max, and, or of several arguments: coarse first, then by their text."""
        numbers = [self.number(a) for a in sorted(expression.args, key=canonical.text)]
        done, *rest = sorted(numbers, key=self.build.rank)
        for number in rest:
            done = self.build.op(code, done, number)
        return done

    def _compare(self, expression: Any) -> int:
        code, flipped = COMPARISONS[type(expression)]
        sides = sorted(expression.args, key=canonical.text) if code in ("eq", "ne") else list(expression.args)
        left, right = (self.number(a) for a in (sides[::-1] if flipped else sides))
        return self.build.op(code, left, right)

    def _piecewise(self, expression: Any) -> int:
        """Nested choices, from the last branch to the first."""
        *branches, (last, _) = expression.args  # the language sees to it that the last condition is true
        done = self.number(last)
        for value, condition in reversed(branches):
            done = self.build.select(self.number(condition), self.number(value), done)
        return done

    def _reduce(self, expression: Any) -> int:
        operand = self.entries(self.number(expression.operand))
        if expression.over in nodes.LINES:
            return self.build.op("along", operand, value=f"{expression.kind} {expression.over}")
        return self.build.op("reduce", operand, value=expression.kind, scope=expression.scope)

    def _matmul(self, expression: Any) -> int:
        return self.build.op("matmul", *(self.entries(self.number(a)) for a in expression.args))

    def _power(self, base: Any, exponent: Any) -> Product:
        if not isinstance(exponent, sympy.Rational) or exponent.q & (exponent.q - 1):
            number = self.build.op("pow", self.number(base), self.number(exponent))
            self.build.remember(number, canonical.text(base**exponent))
            return Product(above=(number,))
        size = abs(Fraction(int(exponent.p), int(exponent.q)))
        done = self._dyadic(self.product(base), size)
        return done.inverse() if exponent.is_negative else done

    def _dyadic(self, base: Product, exponent: Fraction) -> Product:
        """base**exponent for an exponent p / 2^k >= 0: a repeated product, and one root for each further bit."""
        whole = int(exponent)
        done, rest = self._repeated(base, whole), exponent - whole
        root = base
        while rest:
            root = Product(above=(self.build.op("sqrt", self.build.value(root)),))
            rest *= 2
            if rest >= 1:
                done, rest = done.times(root), rest - 1
        return done

    def _repeated(self, base: Product, count: int) -> Product:
        """base**count: up to 3 factors in a row, beyond that by squaring."""
        if count <= 3:
            done = Product()
            for _ in range(count):
                done = done.times(base)
            return done
        half = Product(above=(self.build.value(self._repeated(base, count // 2)),))
        return half.times(half).times(self._repeated(base, count % 2))
