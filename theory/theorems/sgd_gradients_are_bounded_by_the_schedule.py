"""The master bound on SGD with scheduled steps and batches, sharper and as printed (Umeda & Iiduka 2024, Lemma 2.1)."""

from ..proving.instance import Drawn, Instance, Read, Recursion, Run
from ..proving.script import Proof, square
from ..proving.theorem import Theorem

SIZE = "E(sum(i < d, G(t, i)^2))"
WEIGHT, WEIGHTS = "eta(t)*(1 - L*eta(t)/2)", "sum(t < T, eta(t)*(1 - L*eta(t)/2))"
STEPS, NOISE = "sum(t < T, eta(t))", "sum(t < T, eta(t)^2/b(t))"
START = "E(f(0)) - floor"
BOUND = f"({START} + L*sigma2/2*{NOISE})/{WEIGHTS}"
PRINTED = f"2*({START})/(2 - L*top)*(1/{STEPS}) + L*sigma2/(2 - L*top)*({NOISE}/{STEPS})"
SHARES = f"sum(t < T, {WEIGHT}/sum(k < T, eta(k)*(1 - L*eta(k)/2))*{SIZE})"


def script(proof: Proof) -> None:
    """One step for every t, summed; weights that are positive, and above those of the largest step."""
    _one_step(proof)
    _summed(proof)
    _divided(proof)


def _one_step(proof: Proof) -> None:
    claim = f"forall t nat: E(f(t + 1)) <= E(f(t)) - {WEIGHT}*{SIZE} + L*sigma2/2*eta(t)^2/b(t)"
    with proof.fixing("one_step", claim) as inner:
        inner.use("descent", "smooth", t="t")
        mixed, squares = "sum(i < d, E(G(t, i)*g(t, i)))", "sum(i < d, E(g(t, i)^2))"
        inner.mean("mean", f"E(f(t + 1)) <= E(f(t)) - eta(t)*{mixed} + L*eta(t)^2/2*{squares}", "descent")
        with inner.fixing("each", "forall i nat: E(G(t, i)*g(t, i)) - E(G(t, i)^2) = 0") as one:
            one.use("known_here", "known", t="t", i="i")
            one.use("here", "unbiased", "known_here", X="G(t, i)", t="t", i="i")
            one.have("zero", "E(G(t, i)*g(t, i)) - E(G(t, i)^2) = 0", (), ["here"])
        inner.linear("size", f"{SIZE} = sum(i < d, E(G(t, i)^2))")
        inner.add("bias", f"{mixed} - sum(i < d, E(G(t, i)^2)) = 0", "each", "d")
        inner.use("spread", "variance", t="t")
        inner.linear(
            "square",
            f"E(sum(i < d, (g(t, i) - G(t, i))^2)) = {squares} - 2*{mixed} + sum(i < d, E(G(t, i)^2))",
        )
        inner.have("quadratic", "L*eta(t)^2 >= 0", [square("eta(t)") * "smoothness"])
        inner.have(
            "step",
            f"E(f(t + 1)) <= E(f(t)) - {WEIGHT}*{SIZE} + L*sigma2/2*eta(t)^2/b(t)",
            ["mean", "quadratic*spread"],
            ["size", f"bias@{mixed}", "square"],
        )


def _summed(proof: Proof) -> None:
    total = f"sum(t < n, {WEIGHT}*{SIZE}) <= E(f(0)) - E(f(n)) + L*sigma2/2*sum(t < n, eta(t)^2/b(t))"
    with proof.induction("sums", f"forall n nat: {total}") as (zero, following):
        nothing = total.replace("< n", "< 0").replace("f(n)", "f(0)")
        zero.linear("none", f"sum(t < 0, {WEIGHT}*{SIZE}) = 0")
        zero.linear("no_noise", "sum(t < 0, eta(t)^2/b(t)) = 0")
        zero.have("start", nothing, (), ["none", "no_noise"])
        following.use("here", "one_step", t="n")
        last = f"{WEIGHT}*{SIZE}".replace("(t", "(n")
        following.linear("more", f"sum(t < n + 1, {WEIGHT}*{SIZE}) = sum(t < n, {WEIGHT}*{SIZE}) + {last}")
        following.linear("more_noise", "sum(t < n + 1, eta(t)^2/b(t)) = sum(t < n, eta(t)^2/b(t)) + eta(n)^2/b(n)")
        following.have(
            "next",
            total.replace("< n", "< n + 1").replace("f(n)", "f(n + 1)"),
            ["before", "here"],
            ["more", "more_noise"],
        )
    proof.use("telescoped", "sums", n="T")
    proof.mean("end", "E(f(T)) >= floor", "below")
    proof.have("total", f"sum(t < T, {WEIGHT}*{SIZE}) <= {START} + L*sigma2/2*{NOISE}", ["telescoped", "end"])


