"""The reader: what is not in its small language is refused with place and reason, soon, and nothing is executed."""

import importlib
import random
import string
import time
from fractions import Fraction
from pathlib import Path

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from driftproof.theory import canonical, catalogue, language, reader
from driftproof.theory.errors import DriftproofError, NotExact, NotReadable, RuleError, UnknownName

RULES = Path(catalogue.__file__).parent / "rules"
OURS = {path.name: path.read_text() for path in sorted(RULES.glob("*.py")) if not path.stem.startswith("_")}
WORDS = {name: getattr(language, name) for name in language.__all__}

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


# A file by its path.


def test_a_file_by_its_path_gives_its_rule(tmp_path):
    path = user_file(tmp_path)
    assert catalogue.rule(path).label == "mine"
    assert catalogue.rule(path + "@form=half").label == "mine@form=half"
    assert catalogue.rule(path + ":decayed").label == "decayed"
    decayed = catalogue.rule(path + ":decayed@form=half")
    assert decayed.label == "decayed@form=half"
    assert decayed.combinators == ("unscale(2)", "l2")


def test_a_file_in_a_folder_with_an_at_sign(tmp_path):
    folder = tmp_path / "a@b=c"
    folder.mkdir()
    assert catalogue.rule(user_file(folder) + ":decayed@form=half").label == "decayed@form=half"


@pytest.mark.parametrize(
    ("suffix", "kind", "said"),
    [
        (":other", UnknownName, "declares no rule 'other'"),
        ("@form=quarter", UnknownName, "'form' has no option 'quarter'"),
        ("@shape=half", UnknownName, "'mine' has no convention 'shape'"),
        ("@form=half,form=plain", NotReadable, "names the axis 'form' twice"),
        ("@form", NotReadable, "'@form' in RULE"),
        ("@", NotReadable, "'@' in RULE"),
    ],
)
def test_what_follows_the_path_is_checked(suffix, kind, said, tmp_path):
    with pytest.raises(kind, match=said):
        catalogue.rule(user_file(tmp_path) + suffix)


def test_a_file_with_several_rules_asks_which(tmp_path):
    with pytest.raises(UnknownName, match=r"declares 2 rules") as caught:
        catalogue.rule(user_file(tmp_path, name="rules.py"))
    assert "mine, decayed" in caught.value.why


@pytest.mark.parametrize("text", ["adma", "", "@", "adam@", "adam@eps", "adam@eps=", "adam@@", "../adam", "adam:x"])
def test_names_that_are_no_rule_are_refused(text):
    with pytest.raises(DriftproofError):
        catalogue.rule(text)


def test_unreadable_files_are_refused(tmp_path):
    (tmp_path / "folder.py").mkdir()
    (tmp_path / "latin.py").write_bytes("# é".encode("latin-1"))
    (tmp_path / "zero.py").write_bytes(b"x = 1\0")
    (tmp_path / "long.py").write_text("#" * (reader.LARGEST_TEXT + 1))
    said = {
        "missing.py": "cannot be read",
        "folder.py": "is not a file",
        "latin.py": "cannot be read.*utf-8",
        "zero.py": "null bytes",
        "long.py": "bytes long",
        "nul\0.py": "cannot be read",
        "x" * 5000 + ".py": "cannot be read",
    }
    for name, words in said.items():
        with pytest.raises(NotReadable, match=words):
            catalogue.rule(f"{tmp_path}/{name}")


def test_a_pipe_is_not_waited_for(tmp_path):
    os = pytest.importorskip("os")
    if not hasattr(os, "mkfifo"):
        pytest.skip("no named pipes here")
    os.mkfifo(tmp_path / "pipe.py")
    with pytest.raises(NotReadable, match="is not a file"):
        catalogue.rule(str(tmp_path / "pipe.py"))


# What is refused, with its place.

