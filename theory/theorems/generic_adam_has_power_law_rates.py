"""Generic Adam under power laws: the main theorem with its rates put in (Chen et al. 2022, corollaries)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..kernel.formulas import formula
from ..kernel.terms import term
from ..proving.instance import Given, Instance
from ..proving.linear_losses import linear_loss
from ..proving.positive import reciprocal
from ..proving.same_names import own_letters
from ..proving.script import Proof
from ..proving.theorem import Theorem
from . import generic_adam_conditions_give_weights as weights
from .generic_adam_converges_under_its_conditions import THEOREM as MAIN
from .logs_of_roots_and_quotients import THEOREM as QUOTIENTS
from .power_laws_meet_the_sufficient_condition import THEOREM as LAWS

TIME, CHI = "(n + 1)", "alpha(t)/sqrt(1 - beta2(t))"
SUM = "sum(t < n + 1, alpha(t + 1)*sqrt(1 - beta2(t + 1)))"
START = "(E(f(1)) - fstar + C3*d*eta/sqrt(share)*log(1 + G^2/(eps*d)))"
LOGS = "forall Y rand, Z rand: Y > 0, Z > 0 => log(Y) - log(Z) <= Y/Z - 1"
RATES = {
    "slow": f"pow({TIME}, -q/2)/(1 - (p + q/2))",
    "border": f"(1 + log({TIME}))*pow({TIME}, p - 1)",
    "fast": f"(p + q/2)/(p + q/2 - 1)*pow({TIME}, p - 1)",
}
CASES = {"slow": "p + q/2 < 1", "border": "p + q/2 = 1", "fast": "p + q/2 > 1"}


def most(name: str) -> str:
    """The bound in one of the three cases."""
    return f"2/(1 - beta)*({START}/(eta*pow({TIME}, 1 - p)) + C3*d/(1 - share)*sqrt(share)*{RATES[name]})"


C3_HERE = (
    "1/sqrt(C1)/(1 - sqrt(beta^2/thr))*(eta/sqrt(share)*L/C1/(1 - sqrt(beta^2/thr))/(1 - sqrt(beta^2/thr))"
    " + 2*(beta/(1 - beta)*(1/sqrt(C1*(1 - beta^2/thr)*(1 - share))) + 1)^2*G)"
)
CLAIMS = {
    name: f"{case} => (sum(t < n + 1, E(y(t + 1)))/{TIME})^3 <= ({most(name)})^2*(G^2 + eps*d)"
    for name, case in CASES.items()
}


def at(text: str, values: Mapping[str, str | list[str]]) -> str:
    """A claim with these values of its variables."""
    given = {n: ((), term(v)) if isinstance(v, str) else (tuple(v[:-1]), term(v[-1])) for n, v in values.items()}
    return str(formula(text).substituted(given))


def _first(proof: Proof) -> None:
    """Values at 1, and at 0, which are those at 1."""
    proof.have("unit", "1 > 0")
    proof.lemma("log_one", "log(1) = 0", QUOTIENTS.theorem, ["unit", "unit"], {"a": "1", "b": "1"})
    proof.use("zero_power", "exp_of_zero")
    for name, exponent in (("p", "-p"), ("q", "-q")):
        proof.congruent(f"power_{name}", "log_one", f"exp({exponent}*hole)")
    proof.use("alpha_0", "rates", k="0")
    proof.use("share_0", "shares", k="0")
    proof.have("alpha_1", "alpha(1) = eta", [], ["alpha_0", "power_p", "zero_power"])
    proof.have("beta2_1", "beta2(1) = 1 - share", [], [("-1", "share_0"), "power_q", "zero_power"])
    proof.have("least", "1 - share > 0", ["share_below"])


def _positive(proof: Proof) -> None:
    """`shares_positive`, `alpha_positive` for all t."""
    for name, said, given, factor in (
        ("share_sign", "1 - beta2({0}) > 0", "shares", "share_positive"),
        ("alpha_sign", "alpha({0}) > 0", "rates", "eta_positive"),
    ):
        exponent = "q" if given == "shares" else "p"
        with proof.induction(name, f"forall t nat: {said.format('t')}") as (zero, following):
            equations = ["beta2_start", "beta2_1"] if given == "shares" else ["alpha_start", "alpha_1"]
            zero.have("now", said.format("0"), [factor], equations)
            following.use("here", given, k="t")
            following.use("power", "exp_positive", x=f"-{exponent}*log(t + 1)")
            following.have("now", said.format("t + 1"), [f"{factor}*power"], [("1", "here")])


def _falling(proof: Proof) -> None:
    """beta2 does not decrease, and chi does not increase."""
    with proof.induction("beta2_grows", "forall t nat: beta2(t + 1) >= beta2(t)") as (zero, following):
        zero.have("now", "beta2(0 + 1) >= beta2(0)", [], ["beta2_start"])
        following.use("natural_t", "natural", n="t")
        following.have("one", "t + 1 > 0", ["natural_t"])
        following.have("two", "t + 2 > 0", ["natural_t"])
        reciprocal(following, "two", "two", "t + 2")
        following.use("logs_here", "logs", "one", "two", Y="t + 1", Z="t + 2")
        step = "log(t + 2) - log(t + 1)"
        following.have("later", f"{step} >= 0", ["logs_here", "two_over"], ["two_unit"])
        following.use("power", "exp_positive", x="-q*log(t + 2)")
        following.use("tangent", "exp_tangent", x=f"q*({step})")
        following.use("split", "exp_of_sum", x="-q*log(t + 2)", y=f"q*({step})")
        following.use("here", "shares", k="t")
        following.use("there", "shares", k="t + 1")
        rows = ["share_positive*power*tangent", "share_positive*power*later*q_sign"]
        equations = [("1", "here"), ("1", "there"), ("share", "split")]
        following.have("now", "beta2(t + 1 + 1) >= beta2(t + 1)", rows, equations)
    chi = "alpha({0})/sqrt(1 - beta2({0}))"
    claim = f"{chi.format('t + 1')} <= {chi.format('t')}"
    with proof.induction("chi_falls", f"forall t nat: {claim}") as (zero, following):
        zero.congruent("root", "beta2_start", "1/sqrt(1 - hole)")
        zero.have("now", claim.replace("t + 1", "0 + 1").replace("(t)", "(0)"), [], ["alpha_start", "root"])
        following.use("order", "law_scale", "narrow", k="t")
        for name, time in (("old", "t + 1"), ("new", "t + 1 + 1")):
            following.use(f"{name}_share", "share_sign", t=time)
            following.use(f"{name}_root", "root_positive", f"{name}_share", x=f"1 - beta2({time})")
            reciprocal(following, name, f"{name}_root", f"sqrt(1 - beta2({time}))")
        said = f"{chi.format('t + 1 + 1')} <= {chi.format('t + 1')}"
        following.have("now", said, ["order*old_over*new_over"], ["old_unit", "new_unit"])


def _conditions(proof: Proof) -> None:
    """What the main theorem assumes of the sequences."""
    proof.use("share_at_0", "share_sign", t="0")
    proof.have("beta2_first", "beta2(0) > 0", ["least"], ["beta2_start", "beta2_1"])
    with proof.fixing("beta2_below", "forall t nat: beta2(t) < 1") as inner:
        inner.use("sign", "share_sign", t="t")
        inner.have("now", "beta2(t) < 1", ["sign"])
    with proof.fixing("chi_positive", f"forall t nat: {CHI} > 0") as inner:
        inner.use("here", "share_sign", t="t")
        inner.use("alpha_here", "alpha_sign", t="t")
        inner.use("root", "root_positive", "here", x="1 - beta2(t)")
        inner.use("over", "reciprocal_positive", "root", x="sqrt(1 - beta2(t))")
        inner.have("now", f"{CHI} > 0", ["alpha_here*over"])
    for name, said in (("chi_least", f"{CHI} <= {CHI}"), ("chi_most", f"{CHI} <= 1*({CHI})")):
        with proof.fixing(name, f"forall t nat: {said}") as inner:
            inner.have("now", said)
    proof.use("natural_n", "natural", n="n")
    proof.have("some_step", "n + 1 >= 1", ["natural_n"])
    proof.have("share_first", "1 - beta2(1) = share", [], ["beta2_1"])
    proof.congruent("root_first", "share_first", "sqrt(hole)")
    proof.congruent("over_root_first", "share_first", "1/sqrt(hole)")
    proof.congruent("over_first", "beta2_1", "1/hole")
    form = MAIN.hypotheses["C3_is"].split(" = ")[1].replace("C0", "1").replace("1 - beta2(1)", "1 - hole")
    form = form.replace("beta2(1)", "hole")
    proof.congruent("C3_form", "beta2_1", form)
    proof.have("C3_at_1", MAIN.hypotheses["C3_is"].replace("C0", "1"), [], ["C3_is", "C3_form", "alpha_1"])


def script(proof: Proof) -> None:
    """The sums of power laws in the bound of the main theorem, with C0 = 1."""
    proof.lemma("logs", LOGS, "logs_lie_below_their_tangents", [], {})
    _first(proof)
    values: dict[str, str | list[str]] = {"eta": "eta", "a": "share", "s": "p", "r": "q"}
    values |= {"alpha": ["k", "alpha(k + 1)"], "theta": ["k", "beta2(k + 1)"]}
    names = ["eta_positive", "share_positive", "p_sign", "q_sign", "rates", "shares"]
    for name, claim in LAWS.claims.items():
        renamed = re.sub(r"\bm\b", "N", claim)
        proof.lemma(f"law_{name}", at(renamed, values), LAWS.theorem, names, values)
    _positive(proof)
    _falling(proof)
    _conditions(proof)
    letters = own_letters(MAIN.variables, ("t", "i"))
    letters |= {"a": ["t", CHI], "C0": "1", "T": "n + 1"}
    facts = {"a_positive": "chi_positive", "a_falls": "chi_falls", "C3_is": "C3_at_1"}
    hypotheses = [facts.get(name, name) for name in MAIN.hypotheses]
    whole = "2*(E(f(1)) - fstar + C3*d*alpha(1)/sqrt(1 - beta2(1))*log(1 + G^2/(eps*d)) + " + f"C3*d/beta2(1)*{SUM})"
    left = f"{whole}/(1 - beta)/alpha(n + 1)/{TIME}"
    mean = f"(sum(t < n + 1, E(y(t + 1)))/{TIME})^3"
    proof.lemma("bound", f"{mean} <= ({left})^2*(G^2 + eps*d)", MAIN.theorem, hypotheses, letters)
    _signs(proof)
    weighted_squares(proof, "order")
    for name in CASES:
        with proof.fixing(name, CLAIMS[name], "case") as inner:
            _case(inner, name, left, mean)


def _signs(proof: Proof) -> None:
    """All parts of the bound are >= 0."""
    values = own_letters(weights.THEOREM.variables, ("t",))
    values |= {"a": ["t", CHI], "C0": "1"}
    renamed = {"a_positive": "chi_positive", "a_falls": "chi_falls"}
    names = [renamed.get(name, name) for name in weights.THEOREM.hypotheses]
    claim = weights.THEOREM.claims["C3_sign"].replace("C0", "1")
    proof.lemma("C3_raw", claim, weights.THEOREM.theorem, names, values)
    signs_of_price_and_log(proof, claim, "C3_at_1")
    proof.mean("gap", "E(f(1)) >= fstar", "above")
    proof.use("share_root", "root_positive", "share_positive", x="share")
    reciprocal(proof, "share_root", "share_root", "sqrt(share)")
    proof.have("start_sign", f"{START} >= 0", ["gap", "C3_sign*d_positive*eta_positive*share_root_over*log_sign"])
    proof.have("rest_positive", "1 - beta > 0", ["beta_small"])
    reciprocal(proof, "rest", "rest_positive", "1 - beta")
    reciprocal(proof, "least", "least", "1 - share")
    proof.have("T_positive", f"{TIME} > 0", ["natural_n"])
    reciprocal(proof, "T", "T_positive", TIME)
    proof.use("alpha_T", "alpha_sign", t="n + 1")
    reciprocal(proof, "alpha_T", "alpha_T", "alpha(n + 1)")
    with proof.fixing("terms", "forall t nat: alpha(t + 1)*sqrt(1 - beta2(t + 1)) >= 0") as inner:
        inner.use("alpha_here", "alpha_sign", t="t + 1")
        inner.use("root", "root_nonnegative", x="1 - beta2(t + 1)")
        inner.have("now", "alpha(t + 1)*sqrt(1 - beta2(t + 1)) >= 0", ["alpha_here*root"])
    proof.add("sum_sign", f"{SUM} >= 0", "terms", "n + 1")
    proof.use("power", "exp_positive", x=f"(1 - p)*log({TIME})")
    proof.have("end", f"eta*pow({TIME}, 1 - p) > 0", ["eta_positive*power"])
    reciprocal(proof, "end", "end", f"eta*pow({TIME}, 1 - p)")
    proof.use("horizon", "law_horizon", N="n")
    end = f"1/(eta*pow({TIME}, 1 - p))"
    proof.have(
        "end_value",
        f"{end} = 1/alpha(n + 1)/{TIME}",
        [],
        [(f"{end}/alpha(n + 1)/{TIME}", "horizon"), "end_unit", "alpha_T_unit", "T_unit"],
    )


def signs_of_price_and_log(proof: Proof, claim: str, definition: str) -> None:
    """`C3_sign`, from the claim that its definition is >= 0, and `log_sign`: that of log(1 + G^2/(eps d))."""
    proof.have("C1_weak", "C1 >= 0", ["C1_positive"])
    proof.use("C1_root", "root_squared", "C1_weak", x="C1")
    proof.congruent("C3_forms", "C1_root", claim.split(" >= ")[0].replace("sqrt(C1)^2", "hole"))
    proof.have("C3_sign", "C3 >= 0", ["C3_raw"], [definition, ("1", "C3_forms")])
    proof.have("d_positive", "d > 0", ["some_coordinate"])
    proof.have("volume", "eps*d > 0", ["eps_positive*d_positive"])
    reciprocal(proof, "volume", "volume", "eps*d")
    inside = "1 + G^2/(eps*d)"
    proof.have("inside", f"{inside} > 0", ["G_positive*G_positive*volume_over"])
    reciprocal(proof, "inside", "inside", inside)
    proof.use("log_order", "logs", "unit", "inside", Y="1", Z=inside)
    rows = ["log_order", "G_positive*G_positive*volume_over*inside_over"]
    proof.have("log_sign", f"log({inside}) >= 0", rows, ["log_one", "inside_unit"])
    proof.use("above", "bounded", t="1")


def weighted_squares(proof: Proof, order: str) -> None:
    """`weighted_squares`: x^2 w <= z^2 w for 0 <= x <= z and w >= 0; `weight`: the one of the bound is >= 0."""
    squares = "forall x real, z real, w real: x >= 0, x <= z, w >= 0 => x^2*w <= z^2*w"
    with proof.fixing("weighted_squares", squares, "x_sign", order, "w_sign") as inner:
        inner.have("room", "z - x >= 0", [order])
        inner.have("now", "x^2*w <= z^2*w", ["room*room*w_sign", "room*x_sign*w_sign"])
    proof.have("weight", "G^2 + eps*d >= 0", ["volume", "G_positive*G_positive"])


def _case(proof: Proof, name: str, left: str, mean: str) -> None:
    proof.use("sum_most", f"law_{name}", "case", N="n")
    total = "sqrt(share)*" + RATES[name]
    rows = ["sum_most*alpha_T_over*T_over"]
    equations = ["alpha_T_unit", "T_unit"]
    if name == "slow":
        proof.have("room", "1 - (p + q/2) > 0", ["case"])
        reciprocal(proof, "room", "room", "1 - (p + q/2)")
        rows, equations = ["sum_most*alpha_T_over*T_over*room_over"], [*equations, "room_unit"]
    proof.have("quotient", f"{SUM}/alpha(n + 1)/{TIME} <= {total}", rows, equations)
    rows = ["quotient*C3_sign*d_positive*least_over*rest_over"]
    ours = most(name)
    equations = ["alpha_1", "over_root_first", "over_first", (f"1/(1 - beta)*{START}", "end_value")]
    proof.have("less", f"{left} <= {ours}", rows, equations)
    over = "rest_over*alpha_T_over*T_over"
    rows = [f"start_sign*{over}", f"C3_sign*d_positive*least_over*sum_sign*{over}"]
    proof.have("sign", f"{left} >= 0", rows, ["alpha_1", "over_root_first", "over_first"])
    proof.use("squares", "weighted_squares", "sign", "less", "weight", x=left, z=ours, w="G^2 + eps*d")
    proof.have("now", CLAIMS[name].split("=> ")[1], ["bound", "squares"])


KEPT = {
    name: text
    for name, text in MAIN.hypotheses.items()
    if name
    not in (
        *("beta2_first", "beta2_below", "beta2_grows", "a_positive", "a_falls", "chi_least", "chi_most"),
        *("some_step", "C3_is"),
    )
}
CONSTANTS: Mapping[str, str | list[str]] = {"C1": "1/2", "beta": "1/2", "thr": "1/2", "L": "1", "G": "2"}
RUN = "exp(-1/2*log(max({0}, 1)))"


def shown(proof: Proof) -> None:
    """The learning rates are t^(-1/2), the second moments (3/4)^t."""
    proof.have("kept_share", "3/4 > 0")
    proof.use("of_log", "exp_of_log", "kept_share", x="3/4")
    proof.use("first", "exp_of_zero")
    proof.have("four_thirds", "3/4/(1/2) - 1 >= 0")
    proof.have("above", "1 - 3/4/(1/2) < 0")
    proof.use("cut", "absolute_of_negative", "above", x="1 - 3/4/(1/2)")
    with proof.fixing("kept_next", "forall t nat: 1 = 1*min(1, 3/4/(1/2))") as fixed:
        fixed.have("now", "1 = 1*min(1, 3/4/(1/2))", (), ["cut"])
    with proof.fixing("v_start", "forall i nat: exp(0*log(3/4)) = 1") as fixed:
        fixed.have("here", "exp(0*log(3/4)) = 1", (), ["first"])
    update = "exp((t + 1)*log(3/4)) = 3/4*exp(t*log(3/4)) + (1 - 3/4)*0^2"
    with proof.fixing("v_next", f"forall t nat, i nat: {update}") as fixed:
        fixed.use("power", "exp_of_sum", x="t*log(3/4)", y="log(3/4)")
        fixed.have("here", update, (), ["power", "of_log"])
    claim = "E(X*0^2) <= E(X*1^2)"
    with proof.fixing("noise", f"forall X rand, t nat, i nat: X >= 0, past(X, t) => {claim}", "sign", "known") as fixed:
        fixed.mean("mean", "E(X) >= 0", "sign")
        fixed.linear("none", "E(X*0^2) = 0")
        fixed.linear("same", "E(X*1^2) = E(X)")
        fixed.have("here", claim, ["mean"], ["none", "same"])
    with proof.fixing("rates", f"forall k nat: {RUN.format('(k + 1)')} = 1*pow(k + 1, -1/2)") as fixed:
        fixed.use("natural_k", "natural", n="k")
        fixed.have("sign", "k + 1 - 1 >= 0", ["natural_k"])
        fixed.use("size", "absolute_of_nonnegative", "sign", x="k + 1 - 1")
        fixed.congruent("same", "size", "exp(-1/2*log((k + 1 + 1 + hole)/2))")
        fixed.have("now", f"{RUN.format('(k + 1)')} = 1*pow(k + 1, -1/2)", (), [("1", "same")])
    proof.have("low", "0 - 1 < 0")
    proof.use("low_size", "absolute_of_negative", "low", x="0 - 1")
    proof.have("even", "1 - 1 >= 0")
    proof.use("even_size", "absolute_of_nonnegative", "even", x="1 - 1")
    for name, size, number in (("at_0", "low_size", "0"), ("at_1", "even_size", "1")):
        proof.congruent(name, size, f"exp(-1/2*log(({number} + 1 + hole)/2))")
    proof.have("alpha_start", f"{RUN.format('0')} = {RUN.format('1')}", (), [("1", "at_0"), ("-1", "at_1")])
    with proof.fixing("shares", "forall k nat: 1 - 3/4 = 1/4*pow(k + 1, -0)") as fixed:
        fixed.have("now", "1 - 3/4 = 1/4*pow(k + 1, -0)", (), ["first"])
    with proof.fixing("rho_is", f"forall t nat: 0 = 0*{RUN.format('(t + 1)')}/(sqrt(3/4)*{RUN.format('t')})") as fixed:
        fixed.have("now", f"0 = 0*{RUN.format('(t + 1)')}/(sqrt(3/4)*{RUN.format('t')})")


def from_small_v(says: str, values: Mapping[str, Given]) -> Instance:
    """Two steps of Generic Adam whose v starts at 1e-8. values: of what the theorem has besides."""
    given = {
        **{"eps": "1/100000000", "eta": "1/4", "n": "1", "beta": "1/2", "thr": "1/2", "C1": "1", "G": "5"},
        "s": ["t", "i", "sqrt(v(t, i))"],
        "kept": ["t", "1"],
        "delta": ["t", "i", "3"],
        "root": "sqrt(beta^2/thr)",
    }
    settings = {"eta": "alpha(t + 1)", "beta1": "beta1(t + 1)", "beta2": "beta2(t + 1)"}
    wrong = ("adam@correction=none",)
    return linear_loss("generic_adam", says, settings, {**given, **values}, why="torch starts v at 0", wrong=wrong)


THEOREM = Theorem(
    theorem="generic_adam_has_power_law_rates",
    title="Generic Adam with power laws: the rates",
    says="""Generic Adam with alpha_t = eta t^(-p), beta2_t = 1 - share t^(-q), 0 <= q <= 2 p, 0 < share < 1, any
    beta1_t up to beta < 1, under the assumptions of the main theorem on the loss and the gradients. With C3, C1 and
    thr > beta^2 as there (so that beta^2 < 1 - share if q = 0), C0 = 1, and start = E f(theta_1) - f* + C3 d
    eta/sqrt(share) log(1 + G^2/(eps d)): for every T = n + 1, (E |grad f(theta_tau)|^(4/3))^(3/2) is at most 2
    sqrt(G^2 + eps d)/(1 - beta) times start/(eta T^(1 - p)) plus C3 d sqrt(share)/(1 - share) times T^(-q/2)/(1 - p -
    q/2) if p + q/2 < 1; (1 + log T) T^(p - 1) if it is 1; r/(r - 1) T^(p - 1) if r = p + q/2 > 1. It goes to 0 for q >
    0 and p < 1. Both sides are squared, y is |grad f|^(4/3).""",
    sources=["chen2022towards, the corollaries", "zou2019sufficient"],
    variables={
        **{n: s for n, s in MAIN.variables.items() if n not in ("a", "C0", "T")},
        **dict.fromkeys(("eta", "share", "p", "q"), "real"),
        "n": "nat",
    },
    hypotheses={
        "eta_positive": "eta > 0",
        "share_positive": "share > 0",
        "share_below": "share < 1",
        "p_sign": "p >= 0",
        "q_sign": "q >= 0",
        "narrow": "q <= 2*p",
        "rates": "forall k nat: alpha(k + 1) = eta*pow(k + 1, -p)",
        "shares": "forall k nat: 1 - beta2(k + 1) = share*pow(k + 1, -q)",
        "alpha_start": "alpha(0) = alpha(1)",
        "beta2_start": "beta2(0) = beta2(1)",
        "C3_is": f"C3 = {C3_HERE}",
        **KEPT,
    },
    claims=CLAIMS,
    lemmas=[
        "logs_lie_below_their_tangents",
        QUOTIENTS.theorem,
        LAWS.theorem,
        weights.THEOREM.theorem,
        MAIN.theorem,
    ],
    model={
        **{n: v for n, v in MAIN.model.items() if n not in ("a", "C0", "T")},
        **{"eta": "1", "share": "1/4", "p": "1/2", "q": "0", "n": "4"},
        "alpha": ["t", RUN.format("t")],
        "beta1": ["t", "0"],
        "rho": ["t", "0"],
        "C3": at(f"0 = {C3_HERE}", {**CONSTANTS, "eta": "1", "share": "1/4"}).removeprefix("0 = "),
    },
    unproved=(
        "Generic Adam with alpha_t = eta t^(-p), beta2_t = 1 - a t^(-q), q > 2 p, has rates as well, T^(-p) "
        "for q < 1: not proved. Condition SC3 fails there; the certificate shows it horizon by horizon."
    ),
    script=script,
    shown=shown,
    instances=[
        from_small_v(
            f"Generic Adam, step sizes that fall as {said}, v from 1e-8",
            {
                **{"share": "1/4", "p": p, "q": "0"},
                "alpha": ["t", "eta*pow(max(t, 1), -p)"],
                "beta2": ["t", "1 - share*pow(max(t, 1), -q)"],
                "kick": "beta/(1 - beta)/sqrt((1 - beta^2/thr)*(1 - share)) + 1",
                "C3": "1/(1 - root)*(eta/sqrt(share)*L/(1 - root)^2 + 2*kick^2*G)",
            },
        )
        for p, said in (("1", "1/t"), ("2", "1/t^2"))
    ],
)
