"""Generic Adam with 1 - beta2 of the order 1/t: AdaGrad with momentum, AdamNC, RMSProp, NosAdam (Chen et al. 2022)."""

from __future__ import annotations

from ..proving.positive import reciprocal, root
from ..proving.same_names import own_letters
from ..proving.script import Proof
from ..proving.theorem import Theorem
from . import generic_adam_conditions_give_weights as weights
from .generic_adam_converges_under_its_conditions import THEOREM as MAIN
from .generic_adam_has_power_law_rates import CONSTANTS, at, from_small_v, signs_of_price_and_log, weighted_squares
from .logs_of_roots_and_quotients import THEOREM as QUOTIENTS

TIME, REST = "(n + 1)", "sqrt(1 - beta2({t}))"
CHI, LOW = f"alpha(t)/{REST.format(t='t')}", "eta/sqrt(high)"
SUM = f"sum(t < n + 1, alpha(t + 1)*{REST.format(t='t + 1')})"
START = "(E(f(1)) - fstar + C3*d*alpha(1)/sqrt(1 - beta2(1))*log(1 + G^2/(eps*d)))"
BOUND = f"2*C0*({START} + C3*d/beta2(1)*(eta*sqrt(high)*(1 + log({TIME}))))/(1 - beta)/(eta*sqrt({TIME}))"
CLAIM = f"(sum(t < n + 1, E(y(t + 1)))/{TIME})^3 <= ({BOUND})^2*(G^2 + eps*d)"
LOGS = "forall Y rand, Z rand: Y > 0, Z > 0 => log(Y) - log(Z) <= Y/Z - 1"
ORDER = "numbers_with_smaller_squares_are_smaller"


def _step(proof: Proof) -> None:
    """At step k + 1: signs, and r = sqrt(k + 1) sqrt(1 - beta2) between sqrt(low) and sqrt(high)."""
    proof.use("natural_k", "natural", n="k")
    proof.have("time", "k + 1 > 0", ["natural_k"])
    proof.use("rate", "rates", k="k")
    proof.use("least", "shares_least", k="k")
    proof.use("most", "shares_most", k="k")
    reciprocal(proof, "k", "time", "k + 1")
    proof.have("share", "1 - beta2(k + 1) > 0", ["least", "low_positive*k_over"])
    root(proof, "time", "time", "k + 1")
    root(proof, "share", "share", "1 - beta2(k + 1)")
    r = "sqrt(k + 1)*sqrt(1 - beta2(k + 1))"
    proof.have("r_sign", f"{r} >= 0", ["time_root*share_root"])
    squares = ["time_square", "share_square", "k_unit", "low_square", "high_square"]
    proof.have("r_most", f"({r})^2 <= sqrt(high)^2", ["most*time"], squares)
    proof.have("r_least", f"sqrt(low)^2 <= ({r})^2", ["least*time"], squares)
    proof.have("high_sign", "sqrt(high) >= 0", ["high_root"])
    for name, a, b, sign, fact in (
        ("below_high", r, "sqrt(high)", "high_sign", "r_most"),
        ("above_low", "sqrt(low)", r, "r_sign", "r_least"),
    ):
        proof.lemma(name, f"{a} <= {b}", ORDER, [sign, fact], {"a": a, "b": b})


