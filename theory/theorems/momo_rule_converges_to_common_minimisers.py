"""The rate of MoMo by its own rule on convex losses with a common minimiser (Schaipp et al. 2024, Theorem 4.1)."""

from collections.abc import Mapping

from ..proving.instance import Given
from ..proving.momo_distance import CONVEX, EXCESS, NEXT, NOW, START, path, whole_path
from ..proving.momo_runs import LARGE, RESTS, momo_by_its_rule
from ..proving.momo_value import Q
from ..proving.positive import inverse
from ..proving.script import Proof, square
from ..proving.theorem import Theorem, Value
from . import momo_rule_never_moves_away_from_a_common_minimiser as fejer
from . import momo_rule_takes_polyak_steps_up_to_its_cap as polyak
from . import momo_rule_takes_the_step_of_its_closed_form as rule
from .powers_of_a_fraction import known_powers

X, U = rule.X, rule.U
PART = polyak.PART
SIZE = f"{PART}/{Q}"
GAP = "(f(t + 1) - f_star)"
GRADIENT = "sum(i < n, g(t + 1, i)^2)"
GAIN = f"tau(t + 1)*{EXCESS}"


def at(text: str, time: str) -> str:
    """A text about the step after t steps, about that after others."""
    return text.replace("(t", f"({time}").replace("0 + 1", "1")


def stepped(proof: Proof) -> None:
    """What every step does, and `reached`: tau |m|^2 = max(0, e)."""
    proof.have("weight_most", "beta1 <= 1", ["averaging"])
    proof.have("weight_left", "1 - beta1 >= 0", ["averaging"])
    with proof.fixing("least", f"forall t nat: tau(t + 1) = {polyak.SIZE}") as inner:
        inner.use("tau_here", "size", t="t")
        inner.use("below_cap", "uncapped", t="t")
        inner.have("room", f"eta(t + 1) - {SIZE} >= 0", ["below_cap"], [("1", "tau_here")])
        inner.use("least", "absolute_of_nonnegative", "room", x=f"eta(t + 1) - {SIZE}")
        inner.have("now", f"tau(t + 1) = {polyak.SIZE}", [], ["tau_here", "least"])
    renamed = {"averaging": "weight_most", "size": "least"}
    polyak.applied(proof, polyak.THEOREM, ("step", "polyak", "tau_sign"), renamed)
    polyak.applied(proof, fejer.THEOREM, ("progress", "gain", "fejer"), renamed)
    with proof.fixing("reached", f"forall t nat: tau(t + 1)*{Q} = {PART}") as inner:
        inner.use("ratio", "polyak", t="t")
        inner.use("tau_here", "size", t="t")
        inner.have("now", f"tau(t + 1)*{Q} = {PART}", [], ["tau_here", ("1", "ratio")])


def excess(proof: Proof) -> None:
    """level >= f_star, because tau |m|^2 <= e; so e >= (1 - beta1)(f - f_star) >= 0, and tau |m|^2 is e."""
    with proof.induction("floor", "forall t nat: level(t) >= f_star") as (zero, following):
        zero.use("better", "interpolation", t="0")
        zero.have("now", "level(0) >= f_star", ["better"], ["level_start"])
        following.use("better", "interpolation", t="t")
        following.have("sign", f"{EXCESS} >= 0", ["before*forgetting", "better*weight_left"])
        small(following)
        following.use("here", "level_next", t="t")
        moved = "(theta(t + 1, j) - theta(t, j))*m(t + 1, j)"
        with following.fixing("each", f"forall j nat: {moved} + tau(t + 1)*m(t + 1, j)^2 = 0") as inner:
            inner.use("there", "step", t="t", i="j")
            inner.have("zero", f"{moved} + tau(t + 1)*m(t + 1, j)^2 = 0", [], ["there"])
        following.add("all", f"sum(j < n, {moved} + tau(t + 1)*m(t + 1, j)^2) = 0", "each", "n")
        split = f"sum(j < n, {moved}) + tau(t + 1)*{Q}"
        following.linear("split", f"sum(j < n, {moved} + tau(t + 1)*m(t + 1, j)^2) = {split}")
        equations = ["here", ("1", "all"), ("1", "split")]
        following.have("now", "level(t + 1) >= f_star", ["most"], equations)
    with proof.fixing("excess", f"forall t nat: {EXCESS} >= (1 - beta1)*{GAP}") as inner:
        inner.use("high", "floor", t="t")
        inner.have("now", f"{EXCESS} >= (1 - beta1)*{GAP}", ["high*forgetting"])
    with proof.fixing("positive", f"forall t nat: {EXCESS} >= 0") as inner:
        inner.use("better", "interpolation", t="t")
        inner.use("high", "excess", t="t")
        inner.have("sign", f"{EXCESS} >= 0", ["high", "better*weight_left"])
    with proof.fixing("at_most", f"forall t nat: tau(t + 1)*{Q} <= {EXCESS}") as inner:
        inner.use("sign", "positive", t="t")
        small(inner)
    with proof.fixing("at_least", f"forall t nat: tau(t + 1)*{Q} >= {EXCESS}") as inner:
        inner.use("equal", "reached", t="t")
        inner.use("above", "absolute_below", x=f"0 - {EXCESS}")
        inner.have("now", f"tau(t + 1)*{Q} >= {EXCESS}", ["above"], [("1", "equal")])


