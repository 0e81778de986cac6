"""The certificate's number for Adam is the bound that the theorem about the equations of its rule claims."""

from fractions import Fraction

import driftproof as dp
from driftproof.checks.runtime.instances import built
from driftproof.theory.kernel.formulas import formula
from driftproof.theory.proving.instance import Given, Instance, Recursion, Table
from driftproof.theory.theorems.torch_adam_is_bounded_at_every_horizon import THEOREM

RIGHT = THEOREM.claims["bound"].split(" <= ")[1]
WEIGHT = "L*H({0})*(alpha({0})*(1 - beta1))^2/(1 - beta2) + Q({0})*G*(2*(1 - beta1)*alpha({0})/sqrt(1 - beta2)"
WEIGHT += " + alpha({0})*beta1*sqrt(A({1})/beta2))"
VALUES: dict[str, Given] = {
    **{"T": "3", "d": "2", "L": "1/4", "G": "3", "fstar": "0", "f": ["t", "5"]},
    **{"eta": "1/8", "beta1": "1/4", "beta2": "3/4", "eps": "1/8", "B": "G + eps*sqrt(1 - q(T))"},
    "p": Recursion(("t",), "1", "beta1*p(t)"),
    "q": Recursion(("t",), "1", "beta2*q(t)"),
    "alpha": Recursion(("t",), "1", "eta*sqrt(1 - q(t + 1))/(1 - p(t + 1))"),
    "rho": Recursion(("t",), "0", "beta1*alpha(t + 1)/(sqrt(beta2)*alpha(t))"),
    "P": Recursion(("t",), "0", "1 + rho(t + 1)*P(t)"),
    "A": Recursion(("t",), "0", "beta1^2/beta2*A(t) + (1 - beta1)^2/(1 - beta2)"),
    "Q": Table(("0", *(f"1 + rho({t + 1})*Q({t + 1})" for t in (1, 2)), "1", "0")),
    "H": Table(("0", *(f"Q({t})*P({t}) + rho({t + 1})*H({t + 1})" for t in (1, 2)), "Q(3)*P(3)", "0")),
    "w": Table(("0", *(f"max({WEIGHT.format(t, t - 1)}, w({t + 1}))" for t in (1, 2)), WEIGHT.format(3, 2), "0")),
}
"""Three steps. Every recursion of the theorem that has >= is an equation here."""
OF_WEIGHTS = "alpha_is rho_is P_first P_next A_first A_next Q_sign Q_back H_sign H_back w_sign w_most falling".split()


def number() -> float:
    """What `converge` says of the same run."""
    given = {"beta1": 0.25, "beta2": 0.75, "eps": 0.125, "L": 0.25, "G": 3.0, "dim": 2, "gap": 5.0}
    found = dp.converge("adam", horizon=3, lr=0.125, **given).finite
    assert found is not None
    return found.bound


def test_the_number_of_the_certificate_is_the_right_side_of_the_theorem() -> None:
    """The theorem has eps for the largest of eps sqrt(1 - beta2^t), which at T is a little less."""
    model = built(Instance("three steps", VALUES, naturals={"": 4}))
    assert [name for name in OF_WEIGHTS if not model.judged(formula(THEOREM.hypotheses[name])).holds] == []
    square = f"({Fraction(number())})^2"
    own = RIGHT.replace("G + eps", "B")
    assert RIGHT.count("G + eps") == 2
    for said in (f"{own} <= {square}", f"{square} <= {own}*(1 + 1/10^10)", f"{square} < {RIGHT}"):
        assert model.judged(formula(said)).holds, said
