"""ADOPT without momentum converges for every beta2, on losses whose draws are independent (Taniguchi et al. 2024)."""

from ..proving.define import Definitions
from ..proving.instance import Read, Recursion
from ..proving.linear_losses import linear_loss
from ..proving.positive import inverse
from ..proving.script import Proof, square
from ..proving.theorem import Theorem
from . import hoelder_for_the_power_four_thirds as hoelder

ADOPT = Definitions("adopt_with_schedule", "adopt", schedules=("eta",))
W = "max(sqrt(v(t + 1, i)), eps)"
RATIO = f"grad(t + 1, i)^2/{W}"
SQUARES, SECOND = "sum(i < d, g(t + 1, i)^2)", "sum(i < d, v(t, i))"
MOVE = "(theta(t + 1, i) - theta(t, i))"
NEXT = MOVE.replace("(t, ", "(t + 1, ").replace("t + 1, i) -", "t + 2, i) -")
SPENT = "sum(t < T, eta(t + 2)^2)"
R = f"(gap + L/2*(G^2/eps^2)*{SPENT})"
W0 = "(G^2 + d*eps^2)"


def scale(proof: Proof) -> None:
    """eps <= w, and w^2 <= v + eps^2."""
    inner = "sqrt(v(t + 1, i)) - eps"
    for name, claim, known in (
        ("w_least", f"{W} >= eps", ["case"]),
        ("w_square", f"{W}^2 <= v(t + 1, i) + eps^2", ["v_here", "eps_positive*eps_positive"]),
    ):
        with proof.cases(name, claim, on=inner) as (more, less):
            more.use("value", "absolute_of_nonnegative", "case", x=inner)
            more.have(name, claim, known, ["value", "squared"])
            less.use("value", "absolute_of_negative", "case", x=inner)
            less.have(name, claim, known, ["value", "squared"])
    proof.have("w_positive", f"{W} > 0", ["w_least", "eps_positive"])
    inverse(proof, "w", W, "w_positive")
    proof.have("w_over", f"1/{W} <= 1/eps", ["w_least*w_inverse*eps_inverse"], ["w_one", "eps_one"])


def scales(proof: Proof) -> None:
    """v >= 0, the bounds of the scale, and E sum w^2 <= G^2 + d eps^2."""
    inverse(proof, "eps", "eps", "eps_positive")
    proof.have("new_part", "1 - beta2 >= 0", ["beta2_most"])
    with proof.fixing("v_nonnegative", "forall s nat, i nat: v(s, i) >= 0") as inner:
        with inner.induction("all", "forall t nat: v(t, i) >= 0") as (zero, following):
            zero.use("first", "v_start", i="i")
            zero.have("now", "v(0, i) >= 0", [square("g(1, i)")], ["first"])
            following.use("next_v", "v_next", t="t", i="i")
            products = ["before*beta2_least", square("g(t + 1, i)") * "new_part"]
            following.have("now", "v(t + 1, i) >= 0", products, ["next_v"])
        inner.use("here", "all", t="s")
    for name, claim in (
        ("positive", f"{W} > 0"),
        ("over", f"g(t + 2, i)^2*(1/{W})^2 <= g(t + 2, i)^2*(1/eps)^2"),
        ("square", f"{W}^2 <= v(t + 1, i) + eps^2"),
    ):
        with proof.fixing(name, f"forall t nat, i nat: {claim}") as inner:
            inner.use("v_here", "v_nonnegative", s="t + 1", i="i")
            inner.use("squared", "root_squared", "v_here", x="v(t + 1, i)")
            scale(inner)
            products = ["w_positive", "w_square", square("g(t + 2, i)") * "w_over*w_inverse"]
            inner.have("here", claim, [*products, square("g(t + 2, i)") * "w_over*eps_inverse"])
    with proof.induction("second", f"forall t nat: E({SECOND}) <= G^2") as (zero, following):
        for inside, place, now, later, fact in (
            (zero, "0", "v(0, i) - g(1, i)^2", "0", "v_start"),
            (following, "t", "v(t + 1, i) - beta2*v(t, i) - (1 - beta2)*g(t + 1, i)^2", "t + 1", "v_next"),
        ):
            with inside.fixing("each", f"forall i nat: {now} = 0") as here:
                here.use("there", fact, i="i", **({"t": "t"} if place == "t" else {}))
                here.have("zero", f"{now} = 0", [], ["there"])
            inside.add("all", f"sum(i < d, {now}) = 0", "each", "d")
            inside.mean("all_mean", f"E(sum(i < d, {now})) = 0", "all")
            total = f"E({SECOND.replace('(t,', f'({later},')})"
            noise = f"E({SQUARES.replace('t + 1', '1' if place == '0' else 't + 1')})"
            parts = f"{total} - {noise}" if place == "0" else f"{total} - beta2*E({SECOND}) - (1 - beta2)*{noise}"
            inside.linear("parts", f"E(sum(i < d, {now})) = {parts}")
            inside.use("noise", "bounded", t=place)
            products = ["noise"] if place == "0" else ["before*beta2_least", "noise*new_part"]
            inside.have("now", f"{total} <= G^2", products, [("1", "all_mean"), ("1", "parts")])
    with proof.fixing("size", f"forall t nat: E(sum(i < d, {W}^2)) <= {W0}") as inner:
        with inner.fixing("each", f"forall i nat: {W}^2 <= v(t + 1, i) + eps^2") as here:
            here.use("now", "square", t="t", i="i")
        later = SECOND.replace("(t,", "(t + 1,")
        inner.add("all", f"sum(i < d, {W}^2) <= {later} + d*eps^2", "each", "d")
        inner.mean("all_mean", f"E(sum(i < d, {W}^2)) <= E({later}) + d*eps^2", "all")
        inner.use("second_here", "second", t="t + 1")
        inner.have("now", f"E(sum(i < d, {W}^2)) <= {W0}", ["all_mean", "second_here"])


