"""Step sizes and batch sizes that both grow as a power of the block (Umeda & Iiduka 2024, scheduler (iii))."""

from ..proving.instance import Instance, Table
from ..proving.positive import reciprocal
from ..proving.script import Proof, square
from ..proving.theorem import Theorem
from .powers_lie_above_their_tangents import THEOREM as TANGENT
from .powers_of_lines_lie_between_powers import CLAIMS as LINES
from .powers_of_lines_lie_between_powers import THEOREM as BETWEEN
from .sums_of_inverse_powers_are_bounded import THEOREM as SERIES

S1, SN = "sum(m < M + 1, steps(m)*eta(m))", "sum(m < M + 1, steps(m)*eta(m)^2/b(m))"
P = "(c2 - 2*c1)"
B = "(c1 + 1)/(least*pow(low1, c1)*pow(M + 1, c1 + 1))"
V = f"most*pow(high1, 2*c1)*pow(low2, -c2)*({P}/({P} - 1))*({B})"
CLAIMS = {"B": f"1/{S1} <= {B}", "V": f"({SN})/({S1}) <= {V}"}


def _powers(proof: Proof) -> None:
    """`grown`: (n + 1)^(c1 + 1) <= (c1 + 1) times the sum of (m + 1)^c1 over m = 0, .., n."""
    with proof.fixing("tangents", "forall m nat: pow(m + 1, c1 + 1) >= "
                      "pow(m + 2, c1 + 1) - (c1 + 1)*pow(m + 2, c1)") as inner:  # fmt: skip
        inner.use("natural_m", "natural", n="m")
        inner.have("first", "m + 1 > 0", ["natural_m"])
        inner.have("second", "m + 2 > 0", ["natural_m"])
        inner.have("convex", "c1 + 1 >= 1", ["exponent1"])
        said = "pow(m + 1, c1 + 1) >= pow(m + 2, c1 + 1) + (c1 + 1)*pow(m + 2, c1)*(m + 1 - (m + 2))"
        values: dict[str, str | list[str]] = {"x": "m + 1", "y": "m + 2", "a": "c1 + 1"}
        inner.lemma("tangent", said, TANGENT.theorem, ["first", "second", "convex"], values)
        inner.have("now", "pow(m + 1, c1 + 1) >= pow(m + 2, c1 + 1) - (c1 + 1)*pow(m + 2, c1)", ["tangent"])
    claim = "(c1 + 1)*sum(m < {0} + 1, pow(m + 1, c1)) >= pow({0} + 1, c1 + 1)"
    with proof.induction("grown", f"forall n nat: {claim.format('n')}") as (zero, following):
        zero.use("unit", "exp_of_zero")
        zero.use("log_one", "log_of_exp", x="0")
        zero.congruent("log_of_one", "unit", "log(hole)")
        zero.have("no_log", "log(1) = 0", [], ["log_one", ("-1", "log_of_one")])
        zero.congruent("power", "no_log", "exp(c1*hole)")
        zero.congruent("more_power", "no_log", "exp((c1 + 1)*hole)")
        zero.linear("one", "sum(m < 0 + 1, pow(m + 1, c1)) = pow(0 + 1, c1)")
        zero.have("now", claim.format("0"), ["exponent1"], ["one", "power", "more_power", "unit"])
        following.use("tangent", "tangents", m="n")
        following.linear("more", "sum(m < n + 1 + 1, pow(m + 1, c1)) = sum(m < n + 1, pow(m + 1, c1)) + pow(n + 2, c1)")
        following.have("now", claim.format("n + 1"), ["before", "tangent"], ["more"])


