"""Proofs in Coq that two terms with one normal form are equal.

Atoms are replaced by variables, so that `field` sees a polynomial identity and nothing else. Where two texts are one
atom, where a reciprocal of a product splits, and where E or a sum is taken apart, an equation between the variables is
a premise, with a proof of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from ..kernel.polynomial import WRITTEN_OUT, Monomial, Normal, Polynomial, constant, expanded, plus, single, text
from ..kernel.terms import PAIRS, Sort, Sorts, Term, substitute
from . import coq_terms as coq
from .spoken import as_term

ZERO, ONE = ("num", 0), ("num", 1)


class Fresh:
    """Names that were not used before."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, stem: str) -> str:
        self.count += 1
        return f"{stem}_{self.count}"


@dataclass
class Abstract:
    """The variables of one identity: texts they stand for, and equations between them with their proofs."""

    equal: Equal
    variables: dict[str, str] = field(default_factory=dict)
    first: dict[str, tuple[str, Term]] = field(default_factory=dict)
    premises: list[tuple[str, str]] = field(default_factory=list)

    def term(self, term: Term, final: bool) -> str:
        """The text of a term over the variables. `final`: E and sums in it are in normal form."""
        head = term[0]
        if head == "num":
            return str(term[1])
        if head in PAIRS:
            return self.term(expanded(term), final)
        if head in ("+", "*", "neg", "^"):
            parts = [self.term(part, final) for part in term[1:] if isinstance(part, tuple)]
            return coq.ring(head, parts, term)
        if head == "/":
            return f"({self.term(term[1], final)} * {self.reciprocal(term[2], final)})"
        return self.leaf(term, final)

    def leaf(self, term: Term, final: bool) -> str:
        """The variable of an atom, with what is known of it."""
        found, equal = self.equal.real(term), self.equal
        if found in self.variables:
            return self.variables[found]
        variable = self.variables[found] = f"x{len(self.variables)}"
        normal = equal.normal(term)
        if equal.linear and not final and term[0] in ("E", "sum") and not _is_atom(term, normal):
            result = as_term(normal)
            proof = equal.expectation(term, result) if term[0] == "E" else equal.sum(term, result)
            self.premises.append((f"{variable} = {self.term(result, True)}", proof))
            return variable
        self._known(variable, text(normal), term)
        return variable

    def _known(self, variable: str, key: str, term: Term) -> None:
        if key not in self.first:
            self.first[key] = (variable, term)
            return
        other, known = self.first[key]
        self.premises.append((f"{variable} = {other}", self.equal.leaves(term, known)))

    def reciprocal(self, term: Term, final: bool) -> str:
        """The variable of 1/term, with how it splits."""
        if term[0] == "num":
            return f"/ {term[1]}"
        found, equal = f"/ {self.equal.real(term)}", self.equal
        if found in self.variables:
            return self.variables[found]
        variable = self.variables[found] = f"x{len(self.variables)}"
        normal = equal.normal(term)
        if len(normal) > 1 or _is_atom(term, normal):
            self._known(variable, f"inv {text(normal)}", ("inv", term))
            return variable
        ((monomial, value),) = normal.items()
        split, texts, proof = self._split(monomial, value)
        same = equal(term, _product(monomial, value))
        said = f"transitivity (/ {split}). {{ refine (f_equal Rinv _). {same} }} exact ({proof})."
        self.premises.append((f"{variable} = {texts}", said))
        return variable

    def _split(self, monomial: Monomial, value: Fraction) -> tuple[str, str, str]:
        """The product as `_product` writes it, its reciprocal over the variables, and the proof."""
        factors = [(_number(value), f"/ {_number(value)}", "eq_refl")]
        for atom, power in monomial:
            term = as_term(single(atom))
            inner, variable = self.equal.real(term), self.reciprocal(term, True)
            if power == 1:
                factors.append((inner, variable, "eq_refl"))
            else:
                factors.append((f"({inner} ^ {power})", f"({variable} ^ {power})", f"inv_power {inner} {power}"))
        whole, over, proof = factors[-1]
        for one, inverse, shown in reversed(factors[:-1]):
            whole, over, proof = f"({one} * {whole})", f"({inverse} * {over})", f"inv_times _ _ _ _ ({shown}) ({proof})"
        return whole, over, proof


