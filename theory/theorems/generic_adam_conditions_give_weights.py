"""Generic Adam's sufficient condition SC1 to SC3 along the steps: the weights of the proof (Chen et al. 2022)."""

from ..kernel.formulas import formula
from ..kernel.terms import show, substitute, term
from ..proving.instance import Instance, Recursion, Table
from ..proving.positive import reciprocal
from ..proving.script import Proof, square
from ..proving.theorem import Theorem
from . import weights_of_generic_adam_at_one_step as step
from .adam_squared_steps_along_a_run import RHO
from .orders_on_every_outcome import CLAIMS as ORDERS

GAMMA, RATIO = "beta^2/thr", "sqrt(beta^2/thr)"
FIRST = f"1/sqrt(C1*(1 - {GAMMA})*beta2(1))"
P = f"alpha(t)/(sqrt(1 - beta2(t))*a(t)*sqrt(kept(t)))/(1 - {RATIO})"
Q = f"C0*a(t)*sqrt(1 - beta2(t))*sqrt(kept(t))/(alpha(t)*sqrt(C1))/(1 - {RATIO})"
J = f"C0/sqrt(C1)/(1 - {RATIO})/(1 - {RATIO})"
H = f"{J}*({Q})"
A = f"1/kept(t)/(1 - {GAMMA})/(1 - beta2(t))"
LETTERS = {
    **{
        "alpha0": "alpha(t)",
        "q0": "sqrt(1 - beta2(t))",
        "a0": "a(t)",
        "S0": "sqrt(kept(t))",
        "h": "sqrt(beta2(t + 1))",
    },
    **{"alpha": "alpha(t + 1)", "q": "sqrt(1 - beta2(t + 1))", "a": "a(t + 1)", "S": "sqrt(kept(t + 1))"},
    **{"R": "sqrt(C1)", "r": RATIO, "chi": "alpha(1)/sqrt(1 - beta2(1))", "X": FIRST, "beta1": "beta1(t + 1)"},
    **{"Y": f"sqrt({A}/beta2(t + 1))", "C0": "C0", "L": "L", "G": "G", "beta": "beta"},
}


def along(said: str) -> str:
    """A claim about one step, at step t + 1."""
    return str(formula(said).substituted({name: ((), term(value)) for name, value in LETTERS.items()}))


def later(said: str) -> str:
    """A term in t, at t + 1."""
    return show(substitute(term(said), {"t": ((), term("t + 1"))}))


C3 = along(f"{step.C3} = 0").removesuffix(" = 0")
CONDITIONS = {
    "beta1_sign": "forall t nat: beta1(t + 1) >= 0",
    "beta1_below": "forall t nat: beta1(t + 1) <= beta",
    "beta_small": "beta < 1",
    "beta2_first": "beta2(0) > 0",
    "beta2_below": "forall t nat: beta2(t) < 1",
    "beta2_grows": "forall t nat: beta2(t + 1) >= beta2(t)",
    "a_positive": "forall t nat: a(t) > 0",
    "a_falls": "forall t nat: a(t + 1) <= a(t)",
    "chi_least": "forall t nat: a(t) <= alpha(t)/sqrt(1 - beta2(t))",
    "chi_most": "forall t nat: alpha(t)/sqrt(1 - beta2(t)) <= C0*a(t)",
    "thr_above": "beta^2 < thr",
    "kept_first": "kept(0) = 1",
    "kept_next": "forall t nat: kept(t + 1) = kept(t)*min(1, beta2(t + 1)/thr)",
    "kept_least": "forall t nat: kept(t) >= C1",
    "C1_positive": "C1 > 0",
    "L_sign": "L >= 0",
    "G_positive": "G > 0",
}
CLAIMS = {
    "beta2_positive": "forall t nat: beta2(t) > 0",
    "alpha_positive": "forall t nat: alpha(t) > 0",
    "P_sign": f"forall t nat: {P} >= 0",
    "Q_sign": f"forall t nat: {Q} >= 0",
    "P_next": f"forall t nat: {later(P)} >= 1 + {RHO}*({P})",
    "Q_back": f"forall t nat: {Q} >= 1 + {RHO}*({later(Q)})",
    "product": f"forall t nat: ({later(Q)})*({later(P)}) = {J}",
    "J_sign": f"{J} >= 0",
    "A_sign": f"forall t nat: {A} >= 0",
    "A_next": f"forall t nat: {later(A)} >= beta1(t + 1)^2/beta2(t + 1)*({A})"
    " + (1 - beta1(t + 1))^2/(1 - beta2(t + 1))",
    "C0_positive": "C0 > 0",
    "C3_sign": f"{C3} >= 0",
    "weight": "forall t nat: " + along(f"{step.W} <= {step.C3}*a"),
}