def _divided(proof: Proof) -> None:
    with proof.fixing("sizes", "forall t nat: E(sum(i < d, G(t, i)^2)) >= 0") as inner:
        with inner.fixing("each", "forall i nat: G(t, i)^2 >= 0") as one:
            one.have("square", "G(t, i)^2 >= 0", [square("G(t, i)")])
        inner.add("size", "sum(i < d, G(t, i)^2) >= 0", "each", "d")
        inner.mean("mean_size", f"{SIZE} >= 0", "size")
    with proof.fixing("weigh", f"forall t nat: {WEIGHT} > 0") as inner:
        inner.use("positive", "steps", t="t")
        inner.use("small", "largest", t="t")
        inner.have("below_two", "2 - L*eta(t) > 0", ["stable", "smoothness*small"])
        inner.have("weight", f"{WEIGHT} > 0", ["positive*below_two"])
    with proof.fixing("products", f"forall t nat: {WEIGHT}*{SIZE} >= 0") as inner:
        inner.use("weight", "weigh", t="t")
        inner.use("size", "sizes", t="t")
        inner.have("product", f"{WEIGHT}*{SIZE} >= 0", ["weight*size"])
    proof.add("squares", f"sum(t < T, {WEIGHT}*{SIZE}) >= 0", "products", "T")
    sums, values = "sums_of_positive_numbers_are_positive", {"n": "T", "x": ["t", WEIGHT]}
    proof.lemma("unit", f"{WEIGHTS}*(1/{WEIGHTS}) = 1", sums, ["some", "weigh"], values)
    proof.lemma("over", f"1/{WEIGHTS} > 0", sums, ["some", "weigh"], values)
    claim = f"forall t nat: t + 1 <= T => {WEIGHT}*{SIZE} - {WEIGHT}*least >= 0"
    with proof.fixing("above", claim, "in_time") as inner:
        inner.use("here", "minimum", "in_time", t="t")
        inner.use("weight", "weigh", t="t")
        inner.have("product", f"{WEIGHT}*{SIZE} - {WEIGHT}*least >= 0", ["weight*here"])
    proof.add("lower", f"sum(t < T, {WEIGHT}*{SIZE}) - least*{WEIGHTS} >= 0", "above", "T")
    proof.have("least", f"least <= {BOUND}", ["lower*over", "total*over"], ["unit"])
    proof.linear("divided", f"{SHARES} = (1/{WEIGHTS})*sum(t < T, {WEIGHT}*{SIZE})")
    proof.have("drawn", f"{SHARES} <= {BOUND}", ["total*over"], ["divided"])
    proof.have("numerator", f"{START} + L*sigma2/2*{NOISE} >= 0", ["squares", "total"])
    conditions = ["some", "smoothness", "steps", "largest", "stable", "numerator"]
    letters = {"T": "T", "L": "L", "sigma2": "sigma2", "gap": START, "top": "top"}
    families: dict[str, str | list[str]] = {**letters, "eta": ["t", "eta(t)"], "b": ["t", "b(t)"]}
    proof.lemma("weaker", f"{BOUND} <= {PRINTED}", "schedule_bound_is_below_the_printed_one", conditions, families)
    proof.have("printed", f"least <= {PRINTED}", ["least", "weaker"])


def shown(proof: Proof) -> None:
    """A gradient that is 0 is known."""
    with proof.fixing("known", "forall t nat, i nat: past(0, t)") as inner:
        inner.past("here", "past(0, t)")


