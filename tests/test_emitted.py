"""Emitted code equals the rule, over the reals: every rule, every option, every backend; and mutants are seen.

The text is run on 200-bit intervals and compared with the equations on their SymPy trees (impl/verify.py). Over a
step of a few tens of operations an interval of relative width 2^-200 grows by its condition, some digits; the limit
of 2^-150 leaves 50 bits for that, and is 10^45 times finer than what a wrong term makes.
"""

import math
import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from driftproof.checks.runtime.mutants import variants
from driftproof.impl import emit_rule
from driftproof.impl.backends import backend
from driftproof.impl.backends import names as targets
from driftproof.impl.interpret import functions
from driftproof.impl.interval import Interval, Undecided, exp, log, maximum, number, sign, spread, sqrt
from driftproof.impl.lower import lower
from driftproof.impl.verify import LIMIT, compare
from driftproof.theory import catalogue
from driftproof.theory.errors import DriftproofError, NotReadable, Refused
from driftproof.theory.momo import momo

PROBES = [str(path) for path in sorted((Path(__file__).parent / "probes").glob("*.py"))]


@pytest.mark.parametrize("name", catalogue.names())
def test_every_option_equals_its_rule_on_one_backend_each(name):
    """Along one axis at a time, the backends that carry the rule taking turns; `slow` runs pairs of axes on all."""
    turns = [target for target in targets() if carries(catalogue.rule(name), target)]
    gaps = {v.label: compare(v, turns[k % len(turns)], seed=k) for k, v in enumerate(variants(catalogue.rule(name)))}
    assert {label: gap for label, gap in gaps.items() if not gap < LIMIT} == {}


def carries(rule, target):
    try:
        emit_rule(rule, target)
    except Refused:
        return False
    return True


@pytest.mark.parametrize("target", targets())
@pytest.mark.parametrize("name", [*catalogue.names(), *PROBES])
def test_every_backend_equals_every_rule_it_carries(name, target):
    rule = catalogue.rule(name)
    try:
        gap = compare(rule, target, seed=1)
    except Refused as refusal:
        with pytest.raises(Refused, match=re.escape(refusal.what)):
            emit_rule(rule, target)
        return
    assert gap < LIMIT


@pytest.mark.slow
@pytest.mark.parametrize("target", targets())
@pytest.mark.parametrize("name", catalogue.names())
def test_every_option_equals_its_rule_on_every_backend(name, target):
    if not carries(catalogue.rule(name), target):
        pytest.skip(f"{target} does not carry {name}, and says so by name")
    gaps = {v.label: compare(v, target, seed=2) for v in variants(catalogue.rule(name), pairs=True)}
    assert {label: gap for label, gap in gaps.items() if not gap < LIMIT} == {}


# The test of the test

EDITS = [
    (r" \+ ", " - "),
    (r" - ", " + "),
    (r" \* ", " / "),
    (r" / ", " * "),
    (r"fma\(", "fma(-"),
    (r"fma\((\w+), (\w+), (\w+)\)", r"fma(\1, \2, -\3)"),
    (r"\bnp\.sqrt\((\w+)\)|\btorch\.sqrt\((\w+)\)|(?<= )sqrt\((\w+)\)", r"(\1\2\3)"),
    (r"maximum\((.*)\)", r"minimum(\1)"),
    (r"\b1(\.0)?\b", "2"),
    (r"\bbeta1\b", "beta2"),
    (r"\bm\b", "v"),
    (r"\bv_new\b", "v"),
    (r"\bt\b", "beta1"),
    (r"\beps\b", "-eps"),
]
"""Each changes one statement: an operation, a sign, a constant, a name."""
STATEMENT = re.compile(r"    (const \w+ )?\w+ = .*")


def mutants(text):
    """Every text that one edit of one statement makes."""
    lines = text.splitlines()
    for at, line in enumerate(lines):
        if STATEMENT.fullmatch(line) and "[" not in line:
            head, value = line.split(" = ", 1)
            for pattern, change in EDITS:
                edited = re.sub(pattern, change, value, count=1)
                if edited != value:
                    yield (
                        f"{line.strip()} -> {edited}",
                        "\n".join([*lines[:at], f"{head} = {edited}", *lines[at + 1 :]]),
                    )


def gap_of(rule, target, **changed):
    """The gap, infinite where the mutant cannot be run at all."""
    try:
        return compare(rule, target, **changed)
    except (DriftproofError, NameError):
        return math.inf


@pytest.mark.parametrize("target", targets())
@pytest.mark.parametrize("name", ["adam@amsgrad=raw", "rmsprop@momentum=inside"])
def test_every_changed_statement_is_seen(name, target):
    rule = catalogue.rule(name)
    text = emit_rule(rule, target)
    found = list(mutants(text))
    assert len(found) > 12
    assert [label for label, mutant in found if gap_of(rule, target, text=mutant) < 1e-6] == []
    assert compare(rule, target, text=text) < LIMIT


