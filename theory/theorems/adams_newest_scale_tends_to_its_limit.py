"""The factor of m in Adam's step as libraries take it, both bias corrections new, and its limit in Adam's SDE."""

from __future__ import annotations

from ..proving.script import Proof
from ..proving.theorem import Theorem
from .adams_corrected_scale_tends_to_its_limit import FIRST, GAMMA, HYPOTHESES, LIMIT, LIMIT_ROOT, TIME, Factor
from .adams_corrected_scale_tends_to_its_limit import THEOREM as OLD
from .bias_corrections_tend_to_their_limit import halves

ROOT = "sqrt(1 - p2(k + 1 + 1))"
RUN = f"{ROOT}/({FIRST})/(s + eps0*{ROOT})"
RATE = f"c2*(1 + c2*{TIME})/(2*{LIMIT_ROOT}*gamma1(k + 1)) + c1*(1 + c1*{TIME})*{LIMIT_ROOT}/gamma1(k + 1)^2"
CLAIMS = {
    "limit_of_first_positive": "forall k nat: gamma1(k + 1) > 0",
    "limit_of_second_positive": "forall k nat: gamma2(k + 1) > 0",
    "rate": f"forall k nat, s rand: s > 0 => abs({RUN} - {LIMIT}) <= h*({RATE})/s",
    "bounded": f"forall k nat, s rand: s > 0 => {RUN} <= 1/(gamma1(k + 1)*s)",
    "sign": f"forall k nat, s rand: s > 0 => {RUN} >= 0",
}


def _corrections(proof: Proof) -> None:
    """What the step needs of both corrections at k + 2 and their limits at k + 1."""
    for n in "12":
        proof.use(f"gamma{n}", f"gamma{n}_definition", k="k + 1")
        proof.use(f"below{n}", f"powers_below{n}", k="k + 1")
        proof.use(f"falling{n}", f"decreasing{n}", k="k + 1")
    proof.use("power_sign", "powers_sign2", k="k + 1 + 1")
    proof.use("g_positive", "limit_of_first_positive", k="k")
    proof.use("w_positive", "limit_of_second_positive", k="k")
    proof.have("order_b", f"{FIRST} >= {GAMMA}", ["falling1", "below1"], ["gamma1"])
    proof.have("w_order", "gamma2(k + 1) <= 1 - p2(k + 1 + 1)", ["falling2", "below2"], ["gamma2"])


FACTOR = Factor(
    claims=CLAIMS,
    corrected="1 - p2(k + 1 + 1)",
    corrections=_corrections,
    power_sign="power_sign",
    close=[("1", "next_correction"), ("2", "next_correction")],
    near=f"c2*(1 + c2*{TIME})*h",
)
THEOREM = Theorem(
    theorem="adams_newest_scale_tends_to_its_limit",
    title="Adam's newest scale tends to its limit",
    says="""With 1 - beta1 = c1 h, 1 - beta2 = c2 h, and gamma_i = 1 - exp(-c_i s) at the time s = k h > 0: the factor
    sqrt(1 - beta2^(k + 1))/((1 - beta1^(k + 1))(S + eps0 sqrt(1 - beta2^(k + 1)))), of which both bias corrections are
    those of the step that is taken, as in libraries, differs from the factor sqrt(gamma2)/(gamma1 (S + eps0
    sqrt(gamma2))) of Adam's SDE by at most h times an explicit number that is bounded for s in [t0, T], t0 > 0, over
    S = sigma0 sqrt(u).""",
    sources=["malladi2022sdes, SDE of Adam"],
    variables=OLD.variables,
    hypotheses=HYPOTHESES,
    claims=CLAIMS,
    lemmas=OLD.lemmas,
    model=OLD.model,
    script=FACTOR.script,
    shown=halves,
    instances=OLD.instances,
)
