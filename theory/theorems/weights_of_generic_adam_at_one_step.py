"""Generic Adam's sufficient condition at one step: what it gives for the weights of the proof (Chen et al. 2022)."""

from ..proving.instance import Instance
from ..proving.positive import reciprocal
from ..proving.script import Proof, square
from ..proving.theorem import Theorem

P0, P1 = "alpha0/(q0*a0*S0)/(1 - r)", "alpha/(q*a*S)/(1 - r)"
Q0, Q1 = "C0*a0*q0*S0/(alpha0*R)/(1 - r)", "C0*a*q*S/(alpha*R)/(1 - r)"
RHO = "beta1*alpha/(h*alpha0)"
J = "C0/R/(1 - r)/(1 - r)"
C3 = "C0/R/(1 - r)*(C0^2*chi*L/R^2/(1 - r)/(1 - r) + 2*(beta/(1 - beta)*X + 1)^2*G)"
W = f"L*({J}*({Q1}))*(alpha*(1 - beta1))^2/q^2 + {Q1}*(G*(2*(1 - beta1)*alpha/q + alpha*beta1*Y))"
POSITIVE = ("alpha0", "q0", "a0", "S0", "alpha", "q", "a", "S", "h", "R", "C0")


def script(proof: Proof) -> None:
    """P and Q are r times their neighbours, r < 1, plus at least 1; w has two factors Q alpha/q <= C0 a/(R (1 - r))."""
    proof.have("spare_positive", "1 - r > 0", ["r_small"])
    proof.have("beta_gap_positive", "1 - beta > 0", ["beta_small"])
    names = {"1 - r": "spare", "1 - beta": "beta_gap"}
    for x in (*POSITIVE, *names):
        name = names.get(x, x)
        reciprocal(proof, name, f"{name}_positive", x, over="inverse")
    proof.have(
        "forgets", "beta1/(h*S0) <= r/S", ["contracts*h_inverse*S0_inverse*S_inverse"], ["h_unit", "S0_unit", "S_unit"]
    )
    proof.have(
        "falls",
        "1/(q0*a0) <= 1/(q*a)",
        [
            "q_falls*a_falls*q_inverse*q0_inverse*a_inverse*a0_inverse",
            "q_falls*a_positive*q_inverse*q0_inverse*a_inverse*a0_inverse",
            "a_falls*q_positive*q_inverse*q0_inverse*a_inverse*a0_inverse",
        ],
        ["q_unit", "q0_unit", "a_unit", "a0_unit"],
    )
    proof.have("most", "alpha/(q*a) >= 1", ["least*q_inverse*a_inverse"], ["q_unit", "a_unit"])
    proof.have("S_most", "1/S >= 1", ["S_small*S_inverse"], ["S_unit"])
    proof.have("P_own", "alpha/(q*a*S) >= 1", ["most*S_inverse", "S_most"])
    proof.have(
        "P_old",
        f"{RHO}*({P0}) <= r*({P1})",
        [
            "forgets*alpha_positive*q0_inverse*a0_inverse*spare_inverse",
            "falls*r_sign*alpha_positive*S_inverse*spare_inverse",
        ],
        ["alpha0_unit"],
    )
    proof.have("P_whole", f"(1 - r)*({P1}) >= 1", ["P_own"], ["spare_unit"])
    proof.have("P_next", f"{P1} >= 1 + {RHO}*({P0})", ["P_old", "P_whole"])
    proof.have("Q_own", "C0*a0*q0/alpha0 >= 1", ["above0*alpha0_inverse"], ["alpha0_unit"])
    proof.have("S0_least", "S0/R >= 1", ["S0_above*R_inverse"], ["R_unit"])
    proof.have("Q_own_more", "C0*a0*q0*S0/(alpha0*R) >= 1", ["Q_own*S0_positive*R_inverse", "S0_least"])
    proof.have("Q_whole", f"(1 - r)*({Q0}) >= 1", ["Q_own_more"], ["spare_unit"])
    proof.have("forgets_too", "beta1*S/h <= r*S0", ["contracts*h_inverse"], ["h_unit"])
    proof.have("falls_too", "a*q <= a0*q0", ["q_falls*a_falls", "q_falls*a_positive", "a_falls*q_positive"])
    proof.have(
        "Q_old",
        f"{RHO}*({Q1}) <= r*({Q0})",
        [
            "forgets_too*C0_positive*a_positive*q_positive*alpha0_inverse*R_inverse*spare_inverse",
            "falls_too*r_sign*S0_positive*C0_positive*alpha0_inverse*R_inverse*spare_inverse",
        ],
        ["alpha_unit"],
    )
    proof.have("Q_back", f"{Q0} >= 1 + {RHO}*({Q1})", ["Q_old", "Q_whole"])
    proof.have("product", f"({Q1})*({P1}) = {J}", (), ["alpha_unit", "q_unit", "a_unit", "S_unit"])
    _weights(proof)


