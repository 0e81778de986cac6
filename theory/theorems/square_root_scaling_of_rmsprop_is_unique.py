"""Only the square-root scaling rule keeps the SDE of RMSprop when the batch size changes (Malladi et al. 2022)."""

from ..proving.instance import Instance
from ..proving.script import Proof
from ..proving.theorem import Theorem
from .linear_scaling_of_sgd_is_unique import cancel
from .root_of_quotient import invert, known_root, quotient_of_roots, root

NEW, OLD = "(sqrt(scale*v) + eps_new)", "(sqrt(v) + eps)"
DRIFT = f"eta_new*G/{NEW}/h_new = eta*G/{OLD}/h"
DIFFUSION = f"eta_new^2*(S/kappa)/{NEW}^2/h_new = eta^2*S/{OLD}^2/h"
SECOND = "(1 - beta_new)*(S/kappa - scale*v)/scale/h_new = (1 - beta)*(S - v)/h"


def script(proof: Proof) -> None:
    """The drift of v gives its rate and scale; at v = 1 drift and diffusion give h'; v = 1 and 4 give eta', eps'."""
    proof.have("slow", "1 - beta > 0", ["average"])
    for name, x in (
        ("larger", "kappa"),
        ("time", "h"),
        ("new_time", "h_new"),
        ("stored", "scale"),
        ("slow", "1 - beta"),
        ("steps", "eta"),
    ):
        invert(proof, name, x)
    root(proof, "larger", "kappa")
    proof.use("at_v", "second", S="0", v="1")
    proof.use("at_S", "second", S="1", v="0")
    rates(proof, "beta", "scale", "stored_unit", "time_unit", "slow_unit", "rescaled")
    known_root(proof, "one", "1", "1")
    known_root(proof, "two", "4", "2")
    for name, number, value in (("one", "1", "1"), ("four", "4", "2")):
        proof.have(f"{name}_positive", f"{number} > 0")
        proof.lemma(
            f"{name}_quotient",
            f"sqrt({number}/kappa) = sqrt({number})/sqrt(kappa)",
            "root_of_quotient",
            [f"{name}_positive", "larger"],
            {"x": number, "y": "kappa"},
        )
        proof.have(f"{name}_stored", f"scale*{number} = {number}/kappa", (), [(number, "rescaled")])
        proof.congruent(f"{name}_moved", f"{name}_stored", "sqrt(hole)")
        proof.have(
            f"{name}_new",
            f"sqrt(scale*{number}) = {value}/sqrt(kappa)",
            (),
            [("1", f"{name}_moved"), ("1", f"{name}_quotient"), ("1/sqrt(kappa)", "one" if number == "1" else "two")],
        )
    # The rest speaks of the two numbers sqrt(scale v) and sqrt(v), for v = 1 and v = 4.
    for name, number, value in (("one", "1", "1"), ("four", "4", "2")):
        old, new = f"({value} + eps)", f"({value}/sqrt(kappa) + eps_new)"
        denominators(proof, name, old, new)
        proof.use(f"{name}_drift", "drift", f"{name}_positive", G="1", v=number)
        proof.congruent(f"{name}_left", f"{name}_new", "eta_new/(hole + eps_new)/h_new")
        proof.congruent(f"{name}_right", "one" if number == "1" else "two", "eta/(hole + eps)/h")
        proof.have(
            f"{name}_speed",
            f"eta_new/{new}/h_new = eta/{old}/h",
            (),
            [("1", f"{name}_drift"), ("1", f"{name}_left"), ("1", f"{name}_right")],
        )
    durations(proof)
    for name, value in (("one", "1"), ("four", "2")):
        equal_steps(proof, name, value, "time_unit")
    step_and_eps(proof)


