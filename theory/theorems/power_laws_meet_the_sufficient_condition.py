"""Learning rates eta t^(-s), theta_t = 1 - a t^(-r): the sufficient condition and its rates (Chen et al. 2022)."""

from ..proving.instance import Instance
from ..proving.positive import inverse
from ..proving.script import Proof
from ..proving.theorem import Theorem

LOGS = "forall Y rand, Z rand: Y > 0, Z > 0 => log(Y) - log(Z) <= Y/Z - 1"
SQUARES = "forall Y rand, Z rand: Z >= 0, Y^2 <= Z^2 => Y <= Z"
TERM = "alpha(k)*sqrt(1 - theta(k))"
SUM = f"sum(k < m + 1, {TERM})"
LAST = "(m + 1)*alpha(m)"
POWERS = "sum(k < m + 1, pow(k + 1, -(s + r/2)))"
SLOW_SUM = "(1 - (s + r/2))*" + POWERS + " <= pow(m + 1, 1 - (s + r/2)) - (s + r/2)"
CLAIMS = {
    "scale": "forall k nat: r <= 2*s => alpha(k + 1)*sqrt(1 - theta(k)) <= alpha(k)*sqrt(1 - theta(k + 1))",
    "slow": f"forall m nat: s + r/2 < 1 => (1 - (s + r/2))*{SUM} <= sqrt(a)*({LAST})*pow(m + 1, -r/2)",
    "border": f"forall m nat: s + r/2 = 1 => {SUM} <= sqrt(a)*({LAST})*(1 + log(m + 1))*pow(m + 1, s - 1)",
    "fast": f"forall m nat: s + r/2 > 1 => {SUM} <= sqrt(a)*({LAST})*((s + r/2)/(s + r/2 - 1))*pow(m + 1, s - 1)",
    "horizon": f"forall m nat: eta*pow(m + 1, 1 - s) = {LAST}",
}


def terms(proof: Proof) -> None:
    """alpha sqrt(1 - theta) is at most eta sqrt(a) t^(-(s + r/2)); T alpha_T is eta T^(1 - s)."""
    proof.use("a_root", "root_nonnegative", x="a")
    proof.have("a_weak", "a >= 0", ["a_positive"])
    proof.use("a_squared", "root_squared", "a_weak", x="a")
    with proof.fixing("each", f"forall k nat: {TERM} <= eta*sqrt(a)*pow(k + 1, -(s + r/2))") as inner:
        inner.use("rate", "alpha_is", k="k")
        inner.use("share", "theta_is", k="k")
        inner.use("power", "exp_positive", x="-r/2*log(k + 1)")
        inner.use("halves", "exp_of_sum", x="-r/2*log(k + 1)", y="-r/2*log(k + 1)")
        inner.use("whole", "exp_positive", x="-r*log(k + 1)")
        inner.use("learning", "exp_positive", x="-s*log(k + 1)")
        inner.use("both", "exp_of_sum", x="-s*log(k + 1)", y="-r/2*log(k + 1)")
        inner.have("rest", "1 - theta(k) >= 0", ["a_positive*whole"], ["share"])
        inner.use("squared", "root_squared", "rest", x="1 - theta(k)")
        right = "sqrt(a)*pow(k + 1, -r/2)"
        inner.have("right", f"{right} >= 0", ["a_root*power"])
        equations = ["squared", "share", "a_squared", ("a", "halves")]
        inner.have("less", f"sqrt(1 - theta(k))^2 <= ({right})^2", [], equations)
        inner.use("root", "from_squares", "right", "less", Y="sqrt(1 - theta(k))", Z=right)
        goal = f"{TERM} <= eta*sqrt(a)*pow(k + 1, -(s + r/2))"
        inner.have("now", goal, ["root*learning*eta_positive"], ["rate", ("eta*sqrt(a)", "both")])
    with proof.fixing("sums", f"forall m nat: {SUM} <= eta*sqrt(a)*{POWERS}") as inner:
        inner.add("all", f"{SUM} <= eta*sqrt(a)*{POWERS}", "each", "m + 1")
    with proof.fixing("horizon", CLAIMS["horizon"]) as inner:
        number(inner)
        inner.use("split", "exp_of_sum", x="log(m + 1)", y="-s*log(m + 1)")
        equations = ["rate", ("eta", "split"), ("eta*exp(-s*log(m + 1))", "value")]
        inner.have("now", f"eta*pow(m + 1, 1 - s) = {LAST}", [], equations)


def number(proof: Proof) -> None:
    """m + 1 > 0 is exp of its logarithm, and the learning rate there."""
    proof.use("natural_m", "natural", n="m")
    proof.have("positive", "m + 1 > 0", ["natural_m"])
    proof.use("value", "exp_of_log", "positive", x="m + 1")
    proof.use("rate", "alpha_is", k="m")


