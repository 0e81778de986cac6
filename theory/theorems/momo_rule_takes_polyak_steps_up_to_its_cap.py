"""MoMo by its own rule takes Polyak steps up to its cap, on convex losses (Schaipp et al. 2024, Section 4)."""

from collections.abc import Iterable, Mapping

from ..proving.define import Definitions
from ..proving.instance import Given, Recursion
from ..proving.momo_distance import CONVEX, EXCESS, NOW, TOWARDS, below_the_bound, beside, undecayed
from ..proving.momo_runs import RESTS, momo_by_its_rule
from ..proving.momo_value import CUT, Q
from ..proving.positive import inverse
from ..proving.script import Proof, square
from ..proving.theorem import Theorem, Value
from . import inner_products_are_at_most_products_of_lengths as lengths_of
from . import momo_rule_takes_the_step_of_its_closed_form as rule
from . import momo_share_gives_its_step_size as share

U, X = rule.U, rule.X
PART = f"max(0, {EXCESS})"
SIZE = f"min(eta(t + 1), {PART}/{Q})"


def step_sizes(proof: Proof) -> None:
    """`polyak`, that P/|m|^2 |m|^2 is P = max(0, e), `ratio_signs`, and `taken`: the rule's step is min(eta, P/|m|^2).

    From `below`: where m is 0, the averaged model is flat and not above f_star at best, so that P is 0.
    """
    with proof.fixing("lengths_signs", f"forall t nat: {Q} >= 0") as inner:
        with inner.fixing("squares", "forall j nat: m(t + 1, j)^2 >= 0") as one:
            one.have("now", "m(t + 1, j)^2 >= 0", [square("m(t + 1, j)")])
        inner.add("now", f"{Q} >= 0", "squares", "n")
    with proof.fixing("parts", f"forall t nat: {PART} >= 0") as inner:
        inner.use("above", "absolute_above", x=f"0 - {EXCESS}")
        inner.have("now", f"{PART} >= 0", ["above"])
    with proof.fixing("polyak", f"forall t nat: {PART}/{Q}*{Q} = {PART}") as inner:
        inner.use("part_sign", "parts", t="t")
        flat_models_are_low(inner)
        inner.use("Q_sign", "lengths_signs", t="t")
        with inner.cases("now", f"{PART}/{Q}*{Q} = {PART}", on=f"0 - {Q}", assume="flat") as (none, some):
            none.have("Q_most", f"{Q} <= 0", ["flat"])
            none.use("Q_zero", "zero_of_both_signs", "Q_sign", "Q_most", x=Q)
            none.have("small", f"{PART}^2 <= 0", ["short"], ["Q_zero"])
            vanishes(none, "part_zero", PART, "part_sign", "small")
            none.have("now", f"{PART}/{Q}*{Q} = {PART}", [], ["Q_zero", ("1", "part_zero")])
            some.have("large", f"{Q} > 0", ["flat"])
            inverse(some, "Q", Q, "large")
            some.have("now", f"{PART}/{Q}*{Q} = {PART}", [], ["Q_one"])
    with proof.fixing("ratio_signs", f"forall t nat: {PART}/{Q} >= 0") as inner:
        for name, fact in (("ratio", "polyak"), ("part_sign", "parts"), ("Q_sign", "lengths_signs")):
            inner.use(name, fact, t="t")
        inner.have("now", f"{PART}/{Q} >= 0", [square(f"1/{Q}") * "part_sign*Q_sign"], [(f"1/{Q}", "ratio")])
    with proof.fixing("taken", f"forall t nat: eta(t + 1)*{CUT} = {SIZE}") as inner:
        step_is_taken(inner)


def flat_models_are_low(proof: Proof) -> None:
    """`short`: P^2 <= |m|^2 |theta - best|^2, by the inequality of Cauchy and Schwarz."""
    proof.use("below_here", "below", t="t")
    letters = {"n": "n", "x": ["j", "m(t + 1, j)"], "y": ["j", "best(j) - theta(t, j)"]}
    towards = TOWARDS.format(m="t + 1", t="t")
    proof.lemma("schwarz", f"{towards}^2 <= {Q}*{NOW}", lengths_of.THEOREM.theorem, [], letters)
    with proof.cases("short", f"{PART}^2 <= {Q}*{NOW}", on=f"0 - {EXCESS}", assume="low") as (down, up):
        down.use("value_here", "absolute_of_nonnegative", "low", x=f"0 - {EXCESS}")
        down.have("now", f"{PART}^2 <= {Q}*{NOW}", ["schwarz", square(towards)], ["value_here"])
        up.use("value_here", "absolute_of_negative", "low", x=f"0 - {EXCESS}")
        up.have("down", f"0 - {towards} - {EXCESS} >= 0", ["below_here"])
        products = ["schwarz", "down*down", "down*low"]
        up.have("now", f"{PART}^2 <= {Q}*{NOW}", products, ["value_here"])


