"""Generic Adam, lemma E: the squared steps are paid by the growth of the scale (Chen et al. 2022)."""

from ..proving.linear_losses import corrected_adam
from ..proving.positive import reciprocal
from ..proving.script import Proof, square
from ..proving.theorem import Theorem
from . import adam_scale_along_a_run as run
from . import adam_step_from_the_one_before as step
from . import recursions_unroll_against_weights as unroll

STEP = "alpha(t)*m(t, i)/s(t, i)"
LATER = "alpha(t + 1)*m(t + 1, i)/s(t + 1, i)"
GROWTH = "2*(log(s(t + 1, i)) - log(s(t, i)) - log(sqrt(beta2(t + 1))))"
PAID = "(alpha(t + 1)*(1 - beta1(t + 1)))^2/(1 - beta2(t + 1))"
RHO = "beta1(t + 1)*alpha(t + 1)/(sqrt(beta2(t + 1))*alpha(t))"
ONE = f"({LATER})^2/P(t + 1) <= rho(t + 1)*({STEP})^2/P(t) + {PAID}*({GROWTH})"
SQUARES, NEXT = f"E(sum(i < d, ({STEP})^2))", f"E(sum(i < d, ({LATER})^2))"
GROWN = f"E(sum(i < d, {GROWTH}))"
ALL = f"{NEXT}/P(t + 1) <= rho(t + 1)*({SQUARES}/P(t)) + {PAID}*{GROWN}"
BOUND = f"sum(t < T, Q(t + 1)*{NEXT}) <= sum(t < T, H(t + 1)*({PAID}*{GROWN}))"

STEPS = {
    "alpha_positive": "forall t nat: alpha(t) > 0",
    "beta1_sign": "forall t nat: beta1(t + 1) >= 0",
    "rho_is": f"forall t nat: rho(t + 1) = {RHO}",
    "m_first": "forall i nat: m(0, i) = 0",
    "m_next": "forall t nat, i nat: m(t + 1, i) = beta1(t + 1)*m(t, i) + (1 - beta1(t + 1))*g(t + 1, i)",
}
WEIGHTS = {
    "P_first": "P(0) >= 0",
    "P_next": "forall t nat: P(t + 1) >= 1 + rho(t + 1)*P(t)",
    "Q_sign": "forall t nat: Q(t + 1) >= 0",
    "H_sign": "forall t nat: H(t + 1) >= 0",
    "H_back": "forall t nat: t + 1 <= T => H(t + 1) >= Q(t + 1)*P(t + 1) + rho(t + 2)*H(t + 2)",
}


def known(proof: Proof) -> None:
    """What holds of the scale along the run, and the signs of rho and P."""
    lemma = run.THEOREM
    for name in (
        "positive",
        "second_moment",
        "inside_sign",
        "outside_sign",
        "always_keeps",
        "always_share",
        "always_growth",
    ):
        proof.lemma(
            name,
            lemma.claims[name],
            lemma.theorem,
            list(lemma.hypotheses),
            {n: family(n, s) for n, s in lemma.variables.items()},
        )
    with proof.fixing("rho_sign", "forall t nat: rho(t + 1) >= 0") as fixed:
        fixed.use("is", "rho_is", t="t")
        fixed.use("beta1", "beta1_sign", t="t")
        fixed.use("beta2", "beta2_positive", t="t")
        fixed.use("root", "root_positive", "beta2", x="beta2(t + 1)")
        fixed.use("old", "alpha_positive", t="t")
        fixed.use("new", "alpha_positive", t="t + 1")
        fixed.use("root_inverse", "reciprocal_positive", "root", x="sqrt(beta2(t + 1))")
        fixed.use("old_inverse", "reciprocal_positive", "old", x="alpha(t)")
        fixed.have("sign", "rho(t + 1) >= 0", ["beta1*new*root_inverse*old_inverse"], ["is"])


def family(name: str, sort: str) -> str | list[str]:
    """The value of a variable that keeps its meaning."""
    letters = ["t", "i"][: sort.partition("(")[2].count("nat")]
    return [*letters, f"{name}({', '.join(letters)})"] if letters else name


