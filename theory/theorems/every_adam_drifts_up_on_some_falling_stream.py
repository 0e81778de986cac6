"""For all beta1, beta2 < 1 a periodic stream of linear losses falls while Adam goes up; its mean is explicit."""

from ..proving.instance import Instance, Read, Run, Table
from ..proving.positive import inverse
from ..proving.script import Proof
from ..proving.theorem import Theorem
from .powers_of_a_fraction import HALVES, known_powers

SPIKE, SUMS = "averages_of_one_spike_in_a_period", "opposite_orders_lower_the_sum_of_products"
ROOTS, ORDER = "reciprocal_roots_are_bounded_by_squares", "numbers_with_smaller_squares_are_smaller"
DRIFT = "-sum(j < N + 1, M(j)/sqrt(V(j)))"
LEAST = "N*(N - 1)*(1 - beta1)*(1 - beta2)/2*(1/(N + 1))^4"


def spiked(proof: Proof, name: str, average: str, beta: str, size: str) -> None:
    """What an average is that is a constant more than one of a single spike."""
    here = {place: average.replace("(j)", f"({place})") for place in ("j", "j + 1", "0", "N")}
    with proof.fixing(f"{name}_decay", f"forall j nat: {here['j + 1']} = {beta}*({average})") as inner:
        inner.use("step", f"{name}_average", j="j")
        inner.have("moved", f"{here['j + 1']} = {beta}*({average})", [], ["step"])
    closed = f"{here['0']} = {beta}*({here['N']}) + (1 - {beta})*({size})"
    proof.have(f"{name}_period", closed, [], [f"{name}_closed"])
    values = {"b": beta, "s": size, "N": "N", "u": ["j", average]}
    facts = [f"{name}_nonnegative", f"{name}_below_one", f"{name}_spike", f"{name}_decay", f"{name}_period"]
    for claim, text in (
        ("total", f"sum(j < N + 1, {average}) = {size}"),
        ("at_least_0", f"forall j nat: {average} >= 0"),
        ("falls", f"forall j nat: {here['j + 1']} <= {average}"),
        ("large", f"{size} <= (N + 1)*({here['0']})"),
        ("small", f"{here['0']} <= {size}"),
    ):
        proof.lemma(f"{name}_{claim}", text, SPIKE, facts, values)


def rooted(proof: Proof, name: str, value: str) -> None:
    """The root of a number above 0, and its reciprocal."""
    proof.use(f"{name}_root", "root_positive", f"{name}_above", x=value)
    proof.have(f"{name}_weak", f"{value} >= 0", [f"{name}_above"])
    proof.use(f"{name}_squared", "root_squared", f"{name}_weak", x=value)
    inverse(proof, name, f"sqrt({value})", f"{name}_root")


def falls_back(proof: Proof, name: str, before: str, after: str) -> None:
    """1/sqrt rises where V falls: sqrt(V(j + 1)) <= sqrt(V(j))."""
    for place in (before, after):
        key = "old" if place == before else "new"
        proof.use(f"{key}_size", "V_at_least_0", j=place)
        proof.have(f"{key}_above", f"V({place}) > 0", [f"{key}_size"])
        rooted(proof, key, f"V({place})")
    proof.use("fall", "V_falls", j=before)
    low = f"1/sqrt(V({before}))"
    proof.have("small", f"({low})^2*V({after}) <= 1", ["fall*old_inverse*old_inverse"], ["old_one", "old_squared"])
    proof.lemma(name, f"1/sqrt(V({after})) >= {low}", ROOTS, ["new_above", "small"], {"y": f"V({after})", "low": low})


