"""The step of MoMo-Adam's rule, as it is computed, is the published one (Schaipp et al. 2024, Lemma 3.1)."""

from collections.abc import Mapping

from ..proving.define import Definitions
from ..proving.instance import Given, Recursion
from ..proving.momo_runs import momo_adam_by_its_rule
from ..proving.momo_value import AVERAGES, VALUE, A, F, height, numerator, value_of_the_model
from ..proving.positive import inverse
from ..proving.script import Proof
from ..proving.theorem import Theorem, Value
from . import momo_rule_takes_the_step_of_its_closed_form as plain
from . import momo_share_gives_its_step_size as share
from . import momo_step_has_a_closed_form as published
from . import powers_of_a_fraction as powers

RHO = "(1 - beta1_power(t + 1))"
METRIC = "(sqrt(v(t + 1, {i})/(1 - beta2_power(t + 1))) + eps)"
D = METRIC.format(i="i")
Q = f"sum(j < n, m(t + 1, j)^2/{METRIC.format(i='j')})"
CAP, N = f"eta(t + 1)/{RHO}", numerator(RHO)
TAU = f"min({CAP}, max(0, {N})/{Q})"


def script(proof: Proof) -> None:
    """As for MoMo, with the weights 1 - beta1^t and the metric of Adam."""
    value_of_the_model(proof, "0")
    metric(proof)
    length = f"q(t + 1) = {CAP}*{Q}/{A}"
    with proof.fixing("lengths", f"forall t nat: {length}") as inner:
        inner.use("here", "q_is", t="t")
        total = f"sum(j < n, m(t + 1, j)*move(t + 1, j)/{A})"
        moved_length(inner, total, f"{CAP}/{A}*{Q}", f"/{A}")
        inner.have("now", length, [], ["here", "total"])
    plain.steps(proof, CLAIMS, taken, D)
    plain.minimum(proof, CLAIMS["minimum"], TAU, RHO, D)


def metric(proof: Proof) -> None:
    """`weights`, rho = 1 - beta1^t; `weighs` and `metrics`, that it and the metric are positive; `moves`, its step."""
    with proof.induction("weights", "forall t nat: rho(t) = 1 - beta1_power(t)", hypothesis="known") as (zero, later):
        zero.have("now", "rho(0) = 1 - beta1_power(0)", [], ["rho_start", "beta1_power_start"])
        later.use("next", "rho_next", t="t")
        later.use("power", "beta1_power_next", t="t")
        later.have("now", "rho(t + 1) = 1 - beta1_power(t + 1)", [], ["next", "power", "known"])
    proof.have("most", "beta1 <= 1", ["averaging"])
    proof.lemma(
        "fading",
        "forall t nat: beta1_power(t + 1) <= beta1",
        powers.THEOREM.theorem,
        ["forgetting", "most", "beta1_power_start", "beta1_power_next"],
        {"b": "beta1", "p": ["t", "beta1_power(t)"]},
    )
    with proof.fixing("weighs", f"forall t nat: {RHO} > 0") as inner:
        inner.use("less", "fading", t="t")
        inner.have("now", f"{RHO} > 0", ["less", "averaging"])
    with proof.fixing("metrics", f"forall t nat, i nat: {D} > 0") as inner:
        inner.use("root", "root_nonnegative", x="v(t + 1, i)/(1 - beta2_power(t + 1))")
        inner.have("now", f"{D} > 0", ["root", "positive_eps"])
    with proof.fixing("moves", f"forall t nat, i nat: move(t + 1, i) = {CAP}*m(t + 1, i)/{D}") as inner:
        inner.use("positive", "metrics", t="t", i="i")
        inverse(inner, "D", D, "positive")
        inner.have("sign", f"{D} - 0 >= 0", ["positive"])
        inner.use("size", "absolute_of_nonnegative", "sign", x=f"{D} - 0")
        inner.use("here", "move_is", t="t", i="i")
        whole = f"{CAP}*m(t + 1, i)/{D}"
        inner.have("now", f"move(t + 1, i) = {whole}", [], ["here", "size", (whole, "D_one")])


