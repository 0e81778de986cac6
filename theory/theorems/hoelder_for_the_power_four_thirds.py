"""Hoelder's inequality with exponents 3/2 and 3, as the convergence of Adam needs it (Chen et al. 2022, lemma K)."""

from ..proving.instance import Drawn, Instance
from ..proving.positive import reciprocal
from ..proving.script import Proof, square
from ..proving.theorem import Theorem
from .orders_on_every_outcome import CLAIMS as ORDERS

RATIO, SHARES = "grad(t, i)^2/scale(t, i)", "sum(i < d, grad(t, i)^2/scale(t, i))"
SIZES = "sum(i < d, scale(t, i)^2)"
MEAN, ZETA = "(sum(t < T, p(t)*E(y(t)))/sum(t < T, p(t)))", "(R/sum(t < T, p(t)))"
SUM, TOTAL = "sum(t < T, p(t)*E(y(t)))", "sum(t < T, p(t))"


def _on_an_outcome(proof: Proof) -> None:
    """The sum of (grad^2/s) s, squared, is at most the square of the sum of grad^2/s times the sum of s^2."""
    proof.lemma("from_product", ORDERS["from_product"], "orders_on_every_outcome", [], {})
    proof.lemma("from_cubes", ORDERS["from_cubes"], "orders_on_every_outcome", [], {})
    N, A, B = "sum(i < n, grad(t, i)^2)", f"sum(i < n, {RATIO})", "sum(i < n, scale(t, i)^2)"
    with proof.fixing("cauchy", f"forall t nat: sum(i < d, grad(t, i)^2)^2 <= ({SHARES})^2*{SIZES}") as fixed:
        with fixed.fixing("ratios", f"forall j nat: {RATIO.replace(', i)', ', j)')} >= 0") as inner:
            inner.use("positive", "scale_positive", t="t", i="j")
            inner.use("inverse", "reciprocal_positive", "positive", x="scale(t, j)")
            inner.have("here", f"{RATIO.replace(', i)', ', j)')} >= 0", [square("grad(t, j)") * "inverse"])
        with fixed.fixing("squares", "forall j nat: scale(t, j)^2 >= 0") as inner:
            inner.have("here", "scale(t, j)^2 >= 0", [square("scale(t, j)")])
        with fixed.induction("all", f"forall n nat: {N}^2 <= ({A})^2*{B}") as (zero, following):
            for name, said in (("N", N), ("A", A), ("B", B)):
                zero.linear(f"no_{name}", said.replace("i < n", "i < 0") + " = 0")
            start = f"{N}^2 <= ({A})^2*{B}".replace("i < n", "i < 0")
            zero.have("start", start, (), ["no_N", "no_A", "no_B"])
            a, s = RATIO.replace(", i)", ", n)"), "scale(t, n)"
            following.add("A_sign", f"{A} >= 0", "ratios", "n")
            following.add("B_sign", f"{B} >= 0", "squares", "n")
            following.use("a_sign", "ratios", j="n")
            following.use("positive", "scale_positive", t="t", i="n")
            following.use("apart", "positive_is_apart", "positive", x=s)
            following.use("unit", "reciprocal", "apart", x=s)
            following.have("one", f"({A}*{s})^2 >= 0", [square(f"{A}*{s}")])
            following.have("two", f"({a})^2*{B} >= 0", [square(a) * "B_sign"])
            following.have(
                "mixed", f"({N}*({a})*{s})^2 <= ({A}*{s})^2*(({a})^2*{B})", [square(f"({a})*{s}") * "before"]
            )
            following.use(
                "young", "from_product", "one", "two", "mixed", Y=f"({A}*{s})^2", Z=f"({a})^2*{B}", W=f"{N}*({a})*{s}"
            )
            more = [said.replace("i < n", "i < n + 1") for said in (N, A, B)]
            following.linear("more_N", f"{more[0]} = {N} + grad(t, n)^2")
            following.linear("more_A", f"{more[1]} = {A} + {a}")
            following.linear("more_B", f"{more[2]} = {B} + {s}^2")
            following.have("back", f"grad(t, n)^2 = ({a})*{s}", (), ["unit"])
            following.have(
                "unfolded",
                f"({N} + ({a})*{s})^2 <= ({A} + {a})^2*({B} + {s}^2)",
                ["before", "young", "A_sign*a_sign*B_sign", square(s) * "A_sign*a_sign"],
            )
            following.have(
                "next",
                f"{more[0]}^2 <= ({more[1]})^2*{more[2]}",
                ["unfolded"],
                ["more_N", "more_A", "more_B", (f"2*{N} + grad(t, n)^2 + ({a})*{s}", "back")],
            )
        fixed.use("here", "all", n="d")


