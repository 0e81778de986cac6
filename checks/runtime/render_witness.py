"""The page of `witness`: the stream, the exact bound, when it is seen, how it is replayed, and a script for torch."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from .layout import block, unbroken

if TYPE_CHECKING:
    from driftproof.theory.kernel.recursion import Runs
    from driftproof.theory.kernel.witness import Proof
    from driftproof.theory.witnessed import Outcome


def witness_text(found: Outcome, certificate: str | None = None) -> str:
    """certificate: the file in which the proof object was saved."""
    lines = block(found.rule.label, [found.verdict, found.reason])
    if found.runs:
        lines += block("stream", f"{stream(found.runs)}   ({'cyclic' if found.sampling == 'cyclic' else 'drawn, iid'})")
    lines += _numbers(found)
    if found.proof:
        lines += block("proves", _statement(found.proof))
        lines += unbroken("replay", [f"driftproof verify {certificate or 'FILE'}"])
        lines += [] if certificate else block("", "FILE is what --certificate FILE saves")
        script = torch_script(found)
        lines += ["", "on the real torch.optim", *("  " + line for line in script.splitlines())] if script else []
    return "\n".join(lines)


def stream(runs: Runs) -> str:
    """1000, -1 x 999."""
    return ", ".join(str(g) if count == 1 else f"{g} x {count}" for count, g in runs)


def _numbers(found: Outcome) -> list[str]:
    lines = []
    if found.proof:
        lines += block("drift", f"at least {found.proof.drift_lower_bound} alpha in {_span(found)}, exactly computed")
    elif found.interval:
        low, high = (float(x) for x in found.interval)
        lines += block("drift", f"in [{low:.6g}, {high:.6g}] alpha in {_span(found)}")
    if found.predicted_steps is not None and found.step_size is not None:
        lines += block("seen", f"from -1 to 1 in about {found.predicted_steps} steps at lr = {found.step_size}")
    if found.largest_sum:
        low, high = (float(x) for x in found.largest_sum)
        lines += block("largest sum", f"a spike of this period is a witness at sum {low:.8g}, and not at {high:.8g}")
    if found.sampled:
        s = found.sampled
        said = f"[{s.low:.6g}, {s.high:.6g}] alpha a step, level {s.level}, {s.samples} steps, seed {s.seed}"
        lines += block("simulated", said)
    return lines + _crossing(found)


def _span(found: Outcome) -> str:
    return "a period" if found.sampling == "cyclic" else f"{sum(n for n, _ in found.runs or ())} draws on average"


def _crossing(found: Outcome) -> list[str]:
    c = found.crossing
    if c is None:
        return []
    about = f"along {stream(c.runs)}"
    if c.small is None:
        return block("crossing", f"{about} it never goes the wrong way")
    when = "later than step 10^18" if c.step is None else f"until about step {c.step}"
    turn = f"1 - beta2 falls to {float(c.small[0]):.6g}"
    return block("crossing", f"{about} it goes the wrong way {when}, where {turn} (slowly changing beta2)")


def _statement(proof: Proof) -> str:
    from driftproof.theory.kernel.witness import statement

    return statement(proof)


def torch_script(found: Outcome) -> str:
    """A script that drives the class of torch the wrong way; "" where the rule is none of its classes."""
    proof, size = found.proof, found.step_size
    made = _torch(proof, size) if proof and size and proof.sampling == "cyclic" else ""
    if not made or proof is None or found.predicted_steps is None:
        return ""
    period = " + ".join(f"[{float(g)!r}]" + (f" * {n}" if n > 1 else "") for n, g in proof.runs)
    return (
        "import torch\n"
        f"gradients = torch.tensor({period}, dtype=torch.float64).split(1)  # sum {proof.gradient_sum} > 0\n"
        "theta = torch.nn.Parameter(torch.tensor([-1.0], dtype=torch.float64))  # -1 is the best point of [-1, 1]\n"
        f"optimizer = {made}\n"
        f"for t in range({2 * found.predicted_steps}):\n"
        f"    theta.grad = gradients[t % {proof.period}]\n"
        "    optimizer.step()\n"
        "    theta.data.clamp_(-1, 1)\n"
        "    if theta.item() == 1:\n"
        "        break\n"
        f'print(f"theta = {{theta.item()}} after {{t + 1}} steps; predicted: about {found.predicted_steps}")\n'
    )


def _torch(proof: Proof, size: Fraction) -> str:
    """The call of the class."""
    c: Any = proof.recursion
    b1, b2, eps, lr = (float(x) for x in (c.beta1, c.beta2, c.outside, size))
    calls = {
        "adam": f"torch.optim.Adam([theta], lr={lr}, betas=({b1}, {b2}), eps={eps}, foreach=False)",
        "adamw": f"torch.optim.AdamW([theta], lr={lr}, betas=({b1}, {b2}), eps={eps}, weight_decay=0, foreach=False)",
        "rmsprop": f"torch.optim.RMSprop([theta], lr={lr}, alpha={b2}, eps={eps}, foreach=False)",
    }
    return calls.get(proof.label, "")
