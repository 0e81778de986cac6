"""Where MoMo's cap is below the Polyak step, it is SGD with momentum as PyTorch has it (Schaipp et al. 2024)."""

from collections.abc import Callable, Mapping

from ..proving.define import Definitions
from ..proving.instance import Given, Recursion
from ..proving.momo_distance import EXCESS, undecayed
from ..proving.momo_runs import RESTS, momo_by_its_rule, sgd_beside_momo
from ..proving.momo_value import CUT, Q
from ..proving.positive import inverse
from ..proving.script import Proof, square
from ..proving.theorem import Theorem
from . import momo_rule_takes_polyak_steps_up_to_its_cap as polyak
from . import momo_rule_takes_the_step_of_its_closed_form as rule
from . import momo_share_gives_its_step_size as share
from . import terms_are_at_most_their_sum as terms

X, U = rule.X, rule.U


def at_the_cap(proof: Proof, cap: str, size: str, excess: str, slope: Callable[[Proof], None]) -> None:
    """`full`: the cap times the share, times m, is the cap times m, for a cap |m|^2 that is at most the excess.

    Needs `cap_here`, `Q_sign`, `length`, `height` and `binding_here`. slope: gives `slope`, m = 0, where `Q_zero` says
    that |m|^2 is.
    """
    proof.have("unit", "1 > 0")
    values = {"cap": cap, "A": "1", "N": excess, "Q": size, "q": "q(t + 1)", "r": "rest(t + 1)"}
    claim = f"{size} > 0 => {cap}*{CUT} = min({cap}, max(0, {excess})/{size})"
    facts = ["cap_here", "unit", "Q_sign", "length", "height"]
    proof.lemma("sizes", claim, share.THEOREM.theorem, facts, values)
    claim = f"{cap}*{CUT}*m(t + 1, i) = {cap}*m(t + 1, i)"
    with proof.cases("full", claim, on=f"0 - {size}", assume="flat") as (none, some):
        none.have("Q_most", f"{size} <= 0", ["flat"])
        none.use("Q_zero", "zero_of_both_signs", "Q_sign", "Q_most", x=size)
        slope(none)
        none.have("now", claim, [], ["slope"])
        some.have("large", f"{size} > 0", ["flat"])
        inverse(some, "Q", size, "large")
        some.use("taken", "sizes", "large")
        some.use("above", "absolute_below", x=f"0 - {excess}")
        between = f"{cap} - max(0, {excess})/{size}"
        some.have("beyond", f"{between} <= 0", ["binding_here*Q_inverse", "above*Q_inverse"], ["Q_one"])
        equation = [("m(t + 1, i)", "taken")]
        with some.cases("now", claim, on=between, assume="room") as (equal, less):
            equal.use("least", "absolute_of_nonnegative", "room", x=between)
            equal.use("zero", "zero_of_both_signs", "room", "beyond", x=between)
            equal.have("now", claim, [], [*equation, "least", ("m(t + 1, i)", "zero")])
            less.use("least", "absolute_of_negative", "room", x=between)
            less.have("now", claim, [], [*equation, "least"])


def no_square(proof: Proof, small: str) -> None:
    """`slope`: m(t + 1, i) = 0, from the fact `small`, that its square is at most 0."""
    m = "m(t + 1, i)"
    with proof.cases("slope", f"{m} = 0", on=m, assume="sign") as (up, down):
        polyak.vanishes(up, "now", m, "sign", small)
        down.have("below", f"0 - {m} > 0", ["sign"])
        inverse(down, "x", f"0 - {m}", "below")
        down.have("never", f"{m} >= 0", [f"{small}*x_inverse"], ["x_one"])
        down.have("weak", f"{m} <= 0", ["sign"])
        down.use("now", "zero_of_both_signs", "never", "weak", x=m)


