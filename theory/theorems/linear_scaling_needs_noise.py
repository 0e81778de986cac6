"""What (C, kappa)-validity of the linear scaling rule requires (Li, Malladi & Arora 2021)."""

from ..proving.instance import Drawn, Instance
from ..proving.script import Proof, square
from ..proving.theorem import Theorem
from .root_of_quotient import invert
from .sgd_equilibrium_balances_decay_and_gradients import NOISE, SIGNAL, SIZE
from .sgd_equilibrium_balances_decay_and_gradients import THEOREM as SGD


def large(text: str) -> str:
    """What is said of x, g, G and eta, said of y, h, H and kappa eta."""
    for old, new in (("x(i)", "y(i)"), ("g(i)", "h(i)"), ("G(i)", "H(i)"), ("eta", "kappa*eta")):
        text = text.replace(old, new)
    return text


LARGE_SIZE, LARGE_SIGNAL, LARGE_NOISE = map(large, (SIZE, SIGNAL, NOISE))
CLAIM = f"(kappa - C^2)*{LARGE_SIGNAL} <= kappa*(C^2 - 1)*{LARGE_NOISE}"
BASE = f"kappa*{SIGNAL} <= C^2*{SIGNAL} + (C^2 - 1)*{NOISE}"
RATIO = f"{LARGE_SIGNAL} > 0 => {LARGE_NOISE}/{LARGE_SIGNAL} >= (1 - 1/kappa)/(C^2 - 1) - 1/kappa"


def script(proof: Proof) -> None:
    """kappa eta (G' + N') = (2 - kappa eta lambda) lambda R' <= C eta (G + N) <= C^2 eta (G' + kappa N')."""
    names = ["orthogonal", "unbiased", "equilibrium"]
    values = {name: name if name in ("eta", "lam", "d") else ["i", f"{name}(i)"] for name in SGD.variables}
    proof.lemma("base", SGD.claims["identity"], SGD.theorem, ["steps", *names], values)
    proof.have("large_steps", "kappa*eta > 0", ["larger*steps", "steps"])
    values = {"eta": "kappa*eta", "lam": "lam", "d": "d", "x": ["i", "y(i)"], "g": ["i", "h(i)"], "G": ["i", "H(i)"]}
    proof.lemma(
        "scaled",
        large(SGD.claims["identity"]),
        SGD.theorem,
        ["large_steps", *(f"large_{name}" for name in names)],
        values,
    )
    for letter, term, bound in (
        ("x", "x(i)", SIZE),
        ("y", "y(i)", LARGE_SIZE),
        ("G", "G(i)", SIGNAL),
        ("g", "g(i) - G(i)", NOISE),
    ):
        with proof.fixing(f"{letter}_squares", f"forall i nat: ({term})^2 >= 0") as inner:
            inner.have("square", f"({term})^2 >= 0", [square(term)])
        proof.add(f"{letter}_norm", f"sum(i < d, ({term})^2) >= 0", f"{letter}_squares", "d")
        proof.mean(f"{letter}_sign", f"{bound} >= 0", f"{letter}_norm")
    middle = f"eta*kappa*({LARGE_SIGNAL} + {LARGE_NOISE}) <= C*eta*({SIGNAL} + {NOISE})"
    with proof.cases("middle", middle, on="2 - eta*lam") as (stable, unstable):
        stable.have(
            "done",
            middle,
            ["case*decay*near_size", "larger*steps*decay*decay*y_sign"],
            [("1", "scaled"), ("C", "base")],
        )
        unstable.have(
            "done",
            middle,
            [
                "case*decay*y_sign",
                "larger*steps*decay*decay*y_sign",
                "factor*steps*G_sign",
                "factor*steps*g_sign",
                "steps*G_sign",
                "steps*g_sign",
            ],
            [("1", "scaled")],
        )
    invert(proof, "steps", "eta")
    proof.have(
        "over",
        f"kappa*({LARGE_SIGNAL} + {LARGE_NOISE}) <= C*({SIGNAL} + {NOISE})",
        ["steps_inverse*middle"],
        [(f"kappa*({LARGE_SIGNAL} + {LARGE_NOISE})", "steps_unit"), (f"C*({SIGNAL} + {NOISE})", "steps_unit")],
    )
    proof.have("needed", CLAIM, ["over", "factor*near_signal", "factor*near_noise", "near_signal", "near_noise"])
    proof.have("needed_before", BASE, ["factor*over", "over", "larger*near_signal", "near_signal", "near_noise"])
    with proof.fixing("ratio", RATIO, "signal") as inner:
        invert(inner, "signal", LARGE_SIGNAL)
        inner.have("kappa_positive", "kappa > 0", ["larger"])
        invert(inner, "kappa_positive", "kappa")
        inner.have("gap", "C^2 - 1 > 0", ["factor*factor", "factor"])
        invert(inner, "gap", "C^2 - 1")
        inner.have(
            "done",
            RATIO.split(" => ")[1],
            ["needed*signal_inverse*kappa_positive_inverse*gap_inverse"],
            ["signal_unit", "kappa_positive_unit", "gap_unit"],
        )


