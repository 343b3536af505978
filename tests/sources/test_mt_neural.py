"""Local neural models, really loaded: tiny ones made on the spot, through transformers and through
CTranslate2."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kgenrich.errors import SourceStopped
from kgenrich.model import Entity, TermKind
from kgenrich.sources.budget import Limits
from tests import tiny_models
from tests.asking import (
    APPLE,
    DESCRIPTION,
    PEARL,
    ROSE,
    answers_of,
    ask,
    fingerprint,
    make,
    texts,
    want,
)

pytestmark = pytest.mark.slow

NC = {"accept_licence": "CC-BY-NC-4.0"}


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Path]:
    """Every family, as transformers and as CTranslate2 take it."""
    import torch

    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("models")
    made = {}
    for family, maker in (
        ("marian", tiny_models.marian),
        ("m2m-100", tiny_models.m2m),
        ("nllb", tiny_models.nllb),
    ):
        made["transformers-mt", family] = maker(folder)
        made["ctranslate2", family] = tiny_models.converted(made["transformers-mt", family])
    return made


@pytest.mark.parametrize("engine", ["transformers-mt", "ctranslate2"])
def test_prose_is_translated_sentence_by_sentence(
    models: dict[tuple[str, str], Path], engine: str
) -> None:
    source = make(engine, {"model": str(models[engine, "marian"]), "device": "cpu"})
    fruit = Entity(
        "http://example.org/apple", definitions={"en": "It is a fruit. It is red.\nIt is red."}
    )
    long = Entity("http://example.org/long", definitions={"en": f"It is {'so, ' * 200}red."})
    got, none = ask(
        source, want(fruit, kind=TermKind.DEFINITION), want(long, kind=TermKind.DEFINITION)
    )
    assert texts(got) == ["È un frutto. È rossa.\nÈ rossa."]
    assert 0 < (got.candidates[0].evidence[0].score or 0) <= 0.35
    assert none.candidates == () and none.call is None, "more than the model sees"


@pytest.mark.parametrize("engine", ["transformers-mt", "ctranslate2"])
@pytest.mark.parametrize("family", ["marian", "m2m-100", "nllb"])
def test_every_family_is_loaded_and_translates(
    models: dict[tuple[str, str], Path], engine: str, family: str
) -> None:
    model = str(models[engine, family])
    if family == "marian":
        model = model.replace("en-it", "{source}-{target}")
    source = make(engine, {"model": model, "device": "cpu", **NC})
    apple, rose, pearl = ask(source, want(APPLE), want(ROSE), want(PEARL))

    assert set(texts(apple)) == {"Mela"} and texts(rose) == ["Rosa"]
    evidence = [candidate.evidence[0] for candidate in apple.candidates]
    languages = {"en"} if family == "marian" else {"en", "de"}
    assert {piece.from_language for piece in evidence} == languages
    assert evidence[0].from_text == "[Apple] is an American technology company."
    assert evidence[0].raw == "[Mela] è un'azienda."
    assert evidence[0].score is not None and 0.25 < evidence[0].score <= 0.35
    assert pearl.candidates == () and "no brackets came back" in pearl.failure
    assert pearl.call is not None and pearl.call.error == pearl.failure
    assert "La Perla" in pearl.call.answer, "an answer, if of no use"


@pytest.mark.parametrize("engine", ["transformers-mt", "ctranslate2"])
def test_a_model_of_one_pair_is_not_asked_for_another(
    models: dict[tuple[str, str], Path], engine: str, tmp_path: Path
) -> None:
    model = models[engine, "marian"]
    source = make(engine, {"model": str(model), "device": "cpu"}, languages=("it", "fr"))
    italian, french = ask(source, want(APPLE), want(APPLE, "fr"))
    assert [c.evidence[0].from_language for c in italian.candidates] == ["en"]
    assert french.call is None and "does not translate into French" in french.failure
    nameless = tmp_path / "model"
    nameless.symlink_to(model)
    with pytest.raises(SourceStopped, match="option pair"):
        make(engine, {"model": str(nameless), "family": "marian"})
    named = {"model": str(nameless), "family": "marian", "pair": "en-it", "device": "cpu"}
    assert texts(ask(make(engine, named), want(ROSE))[0]) == ["Rosa"]


@pytest.mark.parametrize("engine", ["transformers-mt", "ctranslate2"])
def test_descriptions_are_translated_with_the_name_as_context(
    models: dict[tuple[str, str], Path], engine: str
) -> None:
    source = make(engine, {"model": str(models[engine, "m2m-100"]), "device": "cpu"})
    (answer,) = ask(source, want(APPLE, kind=DESCRIPTION))
    assert "azienda americana" in texts(answer)


def test_licences_are_recorded_and_nllb_is_asked_for(
    models: dict[tuple[str, str], Path],
) -> None:
    nllb = {"model": str(models["ctranslate2", "nllb"]), "device": "cpu"}
    with pytest.raises(SourceStopped, match=r"CC-BY-NC-4\.0.*accept_licence"):
        make("ctranslate2", nllb)
    source = make("ctranslate2", nllb | NC)
    (answer,) = ask(source, want(ROSE))
    assert source.licence == answer.candidates[0].evidence[0].licence == "CC-BY-NC-4.0"
    assert make("ctranslate2", {"model": str(models["ctranslate2", "m2m-100"])}).licence == "MIT"


def test_a_language_that_it_does_not_speak_is_said_once(
    models: dict[tuple[str, str], Path],
) -> None:
    source = make(
        "ctranslate2", {"model": str(models["ctranslate2", "m2m-100"])}, languages=("tok",)
    )
    answers = list(answers_of(source, [want(APPLE, "tok"), want(ROSE, "tok"), want(PEARL, "tok")]))
    answers += answers_of(source, [want(APPLE, "tok")])
    assert [a.failure for a in answers if a.failure] == [
        "it does not translate into Toki Pona (tok)"
    ]
    assert all(a.call is None for a in answers)


def test_batches_change_nothing(models: dict[tuple[str, str], Path]) -> None:
    def made(**options: Any) -> list[list[str]]:
        model = {"model": str(models["ctranslate2", "m2m-100"]), "device": "cpu"}
        source = make("ctranslate2", model | options)
        return [texts(a) for a in ask(source, want(APPLE), want(ROSE), want(PEARL))]

    assert made(batch=1) == made(batch=32)


def test_the_budget_is_counted_before_the_call(models: dict[tuple[str, str], Path]) -> None:
    source = make(
        "ctranslate2",
        {"model": str(models["ctranslate2", "m2m-100"]), "device": "cpu"},
        limits=Limits(max_calls=2),
    )
    answers = []
    with pytest.raises(SourceStopped, match="budget of 2 calls"):
        for answer in answers_of(source, [want(APPLE), want(ROSE), want(PEARL)]):
            answers.append(answer)
    assert len(answers) == 2


@pytest.mark.parametrize("engine", ["transformers-mt", "ctranslate2"])
def test_a_model_that_is_not_there_or_broken_stops_the_source(
    models: dict[tuple[str, str], Path], engine: str, tmp_path: Path
) -> None:
    with pytest.raises(SourceStopped, match="option model"):
        make(engine)
    broken = tmp_path / "broken"
    broken.mkdir()
    for path in models[engine, "m2m-100"].iterdir():
        data = path.read_bytes()
        big = path.suffix in (".bin", ".safetensors")
        (broken / path.name).write_bytes(data[: len(data) // 2] if big else data)
    source = make(engine, {"model": str(broken), "family": "m2m-100", "device": "cpu"})
    with pytest.raises(SourceStopped, match="cannot be loaded"):
        list(answers_of(source, [want(APPLE)]))


def test_the_fingerprint_hangs_on_model_and_sentence(
    models: dict[tuple[str, str], Path],
) -> None:
    one = make("ctranslate2", {"model": str(models["ctranslate2", "m2m-100"])})
    wide = make("ctranslate2", {"model": str(models["ctranslate2", "m2m-100"]), "beam": 1})
    assert fingerprint(one, want(APPLE)) == fingerprint(one, want(APPLE))
    marks = {
        fingerprint(one, want(APPLE)),
        fingerprint(one, want(ROSE)),
        fingerprint(one, want(APPLE, kind=DESCRIPTION)),
        fingerprint(one, want(APPLE, "fr")),
        fingerprint(wide, want(APPLE)),
    }
    assert len(marks) == 5