THEOREM = Theorem(
    theorem="sgd_gradients_are_bounded_by_the_schedule",
    title="The bound on SGD with scheduled step sizes and batch sizes",
    says="""f is L-smooth along the steps theta(t+1) = theta(t) - eta(t) g(t) and at least `floor` at the end; g(t) is
    an unbiased gradient given the past with variance at most sigma^2/b(t); the step sizes are positive and at
    most `top` < 2/L. Then the mean of E |grad f|^2 over the steps with weights eta (1 - L eta/2), hence its
    minimum, is at most (E f(0) - floor + L sigma^2/2 sum eta^2/b) over the sum of the weights.""",
    sources=["umeda2024increasing, Lemma 2.1"],
    variables={
        "T": "nat",
        "d": "nat",
        "L": "real",
        "sigma2": "real",
        "floor": "real",
        "top": "real",
        "least": "real",
        "eta": "real(nat)",
        "b": "real(nat)",
        "f": "rand(nat)",
        "G": "rand(nat, nat)",
        "g": "rand(nat, nat)",
    },
    hypotheses={
        "some": "T > 0",
        "smoothness": "L >= 0",
        "steps": "forall t nat: eta(t) > 0",
        "largest": "forall t nat: eta(t) <= top",
        "stable": "L*top < 2",
        "smooth": "forall t nat: f(t + 1) <= f(t) - eta(t)*sum(i < d, G(t, i)*g(t, i))"
        " + L*eta(t)^2/2*sum(i < d, g(t, i)^2)",
        "below": "f(T) >= floor",
        "known": "forall t nat, i nat: past(G(t, i), t)",
        "unbiased": "forall X rand, t nat, i nat: past(X, t) => E(X*g(t, i)) = E(X*G(t, i))",
        "variance": "forall t nat: E(sum(i < d, (g(t, i) - G(t, i))^2)) <= sigma2/b(t)",
        "minimum": f"forall t nat: t + 1 <= T => least <= {SIZE}",
    },
    claims={
        "total": f"sum(t < T, {WEIGHT}*{SIZE}) <= {START} + L*sigma2/2*{NOISE}",
        "drawn": f"{SHARES} <= {BOUND}",
        "least": f"least <= {BOUND}",
        "printed": f"least <= {PRINTED}",
    },
    model={
        "T": "2",
        "d": "1",
        "L": "1",
        "sigma2": "0",
        "floor": "0",
        "top": "1",
        "least": "0",
        "eta": ["t", "1"],
        "b": ["t", "1"],
        "f": ["t", "0"],
        "G": ["t", "i", "0"],
        "g": ["t", "i", "0"],
    },
    lemmas=["sums_of_positive_numbers_are_positive", "schedule_bound_is_below_the_printed_one"],
    script=script,
    shown=shown,
    instances=[
        Instance(
            "two steps on a quadratic loss, two step sizes and batches, all outcomes",
            {
                "T": "2",
                "d": "2",
                "L": "1",
                "eta": ["t", "1/(t + 2)"],
                "b": ["t", "1 + t"],
                "top": "1/2",
                "z": Drawn((("2", "-1"), ("0", "3"), ("-1", "-1"))),
                "sigma2": "E(z(1, 0)^2 + z(1, 1)^2)",
                "exact": Recursion(("t", "i"), "1 - 3*i", "exact(t, i) - eta(t)*g(t, i)"),
                "G": ["t", "i", "L*exact(t, i)"],
                "g": ["t", "i", "G(t, i) + z(t + 1, i)/b(t)"],
                "f": ["t", "L/2*sum(i < d, x(t, i)^2)"],
                "floor": "0",
                "least": "min(E(sum(i < d, G(0, i)^2)), E(sum(i < d, G(1, i)^2)))",
            },
            ("1/4", "1/4", "1/2"),
            draws=2,
            naturals={"": 3},
            run=Run("sgd", {"eta": "eta(t)"}, "g(t, i)", ("1", "-2"), 2, {"x": Read("theta")}, torch="SGD"),
            wrong=("sgd@momentum=ema,first=damped",),
        )
    ],
)