def rates(proof: Proof, beta: str, scale: str, stored: str, time: str, slow: str, name: str) -> None:
    """(1 - beta')/h' = (1 - beta)/h, and v is stored divided by kappa, from the drift of v `at_v` = 1 and `at_S` = 1.

    stored, time, slow: facts x (1/x) = 1 about the scale of v, h and 1 - beta.   name: of what is said of the scale.
    """
    rest, new = f"(1 - {beta})", f"(1 - {beta}_new)"
    total = f"1/kappa/{scale}*{rest}"
    proof.have("rates", f"{new}/h_new = {rest}/h", (), [("1", "at_v"), (f"{new}/h_new", stored)])
    equations = [("1", "at_S"), (f"1/kappa/{scale}", "rates")]
    proof.have("scaled_rates", f"1/kappa/{scale}*({rest}/h) = {rest}/h", (), equations)
    equations = [("h", "scaled_rates"), (total, time), (rest, time)]
    proof.have("no_time", f"{total} = 1*{rest}", (), equations)
    cancel(proof, "no_rate", "no_time", f"1/kappa/{scale}", "1", f"1 - {beta}", slow)
    proof.have(name, f"{scale} = 1/kappa", (), [(scale, "no_rate"), ("1/kappa", stored)])


def averaging(proof: Proof, name: str, beta: str, time: str) -> None:
    """1 - beta' = kappa (1 - beta), from `rates` and `duration`."""
    rest, new = f"(1 - {beta})", f"1 - {beta}_new"
    equations = [("h_new", "rates"), (new, "new_time_unit"), (f"{rest}/h", "duration"), (f"kappa*{rest}", time)]
    proof.have(name, f"{new} = kappa*{rest}", (), equations)


def denominators(proof: Proof, name: str, old: str, new: str) -> None:
    """value + eps and value/sqrt(kappa) + eps' are positive; their reciprocals."""
    proof.have(f"{name}_old", f"{old} > 0", ["eps_sign"])
    proof.have(f"{name}_fresh", f"{new} > 0", ["eps_new_sign", "larger_root_inverse"])
    invert(proof, f"{name}_old", old)
    invert(proof, f"{name}_fresh", new)


def equal_steps(proof: Proof, name: str, value: str, time: str) -> None:
    """eta' (value + eps) = kappa eta (value/sqrt(kappa) + eps'), from the speeds and h' = kappa h."""
    old, new = f"({value} + eps)", f"({value}/sqrt(kappa) + eps_new)"
    proof.have(
        f"{name}_crossed",
        f"eta_new*{old}*h = eta*{new}*h_new",
        (),
        [
            (f"{new}*{old}*h*h_new", f"{name}_speed"),
            (f"eta_new*{old}*h*h_new/h_new", f"{name}_fresh_unit"),
            (f"eta_new*{old}*h", "new_time_unit"),
            (f"eta*{new}*h_new*h/h", f"{name}_old_unit"),
            (f"eta*{new}*h_new", time),
        ],
    )
    proof.have(
        f"{name}_equal",
        f"eta_new*{old} = kappa*eta*{new}",
        (),
        [
            ("1/h", f"{name}_crossed"),
            (f"eta_new*{old}", time),
            (f"eta*{new}/h", "duration"),
            (f"kappa*eta*{new}", time),
        ],
    )


def step_and_eps(proof: Proof) -> None:
    """eta' and eps', from `one_equal` and `four_equal`."""
    proof.have("difference", "eta_new = kappa*eta/sqrt(kappa)", (), [("1", "four_equal"), ("1", "one_equal")])
    proof.have(
        "step_size",
        "eta_new = sqrt(kappa)*eta",
        (),
        [("1", "difference"), ("eta/sqrt(kappa)", "larger_squared"), ("sqrt(kappa)*eta", "larger_root_unit")],
    )
    proof.have(
        "eps_times",
        "eps*sqrt(kappa)*eta = kappa*eps_new*eta",
        (),
        [("1", "one_equal"), ("1", "difference"), ("eps", "step_size")],
    )
    cancel(proof, "eps_rule", "eps_times", "eps*sqrt(kappa)", "kappa*eps_new", "eta", "steps_unit")
    proof.have(
        "eps_scaled",
        "eps_new = eps/sqrt(kappa)",
        (),
        [
            ("1/sqrt(kappa)^2", "eps_rule"),
            ("eps/sqrt(kappa)", "larger_root_unit"),
            ("eps_new/sqrt(kappa)^2", "larger_squared"),
            ("eps_new*(1 + sqrt(kappa)/sqrt(kappa))", "larger_root_unit"),
        ],
    )


