"""MoMo's step in closed form, with weight decay and groups of parameters (Schaipp et al. 2024, Lemma 3.1)."""

from ..proving.momo_runs import momo_step
from ..proving.positive import inverse
from ..proving.script import Proof
from ..proving.theorem import Theorem

LINE = "(F + sum(i < n, d(i)*{y}(i)))/rho"
NEAR = "sum(i < n, D(i)/(2*alpha(i))*({y}(i) - x(i))^2 + lambda(i)/2*D(i)*{y}(i)^2)"
OBJECTIVE = f"max({LINE}, bound) + {NEAR}"
DISTANCE = "sum(i < n, D(i)/2*(1/alpha(i) + lambda(i))*(y(i) - z(i))^2)"
SIZE = "sum(i < n, alpha(i)*d(i)^2/D(i)/(1 + alpha(i)*lambda(i)))"
SHRUNK = "sum(i < n, d(i)*x(i)/(1 + alpha(i)*lambda(i)))"
ROOT = f"rho*(F - rho*bound + {SHRUNK})/{SIZE}"
STEP = "(x(i) - alpha(i)*s/rho*d(i)/D(i))/(1 + alpha(i)*lambda(i))"


def of(text: str, y: str) -> str:
    """A text about the point y."""
    return text.format(y=y)


def coordinate(proof: Proof) -> None:
    """The reciprocals of one coordinate, and where the step leads."""
    for name in ("alpha", "D"):
        proof.use(f"{name}_here", f"{name}_positive", i="i")
        proof.use(f"{name}_apart", "positive_is_apart", f"{name}_here", x=f"{name}(i)")
        proof.use(f"{name}_one", "reciprocal", f"{name}_apart", x=f"{name}(i)")
    proof.use("lambda_here", "lambda_nonnegative", i="i")
    proof.have("A_positive", "1 + alpha(i)*lambda(i) > 0", ["alpha_here*lambda_here"])
    proof.use("A_apart", "positive_is_apart", "A_positive", x="1 + alpha(i)*lambda(i)")
    proof.use("A_one", "reciprocal", "A_apart", x="1 + alpha(i)*lambda(i)")
    proof.use("z_here", "step", i="i")


def script(proof: Proof) -> None:
    """The model is at least s line + (1 - s) bound, with equality at z; that plus the rest is a parabola around z."""
    inverse(proof, "rho", "rho", "rho_positive")
    proof.use("size_apart", "positive_is_apart", "moving", x=SIZE)
    proof.use("size_one", "reciprocal", "size_apart", x=SIZE)
    change = f"({of('D(i)/(2*alpha(i))*({y}(i) - x(i))^2 + lambda(i)/2*D(i)*{y}(i)^2', 'y')})"
    change += f" - ({of('D(i)/(2*alpha(i))*({y}(i) - x(i))^2 + lambda(i)/2*D(i)*{y}(i)^2', 'z')})"
    change += " - D(i)/2*(1/alpha(i) + lambda(i))*(y(i) - z(i))^2 + s/rho*d(i)*(y(i) - z(i))"
    with proof.fixing("each", f"forall i nat: {change} = 0") as inner:
        coordinate(inner)
        claim = "(1 + alpha(i)*lambda(i))*z(i) = x(i) - alpha(i)*s/rho*d(i)/D(i)"
        inner.have("stationary", claim, [], ["z_here", "A_one"])
        inner.have("slope", "D(i)*(1/alpha(i))*(z(i) - x(i)) + lambda(i)*D(i)*z(i) + s/rho*d(i) = 0", [], SLOPE)
        inner.have("parabola", f"{change} = 0", [], [("y(i) - z(i)", "slope")])
    proof.add("parabolas", f"sum(i < n, {change}) = 0", "each", "n")
    split = f"{of(NEAR, 'y')} - {of(NEAR, 'z')} - {DISTANCE} + s/rho*(sum(i < n, d(i)*y(i)) - sum(i < n, d(i)*z(i)))"
    proof.linear("split", f"sum(i < n, {change}) = {split}")
    with proof.fixing(
        "reached",
        "forall i nat: d(i)*z(i) - d(i)*x(i)/(1 + alpha(i)*lambda(i))"
        " + s/rho*(alpha(i)*d(i)^2/D(i)/(1 + alpha(i)*lambda(i))) = 0",
    ) as inner:
        inner.use("z_here", "step", i="i")
        inner.have(
            "here",
            "d(i)*z(i) - d(i)*x(i)/(1 + alpha(i)*lambda(i))"
            " + s/rho*(alpha(i)*d(i)^2/D(i)/(1 + alpha(i)*lambda(i))) = 0",
            [],
            ["z_here"],
        )
    terms = "d(i)*z(i) - d(i)*x(i)/(1 + alpha(i)*lambda(i)) + s/rho*(alpha(i)*d(i)^2/D(i)/(1 + alpha(i)*lambda(i)))"
    proof.add("reach", f"sum(i < n, {terms}) = 0", "reached", "n")
    proof.linear("reach_split", f"sum(i < n, {terms}) = sum(i < n, d(i)*z(i)) - {SHRUNK} + s/rho*{SIZE}")
    line = of(LINE, "z")
    gap = f"{line} - bound = {SIZE}/rho^2*({ROOT} - s)"
    proof.have("gap", gap, [], [("1/rho", "reach"), ("-1/rho", "reach_split"), "rho_one", "size_one"])
    clip(proof, "low", "s >= 0")
    clip(proof, "high", "s <= 1")
    clip(proof, "tight", f"max({line}, bound) <= s*({line}) + (1 - s)*bound")
    other = of(LINE, "y")
    proof.use("above", "absolute_above", x=f"{other} - bound")
    proof.use("below", "absolute_below", x=f"{other} - bound")
    products = ["high*below", "low*above"]
    proof.have("loose", f"max({other}, bound) >= s*({other}) + (1 - s)*bound", products)
    equations = [("1", "parabolas"), ("1", "split")]
    proof.have("minimum", THEOREM.claims["minimum"], ["loose", "tight"], equations)


