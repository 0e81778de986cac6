"""Untrusted text: whatever comes in, nothing is executed, and a rule or an error of ours comes out soon."""

import random
import string
import time
from pathlib import Path

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from driftproof.theory import canonical, catalogue, language, reader
from driftproof.theory.errors import DriftproofError, RuleError, UnknownName

RULES = Path(catalogue.__file__).parent / "rules"
OURS = {path.name: path.read_text() for path in sorted(RULES.glob("*.py")) if not path.stem.startswith("_")}
WORDS = {name: getattr(language, name) for name in language.__all__}
SOON = 5.0  # seconds; each takes well under one, and without its bound none would end

MINE = '''"""A rule of a user."""
from driftproof.theory.language import (
    Convention, Rational, Source, UpdateRule, choose, eq, eta, g, hyper, l2, compose, new, theta, unscale)

axis = Convention("form", {"plain": "the gradient", "half": "half of it"})
mine = UpdateRule(
    name="mine",
    source=Source("robbins1951stochastic", "Eq. (6)"),
    conventions=[axis],
    hyperparameters=[hyper(eta, "0.1")],
    equations=[eq(new(theta), theta - eta * g * choose("form", plain=1, half=Rational(1, 2)))],
)
decayed = compose("decayed", mine, [unscale("2"), l2("0.1")])
'''


def importer(module, level, name):
    if module != "driftproof.theory.language" or name not in WORDS:
        raise UnknownName(f"from {module} import {name}: no such word.", "The language is all there is.")
    return WORDS[name]


def read(body, words="theta, g, eq, Rational, exp, log, sqrt, Max, symbol, hyper, eta, svag, reparametrise, Piecewise"):
    return reader.module(f"from driftproof.theory.language import {words}\n{body}", importer, "rule.py")


def user_file(folder, text=MINE, name="mine.py"):
    path = folder / name
    path.write_text(text)
    return str(path)


def only_our_errors(call, *arguments):
    begin = time.process_time()
    try:
        call(*arguments)
    except DriftproofError as error:
        assert len(str(error)) < 20_000
    assert time.process_time() - begin < SOON


# Nothing is executed: SymPy would evaluate text as Python wherever it meets it.

PLACES = """
exp(TEXT)  log(TEXT)  sqrt(TEXT)  abs(TEXT)  sign(TEXT)  Max(TEXT, g)  Min(g, TEXT)  Rational(TEXT)  Rational(1, TEXT)
Piecewise((TEXT, True))  Piecewise((g, TEXT), (g, True))  eq(theta, TEXT)  eq(TEXT, g)  first(TEXT)  new(TEXT)
symbol(TEXT)  choose("a", b=TEXT)  choose(TEXT, b=g)  reduce("sum", TEXT, over="all")  reduce(TEXT, g, over="all")
dot(TEXT, g, over="all")  dot(g, TEXT, over="all")  norm(TEXT, over="all")  norm_squared(TEXT, over="all")
matmul(TEXT, g)  transpose(TEXT)  is_finite(TEXT)  Gradient(TEXT)  Gradient(g, at=TEXT)  Output("a", TEXT)
State(m, init=TEXT)  State(TEXT, init=0)  hyper(eta, TEXT)  hyper(TEXT, 1)  hyper(eta, "1", domain=TEXT)
svag(TEXT, {})  svag(ell, {eta: TEXT})  svag(ell, {TEXT: eta})  reparametrise({eta: TEXT})  reparametrise({TEXT: eta})
theta + TEXT  theta * TEXT  theta - TEXT  theta / TEXT  theta ** TEXT  TEXT ** theta  theta < TEXT  TEXT >= theta
compose("a", sgd, [unscale(TEXT)])  compose("a", sgd, [clip_by_norm(TEXT)])
compose("a", sgd, [clip_by_norm("1", TEXT)])
compose("a", sgd, [clip_by_value(TEXT)])  compose("a", sgd, [l2(TEXT)])  compose("a", sgd, [ema(TEXT)])
compose("a", sgd, [svag(ell, {eta: TEXT})])  compose("a", sgd, [reparametrise({eta: TEXT})])
compose(TEXT, sgd, [])  compose("a", TEXT, [])  compose("a", sgd, [TEXT])  compose("a", sgd, TEXT)
compose("a", sgd, [decoupled_decay("1", TEXT)])  Source(TEXT, "x")  Convention(TEXT, {"b": "c", "d": "e"})
UpdateRule("a", Source("kingma2015adam", "x"), [eq(new(theta), theta - g)], guard=TEXT)
UpdateRule("a", Source("kingma2015adam", "x"), TEXT)
UpdateRule("a", Source("kingma2015adam", "x"), [eq(new(theta), theta - g)], state=TEXT)
UpdateRule("a", Source("kingma2015adam", "x"), [eq(new(theta), theta - g)], options={TEXT: "a"})
UpdateRule(TEXT, Source("kingma2015adam", "x"), [eq(new(theta), theta - g)])
"""


