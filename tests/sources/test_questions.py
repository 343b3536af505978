"""Questions: prepared once, with a fingerprint that is the same for ever."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from msgspec import Struct

from kgenrich.model import Candidate, Entity, SourceKind, TermRequest
from kgenrich.sources.base import Answer, MemoryGraph, Source, SourceContext
from kgenrich.sources.candidate_collector import CandidateCollector, discard, forget
from kgenrich.sources.remote_source import CallOptions, RemoteSource, Reply, Suggestion
from tests.asking import APPLE, DESCRIPTION, LABEL, ROSE, fingerprint, make, settings, want


class Text(Struct, frozen=True):
    """A text as it is sent."""

    parts: tuple[str, ...]


class Counting(RemoteSource[Text]):
    """Counts how often a question is built, and how often asked."""

    kind = SourceKind.MT

    def __init__(self) -> None:
        context = SourceContext(MemoryGraph([]), (), settings(), name="counting")
        super().__init__(context, CallOptions(), "m", ("counting",))
        self.built = 0
        self.asked = 0

    def body(self, request: TermRequest) -> Text | None:
        self.built += 1
        label = request.entity.labels["en"]
        return None if label == "Name 0" else Text((label,))

    def ask(self, request: TermRequest, body: Text) -> Reply:
        self.asked += 1
        return Reply(suggestions=[Suggestion(text=f"Nome di {body.parts[0]}")])


LANGUAGES = ("it", "fr", "de", "es", "nl", "ru", "ar", "ja", "zh", "pl", "cs", "ca", "eu")
BATCH = [
    TermRequest(Entity(f"Q{n}", labels={"en": f"Name {n}"}), language, kind)
    for n in range(200)
    for language in LANGUAGES
    for kind in (LABEL, DESCRIPTION)
]


def test_a_question_is_built_once_however_large_the_batch() -> None:
    source = Counting()
    answers = CandidateCollector([source], discard, forget).candidates(BATCH)
    assert len(BATCH) == source.built == 5_200
    assert source.asked == 5_200 - 26, "of the first entity nothing can be asked"
    assert [bool(candidates) for candidates in answers] == [False] * 26 + [True] * 5_174


def test_what_is_remembered_is_not_asked_and_neither_is_built_twice() -> None:
    answered: dict[str, tuple[Candidate, ...]] = {}

    def keep(source: Source, answers: Sequence[Answer]) -> None:
        answered.update((one.call.fingerprint, one.candidates) for one in answers if one.call)

    def remember(source: Source, calls: Sequence[str]) -> dict[str, tuple[Candidate, ...]]:
        return {call: answered[call] for call in calls if call in answered}

    first, second = Counting(), Counting()
    expected = CandidateCollector([first], keep, remember).candidates(BATCH)
    collector = CandidateCollector([second], keep, remember)
    assert collector.candidates(BATCH) == expected
    assert (second.built, second.asked) == (5_200, 0)
    assert collector.remembered == {"counting": 5_174}


def test_of_a_request_that_comes_twice_one_question_is_asked() -> None:
    source = Counting()
    once, twice = CandidateCollector([source], discard, forget).candidates([BATCH[-1]] * 2)
    assert once == twice and len(once) == 1 and source.asked == 1


URL = "http://127.0.0.1:9"

FINGERPRINTS = {
    "libretranslate": ({"url": URL}, "18a88d3bc32db66054ea09da29ceba8f"),
    "deepl": ({"url": URL, "price": 20.0}, "adfbdfe0ea15b142a332c8dbac04f1e4"),
    "azure": ({"url": URL, "price": 10.0}, "5e29af271995b29d0ebadc5149745d53"),
    "google": ({"url": URL, "price": 20.0, "at_once": 2}, "966e3035f878772290c3316129f32dfa"),
    "transformers-mt": ({"model": "opus-en-it"}, "0bfe764bc8de3abf5c1c0a3c6b5f4c9a"),
    "searxng": ({"url": URL}, "4df8658078038341442ec69b9ee3bb75"),
    "brave": ({"url": URL, "price": 5.0}, "7cdb30a4eced4d90e39e0622391c39e4"),
    "mediawiki": ({"url": f"{URL}/{{language}}/api.php"}, "010c2371024541465d4f702b52ab6043"),
    "openai": ({"url": f"{URL}/v1", "model": "m"}, "142bc13bfdb0a8bc4e136c5d962fb4fc"),
}


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for service in ("BRAVE_API", "DEEPL_AUTH", "AZURE_TRANSLATOR", "GOOGLE_TRANSLATE"):
        monkeypatch.setenv(f"{service}_KEY", "x")


@pytest.mark.parametrize("use", FINGERPRINTS)
def test_a_call_has_the_fingerprint_that_stored_answers_have(use: str) -> None:
    """Another one would have every stored answer asked, and paid for, again."""
    options, expected = FINGERPRINTS[use]
    assert fingerprint(make(use, options, name="mine"), want(APPLE)) == expected


def test_kinds_and_languages_have_fingerprints_of_their_own() -> None:
    model = make("openai", {"url": f"{URL}/v1", "model": "m"}, name="mine")
    assert fingerprint(model, want(ROSE, "fr")) == "aae82e84ac90a6beeeb39539fc2ab253"
    described = fingerprint(model, want(APPLE, kind=DESCRIPTION))
    assert described == "304e4d80adf1d6f94e986c29310bc1c4"


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("it", "98c9487023bfa84fc71dff2737d1aaed"),
        # The source of the draft does not speak it.
        ("tok", "e3aa8096bc7563a7846423c508bdb9c6"),
    ],
)
def test_a_corrected_draft_is_part_of_the_fingerprint(language: str, expected: str) -> None:
    drafts: dict[str, Any] = {"use": "transformers-mt", "model": "opus-en-it"}
    of = settings().model_copy(update={"sources": {"local": drafts}})
    options = {"url": f"{URL}/v1", "model": "m", "draft": "local"}
    model = make("openai", options, name="mine", of=of)
    assert fingerprint(model, want(APPLE, language)) == expected
