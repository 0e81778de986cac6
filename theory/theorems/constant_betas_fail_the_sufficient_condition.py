"""Adam with a constant beta2 fails the fourth sufficient condition of Zou et al. (2019) and Chen et al. (2022)."""

from ..proving.instance import Instance, Table
from ..proving.positive import reciprocal
from ..proving.script import Proof
from ..proving.theorem import Theorem

LOGS = "forall Y rand, Z rand: Y > 0, Z > 0 => log(Y) - log(Z) <= Y/Z - 1"
SUM = "sum(k < {0} + 1, pow(k + 1, -s))"
WEIGHTED = "sum(k < {0} + 1, pow(k + 1, -s)*sqrt(1 - theta(k)))"
LAST = "({0} + 1)*pow({0} + 1, -s)"


def numbers(proof: Proof) -> None:
    """n + 1 and n + 2 and their logarithms."""
    proof.use("natural_n", "natural", n="n")
    for name, number in (("one", "n + 1"), ("two", "n + 2")):
        proof.have(f"{name}_positive", f"{number} > 0", ["natural_n"])
        proof.use(f"{name}_value", "exp_of_log", f"{name}_positive", x=number)
    proof.linear("more", f"{SUM.format('n + 1')} = {SUM.format('n')} + pow(n + 2, -s)")


def falling(proof: Proof) -> None:
    """The last of falling learning rates is the least one."""
    claim = f"{SUM} >= {LAST}"
    with proof.induction("plain", f"forall n nat: {claim.format('n')}") as (zero, following):
        zero.linear("one", f"{SUM.format('0')} = pow(1, -s)")
        zero.have("now", claim.format("0"), (), ["one"])
        numbers(following)
        reciprocal(following, "two", "two_positive", "n + 2", over="inverse")
        following.use("step", "logs", "one_positive", "two_positive", Y="n + 1", Z="n + 2")
        growth = "log(n + 2) - log(n + 1)"
        following.have("log_grows", f"{growth} >= 0", ["step", "two_inverse"], ["two_unit"])
        following.use("tangent", "exp_tangent", x=f"s*({growth})")
        following.use("split", "exp_of_sum", x="-s*log(n + 2)", y=f"s*({growth})")
        following.use("positive", "exp_positive", x="-s*log(n + 2)")
        products = ["tangent*positive", "sign*log_grows*positive"]
        following.have("fall", "pow(n + 1, -s) >= pow(n + 2, -s)", products, [("1", "split")])
        then = claim.format("(n + 1)").replace("k < (n + 1) + 1", "k < n + 1 + 1")
        following.have("next", then, ["before", "fall*natural_n", "fall"], ["more"])
    weighted(proof)
    proof.use("here", "plain", n="m")
    proof.use("both", "weights", n="m")
    proof.use("root", "root_nonnegative", x="rest")
    proof.have("now", f"{WEIGHTED.format('m')} >= sqrt(rest)*({LAST.format('m')})", ["here*root", "both"])


def rising(proof: Proof) -> None:
    """Rising learning rates add up to at least their integral."""
    claim = f"(1 - s)*{SUM} >= {LAST}"
    proof.have("slope", "1 - s >= 1", ["sign"])
    with proof.induction("plain", f"forall n nat: {claim.format('n')}") as (zero, following):
        zero.linear("one", f"{SUM.format('0')} = pow(1, -s)")
        zero.use("first", "exp_positive", x="-s*log(1)")
        zero.have("now", claim.format("0"), ["sign*first"], ["one"])
        numbers(following)
        powers = {"x": "n + 1", "y": "n + 2", "a": "1 - s"}
        tangent = "pow(n + 1, 1 - s) >= pow(n + 2, 1 - s) + (1 - s)*pow(n + 2, 1 - s - 1)*(n + 1 - (n + 2))"
        facts = ["one_positive", "two_positive", "slope"]
        following.lemma("tangent", tangent, "powers_lie_above_their_tangents", facts, powers)
        for name, number in (("one", "n + 1"), ("two", "n + 2")):
            following.use(f"{name}_split", "exp_of_sum", x=f"-s*log({number})", y=f"log({number})")
        then = claim.format("(n + 1)").replace("k < (n + 1) + 1", "k < n + 1 + 1")
        equations = ["more", "one_split", "two_split", "one_value", "two_value"]
        following.have("next", then, ["before", "tangent"], equations)
    weighted(proof)
    proof.use("here", "plain", n="m")
    proof.use("both", "weights", n="m")
    proof.use("root", "root_nonnegative", x="rest")
    products = ["here*root", "both", "both*slope", "root"]
    proof.have("now", f"(1 - s)*{WEIGHTED.format('m')} >= sqrt(rest)*({LAST.format('m')})", products)


