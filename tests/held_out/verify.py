"""That each entry of the manifest is what it says: `.venv/bin/python tests/held_out/verify.py`.

The trials are those of tests/unseen/verify.py and four more. Correct ones and variants pass all of them; a broken one
fails exactly those named in FAILS.
"""

import importlib.util
import sys
from pathlib import Path

import torch

HERE = Path(__file__).parent
sys.dont_write_bytecode = True


def by_path(name, path):
    spec = importlib.util.spec_from_file_location(name, path)
    sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


UNSEEN = by_path("held_out_manifest", HERE / "manifest.py").UNSEEN
trials = by_path("unseen_verify", HERE.parent / "unseen" / "verify.py")

GPT = "lr=eta betas=beta1,beta2 eps=eps weight_decay=lambda"
PLAIN = "lr=eta betas=beta1,beta2 eps=eps"
ADAN = "lr=eta betas=beta1,beta2,beta3 eps=eps weight_decay=lambda"
ARRAYS = "learning_rate=eta b1=beta1 b2=beta2"
LION = "learning_rate=eta beta1=beta1 beta2=beta2 weight_decay=lambda"
KERAS = "learning_rate=eta beta_1=beta1 beta_2=beta2 epsilon=eps"
SGDW = "lr=eta momentum=mu weight_decay=lambda"
REGULARISED = "lr=eta momentum=mu weight_decay=l2"

trials.HERE = HERE
trials.VALUES |= {"c": 1.2, "power": 0.3, "up": 1.4, "down": 0.6, "low": 0.01, "high": 0.2}
trials.FILES = {"gpt_train.py": GPT, "hf_optimization.py": GPT, "blocks.py": GPT, "classics.py": PLAIN}
trials.ARGUMENTS = {
    "ScriptAdam": PLAIN,
    "TransformerAdam": PLAIN,
    "SteppedAdam": "lr=eta mom=beta1 sqr_mom=beta2 eps=eps",
    "Larger": "lr=eta mom=beta1 sqr_mom=beta2 eps=eps wd=lambda",
    "SteppedSGD": "lr=eta mom=mu wd=lambda",
    "RootAdam": "step_size=eta decay_rates=beta1,beta2 epsilon=eps",
    "WeightedSums": "lr=eta beta1=beta1 beta2=beta2 eps=eps",
    "GrowingRMS": "lr=eta beta2=beta2 eps=eps momentum=mu",
    "ClippedAdopt": GPT + " clip_exp=power",
    "StableAdam": PLAIN,
    "ByShape": "lr=eta alpha=beta2 eps=eps",
    "KerasSGD": "learning_rate=eta momentum=mu",
    "KerasRMSprop": "learning_rate=eta rho=beta2 momentum=mu epsilon=eps",
    "KerasDelta": "learning_rate=eta rho=beta epsilon=eps",
    "UnitlessDelta": "learning_rate=eta rho=beta epsilon=eps",
    "KerasNadam": KERAS + " schedule_decay=psi",
    "ConstantNadam": KERAS,
    "KerasAdagrad": "learning_rate=eta initial_accumulator_value=v0 decay=delta epsilon=eps",
    "Lion": LION,
    "SignBlend": LION,
    "InfNorm": "stepsize=eta b1=beta1 b2=beta2 eps=eps",
    "Yogi": ARRAYS + " eps=eps initial_accumulator_value=v0",
    "MaxAdam": ARRAYS + " eps_root=eps",
    "InPlaceAdam": "lr=eta b1=beta1 b2=beta2 eps=eps",
    "FlatMomentum": REGULARISED,
    "FlatVelocity": REGULARISED,
    "GatheredAdagrad": "lr=eta initial_accumulator_value=v0 eps=eps",
    "ListAdan": ADAN,
    "AdanNoDecoupling": ADAN,
    "AdanSingle": ADAN,
    "LaPropList": GPT,
    "ListAdam": PLAIN,
    "TwoPathAdam": "lr=eta betas=beta1,beta2 eps=eps weight_decay=l2",
    "MixedAdam": PLAIN,
    "CompactAdam": PLAIN,
    "SignMomentum": SGDW,
    "ResilientBackprop": "lr=eta etas=down,up step_sizes=low,high",
    "DualAverages": "lr=eta momentum=mu eps=eps",
    "Lamb": GPT + " clamp_value=c",
    "LionIndependent": "lr=eta b1=beta1 b2=beta2 wd=lambda",
    "AveragedNesterovW": SGDW,
    "MomentumW": SGDW,
    "UpOrDown": REGULARISED,
}
trials.OPTIONS = {
    "AdamW": [({"correct_bias": False}, "adamw@correction=none,decay=after", 1)],
    "UpOrDown": [({"maximize": True}, "sgd@momentum=heavy_ball", -1)],
    "TwoPathAdam": [({"foreach": True}, "adam", 1)],
}
ALL = trials.ALL + " twins large"
ON_ARRAYS = "steps rate saved kept sizes edge nan long twins large"
WRONG_EQUATION = "UnitlessDelta KerasNadam StableAdam PretrainedAdamW FinetuneAdamW MomentumW KerasAdagrad"
FAILS = dict.fromkeys(WRONG_EQUATION.split(), ALL) | {
    "SignBlend": ON_ARRAYS + " snapshot",
    "UpOrDown": "options",
    "ScriptAdam": "groups added missing",
    "ListAdam": "missing",
    "TransformerAdam": "saved",
    "InPlaceAdam": "snapshot",
    "ByShape": "twins",
    "FlatVelocity": "added",
    "BufferedRAdam": "groups added",
    "SteppedSGD": "rate",
    "TwoPathAdam": "options",
    "TunedAdamW": "large",
    "InlineAdamW": "strided",
    "BoundedAdam": "nan",
    "SlicedAdamW": "edge",
    "GatheredAdagrad": "closure",
    "SignMomentum": "kept",
    "AdanSingle": "reused",
    "CompactAdam": ALL.replace(" single", "") + " twice",
}
COARSE = {"CompactAdam": 1e-6}


