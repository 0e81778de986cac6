"""`SDE`: the limit of an update rule, with everything its statement needs. Ito convention throughout.

dX = a(X, t) dt + B(X, t) dW,   D = B B^T.   B is unique only up to a rotation, so only D is kept and compared.
"""

from __future__ import annotations

import keyword
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sympy
from sympy import Expr, Symbol

from .hypothesis import Hypothesis
from .references import Source

THETA = Symbol("theta")


def readable(e: Expr) -> str:
    """Text that reads back over its letters: lambda is a word of Python, so it is written lambda_."""
    words = {s: Symbol(f"{s.name}_") for s in e.free_symbols if keyword.iskeyword(s.name)}
    return str(e.xreplace(words))


@dataclass(frozen=True)
class SDE:
    """The SDE of a rule in one regime.

    rule, digest:     RULE string and digest of the variant it was derived from.
    time_per_step:    h, in units of SDE time, as a function of the step size (or h itself).
    rescaling:        SDE state -> stored state, for example u = v/sigma**2.
    constants:        each constant held fixed as h goes to 0 -> its definition.
    drift:            state -> expression, units of the state per unit of time; one coordinate i.
    diffusion:        (state, state) -> entry of D within one coordinate, all pairs.
    cross_diffusion:  the same between coordinates i and j, letters with suffixes _i and _j, and Sigma_ij;
                      empty where the claim is about one parameter.
    drift_coupling:   state -> what each other coordinate j adds to the drift of coordinate i; empty at order 1.
    hypotheses:       what was assumed, with the moments that need it.
    valid_from:       from which time the claim holds, and why.
    gradient_at:      the point where df and Sigma stand, in letters of the SDE; theta for most rules.
    weak_order:       |E phi(x_k) - E phi(X_kh)| <= C h^weak_order for smooth phi of polynomial growth.
    """

    rule: str
    digest: str
    regime: str
    time_per_step: Expr
    rescaling: Mapping[str, str]
    constants: Mapping[str, Expr]
    drift: Mapping[str, Expr]
    diffusion: Mapping[tuple[str, str], Expr]
    cross_diffusion: Mapping[tuple[str, str], Expr]
    hypotheses: tuple[Hypothesis, ...]
    valid_from: str
    symbols: Mapping[str, str]
    source: Source
    remarks: tuple[str, ...] = ()
    weak_order: int = 1
    order_in: str = "h"
    gradient_at: Expr = THETA
    drift_coupling: Mapping[str, Expr] = field(default_factory=dict)

    def __post_init__(self) -> None:
        pairs = {(a, b) for a in self.drift for b in self.drift}
        if set(self.diffusion) != pairs or set(self.cross_diffusion) not in (pairs, set()):
            raise ValueError("an SDE has one diffusion entry for every pair of states")
        for a, b in pairs:
            if sympy.expand(self.diffusion[a, b] - self.diffusion[b, a]) != 0:
                raise ValueError(f"the diffusion matrix is not symmetric at {a}, {b}")
        used = {s.name for e in (*self.drift.values(), *self.diffusion.values()) for s in e.free_symbols}
        if unknown := used - set(self.symbols):
            raise ValueError(f"symbols without a meaning: {sorted(unknown)}")

    def as_json(self) -> dict[str, Any]:
        """Plain data; expressions as strings that read back over `symbols`."""
        coupling = {state: readable(e) for state, e in self.drift_coupling.items()}
        return {
            "rule": self.rule,
            "digest": self.digest,
            "regime": self.regime,
            "time_per_step": readable(self.time_per_step),
            "rescaling": dict(self.rescaling),
            "constants": {name: readable(e) for name, e in self.constants.items()},
            "drift": {state: readable(e) for state, e in self.drift.items()},
            "diffusion_matrix": {f"{a},{b}": readable(e) for (a, b), e in self.diffusion.items()},
            "cross_diffusion_matrix": {f"{a},{b}": readable(e) for (a, b), e in self.cross_diffusion.items()},
            "hypotheses": [str(h) for h in self.hypotheses],
            "valid_from": self.valid_from,
            "weak_order": self.weak_order,
            "order_in": self.order_in,
            "gradient_at": readable(self.gradient_at),
            **({"drift_coupling": coupling} if coupling else {}),
            "symbols": {readable(Symbol(name)): meaning for name, meaning in self.symbols.items()},
            "remarks": list(self.remarks),
            "source": str(self.source),
        }
