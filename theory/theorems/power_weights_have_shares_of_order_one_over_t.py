"""NosAdam's weights t^(-u), and AdaGrad's at u = 0: 1 - beta2 lies between multiples of 1/t (Chen et al. 2022)."""

from __future__ import annotations

from ..proving.instance import Instance
from ..proving.positive import reciprocal
from ..proving.script import Proof
from ..proving.theorem import Theorem
from .sums_of_slow_inverse_powers_lie_near_their_integral import THEOREM as SERIES
from .weighted_averages_are_sums_of_squares import CLAIMS as WEIGHTED
from .weighted_averages_are_sums_of_squares import SHARE, TOTAL
from .weighted_averages_are_sums_of_squares import THEOREM as AVERAGES

LOGS = "forall Y rand, Z rand: Y > 0, Z > 0 => log(Y) - log(Z) <= Y/Z - 1"
CLAIMS = {
    "least": f"forall t nat: {SHARE} >= (1 - u)/2/(t + 1)",
    "most": WEIGHTED["most"],
    "grows": WEIGHTED["grows"],
}


def script(proof: Proof) -> None:
    """(1 - u) times the sum of k^(-u) up to n is at most n^(1 - u)."""
    proof.lemma("logs", LOGS, "logs_lie_below_their_tangents", [], {})
    with proof.fixing("positive", "forall k nat: w(k) > 0") as inner:
        inner.use("here", "weights", k="k")
        inner.use("power", "exp_positive", x="-u*log(k + 1)")
        inner.have("now", "w(k) > 0", ["power"], ["here"])
    with proof.fixing("falling", "forall k nat: w(k + 1) <= w(k)") as inner:
        inner.use("natural_k", "natural", n="k")
        inner.have("one", "k + 1 > 0", ["natural_k"])
        inner.have("two", "k + 2 > 0", ["natural_k"])
        reciprocal(inner, "two", "two", "k + 2")
        inner.use("logs_here", "logs", "one", "two", Y="k + 1", Z="k + 2")
        step = "log(k + 2) - log(k + 1)"
        inner.have("later", f"{step} >= 0", ["logs_here", "two_over"], ["two_unit"])
        inner.use("here", "weights", k="k")
        inner.use("there", "weights", k="k + 1")
        inner.use("power", "exp_positive", x="-u*log(k + 2)")
        inner.use("tangent", "exp_tangent", x=f"u*({step})")
        inner.use("split", "exp_of_sum", x="-u*log(k + 2)", y=f"u*({step})")
        rows = ["power*tangent", "power*later*u_sign"]
        inner.have("now", "w(k + 1) <= w(k)", rows, ["here", "there", ("1", "split")])
    with proof.fixing("average", "forall t nat: 1 = beta2(t + 1)*1 + (1 - beta2(t + 1))*1^2") as inner:
        inner.have("now", "1 = beta2(t + 1)*1 + (1 - beta2(t + 1))*1^2")
    with proof.fixing("ones", "forall t nat: 1 > 0") as inner:
        inner.have("now", "1 > 0")
    values: dict[str, str | list[str]] = {
        "w": ["k", "w(k)"],
        "beta2": ["t", "beta2(t)"],
        "v": ["t", "1"],
        "g": ["t", "1"],
    }
    names = ["positive", "falling", "beta2_is", "average", "ones"]
    for name in ("share", "most", "grows"):
        proof.lemma(name, WEIGHTED[name], AVERAGES.theorem, names, values)
    sums = {name: claim.replace("q", "u") for name, claim in SERIES.claims.items()}
    for name, claim in sums.items():
        proof.lemma(f"series_{name}", claim, SERIES.theorem, ["u_sign", "u_below"], {"q": "u"})
    with proof.fixing("least", CLAIMS["least"]) as inner:
        _least(inner)


