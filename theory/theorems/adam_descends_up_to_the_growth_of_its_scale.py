"""Generic Adam: the gradients along a run are paid by the loss and the growth of the scale (Chen et al. 2022)."""

from ..proving.linear_losses import corrected_adam
from ..proving.script import Proof, square
from ..proving.theorem import Theorem
from . import adam_scale_along_a_run as run
from . import adam_squared_steps_along_a_run as squares
from . import adam_works_against_the_gradient as work
from . import momentum_is_bounded_by_the_second_moment as momentum
from . import recursions_unroll_against_weights as unroll
from .adam_squared_steps_along_a_run import GROWN, LATER, PAID, STEP

ST = "(sqrt(beta2(t + 1)*v(t, i) + (1 - beta2(t + 1))*delta(t + 1, i)^2 + inside(t + 1)) + outside(t + 1))"
C = "G*(2*(1 - beta1(t + 1))*alpha(t + 1)/sqrt(1 - beta2(t + 1)) + alpha(t + 1)*beta1(t + 1)*sqrt(A(t)/beta2(t + 1)))"
W = f"(L*H(t + 1)*{PAID} + Q(t + 1)*{C})"
OWN = f"alpha(t + 1)*(1 - beta1(t + 1))*E(sum(i < d, grad(t + 1, i)^2/{ST}))/2"
PUSH, NEXT_PUSH = f"sum(i < d, grad(t, i)*({STEP}))", f"sum(i < d, grad(t + 1, i)*({STEP}))"
SQUARE = f"sum(i < d, ({STEP})^2)"
ENERGY, LATER_ENERGY = (
    f"(L*E({SQUARE}) - E({PUSH}))",
    (f"(L*E(sum(i < d, ({LATER})^2)) - E(sum(i < d, grad(t + 1, i)*({LATER}))))"),
)
PRICE = f"({C}*{GROWN} + L*E(sum(i < d, ({LATER})^2)))"
CLAIM = f"sum(t < T, {OWN}) <= E(f(1)) - fstar + sum(t < T, {W}*{GROWN})"
PROBLEM = {
    "L_sign": "L >= 0",
    "G_positive": "G > 0",
    "delta_positive": "forall t nat, i nat: delta(t + 1, i) > 0",
    "delta_most": "forall t nat, i nat: delta(t + 1, i) <= G",
    "delta_past": "forall t nat, i nat: past(delta(t + 1, i), t)",
    "grad_past": "forall t nat, i nat: past(grad(t + 1, i), t)",
    "v_past": "forall t nat, i nat: past(v(t, i), t)",
    "unbiased": "forall X rand, t nat, i nat: past(X, t) => E(X*g(t + 1, i)) = E(X*grad(t + 1, i))",
    "noise": "forall X rand, t nat, i nat: X >= 0, past(X, t) => E(X*g(t + 1, i)^2) <= E(X*delta(t + 1, i)^2)",
    "theta_next": f"forall t nat, i nat: theta(t + 1, i) = theta(t, i) - {STEP}",
    "smooth": "forall t nat: f(t + 1) <= f(t) + sum(i < d, grad(t, i)*(theta(t + 1, i) - theta(t, i)))"
    " + L/2*sum(i < d, (theta(t + 1, i) - theta(t, i))^2)",
    "smooth_back": "forall t nat: f(t) <= f(t + 1) - sum(i < d, grad(t + 1, i)*(theta(t + 1, i) - theta(t, i)))"
    " + L/2*sum(i < d, (theta(t + 1, i) - theta(t, i))^2)",
    "bounded": "forall t nat: f(t) >= fstar",
}
BOUNDS = {
    "beta1_most": "forall t nat: beta1(t + 1) <= 1",
    "A_first": "A(0) >= 0",
    "A_next": momentum.THEOREM.hypotheses["A_update"],
    "Q_back": "forall t nat: t + 1 <= T => Q(t + 1) >= 1 + rho(t + 2)*Q(t + 2)",
}


