"""The state machine that interleaves steps, edits, later groups, saving and copying."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from .draws import ENTRIES, GRADIENTS, Failures, arrays, editable, letters, started, watched
from .probe import Audited
from .session import Session

LARGEST = 3
"""Tensors, with those of later groups."""


def machine(audited: Audited, failures: Failures, everything: bool) -> type[RuleBasedStateMachine]:
    """Its class. everything: with missing gradients and copies, which not every optimizer takes as torch does."""
    shape = audited.shapes[0] if len(audited.shapes[0]) > 1 else (1,)
    torch = audited.subject.kind == "torch"
    edits = [{letter: value} for letter, values in editable(audited).items() for value in values]
    gradients = st.none() | arrays(shape, GRADIENTS) if everything else arrays(shape, GRADIENTS)
    others = letters(audited, {"eta": (0.1, 0.7), "eps": (1e-3, 0.7), "lambda": (0.1, 0.7), "beta1": (0.9, 0.4)})

    class Machine(RuleBasedStateMachine):
        session: Session

        def do(self, *action: Any) -> None:
            watched(self.session, action, failures)

        @initialize(start=st.lists(arrays(shape, ENTRIES), min_size=1, max_size=2))
        def begin(self, start: list[Any]) -> None:
            self.session = started(audited, start, {})

        @rule(drawn=st.tuples(*[gradients] * LARGEST))
        def step(self, drawn: Any) -> None:
            self.do("step", list(drawn[: len(self.session.followed.tracked)]))

        @precondition(lambda self: bool(edits))
        @rule(edit=st.sampled_from(edits or [{}]))
        def edit(self, edit: Any) -> None:
            self.do("edit", edit)

        @precondition(lambda self: torch and len(self.session.followed.tracked) < LARGEST)
        @rule(tensor=arrays(shape, ENTRIES), other=others)
        def group(self, tensor: Any, other: Any) -> None:
            self.do("group", tensor, other)

        @rule(other=others)
        def load(self, other: Any) -> None:
            self.do("load", other)

        @precondition(lambda self: torch and everything)
        @rule()
        def copy(self) -> None:
            self.do("copy")

    return Machine
