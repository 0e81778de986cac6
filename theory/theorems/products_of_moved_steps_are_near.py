"""Products of steps b near steps a, |a - b| <= 2 |a d| v: how far they are from products of the a, by means."""

from __future__ import annotations

from ..proving.instance import Instance
from ..proving.script import Proof, square
from ..proving.theorem import Theorem
from .sizes_on_every_outcome import sizes


def _near(n: str) -> str:
    return f"v{n} >= 0, abs(a{n} - b{n}) <= 2*abs(a{n})*abs(d{n})*v{n}, abs(b{n}) <= 2*abs(a{n})"


def _letters(*numbers: str) -> str:
    return ", ".join(f"{letter}{n} rand" for n in numbers for letter in "abdv")


PAIR = "4*v1*(d1^2/2 + a1^4/4 + a2^4/4) + 2*v2*(d2^2/2 + a1^4/4 + a2^4/4)"
POWERS = "a1^4/4 + a2^4/4 + a3^4/4"
TRIPLE = f"8*v1*({POWERS} + d1^4/4) + 4*v2*({POWERS} + d2^4/4) + 2*v3*({POWERS} + d3^4/4)"
OTHER = "2*v1*(e^2/2 + a1^4/4 + d1^4/4)"
CLAIMS = {
    "other": f"forall {_letters('1')}, e rand: {_near('1')} => abs(b1*e - a1*e) <= {OTHER}",
    "pair": f"forall {_letters('1', '2')}: {_near('1')}, {_near('2')} => abs(b1*b2 - a1*a2) <= {PAIR}",
    "triple": f"forall {_letters('1', '2', '3')}: {_near('1')}, {_near('2')}, {_near('3')} => "
    f"abs(b1*b2*b3 - a1*a2*a3) <= {TRIPLE}",
    "fourth": "forall a rand, b rand: abs(b) <= 2*abs(a) => b^4 <= 16*a^4",
}


def _names(*numbers: str) -> list[str]:
    return [f"{name}{n}" for n in numbers for name in ("v_sign", "near", "twice")]


def _sizes(proof: Proof, *letters: str) -> None:
    """Sizes of these numbers: signs, squares, and both sides."""
    for letter in letters:
        proof.use(f"{letter}_above", "absolute_above", x=letter)
        proof.use(f"{letter}_below", "absolute_below", x=letter)
        proof.have(f"{letter}_size", f"abs({letter}) >= 0", [f"{letter}_above", f"{letter}_below"])
        proof.use(f"{letter}_square", "absolute_squared", x=letter)


def _both(proof: Proof, name: str, left: str, right: str, gap: str, bound: str) -> None:
    """|left right| <= gap bound, of both signs, from |left| <= gap and |right| <= bound."""
    for side, text in (("left", left), ("right", right)):
        proof.use(f"{name}_{side}_up", "absolute_above", x=text)
        proof.use(f"{name}_{side}_down", "absolute_below", x=text)
    for part, text, fact in (("left", left, gap), ("right", right, bound)):
        most = str(proof.scope.claim(fact)).split(" <= ")[1]
        proof.have(f"{name}_{part}_plus", f"{most} + ({text}) >= 0", [fact, f"{name}_{part}_down"])
        proof.have(f"{name}_{part}_minus", f"{most} - ({text}) >= 0", [fact, f"{name}_{part}_up"])
    one, two = (str(proof.scope.claim(fact)).split(" <= ")[1] for fact in (gap, bound))
    product = f"({left})*({right})"
    rows = [f"{name}_left_plus*{name}_right_minus", f"{name}_left_minus*{name}_right_plus"]
    proof.have(f"{name}_top", f"{product} <= {one}*({two})", rows)
    rows = [f"{name}_left_plus*{name}_right_plus", f"{name}_left_minus*{name}_right_minus"]
    proof.have(f"{name}_bottom", f"-{product} <= {one}*({two})", rows)
    proof.use(name, "both_signs", f"{name}_top", f"{name}_bottom", Y=product, Z=f"{one}*({two})")


def script(proof: Proof) -> None:
    """b1 b2 - a1 a2 = (b1 - a1) b2 + a1 (b2 - a2) and the like; products by their fourth powers."""
    sizes(proof)
    with proof.fixing("fourth", CLAIMS["fourth"], "twice") as inner:
        _sizes(inner, "a", "b")
        inner.have("room", "2*abs(a) - abs(b) >= 0", ["twice"])
        inner.have("total", "2*abs(a) + abs(b) >= 0", ["a_size", "b_size"])
        inner.have("squares", "4*a^2 - b^2 >= 0", ["room*total"], ["a_square", "b_square"])
        inner.have("done", "b^4 <= 16*a^4", [square("a") * "squares", square("b") * "squares"])
    with proof.fixing("other", CLAIMS["other"], *_names("1")) as inner:
        _sizes(inner, "a1", "d1", "e")
        inner.have("unit", "abs(e) <= abs(e)")
        _both(inner, "product", "a1 - b1", "e", "near1", "unit")
        inner.have(
            "bound",
            f"2*abs(a1)*abs(d1)*v1*abs(e) <= {OTHER}",
            [square("abs(e) - abs(a1)*abs(d1)") * "v_sign1", square("a1^2 - d1^2") * "v_sign1"],
            ["e_square", "a1_square", "d1_square"],
        )
        inner.use("near_up", "absolute_above", x="(a1 - b1)*e")
        inner.use("near_down", "absolute_below", x="(a1 - b1)*e")
        for name, sign, side in (("top", "", "down"), ("bottom", "-", "up")):
            inner.have(name, f"{sign}(b1*e - a1*e) <= {OTHER}", ["bound", "product", f"near_{side}"])
        inner.use("done", "both_signs", "top", "bottom", Y="b1*e - a1*e", Z=OTHER)
    with proof.fixing("pair", CLAIMS["pair"], *_names("1", "2")) as inner:
        _pair(inner)
    with proof.fixing("triple", CLAIMS["triple"], *_names("1", "2", "3")) as inner:
        _triple(inner)


