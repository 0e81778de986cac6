"""Combinators: rule -> rule. On the gradient, on hyperparameters, on the update; list order is data order.

`compose("adamw", adam, [l2(), clip_by_norm()], ...)` first adds the decay to the gradient, then clips.
Each combinator has a label, and a rule keeps the labels it was made with, so that the order is printed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sympy
from sympy import Expr, Symbol

from .bounds import small
from .convention import Convention
from .errors import RuleError, UnknownName, nearest
from .functions import as_expression, sqrt
from .nodes import choose, is_finite, norm, reduce
from .references import Source
from .rule import Equation, First, Gradient, Hyperparameter, Output, State, UpdateRule, eq
from .symbols import g, new, symbol, theta

eta, lambda_, ell = symbol("eta"), symbol("lambda"), symbol("ell")


@dataclass(frozen=True)
class Combinator:
    """acts_on: 'gradient', 'hyperparameters' or 'update'; the data passes through them in that order."""

    label: str
    acts_on: str
    apply: Callable[[UpdateRule], UpdateRule]


def compose(
    name: str,
    rule: UpdateRule,
    combinators: Sequence[Combinator],
    source: Source | None = None,
    conventions: Iterable[Convention] = (),
    notes: str = "",
    used_in: Sequence[str] = (),
    disagreements: Sequence[str] = (),
) -> UpdateRule:
    """The rule with combinators around it, in list order: gradient first, update last.

    raises: RuleError if a combinator on the gradient is listed after one on the update.
    """
    order = ["gradient", "hyperparameters", "update"]
    kinds = [order.index(c.acts_on) for c in combinators if c.acts_on != "hyperparameters"]
    if kinds != sorted(kinds):
        raise RuleError(
            f"compose('{name}'): a combinator on the gradient stands after one on the update.",
            "List order is the order in which the data passes through.",
            "List those on the gradient first: " + ", ".join(c.label for c in combinators) + " is mixed.",
        )
    declared = rule.declared
    rule = rule.replace(
        name=name,
        source=source or rule.source,
        conventions=(*declared["conventions"], *conventions),
        notes=notes or declared["notes"],
        used_in=used_in or declared["used_in"],
        disagreements=disagreements or declared["disagreements"],
    )
    # Each one on the gradient transforms the raw input, so the last one is put in first.
    before = [c for c in reversed(combinators) if c.acts_on == "gradient"]
    for combinator in (*before, *(c for c in combinators if c.acts_on != "gradient")):
        rule = combinator.apply(rule)
    # Data passes what is new on the gradient, then what the rule was made with, then the rest.
    labels = ([c.label for c in before[::-1]], [c.label for c in combinators if c not in before])
    return rule.replace(combinators=(*labels[0], *declared["combinators"], *labels[1]))


def on_gradient(
    label: str,
    suffix: str,
    formula: Callable[[Expr], Any],
    hyperparameters: Sequence[Hyperparameter] = (),
    guard: Callable[[Expr], Any] = lambda raw: sympy.true,
) -> Combinator:
    """Replaces every draw g by formula(g), held in an equation of its own at the top."""

    def apply(rule: UpdateRule) -> UpdateRule:
        draws = [d.symbol for d in rule.declared["gradients"]]
        named = {d: _unused(f"{d}_{suffix}", rule) for d in draws}
        changed = _replaced(rule, named, {d: as_expression(formula(d)) for d in draws})
        changed["equations"] = (*(eq(named[d], formula(d)) for d in draws), *changed["equations"])
        changed["guard"] = sympy.And(changed["guard"], *(guard(d) for d in draws))
        return _with(rule, hyperparameters, **changed)

    return Combinator(label, "gradient", apply)


def _replaced(rule: UpdateRule, swap: Mapping[Symbol, Expr], at_init: Mapping[Symbol, Expr]) -> dict[str, Any]:
    """The fields of a declaration with letters replaced wherever they stand; at_init: where only inputs are known."""
    declared = rule.declared
    states = [
        State(s.symbol, First(s.init.expression.xreplace(at_init)), s.scope) if isinstance(s.init, First) else s
        for s in declared["state"]
    ]
    return {
        "equations": tuple(Equation(e.symbol, e.expression.xreplace(swap)) for e in declared["equations"]),
        "state": tuple(states),
        "gradients": tuple(Gradient(d.symbol, d.at.xreplace(swap)) for d in declared["gradients"]),
        "guard": declared["guard"].xreplace(swap),
        "outputs": tuple(Output(o.name, o.expression.xreplace(swap), o.meaning) for o in declared["outputs"]),
    }


def _unused(name: str, rule: UpdateRule) -> Symbol:
    taken = {e.symbol.name for e in rule.declared["equations"]}
    while name in taken:
        name += "_raw"
    return symbol(name)


def _with(rule: UpdateRule, hyperparameters: Sequence[Hyperparameter] = (), **changes: Any) -> UpdateRule:
    present = changes.pop("kept", rule.declared["hyperparameters"])
    for item in hyperparameters:
        if any(item.symbol == p.symbol and item != p for p in present):
            raise RuleError(
                f"Rule '{rule.name}' already has another hyperparameter {item.symbol}.",
                "Two numbers under one letter could not be set apart.",
                f'Give the new one another letter, as in clip_by_norm(name="{item.symbol}2").',
            )
    return rule.replace(hyperparameters=(*present, *(h for h in hyperparameters if h not in present)), **changes)


def clip_by_norm(threshold: str = "1", over: str = "all", form: str = "exact", name: str = "c") -> Combinator:
    """g * c / max(c, norm); form="torch": g * min(1, c / (norm + 1e-6)), as torch's clip_grad_norm_."""
    c = symbol(name)

    def formula(raw: Expr) -> Any:
        size = norm(raw, over=over)
        if form == "torch":
            return raw * sympy.Min(1, c / (size + sympy.Rational(1, 10**6)))
        return raw * (c / sympy.Max(c, size))

    return on_gradient(f"clip_by_norm({threshold}, {over}, {form})", "clipped", formula, [Hyperparameter(c, threshold)])


