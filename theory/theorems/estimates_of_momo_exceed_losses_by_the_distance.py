"""What the lower bound that MoMo estimates is worth, by its own rule (Schaipp et al. 2024, Section 5)."""

from ..proving.define import Definitions
from ..proving.instance import Given, Instance, Read, Recursion, Run, Table, along
from ..proving.momo_distance import CONVEX, NEXT, NOW, START, below_the_bound, lengths, nearer, path, whole_path
from ..proving.momo_runs import WHY
from ..proving.momo_value import Q, weights
from ..proving.script import Proof, square
from ..proving.theorem import Theorem

TAU, H = "cut(t + 1)*eta(t + 1)", "(beta1*level(t) + (1 - beta1)*f(t + 1))"
GUESS = f"({H} - {TAU}*{Q}/2)"
ABOVE = f"{TAU}*({GUESS} - floor(t + 1))"


def at(text: str, time: str) -> str:
    """A text about the step after t steps, about that after others."""
    return text.replace("(t", f"({time}")


def script(proof: Proof) -> None:
    """A step falls by tau (2 <m, theta - best> - tau |m|^2) in squared distance; telescope."""
    below_the_bound(proof, "floor(t)")
    lengths(proof)
    weights(proof)
    with proof.fixing("estimate", CLAIMS["estimate"]) as inner:
        inner.use("here", "low_next", t="t")
        inner.use("weight", "weights", t="t + 1")
        raw = f"{H} - cut(t + 1)*sum(j < n, eta(t + 1)*m(t + 1, j)*m(t + 1, j))/2"
        inner.linear("total", f"sum(j < n, eta(t + 1)*m(t + 1, j)*m(t + 1, j)) = eta(t + 1)*{Q}")
        inner.congruent("plain", "weight", f"max(({raw})/hole, f_star)")
        inner.congruent("short", "total", f"max({H} - cut(t + 1)*hole/2, f_star)")
        inner.have("now", f"low(t + 1) = max({GUESS}, f_star)", [], ["here", ("1", "plain"), ("1", "short")])
    with proof.fixing("share", "forall t nat: cut(t + 1) >= 0") as inner:
        inner.use("here", "cut_is", t="t")
        inner.use("length", "lengths", t="t")
        inner.use("rate", "rates", t="t")
        with inner.fixing("slopes", "forall j nat: m(t + 1, j)^2 >= 0") as one:
            one.have("now", "m(t + 1, j)^2 >= 0", [square("m(t + 1, j)")])
        inner.add("Q_sign", f"{Q} >= 0", "slopes", "n")
        inner.have("q_sign", "q(t + 1) - 0 >= 0", ["rate*Q_sign"], ["length"])
        inner.use("q_size", "absolute_of_nonnegative", "q_sign", x="q(t + 1) - 0")
        inner.use("above", "absolute_above", x="0 - min(q(t + 1), rest(t + 1))")
        inner.have("part", "max(0, min(q(t + 1), rest(t + 1))) >= 0", ["above"])
        products = [square("1/q(t + 1)") * "q_sign*part"]
        inner.have("now", "cut(t + 1) >= 0", products, ["here", "q_size"])
    progress = f"{ABOVE} <= ({NOW} - {NEXT})/2"
    with proof.fixing("progress", f"forall t nat: {progress}") as inner:
        inner.use("average", "below", t="t")
        inner.use("cut_here", "share", t="t")
        inner.use("rate", "rates", t="t")
        moved = f"theta(t, i) - {TAU}*m(t + 1, i)"
        with inner.fixing("steps", f"forall i nat: theta(t + 1, i) = {moved}") as one:
            one.use("here", "theta_next", t="t", i="i")
            one.congruent("plain", "no_decay", f"({moved})/(1 + hole*eta(t + 1))")
            one.have("now", f"theta(t + 1, i) = {moved}", [], ["here", ("1", "plain")])
        nearer(inner, tau=f"({TAU})")
        inner.have("now", progress, ["average*cut_here*rate"], [("1", "all"), ("1", "split")])
    path(proof, ABOVE, "k", f"({START} - {{}})/2")
    whole_path(proof)
    proof.have("bound", CLAIMS["bound"], ["whole", "end"])


def shown(proof: Proof) -> None:
    """All losses are -1, below the bound 0, so that nothing moves."""
    for name, x in (("one", "1"), ("two", "2"), ("half", "1/2")):
        proof.have(name, f"{x} >= 0")
        proof.use(f"{name}_size", "absolute_of_nonnegative", name, x=x)
    for name, x in (("minus_one", "0 - 1"), ("minus_half", "0 - 1/2")):
        proof.have(name, f"{x} < 0")
        proof.use(f"{name}_size", "absolute_of_negative", name, x=x)
    least = "min(1, 0 - 1)"
    proof.have("sign", f"0 - {least} >= 0", [], ["two_size"])
    proof.use("least", "absolute_of_nonnegative", "sign", x=f"0 - {least}")
    reset = "max(0*1 + 1, 0)/(0*1 + 1)"
    for name, claim in (
        ("cut_is", f"0 = max(1, 0)/1*(max(0, {least})/1)"),
        ("rest_is", f"-1 = -1 - ({reset}*max(-1/2/1, 0) + (1 - {reset})*0)*1"),
        ("low_next", "0 = max((1/2*(-1) + (1 - 1/2)*(-1) - 0*sum(j < 1, 1*1*1)/2)/1, 0)"),
    ):
        with proof.fixing(name, f"forall t nat: {claim}") as inner:
            known = ["least", "two_size", "one_size", "half_size", "minus_one_size", "minus_half_size"]
            inner.have("now", claim, [], known)


