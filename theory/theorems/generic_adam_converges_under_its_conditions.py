"""The main theorem of generic Adam under its sufficient condition, with constants (Chen et al. 2022).

Over 400 lines: one proof, whose steps share their names.
"""

from ..kernel.formulas import formula
from ..kernel.terms import term
from ..proving.linear_losses import linear_loss
from ..proving.positive import reciprocal
from ..proving.script import Proof, square
from ..proving.theorem import Theorem
from . import adam_descends_up_to_the_growth_of_its_scale as core
from . import adam_scale_along_a_run as run
from . import adam_squared_steps_along_a_run as squares
from . import generic_adam_conditions_give_weights as weights
from . import growth_of_adams_scale_adds_up as growth
from . import hoelder_for_the_power_four_thirds as hoelder
from .adam_squared_steps_along_a_run import GROWN, family
from .generic_adam_conditions_give_weights import C3
from .logs_lie_below_their_tangents import CLAIMS as LOGS
from .logs_of_roots_and_quotients import THEOREM as REAL_LOGS
from .orders_on_every_outcome import CLAIMS as ORDERS

INNER = "beta2(t + 1)*v(t, i) + (1 - beta2(t + 1))*delta(t + 1, i)^2"
ST = f"sqrt({INNER})"
SHARES = f"E(sum(i < d, grad(t + 1, i)^2/{ST}))"
B, START = "sqrt(G^2/d + eps)", "sqrt(eps)"
LOG = "log(1 + G^2/(eps*d))"
SPENT = "sum(t < T, alpha(t + 1)*sqrt(1 - beta2(t + 1)))"
CHI = "alpha(1)/sqrt(1 - beta2(1))"
PAID = f"(E(f(1)) - fstar + C3*d*{CHI}*{LOG} + C3*d/beta2(1)*{SPENT})"
RIGHT = f"2*C0*{PAID}/(1 - beta)/alpha(T)"
CLAIM = f"(sum(t < T, E(y(t + 1)))/T)^3 <= ({RIGHT}/T)^2*(G^2 + eps*d)"
LEAD = f"C0/sqrt(C1)/(1 - {weights.RATIO})"
C3_PLAIN = C3.replace("sqrt(C1)^2", "C1")
VALUES: dict[str, str | list[str]] = {
    **{"inside": ["t", "0"], "outside": ["t", "0"], "P": ["t", weights.P], "Q": ["t", weights.Q]},
    **{"H": ["t", weights.H], "A": ["t", weights.A]},
}


def put(said: str) -> str:
    """A claim about a run, with the explicit weights and no damping."""
    return str(formula(said).substituted({n: (tuple(v[:-1]), term(v[-1])) for n, v in VALUES.items()}))


def same(proof: Proof, name: str, claim: str, theorem: Theorem, renamed: dict[str, str]) -> None:
    """A claim of another theorem, at the same letters but for the weights and the damping."""
    values = {n: VALUES.get(n, family(n, s)) for n, s in theorem.variables.items()}
    proof.lemma(name, claim, theorem.theorem, [renamed.get(n, n) for n in theorem.hypotheses], values)


def _weights(proof: Proof) -> None:
    """The weights that the condition gives, as the proof along a run needs them."""
    lemma = weights.THEOREM
    for name, claim in lemma.claims.items():
        given = {n: family(n, s) for n, s in lemma.variables.items()}
        proof.lemma(f"given_{name}", claim, lemma.theorem, list(lemma.hypotheses), given)
    for name, claim, source in (
        ("beta2_positive", "beta2(t + 1) > 0", "given_beta2_positive"),
        ("beta2_small", "beta2(t + 1) < 1", "beta2_below"),
        ("Q_sign", f"{weights.later(weights.Q)} >= 0", "given_Q_sign"),
    ):
        with proof.fixing(name, f"forall t nat: {claim}") as fixed:
            fixed.use("here", source, t="t + 1")
    with proof.fixing("H_sign", f"forall t nat: {weights.later(weights.H)} >= 0") as fixed:
        fixed.use("Q", "given_Q_sign", t="t + 1")
        fixed.have("here", f"{weights.later(weights.H)} >= 0", ["Q*given_J_sign"])
    proof.use("P_first", "given_P_sign", t="0")
    proof.use("A_first", "given_A_sign", t="0")
    with proof.fixing("beta1_most", "forall t nat: beta1(t + 1) <= 1") as fixed:
        fixed.use("below", "beta1_below", t="t")
        fixed.have("here", "beta1(t + 1) <= 1", ["below", "beta_small"])
    with proof.fixing("P_next", put(squares.WEIGHTS["P_next"])) as fixed:
        fixed.use("given", "given_P_next", t="t")
        fixed.use("is", "rho_is", t="t")
        claim = put(squares.WEIGHTS["P_next"]).removeprefix("forall t nat: ")
        fixed.have("here", claim, ["given"], [(weights.P, "is")])
    for name, said in (("Q_back", core.BOUNDS["Q_back"]), ("H_back", squares.WEIGHTS["H_back"])):
        with proof.fixing(name, put(said), "within") as fixed:
            fixed.use("given", "given_Q_back", t="t + 1")
            fixed.use("product", "given_product", t="t")
            fixed.use("is", "rho_is", t="t + 1")
            later = weights.later(weights.later(weights.Q))
            claim = put(said).partition(" => ")[2]
            if name == "Q_back":
                fixed.have("here", claim, ["given"], [(later, "is")])
            else:
                fixed.have("here", claim, ["given*given_J_sign"], [(f"{weights.J}*({later})", "is"), ("1", "product")])