def scale(proof: Proof) -> None:
    """The squares: (k + 2)^(-2 s) (k + 1)^(-r) <= (k + 1)^(-2 s) (k + 2)^(-r), as r <= 2 s."""
    one, two = "log(k + 1)", "log(k + 2)"
    with proof.fixing("scale", CLAIMS["scale"], "small") as inner:
        inner.use("natural_k", "natural", n="k")
        inner.have("first", "k + 1 > 0", ["natural_k"])
        inner.have("second", "k + 2 > 0", ["natural_k"])
        inverse(inner, "second", "k + 2", "second")
        inner.use("log_step", "logs", "first", "second", Y="k + 1", Z="k + 2")
        inner.have("grows", f"{two} - {one} >= 0", ["log_step", "second_inverse"], ["second_one"])
        for name, place, log in (("old", "k", one), ("new", "k + 1", two)):
            inner.use(f"{name}_rate", "alpha_is", k=place)
            inner.use(f"{name}_share", "theta_is", k=place)
            inner.use(f"{name}_power", "exp_positive", x=f"-r*{log}")
            inner.use(f"{name}_learning", "exp_positive", x=f"-s*{log}")
            inner.use(f"{name}_twice", "exp_of_sum", x=f"-s*{log}", y=f"-s*{log}")
            inner.have(f"{name}_rest", f"1 - theta({place}) >= 0", [f"a_positive*{name}_power"], [f"{name}_share"])
            inner.use(f"{name}_squared", "root_squared", f"{name}_rest", x=f"1 - theta({place})")
            inner.use(f"{name}_root", "root_nonnegative", x=f"1 - theta({place})")
        low, high = f"-2*s*{two} - r*{one}", f"-2*s*{one} - r*{two}"
        inner.use("low_split", "exp_of_sum", x=f"-2*s*{two}", y=f"-r*{one}")
        inner.use("high_split", "exp_of_sum", x=f"-2*s*{one}", y=f"-r*{two}")
        inner.use("ratio", "exp_of_sum", x=low, y=f"(2*s - r)*({two} - {one})")
        inner.use("tangent", "exp_tangent", x=f"(2*s - r)*({two} - {one})")
        inner.use("low_positive", "exp_positive", x=low)
        products = ["tangent*low_positive", "small*grows*low_positive"]
        inner.have("powers", f"exp({low}) <= exp({high})", products, [("1", "ratio")])
        left, right = "alpha(k + 1)*sqrt(1 - theta(k))", "alpha(k)*sqrt(1 - theta(k + 1))"
        inner.have("right", f"{right} >= 0", ["new_root*old_learning*eta_positive"], ["old_rate"])
        split = ["low_split", "high_split", "old_twice", "new_twice"]
        roots = ["old_squared", "new_squared", "old_rate", "new_rate", "old_share@theta(k)", "new_share@theta(k + 1)"]
        squares = f"({left})^2 <= ({right})^2"
        inner.have("squares", squares, ["powers*eta_positive*eta_positive*a_positive"], [*split, *roots])
        inner.use("order", "from_squares", "right", "squares", Y=left, Z=right)


def others(proof: Proof) -> None:
    """A logarithm where the exponent is 1, a constant where it is larger."""
    reciprocals = "forall n nat: n > 0 => sum(k < n, 1/(k + 1)) <= 1 + log(n)"
    name = "inverse_roots_and_reciprocals_sum_like_integrals"
    proof.lemma("reciprocals", reciprocals, name, [], {})
    proof.use("zero_power", "exp_of_zero")
    for name in ("border", "fast"):
        with proof.fixing(name, CLAIMS[name], "case") as inner:
            number(inner)
            inner.use("all", "sums", m="m")
            inner.use("end", "horizon", m="m")
            inner.use("split", "exp_of_sum", x="(1 - s)*log(m + 1)", y="(s - 1)*log(m + 1)")
            back = f"{LAST}*pow(m + 1, s - 1) = eta"
            equations = [("-pow(m + 1, s - 1)", "end"), ("-eta", "split"), ("eta", "zero_power")]
            inner.have("back", back, [], equations)
            if name == "border":
                harmonic(inner)
                factor = "(1 + log(m + 1))"
            else:
                sums = "forall n nat: sum(k < n, pow(k + 1, -(s + r/2))) <= (s + r/2)/(s + r/2 - 1)"
                inner.lemma("series", sums, "sums_of_inverse_powers_are_bounded", ["case"], {"c": "s + r/2"})
                inner.use("series_here", "series", n="m + 1")
                factor = "((s + r/2)/(s + r/2 - 1))"
            products = ["all", "series_here*eta_positive*a_root"]
            inner.have("now", CLAIMS[name].split(" => ")[1], products, [(f"sqrt(a)*{factor}", "back")])


