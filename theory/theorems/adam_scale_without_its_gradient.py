"""Generic Adam, lemma A on one outcome: g over its scale s, or over the scale that knows no g (Chen et al. 2022)."""

from ..proving.instance import Drawn, Instance, Run, after
from ..proving.positive import reciprocal
from ..proving.script import Product, Proof, square
from ..proving.theorem import Theorem
from .orders_on_every_outcome import CLAIMS as ORDERS

K = "sqrt(1 - b)"
ROOT, MEAN_ROOT = "sqrt(v + inside)", "sqrt(b*old + (1 - b)*delta^2 + inside)"


def _signs(proof: Proof) -> None:
    """What is positive, and the equations of roots, sizes and reciprocals."""
    proof.have("spare", "1 - b > 0", ["b_small"])
    proof.have("spare_sign", "1 - b >= 0", ["spare"])
    proof.use("k", "root_squared", "spare_sign", x="1 - b")
    proof.use("k_positive", "root_positive", "spare", x="1 - b")
    for name, x in (("p", "grad"), ("q", "g")):
        proof.use(f"{name}_above", "absolute_above", x=x)
        proof.use(f"{name}_below", "absolute_below", x=x)
        proof.use(f"{name}_square", "absolute_squared", x=x)
        proof.have(f"{name}_sign", f"abs({x}) >= 0", [f"{name}_above", f"{name}_below"])
    for name, root, x in (("root", ROOT, "g"), ("mean_root", MEAN_ROOT, "delta")):
        inner = root[5:-1]
        signs: list[Product | str] = ["b_sign*old_sign", square(x) * "spare", "inside_sign"]
        proof.have(f"{name}_inner", f"{inner} >= 0", signs, ["update"])
        proof.use(name, "root_squared", f"{name}_inner", x=inner)
        proof.use(f"{name}_sign", "root_nonnegative", x=inner)
    proof.lemma("from_squares", ORDERS["from_squares"], "orders_on_every_outcome", [], {})


def script(proof: Proof) -> None:
    """The roots differ by at most sqrt(1 - b) (|g| + delta); Young's inequality, once for |g| and once for delta."""
    _signs(proof)
    products = ["b_sign*old_sign", "inside_sign"]
    equations = ["root", "mean_root", "update", "k", "q_square"]
    proof.have("kq_sign", f"{MEAN_ROOT} + {K}*abs(g) >= 0", ["k_positive*q_sign", "mean_root_sign"])
    proof.have(
        "upper_squares",
        f"{ROOT}^2 <= ({MEAN_ROOT} + {K}*abs(g))^2",
        ["mean_root_sign*k_positive*q_sign", square("delta") * "spare"],
        equations,
    )
    proof.use("upper", "from_squares", "kq_sign", "upper_squares", Y=ROOT, Z=f"{MEAN_ROOT} + {K}*abs(g)")
    proof.have("kd_sign", f"{ROOT} + {K}*delta >= 0", ["k_positive*delta_positive", "root_sign"])
    proof.have(
        "lower_squares",
        f"{MEAN_ROOT}^2 <= ({ROOT} + {K}*delta)^2",
        ["root_sign*k_positive*delta_positive", square("g") * "spare"],
        equations,
    )
    proof.use("lower", "from_squares", "kd_sign", "lower_squares", Y=MEAN_ROOT, Z=f"{ROOT} + {K}*delta")
    proof.have("least_squares", f"({K}*delta)^2 <= {MEAN_ROOT}^2", products, ["mean_root", "k"])
    proof.use("least_root", "from_squares", "mean_root_sign", "least_squares", Y=f"{K}*delta", Z=MEAN_ROOT)
    proof.have(
        "spread_above",
        f"{K}*(abs(g) + delta) + st - s >= 0",
        ["upper", "k_positive*delta_positive"],
        ["scale", "mean_scale"],
    )
    proof.have(
        "spread_below", f"{K}*(abs(g) + delta) - st + s >= 0", ["lower", "k_positive*q_sign"], ["scale", "mean_scale"]
    )
    proof.have("least", f"st >= {K}*delta", ["least_root", "outside_sign"], ["mean_scale"])
    proof.have("mean_scale_positive", "st > 0", ["k_positive*delta_positive", "least"])
    proof.have("p_plus", "abs(grad) + grad >= 0", ["p_below"])
    proof.have("p_minus", "abs(grad) - grad >= 0", ["p_above"])
    proof.have("q_plus", "abs(g) + g >= 0", ["q_below"])
    proof.have("q_minus", "abs(g) - g >= 0", ["q_above"])
    proof.have("pq_plus", "abs(grad)*abs(g) + grad*g >= 0", ["p_plus*q_plus", "p_minus*q_minus"])
    proof.have("pq_minus", "abs(grad)*abs(g) - grad*g >= 0", ["p_plus*q_minus", "p_minus*q_plus"])
    proof.have(
        "gap",
        f"grad*g*(st - s) >= -abs(grad)*abs(g)*{K}*(abs(g) + delta)",
        ["pq_plus*spread_above", "pq_minus*spread_below"],
    )
    for name, x, positive in (
        ("s", "s", "scale_positive"),
        ("st", "st", "mean_scale_positive"),
        ("delta", "delta", "delta_positive"),
    ):
        reciprocal(proof, name, positive, x, over="inverse")
    proof.have(
        "gap_of_quotients",
        f"grad*g/s >= grad*g/st - abs(grad)*abs(g)*{K}*(abs(g) + delta)/s/st",
        ["gap*s_inverse*st_inverse"],
        ["s_unit", "st_unit"],
    )
    proof.have(
        "young_for_g",
        f"abs(grad)*abs(g)^2*{K}/s/st <= (grad*g/delta)^2/st/4 + {K}*delta*g^2/s^2",
        [
            square(f"abs(g)*(abs(grad)/(2*delta) - {K}*delta/s)") * "st_inverse",
            square("g/s") * "k_positive*delta_positive*least*st_inverse",
        ],
        ["delta_unit", "st_unit", "p_square", "q_square"],
    )
    proof.have(
        "young_for_delta",
        f"abs(grad)*abs(g)*{K}*delta/s/st <= grad^2/st/4 + {K}*delta*g^2/s^2",
        [
            square(f"abs(grad)/2 - {K}*delta*abs(g)/s") * "st_inverse",
            square("g/s") * "k_positive*delta_positive*least*st_inverse",
        ],
        ["st_unit", "p_square", "q_square"],
    )
    proof.have(
        "close",
        f"grad*g/s >= grad*g/st - grad^2/st/4 - (grad*g/delta)^2/st/4 - 2*{K}*delta*g^2/s^2",
        ["gap_of_quotients", "young_for_g", "young_for_delta"],
    )


