"""RMSprop's steps are at most eta/sqrt(1 - beta), if v takes the gradient in before the step."""

from ..proving.define import Definitions
from ..proving.instance import Instance, Recursion, Run, Table, along
from ..proving.script import Proof, square
from ..proving.theorem import Theorem
from .powers_of_a_fraction import HALVES, known_powers
from .root_of_quotient import invert, root

NEW, STEP = "sqrt(v(t + 1)) + eps", "eta*g(t + 1)/(sqrt(v(t + 1)) + eps)"
CORRECTED = "eta*g(t + 1)/(sqrt(v(t + 1))/sqrt(1 - p(t + 1)) + eps)"


def script(proof: Proof) -> None:
    """(1 - beta) g^2 <= v, because v is beta times what it was, which is >= 0, plus this."""
    proof.have("rest", "1 - beta > 0", ["below_1"])
    invert(proof, "rest", "1 - beta")
    root(proof, "rest", "1 - beta")
    proof.have(
        "rest_roots",
        "1/sqrt(1 - beta)^2 = 1/(1 - beta)",
        (),
        [
            ("1/(1 - beta)", "rest_root_unit"),
            ("1/sqrt(1 - beta)/(1 - beta)*sqrt(1 - beta)", "rest_root_unit"),
            ("1/sqrt(1 - beta)^2/(1 - beta)", "rest_squared"),
            ("1/sqrt(1 - beta)^2", "rest_unit"),
        ],
    )
    with proof.induction("v_sign", "forall t nat: v(t) >= 0") as (zero, following):
        zero.have("start", "v(0) >= 0", ["v_start"])
        following.use("next", "v_next", t="t")
        following.have("step", "v(t + 1) >= 0", ["lower*before", square("g(t + 1)") * "rest"], ["next"])
    proof.have("upper", "beta <= 1", ["below_1"])
    proof.lemma(
        "p_later",
        "forall t nat: p(t + 1) <= beta",
        "powers_of_a_fraction",
        ["lower", "upper", "p_start", "p_next"],
        {"b": "beta", "p": ["i", "p(i)"]},
    )
    with proof.fixing("step", f"forall t nat: abs({STEP}) <= eta/sqrt(1 - beta)") as inner:
        common(inner)
        inner.have("all", f"{NEW} > 0", ["positive_eps", "v_root"])
        invert(inner, "all", NEW)
        inner.have("size", f"v(t + 1) <= ({NEW})^2", [square("eps"), "positive_eps*v_root"], [("1", "v_squared")])
        inner.have(
            "over",
            f"v(t + 1)*(1/({NEW}))^2 <= 1",
            [square(f"1/({NEW})") * "size"],
            [(f"({NEW})/({NEW}) + 1", "all_unit")],
        )
        inner.have(
            "squares",
            f"({STEP})^2 <= (eta/sqrt(1 - beta))^2",
            [square(f"eta/({NEW})") * "sharp*rest_inverse", square("eta") * "over*rest_inverse"],
            ["rest_roots@1/sqrt(1 - beta)^2", "rest_unit"],
        )
        inner.have("sign", "eta/sqrt(1 - beta) >= 0", ["steps*rest_root_inverse"])
        inner.lemma(
            "done",
            f"abs({STEP}) <= eta/sqrt(1 - beta)",
            "size_from_squares",
            ["squares", "sign"],
            {"a": STEP, "b": "eta/sqrt(1 - beta)"},
        )
    bound = "eta*(sqrt(1 - p(t + 1))/sqrt(1 - beta))"
    denominator = "sqrt(v(t + 1))/sqrt(1 - p(t + 1)) + eps"
    with proof.fixing("corrected", f"forall t nat: abs({CORRECTED}) <= {bound}") as inner:
        common(inner)
        inner.use("p_now", "p_later", t="t")
        inner.have("kept", "1 - p(t + 1) > 0", ["p_now", "below_1"])
        root(inner, "kept", "1 - p(t + 1)")
        inner.have("all", f"{denominator} > 0", ["positive_eps", "v_root*kept_root_inverse"])
        invert(inner, "all", denominator)
        inner.have(
            "size",
            f"v(t + 1) <= (1 - p(t + 1))*({denominator})^2",
            [square("eps") * "kept", "positive_eps*v_root*kept_root"],
            [
                ("sqrt(v(t + 1))^2*(1 + sqrt(1 - p(t + 1))/sqrt(1 - p(t + 1)))", "kept_root_unit"),
                ("2*eps*sqrt(v(t + 1))*sqrt(1 - p(t + 1))", "kept_root_unit"),
                ("1/sqrt(1 - p(t + 1))^2*sqrt(v(t + 1))^2", "kept_squared"),
                ("2*eps*sqrt(v(t + 1))/sqrt(1 - p(t + 1))", "kept_squared"),
                ("1", "v_squared"),
            ],
        )
        inner.have(
            "over",
            f"v(t + 1)*(1/({denominator}))^2 <= 1 - p(t + 1)",
            [square(f"1/({denominator})") * "size"],
            [(f"(1 - p(t + 1))*(({denominator})/({denominator}) + 1)", "all_unit")],
        )
        inner.have(
            "squares",
            f"({CORRECTED})^2 <= ({bound})^2",
            [square(f"eta/({denominator})") * "sharp*rest_inverse", square("eta") * "over*rest_inverse"],
            ["rest_roots@1/sqrt(1 - beta)^2", "rest_unit", "kept_squared"],
        )
        inner.have("sign", f"{bound} >= 0", ["steps*kept_root*rest_root_inverse"])
        inner.lemma(
            "done",
            f"abs({CORRECTED}) <= {bound}",
            "size_from_squares",
            ["squares", "sign"],
            {"a": CORRECTED, "b": bound},
        )