def _damping(proof: Proof) -> None:
    """No damping, and a first second moment of eps."""
    proof.have("zero", "0 >= 0")
    for name, said in (("inside_keeps", "0 >= beta2(t + 1)*0"), ("outside_keeps", "0 >= sqrt(beta2(t + 1))*0")):
        with proof.fixing(name, f"forall t nat: {said}") as fixed:
            fixed.have("here", said)
    with proof.fixing("v_first", "forall i nat: v(0, i) >= 0") as fixed:
        fixed.use("is", "v_start", i="i")
        fixed.have("here", "v(0, i) >= 0", ["eps_positive"], ["is"])
    with proof.fixing("scale_first", "forall i nat: s(0, i) > 0") as fixed:
        fixed.use("is", "v_start", i="i")
        fixed.use("scale_here", "scale", t="0", i="i")
        fixed.have("positive", "v(0, i) > 0", ["eps_positive"], ["is"])
        fixed.use("root", "root_positive", "positive", x="v(0, i)")
        fixed.have("here", "s(0, i) > 0", ["root"], ["scale_here"])


FACTS = {
    "inside_first": "zero",
    "outside_first": "zero",
    "A_next": "given_A_next",
    "alpha_positive": "given_alpha_positive",
}


def script(proof: Proof) -> None:
    """The energy along the run, with the weights that the condition gives; then Hoelder's inequality."""
    proof.lemma("of_roots", ORDERS["of_roots"], "orders_on_every_outcome", [], {})
    _weights(proof)
    _damping(proof)
    same(proof, "energy", put(core.CLAIM), core.THEOREM, FACTS)
    along = run.THEOREM
    for name in ("positive", "always_growth", "second_moment"):
        same(proof, name, put(along.claims[name]), along, FACTS)
    _numbers(proof)
    _prices(proof)
    _sizes(proof)
    _growth(proof)
    _shares(proof)
    values: dict[str, str | list[str]] = {
        **{"T": "T", "d": "d", "p": ["t", "1"], "y": ["t", "y(t + 1)"], "grad": ["t", "i", "grad(t + 1, i)"]},
        **{"scale": ["t", "i", ST], "R": RIGHT, "W0": "G^2 + eps*d"},
    }
    lemma = hoelder.THEOREM
    ones = "sum(t < T, 1)"
    bound = f"(sum(t < T, 1*E(y(t + 1)))/{ones})^3 <= ({RIGHT}/{ones})^2*(G^2 + eps*d)"
    facts = {"p_some": "moving", "scale_positive": "st_positive", "size": "st_size"}
    proof.lemma("hoelder", bound, lemma.theorem, [facts.get(n, n) for n in lemma.hypotheses], values)
    proof.congruent("left", "ones", "(sum(t < T, E(y(t + 1)))/hole)^3")
    proof.congruent("right", "ones", f"({RIGHT}/hole)^2*(G^2 + eps*d)")
    proof.have("bound", CLAIM, ["hoelder"], [("1", "left"), ("1", "right")])


