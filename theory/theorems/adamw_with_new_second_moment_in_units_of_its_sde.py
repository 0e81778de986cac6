"""AdamW dividing by the new second moment, as libraries do: theta, m and u = v/sigma^2, and how near old steps are."""

from __future__ import annotations

from ..proving.define import Definitions
from ..proving.noisy import noisy_adam
from ..proving.script import Proof, square
from ..proving.theorem import Theorem
from .adamw_in_units_of_its_sde import CLAIMS as OLD_CLAIMS
from .adamw_in_units_of_its_sde import HYPOTHESES as OLD
from .adamw_in_units_of_its_sde import NAMES, POWER, VALUES, VARIABLES, decaying_run, in_units
from .orders_on_every_outcome import THEOREM as ORDERS
from .sizes_on_every_outcome import sizes
from .steps_over_a_moved_root import CLAIMS as MOVED_CLAIMS
from .steps_over_a_moved_root import THEOREM as MOVED

W = "1 - p2(t + k0 + 1 + 1)"
ROOT, FIRST = f"sqrt({W})", "1 - p1(t + k0 + 1 + 1)"
FACTOR, NEW_FACTOR = (f"{ROOT}/({FIRST})/(sigma0*sqrt(u({time}, i)) + eps0*{ROOT})" for time in ("t", "t + 1"))
STEP = "a(t, i)*m(t + 1, i)"
OLD_STEP, NEW_STEP = f"{FACTOR}*m(t + 1, i)", f"{NEW_FACTOR}*m(t + 1, i)"
GAP, CHANGE = f"{STEP} - {NEW_STEP}", "(u(t + 1, i) - u(t, i))"
CLAIMS = {
    "u_positive": OLD_CLAIMS["u_positive"],
    "noise_positive": OLD_CLAIMS["noise_positive"],
    "theta_step": f"forall t nat, i nat: theta(t + 1, i) - theta(t, i) = -eta^2*(lambda0*theta(t, i) + {NEW_STEP})",
    "m_step": OLD_CLAIMS["m_step"],
    "u_step": OLD_CLAIMS["u_step"],
    "near": f"forall t nat, i nat: abs({GAP}) <= (eta^2*({STEP})^2 + {CHANGE}^2/eta^2)/u(t, i)",
    "product_near": f"forall t nat, i nat, Y rand: abs(({GAP})*Y) <= "
    f"({CHANGE}^2 + eta^2/2*({STEP})^4 + Y^4/(2*eta^2))/u(t, i)",
    "squares": f"forall t nat, i nat: ({NEW_STEP})^2 <= 4*({STEP})^2",
}
NEW = Definitions("adamw_step", "adamw", after=1, names=NAMES)
HYPOTHESES = {
    **NEW.equations,
    **{name: text for name, text in OLD.items() if name not in ("update", "factor")},
    "beta2_large": "beta2 >= 1/4",
    "c2_sign": "c2 >= 0",
    "factor": f"forall t nat, i nat: a(t, i) = {FACTOR}",
}


def _positive(proof: Proof, name: str, fact: str, text: str) -> None:
    proof.use(f"apart_{name}", "positive_is_apart", fact, x=text)
    proof.use(f"one_{name}", "reciprocal", f"apart_{name}", x=text)