def _root(proof: Proof, name: str, x: str, positive: str) -> None:
    """A positive number's root."""
    proof.have(f"{name}_sign", f"{x} >= 0", [positive])
    proof.use(f"{name}_root", "root_squared", f"{name}_sign", x=x)
    proof.use(f"{name}_positive", "root_positive", positive, x=x)


def script(proof: Proof) -> None:
    """What is positive; gamma < 1; then every step by itself."""
    for name in ("from_squares", "of_roots"):
        proof.lemma(name, ORDERS[name], "orders_on_every_outcome", [], {})
    with proof.induction("beta2_positive", CLAIMS["beta2_positive"]) as (zero, following):
        zero.have("start", "beta2(0) > 0", ["beta2_first"])
        following.use("grows", "beta2_grows", t="t")
        following.have("next", "beta2(t + 1) > 0", ["before", "grows"])
    with proof.induction("from_first", "forall t nat: beta2(t + 1) >= beta2(1)") as (zero, following):
        zero.have("start", "beta2(0 + 1) >= beta2(1)")
        following.use("grows", "beta2_grows", t="t + 1")
        following.have("next", "beta2(t + 2) >= beta2(1)", ["before", "grows"])
    with proof.induction("a_most", "forall t nat: a(t + 1) <= a(1)") as (zero, following):
        zero.have("start", "a(0 + 1) <= a(1)")
        following.use("falls", "a_falls", t="t + 1")
        following.have("next", "a(t + 2) <= a(1)", ["before", "falls"])
    proof.have("thr_positive", "thr > 0", ["thr_above", square("beta")])
    reciprocal(proof, "thr", "thr_positive", "thr", over="inverse")
    with proof.fixing("kept_falls", "forall t nat: kept(t + 1) <= kept(t)") as fixed:
        _kept(fixed)
        fixed.have("here", "kept(t + 1) <= kept(t)", ["old*lower"], ["next"])
    with proof.fixing("kept_forgets", "forall t nat: kept(t + 1) <= kept(t)*beta2(t + 1)/thr") as fixed:
        _kept(fixed)
        fixed.have("here", "kept(t + 1) <= kept(t)*beta2(t + 1)/thr", ["old*upper"], ["next"])
    with proof.induction("kept_most", "forall t nat: kept(t) <= 1") as (zero, following):
        zero.have("start", "kept(0) <= 1", (), ["kept_first"])
        following.use("falls", "kept_falls", t="t")
        following.have("next", "kept(t + 1) <= 1", ["before", "falls"])
    proof.have("ratio_sign", f"{GAMMA} >= 0", [square("beta") * "thr_inverse"])
    proof.use("ratio", "root_squared", "ratio_sign", x=GAMMA)
    proof.use("r_sign", "root_nonnegative", x=GAMMA)
    proof.have("gamma_spare", f"1 - {GAMMA} > 0", ["thr_above*thr_inverse"], ["thr_unit"])
    proof.have("r_total", f"1 + {RATIO} > 0", ["r_sign"])
    reciprocal(proof, "r_total", "r_total", f"1 + {RATIO}", over="inverse")
    proof.have("r_spare", f"1 - {RATIO} > 0", ["gamma_spare*r_total_inverse"], ["r_total_unit", "ratio"])
    proof.have("r_small", f"{RATIO} < 1", ["r_spare"])
    reciprocal(proof, "r_spare", "r_spare", f"1 - {RATIO}", over="inverse")
    reciprocal(proof, "gamma", "gamma_spare", f"1 - {GAMMA}", over="inverse")
    _root(proof, "R", "C1", "C1_positive")
    reciprocal(proof, "R", "R_positive", "sqrt(C1)", over="inverse")
    reciprocal(proof, "C1", "C1_positive", "C1", over="inverse")
    proof.use("first_a", "a_positive", t="1")
    proof.use("first_least", "chi_least", t="1")
    proof.use("first_most", "chi_most", t="1")
    reciprocal(proof, "first_a", "first_a", "a(1)", over="inverse")
    proof.have("C0_most", "C0 >= 1", ["first_least*first_a_inverse", "first_most*first_a_inverse"], ["first_a_unit"])
    proof.have("C0_positive", "C0 > 0", ["C0_most"])
    proof.have("G_sign", "G >= 0", ["G_positive"])
    proof.use("first_kept", "kept_least", t="0")
    proof.have("C1_small", "C1 <= 1", ["first_kept"], ["kept_first"])
    proof.have("R_squares", "sqrt(C1)^2 <= 1^2", ["C1_small"], ["R_root"])
    proof.have("one_sign", "1 >= 0")
    proof.use("R_small", "from_squares", "one_sign", "R_squares", Y="sqrt(C1)", Z="1")
    with proof.fixing("alpha_positive", CLAIMS["alpha_positive"]) as fixed:
        _alpha(fixed, "alpha", "q", "a", "t")
    proof.use("first_beta2", "beta2_positive", t="1")
    reciprocal(proof, "first_b", "first_beta2", "beta2(1)", over="inverse")
    inner = f"C1*(1 - {GAMMA})*beta2(1)"
    proof.have("first_inner", f"{inner} > 0", ["C1_positive*gamma_spare*first_beta2"])
    _root(proof, "first", inner, "first_inner")
    reciprocal(proof, "first", "first_positive", f"sqrt({inner})", over="inverse")
    proof.have("X_sign", f"{FIRST} >= 0", ["first_inverse"])
    proof.have("J_sign", CLAIMS["J_sign"], ["C0_positive*R_inverse*r_spare_inverse*r_spare_inverse"])
    proof.have("chi_sign", "alpha(1)/sqrt(1 - beta2(1)) >= 0", ["first_least", "first_a"])
    lead = f"C0/sqrt(C1)/(1 - {RATIO})"
    proof.have("lead_sign", f"{lead} >= 0", ["C0_positive*R_inverse*r_spare_inverse"])
    proof.have(
        "C3_sign",
        CLAIMS["C3_sign"],
        [
            square(f"C0/sqrt(C1)/(1 - {RATIO})") * "lead_sign*chi_sign*L_sign",
            square(f"beta/(1 - beta)*{FIRST} + 1") * "lead_sign*G_positive",
        ],
    )
    _steps(proof)