def undecayed(proof: Proof, first: str, later: str) -> None:
    """theta without its decay: it stays in the first step, and then moves by the rate times m."""
    decayed = f"theta(1, i) = theta(0, i) - lambda*{first}*theta(0, i)"
    with proof.fixing("stays", "forall i nat: theta(1, i) = theta(0, i)") as inner:
        inner.use("start", "theta_first", i="i")
        inner.have("decayed", decayed, [], [("1", "start")])
        inner.have("here", "theta(1, i) = theta(0, i)", [], ["decayed", "no_decay"])
    moved = f"theta(t + 2, i) = theta(t + 1, i) - {later}*m(t + 2, i)"
    with proof.fixing("moves", f"forall t nat, i nat: {moved}") as inner:
        inner.use("next", "theta_next", t="t", i="i")
        inner.have("decayed", f"{moved} - lambda*{later}*theta(t + 1, i)", [], [("1", "next")])
        inner.have("here", moved, [], ["decayed", "no_decay"])


def unbiased_shares(proof: Proof) -> None:
    """`all`, `split`: the scale is known before the gradient, so that E grad g/w is E grad^2/w."""
    first = f"grad(t + 1, i)*g(t + 2, i)/{W}"
    with proof.fixing("every", f"forall i nat: E({first}) - E({RATIO}) = 0") as here:
        here.use("grad_here", "grad_past", t="t + 1", i="i")
        here.use("v_here", "v_past", t="t", i="i")
        here.past("known", f"past(grad(t + 1, i)/{W}, t + 1)", "grad_here", "v_here")
        here.use("same", "unbiased", "known", X=f"grad(t + 1, i)/{W}", t="t + 1", i="i")
        here.have("now", f"E({first}) - E({RATIO}) = 0", [], [("1", "same")])
    proof.add("all", f"sum(i < d, E({first}) - E({RATIO})) = 0", "every", "d")
    split = f"E(sum(i < d, {first})) - E(sum(i < d, {RATIO}))"
    proof.linear("split", f"sum(i < d, E({first}) - E({RATIO})) = {split}")


