"""The share of its own step that MoMo's rule takes, as the rule computes it, gives the step size of Lemma 3.1."""

from ..proving.instance import Drawn, Instance
from ..proving.momo_value import SHARE
from ..proving.positive import inverse
from ..proving.script import Proof
from ..proving.theorem import Theorem

ABOVE, LESS = "max(0, N)", "0 - min(q, r)"
CUT, WANTED = SHARE.format(q="q", r="r"), "min(cap, max(0, N)/Q)"


def script(proof: Proof) -> None:
    """Where Q or the cap is 0, both sides are; elsewhere by the sign of N, and by whether N/Q is above the cap."""
    inverse(proof, "A", "A", "A_positive")
    claim = CLAIMS["scaled"]
    with proof.cases("scaled", claim, on="0 - Q", assume="flat") as (none, some):
        none.have("Q_most", "Q <= 0", ["flat"])
        none.use("Q_zero", "zero_of_both_signs", "Q_nonnegative", "Q_most", x="Q")
        none.have("now", claim, [], ["Q_zero"])
        some.have("Q_positive", "Q > 0", ["flat"])
        inverse(some, "Q", "Q", "Q_positive")
        with some.cases("size", f"cap*{CUT} = {WANTED}", on="0 - cap", assume="capped") as (still, moving):
            at_rest(still)
            moving.have("cap_positive", "cap > 0", ["capped"])
            positive(moving)
        some.have("now", claim, [], [("Q", "size")])
    with proof.fixing("size", CLAIMS["size"], "Q_positive") as inner:
        inverse(inner, "Q", "Q", "Q_positive")
        inner.have("now", f"cap*{CUT} = {WANTED}", [], [("1/Q", "scaled"), (f"{WANTED} - cap*{CUT}", "Q_one")])


def at_rest(proof: Proof) -> None:
    """A cap of 0: the smaller of 0 and max(0, N)/Q is 0."""
    proof.have("cap_most", "cap <= 0", ["capped"])
    proof.use("cap_zero", "zero_of_both_signs", "cap_nonnegative", "cap_most", x="cap")
    proof.use("above", "absolute_above", x="0 - N")
    proof.have("part", f"{ABOVE} >= 0", ["above"])
    claim, between = f"cap*{CUT} = {WANTED}", f"cap - {ABOVE}/Q"
    with proof.cases("size", claim, on=between, assume="room") as (equal, less):
        equal.use("least", "absolute_of_nonnegative", "room", x=between)
        equal.have("most", f"{between} <= 0", ["part*Q_inverse"], ["cap_zero"])
        equal.use("zero", "zero_of_both_signs", "room", "most", x=between)
        equal.have("size", claim, [], ["least", ("1", "zero"), "cap_zero"])
        less.use("least", "absolute_of_negative", "room", x=between)
        less.have("size", claim, [], ["least", "cap_zero"])


