"""MoMo around any momentum method: the step is cut by a truncated model of the loss (Schaipp et al. 2024).

A momentum method steps along d = sum_j rho_j g_j with weights rho_j >= 0 of past gradients: new(theta) = theta - step,
step = eta/rho D^-1 d, rho = sum_j rho_j, D a positive diagonal. The same weights average the linearisations of the
losses, each at its own iterate, to the model max((h + <d, y - theta>)/rho, f_star). Its proximal step in the metric D
is a share s of the method's own step, 0 <= s <= 1 (theory.model_step derives it), one s for all groups:

    s = clip((h - rho f_star - sum <d, theta> (1 - 1/A)) / sum <d, step>/A, 0, 1),
    new(theta) = (theta - s step)/A,   A = 1 + eta lambda.

Nothing but d, rho and step is needed of the method: D is what makes its own step the full one. Where the model is
high s = 1, and the step is the method's own.

h is the averaged model's value at theta. It is carried from step to step by what theta really moved,
new(h) = h + <d, new(theta) - theta>, since the average of losses, plus <d, theta>, minus the average of <g, theta>,
subtracts numbers far larger than their difference.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sympy
from sympy import Expr, Symbol

from .combinators import Combinator, compose
from .functions import absolute
from .momentum import Momentum, momentum
from .nodes import choose, dot, is_finite, reduce
from .rule import Equation, First, Hyperparameter, Output, State, UpdateRule, eq
from .symbols import f, g, new, symbol, theta

eta, lambda_, f_star = symbol("eta"), symbol("lambda"), symbol("f_star")
NAMES = {
    "value": "value of the averaged model at theta, before the step",
    "slope": "slope of the averaged model: the momentum direction",
    "move": "the method's own step; 0 where the slope is 0",
    "mass": "sum of the weights in the slope",
    "height": "height of the model over theta, divided by 1 + eta*lambda where there is decay",
    "low_used": "lower bound that this step takes",
    "rest": "height of the model over the bound, weighted",
    "cut": "share of the method's own step that is taken",
    "low": "estimated lower bound of the loss",
    "below": "steps whose loss lay below the bound",
}


def momo(rule: UpdateRule) -> UpdateRule:
    """The momentum method with its step cut by the model of the loss, with the axes of the declared momo.

    rule: the variant that is taken; a decoupled weight decay gives way to the model's own.
    raises: Refused, with the term, for a rule that has no direction d, or no positive diagonal metric D.
    """
    from .catalogue import rule as declared

    axes = {c.name: c for c in declared("momo").conventions}
    plain = _undecayed(_resolved(rule))
    momentum(plain, rule.label)
    return compose(f"momo_{rule.name}", plain, [momentum_model()], conventions=[axes["decay"], axes["bound"]])


def momentum_model() -> Combinator:
    """The combinator of momo(rule), for rule files. Axes: decay (divide, adamw) and bound (fixed, estimated).

    source: Schaipp et al. 2024, Lemma 3.1 and the estimated bound; one share for all groups is ours.
    """
    return Combinator("momentum_model", "update", _modelled)


def _resolved(rule: UpdateRule) -> UpdateRule:
    """The chosen variant as a rule without conventions."""
    words = ("equations", "state", "hyperparameters", "gradients", "guard", "outputs")
    return rule.replace(**{w: getattr(rule, w) for w in words}, conventions=(), options={})


def _undecayed(rule: UpdateRule) -> UpdateRule:
    zero = {h.symbol: sympy.S.Zero for h in rule.hyperparameters if h.role == "decoupled_decay"}
    kept = [h for h in rule.hyperparameters if h.symbol not in zero]
    equations = [Equation(e.symbol, e.expression.xreplace(zero)) for e in rule.equations]
    return rule.replace(equations=equations, hyperparameters=kept) if zero else rule


# The rule with its model


def _modelled(rule: UpdateRule) -> UpdateRule:
    found = momentum(rule)
    declared = rule.declared
    label = _Names(rule, len(found.averages))
    equations: list[Equation] = []
    for equation in declared["equations"]:
        if equation.symbol == new(theta):
            equations += _last(found, label)
        else:
            equations.append(equation)
            equations += _companions(found, label, equation.symbol)
    present = {h.symbol for h in declared["hyperparameters"]}
    more = [Hyperparameter(lambda_, "0", role="decoupled_decay"), Hyperparameter(f_star, "0", scope="global")]
    return rule.replace(
        equations=equations,
        state=(*_global(declared["state"], found), *_states(found, label)),
        hyperparameters=(*_global(declared["hyperparameters"], found), *(h for h in more if h.symbol not in present)),
        guard=sympy.And(declared["guard"], is_finite(f + reduce("max", absolute(g), over="all"))),
        outputs=(
            *declared["outputs"],
            Output("cut", label["cut"], NAMES["cut"]),
            Output("below", new(label["below"]), NAMES["below"]),
        ),
        names={**declared["names"], **{label[n].name: meaning for n, meaning in NAMES.items()}},
    )


class _Names(Mapping[str, Symbol]):
    """Letters of the model that the rule does not use."""

    def __init__(self, rule: UpdateRule, averages: int) -> None:
        words = ("equations", "state", "hyperparameters")
        taken = {item.symbol.name for word in words for item in rule.declared[word]}
        numbers = [str(k) for k in range(1, averages + 1)] if averages > 1 else [""]
        names = [*NAMES, "A", "q", "step", *(f"{n}{k}" for k in numbers for n in ("level", "rho"))]
        names += [f"level{k}_bar" for k in numbers]
        self._found = {}
        for name in names:
            self._found[name] = symbol(self._free(name, taken))
            taken.add(self._found[name].name)
        self.numbers = numbers

    @staticmethod
    def _free(name: str, taken: set[str]) -> str:
        while name in taken:
            name += "_used"
        return name

    def __getitem__(self, name: str) -> Symbol:
        return self._found[name]

    def __iter__(self) -> Any:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


def _values(found: Momentum, label: _Names, base: str, fresh: Expr) -> dict[Symbol, Expr]:
    """What stands for g and for each average, old and new, in the companion sums: of weights, or of the model."""
    table = {g: fresh}
    for m, number in zip(found.averages, label.numbers, strict=False):
        table[m] = label[f"{base}{number}"]
        table[new(m)] = label[f"level{number}_bar"] if base == "level" else new(label[f"{base}{number}"])
    return table


def _combined(form: Mapping[Symbol, Expr], table: Mapping[Symbol, Expr]) -> Expr:
    return sympy.Add(*(weight * table[letter] for letter, weight in form.items()))


def _companions(found: Momentum, label: _Names, at: Symbol) -> list[Equation]:
    """After the equation of an average: its sum of weights, and its model's value at theta."""
    for m, number in zip(found.averages, label.numbers, strict=False):
        if at == new(m):
            rho = _combined(found.averages[m], _values(found, label, "rho", sympy.S.One))
            h = _combined(found.averages[m], _values(found, label, "level", f))
            return [eq(new(label[f"rho{number}"]), rho), eq(label[f"level{number}_bar"], h)]
    return []