def shown(proof: Proof) -> None:
    """The scale of the model is positive."""
    proof.use("root", "root_nonnegative", x="16")
    proof.have("scale_positive", "sqrt(16) + 1 > 0", ["root"])


THEOREM = Theorem(
    theorem="adam_scale_without_its_gradient",
    title="Adam's scale without its own gradient, on one outcome",
    says="""Let s be the scale of a coordinate of Adam, whose second moment holds the share 1 - b of g^2, eps inside
    or outside the root, and st the same with delta^2 in place of g^2. Then replacing s by st in grad g/s costs at most
    grad^2 (1 + g^2/delta^2)/(4 st) + 2 sqrt(1 - b) delta g^2/s^2.""",
    sources=["chen2022towards, the proof of the main theorem"],
    variables={
        **{name: "rand" for name in ("grad", "g", "delta", "old", "v", "s", "st")},
        **{name: "real" for name in ("b", "inside", "outside")},
    },
    hypotheses={
        "b_sign": "b >= 0",
        "b_small": "b < 1",
        "old_sign": "old >= 0",
        "inside_sign": "inside >= 0",
        "outside_sign": "outside >= 0",
        "delta_positive": "delta > 0",
        "update": "v = b*old + (1 - b)*g^2",
        "scale": f"s = {ROOT} + outside",
        "mean_scale": f"st = {MEAN_ROOT} + outside",
        "scale_positive": "s > 0",
    },
    claims={
        "close": f"grad*g/s >= grad*g/st - grad^2/st/4 - (grad*g/delta)^2/st/4 - 2*{K}*delta*g^2/s^2",
        "mean_scale_positive": "st > 0",
    },
    lemmas=["orders_on_every_outcome"],
    model={
        "grad": "1",
        "g": "4",
        "delta": "4",
        "old": "4",
        "v": "16",
        "s": "sqrt(16) + 1",
        "st": "sqrt(16) + 1",
        "b": "0",
        "inside": "0",
        "outside": "1",
    },
    script=script,
    shown=shown,
    instances=[
        Instance(
            "the second step of Adam, noisy gradients",
            {
                "z": Drawn(("-2", "1")),
                **{"grad": "1 + z(1)/4", "g": "grad + z(2)", "delta": "sqrt(E(z(1)^2))*(1 + abs(grad))"},
                **{"b": "3/4", "inside": "0", "outside": "1/8"},
                "s": "sqrt(v + inside) + outside",
                "st": "sqrt(b*old + (1 - b)*delta^2 + inside) + outside",
            },
            ("1/3", "2/3"),
            draws=2,
            run=Run(
                "adam",
                {"eta": "1/4", "beta1": "1/2", "beta2": "b", "eps": "outside"},
                "1 + t*z(1)/4 + z(t + 1)",
                ("1",),
                2,
                {"old": after("v", 1), "v": after("v", 2)},
                torch="Adam",
            ),
        ),
    ],
)
