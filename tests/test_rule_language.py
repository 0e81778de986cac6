"""The rule language: a rule that is not well formed fails where it is written, and says what, why and the fix."""

from pathlib import Path

import pytest
import sympy

from driftproof.theory import catalogue
from driftproof.theory.convention import Convention
from driftproof.theory.errors import NotExact, NotReadable, OutOfDomain, RuleError, UnknownName
from driftproof.theory.language import (
    Gradient,
    Output,
    Piecewise,
    Rational,
    Source,
    State,
    UpdateRule,
    beta,
    choose,
    d,
    eps,
    eq,
    eta,
    exp,
    first,
    g,
    hyper,
    is_finite,
    m,
    matmul,
    mu,
    new,
    norm,
    reduce,
    symbol,
    t,
    theta,
    v,
)

SOURCE = Source("kingma2015adam", "Algorithm 1")
PROBES = Path(__file__).parent / "probes"
axis = Convention("axis", {"one": "first", "two": "second"})


def rule(*equations, **changes):
    """new(theta) = theta - eta*d unless said otherwise; the equations given come first."""
    fields = {
        "name": "probe",
        "source": SOURCE,
        "hyperparameters": [hyper(eta, "0.1")],
        "equations": [*equations, *([] if "step" in changes else [eq(new(theta), theta - eta * d)])],
    }
    changes.pop("step", None)
    return UpdateRule(**{**fields, **changes})


def with_m(expression, scope="element", **changes):
    return rule(eq(d, g), eq(new(m), expression), state=[State(m, init=0, scope=scope)], guard=m < 1, **changes)


