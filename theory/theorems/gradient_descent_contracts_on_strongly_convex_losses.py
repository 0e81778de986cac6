"""Gradient descent on an L-smooth, mu-strongly convex loss: the tight factor (1 - eta mu)^2 per step (Nesterov)."""

from ..proving.instance import Instance, Read, Recursion, Run
from ..proving.positive import reciprocal
from ..proving.script import Equals, Proof, square
from ..proving.theorem import Theorem

FAR, NEXT = "sum(i < d, (x(t, i) - y(i))^2)", "sum(i < d, (x(t + 1, i) - y(i))^2)"
TOWARDS, SIZE = "sum(i < d, G(t, i)*(x(t, i) - y(i)))", "sum(i < d, G(t, i)^2)"
INTERPOLATION = f"{SIZE} - 2*mu*{TOWARDS} + L*mu*{FAR}"


def script(proof: Proof) -> None:
    """Both inequalities added; then one identity in the three inner products."""
    proof.have("curvature", "L - mu > 0", ["smoother"])
    proof.use("apart", "positive_is_apart", "curvature", x="L - mu")
    proof.use("unit", "reciprocal", "apart", x="L - mu")
    proof.use("over", "reciprocal_positive", "curvature", x="L - mu")
    proof.have("sum_positive", "L + mu > 0", ["curvature", "convexity"])
    reciprocal(proof, "sum", "sum_positive", "L + mu")
    claim = f"{NEXT} <= (1 - eta*mu)^2*{FAR}"
    with proof.fixing("one_step", f"forall t nat: {claim}") as inner:
        _inner_products(inner)
        products = ["coercive*step*sum_over", "larger*step*short*sum_over"]
        inner.have("here", claim, products, ["moved", "sum_unit"])
    with proof.induction("all_steps", f"forall t nat: {FAR} <= p(t)*{FAR.replace('(t,', '(0,')}") as (zero, following):
        zero.have("start", f"{FAR} <= p(t)*{FAR}".replace("(t", "(0"), (), ["power_start"])
        following.use("here", "one_step", t="t")
        following.use("power", "powers", t="t")
        goal = f"{NEXT} <= p(t + 1)*{FAR.replace('(t,', '(0,')}"
        following.have("next", goal, ["here", square("1 - eta*mu") * "before"], ["power"])


def _inner_products(proof: Proof) -> None:
    proof.use("one", "above", t="t")
    proof.use("two", "below", t="t")
    proof.have("coercive", f"(L + mu)*{TOWARDS} >= {SIZE} + L*mu*{FAR}", ["one", "two"])
    with proof.fixing("squares", "forall i nat: (G(t, i) - mu*(x(t, i) - y(i)))^2 >= 0") as inner:
        inner.have("square", "(G(t, i) - mu*(x(t, i) - y(i)))^2 >= 0", [square("G(t, i) - mu*(x(t, i) - y(i))")])
    parts = "sum(i < d, (G(t, i) - mu*(x(t, i) - y(i)))^2)"
    proof.add("rest", f"{parts} >= 0", "squares", "d")
    for name, text in (("rest_is", parts), ("towards_is", TOWARDS), ("far_is", FAR)):
        proof.linear(name, f"{text} = {_expanded(text)}")
    proof.have("turned", f"{parts} = {SIZE} - 2*mu*{TOWARDS} + mu^2*{FAR}", (), ["rest_is", "towards_is", "far_is"])
    products = ["rest", "convexity*coercive*over", "convexity*rest*over"]
    proof.have("larger", f"{SIZE} >= mu^2*{FAR}", products, ["turned", "unit"])
    with proof.fixing("each", "forall i nat: (x(t + 1, i) - y(i))^2 - (x(t, i) - y(i) - eta*G(t, i))^2 = 0") as inner:
        inner.use("move", "descent", t="t", i="i")
        goal = "(x(t + 1, i) - y(i))^2 - (x(t, i) - y(i) - eta*G(t, i))^2 = 0"
        inner.have("here", goal, (), ["move"])
    after = "sum(i < d, (x(t, i) - y(i) - eta*G(t, i))^2)"
    proof.linear("next_is", f"{NEXT} = {_expanded(NEXT)}")
    proof.add("all", f"{_expanded(NEXT)} - {_expanded(after)} = 0", "each", "d")
    equations: list[Equals] = ["next_is", "towards_is", "far_is", ("1", "all")]
    proof.have("moved", f"{NEXT} = {FAR} - 2*eta*{TOWARDS} + eta^2*{SIZE}", (), equations)


SUMS = {
    "xx": "sum(i < d, x(t, i)^2)",
    "xy": "sum(i < d, x(t, i)*y(i))",
    "yy": "sum(i < d, y(i)^2)",
    "gx": "sum(i < d, G(t, i)*x(t, i))",
    "gy": "sum(i < d, G(t, i)*y(i))",
}


