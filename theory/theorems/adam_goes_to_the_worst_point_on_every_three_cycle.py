"""Adam with beta1 = 0 goes to the worst point and stays there (Reddi, Kale & Kumar 2018, Theorem 1)."""

from ..proving.instance import Instance, Run, Table, along
from ..proving.script import Proof, square
from ..proving.theorem import Theorem
from . import steps_up_outweigh_the_step_down_on_a_three_cycle as steps

ORDER, CLIP, CLIMB = (
    "numbers_with_smaller_squares_are_smaller",
    "clipped_numbers_stay_near",
    "steps_below_a_ceiling_add_up",
)
DOWN = "alpha/sqrt(3*k + 1)*C/sqrt(first(k))"
UP, UPPER = "alpha/sqrt(3*k + 2)/sqrt(second(k))", "alpha/sqrt(3*k + 3)/sqrt(third(k))"
GAP = "alpha/50/(sqrt(1 - beta)*sqrt(3*k + 1))"
LOSS = "(C*x(k) - y(k) - z(k) + (C - 2))"
FAR = "x(0) + alpha/75/sqrt(1 - beta)*(sqrt(3*k + 1) - 1)"


def clipped(proof: Proof, name: str, fact: str, y: str, z: str) -> None:
    """The three facts about y, which is z clipped."""
    values = {"y": y, "z": z}
    proof.lemma(f"{name}_above", f"{y} >= min(1, {z})", CLIP, [fact], values)
    proof.lemma(f"{name}_least", f"{y} >= -1", CLIP, [fact], values)
    proof.lemma(f"{name}_most", f"{y} <= 1", CLIP, [fact], values)


def positions(proof: Proof) -> None:
    """The three steps of cycle k, and that they are clipped."""
    proof.use("y_step", "down", "inside", k="k")
    proof.use("z_step", "up", "inside", k="k")
    proof.use("x_step", "upper", "inside", k="k")
    clipped(proof, "y", "y_step", "y(k)", f"x(k) - {DOWN}")
    clipped(proof, "z", "z_step", "z(k)", f"y(k) + {UP}")
    clipped(proof, "x", "x_step", "x(k + 1)", f"z(k) + {UPPER}")


def cycle(proof: Proof) -> None:
    """A cycle moves up by the gap, or to 1."""
    positions(proof)
    proof.use("gap", "up_outweighs", k="k")
    proof.use("natural_k", "natural", n="k")
    for name, time, moment in (("two", "3*k + 2", "second(k)"), ("three", "3*k + 3", "third(k)")):
        proof.use(f"{name}_moment", f"{name}_positive", k="k")
        proof.use(f"{name}_root", "root_positive", f"{name}_moment", x=moment)
        proof.use(f"{name}_inverse", "reciprocal_positive", f"{name}_root", x=f"sqrt({moment})")
        proof.have(f"{name}_time", f"{time} > 0", ["natural_k"])
        proof.use(f"{name}_late", "root_positive", f"{name}_time", x=time)
        proof.use(f"{name}_rate", "reciprocal_positive", f"{name}_late", x=f"sqrt({time})")
    proof.have("step_two", f"{UP} >= 0", ["rate_positive*two_inverse*two_rate"])
    proof.have("step_three", f"{UPPER} >= 0", ["rate_positive*three_inverse*three_rate"])
    reached = f"x(k) - {DOWN} + {UP}"
    proof.have("first_goal", f"{reached} <= x(k) - {DOWN} + {UP}")
    values = {"x": "y(k)", "y": "z(k)", "w": f"x(k) - {DOWN}", "step": UP, "goal": reached}
    hypotheses = ["y_above", "step_two", "z_above", "first_goal"]
    proof.lemma("half_way", f"z(k) >= min(1, {reached})", CLIMB, hypotheses, values)
    proof.have("second_goal", f"x(k) + {GAP} <= {reached} + {UPPER}", ["gap*rate_positive"])
    values = {"x": "z(k)", "y": "x(k + 1)", "w": reached, "step": UPPER, "goal": f"x(k) + {GAP}"}
    hypotheses = ["half_way", "step_three", "x_above", "second_goal"]
    proof.lemma("cycle", f"x(k + 1) >= min(1, x(k) + {GAP})", CLIMB, hypotheses, values)


