"""ADOPT without momentum converges for every beta2, on losses whose draws are independent (Taniguchi et al. 2024)."""

from ..proving.instance import Read
from ..proving.linear_losses import linear_loss
from ..proving.positive import inverse
from ..proving.script import Proof, square
from ..proving.theorem import Theorem
from . import hoelder_for_the_power_four_thirds as hoelder

W = "max(sqrt(v(t, i)), eps)"
RATIO = f"grad(t, i)^2/{W}"
SQUARES, SECOND = "sum(i < d, g(t, i)^2)", "sum(i < d, v(t, i))"
STEP = f"alpha(t)*g(t, i)/{W}"
R = "(gap + L/2*(G^2/eps^2)*sum(t < T, alpha(t)^2))"
W0 = "(G^2 + d*eps^2)"


def scale(proof: Proof) -> None:
    """eps <= w, and w^2 <= v + eps^2."""
    inner = "sqrt(v(t, i)) - eps"
    for name, claim, known in (
        ("w_least", f"{W} >= eps", ["case"]),
        ("w_square", f"{W}^2 <= v(t, i) + eps^2", ["v_here", "eps_positive*eps_positive"]),
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
            zero.use("now", "v_start", i="i")
            following.use("next_v", "average", t="t", i="i")
            products = ["before*beta2_least", square("g(t, i)") * "new_part"]
            following.have("now", "v(t + 1, i) >= 0", products, ["next_v"])
        inner.use("here", "all", t="s")
    for name, claim in (
        ("positive", f"{W} > 0"),
        ("over", f"g(t, i)^2*(1/{W})^2 <= g(t, i)^2*(1/eps)^2"),
        ("square", f"{W}^2 <= v(t, i) + eps^2"),
    ):
        with proof.fixing(name, f"forall t nat, i nat: {claim}") as inner:
            inner.use("v_here", "v_nonnegative", s="t", i="i")
            inner.use("squared", "root_squared", "v_here", x="v(t, i)")
            scale(inner)
            products = ["w_positive", "w_square", square("g(t, i)") * "w_over*w_inverse"]
            inner.have("here", claim, [*products, square("g(t, i)") * "w_over*eps_inverse"])
    with proof.induction("second", f"forall t nat: E({SECOND}) <= G^2") as (zero, following):
        zero.have("now", f"E({SECOND.replace('t,', '0,')}) <= G^2", ["second_start"])
        later = "v(t + 1, i) - beta2*v(t, i) - (1 - beta2)*g(t, i)^2"
        with following.fixing("each", f"forall i nat: {later} = 0") as here:
            here.use("next_v", "average", t="t", i="i")
            here.have("zero", f"{later} = 0", [], ["next_v"])
        following.add("all", f"sum(i < d, {later}) = 0", "each", "d")
        following.mean("all_mean", f"E(sum(i < d, {later})) = 0", "all")
        longer = f"E({SECOND.replace('t,', 't + 1,')})"
        parts = f"{longer} - beta2*E({SECOND}) - (1 - beta2)*E({SQUARES})"
        following.linear("parts", f"E(sum(i < d, {later})) = {parts}")
        following.use("noise", "bounded", t="t")
        products = ["before*beta2_least", "noise*new_part"]
        following.have("now", f"{longer} <= G^2", products, [("1", "all_mean"), ("1", "parts")])
    with proof.fixing("size", f"forall t nat: E(sum(i < d, {W}^2)) <= {W0}") as inner:
        with inner.fixing("each", f"forall i nat: {W}^2 <= v(t, i) + eps^2") as here:
            here.use("now", "square", t="t", i="i")
        inner.add("all", f"sum(i < d, {W}^2) <= {SECOND} + d*eps^2", "each", "d")
        inner.mean("all_mean", f"E(sum(i < d, {W}^2)) <= E({SECOND}) + d*eps^2", "all")
        inner.use("second_here", "second", t="t")
        inner.have("now", f"E(sum(i < d, {W}^2)) <= {W0}", ["all_mean", "second_here"])


def descent(proof: Proof) -> None:
    """The expected loss falls by alpha E sum grad^2/w, up to L alpha^2 G^2/(2 eps^2)."""
    claim = f"E(f(t + 1)) <= E(f(t)) - alpha(t)*E(sum(i < d, {RATIO})) + L/2*(G^2/eps^2)*alpha(t)^2"
    with proof.fixing("descent", f"forall t nat: {claim}") as inner:
        inner.use("smooth_here", "smooth", t="t")
        inner.use("noise", "bounded", t="t")
        first, last = f"grad(t, i)*g(t, i)/{W}", f"(g(t, i)/{W})^2"
        with inner.fixing("each", f"forall i nat: {last} - g(t, i)^2*(1/eps)^2 <= 0") as here:
            here.use("less", "over", t="t", i="i")
            here.have("now", f"{last} - g(t, i)^2*(1/eps)^2 <= 0", ["less"])
        inner.add("lasts", f"sum(i < d, {last}) <= (1/eps)^2*{SQUARES}", "each", "d")
        moved = f"sum(i < d, {last})"
        inner.linear("first_part", f"sum(i < d, grad(t, i)*({STEP})) = alpha(t)*sum(i < d, {first})")
        inner.linear("last_part", f"sum(i < d, ({STEP})^2) = alpha(t)^2*{moved}")
        pathwise = f"f(t + 1) <= f(t) - alpha(t)*sum(i < d, {first}) + L/2*alpha(t)^2*(1/eps)^2*{SQUARES}"
        products = ["smooth_here", square("alpha(t)") * "lasts*L_nonnegative"]
        inner.have("pathwise", pathwise, products, ["first_part", "last_part"])
        means = f"E(f(t + 1)) <= E(f(t)) - alpha(t)*E(sum(i < d, {first})) + L/2*alpha(t)^2*(1/eps)^2*E({SQUARES})"
        inner.mean("means", means, "pathwise")
        with inner.fixing("every", f"forall i nat: E({first}) - E({RATIO}) = 0") as here:
            here.use("grad_here", "grad_past", t="t", i="i")
            here.use("v_here", "v_past", t="t", i="i")
            here.past("known", f"past(grad(t, i)/{W}, t)", "grad_here", "v_here")
            here.use("same", "unbiased", "known", X=f"grad(t, i)/{W}", t="t", i="i")
            here.have("now", f"E({first}) - E({RATIO}) = 0", [], [("1", "same")])
        inner.add("all", f"sum(i < d, E({first}) - E({RATIO})) = 0", "every", "d")
        split = f"E(sum(i < d, {first})) - E(sum(i < d, {RATIO}))"
        inner.linear("split", f"sum(i < d, E({first}) - E({RATIO})) = {split}")
        equations = [("alpha(t)", "all"), ("alpha(t)", "split")]
        noise = square("alpha(t)") * "noise*L_nonnegative*eps_inverse*eps_inverse"
        inner.have("now", claim, ["means", noise], equations)
    total = f"sum(t < m, alpha(t)*E(sum(i < d, {RATIO})))"
    claim = f"{total} <= E(f(0)) - E(f(m)) + L/2*(G^2/eps^2)*sum(t < m, alpha(t)^2)"
    with proof.induction("path", f"forall m nat: {claim}") as (zero, following):
        empty = [text.replace("t < m", "t < 0") for text in (total, "sum(t < m, alpha(t)^2)")]
        zero.linear("none", f"{empty[0]} = 0")
        zero.linear("nothing", f"{empty[1]} = 0")
        zero.have("now", claim.replace("t < m", "t < 0").replace("f(m)", "f(0)"), [], ["none", "nothing"])
        following.use("step", "descent", t="m")
        longer = [text.replace("t < m", "t < m + 1") for text in (total, "sum(t < m, alpha(t)^2)")]
        last = f"alpha(m)*E(sum(i < d, {RATIO.replace('(t,', '(m,')}))"
        following.linear("one", f"{longer[0]} = {total} + {last}")
        following.linear("two", f"{longer[1]} = sum(t < m, alpha(t)^2) + alpha(m)^2")
        then = claim.replace("t < m", "t < m + 1").replace("f(m)", "f(m + 1)")
        following.have("now", then, ["before", "step"], ["one", "two"])


def script(proof: Proof) -> None:
    """Descent with a scale that the past determines; then Hoelder's inequality."""
    scales(proof)
    descent(proof)
    proof.use("whole", "path", m="T")
    shares = f"sum(t < T, alpha(t)*E(sum(i < d, {RATIO}))) <= {R}"
    proof.have("shares", shares, ["whole", "below"])
    with proof.fixing("alpha_sign", "forall t nat: alpha(t) >= 0") as inner:
        inner.use("here", "alpha_positive", t="t")
        inner.have("sign", "alpha(t) >= 0", ["here"])
    values = {"T": "T", "d": "d", "R": R, "W0": W0, "p": ["t", "alpha(t)"], "y": ["t", "y(t)"]}
    values |= {"grad": ["t", "i", "grad(t, i)"], "scale": ["t", "i", W]}
    facts = ["positive", "power", "alpha_sign", "some", "size", "shares"]
    proof.lemma("rate", THEOREM.claims["rate"], hoelder.THEOREM.theorem, facts, values)


def shown(proof: Proof) -> None:
    """A loss that stays the same although its slope is 1, as a large L allows."""
    one = "max(sqrt(1), 1)"
    inner = "sqrt(1) - 1"
    proof.have("unit", "1 >= 0")
    proof.use("squared", "root_squared", "unit", x="1")
    for name, claim in (("small", f"{one} <= 2"), ("positive", f"{one} > 0")):
        with proof.cases(name, claim, on=inner) as (more, less):
            more.use("value", "absolute_of_nonnegative", "case", x=inner)
            more.have(name, claim, [square(inner), "case"], ["value", "squared"])
            less.use("value", "absolute_of_negative", "case", x=inner)
            less.have(name, claim, [], ["value"])
    proof.use("apart", "positive_is_apart", "positive", x=one)
    proof.use("one", "reciprocal", "apart", x=one)
    proof.use("inverse", "reciprocal_positive", "positive", x=one)
    smooth = f"0 <= 0 - sum(i < 1, 1*(1*1/{one})) + 4/2*sum(i < 1, (1*1/{one})^2)"
    proof.linear("first", f"sum(i < 1, 1*(1*1/{one})) = 1/{one}")
    proof.linear("second", f"sum(i < 1, (1*1/{one})^2) = (1/{one})^2")
    with proof.fixing("smooth", f"forall t nat: {smooth}") as here:
        here.have("now", smooth, ["small*inverse*inverse"], ["first", "second", "one"])
    with proof.fixing("past_one", "forall t nat, i nat: past(1, t)") as here:
        here.past("now", "past(1, t)")


TOTAL = "sum(t < T, alpha(t))"
THEOREM = Theorem(
    theorem="adopt_converges_on_average",
    title="ADOPT converges on average",
    says="""ADOPT without momentum and clipping: it divides a gradient by the root of the v before it, or by eps where
    that is larger. On an L-smooth loss, at most gap above its infimum at first, with gradients that are unbiased
    given the past and have mean squares of at most G^2: (E |grad f|^(4/3))^(3/2) at a time drawn by alpha is at most
    sqrt(G^2 + d eps^2) (gap + L G^2/(2 eps^2) sum alpha^2)/sum alpha, for every beta2. Here y_t = |grad_t|^(4/3), and
    both sides are squared. v starts at most at G^2 on average, summed over coordinates.""",
    sources=["taniguchi2024adopt, main theorem"],
    variables={
        **{"T": "nat", "d": "nat", "L": "real", "G": "real", "gap": "real", "eps": "real", "beta2": "real"},
        **{"alpha": "real(nat)", "f": "rand(nat)", "y": "rand(nat)"},
        **{name: "rand(nat, nat)" for name in ("grad", "g", "v")},
    },
    hypotheses={
        "L_nonnegative": "L >= 0",
        "eps_positive": "eps > 0",
        "beta2_least": "beta2 >= 0",
        "beta2_most": "beta2 <= 1",
        "alpha_positive": "forall t nat: alpha(t) > 0",
        "some": f"{TOTAL} > 0",
        "smooth": f"forall t nat: f(t + 1) <= f(t) - sum(i < d, grad(t, i)*({STEP})) + L/2*sum(i < d, ({STEP})^2)",
        "below": "E(f(0)) - E(f(T)) <= gap",
        "average": "forall t nat, i nat: v(t + 1, i) = beta2*v(t, i) + (1 - beta2)*g(t, i)^2",
        "v_start": "forall i nat: v(0, i) >= 0",
        "second_start": "E(sum(i < d, v(0, i))) <= G^2",
        "bounded": f"forall t nat: E({SQUARES}) <= G^2",
        "grad_past": "forall t nat, i nat: past(grad(t, i), t)",
        "v_past": "forall t nat, i nat: past(v(t, i), t)",
        "unbiased": "forall X rand, t nat, i nat: past(X, t) => E(X*g(t, i)) = E(X*grad(t, i))",
        "power": "forall t nat: y(t)^3 = sum(i < d, grad(t, i)^2)^2",
    },
    claims={"rate": f"(sum(t < T, alpha(t)*E(y(t)))/{TOTAL})^3 <= ({R}/{TOTAL})^2*{W0}"},
    lemmas=[hoelder.THEOREM.theorem],
    model={
        **{"T": "2", "d": "1", "L": "4", "G": "1", "gap": "0", "eps": "1", "beta2": "1/2"},
        **{"alpha": ["t", "1"], "f": ["t", "0"], "y": ["t", "1"]},
        **{name: ["t", "i", "1"] for name in ("grad", "g", "v")},
    },
    shown=shown,
    script=script,
    instances=[
        linear_loss(
            "adopt",
            "ADOPT without momentum, after a first gradient that only sets v",
            {"eta": "alpha(t)", "beta1": "0", "beta2": "beta2", "eps": "eps", "lambda": "0"},
            {
                "g": ["t", "i", "grad(t, i) + z(t + 1, i)"],
                "G": "4",
                "eps": "1/8",
                "beta2": "3/4",
                "gap": "60",
            },
            why="torch has no ADOPT",
            wrong=("adopt@eps=outside", "adam@correction=none"),
            reads={"theta": Read("theta"), "v": Read("v")},
            before=(("1", "1"),),
            gradient="g(t, i)",
        )
    ],
)