def _number(value: Fraction) -> str:
    top = f"({value.numerator})" if value < 0 else str(value.numerator)
    return top if value.denominator == 1 else f"({top} * / {value.denominator})"


def _product(monomial: Monomial, value: Fraction) -> Term:
    """c * (a^k * (..)), as a term."""
    number: Term = ("num", abs(value.numerator))
    if value < 0:
        number = ("neg", number)
    if value.denominator != 1:
        number = ("/", number, ("num", value.denominator))
    factors: list[Term] = [number]
    for atom, power in monomial:
        term = as_term(single(atom))
        factors.append(term if power == 1 else ("^", term, power))
    whole = factors[-1]
    for factor in reversed(factors[:-1]):
        whole = ("*", factor, whole)
    return whole


def _is_atom(term: Term, normal: Polynomial) -> bool:
    """Whether the normal form of a term is one atom of the same kind."""
    if len(normal) != 1:
        return False
    ((monomial, value),) = normal.items()
    if value != 1 or len(monomial) != 1 or monomial[0][1] != 1:
        return False
    atom = monomial[0][0]
    if atom.over:
        return bool(term[0] == "sum")
    return bool(atom.head == (term[1] if term[0] == "name" else term[0]))


@dataclass(frozen=True)
class Equal:
    """Proofs of equality of terms over these sorts at an outcome; with `linear`, E and sum are linear."""

    sorts: Sorts
    at: str
    fresh: Fresh
    linear: bool = False

    def __call__(self, left: Term, right: Term, final: bool = False) -> str:
        """Closes the goal left = right."""
        if self.real(left) == self.real(right):
            return "reflexivity."
        abstract = Abstract(self)
        goal = f"{abstract.term(left, final)} = {abstract.term(right, final)}"
        identity = self.fresh("I")
        variables = " ".join(abstract.variables.values())
        quantified = f"forall {variables} : R, " if variables else ""
        premises = "".join(f"{said} -> " for said, _ in abstract.premises)
        lines = [f"assert ({identity} : {quantified}{premises}{goal}) by (intros; subst; solve [ring | field])."]
        values = " ".join(f"({found})" for found in abstract.variables)
        lines.append(f"refine ({identity} {values}{' _' * len(abstract.premises)}).")
        lines += [f"{{ {proof} }}" for _, proof in abstract.premises]
        return " ".join(lines)

    def real(self, term: Term) -> str:
        """The text of a term here."""
        return coq.real(term, self.sorts, self.at)

    def normal(self, term: Term) -> Polynomial:
        """The normal form of a term here."""
        return Normal(self.sorts, self.linear)(term)

    def leaves(self, left: Term, right: Term) -> str:
        """Closes left = right, two texts of one atom."""
        head = left[0]
        if head == "name":
            return self._families(left, right)
        if head == "E":
            outcome = self.fresh("omega")
            inner = Equal(self.sorts, outcome, self.fresh, self.linear)
            return f"apply E_ext; intro {outcome}. {inner(left[1], right[1])}"
        if head == "sum":
            return self._sums(left, right)
        function = "Rinv" if head == "inv" else coq.FUNCTIONS[head]
        return f"refine (f_equal {function} _). {self(left[1], right[1])}"

    def _families(self, left: Term, right: Term) -> str:
        """One argument after the other, each where it stands alone."""
        lines, inner = [], Equal({**self.sorts, "k'": Sort("nat")}, self.at, self.fresh)
        arguments = list(left[2])
        for place, (one, two) in enumerate(zip(left[2], right[2], strict=True)):
            if coq.natural(one) == coq.natural(two):
                continue
            hole = [*arguments[:place], ("name", "k'", ()), *arguments[place + 1 :]]
            arguments[place] = two
            after = self.real(("name", left[1], tuple(arguments)))
            lines.append(
                f"transitivity {after}. {{ {_changed(inner.real(('name', left[1], tuple(hole))), one, two)} }}"
            )
        return " ".join([*lines, "reflexivity."])

    def _sums(self, left: Term, right: Term) -> str:
        index = self.fresh("i")
        inner = Equal({**self.sorts, index: Sort("nat")}, self.at, self.fresh, self.linear)
        change = ""
        if coq.natural(left[2]) != coq.natural(right[2]):
            hole, after = ("sum", left[1], ("name", "k'", ()), left[3]), ("sum", left[1], right[2], left[3])
            text = Equal({**self.sorts, "k'": Sort("nat")}, self.at, self.fresh).real(hole)
            change = f"transitivity {self.real(after)}. {{ {_changed(text, left[2], right[2])} }}"
        bodies = [substitute(side[3], {side[1]: ((), ("name", index, ()))}) for side in (left, right)]
        return f"{change} apply sum_ext; intro {index}. {inner(bodies[0], bodies[1])}"

    def expectation(self, term: Term, result: Term) -> str:
        """Closes E(body) = result, its linear normal form."""
        outcome, body = self.fresh("omega"), term[1]
        inner = Equal(self.sorts, outcome, self.fresh, True)
        rows = []
        for monomial, value in inner.normal(body).items():
            inside = tuple(pair for pair in monomial if pair[0].kind == "rand")
            outside = tuple(pair for pair in monomial if pair[0].kind != "rand")
            rows.append((as_term({outside: value}), as_term({inside: Fraction(1)}) if inside else ONE))
        moved = [self._moved(part) for _, part in rows]
        written = _nested([("*", factor, part) for factor, part in rows])
        lines = [f"transitivity (E (fun omega : outcome Pr => {coq.real(written, self.sorts, 'omega')}))."]
        lines.append(f"{{ apply E_ext; intro {outcome}. {inner(body, written)} }}")
        after = _nested([("*", factor, to) for (factor, _), (to, _) in zip(rows, moved, strict=True)])
        lines.append(f"transitivity {self.real(after)}.")
        steps = "apply E_nil."
        for (factor, part), (_, proof) in reversed(list(zip(rows, moved, strict=True))):
            function = f"(fun omega : outcome Pr => {coq.real(part, self.sorts, 'omega')})"
            steps = f"refine (E_step _ {self.real(factor)} {function} _ _ _ _ _). {{ {proof} }} {{ {steps} }}"
        lines.append(f"{{ {steps} }}")
        return " ".join([*lines, self(after, result, final=True)])

    def _moved(self, part: Term) -> tuple[Term, str]:
        """What E of a product of random atoms becomes, and the proof."""
        if part == ONE:
            return ONE, "apply E_one."
        if part[0] != "sum":
            return ("E", part), "reflexivity."
        _, index, bound, body = part
        swapped = ("sum", index, bound, ("E", body))
        inner = {**self.sorts, index: Sort("nat")}
        family = f"(fun ({coq.name(index)} : nat) (omega : outcome Pr) => {coq.real(body, inner, 'omega')})"
        result = as_term(self.normal(swapped))
        lines = f"transitivity {self.real(swapped)}. {{ apply (E_sum _ ({coq.natural(bound)})%nat {family}). }}"
        return result, f"{lines} {self(swapped, result)}"

    def sum(self, term: Term, result: Term) -> str:
        """Closes sum(i < n, body) = result, its linear normal form."""
        _, _, bound, _ = term
        polynomial = Normal(self.sorts)(bound)
        last = int(polynomial.get((), Fraction(0)))
        if not polynomial:
            return f"replace ({coq.natural(bound)})%nat with 0%nat by naturals. apply sum_none."
        if 0 < last <= WRITTEN_OUT:
            return self._last(term, result, last, as_term(plus(polynomial, constant(-last))))
        return self._taken_apart(term, result)

    def _last(self, term: Term, result: Term, last: int, shorter: Term) -> str:
        """The last terms written out."""
        _, index, bound, body = term
        inner = {**self.sorts, index: Sort("nat")}
        function = f"(fun {coq.name(index)} : nat => {coq.real(body, inner, self.at)})"
        places = [shorter]
        for _ in range(last):
            places.append(("+", places[-1], ONE))
        start = f"(sum ({coq.natural(shorter)})%nat {function})"
        written, steps = start, "reflexivity."
        for place, before in zip(places[1:], places, strict=False):
            to = coq.natural(bound) if place is places[-1] else coq.natural(place)
            steps = (
                f"refine (sum_last ({to})%nat ({coq.natural(before)})%nat {function} _ _ _); [naturals|{steps[:-1]}]."
            )
            written = f"({written} + {function} ({coq.natural(before)})%nat)"
        terms = [substitute(body, {index: ((), place)}) for place in places[:-1]]
        first: Term = ("sum", index, shorter, body) if shorter != ZERO else ZERO
        goal = ("+", first, *terms)
        empty = f"change {start} with 0." if shorter == ZERO else ""
        lines = f"transitivity {written}. {{ {steps} }} {empty} cbv beta. push. "
        return lines + f"transitivity {self.real(goal)}. {{ try reflexivity; try ring. }} " + self(goal, result)

    def _taken_apart(self, term: Term, result: Term) -> str:
        """Factors without the index taken out of the sum."""
        _, index, bound, body = term
        new = self.fresh("i")
        inner = Equal({**self.sorts, new: Sort("nat")}, self.at, self.fresh, True)
        body = substitute(body, {index: ((), ("name", new, ()))})
        rows = []
        for monomial, value in inner.normal(body).items():
            inside = tuple(pair for pair in monomial if new in pair[0].free)
            outside = tuple(pair for pair in monomial if new not in pair[0].free)
            rows.append((as_term({outside: value}), as_term({inside: Fraction(1)}) if inside else ONE))
        written = _nested([("*", factor, part) for factor, part in rows])
        count = f"({coq.natural(bound)})%nat"
        lines = [f"transitivity (sum {count} (fun {new} : nat => {inner.real(written)}))."]
        lines.append(f"{{ apply sum_ext; intro {new}. {inner(body, written)} }}")
        moved = [bound if part == ONE else ("sum", new, bound, part) for _, part in rows]
        after = _nested([("*", factor, to) for (factor, _), to in zip(rows, moved, strict=True)])
        lines.append(f"transitivity {self.real(after)}.")
        steps = "apply sum_nil."
        for factor, part in reversed(rows):
            function = f"(fun {new} : nat => {inner.real(part)})"
            proof = "rewrite sum_one; push; reflexivity." if part == ONE else "reflexivity."
            steps = f"refine (sum_step {count} {self.real(factor)} {function} _ _ _ _ _). {{ {proof} }} {{ {steps} }}"
        lines.append(f"{{ {steps} }}")
        return " ".join([*lines, self(after, result, final=True)])


def _changed(context: str, one: Term, two: Term) -> str:
    """Closes context[one] = context[two] for equal naturals; the place is k'."""
    same = f"(ltac:(naturals) : ({coq.natural(one)})%nat = ({coq.natural(two)})%nat)"
    return f"exact (f_equal (fun k' : nat => {context}) {same})."


def _nested(parts: list[Term]) -> Term:
    """a + (b + (.. + 0))."""
    whole: Term = ZERO
    for part in reversed(parts):
        whole = ("+", part, whole)
    return whole