def _momentum(proof: Proof) -> None:
    """Lemma B, in every coordinate."""
    lemma = momentum.THEOREM
    values: dict[str, str | list[str]] = {n: ["k", f"{n}(k)"] for n in ("beta1", "beta2", "A")}
    values |= {n: ["k", f"{n}(k, i)"] for n in ("m", "v", "g")}
    with proof.fixing("cauchy", "forall t nat, i nat: m(t, i)^2 <= A(t)*v(t, i)") as fixed:
        fixed.use("first_m", "m_first", i="i")
        fixed.use("first_v", "v_first", i="i")
        for letter, said in (("m", squares.STEPS["m_next"]), ("v", run.RUN["v_next"])):
            quantified = said.replace("forall t nat, i nat", "forall k nat").replace("(t", "(k")
            with fixed.fixing(f"{letter}_all", quantified) as inner:
                inner.use("here", f"{letter}_next", t="k", i="i")
        facts = {"first_weight": "A_first", "m_update": "m_all", "v_update": "v_all", "A_update": "A_next"}
        hypotheses = [facts.get(name, name) for name in lemma.hypotheses]
        fixed.lemma("all", "forall k nat: m(k, i)^2 <= A(k)*v(k, i)", lemma.theorem, hypotheses, values)
        fixed.use("here", "all", k="t")
    with proof.induction("A_sign", "forall t nat: A(t) >= 0") as (zero, following):
        zero.have("start", "A(0) >= 0", ["A_first"])
        following.use("next", "A_next", t="t")
        following.use("b", "beta2_positive", t="t")
        following.use("b_small", "beta2_small", t="t")
        following.have("spare", "1 - beta2(t + 1) > 0", ["b_small"])
        following.use("b_inverse", "reciprocal_positive", "b", x="beta2(t + 1)")
        following.use("spare_inverse", "reciprocal_positive", "spare", x="1 - beta2(t + 1)")
        products = [square("beta1(t + 1)") * "before*b_inverse", square("1 - beta1(t + 1)") * "spare_inverse"]
        following.have("sign", "A(t + 1) >= 0", ["next", *products])


def _work(proof: Proof) -> None:
    """Lemmas A and C, over all coordinates."""
    lemma = work.THEOREM
    with proof.fixing("works", "forall t nat, i nat: " + run.along(work.CLAIM)) as fixed:
        run.step(fixed, "t", "i")
        fixed.use("beta1_here", "beta1_sign", t="t")
        fixed.use("beta1_small", "beta1_most", t="t")
        fixed.use("alpha_old", "alpha_positive", t="t")
        fixed.use("alpha_here", "alpha_positive", t="t + 1")
        fixed.use("A_here", "A_sign", t="t")
        fixed.use("before_positive", "positive", t="t", i="i")
        fixed.use("momentum", "m_next", t="t", i="i")
        fixed.use("cauchy_here", "cauchy", t="t", i="i")
        fixed.use("grad_here", "grad_past", t="t", i="i")
        fixed.use("v_here", "v_past", t="t", i="i")
        for name in ("positive", "most", "past"):
            fixed.use(f"delta_{name}_here", f"delta_{name}", t="t", i="i")
        for name, said in (("unbiased_here", "unbiased"), ("noise_here", "noise")):
            claim = PROBLEM[said].replace("forall X rand, t nat, i nat", "forall X rand")
            premises = ["sign", "known"] if said == "noise" else ["known"]
            with fixed.fixing(name, claim, *premises) as inner:
                inner.use("here", said, *premises, X="X", t="t", i="i")
        facts = {
            **{k: v for k, v in run.NAMES.items() if k != "b_small"},
            **{"beta1_sign": "beta1_here", "alpha_old_positive": "alpha_old", "alpha_positive": "alpha_here"},
            **{"A_sign": "A_here", "cauchy": "cauchy_here", "grad_past": "grad_here", "old_past": "v_here"},
            **{"unbiased": "unbiased_here", "second_moment": "noise_here"},
            **{f"delta_{name}": f"delta_{name}_here" for name in ("positive", "most", "past")},
        }
        hypotheses = [facts.get(name, name) for name in lemma.hypotheses]
        fixed.lemma(
            "here", run.along(work.CLAIM), lemma.theorem, hypotheses, {n: run.PLACES[n] for n in lemma.variables}
        )
    rho = squares.RHO
    total = f"-E(sum(i < d, grad(t + 1, i)*({LATER}))) <= -{rho}*E({NEXT_PUSH}) - {OWN} + {C}*{GROWN}"
    with proof.fixing("all_work", f"forall t nat: {total}") as fixed:
        with fixed.fixing("each", "forall j nat: " + run.along(work.CLAIM).replace(", i)", ", j)")) as inner:
            inner.use("here", "works", t="t", i="j")
        fixed.add("summed", total, "each", "d")


