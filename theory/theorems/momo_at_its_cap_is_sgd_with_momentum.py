"""Where MoMo's cap is below the Polyak step, it is SGD with momentum as PyTorch has it (Schaipp et al. 2024)."""

from collections.abc import Mapping

from ..proving.define import Definitions
from ..proving.instance import Given, Recursion
from ..proving.momo_runs import momo_by_its_rule, sgd_beside_momo
from ..proving.momo_value import Q
from ..proving.positive import inverse
from ..proving.script import Proof
from ..proving.theorem import Theorem
from . import momo_rule_never_moves_away_from_a_common_minimiser as fejer
from . import momo_rule_takes_the_step_of_its_closed_form as rule
from . import momo_share_gives_its_step_size as share

EXCESS, X, U = fejer.EXCESS, rule.X, rule.U


def at_the_cap(proof: Proof, cap: str, size: str, excess: str, facts: list[str], given: Mapping[str, str]) -> None:
    """`full`: the cap times the share is the cap, since `binding` says that cap |m|^2 is below the excess.

    facts: for the hypotheses of the share's theorem, those of the cap and of |m|^2 first and third; given: its values.
    """
    inverse(proof, "Q", size, facts[2])
    proof.have("low", f"0 - {excess} < 0", ["binding_here", f"{facts[0]}*{facts[2]}"])
    proof.use("part", "absolute_of_negative", "low", x=f"0 - {excess}")
    between = f"{cap} - max(0, {excess})/{size}"
    proof.have("beyond", f"{between} < 0", ["binding_here*Q_inverse"], ["part", "Q_one"])
    proof.use("least", "absolute_of_negative", "beyond", x=between)
    values = {"cap": cap, "N": excess, "Q": size, "q": "q(t + 1)", "r": "rest(t + 1)", **given}
    claim = f"min({cap}, max(0, {excess})/{size})"
    proof.lemma("taken", f"{cap}*{rule.CUT} = {claim}", share.THEOREM.theorem, facts, values)
    proof.have("full", f"{cap}*{rule.CUT} = {cap}", [], [("1", "taken"), "least"])


def script(proof: Proof) -> None:
    """The buffer is the average m; then the steps are the same."""
    fejer.undecayed(proof)
    with proof.fixing("buffers", "forall i nat, s nat: b(s + 1, i) = m(s + 1, i)") as inner:
        with inner.induction("always", "forall t nat: b(t + 1, i) = m(t + 1, i)") as (zero, following):
            zero.use("one", "b_first", i="i")
            zero.use("other", "m_start", i="i")
            zero.use("next", "m_next", t="0", i="i")
            zero.have("now", "b(0 + 1, i) = m(0 + 1, i)", [], ["one", "next", "other"])
            following.use("one", "b_next", t="t", i="i")
            following.use("other", "m_next", t="t + 1", i="i")
            following.have("now", "b(t + 1 + 1, i) = m(t + 1 + 1, i)", [], ["one", "other", "before"])
        inner.use("now", "always", t="s")
    with proof.fixing("same", "forall i nat, s nat: theta(s, i) = x(s, i)") as inner:
        with inner.induction("always", "forall t nat: theta(t, i) = x(t, i)") as (zero, following):
            zero.use("now", "start", i="i")
            following.use("one", "moves", t="t", i="i")
            following.use("other", "x_next", t="t", i="i")
            following.use("buffer", "buffers", i="i", s="t")
            following.use("rate", "rates", t="t")
            following.have("unit", "1 > 0")
            for name, fact in (("large", "moving"), ("binding_here", "binding"), ("length", "lengths")):
                following.use(name, fact, t="t")
            following.use("height", "heights", t="t")
            facts = ["rate", "unit", "large", "length", "height"]
            at_the_cap(following, "eta(t + 1)", Q, EXCESS, facts, {"A": "1"})
            equations = ["one", "other", "before", "buffer", ("-m(t + 1, i)", "full")]
            following.have("next", "theta(t + 1, i) = x(t + 1, i)", [], equations)
        inner.use("now", "always", t="s")


BUFFER = "1 - max(0, 1 - t)"


