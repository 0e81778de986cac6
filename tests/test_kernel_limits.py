"""Hostile files: the replay decides in bounded time, and refuses with its own error whatever it is given."""

from __future__ import annotations

import json
import sys

import pytest
from finite import drawn
from forging.deadline import within
from forging.writing import have, same, step
from hypothesis import given
from hypothesis import strategies as st

from driftproof.theory.kernel import inferences, terms, untrusted
from driftproof.theory.kernel.replay import canonical, digest, replay, sha256
from driftproof.theory.kernel.untrusted import Rejected

SECONDS = 20


def refused(certificate, statement, definitions=None, theorems=None):
    with within(SECONDS), pytest.raises(Rejected) as found:
        replay(certificate, statement, definitions or {}, theorems or {})
    return str(found.value)


def files(steps=(), claim="1 = 1", variables=None, **changes):
    """A certificate with the right hashes, and its statement."""
    said = {
        "format": "driftproof statement",
        "version": 1,
        "theorem": "hostile",
        "title": "",
        "says": "",
        "sources": [],
    }
    said |= {"variables": variables or {}, "definitions": [], "hypotheses": [], "cites": [], "claims": [["c", claim]]}
    made = {"format": "driftproof certificate", "version": 1, "theorem": "hostile", "definitions": {}, "lemmas": {}}
    made |= {
        "steps": [same("s", claim)] if steps == () else steps,
        "model": {"values": dict.fromkeys(variables or {}, "0"), "steps": []},
    }
    signed = canonical({key: changes.pop(f"said_{key}", value) for key, value in said.items()})
    made |= {"search": {}, "statement": sha256(signed)}
    made |= changes
    return canonical(made | {"digest": digest(made)}), signed


def test_what_is_changed_below_is_accepted():
    assert replay(*files(), {}, {}).statement.theorem == "hostile"


# What is no JSON, or none of ours


TEXTS = {
    "nothing": "",
    "white space": " \n",
    "half an object": '{"a"',
    "lists that never end": "[" * 10**6,
    "objects that never end": '{"a":' * 10**5,
    "lists in lists": "[" * 10**5 + "]" * 10**5,
    "a number of 10^6 digits": "9" * 10**6,
    "a negative number of 10^6 digits": "-" + "9" * 10**6,
    "an exponent": "1e999999999",
    "an exponent below 0": "1e-999999999",
    "no number": "NaN",
    "infinity": "Infinity",
    "infinity below 0": "-Infinity",
    "a text that never ends": '"' + "a" * 10**6,
    "half a letter": '"\\ud800"',
    "half a letter as it is": '"\ud800"',
    "a zero byte": "\x00",
    "a key a hundred thousand times": "{" + ", ".join(['"a": 1'] * 10**5) + "}",
    "more than there may be": " " * (untrusted.LARGEST + 1),
    "another encoding": "\ufffe{\x00}\x00",
    "a long list": "[" + "1," * 10**6 + "1]",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_a_text_that_is_no_file_is_refused(text):
    certificate, statement = files()
    assert refused(text, statement)
    assert refused(certificate, text)
    named = json.loads(statement) | {"definitions": ["rule"]}
    bound = json.loads(certificate) | {"statement": sha256(canonical(named))}
    assert refused(canonical(bound | {"digest": digest(bound)}), canonical(named), {"rule": text})


@pytest.mark.parametrize("given", [None, 1, b"{}", [], {}, ["{}"], float("nan"), object()])
def test_what_is_no_text_is_refused(given):
    certificate, statement = files()
    assert refused(given, statement)
    assert refused(certificate, given)


@given(st.text() | st.binary().map(lambda data: data.decode("latin-1")) | st.text('[]{}:,"\\ud80019eE-+.NaInfty \n'))
@drawn.examples(100)
def test_random_texts_are_refused(text):
    certificate, statement = files()
    assert refused(text, statement)
    assert refused(certificate, text)


def json_values():
    leaves = st.none() | st.booleans() | st.integers(-(10**12), 10**12) | st.floats() | st.text(max_size=8)
    leaves |= st.sampled_from(["1", "x", "linear", "1 = 1", "s", "nat", "real(nat)"])
    keys = st.sampled_from(["name", "claim", "by", "steps", "values", "model", "x"]) | st.text(max_size=3)
    return st.recursive(leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4))


@given(json_values(), st.sampled_from(["definitions", "lemmas", "steps", "model", "theorem", "format", "version"]))
@drawn.examples(100)
def test_a_random_value_in_a_certificate_is_refused(value, key):
    certificate, statement = files()
    if canonical(value) != canonical(json.loads(certificate)[key]):
        assert refused(*files(**{key: value}))
    assert refused(canonical(value), statement)


@given(
    json_values(),
    st.sampled_from(["format", "version", "variables", "definitions", "hypotheses", "cites", "claims"]),
)
@drawn.examples(100)
def test_a_random_value_in_a_statement_is_refused(value, key):
    certificate, statement = files(**{f"said_{key}": value})
    if canonical(value) == canonical(json.loads(files()[1])[key]):
        return
    assert refused(certificate, statement)


@given(json_values(), st.sampled_from(sorted(inferences.INFERENCES)), st.data())
@drawn.examples(120)
def test_a_random_value_in_a_step_is_refused(value, by, data):
    """A step of every inference, none of whose parts is what it should be."""
    wanted, _ = inferences.INFERENCES[by]
    parts = {key: value if data.draw(st.booleans()) else data.draw(json_values()) for key in wanted}
    assert refused(*files([step("s", "1 = 0", by, **parts)], "1 = 0"))


