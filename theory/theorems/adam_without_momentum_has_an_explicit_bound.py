"""The explicit bound on Adam without momentum (Defossez et al. 2022, Theorem 2), with a smaller constant too.

Over 400 lines: one proof, whose steps share their names.
"""

from ..proving.instance import Read, Recursion
from ..proving.linear_losses import linear_loss
from ..proving.positive import inverse
from ..proving.script import Proof, square
from ..proving.theorem import Theorem
from .powers_of_a_fraction import HALVES, known_powers

ORDERS = "orders_on_every_outcome"
LOGS = "logs_lie_below_their_tangents"
FROM_SQUARES = "forall Y rand, Z rand: Z >= 0, Y^2 <= Z^2 => Y <= Z"
OF_ROOTS = "forall Y rand, Z rand: Y >= 0, Y <= Z => sqrt(Y) <= sqrt(Z)"
TANGENT = "forall Y rand, Z rand: Y > 0, Z > 0 => log(Y) - log(Z) <= Y/Z - 1"
OF_PRODUCT = "forall Y rand, Z rand, W rand: Y > 0, Z > 0, W > 0 => log(Y) - log(Z) - log(W) >= 1 - Z*W/Y"
MOST = "(R - sqrt(eps))"
WEIGHT = "((1 - p(t + 1))/(1 - beta))"
ALPHA = f"(step*sqrt({WEIGHT}))"
V = "(eps + v(t + 1, i))"
S, ST = f"sqrt({V})", f"sqrt(eps + beta*v(t, i) + {MOST}^2)"
SHARE = f"g(t, i)^2/{V}"
RATE = "(1/sqrt(1 - beta))"
NOISE = f"(step*R/2*{RATE} + L/2*step^2/(1 - beta))"
LOG = "log(1 + R^2/(1 - beta)/eps)"
TOTAL = "sum(t < N, E(sum(i < d, grad(t, i)^2)))"
CONSTANT = "({c}*d*R^2/sqrt(1 - beta) + step*d*R*L/(1 - beta))"
SQUARES = "sum(i < d, grad(t, i)^2)"


def constants(proof: Proof) -> None:
    """Signs and roots of the constants, and of the sum of the weights of v."""
    proof.have("rest", "1 - beta > 0", ["beta_small"])
    inverse(proof, "rest", "1 - beta", "rest")
    proof.use("rest_root", "root_positive", "rest", x="1 - beta")
    proof.have("rest_weak", "1 - beta >= 0", ["rest"])
    proof.use("rest_squared", "root_squared", "rest_weak", x="1 - beta")
    inverse(proof, "k", "sqrt(1 - beta)", "rest_root")
    proof.use("eps_root", "root_positive", "eps_positive", x="eps")
    proof.have("eps_weak", "eps >= 0", ["eps_positive"])
    proof.use("eps_squared", "root_squared", "eps_weak", x="eps")
    inverse(proof, "eps", "eps", "eps_positive")
    proof.have("R_positive", "R > 0", ["room", "eps_root"])
    inverse(proof, "R", "R", "R_positive")
    proof.have("most_sign", f"{MOST} > 0", ["room"])
    proof.have("most_most", f"{MOST} <= R", ["eps_root"])
    proof.have("most_square", f"{MOST}^2 + eps <= R^2", ["most_sign*eps_root"], ["eps_squared"])
    proof.lemma("logs", TANGENT, LOGS, [], {})
    proof.lemma("products", OF_PRODUCT, LOGS, [], {})
    proof.lemma("from_squares", FROM_SQUARES, ORDERS, [], {})
    with proof.induction("p_sign", "forall t nat: p(t) >= 0") as (zero, following):
        zero.have("now", "p(0) >= 0", [], ["p_first"])
        following.use("next", "p_next", t="t")
        following.have("now", "p(t + 1) >= 0", ["before*beta_positive"], ["next"])
    with proof.induction("p_most", "forall t nat: p(t + 1) <= beta") as (zero, following):
        zero.use("next", "p_next", t="0")
        zero.have("now", "p(0 + 1) <= beta", [], ["next", "p_first"])
        following.use("next", "p_next", t="t + 1")
        following.have("now", "p(t + 1 + 1) <= beta", ["before*beta_positive", "beta_positive*rest"], ["next"])
    with proof.fixing("weight_least", f"forall t nat: {WEIGHT} >= 1") as inner:
        inner.use("high", "p_most", t="t")
        inner.have("now", f"{WEIGHT} >= 1", ["high*rest_inverse"], ["rest_one"])
    with proof.fixing("weight_most", f"forall t nat: {WEIGHT} <= 1/(1 - beta)") as inner:
        inner.use("low", "p_sign", t="t + 1")
        inner.have("now", f"{WEIGHT} <= 1/(1 - beta)", ["low*rest_inverse"])