def small(proof: Proof) -> None:
    """`most`: tau |m|^2 <= e, from `sign`, e >= 0."""
    proof.use("equal", "reached", t="t")
    claim = f"tau(t + 1)*{Q} <= {EXCESS}"
    with proof.cases("most", claim, on=f"0 - {EXCESS}", assume="low") as (down, up):
        down.use("part", "absolute_of_nonnegative", "low", x=f"0 - {EXCESS}")
        down.have("now", claim, ["sign"], [("1", "equal"), "part"])
        up.use("part", "absolute_of_negative", "low", x=f"0 - {EXCESS}")
        up.have("now", claim, [], [("1", "equal"), "part"])


def nearer(proof: Proof) -> None:
    """Every step falls by tau e in squared distance; in all by at most R^2."""
    path(proof, GAIN, "j", f"{START} - {{}}")
    with proof.induction("inside", f"forall t nat: {NOW} <= {START}") as (zero, following):
        zero.have("now", f"{START} <= {START}")
        following.use("one", "fejer", t="t")
        following.have("now", f"{NEXT} <= {START}", ["before", "one"])
    whole_path(proof)
    proof.have("radius", f"sum(j < K, {at(GAIN, 'j')}) <= R^2", ["whole", "end", "near"])


def sizes(proof: Proof) -> None:
    """E |m|^2 <= G^2, because m averages gradients."""
    with proof.induction("momenta", f"forall t nat: E({Q}) <= G^2") as (zero, following):
        zero.use("here", "inside", t="0")
        zero.use("gradient", "bounded", "here", t="0")
        with zero.fixing("each", "forall i nat: m(1, i)^2 = g(1, i)^2") as inner:
            inner.use("average", "m_next", t="0", i="i")
            inner.use("first", "m_start", i="i")
            inner.have("now", "m(1, i)^2 = g(1, i)^2", [], ["average", "first"])
        zero.add("all", "sum(j < n, m(1, j)^2) = sum(i < n, g(1, i)^2)", "each", "n")
        zero.mean("mean", "E(sum(j < n, m(1, j)^2)) = E(sum(i < n, g(1, i)^2))", "all")
        zero.linear("one", "E(sum(i < n, g(1, i)^2)) = sum(i < n, E(g(1, i)^2))")
        zero.have("now", at(f"E({Q}) <= G^2", "0"), ["gradient"], ["mean"])
        following.use("here", "inside", t="t + 1")
        following.use("gradient", "bounded", "here", t="t + 1")
        less = "m(t + 1 + 1, i)^2 <= beta1*m(t + 1, i)^2 + (1 - beta1)*g(t + 1 + 1, i)^2"
        with following.fixing("each", f"forall i nat: {less}") as inner:
            inner.use("average", "m_next", t="t + 1", i="i")
            convex = square("m(t + 1, i) - g(t + 1 + 1, i)") * "forgetting*weight_left"
            inner.have("less", less, [convex], ["average"])
        then, drawn = "sum(i < n, m(t + 1 + 1, i)^2)", "sum(i < n, g(t + 1 + 1, i)^2)"
        following.add("all", f"{then} <= beta1*{Q} + (1 - beta1)*{drawn}", "each", "n")
        following.mean("mean", f"E({then}) <= beta1*E({Q}) + (1 - beta1)*E({drawn})", "all")
        following.have("now", f"E({then}) <= G^2", ["mean", "before*forgetting", "gradient*weight_left"])


