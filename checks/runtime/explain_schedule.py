"""Pages of the words of `schedule` that no other command has."""

from __future__ import annotations

from collections.abc import Mapping

PAGES: Mapping[str, str] = {
    "FLOOR": "Of `schedule`: sum eta_t^2/b_t grows as fast as sum eta_t, so that the bound on SGD tends to a number "
    "above 0 as the run gets longer. The quadratic L x^2/2 attains it for the iterate drawn with weights "
    "eta_t (1 - L eta_t/2), and with a constant step size for every late iterate: the floor is then real, not slack. "
    "Where step sizes fall to 0 within the run, as along a cosine, late iterates go below it, and no bound here says "
    "how far. Exit code 0: it is an answer. Smaller step sizes lower it, growing batches remove it.",
    "B_T": "1/sum eta_t: how much of the start the bound on SGD has left after T steps. A larger sum of step sizes "
    "lowers it; batch sizes do not enter.",
    "V_T": "(sum eta_t^2/b_t)/sum eta_t: what gradient noise of variance 1 adds to the bound on SGD, up to L/2 and the "
    "weights. It tends to 0 where the step sizes do, or the batches grow.",
}