def _smooth(proof: Proof) -> None:
    """The gradient turns by at most L times the step, and the loss falls along it."""
    moved = "theta(t + 1, i) - theta(t, i)"
    for name, left, right in (
        ("push", f"grad(t, i)*({moved})", f"grad(t, i)*({STEP})"),
        ("next_push", f"grad(t + 1, i)*({moved})", f"grad(t + 1, i)*({STEP})"),
        ("square", f"({moved})^2", f"({STEP})^2"),
    ):
        sign = "" if name == "square" else "-"
        with proof.fixing(f"{name}_sums", f"forall t nat: sum(i < d, {left}) = {sign}sum(i < d, {right})") as fixed:
            said = f"{left} = {sign}{right}".replace(", i)", ", j)")
            with fixed.fixing("each", f"forall j nat: {said}") as inner:
                inner.use("next", "theta_next", t="t", i="j")
                inner.have("here", said, (), ["next"])
            fixed.add("summed", f"sum(i < d, {left}) = {sign}sum(i < d, {right})", "each", "d")
    for name, claim in (
        ("turn", f"-E({NEXT_PUSH}) <= {ENERGY}"),
        ("descent", f"E(f(t + 1)) <= E(f(t)) + {ENERGY}"),
    ):
        with proof.fixing(name, f"forall t nat: {claim}") as fixed:
            for side in ("push", "next_push", "square"):
                fixed.use(side, f"{side}_sums", t="t")
            fixed.use("forward", "smooth", t="t")
            fixed.use("back", "smooth_back", t="t")
            with fixed.fixing("squares", f"forall j nat: ({STEP.replace(', i)', ', j)')})^2 >= 0") as inner:
                inner.have("here", f"({STEP.replace(', i)', ', j)')})^2 >= 0", [square(STEP.replace(", i)", ", j)"))])
            fixed.add("size", f"{SQUARE} >= 0", "squares", "d")
            said = claim.replace("E(f(t + 1))", "f(t + 1)").replace("E(f(t))", "f(t)")
            said = (
                said.replace(f"E({SQUARE})", SQUARE).replace(f"E({PUSH})", PUSH).replace(f"E({NEXT_PUSH})", NEXT_PUSH)
            )
            products = ["forward", "back", "size*L_sign"]
            fixed.have("here", said, products, [("1", "push"), ("1", "next_push"), ("L", "square")])
            fixed.mean("mean", claim, "here")


