"""Adam on a batch that workers share: from single draws to the bound after T steps (Chen et al. 2022, distributed)."""

from __future__ import annotations

from ..proving.instance import Drawn
from ..proving.linear_losses import linear_loss
from ..proving.positive import inverse
from ..proving.same_names import own_letters
from ..proving.script import Proof
from ..proving.theorem import Theorem
from .larger_batches_speed_adam_up import LETTERS, READS, STEP
from .larger_batches_speed_adam_up import THEOREM as BATCHES
from .larger_batches_speed_adam_up import shown as batches_shown

DRAW, TRUE = "sample(t + 1, j, i)", "grad(t + 1, i)"
AWAY = f"({DRAW} - {TRUE})"
ALL = "sum(j < {n}, " + DRAW + ")"
WORKER = "sum(l < draws, sample(t + 1, draws*w + l, i))"
MEAN = f"sum(w < workers, {WORKER}/draws)/workers"
BATCH = "(workers*draws)"
CLAIM = BATCHES.claims["rate"].replace("b*T", f"{BATCH}*T")
START = "forall X rand, t nat, i nat: "


def _regrouped(proof: Proof) -> None:
    """`mean`: the mean of the means of workers is the mean of all draws."""
    with proof.fixing(
        "regrouped", f"forall t nat, i nat, n nat: sum(w < n, {WORKER}) = {ALL.format(n='n*draws')}"
    ) as inner:
        outer = f"sum(w < {{q}}, {WORKER}) = {ALL.format(n='{q}*draws')}"
        with inner.induction("all", f"forall q nat: {outer.format(q='q')}") as (zero, following):
            zero.linear("now", outer.format(q="0"))
            last = "sum(l < {k}, sample(t + 1, draws*q + l, i))"
            parts = f"{ALL.format(n='q*draws + {k}')} = {ALL.format(n='q*draws')} + {last}"
            with following.induction("parts", f"forall k nat: {parts.format(k='k')}", hypothesis="sofar") as (one, two):
                one.linear("now", parts.format(k="0"))
                new = "sample(t + 1, draws*q + k, i)"
                two.linear("left", f"{ALL.format(n='q*draws + k + 1')} = {ALL.format(n='q*draws + k')} + {new}")
                two.linear("right", f"{last.format(k='k + 1')} = {last.format(k='k')} + {new}")
                two.have(
                    "now", parts.format(k="(k + 1)").replace("l < (k + 1)", "l < k + 1"), [], ["left", "right", "sofar"]
                )
            following.use("block", "parts", k="draws")
            following.linear("more", f"sum(w < q + 1, {WORKER}) = sum(w < q, {WORKER}) + {last.format(k='draws')}")
            following.have(
                "now", outer.format(q="(q + 1)").replace("w < (q + 1)", "w < q + 1"), [], ["more", "block", "before"]
            )
        inner.use("now", "all", q="n")
    with proof.fixing("mean", f"forall t nat, i nat: g(t + 1, i) = {ALL.format(n=BATCH)}/workers/draws") as inner:
        inner.use("here", "average", t="t", i="i")
        inner.use("same", "regrouped", t="t", i="i", n="workers")
        inner.linear("out", f"{MEAN} = sum(w < workers, {WORKER})/draws/workers")
        inner.have("now", f"g(t + 1, i) = {ALL.format(n=BATCH)}/workers/draws", [], ["here", "out", "same"])


def _unbiased(proof: Proof) -> None:
    claim = BATCHES.hypotheses["unbiased"]
    with proof.fixing("unbiased", claim, "known") as inner:
        total = f"E(X*{ALL}) = {{n}}*E(X*{TRUE})"
        with inner.induction("totals", f"forall n nat: {total.format(n='n')}") as (zero, following):
            zero.linear("now", total.format(n="0"))
            following.use("here", "draw_unbiased", "known", X="X", t="t", j="n", i="i")
            last = f"E(X*{DRAW.replace('j', 'n')})"
            following.linear("more", f"E(X*{ALL.format(n='n + 1')}) = E(X*{ALL.format(n='n')}) + {last}")
            following.have(
                "now", total.format(n="(n + 1)").replace("j < (n + 1)", "j < n + 1"), [], ["more", "before", "here"]
            )
        inner.use("whole", "totals", n=BATCH)
        inner.use("here", "mean", t="t", i="i")
        inner.have("outcome", f"X*g(t + 1, i) = X*{ALL.format(n=BATCH)}/workers/draws", [], ["here"])
        inner.mean("average_here", f"E(X*g(t + 1, i)) = E(X*{ALL.format(n=BATCH)})/workers/draws", "outcome")
        inner.have("now", claim.split("=> ")[1], [], ["average_here", "whole", "workers_one", "draws_one"])