def script(proof: Proof) -> None:
    """3 y <= 2 l Z + W/l^2 for every l > 0, by the means of Z, Z and W; then the best l."""
    _on_an_outcome(proof)
    _signs(proof)
    _young(proof)
    whole = f"{SUM}^3 <= R^2*{TOTAL}*W0"
    with proof.cases("cubes", whole, on=f"-{SUM}") as (none, some):
        none.have("done", whole, [square("R") * "p_some*W0_sign", square(SUM) * "case"])
        some.have("positive", f"{SUM} > 0", ["case"])
        some.use("apart", "positive_is_apart", "positive", x=SUM)
        some.use("unit", "reciprocal", "apart", x=SUM)
        some.use("inverse", "reciprocal_positive", "positive", x=SUM)
        with some.cases("cubes", whole, on="-R", assume="sign_of_R") as (void, usual):
            _void(void, whole)
            usual.have("R_positive", "R > 0", ["sign_of_R"])
            reciprocal(usual, "R", "R_positive", "R", over="inverse")
            usual.have("l_positive", f"{SUM}/R > 0", ["positive*R_inverse"])
            usual.have("inverses", f"{SUM}/R*(R/{SUM}) = 1", (), ["R_unit", "unit"])
            usual.use("best", "young", "l_positive", "inverses", l=f"{SUM}/R", k=f"R/{SUM}")
            usual.have("done", whole, [square(SUM) * "best"], ["R_unit", "unit"])
    reciprocal(proof, "total", "p_some", TOTAL, over="inverse")
    products = ["cubes*total_inverse*total_inverse*total_inverse"]
    proof.have("bound", f"{MEAN}^3 <= {ZETA}^2*W0", products, ["total_unit"])


def _void(proof: Proof, whole: str) -> None:
    """Without shares, a large l makes the sum as small as it likes."""
    large = f"1 + {TOTAL}*W0/{SUM}"
    proof.have("l_positive", f"{large} > 0", ["p_some*W0_sign*inverse"])
    proof.use("l_apart", "positive_is_apart", "l_positive", x=large)
    proof.use("inverses", "reciprocal", "l_apart", x=large)
    proof.use("k_positive", "reciprocal_positive", "l_positive", x=large)
    proof.use("far", "young", "l_positive", "inverses", l=large, k=f"1/({large})")
    proof.have(
        "square",
        f"{SUM}*({large})^2 >= {TOTAL}*W0",
        ["positive", "p_some*W0_sign", square(f"{TOTAL}*W0") * "inverse"],
        ["unit"],
    )
    part = f"{TOTAL}*W0*(1/({large}))^2"
    proof.have("small", f"{part} <= {SUM}", [square(f"1/({large})") * "square"], ["inverses"])
    proof.have("low", f"-{SUM} >= 0", ["far", "small", "l_positive*sign_of_R"])
    proof.have("done", whole, [square("R") * "p_some*W0_sign", square(SUM) * "low"])


def _signs(proof: Proof) -> None:
    """Sums of what is not negative."""
    for name, said in (("shares", RATIO), ("sizes", "scale(t, i)^2")):
        with proof.fixing(f"{name}_sign", f"forall t nat: sum(i < d, {said}) >= 0") as fixed:
            with fixed.fixing("each", f"forall j nat: {said.replace(', i)', ', j)')} >= 0") as inner:
                inner.use("positive", "scale_positive", t="t", i="j")
                inner.use("inverse", "reciprocal_positive", "positive", x="scale(t, j)")
                inner.have(
                    "here",
                    f"{said.replace(', i)', ', j)')} >= 0",
                    [square("grad(t, j)") * "inverse", square("scale(t, j)")],
                )
            fixed.add("sign", f"sum(i < d, {said}) >= 0", "each", "d")
    proof.use("some_size", "size", t="0")
    proof.use("some_sign", "sizes_sign", t="0")
    zero = SIZES.replace("(t", "(0")
    proof.mean("some_mean", f"E({zero}) >= 0", "some_sign")
    proof.have("W0_sign", "W0 >= 0", ["some_size", "some_mean"])