def script(proof: Proof) -> None:
    """(1 - beta1)(f - f_star) <= e <= c tau e/2 + |m|^2/(2 c) for every c > 0; take c = G sqrt(K)/R."""
    stepped(proof)
    excess(proof)
    nearer(proof)
    sizes(proof)
    rate(proof)


def rate(proof: Proof) -> None:
    """The sum of all steps, and the choice of c."""
    proof.use("root", "root_positive", "steps_made", x="K")
    proof.have("weak", "K >= 0", ["steps_made"])
    proof.use("squared", "root_squared", "weak", x="K")
    for name, text, fact in (("R", "R", "R_positive"), ("G", "G", "G_positive"), ("K", "sqrt(K)", "root")):
        inverse(proof, name, text, fact)
    c, over = "G*sqrt(K)/R", "R/G/sqrt(K)"
    bound = f"{c}/2*({GAIN}) + {over}/2*{Q}"
    with proof.fixing("young", f"forall t nat: (1 - beta1)*{GAP} <= {bound}") as inner:
        inner.use("high", "excess", t="t")
        with inner.fixing("slopes", "forall j nat: m(t + 1, j)^2 >= 0") as one:
            one.have("now", "m(t + 1, j)^2 >= 0", [square("m(t + 1, j)")])
        inner.add("Q_sign", f"{Q} >= 0", "slopes", "n")
        inner.use("size_here", "at_least", t="t")
        inner.use("tau_here", "tau_sign", t="t")
        inner.use("most_here", "at_most", t="t")
        young = square(f"{c}*tau(t + 1) - 1") * "Q_sign*R_positive*G_inverse*K_inverse"
        products = ["high", young, "size_here", "most_here*tau_here*G_positive*root*R_inverse"]
        inner.have("young", f"(1 - beta1)*{GAP} <= {bound}", products, ["R_one", "G_one", "K_one"])
    mean = f"(1 - beta1)*(E(F(t)) - f_star) <= {c}/2*E({GAIN}) + {over}/2*G^2"
    with proof.fixing("means", f"forall t nat: {mean}") as inner:
        inner.use("pathwise", "young", t="t")
        inner.use("moment", "momenta", t="t")
        inner.use("loss", "sampled", t="t")
        averages = f"(1 - beta1)*(E(f(t + 1)) - f_star) <= {c}/2*E({GAIN}) + {over}/2*E({Q})"
        inner.mean("mean", averages, "pathwise")
        inner.have("now", mean, ["mean", "moment*R_positive*G_inverse*K_inverse"], ["loss"])
    total, gained = "sum(t < K, E(F(t)) - f_star)", f"sum(t < K, E({GAIN}))"
    proof.add("total", f"(1 - beta1)*{total} <= {c}/2*{gained} + {over}/2*G^2*K", "means", "K")
    proof.mean("gained", f"{gained} <= R^2", "radius")
    products = ["total", "gained*G_positive*root*R_inverse"]
    equations = ["R_one", "G_one", "K_one", "squared@K"]
    proof.have("scaled", f"(1 - beta1)*{total} <= G*R*sqrt(K)", products, equations)
    proof.have("rest_weight", "1 - beta1 > 0", ["averaging"])
    for name, text, fact in (("B", "1 - beta1", "rest_weight"), ("N", "K", "steps_made")):
        inverse(proof, name, text, fact)
    chain = [("1/sqrt(K)", "N_one"), ("1/K*sqrt(K)", "K_one"), ("1/K/sqrt(K)", "squared")]
    proof.have("unit", "1/K*sqrt(K) = 1/sqrt(K)", [], chain)
    proof.have("rate", THEOREM.claims["rate"], ["scaled*B_inverse*N_inverse"], ["B_one", "unit"])


LATE = "max(0, 1 - t)"
FORCE = f"2*{X} - {LATE}"
MODEL: dict[str, Value] = {
    **dict.fromkeys(("G", "R", "n"), "1"),
    **dict.fromkeys(("beta1", "lambda", "f_star"), "0"),
    **{name: ["t", "1"] for name in ("eta", "rho")},
    **{name: ["t", f"2*{X}^2"] for name in ("f", "rest")},
    "F": ["t", f"2*{U}^2"],
    "g": ["t", "i", f"2*{X}"],
    "m": ["t", "i", FORCE],
    "level": ["t", f"{LATE}/2"],
    "q": ["t", f"4*{X}^2"],
    "theta": ["t", "i", X],
    "tau": ["t", "1/2"],
    "value": ["t", "0"],
    "best": ["i", "0"],
    "K": "2",
}
"""The loss x^2/2 from 1, without noise and momentum: x is halved again and again."""


