"""The finite-horizon certificate for Adam as PyTorch runs it: both bias corrections, and eps outside the root."""

from ..kernel.formulas import formula
from ..proving.instance import Read, Recursion
from ..proving.linear_losses import LAGGED, linear_loss
from ..proving.positive import reciprocal
from ..proving.same_names import own_letters, with_same_names
from ..proving.script import Proof, square
from ..proving.theorem import Theorem
from . import adam_gradients_are_bounded_at_every_horizon as general
from . import losses_stay_smooth_along_delayed_steps as delayed
from . import torch_adam_is_generic_adam_with_schedules as torch
from .adam_with_eps_outside_is_bounded_at_every_horizon import given, put
from .orders_on_every_outcome import CLAIMS as ORDERS
from .powers_of_a_fraction import HALVES, known_powers

SUMS = "sums_of_positive_numbers_are_positive"
OUTSIDE = "eps*sqrt(1 - min(beta2, q({})))"
SCALE = "sqrt(v({0}, i) + 0) + " + OUTSIDE.replace("{}", "{0}")
PATH = f"theta(0, i) - sum(j < t, alpha(j)*m(j, i)/({SCALE.format('j')}))"
LOSS = "f(t) + (q(t) - min(beta2, q(t)))/(1 - beta2)*(f(1) - f(0))"
BETAS: dict[str, str | list[str]] = {"beta1": ["t", "beta1"], "beta2": ["t", "beta2"]}
VALUES: dict[str, str | list[str]] = {
    **BETAS,
    **{"inside": ["t", "0"], "outside": ["t", OUTSIDE.format("t")], "v0": "0", "inside_top": "0"},
    **{"outside_top": "eps", "B": "G + eps", "s0": "eps*sqrt(1 - beta2)", "s": ["t", "i", SCALE.format("t")]},
    **{"theta": ["t", "i", PATH], "f": ["t", LOSS]},
}
"""What the general theorem has for the rule: its theta is one step behind, and its sequences have values at 0."""
LETTERS = {"path": VALUES["theta"], "scale": VALUES["s"], "outside": VALUES["outside"], "loss": VALUES["f"]}
PROVED = """beta2_positive beta2_small beta1_sign beta1_most inside_first outside_first inside_keeps outside_keeps
    inside_most outside_most v0_sign v_start v_next m_first m_next scale theta_next smooth smooth_back bounded
    alpha_positive s0_positive s0_least B_most moving""".split()
HYPOTHESES = {
    **{name: said for name, said in torch.THEOREM.written.items() if name != "beta2_sign"},
    "beta2_positive": "beta2 > 0",
    "some": "T > 0",
    "alpha_first": "alpha(0) > 0",
    "alpha_is": f"forall t nat: alpha(t + 1) = {torch.ALPHA}",
    **delayed.along("theta"),
    "bounded": "forall t nat: f(t + 1) >= fstar",
    **{name: put(said, BETAS) for name, said in general.THEOREM.hypotheses.items() if name not in PROVED},
}
BEFORE = put(general.CLAIM, {name: value for name, value in VALUES.items() if name != "f"})


def there(said: str) -> str:
    """A formula in which path, scale, outside and loss are those of the general theorem."""
    return put(said, LETTERS)


def wanted(name: str) -> str:
    """A hypothesis of the general theorem, of the rule's numbers."""
    return put(general.THEOREM.hypotheses[name], VALUES)


def of_term(text: str) -> str:
    """A term with these letters."""
    return there(f"{text} = 0").removesuffix(" = 0")


def plain(said: str) -> str:
    """What a formula says of its binders."""
    return str(formula(said)).split(": ")[1]