def moments(proof: Proof) -> None:
    """0 <= v, and what v would be with the largest gradient next is at most R^2 times the sum of the weights."""
    with proof.fixing("v_sign", "forall s nat, i nat: v(s, i) >= 0") as inner:
        with inner.induction("all", "forall t nat: v(t, i) >= 0") as (zero, following):
            zero.use("first", "v_first", i="i")
            zero.have("now", "v(0, i) >= 0", [], ["first"])
            following.use("next", "v_next", t="t", i="i")
            following.have("now", "v(t + 1, i) >= 0", ["before*beta_positive", square("g(t, i)")], ["next"])
        inner.use("here", "all", t="s")
    claim = f"beta*v(t, i) + {MOST}^2 <= {MOST}^2*{WEIGHT}"
    with proof.fixing("v_most", f"forall i nat, s nat: {claim.replace('(t', '(s').replace('p(t', 'p(s')}") as inner:
        with inner.induction("all", f"forall t nat: {claim}") as (zero, following):
            zero.use("first", "v_first", i="i")
            zero.use("next", "p_next", t="0")
            zero.have("now", claim.replace("(t", "(0"), [], ["first", "next", "p_first", "rest_one"])
            following.use("next", "v_next", t="t", i="i")
            following.use("power", "p_next", t="t + 1")
            following.use("bound", "bounded", t="t", i="i")
            following.have(
                "now",
                claim.replace("(t", "(t + 1").replace("t + 1 + 1", "t + 1 + 1"),
                ["before*beta_positive", "bound*beta_positive"],
                ["next", "power", (f"{MOST}^2", "rest_one")],
            )
        inner.use("here", "all", t="s")


def scales(proof: Proof) -> None:
    """The roots s of eps + v and st of what that is with the largest gradient: s <= st <= R sqrt(weight)."""
    proof.use("v_here", "v_sign", s="t", i="i")
    proof.use("v_after", "v_sign", s="t + 1", i="i")
    proof.use("next_v", "v_next", t="t", i="i")
    proof.use("bound", "bounded", t="t", i="i")
    proof.have("V_positive", f"{V} > 0", ["v_after", "eps_positive"])
    inverse(proof, "V", V, "V_positive")
    under = f"eps + beta*v(t, i) + {MOST}^2"
    proof.have("under_positive", f"{under} > 0", ["v_here*beta_positive", "eps_positive", square(MOST)])
    for name, value, fact in (("s", V, "V_positive"), ("st", under, "under_positive")):
        proof.use(f"{name}_root", "root_positive", fact, x=value)
        proof.have(f"{name}_weak", f"{value} >= 0", [fact])
        proof.use(f"{name}_squared", "root_squared", f"{name}_weak", x=value)
        inverse(proof, name, f"sqrt({value})", f"{name}_root")
    proof.have("st_sign", f"{ST} >= 0", ["st_root"])
    large = ["v_here*beta_positive", "eps_positive"]
    proof.have("st_square", f"{MOST}^2 <= {ST}^2", large, ["st_squared"])
    proof.use("st_large", "from_squares", "st_sign", "st_square", Y=MOST, Z=ST)
    proof.have("order_square", f"{S}^2 <= {ST}^2", ["bound"], ["st_squared", "s_squared", "next_v"])
    proof.use("order", "from_squares", "st_sign", "order_square", Y=S, Z=ST)


