"""Generic Adam, lemma D: a recursion unrolled, the sums exchanged (Chen et al. 2022)."""

from ..proving.instance import Instance, Recursion, Table
from ..proving.script import Proof
from ..proving.theorem import Theorem
from .orders_on_every_outcome import CLAIMS as ORDERS

POSITIVE, LATER, WHOLE = (f"({x} + abs({x}))/2" for x in ("x(n)", "x(n + 1)", "(x(n + 1) + N(n))"))
LEFT, RIGHT = "sum(t < n, K(t)*(x(t + 1) + N(t)))", "sum(t < n, H(t)*y(t))"
CLAIM = f"forall n nat: n <= T => {LEFT} + rho(n)*H(n)*{POSITIVE} <= {RIGHT}"


def _sizes(proof: Proof, name: str, x: str) -> None:
    proof.use(f"{name}_above", "absolute_above", x=x)
    proof.use(f"{name}_below", "absolute_below", x=x)
    proof.have(f"{name}_part", f"({x} + abs({x}))/2 >= 0", [f"{name}_below"])


def script(proof: Proof) -> None:
    """The positive part of x + N obeys the same recursion; what is left after n steps is rho H max(x, 0)."""
    proof.lemma("from_squares", ORDERS["from_squares"], "orders_on_every_outcome", [], {})
    with proof.induction("unrolled", CLAIM, "within") as (zero, following):
        zero.have("sign", "-x(0) >= 0", ["first"])
        zero.use("size", "absolute_squared", x="x(0)")
        zero.have("squares", "abs(x(0))^2 <= (-x(0))^2", (), ["size"])
        zero.use("order", "from_squares", "sign", "squares", Y="abs(x(0))", Z="-x(0)")
        zero.use("rho", "rho_sign", t="0")
        zero.use("H", "H_sign", t="0")
        zero.linear("left", LEFT.replace("< n,", "< 0,") + " = 0")
        zero.linear("right", RIGHT.replace("< n,", "< 0,") + " = 0")
        start = CLAIM.split(" => ")[1].replace("(n)", "(0)").replace("< n,", "< 0,")
        zero.have("start", start, ["order*rho*H"], ["left", "right"])
        _next(following)
    proof.have("whole", "T <= T")
    proof.use("all", "unrolled", "whole", n="T")
    proof.use("rho_last", "rho_sign", t="T")
    proof.use("H_last", "H_sign", t="T")
    _sizes(proof, "last", "x(T)")
    claim = f"{LEFT} <= {RIGHT}".replace("< n,", "< T,")
    proof.have("bound", claim, ["all", "rho_last*H_last*last_part"])


def _next(proof: Proof) -> None:
    proof.have("earlier", "n <= T", ["within"])
    proof.use("now", "before", "earlier")
    proof.use("step", "recursion", t="n")
    proof.use("weight", "backward", "within", t="n")
    for name in ("H", "y", "rho", "K", "N"):
        proof.use(name, f"{name}_sign", t="n")
    proof.use("rho_later", "rho_sign", t="n + 1")
    proof.use("H_later", "H_sign", t="n + 1")
    _sizes(proof, "old", "x(n)")
    _sizes(proof, "whole", "(x(n + 1) + N(n))")
    with proof.cases("part", f"{WHOLE} <= rho(n)*{POSITIVE} + y(n)", on="x(n + 1) + N(n)") as (above, below):
        above.use("plain", "absolute_of_nonnegative", "case", x="x(n + 1) + N(n)")
        above.have("done", f"{WHOLE} <= rho(n)*{POSITIVE} + y(n)", ["step", "rho*old_above"], ["plain"])
        below.use("turned", "absolute_of_negative", "case", x="x(n + 1) + N(n)")
        below.have("done", f"{WHOLE} <= rho(n)*{POSITIVE} + y(n)", ["y", "rho*old_part"], ["turned"])
    with proof.cases("smaller", f"{LATER} <= {WHOLE}", on="x(n + 1)") as (above, below):
        above.use("plain", "absolute_of_nonnegative", "case", x="x(n + 1)")
        above.have("done", f"{LATER} <= {WHOLE}", ["N", "whole_above"], ["plain"])
        below.use("turned", "absolute_of_negative", "case", x="x(n + 1)")
        below.have("done", f"{LATER} <= {WHOLE}", ["whole_part"], ["turned"])
    left, right = (side.replace("< n,", "< n + 1,") for side in (LEFT, RIGHT))
    proof.linear("left", f"{left} = {LEFT} + K(n)*(x(n + 1) + N(n))")
    proof.linear("right", f"{right} = {RIGHT} + H(n)*y(n)")
    products = ["now", "weight*whole_part", "H*part", "K*whole_above", "rho_later*H_later*smaller"]
    proof.have("next", f"{left} + rho(n + 1)*H(n + 1)*{LATER} <= {right}", products, ["left", "right"])


