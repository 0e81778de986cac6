"""Forgeries of proofs: scopes, and every inference.

Over 400 lines: one table, in which a row is a false theorem.
"""

from __future__ import annotations

from typing import Any

from .writing import X, by_lemma, cases, fixing, forged, have, induct, mean, past, same, step, use

# Scopes and steps

forged("a step that uses no fact", "x = 1", [have("s", "x = 1", (), [["1", "other"]])], **X)
forged("a step that uses itself", "1 = 0", [have("s", "1 = 0", (), [["1", "s"]])])
forged("a fact whose name is a list", "x = 1", [have("s", "x = 1", (), [["1", ["h"]]])], given={"h": "x = 1"}, **X)
forged(
    "a fact for natural numbers as one for a real",
    "forall c real: c >= 0",
    [fixing("s", "forall c real: c >= 0", [have("t", "c >= 0", ["h"])])],
    given={"h": "forall c nat: c >= 0"},
    shown=[fixing("s", "forall c nat: c >= 0", [use("t", "c >= 0", "natural", n="c")])],
)
forged(
    "a fact without its premise",
    "x >= 7",
    [have("s", "x >= 7", ["h"])],
    given={"h": "0 >= 1 => x >= 7"},
    shown=[fixing("s", "0 >= 1 => 0 >= 7", [have("t", "0 >= 7", [["7", [], ["p"]]])], "p")],
    **X,
)
forged("a term that is not written the one way", "x^2 >= 0", [have("s", "x^2 >= 0", [["1", ["(x)"], []]])], **X)
forged("a hypothesis with a name of the library", given={"natural": "1 = 1"})
ONE = [have("t", "1 >= 0", [["1", [], []]])]
forged(
    "an assumption with a name that is taken",
    "1 >= 0",
    [have("p", "1 >= 0", [["1", [], []]]), cases("s", "1 >= 0", "1", ONE, ONE, "p")],
)
forged("an assumption with no name", "1 >= 0", [cases("s", "1 >= 0", "1", ONE, ONE, "")])
DEEP = [same("s", "1 = 1")]
for depth in range(17):
    DEEP = [cases(f"s{depth}", "1 = 1", "1", DEEP, [same("s", "1 = 1")], f"c{depth}")]
forged("proofs inside each other, too deep", steps=DEEP)
forged("steps that are no list", given={"h": "1 = 1"}, steps={})
forged("too many steps", steps=[same(f"s{place}", "1 = 1") for place in range(5001)])
forged("a step that is a list", steps=[["s"]])
forged("a step with no name", steps=[same("", "1 = 1")])
forged("two steps of one name", steps=[same("s", "1 = 1"), same("s", "1 = 1")])
forged("a step with a name of the library", steps=[same("natural", "1 = 1")])
forged("an inference that is none", "1 = 0", [step("s", "1 = 0", "trust")])
forged("an inference that is a list", "1 = 0", [step("s", "1 = 0", ["linear"])])
forged("a step that says more", steps=[step("s", "1 = 1", "linear", why="")])
forged("a step about a sum to a real", steps=[same("s", "sum(i < x, 1) = x"), same("t", "1 = 1")], **X)
forged(
    "a multiplier about a sum to a real",
    steps=[have("s", "1 = 1", (), [["sum(i < x, 1)", "h"]])],
    given={"h": "1 = 1"},
    **X,
)
forged("a step that is not written the one way", steps=[same("s", "1 = (1)")])
forged(
    "cases that prove something else", "1 = 0", [cases("s", "1 = 0", "1", [same("t", "1 = 1")], [same("t", "1 = 1")])]
)
DONE = [same("done", "1 = 1")]
QUANTIFIED = [fixing("t", "forall c real: 1 = 1", [same("u", "1 = 1")])]
forged("a quantified claim by cases", steps=[cases("s", "forall c real: 1 = 1", "1", QUANTIFIED, QUANTIFIED), *DONE])
forged("cases of which nothing is proved", "1 = 0", [cases("s", "1 = 0", "1", [], [])])
forged("cases that are no list", "1 = 0", [cases("s", "1 = 0", "1", {}, {})])
forged(
    "a quantified claim by a combination",
    "forall c real: 1 >= 0",
    [have("s", "forall c real: 1 >= 0", [["1", [], []]])],
)
forged("a claim with premises by a combination", "0 >= 1 => 1 >= 0", [have("s", "0 >= 1 => 1 >= 0", [["1", [], []]])])