def positive(proof: Proof) -> None:
    """`size` for a cap and a Q above 0."""
    proof.have("q_positive", "q > 0", ["cap_positive*Q_positive*A_inverse"], ["length"])
    inverse(proof, "q", "q", "q_positive")
    proof.have("q_sign", "q - 0 >= 0", ["q_positive"])
    proof.use("q_size", "absolute_of_nonnegative", "q_sign", x="q - 0")
    chain = [("1/Q", "q_one"), ("cap/A/q", "Q_one"), ("-1/Q/q", "length")]
    proof.have("over", "cap/A/q = 1/Q", [], chain)
    claim = f"cap*{CUT} = {WANTED}"
    with proof.cases("size", claim, on="0 - N", assume="low") as (down, up):
        up.use("N_size", "absolute_of_negative", "low", x="0 - N")
        between = f"cap - {ABOVE}/Q"
        with up.cases("size", claim, on=between, assume="room") as (part, whole):
            part.use("least", "absolute_of_nonnegative", "room", x=between)
            products = ["room*Q_positive*A_inverse"]
            part.have("more", "q - r >= 0", products, ["length", "height", "N_size", "Q_one"])
            part.use("less", "absolute_of_nonnegative", "more", x="q - r")
            part.have("sign", f"{LESS} < 0", ["low*A_inverse"], ["less", "height"])
            part.use("taken", "absolute_of_negative", "sign", x=LESS)
            chain = ["least", "N_size", "q_size", "taken", "less", "q_one", "height", ("N", "over")]
            part.have("size", claim, [], chain)
            whole.use("least", "absolute_of_negative", "room", x=between)
            whole.have("more", "q - r < 0", products, ["length", "height", "N_size", "Q_one"])
            whole.use("less", "absolute_of_negative", "more", x="q - r")
            whole.have("sign", f"{LESS} < 0", ["q_positive"], ["less"])
            whole.use("taken", "absolute_of_negative", "sign", x=LESS)
            chain = ["least", "q_size", "taken", "less", ("cap*(q/q + 1)", "q_one")]
            whole.have("size", claim, [], chain)
        down.use("N_size", "absolute_of_nonnegative", "low", x="0 - N")
        down.have("room", f"cap - {ABOVE}/Q >= 0", ["cap_positive"], ["N_size"])
        down.use("least", "absolute_of_nonnegative", "room", x=f"cap - {ABOVE}/Q")
        down.have("more", "q - r >= 0", ["q_positive", "low*A_inverse"], ["height"])
        down.use("less", "absolute_of_nonnegative", "more", x="q - r")
        down.have("sign", f"{LESS} >= 0", ["low*A_inverse"], ["less", "height"])
        down.use("taken", "absolute_of_nonnegative", "sign", x=LESS)
        down.have("size", claim, [], ["least", "N_size", "taken"])


CLAIMS = {"scaled": f"Q*(cap*{CUT}) = Q*{WANTED}", "size": f"Q > 0 => cap*{CUT} = {WANTED}"}
THEOREM = Theorem(
    theorem="momo_share_gives_its_step_size",
    title="MoMo's share gives its step size",
    says="""Of its own step, of length q, MoMo takes the share clip(r/q, 0, 1), r the height of its model above the
    bound. With q = cap Q/A and r = N/A this share of the cap is the step size min(cap, max(0, N)/Q) where Q > 0; times
    Q both are the same everywhere.""",
    sources=["schaipp2024momo, Lemma 3.1"],
    variables=dict.fromkeys(("cap", "A", "N", "Q", "q", "r"), "rand"),
    hypotheses={
        "cap_nonnegative": "cap >= 0",
        "A_positive": "A > 0",
        "Q_nonnegative": "Q >= 0",
        "length": "q = cap*Q/A",
        "height": "r = N/A",
    },
    claims=CLAIMS,
    model={"cap": "1", "A": "2", "N": "3", "Q": "4", "q": "2", "r": "3/2"},
    script=script,
    instances=[
        Instance(
            "below the bound, above it, and at the cap",
            {
                "cap": Drawn(("1/2", "3/2", "1/4", "0"), draw=1),
                "A": Drawn(("3/2", "1", "5/4", "2"), draw=1),
                "N": Drawn(("-1", "2/3", "7", "1"), draw=1),
                "Q": Drawn(("2", "4/3", "5", "1/3"), draw=1),
                **{"q": "cap*Q/A", "r": "N/A"},
            },
            ("1/4", "1/8", "1/8", "1/2"),
            draws=1,
        ),
        Instance(
            "an average of gradients that is 0 on one outcome",
            {
                "cap": "3/4",
                "A": "8/5",
                "N": Drawn(("2", "-1/3"), draw=1),
                "Q": Drawn(("0", "1/2"), draw=1),
                **{"q": "cap*Q/A", "r": "N/A"},
            },
            ("1/3", "2/3"),
            draws=1,
        ),
    ],
)
