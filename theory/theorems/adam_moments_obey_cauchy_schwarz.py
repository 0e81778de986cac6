"""Adam's first moment against its second, at every step: Cauchy-Schwarz for the two weighted sums of gradients.

It bounds the effective step of Kingma & Ba 2015, Section 2.1.
"""

from ..proving.define import Definitions
from ..proving.instance import Given, Instance, Recursion, Run, Table, along
from ..proving.positive import reciprocal
from ..proving.script import Proof, square
from ..proving.theorem import Theorem
from .powers_of_a_fraction import HALVES, known_powers

RATIO, SUM = "beta1^2/beta2", "sum(j < t, r(j))"
BOUND = "(1 - beta1)^2/(1 - beta2)*sum(j < {0}, r(j))"


def script(proof: Proof) -> None:
    """(b m + (1 - b) g)^2 <= A' v' because the mixed term 2 b (1 - b) m g is at most P + Q with P Q its square."""
    proof.have("rest", "1 - beta2 > 0", ["below_1"])
    for name, text, premise in (("rest", "1 - beta2", "rest"), ("beta2", "beta2", "positive")):
        reciprocal(proof, name, premise, text, over="inverse")
    proof.have("ratio", f"{RATIO} >= 0", [square("beta1") * "beta2_inverse"])
    with proof.induction("powers_sign", "forall i nat: r(i) >= 0") as (zero, following):
        zero.have("start", "r(0) >= 0", (), ["r_start"])
        following.use("next", "r_next", i="i")
        following.have("step", "r(i + 1) >= 0", ["ratio*before"], ["next"])
    with proof.fixing("sum_sign", f"forall t nat: {SUM} >= 0") as inner:
        with inner.fixing("each", "forall i nat: r(i) >= 0") as at:
            at.use("done", "powers_sign", i="i")
        inner.add("done", f"{SUM} >= 0", "each", "t")
    longer_sum(proof)
    with proof.induction("second_sign", "forall t nat: v(t) >= 0") as (zero, following):
        zero.have("start", "v(0) >= 0", ["v_start"])
        following.use("next", "v_next", t="t")
        following.have("step", "v(t + 1) >= 0", ["positive*before", square("g(t + 1)") * "rest"], ["next"])
    with proof.induction("bound", f"forall t nat: m(t)^2 <= {BOUND.format('t')}*v(t)") as (zero, following):
        zero.linear("none", "sum(j < 0, r(j)) = 0")
        zero.have("start", f"m(0)^2 <= {BOUND.format('0')}*v(0)", (), ["none", "m_start"])
        induct(following)


def longer_sum(proof: Proof) -> None:
    """`shifted`: the sum of t + 1 powers is 1 + ratio times that of t."""
    shifted = "forall t nat: sum(j < t + 1, r(j)) = 1 + beta1^2/beta2*sum(j < t, r(j))"
    with proof.induction("shifted", shifted) as (zero, following):
        zero.linear("one", "sum(j < 0 + 1, r(j)) = r(0)")
        zero.linear("none", "sum(j < 0, r(j)) = 0")
        zero.have("start", f"sum(j < 0 + 1, r(j)) = 1 + {RATIO}*sum(j < 0, r(j))", (), ["one", "none", "r_start"])
        following.linear("long", "sum(j < t + 1 + 1, r(j)) = sum(j < t + 1, r(j)) + r(t + 1)")
        following.linear("short", "sum(j < t + 1, r(j)) = sum(j < t, r(j)) + r(t)")
        following.use("next", "r_next", i="t")
        following.have(
            "step",
            f"sum(j < t + 1 + 1, r(j)) = 1 + {RATIO}*sum(j < t + 1, r(j))",
            (),
            [("1", "long"), ("1", "before"), ("1", "next"), (RATIO, "short")],
        )


