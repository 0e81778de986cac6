"""That each entry of the manifest is what it says: `.venv/bin/python tests/unseen/verify.py`.

Correct ones and variants pass every trial below against the compiled float64 reference; a broken one fails exactly the
trials named in FAILS. Hyperparameters are large and distinct, so that no two conventions agree by chance.

Over 400 lines: one script, which the other set of optimizers loads by its path.
"""

import copy
import importlib.util
import pickle
import sys
from itertools import chain
from pathlib import Path

import numpy as np
import torch

from driftproof.impl import compile_rule

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True
from manifest import UNSEEN  # noqa: E402  (it lies beside this file)

VALUES = dict(
    eta=0.05, beta1=0.6, beta2=0.8, beta3=0.7, beta=0.75, eps=0.1, mu=0.7, tau=0.2, l2=0.3, delta=0.1, v0=0.05, nu1=0.7
)
VALUES |= {"lambda": 0.3, "nu2": 0.6, "alpha": 2.0, "psi": 0.3}

# How an argument of the constructor is called in the catalogue; commas make a tuple.
FOLDED = "lr=eta betas=beta1,beta2 eps=eps weight_decay=lambda"
KERNEL = "lr=eta betas=beta1,beta2 eps=eps"
COUNTED = "lr=eta b1=beta1 b2=beta2 eps=eps"
MOULD = "lr=eta beta1=beta1 beta2=beta2 eps=eps"
KERAS = "lr=eta beta_1=beta1 beta_2=beta2 epsilon=eps"
BOOKS = "lr=eta momentum=mu weight_decay=l2"
FILES = {
    "corrections.py": FOLDED,
    "kernels.py": KERNEL,
    "small_letters.py": KERNEL,
    "counters.py": COUNTED,
    "recurrences.py": MOULD,
    "bookkeeping.py": BOOKS,
    "decays.py": FOLDED,
}
ARGUMENTS = {
    "AdamPowers": "lr=eta beta1=beta1 beta2=beta2 epsilon=eps",
    "AdamRunningProducts": "learning_rate=eta betas=beta1,beta2 eps=eps",
    "OptimizerA": "alpha=eta b1=beta1 b2=beta2 eps=eps",
    "ForeachAdamW": FOLDED,
    "HandWrittenAdamW": "learning_rate=eta b1=beta1 b2=beta2 eps=eps wd=lambda",
    "RegularisedAdam": "lr=eta betas=beta1,beta2 eps=eps weight_decay=l2",
    "Descent": "alpha=eta",
    "ClosureMomentum": "lr=eta momentum=mu",
    "NesterovSGD": "lr=eta mu=mu weight_decay=l2",
    "Mover": "learning_rate=eta momentum=mu",
    "AveragedGradient": "lr=eta beta=mu",
    "AveragedFromFirst": "lr=eta momentum=mu",
    "DampenedSGD": "lr=eta momentum=mu dampening=tau",
    "SGDWithDecoupledDecay": "lr=eta momentum=mu wd=lambda",
    "RootMeanSquare": "lr=eta rho=beta2 eps=eps",
    "MyAdagrad": "lr=eta lr_decay=delta initial=v0 eps=eps",
    "AdaDelta": "lr=eta decay=beta eps=eps",
    "OptimizerInf": KERAS,
    "FusedLion": "lr=eta betas=beta1,beta2 weight_decay=lambda",
    "LionProx": "lr=eta betas=beta1,beta2 weight_decay=lambda",
    "OnlySigns": "delta=eta",
    "Signum": "lr=eta momentum=mu weight_decay=lambda",
    "NesterovAdam": "lr=eta betas=beta1,beta2 eps=eps momentum_decay=psi",
    "SimpleNAdam": MOULD,
    "WarmFreeAdam": KERNEL,
    "Belief": KERNEL,
    "MyYogi": "lr=eta betas=beta1,beta2 eps=eps initial_accumulator=v0",
    "LayerwiseAdam": "lr=eta b1=beta1 b2=beta2 eps=eps weight_decay=lambda",
    "Adopt": FOLDED,
    "NesterovThree": "lr=eta beta1=beta1 beta2=beta2 beta3=beta3 eps=eps wd=lambda",
    "QuasiAdam": "lr=eta betas=beta1,beta2 nus=nu1,nu2 eps=eps",
    "TwoAverages": "lr=eta betas=beta1,beta2,beta3 alpha=alpha eps=eps weight_decay=lambda",
    "BertAdam": "lr=eta b1=beta1 b2=beta2 e=eps weight_decay_rate=lambda",
    "RMSpropInside": "learning_rate=eta rho=beta2 epsilon=eps",
    "CenteredRMS": "lr=eta alpha=beta2 eps=eps",
    "RMSpropMomentum": "lr=eta alpha=beta2 eps=eps momentum=mu",
    "RMSpropTF": "lr=eta decay=beta2 momentum=mu eps=eps",
    "AdagradInside": "lr=eta initial_accumulator_value=v0 eps=eps",
    "AdamaxKeras": KERAS,
    "OptimizerR": "lr=eta beta2=beta2 eps=eps",
    "LionLike": "lr=eta beta1=beta1 beta2=beta2 weight_decay=lambda",
    "ZeilerDelta": "lr=eta rho=beta eps=eps",
    "NesterovTriple": "lr=eta beta1=beta1 beta2=beta2 beta3=beta3 eps=eps weight_decay=lambda",
    "ZippedMomentum": "lr=eta momentum=mu",
    "NumpyAdam": COUNTED,
    "NumpyAdamForgetful": COUNTED,
    "NumpyMomentum": "lr=eta momentum=mu",
    "NumpyRMSprop": "lr=eta rho=beta2 eps=eps",
    "adam_transform": "learning_rate=eta b1=beta1 b2=beta2 eps=eps",
    "adam_late_count": "learning_rate=eta b1=beta1 b2=beta2 eps=eps",
    "adamw_inside": "learning_rate=eta b1=beta1 b2=beta2 eps_root=eps weight_decay=lambda",
}

