"""Two holes of an earlier kernel that cannot be stated: a half as a natural number, a random number as a constant.

Both derivations are written out up to the step that was wrong, which is rejected for its sort; with a value of the
right sort the same certificate is accepted. Every other way to bring a value of a wrong sort in is tried too.
"""

from __future__ import annotations

import pytest
from forging import writing
from forging.kernels import KERNEL
from forging.writing import by_lemma, fixing, have, induct, mean, same, step, use

from driftproof.theory.kernel.untrusted import Rejected

NAMES = {"variables": {"m": "nat", "x": "real", "y": "real(nat)", "X": "rand", "Z": "rand(nat)"}}
NAMES["model"] = {"m": "0", "x": "0", "y": ["i", "0"], "X": "0", "Z": ["i", "0"]}


def theorem(claim, *steps, **rest):
    return writing.theorem(KERNEL, claim, list(steps), **NAMES, **rest)


NATURAL = ["0", "1", "m", "m + 1", "2*m^2 + 3*m"]
NOT_NATURAL = ["1/2", "4/2", "-1", "2 - 1", "m - 1", "-m", "m/2", "x", "x^2", "y(m)", "X", "E(X)", "E(1)", "abs(1)"]
NOT_NATURAL += ["sqrt(4)", "exp(0)", "log(1)", "max(1, 2)", "min(m, 1)", "pow(2, 1)", "sum(i < 3, 1)", "m + 1/1"]
NUMBERS = ["1/2", "x", "-y(m + 1)", "E(X)", "E(X*Z(0))", "sum(i < 3, E(Z(i)))", "E(X)/sqrt(x)", *NATURAL]
RANDOM = ["X", "-X", "X + 1", "x*X", "Z(0)", "E(X)*X", "abs(X)", "1/X", "max(X, 0)", "sum(i < 2, Z(i))", "X - X", "0*X"]


# A half as a natural number

PRODUCT = induct(
    "product",
    "forall n nat: n*(n - 1) >= 0",
    [have("zero", "0*(0 - 1) >= 0")],
    [use("sign", "n >= 0", "natural", n="n"), have("more", "(n + 1)*(n + 1 - 1) >= 0", [["1", ["n"], []], "sign"])],
)


def at(value):
    """n*(n - 1) >= 0, shown by induction, at a value."""
    claim = f"{value}*({value} - 1) >= 0" if value.isalnum() else f"({value})*({value} - 1) >= 0"
    written = str(KERNEL.formulas.formula(claim))
    return theorem(written, PRODUCT, use("here", written, "product", n=value))


@pytest.mark.parametrize("value", NATURAL)
def test_what_an_induction_shows_holds_at_natural_numbers(value):
    assert at(value)


@pytest.mark.parametrize("value", NOT_NATURAL)
def test_what_an_induction_shows_is_not_for_other_numbers(value):
    with pytest.raises(Rejected, match=r"here: n is nat, and .* is (real|rand)"):
        at(value)


PLACES = {
    "the value of a binder": lambda v: theorem("1 = 1", use("s", f"{v} >= 0", "natural", n=v), same("t", "1 = 1")),
    "the value in a lemma": lambda v: theorem(
        "1 = 1", by_lemma("s", "1 = 1", n=v), known=({"n": "nat"}, [], ["1 = 1"])
    ),
    "an argument": lambda v: theorem(f"y({v}) = y({v})", same("s", f"y({v}) = y({v})")),
    "an argument in a value": lambda v: theorem("1 = 1", by_lemma("s", "1 = 1", c=f"y({v})"), known=KNOWN),
    "a bound": lambda v: theorem(f"sum(i < {v}, 0) = 0", same("s", f"sum(i < {v}, 0) = 0")),
    "the bound of an addition": lambda v: theorem(
        f"sum(i < {v}, 0) = 0",
        fixing("f", "forall i nat: 0 = 0", [same("t", "0 = 0")]),
        step("s", f"sum(i < {v}, 0) = 0", "addition", fact="f", bound=v),
    ),
    "a time": lambda v: theorem(f"past(x, {v})", step("s", f"past(x, {v})", "past", facts=[])),
    "what a hole is filled with": lambda v: theorem(
        "1 = 1",
        same("e", f"{v} = {v}"),
        step("s", f"y({v}) = y({v})", "congruence", fact="e", hole="hole", context="y(hole)"),
        same("t", "1 = 1"),
    ),
    "a model": lambda v: writing.theorem(KERNEL, variables={"n": "nat"}, model={"n": v}),
}
KNOWN = ({"c": "real"}, [], ["1 = 1"])


