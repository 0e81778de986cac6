"""Adam without momentum on mini-batches: its bound falls like 1/sqrt(b T) (Chen et al. 2022, distributed Adam)."""

from ..kernel.formulas import formula
from ..kernel.terms import term
from ..proving.define import Definitions
from ..proving.instance import Read
from ..proving.linear_losses import LAGGED, linear_loss
from ..proving.positive import inverse
from ..proving.script import Proof, square
from ..proving.theorem import Theorem
from . import adam_gradients_are_bounded_at_every_horizon as certificate
from . import losses_stay_smooth_along_delayed_steps as delayed
from .powers_of_a_fraction import HALVES, known_powers

STEP = Definitions("generic_adam_step", "generic_adam", after=0, names={"eta": "rate"})
ORDERS = "orders_on_every_outcome"
FROM_SQUARES = "forall Y rand, Z rand: Z >= 0, Y^2 <= Z^2 => Y <= Z"
OF_ROOTS = "forall Y rand, Z rand: Y >= 0, Y <= Z => sqrt(Y) <= sqrt(Z)"
SIZE = "sqrt(2*sigma^2/b)"
ALPHA, BETA = "eta/sqrt(T)", "1 - h/T"
W = "(L*eta^2/h + 2*sqrt(2*sigma^2)*eta/sqrt(h))"
B, S0 = f"sqrt({SIZE}^2 + e/b + 0)", "sqrt(e/b)"
BRACKET = f"(gap + d*{W}*(2*sigma^2/e + 2*h))"
CONSTANT = f"4*d*(2*sigma^2 + e)*{BRACKET}^2/eta^2"
PATH = ["t", "i", f"theta(0, i) - sum(j < t, {ALPHA}*m(j, i)/sqrt(v(j, i)))"]
VALUES: dict[str, str | list[str]] = {
    **{"alpha": ["t", ALPHA], "beta2": ["t", BETA], "A": ["t", "T/h"], "w": ["t", W]},
    **{name: ["t", "0"] for name in ("inside", "outside", "beta1", "rho")},
    **{name: ["t", "1"] for name in ("P", "Q", "H")},
    **{"G": SIZE, "v0": "e/b", "inside_top": "0", "outside_top": "0", "B": B, "s0": S0},
    **{name: name for name in ("T", "d", "L", "fstar")},
    **{name: ["t", f"{name}(t)"] for name in ("f", "y")},
    **{name: ["t", "i", f"{name}(t, i)"] for name in ("g", "v", "m", "grad")},
    **{"s": ["t", "i", "sqrt(v(t, i))"], "theta": PATH},
}


def rooted(proof: Proof, name: str, value: str, positive: str) -> None:
    """The root of a positive number: positive, its square, its reciprocal."""
    proof.use(f"{name}_root", "root_positive", positive, x=value)
    proof.have(f"{name}_weak", f"{value} >= 0", [positive])
    proof.use(f"{name}_squared", "root_squared", f"{name}_weak", x=value)
    inverse(proof, name, f"sqrt({value})", f"{name}_root")


def constants(proof: Proof) -> None:
    """Signs, and the four roots: of T, h, h/T and 2 sigma^2/b."""
    proof.have("b_positive", "b > 0", ["batch"])
    proof.have("T_positive", "T > 0", ["long", "h_positive"])
    for name, fact in (("b", "b_positive"), ("T", "T_positive"), ("h", "h_positive"), ("e", "e_positive")):
        inverse(proof, f"{name}_whole", name, fact)
    inverse(proof, "eta", "eta", "eta_positive")
    rooted(proof, "T", "T", "T_positive")
    rooted(proof, "h", "h", "h_positive")
    proof.have("share", "h/T > 0", ["h_positive*T_whole_inverse"])
    rooted(proof, "share", "h/T", "share")
    proof.have("noise_positive", "2*sigma^2/b > 0", ["sigma_positive*sigma_positive*b_whole_inverse"])
    rooted(proof, "noise", "2*sigma^2/b", "noise_positive")
    proof.have("start_positive", "e/b > 0", ["e_positive*b_whole_inverse"])
    rooted(proof, "start", "e/b", "start_positive")
    proof.have("both_positive", f"{SIZE}^2 + e/b + 0 > 0", ["start_positive", square(SIZE)])
    rooted(proof, "both", f"{SIZE}^2 + e/b + 0", "both_positive")
    # sqrt(T) sqrt(h/T) = sqrt(h)
    proof.have("sum_positive", "sqrt(T)*sqrt(h/T) + sqrt(h) > 0", ["T_root*share_root", "h_root"])
    inverse(proof, "sum", "sqrt(T)*sqrt(h/T) + sqrt(h)", "sum_positive")
    difference = "(sqrt(T)*sqrt(h/T) - sqrt(h))*(sqrt(T)*sqrt(h/T) + sqrt(h)) = 0"
    proof.have("squares", difference, [], ["T_squared", "share_squared", "h_squared", "T_whole_one"])
    over = "1/(sqrt(T)*sqrt(h/T) + sqrt(h))"
    chain = [(over, "squares"), ("-(sqrt(T)*sqrt(h/T) - sqrt(h))", "sum_one")]
    proof.have("roots", "sqrt(T)*sqrt(h/T) = sqrt(h)", [], chain)