# Combinations

H = {"given": {"h": "x >= 0"}, **X}
forged("apart from 0 because not below", "x /= 0", [have("s", "x /= 0", ["h"])], **H)
forged("an equation from an inequality", "x = 0", [have("s", "x = 0", ["h"])], **H)
forged("an inequality as an equation", "x = 0", [have("s", "x = 0", (), [["1", "h"]])], **H)
forged("a combination that differs", "0 >= 1", [have("s", "0 >= 1")])
forged("above because not below", "x > 0", [have("s", "x > 0", ["h"])], **H)
forged("a square that is positive", "x^2 > 0", [have("s", "x^2 > 0", [["1", ["x"], []]])], **X)
forged("a coefficient of 0", "0 > 0", [have("s", "0 > 0", [["0", [], []]])])
forged(
    "a positive factor after one that is not below 0",
    "x*y > 0",
    [have("s", "x*y > 0", ["h*g"])],
    variables={"x": "real", "y": "real"},
    given={"h": "x >= 0", "g": "y > 0"},
    model={"x": "0", "y": "1"},
)
forged("a negative coefficient", "-x >= 0", [have("s", "-x >= 0", [["-1", [], ["h"]]])], **H)
forged(
    "not below because apart",
    "x >= 0",
    [have("s", "x >= 0", ["h"])],
    given={"h": "x /= 0"},
    variables={"x": "real"},
    model={"x": "1"},
)
forged("products that are no list", "0 >= 0", [step("s", "0 >= 0", "combination", products={}, equations=[])])
forged(
    "a product that is a text", "x^3 >= 0", [step("s", "x^3 >= 0", "combination", products=["1xh"], equations=[])], **H
)

# Instances

forged(
    "a premise that is not there",
    "x*(1/x) = 1",
    [same("p", "1 = 1"), use("s", "x*(1/x) = 1", "reciprocal", "p", x="x")],
    **X,
)
forged("too few premises", "x*(1/x) = 1", [use("s", "x*(1/x) = 1", "reciprocal", x="x")], **X)
forged("an instance that says something else", "x >= 1", [use("s", "x >= 1", "natural", n="1")], **X)
forged(
    "values that are no object",
    "exp(0) = 1",
    [step("s", "exp(0) = 1", "instance", fact="exp_of_zero", values=[], premises=[])],
)
forged("a value too many", "exp(0) = 1", [use("s", "exp(0) = 1", "exp_of_zero", x="0")])
forged("a value too few", "x >= 0", [use("s", "x >= 0", "natural")], **X)
forged("a value with a parameter", "1 = 1", [use("s", "1 = 1", "h", y=["i", "i"])], given={"h": "forall y real: 1 = 1"})
FAMILY = {"known": ({"x": "real(nat)", "y": "real(nat, nat)"}, [], ["1 = 1"])}
forged(
    "a parameter that is a word of the language",
    "1 = 1",
    [by_lemma("s", "1 = 1", x=["E", "1"], y=["i", "j", "1"])],
    **FAMILY,
)
forged("one parameter twice", "1 = 1", [by_lemma("s", "1 = 1", x=["i", "1"], y=["i", "i", "1"])], **FAMILY)
forged("a real as a natural number", "x >= 0", [use("s", "x >= 0", "natural", n="x")], **X)
forged(
    "a random number as a constant",
    "X*E(X) >= 0",
    [
        fixing(
            "f",
            "forall c real, Y rand: c*Y >= 0 => c*E(Y) >= 0",
            [mean("t", "c*E(Y) >= 0", "p")],
            "p",
        ),
        have("q", "X*X >= 0", [["1", ["X"], []]]),
        use("s", "X*E(X) >= 0", "f", "q", c="X", Y="X"),
    ],
    variables={"X": "rand"},
    model={"X": "0"},
)

# One outcome, and all of them. From E(Y) = -1 follows Y < 0 if what holds where Y >= 0 had a mean.