def script(proof: Proof) -> None:
    """Each step's work against the gradient, unrolled; the loss bounds it; squared steps cost growth."""
    squares.known(proof)
    _momentum(proof)
    _work(proof)
    _smooth(proof)
    _signs(proof)
    with proof.fixing("recursion", f"forall t nat: {LATER_ENERGY} + {OWN} <= rho(t + 1)*{ENERGY} + {PRICE}") as fixed:
        fixed.use("work", "all_work", t="t")
        fixed.use("turned", "turn", t="t")
        fixed.use("rho", "rho_sign", t="t")
        fixed.use("is", "rho_is", t="t")
        claim = f"{LATER_ENERGY} + {OWN} <= rho(t + 1)*{ENERGY} + {PRICE}"
        fixed.have("here", claim, ["work", "turned*rho"], [(f"E({NEXT_PUSH})", "is")])
    values: dict[str, str | list[str]] = {
        **{"T": "T", "x": ["t", ENERGY], "y": ["t", PRICE], "N": ["t", OWN], "rho": ["t", "rho(t + 1)"]},
        **{"K": ["t", "1"], "H": ["t", "Q(t + 1)"]},
    }
    facts = {"H_sign": "Q_sign", "backward": "Q_back"}
    hypotheses = [facts.get(name, name) for name in unroll.THEOREM.hypotheses]
    left, right = f"sum(t < T, 1*({LATER_ENERGY} + {OWN}))", f"sum(t < T, Q(t + 1)*{PRICE})"
    proof.lemma("unrolled", f"{left} <= {right}", unroll.THEOREM.theorem, hypotheses, values)
    gained = f"sum(t < T, {LATER_ENERGY})"
    proof.linear("left", f"{left} = {gained} + sum(t < T, {OWN})")
    lemma = squares.THEOREM
    families = {n: squares.family(n, sort) for n, sort in lemma.variables.items()}
    proof.lemma("squared", squares.BOUND, lemma.theorem, list(lemma.hypotheses), families)
    steps, paid = squares.BOUND.split(" <= ")
    noise = f"sum(t < T, Q(t + 1)*({C}*{GROWN}))"
    proof.linear("right", f"{right} = {noise} + L*{steps}")
    proof.linear("weights", f"sum(t < T, {W}*{GROWN}) = {noise} + L*{paid}")
    _telescoped(proof)
    products = ["unrolled", "squared*L_sign", "telescoped", "floor"]
    proof.have("energy", CLAIM, products, [("1", "left"), ("1", "right"), ("1", "weights")])


def _telescoped(proof: Proof) -> None:
    """The energies add up to what the loss falls at most."""
    said = f"sum(t < n, {LATER_ENERGY})"
    with proof.induction("falls", f"forall n nat: {said} >= E(f(n + 1)) - E(f(1))") as (zero, following):
        none = said.replace("t < n", "t < 0")
        zero.linear("none", f"{none} = 0")
        zero.have("start", f"{none} >= E(f(0 + 1)) - E(f(1))", (), ["none"])
        following.use("fall", "descent", t="n + 1")
        more = said.replace("t < n", "t < n + 1")
        following.linear("unfolded", f"{more} = {said} + {LATER_ENERGY.replace('(t', '(n')}")
        following.have("next", f"{more} >= E(f(n + 2)) - E(f(1))", ["before", "fall"], ["unfolded"])
    proof.use("telescoped", "falls", n="T")
    proof.use("last", "bounded", t="T + 1")
    proof.mean("floor", "E(f(T + 1)) >= fstar", "last")


