"""Imports point one way: kernel (stdlib) <- theory (SymPy) <- impl (NumPy, torch) <- checks <- tests.

Read from the syntax tree, so nothing is imported here. Second half: the tests of the reader.
"""

import ast
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
REQUIRED = [*PROJECT["dependencies"], *EXTRAS["torch"], *EXTRAS["check"], *EXTRAS["report"]]
DECLARED = frozenset(Requirement(text).name for text in REQUIRED)  # each is imported by this name
ANY = None


@dataclass(frozen=True)
class Room:
    """What it may import beside the standard library and the rooms up to it: on loading, and at all."""

    eager: frozenset[str] | None
    late: frozenset[str] | None  # inside functions, and for type checkers


# In the order of dependence. A module belongs to the room with the longest name that fits.
ROOMS = {
    "driftproof.theory.kernel": Room(frozenset(), frozenset()),
    "driftproof.theory": Room(frozenset({"sympy", "mpmath"}), frozenset({"sympy", "mpmath"})),
    "driftproof.impl": Room(frozenset({"sympy", "mpmath", "numpy"}), frozenset({"sympy", "mpmath", "numpy", "torch"})),
    "driftproof.checks": Room(DECLARED, ANY),
    "driftproof": Room(frozenset(), ANY),
    "tests": Room(ANY, ANY),
}
RANK = {name: rank for rank, name in enumerate(ROOMS)}
RANK["driftproof"] = RANK["driftproof.checks"]  # the command line and the root name each other

# Their classes need torch. They alone import it on loading, and in impl nobody else loads them on loading.
TORCH_FILES = frozenset(
    {"driftproof.impl.backends._torch", "driftproof.impl.optimizer", "driftproof.impl.torch_plan"}
)


@dataclass(frozen=True)
class Module:
    name: str
    file: str
    tree: ast.Module
    is_package: bool


@dataclass(frozen=True)
class Import:
    """eager: it runs when the module is loaded."""

    target: str
    line: int
    eager: bool


def modules_under(root: Path) -> dict[str, Module]:
    """Every Python file of the rooms and of tests, by the name under which it is imported."""
    modules = {}
    for folder in ("theory", "impl", "checks", "tests"):
        for path in sorted((root / folder).rglob("*.py")):
            file = path.relative_to(root)
            is_package = file.stem == "__init__"
            parts = file.parent.parts if is_package else file.with_suffix("").parts
            if parts[:2] == ("checks", "_root"):
                parts = ("driftproof", *parts[2:])
            elif folder != "tests":
                parts = ("driftproof", *parts)
            name = ".".join(parts)
            modules[name] = Module(name, file.as_posix(), ast.parse(path.read_text(), str(file)), is_package)
    return modules


def targets(node: ast.AST, module: Module, known: dict[str, Module]) -> list[str]:
    """The modules that one node imports; `from a import b` means a.b where that is a module, else a."""
    match node:
        case ast.Import(names=names):
            return [alias.name for alias in names]
        case ast.ImportFrom(module=named, names=names, level=level):
            parts = module.name.split(".")
            package = parts[: len(parts) + module.is_package - level] if level else []
            base = ".".join([*package, *([named] if named else [])])
            return [full if (full := f"{base}.{alias.name}") in known else base for alias in names]
        case ast.Call(
            func=ast.Name(id="import_module" | "__import__") | ast.Attribute(attr="import_module"),
            args=[ast.Constant(value=str(name)), *_],
        ):
            return [name]
    return []


def imports_of(module: Module, known: dict[str, Module]) -> Iterator[Import]:
    def visit(node: ast.AST, eager: bool) -> Iterator[Import]:
        for target in targets(node, module, known):
            yield Import(target, node.lineno, eager)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            eager = False
        typing_only = isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
        for child in ast.iter_child_nodes(node):
            yield from visit(child, eager and not (typing_only and child in node.body))

    return visit(module.tree, True)


def room_of(name: str) -> str:
    return max((room for room in ROOMS if f"{name}.".startswith(f"{room}.")), key=len)


def fault(module: Module, found: Import) -> str | None:
    """What is wrong with one import, or None."""
    here, top = room_of(module.name), found.target.split(".")[0]
    if top in ("theory", "impl", "checks"):
        return f"imports {found.target}, a second copy of every class; write driftproof.{found.target}"
    if top in ("driftproof", "tests"):
        if RANK[room_of(found.target)] > RANK[here]:
            return f"imports {found.target}, which stands above {here}"
        loads_torch = found.eager and found.target in TORCH_FILES and module.name not in TORCH_FILES
        if here == "driftproof.impl" and loads_torch:
            return f"imports {found.target}, and with it torch; import it in the function that needs it"
        return None
    allowed = ROOMS[here].eager if found.eager else ROOMS[here].late
    if allowed is ANY or top in allowed or top in sys.stdlib_module_names:
        return None
    if top == "torch" and module.name in TORCH_FILES:
        return None
    when = "on loading" if found.eager else "late"
    return f"imports {top}; {here} may import {when}: {', '.join(['stdlib', *sorted(allowed)])}"


def cycle(modules: dict[str, Module]) -> str | None:
    """One cycle of imports on loading, or None. That a package is loaded before its parts does not count."""
    lines = {
        (module.name, found.target): found.line
        for module in modules.values()
        for found in imports_of(module, modules)
        if found.eager and found.target in modules
    }
    graph: dict[str, list[str]] = {}
    for name, target in lines:
        graph.setdefault(name, []).append(target)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        names = error.args[1][::-1]
        steps = pairwise(names)
        return "import cycle: " + "; ".join(f"{modules[a].file}:{lines[a, b]} imports {b}" for a, b in steps)
    return None


