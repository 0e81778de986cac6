"""Pages of the words that `converge` and `witness` answer with. Statements and exit codes are theirs."""

from __future__ import annotations

from collections.abc import Mapping

VERDICTS: Mapping[str, str] = {
    "CONVERGES": "The gradient tends to 0, in the mean shown, at the rate shown: to stationary points, never to the "
    "minimum. It holds for every loss that is L-smooth and bounded below, with gradients that are right on average "
    "and have bounded second moments, both given the past: draws with replacement, not reshuffled epochs or a cyclic "
    "stream. By sufficient_condition: SC1 to SC4, after Zou et al. 2019 and Chen et al. 2022. By certificate: our "
    "bound vanishes although one of them fails. It says nothing of speed: a run may go the wrong way for millions of "
    "steps first, and `witness` predicts when it turns.",
    "CERTIFIED_UP_TO_T": "A number for one horizon T, with its inputs L, G, eps, dim and gap, that is below the "
    "trivial bound d G^2; or, for schedules that depend on T, its order in T. It says nothing of longer runs: no limit "
    "follows from numbers.",
    "NOT_COVERED": "A condition fails, and the certificate's bound does not vanish, or says no less than the trivial "
    "one. The reason names the condition. It is not divergence: the conditions are sufficient, not necessary. Ask "
    "`driftproof witness` for a problem on which it fails.",
    "REJECTED": "The recursion is ill-posed as given: some beta2(t) outside (0, 1), a step size that is not positive. "
    "beta2 = 1 - 1/t has beta2(1) = 0; start at t = 2 (--start 2), or write 1 - 1/(t + 1). Nothing is clipped.",
    "WITNESS": "For these betas there is a stream of gradients, with a mean that points one way, along which the "
    "method goes the other way without bound. The proof is exact rational arithmetic and replays without this "
    "program's search: driftproof verify FILE. The order of quantifiers: the betas come first, then the problem. It "
    "does not say that your problem diverges, nor that the same problem diverges for a beta2 nearer to 1.",
    "NONE_FOUND": "The streams that were looked at go the right way, or cannot be told, or need more steps than the "
    "budget. It proves nothing of other streams: with constant betas and period 3 or more there always is a witness "
    "of a small enough sum (--period N), unless the damping hides it.",
    "IMPOSSIBLE": "No witness of this kind exists, and the reason says why: beta2 tends to 1, AMSGrad keeps the "
    "largest v, or independent draws know nothing of ADOPT's denominator. The crossing time says how long the method "
    "goes the wrong way all the same. It is about periodic streams or independent draws, not about every problem.",
    "STATISTICAL": "For independent draws the proved interval of the drift holds 0, and only a simulation speaks, with "
    "its confidence interval, level and seed. It is a measurement and no proof object; it is never called a witness.",
}
CONDITIONS: Mapping[str, str] = {
    "SC1": "The average of gradients keeps a bounded memory. Where it fails the certificate may still vanish, if "
    "beta1 tends to 1 slowly.",
    "SC2": "A beta2 that falls forgets what it divided by, and beta2(t) = 0 or 1 is no average. It is decided for "
    "every t, the first included.",
    "SC3": "Almost non-increasing: at most C0 times above a sequence that falls. For lr ~ t^-s and 1 - beta2 ~ t^-r it "
    "is r <= 2s. Sufficient, not necessary: where it alone fails, the certificate often vanishes (r <= 1).",
    "SC4": "The noise that v lets through dies out against the steps made. With lr ~ t^-s, s < 1, it holds exactly if "
    "beta2 tends to 1: no constant beta2 satisfies it, torch's default included, with any lr. For constant betas that "
    "is no slack: `driftproof witness` has a stream for every one of them. T lr(T) must grow without bound too.",
}
SOURCE = "After Zou et al. 2019 and Chen et al. 2022, in our words; decided by exact exponents, never by sampling."


def pages() -> dict[str, str]:
    """By word. The exit code is the one that the command gives."""
    from .cli_witness import CODES
    from .convergence import EXITS
    from .render_converge import STATEMENTS

    exits = {**EXITS, **CODES}
    verdicts = {word: f"{page} Exit code {exits[word]}." for word, page in VERDICTS.items()}
    return {**verdicts, **{name: f"{STATEMENTS[name]}. {page} {SOURCE}" for name, page in CONDITIONS.items()}}
