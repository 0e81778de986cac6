"""Generic Adam, lemmas F, G and H: the growth of the scale telescopes to a logarithm (Chen et al. 2022)."""

from ..proving.instance import Drawn, Instance, Read, Recursion, Run, Table
from ..proving.positive import reciprocal
from ..proving.script import Proof
from ..proving.theorem import Theorem
from . import sums_by_parts_against_falling_weights as parts
from .adam_squared_steps_along_a_run import GROWN
from .logs_lie_below_their_tangents import CLAIMS as LOGS
from .logs_of_roots_and_quotients import THEOREM as REAL_LOGS

LEVEL = "(E(sum(i < d, 2*log(s(t, i)))) - 2*d*log(B))"
NEXT = LEVEL.replace("s(t,", "s(t + 1,")
FORGOTTEN = "sum(t < T, w(t + 1)*log(1/beta2(t + 1)))"
CLAIM = f"sum(t < T, w(t + 1)*{GROWN}) <= d*(2*w(1)*log(B/s0) + {FORGOTTEN})"


def script(proof: Proof) -> None:
    """By parts: each level E log s^2 - log B^2 is at most 0, and the first is at least log s_0^2 - log B^2."""
    for name in ("tangent", "of_squares"):
        proof.lemma(name, LOGS[name], "logs_lie_below_their_tangents", [], {})
    reciprocal(proof, "B", "B_positive", "B", over="inverse")
    with proof.fixing("level", f"forall t nat: {LEVEL} <= 0") as fixed:
        with fixed.fixing("each", "forall j nat: 2*E(log(s(t, j))) - 2*log(B) <= E(s(t, j)^2)/B^2 - 1") as inner:
            inner.use("positive", "scale_positive", t="t", i="j")
            inner.use("logs", "of_squares", "positive", "B_positive", Y="s(t, j)", Z="B")
            inner.mean("mean", "2*E(log(s(t, j))) - 2*log(B) <= E(s(t, j)^2)/B^2 - 1", "logs")
        size = "E(sum(i < d, s(t, i)^2))"
        fixed.add("summed", f"{LEVEL} <= {size}/B^2 - d", "each", "d")
        fixed.use("size", "scale_square", t="t")
        fixed.have("here", f"{LEVEL} <= 0", ["summed", "size*B_inverse*B_inverse"], ["B_unit"])
    with proof.fixing("first", "forall j nat: 2*E(log(s(0, j))) - 2*log(s0) >= 0") as inner:
        inner.use("positive", "scale_positive", t="0", i="j")
        inner.use("start", "scale_first", i="j")
        inner.use("logs", "tangent", "s0_positive", "positive", Y="s0", Z="s(0, j)")
        inner.use("apart", "positive_is_apart", "positive", x="s(0, j)")
        inner.use("unit", "reciprocal", "apart", x="s(0, j)")
        inner.use("inverse", "reciprocal_positive", "positive", x="s(0, j)")
        inner.have("below", "2*log(s(0, j)) - 2*log(s0) >= 0", ["logs", "start*inverse"], ["unit"])
        inner.mean("mean", "2*E(log(s(0, j))) - 2*log(s0) >= 0", "below")
    low = LEVEL.replace("(t", "(0")
    proof.add("lowest", "E(sum(i < d, 2*log(s(0, i)))) - 2*d*log(s0) >= 0", "first", "d")
    values: dict[str, str | list[str]] = {"T": "T", "w": ["t", "w(t)"], "a": ["t", LEVEL]}
    summed = f"sum(t < T, w(t + 1)*({NEXT} - {LEVEL}))"
    proof.lemma("by_parts", f"{summed} <= -w(1)*{low}", parts.THEOREM.theorem, ["falling", "w_sign", "level"], values)
    with proof.fixing(
        "each_step", f"forall t nat: w(t + 1)*{GROWN} - w(t + 1)*({NEXT} - {LEVEL}) = d*(w(t + 1)*log(1/beta2(t + 1)))"
    ) as fixed:
        fixed.use("b", "beta2_positive", t="t")
        fixed.have("one", "1 > 0")
        for name in ("reciprocal_of_b", "root_of_b"):
            said = REAL_LOGS.claims[name].replace("b", "beta2(t + 1)")
            fixed.lemma(name, said, REAL_LOGS.theorem, ["one", "b"], {"a": "1", "b": "beta2(t + 1)"})
        fixed.linear("grown", f"{GROWN} = {NEXT} - {LEVEL} - 2*d*log(sqrt(beta2(t + 1)))")
        fixed.have(
            "here",
            f"w(t + 1)*{GROWN} - w(t + 1)*({NEXT} - {LEVEL}) = d*(w(t + 1)*log(1/beta2(t + 1)))",
            (),
            ["grown", "reciprocal_of_b", ("d*w(t + 1)", "root_of_b")],
        )
    proof.add("steps", f"sum(t < T, w(t + 1)*{GROWN}) - {summed} = d*{FORGOTTEN}", "each_step", "T")
    for name, said in (("quotient", "log(B/s0) = log(B) - log(s0)"),):
        proof.lemma(name, said, REAL_LOGS.theorem, ["B_positive", "s0_positive"], {"a": "B", "b": "s0"})
    proof.use("weight", "w_sign", t="0")
    proof.have("bound", CLAIM, ["by_parts", "lowest*weight"], [("1", "steps"), ("d*w(1)", "quotient")])


