"""`CompiledRule`: an update rule that runs. `init` makes its state, `step` makes one step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from driftproof.theory.errors import DriftproofError
from driftproof.theory.rule import UpdateRule

from .engine import Column, NumpyEngine, widen
from .program import Program
from .settings import Settings
from .stages import Stage


@dataclass
class RuleState:
    """What passes from step to step; a plain container, and everything a checkpoint needs.

    t: completed steps (the rule's t is 1 more during a step).   theta: one array per tensor.
    states: per name, one array per tensor for states per entry, else an array with one number per instance.
    groups: the group of each tensor.   outputs: those of the last applied step.
    applied: False after a step that the guard stopped.
    """

    t: int
    theta: list[Any]
    states: dict[str, Any]
    groups: tuple[int, ...]
    outputs: dict[str, Any] = field(default_factory=dict)
    applied: bool = True

    @property
    def group_count(self) -> int:
        return max(self.groups, default=0) + 1


class CompiledRule:
    """One rule on one backend.

    rule: the declaration.   digest, backend, source: of the rule, the target's name, the emitted text.
    """

    def __init__(self, program: Program, backend: str, source: str, engine: NumpyEngine) -> None:
        self.program, self.backend, self.source, self.engine = program, backend, source, engine
        self._settings: Settings | None = None
        self._rule: UpdateRule | None = None

    def bind(self, rule: UpdateRule) -> CompiledRule:
        """The same code with the declaration that gives defaults and domains of the hyperparameters."""
        if rule.digest != self.digest:
            raise DriftproofError(f"{rule.label} is not the rule that was compiled: the digests differ.")
        self._rule, self._settings = rule, Settings(rule)
        return self

    @property
    def rule(self) -> UpdateRule:
        if self._rule is None:
            raise DriftproofError("This compiled program is bound to no rule.", "", "Use compile_rule, or bind(rule).")
        return self._rule

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
        raises: DriftproofError for what is not an array of real numbers, or groups that do not fit.
        """
        if hasattr(params, "shape"):
            raise DriftproofError("params is one array.", "A rule acts on a list of tensors.", "Write [array].")
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
        return self.engine.scalars([value] * _count(state, buffer.scope), self._is_host(name), state.theta)

    def _is_host(self, name: str) -> bool:
        return any(self.program.ops[n].host for n in self.program.inputs("state") if self.program.ops[n].name == name)

    # Steps

    def points(self, state: RuleState, hyperparameters: Any = None) -> dict[str, list[Any]]:
        """Where the gradient of each draw is to be taken before the next step: one array per tensor."""
        if not self.program.point_stages:
            return {name: list(state.theta) for name, _ in self.program.points}
        run = _Run(self, state, None, hyperparameters, None)
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
        Where the guard is false nothing changes, t included, and the result says applied=False.
        """
        self._check_state(state, out)
        run = _Run(self, state, grads, hyperparameters, loss)
        with self.engine.quiet():
            for stage in self.program.stages[:-1]:
                run.scalars_or_reduce(stage)
            if not run.guard():
                return self._unchanged(state, out)
            return run.finish(out)

    def _check_state(self, state: RuleState, out: RuleState | None) -> None:
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


class _Run:
    """The values of one step, stage by stage."""

    def __init__(self, rule: CompiledRule, state: RuleState, grads: Any, hyperparameters: Any, loss: Any) -> None:
        self.rule, self.state = rule, state
        self.program, self.engine = rule.program, rule.engine
        self.values: dict[int, Column] = {}
        self._settings(hyperparameters)
        self._states()
        if grads is not None:
            self._gradients(grads)
        if self.program.inputs("loss"):
            self._loss(loss, needed=grads is not None)

    # Inputs

    def _settings(self, hyperparameters: Any) -> None:
        ops = self.program.ops
        settings = self.rule._settings
        if settings is None:
            raise DriftproofError("This compiled program is bound to no rule.", "", "Use compile_rule, or bind(rule).")
        given = settings.values(hyperparameters, self.state.t + 1, self.state.group_count)
        for number in self.program.inputs("hyperparameter"):
            column = given[ops[number].name]
            self.values[number] = column if ops[number].scope == "group" else column[:1]
        for number in self.program.inputs("step"):
            self.values[number] = [self.engine.number(self.state.t + 1)]

    def _states(self) -> None:
        for number in self.program.inputs("theta"):
            self.values[number] = self.state.theta
        for number in self.program.inputs("state"):
            op = self.program.ops[number]
            kept = self.state.states[op.name]
            self.values[number] = kept if op.scope == "element" else self.engine.instances(kept)

    def _gradients(self, grads: Any) -> None:
        names = [b.name for b in self.program.buffers if b.role == "gradient"]
        numbers = {self.program.ops[n].name: n for n in self.program.inputs("gradient")}
        for name, draw in zip(names, _draws(grads, names), strict=True):
            if len(draw) != len(self.state.theta):
                raise DriftproofError(f"{len(draw)} gradients {name} for {len(self.state.theta)} tensors.")
            pairs = enumerate(zip(draw, self.state.theta, strict=True))
            column = [self.engine.gradient(d, theta, f"gradient {name}[{i}]") for i, (d, theta) in pairs]
            if name in numbers:
                self.values[numbers[name]] = column

    def _loss(self, loss: Any, needed: bool) -> None:
        if loss is None:
            if not needed:
                return
            raise DriftproofError(f"{self.program.label} uses the loss of the step.", "", "Give loss=...")
        self.values[self.program.inputs("loss")[0]] = [self.engine.loss(loss, self.state.theta)]

    # Stages

    def columns(self, stage: Stage) -> list[Column]:
        """What a stage reads, each at its own scope."""
        return [self.engine.prepare(self.values[n], n, stage, self.state.theta) for n in stage.reads]

    def scalars_or_reduce(self, stage: Stage) -> None:
        columns, count, groups = self.columns(stage), _count(self.state, stage.scope), self.state.groups
        if stage.kind == "scalar":
            scopes = [self.program.ops[n].scope for n in stage.reads]
            widened = [widen(c, s, stage.scope, groups) for c, s in zip(columns, scopes, strict=True)]
            results = self.engine.run_scalars(stage, widened, count)
        else:
            owners = {"global": [0] * len(groups), "group": groups}.get(stage.scope, range(len(groups)))
            results = self.engine.run_reduce(stage, columns, groups, owners, count)
        self.values.update(zip(stage.yields, results, strict=True))

    def all(self, stages: Sequence[Stage]) -> dict[int, Column]:
        for stage in stages[:-1]:
            self.scalars_or_reduce(stage)
        return self.entries(stages[-1], {})

    def entries(self, last: Stage, homes: Mapping[int, Column]) -> dict[int, Column]:
        targets = [homes.get(n) for n in last.yields]
        results = self.engine.run_entries(last, self.columns(last), self.state.groups, targets)
        return dict(zip(last.yields, results, strict=True))

    def guard(self) -> bool:
        number = self.program.guard
        return True if number is None else self.engine.truth(self._scalar(number)[0])

    def _scalar(self, number: int) -> Column:
        op = self.program.ops[number]
        return [self.engine.number(op.value)] if op.code == "const" else self.values[number]  # type: ignore[arg-type]

    def finish(self, out: RuleState | None) -> RuleState:
        """The last stage, and the stores: parameters and states change here and nowhere else."""
        homes = self._homes(out)
        entries = self.entries(self.program.stages[-1], homes)
        arrays = self._arrays(entries)
        result = RuleState(self.state.t + 1, arrays.pop("theta"), arrays, self.state.groups, self._outputs(entries))
        if out is None:
            return result
        return self._into(result, out, homes)

    def _homes(self, out: RuleState | None) -> dict[int, Column]:
        """Where each result per entry is written: the first buffer of `out` that stores it."""
        homes: dict[int, Column] = {}
        for name, number in self.program.stores if out is not None else ():
            if out is not None and self.program.ops[number].scope == "element":
                homes.setdefault(number, out.theta if name == "theta" else out.states[name])
        return homes

    def _arrays(self, entries: Mapping[int, Column]) -> dict[str, Any]:
        """Per buffer its new value; a result that two buffers store is copied for the second."""
        arrays: dict[str, Any] = {}
        used: set[int] = set()
        for name, number in self.program.stores:
            scope = self.program.buffer(name).scope
            if scope != "element":
                column = widen(self._scalar(number), self.program.ops[number].scope, scope, self.state.groups)
                arrays[name] = self.engine.scalars(column, self.rule._is_host(name), self.state.theta)
            else:
                column = entries[number]
                arrays[name] = [self.engine.copy(a) for a in column] if number in used else column
                used.add(number)
        return arrays

    def _outputs(self, entries: Mapping[int, Column]) -> dict[str, Any]:
        """Outputs per entry as new arrays, one per tensor; scalars as an array with one number per instance."""
        outputs: dict[str, Any] = {}
        for name, number in self.program.outputs:
            if self.program.ops[number].scope == "element":
                outputs[name] = [self.engine.copy(a) for a in entries[number]]
            else:
                outputs[name] = self.engine.scalars(
                    self._scalar(number), self.program.ops[number].host, self.state.theta
                )
        return outputs

    def _into(self, result: RuleState, out: RuleState, homes: Mapping[int, Column]) -> RuleState:
        for name, number in self.program.stores:
            home = out.theta if name == "theta" else out.states[name]
            value = result.theta if name == "theta" else result.states[name]
            if homes.get(number) is home:
                continue
            pairs = zip(home, value, strict=True) if isinstance(home, list) else [(home, value)]
            for target, new_value in pairs:
                self.engine.assign(target, new_value)
        out.t, out.groups, out.outputs, out.applied = result.t, result.groups, result.outputs, True
        return out


def _count(state: RuleState, scope: str) -> int:
    return {"global": 1, "group": state.group_count}.get(scope, len(state.theta))


def _check_groups(groups: Sequence[int] | None, tensors: int) -> tuple[int, ...]:
    owners = tuple(groups) if groups is not None else (0,) * tensors
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


def _draws(grads: Any, names: Sequence[str]) -> list[Any]:
    """The lists of gradients, one per draw, in the rule's order."""
    if isinstance(grads, Mapping):
        if set(grads) != set(names):
            raise DriftproofError(f"Gradients {sorted(grads)} are given, the rule has {list(names)}.")
        return [grads[name] for name in names]
    if hasattr(grads, "shape"):
        raise DriftproofError("The gradient is one array.", "A rule acts on a list of tensors.", "Write [array].")
    if len(names) == 1:
        return [grads]
    if len(grads) != len(names) or any(hasattr(draw, "shape") for draw in grads):
        raise DriftproofError(
            f"The rule has {len(names)} draws of the gradient: {', '.join(names)}.",
            "",
            'Give {"' + names[0] + '": [...], ...}, or one list per draw.',
        )
    return list(grads)
