"""A program has one frozen order, keeps per-step work apart from per-entry work, and refuses what does not fit."""

import subprocess
import sys
from dataclasses import replace
from fractions import Fraction

import pytest
import sympy

from driftproof.impl.lower import host_symbols, lower
from driftproof.impl.program import Buffer, Op, Program
from driftproof.theory.catalogue import names, rule
from driftproof.theory.errors import DriftproofError, Refused
from driftproof.theory.language import (
    Max,
    Rational,
    Source,
    State,
    UpdateRule,
    eq,
    eta,
    f,
    first,
    g,
    hyper,
    m,
    new,
    norm,
    q,
    r,
    reduce,
    s,
    sqrt,
    theta,
    x,
)

HERE = Source("kingma2015adam", "a test")

ADAM = """\
scalars_1: scalar, each group, host
  %10 = sub 1 beta1
  %13 = sub 1 beta2
  %17 = pow beta1 t
  %18 = sub 1 %17  ; bias1
  %19 = pow beta2 t
  %20 = sub 1 %19  ; bias2
  %21 = div 1 %20
  %25 = div eta %18
  yields %10 %13 %21 %25
update: elementwise, each element
  %11 = mul %10 g
  %12 = fma beta1 m %11  ; m_new
  %14 = mul %13 g
  %15 = mul %14 g
  %16 = fma beta2 v %15  ; v_new
  %22 = mul %21 %16  ; v_hat
  %23 = sqrt %22
  %24 = add eps %23  ; denom
  %26 = mul %25 %12
  %27 = div %26 %24  ; step
  %28 = sub theta %27  ; theta_new
  yields %28 %12 %16
store theta = %28
store m = %12
store v = %16
point g = %0
"""


def made(expression, *more, state=(), hyperparameters=None, **rest):
    """A rule that sets theta to an expression."""
    hyperparameters = [hyper(eta, "0.1")] if hyperparameters is None else hyperparameters
    equations = [*more, eq(new(theta), expression)]
    return UpdateRule("made", HERE, equations, hyperparameters, list(state), **rest)


def shuffled(expression):
    """The same expression with the arguments of sums and products stored in the opposite order."""
    if not expression.args or not isinstance(expression, sympy.Expr):
        return expression
    parts = [shuffled(a) for a in expression.args]
    if isinstance(expression, sympy.Add | sympy.Mul):
        return expression.func(*parts[::-1], evaluate=False)
    if isinstance(expression, sympy.Pow):
        return sympy.Pow(*parts, evaluate=False)
    return expression.func(*parts)


def test_adam_has_this_listing():
    listing = lower(rule("adam")).listing()
    assert listing.split("nearest\n")[-1] == ADAM


@pytest.mark.parametrize("name", names())
def test_order_is_independent_of_sympys(name):
    plain = rule(name)
    turned = plain.replace(equations=[eq(e.symbol, shuffled(e.expression)) for e in plain.declared["equations"]])
    assert lower(turned).listing() == lower(plain).listing()


def test_shuffling_changes_what_sympy_stores():
    (equation,) = rule("sgd").equations
    assert shuffled(equation.expression).args != equation.expression.args


def test_listing_is_the_same_in_other_processes():
    code = "from driftproof.impl.lower import lower; from driftproof.theory.catalogue import rule; import sys;"
    code += "sys.stdout.write(lower(rule('adamw@amsgrad=corrected')).listing())"
    runs = [
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2")
    ]
    assert runs[0] == runs[1] == lower(rule("adamw@amsgrad=corrected")).listing()


@pytest.mark.parametrize("name", names())
def test_work_per_entry_depends_on_entries(name):
    """What does not differ between entries is computed once per step."""
    program = lower(rule(name))
    for stage in program.stages:
        scopes = {program.ops[n].scope for n in stage.ops}
        assert ("element" in scopes) == (stage.kind != "scalar")
        assert stage.kind != "scalar" or scopes == {stage.scope}


def test_adam_costs_one_root_and_one_division_per_entry():
    counted = lower(rule("adam")).operations()
    assert counted == {"mul": 5, "fma": 2, "sqrt": 1, "add": 1, "div": 1, "sub": 1}


@pytest.mark.parametrize(("name", "storage", "traffic"), [("adam", "float32", (16, 12)), ("sgd", "float64", (16, 8))])
def test_bytes_per_entry(name, storage, traffic):
    assert lower(rule(name), storage).bytes_per_element() == traffic


def test_a_norm_costs_one_more_read():
    clipped = made(theta - eta * g / Max(1, r), eq(r, norm(g, over="all")))
    assert lower(clipped, "float32").bytes_per_element() == (12, 4)


def test_products_are_folded_into_sums_by_fma():
    program = lower(made(theta - eta * g))
    assert [program.ops[n].code for n in program.stages[-1].ops] == ["fma"]