def moved_length(proof: Proof, total: str, value: str, over: str = "") -> None:
    """`total`: sum(j < n, m move over) is the cap times |m|^2, over the same."""
    term = f"m(t + 1, j)*move(t + 1, j){over} - {CAP}*(m(t + 1, j)^2/{METRIC.format(i='j')}){over}"
    with proof.fixing("each", f"forall j nat: {term} = 0") as one:
        one.use("moved", "moves", t="t", i="j")
        one.have("zero", f"{term} = 0", [], ["moved"])
    proof.add("all", f"sum(j < n, {term}) = 0", "each", "n")
    proof.linear("split", f"sum(j < n, {term}) = {total} - {value}")
    proof.have("total", f"{total} = {value}", [], [("1", "all"), ("1", "split")])


def taken(proof: Proof) -> None:
    """`size`: the cap times the share is tau."""
    proof.use("rate", "rates", t="t")
    proof.have("A_positive", f"{A} > 0", ["rate*decay"])
    inverse(proof, "A", A, "A_positive")
    proof.use("rho_positive", "weighs", t="t")
    inverse(proof, "rho", RHO, "rho_positive")
    proof.have("cap", f"{CAP} > 0", ["rate*rho_inverse"])
    proof.use("weight", "weights", t="t + 1")
    height(proof, RHO)
    values: dict[str, Value] = {"cap": CAP, "A": A, "N": N, "Q": Q, "q": "q(t + 1)", "r": "rest(t + 1)"}
    plain.share_is_taken(proof, values, "cap", "moving")


X, U = (powers.HALVES.replace("i*", k) for k in ("t*", "(t + 1)*"))
SCALE = f"(sqrt((1 - {U})/(1 - {U})) + 1)"
MODEL: dict[str, Value] = {
    **{name: ["t", "i", "1"] for name in ("g", "move")},
    **{name: ["t", "i", f"1 - {X}"] for name in ("m", "v")},
    **{name: ["t", X] for name in ("beta1_power", "beta2_power")},
    **{name: ["t", f"1 - {X}"] for name in ("rho", "q")},
    **dict.fromkeys(("beta1", "beta2"), "1/2"),
    **dict.fromkeys(("n", "eps"), "1"),
    **dict.fromkeys(("f_star", "lambda"), "0"),
    "eta": ["t", f"sqrt((1 - {X})/(1 - {X})) + 1"],
    "theta": ["t", "i", "-t"],
    "f": ["t", "t + 3"],
    "level": ["t", f"t + t*{X}"],
    "rest": ["t", f"t + 1 + t*{X} - {X}"],
}
"""The gradient 1 and losses that grow, with steps of 1 at the cap."""


