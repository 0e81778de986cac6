"""The finite-horizon certificate for Adam with eps added to the root of v, as in most libraries, and v_0 = 0."""

from ..kernel.formulas import formula
from ..kernel.terms import term
from ..proving.linear_losses import linear_loss
from ..proving.script import Proof
from ..proving.theorem import Theorem
from . import adam_gradients_are_bounded_at_every_horizon as general
from .adam_squared_steps_along_a_run import family
from .orders_on_every_outcome import CLAIMS as ORDERS

VALUES: dict[str, str | list[str]] = {
    **{"inside": ["t", "0"], "outside": ["t", "eps"], "v0": "0", "inside_top": "0", "outside_top": "eps"},
    **{"B": "G + eps", "s0": "eps"},
}
REPLACED = (
    *("inside_first", "outside_first", "inside_keeps", "outside_keeps", "inside_most", "outside_most", "v0_sign"),
    *("v_start", "s0_positive", "s0_least", "B_most", "scale"),
)


def put(said: str, values: dict[str, str | list[str]]) -> str:
    """A formula of the general theorem with this damping."""
    places = {n: (tuple(v[:-1]), term(v[-1])) if isinstance(v, list) else ((), term(v)) for n, v in values.items()}
    return str(formula(said).substituted(places))


def kept(values: dict[str, str | list[str]]) -> dict[str, str]:
    """The hypotheses of the general theorem that say nothing about the damping."""
    return {n: put(said, values) for n, said in general.THEOREM.hypotheses.items() if n not in REPLACED}


def given(values: dict[str, str | list[str]]) -> dict[str, str | list[str]]:
    """All values for the variables of the general theorem."""
    return {n: values.get(n, family(n, s)) for n, s in general.THEOREM.variables.items()}


def script(proof: Proof) -> None:
    """The general theorem with nothing inside the root: eps falls no faster than sqrt(beta2) eps."""
    proof.lemma("from_squares", ORDERS["from_squares"], "orders_on_every_outcome", [], {})
    proof.have("zero", "0 >= 0")
    proof.have("eps_sign", "eps >= 0", ["eps_positive"])
    with proof.fixing("inside_keeps", "forall t nat: 0 >= beta2(t + 1)*0") as fixed:
        fixed.have("here", "0 >= beta2(t + 1)*0")
    with proof.fixing("inside_most", "forall t nat: 0 <= 0") as fixed:
        fixed.have("here", "0 <= 0")
    with proof.fixing("outside_most", "forall t nat: eps <= eps") as fixed:
        fixed.have("here", "eps <= eps")
    proof.have("one", "1 >= 0")
    with proof.fixing("outside_keeps", "forall t nat: eps >= sqrt(beta2(t + 1))*eps") as fixed:
        fixed.use("positive", "beta2_positive", t="t")
        fixed.use("small", "beta2_small", t="t")
        fixed.have("sign", "beta2(t + 1) >= 0", ["positive"])
        fixed.use("root", "root_squared", "sign", x="beta2(t + 1)")
        fixed.have("squares", "sqrt(beta2(t + 1))^2 <= 1^2", ["small"], ["root"])
        fixed.use("below", "from_squares", "one", "squares", Y="sqrt(beta2(t + 1))", Z="1")
        fixed.have("here", "eps >= sqrt(beta2(t + 1))*eps", ["below*eps_positive"])
    proof.use("root_of_zero", "root_nonnegative", x="0")
    proof.have("s0_least", "eps <= sqrt(0 + 0) + eps", ["root_of_zero"])
    proof.have("G_sign", "G >= 0", ["G_positive"])
    proof.have("G_square_sign", "G^2 >= 0", ["G_sign*G_sign"])
    proof.use("root_of_G", "root_squared", "G_square_sign", x="G^2")
    proof.have("squares", "sqrt(G^2)^2 <= G^2", (), ["root_of_G"])
    proof.use("below", "from_squares", "G_sign", "squares", Y="sqrt(G^2)", Z="G")
    proof.have("B_most", "sqrt(G^2 + 0 + 0) + eps <= G + eps", ["below"])
    facts = {"inside_first": "zero", "v0_sign": "zero", "outside_first": "eps_sign", "s0_positive": "eps_positive"}
    hypotheses = [facts.get(n, n) for n in general.THEOREM.hypotheses]
    proof.lemma("bound", put(general.CLAIM, VALUES), general.THEOREM.theorem, hypotheses, given(VALUES))


THEOREM = Theorem(
    theorem="adam_with_eps_outside_is_bounded_at_every_horizon",
    title="Adam with eps outside the root is bounded at every horizon",
    says="""The finite-horizon certificate for s = sqrt(v) + eps and v_0 = 0: under its hypotheses, (E |grad
    f(theta_tau)|^(4/3))^(3/2) <= 2 sqrt(d) (G + eps) [E f(theta_1) - f* + 2 d w_1 log((G + eps)/eps) + d sum_t w_t
    log(1/beta2_t)] / sum_t alpha_t (1 - beta1_t). Both sides are squared, and y is |grad f|^(4/3).""",
    sources=["chen2022towards, for the method of proof; the statement is ours"],
    variables={**{n: s for n, s in general.THEOREM.variables.items() if n not in VALUES}, "eps": "real"},
    hypotheses={
        **kept(VALUES),
        "eps_positive": "eps > 0",
        "v_start": "forall i nat: v(0, i) = 0",
        "scale": "forall t nat, i nat: s(t, i) = sqrt(v(t, i)) + eps",
    },
    claims={"bound": put(general.CLAIM, VALUES)},
    lemmas=["orders_on_every_outcome", general.THEOREM.theorem],
    model={
        **{n: v for n, v in general.THEOREM.model.items() if n not in VALUES},
        **{"s": ["t", "i", "sqrt(0) + 1"], "eps": "1"},
    },
    script=script,
    shown=general.shown,
    instances=[
        linear_loss(
            "adam@correction=none",
            "Adam with schedules, eps outside the root",
            {"eta": "alpha(t + 1)", "beta1": "beta1(t + 1)", "beta2": "beta2(t + 1)", "eps": "eps"},
            {"eps": "1/8", "s": ["t", "i", "sqrt(v(t, i)) + eps"]},
            why="torch corrects biases; adam_gradients_are_bounded_at_every_horizon runs it",
            wrong=("adam", "adam@correction=none,eps=inside"),
        )
    ],
)