NEGATIVE = {"variables": {"Y": "rand"}, "given": {"minus": "E(Y) = -1"}, "model": {"Y": "-1"}}


def below(*steps: dict[str, Any]) -> list[dict[str, Any]]:
    """Y < 0, if these steps prove "positive": E(Y) >= 0 where Y >= 0."""
    ending = [
        have("no", "-1 >= 0", ["positive"], [["-1", "minus"]]),
        have("end", "Y < 0", ["case*no", ["1", [], []], "no"]),
    ]
    return [cases("s", "Y < 0", "Y", [*steps, *ending], [have("end", "Y < 0", ["case"])])]


def local(name: str, *steps: dict[str, Any], **rest: Any) -> None:
    both = {**NEGATIVE, **rest}
    both["given"] = {**NEGATIVE["given"], **rest.get("given", {})}  # type: ignore[dict-item]
    forged(name, "Y < 0", below(*steps), **both)


MONOTONE = "forall X rand: X >= 0 => E(X) >= 0"
SHOWN = [fixing("f", MONOTONE, [mean("t", "E(X) >= 0", "p")], "p")]
COPY = have("copy", "Y >= 0", ["case"])
local("the mean of a case", mean("positive", "E(Y) >= 0", "case"))
local("the mean of what follows from a case", COPY, mean("positive", "E(Y) >= 0", "copy"))
local(
    "the mean of what follows from a case, in cases of a number",
    cases(
        "positive",
        "E(Y) >= 0",
        "E(Y)",
        [have("t", "E(Y) >= 0", ["number"])],
        [COPY, mean("t", "E(Y) >= 0", "copy")],
        "number",
    ),
)
local(
    "a case as a premise on all outcomes",
    use("positive", "E(Y) >= 0", "h", "case", X="Y"),
    given={"h": MONOTONE},
    shown=SHOWN,
)
local(
    "a lemma whose premise is taken at one outcome",
    by_lemma("l", MONOTONE),
    use("positive", "E(Y) >= 0", "l", "case", X="Y"),
    known=({}, [], [MONOTONE]),
)
local(
    "a premise that is assumed at one outcome",
    fixing("l", MONOTONE, [mean("t", "E(X) >= 0", "p")], "p"),
    use("positive", "E(Y) >= 0", "l", "case", X="Y"),
)
local(
    "a case as the hypothesis of a lemma",
    by_lemma("positive", "E(Y) >= 0", "case", X="Y"),
    known=({"X": "rand"}, ["X >= 0"], ["E(X) >= 0"]),
)
local(
    "the mean of the hypothesis of an induction",
    induct(
        "l",
        "forall n nat: Y + n*E(Y) >= 0",
        [have("t", "Y + 0*E(Y) >= 0", ["case"])],
        [mean("m", "E(Y) + n*E(Y) >= 0", "before"), have("t", "Y + (n + 1)*E(Y) >= 0", ["case", "m"])],
    ),
    use("two", "Y + 2*E(Y) >= 0", "l", n="2"),
    have("positive", "E(Y) >= 0", ["two", "small"], [["-1", "minus"]]),
    given={"small": "Y <= 1"},
)
local(
    "an equation at one outcome inside a mean",
    use("a", "abs(Y) = Y", "absolute_of_nonnegative", "case", x="Y"),
    step("b", "E(abs(Y)) = E(Y)", "congruence", fact="a", hole="hole", context="E(hole)"),
    have("positive", "E(Y) >= 0", ["h"], [["-1", "b"]]),
    given={"h": "E(abs(Y)) >= 0"},
    shown=[
        use("a", "abs(-1) >= -(-1)", "absolute_below", x="-1"),
        have("b", "abs(-1) >= 0", ["a", ["1", [], []]]),
        mean("c", "E(abs(-1)) >= 0", "b"),
    ],
)

# Means, sums and pasts

