"""The explicit bound on Adam without momentum (Defossez et al. 2022, Theorem 2), for the equations of its rule."""

from __future__ import annotations

from ..proving.define import Definitions
from ..proving.instance import Read, Recursion
from ..proving.linear_losses import linear_loss
from ..proving.positive import inverse
from ..proving.script import Proof, square
from ..proving.theorem import Theorem
from . import adam_without_momentum_has_an_explicit_bound as published
from .powers_of_a_fraction import HALVES, known_powers

RULE = "adam@eps=inside_hat,correction=second"
ADAM = Definitions("adam_with_eps_beside_v", RULE)
REST, LEFT, V = "(1 - beta2)", "(1 - beta2_power(t + 1))", "(eps + v(t + 1, i))"
MOST = f"(R - sqrt(eps/{REST}))"
MOVE = "(theta(t + 1, i) - theta(t, i))"
WEIGHT, SCALE, DENOMINATOR = f"sqrt({LEFT}/{REST})", f"sqrt({V}/{REST})", f"sqrt({V}/{LEFT})"
STEP = f"(eta*{WEIGHT}*g(t + 1, i)/{SCALE})"
LOG = "log(1 + R^2/eps)"
CONSTANT = f"({{c}}*d*R^2/sqrt{REST} + eta*d*R*L/{REST})"
CLAIM = f"1/N*{published.TOTAL} <= 2*R*gap/(eta*N) + {CONSTANT}*(1/N*{LOG} - log(beta2))"
SHARP, PRINTED = CLAIM.format(c="1"), CLAIM.format(c="4")


def constants(proof: Proof) -> None:
    """Reciprocals and powers, and the eps of the paper."""
    proof.have("rest", f"{REST} > 0", ["beta2_small"])
    inverse(proof, "rest", REST, "rest")
    inverse(proof, "eps", "eps", "eps_positive")
    proof.have("eps_over", f"eps/{REST} > 0", ["eps_positive*rest_inverse"])
    inverse(proof, "over", f"(eps/{REST})", "eps_over")
    proof.have("lower", "beta2 >= 0", ["beta2_positive"])
    proof.have("upper", "beta2 <= 1", ["beta2_small"])
    facts = ["lower", "upper", "beta2_power_start", "beta2_power_next"]
    values: dict[str, str | list[str]] = {"b": "beta2", "p": ["i", "beta2_power(i)"]}
    proof.lemma("later", "forall t nat: beta2_power(t + 1) <= beta2", "powers_of_a_fraction", facts, values)
    with proof.fixing("v_sign", "forall s nat, i nat: v(s, i) >= 0") as inner:
        with inner.induction("all", "forall t nat: v(t, i) >= 0") as (zero, following):
            zero.use("first", "v_start", i="i")
            zero.have("now", "v(0, i) >= 0", [], ["first"])
            following.use("next", "v_next", t="t", i="i")
            products = ["before*lower", square("g(t + 1, i)") * "rest"]
            following.have("now", "v(t + 1, i) >= 0", products, ["next"])
        inner.use("here", "all", t="s")


def steps(proof: Proof) -> None:
    """`steps`: the rule's step is the paper's, because sqrt(q/r) sqrt(V/q) = sqrt(V/r)."""
    with proof.fixing("steps", f"forall t nat, i nat: {MOVE} + {STEP} = 0") as inner:
        inner.use("power", "later", t="t")
        inner.use("v_here", "v_sign", s="t + 1", i="i")
        inner.have("left", f"{LEFT} > 0", ["power", "rest"])
        inverse(inner, "left", LEFT, "left")
        inner.have("V", f"{V} > 0", ["v_here", "eps_positive"])
        for name, value, facts in (
            ("weight", f"{LEFT}/{REST}", "left*rest_inverse"),
            ("scale", f"{V}/{REST}", "V*rest_inverse"),
            ("denominator", f"{V}/{LEFT}", "V*left_inverse"),
        ):
            inner.have(f"{name}_positive", f"{value} > 0", [facts])
            inner.have(f"{name}_sign", f"{value} >= 0", [facts])
            inner.use(f"{name}_squared", "root_squared", f"{name}_sign", x=value)
            inner.use(f"{name}_root", "root_positive", f"{name}_positive", x=value)
        inverse(inner, "s", SCALE, "scale_root")
        inverse(inner, "q", DENOMINATOR, "denominator_root")
        product, total = f"{WEIGHT}*{DENOMINATOR}", f"({WEIGHT}*{DENOMINATOR} + {SCALE})"
        inner.have("total", f"{total} > 0", ["weight_root*denominator_root", "scale_root"])
        inverse(inner, "total", total, "total")
        squares = [
            (f"({DENOMINATOR})^2", "weight_squared"),
            (f"{LEFT}/{REST}", "denominator_squared"),
            (f"{V}/{REST}", "left_one"),
            ("-1", "scale_squared"),
        ]
        inner.have("same_squares", f"({product})^2 - {SCALE}^2 = 0", [], squares)
        factors = [(f"1/{total}", "same_squares"), (f"{SCALE} - {product}", "total_one")]
        inner.have("same", f"{product} = {SCALE}", [], factors)
        ratios = [
            (f"1/{SCALE}/{DENOMINATOR}", "same"),
            (f"1/{DENOMINATOR}", "s_one"),
            (f"-{WEIGHT}/{SCALE}", "q_one"),
        ]
        inner.have("ratio", f"{WEIGHT}/{SCALE} = 1/{DENOMINATOR}", [], ratios)
        inner.use("moved", "theta_next", t="t", i="i")
        inner.use("averaged", "m_next", t="t", i="i")
        equations = ["moved", "averaged", "no_momentum", ("eta*g(t + 1, i)", "ratio")]
        inner.have("now", f"{MOVE} + {STEP} = 0", [], equations)


