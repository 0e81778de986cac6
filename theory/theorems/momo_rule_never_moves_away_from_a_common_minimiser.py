"""MoMo by its own rule comes nearer to points where no loss is above its bound (Schaipp et al. 2024, Section 4)."""

from ..proving.instance import Given, Recursion
from ..proving.momo_distance import CONVEX, NEXT, NOW, below_the_bound, nearer
from ..proving.momo_runs import RESTS, momo_by_its_rule
from ..proving.momo_value import Q
from ..proving.positive import inverse
from ..proving.script import Proof
from ..proving.theorem import Theorem
from . import momo_rule_takes_the_step_of_its_closed_form as rule
from . import momo_share_gives_its_step_size as share

U, X = rule.U, rule.X
EXCESS = "(beta1*level(t) + (1 - beta1)*f(t + 1) - f_star)"
SIZE = f"min(eta(t + 1), max(0, {EXCESS})/{Q})"


def lengths(proof: Proof) -> None:
    """`lengths`: that of the rule's own step, where there is no decay."""
    with proof.fixing("lengths", f"forall t nat: q(t + 1) = eta(t + 1)*{Q}/1") as inner:
        inner.use("here", "q_is", t="t")
        term = "eta(t + 1)*m(t + 1, j)*m(t + 1, j)/(1 + hole*eta(t + 1))"
        inner.congruent("plain", "no_decay", f"sum(j < n, {term})")
        inner.linear("total", f"sum(j < n, {term.replace('hole', '0')}) = eta(t + 1)*{Q}")
        inner.have("now", f"q(t + 1) = eta(t + 1)*{Q}/1", [], ["here", "plain", "total"])


def undecayed(proof: Proof) -> None:
    """`weights`, `lengths`, `heights` and `moves`: what the rule computes, where there is no decay."""
    rule.weights(proof)
    lengths(proof)
    with proof.fixing("heights", f"forall t nat: rest(t + 1) = {EXCESS}/1") as inner:
        inner.use("here", "rest_is", t="t")
        inner.use("weight", "weights", t="t + 1")
        term = "hole*eta(t + 1)*m(t + 1, j)*theta(t, j)/(1 + hole*eta(t + 1))"
        inner.congruent("plain", "no_decay", f"sum(j < n, {term})")
        inner.linear("total", f"sum(j < n, {term.replace('hole', '0')}) = 0")
        inner.have("now", f"rest(t + 1) = {EXCESS}/1", [], ["here", "weight", "plain", "total"])
    moved = f"theta(t, i) - eta(t + 1)*m(t + 1, i)*{rule.CUT}"
    with proof.fixing("moves", f"forall t nat, i nat: theta(t + 1, i) = {moved}") as inner:
        inner.use("here", "theta_next", t="t", i="i")
        inner.congruent("plain", "no_decay", f"({moved})/(1 + hole*eta(t + 1))")
        inner.have("now", f"theta(t + 1, i) = {moved}", [], ["here", ("1", "plain")])


def stepped(proof: Proof) -> None:
    """`steps`: theta(t + 1) = theta(t) - tau m, where the fact `large` says that m moves."""
    proof.use("tau_value", "size", t="t")
    proof.use("rate", "rates", t="t")
    proof.have("one", "1 > 0")
    proof.use("length", "lengths", t="t")
    proof.use("height", "heights", t="t")
    values = {"cap": "eta(t + 1)", "A": "1", "N": EXCESS, "Q": Q, "q": "q(t + 1)", "r": "rest(t + 1)"}
    facts = ["rate", "one", "large", "length", "height"]
    proof.lemma("taken", f"eta(t + 1)*{rule.CUT} = {SIZE}", share.THEOREM.theorem, facts, values)
    with proof.fixing("steps", "forall i nat: theta(t + 1, i) = theta(t, i) - tau(t + 1)*m(t + 1, i)") as inner:
        inner.use("here", "moves", t="t", i="i")
        known = ["here", "tau_value", ("m(t + 1, i)", "taken")]
        inner.have("now", "theta(t + 1, i) = theta(t, i) - tau(t + 1)*m(t + 1, i)", [], known)


