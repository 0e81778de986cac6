"""SVAG multiplies third cumulants by (3 ell - 1)/2, so that skewness vanishes as ell grows (Malladi et al. 2022)."""

from collections.abc import Sequence
from itertools import product

from ..proving.instance import Drawn, Instance
from ..proving.script import Proof
from ..proving.theorem import Theorem


def noise(i: str) -> str:
    """The noise of SVAG's gradient in a coordinate."""
    return f"(a*z({i}) + b*w({i}))"


def moment(indices: Sequence[str]) -> str:
    """E of the product of SVAG's noise in these coordinates."""
    return f"E({'*'.join(map(noise, indices))})"


def expansion(indices: Sequence[str]) -> list[tuple[str, str]]:
    """The factor and the moment of z and w of every term of that."""
    terms = []
    for chosen in product("zw", repeat=len(indices)):
        factor = "*".join("a" if name == "z" else "b" for name in chosen)
        terms.append((factor, f"E({'*'.join(f'{n}({i})' for n, i in zip(chosen, indices, strict=True))})"))
    return terms


CLAIM = f"{moment('ijk')} = (3*ell - 1)/2*E(z(i)*z(j)*z(k))"


def script(proof: Proof) -> None:
    """a^3 + b^3 = 1 - 3 a b, and 2 a b = 1 - ell; the mixed moments are 0."""
    proof.have("other", "b = 1 - a", (), ["mean"])
    proof.have("quadratic", "ell = 2*a^2 - 2*a + 1", (), ["other", "covariance"])
    with proof.fixing("third", f"forall i nat, j nat, k nat: {CLAIM}") as inner:
        inner.linear("all", f"{moment('ijk')} = {' + '.join(f'{x}*{y}' for x, y in expansion('ijk'))}")
        inner.use("same", "same_third", i="i", j="j", k="k")
        for place, (x, y, last) in enumerate((("i", "j", "k"), ("i", "k", "j"), ("j", "k", "i"))):
            inner.use(f"two_{place}", "mixed", i=x, j=y, k=last)
            inner.use(f"one_{place}", "mixed_too", i=last, j=x, k=y)
        twos = [("a^2*b", f"two_{place}") for place in range(3)]
        ones = [("a*b^2", f"one_{place}") for place in range(3)]
        inner.have("done", CLAIM, (), [("1", "all"), ("b^3", "same"), *twos, *ones, "other", "quadratic"])


THEOREM = Theorem(
    theorem="svag_third_cumulants",
    title="SVAG's third cumulants",
    says="""Let z and w be the noise of two gradients, independent and of one law, and let the weights keep the mean,
    a + b = 1, and multiply the covariance by ell, a^2 + b^2 = ell. Then third cumulants are multiplied by
    (3 ell - 1)/2, across all coordinates. For SGD ell is the l of SVAG, for adaptive methods its square.""",
    sources=["malladi2022sdes, SVAG", "li2021validity, Section 4"],
    variables={"ell": "real", "a": "real", "b": "real", "z": "rand(nat)", "w": "rand(nat)"},
    hypotheses={
        "mean": "a + b = 1",
        "covariance": "a^2 + b^2 = ell",
        "same_third": "forall i nat, j nat, k nat: E(w(i)*w(j)*w(k)) = E(z(i)*z(j)*z(k))",
        "mixed": "forall i nat, j nat, k nat: E(z(i)*z(j)*w(k)) = 0",
        "mixed_too": "forall i nat, j nat, k nat: E(z(i)*w(j)*w(k)) = 0",
    },
    claims={"third": f"forall i nat, j nat, k nat: {CLAIM}"},
    model={"ell": "5", "a": "2", "b": "-1", "z": ["i", "0"], "w": ["i", "0"]},
    script=script,
    instances=[
        Instance(
            "two independent draws on two coordinates",
            {
                "a": "(1 + sqrt(2*ell - 1))/2",
                "b": "(1 - sqrt(2*ell - 1))/2",
                "ell": "5",
                "z": Drawn((("2", "-1"), ("0", "3"), ("-1", "-1")), draw=1),
                "w": Drawn((("2", "-1"), ("0", "3"), ("-1", "-1")), draw=2),
            },
            ("1/4", "1/4", "1/2"),
            draws=2,
            naturals={"": 2},
        )
    ],
)
