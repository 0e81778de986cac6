"""The regret of AMSGrad's rule with beta1 = 0, where it stays in a box (Reddi, Kale & Kumar 2018, Theorem 4)."""

from ..proving.define import Definitions
from ..proving.instance import Given, Instance, Read, Recursion, Run, Table
from ..proving.script import Proof
from ..proving.theorem import Theorem
from . import steps_that_come_nearer_have_bounded_regret as steps
from .amsgrad_has_bounded_regret import OF_ROOTS, ROOTS

AMSGRAD = Definitions("amsgrad_with_schedule", "amsgrad", kind="real", schedules=("eta",))
SCALE = "(sqrt(v_max({t}, i)) + eps)"
NOW = SCALE.format(t="t + 1")
SIDE = "(high(i) - low(i))"
AWAY = "(theta({t}, i) - best(i))^2"
PRODUCT = "g(t + 1, i)*(theta(t, i) - best(i))"
LAST = SCALE.format(t="N + 1")
BOUND = f"sum(i < d, {SIDE}^2*{LAST}/(2*eta(N + 1)) + sum(t < N + 1, eta(t + 1)*g(t + 1, i)^2/{NOW}/2))"
REGRET = "sum(t < N + 1, f(t + 1) - value(t + 1))"


def scales(proof: Proof) -> None:
    """The scales sqrt(v_max) + eps are positive and grow; they are the roots of their squares."""
    proof.lemma("of_roots", OF_ROOTS, ROOTS, [], {})
    with proof.fixing("largest_grows", "forall t nat, i nat: v_max(t, i) <= v_max(t + 1, i)") as inner:
        inner.use("largest", "v_max_next", t="t", i="i")
        inner.use("other", "absolute_below", x="v(t + 1, i) - v_max(t, i)")
        inner.have("more", "v_max(t, i) <= v_max(t + 1, i)", ["other"], ["largest"])
    with proof.fixing("largest_sign", "forall i nat, s nat: v_max(s, i) >= 0") as inner:
        with inner.induction("all", "forall t nat: v_max(t, i) >= 0") as (zero, following):
            zero.use("first", "v_max_start", i="i")
            zero.have("now", "v_max(0, i) >= 0", [], ["first"])
            following.use("grown", "largest_grows", t="t", i="i")
            following.have("now", "v_max(t + 1, i) >= 0", ["before", "grown"])
        inner.use("here", "all", t="s")
    grown = f"{NOW} <= {SCALE.format(t='t + 2')}"
    with proof.fixing("grows", f"forall t nat, i nat: {grown}") as inner:
        inner.use("sign", "largest_sign", i="i", s="t + 1")
        inner.use("more", "largest_grows", t="t + 1", i="i")
        inner.use("roots", "of_roots", "sign", "more", Y="v_max(t + 1, i)", Z="v_max(t + 2, i)")
        inner.have("now", grown, ["roots"])
    with proof.fixing("positive", f"forall s nat, i nat: {SCALE.format(t='s + 1')} > 0") as inner:
        with inner.induction("all", f"forall t nat: {NOW} > 0") as (zero, following):
            zero.use("now", "start", i="i")
            following.use("grown", "grows", t="t", i="i")
            following.have("now", f"{SCALE.format(t='t + 2')} > 0", ["before", "grown"])
        inner.use("here", "all", t="s")


def distances(proof: Proof) -> None:
    """A run in the box is at most a side away from best; a step that stays there needs no projection."""
    with proof.fixing("near", f"forall t nat, i nat: {AWAY.format(t='t')} <= {SIDE}^2") as inner:
        inner.use("left", "best_low", i="i")
        inner.use("right", "best_high", i="i")
        inner.use("above", "stays_above", t="t", i="i")
        inner.use("below", "stays_below", t="t", i="i")
        inner.have("one", f"{SIDE} - (theta(t, i) - best(i)) >= 0", ["below", "left"])
        inner.have("two", f"{SIDE} + (theta(t, i) - best(i)) >= 0", ["above", "right"])
        inner.have("near", f"{AWAY.format(t='t')} <= {SIDE}^2", ["one*two"])
    nearer = f"{AWAY.format(t='t + 1')} <= (theta(t, i) - eta(t + 1)*g(t + 1, i)/{NOW} - best(i))^2"
    with proof.fixing("nearer", f"forall t nat, i nat: {nearer}") as inner:
        inner.use("taken", "theta_next", t="t", i="i")
        inner.use("averaged", "m_next", t="t", i="i")
        inner.have("now", nearer, [], ["taken", "averaged", "no_momentum"])


def script(proof: Proof) -> None:
    """The scales grow, and no step is projected; the rest is known for such steps."""
    scales(proof)
    distances(proof)
    values: dict[str, str | list[str]] = {
        "d": "d",
        "alpha": ["t", "eta(t + 1)"],
        "f": ["t", "f(t + 1)"],
        "value": ["t", "value(t + 1)"],
    }
    values |= {"best": ["i", "best(i)"], "side": ["i", SIDE]}
    values |= {"x": ["t", "i", "theta(t, i)"], "g": ["t", "i", "g(t + 1, i)"], "s": ["t", "i", NOW]}
    facts = ["eta_positive", "eta_falls", "positive", "grows", "near", "nearer", "convex"]
    proof.lemma("regret", THEOREM.claims["regret"], steps.THEOREM.theorem, facts, values)