def _signs(proof: Proof) -> None:
    """What is not negative, and the first step, which is none."""
    start = STEP.replace("(t", "(0")
    for name, said in (("square", f"({start})^2"), ("push", f"grad(0, i)*({start})")):
        here = said.replace(", i)", ", j)")
        with proof.fixing(f"no_{name}", f"forall j nat: {here} = 0") as fixed:
            fixed.use("zero", "m_first", i="j")
            fixed.have("here", f"{here} = 0", (), ["zero"])
        proof.add(f"no_{name}_sum", f"sum(i < d, {said}) = 0", f"no_{name}", "d")
        proof.mean(f"no_{name}_mean", f"E(sum(i < d, {said})) = 0", f"no_{name}_sum")
    proof.have("first", f"{ENERGY.replace('(t', '(0')} <= 0", (), ["no_square_mean", "no_push_mean"])
    with proof.fixing("K_sign", "forall t nat: 1 >= 0") as fixed:
        fixed.have("one", "1 >= 0")
    with proof.fixing("N_sign", f"forall t nat: {OWN} >= 0") as fixed:
        _spare(fixed)
        with fixed.fixing("each", f"forall j nat: {f'grad(t + 1, i)^2/{ST}'.replace(', i)', ', j)')} >= 0") as inner:
            _mean_scale(inner)
        fixed.add("summed", f"sum(i < d, grad(t + 1, i)^2/{ST}) >= 0", "each", "d")
        fixed.mean("mean", f"E(sum(i < d, grad(t + 1, i)^2/{ST})) >= 0", "summed")
        fixed.have("sign", f"{OWN} >= 0", ["alpha*own*mean"])
    with proof.fixing("y_sign", f"forall t nat: {PRICE} >= 0") as fixed:
        _spare(fixed)
        fixed.use("beta1", "beta1_sign", t="t")
        fixed.use("spare_root", "root_positive", "spare", x="1 - beta2(t + 1)")
        fixed.use("spare_inverse", "reciprocal_positive", "spare_root", x="sqrt(1 - beta2(t + 1))")
        fixed.use("ratio", "root_nonnegative", x="A(t)/beta2(t + 1)")
        squares.grown(fixed, "t")
        later = LATER.replace(", i)", ", j)")
        with fixed.fixing("each", f"forall j nat: ({later})^2 >= 0") as inner:
            inner.have("here", f"({later})^2 >= 0", [square(later)])
        fixed.add("summed", f"sum(i < d, ({LATER})^2) >= 0", "each", "d")
        fixed.mean("mean", f"E(sum(i < d, ({LATER})^2)) >= 0", "summed")
        products = [
            "G_positive*own*alpha*spare_inverse*mean_grown",
            "G_positive*alpha*beta1*ratio*mean_grown",
            "L_sign*mean",
        ]
        fixed.have("sign", f"{PRICE} >= 0", products)


def _spare(proof: Proof) -> None:
    proof.use("alpha", "alpha_positive", t="t + 1")
    proof.use("most", "beta1_most", t="t")
    proof.have("own", "1 - beta1(t + 1) >= 0", ["most"])
    proof.use("small", "beta2_small", t="t")
    proof.have("spare", "1 - beta2(t + 1) > 0", ["small"])


def _mean_scale(proof: Proof) -> None:
    """st > 0, since its root holds (1 - beta2) G^2."""
    scale = ST.replace(", i)", ", j)")
    inner = "beta2(t + 1)*v(t, j) + (1 - beta2(t + 1))*delta(t + 1, j)^2 + inside(t + 1)"
    proof.use("b", "beta2_positive", t="t")
    proof.use("old", "second_moment", t="t", i="j")
    proof.use("delta", "delta_positive", t="t", i="j")
    proof.use("inside_here", "inside_sign", t="t + 1")
    proof.use("outside_here", "outside_sign", t="t + 1")
    proof.have("inner", f"{inner} > 0", ["b*old", "spare*delta*delta", "inside_here"])
    proof.use("root", "root_positive", "inner", x=inner)
    proof.have("scale_positive", f"{scale} > 0", ["root", "outside_here"])
    proof.use("inverse", "reciprocal_positive", "scale_positive", x=scale)
    proof.have("here", f"grad(t + 1, j)^2/{scale} >= 0", [square("grad(t + 1, j)") * "inverse"])