def script(proof: Proof) -> None:
    """The general theorem for a theta that moves as the rule's does, one step later."""
    proof.have("beta2_sign", "beta2 >= 0", ["beta2_positive"])
    proof.have("beta2_upper", "beta2 <= 1", ["beta2_below_1"])
    proof.have("beta1_upper", "beta1 <= 1", ["beta1_below_1"])
    with_same_names(proof, torch.THEOREM, "generic", "eps_upper")
    for beta, powers, claims in (("beta1", "p", ["later"]), ("beta2", "q", ["later", "decreasing"])):
        hypotheses = [f"{beta}_sign", f"{beta}_upper", f"{powers}_start", f"{powers}_next"]
        for claim in claims:
            said = f"forall t nat: {powers}(t + 1) <= " + (beta if claim == "later" else f"{powers}(t)")
            values = {"b": beta, "p": ["i", f"{powers}(i)"]}
            proof.lemma(f"{powers}_{claim}", said, "powers_of_a_fraction", hypotheses, values)
    for name in ("from_squares", "of_roots"):
        proof.lemma(name, ORDERS[name], "orders_on_every_outcome", [], {})
    simple: dict[str, list[str]] = {
        **{"inside_first": [], "inside_keeps": [], "inside_most": [], "v0_sign": [], "scale": []},
        **{"beta2_positive": ["beta2_positive"], "beta2_small": ["beta2_below_1"]},
        **{"beta1_sign": ["beta1_sign"], "beta1_most": ["beta1_upper"]},
    }
    for name, known in simple.items():
        _plainly(proof, name, known)
    _damping(proof)
    _sizes(proof)
    _losses(proof)
    _steps(proof)
    _smoothness(proof)
    facts = {"m_first": "m_start", "v_start": "v_start", "v_next": "v_next", "m_next": "m_next"}
    facts |= {name: f"general_{name}" for name in PROVED if name not in facts}
    hypotheses = [facts.get(name, name) for name in general.THEOREM.hypotheses]
    claim = put(general.CLAIM, VALUES)
    proof.lemma("for_losses_from_0", claim, general.THEOREM.theorem, hypotheses, given(VALUES))
    proof.use("now", "loss_next", t="0")
    proof.mean("mean", there("E(loss(1)) = E(f(1))"), "now")
    right = BEFORE.split(" <= ")[1]
    proof.congruent("right", "mean", right.replace("E(f(1))", "hole"))
    proof.have("bound", BEFORE, ["for_losses_from_0"], [("1", "right")])


def _plainly(proof: Proof, name: str, facts: list[str]) -> None:
    """A hypothesis of the general theorem that follows from these facts at once."""
    said = wanted(name)
    if not said.startswith("forall"):
        proof.have(f"general_{name}", said, facts, [])
        return
    with proof.fixing(f"general_{name}", said) as fixed:
        fixed.have("here", plain(said), facts)


