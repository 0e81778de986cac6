"""The rule language: a rule that is not well formed fails where it is written; canonical text is the mathematics."""

import random
import subprocess
import sys
from functools import cache
from itertools import product
from pathlib import Path

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from driftproof.theory import canonical, catalogue
from driftproof.theory.convention import DECAY_ORDERS, Convention
from driftproof.theory.errors import NotExact, NotReadable, OutOfDomain, RuleError, UnknownName
from driftproof.theory.language import (
    Gradient,
    Max,
    Min,
    Output,
    Piecewise,
    Rational,
    Source,
    State,
    UpdateRule,
    beta,
    cautious,
    choose,
    clip_by_norm,
    compose,
    d,
    decoupled_decay,
    ell,
    ema,
    eps,
    eq,
    eta,
    exp,
    f,
    first,
    g,
    hyper,
    is_finite,
    l2,
    log,
    m,
    matmul,
    mu,
    new,
    norm,
    reduce,
    reparametrise,
    sqrt,
    svag,
    symbol,
    t,
    theta,
    unscale,
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
        lambda: catalogue.rule("adam").variant(eps="insight"),
        UnknownName,
        ["'eps' has no option 'insight'", "outside, hat, inside", "Did you mean 'inside'?"],
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


# Combinators: list order is data order, and it is printed.


def composed(*combinators, base="sgd", **more):
    return compose("composed", catalogue.rule(base), list(combinators), **more)


def test_order_of_combinators_is_the_order_of_the_data():
    clip_first, l2_first = composed(clip_by_norm(), l2("0.1")), composed(l2("0.1"), clip_by_norm())
    assert clip_first.combinators == ("clip_by_norm(1, all, exact)", "l2")
    assert l2_first.combinators == ("l2", "clip_by_norm(1, all, exact)")
    assert clip_first.digest != l2_first.digest
    g_seen = {e.symbol.name: e.expression for e in clip_first.equations}
    assert g_seen["g_clipped"].has(g) and not g_seen["g_clipped"].has(theta)
    g_seen = {e.symbol.name: e.expression for e in l2_first.equations}
    assert g_seen["g_clipped"].free_symbols == {symbol("g_decayed"), symbol("c")}


def test_combinators_of_a_composed_rule_are_printed_in_data_order():
    clipped = composed(clip_by_norm(), ema(), base="adamw")
    assert clipped.combinators == ("clip_by_norm(1, all, exact)", "decoupled_decay", "ema")


def test_gradient_after_update_is_refused():
    with pytest.raises(RuleError, match="a combinator on the gradient stands after one on the update") as caught:
        composed(ema(), clip_by_norm())
    assert "ema, clip_by_norm(1, all, exact) is mixed" in caught.value.fix


def test_two_numbers_under_one_letter_are_refused():
    with pytest.raises(RuleError, match="already has another hyperparameter lambda"):
        composed(l2("0.1"), base="adamw")
    both = composed(l2("0.1", name="lambda2"), base="adamw")
    assert [h.name for h in both.hyperparameters][-2:] == ["lambda", "lambda2"]


def test_first_values_see_what_the_combinator_does_to_the_gradient():
    scaled = composed(unscale("4"), base="adopt")
    (initial,) = [s.init.expression for s in scaled.state if s.name == "v"]
    assert initial == (g / symbol("scale")) ** 2


def test_replaced_hyperparameters_are_replaced_wherever_they_stand():
    base = UpdateRule(
        name="base",
        source=SOURCE,
        hyperparameters=[hyper(eta, "1"), hyper(beta, "0.5", scope="global")],
        gradients=[Gradient(g, at=theta + eta * m)],
        state=[State(m, init=first(beta * theta))],
        equations=[eq(new(m), g), eq(new(theta), theta - eta * g)],
        guard=is_finite(f * beta),
        outputs=[Output("size", eta)],
    )
    changed = compose(
        "changed", base, [reparametrise({eta: eta * ell, beta: ell / 2}, [hyper(ell, "1", scope="global")])]
    )
    assert [h.name for h in changed.hyperparameters] == ["eta", "ell"]
    assert changed.gradients[0].at == theta + eta * ell * m
    assert changed.state[0].init.expression == theta * ell / 2
    assert changed.guard == is_finite(f * ell / 2)
    assert changed.outputs[0].expression == eta * ell
    with pytest.raises(UnknownName, match="no hyperparameter 'mu'"):
        compose("changed", base, [reparametrise({mu: eta})])


def test_svag_takes_its_draws_where_the_rule_took_its_one():
    doubled = composed(svag(ell, {eta: eta / ell}))
    assert [(d.symbol.name, d.at) for d in doubled.gradients] == [("g1", theta), ("g2", theta)]
    with pytest.raises(RuleError, match="does not have the single gradient g"):
        compose("twice", doubled, [svag(ell, {})])
    with pytest.raises(RuleError, match="has 2 gradients"):
        compose("masked", doubled, [cautious()])


@pytest.mark.parametrize("order", DECAY_ORDERS.options)
def test_every_order_of_decay_builds(order):
    decayed = composed(decoupled_decay("0.1"), conventions=[DECAY_ORDERS]).variant(decay=order)
    assert decayed.label == ("composed" if order == "before" else f"composed@decay={order}")


# Canonical text.


def all_expressions(rule):
    yield from (e.expression for e in rule.equations)
    yield from (o.expression for o in rule.outputs)
    yield from (d.at for d in rule.gradients)
    yield from (s.init.expression for s in rule.state if hasattr(s.init, "expression"))
    yield rule.guard


@cache
def expressions_of_all_variants():
    """Every expression of every variant of every declared rule and of every probe, once."""
    found = {}
    for name in (*catalogue.names(), *sorted(map(str, PROBES.glob("*.py")))):
        base = catalogue.rule(name)
        for options in product(*[[(c.name, option) for option in c.options] for c in base.conventions]):
            variant = base.variant(**dict(options))
            found |= {expression: variant.label for expression in all_expressions(variant)}
    return found


def test_canonical_text_reads_back_as_the_expression():
    for expression, label in expressions_of_all_variants().items():
        assert canonical.parse(canonical.text(expression)) == expression, label


def test_canonical_text_of_unresolved_choices_reads_back():
    for name in catalogue.names():
        for equation in catalogue.rule(name).declared["equations"]:
            assert canonical.parse(canonical.text(equation.expression)) == equation.expression, name


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        (beta * m + (1 - beta) * g, "Add(Mul(Add(1, Mul(-1, beta)), g), Mul(beta, m))"),
        (symbol("lambda") / 2, "Mul(Rational(1, 2), lambda_)"),
        (sqrt(new(v)) + eps, "Add(Pow(v_new, Rational(1, 2)), eps)"),
        (Piecewise((0, t <= 1), (g, True)), "Piecewise(Pair(0, Le(t, 1)), Pair(g, true))"),
        (norm(g, over="all") ** 2, 'Reduce("sum", Pow(g, 2), "all")'),
        (sympy.And(is_finite(f), t <= 1), "And(IsFinite(f), Le(t, 1))"),
        (sympy.Ne(g, m), "Ne(g, m)"),
        (log(abs(g)) + exp(-t), "Add(exp(Mul(-1, t)), log(Abs(g)))"),
    ],
)
def test_canonical_text_is(expression, text):
    assert canonical.text(expression) == text
    assert canonical.parse(text) == expression


