"""Generic Adam along a run: what holds of its scale at every step (Chen et al. 2022)."""

from ..kernel.formulas import formula
from ..kernel.terms import term
from ..proving.linear_losses import corrected_adam
from ..proving.script import Product, Proof, square
from ..proving.theorem import Theorem
from . import adam_scale_keeps_up_with_its_past as scale

VARIABLES = {
    **{name: "rand(nat, nat)" for name in ("g", "v", "s")},
    **{name: "real(nat)" for name in ("beta2", "inside", "outside")},
}
SEQUENCES = {
    "beta2_positive": "forall t nat: beta2(t + 1) > 0",
    "beta2_small": "forall t nat: beta2(t + 1) < 1",
    "inside_first": "inside(0) >= 0",
    "outside_first": "outside(0) >= 0",
    "inside_keeps": "forall t nat: inside(t + 1) >= beta2(t + 1)*inside(t)",
    "outside_keeps": "forall t nat: outside(t + 1) >= sqrt(beta2(t + 1))*outside(t)",
}
RUN = {
    "v_first": "forall i nat: v(0, i) >= 0",
    "v_next": "forall t nat, i nat: v(t + 1, i) = beta2(t + 1)*v(t, i) + (1 - beta2(t + 1))*g(t + 1, i)^2",
    "scale": "forall t nat, i nat: s(t, i) = sqrt(v(t, i) + inside(t)) + outside(t)",
    "scale_first": "forall i nat: s(0, i) > 0",
}
PLACES = {
    **{"b": "beta2(t + 1)", "beta1": "beta1(t + 1)", "alpha_old": "alpha(t)", "alpha": "alpha(t + 1)", "A": "A(t)"},
    **{"grad": "grad(t + 1, i)", "g": "g(t + 1, i)", "old": "v(t, i)", "v": "v(t + 1, i)", "m_old": "m(t, i)"},
    **{"m": "m(t + 1, i)", "before": "s(t, i)", "s": "s(t + 1, i)", "n": "t", "G": "G"},
    "delta": "delta(t + 1, i)",
    **{f"{name}_old": f"{name}(t)" for name in ("inside", "outside")},
    **{name: f"{name}(t + 1)" for name in ("inside", "outside")},
}
"""The letters of the theorems about one step, along a run."""
KEPT = ("keeps", "kept_share", "growth", "share")


def along(said: str, **more: str) -> str:
    """A formula about one step, at step t + 1 of a run."""
    places = {**PLACES, **more}
    return str(formula(said).substituted({name: ((), term(value)) for name, value in places.items()}))


def step(proof: Proof, t: str, i: str) -> None:
    """The hypotheses of the theorem about the scale, at step t + 1."""
    proof.use("b_positive", "beta2_positive", t=t)
    proof.use("b_small", "beta2_small", t=t)
    proof.have("b_most", f"beta2({t} + 1) <= 1", ["b_small"])
    proof.use("old_sign", "second_moment", t=t, i=i)
    proof.use("inside_old_sign", "inside_sign", t=t)
    proof.use("outside_old_sign", "outside_sign", t=t)
    proof.use("inside_keeps_here", "inside_keeps", t=t)
    proof.use("outside_keeps_here", "outside_keeps", t=t)
    proof.use("update", "v_next", t=t, i=i)
    proof.use("scale_before", "scale", t=t, i=i)
    proof.use("scale_here", "scale", t=f"{t} + 1", i=i)


NAMES = {
    **{"b_small": "b_most", "inside_keeps": "inside_keeps_here", "outside_keeps": "outside_keeps_here"},
    "scale": "scale_here",
}


def scales(proof: Proof, name: str, **more: str) -> None:
    """A claim of the theorem about the scale, at step t + 1."""
    lemma = scale.THEOREM
    values = {**PLACES, **more}
    said = along(lemma.claims[name], **more)
    proof.lemma(
        name, said, lemma.theorem, [NAMES.get(n, n) for n in lemma.hypotheses], {n: values[n] for n in lemma.variables}
    )


