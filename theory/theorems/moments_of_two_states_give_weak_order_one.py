"""Moments that match give weak order 1: for a state (x, u) of which only x is driven by noise of order sqrt(h)."""

from ..proving.value_functions import states
from .moments_that_match_give_weak_order_one import SAYS, Milstein, Part

TWO_STATES = Milstein(
    "moments_of_two_states_give_weak_order_one",
    "Moments of two states give weak order 1",
    SAYS + " Here the state is (x, u), and products of two steps of u are part of the remainder.",
    [
        Part("x", "i", True, False),
        Part("u", "i", True, True),
        Part("xx", "ij", True, True),
        Part("xu", "ij", False, True),
        Part("xxx", "ijl", False, True),
    ],
)
THEOREM = TWO_STATES.theorem(states("two steps of two averages on skewed noise", "287", "x"))
