"""An exact instance: Adam with the default betas and eps goes the wrong way on a stream of period 3."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import isqrt

from ..proving.positive import inverse
from ..proving.script import Proof
from ..proving.theorem import Theorem

ORDER, DIGITS = "numbers_with_smaller_squares_are_smaller", 10**15


def steady(beta: Fraction, entries: Sequence[Fraction]) -> list[Fraction]:
    """The exponential average of entries that come again and again, after each of them."""
    size = len(entries)
    last = sum(((1 - beta) * beta ** (size - 1 - k) * entry for k, entry in enumerate(entries)), Fraction(0))
    values, value = [], last / (1 - beta**size)
    for entry in entries:
        value = beta * value + (1 - beta) * entry
        values.append(value)
    return values


def averages(letter: str, beta: Fraction, entries: Sequence[Fraction]) -> dict[str, str]:
    """Their equations: letter1 after the first entry, and so on."""
    size = len(entries)
    names = [f"{letter}{k + 1}" for k in range(size)]
    return {
        f"{name}_average": f"{name} = {beta}*{names[k - 1]} + (1 - {beta})*({entries[k]})"
        for k, name in enumerate(names)
    }


def solved(proof: Proof, letter: str, values: Sequence[Fraction]) -> None:
    """The only values that satisfy the equations of the averages."""
    equations = [("1", f"{letter}{k + 1}_average") for k in range(len(values))]
    for k, value in enumerate(values):
        proof.have(f"{letter}{k + 1}_value", f"{letter}{k + 1} = {value}", [], equations)


def enclosed(proof: Proof, name: str, value: Fraction, eps: Fraction) -> tuple[Fraction, Fraction]:
    """Rational bounds below and above 1/(sqrt(name) + eps); facts name_low and name_high."""
    low = Fraction(isqrt(value.numerator * DIGITS**2 // value.denominator), DIGITS)
    high = low + Fraction(1, DIGITS)
    proof.have(f"{name}_weak", f"{name} >= 0", [], [f"{name}_value"])
    proof.use(f"{name}_squared", "root_squared", f"{name}_weak", x=name)
    proof.use(f"{name}_sign", "root_nonnegative", x=name)
    root, equations = f"sqrt({name})", [f"{name}_squared", f"{name}_value"]
    proof.have(f"{name}_below", f"({low})^2 <= {root}^2", [], equations)
    proof.lemma(
        f"{name}_least", f"{low} <= {root}", ORDER, [f"{name}_sign", f"{name}_below"], {"a": str(low), "b": root}
    )
    proof.have(f"{name}_number", f"{high} >= 0")
    proof.have(f"{name}_above", f"{root}^2 <= ({high})^2", [], equations)
    proof.lemma(
        f"{name}_most", f"{root} <= {high}", ORDER, [f"{name}_number", f"{name}_above"], {"a": root, "b": str(high)}
    )
    whole = f"({root} + {eps})" if eps else root
    proof.have(f"{name}_positive", f"{whole} > 0", [f"{name}_least"])
    inverse(proof, name, whole, f"{name}_positive")
    least, most = 1 / (high + eps), 1 / (low + eps)
    least, most = Fraction(int(least * DIGITS), DIGITS), Fraction(int(most * DIGITS) + 1, DIGITS)
    proof.have(
        f"{name}_low", f"1/{whole} >= {least}", [f"{name}_most*{name}_inverse", f"{name}_inverse"], [f"{name}_one"]
    )
    proof.have(
        f"{name}_high", f"1/{whole} <= {most}", [f"{name}_least*{name}_inverse", f"{name}_inverse"], [f"{name}_one"]
    )
    return least, most


def drifting(
    pattern: Sequence[Fraction], beta1: Fraction, beta2: Fraction, eps: Fraction, pace: str
) -> Callable[[Proof], None]:
    """The script: the steady state is rational, its roots are enclosed."""

    def script(proof: Proof) -> None:
        means, squares = steady(beta1, pattern), steady(beta2, [entry**2 for entry in pattern])
        solved(proof, "M", means)
        solved(proof, "V", squares)
        products = []
        for k, (mean, size) in enumerate(zip(means, squares, strict=True)):
            enclosed(proof, f"V{k + 1}", size, eps)
            products.append(f"V{k + 1}_{'high' if mean > 0 else 'low'}")
        proof.have(
            "drift", f"{drift(pattern, eps)} > {pace}", products, [f"M{k + 1}_value" for k in range(len(pattern))]
        )

    return script


def drift(pattern: Sequence[Fraction], eps: Fraction) -> str:
    """The sum of the steps of a period."""
    plus = f" + {eps}" if eps else ""
    return "-(" + " + ".join(f"M{k + 1}/(sqrt(V{k + 1}){plus})" for k in range(len(pattern))) + ")"


def instance(
    name: str, title: str, says: str, pattern: str, beta1: str, beta2: str, eps: str, pace: str = "0"
) -> Theorem:
    """The theorem for one pattern. pace: what the steps of a period are more than, in all."""
    entries, one, two = [Fraction(entry) for entry in pattern.split()], Fraction(beta1), Fraction(beta2)
    squares = [entry**2 for entry in entries]
    values = [*steady(one, entries), *steady(two, squares)]
    names = [f"{letter}{k + 1}" for letter in "MV" for k in range(len(entries))]
    return Theorem(
        theorem=name,
        title=title,
        says=says,
        sources=["reddi2018convergence, Theorem 2"],
        variables=dict.fromkeys(names, "real"),
        hypotheses={**averages("M", one, entries), **averages("V", two, squares)},
        claims={"drift": f"{drift(entries, Fraction(eps))} > {pace}"},
        lemmas=[ORDER],
        model={name: str(value) for name, value in zip(names, values, strict=True)},
        script=drifting(entries, one, two, Fraction(eps), pace),
    )


PATTERN, PACE = "2.00005 -1 -1", "18/10000000"
THEOREM = instance(
    "default_adam_drifts_up_on_a_falling_stream",
    "Adam with default betas drifts up on a falling stream",
    """Adam with beta1 = 0.9, beta2 = 0.999 and eps = 10^-8 on linear losses with gradients 2.00005, -1, -1 again and
    again, whose sum is above 0: in the periodic state of m and v (which do not depend on bias corrections) the steps of
    a period add up to a move upwards, of more than 1.8 millionths of the learning rate.""",
    PATTERN,
    "9/10",
    "999/1000",
    "1/100000000",
    PACE,
)