def wanted(name: str) -> str:
    """A hypothesis of the certificate, for these sequences."""
    places = {n: (tuple(v[:-1]), term(v[-1])) if isinstance(v, list) else ((), term(v)) for n, v in VALUES.items()}
    return str(formula(certificate.THEOREM.hypotheses[name]).substituted(places))


def from_rule(proof: Proof) -> None:
    """The steps of the rule as the certificate has them, whose theta is that of the rule one step before."""
    delayed.delay(proof, "sqrt(v(t, i))", PATH, {n: wanted(n) for n in DELAYED}, ALPHA, ["rate_is"])
    for name, letter in (("v_next", "beta2_is"), ("m_next", "no_momentum"), ("scale", "")):
        with proof.fixing(f"c_{name}", wanted(name)) as inner:
            if letter:
                inner.use("rule", name, t="t", i="i")
            inner.have("now", wanted(name).split(": ")[1], [], ["rule", letter] if letter else [])


DELAYED = {
    "theta_next": "path_next",
    "smooth": "path_smooth",
    "smooth_back": "path_smooth_back",
    "bounded": "all_bounded",
}
TRIVIAL = {
    **dict.fromkeys(("inside_first", "outside_first"), "0 >= 0"),
    "inside_keeps": f"forall t nat: 0 >= ({BETA})*0",
    "outside_keeps": f"forall t nat: 0 >= sqrt({BETA})*0",
    "beta1_sign": "forall t nat: 0 >= 0",
    "rho_is": f"forall t nat: 0 = 0*({ALPHA})/(sqrt({BETA})*({ALPHA}))",
    "P_first": "1 >= 0",
    "P_next": "forall t nat: 1 >= 1 + 0*1",
    **dict.fromkeys(("Q_sign", "H_sign"), "forall t nat: 1 >= 0"),
    "beta1_most": "forall t nat: 0 <= 1",
    **dict.fromkeys(("inside_most", "outside_most"), "forall t nat: 0 <= 0"),
    "s0_least": f"{S0} <= sqrt(e/b + 0) + 0",
    "B_most": f"{B} + 0 <= {B}",
    "H_back": "forall t nat: t + 1 <= T => 1 >= 1*1 + 0*1",
    "Q_back": "forall t nat: t + 1 <= T => 1 >= 1 + 0*1",
    "falling": f"forall t nat: t + 1 <= T => {W} <= {W}",
    "beta2_positive": f"forall t nat: {BETA} > 0",
    "beta2_small": f"forall t nat: {BETA} < 1",
    "alpha_positive": f"forall t nat: {ALPHA} > 0",
    "A_first": "T/h >= 0",
    "A_next": f"forall t nat: T/h >= 0^2/({BETA})*(T/h) + (1 - 0)^2/(1 - ({BETA}))",
    "G_positive": f"{SIZE} > 0",
    "v0_sign": "e/b >= 0",
    "s0_positive": f"{S0} > 0",
    "w_sign": f"forall t nat: {W} >= 0",
    "w_most": f"forall t nat: t + 1 <= T => {W} >= (L*1*({ALPHA}*(1 - 0))^2/(1 - ({BETA}))"
    f" + 1*{SIZE}*(2*(1 - 0)*({ALPHA})/sqrt(1 - ({BETA})) + {ALPHA}*0*sqrt(T/h/({BETA}))))",
}
TOTAL = f"sum(t < T, {ALPHA}*(1 - 0))"
LOGS = f"(E(f(1)) - fstar + d*(2*{W}*log({B}/{S0}) + sum(t < T, {W}*log(1/({BETA})))))"


