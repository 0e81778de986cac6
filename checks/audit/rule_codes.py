"""Codes of the verdict about the rule itself, and the page of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Code:
    """check: the stable name.   severity: of its findings.   page: what --explain prints."""

    check: str
    severity: str
    page: str


DICTIONARY = 1
"""The version of the conventions that targets are compared with; it grows when a verdict may change."""
CODES: Mapping[str, Code] = {
    "DP101": Code(
        "rule",
        "error",
        "The target is not the rule that it claims to be (by --rule, the configuration or the name of its class), in "
        "none of the conventions that the dictionary has; or it is another rule. The target ran as a black box in "
        "float64, at large and different hyperparameters, with gradients over several decades and a step size that "
        "changes; the difference is in units of the largest step. Where one changed place of the equations "
        "explains it exactly, the message names the place. If the deviation is meant and published, it belongs into "
        "the dictionary: declare it as a rule file and pass --rule file.py.",
    ),
    "DP102": Code(
        "convention",
        "warning",
        "The target is the rule that it claims to be, in another convention of the dictionary, which is named. "
        "Published implementations differ exactly there, so it is no error; but results with the same hyperparameters "
        "differ. To declare it, pass --rule NAME@axis=option.",
    ),
    "DP103": Code(
        "precision",
        "note",
        "The equations are right, and some of the computation is in a lower precision than the parameters: float32 "
        "scalars or counters beside float64 parameters, a product in bfloat16. With these roundings taken out the "
        "target equals the rule exactly, or it stays as near as the rule itself does in single precision.",
    ),
    "DP104": Code(
        "unknown-rule",
        "warning",
        "The target equals no declared rule, and nothing says which one it should be, so that nothing is called wrong. "
        "The message names the nearest rule. Probes that need no rule still ran. Pass --rule to say what is meant; "
        "a new optimizer is declared in one file (see the README) and then audited against that.",
    ),
    "DP105": Code(
        "runs",
        "error",
        "The target could not be made, or its step raised an error on ordinary inputs: parameters of one and two "
        "dimensions, float64, gradients without zeros. If the constructor's arguments were misread, say what they are "
        "with --argument LETTER=NAME and --set NAME=VALUE.",
    ),
    "DP106": Code(
        "step-size-changes",
        "error",
        "At a constant step size the target is the rule exactly; when the step size is edited half-way, as every "
        "schedule does (param_groups for torch), it is not. Usually the constructor has cached the value, or a buffer "
        "has it inside.",
    ),
    "DP107": Code(
        "several-tensors",
        "error",
        "With one tensor the target is the rule exactly; with several it is not. Usually a counter is incremented once "
        "per tensor, or state is shared by tensors.",
    ),
    "DP108": Code(
        "zero-gradients-first",
        "error",
        "Where no gradient is 0 the target is the rule exactly; where all gradients of a tensor are 0 in a step, it is "
        "not. Usually a norm or a root of 0 is divided by, and what follows is NaN or infinite: a frozen layer or a "
        "dead unit gives such gradients.",
    ),
    "DP110": Code(
        "weight-decay",
        "error",
        "Without weight decay the target is the rule exactly; with it, decay enters in another way than the name says "
        "(AdamW decouples it, Adam adds it to the gradient), or in no known way at all.",
    ),
    "DP112": Code(
        "option",
        "error",
        "A flag whose name is that of a convention (amsgrad, nesterov, centered) chooses something else.",
    ),
    "DP114": Code(
        "arguments-unread",
        "note",
        "The rule has no letter for these arguments, so they stayed at their defaults: what the target is says nothing "
        "about other values of them. If one of them is a letter of the rule, say so with --argument LETTER=NAME.",
    ),
    "DP113": Code(
        "option-unknown",
        "note",
        "A flag changes the equations into something that the dictionary does not have. It may well be meant; nothing "
        "is known about it.",
    ),
}
