"""What runs with --deep only: drawn hyperparameters, and drawn sequences of actions."""

from __future__ import annotations

from ..deep import drawn_findings, stateful_findings
from ..probe import Probe

DRAWN = Probe(
    "DP910",
    "drawn-hyperparameters",
    "error",
    "At drawn hyperparameters, parameters and gradients the target is the rule that it was identified as.",
    "Hypothesis draws 100 cases: decays of averages from 0 to 0.999, eps from 1e-12 to 2, weight decay to 0.6, "
    "gradients that are ordinary, zero, tiny, huge. The rule runs beside the target, twice more with inputs moved in "
    "their last digits: what rounding can explain is no finding. A failing case is made as small as possible.",
    drawn_findings,
    ("torch", "optax", "functional"),
    deep=True,
)
ACTIONS = Probe(
    "DP911",
    "drawn-actions",
    "error",
    "Whatever is done to the target between steps, every tensor follows the rule.",
    "Hypothesis draws 100 sequences of steps, edits of lr, eps and weight decay, groups that are added, states that "
    "are saved and loaded into a new instance with other hyperparameters; then the same with missing gradients and "
    "copies, where a difference is a warning. After every action each tensor is compared with the rule run for it "
    "alone. A failing sequence is made as short as possible.",
    stateful_findings,
    ("torch", "optax", "functional"),
    deep=True,
)
PROBES = (DRAWN, ACTIONS)