def _numbers(proof: Proof) -> None:
    """C_3 and the logarithm."""
    proof.have("C1_sign", "C1 >= 0", ["C1_positive"])
    proof.use("R_root", "root_squared", "C1_sign", x="C1")
    proof.use("R_positive", "root_positive", "C1_positive", x="C1")
    reciprocal(proof, "R", "R_positive", "sqrt(C1)", over="inverse")
    reciprocal(proof, "C1", "C1_positive", "C1", over="inverse")
    parts = [("1/sqrt(C1)^2", "C1_unit"), ("1/C1*(sqrt(C1)/sqrt(C1) + 1)", "R_unit"), ("1/C1/sqrt(C1)^2", "R_root")]
    proof.have("inverse_square", "1/sqrt(C1)^2 = 1/C1", (), parts)
    smooth = f"{LEAD}*C0^2*({CHI})*L/(1 - {weights.RATIO})/(1 - {weights.RATIO})"
    proof.have("C3_same", f"C3 = {C3}", (), [("1", "C3_is"), (smooth, "inverse_square")])
    proof.have("C3_positive", "C3 >= 0", ["given_C3_sign"], [("1", "C3_same")])
    proof.have("d_positive", "d > 0", ["some_coordinate"])
    reciprocal(proof, "d", "d_positive", "d", over="inverse")
    reciprocal(proof, "eps", "eps_positive", "eps", over="inverse")
    proof.have("inner", "G^2/d + eps > 0", [square("G") * "d_inverse", "eps_positive"])
    proof.have("inner_sign", "G^2/d + eps >= 0", ["inner"])
    proof.use("B_root", "root_squared", "inner_sign", x="G^2/d + eps")
    proof.use("B_positive", "root_positive", "inner", x="G^2/d + eps")
    proof.use("s0_positive", "root_positive", "eps_positive", x="eps")
    real = REAL_LOGS
    for name, claim, a, b, positive in (
        ("log_of_start", "2*log(sqrt(eps)) = log(eps)", "1", "eps", ["one", "eps_positive"]),
        ("log_of_B", f"2*log({B}) = log(G^2/d + eps)", "1", "G^2/d + eps", ["one", "inner"]),
        ("log_of_ratio", f"log({B}/{START}) = log({B}) - log({START})", B, START, ["B_positive", "s0_positive"]),
        (
            "log_of_squares",
            "log((G^2/d + eps)/eps) = log(G^2/d + eps) - log(eps)",
            "G^2/d + eps",
            "eps",
            ["inner", "eps_positive"],
        ),
        ("log_of_one", "log(1) = 0", "1", "eps", ["one", "eps_positive"]),
    ):
        if name == "log_of_start":
            proof.have("one", "1 > 0")
        proof.lemma(name, claim, real.theorem, positive, {"a": a, "b": b})
    proof.have("argument", "(G^2/d + eps)/eps = 1 + G^2/(eps*d)", (), ["eps_unit"])
    proof.congruent("log_argument", "argument", "log(hole)")
    equations = [
        (c, n)
        for c, n in (
            ("2", "log_of_ratio"),
            ("1", "log_of_start"),
            ("1", "log_of_B"),
            ("1", "log_of_squares"),
            ("1", "log_argument"),
        )
    ]
    proof.have("logs", f"2*log({B}/{START}) = {LOG}", (), equations)
    proof.lemma("tangent", LOGS["tangent"], "logs_lie_below_their_tangents", [], {})
    proof.have("large", "1 + G^2/(eps*d) > 0", [square("G") * "eps_inverse*d_inverse"])
    proof.use("log_sign_of", "tangent", "one", "large", Y="1", Z="1 + G^2/(eps*d)")
    reciprocal(proof, "large", "large", "1 + G^2/(eps*d)", over="inverse")
    proof.have(
        "log_sign",
        f"{LOG} >= 0",
        ["log_sign_of", square("G") * "eps_inverse*d_inverse*large_inverse"],
        ["log_of_one", "large_unit"],
    )


def _prices(proof: Proof) -> None:
    """Every weight is at most C_3 a."""
    price = "(" + put(f"{core.W} = 0").removesuffix(" = 0") + ")"
    claim = f"{price}*{GROWN} <= C3*a(t + 1)*{GROWN}"
    with proof.fixing("prices", f"forall t nat: {claim}") as fixed:
        fixed.use("given", "given_weight", t="t")
        fixed.use("small", "beta2_small", t="t")
        x, q = "1 - beta2(t + 1)", "sqrt(1 - beta2(t + 1))"
        fixed.have("x_positive", f"{x} > 0", ["small"])
        fixed.have("x_sign", f"{x} >= 0", ["small"])
        fixed.use("q_root", "root_squared", "x_sign", x=x)
        fixed.use("q_positive", "root_positive", "x_positive", x=x)
        reciprocal(fixed, "x", "x_positive", x, over="inverse")
        reciprocal(fixed, "q", "q_positive", q, over="inverse")
        parts = [(f"1/{q}^2", "x_unit"), (f"1/({x})*({q}/{q} + 1)", "q_unit"), (f"1/({x})/{q}^2", "q_root")]
        fixed.have("square", f"1/{q}^2 = 1/({x})", (), parts)
        moved = f"L*({weights.later(weights.H)})*(alpha(t + 1)*(1 - beta1(t + 1)))^2"
        fixed.have("weight", f"{price} <= C3*a(t + 1)", ["given"], [(moved, "square"), ("a(t + 1)", "C3_same")])
        squares.grown(fixed, "t")
        fixed.have("here", claim, ["weight*mean_grown"])
    proof.add("all_prices", f"sum(t < T, {price}*{GROWN}) <= sum(t < T, C3*a(t + 1)*{GROWN})", "prices", "T")


