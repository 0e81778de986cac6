"""Steps near periodic ones go where these go: an auxiliary fact about trajectories."""

from ..proving.instance import Instance, Run, Table, along
from ..proving.script import Proof
from ..proving.theorem import Theorem

DRIFT, SUMS = "sum(j < n, o(j))", "sum(t < {0}, o(t))"
CLAIM = f"theta(n*k) - theta(0) >= eta*(k*(-{DRIFT}) - potential(0))"


def periods(proof: Proof) -> None:
    """`orbit`: the periodic steps add up to k times those of one period."""
    with proof.fixing("same", "forall k nat, j nat: o(n*k + j) = o(j)") as inner:
        with inner.induction("all", "forall l nat: o(n*l + j) = o(j)") as (zero, following):
            zero.have("now", "o(n*0 + j) = o(j)")
            following.use("back", "again", t="n*l + j")
            following.have("now", "o(n*(l + 1) + j) = o(j)", [], ["back", "before"])
        inner.use("now", "all", l="k")
    with proof.induction("orbit", f"forall k nat: {SUMS.format('n*k')} = k*{DRIFT}") as (zero, following):
        zero.linear("now", f"{SUMS.format('n*0')} = 0*{DRIFT}")
        claim = f"{SUMS.format('n*k + {0}')} = {SUMS.format('n*k')} + sum(j < {{0}}, o(j))"
        with following.induction("parts", f"forall s nat: {claim.format('s')}", hypothesis="sofar") as (first, second):
            first.linear("now", claim.format("0"))
            second.linear("one", f"{SUMS.format('n*k + s + 1')} = {SUMS.format('n*k + s')} + o(n*k + s)")
            second.linear("two", "sum(j < s + 1, o(j)) = sum(j < s, o(j)) + o(s)")
            second.use("here", "same", k="k", j="s")
            second.have("now", claim.format("(s + 1)"), [], ["one", "two", "here", "sofar"])
        following.use("whole", "parts", s="n")
        following.have("now", f"{SUMS.format('n*(k + 1)')} = (k + 1)*{DRIFT}", [], ["whole", "before"])


def script(proof: Proof) -> None:
    """What the potential loses adds up to at most what it was."""
    periods(proof)
    claim = f"theta({{0}}) >= theta(0) - eta*({SUMS} + potential(0) - potential({{0}}))"
    with proof.induction("path", f"forall l nat: {claim.format('l')}") as (zero, following):
        zero.linear("none", f"{SUMS.format('0')} = 0")
        zero.have("now", claim.format("0"), [], ["none"])
        following.use("moved", "step", t="l")
        following.use("near", "spent", t="l")
        following.linear("more", f"{SUMS.format('l + 1')} = {SUMS.format('l')} + o(l)")
        following.have("now", claim.format("(l + 1)"), ["before", "near*rate"], ["moved", "more"])
    with proof.fixing("drift", f"forall k nat: {CLAIM}") as inner:
        inner.use("there", "path", l="n*k")
        inner.use("sums", "orbit", k="k")
        inner.use("sign", "least", t="n*k")
        inner.have("now", CLAIM, ["there", "sign*rate"], ["sums"])


THEOREM = Theorem(
    theorem="steps_near_periodic_ones_follow_their_drift",
    title="Steps near periodic ones follow their drift",
    says="""Let theta move by -eta times move, eta >= 0, where move is at most o, numbers that come again after n steps,
    plus what a potential >= 0 loses in the step. Then theta is after k periods at least as far up as k times what -o
    adds up to in a period, times eta, up to eta times the first potential.""",
    variables={**dict.fromkeys(("theta", "move", "o", "potential"), "real(nat)"), "eta": "real", "n": "nat"},
    hypotheses={
        "rate": "eta >= 0",
        "again": "forall t nat: o(t + n) = o(t)",
        "least": "forall t nat: potential(t) >= 0",
        "spent": "forall t nat: move(t) <= o(t) + potential(t) - potential(t + 1)",
        "step": "forall t nat: theta(t + 1) = theta(t) - eta*move(t)",
    },
    claims={"drift": f"forall k nat: {CLAIM}"},
    model={
        **{"theta": ["t", "t/2"], "move": ["t", "-1/2"], "o": ["t", "-1/2"], "potential": ["t", "1"]},
        **{"eta": "1", "n": "2"},
    },
    script=script,
    instances=[
        Instance(
            "three periods of two steps",
            {
                **{"eta": "1/2", "n": "2"},
                "o": Table(("1", "-2") * 4),
                "potential": Table(("3", "2", "4", "1", "0", "1/2", "1/4")),
                "move": Table(("2", "-4", "3", "-1", "0", "-7/4")),
            },
            naturals={"": 7, "k": 4},
            run=Run("sgd", {"eta": "eta"}, "move(t)", ("1",), 6, {"theta": along("theta")}, torch="SGD"),
            wrong=("sgd@momentum=ema,first=damped",),
        ),
    ],
)