def _young(proof: Proof) -> None:
    """For every l > 0, k = 1/l."""
    claim = f"3*{SUM} <= 2*l*R + {TOTAL}*W0*k^2"
    with proof.fixing("young", f"forall l real, k real: l > 0, l*k = 1 => {claim}", "positive", "unit") as fixed:
        step = f"3*(p(t)*E(y(t))) <= 2*l*(p(t)*E({SHARES})) + p(t)*W0*k^2"
        with fixed.fixing("terms", f"forall t nat: {step}") as inner:
            inner.use("shares_here", "shares_sign", t="t")
            inner.use("sizes_here", "sizes_sign", t="t")
            inner.use("power", "y_power", t="t")
            inner.use("cauchy_here", "cauchy", t="t")
            right = f"2*l*{SHARES} + {SIZES}*k^2"
            inner.have("sign", f"{right} >= 0", ["positive*shares_here", square("k") * "sizes_here"])
            apart = square(f"{SIZES}*k^2 - l*{SHARES}")
            inner.have("squared_unit", "l^2*k^2 = 1", (), [("l*k + 1", "unit")])
            inner.have(
                "amgm",
                f"27*l^2*k^2*({SHARES})^2*{SIZES} <= ({right})^3",
                [apart * square("k") * "sizes_here", apart * "positive*shares_here"],
            )
            inner.have(
                "cubes",
                f"(3*y(t))^3 <= ({right})^3",
                ["amgm", "cauchy_here"],
                ["power", (f"({SHARES})^2*{SIZES}", "squared_unit")],
            )
            inner.use("young_here", "from_cubes", "sign", "cubes", Y="3*y(t)", Z=right)
            inner.mean("mean", f"3*E(y(t)) <= 2*l*E({SHARES}) + E({SIZES})*k^2", "young_here")
            inner.use("p_here", "p_sign", t="t")
            inner.use("size_here", "size", t="t")
            inner.have("term", step, ["mean*p_here", square("k") * "size_here*p_here"])
        shares = f"sum(t < T, p(t)*E({SHARES}))"
        fixed.add("all", f"3*{SUM} <= 2*l*{shares} + {TOTAL}*W0*k^2", "terms", "T")
        fixed.have("done", claim, ["all", "shares*positive"])


THEOREM = Theorem(
    theorem="hoelder_for_the_power_four_thirds",
    title="Hoelder's inequality for the power 4/3",
    says="""Let y_t = |grad_t|^(4/3), that is y^3 = (sum of grad_i^2)^2. For weights p_t, scales s_(t,i) > 0 with E
    sum s^2 <= W0, and a bound R on the weighted sum of E sum grad^2/s, the weighted mean of E y has a cube of at
    most W0 times the square of R over the sum of the weights: (E |grad_tau|^(4/3))^(3/2) <= sqrt(W0) R/sum p, tau
    drawn by p.""",
    sources=["chen2022towards, the proof of the main theorem"],
    variables={
        **{"T": "nat", "d": "nat", "p": "real(nat)", "y": "rand(nat)"},
        **{"grad": "rand(nat, nat)", "scale": "rand(nat, nat)", "R": "real", "W0": "real"},
    },
    hypotheses={
        "scale_positive": "forall t nat, i nat: scale(t, i) > 0",
        "y_power": "forall t nat: y(t)^3 = sum(i < d, grad(t, i)^2)^2",
        "p_sign": "forall t nat: p(t) >= 0",
        "p_some": f"{TOTAL} > 0",
        "size": f"forall t nat: E({SIZES}) <= W0",
        "shares": f"sum(t < T, p(t)*E({SHARES})) <= R",
    },
    claims={"bound": f"{MEAN}^3 <= {ZETA}^2*W0"},
    lemmas=["orders_on_every_outcome"],
    model={
        **{"T": "2", "d": "1", "p": ["t", "1"], "y": ["t", "16"], "grad": ["t", "i", "8"], "scale": ["t", "i", "2"]},
        **{"R": "64", "W0": "5"},
    },
    script=script,
    instances=[
        Instance(
            "random gradients of two coordinates, whose squares add up to 8 or 1",
            {
                **{"T": "2", "d": "2", "p": ["t", "1/2 + t"]},
                **{"z": Drawn((("2", "-2"), ("3/5", "-4/5"))), "power": Drawn(("4", "1"))},
                "grad": ["t", "i", "(t + 1)^3*z(t + 1, i)"],
                "y": ["t", "(t + 1)^4*power(t + 1)"],
                "size": Drawn((("1", "2"), ("3", "1/2"))),
                "scale": ["t", "i", "size(t + 1, i)/(t + 1)"],
                "W0": "E(sum(i < d, scale(0, i)^2))",
                "R": "sum(t < T, p(t)*E(sum(i < d, grad(t, i)^2/scale(t, i))))",
            },
            ("1/3", "2/3"),
            draws=2,
            naturals={"": 2},
        ),
    ],
)
