"""`witness` and `verify`: the tables of known witnesses, the verdicts, and what bad input gets."""

from __future__ import annotations

import json
import math
import random
import subprocess
import sys
from decimal import Decimal
from fractions import Fraction

import mpmath
import pytest

import driftproof as dp
from driftproof.checks.runtime.cli import main
from driftproof.checks.runtime.render_witness import torch_script, witness_text
from driftproof.theory.errors import DriftproofError, OutOfDomain, Refused, UnknownName
from driftproof.theory.kernel.recursion import Recursion
from driftproof.theory.kernel.witness import as_data, replay
from driftproof.theory.limiting import Method, rounded_down, rounded_up
from driftproof.theory.spikes import largest_sum, smallest, spike


def method(beta1: str, beta2: str, form: str = "new", sampling: str = "cyclic") -> Method:
    """Without damping; lr = 1/1000."""
    numbers = (Fraction(beta1), Fraction(beta2), Fraction(0), Fraction(0), Fraction(0))
    return Method(Recursion(form, *numbers), sampling, Fraction(1, 1000))


# Known witnesses


@pytest.mark.parametrize(
    ("beta1", "beta2", "n"),
    [
        ("0", ".5", 4),
        ("0", ".9", 7),
        ("0", ".99", 21),
        ("0", ".999", 64),
        ("0", ".9999", 201),
        (".9", ".9", 14),
        (".9", ".95", 17),
        (".9", ".99", 30),
        (".9", ".999", 74),
        (".9", ".9999", 210),
        (".99", ".999", 136),
    ],
)
def test_smallest_periods_with_sum_one(beta1, beta2, n):
    assert smallest(method(beta1, beta2)) == ((1, Fraction(n)), (n - 1, Fraction(-1)))


@pytest.mark.parametrize(
    ("beta1", "beta2", "largest"),
    [
        ("0", ".5", ".8872"),
        ("0", ".9", ".08591"),
        ("0", ".99", ".007598"),
        (".5", ".999", "3.21e-4"),
        (".9", ".9", ".00556"),
        (".9", ".99", "5.28e-4"),
        (".9", ".999", "5.261e-5"),
        (".95", ".5", ".01651"),
        (".99", ".5", ".00319"),
    ],
)
def test_largest_sums_of_period_three(beta1, beta2, largest):
    low, high = largest_sum(method(beta1, beta2), 3)
    assert 0 < high - low <= high / 10_000
    one_in_the_last_digit = 10.0 ** Decimal(largest).as_tuple().exponent
    assert float(low) == pytest.approx(float(largest), abs=one_in_the_last_digit)


@pytest.mark.parametrize("beta1", ["0", ".9"])
@pytest.mark.parametrize(("beta2", "largest"), [(".5", ".3079"), (".9", ".0727"), (".999", "7.5e-4")])
def test_adopt_is_turned_by_negative_spikes_whatever_beta1(beta1, beta2, largest):
    low, _ = largest_sum(method(beta1, beta2, "old"), 3)
    assert float(low) == pytest.approx(float(largest), rel=1e-3)
    assert spike(method(beta1, beta2, "old"), 3, Fraction(1, 5)) == ((1, Fraction(-9, 5)), (2, Fraction(1)))


@pytest.mark.parametrize(
    ("n", "steps"), [(80, 3309920), (100, 984600), (150, 472948), (200, 354199), (500, 193457), (1000, 134920)]
)
def test_predicted_steps_are_those_of_default_adam_from_zero(n, steps):
    """Seen in simulations from 0 to 1, at the step where 1 was reached first: up to two periods apart, or 1 %."""
    m = method(".9", ".999")
    predicted = m.steps(spike(m, n), m.drift(spike(m, n))[0], distance=1)
    assert predicted == pytest.approx(steps, rel=0.01, abs=2 * n)


