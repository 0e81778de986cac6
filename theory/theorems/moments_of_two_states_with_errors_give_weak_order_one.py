"""Moments that match give weak order 1: for a state (x, u), the mean of a step of x matching up to O(h^2) only."""

from ..proving.value_functions import states
from .moments_that_match_give_weak_order_one import SAYS, Milstein, Part

TWO_STATES = Milstein(
    "moments_of_two_states_with_errors_give_weak_order_one",
    "Moments of two states with errors give weak order 1",
    SAYS + " Here the state is (x, u), the means of both have errors, and products of two steps of u are part of the"
    " remainder.",
    [
        Part("x", "i", True, True),
        Part("u", "i", True, True),
        Part("xx", "ij", True, True),
        Part("xu", "ij", False, True),
        Part("xxx", "ijl", False, True),
    ],
)
THEOREM = TWO_STATES.theorem(
    states("two steps of two averages on skewed noise, with an error of their drift", "285", "x", rho="1/5")
)