def clip_by_value(threshold: str = "1", name: str = "c") -> Combinator:
    """Each entry of g clipped to [-c, c]."""
    c = symbol(name)
    formula = lambda raw: sympy.Max(-c, sympy.Min(c, raw))  # noqa: E731
    return on_gradient(f"clip_by_value({threshold})", "clipped", formula, [Hyperparameter(c, threshold)])


def unscale(scale: str = "65536") -> Combinator:
    """g / scale; where a scaled gradient is not finite (found_inf), no state changes."""
    by = symbol("scale")
    guard = lambda raw: is_finite(reduce("max", sympy.Abs(raw), over="all"))  # noqa: E731
    return on_gradient(f"unscale({scale})", "unit", lambda raw: raw / by, [Hyperparameter(by, scale)], guard)


def l2(decay: str = "0", name: str = "lambda") -> Combinator:
    """Coupled (L2) decay: g + lambda * theta enters the rule in place of g."""
    rate = symbol(name)
    hyper = [Hyperparameter(rate, decay, role="coupled_decay")]
    return on_gradient("l2", "decayed", lambda raw: raw + rate * theta, hyper)


def svag(amplification: Any, changed: Mapping[Symbol, Expr]) -> Combinator:
    """Stochastic variance amplified gradient: two draws g1, g2, combined so that the covariance grows by A.

    r1 + r2 = 1 and r1^2 + r2^2 = A, that is r = (1 +- sqrt(2A - 1))/2; `amplification` is A in terms of ell,
    `changed` the hyperparameters as functions of ell (theory.svag derives both from a rule's scaling).
    source: Li, Malladi & Arora 2021, the SVAG algorithm; Malladi et al. 2022 for adaptive rules.
    """
    root = sqrt(2 * as_expression(amplification) - 1)
    mix = (1 + root) / 2 * symbol("g1") + (1 - root) / 2 * symbol("g2")
    swap = _swap(changed)

    def apply(rule: UpdateRule) -> UpdateRule:
        if [d.symbol for d in rule.declared["gradients"]] != [g]:
            raise RuleError(f"svag: '{rule.name}' does not have the single gradient g.", "", "Apply it first.")
        mixed, point = _unused("g_bar", rule), rule.declared["gradients"][0].at.xreplace(swap)
        fields = _replaced(rule, {g: mixed, **swap}, {g: mix, **swap})
        fields["gradients"] = (Gradient(symbol("g1"), point), Gradient(symbol("g2"), point))
        fields["equations"] = (eq(mixed, mix), *fields["equations"])
        return _with(rule, [Hyperparameter(ell, "1")], **fields)

    return Combinator("svag", "gradient", apply)


def _swap(changed: Mapping[Symbol, Any]) -> dict[Symbol, Expr]:
    return {key: small(as_expression(value), "What replaces a hyperparameter") for key, value in changed.items()}


def reparametrise(
    changed: Mapping[Symbol, Any], hyperparameters: Sequence[Hyperparameter] = (), label: str = "reparametrise"
) -> Combinator:
    """Hyperparameters replaced by expressions of hyperparameters and t: scaling rules and schedules."""
    swap = _swap(changed)
    left = set().union(*(value.free_symbols for value in swap.values()))

    def apply(rule: UpdateRule) -> UpdateRule:
        present = {h.symbol: h for h in rule.declared["hyperparameters"]}
        for item in swap:
            if item not in present:
                raise UnknownName(
                    f"{label}: '{rule.name}' has no hyperparameter '{item}'.",
                    "Only what is there can be replaced.",
                    nearest(str(item), map(str, present)),
                )
        kept = [h for item, h in present.items() if item not in swap or item in left]
        return _with(rule, hyperparameters, kept=kept, **_replaced(rule, swap, swap))

    return Combinator(label, "hyperparameters", apply)