def _sizes(proof: Proof) -> None:
    """E sum v and E sum s^2 and E sum st^2 are at most G^2 + eps d."""
    total = "E(sum(i < d, v(t, i)))"
    with proof.fixing("noise_sum", "forall t nat: E(sum(i < d, g(t + 1, i)^2)) <= G^2") as fixed:
        fixed.have("sign", "1 >= 0")
        fixed.past("known", "past(1, t)")
        with fixed.fixing("each", "forall j nat: E(g(t + 1, j)^2) <= E(delta(t + 1, j)^2)") as inner:
            inner.use("noise_here", "noise", "sign", "known", X="1", t="t", i="j")
            inner.have("here", "E(g(t + 1, j)^2) <= E(delta(t + 1, j)^2)", ["noise_here"])
        fixed.add("summed", "E(sum(i < d, g(t + 1, i)^2)) <= E(sum(i < d, delta(t + 1, i)^2))", "each", "d")
        fixed.use("total", "delta_total", t="t")
        fixed.mean("mean", "E(sum(i < d, delta(t + 1, i)^2)) <= G^2", "total")
        fixed.have("here", "E(sum(i < d, g(t + 1, i)^2)) <= G^2", ["summed", "mean"])
    with proof.induction("v_total", f"forall t nat: {total} <= G^2 + eps*d") as (zero, following):
        zero.add("start", "sum(i < d, v(0, i)) = eps*d", "v_start", "d")
        zero.mean("mean", "E(sum(i < d, v(0, i))) = eps*d", "start")
        zero.have("here", "E(sum(i < d, v(0, i))) <= G^2 + eps*d", [square("G")], ["mean"])
        following.use("b", "beta2_positive", t="t")
        following.use("small", "beta2_small", t="t")
        following.have("spare", "1 - beta2(t + 1) > 0", ["small"])
        update = "v(t + 1, i) = beta2(t + 1)*v(t, i) + (1 - beta2(t + 1))*g(t + 1, i)^2".replace(", i)", ", j)")
        with following.fixing("each", f"forall j nat: {update}") as inner:
            inner.use("here", "v_next", t="t", i="j")
        sums = "beta2(t + 1)*sum(i < d, v(t, i)) + (1 - beta2(t + 1))*sum(i < d, g(t + 1, i)^2)"
        following.add("summed", f"sum(i < d, v(t + 1, i)) = {sums}", "each", "d")
        means = f"beta2(t + 1)*{total} + (1 - beta2(t + 1))*E(sum(i < d, g(t + 1, i)^2))"
        following.mean("mean", f"E(sum(i < d, v(t + 1, i))) = {means}", "summed")
        following.use("noise_here", "noise_sum", t="t")
        claim = "E(sum(i < d, v(t + 1, i))) <= G^2 + eps*d"
        following.have("here", claim, ["b*before", "spare*noise_here", "spare*eps_positive*d_positive"], ["mean"])
    with proof.fixing("scale_square", f"forall t nat: E(sum(i < d, s(t, i)^2)) <= d*{B}^2") as fixed:
        with fixed.fixing("each", "forall j nat: s(t, j)^2 = v(t, j)") as inner:
            inner.use("is", "scale", t="t", i="j")
            inner.use("sign", "second_moment", t="t", i="j")
            inner.use("root", "root_squared", "sign", x="v(t, j)")
            inner.have("here", "s(t, j)^2 = v(t, j)", (), ["is", "root"])
        fixed.add("summed", "sum(i < d, s(t, i)^2) = sum(i < d, v(t, i))", "each", "d")
        fixed.mean("mean", f"E(sum(i < d, s(t, i)^2)) = {total}", "summed")
        fixed.use("total", "v_total", t="t")
        fixed.have("here", f"E(sum(i < d, s(t, i)^2)) <= d*{B}^2", ["total"], ["mean", "B_root", "d_unit"])
    with proof.fixing("st_positive", f"forall t nat, i nat: {ST} > 0") as fixed:
        _mean_scale(fixed, "i")
        fixed.use("root", "root_positive", "inner_positive", x=INNER)
    with proof.fixing("st_size", f"forall t nat: E(sum(i < d, {ST}^2)) <= G^2 + eps*d") as fixed:
        said = f"{ST}^2 = {INNER}".replace(", i)", ", j)")
        with fixed.fixing("each", f"forall j nat: {said}") as inner:
            _mean_scale(inner, "j")
            inner.have("sign", f"{INNER.replace(', i)', ', j)')} >= 0", ["inner_positive"])
            inner.use("root", "root_squared", "sign", x=INNER.replace(", i)", ", j)"))
        sums = "beta2(t + 1)*sum(i < d, v(t, i)) + (1 - beta2(t + 1))*sum(i < d, delta(t + 1, i)^2)"
        fixed.add("summed", f"sum(i < d, {ST}^2) = {sums}", "each", "d")
        deltas = "E(sum(i < d, delta(t + 1, i)^2))"
        fixed.mean("mean", f"E(sum(i < d, {ST}^2)) = beta2(t + 1)*{total} + (1 - beta2(t + 1))*{deltas}", "summed")
        fixed.use("total", "v_total", t="t")
        fixed.use("delta_here", "delta_total", t="t")
        fixed.mean("delta_mean", f"{deltas} <= G^2", "delta_here")
        fixed.use("b", "beta2_positive", t="t")
        fixed.use("small", "beta2_small", t="t")
        fixed.have("spare", "1 - beta2(t + 1) > 0", ["small"])
        products = ["b*total", "spare*delta_mean", "spare*eps_positive*d_positive"]
        fixed.have("here", f"E(sum(i < d, {ST}^2)) <= G^2 + eps*d", products, ["mean"])


