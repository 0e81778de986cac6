"""How far Adam's step is from the step of other averages: an auxiliary inequality."""

from ..proving.instance import Instance
from ..proving.positive import inverse
from ..proving.script import Proof
from ..proving.theorem import Theorem

PREMISES = "x >= least, y >= least, b >= -top, b <= top"
ERROR = "{mean}/(sqrt(least) + eps) + top/2/sqrt(least)/(sqrt(least) + eps)/(sqrt(least) + eps)*{size}"
"""What the step of averages at these distances can be above the step of bounded ones."""
STEP = "a/(sqrt(x) + eps) <= b/(sqrt(y) + eps) + " + ERROR.format(mean="abs(a - b)", size="abs(x - y)")
CLAIM = f"forall a real, x real, b real, y real: {PREMISES} => {STEP}"


def rooted(proof: Proof, name: str, value: str, positive: str) -> None:
    """The root of a positive number, and what it is with eps: positive, with reciprocals."""
    proof.use(f"{name}_root", "root_positive", positive, x=value)
    proof.have(f"{name}_weak", f"{value} >= 0", [positive])
    proof.use(f"{name}_squared", "root_squared", f"{name}_weak", x=value)
    proof.have(f"{name}_below", f"sqrt({value}) + eps > 0", [f"{name}_root", "eps_sign"])
    inverse(proof, name, f"sqrt({value}) + eps", f"{name}_below")


def script(proof: Proof) -> None:
    """a/p - b/q = (a - b)/p + b (y - x)/(p q (sqrt(y) + sqrt(x))) with p = sqrt(x) + eps and q = sqrt(y) + eps."""
    roots = "forall Y rand, Z rand: Y >= 0, Y <= Z => sqrt(Y) <= sqrt(Z)"
    proof.lemma("of_roots", roots, "orders_on_every_outcome", [], {})
    rooted(proof, "f", "least", "positive")
    inverse(proof, "l", "sqrt(least)", "f_root")
    with proof.fixing("near", CLAIM, "x_least", "y_least", "low", "high") as inner:
        _reciprocals(inner)
        _signs(inner)
        p, q, both = "1/(sqrt(x) + eps)", "1/(sqrt(y) + eps)", "1/(sqrt(x) + sqrt(y))"
        inner.have("first", f"(a - b)*({p}) <= abs(a - b)/(sqrt(least) + eps)", ["a_above*x_inverse", "a_sign*x_over"])
        chain = [(p, "y_one"), (f"-{q}", "x_one"), (f"-(sqrt(y) - sqrt(x))*({p})*({q})", "both_one")]
        chain += [(f"{p}*({q})*({both})", "y_squared"), (f"-{p}*({q})*({both})", "x_squared")]
        inner.have("difference", f"{p} - {q} = (y - x)*({p})*({q})*({both})", [], chain)
        small = "1/2/sqrt(least)/(sqrt(least) + eps)/(sqrt(least) + eps)"
        inner.have(
            "share",
            f"{p}*({q})*({both}) <= {small}",
            ["x_over*y_inverse*both_inverse", "y_over*f_inverse*both_inverse", "both_over*f_inverse*f_inverse"],
        )
        inner.have(
            "second",
            f"b*({p} - {q}) <= top*({small})*abs(x - y)",
            ["product*x_inverse*y_inverse*both_inverse", "share*top_sign*s_sign"],
            [("b", "difference")],
        )
        inner.have("now", STEP, ["first", "second"])


def _reciprocals(inner: Proof) -> None:
    """1/(sqrt(x) + eps) and the like are at most what they are at the least x."""
    for name in ("x", "y"):
        inner.have(f"{name}_positive", f"{name} > 0", [f"{name}_least", "positive"])
        rooted(inner, name, name, f"{name}_positive")
        inner.use(f"{name}_order", "of_roots", "f_weak", f"{name}_least", Y="least", Z=name)
        over = f"1/(sqrt({name}) + eps) <= 1/(sqrt(least) + eps)"
        inner.have(f"{name}_over", over, [f"{name}_order*{name}_inverse*f_inverse"], [f"{name}_one", "f_one"])
    inner.have("both", "sqrt(x) + sqrt(y) > 0", ["x_root", "y_root"])
    inverse(inner, "both", "sqrt(x) + sqrt(y)", "both")
    rows = ["x_order*both_inverse*l_inverse", "y_order*both_inverse*l_inverse"]
    inner.have("both_over", "1/(sqrt(x) + sqrt(y)) <= 1/sqrt(least)/2", rows, ["both_one", "l_one"])


def _signs(inner: Proof) -> None:
    """b (y - x) is at most top times their distance."""
    for name, distance in (("a", "a - b"), ("s", "x - y")):
        inner.use(f"{name}_above", "absolute_above", x=distance)
        inner.use(f"{name}_down", "absolute_below", x=distance)
        inner.have(f"{name}_sign", f"abs({distance}) >= 0", [f"{name}_above", f"{name}_down"])
    inner.have("top_sign", "top >= 0", ["low", "high"])
    rows = ["low*s_above", "low*s_down", "high*s_above", "high*s_down"]
    inner.have("product", "b*(y - x) <= top*abs(x - y)", rows)


THEOREM = Theorem(
    theorem="steps_of_near_averages_are_near",
    title="Steps of near averages are near",
    says="""If x and y are at least least > 0, |b| <= top and eps >= 0, then a/(sqrt(x) + eps) is at most
    b/(sqrt(y) + eps), plus |a - b|/(sqrt(least) + eps), plus |x - y| times
    top/(2 sqrt(least) (sqrt(least) + eps)^2).""",
    variables={"least": "real", "top": "real", "eps": "real"},
    hypotheses={"positive": "least > 0", "eps_sign": "eps >= 0"},
    claims={"near": CLAIM},
    lemmas=["orders_on_every_outcome"],
    model={"least": "1", "top": "1", "eps": "1"},
    script=script,
    instances=[
        Instance(
            "averages on both sides of 0",
            {"least": "1/4", "top": "3/2", "eps": "1/10"},
            reals=("1/4", "1", "-3/2", "9/4", "3/2", "-1/2", "4/3"),
        ),
    ],
)
