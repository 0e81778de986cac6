"""The table of contents in each room's docstring: every module once, each after those that it uses."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("theory", "impl", "checks/runtime", "checks/audit")
LINE = re.compile(r"^    ([a-z_0-9]+(?:, [a-z_0-9]+)*)  +\S", re.MULTILINE)


def listed(text: str) -> list[str]:
    """The modules that a docstring lists, four spaces in, before two or more spaces and what they are."""
    docstring = (ast.get_docstring(ast.parse(text), clean=False) or "").partition("In the order of dependence:")[2]
    return [name for line in LINE.findall(docstring) for name in line.split(", ")]


def uses(path: Path) -> set[str]:
    """Modules of the same folder imported when the file is loaded."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = set()
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.level == 1:
            found |= {node.module.split(".")[0]} if node.module else {alias.name for alias in node.names}
    return found


@pytest.mark.parametrize("room", ROOMS)
def test_the_contents_name_every_module_in_the_order_of_dependence(room):
    folder = ROOT / room
    order = listed((folder / "__init__.py").read_text(encoding="utf-8"))
    modules = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    assert sorted(order) == sorted(modules)
    for place, name in enumerate(order):
        later = uses(folder / f"{name}.py") & set(order[place:])
        assert not later, f"{room}/{name}.py is listed before {later}, which it uses"


def test_the_reading_of_contents_is_not_blind():
    text = '"""Room.\n\n    code  x\n\nIn the order of dependence:\n\n    one, two  these\n    three  more\nno\n"""'
    assert listed(text) == ["one", "two", "three"]