forged(
    "a mean because apart",
    "E(X) >= 0",
    [mean("s", "E(X) >= 0", "h")],
    variables={"X": "rand"},
    given={"h": "X /= 0"},
    model={"X": "1"},
)
forged(
    "an equation of means from an inequality",
    "E(X) = 0",
    [mean("s", "E(X) = 0", "h")],
    variables={"X": "rand"},
    given={"h": "X >= 0"},
    model={"X": "0"},
)
forged(
    "another mean",
    "E(X) >= 1",
    [mean("s", "E(X) >= 1", "h")],
    variables={"X": "rand"},
    given={"h": "X >= 0"},
    model={"X": "0"},
)
forged(
    "a mean of a past",
    "E(X) >= 0",
    [mean("s", "E(X) >= 0", "h")],
    variables={"X": "rand"},
    given={"h": "past(X, 0)"},
    model={"X": "0"},
)
TERMS = {"variables": {"x": "real(nat)", "n": "nat"}, "model": {"x": ["i", "0"], "n": "0"}}


def add(name: str, claim: str, bound: str = "n") -> dict[str, Any]:
    return step(name, claim, "addition", fact="h", bound=bound)


forged(
    "a sum over two indices",
    "sum(i < n, x(i)) >= 0",
    [add("s", "sum(i < n, x(i)) >= 0")],
    given={"h": "forall i nat, c real: x(i) >= 0"},
    **TERMS,
)
forged("a sum over reals", "n >= 0", [add("s", "n >= 0")], given={"h": "forall c real: 1 >= 0"}, **TERMS)
forged("a sum over no index", "n >= 0", [add("s", "n >= 0")], given={"h": "1 >= 0"}, **TERMS)
forged("a sum of a real number of ones", "x >= 0", [add("s", "x >= 0", "x")], given={"h": "forall i nat: 1 >= 0"}, **X)
forged(
    "a sum of terms with a premise",
    "sum(i < n, x(i)) >= 0",
    [add("s", "sum(i < n, x(i)) >= 0")],
    given={"h": "forall i nat: i >= 5 => x(i) >= 0"},
    **TERMS,
)
forged(
    "a sum of all terms but the last",
    "sum(i < n, x(i)) >= 0",
    [add("s", "sum(i < n, x(i)) >= 0")],
    given={"h": "forall i nat: i + 2 <= n => x(i) >= 0"},
    **TERMS,
)
forged(
    "an empty sum that is positive",
    "sum(i < n, x(i)) > 0",
    [add("s", "sum(i < n, x(i)) > 0")],
    given={"h": "forall i nat: x(i) > 0"},
    variables=TERMS["variables"],
    model={"x": ["i", "1"], "n": "0"},
)


PAST = {"variables": {"X": "rand", "Z": "rand(nat)", "n": "nat"}, "model": {"X": "0", "Z": ["i", "0"], "n": "0"}}
forged("a past of nothing", "past(X, 0)", [past("s", "past(X, 0)")], **PAST)
forged("a past of a family", "past(Z(5), 0)", [past("s", "past(Z(5), 0)")], **PAST)
forged(
    "a past of a family with two arguments",
    "past(W(5, 5), 0)",
    [past("s", "past(W(5, 5), 0)")],
    variables={"W": "rand(nat, nat)"},
    model={"W": ["i", "j", "0"]},
)
forged("a past of something else", "past(X, 0)", [past("s", "past(X, 0)", "h")], given={"h": "past(Z(0), 0)"}, **PAST)
forged(
    "a past of a sum whose index hides a variable",
    "past(sum(n < 2, Z(n)), 0)",
    [past("s", "past(sum(n < 2, Z(n)), 0)", "h")],
    given={"h": "past(Z(n), 0)"},
    **PAST,
)
forged("a past of something later", "past(X, 0)", [past("s", "past(X, 0)", "h")], given={"h": "past(X, n)"}, **PAST)
forged("a past because not below", "past(X, 0)", [past("s", "past(X, 0)", "h")], given={"h": "X >= 0"}, **PAST)
forged(
    "a past with a premise", "past(X, 0)", [past("s", "past(X, 0)", "h")], given={"h": "n >= 1 => past(X, 0)"}, **PAST
)
forged(
    "a past of constants as one of random numbers",
    "forall c rand: past(c*X, 0)",
    [fixing("s", "forall c rand: past(c*X, 0)", [past("t", "past(c*X, 0)", "h")])],
    given={"h": "forall c real: past(c*X, 0)"},
    **PAST,
)
forged(
    "a past of a sum whose index is the time",
    "forall t nat: past(sum(t < n, Z(t)), t)",
    [fixing("s", "forall t nat: past(sum(t < n, Z(t)), t)", [past("u", "past(sum(t < n, Z(t)), t)", "h")])],
    given={"h": "forall t nat: past(Z(t), t)"},
    **PAST,
)
forged(
    "a past of a sum of something later",
    "past(sum(i < n, Z(i)), 0)",
    [past("s", "past(sum(i < n, Z(i)), 0)", "h")],
    given={"h": "forall i nat: past(Z(i), 1)"},
    **PAST,
)

