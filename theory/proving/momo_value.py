"""Script steps about MoMo's averaged model, from the equations of its rule: its value, and its height over the bound.

The rule keeps the value at theta as `level`. fbar and gamma are the averages of losses and of products <g, theta>,
which it does not keep; m is that of gradients.
"""

from __future__ import annotations

from .script import Proof

A = "(1 + eta(t + 1)*lambda)"
P, Q = "sum(j < n, m(t + 1, j)*theta(t, j))", "sum(j < n, m(t + 1, j)^2)"
F = "(fbar(t + 1) - gamma(t + 1))"


VALUE = "fbar({t}) + sum(j < n, m({t}, j)*theta({t}, j)) - gamma({t})"
BEFORE = f"beta1*level(t) + (1 - beta1)*f(t + 1) = fbar(t + 1) + {P} - gamma(t + 1)"
AVERAGES = {
    "losses": "forall t nat: fbar(t + 1) = beta1*fbar(t) + (1 - beta1)*f(t + 1)",
    "products": "forall t nat: gamma(t + 1) = beta1*gamma(t) + (1 - beta1)*sum(j < n, g(t + 1, j)*theta(t, j))",
}
"""The averages that the rule does not keep."""
SHARE = "(max({q}, 0)/{q}*(max(0, min({q}, {r}))/{q}))"
"""r/q between 0 and 1."""
CUT = SHARE.format(q="q(t + 1)", r="rest(t + 1)")


def numerator(rho: str) -> str:
    """A (F - rho f_star) + <m, theta>."""
    return f"({A}*({F} - {rho}*f_star) + {P})"


def before_the_step(proof: Proof, known: str) -> None:
    """`before_step`: the value of the averaged model at theta(t), from that of the last one, a fact called `known`."""
    proof.use("loss", "losses", t="t")
    proof.use("product", "products", t="t")
    term = "m(t + 1, j)*theta(t, j) - beta1*(m(t, j)*theta(t, j)) - (1 - beta1)*(g(t + 1, j)*theta(t, j))"
    with proof.fixing("each", f"forall j nat: {term} = 0") as inner:
        inner.use("average", "m_next", t="t", i="j")
        inner.have("zero", f"{term} = 0", [], ["average"])
    proof.add("all", f"sum(j < n, {term}) = 0", "each", "n")
    sums = f"{P} - beta1*sum(j < n, m(t, j)*theta(t, j)) - (1 - beta1)*sum(j < n, g(t + 1, j)*theta(t, j))"
    proof.linear("split", f"sum(j < n, {term}) = {sums}")
    proof.have("before_step", BEFORE, [], [known, "loss", "product", ("1", "all"), ("1", "split")])


def value_of_the_model(proof: Proof, first: str) -> None:
    """`value`: level is the value of the averaged model; `before`: so is what it becomes by the loss, before the step.

    first: the gradient with which m begins.
    """
    begins = f"m(0, j)*theta(0, j) - {first}*theta(0, j)"
    sums = f"sum(j < n, m(0, j)*theta(0, j)) - sum(j < n, {first}*theta(0, j))"
    claim = f"forall t nat: level(t) = {VALUE.format(t='t')}"
    with proof.induction("value", claim, hypothesis="known") as (zero, following):
        with zero.fixing("each", f"forall j nat: {begins} = 0") as inner:
            inner.use("average", "m_start", i="j")
            inner.have("zero", f"{begins} = 0", [], ["average"])
        zero.add("all", f"sum(j < n, {begins}) = 0", "each", "n")
        zero.linear("split", f"sum(j < n, {begins}) = {sums}")
        equations = ["level_start", "loss_start", "product_start", ("1", "all"), ("1", "split")]
        zero.have("now", f"level(0) = {VALUE.format(t='0')}", [], equations)
        later_value(following)
    with proof.fixing("before", f"forall t nat: {BEFORE}") as inner:
        inner.use("known", "value", t="t")
        before_the_step(inner, "known")


def later_value(proof: Proof) -> None:
    """The value after the step from `known`."""
    before_the_step(proof, "known")
    proof.use("here", "level_next", t="t")
    moved = "sum(j < n, (theta(t + 1, j) - theta(t, j))*m(t + 1, j))"
    proof.linear("moved", f"{moved} = sum(j < n, m(t + 1, j)*theta(t + 1, j)) - {P}")
    after = VALUE.replace("{t}", "t + 1")
    proof.have("now", f"level(t + 1) = {after}", [], ["here", "moved", ("1", "before_step")])


def height(proof: Proof, rho: str) -> None:
    """`height`: rest(t + 1) is N/A, from `weight`, rho(t + 1) = .., and A_one."""
    proof.use("rest_here", "rest_is", t="t")
    proof.use("before_here", "before", t="t")
    decay = "sum(j < n, lambda*eta(t + 1)*m(t + 1, j)*theta(t, j)/(1 + lambda*eta(t + 1)))"
    proof.linear("decayed", f"{decay} = lambda*eta(t + 1)/{A}*{P}")
    claim = f"rest(t + 1) = {numerator(rho)}/{A}"
    chain = ["rest_here", "weight", ("1", "before_here"), "decayed", (f"{F} + {P} - {rho}*f_star", "A_one")]
    proof.have("height", claim, [], chain)


def weights(proof: Proof) -> None:
    """`weights`: they add up to 1."""
    with proof.induction("weights", "forall t nat: rho(t) = 1", hypothesis="known") as (zero, following):
        zero.have("now", "rho(0) = 1", [], ["rho_start"])
        following.use("next", "rho_next", t="t")
        following.have("now", "rho(t + 1) = 1", [], ["next", "known"])
