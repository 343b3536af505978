"""Comparing names by an encoder."""

from __future__ import annotations

import numpy as np

from kgenrich.adapters.encoder.name_encoder import NameEncoder
from kgenrich.adapters.likeness import Likeness, likeness


def test_names_of_one_thing_are_alike_across_scripts() -> None:
    alike = likeness()(["Москва", "モスクワ"], ["Moscow", "Minsk", "Osaka"])
    assert alike.shape == (2, 3)
    assert alike.argmax(axis=1).tolist() == [0, 0]


def test_what_was_asked_before_has_the_same_vectors() -> None:
    own = Likeness(NameEncoder.load())
    first = own.vectors(["Roma", "Rome", "Roma"])
    assert np.array_equal(first[0], first[2])
    assert np.array_equal(own.vectors(["Rome"])[0], first[1])
    assert own([], ["Roma"]).shape == (0, 1)


def test_an_encoder_is_opened_once() -> None:
    assert likeness() is likeness("")
