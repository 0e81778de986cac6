"""A step over sigma0 s + eps0 in place of sigma0 r + eps0: how far it moves, to first and second order in s^2 - r^2."""

from __future__ import annotations

from ..proving.instance import Instance
from ..proving.script import Proof, square
from ..proving.theorem import Theorem
from .sizes_on_every_outcome import sizes

P, MOVED = "(sigma0*r + eps0)", "(sigma0*s + eps0)"
ONE = f"q/{P} - q/{MOVED}"
TWO = f"q/{P} - q/{MOVED} - sigma0*q*d/(2*r)/{P}/{P}"
START = "forall q rand, r rand, s rand, d rand: r > 0, 2*s >= r, s^2 - r^2 = d => "
FIRST_SIZE = f"2*abs(q/{P})*abs(d)*(1/r^2)"
SECOND_SIZE = f"5/2*sigma0*abs(q/{P})*d^2/r^3/{P}"
CLAIMS = {
    "first_order": f"{START}abs({ONE}) <= {FIRST_SIZE}",
    "doubled": f"{START}abs(q/{MOVED}) <= 2*abs(q/{P})",
    "second_order": f"{START}abs({TWO}) <= {SECOND_SIZE}",
}


def _prepare(proof: Proof) -> None:
    proof.have("s_positive", "s > 0", ["close", "r_positive"])
    proof.have("gap_value", "d = s^2 - r^2", (), [("1", "gap")])
    proof.have("P_positive", f"{P} > 0", ["sigma0_positive*r_positive", "eps0_sign"])
    proof.have("M_positive", f"{MOVED} > 0", ["sigma0_positive*s_positive", "eps0_sign"])
    for name, fact, text in (("r", "r_positive", "r"), ("P", "P_positive", P), ("M", "M_positive", MOVED)):
        proof.use(f"apart_{name}", "positive_is_apart", fact, x=text)
        proof.use(f"one_{name}", "reciprocal", f"apart_{name}", x=text)
        proof.use(f"over_{name}", "reciprocal_positive", fact, x=text)
    rows = ["close*sigma0_positive*over_r*over_M", "eps0_sign*over_r*over_M"]
    proof.have("ratio", f"2/r - sigma0/{MOVED} >= 0", rows, ["one_r", "one_M"])
    proof.have("slope", f"sigma0/{MOVED} > 0", ["sigma0_positive*over_M"])
    proof.use("up", "absolute_above", x=f"q/{P}")
    proof.use("down", "absolute_below", x=f"q/{P}")
    proof.have("plus", f"abs(q/{P}) + q/{P} >= 0", ["down"])
    proof.have("minus", f"abs(q/{P}) - q/{P} >= 0", ["up"])
    proof.have("size_sign", f"abs(q/{P}) >= 0", ["plus", "minus"])


def script(proof: Proof) -> None:
    """q/P - q/P' = (q/P) sigma0 (s - r)/P', with sigma0/P' <= 2/r and |s - r| <= |s^2 - r^2|/r."""
    sizes(proof)
    for name, claim in CLAIMS.items():
        with proof.fixing(name, claim, "r_positive", "close", "gap") as inner:
            _prepare(inner)
            {"first_order": _first, "doubled": _doubled, "second_order": _second}[name](inner)


def _first(proof: Proof) -> None:
    for side, sign in (("above", "-"), ("below", "+")):
        proof.use(f"gap_{side}", f"absolute_{side}", x="d")
        claim = f"abs(d)/r {sign} (s - r) >= 0"
        with proof.cases(f"distance_{side}", claim, on="s - r") as (more, less):
            more.use("size", "absolute_above", x="d")
            more.have("sign", "abs(d) >= 0", ["case*s_positive", "case*r_positive", "size"], ["gap_value"])
            rows = ["size*over_r", "case*s_positive*over_r", "case", "sign*over_r"]
            more.have("distance", claim, rows, ["one_r", "gap_value"])
            less.use("size", "absolute_below", x="d")
            less.have("fall", "r - s >= 0", ["case"])
            less.have("sign", "abs(d) >= 0", ["fall*s_positive", "fall*r_positive", "size"], ["gap_value"])
            rows = ["size*over_r", "fall*s_positive*over_r", "fall", "sign*over_r"]
            less.have("distance", claim, rows, ["one_r", "gap_value"])
    proof.have("gap_sign", "abs(d) >= 0", ["gap_above", "gap_below"])
    # kappa = sigma0 (s - r)/P' is between -2 |gap|/r^2 and 2 |gap|/r^2
    bound, kappa = "2*abs(d)*(1/r^2)", f"sigma0*(s - r)/{MOVED}"
    for side, sign in (("above", "-"), ("below", "+")):
        rows = [f"slope*distance_{side}", "ratio*gap_sign*over_r"]
        proof.have(f"kappa_{side}", f"{bound} {sign} {kappa} >= 0", rows)
    proof.have("exact", f"{ONE} = q/{P}*({kappa})", (), ["one_P", "one_M"])
    size = FIRST_SIZE
    for name, sign, rows in (
        ("top", "", ["plus*kappa_above", "minus*kappa_below"]),
        ("bottom", "-", ["plus*kappa_below", "minus*kappa_above"]),
    ):
        proof.have(name, f"{sign}({ONE}) <= {size}", rows, [("1", "exact")])
    proof.use("size", "both_signs", "top", "bottom", Y=ONE, Z=size)


