"""What a model of the loss does at a step size that is far too large: MoMo beside SGD with the same momentum.

    python -m driftproof.checks.examples.momo_at_a_large_step_size

Three losses in one dimension with their minimum 0 at 0, step size 5, momentum 0.9. It prints the distance to the
minimum, and draws the first steps on x^2/2 into momo.svg: the loss, the model of it at each iterate, cut off at 0,
and where the two methods go from there.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from driftproof.impl import compile_rule

ETA, BETA = 5.0, 0.9
SHOWN = (1, 5, 50)
Loss = tuple[Callable[[float], float], Callable[[float], float], float]
"""f, its derivative, and the start."""
LOSSES: dict[str, Loss] = {
    "x^2/2": (lambda x: x * x / 2, lambda x: x, 3.0),
    "log cosh 4x": (
        lambda x: 4 * abs(x) + np.log1p(np.exp(-8 * abs(x))) - np.log(2),
        lambda x: 4 * np.tanh(4 * x),
        1.0,
    ),
    "x^4": (lambda x: x**4, lambda x: 4 * x**3, 1.5),
}


def path(method: str, loss: Loss, steps: int = max(SHOWN)) -> list[float]:
    """The iterates of "momo", or of "sgd" with averaged momentum; they end where a number is too large to go on."""
    f, slope, start = loss
    compiled = compile_rule("momo" if method == "momo" else "sgd@momentum=ema", "reference")
    values = {"eta": ETA, "beta1" if method == "momo" else "mu": BETA}
    state, found = compiled.init([np.array([start])]), [start]
    for _ in range(steps):
        x = found[-1]
        if abs(x) > 1e50:
            break
        state = compiled.step(state, [np.array([slope(x)])], values, loss=f(x))
        found.append(float(state.theta[0][0]))
    return found


def table() -> dict[tuple[str, str], list[float]]:
    """|x| after SHOWN steps, infinite where the run left all bounds, by loss and method."""
    found = {}
    for name, loss in LOSSES.items():
        for method in ("momo", "sgd"):
            run = path(method, loss)
            found[name, method] = [abs(run[k]) if k < len(run) else float("inf") for k in SHOWN]
    return found


def picture(steps: int = 4) -> str:
    """The first steps on x^2/2 as SVG."""
    f, slope, _ = LOSSES["x^2/2"]
    width, height, low, high, top = 640, 400, -13.0, 5.0, 8.0

    def place(x: float, y: float) -> str:
        return f"{(x - low) / (high - low) * width:.1f},{height - 20 - min(y, top) / top * (height - 40):.1f}"

    def line(points: list[tuple[float, float]], colour: str, more: str = "") -> str:
        shown = " ".join(place(x, y) for x, y in points)
        return f'<polyline points="{shown}" fill="none" stroke="{colour}" {more}/>'

    grid = np.linspace(low, high, 361)
    parts = [line([(x, f(x)) for x in grid], "black", 'stroke-width="2"')]
    for method, colour in (("momo", "#0072b2"), ("sgd", "#d55e00")):
        run = path(method, LOSSES["x^2/2"], steps)
        parts.append(line([(x, f(x)) for x in run if low <= x <= high], colour, 'stroke-dasharray="4 3"'))
        for x in run:
            cx, cy = place(x, f(x)).split(",")
            parts.append(f'<circle cx="{cx}" cy="{cy}" r="4" fill="{colour}"/>')
        label = "MoMo" if method == "momo" else "SGD with momentum"
        parts.append(f'<text x="20" y="{30 if method == "momo" else 50}" fill="{colour}">{label}</text>')
    start = LOSSES["x^2/2"][2]
    model = [(x, max(f(start) + slope(start) * (x - start), 0.0)) for x in grid]
    parts.append(line(model, "#009e73"))
    parts.append('<text x="20" y="70" fill="#009e73">model at the start, cut off at the bound 0</text>')
    body = "\n".join(parts)
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-size="14">\n{body}\n</svg>\n'


def main() -> None:
    print(f"distance to the minimum, step size {ETA:g}, momentum {BETA:g}")
    print("loss".ljust(16) + "method".ljust(8) + "".join(f"step {k}".rjust(12) for k in SHOWN))
    for (name, method), values in table().items():
        print(name.ljust(16) + method.ljust(8) + "".join(f"{value:12.4g}" for value in values))
    Path("momo.svg").write_text(picture(), encoding="utf-8")
    print("picture: momo.svg")


if __name__ == "__main__":
    main()
