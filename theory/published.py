"""What papers say about convergence and about MoMo, and the project takes from them, or leaves open. No SymPy here.

What a check shows, or shows to be false, is declared there. Constants and places are after the papers, in our words;
they were not compared with the papers' texts.
"""

from __future__ import annotations

from dataclasses import dataclass

from .references import Source


@dataclass(frozen=True)
class Published:
    """place: the command that uses the statement, or shows single instances of it.   open: nothing rests on it."""

    statement: str
    source: Source
    place: str
    open: bool = False


STATEMENTS = (
    Published(
        "SC1 to SC4 suffice: for an L-smooth loss, unbiased gradients and E_t g_k^2 <= G^2 given the past, Generic "
        "Adam has (E |grad f|^(4/3))^(3/2) <= (C + C' sum alpha_t sqrt(1 - beta2_t)) / (T alpha_T). The proof needs "
        "the second moment given the past; the mean over all runs is not enough.",
        Source("chen2022towards", "the sufficient condition (SC)", "first in zou2019sufficient; constants from memory"),
        'driftproof converge --lr "1/sqrt(t)" --beta1 0.9 --beta2 "1-1/(2*sqrt(t))" --explain',
    ),
    Published(
        "For every beta1 < sqrt(beta2) < 1 there is a stream of linear losses on which Adam has an average regret that "
        "does not vanish. For given betas an exact object shows more: every beta1 in [0, 1), periods from 3 on.",
        Source("reddi2018convergence", "Theorem 2", "their periods are far longer than the smallest ones"),
        "driftproof witness --rule adam --beta1 0.9 --beta2 0.999",
    ),
    Published(
        "For every beta1 < sqrt(beta2) < 1 there are independent losses on which Adam's expected step points away from "
        "the minimiser. For given betas and losses an interval proves it, or it stays STATISTICAL.",
        Source("reddi2018convergence", "Theorem 3", "(C, -1) with probabilities (1 + delta)/(C + 1) and the rest"),
        "driftproof witness --rule adam --beta1 0.9 --beta2 0.99 --model iid --gradients 101,-1x100",
    ),
    Published(
        "AMSGrad has a regret of order sqrt(T). A later note disputes the proof for a beta1 that varies; on the "
        "streams here AMSGrad is right, and it has no periodic witness.",
        Source("reddi2018convergence", "the theorem on AMSGrad", "the note: arXiv:1904.03590"),
        "driftproof witness --rule amsgrad --beta1 0.9 --beta2 0.999",
        open=True,
    ),
    Published(
        "Theorems 1 to 4 bound E |grad f|^2 for Adagrad and for Adam without correction of the first moment, with and "
        "without momentum, in explicit constants.",
        Source("defossez2022simple", "Theorems 1 to 4", "constants from memory"),
        "driftproof converge adam@correction=second,eps=inside_hat --set eps=1e-8 --horizon 100000",
    ),
    Published(
        "RMSprop with reshuffled samples tends to stationary points where an explicit inequality in beta2, n, d and D1 "
        "holds (D0 = 0). With O(.) alone nothing is decided.",
        Source(
            "shi2021rmsprop", "the condition on T2(beta2)", "constants from memory; D1 is for the sum of the losses"
        ),
        "driftproof witness --rule adam --phase-diagram phase.svg --period 100",
    ),
    Published(
        "For a problem that is fixed first, Adam with beta1 < sqrt(beta2) and beta2 near enough to 1 tends to a "
        "neighbourhood of stationary points: how near is known only up to O(.).",
        Source("zhang2022adam", "the convergence theorem", "exponents of n differ between its versions"),
        "driftproof witness --rule adam --phase-diagram phase.svg --period 100",
        open=True,
    ),
    Published(
        "ADOPT tends to stationary points for any beta2 where g_t is independent of v_{t-1} given theta. The bound "
        "used here is derived anew; the clipped version is not covered.",
        Source("taniguchi2024adopt", "the convergence theorem", "constants from memory"),
        "driftproof converge adopt --lr '1/sqrt(t)' --beta1 0 --beta2 0.5",
    ),
    Published(
        "Batches of s samples, or N workers that average gradients, speed Generic Adam up linearly: the exponent is "
        "measured here in the noise-dominated range; the paper's constants are not.",
        Source("chen2022towards", "the mini-batch and distributed section", "constants not recalled"),
        "driftproof check minibatch-adam-scales",
        open=True,
    ),
    Published(
        "For convex losses with a common minimiser x*, without cap and decay, and with the bound at the least value, "
        "MoMo has min over k <= K of E f(x^k) - f(x*) <= G |x^1 - x*|/((1 - beta) sqrt(K)). The check sums all paths "
        "of instances of it.",
        Source("schaipp2024momo", "the convergence theorem for convex losses", "the constant was derived anew"),
        "driftproof check momo-rate",
    ),
    Published(
        "MoMo-Adam has a rate: not shown; a comparison in later work lists none. Its metric may grow from step to "
        "step, and the distance to a common minimiser with it.",
        Source("schaipp2024momo", "the convergence theorem for convex losses", "stated for the metric 1 only"),
        "driftproof check momo-rate",
        open=True,
    ),
    Published(
        "An estimated bound that lies above the model is reset to half of the model, and not below its first value. It "
        "is a rule of the method and no consequence of the lemma; half is measured from zero, so that it is not the "
        "same rule for losses moved up or down.",
        Source("schaipp2024momo", "the reset of the estimated bound", "after a public review and the mathematics"),
        "driftproof check momo-estimated-bound",
    ),
    Published(
        "With a model of the loss the best result over step sizes is at least as good as without it, in most of the "
        "paper's experiments. On small tasks this holds at times and fails at times, and nothing here asserts it.",
        Source("schaipp2024momo", "the experiments over learning rates", "their networks are not trained here"),
        "driftproof check momo-is-robust",
        open=True,
    ),
    Published(
        "Batch sizes and step sizes that grow, schedulers (iii) and (iv), lead to smaller full gradients than (i) and "
        "(ii) at equal epochs. By the bound alone they do where sigma2/(L gap) is small against the budget, and "
        "elsewhere not; on a small network and real images (iv) ends lowest while its bound is the largest.",
        Source("umeda2024increasing", "the numerical results", "on ResNets and CIFAR; read from plots"),
        "driftproof check sgd-schedules-train-network",
        open=True,
    ),
    Published(
        "The remainder of V_T along a cosine by epochs, and the factor for batches that grow as a power: d/(b T) and 2 "
        "are false, d K/(b T) and zeta(c) hold. Which of them the paper prints was not seen.",
        Source("umeda2024increasing", "the lemmas on schedulers (i) and (ii)", "from memory"),
        "driftproof check sgd-schedules-under-bound",
        open=True,
    ),
)
