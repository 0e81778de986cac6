"""The rate of MoMo on convex losses with a common minimiser (Schaipp et al. 2024, Theorem 4.1)."""

from ..proving.momo_runs import momo_run
from ..proving.positive import inverse
from ..proving.script import Proof, square
from ..proving.theorem import Theorem
from . import momo_never_moves_away_from_a_common_minimiser as fejer
from . import momo_value_follows_a_recurrence as values
from .powers_of_a_fraction import HALVES, known_powers

H, NEXT_H = values.NOW, values.NEXT
E, NEXT_E = f"({H} - floor(k))", f"({NEXT_H} - floor(k + 1))"
Q = "sum(i < n, d(k, i)^2)"
AWAY = "sum(i < n, (x({k}, i) - best(i))^2)"
NOW, NEXT, START = (AWAY.format(k=k) for k in ("k", "k + 1", "0"))
GRADIENT = "sum(i < n, g(k, i)^2)"
GAP = "(f(k) - value(k))"


def at(text: str, k: str) -> str:
    """A text about step k, about another step; no name in it has a k."""
    return text.replace("k", k).replace("((k + 1))", "(k + 1)")


def excess(proof: Proof) -> None:
    """e is at least (1 - beta)(f - value) >= 0, and so tau q = e."""
    letters = {name: name for name in ("n", "beta", "f", "fbar", "gamma", "tau", "g", "d", "x")}
    families = {name: ["k", f"{name}(k)"] for name in ("f", "fbar", "gamma", "tau")}
    families |= {name: ["k", "i", f"{name}(k, i)"] for name in ("g", "d", "x")}
    given = {**letters, **families, "lambda": "0", "alpha": ["k", "0"], "D": ["k", "i", "1"]}
    proof.have("none", "0 >= 0")
    with proof.fixing("rates", "forall k nat: 0 >= 0") as inner:
        inner.have("zero", "0 >= 0")
    moved = values.MOVED
    facts = ["losses", "gradients", "products", "rates", "none", "step"]
    claim = f"forall k nat: {NEXT_H} = (1 - beta)*f(k + 1) + beta*({H} + {moved})"
    proof.lemma("recurrence", claim, values.THEOREM.theorem, facts, given)
    proof.lemma("move", f"forall k nat: {moved} = -(tau(k)*{Q})", values.THEOREM.theorem, facts, given)
    proof.have("weight_left", "1 - beta >= 0", ["averaging"])
    with proof.induction("excess", f"forall k nat: {E} >= (1 - beta)*{GAP}") as (zero, following):
        zero.use("better", "interpolation", k="0")
        term = "d(0, i)*x(0, i) - first*(g(0, i)*x(0, i))"
        with zero.fixing("each", f"forall i nat: {term} = 0") as here:
            here.use("momentum", "gradient_start", i="i")
            here.have("zero", f"{term} = 0", [], ["momentum"])
        zero.add("all", f"sum(i < n, {term}) = 0", "each", "n")
        split = "sum(i < n, d(0, i)*x(0, i)) - first*sum(i < n, g(0, i)*x(0, i))"
        zero.linear("split", f"sum(i < n, {term}) = {split}")
        equations = ["loss_start", "product_start", "floor_start", ("1", "all"), ("1", "split")]
        zero.have("now", at(f"{E} >= (1 - beta)*{GAP}", "0"), ["better*started"], equations)
        following.use("better", "interpolation", k="k")
        following.use("here", "recurrence", k="k")
        following.use("there", "move", k="k")
        following.use("rule_here", "rule", k="k")
        following.use("floor_next", "floors", k="k")
        following.have("sign", f"{E} >= 0", ["before", "better*weight_left"])
        following.use("part", "absolute_of_nonnegative", "sign", x=f"{E} - 0")
        equations = ["here", "there", "floor_next", ("1", "part"), ("beta", "part"), ("beta", "rule_here")]
        following.have("now", at(f"{E} >= (1 - beta)*{GAP}", "(k + 1)"), [], equations)
    with proof.fixing("positive", f"forall k nat: {E} >= 0") as inner:
        inner.use("better", "interpolation", k="k")
        inner.use("high", "excess", k="k")
        inner.have("sign", f"{E} >= 0", ["high", "better*weight_left"])
    with proof.fixing("polyak", f"forall k nat: tau(k)*{Q} = {E}") as inner:
        inner.use("sign", "positive", k="k")
        inner.use("part", "absolute_of_nonnegative", "sign", x=f"{E} - 0")
        inner.use("rule_here", "rule", k="k")
        inner.have("equal", f"tau(k)*{Q} = {E}", [], [("1", "rule_here"), ("1", "part")])


