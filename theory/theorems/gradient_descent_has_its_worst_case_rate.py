"""f(x(N)) - min f <= L |x(0) - y|^2/(4 N + 2) for N steps of gradient descent, any N (Drori & Teboulle 2014)."""

from ..proving.instance import Instance, Read, Recursion, Run
from ..proving.positive import reciprocal
from ..proving.script import Proof, square
from ..proving.theorem import Theorem
from .gradient_descent_falls_by_weighted_interpolation import HYPOTHESES, MODEL, VARIABLES, shown

LEMMA = "gradient_descent_falls_by_weighted_interpolation"
DISTANCE = "sum(i < d, (x(0, i) - y(i))^2)"
RATE = f"f({{0}}) - floor <= L/2/(2*{{0}} + 1)*{DISTANCE}"
M = "(2*K + 3)"
W = f"n*{M}/({M} - n)"


def script(proof: Proof) -> None:
    """No step: the inequality with the minimum. N = K + 1 steps: the weights put in."""
    with proof.fixing("steps", f"forall K nat: f(K + 1) - floor <= L/2/{M}*{DISTANCE}") as inner:
        with inner.fixing("weights", f"forall n nat: n <= K + 1 => {W}*({M} - n) = n*{M}", "time") as one:
            one.use("natural_K", "natural", n="K")
            one.have("room", f"{M} - n > 0", ["time", "natural_K"])
            one.use("apart", "positive_is_apart", "room", x=f"{M} - n")
            one.use("unit", "reciprocal", "apart", x=f"{M} - n")
            one.have("here", f"{W}*({M} - n) = n*{M}", (), ["unit"])
        values: dict[str, str | list[str]] = {"K": "K", "w": ["n", W], "d": "d", "L": "L", "floor": "floor"}
        families: dict[str, str | list[str]] = {"f": ["t", "f(t)"], "y": ["i", "y(i)"]}
        paths: dict[str, str | list[str]] = {"x": ["t", "i", "x(t, i)"], "g": ["t", "i", "g(t, i)"]}
        given = [*HYPOTHESES, "weights"]
        goal = f"f(K + 1) - floor <= L/2/{M}*{DISTANCE}"
        inner.lemma("here", goal, LEMMA, given, {**values, **families, **paths})
    with proof.induction("rate", CLAIM) as (zero, following):
        _no_step(zero)
        following.use("next", "steps", K="N")


def _no_step(proof: Proof) -> None:
    reciprocal(proof, "L", "smooth", "L")
    proof.use("convex", "minimum", t="0")
    far = "(x(0, i) - y(i))"
    claim = f"L/2*{far}^2 + g(0, i)*(y(i) - x(0, i)) + g(0, i)^2/2/L >= 0"
    with proof.fixing("each", f"forall i nat: {claim}") as inner:
        inner.have("here", claim, [square(f"L*{far} - g(0, i)") * "L_over"], ["L_unit"])
    parts = "sum(i < d, g(0, i)*(y(i) - x(0, i))) + sum(i < d, g(0, i)^2)/2/L"
    proof.add("all", f"L/2*{DISTANCE} + {parts} >= 0", "each", "d")
    proof.have("start", RATE.format("0"), ["convex", "all"])


CLAIM = "forall N nat: " + RATE.format("N")
THEOREM = Theorem(
    theorem="gradient_descent_has_its_worst_case_rate",
    title="The worst case of gradient descent after N steps",
    says="""Gradient descent with step 1/L; f is convex and L-smooth with minimum `floor` at y, which says the
    interpolation inequalities between all iterates and y. After N steps f(x(N)) - floor <= L |x(0) - y|^2/(4
    N + 2), for every N. (That it is attained is the theorem worst_case_rate_of_gradient_descent_is_attained.)""",
    variables=VARIABLES,
    hypotheses=HYPOTHESES,
    claims={"rate": CLAIM},
    model=MODEL,
    lemmas=[LEMMA],
    script=script,
    shown=shown,
    instances=[
        Instance(
            "three steps on a quadratic loss of two curvatures",
            {
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
