"""AdamW dividing by the new second moment, as libraries do: the moments of the same SDE up to O(h^2), h = eta^2.

d theta = -(lambda0 theta + sqrt(gamma2) m/(gamma1 (sigma0 sqrt(u) + eps0 sqrt(gamma2)))) dt,
d m = c1 (grad f - m) dt + c1 sigma0 Sigma^(1/2) dW,   d u = c2 (diag Sigma - u) dt,   gamma_i = 1 - exp(-c_i t).
"""

from __future__ import annotations

from collections.abc import Sequence

from ..kernel.terms import show, substitute, term
from ..proving.noisy import noisy_adam
from ..proving.same_names import own_letters, with_same_names
from ..proving.script import Proof, square
from ..proving.theorem import Theorem, Value
from .adams_newest_scale_tends_to_its_limit import THEOREM as SCALE
from .adamw_in_units_of_its_sde import correction_below_one, decaying_run
from .adamw_moments_match_its_sde import (
    BOTH,
    DM,
    DRIFT,
    DT,
    DU,
    GAP,
    K1,
    ONE,
    TIME,
    TWO,
    Near,
    S,
    Z,
    averages,
    cross,
    diffusion,
    drift_of_m,
    drift_of_u,
    third,
    use_scale,
)
from .adamw_moments_match_its_sde import CLAIMS as OLD_CLAIMS
from .adamw_moments_match_its_sde import HYPOTHESES_HERE as OLD_HYPOTHESES
from .adamw_moments_match_its_sde import THEOREM as OLD
from .adamw_steps_are_small import FOURTH_OF_M
from .adamw_with_new_second_moment_in_units_of_its_sde import FACTOR, NEW, NEW_STEP
from .adamw_with_new_second_moment_in_units_of_its_sde import GAP as MOVE
from .adamw_with_new_second_moment_in_units_of_its_sde import HYPOTHESES as UNITS_HYPOTHESES
from .adamw_with_new_second_moment_in_units_of_its_sde import THEOREM as UNITS
from .moments_of_shifted_noise import use_shifted_moments
from .powers_of_the_next_momentum_are_bounded import FOURTH, SECOND, STEP
from .powers_of_the_next_momentum_are_bounded import THEOREM as POWERS
from .rmsprop_moments_match_its_sde import over_sigma0
from .sizes_on_every_outcome import absolute_of_zero, sizes
from .steps_of_u_are_small import CLAIMS as SMALL_U_CLAIMS
from .steps_of_u_are_small import SECOND_OF_U
from .steps_of_u_are_small import THEOREM as SMALL_U

BOUNDS = {"w2": SECOND, "w4": FOURTH, "m4": FOURTH_OF_M, "u2": SECOND_OF_U}
"""Of the second and fourth moments of a m', the fourth of m' - m and the second of u' - u over eta^4."""
STILL = f"(-eta^2*(lambda0*theta(t, i) + {STEP[1:-1]}))"
RATE = f"c2*(1 + c2*{TIME})/(2*{Z}*gamma1({K1})) + c1*(1 + c1*{TIME})*{Z}/gamma1({K1})^2"
STILL_ERROR = f"(({RATE})*abs(m(t, i)) + c1*abs{GAP['i']}/gamma1({K1}))/{S}"
DRIFT_ERROR = f"{STILL_ERROR} + (w2(t, i) + u2(t, i))/u(t, i)"
MIXED = f"abs(c1*({BOTH})) + (eta^2*u2(t, i) + w4(t, i)/2 + m4(t, j)/2)/u(t, i)"
SECOND_OF_THETA = "2*lambda0^2*theta(t, i)^2 + 8*w2(t, i)"
FOURTH_OF_THETA = "eta^4*(8*lambda0^4*theta(t, i)^4 + 128*w4(t, i))"
SIGNED = f"{ONE}, X >= 0 => "
CLAIMS = {
    "drift_of_theta": f"{SIGNED}abs(E(X*{DT['i']}) - eta^2*E(X*({DRIFT}))) <= eta^4*E(X*({DRIFT_ERROR}))",
    **{name: OLD_CLAIMS[name] for name in ("drift_of_m", "drift_of_u", "diffusion_of_m")},
    "no_diffusion_between_theta_and_m": f"{TWO}, X >= 0 => abs(E(X*{DT['i']}*{DM['j']})) <= eta^4*E(X*({MIXED}))",
    **{name: OLD_CLAIMS[name] for name in ("no_diffusion_between_m_and_u", "third_moments")},
    "second_of_theta": f"{SIGNED}E(X*{DT['i']}^2) <= eta^4*E(X*({SECOND_OF_THETA}))",
    "fourth_of_theta": f"{SIGNED}E(X*{DT['i']}^4) <= eta^4*E(X*({FOURTH_OF_THETA}))",
    "fourth_of_m": f"{SIGNED}E(X*{DM['i']}^4) <= eta^4*E(X*m4(t, i))",
}
SIZES = {
    "w2": ("second_of_step", f"{STEP}^2", ""),
    "w4": ("fourth_of_step", f"{STEP}^4", ""),
    "m4": ("fourth_of_m", f"{DM['i']}^4", "eta^4*"),
    "u2": ("second_of_u", f"{DU['i']}^2", "eta^4*"),
}
"""For each bound: the fact that it comes from, of which power, and what it is multiplied by."""


