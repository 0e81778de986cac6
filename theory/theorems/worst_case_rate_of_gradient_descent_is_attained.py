"""Huber's function attains L |x(0) - y|^2/(4 N + 2) after N steps of gradient descent (Drori & Teboulle 2014)."""

from ..proving.instance import Instance, Run, along
from ..proving.script import Proof
from ..proving.theorem import Theorem


def script(proof: Proof) -> None:
    """The gradient is the same at all iterates, which stay where Huber's function is linear."""
    proof.use("natural_N", "natural", n="N")
    proof.have("odd", "2*N + 1 > 0", ["natural_N"])
    proof.use("apart", "positive_is_apart", "odd", x="2*N + 1")
    proof.use("unit", "reciprocal", "apart", x="2*N + 1")
    proof.use("over", "reciprocal_positive", "odd", x="2*N + 1")
    bodies = {name: claim.rpartition("=> ")[2].split(": ")[-1] for name, claim in CLAIMS.items()}
    with proof.fixing("interpolation", CLAIMS["interpolation"]) as inner:
        _values(inner, "s", "t")
        inner.have("here", bodies["interpolation"], (), [*VALUES, "at_x_s"])
    with proof.fixing("smallest", CLAIMS["smallest"]) as inner:
        _values(inner, "t")
        inner.have("here", bodies["smallest"], (), VALUES[:2])
    with proof.fixing("above", CLAIMS["above"], "early") as inner:
        _values(inner, "t")
        products = ["early*over*over", "natural_N*over*over"]
        inner.have("here", bodies["above"], products, [*VALUES[:2], "slope", "unit"])
    with proof.fixing("descent", CLAIMS["descent"]) as inner:
        inner.use("one", "iterates", t="t")
        inner.use("two", "iterates", t="t + 1")
        inner.have("here", bodies["descent"], (), ["one", "two"])
    _values(proof, "N")
    proof.have("twice", "4*N + 2 > 0", ["natural_N"])
    proof.use("twice_apart", "positive_is_apart", "twice", x="4*N + 2")
    proof.use("twice_unit", "reciprocal", "twice_apart", x="4*N + 2")
    proof.have("attained", CLAIMS["attained"], (), ["at_f_N", "at_x_N", "slope", "unit", "twice_unit"])


VALUES = ["at_f_t", "at_x_t", "at_f_s"]


def _values(proof: Proof, *times: str) -> None:
    """f and x at these times."""
    for time in times:
        proof.use(f"at_f_{time}", "losses", t=time)
        proof.use(f"at_x_{time}", "iterates", t=time)


CLAIMS = {
    "descent": "forall t nat: x(t + 1) = x(t) - g",
    "interpolation": "forall s nat, t nat: f(s) = f(t) + g*(x(s) - x(t))",
    "smallest": "forall t nat: 0 = f(t) + g*(0 - x(t)) + g^2/2",
    "above": "forall t nat: t <= N => f(t) >= g^2/2",
    "attained": "f(N) = 1/(4*N + 2)",
}

THEOREM = Theorem(
    theorem="worst_case_rate_of_gradient_descent_is_attained",
    title="The worst-case rate of gradient descent is attained",
    says="""Huber's function with slope g = 1/(2 N + 1) and L = 1 is g x - g^2/2 for x >= g, and its minimum 0 is at
    0. From x(0) = 1 gradient descent with step 1 moves by g each time. All interpolation inequalities between
    iterates up to N and the minimum hold, and f(x(N)) is 1/(4 N + 2): no constant below L |x(0) - y|^2/(4 N +
    2) bounds it.""",
    variables={"N": "nat", "g": "real", "x": "real(nat)", "f": "real(nat)"},
    hypotheses={
        "slope": "g = 1/(2*N + 1)",
        "iterates": "forall t nat: x(t) = 1 - t*g",
        "losses": "forall t nat: f(t) = g*x(t) - g^2/2",
    },
    claims=CLAIMS,
    model={"N": "2", "g": "1/5", "x": ["t", "1 - t*(1/5)"], "f": ["t", "1/5*(1 - t*(1/5)) - (1/5)^2/2"]},
    script=script,
    instances=[
        Instance(
            "three steps down a slope",
            {"N": "3", "g": "1/(2*N + 1)", "f": ["t", "g*x(t) - g^2/2"]},
            naturals={"": 4},
            run=Run("sgd", {"eta": "1"}, "g", ("1",), 3, {"x": along("theta")}, torch="SGD"),
            wrong=("sgd@momentum=ema,first=damped",),
        )
    ],
)
