"""The descent lemma from a Lipschitz gradient, along a segment in N pieces, for every N."""

from ..proving.instance import Instance, Recursion, Table
from ..proving.positive import reciprocal
from ..proving.script import Proof, square
from ..proving.theorem import Theorem

SLOPE, SIZE = "sum(i < d, G(i)*s(i))", "sum(i < d, s(i)^2)"
BOUND = f"F({{0}}) <= F(0) + {{0}}/N*{SLOPE} + L/2*({{0}}*({{0}} + 1)/N^2)*{SIZE}"


def script(proof: Proof) -> None:
    """Piece k adds <G, s>/N and at most L (k + 1)/N^2 |s|^2, by Young's inequality; these add up."""
    reciprocal(proof, "N", "some", "N")
    with proof.induction("pieces", "forall n nat: n <= N => " + BOUND.format("n"), "time") as (zero, following):
        zero.have("start", BOUND.format("0"))
        following.have("earlier", "n <= N", ["time"])
        following.use("known", "before", "earlier")
        following.use("added", "mean_value", "time", k="n")
        following.use("near", "lipschitz", "time", k="n")
        _young(following)
        following.have(
            "next", BOUND.format("(n + 1)").replace("F((n + 1))", "F(n + 1)"), ["known", "added", "young*N_over"]
        )
    proof.have("end", "N <= N")
    proof.use("whole", "pieces", "end", n="N")
    proof.have("descent", f"F(N) <= F(0) + {SLOPE} + L/2*(1 + 1/N)*{SIZE}", ["whole"], ["N_unit"])


def _young(proof: Proof) -> None:
    """<g - G, s> <= (|g - G|^2/c + c |s|^2)/2 with c = L (n + 1)/N."""
    c = "(L*(n + 1)/N)"
    proof.use("natural_n", "natural", n="n")
    proof.have("factor", f"{c} > 0", ["smoothness*natural_n*N_over", "smoothness*N_over"])
    reciprocal(proof, "factor", "factor", c)
    far = "g(n, i) - G(i)"
    claim = f"({far})^2/{c}/2 + {c}/2*s(i)^2 - ({far})*s(i) >= 0"
    with proof.fixing("each", f"forall i nat: {claim}") as inner:
        inner.have("here", claim, [square(f"{far} - {c}*s(i)") * "factor_over"], ["factor_unit"])
    inside = "sum(i < d, g(n, i)*s(i))"
    distance = f"sum(i < d, ({far})^2)"
    proof.linear("distance", f"{distance} = sum(i < d, g(n, i)^2) - 2*sum(i < d, g(n, i)*G(i)) + sum(i < d, G(i)^2)")
    proof.add(
        "all",
        f"(sum(i < d, g(n, i)^2) - 2*sum(i < d, g(n, i)*G(i)) + sum(i < d, G(i)^2))/{c}/2"
        f" + {c}/2*{SIZE} - {inside} + {SLOPE} >= 0",
        "each",
        "d",
    )
    goal = f"{inside} <= {SLOPE} + L*(n + 1)/N*{SIZE}"
    proof.have("young", goal, ["all", "near*factor_over"], ["distance", "factor_unit"])


def shown(proof: Proof) -> None:
    """x^2 along the segment from 0 to 1 in two pieces."""
    step = "sum(i < 1, (2*k + 1)/2*1)"
    claim = f"(k + 1)^2/4 - k^2/4 <= {step}/2"
    with proof.fixing("mean_value", f"forall k nat: k + 1 <= 2 => {claim}", "time") as inner:
        inner.linear("value", f"{step} = (2*k + 1)/2")
        inner.have("here", claim, (), ["value"])
    far, size = "sum(i < 1, ((2*k + 1)/2 - 0)^2)", "sum(i < 1, 1^2)"
    claim = f"{far} <= (2*(k + 1)/2)^2*{size}"
    with proof.fixing("lipschitz", f"forall k nat: k + 1 <= 2 => {claim}", "time") as inner:
        inner.use("natural_k", "natural", n="k")
        inner.linear("value", f"{far} = ((2*k + 1)/2)^2")
        inner.linear("one", f"{size} = 1")
        inner.have("here", claim, ["natural_k"], ["value", "one"])


THEOREM = Theorem(
    theorem="lipschitz_gradients_give_the_descent_lemma",
    title="The descent lemma from a Lipschitz gradient",
    says="""F(k) is f at x + (k/N) s. On each of the N pieces f grows by at most <g(k), s>/N, where g(k) is the
    gradient at a point of the piece (the mean value theorem), and |g(k) - G| <= L (k + 1)/N |s|, G the
    gradient at x (Lipschitz). Then f(x + s) <= f(x) + <G, s> + (L/2)(1 + 1/N)|s|^2: for every N, so that the
    descent lemma with L/2 is the limit.""",
    sources=["umeda2024increasing, Lemma 2.1"],
    variables={
        "N": "nat",
        "d": "nat",
        "L": "real",
        "F": "real(nat)",
        "g": "real(nat, nat)",
        "G": "real(nat)",
        "s": "real(nat)",
    },
    hypotheses={
        "some": "N > 0",
        "smoothness": "L > 0",
        "mean_value": "forall k nat: k + 1 <= N => F(k + 1) - F(k) <= sum(i < d, g(k, i)*s(i))/N",
        "lipschitz": f"forall k nat: k + 1 <= N => sum(i < d, (g(k, i) - G(i))^2) <= (L*(k + 1)/N)^2*{SIZE}",
    },
    claims={"descent": f"F(N) <= F(0) + {SLOPE} + L/2*(1 + 1/N)*{SIZE}"},
    model={
        "N": "2",
        "d": "1",
        "L": "2",
        "F": ["k", "k^2/4"],
        "g": ["k", "i", "(2*k + 1)/2"],
        "G": ["i", "0"],
        "s": ["i", "1"],
    },
    script=script,
    shown=shown,
    instances=[
        Instance(
            "half of 3 y_0^2 + y_1^2 on three pieces, with gradients at their middles",
            {
                **{
                    "N": "3",
                    "d": "2",
                    "L": "3",
                    "curve": Table(("3", "1")),
                    "start": Table(("1", "-2")),
                    "s": Table(("-1", "5/2")),
                },
                "F": ["k", "sum(i < d, curve(i)*(start(i) + k/N*s(i))^2/2)"],
                "g": ["k", "i", "curve(i)*(start(i) + (2*k + 1)/(2*N)*s(i))"],
                "G": ["i", "curve(i)*start(i)"],
            },
            naturals={"": 4},
        ),
        Instance(
            "gradients that move, and values that rise, as far as they may",
            {
                **{"N": "4", "d": "2", "L": "2/3", "s": Table(("1/2", "-2")), "G": Table(("-3", "1/5"))},
                "g": ["k", "i", "G(i) + L*(k + 1)/N*s(i)"],
                "F": Recursion(("k",), "7/3", "F(k) + sum(i < d, g(k, i)*s(i))/N"),
            },
            naturals={"": 5},
        ),
    ],
)
