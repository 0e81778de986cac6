"""Where MoMo-Adam's cap is below the Polyak step, it is Adam as PyTorch has it (Schaipp et al. 2024, Section 3)."""

from collections.abc import Mapping

from ..proving.define import Definitions
from ..proving.instance import Given, Recursion
from ..proving.momo_distance import heights
from ..proving.momo_runs import adam_beside_momo, momo_adam_by_its_rule
from ..proving.momo_value import CUT
from ..proving.positive import inverse
from ..proving.script import Proof, square
from ..proving.theorem import Theorem
from . import momo_adam_rule_takes_the_step_of_its_closed_form as rule
from . import momo_share_gives_its_step_size as share
from . import powers_of_a_fraction as powers
from . import terms_are_at_most_their_sum as terms
from .momo_at_its_cap_is_sgd_with_momentum import NEEDED, at_the_cap, no_square

CAP, RHO, D, Q, X, U = rule.CAP, rule.RHO, rule.D, rule.Q, rule.X, rule.U
EXCESS = f"(beta1*level(t) + (1 - beta1)*f(t + 1) - {RHO}*f_star)"
AVERAGES, POWERS = ("m", "v"), ("beta1_power", "beta2_power")
STEP = "eta(t + 1)*({m}/(1 - {beta1_power}))/(sqrt({v}/(1 - {beta2_power})) + eps)"


def undecayed(proof: Proof) -> None:
    """`lengths`, `heights` and `steps`: what the rule computes, where there is no decay."""
    with proof.fixing("lengths", f"forall t nat: q(t + 1) = {CAP}*{Q}/1") as inner:
        inner.use("here", "q_is", t="t")
        term = "m(t + 1, j)*move(t + 1, j)"
        inner.congruent("plain", "no_decay", f"sum(j < n, {term}/(1 + hole*eta(t + 1)))")
        rule.moved_length(inner, f"sum(j < n, {term})", f"{CAP}*{Q}")
        inner.have("now", f"q(t + 1) = {CAP}*{Q}/1", [], ["here", "plain", "total"])
    heights(proof, EXCESS)
    step = f"theta(t, i) - {CUT}*move(t + 1, i)"
    with proof.fixing("steps", f"forall t nat, i nat: theta(t + 1, i) = {step}") as inner:
        inner.use("here", "theta_next", t="t", i="i")
        inner.congruent("plain", "no_decay", f"({step})/(1 + hole*eta(t + 1))")
        inner.have("now", f"theta(t + 1, i) = {step}", [], ["here", ("1", "plain")])


def states(proof: Proof) -> None:
    """Adam's averages and powers are those of MoMo-Adam: `same_m` and so on."""
    for name in AVERAGES:
        with proof.fixing(f"same_{name}", f"forall i nat, s nat: {name}_adam(s, i) = {name}(s, i)") as outer:
            claim = f"forall t nat: {name}_adam(t, i) = {name}(t, i)"
            with outer.induction("always", claim) as (zero, following):
                zero.use("one", f"{name}_start", i="i")
                zero.use("other", f"{name}_adam_start", i="i")
                zero.have("now", f"{name}_adam(0, i) = {name}(0, i)", [], ["one", "other"])
                following.use("one", f"{name}_next", t="t", i="i")
                following.use("other", f"{name}_adam_next", t="t", i="i")
                then = f"{name}_adam(t + 1, i) = {name}(t + 1, i)"
                following.have("now", then, [], ["one", "other", "before"])
            outer.use("now", "always", t="s")
    for name in POWERS:
        with proof.induction(f"same_{name}", f"forall s nat: {name}_adam(s) = {name}(s)") as (zero, following):
            zero.have("now", f"{name}_adam(0) = {name}(0)", [], [f"{name}_start", f"{name}_adam_start"])
            following.use("one", f"{name}_next", t="s")
            following.use("other", f"{name}_adam_next", t="s")
            following.have("now", f"{name}_adam(s + 1) = {name}(s + 1)", [], ["one", "other", "before"])