def _noise(proof: Proof) -> None:
    """`noise`: eta^2/b is at most a multiple of (m + 1)^(-p)."""
    limit = "most*pow(high1, 2*c1)*pow(low2, -c2)"
    goal = f"{limit}*pow(m + 1, -{P}) - steps(m)*eta(m)^2/b(m) >= 0"
    with proof.fixing("each", f"forall m nat: {goal}") as inner:
        inner.use("eta_here", "eta_rule", m="m")
        inner.use("b_here", "b_rule", m="m")
        for name, fact, value in (("eta_sign", "eta_positive", "eta(m)"), ("b_sign", "b_positive", "b(m)")):
            inner.use(f"{name}_power", fact, m="m")
            inner.have(name, f"{value} > 0", [f"{name}_power"], [f"{name[:-5]}_here"])
        inner.use("eta_power", "eta_below", m="m")
        inner.use("b_power", "b_above", m="m")
        inner.use("short", "longest", m="m")
        inner.use("long", "shortest", m="m")
        inner.have("most_sign", "most >= 0", ["short", "long", "some"])
        top, floor = "pow(high1, c1)*pow(m + 1, c1)", "pow(low2, c2)*pow(m + 1, c2)"
        inner.have("eta_most", f"{top} - eta(m) >= 0", ["eta_power"], ["eta_here"])
        inner.have("b_least", f"b(m) - {floor} >= 0", ["b_power"], ["b_here"])
        reciprocal(inner, "b", "b_sign", "b(m)")
        inner.use("unit", "exp_of_zero")
        for name, body in (("low2", "low2"), ("next", "m + 1")):
            inner.use(f"{name}_up", "exp_positive", x=f"c2*log({body})")
            inner.use(f"{name}_down", "exp_positive", x=f"-c2*log({body})")
            inner.use(f"{name}_sum", "exp_of_sum", x=f"c2*log({body})", y=f"-c2*log({body})")
            one = f"pow({body}, c2)*pow({body}, -c2) = 1"
            inner.have(f"{name}_one", one, [], [("-1", f"{name}_sum"), ("1", "unit")])
        inner.use("top_up", "exp_positive", x="c1*log(m + 1)")
        inner.use("high_up", "exp_positive", x="c1*log(high1)")
        rows = ["b_least*low2_down*next_down*b_over"]
        shares = ["b_unit", "low2_one", "next_one"]
        inner.have("b_over_least", "pow(low2, -c2)*pow(m + 1, -c2) - 1/b(m) >= 0", rows, shares)
        inner.have("top_sign", f"{top} >= 0", ["top_up*high_up"])
        squares = f"({top})^2 - eta(m)^2 >= 0"
        inner.have("squares", squares, ["eta_most*top_sign", "eta_most*eta_sign"])
        inner.use("high_twice", "exp_of_sum", x="c1*log(high1)", y="c1*log(high1)")
        inner.use("next_twice", "exp_of_sum", x="c1*log(m + 1)", y="c1*log(m + 1)")
        inner.use("next_both", "exp_of_sum", x="2*c1*log(m + 1)", y="-c2*log(m + 1)")
        inner.have("shorter", "most - steps(m) >= 0", ["short"])
        inner.have("steps_sign", "steps(m) >= 0", ["long", "some"])
        whole = f"most*({top})^2*(pow(low2, -c2)*pow(m + 1, -c2)) - steps(m)*eta(m)^2/b(m) >= 0"
        rows = [square(top) * "most_sign*b_over_least", "most_sign*squares*b_over", square("eta(m)") * "shorter*b_over"]
        inner.have("bound", whole, rows)
        step = "exp(c1*log(m + 1))^2"
        same = f"most*({top})^2*(pow(low2, -c2)*pow(m + 1, -c2)) = {limit}*pow(m + 1, -{P})"
        chain = [
            (f"-most*pow(low2, -c2)*pow(m + 1, -c2)*{step}", "high_twice"),
            ("-most*pow(low2, -c2)*pow(m + 1, -c2)*pow(high1, 2*c1)", "next_twice"),
            ("-most*pow(low2, -c2)*pow(high1, 2*c1)", "next_both"),
        ]
        inner.have("same", same, [], chain)
        inner.have("now", goal, ["bound"], [("1", "same")])
    total = f"sum(m < M + 1, pow(m + 1, -{P}))"
    proof.add("all", f"{limit}*{total} - {SN} >= 0", "each", "M + 1")
    bound = f"forall n nat: sum(k < n, pow(k + 1, -{P})) <= {P}/({P} - 1)"
    proof.lemma("series", bound, SERIES.theorem, ["summable"], {"c": P})
    proof.use("series_here", "series", n="M + 1")
    for name, exponent in (("high1", "2*c1"), ("low2", "-c2")):
        proof.use(f"{name}_power", "exp_positive", x=f"{exponent}*log({name})")
    proof.use("short", "longest", m="0")
    proof.use("long", "shortest", m="0")
    proof.have("most_sign", "most >= 0", ["short", "long", "some"])
    rows = ["all", "most_sign*high1_power*low2_power*series_here"]
    proof.have("noise", f"{SN} <= {limit}*({P}/({P} - 1))", rows)


