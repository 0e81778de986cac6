"""`converge`: verdicts, exit codes, JSON, bad input; and it promises nothing where its own number does not fall.

Over 400 lines: one command and its answers, asserted in one way throughout.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
import torch
from click.testing import CliRunner

import driftproof as dp
from driftproof.checks.runtime.cli import cli
from driftproof.checks.runtime.enumerated import problem
from driftproof.checks.the_certificate_is_never_below_the_exact_expectation import Theirs
from driftproof.impl import compile_rule, recurrence, toolchain
from driftproof.impl.certificate import finite
from driftproof.theory.catalogue import rule as rule_of
from driftproof.theory.certificate import Inputs
from driftproof.theory.convergence import limit
from driftproof.theory.errors import DriftproofError, Refused, UnknownName
from driftproof.theory.explicit import defossez, explicit
from driftproof.theory.generic import matched
from driftproof.theory.schedules import schedule
from driftproof.theory.symbols import symbol

KEYS = {"verdict", "by", "informative", "rate", "conditions", "bound", "reason"}
COVERED = {"lr": "1/sqrt(t)", "beta2": "1 - 0.5/t"}


def command(*arguments: str) -> Any:
    return CliRunner().invoke(cli, ["converge", *arguments])


def answer(*arguments: str) -> tuple[int, dict[str, Any]]:
    done = command(*arguments, "--format", "json")
    return done.exit_code, json.loads(done.stdout)


def bound(rule: str, horizon: int, **given: Any) -> float:
    """The certificate's number; infinite where there is none."""
    found = dp.converge(rule, horizon=horizon, **given).finite
    return math.inf if found is None else found.bound


# The command line

LINES = {
    "--lr 1/sqrt(t) --beta1 0.9 --beta2 1-0.5/t": (0, "CONVERGES", "sufficient_condition"),
    "--lr t**Rational(-1,4) --beta2 1-0.5/t": (0, "CONVERGES", "certificate"),
    "--lr 1/sqrt(t) --beta2 0.999": (4, "NOT_COVERED", None),
    "--lr 1/sqrt(t) --beta2 1-1/t": (2, "REJECTED", None),
    "--lr 1/sqrt(t) --beta2 1-1/t --start 2": (0, "CONVERGES", "sufficient_condition"),
    "--lr 1/sqrt(t) --beta2 1.5": (2, "REJECTED", None),
    "--lr 1/sqrt(t) --beta2 0": (2, "REJECTED", None),
    "--lr 1/sqrt(t) --beta1 1": (2, "REJECTED", None),
    "--lr -1/t --beta2 1-0.5/t": (2, "REJECTED", None),
    "--lr 1/(t-5) --beta2 1-0.5/t": (2, "REJECTED", None),
    "--lr 1/sqrt(T) --beta2 1-5/T": (0, "CERTIFIED_UP_TO_T", "certificate"),
    "--lr 1/T**2 --beta2 1-5/T": (4, "NOT_COVERED", None),
    "--lr 0.1*(1-t/T) --beta1 0 --beta2 1-5/T --eps 1 --horizon 100000": (0, "CERTIFIED_UP_TO_T", "certificate"),
    "--lr 0.1*(1-t/T) --beta1 0 --beta2 1-5/T --eps 1 --horizon 10": (4, "NOT_COVERED", None),
    "--beta1 0.99 --beta2 0.5 --horizon 5000": (4, "NOT_COVERED", None),
    "--rule adagrad": (0, "CONVERGES", "sufficient_condition"),
    "amsgrad": (4, "NOT_COVERED", None),
    "--torch lr=1e-3,betas=(0.9,0.999)": (4, "NOT_COVERED", None),
    "--torch lr=1e-3 --torch-class AdamW": (4, "NOT_COVERED", None),
    "--torch lr=0.1 --torch-class Adagrad": (0, "CONVERGES", "sufficient_condition"),
}  # fmt: skip


