"""One step of SGD on a smooth loss: the descent lemma in expectation (Umeda & Iiduka 2024, Lemma 2.1)."""

from ..proving.instance import Drawn, Instance, Read, Run
from ..proving.script import Proof, square
from ..proving.theorem import Theorem


def script(proof: Proof) -> None:
    """The mean of the descent lemma, the bias and the variance put in, and eta L <= 1."""
    proof.mean(
        "average",
        "E(after) <= E(before) - eta*E(sum(i < d, G(i)*g(i))) + L*eta^2/2*E(sum(i < d, g(i)^2))",
        "smooth",
    )
    proof.linear("one", "E(sum(i < d, G(i)*g(i))) = sum(i < d, E(G(i)*g(i)))")
    proof.linear("two", "E(sum(i < d, g(i)^2)) = sum(i < d, E(g(i)^2))")
    proof.linear("three", "E(sum(i < d, G(i)^2)) = sum(i < d, E(G(i)^2))")
    proof.linear("split", "sum(i < d, E(G(i)*g(i)) - E(G(i)^2)) = sum(i < d, E(G(i)*g(i))) - sum(i < d, E(G(i)^2))")
    with proof.fixing("each", "forall j nat: E(G(j)*g(j)) - E(G(j)^2) = 0") as inner:
        inner.use("here", "unbiased", i="j")
        inner.have("difference", "E(G(j)*g(j)) - E(G(j)^2) = 0", (), ["here"])
    proof.add("bias", "sum(i < d, E(G(i)*g(i))) - sum(i < d, E(G(i)^2)) = 0", "each", "d")
    with proof.fixing("squares", "forall j nat: G(j)^2 >= 0") as inner:
        inner.have("square", "G(j)^2 >= 0", [square("G(j)")])
    proof.add("size", "sum(i < d, G(i)^2) >= 0", "squares", "d")
    proof.mean("mean_size", "E(sum(i < d, G(i)^2)) >= 0", "size")
    proof.have(
        "descent",
        "E(after) <= E(before) - eta/2*E(sum(i < d, G(i)^2)) + L*eta^2/2*sigma2",
        ["average", "variance*positive_L*positive_eta*positive_eta", "small*positive_eta*mean_size"],
        ["one", "two", "three", "bias@sum(i < d, E(G(i)*g(i)))"],
    )


THEOREM = Theorem(
    theorem="sgd_descends_on_average",
    title="SGD descends on average",
    says="""If the loss is L-smooth along the step, g is an unbiased gradient with second moment at most that of the
    gradient plus sigma^2, and eta L <= 1, then the expected loss falls by at least eta/2 times the expected squared
    norm of the gradient, less L eta^2 sigma^2/2.""",
    sources=["umeda2024, Lemma 2.1"],
    variables={
        "eta": "real",
        "L": "real",
        "sigma2": "real",
        "d": "nat",
        "before": "rand",
        "after": "rand",
        "G": "rand(nat)",
        "g": "rand(nat)",
    },
    hypotheses={
        "positive_eta": "eta > 0",
        "positive_L": "L > 0",
        "small": "eta*L <= 1",
        "smooth": "after <= before - eta*sum(i < d, G(i)*g(i)) + L*eta^2/2*sum(i < d, g(i)^2)",
        "unbiased": "forall i nat: E(G(i)*g(i)) = E(G(i)^2)",
        "variance": "E(sum(i < d, g(i)^2)) <= E(sum(i < d, G(i)^2)) + sigma2",
    },
    claims={"descent": "E(after) <= E(before) - eta/2*E(sum(i < d, G(i)^2)) + L*eta^2/2*sigma2"},
    model={
        "eta": "1",
        "L": "1",
        "sigma2": "0",
        "d": "1",
        "before": "0",
        "after": "0",
        "G": ["i", "0"],
        "g": ["i", "0"],
    },
    script=script,
    instances=[
        Instance(
            "one step on a quadratic loss, skewed noise",
            {
                "eta": "1/4",
                "L": "2",
                "d": "2",
                "z": Drawn((("2", "-1"), ("0", "3"), ("-1", "-1")), draw=1),
                "sigma2": "E(z(0)^2 + z(1)^2)",
                "G": ["i", "L*(1 - 3*i)"],
                "g": ["i", "G(i) + z(i)"],
                "before": "L/2*sum(i < d, x(0, i)^2)",
                "after": "L/2*sum(i < d, x(1, i)^2)",
            },
            ("1/4", "1/4", "1/2"),
            draws=1,
            naturals={"": 2},
            run=Run("sgd", {"eta": "eta"}, "g(i)", ("1", "-2"), 1, {"x": Read("theta")}, torch="SGD"),
            wrong=("sgd@momentum=ema,first=damped",),
        )
    ],
)
