"""The finite-horizon certificate for generic Adam, with any sequences and eps inside or outside the root."""

from collections.abc import Mapping
from types import MappingProxyType

from ..proving.linear_losses import corrected_adam
from ..proving.script import Proof, square
from ..proving.theorem import Theorem
from . import adam_descends_up_to_the_growth_of_its_scale as core
from . import adam_scale_along_a_run as run
from . import adam_scale_is_bounded_on_average as size
from . import adam_squared_steps_along_a_run as squares
from . import growth_of_adams_scale_adds_up as growth
from . import hoelder_for_the_power_four_thirds as hoelder
from .adam_squared_steps_along_a_run import GROWN, family
from .orders_on_every_outcome import CLAIMS as ORDERS

TOP, ST = size.B, size.ST
START = "(sqrt(v0 + inside(0)) + outside(0))"
OWN = core.OWN.replace("delta(t + 1, i)", "G")
SHARE = "alpha(t + 1)*(1 - beta1(t + 1))"
MOVED = f"sum(t < T, {SHARE})"
FORGOTTEN = growth.FORGOTTEN
PAID = f"(E(f(1)) - fstar + d*(2*w(1)*log(B/s0) + {FORGOTTEN}))"
CLAIM = f"(sum(t < T, {SHARE}*E(y(t + 1)))/{MOVED})^3 <= d*(2*B*{PAID}/{MOVED})^2"
REPLACED = ("v_first", "scale_first", "delta_positive", "delta_most", "delta_past", "noise")
STARTED = {name: said for name, said in size.DAMPED.items() if name != "v_first"} | {
    "v_start": size.DAMPED["v_first"],
    "s0_positive": "s0 > 0",
    "s0_least": f"s0 <= {START}",
    "B_most": f"{TOP} <= B",
}
MEASURED = {
    "w_sign": "forall t nat: w(t + 1) >= 0",
    "w_most": f"forall t nat: t + 1 <= T => w(t + 1) >= {core.W}",
    "falling": "forall t nat: t + 1 <= T => w(t + 2) <= w(t + 1)",
    "moving": f"{MOVED} > 0",
    "y_power": "forall t nat: y(t + 1)^3 = sum(i < d, grad(t + 1, i)^2)^2",
}


def _start(proof: Proof) -> None:
    """The first scale, of v_0."""
    with proof.fixing("v_first", "forall i nat: v(0, i) >= 0") as fixed:
        fixed.use("is", "v_start", i="i")
        fixed.have("here", "v(0, i) >= 0", ["v0_sign"], ["is"])
    proof.lemma("of_roots", ORDERS["of_roots"], "orders_on_every_outcome", [], {})
    proof.have("inner", "v0 + inside(0) >= 0", ["v0_sign", "inside_first"])
    with proof.fixing("scale_start", "forall i nat: s(0, i) >= s0") as fixed:
        fixed.use("is", "v_start", i="i")
        fixed.use("scale_here", "scale", t="0", i="i")
        fixed.have("order", "v0 + inside(0) <= v(0, i) + inside(0)", (), ["is"])
        fixed.use("roots", "of_roots", "inner", "order", Y="v0 + inside(0)", Z="v(0, i) + inside(0)")
        fixed.have("here", "s(0, i) >= s0", ["roots", "s0_least"], ["scale_here"])
    with proof.fixing("scale_first", "forall i nat: s(0, i) > 0") as fixed:
        fixed.use("above", "scale_start", i="i")
        fixed.have("here", "s(0, i) > 0", ["above", "s0_positive"])
    with proof.fixing("noise_mean", "forall t nat, i nat: E(g(t + 1, i)^2) <= G^2") as fixed:
        fixed.have("sign", "1 >= 0")
        fixed.past("known", "past(1, t)")
        fixed.use("here", "noise", "sign", "known", X="1", t="t", i="i")
        fixed.linear("one", "E(1) = 1")
        fixed.have("done", "E(g(t + 1, i)^2) <= G^2", ["here"], ["one"])