@pytest.mark.parametrize("place", [p.strip() for line in PLACES.splitlines() for p in line.split("  ") if p.strip()])
def test_text_is_evaluated_nowhere(place, tmp_path):
    ran = tmp_path / "ran"
    attack = f"__import__('pathlib').Path('{ran}').touch()"
    words = ", ".join(name for name in language.__all__)
    text = f"from driftproof.theory.language import {words}\nfrom driftproof.theory.rules.sgd import sgd\n"
    with pytest.raises(DriftproofError):
        catalogue.rule(user_file(tmp_path, text + f"x = {place.replace('TEXT', repr(attack))}\n"))
    only_our_errors(reader.expression, place.replace("TEXT", repr(attack)), WORDS)
    assert not ran.exists()


def test_that_attack_works_where_text_is_evaluated(tmp_path):
    """Else the test above would mean nothing."""
    sympy.sympify(f"__import__('pathlib').Path('{tmp_path / 'ran'}').touch()")
    assert (tmp_path / "ran").exists()


def test_a_source_cannot_leave_the_comment_it_is_printed_in():
    with pytest.raises(RuleError, match="not a line of text"):
        read('x = Source("kingma2015adam", "1\\nimport os")', "Source")


# Nothing blows up.

BOMBS = {
    "power tower": "x = 9**9**9**9",
    "power of a power": "x = theta\n" + "x = x**64\n" * 20,
    "number beside a letter": "x = (2*theta)**100000000",
    "number in two exponents": "x = 2**(theta + 10**17) * 2**(-theta)",
    "repeated squaring": "x = 10**18\n" + "x = x*x\n" * 60,
    "repeated squaring of quotients": "x = Rational(10**18, 7)\n" + "x = x*x\n" * 60,
    "exp of log": "x = exp(10**18*log(2))",
    "exp of log beside a letter": "x = exp(10**18*log(2) + theta)",
    "exp of log by doubling": "x = theta*log(2)\n" + "x = 1000*x\n" * 10 + "x = exp(x)*exp(-x + log(2))",
    "tower of exp": "x = Max(exp(exp(exp(exp(9)))), 2)",
    "tower of exp, compared": "x = exp(exp(exp(exp(9)))) < exp(exp(exp(exp(8))))",
    "tower by lines": "x = exp(9)\n" + "x = exp(x)\n" * 40 + "x = x < 1",
    "doubling tree": "x = theta\n" + "x = exp(x) + log(x)\n" * 60,
    "doubling Max": "x = theta\n" + "x = Max(x + eta, x*g)\n" * 60,
    "doubling Piecewise": "x = theta\n" + "x = Piecewise((x + 1, x < 1), (2*x, True))\n" * 60,
    "many arguments": "x = Max(" + ", ".join(f"exp(theta*{k})" for k in range(400)) + ")",
    "deep by lines": "x = theta\n" + "x = exp(x)\n" * 1500,
    "decimal with a large exponent": 'x = Rational("1e999999999")',
    "default with a large exponent": 'x = hyper(eta, "1e999999999")',
    "domain with many digits": 'x = hyper(eta, "1", domain="[0, ' + "9" * 10000 + ']")',
    "long name": 'x = symbol("' + "x" * 10000 + '")',
    "expansion by svag": "x = svag(theta**64 + 1, {})\ny = (theta + eta)**64\n" + "y = (y + 1)**64\n" * 40,
    "string as a factor": 'x = eq(theta, "a" * 10**18)',
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_refused_soon(name):
    begin = time.process_time()
    with pytest.raises(DriftproofError):
        read(BOMBS[name])
    assert time.process_time() - begin < SOON


@pytest.mark.parametrize("grow", ["exp(big) + log(big)", "Piecewise((big + 1, big < t), (2*big, True))"])
def test_bombs_in_a_rule_are_refused_soon(grow, tmp_path):
    body = MINE.replace("compose, ", "compose, reparametrise, exp, log, t, Piecewise, ").splitlines()
    body += ["big = eta", f"big = {grow}", "a = compose('a', mine, [reparametrise({eta: big})])"]
    body += ["a = compose('a', a, [reparametrise({eta: big})])"] * 20
    begin = time.process_time()
    with pytest.raises(DriftproofError, match=r"more than \d+ parts|outside the rule language"):
        catalogue.rule(user_file(tmp_path, "\n".join(body)) + ":a")
    assert time.process_time() - begin < SOON


@pytest.mark.parametrize(
    "text",
    [
        "Pow(9, Pow(9, 9))",
        "Pow(Mul(2, theta), 100000000000)",
        "Rational(1, 0)",
        'Rational("1e999999999")',
        "exp(Mul(1000000000000, log(2)))",
        "Max(exp(exp(exp(exp(9)))), 2)",
        "Mul(" + ", ".join(["1000000000000000000"] * 900) + ")",
        "Add(" + ", ".join(["exp(theta)"] * 900) + ")",
        'Choice("a", Tuple("b", "c"))',
        "Lt(1, 2, 3)",
        "true + 1",
        "lambda",
        "Piecewise(1)",
    ],
)
def test_canonical_text_has_the_same_bounds(text):
    begin = time.process_time()
    try:
        canonical.parse(text)
    except DriftproofError:
        pass
    else:
        assert text.startswith("Add"), "equal terms may be added up"
    assert time.process_time() - begin < SOON


# Fuzz: whatever comes in, an error of ours comes out.


NAMES = [*language.__all__, "undefined", "lambda_", "__import__", "x"]
atoms = st.one_of(
    st.sampled_from(NAMES),
    st.sampled_from(["0", "1", "2", "-1", "64", "0.5", "1e300", "10**18", "True", "None", "'text'", "[]", "{}", "()"]),
)
code = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+ - * / ** // < <= == and".split()), inner).map(
            lambda a: f"({a[0]} {a[1]} {a[2]})"
        ),
        st.tuples(st.sampled_from(NAMES), st.lists(inner, max_size=3)).map(lambda a: f"{a[0]}({', '.join(a[1])})"),
        st.tuples(inner, inner).map(lambda a: f"Piecewise(({a[0]}, {a[1]} < 1), ({a[1]}, True))"),
        st.tuples(inner, inner).map(lambda a: f"eq({a[0]}, {a[1]})"),
        st.tuples(inner, inner).map(lambda a: f"reduce('sum', {a[0]}, over={a[1]})"),
        st.lists(inner, max_size=3).map(lambda a: f"[{', '.join(a)}]"),
        inner.map(lambda a: f"-{a}"),
        inner.map(lambda a: f"{a}.x"),
    ),
    max_leaves=12,
)
FUZZ = settings(max_examples=200, deadline=None, derandomize=True)


