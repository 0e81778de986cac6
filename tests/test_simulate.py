"""Millions of steps: Philox's known answers, draws that depend on seed, step and lane alone, and three readings."""

from __future__ import annotations

import ctypes
import math
from fractions import Fraction

import numpy as np
import pytest
import sympy

from driftproof.impl import toolchain
from driftproof.impl.loop import WITHOUT_AVX512
from driftproof.impl.philox import C_TEXT, philox, words
from driftproof.impl.simulate import simulate
from driftproof.theory.errors import DriftproofError, OutOfDomain, Refused, UnknownName
from driftproof.theory.problems import PROBLEMS, Problem, finite_sum, problem, reddi_one, reddi_three, spike, synthetic

ONES = 0xFFFFFFFF
# Random123, kat_vectors: counter, key, answer of philox4x32 with 10 rounds.
KNOWN = (
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((ONES,) * 4, (ONES,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
)
WRAPPER = """
#include <stdint.h>
#define MANY {many}
{text}
void answer(uint64_t q, uint64_t dq, uint64_t lane, uint64_t dlane, uint32_t stream, uint64_t seed, int64_t *out)
{{
    uint64_t keys[20];
    int64_t found[4][MANY];
    rounds(seed, keys);
    philox(q, dq, lane, dlane, stream, keys, found);
    for (int w = 0; w < 4; w++)
        for (int j = 0; j < MANY; j++)
            out[w * MANY + j] = found[w][j];
}}
"""
BUILDS = {"all": (), "no AVX-512": WITHOUT_AVX512, "no AVX": ("-mno-avx",)}
needs_compiler = pytest.mark.skipif(
    not any(toolchain.shutil.which(name) for name in ("cc", "gcc", "clang")), reason="there is no C compiler"
)


def in_c(build: str, many: int, *given: int) -> np.ndarray:
    text = WRAPPER.format(many=many, text=C_TEXT)
    answer = toolchain.load(toolchain.build(text, flags=BUILDS[build])).answer
    kinds = (ctypes.c_uint64,) * 4 + (ctypes.c_uint32, ctypes.c_uint64)
    out = np.zeros((4, many), dtype=np.int64)
    answer(*(kind(value) for kind, value in zip(kinds, given, strict=True)), ctypes.c_void_p(out.ctypes.data))
    return out


# Philox


@pytest.mark.parametrize("counter, key, answer", KNOWN)
def test_philox_gives_the_known_answers(counter, key, answer):
    assert tuple(int(word) for word in philox(counter, key)) == answer


@needs_compiler
@pytest.mark.parametrize("build", BUILDS)
@pytest.mark.parametrize("counter, key, answer", KNOWN)
def test_every_c_text_gives_the_known_answers(build, counter, key, answer):
    q, seed = counter[0] | counter[1] << 32, key[0] | key[1] << 32
    for many in (1, 8, 16):
        assert tuple(in_c(build, many, q, 0, counter[2], 0, counter[3], seed)[:, -1]) == answer


@needs_compiler
@pytest.mark.parametrize("build", BUILDS)
def test_neighbouring_counters_are_those_of_numpy(build):
    """Across the carry from the low to the high half of q."""
    q, lane, seed = 2**32 - 3, 5, 0x123456789ABCDEF0
    key = (seed % 2**32, seed >> 32)
    steps = [[q + j & ONES for j in range(16)], [q + j >> 32 for j in range(16)], [lane] * 16, [7] * 16]
    assert (in_c(build, 16, q, 1, lane, 0, 7, seed) == philox(steps, key)).all()
    lanes = [[q & ONES] * 16, [q >> 32] * 16, [lane + j for j in range(16)], [7] * 16]
    assert (in_c(build, 16, q, 0, lane, 1, 7, seed) == philox(lanes, key)).all()


def test_the_word_of_a_step_and_lane_is_the_counter_that_the_docstring_names():
    t, lane, seed = 4 * (2**32 + 9) + 3, 17, 2**40 + 1
    assert int(words(seed, t, lane)) == int(philox((9, 1, lane, 0), (1, 2**8))[2])


# Runs

SMOOTH = {"eta": "0.1/sqrt(t)", "eps": "1e-8"}
SAMPLED = (reddi_three(3, "1/2"), spike(10).sampled("iid"), spike(10).sampled("reshuffled"), finite_sum(5))
MANY_VALUES = Problem("many values", list(range(-9, 9)), (-1, 1), 1, "iid")
STEPS = 400
ROUNDING = STEPS * 40 * 2.0**-53 * 2
"""NumPy rounds a product where C has an fma: 40 operations a step, on numbers below 2 after the projection."""


@needs_compiler
@pytest.mark.parametrize(
    "rule, chosen",
    [*(("adam", p) for p in SAMPLED), ("amsgrad", SAMPLED[1]), ("adopt", SAMPLED[2]), ("adan", SAMPLED[0])],
    ids=lambda p: p if isinstance(p, str) else f"{p.name} {p.sampling}",
)
def test_engines_agree(rule, chosen):
    given = {"steps": STEPS, "seeds": 20, "seed": 3, "hyperparameters": SMOOTH, "record": (20,)}
    ours, numpy = (simulate(rule, chosen, engine=engine, **given) for engine in ("c", "numpy"))
    # finite_sum is not projected; its iterates stay below 4, and a step may amplify an error by 1 + eta.
    room = ROUNDING if chosen.interval else 4 * math.exp(0.2 * math.sqrt(STEPS)) * ROUNDING
    assert np.abs(ours.final - numpy.final).max() <= room
    assert np.abs(ours.trajectory[20] - numpy.trajectory[20]).max() <= room
    assert np.unique(ours.trajectory[20]).size > 10


@needs_compiler
@pytest.mark.parametrize("chosen", [*SAMPLED, MANY_VALUES], ids=lambda p: f"{p.name} {p.sampling}")
def test_results_do_not_depend_on_lanes_threads_registers_or_interruptions(chosen):
    given = {"steps": STEPS, "seed": 2**63 + 5, "hyperparameters": SMOOTH}
    whole = simulate("adam", chosen, seeds=40, **given)
    others = [
        simulate("adam", chosen, seeds=40, threads=1, **given),
        simulate("adam", chosen, seeds=40, engine="c_without_avx512", **given),
        simulate("adam", chosen, seeds=40, record=(1, 2, 3, 77, 78, 399), **given),
        simulate("adam", chosen, seeds=1, **given),
        simulate("adam", chosen, seeds=17, **given),
    ]
    for other in others:
        assert (other.final == whole.final[: other.final.size]).all()
        assert (other.largest_at == whole.largest_at[: other.final.size]).all()


def by_hand(steps: int, start: float, large: float, alpha: float, beta2: float) -> tuple[list[float], int]:
    """Reddi's Adam with beta1 = 0 on (C, -1, -1), in Python floats; iterates, and the first that lands on 1."""
    x, v, path, hit = start, 0.0, [start], 0
    for t in range(1, steps + 1):
        g = large if t % 3 == 1 else -1.0
        v = beta2 * v + (1 - beta2) * g * g
        x = min(max(x - alpha / math.sqrt(t) * g / math.sqrt(v), -1.0), 1.0)
        path.append(x)
        hit = hit or (t if x == 1.0 else 0)
    return path, hit


@pytest.mark.parametrize("engine", ["auto", "numpy"])
def test_measures_are_those_of_a_loop_by_hand(engine):
    steps, alpha = 500, 0.5 * math.sqrt(0.9)
    path, hit = by_hand(steps, -1.0, 3.0, alpha, 0.1)
    given = {"eta": "1/2*sqrt(9/10)/sqrt(t)", "beta1": 0, "beta2": "1/10", "eps": 0}
    run = simulate(
        "adam@correction=none",
        reddi_one(3),
        steps,
        start=-1,
        target=1,
        hyperparameters=given,
        record=(10, steps),
        engine=engine,
    )
    bound = 20 * steps * 2.0**-53
    slopes = [3.0 if t % 3 == 1 else -1.0 for t in range(1, steps + 1)]
    regret = sum(g * x for g, x in zip(slopes, path[:-1], strict=True)) - min(sum(slopes), -sum(slopes))
    assert run.hit[0] == hit == 90
    assert abs(run.final[0] - path[-1]) <= bound and run.trajectory[steps][0] == run.final[0]
    assert abs(run.trajectory[10][0] - path[10]) <= bound
    assert abs(run.regret[0] - regret) <= 3 * steps * bound
    assert (run.largest[0], run.largest_at[0]) == (1.0, 90)
    assert run.largest_last[0] == max(t for t, x in enumerate(path) if x == 1.0)
    assert abs(run.smallest[0] - min(path[1:])) <= bound
    assert path[run.smallest_at[0]] <= min(path[1:]) + bound


def test_a_run_can_be_stopped_without_losing_what_is_done():
    seen = []

    def stop(run):
        seen.append(run.steps)
        return False

    run = simulate("sgd", reddi_one(3), 10**9, progress=stop)
    assert seen == [run.steps] and 0 < run.steps < 10**9
    assert run.final == simulate("sgd", reddi_one(3), run.steps).final


def test_starts_differ_by_lane_and_letters_of_schedules_are_numbers():
    a = sympy.Symbol("alpha", real=True)
    t = sympy.Symbol("t", real=True)
    given = {"eta": a / sympy.sqrt(t), "alpha": 0.25, "beta1": 0.5}
    run = simulate("adam", reddi_one(3), 100, seeds=3, start=[-1, 0, 1], hyperparameters=given)
    alone = [simulate("adam", reddi_one(3), 100, start=x, hyperparameters=given).final[0] for x in (-1, 0, 1)]
    text = simulate("adam", reddi_one(3), 100, hyperparameters={"eta": "0.25/sqrt(t)", "beta1": 0.5})
    assert list(run.final) == alone
    assert text.final == alone[1]


def test_the_shares_of_the_draws_are_those_of_the_problem():
    """SGD with step 1/steps sums the draws: 64 seeds of 4096. Hoeffding at level 1e-9, pinned seed."""
    law = Problem("two", (3, -1), (-5, 5), -5, "iid", ("1/4", "3/4"))
    run = simulate("sgd", law, 4096, seeds=64, hyperparameters={"eta": Fraction(1, 4096)}, seed=11)
    assert abs(run.final.mean()) <= 4 * math.sqrt(math.log(2 / 1e-9) / (2 * 64 * 4096))
    assert np.unique(run.final).size > 32


def test_an_epoch_of_reshuffling_uses_every_value_once():
    table = Problem("table", [1, 2, 4, 8, 16], (-100, 100), -100, "reshuffled")
    ends = (5, 10, 15)
    run = simulate("sgd", table, 15, seeds=50, hyperparameters={"eta": 1}, record=range(1, 16), seed=5)
    path = np.array([np.zeros(50), *(run.trajectory[t] for t in range(1, 16))])
    drawn = -np.diff(path, axis=0)
    for end in ends:
        assert (np.sort(drawn[end - 5 : end], axis=0) == np.array([[1], [2], [4], [8], [16]])).all()
    orders = {tuple(column) for column in drawn[:5].T}
    assert len(orders) > 25  # 50 of 120 orders drawn at random; fewer than 26 different ones: below 1e-9


def test_hit_needs_equality_and_zero_means_never():
    run = simulate("sgd", reddi_one(3), 50, hyperparameters={"eta": "0.001"}, target=1)
    assert run.hit[0] == 0
    assert simulate("sgd", reddi_one(3), 50).hit is None


def test_what_a_loop_does_not_carry_is_refused():
    for rule in ("lamb", "muon", "schedule_free_adamw@nothing=0", "adafactor"):
        with pytest.raises(DriftproofError):
            simulate(rule, reddi_one(3), 10)
    with pytest.raises(Refused, match="joins the entries"):
        simulate("lamb", reddi_one(3), 10)
    with pytest.raises(OutOfDomain, match="beta1"):
        simulate("adam", reddi_one(3), 10, hyperparameters={"beta1": 1})
    with pytest.raises(UnknownName, match="beta3"):
        simulate("adam", reddi_one(3), 10, hyperparameters={"beta3": 1})
    with pytest.raises(OutOfDomain, match="steps"):
        simulate("adam", reddi_one(3), 0)
    with pytest.raises(UnknownName, match="spike"):
        simulate("adam", "spik", 10)


def test_without_a_compiler_numpy_serves_and_says_so(monkeypatch):
    monkeypatch.setenv("CC", "no-such-compiler")
    run = simulate("adam", reddi_one(3), 20)
    assert run.engine == "NumPy"
    with pytest.raises(Refused, match="compiler"):
        simulate("adam", reddi_one(3), 20, engine="c")


# Problems


@pytest.mark.parametrize("name", PROBLEMS)
def test_every_named_problem_has_its_optimum_where_its_mean_says(name):
    found = problem(name)
    assert found.mean > 0
    assert found.optimum == (-2 if name == "finite_sum" else -1)


def test_problems_are_those_of_the_papers():
    assert reddi_three(101, "1/50").mean == Fraction(1, 50)
    assert synthetic().mean == Fraction(10, 101) and synthetic("iid").mean == Fraction(1, 5)
    assert spike(74).values == (74, *[-1] * 73)
    parts = finite_sum(5)
    theta, c = sympy.Symbol("theta", real=True), sympy.Symbol("c", real=True)
    slope = sum(parts.gradient.subs(c, value) for value in parts.values)
    assert sympy.simplify(slope.subs(theta, 3)) == 1
    assert sympy.simplify(slope.subs(theta, -2)) == 0
    with pytest.raises(DriftproofError, match="optimum"):
        Problem("bad", (1,), (-1, 1), 3)
    with pytest.raises(Refused, match="period"):
        reddi_three().sampled("cyclic")