def _mean_scale(proof: Proof, i: str) -> None:
    proof.use("b_here", "beta2_positive", t="t")
    proof.use("small_here", "beta2_small", t="t")
    proof.have("spare_here", "1 - beta2(t + 1) > 0", ["small_here"])
    proof.use("old", "second_moment", t="t", i=i)
    proof.use("delta_here", "delta_positive", t="t", i=i)
    products = ["b_here*old", "spare_here*delta_here*delta_here"]
    proof.have("inner_positive", f"{INNER.replace(', i)', f', {i})')} > 0", products)


def _growth(proof: Proof) -> None:
    """The growth adds up to C_3 d (chi_1 log(..) + the steps spent over beta2_1)."""
    with proof.fixing("falling", "forall t nat: t + 1 <= T => C3*a(t + 2) <= C3*a(t + 1)", "within") as fixed:
        fixed.use("falls", "a_falls", t="t + 1")
        fixed.have("here", "C3*a(t + 2) <= C3*a(t + 1)", ["falls*C3_positive"])
    with proof.fixing("w_sign", "forall t nat: C3*a(t + 1) >= 0") as fixed:
        fixed.use("a_here", "a_positive", t="t + 1")
        fixed.have("here", "C3*a(t + 1) >= 0", ["a_here*C3_positive"])
    with proof.fixing("scale_start", f"forall i nat: s(0, i) >= {START}") as fixed:
        fixed.use("is", "v_start", i="i")
        fixed.use("scale_here", "scale", t="0", i="i")
        fixed.have("order", "eps <= v(0, i)", (), ["is"])
        fixed.have("sign", "eps >= 0", ["eps_positive"])
        fixed.use("roots", "of_roots", "sign", "order", Y="eps", Z="v(0, i)")
        fixed.have("here", f"s(0, i) >= {START}", ["roots"], ["scale_here"])
    values: dict[str, str | list[str]] = {n: family(n, s) for n, s in growth.THEOREM.variables.items()}
    values |= {"w": ["t", "C3*a(t)"], "B": B, "s0": START}
    facts = {"scale_positive": "positive", "scale_first": "scale_start"}
    hypotheses = [facts.get(n, n) for n in growth.THEOREM.hypotheses]
    grown = f"sum(t < T, C3*a(t + 1)*{GROWN})"
    forgotten = "sum(t < T, C3*a(t + 1)*log(1/beta2(t + 1)))"
    claim = f"{grown} <= d*(2*(C3*a(1))*log({B}/{START}) + {forgotten})"
    proof.lemma("growth", claim, growth.THEOREM.theorem, hypotheses, values)
    proof.use("first_b", "beta2_positive", t="0")
    reciprocal(proof, "first_b", "first_b", "beta2(1)", over="inverse")
    with proof.induction("from_first", "forall t nat: beta2(t + 1) >= beta2(1)") as (zero, following):
        zero.have("start", "beta2(0 + 1) >= beta2(1)")
        following.use("grows", "beta2_grows", t="t + 1")
        following.have("next", "beta2(t + 2) >= beta2(1)", ["before", "grows"])
    spent = "C3/beta2(1)*(alpha(t + 1)*sqrt(1 - beta2(t + 1)))"
    with proof.fixing("each_spent", f"forall t nat: C3*a(t + 1)*log(1/beta2(t + 1)) <= {spent}") as fixed:
        fixed.use("b", "beta2_positive", t="t")
        reciprocal(fixed, "b", "b", "beta2(t + 1)", over="inverse")
        fixed.use("grows", "from_first", t="t")
        fixed.lemma(
            "quotient",
            "log(1/beta2(t + 1)) = log(1) - log(beta2(t + 1))",
            REAL_LOGS.theorem,
            ["one", "b"],
            {"a": "1", "b": "beta2(t + 1)"},
        )
        fixed.use("below", "tangent", "one", "b", Y="1", Z="beta2(t + 1)")
        _chi(fixed, "t + 1")
        fixed.have(
            "inverses",
            "1/beta2(1) - 1/beta2(t + 1) >= 0",
            ["grows*b_inverse*first_b_inverse"],
            ["b_unit", "first_b_unit"],
        )
        fixed.have(
            "log_most",
            "log(1/beta2(t + 1)) <= (1 - beta2(t + 1))/beta2(1)",
            ["below", "inverses*x_positive"],
            [("1", "quotient"), "b_unit"],
        )
        fixed.have(
            "here",
            f"C3*a(t + 1)*log(1/beta2(t + 1)) <= {spent}",
            ["log_most*C3_positive*a_here", "lower*C3_positive*q_positive*first_b_inverse"],
            ["q_root"],
        )
    proof.add("spent", f"{forgotten} <= C3/beta2(1)*{SPENT}", "each_spent", "T")
    proof.use("first_least", "chi_least", t="1")
    proof.have("d_sign", "d >= 0", ["d_positive"])
    kept = f"C3*d*{CHI}*{LOG} + C3*d/beta2(1)*{SPENT}"
    proof.have(
        "paid",
        f"{grown} <= {kept}",
        ["growth", "spent*d_sign", "first_least*C3_positive*d_sign*log_sign"],
        [("C3*d*a(1)", "logs")],
    )


