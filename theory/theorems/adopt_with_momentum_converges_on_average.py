"""ADOPT with momentum converges for every beta2, on losses whose draws are independent (Taniguchi et al. 2024)."""

from __future__ import annotations

from ..proving.instance import Drawn, Read
from ..proving.linear_losses import linear_loss
from ..proving.positive import reciprocal
from ..proving.script import Proof, square
from ..proving.theorem import Theorem
from . import hoelder_for_the_power_four_thirds as hoelder
from .adopt_converges_on_average import RATIO, SQUARES, W0, W, scales
from .adopt_converges_on_average import THEOREM as PLAIN

HAT, B = f"(g(t, i)/{W})", "B"
HATS, MOMENTS = f"sum(i < d, {HAT}^2)", "sum(i < d, m(t, i)^2)"
FAR = "sum(i < d, (gradz(t, i) - grad(t, i))^2)"
SIZE = "(G^2/eps^2)"
LOSS = f"(1/2 + {B})*L*{SIZE}*alpha^2"
BOUND = f"(gap + {LOSS}*T)"
CLAIM = f"(sum(t < T, E(y(t)))/T)^3 <= ({BOUND}/(alpha*T))^2*{W0}"


def _sizes(proof: Proof) -> None:
    """`hats`, `moments`: the squares of scaled gradients, and so of m, are at most G^2/eps^2 on average."""
    with proof.fixing("hats", f"forall t nat: E({HATS}) <= {SIZE}") as inner:
        with inner.fixing("each", f"forall i nat: {HAT}^2 - g(t, i)^2*(1/eps)^2 <= 0") as here:
            here.use("less", "over", t="t", i="i")
            here.have("now", f"{HAT}^2 - g(t, i)^2*(1/eps)^2 <= 0", ["less"])
        inner.add("all", f"{HATS} <= (1/eps)^2*{SQUARES}", "each", "d")
        inner.mean("average_here", f"E({HATS}) <= (1/eps)^2*E({SQUARES})", "all")
        inner.use("noise", "bounded", t="t")
        inner.have("now", f"E({HATS}) <= {SIZE}", ["average_here", "noise*eps_inverse*eps_inverse"])
    with proof.induction("moments", f"forall t nat: E({MOMENTS}) <= {SIZE}") as (zero, following):
        with zero.fixing("each", "forall i nat: m(0, i)^2 = 0") as here:
            here.use("start", "m_first", i="i")
            here.have("now", "m(0, i)^2 = 0", [], ["start"])
        zero.add("all", "sum(i < d, m(0, i)^2) = 0", "each", "d")
        zero.mean("none", "E(sum(i < d, m(0, i)^2)) = 0", "all")
        zero.have("now", f"E(sum(i < d, m(0, i)^2)) <= {SIZE}", [square("G/eps")], ["none"])
        share = f"beta1*m(t, i)^2 + (1 - beta1)*{HAT}^2"
        with following.fixing("each", f"forall i nat: m(t + 1, i)^2 <= {share}") as here:
            here.use("next_m", "m_next", t="t", i="i")
            row = square(f"m(t, i) - {HAT}") * "beta1_positive*rest"
            here.have("now", f"m(t + 1, i)^2 <= {share}", [row], ["next_m"])
        later = "sum(i < d, m(t + 1, i)^2)"
        following.add("all", f"{later} <= beta1*{MOMENTS} + (1 - beta1)*{HATS}", "each", "d")
        following.mean("all_mean", f"E({later}) <= beta1*E({MOMENTS}) + (1 - beta1)*E({HATS})", "all")
        following.use("hats_here", "hats", t="t")
        following.have("now", f"E({later}) <= {SIZE}", ["all_mean", "before*beta1_positive", "hats_here*rest"])