def sequences(proof: Proof) -> None:
    """Constant sequences satisfy what the certificate asks of them."""
    proof.have("old_part", f"{BETA} >= 1/2", ["long*T_whole_inverse"], ["T_whole_one"])
    proof.have("T_back", "1/(1/T) = T", [], [("-1/(1/T)", "T_whole_one"), ("T", "over_T_one")])
    proof.have("sigma_two", "2*sigma^2 > 0", ["sigma_positive*sigma_positive"])
    rooted(proof, "two", "2*sigma^2", "sigma_two")
    proof.have(
        "noise_less",
        "2*sigma^2/b <= 2*sigma^2",
        ["batch*sigma_positive*sigma_positive*b_whole_inverse"],
        ["b_whole_one"],
    )
    proof.use("noise_most", "of_roots", "noise_weak", "noise_less", Y="2*sigma^2/b", Z="2*sigma^2")
    proof.have("over_roots", "1/sqrt(T)*(1/sqrt(h/T)) = 1/sqrt(h)", [], OVER)
    proof.have(
        "rates", f"{W} >= 0", ["L_sign*eta_positive*eta_positive*h_whole_inverse", "two_root*eta_positive*h_inverse"]
    )
    proof.have("T_square", "(1/sqrt(T))^2*T = 1", [], ["T_one", "T_squared@T"])
    products: dict[str, list[str]] = {
        "beta2_positive": ["old_part"],
        "beta2_small": ["share"],
        "alpha_positive": ["eta_positive*T_inverse"],
        "A_first": ["T_positive*h_whole_inverse"],
        "G_positive": ["noise_root"],
        "v0_sign": ["start_positive"],
        "s0_positive": ["start_root"],
        "w_sign": ["rates"],
        "w_most": ["noise_most*eta_positive*h_inverse"],
    }
    equations: dict[str, list[str | tuple[str, str]]] = {
        "A_next": ["T_back"],
        "w_most": ["T_back", ("L*eta^2/h", "T_square"), (f"2*{SIZE}*eta", "over_roots")],
    }
    for name, claim in TRIVIAL.items():
        body = claim.split(": ")[-1].split(" => ")[-1]
        steps, rows = equations.get(name, []), products.get(name, [])
        if "forall" not in claim:
            proof.have(f"c_{name}", claim, rows, steps)
            continue
        with proof.fixing(f"c_{name}", claim, *(["premise"] if "=>" in claim else [])) as inner:
            inner.have("now", body, rows, steps)


def noise(proof: Proof) -> None:
    """E_t g^2 is the variance and the square of the mean: at most 2 sigma^2/b."""
    claim = "forall X rand, t nat, i nat: X >= 0, past(X, t) => E(X*g(t + 1, i)^2) <= " + f"{SIZE}^2*E(X)"
    with proof.fixing("c_noise", claim, "sign", "known") as inner:
        inner.use("spread", "variance", "sign", "known", X="X", t="t", i="i")
        inner.use("small", "range", t="t", i="i")
        inner.use("grad_here", "grad_past", t="t", i="i")
        inner.past("product", "past(X*grad(t + 1, i), t)", "known", "grad_here")
        inner.use("mean_part", "unbiased", "product", X="X*grad(t + 1, i)", t="t", i="i")
        inner.have("weighted", "X*grad(t + 1, i)^2 <= X*(sigma^2/b)", ["small*sign"])
        inner.mean("weighted_mean", "E(X*grad(t + 1, i)^2) <= sigma^2/b*E(X)", "weighted")
        whole = "E(X*g(t + 1, i)^2) - 2*E(X*grad(t + 1, i)*g(t + 1, i)) + E(X*grad(t + 1, i)^2)"
        inner.linear("expanded", f"E(X*(g(t + 1, i) - grad(t + 1, i))^2) = {whole}")
        inner.linear("as_a_square", "E(X*grad(t + 1, i)*grad(t + 1, i)) = E(X*grad(t + 1, i)^2)")
        steps = ["expanded", "noise_squared", ("1", "mean_part"), ("1", "as_a_square")]
        inner.have("now", claim.split(" => ")[1], ["spread", "weighted_mean"], steps)


