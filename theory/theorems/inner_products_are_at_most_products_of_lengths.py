"""The inequality of Cauchy and Schwarz for sums over n coordinates."""

from ..proving.instance import Drawn, Instance
from ..proving.script import Proof, square
from ..proving.theorem import Theorem

P, X, Y = "sum(i < {n}, x(i)*y(i))", "sum(i < {n}, x(i)^2)", "sum(i < {n}, y(i)^2)"
CLAIM = f"{P}^2 <= {X}*{Y}"


def script(proof: Proof) -> None:
    """One coordinate more adds the sum of (x(i) y(s) - x(s) y(i))^2 over the others to the gap."""
    with proof.induction("partial", f"forall s nat: {CLAIM.format(n='s')}") as (zero, following):
        for name, text in (("product", P), ("first", X), ("second", Y)):
            zero.linear(name, f"{text.format(n='0')} = 0")
        zero.have("now", CLAIM.format(n="0"), [], ["product", "first", "second"])
        for name, text, last in (("product", P, "x(s)*y(s)"), ("first", X, "x(s)^2"), ("second", Y, "y(s)^2")):
            following.linear(name, f"{text.format(n='s + 1')} = {text.format(n='s')} + {last}")
        with following.fixing("squares", "forall i nat: (x(i)*y(s) - x(s)*y(i))^2 >= 0") as inner:
            inner.have("now", "(x(i)*y(s) - x(s)*y(i))^2 >= 0", [square("x(i)*y(s) - x(s)*y(i)")])
        p, x, y = (text.format(n="s") for text in (P, X, Y))
        following.add("all", f"y(s)^2*{x} - 2*x(s)*y(s)*{p} + x(s)^2*{y} >= 0", "squares", "s")
        following.have("now", CLAIM.format(n="s + 1"), ["before", "all"], ["product", "first", "second"])
    proof.use("bound", "partial", s="n")


THEOREM = Theorem(
    theorem="inner_products_are_at_most_products_of_lengths",
    title="Inner products are at most products of lengths",
    says="""The inequality of Cauchy and Schwarz: the square of an inner product of two vectors is at most the product
    of their squared lengths.""",
    variables={"n": "nat", "x": "rand(nat)", "y": "rand(nat)"},
    hypotheses={},
    claims={"bound": CLAIM.format(n="n")},
    model={"n": "2", "x": ["i", "i"], "y": ["i", "1 - 2*i"]},
    script=script,
    instances=[
        Instance(
            "random vectors, parallel on one outcome",
            {
                "n": "3",
                "x": Drawn((("2", "-1", "1/2"), ("0", "3", "-1"), ("-1", "0", "1/3")), draw=1),
                "y": Drawn((("-4", "2", "-1"), ("1", "1/2", "-2"), ("3", "-1", "0")), draw=2),
            },
            ("1/4", "1/4", "1/2"),
            draws=2,
        )
    ],
)
