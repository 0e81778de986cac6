"""Hypotheses of derived claims, and what is taken from the literature. No SymPy here."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Hypothesis:
    """One assumption of a derived claim.

    needed_for: the moments that would break it, empty if it is general.   cited: taken from the literature.
    """

    name: str
    statement: str
    needed_for: tuple[str, ...] = ()
    cited: bool = False

    def __str__(self) -> str:
        suffix = f" (needed for {', '.join(self.needed_for)})" if self.needed_for else ""
        return f"{self.name}: {self.statement}{suffix}"


BOUNDED_MOMENTS = Hypothesis(
    "bounded moments", "E|x_k|^2m is bounded uniformly in k <= T/h and h (cited, not derived)", cited=True
)
WEAK_ORDER = "Moments of one step that agree up to O(h^2), with bounded moments of the iterates, give weak order 1."
"""source: Milstein; Li, Tai & E 2017; Malladi et al. 2022 (our wording)."""
WEAK_ORDERS = (
    "Moments of one step that agree up to O(h^(p + 1)), with bounded moments of the iterates, give weak order p."
)
"""source: Li, Tai & E 2017, for the small-noise regime; Milstein (our wording)."""
