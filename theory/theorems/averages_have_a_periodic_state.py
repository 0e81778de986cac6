"""The exponential average of numbers that come again has a periodic state: an explicit one."""

from ..proving.instance import Instance, Recursion, Run, Table, along
from ..proving.positive import inverse
from ..proving.script import Proof
from ..proving.theorem import Theorem
from .adam_moments_obey_cauchy_schwarz import averages_of_ones
from .powers_of_a_fraction import HALVES

PERIOD = "(N + 1)"
STATE = f"(u(t + {PERIOD}) - p({PERIOD})*u(t))/(1 - p({PERIOD}))"


def script(proof: Proof) -> None:
    """u(t + k) = p(k) u(t) + what the k numbers since t give; these come again, and so does what they give."""
    proof.have("most_weak", "b <= 1", ["most"])
    premises, values = ["least", "most_weak", "p_start", "p_next"], {"b": "b", "p": ["i", "p(i)"]}
    proof.lemma("later", "forall t nat: p(t + 1) <= b", "powers_of_a_fraction", premises, values)
    proof.use("power", "later", t="N")
    proof.have("room", f"1 - p({PERIOD}) > 0", ["power", "most"])
    inverse(proof, "room", f"1 - p({PERIOD})", "room")
    with proof.fixing("next", THEOREM.claims["next"]) as inner:
        for name, time in (("here", "t"), ("there", "t + 1")):
            inner.use(name, "state", t=time)
        inner.use("one", "u_next", t="t")
        inner.use("far", "u_next", t=f"t + {PERIOD}")
        inner.use("back", "again", t="t")
        rest = [("(1 - b)*g(t + 1)", "room_one")]
        inner.have("now", THEOREM.claims["next"].split(": ")[1], [], ["here", "there", "one", "far", "back", *rest])
    ahead = f"u(k + {PERIOD}) = p(k)*u({PERIOD}) + u(k)"
    with proof.induction("ahead", f"forall k nat: {ahead}") as (zero, following):
        zero.have("now", ahead.replace("(k", "(0"), [], ["p_start", "u_start"])
        following.use("power_next", "p_next", i="k")
        following.use("one", "u_next", t="k")
        following.use("far", "u_next", t=f"k + {PERIOD}")
        following.use("back", "again", t="k")
        known = ["power_next", "one", "far", "back", ("b", "before")]
        following.have("now", ahead.replace("(k", "(k + 1"), [], known)
    with proof.induction("comes_again", THEOREM.claims["comes_again"]) as (zero, following):
        zero.use("here", "state", t="0")
        zero.use("there", "state", t=PERIOD)
        zero.use("twice", "ahead", k=PERIOD)
        zero.have("now", f"M(0 + {PERIOD}) = M(0)", [], ["here", "there", "twice", "u_start"])
        following.use("one", "next", t="t")
        following.use("far", "next", t=f"t + {PERIOD}")
        following.use("back", "again", t="t")
        following.have("now", f"M(t + 1 + {PERIOD}) = M(t + 1)", [], ["one", "far", "back", "before"])
    proof.have("rest", "1 - b >= 0", ["most"])
    for name, sign, size in (("low", ">=", "bottom"), ("high", "<=", "top")):
        with proof.fixing(name, THEOREM.claims[name]) as inner:
            given = f"u(t + {{0}}) - p({{0}})*u(t) {sign} (1 - p({{0}}))*{size}"
            with inner.induction("all", f"forall k nat: {given.format('k')}") as (zero, following):
                zero.have("now", given.format("0"), [], ["p_start"])
                following.use("power_next", "p_next", i="k")
                following.use("far", "u_next", t="t + k")
                following.use("size", f"g_{name}", t="t + k")
                rows = ["before*least", "size*rest"]
                following.have("now", given.format("(k + 1)"), rows, ["power_next", "far"])
            inner.use("whole", "all", k=PERIOD)
            inner.use("here", "state", t="t")
            inner.have("now", f"M(t) {sign} {size}", ["whole*room_inverse"], ["here", "room_one"])


def shown(proof: Proof) -> None:
    """All numbers are 1: the average is 1 - 1/2^t, and its periodic state 1."""
    averages_of_ones(proof)
    proof.have("start", f"1 - {HALVES.replace('i', '0')} = 0", [], ["halves_start"])
    state_of_ones(proof)


def state_of_ones(proof: Proof) -> None:
    """The periodic state is 1."""
    last, here = (HALVES.replace("i", time) for time in ("(0 + 1)", "t"))
    proof.use("half_now", "halves", i="0")
    proof.have("room", f"1 - {last} > 0", [], ["half_now", "halves_start"])
    inverse(proof, "room", f"1 - {last}", "room")
    said = f"1 = (1 - {HALVES.replace('i', '(t + (0 + 1))')} - {last}*(1 - {here}))/(1 - {last})"
    with proof.fixing("state", f"forall t nat: {said}") as inner:
        inner.use("next", "exp_of_sum", x="t*log(1/2)", y="log(1/2)")
        inner.have("now", said, [], ["next", "room_one"])


THEOREM = Theorem(
    theorem="averages_have_a_periodic_state",
    title="Averages have a periodic state",
    says="""If g(1), g(2), .. come again after n = N + 1 places, then the exponential average u of them from 0 has the
    periodic state M(t) = (u(t + n) - b^n u(t))/(1 - b^n): it is an exponential average of g as well, comes again after
    n places, and lies between bounds of g. p(t) is b^t.""",
    variables={"b": "real", "N": "nat", "bottom": "real", "top": "real", **dict.fromkeys("gupM", "real(nat)")},
    hypotheses={
        "least": "b >= 0",
        "most": "b < 1",
        "p_start": "p(0) = 1",
        "p_next": "forall i nat: p(i + 1) = b*p(i)",
        "again": f"forall t nat: g(t + {PERIOD} + 1) = g(t + 1)",
        "u_start": "u(0) = 0",
        "u_next": "forall t nat: u(t + 1) = b*u(t) + (1 - b)*g(t + 1)",
        "state": f"forall t nat: M(t) = {STATE}",
        "g_low": "forall t nat: g(t + 1) >= bottom",
        "g_high": "forall t nat: g(t + 1) <= top",
    },
    claims={
        "next": "forall t nat: M(t + 1) = b*M(t) + (1 - b)*g(t + 1)",
        "comes_again": f"forall t nat: M(t + {PERIOD}) = M(t)",
        "low": "forall t nat: M(t) >= bottom",
        "high": "forall t nat: M(t) <= top",
    },
    lemmas=["powers_of_a_fraction"],
    model={
        **{"b": "1/2", "N": "0", "bottom": "0", "top": "2", "g": ["t", "1"], "M": ["t", "1"]},
        **{"p": ["i", HALVES], "u": ["t", f"1 - {HALVES.replace('i', 't')}"]},
    },
    script=script,
    shown=shown,
    instances=[
        Instance(
            "Adam's first moment of three gradients that come again",
            {
                **{"b": "2/3", "N": "2", "bottom": "-1", "top": "5/2"},
                "g": Table(("0", *("2", "-1", "1/2") * 4)),
                "p": Recursion(("i",), "1", "b*p(i)"),
                "M": ["t", STATE],
            },
            naturals={"": 7},
            run=Run("adam", {"beta1": "b"}, "g(t + 1)", ("1",), 12, {"u": along("m")}, torch="Adam"),
        )
    ],
)