def common(inner: Proof) -> None:
    """(1 - beta) g^2 <= v, and the root of v."""
    inner.use("before", "v_sign", t="t")
    inner.use("now", "v_sign", t="t + 1")
    inner.use("v_squared", "root_squared", "now", x="v(t + 1)")
    inner.use("v_root", "root_nonnegative", x="v(t + 1)")
    inner.use("next", "v_next", t="t")
    inner.have("sharp", "(1 - beta)*g(t + 1)^2 <= v(t + 1)", ["lower*before"], [("1", "next")])


def shown(proof: Proof) -> None:
    """All gradients are 1; v is 1 - beta^t."""
    known_powers(proof)
    step = "1 - exp((t + 1)*log(1/2)) = 1/2*(1 - exp(t*log(1/2))) + (1 - 1/2)*1"
    with proof.fixing("averages", f"forall t nat: {step}") as inner:
        inner.use("next", "halves", i="t")
        inner.have("done", step, (), ["next"])
    proof.have("v_start", "1 - exp(0*log(1/2)) >= 0", (), ["halves_start"])


ENTRY = Definitions(
    "rmsprop_second_moment_of_one_entry",
    "rmsprop",
    kind="real",
    coordinates=False,
    after=0,
    only=("v",),
    names={"beta2": "beta"},
)
THEOREM = Theorem(
    theorem="rmsprop_steps_are_bounded",
    title="RMSprop's steps are bounded",
    says="""RMSprop's step in a coordinate, with v that has taken the gradient in, is at most eta/sqrt(1 - beta),
    whatever the gradients; with v divided by 1 - beta^t it is at most eta sqrt((1 - beta^t)/(1 - beta)). Here p(t) is
    beta^t.""",
    sources=["hinton2012rmsprop, slide 29"],
    variables={
        "eta": "real",
        "beta": "real",
        "eps": "real",
        "p": "real(nat)",
        "g": "real(nat)",
        "v": "real(nat)",
    },
    hypotheses={
        "steps": "eta >= 0",
        "lower": "beta >= 0",
        "below_1": "beta < 1",
        "positive_eps": "eps > 0",
        "p_start": "p(0) = 1",
        "p_next": "forall i nat: p(i + 1) = beta*p(i)",
        "v_start": "v(0) >= 0",
    },
    definitions=[ENTRY],
    claims={
        "step": f"forall t nat: abs({STEP}) <= eta/sqrt(1 - beta)",
        "corrected": f"forall t nat: abs({CORRECTED}) <= eta*(sqrt(1 - p(t + 1))/sqrt(1 - beta))",
    },
    lemmas=["powers_of_a_fraction", "size_from_squares"],
    model={
        "eta": "1",
        "beta": "1/2",
        "eps": "1",
        "p": ["i", HALVES],
        "g": ["t", "1"],
        "v": ["t", "1 - exp(t*log(1/2))"],
    },
    script=script,
    shown=shown,
    instances=[
        Instance(
            "six steps of one coordinate",
            {
                "eta": "1/4",
                "eps": "1/8",
                "beta": "3/4",
                "p": Recursion(("i",), "1", "beta*p(i)"),
                "g": Table(("0", "1", "-2", "1/2", "0", "3", "-1/4")),
            },
            naturals={"": 7},
            run=Run(
                "rmsprop",
                {"eta": "eta", "beta2": "beta", "eps": "eps"},
                "g(t + 1)",
                ("1",),
                6,
                {"v": along("v")},
                torch="RMSprop",
            ),
        )
    ],
)
