"""PyTorch's Adam is Generic Adam with other step sizes and other eps, both written out.

Generic Adam: Zou et al. 2019 and Chen et al. 2022, Algorithm 1, there without bias corrections.
"""

from ..proving.define import Definitions
from ..proving.instance import Instance, Read, Recursion, Run
from ..proving.positive import reciprocal
from ..proving.script import Proof, square
from ..proving.theorem import Theorem
from .orders_on_every_outcome import CLAIMS as ORDERS
from .powers_of_a_fraction import HALVES, known_powers
from .root_of_quotient import known_root

ADAM = Definitions("adam", "adam", names={"beta1_power": "p", "beta2_power": "q"})
ALPHA, EPS = "eta*sqrt(1 - q(t + 1))/(1 - p(t + 1))", "eps*sqrt(1 - q(t + 1))"
FACTOR, V = "sqrt(1 - q(t + 1))", "v(t + 1, i)"
GENERIC = f"theta(t, i) - {ALPHA}*m(t + 1, i)/(sqrt({V}) + {EPS})"
CORRECTED, PLAIN = f"sqrt({V}/(1 - q(t + 1))) + eps", f"sqrt({V}) + {EPS}"


def script(proof: Proof) -> None:
    """sqrt(v/(1 - q)) + eps = (sqrt(v) + eps c)/c with c = sqrt(1 - beta2^t), and 1 - beta2^t <= c <= 1."""
    for beta, powers in (("beta1", "p"), ("beta2", "q")):
        proof.have(f"{beta}_upper", f"{beta} <= 1", [f"{beta}_below_1"])
        for kind, claim in (("at_least_0", ">= 0"), ("later", f"<= {beta}")):
            at = "t" if kind == "at_least_0" else "t + 1"
            hypotheses = [f"{beta}_sign", f"{beta}_upper", f"{powers}_start", f"{powers}_next"]
            proof.lemma(
                f"{powers}_{kind}",
                f"forall t nat: {powers}({at}) {claim}",
                "powers_of_a_fraction",
                hypotheses,
                {"b": beta, "p": ["i", f"{powers}(i)"]},
            )
    proof.have("spare", "1 - beta2 >= 0", ["beta2_below_1"])
    with proof.fixing("v_sign", "forall t nat, i nat: v(t, i) >= 0") as inner:
        with inner.induction("all", "forall k nat: v(k, i) >= 0") as (zero, following):
            zero.use("is", "v_start", i="i")
            zero.have("start", "v(0, i) >= 0", (), ["is"])
            following.use("next", "v_next", t="k", i="i")
            products = ["beta2_sign*before", square("g(k + 1, i)") * "spare"]
            following.have("step", "v(k + 1, i) >= 0", products, ["next"])
        inner.use("here", "all", k="t")
    proof.lemma("from_squares", ORDERS["from_squares"], "orders_on_every_outcome", [], {})
    with proof.fixing("generic", f"forall t nat, i nat: theta(t + 1, i) = {GENERIC}") as inner:
        denominators(inner)
        inner.use("next", "theta_next", t="t", i="i")
        steps = ["next", ("eta*m(t + 1, i)/(1 - p(t + 1))", "reciprocals")]
        inner.have("done", f"theta(t + 1, i) = {GENERIC}", (), steps)
    for name, claim, products in (
        ("eps_upper", f"{EPS} <= eps", ["positive_eps*below_1"]),
        ("eps_lower", f"{EPS} >= eps*(1 - q(t + 1))", ["positive_eps*larger"]),
        ("step_upper", f"{ALPHA} <= eta/(1 - p(t + 1))", ["steps*left_inverse*below_1"]),
        ("step_lower", f"{ALPHA} >= eta*(1 - q(t + 1))", ["steps*larger", "steps*factor*more"]),
    ):
        with proof.fixing(name, f"forall t nat: {claim}") as inner:
            corrections(inner)
            inner.use("q_low", "q_at_least_0", t="t + 1")
            inner.have("plus", f"1 + {FACTOR} > 0", ["factor"])
            reciprocal(inner, "plus", "plus", f"1 + {FACTOR}", over="inverse")
            inner.have(
                "below_1",
                f"1 - {FACTOR} >= 0",
                ["q_low*plus_inverse"],
                [(f"1 - {FACTOR}", "plus_unit"), (f"1/(1 + {FACTOR})", "squared")],
            )
            inner.have("larger", f"{FACTOR} >= 1 - q(t + 1)", ["factor*below_1"], [("1", "squared")])
            inner.use("p_low", "p_at_least_0", t="t + 1")
            inner.have("more", "1/(1 - p(t + 1)) - 1 >= 0", ["p_low*left_inverse"], [("1", "left_unit")])
            inner.have("done", claim, products)