def script(proof: Proof) -> None:
    """eta >= low1^c1 (m + 1)^c1, eta^2/b <= high1^(2 c1) low2^(-c2) (m + 1)^(2 c1 - c2), and sums of powers."""
    proof.have("exponent2", "c2 >= 0", ["summable", "exponent1"])
    proof.have("slope2_sum", "a2 <= a2 + e2", ["start2", "low2_positive"])
    proof.have("start2_sum", "e2 <= a2 + e2", ["slope2", "low2_positive"])
    for n, family, letters in (("1", "eta", ("a1", "e1")), ("2", "b", ("a2", "e2"))):
        side = "most" if n == "1" else "sum"
        names = [f"low{n}_positive", f"slope{n}", f"start{n}", f"slope{n}_{side}", f"start{n}_{side}", f"exponent{n}"]
        values: dict[str, str | list[str]] = {"a": letters[0], "e": letters[1], "c": f"c{n}"}
        high = "high1" if n == "1" else "a2 + e2"
        values |= {"low": f"low{n}", "high": high}
        for name, claim in LINES.items():
            said = claim.replace("a*m + e, c)", f"{letters[0]}*m + {letters[1]}, c{n})")
            said = said.replace("pow(low, c)", f"pow(low{n}, c{n})").replace("pow(high, c)", f"pow({high}, c{n})")
            proof.lemma(f"{family}_{name}", said.replace("m + 1, c)", f"m + 1, c{n})"), BETWEEN.theorem, names, values)
    _powers(proof)
    _noise(proof)
    least = "least*pow(low1, c1)"
    goal = f"steps(m)*eta(m) - {least}*pow(m + 1, c1) >= 0"
    with proof.fixing("large", f"forall m nat: {goal}") as inner:
        inner.use("here", "eta_rule", m="m")
        inner.use("above", "eta_above", m="m")
        inner.use("sign", "eta_positive", m="m")
        inner.use("enough", "shortest", m="m")
        inner.have("now", goal, ["enough*sign", "some*above"], ["here"])
    proof.add("larger", f"{S1} - {least}*sum(m < M + 1, pow(m + 1, c1)) >= 0", "large", "M + 1")
    proof.use("grown_here", "grown", n="M")
    proof.use("low_power", "exp_positive", x="c1*log(low1)")
    proof.use("last_power", "exp_positive", x="(c1 + 1)*log(M + 1)")
    proof.have("degree", "c1 + 1 > 0", ["exponent1"])
    floor = f"{least}*pow(M + 1, c1 + 1)"
    proof.have("lower", f"(c1 + 1)*{S1} >= {floor}", ["larger*degree", "grown_here*some*low_power"])
    proof.have("floor", f"{floor} > 0", ["some*low_power*last_power"])
    reciprocal(proof, "degree", "degree", "c1 + 1")
    proof.have("S_positive", f"{S1} > 0", ["lower*degree_over", "floor*degree_over"], ["degree_unit"])
    reciprocal(proof, "S", "S_positive", S1)
    reciprocal(proof, "floor", "floor", floor)
    proof.have("B", CLAIMS["B"], ["lower*S_over*floor_over"], ["S_unit", "floor_unit"])
    proof.have("rate_apart", f"{P} - 1 > 0", ["summable"])
    proof.use("rate_over", "reciprocal_positive", "rate_apart", x=f"{P} - 1")
    proof.have("rate", f"{P} > 0", ["summable"])
    rows = ["noise*S_over", "B*most_sign*high1_power*low2_power*rate*rate_over"]
    proof.have("V", CLAIMS["V"], rows)


THEOREM = Theorem(
    theorem="steps_and_batches_that_grow_as_powers_have_bounded_sums",
    title="Step sizes and batch sizes that both grow as powers: B_T and V_T",
    says="""Over blocks m = 0, ..., M of at least `least` and at most `most` steps, eta = (a1 m + e1)^c1 and b =
    (a2 m + e2)^c2 with c1 >= 0 and p = c2 - 2 c1 > 1; a1, e1 lie between low1 > 0 and high1, a2, e2 are at least
    low2 > 0. Then B_T <= (c1 + 1)/(least low1^c1 (M + 1)^(c1 + 1)), and V_T is at most most high1^(2 c1)/low2^c2
    p/(p - 1) times that: both of the order M^(-(c1 + 1)).""",
    sources=["umeda2024increasing, scheduler (iii)"],
    variables={
        "M": "nat",
        **dict.fromkeys(("a1", "e1", "c1", "low1", "high1", "a2", "e2", "c2", "low2", "least", "most"), "real"),
        **dict.fromkeys(("eta", "b", "steps"), "real(nat)"),
    },
    hypotheses={
        **{
            name.format(n): text.format(n)
            for n in "12"
            for name, text in {
                "low{0}_positive": "low{0} > 0",
                "slope{0}": "a{0} >= low{0}",
                "start{0}": "e{0} >= low{0}",
            }.items()
        },
        "slope1_most": "a1 <= high1",
        "start1_most": "e1 <= high1",
        "exponent1": "c1 >= 0",
        "summable": f"{P} > 1",
        "eta_rule": "forall m nat: eta(m) = pow(a1*m + e1, c1)",
        "b_rule": "forall m nat: b(m) = pow(a2*m + e2, c2)",
        "some": "least > 0",
        "shortest": "forall m nat: steps(m) >= least",
        "longest": "forall m nat: steps(m) <= most",
    },
    claims=CLAIMS,
    lemmas=[BETWEEN.theorem, TANGENT.theorem, SERIES.theorem],
    model={
        "M": "2",
        **{"a1": "1", "e1": "2", "c1": "1/2", "low1": "1", "high1": "2"},
        **{"a2": "1", "e2": "2", "c2": "3", "low2": "1"},
        "least": "1",
        "most": "2",
        "eta": ["m", "pow(m + 2, 1/2)"],
        "b": ["m", "pow(m + 2, 3)"],
        "steps": ["m", "3/2"],
    },
    script=script,
    instances=[
        Instance(
            "four blocks of one to three steps",
            {
                "M": "3",
                **{"a1": "1/2", "e1": "3/4", "c1": "1/2", "low1": "1/2", "high1": "1"},
                **{"a2": "2", "e2": "3/2", "c2": "5/2", "low2": "1"},
                **{"least": "1", "most": "3"},
                "eta": ["m", "pow(a1*m + e1, c1)"],
                "b": ["m", "pow(a2*m + e2, c2)"],
                "steps": Table(("2", "1", "3", "5/2")),
            },
            naturals={"": 4},
        )
    ],
)