def gaps(proof: Proof) -> None:
    """GAP >= 0, and it is as large as the next part of FAR."""
    proof.use("natural_k", "natural", n="k")
    for name, time in (("t", "3*k + 1"), ("s", "3*k + 4")):
        proof.have(f"{name}_positive", f"{time} > 0", ["natural_k"])
        steps.rooted(proof, name, time, f"{name}_positive")
    proof.have("gap_positive", f"{GAP} >= 0", ["rate_positive*w_inverse*t_inverse"])
    more = ["t_one", "t_squared", "s_squared"]
    root = "2/3*(sqrt(3*k + 4) - sqrt(3*k + 1)) <= 1/sqrt(3*k + 1)"
    proof.have("telescope", root, [square("sqrt(3*k + 4) - sqrt(3*k + 1)") * "t_inverse"], more)


def script(proof: Proof) -> None:
    """Every cycle, then induction; the sum of 1/sqrt(3 k + 1) telescopes."""
    values = {name: name for name in ("C", "beta")}
    families = {name: ["k", f"{name}(k)"] for name in ("start", "first", "second", "third")}
    hypotheses = ["large", "rate", "nothing", "at_first", "at_second", "at_third", "again"]
    for name, claim in steps.THEOREM.claims.items():
        proof.lemma(
            "up_outweighs" if name == "up" else name, claim, steps.THEOREM.theorem, hypotheses, {**values, **families}
        )
    steps.constants(proof)
    with proof.fixing("cycle", f"forall k nat: k < K => x(k + 1) >= min(1, x(k) + {GAP})", "inside") as inner:
        cycle(inner)
    with proof.induction("reach", f"forall k nat: k <= K => x(k) >= min(1, {FAR})", "until") as (zero, following):
        zero.have("one", "1 >= 0")
        zero.use("squared", "root_squared", "one", x="1")
        zero.have("small", "sqrt(1)^2 <= 1^2", [], ["squared"])
        zero.lemma("root", "sqrt(1) <= 1", ORDER, ["one", "small"], {"a": "sqrt(1)", "b": "1"})
        first = FAR.replace("3*k + 1", "3*0 + 1")
        zero.use("least", "absolute_above", x=f"1 - ({first})")
        zero.have("now", f"x(0) >= min(1, {first})", ["least", "root*rate_positive*w_inverse"])
        following.have("inside", "k < K", ["until"])
        following.have("still", "k <= K", ["until"])
        following.use("so_far", "before", "still")
        following.use("step", "cycle", "inside", k="k")
        gaps(following)
        then = FAR.replace("k", "(k + 1)")
        following.have("near", f"{then} <= {FAR} + {GAP}", ["telescope*rate_positive*w_inverse"])
        values = {"x": "x(k)", "y": "x(k + 1)", "w": FAR, "step": GAP, "goal": then}
        following.lemma(
            "next", f"x(k + 1) >= min(1, {then})", CLIMB, ["so_far", "gap_positive", "step", "near"], values
        )
    with proof.induction("stay", "forall k nat: x(0) >= 1, k <= K => x(k) >= 1", "best", "until") as (zero, following):
        zero.have("now", "x(0) >= 1", ["best"])
        following.have("inside", "k < K", ["until"])
        following.have("still", "k <= K", ["until"])
        following.use("so_far", "before", "best", "still")
        following.use("step", "cycle", "inside", k="k")
        gaps(following)
        following.have("none", "0 >= 0")
        following.use("distance", "absolute_of_nonnegative", "none", x="1 - 1")
        following.have("above", "x(k) >= min(1, 1)", ["so_far"], ["distance"])
        following.have("near", f"1 <= 1 + {GAP}", ["gap_positive"])
        values = {"x": "x(k)", "y": "x(k + 1)", "w": "1", "step": GAP, "goal": "1"}
        hypotheses = ["above", "gap_positive", "step", "near"]
        following.lemma("least", "x(k + 1) >= min(1, 1)", CLIMB, hypotheses, values)
        following.have("next", "x(k + 1) >= 1", ["least"], ["distance"])
    with proof.fixing("one_cycle", f"forall k nat: k < K => {LOSS} >= C*x(k) - 2 + (C - 2)", "inside") as inner:
        positions(inner)
        inner.have("loss", f"{LOSS} >= C*x(k) - 2 + (C - 2)", ["y_most", "z_most"])
    with proof.fixing("inside_one", "forall k nat: k < K => x(k + 1) <= 1", "inside") as inner:
        positions(inner)
        inner.have("clipped_x", "x(k + 1) <= 1", ["x_most"])
    with proof.fixing("regret", f"x(0) >= 1 => sum(k < K, {LOSS}) >= 2*(C - 2)*K", "best") as inner:
        with inner.fixing("each", f"forall k nat: k + 1 <= K => {LOSS} >= 2*(C - 2)", "before") as here:
            here.have("inside", "k < K", ["before"])
            here.use("loss", "one_cycle", "inside", k="k")
            here.have("still", "k <= K", ["inside"])
            here.use("worst", "stay", "best", "still", k="k")
            here.have("regret", f"{LOSS} >= 2*(C - 2)", ["loss", "worst*C_positive"])
        inner.add("total", f"sum(k < K, {LOSS}) >= 2*(C - 2)*K", "each", "K")


