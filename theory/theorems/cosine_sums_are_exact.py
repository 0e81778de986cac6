"""Sums of cosines and of their squares over half a turn (Umeda & Iiduka 2024, scheduler (i), cosine step sizes)."""

from ..proving.instance import Instance, Table
from ..proving.script import Proof
from ..proving.theorem import Theorem

TURN = {
    "first": "c(0) = 1",
    "recurrence": "forall n nat: n <= N => c(n + 2) = 2*c(1)*c(n + 1) - c(n)",
    "half": "c(N + 1) = -1",
    "after": "c(N + 2) = -c(1)",
    "slow": "c(1) < 1",
}
"""c(n) is the cosine of n/(N + 1) of half a turn (or of an odd multiple of that)."""


def script(proof: Proof) -> None:
    """The recurrence telescopes; its invariant makes twice the square less 1 telescope likewise."""
    _cosines(proof)
    _squares(proof)


def _cosines(proof: Proof) -> None:
    proof.have("now", "N <= N")
    proof.use("end", "recurrence", "now", n="N")
    proof.have("before_half", "c(N) = -c(1)", (), [("1", "end"), ("1", "after"), ("2*c(1)", "half")])
    line = "2*(1 - c(1))*sum(e < {n} + 1, c(e)) = 1 - c(1) + c({n}) - c({n} + 1)"
    with proof.induction("telescope", "forall n nat: n <= N => " + line.format(n="n"), "time") as (zero, following):
        zero.linear("one", "sum(e < 0 + 1, c(e)) = c(0)")
        zero.have("start", line.format(n="0"), (), ["one", "first"])
        following.linear("more", "sum(e < n + 1 + 1, c(e)) = sum(e < n + 1, c(e)) + c(n + 1)")
        _step(following)
        following.have("next", line.format(n="(n + 1)"), (), ["more", "turn", ("1", "known")])
    proof.use("whole", "telescope", "now", n="N")
    proof.have("positive", "1 - c(1) > 0", ["slow"])
    proof.use("apart", "positive_is_apart", "positive", x="1 - c(1)")
    proof.use("unit", "reciprocal", "apart", x="1 - c(1)")
    proof.have("cosines", "sum(e < N + 1, c(e)) = 1", (), [("1/2/(1 - c(1))", "whole"), "before_half", "half", "unit"])


def _step(proof: Proof) -> None:
    """The recurrence and what was shown before, at a time up to N."""
    proof.have("earlier", "n <= N", ["time"])
    proof.use("turn", "recurrence", "earlier", n="n")
    proof.use("known", "before", "earlier")


def _squares(proof: Proof) -> None:
    invariant = "c(n + 1)^2 + c(n)^2 - 2*c(1)*c(n)*c(n + 1) = 1 - c(1)^2"
    with proof.induction("invariant", f"forall n nat: n <= N => {invariant}", "time") as (zero, following):
        zero.have("start", invariant.replace("n + 1", "0 + 1").replace("(n)", "(0)"), (), ["first"])
        _step(following)
        next_one = "c(n + 1 + 1)^2 + c(n + 1)^2 - 2*c(1)*c(n + 1)*c(n + 1 + 1) = 1 - c(1)^2"
        following.have("next", next_one, (), ["turn", "known@c(n)^2"])
    line = "2*(1 - c(1)^2)*(2*sum(e < {n} + 1, c(e)^2) - {n} - 1) = 1 - c(1)^2 + c({n})^2 - c({n} + 1)^2"
    with proof.induction("squares", "forall n nat: n <= N => " + line.format(n="n"), "time") as (zero, following):
        zero.linear("one", "sum(e < 0 + 1, c(e)^2) = c(0)^2")
        zero.have("start", line.format(n="0"), (), ["one", "first"])
        following.linear("more", "sum(e < n + 1 + 1, c(e)^2) = sum(e < n + 1, c(e)^2) + c(n + 1)^2")
        _step(following)
        following.use("kept", "invariant", "earlier", n="n")
        following.have(
            "next", line.format(n="(n + 1)"), (), ["more", "turn", ("1", "known"), ("1", "kept"), ("2", "kept")]
        )
    proof.use("all_squares", "squares", "now", n="N")
    with proof.fixing("halves", "c(1)^2 < 1 => sum(e < N + 1, c(e)^2) = (N + 1)/2", "turning") as inner:
        inner.have("turns", "1 - c(1)^2 > 0", ["turning"])
        inner.use("far", "positive_is_apart", "turns", x="1 - c(1)^2")
        inner.use("one", "reciprocal", "far", x="1 - c(1)^2")
        inner.have(
            "here",
            "sum(e < N + 1, c(e)^2) = (N + 1)/2",
            (),
            [("1/4/(1 - c(1)^2)", "all_squares"), "before_half", "half", "one"],
        )


COSINES = "1 - n + n*(n - 1)*(n - 2)/3"
"""1, 0, -1, 0 at 0, 1, 2, 3."""


def shown(proof: Proof) -> None:
    """The recurrence up to 1, by counting: there is no third time."""
    value = {n: COSINES.replace("n", f"({n})") for n in ("0", "1", "n", "n + 1", "n + 2", "n + 3", "n + 4")}
    line = "{two} = 2*({first})*({one}) - ({here})"

    def at(*times: str) -> str:
        here, one, two = (value[time] for time in times)
        return line.format(here=here, one=one, two=two, first=value["1"])

    with proof.induction("from_one_on", f"forall n nat: n + 1 <= 1 => {at('n + 1', 'n + 2', 'n + 3')}", "time") as two:
        two[0].have("here", f"{at('n + 1', 'n + 2', 'n + 3')}".replace("n", "0"))
        last = two[1]
        last.use("natural_n", "natural", n="n")
        last.linear("empty", "sum(i < 0, 1) = 0")
        last.have("impossible", "sum(i < 0, 1) > 0", ["time", "natural_n"], ["empty"])
        last.use("apart", "positive_is_apart", "impossible", x="sum(i < 0, 1)")
        last.use("unit", "reciprocal", "apart", x="sum(i < 0, 1)")
        wrong = at("n + 2", "n + 3", "n + 4")
        left, right = wrong.split(" = ")
        last.have("here", wrong, (), [(f"(({right}) - ({left}))/1", "unit"), "empty"])
    with proof.induction("recurrence", f"forall n nat: n <= 1 => {at('n', 'n + 1', 'n + 2')}", "time") as two:
        two[0].have("here", at("n", "n + 1", "n + 2").replace("n", "0"))
        two[1].use("here", "from_one_on", "time", n="n")


THEOREM = Theorem(
    theorem="cosine_sums_are_exact",
    title="Sums of cosines over half a turn",
    says="""Let c(n) be the cosine of n/(N + 1) of half a turn, given by its recurrence and its ends (which any odd
    number of half turns has as well). The sum of c(0), ..., c(N) is 1; the sum of the squares is (N + 1)/2 where N > 0,
    that is c(1)^2 < 1.""",
    sources=["umeda2024increasing, scheduler (i)"],
    variables={"N": "nat", "c": "real(nat)"},
    hypotheses=TURN,
    claims={
        "cosines": "sum(e < N + 1, c(e)) = 1",
        "squares": "c(1)^2 < 1 => sum(e < N + 1, c(e)^2) = (N + 1)/2",
    },
    model={"N": "1", "c": ["n", COSINES]},
    script=script,
    shown=shown,
    instances=[
        Instance(
            "a half turn in three steps",
            {"N": "2", "c": Table(("1", "1/2", "-1/2", "-1", "-1/2"))},
            naturals={"": 3},
        )
    ],
)
