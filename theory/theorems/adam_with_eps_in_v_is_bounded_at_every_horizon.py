"""The finite-horizon certificate for generic Adam as it is published: eps is where v starts."""

from ..proving.define import Definitions
from ..proving.instance import Read
from ..proving.linear_losses import LAGGED, linear_loss
from ..proving.script import Proof
from ..proving.theorem import Theorem
from . import adam_gradients_are_bounded_at_every_horizon as general
from . import adam_with_eps_outside_is_bounded_at_every_horizon as outside
from . import losses_stay_smooth_along_delayed_steps as delayed
from .generic_adam_of_its_rule_converges import PATH
from .logs_of_roots_and_quotients import THEOREM as REAL_LOGS

STEP = Definitions(
    "generic_adam_step_with_schedules",
    "generic_adam",
    schedules=("eta", "beta1", "beta2"),
    after=0,
    names={"eta": "alpha"},
)
VALUES: dict[str, str | list[str]] = {
    **{"inside": ["t", "0"], "outside": ["t", "0"], "v0": "eps", "inside_top": "0", "outside_top": "0"},
    **{"B": "sqrt(G^2 + eps)", "s0": "sqrt(eps)", "s": ["t", "i", "sqrt(v(t, i))"], "theta": PATH},
}
PAID = f"(E(f(1)) - fstar + d*(w(1)*log(1 + G^2/eps) + {general.FORGOTTEN}))"
MEAN = f"(sum(t < T, {general.SHARE}*E(y(t + 1)))/{general.MOVED})"
CLAIM = f"{MEAN}^3 <= 4*d*(G^2 + eps)*({PAID}/{general.MOVED})^2"


def script(proof: Proof) -> None:
    """The general theorem without damping; 2 log(sqrt(G^2 + eps)/sqrt(eps)) = log(1 + G^2/eps)."""
    proof.have("zero", "0 >= 0")
    proof.have("eps_sign", "eps >= 0", ["eps_positive"])
    for name, said in (
        ("inside_keeps", "0 >= beta2(t + 1)*0"),
        ("outside_keeps", "0 >= sqrt(beta2(t + 1))*0"),
        ("inside_most", "0 <= 0"),
    ):
        with proof.fixing(name, f"forall t nat: {said}") as fixed:
            fixed.have("here", said)
    proof.use("s0_positive", "root_positive", "eps_positive", x="eps")
    proof.have("s0_least", "sqrt(eps) <= sqrt(eps + 0) + 0")
    proof.have("B_most", "sqrt(G^2 + eps + 0) + 0 <= sqrt(G^2 + eps)")
    facts = {"inside_first": "zero", "outside_first": "zero", "outside_most": "inside_most", "v0_sign": "eps_sign"}
    facts |= {"m_first": "m_start", "theta_next": "path_next", "bounded": "all_bounded"}
    facts |= {"smooth": "path_smooth", "smooth_back": "path_smooth_back"}
    lemma = general.THEOREM
    wanted = {n: outside.put(said, VALUES) for n, said in lemma.hypotheses.items()}
    delayed.delay(proof, "sqrt(v(t, i))", PATH, wanted)
    with proof.fixing("scale", wanted["scale"]) as fixed:
        fixed.have("here", wanted["scale"].split(": ")[1])
    hypotheses = [facts.get(n, n) for n in lemma.hypotheses]
    proof.lemma("general", outside.put(general.CLAIM, VALUES), lemma.theorem, hypotheses, outside.given(VALUES))
    proof.have("top", "G^2 + eps > 0", ["G_positive*G_positive", "eps_positive"])
    proof.have("top_sign", "G^2 + eps >= 0", ["top"])
    proof.use("B", "root_squared", "top_sign", x="G^2 + eps")
    proof.use("B_positive", "root_positive", "top", x="G^2 + eps")
    proof.have("one", "1 > 0")
    proof.use("eps_apart", "positive_is_apart", "eps_positive", x="eps")
    proof.use("eps_unit", "reciprocal", "eps_apart", x="eps")
    for name, claim, a, b, positive in (
        ("log_of_start", "2*log(sqrt(eps)) = log(eps)", "1", "eps", ["one", "eps_positive"]),
        ("log_of_B", "2*log(sqrt(G^2 + eps)) = log(G^2 + eps)", "1", "G^2 + eps", ["one", "top"]),
        (
            *("log_of_ratio", "log(sqrt(G^2 + eps)/sqrt(eps)) = log(sqrt(G^2 + eps)) - log(sqrt(eps))"),
            *("sqrt(G^2 + eps)", "sqrt(eps)", ["B_positive", "s0_positive"]),
        ),
        (
            "log_of_squares",
            "log((G^2 + eps)/eps) = log(G^2 + eps) - log(eps)",
            "G^2 + eps",
            "eps",
            ["top", "eps_positive"],
        ),
    ):
        proof.lemma(name, claim, REAL_LOGS.theorem, positive, {"a": a, "b": b})
    proof.have("argument", "(G^2 + eps)/eps = 1 + G^2/eps", (), ["eps_unit"])
    proof.congruent("log_argument", "argument", "log(hole)")
    logs = "2*log(sqrt(G^2 + eps)/sqrt(eps))"
    names = ("log_of_start", "log_of_B", "log_of_squares", "log_argument")
    proof.have("logs", f"{logs} = log(1 + G^2/eps)", (), [("2", "log_of_ratio"), *(("1", n) for n in names)])
    inner = f"d*(2*sqrt(G^2 + eps)*(E(f(1)) - fstar + d*(w(1)*hole + {general.FORGOTTEN}))/{general.MOVED})^2"
    proof.congruent("right", "logs", inner)
    goal = f"4*d*sqrt(G^2 + eps)^2*({PAID}/{general.MOVED})^2"
    proof.have("written", f"{MEAN}^3 <= {goal}", ["general"], [("1", "right")])
    proof.have("bound", CLAIM, ["written"], [(f"4*d*({PAID}/{general.MOVED})^2", "B")])


