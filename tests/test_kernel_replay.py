"""The replay of certificates as files: every edit outside the search is rejected, whatever it is."""

from __future__ import annotations

import json
import random
from functools import cache
from types import SimpleNamespace
from typing import NamedTuple

import pytest
from finite import drawn
from forging.deadline import within
from hypothesis import given
from hypothesis import strategies as st

from driftproof.theory.kernel.replay import canonical, digest, replay, sha256, stated
from driftproof.theory.kernel.untrusted import Rejected
from driftproof.theory.proving import corpus
from driftproof.theory.proving.theorem import Theorem


class Files(NamedTuple):
    """What `replay` reads."""

    certificate: str
    statement: str
    definitions: dict = {}  # noqa: RUF012 (never changed)
    theorems: dict = {}  # noqa: RUF012

    def replayed(self):
        return replay(*self)

    def reason(self):
        """Why it is rejected."""
        with within(20), pytest.raises(Rejected) as found:
            self.replayed()
        return str(found.value)

    def edited(self, change, renewed=False):
        """With data of the certificate changed; `renewed`: with the digest that belongs to them."""
        data = json.loads(self.certificate)
        change(data)
        if renewed:
            data["digest"] = digest(data)
        return self._replace(certificate=canonical(data))


def script(proof):
    proof.have("double", "y = 2*x", equations=["first", "second"])
    proof.have("size", "y >= 1", ["half"], ["double"])


@cache
def files(name):
    """Theorems that ship; "defined" is one with definitions, and with something in its search."""
    statements, certificates = corpus.shipped("statements"), corpus.shipped("certificates")
    if name != "defined":
        used = {other: statements[other] for other in json.loads(certificates[name])["lemmas"]}
        known = {other: (sha256(text), stated(text, {}).proved) for other, text in used.items()}
        return Files(certificates[name], statements[name], {}, known)
    rule = {"format": "driftproof definitions", "version": 1, "name": "rule", "rule": "y = 2 x"}
    rule |= {"variables": {"x": "real", "y": "real"}, "equations": [["first", "y = x + z"], ["second", "z = x"]]}
    rule["variables"]["z"] = "real"
    definitions = {"rule": canonical(rule)}
    given = {"variables": {"x": "real"}, "hypotheses": {"half": "x >= 1/2"}, "claims": {"size": "y >= 1"}}
    said = SimpleNamespace(name="rule", variables=rule["variables"], equations=dict(rule["equations"]))
    rest = {"definitions": [said], "model": {"x": "1/2", "y": "1", "z": "1/2"}, "script": script}
    made = Theorem("defined", "", "", **given, **rest)
    return Files(made.certificate(definitions, {}, {"tool": "hand", "n": 3}), made.statement(), definitions)


NAMES = ["means_of_sums", "svag_weights_are_unique", "size_from_squares", "defined"]


@pytest.mark.parametrize("name", NAMES)
def test_what_is_edited_below_is_accepted(name):
    assert files(name).replayed().statement.theorem == name


# Edits


def search(text):
    """Where the search stands in a certificate."""
    start = text.index(' "search": {')
    return start, text.index("\n" + ' "statement"', start)


def edits(text, place, draw):
    """A character changed, left out, put in, and two exchanged."""
    other = draw.choice([c for c in 'a0 1{}[]",:.+-\n\t\\é' if c != text[place]])
    yield text[:place] + other + text[place + 1 :]
    yield text[:place] + text[place + 1 :]
    yield text[:place] + other + text[place:]
    if text[place] != text[place + 1 : place + 2] != "":
        yield text[:place] + text[place + 1 : place + 2] + text[place] + text[place + 2 :]