def script(proof: Proof) -> None:
    """eta sqrt(v'/w) sqrt(w) = sigma0 sqrt(u') in the denominator, w = 1 - beta2^(k + 1); then u' in place of u."""
    in_units(proof)
    with proof.fixing("theta_step", CLAIMS["theta_step"]) as inner:
        _theta_step(inner)
    sizes(proof)
    proof.lemma("from_squares", ORDERS.claims["from_squares"], ORDERS.theorem, [], {})
    with proof.fixing("close", "forall t nat, i nat: 2*sqrt(u(t + 1, i)) >= sqrt(u(t, i))") as inner:
        _close(inner)
    with proof.fixing("near", CLAIMS["near"]) as inner:
        _moved(inner, "first_order")
        _near(inner)
    with proof.fixing("product_near", CLAIMS["product_near"]) as inner:
        _moved(inner, "first_order")
        _product(inner)
    with proof.fixing("squares", CLAIMS["squares"]) as inner:
        _moved(inner, "doubled")
        inner.use("new_size", "absolute_squared", x=NEW_STEP)
        inner.use("new_up", "absolute_above", x=NEW_STEP)
        inner.use("new_down", "absolute_below", x=NEW_STEP)
        inner.have("new_sign", f"abs({NEW_STEP}) >= 0", ["new_up", "new_down"])
        inner.have("room", f"2*abs({OLD_STEP}) - abs({NEW_STEP}) >= 0", ["size"])
        rows = ["room*new_sign", "room*old_sign"]
        inner.have("squares", CLAIMS["squares"].split(": ")[1], rows, ["new_size", "old_size", "value"])


def _corrected(proof: Proof) -> None:
    """`root_w`, its square and reciprocals: w > 0."""
    proof.use("below", "correction", k="t + k0 + 1")
    proof.have("w_positive", f"{W} > 0", ["below"])
    proof.have("w_known", f"{W} >= 0", ["w_positive"])
    proof.use("root_w", "root_positive", "w_positive", x=W)
    proof.use("square_w", "root_squared", "w_known", x=W)


def _theta_step(proof: Proof) -> None:
    v, u = "v(t + 1, i)", "u(t + 1, i)"
    stored, scale = f"sqrt({v}/({W}))", f"sigma0*sqrt({u}) + eps0*{ROOT}"
    _corrected(proof)
    proof.use("v_positive", "positive_v", t="t + 1", i="i")
    proof.use("u_sign", "u_positive", t="t + 1", i="i")
    proof.use("definition", "u_definition", t="t + 1", i="i")
    _positive(proof, "w", "w_positive", W)
    proof.use("over_w", "reciprocal_positive", "w_positive", x=W)
    proof.have("quotient", f"{v}/({W}) > 0", ["v_positive*over_w"])
    for name, fact, text in (("u", "u_sign", u), ("q", "quotient", f"{v}/({W})")):
        proof.use(f"root_{name}", "root_positive", fact, x=text)
        proof.have(f"{name}_known", f"{text} >= 0", [fact])
        proof.use(f"square_{name}", "root_squared", f"{name}_known", x=text)
    product, whole = f"{stored}*{ROOT}", f"{stored}*{ROOT} + sigma*sqrt({u})"
    proof.have("total", f"{whole} > 0", ["root_q*root_w", "positive_sigma*root_u"])
    _positive(proof, "total", "total", whole)
    proof.have("v_value", f"{v} = sigma^2*{u}", (), ["definition", "one_sigma"])
    squares = f"({product})^2 - sigma^2*sqrt({u})^2 = 0"
    proof.have("squares", squares, (), ["square_q", "square_w", "square_u", "v_value", "one_w"])
    proof.have("roots", f"{product} = sigma*sqrt({u})", (), ["one_total", (f"1/({whole})", "squares")])
    same = f"eta*{ROOT}*({stored} + eps) = {scale}"
    proof.have("same", same, (), [("eta", "roots"), "sigma_constant", "eps_constant"])
    proof.use("noise", "noise_positive", t="t + 1", i="i")
    proof.have("stored_positive", f"{stored} + eps > 0", ["root_q", "eps_sign"])
    proof.have("scale_positive", f"{scale} > 0", ["noise", "eps0_sign*root_w"])
    _positive(proof, "P", "scale_positive", scale)
    _positive(proof, "S", "stored_positive", f"{stored} + eps")
    over = f"1/({stored} + eps) = eta*{ROOT}/({scale})"
    proof.have("over", over, (), [(f"1/({stored} + eps)*1/({scale})", "same"), "one_P", "one_S"])
    proof.use("step", "update", t="t", i="i")
    claim = CLAIMS["theta_step"].split(": ")[1]
    proof.have("steps", claim, (), ["step", f"over@1/({stored} + eps)", "lambda_value"])


