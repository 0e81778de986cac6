"""Chebyshev's sum inequality, with what the first step adds to it."""

from ..proving.instance import Instance, Table
from ..proving.script import Proof
from ..proving.theorem import Theorem

X, Y = "sum(j < {m}, x(j))", "sum(j < {m}, y(j))"
BOTH = "sum(j < {m}, x(j)*y(j))"
ABOVE, BELOW = "sum(j < {m}, x(j)) - ({m})*x({m})", "({m})*y({m}) - sum(j < {m}, y(j))"
ROW = "sum(j < {m}, (x(j) - x({m}))*(y({m}) - y(j)))"
GAIN = "(x(0) - x(1))*(y(1) - y(0))"


def at(text: str, place: str) -> str:
    """A text at a number m."""
    return text.format(m=place)


def script(proof: Proof) -> None:
    """The sums over j < m of x(j) - x(m), of y(m) - y(j), and of their products grow with m."""
    with proof.induction("above", f"forall m nat: {at(ABOVE, 'm')} >= 0") as (zero, following):
        zero.linear("none", f"{at(ABOVE, '0')} = 0")
        zero.have("now", f"{at(ABOVE, '0')} >= 0", [], [("1", "none")])
        following.use("step", "falls", i="m")
        following.use("natural_m", "natural", n="m")
        following.linear("more", f"{at(X, 'm + 1')} = {at(X, 'm')} + x(m)")
        following.have("next", f"{at(ABOVE, 'm + 1')} >= 0", ["before", "step*natural_m", "step"], ["more"])
    with proof.induction("below", f"forall m nat: {at(BELOW, 'm')} >= 0") as (zero, following):
        zero.linear("none", f"{at(BELOW, '0')} = 0")
        zero.have("now", f"{at(BELOW, '0')} >= 0", [], [("1", "none")])
        following.use("step", "rises", i="m")
        following.use("natural_m", "natural", n="m")
        following.linear("more", f"{at(Y, 'm + 1')} = {at(Y, 'm')} + y(m)")
        following.have("next", f"{at(BELOW, 'm + 1')} >= 0", ["before", "step*natural_m", "step"], ["more"])
    with proof.fixing(
        "spread",
        f"forall m nat: {at(ROW, 'm')} = {at(X, 'm')}*y(m) + {at(Y, 'm')}*x(m) - m*x(m)*y(m) - {at(BOTH, 'm')}",
    ) as inner:
        inner.linear("here", f"{at(ROW, 'm')} = {at(X, 'm')}*y(m) + {at(Y, 'm')}*x(m) - m*x(m)*y(m) - {at(BOTH, 'm')}")
    with proof.induction("rows", f"forall m nat: {at(ROW, 'm + 1')} >= {GAIN}") as (zero, following):
        zero.linear("one", f"{at(ROW, '0 + 1')} = {GAIN}")
        zero.have("now", f"{at(ROW, '0 + 1')} >= {GAIN}", [], ["one"])
        following.use("this", "spread", m="m + 1")
        following.use("then", "spread", m="m + 1 + 1")
        following.use("higher", "above", m="m + 1")
        following.use("lower", "below", m="m + 1")
        following.use("fall", "falls", i="m + 1")
        following.use("rise", "rises", i="m + 1")
        following.use("natural_m", "natural", n="m")
        for name, text, last in (("x", X, "x(m + 1)"), ("y", Y, "y(m + 1)"), ("xy", BOTH, "x(m + 1)*y(m + 1)")):
            following.linear(f"more_{name}", f"{at(text, 'm + 1 + 1')} = {at(text, 'm + 1')} + {last}")
        products = ["before", "fall*lower", "rise*higher", "fall*rise*natural_m", "fall*rise"]
        equations = ["then", "this", "more_x", "more_y", "more_xy"]
        following.have("next", f"{at(ROW, 'm + 1 + 1')} >= {GAIN}", products, equations)
    with proof.induction("products", f"forall m nat: {whole('m')}") as (zero, following):
        for name, text, last in (("x", X, "x(0)"), ("y", Y, "y(0)"), ("xy", BOTH, "x(0)*y(0)")):
            zero.linear(f"only_{name}", f"{at(text, '0 + 1')} = {last}")
        zero.have("now", whole("0"), [], ["only_x", "only_y", "only_xy"])
        following.use("row", "rows", m="m")
        following.use("this", "spread", m="m + 1")
        for name, text, last in (("x", X, "x(m + 1)"), ("y", Y, "y(m + 1)"), ("xy", BOTH, "x(m + 1)*y(m + 1)")):
            following.linear(f"more_{name}", f"{at(text, 'm + 1 + 1')} = {at(text, 'm + 1')} + {last}")
        following.have("next", whole("(m + 1)"), ["before", "row"], ["this", "more_x", "more_y", "more_xy"])


def whole(place: str) -> str:
    """The claim for place + 1 numbers."""
    products, left, right = (at(text, f"{place} + 1") for text in (BOTH, X, Y))
    return f"({place} + 1)*{products} <= {left}*{right} - {place}*{GAIN}"


def shown(proof: Proof) -> None:
    """-i falls and i rises."""
    with proof.fixing("falls", "forall i nat: -(i + 1) <= -i") as inner:
        inner.have("step", "-(i + 1) <= -i")
    with proof.fixing("rises", "forall i nat: i <= i + 1") as inner:
        inner.have("step", "i <= i + 1")


THEOREM = Theorem(
    theorem="opposite_orders_lower_the_sum_of_products",
    title="Opposite orders lower the sum of products",
    says="""If x does not increase and y does not decrease, then m + 1 times the sum of the products of m + 1 numbers x,
    y is at most the product of their sums, and below it by at least m (x(0) - x(1))(y(1) - y(0)). This is Chebyshev's
    sum inequality.""",
    variables={"x": "real(nat)", "y": "real(nat)"},
    hypotheses={"falls": "forall i nat: x(i + 1) <= x(i)", "rises": "forall i nat: y(i) <= y(i + 1)"},
    claims={"products": f"forall m nat: {whole('m')}"},
    model={"x": ["i", "-i"], "y": ["i", "i"]},
    shown=shown,
    script=script,
    instances=[
        Instance(
            "four numbers, two of them equal",
            {"x": Table(("3", "1", "1", "-2")), "y": Table(("-1", "1/2", "1/2", "5"))},
            naturals={"": 4},
        ),
    ],
)
