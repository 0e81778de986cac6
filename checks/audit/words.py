"""Names of constructor arguments and the letters they stand for: how a signature is read.

An argument stands for a letter only together with a rule: alpha is RMSprop's beta2, and a power in ASGD.
"""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, tuple[str, ...]] = {
    "eta": ("lr", "learning_rate", "step_size", "stepsize", "eta", "rate", "alpha"),
    "beta1": ("betas[0]", "beta1", "b1", "beta_1", "beta", "momentum", "mu", "rho1", "decay1", "beta_m", "mom"),
    "beta2": ("betas[1]", "beta2", "b2", "beta_2", "alpha", "rho", "decay", "smoothing", "rho2", "decay2", "beta_v",
              "decay_rate", "gamma", "beta"),
    "beta3": ("betas[2]", "beta3", "b3", "beta_3"),
    "beta": ("beta", "momentum", "rho", "mu", "betas[0]", "beta1", "b1", "beta_1", "decay", "gamma", "alpha", "mom"),
    "mu": ("momentum", "mu", "mom", "beta", "beta1", "b1", "betas[0]", "decay", "gamma", "rho"),
    "tau": ("dampening", "damp", "damping", "tau"),
    "eps": ("eps", "epsilon", "eps1", "damping", "delta", "term", "tiny", "stability", "fuzz"),
    "eps1": ("eps[0]", "eps2[0]", "eps1", "epsilon1", "eps"),
    "eps2": ("eps[1]", "eps2[1]", "eps2", "epsilon2"),
    "lambda": ("weight_decay", "wd", "decay", "l2", "lambda_", "lamb", "lam", "lambd", "weight_decay_rate",
               "weightdecay", "decoupled_weight_decay", "reg"),
    "delta": ("lr_decay", "decay"),
    "psi": ("momentum_decay", "schedule_decay", "psi"),
    "final": ("final_lr",),
    "gamma": ("gamma",),
    "alpha": ("alpha", "beta2_decay"),
    "power": ("power", "alpha", "exponent", "p", "decay_rate"),
    "c": ("clip_threshold", "clipping_threshold", "d", "clamp_value", "max_norm", "clip", "c"),
    "up": ("etas[1]", "eta_plus", "etaplus", "up"),
    "down": ("etas[0]", "eta_minus", "etaminus", "down"),
    "low": ("step_sizes[0]", "min_step_size", "step_min", "low", "min_step"),
    "high": ("step_sizes[1]", "max_step_size", "step_max", "high", "max_step"),
    "nu1": ("nus[0]", "nu1", "nu"),
    "nu2": ("nus[1]", "nu2"),
    "v0": ("initial_accumulator_value", "initial_accumulator", "init_acc", "v0"),
    "begin": ("t0", "begin"),
    "f_star": ("lb", "f_star", "lower_bound", "f_min"),
}  # fmt: skip
"""Letter -> the arguments that may stand for it, likeliest first; name[k] is a place in a tuple."""

OF_RULE: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "asgd": {"lambda": ("lambd", "lambda_"), "power": ("alpha", "power")},
    "rmsprop": {"beta2": ("alpha", "rho", "decay", "beta2", "beta", "smoothing", "decay_rate", "betas[1]", "gamma")},
    "adafactor": {"alpha": ("-beta2_decay", "-decay_rate"), "power": ("-decay_rate", "decay_rate")},
    "ademamix": {"alpha": ("alpha",)},
}
"""The same where a rule has other words; a leading minus turns the sign."""

MEANT: Mapping[str, str] = {
    "adagrad": "adagrad",
    "adaboundw": "adabound",
    "adammini": "",
    "adamscheduler": "",
    "amsgradw": "amsgrad",
    "sgdscheduleree": "schedule_free_sgd",
    "sgdschedulefree": "schedule_free_sgd",
    "schedulefreesgd": "schedule_free_sgd",
    "adamwschedulefree": "schedule_free_adamw",
    "schedulefreeadamw": "schedule_free_adamw",
    "heavyball": "sgd",
    "momentumsgd": "sgd",
    "sgdmomentum": "sgd",
    "sgdm": "sgd",
    "nesterov": "sgd",
    "nag": "sgd",
    "nadamw": "nadam",
    "radamw": "radam",
    "adamaxw": "adamax",
    "nesterovadam": "nadam",
    "rectifiedadam": "radam",
    "bertadam": "adamw",
    "nesterovsgd": "sgd",
    "sgdnesterov": "sgd",
    "nesterovmomentum": "sgd",
    "centeredrmsprop": "rmsprop",
    "rmspropcentered": "rmsprop",
    "adamamsgrad": "adam",
    "amsadam": "adam",
    "signmomentum": "signum",
}
"""Names of classes that are not the rule's, in small letters -> the rule that they claim; "" for none."""

AFFIXES = (
    "my", "the", "our", "custom", "simple", "basic", "plain", "naive", "fast", "fused", "foreach", "multitensor", "cpu",
    "gpu", "cuda", "triton", "torch", "numpy", "np", "jax", "pure", "functional", "optimizer", "optim", "opt", "impl",
    "v1", "v2", "v3", "ref", "reference", "kernel", "tiny", "mini", "lite", "new", "old", "buggy", "broken", "bad",
    "good", "correct", "wrong", "decoupled", "coupled", "by", "scale", "from", "scratch", "vanilla", "standard",
)  # fmt: skip
"""What people put before or after a rule's name, which says nothing about the equation."""
SIBLINGS = ("foreach", "fused", "capturable", "differentiable")
"""Options that choose another road to the same numbers."""
CLAIMS: Mapping[str, tuple[str, ...]] = {
    "amsgrad": ("raw", "corrected"),
    "ams_bound": ("raw", "corrected"),
    "amsbound": ("raw", "corrected"),
    "nesterov": ("yes",),
    "centered": ("yes",),
}
"""Flags whose name is the name of a convention, and the options that they may choose."""


def axis_of(flag: str) -> str:
    """The axis that a flag may choose on: the one of its name, where it has no other."""
    return {"ams_bound": "amsgrad", "amsbound": "amsgrad"}.get(flag, flag)