REFUSED = {
    "import os": "line 2: import os (Import) is not allowed",
    "import driftproof.theory.language": "(Import) is not allowed",
    "from os import system": "from os import system",
    "from driftproof.theory.language import *": "(ImportFrom) is not allowed",
    "from driftproof.theory.language import eq as e": "under their own name",
    "x = theta.name": "line 2: theta.name (Attribute) is not allowed",
    "x = theta.__class__": "(Attribute) is not allowed",
    "x = eq(theta, g).expression": "(Attribute) is not allowed",
    "x = [theta for i in theta]": "(ListComp) is not allowed",
    "x = {theta for i in theta}": "(SetComp) is not allowed",
    "x = {theta: g for i in theta}": "(DictComp) is not allowed",
    "x = exp(theta for i in theta)": "(GeneratorExp) is not allowed",
    "x = lambda: theta": "(Lambda) is not allowed",
    "x = f'{theta}'": "(JoinedStr) is not allowed",
    "x = (y := theta)": "(NamedExpr) is not allowed",
    "(x := theta)": "(Expr) is not allowed",
    "@eq\ndef x(): pass": "(FunctionDef) is not allowed",
    "def x(): pass": "(FunctionDef) is not allowed",
    "async def x(): pass": "(AsyncFunctionDef) is not allowed",
    "class x: pass": "(ClassDef) is not allowed",
    "exec('x = 1')": "(Expr) is not allowed",
    "x = exec('x = 1')": "'exec' is not known here",
    "x = eval('1')": "'eval' is not known here",
    "x = __import__('os')": "'__import__' is not known here",
    "x = __builtins__": "'__builtins__' is not known here",
    "x = __file__": "'__file__' is not known here",
    "x = open('/etc/passwd')": "'open' is not known here",
    "x = getattr(theta, 'name')": "'getattr' is not known here",
    "x = Max(*[theta, g])": "(Starred) is not allowed",
    "x = hyper(**{'symbol': eta})": "Write the arguments out",
    "x = {**{}}": "a dictionary is unpacked",
    "x = {1: 2, 1: 3}": "A key stands twice",
    "x = [*[]]": "(Starred) is not allowed",
    "x, y = theta, g": "(Assign) is not allowed",
    "x = y = theta": "(Assign) is not allowed",
    "x: int = 1": "(AnnAssign) is not allowed",
    "x += 1": "(AugAssign) is not allowed",
    "theta.name = 1": "(Assign) is not allowed",
    "x[0] = 1": "(Assign) is not allowed",
    "x = [theta][0]": "(Subscript) is not allowed",
    "del theta": "(Delete) is not allowed",
    "for x in [1]: pass": "(For) is not allowed",
    "while 1: pass": "(While) is not allowed",
    "if 1: pass": "(If) is not allowed",
    "with theta: pass": "(With) is not allowed",
    "try: pass\nfinally: pass": "(Try) is not allowed",
    "assert theta": "(Assert) is not allowed",
    "raise theta": "(Raise) is not allowed",
    "global x": "(Global) is not allowed",
    "pass": "(Pass) is not allowed",
    "x = yield": "(Yield) is not allowed",
    "x = await theta": "(Await) is not allowed",
    "x = theta if 1 else g": "(IfExp) is not allowed",
    "x = theta and g": "(BoolOp) is not allowed",
    "x = not theta": "Only a sign stands before a value",
    "x = ~theta": "Only a sign stands before a value",
    "x = theta // 2": "The operations are",
    "x = theta % 2": "The operations are",
    "x = theta @ g": "The operations are",
    "x = 1 << 100": "The operations are",
    "x = 0 < theta < 1": "Comparisons are single",
    "x = theta == g": "Comparisons are single",
    "x = theta in [g]": "Comparisons are single",
    "x = theta < '1'": "Strings take no part in comparisons",
    "x = 'a' * 1000000000": "Strings take no part in arithmetic",
    "x = 'a' + 'b'": "Strings take no part in arithmetic",
    "x = -'a'": "Only a sign stands before a value",
    "x = b'bytes'": "Constants are integers, decimals and strings",
    "x = None": "Constants are",
    "x = ...": "Constants are",
    "x = 1j": "Constants are",
    "x = 1000000000000000001": "Integers end at",
    "x = 0x" + "f" * 5000: "Integers end at",
    "x = " + "9" * 5000: "not readable",
    "x = 1/3": "1 / 3 (BinOp) is not allowed",
    "x = theta(3)": "theta is not a function",
    "x = eq(theta, g)(3)": "Only functions of the language are called",
    "x = undefined": "'undefined' is not known here",
    "x = exp(theta, evaluate=False)": "does not evaluate",
    "x = exp()": "does not evaluate",
    "x = 1 +": "not readable",
    "x = (": "not readable",
    "x = " + "(" * 300 + "1" + ")" * 300: "not readable",
    "x = " + "-" * 100 + "1": "nested more than 80 deep",
    "x = " + "+".join(["theta"] * 200): "nested more than 80 deep",
    "x = '\ud800'": "not readable",
}


