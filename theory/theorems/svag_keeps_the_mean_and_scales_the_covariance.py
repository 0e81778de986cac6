"""SVAG's gradient has the mean of one gradient and ell times its covariance (Li, Malladi & Arora 2021)."""

from ..proving.instance import Drawn, Instance
from ..proving.script import Proof
from ..proving.theorem import Theorem

FIRST, SECOND = "(1 + sqrt(2*ell - 1))/2", "(1 - sqrt(2*ell - 1))/2"


def svag(i: str) -> str:
    """The noise of SVAG's gradient in a coordinate."""
    return f"({FIRST}*z({i}) + {SECOND}*w({i}))"


COVARIANCE = f"E({svag('i')}*{svag('j')}) = ell*E(z(i)*z(j))"


def script(proof: Proof) -> None:
    """a + b = 1 and a^2 + b^2 = ell; the mixed terms are 0."""
    proof.have("positive", "2*ell - 1 >= 0", ["large"])
    proof.use("root", "root_squared", "positive", x="2*ell - 1")
    with proof.fixing("mean", f"forall i nat: E({FIRST}*(G(i) + z(i)) + {SECOND}*(G(i) + w(i))) = G(i)") as inner:
        inner.use("one", "centred", i="i")
        inner.use("two", "centred_too", i="i")
        inner.linear(
            "all",
            f"E({FIRST}*(G(i) + z(i)) + {SECOND}*(G(i) + w(i))) = ({FIRST} + {SECOND})*G(i)"
            f" + {FIRST}*E(z(i)) + {SECOND}*E(w(i))",
        )
        inner.have(
            "done",
            f"E({FIRST}*(G(i) + z(i)) + {SECOND}*(G(i) + w(i))) = G(i)",
            (),
            [("1", "all"), (FIRST, "one"), (SECOND, "two")],
        )
    with proof.fixing("covariance", f"forall i nat, j nat: {COVARIANCE}") as inner:
        inner.use("same", "same_covariance", i="i", j="j")
        inner.use("mixed", "independent", i="i", j="j")
        inner.use("turned", "independent", i="j", j="i")
        inner.linear(
            "all",
            f"E({svag('i')}*{svag('j')}) = ({FIRST})^2*E(z(i)*z(j)) + ({SECOND})^2*E(w(i)*w(j))"
            f" + {FIRST}*{SECOND}*(E(z(i)*w(j)) + E(z(j)*w(i)))",
        )
        inner.have(
            "done",
            COVARIANCE,
            (),
            [
                ("1", "all"),
                (f"({SECOND})^2", "same"),
                (f"{FIRST}*{SECOND}", "mixed"),
                (f"{FIRST}*{SECOND}", "turned"),
                ("1/2*E(z(i)*z(j))", "root"),
            ],
        )


THEOREM = Theorem(
    theorem="svag_keeps_the_mean_and_scales_the_covariance",
    title="SVAG keeps the mean and scales the covariance",
    says="""G + z and G + w are two uncorrelated gradients with one mean G and one covariance; z and w are their noise.
    With the weights (1 + sqrt(2 ell - 1))/2 and (1 - sqrt(2 ell - 1))/2 their sum has the mean G again, and its
    covariance is ell times theirs, across all coordinates. For SGD ell is the l of SVAG, for adaptive methods its
    square.""",
    sources=["li2021validity, Section 4"],
    variables={"ell": "real", "G": "real(nat)", "z": "rand(nat)", "w": "rand(nat)"},
    hypotheses={
        "large": "2*ell >= 1",
        "centred": "forall i nat: E(z(i)) = 0",
        "centred_too": "forall i nat: E(w(i)) = 0",
        "same_covariance": "forall i nat, j nat: E(w(i)*w(j)) = E(z(i)*z(j))",
        "independent": "forall i nat, j nat: E(z(i)*w(j)) = 0",
    },
    claims={
        "mean": f"forall i nat: E({FIRST}*(G(i) + z(i)) + {SECOND}*(G(i) + w(i))) = G(i)",
        "covariance": f"forall i nat, j nat: {COVARIANCE}",
    },
    model={"ell": "1", "G": ["i", "i"], "z": ["i", "0"], "w": ["i", "0"]},
    script=script,
    instances=[
        Instance(
            "two independent draws on two coordinates",
            {
                "ell": "5/2",
                "G": ["i", "1 - 3*i"],
                "z": Drawn((("2", "-1"), ("0", "3"), ("-1", "-1")), draw=1),
                "w": Drawn((("2", "-1"), ("0", "3"), ("-1", "-1")), draw=2),
            },
            ("1/4", "1/4", "1/2"),
            draws=2,
            naturals={"": 2},
        )
    ],
)