def durations(proof: Proof) -> None:
    """With A the speed at v = 1: the diffusion is A^2 h'/kappa on one side and A^2 h on the other."""
    old, new = "(1 + eps)", "(1/sqrt(kappa) + eps_new)"
    proof.use("spread", "diffusion", "one_positive", S="1", v="1")
    proof.congruent("spread_left", "one_new", "eta_new^2/kappa/(hole + eps_new)^2/h_new")
    proof.congruent("spread_right", "one", "eta^2/(hole + eps)^2/h")
    for name, x in (("new", new), ("old", old)):
        kind = "fresh" if name == "new" else "old"
        proof.have(f"{name}_power", f"{x}^2 > 0", [f"one_{kind}*one_{kind}"])
        invert(proof, f"{name}_power", f"{x}^2")
        proof.have(
            f"{name}_square",
            f"1/{x}^2 = (1/{x})^2",
            (),
            [(f"(1/{x})^2", f"{name}_power_unit"), (f"1/{x}^2*({x}*(1/{x}) + 1)", f"one_{kind}_unit")],
        )
    speed = f"eta/{old}/h"
    proof.have(
        "spreads",
        f"({speed})^2*h_new/kappa = ({speed})^2*h",
        (),
        [
            ("1", "spread"),
            ("1", "spread_left"),
            ("1", "spread_right"),
            ("eta_new^2/kappa/h_new", "new_square"),
            ("eta^2/h", "old_square"),
            (f"1/kappa*h_new*(eta_new/{new}/h_new + {speed})", "one_speed"),
            (f"eta_new^2/{new}^2/kappa/h_new", "new_time_unit"),
            (f"(eta_new/{new})*(eta_new/{new})/kappa/h_new", "new_time_unit"),
            (f"eta/{old}*(eta/{old})/h", "time_unit"),
        ],
    )
    proof.have("speed", f"{speed} > 0", ["steps*one_old_inverse*time_inverse"])
    proof.have(
        "speed_unit",
        f"{speed}*(h*{old}/eta) = 1",
        (),
        [("1", "steps_unit"), ("eta/eta", "one_old_unit"), (f"eta/eta*{old}/{old}", "time_unit")],
    )
    proof.have(
        "once",
        f"{speed}*h_new/kappa = {speed}*h",
        (),
        [(f"h*{old}/eta", "spreads"), (f"{speed}*h_new/kappa", "speed_unit"), (f"{speed}*h", "speed_unit")],
    )
    proof.have(
        "twice", "h_new/kappa = h", (), [(f"h*{old}/eta", "once"), ("h_new/kappa", "speed_unit"), ("h", "speed_unit")]
    )
    proof.have("duration", "h_new = kappa*h", (), [("kappa", "twice"), ("h_new", "larger_unit")])
    averaging(proof, "averaging", "beta", "time_unit")


def halved(proof: Proof, old: str, new: str) -> None:
    """1/new = 2/old, from `old`, `new` > 0 and `half`: 2 new = old."""
    invert(proof, "old", old)
    invert(proof, "new", new)
    equations = [(f"1/{new}/{old}", "half"), (f"2/{old}", "new_unit"), (f"1/{new}", "old_unit")]
    proof.have("over", f"1/{new} = 2/{old}", (), equations)


