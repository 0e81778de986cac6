"""Step sizes that grow by a factor stay below 2/L for few blocks only; past them gradient descent moves away."""

from ..proving.instance import Instance, Recursion
from ..proving.script import Product, Proof, square
from ..proving.theorem import Theorem
from .reciprocals_of_a_geometric_sequence_add_up import TWOS, powers_of_two


def script(proof: Proof) -> None:
    """Bernoulli's inequality for the growth; and |1 - L eta| > 1 where L eta > 2."""
    grown = "eta({0}) >= eta(0)*(1 + {0}*(gamma - 1))"
    with proof.induction("bernoulli", "forall m nat: " + grown.format("m")) as (zero, following):
        zero.have("start", grown.format("0"))
        following.use("next_one", "rule", m="m")
        following.use("natural_m", "natural", n="m")
        following.have("gain", "gamma - 1 > 0", ["growing"])
        following.have("factor", "gamma > 0", ["growing"])
        goal = grown.format("(m + 1)").replace("eta((m + 1))", "eta(m + 1)")
        products: list[Product | str] = ["before*factor", square("gamma - 1") * "first*natural_m"]
        following.have("next", goal, products, ["next_one"])
    proof.use("last", "bernoulli", m="M")
    proof.have("few", "M*(gamma - 1)*L*eta(0) < 2 - L*eta(0)", ["last*smoothness", "stable"])
    claim = "forall m nat, x real: L*eta(m) > 2, x /= 0 => (x - eta(m)*(L*x))^2 > x^2"
    with proof.fixing("away", claim, "large", "off") as inner:
        inner.use("distance", "square_of_apart", "off", x="x")
        inner.have("more", "L*eta(m) > 0", ["large"])
        inner.have("farther", "(x - eta(m)*(L*x))^2 > x^2", ["large*more*distance"])


def shown(proof: Proof) -> None:
    """Powers of 2 in 32nds."""
    powers_of_two(proof, "doubles")
    proof.have("first", "exp(0*log(2))/32 > 0", (), ["start_at_one"])
    with proof.fixing("rule", "forall m nat: exp((m + 1)*log(2))/32 = 2*(exp(m*log(2))/32)") as inner:
        inner.use("next_one", "doubles", m="m")
        inner.have("done", "exp((m + 1)*log(2))/32 = 2*(exp(m*log(2))/32)", (), ["next_one"])
    proof.use("one", "doubles", m="0")
    proof.have("stable", "1*(exp(1*log(2))/32) < 2", (), ["one", "start_at_one"])


THEOREM = Theorem(
    theorem="steps_that_multiply_leave_the_stable_range",
    title="Step sizes that grow exponentially leave the range of the bound",
    says="""If eta grows by gamma > 1 per block and is below 2/L in block M, then M (gamma - 1) < 2/(L eta(0)) - 1:
    the rate in M of growing step sizes cannot be taken to the limit. In blocks with eta > 2/L gradient
    descent on L x^2/2 moves away from the minimum at every step, without any noise.""",
    sources=["umeda2024increasing, scheduler (iii)"],
    variables={"M": "nat", "L": "real", "gamma": "real", "eta": "real(nat)"},
    hypotheses={
        "smoothness": "L > 0",
        "growing": "gamma > 1",
        "first": "eta(0) > 0",
        "rule": "forall m nat: eta(m + 1) = gamma*eta(m)",
        "stable": "L*eta(M) < 2",
    },
    claims={
        "few": "M*(gamma - 1)*L*eta(0) < 2 - L*eta(0)",
        "away": "forall m nat, x real: L*eta(m) > 2, x /= 0 => (x - eta(m)*(L*x))^2 > x^2",
    },
    model={"M": "1", "L": "1", "gamma": "2", "eta": ["m", f"{TWOS}/32"]},
    script=script,
    shown=shown,
    instances=[
        Instance(
            "eight doublings of a small step",
            {"M": "1", "L": "1", "gamma": "2", "eta": Recursion(("m",), "1/32", "gamma*eta(m)")},
            naturals={"": 9},
        )
    ],
)
