"""The packaged images are those of the source, and small; training on them is repeatable."""

from __future__ import annotations

import hashlib

import numpy as np

from driftproof.checks.runtime import digits
from driftproof.impl import compile_rule

NOTE = digits.FILE.with_suffix(".md")


def test_the_images_are_the_ones_that_the_note_describes():
    with np.load(digits.FILE, allow_pickle=False) as stored:
        raw = stored["images"].tobytes() + stored["labels"].tobytes()
    assert hashlib.sha256(raw).hexdigest() in NOTE.read_text(encoding="utf-8")
    images, labels = digits.digits()
    assert images.shape == (1797, 64)
    assert np.unique(images * 16).tolist() == list(range(17))
    assert np.bincount(labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]  # as the source counts
    assert digits.FILE.stat().st_size < 150_000


def test_licence_and_source_stand_beside_them():
    text = NOTE.read_text(encoding="utf-8")
    assert "CC BY 4.0" in text
    assert "10.24432/C50P49" in text


def test_batches_are_a_shuffle_of_all_images_each_epoch_and_repeatable():
    found = list(digits.batches(5, 2))
    half = len(found) // 2
    for epoch in (found[:half], found[half:]):
        assert sorted(np.concatenate(epoch).tolist()) == list(range(digits.TRAINING))
    assert not np.array_equal(found[0], found[half])
    assert all(np.array_equal(a, b) for a, b in zip(found, digits.batches(5, 2), strict=True))


def test_training_is_repeatable_and_sees_every_step():
    compiled = compile_rule("sgd", "torch", "float64")
    seen = []
    one = digits.train(compiled, lambda t: {"eta": 0.1}, 5, 1, seen.append)
    two = digits.train(compiled, lambda t: {"eta": 0.1}, 5, 1)
    assert one.theta.tobytes() == two.theta.tobytes()
    assert [s.t for s in seen] == list(range(1, len(list(digits.batches(5, 1))) + 1))
    for step in seen:
        np.testing.assert_allclose(step.after["theta"], step.before["theta"] - 0.1 * step.gradient, rtol=0, atol=1e-15)