def shown(proof: Proof) -> None:
    """The second moments of the model are (1/2)^t."""
    general.shown(proof)
    proof.use("of_log", "exp_of_log", "half", x="1/2")
    proof.use("at_zero", "exp_of_zero")
    with proof.fixing("v_start", "forall i nat: exp(0*log(1/2)) = 1") as fixed:
        fixed.have("here", "exp(0*log(1/2)) = 1", (), ["at_zero"])
    update = "exp((t + 1)*log(1/2)) = (1 - 1/2)*0^2 + 1/2*exp(t*log(1/2))"
    with proof.fixing("v_next", f"forall t nat, i nat: {update}") as fixed:
        fixed.use("power", "exp_of_sum", x="t*log(1/2)", y="log(1/2)")
        fixed.have("here", update, (), ["power", "of_log"])


THEOREM = Theorem(
    theorem="adam_with_eps_in_v_is_bounded_at_every_horizon",
    title="Adam with eps in its second moment is bounded at every horizon",
    says="""The finite-horizon certificate for Generic Adam's step, as its rule has it, from m_0 = 0 and v_0 = eps, with
    any step sizes above 0 and betas in their ranges: under its hypotheses, (E |grad f(theta_tau)|^(4/3))^(3/2) <= 2
    sqrt(d (G^2 + eps)) [E f(theta_0) - f* + d w_1 log(1 + G^2/eps) + d sum_t w_t log(1/beta2_t)] / sum_t alpha_t (1 -
    beta1_t). Both sides are squared; f(t + 1), grad(t + 1) and y(t + 1) are the loss, its gradient and |grad f|^(4/3)
    at theta(t), where the gradient of step t + 1 is taken. There is no step 0: f(0) is f(1), and alpha(0) > 0 is
    free.""",
    sources=["chen2022towards, for the method of proof; the statement for arbitrary sequences is ours"],
    variables={**{n: s for n, s in general.THEOREM.variables.items() if n not in VALUES}, "eps": "real"},
    hypotheses={
        **{n: said for n, said in outside.kept(VALUES).items() if n not in outside.FROM_RULE},
        **delayed.along("theta"),
        "bounded": "forall t nat: f(t + 1) >= fstar",
        "nothing_before": "f(0) = f(1)",
        "m_start": "forall i nat: m(0, i) = 0",
        "eps_positive": "eps > 0",
        "v_start": "forall i nat: v(0, i) = eps",
    },
    definitions=[STEP],
    claims={"bound": CLAIM},
    lemmas=[delayed.THEOREM.theorem, REAL_LOGS.theorem, general.THEOREM.theorem],
    model={
        **{n: v for n, v in general.THEOREM.model.items() if n not in VALUES},
        **{"v": ["t", "i", "exp(t*log(1/2))"], "theta": ["t", "i", "i"], "eps": "1"},
    },
    script=script,
    shown=shown,
    instances=[
        linear_loss(
            "generic_adam",
            "Generic Adam with schedules, v from 1e-8",
            {"eta": "alpha(t + 1)", "beta1": "beta1(t + 1)", "beta2": "beta2(t + 1)"},
            {"eps": "1/100000000", "f": ["t", "sum(i < d, grad(t, i)*earlier(t, i))"]},
            why="torch starts v at 0",
            wrong=("adam@correction=none", "adam@correction=none,second_moment=old"),
            reads={"theta": Read("theta"), "m": Read("m"), "v": Read("v"), "earlier": LAGGED},
        )
    ],
)
