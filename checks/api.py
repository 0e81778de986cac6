"""The project from Python: `import driftproof as dp`.

    adam = dp.rule("adam@eps=inside")
    adam.sde().drift["theta"]
    adam.scale(kappa=4, lr=1e-3, beta2="0.99").hyperparameters
    adam.compile("cpu")
    dp.check(["moments-equal-derived"], rule="adam")
    dp.audit("torch.optim:Adam").verdict
    dp.witness("adam", beta1="0.9", beta2="0.999").proof

The command line is a thin layer over this module. SymPy, NumPy and torch are imported by what needs them.

Over 400 lines: the whole of `dp` on one page, most of it what the functions say of themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from driftproof.theory.errors import DriftproofError, Refused, UnknownName, nearest

from .runtime.extras import extras_named

if TYPE_CHECKING:
    from driftproof.theory.catalogue import Outline
    from driftproof.theory.phase import PhaseDiagram
    from driftproof.theory.rescaled import Rescaled
    from driftproof.theory.rule import UpdateRule
    from driftproof.theory.scaling import ScalingRule, SVAGForm
    from driftproof.theory.sde import SDE
    from driftproof.theory.witnessed import Outcome

    from .audit.report import AuditReport
    from .runtime.best_answer import BestSchedule
    from .runtime.convergence import Convergence
    from .runtime.scheduled import Scheduled
    from .runtime.summary import Report

SPOKEN = {"lr": "eta", "weight_decay": "lambda"}
"""What users of torch call a hyperparameter -> its letter."""


@dataclass(frozen=True)
class Derivation:
    """What follows from a rule in one regime. scaling, svag: None where they are refused, with the reason.

    asked: the RULE string that names the rule again, a path where it was read from one.
    """

    asked: str
    sde: SDE
    scaling: ScalingRule | None
    svag: SVAGForm | None
    refusal: str = ""

    def as_json(self) -> dict[str, Any]:
        """Plain data; every expression is a string over `symbols`."""
        exponents = self.scaling and {name: str(e) for name, e in self.scaling.exponents.items()}
        return {
            **self.sde.as_json(),
            "scaling": exponents,
            "scaling_refused": self.refusal or None,
            "svag": self.svag and self.svag.as_json(),
        }

    def __str__(self) -> str:
        from .runtime.render_sde import derivation_text

        return derivation_text(self)

    def latex(self) -> str:
        """A document that compiles."""
        from .runtime.render_sde import derivation_latex

        return derivation_latex(self)

    def _repr_latex_(self) -> str:
        from .runtime.render_sde import sde_latex

        return sde_latex(self.sde)


@dataclass(frozen=True)
class Rule:
    """One variant of an update rule, and what can be done with it. Two rules are equal if their mathematics is.

    asked: the RULE string that names it again; its label, or a path where it was read from one.
    """

    update_rule: UpdateRule
    asked: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        if not self.asked:
            object.__setattr__(self, "asked", self.update_rule.label)

    @property
    def label(self) -> str:
        """The RULE string."""
        return self.update_rule.label

    @property
    def digest(self) -> str:
        """SHA-256 of the mathematics."""
        return self.update_rule.digest

    def variant(self, **options: str) -> Rule:
        """The same rule with other conventions: rule("adam").variant(eps="inside")."""
        changed = self.update_rule.variant(**options)
        base, _, tail = self.asked.rpartition("@")
        base = base if base and ".py" not in tail else self.asked
        return Rule(changed, "@".join(filter(None, [base, changed.label.partition("@")[2]])))

    def show(self, format: str = "text") -> str:
        """The equations as mathematics. format: "text" or "latex"."""
        from .runtime.render import show_latex, show_text

        return _one_of(format, {"text": show_text, "latex": show_latex})(self.update_rule)

    def derive(self, regime: str = "diffusive", order: int = 1, noise: str = "any") -> Derivation:
        """SDE, scaling rule and SVAG form. raises: Refused where the engine does not cover the rule."""
        return derive(self, regime, order, noise)

    def sde(self, regime: str = "diffusive", order: int = 1, noise: str = "any") -> SDE:
        """The SDE alone, of weak order 1, 2 or 3. noise: any, unskewed or gaussian. raises: Refused."""
        from driftproof.theory.derive import derive as derive_sde
        from driftproof.theory.noise import NoiseModel

        return derive_sde(self.update_rule, regime, order, NoiseModel(noise))

    def scale(self, kappa: Any, **given: Any) -> Rescaled:
        """New hyperparameters for a batch kappa times as large; see `scale`."""
        return scale(self, kappa, **given)

    def compile(self, target: str = "reference") -> Any:
        """The compiled rule: `init(params)`, `step(state, grads)`. target: reference, torch, cpu or cuda."""
        from driftproof.impl import compile_rule

        with extras_named():
            return compile_rule(self.update_rule, target, asked=self.asked)

    def source(self, target: str = "reference") -> str:
        """The readable source that `compile` would run; nothing is compiled."""
        from driftproof.impl import emit_rule

        with extras_named():
            return emit_rule(self.update_rule, target, asked=self.asked)

    def check(self, ids: str | Iterable[str] | None = None, **options: Any) -> Report:
        """The checks that apply to this rule; see `check`."""
        return check(ids, rule=self, **options)

    def __repr__(self) -> str:
        return f"Rule({self.label!r}, digest {self.digest[:8]})"

    def __str__(self) -> str:
        return self.show()

    def _repr_latex_(self) -> str:
        from .runtime.render import equations_latex

        return equations_latex(self.update_rule)


def rules() -> list[Outline]:
    """Name, source and conventions of every declared rule. No SymPy is imported."""
    from driftproof.theory.catalogue import outlines

    return outlines()


def rule(text: str) -> Rule:
    """The rule of a RULE string: NAME or PATH.py[:NAME], then @axis=option,axis=option.

    raises: UnknownName (with the nearest name), NotReadable, NotExact or RuleError.
    """
    from driftproof.theory.catalogue import rule as read

    if not isinstance(text, str):
        raise DriftproofError(f"{repr(text)[:60]} is not a RULE string.", "", 'Give a text such as "adam@eps=inside".')
    return Rule(read(text), text)


def derive(rule: str | Rule | UpdateRule, regime: str = "diffusive", order: int = 1, noise: str = "any") -> Derivation:
    """SDE, scaling rule and SVAG form of a rule; the last two belong to order 1.

    noise: what is known of its law: "any", "unskewed" or "gaussian".
    raises: Refused where the engine does not cover the rule, or there is no SDE of that order.
    """
    from driftproof.theory.scaling import scaling_rule, svag_form

    chosen = _update_rule(rule)
    asked = rule if isinstance(rule, str) else rule.asked if isinstance(rule, Rule) else chosen.label
    if "momentum_model" in chosen.combinators:
        from driftproof.theory.model_step import no_sde

        raise no_sde(chosen.label)
    sde = Rule(chosen).sde(regime, order, noise)
    if order > 1:
        return Derivation(asked, sde, None, None, "corrections in the time step change with kappa; see order 1")
    try:
        scaling = scaling_rule(chosen)
        return Derivation(asked, sde, scaling, svag_form(chosen, scaling))
    except Refused as refusal:
        return Derivation(asked, sde, None, None, f"{refusal.what} {refusal.why}".strip())


def scale(
    rule: str | Rule | UpdateRule,
    kappa: Any,
    *,
    batch_size: Any = None,
    steps: Any = None,
    warmup: Any = None,
    schedule: str | None = None,
    **hyperparameters: Any,
) -> Rescaled:
    """New hyperparameters for a batch kappa times as large, or a refusal that says why (`valid` is False).

    kappa, hyperparameters (lr or eta, beta1, beta2, mu, eps, weight_decay ...): ints, fractions, decimal strings;
    a float means its shortest decimal. What is left out has the rule's default.
    schedule: factor of the step size as an expression in t (steps, from 1) and T (their number).
    raises: Refused if the rule has no scaling rule; OutOfDomain, UnknownName, NotReadable for bad values.
    """
    from driftproof.theory.rescale import rescale
    from driftproof.theory.scaling import scaling_rule
    from driftproof.theory.schedules import schedule as read_schedule

    chosen = _update_rule(rule)
    values = {SPOKEN.get(name, name): value for name, value in hyperparameters.items()}
    if len(values) < len(hyperparameters):
        raise DriftproofError(
            "A hyperparameter is given under two names.", "lr is eta, weight_decay is lambda.", "Give one."
        )
    return rescale(
        chosen,
        scaling_rule(chosen),
        kappa,
        values,
        batch_size=batch_size,
        steps=steps,
        warmup=warmup,
        schedule=None if schedule is None else read_schedule(schedule),
    )


def momo(rule: str | Rule | UpdateRule) -> Rule:
    """A momentum method with its step cut by a model of the loss: MoMo around it, as momo("adam") or momo("qhadam").

    Compiled, its step takes the loss: step(state, grads, loss=...). Axes: decay (divide, adamw), bound (fixed,
    estimated); hyperparameters f_star, and lambda for the model's own decay.
    raises: Refused, with the term, for a rule that does not step along a weighted sum of gradients times a positive
    diagonal.
    """
    from driftproof.theory.momo import momo as around

    return Rule(around(_update_rule(rule)))


def converge(
    rule: Any = None,
    *,
    horizon: int | None = None,
    start: int = 1,
    L: float | None = None,
    G: float | None = None,
    dim: int | None = None,
    gap: float | None = None,
    samples: int | None = None,
    D1: float | None = None,
    words: str | None = None,
    torch_class: str = "Adam",
    scheduler: Any = None,
    group: int | None = None,
    **hyperparameters: Any,
) -> Convergence:
    """Is convergence to stationarity guaranteed for these schedules, at what rate, and for what reason?

    rule: a RULE string, a Rule (default: generic_adam), or a live optimizer of torch.optim.
    hyperparameters: lr, beta1, beta2, eps ...: numbers, or schedules as text in t and T: "0.1/sqrt(t)".
    words: instead, in torch's words: "lr=1e-3,betas=(0.9,0.999)", of the class torch_class.
    scheduler: of the live optimizer.   group: which of its groups, where they differ.
    horizon: also compute the certificate after that many steps, for a loss that is L-smooth, with
    E_t g_k^2 <= G^2 for each of dim coordinates, and gap = f(theta_1) - inf f (each 1 unless given).
    samples, D1: f is the sum of so many functions with sum_i |grad f_i|^2 <= D1 |grad f|^2 + D0.
    start: the first step.   returns: a Convergence with verdict, rate, conditions, bound and reason.
    raises: Refused with the term that does not fit; OutOfDomain, UnknownName, NotReadable for bad values.
    """
    from driftproof.theory.certificate import Inputs
    from driftproof.theory.explicit import FiniteSum

    from .runtime import convergence

    if not isinstance(start, int) or start < 1:
        raise DriftproofError(f"start = {start!r} is not a whole number from 1 on.", "", "Steps are counted from 1.")
    asked = {"L": L, "G": G, "dim": dim, "gap": gap, "horizon": horizon}
    named = {name: value for name, value in asked.items() if value is not None}
    inputs = Inputs(**named) if named else None
    if (samples is None) != (D1 is None):
        raise DriftproofError("samples and D1 go together.", "", "Give both, or neither.")
    problem = None if samples is None or D1 is None else FiniteSum(samples, D1)
    if type(rule).__module__.startswith("torch."):
        return convergence.live(rule, scheduler, group, inputs)
    values = {SPOKEN.get(name, name): value for name, value in hyperparameters.items()}
    if words is not None:
        from .runtime.torch_words import from_text

        asked_rule, read, notes = from_text(words, torch_class)
        chosen = _update_rule(rule or asked_rule)
        known = {h.name for h in chosen.hyperparameters}
        values = {**{k: v for k, v in read.items() if k in known}, **values}
        found = convergence.converge(chosen, rule or asked_rule, values, start, inputs, problem)
        return replace(found, notes=(*found.notes, *notes))
    chosen = _update_rule("generic_adam" if rule is None else rule)
    label = rule if isinstance(rule, str) else chosen.label
    return convergence.converge(chosen, label, values, start, inputs, problem)


def schedule(
    lr: Any = None,
    torch: Any = None,
    *,
    batch: Any = None,
    L: Any = 1,
    sigma2: Any = 1,
    gap: Any = 1,
    versus: Iterable[Any] = (),
    budget: float | None = None,
    **layout: Any,
) -> Scheduled:
    """What a schedule of step sizes and batch sizes guarantees for SGD: exact sums, bound, limit, verdict.

    lr, batch: numbers, texts ("cosine(0.1)"), lists with a number per step, or objects of theory.planned; lr may be a
    live torch.optim.SGD.   torch: its live scheduler, or a scheduler as text on a number lr: "StepLR(30, 0.1)".
    layout: steps (and steps_per_epoch), or samples and epochs; block_epochs or blocks; every ("step" or "epoch", when
    torch's scheduler is stepped); whole ("up", "down", "nearest": batch sizes as whole numbers); paper ("i" to "iv").
    L, sigma2, gap: mean smoothness, variance of one sample's gradient, f(theta_1) - inf f.
    versus: schedules to compare with at equal gradient evaluations (budget): what differs, a mapping or text.
    raises: OutOfDomain, NotReadable, UnknownName for bad values; Refused for an optimizer that is not plain SGD.
    A failed hypothesis is no error: the verdict is REJECTED, with the reason.
    """
    from driftproof.theory.sgd_bound import Inputs

    from .runtime.schedule_request import NAMES, Request, asked

    for name in layout:
        if name not in NAMES:
            raise UnknownName(f"schedule has no '{name}'.", "", nearest(name, NAMES))
    with extras_named():
        return asked(Request(lr, batch, torch, **layout), Inputs(L, sigma2, gap), versus, budget)


def best_schedule(
    *,
    L: Any = 1,
    sigma2: Any = 1,
    gap: Any = 1,
    budget: float | None = None,
    most_steps: float | None = None,
    time: float | None = None,
    step_cost: float = 0.0,
    sample_cost: float = 0.0,
    floor: Any = 1,
    blocks: int | None = None,
    share: str = "steps",
    most_lr: float | None = None,
) -> BestSchedule:
    """The step sizes and batch sizes with the smallest bound on SGD under limits, and the gap to the best constant.

    budget: gradient evaluations, sum b_t.   most_steps: steps.   time: of the run, where a step with a batch of b takes
    step_cost + sample_cost b.   Either budget or a time with a sample_cost is needed: they limit the batches.
    floor: the least batch size by block, a number, a list, or a text such as "8*2**block" (with blocks, how many).
    share: blocks have equal shares of the "steps", "evaluations" or "time".   most_lr: the largest step size.
    returns: BestSchedule; .answer is what dp.schedule says of it in whole steps and samples.
    raises: OutOfDomain where the limits leave no schedule or no best one; NotInstalled without cvxpy, for floors that
    change.
    """
    from driftproof.theory.sgd_bound import Inputs

    from .runtime.best_answer import best_asked

    with extras_named():
        inputs = Inputs(L, sigma2, gap)
        return best_asked(inputs, budget, most_steps, time, step_cost, sample_cost, floor, blocks, share, most_lr)


def check(
    ids: str | Iterable[str] | None = None,
    *,
    rule: str | Rule | UpdateRule | None = None,
    tier: str = "fast",
    jobs: int = 1,
    executor: str = "serial",
    seed: int | None = None,
    progress: Callable[[Any], object] | None = None,
) -> Report:
    """Runs checks: the one or those named, or those of a tier; on one rule, or on all they apply to.

    returns: a Report with verdicts, counts and an exit code; it prints nothing.
    raises: UnknownName for an id or rule that does not exist.
    """
    from .runtime.config import MOST_JOBS
    from .runtime.runner import run

    if not isinstance(jobs, int) or not 1 <= jobs <= MOST_JOBS:
        raise DriftproofError(f"jobs = {jobs!r} is not a whole number from 1 to {MOST_JOBS}.", "Each is a process.")
    chosen: Sequence[str | UpdateRule] | None = None
    if rule is not None:
        chosen = [rule if isinstance(rule, str) else _update_rule(rule)]
    if ids is not None and not isinstance(ids, Iterable):
        raise DriftproofError(f"{ids!r} is not an id.", "", "Give the id of a check, or a list of them.")
    with extras_named():
        named = [ids] if isinstance(ids, str) else ids
        return run(named, chosen, tier=tier, jobs=jobs, executor=executor, seed=seed, progress=progress)


def audit(
    target: str,
    *,
    rule: str = "",
    arguments: Mapping[str, str] | None = None,
    fixed: Mapping[str, Any] | None = None,
    deep: bool = False,
    select: str | Iterable[str] = (),
    ignore: str | Iterable[str] = (),
    timeout: float | None = None,
) -> AuditReport:
    """Says what an optimizer computes, and what is wrong with it; its code runs in a process of its own.

    target: "module:Class" or "path.py:Class".   rule: the RULE that it should be; "" to go by its name.
    arguments: letter -> argument that sets it.   fixed: argument -> value in every run.
    select, ignore: checks, by code or name.   timeout: seconds; 60, or 300 if deep, unless given.
    returns: an AuditReport with a verdict, findings and an exit code; it prints nothing.
    raises: DriftproofError for a target, rule, argument or check that does not exist.
    """
    from .audit.codes import named
    from .audit.report import audited
    from .audit.request import Request

    picked, left = ([names] if isinstance(names, str) else list(names) for names in (select, ignore))
    given = (target, rule, dict(arguments or {}), dict(fixed or {}), deep, named(picked), named(left))
    return audited(Request(*given, timeout=timeout))


def witness(
    rule: str | Rule | UpdateRule,
    *,
    period: int | None = None,
    smallest: bool = False,
    gradients: str | Iterable[Any] | None = None,
    budget: int | None = None,
    model: str = "cyclic",
    **hyperparameters: Any,
) -> Outcome:
    """A stream of gradients on which a rule goes the wrong way, with an exact proof object, or why there is none.

    Of period, smallest and gradients one at most; by default the fastest one found within the budget of predicted
    steps. hyperparameters: beta1, beta2, eps, lr ...; exact numbers, or text in t: beta2="1-1/(2*sqrt(t))".
    gradients: "1000,-1x999", or a list of numbers.   model: "cyclic" or "iid".
    raises: Refused where the rule is not the recursion of Generic Adam; OutOfDomain, UnknownName, NotReadable.
    """
    from driftproof.theory.witness import stream
    from driftproof.theory.witness import witness as search
    from driftproof.theory.witnessed import Search

    values = {SPOKEN.get(name, name): value for name, value in hyperparameters.items()}
    runs = None if gradients is None else stream(gradients)
    return search(_update_rule(rule), values, Search(model, period, smallest, runs, budget))


def phase_diagram(rule: str | Rule | UpdateRule = "adam", period: int = 100) -> PhaseDiagram:
    """What constant betas do on sums of n = period losses: guaranteed, diverging, or unknown, point by point.

    returns: points, exact boundaries, torch's default; `checks.runtime.render_phase.save` writes and draws it.
    raises: OutOfDomain for a period not from 3 to 1000; Refused for a rule without such betas.
    """
    from driftproof.theory.phase import phase_diagram as drawn

    return drawn(_update_rule(rule), period)


def verify(*files: str) -> list[dict[str, Any]]:
    """Replays proof objects with the independent checker: {file, accepted, reason, readable} each. No SymPy."""
    from .runtime.proofs import replayed

    return replayed(str(file) for file in files)


def _update_rule(given: str | Rule | UpdateRule) -> UpdateRule:
    if isinstance(given, str):
        return rule(given).update_rule
    from driftproof.theory.rule import UpdateRule

    found = given.update_rule if isinstance(given, Rule) else given
    if not isinstance(found, UpdateRule):
        raise DriftproofError(f"{repr(given)[:60]} is not a rule.", "", 'Give a text such as "adam", or a Rule.')
    return found


def _one_of(format: str, known: dict[str, Callable[[UpdateRule], str]]) -> Callable[[UpdateRule], str]:
    if format not in known:
        raise DriftproofError(f"There is no format '{format}' here.", "", f"Formats: {', '.join(known)}.")
    return known[format]