def _damping(proof: Proof) -> None:
    """eps sqrt(1 - min(beta2, q(t))) is that of step 1 at 0, and does not fall; eps is its bound."""
    proof.have("first_gap", "beta2 - q(0) < 0", ["beta2_below_1"], ["q_start"])
    proof.use("first_size", "absolute_of_negative", "first_gap", x="beta2 - q(0)")
    proof.have("least_first", "min(beta2, q(0)) = beta2", (), ["first_size"])
    proof.congruent("outside_start", "least_first", "eps*sqrt(1 - hole)")
    with proof.fixing("least_next", "forall t nat: min(beta2, q(t + 1)) = q(t + 1)") as fixed:
        fixed.use("later", "q_later", t="t")
        fixed.have("gap", "beta2 - q(t + 1) >= 0", ["later"])
        fixed.use("size", "absolute_of_nonnegative", "gap", x="beta2 - q(t + 1)")
        fixed.have("here", "min(beta2, q(t + 1)) = q(t + 1)", (), ["size"])
    with proof.fixing("outside_next", there(f"forall t nat: outside(t + 1) = {torch.EPS}")) as fixed:
        fixed.use("least", "least_next", t="t")
        fixed.congruent("here", "least", "eps*sqrt(1 - hole)")
    with proof.induction("outside_grows", there("forall t nat: outside(t) <= outside(t + 1)")) as (zero, following):
        for part, said, start, old, new in (
            (zero, "outside(0) <= outside(0 + 1)", "outside_start", "beta2", "q(0 + 1)"),
            (following, "outside(t + 1) <= outside(t + 2)", "outside_then", "q(t + 1)", "q(t + 2)"),
        ):
            if part is zero:
                part.use("falls", "q_later", t="0")
            else:
                part.use("falls", "q_decreasing", t="t + 1")
                part.use("outside_then", "outside_next", t="t")
                part.use("below", "q_later", t="t")
            part.use("next", "outside_next", t="0" if part is zero else "t + 1")
            part.have("sign", f"1 - {old} >= 0", ["beta2_below_1", *([] if part is zero else ["below"])])
            part.have("order", f"1 - {old} <= 1 - {new}", ["falls"])
            part.use("roots", "of_roots", "sign", "order", Y=f"1 - {old}", Z=f"1 - {new}")
            part.have("here", there(said), ["roots*positive_eps"], [start, "next"])
    with proof.induction("general_outside_most", wanted("outside_most")) as (zero, following):
        for part, t in ((zero, "0"), (following, "t + 1")):
            part.use("grows", "outside_grows", t=t)
            part.use("next", "outside_next", t=t)
            part.use("most", "eps_upper", t=t)
            part.have("here", there(f"outside({t}) <= eps"), ["grows", "most"], ["next"])
    proof.have("one", "1 >= 0")
    proof.use("root_of_beta2", "root_squared", "beta2_sign", x="beta2")
    proof.have("squares", "sqrt(beta2)^2 <= 1^2", ["beta2_upper"], ["root_of_beta2"])
    proof.use("below_1", "from_squares", "one", "squares", Y="sqrt(beta2)", Z="1")
    with proof.fixing("outside_sign", there("forall t nat: outside(t) >= 0")) as fixed:
        fixed.use("root", "root_nonnegative", x="1 - min(beta2, q(t))")
        fixed.have("here", there("outside(t) >= 0"), ["root*positive_eps"])
    proof.use("general_outside_first", "outside_sign", t="0")
    with proof.fixing("general_outside_keeps", wanted("outside_keeps")) as fixed:
        fixed.use("grows", "outside_grows", t="t")
        fixed.use("sign", "outside_sign", t="t")
        fixed.have("here", plain(wanted("outside_keeps")), ["grows", "below_1*sign"])


def _sizes(proof: Proof) -> None:
    """The step size is positive; s_0 and B."""
    with proof.induction("general_alpha_positive", wanted("alpha_positive")) as (zero, following):
        zero.have("here", "alpha(0) > 0", ["alpha_first"])
        following.use("is", "alpha_is", t="t")
        torch.corrections(following)
        following.have("here", "alpha(t + 1) > 0", ["steps*factor*left_inverse"], ["is"])
    proof.have("own", "1 - beta1 > 0", ["beta1_below_1"])
    with proof.fixing("moves", "forall t nat: alpha(t + 1)*(1 - beta1) > 0") as fixed:
        fixed.use("size", "general_alpha_positive", t="t + 1")
        fixed.have("here", "alpha(t + 1)*(1 - beta1) > 0", ["size*own"])
    moves = {"n": "T", "x": ["t", "alpha(t + 1)*(1 - beta1)"]}
    proof.lemma("general_moving", wanted("moving"), SUMS, ["some", "moves"], moves)
    proof.have("kept", "1 - beta2 > 0", ["beta2_below_1"])
    proof.use("root", "root_positive", "kept", x="1 - beta2")
    proof.have("general_s0_positive", wanted("s0_positive"), ["positive_eps*root"])
    proof.use("root_of_zero", "root_nonnegative", x="0")
    proof.have("general_s0_least", wanted("s0_least"), ["root_of_zero"], ["outside_start"])
    proof.have("G_sign", "G >= 0", ["G_positive"])
    proof.have("G_square_sign", "G^2 >= 0", ["G_sign*G_sign"])
    proof.use("root_of_G", "root_squared", "G_square_sign", x="G^2")
    proof.have("G_squares", "sqrt(G^2)^2 <= G^2", (), ["root_of_G"])
    proof.use("below_G", "from_squares", "G_sign", "G_squares", Y="sqrt(G^2)", Z="G")
    proof.have("general_B_most", wanted("B_most"), ["below_G"])


