"""The source `local-search`: pages of a local text, the names they give, how sure they are."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from kgenrich.adapters.likeness import likeness
from kgenrich.corpus import Page, pages
from kgenrich.errors import InputError, SourceStopped, UsageError
from kgenrich.model import Candidate, Entity, SourceKind, TermKind, TermRequest
from kgenrich.settings import Settings
from kgenrich.sources.base import MemoryGraph, SourceContext, build
from kgenrich.sources.search.local import LocalSearch
from kgenrich.sources.search.name_calibration import Observation, Reliability
from kgenrich.sources.search.name_extraction import PageName, names
from kgenrich.sources.search.page_names import PageHit, PageNames
from kgenrich.sources.search.text_index import TextIndex, open_index, tokens
from tests.asking import answers_of

PAGES = [
    Page("文法学校", "zh", "文法学校（grammar school）的意义在各地区有所不同。", "Q967098"),
    Page("Country-Musik", "de", "Country-Musik (englisch: country music) ist Musik.", "Q83440"),
    Page("Cine (arte)", "es", "El cine o '''cinematografía''' es un arte.", "Q11424"),
    Page("Tokyo", "en", "Tokyo (Japanese: 東京; Chinese: 东京) is the capital of Japan.", ""),
    Page("Толстой, Лев Николаевич", "ru", "Лев Толсто́й (Leo Tolstoy) — русский писатель.", ""),
]
LABEL, ALIAS = TermKind.LABEL, TermKind.ALIAS


def write(path: Path, rows: Iterable[Page]) -> Path:
    lines = [
        json.dumps(
            {"title": p.title, "language": p.language, "text": p.text}
            | ({"qid": p.qid} if p.qid else {}),
            ensure_ascii=False,
        )
        for p in rows
    ]
    data = "\n".join(lines).encode()
    path.write_bytes(gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)
    return path


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> TextIndex:
    folder = tmp_path_factory.mktemp("search")
    return open_index([write(folder / "corpus.jsonl.gz", PAGES)], folder / "cache")


def make(tmp_path: Path, rows: Iterable[Page], *entities: Entity) -> LocalSearch:
    corpus = write(tmp_path / "corpus.jsonl", rows)
    options = {"corpus": str(corpus), "cache": str(tmp_path / "cache"), "licence": "CC-BY-SA-3.0"}
    languages = ("zh", "de", "es", "ja", "ru")
    source = build(
        "local-search", SourceContext(MemoryGraph(entities), languages, Settings(), options)
    )
    assert isinstance(source, LocalSearch)
    return source


def ask(
    source: LocalSearch, entity: Entity, language: str, kind: TermKind = LABEL
) -> tuple[Candidate, ...]:
    answers = list(answers_of(source, [TermRequest(entity, language, kind)]))
    return answers[0].candidates if answers else ()


def by_likeness(text: str) -> PageNames:
    """A page of that title, found by it alone."""
    hit = PageHit(
        PageName(text, "title"), Page(text, "ru", "…"), "title, page of a like title", 0.2
    )
    return PageNames((hit,), ("Ankara",), ())


def far() -> PageNames:
    """A page whose title is hardly like the name."""
    return by_likeness("Список столиц")


# Tokens and index.


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello, World!", ["hello", "world"]),
        ("Čáslav", ["caslav"]),
        ("Толсто́й", ["толстои"]),
        ("東京都", ["東京", "京都"]),
        ("海", ["海"]),
        ("iPhoneの歴史", ["iphone", "の歴", "歴史"]),
        ("ภาษาไทย", ["ภา", "าษ", "ษา", "าไ", "ไท", "ทย"]),
        ("हिन्दी", ["हिन्दी"]),
        ("", []),
    ],
)
def test_tokens(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected


@given(st.text(), st.text())
def test_tokens_hold_no_space_and_ignore_case(text: str, more: str) -> None:
    assert all(token and not any(c.isspace() for c in token) for token in tokens(text))
    assert tokens(f"{text} {more}") == tokens(text) + tokens(more)
    assert tokens("ÀB 東京") == tokens("àb 東京")


def test_pages_are_found_by_entity_title_and_phrase(index: TextIndex) -> None:
    assert index.of_entity("Q83440") == [PAGES[1]]
    assert index.of_entity("Q83440", "zh") == []
    assert index.titled("tokyo", "en") == [PAGES[3]]
    assert index.mentioning("Grammar School", "zh") == [PAGES[0]]
    assert index.mentioning("东京", "en") == [PAGES[3]]
    assert index.mentioning("school grammar", "zh") == []
    assert index.speaks("de") and not index.speaks("fr")


@given(st.text())
def test_any_phrase_can_be_searched(index: TextIndex, phrase: str) -> None:
    for page in index.mentioning(phrase, "zh") + index.titled(phrase, "en"):
        assert page in PAGES


def test_same_content_is_indexed_once(tmp_path: Path) -> None:
    first, second = (write(tmp_path / f"{name}.jsonl", PAGES) for name in "ab")
    open_index([first], tmp_path / "cache")
    (folder,) = (tmp_path / "cache").iterdir()
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    open_index([second], tmp_path / "cache")
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before
    write(second, PAGES[:2])
    assert len(open_index([second], tmp_path / "cache").of_entity("Q11424")) == 0
    assert len(list((tmp_path / "cache").iterdir())) == 2


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            b'{"title": "A", "language": "en", "text": "a"}\n{"title": 1}',
            "at line 2: Expected `str`",
        ),
        (b"no json", "at line 1: "),
        (b'{"title": "\xff", "language": "en", "text": ""}', "Line 1 of .* is not in UTF-8"),
        (
            gzip.compress(b'{"title": "A", "language": "en", "text": "a"}\n' * 99, mtime=0)[:-9],
            "is cut off",
        ),
    ],
)
def test_broken_corpus_leaves_no_index(tmp_path: Path, data: bytes, message: str) -> None:
    corpus = tmp_path / ("corpus.jsonl.gz" if data[:2] == b"\x1f\x8b" else "corpus.jsonl")
    corpus.write_bytes(data)
    with pytest.raises(InputError, match=message):
        open_index([corpus], tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_page_is_read_with_its_wikimedia_language(tmp_path: Path) -> None:
    corpus = write(tmp_path / "c.jsonl", [Page("  A\u0301 b ", "zh-Hans-CN", "x" * 9_000, "")])
    (page,) = pages(corpus)
    assert (page.title, page.language, len(page.text), page.qid) == ("Á b", "zh-cn", 4_000, "")


# The names that a page gives.


@pytest.mark.parametrize(
    ("page", "language", "expected"),
    [
        (PAGES[0], "zh", [("文法学校", "title"), ("文法学校", "lead")]),
        (PAGES[2], "es", [("Cine", "qualified title"), ("cinematografía", "emphasis")]),
        (PAGES[3], "ja", [("東京", "marked bracket")]),
        (PAGES[3], "zh-hans", [("东京", "marked bracket")]),
        (PAGES[3], "ru", []),
        (PAGES[3], "de", []),
        (Page("Moscow", "en", "Moscow (Москва, Moskva) is a city."), "ru", [("Москва", "bracket")]),
        (Page("X", "en", "X (" + "я" * 200 + ") is."), "ru", []),
        (Page("X", "en", "X (((("), "ru", []),
        (Page("", "ru", ""), "ru", []),
    ],
)
def test_names(page: Page, language: str, expected: list[tuple[str, str]]) -> None:
    assert [(one.text, one.way) for one in names(page, language)] == expected


@given(st.text(max_size=60), st.text(max_size=600), st.sampled_from(["en", "ja", "sr"]))
def test_any_text_is_read_and_names_are_bounded(title: str, text: str, language: str) -> None:
    for one in names(Page(title, "en", text), language):
        assert isinstance(one, PageName)
        assert 0 < len(one.text) <= 100 and one.text == one.text.strip()


# The source.


def test_page_of_the_entity(tmp_path: Path) -> None:
    source = make(tmp_path, PAGES)
    (candidate,) = ask(source, Entity("Q83440", labels={"en": "country music"}), "de")
    (evidence,) = candidate.evidence
    assert candidate.text == "Country-Musik"
    assert (evidence.source, evidence.kind) == ("local-search", SourceKind.SEARCH)
    assert evidence.licence == source.licence == "CC-BY-SA-3.0"
    assert evidence.score == 0.5 and "not counted yet" in evidence.note


def test_page_that_gives_a_known_name_in_brackets(tmp_path: Path) -> None:
    source = make(tmp_path, [Page(p.title, p.language, p.text) for p in PAGES])
    (candidate, *_) = ask(source, Entity("Q1", labels={"en": "grammar school"}), "zh")
    assert candidate.text == "文法学校"
    assert "page that gives it in brackets" in candidate.evidence[0].note
    assert ask(source, Entity("Q1", labels={"en": "Tokyo"}), "ja")[0].text == "東京"


def test_nothing_where_nothing_is_found(tmp_path: Path) -> None:
    source = make(tmp_path, PAGES)
    country = Entity("Q83440", labels={"en": "country music"})
    assert not ask(source, country, "ja")
    assert not ask(source, country, "de", TermKind.DESCRIPTION)
    assert not ask(source, Entity("Q5", labels={"en": "human"}), "de")


def test_aliases_are_new_names(tmp_path: Path) -> None:
    source = make(tmp_path, PAGES)
    cinema = Entity("Q11424", labels={"es": "cine"})
    assert [c.text for c in ask(source, cinema, "es", ALIAS)] == ["cinematografía"]


def test_probability_is_counted_on_the_graph(tmp_path: Path) -> None:
    """TitleIndex are right in German and wrong in Spanish here; brackets never were."""
    rows, entities = [], []
    for number in range(40):
        qid = f"Q{number + 10}"
        rows += [
            Page(f"Ding {number}", "de", "…", qid),
            Page(f"Listas de cosas {number}", "es", "…", qid),
        ]
        labels = {"en": f"thing {number}", "de": f"Ding {number}", "es": f"cosa {number}"}
        entities.append(Entity(qid, labels=labels))
    new = [Page("Sache", "de", "…", "Q9"), Page("Lista de cosas", "es", "…", "Q9")]
    source = make(tmp_path, rows + new, *entities)
    entity = Entity("Q9", labels={"en": "stuff"})
    (german,) = ask(source, entity, "de")
    spanish = ask(source, entity, "es")
    assert (german.evidence[0].score or 0) > 0.9
    assert not spanish or (spanish[0].evidence[0].score or 0) < 0.15
    assert "right for 40 of 40 in German" in german.evidence[0].note


def test_page_without_an_id_is_found_by_the_likeness_of_its_title(tmp_path: Path) -> None:
    """No page says what it is about, and no two names share a letter."""
    titles = ["Москва", "Мюнхен", "Анкара", "Лиссабон", "Список столиц"]
    source = make(tmp_path, [Page(title, "ru", "…") for title in titles])
    (best, *_) = ask(source, Entity("Q1490", labels={"en": "Ankara", "it": "Ankara"}), "ru")
    assert best.text == "Анкара"
    assert "page of a title like its names" in best.evidence[0].note
    assert best.evidence[0].note.endswith("like 'Ankara' (0.98)")
    assert not ask(source, Entity("Q7", labels={"en": "photosynthesis"}), "ru")


def test_page_about_something_else_is_not_found_by_its_title(tmp_path: Path) -> None:
    source = make(tmp_path, [Page("Анкара", "ru", "…", "Q2")])
    assert not ask(source, Entity("Q1490", labels={"en": "Ankara"}), "ru")


def test_title_is_trusted_more_where_other_pages_bear_the_label(tmp_path: Path) -> None:
    """In this graph pages in two languages are either both titled by the label or both not."""
    rows, entities = [], []
    for number in range(60):
        qid, same = f"Q{number + 10}", number % 2
        title = "" if same else "Liste: "
        rows += [
            Page(f"{title}Ding {number}", "de", "…", qid),
            Page(f"{title}cosa {number}", "es", "…", qid),
        ]
        labels = {"de": f"Ding {number}", "es": f"cosa {number}", "en": f"t {number}"}
        entities.append(Entity(qid, labels=labels))
    new = [Page("Sache", "de", "…", "Q9"), Page("cosa", "es", "…", "Q9")]
    source = make(tmp_path, rows + new, *entities)
    (alike,) = ask(source, Entity("Q9", labels={"en": "stuff", "es": "cosa"}), "de")
    assert (alike.evidence[0].score or 0) > 0.8
    assert "1 of 1 other pages have the label as title" in alike.evidence[0].note
    assert not ask(source, Entity("Q9", labels={"en": "stuff", "es": "objeto"}), "de")


def test_names_that_the_encoder_was_trained_on_do_not_speak_for_likeness() -> None:
    """All score_names were right by likeness, of names it knows: it stays at what it is worth at
    large;
    of names it does not know: it is trusted more."""
    alike = likeness()
    known = [
        Observation(f"Q{n}", f"Q{n}", "ru", "анкара", frozenset({"анкара"}), False, seen, found)
        for n in range(30)
        for seen, found in [(True, by_likeness("Анкара"))]
    ]
    unknown = [replace(one, seen=False) for one in known]
    wrong = [replace(one, entity=f"W{one.entity}", right=frozenset({"x"})) for one in known[:12]]
    chances = [
        Reliability.learn(
            [*chosen, *(replace(one, seen=False, found=far()) for one in wrong)], alike
        ).judge(by_likeness("Анкара"), LABEL, "ru", alike)[0][0]
        for chosen in ([], known, unknown)
    ]
    assert chances[2] > max(chances[:2])


def test_encoder_that_there_is_not(tmp_path: Path) -> None:
    corpus = write(tmp_path / "corpus.jsonl", PAGES)
    options = {"corpus": str(corpus), "cache": str(tmp_path / "cache")}
    settings = Settings(encoder="no such encoder")
    with pytest.raises(UsageError, match="There is no encoder no such encoder"):
        build("local-search", SourceContext(MemoryGraph([]), ("de",), settings, options))


def test_title_of_a_common_noun_gets_a_small_letter(tmp_path: Path) -> None:
    known = [
        Entity(f"Q{n}", labels={"en": f"thing {n}", "es": f"cosa {n}", "ru": f"вещь {n}"})
        for n in range(10, 20)
    ]
    source = make(tmp_path, [Page("Martillo", "es", "…", "Q1")], *known)
    assert ask(source, Entity("Q1", labels={"en": "hammer"}), "es")[0].text == "martillo"
    assert ask(source, Entity("Q1", labels={"en": "Hammer"}), "es")[0].text == "Martillo"


def test_chinese_pages_serve_both_scripts(tmp_path: Path) -> None:
    source = make(tmp_path, [Page("音乐家", "zh", "…", "Q639669")])
    entity = Entity("Q639669", labels={"en": "musician"})
    assert {c.text for c in ask(source, entity, "zh")} == {"音乐家", "音樂家"}


def test_without_a_corpus_it_stops(tmp_path: Path) -> None:
    def context(**options: object) -> SourceContext:
        return SourceContext(MemoryGraph([]), ("de",), Settings(), options)

    with pytest.raises(SourceStopped, match="set `corpus` in"):
        build("local-search", context())
    with pytest.raises(SourceStopped, match="cannot be read: No such file"):
        build("local-search", context(corpus=str(tmp_path / "none.jsonl")))
    with pytest.raises(UsageError, match="options of the source 'local-search' are wrong"):
        build("local-search", context(corpora="x"))


def test_real_pages(shared_data: Path, tmp_path: Path) -> None:
    """German Wikipedia leads of real items: most titles are their labels."""
    file = shared_data / "wikipedia_extracts" / "codex_type_extracts.jsonl.gz"
    rows = []
    with gzip.open(file) as lines:
        for line in lines:
            row = json.loads(line)
            if row["lang"] == "zh" and len(rows) < 300:
                rows.append(Page(row["url"].rsplit("/", 1)[1], "zh", row["text"], row["qid"]))
    index = open_index([write(tmp_path / "c.jsonl", rows)], tmp_path / "cache")
    assert all(index.of_entity(page.qid)[0].text == page.text[:4_000] for page in rows)
    assert len(index.mentioning("大学", "zh")) > 2