def shown(proof: Proof) -> None:
    """The loss 0, whose gradient is 0."""
    proof.have("zero", "0 >= 0")
    proof.use("no_size", "absolute_of_nonnegative", "zero", x="0 - 0")
    proof.use("root", "root_nonnegative", x="0")
    with proof.fixing("start", "forall i nat: sqrt(0) + 1 > 0") as inner:
        inner.have("now", "sqrt(0) + 1 > 0", ["root"])
    with proof.fixing("v_max_next", "forall t nat, i nat: 0 = max(0, 0)") as inner:
        inner.have("now", "0 = max(0, 0)", [], ["no_size"])


GRADIENTS: dict[str, Given] = {
    "d": "2",
    "beta1": "0",
    "beta2": "3/4",
    "low": ["i", "-9"],
    "high": ["i", "9"],
    "best": ["i", "9 - 18*i"],
    "g": Table((("0", "0"), ("-1", "2"), ("-3", "1"), ("-1/2", "3"), ("-1", "1/4"), ("-2", "1"))),
    "f": ["t", "sum(i < d, g(t, i)*before(t, i))"],
    "value": ["t", "sum(i < d, g(t, i)*best(i))"],
    "before": Recursion(("t", "i"), "0", "theta(t, i)"),
}
READS = {name: Read(name) for name in ("theta", "m", "v", "v_max")}
THEOREM = Theorem(
    theorem="amsgrad_of_its_rule_has_bounded_regret",
    title="AMSGrad of its rule has bounded regret",
    says="""AMSGrad with beta1 = 0 and without corrections, on convex losses, with learning rates that do not increase,
    in a run that stays in a box, so that no projection is needed; sqrt(v_max) + eps is positive from the first step on.
    The regret of its first T = N + 1 steps against any point best of the box is at most the sum over the coordinates of
    side^2 (sqrt(v_max_T) + eps)/(2 eta_T) plus the sum of eta_t g_t^2/(2 (sqrt(v_max_t) + eps)). f(t) is the loss of
    step t where it takes its gradient g(t), which is at theta(t - 1), and value(t) that loss at best.""",
    sources=["reddi2018convergence, Theorem 4"],
    variables={
        "d": "nat",
        **{name: "real(nat)" for name in ("f", "value", "best", "low", "high")},
    },
    definitions=[AMSGRAD],
    hypotheses={
        "no_momentum": "beta1 = 0",
        "eta_positive": "forall t nat: eta(t + 1) > 0",
        "eta_falls": "forall t nat: eta(t + 2) <= eta(t + 1)",
        "best_low": "forall i nat: low(i) <= best(i)",
        "best_high": "forall i nat: best(i) <= high(i)",
        "stays_above": "forall t nat, i nat: theta(t, i) >= low(i)",
        "stays_below": "forall t nat, i nat: theta(t, i) <= high(i)",
        "convex": f"forall t nat: f(t + 1) - value(t + 1) <= sum(i < d, {PRODUCT})",
        "start": "forall i nat: sqrt(v_max(1, i)) + eps > 0",
    },
    claims={"regret": f"forall N nat: {REGRET} <= {BOUND}"},
    lemmas=[ROOTS, steps.THEOREM.theorem],
    model={
        **{"d": "1", "beta1": "0", "beta2": "1/2", "eps": "1"},
        **{name: ["t", "1"] for name in ("eta", "best", "high")},
        **{name: ["t", "0"] for name in ("f", "value", "low")},
        **{name: ["t", "i", "0"] for name in ("theta", "g", "m", "v", "v_max")},
    },
    shown=shown,
    script=script,
    instances=[
        Instance(
            "five steps of two coordinates, far from the ends",
            {**GRADIENTS, "eps": "1/8", "eta": ["t", "1/(t + 1)/4"]},
            naturals={"": 5, "i": 2},
            run=Run(
                "amsgrad",
                {"eta": "eta(t + 1)", "beta1": "beta1", "beta2": "beta2", "eps": "eps"},
                "g(t + 1, i)",
                ("1", "-2"),
                5,
                READS,
                why="torch corrects both moments",
            ),
            wrong=("amsgrad@eps=max", "amsgrad@correction=both"),
        ),
        Instance(
            "torch's, which corrects v, with the correction as a schedule and without eps",
            {
                **GRADIENTS,
                "eps": "0",
                "power": Recursion(("t",), "1", "beta2*power(t)"),
                "rate": ["t", "1/(t + 1)/4"],
                "eta": ["t", "rate(t)*sqrt(1 - power(t))"],
            },
            naturals={"": 5, "i": 2},
            run=Run(
                "adam@amsgrad=raw",
                {"eta": "rate(t + 1)", "beta1": "beta1", "beta2": "beta2", "eps": "eps"},
                "g(t + 1, i)",
                ("1", "-2"),
                5,
                READS,
                torch="Adam",
                options={"amsgrad": True},
            ),
            wrong=("adam@amsgrad=corrected", "adam@amsgrad=raw,correction=none"),
        ),
    ],
)
