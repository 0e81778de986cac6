"""`prove` and `verify`: the certificates that ship replay, edited ones do not, and Coq's verdict is read strictly."""

import json
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from driftproof.checks.runtime import proved, referee
from driftproof.checks.runtime.cli import cli
from driftproof.checks.runtime.processors import MANY
from driftproof.checks.runtime.proofs import replayed
from driftproof.theory.errors import DriftproofError
from driftproof.theory.kernel.replay import canonical, digest, replay, sha256, stated
from driftproof.theory.kernel.untrusted import Rejected
from driftproof.theory.proving import corpus
from driftproof.theory.proving.files import ProofFiles, Task, replay_alone
from driftproof.theory.proving.script import NotProved, Proof, square
from driftproof.theory.proving.theorem import Theorem

SMALL = "svag_weights_are_unique"


def shipped() -> tuple[dict[str, str], dict[str, str]]:
    return corpus.shipped("statements"), corpus.shipped("certificates")


def test_every_theorem_ships_with_a_statement_and_a_certificate_that_replays() -> None:
    files = ProofFiles.shipped()
    statements, certificates = files.statements, files.certificates
    results = files.replayed(list(certificates.items()))
    assert set(corpus.theorems()) == set(statements) == set(certificates)
    assert {result.theorem: result.reason for result in results if result.report is None} == {}
    assert all(statements[name] == theorem.statement() for name, theorem in corpus.theorems().items())


@pytest.mark.slow
def test_searching_again_gives_the_certificates_that_ship() -> None:
    assert [found.theorem.theorem for found in proved.proved(()) if not found.shipped] == []


def test_hypotheses_are_all_used() -> None:
    """Of the equations of definitions, which come together, a proof may need some only."""
    files = ProofFiles.shipped()
    for result in files.replayed(list(files.certificates.items())):
        assert result.report is not None
        said = result.report.statement
        defined = {
            name for one in said.data["definitions"] for name, _ in json.loads(files.definitions[one])["equations"]
        }
        assert set(said.given) - defined == set(result.report.used) - defined, result.theorem


def test_an_edited_certificate_is_rejected_wherever_it_is_edited() -> None:
    statements, certificates = shipped()
    text, draw = certificates[SMALL], random.Random(20261125)
    start = text.index('"search"')
    places = [p for p in draw.sample(range(len(text)), 300) if not start <= p <= start + len('"search": {}')]
    for place in places:
        other = draw.choice([c for c in 'a1 {}[]",:+-' if c != text[place]])
        with pytest.raises(Rejected):
            replay(text[:place] + other + text[place + 1 :], statements[SMALL], {}, {})


def test_a_false_step_is_rejected_although_all_hashes_fit() -> None:
    statements, certificates = shipped()
    data = json.loads(certificates[SMALL])
    data["steps"][0]["claim"] = "b = 2 - a"
    data["digest"] = digest(data)
    with pytest.raises(Rejected, match="the two sides of the combination differ"):
        replay(canonical(data), statements[SMALL], {}, {})


def test_verify_accepts_what_ships_and_rejects_an_edit(tmp_path: Path) -> None:
    file = corpus.folder("certificates") / f"{SMALL}.json"
    assert replayed([str(file)])[0]["accepted"]
    edited = tmp_path / "edited.json"
    edited.write_text(file.read_text().replace('"b = 1 - a"', '"b = 2 - a"'))
    found = replayed([str(edited)])[0]
    assert not found["accepted"] and "digest" in found["reason"]


def test_verify_replays_what_a_theorem_rests_on() -> None:
    files = ProofFiles.shipped()
    name, theorem = next((name, theorem) for name, theorem in corpus.theorems().items() if theorem.lemmas)
    asked = [(name, files.certificates[name])]
    assert files.replayed(asked)[0].report
    for used, edited in ((theorem.lemmas[0], "{}"), (theorem.lemmas[0], None)):
        others = {other: text for other, text in {**files.certificates, used: edited}.items() if text is not None}
        (found,) = replace(files, certificates=others).replayed(asked)
        assert found.report is None and found.reason.startswith(f"{used}: ")


def test_two_theorems_that_rest_on_each_other_are_rejected() -> None:
    """Each of the two is a proof, if the other one holds; what they say is false."""

    def rests_on(other: str) -> Callable[[Proof], None]:
        def script(proof: Proof) -> None:
            proof.lemma("here", "x = 0", other, [], {"x": "x"})

        return script

    two = {"one": "other", "other": "one"}
    theorems = {
        name: Theorem(name, name, "", {"x": "real"}, {}, {"zero": "x = 0"}, {"x": "0"}, rests_on(used), lemmas=[used])
        for name, used in two.items()
    }
    statements = {name: theorem.statement() for name, theorem in theorems.items()}
    known = {name: (sha256(text), stated(text, {}).proved) for name, text in statements.items()}
    certificates = {name: theorem.certificate({}, known, {}) for name, theorem in theorems.items()}
    for name, used in two.items():
        alone = Task(name, certificates[name], statements[name], {used: statements[used]}, {})
        assert replay_alone(alone).report
    found = ProofFiles(statements, certificates, {}).replayed(list(certificates.items()))
    assert all(one.report is None and "rests on itself" in one.reason for one in found)


