"""How far the factor of m in Adam's step moves when both bias corrections move: an auxiliary inequality."""

from ..proving.instance import Instance
from ..proving.script import Proof
from ..proving.theorem import Theorem
from .sizes_on_every_outcome import sizes

NAMES = ("s_positive", "z_positive", "order_y", "g_positive", "order_b", "near_y", "near_b")
PREMISES = "s > 0, z > 0, y >= z, g > 0, b >= g, y^2 - z^2 <= C, b - g <= D"
SIZE = "abs(y/b/(s + e*y) - z/g/(s + e*z)) <= (C/(2*z*g) + D*z/g^2)/s"
LETTERS = "s rand, y rand, z rand, b rand, g rand"
CLAIMS = {
    "near": f"forall {LETTERS}, C rand, D rand: {PREMISES} => {SIZE}",
    "bounded": "forall s rand, y rand, b rand, g rand: s > 0, y >= 0, y <= 1, g > 0, b >= g => "
    "y/b/(s + e*y) <= 1/(g*s)",
}


def _positive(proof: Proof, name: str, fact: str, text: str) -> None:
    proof.use(f"apart_{name}", "positive_is_apart", fact, x=text)
    proof.use(f"one_{name}", "reciprocal", f"apart_{name}", x=text)
    proof.use(f"over_{name}", "reciprocal_positive", fact, x=text)


def script(proof: Proof) -> None:
    """y/p/b - z/q/g = (y - z) s/(p q)/b - z/q (b - g)/(b g) with p = s + e y, q = s + e z, both at least s."""
    sizes(proof)
    p, q = "s + e*y", "s + e*z"
    with proof.fixing("near", CLAIMS["near"], *NAMES) as inner:
        inner.have("y_positive", "y > 0", ["order_y", "z_positive"])
        inner.have("b_positive", "b > 0", ["order_b", "g_positive"])
        inner.have("p_positive", f"{p} > 0", ["s_positive", "e_sign*y_positive"])
        inner.have("q_positive", f"{q} > 0", ["s_positive", "e_sign*z_positive"])
        for name, text in (("s", "s"), ("z", "z"), ("b", "b"), ("g", "g"), ("p", p), ("q", q)):
            _positive(inner, name, f"{name}_positive", text)
        inner.have("more", "y - z >= 0", ["order_y"])
        inner.have("C_sign", "C >= 0", ["near_y", "more*y_positive", "more*z_positive"])
        inner.have("D_sign", "D >= 0", ["near_b", "order_b"])
        inner.have("root", "y - z <= C*(1/z)/2", ["near_y*over_z", "more*more*over_z"], ["one_z"])
        inner.have("p_below", f"1/({p}) <= 1/s", ["e_sign*y_positive*over_s*over_p"], ["one_s", "one_p"])
        inner.have("q_below", f"1/({q}) <= 1/s", ["e_sign*z_positive*over_s*over_q"], ["one_s", "one_q"])
        inner.have("b_below", "1/b <= 1/g", ["order_b*over_b*over_g"], ["one_b", "one_g"])
        inner.have("q_room", f"1/s - 1/({q}) >= 0", ["q_below"])
        inner.have("b_room", "1/g - 1/b >= 0", ["b_below"])
        inner.have("first", f"y/({p}) - z/({q}) = s*(y - z)/({p})/({q})", (), ["one_p", "one_q"])
        inner.have("s_over_p", f"s/({p}) <= 1", ["e_sign*y_positive*over_p"], ["one_p"])
        inner.have("p_room", f"1 - s/({p}) >= 0", ["s_over_p"])
        inner.have("step", f"y/({p}) - z/({q}) <= (y - z)*(1/s)", ["more*q_room", "more*over_q*p_room"], ["first"])
        inner.have("rise", f"y/({p}) - z/({q}) >= 0", ["s_positive*more*over_p*over_q"], ["first"])
        inner.have("half", "C*(1/z)/2 - (y - z) >= 0", ["root"])
        inner.have("step_room", f"(y - z)*(1/s) - (y/({p}) - z/({q})) >= 0", ["step"])
        inner.have(
            "upper_part",
            f"(y/({p}) - z/({q}))/b <= C/(2*z*g)*(1/s)",
            ["step_room*over_b", "half*over_s*over_b", "C_sign*over_z*over_s*b_room"],
        )
        inner.have("second", "1/g - 1/b = (b - g)/(b*g)", (), ["one_b", "one_g"])
        inner.have("D_room", "D - (b - g) >= 0", ["near_b"])
        inner.have(
            "lower_part",
            f"z/({q})*(1/g - 1/b) <= D*z/g^2*(1/s)",
            [
                "z_positive*over_q*D_room*over_b*over_g",
                "z_positive*over_q*D_sign*over_g*b_room",
                "z_positive*D_sign*over_g*over_g*q_room",
            ],
            [("z*1/(s + e*z)", "second")],
        )
        whole = f"y/b/({p}) - z/g/({q})"
        size = "(C/(2*z*g) + D*z/g^2)/s"
        inner.have(
            "top",
            f"{whole} <= {size}",
            ["upper_part", "z_positive*over_q*b_room", "D_sign*z_positive*over_g*over_g*over_s"],
        )
        inner.have("bottom", f"-({whole}) <= {size}", ["lower_part", "rise*over_b", "C_sign*over_z*over_g*over_s"])
        inner.use("size", "both_signs", "top", "bottom", Y=whole, Z=size)
    with proof.fixing("bounded", CLAIMS["bounded"], "s_positive", "y_sign", "y_most", "g_positive", "order_b") as inner:
        inner.have("b_positive", "b > 0", ["order_b", "g_positive"])
        inner.have("p_positive", f"{p} > 0", ["s_positive", "e_sign*y_sign"])
        for name, text in (("s", "s"), ("b", "b"), ("g", "g"), ("p", p)):
            _positive(inner, name, f"{name}_positive", text)
        inner.have("b_room", "1/g - 1/b >= 0", ["order_b*over_b*over_g"], ["one_b", "one_g"])
        inner.have("p_room", f"1/s - 1/({p}) >= 0", ["e_sign*y_sign*over_s*over_p"], ["one_s", "one_p"])
        inner.have("y_room", "1 - y >= 0", ["y_most"])
        rows = ["y_room*over_b*over_p", "b_room*over_p", "p_room*over_g"]
        inner.have("bound", f"y/b/({p}) <= 1/(g*s)", rows)


THEOREM = Theorem(
    theorem="corrected_steps_depend_smoothly_on_corrections",
    title="Corrected steps depend smoothly on corrections",
    says="""If y >= z > 0 and b >= g > 0 with y^2 - z^2 <= C and b - g <= D, then y/(b (s + e y)) and z/(g (s + e z))
    differ by at most (C/(2 z g) + D z/g^2)/s, for s > 0 and e >= 0; and the first is at most 1/(g s) where y <= 1.""",
    variables={"e": "real"},
    hypotheses={"e_sign": "e >= 0"},
    claims=CLAIMS,
    lemmas=["sizes_on_every_outcome"],
    model={"e": "1"},
    script=script,
    instances=[
        Instance("corrections that move as far as they may, and less", {"e": "2/3"}, reals=("1/4", "3/4", "1", "5/4")),
        Instance("eps = 0", {"e": "0"}, reals=("1/4", "1/2", "2/3", "3")),
    ],
)
