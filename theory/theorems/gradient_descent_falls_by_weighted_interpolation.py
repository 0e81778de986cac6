"""Worst case of gradient descent (performance estimation): a certificate for every number of steps, in closed form.

The multipliers are those of Drori & Teboulle (2014): w(n) = n (2 N + 1)/(2 N + 1 - n) for the inequality between the
iterates n - 1 and n, m(n) = w(n + 1) - w(n) for that between the minimum and iterate n, and m(N) = 2 N + 1 - w(N) at
the last one, N = K + 1. What is left is half of |L (x(0) - y) - sum m(n) g(n)|^2, and of m(n) (m(j) - 1)
|g(n) - g(j)|^2 for j < n.
"""

from ..proving.instance import Instance, Read, Recursion, Run
from ..proving.positive import reciprocal
from ..proving.script import Equals, Product, Proof, square
from ..proving.theorem import Theorem

M, FAR = "(2*K + 3)", "(L*(x(0, i) - y(i)))"
MEAN = "sum(j < {}, (w(j + 1) - w(j))*g(j, i))"
EXCESS = "sum(j < {}, (w(j + 1) - w(j) - 1)*g(j, i)^2)"
PATH = "sum(j < {0}, g(j, i))"
SIZE = "sum(i < d, g({}, i)^2)"
TOWARDS = f"sum(i < d, g({{0}}, i)*({FAR} - {PATH}))"
HYPOTHESES = {
    "smooth": "L > 0",
    "descent": "forall t nat, i nat: x(t + 1, i) = x(t, i) - g(t, i)/L",
    "interpolation": "forall s nat, t nat: f(s) >= f(t) + sum(i < d, g(t, i)*(x(s, i) - x(t, i)))"
    " + sum(i < d, (g(s, i) - g(t, i))^2)/2/L",
    "minimum": "forall t nat: floor >= f(t) + sum(i < d, g(t, i)*(y(i) - x(t, i))) + sum(i < d, g(t, i)^2)/2/L",
}
VARIABLES = {
    "d": "nat",
    "L": "real",
    "floor": "real",
    "f": "real(nat)",
    "y": "real(nat)",
    "x": "real(nat, nat)",
    "g": "real(nat, nat)",
}


def coordinate(n: str) -> str:
    """What the bound on w(n) (f(n - 1) - floor) has for each coordinate; n is written as a sum."""
    mean, excess = MEAN.format(n), EXCESS.format(n)
    return f"{mean}*{FAR} - {mean}^2/2 - ({M} - w({n}))/2*{excess} + w({n})/2*g({_before(n)}, i)^2"


def bound(n: str) -> str:
    """The bound on w(n) (f(n - 1) - floor)."""
    return f"L*w({n})*(f({_before(n)}) - floor) <= sum(i < d, {coordinate(n)})"


def _before(n: str) -> str:
    return n.removesuffix(" + 1")


def script(proof: Proof) -> None:
    """Two inequalities per step, added with the multipliers; the squares that are left are not negative."""
    reciprocal(proof, "L", "smooth", "L")
    proof.use("natural_K", "natural", n="K")
    _inequalities(proof)
    _multipliers(proof)
    with proof.induction("so_far", f"forall n nat: n <= K => {bound('n + 1')}", "time") as (zero, following):
        _first(zero)
        _next(following)
    _last(proof)