def squares(proof: Proof) -> None:
    """`Q_sign`, |m|^2 >= 0, and `terms`, that no square is above it."""
    with proof.fixing("slopes", "forall j nat: m(t + 1, j)^2 >= 0") as inner:
        inner.have("now", "m(t + 1, j)^2 >= 0", [square("m(t + 1, j)")])
    proof.add("Q_sign", f"{Q} >= 0", "slopes", "n")
    claim = f"forall j nat: j + 1 <= n => m(t + 1, j)^2 <= {Q}"
    proof.lemma("terms", claim, terms.THEOREM.theorem, ["slopes"], {"n": "n", "y": ["j", "m(t + 1, j)^2"]})


def slope(proof: Proof) -> None:
    """No coordinate of m moves, where |m|^2 is 0."""
    proof.use("term", "terms", "inside", j="i")
    proof.have("small", "m(t + 1, i)^2 <= 0", ["term"], ["Q_zero"])
    no_square(proof, "small")


def script(proof: Proof) -> None:
    """The buffer is the average m; then the steps are the same."""
    undecayed(proof)
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
    with proof.fixing("same", "forall i nat, s nat: i + 1 <= n => theta(s, i) = x(s, i)", "inside") as inner:
        with inner.induction("always", "forall t nat: theta(t, i) = x(t, i)") as (zero, following):
            zero.use("now", "start", i="i")
            following.use("one", "moves", t="t", i="i")
            following.use("other", "x_next", t="t", i="i")
            following.use("buffer", "buffers", i="i", s="t")
            for name in ("rates", "binding", "lengths", "heights"):
                following.use(NEEDED[name], name, t="t")
            squares(following)
            at_the_cap(following, "eta(t + 1)", Q, EXCESS, slope)
            equations = ["one", "other", "before", "buffer", ("-1", "full")]
            following.have("next", "theta(t + 1, i) = x(t + 1, i)", [], equations)
        inner.use("now", "always", t="s")


NEEDED = {"rates": "cap_here", "binding": "binding_here", "lengths": "length", "heights": "height"}
BUFFER = "1 - max(0, 1 - t)"


def shown(proof: Proof) -> None:
    """The buffer is 0 at first, and then 1."""
    rule.halved(proof)
    polyak.weak_rates(proof)
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
    with proof.fixing("binding", f"forall t nat: {U}*sum(j < 1, 1^2) <= {excess}") as inner:
        inner.use("positive", "exp_positive", x="(t + 1)*log(1/2)")
        inner.use("half_of", "halves", i="t")
        inner.have("twice", f"{X} = 2*{U}", [], ["half_of"])
        inner.linear("one", "sum(j < 1, 1^2) = 1")
        inner.have("now", f"{U}*sum(j < 1, 1^2) <= {excess}", ["positive"], ["one", "twice"])


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
    dampening), from one point on the same gradients with the same step sizes eta. If at every step eta is at most
    MoMo's Polyak step (h - f_star)/|m|^2 (eta |m|^2 <= h - f_star, also where m is 0), h = beta1 level + (1 - beta1) f,
    both are always at the same points.""",
    sources=["schaipp2024momo, Section 3"],
    variables={},
    hypotheses={
        "rates": "forall t nat: eta(t + 1) >= 0",
        "no_decay": "lambda = 0",
        "binding": f"forall t nat: eta(t + 1)*{Q} <= {EXCESS}",
        "start": "forall i nat: theta(0, i) = x(0, i)",
    },
    definitions=[rule.MOMO, SGD],
    claims={"same": "forall i nat, t nat: i + 1 <= n => theta(t, i) = x(t, i)"},
    lemmas=[share.THEOREM.theorem, terms.THEOREM.theorem],
    model={**rule.MODEL, "x": ["t", "i", X], "b": ["t", "i", BUFFER]},
    script=script,
    shown=shown,
    instances=[
        momo_by_its_rule("three steps at the cap", {**BESIDE, "least": "-9"}, ("momo@average=bias",)),
        momo_by_its_rule("three steps that rest", {**BESIDE, "least": "-9", **RESTS}, ()),
        sgd_beside_momo("three steps of SGD with momentum beside it"),
    ],
)
