"""Generic Adam with 1 - beta2 of the order 1/t, on the equations of its rule (Chen et al. 2022, corollaries)."""

from ..proving.script import Proof
from ..proving.theorem import Theorem
from .averages_over_all_steps_make_adam_converge import SECOND as FIRST_IS_1
from .averages_over_all_steps_make_adam_converge import THEOREM as GENERAL
from .averages_over_all_steps_make_adam_converge import shown as general_shown
from .generic_adam_of_its_rule_converges import EPS, carried, of_rule, on_run, with_eps

CLAIMS = {name: with_eps(claim) for name, claim in GENERAL.claims.items()}
SECOND = f"{EPS}*{FIRST_IS_1}"
NOW = GENERAL.model["beta2"][-1].replace("max(t,", "max(t + 1,")


def script(proof: Proof) -> None:
    """The general theorem, one step later."""
    of_rule(proof, GENERAL, CLAIMS)


def shown(proof: Proof) -> None:
    """The second moments of the model are EPS of those of the general theorem."""
    general_shown(proof)
    first, later = f"{SECOND.replace('k < t', 'k < 0')} = {EPS}", SECOND.replace("k < t", "k < t + 1")
    with proof.fixing("v_first", f"forall i nat: {first}") as inner:
        inner.use("here", "v_start", i="i")
        inner.have("now", first, [], [(EPS, "here")])
    update = f"{later} = (1 - ({NOW}))*0^2 + ({NOW})*({SECOND})"
    with proof.fixing("v_later", f"forall t nat, i nat: {update}") as inner:
        inner.use("here", "v_next", t="t", i="i")
        inner.have("now", update, [], [(EPS, "here")])


THEOREM = Theorem(
    theorem="averages_over_all_steps_make_adam_of_its_rule_converge",
    title="Averages over all steps make Adam converge on average, on the equations of its rule",
    says="""Generic Adam as its rule has it, v from 1e-8, with alpha_t = eta/sqrt(t) and low/t <= 1 - beta2_t <= high/t,
    beta2 in (0, 1) not decreasing, any beta1_t up to beta < 1, under the assumptions of
    generic_adam_of_its_rule_converges on the loss and the gradients; C3, C1 and thr > beta^2 are as there, C0 =
    sqrt(high/low). For every T = n + 1, (E |grad f(theta_tau)|^(4/3))^(3/2) is at most 2 C0 sqrt(G^2 + d/1e8)/(1 -
    beta) times (E f(theta_0) - f* + C3 d chi_1 log(1 + 1e8 G^2/d) + C3 d eta sqrt(high) (1 + log T)/beta2_1)/(eta
    sqrt(T)): of the order log T/sqrt(T). Both sides are squared; f(t + 1), grad(t + 1), delta(t + 1) and y(t + 1) are
    the loss, its gradient, the bound and |grad f|^(4/3) at theta(t), where the gradient of step t + 1 is taken. There
    is no step 0: the f, alpha and beta2 at 0 are those at 1.""",
    sources=["chen2022towards, the corollaries", "zou2019sufficient"],
    **carried(GENERAL, SECOND),
    claims=CLAIMS,
    script=script,
    shown=shown,
    instances=[on_run("Generic Adam whose second moment averages over all steps", GENERAL)],
)
