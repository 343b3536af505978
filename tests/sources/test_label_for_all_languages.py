"""``mul``, the label for all languages: a source of names in Latin script where nothing better is,
never a language that anybody is asked in, from or for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as trials
from hypothesis import strategies as st

from kgenrich.model import Entity
from kgenrich.sources.base import Source
from tests.asking import DESCRIPTION, HUMAN, ask, make, sent, texts, want
from tests.server import Reply, Server

KEYS = ("DEEPL_AUTH_KEY", "AZURE_TRANSLATOR_KEY", "GOOGLE_TRANSLATE_KEY", "BRAVE_API_KEY")
SOURCES: dict[str, dict[str, Any]] = {
    "libretranslate": {},
    **{name: {"price": 1.0} for name in ("deepl", "azure", "google", "brave")},
    "searxng": {},
    "mediawiki": {"url": "/{language}/api.php"},
    "openai": {"model": "m"},
}
TESTOVA = Entity(
    "Q9001",
    labels={"mul": "Jana Testova", "ar": "يانا تستوفا"},
    descriptions={"en": "Czech painter"},
    classes=("Q5",),
)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    for name in KEYS:
        monkeypatch.setenv(name, "key")
    with Server([Reply({})]) as running:
        yield running


def made(name: str, server: Server, world: tuple[Entity, ...] = (HUMAN,)) -> Source:
    own = SOURCES[name]
    url = server.url + own.get("url", "")
    options = {"concurrency": 1, "stop_after": 1000, **own, "url": url}
    return make(name, options, languages=("ja", "ru", "mul", "en"), world=world)


@pytest.mark.slow
def test_mul_is_in_no_request_that_leaves(server: Server) -> None:
    example = Entity(
        "Q9002", {"mul": "Anna", "ja": "花子"}, {"en": "poet", "ja": "詩人"}, {}, ("Q5",)
    )
    sources = [made(name, server, (HUMAN, TESTOVA, example)) for name in SOURCES]

    @trials(max_examples=8, deadline=None)
    @given(
        st.dictionaries(
            st.sampled_from(["mul", "ar", "en", "de", "sr-el", "ja"]),
            st.sampled_from(["Jana Testova", "يانا تستوفا", "Яна Тестова", "4711"]),
            min_size=1,
        ),
        st.dictionaries(st.sampled_from(["en", "de", "mul"]), st.just("Czech painter")),
    )
    def told(labels: dict[str, str], described: dict[str, str]) -> None:
        entity = Entity("Q9001", labels=labels, descriptions=described, classes=("Q5",))
        wanted = [want(entity, "ja"), want(entity, "mul"), want(entity, "ja", DESCRIPTION)]
        server.asked.clear()
        for source in sources:
            ask(source, *wanted)
        for asked in server.asked:
            sent = f"{asked.path} {asked.parameters} {asked.body.decode()}"
            assert not re.search(r"\bmul\b|default for all languages", sent), sent

    told()


@pytest.mark.parametrize("name", SOURCES)
def test_it_is_the_name_where_nothing_better_is(server: Server, name: str) -> None:
    """The Arabic label is there too, but the engines' source languages and the models know the
    Latin one better."""
    ask(made(name, server), want(TESTOVA, "ja"))
    asked = server.asked[0]
    assert "Jana Testova" in f"{asked.parameters} {asked.body.decode()}"
    if name == "libretranslate":
        assert sent(asked)["q"] == "[Jana Testova] is a Czech painter."
        assert (sent(asked)["source"], sent(asked)["target"]) == ("en", "ja")
    if name == "mediawiki":
        assert [one.path for one in server.asked] == ["/en/api.php", "/ja/api.php"]
    if name == "openai":
        assert "name in English: Jana Testova" in asked.body.decode()


def test_a_label_of_a_language_is_better(server: Server) -> None:
    labels = {"mul": "Jana Testova", "de": "Johanna Testowa"}
    ask(made("libretranslate", server), want(Entity("Q1", labels=labels), "ja"))
    assert [sent(one)["q"] for one in server.asked] == ["[Johanna Testowa]"]


def test_one_in_another_script_is_nobody_s_english_name(server: Server) -> None:
    labels = {"mul": "Яна Тестова"}
    ask(made("libretranslate", server), want(Entity("Q1", labels=labels), "ja"))
    assert server.asked == []


def test_it_stands_for_another_language_than_the_one_wanted(server: Server) -> None:
    source = made("libretranslate", server)
    ask(source, want(Entity("Q1", labels={"mul": "Jana Testova"}), "en"))
    assert [(sent(one)["source"], sent(one)["target"]) for one in server.asked] == [("de", "en")]


def test_a_link_between_wikis_is_found_by_it() -> None:
    page = {"title": "Jana Testova", "index": 1, "langlinks": [{"lang": "ja", "title": "ヤナ"}]}
    with Server([Reply({"query": {"pages": [page]}})]) as server:
        source = make("mediawiki", {"url": server.url + "/{language}/api.php"}, languages=("ja",))
        (got,) = ask(source, want(TESTOVA, "ja"))
    assert texts(got) == ["ヤナ"]
