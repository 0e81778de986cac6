"""AdaGrad and NosAdam as generic Adam: second moments that average all gradients with weights (Chen et al. 2022)."""

from __future__ import annotations

from ..proving.instance import Instance, Recursion, Run, Table, along
from ..proving.positive import reciprocal
from ..proving.script import Proof
from ..proving.theorem import Theorem

TOTAL = "sum(k < {n}, w(k))"
SQUARES = "(w(0)*v(0) + sum(k < t, w(k + 1)*g(k + 1)^2))"
SHARE = "1 - beta2(t + 1)"
CLAIMS = {
    "weighted": f"forall t nat: {TOTAL.format(n='t + 1')}*v(t) = {SQUARES}",
    "step": f"forall t nat: 1/(sqrt({TOTAL.format(n='t + 1')})*sqrt(v(t))) = 1/sqrt{SQUARES}",
    "share": f"forall t nat: {SHARE} = w(t + 1)/{TOTAL.format(n='t + 2')}",
    "most": f"forall t nat: {SHARE} <= 1/(t + 1)",
    "grows": "forall t nat: beta2(t + 2) >= beta2(t + 1)",
}


def _totals(proof: Proof) -> None:
    """`total`: the sum of the weights is positive, and at least that many times the last one."""
    with proof.induction("total", f"forall n nat: {TOTAL.format(n='n + 1')} >= (n + 1)*w(n)") as (zero, following):
        zero.linear("one", f"{TOTAL.format(n='0 + 1')} = w(0)")
        zero.have("now", f"{TOTAL.format(n='0 + 1')} >= (0 + 1)*w(0)", [], ["one"])
        following.use("natural_n", "natural", n="n")
        following.linear("more", f"{TOTAL.format(n='n + 2')} = {TOTAL.format(n='n + 1')} + w(n + 1)")
        following.use("less", "falling", k="n")
        following.have("room", "w(n) - w(n + 1) >= 0", ["less"])
        said = f"{TOTAL.format(n='n + 1 + 1')} >= (n + 1 + 1)*w(n + 1)"
        following.have("now", said, ["before", "room*natural_n", "room"], ["more"])
    with proof.fixing("total_sign", f"forall n nat: {TOTAL.format(n='n + 1')} > 0") as inner:
        inner.use("natural_n", "natural", n="n")
        inner.use("large", "total", n="n")
        inner.use("sign", "positive", k="n")
        inner.have("now", f"{TOTAL.format(n='n + 1')} > 0", ["large", "sign*natural_n", "sign"])


def script(proof: Proof) -> None:
    """B_(t+1) beta2_(t+1) = B_t, B the sums of the weights."""
    _totals(proof)
    next_total, now = TOTAL.format(n="t + 2"), TOTAL.format(n="t + 1")
    with proof.fixing("share", CLAIMS["share"]) as inner:
        inner.use("here", "beta2_is", t="t")
        inner.use("sign", "total_sign", n="t + 1")
        reciprocal(inner, "next", "sign", next_total)
        inner.linear("more", f"{next_total} = {now} + w(t + 1)")
        last = [(f"1/{next_total}", "more"), "next_unit"]
        inner.have("now", CLAIMS["share"].split(": ")[1], [], ["here", *last])
    with proof.induction("weighted", CLAIMS["weighted"]) as (zero, following):
        zero.linear("now", f"{TOTAL.format(n='0 + 1')}*v(0) = {SQUARES.replace('k < t', 'k < 0')}")
        following.use("here", "average", t="t")
        following.use("beta2_here", "beta2_is", t="t")
        following.use("share_here", "share", t="t")
        following.use("sign", "total_sign", n="t + 1")
        reciprocal(following, "next", "sign", next_total)
        after = SQUARES.replace("k < t", "k < t + 1")
        following.linear("sums", f"{after} = {SQUARES} + w(t + 1)*g(t + 1)^2")
        following.have("kept", f"{next_total}*beta2(t + 1) = {now}", [], ["beta2_here", "next_unit"])
        following.have(
            "new", f"{next_total}*(1 - beta2(t + 1)) = w(t + 1)", [], [(next_total, "share_here"), "next_unit"]
        )
        equations = ["here", "sums", ("v(t)", "kept"), ("g(t + 1)^2", "new"), ("1", "before")]
        following.have("now", f"{TOTAL.format(n='t + 1 + 1')}*v(t + 1) = {after}", [], equations)
    with proof.fixing("step", CLAIMS["step"]) as inner:
        _step(inner, now)
    with proof.fixing("most", CLAIMS["most"]) as inner:
        inner.use("here", "share", t="t")
        inner.use("natural_t", "natural", n="t")
        inner.use("large", "total", n="t + 1")
        inner.use("sign", "total_sign", n="t + 1")
        inner.use("weight", "positive", k="t + 1")
        inner.have("time", "t + 1 > 0", ["natural_t"])
        reciprocal(inner, "next", "sign", next_total)
        reciprocal(inner, "t", "time", "t + 1")
        rows = ["large*next_over*t_over", "weight*next_over*t_over"]
        inner.have("now", CLAIMS["most"].split(": ")[1], rows, ["here", "next_unit", "t_unit"])
    with proof.fixing("grows", CLAIMS["grows"]) as inner:
        inner.use("here", "share", t="t")
        inner.use("there", "share", t="t + 1")
        for name, place in (("now", "t + 1"), ("then", "t + 1 + 1")):
            inner.use(f"{name}_sign", "total_sign", n=place)
            reciprocal(inner, name, f"{name}_sign", TOTAL.format(n=f"{place} + 1"))
        inner.use("less", "falling", k="t + 1")
        inner.use("weight", "positive", k="t + 2")
        inner.linear("more", f"{TOTAL.format(n='t + 3')} = {TOTAL.format(n='t + 2')} + w(t + 2)")
        first, second = f"1/{TOTAL.format(n='t + 2')}", f"1/{TOTAL.format(n='t + 3')}"
        inner.have("room", "w(t + 1) - w(t + 2) >= 0", ["less"])
        inner.have("first_weight", "w(t + 1) > 0", ["less", "weight"])
        inner.have(
            "order",
            f"{second} <= {first}",
            ["weight*now_over*then_over"],
            ["now_unit", "then_unit", (f"{first}*{second}", "more")],
        )
        inner.have("gap", f"{first} - {second} >= 0", ["order"])
        rows = ["room*then_over", "gap*first_weight"]
        inner.have("now", CLAIMS["grows"].split(": ")[1], rows, [("1", "here"), ("1", "there")])