def prepare(proof: Proof) -> None:
    """The lemmas, and the constants in the forms that they want."""
    use_shifted_moments(proof)
    correction_below_one(proof)
    sizes(proof)
    over_sigma0(proof)
    proof.have("positive_h", "eta^2 > 0", ["positive_eta*positive_eta"])
    proof.use("over_eta", "reciprocal_positive", "positive_eta", x="eta")
    proof.have("over_h", "1/eta^2 > 0", ["over_eta*over_eta"])
    averages(proof)
    proof.have("c2_sign", "c2 >= 0", ["positive_c2"])
    with_same_names(proof, UNITS)
    use_scale(proof, SCALE)
    _bounds(proof)


def _bounds(proof: Proof) -> None:
    """`size_..`: E(X*power) <= .. E(X*bound), the bounds being families."""
    with proof.fixing("u_sign", "forall t nat, i nat: u(t, i) >= 0") as inner:
        inner.use("positive", "u_positive", t="t", i="i")
        inner.have("sign", "u(t, i) >= 0", ["positive"])
    eighth = "forall X rand, t nat, i nat: past(X, t), X >= 0 => E(X*z(t + 1, i)^8) <= E(X*z(t + 1, i)^8)"
    with proof.fixing("eighth", eighth, "known", "sign") as inner:
        inner.have("same", eighth.split("=> ")[1])
    values = own_letters(SMALL_U.variables)
    values["tail"] = ["i", "j", "z(i + 1, j)^8"]
    proof.lemma("second_of_u", SMALL_U_CLAIMS["second_of_u"], SMALL_U.theorem, list(SMALL_U.hypotheses), values)
    values = own_letters(POWERS.variables)
    for name, claim in POWERS.claims.items():
        called = "raw_fourth_of_m" if name == "fourth_of_m" else name
        proof.lemma(called, claim, POWERS.theorem, list(POWERS.hypotheses), values)
    for name, (fact, power, factor) in SIZES.items():
        said = f"{SIGNED}E(X*{power}) <= {factor}E(X*{name}(t, i))"
        with proof.fixing(f"size_{name}", said, "known", "sign") as inner:
            inner.use("size", "raw_fourth_of_m" if name == "m4" else fact, "known", "sign", X="X", t="t", i="i")
            inner.use("definition", f"{name}_definition", t="t", i="i")
            inner.have("outcome", f"X*{name}(t, i) = X*({BOUNDS[name]})", (), ["definition"])
            inner.mean("average", f"E(X*{name}(t, i)) = E(X*({BOUNDS[name]}))", "outcome")
            inner.have("done", said.split("=> ")[1], ["size"], [(factor[:-1] or "1", "average")])


