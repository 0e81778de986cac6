"""What an audit sees of a target, whatever it is made of: a subject starts runs, and a run makes steps.

Arrays go in and come out as NumPy; inside a run they have the type that was asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from .signature import Signature

Array = np.ndarray


@dataclass(frozen=True)
class Group:
    """The tensors with these numbers, and the keywords that they have of their own."""

    members: tuple[int, ...]
    keywords: Mapping[str, Any]


class Live(Protocol):
    """One run of a target."""

    def step(self, gradients: Sequence[Array | None]) -> None:
        """One step; None for a tensor that has no gradient this time."""

    def set(self, keywords: Mapping[str, Any]) -> None:
        """Other hyperparameters from the next step on, as a schedule would set them."""

    def theta(self) -> list[Array]:
        """The parameters, in float64."""

    def save(self) -> Any:
        """The state, as the target gives it out."""

    def load(self, saved: Any) -> None:
        """Goes on from a state that was given out."""


class Subject(Protocol):
    """A target that can be run.

    name: as the user wrote it.   title: of the class or function.   kind: "torch", "optax" or "functional".
    where: file:line, "" if not known.   version: of its package.
    """

    name: str
    title: str
    kind: str
    where: str
    version: str
    signature: Signature

    def start(
        self,
        tensors: Sequence[Array],
        keywords: Mapping[str, Any],
        groups: Sequence[Group] = (),
        dtype: str = "float64",
    ) -> Live:
        """A run from these parameters. groups: none means that all share the keywords."""

    def header(self) -> list[str]:
        """The import lines of a script about this target."""

    def script(self, tensors: Sequence[Array], keywords: Mapping[str, Any], gradients: Sequence[Any]) -> list[str]:
        """Lines that make the steps and leave a list `got` with the parameters' entries."""
