"""Theorems hold on compiled code: each is judged on instances, where names have the values of runs.

A theorem of `theory/theorems` declares instances: a finite probability space or a concrete run, and which of its names
are theta, m, v, .. of an optimizer. One evaluator computes what it assumes and claims, from the text of its statement
alone, with the numbers of the compiled rule and once more with those of the class of torch. Hypotheses must hold there
(a theorem about nothing would not do), and so must claims. The full tier judges every theorem on the model of its
certificate, too.

Rational inputs are computed with exactly. Numbers of a run carry their running error bound (Higham) through every
term; nothing is tuned. What holds for all natural numbers is computed for those that the run reaches, and what holds
for all random numbers that the past determines for the indicators that span them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial

from driftproof.theory.kernel.formulas import Claim, Formula, formula
from driftproof.theory.proving import corpus
from driftproof.theory.proving.instance import Instance
from driftproof.theory.rule import UpdateRule

from .runtime.check import Check, Context, Mutant, NotRun, absent
from .runtime.finite import Finite, Judged
from .runtime.instance_runs import declared
from .runtime.instances import Said, built, judged, lacking, model_of
from .runtime.verdict import Verdict

MODELS = "the model of every certificate"
FOR_MODELS = 30
"""In a model, a formula is judged for so many values of its binders."""


@cache
def finite(theorem: str, number: int, torch: bool = False) -> Finite:
    """An instance of a theorem, with the numbers of the compiled rule or of torch."""
    return built(corpus.theorems()[theorem].instances[number], torch)


@cache
def results(theorem: str, number: int, torch: bool = False) -> tuple[Said, ...]:
    """Everything that a theorem says, in an instance."""
    known = corpus.theorems()[theorem]
    if names := lacking(known, known.instances[number]):
        return (Said("instance", "values", Judged(refuted=f"{', '.join(names)}: no value")),)
    return tuple(judged(known, finite(theorem, number, torch), known.instances[number]))


@cache
def on_model(theorem: str) -> tuple[Said, ...]:
    """Everything that a theorem says, in the model of its certificate."""
    known = corpus.theorems()[theorem]
    if names := lacking(known, model_of(known)):
        return (Said("model", "values", Judged(refuted=f"{', '.join(names)}: no value")),)
    return tuple(judged(known, built(model_of(known), most=FOR_MODELS)))


def wanted(context: Context) -> Iterator[tuple[str, int, Instance]]:
    """The instances of the rules asked for; all of them where none was."""
    for name, theorem in corpus.theorems().items():
        for number, instance in enumerate(theorem.instances):
            if context.selected is None or (instance.run and context.wants(declared(instance.run.rule))):
                yield name, number, instance


def sources(instance: Instance) -> list[tuple[bool, str]]:
    """Whose numbers an instance has: whether torch's, and how that is said."""
    if instance.run is None:
        return [(False, "rational numbers")]
    own = (False, declared(instance.run.rule).label)
    return [own, (True, f"torch.optim.{instance.run.torch}")] if instance.run.torch else [own]


def run(context: Context) -> Iterator[Verdict | NotRun]:
    """One verdict for each theorem and whose numbers its names have; in the full tier one for all models."""
    for name, number, instance in wanted(context):
        for torch, whose in sources(instance):
            subject = f"{name}, {whose}"
            if torch and (reason := absent("torch")):
                yield context.not_run(subject, reason)
                continue
            found = results(name, number, torch)
            wrong = [said for said in found if not (said.judged.holds or _idle_here(said, name))]
            tried = sum(said.judged.tried for said in found)
            detail = {"formulas": len(found), "instance": instance.says}
            if wrong:
                detail["wrong"] = ("vacuous: " if wrong[0].kind != "claim" else "") + str(wrong[0])
            yield context.verdict(subject, not wrong, n=tried, detail=detail)
    if context.selected is None and context.tier == "full":
        yield _on_models(context)


def _idle_here(said: Said, theorem: str) -> bool:
    """Whether a formula with premises is met by another instance of its theorem only."""
    idle = not said.judged.tried and not said.judged.coarse
    return idle and _tried(theorem, said.name)


def _on_models(context: Context) -> Verdict:
    """Where the numbers of a model leave the premises of a formula false, an instance must meet them."""
    wrong, tried = "", 0
    for name in corpus.theorems():
        for said in on_model(name):
            tried += said.judged.tried
            idle = not said.judged.tried and not said.judged.coarse
            if not (said.judged.holds or (idle and _tried(name, said.name))):
                wrong = wrong or f"{name}: {said}"
    detail = {"theorems": len(corpus.theorems())} | ({"wrong": wrong} if wrong else {})
    return context.verdict(MODELS, not wrong, n=tried, detail=detail)


def _tried(theorem: str, formula_name: str) -> bool:
    """Whether an instance or the model meets the premises of a formula."""
    numbers = range(len(corpus.theorems()[theorem].instances))
    every = [*on_model(theorem), *(said for k in numbers for said in results(theorem, k))]
    return any(said.name == formula_name and said.judged.tried for said in every)


