"""The sum of (1 - t/n)^q over t < n lies between n/(q + 1) and n/(q + 1) + 1, for real q >= 0."""

from ..proving.instance import Instance
from ..proving.positive import reciprocal
from ..proving.script import Proof
from ..proving.theorem import Theorem

X = "(1 - {}/(N + 1))"
SUM = "sum(t < {}, pow(1 - t/(N + 1), q))"
CLAIMS = {
    "lower": f"forall N nat: {SUM.format('N + 1')} >= (N + 1)/(q + 1)",
    "upper": f"forall N nat: {SUM.format('N + 1')} <= (N + 1)/(q + 1) + 1",
}
HERE, NEXT = X.format("n"), X.format("(n + 1)")
TANGENT = "powers_lie_above_their_tangents"


def script(proof: Proof) -> None:
    """(1 - t/n)^(q + 1) lies above its tangents, so that every term lies between two differences of it."""
    proof.have("exponent", "q + 1 > 0", ["power"])
    proof.have("convex", "q + 1 >= 1", ["power"])
    reciprocal(proof, "exponent", "exponent", "q + 1")
    proof.use("log_of_one", "log_of_exp", x="0")
    proof.use("one_from_exp", "exp_of_zero")
    proof.congruent("log_one", "one_from_exp", "log(hole)")
    proof.have("log_is_0", "log(1) = 0", (), ["log_of_one", ("-1", "log_one")])
    proof.congruent("first_power", "log_is_0", "exp(q*hole)")
    proof.congruent("first_next_power", "log_is_0", "exp((q + 1)*hole)")
    with proof.fixing("lower", CLAIMS["lower"]) as inner:
        _places(inner)
        _lower(inner)
    with proof.fixing("upper", CLAIMS["upper"]) as inner:
        _places(inner)
        _upper(inner)


def _places(proof: Proof) -> None:
    """T = N + 1 steps; 1 - n/T > 0 for n <= N."""
    proof.use("natural_N", "natural", n="N")
    proof.have("steps", "N + 1 > 0", ["natural_N"])
    reciprocal(proof, "steps", "steps", "N + 1")
    with proof.fixing("place", f"forall n nat: n <= N => {HERE} > 0", "early") as inner:
        inner.have("room", "N + 1 - n > 0", ["early"])
        inner.have("positive", f"{HERE} > 0", ["room*steps_over"], ["steps_unit"])


def _lower(proof: Proof) -> None:
    line = SUM.format("{n}") + " >= (N + 1)/(q + 1)*(1 - pow(" + X.format("{n}") + ", q + 1))"
    with proof.induction("so_far", "forall n nat: n <= N => " + line.format(n="n"), "time") as (zero, following):
        zero.linear("none", SUM.format("0") + " = 0")
        zero.have("start", line.format(n="0"), (), ["none", "first_next_power", "one_from_exp"])
        following.have("earlier", "n <= N", ["time"])
        following.use("known", "before", "earlier")
        following.use("here_positive", "place", "earlier", n="n")
        following.use("next_positive", "place", "time", n="n + 1")
        _tangent(following, NEXT, HERE, "next_positive", "here_positive")
        following.linear("more", f"{SUM.format('n + 1')} = {SUM.format('n')} + pow({HERE}, q)")
        following.have(
            "next",
            line.format(n="(n + 1)").replace("t < (n + 1)", "t < n + 1"),
            ["known", "tangent*steps*exponent_over"],
            ["more", "exponent_unit", "steps_unit"],
        )
    proof.have("now", "N <= N")
    proof.use("almost", "so_far", "now", n="N")
    proof.use("last_positive", "place", "now", n="N")
    last = X.format("N")
    proof.use("last_value", "exp_of_log", "last_positive", x=last)
    proof.use("last_split", "exp_of_sum", x=f"q*log({last})", y=f"log({last})")
    proof.use("last_power", "exp_positive", x=f"q*log({last})")
    proof.linear("whole", f"{SUM.format('N + 1')} = {SUM.format('N')} + pow({last}, q)")
    proof.have(
        "total",
        SUM.format("N + 1") + " >= (N + 1)/(q + 1)",
        ["almost", "last_power*power*exponent_over"],
        ["whole", "last_split", "last_value", "exponent_unit", "steps_unit"],
    )


def _upper(proof: Proof) -> None:
    line = SUM.format("{n} + 1") + " <= 1 + (N + 1)/(q + 1)*(1 - pow(" + X.format("{n}") + ", q + 1))"
    with proof.induction("so_far", "forall n nat: n <= N => " + line.format(n="n"), "time") as (zero, following):
        zero.linear("first", SUM.format("0 + 1") + " = pow(1, q)")
        equations = ["first", "first_power", "first_next_power", "one_from_exp"]
        zero.have("start", line.format(n="0"), (), equations)
        following.have("earlier", "n <= N", ["time"])
        following.use("known", "before", "earlier")
        following.use("here_positive", "place", "earlier", n="n")
        following.use("next_positive", "place", "time", n="n + 1")
        _tangent(following, HERE, NEXT, "here_positive", "next_positive")
        following.linear("more", f"{SUM.format('n + 1 + 1')} = {SUM.format('n + 1')} + pow({NEXT}, q)")
        following.have(
            "next",
            line.format(n="(n + 1)"),
            ["known", "tangent*steps*exponent_over"],
            ["more", "exponent_unit", "steps_unit"],
        )
    proof.have("now", "N <= N")
    proof.use("almost", "so_far", "now", n="N")
    proof.use("last_power", "exp_positive", x=f"(q + 1)*log({X.format('N')})")
    goal = SUM.format("N + 1") + " <= (N + 1)/(q + 1) + 1"
    proof.have("total", goal, ["almost", "last_power*steps*exponent_over"])


def _tangent(proof: Proof, x: str, y: str, x_positive: str, y_positive: str) -> None:
    claim = f"pow({x}, q + 1) >= pow({y}, q + 1) + (q + 1)*pow({y}, q)*({x} - {y})"
    values: dict[str, str | list[str]] = {"x": x, "y": y, "a": "q + 1"}
    proof.lemma("tangent", claim, TANGENT, [x_positive, y_positive, "convex"], values)


THEOREM = Theorem(
    theorem="sums_of_powers_lie_near_their_integral",
    title="Sums of powers lie near their integral",
    says="For real q >= 0 and T > 0, the sum of (1 - t/T)^q over t = 0, ..., T - 1 lies between T/(q + 1) and 1 more.",
    variables={"q": "real"},
    hypotheses={"power": "q >= 0"},
    claims=CLAIMS,
    model={"q": "3/2"},
    lemmas=[TANGENT],
    script=script,
    instances=[
        Instance("square roots", {"q": "1/2"}, naturals={"": 6}),
    ],
)