def _roots(proof: Proof) -> None:
    """Squares of the roots of u and u'."""
    for name, time in (("r", "t"), ("s", "t + 1")):
        u = f"u({time}, i)"
        proof.use(f"{name}_u", "u_positive", t=time, i="i")
        proof.have(f"{name}_known", f"{u} >= 0", [f"{name}_u"])
        proof.use(f"{name}_square", "root_squared", f"{name}_known", x=u)
        proof.use(f"{name}_positive", "root_positive", f"{name}_u", x=u)


def _close(proof: Proof) -> None:
    _roots(proof)
    r, s = "sqrt(u(t, i))", "sqrt(u(t + 1, i))"
    proof.use("change", "u_step", t="t", i="i")
    rows = ["beta2_large*r_u", square("eta*g(t + 1, i)/sigma") * "c2_sign"]
    proof.have("squares", f"{r}^2 <= (2*{s})^2", rows, ["r_square", "s_square", "change@u(t + 1, i)", "beta2_value"])
    proof.have("double", f"2*{s} >= 0", ["s_positive"])
    proof.use("order", "from_squares", "double", "squares", Y=r, Z=f"2*{s}")
    proof.have("close", f"2*{s} >= {r}", ["order"])


def _moved(proof: Proof, order: str) -> None:
    """`size`: the lemma on moved roots, with eps0 sqrt(w) for eps0; signs and squares of sizes."""
    _roots(proof)
    _corrected(proof)
    r, s = "sqrt(u(t, i))", "sqrt(u(t + 1, i))"
    proof.have("eps_here", f"eps0*{ROOT} >= 0", ["eps0_sign*root_w"])
    said = MOVED_CLAIMS[order].replace("eps0", f"eps0*{ROOT}")
    values: dict[str, str | list[str]] = {"sigma0": "sigma0", "eps0": f"eps0*{ROOT}"}
    proof.lemma("moved", said, MOVED.theorem, ["sigma0_positive", "eps_here"], values)
    proof.use("twofold", "close", t="t", i="i")
    proof.have("gap", f"{s}^2 - {r}^2 = {CHANGE}", (), ["r_square", "s_square"])
    q = f"{ROOT}/({FIRST})*m(t + 1, i)"
    proof.use("size", "moved", "r_positive", "twofold", "gap", q=q, r=r, s=s, d=CHANGE)
    proof.use("value", "factor", t="t", i="i")
    for name, text in (("old", OLD_STEP), ("change", CHANGE)):
        proof.use(f"{name}_size", "absolute_squared", x=text)
        proof.use(f"{name}_up", "absolute_above", x=text)
        proof.use(f"{name}_down", "absolute_below", x=text)
        proof.have(f"{name}_sign", f"abs({text}) >= 0", [f"{name}_up", f"{name}_down"])
    _positive(proof, "r", "r_positive", r)
    _positive(proof, "u", "r_u", "u(t, i)")
    proof.use("over_u", "reciprocal_positive", "r_u", x="u(t, i)")
    proof.have("inverses", f"1/{r}^2 = 1/u(t, i)", (), [(f"1/u(t, i)*1/{r}*1/{r}", "r_square"), "one_u", "one_r"])


GIVEN = ["inverses@1/sqrt(u(t, i))^2", "old_size", "change_size", "value", "one_eta"]
OLD_SIZE, CHANGE_SIZE = f"abs({OLD_STEP})", f"abs({CHANGE})"


def _near(proof: Proof) -> None:
    """2 |A d| <= eta^2 A^2 + d^2/eta^2."""
    bound = CLAIMS["near"].split(" <= ")[1]
    even = square(f"eta*{OLD_SIZE} - {CHANGE_SIZE}/eta") * "over_u"
    for name, sign, side in (("top", "", "above"), ("bottom", "-", "below")):
        proof.use(f"gap_{side}", f"absolute_{side}", x=f"{OLD_STEP} - {NEW_STEP}")
        proof.have(name, f"{sign}({GAP}) <= {bound}", ["size", f"gap_{side}", even], GIVEN)
    proof.use("done", "both_signs", "top", "bottom", Y=GAP, Z=bound)