def put_in(text: str) -> str:
    """A text with the values that the model gives to all names."""
    for name in ("first", "second", "third"):
        text = text.replace(f"{name}(k)", f"({steps.MODEL[name][1]})")
    for name, value in MODEL.items():
        text = text.replace(f"{name}(k)", value).replace(f"{name}(k + 1)", value)
    return text.replace("alpha", "1000").replace("C", "3").replace("beta", "(1/10)")


# One cycle from 1, with so large a step that it goes to -1, to 1 and stays there.
MODEL = {"x": "1", "y": "(-1)", "z": "1"}


def inverse_root(proof: Proof, name: str, value: str) -> None:
    """1/sqrt(value) >= 1/10 for a value between 0 and 100."""
    proof.have(f"{name}_positive", f"{value} > 0", [], ["power"])
    steps.rooted(proof, name, value, f"{name}_positive")
    proof.have(f"{name}_small", f"{value} <= 100", [], ["power"])
    products = [f"{name}_small*{name}_inverse", square(f"1 - sqrt({value})/10") * f"{name}_inverse"]
    proof.have(f"{name}_large", f"1/sqrt({value}) >= 1/10", products, [f"{name}_one", f"{name}_squared"])


def clip_of(proof: Proof, name: str, value: str, inside: str) -> None:
    """value = max(-1, min(1, inside)), where the signs of both distances are known."""
    first, second = f"1 - ({inside})", f"-1 - min(1, {inside})"
    kinds = {">=": "absolute_of_nonnegative", "<": "absolute_of_negative"}
    signs = {"y": (">=", ">="), "z": ("<", "<"), "x": ("<", "<")}[name[0]]
    products = ["t_large*m_large", "t_large", "m_large"]
    proof.have("near", f"{first} {signs[0]} 0", products)
    proof.use("one_distance", kinds[signs[0]], "near", x=first)
    proof.have("far", f"{second} {signs[1]} 0", products, ["one_distance"])
    proof.use("two_distance", kinds[signs[1]], "far", x=second)
    proof.have("now", f"{value} = max(-1, min(1, {inside}))", [], ["one_distance", "two_distance"])