def adams_step(proof: Proof) -> None:
    """`adams`: Adam's step in the states of MoMo-Adam, put in one after the other."""
    there = {name: f"{name}_adam(t + 1, i)" for name in AVERAGES} | {name: f"{name}_adam(t + 1)" for name in POWERS}
    proof.use("there", "x_next", t="t", i="i")
    known = []
    for name in (*AVERAGES, *POWERS):
        proof.use(f"{name}_here", f"same_{name}", s="t + 1", **({"i": "i"} if name in AVERAGES else {}))
        proof.congruent(f"with_{name}", f"{name}_here", STEP.format(**{**there, name: "hole"}))
        there[name] = there[name].replace("_adam", "")
        known.append(("-1", f"with_{name}"))
    proof.have("adams", f"x(t + 1, i) = x(t, i) - {STEP.format(**there)}", [], ["there", *known])


def squares(proof: Proof) -> None:
    """`Q_sign`, that the squared norm q of m is not negative, and `terms`, that no term of it is above it."""
    there = D.replace("i)", "j)")
    with proof.fixing("slopes", f"forall j nat: m(t + 1, j)^2/{there} >= 0") as inner:
        inner.use("metric", "metrics", t="t", i="j")
        inner.use("over", "reciprocal_positive", "metric", x=there)
        inner.have("now", f"m(t + 1, j)^2/{there} >= 0", [square("m(t + 1, j)") * "over"])
    proof.add("Q_sign", f"{Q} >= 0", "slopes", "n")
    claim = f"forall j nat: j + 1 <= n => m(t + 1, j)^2/{there} <= {Q}"
    proof.lemma("terms", claim, terms.THEOREM.theorem, ["slopes"], {"n": "n", "y": ["j", f"m(t + 1, j)^2/{there}"]})


def slope(proof: Proof) -> None:
    """No coordinate of m moves, where q is 0."""
    proof.use("term", "terms", "inside", j="i")
    proof.use("metric", "metrics", t="t", i="i")
    inverse(proof, "D", D, "metric")
    proof.have("small", "m(t + 1, i)^2 <= 0", ["term*metric"], ["D_one", "Q_zero"])
    no_square(proof, "small")


def script(proof: Proof) -> None:
    """The averages are the same, and at the cap so are the steps."""
    rule.metric(proof)
    undecayed(proof)
    states(proof)
    with proof.fixing("same", "forall i nat, s nat: i + 1 <= n => theta(s, i) = x(s, i)", "inside") as inner:
        with inner.induction("always", "forall t nat: theta(t, i) = x(t, i)") as (zero, following):
            zero.use("now", "start", i="i")
            following.use("one", "steps", t="t", i="i")
            following.use("move_here", "moves", t="t", i="i")
            adams_step(following)
            following.use("rate", "rates", t="t")
            following.use("weight_here", "weighs", t="t")
            following.use("over_weight", "reciprocal_positive", "weight_here", x=RHO)
            following.have("cap_here", f"{CAP} >= 0", ["rate*over_weight"])
            for name in ("binding", "lengths", "heights"):
                following.use(NEEDED[name], name, t="t")
            squares(following)
            at_the_cap(following, CAP, Q, EXCESS, slope)
            equations = ["one", "adams", "before", "move_here", (f"-1/{D}", "full")]
            following.have("next", "theta(t + 1, i) = x(t + 1, i)", [], equations)
        inner.use("now", "always", t="s")


