"""The folders at the top install as one import name, whole, small, and under no other name."""

import os
import shutil
import subprocess
import sys
import tomllib
import uuid
import zipfile
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
ROOMS = ("theory", "impl", "checks")
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
SETUPTOOLS = PYPROJECT["tool"]["setuptools"]
NOT_SOURCE = shutil.ignore_patterns(
    *(".git", ".venv", "build", "dist", "*.egg-info", "__pycache__", "*.py[co]", ".*_cache", ".hypothesis"),
    "_probe_*",  # of a test below, in another process
)


def package_of(folder: Path) -> str:
    """theory/rules -> driftproof.theory.rules; checks/_root is the root itself."""
    return "driftproof" if folder == Path("checks/_root") else ".".join(("driftproof", *folder.parts))


def folders_of_python() -> list[Path]:
    files = (file for room in ROOMS for file in (ROOT / room).rglob("*.py"))
    return sorted({file.parent.relative_to(ROOT) for file in files})


def python(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], cwd=cwd, capture_output=True, text=True, check=False)


# The list of packages


def test_every_folder_of_python_files_is_a_listed_package():
    expected = {package_of(folder): folder.as_posix() for folder in folders_of_python()}
    assert sorted(SETUPTOOLS["packages"]) == sorted(expected), "[tool.setuptools] packages"
    assert SETUPTOOLS["package-dir"] == expected, "[tool.setuptools.package-dir]"


def test_every_package_has_an_init():
    without = [folder for folder in folders_of_python() if not (ROOT / folder / "__init__.py").exists()]
    assert without == []


# What the base installs


def closure(requirements: list[str]) -> set[str]:
    """The distributions these requirements bring to this platform, without extras."""
    found: set[str] = set()
    waiting = [Requirement(text) for text in requirements]
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        if name in found or (requirement.marker and not requirement.marker.evaluate({"extra": ""})):
            continue
        found.add(name)
        waiting += map(Requirement, distribution(name).requires or [])
    return found


def size_in_bytes(name: str) -> int:
    """The sum over the distribution's RECORD; byte code made on installation has no size there."""
    return sum(file.size or 0 for file in distribution(name).files or [])


def test_base_is_at_most_eight_distributions_and_120_MB():
    base = closure(PYPROJECT["project"]["dependencies"])
    sizes = {name: size_in_bytes(name) for name in sorted(base)}
    assert len(base) <= 8, sizes
    assert all(sizes.values()), f"a RECORD is missing: {sizes}"
    assert sum(sizes.values()) <= 120e6, sizes


# One import name


@pytest.mark.parametrize("room", ROOMS)
def test_import_by_folder_name_fails_and_names_the_right_import(room):
    run = python("-c", f"import {room}", cwd=ROOT)
    assert run.returncode != 0
    assert f"import driftproof.{room}" in run.stderr


@pytest.mark.parametrize("room", ROOMS)
def test_editable_install_sees_a_new_file_at_once(room, tmp_path):
    name = f"_probe_{uuid.uuid4().hex}"
    probe = ROOT / room / f"{name}.py"
    try:
        probe.write_text("seen = True\n")
        run = python("-Bc", f"from driftproof.{room}.{name} import seen; print(seen)", cwd=tmp_path)
    finally:
        probe.unlink(missing_ok=True)
    assert (run.stdout, run.stderr) == ("True\n", "")


# The wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> set[str]:
    """The names of the files in a wheel built from a clean copy of the sources, without a network."""
    source, out = tmp_path_factory.mktemp("source") / "driftproof", tmp_path_factory.mktemp("wheel")
    shutil.copytree(ROOT, source, ignore=NOT_SOURCE, symlinks=True)
    options = ("--no-deps", "--no-build-isolation", "--no-index", "--quiet", "--disable-pip-version-check")
    run = python("-m", "pip", "wheel", *options, "--wheel-dir", str(out), ".", cwd=source)
    assert run.returncode == 0, run.stderr
    (file,) = out.iterdir()
    with zipfile.ZipFile(file) as archive:
        return set(archive.namelist())


def test_wheel_holds_the_package_and_its_metadata_only(wheel):
    tops = {name.split("/")[0] for name in wheel}
    assert tops == {"driftproof", f"driftproof-{PYPROJECT['project']['version']}.dist-info"}


def test_wheel_holds_every_file_of_the_rooms(wheel, tmp_path):
    expected = set()
    for room in ROOMS:
        copy = shutil.copytree(ROOT / room, tmp_path / room, ignore=NOT_SOURCE)
        for folder, _, names in os.walk(copy):
            package = package_of(Path(folder).relative_to(tmp_path)).replace(".", "/")
            expected |= {f"{package}/{name}" for name in names if not name.endswith(".md")}
    missing = sorted(expected - wheel)
    assert missing == [], "list the folder in [tool.setuptools] packages, or its data in package-data"
    assert {"driftproof/py.typed", "driftproof/theory/kernel/SEMANTICS.md"} <= wheel


def test_version_is_said_once():
    import driftproof

    assert driftproof.__version__ == PYPROJECT["project"]["version"]
