"""The inferences: when a step of a proof follows from facts. Each has its argument in SEMANTICS.md and a lemma in Coq.

A fact is a formula that holds. Inside `cases` on a random term a fact holds at the outcome in question only: it is
`local` there, has no expectation, and discharges no premise of a formula that speaks of all outcomes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .formulas import Claim, Formula, written
from .library import LIBRARY
from .polynomial import Normal, Polynomial, constant, expectation, plus, power, summed, times
from .terms import ORDER, Known, Sort, Sorts, Term, Values, is_name, kind, names, substitute
from .terms import written as written_term
from .untrusted import Rejected, rational, require

MOST_STEPS, DEEPEST = 5000, 16
Step = Mapping[str, Any]


@dataclass(frozen=True)
class Fact:
    """A formula that holds; `local` if at the outcome in question only."""

    formula: Formula
    local: bool = False


@dataclass(frozen=True)
class Proved:
    """What a theorem that was replayed says: variables, hypotheses (with definitions and citations) and claims."""

    variables: Sorts
    hypotheses: tuple[Formula, ...]
    claims: tuple[Formula, ...]


@dataclass(frozen=True)
class Scope:
    """Where a step stands: sorts of the names, facts by name, and whether one outcome is fixed."""

    sorts: Known
    facts: Mapping[str, Fact]
    theorems: Mapping[str, Proved]
    pointwise: bool = False
    depth: int = 0
    used: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, sorts: Sorts, given: Mapping[str, Formula], theorems: Mapping[str, Proved]) -> Scope:
        """The scope of a statement."""
        return cls(Known(sorts), {}, theorems).assuming((name, Fact(first)) for name, first in given.items())

    def fact(self, name: object) -> Fact:
        """The fact of this name."""
        require(isinstance(name, str) and name in self.facts, f"there is no fact {name!r} here")
        assert isinstance(name, str)
        self.used.add(name)
        return self.facts[name]

    def claim(self, name: object) -> Claim:
        """The conclusion of a fact without binders and premises."""
        said = self.fact(name).formula
        why = "{} is no plain claim but {}; take an instance of it"
        require(not said.binders and not said.premises, why, name, said)
        return said.conclusion

    def normal(self, linear: bool = False) -> Normal:
        """The normal form of terms here."""
        return Normal(self.sorts, linear)

    def term(self, text: str, sorts: Sorts | None = None) -> Term:
        """The well-sorted term that a canonical text says."""
        read = written_term(text)
        kind(read, sorts or self.sorts)
        return read

    def assuming(self, new: Iterable[tuple[str, Fact]], sorts: Sorts | None = None, pointwise: bool = False) -> Scope:
        """A scope inside this one, with more facts and names."""
        facts = dict(self.facts)
        for name, fact in new:
            free = is_name(name) and name not in facts and name not in LIBRARY
            require(free, f"{name!r} cannot name an assumption, or is taken")
            facts[name] = fact
        inner = self.sorts if sorts is None else self.sorts.inside(sorts)
        require(self.depth < DEEPEST, f"more than {DEEPEST} proofs inside each other")
        return replace(self, sorts=inner, facts=facts, pointwise=self.pointwise or pointwise, depth=self.depth + 1)


def run(scope: Scope, steps: object) -> Scope:
    """The scope after these steps. Each has a new name, a claim in canonical text, an inference and what that needs."""
    require(isinstance(steps, list) and len(steps) <= MOST_STEPS, f"steps are a list of at most {MOST_STEPS}")
    assert isinstance(steps, list)
    facts = dict(scope.facts)
    scope = replace(scope, facts=facts)
    for step in steps:
        require(isinstance(step, dict), "a step is an object")
        name, by = step.get("name"), step.get("by")
        require(
            is_name(name) and name not in facts and name not in LIBRARY, f"{name!r} cannot name a step, or is taken"
        )
        require(isinstance(by, str) and by in INFERENCES, f"{name}: there is no inference {by!r}")
        wanted, check = INFERENCES[by]
        require(set(step) == {"name", "claim", "by", *wanted}, f"{name}: {by} takes {', '.join(wanted) or 'nothing'}")
        try:
            said = written(step["claim"])
            said.check(scope.sorts)
            random = any(premise.kind(said.inside(scope.sorts)) == "rand" for premise in said.premises)
            require(not (random and scope.pointwise), "random premises where one outcome is fixed")
            check(scope, said, step)
        except Rejected as wrong:
            raise Rejected(f"{name}: {wrong}") from None
        facts[name] = Fact(said, scope.pointwise)
    return scope


def prove(scope: Scope, steps: object, goal: Formula) -> None:
    """Steps whose last one says the goal."""
    after = run(scope, steps)
    require(isinstance(steps, list) and steps, "no steps to {}", goal)
    assert isinstance(steps, list)
    last = after.fact(steps[-1]["name"]).formula
    require(last.key(scope.sorts) == goal.key(scope.sorts), "the last step says {}, not {}", last, goal)


def plain(said: Formula, *relations: str) -> Claim:
    """The claim that a formula without binders and premises is, of one of these relations."""
    require(not said.binders and not said.premises, "{} has binders or premises", said)
    require(said.conclusion.relation in relations, "{} is none of {}", said, relations)
    return said.conclusion


def combination(scope: Scope, said: Formula, step: Step) -> None:
    """p = sum of c q^2 ... g ... + sum of l e, with c > 0, facts g >= 0 and facts e = 0, so p >= 0."""
    normal = scope.normal()
    relation, rest = plain(said, "=", ">=", ">", "<=", "<").meaning(normal)
    strict = False
    for coefficient, squares, facts in _rows(step["products"], 3):
        product, positive = _product(scope, coefficient, squares, facts)
        rest, strict = plus(rest, product, -1), strict or positive
        require(relation != "=", "an equation follows from equations only")
    for multiplier, name in _rows(step["equations"], 2):
        equation, zero = scope.claim(name).meaning(normal)
        require(equation == "=", f"{name} is no equation")
        rest = plus(rest, times(normal(scope.term(multiplier)), zero), -1)
    require(not rest, "the two sides of the combination differ")
    require(relation != ">" or strict, "no product is positive")


def _rows(rows: object, width: int) -> list[list[Any]]:
    require(isinstance(rows, list), "a list is missing")
    assert isinstance(rows, list)
    require(all(isinstance(row, list) and len(row) == width for row in rows), f"rows of {width} entries are needed")
    return rows


def _product(scope: Scope, coefficient: str, squares: list[str], facts: list[str]) -> tuple[Polynomial, bool]:
    """c q^2 ... g ..., and whether it is positive."""
    normal, value = scope.normal(), rational(coefficient, "the coefficient of a product")
    require(value > 0, f"the coefficient {value} of a product is not positive")
    product, positive = constant(value), True
    for square in squares:
        product, positive = times(product, power(normal(scope.term(square)), 2)), False
    for name in facts:
        relation, factor = scope.claim(name).meaning(normal)
        require(relation in (">=", ">"), f"{name} is not of the form >= or >")
        product, positive = times(product, factor), positive and relation == ">"
    return product, positive


def instance(scope: Scope, said: Formula, step: Step) -> None:
    """A fact, or one of the library, at values of its binders; its premises are facts."""
    name = step["fact"]
    # What the library says holds on every outcome by itself.
    fact = Fact(LIBRARY[name], local=True) if name in LIBRARY else scope.fact(name)
    known = fact.formula
    values = _values(scope, step["values"], {binder: Sort(sort) for binder, sort in known.binders})
    bare = Formula((), known.premises, known.conclusion).substituted(values)
    require(len(step["premises"]) == len(bare.premises), f"{name} has {len(bare.premises)} premises")
    normal = scope.normal()
    for premise, given in zip(bare.premises, step["premises"], strict=True):
        require(scope.claim(given).key(normal) == premise.key(normal), "{} does not say {}", given, premise)
        far = premise.kind(scope.sorts) != "rand" or not scope.fact(given).local
        require(far or fact.local, "{} is needed on all outcomes, and {} holds on some", premise, given)
    require(
        plain(said, said.conclusion.relation).key(normal) == bare.conclusion.key(normal), "it says {}", bare.conclusion
    )


def _values(scope: Scope, given: object, wanted: Sorts) -> Values:
    require(
        isinstance(given, dict) and set(given) == set(wanted), f"values for {', '.join(wanted) or 'nothing'} are needed"
    )
    assert isinstance(given, dict)
    values = {}
    for name, sort in wanted.items():
        *parameters, body = given[name] if isinstance(given[name], list) else [given[name]]
        require(len(parameters) == sort.arity == len(set(parameters)), f"{name} takes {sort.arity} parameters")
        require(all(is_name(parameter) for parameter in parameters), f"the parameters of {name} are names")
        value = scope.term(body, {**scope.sorts, **dict.fromkeys(parameters, Sort("nat"))})
        found = kind(value, {**scope.sorts, **dict.fromkeys(parameters, Sort("nat"))})
        require(ORDER.index(found) <= ORDER.index(sort.kind), f"{name} is {sort.kind}, and {body} is {found}")
        values[name] = (tuple(parameters), value)
    return values


def linear(scope: Scope, said: Formula, step: Step) -> None:
    """Both sides have one normal form, E and sum being linear."""
    _, difference = plain(said, "=").meaning(scope.normal(linear=True))
    require(not difference, "the two sides differ")


def mean(scope: Scope, said: Formula, step: Step) -> None:
    """What holds on all outcomes holds on average; > becomes >=."""
    require(not scope.fact(step["fact"]).local, f"{step['fact']} holds on some outcomes only, and has no mean")
    relation, difference = scope.claim(step["fact"]).meaning(scope.normal())
    _same(scope, said, relation, expectation(_linear(difference, scope, step["fact"]), True))


def _linear(difference: Polynomial, scope: Scope, name: str) -> Polynomial:
    """The same difference in the linear normal form."""
    return scope.claim(name).meaning(scope.normal(linear=True))[1]


def _same(scope: Scope, said: Formula, relation: str, value: Polynomial) -> None:
    require(relation in ("=", ">=", ">"), "of =, >= and > only")
    wanted = "=" if relation == "=" else ">="
    got, difference = plain(said, "=", ">=", "<=").meaning(scope.normal(linear=True))
    require(
        got == wanted or (got, wanted) == (">=", "="), f"a fact of the form {relation} gives one of the form {wanted}"
    )
    require(difference == value, "it says something else")


def addition(scope: Scope, said: Formula, step: Step) -> None:
    """What holds for all i < n holds for the sum; > becomes >=."""
    fact = scope.fact(step["fact"]).formula
    require(len(fact.binders) == 1 and fact.binders[0][1] == "nat", f"{step['fact']} is not for all i")
    index, bound = fact.binders[0][0], scope.term(step["bound"])
    require(kind(bound, scope.sorts) == "nat", f"{step['bound']} is no natural number")
    inner = fact.inside(scope.sorts)
    below = Claim("<=", ("+", ("name", index, ()), ("num", 1)), bound)
    for premise in fact.premises:
        require(premise.key(Normal(inner)) == below.key(Normal(inner)), "{} is not {}", premise, below)
    relation, difference = fact.conclusion.meaning(Normal(inner, linear=True))
    _same(scope, said, relation, summed(scope.normal(True)(bound), difference, index, True))


def past(scope: Scope, said: Formula, step: Step) -> None:
    """A term depends on the first n draws only, because the random terms in it do."""
    goal = plain(said, "past")
    known = [scope.fact(name).formula for name in step["facts"]]
    require(_known(goal.left, goal.right, known, scope), "nothing says that all of {} is past", goal)


def _known(value: Term, time: Term, known: list[Formula], scope: Scope) -> bool:
    if kind(value, scope.sorts) != "rand":
        return True
    normal = scope.normal()
    for fact in known:
        if fact.binders or fact.premises or fact.conclusion.relation != "past":
            continue
        later = plus(normal(time), normal(fact.conclusion.right), -1)
        if normal(fact.conclusion.left) == normal(value) and all(part >= 0 for part in later.values()):
            return True
    if value[0] == "sum":
        require(value[1] not in names(time), "the index {} of a sum stands in the time", value[1])
        goal = Formula(((value[1], "nat"),), (), Claim("past", value[3], time))
        return any(fact.key(scope.sorts) == goal.key(scope.sorts) for fact in known)
    parts = [part for part in value[1:] if isinstance(part, tuple)]
    return value[0] != "name" and all(_known(part, time, known, scope) for part in parts)


def congruence(scope: Scope, said: Formula, step: Step) -> None:
    """Equal numbers have equal functions: a = b gives F(a) = F(b)."""
    equal, hole = scope.claim(step["fact"]), step["hole"]
    require(equal.relation == "=" and equal.kind(scope.sorts) != "rand", "{} is no equation of numbers", equal)
    require(is_name(hole) and hole not in scope.sorts, f"{hole!r} cannot name the hole")
    natural = {kind(equal.left, scope.sorts), kind(equal.right, scope.sorts)} == {"nat"}
    sort = Sort("nat" if natural else "real")
    context = scope.term(step["context"], {**scope.sorts, hole: sort})
    left, right = (substitute(context, {hole: ((), side)}) for side in (equal.left, equal.right))
    goal = Claim("=", left, right)
    require(plain(said, "=").key(scope.normal()) == goal.key(scope.normal()), "it says {}", goal)


def cases(scope: Scope, said: Formula, step: Step) -> None:
    """A term is >= 0 or < 0, and in both cases the claim holds."""
    plain(said, said.conclusion.relation)
    split = scope.term(step["term"])
    random = kind(split, scope.sorts) == "rand"
    for relation, steps in ((">=", step["nonnegative"]), ("<", step["negative"])):
        assumed = Fact(Formula((), (), Claim(relation, split, ("num", 0))), scope.pointwise or random)
        prove(scope.assuming([(step["assume"], assumed)], pointwise=random), steps, said)


def fixing(scope: Scope, said: Formula, step: Step) -> None:
    """What holds for variables of which nothing is known but the premises holds for all of them."""
    inner = said.inside(scope.sorts)
    prove(_premised(scope, said.premises, step["assume"], inner), step["steps"], Formula((), (), said.conclusion))


def _premised(
    scope: Scope, premises: tuple[Claim, ...], called: list[str], sorts: Sorts, *more: tuple[str, Fact]
) -> Scope:
    require(isinstance(called, list) and len(called) == len(premises), f"names for {len(premises)} premises are needed")
    facts = (Fact(Formula((), (), premise), scope.pointwise) for premise in premises)
    return scope.assuming([*zip(called, facts, strict=True), *more], sorts)


def induction(scope: Scope, said: Formula, step: Step) -> None:
    """P(0), and P(n + 1) from P(n), for a natural number n: P(n) for all n."""
    require(len(said.binders) == 1 and said.binders[0][1] == "nat", "induction is over one natural number")
    variable = said.binders[0][0]
    body, inner = Formula((), said.premises, said.conclusion), said.inside(scope.sorts)
    first = body.substituted({variable: ((), ("num", 0))})
    following = body.substituted({variable: ((), ("+", ("name", variable, ()), ("num", 1)))})
    base = _premised(scope, first.premises, step["assume"], scope.sorts)
    prove(base, step["zero"], Formula((), (), first.conclusion))
    before = (step["hypothesis"], Fact(body, scope.pointwise))
    after = _premised(scope, following.premises, step["assume"], inner, before)
    prove(after, step["next"], Formula((), (), following.conclusion))


def lemma(scope: Scope, said: Formula, step: Step) -> None:
    """A claim of a theorem that was proved, for other values of its variables; its hypotheses are facts."""
    require(step["theorem"] in scope.theorems, f"no theorem {step['theorem']!r} was replayed before")
    theorem = scope.theorems[step["theorem"]]
    values = _values(scope, step["values"], theorem.variables)
    require(len(step["hypotheses"]) == len(theorem.hypotheses), f"it has {len(theorem.hypotheses)} hypotheses")
    for hypothesis, name in zip(theorem.hypotheses, step["hypotheses"], strict=True):
        fact, goal = scope.fact(name), hypothesis.substituted(values)
        require(not fact.local, f"{name} holds on some outcomes only")
        if fact.formula != goal:
            require(fact.formula.key(scope.sorts) == goal.key(scope.sorts), "{} does not say {}", name, goal)
    claims = [other.substituted(values) for other in theorem.claims]
    by_key = (other.key(scope.sorts) for other in claims)
    require(said in claims or said.key(scope.sorts) in by_key, "it is none of the claims of that theorem")


INFERENCES: Mapping[str, tuple[tuple[str, ...], Callable[[Scope, Formula, Step], None]]] = {
    "combination": (("products", "equations"), combination),
    "instance": (("fact", "values", "premises"), instance),
    "linear": ((), linear),
    "mean": (("fact",), mean),
    "addition": (("fact", "bound"), addition),
    "past": (("facts",), past),
    "congruence": (("fact", "hole", "context"), congruence),
    "cases": (("term", "assume", "nonnegative", "negative"), cases),
    "fixing": (("assume", "steps"), fixing),
    "induction": (("assume", "hypothesis", "zero", "next"), induction),
    "lemma": (("theorem", "values", "hypotheses"), lemma),
}
