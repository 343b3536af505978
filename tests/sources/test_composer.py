"""The description composer, on the real items that the demo ships."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from kgenrich.errors import UsageError
from kgenrich.harvest.document import Reader
from kgenrich.harvest.dump import read_dump
from kgenrich.inputs import Input
from kgenrich.model import Entity, SourceKind, TermKind, TermRequest, Value
from kgenrich.resources import resource
from kgenrich.settings import DEFAULT_PROPERTIES, Settings
from kgenrich.sources.base import MemoryGraph, SourceContext
from kgenrich.sources.graph.describe import composer, memory
from kgenrich.sources.graph.describe.channels import COMPOSER, MEMORY, fit_calibrator
from kgenrich.sources.graph.describe.description_miner import learn
from kgenrich.sources.graph.describe.description_model import DescriptionModel
from kgenrich.sources.graph.describe.forms import learn_forms
from kgenrich.sources.graph.describe.language_style import learn_style, words
from kgenrich.sources.graph.describe.lexicon import BENT, PLAIN
from kgenrich.sources.graph.describe.records import Date, parse_date, record
from kgenrich.sources.graph.describe.templates import Slot, abstract, fill, show
from kgenrich.text import vote_key
from tests.asking import answers_of, fingerprint

LANGUAGES = ("de", "en", "es", "fr", "it", "ja", "nl")

pytestmark = pytest.mark.slow

ARTICLE, CHILE, FRANCE = "Q13442814", "Q298", "Q142"
COMMUNE_OF_CHILE = "Q1840161"


def demo_items() -> Iterator[Entity]:
    with Input(str(resource("config/demo/items.json.gz"))) as file:
        for batch in read_dump(file, Reader((), DEFAULT_PROPERTIES)):
            yield from batch.entities


@pytest.fixture(scope="module")
def items() -> dict[str, Entity]:
    return {entity.id: entity for entity in demo_items()}


@pytest.fixture(scope="module")
def mine(items: dict[str, Entity]) -> DescriptionModel:
    return learn(MemoryGraph(items.values()), LANGUAGES)


def without(entity: Entity, *languages: str) -> Entity:
    kept = {c: t for c, t in entity.descriptions.items() if c not in languages}
    return replace(entity, descriptions=kept)


def article(year: int, month: int = 0) -> Entity:
    value = Value("time", f"+{year}-{month:02d}-00T00:00:00Z", precision=10 if month else 9)
    return Entity("Q999999901", classes=(ARTICLE,), claims={"P577": (value,)})


def commune(country: str) -> Entity:
    return Entity(
        "Q999999902",
        classes=(COMMUNE_OF_CHILE,),
        claims={"P17": (Value("entity", country),)},
    )


@pytest.mark.parametrize(
    ("language", "text"),
    [("fr", "commune chilienne"), ("it", "comune cileno"), ("es", "comuna de Chile")],
)
def test_a_new_item_of_a_known_series_is_described_like_the_others(
    mine: DescriptionModel, language: str, text: str
) -> None:
    said = mine.propose(commune(CHILE), language, COMPOSER)
    assert said is not None
    assert said.choice.filled.text == text
    assert said.probability > 0.8


@pytest.mark.parametrize(
    ("language", "text"),
    [("es", "artículo científico publicado en 1871"), ("ja", "1871年の論文")],
)
def test_dates_are_filled_in_even_in_a_year_never_seen(
    mine: DescriptionModel, language: str, text: str
) -> None:
    said = mine.propose(article(1871), language, COMPOSER)
    assert said is not None
    assert said.choice.filled.text == text


def test_a_country_whose_forms_were_never_seen_is_not_guessed(mine: DescriptionModel) -> None:
    """No "commune Tuvalu", and no "commune chilienne" either."""
    said = mine.propose(commune("Q672"), "fr", COMPOSER)
    assert said is None or "chili" not in said.choice.filled.text.casefold()


def test_nothing_is_said_of_an_unknown_class_or_in_an_unknown_language(
    mine: DescriptionModel,
) -> None:
    stranger = Entity("Q999999903", classes=("Q999999904",))
    assert mine.propose(stranger, "fr", COMPOSER) is None
    assert mine.propose(commune(CHILE), "nv", COMPOSER) is None


def test_the_answer_does_not_depend_on_what_was_asked_before(items: dict[str, Entity]) -> None:
    asked = [commune(CHILE), article(1871), without(items["Q3875"], "fr")]
    forwards, backwards = (learn(MemoryGraph(items.values()), LANGUAGES) for _ in range(2))
    first = [forwards.propose(e, "fr", COMPOSER) for e in asked]
    last = [backwards.propose(e, "fr", COMPOSER) for e in reversed(asked)]
    assert first == last[::-1]


def context(items: Iterable[Entity], **options: object) -> SourceContext:
    return SourceContext(MemoryGraph(items), ("fr",), Settings(), options)


def test_as_a_source_it_says_what_it_was_made_from(items: dict[str, Entity]) -> None:
    source = composer(context(items.values()))
    request = TermRequest(commune(CHILE), "fr", TermKind.DESCRIPTION, "CC-BY-4.0")
    label = TermRequest(commune(CHILE), "fr", TermKind.LABEL)
    answers = {a.request.kind: a for a in answers_of(source, [request, label])}
    assert answers[TermKind.LABEL].candidates == ()
    (candidate,) = answers[TermKind.DESCRIPTION].candidates
    assert candidate.text == "commune chilienne"
    (evidence,) = candidate.evidence
    assert (evidence.source, evidence.kind) == ("description-composer", SourceKind.GRAPH)
    assert evidence.licence == "CC-BY-4.0", "of the graph that it was made from"
    assert evidence.raw == "commune {P17}"
    assert evidence.score is not None and 0.8 < evidence.score <= 1
    example = next(word.strip(".,") for word in evidence.note.split() if word.startswith("Q"))
    assert items[example].descriptions["fr"] == "commune chilienne"
    assert fingerprint(source, request) == ""


def test_below_the_minimum_a_describer_abstains(items: dict[str, Entity]) -> None:
    source = composer(context(items.values(), minimum=1.0))
    request = TermRequest(commune(CHILE), "fr", TermKind.DESCRIPTION, "CC-BY-4.0")
    (answer,) = answers_of(source, [request])
    assert answer.candidates == () and not answer.failure


def test_unknown_options_are_refused(items: dict[str, Entity]) -> None:
    with pytest.raises(UsageError, match="treshold"):
        memory(context(items.values(), treshold=0.5))


@pytest.mark.parametrize("hide_clusters", [False, True])
def test_probabilities_hold_on_items_that_were_hidden(
    items: dict[str, Entity], hide_clusters: bool
) -> None:
    """One fifth hidden, by item and by cluster (class and country, or year)."""
    languages = ("es", "fr", "it", "nl")

    def is_hidden(entity: Entity) -> bool:
        unit = record(entity).cluster if hide_clusters else entity.id
        return sum(unit.encode()) % 5 == 0

    graph = [without(e, *e.descriptions) if is_hidden(e) else e for e in items.values()]
    mine = learn(MemoryGraph(graph), LANGUAGES)
    requested, sure = 0, []
    for entity in filter(is_hidden, items.values()):
        for language in languages:
            if language in entity.descriptions:
                requested += 1
                bare = without(entity, language)
                found = [mine.propose(bare, language, channel) for channel in (COMPOSER, MEMORY)]
                best = max(filter(None, found), key=lambda s: s.probability, default=None)
                if best and best.probability >= 0.8:
                    right = vote_key(best.choice.filled.text)
                    sure.append(right == vote_key(entity.descriptions[language]))
    assert requested > 100
    assert len(sure) > 0.12 * requested
    assert sum(sure) > 0.85 * len(sure)


def test_graphs_with_other_properties_are_described_too() -> None:
    """IRIs throughout, and neither P17 nor P577."""
    base = "https://example.org/"
    countries = {"fr": "France", "it": "Italy", "no": "Norway", "cl": "Chile"}
    graph = [Entity(base + c, labels={"en": name}) for c, name in countries.items()]

    def ship(place: int, country: str, year: int) -> Entity:
        return Entity(
            f"{base}ship/{place}",
            descriptions={"en": f"ship of {countries[country]}, launched in {year}"},
            classes=(base + "Ship",),
            claims={
                base + "flag": (Value("entity", base + country),),
                base + "launched": (Value("time", f"+{year}-00-00T00:00:00Z", precision=9),),
            },
        )

    ships = [
        ship(10 * at + year, c, 1900 + year) for at, c in enumerate(countries) for year in range(9)
    ]
    mine = learn(MemoryGraph([*graph, *ships]), LANGUAGES)
    said = mine.propose(without(ship(99, "no", 1777), "en"), "en", COMPOSER)
    assert said is not None
    assert said.choice.filled.text == "ship of Norway, launched in 1777"
    assert said.probability > 0.8


# -- what it is built on ---------------------------------------------------------------------


def test_forms_are_learned_with_what_comes_before_them() -> None:
    texts = [
        ("Q1", FRANCE, "ville de France"),
        ("Q2", FRANCE, "commune française"),
        ("Q3", CHILE, "ville du Chili"),
        ("Q4", CHILE, "commune chilienne"),
        ("Q5", FRANCE, "lac de France et du Chili"),
        ("Q6", CHILE, "port de la côte du Chili"),
        ("Q7", FRANCE, "île de Bretagne"),
    ]
    names = {FRANCE: ("France",), CHILE: ("Chili",)}
    corpus = [
        (record(Entity(i, claims={"P17": (Value("entity", country),)})), text)
        for i, country, text in texts
    ]
    style = learn_style([text for _, text in corpus])
    assert "de" in style.joining
    lexicon = learn_forms(corpus, style, names, names)
    assert lexicon.choose(FRANCE, "d", "", "")[0] == "de France"  # type: ignore[index]
    assert lexicon.choose(CHILE, BENT, "commune", "")[0] == "chilienne"  # type: ignore[index]
    assert lexicon.choose(CHILE, "à", "", "") is None
    template, mentioned = abstract(corpus[1][0], "commune française", lexicon)
    assert template == ("commune ", Slot("P17", 0, BENT))
    assert mentioned == {FRANCE}
    assert show(template) == "commune {P17}"
    filled = fill(corpus[3][0], template, lexicon)
    assert filled is not None and filled.text == "commune chilienne"
    assert fill(record(Entity("Q8")), template, lexicon) is None


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("veröffentlicht 2011-03-05", "YYYY-MM-DD"),
        ("veröffentlicht 5.3.2011", "D.M.YYYY"),
        ("2011年3月5日の論文", "YYYY年M月D日"),
    ],
)
def test_parts_of_dates_become_slots(text: str, parts: str) -> None:
    value = Value("time", "+2011-03-05T00:00:00Z", precision=11)
    reduced = record(Entity("Q1", claims={"P577": (value,)}))
    lexicon = learn_forms([(reduced, text)], learn_style([text]), {}, {})
    template, _ = abstract(reduced, text, lexicon)
    shown = "".join(
        p if isinstance(p, str) else p.kind.lstrip("@").replace("Y", "YYYY") for p in template
    )
    assert parts in shown
    other = record(
        Entity("Q2", claims={"P577": (Value("time", "+1999-11-30T00:00:00Z", precision=11),)})
    )
    filled = fill(other, template, lexicon)
    assert filled is not None and "1999" in filled.text and "30" in filled.text


def test_dates_without_a_year_are_none() -> None:
    assert parse_date("+2011-03-05T00:00:00Z", 11) == Date(2011, 3, 5)
    assert parse_date("+2011-03-05T00:00:00Z", 9) == Date(2011, 0, 0)
    assert parse_date("+2011-00-00T00:00:00Z", 8) is None
    assert parse_date("-0044-03-15T00:00:00Z", 11) is None


@given(st.text(max_size=60), st.integers(9, 11))
def test_any_text_is_a_date_or_none(text: str, precision: int) -> None:
    parsed = parse_date(text, precision)
    assert parsed is None or parsed.year >= 0


@given(st.text(max_size=80))
def test_words_are_where_they_say(text: str) -> None:
    for word in words(text):
        assert text[word.start : word.end] == word.text


@given(st.lists(st.text(min_size=1, max_size=40), min_size=1, max_size=12))
def test_the_canonical_form_is_stable(texts: list[str]) -> None:
    style = learn_style(texts)
    for text in texts:
        once = style.canonical(text)
        assert style.canonical(once) == once


def test_a_capital_that_only_the_start_brought_goes() -> None:
    style = learn_style(["Comuna de Chile.", "comuna de Chile", "Chile", "ciudad de Chile"])
    assert style.canonical("Comuna de Chile.") == "comuna de Chile"
    assert style.canonical("Chile") == "Chile"


def test_labels_stand_in_for_forms_only_where_nothing_agrees_with_them() -> None:
    style = learn_style(["nothing"])
    lexicon = learn_forms([], style, {"Q419": ("Peru",)}, {})
    assert lexicon.choose("Q419", PLAIN, "", "") == ("Peru", 0.5)
    assert lexicon.choose("Q419", BENT, "town", "") is None
    assert lexicon.choose("Q419", "i", "", "") is None


def test_a_describer_that_cannot_be_measured_says_nothing() -> None:
    assert fit_calibrator([[1.0]], [True], [1.0]).probability([1.0]) == 0.0


def test_probabilities_follow_the_shares() -> None:
    features = [[float(place % 2)] for place in range(400)]
    right = [place % 2 == 1 and place % 20 != 1 for place in range(400)]
    calibrator = fit_calibrator(features, right, [1.0] * 400)
    assert calibrator.probability([1.0]) == pytest.approx(0.9, abs=0.03)
    assert calibrator.probability([0.0]) < 0.1


@given(
    st.lists(
        st.tuples(st.text(max_size=60), st.text(max_size=60), st.integers(0, 3)),
        min_size=12,
        max_size=25,
    )
)
@settings(max_examples=40, deadline=None)
def test_no_text_of_a_graph_breaks_it(rows: list[tuple[str, str, int]]) -> None:
    """Descriptions come from anybody: whatever they say, there is an answer or none, and what is
    answered is short, clean and not empty."""
    graph = [
        Entity(
            f"Q{at + 1}",
            labels={"en": english[:20] or "x", "fr": french[:20] or "y"},
            descriptions={"en": english, "fr": french},
            classes=("Q5",),
            claims={"P17": (Value("entity", f"Q{country + 1}"),)},
        )
        for at, (english, french, country) in enumerate(rows)
    ]
    mine = learn(MemoryGraph(graph), LANGUAGES)
    for entity in graph[:5]:
        for channel in (COMPOSER, MEMORY):
            said = mine.propose(without(entity, "fr"), "fr", channel)
            if said is not None:
                assert said.choice.filled.text.strip()
                assert len(said.choice.filled.text) <= 250
                assert 0 <= said.probability <= 1
                assert said.note()