def young(proof: Proof) -> None:
    """grad g/s >= grad g/st - grad^2/(2 st) - R g^2/(2 s^2): the difference of 1/s and 1/st, and Young."""
    claim = f"grad(t, i)*g(t, i)/{S} >= grad(t, i)*g(t, i)/{ST} - grad(t, i)^2/{ST}/2 - R/2*{SHARE}"
    with proof.fixing("young", f"forall t nat, i nat: {claim}") as inner:
        scales(inner)
        # 1/s - 1/st = w/s with 0 <= w = (st - s)/st <= R0/st, because (st - s) st <= st^2 - s^2 <= R0^2 <= R0 st
        w = f"({ST} - {S})*(1/{ST})"
        gap = f"({ST} - {S})*({ST} + {S}) <= {MOST}^2"
        inner.have("gap", gap, [square("g(t, i)")], ["st_squared", "s_squared", "next_v"])
        inner.have("wide", f"({ST} - {S})*{ST} <= {MOST}*{ST}", ["gap", "order*s_root", "st_large*most_sign"])
        inner.have("narrow", f"{ST} - {S} <= {MOST}", ["wide*st_inverse"], ["st_one"])
        low = f"({w})^2*{ST} <= R"
        products = [
            "order*narrow*st_inverse",
            "narrow*st_inverse*most_sign",
            "st_large*st_inverse*most_sign",
            "most_most",
        ]
        products += ["order*st_inverse*most_sign"]
        inner.have("low", low, products, ["st_one"])
        x, y = f"(1/{S})", f"(1/{ST})"
        chain = [(f"1/{V}", "s_one"), (f"{S}/{S}/{V}", "s_one"), (f"-{x}^2/{V}", "s_squared"), (f"-{x}^2", "V_one")]
        inner.have("share", f"1/{V} = {x}^2", [], chain)
        inner.have("difference", f"{x} - {y} = {w}*{x}", [], [(x, "st_one"), (f"-{y}", "s_one")])
        whole = square(f"grad(t, i) + {w}*g(t, i)*{x}*{ST}") * "st_inverse"
        small = square(f"g(t, i)*{x}") * "low"
        inner.have("expanded", YOUNG.format(w=w, x=x, y=y), [whole, small], ["st_one"])
        inner.have("young", claim, ["expanded"], ["share", ("grad(t, i)*g(t, i)", "difference")])


YOUNG = "grad(t, i)*g(t, i)*{w}*{x} + grad(t, i)^2*{y}/2 + R/2*g(t, i)^2*{x}^2 >= 0"