@pytest.mark.parametrize("place", PLACES)
def test_nothing_but_a_natural_number_stands_where_one_is_needed(place):
    for value in NATURAL if place != "a model" else ["0", "7", "2*3 + 1"]:
        assert PLACES[place](value), value
    for value in NOT_NATURAL:
        with pytest.raises(Rejected, match=r"natural number|is nat, and|unknown name"):
            PLACES[place](value)


@pytest.mark.parametrize("sort", ["real", "rand"])
def test_an_induction_is_over_natural_numbers(sort):
    product = {**PRODUCT, "claim": PRODUCT["claim"].replace("nat", sort)}
    with pytest.raises(Rejected, match="induction is over one natural number"):
        theorem("1/2*(1/2 - 1) >= 0", product, use("here", "1/2*(1/2 - 1) >= 0", "product", n="1/2"))
    with pytest.raises(Rejected, match="no step says the claim"):
        theorem(product["claim"], PRODUCT)


# A random number as a constant

SCALED = fixing(
    "scaled", "forall c real, Y rand: c*Y >= 0 => c*E(Y) >= 0", [mean("average", "c*E(Y) >= 0", "sign")], "sign"
)


def scaled(value, sorts="c real, Y rand"):
    """From c*Y >= 0 follows c*E(Y) >= 0, at a value for c and itself for Y; a square is >= 0."""
    told = {**SCALED, "claim": SCALED["claim"].replace("c real, Y rand", sorts)}
    text = str(KERNEL.formulas.formula(f"({value})*({value}) >= 0"))
    claim = str(KERNEL.formulas.formula(f"({value})*E({value}) >= 0"))
    square = have("square", text, [["1", [value], []]])
    return theorem(claim, told, square, use("here", claim, "scaled", "square", c=value, Y=value))


@pytest.mark.parametrize("value", NUMBERS)
def test_a_constant_is_a_number(value):
    assert scaled(value)


@pytest.mark.parametrize("value", RANDOM)
def test_a_constant_is_no_random_number(value):
    with pytest.raises(Rejected, match=r"here: c is real, and .* is rand"):
        scaled(value)
    with pytest.raises(Rejected, match="average: it says something else"):
        scaled(value, "c rand, Y rand")
    with pytest.raises(Rejected, match=r"c is real, and .* is rand"):
        theorem("1 = 1", by_lemma("s", "1 = 1", c=value), known=KNOWN)
    with pytest.raises(Rejected, match="is no equation of numbers"):
        equal = same("e", f"{value} = {value}")
        theorem("1 = 1", equal, step("s", "1 = 1", "congruence", fact="e", hole="hole", context="E(hole)"))


@pytest.mark.parametrize("value", RANDOM)
def test_a_family_of_numbers_has_no_random_values(value):
    with pytest.raises(Rejected, match=r"f is real, and .* is rand"):
        theorem("1 = 1", by_lemma("s", "1 = 1", f=["i", value]), known=({"f": "real(nat)"}, [], ["1 = 1"]))


def test_an_index_is_no_random_number():
    with pytest.raises(Rejected, match="an argument of y, is no natural number"):
        theorem("y(X) = y(X)", same("s", "y(X) = y(X)"))