def _conditions(proof: Proof) -> None:
    """What the main theorem assumes: chi lies between eta/sqrt(high) and C0 times that."""
    proof.have("high_positive", "high > 0", ["low_positive", "order"])
    root(proof, "low", "low_positive", "low")
    root(proof, "high", "high_positive", "high")
    chi = f"alpha(k + 1)/{REST.format(t='k + 1')}"
    units = ["rate", "time_unit", "share_unit", "low_unit", "high_unit"]
    over = "time_over*share_over"
    for name, said, rows in (
        ("chi_low", f"{LOW} <= {chi}", [f"below_high*eta_positive*high_over*{over}"]),
        ("chi_high", f"{chi} <= C0*({LOW})", [f"above_low*eta_positive*low_over*{over}"]),
        ("alpha_next", "alpha(k + 1) > 0", ["eta_positive*time_over"]),
        ("share_next", "1 - beta2(k + 1) > 0", ["share"]),
        ("term", f"alpha(k + 1)*{REST.format(t='k + 1')} <= eta*sqrt(high)*(1/(k + 1))", None),
    ):
        with proof.fixing(name, f"forall k nat: {said}") as inner:
            _step(inner)
            if rows is None:
                inner.have(
                    "over",
                    "1/sqrt(k + 1) = sqrt(k + 1)/(k + 1)",
                    [],
                    [("1/(k + 1)/sqrt(k + 1)", "time_square"), "k_unit", "time_unit"],
                )
                inner.have("now", said, ["below_high*eta_positive*k_over"], ["rate", "over"])
            else:
                inner.have("now", said, rows, [*units, "C0_is"] if "C0" in said else units)
    proof.congruent("root_start", "beta2_start", "1/sqrt(1 - hole)")
    for name, said, fact in (
        ("chi_least", f"{LOW} <= {CHI}", "chi_low"),
        ("chi_most", f"{CHI} <= C0*({LOW})", "chi_high"),
        ("alpha_sign", "alpha(t) > 0", "alpha_next"),
        ("beta2_below", "beta2(t) < 1", "share_next"),
    ):
        with proof.induction(name, f"forall t nat: {said}") as (zero, following):
            zero.use("there", fact, k="0")
            equations = ["alpha_start", "root_start"] if "chi" in name or "alpha" in name else ["beta2_start"]
            zero.have("now", said.replace("(t)", "(0)"), ["there"], equations)
            following.use("there", fact, k="t")
            following.have("now", said.replace("(t)", "(t + 1)"), ["there"])
    with proof.fixing("a_positive", f"forall t nat: {LOW} > 0") as inner:
        inner.have("now", f"{LOW} > 0", ["eta_positive*high_over"])
    with proof.fixing("a_falls", f"forall t nat: {LOW} <= {LOW}") as inner:
        inner.have("now", f"{LOW} <= {LOW}")
    with proof.induction("beta2_grows", "forall t nat: beta2(t + 1) >= beta2(t)") as (zero, following):
        zero.have("now", "beta2(0 + 1) >= beta2(0)", [], ["beta2_start"])
        following.use("later", "growing", k="t")
    proof.use("natural_n", "natural", n="n")
    proof.have("some_step", "n + 1 >= 1", ["natural_n"])


def script(proof: Proof) -> None:
    """The main theorem, with C0 = sqrt(high/low); the sum is at most that of eta sqrt(high)/t."""
    _conditions(proof)
    letters = own_letters(MAIN.variables, ("t", "i"))
    letters |= {"a": ["t", LOW], "T": "n + 1"}
    left = f"2*C0*({START[1:-1]} + C3*d/beta2(1)*{SUM})/(1 - beta)/alpha(n + 1)/{TIME}"
    mean = f"(sum(t < n + 1, E(y(t + 1)))/{TIME})^3"
    proof.lemma("bound", f"{mean} <= ({left})^2*(G^2 + eps*d)", MAIN.theorem, list(MAIN.hypotheses), letters)
    _signs(proof)
    proof.have("T_positive", f"{TIME} > 0", ["natural_n"])
    reciprocal(proof, "T", "T_positive", TIME)
    root(proof, "end", "T_positive", TIME)
    proof.use("rate_end", "rates", k="n")
    reciprocal(proof, "eta", "eta_positive", "eta")
    proof.use("alpha_T", "alpha_sign", t="n + 1")
    reciprocal(proof, "alpha_T", "alpha_T", "alpha(n + 1)")
    scale = f"1/(eta*sqrt({TIME}))"
    units = ["alpha_T_unit", "T_unit", "end_unit", "eta_unit"]
    proof.have("ends", f"1/alpha(n + 1)/{TIME} = {scale}", [], [*_chain(scale), *units])
    proof.add("terms", f"{SUM} <= eta*sqrt(high)*sum(k < n + 1, 1/(k + 1))", "term", "n + 1")
    reciprocals = "forall q nat: q > 0 => sum(k < q, 1/(k + 1)) <= 1 + log(q)"
    proof.lemma("harmonic", reciprocals, "inverse_roots_and_reciprocals_sum_like_integrals", [], {})
    proof.use("harmonic_here", "harmonic", "T_positive", q=TIME)
    total = f"eta*sqrt(high)*(1 + log({TIME}))"
    proof.have("sum_most", f"{SUM} <= {total}", ["terms", "harmonic_here*eta_positive*high_root"])
    with proof.fixing("signs", f"forall t nat: alpha(t + 1)*{REST.format(t='t + 1')} >= 0") as inner:
        inner.use("alpha_here", "alpha_sign", t="t + 1")
        inner.use("root", "root_nonnegative", x="1 - beta2(t + 1)")
        inner.have("now", f"alpha(t + 1)*{REST.format(t='t + 1')} >= 0", ["alpha_here*root"])
    proof.add("sum_sign", f"{SUM} >= 0", "signs", "n + 1")
    over = "C0_positive*rest_over*alpha_T_over*T_over"
    proof.have("sign", f"{left} >= 0", [f"start_sign*{over}", f"C3_sign*d_positive*first_over*sum_sign*{over}"])
    proof.have("gap", f"{total} - {SUM} >= 0", ["sum_most"])
    more = f"2*C0*({START} + C3*d/beta2(1)*({total}))/(1 - beta)/alpha(n + 1)/{TIME}"
    proof.have("less", f"{left} <= {more}", [f"gap*C3_sign*d_positive*first_over*{over}"])
    proof.have("same", f"{more} = {BOUND}", [], [(f"2*C0*({START} + C3*d/beta2(1)*({total}))/(1 - beta)", "ends")])
    proof.have("order_here", f"{left} <= {BOUND}", ["less"], [("1", "same")])
    weighted_squares(proof, "x_order")
    proof.use("squares", "weighted_squares", "sign", "order_here", "weight", x=left, z=BOUND, w="G^2 + eps*d")
    proof.have("rate", CLAIM, ["bound", "squares"])


