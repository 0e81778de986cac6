"""The finite-horizon certificate for Adam with eps added to the root of v, as in most libraries, and v_0 = 0."""

from ..kernel.formulas import formula
from ..kernel.terms import term
from ..proving.define import Definitions
from ..proving.instance import Read
from ..proving.linear_losses import LAGGED, linear_loss
from ..proving.script import Proof
from ..proving.theorem import Theorem
from . import adam_gradients_are_bounded_at_every_horizon as general
from . import losses_stay_smooth_along_delayed_steps as delayed
from .adam_squared_steps_along_a_run import family
from .orders_on_every_outcome import CLAIMS as ORDERS

ADAM = Definitions(
    "adam_without_correction_with_schedules",
    "adam@correction=none",
    schedules=("eta", "beta1", "beta2"),
    names={"eta": "alpha"},
)
PATH = "theta(0, i) - sum(j < t, alpha(j)*m(j, i)/(sqrt(v(j, i)) + eps))"
VALUES: dict[str, str | list[str]] = {
    **{"inside": ["t", "0"], "outside": ["t", "eps"], "v0": "0", "inside_top": "0", "outside_top": "eps"},
    **{"B": "G + eps", "s0": "eps", "s": ["t", "i", "sqrt(v(t, i)) + eps"], "theta": ["t", "i", PATH]},
}
"""What the general theorem has for the rule, whose theta is that of the general theorem one step later."""
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
    facts |= {
        "m_first": "m_start",
        "theta_next": "path_next",
        "smooth": "path_smooth",
        "smooth_back": "path_smooth_back",
    }
    facts |= {"bounded": "all_bounded"}
    wanted = {n: put(said, VALUES) for n, said in general.THEOREM.hypotheses.items()}
    delayed.delay(proof, "sqrt(v(t, i)) + eps", VALUES["theta"], wanted)
    with proof.fixing("scale", wanted["scale"]) as fixed:
        fixed.have("here", wanted["scale"].split(": ")[1])
    hypotheses = [facts.get(n, n) for n in general.THEOREM.hypotheses]
    proof.lemma("bound", put(general.CLAIM, VALUES), general.THEOREM.theorem, hypotheses, given(VALUES))


FROM_RULE = ("m_first", "m_next", "v_next", "theta_next", "smooth", "smooth_back", "bounded")
THEOREM = Theorem(
    theorem="adam_with_eps_outside_is_bounded_at_every_horizon",
    title="Adam with eps outside the root is bounded at every horizon",
    says="""The finite-horizon certificate for Adam without bias corrections, with eps added to the root, and any step
    sizes above 0 and betas in their ranges, on the equations of its rule: under its hypotheses, (E |grad
    f(theta_tau)|^(4/3))^(3/2) <= 2 sqrt(d) (G + eps) [E f(theta_0) - f* + 2 d w_1 log((G + eps)/eps) + d sum_t w_t
    log(1/beta2_t)] / sum_t alpha_t (1 - beta1_t). Both sides are squared; f(t + 1), grad(t + 1) and y(t + 1) are the
    loss, its gradient and |grad f|^(4/3) at theta(t), where the gradient of step t + 1 is taken. There is no step 0:
    f(0) is f(1), and alpha(0) > 0 is free.""",
    sources=["chen2022towards, for the method of proof; the statement is ours"],
    variables={n: s for n, s in general.THEOREM.variables.items() if n not in VALUES},
    hypotheses={
        **{n: said for n, said in kept(VALUES).items() if n not in FROM_RULE},
        **delayed.along("theta"),
        "bounded": "forall t nat: f(t + 1) >= fstar",
        "nothing_before": "f(0) = f(1)",
        "eps_positive": "eps > 0",
    },
    definitions=[ADAM],
    claims={"bound": put(general.CLAIM, VALUES)},
    lemmas=["orders_on_every_outcome", delayed.THEOREM.theorem, general.THEOREM.theorem],
    model={
        **{n: v for n, v in general.THEOREM.model.items() if n not in VALUES},
        **{"theta": ["t", "i", "i"], "eps": "1"},
    },
    script=script,
    shown=general.shown,
    instances=[
        linear_loss(
            "adam@correction=none",
            "Adam with schedules, eps outside the root",
            {"eta": "alpha(t + 1)", "beta1": "beta1(t + 1)", "beta2": "beta2(t + 1)", "eps": "eps"},
            {"eps": "1/8", "f": ["t", "sum(i < d, grad(t, i)*earlier(t, i))"]},
            why="torch corrects biases; torch_adam_is_bounded_at_every_horizon runs it",
            wrong=("adam", "adam@correction=none,eps=inside", "adam@correction=none,second_moment=old"),
            reads={"theta": Read("theta"), "m": Read("m"), "v": Read("v"), "earlier": LAGGED},
        )
    ],
)
