"""Moments that match give weak order 1 (Milstein 1986; Li, Tai & E 2019): from one step to all steps.

V(t) is the value of a test function at the end, given the state of the run at step t and continued by the SDE: the
solution of Kolmogorov's backward equation. Its Taylor expansion along one step is a premise; the rest is proved.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..kernel.formulas import formula
from ..kernel.polynomial import Normal
from ..kernel.terms import term
from ..proving.instance import Instance as Numbers
from ..proving.script import Proof
from ..proving.spoken import spoken
from ..proving.theorem import Theorem, Value
from ..proving.value_functions import states
from .local_errors_add_up_to_the_weak_error import THEOREM as ADDED
from .means_of_sums import THEOREM as SUMS
from .means_of_sums import mean_of_sum
from .sizes_on_every_outcome import THEOREM as SIZES
from .sizes_on_every_outcome import sizes

WEIGHTS = {1: "", 2: "1/2*", 3: "1/6*"}


def summed(letters: str, inside: str) -> str:
    """The sum over coordinates below d."""
    for c in reversed(letters):
        inside = f"sum({c} < d, {inside})"
    return inside


@dataclass(frozen=True)
class Part:
    """A part of Taylor's formula: the sum over coordinates of a derivative of V times a product of steps.

    `name` says of which steps. leading: the product has a mean of order h. bound: it has errors of order h^2.
    """

    name: str
    letters: str
    leading: bool
    bound: bool

    def family(self, kind: str) -> str:
        """V_.. the derivative, P_.. the product of steps, B_.. its mean over h, R_.. the error over h^2."""
        return f"{kind}_{self.name}(t, {', '.join(self.letters)})"

    @property
    def kinds(self) -> str:
        """Which families it has."""
        return "VP" + "B" * self.leading + "R" * self.bound

    @property
    def weight(self) -> str:
        """1 over the factorial; mixed products of two steps are there twice."""
        return WEIGHTS[len(self.letters)] if len(set(self.name)) == 1 else ""

    def said(self, over: str, sign: str) -> str:
        """The mean of V times the product is near its order h, of one sign, summed over these coordinates."""
        u = self.family("V")
        leading = f" - h*{summed(over, f'E({u}*{self.family(chr(66))})')}" if self.leading else ""
        bound = f"h^2*{summed(over, f'E(abs({u})*{self.family(chr(82))})')}" if self.bound else "0"
        return f"{sign}({summed(over, f'E({u}*{self.family(chr(80))})')}{leading}) <= {bound}"


class Milstein:
    """The theorem for a state whose steps have these parts."""

    def __init__(self, theorem: str, title: str, says: str, parts: Sequence[Part]) -> None:
        self.id, self.title, self.says, self.parts = theorem, title, says, parts

    def variables(self) -> dict[str, str]:
        """h, V, V at the next time in the old state, bounds, and the families of all parts."""
        found = dict.fromkeys(("h", "C"), "real") | dict.fromkeys(("V", "later", "M", "R"), "rand(nat)")
        found |= dict.fromkeys(("Q", "S"), "rand(nat, nat)") | dict.fromkeys(("d", "N"), "nat")
        for part in self.parts:
            sort = f"rand({', '.join(['nat'] * (1 + len(part.letters)))})"
            found |= {f"{kind}_{part.name}": sort for kind in part.kinds}
        return found

    def hypotheses(self) -> dict[str, str]:
        """What the moments, Taylor's formula and the backward equation say."""
        found = {"h_sign": "h >= 0"}
        for part in self.parts:
            binders = "".join(f", {c} nat" for c in part.letters)
            found[f"past_V_{part.name}"] = f"forall t nat{binders}: past({part.family('V')}, t)"
            leading = f" - h*E(X*{part.family('B')})" if part.leading else ""
            said = f"abs(E(X*{part.family('P')}){leading}) <= h^2*E(X*{part.family('R')})"
            if not part.bound:
                said = f"E(X*{part.family('P')}) = h*E(X*{part.family('B')})"
            sign = ", X >= 0" if part.bound else ""
            found[f"near_{part.name}"] = f"forall X rand, t nat{binders}: past(X, t){sign} => {said}"
        found["rest"] = "forall X rand, t nat, i nat: past(X, t), X >= 0 => E(X*Q(t, i)) <= h^2*E(X*S(t, i))"
        found["past_M"], found["M_sign"] = "forall t nat: past(M(t), t)", "forall t nat: M(t) >= 0"
        taylor = [f"{p.weight}{summed(p.letters, p.family('V') + '*' + p.family('P'))}" for p in self.parts]
        generator = [f"{p.weight}{summed(p.letters, p.family('V') + '*' + p.family('B'))}" for p in self._leading]
        bounds = [
            f"{p.weight}{summed(p.letters, f'E(abs({p.family(chr(86))})*{p.family(chr(82))})')}"
            for p in self.parts
            if p.bound
        ]
        expansion = f"V(t + 1) - later(t) - ({' + '.join(taylor)})"
        found["taylor"] = f"forall t nat: abs({expansion}) <= M(t)*sum(i < d, Q(t, i))"
        backward = f"later(t) + h*({' + '.join(generator)}) - V(t)"
        found["backward_equation"] = f"forall t nat: abs({backward}) <= h^2*R(t)"
        whole = " + ".join(["E(R(t))", "sum(i < d, E(M(t)*S(t, i)))", *bounds])
        found["bounded_moments"] = f"forall t nat: {whole} <= C"
        return found

    @property
    def _leading(self) -> list[Part]:
        return [part for part in self.parts if part.leading]

    def script(self, proof: Proof) -> None:
        """Means of all parts, with |U| + U and |U| - U for weights U of any sign; sums over coordinates and steps."""
        sizes(proof)
        for part in self.parts:
            for side, sign in (("above", ""), ("below", "-")):
                self._part(proof, part, side, sign)
        claim = "E(M(t)*Q(t, i)) <= h^2*E(M(t)*S(t, i))"
        with proof.fixing(
            "rests", f"forall t nat: {summed('i', claim.split(' <= ')[0])} <= h^2*sum(i < d, E(M(t)*S(t, i)))"
        ) as inner:
            with inner.fixing("each", f"forall i nat: {claim}") as each:
                each.use("known", "past_M", t="t")
                each.use("sign", "M_sign", t="t")
                each.use("small", "rest", "known", "sign", X="M(t)", t="t", i="i")
            inner.add("all", "sum(i < d, E(M(t)*Q(t, i))) <= h^2*sum(i < d, E(M(t)*S(t, i)))", "each", "d")
        self._step(proof)
        values: dict[str, str | list[str]] = {"V": ["t", "V(t)"], "h": "h", "C": "C"}
        proof.lemma("added", ADDED.claims["added"], ADDED.theorem, ["local"], values)
        proof.use("weak_error", "added", n="N")

    def _part(self, proof: Proof, part: Part, side: str, sign: str) -> None:
        letters, u = part.letters, part.family("V")
        binders = "".join(f", {c} nat" for c in letters)
        single, name = part.said("", sign), f"{part.name}_{side}"
        with proof.fixing(name, f"forall t nat{binders}: {single}") as inner:
            coordinates = {c: c for c in letters}
            inner.use("known", f"past_V_{part.name}", t="t", **coordinates)
            if not part.bound:
                inner.use("mean", f"near_{part.name}", "known", X=u, t="t", **coordinates)
                inner.have("near", single, (), ["mean"])
            else:
                self._signed(inner, part, sign, single)
        with proof.fixing(f"{name}_summed", f"forall t nat: {part.said(letters, sign)}") as inner:
            self._summed(inner, part, sign, name, "")

    def _signed(self, proof: Proof, part: Part, sign: str, claim: str) -> None:
        u, coordinates = part.family("V"), {c: c for c in part.letters}
        p, r = part.family("P"), part.family("R")
        proof.use("up", "absolute_above", x=u)
        proof.use("down", "absolute_below", x=u)
        for name, plus, other in (("one", "+", "down"), ("two", "-", "up")):
            weight = f"abs({u}) {plus} {u}"
            proof.have(f"{name}_sign", f"{weight} >= 0", [other])
            proof.past(f"{name}_past", f"past({weight}, t)", "known")
            proof.use(name, f"near_{part.name}", f"{name}_past", f"{name}_sign", X=weight, t="t", **coordinates)
            inside = str(proof.scope.claim(name)).rsplit(" <= ", 1)[0][4:-1]
            flip = (name == "one") == bool(sign)
            proof.use(f"{name}_size", f"absolute_{'below' if flip else 'above'}", x=inside)
            pairs = [("product", p), ("error", r)] + ([("leading", part.family("B"))] if part.leading else [])
            for what, text in pairs:
                proof.linear(f"{name}_{what}", f"E(({weight})*{text}) = E(abs({u})*{text}) {plus} E({u}*{text})")
        equations = [f"{n}_{what}" for n in ("one", "two") for what, _ in pairs]
        proof.have("near", claim, ["one", "two", "one_size", "two_size"], equations)

    def _summed(self, proof: Proof, part: Part, sign: str, fact: str, fixed: str) -> None:
        rest = part.letters[len(fixed) :]
        c, tail = rest[0], rest[1:]
        with proof.fixing(f"each_{c}", f"forall {c} nat: {part.said(tail, sign)}") as inner:
            if tail:
                self._summed(inner, part, sign, fact, fixed + c)
            else:
                inner.use("here", fact, t="t", **{x: x for x in part.letters})
        proof.add(f"over_{c}", part.said(rest, sign), f"each_{c}", "d")

    def _step(self, proof: Proof) -> None:
        with proof.fixing("local", "forall t nat: abs(E(V(t + 1)) - E(V(t))) <= C*h^2") as inner:
            for name in ("taylor", "backward_equation", "bounded_moments"):
                inner.use(f"{name}_here", name, t="t")
            moved, taylor, generator = [], [], []
            for part in self.parts:
                inside = f"{part.family('V')}*{part.family('P')}"
                taylor.append(f"{part.weight}E({summed(part.letters, inside)})")
                moved.append(mean_of_sum(inner, f"mean_{part.name}", part.letters, inside))
            for part in self._leading:
                inside = f"{part.family('V')}*{part.family('B')}"
                generator.append(f"{part.weight}E({summed(part.letters, inside)})")
                moved.append(mean_of_sum(inner, f"leading_{part.name}", part.letters, inside))
            moved.append(mean_of_sum(inner, "rest_mean", "i", "M(t)*Q(t, i)"))
            inner.have("positive", "h^2 >= 0", ["h_sign*h_sign"])
            inner.use("rests_here", "rests", t="t")
            for side, sign in (("above", ""), ("below", "-")):
                left = f"E(V(t + 1)) - E(later(t)) - ({' + '.join(taylor)})"
                right = f"E(later(t)) + h*({' + '.join(generator)}) - E(V(t))"
                for name, mean, bound in (
                    ("taylor", left, "E(sum(i < d, M(t)*Q(t, i)))"),
                    ("backward_equation", right, "h^2*E(R(t))"),
                ):
                    size, most = str(inner.scope.claim(f"{name}_here")).rsplit(" <= ", 1)
                    inner.use(f"{name}_{side}", f"absolute_{side}", x=size[4:-1])
                    plain = f"{sign}({size[4:-1]}) <= {most}"
                    inner.have(f"{name}_{side}_plain", plain, [f"{name}_here", f"{name}_{side}"])
                    inner.mean(f"{name}_{side}_mean", f"{sign}({mean}) <= {bound}", f"{name}_{side}_plain")
                facts = [f"taylor_{side}_mean", f"backward_equation_{side}_mean", "rests_here"]
                for part in self.parts:
                    facts.append(inner.use(f"{part.name}_{side}_here", f"{part.name}_{side}_summed", t="t"))
                facts.append("positive*bounded_moments_here")
                inner.have(side, f"{sign}(E(V(t + 1)) - E(V(t))) <= C*h^2", facts, moved)
            inner.use("size", "both_signs", "above", "below", Y="E(V(t + 1)) - E(V(t))", Z="C*h^2")

    def theorem(self, instance: Numbers) -> Theorem:
        """As a theorem, with an instance."""
        model: dict[str, Value] = {}
        for name, sort in self.variables().items():
            arguments = list("tijl")[: sort.count("nat")] if "(" in sort else []
            model[name] = [*arguments, "0"] if arguments else "0"
        return Theorem(
            theorem=self.id,
            title=self.title,
            says=self.says,
            sources=["li2017stochastic, weak approximation theorem"],
            variables=self.variables(),
            hypotheses=self.hypotheses(),
            claims={"weak_error": CLAIM},
            lemmas=[SIZES.theorem, SUMS.theorem, ADDED.theorem],
            model={**model, "h": "1", "d": "1", "N": "2", "C": "1"},
            script=self.script,
            shown=lambda proof: shown(proof, {**model, "h": "1", "d": "1", "N": "2", "C": "1"}, self.hypotheses()),
            instances=[instance],
        )


