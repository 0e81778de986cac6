"""Schedules and their bounds as LaTeX, and what the ledger says of the paper's schedulers."""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner

import driftproof as dp
from driftproof.checks.runtime.claims import _of_schedules
from driftproof.checks.runtime.cli import cli
from driftproof.checks.runtime.schedule_latex import latex, schedule_latex
from driftproof.theory.planned import planned

WORDS = {
    "0.1": r"\frac{1}{10}",
    "exponential(8, 2)": r"8 \cdot 2^{m}",
    "cosine(0.4)": r"\frac{\cos{\left(\frac{\pi e}{E} \right)}}{5} + \frac{1}{5}",
    "diminishing(1)": r"\frac{1}{\sqrt{t}}",
    "by_block(3, 4)": r"\begin{cases} 3 & m = 0 \\ 4 & m \ge 1 \end{cases}",
    "warmup(2, 5, 7)": r"\begin{cases} 2 & e < 5 \\ 7 & \text{after that} \end{cases}",
}


@pytest.mark.parametrize("text", WORDS)
def test_schedules_as_mathematics(text):
    assert latex(planned(text)) == WORDS[text]


def test_a_page_is_balanced_and_has_the_numbers():
    found = dp.schedule("warmup(linear(0.1, 0.4), 2, cosine(0.4))", batch="exponential(8, 2)", steps=60,
                        steps_per_epoch=6, block_epochs=2, L="5/2", gap="1/3")  # fmt: skip
    page = schedule_latex(found)
    assert page.count("{") - page.count(r"\{") == page.count("}") - page.count(r"\}")
    assert len(re.findall(r"\\begin\{", page)) == len(re.findall(r"\\end\{", page)) == 3
    assert rf"= {found.bound:.6g}" in page and r"L &= \frac{5}{2}" in page
    assert "warmup, batch grows exponentially" in page and page.startswith(r"\documentclass")


def test_the_command_writes_it_also_where_a_hypothesis_fails():
    good = CliRunner().invoke(cli, "schedule --lr 0.1 --batch 10 --steps 50 --format latex".split())
    assert good.exit_code == 0 and r"\text{floor} &= \frac{1}{190}" in good.stdout
    bad = CliRunner().invoke(cli, "schedule --lr 2 --steps 50 --format latex".split())
    assert bad.exit_code == 2 and "no bound: eta < 2/L fails" in bad.stdout and r"\min" not in bad.stdout


def test_a_scheduler_of_torch_is_shown_as_its_formula():
    pytest.importorskip("torch")
    page = schedule_latex(dp.schedule("0.1", "CosineAnnealingLR(9)", batch=2, steps=9))
    assert r"\cos{\left(\frac{\pi e}{E} \right)}" in page
    assert r"\text{OneCycleLR" in schedule_latex(
        dp.schedule("0.1", "OneCycleLR(1, 20, cycle_momentum=False)", batch=2, steps=9)
    )


def test_the_ledger_has_an_order_for_each_kind_of_scheduler_and_what_refuses_growth():
    claims = list(_of_schedules())
    orders = [re.search(r"order (.*) in the steps", c.claim) for c in claims]
    assert [found[1] for found in orders if found] == [
        "T^(-1/2) log T", "T^(-1)", "T^(-1)", "T^(-1/2)", "T^(-1)", "T^(-1)"]  # fmt: skip
    assert {c.status for c in claims} == {"derived"}
    assert "tends to 1/190, its bound's limit 1/190" in claims[6].claim
    assert "The last block below it is 16" in claims[7].claim and "gamma^2 < delta fails" in claims[8].claim