def _chain(scale: str) -> list[tuple[str, str]]:
    """1/(alpha T) = 1/(eta sqrt(T)): alpha sqrt(T) = eta, sqrt(T)^2 = T."""
    return [
        (f"-{scale}*sqrt({TIME})/alpha(n + 1)/{TIME}*sqrt({TIME})", "rate_end"),
        (f"{scale}/alpha(n + 1)/{TIME}*alpha(n + 1)", "end_square"),
    ]


def _signs(proof: Proof) -> None:
    """All parts of the bound are >= 0."""
    proof.lemma("logs", LOGS, "logs_lie_below_their_tangents", [], {})
    proof.have("unit", "1 > 0")
    proof.lemma("log_one", "log(1) = 0", QUOTIENTS.theorem, ["unit", "unit"], {"a": "1", "b": "1"})
    values = own_letters(weights.THEOREM.variables, ("t",))
    values |= {"a": ["t", LOW]}
    claim = weights.THEOREM.claims["C3_sign"]
    proof.lemma("C3_raw", claim, weights.THEOREM.theorem, list(weights.THEOREM.hypotheses), values)
    proof.lemma("C0_positive", "C0 > 0", weights.THEOREM.theorem, list(weights.THEOREM.hypotheses), values)
    proof.lemma(
        "beta2_signs", "forall t nat: beta2(t) > 0", weights.THEOREM.theorem, list(weights.THEOREM.hypotheses), values
    )
    proof.use("first", "beta2_signs", t="1")
    reciprocal(proof, "first", "first", "beta2(1)")
    signs_of_price_and_log(proof, claim, "C3_is")
    proof.mean("gap_sign", "E(f(1)) >= fstar", "above")
    proof.use("chi_one", "chi_least", t="1")
    proof.have("chi_sign", "alpha(1)/sqrt(1 - beta2(1)) >= 0", ["chi_one", "eta_positive*high_over"])
    proof.have("start_sign", f"{START} >= 0", ["gap_sign", "C3_sign*d_positive*chi_sign*log_sign"])
    proof.have("rest_positive", "1 - beta > 0", ["beta_small"])
    reciprocal(proof, "rest", "rest_positive", "1 - beta")


DROPPED = ("beta2_below", "beta2_grows", "a_positive", "a_falls", "chi_least", "chi_most", "some_step")
ALPHA, BETA2 = "1/sqrt(max({0}, 1))", "(1 - 1/4/max({0}, 1))"
SECOND = f"exp(sum(k < t, log{BETA2.format('k + 1')}))"
NUMBERS = {
    **CONSTANTS,
    "C0": "sqrt(1/2)/sqrt(1/8)",
    "alpha": ["t", ALPHA.format("t")],
    "beta2": ["t", BETA2.format("t")],
}


def _later(proof: Proof) -> None:
    """`same`: max(k + 1, 1) is k + 1; its reciprocal."""
    proof.use("natural_k", "natural", n="k")
    proof.have("sign", "k + 1 - 1 >= 0", ["natural_k"])
    proof.use("size", "absolute_of_nonnegative", "sign", x="k + 1 - 1")
    proof.have("same", "max(k + 1, 1) = k + 1", [], ["size"])
    proof.have("time", "k + 1 > 0", ["natural_k"])
    reciprocal(proof, "k", "time", "k + 1")
    proof.congruent("over", "same", "1/hole")


