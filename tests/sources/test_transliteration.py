"""The source `names` in another script: words by sound, and how sure it may be of them."""

from __future__ import annotations

from itertools import product

import pytest

from kgenrich.languages import in_script
from kgenrich.model import Candidate, Entity, TermKind, TermRequest
from kgenrich.settings import Settings
from kgenrich.sources.base import MemoryGraph, SourceContext
from kgenrich.sources.fit_cache import decode, encode
from kgenrich.sources.graph.name_model import NamesModel, NamesOptions, learn
from kgenrich.sources.graph.names import Names
from tests.asking import answers_of

HUMAN, FILM, BAND = "Q5", "Q11424", "Q215380"
FIRST = {
    "Alan": "Алан", "Peter": "Питер", "Robert": "Роберт", "Martin": "Мартин", "Oscar": "Оскар",
    "Norman": "Норман", "Albert": "Альберт", "Victor": "Виктор",
}  # fmt: skip
LAST = {
    "Marlow": "Марлоу", "Benson": "Бенсон", "Colin": "Колин", "Dixon": "Диксон",
    "Fisher": "Фишер", "Grant": "Грант", "Martin": "Мартин", "Porter": "Портер",
    "Taylor": "Тейлор", "Wagner": "Вагнер", "Keller": "Келлер", "Norton": "Нортон",
}  # fmt: skip


def humans() -> list[Entity]:
    """People, all of whose names are transliterated."""
    return [
        Entity(
            f"Q{1000 + number}",
            labels={"en": f"{first} {last}", "fr": f"{first} {last}"}
            | {"ru": f"{FIRST[first]} {LAST[last]}"},
            classes=(HUMAN,),
        )
        for number, (first, last) in enumerate(product(FIRST, LAST))
    ]


def films() -> list[Entity]:
    """Films, all of which are retitled."""
    pairs = list(product(FIRST, LAST))
    return [
        Entity(
            f"Q{2000 + number}",
            labels={"en": f"{last} {first}", "ru": f"Фильм {number}", "fr": f"Le film {number}"},
            classes=(FILM,),
        )
        for number, (first, last) in enumerate(pairs)
    ]


def bands() -> list[Entity]:
    """Bands, which keep their Latin names."""
    return [
        Entity(
            f"Q{3000 + number}",
            labels=dict.fromkeys(("en", "fr", "ru"), f"{last} {first}"),
            classes=(BAND,),
        )
        for number, (first, last) in enumerate(product(FIRST, LAST))
    ]


GRAPH = MemoryGraph([*humans(), *films(), *bands()])


def context(*languages: str, graph: MemoryGraph = GRAPH) -> SourceContext:
    return SourceContext(graph, languages, Settings())


@pytest.fixture(scope="module")
def source() -> Names:
    return Names(context("ru", "it", "ka"), NamesOptions())


def ask(
    source: Names,
    labels: dict[str, str],
    *,
    of: str = HUMAN,
    language: str = "ru",
    kind: TermKind = TermKind.LABEL,
) -> tuple[Candidate, ...]:
    entity = Entity("Q1", labels=labels, classes=(of,))
    answers = list(answers_of(source, [TermRequest(entity, language, kind)]))
    return answers[0].candidates if answers else ()


def both(name: str) -> dict[str, str]:
    return {"en": name, "fr": name}


def chance(candidates: tuple[Candidate, ...]) -> float:
    return max((candidate.evidence[0].score or 0.0 for candidate in candidates), default=0.0)


def written(candidates: tuple[Candidate, ...]) -> float:
    """The chance of what is in Cyrillic."""
    return chance(tuple(c for c in candidates if in_script(c.text, "ru")))