def _expanded(text: str) -> str:
    """One of the sums of products above, as sums of single products."""
    far = f"({SUMS['xx']} - 2*{SUMS['xy']} + {SUMS['yy']})"
    towards = f"({SUMS['gx']} - {SUMS['gy']})"
    known = {
        FAR: far,
        TOWARDS: towards,
        NEXT: far.replace("x(t,", "x(t + 1,"),
        "sum(i < d, (G(t, i) - mu*(x(t, i) - y(i)))^2)": f"{SIZE} - 2*mu*{towards} + mu^2*{far}",
        "sum(i < d, (x(t, i) - y(i) - eta*G(t, i))^2)": f"({far} - 2*eta*{towards} + eta^2*{SIZE})",
    }
    return known[text]


HALVES = "exp(t*log(1/2))"


def shown(proof: Proof) -> None:
    """x^2/2 in one dimension, from 1, with steps that halve x."""
    proof.have("half_positive", "1/2 > 0")
    proof.use("half", "exp_of_log", "half_positive", x="1/2")
    proof.use("one", "exp_of_zero")
    proof.have("power_start", "exp(0*log(1/2))^2 = 1", (), ["one"])
    moved, claim = "exp((t + 1)*log(1/2))", f"exp((t + 1)*log(1/2)) = {HALVES} - 1/2*{HALVES}"
    with proof.fixing("descent", f"forall t nat, i nat: {claim}") as inner:
        inner.use("split", "exp_of_sum", x="t*log(1/2)", y="log(1/2)")
        inner.have("here", claim, (), ["split", "half"])
    with proof.fixing("powers", f"forall t nat: {moved}^2 = (1 - 1/2*1)^2*{HALVES}^2") as inner:
        inner.use("move", "descent", t="t", i="0")
        inner.have("here", f"{moved}^2 = (1 - 1/2*1)^2*{HALVES}^2", (), ["move"])


THEOREM = Theorem(
    theorem="gradient_descent_contracts_on_strongly_convex_losses",
    title="Gradient descent contracts on strongly convex losses",
    says="""f is L-smooth and mu-strongly convex, 0 <= mu < L, with minimum `floor` at y, which says the two
    interpolation inequalities between x(t) and y. With 0 <= eta <= 2/(L + mu), every step of gradient descent
    multiplies |x - y|^2 by at most (1 - eta mu)^2, and t steps by its power p(t).""",
    variables={
        "d": "nat",
        **dict.fromkeys(("L", "mu", "eta", "floor"), "real"),
        **dict.fromkeys(("f", "p", "y"), "real(nat)"),
        **dict.fromkeys(("x", "G"), "real(nat, nat)"),
    },
    hypotheses={
        "convexity": "mu >= 0",
        "smoother": "mu < L",
        "step": "eta >= 0",
        "short": "eta*(L + mu) <= 2",
        "descent": "forall t nat, i nat: x(t + 1, i) = x(t, i) - eta*G(t, i)",
        "above": f"forall t nat: 2*(L - mu)*(f(t) - floor) >= {INTERPOLATION}",
        "below": f"forall t nat: 2*(L - mu)*(floor - f(t) + {TOWARDS}) >= {INTERPOLATION}",
        "power_start": "p(0) = 1",
        "powers": "forall t nat: p(t + 1) = (1 - eta*mu)^2*p(t)",
    },
    claims={
        "one_step": f"forall t nat: {NEXT} <= (1 - eta*mu)^2*{FAR}",
        "all_steps": f"forall t nat: {FAR} <= p(t)*{FAR.replace('(t,', '(0,')}",
    },
    model={
        "d": "1",
        "L": "2",
        "mu": "1",
        "eta": "1/2",
        "floor": "0",
        "f": ["t", f"{HALVES}^2/2"],
        "p": ["t", f"{HALVES}^2"],
        "y": ["i", "0"],
        "x": ["t", "i", HALVES],
        "G": ["t", "i", HALVES],
    },
    script=script,
    shown=shown,
    instances=[
        Instance(
            "three steps on a quadratic loss of two curvatures",
            {
                "mu": "1/2",
                "eta": "1/2",
                "p": Recursion(("t",), "1", "(1 - eta*mu)^2*p(t)"),
                "d": "2",
                "L": "2",
                "exact": Recursion(("t", "i"), "1 - 3*i", "exact(t, i) - eta*(1 + i)/2*exact(t, i)"),
                "G": ["t", "i", "(1 + i)/2*exact(t, i)"],
                "f": ["t", "sum(i < d, (1 + i)/4*exact(t, i)^2)"],
                "floor": "0",
                "y": ["i", "0"],
            },
            naturals={"": 4, "i": 2},
            run=Run("sgd", {"eta": "eta"}, "G(t, i)", ("1", "-2"), 3, {"x": Read("theta")}, torch="SGD"),
            wrong=("sgd@momentum=ema,first=damped",),
        )
    ],
)
