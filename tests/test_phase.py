"""The phase diagram: every point by an evaluation of its own, its boundary by formulas, its files by reading them."""

from __future__ import annotations

import csv
import json
import re
from fractions import Fraction
from math import log10
from pathlib import Path

import mpmath
import pytest

from driftproof.checks.runtime.render_phase import phase_picture, save
from driftproof.theory.catalogue import rule
from driftproof.theory.errors import DriftproofError, OutOfDomain, Refused
from driftproof.theory.phase import DIVERGES, GUARANTEED, UNKNOWN, phase_diagram

EPS = mpmath.mpf("1e-8")


@pytest.fixture(scope="module")
def ten():
    return phase_diagram(rule("adam"), 10)


def drift_by_sums(beta1: Fraction, beta2: Fraction, n: int) -> mpmath.mpf:
    """-sum_j m_j/(sqrt(v_j) + eps) on the periodic orbit, each moment as its geometric sum over one period."""
    b1, b2 = (mpmath.mpf(b.numerator) / b.denominator for b in (beta1, beta2))
    g = [mpmath.mpf(n)] + [mpmath.mpf(-1)] * (n - 1)
    total = mpmath.mpf(0)
    for j in range(n):
        m = (1 - b1) * sum(b1**k * g[(j - k) % n] for k in range(n)) / (1 - b1**n)
        v = (1 - b2) * sum(b2**k * g[(j - k) % n] ** 2 for k in range(n)) / (1 - b2**n)
        total -= m / (mpmath.sqrt(v) + EPS)
    return total


def test_every_point_has_the_sign_of_sums_written_out(ten):
    with mpmath.workdps(40):
        for point in ten.points:
            drift = drift_by_sums(point.beta1, point.beta2, 10)
            assert point.drift == mpmath.sign(drift), point
            assert (point.region == DIVERGES) == (drift > 0)


def test_no_point_is_both_guaranteed_and_diverging_and_all_three_regions_are_there(ten):
    assert not [p for p in ten.points if p.guaranteed and p.drift > 0]
    assert {p.region for p in ten.points} == {GUARANTEED, DIVERGES, UNKNOWN}
    assert {p.beta1 for p in ten.points if p.guaranteed} == {0}


def test_what_is_guaranteed_ends_at_the_threshold_of_the_inequality(ten):
    """1 - beta2 <= 2.9e-8 for n = 10, solved apart from this program."""
    sure = [1 - p.beta2 for p in ten.points if p.guaranteed]
    unsure = [1 - p.beta2 for p in ten.points if p.beta1 == 0 and not p.guaranteed]
    assert max(sure) <= Fraction("2.94e-8") < min(unsure)
    assert log10(min(unsure) / max(sure)) < 0.26  # neighbours on the grid


def test_the_boundary_is_where_the_sums_change_sign_and_near_the_first_order():
    diagram = phase_diagram(rule("adam"), 30)
    with mpmath.workdps(40):
        for turn in diagram.turns:
            if turn.period == 30 and turn.small:
                low, high = turn.small
                assert drift_by_sums(turn.beta1, 1 - low, 30) <= 0 < drift_by_sums(turn.beta1, 1 - high, 30)
    at_zero = {t.period: t for t in diagram.turns if t.beta1 == 0}
    for n, turn in at_zero.items():
        assert turn.first_order == pytest.approx(4 / (n * (n - 2)), rel=1e-5)
    # first order in 1 - beta2: off by O(1 - beta2) itself, 11 % at n = 10 (measured), less for every longer period
    errors = [float(at_zero[n].first_order / at_zero[n].small[1]) - 1 for n in sorted(at_zero)]
    assert errors == sorted(errors, reverse=True) and 0 < errors[-1] < 0.02


def test_the_default_of_torch_diverges_from_period_74_on():
    regions = [phase_diagram(rule("adam"), n).default.region for n in (73, 74)]
    assert regions == [UNKNOWN, DIVERGES]


def test_schedules_are_certified_and_constant_betas_are_not(ten):
    constant, rising = ten.schedules
    assert constant.verdict == "NOT_COVERED" and "SC4" in constant.reason
    assert (rising.verdict, rising.rate) == ("CONVERGES", "T^(-1/4)")


def test_bad_requests_are_refused(ten, tmp_path):
    for period in (2, 1001):
        with pytest.raises(OutOfDomain):
            phase_diagram(rule("adam"), period)
    for name in ("rmsprop", "adopt", "adam@amsgrad=raw"):
        with pytest.raises(Refused):
            phase_diagram(rule(name))
    with pytest.raises(DriftproofError):
        save(ten, str(tmp_path / "phase.txt"))
    assert list(tmp_path.iterdir()) == []


def test_files_hold_the_same_points(ten, tmp_path):
    save(ten, str(tmp_path / "phase.json"))
    save(ten, str(tmp_path / "phase.csv"))
    data = json.loads((tmp_path / "phase.json").read_text())
    rows = list(csv.DictReader((tmp_path / "phase.csv").read_text().splitlines()))
    assert data["points"] == rows == [p.as_json() for p in ten.points]
    assert [Fraction(row["beta2"]) for row in rows] == [p.beta2 for p in ten.points]  # decimals are exact


def test_the_picture_of_the_README_is_the_one_that_is_drawn_today():
    """Line by line, but for the tiles, whose compression depends on the libraries of a machine."""
    matplotlib = pytest.importorskip("matplotlib")
    kept = (Path(__file__).parent.parent / "checks" / "examples" / "phase.svg").read_text(encoding="utf-8")
    if f"Matplotlib v{matplotlib.__version__}," not in kept:
        pytest.skip("drawn by another version of matplotlib")
    drawn = phase_picture(phase_diagram(rule("adam"), 100), "svg").decode()
    without_tiles = [re.sub(r'base64,.*?"', "", text, flags=re.DOTALL) for text in (kept, drawn)]
    assert without_tiles[0] == without_tiles[1] and len(without_tiles[0]) > 10_000


def test_pictures_are_the_same_every_time(ten, tmp_path):
    pytest.importorskip("matplotlib")
    first = phase_picture(ten, "svg")
    assert first == phase_picture(ten, "svg") and b"torch's default" in first
    save(ten, str(tmp_path / "phase.png"))
    assert (tmp_path / "phase.png").read_bytes().startswith(b"\x89PNG")