def _pair(proof: Proof) -> None:
    _sizes(proof, "a1", "a2", "d1", "d2")
    proof.have("unit", "abs(a1) <= abs(a1)")
    _both(proof, "one", "a1 - b1", "b2", "near1", "twice2")
    _both(proof, "two", "a1", "a2 - b2", "unit", "near2")
    squares = ["a1_square", "a2_square", "d1_square", "d2_square"]
    for n in "12":
        rows = [square(f"abs(a1)*abs(a2) - abs(d{n})") * f"v_sign{n}", square("a1^2 - a2^2") * f"v_sign{n}"]
        claim = f"abs(a1)*abs(a2)*abs(d{n})*v{n} <= v{n}*(d{n}^2/2 + a1^4/4 + a2^4/4)"
        proof.have(f"bound{n}", claim, rows, squares)
    _collect(proof, "b1*b2 - a1*a2", PAIR, ["(a1 - b1)*b2", "a1*(a2 - b2)"], ["one", "two"], ["bound1", "bound2"])


def _collect(proof: Proof, gap: str, bound: str, parts: list[str], facts: list[str], bounds: list[str]) -> None:
    for place, part in enumerate(parts):
        proof.use(f"part{place}_up", "absolute_above", x=part)
        proof.use(f"part{place}_down", "absolute_below", x=part)
    for name, sign, side in (("top", "", "down"), ("bottom", "-", "up")):
        rows = [*facts, *bounds, *(f"part{place}_{side}" for place, _ in enumerate(parts))]
        proof.have(name, f"{sign}({gap}) <= {bound}", rows)
    proof.use("done", "both_signs", "top", "bottom", Y=gap, Z=bound)


def _triple(proof: Proof) -> None:
    _sizes(proof, *(f"{letter}{n}" for letter in "ad" for n in "123"))
    proof.have("unit1", "abs(a1) <= abs(a1)")
    proof.have("unit2", "abs(a2) <= abs(a2)")
    _both(proof, "tail", "b2", "b3", "twice2", "twice3")
    _both(proof, "one", "a1 - b1", "b2*b3", "near1", "tail")
    _both(proof, "middle", "a2 - b2", "b3", "near2", "twice3")
    _both(proof, "two", "a1", "(a2 - b2)*b3", "unit1", "middle")
    _both(proof, "head", "a1", "a2", "unit1", "unit2")
    _both(proof, "three", "a1*a2", "a3 - b3", "head", "near3")
    squares = [f"{letter}{n}_square" for letter in "ad" for n in "123"]
    for n in "123":
        v = f"v_sign{n}"
        rows = [
            square(f"abs(a1)*abs(a2) - abs(a3)*abs(d{n})") * v,
            square("a1^2 - a2^2") * v,
            square(f"a3^2 - d{n}^2") * v,
        ]
        claim = f"abs(a1)*abs(a2)*abs(a3)*abs(d{n})*v{n} <= v{n}*({POWERS} + d{n}^4/4)"
        proof.have(f"bound{n}", claim, rows, squares)
    parts = ["(a1 - b1)*(b2*b3)", "a1*((a2 - b2)*b3)", "(a1*a2)*(a3 - b3)"]
    _collect(proof, "b1*b2*b3 - a1*a2*a3", TRIPLE, parts, ["one", "two", "three"], ["bound1", "bound2", "bound3"])


THEOREM = Theorem(
    theorem="products_of_moved_steps_are_near",
    title="Products of moved steps are near",
    says="""If steps b are near steps a, |a - b| <= 2 |a d| v and |b| <= 2 |a|, products of two or three b, and of one b
    and any number e, are near those of the a, up to v times second and fourth powers of a, d and e; and
    b^4 <= 16 a^4.""",
    variables={},
    hypotheses={},
    claims=CLAIMS,
    lemmas=["sizes_on_every_outcome"],
    model={},
    script=script,
    instances=[
        Instance(
            "random steps on two outcomes", {}, ("1/3", "2/3"), draws=1, reals=("1/2", "-1/2", "1", "3/2", "2", "-2/3")
        ),
    ],
)
