"""Forgeries of files, models, terms, normal forms and formulas."""

from __future__ import annotations

from .writing import X, by_lemma, fixing, forged, have, misread, past, same, theorem, use

# Files

forged("a number of ten digits", certificate={"search": {"n": 10**9}})
misread("a key that stands there twice", lambda k: k.untrusted.parsed('{"a": 1, "a": 2}'))
forged("a file that is too long", certificate={"search": {"n": "a" * (1 << 21)}})
misread("a list of keys in place of an object", lambda k: k.untrusted.keys(["a"], ["a"], "it"))
forged("a certificate without a key", certificate={"search": None})
forged("a certificate with another key", certificate={"note": ""})
forged("a float", certificate={"search": {"n": 0.5}})
forged("no number", certificate={"search": {"n": float("nan")}})
misread("a rational of 201 digits", lambda k: k.untrusted.rational("1" * 201, "it"))
forged(
    "a coefficient not in lowest terms",
    "x >= 0",
    [have("s", "x >= 0", [["2/2", [], ["h"]]])],
    given={"h": "x >= 0"},
    **X,
)
misread("a division by zero", lambda k: k.untrusted.rational("1/0", "it"))
forged("another version", certificate={"version": 2})
forged("a version that is true", certificate={"version": True})
forged("another format", statement={"format": "driftproof certificate"})
forged("white space at the end", text=lambda text: text + "\n")
forged("the same file written otherwise", text=lambda text: text.replace("\n ", "\n  "))
forged(
    "keys in another order",
    text=lambda text: text.replace('"search": {},\n', "").replace("{\n", '{\n "search": {},\n', 1),
)
forged("another theorem's certificate", certificate={"theorem": "other"})
forged("another statement's certificate", certificate={"statement": "0" * 64})
forged("a digest of something else", certificate={"digest": "0" * 64})
EQUATIONS = {
    "format": "driftproof definitions",
    "version": 1,
    "name": "rule",
    "rule": "",
    "variables": {},
    "equations": [],
}
forged(
    "certified for other definitions", definitions={"rule": EQUATIONS}, certificate={"definitions": {"rule": "0" * 64}}
)
forged("definitions of another name", definitions={"rule": EQUATIONS | {"name": "other"}})
forged(
    "definitions with another sort of a variable", definitions={"rule": EQUATIONS | {"variables": {"x": "rand"}}}, **X
)
forged(
    "a hypothesis with the name of an equation",
    definitions={"rule": EQUATIONS | {"equations": [["h", "1 = 1"]]}},
    given={"h": "2 = 2"},
)
forged("definitions that are not there", statement={"definitions": ["other"]})
forged("a text in place of a list of definitions", statement={"definitions": ""})
forged("a text in place of a list of hypotheses", statement={"hypotheses": ""})
forged("an object in place of a list of equations", definitions={"rule": EQUATIONS | {"equations": {}}})
forged("no claim", claims={})
forged("variables in a list", statement={"variables": []})
forged("a variable with a name of the kernel's", "1 = 1", variables={"_0": "real"}, model={"_0": "0"})
forged("a claim with no name", claims={"": "1 = 1"})
forged("two claims of one name", statement={"claims": [["c", "1 = 0"], ["c", "1 = 1"]]})
forged("a citation without a source", statement={"cites": [["c", "1 = 1"]]})
forged("a claim that is not written the one way", claims="1 = (1)")
forged("a claim that no step says", claims="1 = 0")
for relation in ("x > 0", "x = 0", "x /= 0", "x <= 0", "x < 0"):
    forged(f"{relation} because x >= 0 is shown", relation, [have("s", "x >= 0", ["h"])], given={"h": "x >= 0"}, **X)
forged(
    "a past that is moved with its time",
    "past(Y - 1, 0)",
    [past("s", "past(Y, 1)", "h")],
    variables={"Y": "rand"},
    given={"h": "past(Y, 1)"},
    model={"Y": "0"},
)
forged("a lemma of another statement", certificate={"lemmas": {"known": "0" * 64}}, known=({}, [], ["1 = 1"]))
forged("a lemma that is not there", certificate={"lemmas": {"other": "0" * 64}})

# Models

forged(
    "hypotheses that contradict each other",
    "x = 1",
    [have("s", "x = 1", (), [["1", "h"]])],
    given={"h": "x = 1", "g": "x = 0"},
    **X,
)
forged("a hypothesis that holds at 0 only", given={"h": "forall x real: x = 0"})
forged("an inequality that no model shows", given={"h": "0 >= 1"})
forged("a strict inequality that no model shows", given={"h": "0 > 0"})
forged("a difference that no model shows", given={"h": "0 /= 0"})
forged("a natural number that is a half", given={"h": "n = 1/2"}, variables={"n": "nat"}, model={"n": "1/2"})
forged("a model without a variable", variables={"x": "real"})
forged("a model with another variable", model={"x": "0"})
forged("a model with another key", certificate={"model": {"values": {}, "steps": [], "note": ""}})
forged("values in a list", certificate={"model": {"values": [], "steps": []}})
forged("a model with a family of another arity", variables={"x": "real(nat)"}, model={"x": "0"})
forged("a past that no model shows", given={"h": "forall z rand: past(z, 0)"})