def descent(proof: Proof) -> None:
    """The expected loss falls by step/(2 R) E |grad|^2, up to the noise times the shares."""
    shares = f"sum(i < d, {SHARE})"
    claim = f"E(f(t + 1)) <= E(f(t)) - step/R/2*E({SQUARES}) + {NOISE}*E({shares})"
    with proof.fixing("descent", f"forall t nat: {claim}") as inner:
        inner.use("smooth_here", "smooth", t="t")
        inner.use("least", "weight_least", t="t")
        inner.use("most", "weight_most", t="t")
        inner.have("weight_positive", f"{WEIGHT} > 0", ["least"])
        inner.use("root", "root_positive", "weight_positive", x=WEIGHT)
        inner.have("weight_weak", f"{WEIGHT} >= 0", ["least"])
        inner.use("squared", "root_squared", "weight_weak", x=WEIGHT)
        inner.have("k_sign", f"{RATE} >= 0", ["k_inverse"])
        inner.have("k_square", f"{RATE}^2 = 1/(1 - beta)", [], K_SQUARE)
        inner.have("root_square", f"sqrt({WEIGHT})^2 <= {RATE}^2", ["most"], ["squared", "k_square"])
        inner.use("root_most", "from_squares", "k_sign", "root_square", Y=f"sqrt({WEIGHT})", Z=RATE)
        terms = {"g": f"grad(t, i)*g(t, i)/{S}", "st": f"grad(t, i)*g(t, i)/{ST}", "ratio": f"grad(t, i)^2/{ST}"}
        sums = {name: f"sum(i < d, {term})" for name, term in terms.items()}
        with inner.fixing(
            "each", f"forall i nat: {terms['g']} - {terms['st']} + {terms['ratio']}/2 + R/2*{SHARE} >= 0"
        ) as here:
            here.use("now", "young", t="t", i="i")
            here.have("sign", f"{terms['g']} - {terms['st']} + {terms['ratio']}/2 + R/2*{SHARE} >= 0", ["now"])
        split = f"{sums['g']} - {sums['st']} + {sums['ratio']}/2 + R/2*{shares} >= 0"
        inner.add("all", split, "each", "d")
        inner.linear("first_part", f"sum(i < d, grad(t, i)*({ALPHA}*g(t, i)/{S})) = {ALPHA}*{sums['g']}")
        with inner.fixing("every", f"forall i nat: ({ALPHA}*g(t, i)/{S})^2 - {ALPHA}^2*({SHARE}) = 0") as here:
            scales(here)
            here.have("share", f"1/{V} = (1/{S})^2", [], SHARES)
            here.have("same", f"({ALPHA}*g(t, i)/{S})^2 - {ALPHA}^2*({SHARE}) = 0", [], ["share"])
        inner.add("lasts", f"sum(i < d, ({ALPHA}*g(t, i)/{S})^2 - {ALPHA}^2*({SHARE})) = 0", "every", "d")
        last = f"sum(i < d, ({ALPHA}*g(t, i)/{S})^2)"
        inner.linear(
            "last_part", f"sum(i < d, ({ALPHA}*g(t, i)/{S})^2 - {ALPHA}^2*({SHARE})) = {last} - {ALPHA}^2*{shares}"
        )
        with inner.fixing("gains", f"forall i nat: {ALPHA}*({terms['ratio']}) - step/R*grad(t, i)^2 >= 0") as here:
            scales(here)
            here.use("top", "v_most", s="t", i="i")
            here.have(
                "st_most_square",
                f"{ST}^2 <= (R*sqrt({WEIGHT}))^2",
                ["top", "most_square*least", "most_square", "least*eps_positive"],
                ["st_squared", "squared"],
            )
            here.have("right", f"R*sqrt({WEIGHT}) >= 0", ["R_positive*root"])
            here.use("st_most", "from_squares", "right", "st_most_square", Y=ST, Z=f"R*sqrt({WEIGHT})")
            gain = square("grad(t, i)") * "st_most*step_positive*R_inverse*st_inverse"
            here.have("gain", f"{ALPHA}*({terms['ratio']}) - step/R*grad(t, i)^2 >= 0", [gain], ["R_one", "st_one"])
        inner.add("gain", f"{ALPHA}*{sums['ratio']} - step/R*{SQUARES} >= 0", "gains", "d")
        with inner.fixing("share_signs", f"forall i nat: {SHARE} >= 0") as here:
            scales(here)
            here.have("sign", f"{SHARE} >= 0", [square("g(t, i)") * "V_inverse"])
        inner.add("share_sign", f"{shares} >= 0", "share_signs", "d")
        # f(t + 1) <= f - alpha <grad, g>_st + alpha/2 |grad|^2_st + noise
        inner.have("alpha_sign", f"{ALPHA} >= 0", ["step_positive*root"])
        inner.have(
            "noise",
            f"({ALPHA}*R/2 + L/2*{ALPHA}^2)*{shares} <= {NOISE}*{shares}",
            [
                "root_most*share_sign*step_positive*R_positive",
                "most*share_sign*L_nonnegative*step_positive*step_positive",
            ],
            ["squared"],
        )
        pathwise = f"f(t + 1) <= f(t) - {ALPHA}*{sums['st']} + {ALPHA}/2*{sums['ratio']} + {NOISE}*{shares}"
        equations = ["first_part", ("L/2", "lasts"), ("L/2", "last_part")]
        inner.have("pathwise", pathwise, ["smooth_here", "all*alpha_sign", "noise"], equations)
        means = f"E(f(t + 1)) <= E(f(t)) - {ALPHA}*E({sums['st']}) + {ALPHA}/2*E({sums['ratio']}) + {NOISE}*E({shares})"
        inner.mean("means", means, "pathwise")
        inner.mean("gain_mean", f"{ALPHA}*E({sums['ratio']}) - step/R*E({SQUARES}) >= 0", "gain")
        with inner.fixing("fair", f"forall i nat: E({terms['st']}) - E({terms['ratio']}) = 0") as here:
            here.use("grad_here", "grad_past", t="t", i="i")
            here.use("v_known", "v_past", t="t", i="i")
            here.past("known", f"past(grad(t, i)/{ST}, t)", "grad_here", "v_known")
            here.use("same", "unbiased", "known", X=f"grad(t, i)/{ST}", t="t", i="i")
            here.have("now", f"E({terms['st']}) - E({terms['ratio']}) = 0", [], [("1", "same")])
        inner.add("fairs", f"sum(i < d, E({terms['st']}) - E({terms['ratio']})) = 0", "fair", "d")
        inner.linear(
            "fair_split", f"sum(i < d, E({terms['st']}) - E({terms['ratio']})) = E({sums['st']}) - E({sums['ratio']})"
        )
        equations = [(ALPHA, "fairs"), (ALPHA, "fair_split")]
        inner.have("now", claim, ["means", "gain_mean"], equations)