@FUZZ
@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text):
    only_our_errors(reader.module, text, importer, "rule.py")
    only_our_errors(reader.expression, text, WORDS)
    only_our_errors(canonical.parse, text)
    only_our_errors(catalogue.rule, text)


@FUZZ
@given(st.text(alphabet="thetagm()*/+-.,0123456789<=' \n@:[]{}#\\\"_", max_size=60))
def test_any_text_that_looks_like_code_is_read_or_refused(text):
    only_our_errors(reader.module, text, importer, "rule.py")
    only_our_errors(reader.expression, text, WORDS)
    only_our_errors(catalogue.rule, text)


@FUZZ
@given(lines=st.lists(st.tuples(st.sampled_from(["x", "y", "theta"]), code), min_size=1, max_size=4))
def test_any_code_is_read_or_refused(lines):
    words = ", ".join(name for name in language.__all__)
    text = f"from driftproof.theory.language import {words}\n" + "\n".join(f"{n} = {c}" for n, c in lines)
    only_our_errors(reader.module, text, importer, "rule.py")
    only_our_errors(reader.expression, lines[0][1], WORDS)


def mutated(text, order):
    """A rule file with a few small changes: what a slip of the hand, or of a merge, leaves behind."""
    for _ in range(order.randint(1, 3)):
        at = order.randrange(len(text))
        kind = order.randrange(5)
        if kind == 0:
            text = text[:at] + text[at + order.randint(1, 5) :]
        elif kind == 1:
            text = text[:at] + order.choice(string.printable) + text[at:]
        elif kind == 2:
            lines = text.splitlines(keepends=True)
            lines.insert(order.randrange(len(lines)), order.choice(lines))
            text = "".join(lines)
        elif kind == 3:
            words = [w for w in text.replace("(", " ").replace(")", " ").split() if w.isidentifier()]
            text = text.replace(order.choice(words), order.choice(words), 1)
        else:
            digits = [k for k, c in enumerate(text) if c.isdigit()]
            k = order.choice(digits)
            text = text[:k] + order.choice(["0", "9" * 30, "-1", "0.5"]) + text[k + 1 :]
    return text


@FUZZ
@given(file=st.sampled_from(sorted(OURS)), seed=st.integers(0, 2**32))
def test_any_mutated_rule_file_is_read_or_refused(file, seed, tmp_path_factory):
    folder = tmp_path_factory.getbasetemp() / "mutated"
    folder.mkdir(exist_ok=True)
    text = OURS[file].replace("from ..language", "from driftproof.theory.language")
    text = text.replace("from .adam", "from driftproof.theory.rules.adam")
    path = folder / file
    path.write_text(mutated(text, random.Random(seed)), encoding="utf-8")
    only_our_errors(catalogue.rule, str(path))
