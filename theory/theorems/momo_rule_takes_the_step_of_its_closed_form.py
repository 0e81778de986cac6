"""The step of MoMo's rule, as it is computed, is the published one (Schaipp et al. 2024, Lemma 3.1)."""

from collections.abc import Callable, Mapping

from ..proving.define import Definitions
from ..proving.instance import Given, Recursion
from ..proving.momo_runs import RESTS, momo_by_its_rule
from ..proving.momo_value import AVERAGES, CUT, VALUE, A, F, Q, height, numerator, value_of_the_model, weights
from ..proving.positive import inverse
from ..proving.script import Proof
from ..proving.theorem import Theorem, Value
from . import momo_share_gives_its_step_size as share
from . import momo_step_has_a_closed_form as published
from .powers_of_a_fraction import HALVES, known_powers

N = numerator("1").replace("1*f_star", "f_star")
TAU = f"min(eta(t + 1), max(0, {N})/{Q})"


def script(proof: Proof) -> None:
    """The model's value by induction; then the share is the step size of the lemma."""
    value_of_the_model(proof, "g(1, j)")
    weights(proof)
    with proof.fixing("lengths", f"forall t nat: q(t + 1) = eta(t + 1)*{Q}/{A}") as inner:
        inner.use("here", "q_is", t="t")
        inner.linear("total", f"sum(j < n, eta(t + 1)*m(t + 1, j)*m(t + 1, j)/{A}) = eta(t + 1)*{Q}/{A}")
        inner.have("now", f"q(t + 1) = eta(t + 1)*{Q}/{A}", [], ["here", "total"])
    steps(proof, CLAIMS, taken)
    minimum(proof, CLAIMS["minimum"], TAU)


def minimum(proof: Proof, claim: str, tau: str, rho: str = "1", metric: str = "1") -> None:
    """The published theorem on this step."""
    with proof.fixing("minimum", claim, "moving") as inner:
        inner.use("rate", "rates", t="t")
        if rho == "1":
            inner.have("weight", "1 > 0")
        else:
            inner.use("weight", "weighs", t="t")
        with inner.fixing("metric", f"forall i nat: {metric} > 0") as here:
            if metric == "1":
                here.have("one", "1 > 0")
            else:
                here.use("now", "metrics", t="t", i="i")
        moved = f"{tau}*m(t + 1, i)/{metric}"
        with inner.fixing("stepped", f"forall i nat: theta(t + 1, i) = (theta(t, i) - {moved})/{A}") as here:
            here.use("now", "step", "moving", t="t", i="i")
        inner.have("size", f"{tau} = {tau}")
        facts = ["weight", "rate", "decay", "metric", "moving", "size", "stepped"]
        values = {"x": "theta(t, i)", "y": "y(i)", "z": "theta(t + 1, i)", "d": "m(t + 1, i)", "D": metric}
        given: dict[str, Value] = {name: ["i", text] for name, text in values.items()}
        given |= {"alpha": "eta(t + 1)", "tau": tau, "F": F, "rho": rho, "bound": "f_star"}
        given |= {name: name for name in ("n", "lambda")}
        inner.lemma("now", claim.split("=> ")[1], published.THEOREM.theorem, facts, given)


def steps(proof: Proof, claims: Mapping[str, str], taken: Callable[[Proof], None], metric: str = "1") -> None:
    """The step where the average moves, and where it rests. taken: gives `size`, that the share makes tau."""
    for name in ("step", "rest"):
        with proof.fixing(name, claims[name], "moving") as inner:
            claim = claims[name].split("=> ")[1]
            inner.use("length", "lengths", t="t")
            inner.use("theta_here", "theta_next", t="t", i="i")
            known = ["theta_here"]
            if metric != "1":
                inner.use("move_here", "moves", t="t", i="i")
                known.append("move_here")
            if name == "step":
                taken(inner)
                inner.have("now", claim, [], [*known, (f"-m(t + 1, i)/{metric}/{A}", "size")])
            else:
                inner.have("none", "q(t + 1) - 0 = 0", [], ["length", "moving"])
                inner.have("sign", "q(t + 1) - 0 >= 0", [], ["none"])
                inner.use("no_size", "absolute_of_nonnegative", "sign", x="q(t + 1) - 0")
                inner.have("now", claim, [], [*known, "no_size", "length", "moving"])