def on_update(
    label: str,
    formula: Callable[[UpdateRule, Symbol], Sequence[Equation]],
    hyperparameters: Sequence[Hyperparameter] = (),
    state: Sequence[State] = (),
    outputs: Sequence[Output] = (),
) -> Combinator:
    """The rule's own new(theta) becomes theta_raw; formula(rule, theta_raw) ends with the final new(theta)."""

    def apply(rule: UpdateRule) -> UpdateRule:
        raw, equations = _unused("theta_raw", rule), []
        for equation in rule.declared["equations"]:
            if equation.symbol == new(theta):
                equations += [Equation(raw, equation.expression), *formula(rule, raw)]
            else:
                equations.append(equation)
        declared = rule.declared
        return _with(
            rule,
            hyperparameters=hyperparameters,
            equations=tuple(equations),
            state=(*declared["state"], *state),
            outputs=(*declared["outputs"], *outputs),
        )

    return Combinator(label, "update", apply)


def decoupled_decay(decay: str = "0.01", axis: str = "decay", **more: Any) -> Combinator:
    """Decoupled weight decay in every order of DECAY_ORDERS, chosen by the convention `axis`.

    more: further options (see `decay_orders`), each with new(theta) in terms of theta and theta_raw, the stepped theta.
    """

    def formula(rule: UpdateRule, raw: Symbol) -> list[Equation]:
        orders = choose(
            axis,
            before=raw - eta * lambda_ * theta,
            after=(1 - eta * lambda_) * raw,
            independent=raw - lambda_ * theta,
            proximal=raw / (1 + eta * lambda_),
            **{name: as_expression(value).xreplace({symbol("theta_raw"): raw}) for name, value in more.items()},
        )
        return [eq(new(theta), orders)]

    hyper = [Hyperparameter(lambda_, decay, role="decoupled_decay")]
    return on_update("decoupled_decay", formula, hyper)


def cautious() -> Combinator:
    """Only entries whose step goes against the gradient move; the rest of the step is rescaled by their share."""

    def formula(rule: UpdateRule, raw: Symbol) -> list[Equation]:
        draws, mask = rule.declared["gradients"], symbol("mask")
        if len(draws) != 1:
            raise RuleError(f"cautious: '{rule.name}' has {len(draws)} gradients.", "The mask compares with one.")
        draw = draws[0].symbol
        share = sympy.Max(reduce("mean", mask, over="tensor"), sympy.Rational(1, 1000))
        return [
            eq(mask, sympy.Piecewise((1, (theta - raw) * draw > 0), (0, True))),
            eq(new(theta), theta + (raw - theta) * mask / share),
        ]

    return on_update("cautious", formula)


def lookahead(every: str = "5", share: str = "0.5") -> Combinator:
    """Every few steps the slow weights go a share of the way to the fast ones, which then start again from there.

    source: Zhang et al. 2019, Lookahead, Algorithm 1 (their k is `every`, their alpha is `share`).
    """
    slow, count, length, part = (symbol(name) for name in ("theta_slow", "since", "every", "share"))

    def formula(rule: UpdateRule, raw: Symbol) -> list[Equation]:
        due = count + 1 >= length
        return [
            eq(new(theta), sympy.Piecewise((slow + part * (raw - slow), due), (raw, True))),
            eq(new(slow), sympy.Piecewise((new(theta), due), (slow, True))),
            eq(new(count), sympy.Piecewise((0, due), (count + 1, True))),
        ]

    return on_update(
        "lookahead",
        formula,
        [
            Hyperparameter(length, every, "[1, oo)", "constant", "steps between two synchronisations"),
            Hyperparameter(part, share, "[0, 1]", "constant", "share of the way that the slow weights go"),
        ],
        [State(slow, init=First(theta)), State(count, init=0, scope="group")],
    )


def ema(decay: str = "0.999") -> Combinator:
    """Output `averaged`: exponential moving average of the parameters, started at the initial ones."""
    average, rate = symbol("ema"), symbol("beta_ema")

    def formula(rule: UpdateRule, raw: Symbol) -> list[Equation]:
        return [eq(new(theta), raw), eq(new(average), rate * average + (1 - rate) * new(theta))]

    return on_update(
        "ema",
        formula,
        [Hyperparameter(rate, decay, domain="[0, 1)", role="constant", meaning="decay of the averaged weights")],
        [State(average, init=First(theta))],
        [Output("averaged", new(average), "exponential moving average of the parameters")],
    )