def growing(proof: Proof) -> None:
    """The equations of the rule for these values."""
    powers.known_powers(proof)
    for name in ("m_start", "v_start"):
        with proof.fixing(name, "forall i nat: 1 - exp(0*log(1/2)) = 0") as inner:
            inner.have("now", "1 - exp(0*log(1/2)) = 0", [], ["halves_start"])
    proof.have("rho_start", "1 - exp(0*log(1/2)) = 0", [], ["halves_start"])
    q, rest = f"(1 - {U})", f"(t + 1 + 1 + (t + 1)*{U} - {U})"
    average = f"1 - {U} = 1/2*(1 - {X}) + (1 - 1/2)*1"
    level = f"1/2*(t + t*{X}) + (1 - 1/2)*(t + 1 + 3)"
    sums = {
        "level_next": (f"sum(j < 1, (-(t + 1) + t)*{q})", f"-{q}"),
        "rest_is": (f"sum(j < 1, 0*{SCALE}*{q}*(-t)/(1 + 0*{SCALE}))", "0"),
        "q_is": (f"sum(j < 1, {q}*1/(1 + 0*{SCALE}))", q),
    }
    for name, claim in (
        ("rates", f"{SCALE} > 0"),
        ("m_next", average),
        ("rho_next", f"1 - {U} = 1 + 1/2*(1 - {X}) - 1/2"),
        ("move_is", f"1 = max({SCALE}, 0)/{SCALE}*({SCALE}*{q}/{q}/{SCALE})"),
        ("q_is", f"{q} = {sums['q_is'][0]}"),
        ("rest_is", f"{rest} = {level} - 0*{q} - {sums['rest_is'][0]}"),
        ("theta_next", f"-(t + 1) = (-t - max({q}, 0)/{q}*(max(0, min({q}, {rest}))/{q})*1)/(1 + 0*{SCALE})"),
        ("level_next", f"t + 1 + (t + 1)*{U} = {sums['level_next'][0]} + {level}"),
    ):
        binders = "t nat, i nat" if name in ("m_next", "move_is", "theta_next") else "t nat"
        with proof.fixing(name, f"forall {binders}: {claim}") as inner:
            inner.use("positive", "exp_positive", x="(t + 1)*log(1/2)")
            if name in ("rates", "move_is"):
                inner.use("root", "root_nonnegative", x=f"{q}/{q}")
                inner.have("scale", f"{SCALE} > 0", ["root"])
            if name == "rates":
                continue
            inner.use("half_of", "halves", i="t")
            inner.have("twice", f"{X} = 2*{U}", [], ["half_of"])
            known = ["twice"]
            if name in ("move_is", "theta_next"):
                inner.use("small", "halves_later", i="t")
                inner.have("rho", f"{q} > 0", ["small"])
                fact, what = ("scale", SCALE) if name == "move_is" else ("rho", q)
                inverse(inner, "rho", q, "rho")
                if name == "move_is":
                    inverse(inner, "scale", SCALE, "scale")
                inner.have("sign", f"{what} - 0 >= 0", [fact])
                inner.use("size", "absolute_of_nonnegative", "sign", x=f"{what} - 0")
                known = ["size", *(["scale_one"] if name == "move_is" else []), "rho_one"]
            if name == "theta_next":
                inner.use("time", "natural", n="t")
                inner.have("less", f"{q} - {rest} < 0", ["time", "time*positive", "positive"])
                inner.use("less_size", "absolute_of_negative", "less", x=f"{q} - {rest}")
                inner.have("least_sign", f"0 - min({q}, {rest}) < 0", ["rho"], ["less_size"])
                inner.use("least", "absolute_of_negative", "least_sign", x=f"0 - min({q}, {rest})")
                known = ["least", "less_size", *known]
            if name in sums:
                inner.linear("total", " = ".join(sums[name]))
                known = ["total", *known]
            inner.have("now", claim, [], known)


def shown(proof: Proof) -> None:
    """The same, and the averages."""
    growing(proof)
    proof.have("loss_start", "0 + 2 - 2*exp(0*log(1/2)) = 0", [], ["halves_start"])
    for name, claim in (
        ("losses", f"t + 1 + 2 - 2*{U} = 1/2*(t + 2 - 2*{X}) + (1 - 1/2)*(t + 1 + 3)"),
        ("products", f"2 - (t + 1) - 2*{U} = 1/2*(2 - t - 2*{X}) + (1 - 1/2)*sum(j < 1, 1*(-t))"),
    ):
        with proof.fixing(name, f"forall t nat: {claim}") as inner:
            inner.use("half_of", "halves", i="t")
            inner.have("twice", f"{X} = 2*{U}", [], ["half_of"])
            inner.linear("one", "sum(j < 1, 1*(-t)) = -t")
            inner.have("now", claim, [], ["one", "twice"])


