"""The value of MoMo's averaged model at the iterate, without the averages of losses and of products <g, x>."""

from ..proving.momo_runs import momo_run
from ..proving.script import Proof
from ..proving.theorem import Theorem

VALUE = "(fbar({k}) + sum(i < n, d({k}, i)*x({k}, i)) - gamma({k}))"
NOW, NEXT = VALUE.format(k="k"), VALUE.format(k="k + 1")
MOVED = "sum(i < n, d(k, i)*(x(k + 1, i) - x(k, i)))"
P, Q = "sum(i < n, d(k, i)*x(k, i))", "sum(i < n, d(k, i)^2/D(k, i))"
SHORT = f"-(tau(k)*{Q} + alpha(k)*lambda*{P})/(1 + alpha(k)*lambda)"


def script(proof: Proof) -> None:
    """Put the averages in, coordinate by coordinate."""
    with proof.fixing("recurrence", f"forall k nat: {NEXT} = (1 - beta)*f(k + 1) + beta*({NOW} + {MOVED})") as inner:
        inner.use("loss", "losses", k="k")
        inner.use("product", "products", k="k")
        term = "d(k + 1, i)*x(k + 1, i) - beta*(d(k, i)*x(k + 1, i)) - (1 - beta)*(g(k + 1, i)*x(k + 1, i))"
        with inner.fixing("each", f"forall i nat: {term} = 0") as here:
            here.use("momentum", "gradients", k="k", i="i")
            here.have("zero", f"{term} = 0", [], ["momentum"])
        inner.add("all", f"sum(i < n, {term}) = 0", "each", "n")
        sums = (
            "sum(i < n, d(k + 1, i)*x(k + 1, i)) - beta*sum(i < n, d(k, i)*x(k + 1, i))"
            " - (1 - beta)*sum(i < n, g(k + 1, i)*x(k + 1, i))"
        )
        inner.linear("split", f"sum(i < n, {term}) = {sums}")
        inner.linear("moved", f"{MOVED} = sum(i < n, d(k, i)*x(k + 1, i)) - {P}")
        claim = f"{NEXT} = (1 - beta)*f(k + 1) + beta*({NOW} + {MOVED})"
        inner.have("next", claim, [], ["loss", "product", "moved", ("1", "all"), ("1", "split")])
    with proof.fixing("move", f"forall k nat: {MOVED} = {SHORT}") as inner:
        inner.use("rate", "rates", k="k")
        inner.have("A_positive", "1 + alpha(k)*lambda > 0", ["rate*decay"])
        inner.use("A_apart", "positive_is_apart", "A_positive", x="1 + alpha(k)*lambda")
        inner.use("A_one", "reciprocal", "A_apart", x="1 + alpha(k)*lambda")
        over = "(1/(1 + alpha(k)*lambda))"
        term = (
            f"d(k, i)*(x(k + 1, i) - x(k, i)) + {over}*(tau(k)*(d(k, i)^2/D(k, i)) + alpha(k)*lambda*(d(k, i)*x(k, i)))"
        )
        with inner.fixing("each", f"forall i nat: {term} = 0") as here:
            here.use("here", "step", k="k", i="i")
            here.have("zero", f"{term} = 0", [], ["here", "A_one"])
        inner.add("all", f"sum(i < n, {term}) = 0", "each", "n")
        inner.linear("split", f"sum(i < n, {term}) = {MOVED} + {over}*(tau(k)*{Q} + alpha(k)*lambda*{P})")
        inner.have("move", f"{MOVED} = {SHORT}", [], [("1", "all"), ("1", "split")])


THEOREM = Theorem(
    theorem="momo_value_follows_a_recurrence",
    title="MoMo's value follows a recurrence",
    says="""With fbar, d and gamma the exponential averages of the losses f, the gradients g and the products <g, x>,
    MoMo's model has the value h = fbar + <d, x> - gamma at x, up to rho. Then h(k + 1) = (1 - beta) f(k + 1) + beta
    (h(k) + <d(k), x(k + 1) - x(k)>) for every move of x; and for MoMo's step with decay the product is -(tau q + alpha
    lambda <d, x>)/(1 + alpha lambda), with q the squared norm of d in the inverse metric.""",
    sources=["schaipp2024momo, Section 3"],
    variables={
        "n": "nat",
        "beta": "real",
        "lambda": "real",
        "f": "rand(nat)",
        "fbar": "rand(nat)",
        "gamma": "rand(nat)",
        "alpha": "real(nat)",
        "tau": "rand(nat)",
        "g": "rand(nat, nat)",
        "d": "rand(nat, nat)",
        "x": "rand(nat, nat)",
        "D": "real(nat, nat)",
    },
    hypotheses={
        "losses": "forall k nat: fbar(k + 1) = beta*fbar(k) + (1 - beta)*f(k + 1)",
        "gradients": "forall k nat, i nat: d(k + 1, i) = beta*d(k, i) + (1 - beta)*g(k + 1, i)",
        "products": "forall k nat: gamma(k + 1) = beta*gamma(k) + (1 - beta)*sum(i < n, g(k + 1, i)*x(k + 1, i))",
        "rates": "forall k nat: alpha(k) >= 0",
        "decay": "lambda >= 0",
        "step": "forall k nat, i nat: x(k + 1, i) = (x(k, i) - tau(k)*d(k, i)/D(k, i))/(1 + alpha(k)*lambda)",
    },
    claims={
        "recurrence": f"forall k nat: {NEXT} = (1 - beta)*f(k + 1) + beta*({NOW} + {MOVED})",
        "move": f"forall k nat: {MOVED} = {SHORT}",
    },
    model={
        "n": "2",
        "beta": "1/2",
        "lambda": "0",
        "f": ["k", "1"],
        "fbar": ["k", "1"],
        "gamma": ["k", "-k*2 + 2"],
        "alpha": ["k", "1"],
        "tau": ["k", "1"],
        "g": ["k", "i", "1"],
        "d": ["k", "i", "1"],
        "x": ["k", "i", "-k"],
        "D": ["k", "i", "1"],
    },
    script=script,
    instances=[momo_run("three steps with decay", {"decay": "1/2", "D": ["k", "i", "1"]}, ("momo@decay=adamw",))],
)