def shown(proof: Proof) -> None:
    """Adam moves by 1, too."""
    rule.growing(proof)
    q, scale = f"(1 - {U})", rule.SCALE
    size, excess = f"sum(j < 1, {q}^2/{scale})", f"(1/2*(t + t*{X}) + (1 - 1/2)*(t + 1 + 3) - {q}*0)"
    for name, claim in (
        ("rates", f"{scale} >= 0"),
        ("binding", f"{scale}/{q}*{size} <= {excess}"),
        ("x_next", f"-(t + 1) = -t - {scale}*({q}/{q})/{scale}"),
    ):
        binders = "t nat, i nat" if name == "x_next" else "t nat"
        with proof.fixing(f"{name}_here", f"forall {binders}: {claim}") as inner:
            inner.use("root", "root_nonnegative", x=f"{q}/{q}")
            inner.have("scale", f"{scale} > 0", ["root"])
            inverse(inner, "scale", scale, "scale")
            inner.use("small", "halves_later", i="t")
            inner.have("rho", f"{q} > 0", ["small"])
            inverse(inner, "rho", q, "rho")
            inner.linear("size", f"{size} = {q}^2/{scale}")
            if name == "rates":
                inner.have("now", claim, ["scale"])
            elif name == "x_next":
                inner.have("now", claim, [], ["scale_one", "rho_one"])
            else:
                inner.use("positive", "exp_positive", x="(t + 1)*log(1/2)")
                inner.use("time", "natural", n="t")
                inner.use("half_of", "halves", i="t")
                inner.have("twice", f"{X} = 2*{U}", [], ["half_of"])
                inner.have("length", f"{scale}/{q}*{size} = {q}", [], ["size", "scale_one", "rho_one"])
                inner.have("now", claim, ["positive", "time*positive", "time"], [("1", "length"), "twice"])


OTHER = {name: f"{name}_adam" for name in (*AVERAGES, *POWERS)}
FACTS = {f"{name}_{when}": f"{name}_adam_{when}" for name in AVERAGES for when in ("start", "next")}
ADAM = Definitions(
    "adam_beside_momo",
    "adam",
    kind="real",
    schedules=("eta",),
    names={"theta": "x", "theta_next": "x_next", **OTHER, **FACTS},
)
BESIDE: Mapping[str, Given] = {
    "decay": "0",
    "least": "-99",
    **{f"{name}_adam": ["t", f"{name}(t)"] for name in POWERS},
    **{f"{name}_adam": ["t", "i", f"{name}(t, i)"] for name in AVERAGES},
    "x": Recursion(("t", "i"), "1 - 3*i", "x(t, i) - move(t + 1, i)"),
}
"""Adam in exact numbers."""
THEOREM = Theorem(
    theorem="momo_adam_at_its_cap_is_adam",
    title="MoMo-Adam at its cap is Adam",
    says="""MoMo-Adam without decay, and Adam with its averages m_adam and v_adam, from one point on the same gradients
    with the same hyperparameters. If at every step the cap eta/(1 - beta1^t) is at most MoMo's Polyak step (h - rho
    f_star)/q, in the metric sqrt(v/(1 - beta2^t)) + eps, with h = beta1 level + (1 - beta1) f and rho = 1 - beta1^t,
    both are always at the same points.""",
    sources=["schaipp2024momo, Section 3", "kingma2015adam"],
    variables={},
    hypotheses={
        "rates": "forall t nat: eta(t + 1) >= 0",
        "no_decay": "lambda = 0",
        "forgetting": "beta1 >= 0",
        "averaging": "beta1 < 1",
        "positive_eps": "eps > 0",
        "binding": f"forall t nat: {CAP}*{Q} <= {EXCESS}",
        "start": "forall i nat: theta(0, i) = x(0, i)",
    },
    definitions=[rule.MOMO_ADAM, ADAM],
    claims={"same": "forall i nat, t nat: i + 1 <= n => theta(t, i) = x(t, i)"},
    lemmas=[share.THEOREM.theorem, terms.THEOREM.theorem, powers.THEOREM.theorem],
    model={**rule.MODEL, "x": ["t", "i", "-t"], **{f"{name}_adam": rule.MODEL[name] for name in (*AVERAGES, *POWERS)}},
    script=script,
    shown=shown,
    instances=[
        momo_adam_by_its_rule("three steps of MoMo-Adam at the cap", BESIDE, ("momo_adam@average=first",)),
        adam_beside_momo("three steps of Adam beside it"),
    ],
)
