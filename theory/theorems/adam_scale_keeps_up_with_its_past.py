"""Generic Adam, lemmas F and C: the scale falls no faster than it forgets, and logarithms pay for g^2 (Chen et al.)."""

from ..proving.instance import Drawn, Instance, Run, after
from ..proving.script import Product, Proof, square
from ..proving.theorem import Theorem
from .logs_lie_below_their_tangents import CLAIMS as LOGS
from .orders_on_every_outcome import CLAIMS as ORDERS

GROWTH = "log(s) - log(before) - log(sqrt(b))"


def script(proof: Proof) -> None:
    """Both parts of the scale keep up; then 1 - x <= -log(x) for x = sqrt(b) before/s, and 1 - x^2 <= 2 (1 - x)."""
    proof.lemma("of_roots", ORDERS["of_roots"], "orders_on_every_outcome", [], {})
    proof.lemma("from_squares", ORDERS["from_squares"], "orders_on_every_outcome", [], {})
    proof.lemma("of_product", LOGS["of_product"], "logs_lie_below_their_tangents", [], {})
    proof.have("b_sign", "b >= 0", ["b_positive"])
    proof.use("h", "root_squared", "b_sign", x="b")
    proof.use("h_positive", "root_positive", "b_positive", x="b")
    proof.have("old_inner", "old + inside_old >= 0", ["old_sign", "inside_old_sign"])
    proof.use("old_root", "root_squared", "old_inner", x="old + inside_old")
    proof.use("old_root_sign", "root_nonnegative", x="old + inside_old")
    proof.have("spare", "1 - b >= 0", ["b_small"])
    kept: list[Product | str] = ["b_sign*old_inner", "inside_keeps", square("g") * "spare"]
    proof.have("inner", "v + inside >= 0", kept, ["update"])
    proof.use("root", "root_squared", "inner", x="v + inside")
    proof.use("root_sign", "root_nonnegative", x="v + inside")
    old_root, root = "sqrt(old + inside_old)", "sqrt(v + inside)"
    proof.have(
        "squares",
        f"(sqrt(b)*{old_root})^2 <= {root}^2",
        ["inside_keeps", square("g") * "spare"],
        ["root", "old_root", "update", "h"],
    )
    proof.use("root_keeps", "from_squares", "root_sign", "squares", Y=f"sqrt(b)*{old_root}", Z=root)
    proof.have("keeps", "s >= sqrt(b)*before", ["root_keeps", "outside_keeps"], ["scale", "scale_before"])
    proof.have("positive", "s > 0", ["keeps", "h_positive*before_positive"])
    proof.use("apart", "positive_is_apart", "positive", x="s")
    proof.use("unit", "reciprocal", "apart", x="s")
    proof.use("inverse", "reciprocal_positive", "positive", x="s")
    proof.use("half", "of_product", "positive", "before_positive", "h_positive", Y="s", Z="before", W="sqrt(b)")
    proof.have("kept_share", "1 - sqrt(b)*before/s >= 0", ["keeps*inverse"], ["unit"])
    proof.have("kept_most", "1 - sqrt(b)*before/s <= 1", ["inverse*h_positive*before_positive"])
    proof.have("growth", f"{GROWTH} >= 0", ["half", "kept_share"])
    proof.have(
        "paid",
        "s^2 - b*before^2 >= (1 - b)*g^2",
        [
            "inside_keeps",
            "root_sign*outside_keeps",
            "root_keeps*h_positive*outside_old_sign",
            "outside_keeps*outside_keeps",
            "outside_keeps*h_positive*outside_old_sign",
        ],
        ["scale", "scale_before", "root", "old_root", "update", "h"],
    )
    proof.have(
        "share",
        f"(1 - b)*g^2/s^2 <= 2*({GROWTH})",
        [square("1/s") * "paid", "half", square("1 - sqrt(b)*before/s")],
        ["unit", "h"],
    )


