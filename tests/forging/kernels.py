"""The kernel, intact or with one module changed. Modules are loaded anew from one that was changed on."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import driftproof.theory.kernel.replay  # noqa: F401  (all modules of the intact kernel)
from driftproof.theory import kernel as intact

MODULES = ("untrusted", "terms", "polynomial", "formulas", "library", "inferences", "replay")
FOLDER = Path(intact.__file__).parent


@cache
def tree(module: str) -> ast.Module:
    return ast.parse((FOLDER / f"{module}.py").read_text())


def loaded(changed: str = "", code: ast.Module | None = None, modules: Sequence[str] = MODULES) -> SimpleNamespace:
    """The kernel with one module replaced; those before it are shared with the intact one."""
    package, made = "kernel_that_was_changed", {}
    for name in [name for name in sys.modules if name.partition(".")[0] == package]:
        del sys.modules[name]
    sys.modules[package] = ModuleType(package)
    first = modules.index(changed) if changed else len(modules)
    for place, module in enumerate(modules):
        full = f"{package}.{module}"
        if place < first:
            made[module] = sys.modules[full] = sys.modules[f"{intact.__name__}.{module}"]
            continue
        made[module] = sys.modules[full] = ModuleType(full)
        made[module].__package__ = package
        # Without asserts: they are there for the type checker, and `python -O` leaves them out.
        file = str(FOLDER / f"{module}.py")
        source = code if module == changed else tree(module)
        exec(compile(source, file, "exec", dont_inherit=True, optimize=1), made[module].__dict__)
    return SimpleNamespace(**made)


def called_by(call: ast.Expr) -> str:
    """The name of the function, or method, that a statement calls."""
    function = call.value.func if isinstance(call.value, ast.Call) else None
    return getattr(function, "id", "") or getattr(function, "attr", "")


def weakened(module: str, old: str, new: str, modules: Sequence[str] = MODULES) -> SimpleNamespace:
    """The kernel with one text of a module replaced, which stands there once."""
    source = (FOLDER / f"{module}.py").read_text()
    assert source.count(old) == 1
    return loaded(module, ast.parse(source.replace(old, new)), modules)


def accepted(kernel: SimpleNamespace, forgery: Callable[[Any], object]) -> bool:
    try:
        forgery(kernel)
    except Exception:  # whatever a kernel without a guard raises
        return False
    return True


KERNEL = loaded()