def _variance(proof: Proof) -> None:
    claim = BATCHES.hypotheses["variance"].replace("sigma^2/b", f"sigma^2/{BATCH}")
    sums = f"sum(j < {{n}}, {AWAY})"
    with proof.fixing("variance", claim, "sign", "known") as inner:
        spread = f"E(X*{sums}^2) <= {{n}}*sigma^2*E(X)"
        with inner.induction("spreads", f"forall n nat: {spread.format(n='n')}") as (zero, following):
            zero.linear("none", f"E(X*{sums.format(n='0')}^2) = 0")
            zero.have("now", spread.format(n="0"), [], ["none"])
            new = AWAY.replace("j", "n")
            cross = f"E(X*{sums}*{new})"
            claim_here = f"forall q nat: q <= n => {cross.format(n='q')} = 0"
            with following.induction("apart", claim_here, "below", hypothesis="sofar") as (first, second):
                first.linear("now", f"{cross.format(n='0')} = 0")
                second.have("earlier", "q <= n", ["below"])
                second.use("rest", "sofar", "earlier")
                second.have("gap", "n - q > 0", ["below"])
                second.have("gap_square", "(q - n)^2 > 0", ["gap*gap"])
                second.use("distinct", "square_is_apart", "gap_square", x="q - n")
                second.use("pair", "uncorrelated", "known", "distinct", X="X", t="t", i="i", j="q", l="n")
                old = AWAY.replace("j", "q")
                parts = f"{cross.format(n='q')} + E(X*{old}*{new})"
                second.linear("more", f"{cross.format(n='q + 1')} = {parts}")
                second.have(
                    "now",
                    f"{cross.format(n='(q + 1)').replace('(q + 1),', 'q + 1,')} = 0",
                    [],
                    ["more", "rest", "pair"],
                )
            following.have("end", "n <= n")
            following.use("none", "apart", "end", q="n")
            later = f"E(X*{sums.format(n='n + 1')}^2)"
            parts = f"E(X*{sums.format(n='n')}^2) + 2*{cross.format(n='n')} + E(X*{new}^2)"
            following.linear("more", f"{later} = {parts}")
            following.use("last", "draw_variance", "sign", "known", X="X", t="t", j="n", i="i")
            goal = spread.format(n="(n + 1)").replace("j < (n + 1)", "j < n + 1")
            following.have("now", goal, ["before", "last"], ["more", "none"])
        inner.use("whole", "spreads", n=BATCH)
        inner.use("here", "mean", t="t", i="i")
        far = f"(g(t + 1, i) - {TRUE})"
        inner.linear("shift", f"{sums.format(n=BATCH)} = {ALL.format(n=BATCH)} - {BATCH}*{TRUE}")
        units = ["here", "shift", "workers_one", "draws_one"]
        inner.have("outcome", f"X*{far}^2 = (1/workers/draws)^2*(X*{sums.format(n=BATCH)}^2)", [], units)
        inner.mean("mean_here", f"E(X*{far}^2) = (1/workers/draws)^2*E(X*{sums.format(n=BATCH)}^2)", "outcome")
        over = "workers_inverse*draws_inverse"
        inner.have("now", claim.split("=> ")[1], [f"whole*{over}*{over}"], ["mean_here", "workers_one", "draws_one"])


def script(proof: Proof) -> None:
    """The mean of uncorrelated draws has their variance over their number; then the bound for a batch."""
    for name in ("workers", "draws"):
        proof.have(f"{name}_positive", f"{name} > 0", [f"some_{name}"])
        inverse(proof, name, name, f"{name}_positive")
    proof.have("more_workers", "workers - 1 >= 0", ["some_workers"])
    proof.have("batch", f"{BATCH} >= 1", ["more_workers*draws_positive", "some_draws"])
    _regrouped(proof)
    _unbiased(proof)
    _variance(proof)
    values = {**own_letters(BATCHES.variables, ("t", "i")), "b": BATCH}
    proof.lemma("rate", CLAIM, BATCHES.theorem, list(BATCHES.hypotheses), values)


def shown(proof: Proof) -> None:
    """As for one batch; the mean of draws of 0 is 0."""
    batches_shown(proof)
    claim = "forall X rand, t nat, j nat, i nat: X >= 0, past(X, t) => E(X*(0 - 0)^2) <= 1^2*E(X)"
    with proof.fixing("draw_variance", claim, "sign", "known") as inner:
        inner.mean("mean", "E(X) >= 0", "sign")
        inner.linear("none", "E(X*(0 - 0)^2) = 0")
        inner.have("now", "E(X*(0 - 0)^2) <= 1^2*E(X)", ["mean"], ["none"])
    with proof.fixing("average", "forall t nat, i nat: 0 = sum(w < 1, sum(l < 1, 0)/1)/1") as inner:
        inner.linear("now", "0 = sum(w < 1, sum(l < 1, 0)/1)/1")