def _path(proof: Proof) -> None:
    """One step of z = x - B alpha m, which is -alpha g/w; Lipschitz gradients between x and z."""
    claim = f"E(F(t + 1)) <= E(F(t)) - alpha*E(sum(i < d, {RATIO})) + {LOSS}"
    with proof.fixing("descent", f"forall t nat: {claim}") as inner:
        inner.use("smooth_here", "smooth", t="t")
        inner.use("near_here", "lipschitz", t="t")
        move = "(z(t + 1, i) - z(t, i))"
        first, mixed = f"gradz(t, i)*{HAT}", f"grad(t, i)*{HAT}"
        for name, left, right in (
            ("slopes", f"gradz(t, i)*{move}", f"-alpha*({first})"),
            ("squares", f"{move}^2", f"alpha^2*{HAT}^2"),
        ):
            with inner.fixing(f"{name}_each", f"forall i nat: {left} - ({right}) = 0") as here:
                for place, time in (("now", "t"), ("then", "t + 1")):
                    here.use(f"z_{place}", "between", t=time, i="i")
                here.use("x_next", "update", t="t", i="i")
                here.use("m_next_here", "m_next", t="t", i="i")
                equations = ["z_now", "z_then", "x_next", "m_next_here", "B_is", "rest_unit"]
                here.have("zero", f"{left} - ({right}) = 0", [], equations)
            inner.add(f"{name}_all", f"sum(i < d, {left} - ({right})) = 0", f"{name}_each", "d")
            factor = "+ alpha*" if name == "slopes" else "- alpha^2*"
            inside = first if name == "slopes" else f"{HAT}^2"
            parts = f"sum(i < d, {left}) {factor}sum(i < d, {inside})"
            inner.linear(f"{name}_parts", f"sum(i < d, {left} - ({right})) = {parts}")
        away = "sum(i < d, (z(t, i) - x(t, i))^2)"
        with inner.fixing("away_each", f"forall i nat: (z(t, i) - x(t, i))^2 - ({B}*alpha)^2*m(t, i)^2 = 0") as here:
            here.use("z_now", "between", t="t", i="i")
            here.have("zero", f"(z(t, i) - x(t, i))^2 - ({B}*alpha)^2*m(t, i)^2 = 0", [], ["z_now"])
        expanded = "sum(i < d, z(t, i)^2) - 2*sum(i < d, z(t, i)*x(t, i)) + sum(i < d, x(t, i)^2)"
        inner.add("away", f"{expanded} - ({B}*alpha)^2*{MOMENTS} = 0", "away_each", "d")
        inner.linear("away_parts", f"{away} = {expanded}")
        r, over, units = "(L*B*alpha)", "L_over*B_over*alpha_over", ["L_unit", "B_unit", "alpha_unit"]
        gap = "(gradz(t, i) - grad(t, i))"
        young = f"{gap}^2/{r}/2 + {r}/2*{HAT}^2 + {gap}*{HAT} >= 0"
        with inner.fixing("young_each", f"forall i nat: {young}") as here:
            here.have("zero", young, [square(f"{gap} + {r}*{HAT}") * over], units)
        firsts, mixeds = f"sum(i < d, {first})", f"sum(i < d, {mixed})"
        wide = "sum(i < d, gradz(t, i)^2) - 2*sum(i < d, gradz(t, i)*grad(t, i)) + sum(i < d, grad(t, i)^2)"
        inner.add("young", f"({wide})/{r}/2 + {r}/2*{HATS} + {firsts} - {mixeds} >= 0", "young_each", "d")
        inner.linear("far_parts", f"{FAR} = {wide}")
        pathwise = f"F(t + 1) <= F(t) - alpha*{mixeds} + alpha^2*L*{B}/2*({MOMENTS} + {HATS}) + L/2*alpha^2*{HATS}"
        equations = [
            ("1", "slopes_all"), ("1", "slopes_parts"), ("L", "squares_all"), ("L", "squares_parts"),
            ("alpha/" + r, "far_parts"), (f"alpha*L^2/{r}", "away_parts"), (f"alpha*L^2/{r}", "away"), *units,
        ]  # fmt: skip
        inner.have(
            "pathwise", pathwise, ["smooth_here", "young*alpha_positive", f"near_here*{over}*alpha_positive"], equations
        )
        inner.mean(
            "means",
            f"E(F(t + 1)) <= E(F(t)) - alpha*E({mixeds}) + alpha^2*L*{B}/2*(E({MOMENTS}) + E({HATS}))"
            f" + L/2*alpha^2*E({HATS})",
            "pathwise",
        )
        with inner.fixing("every", f"forall i nat: E({mixed}) - E({RATIO}) = 0") as here:
            here.use("grad_here", "grad_past", t="t", i="i")
            here.use("v_here", "v_past", t="t", i="i")
            here.past("known", f"past(grad(t, i)/{W}, t)", "grad_here", "v_here")
            here.use("same", "unbiased", "known", X=f"grad(t, i)/{W}", t="t", i="i")
            here.have("now", f"E({mixed}) - E({RATIO}) = 0", [], [("1", "same")])
        inner.add("all", f"sum(i < d, E({mixed}) - E({RATIO})) = 0", "every", "d")
        split = f"E({mixeds}) - E(sum(i < d, {RATIO}))"
        inner.linear("split", f"sum(i < d, E({mixed}) - E({RATIO})) = {split}")
        inner.use("hats_here", "hats", t="t")
        inner.use("moments_here", "moments", t="t")
        inner.have("even", "alpha^2*L > 0", ["alpha_positive*alpha_positive*L_positive"])
        rows = ["means", "even*B_positive*moments_here", "even*B_positive*hats_here", "even*hats_here"]
        inner.have("now", claim, rows, [("alpha", "all"), ("alpha", "split")])


