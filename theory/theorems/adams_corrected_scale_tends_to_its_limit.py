"""The factor of m in Adam's step, bias corrections put in, and its limit in Adam's SDE (Malladi et al. 2022)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ..proving.instance import Instance, Run, along
from ..proving.script import Proof
from ..proving.theorem import Theorem
from .bias_corrections_tend_to_their_limit import THEOREM as CORRECTIONS
from .bias_corrections_tend_to_their_limit import halves
from .corrected_steps_depend_smoothly_on_corrections import CLAIMS as SMOOTH
from .powers_of_a_fraction import HALVES

ROOT, LIMIT_ROOT = "sqrt(1 - p2(k + 1))", "sqrt(gamma2(k + 1))"
RUN = f"{ROOT}/(1 - p1(k + 1 + 1))/(s + eps0*{ROOT})"
LIMIT = f"{LIMIT_ROOT}/gamma1(k + 1)/(s + eps0*{LIMIT_ROOT})"
TIME = "((k + 1)*h)"
RATE = f"c2^2*{TIME}/(2*{LIMIT_ROOT}*gamma1(k + 1)) + c1*(1 + c1*{TIME})*{LIMIT_ROOT}/gamma1(k + 1)^2"
CLAIMS = {
    "limit_of_first_positive": "forall k nat: gamma1(k + 1) > 0",
    "limit_of_second_positive": "forall k nat: gamma2(k + 1) > 0",
    "rate": f"forall k nat, s rand: s > 0 => abs({RUN} - {LIMIT}) <= h*({RATE})/s",
    "bounded": f"forall k nat, s rand: s > 0 => {RUN} <= 1/(gamma1(k + 1)*s)",
    "sign": f"forall k nat, s rand: s > 0 => {RUN} >= 0",
}
HYPOTHESES = {
    "positive_h": "h > 0",
    **{
        name.format(n): text.format(n)
        for n in "12"
        for name, text in {
            "positive_c{0}": "c{0} > 0",
            "small{0}": "c{0}*h <= 1",
            "first{0}": "p{0}(0) = 1",
            "powers{0}": "forall k nat: p{0}(k + 1) = (1 - c{0}*h)*p{0}(k)",
            "gamma{0}_definition": "forall k nat: gamma{0}(k) = 1 - exp(-c{0}*(k*h))",
        }.items()
    },
    "eps0_sign": "eps0 >= 0",
}
CORRECTED = {
    "powers_below": "forall k nat: p{0}(k) <= exp(-c{0}*(k*h))",
    "powers_sign": "forall k nat: p{0}(k) >= 0",
    "uniform": "forall k nat: 1 - p{0}(k) <= 1 - exp(-c{0}*(k*h)) + c{0}^2*(k*h)*h",
    "next_correction": "forall k nat: 1 - p{0}(k + 1) <= 1 - exp(-c{0}*(k*h)) + c{0}*(1 + c{0}*(k*h))*h",
    "decreasing": "forall k nat: p{0}(k + 1) <= p{0}(k)",
    "limit_positive": "forall k nat: 1 - exp(-c{0}*((k + 1)*h)) > 0",
}
SMOOTH_ID = "corrected_steps_depend_smoothly_on_corrections"
ORDER_ID = "numbers_with_smaller_squares_are_smaller"


FIRST, GAMMA = "1 - p1(k + 1 + 1)", "gamma1(k + 1)"


@dataclass(frozen=True)
class Factor:
    """What distinguishes the factors of m by the step of the second bias correction.

    claims: limit_of_first_positive, limit_of_second_positive, rate, bounded and sign.   corrected: 1 - beta2^k.
    corrections: steps that show power_sign, g_positive, w_positive, order_b and w_order.   power_sign: its name.
    close: for each average, the claim of CORRECTED that bounds how far its correction is from the limit.
    near: this bound for the second average.
    """

    claims: Mapping[str, str]
    corrected: str
    corrections: Callable[[Proof], None]
    power_sign: str
    close: Sequence[tuple[str, str]]
    near: str

    @property
    def root(self) -> str:
        """sqrt(1 - beta2^k)."""
        return f"sqrt({self.corrected})"

    def script(self, proof: Proof) -> None:
        """y/(s + eps0 y) with y = sqrt(1 - beta2^k), and 1/(1 - beta1^(k + 1)), near their limits."""
        for n in "12":
            values: dict[str, str | list[str]] = {"c": f"c{n}", "h": "h", "p": ["k", f"p{n}(k)"]}
            names = [f"positive_c{n}", "positive_h", f"small{n}", f"first{n}", f"powers{n}"]
            for claim, text in CORRECTED.items():
                proof.lemma(f"{claim}{n}", text.format(n), CORRECTIONS.theorem, names, values)
        for n, name in (("1", "limit_of_first_positive"), ("2", "limit_of_second_positive")):
            with proof.fixing(name, self.claims[name]) as inner:
                inner.use("gamma", f"gamma{n}_definition", k="k + 1")
                inner.use("positive", f"limit_positive{n}", k="k")
                inner.have("sign", f"gamma{n}(k + 1) > 0", ["positive"], ["gamma"])
        for name, claim in SMOOTH.items():
            proof.lemma(f"step_{name}", claim.replace("e*", "eps0*"), SMOOTH_ID, ["eps0_sign"], {"e": "eps0"})
        for name, steps in (("rate", self._rate), ("bounded", self._bounded), ("sign", self._sign)):
            with proof.fixing(name, self.claims[name], "s_positive") as inner:
                self.corrections(inner)
                self._roots(inner)
                steps(inner)

    def _roots(self, proof: Proof) -> None:
        """y and its limit z: z <= y, as their squares are in this order."""
        proof.have("w_sign", "gamma2(k + 1) >= 0", ["w_positive"])
        proof.have("v_sign", f"{self.corrected} >= 0", ["w_order", "w_positive"])
        proof.use("z_positive", "root_positive", "w_positive", x="gamma2(k + 1)")
        proof.use("z_squared", "root_squared", "w_sign", x="gamma2(k + 1)")
        proof.use("y_squared", "root_squared", "v_sign", x=self.corrected)
        proof.use("y_sign", "root_nonnegative", x=self.corrected)
        proof.have("squares", f"{LIMIT_ROOT}^2 <= {self.root}^2", ["w_order"], ["z_squared", "y_squared"])
        _ordered(proof, "order", LIMIT_ROOT, self.root, "y_sign", "squares")
        proof.have("order_y", f"{self.root} >= {LIMIT_ROOT}", ["order"])

    def _rate(self, proof: Proof) -> None:
        for n, claim in self.close:
            proof.use(f"close{n}", f"{claim}{n}", k="k + 1")
        y, z, near = self.root, LIMIT_ROOT, f"c1*(1 + c1*{TIME})*h"
        proof.have("near_y", f"{y}^2 - {z}^2 <= {self.near}", ["close2"], ["z_squared", "y_squared", "gamma2"])
        proof.have("near_b", f"{FIRST} - {GAMMA} <= {near}", ["close1"], ["gamma1"])
        names = ["s_positive", "z_positive", "order_y", "g_positive", "order_b", "near_y", "near_b"]
        proof.use("size", "step_near", *names, s="s", y=y, z=z, b=FIRST, g=GAMMA, C=self.near, D=near)
        proof.have("rate", self.claims["rate"].split("=> ")[1], ["size"])

    def _bounded(self, proof: Proof) -> None:
        proof.have("unit", f"{self.root}^2 <= 1^2", [self.power_sign], ["y_squared"])
        proof.have("one_sign", "1 >= 0")
        _ordered(proof, "y_most", self.root, "1", "one_sign", "unit")
        names = ["s_positive", "y_sign", "y_most", "g_positive", "order_b"]
        proof.use("bound", "step_bounded", *names, s="s", y=self.root, b=FIRST, g=GAMMA)

    def _sign(self, proof: Proof) -> None:
        proof.have("b_positive", f"{FIRST} > 0", ["order_b", "g_positive"])
        proof.have("p_positive", f"s + eps0*{self.root} > 0", ["s_positive", "eps0_sign*y_sign"])
        proof.use("over_b", "reciprocal_positive", "b_positive", x=FIRST)
        proof.use("over_p", "reciprocal_positive", "p_positive", x=f"s + eps0*{self.root}")
        run = self.claims["sign"].split("=> ")[1]
        proof.have("sign", run, ["y_sign*over_b*over_p"])


def _ordered(proof: Proof, name: str, less: str, more: str, sign: str, squares: str) -> None:
    values: dict[str, str | list[str]] = {"a": less, "b": more}
    proof.lemma(name, f"{less} <= {more}", ORDER_ID, [sign, squares], values)


def _corrections(proof: Proof) -> None:
    """What the step needs of both corrections and their limits at k + 1."""
    for n in "12":
        proof.use(f"gamma{n}", f"gamma{n}_definition", k="k + 1")
        proof.use(f"below{n}", f"powers_below{n}", k="k + 1")
        proof.use(f"powers_sign{n}_here", f"powers_sign{n}", k="k + 1")
    proof.use("g_positive", "limit_of_first_positive", k="k")
    proof.use("w_positive", "limit_of_second_positive", k="k")
    proof.use("falling", "decreasing1", k="k + 1")
    proof.have("order_b", f"{FIRST} >= {GAMMA}", ["falling", "below1"], ["gamma1"])
    proof.have("w_order", "gamma2(k + 1) <= 1 - p2(k + 1)", ["below2"], ["gamma2"])


FACTOR = Factor(
    claims=CLAIMS,
    corrected="1 - p2(k + 1)",
    corrections=_corrections,
    power_sign="powers_sign2_here",
    close=[("2", "uniform"), ("1", "next_correction")],
    near=f"c2^2*{TIME}*h",
)


THEOREM = Theorem(
    theorem="adams_corrected_scale_tends_to_its_limit",
    title="Adam's corrected scale tends to its limit",
    says="""With 1 - beta1 = c1 h, 1 - beta2 = c2 h, and gamma_i = 1 - exp(-c_i s) at the time s = k h > 0: the factor
    sqrt(1 - beta2^k)/((1 - beta1^(k + 1))(S + eps0 sqrt(1 - beta2^k))) by which Adam multiplies m differs from the
    factor sqrt(gamma2)/(gamma1 (S + eps0 sqrt(gamma2))) of its SDE by at most h times an explicit number that is
    bounded for s in [t0, T], t0 > 0, over S = sigma0 sqrt(u).""",
    sources=["malladi2022sdes, SDE of Adam"],
    variables={
        "h": "real",
        "eps0": "real",
        **{f"{letter}{n}": sort for n in "12" for letter, sort in (("c", "real"), ("p", "real(nat)"))},
        "gamma1": "real(nat)",
        "gamma2": "real(nat)",
    },
    hypotheses=HYPOTHESES,
    claims=CLAIMS,
    lemmas=["bias_corrections_tend_to_their_limit", SMOOTH_ID, ORDER_ID],
    model={
        "h": "1/2",
        "eps0": "1",
        **{
            f"{letter}{n}": value
            for n in "12"
            for letter, value in (("c", "1"), ("p", ["k", HALVES.replace("i", "k")]))
        },
        "gamma1": ["k", "1 - exp(-1*(k*(1/2)))"],
        "gamma2": ["k", "1 - exp(-1*(k*(1/2)))"],
    },
    script=FACTOR.script,
    shown=halves,
    instances=[
        Instance(
            "1 minus Adam's moments, all gradients being 1",
            {
                **{"c1": "2", "c2": "1", "h": "1/4", "eps0": "1/8"},
                "p1": ["k", "1 - m(k)"],
                "p2": ["k", "1 - v(k)"],
                "gamma1": ["k", "1 - exp(-c1*(k*h))"],
                "gamma2": ["k", "1 - exp(-c2*(k*h))"],
            },
            naturals={"": 5},
            run=Run(
                "adam",
                {"beta1": "1 - c1*h", "beta2": "1 - c2*h"},
                "1",
                ("0",),
                6,
                {"m": along("m"), "v": along("v")},
                torch="Adam",
            ),
        )
    ],
)