def _inequalities(proof: Proof) -> None:
    """`towards`: between the minimum and iterate n.   `down`: between iterates n and n + 1."""
    path = f"L*(x({{0}}, i) - y(i)) = {FAR} - {PATH}"
    with proof.fixing("path", "forall n nat, i nat: " + path.format("n")) as inner:
        with inner.induction("all", "forall k nat: " + path.format("k")) as (zero, following):
            zero.linear("none", PATH.format("0") + " = 0")
            zero.have("start", path.format("0"), (), ["none"])
            following.use("move", "descent", t="k", i="i")
            following.linear("more", f"{PATH.format('k + 1')} = {PATH.format('k')} + g(k, i)")
            following.have("next", path.format("k + 1"), (), ["more", "move", "L_unit", ("1", "before")])
        inner.use("here", "all", k="n")
    towards = f"2*L*(f(n) - floor) <= 2*{TOWARDS.format('n')} - {SIZE.format('n')}"
    with proof.fixing("towards", f"forall n nat: {towards}") as inner:
        inner.use("convex", "minimum", t="n")
        each = f"L*(g(n, i)*(y(i) - x(n, i))) + g(n, i)*({FAR} - {PATH.format('n')}) = 0"
        with inner.fixing("each", f"forall i nat: {each}") as one:
            one.use("place", "path", n="n", i="i")
            one.have("here", each, (), [("-g(n, i)", "place")])
        inner.add("all", f"L*sum(i < d, g(n, i)*(y(i) - x(n, i))) + {TOWARDS.format('n')} = 0", "each", "d")
        inner.have("here", towards, ["convex*smooth"], ["L_unit", ("2", "all")])
    down = f"2*L*(f(n) - f(n + 1)) >= {SIZE.format('n')} + {SIZE.format('n + 1')}"
    with proof.fixing("down", f"forall n nat: {down}") as inner:
        inner.use("convex", "interpolation", s="n", t="n + 1")
        mixed, far = "g(n + 1, i)*(x(n, i) - x(n + 1, i))", "(g(n, i) - g(n + 1, i))^2"
        each = f"{mixed} + {far}/2/L - g(n, i)^2/2/L - g(n + 1, i)^2/2/L = 0"
        with inner.fixing("each", f"forall i nat: {each}") as one:
            one.use("move", "descent", t="n", i="i")
            one.have("here", each, (), ["move"])
        sizes = f"{SIZE.format('n')}/2/L - {SIZE.format('n + 1')}/2/L"
        inner.add("all", f"sum(i < d, {mixed}) + sum(i < d, {far})/2/L - {sizes} = 0", "each", "d")
        inner.have("here", down, ["convex*smooth"], ["L_unit", ("2*L", "all")])


def _multipliers(proof: Proof) -> None:
    """That w(n) >= 0 and m(n) >= 1, and the equation behind the squares."""
    proof.have("from_0", "0 <= K + 1", ["natural_K"])
    proof.have("from_1", "0 + 1 <= K + 1", ["natural_K"])
    proof.use("w_0", "weights", "from_0", n="0")
    proof.have("M_positive", f"{M} > 0", ["natural_K"])
    reciprocal(proof, "M", "M_positive", M)
    proof.have("none", "w(0) = 0", (), [(f"1/{M}", "w_0"), "M_unit"])
    with proof.induction("telescope", "forall n nat: sum(j < n, w(j + 1) - w(j)) = w(n)") as (zero, following):
        zero.linear("empty", "sum(j < 0, w(j + 1) - w(j)) = 0")
        zero.have("start", "sum(j < 0, w(j + 1) - w(j)) = w(0)", (), ["empty", "none"])
        following.linear("more", "sum(j < n + 1, w(j + 1) - w(j)) = sum(j < n, w(j + 1) - w(j)) + w(n + 1) - w(n)")
        following.have("next", "sum(j < n + 1, w(j + 1) - w(j)) = w(n + 1)", (), ["more", "before"])
    with proof.fixing("weight", "forall n nat: n <= K + 1 => w(n) >= 0", "time") as inner:
        inner.use("here", "weights", "time", n="n")
        _room(inner, f"{M} - n")
        products = ["natural_n*natural_K*room_over", "natural_n*room_over"]
        inner.have("sign", "w(n) >= 0", products, [(f"1/({M} - n)", "here"), "room_unit"])
    line = f"(w(n + 1) - w(n))*({M} - 1 - n) = w(n) + {M}"
    with proof.fixing("multiplier", f"forall n nat: n <= K => {line}", "time") as inner:
        inner.have("earlier", "n <= K + 1", ["time"])
        inner.have("later", "n + 1 <= K + 1", ["time"])
        inner.use("one", "weights", "earlier", n="n")
        inner.use("two", "weights", "later", n="n + 1")
        inner.have("here", line, (), [("1", "one"), ("1", "two")])
    with proof.fixing("above_1", "forall n nat: n <= K => w(n + 1) - w(n) - 1 >= 0", "time") as inner:
        inner.have("earlier", "n <= K + 1", ["time"])
        inner.use("here", "multiplier", "time", n="n")
        inner.use("sign", "weight", "earlier", n="n")
        _room(inner, f"{M} - 1 - n")
        products = ["sign*room_over", "natural_n*room_over", "room_over"]
        inner.have("excess", "w(n + 1) - w(n) - 1 >= 0", products, [(f"1/({M} - 1 - n)", "here"), "room_unit"])


