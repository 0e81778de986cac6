"""Where MoMo's cap is below the Polyak step, it is SGD with momentum as PyTorch has it (Schaipp et al. 2024)."""

from ..proving.instance import Recursion
from ..proving.momo_runs import momo_run, sgd_beside_momo
from ..proving.script import Proof
from ..proving.theorem import Theorem
from .momo_adam_at_its_cap_is_adam import VARIABLES, capped, momo


def script(proof: Proof) -> None:
    """PyTorch's buffer with dampening = momentum is the average d; then the steps are the same."""
    with proof.fixing("same", "forall i nat, m nat: x(m, i) = y(m, i)") as inner:
        with inner.induction("buffers", "forall k nat: buffer(k, i) = d(k, i)") as (zero, following):
            zero.use("one", "buffer_start", i="i")
            zero.use("other", "d_start", i="i")
            zero.have("now", "buffer(0, i) = d(0, i)", [], ["one", "other"])
            following.use("one", "buffer_next", k="k", i="i")
            following.use("other", "d_next", k="k", i="i")
            following.have("now", "buffer(k + 1, i) = d(k + 1, i)", [], ["one", "other", "before"])
        with inner.induction("always", "forall k nat: x(k, i) = y(k, i)") as (zero, following):
            zero.use("now", "start", i="i")
            following.use("one", "momo_step", k="k", i="i")
            following.use("other", "torch_step", k="k", i="i")
            following.use("buffer_here", "buffers", k="k")
            capped(following, "1", "1")
            equations = ["one", "other", "before", "tau_here", "buffer_here"]
            following.have("next", "x(k + 1, i) = y(k + 1, i)", [], equations)
        inner.use("now", "always", k="m")


def shown(proof: Proof) -> None:
    """The slope is 1, the cap 1, and the model 2 above its bound."""
    q, e = "sum(i < 1, 1^2/1)", "(2 + sum(i < 1, 1*(-k)) - -k - 1*0)".replace("- -k", "+ k")
    proof.linear("one", f"{q} = 1")
    proof.congruent("over", "one", "1/hole")
    claim = f"1 = min(max({e}, 0)/{q}, 1/1)"
    with proof.fixing("rule", f"forall k nat: {claim}") as inner:
        inner.linear("value", f"{e} = 2")
        inner.have("sign", f"{e} >= 0", [], [("1", "value")])
        inner.use("first", "absolute_of_nonnegative", "sign", x=f"{e} - 0")
        between = f"max({e}, 0)/{q} - 1/1"
        inner.have("more", f"{between} >= 0", [], ["over", "first", ("1", "value")])
        inner.use("second", "absolute_of_nonnegative", "more", x=between)
        inner.have("now", claim, [], ["second"])


THEOREM = Theorem(
    theorem="momo_at_its_cap_is_sgd_with_momentum",
    title="MoMo at its cap is SGD with momentum",
    says="""MoMo, its averages started with the first gradient, and PyTorch's SGD with momentum = dampening = beta and
    the learning rates alpha(k), from one point on the same gradients: if at every step alpha is at most MoMo's Polyak
    step (h - bound)/|d|^2, both are always at the same points.""",
    sources=["schaipp2024momo, Section 3"],
    variables={**VARIABLES, "g": "real(nat, nat)", "buffer": "real(nat, nat)", "beta": "real"},
    hypotheses={
        "d_start": "forall i nat: d(0, i) = g(0, i)",
        "d_next": "forall k nat, i nat: d(k + 1, i) = beta*d(k, i) + (1 - beta)*g(k + 1, i)",
        **momo("1", "1"),
        "buffer_start": "forall i nat: buffer(0, i) = g(0, i)",
        "buffer_next": "forall k nat, i nat: buffer(k + 1, i) = beta*buffer(k, i) + (1 - beta)*g(k + 1, i)",
        "torch_step": "forall k nat, i nat: y(k + 1, i) = y(k, i) - alpha(k)*buffer(k, i)",
    },
    claims={"same": "forall i nat, k nat: x(k, i) = y(k, i)"},
    model={
        "n": "1",
        "fbar": ["k", "2"],
        "gamma": ["k", "-k"],
        "bound": ["k", "0"],
        "alpha": ["k", "1"],
        "tau": ["k", "1"],
        **{name: ["k", "i", "1"] for name in ("d", "g", "buffer")},
        **{name: ["k", "i", "-k"] for name in ("x", "y")},
        "beta": "1/2",
    },
    script=script,
    shown=shown,
    instances=[
        momo_run(
            "three steps at the cap",
            {
                "least": "-9",
                "buffer": Recursion(("k", "i"), "g(0, i)", "beta*buffer(k, i) + (1 - beta)*g(k + 1, i)"),
                "y": Recursion(("k", "i"), "1 - 3*i", "y(k, i) - alpha(k)*buffer(k, i)"),
            },
        ),
        sgd_beside_momo("three steps of SGD with momentum beside it"),
    ],
)