# Options, the rule that each asks for, and the sign of the gradient.
OPTIONS = {
    "HandWrittenAdamW": [({"maximize": True}, "adamw", -1)],
    "Mover": [({"nesterov": True}, "sgd@momentum=inside,nesterov=yes", 1)],
    "FlagOnSelf": [({"nesterov": False}, "sgd@momentum=heavy_ball", 1)],
    "AlwaysDown": [({"maximize": True}, "sgd@momentum=heavy_ball", -1)],
    "ManyAdam": [({"foreach": True}, "adam", 1)],
    "Amsgradless": [({"amsgrad": True}, "adam@amsgrad=raw", 1)],
}
# The trials that each broken one fails, and no others. A wrong equation shows in all but the comparison of two runs.
ALL = "steps rate groups added missing saved copied kept reused strided sizes edge nan long closure single"
ON_ARRAYS = "steps rate saved kept sizes edge nan twice long"
WRONG_EQUATION = (
    "QuickAdam OptimizerR InfinityNormAdam ZeilerDelta NesterovTriple AMSGradShort RectifiedAdam CountingFromZero "
    "AdamW2 InPlaceAdam ScaledDamping MyAdamW AdamWFoldedDecay CoreAdam FixedEpsAdamW CountedTwice CountedOnce "
    "Vectorised"
)
FAILS = dict.fromkeys(WRONG_EQUATION.split(), ALL) | {
    "LionLike": ALL.replace("long ", ""),  # at its rates there no sign turns
    "CountedInGroup": ALL.replace("long ", ""),  # one tensor
    "adam_late_count": ON_ARRAYS.replace("twice ", ""),
    "AdamWTwoGroups": "groups",
    "AdamWFixedDecay": "rate groups added",
    "CountedShort": "long",
    "CountedHalf": "long",
    "CountedOnSelf": "added missing saved copied",
    "KeepsVelocity": "saved copied",
    "FlagOnSelf": "copied",
    "NumpyAdamForgetful": "saved",
    "SharedBuffer": "reused",
    "L2InPlace": "kept",
    "NumpyRMSprop": "kept",
    "FixedRate": "rate groups added",
    "GroupBuffers": "added",
    "AlwaysDown": "options",
    "Amsgradless": "options",
    "TwoCalls": "closure",
    "SilentClosure": "closure",
    "FrozenClosure": "closure",
    "ManyAdam": "options",
    "ZippedMomentum": "missing",
    "FlatMemory": "strided",
    "ScaledAgainstOverflow": "nan",
    "RowByRow": "edge",
    "WatchesPeaks": "edge",
    "Dithered": "twice",
    "SingleInside": ALL.replace(" single", ""),
    "HalfMoments": ALL,
}
# Of a precision, the trial `steps` still passes here.
COARSE = {"SingleInside": 1e-5, "HalfMoments": 1e-2}