def shown(proof: Proof) -> None:
    """With kappa = 4 and v/4 for v, the denominator is half of what it was."""
    old, new = "(sqrt(v) + 1/100)", "(sqrt(1/4*v) + 1/200)"
    drift = f"1/5*G/{new}/(1/25) = 1/10*G/{old}/(1/100)"
    diffusion = f"(1/5)^2*(S/4)/{new}^2/(1/25) = (1/10)^2*S/{old}^2/(1/100)"
    for name, letter, claim in (("drift", "G", drift), ("diffusion", "S", diffusion)):
        with proof.fixing(name, f"forall {letter} real, v real: v > 0 => {claim}", "x_positive") as inner:
            inner.have("y_positive", "4 > 0")
            quotient_of_roots(inner, "v", "4")
            known_root(inner, "two", "4", "2")
            inner.have("half", f"2*{new} = {old}", (), ["product", ("sqrt(v/4)", "two"), "quotient"])
            inner.have("old", f"{old} > 0", ["positive_root_of_x"])
            inner.have("new", f"{new} > 0", ["positive_root_of_quotient"])
            if name == "drift":
                halved(inner, old, new)
                inner.have("done", claim, (), [("5*G", "over")])
                continue
            inner.have("old_power", f"{old}^2 > 0", ["old*old"])
            inner.have("new_power", f"{new}^2 > 0", ["new*new"])
            invert(inner, "old_power", f"{old}^2")
            invert(inner, "new_power", f"{new}^2")
            inner.have(
                "over",
                f"1/{new}^2 = 4/{old}^2",
                (),
                [
                    (f"1/{new}^2/{old}^2*(2*{new} + {old})", "half"),
                    (f"4/{old}^2", "new_power_unit"),
                    (f"1/{new}^2", "old_power_unit"),
                ],
            )
            inner.have("done", claim, (), [("S", "over")])


THEOREM = Theorem(
    theorem="square_root_scaling_of_rmsprop_is_unique",
    title="Square-root scaling of RMSprop is unique",
    says="""Divide RMSprop's noise covariance by kappa. If other eta', beta', eps' and another time h' per step, with v
    stored in another scale, keep the drift and the diffusion of theta, and the drift (1 - beta)(S - v)/h of v, at all
    gradients G, variances S and v, in one coordinate, then v is stored divided by kappa, h' = kappa h,
    1 - beta' = kappa (1 - beta), eta' = sqrt(kappa) eta and eps' = eps/sqrt(kappa).""",
    sources=["malladi2022sdes, square-root scaling rule"],
    variables=dict.fromkeys(
        ("eta", "eta_new", "beta", "beta_new", "eps", "eps_new", "h", "h_new", "kappa", "scale"), "real"
    ),
    hypotheses={
        "steps": "eta > 0",
        "average": "beta < 1",
        "eps_sign": "eps >= 0",
        "eps_new_sign": "eps_new >= 0",
        "time": "h > 0",
        "new_time": "h_new > 0",
        "larger": "kappa > 0",
        "stored": "scale > 0",
        "drift": f"forall G real, v real: v > 0 => {DRIFT}",
        "diffusion": f"forall S real, v real: v > 0 => {DIFFUSION}",
        "second": f"forall S real, v real: {SECOND}",
    },
    claims={
        "rescaled": "scale = 1/kappa",
        "duration": "h_new = kappa*h",
        "averaging": "1 - beta_new = kappa*(1 - beta)",
        "step_size": "eta_new = sqrt(kappa)*eta",
        "eps_scaled": "eps_new = eps/sqrt(kappa)",
    },
    lemmas=["root_of_quotient"],
    model={
        "eta": "1/10",
        "eta_new": "1/5",
        "beta": "9/10",
        "beta_new": "3/5",
        "eps": "1/100",
        "eps_new": "1/200",
        "h": "1/100",
        "h_new": "1/25",
        "kappa": "4",
        "scale": "1/4",
    },
    shown=shown,
    script=script,
    instances=[
        Instance(
            "batches 9/4 times as large",
            {
                **{
                    "kappa": "9/4",
                    "h": "1/100",
                    "h_new": "9/400",
                    "scale": "4/9",
                    "beta": "19/20",
                    "beta_new": "71/80",
                },
                **{"eta": "1/8", "eta_new": "3/16", "eps": "1/50", "eps_new": "1/75"},
            },
        ),
    ],
)
