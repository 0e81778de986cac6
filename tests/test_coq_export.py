"""The Coq export: citations are premises, nothing is an axiom, and Coq rejects what says more than was proved."""

import re
import shutil
from functools import cache

import pytest

from driftproof.checks.runtime import referee
from driftproof.checks.runtime.proved import selected
from driftproof.theory.kernel.inferences import INFERENCES
from driftproof.theory.kernel.library import LIBRARY
from driftproof.theory.kernel.replay import sha256
from driftproof.theory.proving import corpus
from driftproof.theory.proving.coq_export import exported
from driftproof.theory.proving.coq_terms import formula
from driftproof.theory.proving.files import ProofFiles

SMALL, CITING = "svag_weights_are_unique", "sgd_follows_its_sde_to_weak_order_one"
SCHEMAS = {
    "combination": ("by_ge", "by_gt", "by_le", "by_lt", "by_eq"),
    "linear": ("E_step", "sum_step", "E_sum", "sum_last"),
    "mean": ("E_zero", "from_ge"),
    "addition": ("sum_nonneg", "sum_zero"),
    "past": ("past_later", "past_same"),
    "cases": ("nonnegative_or_negative", "cases_at_outcomes"),
    "induction": ("induction_over",),
    "instance": ("instance_at",),
    "congruence": ("congruence_of_numbers",),
    "fixing": ("fixing_variables",),
    "lemma": ("lemma_at_values",),
}
WORDS = re.compile(r"\b(Axiom|Admitted|Parameter|Conjecture|admit|Hypothesis|Variable)\b")
GOLDEN = r"""Theorem svag_weights_are_unique : forall (Pr : space) (a : R) (b : R) (ell : R),
  (((a + b) = 1)) ->
  ((((a ^ 2) + (b ^ 2)) = ell)) ->
  ((((a + (- ((1 + (sqrt ((2 * ell) + (- 1)))) * / 2))) * (a + (- ((1 + (- (sqrt ((2 * ell) + (- 1))))) * / 2)))) = 0)) /\
  ((b = (1 + (- a)))) /\
  ((ell >= (1 * / 2)))."""  # noqa: E501


@cache
def files():
    """The statement and the Coq text of a theorem, of one that cites, and before them of what they rest on, by name."""
    statements, certificates = corpus.shipped("statements"), corpus.shipped("certificates")
    wanted = {name: certificates[name] for name in selected((SMALL, CITING))}
    found = {}
    results = ProofFiles(statements, wanted, corpus.shipped("definitions")).replayed(list(wanted.items()))
    said = {result.theorem: result.report.statement for result in results}
    for result in results:
        known = {name: said[name].proved for name in result.report.lemmas}
        found[result.theorem] = (said[result.theorem], exported(said[result.theorem], wanted[result.theorem], known))
    return found


def library():
    return (corpus.folder("coq") / "Library.v").read_text()


def test_every_first_fact_is_a_premise_in_its_place_and_every_claim_a_conclusion():
    assert files()[CITING][0].cites
    for said, text in files().values():
        head = text[text.index(f"Theorem {said.theorem} :") : text.index("\nProof.")]
        *premises, claims = head.split(") ->\n")
        assert len(premises) == len(said.given)
        for premise, given in zip(premises, said.given.values(), strict=True):
            assert premise.endswith(formula(given, said.variables, None))
        assert claims.count(" /\\\n") == len(said.claims) - 1
        assert all(f"({formula(claim, said.variables, None)})" in claims for claim in said.claims)


def test_a_short_theorem_is_written_so():
    text = files()[SMALL][1]
    head = text[text.index("Theorem") : text.index("\nProof.")]
    assert head == GOLDEN


def test_nothing_is_assumed():
    for text in (library(), *(text for _, text in files().values())):
        assert not WORDS.search(re.sub(r"\(\*.*?\*\)", "", text, flags=re.DOTALL))