def induct(proof: Proof) -> None:
    """With S the sum so far: P = (beta1^2/beta2)(1 - beta1)^2 S g^2, Q = (1 - beta1)^2/(1 - beta2) beta2 v."""
    p = f"{RATIO}*(1 - beta1)^2*{SUM}*g(t + 1)^2"
    q = "(1 - beta1)^2/(1 - beta2)*beta2*v(t)"
    mixed = "2*beta1*(1 - beta1)*m(t)*g(t + 1)"
    proof.use("sum_now", "sum_sign", t="t")
    proof.use("v_now", "second_sign", t="t")
    proof.have(
        "total",
        f"{p} + {q} >= 0",
        [square("(1 - beta1)*g(t + 1)") * "ratio*sum_now", square("1 - beta1") * "rest_inverse*positive*v_now"],
    )
    proof.have(
        "squares",
        f"({mixed})^2 <= ({p} + {q})^2",
        [square(f"{p} - ({q})"), square("beta1*(1 - beta1)*g(t + 1)") * "before"],
        ["beta2_unit"],
    )
    proof.lemma(
        "young", f"{mixed} <= {p} + {q}", "size_from_squares", ["squares", "total"], {"a": mixed, "b": f"{p} + {q}"}
    )
    proof.use("first", "m_next", t="t")
    proof.use("second", "v_next", t="t")
    proof.use("longer", "shifted", t="t")
    proof.have(
        "step",
        f"m(t + 1)^2 <= {BOUND.format('t + 1')}*v(t + 1)",
        [square("beta1") * "before", "young"],
        ["first", "second", "longer", "beta2_unit", "rest_unit"],
    )


def averages_of_ones(proof: Proof) -> None:
    """All gradients are 1; both averages are 1 - beta^t."""
    known_powers(proof)
    step = "1 - exp((t + 1)*log(1/2)) = 1/2*(1 - exp(t*log(1/2))) + (1 - 1/2)*1"
    with proof.fixing("averages", f"forall t nat: {step}") as inner:
        inner.use("next", "halves", i="t")
        inner.have("done", step, (), ["next"])


def shown(proof: Proof) -> None:
    """All gradients are 1."""
    averages_of_ones(proof)
    proof.have("m_start", "1 - exp(0*log(1/2)) = 0", (), ["halves_start"])
    proof.have("v_start", "1 - exp(0*log(1/2)) >= 0", (), ["halves_start"])


GRADIENTS = Table(("0", "1", "-2", "1/2", "0", "3", "-1/4"))


def six_steps(gradients: Given, **others: Given) -> Instance:
    """Adam's moments in one coordinate, along these gradients. others: values of what a theorem has besides."""
    read = {"m": along("m"), "v": along("v")}
    settings = {"beta1": "beta1", "beta2": "beta2"}
    powers = Recursion(("i",), "1", "beta1^2/beta2*r(i)")
    return Instance(
        "six steps of one coordinate",
        {"beta1": "1/2", "beta2": "3/4", "r": powers, "g": gradients, **others},
        naturals={"": 7},
        run=Run("adam", settings, "g(t + 1)", ("1",), 6, read, torch="Adam"),
    )


ENTRY = Definitions("adam_moments_of_one_entry", "adam", kind="real", coordinates=False, after=0, only=("m", "v"))
THEOREM = Theorem(
    theorem="adam_moments_obey_cauchy_schwarz",
    title="Adam's moments obey Cauchy-Schwarz",
    says="""With m and v the running averages of g and g^2 in one coordinate, m from 0 and v from a number >= 0: at
    every step t, m_t^2 <= (1 - beta1)^2/(1 - beta2) (1 + rho + .. + rho^(t-1)) v_t with rho = beta1^2/beta2, whatever
    the gradients. Here r(i) is rho^i.""",
    sources=["kingma2015adam, Section 2.1"],
    variables={
        "beta1": "real",
        "beta2": "real",
        "r": "real(nat)",
        "g": "real(nat)",
        "m": "real(nat)",
        "v": "real(nat)",
    },
    hypotheses={
        "positive": "beta2 > 0",
        "below_1": "beta2 < 1",
        "r_start": "r(0) = 1",
        "r_next": "forall i nat: r(i + 1) = beta1^2/beta2*r(i)",
        "m_start": "m(0) = 0",
        "v_start": "v(0) >= 0",
    },
    definitions=[ENTRY],
    claims={
        "bound": f"forall t nat: m(t)^2 <= {BOUND.format('t')}*v(t)",
        "second_sign": "forall t nat: v(t) >= 0",
        "powers_sign": "forall i nat: r(i) >= 0",
        "sum_sign": f"forall t nat: {SUM} >= 0",
        "shifted": "forall t nat: sum(j < t + 1, r(j)) = 1 + beta1^2/beta2*sum(j < t, r(j))",
    },
    lemmas=["size_from_squares"],
    model={
        "beta1": "1/2",
        "beta2": "1/2",
        "r": ["i", HALVES],
        "g": ["t", "1"],
        "m": ["t", "1 - exp(t*log(1/2))"],
        "v": ["t", "1 - exp(t*log(1/2))"],
    },
    shown=shown,
    script=script,
    instances=[six_steps(GRADIENTS)],
)