def script(proof: Proof) -> None:
    """The step with the old u, which is like that of the old second moment; and how far u' moves it."""
    prepare(proof)
    for part in (drift_of_m, drift_of_u, diffusion, cross, third):
        part(proof)
    still = Near(STILL, (), FACTOR, RATE, STILL_ERROR)
    claim = f"{SIGNED}abs(E(X*{STILL}) - eta^2*E(X*({DRIFT}))) <= eta^4*E(X*({STILL_ERROR}))"
    still.drift(proof, "still_drift", claim)
    _drift(proof)
    still.mixed(proof, "still_mixed", f"{TWO} => E(X*{STILL}*{DM['j']}) = -eta^4*E(X*(c1*({BOTH})))")
    _mixed(proof)
    _powers(proof)
    with proof.fixing("fourth_of_m", CLAIMS["fourth_of_m"], "known", "sign") as inner:
        inner.use("size", "size_m4", "known", "sign", X="X", t="t", i="i")


def _over_u(proof: Proof) -> None:
    """The weight X/u, past and >= 0; the steps as they are."""
    proof.use("u_here", "u_positive", t="t", i="i")
    proof.use("over_u", "reciprocal_positive", "u_here", x="u(t, i)")
    proof.use("past_u_here", "past_u", t="t", i="i")
    proof.past("weight_past", "past(X*(1/u(t, i)), t)", "known", "past_u_here")
    proof.have("weight_positive", "X*(1/u(t, i)) >= 0", ["sign*over_u"])
    proof.use("moved", "theta_step", t="t", i="i")


def _added(proof: Proof, rest: str, pieces: Sequence[tuple[str, str, str]]) -> list[str]:
    """|E(X*rest)| at most the sum of coefficient E(X/u bound); pieces are coefficient, bound and its coordinate."""
    proof.use("average_size", "mean_size", "sign", "near_here", W="X", Y=rest, Z=_most(proof))
    powers, bounds = [], []
    for coefficient, name, c in pieces:
        _, power, factor = SIZES[name]
        power = power.replace("i)", f"{c})") if c == "j" else power
        proof.use(f"piece_{name}", f"size_{name}", "weight_past", "weight_positive", X="X*(1/u(t, i))", t="t", i=c)
        powers.append(f"{coefficient}*E(X*(1/u(t, i))*{power})")
        bounds.append(f"{coefficient}*{factor}E(X*(1/u(t, i))*{name}(t, {c}))")
    proof.linear("parts", f"E(X*({_most(proof)})) = {' + '.join(powers)}")
    return bounds


def _most(proof: Proof) -> str:
    return str(proof.scope.claim("near_here")).rsplit(" <= ", 1)[1]


def _drift(proof: Proof) -> None:
    with proof.fixing("drift_of_theta", CLAIMS["drift_of_theta"], "known", "sign") as inner:
        _over_u(inner)
        inner.use("still", "still_drift", "known", "sign", X="X", t="t", i="i")
        inner.use("near_here", "near", t="t", i="i")
        _added(inner, MOVE, [("eta^2", "w2", "i"), ("1/eta^2", "u2", "i")])
        inner.have("pointwise", f"X*{DT['i']} = X*{STILL} + eta^2*(X*({MOVE}))", (), ["moved@theta(t + 1, i)"])
        inner.mean("average", f"E(X*{DT['i']}) = E(X*{STILL}) + eta^2*E(X*({MOVE}))", "pointwise")
        inner.linear(
            "bound",
            f"E(X*({DRIFT_ERROR})) = E(X*({STILL_ERROR})) + E(X*(1/u(t, i))*w2(t, i)) + E(X*(1/u(t, i))*u2(t, i))",
        )
        old = f"E(X*{STILL}) - eta^2*E(X*({DRIFT}))"
        _joined(inner, CLAIMS["drift_of_theta"], old, MOVE, ["positive_h*positive_h*piece_w2", "piece_u2"])