def shown(proof: Proof) -> None:
    """The scale before is positive in the model."""
    proof.have("two", "2 > 0")
    proof.use("root", "root_positive", "two", x="2")


THEOREM = Theorem(
    theorem="adam_scale_keeps_up_with_its_past",
    title="Adam's scale keeps up with its past, and its logarithm pays for the gradient",
    says="""Let a damping inside the root fall no faster than by b and one outside no faster than by sqrt(b), b being
    the share that the second moment keeps. Then the scale s is at least sqrt(b) times the one before, and its growth
    log(s/(sqrt(b) before)) >= 0 bounds both 1 - sqrt(b) before/s and half of (1 - b) g^2/s^2.""",
    sources=["chen2022towards, the proof of the main theorem"],
    variables={
        **{name: "rand" for name in ("g", "old", "v", "before", "s")},
        **{name: "real" for name in ("b", "inside_old", "inside", "outside_old", "outside")},
    },
    hypotheses={
        "b_positive": "b > 0",
        "b_small": "b <= 1",
        "old_sign": "old >= 0",
        "inside_old_sign": "inside_old >= 0",
        "outside_old_sign": "outside_old >= 0",
        "inside_keeps": "inside >= b*inside_old",
        "outside_keeps": "outside >= sqrt(b)*outside_old",
        "update": "v = b*old + (1 - b)*g^2",
        "scale_before": "before = sqrt(old + inside_old) + outside_old",
        "scale": "s = sqrt(v + inside) + outside",
        "before_positive": "before > 0",
    },
    claims={
        "keeps": "s >= sqrt(b)*before",
        "positive": "s > 0",
        "kept_share": "1 - sqrt(b)*before/s >= 0",
        "kept_most": "1 - sqrt(b)*before/s <= 1",
        "growth": f"{GROWTH} >= 0",
        "half": f"{GROWTH} >= 1 - sqrt(b)*before/s",
        "share": f"(1 - b)*g^2/s^2 <= 2*({GROWTH})",
    },
    lemmas=["orders_on_every_outcome", "logs_lie_below_their_tangents"],
    model={
        "g": "2",
        "old": "1",
        "v": "5/2",
        "before": "sqrt(2)",
        "s": "sqrt(7/2) + 1",
        "b": "1/2",
        "inside_old": "1",
        "inside": "1",
        "outside_old": "0",
        "outside": "1",
    },
    script=script,
    shown=shown,
    instances=[
        Instance(
            "Adam's second step on a random gradient, eps outside the root",
            {
                "z": Drawn(("2", "0", "-1")),
                "noisy": ["t", "1/2 + z(t)"],
                **{"g": "noisy(2)", "b": "3/4", "eps": "1/4"},
                **{"inside_old": "0", "inside": "0"},
                **{"outside_old": "eps*sqrt(1 - b)", "outside": "eps*sqrt(1 - b^2)"},
                **{"before": "sqrt(old + inside_old) + outside_old", "s": "sqrt(v + inside) + outside"},
            },
            ("1/4", "1/4", "1/2"),
            draws=2,
            run=Run(
                "adam",
                {"beta2": "b", "eps": "eps"},
                "noisy(t + 1)",
                ("1",),
                2,
                {"old": after("v", 1), "v": after("v", 2)},
                torch="Adam",
            ),
        ),
        Instance(
            "a random gradient, eps inside the root that falls as fast as it may",
            {
                **{"g": Drawn(("0", "3/2"), draw=2), "old": Drawn(("0", "4"), draw=1), "b": "1/4"},
                **{
                    "v": "b*old + (1 - b)*g^2",
                    "inside_old": "1",
                    "inside": "1/4",
                    "outside_old": "1",
                    "outside": "1/2",
                },
                **{"before": "sqrt(old + inside_old) + outside_old", "s": "sqrt(v + inside) + outside"},
            },
            ("1/3", "2/3"),
            draws=2,
        ),
    ],
)