def vanishes(proof: Proof, name: str, x: str, sign: str, small: str) -> None:
    """x = 0 from x >= 0 and x^2 <= 0."""
    with proof.cases(name, f"{x} = 0", on=f"0 - {x}", assume="case") as (none, some):
        none.have("no_more", f"{x} <= 0", ["case"])
        none.use("now", "zero_of_both_signs", sign, "no_more", x=x)
        some.have("positive", f"{x} > 0", ["case"])
        inverse(some, "x", x, "positive")
        some.have("no_more", f"{x} <= 0", [f"{small}*x_inverse"], ["x_one"])
        some.use("now", "zero_of_both_signs", sign, "no_more", x=x)


def step_is_taken(proof: Proof) -> None:
    """The rule's step at t: where m is 0 it is 0."""
    proof.have("one", "1 > 0")
    for name, fact in (("rate", "rates"), ("ratio", "polyak"), ("Q_sign", "lengths_signs")):
        proof.use(name, fact, t="t")
    proof.use("length", "lengths", t="t")
    proof.use("height", "heights", t="t")
    values = {"cap": "eta(t + 1)", "A": "1", "N": EXCESS, "Q": Q, "q": "q(t + 1)", "r": "rest(t + 1)"}
    facts = ["rate", "one", "Q_sign", "length", "height"]
    step, claim = f"eta(t + 1)*{CUT}", f"eta(t + 1)*{CUT} = {SIZE}"
    proof.lemma("scaled", f"{Q}*({step}) = {Q}*{SIZE}", share.THEOREM.theorem, facts, values)
    with proof.cases("now", claim, on=f"0 - {Q}", assume="flat") as (none, some):
        none.have("Q_most", f"{Q} <= 0", ["flat"])
        none.use("Q_zero", "zero_of_both_signs", "Q_sign", "Q_most", x=Q)
        none.have("part", f"{PART} = 0", [], [("-1", "ratio"), "Q_zero"])
        none.have("room", f"eta(t + 1) - {PART}/{Q} >= 0", ["rate"], [(f"1/{Q}", "part")])
        none.use("least", "absolute_of_nonnegative", "room", x=f"eta(t + 1) - {PART}/{Q}")
        none.have("none", "q(t + 1) - 0 = 0", [], ["length", "Q_zero"])
        none.have("sign", "q(t + 1) - 0 >= 0", [], ["none"])
        none.use("no_size", "absolute_of_nonnegative", "sign", x="q(t + 1) - 0")
        none.have("now", claim, [], ["least", (f"1/{Q}", "part"), "no_size", "none"])
        some.have("large", f"{Q} > 0", ["flat"])
        inverse(some, "Q", Q, "large")
        some.have("now", claim, [], [(f"1/{Q}", "scaled"), (f"{SIZE} - {step}", "Q_one")])


def step_size(proof: Proof) -> None:
    """`tau_sign`, tau >= 0, `tau_most`, tau <= P/|m|^2, and `tau_size`, tau |m|^2 <= P."""
    between = f"eta(t + 1) - {PART}/{Q}"
    with proof.fixing("tau_sign", CLAIMS["tau_sign"]) as inner:
        for name, fact in (("rate", "rates"), ("ratio_sign", "ratio_signs"), ("tau_value", "size")):
            inner.use(name, fact, t="t")
        with inner.cases("now", "tau(t + 1) >= 0", on=between, assume="sign") as (more, less):
            more.use("value_here", "absolute_of_nonnegative", "sign", x=between)
            more.have("now", "tau(t + 1) >= 0", ["ratio_sign"], ["tau_value", "value_here"])
            less.use("value_here", "absolute_of_negative", "sign", x=between)
            less.have("now", "tau(t + 1) >= 0", ["rate"], ["tau_value", "value_here"])
    with proof.fixing("tau_most", CLAIMS["tau_most"]) as inner:
        inner.use("tau_value", "size", t="t")
        inner.use("least_above", "absolute_above", x=between)
        inner.use("least_below", "absolute_below", x=between)
        inner.have("now", f"tau(t + 1) <= {PART}/{Q}", ["least_above", "least_below"], ["tau_value"])
    with proof.fixing("tau_size", CLAIMS["tau_size"]) as inner:
        for name, fact in (("ratio", "polyak"), ("most", "tau_most"), ("Q_sign", "lengths_signs")):
            inner.use(name, fact, t="t")
        inner.have("now", f"tau(t + 1)*{Q} <= {PART}", ["most*Q_sign"], [("1", "ratio")])


def script(proof: Proof) -> None:
    """The rule's step, and its size."""
    below_the_bound(proof)
    undecayed(proof)
    step_sizes(proof)
    with proof.fixing("step", CLAIMS["step"]) as inner:
        inner.use("here", "moves", t="t", i="i")
        inner.use("share_here", "taken", t="t")
        inner.use("tau_value", "size", t="t")
        inner.have("now", CLAIMS["step"].split(": ")[1], [], ["here", "tau_value", ("m(t + 1, i)", "share_here")])
    step_size(proof)