def _joined(proof: Proof, claim: str, old: str, rest: str, rows: Sequence[str]) -> None:
    """Both signs of the claim, from `still` about `old`, `average_size`, and what the pieces are at most."""
    left, right = claim.split("=> ")[1].rsplit(" <= ", 1)
    for name, text in (("old", old), ("rest", f"E(X*({rest}))")):
        proof.use(f"{name}_up", "absolute_above", x=text)
        proof.use(f"{name}_down", "absolute_below", x=text)
    equations: list[str | tuple[str, str]] = ["average", ("eta^4", "bound"), ("eta^2", "parts"), "one_eta"]
    for name, sign, side in (("top", "", "up"), ("bottom", "-", "down")):
        facts = ["still", f"old_{side}", "positive_h*average_size", f"positive_h*rest_{side}", *rows]
        proof.have(name, f"{sign}({left[4:-1]}) <= {right}", facts, equations)
    proof.use("done", "both_signs", "top", "bottom", Y=left[4:-1], Z=right)


def _mixed(proof: Proof) -> None:
    name = "no_diffusion_between_theta_and_m"
    with proof.fixing(name, CLAIMS[name], "known", "sign") as inner:
        _over_u(inner)
        inner.use("exact", "still_mixed", "known", X="X", t="t", i="i", j="j")
        both = f"c1*({BOTH})"
        inner.have("itself", f"abs({both}) <= abs({both})")
        inner.use("both_size", "mean_size", "sign", "itself", W="X", Y=both, Z=f"abs({both})")
        inner.have("even", "eta^4 > 0", ["positive_h*positive_h"])
        old = f"E(X*{STILL}*{DM['j']})"
        inner.use("both_up", "absolute_above", x=f"E(X*({both}))")
        inner.use("both_down", "absolute_below", x=f"E(X*({both}))")
        for side, sign, other in (("top", "", "down"), ("bottom", "-", "up")):
            facts = ["even*both_size", f"even*both_{other}"]
            inner.have(f"still_{side}", f"{sign}{old} <= eta^4*E(X*abs({both}))", facts, ["exact"])
        inner.use("still", "both_signs", "still_top", "still_bottom", Y=old, Z=f"eta^4*E(X*abs({both}))")
        inner.use("near_here", "product_near", t="t", i="i", Y=DM["j"])
        rest = f"({MOVE})*{DM['j']}"
        _added(inner, rest, [("1", "u2", "i"), ("eta^2/2", "w4", "i"), ("1/(2*eta^2)", "m4", "j")])
        product = f"X*{DT['i']}*{DM['j']}"
        sides = f"X*{STILL}*{DM['j']}", f"X*({rest})"
        inner.have("pointwise", f"{product} = {sides[0]} + eta^2*({sides[1]})", (), ["moved@theta(t + 1, i)"])
        inner.mean("average", f"E({product}) = E({sides[0]}) + eta^2*E({sides[1]})", "pointwise")
        weight = "X*(1/u(t, i))"
        parts = f"eta^2*E({weight}*u2(t, i)) + E({weight}*w4(t, i))/2 + E({weight}*m4(t, j))/2"
        inner.linear("bound", f"E(X*({MIXED})) = E(X*abs({both})) + {parts}")
        rows = ["positive_h*piece_u2", "even*piece_w4", "piece_m4"]
        _joined(inner, CLAIMS[name], old, rest, rows)