def _chi(proof: Proof, t: str) -> None:
    """The condition at t without quotients."""
    proof.use("below_one", "beta2_below", t=t)
    x, q = f"1 - beta2({t})", f"sqrt(1 - beta2({t}))"
    proof.have("x_positive", f"{x} > 0", ["below_one"])
    proof.have("x_sign", f"{x} >= 0", ["x_positive"])
    proof.use("q_root", "root_squared", "x_sign", x=x)
    proof.use("q_positive", "root_positive", "x_positive", x=x)
    reciprocal(proof, "q", "q_positive", q, over="inverse")
    proof.use("a_here", "a_positive", t=t)
    proof.use("least", "chi_least", t=t)
    proof.use("most", "chi_most", t=t)
    proof.have("lower", f"alpha({t}) >= a({t})*{q}", ["least*q_positive"], ["q_unit"])
    proof.have("upper", f"alpha({t}) <= C0*a({t})*{q}", ["most*q_positive"], ["q_unit"])


def _shares(proof: Proof) -> None:
    """The weights alpha_t are at least alpha_T/C0, so that the plain sum of the shares is bounded."""
    with proof.fixing("share_sign", f"forall t nat: {SHARES} >= 0") as fixed:
        ratio = f"grad(t + 1, i)^2/{ST}"
        with fixed.fixing("each", f"forall j nat: {ratio.replace(', i)', ', j)')} >= 0") as inner:
            inner.use("positive_here", "st_positive", t="t", i="j")
            scale = ST.replace(", i)", ", j)")
            inner.use("inverse", "reciprocal_positive", "positive_here", x=scale)
            inner.have("here", f"{ratio.replace(', i)', ', j)')} >= 0", [square("grad(t + 1, j)") * "inverse"])
        fixed.add("summed", f"sum(i < d, {ratio}) >= 0", "each", "d")
        fixed.mean("mean", f"{SHARES} >= 0", "summed")
    weighted, plain = f"sum(t < n, alpha(t + 1)*{SHARES})", f"sum(t < n, {SHARES})"
    claim = f"{weighted} >= a(n)*sqrt(1 - beta2(n))*{plain}"
    with proof.induction("later", f"forall n nat: {claim}") as (zero, following):
        none = [said.replace("t < n", "t < 0") for said in (weighted, plain)]
        zero.linear("no_weighted", f"{none[0]} = 0")
        zero.linear("no_plain", f"{none[1]} = 0")
        zero.have("start", f"{none[0]} >= a(0)*sqrt(1 - beta2(0))*{none[1]}", (), ["no_weighted", "no_plain"])
        more = [said.replace("t < n", "t < n + 1") for said in (weighted, plain)]
        here = SHARES.replace("(t", "(n")
        following.linear("more_weighted", f"{more[0]} = {weighted} + alpha(n + 1)*{here}")
        following.linear("more_plain", f"{more[1]} = {plain} + {here}")
        _chi(following, "n + 1")
        following.use("grows", "beta2_grows", t="n")
        following.have("order", "1 - beta2(n + 1) <= 1 - beta2(n)", ["grows"])
        following.use("roots", "of_roots", "x_sign", "order", Y="1 - beta2(n + 1)", Z="1 - beta2(n)")
        following.use("falls", "a_falls", t="n")
        following.use("share_here", "share_sign", t="n")
        following.add("sum_sign", f"{plain} >= 0", "share_sign", "n")
        old, new = "a(n)*sqrt(1 - beta2(n))", "a(n + 1)*sqrt(1 - beta2(n + 1))"
        products = ["roots*falls", "roots*a_here", "falls*q_positive"]
        following.have("smaller", f"{new} <= {old}", products)
        products = ["before", "smaller*sum_sign", "lower*share_here"]
        following.have("next", f"{more[0]} >= {new}*{more[1]}", products, ["more_weighted", "more_plain"])
    weighted, plain = (said.replace("t < n", "t < T") for said in (weighted, plain))
    proof.use("at_the_end", "later", n="T")
    _chi(proof, "T")
    proof.add("plain_sign", f"{plain} >= 0", "share_sign", "T")
    products = ["upper*plain_sign", "at_the_end*given_C0_positive"]
    proof.have("last", f"alpha(T)*{plain} <= C0*{weighted}", products)
    own = put(f"{core.OWN} = 0").removesuffix(" = 0")
    with proof.fixing("owns", f"forall t nat: {own} >= (1 - beta)/2*(alpha(t + 1)*{SHARES})") as fixed:
        fixed.use("below", "beta1_below", t="t")
        fixed.use("share_here", "share_sign", t="t")
        fixed.use("alpha_here", "given_alpha_positive", t="t + 1")
        products = ["below*share_here*alpha_here"]
        fixed.have("here", f"{own} >= (1 - beta)/2*(alpha(t + 1)*{SHARES})", products)
    proof.add("all_owns", f"sum(t < T, {own}) >= (1 - beta)/2*{weighted}", "owns", "T")
    proof.have("spare_positive", "1 - beta > 0", ["beta_small"])
    reciprocal(proof, "spare", "spare_positive", "1 - beta", over="inverse")
    proof.use("alpha_T", "given_alpha_positive", t="T")
    reciprocal(proof, "alpha_T", "alpha_T", "alpha(T)", over="inverse")
    products = ["all_owns", "energy", "all_prices", "paid"]
    proof.have("measured", f"(1 - beta)*{weighted} <= 2*{PAID}", products)
    products = ["last*alpha_T_inverse", "measured*given_C0_positive*spare_inverse*alpha_T_inverse"]
    proof.have("bounded_shares", f"{plain} <= {RIGHT}", products, ["alpha_T_unit", "spare_unit"])
    proof.linear("written", f"sum(t < T, 1*{SHARES}) = {plain}")
    proof.have("shares", f"sum(t < T, 1*{SHARES}) <= {RIGHT}", ["bounded_shares"], ["written"])
    proof.linear("ones", "sum(t < T, 1) = T")
    proof.have("moving", "sum(t < T, 1) > 0", ["some_step"], ["ones"])
    with proof.fixing("p_sign", "forall t nat: 1 >= 0") as fixed:
        fixed.have("here", "1 >= 0")