def script(proof: Proof) -> None:
    """Descent at z, with a scale that the past determines; then Hoelder's inequality."""
    scales(proof)
    proof.have("rest", "1 - beta1 > 0", ["beta1_below"])
    reciprocal(proof, "rest", "rest", "1 - beta1")
    proof.have("B_positive", "B > 0", ["beta1_positive*rest_over"], ["B_is"])
    reciprocal(proof, "B", "B_positive", "B")
    reciprocal(proof, "L", "L_positive", "L")
    reciprocal(proof, "alpha", "alpha_positive", "alpha")
    proof.have("T_positive", "T > 0", ["some"])
    reciprocal(proof, "T", "T_positive", "T")
    _sizes(proof)
    _path(proof)
    total = f"sum(t < n, E(sum(i < d, {RATIO})))"
    said = f"alpha*{total} <= E(F(0)) - E(F(n)) + {LOSS}*n"
    with proof.induction("path", f"forall n nat: {said}") as (zero, following):
        zero.linear("none", f"{total.replace('t < n', 't < 0')} = 0")
        zero.have("now", said.replace("t < n", "t < 0").replace("F(n)", "F(0)").replace("*n", "*0"), [], ["none"])
        following.use("step", "descent", t="n")
        last = f"E(sum(i < d, {RATIO.replace('(t,', '(n,')}))"
        following.linear("more", f"{total.replace('t < n', 't < n + 1')} = {total} + {last}")
        then = said.replace("t < n", "t < n + 1").replace("F(n)", "F(n + 1)").replace("*n", "*(n + 1)")
        following.have("now", then, ["before", "step"], ["more"])
    proof.use("whole", "path", n="T")
    proof.linear("same", f"sum(t < T, 1*E(sum(i < d, {RATIO}))) = {total.replace('t < n', 't < T')}")
    shares = f"sum(t < T, 1*E(sum(i < d, {RATIO}))) <= {BOUND}/alpha"
    proof.have("shares", shares, ["whole*alpha_over", "below*alpha_over"], ["same", "alpha_unit"])
    proof.linear("ones", "sum(t < T, 1) = T")
    with proof.fixing("one_sign", "forall t nat: 1 >= 0") as inner:
        inner.have("now", "1 >= 0")
    proof.have("many", "sum(t < T, 1) > 0", ["T_positive"], ["ones"])
    values: dict[str, str | list[str]] = {"T": "T", "d": "d", "R": f"{BOUND}/alpha", "W0": W0}
    values |= {"p": ["t", "1"], "y": ["t", "y(t)"], "grad": ["t", "i", "grad(t, i)"], "scale": ["t", "i", W]}
    facts = ["positive", "power", "one_sign", "many", "size", "shares"]
    raw = "(sum(t < T, 1*E(y(t)))/sum(t < T, 1))^3", f"(({BOUND}/alpha)/sum(t < T, 1))^2*{W0}"
    proof.lemma("hoelder", f"{raw[0]} <= {raw[1]}", hoelder.THEOREM.theorem, facts, values)
    proof.linear("plain", "sum(t < T, 1*E(y(t))) = sum(t < T, E(y(t)))")
    proof.congruent("left", "ones", "(sum(t < T, E(y(t)))/hole)^3")
    proof.congruent("right", "ones", f"(({BOUND}/alpha)/hole)^2*{W0}")
    proof.have("rate", CLAIM, ["hoelder"], [("1", "left"), ("1", "right")])


KEPT = (
    *("eps_positive", "beta2_least", "beta2_most", "average", "v_start", "second_start", "bounded"),
    *("grad_past", "v_past", "unbiased", "power"),
)


def shown(proof: Proof) -> None:
    """A constant loss, without noise."""
    with proof.fixing("past_zero", "forall t nat, i nat: past(0, t)") as inner:
        inner.past("now", "past(0, t)")


