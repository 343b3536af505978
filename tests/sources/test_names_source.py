"""The source `names`: what the graph holds of the same entity, and how sure it may be of it."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from kgenrich.adapters.training.logistic_regression import fit, probability
from kgenrich.errors import UsageError
from kgenrich.evaluate.heldout.outcomes import hide
from kgenrich.harvest.document import Reader
from kgenrich.model import Candidate, Entity, Scope, TermKind, TermRequest, Value
from kgenrich.settings import DEFAULT_PROPERTIES, Settings
from kgenrich.sources.base import Graph, MemoryGraph, SourceContext, build
from kgenrich.sources.graph.copy_counts import CopyCounts
from kgenrich.sources.graph.name_model import NamesOptions
from kgenrich.sources.graph.name_routes import Routes, find
from kgenrich.sources.graph.names import Names
from kgenrich.sources.graph.scripts import conversions, to_cyrillic, to_latin
from kgenrich.text import vote_key
from tests.asking import answers_of

LABEL, ALIAS = TermKind.LABEL, TermKind.ALIAS


def named(graph: Graph, languages: tuple[str, ...], options: NamesOptions | None = None) -> Names:
    """The source over a graph."""
    return Names(SourceContext(graph, languages, Settings()), options or NamesOptions())


FIRST = ["Ada", "Bruno", "Carla", "Dario", "Elena", "Fabio", "Gino", "Irene", "Lucia", "Marco"]
LAST = ["Bassi", "Conti", "Ferri", "Gallo", "Leone", "Monti", "Neri", "Riva"]
HUMAN, FILM = "Q5", "Q11424"


def human(number: int, languages: tuple[str, ...] = ("en", "es", "it")) -> Entity:
    """A human, written alike everywhere."""
    name = f"{FIRST[number % 10]} {LAST[number // 10 % 8]}"
    title = f"{name} (attore)" if number % 2 else name
    return Entity(
        f"Q{1000 + number}",
        labels=dict.fromkeys(languages, name),
        classes=(HUMAN,),
        sitelinks={"itwiki": title} if "it" in languages else {},
    )


def film(number: int, languages: tuple[str, ...] = ("en", "es", "it")) -> Entity:
    """A film, retitled in every country."""
    titles = {"en": f"The Road {number}", "es": f"El camino {number}", "it": f"La strada {number}"}
    return Entity(f"Q{2000 + number}", labels={c: titles[c] for c in languages}, classes=(FILM,))


def graph(*more: Entity) -> MemoryGraph:
    names = Entity(HUMAN, labels={"en": "human"})
    known = [human(n) for n in range(80)] + [film(n) for n in range(80)]
    return MemoryGraph([names, *known, *more])


def ask(
    source: Names, entity: Entity, language: str, kind: TermKind = LABEL
) -> tuple[Candidate, ...]:
    request = TermRequest(entity, language, kind, "CC-BY-4.0")
    answers = list(answers_of(source, [request]))
    return answers[0].candidates if answers else ()


def score(candidate: Candidate) -> float:
    return candidate.evidence[0].score or 0.0


@pytest.fixture(scope="module")
def source() -> Names:
    return named(graph(), ("it", "es"))


def test_copying_is_learned_by_class(source: Names) -> None:
    person = Entity("Q9", labels={"en": "Zoe Zanetti", "es": "Zoe Zanetti"}, classes=(HUMAN,))
    movie = Entity("Q8", labels={"en": "Zoe Zanetti", "es": "Zoe Zanetti"}, classes=(FILM,))
    sure, unsure = ask(source, person, "it"), ask(source, movie, "it")
    assert sure[0].text == "Zoe Zanetti" and score(sure[0]) > 0.8
    assert not unsure or score(unsure[0]) < 0.3
    unknown = ask(source, Entity("Q7", labels=person.labels, classes=("Q999",)), "it")
    assert score(sure[0]) > score(unknown[0]) > (score(unsure[0]) if unsure else 0)


def test_evidence_explains_itself(source: Names) -> None:
    person = Entity("Q9", labels={"en": "Zoe Zanetti", "es": "Zoe Zanetti"}, classes=(HUMAN,))
    (evidence,) = ask(source, person, "it")[0].evidence
    assert evidence.note == (
        "written alike in English and Italian for 100% of 80 items of the class human; "
        "1 more of its names say the same"
    )
    assert (evidence.source, evidence.from_language, evidence.licence) == (
        "names",
        "en",
        "CC-BY-4.0",
    ), "of the graph that it was made from"


def test_one_candidate_carries_one_evidence_however_many_ways_agree(source: Names) -> None:
    everywhere = ("en", "es", "fr", "pt", "ca")
    person = Entity("Q9", labels=dict.fromkeys(everywhere, "Zoe Zanetti"), classes=(HUMAN,))
    (candidate,) = ask(source, person, "it")
    assert len(candidate.evidence) == 1


def test_page_title_without_its_qualifier(source: Names) -> None:
    person = Entity("Q9", sitelinks={"itwiki": "Zoe Zanetti (attrice)"}, classes=(HUMAN,))
    (candidate,) = ask(source, person, "it")
    assert candidate.text == "Zoe Zanetti" and score(candidate) > 0.6
    assert "page title in itwiki" in candidate.evidence[0].note


def test_title_of_a_common_noun_gets_a_small_letter() -> None:
    nouns = [
        Entity(
            f"Q{n}",
            labels={"en": f"thing {n}", "es": f"cosa {n}", "it": f"aggeggio {n}"},
            sitelinks={"itwiki": f"Aggeggio {n}"},
            classes=("Q1",),
        )
        for n in range(100, 160)
    ]
    source = named(graph(*nouns), ("it",))
    noun = Entity(
        "Q99",
        labels={"en": "hammer", "es": "martillo"},
        sitelinks={"itwiki": "Martello"},
        classes=("Q1",),
    )
    assert ask(source, noun, "it")[0].text == "martello"
    proper = Entity("Q98", labels={"en": "Rome"}, sitelinks={"itwiki": "Roma"}, classes=("Q1",))
    assert ask(source, proper, "it")[0].text == "Roma"


def test_native_name_is_a_way() -> None:
    official = Value("text", "Repubblica Zeta", language="it")
    country = Entity("Q3", labels={"en": "Zeta"}, claims={"P1448": (official,)})
    routes = Routes()
    found = find(country, "it", routes)
    assert dict(zip([routes.names[w] for w in found.routes], found.texts, strict=True)) == {
        "en": "Zeta",
        "P1448 its own": "Repubblica Zeta",
    }


def test_conversion_between_variants_is_offered_and_counted() -> None:
    pairs = [("国", "國"), ("东", "東"), ("马", "馬"), ("车", "車"), ("门", "門"), ("风", "風")]
    towns = [
        Entity(f"Q{10 * i + j}", labels={"zh-hans": a + c, "zh-hant": b + d}, classes=("Q515",))
        for i, (a, b) in enumerate(pairs, 10)
        for j, (c, d) in enumerate(pairs)
    ]
    source = named(MemoryGraph([*graph().entities(), *towns]), ("zh-hant", "it"))
    town = Entity("Q9", labels={"zh-hans": "龙门"}, classes=("Q515",))
    best = ask(source, town, "zh-hant")[0]
    assert best.text == "龍門" and score(best) > 0.6
    assert best.evidence[0].from_language == "zh-hans"


def test_no_description_no_other_language_nothing_from_nothing(source: Names) -> None:
    person = human(3)
    assert not ask(source, person, "it", TermKind.DESCRIPTION)
    assert not ask(source, person, "fr")
    assert not ask(source, Entity("Q9"), "it")
    assert not ask(source, Entity("Q9", labels={"en": "…"}), "it")


def test_graph_without_names_is_no_error() -> None:
    source = named(MemoryGraph([]), ("it",))
    assert not ask(source, human(1), "it")


@given(
    st.dictionaries(st.sampled_from(["en", "es", "zh", "sr-el", "qqq"]), st.text(), max_size=5),
    st.dictionaries(st.sampled_from(["itwiki", "commonswiki", "x"]), st.text(), max_size=3),
)
def test_any_text_of_a_graph_is_survived(labels: dict[str, str], links: dict[str, str]) -> None:
    source = named(graph(), ("it",), NamesOptions(entities=40))
    for candidate in ask(source, Entity("Q9", labels=labels, sitelinks=links), "it"):
        assert 0 <= score(candidate) <= 1
        assert vote_key(candidate.text) and len(candidate.text) <= 400


test_any_text_of_a_graph_is_survived = settings(max_examples=40, deadline=None)(
    test_any_text_of_a_graph_is_survived
)


def test_entry_point_and_options() -> None:
    context = SourceContext(graph(), ("it",), Settings(), {"candidates": 1})
    assert build("names", context).name == "names"
    wrong = SourceContext(graph(), ("it",), Settings(), {"candidate": 1})
    with pytest.raises(UsageError, match="options of the source 'names' are wrong"):
        build("names", wrong)


# What it is made of.


@pytest.mark.parametrize(
    ("text", "source_language", "target", "expected"),
    [
        ("Дуглас Адамс", "sr-ec", "sr-el", [("latin", "Duglas Adams")]),
        ("Njegoš", "hr", "sr-ec", [("cyrillic", "Његош")]),
        ("Newton", "bs", "sr-ec", []),
        ("老挝", "zh-hans", "zh-hant", [("s2t", "老撾")]),
        ("老挝", "zh-hans", "zh-tw", [("s2twp", "寮國"), ("s2tw", "老撾")]),
        ("東京", "zh-hans", "it", []),
        ("広島", "ja", "zh-hans", [("jp2t t2s", "广岛"), ("jp2t", "廣島")]),
        ("广岛", "zh-hans", "ja", [("t2jp", "広島")]),
        ("ひろしま", "ja", "zh-hans", []),
        ("Berlin", "de", "it", []),
    ],
)
def test_conversions(
    text: str, source_language: str, target: str, expected: list[tuple[str, str]]
) -> None:
    assert list(conversions(text, source_language, target)) == expected


@given(st.text("абвгдђежзијклљмнњопрстћуфхцчџш АБВГДЂЕЖЗИЈКЛМНОПРСТЋУФХЦЧШ1-", max_size=30))
def test_serbian_cyrillic_comes_back_from_latin(text: str) -> None:
    """Except where two letters look like one: нј and њ are both nj."""
    if any(pair in text.lower() for pair in ("нј", "лј", "дж")):
        return
    assert to_cyrillic(to_latin(text)) == text


def test_rates_shrink_from_class_to_all_to_script() -> None:
    routes = Routes()
    spanish, russian = (routes.number(code, code, "label") for code in ("es", "ru"))
    both = np.array([spanish, russian], np.int32)
    counts = CopyCounts(("it",), routes)
    for _ in range(30):
        counts.observe((HUMAN,), "it", both, np.array([True, False]))
        counts.observe((FILM,), "it", both, np.array([False, False]))
    human_rates = counts.rates((HUMAN,), "it", both)
    film_rates = counts.rates((FILM,), "it", both)
    other_rates = counts.rates(("Q1",), "it", both)
    assert human_rates[0] > 0.85 and film_rates[0] < 0.15 and 0.4 < other_rates[0] < 0.6
    assert max(rates[1] for rates in (human_rates, film_rates, other_rates)) < 0.05
    unseen = np.array([routes.number("pt", "pt", "label"), routes.number("uk", "uk", "label")])
    new = counts.rates(("Q1",), "it", unseen)
    assert new[0] > 0.4 > 0.1 > new[1]


def test_counts_without_a_part_are_those_of_the_rest() -> None:
    routes = Routes()
    route = np.array([routes.number("es", "es", "label")], np.int32)
    everything, part, rest = (CopyCounts(("it",), routes) for _ in range(3))
    for number in range(20):
        for counts in (everything, part if number % 3 else rest):
            counts.observe((HUMAN,), "it", route, np.array([number % 2 == 0]))
    left = everything.without(part)
    assert left.rates((HUMAN,), "it", route) == pytest.approx(rest.rates((HUMAN,), "it", route))
    assert left.seen((HUMAN,), "it", 0) == rest.seen((HUMAN,), "it", 0)


def test_regression_finds_the_coefficients_that_made_the_data() -> None:
    random = np.random.default_rng(1)
    rows = np.column_stack((np.ones(20_000), random.normal(size=(20_000, 2))))
    right = (random.random(20_000) < probability(rows, np.array([0.5, 2.0, -1.0]))).astype(float)
    ridge, zero, free = np.full(3, 0.1), np.zeros(3), np.full(3, -np.inf)
    assert fit(rows, right, np.ones(20_000), ridge, zero, free) == pytest.approx(
        [0.5, 2.0, -1.0], abs=0.1
    )
    bounded = fit(rows, right, np.ones(20_000), ridge, zero, np.array([-np.inf, 0.0, 0.0]))
    assert bounded[2] == 0.0 and bounded[1] > 1.0


# On real items.


@pytest.fixture(scope="module")
def items(shared_data: Path) -> list[Entity]:
    def read() -> Iterator[Entity]:
        reader = Reader((), DEFAULT_PROPERTIES)
        with gzip.open(shared_data / "wikidata_entities" / "entities.ndjson.gz") as lines:
            for line in lines:
                yield from reader.read(line)

    return list(read())


def test_names_it_is_sure_of_are_right_on_real_items(items: list[Entity]) -> None:
    languages = ("it", "es", "nl", "ru", "zh")
    hidden = hide(items, Scope(tuple(languages), (LABEL,)), part=1)
    gold = {
        (request.entity.id, request.language): {vote_key(text) for text in texts}
        for request, texts in zip(hidden.requests, hidden.gold, strict=True)
    }
    source = named(hidden.graph, languages)
    scores, right = [], []
    for answer in answers_of(source, hidden.requests):
        for candidate in answer.candidates[:1]:
            scores.append(score(candidate))
            key = (candidate.entity, candidate.language)
            right.append(vote_key(candidate.text) in gold[key])
    sure = [is_right for chance, is_right in zip(scores, right, strict=True) if chance >= 0.9]
    assert len(sure) > 60
    assert sum(sure) / len(sure) > 0.9
    # Over all of them it is as often right as it says.
    assert sum(scores) == pytest.approx(sum(right), rel=0.12)


def test_common_nouns_of_another_language_are_hardly_names(
    items: list[Entity], shared_data: Path
) -> None:
    file = shared_data.parent / "cases" / "names" / "common_nouns.tsv"
    cases = [line.split("\t") for line in file.read_text(encoding="utf-8").splitlines()[1:]]
    source = named(MemoryGraph(items), ("fr", "nb", "nl", "ast", "de", "sr-cyrl"))
    by_label = {item.labels.get("en", ""): item for item in items}
    chances = []
    for language, english, _, wrong in cases:
        entity = by_label.get(english, Entity("Q9"))
        bare = replace(entity, labels={"en": english}, aliases={}, sitelinks={})
        found = {c.text: score(c) for c in ask(source, bare, language)}
        chances.append(found.get(wrong, 0.0))
    assert max(chances) < 0.5 and sum(chances) / len(chances) < 0.15


def test_same_graph_same_answers(items: list[Entity]) -> None:
    requests = [TermRequest(item, "it", LABEL) for item in items[:50] if "it" not in item.labels]
    first, second = (
        [
            answer.candidates
            for answer in answers_of(named(MemoryGraph(items[:200]), ("it",)), requests)
        ]
        for _ in range(2)
    )
    assert first == second


def test_a_title_with_the_surname_first_is_offered_turned_around() -> None:
    person = Entity("Q1", classes=(HUMAN,), sitelinks={"ruwiki": "Пушкин, Александр Сергеевич"})
    assert set(find(person, "ru", Routes()).texts) == {
        "Пушкин, Александр Сергеевич",
        "Александр Сергеевич Пушкин",
    }
    place = Entity("Q2", sitelinks={"enwiki": "Portland, Oregon, US"})
    assert find(place, "en", Routes()).texts == ("Portland, Oregon, US",)