@pytest.mark.parametrize("line", LINES)
def test_exit_code_and_json(line: str) -> None:
    exit_code, verdict, by = LINES[line]
    code, found = answer(*line.split())
    assert (code, found["verdict"], found["by"]) == (exit_code, verdict, by)
    assert found.keys() >= KEYS
    assert found["reason"]
    assert (found["rate"] is not None) >= (verdict == "CONVERGES")


def test_the_text_says_stationary_and_the_order() -> None:
    done = command("--lr", "1/sqrt(t)", "--beta2", "1-0.5/t", "--explain")
    assert done.exit_code == 0
    assert "stationary" in done.stdout and "T^(-1/2) log T" in done.stdout


def test_not_covered_is_not_called_divergence() -> None:
    code, found = answer("--lr", "1/sqrt(t)", "--beta2", "0.999")
    assert code == 4
    assert "SC4 fails" in found["reason"] and "not divergence" in found["reason"]


BAD = [
    ["--lr", "1/x"],
    ["--lr", "1/0"],
    ["--lr", "max(1, 1/(1-1))"],
    ["--lr", "__import__('os')"],
    ["--lr", "1/sqrt(t"],
    ["--lr", ""],
    ["--lr", "t**100000"],
    ["--rule", "adm"],
    ["--rule", "sgd"],
    ["--dim", "0"],
    ["--L", "-1"],
    ["--G", "nan"],
    ["--G", "1e200"],
    ["--gap", "inf"],
    ["--horizon", "0"],
    ["--start", "0"],
    ["--eps", "1/t"],
    ["--eps", "0"],
    ["--beta3", "1"],
    ["--set", "nothing=1"],
    ["--set", "beta1"],
    ["--torch", "lr=1e-3,foo=1"],
    ["--torch", "lr=1e-3", "--torch-class", "Adamm"],
    ["adam", "--rule", "adagrad"],
    ["adam", "--eps", "-1"],
]


@pytest.mark.parametrize("arguments", BAD, ids=" ".join)
def test_bad_input_is_one_clear_message_and_exit_code_two(arguments: list[str]) -> None:
    done = command(*arguments)
    assert done.exit_code == 2, done.output
    assert "Traceback" not in done.stderr and "internal" not in done.stderr
    assert done.stderr.strip() or "REJECTED" in done.stdout


def test_a_refusal_is_still_json_on_standard_output() -> None:
    code, found = answer("--rule", "lion")
    assert code == 2 and found.keys() >= KEYS
    assert "sign" in found["reason"]


def test_python_raises_what_the_command_reports() -> None:
    with pytest.raises(Refused, match="Generic Adam"):
        dp.converge("lion")
    with pytest.raises(UnknownName, match="beta3"):
        dp.converge("adam", beta3=1)
    with pytest.raises(DriftproofError):
        dp.converge("adam", start=1.5)