def descent(proof: Proof) -> None:
    """The expected loss falls by eta E sum grad^2/w, up to L eta^2 G^2/(2 eps^2)."""
    claim = f"E(f(t + 2)) <= E(f(t + 1)) - eta(t + 2)*E(sum(i < d, {RATIO})) + L/2*(G^2/eps^2)*eta(t + 2)^2"
    with proof.fixing("descent", f"forall t nat: {claim}") as inner:
        inner.use("smooth_here", "smooth", t="t + 1")
        inner.use("noise", "bounded", t="t + 1")
        squares = SQUARES.replace("t + 1", "t + 2")
        first = f"grad(t + 1, i)*g(t + 2, i)/{W}"
        firsts = f"eta(t + 2)*sum(i < d, {first})"
        lasts = f"eta(t + 2)^2*(1/eps)^2*{squares}"
        for name, claimed in (
            ("slopes_each", f"grad(t + 1, i)*{NEXT} + eta(t + 2)*({first}) = 0"),
            ("squares_each", f"{NEXT}^2 - eta(t + 2)^2*(1/eps)^2*g(t + 2, i)^2 <= 0"),
        ):
            with inner.fixing(name, f"forall i nat: {claimed}") as here:
                here.use("moved", "moves", t="t", i="i")
                here.use("averaged", "m_next", t="t", i="i")
                here.use("less", "over", t="t", i="i")
                products = [] if "slopes" in name else [square("eta(t + 2)") * "less"]
                here.have("now", claimed, products, ["moved", "averaged", "no_momentum"])
        wide = "sum(i < d, theta(t + 2, i)^2) - 2*sum(i < d, theta(t + 2, i)*theta(t + 1, i))"
        wide += " + sum(i < d, theta(t + 1, i)^2)"
        slopes = f"sum(i < d, grad(t + 1, i)*{NEXT})"
        inner.add("slopes", f"{slopes} + {firsts} = 0", "slopes_each", "d")
        inner.add("squares", f"{wide} <= {lasts}", "squares_each", "d")
        inner.linear("wide", f"sum(i < d, {NEXT}^2) = {wide}")
        pathwise = f"f(t + 2) <= f(t + 1) - {firsts} + L/2*({lasts})"
        inner.have("pathwise", pathwise, ["smooth_here", "squares*L_nonnegative"], [("1", "slopes"), ("L", "wide")])
        means = f"E(f(t + 2)) <= E(f(t + 1)) - eta(t + 2)*E(sum(i < d, {first})) "
        means += f"+ L/2*eta(t + 2)^2*(1/eps)^2*E({squares})"
        inner.mean("means", means, "pathwise")
        unbiased_shares(inner)
        equations = [("eta(t + 2)", "all"), ("eta(t + 2)", "split")]
        noise = square("eta(t + 2)") * "noise*L_nonnegative*eps_inverse*eps_inverse"
        inner.have("now", claim, ["means", noise], equations)


def first_step(proof: Proof) -> None:
    """`unmoved`: the loss is at most what it was, because theta is what it was."""
    proof.use("smooth_first", "smooth", t="0")
    away = MOVE.replace("t + 1", "1").replace("(t,", "(0,")
    for name, term in (("no_slope", f"grad(0, i)*{away}"), ("no_square", f"{away}^2")):
        with proof.fixing(f"{name}_each", f"forall i nat: {term} = 0") as inner:
            inner.use("same", "stays", i="i")
            inner.have("now", f"{term} = 0", [], ["same"])
        proof.add(name, f"sum(i < d, {term}) = 0", f"{name}_each", "d")
    proof.have("unmoved", "f(1) <= f(0)", ["smooth_first"], [("1", "no_slope"), ("L", "no_square")])
    proof.mean("unmoved_mean", "E(f(1)) <= E(f(0))", "unmoved")


def script(proof: Proof) -> None:
    """Descent with a scale that the past determines; then Hoelder's inequality."""
    undecayed(proof, "eta(1)", "eta(t + 2)")
    scales(proof)
    descent(proof)
    first_step(proof)
    total, spent = f"sum(t < n, eta(t + 2)*E(sum(i < d, {RATIO})))", SPENT.replace("< T", "< n")
    claim = f"{total} <= E(f(1)) - E(f(n + 1)) + L/2*(G^2/eps^2)*{spent}"
    with proof.induction("path", f"forall n nat: {claim}") as (zero, following):
        empty = [text.replace("t < n", "t < 0") for text in (total, spent)]
        zero.linear("none", f"{empty[0]} = 0")
        zero.linear("nothing", f"{empty[1]} = 0")
        zero.have("now", claim.replace("t < n", "t < 0").replace("f(n + 1)", "f(1)"), [], ["none", "nothing"])
        following.use("step", "descent", t="n")
        longer = [text.replace("t < n", "t < n + 1") for text in (total, spent)]
        last = f"eta(n + 2)*E(sum(i < d, {RATIO.replace('(t ', '(n ')}))"
        following.linear("one", f"{longer[0]} = {total} + {last}")
        following.linear("two", f"{longer[1]} = {spent} + eta(n + 2)^2")
        then = claim.replace("t < n", "t < n + 1").replace("f(n + 1)", "f(n + 2)")
        following.have("now", then, ["before", "step"], ["one", "two"])
    proof.use("whole", "path", n="T")
    shares = f"sum(t < T, eta(t + 2)*E(sum(i < d, {RATIO}))) <= {R}"
    proof.have("shares", shares, ["whole", "below", "unmoved_mean"])
    with proof.fixing("later_sign", "forall t nat: eta(t + 2) >= 0") as inner:
        inner.use("here", "eta_sign", t="t + 1")
    values: dict[str, str | list[str]] = {
        "T": "T",
        "d": "d",
        "R": R,
        "W0": W0,
        "p": ["t", "eta(t + 2)"],
        "y": ["t", "y(t + 1)"],
    }
    values |= {"grad": ["t", "i", "grad(t + 1, i)"], "scale": ["t", "i", W]}
    with proof.fixing("power_later", f"forall t nat: {POWER.replace('(t', '(t + 1')}") as inner:
        inner.use("here", "power", t="t + 1")
    facts = ["positive", "power_later", "later_sign", "some", "size", "shares"]
    proof.lemma("rate", THEOREM.claims["rate"], hoelder.THEOREM.theorem, facts, values)