def _large(proof: Proof) -> None:
    """beta2 is at least 3/4 from step 1 on."""
    _later(proof)
    proof.have("large", f"{BETA2.format('k + 1')} >= 3/4", ["natural_k*k_over"], ["over", "k_unit"])


def shown(proof: Proof) -> None:
    """A constant loss without noise; beta2_t = 1 - 1/(4 t)."""
    proof.use("no_power", "exp_of_zero")
    proof.have("low", "0 - 1 < 0")
    proof.use("low_size", "absolute_of_negative", "low", x="0 - 1")
    proof.have("even", "1 - 1 >= 0")
    proof.use("even_size", "absolute_of_nonnegative", "even", x="1 - 1")
    proof.have("at_0", "max(0, 1) = 1", [], ["low_size"])
    proof.have("at_1", "max(1, 1) = 1", [], ["even_size"])
    for name, context, text in (("alpha", "1/sqrt(hole)", ALPHA), ("beta2", "1/hole", BETA2)):
        proof.congruent(f"{name}_0", "at_0", context)
        proof.congruent(f"{name}_1", "at_1", context)
        start = f"{text.format('0')} = {text.format('1')}"
        proof.have(f"{name}_start", start, [], [("1", f"{name}_0"), ("1", f"{name}_1")])
    proof.have("beta2_first", f"{BETA2.format('0')} > 0", [], [("1", "beta2_0")])
    with proof.fixing("rates", f"forall k nat: {ALPHA.format('k + 1')} = 1/sqrt(k + 1)") as inner:
        _later(inner)
        inner.congruent("now", "same", "1/sqrt(hole)")
    share = f"1 - {BETA2.format('k + 1')}"
    for name, said in (("shares_least", f"{share} >= 1/8/(k + 1)"), ("shares_most", f"{share} <= 1/2/(k + 1)")):
        with proof.fixing(name, f"forall k nat: {said}") as inner:
            _later(inner)
            inner.have("now", said, ["k_over"], ["over"])
    with proof.fixing("recent", f"forall k nat: {share} = 1/4/(k + 1)") as inner:
        _later(inner)
        inner.have("now", f"{share} = 1/4/(k + 1)", [], ["over"])
    said = f"{BETA2.format('k + 2')} >= {BETA2.format('k + 1')}"
    with proof.fixing("growing", f"forall k nat: {said}") as inner:
        _later(inner)
        inner.use("now_share", "recent", k="k")
        inner.use("next_share", "recent", k="k + 1")
        inner.have("next_time", "k + 2 > 0", ["natural_k"])
        reciprocal(inner, "next", "next_time", "k + 2")
        inner.have("less", "1/(k + 2) <= 1/(k + 1)", ["k_over*next_over"], ["k_unit", "next_unit"])
        inner.have("now", said, ["less"], [("1", "now_share"), ("1", "next_share")])
    kept = f"1 = 1*min(1, {BETA2.format('t + 1')}/(1/2))"
    with proof.fixing("large", f"forall k nat: {BETA2.format('k + 1')} >= 3/4") as inner:
        _large(inner)
    with proof.fixing("kept_next", f"forall t nat: {kept}") as inner:
        inner.use("here", "large", k="t")
        inner.have("above", f"1 - {BETA2.format('t + 1')}/(1/2) < 0", ["here"])
        inner.use("cut", "absolute_of_negative", "above", x=f"1 - {BETA2.format('t + 1')}/(1/2)")
        inner.have("now", kept, [], ["cut"])
    first = SECOND.replace("k < t", "k < 0")
    with proof.fixing("v_start", f"forall i nat: {first} = 1") as inner:
        inner.linear("nothing", f"{first[4:-1]} = 0")
        inner.congruent("power", "nothing", "exp(hole)")
        inner.have("now", f"{first} = 1", [], ["power", "no_power"])
    total, later = SECOND[4:-1], SECOND[4:-1].replace("k < t", "k < t + 1")
    now = BETA2.format("t + 1")
    update = f"exp({later}) = {now}*{SECOND} + (1 - {now})*0^2"
    with proof.fixing("v_next", f"forall t nat, i nat: {update}") as inner:
        inner.use("here", "large", k="t")
        inner.have("positive", f"{now} > 0", ["here"])
        inner.use("of_log", "exp_of_log", "positive", x=now)
        inner.use("power", "exp_of_sum", x=total, y=f"log{now}")
        inner.linear("more", f"{later} = {total} + log{now}")
        inner.congruent("powers", "more", "exp(hole)")
        inner.have("now", update, [], ["powers", "power", "of_log"])
    claim = "E(X*0^2) <= E(X*1^2)"
    with proof.fixing(
        "noise", f"forall X rand, t nat, i nat: X >= 0, past(X, t) => {claim}", "X_sign", "known"
    ) as inner:
        inner.mean("mean", "E(X) >= 0", "X_sign")
        inner.linear("none", "E(X*0^2) = 0")
        inner.linear("plain", "E(X*1^2) = E(X)")
        inner.have("here", claim, ["mean"], ["none", "plain"])
    rho = f"0 = 0*({ALPHA.format('(t + 1)')})/(sqrt{BETA2.format('(t + 1)')}*({ALPHA.format('t')}))"
    with proof.fixing("rho_is", f"forall t nat: {rho}") as inner:
        inner.have("now", rho)


