"""Script steps about MoMo's distance to a point `best`, from the equations of its rule.

Convexity bounds every drawn loss at best by value, and so the averaged linearisations by f_star, where no loss is above
it there, or by floor, the average of these losses. EXCESS is the height of the averaged model over f_star.
"""

from __future__ import annotations

from .momo_value import CUT, Q, weights
from .script import Proof, square

AWAY = "sum(i < n, (theta({t}, i) - best(i))^2)"
START, NOW, NEXT = (AWAY.format(t=time) for time in ("0", "t", "t + 1"))
TOWARDS = "sum(j < n, m({m}, j)*(best(j) - theta({t}, j)))"
EXCESS = "(beta1*level(t) + (1 - beta1)*f(t + 1) - f_star)"
CONVEX = "value(t + 1) >= f(t + 1) + sum(j < n, g(t + 1, j)*(best(j) - theta(t, j)))"


def below_the_bound(proof: Proof, top: str = "f_star") -> None:
    """`below`: the averaged linearisations, at best, are not above `top`, f_star or the average floor(t) of the losses.

    Needs `forgetting`, `averaging`, `convex` and, for f_star, `bound`; gives `weight_left`.
    """
    proof.have("weight_left", "1 - beta1 >= 0", ["averaging"])
    claim = "level({t}) + " + TOWARDS.replace("{m}", "{t}") + f" <= {top.replace('(t)', '({t})')}"
    with proof.induction("gap", f"forall t nat: {claim.format(t='t')}") as (zero, following):
        zero.use("convex_here", "convex", t="0")
        if top == "f_star":
            zero.use("bound_here", "bound", t="0")
        term = "m(0, j)*(best(j) - theta(0, j)) - g(1, j)*(best(j) - theta(0, j))"
        with zero.fixing("each", f"forall j nat: {term} = 0") as inner:
            inner.use("average", "m_start", i="j")
            inner.have("zero", f"{term} = 0", [], ["average"])
        zero.add("all", f"sum(j < n, {term}) = 0", "each", "n")
        sums = f"{TOWARDS.format(m='0', t='0')} - sum(j < n, g(1, j)*(best(j) - theta(0, j)))"
        zero.linear("split", f"sum(j < n, {term}) = {sums}")
        equations = ["level_start", ("1", "all"), ("1", "split")]
        fact, known = ("bound_here", equations) if top == "f_star" else ("1", ["floor_start", *equations])
        zero.have("now", claim.format(t="0"), ["convex_here", fact], known)
        before_the_step(following, "before", top)
        following.use("here", "level_next", t="t")
        moved = "sum(j < n, (theta(t + 1, j) - theta(t, j))*m(t + 1, j))"
        towards = [TOWARDS.format(m="t + 1", t=time) for time in ("t", "t + 1")]
        following.linear("moved", f"{moved} = {towards[0]} - {towards[1]}")
        following.have("now", claim.format(t="t + 1"), ["below_here"], ["here", "moved"])
    with proof.fixing("below", f"forall t nat: {beside(top)}") as inner:
        inner.use("known", "gap", t="t")
        before_the_step(inner, "known", top)


def beside(top: str) -> str:
    """What `below` says."""
    return (
        f"beta1*level(t) + (1 - beta1)*f(t + 1) + {TOWARDS.format(m='t + 1', t='t')} <= {top.replace('(t)', '(t + 1)')}"
    )


def before_the_step(proof: Proof, known: str, top: str) -> None:
    """`below_here` from the gap at t, the fact `known`."""
    proof.use("convex_here", "convex", t="t")
    proof.use("top_here", "bound" if top == "f_star" else "floor_next", t="t")
    far = "(best(j) - theta(t, j))"
    term = f"m(t + 1, j)*{far} - beta1*(m(t, j)*{far}) - (1 - beta1)*(g(t + 1, j)*{far})"
    with proof.fixing("each", f"forall j nat: {term} = 0") as inner:
        inner.use("average", "m_next", t="t", i="j")
        inner.have("zero", f"{term} = 0", [], ["average"])
    proof.add("all", f"sum(j < n, {term}) = 0", "each", "n")
    sums = f"{TOWARDS.format(m='t + 1', t='t')} - beta1*{TOWARDS.format(m='t', t='t')}"
    sums += f" - (1 - beta1)*sum(j < n, g(t + 1, j)*{far})"
    proof.linear("split", f"sum(j < n, {term}) = {sums}")
    products, equations = [f"{known}*forgetting", "convex_here*weight_left"], [("1", "all"), ("1", "split")]
    if top == "f_star":
        proof.have("below_here", beside(top), [*products, "top_here*weight_left"], equations)
    else:
        proof.have("below_here", beside(top), products, ["top_here", *equations])