CLAIMS = {
    "estimate": f"forall t nat: low(t + 1) = max({GUESS}, f_star)",
    "bound": f"sum(t < K, {ABOVE}) <= {START}/2",
}


def after(name: str) -> str:
    """What an equation of the rule says of the step from t to t + 1."""
    return MOMO.equations[name].split(" = ")[1]


MOMO = Definitions(
    "momo_step_with_estimated_bound",
    "momo@bound=estimated",
    kind="real",
    schedules=("eta",),
    only=("theta", "low"),
)
VALUES: dict[str, Given] = {
    "n": "2",
    "K": "3",
    "beta1": "1/2",
    "lambda": "0",
    "f_star": "0",
    "eta": ["t", "1/4"],
    "f": Table(("0", "3", "2", "5/2")),
    "g": Table((("0", "0"), ("1", "2"), ("-2", "1"), ("1", "-1"))),
    "rho": ["t", "1"],
    **{name: Recursion(("t",), "0", after(f"{name}_is")) for name in ("height", "q", "rest", "cut")},
    "best": ["i", "1/2 - i"],
    "value": Recursion(("t",), "0", CONVEX.split(">= ")[1]),
    "floor": Recursion(("t",), "value(1)", "beta1*floor(t) + (1 - beta1)*value(t + 1)"),
}


def instance(says: str, values: dict[str, Given], *read: str) -> Instance:
    """Three steps on affine losses. The run has no states before it knows the first loss; `values` has them there."""
    reads = {"theta": Read("theta"), "m": Read("m"), **{name: along(name) for name in read}}
    settings = {"eta": "1/4", "beta1": "beta1", "lambda": "0", "f_star": "0"}
    run = Run(MOMO.rule, settings, "g(t + 1, i)", ("1", "-2"), 3, reads, why=WHY, loss="f(t + 1)")
    wrong = ("momo@bound=estimated,average=bias",)
    return Instance(says, {**VALUES, **values}, naturals={"": 3, "i": 2}, run=run, wrong=wrong)


FROM_THE_FIRST: dict[str, Given] = {
    "low": Recursion(("t",), "f_star", after("low_next")),
    "level": Recursion(("t",), "f(1)", after("level_next")),
}
THEOREM = Theorem(
    theorem="estimates_of_momo_exceed_losses_by_the_distance",
    title="Estimates of MoMo exceed losses by the distance",
    says="""MoMo without decay that estimates its lower bound: low becomes the larger of f_star and its guess h - tau
    |m|^2/2, h = beta1 level + (1 - beta1) f the value of its averaged model before the step and tau = cut eta the size
    of the step. For convex losses, with the averages floor of their values at any point best, these guesses, weighted
    by tau, exceed the averages by at most half the first squared distance to best. The estimate leaves that unknown
    distance out; so it is no bound.""",
    sources=["schaipp2024momo, Section 5"],
    variables={"K": "nat", **{name: "real(nat)" for name in ("best", "value", "floor")}},
    hypotheses={
        "forgetting": "beta1 >= 0",
        "averaging": "beta1 <= 1",
        "rates": "forall t nat: eta(t + 1) >= 0",
        "no_decay": "lambda = 0",
        "convex": f"forall t nat: {CONVEX}",
        "floor_start": "floor(0) = value(1)",
        "floor_next": "forall t nat: floor(t + 1) = beta1*floor(t) + (1 - beta1)*value(t + 1)",
    },
    definitions=[MOMO],
    claims=CLAIMS,
    model={
        **{name: ["t", "-1"] for name in ("f", "level", "height", "rest")},
        **{name: ["t", "i", "1"] for name in ("g", "m", "theta")},
        **{name: ["t", "1"] for name in ("eta", "q", "rho")},
        **{name: ["t", "0"] for name in ("cut", "low")},
        **{name: ["t", "-2"] for name in ("value", "floor")},
        **dict.fromkeys(("f_star", "lambda"), "0"),
        "best": ["i", "0"],
        "beta1": "1/2",
        "n": "1",
        "K": "2",
    },
    script=script,
    shown=shown,
    instances=[
        instance("the states of three steps", {}, "low", "level"),
        instance("three steps from the first loss", FROM_THE_FIRST),
    ],
)