def _least(proof: Proof) -> None:
    total = TOTAL.format(n="t + 2")
    with proof.fixing("each", "forall k nat: w(k) - pow(k + 1, -u) = 0") as inner:
        inner.use("here", "weights", k="k")
        inner.have("now", "w(k) - pow(k + 1, -u) = 0", [], ["here"])
    powers = "sum(k < t + 2, pow(k + 1, -u))"
    proof.add("all", f"{total} - {powers} = 0", "each", "t + 2")
    proof.use("natural_t", "natural", n="t")
    proof.have("time", "t + 2 > 0", ["natural_t"])
    proof.have("first", "t + 1 > 0", ["natural_t"])
    proof.use("most_here", "series_high", n="t + 1")
    proof.use("split", "exp_of_sum", x="log(t + 2)", y="-u*log(t + 2)")
    proof.use("value", "exp_of_log", "time", x="t + 2")
    proof.use("here", "weights", k="t + 1")
    proof.have("last", "pow(t + 2, 1 - u) = (t + 2)*w(t + 1)", [], ["here", ("1", "split"), "value"])
    proof.have(
        "bound", f"(1 - u)*{total} <= (t + 2)*w(t + 1)", ["most_here", "u_sign"], [("1 - u", "all"), ("1", "last")]
    )
    proof.use("weight", "positive", k="t + 1")
    proof.use("share_here", "share", t="t")
    proof.have("room", "1 - u > 0", ["u_below"])
    with proof.fixing("signs", "forall k nat: w(k) >= 0") as inner:
        inner.use("sign", "positive", k="k")
        inner.have("now", "w(k) >= 0", ["sign"])
    proof.add("before", f"{TOTAL.format(n='t + 1')} >= 0", "signs", "t + 1")
    proof.linear("more", f"{total} = {TOTAL.format(n='t + 1')} + w(t + 1)")
    proof.have("sign", f"{total} > 0", ["before", "weight"], ["more"])
    reciprocal(proof, "B", "sign", total)
    reciprocal(proof, "t", "first", "t + 1")
    rows = ["bound*B_over*t_over", "natural_t*weight*B_over*t_over"]
    proof.have("now", CLAIMS["least"].split(": ")[1], rows, ["share_here", "B_unit", "t_unit"])


THEOREM = Theorem(
    theorem="power_weights_have_shares_of_order_one_over_t",
    title="Power weights have shares of the order 1/t",
    says="""Let the second moment average all squared gradients with the weights t^(-u), 0 <= u < 1: AdaGrad at u = 0,
    and NosAdam. From the second step on, the share 1 - beta2 of the newest one lies between (1 - u)/(2 t) and 1/t, and
    beta2 does not decrease, which is what averages_over_all_steps_make_adam_converge asks for.""",
    sources=["chen2022towards, the algorithms as special cases"],
    variables={"u": "real", "w": "real(nat)", "beta2": "real(nat)"},
    hypotheses={
        "u_sign": "u >= 0",
        "u_below": "u < 1",
        "weights": "forall k nat: w(k) = pow(k + 1, -u)",
        "beta2_is": AVERAGES.hypotheses["beta2_is"],
    },
    claims=CLAIMS,
    lemmas=["logs_lie_below_their_tangents", AVERAGES.theorem, SERIES.theorem],
    model={
        "u": "1/2",
        "w": ["k", "pow(k + 1, -1/2)"],
        "beta2": ["t", "sum(k < t, pow(k + 1, -1/2))/sum(k < t + 1, pow(k + 1, -1/2))"],
    },
    script=script,
    instances=[
        Instance(
            "AdaGrad: equal weights",
            {"u": "0", "w": ["k", "1"], "beta2": ["t", "t/(t + 1)"]},
            naturals={"": 8},
        ),
        Instance(
            "the power 3/4",
            {
                **{"u": "3/4", "w": ["k", "pow(k + 1, -3/4)"]},
                "beta2": ["t", "sum(k < t, w(k))/sum(k < t + 1, w(k))"],
            },
            naturals={"": 8},
        ),
    ],
)
