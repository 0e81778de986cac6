"""Generic Adam, lemmas C and E: a step as the one before, the gradient and a remainder (Chen et al. 2022)."""

from ..proving.instance import Drawn, Instance, Run, after
from ..proving.positive import reciprocal
from ..proving.script import Proof, square
from ..proving.theorem import Theorem

RHO, OLD = "beta1*alpha/(sqrt(b)*alpha_old)", "alpha_old*m_old/before"
REST = "alpha*beta1*m_old/before/sqrt(b)*(1 - sqrt(b)*before/s)"
ADDED = "(alpha*(1 - beta1))^2/(1 - b)*U"


def script(proof: Proof) -> None:
    """m by its update; then (x + y)^2 <= (1 + rho P)(x^2/(rho P) + y^2)."""
    proof.use("h_positive", "root_positive", "b_positive", x="b")
    proof.have("spare", "1 - b > 0", ["b_small"])
    letters = {"before": "before", "s": "s", "sqrt(b)": "h", "alpha_old": "alpha_old", "P": "P", "1 - b": "spare"}
    premises = {
        "before": "before_positive",
        "s": "scale_positive",
        "h": "h_positive",
        "P": "P_positive",
        "spare": "spare",
    }
    for x, name in letters.items():
        positive = premises.get(name, "alpha_old_positive")
        reciprocal(proof, name, positive, x, over="inverse")
    units = ["before_unit", "s_unit", "h_unit", "alpha_old_unit"]
    proof.have("split", f"alpha*m/s = {RHO}*{OLD} + alpha*(1 - beta1)*g/s - {REST}", (), ["momentum", *units])
    proof.have("rho_sign", f"{RHO} >= 0", ["beta1_sign*alpha_positive*h_inverse*alpha_old_inverse"])
    k = "sqrt(b)*before/s"
    proof.have("k_sign", f"{k} >= 0", ["h_positive*before_positive*s_inverse"])
    proof.have("k_most", f"1 - {k} >= 0", ["keeps*s_inverse"], ["s_unit"])
    proof.have("direct", f"alpha*m/s = {RHO}*{k}*{OLD} + alpha*(1 - beta1)*g/s", (), ["momentum", *units])
    proof.have(
        "own",
        f"(alpha*(1 - beta1)*g/s)^2 <= {ADDED}",
        [square("alpha*(1 - beta1)") * "paid*spare_inverse"],
        ["spare_unit"],
    )
    proof.have("rest", f"1 - ({k})^2 >= 0", ["k_most*k_sign", "k_most"])
    y = "alpha*(1 - beta1)*g/s"
    proof.have("total", f"1 + {RHO}*P >= 0", ["rho_sign*P_positive"])
    proof.have(
        "cauchy",
        f"({RHO}*{k}*{OLD} + {y})^2 <= (1 + {RHO}*P)*({RHO}*({OLD})^2/P + ({y})^2)",
        [
            square(f"{RHO}*{OLD}") * "rest",
            square(f"{k}*{OLD} - P*{y}") * "rho_sign*P_inverse",
            square(OLD) * "rest*rho_sign*P_inverse",
        ],
        ["P_unit"],
    )
    moved = f"{RHO}*{k}*{OLD} + {y}"
    proof.have(
        "square",
        f"(alpha*m/s)^2 <= (1 + {RHO}*P)*({RHO}*({OLD})^2/P + {ADDED})",
        ["cauchy", "total*own"],
        [(f"alpha*m/s + {moved}", "direct")],
    )


def shown(proof: Proof) -> None:
    """The scale keeps up in the model: sqrt(1/4) <= 1."""
    proof.have("sign", "1/4 >= 0")
    proof.use("root", "root_squared", "sign", x="1/4")
    proof.use("half", "root_nonnegative", x="1/4")
    proof.have("keeps", "1 >= sqrt(1/4)*1", [square("sqrt(1/4) - 1")], ["root"])


THEOREM = Theorem(
    theorem="adam_step_from_the_one_before",
    title="A step of Adam from the one before",
    says="""The step alpha m/s is rho times the one before, rho = beta1 alpha/(sqrt(b) alpha_old), plus the share of
    the gradient, less a remainder; and its square is at most (1 + rho P) times rho/P of the square before plus what
    the logarithm U of the scale pays for. b is beta2; the scale must keep up: s >= sqrt(b) before.""",
    sources=["chen2022towards, the proof of the main theorem"],
    variables={
        **{name: "rand" for name in ("g", "m_old", "m", "before", "s", "U")},
        **{name: "real" for name in ("b", "beta1", "alpha_old", "alpha", "P")},
    },
    hypotheses={
        "b_positive": "b > 0",
        "b_small": "b < 1",
        "beta1_sign": "beta1 >= 0",
        "alpha_positive": "alpha > 0",
        "alpha_old_positive": "alpha_old > 0",
        "P_positive": "P > 0",
        "before_positive": "before > 0",
        "scale_positive": "s > 0",
        "keeps": "s >= sqrt(b)*before",
        "paid": "(1 - b)*g^2/s^2 <= U",
        "momentum": "m = beta1*m_old + (1 - beta1)*g",
    },
    claims={
        "own": f"(alpha*(1 - beta1)*g/s)^2 <= {ADDED}",
        "split": f"alpha*m/s = {RHO}*{OLD} + alpha*(1 - beta1)*g/s - {REST}",
        "square": f"(alpha*m/s)^2 <= (1 + {RHO}*P)*({RHO}*({OLD})^2/P + {ADDED})",
    },
    model={
        "g": "1",
        "m_old": "1",
        "m": "1",
        "before": "1",
        "s": "1",
        "U": "3",
        "b": "1/4",
        "beta1": "1/2",
        "alpha_old": "2",
        "alpha": "1",
        "P": "1",
    },
    script=script,
    shown=shown,
    instances=[
        Instance(
            "the second step of Adam on random gradients",
            {
                **{"z": Drawn(("2", "1/2", "-1")), "g": "z(2)", "b": "16/25", "beta1": "3/4"},
                **{"alpha_old": "1/2", "alpha": "1/3", "P": "2/3", "before": "sqrt(v_old)", "s": "sqrt(v)"},
                "U": "log(s^2/(b*before^2))",
            },
            ("1/4", "1/4", "1/2"),
            draws=2,
            run=Run(
                "adam",
                {"beta1": "beta1", "beta2": "b"},
                "z(t + 1)",
                ("1",),
                2,
                {"m_old": after("m", 1), "m": after("m", 2), "v_old": after("v", 1), "v": after("v", 2)},
                torch="Adam",
            ),
        ),
        Instance(
            "a scale that keeps up with equality where the gradient is 0",
            {
                **{"m_old": Drawn(("1", "-1/3"), draw=1), "before": Drawn(("1", "1/2"), draw=1)},
                **{"g": Drawn(("0", "3/2"), draw=2), "m": "beta1*m_old + (1 - beta1)*g"},
                **{"s": "sqrt(b*before^2 + (1 - b)*g^2)", "U": "(1 - b)*g^2/s^2"},
                **{"b": "16/25", "beta1": "9/10", "alpha_old": "1/2", "alpha": "2/3", "P": "3/2"},
            },
            ("1/3", "2/3"),
            draws=2,
        ),
    ],
)
