"""A step eta r (a eta + z) beside one of c2 eta^2 ((b eta + z)^2 - u) has fourth moments that no Ito SDE has."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ..kernel.formulas import formula
from ..kernel.terms import term
from ..proving.instance import Drawn, Instance, defined_by
from ..proving.script import Proof, square
from ..proving.theorem import Theorem
from .sizes_on_every_outcome import sizes

NORMAL = "k3 + 3*k1*(2*r^2*S + k1)"
MIXED = "k4 + k1*(c2*abs(S - u) + k2) + r^2*S*k2"
CLAIMS = {
    "kurtosis_is_3": f"abs(r^4*(m4 - 3*S^2)) <= eta*({NORMAL})",
    "kurtosis_is_1": f"abs(c2*r^2*(m4 - S^2)) <= eta*({MIXED})",
    "no_variance": f"2*c2*r^4*S^2 <= eta*(c2*({NORMAL}) + r^2*({MIXED}))",
}
NOISE = {
    "centred": "E(z) = 0",
    "variance": "E(z^2) = S",
    "third": "E(z^3) = m3",
    "fourth": "E(z^4) = m4",
}
DIFFUSION = {
    "diffusion": "abs(E(A^2) - D*eta^2) <= K*eta^4",
    "drift": "abs(E(B) - beta*eta^2) <= K*eta^4",
    "fourth_of_a_diffusion": "abs(E(A^4) - 3*(D*eta^2)^2) <= K*eta^5",
    "mixed_of_a_diffusion": "abs(E(A^2*B) - D*beta*eta^4) <= K*eta^5",
}
MATCH = {
    "same_second": "abs(E(A^2) - E(({0})^2)) <= K*eta^4",
    "same_mean": "abs(E(B) - E({1})) <= K*eta^4",
    "same_fourth": "abs(E(A^4) - E(({0})^4)) <= K*eta^5",
    "same_mixed": "abs(E(A^2*B) - E(({0})^2*({1}))) <= K*eta^5",
}
SIZES = {
    "k1_definition": "k1 = 2*K + r^2*a^2",
    "k2_definition": "k2 = 2*K + c2*b^2",
    "k3_definition": "k3 = 2*K + r^4*(4*abs(a*m3) + 6*a^2*S + a^4)",
    "k4_definition": "k4 = 2*K + c2*r^2*(2*abs((a + b)*m3) + 3*(a^2 + b^2)*S + a^2*b^2 + u*a^2)",
}
STEP, OTHER = "eta*r*(a*eta + z)", "c2*eta^2*((b*eta + z)^2 - u)"


def _moments(proof: Proof) -> None:
    """The moments of both steps, by multiplying out."""
    equations = ["centred", "variance", "third", "fourth"]
    square_, fourth = "a^2*eta^2 + S", "m4 + 4*a*eta*m3 + 6*a^2*eta^2*S + a^4*eta^4"
    product = "m4 + 2*(a + b)*eta*m3 + (a^2 + b^2 + 4*a*b)*eta^2*S + a^2*b^2*eta^4"
    raw = {
        "second_moment": (f"({STEP})^2", "a^2*eta^2 + 2*a*eta*E(z) + E(z^2)", square_, "eta^2*r^2*({0})"),
        "mean": (OTHER, "b^2*eta^2 + 2*b*eta*E(z) + E(z^2) - u", "b^2*eta^2 + S - u", "c2*eta^2*({0})"),
        "fourth_moment": (
            f"({STEP})^4",
            "E(z^4) + 4*a*eta*E(z^3) + 6*a^2*eta^2*E(z^2) + 4*a^3*eta^3*E(z) + a^4*eta^4",
            fourth,
            "eta^4*r^4*({0})",
        ),
        "mixed_moment": (
            f"({STEP})^2*({OTHER})",
            "E(z^4) + 2*(a + b)*eta*E(z^3) + (a^2 + b^2 + 4*a*b)*eta^2*E(z^2) + 2*a*b*(a + b)*eta^3*E(z)"
            " + a^2*b^2*eta^4 - u*(a^2*eta^2 + 2*a*eta*E(z) + E(z^2))",
            f"{product} - u*({square_})",
            "c2*r^2*eta^4*({0})",
        ),
    }
    for name, (random, expanded, value, around) in raw.items():
        proof.linear(f"{name}_expanded", f"E({random}) = {around.format(expanded)}")
        proof.have(name, f"E({random}) = {around.format(value)}", (), [f"{name}_expanded", *equations])


def _sides(proof: Proof, *names: str) -> None:
    """Both signs of what bounds in absolute value say."""
    for name in names:
        size, _ = str(proof.scope.claim(name)).split(" <= ")
        for side in ("above", "below"):
            proof.use(f"{name}_{side}", f"absolute_{side}", x=size[4:-1])


def script(proof: Proof) -> None:
    """D is r^2 S and beta is c2 (S - u) up to eta^2; 3 D^2 and D beta give m4 in two ways."""
    sizes(proof)
    _moments(proof)
    _sides(proof, *DIFFUSION, *MATCH)
    proof.have("second_sign", "z^2 >= 0", [square("z")])
    proof.mean("mean_sign", "E(z^2) >= 0", "second_sign")
    proof.have("S_sign", "S >= 0", ["mean_sign"], ["variance"])
    proof.use("apart", "positive_is_apart", "positive_eta", x="eta")
    proof.use("one", "reciprocal", "apart", x="eta")
    proof.use("over", "reciprocal_positive", "positive_eta", x="eta")
    proof.have("room", "1 - eta >= 0", ["small_eta"])
    proof.have("square_room", "1 - eta^2 >= 0", ["room", "room*positive_eta"])
    proof.have("over2", "1/eta^2 > 0", ["over*over"])
    proof.have("over4", "1/eta^4 > 0", ["over2*over2"])
    proof.have("K_sign", "K >= 0", ["over4*diffusion", "over4*diffusion_above", "over4*diffusion_below"], ["one"])
    proof.have("k1_sign", "k1 >= 0", ["K_sign", square("r*a")], ["k1_definition"])
    proof.have("k2_sign", "k2 >= 0", ["K_sign", square("b") * "c2_sign"], ["k2_definition"])
    for name, gap, size, second, fact, rest in (
        ("D", "D - r^2*S", "eta^2*k1", "same_second", "diffusion", "second_moment"),
        ("beta", "beta - c2*(S - u)", "eta^2*k2", "same_mean", "drift", "mean"),
    ):
        extra = square("eta*r*a") if name == "D" else square("eta*b") * "c2_sign"
        for side, sign, one, two in (("upper", "", "below", "above"), ("lower", "-", "above", "below")):
            rows = [f"over2*{f}" for f in (fact, second, f"{fact}_{one}", f"{second}_{two}")]
            proof.have(
                f"{name}_{side}",
                f"{sign}({gap}) <= {size}",
                [*rows, extra],
                [rest, f"k{1 if name == 'D' else 2}_definition", "one"],
            )
        proof.have(f"{name}_above", f"{size} - ({gap}) >= 0", [f"{name}_upper"])
        proof.have(f"{name}_below", f"{size} + ({gap}) >= 0", [f"{name}_lower"])
    proof.have("rS_sign", "r^2*S >= 0", [square("r") * "S_sign"])
    proof.have("room2", "eta - eta^2 >= 0", ["positive_eta*room"])
    proof.have("room4", "eta - eta^4 >= 0", ["room2", "room2*positive_eta", "room2*positive_eta*positive_eta"])
    _normal(proof)
    _mixed(proof)
    proof.use("normal_below", "absolute_below", x="r^4*(m4 - 3*S^2)")
    proof.use("mixed_above", "absolute_above", x="c2*r^2*(m4 - S^2)")
    proof.use("normal_above", "absolute_above", x="r^4*(m4 - 3*S^2)")
    proof.use("mixed_below", "absolute_below", x="c2*r^2*(m4 - S^2)")
    rows = ["c2_sign*kurtosis_is_3", "c2_sign*normal_below", "c2_sign*normal_above"]
    rows += [square("r") * name for name in ("kurtosis_is_1", "mixed_above", "mixed_below")]
    proof.have("no_variance", CLAIMS["no_variance"], rows)


def _normal(proof: Proof) -> None:
    """|r^4 m4 - 3 D^2| <= eta k3, and D^2 near r^4 S^2."""
    proof.use("am_above", "absolute_above", x="a*m3")
    proof.use("am_below", "absolute_below", x="a*m3")
    facts = ("fourth_of_a_diffusion", "same_fourth")
    rest = [square("r^2*a") * "S_sign" * "room2", square("r^2*a^2") * "room4"]
    for side, sign, one, two in (("upper", "", "below", "above"), ("lower", "-", "above", "below")):
        rows = [f"over4*{facts[0]}", f"over4*{facts[1]}", f"over4*{facts[0]}_{two}", f"over4*{facts[1]}_{one}"]
        rows += [square("r^2") * f"positive_eta*am_{one}", *rest]
        rows += [square("r^2*a*eta") * "S_sign", square("r^2*a^2*eta^2")]
        claim = f"{sign}(r^4*m4 - 3*D^2) <= eta*k3"
        proof.have(f"fourth_{side}", claim, rows, ["fourth_moment", "k3_definition", "one"])
    term, bound = CLAIMS["kurtosis_is_3"][4:].split(") <= ")
    proof.have("k1_square", "eta*k1^2 - eta^4*k1^2 >= 0", ["room4*k1_sign*k1_sign"])
    more = ["D_above*D_below", "k1_square", "rS_sign*D_above", "rS_sign*D_below", "rS_sign*k1_sign*room2"]
    more.append(square("D - r^2*S"))
    proof.have("normal_upper", f"{term} <= {bound}", ["fourth_upper", *more])
    proof.have("normal_lower", f"-({term}) <= {bound}", ["fourth_lower", *more, "positive_eta*k1_sign*k1_sign"])
    proof.use("kurtosis_is_3", "both_signs", "normal_upper", "normal_lower", Y=term, Z=bound)


def _mixed(proof: Proof) -> None:
    """|c2 r^2 (m4 - u S) - D beta| <= eta k4, and D beta near r^2 S c2 (S - u)."""
    for name, text in (("abm", "(a + b)*m3"), ("Su", "S - u")):
        proof.use(f"{name}_above", "absolute_above", x=text)
        proof.use(f"{name}_below", "absolute_below", x=text)
    facts = ("mixed_of_a_diffusion", "same_mixed")
    for side, sign, one, two in (("upper", "", "below", "above"), ("lower", "-", "above", "below")):
        rows = [f"over4*{facts[0]}", f"over4*{facts[1]}", f"over4*{facts[0]}_{two}", f"over4*{facts[1]}_{one}"]
        rows.append(square("r") * f"c2_sign*positive_eta*abm_{one}")
        for factor in (square("r*a"), square("r*b"), square("r*(a + b)"), square("r*(a - b)")):
            rows += [factor * "c2_sign*S_sign*room2", factor * square("eta") * "c2_sign*S_sign"]
        rows += [square("r*a") * "c2_sign*u_sign*room2", square("r*a*eta") * "c2_sign*u_sign"]
        rows += [square("r*a*b") * "c2_sign*room4", square("r*a*b*eta^2") * "c2_sign"]
        claim = f"{sign}(c2*r^2*(m4 - u*S) - D*beta) <= eta*k4"
        proof.have(f"mixed_{side}", claim, rows, ["mixed_moment", "k4_definition", "one"])
    proof.have("Su_up", "abs(S - u) + (S - u) >= 0", ["Su_below"])
    proof.have("Su_down", "abs(S - u) - (S - u) >= 0", ["Su_above"])
    proof.have("Su_sign", "abs(S - u) >= 0", ["Su_above", "Su_below"])
    term, bound = CLAIMS["kurtosis_is_1"][4:].split(") <= ")
    rows = [f"D_{one}*beta_{two}" for one in ("above", "below") for two in ("above", "below")]
    rows += [f"c2_sign*D_{one}*Su_{two}" for one in ("above", "below") for two in ("up", "down")]
    rows += ["rS_sign*beta_above", "rS_sign*beta_below", "k1_sign*k2_sign*room4", "rS_sign*k2_sign*room2"]
    rows.append("k1_sign*c2_sign*Su_sign*room2")
    proof.have("kurtosis_upper", f"{term} <= {bound}", ["mixed_upper", *rows])
    proof.have("kurtosis_lower", f"-({term}) <= {bound}", ["mixed_lower", *rows])
    proof.use("kurtosis_is_1", "both_signs", "kurtosis_upper", "kurtosis_lower", Y=term, Z=bound)


MODEL = {
    **dict.fromkeys(("r", "a", "b", "c2", "u", "K"), "1"),
    **dict.fromkeys(("z", "S", "m3", "m4"), "0"),
    "eta": "1/2",
    "D": "1/4",
    "beta": "-3/4",
    "A": "1/4",
    "B": "-3/16",
    "k1": "3",
    "k2": "3",
    "k3": "3 + 4*abs(0)",
    "k4": "4 + 2*abs(0)",
}
"""Without noise, and with equal steps."""


def shown(proof: Proof) -> None:
    """The distances are 0, but for one of 1/128."""
    distances(proof, MODEL, THEOREM.hypotheses, {"fourth_of_a_diffusion": "-1/128"})


def distances(
    proof: Proof,
    model: Mapping[str, str],
    hypotheses: Mapping[str, str],
    below: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """For models: means of constants, and distances that are 0, or the numbers below 0 given."""
    values = {name: ((), term(text)) for name, text in model.items()}
    for name, text in hypotheses.items():
        if "E(" not in text:
            continue
        said = str(formula(text).substituted(values))
        if name in NOISE:
            proof.linear(name, said)
            continue
        size, bound = said.split(" <= ")
        inside, relation = size[4:-1], "<" if name in below else ">="
        proof.linear(f"{name}_value", f"{inside} = {below.get(name, '0')}")
        proof.have(f"{name}_sign", f"{inside} {relation} 0", (), [("1", f"{name}_value")])
        law = "absolute_of_negative" if name in below else "absolute_of_nonnegative"
        proof.use(f"{name}_size", law, f"{name}_sign", x=inside)
        proof.have(name, f"{size} <= {bound}", (), [("1", f"{name}_value"), ("1", f"{name}_size")])


THEOREM = Theorem(
    theorem="steps_whose_fourth_moments_no_diffusion_has",
    title="Steps whose fourth moments no diffusion has",
    says="""A step eta r (a eta + z) of one coordinate beside c2 eta^2 ((b eta + z)^2 - u) of another, z any noise of
    variance S: if a law (A, B) has the moments of one step of time eta^2 of a diffusion with variance rate D and drift
    beta, E A^4 = 3 (D eta^2)^2 and E A^2 B = D beta eta^4, and the moments of the two steps, up to K eta^5 (E A^2 and E
    B up to K eta^4), then E z^4 = 3 S^2 and E z^4 = S^2 up to eta, so that S^2 is at most a constant times eta.""",
    sources=["li2017stochastic, modified equations"],
    variables={
        **dict.fromkeys(("eta", "r", "a", "b", "c2", "u", "S", "m3", "m4", "D", "beta", "K"), "real"),
        **dict.fromkeys(("k1", "k2", "k3", "k4"), "real"),
        **dict.fromkeys(("z", "A", "B"), "rand"),
    },
    hypotheses={
        "positive_eta": "eta > 0",
        "small_eta": "eta <= 1",
        "c2_sign": "c2 >= 0",
        "u_sign": "u >= 0",
        **NOISE,
        **DIFFUSION,
        **{name: text.format(STEP, OTHER) for name, text in MATCH.items()},
        **SIZES,
    },
    claims=CLAIMS,
    lemmas=["sizes_on_every_outcome"],
    model=MODEL,
    script=script,
    shown=shown,
    instances=[
        Instance(
            "steps on skewed noise against others of the same law, moved by what is allowed",
            {
                "z": Drawn(("2", "-1"), draw=1),
                "S": "E(z^2)",
                "m3": "E(z^3)",
                "m4": "E(z^4)",
                "y": Drawn(("2", "-1"), draw=2),
                "A": "eta*r*(a*eta + y)",
                "B": "c2*eta^2*((b*eta + y)^2 - u) + eta^5/3",
                "eta": "1/2",
                "r": "2/3",
                "a": "1/2",
                "b": "-1",
                "c2": "3/4",
                "u": "5/4",
                "D": "r^2*S",
                "beta": "c2*(S - u)",
                "K": "abs(E(A^4) - 3*(D*eta^2)^2)/eta^5",
                **{name[:2]: defined_by(text) for name, text in SIZES.items()},
            },
            weights=("1/3", "2/3"),
            draws=2,
        )
    ],
)
