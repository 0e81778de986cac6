"""Sums of numbers that come again after N + 1 places stay near their mean times the number of places."""

from __future__ import annotations

from ..proving.instance import Instance, Table
from ..proving.script import Proof
from ..proving.theorem import Theorem

PERIOD = "(N + 1)"
MEAN = f"sum(i < {PERIOD}, o(i))/{PERIOD}"


def away(time: str) -> str:
    """How far the sum is behind its mean, before this place."""
    return f"sum(j < {time}, {MEAN} - o(j))"


def around(time: str) -> str:
    """The sum of |away| over the period from here."""
    return f"sum(l < {PERIOD}, abs({away(f'{time} + l')}))"


CLAIM = f"forall t nat: abs({away('t')}) <= {around('0')}"


def script(proof: Proof) -> None:
    """The distance comes again; so its sum over a period stays, and it is one of the terms."""
    proof.use("natural_N", "natural", n="N")
    proof.have("positive", f"{PERIOD} > 0", ["natural_N"])
    proof.use("apart", "positive_is_apart", "positive", x=PERIOD)
    proof.use("unit", "reciprocal", "apart", x=PERIOD)
    claim = f"{away(f'{{0}} + {PERIOD}')} = {away('{0}')}"
    with proof.induction("comes_again", f"forall t nat: {claim.format('t')}") as (zero, following):
        zero.linear("whole", f"{away(f'0 + {PERIOD}')} = {PERIOD}*({MEAN}) - sum(i < {PERIOD}, o(i))")
        zero.linear("none", f"{away('0')} = 0")
        zero.have("now", claim.format("0"), [], ["whole", "none", "unit"])
        following.use("back", "again", t="t")
        late = f"t + {PERIOD}"
        following.linear("one", f"{away(f't + 1 + {PERIOD}')} = {away(late)} + {MEAN} - o({late})")
        following.linear("two", f"{away('t + 1')} = {away('t')} + {MEAN} - o(t)")
        following.have("now", claim.format("t + 1"), [], ["one", "two", "before", "back"])
    with proof.induction("stays", f"forall t nat: {around('t')} = {around('0')}") as (zero, following):
        zero.have("now", f"{around('0')} = {around('0')}")
        _shifted(following, "shift", "t + 1 + l", f"abs({away('t')})", f"abs({away('t + {n}')})")
        following.use("whole", "shift", n=PERIOD)
        following.use("back", "comes_again", t="t")
        following.congruent("size", "back", "abs(hole)")
        equations = [("1", "whole"), ("1", "size"), ("1", "before")]
        following.have("now", f"{around('t + 1')} = {around('0')}", [], equations)
    with proof.fixing("near", CLAIM) as inner:
        inner.use("whole", "stays", t="t")
        with inner.fixing("each", f"forall l nat: abs({away('t + 1 + l')}) >= 0") as here:
            here.use("up", "absolute_above", x=away("t + 1 + l"))
            here.use("down", "absolute_below", x=away("t + 1 + l"))
            here.have("sign", f"abs({away('t + 1 + l')}) >= 0", ["up", "down"])
        inner.add("rest", f"sum(l < N, abs({away('t + 1 + l')})) >= 0", "each", "N")
        _shifted(inner, "split", "t + 1 + l", f"abs({away('t')})", f"abs({away('t + {n}')})")
        inner.use("parts", "split", n="N")
        inner.linear("last", f"{around('t')} = sum(l < N, abs({away('t + l')})) + abs({away('t + N')})")
        inner.have("now", CLAIM.split(": ")[1], ["rest"], ["last", ("1", "parts"), ("1", "whole")])


def _shifted(proof: Proof, name: str, inside: str, first: str, last: str) -> None:
    """The sum from one later on, and the first term, are the sum from here on, and the last term."""
    left, right = f"sum(l < {{n}}, abs({away(inside)}))", f"sum(l < {{n}}, abs({away('t + l')}))"
    claim = f"{left} + {first} = {right} + {last}"
    with proof.induction(name, f"forall n nat: {claim.format(n='n')}", hypothesis="sofar") as (zero, following):
        zero.linear("now", claim.format(n="0"))
        for side, total, place in (("left", left, inside), ("right", right, "t + l")):
            term = away(place.replace("+ l", "+ n"))
            following.linear(side, f"{total.format(n='n + 1')} = {total.format(n='n')} + abs({term})")
        said = f"{left.format(n='n + 1')} + {first} = {right.format(n='n + 1')} + {last.format(n='(n + 1)')}"
        following.have("now", said, [], ["left", "right", "sofar"])


THEOREM = Theorem(
    theorem="sums_of_periodic_numbers_stay_near_their_mean",
    title="Sums of periodic numbers stay near their mean",
    says="""If numbers o(t) come again after N + 1 places, the sum of the first t of them differs from t times their
    mean over a period by at most the sum of these differences over the first period, for every t.""",
    variables={"o": "real(nat)", "N": "nat"},
    hypotheses={"again": f"forall t nat: o(t + {PERIOD}) = o(t)"},
    claims={"near": CLAIM},
    model={"o": ["t", "1"], "N": "2"},
    script=script,
    instances=[
        Instance("four numbers, three times", {"N": "3", "o": Table(("2", "-1/2", "0", "5/3") * 3)}, naturals={"": 12}),
    ],
)
