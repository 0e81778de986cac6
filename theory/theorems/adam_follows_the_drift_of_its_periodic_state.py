"""From the drift of the periodic state to the trajectory: Adam on a periodic stream, from any start."""

from ..proving.instance import Instance, Recursion, Run, Table, along
from ..proving.positive import inverse
from ..proving.script import Proof
from ..proving.theorem import Theorem

MEAN, SIZE = "abs(m({t}) - M({t}))/(1 - beta1)", "abs(v({t}) - V({t}))/(1 - beta2)"
STEP, ORBIT = "m(t)/sqrt(v(t))", "M(t)/sqrt(V(t))"
LOSS = f"({MEAN}/sqrt(least) + top/2/least/sqrt(least)*{SIZE})"
DRIFT = "sum(j < n, M(j)/sqrt(V(j)))"


def rooted(proof: Proof, name: str, value: str, positive: str) -> None:
    """The root of a positive number: positive, its square, its reciprocal."""
    proof.use(f"{name}_root", "root_positive", positive, x=value)
    proof.have(f"{name}_weak", f"{value} >= 0", [positive])
    proof.use(f"{name}_squared", "root_squared", f"{name}_weak", x=value)
    inverse(proof, name, f"sqrt({value})", f"{name}_root")


def states(proof: Proof) -> None:
    """v stays above its least value, and the distances from the periodic state shrink by beta."""
    for name in ("v", "V"):
        with proof.induction(f"{name}_least", f"forall t nat: {name}(t) >= least") as (zero, following):
            zero.have("now", f"{name}(0) >= least", [f"{name}_start"])
            following.use("next", f"{name}_average", t="t")
            following.use("size", "gradients", t="t")
            products = ["before*beta2_least", "size*rest2"]
            following.have("now", f"{name}(t + 1) >= least", products, ["next"])
    for left, right, beta in (("m", "M", "1"), ("v", "V", "2")):
        here, there = f"{left}(t) - {right}(t)", f"{left}(t + 1) - {right}(t + 1)"
        claim = f"abs({there}) <= beta{beta}*abs({here})"
        with proof.fixing(f"{left}_nearer", f"forall t nat: {claim}") as inner:
            inner.use("one", f"{left}_average", t="t")
            inner.use("other", f"{right}_average", t="t")
            inner.use("above", "absolute_above", x=here)
            inner.use("below", "absolute_below", x=here)
            with inner.cases("nearer", claim, on=there) as (more, less):
                for part, kind in ((more, "absolute_of_nonnegative"), (less, "absolute_of_negative")):
                    part.use("value", kind, "case", x=there)
                    products = [f"above*beta{beta}_least", f"below*beta{beta}_least"]
                    part.have("nearer", claim, products, ["value", "one", "other"])