def script(proof: Proof) -> None:
    """By induction over the steps, coordinate by coordinate."""
    for name, sign in (("inside", "positive"), ("outside", "root")):
        with proof.induction(f"{name}_sign", f"forall t nat: {name}(t) >= 0") as (zero, following):
            zero.have("start", f"{name}(0) >= 0", [f"{name}_first"])
            following.use("positive", "beta2_positive", t="t")
            following.use("root", "root_positive", "positive", x="beta2(t + 1)")
            following.use("keeps", f"{name}_keeps", t="t")
            following.have("next", f"{name}(t + 1) >= 0", ["keeps", f"{sign}*before"])
    with proof.fixing("second_moment", "forall t nat, i nat: v(t, i) >= 0") as fixed:
        with fixed.induction("all", "forall k nat: v(k, i) >= 0") as (zero, following):
            zero.use("start", "v_first", i="i")
            following.use("update", "v_next", t="k", i="i")
            following.use("positive", "beta2_positive", t="k")
            following.use("small", "beta2_small", t="k")
            following.have("spare", "1 - beta2(k + 1) >= 0", ["small"])
            products: list[Product | str] = ["positive*before", square("g(k + 1, i)") * "spare"]
            following.have("next", "v(k + 1, i) >= 0", products, ["update"])
        fixed.use("here", "all", k="t")
    with proof.fixing("positive", "forall t nat, i nat: s(t, i) > 0") as fixed:
        with fixed.induction("all", "forall k nat: s(k, i) > 0", hypothesis="before_positive") as (zero, following):
            zero.use("start", "scale_first", i="i")
            step(following, "k", "i")
            scales(following, "positive", **{n: v.replace("(t", "(k") for n, v in PLACES.items() if n != "n"})
        fixed.use("here", "all", k="t")
    for name in KEPT:
        with proof.fixing(f"always_{name}", "forall t nat, i nat: " + along(scale.THEOREM.claims[name])) as fixed:
            step(fixed, "t", "i")
            fixed.use("before_positive", "positive", t="t", i="i")
            scales(fixed, name)


def shown(proof: Proof) -> None:
    """The scale of the model is positive at first."""
    proof.have("three", "3 > 0")
    proof.use("root", "root_positive", "three", x="3")
    with proof.fixing("first", "forall i nat: sqrt(3) > 0") as fixed:
        fixed.have("here", "sqrt(3) > 0", ["root"])


CLAIMS = {
    "positive": "forall t nat, i nat: s(t, i) > 0",
    "second_moment": "forall t nat, i nat: v(t, i) >= 0",
    "inside_sign": "forall t nat: inside(t) >= 0",
    "outside_sign": "forall t nat: outside(t) >= 0",
    **{f"always_{name}": "forall t nat, i nat: " + along(scale.THEOREM.claims[name]) for name in KEPT},
}

THEOREM = Theorem(
    theorem="adam_scale_along_a_run",
    title="Adam's scale along a run",
    says="""Let the scale s of generic Adam start above 0 and v at or above 0, with dampings inside and outside the root
    that fall no faster than beta2 and sqrt(beta2) forget. At every step and coordinate s is positive and at least
    sqrt(beta2) times the s before, and the growth of log s, less log sqrt(beta2), is at least 0 and pays for the share
    of g^2 in s^2.""",
    sources=["chen2022towards, the proof of the main theorem"],
    variables=VARIABLES,
    hypotheses={**SEQUENCES, **RUN},
    claims=CLAIMS,
    lemmas=[scale.THEOREM.theorem],
    model={
        **{"g": ["t", "i", "t + 1"], "v": ["t", "i", "t^2 + 2"], "s": ["t", "i", "sqrt(t^2 + 3)"]},
        **{"beta2": ["t", "1/2"], "inside": ["t", "1"], "outside": ["t", "0"]},
    },
    script=script,
    shown=shown,
    instances=[corrected_adam({})],
)