def load(target):
    file, name = target.split(":")
    known = f"unseen_{file[:-3]}"  # registered, so that its classes can be pickled
    if known not in sys.modules:
        spec = importlib.util.spec_from_file_location(known, HERE / file)
        sys.modules[known] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[known])
    return getattr(sys.modules[known], name)


def arguments_of(target):
    file, name = target.split(":")
    pairs = (pair.split("=") for pair in ARGUMENTS.get(name, FILES.get(file, "")).split())
    return {argument: names.split(",") for argument, names in pairs}


class Reference:
    """One tensor and its reference."""

    def __init__(self, rule, start, values, names, l2):
        self.rule = compile_rule(rule)
        known = {str(h.name) for h in self.rule.rule.hyperparameters}
        self.known, self.values, self.l2 = known & names, values, l2
        self.off = {name: 0 for name in known & {"lambda", "tau", "delta"} - names}
        self.state = self.rule.init([start])

    @property
    def theta(self):
        return self.state.theta[0]

    def step(self, grad):
        grad = grad + self.values["l2"] * self.theta if self.l2 else grad
        self.state = self.rule.step(self.state, [grad], self.off | {name: self.values[name] for name in self.known})


class World:
    """Parameters in groups, a stranger's optimizer on them, a reference for each."""

    def __init__(self, entry, groups, values=None, rule="", options=None, dtype=torch.float64, seed=0):
        self.entry, self.rng, self.dtype = entry, np.random.default_rng(seed), dtype
        self.arguments = arguments_of(entry.target)
        self.rule, self.l2 = rule or entry.truth, entry.around == "l2"
        self.options = options or {}
        self.params, self.refs, self.owner, self.values = [], [], [], []
        self.asks = entry.target.endswith("ClosureMomentum")
        given = [self.group(shapes, VALUES | (values or {}) | changes) for shapes, changes in groups]
        self.make(given)

    def settings(self, values):
        found = {a: tuple(values[n] for n in names) for a, names in self.arguments.items()}
        return {a: v if len(v) > 1 else v[0] for a, v in found.items()}

    def group(self, shapes, values):
        group = {"params": []}
        for shape in shapes:
            start = self.rng.normal(size=shape)
            group["params"].append(self.parameter(start))
            names = set(chain.from_iterable(self.arguments.values()))
            self.refs.append(Reference(self.rule, start, values, names, self.l2))
        self.values.append(values)
        self.params += group["params"]
        return group | self.settings(values)

    def parameter(self, start):
        return torch.nn.Parameter(torch.tensor(start, dtype=self.dtype))

    def make(self, groups):
        first = self.settings(self.values[0])
        if len(groups) == 1:
            groups = groups[0]["params"]
        self.opt = load(self.entry.target)(groups, **first, **self.options)

    def rate(self, factor):
        for values, group in zip(self.values, self.opt.param_groups, strict=True):
            values["eta"] *= factor
            (key,) = [a for a, names in self.arguments.items() if names == ["eta"]]
            group[key] *= factor

    def draw(self):
        return [self.rng.normal(size=ref.theta.shape) for ref in self.refs]

    def step(self, grads=None, sign=1, place=None):
        grads = self.draw() if grads is None else grads
        for p, g in zip(self.params, grads, strict=True):
            given = None if g is None else torch.tensor(sign * np.asarray(g), dtype=self.dtype)
            place(p, given) if place else setattr(p, "grad", given)
        self.opt.step(lambda: 0.0) if self.asks else self.opt.step()
        for ref, g in zip(self.refs, grads, strict=True):
            if g is not None:
                ref.step(g)

    def fault(self, tolerance=1e-12, skip=()):
        """The largest relative difference, where it is above the tolerance."""
        worst = 0.0
        for i, (p, ref) in enumerate(zip(self.params, self.refs, strict=True)):
            one, two = p.detach().double().numpy().ravel().copy(), ref.theta.ravel().copy()
            for k in (k for t, k in skip if t == i):
                one[k] = two[k] = 0
            gap = np.abs(one - two) / (1 + np.abs(two))
            worst = max(worst, np.inf if np.isnan(gap).any() else gap.max(initial=0.0))
        return "" if worst <= tolerance else f"off by {worst:.1e}"

    def bits(self):
        return [p.detach().numpy().tobytes() for p in self.params]


