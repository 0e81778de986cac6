"""An exact instance: RMSprop goes the wrong way on a stream of period 3 with a large mean."""

from dataclasses import replace

from ..proving.instance import Instance, Run, Table, after
from .default_adam_drifts_up_on_a_falling_stream import instance

PERIODIC = instance(
    "rmsprop_drifts_up_on_a_falling_stream",
    "RMSprop drifts up on a falling stream",
    """Adam with beta1 = 0 and beta2 = 1/2, which is RMSprop, on linear losses with the gradients 2.8, -1, -1 again and
    again, whose sum is 0.8: in the periodic state of v the steps of a period add up to a move upwards.""",
    "2.8 -1 -1",
    "0",
    "1/2",
    "0",
)
THEOREM = replace(
    PERIODIC,
    instances=[
        Instance(
            "twenty-one periods of torch's square_avg",
            {"g": Table(("14/5", "-1", "-1") * 21), "M1": "g(0)", "M2": "g(1)", "M3": "g(2)"},
            run=Run(
                "rmsprop",
                {"beta2": "1/2", "eps": "0"},
                "g(t)",
                ("0",),
                63,
                {"V1": after("v", 61), "V2": after("v", 62), "V3": after("v", 63)},
                torch="RMSprop",
            ),
        )
    ],
)