def smoothness(proof: Proof) -> None:
    """`smooth_step`: smoothness with the paper's step."""
    first, last = f"grad(t, i)*{STEP}", f"{STEP}^2"
    claim = f"f(t + 1) <= f(t) - sum(i < d, {first}) + L/2*sum(i < d, {last})"
    with proof.fixing("smooth_step", f"forall t nat: {claim}") as inner:
        inner.use("smooth_here", "smooth", t="t")
        sums = [(f"grad(t, i)*{MOVE}", f"-{first}"), (f"{MOVE}^2", last)]
        for name, (left, right) in zip(("slopes", "squares"), sums, strict=True):
            with inner.fixing(f"{name}_each", f"forall i nat: {left} - ({right}) = 0") as here:
                here.use("taken", "steps", t="t", i="i")
                factor = "grad(t, i)" if name == "slopes" else f"{MOVE} - {STEP}"
                here.have("now", f"{left} - ({right}) = 0", [], [(factor, "taken")])
            inner.add(f"{name}_all", f"sum(i < d, {left} - ({right})) = 0", f"{name}_each", "d")
            parts = f"sum(i < d, {left}) - sum(i < d, {right})"
            inner.linear(f"{name}_parts", f"sum(i < d, {left} - ({right})) = {parts}")
        inner.linear("sign", f"sum(i < d, -{first}) = -sum(i < d, {first})")
        equations = [("1", "slopes_all"), ("1", "slopes_parts"), ("1", "sign")]
        equations += [("L", "squares_all"), ("L", "squares_parts")]
        inner.have("now", claim, ["smooth_here"], equations)


def script(proof: Proof) -> None:
    """The published theorem, whose v and eps are those of the rule over 1 - beta2."""
    constants(proof)
    steps(proof)
    smoothness(proof)
    with proof.fixing("v_first", f"forall i nat: v(0, i)/{REST} = 0") as inner:
        inner.use("here", "v_start", i="i")
        inner.have("now", f"v(0, i)/{REST} = 0", [], ["here"])
    following = f"v(t + 1, i)/{REST} = beta2*(v(t, i)/{REST}) + g(t + 1, i)^2"
    with proof.fixing("v_later", f"forall t nat, i nat: {following}") as inner:
        inner.use("here", "v_next", t="t", i="i")
        inner.have("now", following, [], [(f"1/{REST}", "here"), ("g(t + 1, i)^2", "rest_one")])
    with proof.fixing("v_known", f"forall t nat, i nat: past(v(t, i)/{REST}, t)") as inner:
        inner.use("here", "v_past", t="t", i="i")
        inner.past("now", f"past(v(t, i)/{REST}, t)", "here")
    facts = ["L_nonnegative", "eps_over", "room", "beta2_positive", "beta2_small", "eta_positive", "steps_some"]
    facts += ["beta2_power_start", "beta2_power_next", "v_first", "v_later", "bounded", "grad_past", "v_known"]
    facts += ["unbiased", "smooth_step", "below"]
    values: dict[str, str | list[str]] = {name: name for name in ("N", "d", "L", "R", "gap")}
    values |= {"eps": f"eps/{REST}", "beta": "beta2", "step": "eta", "p": ["t", "beta2_power(t)"], "f": ["t", "f(t)"]}
    values |= {"grad": ["t", "i", "grad(t, i)"], "g": ["t", "i", "g(t + 1, i)"], "v": ["t", "i", f"v(t, i)/{REST}"]}
    inside = f"1 + R^2/{REST}/(eps/{REST})"
    units = [
        (f"-R^2/{REST}/(eps/{REST})", "eps_one"),
        ("R^2/eps", "over_one"),
    ]
    proof.have("inside", f"{inside} = 1 + R^2/eps", [], units)
    proof.congruent("logs", "inside", "log(hole)")
    for name, c in (("sharper", "1"), ("bound", "4")):
        wide = CLAIM.format(c=c).replace(LOG, f"log({inside})")
        proof.lemma(f"{name}_wide", wide, published.THEOREM.theorem, facts, values)
        factor = f"1/N*{CONSTANT.format(c=c)}"
        proof.have(name, CLAIM.format(c=c), [f"{name}_wide"], [(factor, "logs")])


