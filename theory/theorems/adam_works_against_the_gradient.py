"""Generic Adam, lemmas A and C together: one step against the gradient, on average (Chen et al. 2022)."""

from ..proving.instance import Drawn, Instance
from ..proving.positive import reciprocal
from ..proving.script import Proof, square
from ..proving.theorem import Theorem
from . import adam_follows_the_gradient_on_average as average
from . import adam_scale_keeps_up_with_its_past as scale
from . import adam_step_from_the_one_before as step
from . import gradients_are_bounded_where_their_noise_is as bounded
from .orders_on_every_outcome import CLAIMS as ORDERS

ST = average.ST
U = f"2*({scale.GROWTH})"
C = "G*(2*(1 - beta1)*alpha/sqrt(1 - b) + alpha*beta1*sqrt(A/b))"
OWN = f"alpha*(1 - beta1)*E(grad^2/{ST})/2"
CLAIM = f"E(-grad*(alpha*m/s)) <= {step.RHO}*E(-grad*({step.OLD})) - {OWN} + {C}*E({U})"


def _lemmas(proof: Proof) -> None:
    """What is proved elsewhere, at these letters."""
    proof.lemma("from_squares", ORDERS["from_squares"], "orders_on_every_outcome", [], {})
    proof.have("b_sign", "b >= 0", ["b_positive"])
    proof.have("b_most", "b <= 1", ["b_small"])
    keeps = scale.THEOREM
    letters = {name: name for name in keeps.variables}
    facts = [{"b_small": "b_most"}.get(name, name) for name in keeps.hypotheses]
    for name, claim in keeps.claims.items():
        proof.lemma(name, claim, keeps.theorem, facts, letters)
    moved = step.THEOREM
    proof.have("one", "1 > 0")
    facts = [{"P_positive": "one", "scale_positive": "positive", "paid": "share"}.get(n, n) for n in moved.hypotheses]
    proof.lemma(
        "split",
        moved.claims["split"],
        moved.theorem,
        facts,
        {**{name: name for name in moved.variables}, "P": "1", "U": U},
    )
    follows = average.THEOREM
    proof.have("gap", "G - delta >= 0", ["delta_most"])
    proof.have("outside_sign", "outside >= 0", ["outside_keeps", "h_positive*outside_old_sign"])
    proof.have("inside_sign", "inside >= 0", ["inside_keeps", "b_sign*inside_old_sign"])
    claim = "forall X rand: X >= 0, past(X, n) => E(X*g^2) <= G^2*E(X)"
    with proof.fixing("second_moment_of_G", claim, "sign", "known") as fixed:
        fixed.use("plain", "second_moment", "sign", "known", X="X")
        fixed.have("larger", "X*delta^2 <= G^2*X", ["sign*gap*delta_positive", "sign*gap*G_positive"])
        fixed.mean("mean", "E(X*delta^2) <= G^2*E(X)", "larger")
        fixed.have("done", "E(X*g^2) <= G^2*E(X)", ["plain", "mean"])
    renamed = {"scale_positive": "positive"}
    proof.lemma(
        "follows",
        follows.claims["bound"],
        follows.theorem,
        [renamed.get(name, name) for name in follows.hypotheses],
        {name: name for name in follows.variables},
    )
    proof.lemma(
        "bounded",
        bounded.CLAIM,
        bounded.THEOREM.theorem,
        [{"second_moment": "second_moment_of_G"}.get(name, name) for name in bounded.THEOREM.hypotheses],
        {name: name for name in bounded.THEOREM.variables},
    )


