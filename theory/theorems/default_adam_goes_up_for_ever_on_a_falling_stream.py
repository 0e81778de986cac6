"""Adam at the defaults of libraries, from its start, goes the wrong way for ever on a stream of period 3."""

from collections.abc import Mapping
from fractions import Fraction

from ..kernel.formulas import formula
from ..kernel.terms import term
from ..proving.instance import Instance, Recursion, Table
from ..proving.script import Proof, square
from ..proving.theorem import Theorem
from ..proving.three_cycle import ThreeCycle, power
from .corrected_adam_follows_the_drift_of_its_periodic_state import BOUND, ENTRY, M_HAT, THREE_PERIODS, V_HAT
from .corrected_adam_follows_the_drift_of_its_periodic_state import THEOREM as FOLLOWS
from .default_adam_drifts_up_on_a_falling_stream import PACE, PATTERN, steady
from .default_adam_drifts_up_on_a_falling_stream import THEOREM as DRIFTS
from .root_of_quotient import known_root
from .sizes_on_every_outcome import sizes

UP = Fraction(PATTERN.split()[0])
BETA1, BETA2, EPS = Fraction("0.9"), Fraction("0.999"), Fraction("1e-8")
TOP, WIDE, CONSTANT = "1071/10000", "21/10000", "132"


def average(beta: Fraction, entry: str) -> str:
    """The periodic state after t steps: the last three entries in their weights, those to come in their place."""
    weights = [(1 - beta) / (1 - beta**3) * beta**k for k in (2, 1, 0)]
    return " + ".join(f"{weight}*{entry.format(f't + {k + 1}')}" for k, weight in enumerate(weights))


def at(text: str, time: str) -> str:
    """A text in t at another time."""
    return text.replace("t", time)


M, V = average(BETA1, "g({0})"), average(BETA2, "g({0})^2")
OFF = f"(g(t + 1) - {UP})*(g(t + 1) + 1)"


def entries(proof: Proof) -> None:
    """Gradients are UP or -1, and three of them add up to UP - 2."""
    said = "g({0} + 1) + g({0} + 2) + g({0} + 3) = " + str(UP - 2)
    offs = " + ".join(f"({at(OFF, place)})^2" for place in ("{0}", "({0} + 1)", "({0} + 2)"))
    for name, claim in (("three", said), ("squares", f"{offs} = 0")):
        with proof.induction(name, f"forall t nat: {claim.format('t')}") as (zero, following):
            zero.have("now", claim.format("0"), [], ["first", "second", "third"])
            following.use("back", "again", t="t")
            following.have("now", claim.format("(t + 1)"), [], ["back", "before"])
    for name, claim in (("off_most", f"{OFF} <= 0"), ("off_least", f"-({OFF}) <= 0")):
        with proof.fixing(name, f"forall t nat: {claim}") as inner:
            inner.use("here", "squares", t="t")
            inner.have("none", "0 >= 0")
            others = [square(at(OFF, f"(t + {k})")) for k in (1, 2)]
            inner.have("small", f"({OFF})^2 <= 0^2", others, [("1", "here")])
            inner.lemma("now", claim, "size_from_squares", ["small", "none"], {"a": OFF, "b": "0"})
    with proof.fixing("low", "forall t nat: g(t + 1) >= -1") as inner:
        inner.use("off", "off_most", t="t")
        inner.have("now", "g(t + 1) >= -1", ["off", square("g(t + 1) + 1")])
    with proof.fixing("high", f"forall t nat: g(t + 1) <= {UP}") as inner:
        inner.use("off", "off_most", t="t")
        inner.have("now", f"g(t + 1) <= {UP}", ["off", square(f"g(t + 1) - {UP}")])
    with proof.fixing("gradients", "forall t nat: g(t + 1)^2 >= 1") as inner:
        inner.use("off", "off_least", t="t")
        inner.use("least", "low", t="t")
        inner.have("now", "g(t + 1)^2 >= 1", ["off", "least"])


