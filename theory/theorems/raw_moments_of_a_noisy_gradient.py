"""Moments of g = grad f + sigma z from those of z: the noisy gradient oracle (Malladi et al. 2022)."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

from ..proving.noisy import noise
from ..proving.same_names import with_same_names
from ..proving.script import Proof, square
from ..proving.theorem import Theorem

INDICES = ("i", "j", "l")
FAMILY = {2: "covariance", 3: "third", 4: "fourth"}
NOISE = {
    "past_gradient": "forall t nat, i nat: past(G(t, i), t)",
    "gradient": "forall t nat, i nat: g(t + 1, i) = G(t, i) + sigma*z(t + 1, i)",
    "centred": "forall X rand, t nat, i nat: past(X, t) => E(X*z(t + 1, i)) = 0",
    "covariance": "forall X rand, t nat, i nat, j nat: past(X, t) => "
    "E(X*z(t + 1, i)*z(t + 1, j)) = E(X*Sigma(t, i, j))",
    "third": "forall X rand, t nat, i nat, j nat, l nat: past(X, t) => "
    "E(X*z(t + 1, i)*z(t + 1, j)*z(t + 1, l)) = E(X*skew(t, i, j, l))",
    "fourth": "forall X rand, t nat, i nat, j nat, l nat: past(X, t) => "
    "E(X*z(t + 1, i)*z(t + 1, j)*z(t + 1, l)^2) = E(X*kurt(t, i, j, l))",
}
VARIABLES = {
    "sigma": "real",
    "G": "rand(nat, nat)",
    "g": "rand(nat, nat)",
    "z": "rand(nat, nat)",
    "Sigma": "rand(nat, nat, nat)",
    "skew": "rand(nat, nat, nat, nat)",
    "kurt": "rand(nat, nat, nat, nat)",
}
MODEL = {
    "G": ["t", "i", "1 + i"],
    "g": ["t", "i", "1 + i"],
    "z": ["t", "i", "0"],
    "Sigma": ["t", "i", "j", "0"],
    "skew": ["t", "i", "j", "l", "0"],
    "kurt": ["t", "i", "j", "l", "0"],
}
"""The oracle without noise: the model of theorems about every law."""


def central(letters: str) -> str:
    """The conditional moment of z over these coordinates, of which the fourth repeats the third."""
    if len(letters) == 2:
        return f"Sigma(t, {letters[0]}, {letters[1]})"
    return f"{'skew' if len(letters) == 3 else 'kurt'}(t, {', '.join(letters[:3])})"


def expansion(letters: str) -> list[tuple[str, str]]:
    """The terms of the product of G + sigma z over these coordinates: (coordinates of G, coordinates of z)."""
    places = range(len(letters))
    chosen = [set(noisy) for size in (*range(len(letters) + 1),) for noisy in combinations(places, size)]
    return [("".join(letters[p] for p in places if p not in c), "".join(letters[p] for p in sorted(c))) for c in chosen]


def term(still: str, noisy: str, moment: bool = False) -> str:
    """X, the G of the first coordinates and the z, or the moment of z, of the others."""
    factors = ["X", *(f"G(t, {c})" for c in still)]
    factors += ([central(noisy)] if noisy else []) if moment else [f"z(t + 1, {c})" for c in noisy]
    return "*".join(factors)


def raw(letters: str) -> str:
    """The conditional mean of the product of g over these coordinates."""
    terms = Counter((s, n) for s, n in expansion(letters) if len(n) != 1)
    return " + ".join(
        "*".join([*([str(many)] if many > 1 else []), *([f"sigma^{len(n)}"] if n else []), term(s, n, True)[2:]])
        for (s, n), many in terms.items()
    )


def product(letters: str) -> str:
    """X and the g of these coordinates."""
    return "*".join(["X", *(f"g(t + 1, {c})" for c in letters)])


def statement(letters: str) -> str:
    """The claim about the product over these coordinates."""
    bound = "".join(f", {c} nat" for c in sorted(set(letters)))
    return f"forall X rand, t nat{bound}: past(X, t) => E({product(letters)}) = E(X*({raw(letters)}))"


def moment(proof: Proof, name: str, letters: str) -> None:
    """Multiply out, take the mean, and put in the moments of z given the past."""
    with proof.fixing(name, statement(letters), "known") as inner:
        for c in sorted(set(letters)):
            inner.use(f"gradient_{c}", "gradient", t="t", i=c)
            inner.use(f"past_{c}", "past_gradient", t="t", i=c)
        terms, equations = expansion(letters), []
        parts = [(f"sigma^{len(n)}*" if len(n) > 1 else "sigma*" if n else "", s, n) for s, n in terms]
        inner.have(
            "multiplied",
            f"{product(letters)} = {' + '.join(power + term(s, n) for power, s, n in parts)}",
            (),
            [f"gradient_{c}" for c in sorted(set(letters))],
        )
        inner.mean(
            "average",
            f"E({product(letters)}) = {' + '.join(f'{power}E({term(s, n)})' for power, s, n in parts)}",
            "multiplied",
        )
        for place, (s, n) in enumerate(terms):
            if n:
                known = inner.past(f"weight_{place}", f"past({term(s, '')}, t)", "known", *(f"past_{c}" for c in s))
                values = dict(zip(INDICES, n, strict=False))
                fact = "centred" if len(n) == 1 else FAMILY[len(n)]
                equations.append(inner.use(f"noise_{place}", fact, known, X=term(s, ""), t="t", **values))
        kept = " + ".join(f"{power}E({term(s, n, True)})" for power, s, n in parts if len(n) != 1)
        if len(letters) > 1:
            equations.append(inner.linear("collected", f"E(X*({raw(letters)})) = {kept}"))
        inner.have("moment", f"E({product(letters)}) = E(X*({raw(letters)}))", (), ["average", *equations])


FOURTH = "forall X rand, t nat, i nat: past(X, t), X >= 0 => " + (
    "E(X*g(t + 1, i)^4) <= 8*E(X*(G(t, i)^4 + sigma^4*kurt(t, i, i, i)))"
)


def script(proof: Proof) -> None:
    """The four products, one after the other; the fourth power by (a + b)^4 <= 8 (a^4 + b^4)."""
    for name, letters in PRODUCTS.items():
        moment(proof, name, letters)
    with proof.fixing("raw_fourth_size", FOURTH, "known", "sign") as inner:
        inner.use("gradient_i", "gradient", t="t", i="i")
        a, b = "G(t, i)", "sigma*z(t + 1, i)"
        squares = [f"({a} - {b})*({a} + {b})", f"({a} - {b})*({a})", f"({a} - {b})*{b}", f"{a}^2 - ({b})^2"]
        rows = [square(text) * "sign" for text in squares]
        inner.have("powers", f"X*g(t + 1, i)^4 <= 8*X*{a}^4 + 8*sigma^4*X*z(t + 1, i)^4", rows, ["gradient_i"])
        split = "8*E(X*G(t, i)^4) + 8*sigma^4*E(X*z(t + 1, i)^4)"
        inner.mean("average", f"E(X*g(t + 1, i)^4) <= {split}", "powers")
        inner.use("noise", "fourth", "known", X="X", t="t", i="i", j="i", l="i")
        whole = "E(X*(G(t, i)^4 + sigma^4*kurt(t, i, i, i)))"
        inner.linear("collected", f"{whole} = E(X*G(t, i)^4) + sigma^4*E(X*kurt(t, i, i, i))")
        inner.have("size", f"E(X*g(t + 1, i)^4) <= 8*{whole}", ["average"], ["collected", "noise"])


PRODUCTS = {"raw_first": "i", "raw_second": "ij", "raw_third": "ijl", "raw_fourth": "ijll"}


def use_raw_moments(proof: Proof, *claims: str) -> None:
    """Claims of this theorem as facts of another one."""
    with_same_names(proof, THEOREM, *claims)


THEOREM = Theorem(
    theorem="raw_moments_of_a_noisy_gradient",
    title="Raw moments of a noisy gradient",
    says="""A stochastic gradient g = grad f + sigma z whose noise z has, given the past, mean 0, covariance Sigma,
    third moments skew and fourth moments kurt, has the conditional moments that multiplying out gives, and E g_i^4 is
    at most 8 (grad f_i^4 + sigma^4 kurt).""",
    sources=["malladi2022sdes, noisy gradient oracle"],
    variables=VARIABLES,
    hypotheses=NOISE,
    claims={**{name: statement(letters) for name, letters in PRODUCTS.items()}, "raw_fourth_size": FOURTH},
    model={**MODEL, "sigma": "2"},
    script=script,
    instances=[noise()],
)