def logarithms(proof: Proof) -> None:
    """0 <= 2 log(B/s_0) <= 2 sigma^2/e, and 0 <= log(1/beta2) <= 2 h/T."""
    ratio, over = f"{B}/{S0}", f"1/({BETA})"
    proof.have("ratio_positive", f"{ratio} > 0", ["both_root*start_inverse"])
    proof.have("beta_positive", f"{BETA} > 0", ["old_part"])
    inverse(proof, "beta", BETA, "beta_positive")
    proof.have("start_over", f"(1/{S0})^2*(e/b) = 1", [], ["start_one", "start_squared@" + S0 + "^2"])
    chain = [("1/e", "start_over"), (f"-(1/{S0})^2/b", "e_whole_one")]
    proof.have("start_share", f"(1/{S0})^2/b = 1/e", [], chain)
    proof.have("ratio_square", f"({ratio})^2 = 2*sigma^2/e + 1", [], RATIO)
    for name, value, fact in (("ratio", ratio, "ratio_positive"), ("over", over, "beta_inverse")):
        proof.use(f"{name}_value", "exp_of_log", fact, x=value)
        proof.use(f"{name}_back", "exp_of_sum", x=f"log({value})", y=f"-log({value})")
        proof.use(f"{name}_falls", "exp_tangent", x=f"-log({value})")
    proof.use("zero_power", "exp_of_zero")
    proof.use("twice", "exp_of_sum", x=f"log({ratio})", y=f"log({ratio})")
    proof.use("double", "exp_tangent", x=f"2*log({ratio})")
    proof.have("ratio_most", f"2*log({ratio}) <= 2*sigma^2/e", ["double"], ["twice", "ratio_value", "ratio_square"])
    proof.use("single", "exp_tangent", x=f"log({over})")
    proof.have("over_less", f"{over} <= 1 + 2*(h/T)", ["old_part*share*beta_inverse"], ["beta_one"])
    proof.have("over_most", f"log({over}) <= 2*(h/T)", ["single", "over_less"], ["over_value"])
    proof.have("ratio_over", f"1^2 <= ({ratio})^2", ["sigma_positive*sigma_positive*e_whole_inverse"], ["ratio_square"])
    proof.have("ratio_sign", f"{ratio} >= 0", ["ratio_positive"])
    proof.use("ratio_large", "from_squares", "ratio_sign", "ratio_over", Y="1", Z=ratio)
    proof.have("over_large", f"{over} >= 1", ["share*beta_inverse"], ["beta_one"])
    for name, value in (("ratio", ratio), ("over", over)):
        power = f"exp(-log({value}))"
        proof.use(f"{name}_power", "exp_positive", x=f"-log({value})")
        chain = [("-1", f"{name}_back"), ("1", "zero_power"), (f"-{power}", f"{name}_value")]
        proof.have(f"{name}_inverse_power", f"{power}*({value}) = 1", [], chain)
        products = [f"{name}_falls", f"{name}_large*{name}_power"]
        proof.have(f"{name}_least", f"log({value}) >= 0", products, [("1", f"{name}_inverse_power")])


def bound(proof: Proof) -> None:
    """What the certificate says, with the bounds of the logarithms and E f(1) - f* <= gap put in."""
    proof.linear("total", f"{TOTAL} = eta/sqrt(T)*T")
    proof.have("total_positive", f"{TOTAL} > 0", ["eta_positive*T_inverse*T_positive"], ["total"])
    facts = [f"c_{name}" if f"c_{name}" in proof.scope.facts else name for name in certificate.THEOREM.hypotheses]
    facts = [{**DELAYED, "moving": "total_positive", "m_first": "m_start"}.get(name, name) for name in facts]
    moments = f"sum(t < T, {ALPHA}*(1 - 0)*E(y(t + 1)))"
    claim = f"({moments}/{TOTAL})^3 <= d*(2*({B})*{LOGS}/{TOTAL})^2"
    proof.lemma("certified", claim, certificate.THEOREM.theorem, facts, VALUES)
    proof.linear("moments", f"{moments} = {ALPHA}*sum(t < T, E(y(t + 1)))")
    proof.linear("logs", f"sum(t < T, {W}*log(1/({BETA}))) = T*{W}*log(1/({BETA}))")
    proof.use("first_loss", "bounded", t="0")
    proof.mean("first_mean", "E(f(1)) >= fstar", "first_loss")
    proof.use("d_sign", "natural", n="d")
    products = ["first_mean", "d_sign*rates*ratio_least", "d_sign*rates*over_least*T_positive"]
    proof.have("logs_sign", f"{LOGS} >= 0", products, ["logs"])
    products = ["near", "d_sign*rates*ratio_most", "d_sign*rates*over_most*T_positive"]
    proof.have(
        "logs_most", f"{LOGS} <= {BRACKET}", products, ["logs", ("1", "T_whole_one"), (f"2*d*{W}*h", "T_whole_one")]
    )
    proof.have("logs_square", f"{LOGS}^2 <= {BRACKET}^2", ["logs_most*logs_sign", "logs_most*logs_most", "logs_most"])
    inverse(proof, "total", TOTAL, "total_positive")
    over, mean = f"(1/{TOTAL})", "sum(t < T, E(y(t + 1)))/T"
    chain = [("1/T", "total_one"), (f"-1/T*{over}", "total"), (f"-{ALPHA}*{over}", "T_whole_one")]
    proof.have("share_of_one", f"{ALPHA}*{over} = 1/T", [], chain)
    chain = [("sqrt(T)/eta", "share_of_one"), (f"-{over}*sqrt(T)/sqrt(T)", "eta_one"), (f"-{over}", "T_one")]
    proof.have("over_total", f"{over} = 1/T*sqrt(T)/eta", [], chain)
    chain = [(over, "moments"), ("sum(t < T, E(y(t + 1)))", "share_of_one")]
    proof.have("quotient", f"{moments}*{over} = {mean}", [], chain)
    proof.have("B_square", f"({B})^2 = (2*sigma^2 + e)/b", [], ["both_squared", "noise_squared"])
    proof.have("T_share", "(1/T)^2*sqrt(T)^2 = 1/T", [], ["T_squared", "T_whole_one"])
    proof.have("two_sum", "2*sigma^2 + e >= 0", ["sigma_two", "e_positive"])
    proof.have("factor_sign", "d*(2*sigma^2 + e)/b/eta^2/T >= 0", [FACTOR])
    whole = f"({mean})^3 <= d*4*((2*sigma^2 + e)/b)*{LOGS}^2*(1/T)/eta^2"
    proof.have("whole", whole, ["certified"], ["quotient", "over_total", "B_square", "T_share"])
    proof.have("rate", f"({mean})^3 <= {CONSTANT}/(b*T)", ["whole", "logs_square*factor_sign"])