def first_step(proof: Proof) -> None:
    """1/sqrt(V(1)) - 1/sqrt(V(0)) >= (1 - beta2)(N - 1)/(2 (N + 1)^3)."""
    proof.have("n_positive", "N + 1 > 0", ["long"])
    inverse(proof, "n", "N + 1", "n_positive")
    proof.use("V_fall", "V_falls", j="0")
    proof.have("V_most", "V(0) <= (N + 1)^2", ["V_small", "slight*positive_sum", "slight*n_positive"])
    for name, value in (("zero", "V(0)"), ("one", "V(1)")):
        proof.use(f"{name}_size", "V_at_least_0", j=value[2])
        proof.have(f"{name}_above", f"{value} > 0", [f"{name}_size"])
        proof.have(f"{name}_most", f"{value} <= (N + 1)^2", ["V_most", "V_fall"])
        rooted(proof, name, value)
        squares = ([f"{name}_most"], [f"{name}_squared"])
        proof.have(f"{name}_square", f"sqrt({value})^2 <= (N + 1)^2", *squares)
        proof.have(f"{name}_n", "N + 1 >= 0", ["n_positive"])
        values = {"a": f"sqrt({value})", "b": "N + 1"}
        proof.lemma(f"{name}_root_most", f"sqrt({value}) <= N + 1", ORDER, [f"{name}_n", f"{name}_square"], values)
        low = (["n_inverse", f"{name}_root_most*{name}_inverse*n_inverse"], [f"{name}_one", "n_one"])
        proof.have(f"{name}_low", f"1/sqrt({value}) >= 1/(N + 1)", *low)
    proof.use("V_decay_first", "V_average", j="0")
    rest = "V_large*V_rest"
    proof.have("drop_wide", "(N + 1)*(V(0) - V(1)) >= (1 - beta2)*((N + delta)^2 - 1)", [rest], ["V_decay_first"])
    more = ["drop_wide", "V_rest*nonnegative*long", "V_rest*nonnegative*nonnegative", "V_rest*nonnegative"]
    proof.have("drop_wider", "(N + 1)*(V(0) - V(1)) >= (1 - beta2)*(N - 1)*(N + 1)", more)
    proof.have("drop", "V(0) - V(1) >= (1 - beta2)*(N - 1)", ["drop_wider*n_inverse"], ["n_one"])
    gap = "sqrt(V(0)) - sqrt(V(1))"
    proof.have("order_square", "sqrt(V(1))^2 <= sqrt(V(0))^2", ["V_fall"], ["zero_squared", "one_squared"])
    proof.have("order_sign", "sqrt(V(0)) >= 0", ["zero_root"])
    values = {"a": "sqrt(V(1))", "b": "sqrt(V(0))"}
    proof.lemma("order", "sqrt(V(1)) <= sqrt(V(0))", ORDER, ["order_sign", "order_square"], values)
    wide = f"2*(N + 1)*({gap}) >= (1 - beta2)*(N - 1)"
    products = ["drop", "order*zero_root_most", "order*one_root_most"]
    proof.have("gap_wide", wide, products, ["zero_squared", "one_squared"])
    proof.have("gap", f"{gap} >= (1 - beta2)*(N - 1)/2*(1/(N + 1))", ["gap_wide*n_inverse"], ["n_one"])
    proof.have(
        "bottom",
        "1/sqrt(V(0))*(1/sqrt(V(1))) >= (1/(N + 1))^2",
        ["zero_low*one_low", "zero_low*n_inverse", "one_low*n_inverse"],
    )
    proof.have("long_part", "N - 1 > 0", ["long"])
    proof.have(
        "rise",
        "1/sqrt(V(1)) - 1/sqrt(V(0)) >= (1 - beta2)*(N - 1)/2*(1/(N + 1))^3",
        ["gap*zero_inverse*one_inverse", "bottom*V_rest*long_part*n_inverse"],
        ["zero_one", "one_one", "n_one"],
    )