class ArrayWorld(World):
    """The same for functions of arrays, and for gradient transformations."""

    def make(self, groups):
        self.made = load(self.entry.target)
        self.tree = self.entry.target.startswith("transformations")
        self.params = [np.array(r.theta) for r in self.refs]
        self.state = self.function().init(self.values_in(self.params), **self.hyper())

    def parameter(self, start):
        return start

    def hyper(self):
        return {} if self.tree else self.settings(self.values[0])

    def function(self):
        return self.made(**self.settings(self.values[0])) if self.tree else self.made()

    def values_in(self, arrays):
        if not self.tree:
            return arrays
        import jax.numpy as jnp

        return [jnp.asarray(a) for a in arrays]

    def rate(self, factor):
        self.values[0]["eta"] *= factor

    def step(self, grads=None, sign=1, place=None):
        grads = self.draw() if grads is None else grads
        given = self.given = [np.array(g) for g in grads]
        if self.tree:
            moves, self.state = self.function().update(self.values_in(given), self.state, self.values_in(self.params))
            self.params = [p + np.asarray(m) for p, m in zip(self.params, moves, strict=True)]
        else:
            self.params, self.state = self.function().step(self.params, given, self.state, **self.hyper())
        for ref, g in zip(self.refs, grads, strict=True):
            ref.step(g)

    def fault(self, tolerance=1e-12, skip=()):
        kept, self.params = self.params, [torch.tensor(np.asarray(p)) for p in self.params]
        try:
            return super().fault(tolerance, skip)
        finally:
            self.params = kept

    def bits(self):
        return [np.asarray(p).tobytes() for p in self.params]


SHAPES = [(3, 4), (5,)]


def worlds(entry, groups=((SHAPES, {}),), **more):
    functional = entry.target.startswith(("functional", "transformations"))
    return (ArrayWorld if functional else World)(entry, groups, **more)


def run(world, steps=20, **more):
    for _ in range(steps):
        world.step(**more)
    return world


# Trials: "" where all is well, else what is wrong.


def steps(entry):
    return run(worlds(entry)).fault()


def rate(entry):
    world = run(worlds(entry), 10)
    world.rate(0.4)
    return run(world, 10).fault()


def groups(entry):
    other = {"eta": 0.02, "lambda": 0.7, "l2": 0.1}
    return run(worlds(entry, ((SHAPES, {}), ([(4,), (2, 2)], other)))).fault()


def added(entry):
    world = run(worlds(entry), 6)
    world.opt.add_param_group(world.group([(4,), (2, 3)], VALUES | {"eta": 0.02}))
    return run(world, 10).fault()


def missing(entry):
    world = worlds(entry)
    for t in range(20):
        a, b = world.draw()
        world.step([None if t in (0, 3, 4, 9) else a, None if t in (7, 9) else b])
    return world.fault()


def saved(entry):
    world = run(worlds(entry), 7)
    if isinstance(world, ArrayWorld):
        if world.tree:
            world.state = pickle.loads(pickle.dumps(world.state))
        else:
            kept = pickle.dumps(world.made().save(world.state))
            world.state = world.made().load(pickle.loads(kept))
        return run(world, 7).fault()
    kept = pickle.dumps(world.opt.state_dict())
    world.params = [torch.nn.Parameter(p.detach().clone()) for p in world.params]
    world.make([{"params": world.params}])
    world.opt.load_state_dict(pickle.loads(kept))
    return run(world, 7).fault()


def copied(entry):
    world = run(worlds(entry), 7)
    world.params, world.opt = copy.deepcopy((world.params, world.opt))
    return run(world, 7).fault()


def kept(entry):
    world = worlds(entry)
    for _ in range(5):
        grads = world.draw()
        world.step(grads)
        left = world.given if isinstance(world, ArrayWorld) else [p.grad.numpy() for p in world.params]
        if any(a.tobytes() != b.tobytes() for a, b in zip(left, grads, strict=True)):
            return "gradient changed"
    return world.fault()


def reused(entry):
    """Gradients that stay where they are, as after zero_grad(set_to_none=False)."""

    def place(p, given):
        if p.grad is None:
            p.grad = torch.zeros_like(p)
        p.grad.copy_(given)

    kept = []
    for changes in ({}, {"l2": 0.0, "lambda": 0.0}):
        kept.append(run(worlds(entry, values=changes), 10, place=place).fault())
    return kept[0] or kept[1]