def one_step(proof: Proof) -> None:
    """m/sqrt(v) is at most M/sqrt(V), plus what the distances shrink by."""
    claim = f"{STEP} <= {ORBIT} + {LOSS.format(t='t')} - {LOSS.format(t='t + 1')}"
    with proof.fixing("close", f"forall t nat: {claim}") as inner:
        for name in ("v", "V"):
            inner.use(f"{name}_here", f"{name}_least", t="t")
            inner.have(f"{name}_positive", f"{name}(t) > 0", [f"{name}_here", "positive"])
            rooted(inner, name, f"{name}(t)", f"{name}_positive")
            inner.use(f"{name}_order", "of_roots", "f_weak", f"{name}_here", Y="least", Z=f"{name}(t)")
            over = f"1/sqrt({name}(t)) <= 1/sqrt(least)"
            inner.have(f"{name}_over", over, [f"{name}_order*{name}_inverse*f_inverse"], [f"{name}_one", "f_one"])
        for name, left, right in (("m", "m(t)", "M(t)"), ("s", "v(t)", "V(t)")):
            inner.use(f"{name}_above", "absolute_above", x=f"{left} - {right}")
            inner.use(f"{name}_below", "absolute_below", x=f"{left} - {right}")
            inner.have(f"{name}_sign", f"abs({left} - {right}) >= 0", [f"{name}_above", f"{name}_below"])
        inner.use("low", "orbit_low", t="t")
        inner.use("high", "orbit_high", t="t")
        inner.have("top_sign", "top >= 0", ["low", "high"])
        distance = "abs(m(t) - M(t))"
        first = f"(m(t) - M(t))/sqrt(v(t)) <= {distance}/sqrt(least)"
        inner.have("first", first, ["m_above*v_inverse", "m_sign*v_over"])
        gap = "abs(v(t) - V(t))"
        inner.have(
            "product",
            f"M(t)*(V(t) - v(t)) <= top*{gap}",
            ["low*s_above", "low*s_below", "high*s_above", "high*s_below"],
        )
        both = "(sqrt(v(t)) + sqrt(V(t)))"
        inner.have("both", f"{both} > 0", ["v_root", "V_root"])
        inverse(inner, "both", both, "both")
        inner.have(
            "both_over",
            f"1/{both} <= 1/sqrt(least)/2",
            ["v_order*both_inverse*f_inverse", "V_order*both_inverse*f_inverse"],
            ["both_one", "f_one"],
        )
        x, y, r = "1/sqrt(v(t))", "1/sqrt(V(t))", f"1/{both}"
        chain = [(x, "V_one"), (f"-{y}", "v_one"), (f"-(sqrt(V(t)) - sqrt(v(t)))*({x})*({y})", "both_one")]
        chain += [(f"{x}*({y})*({r})", "V_squared"), (f"-{x}*({y})*({r})", "v_squared")]
        inner.have("difference", f"{x} - {y} = (V(t) - v(t))*({x})*({y})*({r})", [], chain)
        inner.have(
            "xy",
            f"{x}*({y})*({r}) <= 1/least/sqrt(least)/2",
            ["v_over*V_inverse*both_inverse", "V_over*f_inverse*both_inverse", "both_over*f_inverse*f_inverse"],
            ["f_share"],
        )
        second = f"M(t)*({x} - {y}) <= top*{gap}/least/sqrt(least)/2"
        inner.have(
            "second",
            second,
            ["product*v_inverse*V_inverse*both_inverse", "xy*top_sign*s_sign"],
            [("M(t)", "difference")],
        )
        inner.use("m_next", "m_nearer", t="t")
        inner.use("v_next", "v_nearer", t="t")
        products = [
            "first",
            "second",
            "m_next*rest1_inverse*f_inverse",
            "v_next*rest2_inverse*top_sign*least_inverse*f_inverse",
        ]
        inner.have("now", claim, products, ["rest1_one", "rest2_one"])


def periods(proof: Proof) -> None:
    """The steps of the periodic state add up to k times those of one period."""
    for name in ("M", "V"):
        with proof.fixing(f"{name}_same", f"forall k nat, j nat: {name}(n*k + j) = {name}(j)") as inner:
            with inner.induction("all", f"forall l nat: {name}(n*l + j) = {name}(j)") as (zero, following):
                zero.have("now", f"{name}(n*0 + j) = {name}(j)")
                following.use("again", f"{name}_again", t="n*l + j")
                following.have("now", f"{name}(n*(l + 1) + j) = {name}(j)", [], ["again", "before"])
            inner.use("now", "all", l="k")
    later, sums = "M(n*k + j)/sqrt(V(n*k + j))", "sum(t < {m}, M(t)/sqrt(V(t)))"
    with proof.fixing("same", f"forall k nat: sum(j < n, {later}) = {DRIFT}") as inner:
        with inner.fixing("each", f"forall j nat: {later} - M(j)/sqrt(V(j)) = 0") as here:
            here.use("mean", "M_same", k="k", j="j")
            here.use("size", "V_same", k="k", j="j")
            here.congruent("root", "size", "1/sqrt(hole)")
            here.have("now", f"{later} - M(j)/sqrt(V(j)) = 0", [], ["mean", "root"])
        inner.add("all", f"sum(j < n, {later} - M(j)/sqrt(V(j))) = 0", "each", "n")
        inner.linear("split", f"sum(j < n, {later} - M(j)/sqrt(V(j))) = sum(j < n, {later}) - {DRIFT}")
        inner.have("now", f"sum(j < n, {later}) = {DRIFT}", [], [("1", "all"), ("1", "split")])
    with proof.induction("orbit", f"forall k nat: {sums.format(m='n*k')} = k*{DRIFT}") as (zero, following):
        zero.linear("now", f"{sums.format(m='n*0')} = 0*{DRIFT}")
        parts = f"{sums.format(m='n*k + s')} = {sums.format(m='n*k')} + sum(j < s, {later})"
        with following.induction("parts", f"forall s nat: {parts}", hypothesis="sofar") as (first, second):
            first.linear("now", parts.replace("k + s", "k + 0").replace("j < s", "j < 0"))
            last = later.replace("+ j", "+ s")
            second.linear("one", f"{sums.format(m='n*k + s + 1')} = {sums.format(m='n*k + s')} + {last}")
            second.linear("two", f"sum(j < s + 1, {later}) = sum(j < s, {later}) + {last}")
            then = f"{sums.format(m='n*k + (s + 1)')} = {sums.format(m='n*k')} + sum(j < s + 1, {later})"
            second.have("now", then, [], ["one", "two", "sofar"])
        following.use("whole", "parts", s="n")
        following.use("period", "same", k="k")
        then = f"{sums.format(m='n*(k + 1)')} = (k + 1)*{DRIFT}"
        following.have("now", then, [], ["whole", "period", "before"])