def test_default_adam_goes_wrong_from_74_on_and_not_at_73():
    signs = [method(".9", ".999").sign(spike(method(".9", ".999"), n)) for n in (60, 73, 74, 75, 80, 1000)]
    assert signs == [-1, -1, 1, 1, 1, 1]


@pytest.mark.parametrize(("total", "sign"), [("5e-5", 1), ("5.3e-5", -1)])
def test_period_three_of_default_adam(total, sign):
    m = method(".9", ".999")
    assert m.sign(spike(m, 3, Fraction(total))) == sign


@pytest.mark.parametrize("seed", range(8))
def test_every_period_has_a_witness_and_a_long_run_agrees(seed):
    """Fresh betas and periods; the run in 50 digits forgets its start: .9^3000 < 1e-137."""
    draw = random.Random(f"witness {seed}")
    b1, b2, n = Fraction(draw.randrange(0, 90), 100), Fraction(draw.randrange(5, 90), 100), draw.randrange(3, 20)
    low, high = largest_sum(method(str(b1), str(b2)), n)
    with mpmath.workdps(50):
        for total, sign in ((low, 1), (high, -1)):
            v, m, moved = mpmath.mpf(1), mpmath.mpf(0), mpmath.mpf(0)
            for t in range(3000 // n * n + n):
                g = mpmath.mpf((n - 1 + total).numerator) / (n - 1 + total).denominator if t % n == 0 else -1
                v, m = (
                    v + (1 - mpmath.mpf(b2.numerator) / b2.denominator) * (g * g - v),
                    (m + (1 - mpmath.mpf(b1.numerator) / b1.denominator) * (g - m)),
                )
                moved -= m / mpmath.sqrt(v) if t >= 3000 // n * n else 0
            assert mpmath.sign(moved) == sign


# Verdicts


def test_default_adam_has_a_witness_that_replays():
    found = dp.witness("adam", beta1="0.9", beta2="0.999")
    assert found.verdict == "WITNESS"
    assert found.predicted_steps <= 10**7
    assert replay(json.dumps(as_data(found.proof))) == found.proof
    page = found.as_json()
    assert sum(map(Fraction, page["pattern"])) == Fraction(page["gradient_sum"]) > 0
    assert len(page["pattern"]) == page["period"]
    assert 0 < Fraction(page["drift_lower_bound"]) <= Fraction(page["drift"][1])
    assert page["certificate"]["recursion"]["outside"] == "1/100000000"


def test_a_budget_that_is_too_small_says_what_is_needed():
    found = dp.witness("adam", budget=1000)
    assert (found.verdict, found.proof) == ("NONE_FOUND", None)
    assert found.predicted_steps > 1000 and str(found.predicted_steps) in found.reason


def test_a_period_has_its_unit_spike_or_half_of_its_largest_sum():
    assert dp.witness("adam", period=74).proof.gradient_sum == 1
    found = dp.witness("adam", period=73)
    low, high = found.largest_sum
    assert found.verdict == "WITNESS"
    assert found.proof.gradient_sum == rounded_down(low / 2, 2) < low < high < 1


def test_adopt_has_a_witness_under_cyclic_sampling_and_none_under_independent_draws():
    assert dp.witness("adopt").verdict == "WITNESS"
    found = dp.witness("adopt", model="iid")
    assert found.verdict == "IMPOSSIBLE" and "independent" in found.reason


@pytest.mark.parametrize("rule", ["amsgrad", "adam@amsgrad=raw"])
def test_amsgrad_has_none(rule):
    found = dp.witness(rule)
    assert found.verdict == "IMPOSSIBLE" and "largest v" in found.reason and found.proof is None


def test_adagrad_has_none_and_its_time_of_crossing_is_told():
    found = dp.witness("adagrad", period=10)
    assert found.verdict == "IMPOSSIBLE" and "tends to 1" in found.reason
    # 1 - beta2 = 1/(t + 1) falls below the threshold, about 4/(n (n - 2)) = 1/20 to first order.
    assert 15 <= found.crossing.step <= 30


def peak(beta1: float, beta2, gradients: list[float], periods: int) -> int:
    """The step at which Generic Adam is highest, at the ends of periods; float64, alpha = 1/sqrt(t)."""
    v, m, theta, best = 0.0, 0.0, 0.0, (-math.inf, 0)
    for t in range(1, periods * len(gradients) + 1):
        g, b2 = gradients[(t - 1) % len(gradients)], beta2(t)
        v, m = b2 * v + (1 - b2) * g * g, beta1 * m + (1 - beta1) * g
        theta -= m / math.sqrt(t * v)
        if t % len(gradients) == 0:
            best = max(best, (theta, t))
    return best[1]


@pytest.mark.parametrize(
    ("beta1", "a", "r", "n", "total"),
    [("0", "1/2", "1/2", 30, "1"), ("9/10", "1/2", "1/2", 30, "1"), ("1/2", "3/5", "3/5", 20, "1/10")],
)
def test_crossing_times_are_where_runs_turn_around(beta1, a, r, n, total):
    """beta2 = 1 - a/t^r. The law holds for slowly changing beta2; 20 % is what it is asked for here."""
    gradients = [n - 1 + Fraction(total)] + [Fraction(-1)] * (n - 1)
    found = dp.witness("generic_adam", beta1=beta1, beta2=f"1-({a})/t**({r})", gradients=gradients)
    assert found.verdict == "IMPOSSIBLE"
    predicted, a, r = found.crossing.step, float(Fraction(a)), float(Fraction(r))
    seen = peak(float(Fraction(beta1)), lambda t: 1 - a / t**r, list(map(float, gradients)), 2 * predicted // n)
    assert seen == pytest.approx(predicted, rel=0.2)


@pytest.mark.parametrize(("a", "r", "seen"), [("1/2", "1/2", 1084000), ("3/4", "3/4", 15200)])
def test_crossing_times_of_101_streams_seen_in_long_runs(a, r, seen):
    found = dp.witness("generic_adam", beta1=".9", beta2=f"1-({a})/t**({r})", period=101)
    assert found.crossing.step == pytest.approx(seen, rel=0.2)


def test_a_threshold_of_beta2_known_from_elsewhere():
    found = dp.witness("generic_adam", beta1=".9", beta2="1-1/(2*sqrt(t))", gradients="101,-1x100")
    low, high = found.crossing.small
    assert low <= 1 - Fraction("0.9995158881") <= high


def test_independent_draws_are_proved_refused_or_sampled():
    assert dp.witness("adam", beta2="0.99", gradients="101,-1x99", model="iid").verdict == "WITNESS"
    assert dp.witness("adam", gradients="10,-1x9", model="iid").verdict == "NONE_FOUND"
    found = dp.witness("adam", gradients="101,-1x99", model="iid")
    assert found.verdict == "STATISTICAL" and found.proof is None
    # Another simulation, of 2e7 steps, says 0.0033(2).
    assert found.sampled.low - 2e-4 < 0.0033 < found.sampled.high + 2e-4
    low, high = (float(x) / 100 for x in found.interval)
    assert low < found.sampled.high and found.sampled.low < high


@pytest.mark.parametrize(
    ("total", "beta2", "size"),
    [("1/50", ".9", "3"), ("1/10", ".9", "15/4"), ("1", ".9", "341/5"), ("1/50", ".99", "112/5")],
)
def test_known_instances_of_a_rare_large_gradient_are_proved(total, beta2, size):
    """Probability p = (1 + mean)/(size + 1) of `size`, else -1; p as a count out of n draws."""
    p = (1 + Fraction(total)) / (Fraction(size) + 1)
    found = dp.witness(
        "adam",
        beta1=0,
        beta2=beta2,
        eps=0,
        model="iid",
        gradients=[Fraction(size)] * p.numerator + [-1] * (p.denominator - p.numerator),
    )
    assert found.verdict == "WITNESS"


def test_the_scale_of_the_gradients_matters_where_eps_does():
    assert dp.witness("adam", eps=10, gradients="74,-1x73").verdict == "NONE_FOUND"
    assert dp.witness("adam", eps=10, gradients="74000000,-1000000x73").verdict == "WITNESS"


def test_damping_that_hides_every_gradient_is_said():
    found = dp.witness("adopt", eps=1000, period=5)
    assert found.verdict == "NONE_FOUND" and "damping" in found.reason


def test_a_rule_file_works_the_same(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(
        "from driftproof.theory.language import *\n"
        'mine = UpdateRule(name="mine", source=Source("mine", "here", reference="me"),\n'
        '    hyperparameters=[hyper(eta, "0.001"), hyper(beta2, "0.99")], state=[State(v, init=0)],\n'
        "    equations=[average(v, g**2, beta2), eq(new(theta), theta - eta * g / sqrt(new(v)))])\n"
    )
    assert dp.witness(str(path), smallest=True).proof.period == 21


# What is refused


@pytest.mark.parametrize(
    ("rule", "given", "error", "said"),
    [
        ("adam", {"beta2": "1.2"}, OutOfDomain, "beta2"),
        ("adam", {"beta2": "0"}, OutOfDomain, "beta2"),
        ("adam", {"beta1": "1"}, OutOfDomain, "beta1"),
        ("adam", {"beta1": "-0.1"}, OutOfDomain, "beta1"),
        ("adam", {"beta2": "nan"}, DriftproofError, ""),
        ("adam", {"beta2": "0.99 + T"}, DriftproofError, "T"),
        ("adam", {"beta3": "0.9"}, UnknownName, "beta3"),
        ("adam", {"beta2": "sqrt(1/2)"}, DriftproofError, ""),
        ("adam", {"beta2": "0.9+sin(t)/100"}, DriftproofError, ""),
        ("adam", {"period": 2}, OutOfDomain, "constant"),
        ("adam", {"period": 10**6}, OutOfDomain, "period"),
        ("adam", {"period": 5, "smallest": True}, DriftproofError, "more than one"),
        ("adam", {"gradients": "1,-2"}, DriftproofError, "sum"),
        ("adam", {"gradients": "1,x"}, DriftproofError, ""),
        ("adam", {"gradients": "1x0"}, DriftproofError, "COUNT"),
        ("adam", {"gradients": "1x99999,1"}, DriftproofError, "10000"),
        ("adam", {"gradients": []}, DriftproofError, "no gradient"),
        ("adam", {"model": "reshuffled"}, DriftproofError, "model"),
        ("adam", {"model": "iid", "smallest": True}, Refused, "interval"),
        ("adam", {"budget": 0}, DriftproofError, "budget"),
        ("rmsprop", {"beta1": "0.9"}, UnknownName, "beta1"),
        ("adam", {"eps": 0, "gradients": "3,0,-1", "model": "iid"}, Refused, "bounded away from 0"),
        ("adamw", {}, Refused, "weight decay"),
        ("sgd", {}, Refused, "Generic Adam"),
        ("lion", {}, Refused, "Generic Adam"),
    ],
)
def test_bad_input_is_refused_with_the_reason(rule, given, error, said):
    with pytest.raises(error) as found:
        dp.witness(rule, **given)
    assert said in str(found.value)


def test_rounding_is_outward():
    draw = random.Random(0)
    for _ in range(300):
        x = Fraction(draw.randrange(1, 10 ** draw.randrange(1, 40)), draw.randrange(1, 10 ** draw.randrange(1, 40)))
        low, high = rounded_down(x, 12), rounded_up(x, 12)
        assert 0 < low <= x <= high and high - low < x / 10**9


# The command line


def test_the_page_as_json_and_what_verify_says(tmp_path, capsys):
    page, proof = tmp_path / "page.json", tmp_path / "proof.json"
    words = ["witness", "--rule", "adam", "--beta1", "0.9", "--beta2", "0.999", "--format", "json"]
    assert main([*words, "--output", str(page), "--certificate", str(proof)]) == 0
    data = json.loads(page.read_text())
    keys = "verdict period pattern gradient_sum drift_lower_bound predicted_steps certificate reason"
    assert set(keys.split()) <= data.keys()
    assert data["certificate"] == json.loads(proof.read_text())
    bad = tmp_path / "bad.json"
    bad.write_text(proof.read_text().replace('"gradient_sum": "1"', '"gradient_sum": "2"'))
    assert main(["verify", str(page), str(proof), "--format", "json"]) == 0
    assert [item["accepted"] for item in json.loads(capsys.readouterr().out)] == [True, True]
    assert main(["verify", str(proof), str(bad), "--format", "json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert [set(item) for item in found] == [{"file", "accepted", "reason"}] * 2
    assert "add up to 1, not to 2" in found[1]["reason"]
    assert main(["verify", str(proof), str(tmp_path / "none.json")]) == 2
    out = capsys.readouterr().out
    assert "ACCEPTED" in out and "cannot be read" in out


@pytest.mark.parametrize(
    ("words", "code", "verdict"),
    [
        ("--rule amsgrad", 0, "IMPOSSIBLE"),
        ("--rule adam --budget 10", 4, "NONE_FOUND"),
        ("--rule adam --gradients 101,-1x99 --model iid", 4, "STATISTICAL"),
        ("--rule adam --beta1 0 --beta2 0.5 --smallest", 0, "WITNESS"),
        ("--rule adamw --set lambda=0 --period 5", 0, "WITNESS"),
    ],
)
def test_exit_codes(words, code, verdict, capsys):
    assert main(["witness", *words.split()]) == code
    assert verdict in capsys.readouterr().out


@pytest.mark.parametrize("words", ["", "--rule", "--rule adam --period x", "--rule adam --period 2", "--rule nadamm"])
def test_bad_words_are_usage_errors(words, capsys):
    assert main(["witness", *words.split()]) == 2
    heard = capsys.readouterr()
    assert heard.out == "" and "error[" in heard.err


def test_the_page_for_people_says_how_to_replay(capsys):
    found = dp.witness("adam", period=1000)
    text = witness_text(found, "proof.json")
    assert "1000, -1 x 999" in text and "driftproof verify proof.json" in text and "betas come first" in text
    assert torch_script(found) in "\n".join(line[2:] for line in text.splitlines()) + "\n"
    assert torch_script(dp.witness("adam@eps=inside", period=1000)) == ""


def run_script(script: str) -> str:
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout


def test_the_script_drives_torch_the_wrong_way():
    pytest.importorskip("torch")
    given = (("adam", {"beta1": "0.5", "beta2": "0.9"}), ("rmsprop", {"beta2": "0.9"}))
    found = [dp.witness(rule, **values, lr="0.02") for rule, values in given]
    lines = run_script("".join(map(torch_script, found))).splitlines()
    for line, item in zip(lines, found, strict=True):
        assert line.startswith("theta = 1.0 after ")
        assert int(line.split()[4]) == pytest.approx(item.predicted_steps, rel=0.2)


@pytest.mark.slow
def test_the_script_drives_default_adam_the_wrong_way():
    pytest.importorskip("torch")
    found = dp.witness("adam", period=1000)
    out = run_script(torch_script(found))
    assert out.startswith("theta = 1.0 after ")
    assert int(out.split()[4]) == pytest.approx(found.predicted_steps, rel=0.02)


@pytest.mark.slow
def test_the_example_reaches_the_wrong_end(capsys):
    pytest.importorskip("torch")
    from driftproof.checks.examples.default_adam_diverges import main as example

    predicted = dp.witness("adam", period=2000).predicted_steps
    assert example() == pytest.approx(predicted, rel=0.05)
    assert capsys.readouterr().out.splitlines()[-1].endswith("theta = 1.0000")