def _weights(proof: Proof) -> None:
    """w_t <= C_3 a_t."""
    most = "C0*a/R/(1 - r)"
    proof.have("S_gap", "1 - S >= 0", ["S_small"])
    proof.have("own", "1 - beta1 >= 0", ["beta1_most", "beta_small"])
    proof.have("own_square", "1 - (1 - beta1)^2 >= 0", ["own*beta1_sign", "beta1_sign"])
    proof.have("beta_sign", "beta >= 0", ["beta1_sign", "beta1_most"])
    proof.have("step", "alpha/q <= C0*a", ["above*q_inverse"], ["q_unit"])
    proof.have("step_below", "C0*chi - alpha/q >= 0", ["step", "a_most*C0_positive"])
    proof.have("R_gap", "1 - R >= 0", ["R_small"])
    proof.have("R_least", "1/R - 1 >= 0", ["R_gap*R_inverse"], ["R_unit"])
    proof.have("C0_gap", "C0 - 1 >= 0", ["C0_most"])
    proof.have("chi_sign", "chi >= 0", ["a_most", "a_positive"])
    proof.have("share", f"{Q1}*alpha/q = {most}*S", (), ["alpha_unit", "q_unit"])
    proof.have("most_sign", f"{most} >= 0", ["C0_positive*a_positive*R_inverse*spare_inverse"])
    proof.have("J_sign", f"{J} >= 0", ["C0_positive*R_inverse*spare_inverse*spare_inverse"])
    proof.have("step_sign", "alpha/q >= 0", ["alpha_positive*q_inverse"])
    proof.have(
        "smooth_part",
        f"L*{J}*({most}*S)*(alpha/q)*(1 - beta1)^2 <= L*{J}*({most})*(C0*chi)",
        [
            "L_sign*J_sign*most_sign*step_sign*own_square*S_positive",
            "L_sign*J_sign*most_sign*step_sign*S_gap",
            "L_sign*J_sign*most_sign*step_below",
        ],
    )
    larger = f"{most}*(C0^2*chi*L/R^2/(1 - r)/(1 - r))"
    proof.have(
        "smooth_share",
        f"L*{J}*({most})*(C0*chi) <= {larger}",
        ["L_sign*most_sign*C0_positive*C0_positive*chi_sign*R_inverse*R_least*spare_inverse*spare_inverse"],
    )
    proof.have(
        "noise_part", f"({most}*S)*(2*(1 - beta1)) <= 2*({most})", ["most_sign*S_gap*own", "most_sign*beta1_sign"]
    )
    proof.have("beta1_gap", "beta - beta1 >= 0", ["beta1_most"])
    proof.have("Y_gap", "X - q*Y >= 0", ["Y_most"])
    proof.have(
        "momentum_part",
        f"({most}*S)*(beta1*(q*Y)) <= {most}*(beta*X)",
        ["most_sign*S_positive*beta1_sign*Y_gap", "most_sign*S_gap*beta1_sign*X_sign", "most_sign*beta1_gap*X_sign"],
    )
    proof.have("inverse_most", "1/(1 - beta) - 1 >= 0", ["beta_sign*beta_gap_inverse"], ["beta_gap_unit"])
    root = "beta/(1 - beta)*X"
    proof.have(
        "noise_share",
        f"{most}*(2 + beta*X) <= {most}*(2*({root} + 1)^2)",
        [
            square(root) * "most_sign",
            "most_sign*beta_sign*X_sign*inverse_most",
            "most_sign*beta_sign*X_sign*beta_gap_inverse",
        ],
    )
    proof.have(
        "split",
        f"{W} = L*{J}*({most}*S)*(alpha/q)*(1 - beta1)^2 + ({most}*S)*(2*(1 - beta1))*G + ({most}*S)*(beta1*(q*Y))*G",
        (),
        ["alpha_unit", "q_unit"],
    )
    proof.have(
        "weight",
        f"{W} <= {C3}*a",
        ["smooth_part", "smooth_share", "noise_part*G_sign", "momentum_part*G_sign", "noise_share*G_sign"],
        [("1", "split")],
    )