def test_every_inference_and_fact_has_its_lemma():
    assert set(SCHEMAS) == set(INFERENCES)
    proved = set(re.findall(r"^Lemma (\w+)", library(), re.MULTILINE))
    assert proved >= {*LIBRARY, *(name for names in SCHEMAS.values() for name in names)}
    printed = library().partition("Definition library :=")[2]
    assert set(re.findall(r"\w+", printed.partition(".")[0])) >= proved


@pytest.mark.parametrize("printed", ["", "Axioms\n", "garbage", "Error: x", "Axioms:\nfalse : False\n"])
def test_what_coq_prints_is_read_strictly(printed):
    assert not referee.judged("x", printed, 0, "").accepted


@pytest.mark.parametrize("axiom", sorted(referee.ALLOWED))
def test_a_name_that_resembles_an_axiom_of_the_reals_is_none(axiom):
    assert referee.judged("x", f"Axioms:\n{axiom} : True\n", 0, "").accepted
    assert not referee.judged("x", f"Axioms:\n{axiom}_ : True\n", 0, "").accepted
    assert not referee.judged("x", f"Axioms:\nMine.{axiom} : True\n", 0, "").accepted


def changed(text):
    """The export with one thing changed: a premise left out, a claim stronger, a step that cites nothing."""
    premise = re.search(r"^  \(.*\) ->\n", text, re.MULTILINE)[0]
    name = re.search(r"intros .*?(h_\w+)", text)[1]
    return {
        "premise": text.replace(premise, "", 1).replace(f" {name}", "", 1),
        "claim": text.replace(">= (1 * / 2)", ">= 1", 1),
    }


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("coqc"), reason="there is no coqc")
def test_coq_accepts_the_export_and_no_stronger_one(tmp_path):
    (tmp_path / "Library.v").write_text(library())
    assert referee.compiled(tmp_path, "Library").accepted
    text = files()[SMALL][1]
    (tmp_path / f"{SMALL}.v").write_text(text)
    assert referee.compiled(tmp_path, SMALL).accepted
    for what, mutant in changed(text).items():
        assert sha256(mutant) != sha256(text), what
        (tmp_path / f"{SMALL}.v").write_text(mutant)
        assert "coqc ends with" in referee.compiled(tmp_path, SMALL).reason, what


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("coqc"), reason="there is no coqc")
def test_coq_rejects_a_citing_theorem_without_its_citation(tmp_path):
    (tmp_path / "Library.v").write_text(library())
    assert referee.compiled(tmp_path, "Library").accepted
    for name, (_, text) in files().items():  # what is used comes first
        (tmp_path / f"{name}.v").write_text(text)
        assert referee.compiled(tmp_path, name).accepted, name
    said, text = files()[CITING]
    for cite in said.cites:
        premise = f"  ({formula(said.given[cite], said.variables, None)}) ->\n"
        assert text.count(premise) == 1
        mutant = re.sub(rf"(intros .*?) h_{cite}\b", r"\1", text.replace(premise, ""), count=1)
        (tmp_path / f"{CITING}.v").write_text(mutant)
        assert "coqc ends with" in referee.compiled(tmp_path, CITING).reason, cite


def test_what_is_used_is_judged_first_and_what_uses_a_rejected_one_is_rejected(tmp_path, monkeypatch):
    uses = {"c": ["a"], "b": ["c"], "d": ["b"]}
    for name in "abcd":
        (tmp_path / f"{name}.v").write_text("")
    monkeypatch.setattr(referee, "compiled", lambda _, name: referee.Judgement(name, name != "c", "no"))
    told = []
    found = {v.name: v for v in referee.judge(tmp_path, list("dbca"), uses, lambda verdict: told.append(verdict.name))}
    assert told == ["Library", *"acbd"]
    assert {name for name, verdict in found.items() if verdict.accepted} == {"Library", "a"}
    assert found["b"].reason == "it uses c, which Coq does not accept"
