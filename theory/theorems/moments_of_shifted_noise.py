"""Moments of Y + sigma z, for any Y that the past determines: mean, products of two and three, and the fourth power."""

from __future__ import annotations

from itertools import combinations

from ..kernel.terms import show, substitute, term
from ..proving.noisy import noise
from ..proving.same_names import with_same_names
from ..proving.script import Proof, square
from ..proving.theorem import Theorem
from .raw_moments_of_a_noisy_gradient import FAMILY, MODEL, NOISE, central

LAWS = {name: NOISE[name] for name in ("centred", "covariance", "third", "fourth")}
VARIABLES = {
    "sigma": "real",
    "z": "rand(nat, nat)",
    "Sigma": "rand(nat, nat, nat)",
    "skew": "rand(nat, nat, nat, nat)",
    "kurt": "rand(nat, nat, nat, nat)",
}
SHIFT = {"i": "A", "j": "B", "l": "C"}
PRODUCTS = {"shifted_first": "i", "shifted_second": "ij", "shifted_third": "ijl"}
FOURTH = "forall X rand, A rand, t nat, i nat: past(X, t), X >= 0, past(A, t) => " + (
    "E(X*(A + sigma*z(t + 1, i))^4) <= 8*E(X*(A^4 + sigma^4*kurt(t, i, i, i)))"
)


def splits(letters: str) -> list[tuple[str, str]]:
    """The terms of the product: (coordinates of the shifts, coordinates of z)."""
    parts = [noisy for size in range(len(letters) + 1) for noisy in combinations(letters, size)]
    return [("".join(c for c in letters if c not in noisy), "".join(noisy)) for noisy in parts]


def shifts(still: str) -> str:
    """X and the shifts of these coordinates."""
    return "*".join(["X", *(SHIFT[c] for c in still)])


def product(letters: str) -> str:
    """X and the factors Y + sigma z of these coordinates."""
    return "*".join(["X", *(f"({SHIFT[c]} + sigma*z(t + 1, {c}))" for c in letters)])


def mean(letters: str) -> str:
    """The conditional mean of the product, without X."""
    terms = []
    for still, noisy in splits(letters):
        if len(noisy) != 1:
            factors = [f"sigma^{len(noisy)}"] if noisy else []
            factors += [SHIFT[c] for c in still] + ([central(noisy)] if noisy else [])
            terms.append("*".join(factors))
    return " + ".join(terms)


def statement(letters: str) -> str:
    """The claim about the product over these coordinates."""
    random = ", ".join(f"{letter} rand" for letter in ["X", *(SHIFT[c] for c in letters)])
    natural = "".join(f", {c} nat" for c in letters)
    past = ", ".join(f"past({letter}, t)" for letter in ["X", *(SHIFT[c] for c in letters)])
    return f"forall {random}, t nat{natural}: {past} => E({product(letters)}) = E(X*({mean(letters)}))"


def moment(proof: Proof, name: str, letters: str) -> None:
    """Multiply out, take the mean, and put in the moments of z given the past."""
    with proof.fixing(name, statement(letters), "past_X", *(f"past_{c}" for c in letters)) as inner:
        equations, whole = [], []
        for place, (still, noisy) in enumerate(splits(letters)):
            factor, weight = ("sigma^" + str(len(noisy)) + "*" if noisy else "").replace("^1*", "*"), shifts(still)
            whole.append((factor, "*".join([weight, *(f"z(t + 1, {c})" for c in noisy)])))
            if noisy:
                known = inner.past(f"weight_{place}", f"past({weight}, t)", "past_X", *(f"past_{c}" for c in still))
                values = dict(zip("ijl", noisy, strict=False))
                fact = "centred" if len(noisy) == 1 else FAMILY[len(noisy)]
                equations.append(inner.use(f"noise_{place}", fact, known, X=weight, t="t", **values))
        average = " + ".join(f"{factor}E({text})" for factor, text in whole)
        inner.linear("average", f"E({product(letters)}) = {average}")
        kept = [(s, n) for s, n in splits(letters) if len(n) != 1]
        parts = [(f"sigma^{len(n)}*" if n else "") + f"E({shifts(s)}{'*' + central(n) if n else ''})" for s, n in kept]
        if len(letters) > 1:
            equations.append(inner.linear("collected", f"E(X*({mean(letters)})) = {' + '.join(parts)}"))
        inner.have("moment", f"E({product(letters)}) = E(X*({mean(letters)}))", (), ["average", *equations])


def script(proof: Proof) -> None:
    """Products multiplied out; the fourth power by (a + b)^4 <= 8 (a^4 + b^4)."""
    for name, letters in PRODUCTS.items():
        moment(proof, name, letters)
    with proof.fixing("shifted_fourth", FOURTH, "past_X", "sign", "past_A") as inner:
        a, b = "A", "sigma*z(t + 1, i)"
        squares = [f"({a} - {b})*({a} + {b})", f"({a} - {b})*{a}", f"({a} - {b})*{b}", f"{a}^2 - ({b})^2"]
        rows = [square(text) * "sign" for text in squares]
        inner.have("powers", f"X*({a} + {b})^4 <= 8*X*{a}^4 + 8*sigma^4*X*z(t + 1, i)^4", rows)
        power = f"E(X*({a} + {b})^4)"
        inner.mean("average", f"{power} <= 8*E(X*A^4) + 8*sigma^4*E(X*z(t + 1, i)^4)", "powers")
        inner.use("noise", "fourth", "past_X", X="X", t="t", i="i", j="i", l="i")
        whole = "E(X*(A^4 + sigma^4*kurt(t, i, i, i)))"
        inner.linear("collected", f"{whole} = E(X*A^4) + sigma^4*E(X*kurt(t, i, i, i))")
        inner.have("size", f"{power} <= 8*{whole}", ["average"], ["collected", "noise"])


def use_shifted_moments(proof: Proof) -> None:
    """The claims as facts of a proof in which the variables and hypotheses have the same names."""
    with_same_names(proof, THEOREM)


def shifted(letters: str, values: dict[str, str], coordinates: str) -> str:
    """The conditional mean of a product of shifted noise at these shifts and coordinates."""
    return show(
        substitute(
            term(mean(letters)),
            {
                **{name: ((), term(text)) for name, text in values.items()},
                **{c: ((), term(d)) for c, d in zip(letters, coordinates, strict=True)},
            },
        )
    )


THEOREM = Theorem(
    theorem="moments_of_shifted_noise",
    title="Moments of shifted noise",
    says="""If z has, given the past, mean 0, covariance Sigma, third moments skew, fourth moments kurt, then products
    of one, two or three numbers A + sigma z, with any A that the past determines, have the conditional means that
    multiplying out gives, and (A + sigma z)^4 at most 8 (A^4 + sigma^4 kurt).""",
    sources=["malladi2022sdes, noisy gradient oracle"],
    variables=VARIABLES,
    hypotheses=LAWS,
    claims={**{name: statement(letters) for name, letters in PRODUCTS.items()}, "shifted_fourth": FOURTH},
    model={**{name: MODEL[name] for name in VARIABLES if name != "sigma"}, "sigma": "2"},
    script=script,
    instances=[noise()],
)