def script(proof: Proof) -> None:
    """The mean of the step against the gradient, part by part."""
    proof.use("h_positive", "root_positive", "b_positive", x="b")
    _lemmas(proof)
    proof.past("one_past", "past(1, n)")
    proof.have("one_sign", "1 >= 0")
    proof.use("on_average", "follows", "one_sign", "one_past", X="1")
    proof.use("mean_bounded", "bounded", "kept_share", "kept_most", V="1 - sqrt(b)*before/s")
    proof.use("h", "root_squared", "b_sign", x="b")
    proof.have("spare", "1 - b > 0", ["b_small"])
    proof.have("spare_sign", "1 - b >= 0", ["spare"])
    proof.use("k", "root_squared", "spare_sign", x="1 - b")
    proof.use("k_positive", "root_positive", "spare", x="1 - b")
    letters = {
        "before": "before_positive",
        "s": "positive",
        "sqrt(b)": "h_positive",
        "sqrt(1 - b)": "k_positive",
        "b": "b_positive",
    }
    names = {"sqrt(b)": "h", "sqrt(1 - b)": "k"}
    for x, premise in letters.items():
        name = names.get(x, x)
        reciprocal(proof, name, premise, x, over="inverse")
    proof.have("ratio_sign", "A/b >= 0", ["A_sign*b_inverse"])
    proof.use("ratio", "root_squared", "ratio_sign", x="A/b")
    proof.use("ratio_root_sign", "root_nonnegative", x="A/b")
    proof.have("inner", "old + inside_old >= 0", ["old_sign", "inside_old_sign"])
    proof.use("old_root", "root_squared", "inner", x="old + inside_old")
    proof.use("old_root_sign", "root_nonnegative", x="old + inside_old")
    proof.have(
        "large",
        "before^2 >= old",
        ["inside_old_sign", "old_root_sign*outside_old_sign", "outside_old_sign*outside_old_sign"],
        ["scale_before", "old_root"],
    )
    momentum = "m_old/before/sqrt(b)"
    proof.have(
        "squares",
        f"({momentum})^2 <= sqrt(A/b)^2",
        [square("1/before/sqrt(b)") * "cauchy", square("1/before/sqrt(b)") * "large*A_sign"],
        ["ratio", "before_unit", "h_unit", "b_unit", "h"],
    )
    proof.use("size", "absolute_squared", x=momentum)
    proof.have("size_squares", f"abs({momentum})^2 <= sqrt(A/b)^2", ["squares"], ["size"])
    proof.use("most", "from_squares", "ratio_root_sign", "size_squares", Y=f"abs({momentum})", Z="sqrt(A/b)")
    for name, x in (("p", "grad"), ("q", momentum)):
        proof.use(f"{name}_above", "absolute_above", x=x)
        proof.use(f"{name}_below", "absolute_below", x=x)
        proof.have(f"{name}_plus", f"abs({x}) + {x} >= 0", [f"{name}_below"])
        proof.have(f"{name}_minus", f"abs({x}) - {x} >= 0", [f"{name}_above"])
    proof.have("grad_size", "abs(grad) >= 0", ["p_plus", "p_minus"])
    proof.have(
        "turned",
        f"grad*({momentum}) <= abs(grad)*sqrt(A/b)",
        ["p_plus*q_minus", "p_minus*q_plus", "grad_size*most"],
    )
    share = "1 - sqrt(b)*before/s"
    proof.have(
        "work_at_an_outcome",
        f"-grad*(alpha*m/s) <= {step.RHO}*(-grad*({step.OLD})) - alpha*(1 - beta1)*(grad*g/s)"
        f" + alpha*beta1*sqrt(A/b)*(abs(grad)*({share}))",
        ["turned*kept_share*alpha_positive*beta1_sign"],
        [("grad", "split")],
    )
    proof.mean(
        "mean_work",
        f"E(-grad*(alpha*m/s)) <= {step.RHO}*E(-grad*({step.OLD})) - alpha*(1 - beta1)*E(grad*g/s)"
        f" + alpha*beta1*sqrt(A/b)*E(abs(grad)*({share}))",
        "work_at_an_outcome",
    )
    proof.mean("mean_share", f"(1 - b)*E(g^2/s^2) <= E({U})", "share")
    proof.have("twice_half", f"2*({share}) <= {U}", ["half"])
    proof.mean("mean_half", f"2*E({share}) <= E({U})", "twice_half")
    proof.have("twice_growth", f"{U} >= 0", ["growth"])
    proof.mean("mean_growth", f"E({U}) >= 0", "twice_growth")
    proof.have("smaller", "delta*g^2/s^2 <= G*g^2/s^2", [square("g/s") * "gap"])
    proof.mean("mean_smaller", "E(delta*g^2/s^2) <= G*E(g^2/s^2)", "smaller")
    proof.have("own_share", "1 - beta1 >= 0", ["beta1_small"])
    proof.have(
        "work",
        CLAIM,
        [
            "mean_work",
            "on_average*alpha_positive*own_share",
            "mean_bounded*alpha_positive*beta1_sign*ratio_root_sign",
            "mean_half*alpha_positive*beta1_sign*ratio_root_sign*G_positive",
            "mean_growth*alpha_positive*beta1_sign*ratio_root_sign*G_positive",
            "mean_share*alpha_positive*own_share*G_positive*k_inverse",
            "mean_smaller*alpha_positive*own_share*k_positive",
        ],
        ["k_unit", "k"],
    )