def test_the_command_runs_as_a_process_without_torch() -> None:
    code = "import sys; sys.modules['torch'] = None; from driftproof.__main__ import main; sys.exit(main())"
    line = ["converge", "--lr", "1/sqrt(t)", "--beta2", "1-0.5/t", "--horizon", "100", "--format", "json"]
    done = subprocess.run([sys.executable, "-c", code, *line], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["bound"] > 0


# The certificate's number


def test_one_step_is_the_formula_by_hand() -> None:
    """T = 1, beta1 = 0: w = L chi^2 + 2 G chi, and 2 sqrt(d) B [gap + d w (2 log(B/s_0) + log 1/beta2)]/alpha."""
    L, G, d, gap, v0, alpha, beta2 = 2.0, 3.0, 4, 5.0, 0.25, 0.5, 0.75
    found = bound("generic_adam", 1, lr=alpha, beta1=0, beta2=beta2, eps=v0, L=L, G=G, dim=d, gap=gap)
    chi = alpha / math.sqrt(1 - beta2)
    B, s0, w = math.sqrt(G**2 + v0), math.sqrt(v0), L * chi**2 + 2 * G * chi
    by_hand = 2 * math.sqrt(d) * B * (gap + d * w * (2 * math.log(B / s0) + math.log(1 / beta2))) / alpha
    assert by_hand <= found <= by_hand * (1 + 1e-11)


def test_two_steps_of_adopt_with_one_that_moves() -> None:
    """Its first call moves nothing: at T = 2 there is one step. sqrt(G^2 + e^2) [gap + L G^2 alpha^2/(2 e^2)]/alpha."""
    alpha, e, gap = 0.1, 0.5, 1.0
    by_hand = math.sqrt(1 + e**2) * (gap + alpha**2 / (2 * e**2)) / alpha
    assert bound("adopt", 2, lr=alpha, beta1=0, eps=e) == pytest.approx(by_hand, rel=1e-11)


def test_informative_says_whether_the_bound_is_below_the_trivial_one() -> None:
    recursion = dp.converge("adagrad").limit.recursion
    near, far = (finite(recursion, Inputs(horizon=T)) for T in (100, 2**17))
    assert near.bound > 1 > far.bound
    assert (near.informative, far.informative) == (False, True)
    assert far.trivial == 1


def test_overflow_is_a_verdict() -> None:
    code, found = answer("--beta1", "0.99", "--beta2", "0.5", "--horizon", "20000")
    assert (code, found["verdict"], found["bound"], found["informative"]) == (4, "NOT_COVERED", None, False)
    assert "overflow" in found["reason"]


def test_what_is_below_float64_is_no_rejection() -> None:
    found = dp.converge("generic_adam", lr="1/sqrt(t)", beta2="1 - 0.5*exp(-t)", horizon=1000)
    assert found.verdict == "NOT_COVERED" and "float64" in found.reason


@pytest.mark.parametrize(("lr", "verdict"), [("1e-250/sqrt(t)", "CONVERGES"), ("1e250/sqrt(t)", "CONVERGES")])
def test_huge_and_tiny_step_sizes(lr: str, verdict: str) -> None:
    found = dp.converge("generic_adam", lr=lr, beta2="1 - 0.5/t", horizon=1000)
    assert found.verdict == verdict
    assert not found.informative
    json.dumps(found.as_json(), allow_nan=False)


def test_a_step_size_of_zero_ends_a_run_but_may_not_stand_within_it() -> None:
    ended = dp.converge("generic_adam", lr="0.1*max(0, 1 - t/100)", beta2="1 - 0.5/t", horizon=1000).finite
    assert ended is not None and ended.steps == 99
    within = dp.converge("generic_adam", lr="0.1*abs(t - 50)/T", beta2="1 - 0.5/t", horizon=100)
    assert within.verdict == "REJECTED" and "alpha(50) = 0" in within.reason


def test_a_later_start_leaves_out_the_steps_before_it() -> None:
    found = dp.converge("generic_adam", lr="1/sqrt(t)", beta2="1 - 1/t", start=5, horizon=100).finite
    assert found is not None and (found.start, found.steps) == (5, 96)
    with pytest.raises(DriftproofError, match="start"):
        dp.converge("generic_adam", start=0)


def test_the_bound_without_a_compiler_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"lr": "(2 + sin(t))/sqrt(t)", "beta1": "0.9", "beta2": "1 - 0.5/t", "eps": "0.01"}
    compiled = bound("generic_adam", 3000, **given)

    def none(*_: Any) -> Any:
        raise Refused("no compiler", "", "")

    used: list[bool] = []
    kept = recurrence._in_python
    monkeypatch.setattr(toolchain, "build", none)
    monkeypatch.setattr(recurrence, "_in_python", lambda *a: (used.append(True), kept(*a))[1])
    assert bound("generic_adam", 3000, **given) == pytest.approx(compiled, rel=1e-12)
    assert used
    assert bound("generic_adam", 2000, lr=1, beta1=0.99, beta2=0.5) == math.inf


def test_letters_that_were_left_take_their_values_from_arrays() -> None:
    steps = np.arange(1, 101)
    recursion = matched(rule_of("generic_adam"), {"beta1": schedule("0.9"), "beta2": schedule("1 - 0.5/t")})
    inputs = Inputs(horizon=100)
    found = finite(recursion, inputs, given={symbol("eta"): 1 / np.sqrt(steps)})
    assert found.bound == pytest.approx(bound("generic_adam", 100, **COVERED, beta1=0.9), rel=1e-12)