# Terms

misread("a sort that is none", lambda k: k.terms.Sort.of("vec"))
forged("a family of natural numbers", variables={"n": "nat(nat)"}, model={"n": ["i", "i"]})
for name, text in {
    "a text of 6001 letters": "x" * 6001,
    "a letter of another script": "α",
    "a digit of another script": "١",
    "a text that ends too early": "x + ",
    "a sum with a plus for its sign": "sum(i + n, x)",
    "a power of 1": "x^1",
    "a power of 65": "x^65",
    "a power that is a name": "x^y",
    "a numeral that starts with 0": "01",
    "a numeral of 61 digits": "1" * 61,
    "a word of the language as a name": "past",
    "a maximum of one term": "max(x)",
    "a sum over a word of the language": "sum(E < n, x)",
    "a term with something after it": "x y",
}.items():
    misread(name, lambda k, text=text: k.terms.term(text))
misread("a list in place of a text", lambda k: k.terms.term(["x"]))
misread("parentheses too deep", lambda k: theorem(k, "(" * 2900 + "1" + ")" * 2900 + " = 1"))
misread("a value of another arity", lambda k: k.terms.substitute(k.terms.term("x(1)"), {"x": ((), k.terms.term("2"))}))
forged("a sum to a real", "sum(i < x, 1) = x", [same("s", "sum(i < x, 1) = x")], **X)
forged("an unknown name", "y = y", [same("s", "y = y")])
forged(
    "a family without its argument",
    "x = x",
    [same("s", "x = x")],
    variables={"x": "real(nat)"},
    model={"x": ["i", "i"]},
)
forged(
    "a family at a half",
    "x(1/2) = x(1/2)",
    [same("s", "x(1/2) = x(1/2)")],
    variables={"x": "real(nat)"},
    model={"x": ["i", "i"]},
)
forged(
    "a family at a half inside a mean",
    "E(x(1/2)) = E(x(1/2))",
    [same("s", "E(x(1/2)) = E(x(1/2))")],
    variables={"x": "real(nat)"},
    model={"x": ["i", "i"]},
)
forged(
    "an index that captures a value",
    "forall i nat: sum(i < 2, i) = 2*i",
    [
        fixing("m", "forall m nat: sum(i < 2, m) = 2*m", [same("s", "sum(i < 2, m) = 2*m")]),
        fixing("s", "forall i nat: sum(i < 2, i) = 2*i", [use("t", "sum(i < 2, i) = 2*i", "m", m="i")]),
    ],
)
forged(
    "an index that captures the bound of a value",
    "forall i nat: sum(i < 2, sum(j < i, 1)) = 2*sum(j < i, 1)",
    [
        fixing("m", "forall m real: sum(i < 2, m) = 2*m", [same("s", "sum(i < 2, m) = 2*m")]),
        fixing(
            "s",
            "forall i nat: sum(i < 2, sum(j < i, 1)) = 2*sum(j < i, 1)",
            [use("t", "sum(i < 2, sum(j < i, 1)) = 2*sum(j < i, 1)", "m", m="sum(j < i, 1)")],
        ),
    ],
)
forged(
    "an index that hides a binder is replaced",
    "sum(n < 2, 7) = 1",
    [
        fixing("m", "forall n nat: sum(n < 2, n) = 1", [same("s", "sum(n < 2, n) = 1")]),
        use("s", "sum(n < 2, 7) = 1", "m", n="7"),
    ],
)
forged("an opposite as a natural number", "-1 >= 0", [use("s", "-1 >= 0", "natural", n="-1")])
forged("a quotient as a natural number", "1/2 >= 1", [
    have("p", "1/2 > 0", [["1/2", [], []]]),
    use("s", "1/2 >= 0 + 1", "next_natural", "p", m="1/2", n="0"),
    have("t", "1/2 >= 1", ["s"]),
])  # fmt: skip

# Normal forms: what has one normal form has one value