def script(proof: Proof) -> None:
    """M and V fall over the period from the spike on; Chebyshev's inequality for M and 1/sqrt(V)."""
    proof.have("positive_sum", "N + delta > 0", ["long", "nonnegative"])
    proof.have("M_spike", "N + 1 + delta > 0", ["positive_sum"])
    proof.have(
        "V_spike",
        "(N + delta)^2 - 1 > 0",
        ["long*long", "long*nonnegative", "nonnegative*nonnegative", "long", "nonnegative"],
    )
    proof.have("V_rest", "1 - beta2 > 0", ["V_below_one"])
    proof.have("M_rest", "1 - beta1 > 0", ["M_below_one"])
    spiked(proof, "M", "M(j) + 1", "beta1", "N + 1 + delta")
    spiked(proof, "V", "V(j) - 1", "beta2", "(N + delta)^2 - 1")
    first_step(proof)
    with proof.fixing("M_order", "forall i nat: M(i + 1) <= M(i)") as inner:
        inner.use("fall", "M_falls", j="i")
        inner.have("lower", "M(i + 1) <= M(i)", ["fall"])
    with proof.fixing("W_order", "forall i nat: 1/sqrt(V(i)) <= 1/sqrt(V(i + 1))") as inner:
        falls_back(inner, "higher", "i", "i + 1")
    with proof.fixing("W_most", "forall j nat: 1/sqrt(V(j)) <= 1") as inner:
        inner.use("v_size", "V_at_least_0", j="j")
        inner.have("v_above", "V(j) > 0", ["v_size"])
        rooted(inner, "v", "V(j)")
        inner.have("one_positive", "sqrt(V(j)) >= 0", ["v_root"])
        inner.have("own_square", "1^2 <= sqrt(V(j))^2", ["v_size"], ["v_squared"])
        inner.lemma(
            "root_large", "1 <= sqrt(V(j))", ORDER, ["one_positive", "own_square"], {"a": "1", "b": "sqrt(V(j))"}
        )
        inner.have("most", "1/sqrt(V(j)) <= 1", ["root_large*v_inverse"], ["v_one"])
    whole = "sum(j < m + 1, M(j))*sum(j < m + 1, 1/sqrt(V(j))) - m*((M(0) - M(1))*(1/sqrt(V(1)) - 1/sqrt(V(0))))"
    values = {"x": ["j", "M(j)"], "y": ["j", "1/sqrt(V(j))"]}
    claim = f"forall m nat: (m + 1)*sum(j < m + 1, M(j)*(1/sqrt(V(j)))) <= {whole}"
    proof.lemma("chebyshev", claim, SUMS, ["M_order", "W_order"], values)
    proof.use("here", "chebyshev", m="N")
    proof.linear("M_split", "sum(j < N + 1, M(j) + 1) = sum(j < N + 1, M(j)) + N + 1")
    proof.have("M_sum", "sum(j < N + 1, M(j)) = delta", [], [("1", "M_total"), ("1", "M_split")])
    proof.add("W_sum", "sum(j < N + 1, 1/sqrt(V(j))) <= N + 1", "W_most", "N + 1")
    proof.use("M_first", "M_average", j="0")
    proof.have("M_wide", "(N + 1)*(M(0) + 1) >= N + 1", ["M_large", "nonnegative"])
    proof.have("M_high", "M(0) + 1 >= 1", ["M_wide*n_inverse"], ["n_one"])
    proof.have("M_drop", "M(0) - M(1) >= 1 - beta1", ["M_high*M_rest"], ["M_first"])
    proof.have(
        "rise_positive",
        "(1 - beta2)*(N - 1)/2*(1/(N + 1))^3 > 0",
        ["V_rest*long_part*n_inverse*n_inverse*n_inverse"],
        ["n_one"],
    )
    proof.have("n_long", "N >= 0", ["long"])
    low = "(1 - beta1)*((1 - beta2)*(N - 1)/2*(1/(N + 1))^3)"
    products = ["M_drop*rise_positive", "M_drop*rise", "M_rest*rise"]
    proof.have("product", f"(M(0) - M(1))*(1/sqrt(V(1)) - 1/sqrt(V(0))) >= {low}", products)
    wide = f"(N + 1)*({DRIFT}) >= N*({low}) - delta*(N + 1)"
    proof.have("drift_wide", wide, ["here", "product*n_long", "W_sum*nonnegative"], ["M_sum"])
    proof.have("drift", f"{DRIFT} >= {LEAST} - delta", ["drift_wide*n_inverse"], ["n_one"])
    proof.have("wrong", f"{DRIFT} > 0", ["drift", "little"])