def strided(entry):
    def place(p, given):
        wide = torch.zeros(*given.shape[:-1], 2 * given.shape[-1], dtype=given.dtype)
        wide[..., ::2] = given
        p.grad = wide[..., ::2]

    world = worlds(entry, (([(3, 4), (4, 3)], {}),))
    first = run(world, 10, place=place).fault()
    world = worlds(entry, (([(3, 4), (4, 3)], {}),))
    with torch.no_grad():
        for p in world.params:
            p.set_(p.t().contiguous().t())
    return first or run(world, 10).fault()


def sizes(entry):
    return run(worlds(entry, (([(n,) for n in chain(range(1, 20), (31, 32, 33))], {}),)), 4).fault()


def edge(entry):
    return run(worlds(entry, (([(), (0,), (2, 0), (1,)], {}),)), 5).fault()


def nan(entry):
    if entry.truth.startswith("lamb"):
        return ""
    world = worlds(entry)
    for t in range(8):
        grads = world.draw()
        if t == 3:
            grads[0][1, 2] = np.nan
        with np.errstate(invalid="ignore"):
            world.step(grads)
    return world.fault(skip=[(0, 6)])


def twice(entry):
    one, two = (run(worlds(entry)).bits() for _ in range(2))
    return "" if one == two else "two runs differ"


def long(entry):
    n = 2100 if entry.target.startswith("counters") else 300
    world = worlds(entry, (([(4,)], {}),), values={"beta1": 0.9, "beta2": 0.999, "eps": 1e-3})
    return run(world, n).fault(1e-10)


def closure(entry):
    world, calls = worlds(entry), []
    for _ in range(3):
        grads = world.draw()

        def loss(grads=grads):
            calls.append(torch.is_grad_enabled())
            world.opt.zero_grad()
            value = sum((p * torch.tensor(g)).sum() for p, g in zip(world.params, grads, strict=True))
            value.backward()
            return value.detach()

        told = world.opt.step(loss)
        for ref, g in zip(world.refs, grads, strict=True):
            ref.step(g)
        if told is None:
            return "no loss returned"
    return world.fault() or ("" if calls == [True] * 3 else f"{len(calls)} calls in 3 steps")


def single(entry):
    return run(worlds(entry, dtype=torch.float32)).fault(1e-4)


def options(entry):
    for given, rule, sign in OPTIONS.get(entry.target.split(":")[1], []):
        if found := run(worlds(entry, rule=rule, options=given), sign=sign).fault():
            return found
    return ""


TRIALS = (steps, rate, groups, added, missing, saved, copied, kept, reused, strided, sizes, edge, nan, twice, long)
TRIALS += (closure, single, options)


def examine(entry):
    """Trial to complaint, of those that fail."""
    found = {}
    for trial in TRIALS:
        if entry.target.startswith(("functional", "transformations")) and trial.__name__ not in ON_ARRAYS.split():
            continue
        try:
            fault = trial(entry)
        except Exception as error:
            fault = f"{type(error).__name__}: {error}".splitlines()[0][:60]
        if fault:
            found[trial.__name__] = fault
    return found


def main():
    wrong = 0
    for entry in UNSEEN:
        if entry.target.startswith("transformations") and importlib.util.find_spec("optax") is None:
            print(f"not run     {entry.target}: no optax")
            continue
        found = examine(entry)
        name = entry.target.split(":")[1]
        expected = FAILS.get(name, "")
        if name in COARSE and (fault := run(worlds(entry)).fault(COARSE[name])):
            found["coarse"] = fault
        fits = set(found) == set(expected.split()) and bool(found) == (entry.kind in ("broken", "precision"))
        wrong += not fits
        print(f"{'as told' if fits else 'NOT AS TOLD'}  {entry.kind:9}  {entry.target}  {' '.join(found)}")
        if not fits:
            print(*(f"    {name}: {fault}" for name, fault in found.items()), sep="\n")
    print(f"{len(UNSEEN)} entries, {wrong} not as told")
    return 1 if wrong else 0


if __name__ == "__main__":
    torch.manual_seed(0)
    if importlib.util.find_spec("jax") is not None:
        import jax

        jax.config.update("jax_enable_x64", True)
    sys.exit(main())
