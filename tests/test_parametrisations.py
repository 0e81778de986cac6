"""One optimizer written in two ways has one SDE and one scaling rule: sums and averages, orders of decay."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy
from sympy import Symbol

from driftproof.theory.catalogue import rule
from driftproof.theory.combinators import compose, decoupled_decay, l2
from driftproof.theory.convention import DECAY_ORDERS
from driftproof.theory.derive import derive
from driftproof.theory.rescale import rescale
from driftproof.theory.scaling import scaling_rule

AVERAGE, SUM = rule("sgd@momentum=ema"), rule("sgd@momentum=heavy_ball")
LETTERS = {n: Symbol(n, positive=True) for n in "theta b df Sigma eta mu sigma".split()}
ETA, MU = LETTERS["eta"], LETTERS["mu"]


def over_steps(sde, state: dict[str, sympy.Expr]):
    """Drift and D per step, in the rule's own letters: constants written out; state: SDE letter -> stored letters."""
    swap = {Symbol(n): e for n, e in sde.constants.items()}
    swap |= {Symbol(n): e for n, e in state.items()}
    letters = {Symbol(n): s for n, s in LETTERS.items()}

    def own(e):
        return (e * sde.time_per_step).subs(swap, simultaneous=True).xreplace(letters)

    return {k: own(e) for k, e in sde.drift.items()}, {k: own(e) for k, e in sde.diffusion.items()}


def zero(e) -> bool:
    return bool(sympy.simplify(e) == 0)


def test_momentum_as_a_sum_and_as_an_average_are_one_sde():
    """b_average = (1 - mu) b_sum and eta = lr/(1 - mu); dampening is 0 here."""
    average, sum_ = derive(AVERAGE), derive(SUM)
    one_drift, one_d = over_steps(average, {})
    b, lr = LETTERS["b"], (1 - MU) * ETA
    scaled = Symbol("b") * sympy.sqrt(Symbol("eta"))
    assert dict(sum_.rescaling) == {"b_scaled": "b*sqrt(eta)"}
    other_drift, other_d = over_steps(sum_, {"b_scaled": scaled})
    unit = scaled.xreplace({Symbol("b"): sympy.Integer(1), Symbol("eta"): ETA})

    def in_average(e):
        return e.subs({ETA: lr, b: b / (1 - MU), Symbol("tau"): 0}, simultaneous=True)

    to_average = (1 - MU) / unit.subs(ETA, lr)
    assert zero(in_average(other_drift["theta"]) - one_drift["theta"])
    assert zero(in_average(other_drift["b_scaled"]) * to_average - one_drift["b"])
    assert zero(in_average(other_d["b_scaled", "b_scaled"]) * to_average**2 - one_d["b", "b"])
    assert other_d["theta", "theta"] == one_d["theta", "theta"] == 0


def test_scaling_of_both_forms_agrees_in_the_effective_step_size():
    """Section on the linear rule: eta -> kappa eta with 1 - mu -> kappa (1 - mu); lr = (1 - mu) eta then by kappa^2."""
    average, sum_ = (scaling_rule(r).exponents for r in (AVERAGE, SUM))
    assert average["1-mu"] == sum_["1-mu"] == 1 and average["steps"] == sum_["steps"] == -1
    assert average["eta"] == sum_["eta"] - sum_["1-mu"] == 1
    for kappa in (2, Fraction(1, 2), 4):
        old = Fraction("0.95")
        given = {"average": Fraction("0.1"), "sum": Fraction("0.1") * (1 - old)}
        results = {
            "average": rescale(AVERAGE, scaling_rule(AVERAGE), kappa, {"eta": given["average"], "mu": old}),
            "sum": rescale(SUM, scaling_rule(SUM), kappa, {"eta": given["sum"], "mu": old}),
        }
        new = {name: found.hyperparameters for name, found in results.items()}
        assert new["average"]["mu"] == new["sum"]["mu"]
        assert new["sum"]["eta"] / (1 - new["sum"]["mu"]) == new["average"]["eta"]
        # Stored state: the average stays, and the sum is the average over 1 - mu.
        moved = {name: found.state_transform["b"] / Symbol("b", real=True) for name, found in results.items()}
        assert moved["average"] == 1 and moved["sum"] * kappa == 1