def logarithm(proof: Proof) -> None:
    """The shares add up to the growth of log(eps + v), less log(beta) at every step."""
    shares = f"sum(i < d, {SHARE})"
    size = "sum(i < d, log(eps + v({m}, i)) - log(eps))"
    step = f"{SHARE} <= log(eps + v(t + 1, i)) - log(eps + v(t, i)) - log(beta)"
    with proof.fixing("share_steps", f"forall t nat, i nat: {step}") as inner:
        scales(inner)
        inner.have("old_positive", "eps + v(t, i) > 0", ["v_here", "eps_positive"])
        inner.use("growth", "products", "V_positive", "beta_positive", "old_positive", Y=V, Z="beta", W="eps + v(t, i)")
        inner.have("now", step, ["growth", "rest*eps_positive*V_inverse"], ["next_v", "V_one"])
    total = f"sum(t < m, {shares})"
    claim = f"{total} <= {size.format(m='m')} - m*d*log(beta)"
    with proof.induction("path", f"forall m nat: {claim}") as (zero, following):
        zero.linear("none", f"sum(t < 0, {shares}) = 0")
        with zero.fixing("starts", "forall i nat: log(eps + v(0, i)) - log(eps) >= 0") as here:
            here.use("first", "v_first", i="i")
            here.have("positive", "eps + v(0, i) > 0", ["eps_positive"], ["first"])
            inverse(here, "start", "eps + v(0, i)", "positive")
            here.use("less", "logs", "eps_positive", "positive", Y="eps", Z="eps + v(0, i)")
            equations = ["start_one", ("1/(eps + v(0, i))", "first")]
            here.have("sign", "log(eps + v(0, i)) - log(eps) >= 0", ["less"], equations)
        zero.add("start", f"{size.format(m='0')} >= 0", "starts", "d")
        zero.have("now", f"sum(t < 0, {shares}) <= {size.format(m='0')} - 0*d*log(beta)", ["start"], ["none"])
        this = step.replace("(t", "(m")
        with following.fixing("each", f"forall i nat: {this}") as here:
            here.use("now", "share_steps", t="m", i="i")
        last = shares.replace("(t", "(m")
        grown = f"{size.format(m='m + 1')} - {size.format(m='m')} - d*log(beta)"
        following.add("all", f"{last} <= {grown}", "each", "d")
        following.linear("more", f"sum(t < m + 1, {shares}) = {total} + {last}")
        then = f"sum(t < m + 1, {shares}) <= {size.format(m='m + 1')} - (m + 1)*d*log(beta)"
        following.have("now", then, ["before", "all"], ["more"])
    proof.use("whole", "path", m="N")
    bounded_log(proof)
    with proof.fixing("ends", f"forall i nat: log(eps + v(N, i)) - log(eps) <= {LOG}") as inner:
        inner.use("now", "end", s="N", i="i")
    proof.add("end_sum", f"{size.format(m='N')} <= d*{LOG}", "ends", "d")
    final = f"sum(t < N, {shares}) <= d*{LOG} - N*d*log(beta)"
    proof.have("final", final, ["whole", "end_sum"])
    proof.mean("final_mean", f"sum(t < N, E({shares})) <= d*{LOG} - N*d*log(beta)", "final")


