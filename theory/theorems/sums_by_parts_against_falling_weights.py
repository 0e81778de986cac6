"""Generic Adam, lemma H: Abel summation against weights that do not increase (Chen et al. 2022)."""

from ..proving.instance import Instance, Table
from ..proving.script import Proof
from ..proving.theorem import Theorem

TERMS = "sum(t < n, w(t + 1)*(a(t + 1) - a(t)))"
CLAIM = f"forall n nat: n <= T => {TERMS} <= w(n + 1)*a(n) - w(1)*a(0)"


def script(proof: Proof) -> None:
    """By induction over the last step: a(n) (w(n) - w(n + 1)) <= 0."""
    with proof.induction("parts", CLAIM, "within") as (zero, following):
        zero.linear("none", f"{TERMS.replace('< n,', '< 0,')} = 0")
        zero.have("start", f"{TERMS.replace('< n,', '< 0,')} <= w(0 + 1)*a(0) - w(1)*a(0)", (), ["none"])
        following.have("earlier", "n <= T", ["within"])
        following.use("now", "before", "earlier")
        following.use("falls", "falling", "within", t="n")
        following.use("below", "sign", t="n + 1")
        longer = TERMS.replace("< n,", "< n + 1,")
        following.linear("more", f"{longer} = {TERMS} + w(n + 1)*(a(n + 1) - a(n))")
        following.have("gap", "w(n + 1) - w(n + 2) >= 0", ["falls"])
        following.have("low", "-a(n + 1) >= 0", ["below"])
        following.have("next", f"{longer} <= w(n + 2)*a(n + 1) - w(1)*a(0)", ["now", "gap*low"], ["more"])
    proof.have("within", "T <= T")
    proof.use("all", "parts", "within", n="T")
    proof.use("last", "sign", t="T")
    proof.use("weight", "w_sign", t="T")
    proof.have("low", "-a(T) >= 0", ["last"])
    proof.have("bound", f"{TERMS.replace('< n,', '< T,')} <= -w(1)*a(0)", ["all", "weight*low"])


THEOREM = Theorem(
    theorem="sums_by_parts_against_falling_weights",
    title="Summation by parts against weights that do not increase",
    says="""If w_1 >= .. >= w_T >= w_(T+1) >= 0 and a_t <= 0, then the sum of w_t (a_t - a_(t-1)) up to T is at most
    -w_1 a_0.""",
    sources=["chen2022towards, the proof of the main theorem"],
    variables={"T": "nat", "w": "real(nat)", "a": "real(nat)"},
    hypotheses={
        "falling": "forall t nat: t + 1 <= T => w(t + 2) <= w(t + 1)",
        "w_sign": "forall t nat: w(t + 1) >= 0",
        "sign": "forall t nat: a(t) <= 0",
    },
    claims={"bound": "sum(t < T, w(t + 1)*(a(t + 1) - a(t))) <= -w(1)*a(0)"},
    model={"T": "5", "w": ["t", "1"], "a": ["t", "-1"]},
    script=script,
    instances=[
        Instance(
            "weights that fall to 0, numbers that rise and fall",
            {"T": "4", "w": Table(("5", "2", "2", "1", "1/2", "0")), "a": Table(("-3", "-1/2", "-2", "0", "-1/4"))},
            naturals={"": 5},
        ),
    ],
)
