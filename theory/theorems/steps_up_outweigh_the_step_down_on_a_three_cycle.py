"""The steps of Adam with beta1 = 0 on the stream of Reddi, Kale & Kumar (2018, Theorem 1), in every cycle."""

from ..proving.instance import Instance, Run, Table, along
from ..proving.positive import inverse
from ..proving.script import Proof
from ..proving.theorem import Theorem

ROOTS, ABOVE = "reciprocal_roots_are_bounded_by_squares", "reciprocal_roots_are_at_most_what_squares_say"
ORDER = "numbers_with_smaller_squares_are_smaller"
GAP = "1/sqrt({two})/sqrt(second({k})) + 1/sqrt({three})/sqrt(third({k})) - C/sqrt({one})/sqrt(first({k}))"
ROOM = " >= 1/50/(sqrt(1 - beta)*sqrt({one}))"
MOMENTS = ["v_third", "v_second", "v_first"]


def said(k: str, one: str, two: str, three: str) -> str:
    """The claim at the three times of cycle k."""
    return (GAP + ROOM).format(k=k, one=one, two=two, three=three)


def constants(proof: Proof) -> None:
    """beta C^2 = 1 - beta, 0 < beta <= 1/5, and the reciprocals of C and of sqrt(1 - beta)."""
    proof.have("size", "C^2 >= 4", ["large*large", "large"])
    proof.have("whole", "1 + C^2 > 0", ["size"])
    proof.use("whole_apart", "positive_is_apart", "whole", x="1 + C^2")
    proof.use("whole_one", "reciprocal", "whole_apart", x="1 + C^2")
    proof.use("beta_inverse", "reciprocal_positive", "whole", x="1 + C^2")
    proof.have("beta_positive", "beta > 0", ["beta_inverse"], ["rate"])
    proof.have("balance", "beta*C^2 = 1 - beta", [], ["rate", "whole_one"])
    proof.have("beta_small", "beta <= 1/5", ["size*beta_positive"], ["balance"])
    proof.have("rest", "1 - beta > 0", ["beta_small"])
    proof.use("rest_apart", "positive_is_apart", "rest", x="1 - beta")
    proof.have("C_positive", "C > 0", ["large"])
    inverse(proof, "C", "C", "C_positive")
    rooted(proof, "w", "1 - beta", "rest")


def rooted(proof: Proof, name: str, value: str, positive: str) -> None:
    """1/sqrt(value) > 0, and its square is 1/value."""
    proof.use(f"{name}_root", "root_positive", positive, x=value)
    proof.have(f"{name}_weak", f"{value} >= 0", [positive])
    proof.use(f"{name}_squared", "root_squared", f"{name}_weak", x=value)
    inverse(proof, name, f"sqrt({value})", f"{name}_root")
    proof.have(f"{name}_square", f"(1/sqrt({value}))^2*({value}) = 1", [], [f"{name}_one", f"{name}_squared"])


def moments(proof: Proof, k: str) -> None:
    """What v is at the three times of cycle k, from what it was before."""
    for name in ("first", "second", "third"):
        proof.use(f"v_{name}", f"at_{name}", k=k)


def bounded(proof: Proof) -> None:
    """0 <= v <= C^2 before every cycle."""
    with proof.induction("v_nonnegative", "forall k nat: start(k) >= 0") as (zero, following):
        zero.have("now", "start(0) >= 0", [], ["nothing"])
        moments(following, "k")
        following.use("v_next", "again", k="k")
        products = ["before*beta_positive*beta_positive*beta_positive", "rest", "rest*beta_positive", "beta_positive"]
        products += ["rest*beta_positive*beta_positive*size", "rest*beta_positive*beta_positive"]
        following.have("step", "start(k + 1) >= 0", products, ["v_next", *MOMENTS])
    with proof.induction("v_bounded", "forall k nat: start(k) <= C^2") as (zero, following):
        zero.have("now", "start(0) <= C^2", ["size"], ["nothing"])
        moments(following, "k")
        following.use("v_next", "again", k="k")
        products = ["before*beta_positive*beta_positive*beta_positive", "rest*size", "rest*size*beta_positive", "rest"]
        products += ["rest*beta_positive"]
        following.have("step", "start(k + 1) <= C^2", products, ["v_next", *MOMENTS])


