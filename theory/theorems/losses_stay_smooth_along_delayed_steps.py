"""A loss that is smooth between neighbours of a path is so along the same path one step later, which rests at first."""

from collections.abc import Mapping, Sequence

from ..kernel.formulas import formula
from ..kernel.terms import term
from ..proving.same_names import own_letters
from ..proving.script import Proof
from ..proving.theorem import Theorem

MOVED, LATER = "(x(t + 1, i) - x(t, i))", "(z(t + 2, i) - z(t + 1, i))"
CLAIMS = {
    "smooth": "forall t nat: F(t + 1) <= F(t) + sum(i < d, grad(t, i)*(z(t + 1, i) - z(t, i)))"
    " + L/2*sum(i < d, (z(t + 1, i) - z(t, i))^2)",
    "smooth_back": "forall t nat: F(t) <= F(t + 1) - sum(i < d, grad(t + 1, i)*(z(t + 1, i) - z(t, i)))"
    " + L/2*sum(i < d, (z(t + 1, i) - z(t, i))^2)",
}


def along(x: str) -> dict[str, str]:
    """Smoothness between neighbours of a path x; f(t + 1) and grad(t + 1) belong to x(t)."""
    moved = f"({x}(t + 1, i) - {x}(t, i))"
    return {
        "smooth": f"forall t nat: f(t + 2) <= f(t + 1) + sum(i < d, grad(t + 1, i)*{moved})"
        f" + L/2*sum(i < d, {moved}^2)",
        "smooth_back": f"forall t nat: f(t + 1) <= f(t + 2) - sum(i < d, grad(t + 2, i)*{moved})"
        f" + L/2*sum(i < d, {moved}^2)",
    }


def script(proof: Proof) -> None:
    """The same steps are worth the same; the first is none."""
    own, other = MOVED.replace(", i)", ", k)"), LATER.replace(", i)", ", k)")
    for name, left, right in (
        ("push", f"grad(t + 1, k)*{other}", f"grad(t + 1, k)*{own}"),
        ("push_back", f"grad(t + 2, k)*{other}", f"grad(t + 2, k)*{own}"),
        ("square", f"{other}^2", f"{own}^2"),
    ):
        sums = f"sum(i < d, {left}) = sum(i < d, {right})".replace(", k)", ", i)")
        with proof.fixing(f"{name}_sums", f"forall t nat: {sums}") as fixed:
            with fixed.fixing("each", f"forall k nat: {left} = {right}") as inner:
                inner.use("steps", "same", t="t", i="k")
                weight = f"{other} + {own}" if name == "square" else left.split("*")[0]
                inner.have("here", f"{left} = {right}", (), [(weight, "steps")])
            fixed.add("here", sums, "each", "d")
    still = "(z(1, k) - z(0, k))"
    for name, weight in (("no_push", "grad(0, k)"), ("no_push_back", "grad(1, k)"), ("no_square", still)):
        with proof.fixing(f"{name}_each", f"forall k nat: {weight}*{still} = 0") as fixed:
            fixed.use("rests", "still", i="k")
            fixed.have("here", f"{weight}*{still} = 0", (), [(weight, "rests")])
        proof.add(name, f"sum(i < d, {weight}*{still}) = 0".replace(", k)", ", i)"), f"{name}_each", "d")
    for name, push in (("smooth", "push"), ("smooth_back", "push_back")):
        with proof.induction(f"{name}_later", CLAIMS[name]) as (zero, following):
            at_0, later = (str(formula(CLAIMS[name]).conclusion).replace("(t", f"({t}") for t in ("0", "t + 1"))
            zero.use("new", "loss", t="0")
            losses = [("1", "new"), ("1", "loss_first")]
            zero.have("here", at_0, (), [*losses, ("1", f"no_{push}"), ("L", "no_square")])
            following.use("rule", name, t="t")
            for fact, known, t in (
                ("old", "loss", "t"),
                ("new", "loss", "t + 1"),
                ("pushed", f"{push}_sums", "t"),
                ("squares", "square_sums", "t"),
            ):
                following.use(fact, known, t=t)
            equations = [("1", "old"), ("1", "new"), ("1", "pushed"), ("L", "squares")]
            following.have("here", later, ["rule"], equations)