def shown(proof: Proof) -> None:
    """A natural number below 1 is 0: by induction, because k + 1 < 1 is false."""
    steps.shown(proof)
    for name, left, time, moment, inside in (
        ("y", "y(k)", "3*k + 1", "first(k)", f"x(k) - {DOWN}"),
        ("z", "z(k)", "3*k + 2", "second(k)", f"y(k) + {UP}"),
        ("x", "x(k + 1)", "3*k + 3", "third(k)", f"z(k) + {UPPER}"),
    ):
        value, inside = put_in(left), put_in(inside)
        claim = f"forall k nat: k < 1 => {value} = max(-1, min(1, {inside}))"
        with proof.induction(f"{name}_shown", claim, "inside") as (zero, following):
            zero.use("power", "exp_of_zero")
            inverse_root(zero, "t", time.replace("k", "0"))
            inverse_root(zero, "m", put_in(moment).replace("k", "0"))
            clip_of(zero, name, value, inside.replace("k", "0"))
            following.use("natural_k", "natural", n="k")
            following.have("below", "-k > 0", ["inside"])
            following.use("apart", "positive_is_apart", "below", x="-k")
            following.use("one", "reciprocal", "apart", x="-k")
            following.have("negative", "k < 0", ["below"])
            following.use("same", "absolute_of_nonnegative", "natural_k", x="k")
            following.use("other", "absolute_of_negative", "negative", x="k")
            following.have("none", "k = 0", [], [("1", "same"), ("1", "other")])
            right = f"max(-1, min(1, {inside.replace('k', '(k + 1)')}))"
            chain = [(f"{value} - {right}", "one"), (f"({value} - {right})*(1/(-k))", "none")]
            following.have("next", f"{value} = {right}", [], chain)


THEOREM = Theorem(
    theorem="adam_goes_to_the_worst_point_on_every_three_cycle",
    title="Adam goes to the worst point on every three-cycle",
    says="""Adam with beta1 = 0, beta2 = 1/(1 + C^2), C > 2, and any learning rate alpha/sqrt(t), clipped to
    [-1, 1], on the losses C x, -x, -x again and again, whose best point is -1. In every cycle it moves up by at least
    alpha/(50 sqrt((1 - beta2) t)) or to the worst point 1; from anywhere it reaches 1; from 1 it returns to 1 in every
    cycle, and its regret over K cycles is at least 2 (C - 2) K.""",
    sources=["reddi2018convergence, Theorem 1"],
    variables={
        **steps.THEOREM.variables,
        "alpha": "real",
        "x": "real(nat)",
        "y": "real(nat)",
        "z": "real(nat)",
        "K": "nat",
    },
    hypotheses={
        **steps.THEOREM.hypotheses,
        "rate_positive": "alpha > 0",
        "down": f"forall k nat: k < K => y(k) = max(-1, min(1, x(k) - {DOWN}))",
        "up": f"forall k nat: k < K => z(k) = max(-1, min(1, y(k) + {UP}))",
        "upper": f"forall k nat: k < K => x(k + 1) = max(-1, min(1, z(k) + {UPPER}))",
    },
    claims={
        "cycle": f"forall k nat: k < K => x(k + 1) >= min(1, x(k) + {GAP})",
        "reach": f"forall k nat: k <= K => x(k) >= min(1, {FAR})",
        "stay": "forall k nat: x(0) >= 1, k <= K => x(k) >= 1",
        "clipped": "forall k nat: k < K => x(k + 1) <= 1",
        "regret": f"x(0) >= 1 => sum(k < K, {LOSS}) >= 2*(C - 2)*K",
    },
    lemmas=[ORDER, CLIP, CLIMB, steps.THEOREM.theorem],
    model={**steps.MODEL, "alpha": "1000", "K": "1", **{name: ["k", value] for name, value in MODEL.items()}},
    shown=shown,
    script=script,
    instances=[
        Instance(
            "three cycles of 3, -1, -1",
            {"K": "3", "alpha": "1/16", "C": "3", "beta": "1/(1 + C^2)", "signs": Table(("C", "-1", "-1") * 3)},
            naturals={"": 3},
            run=Run(
                "adam@correction=none",
                {"eta": "1/16/sqrt(t + 1)", "beta1": "0", "beta2": "beta", "eps": "0"},
                "signs(t)",
                ("-1/2",),
                9,
                {
                    "x": along("theta", letter="k", each="3"),
                    "y": along("theta", 1, "k", "3"),
                    "z": along("theta", 2, "k", "3"),
                    "start": along("v", letter="k", each="3"),
                    "first": along("v", 1, "k", "3"),
                    "second": along("v", 2, "k", "3"),
                    "third": along("v", 3, "k", "3"),
                },
                why="torch corrects biases",
            ),
            wrong=("adam", "adam@correction=none,second_moment=old"),
        )
    ],
)