def clip(proof: Proof, name: str, claim: str) -> None:
    """A claim where the root is below 0, above 1, or between."""
    inner = f"1 - max(0, {ROOT})"
    with proof.cases(name, claim, on=f"0 - ({ROOT})") as (below, above):
        below.use("first", "absolute_of_nonnegative", "case", x=f"0 - ({ROOT})")
        below.have("inside", f"{inner} >= 0", [], ["first"])
        below.use("second", "absolute_of_nonnegative", "inside", x=inner)
        below.have("value", "s = 0", [], ["multiplier", "second", "first"])
        leaf(below, name, claim, ["case"])
        above.use("first", "absolute_of_negative", "case", x=f"0 - ({ROOT})")
        with above.cases(name, claim, on=inner, assume="inside") as (between, beyond):
            between.use("second", "absolute_of_nonnegative", "inside", x=inner)
            between.have("value", f"s = {ROOT}", [], ["multiplier", "second", "first"])
            between.have("until", f"{ROOT} <= 1", ["inside"], ["first"])
            leaf(between, name, claim, ["case", "until"])
            beyond.use("second", "absolute_of_negative", "inside", x=inner)
            beyond.have("value", "s = 1", [], ["multiplier", "second", "first"])
            beyond.have("until", f"{ROOT} > 1", ["inside"], ["first"])
            leaf(beyond, name, claim, ["until"])


def leaf(proof: Proof, name: str, claim: str, known: list[str]) -> None:
    """The claim where s is known."""
    if name != "tight":
        proof.have(name, claim, known, ["value"])
        return
    line = of(LINE, "z")
    products = [f"{fact}*moving*rho_inverse*rho_inverse" for fact in known]
    with proof.cases(name, claim, on=f"{line} - bound", assume="sign") as (more, less):
        more.use("distance", "absolute_of_nonnegative", "sign", x=f"{line} - bound")
        more.have(name, claim, products, ["distance", ("1", "gap"), ("s", "gap"), "value"])
        less.use("distance", "absolute_of_negative", "sign", x=f"{line} - bound")
        less.have(name, claim, products, ["distance", ("1", "gap"), ("s", "gap"), "value"])


SLOPE = [("D(i)*(1/alpha(i))", "stationary"), "alpha_one", "D_one"]

THEOREM = Theorem(
    theorem="momo_step_minimises_its_model",
    title="MoMo's step minimises its model",
    says="""The loss is modelled by its averaged linearisations cut off at a lower bound, max((F + <d, y>)/rho, bound).
    MoMo's step z, with s in [0, 1] the multiplier clip(rho (F - rho bound + sum d x/A)/(sum alpha d^2/(D A)), 0, 1) and
    A = 1 + alpha lambda, minimises this model plus |y - x|^2/(2 alpha) plus lambda |y|^2/2 in the metric D. alpha and
    lambda may differ from coordinate to coordinate, and so from group to group. Any other point y is worse by at least
    the sum of D (1/alpha + lambda)(y - z)^2/2.""",
    sources=["schaipp2024momo, Lemma 3.1"],
    variables={
        "n": "nat",
        "x": "real(nat)",
        "y": "real(nat)",
        "z": "real(nat)",
        "d": "real(nat)",
        "D": "real(nat)",
        "alpha": "real(nat)",
        "lambda": "real(nat)",
        "F": "real",
        "rho": "real",
        "bound": "real",
        "s": "real",
    },
    hypotheses={
        "rho_positive": "rho > 0",
        "alpha_positive": "forall i nat: alpha(i) > 0",
        "lambda_nonnegative": "forall i nat: lambda(i) >= 0",
        "D_positive": "forall i nat: D(i) > 0",
        "moving": f"{SIZE} > 0",
        "multiplier": f"s = min(1, max(0, {ROOT}))",
        "step": f"forall i nat: z(i) = {STEP}",
    },
    claims={"minimum": f"{of(OBJECTIVE, 'y')} - ({of(OBJECTIVE, 'z')}) >= {DISTANCE}"},
    model={
        "n": "2",
        "x": ["i", "1"],
        "y": ["i", "i"],
        "z": ["i", "(1 - min(1, max(0, 1/2)))/2"],
        "d": ["i", "1"],
        "D": ["i", "1"],
        "alpha": ["i", "1"],
        "lambda": ["i", "1"],
        "F": "0",
        "rho": "1",
        "bound": "1/2",
        "s": "min(1, max(0, 1/2))",
    },
    script=script,
    instances=[
        momo_step(
            "the third step, with decay",
            {
                "alpha": ["i", "rate"],
                "lambda": ["i", "decay"],
                "shrink": "1 + rate*decay",
                "s": "min(1, max(0, (F - least + sum(i < n, d(i)*x(i))/shrink)*shrink/(rate*sum(i < n, d(i)^2))))",
            },
            ("momo@average=bias", "momo@decay=adamw"),
        )
    ],
)
