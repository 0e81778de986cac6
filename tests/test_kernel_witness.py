"""The replay of divergence witnesses: what it accepts is so, and nothing malformed, false or hostile passes."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction

import mpmath
import pytest

from driftproof.theory.kernel import cyclic, draws
from driftproof.theory.kernel.recursion import Recursion
from driftproof.theory.kernel.witness import LONGEST, Proof, Rejected, as_data, replay, statement


def recursion(beta1="9/10", beta2="999/1000", form="new", inside=0, outside="1/100000000", floor=0) -> Recursion:
    return Recursion(form, *(Fraction(x) for x in (beta1, beta2, inside, outside, floor)))


def spike(n: int, total: str = "1") -> tuple[tuple[int, Fraction], ...]:
    return (1, n - 1 + Fraction(total)), (n - 1, Fraction(-1))


GOOD = Proof("cyclic", recursion(), spike(74), Fraction(1), Fraction(18, 10_000), "adam", "0" * 64)


def text(proof: Proof = GOOD, **changes) -> str:
    return json.dumps(as_data(proof) | changes)


def reason(given: str) -> str:
    with pytest.raises(Rejected) as found:
        replay(given)
    return str(found.value)


# What is computed


def simulated(r: Recursion, runs, periods: int) -> mpmath.mpf:
    """Moved over the last of so many periods, per alpha: the recursion step by step from v = 1, m = 0."""
    number = lambda x: mpmath.mpf(x.numerator) / x.denominator  # noqa: E731
    b1, b2, inside, outside, floor = (number(x) for x in (r.beta1, r.beta2, r.inside, r.outside, r.floor))
    gradients = [number(g) for count, g in runs for _ in range(count)]
    v, m, moved = mpmath.mpf(1), mpmath.mpf(0), mpmath.mpf(0)
    for _ in range(periods):
        before = moved
        for g in gradients:
            large = lambda x: max(mpmath.sqrt(x + inside), floor) + outside  # noqa: E731
            old, v = v, b2 * v + (1 - b2) * g * g
            m = b1 * m + (1 - b1) * (g / large(old) if r.form == "old" else g)
            moved -= m if r.form == "old" else m / large(v)
    return moved - before


@pytest.mark.parametrize("seed", range(12))
def test_the_enclosure_holds_what_a_long_simulation_moves(seed):
    draw = random.Random(seed)
    form = draw.choice(["new", "new", "old"])
    given = [Fraction(draw.randrange(0, 95), 100), Fraction(draw.randrange(5, 95), 100)]
    damping = [Fraction(draw.randrange(0, 3), 10 ** draw.randrange(1, 9)) for _ in range(3)]
    r = Recursion(form, *given, *damping)
    runs = tuple((draw.randrange(1, 3), Fraction(draw.randrange(1, 90) * draw.choice([-1, 1]), 7)) for _ in range(7))
    low, high = cyclic.drift(r, runs, 256)
    with mpmath.workdps(60):
        # The start is forgotten at the rate max(beta) <= .95 a step: .95^7000 < 1e-155 before the last period.
        moved = simulated(r, runs, 1001)
        assert mpmath.mpf(low.numerator) / low.denominator - mpmath.mpf(10) ** -50 <= moved
        assert moved <= mpmath.mpf(high.numerator) / high.denominator + mpmath.mpf(10) ** -50
    assert high - low < Fraction(1, 2**200)


def test_precision_narrows_the_enclosure_and_keeps_it():
    wide, narrow = cyclic.drift(recursion(), spike(74), 96), cyclic.drift(recursion(), spike(74), 192)
    assert wide[0] <= narrow[0] <= narrow[1] <= wide[1]
    assert narrow[1] - narrow[0] < (wide[1] - wide[0]) / 2**90


def test_independent_draws_enclose_the_sum_over_all_histories():
    # A sum over the 2^13 histories of 13 steps is an independent reading of E[m/D(v)], up to what lies further back.
    law, depth = ((1, Fraction(3)), (2, Fraction(-1))), 13
    r = recursion("1/2", "1/4", outside="1/8")
    total = 0.0
    for history in range(2**depth):
        bits = [history >> k & 1 for k in range(depth)]
        weight = (1 / 3) ** sum(bits) * (2 / 3) ** (depth - sum(bits))
        g = [3.0 if b else -1.0 for b in bits]
        m = sum(0.5 * 0.5**k * x for k, x in enumerate(g))
        v = sum(0.75 * 0.25**k * x * x for k, x in enumerate(g)) + 0.25**depth
        total -= weight * m / (v**0.5 + 1 / 8)
    low, high = draws.drift(r, law, 128)
    # What lies further back changes m by at most 3/2^13 and v by 9/4^13; D >= 9/8, |m| <= 3: less than 4e-4 together.
    assert float(low) - 1e-3 <= total <= float(high) + 1e-3
    assert float(high - low) < 0.4


@pytest.mark.parametrize(
    ("betas", "law", "said"),
    [
        ((".9", ".99"), (101, 100), (0.0206, 0.3104)),
        ((".9", ".995"), (101, 100), (0.0085, 0.1849)),
        ((".9", ".999"), (101, 100), (-0.0053, 0.0425)),
        ((".9", ".999"), (10, 10), (-0.0312, -0.0267)),
        (("0", ".9"), (10, 10), (0.0560, 0.2251)),
        ((".9", ".99"), (50, 50), (0.0110, 0.1762)),
    ],
)
def test_drift_under_independent_draws_of_a_rare_large_gradient(betas, law, said):
    size, n = law
    found = draws.drift(recursion(*betas, outside=0), ((1, Fraction(size)), (n - 1, Fraction(-1))), 128)
    assert [float(x) for x in found] == pytest.approx(said, abs=6e-5)


# What is accepted


def test_a_witness_is_accepted_and_says_what_it_proves():
    assert replay(text()) == GOOD
    said = statement(GOOD)
    assert said.index("betas come first") < said.index("add up to 1 > 0")
    assert "999/1000" in said and "1/100000000" in said and "74" in said


def test_the_largest_bound_that_is_true_passes_and_a_larger_one_does_not():
    low, high = cyclic.drift(GOOD.recursion, GOOD.runs, 256)
    under, above = (Fraction(int(x * 10**40) + k, 10**40) for x, k in ((low, 0), (high, 1)))
    assert replay(text(replace(GOOD, drift_lower_bound=under)))
    assert "below drift_lower_bound" in reason(text(replace(GOOD, drift_lower_bound=above)))


def test_the_sign_turns_between_periods_73_and_74():
    assert "drift is at most -0.00187" in reason(text(replace(GOOD, runs=spike(73))))


def test_eps_is_part_of_the_object():
    """A damping as large as the gradients hides them: the same stream then goes the right way."""
    damped = replace(GOOD, recursion=recursion(outside="10"))
    assert "below drift_lower_bound" in reason(text(damped))


# What is rejected


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"gradient_sum": "2"}, "add up to 1, not to 2"),
        ({"drift_lower_bound": "0"}, "not above 0"),
        ({"drift_lower_bound": "-1"}, "not above 0"),
        ({"drift_lower_bound": 0.001}, "float"),
        ({"drift_lower_bound": 1}, "rational"),
        ({"drift_lower_bound": "2/4000"}, "lowest terms"),
        ({"drift_lower_bound": "1/0"}, "lowest terms"),
        ({"drift_lower_bound": "1" * 300}, "200 characters"),
        ({"drift_lower_bound": "1e-3"}, "rational"),
        ({"drift_lower_bound": "١"}, "rational"),
        ({"version": 2}, "version 1"),
        ({"version": True}, "version 1"),
        ({"format": "other"}, "format"),
        ({"sampling": "reshuffled"}, "sampling"),
        ({"sampling": ["cyclic"]}, "sampling"),
        ({"extra": 1}, "unknown keys"),
        ({"statement": "Adam diverges on everything."}, "statement"),
        ({"pattern": []}, "1 to"),
        ({"pattern": [[0, "1"]]}, "count"),
        ({"pattern": [[True, "1"]]}, "count"),
        ({"pattern": [[1, 74]]}, "rational"),
        ({"pattern": [[LONGEST, "-1"], [1, "1"]]}, "longer"),
        ({"pattern": [[10**9, "-1"]]}, "too large"),
        ({"pattern": [["1", "74"]]}, "count"),
        ({"pattern": {"1": "74"}}, "list"),
        ({"recursion": {}}, "missing keys"),
        ({"rule": {"label": "adam", "digest": 3}}, "texts"),
        ({"rule": "adam"}, "not an object"),
    ],
)
def test_malformed_or_false_objects_are_rejected_with_the_reason(changes, why):
    assert why in reason(text(**changes))


@pytest.mark.parametrize(
    ("number", "value", "why"),
    [
        ("beta2", "1", "(0, 1)"),
        ("beta2", "0", "(0, 1)"),
        ("beta1", "1", "[0, 1)"),
        ("beta1", "-1/2", "[0, 1)"),
        ("outside", "-1", "below 0"),
        ("form", "max", "none of"),
        ("form", ["new"], "texts"),
    ],
)
def test_a_recursion_outside_its_domain_is_rejected(number, value, why):
    data = as_data(GOOD)
    data["recursion"][number] = value
    assert why in reason(json.dumps(data))


@pytest.mark.parametrize("given", ["", "[]", "null", "{", "[" * 200_000, '{"a": NaN}', "3", '"x"', "\ud800"])
def test_what_is_no_object_is_rejected(given):
    assert reason(given)


def test_duplicate_keys_and_long_files_are_rejected():
    assert "twice" in reason(text()[:-1] + ', "version": 1}')
    assert "longer" in reason(text() + " " * (1 << 20))


def test_a_sum_that_is_not_above_zero_is_rejected():
    mirrored = tuple((n, -g) for n, g in GOOD.runs)
    assert "not above 0" in reason(text(replace(GOOD, runs=mirrored, gradient_sum=Fraction(-1))))


@pytest.mark.parametrize("sampling", ["cyclic", "iid"])
@pytest.mark.parametrize("small", ["1/2", "1/1" + "0" * 95])
def test_hostile_numbers_end_in_a_decision(sampling, small):
    """The longest period, distinct gradients, and decays next to 1: the cost is bounded, whatever is decided."""
    values = [Fraction((-1) ** i * (i + 1)) for i in range(2000)]
    runs = tuple((1, g) for g in [*values, 1 - sum(values)])
    near = 1 - Fraction(small)
    hostile = Proof(sampling, recursion(near, near, outside=0), runs, Fraction(1), Fraction(1, 10**90), "", "")
    try:
        assert replay(text(hostile)) == hostile
    except Rejected as rejected:
        assert "drift" in str(rejected)


def test_independent_draws_are_not_claimed_where_the_gradient_is_divided_before_it_is_averaged():
    old = replace(GOOD, sampling="iid", recursion=recursion(form="old"))
    assert "treated for the form 'new'" in reason(text(old))


def test_the_kernel_loads_the_standard_library_alone():
    code = (
        "import sys; import driftproof.theory.kernel.witness; "
        "print([m for m in ('sympy', 'mpmath', 'numpy', 'click', 'torch') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