def _losses(proof: Proof) -> None:
    """f(1) at 0, and f elsewhere."""
    reciprocal(proof, "kept", "kept", "1 - beta2")
    shares = [("(f(1) - f(0))/(1 - beta2)", fact) for fact in ("least_first", "q_start")]
    proof.have("loss_start", there("loss(0) = f(1)"), (), [*shares, ("f(1) - f(0)", "kept_unit")])
    with proof.fixing("loss_next", there("forall t nat: loss(t + 1) = f(t + 1)")) as fixed:
        fixed.use("same", "least_next", t="t")
        fixed.have("here", there("loss(t + 1) = f(t + 1)"), (), [("(f(1) - f(0))/(1 - beta2)", "same")])
    with proof.induction("general_bounded", wanted("bounded")) as (zero, following):
        zero.use("here_1", "bounded", t="0")
        zero.have("here", there("loss(0) >= fstar"), ["here_1"], [("1", "loss_start")])
        following.use("same", "loss_next", t="t")
        following.use("low", "bounded", t="t")
        following.have("here", there("loss(t + 1) >= fstar"), ["low"], [("1", "same")])


def _steps(proof: Proof) -> None:
    """`same`: a step of the rule is the next one of the general theorem."""
    with proof.fixing("general_theta_next", wanted("theta_next")) as fixed:
        fixed.linear("here", plain(wanted("theta_next")))
    said = there("path(t + 2, i) - path(t + 1, i) = theta(t + 1, i) - theta(t, i)")
    with proof.fixing("same", f"forall t nat, i nat: {said}") as fixed:
        fixed.use("rule", "generic", t="t", i="i")
        fixed.use("next", "general_theta_next", t="t + 1", i="i")
        fixed.use("size", "alpha_is", t="t")
        fixed.use("damped", "outside_next", t="t")
        fixed.congruent("scales", "damped", "1/(sqrt(v(t + 1, i) + 0) + hole)")
        step = ("1", "next"), ("alpha(t + 1)*m(t + 1, i)", "scales")
        fixed.have("here", said, (), ["rule", "size", *step])


def _smoothness(proof: Proof) -> None:
    """The loss is smooth along these steps as it is along the rule's; there is none before the first."""
    still = there("path(1, i) - path(0, i) = 0")
    with proof.fixing("still", f"forall i nat: {still}") as fixed:
        fixed.use("start", "m_start", i="i")
        fixed.use("next", "general_theta_next", t="0", i="i")
        fixed.have("here", still, (), [("1", "next"), (of_term("alpha(0)/scale(0, i)"), "start")])
    values = {**own_letters(delayed.THEOREM.variables), "x": ["t", "i", "theta(t, i)"]}
    values |= {"z": VALUES["theta"], "F": VALUES["f"]}
    facts = {"loss_first": "loss_start", "loss": "loss_next"}
    hypotheses = [facts.get(name, name) for name in delayed.THEOREM.hypotheses]
    for name in ("smooth", "smooth_back"):
        proof.lemma(f"general_{name}", wanted(name), delayed.THEOREM.theorem, hypotheses, values)