def shown(proof: Proof) -> None:
    """The sequences of the model satisfy their inequalities: rho = sqrt(1/2) < 17/24."""
    squares.ratio_is_small(proof)
    proof.use("root_sign", "root_nonnegative", x="4")
    with proof.fixing("scale_first", "forall i nat: sqrt(4) + 1 > 0") as fixed:
        fixed.have("here", "sqrt(4) + 1 > 0", ["root_sign"])
    for name, said in {
        "P_next": f"4 >= 1 + {squares.RATIO}*4",
        "outside_keeps": "1 >= sqrt(1/2)*1",
    }.items():
        with proof.fixing(name, f"forall t nat: {said}") as fixed:
            fixed.have("here", said, ["small"], ["ratio"])
    for name, said in {
        "Q_back": f"4 >= 1 + {squares.RATIO}*4",
        "H_back": f"64 >= 4*4 + {squares.RATIO}*64",
    }.items():
        with proof.fixing(name, f"forall t nat: t + 1 <= 5 => {said}", "within") as fixed:
            fixed.have("here", said, ["small"])
    noise = "E(X*0^2) <= E(X*1^2)"
    with proof.fixing("noise", f"forall X rand, t nat, i nat: X >= 0, past(X, t) => {noise}", "sign", "known") as fixed:
        fixed.mean("mean", "E(X) >= 0", "sign")
        fixed.linear("none", "E(X*0^2) = 0")
        fixed.linear("same", "E(X*1^2) = E(X)")
        fixed.have("here", noise, ["mean"], ["none", "same"])


THEOREM = Theorem(
    theorem="adam_descends_up_to_the_growth_of_its_scale",
    title="Adam descends, up to the growth of its scale",
    says="""Let f be L-smooth between neighbouring iterates and at least f*, g_t an unbiased gradient with E_t g_i^2 <=
    delta_i^2 <= G^2 in every coordinate, and let generic Adam run with any sequences whose dampings fall no faster than
    they are forgotten. Then the sum of alpha_t (1 - beta1_t) E grad^2/(2 st), st the scale with delta^2 in place of
    g^2, up to T is at most E f(theta_1) - f* plus that of w_t times the growth of log s^2 less log beta2_t, w_t = L H_t
    ((1 - beta1) alpha)^2/(1 - beta2) + Q_t G (2 (1 - beta1) alpha/sqrt(1 - beta2) + alpha beta1 sqrt(A_(t-1)/beta2)),
    for any P, Q, H, A that satisfy their recursions with >=. theta_0 = theta_1, and alpha_0 may be any positive
    number.""",
    sources=["chen2022towards, the proof of the main theorem"],
    variables={
        **squares.THEOREM.variables,
        **{
            "theta": "rand(nat, nat)",
            "grad": "rand(nat, nat)",
            "delta": "rand(nat, nat)",
            "f": "rand(nat)",
            "A": "real(nat)",
        },
        **{name: "real" for name in ("L", "G", "fstar")},
    },
    hypotheses={**run.SEQUENCES, **run.RUN, **squares.STEPS, **squares.WEIGHTS, **BOUNDS, **PROBLEM},
    claims={"energy": CLAIM},
    lemmas=[lemma.THEOREM.theorem for lemma in (run, squares, work, momentum, unroll)],
    model={
        **{name: ["t", "i", "0"] for name in ("g", "grad", "m", "v")},
        **{
            "s": ["t", "i", "sqrt(4) + 1"],
            "theta": ["t", "i", "i"],
            "f": ["t", "3"],
            "delta": ["t", "i", "1"],
            "fstar": "2",
            "L": "1",
            "G": "1",
        },
        **{"alpha": ["t", "1"], "beta1": ["t", "1/2"], "beta2": ["t", "1/2"], "rho": ["t", squares.RATIO]},
        **{"inside": ["t", "4"], "outside": ["t", "1"], "A": ["t", "1"], "P": ["t", "4"], "Q": ["t", "4"]},
        **{"H": ["t", "64"], "T": "5", "d": "2"},
    },
    script=script,
    shown=shown,
    instances=[corrected_adam({"delta": ["t", "i", "3"]}, ("adam@eps=hat", "adam@eps=inside", "adam@correction=none"))],
)