def _room(proof: Proof, body: str) -> None:
    proof.use("natural_n", "natural", n="n")
    proof.have("room", f"{body} > 0", ["time", "natural_K"])
    reciprocal(proof, "room", "room", body)


def _first(proof: Proof) -> None:
    """At the start the two sides are equal."""
    proof.use("w_1", "weights", "from_1", n="0 + 1")
    proof.use("sign", "weight", "from_1", n="0 + 1")
    proof.use("here", "towards", n="0")
    each = f"{coordinate('0 + 1')} - w(1)*(g(0, i)*({FAR} - {PATH.format('0')}) - g(0, i)^2/2) = 0"
    with proof.fixing("each", f"forall i nat: {each}") as inner:
        inner.linear("mean", f"{MEAN.format('0 + 1')} = (w(1) - w(0))*g(0, i)")
        inner.linear("excess", f"{EXCESS.format('0 + 1')} = (w(1) - w(0) - 1)*g(0, i)^2")
        inner.linear("path_none", f"{PATH.format('0')} = 0")
        inner.have("equal", each, (), ["mean", "excess", "path_none", "none", ("g(0, i)^2/2", "w_1")])
    total = f"sum(i < d, {coordinate('0 + 1')}) - w(1)*{TOWARDS.format('0')} + w(1)/2*{SIZE.format('0')} = 0"
    proof.add("all", total, "each", "d")
    proof.have("start", bound("0 + 1"), ["here*sign"], [("1", "all")])


def _pairs(proof: Proof, n: str, in_time: str) -> None:
    """The sum of (m(j) - 1)(g(n) - g(j))^2 over j < n, expanded, for one coordinate i."""
    term = f"(w(j + 1) - w(j) - 1)*(g({n}, i) - g(j, i))^2"
    with proof.fixing("pair", f"forall j nat: j + 1 <= {n} => {term} >= 0", "earlier") as inner:
        inner.have("early", "j <= K", ["earlier", in_time])
        inner.use("excess", "above_1", "early", n="j")
        inner.have("here", f"{term} >= 0", [square(f"g({n}, i) - g(j, i)") * "excess"])
    mean = f"({MEAN.format(n)} - {PATH.format(n)})"
    count = f"(sum(j < {n}, w(j + 1) - w(j)) - ({n}))"
    claim = f"g({n}, i)^2*{count} - 2*g({n}, i)*{mean} + {EXCESS.format(n)} >= 0"
    proof.add("pairs", claim, "pair", n)
    proof.use("count", "telescope", n=n)


