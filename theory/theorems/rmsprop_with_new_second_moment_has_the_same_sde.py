"""RMSprop dividing by the new second moment (torch): the moments of the same SDE up to O(h^2), h = eta^2.

d theta = -P^-1 (grad f dt + sigma0 Sigma^(1/2) dW), d u = c2 (diag Sigma - u) dt, P = sigma0 sqrt(u) + eps0.

Over 400 lines: one proof, whose steps share their names.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..kernel.terms import show, substitute, term
from ..proving.define import Definitions
from ..proving.noisy import noisy_rmsprop
from ..proving.same_names import own_letters, with_same_names
from ..proving.script import Proof, square
from ..proving.theorem import Theorem, Value
from .orders_on_every_outcome import THEOREM as ORDERS
from .products_of_moved_steps_are_near import CLAIMS as PRODUCTS
from .products_of_moved_steps_are_near import THEOREM as NEAR
from .rmsprop_in_units_of_its_sde import NAMES, reciprocals, root_of_v, u_step
from .rmsprop_in_units_of_its_sde import THEOREM as UNITS
from .rmsprop_moments_match_its_sde import CLAIMS as OLD_CLAIMS
from .rmsprop_moments_match_its_sde import CROSS, DT, DU, THIRD, P
from .rmsprop_moments_match_its_sde import THEOREM as OLD
from .rmsprop_steps_of_theta_are_small import CLAIM as OLD_FOURTH
from .rmsprop_steps_of_theta_are_small import THEOREM as OLD_SMALL
from .sizes_on_every_outcome import absolute_of_zero, sizes
from .steps_of_u_are_small import EIGHTH, FOURTH_OF_U, SECOND_OF_U
from .steps_of_u_are_small import THEOREM as SMALL_U
from .steps_over_a_moved_root import CLAIMS as MOVED_CLAIMS
from .steps_over_a_moved_root import THEOREM as MOVED

FT, SU, FU = ({c: f"{name}(t, {c})" for c in "ijl"} for name in ("theta4", "u2", "u4"))
BOUNDS = {"theta4": OLD_FOURTH.split(" <= eta^4*E(X*(")[1][:-2], "u2": SECOND_OF_U, "u4": FOURTH_OF_U}
"""Over eta^4: of the fourth powers of old steps of theta, and of the second and fourth powers of those of u."""
POWERS = {c: f"({FT['i']}/4 + {FT['j']}/4 + {FT['l']}/4 + {FU[c]}/4)" for c in "ijl"}
SAME = CROSS.replace("t, j", "t, i").replace("i, j)", "i, i)").replace("j, j)", "i, i)")
DRIFT_ERROR = (
    f"sigma0/(2*sqrt(u(t, i)))/{P['i']}*({SAME}/{P['i']})"
    f" + 5/2*sigma0/sqrt(u(t, i))^3/{P['i']}*({SU['i']}/2 + {FT['i']}/4 + {FU['i']}/4)"
)
PAIR = f"4/u(t, i)*({SU['i']}/2 + {FT['i']}/4 + {FT['j']}/4) + 2/u(t, j)*({SU['j']}/2 + {FT['i']}/4 + {FT['j']}/4)"
TRIPLE = f"8/u(t, i)*{POWERS['i']} + 4/u(t, j)*{POWERS['j']} + 2/u(t, l)*{POWERS['l']}"
OTHER = f"2/u(t, i)*({SU['j']}/2 + {FT['i']}/4 + {FU['i']}/4)"
START = "forall X rand, t nat, i nat{}: past(X, t), X >= 0 => "
CLAIMS = {
    "drift_of_theta": START.format("") + f"abs(E(X*{DT['i']}) - eta^2*E(X*(-G(t, i)/{P['i']}))) <= "
    f"eta^4*E(X*({DRIFT_ERROR}))",
    "drift_of_u": OLD_CLAIMS["drift_of_u"],
    "diffusion_of_theta": START.format(", j nat") + f"abs(E(X*{DT['i']}*{DT['j']}) - "
    f"eta^2*E(X*(sigma0^2*Sigma(t, i, j)/{P['i']}/{P['j']}))) <= "
    f"eta^4*E(X*(abs(G(t, i)*G(t, j)/{P['i']}/{P['j']}) + {PAIR}))",
    "no_diffusion_between_theta_and_u": START.format(", j nat") + f"abs(E(X*{DT['i']}*{DU['j']})) <= "
    f"eta^4*E(X*({CROSS}/{P['i']} + {OTHER}))",
    "third_moments": START.format(", j nat, l nat") + f"abs(E(X*{DT['i']}*{DT['j']}*{DT['l']})) <= "
    f"eta^4*E(X*(({THIRD})/{P['i']}/{P['j']}/{P['l']} + {TRIPLE}))",
    "fourth_moments": START.format("") + f"E(X*{DT['i']}^4) <= eta^4*E(X*(16*({FT['i']})))",
}
"""Of the steps, u and z."""
STEP = {c: f"(eta^2*g(t + 1, {c})/{P[c]})" for c in "ijl"}
NEW = {c: f"(eta^2*g(t + 1, {c})/(sigma0*sqrt(u(t + 1, {c})) + eps0))" for c in "ijl"}
VIRTUAL = "-sum(k < t, eta*g(k + 1, i)/(sqrt(v(k, i)) + eps))"


A, B = STEP, NEW
MOMENT = {"d2": (DU, 2, SU, "size_u2"), "d4": (DU, 4, FU, "size_u4"), "a4": (A, 4, FT, "size_theta4")}
"""Steps, their power, the bound of its mean, and the fact that says so."""


def _old(proof: Proof) -> None:
    """The moments of steps that divide by the old second moment: of a run on the same gradients."""
    later = VIRTUAL.replace("k < t", "k < t + 1")
    said = f"forall t nat, i nat: {later} = {VIRTUAL} - eta*g(t + 1, i)/(sqrt(v(t, i)) + eps)"
    with proof.fixing("virtual", said) as inner:
        inner.linear("last", said.split(": ")[1])
    for theorem in (UNITS, OLD, OLD_SMALL):
        values = own_letters(theorem.variables, ("t", "i", "j", "l"))
        values["theta"] = ["t", "i", VIRTUAL]
        names = ["virtual" if name == "update" else name for name in theorem.hypotheses]
        for name, claim in theorem.claims.items():
            text = claim
            for c in "ijl":
                text = text.replace(f"theta(t + 1, {c})", _at(later, c)).replace(f"theta(t, {c})", _at(VIRTUAL, c))
            kept = "theta(" not in claim
            if kept and name in proof.scope.facts:
                continue
            proof.lemma(name if kept else f"old_{name}", text, theorem.theorem, names, values)
    for name, claim in (*OLD_CLAIMS.items(), ("fourth_of_theta", OLD_FOURTH)):
        if "theta(" in claim:
            _translated(proof, name, claim, later)


def _at(text: str, c: str) -> str:
    return f"({text.replace(', i)', f', {c})')})"


def _translated(proof: Proof, name: str, claim: str, later: str) -> None:
    """`step_..`: the same for the step as it is, in place of the difference of sums."""
    text = claim
    for c in "ijl":
        text = text.replace(DT[c], f"(-{A[c]})")
    head, said = claim.split(" => ")
    letters = [c for c in "ijl" if f" {c} nat" in head]
    premises = ["known"] + (["sign"] if "X >= 0" in head else [])
    with proof.fixing(f"step_{name}", text, *premises) as inner:
        inner.use("old", f"old_{name}", *premises, X="X", t="t", **{c: c for c in letters})
        start = said.index("E(X") + 2
        product = said[start : _closing(said, start)]
        old, new = product, product
        for c in letters:
            inner.use(f"here_{c}", "old_theta_step", t="t", i=c)
            old = old.replace(DT[c], f"({_at(later, c)} - {_at(VIRTUAL, c)})")
            new = new.replace(DT[c], f"(-{A[c]})")
        sums = [f"here_{c}@{_at(later.removeprefix('-'), c)[1:-1]}" for c in letters]
        inner.have("pointwise", f"{old} = {new}", (), sums)
        inner.mean("average", f"E({old}) = E({new})", "pointwise")
        if "abs(E" in said:
            inner.congruent("size", "average", "abs(hole)")
            inner.have("done", text.split(" => ")[1], ["old"], ["size"])
        elif " <= " in said:
            inner.have("done", text.split(" => ")[1], ["old"], ["average"])
        else:
            inner.have("done", text.split(" => ")[1], (), ["old", ("1", "average")])


def _closing(text: str, start: int) -> int:
    depth = 1
    for place in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[place], 0)
        if depth == 0:
            return place
    raise ValueError(text)


ROOT, LATER, CHANGE = "sqrt(u(t, i))", "sqrt(u(t + 1, i))", DU["i"]
DIFFERENCE = f"{A['i']} - {B['i']}"
CURVE = f"5/2*sigma0*abs({A['i']})*{CHANGE}^2/{ROOT}^3/{P['i']}"
MOVES = {
    "inverse": "1/u(t, i) >= 0",
    "near": f"abs({DIFFERENCE}) <= 2*abs({A['i']})*abs({CHANGE})*(1/u(t, i))",
    "twice": f"abs({B['i']}) <= 2*abs({A['i']})",
    "second_order": f"abs({DIFFERENCE} - sigma0*(eta^2*g(t + 1, i))*{CHANGE}/(2*{ROOT})/{P['i']}/{P['i']}) <= {CURVE}",
}
"""How far steps move; of the lemma on moved roots, for r and s the roots of u and its next value."""


def _moves(proof: Proof) -> None:
    """MOVES, for all coordinates: first what the lemma wants, 2 s >= r > 0."""
    with proof.fixing("close", f"forall t nat, i nat: 2*{LATER} >= {ROOT}") as inner:
        inner.use("now", "u_positive", t="t", i="i")
        inner.use("next", "u_sign", t="t + 1", i="i")
        inner.use("known", "u_sign", t="t", i="i")
        inner.use("r_square", "root_squared", "known", x="u(t, i)")
        inner.use("s_square", "root_squared", "next", x="u(t + 1, i)")
        inner.use("s_sign", "root_nonnegative", x="u(t + 1, i)")
        inner.use("change", "u_step", t="t", i="i")
        rows = ["beta2_large*now", square("eta*g(t + 1, i)/sigma") * "c2_sign"]
        equations = ["r_square", "s_square", "change@u(t + 1, i)", "beta2_value"]
        inner.have("squares", f"{ROOT}^2 <= (2*{LATER})^2", rows, equations)
        inner.have("double", f"2*{LATER} >= 0", ["s_sign"])
        inner.use("order", "from_squares", "double", "squares", Y=ROOT, Z=f"2*{LATER}")
        inner.have("close", f"2*{LATER} >= {ROOT}", ["order"])
    for name, said in MOVES.items():
        with proof.fixing(f"moves_{name}", f"forall t nat, i nat: {said}") as inner:
            inner.use("now", "u_positive", t="t", i="i")
            inner.use("over", "reciprocal_positive", "now", x="u(t, i)")
            if name == "inverse":
                inner.have("sign", said, ["over"])
                continue
            inner.use("known", "u_sign", t="t", i="i")
            inner.use("next", "u_sign", t="t + 1", i="i")
            inner.use("positive", "root_positive", "now", x="u(t, i)")
            inner.use("r_square", "root_squared", "known", x="u(t, i)")
            inner.use("s_square", "root_squared", "next", x="u(t + 1, i)")
            inner.use("twofold", "close", t="t", i="i")
            inner.have("gap", f"{LATER}^2 - {ROOT}^2 = {CHANGE}", (), ["r_square", "s_square"])
            lemma = {"near": "first_order", "twice": "doubled", "second_order": "second_order"}[name]
            values = {"q": "eta^2*g(t + 1, i)", "r": ROOT, "s": LATER, "d": CHANGE}
            inner.use("moved", f"moved_{lemma}", "positive", "twofold", "gap", **values)
            inner.use("apart_r", "positive_is_apart", "positive", x=ROOT)
            inner.use("one_r", "reciprocal", "apart_r", x=ROOT)
            inner.use("apart_u", "positive_is_apart", "now", x="u(t, i)")
            inner.use("one_u", "reciprocal", "apart_u", x="u(t, i)")
            factor = f"1/u(t, i)*1/{ROOT}*1/{ROOT}"
            inner.have("inverses", f"1/{ROOT}^2 = 1/u(t, i)", (), [(factor, "r_square"), "one_u", "one_r"])
            inner.have("said", said, ["moved"], [f"inverses@1/{ROOT}^2"] if name == "near" else [])


def _near(proof: Proof, c: str) -> None:
    """How far the step over the new root is from that over the old one, at this coordinate."""
    proof.use(f"past_{c}", "past_u", t="t", i=c)
    proof.use(f"new_{c}", "theta_new", t="t", i=c)
    for name, fact in (("v", "inverse"), ("near", "near"), ("twice", "twice")):
        proof.use(f"{name}_{c}", f"moves_{fact}", t="t", i=c)


@dataclass(frozen=True)
class Piece:
    """coefficient E(X factor power), a part of a bound; `positive` are facts that say that the factor is."""

    coefficient: str
    factor: str
    positive: str
    kind: str
    c: str

    def mean(self) -> str:
        """E of X, the factor and the power of the step."""
        steps, power, _, _ = MOMENT[self.kind]
        return f"E(X*({self.factor})*{steps[self.c]}^{power})"

    def most(self) -> str:
        """What that is at most, over eta^4."""
        return f"E(X*({self.factor})*({MOMENT[self.kind][2][self.c]}))"

    def fact(self, proof: Proof, name: str, letters: str) -> str:
        """mean <= eta^4 most."""
        weight = f"X*({self.factor})"
        past = proof.past(f"past_{name}", f"past({weight}, t)", "known", *(f"past_{c}" for c in letters))
        sign = proof.have(f"sign_{name}", f"{weight} >= 0", [f"sign*{self.positive}"])
        return proof.use(name, MOMENT[self.kind][3], past, sign, X=weight, t="t", i=self.c)


def _pieces(proof: Proof, name: str, whole: str, bound: str, pieces: list[Piece], letters: str) -> None:
    """`name`: E(X*whole) <= eta^4 E(X*bound)."""
    facts = [piece.fact(proof, f"{name}_{place}", letters) for place, piece in enumerate(pieces)]
    parts = " + ".join(f"{piece.coefficient}*{piece.mean()}" for piece in pieces)
    proof.linear(f"{name}_parts", f"E(X*({whole})) = {parts}")
    parts = " + ".join(f"{piece.coefficient}*{piece.most()}" for piece in pieces)
    proof.linear(f"{name}_bounds", f"E(X*({bound})) = {parts}")
    equations = [("1", f"{name}_parts"), ("eta^4", f"{name}_bounds")]
    proof.have(name, f"E(X*({whole})) <= eta^4*E(X*({bound}))", facts, equations)


def _numbered(letters: str) -> dict[str, str]:
    """a, b, d and v of the lemma on products."""
    found = {}
    for n, c in zip("123", letters, strict=False):
        found |= {f"a{n}": A[c], f"b{n}": B[c], f"d{n}": DU[c], f"v{n}": f"1/u(t, {c})"}
    return found


def _product(proof: Proof, name: str, letters: str, steps: str, bound: str, pieces: list[Piece], old: str) -> None:
    """The claim `name`: the product is near that of old steps, `product`, of which the old claim `old` speaks."""
    with proof.fixing(name, CLAIMS[name], "known", "sign") as inner:
        for c in letters:
            _near(inner, c)
        lemma = {"pair": "pair", "triple": "triple", "other": "other"}[steps]
        values = _numbered(letters if lemma != "other" else letters[0])
        if lemma == "other":
            values["e"] = DU[letters[1]]
        premises = [f"{f}_{c}" for c in (letters if lemma != "other" else letters[0]) for f in ("v", "near", "twice")]
        inner.use("moved", f"products_{lemma}", *premises, **values)
        moved, size = str(inner.scope.claim("moved")).rsplit(" <= ", 1)
        difference = moved[4:-1]
        inner.use("mean", "mean_size", "sign", "moved", W="X", Y=difference, Z=size)
        _pieces(inner, "most", size, bound, pieces, letters)
        product = "X*" + "*".join(DT[c] for c in letters)
        ours, theirs = "X*" + "*".join(B[c] for c in letters), "X*" + "*".join(A[c] for c in letters)
        if lemma == "other":
            product = f"X*{DT['i']}*{DU['j']}"
            ours, theirs = f"X*{B['i']}*{DU['j']}", f"X*{A['i']}*{DU['j']}"
        minus = "" if lemma == "pair" else "-"
        inner.have(
            "pointwise",
            f"{product} = {minus}{ours}",
            (),
            [f"new_{c}@theta(t + 1, {c})" for c in (letters if lemma != "other" else "i")],
        )
        inner.mean("average", f"E({product}) = {minus}E({ours})", "pointwise")
        inner.linear("split", f"E(X*({difference})) = E({ours}) - E({theirs})")
        coordinates = {c: c for c in letters}
        pair = lemma == "pair"
        inner.use("old", old, *(["known"] if pair else ["known", "sign"]), X="X", t="t", **coordinates)
        claim = CLAIMS[name].split(" => ")[1]
        left, right = claim.rsplit(" <= ", 1)
        _joined(inner, left[4:-1], right, f"E({product})", f"E({theirs})", difference, minus, bound)


def _joined(
    proof: Proof, left: str, right: str, ours: str, theirs: str, difference: str, minus: str, bound: str
) -> None:
    """|left| <= right from the old claim `old`, and how far the product moved, `mean` and `most`."""
    whole = right.removeprefix("eta^4*E(X*(")[:-2]
    rest = whole.removesuffix(f" + {bound}")
    proof.linear("added", f"E(X*({whole})) = E(X*({rest})) + E(X*({bound}))")
    proof.use("moved_up", "absolute_above", x=f"E(X*({difference}))")
    proof.use("moved_down", "absolute_below", x=f"E(X*({difference}))")
    facts = ["mean", "most"]
    old = str(proof.scope.claim("old"))
    equations: list[str | tuple[str, str]] = ["average", ("1", "split"), ("eta^4", "added")]
    if old.startswith("abs("):
        inside = old.rsplit(" <= ", 1)[0][4:-1]
        proof.linear("turned", f"{inside} = {minus}{theirs}")
        proof.use("old_up", "absolute_above", x=inside)
        proof.use("old_down", "absolute_below", x=inside)
        facts += ["old"]
        equations.append(("1", "turned"))
        sides = {"top": ["old_up", "old_down"], "bottom": ["old_up", "old_down"]}
    else:
        inside = old.split(" = ")[0]
        proof.linear("turned", f"{inside} = {theirs}")
        mean = f"E(X*({rest[4:-1]}))"
        proof.have("zero", f"{rest} - {rest} >= 0")
        proof.have("itself", f"{rest} <= {rest}", ["zero"])
        proof.use("rest_size", "mean_size", "sign", "itself", W="X", Y=rest[4:-1], Z=rest)
        proof.have("even", "eta^4 >= 0", [square("eta^2")])
        proof.use("rest_up", "absolute_above", x=mean)
        proof.use("rest_down", "absolute_below", x=mean)
        facts += ["even*rest_size"]
        equations += [("1", "turned"), ("1", "old")]
        sides = {"top": ["even*rest_up", "even*rest_down"], "bottom": ["even*rest_up", "even*rest_down"]}
    for name, sign in (("top", ""), ("bottom", "-")):
        rows = [*facts, "moved_up", "moved_down", *sides[name]]
        proof.have(name, f"{sign}({left}) <= {right}", rows, equations)
    proof.use("done", "both_signs", "top", "bottom", Y=left, Z=right)


def _drift(proof: Proof) -> None:
    """To second order: A - B = sigma0 A (u' - u)/(2 sqrt(u) P) + rest."""
    with proof.fixing("drift_of_theta", CLAIMS["drift_of_theta"], "known", "sign") as inner:
        _near(inner, "i")
        inner.use("second_order_i", "moves_second_order", t="t", i="i")
        inner.use("u_i", "u_positive", t="t", i="i")
        inner.use("r_i", "root_positive", "u_i", x="u(t, i)")
        inner.use("over_r_i", "reciprocal_positive", "r_i", x="sqrt(u(t, i))")
        inner.use("scale", "scale_positive", t="t", i="i")
        inner.use("over_P", "reciprocal_positive", "scale", x=P["i"])
        inner.use("A_up", "absolute_above", x=A["i"])
        inner.use("A_down", "absolute_below", x=A["i"])
        inner.use("A_square", "absolute_squared", x=A["i"])
        r = "sqrt(u(t, i))"
        slope, curve = f"sigma0/(2*{r})/{P['i']}", f"5/2*sigma0/{r}^3/{P['i']}"
        inner.have("slope_sign", f"{slope} > 0", ["sigma0_positive*over_r_i*over_P"])
        inner.have("curve_sign", f"{curve} > 0", ["sigma0_positive*over_r_i*over_r_i*over_r_i*over_P"])
        size, a, d = f"abs({A['i']})", A["i"], DU["i"]
        whole = f"{curve}*({d}^2/2 + {a}^4/4 + {d}^4/4)"
        inner.have(
            "even",
            f"{size}*{d}^2 <= {d}^2/2 + {a}^4/4 + {d}^4/4",
            [square(f"{d}*({size} - 1)"), square(f"{a}^2 - {d}^2")],
            ["A_square"],
        )
        difference = f"{a} - {B['i']} - {slope}*{a}*{d}"
        inner.have("moved", f"abs({difference}) <= {whole}", ["second_order_i", "curve_sign*even"])
        inner.use("mean", "mean_size", "sign", "moved", W="X", Y=difference, Z=whole)
        bound = f"{curve}*({SU['i']}/2 + {FT['i']}/4 + {FU['i']}/4)"
        pieces = [Piece(k, curve, "curve_sign", kind, "i") for k, kind in (("1/2", "d2"), ("1/4", "a4"), ("1/4", "d4"))]
        _pieces(inner, "most", whole, bound, pieces, "i")
        inner.have("pointwise", f"X*{DT['i']} = -X*{B['i']}", (), ["new_i@theta(t + 1, i)"])
        inner.mean("average", f"E(X*{DT['i']}) = -E(X*{B['i']})", "pointwise")
        weight = f"X*({slope})"
        inner.past("weight", f"past({weight}, t)", "known", "past_i")
        inner.have("weight_sign", f"{weight} >= 0", ["sign*slope_sign"])
        inner.use(
            "cross", "step_no_diffusion_between_theta_and_u", "weight", "weight_sign", X=weight, t="t", i="i", j="i"
        )
        inner.use("old", "step_drift_of_theta", "known", X="X", t="t", i="i")
        mixed = f"E({weight}*(-{a})*{d})"
        inner.linear("split", f"E(X*({difference})) = E(X*{a}) - E(X*{B['i']}) + {mixed}")
        inner.linear("turned", f"E(X*(-{a})) = -E(X*{a})")
        cross_bound = f"E({weight}*({SAME}/{P['i']}))"
        inner.linear("added", f"E(X*({DRIFT_ERROR})) = {cross_bound} + E(X*({bound}))")
        for fact, text in (("moved", f"E(X*({difference}))"), ("cross", mixed)):
            inner.use(f"{fact}_up", "absolute_above", x=text)
            inner.use(f"{fact}_down", "absolute_below", x=text)
        left, right = CLAIMS["drift_of_theta"].split(" => ")[1].rsplit(" <= ", 1)
        facts = ["mean", "most", "cross", "moved_up", "moved_down", "cross_up", "cross_down"]
        equations: list[str | tuple[str, str]] = ["average", ("1", "split"), ("eta^4", "added"), "old", ("1", "turned")]
        for name, sign in (("top", ""), ("bottom", "-")):
            inner.have(name, f"{sign}({left[4:-1]}) <= {right}", facts, equations)
        inner.use("done", "both_signs", "top", "bottom", Y=left[4:-1], Z=right)


def script(proof: Proof) -> None:
    """The moments for the old second moment, and how far the steps move."""
    sizes(proof)
    reciprocals(proof)
    u_step(proof)
    root_of_v(proof)
    proof.have("sigma0_positive", "sigma0 > 0", ["positive_eta*positive_sigma"], ["sigma_constant"])
    proof.have("eps0_sign", "eps0 >= 0", ["positive_eta*eps_sign"], ["eps_constant"])
    with proof.fixing("u_sign", "forall t nat, i nat: u(t, i) >= 0") as inner:
        inner.use("positive", "u_positive", t="t", i="i")
        inner.have("sign", "u(t, i) >= 0", ["positive"])
    with_same_names(proof, SMALL_U)
    _old(proof)
    for name, fact, power in (
        ("theta4", "step_fourth_of_theta", f"{A['i']}^4"),
        ("u2", "second_of_u", f"{DU['i']}^2"),
        ("u4", "fourth_of_u", f"{DU['i']}^4"),
    ):
        said = f"E(X*{power}) <= eta^4*E(X*{name}(t, i))"
        with proof.fixing(f"size_{name}", f"{START.format('')}{said}", "known", "sign") as inner:
            inner.use("size", fact, "known", "sign", X="X", t="t", i="i")
            inner.use("definition", f"{name}_definition", t="t", i="i")
            inner.have("outcome", f"X*{name}(t, i) = X*({BOUNDS[name]})", (), ["definition"])
            inner.mean("average", f"E(X*{name}(t, i)) = E(X*({BOUNDS[name]}))", "outcome")
            inner.linear("power", f"E(X*{power}) = {str(inner.scope.claim('size')).split(' <= ')[0]}")
            inner.have("done", said, ["size"], [("1", "power"), ("eta^4", "average")])
    orders = ORDERS.claims["from_squares"]
    proof.lemma("from_squares", orders, ORDERS.theorem, [], {})
    for name, claim in MOVED_CLAIMS.items():
        values: dict[str, str | list[str]] = {"sigma0": "sigma0", "eps0": "eps0"}
        proof.lemma(f"moved_{name}", claim, MOVED.theorem, ["sigma0_positive", "eps0_sign"], values)
    for name, claim in PRODUCTS.items():
        proof.lemma(f"products_{name}", claim, NEAR.theorem, [], {})
    _theta_step(proof)
    _moves(proof)
    _drift(proof)
    i, j, l = (f"1/u(t, {c})" for c in "ijl")
    pair = [Piece("2", i, "v_i", "d2", "i"), *(Piece("1", i, "v_i", "a4", c) for c in "ij")]
    pair += [Piece("1", j, "v_j", "d2", "j"), *(Piece("1/2", j, "v_j", "a4", c) for c in "ij")]
    _product(proof, "diffusion_of_theta", "ij", "pair", PAIR, pair, "step_diffusion_of_theta")
    other = [Piece("1", i, "v_i", "d2", "j"), Piece("1/2", i, "v_i", "a4", "i"), Piece("1/2", i, "v_i", "d4", "i")]
    name = "no_diffusion_between_theta_and_u"
    _product(proof, name, "ij", "other", OTHER, other, f"step_{name}")
    triple = []
    for k, factor, c in (("2", i, "i"), ("1", j, "j"), ("1/2", l, "l")):
        triple += [Piece(k, factor, f"v_{c}", "a4", e) for e in "ijl"] + [Piece(k, factor, f"v_{c}", "d4", c)]
    _product(proof, "third_moments", "ijl", "triple", TRIPLE, triple, "step_third_moments")
    with proof.fixing("fourth_moments", CLAIMS["fourth_moments"], "known", "sign") as inner:
        _near(inner, "i")
        inner.use("power", "products_fourth", "twice_i", a=A["i"], b=B["i"])
        inner.have("pointwise", f"X*{DT['i']}^4 <= 16*(X*{A['i']}^4)", ["sign*power"], ["new_i@theta(t + 1, i)"])
        inner.mean("average", f"E(X*{DT['i']}^4) <= 16*E(X*{A['i']}^4)", "pointwise")
        inner.use("old", "size_theta4", "known", "sign", X="X", t="t", i="i")
        inner.linear("bound", f"E(X*(16*({FT['i']}))) = 16*E(X*({FT['i']}))")
        claim = CLAIMS["fourth_moments"].split(" => ")[1]
        inner.have("done", claim, ["average", "old"], [("eta^4", "bound")])


def _theta_step(proof: Proof) -> None:
    """eta sqrt(v') = sigma0 sqrt(u') in the denominator."""
    scale, stored = "(sigma0*sqrt(u(t + 1, i)) + eps0)", "sqrt(v(t + 1, i)) + eps"
    said = f"theta(t + 1, i) - theta(t, i) = -{B['i']}"
    with proof.fixing("theta_new", f"forall t nat, i nat: {said}") as inner:
        inner.use("root", "root_of_v", t="t + 1", i="i")
        inner.use("scale", "scale_positive", t="t + 1", i="i")
        inner.use("step", "update", t="t", i="i")
        inner.have("same", f"eta*({stored}) = {scale}", (), ["root", "sigma_constant", "eps_constant"])
        inner.use("over_eta", "reciprocal_positive", "positive_eta", x="eta")
        inner.have("stored", f"{stored} > 0", ["scale*over_eta"], [("1/eta", "same"), "one_eta"])
        for name, fact, text in (("P", "scale", scale), ("S", "stored", stored)):
            inner.use(f"apart_{name}", "positive_is_apart", fact, x=text)
            inner.use(f"one_{name}", "reciprocal", f"apart_{name}", x=text)
        inner.have("over", f"1/({stored}) = eta/{scale}", (), [(f"1/({stored})*1/{scale}", "same"), "one_P", "one_S"])
        inner.have("steps", said, (), ["step", f"over@1/({stored})"])


def _bounds_here() -> dict[str, Value]:
    """The bounds in the model."""
    model: dict[str, Value] = {**OLD.model, "tail": ["t", "i", "0"]}
    values = {n: ((), term(v)) if isinstance(v, str) else (tuple(v[:-1]), term(v[-1])) for n, v in model.items()}
    bounds = {name: ["t", "i", show(substitute(term(text), values))] for name, text in BOUNDS.items()}
    return {"tail": ["t", "i", "0"], **bounds}


TORCH = Definitions("rmsprop_step", "rmsprop", after=0, names=NAMES)
THEOREM = Theorem(
    theorem="rmsprop_with_new_second_moment_has_the_same_sde",
    title="RMSprop with the new second moment has the same SDE",
    says="""For RMSprop that divides by sqrt(v') + eps, v' the new second moment (as torch does), beta2 >= 1/4 and
    otherwise as with the old one: given the past, its moments are those of the same SDE up to h^2 = eta^4, the mean of
    theta now too only if the noise has low skewness, with these constants; theta4, u2 and u4 are written out.""",
    sources=["malladi2022sdes, method of its SDE derivations", "hinton2012rmsprop, slide 29"],
    variables={**OLD.variables, **dict.fromkeys(("tail", *BOUNDS), "rand(nat, nat)")},
    hypotheses={
        **{name: text for name, text in OLD.hypotheses.items() if name != "update"},
        **TORCH.equations,
        "beta2_large": "beta2 >= 1/4",
        **EIGHTH,
        **{f"{name}_definition": f"forall t nat, i nat: {name}(t, i) = {bound}" for name, bound in BOUNDS.items()},
    },
    definitions=[TORCH],
    claims=CLAIMS,
    lemmas=[
        "sizes_on_every_outcome",
        SMALL_U.theorem,
        UNITS.theorem,
        OLD.theorem,
        OLD_SMALL.theorem,
        ORDERS.theorem,
        MOVED.theorem,
        NEAR.theorem,
    ],
    model={**OLD.model, **_bounds_here()},
    script=script,
    shown=absolute_of_zero,
    instances=[
        noisy_rmsprop(
            {f"{name}_definition": f"forall t nat, i nat: {name}(t, i) = {bound}" for name, bound in BOUNDS.items()},
            new=True,
        )
    ],
)
