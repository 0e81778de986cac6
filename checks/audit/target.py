"""From the text of a target to something that runs: `module:Name` or `path.py:Name`. Importing runs its code."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import ModuleType
from typing import Any

from driftproof.theory.errors import DriftproofError, UnknownName, nearest

from .subject import Subject


def subject(text: str) -> Subject:
    """The target that a text names.

    raises: DriftproofError where it cannot be found, is no optimizer, or its module does not import.
    """
    found, place, name, module = located(text)
    return _adapted(found, text, place, name, module)


def located(text: str) -> tuple[Any, str, str, ModuleType]:
    """The object that a text names, the place and the name in it, and its module.

    raises: DriftproofError where it cannot be found, or its module does not import.
    """
    place, separator, name = text.rpartition(":")
    if not separator or not place or not name:
        raise DriftproofError(
            f"'{text}' names no target.", "", "Write module:Class (torch.optim:Adam) or path/to/file.py:Class."
        )
    module = _of_file(Path(place)) if place.endswith(".py") else _of_name(place)
    found: Any = module
    for part in name.split("."):
        if not hasattr(found, part):
            known = [n for n in dir(found) if not n.startswith("_")]
            raise UnknownName(f"{place} has no '{part}'.", "", nearest(part, known))
        found = getattr(found, part)
    return found, place, name, module


def _of_name(name: str) -> ModuleType:
    if "" not in sys.path:
        sys.path.insert(0, "")
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise DriftproofError(
            f"{name} does not import: {error}", "", "Install it in this environment, or give path/to/file.py:Class."
        ) from error


def _of_file(path: Path) -> ModuleType:
    if not path.is_file():
        raise DriftproofError(f"There is no file {path}.", "", "Write path/to/file.py:Class.")
    folder = str(path.resolve().parent)
    if folder not in sys.path:
        sys.path.insert(0, folder)  # so that the file can import its neighbours
    name = path.stem if path.stem not in sys.modules else f"{path.stem}_audited"  # a file may be called like a module
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except ImportError as error:
        raise DriftproofError(f"{path} does not import: {error}") from error
    return module


def _adapted(found: Any, text: str, place: str, name: str, module: ModuleType) -> Subject:
    head = [f"from {Path(place).stem if place.endswith('.py') else place} import {name.split('.')[0]}"]
    given = (text, _where(found), _version(module), head)
    if hasattr(found, "init") and hasattr(found, "step"):
        from .functional import FunctionalSubject

        return FunctionalSubject(found, *given)
    if isinstance(found, type) and hasattr(found, "step"):
        from .torch_class import TorchSubject

        return TorchSubject(found, *given)
    if callable(found) or (hasattr(found, "init") and hasattr(found, "update")):
        from .optax_transformation import OptaxSubject

        return OptaxSubject(found, *given)
    raise DriftproofError(
        f"{text} is a {type(found).__name__}, and no optimizer.",
        "An optimizer is a class with step (torch), a function that returns a gradient transformation (optax), or an "
        "object with init and step.",
        "See --explain targets.",
    )


def _where(found: Any) -> str:
    try:
        path = Path(inspect.getsourcefile(found) or "")
        line = inspect.getsourcelines(found)[1]
    except (OSError, TypeError):
        return ""
    here = Path.cwd()
    return f"{path.relative_to(here) if path.is_relative_to(here) else path}:{line}"


def _version(module: ModuleType) -> str:
    package = module.__name__.partition(".")[0]
    try:
        return f"{package} {version(package)}"
    except (PackageNotFoundError, ValueError):
        return ""