MEAN, SQUARE = f"-1 + 3001/1750*{HALVES}", f"1 + 3004001/1750000*{HALVES}"


def shown(proof: Proof) -> None:
    """n = 3, beta1 = beta2 = 1/2, delta = 1/1000: powers of 1/2."""
    known_powers(proof)
    proof.use("quarter", "halves", i="1")
    for name, average, new in (("M", MEAN, "2 + 1/1000"), ("V", SQUARE, "(2 + 1/1000)^2")):
        spike = f"{average} = 1/2*({average.replace('i*', '2*')}) + (1 - 1/2)*({new})"
        first = spike.replace("i*", "0*")
        proof.have(f"{name}_closed", first, [], ["halves_start", "quarter", "half"])
        sign = "-" if name == "M" else "+"
        step = f"{average.replace('i*', '(j + 1)*')} = 1/2*({average.replace('i*', 'j*')}) {sign} (1 - 1/2)"
        with proof.fixing(f"{name}_average", f"forall j nat: {step}") as inner:
            inner.use("power", "halves", i="j")
            inner.have("step", step, [], ["power"])


THEOREM = Theorem(
    theorem="every_adam_drifts_up_on_some_falling_stream",
    title="Every Adam drifts up on some falling stream",
    says="""Adam without eps, with any 0 <= beta1 < 1 and 0 <= beta2 < 1, on linear losses with the gradients n - 1 +
    delta, -1, .., -1 again and again, n = N + 1 >= 3. Their sum is delta >= 0, so the losses fall downwards. If delta
    is less than c = (n - 1)(n - 2)(1 - beta1)(1 - beta2)/(2 n^4), then in the periodic state of m and v the steps of
    one period add up to at least c - delta > 0 upwards, times the step size: Adam goes up.""",
    sources=["reddi2018convergence, Theorem 2, sharpened: no condition on the betas"],
    variables={
        "beta1": "real",
        "beta2": "real",
        "delta": "real",
        "N": "nat",
        "M": "real(nat)",
        "V": "real(nat)",
    },
    hypotheses={
        "M_nonnegative": "beta1 >= 0",
        "M_below_one": "beta1 < 1",
        "V_nonnegative": "beta2 >= 0",
        "V_below_one": "beta2 < 1",
        "long": "N >= 2",
        "nonnegative": "delta >= 0",
        "slight": "delta <= 1",
        "M_average": "forall j nat: M(j + 1) = beta1*M(j) - (1 - beta1)",
        "M_closed": "M(0) = beta1*M(N) + (1 - beta1)*(N + delta)",
        "V_average": "forall j nat: V(j + 1) = beta2*V(j) + (1 - beta2)",
        "V_closed": "V(0) = beta2*V(N) + (1 - beta2)*(N + delta)^2",
        "little": f"delta < {LEAST}",
    },
    claims={"drift": f"{DRIFT} >= {LEAST} - delta", "wrong": f"{DRIFT} > 0"},
    lemmas=[SPIKE, SUMS, ROOTS, ORDER],
    model={
        "beta1": "1/2",
        "beta2": "1/2",
        "delta": "1/1000",
        "N": "2",
        "M": ["i", MEAN],
        "V": ["i", SQUARE],
    },
    shown=shown,
    script=script,
    instances=[
        Instance(
            "twenty periods of torch's averages",
            {
                "beta1": "1/2",
                "beta2": "1/2",
                "N": "2",
                "delta": "1/1024",
                "g": Table(("2049/1024", "-1", "-1") * 21),
            },
            naturals={"": 3},
            run=Run(
                "adam",
                {"beta1": "beta1", "beta2": "beta2"},
                "g(t)",
                ("0",),
                63,
                {"M": Read("m", ("j",), "j", "0", 61), "V": Read("v", ("j",), "j", "0", 61)},
                torch="Adam",
            ),
        )
    ],
)
