"""Answers of models, search engines and translators with one odd part.

One of three requests gets the odd answer; the other two must be answered as if nothing was.
"""

from __future__ import annotations

import json
import os
import random
from pathlib import Path
from typing import Any

from kgenrich.errors import SourceStopped
from kgenrich.model import Entity
from tests.asking import ask, make, want
from tests.fuzz.mutations import mutate_bytes, mutate_json, storable
from tests.fuzz.readers import READERS, Attempt, Try
from tests.server import Asked, Reply, Server
from tests.sources.test_passing_failures import GOOD, KEYS

ENTITIES = [Entity(f"Q{n}", labels={"en": f"Apple {n}"}, classes=("Q5",)) for n in (1, 2, 3)]


def _engine(engine: str) -> Try:
    def attempt(chance: random.Random, folder: Path) -> Attempt:
        good = GOOD[engine]
        body = storable(json.dumps(mutate_json(good, chance)))
        if chance.random() < 0.2:
            body = mutate_bytes(body, chance)
        odd = f"Apple {chance.choice((1, 2, 3))}"

        def answer(asked: Asked) -> Reply:
            told = json.dumps([asked.parameters, asked.body.decode("utf-8", "replace")])
            return Reply(body, type="application/json") if odd in told else Reply(good)

        own: dict[str, Any] = {"model": "m"} if engine == "openai" else {"price": 0.0}
        for variable in KEYS:
            os.environ.setdefault(variable, "a-key")
        with Server(answer) as server:
            source = make(engine, {**own, "url": server.url, "requests_per_minute": 1e6})
            try:
                answers = ask(source, *map(want, ENTITIES))
            except SourceStopped as error:
                return Attempt({}, {}, str(error))
        read = {
            got.request.entity.labels["en"]: "answered"
            for got in answers
            if got.candidates and not got.failure
        }
        said = {e.labels["en"]: "answered" for e in ENTITIES if e.labels["en"] != odd}
        refused = next((got.failure for got in answers if got.failure), "")
        assert all(text.isprintable() for got in answers for text in [got.failure])
        return Attempt(said, read, refused)

    return attempt


for _name in sorted(GOOD):
    READERS[f"answer, {_name}"] = _engine(_name)