def shown(proof: Proof) -> None:
    """A constant loss, without noise."""
    known_powers(proof)
    proof.have("unit", "1 >= 0")
    proof.use("squared", "root_squared", "unit", x="1")
    proof.have("room", "2 > sqrt(1)", [square("1 - sqrt(1)")], ["squared"])
    with proof.fixing("bounded", "forall t nat, i nat: 0^2 <= (2 - sqrt(1))^2") as inner:
        inner.have("now", "0^2 <= (2 - sqrt(1))^2", [square("2 - sqrt(1)")])
    with proof.fixing("past_zero", "forall t nat, i nat: past(0, t)") as inner:
        inner.past("now", "past(0, t)")


THEOREM = Theorem(
    theorem="adam_without_momentum_of_its_rule_has_an_explicit_bound",
    title="Adam of its rule without momentum has an explicit bound",
    says="""Adam with beta1 = 0, which divides by sqrt((v + eps)/(1 - beta2^t)), on an L-smooth loss f, at most gap
    above its infimum at first; the gradients g are unbiased for its gradient grad at theta given the past, and their
    entries at most R - sqrt(eps/(1 - beta2)) in size. The mean over N steps of E |grad|^2 is at most 2 R gap/(eta N) +
    C (log(1 + R^2/eps)/N - log(beta2)) with C = 4 d R^2/sqrt(1 - beta2) + eta d R L/(1 - beta2). That is the published
    bound, whose v and eps are those of the rule over 1 - beta2; it also holds with 1 in place of the 4. f(t) and
    grad(t) are those at theta(t), and past(X, t) says that the first t gradients determine X.""",
    sources=["defossez2022simple, Theorem 2"],
    variables={
        **{"N": "nat", "d": "nat", "f": "rand(nat)", "grad": "rand(nat, nat)"},
        **{name: "real" for name in ("L", "R", "gap")},
    },
    definitions=[ADAM],
    hypotheses={
        "no_momentum": "beta1 = 0",
        "L_nonnegative": "L >= 0",
        "eps_positive": "eps > 0",
        "room": f"R > sqrt(eps/{REST})",
        "beta2_positive": "beta2 > 0",
        "beta2_small": "beta2 < 1",
        "eta_positive": "eta > 0",
        "steps_some": "N > 0",
        "bounded": f"forall t nat, i nat: g(t + 1, i)^2 <= {MOST}^2",
        "grad_past": "forall t nat, i nat: past(grad(t, i), t)",
        "v_past": "forall t nat, i nat: past(v(t, i), t)",
        "unbiased": "forall X rand, t nat, i nat: past(X, t) => E(X*g(t + 1, i)) = E(X*grad(t, i))",
        "smooth": f"forall t nat: f(t + 1) <= f(t) + sum(i < d, grad(t, i)*{MOVE}) + L/2*sum(i < d, {MOVE}^2)",
        "below": "E(f(0)) - E(f(N)) <= gap",
    },
    claims={"sharper": SHARP, "bound": PRINTED},
    lemmas=["powers_of_a_fraction", published.THEOREM.theorem],
    model={
        **{"N": "2", "d": "1", "L": "1", "R": "2", "gap": "1", "eps": "1/2", "beta1": "0", "beta2": "1/2", "eta": "1"},
        **{"beta2_power": ["i", HALVES], "f": ["t", "3"], "theta": ["t", "i", "i"]},
        **{name: ["t", "i", "0"] for name in ("grad", "g", "m", "v")},
    },
    shown=shown,
    script=script,
    instances=[
        linear_loss(
            RULE,
            "Adam without momentum, eps inside the root",
            {"eta": "eta", "beta1": "beta1", "beta2": "beta2", "eps": "eps"},
            {
                **{"N": "3", "L": "0", "R": "9/2", "gap": "60"},
                **{"eta": "1/4", "beta1": "0", "beta2": "3/4", "eps": "1/16"},
                "beta2_power": Recursion(("t",), "1", "beta2*beta2_power(t)"),
            },
            why="torch adds eps outside the root",
            wrong=("adam@correction=second", "adam@eps=inside_hat,correction=none"),
            reads={"theta": Read("theta"), "m": Read("m"), "v": Read("v")},
        )
    ],
)
