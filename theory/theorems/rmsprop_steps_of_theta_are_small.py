"""RMSprop's steps of theta have fourth moments O(h^2), h = eta^2 (the last condition of Milstein's theorem)."""

from __future__ import annotations

from ..proving.noisy import noisy_rmsprop
from ..proving.same_names import with_same_names
from ..proving.script import Proof, square
from ..proving.theorem import Theorem
from .raw_moments_of_a_noisy_gradient import MODEL, NOISE, VARIABLES, use_raw_moments
from .rmsprop_in_units_of_its_sde import CONSTANTS, LETTERS, OLD, UPDATE, VALUES
from .rmsprop_in_units_of_its_sde import THEOREM as UNITS
from .rmsprop_moments_match_its_sde import DT, P

FOURTH_OF_THETA = f"8*(sigma0^4*kurt(t, i, i, i) + eta^4*G(t, i)^4)/{P['i']}^4"
CLAIM = "forall X rand, t nat, i nat: past(X, t), X >= 0 => " + (
    f"E(X*{DT['i']}^4) <= eta^4*E(X*({FOURTH_OF_THETA.replace(P['i'] + '^4', '/'.join([P['i']] * 4))}))"
)


def script(proof: Proof) -> None:
    """The fourth power of g with the weight X/P^4."""
    use_raw_moments(proof, "raw_fourth_size")
    with_same_names(proof, UNITS, "scale_positive", "theta_step")
    with proof.fixing("fourth_of_theta", CLAIM, "known", "sign") as inner:
        over = "/".join([P["i"]] * 4)
        weight = f"X/{over}"
        inner.use("theta_i", "theta_step", t="t", i="i")
        inner.use("past_i", "past_u", t="t", i="i")
        known = inner.past("weight", f"past({weight}, t)", "known", "past_i")
        inner.have("weight_sign", f"{weight} >= 0", [square(f"1/{P['i']}/{P['i']}") * "sign"])
        step, gradient = f"X*{DT['i']}^4", f"{weight}*g(t + 1, i)^4"
        inner.have("pointwise", f"{step} = eta^8*({gradient})", (), ["theta_i@theta(t + 1, i)"])
        inner.mean("average", f"E({step}) = eta^8*E({gradient})", "pointwise")
        inner.use("size", "raw_fourth_size", known, "weight_sign", X=weight, t="t", i="i")
        parts = [f"E({weight}*G(t, i)^4)", f"E({weight}*kurt(t, i, i, i))"]
        inner.linear("split", f"E({weight}*(G(t, i)^4 + sigma^4*kurt(t, i, i, i))) = {parts[0]} + sigma^4*{parts[1]}")
        bound = CLAIM.split(" <= ")[1]
        inner.linear("bound", f"{bound} = eta^4*8*(sigma0^4*{parts[1]} + eta^4*{parts[0]})")
        inner.have("even", "eta^8 >= 0", [square("eta^4")])
        equations = ["average", "split", ("1", "bound"), "sigma_constant"]
        inner.have("small", f"E({step}) <= {bound}", ["even*size"], equations)


THEOREM = Theorem(
    theorem="rmsprop_steps_of_theta_are_small",
    title="RMSprop's steps of theta are small",
    says="""For RMSprop with sigma0 = eta sigma, eps0 = eta eps held fixed, v > 0, P = sigma0 sqrt(u) + eps0: given the
    past, E (theta' - theta)^4 is at most 8 eta^4 (sigma0^4 E z^4 + eta^4 grad f^4)/P^4, coordinate by coordinate.""",
    sources=["malladi2022sdes, method of its SDE derivations"],
    variables={**VARIABLES, **LETTERS},
    hypotheses={**CONSTANTS, **UPDATE, "past_u": "forall t nat, i nat: past(u(t, i), t)", **NOISE},
    definitions=[OLD],
    claims={"fourth_of_theta": CLAIM},
    lemmas=["raw_moments_of_a_noisy_gradient", "rmsprop_in_units_of_its_sde"],
    model={**MODEL, **VALUES, "G": ["t", "i", "1"]},
    script=script,
    instances=[noisy_rmsprop({})],
)
