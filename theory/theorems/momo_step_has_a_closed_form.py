"""MoMo's step as it is published, with one learning rate and one weight decay (Schaipp et al. 2024, Lemma 3.1)."""

from ..proving.momo_runs import momo_step
from ..proving.positive import inverse
from ..proving.script import Proof
from ..proving.theorem import Theorem
from . import momo_step_minimises_its_model as groups

A = "(1 + alpha*lambda)"
P, Q = "sum(i < n, d(i)*x(i))", "sum(i < n, d(i)^2/D(i))"
NUMERATOR = f"({A}*(F - rho*bound) + {P})"
S = "rho*tau/alpha"
FAMILIES = {"alpha": ["i", "alpha"], "lambda": ["i", "lambda"]}


def plain(text: str) -> str:
    """A text about groups, with one learning rate and one decay."""
    return text.replace("alpha(i)", "alpha").replace("lambda(i)", "lambda")


SIZE, ROOT, SHRUNK = plain(groups.SIZE), plain(groups.ROOT), plain(groups.SHRUNK)


def multiplier(proof: Proof) -> None:
    """rho tau/alpha is the multiplier of the model: the same cases, scaled by alpha/rho."""
    root = f"{ROOT} = rho/alpha*({NUMERATOR}/{Q})"
    proof.linear("size", f"{SIZE} = alpha/{A}*{Q}")
    proof.linear("shrunk", f"{SHRUNK} = {P}/{A}")
    proof.have("moves", f"{SIZE} > 0", ["alpha_positive*moving*A_inverse"], ["size"])
    inverse(proof, "size", SIZE, "moves")
    over = f"1/{SIZE}"
    chain = [(f"{A}/alpha/{Q}", "size_one"), (f"-{A}/alpha/{Q}/{SIZE}", "size")]
    chain += [(f"-{over}", "alpha_one"), (f"-alpha/alpha*{over}", "A_one"), (f"-alpha/alpha*{A}/{A}*{over}", "Q_one")]
    proof.have("over_size", f"{over} = {A}/alpha/{Q}", [], chain)
    chain = [(f"rho*(F - rho*bound + {SHRUNK})", "over_size"), (f"rho*{A}/alpha/{Q}", "shrunk")]
    proof.have("root", root, [], [*chain, (f"rho*{P}/alpha/{Q}", "A_one")])
    claim = f"{S} = min(1, max(0, {ROOT}))"
    scaled = f"max(0, {NUMERATOR})/{Q}"
    with proof.cases("multiplier", claim, on=f"0 - {NUMERATOR}") as (below, above):
        below.use("first", "absolute_of_nonnegative", "case", x=f"0 - {NUMERATOR}")
        sign = ["case*rho_positive*alpha_inverse*Q_inverse"]
        below.have("root_sign", f"0 - ({ROOT}) >= 0", sign, [("1", "root")])
        below.use("second", "absolute_of_nonnegative", "root_sign", x=f"0 - ({ROOT})")
        below.have("cap", f"alpha/rho - {scaled} >= 0", ["alpha_positive*rho_inverse"], ["first"])
        below.use("third", "absolute_of_nonnegative", "cap", x=f"alpha/rho - {scaled}")
        below.have("one", f"1 - max(0, {ROOT}) >= 0", [], ["second"])
        below.use("fourth", "absolute_of_nonnegative", "one", x=f"1 - max(0, {ROOT})")
        below.have("multiplier", claim, [], ["size_step", "third", "first", "fourth", "second"])
        above.use("first", "absolute_of_negative", "case", x=f"0 - {NUMERATOR}")
        above.have("root_sign", f"0 - ({ROOT}) < 0", sign, [("1", "root")])
        above.use("second", "absolute_of_negative", "root_sign", x=f"0 - ({ROOT})")
        with above.cases("multiplier", claim, on=f"alpha/rho - {scaled}", assume="inside") as (under, over_cap):
            for part, sort, relation in ((under, "nonnegative", ">="), (over_cap, "negative", "<")):
                kind = f"absolute_of_{sort}"
                part.use("third", kind, "inside", x=f"alpha/rho - {scaled}")
                known = ["second", ("1", "root"), "first", "rho_one", "alpha_one"]
                part.have("one", f"1 - max(0, {ROOT}) {relation} 0", ["inside*rho_positive*alpha_inverse"], known)
                part.use("fourth", kind, "one", x=f"1 - max(0, {ROOT})")
                part.have("multiplier", claim, [], ["size_step", "third", "fourth", *known])


