"""A stream of gradients of period 3 as a term of t, with Adam's m and v along it: for models of theorems.

The language has no remainders. Here 3 divides t where one of t - 3 i is 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from .positive import inverse
from .script import Proof

COUNT, TERM = "sum(i < {0} + 1, abs(max(0, 1 - abs({0} - 3*i))))", "abs(max(0, 1 - abs({0} - 3*i)))"
"""1 where 3 divides the number, 0 elsewhere. The outer abs makes the terms one factor, which keeps squares short."""


def power(beta: Fraction, time: str) -> str:
    """beta^time."""
    return f"exp(({time})*log({beta}))"


@dataclass(frozen=True)
class ThreeCycle:
    """Gradients up, -1, -1 again and again, from step 1.

    means: the exponential average after each of them, in the periodic state.
    """

    up: Fraction
    means: Sequence[Fraction]
    beta1: Fraction
    beta2: Fraction

    def gradient(self, time: str) -> str:
        """g at this time."""
        return f"(({self.up + 1})*{COUNT.format(f'({time} + 2)')} - 1)"

    def mean(self, time: str) -> str:
        """m: the periodic state, less what is left of where it starts."""
        first, second, third = self.means
        one, two = COUNT.format(f"({time} + 2)"), COUNT.format(f"({time} + 1)")
        return f"(({first - third})*{one} + ({second - third})*{two} + ({third})*(1 - {power(self.beta1, time)}))"

    def size(self, time: str) -> str:
        """v: the sum of what gradients gave to it."""
        return f"{power(self.beta2, time)}*sum(k < {time}, {self.square('k')})"

    def square(self, place: str) -> str:
        """What the next gradient gives to v, over the power of beta2."""
        return f"(1 - {self.beta2})*exp(-({place} + 1)*log({self.beta2}))*{self.gradient(f'({place} + 1)')}^2"

    def shown(self, proof: Proof) -> None:
        """The first three gradients, that they come again, and the recursions of m, v and the powers of beta."""
        proof.use("nothing_yet", "exp_of_zero")
        counted(proof)
        for k, (name, value) in enumerate((("first", self.up), ("second", Fraction(-1)), ("third", Fraction(-1)))):
            count(proof, name, k + 3)
            proof.have(name, f"{self.gradient(str(k + 1))} = {value}", [], [f"{name}_count"])
        divided(proof)
        again = f"{self.gradient('(t + 4)')} = {self.gradient('(t + 1)')}"
        with proof.fixing("again", f"forall t nat: {again}") as inner:
            inner.use("here", "cycle", t="t + 3")
            inner.have("now", again, [], ["here"])
        for name, beta in (("m", self.beta1), ("v", self.beta2)):
            powers(proof, name, beta)
        self.averages(proof)

    def averages(self, proof: Proof) -> None:
        """m and v start from 0 and take every gradient in."""
        proof.have("m_start", f"{self.mean('0')} = 0", [], ["nothing_yet", "one_count", "two_count"])
        drawn = self.gradient("(t + 1)")
        claim = f"{self.mean('(t + 1)')} = {self.beta1}*{self.mean('t')} + (1 - {self.beta1})*{drawn}"
        with proof.fixing("m_states", f"forall t nat: {claim}") as inner:
            inner.use("here", "cycle", t="t")
            inner.use("power", "m_powers", t="t")
            inner.use("whole", "three", t="t")
            inner.have("now", claim, [], ["here", "power", ("1", "whole")])
        proof.linear("v_start", f"{self.size('0')} = 0")
        claim = f"{self.size('(t + 1)')} = {self.beta2}*{self.size('t')} + (1 - {self.beta2})*{drawn}^2"
        with proof.fixing("v_states", f"forall t nat: {claim}") as inner:
            inner.use("power", "v_powers", t="t")
            inner.use("whole", "exp_of_sum", x=f"(t + 1)*log({self.beta2})", y=f"-(t + 1)*log({self.beta2})")
            longer, shorter = (f"sum(k < {time}, {self.square('k')})" for time in ("t + 1", "t"))
            inner.linear("more", f"{longer} = {shorter} + {self.square('t')}")
            unit = f"{power(self.beta2, 't + 1')}*exp(-(t + 1)*log({self.beta2})) = 1"
            inner.have("unit", unit, [], [("1", "whole"), "nothing_yet"])
            chain = [
                (power(self.beta2, "t + 1"), "more"),
                (f"(1 - {self.beta2})*{drawn}^2", "unit"),
                (shorter, "power"),
            ]
            inner.have("now", claim, [], chain)


def powers(proof: Proof, name: str, beta: Fraction) -> None:
    """The powers of beta."""
    proof.have(f"{name}_positive", f"{beta} > 0")
    proof.use(f"{name}_number", "exp_of_log", f"{name}_positive", x=str(beta))
    proof.have(f"{name}_power_start", f"{power(beta, '0')} = 1", [], ["nothing_yet"])
    claim = f"{power(beta, 't + 1')} = {beta}*{power(beta, 't')}"
    with proof.fixing(f"{name}_powers", f"forall t nat: {claim}") as inner:
        inner.use("split", "exp_of_sum", x=f"t*log({beta})", y=f"log({beta})")
        inner.have("now", claim, [], ["split", f"{name}_number"])


def counted(proof: Proof) -> None:
    """`cycle`: COUNT comes again after 3. `far` and `middle`: what its terms are."""
    proof.have("zero", "0 >= 0")
    proof.use("nothing", "absolute_of_nonnegative", "zero", x="0")
    with proof.fixing("far", "forall x real: x^2 >= 1 => abs(max(0, 1 - abs(x))) = 0", "large") as inner:
        inner.use("up", "absolute_above", x="x")
        inner.use("down", "absolute_below", x="x")
        inner.have("sign", "abs(x) >= 0", ["up", "down"])
        inner.use("square", "absolute_squared", x="x")
        inner.have("squares", "1^2 <= abs(x)^2", ["large"], ["square"])
        inner.have("more", "abs(x) + 1 > 0", ["sign"])
        inverse(inner, "more", "abs(x) + 1", "more")
        inner.have("least", "1 <= abs(x)", ["squares*more_inverse"], ["more_one"])
        inner.have("room", "0 - (1 - abs(x)) >= 0", ["least"])
        inner.use("size", "absolute_of_nonnegative", "room", x="0 - (1 - abs(x))")
        inner.have("none", "max(0, 1 - abs(x)) = 0", [], [("1", "size")])
        inner.congruent("part", "none", "abs(hole)")
        inner.have("now", "abs(max(0, 1 - abs(x))) = 0", [], ["part", "nothing"])
    proof.have("below", "0 - (1 - abs(0)) < 0", [], ["nothing"])
    proof.use("minus", "absolute_of_negative", "below", x="0 - (1 - abs(0))")
    proof.have("most", "max(0, 1 - abs(0)) = 1", [], ["minus", "nothing"])
    proof.congruent("part", "most", "abs(hole)")
    proof.have("positive", "1 >= 0")
    proof.use("one", "absolute_of_nonnegative", "positive", x="1")
    proof.have("middle", "abs(max(0, 1 - abs(0))) = 1", [], ["part", "one"])
    shifted, here = TERM.format("(t + 3)"), TERM.format("t")
    last = "abs(max(0, 1 - abs(t + 3)))"
    cycle = f"{COUNT.format('(t + 3)')} = {COUNT.format('t')}"
    with proof.fixing("cycle", f"forall t nat: {cycle}") as inner:
        claim = f"sum(i < {{0}} + 1, {shifted}) = {last} + sum(i < {{0}}, {here})"
        with inner.induction("shift", f"forall k nat: {claim.format('k')}") as (zero, following):
            zero.linear("now", claim.format("0"))
            one = "abs(max(0, 1 - abs(t - 3*k)))"
            following.linear("left", f"sum(i < k + 1 + 1, {shifted}) = sum(i < k + 1, {shifted}) + {one}")
            following.linear("right", f"sum(i < k + 1, {here}) = sum(i < k, {here}) + {one}")
            following.have("now", claim.format("(k + 1)"), [], ["left", "right", "before"])
        inner.use("all", "shift", k="t + 3")
        inner.use("natural_t", "natural", n="t")
        ends = ("t + 3", "t - 3*(t + 1)", "t - 3*(t + 2)")
        for k, x in enumerate(ends):
            inner.have(f"square{k}", f"({x})^2 >= 1", ["natural_t*natural_t", "natural_t"])
            inner.use(f"none{k}", "far", f"square{k}", x=x)
        rest = " + ".join(f"abs(max(0, 1 - abs({x})))" for x in ends[1:])
        inner.linear("rest", f"sum(i < t + 3, {here}) = {COUNT.format('t')} + {rest}")
        parts = ["all", "rest", "none0", "none1", "none2"]
        inner.have("now", cycle, [], [("1", part) for part in parts])


def count(proof: Proof, name: str, place: int) -> None:
    """`name_count`: whether 3 divides this number."""
    terms = [place - 3 * k for k in range(place + 1)]
    sizes = {x: f"{name}_{k}" for k, x in enumerate(terms)}
    for x, label in sizes.items():
        if x:
            proof.have(f"{label}_large", f"({x})^2 >= 1")
            proof.use(label, "far", f"{label}_large", x=str(x))
    said = " + ".join(f"abs(max(0, 1 - abs({x})))" for x in terms)
    proof.linear(f"{name}_terms", f"{COUNT.format(place)} = {said}")
    known = [("1", label) if x else ("1", "middle") for x, label in sizes.items()]
    proof.have(f"{name}_count", f"{COUNT.format(place)} = {int(0 in terms)}", [], [("1", f"{name}_terms"), *known])


def divided(proof: Proof) -> None:
    """`three`: 3 divides one of three numbers in a row."""
    for k, (name, known) in enumerate((("none", "first"), ("one", "second"), ("two", "third"))):
        proof.use(f"{name}_back", "cycle", t=str(k))
        said = f"{COUNT.format(f'(0 + {k})')} = {int(k == 0)}"
        proof.have(f"{name}_count", said, [], [("1", f"{name}_back"), ("1", f"{known}_count")])
    claim = " + ".join(COUNT.format(f"(t + {k})") for k in range(3)) + " = 1"
    with proof.induction("three", f"forall t nat: {claim}") as (zero, following):
        zero.have("now", claim.replace("(t + ", "(0 + "), [], ["none_count", "one_count", "two_count"])
        following.use("back", "cycle", t="t")
        following.have("now", claim.replace("(t + ", "(t + 1 + "), [], ["back", ("1", "before")])