def _doubled(proof: Proof) -> None:
    ratio = f"{P}/{MOVED}"
    rows = ["close*sigma0_positive*over_M", "eps0_sign*over_M"]
    proof.have("most", f"2 - {ratio} >= 0", rows, [("1", "one_M"), ("2", "one_M")])
    proof.have("least", f"{ratio} >= 0", ["P_positive*over_M"])
    proof.have("exact", f"q/{MOVED} = q/{P}*({ratio})", (), [(f"q*1/{MOVED}", "one_P")])
    size = f"2*abs(q/{P})"
    proof.have("top", f"q/{MOVED} <= {size}", ["least*minus", "most*size_sign"], [("1", "exact")])
    proof.have("bottom", f"-(q/{MOVED}) <= {size}", ["least*plus", "most*size_sign"], [("1", "exact")])
    proof.use("size", "both_signs", "top", "bottom", Y=f"q/{MOVED}", Z=size)


def _second(proof: Proof) -> None:
    rest = f"sigma0*(s - r)^2/{P}*(sigma0/{MOVED} + 1/r/2)"
    proof.have("exact", f"{TWO} = -(q/{P})*({rest})", (), ["gap_value", "one_P", "one_M", "one_r"])
    proof.have(
        "distance",
        "d^2/r^2 - (s - r)^2 >= 0",
        [square("(s - r)*s*(1/r)"), square("s - r") * "s_positive*over_r"],
        ["one_r", "gap_value"],
    )
    most = f"5/2*sigma0*d^2/r^3/{P}"
    rows = ["sigma0_positive*distance*over_r*over_P", square("s - r") * "sigma0_positive*ratio*over_P"]
    proof.have("most", f"{most} - {rest} >= 0", rows)
    rows = [square("s - r") * "sigma0_positive*slope*over_P", square("s - r") * "sigma0_positive*over_r*over_P"]
    proof.have("least", f"{rest} >= 0", rows)
    size = SECOND_SIZE
    proof.have("top", f"{TWO} <= {size}", ["least*plus", "most*size_sign"], [("1", "exact")])
    proof.have("bottom", f"-({TWO}) <= {size}", ["least*minus", "most*size_sign"], [("1", "exact")])
    proof.use("size", "both_signs", "top", "bottom", Y=TWO, Z=size)


THEOREM = Theorem(
    theorem="steps_over_a_moved_root",
    title="Steps over a moved root",
    says="""A step q/(sigma0 r + eps0), r > 0, becomes q/(sigma0 s + eps0), s >= r/2: it at most doubles, moves by at
    most 2 |d|/r^2 times itself, d = s^2 - r^2, and by -sigma0 q d/(2 r (sigma0 r + eps0)^2) up to
    (5/2) sigma0 |q| d^2/(r^3 (sigma0 r + eps0)^2).""",
    variables={"sigma0": "real", "eps0": "real"},
    hypotheses={"sigma0_positive": "sigma0 > 0", "eps0_sign": "eps0 >= 0"},
    claims=CLAIMS,
    lemmas=["sizes_on_every_outcome"],
    model={"sigma0": "1", "eps0": "1"},
    script=script,
    instances=[
        Instance("eps beside a small factor", {"sigma0": "2/5", "eps0": "1/7"}),
        Instance("no eps", {"sigma0": "3/2", "eps0": "0"}),
    ],
)