@pytest.mark.parametrize("body", REFUSED, ids=lambda body: body[:40].encode("ascii", "replace").decode())
def test_refused_with_its_place_and_its_reason(body):
    with pytest.raises((NotReadable, UnknownName)) as caught:
        read(body)
    assert REFUSED[body] in str(caught.value)
    if "import" not in body and "def" not in body and "deep" not in REFUSED[body] and "\ud800" not in body:
        assert "rule.py, line 2" in caught.value.what
    assert caught.value.why or caught.value.fix


@pytest.mark.parametrize("text", ["0.1", "1e-3", "1e999", "2 ** -1", "2 ** 0.5", "theta * 0.5"])
def test_floats_in_a_file_are_refused(text):
    with pytest.raises(NotExact, match=r"rule.py, line 2.*float") as caught:
        read(f"x = {text}")
    assert "Rational(1, " in caught.value.fix


def test_errors_of_a_declaration_begin_with_file_and_line(tmp_path):
    path = user_file(tmp_path, MINE.replace("theta - eta", "theta - mu"))
    with pytest.raises(UnknownName, match="line 11: 'mu' is not known here"):
        catalogue.rule(path)
    path = user_file(tmp_path, MINE.replace('hyper(eta, "0.1")', ""))
    with pytest.raises(RuleError, match=r"mine.py, line 6: Rule 'mine': .* uses eta, which is an undeclared symbol"):
        catalogue.rule(path)


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
SOON = 5.0  # seconds; each takes well under one, and without its bound none would end


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


# Expressions.


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.999", sympy.Rational(999, 1000)),
        ("1/3", sympy.Rational(1, 3)),
        ("1e-8", sympy.Rational(1, 10**8)),
        ("1_000.5", sympy.Rational(2001, 2)),
        ("2**-1", sympy.Rational(1, 2)),
        ("0.1 + 0.2", sympy.Rational(3, 10)),
        ("  sqrt(t) / 3 ", sympy.sqrt(language.t) / 3),
        ("t**(1/2)", sympy.sqrt(language.t)),
    ],
)
def test_expressions_are_exact(text, value):
    assert reader.expression(text, WORDS) == value


def test_expressions_without_sympy_are_fractions():
    assert reader.expression("1/3 + 0.1", {}) == Fraction(13, 30)
    with pytest.raises(NotExact, match="is a float in Python"):
        reader.expression("2**0.5", {})


@pytest.mark.parametrize(
    "text", ["", " ", "1e9999", "1" * 50 + ".5", "inf", "nan", "oo", "1 2", "x = 1", "#", "1/0", "1j"]
)
def test_expressions_that_are_none_are_refused(text):
    with pytest.raises(DriftproofError):
        reader.expression(text, {"Rational": WORDS["Rational"], "t": language.t})


# Our own files.


@pytest.mark.parametrize("file", OURS)
def test_our_files_mean_the_same_to_the_reader_and_to_python(file):
    name = file.removesuffix(".py")
    executed = getattr(importlib.import_module(f"driftproof.theory.rules.{name}"), name)
    assert executed == catalogue.rule(name)
    assert executed.digest == catalogue.rule(name).digest
    assert executed.conventions == catalogue.rule(name).conventions


# Fuzz: whatever comes in, an error of ours comes out.


def only_our_errors(call, *arguments):
    begin = time.process_time()
    try:
        call(*arguments)
    except DriftproofError as error:
        assert len(str(error)) < 20_000
    assert time.process_time() - begin < SOON


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