SUMS = {"variables": {"x": "real(nat, nat)", "n": "nat"}, "model": {"x": ["i", "j", "0"], "n": "0"}}
RANDOM = {
    "variables": {"X": "rand", "Y": "rand", "Z": "rand(nat)", "z": "rand"},
    "model": {"X": "0", "Y": "0", "Z": ["i", "0"], "z": "0"},
}
for name, claim, rest in [
    ("an index of three sums that two names share", "sum(i < 1, sum(i < 2, sum(j < 2, (i - j)^2))) = 0", {}),
    ("two sums with one index", "sum(i < n, sum(j < 9, x(i, j))) = sum(i < n, sum(j < 9, x(j, i)))", SUMS),
    ("a sum of ones", "sum(i < n, x(i, i)) = n", SUMS),
    ("inner sums to two bounds", "sum(i < 1, sum(j < n + i, x(i, j))) = sum(i < 1, sum(j < 2*n + i, x(i, j)))", SUMS),
    ("an index that leaves with its factor", "sum(i < n, i) = n*n", SUMS),
    ("a sum from 1", "sum(i < 2, x(i, i)) = x(1, 1) + x(2, 2)", SUMS),
    ("random numbers as constants", "X*E(E(X)) = E(X)^2", RANDOM),
    ("a random factor that leaves the mean", "E(X*Y) = X*E(Y)", RANDOM),
    ("the mean of a product", "E(X*Y) = E(X)*E(Y)", RANDOM),
    ("the mean of a squared sum", "E(sum(i < 2, Z(i))^2) = E(sum(i < 2, Z(i)))", RANDOM),
    ("the mean of a squared long sum", "E(sum(i < 9, Z(i))^2) = sum(i < 9, E(Z(i)))", RANDOM),
    ("a random factor of a sum that leaves the mean", "E(sum(i < 1, Z(i)*z)) = Z(0)*E(z)", RANDOM),
    ("the mean of a long sum and a factor", "E(sum(i < 9, Z(i))*z) = sum(i < 9, E(Z(i)))", RANDOM),
    ("one minus one", "1 - 1 = 1", {}),
    ("a division by nothing", "1/(x - x) = 0", X),
    ("a reciprocal of a sum", "1/(x + 1) = 1/x + 1", X),
    ("a reciprocal that cancels", "x*(1/x) = 1", X),
    ("a root that is undone", "sqrt(x^2) = x", X),
    ("a function of something else", "sqrt(x) = abs(x)", X),
    ("a power above all", "0*x^64*x^64*x^64*x^64 + 0 = x^64*x^64*x^64*x^64 - x^64*x^64*x^64*x^64", X),
    ("a number of 13000 bits", "0*(9^64)^64 = 0", {}),
    (
        "a product of too many terms",
        "(x(0, 0) + x(0, 1) + 1)^16*(x(0, 0) + x(0, 1) + 1)^16 = (x(0, 0) + x(0, 1) + 1)^32",
        SUMS,
    ),
]:
    forged(name, claim, [same("s", claim)], **rest)
MANY = ["(" + " + ".join(f"{letter}({i})" for i in range(44)) + ")" for letter in "abcd"]
MANY_TERMS = f"0*({MANY[0]}*{MANY[1]} + {MANY[2]}*{MANY[3]}) = 0"
FOUR = {"variables": dict.fromkeys("abcd", "real(nat)"), "model": {key: ["i", "0"] for key in "abcd"}}
forged("a sum of too many terms", MANY_TERMS, [same("s", MANY_TERMS)], **FOUR)
LONG = {letter: letter * 2500 for letter in "ab"}
LONG_TEXT = f"0*sqrt(({LONG['a']} + {LONG['b']})^50) = 0"
forged(
    "a normal form that is too long",
    LONG_TEXT,
    [same("s", LONG_TEXT)],
    variables=dict.fromkeys(LONG.values(), "real"),
    model=dict.fromkeys(LONG.values(), "0"),
)
# Formulas

forged("a time that is a half", given={"h": "past(x, 1/2)"}, **X)
forged(
    "a binder that hides a constant",
    "forall x real: x = 5",
    [fixing("s", "forall x real: x = 5", [have("t", "x = 5", (), [["1", "h"]])])],
    variables={"x": "real"},
    given={"h": "x = 5"},
    model={"x": "5"},
)
forged(
    "a name that is bound twice",
    "forall n real, n nat: n >= 0",
    [fixing("s", "forall n real, n nat: n >= 0", [use("t", "n >= 0", "natural", n="n")])],
)
forged(
    "a binder that captures a value",
    "forall i nat: i = 2 => 0 = 2",
    [
        fixing(
            "s",
            "forall i nat: i = 2 => 0 = 2",
            [by_lemma("t", "forall j nat: j = 2", "p", c="i"), use("u", "0 = 2", "t", j="0")],
            "p",
        )
    ],
    known=({"c": "real"}, ["c = 2"], ["forall i nat: c = 2"]),
)
for name, text in {
    "two claims": "x = 1, y = 2",
    "a binder that is a word of the language": "forall E real: 1 = 1",
    "a binder of an unknown sort": "forall x vec: 1 = 1",
    "a relation that is none": "x ) y",
}.items():
    misread(name, lambda k, text=text: k.formulas.formula(text))
NATURALS = "what holds for natural numbers, claimed for reals"
forged(
    NATURALS,
    "forall x real: x >= 0",
    [fixing("s", "forall n nat: n >= 0", [use("t", "n >= 0", "natural", n="n")])],
)