def _last(found: Momentum, label: _Names) -> list[Equation]:
    """The model, its cut, the step, and the model's value where the step leads."""
    step, slope, value, height, rest = (label[n] for n in ("move", "slope", "value", "height", "rest"))
    cut, low, used, below, A, q = (label[n] for n in ("cut", "low", "low_used", "below", "A", "q"))
    rho = label["mass"]
    reset = sympy.Piecewise((sympy.Max(height / (2 * rho), f_star), height < rho * low), (low, True))
    # By comparisons, so that the share is a number, and no step is made, whatever overflowed on the way.
    share = sympy.Piecewise((1, sympy.And(q > 0, rest >= q)), (rest / q, sympy.And(q > 0, rest > 0)), (0, True))
    moved = cut * step
    return [
        eq(slope, _combined(found.slope, {x: x for x in found.slope})),
        eq(rho, _combined(found.slope, _values(found, label, "rho", sympy.S.One))),
        eq(value, _combined(found.slope, _values(found, label, "level", f))),
        eq(label["step"], found.step),
        eq(step, sympy.Piecewise((0, absolute(slope) <= 0), (label["step"], True))),
        eq(A, 1 + eta * lambda_),
        eq(height, value - dot(slope, theta * (eta * lambda_ / A), over="all")),
        eq(q, dot(slope, step / A, over="all")),
        eq(used, choose("bound", fixed=f_star, estimated=reset)),
        eq(rest, height - rho * used),
        eq(cut, share),
        eq(new(low), sympy.Max((value - cut / 2 * dot(slope, step, over="all")) / rho, f_star)),
        eq(new(below), below + sympy.Piecewise((1, f < f_star), (0, True))),
        eq(new(theta), choose("decay", divide=(theta - moved) / A, adamw=(1 - eta * lambda_) * theta - moved)),
        *(
            eq(new(label[f"level{k}"]), label[f"level{k}_bar"] + dot(new(m), new(theta) - theta, over="all"))
            for m, k in zip(found.averages, label.numbers, strict=False)
        ),
    ]


def _states(found: Momentum, label: _Names) -> list[State]:
    low, below = label["low"], label["below"]
    made = [State(low, init=First(f_star), scope="global"), State(below, init=0, scope="global")]
    for m, number in zip(found.averages, label.numbers, strict=False):
        made.append(State(label[f"rho{number}"], init=First(found.start[m]), scope="global"))
        made.append(State(label[f"level{number}"], init=First(found.start[m] * f), scope="global"))
    return made


def _global(present: Any, found: Momentum) -> tuple[Any, ...]:
    """Hyperparameters or states; those that weigh gradients hold for all groups, since the model is one."""
    return tuple(replace(item, scope="global") if item.symbol in found.weighing else item for item in present)


__all__ = ["momentum_model", "momo"]