def step_size(proof: Proof) -> None:
    """`tau_positive`, tau >= 0, and `tau_most`, tau <= max(0, e)/|m|^2."""
    inverse(proof, "Q", Q, "large")
    proof.use("above", "absolute_above", x=f"0 - {EXCESS}")
    proof.have("part", f"max(0, {EXCESS}) >= 0", ["above"])
    between = f"eta(t + 1) - max(0, {EXCESS})/{Q}"
    proof.use("least_above", "absolute_above", x=between)
    proof.use("least_below", "absolute_below", x=between)
    proof.have("quotient", f"max(0, {EXCESS})/{Q} >= 0", ["part*Q_inverse"])
    with proof.cases("tau_positive", "tau(t + 1) >= 0", on=between, assume="sign") as (more, less):
        more.use("value_here", "absolute_of_nonnegative", "sign", x=between)
        more.have("now", "tau(t + 1) >= 0", ["quotient"], ["tau_value", "value_here"])
        less.use("value_here", "absolute_of_negative", "sign", x=between)
        less.have("now", "tau(t + 1) >= 0", ["rate"], ["tau_value", "value_here"])
    most = f"tau(t + 1) <= max(0, {EXCESS})/{Q}"
    proof.have("tau_most", most, ["least_above", "least_below"], ["tau_value"])
    proof.have("tau_size", f"tau(t + 1)*{Q} <= max(0, {EXCESS})", ["tau_most*large"], ["Q_one"])


def script(proof: Proof) -> None:
    """The distance changes by -2 tau <m, theta - best> + tau^2 |m|^2, and <m, theta - best> >= e."""
    below_the_bound(proof)
    undecayed(proof)
    for name in ("progress", "gain"):
        claim = CLAIMS[name].split("=> ")[1]
        with proof.fixing(name, CLAIMS[name], "large") as inner:
            inner.use("average", "below", t="t")
            stepped(inner)
            step_size(inner)
            nearer(inner)
            with inner.cases("now", claim, on=f"0 - {EXCESS}", assume="low") as (down, up):
                products = ["tau_size*tau_positive", "average*tau_positive"]
                equations = [("1", "all"), ("1", "split")]
                down.use("value_here", "absolute_of_nonnegative", "low", x=f"0 - {EXCESS}")
                down.have("tau_none", "tau(t + 1) <= 0", ["tau_most"], ["value_here"])
                down.have("now", claim, [*products, "tau_none*low"], ["value_here", *equations])
                up.use("value_here", "absolute_of_negative", "low", x=f"0 - {EXCESS}")
                up.have("now", claim, [*products, "tau_positive*low"], ["value_here", *equations])
    with proof.fixing("fejer", CLAIMS["fejer"], "large") as inner:
        inner.use("step_gain", "gain", "large", t="t")
        inner.use("step_progress", "progress", "large", t="t")
        inner.have("nearer", f"{NEXT} <= {NOW}", ["step_gain", "step_progress"])
    with proof.fixing("rest", CLAIMS["rest"], "still") as inner:
        inner.use("length", "lengths", t="t")
        inner.have("none", "q(t + 1) - 0 = 0", [], ["length", "still"])
        inner.have("sign", "q(t + 1) - 0 >= 0", [], ["none"])
        inner.use("no_size", "absolute_of_nonnegative", "sign", x="q(t + 1) - 0")
        inner.use("here", "moves", t="t", i="i")
        inner.have("now", "theta(t + 1, i) = theta(t, i)", [], ["here", "no_size", "length", "still"])