def bounded_log(proof: Proof) -> None:
    """log(eps + v) - log(eps) <= log(1 + R^2/((1 - beta) eps)), because v <= R^2/(1 - beta)."""
    ratio = "1 + R^2/(1 - beta)/eps"
    proof.have("ratio_positive", f"{ratio} > 0", [square("R") * "rest_inverse*eps_inverse"])
    proof.use("of_eps", "exp_of_log", "eps_positive", x="eps")
    proof.use("of_ratio", "exp_of_log", "ratio_positive", x=ratio)
    proof.use("joined", "exp_of_sum", x="log(eps)", y=f"log({ratio})")
    both = f"log(eps) + log({ratio})"
    proof.have("both", f"exp({both}) = eps*({ratio})", [], ["joined", "of_eps", "of_ratio"])
    proof.congruent("log_both", "both", "log(hole)")
    proof.use("log_sum", "log_of_exp", x=both)
    proof.have("top_positive", f"eps*({ratio}) > 0", ["eps_positive*ratio_positive"])
    inverse(proof, "top", f"eps*({ratio})", "top_positive")
    with proof.fixing("end", f"forall s nat, i nat: log(eps + v(s, i)) - log(eps) <= {LOG}") as inner:
        with inner.induction("all", "forall t nat: v(t, i) <= R^2/(1 - beta)") as (zero, following):
            zero.use("first", "v_first", i="i")
            zero.have("now", "v(0, i) <= R^2/(1 - beta)", [square("R") * "rest_inverse"], ["first"])
            following.use("next", "v_next", t="t", i="i")
            following.use("bound", "bounded", t="t", i="i")
            following.use("top_here", "v_most", s="t", i="i")
            following.use("most", "weight_most", t="t")
            products = [
                "bound",
                "top_here",
                square(MOST) * "most",
                "most_square*rest_inverse",
                "eps_positive*rest_inverse",
            ]
            following.have("now", "v(t + 1, i) <= R^2/(1 - beta)", products, ["next"])
        inner.use("v_here", "v_sign", s="s", i="i")
        inner.use("v_top", "all", t="s")
        inner.have("V_positive", "eps + v(s, i) > 0", ["v_here", "eps_positive"])
        inner.use("less", "logs", "V_positive", "top_positive", Y="eps + v(s, i)", Z=f"eps*({ratio})")
        inner.have("top_most", f"eps + v(s, i) <= eps*({ratio})", ["v_top"], ["eps_one"])
        equations = ["top_one", ("1", "log_both"), ("1", "log_sum")]
        inner.have("now", f"log(eps + v(s, i)) - log(eps) <= {LOG}", ["less", "top_most*top_inverse"], equations)


def horizon(proof: Proof) -> None:
    """The descent adds up; then all is divided by step N/(2 R)."""
    shares = f"sum(i < d, {SHARE})"
    total, spent = f"sum(t < m, E({SQUARES}))", f"sum(t < m, E({shares}))"
    claim = f"step/R/2*{total} <= E(f(0)) - E(f(m)) + {NOISE}*{spent}"
    with proof.induction("falls", f"forall m nat: {claim}") as (zero, following):
        zero.linear("none", f"sum(t < 0, E({SQUARES})) = 0")
        zero.linear("nothing", f"sum(t < 0, E({shares})) = 0")
        zero.have("now", claim.replace("t < m", "t < 0").replace("f(m)", "f(0)"), [], ["none", "nothing"])
        following.use("one", "descent", t="m")
        for name, addend in (("gained", SQUARES), ("lost", shares)):
            last = addend.replace("(t", "(m")
            following.linear(name, f"sum(t < m + 1, E({addend})) = sum(t < m, E({addend})) + E({last})")
        then = claim.replace("t < m", "t < m + 1").replace("f(m)", "f(m + 1)")
        following.have("now", then, ["before", "one"], ["gained", "lost"])
    proof.use("all", "falls", m="N")
    inverse(proof, "N", "N", "steps")
    inverse(proof, "step", "step", "step_positive")
    signs = ["step_positive*R_positive*k_inverse", "L_nonnegative*step_positive*step_positive*rest_inverse"]
    proof.have("noise_sign", f"{NOISE} >= 0", signs)
    scaled = f"step/R/2*{TOTAL} <= gap + {NOISE}*(d*{LOG} - N*d*log(beta))"
    proof.have("scaled", scaled, ["all", "below", "final_mean*noise_sign"])
    ones = ["N_one", "step_one", "R_one"]
    proof.have("sharper", THEOREM.claims["sharper"], ["scaled*R_positive*step_inverse*N_inverse"], ones)
    with proof.fixing("signs", f"forall t nat: {shares} >= 0") as inner:
        with inner.fixing("each", f"forall i nat: {SHARE} >= 0") as here:
            scales(here)
            here.have("sign", f"{SHARE} >= 0", [square("g(t, i)") * "V_inverse"])
        inner.add("sign", f"{shares} >= 0", "each", "d")
    proof.add("spent_sign", f"sum(t < N, {shares}) >= 0", "signs", "N")
    proof.mean("spent_mean", f"sum(t < N, E({shares})) >= 0", "spent_sign")
    proof.have("log_sign", f"d*{LOG} - N*d*log(beta) >= 0", ["final_mean", "spent_mean"])
    products = ["sharper", "log_sign*R_positive*R_positive*k_inverse*N_inverse"]
    proof.have("bound", THEOREM.claims["bound"], products, ["N_one"])