def shown(proof: Proof) -> None:
    """All is still, and there is no momentum; beta2^t is 1/2^t, and sqrt(1 - 1/2^t) at most 1."""
    known_powers(proof)
    proof.have("before_1", "0 - 1 < 0")
    proof.use("distance", "absolute_of_negative", "before_1", x="0 - 1")
    proof.have("p_start", "1 - min(0, 1) = 1", (), ["distance"])
    with proof.fixing("later", "forall t nat: min(t + 1, 1) = 1") as fixed:
        fixed.use("sign", "natural", n="t")
        fixed.use("size", "absolute_of_nonnegative", "sign", x="t")
        fixed.have("here", "min(t + 1, 1) = 1", (), ["size"])
    with proof.fixing("p_next", "forall t nat: 1 - min(t + 1, 1) = 0*(1 - min(t, 1))") as fixed:
        fixed.use("one", "later", t="t")
        fixed.have("here", "1 - min(t + 1, 1) = 0*(1 - min(t, 1))", (), [("1", "one")])
    now = "sqrt(1 - exp((t + 1)*log(1/2)))"
    alpha = f"({now} + 1 - min(t + 1, 1))"
    proof.use("root_first", "root_nonnegative", x="1 - exp(0*log(1/2))")
    proof.have("alpha_first", "sqrt(1 - exp(0*log(1/2))) + 1 - min(0, 1) > 0", ["root_first"], ["distance"])
    is_alpha = f"{alpha} = 1*{now}/(1 - (1 - min(t + 1, 1)))"
    with proof.fixing("alpha_is", f"forall t nat: {is_alpha}") as fixed:
        fixed.use("one", "later", t="t")
        fixed.congruent("over", "one", f"{now}/hole")
        fixed.have("here", is_alpha, (), [("1", "over"), ("1", "one")])
    noise = "E(X*0^2) <= 1^2*E(X)"
    claim = f"forall X rand, t nat, i nat: X >= 0, past(X, t) => {noise}"
    with proof.fixing("noise_of_G", claim, "sign", "known") as fixed:
        fixed.mean("mean", "E(X) >= 0", "sign")
        fixed.linear("none", "E(X*0^2) = 0")
        fixed.have("here", noise, ["mean"], ["none"])
    proof.have("half_sign", "1/2 >= 0")
    known_root_of_half(proof)
    paid = f"1*1*({alpha}*(1 - 0))^2/(1 - 1/2) + 1*1*(2*(1 - 0)*{alpha}/sqrt(1 - 1/2) + {alpha}*0*sqrt(2/(1/2)))"
    with proof.fixing("w_most", f"forall t nat: t + 1 <= 2 => 8 >= {paid}", "within") as fixed:
        fixed.use("one", "later", t="t")
        fixed.have("size", f"{alpha} = {now}", (), [("1", "one")])
        fixed.use("power", "exp_positive", x="(t + 1)*log(1/2)")
        fixed.use("low", "halves_later", i="t")
        fixed.have("sign", "1 - exp((t + 1)*log(1/2)) >= 0", ["low"])
        fixed.use("known", "root_squared", "sign", x="1 - exp((t + 1)*log(1/2))")
        fixed.congruent("all", "size", "1*1*(hole*(1 - 0))^2/(1 - 1/2) + 1*1*(2*(1 - 0)*hole/sqrt(1 - 1/2))")
        products = ["power", square(f"sqrt(1/2) - {now}")]
        fixed.have("here", f"8 >= {paid}", products, [("1", "all"), ("1", "known"), ("1", "half_root"), (now, "ratio")])


def known_root_of_half(proof: Proof) -> None:
    """1/sqrt(1/2) = 2 sqrt(1/2)."""
    proof.use("half_root", "root_squared", "half_sign", x="1/2")
    proof.use("half_root_positive", "root_positive", "half_positive", x="1/2")
    reciprocal(proof, "half_root", "half_root_positive", "sqrt(1/2)")
    factors = [("1/sqrt(1/2)", "half_root"), ("sqrt(1/2)", "half_root_unit")]
    proof.have("ratio", "1/sqrt(1/2) = 2*sqrt(1/2)", (), factors)