def same(
    proof: Proof,
    name: str,
    claim: str,
    theorem: Theorem,
    renamed: Mapping[str, str] = MappingProxyType({}),
    other: Mapping[str, str | list[str]] = MappingProxyType({}),
) -> None:
    """A claim of another theorem, whose variables mean the same here but for `other`."""
    hypotheses = [renamed.get(n, n) for n in theorem.hypotheses]
    values = {n: other.get(n, family(n, s)) for n, s in theorem.variables.items()}
    proof.lemma(name, claim, theorem.theorem, hypotheses, values)


def _one_bound(proof: Proof) -> None:
    """G stands for every delta."""
    for name, said in (("positive", "G > 0"), ("most", "G <= G"), ("past", "past(G, t)")):
        with proof.fixing(f"delta_{name}", f"forall t nat, i nat: {said}") as fixed:
            if name == "past":
                fixed.past("here", said)
            else:
                fixed.have("here", said, ["G_positive"])
    claim = "forall X rand, t nat, i nat: X >= 0, past(X, t) => E(X*g(t + 1, i)^2) <= E(X*G^2)"
    with proof.fixing("noise_inside", claim, "sign", "known") as fixed:
        fixed.use("plain", "noise", "sign", "known", X="X", t="t", i="i")
        fixed.linear("out", "E(X*G^2) = G^2*E(X)")
        fixed.have("here", "E(X*g(t + 1, i)^2) <= E(X*G^2)", ["plain"], ["out"])
    energy = core.CLAIM.replace("delta(t + 1, i)", "G")
    same(proof, "energy", energy, core.THEOREM, {"noise": "noise_inside"}, {"delta": ["t", "i", "G"]})


def script(proof: Proof) -> None:
    """The energy, the sum of the growth, and Hoelder's inequality."""
    _start(proof)
    _one_bound(proof)
    along = run.THEOREM
    for name in ("positive", "always_growth", "second_moment", "inside_sign", "outside_sign"):
        same(proof, name, along.claims[name], along)
    for name in ("scale_square", "mean_scale_square"):
        same(proof, f"written_{name}", size.THEOREM.claims[name], size.THEOREM, {"v_first": "v_start"})
    proof.use("inside_here", "inside_sign", t="0")
    proof.use("inside_below", "inside_most", t="0")
    proof.use("outside_here", "outside_sign", t="0")
    proof.use("outside_below", "outside_most", t="0")
    inner = "G^2 + v0 + inside_top"
    proof.have("top_inner", f"{inner} > 0", ["G_positive*G_positive", "v0_sign", "inside_here", "inside_below"])
    proof.use("top_root", "root_positive", "top_inner", x=inner)
    proof.have("top_positive", f"{TOP} > 0", ["top_root", "outside_here", "outside_below"])
    proof.have("B_positive", "B > 0", ["top_positive", "B_most"])
    proof.have("squares", f"{TOP}^2 <= B^2", ["B_most*top_positive", "B_most*B_positive"])
    with proof.fixing("scale_square", "forall t nat, i nat: E(s(t, i)^2) <= B^2") as fixed:
        fixed.use("is", "scale", t="t", i="i")
        root = "(sqrt(v(t, i) + inside(t)) + outside(t))"
        fixed.have("square", f"s(t, i)^2 = {root}^2", (), ["is"])
        fixed.mean("mean", f"E(s(t, i)^2) = E({root}^2)", "square")
        fixed.use("bound", "written_scale_square", t="t", i="i")
        fixed.have("here", "E(s(t, i)^2) <= B^2", ["bound", "squares"], ["mean"])
    with proof.fixing("scale_squares", "forall t nat: E(sum(i < d, s(t, i)^2)) <= d*B^2") as fixed:
        with fixed.fixing("each", "forall j nat: E(s(t, j)^2) <= B^2") as inside:
            inside.use("here", "scale_square", t="t", i="j")
        fixed.add("here", "E(sum(i < d, s(t, i)^2)) <= d*B^2", "each", "d")
    _paid(proof)
    _measured(proof)
    values: dict[str, str | list[str]] = {
        **{"T": "T", "d": "d", "p": ["t", SHARE], "y": ["t", "y(t + 1)"], "grad": ["t", "i", "grad(t + 1, i)"]},
        **{"scale": ["t", "i", ST], "R": f"2*{PAID}", "W0": "d*B^2"},
    }
    facts = {"p_some": "moving"}
    hypotheses = [facts.get(name, name) for name in hoelder.THEOREM.hypotheses]
    proof.lemma("bound", CLAIM, hoelder.THEOREM.theorem, hypotheses, values)


