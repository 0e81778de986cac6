"""Is my schedule covered? Edit the three lines and run it.

    python -m driftproof.checks.examples.is_my_schedule_covered

Schedules are expressions in t, the step, from 1 on (and in T, the horizon). Where they are not covered, the smallest
change that is covered is looked for, by asking again. NOT_COVERED is not divergence: `driftproof witness` is for that.
"""

from __future__ import annotations

from itertools import combinations

import driftproof as dp
from driftproof.theory.schedules import schedule
from driftproof.theory.symbols import t

LR = "1e-3"
BETA1 = "0.9"
BETA2 = "0.999"


def main(lr: str = LR, beta1: str = BETA1, beta2: str = BETA2) -> str:
    """Prints the verdict, why, and what to change; returns the verdict."""
    found = dp.converge(lr=lr, beta1=beta1, beta2=beta2)
    print(found)
    if found.verdict == "CONVERGES":
        return found.verdict
    print("\nwhat to change")
    changes = covered({"lr": lr, "beta1": beta1, "beta2": beta2})
    for values, rate in changes:
        told = ", ".join(f"{name} = {value}" for name, value in values.items())
        print(f"  {told}: CONVERGES, order {rate}")
    if not changes:
        print("  none of the changes tried is covered")
    return found.verdict


def covered(given: dict[str, str]) -> list[tuple[dict[str, str], str]]:
    """The smallest changes that are covered, with their rates."""
    moves = {name: schedule(value).has(t) for name, value in given.items()}
    falling = "1e-3/sqrt(t)" if moves["lr"] else f"{given['lr']}/sqrt(t)"
    rising = "1 - 1/(2*sqrt(t))" if moves["beta2"] else f"1 - (1 - {given['beta2']})/sqrt(t)"
    others = {"lr": falling, "beta1": "0.9", "beta2": rising}
    for size in (1, 2, 3):
        tried = [{name: others[name] for name in names} for names in combinations(others, size)]
        answers = [(values, dp.converge(**{**given, **values})) for values in tried]
        sure = [(values, str(answer.limit.rate)) for values, answer in answers if answer.verdict == "CONVERGES"]
        if sure:
            return sure
    return []


if __name__ == "__main__":
    main()
