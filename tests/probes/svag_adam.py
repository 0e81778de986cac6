"""SVAG around Adam: two draws whose combination has ell^2 times the covariance (Malladi et al. 2022)."""

from driftproof.theory.language import Source, beta1, beta2, compose, ell, eps, eta, svag
from driftproof.theory.rules.adam import adam

svag_adam = compose(
    "svag_adam",
    adam,
    [
        svag(
            ell**2,
            {
                eta: eta / ell,
                beta1: 1 - (1 - beta1) / ell**2,
                beta2: 1 - (1 - beta2) / ell**2,
                eps: eps * ell,
            },
        )
    ],
    source=Source("malladi2022sdes", "SVAG operator for Adam", "the place in the paper is not checked"),
)
