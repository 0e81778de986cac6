"""Combinators: list order is data order, it is printed, and what one replaces is replaced everywhere."""

import pytest

from driftproof.theory import catalogue
from driftproof.theory.convention import DECAY_ORDERS
from driftproof.theory.errors import RuleError, UnknownName
from driftproof.theory.language import (
    Gradient,
    Output,
    Source,
    State,
    UpdateRule,
    beta,
    cautious,
    clip_by_norm,
    compose,
    decoupled_decay,
    ell,
    ema,
    eq,
    eta,
    f,
    first,
    g,
    hyper,
    is_finite,
    l2,
    lookahead,
    m,
    mu,
    new,
    reparametrise,
    svag,
    symbol,
    theta,
    unscale,
)

SOURCE = Source("kingma2015adam", "Algorithm 1")


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


@pytest.mark.parametrize("name", catalogue.names())
def test_every_rule_takes_every_combinator(name):
    """No letter of a combinator is one of a rule's own."""
    around = [clip_by_norm(name="c9"), l2("0.1", name="lambda9"), cautious(), lookahead(), ema()]
    rule = compose("composed", catalogue.rule(name), around)
    assert {"ema", "theta_slow"} <= {s.name for s in rule.state}
    assert {o.name for o in rule.outputs} >= {"averaged"}