# Depth, size, digits


def nested(depth):
    """Cases inside cases; a file is read by recursion, at most to the depth that Python allows."""
    inner = [same("t", "1 = 1")]
    for place in range(depth):
        other = [same("t", "1 = 1")]
        inner = [step(f"s{place}", "1 = 1", "cases", term="1", assume=f"c{place}", nonnegative=inner, negative=other)]
    return inner


@pytest.mark.parametrize("depth", [inferences.DEEPEST, 50, 150])
def test_blocks_too_deep_are_refused(depth):
    assert "proofs inside each other" in refused(*files(nested(depth)))


def test_data_too_deep_are_refused():
    """Far deeper than Python recurses: written by hand, as `json` could not."""
    certificate, statement = files()
    deep = certificate.replace('"search": {}', '"search": ' + "[" * 50_000 + "]" * 50_000)
    assert refused(deep, statement)
    stepped = certificate.replace('"steps": [', '"steps": [' + '{"steps": [' * 20_000, 1)
    assert refused(stepped, statement)


def around(before, after, times, inner="1"):
    return before * times + inner + after * times


DEEP = {
    "parentheses": around("(", ")", 2900),
    "functions": around("sqrt(", ")", 900),
    "means": around("E(", ")", 1900),
    "maxima": around("max(x, ", ")", 700),
    "maxima on the left": around("max(", ", x)", 700),
    "sums": around("sum(i < 2, ", ")", 400),
    "sums of sums": around("sum(i < 2 + i*0, ", ")", 16, "x"),
    "quotients": "1" + "/1" * 2900,
    "quotients in quotients": around("1/(x + ", ")", 700),
    "powers of powers": around("(", ")^64", 900, "x"),
    "powers of numerals": around("(", ")^64", 900, "9"),
    "opposites": around("-(", ")", 1900),
    "arguments": around("y(", ")", 1900, "n"),
    "powers of logs": around("pow(x, ", ")", 700),
    "a power of a long sum": "(" + " + ".join(f"y({i})" for i in range(400)) + ")^64",
    "a product of long sums": "*".join(["(" + " + ".join(f"y({i})" for i in range(150)) + ")"] * 5),
    "a long argument": "y(" + "*".join(["(n + m + 1)"] * 60) + ")",
    "a sum with a high bound": "sum(i < " + "9" * 60 + ", sqrt(x + i))",
    "a sum written out in sums": around("sum(i < 8, x*", ")", 12, "sqrt(x + i)"),
    "names without end": "z" * 5990,
}
VARIABLES = {"x": "real", "y": "real(nat)", "n": "nat", "m": "nat"}


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP.keys())
def test_a_term_too_large_ends_in_a_decision(text):
    """In a step and in a model. The claim of the theorem is false, so that nothing is to be accepted."""
    claim = f"{text} = {text} + 1"
    said = {"claim": "1 = 0", "variables": VARIABLES}
    assert refused(*files([same("s", claim)], **said))
    assert refused(*files([have("s", "x = 0", (), [[text, "s"]])], **said))
    values = {"x": text, "y": ["i", text], "n": text, "m": "0"}
    assert refused(*files([same("s", "1 = 1")], variables=VARIABLES, model={"values": values, "steps": []}))


@pytest.mark.parametrize(
    ("inside", "outside", "why"),
    [
        ("9" * terms.DIGITS, "9" * (terms.DIGITS + 1), "digits"),
        (f"2^{terms.LARGEST_POWER}", f"2^{terms.LARGEST_POWER + 1}", "a power from 2"),
        ("1" + " + 1" * 740, "1" + " + 1" * 750, "longer than 6000"),
        ("1/3", "9^64*9^64" + "*9^64" * 62, "bits"),
        (f"{'*'.join(['x^50'] * 4)}", f"{'*'.join(['x^50'] * 4)}*x", "a power above"),
    ],
)
def test_a_limit_is_where_it_is_said_to_be(inside, outside, why):
    said = {"variables": {"x": "real"}}
    claim = f"{inside} = {inside}"
    assert replay(*files([same("s", claim)], claim, **said), {}, {})
    claim = f"{outside} = {outside}"
    assert why in refused(*files([same("s", claim)], claim, **said))


def test_as_many_steps_as_there_may_be_and_one_more():
    steps = [same(f"s{place}", "1 = 1") for place in range(inferences.MOST_STEPS + 1)]
    with within(SECONDS):
        assert replay(*files(steps[:-1]), {}, {})
    assert "at most 5000" in refused(*files(steps))


def test_limits_do_not_depend_on_how_deep_the_caller_is():
    """Where Python has no room left it is a refusal too."""
    certificate, statement = files(nested(10))

    def deeper(left):
        return deeper(left - 1) if left else replay(certificate, statement, {}, {})

    assert deeper(10)
    depth, frame = 0, sys._getframe()
    while frame:
        frame, depth = frame.f_back, depth + 1
    ends = set()
    for left in range(20, 400, 20):
        try:
            ends.add(deeper(sys.getrecursionlimit() - depth - left).statement.theorem)
        except Rejected as wrong:
            assert "recursion" in str(wrong)
            ends.add("refused")
    assert ends == {"hostile", "refused"}