def script(proof: Proof) -> None:
    """The certificate for constant sequences, with G^2 = 2 sigma^2/b and v_0 = e/b; each of its terms has 1/b."""
    proof.lemma("from_squares", FROM_SQUARES, ORDERS, [], {})
    proof.lemma("of_roots", OF_ROOTS, ORDERS, [], {})
    constants(proof)
    proof.have("over_T", "1/T > 0", ["T_whole_inverse"])
    inverse(proof, "over_T", "1/T", "over_T")
    sequences(proof)
    from_rule(proof)
    noise(proof)
    logarithms(proof)
    bound(proof)


FACTOR = square("1/eta") * "d_sign*two_sum*b_whole_inverse*T_whole_inverse"
OVER = [("1/sqrt(T)*(1/sqrt(h/T))", "h_one"), ("-1/sqrt(T)*(1/sqrt(h/T))*(1/sqrt(h))", "roots")]
OVER += [("1/sqrt(h)*sqrt(h/T)*(1/sqrt(h/T))", "T_one"), ("1/sqrt(h)", "share_one")]
RATIO = ["both_squared", "noise_squared", "start_share", ("1", "e_whole_one")]
V = HALVES.replace("i*", "t*")


def shown(proof: Proof) -> None:
    """A constant loss: v is halved again and again."""
    known_powers(proof)
    proof.have("v_first", f"{V.replace('t*', '0*')} = 1/1", [], ["halves_start"])
    with proof.fixing("v_start", f"forall i nat: {V.replace('t*', '0*')} = 1/1") as inner:
        inner.have("now", f"{V.replace('t*', '0*')} = 1/1", [], ["v_first"])
    after = f"{V.replace('t*', '(t + 1)*')} = 1/2*{V} + (1 - 1/2)*0^2"
    with proof.fixing("v_next", f"forall t nat, i nat: {after}") as inner:
        inner.use("next", "halves", i="t")
        inner.have("now", after, [], ["next"])
    claim = "forall X rand, t nat, i nat: X >= 0, past(X, t) => E(X*(0 - 0)^2) <= 1^2/1*E(X)"
    with proof.fixing("variance", claim, "sign", "known") as inner:
        inner.mean("mean", "E(X) >= 0", "sign")
        inner.linear("none", "E(X*(0 - 0)^2) = 0")
        inner.have("now", "E(X*(0 - 0)^2) <= 1^2/1*E(X)", ["mean"], ["none"])
    for name, value in (("past_zero", "0"), ("past_v", V)):
        with proof.fixing(name, f"forall t nat, i nat: past({value}, t)") as inner:
            inner.past("now", f"past({value}, t)")


