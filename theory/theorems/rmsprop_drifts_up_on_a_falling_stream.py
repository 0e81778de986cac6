"""An exact instance: RMSprop goes the wrong way on a stream of period 3 with a large mean."""

from .default_adam_drifts_up_on_a_falling_stream import instance

THEOREM = instance(
    "rmsprop_drifts_up_on_a_falling_stream",
    "RMSprop drifts up on a falling stream",
    """Adam with beta1 = 0 and beta2 = 1/2, which is RMSprop, on linear losses with the gradients 2.8, -1, -1 again and
    again, whose sum is 0.8: in the periodic state of v the steps of a period add up to a move upwards.""",
    "2.8 -1 -1",
    "0",
    "1/2",
    "0",
)