@pytest.mark.parametrize("name", NAMES)
def test_a_character_edited_anywhere_is_rejected(name):
    given, draw = files(name), random.Random(name)
    start, end = search(given.certificate)
    for place in draw.sample(range(len(given.certificate)), 700):
        if start <= place < end:
            continue
        for text in edits(given.certificate, place, draw):
            with pytest.raises(Rejected):
                given._replace(certificate=text).replayed()
    for place in draw.sample(range(len(given.statement)), 150):
        for text in edits(given.statement, place, draw):
            with pytest.raises(Rejected):
                given._replace(statement=text).replayed()
    for name, text in given.definitions.items():
        for place in range(len(text)):
            with pytest.raises(Rejected):
                given._replace(definitions={name: next(edits(text, place, draw))}).replayed()


def test_the_search_may_be_edited():
    given = files("defined")
    start, end = search(given.certificate)
    assert '"tool": "hand"' in given.certificate[start:end]
    for value in ({}, {"tool": "\ud800 \u00e9 \x00"}, {"deep": [[[[1]]]], "n": 10**9 - 1}, [], "none", None):
        changed = given.edited(lambda data, value=value: data.update(search=value))
        assert changed.replayed() == given.replayed()


def renewed(data):
    return canonical(data | {"digest": digest(data)})


SPELLED = {
    "keys in another order": lambda data: json.dumps(dict(reversed(data.items())), indent=1) + "\n",
    "keys of a step in another order": lambda data: canonical(data).replace(
        json.dumps(data["steps"][0], indent=1, sort_keys=True).replace("\n", "\n  "),
        json.dumps(dict(sorted(data["steps"][0].items(), reverse=True)), indent=1).replace("\n", "\n  "),
    ),
    "no indents": lambda data: json.dumps(data, sort_keys=True) + "\n",
    "other indents": lambda data: json.dumps(data, indent=2, sort_keys=True) + "\n",
    "no end of the last line": lambda data: canonical(data)[:-1],
    "another empty line": lambda data: canonical(data) + "\n",
    "ends of lines of another system": lambda data: canonical(data).replace("\n", "\r\n"),
    "tabs": lambda data: canonical(data).replace("\n ", "\n\t"),
    "a space before a colon": lambda data: canonical(data).replace('":', '" :', 1),
    "a mark of the byte order": lambda data: "\ufeff" + canonical(data),
    "a letter by its number": lambda data: canonical(data).replace('"steps"', '"\\u0073teps"'),
    "a slash with a backslash": lambda data: canonical(data | {"search": {"a": "/"}}).replace("/", "\\/"),
    "letters as they are": lambda data: canonical(data | {"search": {"a": "é"}}).replace("\\u00e9", "é"),
    "a comment": lambda data: canonical(data) + "// fine\n",
    "two objects": lambda data: canonical(data) * 2,
    "a key twice": lambda data: canonical(data).replace('{\n "def', '{\n "version": 1,\n "def', 1),
    **{
        f"version {number}": lambda data, number=number: canonical(data).replace('"version": 1', f'"version": {number}')
        for number in ("1.0", "1e0", "01", "+1", "-1", "1_0", "0x1", "true", '"1"', "[1]", "NaN", "Infinity", "1E400")
    },
}


@pytest.mark.parametrize("spelling", SPELLED)
@pytest.mark.parametrize("name", ["svag_weights_are_unique", "defined"])
def test_another_spelling_is_rejected(name, spelling):
    """With the digest of what is said: it is not the digest that rejects it."""
    given = files(name)
    text = SPELLED[spelling](json.loads(given.certificate))
    assert text != given.certificate
    reason = given._replace(certificate=text).reason()
    assert "digest" not in reason, reason


def put(*path, value):
    """A change: another value at a place."""

    def change(data):
        for key in path[:-1]:
            data = data[key]
        data[path[-1]] = value

    return change