def _facts(proof: Proof, t: str) -> None:
    """The hypotheses of the theorem about one step."""
    proof.use("b_positive", "beta2_positive", t=t)
    proof.use("b_small", "beta2_small", t=t)
    proof.use("beta1_here", "beta1_sign", t=t)
    proof.use("alpha_here", "alpha_positive", t=f"{t} + 1")
    proof.use("alpha_old", "alpha_positive", t=t)
    proof.use("before_positive", "positive", t=t, i="i")
    proof.use("scale_positive", "positive", t=f"{t} + 1", i="i")
    proof.use("keeps", "always_keeps", t=t, i="i")
    proof.use("paid", "always_share", t=t, i="i")
    proof.use("momentum", "m_next", t=t, i="i")
    proof.use("is", "rho_is", t=t)
    proof.use("P_step", "P_next", t=t)
    proof.use("P_old", "P_sign", t=t)
    proof.use("rho", "rho_sign", t=t)
    proof.have("P_new", f"P({t} + 1) > 0", ["P_step", "P_old*rho"])
    reciprocal(proof, "P", "P_new", f"P({t} + 1)", over="inverse")
    proof.use("grown", "always_growth", t=t, i="i")


def _lemma(proof: Proof, name: str, t: str, P: str, positive: str) -> None:
    places = {n: value.replace("(t", f"({t}") for n, value in run.PLACES.items()}
    places |= {"P": P, "U": GROWTH.replace("(t", f"({t}")}
    facts = {
        "beta1_sign": "beta1_here",
        "alpha_positive": "alpha_here",
        "alpha_old_positive": "alpha_old",
        "P_positive": positive,
    }
    said = run.along(step.THEOREM.claims[name], **places)
    hypotheses = [facts.get(n, n) for n in step.THEOREM.hypotheses]
    proof.lemma(name, said, step.THEOREM.theorem, hypotheses, {n: places[n] for n in step.THEOREM.variables})


def _over(t: str) -> str:
    """What m(t, i) has before it in the split of a step."""
    rho, share = RHO.replace("(t", f"({t}"), f"1 - sqrt(beta2({t} + 1))*s({t}, i)/s({t} + 1, i)"
    rest = f"alpha({t} + 1)*beta1({t} + 1)/s({t}, i)/sqrt(beta2({t} + 1))*({share})"
    return f"{rho}*alpha({t})/s({t}, i) - {rest}"


def _one(proof: Proof) -> None:
    """One coordinate, one step: the first has no step before it."""
    with proof.fixing("one", f"forall t nat, i nat: {ONE}") as fixed:
        said = ONE.replace("(t", "(k")
        with fixed.induction("all", f"forall k nat: {said}") as (zero, following):
            _facts(zero, "0")
            zero.have("unit", "1 > 0")
            _lemma(zero, "own", "0", "1", "unit")
            _lemma(zero, "split", "0", "1", "unit")
            zero.use("first", "m_first", i="i")
            moved, share = LATER.replace("(t", "(0"), "alpha(0 + 1)*(1 - beta1(0 + 1))*g(0 + 1, i)/s(0 + 1, i)"
            zero.have("plain", f"{moved} = {share}", (), [("1", "split"), (_over("0"), "first")])
            bound = f"{PAID}*({GROWTH})".replace("(t", "(0")
            zero.have("square", f"({moved})^2 <= {bound}", ["own"], [(f"{moved} + {share}", "plain")])
            zero.have("P_most", "1 - 1/P(0 + 1) >= 0", ["P_step*P_inverse", "P_old*rho*P_inverse"], ["P_unit"])
            goal = ONE.replace("(t", "(0")
            zero.have(
                "start",
                goal,
                ["square", square(moved) * "P_most"],
                [("alpha(0)^2*m(0, i)*rho(0 + 1)/s(0, i)^2/P(0)", "first")],
            )
            _facts(following, "k + 1")
            following.use("P_step_before", "P_next", t="k")
            following.use("P_before", "P_sign", t="k")
            following.use("rho_before", "rho_sign", t="k")
            following.have("P_positive", "P(k + 1) > 0", ["P_step_before", "P_before*rho_before"])
            following.use("P_old_inverse", "reciprocal_positive", "P_positive", x="P(k + 1)")
            _lemma(following, "square", "k + 1", "P(k + 1)", "P_positive")
            following.have("spare", "1 - beta2(k + 2) > 0", ["b_small"])
            following.use("spare_inverse", "reciprocal_positive", "spare", x="1 - beta2(k + 2)")
            left, right = (side.replace("(t", "(k + 1") for side in ONE.split(" <= "))
            products = [
                square(STEP.replace("(t", "(k + 1")) * "rho*P_old_inverse",
                square("alpha(k + 2)*(1 - beta1(k + 2))") * "spare_inverse*grown",
            ]
            following.have("right_sign", f"{right} >= 0", products)
            following.have(
                "next", f"{left} <= {right}", ["square*P_inverse", "P_step*right_sign*P_inverse"], ["P_unit", "is"]
            )
        fixed.use("here", "all", k="t")