def _paid(proof: Proof) -> None:
    """The growth costs the larger weights, which add up to a logarithm."""
    facts = {"scale_positive": "positive", "scale_first": "scale_start", "scale_square": "scale_squares"}
    hypotheses = [facts.get(name, name) for name in growth.THEOREM.hypotheses]
    values = {name: family(name, sort) for name, sort in growth.THEOREM.variables.items()}
    paid = f"d*(2*w(1)*log(B/s0) + {FORGOTTEN})"
    larger = f"sum(t < T, w(t + 1)*{GROWN})"
    proof.lemma("growth", f"{larger} <= {paid}", growth.THEOREM.theorem, hypotheses, values)
    with proof.fixing(
        "weights", f"forall t nat: t + 1 <= T => {core.W}*{GROWN} <= w(t + 1)*{GROWN}", "within"
    ) as fixed:
        fixed.use("most", "w_most", "within", t="t")
        squares.grown(fixed, "t")
        fixed.have("here", f"{core.W}*{GROWN} <= w(t + 1)*{GROWN}", ["most*mean_grown"])
    proof.add("larger", f"sum(t < T, {core.W}*{GROWN}) <= {larger}", "weights", "T")
    shares = f"sum(t < T, {SHARE}*E({hoelder.SHARES}))".replace("grad(t, i)", "grad(t + 1, i)").replace(
        "scale(t, i)", ST
    )
    proof.linear("halves", f"sum(t < T, {OWN}) = {shares}/2")
    proof.have("shares", f"{shares} <= 2*{PAID}", ["energy", "larger", "growth"], [("1", "halves")])


def _measured(proof: Proof) -> None:
    """What Hoelder's inequality needs of the scale without its gradient."""
    with proof.fixing("scale_positive", f"forall t nat, i nat: {ST} > 0") as fixed:
        inner = "beta2(t + 1)*v(t, i) + (1 - beta2(t + 1))*G^2 + inside(t + 1)"
        fixed.use("b", "beta2_positive", t="t")
        fixed.use("small", "beta2_small", t="t")
        fixed.have("spare", "1 - beta2(t + 1) > 0", ["small"])
        fixed.use("old", "second_moment", t="t", i="i")
        fixed.use("inside_now", "inside_sign", t="t + 1")
        fixed.use("outside_now", "outside_sign", t="t + 1")
        fixed.have("inner_now", f"{inner} > 0", ["b*old", "spare*G_positive*G_positive", "inside_now"])
        fixed.use("root", "root_positive", "inner_now", x=inner)
        fixed.have("here", f"{ST} > 0", ["root", "outside_now"])
    with proof.fixing("p_sign", f"forall t nat: {SHARE} >= 0") as fixed:
        fixed.use("alpha_here", "alpha_positive", t="t + 1")
        fixed.use("most", "beta1_most", t="t")
        fixed.have("own", "1 - beta1(t + 1) >= 0", ["most"])
        fixed.have("here", f"{SHARE} >= 0", ["alpha_here*own"])
    with proof.fixing("size", f"forall t nat: E(sum(i < d, {ST}^2)) <= d*B^2") as fixed:
        with fixed.fixing("each", f"forall j nat: E({ST.replace(', i)', ', j)')}^2) <= B^2") as inside:
            inside.use("bound", "written_mean_scale_square", t="t", i="j")
            inside.have("here", f"E({ST.replace(', i)', ', j)')}^2) <= B^2", ["bound", "squares"])
        fixed.add("here", f"E(sum(i < d, {ST}^2)) <= d*B^2", "each", "d")