# It promises nothing where its own number does not fall

HARD: list[tuple[str, dict[str, str]]] = [
    ("rmsprop", {**COVERED, "eps": "t**2"}),
    ("rmsprop", {**COVERED, "eps": "1/t"}),
    ("rmsprop", {**COVERED, "eps": "exp(-t)"}),
    ("rmsprop", {"lr": "1/sqrt(T)", "beta2": "1 - 5/T", "eps": "T"}),
    ("adam", {**COVERED, "eps": "0"}),
    ("adopt", {"lr": "1/sqrt(t)", "beta1": "0", "eps": "1/t"}),
    ("adopt", {"lr": "1/sqrt(t)", "beta1": "0", "eps": "t"}),
    ("adopt", {"lr": "1/sqrt(T)", "beta1": "1 - 1/T"}),
    ("adopt", {"lr": "0.001*(2 + sin(t))", "beta1": "0"}),
    ("generic_adam", {"lr": "t", "beta2": "1 - 0.5/t"}),
    ("generic_adam", {"lr": "t**2", "beta1": "0", "beta2": "1 - 0.5/t**5"}),
    ("generic_adam", {"lr": "1/sqrt(t)", "beta2": "1 - 0.5*exp(-t)"}),
    ("generic_adam", {"lr": "exp(-t)", "beta2": "1 - 0.5/t"}),
    ("generic_adam", {"lr": "1/t**2", "beta2": "1 - 0.5/t"}),
    ("generic_adam", {"lr": "(1 + sin(t))/sqrt(t)", "beta2": "1 - 0.5/t"}),
    ("generic_adam", {"lr": "abs(sin(t))/sqrt(t)", "beta2": "1 - 0.5/t"}),
    ("generic_adam", {"lr": "1/sqrt(t)", "beta1": "1 - 0.5/t", "beta2": "1 - 0.5/t"}),
    ("generic_adam", {"lr": "1/sqrt(t)", "beta1": "1 - 0.9*t**Rational(-3,10)", "beta2": "1 - 0.5/t"}),
    ("generic_adam", {"lr": "1/sqrt(t)", "beta1": "0", "beta2": "0.0001 + 0.5/t"}),
    ("generic_adam", {"lr": "1/sqrt(t)", "beta2": "min(1 - 0.5/t, 0.99)"}),
    ("generic_adam", {"lr": "1/sqrt(t)", "beta2": "1 - 0.25*(1 + sin(t))/t"}),
    ("generic_adam", {"lr": "max(1/sqrt(t), 0.001)", "beta2": "1 - 0.5/t"}),
    ("generic_adam", {"lr": "Piecewise((1/sqrt(t), t < 5000), (1, True))", "beta2": "1 - 0.5/t"}),
    ("generic_adam", {"lr": "1/T**2", "beta2": "1 - 5/T"}),
    ("generic_adam", {**COVERED, "beta1": "Piecewise((0.9, t < 300), (-0.5, t < 301), (0.9, True))"}),
    ("generic_adam", {**COVERED, "lr": "Piecewise((1, t < 300), (-0.5, t < 301), (1/sqrt(t), True))"}),
    ("generic_adam", {**COVERED, "beta2": "Piecewise((0.9, t < 300), (1.5, t < 301), (1 - 0.5/t, True))"}),
    ("rmsprop", {**COVERED, "eps": "Piecewise((0.9, t < 300), (0.1, True))"}),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "given"), HARD, ids=str)
def test_no_convergence_is_promised_beyond_the_proof(rule: str, given: dict[str, str]) -> None:
    found = dp.converge(rule, **given)
    assert found.verdict in ("NOT_COVERED", "REJECTED")
    assert found.limit.verdict != "CONVERGES"