def test_processes_say_what_one_process_says() -> None:
    files = [str(path) for path in sorted(corpus.folder("certificates").glob("s*.json"))]
    files += [str(corpus.folder("statements") / f"{SMALL}.json"), "nowhere.json"]
    assert len(files) > MANY
    assert replayed(files, jobs=2) == replayed(files)


def test_a_script_says_what_is_left_of_a_false_claim() -> None:
    proof = Proof.of({"a": "real", "b": "real"}, {}, {})
    proof.have("young", "2*a*b <= a^2 + b^2", [square("a - b")])
    with pytest.raises(NotProved, match="no combination"):
        proof.have("wrong", "3*a*b <= a^2 + b^2", [square("a - b"), square("a"), square("b")])


def test_prove_prints_the_keys_of_the_design_and_a_readable_proof() -> None:
    found = CliRunner().invoke(cli, ["prove", SMALL, "--format", "json"])
    (one,) = json.loads(found.stdout)
    assert {"id", "statement", "status", "cites", "certificate", "coq", "seconds"} <= set(one)
    assert (one["id"], one["status"]) == (SMALL, "proved")
    page = CliRunner().invoke(cli, ["prove", SMALL, "--explain"]).stdout
    assert "Assume" in page and "by the fact root_squared" in page


def test_the_table_says_what_each_theorem_says_of_which_rule_and_what_it_cites() -> None:
    name = "sgd_follows_its_sde_to_weak_order_one"
    page = " ".join(CliRunner().invoke(cli, ["prove", name]).stdout.split())
    for used in proved.selected([name]):
        theorem = corpus.theorems()[used]
        said = [" ".join(theorem.says.split()), f"{used} {theorem.status}"]
        said += [f"cites {source}" for _, source in theorem.cites.values()]
        said += [f"equations of {made.rule}: definitions/{made.name}.json" for made in theorem.definitions]
        assert all(text in page for text in said)
    assert "cites" in page and "equations of sgd" in page


def test_an_unknown_theorem_is_named() -> None:
    with pytest.raises(DriftproofError, match=f"Did you mean '{SMALL}'"):
        proved.selected(["svag_weights_are_uniqe"])
    with pytest.raises(DriftproofError, match="nonsense") as far:
        proved.selected(["nonsense"])
    assert "driftproof prove" in str(far.value.fix) and SMALL not in str(far.value.fix)


def test_a_statement_is_no_proof() -> None:
    (found,) = replayed([str(corpus.folder("statements") / f"{SMALL}.json")])
    assert not found["accepted"] and "statement" in found["reason"]


def test_what_has_been_written_ships() -> None:
    (outcome,) = proved.proved([SMALL])
    stale = replace(outcome, reason="the files that ship are others", shipped=False)
    assert stale.written() == outcome
    failed = replace(stale, report=None)
    assert failed.written() == failed


GOOD = "Axioms:\nClassicalDedekindReals.sig_not_dec : forall P : Prop, {~ ~ P} + {~ P}\n"


@pytest.mark.parametrize(
    "printed, code, reason",
    [
        (GOOD, 1, "ends with 1"),
        ("", 0, "does not print its assumptions"),
        (GOOD + "my_axiom : 1 = 0\n", 0, "rests on my_axiom"),
        (GOOD + "long_name\n  : forall x : nat, x = x\n", 0, "rests on long_name"),
    ],
)
def test_coq_is_not_taken_to_accept_what_it_does_not(printed: str, code: int, reason: str) -> None:
    verdict = referee.judged("x", printed, code, "")
    assert not verdict.accepted and reason in verdict.reason


def test_coq_is_taken_to_accept_the_classical_reals() -> None:
    assert referee.judged("x", GOOD, 0, "").accepted
    assert referee.judged("x", "Closed under the global context\n", 0, "").accepted


@pytest.mark.parametrize("word", ["Admitted", "Axiom", "Parameter"])
def test_a_coq_file_that_assumes_is_not_even_compiled(tmp_path: Path, word: str) -> None:
    (tmp_path / "x.v").write_text(f"Theorem x : 1 = 0. {word}.")
    assert f"it says {word}" in referee.compiled(tmp_path, "x").reason