THEOREM = Theorem(
    theorem="adopt_with_momentum_converges_on_average",
    title="ADOPT with momentum converges on average",
    says="""ADOPT with momentum 0 < beta1 < 1 and a constant learning rate, without clipping: it averages gradients
    over the root of the v before them, or over eps where that is larger. On an L-smooth loss, at most gap above its
    infimum at first, with gradients that are unbiased given the past and have mean squares of at most G^2: (E |grad
    f|^(4/3))^(3/2) at a uniform time is at most sqrt(G^2 + d eps^2) (gap + (1/2 + beta1/(1 - beta1)) L G^2/eps^2
    alpha^2 T)/(alpha T), for every beta2. B is beta1/(1 - beta1), F and gradz are f and its gradient at z = x - B
    alpha m, y is |grad|^(4/3), and both sides are squared. v starts at most at G^2 on average, summed over
    coordinates.""",
    sources=["taniguchi2024adopt, main theorem"],
    variables={
        **{n: s for n, s in PLAIN.variables.items() if n not in ("alpha", "f")},
        **{"alpha": "real", "beta1": "real", "B": "real", "F": "rand(nat)"},
        **dict.fromkeys(("m", "x", "z", "gradz"), "rand(nat, nat)"),
    },
    hypotheses={
        "L_positive": "L > 0",
        "alpha_positive": "alpha > 0",
        "beta1_positive": "beta1 > 0",
        "beta1_below": "beta1 < 1",
        "B_is": "B = beta1/(1 - beta1)",
        "some": "T >= 1",
        **{n: s for n, s in PLAIN.hypotheses.items() if n in KEPT},
        "m_first": "forall i nat: m(0, i) = 0",
        "m_next": f"forall t nat, i nat: m(t + 1, i) = beta1*m(t, i) + (1 - beta1)*{HAT}",
        "update": "forall t nat, i nat: x(t + 1, i) = x(t, i) - alpha*m(t + 1, i)",
        "between": f"forall t nat, i nat: z(t, i) = x(t, i) - {B}*alpha*m(t, i)",
        "smooth": "forall t nat: F(t + 1) <= F(t) + sum(i < d, gradz(t, i)*(z(t + 1, i) - z(t, i)))"
        " + L/2*sum(i < d, (z(t + 1, i) - z(t, i))^2)",
        "lipschitz": f"forall t nat: {FAR} <= L^2*sum(i < d, (z(t, i) - x(t, i))^2)",
        "below": "E(F(0)) - E(F(T)) <= gap",
    },
    claims={"rate": CLAIM},
    lemmas=[hoelder.THEOREM.theorem],
    model={
        **{n: v for n, v in PLAIN.model.items() if n not in ("alpha", "f")},
        **{"alpha": "1", "beta1": "1/2", "B": "1", "F": ["t", "3"], "y": ["t", "0"]},
        **{name: ["t", "i", "0"] for name in ("g", "grad", "gradz", "m", "v")},
        **{name: ["t", "i", "i"] for name in ("x", "z")},
    },
    unproved=(
        "ADOPT with clipping, or with momentum and a learning rate that changes, converges for every beta2: "
        "not proved. A clipped gradient is not unbiased, and the auxiliary point of the proof needs a "
        "constant learning rate."
    ),
    script=script,
    shown=shown,
    instances=[
        linear_loss(
            "adopt",
            "ADOPT with momentum, after a first gradient that only sets v",
            {"eta": "alpha", "beta1": "beta1", "beta2": "beta2", "eps": "eps", "lambda": "0"},
            {
                **{"alpha": "1/8", "beta1": "1/2", "beta2": "3/4", "eps": "1/8", "G": "4", "gap": "60"},
                "B": "beta1/(1 - beta1)",
                "noise": Drawn((("1", "-2"), ("-1", "2"))),
                "grad": ["t", "i", "2 + 0*noise(0, i)"],
                "gradz": ["t", "i", "grad(t, i)"],
                "g": ["t", "i", "grad(t, i) + noise(t + 1, i)"],
                "z": ["t", "i", "x(t, i) - B*alpha*m(t, i)"],
                "F": ["t", "sum(i < d, grad(t, i)*z(t, i))"],
            },
            why="torch has no ADOPT",
            wrong=("adopt@eps=outside", "adam@correction=none"),
            reads={"x": Read("theta"), "m": Read("m"), "v": Read("v")},
            before=(("1", "1"),),
            gradient="g(t, i)",
        )
    ],
)
