"""`converge --explain`: which condition decided, and by which orders."""

from __future__ import annotations

import pytest

import driftproof as dp
from driftproof.checks.runtime.render_converge import converge_text


def explained(rule: str | None = None, **given: str) -> tuple[str, str]:
    """What stands beside "decided by" and "orders"."""
    lines = converge_text(dp.converge(rule, **given), why=True).splitlines()
    found = {label: line[13:] for line in lines for label in ("decided by", "orders") if line.startswith(label)}
    return found["decided by"], " ".join(found.get("orders", "").split())


@pytest.mark.parametrize(
    "lr, beta2, decided, orders",
    [
        ("t**(-1/2)", "1-1/(2*t)", "SC1 to SC4: all hold", ("T^(-1/2)", "T^(-1)", "1", "T^(-1)")),
        ("t**(-1/4)", "1-1/(2*t)", "the certificate, since SC3 fails", ("T^(-1/4)", "T^(-1)", "T^(1/4)", "T^(-3/4)")),
        ("1/t", "1-1/(2*t)", "the certificate, since SC4 fails", ("T^(-1)", "T^(-1)", "T^(-1/2)", "T^(-3/2)")),
        ("t**(-1/2)", "0.999", "SC4 fails", ("T^(-1/2)", "1", "T^(-1/2)", "T^(-1/2)")),
    ],
)
def test_conditions_and_orders(lr, beta2, decided, orders):
    names = ("alpha", "1 - beta2", "chi", "alpha sqrt(1 - beta2)")
    expected = " ".join(f"{name} ~ {order}" for name, order in zip(names, orders, strict=True))
    assert explained(lr=lr, beta1="0.9", beta2=beta2) == (decided, expected)


def test_a_beta1_that_moves_has_its_order():
    decided, orders = explained(lr="1/sqrt(t)", beta1="1 - 9/10*t**(-1/10)", beta2="1-1/(2*t)")
    assert decided == "the certificate, since SC1 fails" and "1 - beta1 ~ T^(-1/10)" in orders


def test_without_conditions_the_reason_is_named():
    assert explained(lr="1/sqrt(t)", beta1="0.9", beta2="1-1/t") == (
        "the first steps: the recursion is ill-posed",
        "",
    )
    assert explained("amsgrad") == ("the form of the recursion, which is not Generic Adam's", "")
    decided, orders = explained("adopt", lr="1/sqrt(t)", beta1="0")
    assert decided.startswith("the form of the recursion") and orders.startswith("alpha ~ T^(-1/2)")
    assert explained(lr="1/sqrt(T)", beta1="0.9", beta2="1-5/T")[0].startswith("the certificate alone")