def script(proof: Proof) -> None:
    """One coordinate; all of them, on average; and the recursion unrolled."""
    known(proof)
    with proof.induction("P_sign", "forall t nat: P(t) >= 0") as (zero, following):
        zero.have("start", "P(0) >= 0", ["P_first"])
        following.use("step", "P_next", t="t")
        following.use("rho", "rho_sign", t="t")
        following.have("next", "P(t + 1) >= 0", ["step", "rho*before"])
    _one(proof)
    with proof.fixing("all", f"forall t nat: {ALL}") as fixed:
        with fixed.fixing("each", "forall j nat: " + ONE.replace(", i)", ", j)")) as inner:
            inner.use("here", "one", t="t", i="j")
        sums = [f"sum(i < d, {said})" for said in (f"({LATER})^2", f"({STEP})^2", GROWTH)]
        fixed.add("summed", f"{sums[0]}/P(t + 1) <= rho(t + 1)*({sums[1]}/P(t)) + {PAID}*{sums[2]}", "each", "d")
        fixed.mean("mean", ALL, "summed")
    _first(proof)
    _signs(proof)
    weighted = f"Q(t + 1)*P(t + 1)*({NEXT}/P(t + 1) + 0)"
    paid = BOUND.split(" <= ")[1]
    values: dict[str, str | list[str]] = {
        "T": "T",
        "x": ["t", f"{SQUARES}/P(t)"],
        "y": ["t", f"{PAID}*{GROWN}"],
        "N": ["t", "0"],
        "rho": ["t", "rho(t + 1)"],
        "K": ["t", "Q(t + 1)*P(t + 1)"],
        "H": ["t", "H(t + 1)"],
    }
    facts = {"recursion": "all", "backward": "H_back"}
    hypotheses = [facts.get(name, name) for name in unroll.THEOREM.hypotheses]
    proof.lemma("unrolled", f"sum(t < T, {weighted}) <= {paid}", unroll.THEOREM.theorem, hypotheses, values)
    with proof.fixing("same_each", f"forall t nat: {weighted} = Q(t + 1)*{NEXT}") as fixed:
        fixed.use("P", "P_positive", t="t")
        fixed.use("apart", "positive_is_apart", "P", x="P(t + 1)")
        fixed.use("unit", "reciprocal", "apart", x="P(t + 1)")
        fixed.have("same", f"{weighted} = Q(t + 1)*{NEXT}", (), ["unit"])
    proof.add("same", f"sum(t < T, {weighted}) = sum(t < T, Q(t + 1)*{NEXT})", "same_each", "T")
    proof.have("bound", BOUND, ["unrolled"], [("1", "same")])


def _first(proof: Proof) -> None:
    """No step before the first one."""
    start = STEP.replace("(t", "(0")
    with proof.fixing("still", f"forall j nat: ({start.replace(', i)', ', j)')})^2 = 0") as fixed:
        fixed.use("zero", "m_first", i="j")
        fixed.have("here", f"({start.replace(', i)', ', j)')})^2 = 0", (), ["zero"])
    proof.add("still_sum", f"sum(i < d, ({start})^2) = 0", "still", "d")
    proof.mean("still_mean", f"E(sum(i < d, ({start})^2)) = 0", "still_sum")
    proof.have("first", f"E(sum(i < d, ({start})^2))/P(0) <= 0", (), ["still_mean"])


def _signs(proof: Proof) -> None:
    """What is not negative."""
    with proof.fixing("N_sign", "forall t nat: 0 >= 0") as fixed:
        fixed.have("zero", "0 >= 0")
    with proof.fixing("P_positive", "forall t nat: P(t + 1) > 0") as fixed:
        fixed.use("step", "P_next", t="t")
        fixed.use("old", "P_sign", t="t")
        fixed.use("rho", "rho_sign", t="t")
        fixed.have("sign", "P(t + 1) > 0", ["step", "old*rho"])
    with proof.fixing("K_sign", "forall t nat: Q(t + 1)*P(t + 1) >= 0") as fixed:
        fixed.use("Q", "Q_sign", t="t")
        fixed.use("P", "P_positive", t="t")
        fixed.have("sign", "Q(t + 1)*P(t + 1) >= 0", ["Q*P"])
    with proof.fixing("y_sign", f"forall t nat: {PAID}*{GROWN} >= 0") as fixed:
        fixed.use("small", "beta2_small", t="t")
        fixed.have("spare", "1 - beta2(t + 1) > 0", ["small"])
        fixed.use("inverse", "reciprocal_positive", "spare", x="1 - beta2(t + 1)")
        grown(fixed, "t")
        fixed.have("sign", f"{PAID}*{GROWN} >= 0", [square("alpha(t + 1)*(1 - beta1(t + 1))") * "inverse*mean_grown"])