def shown(proof: Proof) -> None:
    """A constant loss, without noise."""
    with proof.fixing("past_zero", "forall t nat, i nat: past(0, t)") as inner:
        inner.past("now", "past(0, t)")
    with proof.fixing("past_later", "forall t nat, i nat: past(0, t + 1)") as inner:
        inner.past("now", "past(0, t + 1)")


TOTAL = "sum(t < T, eta(t + 2))"
POWER = "y(t)^3 = sum(i < d, grad(t, i)^2)^2"
THEOREM = Theorem(
    theorem="adopt_converges_on_average",
    title="ADOPT converges on average",
    says="""ADOPT without momentum, clipping and decay: its first gradient only sets v, and it divides each later one by
    the root of the v before it, or by eps where that is larger. On an L-smooth loss f, at most gap above its infimum at
    first, with gradients g that are unbiased for its gradient grad at theta, given the past, and have mean squares of
    at most G^2: (E |grad|^(4/3))^(3/2) at a time drawn by eta is at most sqrt(G^2 + d eps^2) (gap + L G^2/(2 eps^2) sum
    eta^2)/sum eta, for every beta2. Here y_t = |grad_t|^(4/3), both sides are squared, f(t) and grad(t) are those at
    theta(t), and past(X, t) says that the first t gradients determine X.""",
    sources=["taniguchi2024adopt, main theorem"],
    variables={
        **{"T": "nat", "d": "nat", "L": "real", "G": "real", "gap": "real"},
        **{"f": "rand(nat)", "y": "rand(nat)", "grad": "rand(nat, nat)"},
    },
    definitions=[ADOPT],
    hypotheses={
        "no_momentum": "beta1 = 0",
        "no_decay": "lambda = 0",
        "L_nonnegative": "L >= 0",
        "eps_positive": "eps > 0",
        "beta2_least": "beta2 >= 0",
        "beta2_most": "beta2 <= 1",
        "eta_sign": "forall t nat: eta(t + 1) >= 0",
        "some": f"{TOTAL} > 0",
        "smooth": f"forall t nat: f(t + 1) <= f(t) + sum(i < d, grad(t, i)*{MOVE}) + L/2*sum(i < d, {MOVE}^2)",
        "below": "E(f(0)) - E(f(T + 1)) <= gap",
        "bounded": f"forall t nat: E({SQUARES}) <= G^2",
        "grad_past": "forall t nat, i nat: past(grad(t, i), t)",
        "v_past": "forall t nat, i nat: past(v(t + 1, i), t + 1)",
        "unbiased": "forall X rand, t nat, i nat: past(X, t) => E(X*g(t + 1, i)) = E(X*grad(t, i))",
        "power": f"forall t nat: {POWER}",
    },
    claims={"rate": f"(sum(t < T, eta(t + 2)*E(y(t + 1)))/{TOTAL})^3 <= ({R}/{TOTAL})^2*{W0}"},
    lemmas=[hoelder.THEOREM.theorem],
    model={
        **{"T": "2", "d": "1", "L": "4", "G": "1", "gap": "1", "eps": "1", "beta1": "0", "beta2": "1/2", "lambda": "0"},
        **{"eta": ["t", "1"], "f": ["t", "3"], "y": ["t", "0"], "theta": ["t", "i", "i"]},
        **{name: ["t", "i", "0"] for name in ("grad", "g", "m", "v")},
    },
    shown=shown,
    script=script,
    instances=[
        linear_loss(
            "adopt",
            "ADOPT without momentum",
            {"eta": "eta(t + 1)", "beta1": "beta1", "beta2": "beta2", "eps": "eps", "lambda": "lambda"},
            {
                **{"beta1": "0", "beta2": "3/4", "eps": "1/8", "lambda": "0", "G": "4", "gap": "60"},
                "eta": ["t", "1/(t + 3)"],
                "v": Recursion(("t", "i"), "g(1, i)^2", "later(t + 1, i)"),
            },
            why="torch has no ADOPT",
            wrong=("adopt@eps=outside", "adam@correction=none"),
            reads={"theta": Read("theta"), "m": Read("m"), "later": Read("v")},
        )
    ],
)