def _product(proof: Proof) -> None:
    """2 |A d Y| <= d^2 + A^2 Y^2 and 2 A^2 Y^2 <= eta^2 A^4 + Y^4/eta^2."""
    bound = CLAIMS["product_near"].split(" <= ")[1]
    gap, most = f"{OLD_STEP} - {NEW_STEP}", f"2*{OLD_SIZE}*{CHANGE_SIZE}/u(t, i)"
    for side in ("above", "below"):
        proof.use(f"gap_{side}", f"absolute_{side}", x=gap)
        proof.use(f"Y_{side}", f"absolute_{side}", x="Y")
    proof.use("Y_size", "absolute_squared", x="Y")
    proof.have("gap_minus", f"{most} - ({gap}) >= 0", ["size", "gap_above"], ["inverses@1/sqrt(u(t, i))^2"])
    proof.have("gap_plus", f"{most} + ({gap}) >= 0", ["size", "gap_below"], ["inverses@1/sqrt(u(t, i))^2"])
    proof.have("Y_minus", "abs(Y) - Y >= 0", ["Y_above"])
    proof.have("Y_plus", "abs(Y) + Y >= 0", ["Y_below"])
    even = [
        square(f"{CHANGE_SIZE} - {OLD_SIZE}*abs(Y)") * "over_u",
        square(f"eta*({OLD_STEP})^2 - Y^2/eta") * "over_u",
    ]
    equations = ["old_size", "change_size", "Y_size", "value", "one_eta"]
    rows = ["gap_plus*Y_minus", "gap_minus*Y_plus", *even]
    proof.have("top", f"({GAP})*Y <= {bound}", rows, equations)
    rows = ["gap_plus*Y_plus", "gap_minus*Y_minus", *even]
    proof.have("bottom", f"-(({GAP})*Y) <= {bound}", rows, equations)
    proof.use("done", "both_signs", "top", "bottom", Y=f"({GAP})*Y", Z=bound)


_RUN_ROOT = f"sqrt(1 - {POWER.format('(t + 4)')})"
THEOREM = Theorem(
    theorem="adamw_with_new_second_moment_in_units_of_its_sde",
    title="AdamW with the new second moment in units of its SDE",
    says="""For AdamW as libraries take it, new first and new second moment, both bias-corrected at the step that is
    taken, v > 0, beta2 >= 1/4, and sigma0 = eta sigma, eps0 = eta eps, c_i = (1 - beta_i)/eta^2, lambda0 = lambda/eta,
    u = v/sigma^2: theta moves by -eta^2 (lambda0 theta + b m'), m by c1 eta^2 (g - m) and u by
    c2 eta^2 (g^2/sigma^2 - u), where b is sqrt(1 - beta2^k)/((1 - beta1^k)(sigma0 sqrt(u') + eps0 sqrt(1 - beta2^k))),
    k counts this step, and m', u' are new. With a the same for the old u, b m' is near a m', by u' - u.""",
    sources=["loshchilov2019decoupled, Algorithm 2", "malladi2022sdes, SDE of Adam"],
    variables=VARIABLES,
    hypotheses=HYPOTHESES,
    definitions=[NEW],
    claims=CLAIMS,
    lemmas=[ORDERS.theorem, MOVED.theorem, "sizes_on_every_outcome"],
    model={
        **VALUES,
        "a": ["t", "i", f"{_RUN_ROOT}/(1 - {POWER.format('(t + 4)')})/(sqrt({POWER.format('t')}/4) + {_RUN_ROOT})"],
    },
    script=script,
    shown=decaying_run,
    instances=[noisy_adam(HYPOTHESES, "adamw", new=True)],
)