EXCHANGED = {"add": "sub", "sub": "add", "mul": "div", "div": "mul", "max": "min", "sqrt": "abs"}


@pytest.mark.parametrize("target", targets())
def test_every_exchanged_operation_of_a_program_is_seen(target):
    rule = catalogue.rule("adamw@amsgrad=corrected")
    program = lower(rule)
    seen = 0
    for number_, op in enumerate(program.ops):
        if op.code in EXCHANGED:
            changed = replace(op, code=EXCHANGED[op.code])
            mutant = replace(program, ops=(*program.ops[:number_], changed, *program.ops[number_ + 1 :]))
            assert gap_of(rule, target, program=mutant) > 1e-6, program.listing().splitlines()[number_]
            seen += 1
    assert seen > 15


def test_the_program_of_another_option_is_seen():
    rule, other = catalogue.rule("adam"), catalogue.rule("adam@eps=inside")
    assert compare(rule, "reference", program=replace(lower(other), digest=rule.digest)) > 1e-6
    with pytest.raises(DriftproofError, match="the digests differ"):
        compare(rule, "reference", program=lower(other))


@pytest.mark.parametrize("seed", range(5))
def test_the_gap_does_not_hang_on_the_seed(seed):
    assert compare(catalogue.rule("rmsprop@centered=yes"), "cpu", seed) < LIMIT


UNREADABLE = [
    ("cpu", "    const real v_new", "    real v_new", "outside the form"),
    ("cpu", "static inline void update(", "static inline void updated(", "the program the stages"),
    ("reference", "def update(", "def updated(", "the program the stages"),
]


@pytest.mark.parametrize(("target", "old", "new", "said"), UNREADABLE)
def test_a_text_in_another_form_is_refused(target, old, new, said):
    rule = catalogue.rule("adam")
    text = emit_rule(rule, target)
    assert old in text
    with pytest.raises(NotReadable, match=said):
        compare(rule, target, text=text.replace(old, new))


def test_the_interpreter_runs_nothing_but_the_stages():
    program = lower(catalogue.rule("sgd"))
    text = emit_rule("sgd")
    found = functions(program, text + "\nraise SystemExit\n", "python")
    assert set(found) == {stage.name for stage in program.stages}
    opening = functions(program, text.replace("    return", "    open('x')\n    return"), "python")
    with pytest.raises(NameError, match="open"):
        opening["scalars_1"](number(1))


@pytest.mark.parametrize("target", targets())
def test_words_of_a_rule_file_stay_inside_their_comment(target):
    """A line break, or in C a backslash at the end of a line, would let them out."""
    said = "Algorithm 1\nraise SystemExit\r#include <nothing>\u2028 */ \\"
    sgd = catalogue.rule("sgd")
    text = backend(target).emit(replace(lower(sgd, "float64"), source=said, label=said, asked=said))
    mark = "#" if target in ("reference", "torch") else "//"
    header = [line for line in text.splitlines() if "SystemExit" in line or "nothing" in line]
    assert [line.startswith(f"{mark} ") for line in header] == [True, True]
    assert not any("\\" in line for line in header)
    assert compare(sgd, target, text=text) < LIMIT


def test_the_header_names_a_command_only_where_one_makes_the_text_again():
    texts = {asked: emit_rule(catalogue.rule(asked), "torch") for asked in ("adam", "adam@eps=max")}
    assert all(f"# made by: driftproof compile {asked} --target torch\n" in text for asked, text in texts.items())
    made = emit_rule(momo(catalogue.rule("qhadam")), "torch")
    assert "driftproof compile" not in made and "# made by: emit_rule(rule, " in made


# Intervals


def test_intervals_enclose_the_exact_value():
    third = number(1) / 3
    assert third.exact() is None
    assert (third * 3 - 1).exact() is None
    assert spread(third, number(Fraction(1, 3))) < 2.0**-198
    assert number(0.1).exact() == Fraction(0.1) != Fraction(1, 10)
    assert sqrt(number(9)).exact() == 3
    assert spread(exp(log(number(5))), number(5)) < 2.0**-190
    assert spread(number(2) ** number(Fraction(1, 2)), sqrt(number(2))) < 2.0**-190
    assert (number(3) ** number(4)).exact() == 81


def test_intervals_do_not_guess():
    third = number(1) / 3
    for undecided in (
        lambda: third * 3 < 1,
        lambda: third * 3 == 1,
        lambda: sign(third * 3 - 1),
        lambda: sqrt(number(-1)),
        lambda: log(number(0)),
    ):
        with pytest.raises(Undecided):
            undecided()
    assert third < 1
    assert third != 1
    assert maximum(third, number(1)).exact() == 1
    assert not (number(1) / number(0)).is_finite()
    assert spread(number(1) / number(0), number(1)) == math.inf
    assert isinstance(1 - third, Interval)