def trajectory(proof: Proof) -> None:
    """theta after any number of steps, and after k periods."""
    sums = "sum(t < {m}, M(t)/sqrt(V(t)))"
    start = LOSS.format(t="0")

    def claim(place: str) -> str:
        spent = f"{sums.format(m=place)} + {start} - {LOSS.format(t=place)}"
        return f"theta({place}) >= theta(0) - alpha*({spent})"

    with proof.induction("path", f"forall l nat: {claim('l')}") as (zero, following):
        zero.linear("none", f"{sums.format(m='0')} = 0")
        zero.have("now", claim("0"), [], ["none"])
        following.use("moved", "step", t="l")
        following.use("near", "close", t="l")
        following.linear("more", f"{sums.format(m='l + 1')} = {sums.format(m='l')} + M(l)/sqrt(V(l))")
        following.have("now", claim("l + 1"), ["before", "near*rate"], ["moved", "more"])
    with proof.fixing("drift", THEOREM.claims["drift"]) as inner:
        inner.use("there", "path", l="n*k")
        inner.use("sums", "orbit", k="k")
        for name, left, right in (("m", "m(n*k)", "M(n*k)"), ("s", "v(n*k)", "V(n*k)")):
            inner.use(f"{name}_above", "absolute_above", x=f"{left} - {right}")
            inner.use(f"{name}_below", "absolute_below", x=f"{left} - {right}")
            inner.have(f"{name}_sign", f"abs({left} - {right}) >= 0", [f"{name}_above", f"{name}_below"])
        inner.use("low", "orbit_low", t="0")
        inner.use("high", "orbit_high", t="0")
        inner.have("top_sign", "top >= 0", ["low", "high"])
        products = ["there", "m_sign*rest1_inverse*f_inverse*rate"]
        products += ["s_sign*rest2_inverse*f_inverse*least_inverse*top_sign*rate"]
        inner.have("now", THEOREM.claims["drift"].split(": ")[1], products, ["sums"])


def script(proof: Proof) -> None:
    """Each step is near the step of the periodic state, and the distances add up to a constant."""
    roots = "forall Y rand, Z rand: Y >= 0, Y <= Z => sqrt(Y) <= sqrt(Z)"
    proof.lemma("of_roots", roots, "orders_on_every_outcome", [], {})
    for beta in ("1", "2"):
        proof.have(f"rest{beta}", f"1 - beta{beta} > 0", [f"beta{beta}_most"])
        inverse(proof, f"rest{beta}", f"1 - beta{beta}", f"rest{beta}")
    rooted(proof, "f", "least", "positive")
    inverse(proof, "least", "least", "positive")
    chain = [("1/least", "f_one"), ("1/least*sqrt(least)/sqrt(least)", "f_one")]
    chain += [("-1/least/sqrt(least)^2", "f_squared"), ("-1/sqrt(least)^2", "least_one")]
    proof.have("f_share", "1/sqrt(least)^2 = 1/least", [], chain)
    states(proof)
    one_step(proof)
    periods(proof)
    trajectory(proof)