MODELLED = f"max(({F} + sum(i < n, m(t + 1, i)*{{y}}))/{RHO}, f_star)"
NEAR = f"sum(i < n, {D}/(2*eta(t + 1))*({{y}} - theta(t, i))^2 + lambda/2*{D}*{{y}}^2)"
OBJECTIVE = f"({MODELLED} + {NEAR})"
Y, THERE = OBJECTIVE.format(y="y(i)"), OBJECTIVE.format(y="theta(t + 1, i)")
FARTHER = f"sum(i < n, {D}/2*(1/eta(t + 1) + lambda)*(y(i) - theta(t + 1, i))^2)"
CLAIMS = {
    "value": f"forall t nat: level(t) = {VALUE.format(t='t')}",
    "step": f"forall t nat, i nat: {Q} > 0 => theta(t + 1, i) = (theta(t, i) - {TAU}*m(t + 1, i)/{D})/{A}",
    "rest": f"forall t nat, i nat: {Q} = 0 => theta(t + 1, i) = theta(t, i)/{A}",
    "minimum": f"forall t nat: {Q} > 0 => {Y} - {THERE} >= {FARTHER}",
}
SUMS: Mapping[str, Given] = {
    "y": ["i", "1/2 - i"],
    "fbar": Recursion(("t",), "0", "beta1*fbar(t) + (1 - beta1)*f(t + 1)"),
    "gamma": Recursion(("t",), "0", "beta1*gamma(t) + (1 - beta1)*sum(j < n, g(t + 1, j)*theta(t, j))"),
}
"""The averages along a run, and another point."""
STILL: Mapping[str, Given] = {"g": ["t", "i", "0"]}
MOMO_ADAM = Definitions("momo_adam_step", "momo_adam", kind="real", schedules=("eta",), only=("theta",))
THEOREM = Theorem(
    theorem="momo_adam_rule_takes_the_step_of_its_closed_form",
    title="MoMo-Adam's rule takes the step of its closed form",
    says="""With fbar and gamma the exponential averages from 0 of the losses f and of the products <g, theta>, level is
    the value fbar + <m, theta> - gamma of MoMo-Adam's averaged model. With A = 1 + eta lambda, rho = 1 - beta1^t and
    the metric D = sqrt(v/(1 - beta2^t)) + eps, theta becomes (theta - tau m/D)/A, tau = min(eta/rho, max(0, A (fbar -
    gamma - rho f_star) + <m, theta>)/q), q the squared norm of m in the inverse metric; where m is 0, theta only
    shrinks. This minimises max((fbar - gamma + <m, y>)/rho, f_star) + |y - theta|^2/(2 eta) + lambda |y|^2/2 in the
    metric D: every other y is worse by at least (1/eta + lambda)/2 times its squared distance.""",
    sources=["schaipp2024momo, Lemma 3.1"],
    variables={"y": "real(nat)", "fbar": "real(nat)", "gamma": "real(nat)"},
    hypotheses={
        "rates": "forall t nat: eta(t + 1) > 0",
        "decay": "lambda >= 0",
        "forgetting": "beta1 >= 0",
        "averaging": "beta1 < 1",
        "positive_eps": "eps > 0",
        "loss_start": "fbar(0) = 0",
        "product_start": "gamma(0) = 0",
        **AVERAGES,
    },
    definitions=[MOMO_ADAM],
    claims=CLAIMS,
    lemmas=[share.THEOREM.theorem, published.THEOREM.theorem, powers.THEOREM.theorem],
    model={**MODEL, "y": ["i", "i"], "fbar": ["t", f"t + 2 - 2*{X}"], "gamma": ["t", f"2 - t - 2*{X}"]},
    script=script,
    shown=shown,
    instances=[
        momo_adam_by_its_rule("three steps with decay", SUMS, ("momo_adam@average=first", "momo_adam@decay=adamw")),
        momo_adam_by_its_rule("three steps that rest", {**SUMS, **STILL}, ("momo_adam@decay=adamw",)),
    ],
)