CLAIM = "abs(E(V(N)) - E(V(0))) <= C*(N*h)*h"
NAMES = ("taylor", "backward_equation", "bounded_moments")


def shown(proof: Proof, model: Mapping[str, Value], hypotheses: Mapping[str, str]) -> None:
    """For models in which both expansions are exact."""
    values = {name: ((), term(v)) if isinstance(v, str) else (tuple(v[:-1]), term(v[-1])) for name, v in model.items()}
    if "size_of_0" not in proof.scope.facts:
        proof.have("nothing", "0 >= 0")
        proof.have("something", "1 >= 0")
        proof.use("size_of_0", "absolute_of_nonnegative", "nothing", x="0")
        proof.use("size_of_1", "absolute_of_nonnegative", "something", x="1")
    for name, text in hypotheses.items():
        if "abs(" not in text or name in proof.scope.facts or not (name in NAMES or name.startswith("near")):
            continue
        said = formula(text).substituted(values)
        with proof.fixing(name, str(said), *[f"premise{k}" for k, _ in enumerate(said.premises)]) as inner:
            size, bound = str(said.conclusion).rsplit(" <= ", 1)
            if name == "bounded_moments":
                normal = spoken(Normal(inner.scope.sorts, True)(term(size)))
                inner.linear("value", f"{size} = {normal}")
                inner.have("bounded", f"{size} <= {bound}", (), [("1", "value"), "size_of_0", "size_of_1"])
                continue
            inner.linear("value", f"{size[4:-1]} = 0")
            inner.have("sign", f"{size[4:-1]} >= 0", (), [("1", "value")])
            inner.use("size", "absolute_of_nonnegative", "sign", x=size[4:-1])
            inner.linear("bound", f"{bound} = 0")
            inner.have("exact", f"{size} <= {bound}", (), [("1", "size"), ("1", "value"), ("1", "bound")])