def applied(proof: Proof, theorem: Theorem, names: Iterable[str], renamed: Mapping[str, str]) -> None:
    """Claims of a theorem whose letters and facts are called as in this proof, but for the facts in `renamed`."""
    values: dict[str, Value] = {}
    for name, sort in theorem.variables.items():
        places = ["t", "i"][: sort.count("nat")] if "(" in sort else []
        places = ["i"] if name == "best" else places
        values[name] = [*places, f"{name}({', '.join(places)})"] if places else name
    facts = [renamed.get(name, name) for name in theorem.hypotheses]
    for name in names:
        proof.lemma(name, theorem.claims[name], theorem.theorem, facts, values)


def weak_rates(proof: Proof) -> None:
    """The step sizes of the model are at least 0."""
    with proof.fixing("weak_rates", f"forall t nat: {U} >= 0") as inner:
        inner.use("positive", "exp_positive", x="(t + 1)*log(1/2)")
        inner.have("now", f"{U} >= 0", ["positive"])


def shown(proof: Proof) -> None:
    """The loss x is convex, and 0 at best."""
    rule.halved(proof)
    weak_rates(proof)
    products = f"sum(j < 1, 1*(0 - {X}))"
    excess = f"(1/2*{X} + (1 - 1/2)*(2*{U}) - 0)"
    one, size = "sum(j < 1, 1^2)", f"min({U}, max(0, {excess})/sum(j < 1, 1^2))"
    for name, claim in (("convex", f"0 >= 2*{U} + {products}"), ("size", f"{U} = {size}")):
        with proof.fixing(name, f"forall t nat: {claim}") as inner:
            inner.use("half_of", "halves", i="t")
            inner.have("twice", f"{X} = 2*{U}", [], ["half_of"])
            inner.linear("product", f"{products} = -{X}")
            if name == "convex":
                inner.have("now", claim, [], ["product", "twice"])
                continue
            inner.use("positive", "exp_positive", x="(t + 1)*log(1/2)")
            inner.linear("one", f"{one} = 1")
            inner.congruent("over", "one", "1/hole")
            inner.have("sign", f"0 - {excess} < 0", ["positive"], ["twice"])
            inner.use("part", "absolute_of_negative", "sign", x=f"0 - {excess}")
            between = f"{U} - max(0, {excess})/{one}"
            inner.have("room", f"{between} < 0", ["positive"], ["over", "part", "twice"])
            inner.use("least", "absolute_of_negative", "room", x=between)
            inner.have("now", claim, [], ["least", "over", "part", "twice"])


CLAIMS = {
    "below": f"forall t nat: {beside('f_star')}",
    "polyak": f"forall t nat: {PART}/{Q}*{Q} = {PART}",
    "step": "forall t nat, i nat: theta(t + 1, i) = theta(t, i) - tau(t + 1)*m(t + 1, i)",
    "tau_sign": "forall t nat: tau(t + 1) >= 0",
    "tau_most": f"forall t nat: tau(t + 1) <= {PART}/{Q}",
    "tau_size": f"forall t nat: tau(t + 1)*{Q} <= {PART}",
}
VALUES: dict[str, Given] = {
    "best": ["i", "0"],
    "value": ["t", "0"],
    "tau": Recursion(
        ("t",),
        "0",
        "min(rate, max(0, beta*level(t) + (1 - beta)*f(t + 1) - least)/sum(j < n, m(t + 1, j)^2))",
    ),
}
MOMO = Definitions("momo_step_on_random_losses", "momo", schedules=("eta",), only=("theta",))
THEOREM = Theorem(
    theorem="momo_rule_takes_polyak_steps_up_to_its_cap",
    title="MoMo by its rule takes Polyak steps up to its cap",
    says="""MoMo without decay, with momentum beta1 and any caps eta >= 0, on convex losses that at a point best are not
    above f_star. h = beta1 level + (1 - beta1) f is the value of its averaged model before the step; at best, the model
    is at most f_star. theta becomes theta - tau m, tau = min(eta, max(0, h - f_star)/|m|^2). Where the average m of the
    gradients is 0, the model is flat, so that max(0, h - f_star) and tau are 0.""",
    sources=["schaipp2024momo, Theorem 4.1"],
    variables={"best": "real(nat)", "value": "rand(nat)", "tau": "rand(nat)"},
    hypotheses={
        "forgetting": "beta1 >= 0",
        "averaging": "beta1 <= 1",
        "rates": "forall t nat: eta(t + 1) >= 0",
        "no_decay": "lambda = 0",
        "convex": f"forall t nat: {CONVEX}",
        "bound": "forall t nat: value(t + 1) <= f_star",
        "size": f"forall t nat: tau(t + 1) = {SIZE}",
    },
    definitions=[MOMO],
    claims=CLAIMS,
    lemmas=[share.THEOREM.theorem, lengths_of.THEOREM.theorem],
    model={**rule.MODEL, "best": ["i", "0"], "value": ["t", "0"], "tau": ["t", X]},
    script=script,
    shown=shown,
    instances=[
        momo_by_its_rule("three steps", VALUES, ("momo@average=bias",)),
        momo_by_its_rule("three steps that rest", {**VALUES, **RESTS}, ()),
    ],
)