MODEL: dict[str, str | list[str]] = {
    **{name: ["t", "i", "0"] for name in ("g", "grad", "m", "v")},
    **{"theta": ["t", "i", "i"], "f": ["t", "3"], "fstar": "2", "L": "1", "G": "1", "eta": "1", "eps": "1"},
    **{"beta1": "0", "beta2": "1/2", "p": ["t", "1 - min(t, 1)"], "q": ["i", HALVES]},
    **{"alpha": ["t", "sqrt(1 - exp(t*log(1/2))) + 1 - min(t, 1)"], "rho": ["t", "0"], "T": "2", "d": "2"},
    **{"A": ["t", "2"], "P": ["t", "1"], "Q": ["t", "1"], "H": ["t", "1"], "w": ["t", "8"], "y": ["t", "0"]},
}
INSTANCE = linear_loss(
    "adam",
    "Adam on a linear loss",
    {name: name for name in ("eta", "beta1", "beta2", "eps")},
    {
        **{"eta": "1/4", "beta1": "1/4", "beta2": "3/4", "eps": "1/8"},
        "p": Recursion(("t",), "1", "beta1*p(t)"),
        "q": Recursion(("t",), "1", "beta2*q(t)"),
        "alpha": Recursion(("t",), "1/4", "eta*sqrt(1 - q(t + 1))/(1 - p(t + 1))"),
        "rho": Recursion(("t",), "0", "beta1*alpha(t + 1)/(sqrt(beta2)*alpha(t))"),
        "A": Recursion(("t",), "0", "beta1^2/beta2*A(t) + (1 - beta1)^2/(1 - beta2)"),
        "f": ["t", "sum(i < d, grad(t, i)*earlier(t, i))"],
    },
    torch="Adam",
    wrong=("adam@eps=hat", "adam@eps=inside", "adam@correction=none", "adam@correction=second"),
    reads={"theta": Read("theta"), "m": Read("m"), "v": Read("v"), "earlier": LAGGED},
)
THEOREM = Theorem(
    theorem="torch_adam_is_bounded_at_every_horizon",
    title="PyTorch's Adam is bounded at every horizon",
    says="""The finite-horizon certificate for Adam on the equations of its rule, as PyTorch runs it: both moments
    bias-corrected, eps added to the root, beta1 and beta2 below 1. Let f be L-smooth between neighbouring iterates and
    at least f*, with unbiased gradients whose coordinates have second moments of at most G^2 given the past. With
    alpha_t = eta sqrt(1 - beta2^t)/(1 - beta1^t), (E |grad f(theta_tau)|^(4/3))^(3/2) <= 2 sqrt(d) (G + eps)
    [E f(theta_0) - f* + 2 d w_1 log((G + eps)/(eps sqrt(1 - beta2))) + d sum_t w_t log(1/beta2)] / sum_t alpha_t
    (1 - beta1) for T >= 1 steps, tau + 1 drawn from them by alpha. Both sides are squared, and f(t + 1), grad(t + 1),
    y(t + 1) are the loss, its gradient and |grad f|^(4/3) at theta(t), where the gradient of step t + 1 is taken.
    P, A, Q, H and the weights w that do not increase satisfy their recursions with >=, of which equality is best;
    p(t), q(t) are beta1^t, beta2^t, and alpha(0) > 0 is free, for P(0) may be 0.""",
    sources=["chen2022towards, for the method of proof; the statement is ours", "kingma2015adam, Algorithm 1"],
    variables={name: sort for name, sort in general.THEOREM.variables.items() if name not in VALUES or name == "f"},
    hypotheses=HYPOTHESES,
    definitions=[torch.ADAM],
    claims={"bound": BEFORE},
    lemmas=[
        *("orders_on_every_outcome", "powers_of_a_fraction", SUMS),
        *(used.THEOREM.theorem for used in (torch, delayed, general)),
    ],
    model=MODEL,
    script=script,
    shown=shown,
    instances=[INSTANCE],
)
