"""The mean of a sum over one, two or three coordinates is the sum of the means."""

from ..proving.instance import Drawn, Instance
from ..proving.script import Proof
from ..proving.theorem import Theorem

CLAIMS = {
    "single": "E(sum(i < d, F(i))) = sum(i < d, E(F(i)))",
    "double": "E(sum(i < d, sum(j < d, G(i, j)))) = sum(i < d, sum(j < d, E(G(i, j))))",
    "triple": "E(sum(i < d, sum(j < d, sum(l < d, H(i, j, l))))) = sum(i < d, sum(j < d, sum(l < d, E(H(i, j, l)))))",
}


def script(proof: Proof) -> None:
    """E is linear."""
    for name, claim in CLAIMS.items():
        proof.linear(name, claim)


def mean_of_sum(proof: Proof, name: str, letters: str, inside: str, bound: str = "d") -> str:
    """E(sum over these coordinates of `inside`) = the sum of E(inside), a fact of this name."""
    left = inside
    right = f"E({inside})"
    for c in reversed(letters):
        left, right = f"sum({c} < {bound}, {left})", f"sum({c} < {bound}, {right})"
    values: dict[str, str | list[str]] = {"F": ["i", "0"], "G": ["i", "j", "0"], "H": ["i", "j", "l", "0"], "d": bound}
    values["FGH"[len(letters) - 1]] = [*letters, inside]
    return proof.lemma(name, f"E({left}) = {right}", THEOREM.theorem, [], values)


THEOREM = Theorem(
    theorem="means_of_sums",
    title="Means of sums",
    says="The mean of a sum over one, two or three coordinates is the sum of the means.",
    variables={"d": "nat", "F": "rand(nat)", "G": "rand(nat, nat)", "H": "rand(nat, nat, nat)"},
    hypotheses={},
    claims=CLAIMS,
    model={"d": "2", "F": ["i", "i"], "G": ["i", "j", "i*j"], "H": ["i", "j", "l", "i*j*l"]},
    script=script,
    instances=[
        Instance(
            "products of numbers of two draws",
            {
                "d": "3",
                "F": Drawn((("2", "-1", "1/2"), ("0", "3", "-1"), ("-1", "0", "1/3")), draw=1),
                "other": Drawn((("-4", "2", "-1"), ("1", "1/2", "-2"), ("3", "-1", "0")), draw=2),
                "G": ["i", "j", "F(i)*other(j)"],
                "H": ["i", "j", "l", "F(i)^2*other(j) - l*other(l)"],
            },
            ("1/4", "1/4", "1/2"),
            draws=2,
        ),
    ],
)