THEOREM = Theorem(
    theorem="averages_over_all_steps_make_adam_converge",
    title="Averages over all steps make Adam converge on average",
    says="""Generic Adam with alpha_t = eta/sqrt(t) and low/t <= 1 - beta2_t <= high/t, beta2 in (0, 1) not decreasing,
    any beta1_t up to beta < 1, under the assumptions of the main theorem on the loss and the gradients; C3, C1 and thr
    > beta^2 are as there, C0 = sqrt(high/low). For every T = n + 1, (E |grad f(theta_tau)|^(4/3))^(3/2) is at most 2
    C0 sqrt(G^2 + eps d)/(1 - beta) times (E f(theta_1) - f* + C3 d chi_1 log(1 + G^2/(eps d)) + C3 d eta sqrt(high) (1
    + log T)/beta2_1)/(eta sqrt(T)): of the order log T/sqrt(T). Such are RMSProp, AdamNC, and (by two other theorems)
    AdaGrad and NosAdam from their second step on, with and without momentum. Both sides are squared, y is |grad
    f|^(4/3).""",
    sources=["chen2022towards, the corollaries", "zou2019sufficient"],
    variables={
        **{n: s for n, s in MAIN.variables.items() if n not in ("a", "T")},
        **dict.fromkeys(("eta", "low", "high"), "real"),
        "n": "nat",
    },
    hypotheses={
        "eta_positive": "eta > 0",
        "low_positive": "low > 0",
        "order": "high >= low",
        "C0_is": "C0 = sqrt(high)/sqrt(low)",
        "rates": "forall k nat: alpha(k + 1) = eta/sqrt(k + 1)",
        "shares_least": "forall k nat: 1 - beta2(k + 1) >= low/(k + 1)",
        "shares_most": "forall k nat: 1 - beta2(k + 1) <= high/(k + 1)",
        "growing": "forall k nat: beta2(k + 2) >= beta2(k + 1)",
        "alpha_start": "alpha(0) = alpha(1)",
        "beta2_start": "beta2(0) = beta2(1)",
        **{n: s for n, s in MAIN.hypotheses.items() if n not in DROPPED},
    },
    claims={"rate": CLAIM},
    lemmas=[
        "logs_lie_below_their_tangents",
        "inverse_roots_and_reciprocals_sum_like_integrals",
        ORDER,
        QUOTIENTS.theorem,
        weights.THEOREM.theorem,
        MAIN.theorem,
    ],
    model={
        **{n: v for n, v in MAIN.model.items() if n not in ("a", "T")},
        **{"eta": "1", "low": "1/8", "high": "1/2", "n": "4", "C0": NUMBERS["C0"]},
        **{"alpha": NUMBERS["alpha"], "beta2": NUMBERS["beta2"]},
        **{name: ["t", "0"] for name in ("beta1", "rho")},
        "v": ["t", "i", SECOND],
        "s": ["t", "i", f"sqrt({SECOND})"],
        "C3": at("0 = " + MAIN.hypotheses["C3_is"].split(" = ")[1], NUMBERS).removeprefix("0 = "),
    },
    script=script,
    shown=shown,
    instances=[
        from_small_v(
            "Generic Adam whose second moment averages over all steps, v from 1e-8",
            {
                **{"low": "1/4", "high": "1/4", "C0": "1"},
                "alpha": ["t", "eta/sqrt(max(t, 1))"],
                "beta2": ["t", "1 - low/max(t, 1)"],
                "kick": "beta/(1 - beta)/sqrt((1 - beta^2/thr)*beta2(1)) + 1",
                "C3": "1/(1 - root)*(alpha(1)/sqrt(1 - beta2(1))*L/(1 - root)^2 + 2*kick^2*G)",
            },
        )
    ],
)