def _kept(proof: Proof) -> None:
    proof.use("next", "kept_next", t="t")
    proof.use("least", "kept_least", t="t")
    proof.have("old", "kept(t) >= 0", ["least", "C1_positive"])
    x = "1 - beta2(t + 1)/thr"
    proof.use("above", "absolute_above", x=x)
    proof.use("below", "absolute_below", x=x)
    proof.have("lower", "1 - min(1, beta2(t + 1)/thr) >= 0", ["below"])
    proof.have("upper", "beta2(t + 1)/thr - min(1, beta2(t + 1)/thr) >= 0", ["above"])


def _alpha(proof: Proof, alpha: str, q: str, a: str, t: str) -> None:
    """The conditions at t, without quotients."""
    root = f"sqrt(1 - beta2({t}))"
    proof.use(f"{q}_below", "beta2_below", t=t)
    proof.have(f"{q}_spare", f"1 - beta2({t}) > 0", [f"{q}_below"])
    _root(proof, q, f"1 - beta2({t})", f"{q}_spare")
    reciprocal(proof, q, f"{q}_positive", root, over="inverse")
    proof.use(f"{a}_here", "a_positive", t=t)
    proof.use(f"{a}_least", "chi_least", t=t)
    proof.use(f"{a}_most_here", "chi_most", t=t)
    proof.have(f"{a}_lower", f"a({t})*{root} <= alpha({t})", [f"{a}_least*{q}_positive"], [f"{q}_unit"])
    proof.have(f"{a}_upper", f"alpha({t}) <= C0*a({t})*{root}", [f"{a}_most_here*{q}_positive"], [f"{q}_unit"])
    proof.have(f"{alpha}_here", f"alpha({t}) > 0", [f"{a}_lower", f"{a}_here*{q}_positive"])