def nearer(proof: Proof) -> None:
    """Every step falls by tau e in squared distance; in all by at most R^2."""
    proof.have("weight", "first >= 0", ["started", "weight_left"])
    fejer.convexity(proof)
    claim = f"{NEXT} <= {NOW} - tau(k)*{E}"
    with proof.fixing("progress", f"forall k nat: {claim}") as inner:
        inner.use("average", "below", k="k")
        inner.use("size", "polyak", k="k")
        inner.use("tau_here", "tau_nonnegative", k="k")
        change = "(x(k + 1, i) - best(i))^2 - (x(k, i) - best(i))^2"
        change += " + 2*tau(k)*(d(k, i)*x(k, i) - d(k, i)*best(i)) - tau(k)^2*d(k, i)^2"
        with inner.fixing("each", f"forall i nat: {change} = 0") as here:
            here.use("moved", "step", k="k", i="i")
            here.have("zero", f"{change} = 0", [], ["moved"])
        inner.add("all", f"sum(i < n, {change}) = 0", "each", "n")
        split = f"{NEXT} - {NOW} + 2*tau(k)*(sum(i < n, d(k, i)*x(k, i)) - {fejer.ALONG}) - tau(k)^2*{Q}"
        inner.linear("split", f"sum(i < n, {change}) = {split}")
        equations = [("1", "all"), ("1", "split"), ("tau(k)", "size")]
        inner.have("now", claim, ["average*tau_here"], equations)
    total = f"sum(j < k, tau(j)*{at(E, 'j')})"
    with proof.induction("path", f"forall k nat: {total} <= {START} - {NOW}") as (zero, following):
        zero.linear("empty", f"{total.replace('j < k', 'j < 0')} = 0")
        zero.have("now", at(f"{total} <= {START} - {NOW}", "0"), [], ["empty"])
        following.use("one", "progress", k="k")
        following.linear("more", f"{total.replace('j < k', 'j < k + 1')} = {total} + tau(k)*{E}")
        then = f"{total.replace('j < k', 'j < k + 1')} <= {START} - {NEXT}"
        following.have("next", then, ["before", "one"], ["more"])
    gain = at(f"tau(k)*{E} >= 0", "j")
    with proof.fixing("gains", f"forall j nat: {gain}") as inner:
        inner.use("tau_here", "tau_nonnegative", k="j")
        inner.use("sign", "positive", k="j")
        inner.have("gain", gain, ["tau_here*sign"])
    with proof.fixing("inside", f"forall k nat: {NOW} <= {START}") as inner:
        inner.use("so_far", "path", k="k")
        inner.add("all", f"{total} >= 0", "gains", "k")
        inner.have("now", f"{NOW} <= {START}", ["so_far", "all"])
    proof.use("whole", "path", k="K")
    with proof.fixing("squares", f"forall i nat: {at('(x(k, i) - best(i))^2', 'K')} >= 0") as inner:
        inner.have("here", "(x(K, i) - best(i))^2 >= 0", [square("x(K, i) - best(i)")])
    proof.add("end", "sum(i < n, (x(K, i) - best(i))^2) >= 0", "squares", "n")
    proof.have("radius", f"sum(j < K, tau(j)*{at(E, 'j')}) <= R^2", ["whole", "end", "near"])


