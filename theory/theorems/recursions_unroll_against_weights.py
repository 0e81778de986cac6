"""Generic Adam, lemma D: a recursion unrolled, the sums exchanged (Chen et al. 2022)."""

from ..proving.script import Proof
from ..proving.theorem import Theorem
from .orders_on_every_outcome import CLAIMS as ORDERS

POSITIVE, NEXT = "(x(n) + abs(x(n)))/2", "(x(n + 1) + abs(x(n + 1)))/2"
PARTS = "sum(t < n, K(t + 1)*(x(t + 1) + abs(x(t + 1)))/2)"
CLAIM = f"forall n nat: n <= T => {PARTS} + rho(n + 1)*H(n + 1)*{POSITIVE} <= sum(t < n, H(t + 1)*y(t + 1))"


def _positive_part(proof: Proof, name: str, x: str) -> None:
    proof.use(f"{name}_above", "absolute_above", x=x)
    proof.use(f"{name}_below", "absolute_below", x=x)
    proof.have(f"{name}_part", f"({x} + abs({x}))/2 >= 0", [f"{name}_below"])


def script(proof: Proof) -> None:
    """The positive part of x obeys the same recursion; what is left after n steps is rho H max(x, 0)."""
    proof.lemma("from_squares", ORDERS["from_squares"], "orders_on_every_outcome", [], {})
    with proof.induction("unrolled", CLAIM, "within") as (zero, following):
        zero.have("sign", "-x(0) >= 0", ["first"])
        zero.use("size", "absolute_squared", x="x(0)")
        zero.have("squares", "abs(x(0))^2 <= (-x(0))^2", (), ["size"])
        zero.use("order", "from_squares", "sign", "squares", Y="abs(x(0))", Z="-x(0)")
        zero.use("rho", "rho_sign", t="0")
        zero.use("H", "H_sign", t="0 + 1")
        zero.linear("left", "sum(t < 0, K(t + 1)*(x(t + 1) + abs(x(t + 1)))/2) = 0")
        zero.linear("right", "sum(t < 0, H(t + 1)*y(t + 1)) = 0")
        start = CLAIM.split(" => ")[1].replace("(n", "(0").replace("< n,", "< 0,")
        zero.have("start", start, ["order*rho*H"], ["left", "right"])
        following.have("earlier", "n <= T", ["within"])
        following.use("now", "before", "earlier")
        following.use("step", "recursion", t="n")
        following.use("weight", "backward", "within", t="n")
        following.use("H", "H_sign", t="n + 1")
        following.use("y", "y_sign", t="n")
        following.use("rho", "rho_sign", t="n")
        _positive_part(following, "old", "x(n)")
        _positive_part(following, "new", "x(n + 1)")
        with following.cases("part", f"{NEXT} <= rho(n + 1)*{POSITIVE} + y(n + 1)", on="x(n + 1)") as (above, below):
            above.use("plain", "absolute_of_nonnegative", "case", x="x(n + 1)")
            above.have("done", f"{NEXT} <= rho(n + 1)*{POSITIVE} + y(n + 1)", ["step", "rho*old_above"], ["plain"])
            below.use("turned", "absolute_of_negative", "case", x="x(n + 1)")
            below.have("done", f"{NEXT} <= rho(n + 1)*{POSITIVE} + y(n + 1)", ["y", "rho*old_part"], ["turned"])
        following.linear("left", f"{PARTS.replace('< n,', '< n + 1,')} = {PARTS} + K(n + 1)*{NEXT}")
        sums = "sum(t < n, H(t + 1)*y(t + 1))"
        following.linear("right", f"{sums.replace('< n,', '< n + 1,')} = {sums} + H(n + 1)*y(n + 1)")
        goal = f"{PARTS.replace('< n,', '< n + 1,')} + rho(n + 2)*H(n + 2)*{NEXT} <= {sums.replace('< n,', '< n + 1,')}"
        following.have("next", goal, ["now", "weight*new_part", "H*part"], ["left", "right"])
    proof.have("whole", "T <= T")
    proof.use("all", "unrolled", "whole", n="T")
    with proof.fixing("terms", "forall t nat: K(t + 1)*(x(t + 1) + abs(x(t + 1)))/2 >= K(t + 1)*x(t + 1)") as fixed:
        fixed.use("weight", "K_sign", t="t")
        fixed.use("above", "absolute_above", x="x(t + 1)")
        fixed.have("term", "K(t + 1)*(x(t + 1) + abs(x(t + 1)))/2 >= K(t + 1)*x(t + 1)", ["weight*above"])
    whole = PARTS.replace("< n,", "< T,")
    proof.add("smaller", f"{whole} >= sum(t < T, K(t + 1)*x(t + 1))", "terms", "T")
    proof.use("rho_last", "rho_sign", t="T")
    proof.use("H_last", "H_sign", t="T + 1")
    _positive_part(proof, "last", "x(T)")
    proof.have(
        "bound",
        "sum(t < T, K(t + 1)*x(t + 1)) <= sum(t < T, H(t + 1)*y(t + 1))",
        ["all", "smaller", "rho_last*H_last*last_part"],
    )


THEOREM = Theorem(
    theorem="recursions_unroll_against_weights",
    title="A recursion unrolled against weights",
    says="""If x_t <= rho_t x_(t-1) + y_t with x_0 <= 0, rho >= 0 and y >= 0, and H >= 0 has
    H_t >= K_t + rho_(t+1) H_(t+1), then the sum of K_t x_t up to T is at most that of H_t y_t.""",
    sources=["chen2022towards, the proof of the main theorem"],
    variables={"T": "nat", **{name: "real(nat)" for name in ("x", "y", "rho", "K", "H")}},
    hypotheses={
        "first": "x(0) <= 0",
        "rho_sign": "forall t nat: rho(t + 1) >= 0",
        "y_sign": "forall t nat: y(t + 1) >= 0",
        "K_sign": "forall t nat: K(t + 1) >= 0",
        "H_sign": "forall t nat: H(t) >= 0",
        "recursion": "forall t nat: x(t + 1) <= rho(t + 1)*x(t) + y(t + 1)",
        "backward": "forall t nat: t + 1 <= T => H(t + 1) >= K(t + 1) + rho(t + 2)*H(t + 2)",
    },
    claims={"bound": "sum(t < T, K(t + 1)*x(t + 1)) <= sum(t < T, H(t + 1)*y(t + 1))"},
    lemmas=["orders_on_every_outcome"],
    model={"T": "5", "x": ["t", "0"], "y": ["t", "1"], "rho": ["t", "1/2"], "K": ["t", "1"], "H": ["t", "2"]},
    script=script,
)
