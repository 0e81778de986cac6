"""SVAG multiplies fourth cumulants by (ell^2 + 2 ell - 1)/2 (Malladi et al. 2022; Li, Malladi & Arora 2021)."""

from ..proving.instance import Drawn, Instance
from ..proving.script import Proof
from ..proving.theorem import Theorem
from .svag_third_cumulants import expansion, moment

PAIRS = (("ij", "kl"), ("ik", "jl"), ("il", "jk"))


def covariance(pair: str, name: str = "z") -> str:
    """The covariance of two coordinates."""
    return f"E({name}({pair[0]})*{name}({pair[1]}))"


SPLIT = " - ".join(f"{moment(one)}*{moment(two)}" for one, two in PAIRS)
Z_SPLIT = " - ".join(f"{covariance(one)}*{covariance(two)}" for one, two in PAIRS)
CLAIM = f"{moment('ijkl')} - {SPLIT} = (ell^2 + 2*ell - 1)/2*(E(z(i)*z(j)*z(k)*z(l)) - {Z_SPLIT})"


def script(proof: Proof) -> None:
    """a^4 + b^4 = ell^2 - 2 a^2 b^2, and 2 a b = 1 - ell; a^2 b^2 has all the pairs of covariances twice."""
    proof.have("other", "b = 1 - a", (), ["mean"])
    proof.have("quadratic", "ell = 2*a^2 - 2*a + 1", (), ["other", "covariance"])
    pairs = "forall i nat, j nat: " + f"{moment('ij')} = ell*E(z(i)*z(j))"
    with proof.fixing("covariances", pairs) as inner:
        inner.linear("all", f"{moment('ij')} = {' + '.join(f'{x}*{y}' for x, y in expansion('ij'))}")
        inner.use("same", "same_covariance", i="i", j="j")
        inner.use("crossed", "uncorrelated", i="i", j="j")
        inner.use("turned", "uncorrelated", i="j", j="i")
        inner.have(
            "done",
            f"{moment('ij')} = ell*E(z(i)*z(j))",
            (),
            [("1", "all"), ("b^2", "same"), ("a*b", "crossed"), ("a*b", "turned"), "other", "quadratic"],
        )
    with proof.fixing("fourth", f"forall i nat, j nat, k nat, l nat: {CLAIM}") as inner:
        inner.linear("all", f"{moment('ijkl')} = {' + '.join(f'{x}*{y}' for x, y in expansion('ijkl'))}")
        inner.use("same", "same_fourth", i="i", j="j", k="k", l="l")
        factors = [("1", "all"), ("b^4", "same")]
        for alone in "ijkl":
            x, y, u = (letter for letter in "ijkl" if letter != alone)
            inner.use(f"three_{alone}", "mixed", i=x, j=y, k=u, l=alone)
            inner.use(f"one_{alone}", "mixed_too", i=alone, j=x, k=y, l=u)
            factors += [("a^3*b", f"three_{alone}"), ("a*b^3", f"one_{alone}")]
        for one, two in PAIRS:
            for first, last in ((one, two), (two, one)):
                inner.use(f"pairs_{first}", "independent", i=first[0], j=first[1], k=last[0], l=last[1])
                inner.use(f"same_{first}", "same_covariance", i=first[0], j=first[1])
                inner.use(f"cov_{first}", "covariances", i=first[0], j=first[1])
                factors.append(("a^2*b^2", f"pairs_{first}"))
        for one, two in PAIRS:
            factors += [(f"a^2*b^2*{covariance(one)}", f"same_{two}"), (f"a^2*b^2*{covariance(two)}", f"same_{one}")]
            factors += [(moment(one), f"cov_{two}"), (f"ell*{covariance(two)}", f"cov_{one}")]
        inner.have("done", CLAIM, (), [*factors, "other", "quadratic"])


THEOREM = Theorem(
    theorem="svag_fourth_cumulants",
    title="SVAG's fourth cumulants",
    says="""Let z and w be the noise of two gradients, independent and of one law, and let the weights keep the mean, a
    + b = 1, and multiply the covariance by ell, a^2 + b^2 = ell. Then fourth cumulants (the fourth moments less the
    three products of covariances) are multiplied by (ell^2 + 2 ell - 1)/2, across all coordinates. For SGD ell is the
    l of SVAG, for adaptive methods its square.""",
    sources=["malladi2022sdes, SVAG", "li2021validity, Section 4"],
    variables={"ell": "real", "a": "real", "b": "real", "z": "rand(nat)", "w": "rand(nat)"},
    hypotheses={
        "mean": "a + b = 1",
        "covariance": "a^2 + b^2 = ell",
        "same_covariance": "forall i nat, j nat: E(w(i)*w(j)) = E(z(i)*z(j))",
        "same_fourth": "forall i nat, j nat, k nat, l nat: E(w(i)*w(j)*w(k)*w(l)) = E(z(i)*z(j)*z(k)*z(l))",
        "uncorrelated": "forall i nat, j nat: E(z(i)*w(j)) = 0",
        "mixed": "forall i nat, j nat, k nat, l nat: E(z(i)*z(j)*z(k)*w(l)) = 0",
        "mixed_too": "forall i nat, j nat, k nat, l nat: E(z(i)*w(j)*w(k)*w(l)) = 0",
        "independent": "forall i nat, j nat, k nat, l nat: E(z(i)*z(j)*w(k)*w(l)) = E(z(i)*z(j))*E(w(k)*w(l))",
    },
    claims={
        "fourth": f"forall i nat, j nat, k nat, l nat: {CLAIM}",
        "covariances": f"forall i nat, j nat: {moment('ij')} = ell*E(z(i)*z(j))",
    },
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
