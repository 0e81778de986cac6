"""What each optimizer in this folder is: written from the papers and from memory, without a look at the auditor.

A group is the letter of the kind of defect:

    A1 the recurrence          A2 the bias correction, or eps        W  where the decay acts, and by what
    C  the count of steps      S  what state_dict or deepcopy keeps  G  options of groups
    F  the foreach path        K  a kernel: sizes, strides           N  one NaN spreads
    E  empty or 0-dim tensors  I  an argument that does nothing      P  precision, no defect by itself
    O  the closure             M  the gradient is changed            D  two runs differ
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Unseen:
    """One optimizer.

    target: file and name in it.   kind: correct, variant, broken or precision.
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


UNSEEN = (
    # Correct
    correct("adam_retold.py:AdamPowers", "adam", "adam"),
    correct("adam_retold.py:AdamRunningProducts", "adam", "adam"),
    correct("adam_retold.py:OptimizerA", "", "adam"),
    correct("adamw_retold.py:ForeachAdamW", "adamw", "adamw"),
    correct("adamw_retold.py:HandWrittenAdamW", "adamw", "adamw"),
    correct("descent.py:Descent", "", "sgd"),
    correct("descent.py:ClosureMomentum", "sgd", "sgd@momentum=heavy_ball"),
    correct("descent.py:NesterovSGD", "sgd", "sgd@momentum=heavy_ball,nesterov=yes", "l2"),
    correct("squares.py:RootMeanSquare", "", "rmsprop"),
    correct("squares.py:MyAdagrad", "adagrad", "adagrad"),
    correct("squares.py:AdaDelta", "adadelta", "adadelta"),
    correct("squares.py:OptimizerInf", "", "adamax"),
    correct("signs.py:FusedLion", "lion", "lion"),
    correct("signs.py:OnlySigns", "", "signsgd"),
    correct("signs.py:Signum", "signum", "signum"),
    correct("rectified.py:NesterovAdam", "nadam", "nadam"),
    correct("rectified.py:WarmFreeAdam", "", "radam"),
    correct("relatives.py:Belief", "", "adabelief"),
    correct("relatives.py:MyYogi", "yogi", "yogi"),
    correct("relatives.py:LayerwiseAdam", "", "lamb"),
    correct("relatives.py:Adopt", "adopt", "adopt"),
    correct("relatives.py:NesterovThree", "", "adan"),
    correct("relatives.py:QuasiAdam", "", "qhadam"),
    correct("relatives.py:TwoAverages", "", "ademamix"),
    correct("functional.py:NumpyAdam", "adam", "adam"),
    correct("transformations.py:adam_transform", "adam", "adam"),
    # Variants
    variant("small_letters.py:AdamKerasLike", "adam", "adam@eps=hat"),
    variant("small_letters.py:Variant3", "", "adam@eps=inside"),
    variant("small_letters.py:Variant4", "", "adam@eps=inside_hat"),
    variant("small_letters.py:ClampedAdam", "adam", "adam@eps=max"),
    variant("small_letters.py:FirstOnly", "", "adam@correction=first"),
    variant("small_letters.py:AMSGradTorch", "adam", "adam@amsgrad=raw"),
    variant("small_letters.py:AMSGradHat", "", "adam@amsgrad=corrected"),
    variant("small_letters.py:PaperAMSGrad", "", "amsgrad"),
    variant("adamw_retold.py:RegularisedAdam", "adam", "adam", "l2"),
    variant("decays.py:BertAdam", "", "adamw@correction=none"),
    variant("decays.py:DecayingAdam", "", "adamw@decay=after"),
    variant("decays.py:IndependentAdamW", "adamw", "adamw@decay=independent"),
    variant("decays.py:ProximalAdamW", "adamw", "adamw@decay=proximal"),
    variant("decays.py:AdamWMatricesOnly", "", "adamw@decay=matrices"),
    variant("descent.py:Mover", "", "sgd@momentum=inside"),
    variant("averages.py:AveragedGradient", "", "sgd@momentum=ema,first=damped"),
    variant("averages.py:AveragedFromFirst", "sgd", "sgd@momentum=ema"),
    variant("averages.py:DampenedSGD", "sgd", "sgd@momentum=heavy_ball,first=damped"),
    variant("averages.py:SGDWithDecoupledDecay", "", "sgdw"),
    variant("root_means.py:RMSpropInside", "rmsprop", "rmsprop@eps=inside"),
    variant("root_means.py:CenteredRMS", "", "rmsprop@centered=yes"),
    variant("root_means.py:RMSpropMomentum", "rmsprop", "rmsprop@momentum=outside"),
    variant("root_means.py:RMSpropTF", "", "rmsprop@eps=inside,start=one,momentum=inside"),
    variant("root_means.py:AdagradInside", "", "adagrad@eps=inside"),
    variant("root_means.py:AdamaxKeras", "adamax", "adamax@eps=outside"),
    variant("signs.py:LionProx", "lion", "lion@decay=proximal"),
    variant("rectified.py:SimpleNAdam", "", "nadam@schedule=simple"),
    variant("functional.py:NumpyMomentum", "", "sgd@momentum=ema"),
    variant("transformations.py:adamw_inside", "adamw", "adamw@eps=inside"),
    # Broken
    broken("recurrences.py:QuickAdam", "adam", "adam", "A1", "The new square enters with 1 - beta1."),
    broken("recurrences.py:OptimizerR", "rmsprop", "rmsprop", "A1", "|g| where g^2 belongs."),
    broken("recurrences.py:LionLike", "lion", "lion", "A1", "The average moves before its sign is taken."),
    broken("recurrences.py:InfinityNormAdam", "adamax", "adamax", "A1", "g where |g| belongs in the maximum."),
    broken("recurrences.py:ZeilerDelta", "adadelta", "adadelta", "A1", "The average of steps takes them times lr."),
    broken("recurrences.py:NesterovTriple", "adan", "adan", "A1", "The difference of gradients has the wrong sign."),
    broken(
        "recurrences.py:AMSGradShort",
        "adam@amsgrad=raw",
        "adam@amsgrad=raw",
        "A1",
        "The maximum is taken and not stored.",
    ),
    broken("recurrences.py:RectifiedAdam", "radam", "radam", "A1", "The factor 2 is missing in rho."),
    broken("corrections.py:CountingFromZero", "adamw", "adamw", "A2", "v is corrected with t + 1."),
    broken("corrections.py:AdamW2", "adamw", "adamw", "A2", "v is corrected with beta1."),
    broken("corrections.py:InPlaceAdam", "adamw", "adamw", "A2", "The correction of m is stored in m."),
    broken("corrections.py:ScaledDamping", "adamw", "adamw", "A2", "eps is multiplied with sqrt(1 - beta2^t)."),
    broken("transformations.py:adam_late_count", "adam", "adam", "A2", "Corrected with t - 1 from the second step on."),
    broken("corrections.py:MyAdamW", "adamw", "adamw", "W", "The decay goes through the moments: L2."),
    broken("corrections.py:AdamWTwoGroups", "adamw", "adamw", "W", "Every group decays as the first does."),
    broken("corrections.py:AdamWFoldedDecay", "adamw", "adamw", "W", "Decays by lr / (1 - beta1^t)."),
    broken("corrections.py:AdamWFixedDecay", "adamw", "adamw", "W", "Decays by the lr of the constructor for good."),
    broken("corrections.py:CoreAdam", "", "adamw", "I", "weight_decay does nothing."),
    broken("corrections.py:FixedEpsAdamW", "adamw", "adamw", "I", "eps does nothing: it is 1e-8."),
    broken("counters.py:CountedInGroup", "adam", "adam", "C", "The count of the group goes up at each tensor."),
    broken("counters.py:CountedTwice", "adam", "adam", "C", "Each step counts twice."),
    broken("counters.py:CountedShort", "adam", "adam", "C", "The count is in bfloat16 and stays at 256."),
    broken("counters.py:CountedHalf", "", "adam", "C", "The count is in float16 and stays at 2048."),
    broken("counters.py:CountedOnce", "adam", "adam", "C", "The count is never stored: t = 1 for good."),
    broken("counters.py:CountedOnSelf", "adam", "adam", "S", "The count is an attribute; state_dict leaves it out."),
    broken(
        "bookkeeping.py:KeepsVelocity",
        "",
        "sgd@momentum=heavy_ball",
        "S",
        "The buffers are an attribute; state_dict leaves them out.",
        "l2",
    ),
    broken(
        "bookkeeping.py:FlagOnSelf",
        "sgd",
        "sgd@momentum=heavy_ball,nesterov=yes",
        "S",
        "The flag is an attribute that deepcopy and pickle lose.",
        "l2",
    ),
    broken("functional.py:NumpyAdamForgetful", "adam", "adam", "S", "save leaves the count out."),
    broken(
        "bookkeeping.py:SharedBuffer",
        "sgd",
        "sgd@momentum=heavy_ball",
        "M",
        "The first gradient itself becomes the buffer, no copy of it.",
        "l2",
    ),
    broken(
        "bookkeeping.py:L2InPlace",
        "sgd",
        "sgd@momentum=heavy_ball",
        "M",
        "The decay is added into p.grad.",
        "l2",
    ),
    broken("functional.py:NumpyRMSprop", "", "rmsprop", "M", "The caller's gradients are divided in place."),
    broken(
        "bookkeeping.py:FixedRate",
        "",
        "sgd@momentum=heavy_ball",
        "G",
        "lr is read from the constructor's defaults, not from the group.",
        "l2",
    ),
    broken(
        "bookkeeping.py:GroupBuffers",
        "sgd",
        "sgd@momentum=heavy_ball",
        "G",
        "A group added later raises KeyError.",
        "l2",
    ),
    broken("bookkeeping.py:AlwaysDown", "sgd", "sgd@momentum=heavy_ball", "I", "maximize does nothing.", "l2"),
    broken("kernels.py:Amsgradless", "adam", "adam", "I", "amsgrad does nothing."),
    broken("bookkeeping.py:TwoCalls", "sgd", "sgd@momentum=heavy_ball", "O", "The closure is called twice.", "l2"),
    broken("bookkeeping.py:SilentClosure", "sgd", "sgd@momentum=heavy_ball", "O", "step returns no loss.", "l2"),
    broken("bookkeeping.py:FrozenClosure", "", "sgd@momentum=heavy_ball", "O", "The closure runs without grad.", "l2"),
    broken("kernels.py:ManyAdam", "adam", "adam", "F", "With foreach=True eps is under the root."),
    broken(
        "kernels.py:ZippedMomentum",
        "sgd",
        "sgd@momentum=heavy_ball",
        "F",
        "Buffers and gradients are paired by place: one missing gradient shifts them.",
    ),
    broken("kernels.py:Vectorised", "adam", "adam", "K", "Entries past the last multiple of 8 stay."),
    broken("kernels.py:FlatMemory", "", "adam", "K", "Reads the gradient's memory, whatever its strides."),
    broken("kernels.py:ScaledAgainstOverflow", "adam", "adam", "N", "One NaN goes into the scale of its whole tensor."),
    broken("kernels.py:RowByRow", "adam", "adam", "E", "A 0-dim parameter raises IndexError."),
    broken("kernels.py:WatchesPeaks", "", "adam", "E", "An empty parameter raises."),
    broken("kernels.py:Dithered", "adam", "adam", "D", "Noise of the global generator, of 32 units in the last place."),
    # Precision
    Unseen("kernels.py:SingleInside", "precision", "adam", "adam", "", "float32 inside, whatever the parameter.", "P"),
    Unseen("kernels.py:HalfMoments", "precision", "adam", "adam", "", "The averages rest in bfloat16.", "P"),
)