def sizes(proof: Proof) -> None:
    """E |d|^2 <= G^2, because d averages gradients."""
    with proof.induction("momenta", f"forall k nat: E({Q}) <= G^2") as (zero, following):
        zero.use("here", "inside", k="0")
        zero.use("bound", "bounded", "here", k="0")
        with zero.fixing("each", "forall i nat: d(0, i)^2 <= g(0, i)^2") as inner:
            inner.use("momentum", "gradient_start", i="i")
            products = [square("g(0, i)") * "weight_most", square("g(0, i)") * "weight_most*weight"]
            inner.have("less", "d(0, i)^2 <= g(0, i)^2", products, ["momentum"])
        zero.add("all", "sum(i < n, d(0, i)^2) <= sum(i < n, g(0, i)^2)", "each", "n")
        zero.mean("average", "E(sum(i < n, d(0, i)^2)) <= E(sum(i < n, g(0, i)^2))", "all")
        zero.linear("one", "E(sum(i < n, d(0, i)^2)) = sum(i < n, E(d(0, i)^2))")
        zero.have("now", at(f"E({Q}) <= G^2", "0"), ["average", "bound"])
        following.use("here", "inside", k="k + 1")
        following.use("bound", "bounded", "here", k="k + 1")
        less = "d(k + 1, i)^2 <= beta*d(k, i)^2 + (1 - beta)*g(k + 1, i)^2"
        with following.fixing("each", f"forall i nat: {less}") as inner:
            inner.use("momentum", "gradients", k="k", i="i")
            convex = square("d(k, i) - g(k + 1, i)") * "forgetting*weight_left"
            inner.have("less", less, [convex], ["momentum"])
        sums = "sum(i < n, d(k + 1, i)^2) <= beta*sum(i < n, d(k, i)^2) + (1 - beta)*sum(i < n, g(k + 1, i)^2)"
        following.add("all", sums, "each", "n")
        parts = "beta*E(sum(i < n, d(k, i)^2)) + (1 - beta)*E(sum(i < n, g(k + 1, i)^2))"
        following.mean("average", f"E(sum(i < n, d(k + 1, i)^2)) <= {parts}", "all")
        then = "E(sum(i < n, d(k + 1, i)^2)) <= G^2"
        following.have("now", then, ["average", "before*forgetting", "bound*weight_left"])


def script(proof: Proof) -> None:
    """(1 - beta)(f - value) <= e <= c tau e/2 + q/(2 c) for every c > 0; take c = G sqrt(K)/R."""
    excess(proof)
    nearer(proof)
    sizes(proof)
    proof.use("root", "root_positive", "steps", x="K")
    proof.have("weak", "K >= 0", ["steps"])
    proof.use("squared", "root_squared", "weak", x="K")
    for name, text, fact in (("R", "R", "R_positive"), ("G", "G", "G_positive"), ("K", "sqrt(K)", "root")):
        inverse(proof, name, text, fact)
    c, over = "G*sqrt(K)/R", "R/G/sqrt(K)"
    bound = f"{c}/2*(tau(k)*{E}) + {over}/2*{Q}"
    with proof.fixing("young", f"forall k nat: (1 - beta)*{GAP} <= {bound}") as inner:
        inner.use("high", "excess", k="k")
        inner.use("size", "polyak", k="k")
        with inner.fixing("each", "forall i nat: d(k, i)^2 >= 0") as here:
            here.have("sign", "d(k, i)^2 >= 0", [square("d(k, i)")])
        inner.add("q_sign", f"{Q} >= 0", "each", "n")
        products = ["high", square(f"{c}*tau(k) - 1") * "q_sign*R_positive*G_inverse*K_inverse"]
        equations = ["R_one", "G_one", "K_one", ("tau(k)*sqrt(K)*G/R", "size"), ("1", "size")]
        inner.have("young", f"(1 - beta)*{GAP} <= {bound}", products, equations)
    with proof.fixing(
        "means", f"forall k nat: (1 - beta)*(E(F(k)) - least) <= {c}/2*E(tau(k)*{E}) + {over}/2*G^2"
    ) as inner:
        inner.use("pathwise", "young", k="k")
        inner.use("moment", "momenta", k="k")
        inner.use("loss", "sampled", k="k")
        inner.use("best_loss", "sampled_best", k="k")
        averages = f"(1 - beta)*(E(f(k)) - E(value(k))) <= {c}/2*E(tau(k)*{E}) + {over}/2*E({Q})"
        inner.mean("mean", averages, "pathwise")
        inner.have(
            "now",
            f"(1 - beta)*(E(F(k)) - least) <= {c}/2*E(tau(k)*{E}) + {over}/2*G^2",
            ["mean", "moment*R_positive*G_inverse*K_inverse"],
            ["loss", "best_loss"],
        )
    total = "sum(k < K, E(F(k)) - least)"
    gained = f"sum(k < K, E(tau(k)*{E}))"
    proof.add("total", f"(1 - beta)*{total} <= {c}/2*{gained} + {over}/2*G^2*K", "means", "K")
    proof.mean("gained", f"{gained} <= R^2", "radius")
    products = ["total", "gained*G_positive*root*R_inverse"]
    equations = ["R_one", "G_one", "K_one", "squared@K"]
    proof.have("scaled", f"(1 - beta)*{total} <= G*R*sqrt(K)", products, equations)
    proof.have("rest", "1 - beta > 0", ["averaging"])
    for name, text, fact in (("B", "1 - beta", "rest"), ("N", "K", "steps")):
        inverse(proof, name, text, fact)
    proof.have(
        "unit",
        "1/K*sqrt(K) = 1/sqrt(K)",
        [],
        [("1/sqrt(K)", "N_one"), ("1/K*sqrt(K)", "K_one"), ("1/K/sqrt(K)", "squared")],
    )
    proof.have("rate", THEOREM.claims["rate"], ["scaled*B_inverse*N_inverse"], ["B_one", "unit"])