def lower(proof: Proof, name: str, y: str, low: str, positive: str, small: str) -> None:
    """1/sqrt(y) >= low."""
    proof.lemma(name, f"1/sqrt({y}) >= {low}", ROOTS, [positive, small], {"y": y, "low": low})


def down(proof: Proof, moment: str) -> None:
    """The step down is at most 1/sqrt(1 - beta) per 1/sqrt(t): v >= (1 - beta) C^2."""
    high = "1/sqrt(1 - beta)*(1/C)"
    proof.have("high_nonnegative", f"{high} >= 0", ["w_inverse*C_inverse"])
    inverses = "w_inverse*w_inverse*C_inverse*C_inverse"
    proof.have("high_large", f"({high})^2*{moment} >= 1", [f"v_large*{inverses}"], ["w_one", "w_squared", "C_one"])
    hypotheses = ["v_positive", "high_nonnegative", "high_large"]
    proof.lemma("root_down", f"1/sqrt({moment}) <= {high}", ABOVE, hypotheses, {"y": moment, "high": high})


def later(proof: Proof, k: str, one: str, two: str, three: str) -> None:
    """From the second cycle on: t + 1 <= 5 t/4, t + 2 <= 3 t/2, and v <= 2 (1 - beta) at both steps up."""
    moments(proof, k)
    proof.use("v_before", "v_nonnegative", k=k)
    proof.use("v_most", "v_bounded", k=k)
    proof.have("v_large", f"first({k}) >= (1 - beta)*C^2", ["v_before*beta_positive"], MOMENTS)
    proof.have("v_positive", f"first({k}) > 0", ["v_large", "rest*C_positive*C_positive"])
    proof.have("v_one", f"first({k}) <= C^2", ["v_most*beta_positive"], MOMENTS)
    more = ["v_third", "v_second"]
    proof.have("v_two", f"second({k}) <= 2*(1 - beta)", ["v_one*beta_positive", "balance_low"], more)
    proof.have("v_two_positive", f"second({k}) > 0", ["v_positive*beta_positive", "rest"], more)
    proof.have("v_two_most", f"second({k}) <= C^2", ["v_two", "size", "beta_positive"], [])
    last = ["v_third"]
    proof.have("v_three", f"third({k}) <= 2*(1 - beta)", ["v_two_most*beta_positive", "balance_low"], last)
    proof.have("v_three_positive", f"third({k}) > 0", ["v_two_positive*beta_positive", "rest"], last)
    proof.have("time_positive", f"{one} > 0", ["time"])
    rooted(proof, "t", one, "time_positive")
    down(proof, f"first({k})")
    places = (("two", two, f"second({k})", "447/500"), ("three", three, f"third({k})", "102/125"))
    for name, place, moment, ratio in places:
        proof.have(f"time_{name}", f"{place} > 0", ["time"])
        low = f"1/sqrt({one})*({ratio})"
        products = ["time", "time*t_inverse*t_inverse", "t_inverse*t_inverse"]
        proof.have(f"late_{name}", f"({low})^2*({place}) <= 1", products, ["t_one", "t_squared"])
        lower(proof, f"root_{name}", place, low, f"time_{name}", f"late_{name}")
        low = "1/sqrt(1 - beta)*(707/1000)"
        products = [f"v_{name}*w_inverse*w_inverse"]
        proof.have(f"slow_{name}", f"({low})^2*{moment} <= 1", products, ["w_one", "w_squared"])
        lower(proof, f"size_{name}", f"{moment}", low, f"v_{name}_positive", f"slow_{name}")
    products = [f"root_{name}*size_{name}" for name in ("two", "three")]
    products += [f"root_{name}*w_inverse" for name in ("two", "three")]
    products += [f"size_{name}*t_inverse" for name in ("two", "three")]
    products += ["root_down*C_positive*t_inverse", "w_inverse*t_inverse"]
    proof.have("moves", said(k, one, two, three), products, ["C_one"])