THEOREM = Theorem(
    theorem="linear_scaling_needs_noise",
    title="The linear scaling rule needs noise",
    says="""Take SGD with weight decay on a scale-invariant loss at equilibrium, once with step size eta and batch size
    B and once with kappa eta and kappa B. If E |x|^2 grows at most by the factor C > 1, and neither E |G|^2 nor kappa
    times the noise shrinks by more than that, as (C, kappa)-validity of the linear rule says, then at the large batch
    size noise over signal is at least (1 - 1/kappa)/(C^2 - 1) - 1/kappa, and at the small one kappa <= C^2 + (C^2 - 1)
    noise/signal. Signal is E |G|^2, noise is E |g - G|^2; the large batch has y, h, H.""",
    sources=["li2021validity, when the linear rule fails"],
    variables={
        **SGD.variables,
        "C": "real",
        "kappa": "real",
        "y": "rand(nat)",
        "h": "rand(nat)",
        "H": "rand(nat)",
    },
    hypotheses={
        **SGD.hypotheses,
        "decay": "lam > 0",
        "factor": "C > 1",
        "larger": "kappa >= 1",
        "large_orthogonal": large(SGD.hypotheses["orthogonal"]),
        "large_unbiased": large(SGD.hypotheses["unbiased"]),
        "large_equilibrium": large(SGD.hypotheses["equilibrium"]),
        "near_size": f"{LARGE_SIZE} <= C*{SIZE}",
        "near_signal": f"{SIGNAL} <= C*{LARGE_SIGNAL}",
        "near_noise": f"{NOISE} <= C*kappa*{LARGE_NOISE}",
    },
    claims={"needed": CLAIM, "needed_before": BASE, "ratio": RATIO},
    lemmas=[SGD.theorem],
    model={
        "eta": "3/5",
        "lam": "1/3",
        "d": "2",
        "x": ["i", "1 - i"],
        "g": ["i", "i"],
        "G": ["i", "i"],
        "C": "3",
        "kappa": "2",
        "y": ["i", "1 - i"],
        "h": ["i", "2/3*i"],
        "H": ["i", "2/3*i"],
    },
    script=script,
    instances=[
        Instance(
            "random directions across random parameters, and batches 17/8 times as large",
            {
                **{"eta": "4/17", "lam": "1/2", "d": "2", "C": "6/5", "kappa": "17/8"},
                "x": Drawn((("2", "-1"), ("0", "1"), ("1", "1/2")), draw=1),
                "across": Drawn((("1", "2"), ("-1", "0"), ("-1/2", "1")), draw=1),
                "size": Drawn(("-14/5", "2/5", "2"), draw=2),
                "g": ["i", "size*across(i)"],
                "G": ["i", "E(size)*across(i)"],
                "other": Drawn(("-1", "-2/3", "5/3"), draw=2),
                "y": ["i", "across(i)"],
                "h": ["i", "other*x(i)"],
                "H": ["i", "E(other)*x(i)"],
            },
            ("1/4", "1/4", "1/2"),
            draws=2,
            naturals={"": 2},
        )
    ],
)