def shown(proof: Proof) -> None:
    """y of the model is positive, and x obeys the recursion."""
    with proof.fixing("y", "forall t nat: t + 2 >= 0") as fixed:
        fixed.use("sign", "natural", n="t")
        fixed.have("done", "t + 2 >= 0", ["sign"])
    with proof.fixing("recursion", "forall t nat: t + 1 + 1 <= 1/2*t + (t + 2)") as fixed:
        fixed.use("sign", "natural", n="t")
        fixed.have("done", "t + 1 + 1 <= 1/2*t + (t + 2)", ["sign"])


THEOREM = Theorem(
    theorem="recursions_unroll_against_weights",
    title="A recursion unrolled against weights",
    says="""If x_(t+1) + N_t <= rho_t x_t + y_t for all t with x_0 <= 0 and rho, N, y, K >= 0, and H >= 0 has H_t >= K_t
    + rho_(t+1) H_(t+1) for t < T, then the sum of K_t (x_(t+1) + N_t) over t < T is at most that of H_t y_t.""",
    sources=["chen2022towards, the proof of the main theorem"],
    variables={"T": "nat", **{name: "real(nat)" for name in ("x", "y", "rho", "K", "H", "N")}},
    hypotheses={
        "first": "x(0) <= 0",
        "rho_sign": "forall t nat: rho(t) >= 0",
        "y_sign": "forall t nat: y(t) >= 0",
        "N_sign": "forall t nat: N(t) >= 0",
        "K_sign": "forall t nat: K(t) >= 0",
        "H_sign": "forall t nat: H(t) >= 0",
        "recursion": "forall t nat: x(t + 1) + N(t) <= rho(t)*x(t) + y(t)",
        "backward": "forall t nat: t + 1 <= T => H(t) >= K(t) + rho(t + 1)*H(t + 1)",
    },
    claims={"bound": f"{LEFT} <= {RIGHT}".replace("< n,", "< T,")},
    lemmas=["orders_on_every_outcome"],
    model={
        "T": "5",
        "x": ["t", "t"],
        "y": ["t", "t + 2"],
        "rho": ["t", "1/2"],
        "K": ["t", "1"],
        "H": ["t", "2"],
        "N": ["t", "1"],
    },
    script=script,
    shown=shown,
    instances=[
        Instance(
            "weights that meet the recursion with equality, but for one",
            {
                "T": "4",
                "x": Recursion(("t",), "-1/2", "rho(t)*x(t) + y(t) - N(t) - slack(t)"),
                "slack": Table(("0", "1/3", "0", "1", "0")),
                **{"rho": ["t", "(t + 1)/(t + 2)"], "y": ["t", "2/(t + 1)"], "N": ["t", "t/4"]},
                **{"K": Table(("1", "0", "2", "1/2", "1")), "H": Table(("8/3", "5/2", "46/15", "4/3", "1"))},
            },
            naturals={"": 5},
        ),
    ],
)
