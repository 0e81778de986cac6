"""The finite-horizon certificate for Generic Adam: its equations, generated once, and how fast its bound falls.

Claim. f is L-smooth with f >= f*, E_t g_t = grad f(theta_t), E_t g_{t,k}^2 <= G^2 for every coordinate k (E_t: given
the past), alpha_t > 0, 0 <= beta1_t < 1, 0 < beta2_t < 1, and the damping does not fall faster than the average
forgets: inside_t >= beta2_t inside_{t-1}, outside_t >= sqrt(beta2_t) outside_{t-1}. With P(tau = t) proportional to
alpha_t (1 - beta1_t), s_0 = sqrt(v_0 + inside_1) + outside_1 > 0 and B = sqrt(G^2 + v_0 + max inside) + max outside,

    (E |grad f(theta_tau)|^{4/3})^{3/2}
        <= 2 sqrt(d) B [f(theta_1) - f* + 2 d wbar_1 log(B/s_0) + d sum_t wbar_t log(1/beta2_t)]
           / sum_t alpha_t (1 - beta1_t),

with the sequences of FORWARD and BACKWARD. No sequence needs to be monotone.

Proof, with s_t = sqrt(v_t + inside_t) + outside_t, st_t the same with E_t g^2 for g^2, per coordinate:
A. E_t[grad g/s] >= grad^2/(2 st) - 2 sqrt(1 - beta2) G E_t[g^2/s^2]. For |1/s - 1/st| <= |v - vt|/((sqrt v + sqrt vt)
   s st) and |v - vt| <= (1 - beta2)(g^2 + E_t g^2); (1 - beta2) g^2 <= v and the same for vt leave two terms, each at
   most grad^2/(4 st) + sqrt(1 - beta2) G E_t[g^2/s^2] by Cauchy-Schwarz and Young.
B. m_t^2 <= A_t v_t, by Cauchy-Schwarz over the weights; so |m_t|/s_t <= sqrt(A_t).
C. D_t = theta_{t+1} - theta_t = rho_t D_{t-1} - alpha_t (1 - beta1) g/s_t
   + alpha_t beta1 m_{t-1} (1/(sqrt(beta2) s_{t-1}) - 1/s_t).
D. s_t >= sqrt(beta2_t) s_{t-1}. Let U_t = log(s_t^2/(beta2_t s_{t-1}^2)) >= 0. Then (1 - beta2) g^2/s_t^2 <= U_t, for
   s_t^2 - beta2 s_{t-1}^2 >= (1 - beta2) g^2 and 1 - x <= -log x; and the bracket of C is at most U_t/(sqrt(beta2)
   s_{t-1}) for the same reason (half of it would do).
E. |D_t| <= sum_i rho_{i+1}..rho_t (1 - beta1_i) chi_i sqrt(U_i), and sum_t U_t telescopes to log s_T^2/s_0^2 plus
   sum log 1/beta2_t; E log s_t^2 <= log B^2 by Jensen. This is where v_0 = 0 is allowed once outside > 0.
F. With M_t = E[<grad f, D_t> + L |D_t|^2], smoothness gives M_t <= rho_t M_{t-1} + (terms of A and C) + L E|D_t|^2 and
   f(theta_{t+1}) - f(theta_t) <= <grad f, D_t> + L |D_t|^2. Unroll, exchange sums (Q, P, H), keep each step's own
   negative term, and sum by parts against wbar_t = max_{s >= t} w_s.
G. Hoelder with exponents 3/2 and 3, and E sum_k st_k^2 <= d B^2.

source: chen2022towards for the method of proof; the statement for arbitrary sequences and both dampings is ours.
proved: the theorem adam_gradients_are_bounded_at_every_horizon, whose maxima are over all t: of a run of T steps it is
used for the run whose dampings stay from T on what they are at T, so that maxima up to T are enough.
torch_adam_is_bounded_at_every_horizon is the claim for the equations of the rule adam, with both bias corrections,
constant hyperparameters, and eps itself for the largest damping.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import sympy
from sympy import Expr, Symbol, sqrt

from .conditions import TAILS, Schedules
from .enclose import enclosed
from .growth import BOUNDED, Growth, T, Undecided
from .recursion import Recursion
from .symbols import symbol, t
from .tails import tail

_HORIZON = symbol("T")
alpha, beta1, beta2, gap1, gap2, rho, P, A, c = sympy.symbols("alpha beta1 beta2 gap1 gap2 rho P A c", real=True)
Q, H, w, wbar, L, G = sympy.symbols("Q H w wbar L G", real=True)


def before(s: Symbol) -> Symbol:
    """The value one step earlier."""
    return sympy.Symbol(f"{s.name}_before", real=True)


def after(s: Symbol) -> Symbol:
    """The value one step later."""
    return sympy.Symbol(f"{s.name}_after", real=True)


chi = alpha / sqrt(gap2)
GIVEN = (alpha, beta1, beta2, gap1, gap2)
"""What a rule gives: gap1 = 1 - beta1 and gap2 = 1 - beta2 are handed over as they are, so that nothing cancels."""
FORWARD: Mapping[Symbol, Expr] = {
    rho: beta1 * alpha / (sqrt(beta2) * before(alpha)),
    P: 1 + rho * before(P),
    A: beta1**2 / beta2 * before(A) + gap1**2 / gap2,
    c: G * (2 * gap1 * chi + alpha * beta1 * sqrt(before(A) / beta2)),
}
"""From t = 1 on; before it P and A are 0, and rho_1 = 0."""
BACKWARD: Mapping[Symbol, Expr] = {
    Q: 1 + after(rho) * after(Q),
    H: Q * P + after(rho) * after(H),
    w: L * H * (gap1 * chi) ** 2 + Q * c,
    wbar: sympy.Max(w, after(wbar)),
}
"""From the last step down; after it Q, H, wbar and rho are 0."""
top, least, wbar1, forgotten, moved, dim, gap = sympy.symbols("B s0 wbar1 forgotten moved dim gap", positive=True)
BOUND = 2 * sqrt(dim) * top * (gap + dim * (2 * wbar1 * sympy.log(top / least) + forgotten)) / moved
"""forgotten = sum_t wbar_t log(1/beta2_t), moved = sum_t alpha_t (1 - beta1_t)."""


@dataclass(frozen=True)
class Inputs:
    """What the bound needs of the problem: smoothness L; G with E_t g_k^2 <= G^2 for every coordinate; the number of
    coordinates; gap = f(theta_1) - f*; the last step."""

    L: float = 1.0
    G: float = 1.0
    dim: int = 1
    gap: float = 1.0
    horizon: int = 100_000

    def __post_init__(self) -> None:
        from .errors import OutOfDomain

        for name, value in vars(self).items():
            if not 1e-100 < value < 1e100:
                raise OutOfDomain(f"{name} = {value} is not between 1e-100 and 1e100.", "", "Give one above 0.")

    @property
    def trivial(self) -> float:
        """What holds without any theorem: E |grad f|^2 <= d G^2."""
        return self.dim * self.G**2


def generated(recursion: Recursion) -> dict[Symbol, Expr]:
    """The sequences that a rule gives, as expressions in t: what GIVEN stands for."""
    s = Schedules(recursion)
    return dict(zip(GIVEN, (s.alpha, s.beta1, s.beta2, s.gap1, s.gap2), strict=True))


# How fast the bound falls


def rate(s: Schedules) -> Growth:
    """The order of the bound as T grows. raises: Undecided where it does not follow from the exponents.

    rho stays below 1, so that P, Q, H grow like 1, 1, 1 or, where beta1 -> 1, like k, k, k^3 with k = 1/(1 - beta1).
    """
    require_damping(s)
    if s.recursion.form == "old":
        return _rate_without_history(s)
    k = s.growth(s.gap1) ** -1
    _require_contraction(s, k)
    size, spare, chi_ = s.growth(s.alpha), s.growth(s.gap2), s.growth(s.recursion.chi)
    weight = max(k * chi_**2, k ** "1/2" * chi_)
    noise = max(weight * spare.summed(), weight) if weight > BOUNDED else (weight * spare).summed()
    return max(BOUNDED, noise) / (size / k).summed()


def _require_contraction(s: Schedules, k: Growth) -> None:
    """raises: Undecided unless beta1/sqrt(beta2) stays below 1 by enough for P, Q, H and A to follow k."""
    if k == BOUNDED:
        try:
            kept = s.later(sympy.expand(s.beta2 - s.beta1**2)).bounds()[0] == BOUNDED
        except Undecided:
            kept = False
        if not kept:
            raise Undecided("beta1^2 >= beta2 for large t: the certificate's sums grow without bound.")
        return
    if k**-1 <= max(T**-1, s.growth(s.gap2)):
        raise Undecided("beta1 tends to 1 so fast that the certificate's sums do not follow from the exponents.")


def require_damping(s: Schedules) -> None:
    """raises: Undecided unless v_0 and the damping are as the claim asks at every step, and B stays bounded."""
    r = s.recursion
    if r.penalty.has(t, _HORIZON):
        raise Undecided("The penalty makes another loss of every step.")
    sizes = [s.growth(e) for e in (r.inside, r.outside, r.floor) if e != 0]
    if any(size > BOUNDED for size in sizes):
        raise Undecided("The damping grows without bound.")
    if r.form == "old":
        if any(size < BOUNDED for size in sizes):
            raise Undecided("The damping dies out.")
        if not enclosed(sympy.sqrt(r.inside) + r.outside + r.floor, s.start).a > 0:
            raise Undecided("eps is 0, so that the steps have no bound.")
        return
    if r.floor != 0:
        raise Undecided("The certificate is not for max(sqrt(v), eps).")
    if not enclosed(r.v_start + r.inside + r.outside, s.start).a > 0:
        raise Undecided("v_0 and eps are both 0, so that the first steps have no bound.")
    for e in (r.inside, r.outside**2):
        _require_kept(s, e)


def _require_kept(s: Schedules, e: Expr) -> None:
    """raises: Undecided unless e_t >= beta2_t e_{t-1} at every step after the first."""
    change = e - s.beta2 * e.xreplace({t: t - 1})
    if not e.has(t) or sympy.simplify(change) == 0:
        return
    n = next((n for n in TAILS if n >= s.n and _not_below_zero(change, n)), None)
    if n is None or s.first(change, lambda x: not x.a >= 0, n + 1, after=1) is not None:
        raise Undecided("It is not shown that the damping falls no faster than beta2 forgets.")


def _not_below_zero(e: Expr, n: int) -> bool:
    try:
        return tail(e, n).sign() >= 0
    except Undecided:
        return False


def _rate_without_history(s: Schedules) -> Growth:
    size = s.growth(s.alpha)
    if s.beta1 != 0 and s.alpha.has(t):
        raise Undecided("With momentum the certificate of this form needs a constant step size.")
    return max(BOUNDED, (size**2).summed()) / size.summed()


def horizon_rate(recursion: Recursion) -> Growth:
    """The order of the bound in T for sequences that are constant in t and depend on T. raises: Undecided."""
    r = recursion
    if any(e.has(t) for e in (r.alpha, r.beta1, r.beta2, r.inside, r.outside, r.v_start, r.floor)):
        raise Undecided("Sequences in both t and T have no rate by exponents.")
    if any(e.has(_HORIZON) for e in (r.inside, r.outside, r.v_start, r.floor)):
        raise Undecided("A damping that depends on T has no rate here.")
    put = [e.xreplace({_HORIZON: t}) for e in (r.alpha, r.beta1, r.beta2)]
    fixed = replace(r, alpha=put[0], beta1=put[1], beta2=put[2])
    s = Schedules(fixed, start=16)
    require_damping(s)
    size = s.growth(s.alpha)
    if s.growth(s.gap1) != BOUNDED:
        raise Undecided("beta1 that tends to 1 with T has no rate here.")
    if r.form == "old":
        return max(BOUNDED, T * size**2) / (T * size)
    _require_contraction(s, BOUNDED)
    chi_ = s.growth(fixed.chi)
    weight = max(chi_**2, chi_)
    return max(BOUNDED, weight, weight * T * s.growth(s.gap2)) / (T * size)