def nearer(proof: Proof, steps: str = "steps", tau: str = "tau(t + 1)") -> None:
    """`all` and `split`: the square of the distance after the step, expanded, from the fact `steps`."""
    change = "(theta(t + 1, i) - best(i))^2 - (theta(t, i) - best(i))^2"
    change += f" - 2*{tau}*(m(t + 1, i)*(best(i) - theta(t, i))) - ({tau})^2*m(t + 1, i)^2"
    with proof.fixing("each", f"forall i nat: {change} = 0") as inner:
        inner.use("here", steps, i="i")
        inner.have("zero", f"{change} = 0", [], ["here"])
    proof.add("all", f"sum(i < n, {change}) = 0", "each", "n")
    towards = TOWARDS.format(m="t + 1", t="t")
    split = f"{NEXT} - {NOW} - 2*{tau}*{towards} - ({tau})^2*{Q}"
    proof.linear("split", f"sum(i < n, {change}) = {split}")


def path(proof: Proof, part: str, letter: str, fallen: str) -> None:
    """`path`: what steps gain, a term `part` in t, adds up to at most what the squared distance has lost.

    Each of them does so by the fact `progress`. letter: the index of the sum.   fallen: a loss, with {} for the end.
    """
    total, longer = (f"sum({letter} < {t}, {part.replace('(t', f'({letter}')})" for t in ("t", "t + 1"))
    with proof.induction("path", f"forall t nat: {total} <= {fallen.format(NOW)}") as (zero, following):
        empty = total.replace(f"{letter} < t", f"{letter} < 0")
        zero.linear("empty", f"{empty} = 0")
        zero.have("now", f"{empty} <= {fallen.format(START)}", [], ["empty"])
        following.use("one", "progress", t="t")
        following.linear("more", f"{longer} = {total} + {part}")
        following.have("next", f"{longer} <= {fallen.format(NEXT)}", ["before", "one"], ["more"])


def whole_path(proof: Proof) -> None:
    """`whole` and `end`: the path of K steps, and that the last distance is nonnegative."""
    proof.use("whole", "path", t="K")
    with proof.fixing("squares", "forall i nat: (theta(K, i) - best(i))^2 >= 0") as inner:
        inner.have("here", "(theta(K, i) - best(i))^2 >= 0", [square("theta(K, i) - best(i)")])
    proof.add("end", "sum(i < n, (theta(K, i) - best(i))^2) >= 0", "squares", "n")


def lengths(proof: Proof) -> None:
    """`lengths`: that of the rule's own step, where there is no decay."""
    with proof.fixing("lengths", f"forall t nat: q(t + 1) = eta(t + 1)*{Q}/1") as inner:
        inner.use("here", "q_is", t="t")
        term = "eta(t + 1)*m(t + 1, j)*m(t + 1, j)/(1 + hole*eta(t + 1))"
        inner.congruent("plain", "no_decay", f"sum(j < n, {term})")
        inner.linear("total", f"sum(j < n, {term.replace('hole', '0')}) = eta(t + 1)*{Q}")
        inner.have("now", f"q(t + 1) = eta(t + 1)*{Q}/1", [], ["here", "plain", "total"])


def heights(proof: Proof, excess: str) -> None:
    """`heights`: by how much the model's value is above the bound, where there is no decay."""
    with proof.fixing("heights", f"forall t nat: rest(t + 1) = {excess}/1") as inner:
        inner.use("here", "rest_is", t="t")
        inner.use("weight", "weights", t="t + 1")
        term = "hole*eta(t + 1)*m(t + 1, j)*theta(t, j)/(1 + hole*eta(t + 1))"
        inner.congruent("plain", "no_decay", f"sum(j < n, {term})")
        inner.linear("total", f"sum(j < n, {term.replace('hole', '0')}) = 0")
        inner.have("now", f"rest(t + 1) = {excess}/1", [], ["here", "weight", "plain", "total"])


def undecayed(proof: Proof) -> None:
    """`weights`, `lengths`, `heights` and `moves`: what the rule computes, where there is no decay."""
    weights(proof)
    lengths(proof)
    heights(proof, EXCESS)
    moved = f"theta(t, i) - eta(t + 1)*m(t + 1, i)*{CUT}"
    with proof.fixing("moves", f"forall t nat, i nat: theta(t + 1, i) = {moved}") as inner:
        inner.use("here", "theta_next", t="t", i="i")
        inner.congruent("plain", "no_decay", f"({moved})/(1 + hole*eta(t + 1))")
        inner.have("now", f"theta(t + 1, i) = {moved}", [], ["here", ("1", "plain")])