def shown(proof: Proof) -> None:
    """m is x after the first step, level 0."""
    known_powers(proof)
    force, late = f"(2*{U} - max(0, 1 - (t + 1)))", "max(0, 1 - (t + 1))"
    proof.use("first_half", "halves", i="0")
    first = "2*exp(0*log(1/2)) - max(0, 1 - 0) = 2*exp(1*log(1/2))"
    proof.have("early", "0 - (1 - 0) < 0")
    proof.use("early_size", "absolute_of_negative", "early", x="0 - (1 - 0)")
    with proof.fixing("m_start", f"forall i nat: {first}") as inner:
        inner.have("now", first, [], ["early_size", "first_half", "halves_start"])
    start = "2*exp(1*log(1/2))^2"
    proof.have("level_start", f"max(0, 1 - 0)/2 = {start}", [], ["early_size", "first_half", "halves_start"])
    begin = "sum(i < 1, (exp(0*log(1/2)) - 0)^2)"
    proof.linear("one", f"{begin} = exp(0)^2")
    proof.have("near", f"{begin} <= 1^2", [], ["one", "halves_start"])
    q, rest, excess = f"(4*{U}^2)", f"(2*{U}^2)", f"(0*({LATE}/2) + (1 - 0)*(2*{U}^2) - 0)"
    share_of_it = f"(max({q}, 0)/{q})*(max(0, min({q}, {rest}))/{q})"
    claims = {
        "m_next": f"{force} = 0*({FORCE}) + (1 - 0)*(2*{U})",
        "q_is": f"{q} = sum(j < 1, 1*{force}*{force}/(1 + 0*1))",
        "rest_is": f"{rest} = 0*({LATE}/2) + (1 - 0)*(2*{U}^2) - 0*1 - sum(j < 1, 0*1*{force}*{X}/(1 + 0*1))",
        "theta_next": f"{U} = ({X} - 1*{force}*{share_of_it})/(1 + 0*1)",
        "level_next": f"{late}/2 = sum(j < 1, ({U} - {X})*{force}) + 0*({LATE}/2) + (1 - 0)*(2*{U}^2)",
        "size": f"1/2 = max(0, {excess})/sum(j < 1, {force}^2)",
        "convex": f"0 >= 2*{U}^2 + sum(j < 1, 2*{U}*(0 - {X}))",
        "interpolation": f"2*{U}^2 >= 0",
    }
    for name, claim in claims.items():
        binders = "t nat, i nat" if name in ("m_next", "theta_next") else "t nat"
        with proof.fixing(name, f"forall {binders}: {claim}") as inner:
            halved(inner, name, claim)
    premise, bound = f"sum(i < 1, ({X} - 0)^2) <= {begin}", f"E(sum(i < 1, (2*{U})^2)) <= 1^2"
    with proof.fixing("bounded", f"forall t nat: {premise} => {bound}", "inside") as inner:
        inner.use("half_of", "halves", i="t")
        inner.have("twice", f"{X} = 2*{U}", [], ["half_of"])
        inner.linear("here", f"E(sum(i < 1, (2*{U})^2)) = 4*{U}^2")
        inner.linear("there", f"sum(i < 1, ({X} - 0)^2) = {X}^2")
        inner.have("now", bound, ["inside", "near"], ["here", "there", "twice"])