def orbit(proof: Proof) -> None:
    """M and V are the periodic state, with these bounds."""
    for letter, number, value in (("M", BETA1, M), ("V", BETA2, V)):
        gradient = "g(t + 1)" if letter == "M" else "g(t + 1)^2"
        claim = f"{at(value, '(t + 1)')} = {number}*({value}) + (1 - {number})*{gradient}"
        with proof.fixing(f"{letter}_next", f"forall t nat: {claim}") as inner:
            inner.use("back", "again", t="t")
            inner.have("now", claim, [], ["back"])
        claim = f"{at(value, '(t + 3)')} = {value}"
        with proof.fixing(f"{letter}_again", f"forall t nat: {claim}") as inner:
            for k in range(3):
                inner.use(f"back{k}", "again", t=f"t + {k}")
            inner.have("now", claim, [], ["back2", "back1", "back0"])
    for name, claim in (("orbit_low", f"{M} >= -({TOP})"), ("orbit_high", f"{M} <= {TOP}")):
        with proof.fixing(name, f"forall t nat: {claim}") as inner:
            inner.have("now", claim, around(inner), [("1", "total")])
    proof.have("V_start", f"{at(V, '0')} >= 1", [], ["first", "second", "third"])
    away = f"{V} - ({at(V, '0')})"
    with proof.fixing("V_near", f"forall t nat: abs({away}) <= {WIDE}") as inner:
        rows = around(inner)
        equations = ["first", "second", "third", ("1", "total")]
        inner.have("upper", f"{away} <= {WIDE}", rows, equations)
        inner.have("lower", f"-({away}) <= {WIDE}", rows, equations)
        inner.use("now", "both_signs", "upper", "lower", Y=away, Z=WIDE)


def around(inner: Proof) -> list[str]:
    """What is known of the next three gradients: names of facts."""
    inner.use("total", "three", t="t")
    facts = ("low", "high", "off_most", "off_least")
    for k in range(3):
        for name in facts:
            inner.use(f"{name}_{k}", name, t=f"t + {k}")
    return [f"{name}_{k}" for name in facts for k in range(3)]


def numbers(proof: Proof) -> None:
    """The rule's equations with the numbers of its defaults."""
    for source, name in RENAMED.items():
        said = ENTRY.equations[source]
        for beta, number in (("beta1", BETA1), ("beta2", BETA2)):
            said = said.replace(f"{beta}*", f"{number}*").replace(f"1 - {beta}", f"1 - {number}")
        with proof.fixing(name, said) as inner:
            inner.use("here", source, t="t")
            inner.have("now", said.split(": ")[1], [], ["here", "beta1_value", "beta2_value"])
    step = f"theta(t + 1) = theta(t) - eta*({M_HAT})/(sqrt({V_HAT}) + {EPS})"
    with proof.fixing("moved", f"forall t nat: {step}") as inner:
        inner.use("here", "theta_next", t="t")
        inner.congruent("root", "eps_value", f"1/(sqrt({V_HAT}) + hole)")
        inner.have("now", step, [], ["here", "root"])
    for name, claim in NUMBERS.items():
        proof.have(name, claim)


NUMBERS = {
    "beta1_least": f"{BETA1} >= 0",
    "beta1_most": f"{BETA1} < 1",
    "beta2_least": f"{BETA2} >= 0",
    "beta2_most": f"{BETA2} < 1",
    "eps_sign": f"{EPS} >= 0",
    "positive": "1 > 0",
}
RENAMED = {
    "m_next": "m_now",
    "v_next": "v_now",
    "beta1_power_next": "p1",
    "beta2_power_next": "p2",
}
VALUES: dict[str, str | list[str]] = {
    **{"beta1": str(BETA1), "beta2": str(BETA2), "eps": str(EPS), "eta": "eta", "n": "3", "least": "1"},
    **{"top": TOP, "wide": WIDE, "M": ["t", M], "V": ["t", V]},
    **{name: ["t", f"{name}(t)"] for name in ("g", "m", "v", "theta", "beta1_power", "beta2_power")},
}


def named(text: str, values: Mapping[str, str | list[str]]) -> str:
    """A formula of a theorem that this applies, with these values."""
    given = {}
    for name, value in values.items():
        *parameters, body = [value] if isinstance(value, str) else value
        given[name] = (tuple(parameters), term(body))
    return str(formula(text).substituted(given))


def script(proof: Proof) -> None:
    """The periodic state is known, and so is what it moves in a period."""
    sizes(proof)
    entries(proof)
    orbit(proof)
    numbers(proof)
    names = [{**RENAMED, "theta_next": "moved"}.get(name, name) for name in FOLLOWS.hypotheses]
    proof.lemma("followed", named(FOLLOWS.claims["drift"], VALUES), FOLLOWS.theorem, names, VALUES)
    moved_in_a_period(proof)
    constant(proof)
    claim = f"theta(3*k) - theta(0) >= eta*({PACE}*k - {CONSTANT})"
    with proof.fixing("upwards", f"forall k nat: {claim}") as inner:
        inner.use("there", "followed", k="k")
        inner.use("natural_k", "natural", n="k")
        inner.have("now", claim, ["there", "rate*natural_k*drift", "rate*small"], [("eta*k", "whole")])