THEOREM = Theorem(
    theorem="losses_stay_smooth_along_delayed_steps",
    title="Losses stay smooth along delayed steps",
    says="""Let f and its gradient be smooth between neighbours x(t), x(t + 1) of a path, f(t + 1) and grad(t + 1) being
    those at x(t). Let z rest in its first step and then make the steps of x, and let F(0) be f(1), and F(t + 1) be
    f(t + 1). Then F and the same gradients are smooth along z.""",
    variables={
        **dict.fromkeys(("x", "z", "grad"), "rand(nat, nat)"),
        **{"f": "rand(nat)", "F": "rand(nat)", "L": "real", "d": "nat"},
    },
    hypotheses={
        **along("x"),
        "still": "forall i nat: z(1, i) - z(0, i) = 0",
        "same": f"forall t nat, i nat: {LATER} = {MOVED}",
        "loss_first": "F(0) = f(1)",
        "loss": "forall t nat: F(t + 1) = f(t + 1)",
    },
    claims=CLAIMS,
    model={
        **{"x": ["t", "i", "i"], "z": ["t", "i", "2*i"], "grad": ["t", "i", "t"]},
        **{"f": ["t", "3"], "F": ["t", "3"], "L": "1", "d": "2"},
    },
    script=script,
)


def delay(
    proof: Proof,
    divisor: str,
    path: Sequence[str],
    wanted: Mapping[str, str],
    rate: str = "alpha(0)",
    known: Sequence[str] = (),
) -> None:
    """The theta of a rule one step later: the facts path_next, path_smooth, path_smooth_back and all_bounded.

    The rule's step is alpha(t + 1)*m(t + 1, i)/(divisor at t + 1).   path: theta(0, i) less the steps j < t.
    wanted: what path_next, .. are to say, by the names theta_next, smooth, smooth_back and bounded.
    rate: alpha at 0, in `path`.   known: equations for the step size of the rule, if it is called otherwise.
    The scope has the rule's m_start and theta_next, `along("theta")`, f(t + 1) >= fstar and f(0) = f(1).
    """

    def moved(t: str) -> str:
        said = formula(f"z({t} + 1, i) - z({t}, i) = 0")
        return str(said.substituted({"z": (tuple(path[:-1]), term(path[-1]))}))

    with proof.fixing("path_next", wanted["theta_next"]) as fixed:
        fixed.linear("here", wanted["theta_next"].split(": ")[1])
    step = moved("(t + 1)").removesuffix(" = 0")
    same = f"{step} = theta(t + 1, i) - theta(t, i)"
    with proof.fixing("same_steps", f"forall t nat, i nat: {same}") as fixed:
        fixed.use("rule", "theta_next", t="t", i="i")
        fixed.use("next", "path_next", t="t + 1", i="i")
        fixed.have("here", same, (), ["rule", *known, ("1", "next")])
    still = moved("0")
    with proof.fixing("still", f"forall i nat: {still}") as fixed:
        fixed.use("start", "m_start", i="i")
        fixed.use("next", "path_next", t="0", i="i")
        fixed.have("here", still, (), [("1", "next"), (f"{rate}/({divisor.replace('t,', '0,')})", "start")])
    with proof.fixing("loss", "forall t nat: f(t + 1) = f(t + 1)") as fixed:
        fixed.have("here", "f(t + 1) = f(t + 1)")
    values = {**own_letters(THEOREM.variables), "x": ["t", "i", "theta(t, i)"], "F": ["t", "f(t)"], "z": path}
    facts = {"loss_first": "nothing_before", "same": "same_steps"}
    hypotheses = [facts.get(n, n) for n in THEOREM.hypotheses]
    for name in ("smooth", "smooth_back"):
        proof.lemma(f"path_{name}", wanted[name], THEOREM.theorem, hypotheses, values)
    with proof.induction("all_bounded", wanted["bounded"]) as (zero, following):
        zero.use("first", "bounded", t="0")
        zero.have("here", "f(0) >= fstar", ["first"], ["nothing_before"])
        following.use("here", "bounded", t="t")
