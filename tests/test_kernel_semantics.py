"""The written semantics speaks of every inference, fact and word of the language that there is, and of no other."""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from importlib import resources

import pytest

from driftproof.theory.kernel.inferences import INFERENCES
from driftproof.theory.kernel.library import LIBRARY
from driftproof.theory.kernel.terms import ORDER, RESERVED

KERNEL = resources.files("driftproof.theory.kernel")
TEXT = KERNEL.joinpath("SEMANTICS.md").read_text(encoding="utf-8")
WORDS = 40  # an argument is longer


def paragraphs(text: str) -> dict[str, str]:
    """What stands under each heading of the third level, by heading."""
    parts = re.split(r"^(#+) (.*)$", text, flags=re.MULTILINE)[1:]
    return {name: body.strip() for level, name, body in zip(*[iter(parts)] * 3, strict=True) if level == "###"}


def facts(text: str) -> list[str]:
    """The facts that the list of the library names."""
    library = text.partition("\n## 7. The library")[2].partition("\n**Statement.**")[0]
    entries = re.findall(r"^- (`[a-z_`, ]+`): \S+", library, flags=re.MULTILINE)
    return [name for entry in entries for name in re.findall(r"`([a-z_]+)`", entry)]


def unequal(text: str) -> set[str]:
    """Inferences and facts that are there and not in the text, or the other way round, or twice there."""
    listed = facts(text)
    twice = {name for name in listed if listed.count(name) > 1}
    return (set(paragraphs(text)) ^ set(INFERENCES)) | (set(listed) ^ set(LIBRARY)) | twice


def test_every_inference_and_every_fact_has_its_entry():
    assert not unequal(TEXT)
    for name, argument in paragraphs(TEXT).items():
        assert "\n\n" not in argument, f"{name} has more than one paragraph"
        assert len(argument.split()) >= WORDS or name == "linear", f"{name} has no argument"


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("### mean\n", "### means\n", {"mean", "means"}),
        ("### mean\n", "\n", {"mean"}),
        ("### mean\n", "### trust\n\nIt is so.\n\n### mean\n", {"trust"}),
        ("- `natural`:", "- `naturals`:", {"natural", "naturals"}),
        ("- `natural`:", "- natural:", {"natural"}),
        ("- `natural`:", "- `magic`: it is so.\n- `natural`:", {"magic"}),
        ("- `natural`:", "- `exp_of_sum`: it is so.\n- `natural`:", {"exp_of_sum"}),
    ],
)
def test_an_entry_too_few_or_too_many_is_found(old, new, found):
    assert TEXT.count(old) == 1
    assert unequal(TEXT.replace(old, new)) == found


def test_every_word_and_every_sort_is_explained():
    assert set(re.findall(r"^- `(nat|real|rand)`: ", TEXT, flags=re.MULTILINE)) == set(ORDER)
    table = re.findall(r"^\| (.*?) \| .* \|$", TEXT, flags=re.MULTILINE)
    explained = set(re.findall(r"`([A-Za-z]+)\(", " ".join(table))) - {"x"}
    assert explained == RESERVED - {*ORDER, "inv", "past", "forall"}
    assert "`past(a, n)` holds if" in TEXT and "**formula** `forall " in TEXT


# How large the trusted part is


def closure(module: str) -> set[str]:
    """The modules of the kernel that one rests on, itself too."""
    found: set[str] = set()
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            for node in imports(name):
                if isinstance(node, ast.ImportFrom) and node.level == 1:
                    waiting += [node.module] if node.module else [alias.name for alias in node.names]
    return found


def source(module: str) -> str:
    return KERNEL.joinpath(f"{module}.py").read_text(encoding="utf-8")


def imports(module: str) -> list[ast.Import | ast.ImportFrom]:
    return [node for node in ast.walk(ast.parse(source(module))) if isinstance(node, (ast.Import, ast.ImportFrom))]


def code_lines(text: str) -> int:
    """Lines on which something other than blanks, comments and docstrings stands."""
    layout = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    docstrings = {
        line
        for node in ast.walk(ast.parse(text))
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(node) is not None
        for line in range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1)
    }
    tokens = [token for token in tokenize.generate_tokens(io.StringIO(text).readline) if token.type not in layout]
    return len({line for token in tokens for line in range(token.start[0], token.end[0] + 1)} - docstrings)


def size(module: str) -> int:
    return sum(code_lines(source(name)) for name in closure(module))


def test_what_a_theorem_rests_on_has_at_most_1000_lines():
    rests_on = closure("replay")
    assert {"untrusted", "terms", "polynomial", "formulas", "library", "inferences", "replay"} <= rests_on
    assert "witness" not in rests_on
    assert 700 < size("replay") <= 1000


def test_the_two_checkers_share_the_reading_of_files_only():
    assert closure("witness") == {"untrusted", "recursion", "cyclic", "draws", "witness"}
    assert closure("witness") & closure("replay") == {"untrusted"}


def test_the_sizes_that_are_told_are_the_sizes():
    told = re.search(
        r"`replay\.py` .*? at most (\d+) lines of code.*`witness\.py` with all that it imports are at most (\d+)\.",
        TEXT,
        re.DOTALL,
    )
    assert told is not None
    for module, most in zip(("replay", "witness"), map(int, told.groups()), strict=True):
        assert 0.8 * most < size(module) <= most


def test_it_imports_the_standard_library_only():
    for module in closure("replay") | closure("witness"):
        for node in imports(module):
            if isinstance(node, ast.ImportFrom):
                assert node.level == 1 or (node.level == 0 and node.module.split(".")[0] in sys.stdlib_module_names)
            else:
                assert all(alias.name.split(".")[0] in sys.stdlib_module_names for alias in node.names)


def test_lines_of_code_are_counted_as_they_should_be():
    text = '"""Doc.\n\nstring"""\n\nimport x  # why\n\n\ndef f():\n    """Doc."""\n    # why\n    return """a\n\nb"""\n'
    assert code_lines(text) == 1 + 1 + 3
