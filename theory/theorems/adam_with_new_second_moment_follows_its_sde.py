"""Adam with the new second moment is a weak approximation of order 1 of its SDE, from t0 > 0 on: no decay."""

from .adam_follows_its_sde_to_weak_order_one import weak_order
from .adam_with_new_second_moment_has_the_same_sde import ADAM
from .adamw_with_new_second_moment_follows_its_sde import RUN
from .adamw_with_new_second_moment_follows_its_sde import THEOREM as ADAMW
from .adamw_with_new_second_moment_has_the_same_sde import THEOREM as MOMENTS

THEOREM = weak_order(
    "adam_with_new_second_moment_follows_its_sde",
    "Adam with the new second moment follows its SDE to weak order 1",
    """For Adam as libraries take it, dividing by the new second moment, both averages bias-corrected at the step
    that is taken, after k0 steps, beta2 >= 1/4, sigma0 = eta sigma, eps0 = eta eps, c_i = (1 - beta_i)/eta^2 held
    fixed, noise of low skewness, and a test function whose values V along the SDE solve Kolmogorov's backward equation
    (cited, with Taylor's formula for them): after N more steps, a time of N eta^2, the mean of the test function of
    theta, m and u differs from that over the SDE by at most C N eta^2 eta^2, where C bounds the moments along the run
    that are written out; it does so for times bounded away from 0, where gamma1 and gamma2 are.""",
    ADAM,
    ADAMW,
    MOMENTS,
    RUN,
    new=True,
)