def corrections(inner: Proof) -> None:
    """c = sqrt(1 - beta2^(t + 1)) and 1 - beta1^(t + 1) are above 0; the square of c."""
    inner.use("q_high", "q_later", t="t")
    inner.have("kept", "1 - q(t + 1) > 0", ["q_high", "beta2_below_1"])
    inner.have("kept_sign", "1 - q(t + 1) >= 0", ["kept"])
    inner.use("factor", "root_positive", "kept", x="1 - q(t + 1)")
    inner.use("squared", "root_squared", "kept_sign", x="1 - q(t + 1)")
    inner.use("p_high", "p_later", t="t")
    inner.have("left", "1 - p(t + 1) > 0", ["p_high", "beta1_below_1"])
    reciprocal(inner, "left", "left", "1 - p(t + 1)", over="inverse")


def denominators(inner: Proof) -> None:
    """`reciprocals`: one over the corrected denominator is c over the plain one, v being 0 or not."""
    corrections(inner)
    reciprocal(inner, "kept", "kept", "1 - q(t + 1)", over="inverse")
    inner.use("sign", "v_sign", t="t + 1", i="i")
    inner.have("quotient_sign", f"{V}/(1 - q(t + 1)) >= 0", ["sign*kept_inverse"])
    for name, x, sign in (("plain", V, "sign"), ("corrected", f"{V}/(1 - q(t + 1))", "quotient_sign")):
        inner.use(f"{name}_square", "root_squared", sign, x=x)
        inner.use(f"{name}_root", "root_nonnegative", x=x)
    corrected, plain = f"sqrt({V}/(1 - q(t + 1)))*{FACTOR}", f"sqrt({V})"
    inner.have("product_sign", f"{corrected} >= 0", ["corrected_root*factor"])
    squares = ["corrected_square", "squared", "plain_square", (V, "kept_unit")]
    for name, low, high, sign in (
        ("above", corrected, plain, "plain_root"),
        ("below", plain, corrected, "product_sign"),
    ):
        inner.have(f"{name}_squares", f"({low})^2 <= ({high})^2", (), squares)
        inner.use(f"{name}_order", "from_squares", sign, f"{name}_squares", Y=low, Z=high)
    inner.have("least", f"{plain} - {corrected} >= 0", ["above_order"])
    inner.have("most", f"{plain} - {corrected} <= 0", ["below_order"])
    inner.use("roots", "zero_of_both_signs", "least", "most", x=f"{plain} - {corrected}")
    inner.have("corrected", f"{CORRECTED} > 0", ["positive_eps", "corrected_root"])
    inner.have("plain", f"{PLAIN} > 0", ["positive_eps*factor", "plain_root"])
    for name, x in (("corrected", CORRECTED), ("plain", PLAIN)):
        reciprocal(inner, name, name, x, over="inverse")
    over, folded = f"1/({CORRECTED})", f"{FACTOR}/({PLAIN})"
    units = [(over, "plain_unit"), (folded, "corrected_unit"), (f"({over})/({PLAIN})", "roots")]
    inner.have("reciprocals", f"{over} = {folded}", (), units)


def shown(proof: Proof) -> None:
    """All gradients are 1: m/(1 - beta1^t) and v/(1 - beta2^t) are 1, and a step is 1/(1 + 1)."""
    known_powers(proof)
    proof.have("start", "1 - exp(0*log(1/2)) = 0", (), ["halves_start"])
    u = "1 - exp((t + 1)*log(1/2))"
    average = f"{u} = 1/2*(1 - exp(t*log(1/2))) + (1 - 1/2)*1"
    with proof.fixing("averages", f"forall t nat, i nat: {average}") as inner:
        inner.use("next", "halves", i="t")
        inner.have("done", average, (), ["next"])
    with proof.fixing("starts", "forall i nat: 1 - exp(0*log(1/2)) = 0") as inner:
        inner.have("done", "1 - exp(0*log(1/2)) = 0", (), ["start"])
    steps_of_ones(proof, "t nat, i nat")