# Each wrong declaration, the kind of error, and what its message must hold: the value, the reason, the fix.
WRONG = {
    "undeclared symbol": (
        lambda: rule(eq(d, g + m)),
        RuleError,
        ["'probe'", "equation for d uses m", "undeclared symbol", "Add State(m, init=0)"],
    ),
    "undeclared hyperparameter": (
        lambda: rule(eq(d, g * mu)),
        RuleError,
        ["uses mu", "undeclared symbol", 'Add hyper(mu, "...")'],
    ),
    "undeclared symbol in a branch that is not chosen": (
        lambda: rule(eq(d, choose("axis", one=g, two=g + v)), conventions=[axis]),
        RuleError,
        ["equation for d uses v", "undeclared symbol"],
    ),
    "state without init": (
        lambda: State(m),
        RuleError,
        ["State 'm' has no init", "the first step is undefined", "State(m, init=0)"],
    ),
    "float in an equation": (
        lambda: rule(eq(d, 0.1 * g)),
        NotExact,
        ["0.1 in rule 'probe', the equation for d, is a float", "not 1/10 in binary", "Write Rational(1, 10)"],
    ),
    "float as a default": (
        lambda: hyper(eta, 0.1),
        NotExact,
        ["0.1 in the default of eta is a float", "not 1/10 in binary", 'Write "0.1"'],
    ),
    "float as an init": (lambda: State(m, init=0.5), NotExact, ["0.5 in the init of m is a float"]),
    "float in Rational": (lambda: Rational(0.1), NotExact, ["Rational(0.1) is not exact", "Write Rational(1, 10)"]),
    "text as a default": (lambda: hyper(eta, "big"), NotExact, ["'big' in the default of eta is not a number"]),
    "cycle": (
        lambda: rule(eq(d, g + v), eq(v, d + g)),
        RuleError,
        ["equation for d uses v", "depends on d: a cycle", "computed in order", "Use an old value"],
    ),
    "cycle of one": (lambda: rule(eq(d, g + d)), RuleError, ["equation for d uses d", "a cycle"]),
    "later value": (
        lambda: rule(eq(d, g + v), eq(v, 2 * g)),
        RuleError,
        ["equation for d uses v", "defined later", "Move the equation for v up"],
    ),
    "name outside the alphabet": (
        lambda: rule(eq(symbol("velocity"), g), eq(d, symbol("velocity"))),
        UnknownName,
        ["'velocity'", "outside the alphabet", "symbols.py", 'names={"velocity": "what it is"}'],
    ),
    "letter of another kind": (
        lambda: rule(eq(d, g * sympy.Symbol("eta"))),
        RuleError,
        ["eta in rule 'probe'", "not a letter of the language", 'symbol("eta")'],
    ),
    "name of a word": (
        lambda: rule(eq(symbol("Max"), g), eq(d, symbol("Max")), names={"Max": "largest"}),
        RuleError,
        ["'Max'", "word of the language", "Choose another name"],
    ),
    "double assignment": (
        lambda: rule(eq(d, g), eq(d, 2 * g)),
        RuleError,
        ["2 times the equation for d", "single assignments", "its own name"],
    ),
    "two hyperparameters of one name": (
        lambda: rule(eq(d, g), hyperparameters=[hyper(eta, "0.1"), hyper(eta, "0.2")]),
        RuleError,
        ["2 times the hyperparameter eta"],
    ),
    "assignment to an input": (
        lambda: rule(eq(g, 2 * theta), eq(d, g)),
        RuleError,
        ["assigns to g", "do not change within a step", "eq(new(g), ...)"],
    ),
    "assignment to an old value": (
        lambda: rule(eq(m, g), eq(d, m), state=[State(m, init=0)]),
        RuleError,
        ["assigns to m", "eq(new(m), ...)"],
    ),
    "missing equation for a state": (
        lambda: rule(eq(d, m + g), state=[State(m, init=0)]),
        RuleError,
        ["no equation for new(m)", "Every state needs", "Add eq(new(m), ...)"],
    ),
    "missing equation for theta": (
        lambda: rule(eq(d, g), step=None),
        RuleError,
        ["no equation for new(theta)", "Add eq(new(theta), ...)"],
    ),
    "new value of what is no state": (
        lambda: rule(eq(new(m), g), eq(d, new(m))),
        RuleError,
        ["equation for new(m), but m is not a state", "Add State(m, init=0)"],
    ),
    "use of a new value of what is no state": (
        lambda: rule(eq(d, g + new(m))),
        RuleError,
        ["uses m_new, but m is not a state", "Add State(m, init=0)"],
    ),
    "scope mismatch": (
        lambda: with_m(g**2, scope="global"),
        RuleError,
        ["new(m) is of scope element, but global is declared", "one number per element", "Reduce it"],
    ),
    "scope mismatch of tensors": (
        lambda: with_m(norm(g, over="tensor"), scope="group"),
        RuleError,
        ["new(m) is of scope tensor, but group is declared"],
    ),
    "scope mismatch of an init": (
        lambda: rule(
            eq(d, g * m), eq(new(m), m + reduce("max", g, over="all")), state=[State(m, init=first(g), scope="global")]
        ),
        RuleError,
        ["the init of m is of scope element, but global is declared"],
    ),
    "guard per entry": (
        lambda: rule(eq(d, g), guard=is_finite(g)),
        RuleError,
        ["the guard is of scope element, but global is declared", "Reduce it"],
    ),
    "sum of one number per tensor": (
        lambda: rule(eq(d, g * reduce("sum", norm(g, over="tensor"), over="all"))),
        RuleError,
        ["one number per tensor, not per entry", "count it once for each", "Put the expression per entry inside"],
    ),
    "product with what is no matrix": (
        lambda: rule(eq(d, matmul(eta, g))),
        RuleError,
        ["matmul(eta, g)", "eta is one number per group, not per entry"],
    ),
    "exponent per entry": (
        lambda: rule(eq(d, eta**g)),
        RuleError,
        ["eta**g", "exponent that differs between entries", "exp and log"],
    ),
    "exponent per entry in an output": (
        lambda: rule(eq(d, g), outputs=[Output("size", eta**g)]),
        RuleError,
        ["eta**g in rule 'probe', the output 'size'"],
    ),
    "wrong branches": (
        lambda: rule(eq(d, choose("axis", one=g, three=g)), conventions=[axis]),
        RuleError,
        ["choose('axis')", "['one', 'three']", "['one', 'two']", "one expression for each option"],
    ),
    "unknown axis": (
        lambda: rule(eq(d, choose("axes", one=g, two=g)), conventions=[axis]),
        UnknownName,
        ["choose('axes', ...)", "no such convention", "Did you mean 'axis'?"],
    ),
    "unknown option": (
        lambda: catalogue.rule("adam").variant(eps="insde"),
        UnknownName,
        ["'eps' has no option 'insde'", "outside, hat, inside", "Did you mean 'inside'?"],
    ),
    "unknown convention": (
        lambda: catalogue.rule("adam").variant(epsilon="inside"),
        UnknownName,
        ["'adam' has no convention 'epsilon'", "Conventions: eps,"],
    ),
    "unknown reduction": (lambda: reduce("summ", g, over="all"), RuleError, ["'summ'", "Did you mean 'sum'?"]),
    "unknown range": (lambda: norm(g, over="tensors"), RuleError, ["'tensors'", "Did you mean 'tensor'?"]),
    "unknown scope": (lambda: State(m, init=0, scope="entry"), RuleError, ["State 'm': unknown scope 'entry'"]),
    "default outside its domain": (
        lambda: hyper(beta, "1"),
        OutOfDomain,
        ["beta = 1 lies outside its domain [0, 1)", "declared on that domain only", "Choose"],
    ),
    "empty domain": (lambda: hyper(eta, "1", domain="[2, 1]"), RuleError, ["'[2, 1]' is empty"]),
    "no domain": (lambda: hyper(eta, "1", domain="positive"), RuleError, ["'positive' is not an interval", '"[0, 1)"']),
    "init from a new value": (
        lambda: rule(eq(d, g), eq(new(m), m + d), eq(v, new(m)), state=[State(m, init=first(d))], guard=m < 1),
        RuleError,
        ["the init of m uses d, which is not an input", "At the first step"],
    ),
    "init from another state": (
        lambda: rule(
            eq(d, g * m * v),
            eq(new(m), m + g),
            eq(new(v), v + g),
            state=[State(m, init=first(v)), State(v, init=first(m))],
        ),
        RuleError,
        ["the init of m uses v, which is not an input"],
    ),
    "point made of its gradient": (
        lambda: rule(eq(d, g), gradients=[Gradient(g, at=theta - eta * g)]),
        RuleError,
        ["the point of gradient g uses g, which is not an old value", "known before the gradient"],
    ),
    "point from a state that starts at a gradient": (
        lambda: rule(
            eq(d, g),
            eq(new(m), m + g),
            state=[State(m, init=first(g))],
            gradients=[Gradient(g, at=theta + m)],
        ),
        RuleError,
        ["the point of gradient g uses m", "starts at a value made of the gradient or the loss: a cycle"],
    ),
    "unused hyperparameter": (
        lambda: rule(eq(d, g), hyperparameters=[hyper(eta, "0.1"), hyper(eps, "1")]),
        RuleError,
        ["declares the hyperparameter eps, and no variant uses it", "Remove it"],
    ),
    "unused equation": (
        lambda: rule(eq(d, g), eq(v, 2 * g)),
        RuleError,
        ["declares the equation for v, and no variant uses it"],
    ),
    "unused state": (
        lambda: rule(eq(d, g), eq(new(m), m + g), state=[State(m, init=0)]),
        RuleError,
        ["no variant uses it"],
    ),
    "unused gradient": (
        lambda: rule(eq(d, g), gradients=[Gradient(g), Gradient(symbol("g2"))]),
        RuleError,
        ["declares the gradient g2, and no variant uses it"],
    ),
    "no last case": (
        lambda: rule(eq(d, Piecewise((g, t <= 1), (2 * g, t > 2)))),
        RuleError,
        ["has no last case", "it would have no value", "(value, True)"],
    ),
    "too long": (
        lambda: rule(eq(d, sum(exp(k * g) for k in range(1, 200)))),
        NotReadable,
        ["more than 300 parts", "equations of their own"],
    ),
    "bad rule name": (lambda: rule(eq(d, g), name="My Rule"), RuleError, ["'My Rule' is not a rule name"]),
    "one option": (lambda: Convention("axis", {"one": "only"}), RuleError, ["'axis' has 1 option(s)"]),
    "unknown source": (
        lambda: Source("kingma2016adam", "Algorithm 1"),
        UnknownName,
        ["Did you mean 'kingma2015adam'?"],
    ),
    "source of two lines": (lambda: Source("kingma2015adam", "1\nimport os"), RuleError, ["not a line of text"]),
    "symbol as text": (lambda: hyper("eta", "0.1"), RuleError, ["'eta' (str)", "not a letter of the language"]),
    "text as an expression": (lambda: eq(d, "2*g"), RuleError, ["'2*g' (str)", "Text is not evaluated"]),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_declaration_says_what_why_and_the_fix(name):
    write, kind, said = WRONG[name]
    with pytest.raises(kind) as caught:
        write()
    error = caught.value
    for words in said:
        assert words in str(error)
    assert error.what
    assert error.fix or error.why, "an error without a reason or a fix does not help"


OUTSIDE = {
    "oo": sympy.oo,
    "nan": sympy.nan,
    "zoo": sympy.zoo,
    "pi": sympy.pi,
    "I": sympy.I,
    "log(-1)": sympy.log(-1),
    "(-1)**(1/3)": sympy.Rational(-1) ** sympy.Rational(1, 3),
    "sin": sympy.sin(g),
    "floor": sympy.floor(g),
    "derivative": sympy.Derivative(g * theta, theta),
    "function": sympy.Function("h")(g),
}


@pytest.mark.parametrize("name", OUTSIDE)
def test_what_is_not_in_the_language_is_refused_by_name(name):
    with pytest.raises(RuleError, match=r"outside the rule language|is not a (real|finite) number") as caught:
        rule(eq(d, sympy.Add(g, OUTSIDE[name], evaluate=False)))
    assert "ule 'probe', the equation for d" in caught.value.what


def test_well_formed_probe_is_accepted():
    """Else every refusal above would mean nothing."""
    assert rule(eq(d, g)).label == "probe"
    kept = with_m(reduce("max", g, over="all"), scope="global")
    assert [s.name for s in kept.state] == ["m"]
