"""ADOPT with momentum converges for every beta2, on losses whose draws are independent (Taniguchi et al. 2024)."""

from __future__ import annotations

from ..proving.define import Definitions
from ..proving.instance import Drawn, Read, Recursion
from ..proving.linear_losses import linear_loss
from ..proving.positive import reciprocal
from ..proving.script import Proof, square
from ..proving.theorem import Theorem
from . import hoelder_for_the_power_four_thirds as hoelder
from .adopt_converges_on_average import POWER, RATIO, SQUARES, W0, W, scales, unbiased_shares, undecayed
from .adopt_converges_on_average import THEOREM as PLAIN

ADOPT = Definitions("adopt", "adopt")
HAT, B = f"(g(t + 2, i)/{W})", "B"
HATS, MOMENTS = f"sum(i < d, {HAT}^2)", "sum(i < d, m(t + 1, i)^2)"
FAR = "sum(i < d, (gradz({t}, i) - grad({t}, i))^2)"
AWAY = "sum(i < d, (z({t}, i) - theta({t}, i))^2)"
SIZE = "(G^2/eps^2)"
LOSS = f"(1/2 + {B})*L*{SIZE}*eta^2"
BOUND = f"(gap + {LOSS}*T)"
CLAIM = f"(sum(t < T, E(y(t + 1)))/T)^3 <= ({BOUND}/(eta*T))^2*{W0}"


def _sizes(proof: Proof) -> None:
    """`hats`, `moments`: the squares of scaled gradients, and so of m, are at most G^2/eps^2 on average."""
    with proof.fixing("hats", f"forall t nat: E({HATS}) <= {SIZE}") as inner:
        with inner.fixing("each", f"forall i nat: {HAT}^2 - g(t + 2, i)^2*(1/eps)^2 <= 0") as here:
            here.use("less", "over", t="t", i="i")
            here.have("now", f"{HAT}^2 - g(t + 2, i)^2*(1/eps)^2 <= 0", ["less"])
        squares = SQUARES.replace("t + 1", "t + 2")
        inner.add("all", f"{HATS} <= (1/eps)^2*{squares}", "each", "d")
        inner.mean("average_here", f"E({HATS}) <= (1/eps)^2*E({squares})", "all")
        inner.use("noise", "bounded", t="t + 1")
        inner.have("now", f"E({HATS}) <= {SIZE}", ["average_here", "noise*eps_inverse*eps_inverse"])
    with proof.induction("moments", f"forall t nat: E({MOMENTS}) <= {SIZE}") as (zero, following):
        with zero.fixing("each", "forall i nat: m(1, i)^2 = 0") as here:
            here.use("start", "m_start", i="i")
            here.use("first", "m_first", i="i")
            here.have("now", "m(1, i)^2 = 0", [], ["first", "start"])
        zero.add("all", "sum(i < d, m(1, i)^2) = 0", "each", "d")
        zero.mean("none", "E(sum(i < d, m(1, i)^2)) = 0", "all")
        zero.have("now", f"E(sum(i < d, m(1, i)^2)) <= {SIZE}", [square("G/eps")], ["none"])
        share = f"beta1*m(t + 1, i)^2 + (1 - beta1)*{HAT}^2"
        with following.fixing("each", f"forall i nat: m(t + 2, i)^2 <= {share}") as here:
            here.use("next_m", "m_next", t="t", i="i")
            row = square(f"m(t + 1, i) - {HAT}") * "beta1_positive*rest"
            here.have("now", f"m(t + 2, i)^2 <= {share}", [row], ["next_m"])
        later = "sum(i < d, m(t + 2, i)^2)"
        following.add("all", f"{later} <= beta1*{MOMENTS} + (1 - beta1)*{HATS}", "each", "d")
        following.mean("all_mean", f"E({later}) <= beta1*E({MOMENTS}) + (1 - beta1)*E({HATS})", "all")
        following.use("hats_here", "hats", t="t")
        following.have("now", f"E({later}) <= {SIZE}", ["all_mean", "before*beta1_positive", "hats_here*rest"])


