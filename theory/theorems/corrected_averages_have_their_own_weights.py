"""Bias correction is a schedule of the averages' weights: theta_t = beta (1 - beta^(t-1))/(1 - beta^t).

Adam's corrected moments are Generic Adam's moments (Zou et al. 2019) with these weights; the first one is 0.
"""

from ..proving.instance import Instance, Read, Recursion, Run
from ..proving.positive import reciprocal
from ..proving.script import Proof
from ..proving.theorem import Theorem
from .torch_adam_is_generic_adam_with_schedules import ADAM
from .torch_adam_is_generic_adam_with_schedules import THEOREM as ALONG

MOMENTS = {"m": ("beta1", "p", "g({}, i)"), "v": ("beta2", "q", "g({}, i)^2")}
"""Each average: its weight, the powers of that, and what it averages."""


def weight(x: str, t: str = "t") -> str:
    """The weight of the corrected average of step t in that of step t + 1."""
    beta, powers, _ = MOMENTS[x]
    return f"{beta}*(1 - {powers}({t}))/(1 - {powers}({t} + 1))"


def recursion(x: str, t: str) -> str:
    """The corrected average after step t + 1 from the one before."""
    _, powers, averaged = MOMENTS[x]
    new, old = (f"{x}({at}, i)/(1 - {powers}({at}))" for at in (f"{t} + 1", t))
    return f"{new} = {weight(x, t)}*({old}) + (1 - {weight(x, t)})*{averaged.format(f'{t} + 1')}"


def claims(x: str) -> dict[str, str]:
    """What is claimed of an average."""
    beta, powers, averaged = MOMENTS[x]
    return {
        f"first_{x}": f"forall i nat: {x}(1, i)/(1 - {powers}(1)) = {averaged.format('1')}",
        f"average_{x}": f"forall t nat, i nat: {recursion(x, 't')}",
        f"rest_{x}": f"forall t nat: 1 - {weight(x)} = (1 - {beta})/(1 - {powers}(t + 1))",
        f"most_{x}": f"forall t nat: {weight(x)} <= {beta}",
        f"least_{x}": f"forall t nat: {weight(x)} >= {beta} - {beta}*{powers}(t)",
    }


def script(proof: Proof) -> None:
    """1 - beta^t = beta (1 - beta^(t-1)) + 1 - beta; where t is 0, the average is 0."""
    for x in MOMENTS:
        _one(proof, x)