MODEL: dict[str, str | list[str]] = {
    **{name: value if isinstance(value, str) else [*value] for name, value in weights.THEOREM.model.items()},
    **{name: ["t", "i", "0"] for name in ("g", "grad", "m")},
    **{
        "delta": ["t", "i", "1"],
        "theta": ["t", "i", "i"],
        "f": ["t", "3"],
        "y": ["t", "0"],
        "rho": ["t", "1/4/sqrt(3/4)"],
    },
    **{"v": ["t", "i", "exp(t*log(3/4))"], "s": ["t", "i", "sqrt(exp(t*log(3/4)))"]},
    **{"G": "2", "eps": "1", "fstar": "2", "T": "5", "d": "2"},
}
MODEL["C3"] = str(
    formula(f"{C3_PLAIN} = 0").substituted(
        {n: (tuple(v[:-1]), term(v[-1])) if isinstance(v, list) else ((), term(v)) for n, v in MODEL.items()}
    )
).removesuffix(" = 0")


def shown(proof: Proof) -> None:
    """The second moments of the model are (3/4)^t."""
    weights.shown(proof)
    proof.have("kept_share", "3/4 > 0")
    proof.use("of_log", "exp_of_log", "kept_share", x="3/4")
    proof.use("first", "exp_of_zero")
    with proof.fixing("v_start", "forall i nat: exp(0*log(3/4)) = 1") as fixed:
        fixed.have("here", "exp(0*log(3/4)) = 1", (), ["first"])
    update = "exp((t + 1)*log(3/4)) = 3/4*exp(t*log(3/4)) + (1 - 3/4)*0^2"
    with proof.fixing("v_next", f"forall t nat, i nat: {update}") as fixed:
        fixed.use("power", "exp_of_sum", x="t*log(3/4)", y="log(3/4)")
        fixed.have("here", update, (), ["power", "of_log"])
    noise = "E(X*0^2) <= E(X*1^2)"
    claim = f"forall X rand, t nat, i nat: X >= 0, past(X, t) => {noise}"
    with proof.fixing("noise", claim, "sign", "known") as fixed:
        fixed.mean("mean", "E(X) >= 0", "sign")
        fixed.linear("none", "E(X*0^2) = 0")
        fixed.linear("same", "E(X*1^2) = E(X)")
        fixed.have("here", noise, ["mean"], ["none", "same"])