def test_a_comparison_and_its_mirror_image_have_one_text():
    assert canonical.text(g > m) == canonical.text(sympy.Lt(m, g)) == "Lt(m, g)"
    assert canonical.text(sympy.Ge(g, m)) == canonical.text(sympy.Le(m, g)) == "Le(m, g)"


def shuffled(expression, order):
    """The same tree, unevaluated, the arguments of commutative operations in another order."""
    if not expression.args:
        return expression
    args = [shuffled(a, order) for a in expression.args]
    if isinstance(expression, sympy.Add | sympy.Mul):
        order.shuffle(args)
        return expression.func(*args, evaluate=False)
    if isinstance(expression, sympy.core.relational.StrictLessThan | sympy.core.relational.LessThan):
        return expression.reversed.func(*args[::-1], evaluate=False)
    if isinstance(expression, sympy.Pow | sympy.Max | sympy.Min):
        order.shuffle(args if isinstance(expression, sympy.Max | sympy.Min) else [])
        return expression.func(*args, evaluate=False)
    return expression.func(*args)


leaves = st.sampled_from([theta, g, m, v, eta, beta, sympy.Integer(2), sympy.Rational(-1, 3)])
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=4).map(lambda a: sympy.Add(*a)),
        st.lists(inner, min_size=2, max_size=4).map(lambda a: sympy.Mul(*a)),
        inner.map(lambda a: a**2),
        inner.map(lambda a: sqrt(abs(a) + 1)),
        st.tuples(inner, inner).map(lambda a: Max(*a)),
        st.tuples(inner, inner).map(lambda a: Min(*a)),
        st.tuples(inner, inner).map(lambda a: Piecewise((a[0], t <= 1), (a[1], True))),
    ),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(tree=trees, seed=st.integers(0, 2**16))
def test_canonical_text_does_not_depend_on_the_order_of_arguments(tree, seed):
    assert canonical.text(shuffled(tree, random.Random(seed))) == canonical.text(tree)


def test_canonical_text_of_every_rule_does_not_depend_on_the_order_of_arguments():
    order = random.Random(0)
    for expression, label in expressions_of_all_variants().items():
        assert canonical.text(shuffled(expression, order)) == canonical.text(expression), label


DIGESTS = """
import sys
from pathlib import Path
from driftproof.theory import catalogue
rules = [*catalogue.names(), *sorted(map(str, Path(sys.argv[1]).glob("*.py")))]
print(*(catalogue.rule(name).digest for name in rules))
"""


@pytest.mark.parametrize("seed", ["1", "2025"])
def test_digests_do_not_depend_on_the_hash_seed(seed):
    here = [catalogue.rule(name).digest for name in (*catalogue.names(), *sorted(map(str, PROBES.glob("*.py"))))]
    run = subprocess.run(
        [sys.executable, "-c", DIGESTS, str(PROBES)],
        env={"PYTHONHASHSEED": seed, "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.split() == here


def test_digest_is_of_the_mathematics_alone():
    renamed = rule(eq(d, g), name="other", source=Source("hinton2012rmsprop", "slide 29"), notes="a note")
    assert renamed.digest == rule(eq(d, g)).digest
    assert rule(eq(d, g)).digest != rule(eq(d, -g)).digest
    assert rule(eq(d, g)).digest != rule(eq(d, g), hyperparameters=[hyper(eta, "0.2")]).digest