def shown(proof: Proof) -> None:
    """The loss x is convex, and 0 at best."""
    rule.halved(proof)
    products = f"sum(j < 1, 1*(0 - {X}))"
    excess = f"(1/2*{X} + (1 - 1/2)*(2*{U}) - 0)"
    one, size = "sum(j < 1, 1^2)", f"min({U}, max(0, {excess})/sum(j < 1, 1^2))"
    for name, claim in (("convex", f"0 >= 2*{U} + {products}"), ("size", f"{U} = {size}")):
        with proof.fixing(name, f"forall t nat: {claim}") as inner:
            inner.use("half_of", "halves", i="t")
            inner.have("twice", f"{X} = 2*{U}", [], ["half_of"])
            inner.linear("product", f"{products} = -{X}")
            if name == "convex":
                inner.have("now", claim, [], ["product", "twice"])
                continue
            inner.use("positive", "exp_positive", x="(t + 1)*log(1/2)")
            inner.linear("one", f"{one} = 1")
            inner.congruent("over", "one", "1/hole")
            inner.have("sign", f"0 - {excess} < 0", ["positive"], ["twice"])
            inner.use("part", "absolute_of_negative", "sign", x=f"0 - {excess}")
            between = f"{U} - max(0, {excess})/{one}"
            inner.have("room", f"{between} < 0", ["positive"], ["over", "part", "twice"])
            inner.use("least", "absolute_of_negative", "room", x=between)
            inner.have("now", claim, [], ["least", "over", "part", "twice"])


CLAIMS = {
    "progress": f"forall t nat: {Q} > 0 => {NEXT} <= {NOW} - tau(t + 1)*{EXCESS}",
    "gain": f"forall t nat: {Q} > 0 => tau(t + 1)*{EXCESS} >= 0",
    "fejer": f"forall t nat: {Q} > 0 => {NEXT} <= {NOW}",
    "rest": f"forall t nat, i nat: {Q} = 0 => theta(t + 1, i) = theta(t, i)",
}
VALUES: dict[str, Given] = {
    "best": ["i", "0"],
    "value": ["t", "0"],
    "tau": Recursion(
        ("t",),
        "0",
        "min(rate, max(0, beta*level(t) + (1 - beta)*f(t + 1) - least)/sum(j < n, m(t + 1, j)^2))",
    ),
}
THEOREM = Theorem(
    theorem="momo_rule_never_moves_away_from_a_common_minimiser",
    title="MoMo by its rule never moves away from a common minimiser",
    says="""MoMo without decay, with momentum beta1 and any caps eta > 0, on convex losses that at a point best are not
    above f_star (a common minimiser, where f_star is the least loss). h = beta1 level + (1 - beta1) f is the value of
    its averaged model before the step. Every step whose average m is not 0 comes nearer to best or stays as far: the
    squared distance falls by at least tau (h - f_star) >= 0, tau = min(eta, max(0, h - f_star)/|m|^2). A step with m =
    0 does not move.""",
    sources=["schaipp2024momo, Theorem 4.1"],
    variables={"best": "real(nat)", "value": "real(nat)", "tau": "real(nat)"},
    hypotheses={
        "forgetting": "beta1 >= 0",
        "averaging": "beta1 <= 1",
        "rates": "forall t nat: eta(t + 1) > 0",
        "no_decay": "lambda = 0",
        "convex": f"forall t nat: {CONVEX}",
        "bound": "forall t nat: value(t + 1) <= f_star",
        "size": f"forall t nat: tau(t + 1) = {SIZE}",
    },
    definitions=[rule.MOMO],
    claims=CLAIMS,
    lemmas=[share.THEOREM.theorem],
    model={**rule.MODEL, "best": ["i", "0"], "value": ["t", "0"], "tau": ["t", X]},
    script=script,
    shown=shown,
    instances=[
        momo_by_its_rule("three steps", VALUES, ("momo@average=bias",)),
        momo_by_its_rule("three steps that rest", {**VALUES, **RESTS}, ()),
    ],
)