def script(proof: Proof) -> None:
    """The case of one group in the theorem about groups."""
    for name in ("rho", "alpha"):
        inverse(proof, name, name, f"{name}_positive")
    proof.have("A_positive", f"{A} > 0", ["alpha_positive*lambda_nonnegative"])
    inverse(proof, "A", A, "A_positive")
    inverse(proof, "Q", Q, "moving")
    multiplier(proof)
    for name, claim in (("alphas", "alpha > 0"), ("lambdas", "lambda >= 0")):
        with proof.fixing(name, f"forall i nat: {claim}") as inner:
            fact = "alpha_positive" if name == "alphas" else "lambda_nonnegative"
            inner.have("here", claim, [fact])
    step = plain(groups.THEOREM.hypotheses["step"]).replace("*s/", f"*({S})/")
    moved = f"tau*d(i)/D(i)/{A}"
    with proof.fixing("steps", step) as inner:
        inner.use("here", "step", i="i")
        inner.have("now", step.split(": ")[1], [], ["here", (f"{moved}*alpha/alpha", "rho_one"), (moved, "alpha_one")])
    facts = ["rho_positive", "alphas", "lambdas", "D_positive", "moves", "multiplier", "steps"]
    values = {name: name for name in ("n", "F", "rho", "bound")} | {"s": S}
    families = {name: ["i", f"{name}(i)"] for name in ("x", "y", "z", "d", "D")}
    claim = THEOREM.claims["minimum"]
    proof.lemma("minimum", claim, groups.THEOREM.theorem, facts, {**values, **families, **FAMILIES})


THEOREM = Theorem(
    theorem="momo_step_has_a_closed_form",
    title="MoMo's step has a closed form",
    says="""With the model max((F + <d, y>)/rho, bound) of the loss, A = 1 + alpha lambda and tau = min(alpha/rho,
    max(0, A (F - rho bound) + <d, x>)/q), q the squared norm of d in the inverse metric, the point z = (x - tau d/D)/A
    minimises the model plus |y - x|^2/(2 alpha) plus lambda |y|^2/2 in the metric D; every other point y is worse by at
    least (1/alpha + lambda)/2 times its squared distance to z.""",
    sources=["schaipp2024momo, Lemma 3.1"],
    variables={
        "n": "nat",
        **{name: "real(nat)" for name in ("x", "y", "z", "d", "D")},
        **{name: "real" for name in ("alpha", "lambda", "tau", "F", "rho", "bound")},
    },
    hypotheses={
        "rho_positive": "rho > 0",
        "alpha_positive": "alpha > 0",
        "lambda_nonnegative": "lambda >= 0",
        "D_positive": "forall i nat: D(i) > 0",
        "moving": f"{Q} > 0",
        "size_step": f"tau = min(alpha/rho, max(0, {NUMERATOR})/{Q})",
        "step": f"forall i nat: z(i) = (x(i) - tau*d(i)/D(i))/{A}",
    },
    claims={"minimum": plain(groups.THEOREM.claims["minimum"])},
    lemmas=[groups.THEOREM.theorem],
    model={
        "n": "2",
        "x": ["i", "1"],
        "y": ["i", "i"],
        "z": ["i", "(1 - min(1, max(0, 1)/2))/2"],
        **{name: ["i", "1"] for name in ("d", "D")},
        **{name: "1" for name in ("alpha", "lambda", "rho")},
        "tau": "min(1, max(0, 1)/2)",
        "F": "0",
        "bound": "1/2",
    },
    script=script,
    instances=[
        momo_step(
            "the third step, with decay",
            {
                "alpha": "rate",
                "lambda": "decay",
                "tau": "min(rate, max(0, (1 + rate*decay)*(F - least) + sum(i < n, d(i)*x(i)))/sum(i < n, d(i)^2))",
            },
            ("momo@average=bias", "momo@decay=adamw"),
        )
    ],
)
