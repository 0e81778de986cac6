"""What is printed is what is declared: in the paper's order, readable, and as LaTeX that compiles."""

import re
import shutil
import subprocess
from functools import cache

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy.parsing.sympy_parser import convert_xor, implicit_multiplication, parse_expr, standard_transformations

from driftproof.checks.api import derive
from driftproof.checks.runtime.layout import rules_text, width
from driftproof.checks.runtime.notation import Latex, Text
from driftproof.checks.runtime.printer import Printer
from driftproof.checks.runtime.render import readable, show_json, show_latex, show_text
from driftproof.theory.catalogue import names, outlines, rule
from driftproof.theory.errors import Refused
from driftproof.theory.rule import UpdateRule
from driftproof.theory.symbols import symbol

SCREEN = 25


def variants() -> list[str]:
    """Every rule, and every variant that differs in one convention."""
    found = list(names())
    for name in names():
        for axis in rule(name).conventions:
            found += [f"{name}@{axis.name}={option}" for option in axis.options if option != axis.default]
    return found


@cache
def derivation(text):
    return derive(text)


@cache
def derived() -> list[str]:
    found = []
    for name in names():
        try:
            derivation(name)
        except Refused:
            continue
        found.append(name)
    return found


# The paper's order


def test_adam_reads_as_in_the_paper():
    """source: kingma2015adam, Algorithm 1, with eta for alpha."""
    assert show_json(rule("adam"))["text"] == [
        "m' = beta1 m + (1 - beta1) g",
        "v' = beta2 v + (1 - beta2) g^2",
        "m_hat = m' / (1 - beta1^t)",
        "v_hat = v' / (1 - beta2^t)",
        "theta' = theta - eta m_hat / (sqrt(v_hat) + eps)",
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("adagrad", "v' = v + g^2"),
        ("adam@eps=hat", "theta' = theta - eta m_hat / (sqrt(v_hat) + eps / sqrt(bias2))"),
        ("adam@eps=inside", "theta' = theta - eta m_hat / sqrt(v_hat + eps)"),
        ("adamw", "theta' = theta - eta lambda theta - eta m_hat / (sqrt(v_hat) + eps)"),
        ("adopt", "theta_raw = theta if t <= 1, else theta - eta m'"),
        ("adopt@clip=growing", "limit = max(1, t - 1)^power"),
        ("rmsprop@momentum=inside", "b' = mu b + eta d"),
        ("sgd@momentum=heavy_ball,nesterov=yes", "b' = g if t <= 1, else mu b + (1 - tau) g"),
        ("sgd@momentum=ema,first=damped", "b' = mu b + (1 - mu) g"),
    ],
)
def test_equations_read_as_in_papers(text, line):
    assert line in show_json(rule(text))["text"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("adam", "d theta = -sqrt(gamma2) m / (gamma1 (sigma0 sqrt(u) + eps0 sqrt(gamma2))) dt"),
        ("adam", "d m = c1 (grad f - m) dt + c1 sigma0 sqrt(Sigma) dW"),
        ("adam", "d u = c2 (Sigma - u) dt"),
        ("sgd", "d theta = -grad f dt + sigma0 sqrt(Sigma) dW"),
    ],
)
def test_sdes_read_as_in_papers(text, line):
    assert line in [" ".join(found.split()) for found in str(derivation(text)).splitlines()]


# What is printed means what is declared


@pytest.mark.parametrize("text", variants())
def test_readable_equations_make_the_same_step(text):
    chosen = rule(text)
    known = {}
    for equation in readable(chosen):
        known[equation.symbol] = equation.expression.xreplace(known)
    for new, expression in chosen.step_map.items():
        assert known[new] == expression or sympy.simplify(known[new] - expression) == 0


LETTERS = {name: symbol(name) for name in "theta g m v t eta beta1 eps kappa c1 sigma0".split()}
PARSER = (*standard_transformations, implicit_multiplication, convert_xor)