THEOREM = Theorem(
    theorem="growth_of_adams_scale_adds_up",
    title="The growth of Adam's scale adds up to a logarithm",
    says="""Let U_t be the growth log(s_t^2/(beta2_t s_(t-1)^2)) of a scale whose d coordinates have E s^2 <= B^2 on
    average, and that starts at or above s_0. For weights w_t that do not increase, the sum of w_t E U_t over the
    coordinates up to T is at most d times 2 w_1 log(B/s_0) plus the sum of w_t log(1/beta2_t).""",
    sources=["chen2022towards, the proof of the main theorem"],
    variables={
        **{"T": "nat", "d": "nat", "s": "rand(nat, nat)", "w": "real(nat)", "beta2": "real(nat)"},
        **{"B": "real", "s0": "real"},
    },
    hypotheses={
        "beta2_positive": "forall t nat: beta2(t + 1) > 0",
        "scale_positive": "forall t nat, i nat: s(t, i) > 0",
        "scale_square": "forall t nat: E(sum(i < d, s(t, i)^2)) <= d*B^2",
        "scale_first": "forall i nat: s(0, i) >= s0",
        "B_positive": "B > 0",
        "s0_positive": "s0 > 0",
        "falling": parts.THEOREM.hypotheses["falling"],
        "w_sign": parts.THEOREM.hypotheses["w_sign"],
    },
    claims={"bound": CLAIM},
    lemmas=["logs_lie_below_their_tangents", REAL_LOGS.theorem, parts.THEOREM.theorem],
    model={
        **{"T": "5", "d": "2", "s": ["t", "i", "2"], "w": ["t", "3"], "beta2": ["t", "1/2"], "B": "3", "s0": "1"},
    },
    script=script,
    instances=[
        Instance(
            "the root of Adam's v after its first step, on random gradients",
            {
                **{"T": "2", "d": "2", "w": Table(("5", "2", "2", "1/2")), "b": "3/4", "beta2": ["t", "b"]},
                "z": Drawn((("2", "-1"), ("1", "3/2"))),
                "s": ["t", "i", "sqrt(v(t, i))"],
                **{"B": "3/2", "s0": "2/5"},
            },
            ("1/3", "2/3"),
            draws=3,
            naturals={"": 3, "i": 2},
            run=Run("adam", {"beta2": "b"}, "z(t + 1, i)", ("1", "-2"), 3, {"v": Read("v", shift=1)}, torch="Adam"),
        ),
        Instance(
            "beta2 that rises, a scale that starts as low as it may",
            {
                **{"T": "3", "d": "2", "w": Table(("5", "2", "2", "1/2", "0")), "beta2": ["t", "1 - 1/(t + 2)"]},
                "z": Drawn((("2", "-1"), ("1/2", "3/2"))),
                "v": Recursion(("t", "i"), "1/4", "beta2(t + 1)*v(t, i) + (1 - beta2(t + 1))*z(t + 1, i)^2"),
                "s": ["t", "i", "sqrt(v(t, i))"],
                **{"B": "4/3", "s0": "1/2"},
            },
            ("1/3", "2/3"),
            draws=3,
            naturals={"": 4, "i": 2},
        ),
    ],
)
