"""Theorems that declare no instance, with the reason. They are judged on the model of their certificate."""

from __future__ import annotations

from collections.abc import Mapping

NUMBERS = "a fact about real numbers, sums or sequences, with no optimizer in it"
LEMMA = "a step of a proof: the theorem that uses it is judged on a run"
CONSTANTS = "equations between hyperparameters alone: no number of a run stands in it"
STATIONARY = "it is about a stationary law, which no run of finite length has"
LONG = "the orbit of these averages is reached after tens of thousands of steps"
SMOOTH = "it is about a loss along a segment, not about steps"
PROJECTED = "its iterates are projected where they end, and no rule of the catalogue projects"
REASONS = (NUMBERS, LEMMA, CONSTANTS, STATIONARY, LONG, SMOOTH, PROJECTED)

_BY_REASON: Mapping[str, str] = {
    NUMBERS: """
        batches_that_multiply_bound_the_noise
        inverse_roots_and_reciprocals_sum_like_integrals
        mean_square_of_a_damped_root
        power_weights_have_shares_of_order_one_over_t
        projections_onto_intervals_move_nearer
        reddis_first_cycle_moves_up
        size_from_squares
        sums_of_inverse_powers_are_bounded
        two_does_not_bound_what_zeta_bounds
    """,
    LEMMA: """
        adam_works_against_the_gradient
        losses_stay_smooth_along_delayed_steps
        steps_over_a_moved_root
    """,
    CONSTANTS: """
        folding_bias_corrections_changes_adams_first_step
        linear_scaling_of_sgd_is_unique
    """,
    STATIONARY: """
        linear_scaling_needs_noise
    """,
    PROJECTED: """
        adam_with_inverse_root_rates_tends_to_the_worst_point
        corrected_adam_with_inverse_root_rates_tends_to_the_worst_point
    """,
    LONG: "default_adam_drifts_up_on_a_falling_stream",
    SMOOTH: """
        gradients_of_scale_invariant_losses_are_orthogonal
    """,
}
WITHOUT: Mapping[str, str] = {name: reason for reason, names in _BY_REASON.items() for name in names.split()}
"""Name of a theorem -> why no instance of it is declared."""
