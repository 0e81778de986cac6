"""From the drift of the periodic state to the limit, with rates rate/sqrt(t), bias corrections and eps."""

from ..proving.script import Proof
from ..proving.theorem import Theorem
from .adam_with_falling_rates_goes_to_the_worst_point import ending
from .adam_with_inverse_root_rates_tends_to_the_worst_point import FREE, carried, free_moves, limit, tends
from .corrected_adam_follows_the_drift_of_its_periodic_state import LOSS
from .corrected_adam_with_falling_rates_goes_to_the_worst_point import MODEL_STEP, downwards
from .corrected_adam_with_falling_rates_goes_to_the_worst_point import THEOREM as FALLING


def script(proof: Proof) -> None:
    """The case of these learning rates."""
    tends(proof, FALLING, limit(LOSS))


def shown(proof: Proof) -> None:
    """Gradients of -1, from the upper end."""
    ending(proof)
    free_moves(proof)
    downwards(proof)
    up = f"{FREE[1].replace('< t', '< t + 1')} = {FREE[1]} - 8/sqrt(t + 1)*({MODEL_STEP})"
    with proof.fixing("free_steps", f"forall t nat: {up}") as inner:
        inner.linear("more", "sum(j < t + 1, 1/sqrt(j + 1)) = sum(j < t, 1/sqrt(j + 1)) + 1/sqrt(t + 1)")
        inner.use("same", "steps", t="t")
        inner.have("now", up, [], ["more", ("8/sqrt(t + 1)", "same")])


THEOREM = Theorem(
    theorem="corrected_adam_with_inverse_root_rates_tends_to_the_worst_point",
    title="Adam with corrections and rates 1/sqrt(t) tends to the worst point",
    says="""Adam from its start, with bias corrections and eps >= 0 added to the root, with the learning rates
    rate/sqrt(t), on a stream of linear losses whose gradients come again after n = N + 1 steps and have squares of at
    least least > 0. Gradients do not depend on the point, and theta takes the same steps as free, which Adam moves, but
    is projected onto [-1, 1]. M and V are the periodic state of the averages m and v, and its steps move up by pace on
    average. After every number L of steps, as soon as k >= 1 more have pace rate k >= 2 sqrt(L + k), theta is at least
    1 - B rate/sqrt(L + 1), B a constant, wherever it was: with pace > 0 it tends to the upper end 1, the worst point
    where the gradients have a positive sum, at the rate 1/sqrt(t).""",
    sources=["reddi2018convergence, Theorem 2"],
    **carried(FALLING, LOSS),
    script=script,
    shown=shown,
)
