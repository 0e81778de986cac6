"""Proofs written as scripts. Every line becomes a step, which the kernel checks at once.

    proof.have("young", "2*a*b <= a^2 + b^2", [square("a - b")])
    proof.use("unit", "reciprocal", "apart", x="1 - beta2")
    with proof.induction("all", "forall n nat: x(n) >= 0", hypothesis="before") as (zero, following): ...

Equations rewrite in the order in which they are given; see `combine`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ..errors import DriftproofError
from ..kernel.formulas import Claim, Formula, formula
from ..kernel.inferences import Fact, Proved, Scope, run
from ..kernel.library import LIBRARY
from ..kernel.polynomial import Polynomial, constant, plus, times
from ..kernel.terms import Sort, Sorts, kind, term
from ..kernel.untrusted import Rejected
from .combine import Equation, combination, equation, rewritten
from .spoken import canonical, spoken

Equals = str | tuple[str, str]
"""An equation to rewrite by, or a term and an equation that it multiplies."""


class NotProved(DriftproofError):
    """A step of a script that does not hold, or that was not found."""

    code = "not-proved"


@dataclass(frozen=True)
class Product:
    """squares and facts, multiplied."""

    squares: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()

    def __mul__(self, other: Product | str) -> Product:
        other = product(other)
        return Product(self.squares + other.squares, self.facts + other.facts)


def square(text: str) -> Product:
    """The square of a term, which is >= 0."""
    return Product((canonical(text),))


def product(given: Product | str) -> Product:
    """A product, or the names of facts with * between them; "1" is the number 1."""
    if isinstance(given, Product):
        return given
    return Product((), tuple(name for name in given.replace(" ", "").split("*") if name != "1"))


class Proof:
    """The steps so far and the scope after them."""

    def __init__(self, scope: Scope) -> None:
        self.scope, self.steps = scope, []  # type: Scope, list[dict[str, Any]]

    @classmethod
    def of(cls, variables: Mapping[str, str], given: Mapping[str, str], theorems: Mapping[str, Proved]) -> Proof:
        """An empty proof from formulas, which need not be canonical."""
        sorts: Sorts = {name: Sort.of(sort) for name, sort in variables.items()}
        return cls(Scope.of(sorts, {name: formula(text) for name, text in given.items()}, theorems))

    def step(self, name: str, claim: str, by: str, **how: Any) -> str:
        """Any step; returns its name. raises: NotProved, with the reason of the kernel."""
        try:
            made = {"name": name, "claim": str(formula(claim)), "by": by, **how}
            self.scope = run(self.scope, [made])
        except Rejected as wrong:
            raise NotProved(f"{name}: {claim}", str(wrong)) from None
        self.steps.append(made)
        return name

    def have(self, name: str, claim: str, products: Sequence[Any] = (), equations: Sequence[Any] = ()) -> str:
        """An equation, >=, >, <= or < that follows from products >= 0 and from equations, with coefficients found here.

        `products` are texts, names of facts with * between them, and `square(..)`; a plain number is always among them.
        An equation "fact" whose left side is one product replaces it wherever it stands, "fact@x*y" the product x*y;
        any other has a rational multiple, and ("term", "fact") a rational multiple of the term.
        """
        said = formula(claim)
        relation, goal = said.conclusion.meaning(self.scope.normal())
        rows = [] if relation == "=" else [*map(product, products), *([] if Product() in products else [Product()])]
        strict = [place for place, row in enumerate(rows) if not row.squares and self._positive(row)]
        try:
            rewriting, multiples = self._sorted(equations)
            zeros = [times(self.scope.normal()(term(factor)), self._difference(fact)) for factor, fact in multiples]
            both = [plus({}, zero, sign) for zero in zeros for sign in (1, -1)]
            columns = [*(self._value(row) for row in rows), *both]
            found = combination(goal, columns, list(rewriting.values()), strict if relation == ">" else ())
        except ValueError as wrong:
            raise NotProved(f"{name}: {claim}", str(wrong)) from None
        if found is None:
            rest = spoken(rewritten([goal], list(rewriting.values()))[0].rest)
            why = "no combination of the products and equations gives it"
            raise NotProved(f"{name}: {claim}", why, f"rewritten by the equations, what is left is {rest}")
        values, multipliers = found
        used = [[str(c), list(row.squares), list(row.facts)] for c, row in zip(values, rows, strict=False) if c]
        zero = [(m, fact) for m, fact in zip(multipliers, rewriting, strict=True) if m]
        pairs = values[len(rows) :]
        for place, (factor, fact) in enumerate(multiples):
            if value := pairs[2 * place] - pairs[2 * place + 1]:
                zero.append((plus({}, self.scope.normal()(term(factor)), value), fact))
        return self.step(
            name, claim, "combination", products=used, equations=[[spoken(m), fact.split("@")[0]] for m, fact in zero]
        )

    def _sorted(self, equations: Sequence[Any]) -> tuple[dict[str, Equation], list[tuple[str, str]]]:
        """Those that rewrite, and those that are taken as multiples."""
        rewriting: dict[str, Equation] = {}
        multiples: list[tuple[str, str]] = []
        for given in equations:
            if not isinstance(given, str):
                multiples.append((canonical(given[0]), given[1]))
                continue
            fact, _, lead = given.partition("@")
            left = self.scope.normal()(term(canonical(lead)) if lead else self.scope.claim(fact).left)
            rewrites = equation(left, self._difference(fact))
            if rewrites is None:
                multiples.append(("1", fact))
            else:
                rewriting[given] = rewrites
        return rewriting, multiples

    def _difference(self, fact: str) -> Polynomial:
        normal, said = self.scope.normal(), self.scope.claim(fact)
        if said.relation != "=":
            raise ValueError(f"{fact} is no equation")
        return plus(normal(said.left), normal(said.right), -1)

    def _value(self, row: Product) -> Polynomial:
        normal = self.scope.normal()
        total = constant(1)
        for text in row.squares:
            root = normal(self.scope.term(text))
            total = times(total, times(root, root))
        for fact in row.facts:
            total = times(total, self.scope.claim(fact).meaning(normal)[1])
        return total

    def _positive(self, row: Product) -> bool:
        return all(self.scope.claim(fact).relation in (">", "<") for fact in row.facts)

    def use(self, name: str, fact: str, *premises: str, **values: str) -> str:
        """A fact, or one of the library, at values of its binders."""
        try:
            known = LIBRARY[fact] if fact in LIBRARY else self.scope.fact(fact).formula
            terms = {binder: ((), term(canonical(text))) for binder, text in values.items()}
            said = Formula((), (), known.conclusion).substituted(terms)
        except Rejected as wrong:
            raise NotProved(f"{name}: {fact}", str(wrong)) from None
        texts = {binder: canonical(text) for binder, text in values.items()}
        return self.step(name, _canonical(said), "instance", fact=fact, values=texts, premises=list(premises))

    def linear(self, name: str, claim: str) -> str:
        """An equation that holds because E and sum are linear, and sums have last terms."""
        return self.step(name, claim, "linear")

    def mean(self, name: str, claim: str, fact: str) -> str:
        """The expectation of a fact."""
        return self.step(name, claim, "mean", fact=fact)

    def add(self, name: str, claim: str, fact: str, bound: str) -> str:
        """The sum over i < bound of a fact for all i (below the bound)."""
        return self.step(name, claim, "addition", fact=fact, bound=canonical(bound))

    def past(self, name: str, claim: str, *facts: str) -> str:
        """That a term depends on the first draws only."""
        return self.step(name, claim, "past", facts=list(facts))

    def congruent(self, name: str, fact: str, context: str, hole: str = "hole") -> str:
        """F(a) = F(b) from a = b; `context` is F with `hole` for its argument."""
        equal = self.scope.claim(fact)
        natural = {kind(side, self.scope.sorts) for side in (equal.left, equal.right)} == {"nat"}
        text = canonical(context)
        self.scope.term(text, {**self.scope.sorts, hole: Sort("nat" if natural else "real")})
        from ..kernel.terms import substitute

        left, right = (substitute(term(text), {hole: ((), side)}) for side in (equal.left, equal.right))
        said = Formula((), (), Claim("=", left, right))
        return self.step(name, _canonical(said), "congruence", fact=fact, context=text, hole=hole)

    def lemma(
        self, name: str, claim: str, theorem: str, hypotheses: Sequence[str], values: Mapping[str, str | Sequence[str]]
    ) -> str:
        """A claim of another theorem; a value of a family is [parameter, .., term]."""
        given = {letter: [value] if isinstance(value, str) else value for letter, value in values.items()}
        texts = {letter: [*parameters, canonical(body)] for letter, (*parameters, body) in given.items()}
        return self.step(name, claim, "lemma", theorem=theorem, values=texts, hypotheses=list(hypotheses))

    @contextmanager
    def cases(self, name: str, claim: str, on: str, assume: str = "case") -> Iterator[tuple[Proof, Proof]]:
        """Two proofs of the claim: where `on` >= 0, and where it is < 0."""
        split = term(canonical(on))
        random = kind(split, self.scope.sorts) == "rand"
        inner = []
        for relation in (">=", "<"):
            fact = Fact(Formula((), (), Claim(relation, split, ("num", 0))), self.scope.pointwise or random)
            inner.append(Proof(self.scope.assuming([(assume, fact)], pointwise=random)))
        yield inner[0], inner[1]
        steps = {"nonnegative": inner[0].steps, "negative": inner[1].steps}
        self.step(name, claim, "cases", term=canonical(on), assume=assume, **steps)

    @contextmanager
    def fixing(self, name: str, claim: str, *assume: str) -> Iterator[Proof]:
        """A proof for fixed values of the binders, the premises assumed under these names."""
        said = formula(claim)
        facts = [Fact(Formula((), (), premise), self.scope.pointwise) for premise in said.premises]
        inner = Proof(self.scope.assuming(zip(assume, facts, strict=True), said.inside(self.scope.sorts)))
        yield inner
        self.step(name, claim, "fixing", assume=list(assume), steps=inner.steps)

    @contextmanager
    def induction(
        self, name: str, claim: str, *assume: str, hypothesis: str = "before"
    ) -> Iterator[tuple[Proof, Proof]]:
        """Two proofs, at 0 and at n + 1; the claim at n is a fact of the second one."""
        said, sorts = formula(claim), self.scope.sorts
        ((variable, _),) = said.binders
        body = Formula((), said.premises, said.conclusion)
        places: list[Any] = [("num", 0), ("+", ("name", variable, ()), ("num", 1))]
        inner: list[Proof] = []
        for place, inside in zip(places, (sorts, said.inside(sorts)), strict=True):
            here = body.substituted({variable: ((), place)})
            premises = [Fact(Formula((), (), premise), self.scope.pointwise) for premise in here.premises]
            facts = zip(assume, premises, strict=True)
            before = [(hypothesis, Fact(body, self.scope.pointwise))] if inner else []
            inner.append(Proof(self.scope.assuming([*facts, *before], inside)))
        yield inner[0], inner[1]
        blocks = {"zero": inner[0].steps, "next": inner[1].steps}
        self.step(name, claim, "induction", assume=list(assume), hypothesis=hypothesis, **blocks)


def _canonical(said: Formula) -> str:
    return str(formula(str(said)))