def _one(proof: Proof) -> None:
    """The hypotheses of the theorem about one step."""
    _alpha(proof, "alpha0", "q0", "a0", "t")
    _alpha(proof, "alpha", "q", "a", "t + 1")
    for name, t in (("S0", "t"), ("S", "t + 1")):
        proof.use(f"{name}_kept", "kept_least", t=t)
        proof.have(f"{name}_kept_positive", f"kept({t}) > 0", [f"{name}_kept", "C1_positive"])
        _root(proof, name, f"kept({t})", f"{name}_kept_positive")
    proof.use("b", "beta2_positive", t="t + 1")
    _root(proof, "h", "beta2(t + 1)", "b")
    proof.use("beta1_here", "beta1_sign", t="t")
    proof.use("beta1_most", "beta1_below", t="t")
    proof.use("kept_step", "kept_forgets", t="t")
    proof.have("beta_sign", "beta >= 0", ["beta1_here", "beta1_most"])
    proof.have("betas", "beta1(t + 1)^2 <= beta^2", ["beta1_most*beta1_here", "beta1_most*beta_sign"])
    right = f"{RATIO}*sqrt(beta2(t + 1))*sqrt(kept(t))"
    proof.have("right_sign", f"{right} >= 0", ["r_sign*h_positive*S0_positive"])
    proof.have(
        "contract_squares",
        f"(beta1(t + 1)*sqrt(kept(t + 1)))^2 <= ({right})^2",
        [square("beta1(t + 1)") * "kept_step", "betas*S0_kept_positive*b*thr_inverse"],
        ["S_root", "S0_root", "h_root", "ratio"],
    )
    proof.use(
        "contracts", "from_squares", "right_sign", "contract_squares", Y="beta1(t + 1)*sqrt(kept(t + 1))", Z=right
    )
    proof.use("grows", "beta2_grows", t="t")
    proof.have("spares", "1 - beta2(t + 1) <= 1 - beta2(t)", ["grows"])
    proof.use("q_falls", "of_roots", "q_sign", "spares", Y="1 - beta2(t + 1)", Z="1 - beta2(t)")
    proof.use("a_falls_here", "a_falls", t="t")
    proof.use("S_most", "kept_most", t="t + 1")
    proof.have("S_squares", "sqrt(kept(t + 1))^2 <= 1^2", ["S_most"], ["S_root"])
    proof.use("S_small", "from_squares", "one_sign", "S_squares", Y="sqrt(kept(t + 1))", Z="1")
    proof.use("S0_above", "of_roots", "R_sign", "S0_kept", Y="C1", Z="kept(t)")
    proof.use("a_first", "a_most", t="t")
    proof.have("a_below", "a(t + 1) <= alpha(1)/sqrt(1 - beta2(1))", ["a_first", "first_least"])
    reciprocal(proof, "S0_kept", "S0_kept_positive", "kept(t)", over="inverse")
    reciprocal(proof, "S_kept", "S_kept_positive", "kept(t + 1)", over="inverse")
    reciprocal(proof, "b", "b", "beta2(t + 1)", over="inverse")
    reciprocal(proof, "x0", "q0_spare", "1 - beta2(t)", over="inverse")
    reciprocal(proof, "x", "q_spare", "1 - beta2(t + 1)", over="inverse")


def _steps(proof: Proof) -> None:
    lemma = step.THEOREM
    facts = {
        **{"alpha0_positive": "alpha0_here", "alpha_positive": "alpha_here", "a0_positive": "a0_here"},
        **{"a_positive": "a_here", "beta1_sign": "beta1_here", "a_falls": "a_falls_here", "least": "a_lower"},
        **{"above": "a_upper", "above0": "a0_upper", "a_most": "a_below"},
    }
    hypotheses = [facts.get(name, name) for name in lemma.hypotheses]
    for name in ("P_next", "Q_back", "product", "weight"):
        with proof.fixing(name, CLAIMS[name]) as fixed:
            _one(fixed)
            _momentum(fixed)
            fixed.lemma("here", CLAIMS[name].removeprefix("forall t nat: "), lemma.theorem, hypotheses, LETTERS)
    with proof.fixing("P_sign", CLAIMS["P_sign"]) as fixed:
        _signs(fixed)
        fixed.have("here", f"{P} >= 0", ["alpha_here*q_inverse*a_inverse*S_inverse*r_spare_inverse"])
    with proof.fixing("Q_sign", CLAIMS["Q_sign"]) as fixed:
        _signs(fixed)
        products = ["C0_positive*a_here*q_positive*S_positive*alpha_inverse*R_inverse*r_spare_inverse"]
        fixed.have("here", f"{Q} >= 0", products)
    with proof.fixing("A_sign", CLAIMS["A_sign"]) as fixed:
        _signs(fixed)
        fixed.have("here", f"{A} >= 0", ["kept_inverse*gamma_inverse*x_inverse"])
    with proof.fixing("A_next", CLAIMS["A_next"]) as fixed:
        _one(fixed)
        _averages(fixed)


