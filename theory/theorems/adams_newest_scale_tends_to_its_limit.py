"""The factor of m in Adam's step as libraries take it, both bias corrections new, and its limit in Adam's SDE."""

from __future__ import annotations

from ..proving.instance import Instance, Run, along
from ..proving.script import Proof
from ..proving.theorem import Theorem
from .adams_corrected_scale_tends_to_its_limit import CORRECTED, HYPOTHESES, LIMIT, LIMIT_ROOT, SMOOTH_ID, TIME
from .adams_corrected_scale_tends_to_its_limit import THEOREM as OLD
from .bias_corrections_tend_to_their_limit import THEOREM as CORRECTIONS
from .bias_corrections_tend_to_their_limit import halves
from .corrected_steps_depend_smoothly_on_corrections import CLAIMS as SMOOTH

ROOT, FIRST, GAMMA = "sqrt(1 - p2(k + 1 + 1))", "1 - p1(k + 1 + 1)", "gamma1(k + 1)"
RUN = f"{ROOT}/({FIRST})/(s + eps0*{ROOT})"
RATE = f"c2*(1 + c2*{TIME})/(2*{LIMIT_ROOT}*gamma1(k + 1)) + c1*(1 + c1*{TIME})*{LIMIT_ROOT}/gamma1(k + 1)^2"
CLAIMS = {
    "limit_of_first_positive": "forall k nat: gamma1(k + 1) > 0",
    "limit_of_second_positive": "forall k nat: gamma2(k + 1) > 0",
    "rate": f"forall k nat, s rand: s > 0 => abs({RUN} - {LIMIT}) <= h*({RATE})/s",
    "bounded": f"forall k nat, s rand: s > 0 => {RUN} <= 1/(gamma1(k + 1)*s)",
    "sign": f"forall k nat, s rand: s > 0 => {RUN} >= 0",
}


def _corrections(proof: Proof) -> None:
    """What the step needs of both corrections at k + 2 and their limits at k + 1."""
    for n in "12":
        proof.use(f"gamma{n}", f"gamma{n}_definition", k="k + 1")
        proof.use(f"below{n}", f"powers_below{n}", k="k + 1")
        proof.use(f"falling{n}", f"decreasing{n}", k="k + 1")
    proof.use("power_sign", "powers_sign2", k="k + 1 + 1")
    proof.use("g_positive", "limit_of_first_positive", k="k")
    proof.use("w_positive", "limit_of_second_positive", k="k")
    proof.have("order_b", f"{FIRST} >= {GAMMA}", ["falling1", "below1"], ["gamma1"])
    proof.have("w_order", "gamma2(k + 1) <= 1 - p2(k + 1 + 1)", ["falling2", "below2"], ["gamma2"])
    proof.have("w_sign", "gamma2(k + 1) >= 0", ["w_positive"])
    proof.have("v_sign", "1 - p2(k + 1 + 1) >= 0", ["w_order", "w_positive"])
    proof.use("z_positive", "root_positive", "w_positive", x="gamma2(k + 1)")
    proof.use("z_squared", "root_squared", "w_sign", x="gamma2(k + 1)")
    proof.use("y_squared", "root_squared", "v_sign", x="1 - p2(k + 1 + 1)")
    proof.use("y_sign", "root_nonnegative", x="1 - p2(k + 1 + 1)")
    proof.have("squares", f"{LIMIT_ROOT}^2 <= {ROOT}^2", ["w_order"], ["z_squared", "y_squared"])
    _ordered(proof, "order", LIMIT_ROOT, ROOT, "y_sign", "squares")
    proof.have("order_y", f"{ROOT} >= {LIMIT_ROOT}", ["order"])


def _ordered(proof: Proof, name: str, less: str, more: str, sign: str, squares: str) -> None:
    values: dict[str, str | list[str]] = {"a": less, "b": more}
    theorem = "numbers_with_smaller_squares_are_smaller"
    proof.lemma(name, f"{less} <= {more}", theorem, [sign, squares], values)