def expressions():
    symbols = st.sampled_from(list(LETTERS.values()))
    leaves = st.one_of(symbols, symbols.map(lambda s: sympy.exp(-s)), st.integers(-3, 3).map(sympy.Integer))
    small = st.sampled_from([sympy.Rational(n, d) for n, d in ((1, 2), (-1, 2), (2, 1), (-1, 1), (3, 2), (-2, 3))])

    def grow(inner):
        pairs = st.tuples(inner, inner)
        return st.one_of(
            pairs.map(lambda p: p[0] + p[1]),
            pairs.map(lambda p: p[0] - p[1]),
            pairs.map(lambda p: p[0] * p[1]),
            st.tuples(inner, small).map(lambda p: p[0] ** p[1]),
        )

    return st.recursive(leaves, grow, max_leaves=8).filter(lambda e: not e.has(sympy.zoo, sympy.nan, sympy.I))


@settings(max_examples=150, deadline=None)
@given(expression=expressions())
def test_text_reads_back_as_the_expression(expression):
    """Juxtaposition is multiplication, ^ a power; SymPy's own parser is the judge."""
    text = Printer(Text(), ["eta", "beta1", "eps"]).show(expression)
    words = {**LETTERS, "sqrt": sympy.sqrt, "exp": sympy.exp}
    back = parse_expr(re.sub(r"\s+", " ", text), local_dict=words, transformations=PARSER)
    point = {
        s: sympy.Rational(p, 7) for s, p in zip(LETTERS.values(), (3, 5, 11, 2, 13, 17, 4, 19, 23, 8, 29), strict=True)
    }
    left, right = (sympy.N(e.subs(point), 40) for e in (expression, back))
    assert abs(left - right) <= (abs(left) + 1) * sympy.Rational(1, 10**30)


@settings(max_examples=100, deadline=None)
@given(terms=st.lists(expressions(), min_size=2, max_size=5), random=st.randoms())
def test_order_does_not_depend_on_how_sympy_stores_a_sum(terms, random):
    whole = sympy.Add(*terms)
    if whole.is_Add:
        stored = list(whole.args)
        random.shuffle(stored)
        printer = Printer(Text(), ["eta", "beta1", "eps"])
        assert printer.show(sympy.Add(*stored, evaluate=False)) == printer.show(whole)


# LaTeX


def balanced(text: str) -> bool:
    depth = 0
    for character in re.sub(r"\\[{}]", "", text):
        depth += (character == "{") - (character == "}")
        if depth < 0:
            return False
    left, right = (len(re.findall(rf"\\{word}(?![a-z])", text)) for word in ("left", "right"))
    opened = re.findall(r"\\begin{(\w+\*?)}", text)
    return depth == 0 and left == right and sorted(opened) == sorted(re.findall(r"\\end{(\w+\*?)}", text))


def rows(latex: str) -> list[str]:
    """The sides of every equation; where cases are distinguished, one for each case, and the conditions."""
    body = latex.split(r"\begin{align*}")[1].split(r"\end{align*}")[0]
    sides = [side for row in body.split("\\\\\n") for side in row.split("&=")]
    return [part for side in sides for part in without_cases(side.strip())]


def without_cases(side: str) -> list[str]:
    found = re.search(r"\\begin{cases} (.*?) \\end{cases}", side)
    if found is None:
        return [side]
    parts = []
    for branch in found[1].split(r" \\ "):
        value, condition = branch.split(" & ")
        parts += without_cases(side.replace(found[0], value))
        parts += [c for c in [re.sub(r"\\text{[^}]*}", "", condition).strip()] if c]
    return parts


def latex_pages() -> list[tuple[str, str]]:
    found = [(text, show_latex(rule(text))) for text in variants()]
    return found + [(f"SDE of {text}", derivation(text).latex()) for text in derived()]


def test_latex_is_balanced():
    for text, page in latex_pages():
        assert balanced(page), f"{text}\n{page}"


