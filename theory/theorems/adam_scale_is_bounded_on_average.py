"""Generic Adam, lemma G: the mean square of the scale is bounded (Chen et al. 2022)."""

from collections.abc import Mapping

from ..proving.instance import Given
from ..proving.linear_losses import corrected_adam
from ..proving.script import Proof, square
from ..proving.theorem import Theorem
from . import adam_scale_along_a_run as run
from . import mean_square_of_a_damped_root as root

B = "(sqrt(G^2 + v0 + inside_top) + outside_top)"
ST = "(sqrt(beta2(t + 1)*v(t, i) + (1 - beta2(t + 1))*G^2 + inside(t + 1)) + outside(t + 1))"
DAMPED = {
    "v0_sign": "v0 >= 0",
    "v_first": "forall i nat: v(0, i) = v0",
    "inside_most": "forall t nat: inside(t) <= inside_top",
    "outside_most": "forall t nat: outside(t) <= outside_top",
}


def _root(proof: Proof, name: str, x: str, outside: str, claim: str) -> None:
    """The theorem about damped roots, here."""
    values = {"x": x, "c": "G^2 + v0 + inside_top", "outside": outside, "top": "outside_top"}
    proof.lemma(name, claim, root.THEOREM.theorem, ["x_sign", "c_positive", "mean", "outside_here", "most"], values)


def script(proof: Proof) -> None:
    """E v <= G^2 + v_0 by induction; both roots hold at most G^2 + v_0 + inside on average."""
    for name in ("inside", "outside"):
        with proof.induction(f"{name}_sign", f"forall t nat: {name}(t) >= 0") as (zero, following):
            zero.have("start", f"{name}(0) >= 0", [f"{name}_first"])
            following.use("positive", "beta2_positive", t="t")
            following.use("root", "root_positive", "positive", x="beta2(t + 1)")
            following.use("keeps", f"{name}_keeps", t="t")
            products = ["keeps", "positive*before" if name == "inside" else "root*before"]
            following.have("next", f"{name}(t + 1) >= 0", products)
    for name, claim in (("v_sign", "v(t, i) >= 0"), ("mean_v", "E(v(t, i)) <= G^2 + v0")):
        with proof.fixing(name, f"forall t nat, i nat: {claim}") as fixed:
            here = claim.replace("(t", "(k")
            with fixed.induction("all", f"forall k nat: {here}") as (zero, following):
                zero.use("start", "v_first", i="i")
                zero.mean("mean_start", "E(v(0, i)) = v0", "start")
                zero.have("here", claim.replace("(t", "(0"), ["v0_sign", square("G")], ["start", "mean_start"])
                following.use("update", "v_next", t="k", i="i")
                following.use("positive", "beta2_positive", t="k")
                following.use("small", "beta2_small", t="k")
                following.have("spare", "1 - beta2(k + 1) >= 0", ["small"])
                if name == "v_sign":
                    following.have(
                        "next", "v(k + 1, i) >= 0", ["positive*before", square("g(k + 1, i)") * "spare"], ["update"]
                    )
                else:
                    mean = "E(v(k + 1, i)) = beta2(k + 1)*E(v(k, i)) + (1 - beta2(k + 1))*E(g(k + 1, i)^2)"
                    following.mean("mean", mean, "update")
                    following.use("noise", "noise_mean", t="k", i="i")
                    products = ["positive*before", "spare*noise", "v0_sign*spare"]
                    following.have("next", "E(v(k + 1, i)) <= G^2 + v0", products, ["mean"])
            fixed.use("here", "all", k="t")
    proof.use("inside_here", "inside_sign", t="0")
    proof.use("inside_most_here", "inside_most", t="0")
    proof.have(
        "c_positive",
        "G^2 + v0 + inside_top > 0",
        ["G_positive*G_positive", "v0_sign", "inside_here", "inside_most_here"],
    )
    for name, x, t in (
        ("scale_square", "v(t, i) + inside(t)", "t"),
        ("mean_scale_square", "beta2(t + 1)*v(t, i) + (1 - beta2(t + 1))*G^2 + inside(t + 1)", "t + 1"),
    ):
        said = f"E((sqrt({x}) + outside({t}))^2) <= {B}^2"
        with proof.fixing(name, f"forall t nat, i nat: {said}") as fixed:
            fixed.use("v_here", "v_sign", t="t", i="i")
            fixed.use("mean_here", "mean_v", t="t", i="i")
            fixed.use("inside_now", "inside_sign", t=t)
            fixed.use("inside_top_now", "inside_most", t=t)
            fixed.use("outside_here", "outside_sign", t=t)
            fixed.use("most", "outside_most", t=t)
            fixed.use("b", "beta2_positive", t="t")
            fixed.use("b_small", "beta2_small", t="t")
            fixed.have("spare", "1 - beta2(t + 1) > 0", ["b_small"])
            fixed.have("x_sign", f"{x} >= 0", ["v_here", "b*v_here", "spare*G_positive*G_positive", "inside_now"])
            average = x.replace("v(t, i)", "E(v(t, i))")
            fixed.linear("average", f"E({x}) = {average}")
            products = ["mean_here", "b*mean_here", "inside_top_now", "spare*v0_sign"]
            fixed.have("mean", f"E({x}) <= G^2 + v0 + inside_top", products, ["average"])
            _root(fixed, "here", x, f"outside({t})", said)


BOUNDS: Mapping[str, Given] = {
    "v0": "0",
    "inside_top": "0",
    "outside_top": "eps",
    "s0": "outside(0)",
    "B": "sqrt(G^2 + v0 + inside_top) + outside_top",
}
"""Values in an instance."""


THEOREM = Theorem(
    theorem="adam_scale_is_bounded_on_average",
    title="Adam's scale is bounded on average",
    says="""If E g_i^2 <= G^2 at every step and v starts at v_0, then E v <= G^2 + v_0, and the scales s and st, st
    with G^2 in place of g^2, have mean squares of at most B^2 with B = sqrt(G^2 + v_0 + max inside) + max outside.""",
    sources=["chen2022towards, the proof of the main theorem"],
    variables={
        **{name: sort for name, sort in run.VARIABLES.items() if name != "s"},
        **{name: "real" for name in ("G", "v0", "inside_top", "outside_top")},
    },
    hypotheses={
        **run.SEQUENCES,
        **DAMPED,
        "G_positive": "G > 0",
        "v_next": run.RUN["v_next"],
        "noise_mean": "forall t nat, i nat: E(g(t + 1, i)^2) <= G^2",
    },
    claims={
        "mean_v": "forall t nat, i nat: E(v(t, i)) <= G^2 + v0",
        "scale_square": f"forall t nat, i nat: E((sqrt(v(t, i) + inside(t)) + outside(t))^2) <= {B}^2",
        "mean_scale_square": f"forall t nat, i nat: E({ST}^2) <= {B}^2",
    },
    lemmas=[root.THEOREM.theorem],
    model={
        **{"g": ["t", "i", "2"], "v": ["t", "i", "4"], "beta2": ["t", "1/2"], "inside": ["t", "1"]},
        **{"outside": ["t", "0"], "G": "2", "v0": "4", "inside_top": "1", "outside_top": "1"},
    },
    script=script,
    instances=[corrected_adam(BOUNDS)],
)