@pytest.mark.parametrize(
    ("expression", "codes"),
    [
        (g**2, ["fma"]),
        (1 / sqrt(g), ["sqrt", "div", "add"]),
        (g ** Rational(1, 4), ["sqrt", "sqrt", "add"]),
        (g ** Rational(3, 4), ["sqrt", "sqrt", "fma"]),
        (g**5, ["mul", "mul", "fma"]),
        (g ** Rational(1, 3), ["pow", "add"]),
    ],
)
def test_powers_become_roots_and_products(expression, codes):
    """theta + expression, the last factor of a product being folded in by fma."""
    program = lower(made(theta + expression, hyperparameters=()))
    assert [program.ops[n].code for n in program.stages[-1].ops] == codes


def test_reduction_after_the_parameters_change_recomputes_and_stores_last():
    after = made(x / Max(1, r), eq(x, theta - eta * g), eq(r, norm(x, over="tensor")))
    program = lower(after)
    assert [stage.kind for stage in program.stages] == ["scalar", "reduce", "scalar", "elementwise"]
    again = set(program.stages[1].ops) & set(program.stages[-1].ops)
    assert [program.ops[n].name for n in again] == ["x"]


def test_scalars_of_the_host_are_those_of_hyperparameters_and_t():
    average = State(q, init=1, scope="group")
    product = State(s, init=1, scope="group")
    mixed = made(
        theta - eta * g * new(s) / Max(1, new(q)),
        eq(new(s), s * eta),
        eq(new(q), q / 2 + f / 2),
        state=[product, average],
    )
    host = host_symbols(mixed)
    assert s in host
    assert new(s) in host
    assert q not in host
    hosts = {op.name: op.host for op in lower(mixed).ops if op.code == "input"}
    assert (hosts["s"], hosts["q"], hosts["eta"], hosts["f"]) == (True, False, True, False)


def test_first_value_is_chosen_at_the_first_step():
    program = lower(made(theta - eta * new(m), eq(new(m), m / 2 + g / 2), state=[State(m, init=first(g))]))
    (choice,) = [op for op in program.ops if op.code == "select"]
    condition, yes, no = (program.ops[a] for a in choice.args)
    assert condition.code == "le"
    assert (yes.name, no.name) == ("g", "m")


REFUSED = [
    (made(theta - eta * g * Rational(1, 10**30)), "The constant 1/10+ is not carried"),
    (made(theta - eta * g, hyperparameters=[hyper(eta, "1", scope="tensor")]), "Hyperparameter eta of made has scope"),
]


@pytest.mark.parametrize(("declared", "said"), REFUSED)
def test_what_cannot_be_lowered_is_refused_by_name(declared, said):
    with pytest.raises(Refused, match=said):
        lower(declared)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"rounding": "stochastic"}, "Rounding mode 'stochastic' of theta is not carried"),
        ({"storage": "float64", "compute": "float32"}, "stored in float64 and computed in float32"),
        ({"storage": "float31"}, "'float31' is not a floating type"),
    ],
)
def test_types_and_rounding_are_checked(changes, said):
    with pytest.raises(DriftproofError, match=said):
        lower(rule("sgd"), **changes)


THETA = Op("input", (), "element", False, "theta", "theta")
BUFFER = Buffer("theta", "theta", "element", "float64", "float64")


def program(*ops, **changes):
    fields = {"buffers": (BUFFER,), "stores": (("theta", len(ops) - 1),), **changes}
    return Program("made", "0" * 64, "a test", ops, **fields)


ILL_FORMED = [
    (lambda: program(Op("neg", (1,), "element"), THETA), "uses a later value"),
    (lambda: program(THETA, Op("not", (0,), "element")), "arguments of another type"),
    (lambda: program(THETA, Op("neg", (0,), "global")), "is of scope global"),
    (lambda: program(THETA, Op("reduce", (0,), "tensor", False, "sum")), "stored from scope tensor"),
    (lambda: program(THETA, Op("neg", (0,), "element", True)), "does not depend on the host alone"),
    (lambda: program(THETA, stores=()), "stores"),
    (lambda: program(THETA, guard=0), "not one condition for the whole step"),
    (lambda: Op("sine"), "'sine' is not an operation"),
    (lambda: Op("add", (0,)), "add takes 2 arguments, not 1"),
    (lambda: Op("reduce", (0,), "global", False, "median"), "'median' is not a kind of reduce"),
    (lambda: Op("const", (), "global", True, 0.5), "is not a Fraction"),
]


@pytest.mark.parametrize(("build", "said"), ILL_FORMED)
def test_ill_formed_programs_cannot_be_built(build, said):
    with pytest.raises(DriftproofError, match=said):
        build()


def test_well_formed_neighbour_can_be_built():
    assert program(THETA, Op("neg", (0,), "element")).stages[-1].yields == (1,)
    assert Op("const", (), "global", True, Fraction(1, 2)).type == "real"


def test_a_guard_is_global_and_part_of_the_program():
    guarded = made(theta - eta * g, guard=f < 2)
    number = lower(guarded).guard
    assert lower(guarded).ops[number].code == "lt"
    assert lower(made(theta - eta * g)).guard is None


def test_reduction_of_one_value_counts_every_entry():
    counted = lower(made(theta - eta * r * g, eq(r, reduce("sum", 1, over="all"))))
    assert "spread" in {op.code for op in counted.ops}


def test_programs_are_values():
    one = lower(rule("adam"))
    assert one == lower(rule("adam"))
    assert replace(one, label="other") != one
