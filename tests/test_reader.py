"""The reader: what is not in its small language is refused with place and reason, soon, and nothing is executed."""

import importlib
from fractions import Fraction
from pathlib import Path

import pytest
import sympy

from driftproof.theory import catalogue, language, reader
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
    "from os import *": "no such word",
    "from driftproof.theory.rules.adam import *": "no such word",
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
    "x = [*theta]": "(Starred) is not allowed",
    "x = (*[theta],)": "(Starred) is not allowed",
    "x, y = theta": "(Assign) is not allowed",
    "x, y = theta, g, m": "(Assign) is not allowed",
    "x, *y = theta, g": "(Assign) is not allowed",
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
