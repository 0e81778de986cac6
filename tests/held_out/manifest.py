"""What each optimizer in this folder is. Held out: written without a look at the auditor, and not for its development.

A group is the letter of the kind of defect:

    A1 the recurrence          A2 the bias correction, or eps        W  where the decay acts, and by what
    C  the count of steps      S  what state_dict or save keeps      G  groups, and settings that change
    F  the foreach path        K  a kernel: sizes, strides           N  one NaN spreads
    E  empty or 0-dim tensors  I  an argument that does nothing      T  two tensors share their state
    O  the closure             M  the gradient changed, or borrowed  D  two runs differ
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Unseen:
    """One optimizer.

    target: file and name in it.   kind: correct, variant or broken.
    declared: a RULE, what to pass as --rule; empty: nothing, the auditor has to find out.
    truth: the RULE that it equals with its flags at their defaults; of a broken one the rule that was meant.
    around: "l2" where lambda * theta is added to the gradient first.
    defect, group: of a broken one, in words, and the letter above.
    """

    target: str
    kind: str
    declared: str
    truth: str
    around: str = ""
    defect: str = ""
    group: str = ""


def correct(target: str, declared: str, truth: str, around: str = "") -> Unseen:
    return Unseen(target, "correct", declared, truth, around)


def variant(target: str, declared: str, truth: str, around: str = "") -> Unseen:
    return Unseen(target, "variant", declared, truth, around)


def broken(target: str, declared: str, truth: str, group: str, defect: str, around: str = "") -> Unseen:
    return Unseen(target, "broken", declared, truth, around, defect, group)


HEAVY = "sgd@momentum=heavy_ball"

UNSEEN = (
    # Correct
    correct("gpt_train.py:GPTAdamW", "adamw", "adamw"),
    correct("steppers.py:SteppedAdam", "", "adam"),
    correct("steppers.py:Larger", "lamb", "lamb"),
    correct("averages_kept.py:RootAdam", "", "adam"),
    correct("averages_kept.py:WeightedSums", "adam", "adam"),
    correct("keras_port.py:KerasDelta", "", "adadelta"),
    correct("functional_arrays.py:Lion", "lion", "lion"),
    correct("functional_arrays.py:InfNorm", "", "adamax"),
    correct("blocks.py:BlockAdamW", "adamw", "adamw"),
    correct("flat_buffers.py:FlatMomentum", "", HEAVY, "l2"),
    correct("multi_tensor.py:ListAdan", "", "adan"),
    correct("mixed_precision.py:MixedAdam", "adam", "adam"),
    correct("classics.py:ResilientBackprop", "rprop", "rprop"),
    correct("classics.py:DualAverages", "madgrad", "madgrad"),
    correct("classics.py:RAdam", "", "radam"),
    # Variants
    variant("hf_optimization.py:AdamW", "adamw", "adamw@eps=hat,decay=after"),
    variant("keras_port.py:KerasSGD", "", "sgd@momentum=inside,nesterov=yes"),
    variant("keras_port.py:KerasRMSprop", "rmsprop", "rmsprop@eps=inside,centered=yes,momentum=inside"),
    variant("keras_port.py:ConstantNadam", "nadam", "nadam@schedule=constant"),
    variant("functional_arrays.py:Yogi", "", "yogi@m0=same"),
    variant("functional_arrays.py:MaxAdam", "", "amsgrad@eps=inside"),
    variant("averages_kept.py:GrowingRMS", "", "rmsprop@correction=second,momentum=outside"),
    variant("averages_kept.py:ClippedAdopt", "adopt", "adopt@clip=counted"),
    variant("multi_tensor.py:AdanNoDecoupling", "adan", "adan@decay=proximal"),
    variant("multi_tensor.py:LaPropList", "", "laprop@inner=eta,decay=after"),
    variant("classics.py:RAdamSmallEps", "radam", "radam@eps=outside"),
    variant("classics.py:BeliefOnce", "adabelief", "adabelief@damped=once,eps=hat"),
    variant("classics.py:Lamb", "", "lamb@trust=clamped,correction=none"),
    variant("classics.py:LionIndependent", "", "lion@decay=independent"),
    variant("classics.py:AveragedNesterovW", "sgdw", "sgdw@momentum=ema,nesterov=yes"),
    # Broken
    broken("keras_port.py:UnitlessDelta", "adadelta", "adadelta", "A1", "The root of the upper average is missing."),
    broken("keras_port.py:KerasNadam", "nadam", "nadam", "A1", "The look-ahead takes this step's mu, not the next."),
    broken("functional_arrays.py:SignBlend", "lion", "lion", "A1", "The two rates are exchanged."),
    broken("averages_kept.py:StableAdam", "adam", "adam", "A2", "eps is squared and under the root."),
    broken("hf_optimization.py:PretrainedAdamW", "adamw", "adamw", "A2", "The second moment is corrected twice."),
    broken("gpt_train.py:FinetuneAdamW", "adamw", "adamw", "W", "The decay acts on the weights and in the gradient."),
    broken("classics.py:MomentumW", "sgdw", "sgdw", "W", "The buffer decays, the weights do not."),
    broken("classics.py:UpOrDown", "sgd", HEAVY, "W", "Under maximize the weights grow by the decay.", "l2"),
    broken("gpt_train.py:ScriptAdam", "adam", "adam", "C", "Only the first group counts its steps."),
    broken("multi_tensor.py:ListAdam", "", "adam", "C", "The count of the first tensor of a list serves all."),
    broken("hf_optimization.py:TransformerAdam", "adam", "adam", "S", "load_state_dict exchanges the betas."),
    broken("functional_arrays.py:InPlaceAdam", "adam", "adam", "S", "save hands out arrays that step changes later."),
    broken("averages_kept.py:ByShape", "rmsprop", "rmsprop", "T", "Tensors of one shape share their mean square."),
    broken("flat_buffers.py:FlatVelocity", "", HEAVY, "G", "add_param_group clears all velocities.", "l2"),
    broken("classics.py:BufferedRAdam", "radam", "radam", "G", "The first group's step size serves the others."),
    broken("steppers.py:SteppedSGD", "sgdw", "sgdw", "G", "A new lr makes the momentum start afresh."),
    broken("multi_tensor.py:TwoPathAdam", "adam", "adam", "F", "With foreach=True the decay is added to p.grad.", "l2"),
    broken("blocks.py:TunedAdamW", "adamw", "adamw", "K", "Past 1024 entries, those after the last full block stay."),
    broken("blocks.py:InlineAdamW", "", "adamw", "K", "A parameter that is not contiguous stays as it is."),
    broken("blocks.py:BoundedAdam", "adamw", "adamw", "N", "One NaN goes into the norm of its whole tensor."),
    broken("blocks.py:SlicedAdamW", "adamw", "adamw", "E", "An empty parameter raises ValueError."),
    broken("keras_port.py:KerasAdagrad", "", "adagrad", "I", "decay does nothing."),
    broken("flat_buffers.py:GatheredAdagrad", "adagrad", "adagrad", "O", "Gradients are read before the closure runs."),
    broken("mixed_precision.py:SignMomentum", "signum", "signum", "M", "step sets the gradients to zero."),
    broken("multi_tensor.py:AdanSingle", "adan", "adan", "M", "The last gradient is kept by reference."),
    broken("mixed_precision.py:CompactAdam", "", "adam", "D", "The second moment is rounded at random."),
)