def halved(proof: Proof, name: str, claim: str) -> None:
    """One of the equations; U is x after the step, X before it."""
    force = f"(2*{U} - max(0, 1 - (t + 1)))"
    proof.use("half_of", "halves", i="t")
    proof.have("twice", f"{X} = 2*{U}", [], ["half_of"])
    proof.use("positive", "exp_positive", x="(t + 1)*log(1/2)")
    proof.use("time", "natural", n="t")
    proof.use("late_size", "absolute_of_nonnegative", "time", x="t")
    known = ["late_size", "twice"]
    sums = {
        "q_is": f"sum(j < 1, 1*{force}*{force}/(1 + 0*1)) = {force}^2",
        "rest_is": f"sum(j < 1, 0*1*{force}*{X}/(1 + 0*1)) = 0",
        "level_next": f"sum(j < 1, ({U} - {X})*{force}) = ({U} - {X})*{force}",
        "size": f"sum(j < 1, {force}^2) = {force}^2",
        "convex": f"sum(j < 1, 2*{U}*(0 - {X})) = 2*{U}*(0 - {X})",
    }
    if name in sums:
        proof.linear("total", sums[name])
        known = ["total", *known]
    if name == "size":
        proof.have("length", f"sum(j < 1, {force}^2) = 4*{U}^2", [], known)
        proof.congruent("over", "length", "1/hole")
        proof.have("large", f"0 - 2*{U}^2 < 0", ["positive*positive"])
        proof.use("part", "absolute_of_negative", "large", x=f"0 - 2*{U}^2")
        inverse(proof, "U", U, "positive")
        known = ["over", "part", "U_one"]
    if name == "theta_next":
        q, rest = f"(4*{U}^2)", f"(2*{U}^2)"
        proof.have("sign", f"{q} - 0 >= 0", ["positive*positive"])
        proof.use("q_size", "absolute_of_nonnegative", "sign", x=f"{q} - 0")
        proof.have("more", f"{q} - {rest} >= 0", ["positive*positive"])
        proof.use("less", "absolute_of_nonnegative", "more", x=f"{q} - {rest}")
        proof.have("taken", f"0 - min({q}, {rest}) < 0", ["positive*positive"], ["less"])
        proof.use("least", "absolute_of_negative", "taken", x=f"0 - min({q}, {rest})")
        inverse(proof, "U", U, "positive")
        known = ["least", "less", "q_size", *known, "U_one"]
    products = ["positive*positive"] if name in ("convex", "interpolation") else []
    proof.have("now", claim, products, known)


VALUES: Mapping[str, Given] = {**polyak.VALUES, **LARGE, "K": "3", "F": ["t", "f(t + 1)"], "G": "4", "R": "3"}
THEOREM = Theorem(
    theorem="momo_rule_converges_to_common_minimisers",
    title="MoMo by its rule converges to common minimisers",
    says="""MoMo without decay, whose cap eta does not bind: the Polyak step tau = max(0, h - f_star)/|m|^2 is never
    above it, h = beta1 level + (1 - beta1) f the value of its averaged model before the step; where m is 0, tau is 0.
    The drawn losses are convex, at least f_star, and f_star at one point best, their common minimiser. If the gradients
    at points not farther from best than the first one have a mean square of at most G^2, and the first point is at most
    R away, then the mean over K steps of E f(theta) - f_star is at most G R/((1 - beta1) sqrt(K)). F is the whole loss
    at theta: each draw is independent of the past.""",
    sources=["schaipp2024momo, Theorem 4.1"],
    variables={
        "K": "nat",
        "G": "real",
        "R": "real",
        "best": "real(nat)",
        **{name: "rand(nat)" for name in ("F", "value", "tau")},
    },
    hypotheses={
        "forgetting": "beta1 >= 0",
        "averaging": "beta1 < 1",
        "no_decay": "lambda = 0",
        "steps_made": "K > 0",
        "G_positive": "G > 0",
        "R_positive": "R > 0",
        "near": f"{START} <= R^2",
        "rates": "forall t nat: eta(t + 1) >= 0",
        "size": f"forall t nat: tau(t + 1) = {SIZE}",
        "uncapped": "forall t nat: tau(t + 1) <= eta(t + 1)",
        "convex": f"forall t nat: {CONVEX}",
        "bound": "forall t nat: value(t + 1) <= f_star",
        "interpolation": "forall t nat: f(t + 1) >= f_star",
        "sampled": "forall t nat: E(f(t + 1)) = E(F(t))",
        "bounded": f"forall t nat: {NOW} <= {START} => E({GRADIENT}) <= G^2",
    },
    definitions=polyak.THEOREM.definitions,
    claims={"rate": "1/K*sum(t < K, E(F(t)) - f_star) <= G*R/(1 - beta1)/sqrt(K)"},
    lemmas=[polyak.THEOREM.theorem, fejer.THEOREM.theorem],
    model=MODEL,
    script=script,
    shown=shown,
    instances=[
        momo_by_its_rule("three steps below the cap", VALUES, ("momo@average=bias",)),
        momo_by_its_rule("three steps that rest", {**VALUES, **RESTS}, ()),
    ],
)
