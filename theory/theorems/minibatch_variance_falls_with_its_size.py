"""The mean of b sample gradients has at most 1/b of their variance (Umeda & Iiduka 2024, assumption A3 and its use)."""

from ..proving.instance import Drawn, Instance
from ..proving.script import Proof
from ..proving.theorem import Theorem

SPREAD = "E(sum(i < d, (sum(j < {n}, h(j, i)) - {n}*G(i))^2))"


def script(proof: Proof) -> None:
    """By induction over the draws: what a draw adds is uncorrelated with all that came before."""
    claim = "forall n nat: " + SPREAD.format(n="n") + " <= n*sigma2"
    with proof.induction("draws", claim) as (zero, following):
        zero.linear("none", SPREAD.format(n="0") + " = 0*sigma2")
        zero.have("start", SPREAD.format(n="0") + " <= 0*sigma2", (), ["none"])
        _one_more(following)
    proof.use("all", "draws", n="b")
    proof.use("apart", "positive_is_apart", "some", x="b")
    proof.use("unit", "reciprocal", "apart", x="b")
    proof.use("positive", "reciprocal_positive", "some", x="b")
    parts = "sum(i < d, E(sum(j < b, h(j, i))^2))", "sum(i < d, E(sum(j < b, h(j, i))*G(i)))", "sum(i < d, E(G(i)^2))"
    one, two, three = parts
    proof.linear("expanded", SPREAD.format(n="b") + f" = {one} - 2*b*{two} + b^2*{three}")
    mean = "E(sum(i < d, (sum(j < b, h(j, i))/b - G(i))^2))"
    proof.linear("mean_expanded", f"{mean} = (1/b)^2*{one} - 2*(1/b)*{two} + {three}")
    proof.have("averaged", f"{mean} <= sigma2/b", ["all*positive*positive"], ["expanded", "mean_expanded", "unit"])
    with proof.fixing(
        "unbiased_mean", "forall X rand, i nat: past(X, 0) => E(X*(sum(j < b, h(j, i))/b)) = E(X*G(i))", "early"
    ) as inner:
        total = "E(X*sum(j < {n}, h(j, i))) = {n}*E(X*G(i))"
        with inner.induction("totals", "forall n nat: " + total.format(n="n")) as (zero, following):
            zero.linear("none", total.format(n="0"))
            following.past("still", "past(X, n)", "early")
            following.use("here", "unbiased", "still", X="X", j="n", i="i")
            following.linear("unfolded", "E(X*sum(j < n + 1, h(j, i))) = E(X*sum(j < n, h(j, i))) + E(X*h(n, i))")
            following.have("next", total.format(n="(n + 1)"), (), ["unfolded", "before", "here"])
        inner.use("total", "totals", n="b")
        inner.linear("moved", "E(X*(sum(j < b, h(j, i))/b)) = (1/b)*E(X*sum(j < b, h(j, i)))")
        inner.have("mean", "E(X*(sum(j < b, h(j, i))/b)) = E(X*G(i))", (), ["moved", "total", "unit"])


def _one_more(proof: Proof) -> None:
    cross = "sum(i < d, E((sum(j < n, h(j, i)) - n*G(i))*(h(n, i) - G(i))))"
    new = "E(sum(i < d, (h(n, i) - G(i))^2))"
    proof.linear("split", SPREAD.format(n="(n + 1)") + " = " + SPREAD.format(n="n") + f" + 2*{cross} + {new}")
    with proof.fixing("each", "forall i nat: E((sum(j < n, h(j, i)) - n*G(i))*(h(n, i) - G(i))) = 0") as inner:
        inner.use("sum_known", "drawn", j="n", i="i")
        inner.use("gradient_known", "gradient", i="i")
        inner.past("known", "past(sum(k < n, h(k, i)) - n*G(i), n)", "sum_known", "gradient_known")
        inner.use("mean", "unbiased", "known", X="sum(k < n, h(k, i)) - n*G(i)", j="n", i="i")
        inner.linear(
            "apart",
            "E((sum(j < n, h(j, i)) - n*G(i))*(h(n, i) - G(i))) = E((sum(j < n, h(j, i)) - n*G(i))*h(n, i))"
            " - E((sum(j < n, h(j, i)) - n*G(i))*G(i))",
        )
        inner.have("uncorrelated", "E((sum(j < n, h(j, i)) - n*G(i))*(h(n, i) - G(i))) = 0", (), ["apart", "mean"])
    proof.add("cross", f"{cross} = 0", "each", "d")
    proof.use("last", "variance", j="n")
    proof.have("more", SPREAD.format(n="(n + 1)") + " <= (n + 1)*sigma2", ["before", "last"], ["split", "cross"])


def shown(proof: Proof) -> None:
    """What is no random variable is known from the start."""
    with proof.fixing("gradient", "forall i nat: past(i + 1, 0)") as inner:
        inner.past("known", "past(i + 1, 0)")
    with proof.fixing("drawn", "forall j nat, i nat: past(sum(k < j, i + 1), j)") as inner:
        inner.past("known", "past(sum(k < j, i + 1), j)")


THEOREM = Theorem(
    theorem="minibatch_variance_falls_with_its_size",
    title="The variance of a mini-batch gradient is at most that of a sample over the batch size",
    says="""A batch of b draws, each an unbiased gradient given the draws before it, with variance at most sigma^2 over
    all coordinates: their mean is an unbiased gradient, and its variance is at most sigma^2/b.""",
    sources=["umeda2024increasing, assumption (A3)"],
    variables={"b": "nat", "d": "nat", "sigma2": "real", "G": "rand(nat)", "h": "rand(nat, nat)"},
    hypotheses={
        "some": "b > 0",
        "gradient": "forall i nat: past(G(i), 0)",
        "drawn": "forall j nat, i nat: past(sum(k < j, h(k, i)), j)",
        "unbiased": "forall X rand, j nat, i nat: past(X, j) => E(X*h(j, i)) = E(X*G(i))",
        "variance": "forall j nat: E(sum(i < d, (h(j, i) - G(i))^2)) <= sigma2",
    },
    claims={
        "variance": "E(sum(i < d, (sum(j < b, h(j, i))/b - G(i))^2)) <= sigma2/b",
        "unbiased": "forall X rand, i nat: past(X, 0) => E(X*(sum(j < b, h(j, i))/b)) = E(X*G(i))",
    },
    model={"b": "2", "d": "1", "sigma2": "1", "G": ["i", "i + 1"], "h": ["j", "i", "i + 1"]},
    script=script,
    shown=shown,
    instances=[
        Instance(
            "three gradients of two coordinates, drawn one after the other",
            {
                "b": "3",
                "d": "2",
                "G": ["i", "1 - 3*i"],
                "z": Drawn((("2", "-1"), ("0", "3"), ("-1", "-1"))),
                "h": ["j", "i", "G(i) + z(j + 1, i)"],
                "sigma2": "E(z(1, 0)^2 + z(1, 1)^2)",
            },
            ("1/4", "1/4", "1/2"),
            draws=3,
            naturals={"": 3},
        )
    ],
)