GOOD: list[tuple[str, dict[str, str]]] = [
    ("generic_adam", {**COVERED, "beta1": "0.9"}),
    ("generic_adam", {"lr": "(1.1 + sin(t))/sqrt(t)", "beta1": "0.9", "beta2": "1 - 0.5/t"}),
    ("generic_adam", {"lr": "1/sqrt(t)", "beta1": "0.9 + 0.05*sin(t)", "beta2": "1 - 0.5/t"}),
    ("generic_adam", {"lr": "1/sqrt(t)", "beta1": "0.9", "beta2": "1 - 0.5/t*(1.5 + sin(t)/2)"}),
    ("generic_adam", {"lr": "1/sqrt(t)", "beta1": "min(1 - 1/t, 0.9)", "beta2": "max(1 - 0.5/t, 0.999)"}),
    ("generic_adam", {"lr": "1/sqrt(t)", "beta1": "1 - 0.5/log(t + 1)", "beta2": "1 - 0.5/t"}),
    ("generic_adam", {"lr": "log(t + 1)/sqrt(t)", "beta1": "0.9", "beta2": "1 - 0.5/t"}),
    ("generic_adam", {"lr": "t**Rational(-1,4)", "beta1": "0.9", "beta2": "1 - 0.5/t"}),
    ("adam", {"lr": "1/sqrt(t)", "beta2": "1 - 0.5/sqrt(t)"}),
    ("adagrad", {}),
    ("adopt", {"lr": "1/sqrt(t)", "beta1": "0"}),
]


@pytest.mark.parametrize(("rule", "given"), GOOD, ids=str)
def test_where_convergence_is_promised_the_number_falls_as_it_says(rule: str, given: dict[str, str]) -> None:
    """Between T = 2^15 and 2^19 by at least half of what the order says: powers of log T and lower terms delay it."""
    found = dp.converge(rule, **given)
    assert found.verdict == "CONVERGES" and found.limit.rate is not None
    short, long = (finite(found.limit.recursion, Inputs(horizon=T)).bound for T in (2**15, 2**19))
    assert long < short * 16 ** (float(found.limit.rate.p) / 2)


def test_an_order_for_each_horizon_is_the_slope_of_the_numbers() -> None:
    given = {"lr": "1/sqrt(T)", "beta1": "0.9", "beta2": "1 - 5/T"}
    found = dp.converge("generic_adam", **given)
    assert found.verdict == "CERTIFIED_UP_TO_T" and found.limit.rate is not None
    slope = math.log2(bound("generic_adam", 2**19, **given) / bound("generic_adam", 2**18, **given))
    # the terms beside T^(-1/2) are of the order T^(-1/2) lower: 1/512 with constants up to 8
    assert slope == pytest.approx(float(found.limit.rate.p), abs=8 / 512)


def test_amsgrad_is_not_an_instance() -> None:
    found = limit(matched(rule_of("amsgrad"), {h.name: h.default for h in rule_of("amsgrad").hyperparameters}))
    assert found.verdict == "NOT_COVERED" and "AMSGrad" in found.reason


def test_explicit_bounds_speak_of_a_rule_that_runs_as_theirs() -> None:
    """Adam with only v corrected and eps under the root of v is their form with e = eps/(1 - beta2)."""
    rule, p = rule_of("adam@correction=second,eps=inside_hat"), problem(np.random.default_rng(5), 7, 2)
    theirs = Theirs(alpha=0.1, beta1=0.5, beta2=0.9, e=0.3)
    given = {"eta": 0.1, "beta1": 0.5, "beta2": 0.9, "eps": 0.03}
    compiled = compile_rule(rule, "reference")
    state = compiled.init([np.broadcast_to(p.start, (2**p.steps, p.dim)).copy()])
    for n, x in enumerate(theirs.points(p)):
        np.testing.assert_allclose(state.theta[0], x, rtol=1e-12)  # 7 steps of some 30 operations
        state = compiled.step(state, [p.noisy(x, n)], given)
    recursion = matched(rule, {name: schedule(str(value)) for name, value in given.items()})
    (found,) = explicit(recursion, Inputs(horizon=50))
    assert found.value == pytest.approx(defossez(0.1, 0.5, 0.9, 0.3, Inputs(horizon=50))[1], rel=1e-12)
    assert not explicit(matched(rule_of("adam")), Inputs(horizon=50))