def harmonic(proof: Proof) -> None:
    """The sum of t^(-1) is at most 1 + log(m + 1)."""
    with proof.fixing("terms", "forall k nat: pow(k + 1, -(s + r/2)) - 1/(k + 1) = 0") as inner:
        inner.use("natural_k", "natural", n="k")
        inner.have("k_positive", "k + 1 > 0", ["natural_k"])
        inner.use("k_value", "exp_of_log", "k_positive", x="k + 1")
        inner.use("k_apart", "positive_is_apart", "k_positive", x="k + 1")
        inner.use("k_one", "reciprocal", "k_apart", x="k + 1")
        inner.congruent("power", "case", "exp(-hole*log(k + 1))")
        inner.use("inverse", "exp_of_sum", x="log(k + 1)", y="-log(k + 1)")
        power, over = "exp(-log(k + 1))", "1/(k + 1)"
        chain = [("1", "power"), (power, "k_one"), (f"-{over}*{power}", "k_value"), (over, "zero_power")]
        chain.append((f"-{over}", "inverse"))
        inner.have("term", "pow(k + 1, -(s + r/2)) - 1/(k + 1) = 0", [], chain)
    proof.add("terms_sum", f"{POWERS} - sum(k < m + 1, 1/(k + 1)) = 0", "terms", "m + 1")
    proof.use("harmonic", "reciprocals", "positive", n="m + 1")
    proof.have("series_here", f"{POWERS} <= 1 + log(m + 1)", ["harmonic"], [("1", "terms_sum")])


def slow(proof: Proof) -> None:
    """The sum is of the order T^(1 - s - r/2)."""
    claim = CLAIMS["slow"].split(" => ")[1]
    with proof.fixing("slow", CLAIMS["slow"], "below_one") as inner:
        inner.have("sign", "s + r/2 >= 0", ["s_sign", "r_sign"])
        facts = ["sign", "below_one"]
        name = "sums_of_slow_inverse_powers_lie_near_their_integral"
        inner.lemma("integrals", "forall n nat: " + SLOW_SUM.replace("m + 1", "n + 1"), name, facts, {"q": "s + r/2"})
        inner.use("integral", "integrals", n="m")
        inner.use("all", "sums", m="m")
        inner.use("end", "horizon", m="m")
        inner.use("split", "exp_of_sum", x="(1 - s)*log(m + 1)", y="-r/2*log(m + 1)")
        inner.have("room", "1 - (s + r/2) > 0", ["below_one"])
        products = ["all*room", "integral*eta_positive*a_root", "sign*eta_positive*a_root"]
        equations = [("sqrt(a)*exp(-r/2*log(m + 1))", "end"), ("eta*sqrt(a)", "split")]
        inner.have("now", claim, products, equations)


def script(proof: Proof) -> None:
    """The sums of powers lie near their integrals."""
    proof.lemma("logs", LOGS, "logs_lie_below_their_tangents", [], {})
    proof.lemma("from_squares", SQUARES, "orders_on_every_outcome", [], {})
    terms(proof)
    slow(proof)
    scale(proof)
    others(proof)


THEOREM = Theorem(
    theorem="power_laws_meet_the_sufficient_condition",
    title="Power laws meet the sufficient condition",
    says="""For alpha_t = eta t^(-s) and theta_t = 1 - a t^(-r) with s, r >= 0: alpha/sqrt(1 - theta) does not increase
    if r <= 2 s. The sum of alpha_t sqrt(1 - theta_t) up to T = m + 1, divided by T alpha_T = eta T^(1 - s), is at most
    sqrt(a) T^(-r/2)/(1 - s - r/2) if s + r/2 < 1; sqrt(a) (1 + log T) T^(s - 1) if it is 1; and sqrt(a) p/(p - 1) T^(s
    - 1) if p = s + r/2 > 1. So the bound of generic Adam goes to 0 at these rates, for r > 0 and s < 1.""",
    sources=["chen2022towards, the corollaries", "zou2019sufficient"],
    variables={
        **{name: "real" for name in ("eta", "a", "s", "r")},
        **{name: "real(nat)" for name in ("alpha", "theta")},
    },
    hypotheses={
        "eta_positive": "eta > 0",
        "a_positive": "a > 0",
        "s_sign": "s >= 0",
        "r_sign": "r >= 0",
        "alpha_is": "forall k nat: alpha(k) = eta*pow(k + 1, -s)",
        "theta_is": "forall k nat: 1 - theta(k) = a*pow(k + 1, -r)",
    },
    claims=CLAIMS,
    lemmas=[
        "logs_lie_below_their_tangents",
        "orders_on_every_outcome",
        "sums_of_slow_inverse_powers_lie_near_their_integral",
        "inverse_roots_and_reciprocals_sum_like_integrals",
        "sums_of_inverse_powers_are_bounded",
    ],
    model={
        **{"eta": "1", "a": "1/2", "s": "1/2", "r": "1/2"},
        "alpha": ["k", "pow(k + 1, -1/2)"],
        "theta": ["k", "1 - 1/2*pow(k + 1, -1/2)"],
    },
    script=script,
    instances=[
        Instance(
            "step sizes that fall as 1/t",
            {
                "eta": "1",
                "a": "1/2",
                "s": "1",
                "r": "0",
                "alpha": ["k", "eta*pow(k + 1, -s)"],
                "theta": ["k", "1 - a*pow(k + 1, -r)"],
            },
        ),
        Instance(
            "step sizes that fall as 1/t^2",
            {
                "eta": "1",
                "a": "1/2",
                "s": "2",
                "r": "0",
                "alpha": ["k", "eta*pow(k + 1, -s)"],
                "theta": ["k", "1 - a*pow(k + 1, -r)"],
            },
        ),
    ],
)
