"""Terms that Hypothesis draws, well sorted, with indices that hide names; and models of their names."""

from __future__ import annotations

import functools
import os
from fractions import Fraction

from hypothesis import reject, settings
from hypothesis import strategies as st

FRESH = bool(os.environ.get("DRIFTPROOF_FRESH"))

SORTS = {
    "n": "nat", "m": "nat",
    "a": "real", "b": "real",
    "x": "real(nat)", "y": "real(nat, nat)",
    "X": "rand", "Y": "rand", "Z": "rand(nat)",
}  # fmt: skip
INDICES = ["i", "j", "k", "n", "a", "X"]  # the last three hide a variable
FREE = [name for name, sort in SORTS.items() if sort in ("real", "rand")]


def examples(fixed):
    """This many in the fast suite, which draws the same ones each time, and many more where they are drawn anew."""
    return settings(max_examples=20 * fixed if FRESH else fixed)


def short(undecided):
    """Draws again where a sum is too long to be added up; any other reason not to decide is an error."""

    def decorated(test):
        @functools.wraps(test)
        def inner(*given, **named):
            try:
                test(*given, **named)
            except undecided as long:
                assert "a long sum" in str(long)
                reject()

        return inner

    return decorated


@st.composite
def naturals(draw, bound=(), depth=2):
    """A term of sort nat; `bound` are the indices of sums around it."""
    choice = draw(st.sampled_from(["num", "name", "name", "+", "*"] if depth else ["num", "name"]))
    if choice == "num":
        return ("num", draw(st.integers(0, 3)))
    if choice == "name":
        return ("name", draw(st.sampled_from(["n", "m", *bound])), ())
    return (choice, draw(naturals(bound, depth - 1)), draw(naturals(bound, depth - 1)))


@st.composite
def terms(draw, bound=(), depth=4):
    """A term; `sum` twice as often as others, because it is the hardest to read."""
    leaves = ["num", "nat", "name", "family"]
    inner = ["+", "*", "neg", "/", "^", "call", "pair", "E", "sum", "sum"]
    choice = draw(st.sampled_from(leaves + inner if depth else leaves))
    part = terms(bound, depth - 1) if depth else None
    if choice == "num":
        return ("num", draw(st.integers(0, 12)))
    if choice == "nat":
        return draw(naturals(bound))
    if choice == "name":
        return ("name", draw(st.sampled_from([name for name in FREE if name not in bound] + list(bound))), ())
    if choice == "family":
        name = draw(st.sampled_from("xyZ"))
        return ("name", name, tuple(draw(naturals(bound, 1)) for _ in range(1 + (name == "y"))))
    if choice in "+*":
        return (choice, *(draw(part) for _ in range(draw(st.integers(2, 3)))))
    if choice == "/":
        return ("/", draw(part), draw(part))
    if choice == "^":
        return ("^", draw(part), draw(st.integers(2, 3)))
    if choice == "call":
        return (draw(st.sampled_from(["sqrt", "abs", "exp", "log"])), draw(part))
    if choice == "pair":
        return (draw(st.sampled_from(["max", "min", "pow"])), draw(part), draw(part))
    if choice == "sum":
        index = draw(st.sampled_from(INDICES))
        body = terms((*bound, index), depth - 1)
        return ("sum", index, draw(naturals(bound)), draw(body))
    return (choice, draw(part))


def rationals():
    """Small ones; 0 often, because 1/0 is 0."""
    return st.builds(Fraction, st.integers(-3, 3), st.integers(1, 3))


def _family(seed, outcomes):
    """Numbers that differ from argument to argument."""

    def value(*arguments):
        spread = sum(int(a) * weight for a, weight in zip(arguments, (7, 11), strict=False)) + seed
        numbers = tuple(Fraction((spread * (3 + at)) % 13 - 5, 1 + (spread + at) % 3) for at in range(outcomes or 1))
        return numbers if outcomes else numbers[0]

    return value


@st.composite
def models(draw, model):
    """A model of SORTS with 2 or 4 outcomes, in which sqrt, exp and log are other functions."""
    draws = draw(st.integers(1, 2))
    weights = [Fraction(draw(st.integers(1, 4))) for _ in range(2**draws)]
    weights = [weight / sum(weights) for weight in weights]
    values = {}
    for name, sort in SORTS.items():
        if sort == "nat":
            values[name] = Fraction(draw(st.integers(0, 3)))
        elif sort == "real":
            values[name] = draw(rationals())
        elif sort == "rand":
            values[name] = tuple(draw(rationals()) for _ in weights)
        else:
            values[name] = _family(draw(st.integers(0, 12)), 2**draws if sort.startswith("rand") else 0)
    functions = {"abs": abs, "sqrt": lambda u: u / 2 + 1, "exp": lambda u: 3 - u, "log": lambda u: 2 * u + 5}
    return model(weights, values, draws, functions)