SCRIPTS = ("checks/audit/defects/",)
"""Folders whose files stand alone: nothing imports them, and each is about a package that may not be there."""


def violations(root: Path) -> list[str]:
    """Every import that points the wrong way, as `file:line: what is wrong`, and an import cycle."""
    modules = modules_under(root)
    faults = [
        f"{module.file}:{found.line}: {said}"
        for module in modules.values()
        if not str(module.file).startswith(SCRIPTS)
        for found in imports_of(module, modules)
        if (said := fault(module, found))
    ]
    return faults + [said for said in [cycle(modules)] if said]


def test_imports_point_one_way():
    assert violations(ROOT) == []


# The tests of the reader

SOUND = {
    "theory/__init__.py": "from .rule import UpdateRule",
    "theory/rule.py": "import dataclasses, sympy\nfrom .kernel.check import replay",
    "theory/kernel/__init__.py": "",
    "theory/kernel/check.py": "from __future__ import annotations\nimport json\nfrom . import numbers",
    "theory/kernel/numbers.py": "from fractions import Fraction",
    "impl/__init__.py": "import numpy as np\nfrom driftproof.theory.rule import UpdateRule",
    "impl/program.py": "def f():\n    import torch\n    from .backends import torch as backend",
    "impl/typed.py": "import typing as t\nif t.TYPE_CHECKING:\n    import torch\n    from . import program",
    "impl/backends/__init__.py": "",
    "impl/backends/_torch.py": "import torch",
    "impl/optimizer.py": "import torch\nfrom .backends._torch import step",
    "checks/__init__.py": "import scipy, torch\nfrom driftproof.impl import optimizer",
    "checks/peers.py": "from driftproof import __version__\ndef f():\n    import optax",
    "checks/_root/__init__.py": "from importlib import import_module",
    "checks/_root/__main__.py": "from driftproof.checks import main",
    "tests/test_all.py": "import driftproof, driftproof.theory, packaging",
}

SEEDED = [
    ("theory/kernel/check.py", "import sympy", ":1: imports sympy; driftproof.theory.kernel may import"),
    ("theory/kernel/check.py", "def f():\n    import numpy", ":2: imports numpy"),
    ("theory/kernel/check.py", "from ..nodes import Node", "stands above driftproof.theory.kernel"),
    ("theory/rule.py", "import numpy", "driftproof.theory may import on loading: stdlib, mpmath, sympy"),
    ("theory/rule.py", "def f():\n    import torch.nn", ":2: imports torch; driftproof.theory may"),
    ("theory/rule.py", "from ..impl import program", "imports driftproof.impl.program, which stands above"),
    ("theory/rule.py", "def f():\n    from .. import checks", "imports driftproof.checks, which stands"),
    ("theory/rule.py", "from driftproof import __version__", "imports driftproof, which stands above"),
    ("theory/rule.py", "f = lambda: __import__('driftproof.impl')", "imports driftproof.impl, which stands"),
    ("theory/rule.py", "import importlib as i\ni.import_module('torch')", ":2: imports torch"),
    ("theory/rule.py", "from theory.nodes import x", "a second copy of every class; write driftproof"),
    ("impl/program.py", "import torch", "driftproof.impl may import on loading: stdlib, mpmath, numpy"),
    ("impl/program.py", "class A:\n    import torch", ":2: imports torch"),
    ("impl/program.py", "try:\n    import torch\nexcept ImportError:\n    torch = None", ":2: imports torch"),
    ("impl/program.py", "from .backends import _torch", "and with it torch; import it in the function"),
    ("impl/program.py", "import driftproof.checks", "imports driftproof.checks, which stands above"),
    ("impl/typed.py", "if TYPE_CHECKING:\n    pass\nelse:\n    import torch", ":4: imports torch"),
    ("checks/peers.py", "import optax", "imports optax; driftproof.checks may import on loading"),
    ("checks/peers.py", "import tests.tools", "imports tests.tools, which stands above"),
    ("checks/peers.py", "def f():\n    import checks", "a second copy of every class"),
    ("checks/_root/__init__.py", "import sympy", "imports sympy; driftproof may import on loading: stdlib"),
    ("tests/test_all.py", "import impl", "write driftproof.impl"),
    ("theory/kernel/numbers.py", "from .check import x", "import cycle: "),
    ("theory/rule.py", "from . import x", "import cycle: "),
]


def write(tree: dict[str, str], root: Path) -> Path:
    for file, text in tree.items():
        path = root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n")
    return root


def test_sound_tree_has_no_violation(tmp_path):
    assert violations(write(SOUND, tmp_path)) == []


@pytest.mark.parametrize(("file", "text", "said"), SEEDED)
def test_seeded_violation_is_reported_alone_with_its_place(file, text, said, tmp_path):
    (report,) = violations(write(SOUND | {file: text}, tmp_path))
    assert f"{file}:" in report
    assert said in report


def test_cycle_is_reported_step_by_step(tmp_path):
    tree = {
        "impl/a.py": "from . import b",
        "impl/b.py": "\nfrom .c import x",
        "impl/c.py": "import driftproof.impl.a",
    }
    (report,) = violations(write(tree, tmp_path))
    steps = {
        "impl/a.py:1 imports driftproof.impl.b",
        "impl/b.py:2 imports driftproof.impl.c",
        "impl/c.py:1 imports driftproof.impl.a",
    }
    assert set(report.removeprefix("import cycle: ").split("; ")) == steps