# Congruence, induction, lemmas

TWO = {"variables": {"a": "real", "b": "real"}, "model": {"a": "0", "b": "0"}}


def congruent(claim: str, hole: str = "hole", context: str = "sqrt(hole)") -> list[dict[str, Any]]:
    return [step("s", claim, "congruence", fact="h", hole=hole, context=context)]


forged(
    "functions of unequal numbers", "sqrt(a) = sqrt(b)", congruent("sqrt(a) = sqrt(b)"), given={"h": "a >= b"}, **TWO
)
forged("a hole that is a word of the language", "1 = 1", congruent("1 = 1", "E", "1"), given={"h": "a = b"}, **TWO)
forged("a hole that is a variable", "a = b", congruent("a = b", "a", "a"), given={"h": "a = b"}, **TWO)
forged(
    "a function of something else from a congruence",
    "sqrt(a) = 1",
    congruent("sqrt(a) = 1"),
    given={"h": "a = b"},
    **TWO,
)
forged(
    "names of premises in a text",
    "0 >= 1 => 0 >= 1",
    [step("s", "0 >= 1 => 0 >= 1", "fixing", assume="p", steps=[have("t", "0 >= 1", ["p"])])],
)
forged("a premise without a name", "0 >= 1 => 1 = 1", [fixing("s", "0 >= 1 => 1 = 1", [same("t", "1 = 1")])])
forged(
    "an induction over two numbers",
    "forall n nat, c real: n >= 0",
    [
        induct(
            "s",
            "forall n nat, c real: n >= 0",
            [have("t", "0 >= 0")],
            [have("t", "n + 1 >= 0", ["before", ["1", [], []]])],
        )
    ],
)
forged(
    "an induction over reals",
    "forall x real: x >= 0",
    [induct("s", "forall x real: x >= 0", [have("t", "0 >= 0")], [have("t", "x + 1 >= 0", ["before", ["1", [], []]])])],
)
forged(
    "an induction that starts at 1",
    "forall n nat: n >= 1",
    [induct("s", "forall n nat: n >= 1", [have("t", "1 >= 1")], [have("t", "n + 1 >= 1", ["before", ["1", [], []]])])],
)
forged(
    "an induction whose step stays where it is",
    "forall n nat: n = 0",
    [induct("s", "forall n nat: n = 0", [have("t", "0 = 0")], [have("t", "n = 0", (), [["1", "before"]])])],
)
forged(
    "an induction that forgets the premises",
    "forall n nat: n >= 1 => 0 >= 1",
    [
        induct(
            "s",
            "forall n nat: n >= 1 => 0 >= 1",
            [have("t", "0 >= 1", ["p"])],
            [have("t", "0 >= 1", ["before"])],
            "p",
        )
    ],
)
KNOWN = {"known": ({"c": "real"}, ["c >= 1"], ["c >= 0"])}
forged("a theorem that is not there", "1 = 0", [step("s", "1 = 0", "lemma", theorem="other", values={}, hypotheses=[])])
forged("a lemma without its hypothesis", "x >= 0", [by_lemma("s", "x >= 0", c="x")], **X, **KNOWN)
forged(
    "a lemma with another hypothesis", "x >= 0", [same("p", "1 = 1"), by_lemma("s", "x >= 0", "p", c="x")], **X, **KNOWN
)
forged(
    "a lemma that claims something else",
    "x >= 5",
    [by_lemma("s", "x >= 5", "h", c="x")],
    variables={"x": "real"},
    given={"h": "x >= 1"},
    model={"x": "1"},
    **KNOWN,
)
forged("a lemma without its citation", "1 = 0", [by_lemma("s", "1 = 0")], known=({}, ["1 = 0"], ["1 = 0"]))
