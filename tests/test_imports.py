"""What a command loads: sets of modules, not times, because a set does not depend on the machine."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HEAVY = {"numpy", "torch", "rich", "hypothesis", "scipy", "cvxpy", "matplotlib", "pytest", "joblib"}


def imported_by(*arguments: str, cwd: Path) -> set[str]:
    """Every module that `python *arguments` tries to import, at any depth and however late."""
    command = [sys.executable, "-X", "importtime", *arguments]
    run = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    lines = run.stderr.splitlines()
    timed = [line for line in lines if line.startswith("import time:")]
    said = [line for line in lines if not line.startswith("import time:")]
    assert run.returncode == 0, "\n".join([f"{' '.join(arguments)}: exit code {run.returncode}", *said])
    return {line.rsplit("|", 1)[1].strip() for line in timed}


def packages(modules: set[str]) -> set[str]:
    return {module.split(".")[0] for module in modules}


def third_party(*arguments: str, cwd: Path) -> set[str]:
    """The packages outside the standard library, less what the interpreter loads by itself.

    `copy` of the standard library looks for Jython's org.python, in vain.
    """
    by_itself = imported_by("-c", "pass", cwd=cwd) | {"org", "org.python", "org.python.core"}
    return packages(imported_by(*arguments, cwd=cwd) - by_itself) - sys.stdlib_module_names


def test_root_loads_only_the_standard_library(tmp_path):
    assert third_party("-c", "import driftproof", cwd=tmp_path) == {"driftproof"}


@pytest.mark.parametrize("command", ["--help", "rules"])
def test_light_commands_load_only_click(command, tmp_path):
    assert third_party("-m", "driftproof", command, cwd=tmp_path) <= {"driftproof", "click"}


def test_derive_loads_nothing_heavy_but_sympy(tmp_path):
    assert packages(imported_by("-m", "driftproof", "derive", "adam", cwd=tmp_path)) & HEAVY == set()


def test_kernel_loads_only_the_standard_library(tmp_path):
    kernel = ROOT / "theory" / "kernel"
    if not kernel.exists():
        pytest.skip("there is no theory/kernel yet")
    names = sorted(file.stem for file in kernel.glob("*.py") if file.stem not in ("__init__", "__main__"))
    imports = "; ".join(f"import driftproof.theory.kernel.{name}" for name in names)
    assert third_party("-c", imports, cwd=tmp_path) == {"driftproof"}
    ours = {module for module in imported_by("-c", imports, cwd=tmp_path) if module.startswith("driftproof.")}
    outside = {module for module in ours if not module.startswith("driftproof.theory.kernel")}
    assert outside == {"driftproof.theory"}