THEOREM = Theorem(
    theorem="generic_adam_converges_under_its_conditions",
    title="Generic Adam converges under its sufficient condition",
    says="""Assume SC1, SC2 and SC3: 0 <= beta1_t <= beta < 1, beta2 in (0, 1) does not decrease, a_t > 0 does not
    increase and a_t <= alpha_t/sqrt(1 - beta2_t) <= C0 a_t; beta^2 < thr, and C1 > 0 is at most all products of min(1,
    beta2_j/thr). Let f be L-smooth between neighbouring iterates and at least f*, with unbiased gradients, E_t g_i^2
    <= delta_i^2, the delta_i > 0 known from the past, and sum_i delta_i^2 <= G^2; v_0 = eps, m_0 = 0. For tau uniform
    on 1 .. T, (E |grad f(theta_tau)|^(4/3))^(3/2) is at most (C + C' sum_t alpha_t sqrt(1 - beta2_t))/(T alpha_T) with
    C = 2 C0 sqrt(G^2 + eps d)/(1 - beta) [E f(theta_1) - f* + C3 d chi_1 log(1 + G^2/(eps d))] and C' = 2 C0 C3 d
    sqrt(G^2 + eps d)/((1 - beta) beta2_1), chi = alpha/sqrt(1 - beta2), gamma = beta^2/thr and C3 = C0/(sqrt(C1) (1 -
    sqrt(gamma))) [C0^2 chi_1 L/(C1 (1 - sqrt(gamma))^2) + 2 (beta/(1 - beta)/sqrt(C1 (1 - gamma) beta2_1) + 1)^2 G].
    Both sides are squared, y is |grad f|^(4/3). C and C' are smaller by a factor C0 at C3 than in the paper. Sequences
    at 0, where theta_0 = theta_1, may be those at 1.""",
    sources=["chen2022towards, the main theorem under the sufficient condition"],
    variables={
        **weights.THEOREM.variables,
        **{n: s for n, s in core.THEOREM.variables.items() if n not in VALUES},
        **{"y": "rand(nat)", "eps": "real", "C3": "real"},
    },
    hypotheses={
        **weights.CONDITIONS,
        **{n: s for n, s in run.RUN.items() if n in ("v_next",)},
        "C3_is": f"C3 = {C3_PLAIN}",
        "v_start": "forall i nat: v(0, i) = eps",
        "eps_positive": "eps > 0",
        "scale": "forall t nat, i nat: s(t, i) = sqrt(v(t, i))",
        **{n: s for n, s in squares.STEPS.items() if n in ("m_first", "m_next", "rho_is")},
        **{n: s for n, s in core.PROBLEM.items() if n not in ("L_sign", "G_positive")},
        "delta_total": "forall t nat: sum(i < d, delta(t + 1, i)^2) <= G^2",
        "some_step": "T >= 1",
        "some_coordinate": "d >= 1",
        "y_power": "forall t nat: y(t + 1)^3 = sum(i < d, grad(t + 1, i)^2)^2",
    },
    claims={"bound": CLAIM},
    lemmas=[
        "orders_on_every_outcome",
        "logs_lie_below_their_tangents",
        REAL_LOGS.theorem,
        *(used.THEOREM.theorem for used in (core, run, weights, growth, hoelder)),
    ],
    model=MODEL,
    script=script,
    shown=shown,
    instances=[
        linear_loss(
            "generic_adam",
            "Generic Adam with schedules, v from 1e-8",
            {"eta": "alpha(t + 1)", "beta1": "beta1(t + 1)", "beta2": "beta2(t + 1)"},
            {
                "eps": "1/100000000",
                "s": ["t", "i", "sqrt(v(t, i))"],
                "beta": "1/2",
                "thr": "1/2",
                "a": ["t", "1/(t + 4)"],
                "alpha": ["t", "a(t)*sqrt(1 - beta2(t))"],
                "kept": ["t", "1"],
                "C0": "1",
                "C1": "1",
                "C3": C3_PLAIN,
                "delta": ["t", "i", "3"],
                "G": "5",
            },
            why="torch starts v at 0",
            wrong=("adam@correction=none",),
        )
    ],
)