def steps_of_ones(proof: Proof, binders: str) -> None:
    """Where both moments are 1 - 1/2^t, a step is 1/(1 + 1). From `known_powers`."""
    u = "1 - exp((t + 1)*log(1/2))"
    step = f"-(t + 1)/2 = -t/2 - 1*(({u})/({u}))/(sqrt(({u})/({u})) + 1)"
    with proof.fixing("runs", f"forall {binders}: {step}") as inner:
        inner.use("later", "halves_later", i="t")
        inner.have("positive", f"{u} > 0", ["later"])
        inner.use("apart", "positive_is_apart", "positive", x=u)
        inner.use("unit", "reciprocal", "apart", x=u)
        inner.congruent("root", "unit", "sqrt(hole)")
        known_root(inner, "one", "1", "1")
        inner.have("two", f"sqrt(({u})/({u})) = 1", (), ["root", "one"])
        inner.congruent("all", "two", f"-t/2 - 1*(({u})/({u}))/(hole + 1)")
        inner.have("done", step, (), [("1", "all"), ("1/2", "unit")])


THEOREM = Theorem(
    theorem="torch_adam_is_generic_adam_with_schedules",
    title="PyTorch's Adam is Generic Adam with a schedule",
    says="""A run of PyTorch's Adam, on whatever gradients, is a run of Adam without bias corrections whose step size is
    eta sqrt(1 - beta2^t)/(1 - beta1^t) and whose eps is eps sqrt(1 - beta2^t). The first lies between
    eta (1 - beta2^t) and eta/(1 - beta1^t), the second between eps (1 - beta2^t) and eps, so that both tend to
    eta and eps geometrically. Here p(t) is beta1^t, q(t) is beta2^t, and m, v are the running averages.""",
    sources=["zou2019sufficient, Algorithm 1", "kingma2015adam, Algorithm 1"],
    variables={},
    hypotheses={
        "steps": "eta > 0",
        "beta1_sign": "beta1 >= 0",
        "beta1_below_1": "beta1 < 1",
        "beta2_sign": "beta2 >= 0",
        "beta2_below_1": "beta2 < 1",
        "positive_eps": "eps > 0",
    },
    definitions=[ADAM],
    claims={
        "generic": f"forall t nat, i nat: theta(t + 1, i) = {GENERIC}",
        "step_lower": f"forall t nat: {ALPHA} >= eta*(1 - q(t + 1))",
        "step_upper": f"forall t nat: {ALPHA} <= eta/(1 - p(t + 1))",
        "eps_lower": f"forall t nat: {EPS} >= eps*(1 - q(t + 1))",
        "eps_upper": f"forall t nat: {EPS} <= eps",
    },
    lemmas=["orders_on_every_outcome", "powers_of_a_fraction"],
    model={
        "eta": "1",
        "beta1": "1/2",
        "beta2": "1/2",
        "eps": "1",
        "p": ["i", HALVES],
        "q": ["i", HALVES],
        "g": ["t", "i", "1"],
        "m": ["t", "i", "1 - exp(t*log(1/2))"],
        "v": ["t", "i", "1 - exp(t*log(1/2))"],
        "theta": ["t", "i", "-t/2"],
    },
    shown=shown,
    script=script,
    instances=[
        Instance(
            "four steps of two coordinates",
            {
                "eta": "1/4",
                "beta1": "1/2",
                "beta2": "3/4",
                "eps": "1/8",
                "p": Recursion(("t",), "1", "beta1*p(t)"),
                "q": Recursion(("t",), "1", "beta2*q(t)"),
                "g": ["t", "i", "3 - t + i*(t - 1)/2"],
            },
            naturals={"": 5},
            run=Run(
                "adam",
                {"eta": "eta", "beta1": "beta1", "beta2": "beta2", "eps": "eps"},
                "g(t + 1, i)",
                ("1", "-2"),
                4,
                {name: Read(name) for name in ("theta", "m", "v")},
                torch="Adam",
            ),
            wrong=("adam@eps=hat", "adam@eps=inside", "adam@correction=none", "adam@correction=second"),
        )
    ],
)