def _path(proof: Proof) -> None:
    """One step of z = theta - B eta m, which is -eta g/w; Lipschitz gradients between theta and z."""
    claim = f"E(F(t + 2)) <= E(F(t + 1)) - eta*E(sum(i < d, {RATIO})) + {LOSS}"
    with proof.fixing("descent", f"forall t nat: {claim}") as inner:
        inner.use("smooth_here", "smooth", t="t + 1")
        inner.use("near_here", "lipschitz", t="t + 1")
        move = "(z(t + 2, i) - z(t + 1, i))"
        first, mixed = f"gradz(t + 1, i)*{HAT}", f"grad(t + 1, i)*{HAT}"
        for name, left, right in (
            ("slopes", f"gradz(t + 1, i)*{move}", f"-eta*({first})"),
            ("squares", f"{move}^2", f"eta^2*{HAT}^2"),
        ):
            with inner.fixing(f"{name}_each", f"forall i nat: {left} - ({right}) = 0") as here:
                for place, time in (("now", "t + 1"), ("then", "t + 2")):
                    here.use(f"z_{place}", "between", t=time, i="i")
                here.use("moved", "moves", t="t", i="i")
                here.use("m_next_here", "m_next", t="t", i="i")
                equations = ["z_now", "z_then", "moved", "m_next_here", "B_is", "rest_unit"]
                here.have("zero", f"{left} - ({right}) = 0", [], equations)
            inner.add(f"{name}_all", f"sum(i < d, {left} - ({right})) = 0", f"{name}_each", "d")
            factor = "+ eta*" if name == "slopes" else "- eta^2*"
            inside = first if name == "slopes" else f"{HAT}^2"
            parts = f"sum(i < d, {left}) {factor}sum(i < d, {inside})"
            inner.linear(f"{name}_parts", f"sum(i < d, {left} - ({right})) = {parts}")
        away = AWAY.format(t="t + 1")
        with inner.fixing(
            "away_each", f"forall i nat: (z(t + 1, i) - theta(t + 1, i))^2 - ({B}*eta)^2*m(t + 1, i)^2 = 0"
        ) as here:
            here.use("z_now", "between", t="t + 1", i="i")
            here.have("zero", f"(z(t + 1, i) - theta(t + 1, i))^2 - ({B}*eta)^2*m(t + 1, i)^2 = 0", [], ["z_now"])
        expanded = (
            "sum(i < d, z(t + 1, i)^2) - 2*sum(i < d, z(t + 1, i)*theta(t + 1, i)) + sum(i < d, theta(t + 1, i)^2)"
        )
        inner.add("away", f"{expanded} - ({B}*eta)^2*{MOMENTS} = 0", "away_each", "d")
        inner.linear("away_parts", f"{away} = {expanded}")
        r, over, units = "(L*B*eta)", "L_over*B_over*eta_over", ["L_unit", "B_unit", "eta_unit"]
        gap = "(gradz(t + 1, i) - grad(t + 1, i))"
        young = f"{gap}^2/{r}/2 + {r}/2*{HAT}^2 + {gap}*{HAT} >= 0"
        with inner.fixing("young_each", f"forall i nat: {young}") as here:
            here.have("zero", young, [square(f"{gap} + {r}*{HAT}") * over], units)
        firsts, mixeds = f"sum(i < d, {first})", f"sum(i < d, {mixed})"
        wide = "sum(i < d, gradz(t + 1, i)^2) - 2*sum(i < d, gradz(t + 1, i)*grad(t + 1, i))"
        wide += " + sum(i < d, grad(t + 1, i)^2)"
        inner.add("young", f"({wide})/{r}/2 + {r}/2*{HATS} + {firsts} - {mixeds} >= 0", "young_each", "d")
        inner.linear("far_parts", f"{FAR.format(t='t + 1')} = {wide}")
        pathwise = f"F(t + 2) <= F(t + 1) - eta*{mixeds} + eta^2*L*{B}/2*({MOMENTS} + {HATS}) + L/2*eta^2*{HATS}"
        equations = [
            ("1", "slopes_all"), ("1", "slopes_parts"), ("L", "squares_all"), ("L", "squares_parts"),
            ("eta/" + r, "far_parts"), (f"eta*L^2/{r}", "away_parts"), (f"eta*L^2/{r}", "away"), *units,
        ]  # fmt: skip
        inner.have(
            "pathwise", pathwise, ["smooth_here", "young*eta_positive", f"near_here*{over}*eta_positive"], equations
        )
        inner.mean(
            "means",
            f"E(F(t + 2)) <= E(F(t + 1)) - eta*E({mixeds}) + eta^2*L*{B}/2*(E({MOMENTS}) + E({HATS}))"
            f" + L/2*eta^2*E({HATS})",
            "pathwise",
        )
        unbiased_shares(inner)
        inner.use("hats_here", "hats", t="t")
        inner.use("moments_here", "moments", t="t")
        inner.have("even", "eta^2*L > 0", ["eta_positive*eta_positive*L_positive"])
        rows = ["means", "even*B_positive*moments_here", "even*B_positive*hats_here", "even*hats_here"]
        inner.have("now", claim, rows, [("eta", "all"), ("eta", "split")])


