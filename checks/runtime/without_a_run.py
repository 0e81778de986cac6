"""Theorems that declare no instance, with the reason. They are judged on the model of their certificate."""

from __future__ import annotations

from collections.abc import Mapping

LEMMA = "a step of a proof: the theorem that uses it is judged on a run"
CONSTANTS = "equations between hyperparameters alone: no number of a run stands in it"
LONG = "the orbit of these averages is reached after tens of thousands of steps"
PROJECTED = "its iterates are projected where they end, and no rule of the catalogue projects"
REASONS = (LEMMA, CONSTANTS, LONG, PROJECTED)

_BY_REASON: Mapping[str, str] = {
    LEMMA: """
        losses_stay_smooth_along_delayed_steps
    """,
    CONSTANTS: """
        folding_bias_corrections_changes_adams_first_step
    """,
    PROJECTED: """
        adam_with_inverse_root_rates_tends_to_the_worst_point
        corrected_adam_with_inverse_root_rates_tends_to_the_worst_point
    """,
    LONG: "default_adam_drifts_up_on_a_falling_stream",
}
WITHOUT: Mapping[str, str] = {name: reason for reason, names in _BY_REASON.items() for name in names.split()}
"""Name of a theorem -> why no instance of it is declared."""