def test_balance_is_really_checked():
    good = show_latex(rule("adam"))
    for part in ("}", r"\right", r"\end{align*}", r"\left"):
        assert part in good
        assert not balanced(good.replace(part, "", 1)), part


def test_every_formula_is_read_by_an_independent_parser():
    mathtext = pytest.importorskip("matplotlib.mathtext")
    parser = mathtext.MathTextParser("path")
    with pytest.raises(ValueError):
        parser.parse(r"$\frac{1}{$")
    for text, page in latex_pages():
        for row in rows(page):
            try:
                parser.parse(f"${row}$")
            except ValueError as error:
                pytest.fail(f"{text}: {row}\n{error}")


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="there is no pdflatex here")
def test_latex_compiles(tmp_path):
    """Every rule and every SDE; the parser above has read the variants too."""
    pages = [(text, page) for text, page in latex_pages() if "@" not in text]
    for number, (text, page) in enumerate(pages):
        file = tmp_path / f"page{number}.tex"
        file.write_text(page)
        run = subprocess.run(
            ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", file.name],
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )
        assert run.returncode == 0, f"{text}\n{run.stdout[-2000:]}"


def test_names_have_their_latex():
    latex = Latex().name
    shown = {name: latex(name) for name in ("m_hat", "v_new", "beta1", "eps0", "Sigma_ij", "theta_raw", "df", "df_i")}
    assert shown == {
        "m_hat": r"\hat{m}",
        "v_new": "v'",
        "beta1": r"\beta_{1}",
        "eps0": r"\varepsilon_{0}",
        "Sigma_ij": r"\Sigma_{ij}",
        "theta_raw": r"\theta_{\mathrm{raw}}",
        "df": r"\nabla f",
        "df_i": r"(\nabla f)_{i}",
    }


# Screens


def room(page):
    """Lines that a page may have: a screen, and what the heading and the equations take beyond eight lines."""
    blank = [number for number, line in enumerate(page) if not line]
    return SCREEN + max(0, blank[1] - 8)


@pytest.mark.parametrize("text", names())
def test_rule_fits_one_screen(text):
    page = show_text(rule(text)).splitlines()
    assert len(page) <= room(page) and max(map(len, page)) <= 120


@pytest.mark.parametrize("text", derived())
def test_derivation_fits_one_screen(text):
    page = str(derivation(text)).splitlines()
    assert len(page) <= room(page) and max(map(len, page)) <= 120


def test_page_names_everything_a_rule_has():
    chosen: UpdateRule = rule("adamw")
    page = " ".join(show_text(chosen).split())
    parts = [chosen.digest, str(chosen.source.where), "decoupled_decay", *(h.name for h in chosen.hyperparameters)]
    parts += [f"{axis}={option}" for axis, option in chosen.options.items()]
    assert [part for part in parts if part not in page] == []


@pytest.mark.parametrize("page", ["show", "derive"])
@pytest.mark.parametrize("text", names())
def test_pages_fit_a_terminal_of_80_columns(page, text, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    if page == "derive" and text not in derived():
        return
    lines = (show_text(rule(text)) if page == "show" else str(derivation(text))).splitlines()
    most = room(lines) if page == "show" else SCREEN + 15  # a narrow terminal breaks long equations
    assert len(lines) <= most and max(map(len, lines)) <= 80


def test_list_of_rules_fits_a_terminal_of_80_columns(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    lines = rules_text(outlines()).splitlines()
    assert len(lines) == len(names()) + 1 and max(map(len, lines)) <= 80, "a line for each, and what to type next"
    assert [name for name in names() if not any(line.startswith(f"{name} ") for line in lines)] == []


@pytest.mark.parametrize(("columns", "wanted"), [("20", 60), ("80", 80), ("300", 110), ("", 110)])
def test_width_is_the_terminals_within_bounds(columns, wanted, monkeypatch):
    monkeypatch.setenv("COLUMNS", columns)
    assert width() == wanted