OTHER = "0" * 64
CHANGES = {
    "an unknown key": (put("note", value=""), "unknown keys"),
    "an unknown key of a step": (put("steps", 0, "note", value=""), "takes"),
    "an unknown key of the model": (put("model", "note", value=""), "unknown keys"),
    "a step dropped": (lambda data: data["steps"].pop(0), "there is no fact 'double'"),
    "the last step dropped": (lambda data: data["steps"].pop(), "no step says the claim"),
    "a step twice": (lambda data: data["steps"].insert(1, data["steps"][0]), "is taken"),
    "steps in another order": (lambda data: data["steps"].reverse(), "there is no fact"),
    "another statement": (put("statement", value=OTHER), "another statement"),
    "other definitions": (put("definitions", "rule", value=OTHER), "other definitions"),
    "no definitions": (put("definitions", value={}), "other definitions"),
    "more definitions": (put("definitions", "other", value=OTHER), "other definitions"),
    "a lemma that was not replayed": (put("lemmas", "other", value=OTHER), "another statement of other"),
    "another theorem": (put("theorem", value="other"), "it proves other"),
    "another claim of a step": (put("steps", 0, "claim", value="y = 3*x"), "sides of the combination differ"),
    "another spelling of a claim": (put("steps", 0, "claim", value="y = (2*x)"), "is written"),
    "another coefficient": (put("steps", 1, "products", 0, 0, value="1"), "sides of the combination differ"),
    **{
        f"the coefficient {text}": (put("steps", 1, "products", 0, 0, value=text), "the coefficient")
        for text in ("4/2", "02", "+2", "2.0", "2e0", "2/1", " 2", "2_0", "٢", "2/0", "-0", 2, True, None)
    },
    "another model": (put("model", "values", "x", value="0"), "the model does not show"),
    "another spelling of the model": (put("model", "values", "x", value="0.5"), "cannot read"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_another_certificate_is_rejected_for_what_it_says(change):
    edit, why = CHANGES[change]
    given = files("defined")
    assert given.edited(edit).reason()
    assert why in given.edited(edit, renewed=True).reason()


def test_a_changed_lemma_or_definition_needs_another_certificate():
    given = files("size_from_squares")
    ((name, (_, known)),) = given.theorems.items()
    assert "another statement of" in given._replace(theorems={name: (OTHER, known)}).reason()
    assert "another statement of" in given._replace(theorems={}).reason()
    defined = files("defined")
    assert "there are no definitions" in defined._replace(definitions={}).reason()
    other = {"rule": defined.definitions["rule"].replace("y = 2 x", "y = 3 x")}
    assert "other definitions" in defined._replace(definitions=other).reason()


def leaves():
    texts = st.sampled_from(["", "0", "1", "1/2", "x", "y = 2*x", "double", "half", "1 = 1", "sum(i < 2, x)", "\ud800"])
    return st.none() | st.booleans() | st.integers(-2, 10**10) | st.floats() | texts | st.text(max_size=5)


def values():
    return st.recursive(
        leaves(), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner), max_leaves=6
    )


@st.composite
def changed(draw, data):
    """JSON data with one edit somewhere."""
    if isinstance(data, (dict, list)) and data and draw(st.integers(0, 4)):
        key = draw(st.sampled_from(sorted(data) if isinstance(data, dict) else range(len(data))))
        made = data.copy()
        edit = draw(st.sampled_from(["inside", "inside", "inside", "dropped", "again"]))
        if edit == "inside":
            made[key] = draw(changed(data[key]))
        elif edit == "dropped":
            made.pop(key)
        elif isinstance(data, list):
            made.insert(draw(st.integers(0, len(data))), data[key])
        else:
            made[draw(st.sampled_from(sorted(data)) | st.text(max_size=3))] = data[key]
        return made
    return draw(values())


@given(st.data(), st.sampled_from(NAMES))
@drawn.examples(300)
def test_a_drawn_edit_is_rejected_or_proves_the_same_statement(data, name):
    given = files(name)
    before = json.loads(given.certificate)
    after = data.draw(changed(before))
    if isinstance(after, dict) and isinstance(before, dict):
        after["search"] = before["search"]
    if canonical(after) == given.certificate:
        return
    with within(20), pytest.raises(Rejected):
        given._replace(certificate=canonical(after)).replayed()
    if isinstance(after, dict) and set(after) == set(before):
        try:
            with within(20):
                report = given._replace(certificate=renewed(after)).replayed()
        except Rejected:
            return
        assert report.statement == given.replayed().statement