def _signs(proof: Proof) -> None:
    _alpha(proof, "alpha", "q", "a", "t")
    proof.use("S_kept", "kept_least", t="t")
    proof.have("kept_positive", "kept(t) > 0", ["S_kept", "C1_positive"])
    _root(proof, "S", "kept(t)", "kept_positive")
    for name, x, positive in (
        *(("alpha", "alpha(t)", "alpha_here"), ("a", "a(t)", "a_here"), ("S", "sqrt(kept(t))", "S_positive")),
        *(("kept", "kept(t)", "kept_positive"), ("x", "1 - beta2(t)", "q_spare")),
    ):
        reciprocal(proof, name, positive, x, over="inverse")


def _momentum(proof: Proof) -> None:
    """q sqrt(A/beta2) is at most its bound at the first step."""
    inner = LETTERS["Y"][5:-1]
    proof.have("Y_inner", f"{inner} >= 0", ["S0_kept_inverse*gamma_inverse*x0_inverse*b_inverse"])
    proof.use("Y_root", "root_squared", "Y_inner", x=inner)
    proof.use("b_first", "from_first", t="t")
    proof.have("x_ratio", "1 - (1 - beta2(t + 1))/(1 - beta2(t)) >= 0", ["spares*x0_inverse"], ["x0_unit"])
    proof.have("k_ratio", "1/C1 - 1/kept(t) >= 0", ["S0_kept*S0_kept_inverse*C1_inverse"], ["S0_kept_unit", "C1_unit"])
    products = ["b_first*b_inverse*first_b_inverse"]
    proof.have("b_ratio", "1/beta2(1) - 1/beta2(t + 1) >= 0", products, ["b_unit", "first_b_unit"])
    least = f"1/C1/beta2(1)/(1 - {GAMMA})"
    proof.have(
        "Y_squares",
        f"(sqrt(1 - beta2(t + 1))*{LETTERS['Y']})^2 <= {least}",
        [
            "x_ratio*S0_kept_inverse*b_inverse*gamma_inverse",
            "k_ratio*b_inverse*gamma_inverse",
            "b_ratio*C1_inverse*gamma_inverse",
        ],
        ["Y_root", "q_root"],
    )
    proof.have(
        "whole",
        f"({FIRST})^2*(C1*(1 - {GAMMA})*beta2(1)) = 1",
        (),
        [(f"({FIRST})^2", "first_root"), (f"{FIRST}*{FIRST[2:]} + 1", "first_unit")],
    )
    proof.have("parts", f"C1*(1 - {GAMMA})*beta2(1)*({least}) = 1", (), ["C1_unit", "first_b_unit", "gamma_unit"])
    proof.have("X_square", f"({FIRST})^2 = {least}", (), [(f"({FIRST})^2", "parts"), (least, "whole")])
    left = f"sqrt(1 - beta2(t + 1))*{LETTERS['Y']}"
    proof.have("squares", f"({left})^2 <= ({FIRST})^2", ["Y_squares"], [("1", "X_square")])
    proof.use("Y_most", "from_squares", "X_sign", "squares", Y=left, Z=FIRST)


def _averages(proof: Proof) -> None:
    """A by its recursion: beta1^2/(beta2 kept) falls by gamma, and what is added is at most its own share."""
    proof.have(
        "contract",
        f"beta1(t + 1)^2*kept(t + 1) <= {GAMMA}*beta2(t + 1)*kept(t)",
        [square("beta1(t + 1)") * "kept_step", "betas*S0_kept_positive*b*thr_inverse"],
    )
    proof.have(
        "forgets",
        f"beta1(t + 1)^2/beta2(t + 1)/kept(t) <= {GAMMA}/kept(t + 1)",
        ["contract*b_inverse*S0_kept_inverse*S_kept_inverse"],
        ["b_unit", "S0_kept_unit", "S_kept_unit"],
    )
    proof.have(
        "x_falls", "1/(1 - beta2(t)) <= 1/(1 - beta2(t + 1))", ["spares*x0_inverse*x_inverse"], ["x0_unit", "x_unit"]
    )
    proof.have("own", "1 - beta1(t + 1) >= 0", ["beta1_most", "beta_small"])
    proof.have("own_square", "1 - (1 - beta1(t + 1))^2 >= 0", ["own*beta1_here", "beta1_here"])
    proof.have("kept_gap", "1/kept(t + 1) - 1 >= 0", ["S_most*S_kept_inverse"], ["S_kept_unit"])
    proof.have(
        "here",
        CLAIMS["A_next"].removeprefix("forall t nat: "),
        [
            "forgets*gamma_inverse*x0_inverse",
            "x_falls*ratio_sign*S_kept_inverse*gamma_inverse",
            "own_square*x_inverse",
            "kept_gap*x_inverse",
        ],
        ["gamma_unit"],
    )