THEOREM = Theorem(
    theorem="adam_follows_the_drift_of_its_periodic_state",
    title="Adam follows the drift of its periodic state",
    says="""Adam without bias corrections, eps and projection, with a constant learning rate alpha, on a stream of
    linear losses whose gradients g come again after n steps and have squares of at least least. M and V are the
    periodic state of its averages m and v, |M| <= top. From any start with v(0) >= least, theta is after k periods at
    least as far up as k times what the periodic state moves in one period, up to a constant: if that is positive, theta
    goes up for ever.""",
    sources=["reddi2018convergence, Theorem 2"],
    variables={
        **{name: "real" for name in ("beta1", "beta2", "alpha", "least", "top")},
        **{name: "real(nat)" for name in ("g", "m", "v", "M", "V", "theta")},
        "n": "nat",
    },
    hypotheses={
        "beta1_least": "beta1 >= 0",
        "beta1_most": "beta1 < 1",
        "beta2_least": "beta2 >= 0",
        "beta2_most": "beta2 < 1",
        "rate": "alpha >= 0",
        "positive": "least > 0",
        "gradients": "forall t nat: g(t + 1)^2 >= least",
        "v_start": "v(0) >= least",
        "V_start": "V(0) >= least",
        "orbit_low": "forall t nat: M(t) >= -top",
        "orbit_high": "forall t nat: M(t) <= top",
        "m_average": "forall t nat: m(t + 1) = beta1*m(t) + (1 - beta1)*g(t + 1)",
        "M_average": "forall t nat: M(t + 1) = beta1*M(t) + (1 - beta1)*g(t + 1)",
        "v_average": "forall t nat: v(t + 1) = beta2*v(t) + (1 - beta2)*g(t + 1)^2",
        "V_average": "forall t nat: V(t + 1) = beta2*V(t) + (1 - beta2)*g(t + 1)^2",
        "M_again": "forall t nat: M(t + n) = M(t)",
        "V_again": "forall t nat: V(t + n) = V(t)",
        "step": f"forall t nat: theta(t + 1) = theta(t) - alpha*{STEP}",
    },
    claims={"drift": f"forall k nat: theta(n*k) - theta(0) >= alpha*(k*(-{DRIFT}) - {LOSS.format(t='0')})"},
    lemmas=["orders_on_every_outcome"],
    model={
        **{name: "1/2" for name in ("beta1", "beta2")},
        **{name: "1" for name in ("alpha", "least", "top", "n")},
        **{name: ["t", "1"] for name in ("g", "m", "v", "M", "V")},
        "theta": ["t", "-t/sqrt(1)"],
    },
    script=script,
    instances=[
        Instance(
            "three periods of 3, -1, -1 after one other step",
            {
                "beta1": "1/2",
                "beta2": "1/2",
                "alpha": "1/8",
                "least": "1",
                "top": "3",
                "n": "3",
                "g": Table(("0", "3", "-1", "-1", "3", "-1", "-1", "3", "-1", "-1")),
                "M": Recursion(("t",), "4/7*(g(1)/4 + g(2)/2 + g(3))", "(M(t) + g(t + 1))/2"),
                "V": Recursion(("t",), "4/7*(g(1)^2/4 + g(2)^2/2 + g(3)^2)", "(V(t) + g(t + 1)^2)/2"),
            },
            naturals={"": 10, "k": 4},
            run=Run(
                "adam@correction=none",
                {"eta": "alpha", "beta1": "beta1", "beta2": "beta2", "eps": "0"},
                "g(t + 1)",
                ("0",),
                9,
                {"m": along("m"), "v": along("v"), "theta": along("theta", -1)},
                why="torch corrects biases, which are gone in the limit that this is about",
                before=(("2",),),
            ),
            wrong=("adam", "adam@correction=none,second_moment=old"),
        )
    ],
)
