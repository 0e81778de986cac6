"""Operations, built once each and in an order that is ours: products and sums in a frozen form.

A product is kept open, as a coefficient with the factors above and below the bar, until its value is needed.
So `eta * m_hat / denom` with `m_hat = m_new / bias1` becomes (eta / bias1) * m_new / denom, and the first factor
is computed once per step. The order of factors and terms depends on their scope and on the rule's own text,
never on how SymPy happens to store them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from driftproof.theory.nodes import SCOPES, coarsest_common

from .program import Op


@dataclass(frozen=True)
class Product:
    """coefficient * product of `above` / product of `below`; the factors are operations."""

    coefficient: Fraction = Fraction(1)
    above: tuple[int, ...] = ()
    below: tuple[int, ...] = ()

    def times(self, other: Product) -> Product:
        return Product(self.coefficient * other.coefficient, self.above + other.above, self.below + other.below)

    def inverse(self) -> Product:
        return Product(1 / self.coefficient, self.below, self.above)

    def negative(self) -> Product:
        return replace(self, coefficient=-self.coefficient)


class Builder:
    """A growing list of operations without repetitions; `order` is the place of each factor in a product."""

    def __init__(self) -> None:
        self.ops: list[Op] = []
        self._numbers: dict[tuple[object, ...], int] = {}
        self._order: dict[int, str] = {}

    def op(self, code: str, *args: int, value: Fraction | bool | str | None = None, scope: str = "") -> int:
        """The number of that operation; the same operation has one number."""
        key = (code, args, value, type(value), scope)
        if key not in self._numbers:
            of = [self.ops[a] for a in args]
            scope = scope or coarsest_common(o.scope for o in of)
            host = code != "reduce" and scope != "element" and all(o.host for o in of)
            self._numbers[key] = self.append(Op(code, args, scope, host, value))
        return self._numbers[key]

    def append(self, op: Op) -> int:
        self.ops.append(op)
        return len(self.ops) - 1

    def const(self, value: Fraction | int | bool) -> int:
        return self.op("const", value=value if isinstance(value, bool) else Fraction(value))

    def scope(self, number: int) -> str:
        return self.ops[number].scope

    def remember(self, number: int, text: str) -> None:
        """The rule's text of a value: what orders it among factors of its scope."""
        self._order.setdefault(number, text)

    def rank(self, number: int) -> tuple[int, int]:
        """Coarse to fine, the host first: what is known early is combined early."""
        op = self.ops[number]
        fine = op.scope == "element"
        return (2 if fine else 0 if op.host else 1, -SCOPES.index(op.scope))

    def _sorted(self, numbers: Iterable[int]) -> list[int]:
        return sorted(numbers, key=lambda n: (self.rank(n), self._order.get(n, ""), n))

    def select(self, condition: int, yes: int, no: int) -> int:
        """yes or no; where the condition is one for all entries but the result is not, both branches are arrays."""
        if "element" in (self.scope(yes), self.scope(no)) and self.scope(condition) != "element":
            yes, no = self.spread(yes), self.spread(no)
        return self.op("select", condition, yes, no)

    def spread(self, number: int) -> int:
        return number if self.scope(number) == "element" else self.op("spread", number, scope="element")

    # Products

    def value(self, product: Product) -> int:
        """The number of a product: rank by rank, all numerators multiplied, then one division."""
        coefficient, negate = self._coefficient(product)
        if not product.above and not product.below:
            return self.const(product.coefficient)
        done = coefficient
        ranks = sorted({self.rank(n) for n in (*product.above, *product.below)})
        for rank in ranks:
            above = [n for n in self._sorted(product.above) if self.rank(n) == rank]
            below = [n for n in self._sorted(product.below) if self.rank(n) == rank]
            done = self._ratio(([done] if done is not None else []) + above, below)
            if negate and done is not None:
                done, negate = self.op("neg", done), False
        assert done is not None
        return done

    def _coefficient(self, product: Product) -> tuple[int | None, bool]:
        """The coefficient as a constant if it is not 1 or -1, and whether to change the sign."""
        size = abs(product.coefficient)
        return (None if size == 1 else self.const(size)), product.coefficient < 0

    def _ratio(self, above: Sequence[int], below: Sequence[int]) -> int:
        top = self._chain("mul", above) if above else self.const(1)
        return self.op("div", top, self._chain("mul", below)) if below else top

    def _chain(self, code: str, numbers: Sequence[int]) -> int:
        done = numbers[0]
        for number in numbers[1:]:
            done = self.op(code, done, number)
        return done

    # Sums

    def total(self, terms: Sequence[tuple[str, Product]]) -> int:
        """The sum of terms, each with its text. Coarse terms first; per entry: single values, then quotients, then
        products, each folded in by one fma; subtractions follow additions of their kind."""
        scalars = [term for term in terms if self._scope(term[1]) != "element"]
        entries = [term for term in terms if self._scope(term[1]) == "element"]
        done: int | None = None
        for _, product in sorted(scalars, key=self._scalar_key):
            done = self._plus(done, product)
        ordered = sorted(entries, key=lambda term: (self._kind(term[1]), term[1].coefficient < 0, term[0]))
        for _, product in ordered:
            folds = done is not None and self._kind(product) == 2
            done = self._fold(done, product) if folds and done is not None else self._plus(done, product)
        assert done is not None
        return done

    def _scope(self, product: Product) -> str:
        return coarsest_common(self.scope(n) for n in (*product.above, *product.below))

    def _scalar_key(self, term: tuple[str, Product]) -> tuple[int, bool, int, str]:
        """The host first, additions before subtractions, coarse before fine; a number first of all."""
        text, product = term
        place, fine = max((self.rank(n) for n in (*product.above, *product.below)), default=(0, -len(SCOPES)))
        return place, product.coefficient < 0, fine, text

    def _kind(self, product: Product) -> int:
        """0: a single value; 1: a quotient; 2: a product of two or more factors."""
        if any(self.scope(n) == "element" for n in product.below):
            return 1
        return 0 if abs(product.coefficient) == 1 and len(product.above) == 1 and not product.below else 2

    def _plus(self, done: int | None, product: Product) -> int:
        if done is None:
            return self.value(product)
        code = "sub" if product.coefficient < 0 else "add"
        positive = product.negative() if product.coefficient < 0 else product
        return self.op(code, done, self.value(positive))

    def _fold(self, done: int, product: Product) -> int:
        """done + a*b by one fma, b the last factor of the product; a sign goes to a."""
        last = self._sorted(product.above)[-1]
        above = list(product.above)
        above.remove(last)
        rest = Product(product.coefficient, tuple(above), product.below)
        return self.op("fma", self.value(rest), last, done)