def shown(proof: Proof) -> None:
    """1/sqrt(1/4) is from 1 to 4, and min(1, 3/2) is 1."""
    proof.have("quarter", "1/4 > 0")
    proof.have("quarter_sign", "1/4 >= 0")
    proof.use("r", "root_squared", "quarter_sign", x="1/4")
    proof.use("r_positive", "root_positive", "quarter", x="1/4")
    reciprocal(proof, "r", "r_positive", "sqrt(1/4)", over="inverse")
    proof.have("ratio", "1/sqrt(1/4) = 4*sqrt(1/4)", (), [("4/sqrt(1/4)", "r"), ("4*sqrt(1/4)", "r_unit")])
    proof.have("r_most", "sqrt(1/4) <= 5/8", [square("sqrt(1/4) - 1")], ["r"])
    proof.have("r_gap", "1 - sqrt(1/4) >= 0", ["r_most"])
    for name, said, products in (
        ("least", "1 <= 1/sqrt(1 - 3/4)", ["r_gap*r_positive"]),
        ("most", "1/sqrt(1 - 3/4) <= 4*1", ["r_most"]),
    ):
        with proof.fixing(name, f"forall t nat: {said}") as fixed:
            fixed.have("here", said, products, ["ratio", "r"])
    proof.have("low", "-1/2 < 0")
    proof.use("size", "absolute_of_negative", "low", x="-1/2")
    kept = "1 = 1*min(1, 3/4/(1/2))"
    with proof.fixing("kept", f"forall t nat: {kept}") as fixed:
        fixed.have("here", kept, (), ["size"])


THEOREM = Theorem(
    theorem="generic_adam_conditions_give_weights",
    title="The sufficient condition of generic Adam gives the weights of its proof",
    says="""Assume SC1, SC2 and SC3: 0 <= beta1_t <= beta < 1, beta2 in (0, 1) does not decrease, a_t > 0 does not
    increase and a_t <= alpha_t/sqrt(1 - beta2_t) <= C0 a_t. Let beta^2 < thr and C1 > 0 be at most all products of
    min(1, beta2_j/thr). Then explicit sequences P, Q, H = J Q and A satisfy the recursions of the proof with >=,
    and its weights are at most C_3 a_t. Values at t = 0 may be those at 1.""",
    sources=["chen2022towards, the sufficient condition and the proof of the main theorem"],
    variables={
        **{name: "real(nat)" for name in ("alpha", "beta1", "beta2", "a", "kept")},
        **{name: "real" for name in ("beta", "thr", "C0", "C1", "L", "G")},
    },
    hypotheses=CONDITIONS,
    claims=CLAIMS,
    lemmas=["orders_on_every_outcome", step.THEOREM.theorem],
    model={
        **{"alpha": ["t", "1"], "beta1": ["t", "1/4"], "beta2": ["t", "3/4"], "a": ["t", "1"], "kept": ["t", "1"]},
        **{"beta": "1/2", "thr": "1/2", "C0": "4", "C1": "1/2", "L": "1", "G": "1"},
    },
    script=script,
    shown=shown,
    instances=[
        Instance(
            "falling step sizes, beta2 that starts below its threshold",
            {
                "alpha": Table(("6/5", "3/4", "8/27", "1/8")),
                "beta1": Table(("0", "1/2", "1/4", "0")),
                "beta2": Table(("16/25", "3/4", "8/9", "15/16")),
                "a": Table(("2", "1", "2/3", "1/2")),
                "kept": Recursion(("t",), "1", "kept(t)*min(1, beta2(t + 1)/thr)"),
                **{"beta": "1/2", "thr": "7/8", "C0": "3/2", "C1": "6/7", "L": "2", "G": "3"},
            },
        )
    ],
)