def _next(proof: Proof) -> None:
    """What the two inequalities of step n + 1 add, coordinate by coordinate."""
    now, new = "n + 1", "n + 1 + 1"
    proof.have("earlier_time", "n <= K", ["time"])
    proof.have("later_time", "n + 1 <= K + 1", ["time"])
    proof.use("known", "before", "earlier_time")
    proof.use("sign", "weight", "later_time", n=now)
    proof.use("equation", "multiplier", "time", n=now)
    proof.use("excess_here", "above_1", "time", n=now)
    m = f"(w({new}) - w({now}))"
    proof.have("m_sign", f"{m} >= 0", ["excess_here"])
    each = (
        f"{coordinate(new)} - ({coordinate(now)}) + w({now})/2*(g(n, i)^2 + g({now}, i)^2)"
        f" - {m}*(g({now}, i)*({FAR} - {PATH.format(now)}) - g({now}, i)^2/2) >= 0"
    )
    with proof.fixing("each", f"forall i nat: {each}") as inner:
        _pairs(inner, now, "time")
        inner.linear("mean", f"{MEAN.format(new)} = {MEAN.format(now)} + {m}*g({now}, i)")
        inner.linear("excess", f"{EXCESS.format(new)} = {EXCESS.format(now)} + ({m} - 1)*g({now}, i)^2")
        equations: list[Equals] = ["mean", "excess", "count", (f"g({now}, i)^2/2", "equation")]
        inner.have("here", each, ["m_sign*pairs"], equations)
    total = (
        f"sum(i < d, {coordinate(new)}) - sum(i < d, {coordinate(now)})"
        f" + w({now})/2*({SIZE.format('n')} + {SIZE.format(now)})"
        f" - {m}*({TOWARDS.format(now)} - {SIZE.format(now)}/2) >= 0"
    )
    proof.add("all", total, "each", "d")
    proof.use("lower", "down", n="n")
    proof.use("nearer", "towards", n=now)
    proof.have("next", bound(new), ["known", "all", "lower*sign", "nearer*m_sign"])


def _last(proof: Proof) -> None:
    """The last step, with what is missing to 2 N + 1 as its multiplier, and the square of the distance."""
    end = "K + 1"
    proof.have("on_time", "K <= K")
    proof.have("at_end", "K + 1 <= K + 1")
    proof.use("before_end", "so_far", "on_time", n="K")
    proof.use("end_weight", "weights", "at_end", n=end)
    proof.use("sign", "weight", "at_end", n=end)
    m = f"({M} - w({end}))"
    _ends(proof, m)
    square_of = f"{FAR}^2/2"
    each = (
        f"{square_of} - ({coordinate(end)}) + w({end})/2*(g(K, i)^2 + g({end}, i)^2)"
        f" - {m}*(g({end}, i)*({FAR} - {PATH.format(end)}) - g({end}, i)^2/2) >= 0"
    )
    with proof.fixing("each", f"forall i nat: {each}") as inner:
        _pairs(inner, end, "on_time")
        products: list[Product | str] = [square(f"{FAR} - {MEAN.format(end)} - {m}*g({end}, i)"), "m_sign*pairs"]
        inner.have("here", each, products, ["count", (f"g({end}, i)^2/2", "end_weight")])
    distance = "sum(i < d, (x(0, i) - y(i))^2)"
    total = (
        f"L^2/2*{distance} - sum(i < d, {coordinate(end)}) + w({end})/2*({SIZE.format('K')} + {SIZE.format(end)})"
        f" - {m}*({TOWARDS.format(end)} - {SIZE.format(end)}/2) >= 0"
    )
    proof.add("all", total, "each", "d")
    proof.use("lower", "down", n="K")
    proof.use("nearer", "towards", n=end)
    whole = f"L*{M}*(f({end}) - floor) <= L^2/2*{distance}"
    proof.have("whole", whole, ["before_end", "all", "lower*sign", "nearer*m_sign"])
    rate = f"f({end}) - floor <= L/2/{M}*{distance}"
    proof.have("rate", rate, ["whole*L_over*M_over"], ["L_unit", "M_unit"])


def _ends(proof: Proof, m: str) -> None:
    proof.have("last_room", "K + 2 > 0", ["natural_K"])
    reciprocal(proof, "last", "last_room", "K + 2")
    proof.have("m_sign", f"{m} >= 0", ["M_positive*last_over"], [("-1/(K + 2)", "end_weight"), "last_unit"])


HALVES = "exp({}*log(1/2))"
MODEL: dict[str, str | list[str]] = {
    "d": "1",
    "L": "2",
    "floor": "0",
    "f": ["t", "exp(t*log(1/2))^2/2"],
    "y": ["i", "0"],
    "x": ["t", "i", "exp(t*log(1/2))"],
    "g": ["t", "i", "exp(t*log(1/2))"],
}
"""x^2/2 in one dimension, from 1, with steps that halve x."""


