"""Adam dividing by the new second moment, as libraries do, has the moments of its SDE: AdamW without decay."""

from __future__ import annotations

from ..proving.define import Definitions
from ..proving.noisy import noisy_adam
from ..proving.script import Proof
from ..proving.theorem import Theorem
from .adamw_in_units_of_its_sde import NAMES
from .adamw_with_new_second_moment_has_the_same_sde import THEOREM as ADAMW


def _without_decay(formula: str) -> str:
    for letters in (
        "-lambda0*theta(t, i) ",
        "lambda0*theta(t, i) + ",
        " - eta*lambda*theta(t, i)",
        "2*lambda0^2*theta(t, i)^2 + ",
        "8*lambda0^4*theta(t, i)^4 + ",
    ):
        formula = formula.replace(letters, "")
    return formula.replace("(- sqrt", "(-sqrt")


ADAM = Definitions("adam_step", "adam", after=1, names=NAMES)
CLAIMS = {name: _without_decay(claim) for name, claim in ADAMW.claims.items()}
HYPOTHESES = {name: _without_decay(said) for name, said in ADAMW.hypotheses.items() if name != "decay_constant"}
VARIABLES = {name: sort for name, sort in ADAMW.variables.items() if not name.startswith("lambda")}


def script(proof: Proof) -> None:
    """AdamW with lambda = 0."""
    proof.have("no_decay", "0 = 0/eta")
    places = ("i", "j", "l", "k")
    values: dict[str, str | list[str]] = {"lambda": "0", "lambda0": "0"}
    for name, sort in VARIABLES.items():
        used = list(places[: sort.count("nat")]) if "(" in sort else []
        values[name] = [*used, f"{name}({', '.join(used)})"] if used else name
    names = ["no_decay" if name == "decay_constant" else name for name in ADAMW.hypotheses]
    for name, claim in CLAIMS.items():
        proof.lemma(name, claim, ADAMW.theorem, names, values)


THEOREM = Theorem(
    theorem="adam_with_new_second_moment_has_the_same_sde",
    title="Adam with the new second moment has the same SDE",
    says="""For Adam as libraries take it, dividing by the new second moment, both averages bias-corrected at the step
    that is taken, beta2 >= 1/4 and otherwise as with the old second moment: given the past, its moments are those of
    the same SDE up to h^2 = eta^4, with these constants, and only the mixed moments of m and u and the third moments of
    m need low skewness. w2 and w4 bound the second and fourth moments of a m', m4 and u2 the fourth of m' - m and the
    second of u' - u over eta^4; all are written out.""",
    sources=["malladi2022sdes, method of its SDE derivations", "kingma2015adam, Algorithm 1"],
    variables=VARIABLES,
    hypotheses=HYPOTHESES,
    definitions=[ADAM],
    claims=CLAIMS,
    lemmas=[ADAMW.theorem],
    model={
        **{name: value for name, value in ADAMW.model.items() if name in VARIABLES},
        "theta": ["t", "i", "i"],
    },
    script=script,
    shown=ADAMW.shown,
    instances=[noisy_adam(HYPOTHESES, new=True)],
)