def grown(proof: Proof, t: str) -> None:
    """The scale has grown, on average and over all coordinates."""
    said, name = GROWTH.replace("(t", f"({t}"), "sum(i < d, {})"
    with proof.fixing("grown_each", f"forall j nat: {said.replace(', i)', ', j)')} >= 0") as inner:
        inner.use("here", "always_growth", t=t, i="j")
        inner.have("twice", f"{said.replace(', i)', ', j)')} >= 0", ["here"])
    proof.add("grown_sum", f"{name.format(said)} >= 0", "grown_each", "d")
    proof.mean("mean_grown", f"E({name.format(said)}) >= 0", "grown_sum")


RATIO = "1/2/sqrt(1/2)"


def ratio_is_small(proof: Proof) -> None:
    """rho = sqrt(1/2) < 17/24 in the model."""
    proof.have("half", "1/2 > 0")
    proof.have("half_sign", "1/2 >= 0")
    proof.use("r", "root_squared", "half_sign", x="1/2")
    proof.use("r_positive", "root_positive", "half", x="1/2")
    proof.use("r_apart", "positive_is_apart", "r_positive", x="sqrt(1/2)")
    proof.use("r_unit", "reciprocal", "r_apart", x="sqrt(1/2)")
    proof.have("ratio", f"{RATIO} = sqrt(1/2)", (), [("1/sqrt(1/2)", "r"), ("sqrt(1/2)", "r_unit")])
    proof.have("small", f"{RATIO} <= 17/24", [square("sqrt(1/2) - 3/4")], ["ratio", "r"])


def shown(proof: Proof) -> None:
    """P and H of the model satisfy their inequalities."""
    run.shown(proof)
    ratio_is_small(proof)
    with proof.fixing("P_next", f"forall t nat: 4 >= 1 + {RATIO}*4") as fixed:
        fixed.have("here", f"4 >= 1 + {RATIO}*4", ["small"])
    with proof.fixing("H_back", f"forall t nat: t + 1 <= 5 => 16 >= 1*4 + {RATIO}*16", "within") as fixed:
        fixed.have("here", f"16 >= 1*4 + {RATIO}*16", ["small"])


THEOREM = Theorem(
    theorem="adam_squared_steps_along_a_run",
    title="The squared steps of Adam along a run",
    says="""Along a run of generic Adam from m_0 = 0, each squared step over P_t is at most rho_t times the one before
    plus (alpha_t (1 - beta1_t))^2/(1 - beta2_t) times the growth U_t of log s^2 less log beta2_t, for any P_t >= 1 +
    rho_t P_(t-1). So the sum of Q_t E |step_t|^2 is at most that of H_t times these, for any Q, H >= 0 with H_t >= Q_t
    P_t + rho_(t+1) H_(t+1).""",
    sources=["chen2022towards, the proof of the main theorem"],
    variables={
        **run.VARIABLES,
        "m": "rand(nat, nat)",
        **{name: "real(nat)" for name in ("alpha", "beta1", "rho", "P", "Q", "H")},
        "T": "nat",
        "d": "nat",
    },
    hypotheses={**run.SEQUENCES, **run.RUN, **STEPS, **WEIGHTS},
    claims={"one": f"forall t nat, i nat: {ONE}", "all": f"forall t nat: {ALL}", "bound": BOUND},
    lemmas=[lemma.THEOREM.theorem for lemma in (run, step, unroll)],
    model={
        **run.THEOREM.model,
        **{"m": ["t", "i", "t"], "alpha": ["t", "1"], "beta1": ["t", "1/2"], "rho": ["t", RATIO]},
        **{"P": ["t", "4"], "Q": ["t", "1"], "H": ["t", "16"], "T": "5", "d": "2"},
    },
    script=script,
    shown=shown,
    instances=[corrected_adam({})],
)
