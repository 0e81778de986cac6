"""What the theorems take on trust, as a file: a new fact of the kernel, or a new citation, is a change to review."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from driftproof.checks.runtime import proved, render_proof
from driftproof.theory.kernel.library import LIBRARY
from driftproof.theory.proving import corpus

GOLDEN = Path(__file__).parent / "axioms.txt"


def page() -> str:
    """`driftproof prove --axioms`, of the theorems as they are stated: nothing is searched."""
    found = [SimpleNamespace(theorem=one, status=one.status) for one in corpus.theorems().values()]
    return render_proof.axioms(found) + "\n"  # type: ignore[arg-type]


def test_what_is_taken_on_trust_is_what_the_file_says():
    """To renew it: python -m tests.test_axioms"""
    assert page() == GOLDEN.read_text(encoding="utf-8")


def test_the_file_names_every_fact_and_every_citation():
    text = " ".join(GOLDEN.read_text(encoding="utf-8").split())
    cited = [(one, source) for one in corpus.theorems().values() for _, source in one.cites.values()]
    assert all(f"{name} {said}" in text for name, said in LIBRARY.items())
    assert cited and all(f"{one.theorem} (reduced)" in text and source in text for one, source in cited)


@pytest.mark.slow
def test_the_page_is_that_of_theorems_that_are_proved():
    assert render_proof.axioms(list(proved.proved(()))) + "\n" == GOLDEN.read_text(encoding="utf-8")


if __name__ == "__main__":
    GOLDEN.write_text(page(), encoding="utf-8")
