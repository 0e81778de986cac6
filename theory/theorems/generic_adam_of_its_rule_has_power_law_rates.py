"""Generic Adam under power laws, on the equations of its rule (Chen et al. 2022, corollaries)."""

from ..proving.script import Proof
from ..proving.theorem import Theorem
from .generic_adam_has_power_law_rates import THEOREM as GENERAL
from .generic_adam_has_power_law_rates import shown as general_shown
from .generic_adam_of_its_rule_converges import SECOND, carried, of_rule, on_run, shown_second, with_eps

CLAIMS = {name: with_eps(claim) for name, claim in GENERAL.claims.items()}


def script(proof: Proof) -> None:
    """The general theorem, one step later."""
    of_rule(proof, GENERAL, CLAIMS)


def shown(proof: Proof) -> None:
    """The learning rates are t^(-1/2), the second moments (3/4)^t of the first."""
    general_shown(proof)
    shown_second(proof)


THEOREM = Theorem(
    theorem="generic_adam_of_its_rule_has_power_law_rates",
    title="Generic Adam with power laws: the rates, on the equations of its rule",
    says="""Generic Adam as its rule has it, v from 1e-8, with alpha_t = eta t^(-p), beta2_t = 1 - share t^(-q), 0 <= q
    <= 2 p, 0 < share < 1, any beta1_t up to beta < 1, under the assumptions of generic_adam_of_its_rule_converges on
    the loss and the gradients. With C3, C1 and thr > beta^2 as there (so that beta^2 < 1 - share if q = 0), C0 = 1, and
    start = E f(theta_0) - f* + C3 d eta/sqrt(share) log(1 + 1e8 G^2/d): for every T = n + 1, (E |grad
    f(theta_tau)|^(4/3))^(3/2) is at most 2 sqrt(G^2 + d/1e8)/(1 - beta) times start/(eta T^(1 - p)) plus C3 d
    sqrt(share)/(1 - share) times T^(-q/2)/(1 - p - q/2) if p + q/2 < 1; (1 + log T) T^(p - 1) if it is 1; r/(r - 1)
    T^(p - 1) if r = p + q/2 > 1. It goes to 0 for q > 0 and p < 1. Both sides are squared; f(t + 1), grad(t + 1),
    delta(t + 1) and y(t + 1) are the loss, its gradient, the bound and |grad f|^(4/3) at theta(t), where the gradient
    of step t + 1 is taken. There is no step 0: the f, alpha and beta2 at 0 are those at 1.""",
    sources=["chen2022towards, the corollaries", "zou2019sufficient"],
    **carried(GENERAL, SECOND),
    claims=CLAIMS,
    script=script,
    shown=shown,
    instances=[
        on_run(f"Generic Adam, step sizes that fall as {said}", GENERAL, p=p)
        for p, said in (("1/2", "1/sqrt(t)"), ("1", "1/t"), ("2", "1/t^2"))
    ],
)