# Live optimizers


def weights() -> list[Any]:
    return [torch.nn.Parameter(torch.zeros(3))]


def test_a_live_adam_is_answered_like_its_words() -> None:
    live = dp.converge(torch.optim.Adam(weights(), lr=1e-3, betas=(0.9, 0.999)), horizon=1000)
    words = dp.converge(words="lr=1e-3,betas=(0.9,0.999)", horizon=1000)
    assert live.verdict == words.verdict == "NOT_COVERED"
    assert live.finite is not None and words.finite is not None
    assert live.finite.bound == pytest.approx(words.finite.bound, rel=1e-12)


def test_a_scheduler_is_followed_to_the_horizon() -> None:
    optimizer = torch.optim.Adam(weights(), lr=0.1, betas=(0.9, 0.99))
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=200)
    found = dp.converge(optimizer, scheduler=scheduler, horizon=200).finite
    same = bound("adam", 200, lr="0.05*(1 + cos(pi*(t - 1)/T))", beta1=0.9, beta2=0.99, eps=1e-8)
    assert found is not None and found.bound == pytest.approx(same, rel=1e-9)


def test_a_scheduler_that_ends_at_zero_is_no_error() -> None:
    optimizer = torch.optim.Adam(weights(), lr=0.1)
    scheduler = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, total_iters=50)
    found = dp.converge(optimizer, scheduler=scheduler, horizon=100)
    assert found.verdict == "NOT_COVERED"
    assert found.finite is not None and found.finite.steps == 50


def test_decoupled_decay_is_not_covered_and_coupled_decay_is_said() -> None:
    decoupled = dp.converge(torch.optim.AdamW(weights(), lr=1e-3))
    assert decoupled.verdict == "NOT_COVERED" and "theta" in decoupled.reason
    assert decoupled.finite is None
    coupled = dp.converge(torch.optim.Adam(weights(), lr=1e-3, weight_decay=0.01))
    assert any("weight_decay" in note for note in coupled.notes)


def test_an_adamw_without_decay_is_adam() -> None:
    found = dp.converge(torch.optim.AdamW(weights(), lr=1e-3, weight_decay=0.0), horizon=500).finite
    assert found is not None
    assert found.bound == pytest.approx(bound("adam", 500, lr=1e-3, eps=1e-8), rel=1e-12)


def test_an_optimizer_that_has_moved_and_another_class_are_refused() -> None:
    parameters = weights()
    moved = torch.optim.Adam(parameters)
    parameters[0].grad = torch.ones(3)
    moved.step()
    with pytest.raises(Refused, match="moved"):
        dp.converge(moved)
    with pytest.raises(DriftproofError):
        dp.converge(torch.optim.SGD(weights(), lr=0.1))


def test_groups_that_differ_are_named_one_at_a_time() -> None:
    groups = [{"params": weights(), "lr": 0.1}, {"params": weights(), "lr": 0.2}]
    optimizer = torch.optim.Adam(groups)
    with pytest.raises(DriftproofError, match="group"):
        dp.converge(optimizer)
    first, second = (dp.converge(optimizer, group=k, horizon=50).finite for k in (0, 1))
    assert first is not None and second is not None and first.bound != second.bound
    with pytest.raises(DriftproofError, match="group = 2"):
        dp.converge(optimizer, group=2)


@pytest.mark.parametrize("lr", ["0.1*0.99**t", "exp(-t/100)", "max(0, 1 - t/1000)", "t**-2"])
def test_step_sizes_with_a_finite_sum_are_said_to_have_one(lr):
    found = dp.converge(lr=lr, beta1="0.9", beta2="1 - 0.5/t")
    assert found.verdict == "NOT_COVERED"
    assert "the step sizes have a finite sum" in found.reason


def test_words_of_torch_may_be_schedules():
    found = dp.converge(words="lr=0.01/sqrt(t),betas=(0.9,1-0.5/t)")
    assert (found.verdict, found.rule) == ("CONVERGES", "adam")