X = HALVES.replace("i*", "k*")


def halved(proof: Proof) -> None:
    """The loss x^2/2 from 1, without noise: x is halved again and again."""
    known_powers(proof)
    far = f"0 >= {X}^2/2 + sum(i < 1, {X}*(0 - {X}))"
    with proof.fixing("convex", f"forall k nat: {far}") as inner:
        inner.linear("one", f"sum(i < 1, {X}*(0 - {X})) = -{X}^2")
        inner.have("here", far, [square(X)], ["one"])
    after = X.replace("k*", "(k + 1)*")
    with proof.fixing("step", f"forall k nat, i nat: {after} = {X} - 1/2*{X}") as inner:
        inner.use("half_of", "halves", i="k")
        inner.have("now", f"{after} = {X} - 1/2*{X}", [], ["half_of"])


def shown(proof: Proof) -> None:
    """The same, and its bounds."""
    halved(proof)
    with proof.fixing("interpolation", f"forall k nat: {X}^2/2 >= 0") as inner:
        inner.have("here", f"{X}^2/2 >= 0", [square(X)])
    start = "sum(i < 1, (exp(0*log(1/2)) - 0)^2)"
    proof.linear("one", f"{start} = exp(0)^2")
    proof.have("near", f"{start} <= 1^2", [], ["one", "halves_start"])
    premise, claim = f"sum(i < 1, ({X} - 0)^2) <= {start}", f"E(sum(i < 1, {X}^2)) <= 1^2"
    with proof.fixing("bounded", f"forall k nat: {premise} => {claim}", "inside") as inner:
        inner.linear("here", f"E(sum(i < 1, {X}^2)) = {X}^2")
        inner.linear("there", f"sum(i < 1, ({X} - 0)^2) = {X}^2")
        inner.have("bound", claim, ["inside", "near"], ["here", "there"])
    h = f"({X}^2/2 + sum(i < 1, {X}*{X}) - {X}^2 - 0)"
    rule = f"1/2*sum(i < 1, {X}^2) = max({h}, 0)"
    with proof.fixing("rule", f"forall k nat: {rule}") as inner:
        inner.linear("product", f"sum(i < 1, {X}*{X}) = {X}^2")
        inner.have("sign", f"{h} >= 0", [square(X)], ["product"])
        inner.use("first", "absolute_of_nonnegative", "sign", x=f"{h} - 0")
        inner.have("now", rule, [], ["first", "product"])


