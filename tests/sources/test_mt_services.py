"""Machine translation over HTTP: what each service is sent and how its answers are read, in the
forms that their documentation shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kgenrich.errors import SourceStopped
from kgenrich.model import Entity
from kgenrich.sources.base import Source
from kgenrich.sources.budget import Limits
from tests.asking import APPLE, DESCRIPTION, PEARL, ROSE, answers_of, ask, make, sent, texts, want
from tests.server import Asked, Reply, Server

KEY = "key-that-nobody-may-see-1234"
KEYS = {
    "deepl": "DEEPL_AUTH_KEY",
    "azure": "AZURE_TRANSLATOR_KEY",
    "google": "GOOGLE_TRANSLATE_KEY",
    "libretranslate": "LIBRE_KEY",
}
SERVICES = sorted(KEYS)


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in KEYS.values():
        monkeypatch.setenv(variable, KEY)


def answer(service: str, text: str) -> Any:
    """A translation as the service writes it."""
    return {
        "libretranslate": {"translatedText": text},
        "deepl": {"translations": [{"detected_source_language": "EN", "text": text}]},
        "azure": [{"translations": [{"text": text, "to": "it"}]}],
        "google": {"data": {"translations": [{"translatedText": text}]}},
    }[service]


def made(service: str, server: Server, **options: Any) -> Source:
    return make(service, {"url": server.url, "price": 20.0, "key_env": KEYS[service]} | options)


def test_libretranslate() -> None:
    with Server([Reply(answer("libretranslate", "[Mela] è un'azienda."))]) as server:
        (got,) = ask(made("libretranslate", server), want(APPLE))
    assert texts(got) == ["Mela"]
    assert server.asked[0].path == "/translate"
    assert sent(server.asked[0]) == {
        "q": "[Apple] is an American technology company.",
        "source": "en",
        "target": "it",
        "format": "text",
        "api_key": KEY,
    }


def test_deepl_gets_the_sentence_as_context_and_needs_no_brackets() -> None:
    with Server([Reply(answer("deepl", "Mela"))]) as server:
        (got,) = ask(made("deepl", server), want(APPLE))
    assert texts(got) == ["Mela"]
    asked = server.asked[0]
    assert asked.path == "/v2/translate"
    assert asked.headers["authorization"] == f"DeepL-Auth-Key {KEY}"
    assert sent(asked) == {
        "text": ["Apple"],
        "source_lang": "EN",
        "target_lang": "IT",
        "context": "Apple is an American technology company.",
    }
    # Its price list counts the text alone.
    assert got.call is not None and got.call.cost == pytest.approx(5 * 20 / 1e6)


def test_azure() -> None:
    with Server([Reply(answer("azure", "[Mela] è un'azienda."))]) as server:
        (got,) = ask(made("azure", server, region="westeurope"), want(APPLE))
    assert texts(got) == ["Mela"]
    asked = server.asked[0]
    assert asked.parameters["api-version"] == "3.0" and asked.parameters["to"] == "it"
    assert asked.headers["ocp-apim-subscription-key"] == KEY
    assert asked.headers["ocp-apim-subscription-region"] == "westeurope"
    assert sent(asked) == [{"Text": "[Apple] is an American technology company."}]


def test_google() -> None:
    with Server([Reply(answer("google", "[Mela] è un'azienda."))]) as server:
        (got,) = ask(made("google", server), want(APPLE))
    assert texts(got) == ["Mela"]
    asked = server.asked[0]
    assert asked.path == "/language/translate/v2" and asked.headers["x-goog-api-key"] == KEY
    assert sent(asked)["format"] == "text" and sent(asked)["target"] == "it"


@pytest.mark.parametrize("service", SERVICES)
def test_a_call_is_recorded_with_its_cost_and_answer(service: str) -> None:
    with Server([Reply(answer(service, "[Rosa] è un fiore."))]) as server:
        (got,) = ask(made(service, server), want(ROSE))
    call = got.call
    assert call is not None and call.error == "" and call.seconds > 0 and call.cost > 0
    assert call.model_requested == service and "Rosa" in call.answer
    assert KEY not in repr(got)


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize(
    "broken",
    [
        Reply("{", type="application/json"),
        Reply([]),
        Reply({}),
        Reply({"translations": []}),
        Reply({"translatedText": 7, "data": 7, "translations": 7}),
        Reply("<html>Welcome</html>", type="text/html"),
        Reply(b"\xff\xfe" * 40),
        Reply("[" * 100_000),
        Reply(answer("libretranslate", "x" * 1000), cut=True),
        Reply(b"[" + b"9," * 3_000_000 + b"9]"),
    ],
    ids=["cut off", "list", "empty", "none", "types", "page", "bytes", "deep", "cut", "large"],
)
def test_a_broken_answer_fails_that_request_alone(service: str, broken: Reply) -> None:
    good = Reply(answer(service, "[Rosa] è un fiore."))
    with Server([broken, good]) as server:
        source = made(service, server, concurrency=1)
        bad, fine = ask(source, want(APPLE), want(ROSE))
    assert bad.failure and bad.call is not None and bad.call.error == bad.failure
    assert bad.failure.endswith(".") and "\n" not in bad.failure and KEY not in bad.failure
    assert len(texts(fine)) == 1


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("status", [401, 402, 403, 404])
def test_without_key_money_or_address_the_source_stops(service: str, status: int) -> None:
    echo = Reply({"message": f"{KEY} is not a valid key"}, status=status)
    with Server([echo]) as server, pytest.raises(SourceStopped) as stopped:
        ask(made(service, server, concurrency=1), want(APPLE), want(ROSE))
    assert str(status) in str(stopped.value) and KEY not in str(stopped.value)
    assert len(server.asked) == 1


def test_other_refusals_fail_the_request_and_many_in_a_row_stop_the_source() -> None:
    with Server([Reply({"error": "too long"}, status=413)]) as server:
        source = made("libretranslate", server, stop_after=2, concurrency=1)
        answers = []
        with pytest.raises(SourceStopped, match="2 requests in a row failed"):
            for one in answers_of(source, [want(APPLE), want(ROSE), want(PEARL)]):
                answers.append(one)
    assert len(answers) == 2 and "413" in answers[0].failure


def test_a_language_that_the_server_lacks_is_tried_once_and_the_others_go_on() -> None:
    def lacking(asked: Asked) -> Reply:
        if sent(asked)["target"] == "fr":
            return Reply({"error": "fr is not supported"}, status=400)
        return Reply(answer("libretranslate", "[Mela] è"))

    entities = [Entity(f"Q{n}", labels={"en": f"Name {n}"}) for n in range(1, 30)]
    wanted = [want(entity, language) for entity in entities for language in ("fr", "it")]
    with Server(lacking) as server:
        got = ask(made("libretranslate", server, concurrency=1, stop_after=2), *wanted)
    assert len(server.asked) == 30 and sum(bool(one.failure) for one in got) == 1
    assert sum(bool(one.candidates) for one in got) == 29


def test_a_late_answer_fails_the_request() -> None:
    good = Reply(answer("libretranslate", "[Rosa] è un fiore."))
    with Server([good, good._replace(pause=2.0), good]) as server:
        source = made("libretranslate", server, timeout=0.5, concurrency=1)
        _, got, after = ask(source, want(ROSE), want(APPLE), want(PEARL))
    assert "no answer within 0.5 seconds" in got.failure
    assert after.failure == "" and len(server.asked) == 3, "it is not asked again"


def test_a_key_does_not_travel_to_another_host() -> None:
    with Server([Reply({})]) as other:
        away = Reply(status=302, headers={"Location": other.url})
        with Server([away]) as server, pytest.raises(SourceStopped):
            ask(made("azure", server), want(APPLE))
    assert other.asked == []


def test_a_netrc_does_not_take_the_place_of_the_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password mine\n", "utf-8")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with Server([Reply(answer("deepl", "Mela"))]) as server:
        ask(made("deepl", server), want(APPLE))
    assert server.asked[0].headers["authorization"] == f"DeepL-Auth-Key {KEY}"


@pytest.mark.parametrize("service", ["azure", "deepl", "google"])
def test_a_paid_service_needs_a_price_and_a_key(
    service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SourceStopped, match="option price"):
        make(service)
    monkeypatch.delenv(KEYS[service])
    with pytest.raises(SourceStopped, match=KEYS[service]):
        make(service, {"price": 20.0})


def test_money_is_counted_before_the_call() -> None:
    with Server([Reply(answer("deepl", "Mela"))]) as server:
        options = {"url": server.url, "price": 1e6, "key_env": KEYS["deepl"], "concurrency": 1}
        source = make("deepl", options, limits=Limits(max_cost=9.5))
        with pytest.raises(SourceStopped, match=r"budget of 9\.5"):
            list(answers_of(source, [want(APPLE), want(ROSE), want(PEARL)]))
    # "Apple" and "Rose" have nine letters; "Pearl" would have made it fourteen.
    assert len(server.asked) == 2


def test_several_source_languages_are_a_call_each() -> None:
    replies = [Reply(answer("azure", "[Mela] è")), Reply(answer("azure", "[Pomo] è"))]
    with Server(replies) as server:
        (got,) = ask(made("azure", server, at_once=7, max_calls=2), want(APPLE))
    assert [a.parameters["from"] for a in server.asked] == ["en", "de"]
    assert [(c.text, c.evidence[0].from_language) for c in got.candidates] == [
        ("Mela", "en"),
        ("Pomo", "de"),
    ]
    sentences = [sent(a)[0]["Text"] for a in server.asked]
    assert got.call is not None
    assert got.call.cost == pytest.approx(sum(map(len, sentences)) * 20 / 1e6)
    with Server(replies) as server, pytest.raises(SourceStopped, match="budget of 1 calls"):
        ask(made("azure", server, at_once=7, max_calls=1), want(APPLE))


def test_what_was_translated_before_a_failure_is_kept() -> None:
    with Server([Reply(answer("azure", "[Mela] è")), Reply("{")]) as server:
        (got,) = ask(made("azure", server, at_once=7), want(APPLE))
    assert texts(got) == ["Mela"] and got.call is not None and got.call.error == ""


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("Mela <unk>", "markup"),
        ("Mela ⁇", "unknown word"),
        ("[UNK] Mela", "unknown word"),
        ("▁Me la", "pieces of words"),
        ("Me@@ la", "pieces of words"),
        ("Me ##la", "pieces of words"),
        ("DouglasĠAdams", "pieces of words"),
        ("__it__ Mela", "token of a model"),
        ("ita_Latn", "token of a model"),
        ("it_IT", "token of a model"),
        (">>ita<< Mela", "token of a model"),
        ("[PAD] Mela", "token of a model"),
        ("it", "code of a language"),
        ("Mela Mela", "twice"),
        ("mela mela mela mela mela", "twice"),
        ("la mela la mela la mela", "repeats itself"),
        ("hahahahahaha", "repeats itself"),
        ("メロメロメロメロメロ", "repeats itself"),
        ("Meeeeeeeela", "repeats itself"),
    ],
)
def test_debris_of_a_model_is_no_name(said: str, why: str) -> None:
    with Server([Reply(answer("deepl", said))]) as server:
        (got,) = ask(made("deepl", server), want(APPLE))
    assert texts(got) == [] and why in got.failure, got.failure


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Bora Bora", "Bora Bora"),
        ("ボラボラ島", "Bora Bora"),
        ("Tora! Tora! Tora!", "Tora! Tora! Tora!"),
        ("Na Na Na Na", "Na na na na"),
        ("Aaaaaaaah!", "Aaaaaaaah!"),
        ("It", "It"),
        ("Banana", "Banana"),
        ("Ġgantija", "Ġgantija"),
        ("Couscous", "Cuscus"),
        ("C# 9", "C# 9"),
    ],
)
def test_names_that_repeat_themselves_in_other_languages_do_so_in_this(
    name: str, said: str
) -> None:
    with Server([Reply(answer("deepl", said))]) as server:
        (got,) = ask(made("deepl", server), want(Entity("Q1", labels={"en": name})))
    assert texts(got) == [said]


def test_descriptions_have_the_name_as_context() -> None:
    with Server([Reply(answer("google", "Apple è un'[azienda tecnologica americana]."))]) as server:
        (got,) = ask(made("google", server), want(APPLE, kind=DESCRIPTION))
    assert sent(server.asked[0])["q"] == "Apple is an [American technology company]."
    assert texts(got) == ["azienda tecnologica americana"]


def test_ask_records_nothing_of_the_request_but_the_path(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    with Server(lambda asked: Reply(answer("azure", "[Mela] x"))) as server:
        ask(made("azure", server), want(APPLE))
    assert KEY not in caplog.text and isinstance(server.asked[0], Asked)
