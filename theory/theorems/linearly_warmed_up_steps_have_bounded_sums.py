"""Linear warm-up by epochs, then any schedule: exact sums, B_T and V_T (Umeda & Iiduka 2024, scheduler (iv))."""

from ..proving.positive import reciprocal
from ..proving.script import Proof, square
from ..proving.step_sizes import step_sizes
from ..proving.theorem import Theorem

WARM, AFTER = "sum(e < W, sum(k < K, warm(e)))", "sum(t < R, eta(t))"
WARM_NOISE, AFTER_NOISE = "sum(e < W, sum(k < K, warm(e)^2/batch))", "sum(t < R, eta(t)^2/b(t))"
FIRST = "K*(first*W + slope*W*(W - 1)/2)"
SECOND = "K*(first^2*W + first*slope*W*(W - 1) + slope^2*W*(W - 1)*(2*W - 1)/6)/batch"
CLAIMS = {
    "sum_one": f"{WARM} = {FIRST}",
    "sum_two": f"{WARM_NOISE} = {SECOND}",
    "B": f"1/({WARM} + {AFTER}) <= 1/{AFTER}",
    "V": f"({WARM_NOISE} + {AFTER_NOISE})/({WARM} + {AFTER}) <= {SECOND}/{AFTER} + {AFTER_NOISE}/{AFTER}",
}


def script(proof: Proof) -> None:
    """Sums of numbers and of their squares; leaving out positive terms bounds the rest."""
    for name, body, value in (("one", "warm(e)", FIRST), ("two", "warm(e)^2/batch", SECOND)):
        line = f"sum(e < W, sum(k < K, {body})) = {value}"
        with proof.induction(f"all_{name}", f"forall n nat: {_at(line, 'n')}") as (zero, following):
            zero.linear("now", _at(line, "0"))
            following.use("here", "rule", e="n")
            last = f"K*({body.replace('(e)', '(n)')})"
            following.linear(
                "more",
                f"sum(e < n + 1, sum(k < K, {body})) = sum(e < n, sum(k < K, {body})) + {last}",
            )
            following.have("next", _at(line, "(n + 1)"), (), ["more", "before", "here"])
        proof.use(f"sum_{name}", f"all_{name}", n="W")
    with proof.fixing("warm_sign", "forall e nat: sum(k < K, warm(e)) >= 0") as inner:
        inner.use("natural_e", "natural", n="e")
        inner.use("natural_K", "natural", n="K")
        inner.use("here", "rule", e="e")
        inner.linear("same", "sum(k < K, warm(e)) = K*warm(e)")
        rows = ["natural_K*start", "natural_K*natural_e*up"]
        inner.have("sign", "sum(k < K, warm(e)) >= 0", rows, ["same", "here"])
    proof.add("warm_sum", f"{WARM} >= 0", "warm_sign", "W")
    proof.have("whole", f"{WARM} + {AFTER} > 0", ["warm_sum", "some"])
    reciprocal(proof, "whole", "whole", f"{WARM} + {AFTER}")
    reciprocal(proof, "some", "some", AFTER)
    proof.have("B", CLAIMS["B"], ["warm_sum*whole_over*some_over"], ["whole_unit", "some_unit"])
    _noise(proof)
    proof.have("numerator", f"{WARM_NOISE} + {AFTER_NOISE} >= 0", ["warm_noise", "noise"])
    proof.have("V", CLAIMS["V"], ["B*numerator"], ["sum_two"])


def _at(line: str, bound: str) -> str:
    return line.replace("e < W", f"e < {bound}").replace("W", bound)


def _noise(proof: Proof) -> None:
    proof.use("batch_over", "reciprocal_positive", "batch_positive", x="batch")
    with proof.fixing("warm_terms", "forall e nat: sum(k < K, warm(e)^2/batch) >= 0") as inner:
        inner.use("natural_K", "natural", n="K")
        inner.linear("same", "sum(k < K, warm(e)^2/batch) = K*(warm(e)^2/batch)")
        rows = [square("warm(e)") * "natural_K*batch_over"]
        inner.have("here", "sum(k < K, warm(e)^2/batch) >= 0", rows, ["same"])
    proof.add("warm_noise", f"{WARM_NOISE} >= 0", "warm_terms", "W")
    with proof.fixing("terms", "forall t nat: eta(t)^2/b(t) >= 0") as inner:
        inner.use("batch_here", "batches", t="t")
        inner.use("over", "reciprocal_positive", "batch_here", x="b(t)")
        inner.have("here", "eta(t)^2/b(t) >= 0", [square("eta(t)") * "over"])
    proof.add("noise", f"{AFTER_NOISE} >= 0", "terms", "R")


def shown(proof: Proof) -> None:
    """Three steps of size 2."""
    proof.linear("value", "sum(t < 3, 2) = 6")
    proof.have("some", "sum(t < 3, 2) > 0", (), ["value"])


THEOREM = Theorem(
    theorem="linearly_warmed_up_steps_have_bounded_sums",
    title="Linear warm-up: the sums, B_T and V_T",
    says="""Step sizes first + slope e for the epochs e = 0, .., W - 1 of K steps each, first, slope >= 0, at one batch
    size, then R steps of any schedule. The sums over the warm-up are exact: K (first W + slope W (W - 1)/2), and for
    the squares K (first^2 W + first slope W (W - 1) + slope^2 W (W - 1)(2 W - 1)/6)/batch. B_T is at most that of the R
    steps alone, and V_T at most theirs plus the second sum over the sum of their step sizes.""",
    sources=["umeda2024increasing, scheduler (iv)"],
    variables={
        **dict.fromkeys(("W", "K", "R"), "nat"),
        **dict.fromkeys(("first", "slope", "batch"), "real"),
        **dict.fromkeys(("warm", "eta", "b"), "real(nat)"),
    },
    hypotheses={
        "start": "first >= 0",
        "up": "slope >= 0",
        "rule": "forall e nat: warm(e) = first + slope*e",
        "batch_positive": "batch > 0",
        "batches": "forall t nat: b(t) > 0",
        "some": f"{AFTER} > 0",
    },
    claims=CLAIMS,
    model={
        **{"W": "4", "K": "2", "R": "3", "first": "1/2", "slope": "1/2", "batch": "4"},
        "warm": ["e", "1/2 + e/2"],
        "eta": ["t", "2"],
        "b": ["t", "16"],
    },
    script=script,
    shown=shown,
    instances=[
        step_sizes(
            "LinearLR from an eighth, two steps an epoch, then a constant",
            "first + slope*t",
            4,
            "LinearLR(0.125, total_iters=7)",
            {
                **{"W": "4", "K": "2", "R": "3", "first": "1/16", "slope": "1/16", "batch": "4"},
                **{"eta": ["t", "1/2"], "b": ["t", "16"]},
            },
            "warm",
            lr="1/2",
        )
    ],
)