# Trials that tests/unseen/verify.py does not have: "" where all is well, else what is wrong.


def twins(entry):
    """Two tensors of one shape."""
    return trials.run(trials.worlds(entry, (([(2, 3), (2, 3), (4,), (4,)], {}),)), 8).fault()


def large(entry):
    return trials.run(trials.worlds(entry, (([(1500,), (1024,), (33, 64), (4096,)], {}),)), 3).fault()


def snapshot(entry):
    """What was saved stays what it was while the optimizer goes on."""
    world = trials.run(trials.worlds(entry), 5)
    if not isinstance(world, trials.ArrayWorld):
        return ""
    kept = world.made().save(world.state)
    trials.run(world, 3)
    again = trials.run(trials.worlds(entry), 5)
    again.state = again.made().load(kept)
    return trials.run(again, 5).fault()


def options(entry):
    for given, rule, sign in trials.OPTIONS.get(entry.target.split(":")[1], []):
        world = trials.worlds(entry, rule=rule, options=given)
        for _ in range(10):
            grads = world.draw()
            world.step(grads, sign=sign)
            if any((p.grad.numpy() != sign * g).any() for p, g in zip(world.params, grads, strict=True)):
                return "gradient changed"
        if found := world.fault():
            return found
    return ""


trials.ON_ARRAYS += " twins large snapshot"
trials.TRIALS = (*(t for t in trials.TRIALS if t.__name__ != "options"), twins, large, snapshot, options)


def main():
    wrong = 0
    for entry in UNSEEN:
        if sys.argv[1:] and not any(word in entry.target for word in sys.argv[1:]):
            continue
        found = trials.examine(entry)
        name = entry.target.split(":")[1]
        expected = FAILS.get(name, "")
        if name in COARSE and (fault := trials.run(trials.worlds(entry)).fault(COARSE[name])):
            found["coarse"] = fault
        fits = set(found) == set(expected.split()) and bool(found) == (entry.kind == "broken")
        wrong += not fits
        print(f"{'as told' if fits else 'NOT AS TOLD'}  {entry.kind:9}  {entry.target}  {' '.join(found)}", flush=True)
        if not fits:
            print(*(f"    {name}: {fault}" for name, fault in found.items()), sep="\n")
    print(f"{len(UNSEEN)} entries, {wrong} not as told")
    return 1 if wrong else 0


if __name__ == "__main__":
    torch.manual_seed(0)
    torch.set_num_threads(1)
    sys.exit(main())