THEOREM = Theorem(
    theorem="weights_of_generic_adam_at_one_step",
    title="The weights of the proof of generic Adam, at one step",
    says="""Let a q <= alpha <= C0 a q with a and q = sqrt(1 - beta2) that do not increase, and let sqrt(beta2), S and
    beta1 satisfy beta1 S <= r sqrt(beta2) S0 with S <= 1, R <= S0 and R <= 1 and r < 1; the letters with 0 are those of
    the step before. Then P = alpha/(q a S (1 - r)) and Q = C0 a q S/(alpha R (1 - r)) satisfy P >= 1 + rho P0 and Q0 >=
    1 + rho Q, their product is constant, and the weight of the proof is at most a times a constant that is written out
    (C_3).""",
    sources=["chen2022towards, the proof of the main theorem"],
    variables={name: "real" for name in (*POSITIVE, "beta1", "beta", "r", "chi", "X", "Y", "L", "G")},
    hypotheses={
        **{f"{name}_positive": f"{name} > 0" for name in POSITIVE},
        "beta1_sign": "beta1 >= 0",
        "beta1_most": "beta1 <= beta",
        "beta_small": "beta < 1",
        "r_sign": "r >= 0",
        "r_small": "r < 1",
        "contracts": "beta1*S <= r*h*S0",
        "q_falls": "q <= q0",
        "a_falls": "a <= a0",
        "least": "a*q <= alpha",
        "above": "alpha <= C0*a*q",
        "above0": "alpha0 <= C0*a0*q0",
        "S_small": "S <= 1",
        "S0_above": "S0 >= R",
        "R_small": "R <= 1",
        "C0_most": "C0 >= 1",
        "a_most": "a <= chi",
        "L_sign": "L >= 0",
        "G_sign": "G >= 0",
        "X_sign": "X >= 0",
        "Y_most": "q*Y <= X",
    },
    claims={
        "P_next": f"{P1} >= 1 + {RHO}*({P0})",
        "Q_back": f"{Q0} >= 1 + {RHO}*({Q1})",
        "product": f"({Q1})*({P1}) = {J}",
        "weight": f"{W} <= {C3}*a",
    },
    model={
        **dict.fromkeys((*POSITIVE, "L", "G", "X", "Y"), "1"),
        **{"C0": "2", "q0": "1/2", "q": "1/2", "chi": "2", "beta1": "1/4", "beta": "1/2", "r": "1/2"},
    },
    script=script,
    instances=[
        Instance(
            "a step with smaller alpha, q, a and S",
            {
                **{"alpha0": "3/4", "q0": "1/2", "a0": "1", "S0": "1"},
                **{"alpha": "1/4", "q": "1/3", "a": "2/3", "S": "3/4"},
                **{"h": "4/5", "R": "3/4", "C0": "3/2", "L": "2", "G": "3", "X": "2/5", "Y": "6/5", "chi": "2/3"},
                **{"beta1": "1/3", "beta": "1/2", "r": "5/16"},
            },
        )
    ],
)
