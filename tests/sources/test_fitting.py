"""Fitting: what is learned from a graph is the same whether it was learned now or kept."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray

from kgenrich.model import Entity, TermKind, TermRequest, Value
from kgenrich.sources.base import MemoryGraph, SourceContext, build
from kgenrich.sources.fit_cache import MOST_KEPT, FitCache, decode, encode
from kgenrich.sources.fitted_values import Fitting
from kgenrich.sources.graph.describe.records import record
from kgenrich.sources.graph.describe.templates import Slot
from kgenrich.sources.graph.describe.trait_votes import Ballot, KeptVotes, Key, keep
from kgenrich.store.base import Store
from kgenrich.store.facts.graph import StoreGraph
from kgenrich.store.facts.load import load_entities
from tests.asking import settings

LANGUAGES = ("it", "de")
ADJECTIVES = {
    "Q142": ("French", "französischer", "francese"),
    "Q38": ("Italian", "italienischer", "italiano"),
    "Q20": ("Norwegian", "norwegischer", "norvegese"),
}
OCCUPATIONS = {
    "Q36180": ("writer", "Schriftsteller", "scrittore"),
    "Q40348": ("lawyer", "Anwalt", "avvocato"),
}
VALUES = [
    *(Entity(id, labels={"en": id, "de": id, "it": id}) for id in ADJECTIVES),
    *(
        Entity(id, labels=dict(zip(("en", "de", "it"), t, strict=True)))
        for id, t in OCCUPATIONS.items()
    ),
]


def person(number: int) -> Entity:
    """The third of three lacks its Italian label, the fourth of five its descriptions; the fourth
    of four has another name in Italian."""
    country = [*ADJECTIVES][number % 3]
    occupation = [*OCCUPATIONS][number % 2]
    words = zip(ADJECTIVES[country], OCCUPATIONS[occupation], strict=True)
    name = f"Ada {['Bassi', 'Conti', 'Ferri', 'Gallo'][number % 4]} {number}"
    written = name if number % 4 != 3 else f"Nome {number}"
    return Entity(
        f"Q{1000 + number}",
        labels={"en": name, "de": name} | ({"it": written} if number % 3 else {}),
        aliases={"it": (f"A. {name}",)} if number % 2 else {},
        descriptions={
            code: f"{adjective} {noun}"
            for code, (adjective, noun) in zip(("en", "de", "it"), words, strict=True)
            if code == "en" or number % 5 != 3
        },
        classes=("Q5",),
        claims={"P27": (Value("entity", country),), "P106": (Value("entity", occupation),)},
        sitelinks={"itwiki": f"{name} (attrice)"} if number % 4 else {},
    )


ITEMS = [*VALUES, *map(person, range(150))]


class Counted(StoreGraph):
    """Counts how often all of it was read."""

    reads = 0

    def entities(
        self, ids: Iterable[str] | None = None, *, after: str | None = None
    ) -> Iterator[Entity]:
        self.reads += ids is None
        return super().entities(ids, after=after)


@pytest.fixture
def graph(store: Store) -> Counted:
    load_entities(store, ITEMS)
    return Counted(store)


@pytest.fixture
def options(tmp_path: Path) -> dict[str, dict[str, Any]]:
    """The sources that learn, by name."""
    pages = [
        {
            "title": item.labels["it"],
            "language": "it",
            "text": f"{item.labels['en']} è lui.",
            "qid": item.id,
        }
        for item in ITEMS[5::2]
        if "it" in item.labels
    ]
    corpus = tmp_path / "corpus.jsonl"
    corpus.write_text("\n".join(map(json.dumps, pages)), "utf-8")
    return {
        "names": {},
        "description-composer": {"minimum": 0.0},
        "description-memory": {"minimum": 0.0},
        "local-search": {"corpus": str(corpus), "cache": str(tmp_path / "index")},
        "openai": {"url": "http://127.0.0.1:9", "model": "m"},
    }


def context(
    graph: Counted, cache: Path | None, options: Mapping[str, Any] = MappingProxyType({})
) -> SourceContext:
    return SourceContext(graph, LANGUAGES, settings(), options, fits=FitCache(cache))


def said(name: str, context: SourceContext) -> bytes:
    """All that a source says of everything that is missing: of one that is called, what it would
    ask."""
    source = build(name, context)
    requests = [
        missing(TermRequest(item, language, kind))
        for item in ITEMS[5:60]
        for language in LANGUAGES
        for kind in (TermKind.LABEL, TermKind.DESCRIPTION)
    ]
    questions = source.prepare(requests)
    if questions[0].fingerprint:
        return msgspec.json.encode([question.fingerprint for question in questions])
    return msgspec.json.encode([answer.candidates for answer in source.propose(questions)])


def missing(request: TermRequest) -> TermRequest:
    """A request whose entity lacks the term."""
    field = f"{request.kind}s"
    terms = getattr(request.entity, field)
    left = {code: text for code, text in terms.items() if code != request.language}
    return replace(request, entity=replace(request.entity, **{field: left}))


LEARNING = ("names", "description-composer", "description-memory", "local-search", "openai")


@pytest.mark.parametrize("name", LEARNING)
def test_what_was_kept_says_the_same_to_the_byte(
    name: str, graph: Counted, options: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    now = said(name, context(graph, None, options[name]))
    assert len(now) > 1000, "it has something to say"
    cache, reads = tmp_path / "cache", graph.reads
    assert said(name, context(graph, cache, options[name])) == now
    assert graph.reads == reads + 1, "learned once more, and kept"
    assert said(name, context(graph, cache, options[name])) == now
    assert graph.reads == reads + 1, "read from the cache"


def test_the_describers_learn_once_for_both(graph: Counted, tmp_path: Path) -> None:
    for cache in (None, tmp_path / "cache"):
        graph.reads = 0
        both = context(graph, cache)
        for name in ("description-composer", "description-memory"):
            said(name, replace(both, options={"minimum": 0.0 if cache else 0.9}))
        assert graph.reads == 1


def test_describers_that_learn_from_different_parts_learn_apart(graph: Counted) -> None:
    both = context(graph, None)
    said("description-composer", both)
    said("description-memory", replace(both, options={"entities": 20}))
    assert graph.reads == 2


def test_another_graph_or_language_or_option_is_learned_anew(
    graph: Counted, store: Store, tmp_path: Path
) -> None:
    first = context(graph, tmp_path)
    others = [
        replace(first, languages=("it",)),
        replace(first, options={"entities": 100}),
        replace(first, options={"terms": 3_000}),
    ]
    for one in (first, *others):
        said("names", replace(one, fits=FitCache(tmp_path)))
    assert graph.reads == 4
    load_entities(store, [replace(ITEMS[7], labels={"en": "Ada", "it": "Ada"}, revision=1)])
    said("names", replace(first, fits=FitCache(tmp_path)))
    assert graph.reads == 5


def test_what_lies_beyond_what_is_read_does_not_matter(
    graph: Counted, store: Store, tmp_path: Path
) -> None:
    few = context(graph, tmp_path, {"entities": 20})
    said("names", replace(few, fits=FitCache(tmp_path)))
    load_entities(store, [Entity("Q999999999", labels={"it": "Ada"})])
    said("names", replace(few, fits=FitCache(tmp_path)))
    assert graph.reads == 1


@pytest.mark.parametrize("broken", [b"", b"x" * 15, b"x" * 1000, None])
def test_a_broken_or_foreign_file_is_learned_anew(
    broken: bytes | None, graph: Counted, tmp_path: Path
) -> None:
    now = said("names", context(graph, tmp_path))
    (file,) = (tmp_path / "names").iterdir()
    whole = file.read_bytes()
    file.write_bytes(encode({"of": "another type"}) if broken is None else broken)
    assert said("names", context(graph, tmp_path)) == now and graph.reads == 2
    assert file.read_bytes() == whole
    assert said("names", context(graph, tmp_path)) == now and graph.reads == 2


def test_a_cache_that_cannot_be_written_hinders_nobody(graph: Counted, tmp_path: Path) -> None:
    cache = tmp_path / "file"
    cache.write_text("not a folder")
    assert said("names", context(graph, cache)) == said("names", context(graph, None))


def test_a_graph_that_has_no_digest_is_learned_from_each_time(tmp_path: Path) -> None:
    context = SourceContext(MemoryGraph(ITEMS), LANGUAGES, settings(), fits=FitCache(tmp_path))
    assert said("names", context) and not list(tmp_path.iterdir())


class Number(Struct):
    """Something learned."""

    value: int


def test_the_files_used_last_are_kept(graph: Counted, tmp_path: Path) -> None:
    def fitted(number: int) -> int:
        at = context(graph, tmp_path)
        return Fitting(at, "n", Number, lambda graph: Number(number), number).value.value

    for number in range(MOST_KEPT):
        assert fitted(number) == number
        for age, file in enumerate(sorted((tmp_path / "n").iterdir(), key=os.path.getmtime)[::-1]):
            os.utime(file, (10**9 - age, 10**9 - age))
    oldest = min((tmp_path / "n").iterdir(), key=os.path.getmtime)
    assert fitted(0) == 0 and fitted(MOST_KEPT) == MOST_KEPT
    assert oldest.exists(), "it was used again"
    assert len(list((tmp_path / "n").iterdir())) == MOST_KEPT


class Arrays(Struct):
    """What a value may hold."""

    floats: NDArray[np.float64]
    whole: NDArray[np.int32]
    by_pair: dict[tuple[str, str], tuple[int, int]]
    words: set[str]


FITTED = st.builds(
    Arrays,
    arrays.arrays(np.float64, arrays.array_shapes(min_dims=0, min_side=0)),
    arrays.arrays(np.int32, arrays.array_shapes(min_side=0)),
    st.dictionaries(st.tuples(st.text(), st.text()), st.tuples(st.integers(0, 9), st.just(1))),
    st.sets(st.text()),
)


@given(FITTED)
def test_a_value_comes_back_as_it_was(value: Arrays) -> None:
    back = decode(encode(value), Arrays)
    for one, other in ((value.floats, back.floats), (value.whole, back.whole)):
        assert (one.dtype, one.shape, one.tobytes()) == (other.dtype, other.shape, other.tobytes())
    assert (value.by_pair, value.words) == (back.by_pair, back.words)


@given(FITTED, st.data())
def test_no_damage_goes_unseen(value: Arrays, data: st.DataObject) -> None:
    whole = bytearray(encode(value))
    place = data.draw(st.integers(0, len(whole) - 1))
    whole[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(ValueError, match="checksum"):
        decode(bytes(whole), Arrays)
    with pytest.raises(ValueError, match="checksum"):
        decode(bytes(whole[:place]), Arrays)


TEMPLATES = st.sampled_from([("ship",), ("old ship",), (Slot("P17", 0, "="), " ship"), ("town",)])
TRAITS = st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xyz")), unique=True)


@given(st.lists(st.tuples(st.integers(0, 5), TRAITS, TEMPLATES), max_size=30))
def test_kept_votes_answer_as_the_ballot_did(votes: list[tuple[int, Any, Any]]) -> None:
    ballot, names = Ballot(), set[str]()
    for number, traits, template in votes:
        one = record(Entity(f"Q{number}", classes=(f"Q{number % 2}",)))
        ballot.add([Key(1.0, trait, True) for trait in traits], one, template)
    kept = decode(encode(keep(ballot)), KeptVotes)
    for trait in [(a, b) for a in "abc" for b in "xyz"]:
        assert kept.support(trait) == ballot.support(trait)
        for name, *_ in ballot.support(trait)[1]:
            names.add(name)
            assert kept.examples(trait, name) == ballot.examples(trait, name)
    for name in names:
        assert kept.wording(name) == ballot.wording(name)
        assert kept.varies(name) == ballot.varies(name)