def _first_step(proof: Proof) -> None:
    """`unmoved`: the loss at z is at most what it was, because z is what it was."""
    proof.use("smooth_first", "smooth", t="0")
    away = "(z(1, i) - z(0, i))"
    for name, term in (("no_slope", f"gradz(0, i)*{away}"), ("no_square", f"{away}^2")):
        with proof.fixing(f"{name}_each", f"forall i nat: {term} = 0") as inner:
            inner.use("same", "stays", i="i")
            inner.use("start", "m_start", i="i")
            inner.use("first", "m_first", i="i")
            for place, time in (("now", "0"), ("then", "1")):
                inner.use(f"z_{place}", "between", t=time, i="i")
            inner.have("now", f"{term} = 0", [], ["z_now", "z_then", "same", "first", "start"])
        proof.add(name, f"sum(i < d, {term}) = 0", f"{name}_each", "d")
    proof.have("unmoved", "F(1) <= F(0)", ["smooth_first"], [("1", "no_slope"), ("L", "no_square")])
    proof.mean("unmoved_mean", "E(F(1)) <= E(F(0))", "unmoved")


def script(proof: Proof) -> None:
    """Descent at z, with a scale that the past determines; then Hoelder's inequality."""
    undecayed(proof, "eta", "eta")
    scales(proof)
    proof.have("rest", "1 - beta1 > 0", ["beta1_below"])
    reciprocal(proof, "rest", "rest", "1 - beta1")
    proof.have("B_positive", "B > 0", ["beta1_positive*rest_over"], ["B_is"])
    reciprocal(proof, "B", "B_positive", "B")
    reciprocal(proof, "L", "L_positive", "L")
    reciprocal(proof, "eta", "eta_positive", "eta")
    proof.have("T_positive", "T > 0", ["some"])
    reciprocal(proof, "T", "T_positive", "T")
    _sizes(proof)
    _path(proof)
    _first_step(proof)
    total = f"sum(t < n, E(sum(i < d, {RATIO})))"
    said = f"eta*{total} <= E(F(1)) - E(F(n + 1)) + {LOSS}*n"
    with proof.induction("path", f"forall n nat: {said}") as (zero, following):
        zero.linear("none", f"{total.replace('t < n', 't < 0')} = 0")
        zero.have("now", said.replace("t < n", "t < 0").replace("F(n + 1)", "F(1)").replace("*n", "*0"), [], ["none"])
        following.use("step", "descent", t="n")
        last = f"E(sum(i < d, {RATIO.replace('(t ', '(n ')}))"
        following.linear("more", f"{total.replace('t < n', 't < n + 1')} = {total} + {last}")
        then = said.replace("t < n", "t < n + 1").replace("F(n + 1)", "F(n + 2)").replace("*n", "*(n + 1)")
        following.have("now", then, ["before", "step"], ["more"])
    proof.use("whole", "path", n="T")
    proof.linear("same", f"sum(t < T, 1*E(sum(i < d, {RATIO}))) = {total.replace('t < n', 't < T')}")
    shares = f"sum(t < T, 1*E(sum(i < d, {RATIO}))) <= {BOUND}/eta"
    proof.have("shares", shares, ["whole*eta_over", "below*eta_over", "unmoved_mean*eta_over"], ["same", "eta_unit"])
    proof.linear("ones", "sum(t < T, 1) = T")
    with proof.fixing("one_sign", "forall t nat: 1 >= 0") as inner:
        inner.have("now", "1 >= 0")
    proof.have("many", "sum(t < T, 1) > 0", ["T_positive"], ["ones"])
    values: dict[str, str | list[str]] = {"T": "T", "d": "d", "R": f"{BOUND}/eta", "W0": W0}
    values |= {"p": ["t", "1"], "y": ["t", "y(t + 1)"], "grad": ["t", "i", "grad(t + 1, i)"], "scale": ["t", "i", W]}
    with proof.fixing("power_later", f"forall t nat: {POWER.replace('(t', '(t + 1')}") as inner:
        inner.use("here", "power", t="t + 1")
    facts = ["positive", "power_later", "one_sign", "many", "size", "shares"]
    raw = "(sum(t < T, 1*E(y(t + 1)))/sum(t < T, 1))^3", f"(({BOUND}/eta)/sum(t < T, 1))^2*{W0}"
    proof.lemma("hoelder", f"{raw[0]} <= {raw[1]}", hoelder.THEOREM.theorem, facts, values)
    proof.linear("plain", "sum(t < T, 1*E(y(t + 1))) = sum(t < T, E(y(t + 1)))")
    proof.congruent("left", "ones", "(sum(t < T, E(y(t + 1)))/hole)^3")
    proof.congruent("right", "ones", f"(({BOUND}/eta)/hole)^2*{W0}")
    proof.have("rate", CLAIM, ["hoelder"], [("1", "left"), ("1", "right")])