def script(proof: Proof) -> None:
    """Both corrections lie above their limits, by at most c (1 + c s) h."""
    for n in "12":
        values: dict[str, str | list[str]] = {"c": f"c{n}", "h": "h", "p": ["k", f"p{n}(k)"]}
        names = [f"positive_c{n}", "positive_h", f"small{n}", f"first{n}", f"powers{n}"]
        for claim, text in CORRECTED.items():
            proof.lemma(f"{claim}{n}", text.format(n), CORRECTIONS.theorem, names, values)
    for n, name in (("1", "limit_of_first_positive"), ("2", "limit_of_second_positive")):
        with proof.fixing(name, CLAIMS[name]) as inner:
            inner.use("gamma", f"gamma{n}_definition", k="k + 1")
            inner.use("positive", f"limit_positive{n}", k="k")
            inner.have("sign", f"gamma{n}(k + 1) > 0", ["positive"], ["gamma"])
    for name, claim in SMOOTH.items():
        proof.lemma(f"step_{name}", claim.replace("e*", "eps0*"), SMOOTH_ID, ["eps0_sign"], {"e": "eps0"})
    with proof.fixing("rate", CLAIMS["rate"], "s_positive") as inner:
        _corrections(inner)
        for n in "12":
            inner.use(f"close{n}", f"next_correction{n}", k="k + 1")
        near1, near2 = (f"c{n}*(1 + c{n}*{TIME})*h" for n in "12")
        inner.have("near_y", f"{ROOT}^2 - {LIMIT_ROOT}^2 <= {near2}", ["close2"], ["z_squared", "y_squared", "gamma2"])
        inner.have("near_b", f"{FIRST} - {GAMMA} <= {near1}", ["close1"], ["gamma1"])
        names = ["s_positive", "z_positive", "order_y", "g_positive", "order_b", "near_y", "near_b"]
        inner.use("size", "step_near", *names, s="s", y=ROOT, z=LIMIT_ROOT, b=FIRST, g=GAMMA, C=near2, D=near1)
        inner.have("rate", CLAIMS["rate"].split("=> ")[1], ["size"])
    with proof.fixing("bounded", CLAIMS["bounded"], "s_positive") as inner:
        _corrections(inner)
        inner.have("unit", f"{ROOT}^2 <= 1^2", ["power_sign"], ["y_squared"])
        inner.have("one_sign", "1 >= 0")
        _ordered(inner, "y_most", ROOT, "1", "one_sign", "unit")
        names = ["s_positive", "y_sign", "y_most", "g_positive", "order_b"]
        inner.use("bound", "step_bounded", *names, s="s", y=ROOT, b=FIRST, g=GAMMA)
    with proof.fixing("sign", CLAIMS["sign"], "s_positive") as inner:
        _corrections(inner)
        inner.have("b_positive", f"{FIRST} > 0", ["order_b", "g_positive"])
        inner.have("p_positive", f"s + eps0*{ROOT} > 0", ["s_positive", "eps0_sign*y_sign"])
        inner.use("over_b", "reciprocal_positive", "b_positive", x=FIRST)
        inner.use("over_p", "reciprocal_positive", "p_positive", x=f"s + eps0*{ROOT}")
        inner.have("sign", f"{RUN} >= 0", ["y_sign*over_b*over_p"])


THEOREM = Theorem(
    theorem="adams_newest_scale_tends_to_its_limit",
    title="Adam's newest scale tends to its limit",
    says="""With 1 - beta1 = c1 h, 1 - beta2 = c2 h, and gamma_i = 1 - exp(-c_i s) at the time s = k h > 0: the factor
    sqrt(1 - beta2^(k + 1))/((1 - beta1^(k + 1))(S + eps0 sqrt(1 - beta2^(k + 1)))), of which both bias corrections are
    those of the step that is taken, as in libraries, differs from the factor sqrt(gamma2)/(gamma1 (S + eps0
    sqrt(gamma2))) of Adam's SDE by at most h times an explicit number that is bounded for s in [t0, T], t0 > 0, over
    S = sigma0 sqrt(u).""",
    sources=["malladi2022sdes, SDE of Adam"],
    variables=OLD.variables,
    hypotheses=HYPOTHESES,
    claims=CLAIMS,
    lemmas=OLD.lemmas,
    model=OLD.model,
    script=script,
    shown=halves,
    instances=[
        Instance(
            "1 minus Adam's moments, all gradients being 1",
            {
                **{"c1": "2", "c2": "1", "h": "1/4", "eps0": "1/8"},
                "p1": ["k", "1 - m(k)"],
                "p2": ["k", "1 - v(k)"],
                "gamma1": ["k", "1 - exp(-c1*(k*h))"],
                "gamma2": ["k", "1 - exp(-c2*(k*h))"],
            },
            naturals={"": 5},
            run=Run(
                "adam",
                {"beta1": "1 - c1*h", "beta2": "1 - c2*h"},
                "1",
                ("0",),
                6,
                {"m": along("m"), "v": along("v")},
                torch="Adam",
            ),
        )
    ],
)
