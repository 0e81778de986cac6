"""The steps of a certificate as a Coq proof: every step an assertion, proved by the lemma of its inference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..kernel.formulas import Claim, Formula, formula
from ..kernel.inferences import Fact, Proved, Scope
from ..kernel.library import LIBRARY
from ..kernel.polynomial import Normal, plus
from ..kernel.terms import Sort, Sorts, Term, Values, kind, substitute, term
from ..kernel.untrusted import rational
from . import coq_terms as coq
from .coq_equal import ONE, ZERO, Equal, Fresh
from .spoken import as_term

Step = Mapping[str, Any]
SOMEWHERE = "(some_outcome Pr)"
FROM = {">=": "from_ge", ">": "from_gt", "<=": "from_le", "<": "from_lt", "=": "from_eq", "/=": "from_apart"}
TO = {">=": "to_ge", ">": "to_gt", "<=": "to_le", "<": "to_lt", "=": "to_eq", "/=": "to_apart"}


def difference(said: Claim) -> Term:
    """What a claim says is 0, >= 0, > 0 or not 0."""
    left, right = (said.right, said.left) if said.relation in ("<=", "<") else (said.left, said.right)
    return ("+", left, ("neg", right))


@dataclass(frozen=True)
class Writer:
    """Writes the steps of one proof. `at`: the outcome in question, where one is fixed."""

    scope: Scope
    fresh: Fresh
    at: str | None = None

    def equal(self, at: str | None = None, linear: bool = False) -> Equal:
        """Proofs of equality here."""
        return Equal(self.scope.sorts, at or self.at or SOMEWHERE, self.fresh, linear)

    def steps(self, steps: list[Step]) -> tuple[Writer, str]:
        """All steps, and the writer after them."""
        writer, lines = self, []
        for step in steps:
            said = formula(step["claim"])
            lines.append(f"assert (h_{step['name']} : {coq.formula(said, writer.scope.sorts, writer.at)}).")
            lines.append(f"{{ {writer.step(said, step)} }}")
            facts = {**writer.scope.facts, step["name"]: Fact(said, writer.scope.pointwise)}
            writer = replace(writer, scope=replace(writer.scope, facts=facts))
        return writer, "\n".join(lines)

    def step(self, said: Formula, step: Step) -> str:
        """The proof of one step."""
        if step["by"] in ("fixing", "induction", "lemma", "past"):
            return str(getattr(self, step["by"])(said, step))
        if self.at is None and said.conclusion.kind(self.scope.sorts) == "rand":
            outcome = self.fresh("omega")
            return f"intro {outcome}. " + str(getattr(self, step["by"])(said.conclusion, step, outcome))
        return str(getattr(self, step["by"])(said.conclusion, step, self.at or SOMEWHERE))

    def known(self, name: str, at: str) -> tuple[Claim, str]:
        """A plain fact, and its proof at an outcome."""
        fact = self.scope.facts[name]
        said = fact.formula.conclusion
        random = not fact.local and said.kind(self.scope.sorts) == "rand"
        return said, f"(h_{name} {at})" if random else f"h_{name}"

    def transfer(self, proof: str, known: Claim, goal: Claim, at: str, linear: bool = False) -> str:
        """Closes a goal that says the same as what is proved."""
        sorts = self.scope.sorts
        if coq.claim(known, sorts, at) == coq.claim(goal, sorts, at):
            return f"exact {proof}."
        if goal.relation == "past":
            outcome = self.fresh("omega")
            same = self.equal(outcome)(goal.left, known.left)
            lines = f"refine (past_same _ _ _ _ _ {proof} _ _). {{ intro {outcome}. {same} }}"
            return f"{lines} {{ naturals. }}"
        before = difference(known)
        whole = f"({FROM[known.relation]} _ _ {proof})"
        same = self.equal(at, linear)(("+", goal.left, ("neg", goal.right)), before)
        if goal.relation in ("<=", "<"):
            same = self.equal(at, linear)(("+", goal.right, ("neg", goal.left)), before)
        return f"refine ({TO[goal.relation]} _ _ {coq.real(before, sorts, at)} {whole} _). {same}"

    def combination(self, said: Claim, step: Step, at: str) -> str:
        """p = P + Q with P >= 0 and Q = 0."""
        products = [self._product(row, at) for row in step["products"]]
        equations = []
        for multiplier, name in step["equations"]:
            known, proof = self.known(name, at)
            equations.append((("*", term(multiplier), difference(known)), f"zero_times _ _ ({FROM['=']} _ _ {proof})"))
        zero, zero_proof = _added(equations, "zero_plus")
        equal = self.equal(at)
        if said.relation == "=":
            same = equal(("+", said.left, ("neg", said.right)), zero)
            return f"refine (by_eq _ _ {equal.real(zero)} _ {zero_proof}). {same}"
        left, right = (said.right, said.left) if said.relation in ("<=", "<") else (said.left, said.right)
        total, proof = self._total(products, strict=said.relation in (">", "<"))
        lemma = {">=": "by_ge", ">": "by_gt", "<=": "by_le", "<": "by_lt"}[said.relation]
        same = equal(("+", left, ("neg", right)), ("+", total, zero))
        return f"refine ({lemma} _ _ {equal.real(total)} {equal.real(zero)} _ {proof} {zero_proof}). {same}"

    def _product(self, row: list[Any], at: str) -> tuple[Term, str, bool]:
        """c (q^2 (.. (g ..))), the proof of its sign, and whether it is positive."""
        coefficient, squares, facts = row
        value, positive = rational(coefficient, "c"), not squares
        factors: list[tuple[Term, str, bool]] = []
        number: Term = ("num", value.numerator)
        if value.denominator > 1:
            number = ("/", number, ("num", value.denominator))
        factors.append((number, f"ltac:(lra) : {coq.real(number, {}, at)} > 0", True))
        factors += [(("^", term(square), 2), "square_ge _", False) for square in squares]
        for name in facts:
            known, proof = self.known(name, at)
            factors.append((difference(known), f"{FROM[known.relation]} _ _ {proof}", known.relation in (">", "<")))
        positive = all(strict for *_, strict in factors)
        whole, proof, strict = factors[-1]
        shown = _weak(proof, strict) if not positive else f"({proof})"
        for factor, lemma, is_strict in reversed(factors[:-1]):
            one = f"({lemma})" if positive else _weak(lemma, is_strict)
            whole, shown = ("*", factor, whole), f"({'mul_gt' if positive else 'mul_ge'} _ _ {one} {shown})"
        return whole, shown, positive

    def _total(self, products: list[tuple[Term, str, bool]], strict: bool) -> tuple[Term, str]:
        """The sum of products and the proof of its sign."""
        if not products:
            return ZERO, "(Rge_refl 0)"
        whole, proof, positive = products[-1]
        if not strict:
            proof, positive = (f"(gt_ge _ {proof})" if positive else proof), False
        for term_, shown, is_positive in reversed(products[:-1]):
            if not strict:
                shown, is_positive = (f"(gt_ge _ {shown})" if is_positive else shown), False
            if is_positive:
                weak = f"(gt_ge _ {proof})" if positive else proof
                proof, positive = f"(add_gt_left _ _ {shown} {weak})", True
            elif positive:
                proof = f"(add_gt_right _ _ {shown} {proof})"
            else:
                proof = f"(add_ge _ _ {shown} {proof})"
            whole = ("+", term_, whole)
        return whole, proof

    def instance(self, said: Claim, step: Step, at: str) -> str:
        """A fact at values of its binders."""
        name = step["fact"]
        library = name in LIBRARY
        fact = Fact(LIBRARY[name], True) if library else self.scope.facts[name]
        given = fact.formula
        values: Values = {letter: ((), term(text)) for letter, text in step["values"].items()}
        bare = Formula((), given.premises, given.conclusion).substituted(values)
        whole = not fact.local  # it speaks of all outcomes
        lines, proofs = [], []
        *flags, conclusion = coq.random_claims(given, self._without(given))
        for premise, from_, flag in zip(bare.premises, step["premises"], flags, strict=True):
            shown = self.fresh("P")
            random = whole and flag
            outcome = self.fresh("omega") if random else at
            known, proof = self.known(from_, outcome)
            stated = coq.everywhere(premise, self.scope.sorts, None if random else at, random)
            intro = f"intro {outcome}. " if random else ""
            lines.append(f"assert ({shown} : {stated}). {{ {intro}{self.transfer(proof, known, premise, outcome)} }}")
            proofs.append(shown)
        arguments = [self._argument(sort, values[letter][1], at, library) for letter, sort in given.binders]
        instance = self.fresh("F")
        lines.append(f"pose proof ({' '.join([name if library else f'h_{name}', *arguments])}) as {instance}.")
        lines.append(f"cbv beta in {instance}. push_in {instance}.")
        lines += [f"specialize ({instance} {proof})." for proof in proofs]
        here = instance
        if whole and conclusion:
            here = f"({instance} {at})"
        return " ".join([*lines, self.transfer(here, bare.conclusion, said, at)])

    def _without(self, given: Formula) -> Sorts:
        binders = dict(given.binders)
        return {letter: sort for letter, sort in self.scope.sorts.items() if letter not in binders}

    def _argument(self, sort: str, value: Term, at: str, library: bool) -> str:
        if sort == "nat":
            return f"({coq.natural(value)})%nat"
        if sort == "rand" and not library:
            return f"(fun omega : outcome Pr => {coq.real(value, self.scope.sorts, 'omega')})"
        return f"({coq.real(value, self.scope.sorts, at)})"

    def linear(self, said: Claim, step: Step, at: str) -> str:
        """Both sides have one linear normal form."""
        return self.equal(at, linear=True)(said.left, said.right)

    def mean(self, said: Claim, step: Step, at: str) -> str:
        """E of a fact."""
        fact = self.scope.facts[step["fact"]].formula.conclusion
        outcome, averaged = self.fresh("omega"), ("E", difference(fact))
        _, proof = self.known(step["fact"], outcome)
        shown = self._sign(fact, proof)
        lemma = "E_zero" if fact.relation == "=" else "E_nonneg"
        body = f"(fun omega : outcome Pr => {coq.real(difference(fact), self.scope.sorts, 'omega')})"
        known = Claim("=" if fact.relation == "=" else ">=", averaged, ZERO)
        name = self.fresh("M")
        lines = f"assert ({name} : {coq.claim(known, self.scope.sorts, at)}). "
        lines += f"{{ refine ({lemma} _ {body} _). intro {outcome}. exact {shown}. }} "
        return lines + self._weakened(name, known, said, at)

    def _sign(self, fact: Claim, proof: str) -> str:
        shown = f"({FROM[fact.relation]} _ _ {proof})"
        return f"(gt_ge _ {shown})" if fact.relation in (">", "<") else shown

    def _weakened(self, name: str, known: Claim, said: Claim, at: str) -> str:
        """The goal from a claim of linear normal form; >= from = where that is asked."""
        if known.relation == "=" and said.relation != "=":
            weak = self.fresh("W")
            before = Claim(">=", known.left, ZERO)
            stated = coq.claim(before, self.scope.sorts, at)
            rest = self.transfer(weak, before, said, at, linear=True)
            return f"assert ({weak} : {stated}) by (rewrite {name}; lra). {rest}"
        return self.transfer(name, known, said, at, linear=True)

    def addition(self, said: Claim, step: Step, at: str) -> str:
        """The sum of a fact for all i."""
        given, bound = self.scope.facts[step["fact"]], term(step["bound"])
        ((letter, _),) = given.formula.binders
        index, below, name = self.fresh("i"), self.fresh("B"), self.fresh("M")
        fact = given.formula.conclusion.substituted({letter: ((), ("name", index, ()))})
        sorts = {**self.scope.sorts, index: Sort("nat")}
        proof = f"h_{step['fact']} {index}"
        if given.formula.premises:
            proof += " ltac:(push; lra)"
        random = not given.local and fact.kind(sorts) == "rand"
        shown = self._sign(fact, f"({proof} {at})" if random else f"({proof})")
        known = Claim("=" if fact.relation == "=" else ">=", ("sum", index, bound, difference(fact)), ZERO)
        lemma = "sum_zero" if fact.relation == "=" else "sum_nonneg"
        body = f"(fun {index} : nat => {coq.real(difference(fact), sorts, at)})"
        lines = f"assert ({name} : {coq.claim(known, self.scope.sorts, at)}). "
        lines += f"{{ refine ({lemma} ({coq.natural(bound)})%nat {body} _). intros {index} {below}. push_in {below}. "
        return lines + f"exact {shown}. }} " + self._weakened(name, known, said, at)

    def past(self, said: Formula, step: Step) -> str:
        """Equal on outcomes that agree."""
        goal = said.conclusion
        one, two, same = self.fresh("omega"), self.fresh("omega"), self.fresh("A")
        known = [(name, self.scope.facts[name].formula) for name in step["facts"]]
        proof = self._known(goal.left, goal.right, known, (one, two, same))
        return f"intros {one} {two} {same}. cbv beta. exact ({proof})."

    def _known(self, value: Term, time: Term, known: list[tuple[str, Formula]], pair: tuple[str, str, str]) -> str:
        """The proof that a term is equal on two outcomes."""
        one, two, same = pair
        sorts = self.scope.sorts
        if not coq.is_random(value, sorts):
            return "eq_refl"
        normal = Normal(sorts)
        for name, fact in known:
            if fact.binders or fact.premises or fact.conclusion.relation != "past":
                continue
            later = plus(normal(time), normal(fact.conclusion.right), -1)
            if normal(fact.conclusion.left) == normal(value) and all(part >= 0 for part in later.values()):
                function = f"(fun omega : outcome Pr => {coq.real(fact.conclusion.left, sorts, 'omega')})"
                before, after, more = map(coq.natural, (fact.conclusion.right, time, as_term(later)))
                count = f"(ltac:(naturals) : ({after} = {before} + {more})%nat)"
                times = f"({before})%nat ({after})%nat ({more})%nat"
                proof = f"(past_later _ {function} {times} {one} {two} h_{name} {count} {same})"
                sides = [self.equal(at) for at in (one, two)]
                first = f"ltac:({{ {sides[0](value, fact.conclusion.left)} }})"
                second = f"ltac:({{ {sides[1](fact.conclusion.left, value)} }})"
                if coq.real(value, sorts, one) == coq.real(fact.conclusion.left, sorts, one):
                    return proof
                return f"(eq_trans {first} (eq_trans {proof} {second}))"
        if value[0] == "sum":
            return self._sum_known(value, time, known, pair)
        return self._parts_known(value, time, known, pair)

    def _sum_known(self, value: Term, time: Term, known: list[tuple[str, Formula]], pair: tuple[str, str, str]) -> str:
        one, two, same = pair
        goal = Formula(((value[1], "nat"),), (), Claim("past", value[3], time))
        name, _ = next(row for row in known if row[1].key(self.scope.sorts) == goal.key(self.scope.sorts))
        index = self.fresh("i")
        return f"(sum_ext _ _ _ (fun {index} => h_{name} {index} {one} {two} {same}))"

    def _parts_known(
        self, value: Term, time: Term, known: list[tuple[str, Formula]], pair: tuple[str, str, str]
    ) -> str:
        from ..kernel.polynomial import expanded
        from ..kernel.terms import PAIRS

        if value[0] in PAIRS:
            return self._known(expanded(value), time, known, pair)
        parts = [self._known(part, time, known, pair) for part in value[1:] if isinstance(part, tuple)]
        head = value[0]
        if head == "neg":
            return f"(f_equal Ropp {parts[0]})"
        if head == "^":
            return f"(f_equal (fun x => x ^ {value[2]}) {parts[0]})"
        if head == "/":
            return f"(f_equal2 (fun x y => x * / y) {parts[0]} {parts[1]})"
        if head in ("+", "*"):
            operation = {"+": "Rplus", "*": "Rmult"}[head]
            whole = parts[0]
            for part in parts[1:]:
                whole = f"(f_equal2 {operation} {whole} {part})"
            return whole
        return f"(f_equal {coq.FUNCTIONS[head]} {parts[0]})"

    def congruence(self, said: Claim, step: Step, at: str) -> str:
        """F(a) = F(b)."""
        known, proof = self.known(step["fact"], at)
        hole, context = step["hole"], term(step["context"])
        natural = {kind(side, self.scope.sorts) for side in (known.left, known.right)} == {"nat"}
        sorts = {**self.scope.sorts, hole: Sort("nat" if natural else "real")}
        if natural:
            sides = [f"({coq.natural(side)})%nat" for side in (known.left, known.right)]
            proof = f"(INR_eq {sides[0]} {sides[1]} ltac:(push; exact {proof}))"
        function = f"(fun {coq.name(hole)} : {'nat' if natural else 'R'} => {coq.real(context, sorts, at)})"
        name = self.fresh("F")
        goal = Claim("=", *(substitute(context, {hole: ((), side)}) for side in (known.left, known.right)))
        lines = f"pose proof (f_equal {function} {proof}) as {name}. cbv beta in {name}. push_in {name}. "
        return lines + self.transfer(name, goal, said, at)

    def cases(self, said: Claim, step: Step, at: str) -> str:
        """Both cases."""
        split = term(step["term"])
        random = coq.is_random(split, self.scope.sorts)
        blocks = []
        for relation, steps in ((">=", step["nonnegative"]), ("<", step["negative"])):
            fact = Fact(Formula((), (), Claim(relation, split, ZERO)), self.scope.pointwise or random)
            inner = self.scope.assuming([(step["assume"], fact)], pointwise=random)
            # Where the claim is about one outcome already, all of the case is.
            where = at if inner.pointwise else self.at
            blocks.append(f"{{ {replace(self, scope=inner, at=where).block(steps, said, at)} }}")
        text = coq.real(split, self.scope.sorts, at)
        return (
            f"destruct (nonnegative_or_negative {text}) as [h_{step['assume']}|h_{step['assume']}]. {' '.join(blocks)}"
        )

    def block(self, steps: list[Step], goal: Claim, at: str) -> str:
        """Steps, the last of which says the goal."""
        writer, text = self.steps(steps)
        said, proof = writer.known(steps[-1]["name"], at)
        return f"{text} {writer.transfer(proof, said, goal, at)}"

    def closing(self, steps: list[Step], goal: Claim) -> str:
        """Steps to a goal that may be about all outcomes."""
        writer, text = self.steps(steps)
        if self.at is None and goal.kind(self.scope.sorts) == "rand":
            outcome = self.fresh("omega")
            said, proof = writer.known(steps[-1]["name"], outcome)
            return f"{text} intro {outcome}. {writer.transfer(proof, said, goal, outcome)}"
        said, proof = writer.known(steps[-1]["name"], self.at or SOMEWHERE)
        return f"{text} {writer.transfer(proof, said, goal, self.at or SOMEWHERE)}"

    def _premised(
        self, premises: tuple[Claim, ...], called: list[str], sorts: Sorts, *more: tuple[str, Fact]
    ) -> Writer:
        facts = (Fact(Formula((), (), premise), self.scope.pointwise) for premise in premises)
        return replace(self, scope=self.scope.assuming([*zip(called, facts, strict=True), *more], sorts))

    def fixing(self, said: Formula, step: Step) -> str:
        """For all values of the binders."""
        inner = self._premised(said.premises, step["assume"], said.inside(self.scope.sorts))
        new = [*(coq.name(letter) for letter, _ in said.binders), *(f"h_{name}" for name in step["assume"])]
        intro = f"intros {' '.join(new)}. " if new else ""
        return intro + inner.closing(step["steps"], said.conclusion)

    def induction(self, said: Formula, step: Step) -> str:
        """Zero and next."""
        ((variable, _),) = said.binders
        letter = coq.name(variable)
        body, inner = Formula((), said.premises, said.conclusion), said.inside(self.scope.sorts)
        first = body.substituted({variable: ((), ZERO)})
        following = body.substituted({variable: ((), ("+", ("name", variable, ()), ONE))})
        base = self._premised(first.premises, step["assume"], self.scope.sorts)
        before = (step["hypothesis"], Fact(body, self.scope.pointwise))
        after = self._premised(following.premises, step["assume"], inner, before)
        names_ = " ".join(f"h_{name}" for name in step["assume"])
        intro = f"intros {names_}. " if names_ else ""
        stated = coq.formula(body, inner, self.at)
        zero, next_, held = self.fresh("Z"), self.fresh("N"), self.fresh("H")
        return (
            f"assert ({zero} : {coq.formula(first, self.scope.sorts, self.at)}). "
            f"{{ {intro}{base.closing(step['zero'], first.conclusion)} }} "
            f"assert ({next_} : forall {letter} : nat, ({stated}) -> {coq.formula(following, inner, self.at)}). "
            f"{{ intros {letter} h_{step['hypothesis']}. {intro}{after.closing(step['next'], following.conclusion)} }} "
            f"refine (induction_over (fun {letter} : nat => {stated}) _ _); cbv beta. "
            f"{{ push. exact {zero}. }} {{ intros {letter} {held}. push. exact ({next_} {letter} {held}). }}"
        )

    def lemma(self, said: Formula, step: Step) -> str:
        """A theorem at other values."""
        theorem: Proved = self.scope.theorems[step["theorem"]]
        values: dict[str, tuple[tuple[str, ...], Term]] = {}
        for letter, given in step["values"].items():
            *parameters, body = given if isinstance(given, list) else [given]
            values[letter] = (tuple(parameters), term(body))
        arguments = [self._value(theorem.variables[letter], *values[letter]) for letter in theorem.variables]
        lines, proofs = [], []
        for hypothesis, name in zip(theorem.hypotheses, step["hypotheses"], strict=True):
            goal, shown = hypothesis.substituted(values), self.fresh("P")
            flags = coq.random_claims(hypothesis, theorem.variables)
            stated = coq.formula(goal, self.scope.sorts, None, flags)
            again = self.again(f"h_{name}", self.scope.facts[name].formula, goal, to=flags)
            lines.append(f"assert ({shown} : {stated}). {{ {again} }}")
            proofs.append(shown)
        instance = self.fresh("F")
        lines.append(f"pose proof ({step['theorem']} Pr {' '.join(arguments)}) as {instance}.")
        lines.append(
            f"cbv beta in {instance}. push_in {instance}. {' '.join(f'specialize ({instance} {p}).' for p in proofs)}"
        )
        claims = [one.substituted(values) for one in theorem.claims]
        place = [one.key(self.scope.sorts) for one in claims].index(said.key(self.scope.sorts))
        parts = [self.fresh("C") for _ in claims]
        pattern = parts[-1]
        for part in reversed(parts[:-1]):
            pattern = f"[{part} {pattern}]"
        if len(parts) > 1:
            lines.append(f"destruct {instance} as {pattern}.")
        else:
            parts = [instance]
        flags = coq.random_claims(theorem.claims[place], theorem.variables)
        lines.append(self.again(parts[place], claims[place], said, flags))
        return " ".join(lines)

    def _value(self, sort: Sort, parameters: tuple[str, ...], body: Term) -> str:
        sorts = {**self.scope.sorts, **dict.fromkeys(parameters, Sort("nat"))}
        binder = "".join(f"({coq.name(parameter)} : nat) " for parameter in parameters)
        if sort.kind == "nat":
            return f"({coq.natural(body)})%nat"
        if sort.kind == "rand":
            return f"(fun {binder}(omega : outcome Pr) => {coq.real(body, sorts, 'omega')})"
        text = coq.real(body, sorts, SOMEWHERE)
        return f"(fun {binder}=> {text})" if binder else f"({text})"

    def again(
        self, proof: str, known: Formula, goal: Formula, of: list[bool] | None = None, to: list[bool] | None = None
    ) -> str:
        """Closes a formula that says the same as another up to the names of binders.

        `of`, `to`: which claims of the one and of the other speak of all outcomes, as in `coq_terms.formula`.
        """
        of, to = of or coq.random_claims(known, self.scope.sorts), to or coq.random_claims(goal, self.scope.sorts)
        letters = [self.fresh("b") for _ in goal.binders]
        inner = {**self.scope.sorts, **{n: Sort(sort) for n, (_, sort) in zip(letters, goal.binders, strict=True)}}
        known, goal = _renamed(known, letters), _renamed(goal, letters)
        here = replace(self, scope=replace(self.scope, sorts=self.scope.sorts.inside(inner)))
        premises = [self.fresh("Q") for _ in goal.premises]
        intro = f"intros {' '.join([*letters, *premises])}. " if letters or premises else ""
        lines, shown = [intro], []
        for place, (wanted, given, name) in enumerate(zip(known.premises, goal.premises, premises, strict=True)):
            stated, said = self.fresh("P"), coq.everywhere(wanted, inner, None, of[place])
            closed = here._at_outcome(name, given, wanted, to[place], of[place])
            lines.append(f"assert ({stated} : {said}). {{ {closed} }} ")
            shown.append(stated)
        applied = " ".join([proof, *letters, *shown])
        return "".join(lines) + here._at_outcome(applied, known.conclusion, goal.conclusion, of[-1], to[-1])

    def _at_outcome(self, proof: str, known: Claim, goal: Claim, of: bool, to: bool) -> str:
        """Closes a claim, on all outcomes if `to`, from one on all outcomes if `of`."""
        outcome = self.fresh("omega") if to else SOMEWHERE
        intro = f"intro {outcome}. " if to else ""
        applied = f"({proof} {outcome})" if of else f"({proof})"
        return intro + self.transfer(applied, known, goal, outcome)


def _renamed(said: Formula, letters: list[str]) -> Formula:
    """A formula without its binders, which are called otherwise."""
    values: Values = {old: ((), ("name", new, ())) for (old, _), new in zip(said.binders, letters, strict=True)}
    return Formula((), said.premises, said.conclusion).substituted(values)


def _weak(proof: str, strict: bool) -> str:
    return f"(gt_ge _ ({proof}))" if strict else f"({proof})"


def _added(terms: list[tuple[Term, str]], lemma: str) -> tuple[Term, str]:
    if not terms:
        return ZERO, "eq_refl"
    whole, proof = terms[-1][0], f"({terms[-1][1]})"
    for one, shown in reversed(terms[:-1]):
        whole, proof = ("+", one, whole), f"({lemma} _ _ ({shown}) {proof})"
    return whole, proof