def shown(proof: Proof) -> None:
    """The buffer is 0 at first, and then 1."""
    rule.halved(proof)
    proof.have("early", "0 - (1 - 0) < 0")
    proof.use("early_size", "absolute_of_negative", "early", x="0 - (1 - 0)")
    proof.have("none", "0 >= 0")
    proof.use("none_size", "absolute_of_nonnegative", "none", x="0")
    for name, claim in (("b_start", "1 - max(0, 1 - 0) = 0"), ("b_first", "1 - max(0, 1 - 1) = 1")):
        with proof.fixing(name, f"forall i nat: {claim}") as inner:
            inner.have("now", claim, [], ["early_size", "none_size"])
    later = [f"1 - max(0, 1 - (t + {k}))" for k in (1, 2)]
    with proof.fixing("late", f"forall t nat: {later[0]} = 1") as inner:
        inner.use("time", "natural", n="t")
        inner.use("size", "absolute_of_nonnegative", "time", x="t")
        inner.have("now", f"{later[0]} = 1", [], ["size"])
    for name, claim in (
        ("b_next", f"{later[1]} = 1/2*({later[0]}) + (1 - 1/2)*1"),
        ("x_next", f"{U} = {X} - ({later[0]})*{U}"),
    ):
        with proof.fixing(name, f"forall t nat, i nat: {claim}") as inner:
            inner.use("one", "late", t="t")
            inner.use("other", "late", t="t + 1")
            inner.use("half_of", "halves", i="t")
            inner.have("twice", f"{X} = 2*{U}", [], ["half_of"])
            factor = "1/2" if name == "b_next" else f"-{U}"
            inner.have("now", claim, [], [(factor, "one"), ("1", "other"), "twice"])
    excess = f"(1/2*{X} + (1 - 1/2)*(2*{U}) - 0)"
    with proof.fixing("binding", f"forall t nat: {U}*sum(j < 1, 1^2) < {excess}") as inner:
        inner.use("positive", "exp_positive", x="(t + 1)*log(1/2)")
        inner.use("half_of", "halves", i="t")
        inner.have("twice", f"{X} = 2*{U}", [], ["half_of"])
        inner.linear("one", "sum(j < 1, 1^2) = 1")
        inner.have("now", f"{U}*sum(j < 1, 1^2) < {excess}", ["positive"], ["one", "twice"])


SGD = Definitions(
    "sgd_with_momentum_step",
    "sgd@momentum=ema",
    kind="real",
    schedules=("eta",),
    names={"theta": "x", "theta_next": "x_next", "mu": "beta1"},
)
BESIDE: Mapping[str, Given] = {
    "later": Recursion(("t", "i"), "g(1, i)", "beta*later(t, i) + (1 - beta)*g(t + 2, i)"),
    "b": Recursion(("t", "i"), "0", "later(t, i)"),
    "x": Recursion(("t", "i"), "1 - 3*i", "x(t, i) - eta(t + 1)*b(t + 1, i)"),
}
"""SGD with momentum in exact numbers."""
THEOREM = Theorem(
    theorem="momo_at_its_cap_is_sgd_with_momentum",
    title="MoMo at its cap is SGD with momentum",
    says="""MoMo without decay, and SGD with momentum beta1, its buffer b an average (PyTorch's, with as much
    dampening), from one point on the same gradients with the same step sizes eta. If at every step eta is below MoMo's
    Polyak step (h - f_star)/|m|^2, h = beta1 level + (1 - beta1) f, both are always at the same points.""",
    sources=["schaipp2024momo, Section 3"],
    variables={},
    hypotheses={
        "rates": "forall t nat: eta(t + 1) > 0",
        "no_decay": "lambda = 0",
        "moving": f"forall t nat: {Q} > 0",
        "binding": f"forall t nat: eta(t + 1)*{Q} < {EXCESS}",
        "start": "forall i nat: theta(0, i) = x(0, i)",
    },
    definitions=[rule.MOMO, SGD],
    claims={"same": "forall i nat, t nat: theta(t, i) = x(t, i)"},
    lemmas=[share.THEOREM.theorem],
    model={**rule.MODEL, "x": ["t", "i", X], "b": ["t", "i", BUFFER]},
    script=script,
    shown=shown,
    instances=[
        momo_by_its_rule("three steps at the cap", {**BESIDE, "least": "-9"}, ("momo@average=bias",)),
        sgd_beside_momo("three steps of SGD with momentum beside it"),
    ],
)