def taken(proof: Proof) -> None:
    """`size`: eta times the share is tau."""
    proof.use("rate", "rates", t="t")
    proof.have("A_positive", f"{A} > 0", ["rate*decay"])
    inverse(proof, "A", A, "A_positive")
    proof.use("weight", "weights", t="t + 1")
    height(proof, "1")
    values: dict[str, Value] = {"cap": "eta(t + 1)", "A": A, "N": N, "Q": Q, "q": "q(t + 1)", "r": "rest(t + 1)"}
    share_is_taken(proof, values, "rate", "moving")


def share_is_taken(proof: Proof, values: dict[str, Value], cap: str, large: str) -> None:
    """`size`: the share's theorem at values. cap, large: the facts that cap and Q are above 0."""
    proof.have("cap_weak", f"{values['cap']} >= 0", [cap])
    proof.have("Q_weak", f"{values['Q']} >= 0", [large])
    facts = ["cap_weak", "A_positive", "Q_weak", "length", "height"]
    claim = f"{values['cap']}*{CUT} = min({values['cap']}, max(0, {values['N']})/{values['Q']})"
    proof.lemma("sizes", f"{values['Q']} > 0 => {claim}", share.THEOREM.theorem, facts, values)
    proof.use("size", "sizes", large)


X, U = (HALVES.replace("i*", k) for k in ("t*", "(t + 1)*"))
MODEL: dict[str, Value] = {
    **{name: ["t", X] for name in ("eta", "level", "q")},
    **{name: ["t", f"2*{X}"] for name in ("f", "rest")},
    **{name: ["t", "i", "1"] for name in ("g", "m")},
    "theta": ["t", "i", X],
    "beta1": "1/2",
    "n": "1",
    "rho": ["t", "1"],
    **dict.fromkeys(("f_star", "lambda"), "0"),
}
"""The loss x from 1 on, with steps of x/2 at the cap: x is halved again and again."""


def halved(proof: Proof) -> None:
    """The equations of the rule for these values."""
    known_powers(proof)
    proof.use("first_half", "halves", i="0")
    proof.have("level_start", "exp(0*log(1/2)) = 2*exp(1*log(1/2))", [], ["first_half"])
    taken = f"1*(max({U}, 0)/{U})*(max(0, min({U}, 2*{U}))/{U})"
    level = f"sum(j < 1, ({U} - {X})*1) + 1/2*{X} + (1 - 1/2)*(2*{U})"
    for name, claim in (
        ("rates", f"{U} > 0"),
        ("level_next", f"{U} = {level}"),
        ("rest_is", f"2*{U} = 1/2*{X} + (1 - 1/2)*(2*{U}) - 0*1 - sum(j < 1, 0*{U}*1*{X}/(1 + 0*{U}))"),
        ("theta_next", f"{U} = ({X} - {U}*{taken})/(1 + 0*{U})"),
    ):
        binders = "t nat, i nat" if name == "theta_next" else "t nat"
        with proof.fixing(name, f"forall {binders}: {claim}") as inner:
            inner.use("positive", "exp_positive", x="(t + 1)*log(1/2)")
            if name == "rates":
                continue
            inverse(inner, "U", U, "positive")
            inner.use("half_of", "halves", i="t")
            inner.have("twice", f"{X} = 2*{U}", [], ["half_of"])
            inner.have("sign", f"{U} - 0 >= 0", ["positive"])
            inner.use("size", "absolute_of_nonnegative", "sign", x=f"{U} - 0")
            inner.have("less", f"{U} - 2*{U} < 0", ["positive"])
            inner.use("less_size", "absolute_of_negative", "less", x=f"{U} - 2*{U}")
            inner.have("least_sign", f"0 - min({U}, 2*{U}) < 0", ["positive"], ["less_size"])
            inner.use("least", "absolute_of_negative", "least_sign", x=f"0 - min({U}, 2*{U})")
            inner.linear("moves", f"sum(j < 1, ({U} - {X})*1) = {U} - {X}")
            inner.linear("none", f"sum(j < 1, 0*{U}*1*{X}/(1 + 0*{U})) = 0")
            inner.have("now", claim, [], ["none", "moves", "twice", "size", "least", "less_size", "U_one"])