# Wrong theorems, and theorems about other rules


OPPOSITE = {"=": "=", "/=": "=", ">=": "<=", ">": "<=", "<=": ">=", "<": ">="}
SHIFT = ("/", ("num", 1), ("num", 1000))


def altered(claim: str) -> str:
    """A claim that is false where the given one is true: an equation moved, or the opposite, by a thousandth."""
    said = formula(claim)
    relation, right = said.conclusion.relation, said.conclusion.right
    shift = ("neg", SHIFT) if relation in (">", ">=") else SHIFT
    moved = Claim(OPPOSITE[relation], said.conclusion.left, ("+", right, shift))
    return str(Formula(said.binders, said.premises, moved))


SLIPS: Mapping[tuple[str, str], tuple[str, str]] = {
    ("adam_step_bound_is_attained", "equal"): ("*sum(j < t, r(j))", ""),
    ("corrected_adam_steps_are_bounded", "first"): ("<= eta", "<= eta/2"),
    ("torch_adam_is_generic_adam_with_schedules", "generic"): ("eps*sqrt(1 - q(t + 1))", "eps"),
    ("heavy_ball_with_fixed_momentum_scales_linearly", "moved"): ("lr/(1 - mu)*", "lr*"),
    ("linear_scaling_keeps_the_sde_of_sgd", "diffusion"): ("kappa*eta*w", "sqrt(kappa)*eta*w"),
    ("square_root_scaling_keeps_the_sde_of_rmsprop", "drift"): ("sqrt(kappa)*eta", "kappa*eta"),
    ("square_root_scaling_keeps_the_sde_of_adam", "drift"): ("v(i)/kappa", "v(i)"),
    ("svag_third_cumulants", "third"): ("(3*ell - 1)/2", "ell"),
    ("svag_fourth_cumulants", "covariances"): ("= ell*", "= ell^2*"),
    ("svag_kurtosis_does_not_vanish", "kurtosis"): ("1/2 + 1/ell - 1/(2*ell^2)", "1/ell"),
    ("rmsprop_needs_low_skewness", "cubed"): ("sigma0^3*skew(t, i, j, l)", "0"),
    ("adam_needs_low_skewness", "mixed"): ("c1*c2*sigma0*skew(t, i, j, j)", "0"),
    ("sgd_needs_low_skewness", "third"): ("sigma0^2*sigma*skew(t, i, j, l)", "0"),
    ("minibatch_variance_falls_with_its_size", "variance"): ("<= sigma2/b", "<= sigma2/b^2"),
    ("worst_case_rate_of_gradient_descent_is_attained", "attained"): ("4*N + 2", "4*N + 3"),
    ("constant_steps_keep_the_floor_of_the_bound", "never_below"): ("(2 - L*eta)", "(1 - L*eta)"),
}
"""Claims with a slip of the derivation in them: what is written for what."""


def mutants(context: Context) -> Iterator[Mutant]:
    """Every claim altered, claims with a slip in them, and other rules; each is killed by one of the instances."""
    for name, number, instance in wanted(context):
        oracle = sources(instance)[-1][1] if not absent("torch") else sources(instance)[0][1]
        torch = oracle.startswith("torch")
        tried = {said.name for said in results(name, number, torch) if said.judged.tried and said.kind == "claim"}
        for claim, text in corpus.theorems()[name].claims.items():
            if claim not in tried:  # its premises are met by another instance
                continue
            yield Mutant(f"{name}: not {claim}", oracle, partial(_false, name, number, torch, altered(text)))
            if slip := SLIPS.get((name, claim)):
                what = f"{name}: {claim} with {slip[1]} for {slip[0]}"
                yield Mutant(what, oracle, partial(_false, name, number, torch, text.replace(*slip)))
        for wrong in instance.wrong:
            yield Mutant(f"{name}: {wrong}", "the statement of the theorem", _other(name, instance, wrong))


def _false(name: str, number: int, torch: bool, claim: str) -> str:
    return finite(name, number, torch).judged(formula(claim)).refuted


def _other(name: str, instance: Instance, rule: str) -> Callable[[], str]:
    def kill() -> str:
        found = judged(corpus.theorems()[name], built(instance, rule=rule))
        return next((f"{said.name} is {said.judged}" for said in found if said.judged.refuted), "")

    return kill


def applies_to(rule: UpdateRule) -> bool:
    """Whether some theorem has an instance that runs the rule."""
    runs = (i.run for theorem in corpus.theorems().values() for i in theorem.instances)
    return any(run is not None and rule.name == run.rule.split("@")[0] for run in runs)


check = Check(
    id="theorems-hold-on-compiled-code",
    claim="What a theorem assumes and claims is true of the numbers of compiled rules and of torch on its instances.",
    evidence="T1",
    run=run,
    mutants=mutants,
    applies_to=applies_to,
)