THEOREM = Theorem(
    theorem="workers_speed_adam_up",
    title="Workers speed Adam up",
    says="""Generic Adam's step, as its rule has it, without momentum, from m_0 = 0 and v_0 = e/(N s), which is all
    that there is of an eps, with step size eta/sqrt(T) and beta2 = 1 - h/T, on an L-smooth loss at most gap above its
    infimum. N workers take s draws each; given the past, every draw is an unbiased gradient with a variance of at most
    sigma^2 in every coordinate, and no two are correlated; the gradients of the workers are averaged first. In the
    range where noise dominates, that is where no coordinate of the true gradient has a square above sigma^2/(N s), (E
    |grad f|^(4/3))^(3/2) at a random time after T >= 2 h steps is at most C/sqrt(N s T), C free of N, s and T (both
    sides are squared here, y is |grad f|^(4/3)). The range by itself says d sigma^2/(N s), so that the bound says more
    only for T > N s C^2/(d sigma^2)^2, which is more than 256 d h N s. One worker is a batch of s draws. f(t + 1),
    grad(t + 1) and y(t + 1) are those at theta(t), where the draws of step t + 1 are taken. There is no step 0: f(0) is
    f(1).""",
    sources=["chen2022towards, mini-batch and distributed Adam"],
    variables={
        **{n: s for n, s in BATCHES.variables.items() if n != "b"},
        **{"workers": "nat", "draws": "nat", "sample": "rand(nat, nat, nat)"},
    },
    hypotheses={
        "some_workers": "workers >= 1",
        "some_draws": "draws >= 1",
        **{
            n: s.replace("e/b", f"e/{BATCH}").replace("sigma^2/b", f"sigma^2/{BATCH}")
            for n, s in BATCHES.written.items()
            if n not in ("batch", "unbiased", "variance")
        },
        "average": f"forall t nat, i nat: g(t + 1, i) = {MEAN}",
        "draw_unbiased": f"forall X rand, t nat, j nat, i nat: past(X, t) => E(X*{DRAW}) = E(X*{TRUE})",
        "draw_variance": f"forall X rand, t nat, j nat, i nat: X >= 0, past(X, t) => E(X*{AWAY}^2) <= sigma^2*E(X)",
        "uncorrelated": "forall X rand, t nat, i nat, j nat, l nat: past(X, t), j /= l => "
        f"E(X*{AWAY}*{AWAY.replace('j', 'l')}) = 0",
    },
    definitions=[STEP],
    claims={"rate": CLAIM},
    lemmas=[BATCHES.theorem],
    model={
        **{n: v for n, v in BATCHES.model.items() if n != "b"},
        **{"workers": "1", "draws": "1"},
        "sample": ["t", "j", "i", "0"],
    },
    unproved=(
        "The speed-up of Adam by batches and workers, with momentum and beyond the range where noise "
        "dominates: not proved. The argument takes beta1 = 0, and the second moment, which the gradient "
        "dominates there, no longer falls with the batch size. In the range, more workers speed runs up that are long "
        "enough for their number: for shorter ones the range itself says more than the theorem."
    ),
    script=script,
    shown=shown,
    instances=[
        linear_loss(
            "generic_adam",
            "Generic Adam without momentum, v from 1e-8, two workers",
            {"eta": "rate", "beta1": "beta1", "beta2": "beta2"},
            {
                **LETTERS,
                **{"workers": "2", "draws": "1", "h": "1/2", "eta": "1/4", "sigma": "3", "gap": "60"},
                "e": "workers*draws/100000000",
                "z": Drawn(
                    (("1", "-2", "2", "1"), ("1", "-2", "-2", "-1"), ("-1", "2", "2", "1"), ("-1", "2", "-2", "-1"))
                ),
                "grad": ["t", "i", "2 + 0*z(0, 2 + i)"],
                "sample": ["t", "j", "i", "grad(t, i) + z(t, 2*j + i)"],
                "g": ["t", "i", "(sample(t, 0, i) + sample(t, 1, i))/2"],
            },
            why="torch starts v at 0",
            wrong=("adam@correction=none", "adam@correction=none,second_moment=old"),
            reads=READS,
            weights=("1/4", "1/4", "1/4", "1/4"),
            steps=2,
        )
    ],
)