def equal_roots(proof: Proof, name: str, time: str, moment: str, both: str) -> None:
    """1/sqrt(time)/sqrt(v) >= 1/sqrt(1 - beta)/sqrt(both), because time v = (1 - beta) both."""
    proof.have(f"{name}_time", f"{time} > 0")
    rooted(proof, f"{name}_t", time, f"{name}_time")
    rooted(proof, f"{name}_v", moment, f"{name}_moment")
    rooted(proof, f"{name}_b", both, f"{name}_both")
    left, right = f"(1/sqrt({time}))^2*(1/sqrt({moment}))^2", f"(1/sqrt(1 - beta))^2*(1/sqrt({both}))^2"
    here, there = f"1/sqrt({time})*(1/sqrt({moment}))", f"1/sqrt(1 - beta)*(1/sqrt({both}))"
    chain = [
        (left, "w_square"),
        (f"{left}*(1/sqrt(1 - beta))^2*(1 - beta)", f"{name}_b_square"),
        (right, f"{name}_t_square"),
        (f"{right}*(1/sqrt({time}))^2*({time})", f"{name}_v_square"),
        (f"{left}*{right}", f"{name}_product"),
    ]
    proof.have(f"{name}_squares", f"({there})^2 <= ({here})^2", [], chain)
    proof.have(f"{name}_here", f"{here} >= 0", [f"{name}_t_inverse*{name}_v_inverse"])
    hypotheses = [f"{name}_here", f"{name}_squares"]
    proof.lemma(f"{name}_step", f"{there} <= {here}", ORDER, hypotheses, {"a": there, "b": here})


def earliest(proof: Proof) -> None:
    """The first cycle, where v is 1 - beta times C^2, 2 - beta and 1 + 2 beta - beta^2."""
    moments(proof, "0")
    equations = ["v_third", "v_second", "v_first", "nothing", "balance@beta*C^2"]
    proof.have("v_large", "first(0) >= (1 - beta)*C^2", [], ["v_first", "nothing"])
    proof.have("v_positive", "first(0) > 0", ["v_large", "rest*C_positive*C_positive"])
    proof.have("two_product", "2*second(0) = (1 - beta)*(2*(2 - beta))", [], equations)
    proof.have("three_product", "3*third(0) = (1 - beta)*(3*(1 + 2*beta - beta^2))", [], equations)
    proof.have("two_both", "2*(2 - beta) > 0", ["rest"])
    proof.have("three_both", "3*(1 + 2*beta - beta^2) > 0", ["rest*beta_positive", "beta_positive"])
    proof.have("two_moment", "second(0) > 0", ["rest*two_both"], ["two_product"])
    proof.have("three_moment", "third(0) > 0", ["rest*three_both"], ["three_product"])
    equal_roots(proof, "two", "2", "second(0)", "2*(2 - beta)")
    equal_roots(proof, "three", "3", "third(0)", "3*(1 + 2*beta - beta^2)")
    proof.have("time_one", "1 > 0")
    rooted(proof, "t", "1", "time_one")
    proof.have("here", "1^2*1 >= 1")
    proof.have("not_negative", "1 >= 0")
    proof.lemma("now", "1/sqrt(1) <= 1", ABOVE, ["time_one", "not_negative", "here"], {"y": "1", "high": "1"})
    down(proof, "first(0)")
    first = "1/sqrt(2*(2 - beta)) + 1/sqrt(3*(1 + 2*beta - beta^2)) >= 511/500"
    proof.have("beta_weak", "beta >= 0", ["beta_positive"])
    proof.lemma("cycle", first, "reddis_first_cycle_moves_up", ["beta_weak", "beta_small"], {"beta": "beta"})
    products = ["two_step", "three_step", "cycle*w_inverse", "root_down*C_positive*t_inverse", "now*w_inverse"]
    products += ["w_inverse"]
    proof.have("moves", said("0", "1", "2", "3"), products, ["C_one"])


def positive(proof: Proof) -> None:
    """v is positive after every gradient."""
    for name, moment in (("two", "second(k)"), ("three", "third(k)")):
        with proof.fixing(f"{name}_positive", f"forall k nat: {moment} > 0") as inner:
            moments(inner, "k")
            inner.use("v_before", "v_nonnegative", k="k")
            products = ["v_before*beta_positive", "v_before*beta_positive*beta_positive", "rest*C_positive*C_positive"]
            products += ["v_before*beta_positive*beta_positive*beta_positive", "rest", "rest*beta_positive"]
            products += [f"rest*C_positive*C_positive*{'*'.join(['beta_positive'] * power)}" for power in (1, 2)]
            inner.have("now", f"{moment} > 0", products, MOMENTS)


