"""What constant betas do on sums of n losses, as a picture: guaranteed, diverging, and unknown between.

    python -m driftproof.checks.examples.phase_diagram

The same as `driftproof witness --rule adam --phase-diagram phase.svg --period 100`. Without matplotlib the points
are written as phase.csv.
"""

from __future__ import annotations

from importlib.util import find_spec

import driftproof as dp
from driftproof.checks.runtime.render_phase import phase_text, save


def main(period: int = 100) -> str:
    """Writes the file into this folder and says what is in it; returns its name."""
    diagram = dp.phase_diagram("adam", period)
    file = "phase.svg" if find_spec("matplotlib") else "phase.csv"
    save(diagram, file)
    print(phase_text(diagram, file))
    return file


if __name__ == "__main__":
    main()