PROBLEM = ("grad_past", "v_past", "unbiased", "y_power")

LETTERS: dict[str, str | list[str]] = {
    **{"rate": ALPHA, "beta1": "0", "beta2": BETA},
    "f": ["t", "sum(i < d, grad(t, i)*earlier(t, i))"],
}
READS = {"theta": Read("theta"), "m": Read("m"), "v": Read("v"), "earlier": LAGGED}

THEOREM = Theorem(
    theorem="larger_batches_speed_adam_up",
    title="Larger batches speed Adam up",
    says="""Generic Adam's step, as its rule has it, without momentum, from m_0 = 0 and v_0 = e/b, which is all that
    there is of an eps, with step size eta/sqrt(T) and beta2 = 1 - h/T, on an L-smooth loss at most gap above its
    infimum. Every coordinate of the gradient of a batch of b draws is unbiased given the past, with a variance of at
    most sigma^2/b; and in the range where noise dominates, that is where no coordinate of the true gradient has a
    square above sigma^2/b, (E |grad f|^(4/3))^(3/2) at a random time is at most C/sqrt(b T), C free of b and T (both
    sides are squared here, y is |grad f|^(4/3)). The range by itself says d sigma^2/b, so that the bound says more only
    for T > b C^2/(d sigma^2)^2, which is more than 256 d h b. N workers with s draws each whose gradients are averaged
    first are the batch b = N s. T >= 2 h. f(t + 1), grad(t + 1) and y(t + 1) are those at theta(t), where the gradient
    of step t + 1 is taken. There is no step 0: f(0) is f(1).""",
    sources=["chen2022towards, mini-batch and distributed Adam"],
    variables={
        **{"T": "nat", "d": "nat", "b": "nat"},
        **{name: "real" for name in ("L", "fstar", "gap", "eta", "h", "e", "sigma")},
        **{"f": "rand(nat)", "y": "rand(nat)"},
        **{name: "rand(nat, nat)" for name in ("g", "v", "m", "theta", "grad")},
    },
    definitions=[STEP],
    hypotheses={
        "batch": "b >= 1",
        "h_positive": "h > 0",
        "e_positive": "e > 0",
        "eta_positive": "eta > 0",
        "sigma_positive": "sigma > 0",
        "long": "T >= 2*h",
        "L_sign": "L >= 0",
        "v_start": "forall i nat: v(0, i) = e/b",
        "m_start": "forall i nat: m(0, i) = 0",
        "rate_is": f"rate = {ALPHA}",
        "no_momentum": "beta1 = 0",
        "beta2_is": f"beta2 = {BETA}",
        **{name: certificate.THEOREM.hypotheses[name] for name in PROBLEM},
        **delayed.along("theta"),
        "bounded": "forall t nat: f(t + 1) >= fstar",
        "nothing_before": "f(0) = f(1)",
        "near": "E(f(1)) - fstar <= gap",
        "range": "forall t nat, i nat: grad(t + 1, i)^2 <= sigma^2/b",
        "variance": "forall X rand, t nat, i nat: X >= 0, past(X, t)"
        " => E(X*(g(t + 1, i) - grad(t + 1, i))^2) <= sigma^2/b*E(X)",
    },
    claims={"rate": f"(sum(t < T, E(y(t + 1)))/T)^3 <= {CONSTANT}/(b*T)"},
    lemmas=[ORDERS, delayed.THEOREM.theorem, certificate.THEOREM.theorem],
    model={
        **{name: "1" for name in ("b", "d", "L", "gap", "eta", "h", "e", "sigma")},
        **{"T": "2", "fstar": "2", "f": ["t", "3"], "y": ["t", "0"]},
        **{name: ["t", "i", "0"] for name in ("g", "m", "grad")},
        **{"v": ["t", "i", V], "theta": ["t", "i", "i"], "rate": "1/sqrt(2)", "beta1": "0", "beta2": "1/2"},
    },
    shown=shown,
    script=script,
    instances=[
        linear_loss(
            "generic_adam",
            "Generic Adam without momentum, v from 1e-8, batches of 2",
            {"eta": "rate", "beta1": "beta1", "beta2": "beta2"},
            {
                **LETTERS,
                "b": "2",
                "e": "b/100000000",
                "h": "1/2",
                "eta": "1/4",
                "sigma": "3",
                "gap": "60",
            },
            why="torch starts v at 0",
            wrong=("adam@correction=none", "adam@correction=none,second_moment=old"),
            reads=READS,
        )
    ],
)