THEOREM = Theorem(
    theorem="momo_converges_to_common_minimisers",
    title="MoMo converges to common minimisers",
    says="""Losses f_s, convex in every draw s, have one minimiser best in common, with the least values known. MoMo
    without a cap takes tau = e/|d|^2 with e = h - the average of the least values (tau = 0 where d = 0). If the
    gradients at points not farther from best than the first one have a mean square of at most G^2, and the first point
    is at most R away, then the mean over K steps of E f(x) - f(best) is at most G R/((1 - beta) sqrt(K)). F is the
    whole loss at the iterate: each draw is independent of the past. The averages start with a weight from 1 - beta to
    1.""",
    sources=["schaipp2024momo, Theorem 4.1"],
    variables={
        "n": "nat",
        "K": "nat",
        "beta": "real",
        "first": "real",
        "G": "real",
        "R": "real",
        "least": "real",
        "best": "real(nat)",
        "F": "rand(nat)",
        "f": "rand(nat)",
        "value": "rand(nat)",
        "fbar": "rand(nat)",
        "gamma": "rand(nat)",
        "floor": "rand(nat)",
        "tau": "rand(nat)",
        "g": "rand(nat, nat)",
        "d": "rand(nat, nat)",
        "x": "rand(nat, nat)",
    },
    hypotheses={
        "forgetting": "beta >= 0",
        "averaging": "beta < 1",
        "started": "first >= 1 - beta",
        "weight_most": "first <= 1",
        "steps": "K > 0",
        "G_positive": "G > 0",
        "R_positive": "R > 0",
        "near": f"{START} <= R^2",
        "convex": "forall k nat: value(k) >= f(k) + sum(i < n, g(k, i)*(best(i) - x(k, i)))",
        "interpolation": "forall k nat: f(k) >= value(k)",
        "sampled": "forall k nat: E(f(k)) = E(F(k))",
        "sampled_best": "forall k nat: E(value(k)) = least",
        "bounded": f"forall k nat: {NOW} <= {START} => E({GRADIENT}) <= G^2",
        "loss_start": "fbar(0) = first*f(0)",
        "gradient_start": "forall i nat: d(0, i) = first*g(0, i)",
        "product_start": "gamma(0) = first*sum(i < n, g(0, i)*x(0, i))",
        "floor_start": "floor(0) = first*value(0)",
        "losses": "forall k nat: fbar(k + 1) = beta*fbar(k) + (1 - beta)*f(k + 1)",
        "gradients": "forall k nat, i nat: d(k + 1, i) = beta*d(k, i) + (1 - beta)*g(k + 1, i)",
        "products": "forall k nat: gamma(k + 1) = beta*gamma(k) + (1 - beta)*sum(i < n, g(k + 1, i)*x(k + 1, i))",
        "floors": "forall k nat: floor(k + 1) = beta*floor(k) + (1 - beta)*value(k + 1)",
        "tau_nonnegative": "forall k nat: tau(k) >= 0",
        "rule": f"forall k nat: tau(k)*{Q} = max({E}, 0)",
        "step": "forall k nat, i nat: x(k + 1, i) = x(k, i) - tau(k)*d(k, i)",
    },
    claims={"rate": "1/K*sum(k < K, E(F(k)) - least) <= G*R/(1 - beta)/sqrt(K)"},
    lemmas=[values.THEOREM.theorem],
    model={
        **dict.fromkeys(("G", "R", "first"), "1"),
        **dict.fromkeys(("beta", "least"), "0"),
        **{name: ["k", f"{X}^2/2"] for name in ("F", "f", "fbar")},
        **{name: ["k", "i", X] for name in ("g", "d", "x")},
        **{name: ["k", "0"] for name in ("value", "floor")},
        "gamma": ["k", f"{X}^2"],
        "tau": ["k", "1/2"],
        "best": ["i", "0"],
        "n": "1",
        "K": "2",
    },
    shown=shown,
    script=script,
    instances=[
        momo_run(
            "three steps below the cap",
            {"rate": "9", "K": "3", "F": ["k", "f(k)"], "G": "4", "R": "3"},
        )
    ],
)
