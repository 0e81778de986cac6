"""Moments that match give weak order 1: for a state (x, m, u) of which only m is driven by noise of order sqrt(h)."""

from ..proving.value_functions import WITH_THETA, states
from .moments_that_match_give_weak_order_one import SAYS, Milstein, Part

THREE_STATES = Milstein(
    "moments_of_three_states_give_weak_order_one",
    "Moments of three states give weak order 1",
    SAYS + " Here the state is (x, m, u), and products of two steps of x and u are part of the remainder.",
    [
        Part("x", "i", True, True),
        Part("m", "i", True, False),
        Part("u", "i", True, True),
        Part("mm", "ij", True, True),
        Part("xm", "ij", False, True),
        Part("mu", "ij", False, True),
        Part("mmm", "ijl", False, True),
    ],
)
THEOREM = THREE_STATES.theorem(states("two steps along an average of skewed noise, and another", "296", **WITH_THETA))
