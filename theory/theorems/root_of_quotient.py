"""The root of a quotient is the quotient of the roots."""

from ..proving.instance import Instance
from ..proving.positive import reciprocal
from ..proving.script import Proof
from ..proving.theorem import Theorem


def script(proof: Proof) -> None:
    """Both sides are positive and have the same square."""
    quotient_of_roots(proof, "x", "y")


def quotient_of_roots(proof: Proof, x: str, y: str) -> None:
    """`quotient`, sqrt(x/y) = sqrt(x)/sqrt(y), from `x_positive` and `y_positive`."""
    reciprocal(proof, "y", "y_positive", y, over="inverse")
    proof.have("quotient_positive", f"{x}/({y}) > 0", ["x_positive*y_inverse"])
    for name, text, premise in (
        ("x", x, "x_positive"),
        ("y", y, "y_positive"),
        ("quotient", f"{x}/({y})", "quotient_positive"),
    ):
        proof.have(f"{name}_nonnegative", f"{text} >= 0", [premise])
        proof.use(f"root_of_{name}", "root_squared", f"{name}_nonnegative", x=text)
        proof.use(f"positive_root_of_{name}", "root_positive", premise, x=text)
    proof.use("apart", "positive_is_apart", "positive_root_of_y", x=f"sqrt({y})")
    proof.use("unit", "reciprocal", "apart", x=f"sqrt({y})")
    product = f"sqrt({x}/({y}))*sqrt({y})"
    total, difference = f"{product} + sqrt({x})", f"{product} - sqrt({x})"
    proof.have("sum_positive", f"{total} > 0", ["positive_root_of_quotient*positive_root_of_y", "positive_root_of_x"])
    proof.use("sum_apart", "positive_is_apart", "sum_positive", x=total)
    proof.use("sum_unit", "reciprocal", "sum_apart", x=total)
    squares = ["root_of_quotient", "root_of_x", "root_of_y", "y_unit"]
    proof.have("difference_of_squares", f"({difference})*({total}) = 0", (), squares)
    factors = [(difference, "sum_unit"), (f"1/({total})", "difference_of_squares")]
    proof.have("product", f"{product} = sqrt({x})", (), factors)
    factors = [(f"1/sqrt({y})", "product"), (f"sqrt({x}/({y}))", "unit")]
    proof.have("quotient", f"sqrt({x}/({y})) = sqrt({x})/sqrt({y})", (), factors)


def invert(proof: Proof, name: str, x: str) -> None:
    """From the fact x > 0 of this name: `name_unit`, x (1/x) = 1, and `name_inverse`, 1/x > 0."""
    reciprocal(proof, name, name, x, over="inverse")


def root(proof: Proof, name: str, x: str) -> None:
    """From the fact x > 0 of this name: `name_root`, sqrt(x) > 0, `name_squared`, and the same for its reciprocal."""
    proof.have(f"{name}_sign", f"{x} >= 0", [name])
    proof.use(f"{name}_squared", "root_squared", f"{name}_sign", x=x)
    proof.use(f"{name}_root", "root_positive", name, x=x)
    invert(proof, f"{name}_root", f"sqrt({x})")


def known_root(proof: Proof, name: str, x: str, root: str) -> None:
    """The equation sqrt(x) = root between numbers with root > 0 and root^2 = x, under this name."""
    proof.have(f"{name}_sign", f"{x} >= 0")
    proof.use(f"{name}_squared", "root_squared", f"{name}_sign", x=x)
    proof.use(f"{name}_root", "root_nonnegative", x=x)
    proof.have(f"{name}_sum", f"sqrt({x}) + {root} > 0", [f"{name}_root"])
    proof.use(f"{name}_apart", "positive_is_apart", f"{name}_sum", x=f"sqrt({x}) + {root}")
    proof.use(f"{name}_unit", "reciprocal", f"{name}_apart", x=f"sqrt({x}) + {root}")
    factors = [(f"sqrt({x}) - {root}", f"{name}_unit"), (f"1/(sqrt({x}) + {root})", f"{name}_squared")]
    proof.have(name, f"sqrt({x}) = {root}", (), factors)


THEOREM = Theorem(
    theorem="root_of_quotient",
    title="The root of a quotient",
    says="For positive x and y, sqrt(x/y) is sqrt(x)/sqrt(y).",
    variables={"x": "real", "y": "real"},
    hypotheses={"x_positive": "x > 0", "y_positive": "y > 0"},
    claims={
        "quotient": "sqrt(x/y) = sqrt(x)/sqrt(y)",
        "product": "sqrt(x/y)*sqrt(y) = sqrt(x)",
    },
    model={"x": "2", "y": "3"},
    script=script,
    instances=[
        Instance("near 1", {"x": "9/7", "y": "2/5"}),
        Instance("far apart", {"x": "1/50", "y": "49"}),
    ],
)