def weighted(proof: Proof) -> None:
    """sqrt(1 - theta) is at least sqrt(rest) in every term."""
    with proof.fixing("weights", f"forall n nat: {WEIGHTED.format('n')} >= sqrt(rest)*{SUM.format('n')}") as inner:
        with inner.fixing(
            "each", "forall k nat: pow(k + 1, -s)*sqrt(1 - theta(k)) >= sqrt(rest)*pow(k + 1, -s)"
        ) as here:
            here.use("less", "constant", k="k")
            here.use("order", "roots", "positive_rest", "less", Y="rest", Z="1 - theta(k)")
            here.use("power", "exp_positive", x="-s*log(k + 1)")
            here.have("term", "pow(k + 1, -s)*sqrt(1 - theta(k)) >= sqrt(rest)*pow(k + 1, -s)", ["order*power"])
        inner.add("all", f"{WEIGHTED.format('n')} >= sqrt(rest)*{SUM.format('n')}", "each", "n + 1")


def script(proof: Proof) -> None:
    """The learning rates add up to at least a fixed part of T times the last one."""
    proof.lemma("logs", LOGS, "logs_lie_below_their_tangents", [], {})
    proof.lemma("roots", ROOTS, "orders_on_every_outcome", [], {})
    with proof.fixing("falling", CLAIMS["falling"], "sign") as inner:
        falling(inner)
    with proof.fixing("rising", CLAIMS["rising"], "sign") as inner:
        rising(inner)


ROOTS = "forall Y rand, Z rand: Y >= 0, Y <= Z => sqrt(Y) <= sqrt(Z)"
CLAIMS = {
    "falling": f"forall m nat, s real: s >= 0 => {WEIGHTED.format('m')} >= sqrt(rest)*({LAST.format('m')})",
    "rising": f"forall m nat, s real: s <= 0 => (1 - s)*{WEIGHTED.format('m')} >= sqrt(rest)*({LAST.format('m')})",
}

THEOREM = Theorem(
    theorem="constant_betas_fail_the_sufficient_condition",
    title="Constant betas fail the sufficient condition",
    says="""The condition asks that the sum of alpha_t sqrt(1 - theta_t) over t = 1, .., T, divided by T alpha_T, goes
    to 0. If 1 - theta_t >= rest > 0, as for a constant beta2 < 1 (rest = 1 - beta2) and for PyTorch's bias corrections
    of it, then for the learning rate t^(-s) with any real s the quotient is at least sqrt(rest), or sqrt(rest)/(1 - s)
    for s < 0, for every T = m + 1.""",
    sources=["chen2022towards, the sufficient condition", "zou2019sufficient"],
    variables={"rest": "real", "theta": "real(nat)"},
    hypotheses={"positive_rest": "rest >= 0", "constant": "forall k nat: rest <= 1 - theta(k)"},
    claims=CLAIMS,
    lemmas=["logs_lie_below_their_tangents", "powers_lie_above_their_tangents", "orders_on_every_outcome"],
    model={"rest": "1/100", "theta": ["k", "99/100"]},
    script=script,
    instances=[
        Instance(
            "a constant beta2 with PyTorch's bias corrections",
            {"rest": "1/4", "theta": ["k", "1 - rest/(1 - pow(1 - rest, k + 1))"]},
        ),
        Instance("beta2 that falls", {"rest": "1/4", "theta": Table(("3/4", "7/16", "0"))}),
    ],
)