def script(proof: Proof) -> None:
    """The first cycle by its own inequality; the later ones because their times are nearly equal."""
    constants(proof)
    proof.have("balance_low", "beta*C^2 <= 1 - beta", [], ["balance"])
    bounded(proof)
    positive(proof)
    with proof.induction("up", "forall k nat: " + said("k", "3*k + 1", "3*k + 2", "3*k + 3")) as (zero, following):
        earliest(zero)
        following.use("natural_k", "natural", n="k")
        following.have("time", "3*k + 4 >= 4", ["natural_k"])
        later(following, "k + 1", "3*k + 4", "3*k + 5", "3*k + 6")


START = "119/111*(1 - exp(k*log(1/1000)))"
FIRST = f"1/10*({START}) + 81/10"
SECOND = f"1/10*({FIRST}) + 9/10"
THIRD = f"1/10*({SECOND}) + 9/10"
MODEL = {
    "C": "3",
    "beta": "1/10",
    "start": ["k", START],
    "first": ["k", FIRST],
    "second": ["k", SECOND],
    "third": ["k", THIRD],
}


def shown(proof: Proof) -> None:
    """exp((k + 1) log(1/1000)) = exp(k log(1/1000))/1000."""
    proof.use("zero", "exp_of_zero")
    proof.have("nothing", START.replace("k", "0") + " = 0", [], ["zero"])
    proof.have("positive", "1/1000 > 0")
    proof.use("ratio", "exp_of_log", "positive", x="1/1000")
    again = START.replace("k", "(k + 1)") + " = " + THIRD
    with proof.fixing("again", f"forall k nat: {again}") as inner:
        inner.use("power", "exp_of_sum", x="k*log(1/1000)", y="log(1/1000)")
        inner.have("step", again, [], ["power", "ratio"])


THEOREM = Theorem(
    theorem="steps_up_outweigh_the_step_down_on_a_three_cycle",
    title="Steps up outweigh the step down on a three-cycle",
    says="""Adam with beta1 = 0 and beta2 = 1/(1 + C^2), C > 2, sees the gradients C, -1, -1 again and again; start,
    first, second and third are v before cycle k = 0, 1, .. and after each of its gradients. In every cycle, the first
    included, its two steps up are together larger than its step down, by at least 1/50 of 1/sqrt((1 - beta2) t), t
    being the time of the step down and 1/sqrt(t) the learning rate.""",
    sources=["reddi2018convergence, Theorem 1"],
    variables={
        "C": "real",
        "beta": "real",
        "start": "real(nat)",
        "first": "real(nat)",
        "second": "real(nat)",
        "third": "real(nat)",
    },
    hypotheses={
        "large": "C > 2",
        "rate": "beta = 1/(1 + C^2)",
        "nothing": "start(0) = 0",
        "at_first": "forall k nat: first(k) = beta*start(k) + (1 - beta)*C^2",
        "at_second": "forall k nat: second(k) = beta*first(k) + (1 - beta)",
        "at_third": "forall k nat: third(k) = beta*second(k) + (1 - beta)",
        "again": "forall k nat: start(k + 1) = third(k)",
    },
    claims={
        "up": "forall k nat: " + said("k", "3*k + 1", "3*k + 2", "3*k + 3"),
        "two_positive": "forall k nat: second(k) > 0",
        "three_positive": "forall k nat: third(k) > 0",
    },
    lemmas=[ORDER, ROOTS, ABOVE, "reddis_first_cycle_moves_up"],
    model=MODEL,
    shown=shown,
    script=script,
    instances=[
        Instance(
            "three cycles of 3, -1, -1",
            {"C": "3", "beta": "1/(1 + C^2)", "signs": Table(("C", "-1", "-1") * 3)},
            naturals={"": 3},
            run=Run(
                "adam@correction=none",
                {"eta": "1/16/sqrt(t + 1)", "beta1": "0", "beta2": "beta", "eps": "0"},
                "signs(t)",
                ("-1/2",),
                9,
                {
                    "start": along("v", letter="k", each="3"),
                    "first": along("v", 1, "k", "3"),
                    "second": along("v", 2, "k", "3"),
                    "third": along("v", 3, "k", "3"),
                },
                why="torch corrects biases",
            ),
            wrong=(),
        )
    ],
)