@dataclass(frozen=True)
class Instance:
    """A method whose moments match: texts of all families of the theorem, h, and from which facts they follow.

    near: the fact for each part; those in `exact` say E(X*P) = h E(X*B) + h^2 E(X*R) with R = abs(..) here.
    rests: facts E(X*power) <= h^2 E(X*bound) whose sum is E(X*Q) <= h^2 E(X*S).
    """

    milstein: Milstein
    values: Mapping[str, Sequence[str]]
    h: str
    near: Mapping[str, str]
    exact: Sequence[str]
    rests: Mapping[str, tuple[str, str]]

    def put(self, text: str) -> str:
        """A formula of the theorem with the texts of this method."""
        given = {name: (tuple(v[:-1]), term(v[-1])) for name, v in self.values.items()}
        q, s = (" + ".join(pair[k] for pair in self.rests.values()) for k in (0, 1))
        given |= {"Q": (("t", "i"), term(q)), "S": (("t", "i"), term(s)), "h": ((), term(self.h))}
        return str(formula(text).substituted(given))

    @property
    def own(self) -> list[str]:
        """Variables of the theorem that stay: V, its derivatives, and bounds."""
        taken = {*self.values, "Q", "S", "h"}
        return [name for name in self.milstein.variables() if name not in taken]

    def hypotheses(self) -> dict[str, str]:
        """Derivatives are past, and moments are bounded."""
        kept = ("past_", "M_sign", "bounded_moments")
        return {n: self.put(text) for n, text in self.milstein.hypotheses().items() if n.startswith(kept)}

    def cites(self, source: str) -> dict[str, tuple[str, str]]:
        """Taylor's formula, Kolmogorov's equation, and what the value is at both ends."""
        said = self.milstein.hypotheses()
        return {
            "taylor": (self.put(said["taylor"]), f"Taylor's formula for V; {source}"),
            "backward_equation": (self.put(said["backward_equation"]), f"Kolmogorov's backward equation; {source}"),
            "end": ("V(N) = test", f"at the end V is the test function; {source}"),
            "start": ("E(V(0)) = E(limit)", f"at the start the mean of V is that over the SDE; {source}"),
        }

    @property
    def variables(self) -> dict[str, str]:
        """Sorts of what this adds to the moments' theorem: V and its bounds; test function over the run and the SDE."""
        sorts = self.milstein.variables()
        return {**{name: sorts[name] for name in self.own}, "test": "rand", "limit": "rand"}

    @property
    def claim(self) -> str:
        """The weak error."""
        return f"abs(E(test) - E(limit)) <= C*(N*{self.h})*{self.h}"

    def prove(self, proof: Proof) -> None:
        """From facts of the names in `near` and `rests`, and `h_sign`."""
        sizes(proof)
        said = self.milstein.hypotheses()
        names = {name: name for name in said}
        for part in self.milstein.parts:
            names[f"near_{part.name}"] = self.near[part.name]
            if part.name in self.exact:
                names[f"near_{part.name}"] = self._near(proof, part, self.put(said[f"near_{part.name}"]))
        names["rest"] = self._rest(proof, self.put(said["rest"]))
        values: dict[str, str | list[str]] = {name: list(v) if len(v) > 1 else v[0] for name, v in self.values.items()}
        q, s = (" + ".join(pair[k] for pair in self.rests.values()) for k in (0, 1))
        values |= {"Q": ["t", "i", q], "S": ["t", "i", s], "h": self.h}
        for name in self.own:
            used = ["t", "i", "j", "l"][: self.variables[name].count("nat")] if "(" in self.variables[name] else []
            values[name] = [*used, f"{name}({', '.join(used)})"] if used else name
        local = self.put(CLAIM)
        proof.lemma("value", local, self.milstein.id, list(names.values()), values)
        proof.mean("at_the_end", "E(V(N)) = E(test)", "end")
        proof.have("ends", "E(V(N)) - E(V(0)) = E(test) - E(limit)", (), ["at_the_end", "start"])
        proof.congruent("same", "ends", "abs(hole)")
        proof.have("weak_error", self.claim, ["value"], ["same"])

    def _near(self, proof: Proof, part: Part, claim: str) -> str:
        """|E(X*R)| <= E(X*|R|)."""
        name, coordinates = f"near_{part.name}_here", {c: c for c in part.letters}
        r = self.put(f"0 = {part.family('R')}").removeprefix("0 = ")
        inside = r[4:-1]
        with proof.fixing(name, claim, "known", "sign") as inner:
            inner.use("exact", self.near[part.name], "known", X="X", t="t", **coordinates)
            left, bound = claim.split(" => ")[1].rsplit(" <= ", 1)
            inner.have("zero", f"{r} - {r} >= 0")
            inner.have("most", f"{r} <= {r}", ["zero"])
            inner.use("size", "mean_size", "sign", "most", W="X", Y=inside, Z=r)
            inner.have("gap", f"{left[4:-1]} = {self.h}^2*E(X*({inside}))", (), [("1", "exact")])
            inner.have("positive", f"{self.h}^2 >= 0", ["h_sign*h_sign"])
            mean = f"E(X*({inside}))"
            for side, sign in (("above", ""), ("below", "-")):
                inner.use(f"mean_{side}", f"absolute_{side}", x=mean)
                rows = ["positive*size", f"positive*mean_{side}"]
                inner.have(side, f"{sign}({left[4:-1]}) <= {bound}", rows, [("1", "gap")])
            inner.use("near", "both_signs", "above", "below", Y=left[4:-1], Z=bound)
        return name

    def _rest(self, proof: Proof, claim: str) -> str:
        """The sum of what is known of the powers."""
        if len(self.rests) == 1:
            return next(iter(self.rests))
        with proof.fixing("rest_here", claim, "known", "sign") as inner:
            for fact in self.rests:
                inner.use(f"{fact}_here", fact, "known", "sign", X="X", t="t", i="i")
            left, right = (" + ".join(pair[k] for pair in self.rests.values()) for k in (0, 1))
            for name, whole, k in (("left", left, 0), ("right", right, 1)):
                parts = " + ".join(f"E(X*({pair[k]}))" for pair in self.rests.values())
                inner.linear(name, f"E(X*({whole})) = {parts}")
            done = [f"{fact}_here" for fact in self.rests]
            inner.have("small", claim.split(" => ")[1], done, [("1", "left"), (f"{self.h}^2", "right")])
        return "rest_here"


SAYS = """If given the past the means of products of one, two and three steps of a method are h times those of an SDE,
    up to h^2 with bounds, and the value V of a test function has a Taylor expansion along a step and solves the
    backward equation of the SDE, then the weak error after N steps is at most C (N h) h: order 1."""

ONE_BLOCK = Milstein(
    "moments_that_match_give_weak_order_one",
    "Moments that match give weak order 1",
    SAYS,
    [Part("x", "i", True, False), Part("xx", "ij", True, True), Part("xxx", "ijl", False, True)],
)
THEOREM = ONE_BLOCK.theorem(
    states("two steps towards a point on skewed noise", "2515/9", "x", u=["t", "i", "Sigma(0, i, i)"])
)