def shown(proof: Proof) -> None:
    """The weight of the model is large enough."""
    core.shown(proof)
    noise = "E(X*0^2) <= 1^2*E(X)"
    claim = f"forall X rand, t nat, i nat: X >= 0, past(X, t) => {noise}"
    with proof.fixing("noise_of_G", claim, "sign", "known") as fixed:
        fixed.mean("mean", "E(X) >= 0", "sign")
        fixed.linear("none", "E(X*0^2) = 0")
        fixed.have("here", noise, ["mean"], ["none"])
    proof.have("least", "1 <= sqrt(4) + 1", ["root_sign"])
    proof.have("five", "5 >= 0")
    proof.use("root_of_five", "root_squared", "five", x="5")
    proof.have("most", "sqrt(5) + 1 <= 4", [square("sqrt(5) - 5/2")], ["root_of_five"])
    proof.have("two", "2 >= 0")
    proof.use("second", "root_squared", "two", x="2")
    proof.have("root_of_two", "sqrt(2) <= 3/2", [square("sqrt(2) - 3/2")], ["second"])
    paid = "64 >= 1*64*(1*(1 - 1/2))^2/(1 - 1/2) + 4*(1*(2*(1 - 1/2)*1/sqrt(1 - 1/2) + 1*(1/2)*sqrt(1/(1/2))))"
    with proof.fixing("w_most", f"forall t nat: t + 1 <= 5 => {paid}", "within") as fixed:
        fixed.have("here", paid, ["small", "root_of_two"])


THEOREM = Theorem(
    theorem="adam_gradients_are_bounded_at_every_horizon",
    title="Adam's gradients are bounded at every horizon",
    says="""Let f be L-smooth between neighbouring iterates and at least f*, with unbiased gradients whose coordinates
    have second moments of at most G^2 given the past. Generic Adam with any step sizes above 0, beta1 in [0, 1], beta2
    in (0, 1), and dampings inside and outside the root that fall no faster than beta2 and sqrt(beta2) forget, has (E
    |grad f(theta_tau)|^(4/3))^(3/2) <= 2 sqrt(d) B [E f(theta_1) - f* + 2 d w_1 log(B/s_0) + d sum_t w_t
    log(1/beta2_t)] / sum_t alpha_t (1 - beta1_t), tau drawn by alpha_t (1 - beta1_t). Here both sides are squared, y is
    |grad f|^(4/3), B = sqrt(G^2 + v_0 + max inside) + max outside or more, s_0 = sqrt(v_0 + inside_0) + outside_0 or
    less; P, A, Q, H and the weights w that do not increase satisfy their recursions with >=, of which equality is best.
    theta_0 is theta_1, so that alpha_0 > 0 is free, and inside_0, outside_0 may be those of step 1.""",
    sources=[
        "chen2022towards, for the method of proof; the statement for arbitrary sequences and both dampings is ours"
    ],
    variables={
        **{name: sort for name, sort in core.THEOREM.variables.items() if name != "delta"},
        **{"w": "real(nat)", "y": "rand(nat)"},
        **{name: "real" for name in ("v0", "inside_top", "outside_top", "B", "s0")},
    },
    hypotheses={
        **{name: said for name, said in core.THEOREM.hypotheses.items() if name not in REPLACED},
        "noise": "forall X rand, t nat, i nat: X >= 0, past(X, t) => E(X*g(t + 1, i)^2) <= G^2*E(X)",
        **STARTED,
        **MEASURED,
    },
    claims={"bound": CLAIM},
    lemmas=[
        "orders_on_every_outcome",
        *(used.THEOREM.theorem for used in (core, run, size, growth, hoelder)),
    ],
    model={
        **{name: value for name, value in core.THEOREM.model.items() if name != "delta"},
        **{"w": ["t", "64"], "y": ["t", "0"], "v0": "0", "inside_top": "4", "outside_top": "1", "B": "4", "s0": "1"},
    },
    script=script,
    shown=shown,
    instances=[corrected_adam(size.BOUNDS, ("adam@eps=hat", "adam@eps=inside", "adam@correction=none"))],
)