KEPT = (
    *("no_decay", "eps_positive", "beta2_least", "beta2_most", "bounded"),
    *("grad_past", "v_past", "unbiased", "power"),
)


THEOREM = Theorem(
    theorem="adopt_with_momentum_converges_on_average",
    title="ADOPT with momentum converges on average",
    says="""ADOPT with momentum 0 < beta1 < 1 and a constant learning rate, without clipping and decay: its first
    gradient only sets v, and it averages each later one over the root of the v before it, or over eps where that is
    larger. On an L-smooth loss, at most gap above its infimum at first, with gradients that are unbiased given the past
    and have mean squares of at most G^2: (E |grad|^(4/3))^(3/2) at a uniform time is at most sqrt(G^2 + d eps^2) (gap +
    (1/2 + beta1/(1 - beta1)) L G^2/eps^2 eta^2 T)/(eta T), for every beta2. B is beta1/(1 - beta1), F and gradz are the
    loss and its gradient at z = theta - B eta m, grad is that at theta, y is |grad|^(4/3), and both sides are squared.
    past(X, t) says that the first t gradients determine X.""",
    sources=["taniguchi2024adopt, main theorem"],
    variables={
        **{"T": "nat", "d": "nat", "L": "real", "G": "real", "gap": "real", "B": "real"},
        **{"F": "rand(nat)", "y": "rand(nat)"},
        **dict.fromkeys(("grad", "z", "gradz"), "rand(nat, nat)"),
    },
    definitions=[ADOPT],
    hypotheses={
        "L_positive": "L > 0",
        "eta_positive": "eta > 0",
        "beta1_positive": "beta1 > 0",
        "beta1_below": "beta1 < 1",
        "B_is": "B = beta1/(1 - beta1)",
        "some": "T >= 1",
        **{n: s for n, s in PLAIN.written.items() if n in KEPT},
        "between": f"forall t nat, i nat: z(t, i) = theta(t, i) - {B}*eta*m(t, i)",
        "smooth": "forall t nat: F(t + 1) <= F(t) + sum(i < d, gradz(t, i)*(z(t + 1, i) - z(t, i)))"
        " + L/2*sum(i < d, (z(t + 1, i) - z(t, i))^2)",
        "lipschitz": f"forall t nat: {FAR.format(t='t')} <= L^2*{AWAY.format(t='t')}",
        "below": "E(F(0)) - E(F(T + 1)) <= gap",
    },
    claims={"rate": CLAIM},
    lemmas=[hoelder.THEOREM.theorem],
    model={
        **{n: v for n, v in PLAIN.model.items() if n != "f"},
        **{"eta": "1", "beta1": "1/2", "B": "1", "F": ["t", "3"]},
        **{"gradz": ["t", "i", "0"], "z": ["t", "i", "i"]},
    },
    unproved=(
        "ADOPT with clipping, or with momentum and a learning rate that changes, converges for every beta2: "
        "not proved. A clipped gradient is not unbiased, and the auxiliary point of the proof needs a "
        "constant learning rate."
    ),
    script=script,
    shown=PLAIN.shown,
    instances=[
        linear_loss(
            "adopt",
            "ADOPT with momentum",
            {"eta": "eta", "beta1": "beta1", "beta2": "beta2", "eps": "eps", "lambda": "lambda"},
            {
                **{"eta": "1/8", "beta1": "1/2", "beta2": "3/4", "eps": "1/8", "lambda": "0", "G": "4", "gap": "60"},
                "B": "beta1/(1 - beta1)",
                "gradz": ["t", "i", "grad(t, i)"],
                "v": Recursion(("t", "i"), "g(1, i)^2", "later(t + 1, i)"),
                "z": ["t", "i", "theta(t, i) - B*eta*m(t, i)"],
                "F": ["t", "sum(i < d, grad(t, i)*z(t, i))"],
                "noise": Drawn((("1", "-2"), ("-1", "2"))),
                "grad": ["t", "i", "2 + 0*noise(0, i)"],
                "g": ["t", "i", "grad(t, i) + noise(t, i)"],
            },
            why="torch has no ADOPT",
            wrong=("adopt@eps=outside", "adam@correction=none"),
            reads={"theta": Read("theta"), "m": Read("m"), "later": Read("v")},
        )
    ],
)