def _powers(proof: Proof) -> None:
    """(x + y)^2 <= 2 x^2 + 2 y^2 twice, and the bound on the new step."""
    x, y = "lambda0*theta(t, i)", f"({NEW_STEP})"
    for name, power, bound in (("second_of_theta", 2, "w2"), ("fourth_of_theta", 4, "w4")):
        with proof.fixing(name, CLAIMS[name], "known", "sign") as inner:
            inner.use("moved", "theta_step", t="t", i="i")
            inner.use("most", "squares", t="t", i="i")
            inner.use("size", f"size_{bound}", "known", "sign", X="X", t="t", i="i")
            inner.have("twice", f"({x} + {y})^2 <= 2*({x})^2 + 8*{STEP}^2", ["most", square(f"{x} - {y}")])
            still, moved = f"X*theta(t, i)^{power}", f"X*{STEP}^{power}"
            if power == 2:
                parts, rows = "2*lambda0^2*{0} + 8*{1}", [square("eta^2") * "sign*twice"]
            else:
                total = f"2*({x})^2 + 8*{STEP}^2"
                inner.have("room", f"{total} - ({x} + {y})^2 >= 0", ["twice"])
                inner.have("total", f"{total} + ({x} + {y})^2 >= 0", [square(x), square(STEP), square(f"{x} + {y}")])
                inner.have(
                    "again",
                    f"({x} + {y})^4 <= 8*({x})^4 + 128*{STEP}^4",
                    ["room*total", square(f"({x})^2 - 4*{STEP}^2")],
                )
                parts, rows = "8*lambda0^4*{0} + 128*{1}", [square("eta^4") * "sign*again"]
            step = f"X*{DT['i']}^{power}"
            whole = f"eta^{2 * power}*({parts})"
            inner.have("pointwise", f"{step} <= {whole.format(still, moved)}", rows, ["moved@theta(t + 1, i)"])
            means = f"E({still})", f"E({moved})"
            inner.mean("average", f"E({step}) <= {whole.format(*means)}", "pointwise")
            right = {2: SECOND_OF_THETA, 4: FOURTH_OF_THETA}[power]
            front = "" if power == 2 else "eta^4*"
            bounded = f"{front}({parts.format(f'E({still})', f'E(X*{bound}(t, i))')})"
            inner.linear("bound", f"E(X*({right})) = {bounded}")
            inner.have("even", f"eta^{2 * power} >= 0", [square(f"eta^{power}")])
            inner.have("done", CLAIMS[name].split("=> ")[1], ["average", "even*size"], [("eta^4", "bound")])


def _bounds_here() -> dict[str, Value]:
    """The bounds in the model."""
    model: dict[str, Value] = {**OLD.model, "a": UNITS.model["a"]}
    values = {n: ((), term(v)) if isinstance(v, str) else (tuple(v[:-1]), term(v[-1])) for n, v in model.items()}
    bounds = {name: ["t", "i", show(substitute(term(text), values))] for name, text in BOUNDS.items()}
    return {**model, **bounds}


def _shown(proof: Proof) -> None:
    """A run on the gradient 0 without noise."""
    decaying_run(proof)
    absolute_of_zero(proof)


HYPOTHESES = {
    **{n: text for n, text in UNITS_HYPOTHESES.items() if n not in ("correction", "c2_sign")},
    **{n: text for n, text in OLD_HYPOTHESES.items() if n not in UNITS_HYPOTHESES},
    **{f"{name}_definition": f"forall t nat, i nat: {name}(t, i) = {bound}" for name, bound in BOUNDS.items()},
}
THEOREM = Theorem(
    theorem="adamw_with_new_second_moment_has_the_same_sde",
    title="AdamW with the new second moment has the same SDE",
    says="""For AdamW as libraries take it, dividing by the new second moment, both averages bias-corrected at the step
    that is taken, beta2 >= 1/4 and otherwise as with the old second moment: given the past, its moments are those of
    the same SDE up to h^2 = eta^4, with these constants, and only the mixed moments of m and u and the third moments of
    m need low skewness. w2 and w4 bound the second and fourth moments of a m', m4 and u2 the fourth of m' - m and the
    second of u' - u over eta^4; all are written out.""",
    sources=["malladi2022sdes, method of its SDE derivations", "loshchilov2019decoupled, Algorithm 2"],
    variables={**OLD.variables, **dict.fromkeys(BOUNDS, "rand(nat, nat)")},
    hypotheses=HYPOTHESES,
    definitions=[NEW],
    claims=CLAIMS,
    lemmas=[
        "moments_of_shifted_noise",
        UNITS.theorem,
        "sizes_on_every_outcome",
        SCALE.theorem,
        "powers_of_a_fraction",
        POWERS.theorem,
        SMALL_U.theorem,
    ],
    model=_bounds_here(),
    script=script,
    shown=_shown,
    instances=[noisy_adam(HYPOTHESES, "adamw", new=True)],
)
