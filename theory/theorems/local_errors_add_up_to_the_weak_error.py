"""From errors O(h^2) of single steps to a weak error O(h): the sum of Milstein's proof (1986)."""

from ..proving.instance import Drawn, Instance, Recursion
from ..proving.script import Proof
from ..proving.theorem import Theorem
from .sizes_on_every_outcome import sizes


def script(proof: Proof) -> None:
    """By induction."""
    sizes(proof)
    said = "abs(E(V({0})) - E(V(0))) <= C*({0}*h)*h"
    with proof.induction("added", f"forall n nat: {said.format('n')}") as (zero, following):
        zero.have("nothing", "E(V(0)) - E(V(0)) >= 0")
        zero.use("size", "absolute_of_nonnegative", "nothing", x="E(V(0)) - E(V(0))")
        zero.have("start", said.format("0"), (), ["size"])
        following.use("step", "local", t="n")
        for side, sign in (("above", ""), ("below", "-")):
            following.use(f"step_{side}", f"absolute_{side}", x="E(V(n + 1)) - E(V(n))")
            following.use(f"before_{side}", f"absolute_{side}", x="E(V(n)) - E(V(0))")
            claim = f"{sign}(E(V(n + 1)) - E(V(0))) <= C*((n + 1)*h)*h"
            following.have(side, claim, ["step", "before", f"step_{side}", f"before_{side}"])
        following.use("size", "both_signs", "above", "below", Y="E(V(n + 1)) - E(V(0))", Z="C*((n + 1)*h)*h")


def _shown(proof: Proof) -> None:
    """V grows by 1."""
    with proof.fixing("local", "forall t nat: abs(E(t + 1) - E(t)) <= 1*1^2") as inner:
        inner.linear("value", "E(t + 1) - E(t) = 1")
        inner.have("sign", "E(t + 1) - E(t) >= 0", (), [("1", "value")])
        inner.use("size", "absolute_of_nonnegative", "sign", x="E(t + 1) - E(t)")
        inner.have("local", "abs(E(t + 1) - E(t)) <= 1*1^2", (), [("1", "size"), ("1", "value")])


ID = "local_errors_add_up_to_the_weak_error"
THEOREM = Theorem(
    theorem=ID,
    title="Local errors add up to the weak error",
    says="""If the mean of the value V changes by at most C h^2 in every step, then after n steps, a time of T = n h, it
    has changed by at most C T h.""",
    sources=["li2017stochastic, proof of weak convergence"],
    variables={"V": "rand(nat)", "C": "real", "h": "real"},
    hypotheses={"local": "forall t nat: abs(E(V(t + 1)) - E(V(t))) <= C*h^2"},
    claims={"added": "forall n nat: abs(E(V(n)) - E(V(0))) <= C*(n*h)*h"},
    lemmas=["sizes_on_every_outcome"],
    model={"V": ["t", "t"], "C": "1", "h": "1"},
    script=script,
    shown=_shown,
    instances=[
        Instance(
            "a walk that drifts by the most allowed",
            {
                "z": Drawn(("1", "-1/3")),
                "V": Recursion(("t",), "1", "V(t) + z(t + 1)"),
                "h": "1/3",
                "C": "1",
            },
            weights=("1/3", "2/3"),
            draws=3,
        )
    ],
)
