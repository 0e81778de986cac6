"""`CompiledRule`: an update rule that runs. `init` makes its state, `step` makes one step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from driftproof.theory.errors import DriftproofError
from driftproof.theory.rule import UpdateRule

from .engine import NumpyEngine
from .program import Program
from .run import Run, listed
from .settings import Settings
from .state import RuleState


class CompiledRule:
    """One rule on one backend.

    rule: the declaration.   digest, backend, source: of the rule, the target's name, the emitted text.
    """

    def __init__(self, program: Program, backend: str, source: str, engine: NumpyEngine) -> None:
        self.program, self.backend, self.source, self.engine = program, backend, source, engine
        self._settings: Settings | None = None

    def bind(self, rule: UpdateRule) -> CompiledRule:
        """The same code with the declaration that gives defaults and domains of the hyperparameters."""
        if rule.digest != self.digest:
            raise DriftproofError(f"{rule.label} is not the rule that was compiled: the digests differ.")
        self._settings = Settings(rule)
        return self

    @property
    def settings(self) -> Settings:
        if self._settings is None:
            raise DriftproofError("This compiled program is bound to no rule.", "", "Use compile_rule, or bind(rule).")
        return self._settings

    @property
    def rule(self) -> UpdateRule:
        return self.settings.rule

    @property
    def digest(self) -> str:
        return self.program.digest

    def __repr__(self) -> str:
        return f"CompiledRule({self.program.label}, {self.backend}, digest {self.digest[:12]})"

    # State

    def init(self, params: Sequence[Any], groups: Sequence[int] | None = None, copy: bool = True) -> RuleState:
        """The state before the first step.

        params: one array per tensor.   groups: the group of each tensor, counted from 0 (default: one group).
        copy: False keeps the given arrays, so that a step with out=state updates them where they lie.
        A NaN or an infinity in a parameter is accepted without a word: it is a value like any other.
        raises: DriftproofError for what is not an array of real numbers, or groups that do not fit.
        """
        if hasattr(params, "shape"):
            raise DriftproofError("params is one array.", "A rule acts on a list of tensors.", "Write [array].")
        params = listed(params, "params")
        if not copy and len({id(p) for p in params}) < len(params):
            raise DriftproofError("params holds one tensor twice.", "It would be updated twice.", "Give it once.")
        theta = [self.engine.parameter(p, f"params[{i}]", copy) for i, p in enumerate(params)]
        if self.program.has(("matmul", "transpose")):
            _check_matrices(self.program.label, theta)
        owners = _check_groups(groups, len(theta))
        state = RuleState(0, theta, {}, owners)
        for buffer in self.program.buffers:
            if buffer.role == "state":
                state.states[buffer.name] = self._initial(state, buffer.name)
        return state

    def _initial(self, state: RuleState, name: str) -> Any:
        """Filled with its init; one that starts at its first value holds zeros until then."""
        buffer = self.program.buffer(name)
        value = float(buffer.init or 0)
        if buffer.scope == "element":
            return [self.engine.fill(theta, value) for theta in state.theta]
        return self.engine.scalars([value] * state.count(buffer.scope), self.program.is_host(name), state.theta)

    # Steps

    def points(self, state: RuleState, hyperparameters: Any = None) -> dict[str, list[Any]]:
        """Where the gradient of each draw is to be taken before the next step: one array per tensor."""
        self._check_state(state, None)
        if not self.program.point_stages:
            return {name: list(state.theta) for name, _ in self.program.points}
        run = Run(self.program, self.engine, self.settings, state, None, hyperparameters, None)
        with self.engine.quiet():
            found = run.all(self.program.point_stages)
        return {name: found[number] for name, number in self.program.points}

    def step(
        self,
        state: RuleState,
        grads: Any,
        hyperparameters: Any = None,
        loss: Any = None,
        out: RuleState | None = None,
    ) -> RuleState:
        """The state after one step.

        grads: one array per tensor; for several draws a mapping from the draw's name to such a list, or a list of
            such lists in the order of rule.gradients.
        hyperparameters: a mapping from names to numbers or functions of t, or a list of such mappings, one per
            group; those not named keep the rule's defaults. A value outside its domain raises OutOfDomain.
        loss: of this step, where the rule uses it; otherwise it is ignored.
        out: the state to write into, and to return; it may be `state` itself (a step in place). Otherwise new.
        A NaN or an infinity in one entry's gradient stays in that entry's parameter and states; the others are equal
            to the bit to those of a step without it. Only a reduction or a matrix product carries it further.
        Where the guard is false nothing changes, t included, and the result says applied=False.
        """
        self._check_state(state, out)
        if grads is None:
            raise DriftproofError("grads is None.", "A step needs the gradients.", "Give one array per tensor.")
        run = Run(self.program, self.engine, self.settings, state, grads, hyperparameters, loss)
        with self.engine.quiet():
            for stage in self.program.stages[:-1]:
                run.scalars_or_reduce(stage)
            if not run.guard():
                return self._unchanged(state, out)
            return run.finish(out)

    def _check_state(self, state: RuleState, out: RuleState | None) -> None:
        for name, given in (("state", state), ("out", state if out is None else out)):
            if not isinstance(given, RuleState):
                raise DriftproofError(
                    f"{name} = {given!r} is not a state.", "A step goes from state to state.", "Make it by init."
                )
        names = {b.name for b in self.program.buffers if b.role == "state"}
        if set(state.states) != names:
            raise DriftproofError(
                f"The state holds {sorted(state.states)}, {self.program.label} has {sorted(names)}.",
                "It is the state of another rule, or of another variant.",
                "Make it by init of this compiled rule.",
            )
        if out is not None and (len(out.theta) != len(state.theta) or set(out.states) != names):
            raise DriftproofError("`out` is not a state of this rule with as many tensors.", "", "Make it by init.")

    def _unchanged(self, state: RuleState, out: RuleState | None) -> RuleState:
        if out is state:
            state.applied = False
            return state
        copy = self.engine.copy
        theta = [copy(a) for a in state.theta]
        states = {n: [copy(a) for a in v] if isinstance(v, list) else copy(v) for n, v in state.states.items()}
        result = RuleState(state.t, theta, states, state.groups, dict(state.outputs), False)
        return result if out is None else self._write(result, out)

    def _write(self, result: RuleState, out: RuleState) -> RuleState:
        """Copies a finished state into the arrays of another."""
        for target, value in zip(out.theta, result.theta, strict=True):
            self.engine.assign(target, value)
        for name, kept in result.states.items():
            pairs = zip(out.states[name], kept, strict=True) if isinstance(kept, list) else [(out.states[name], kept)]
            for target, value in pairs:
                self.engine.assign(target, value)
        out.t, out.outputs, out.applied, out.groups = result.t, result.outputs, result.applied, result.groups
        return out


def _check_groups(groups: Sequence[int] | None, tensors: int) -> tuple[int, ...]:
    owners = tuple(listed(groups, "groups")) if groups is not None else (0,) * tensors
    if len(owners) != tensors or any(not isinstance(k, int) or k < 0 for k in owners):
        raise DriftproofError(f"groups = {owners} for {tensors} tensors.", "", "Give each tensor its group: 0, 1, ...")
    return owners


def _check_matrices(label: str, theta: Sequence[Any]) -> None:
    for i, array in enumerate(theta):
        if len(array.shape) != 2:
            raise DriftproofError(
                f"{label}: params[{i}] has shape {tuple(array.shape)}.",
                "The rule multiplies matrices.",
                "Give it the tensors with two dimensions, and the others to another rule.",
            )