K_SQUARE = [
    ("1/sqrt(1 - beta)^2", "rest_one"),
    ("-1/(1 - beta)", "k_one"),
    ("-1/(1 - beta)*sqrt(1 - beta)/sqrt(1 - beta)", "k_one"),
    ("1/(1 - beta)/sqrt(1 - beta)^2", "rest_squared"),
]
SHARES = [(f"1/{V}", "s_one"), (f"{S}/{S}/{V}", "s_one"), (f"-(1/{S})^2/{V}", "s_squared"), (f"-(1/{S})^2", "V_one")]


def script(proof: Proof) -> None:
    """Descent with Young's inequality; the shares of g^2 add up to a logarithm."""
    constants(proof)
    moments(proof)
    young(proof)
    descent(proof)
    logarithm(proof)
    horizon(proof)


def shown(proof: Proof) -> None:
    """Slope 1, L = 1 and a loss that falls by 1/2 in every step, as far as smoothness allows."""
    known_powers(proof)
    proof.have("unit", "1 >= 0")
    proof.use("squared", "root_squared", "unit", x="1")
    proof.have("root", "sqrt(1) <= 1", [square("1 - sqrt(1)")], ["squared"])
    proof.have("room", "2 > sqrt(1)", ["root"])
    with proof.fixing("bounded", "forall t nat, i nat: 1^2 <= (2 - sqrt(1))^2") as inner:
        inner.have("now", "1^2 <= (2 - sqrt(1))^2", ["root"], ["squared"])
    now, after = f"2 - 2*{HALVES.replace('i*', 't*')}", f"2 - 2*{HALVES.replace('i*', '(t + 1)*')}"
    proof.have("v_start", f"{now.replace('t*', '0*')} = 0", [], ["halves_start"])
    with proof.fixing("v_first", f"forall i nat: {now.replace('t*', '0*')} = 0") as inner:
        inner.have("now", f"{now.replace('t*', '0*')} = 0", [], ["v_start"])
    with proof.fixing("v_next", f"forall t nat, i nat: {after} = 1/2*({now}) + 1^2") as inner:
        inner.use("next", "halves", i="t")
        inner.have("now", f"{after} = 1/2*({now}) + 1^2", [], ["next"])
    weight = f"((1 - {HALVES.replace('i*', '(t + 1)*')})/(1 - 1/2))"
    size = f"1*sqrt({weight})*1/sqrt(1 + ({after}))"
    smooth = f"-(t + 1)/2 <= -t/2 - sum(i < 1, 1*({size})) + 1/2*sum(i < 1, ({size})^2)"
    proof_of = (("one", f"sum(i < 1, 1*({size})) = {size}"), ("two", f"sum(i < 1, ({size})^2) = ({size})^2"))
    with proof.fixing("smooth", f"forall t nat: {smooth}") as inner:
        for name, claim in proof_of:
            inner.linear(name, claim)
        inner.have("now", smooth, [square(f"{size} - 1")], ["one", "two"])
    with proof.fixing("past_one", "forall t nat, i nat: past(1, t)") as inner:
        inner.past("now", "past(1, t)")
    with proof.fixing("past_v", f"forall t nat, i nat: past({now}, t)") as inner:
        inner.past("now", f"past({now}, t)")


