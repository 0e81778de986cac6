"""Generic Adam, lemma A: what the normalised gradient does on average, given the past (Chen et al. 2022)."""

from ..proving.instance import Drawn, Instance, Run, after
from ..proving.script import Proof, square
from ..proving.theorem import Theorem
from . import adam_scale_without_its_gradient as outcome

ST = f"({outcome.MEAN_ROOT} + outside)"
CLAIM = f"forall X rand: X >= 0, past(X, n) => E(X*grad*g/s) >= E(X*grad^2/{ST})/2 - 2*{outcome.K}*E(X*delta*g^2/s^2)"


def script(proof: Proof) -> None:
    """The mean of the lemma on one outcome; X grad/st and X grad^2/(4 st delta^2) are past."""
    lemma = outcome.THEOREM
    proof.have("mean_scale", f"{ST} = {ST}")
    values = {**{name: name for name in lemma.variables}, "st": ST}
    close = lemma.claims["close"].replace("/st", f"/{ST}").replace("*st", f"*{ST}")
    proof.lemma("close", close, lemma.theorem, list(lemma.hypotheses), values)
    proof.use("delta_apart", "positive_is_apart", "delta_positive", x="delta")
    proof.use("unit", "reciprocal", "delta_apart", x="delta")
    proof.lemma("st_positive", f"{ST} > 0", lemma.theorem, list(lemma.hypotheses), values)
    proof.use("inverse", "reciprocal_positive", "st_positive", x=ST)
    with proof.fixing("bound", CLAIM, "sign", "known") as fixed:
        known = ["known", "grad_past", "delta_past", "old_past"]
        fixed.past("first_past", f"past(X*grad/{ST}, n)", *known)
        fixed.use("first", "unbiased", "first_past", X=f"X*grad/{ST}")
        weight = f"X*(grad/delta)^2/{ST}"
        fixed.past("second_past", f"past({weight}, n)", *known)
        fixed.have("weight_sign", f"{weight} >= 0", [square("grad/delta") * "sign*inverse"])
        fixed.use("second", "second_moment", "weight_sign", "second_past", X=weight)
        fixed.have("back", f"{weight}*delta^2 = X*grad^2/{ST}", (), ["unit"])
        fixed.mean("mean_back", f"E({weight}*delta^2) = E(X*grad^2/{ST})", "back")
        fixed.have("weighted", f"X*({close.replace(' >= ', ') >= X*(')})", ["close*sign"])
        lost = f"2*{outcome.K}*E(X*delta*g^2/s^2)"
        fixed.mean(
            "average",
            f"E(X*grad*g/s) >= E(X*grad/{ST}*g) - E(X*grad^2/{ST})/4 - E({weight}*g^2)/4 - {lost}",
            "weighted",
        )
        fixed.linear("same", f"E(X*grad/{ST}*grad) = E(X*grad^2/{ST})")
        fixed.have("done", CLAIM.split(" => ")[1], ["average", "second"], ["first", "mean_back", "same"])


THEOREM = Theorem(
    theorem="adam_follows_the_gradient_on_average",
    title="Adam follows the gradient on average",
    says="""Given the past, g has mean grad and second moment at most delta^2. Then grad g/s is on average at least
    grad^2/(2 st) - 2 sqrt(1 - b) delta g^2/s^2, where st is the scale s with delta^2 in place of g^2; b, s and st as in
    generic Adam, eps inside or outside the root.""",
    sources=["chen2022towards, the proof of the main theorem"],
    variables={**{k: v for k, v in outcome.THEOREM.variables.items() if k != "st"}, "n": "nat"},
    hypotheses={
        **{k: v for k, v in outcome.THEOREM.hypotheses.items() if k != "mean_scale"},
        "grad_past": "past(grad, n)",
        "old_past": "past(old, n)",
        "delta_past": "past(delta, n)",
        "unbiased": "forall X rand: past(X, n) => E(X*g) = E(X*grad)",
        "second_moment": "forall X rand: X >= 0, past(X, n) => E(X*g^2) <= E(X*delta^2)",
    },
    claims={"bound": CLAIM},
    lemmas=[outcome.THEOREM.theorem],
    model={**{k: v for k, v in outcome.THEOREM.model.items() if k != "st"}, "grad": "4", "n": "3"},
    script=script,
    shown=outcome.shown,
    instances=[
        Instance(
            "Adam's second step on a gradient that the draw before moves, eps outside the root",
            {
                "z": Drawn(("2", "0", "-1")),
                "noisy": ["t", "1/2 + z(t)/4 + z(t + 1)"],
                **{"n": "1", "grad": "1/2 + z(1)/4", "g": "noisy(1)", "delta": "3/2 + abs(grad)"},
                **{
                    "b": "3/4",
                    "eps": "1/4",
                    "inside": "0",
                    "outside": "eps*sqrt(1 - b^2)",
                    "s": "sqrt(v + inside) + outside",
                },
            },
            ("1/4", "1/4", "1/2"),
            draws=2,
            run=Run(
                "adam",
                {"beta2": "b", "eps": "eps"},
                "noisy(t)",
                ("1",),
                2,
                {"old": after("v", 1), "v": after("v", 2)},
                torch="Adam",
            ),
        ),
        Instance(
            "a gradient whose size the past determines, eps inside the root",
            {
                **{"n": "1", "delta": Drawn(("2", "1/2"), draw=1), "sign": Drawn(("1", "-1"), draw=2)},
                **{
                    "g": "delta*sign",
                    "grad": "delta*E(sign)",
                    "old": Drawn(("0", "4"), draw=1),
                    "v": "b*old + (1 - b)*g^2",
                },
                **{"b": "1/4", "inside": "1/9", "outside": "0", "s": "sqrt(v + inside) + outside"},
            },
            ("1/3", "2/3"),
            draws=2,
        ),
    ],
)