def _step(proof: Proof, total: str) -> None:
    """sqrt(B v) = sqrt(B) sqrt(v)."""
    proof.use("all", "weighted", t="t")
    proof.use("sign", "total_sign", n="t")
    proof.use("v_sign", "v_positive", t="t")
    proof.have("both", f"{SQUARES} > 0", ["sign*v_sign"], [("1", "all")])
    for name, fact, body in (("B", "sign", total), ("v", "v_sign", "v(t)"), ("S", "both", SQUARES)):
        proof.use(f"{name}_root", "root_positive", fact, x=body)
        proof.have(f"{name}_known", f"{body} >= 0", [fact])
        proof.use(f"{name}_square", "root_squared", f"{name}_known", x=body)
    product, whole = f"(sqrt({total})*sqrt(v(t)))", f"sqrt{SQUARES}"
    proof.have("sum_sign", f"{product} + {whole} > 0", ["B_root*v_root", "S_root"])
    reciprocal(proof, "sum", "sum_sign", f"{product} + {whole}")
    proof.have("squares", f"{product}^2 - {whole}^2 = 0", [], ["B_square", "v_square", "S_square", ("1", "all")])
    proof.have("same", f"{product} = {whole}", [], ["sum_unit", (f"1/({product} + {whole})", "squares")])
    proof.congruent("now", "same", "1/hole")


THEOREM = Theorem(
    theorem="weighted_averages_are_sums_of_squares",
    title="Weighted averages are sums of squares",
    says="""Let beta2_(t+1) = B_t/B_(t+1), B_t the sum of weights w_0, .., w_t > 0 that do not increase, as in NosAdam.
    Then B_t v_t = w_0 v_0 + the sum of w_k g_k^2, so that eta/sqrt(B_t) over sqrt(v_t) is eta over the root of that
    sum: for equal weights 1, AdaGrad, whose learning rate is then eta/sqrt(t + 1). And 1 - beta2_(t+1) =
    w_(t+1)/B_(t+1) is at most 1/(t + 1) and does not increase. All v_t are above 0; v_0 is the state after a first
    step; a first step with beta2 = 0 would erase what was before, and is outside the condition.""",
    sources=["chen2022towards, the algorithms as special cases"],
    variables=dict.fromkeys(("w", "beta2", "v", "g"), "real(nat)"),
    hypotheses={
        "positive": "forall k nat: w(k) > 0",
        "falling": "forall k nat: w(k + 1) <= w(k)",
        "beta2_is": f"forall t nat: beta2(t + 1) = {TOTAL.format(n='t + 1')}/{TOTAL.format(n='t + 2')}",
        "average": "forall t nat: v(t + 1) = beta2(t + 1)*v(t) + (1 - beta2(t + 1))*g(t + 1)^2",
        "v_positive": "forall t nat: v(t) > 0",
    },
    claims=CLAIMS,
    model={
        "w": ["k", "1"],
        "beta2": ["t", "sum(k < t, 1)/sum(k < t + 1, 1)"],
        **{name: ["t", "1"] for name in ("v", "g")},
    },
    script=script,
    instances=[
        Instance(
            "torch's exp_avg_sq with the weights of NosAdam, after one other step",
            {
                "w": ["k", "1/(k + 1)"],
                "beta2": Recursion(("t",), "1/2", "sum(k < t + 1, w(k))/sum(k < t + 2, w(k))"),
                "g": Table(("0", "3", "-1", "1/2", "2")),
            },
            naturals={"": 5},
            run=Run(
                "adam",
                {"beta2": "beta2(t + 1)"},
                "g(t + 1)",
                ("0",),
                4,
                {"v": along("v")},
                torch="Adam",
                before=(("2",),),
            ),
        )
    ],
)