class TestNames:
    def test_words_are_written_as_other_labels_write_them(self, source: Names) -> None:
        first, *_ = ask(source, both("Oscar Wagner"))
        assert first.text == "Оскар Вагнер" and chance((first,)) > 0.8

    def test_words_that_no_label_has_are_written_by_the_network(self, source: Names) -> None:
        texts = [candidate.text for candidate in ask(source, both("Peter Hamilton"))]
        assert any(text.startswith("Питер Х") or text == "Питер Гамильтон" for text in texts)

    def test_what_stands_between_words_is_kept_as_the_language_has_it(self, source: Names) -> None:
        assert ask(source, both("Oscar-Peter Grant"))[0].text == "Оскар-Питер Грант"

    def test_the_evidence_says_from_what_it_was_made(self, source: Names) -> None:
        candidates = ask(source, both("Oscar Hamilton"))
        (evidence,) = next(c for c in candidates if c.text.startswith("Оскар ")).evidence
        assert (evidence.from_language, evidence.from_text) == ("en", "Oscar Hamilton")
        assert "by sound" in evidence.note or "“oscar …” is “Оскар …”" in evidence.note


class TestDoubt:
    def test_classes_that_are_translated_or_kept_are_doubted(self, source: Names) -> None:
        human = written(ask(source, both("Oscar Wagner")))
        for other in (FILM, BAND):
            assert written(ask(source, both("Oscar Wagner"), of=other)) < human / 3
        assert ask(source, both("Oscar Wagner"), of=BAND)[0].text == "Oscar Wagner"

    def test_probabilities_hold_on_labels_that_were_hidden(self) -> None:
        known = [*humans(), *films(), *bands()]
        hidden = [of for number, of in enumerate(known) if (number + number // 12) % 4 == 0]
        rest = [entity for entity in known if entity not in hidden]
        source = Names(context("ru", graph=MemoryGraph(rest)), NamesOptions())
        for class_id in (HUMAN, FILM, BAND):
            mine = [entity for entity in hidden if class_id in entity.classes]
            said = right = 0.0
            for entity in mine:
                labels = {code: text for code, text in entity.labels.items() if code != "ru"}
                for candidate in ask(source, labels, of=class_id)[:1]:
                    said += candidate.evidence[0].score or 0.0
                    right += candidate.text == entity.labels["ru"]
            assert abs(said - right) / len(mine) < 0.15

    def test_a_graph_without_labels_of_the_language_says_nothing(self) -> None:
        few = [*humans()[:10], Entity("Q1", labels={"en": "Alan Marlow"})]
        greek = [Entity(f"{of.id}0", labels={"en": "Alan", "el": "Άλαν"}) for of in humans()]
        films_too = [Entity(of.id, labels={"en": "Alan", "el": "Το"}) for of in films()]
        bare = MemoryGraph([*few, *greek, *films_too])
        source = Names(context("ru", "el", graph=bare), NamesOptions())
        assert ask(source, both("Alan"), language="el") and ask(source, both("Alan")) == ()


class TestSilence:
    @pytest.mark.parametrize("language", ["mul", "xx"])
    def test_languages_that_are_not_asked_for(self, language: str, source: Names) -> None:
        assert ask(source, both("Oscar Wagner"), language=language) == ()

    @pytest.mark.parametrize("kind", [kind for kind in TermKind if not kind.is_name])
    def test_other_kinds_of_term(self, kind: TermKind, source: Names) -> None:
        assert ask(source, both("Oscar Wagner"), kind=kind) == ()

    @pytest.mark.parametrize(
        "text",
        ["Oscar 1984", "!!!", "-", " ", "Oscar " * 7, "O" * 500, "Ὅμηρος", "a\ud800", "Oscar\0X"],
    )
    def test_any_name_is_survived(self, text: str, source: Names) -> None:
        for candidate in ask(source, both(text)):
            assert 0 <= chance((candidate,)) <= 1 and candidate.text.strip()

    def test_no_label_to_take_a_name_from(self, source: Names) -> None:
        assert ask(source, {}) == ()


def test_what_was_learned_is_kept_without_pickle() -> None:
    model = learn(GRAPH, ("ru",), NamesOptions(sample=60))
    again = decode(encode(model), NamesModel)
    assert encode(again) == encode(model) and again.learned.keys() == model.learned.keys() == {"ru"}
    assert encode(learn(GRAPH, ("ru",), NamesOptions(sample=60))) == encode(model)