def shown(proof: Proof) -> None:
    """The scale before is positive in the model."""
    proof.have("five", "5 > 0")
    proof.use("root", "root_positive", "five", x="5")


THEOREM = Theorem(
    theorem="adam_works_against_the_gradient",
    title="Adam works against the gradient, on average",
    says="""One step alpha m/s of generic Adam with E_t g^2 <= delta^2 <= G^2, eps inside or outside the root, falling
    no faster than b = beta2 forgets. The mean of -grad times the step is at most rho times that of -grad times the step
    before, less alpha (1 - beta1) grad^2/(2 st), plus G (2 (1 - beta1) alpha/sqrt(1 - b) + alpha beta1 sqrt(A/b)) times
    the mean growth of log s^2 less log b. The momentum before has m^2 <= A v.""",
    sources=["chen2022towards, the proof of the main theorem"],
    variables={
        **{name: "rand" for name in ("grad", "g", "delta", "old", "v", "m_old", "m", "before", "s")},
        **{name: "real" for name in ("b", "beta1", "alpha_old", "alpha", "A", "G")},
        **{name: "real" for name in ("inside_old", "inside", "outside_old", "outside")},
        "n": "nat",
    },
    hypotheses={
        "b_positive": "b > 0",
        "b_small": "b < 1",
        "beta1_sign": "beta1 >= 0",
        "beta1_small": "beta1 <= 1",
        "alpha_old_positive": "alpha_old > 0",
        "alpha_positive": "alpha > 0",
        "G_positive": "G > 0",
        "delta_positive": "delta > 0",
        "delta_most": "delta <= G",
        "A_sign": "A >= 0",
        **{k: v for k, v in scale.THEOREM.hypotheses.items() if k not in ("b_positive", "b_small")},
        "momentum": "m = beta1*m_old + (1 - beta1)*g",
        "cauchy": "m_old^2 <= A*old",
        "grad_past": "past(grad, n)",
        "old_past": "past(old, n)",
        "delta_past": "past(delta, n)",
        "unbiased": "forall X rand: past(X, n) => E(X*g) = E(X*grad)",
        "second_moment": "forall X rand: X >= 0, past(X, n) => E(X*g^2) <= E(X*delta^2)",
    },
    claims={"work": CLAIM},
    lemmas=[
        "orders_on_every_outcome",
        *(lemma.THEOREM.theorem for lemma in (average, bounded, scale, step)),
    ],
    model={
        **{"grad": "2", "g": "2", "delta": "2", "old": "1", "v": "13/4", "m_old": "1", "m": "3/2"},
        **{"before": "sqrt(5)", "s": "sqrt(29/4) + 1", "b": "1/4", "beta1": "1/2", "alpha_old": "1", "alpha": "2"},
        **{"A": "1", "G": "3", "inside_old": "4", "inside": "4", "outside_old": "0", "outside": "1", "n": "3"},
    },
    script=script,
    shown=shown,
    instances=[
        Instance(
            "two results of a gradient that is not centred",
            {
                **{"grad": "1/3", "g": Drawn(("1", "-1/3"), draw=1), "delta": "3/4", "old": "4/9", "m_old": "-1/2"},
                **{"v": "b*old + (1 - b)*g^2", "m": "beta1*m_old + (1 - beta1)*g"},
                **{"before": "sqrt(old + inside_old) + outside_old", "s": "sqrt(v + inside) + outside"},
                **{"b": "3/4", "beta1": "2/3", "alpha_old": "1/5", "alpha": "1/4", "A": "9/16", "G": "3/4", "n": "0"},
                **{"inside_old": "1/9", "inside": "1/12", "outside_old": "1/6", "outside": "1/6"},
            },
            weights=("1/2", "1/2"),
            draws=1,
        ),
    ],
)