THEOREM = Theorem(
    theorem="adam_without_momentum_has_an_explicit_bound",
    title="Adam without momentum has an explicit bound",
    says="""Adam with beta1 = 0, v_t = beta v_(t-1) + g_t^2 and the step alpha_t g_t/sqrt(eps + v_t), alpha_t = step
    sqrt((1 - beta^t)/(1 - beta)), on an L-smooth loss, at most gap above its infimum at first; the gradients are
    unbiased given the past and their entries at most R - sqrt(eps) in size. The mean over N steps of E |grad f|^2 is at
    most 2 R gap/(step N) + C (log(1 + R^2/((1 - beta) eps))/N - log(beta)) with C = 4 d R^2/sqrt(1 - beta) + step d R
    L/(1 - beta). That is the published bound; it also holds with 1 in place of the 4.""",
    sources=["defossez2022simple, Theorem 2"],
    variables={
        **{"N": "nat", "d": "nat", "p": "real(nat)", "f": "rand(nat)"},
        **{name: "real" for name in ("L", "R", "gap", "eps", "beta", "step")},
        **{name: "rand(nat, nat)" for name in ("grad", "g", "v")},
    },
    hypotheses={
        "L_nonnegative": "L >= 0",
        "eps_positive": "eps > 0",
        "room": "R > sqrt(eps)",
        "beta_positive": "beta > 0",
        "beta_small": "beta < 1",
        "step_positive": "step > 0",
        "steps": "N > 0",
        "p_first": "p(0) = 1",
        "p_next": "forall t nat: p(t + 1) = beta*p(t)",
        "v_first": "forall i nat: v(0, i) = 0",
        "v_next": "forall t nat, i nat: v(t + 1, i) = beta*v(t, i) + g(t, i)^2",
        "bounded": f"forall t nat, i nat: g(t, i)^2 <= {MOST}^2",
        "grad_past": "forall t nat, i nat: past(grad(t, i), t)",
        "v_past": "forall t nat, i nat: past(v(t, i), t)",
        "unbiased": "forall X rand, t nat, i nat: past(X, t) => E(X*g(t, i)) = E(X*grad(t, i))",
        "smooth": f"forall t nat: f(t + 1) <= f(t) - sum(i < d, grad(t, i)*({ALPHA}*g(t, i)/{S}))"
        f" + L/2*sum(i < d, ({ALPHA}*g(t, i)/{S})^2)",
        "below": "E(f(0)) - E(f(N)) <= gap",
    },
    claims={
        "sharper": f"1/N*{TOTAL} <= 2*R*gap/(step*N) + {CONSTANT.format(c='1')}*(1/N*{LOG} - log(beta))",
        "bound": f"1/N*{TOTAL} <= 2*R*gap/(step*N) + {CONSTANT.format(c='4')}*(1/N*{LOG} - log(beta))",
    },
    lemmas=[ORDERS, LOGS],
    model={
        **{"N": "2", "d": "1", "L": "1", "R": "2", "gap": "1", "eps": "1", "beta": "1/2", "step": "1"},
        **{"p": ["t", HALVES.replace("i*", "t*")], "f": ["t", "-t/2"]},
        **{"grad": ["t", "i", "1"], "g": ["t", "i", "1"], "v": ["t", "i", f"2 - 2*{HALVES.replace('i*', 't*')}"]},
    },
    shown=shown,
    script=script,
    instances=[
        linear_loss(
            "adam@eps=inside_hat",
            "Adam without momentum, eps inside the root",
            {"eta": "step", "beta1": "0", "beta2": "beta", "eps": "(1 - beta)*eps"},
            {
                "N": "3",
                "g": ["t", "i", "grad(t, i) + z(t + 1, i)"],
                "beta": "3/4",
                "eps": "1/4",
                "L": "0",
                "R": "9/2",
                "step": "1/4",
                "gap": "60",
                "p": Recursion(("t",), "1", "beta*p(t)"),
                "v": ["t", "i", "average(t, i)/(1 - beta)"],
            },
            why="torch adds eps outside the root",
            wrong=("adam",),
            reads={"theta": Read("theta"), "average": Read("v")},
            gradient="g(t, i)",
        )
    ],
)