def test_with_mu_fixed_both_forms_scale_the_step_size_linearly():
    """The other reading of the linear rule: it is an alternative, and the two forms agree in it too."""
    kappa, old = 4, Fraction("0.9")
    found = {}
    for name, made, eta in (("average", AVERAGE, "0.1"), ("sum", SUM, "0.01")):
        result = rescale(made, scaling_rule(made), kappa, {"eta": Fraction(eta), "mu": old})
        (fixed,) = [s for s in result.alternatives if s.label == "mu fixed"]
        assert fixed.hyperparameters["mu"] == old
        found[name] = fixed.hyperparameters["eta"] / Fraction(eta)
    assert found == {"average": kappa, "sum": kappa}


# Decay

SGDW = compose("sgdw", rule("sgd"), [decoupled_decay("0.01")], conventions=[DECAY_ORDERS])
# What multiplies theta in the drift, and how the rate scales; per step the decay is eta*lambda, or lambda alone.
LAMBDA0 = {"diffusive": {"sgdw": "lambda", "adamw": "lambda/eta"}, "small": {"sgdw": "lambda", "adamw": "lambda"}}
INDEPENDENT = {"diffusive": {"sgdw": "lambda/eta", "adamw": "lambda/eta**2"}}
INDEPENDENT["small"] = {"sgdw": "lambda/eta", "adamw": "lambda/eta"}


@pytest.mark.parametrize("regime", ["diffusive", "small"])
@pytest.mark.parametrize("order", DECAY_ORDERS.options)
@pytest.mark.parametrize("made", [SGDW, rule("adamw")], ids=lambda r: r.name)
def test_decoupled_decay_adds_one_term_in_every_order(made, order, regime):
    """All orders have one limit: they differ by O(eta lambda) of a step, which is O(h)."""
    plain = derive(rule("sgd") if made is SGDW else rule("adam"), regime)
    sde = derive(made.variant(decay=order), regime)
    assert zero(sde.drift["theta"] - plain.drift["theta"] + Symbol("lambda0") * Symbol("theta"))
    assert {k: e for k, e in sde.drift.items() if k != "theta"} == {
        k: e for k, e in plain.drift.items() if k != "theta"
    }
    assert sde.diffusion == plain.diffusion
    expected = (INDEPENDENT if order == "independent" else LAMBDA0)[regime][made.name]
    assert str(sde.constants["lambda0"]) == expected


def test_decay_with_the_corrections_of_adam():
    """One library decays by eta lambda sqrt(1 - beta2^t)/(1 - beta1^t)."""
    plain, sde = derive(rule("adam")), derive(rule("adamw@decay=corrected"))
    gammas = sympy.sqrt(Symbol("gamma2", positive=True)) / Symbol("gamma1", positive=True)
    letters = {Symbol(n): Symbol(n, positive=True) for n in ("gamma1", "gamma2")}
    extra = (sde.drift["theta"] - plain.drift["theta"]).xreplace(letters)
    assert zero(extra + Symbol("lambda0") * Symbol("theta") * gammas)


@pytest.mark.parametrize("regime", ["diffusive", "small"])
def test_coupled_decay_stands_beside_the_gradient(regime):
    term = Symbol("lambda0") * Symbol("theta")
    sgd, adam = (compose(f"{name}_l2", rule(name), [l2("0.01")]) for name in ("sgd", "adam"))
    assert zero(derive(sgd, regime).drift["theta"] + Symbol("df") + term)
    sde = derive(adam, regime)
    assert zero(sde.drift["m"] - Symbol("c1") * (Symbol("df") + term - Symbol("m")))
    assert zero(sde.drift["theta"] - derive(rule("adam"), regime).drift["theta"])
    # In the small regime the squared mean gradient feeds v, and the decay with it.
    feeds = {"diffusive": 0, "small": Symbol("c2") * ((Symbol("df") + term) ** 2 - Symbol("df") ** 2)}[regime]
    (second,) = set(sde.drift) - {"theta", "m"}
    assert zero(sde.drift[second] - derive(rule("adam"), regime).drift[second] - feeds)
    assert str(sde.constants["lambda0"]) == "lambda"


@pytest.mark.parametrize(
    ("order", "sgdw", "adamw"),
    [(o, 0, Fraction(1, 2)) if o != "independent" else (o, 1, 1) for o in DECAY_ORDERS.options],
)
def test_scaling_of_the_decay(order, sgdw, adamw):
    """Per step the decay scales like time: eta lambda by kappa, so lambda by kappa^0 (SGD) or its root (Adam)."""
    assert scaling_rule(SGDW.variant(decay=order)).exponents["lambda"] == sgdw
    assert scaling_rule(rule("adamw").variant(decay=order)).exponents["lambda"] == adamw
