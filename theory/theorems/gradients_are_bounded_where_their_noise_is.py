"""A gradient is at most G, up to outcomes of no weight, where the second moment of its estimate is at most G^2."""

from ..proving.instance import Drawn, Instance
from ..proving.positive import reciprocal
from ..proving.script import Proof, square
from ..proving.theorem import Theorem

ABOVE = "(grad^2 - G^2 + abs(grad^2 - G^2))/2"
CLAIM = "forall V rand: V >= 0, V <= 1 => E(abs(grad)*V) <= G*E(V)"


def script(proof: Proof) -> None:
    """The part of grad^2 above G^2 has a square of mean 0, so that its own mean is 0."""
    over = "grad^2 - G^2"
    proof.use("over_above", "absolute_above", x=over)
    proof.use("over_below", "absolute_below", x=over)
    proof.use("over_square", "absolute_squared", x=over)
    proof.have("above_sign", f"{ABOVE} >= 0", ["over_below"])
    proof.past("above_past", f"past({ABOVE}, n)", "grad_past")
    proof.past("above_grad_past", f"past({ABOVE}*grad, n)", "grad_past")
    proof.use("weighted", "second_moment", "above_sign", "above_past", X=ABOVE)
    proof.use("mixed", "unbiased", "above_grad_past", X=f"{ABOVE}*grad")
    products = (f"{ABOVE}*grad*g", f"{ABOVE}*grad*grad", f"{ABOVE}*g^2")
    proof.have(
        "variance", f"{products[2]} - 2*({products[0]}) + {products[1]} >= 0", [square("g - grad") * "above_sign"]
    )
    proof.mean("mean_variance", f"E({products[2]}) - 2*E({products[0]}) + E({products[1]}) >= 0", "variance")
    proof.have("part", f"({ABOVE})^2 = {products[1]} - G^2*({ABOVE})", (), ["over_square"])
    proof.mean("mean_part", f"E(({ABOVE})^2) = E({products[1]}) - G^2*E({ABOVE})", "part")
    proof.have("none", f"E(({ABOVE})^2) <= 0", ["mean_variance", "weighted"], ["mean_part", "mixed"])
    mean = f"E({ABOVE})"
    with proof.cases("mean_above", f"{mean} <= 0", on=f"-{mean}") as (below, above):
        below.have("done", f"{mean} <= 0", ["case"])
        above.have("positive", f"{mean} > 0", ["case"])
        above.use("apart", "positive_is_apart", "positive", x=mean)
        above.use("unit", "reciprocal", "apart", x=mean)
        above.use("inverse", "reciprocal_positive", "positive", x=mean)
        above.have(
            "young",
            f"{ABOVE} <= 1/{mean}*({ABOVE})^2/2 + {mean}/2",
            [square(f"({ABOVE})/{mean} - 1") * "positive"],
            ["unit"],
        )
        above.mean("mean_young", f"{mean} <= 1/{mean}*E(({ABOVE})^2)/2 + {mean}/2", "young")
        above.have("done", f"{mean} <= 0", ["mean_young", "inverse*none"])
    reciprocal(proof, "G", "G_positive", "G", over="inverse")
    proof.use("size", "absolute_squared", x="grad")
    proof.have(
        "bound",
        f"abs(grad) <= G + ({ABOVE})/G/2",
        [square("abs(grad) - G") * "G_inverse", "over_above*G_inverse"],
        ["G_unit", "size"],
    )
    with proof.fixing("claim", CLAIM, "sign", "most") as fixed:
        fixed.have("term", f"abs(grad)*V <= G*V + ({ABOVE})/G/2", ["bound*sign", "most*above_sign*G_inverse"])
        fixed.mean("mean", f"E(abs(grad)*V) <= G*E(V) + {mean}/G/2", "term")
        fixed.have("done", "E(abs(grad)*V) <= G*E(V)", ["mean", "mean_above*G_inverse"])


THEOREM = Theorem(
    theorem="gradients_are_bounded_where_their_noise_is",
    title="Gradients are bounded where the second moment of their estimates is",
    says="""If g is unbiased given the past, and its second moment given the past is at most G^2, then |grad| is at
    most G in every mean: E(|grad| V) <= G E(V) for all V from 0 to 1, whether or not V is past.""",
    sources=["chen2022towards, the proof of the main theorem"],
    variables={"grad": "rand", "g": "rand", "G": "real", "n": "nat"},
    hypotheses={
        "G_positive": "G > 0",
        "grad_past": "past(grad, n)",
        "unbiased": "forall X rand: past(X, n) => E(X*g) = E(X*grad)",
        "second_moment": "forall X rand: X >= 0, past(X, n) => E(X*g^2) <= G^2*E(X)",
    },
    claims={"claim": CLAIM},
    model={"grad": "2", "g": "2", "G": "2", "n": "3"},
    script=script,
    instances=[
        Instance(
            "noise on a random gradient",
            {
                "grad": Drawn(("1", "-2"), draw=1),
                "z": Drawn(("3", "-3/4"), draw=2),
                **{"g": "grad + z", "G": "5/2", "n": "1"},
            },
            ("1/5", "4/5"),
            draws=2,
        ),
    ],
)