def shown(proof: Proof) -> None:
    """The same, and the averages."""
    halved(proof)
    average = f"(1 + t + 1)*{U} = 1/2*((1 + t)*{X}) + (1 - 1/2)*(2*{U})"
    for name, claim in (("losses", average), ("products", average.replace(f"2*{U}", f"sum(j < 1, 1*{X})"))):
        with proof.fixing(name, f"forall t nat: {claim}") as inner:
            inner.use("half_of", "halves", i="t")
            inner.have("twice", f"{X} = 2*{U}", [], ["half_of"])
            inner.linear("one", f"sum(j < 1, 1*{X}) = {X}")
            inner.have("now", claim, [], ["one", "twice"])


MODELLED = f"max({F} + sum(i < n, m(t + 1, i)*{{y}}), f_star)"
NEAR = "sum(i < n, 1/(2*eta(t + 1))*({y} - theta(t, i))^2 + lambda/2*{y}^2)"
OBJECTIVE = f"({MODELLED} + {NEAR})"
Y, THERE = OBJECTIVE.format(y="y(i)"), OBJECTIVE.format(y="theta(t + 1, i)")
FARTHER = "sum(i < n, 1/2*(1/eta(t + 1) + lambda)*(y(i) - theta(t + 1, i))^2)"
CLAIMS = {
    "value": f"forall t nat: level(t) = {VALUE.format(t='t')}",
    "step": f"forall t nat, i nat: {Q} > 0 => theta(t + 1, i) = (theta(t, i) - {TAU}*m(t + 1, i))/{A}",
    "rest": f"forall t nat, i nat: {Q} = 0 => theta(t + 1, i) = theta(t, i)/{A}",
    "minimum": f"forall t nat: {Q} > 0 => {Y} - {THERE} >= {FARTHER}",
}
SUMS: Mapping[str, Given] = {
    "fbar": Recursion(("t",), "f(1)", "beta*fbar(t) + (1 - beta)*f(t + 1)"),
    "gamma": Recursion(
        ("t",), "sum(j < n, g(1, j)*theta(0, j))", "beta*gamma(t) + (1 - beta)*sum(j < n, g(t + 1, j)*theta(t, j))"
    ),
}
"""The averages along a run."""
MOMO = Definitions("momo_step", "momo", kind="real", schedules=("eta",), only=("theta",))
THEOREM = Theorem(
    theorem="momo_rule_takes_the_step_of_its_closed_form",
    title="MoMo's rule takes the step of its closed form",
    says="""With fbar and gamma the exponential averages of the losses f and of the products <g, theta>, level is the
    value fbar + <m, theta> - gamma of MoMo's averaged model. With A = 1 + eta lambda, theta becomes (theta - tau m)/A,
    tau = min(eta, max(0, A (fbar - gamma - f_star) + <m, theta>)/|m|^2); where the averaged gradient m is 0, theta only
    shrinks. This minimises max(fbar - gamma + <m, y>, f_star) + |y - theta|^2/(2 eta) + lambda |y|^2/2: every other y
    is worse by at least (1/eta + lambda)/2 times its squared distance.""",
    sources=["schaipp2024momo, Lemma 3.1"],
    variables={"y": "real(nat)", "fbar": "real(nat)", "gamma": "real(nat)"},
    hypotheses={
        "rates": "forall t nat: eta(t + 1) > 0",
        "decay": "lambda >= 0",
        "loss_start": "fbar(0) = f(1)",
        "product_start": "gamma(0) = sum(j < n, g(1, j)*theta(0, j))",
        **AVERAGES,
    },
    definitions=[MOMO],
    claims=CLAIMS,
    lemmas=[share.THEOREM.theorem, published.THEOREM.theorem],
    model={**MODEL, "y": ["i", "i"], "fbar": ["t", f"(1 + t)*{X}"], "gamma": ["t", f"(1 + t)*{X}"]},
    script=script,
    shown=shown,
    instances=[
        momo_by_its_rule("three steps with decay", {**SUMS, "decay": "1/2", "y": ["i", "1/2 - i"]}),
        momo_by_its_rule(
            "three steps that rest",
            {**SUMS, "decay": "1/2", "y": ["i", "1/2 - i"], **RESTS},
            ("momo@decay=adamw",),
        ),
    ],
)
