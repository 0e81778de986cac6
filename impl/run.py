"""One step of a compiled rule: its inputs, its stages in order, and the stores at the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from driftproof.theory.errors import DriftproofError

from .engine import Column, NumpyEngine, widen
from .program import Program
from .settings import Settings
from .stages import Stage
from .state import RuleState


class Run:
    """The values of one step, stage by stage."""

    def __init__(
        self,
        program: Program,
        engine: NumpyEngine,
        settings: Settings,
        state: RuleState,
        grads: Any,
        hyperparameters: Any,
        loss: Any,
    ) -> None:
        self.state, self.program, self.engine = state, program, engine
        self.values: dict[int, Column] = {}
        self._settings(settings, hyperparameters)
        self._states()
        if grads is not None:
            self._gradients(grads)
        if self.program.inputs("loss"):
            self._loss(loss, needed=grads is not None)

    # Inputs

    def _settings(self, settings: Settings, hyperparameters: Any) -> None:
        ops = self.program.ops
        given = settings.values(hyperparameters, self.state.t + 1, self.state.group_count)
        for number in self.program.inputs("hyperparameter"):
            column = given[ops[number].name]
            self.values[number] = column if ops[number].scope == "group" else column[:1]
        for number in self.program.inputs("step"):
            self.values[number] = [self.engine.number(self.state.t + 1)]
        for number in self.program.inputs("shape"):
            self.values[number] = [self.engine.number(_of_shape(ops[number].name, a.shape)) for a in self.state.theta]

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
        columns, count, groups = self.columns(stage), self.state.count(stage.scope), self.state.groups
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
                arrays[name] = self.engine.scalars(column, self.program.is_host(name), self.state.theta)
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


def _of_shape(name: str, shape: Sequence[int]) -> int:
    """dims, and the lengths of the last axis but one (rows) and of the last (columns); an axis that lacks counts 1."""
    lengths = (1, 1, *shape)
    return {"dims": len(shape), "rows": lengths[-2], "columns": lengths[-1]}[name]


def _draws(grads: Any, names: Sequence[str]) -> list[Any]:
    """The lists of gradients, one per draw, in the rule's order."""
    if isinstance(grads, Mapping):
        if set(grads) != set(names):
            raise DriftproofError(f"Gradients {sorted(grads)} are given, the rule has {list(names)}.")
        return [listed(grads[name], f"The gradient {name}") for name in names]
    if hasattr(grads, "shape"):
        raise DriftproofError("The gradient is one array.", "A rule acts on a list of tensors.", "Write [array].")
    grads = listed(grads, "The gradient")
    if len(names) == 1:
        return [grads]
    if len(grads) != len(names) or any(hasattr(draw, "shape") for draw in grads):
        raise DriftproofError(
            f"The rule has {len(names)} draws of the gradient: {', '.join(names)}.",
            "",
            'Give {"' + names[0] + '": [...], ...}, or one list per draw.',
        )
    return [listed(draw, f"The gradient {name}") for draw, name in zip(grads, names, strict=True)]


def listed(given: Any, what: str) -> list[Any]:
    """The items of a list, or of anything that goes through in order; raises DriftproofError for what does not."""
    try:
        return list(given)
    except TypeError as error:
        raise DriftproofError(
            f"{what} is of type {type(given).__name__}.",
            "A rule acts on a list of tensors.",
            "Give one item per tensor.",
        ) from error
