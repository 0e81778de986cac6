"""The main theorem of generic Adam, on the equations of its rule (Chen et al. 2022)."""

from collections.abc import Mapping
from typing import Any

from ..kernel.formulas import formula
from ..kernel.terms import term
from ..proving.define import Definitions
from ..proving.instance import Given, Instance, Read
from ..proving.linear_losses import LAGGED, linear_loss
from ..proving.same_names import own_letters
from ..proving.script import Proof
from ..proving.theorem import Theorem
from . import losses_stay_smooth_along_delayed_steps as delayed
from .generic_adam_converges_under_its_conditions import CLAIM, LOG
from .generic_adam_converges_under_its_conditions import THEOREM as GENERAL
from .generic_adam_converges_under_its_conditions import shown as general_shown

EPS = "1/100000000"
ADAM = Definitions("generic_adam", "generic_adam", schedules=("eta", "beta1", "beta2"), names={"eta": "alpha"})
PATH = ["t", "i", "theta(0, i) - sum(j < t, alpha(j)*m(j, i)/sqrt(v(j, i)))"]
VALUES: dict[str, str | list[str]] = {"theta": PATH, "s": ["t", "i", "sqrt(v(t, i))"], "eps": EPS}
"""What the general theorem has for the rule, whose theta is that of the general theorem one step later."""
FROM_RULE = ("m_first", "m_next", "v_start", "v_next", "scale", "eps_positive", "theta_next", "bounded")
RENAMED = {"m_first": "m_start", "theta_next": "path_next", "bounded": "all_bounded"}
RENAMED |= {name: f"path_{name}" for name in ("smooth", "smooth_back")}


def put(said: str) -> str:
    """A formula of the general theorem for the rule."""
    places = {n: (tuple(v[:-1]), term(v[-1])) if isinstance(v, list) else ((), term(v)) for n, v in VALUES.items()}
    return str(formula(said).substituted(places))


SECOND = f"{EPS}*exp(t*log(3/4))"


def hypotheses_of(general: Theorem) -> dict[str, str]:
    """What a theorem on Generic Adam asks besides the equations of the rule."""
    return {
        **{n: put(said) for n, said in general.hypotheses.items() if n not in FROM_RULE},
        **delayed.along("theta"),
        "bounded": "forall t nat: f(t + 1) >= fstar",
        "nothing_before": "f(0) = f(1)",
    }


def of_rule(proof: Proof, general: Theorem, claims: Mapping[str, str]) -> None:
    """Claims of a theorem on Generic Adam, for a theta that moves as the rule's does, one step later."""
    wanted = {n: put(said) for n, said in general.hypotheses.items()}
    delayed.delay(proof, "sqrt(v(t, i))", PATH, wanted)
    with proof.fixing("scale", wanted["scale"]) as fixed:
        fixed.have("here", wanted["scale"].split(": ")[1])
    proof.have("eps_positive", wanted["eps_positive"])
    hypotheses = [RENAMED.get(n, n) for n in general.hypotheses]
    values = {**own_letters(general.variables, ("t", "i")), **VALUES}
    for name, claim in claims.items():
        proof.lemma(name, claim, general.theorem, hypotheses, values)


def with_eps(said: str) -> str:
    """A claim of the general theorem, with the rule's eps."""
    return put(said.replace(LOG, "log(1 + 100000000*G^2/d)").replace("eps*d", "d/100000000"))


def carried(general: Theorem, second: str) -> dict[str, Any]:
    """What the theorem on the rule has from the general one, beside its claims. second: v in the model."""
    return {
        "variables": {n: s for n, s in general.variables.items() if n not in VALUES},
        "hypotheses": hypotheses_of(general),
        "definitions": [ADAM],
        "lemmas": [delayed.THEOREM.theorem, general.theorem],
        "model": {**{n: v for n, v in general.model.items() if n not in ("s", "eps")}, "v": ["t", "i", second]},
    }


def on_run(says: str, general: Theorem, **others: Given) -> Instance:
    """The instance of the general theorem on a run of the rule, with other values for some names."""
    return linear_loss(
        "generic_adam",
        says,
        {"eta": "alpha(t + 1)", "beta1": "beta1(t + 1)", "beta2": "beta2(t + 1)"},
        {
            **{n: v for n, v in general.instances[0].values.items() if n not in ("s", "eps")},
            **others,
            "f": ["t", "sum(i < d, grad(t, i)*earlier(t, i))"],
        },
        why="torch starts v at 0",
        wrong=("adam@correction=none", "adam@correction=none,second_moment=old"),
        reads={"theta": Read("theta"), "m": Read("m"), "v": Read("v"), "earlier": LAGGED},
    )


CLAIMS = {"bound": with_eps(CLAIM)}
SECOND = f"{EPS}*exp(t*log(3/4))"


def script(proof: Proof) -> None:
    """The general theorem, one step later."""
    of_rule(proof, GENERAL, CLAIMS)


def shown(proof: Proof) -> None:
    """The second moments of the model are (3/4)^t of the first."""
    general_shown(proof)
    shown_second(proof)


def shown_second(proof: Proof) -> None:
    """The equations of v in the model. The scope has of_log, that exp(log(3/4)) is 3/4, and first, that exp(0) is 1."""
    first = f"{EPS}*exp(0*log(3/4)) = {EPS}"
    with proof.fixing("v_first", f"forall i nat: {first}") as fixed:
        fixed.have("here", first, (), ["first"])
    old, new = SECOND, SECOND.replace("t*", "(t + 1)*")
    update = f"{new} = (1 - 3/4)*0^2 + 3/4*({old})"
    with proof.fixing("v_later", f"forall t nat, i nat: {update}") as fixed:
        fixed.use("power", "exp_of_sum", x="t*log(3/4)", y="log(3/4)")
        fixed.have("here", update, (), ["power", "of_log"])


THEOREM = Theorem(
    theorem="generic_adam_of_its_rule_converges",
    title="Generic Adam converges, on the equations of its rule",
    says="""Generic Adam as its rule has it: v starts at 1e-8, m at 0, and alpha_t, beta1_t, beta2_t are sequences.
    Assume SC1, SC2 and SC3: 0 <= beta1_t <= beta < 1, beta2 in (0, 1) does not decrease, a_t > 0 does not increase and
    a_t <= alpha_t/sqrt(1 - beta2_t) <= C0 a_t; beta^2 < thr, and C1 > 0 is at most all products of min(1,
    beta2_j/thr). Let f be L-smooth between neighbouring iterates and at least f*, with unbiased gradients, E_t g_i^2 <=
    delta_i^2, the delta_i > 0 known from the past, and sum_i delta_i^2 <= G^2. For tau uniform on 0 .. T - 1, (E |grad
    f(theta_tau)|^(4/3))^(3/2) is at most (C + C' sum_t alpha_t sqrt(1 - beta2_t))/(T alpha_T), with the C and C' of
    generic_adam_converges_under_its_conditions at eps = 1e-8. Both sides are squared; f(t + 1), grad(t + 1), delta(t +
    1) and y(t + 1) are the loss, its gradient, the bound and |grad f|^(4/3) at theta(t), where the gradient of step t +
    1 is taken. There is no step 0: f(0) is f(1), and the other sequences at 0 may be those at 1.""",
    sources=["chen2022towards, the main theorem under the sufficient condition"],
    **carried(GENERAL, SECOND),
    claims=CLAIMS,
    script=script,
    shown=shown,
    instances=[on_run("Generic Adam with schedules", GENERAL)],
)