def moved_in_a_period(proof: Proof) -> None:
    """`whole`: the sum over a period is that of which `drift` says how much it moves up."""
    values: dict[str, str | list[str]] = {}
    for k in range(3):
        proof.use(f"back{k}", "again", t=str(k))
        values |= {f"M{k + 1}": at(M, str(k + 1)), f"V{k + 1}": at(V, str(k + 1))}
    known = ["back0", "back1", "back2", "first", "second", "third"]
    for name in DRIFTS.hypotheses:
        proof.have(name, named(DRIFTS.hypotheses[name], values), [], known)
    claim = named(DRIFTS.claims["drift"], values)
    proof.lemma("drift", claim, DRIFTS.theorem, list(DRIFTS.hypotheses), values)
    steps = [f"({at(M, f'({k} + 1)')})/(sqrt({at(V, f'({k} + 1)')}) + {EPS})" for k in ("j", "0", "1", "2")]
    proof.linear("whole", f"sum(j < 3, {steps[0]}) = {' + '.join(steps[1:])}")


def constant(proof: Proof) -> None:
    """`small`: the constant is at most this number."""
    known_root(proof, "unit", "1", "1")
    proof.congruent("one", "unit", "1/hole")
    proof.congruent("more", "unit", f"1/(hole + {EPS})")
    bound = named(f"{BOUND} <= {CONSTANT}", VALUES)
    proof.have("small", bound, [], ["one", "more"])


def shown(proof: Proof) -> None:
    """The stream, and m and v along it; theta stays, as eta is 0."""
    CYCLE.shown(proof)


CYCLE = ThreeCycle(UP, steady(BETA1, [UP, Fraction(-1), Fraction(-1)]), BETA1, BETA2)
THEOREM = Theorem(
    theorem="default_adam_goes_up_for_ever_on_a_falling_stream",
    title="Default Adam goes up for ever on a falling stream",
    says="""Adam from its start, with bias corrections and the defaults of libraries, beta1 = 0.9, beta2 = 0.999 and
    eps = 10^-8, on linear losses with gradients 2.00005, -1, -1 again and again, which fall on average as theta falls.
    With any constant learning rate eta >= 0, after k periods theta has gone up by at least eta (1.8 k/10^6 - 132): if
    eta > 0, it goes up for ever, and with it the sum of the losses of a period, which is 0.00005 theta at a point.""",
    sources=["reddi2018convergence, Theorem 2"],
    variables={},
    hypotheses={
        "rate": "eta >= 0",
        "beta1_value": f"beta1 = {BETA1}",
        "beta2_value": f"beta2 = {BETA2}",
        "eps_value": f"eps = {EPS}",
        "first": f"g(1) = {UP}",
        "second": "g(2) = -1",
        "third": "g(3) = -1",
        "again": "forall t nat: g(t + 4) = g(t + 1)",
    },
    definitions=[ENTRY],
    claims={"upwards": f"forall k nat: theta(3*k) - theta(0) >= eta*({PACE}*k - {CONSTANT})"},
    lemmas=[FOLLOWS.theorem, DRIFTS.theorem, "size_from_squares", "sizes_on_every_outcome"],
    model={
        **{"beta1": str(BETA1), "beta2": str(BETA2), "eps": str(EPS), "eta": "0"},
        **{"g": ["t", CYCLE.gradient("t")], "m": ["t", CYCLE.mean("t")], "v": ["t", CYCLE.size("t")]},
        **{f"beta{k}_power": ["t", power(beta, "t")] for k, beta in ((1, BETA1), (2, BETA2))},
        "theta": ["t", "0"],
    },
    script=script,
    shown=shown,
    instances=[
        Instance(
            "three periods",
            {
                **{"beta1": str(BETA1), "beta2": str(BETA2), "eps": str(EPS), "eta": "1/8"},
                "g": Table(("0", *map(str, (UP, -1, -1) * 3))),
                **{f"beta{k}_power": Recursion(("t",), "1", f"beta{k}*beta{k}_power(t)") for k in (1, 2)},
            },
            naturals={"": 10, "k": 4},
            run=THREE_PERIODS,
            wrong=("adam@correction=none", "adam@second_moment=old"),
        )
    ],
)