def shown(proof: Proof) -> None:
    """The inequalities of x^2/2, with L = 2."""
    proof.have("half_positive", "1/2 > 0")
    proof.use("half", "exp_of_log", "half_positive", x="1/2")
    here, there = HALVES.format("t"), HALVES.format("s")
    claim = f"exp((t + 1)*log(1/2)) = {here} - {here}/2"
    with proof.fixing("descent", f"forall t nat, i nat: {claim}") as inner:
        inner.use("split", "exp_of_sum", x="t*log(1/2)", y="log(1/2)")
        inner.have("done", claim, (), ["split", "half"])
    for name, letters, far, left, gap in (
        ("interpolation", "s nat, t nat", f"{here}*({there} - {here})", f"{there}^2/2", f"({there} - {here})^2"),
        ("minimum", "t nat", f"{here}*(0 - {here})", "0", f"{here}^2"),
    ):
        claim = f"{left} >= {here}^2/2 + sum(i < 1, {far}) + sum(i < 1, {gap})/2/2"
        with proof.fixing(name, f"forall {letters}: {claim}") as inner:
            inner.linear("one", f"sum(i < 1, {far}) = {far}")
            inner.linear("two", f"sum(i < 1, {gap}) = {gap}")
            products = [square(here if name == "minimum" else f"{there} - {here}")]
            inner.have("done", claim, products, ["one", "two"])


def _shown_weights(proof: Proof) -> None:
    """Also the weights 0 and 3/2."""
    shown(proof)
    with proof.fixing("weights", "forall n nat: n <= 1 => n*3/(3 - n)*(3 - n) = n*3", "early") as inner:
        inner.have("room", "3 - n > 0", ["early"])
        inner.use("apart", "positive_is_apart", "room", x="3 - n")
        inner.use("unit", "reciprocal", "apart", x="3 - n")
        inner.have("done", "n*3/(3 - n)*(3 - n) = n*3", (), ["unit"])


THEOREM = Theorem(
    theorem="gradient_descent_falls_by_weighted_interpolation",
    title="The worst case of gradient descent, from weights",
    says="""Gradient descent with step 1/L; f is convex and L-smooth with minimum `floor` at y, which says the
    interpolation inequalities. Given weights w(n) = n (2 N + 1)/(2 N + 1 - n), N = K + 1 steps lead to
    f(x(N)) - floor <= L |x(0) - y|^2/(4 N + 2).""",
    variables={"K": "nat", "w": "real(nat)", **VARIABLES},
    hypotheses={**HYPOTHESES, "weights": f"forall n nat: n <= K + 1 => w(n)*({M} - n) = n*{M}"},
    claims={"rate": f"f(K + 1) - floor <= L/2/{M}*sum(i < d, (x(0, i) - y(i))^2)"},
    model={"K": "0", "w": ["n", "n*3/(3 - n)"], **MODEL},
    script=script,
    shown=_shown_weights,
    instances=[
        Instance(
            "three steps on a quadratic loss of two curvatures",
            {
                "K": "1",
                "w": ["n", "n*(2*K + 3)/((2*K + 3) - n)"],
                "d": "2",
                "L": "2",
                "exact": Recursion(("t", "i"), "1 - 3*i", "exact(t, i) - 1/L*(1 + i)/2*exact(t, i)"),
                "g": ["t", "i", "(1 + i)/2*exact(t, i)"],
                "f": ["t", "sum(i < d, (1 + i)/4*exact(t, i)^2)"],
                "floor": "0",
                "y": ["i", "0"],
            },
            naturals={"": 4, "i": 2},
            run=Run("sgd", {"eta": "1/L"}, "g(t, i)", ("1", "-2"), 3, {"x": Read("theta")}, torch="SGD"),
            wrong=("sgd@momentum=ema,first=damped",),
        )
    ],
)