def _one(proof: Proof, x: str) -> None:
    beta, powers, averaged = MOMENTS[x]
    proof.have(f"{x}_upper", f"{beta} <= 1", [f"{beta}_below_1"])
    for name, claim in (("at_least_0", "(t) >= 0"), ("at_most_1", "(t) <= 1"), ("later", f"(t + 1) <= {beta}")):
        hypotheses = [f"{beta}_sign", f"{x}_upper", f"{powers}_start", f"{powers}_next"]
        values = {"b": beta, "p": ["i", f"{powers}(i)"]}
        proof.lemma(f"{x}_{name}", f"forall t nat: {powers}{claim}", "powers_of_a_fraction", hypotheses, values)
    said = claims(x)
    with proof.fixing(f"average_{x}", said[f"average_{x}"]) as fixed:
        here = recursion(x, "k")
        with fixed.induction("all", f"forall k nat: {here}") as (zero, following):
            for part, t in ((zero, "0"), (following, "k + 1")):
                _positive(part, x, t)
                part.use("next", f"{x}_next", t=t, i="i")
                part.use("power", f"{powers}_next", t=t)
            zero.use("start", f"{x}_start", i="i")
            first = ["next", "power", "start", (averaged.format("1"), "left_unit"), f"{powers}_start"]
            zero.have("here", recursion(x, "0"), (), first)
            _positive(following, x, "k", "old")
            new, y = f"1/(1 - {powers}(k + 2))", averaged.format("k + 2")
            steps = [(new, "next"), (f"{new}*{beta}*{x}(k + 1, i)", "old_unit")]
            steps += [(y, "left_unit"), (f"{y}*{new}", "power")]
            following.have("here", recursion(x, "k + 1"), (), steps)
        fixed.use("here", "all", k="t")
    with proof.fixing(f"first_{x}", said[f"first_{x}"]) as fixed:
        _positive(fixed, x, "0")
        fixed.use("next", f"{x}_next", t="0", i="i")
        fixed.use("power", f"{powers}_next", t="0")
        fixed.use("start", f"{x}_start", i="i")
        steps = ["next", "power", "start", f"{powers}_start", (averaged.format("1"), "left_unit")]
        fixed.have("here", said[f"first_{x}"].split(": ")[1], (), steps)
    new = f"1/(1 - {powers}(t + 1))"
    for name, products, steps in (
        ("rest", [], [("1", "left_unit"), (new, "power")]),
        ("most", ["gap*low*sign*left_inverse"], [(beta, "left_unit"), (f"{beta}*{new}", "power")]),
        ("least", ["low*kept*later*left_inverse"], [(f"{beta}*(1 - {powers}(t))", "left_unit")]),
    ):
        claim = said[f"{name}_{x}"]
        with proof.fixing(f"{name}_{x}", claim) as fixed:
            _positive(fixed, x, "t")
            fixed.use("power", f"{powers}_next", t="t")
            fixed.use("sign", f"{x}_at_least_0", t="t")
            fixed.use("later", f"{x}_at_least_0", t="t + 1")
            fixed.use("most", f"{x}_at_most_1", t="t")
            fixed.have("low", f"{beta} >= 0", [f"{beta}_sign"])
            fixed.have("gap", f"1 - {beta} >= 0", [f"{beta}_below_1"])
            fixed.have("kept", f"1 - {powers}(t) >= 0", ["most"])
            fixed.have("here", claim.split(": ")[1], products, steps)


def _positive(proof: Proof, x: str, t: str, name: str = "left") -> None:
    """1 - beta^(t + 1) > 0, and its reciprocal."""
    beta, powers, _ = MOMENTS[x]
    proof.use(f"{name}_most", f"{x}_later", t=t)
    proof.have(name, f"1 - {powers}({t} + 1) > 0", [f"{name}_most", f"{beta}_below_1"])
    reciprocal(proof, name, name, f"1 - {powers}({t} + 1)", over="inverse")


THEOREM = Theorem(
    theorem="corrected_averages_have_their_own_weights",
    title="Bias correction is a schedule of weights",
    says="""Adam's averages m and v of g and g^2, divided by 1 - beta1^t and 1 - beta2^t, are averages of g and g^2 with
    the weights theta_t = beta (1 - beta^(t-1))/(1 - beta^t), beta being beta1 or beta2: the first is 0, and beta - beta
    beta^(t-1) <= theta_t <= beta. So PyTorch's Adam is Generic Adam with these weights, eps being added to the root.
    Here p(t) is beta1^t and q(t) is beta2^t.""",
    sources=["zou2019sufficient, Algorithm 1", "kingma2015adam, Section 3"],
    variables={},
    hypotheses={name: said for name, said in ALONG.written.items() if name.startswith("beta")},
    definitions=[ADAM],
    claims={name: said for x in MOMENTS for name, said in claims(x).items()},
    lemmas=["powers_of_a_fraction"],
    model=ALONG.model,
    script=script,
    shown=ALONG.shown,
    instances=[
        Instance(
            "six steps of two coordinates",
            {
                **{"eta": "1/4", "beta1": "1/2", "beta2": "3/4", "eps": "1/8", "g": ["t", "i", "2 - t + i*t/2"]},
                "p": Recursion(("t",), "1", "beta1*p(t)"),
                "q": Recursion(("t",), "1", "beta2*q(t)"),
            },
            naturals={"": 7, "i": 2},
            run=Run(
                "adam",
                {name: name for name in ("eta", "beta1", "beta2", "eps")},
                "g(t + 1, i)",
                ("1", "-2"),
                6,
                {name: Read(name) for name in ("theta", "m", "v")},
                torch="Adam",
            ),
            wrong=("adam@eps=hat", "adam@correction=none", "adam@correction=second"),
        )
    ],
)
