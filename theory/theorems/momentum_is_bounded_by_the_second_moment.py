"""Generic Adam, lemma B: Cauchy-Schwarz over the weights of both averages (Chen et al. 2022)."""

from ..proving.instance import Drawn, Instance, Recursion, Run, along
from ..proving.positive import reciprocal
from ..proving.script import Proof, square
from ..proving.theorem import Theorem
from .orders_on_every_outcome import CLAIMS as ORDERS

KEPT, ADDED = "beta1(t + 1)^2/beta2(t + 1)*A(t)", "(1 - beta1(t + 1))^2/(1 - beta2(t + 1))"


def script(proof: Proof) -> None:
    """By induction; (b1 m + (1 - b1) g)^2 is a product of sums, with a mixed term that Cauchy-Schwarz bounds."""
    proof.lemma("from_product", ORDERS["from_product"], "orders_on_every_outcome", [], {})
    with proof.induction("weights", "forall t nat: A(t) >= 0") as (zero, following):
        zero.have("start", "A(0) >= 0", ["first_weight"])
        _step(following)
        following.have(
            "next",
            "A(t + 1) >= 0",
            ["larger", square("beta1(t + 1)") * "beta2_inverse*before", square("1 - beta1(t + 1)") * "spare_inverse"],
        )
    with proof.induction("second_moment", "forall t nat: v(t) >= 0") as (zero, following):
        zero.have("start", "v(0) >= 0", ["first_v"])
        _step(following)
        following.have("next", "v(t + 1) >= 0", ["positive*before", square("g(t + 1)") * "spare"], ["v_next"])
    with proof.induction("bound", "forall t nat: m(t)^2 <= A(t)*v(t)") as (zero, following):
        zero.have("start", "m(0)^2 <= A(0)*v(0)", ["first_weight*first_v"], ["first_m"])
        _step(following)
        following.use("weight", "weights", t="t")
        following.use("old", "second_moment", t="t")
        following.use("new", "second_moment", t="t + 1")
        p = "(beta1(t + 1)*g(t + 1))^2*A(t)*(1 - beta2(t + 1))/beta2(t + 1)"
        q = "(1 - beta1(t + 1))^2*v(t)*beta2(t + 1)/(1 - beta2(t + 1))"
        mixed = "beta1(t + 1)*(1 - beta1(t + 1))*m(t)*g(t + 1)"
        following.have("p", f"{p} >= 0", [square("beta1(t + 1)*g(t + 1)") * "weight*spare*beta2_inverse"])
        following.have("q", f"{q} >= 0", [square("1 - beta1(t + 1)") * "old*positive*spare_inverse"])
        following.have(
            "mixed",
            f"({mixed})^2 <= {p}*({q})",
            [square("beta1(t + 1)*(1 - beta1(t + 1))*g(t + 1)") * "before"],
            ["beta2_unit", "spare_unit"],
        )
        following.use("young", "from_product", "p", "q", "mixed", Y=p, Z=q, W=mixed)
        following.have(
            "wide",
            f"m(t + 1)^2 <= ({KEPT} + {ADDED})*v(t + 1)",
            ["young", square("beta1(t + 1)") * "before"],
            ["m_next", "v_next", "beta2_unit", "spare_unit"],
        )
        following.have("next", "m(t + 1)^2 <= A(t + 1)*v(t + 1)", ["wide", "larger*new"])


def _step(proof: Proof) -> None:
    """The hypotheses at t, and reciprocals."""
    for name in ("beta2_positive", "beta2_small", "m_update", "v_update", "A_update"):
        proof.use(
            {"beta2_positive": "positive", "beta2_small": "small", "A_update": "larger"}.get(name, name[0] + "_next"),
            name,
            t="t",
        )
    proof.have("spare", "1 - beta2(t + 1) > 0", ["small"])
    for name, x, positive in (("beta2", "beta2(t + 1)", "positive"), ("spare", "1 - beta2(t + 1)", "spare")):
        reciprocal(proof, name, positive, x, over="inverse")


THEOREM = Theorem(
    theorem="momentum_is_bounded_by_the_second_moment",
    title="Momentum is bounded by the second moment",
    says="""For the averages m, from 0, and v, from v_0 >= 0, of generic Adam, m_t^2 <= A_t v_t with A_t = beta1^2/beta2
    A_(t-1) + (1 - beta1)^2/ (1 - beta2), or larger; whatever the gradients are.""",
    sources=["chen2022towards, the proof of the main theorem"],
    variables={
        **{name: "rand(nat)" for name in ("m", "v", "g")},
        **{name: "real(nat)" for name in ("beta1", "beta2", "A")},
    },
    hypotheses={
        "beta2_positive": "forall t nat: beta2(t + 1) > 0",
        "beta2_small": "forall t nat: beta2(t + 1) < 1",
        "first_m": "m(0) = 0",
        "first_v": "v(0) >= 0",
        "first_weight": "A(0) >= 0",
        "m_update": "forall t nat: m(t + 1) = beta1(t + 1)*m(t) + (1 - beta1(t + 1))*g(t + 1)",
        "v_update": "forall t nat: v(t + 1) = beta2(t + 1)*v(t) + (1 - beta2(t + 1))*g(t + 1)^2",
        "A_update": f"forall t nat: A(t + 1) >= {KEPT} + {ADDED}",
    },
    claims={
        "bound": "forall t nat: m(t)^2 <= A(t)*v(t)",
        "weights": "forall t nat: A(t) >= 0",
        "second_moment": "forall t nat: v(t) >= 0",
    },
    lemmas=["orders_on_every_outcome"],
    model={
        "m": ["t", "t"],
        "g": ["t", "t + 1"],
        "v": ["t", "t^2 + 2"],
        "beta1": ["t", "1/2"],
        "beta2": ["t", "1/2"],
        "A": ["t", "1"],
    },
    script=script,
    instances=[
        Instance(
            "three steps with betas that change, on all outcomes",
            {
                "beta1": ["t", "t/(t + 1)"],
                "beta2": ["t", "1 - 1/(t + 2)^2"],
                "A": Recursion(
                    ("t",), "0", "beta1(t + 1)^2/beta2(t + 1)*A(t) + (1 - beta1(t + 1))^2/(1 - beta2(t + 1))"
                ),
                "g": Drawn(("2", "-1/2")),
            },
            ("1/4", "3/4"),
            draws=3,
            naturals={"": 4},
            run=Run(
                "adam",
                {"beta1": "beta1(t + 1)", "beta2": "beta2(t + 1)"},
                "g(t + 1)",
                ("1",),
                3,
                {"m": along("m"), "v": along("v")},
                torch="Adam",
            ),
        )
    ],
)
