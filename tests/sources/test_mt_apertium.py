"""Apertium, the real one (Debian: apt install apertium apertium-eng-spa), kept alive."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path
from shutil import which

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as trials
from hypothesis import strategies as st

from kgenrich.errors import SourceStopped
from kgenrich.model import Entity, TermKind
from kgenrich.sources.mt.apertium import Apertium
from kgenrich.sources.mt.source import Job
from kgenrich.sources.naturalise import naturalise
from tests.asking import (
    APPLE,
    DESCRIPTION,
    LABEL,
    answers_of,
    ask,
    make,
    sent,
    settings,
    texts,
    want,
)
from tests.server import Reply, Server

MODES = Path("/usr/share/apertium/modes")

pytestmark = pytest.mark.skipif(
    which("lt-proc") is None or not (MODES / "eng-spa.mode").is_file(),
    reason="Apertium with the pair eng-spa is not installed",
)


@pytest.fixture(scope="module")
def engine() -> Apertium:
    return Apertium(MODES)


def job(text: str) -> Job:
    return Job(naturalise("en", "X", text, kind=TermKind.DESCRIPTION), "eng", "spa")


def translated(engine: Apertium, *described: str) -> list[str]:
    return [one.text for one in engine.translate([job(text) for text in described])]


def test_descriptions_are_translated() -> None:
    village = Entity("Q1", labels={"en": "X"}, descriptions={"en": "village in France"})
    source = make("apertium", languages=("es",))
    (got,) = ask(source, want(village, "es", DESCRIPTION))
    assert texts(got) == ["pueblo en Francia"]
    evidence = got.candidates[0].evidence[0]
    assert evidence.from_language == "en" and evidence.score is None
    assert got.call is not None and got.call.model_requested == "apertium"


def test_definitions_are_translated_sentence_by_sentence_and_keep_their_lines() -> None:
    said = "The dog is an animal. It has four legs.\nIt eats meat."
    dog = Entity("http://example.org/dog", labels={"en": "dog"}, definitions={"en": said})
    (got,) = ask(make("apertium", languages=("es",)), want(dog, "es", TermKind.DEFINITION))
    assert texts(got) == ["El perro es un animal. Tiene cuatro patas.\nCome carne."]
    strange = Entity("http://example.org/x", definitions={"en": "A dog. Xyzzyx plughxx frobozzx."})
    (got,) = ask(make("apertium", languages=("es",)), want(strange, "es", TermKind.DEFINITION))
    assert got.candidates == (), "half a definition is none"


def test_names_are_not_its_business() -> None:
    (got,) = ask(make("apertium", languages=("es",)), want(APPLE, "es", LABEL))
    assert got.candidates == () and got.call is None and got.failure == ""


def test_a_pair_that_is_not_installed_is_said_once() -> None:
    source = make("apertium", languages=("ja",))
    wanted = [want(APPLE, "ja", DESCRIPTION), want(APPLE, "ja", DESCRIPTION)]
    assert [bool(one.failure) for one in answers_of(source, wanted)] == [True]


def test_the_programs_are_started_once(engine: Apertium) -> None:
    translated(engine, "river in Spain")
    before = children()
    assert before
    translated(engine, *[f"painter born in {year}" for year in range(1900, 1950)])
    assert children() == before


def test_programs_that_die_are_started_again(engine: Apertium) -> None:
    assert translated(engine, "river in Spain") == ["río en España"]
    for child in children():
        os.kill(child, signal.SIGKILL)
    assert translated(engine, "river in Spain") == ["río en España"]


@trials(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=80).filter(lambda text: text.strip(" .。．\n\t")))
def test_whatever_the_text_the_pipeline_stays_in_step(engine: Apertium, text: str) -> None:
    try:
        asked = job(text)
    except ValueError:
        return
    engine.translate([asked])
    assert translated(engine, "river in Spain") == ["río en España"]


def test_without_modes_it_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(SourceStopped, match="apt install"):
        make("apertium", {"modes": str(tmp_path)})


def test_a_broken_mode_stops_the_source(tmp_path: Path) -> None:
    (tmp_path / "eng-spa.mode").write_text("lt-proc /nowhere.bin | no-such-program", "utf-8")
    source = make("apertium", {"modes": str(tmp_path)}, languages=("es",))
    with pytest.raises(SourceStopped, match="no-such-program is no program"):
        ask(source, want(APPLE, "es", DESCRIPTION))


def test_its_translation_is_the_draft_that_a_language_model_corrects() -> None:
    of = settings().model_copy(update={"sources": {"apertium": {}}})
    content = json.dumps({"known": True, "answers": [{"text": "empresa", "quote": ""}]})
    reply = Reply({"model": "m", "choices": [{"message": {"content": content}}]})
    with Server([reply]) as server:
        options = {"url": server.url, "model": "m", "draft": "apertium"}
        source = make("openai", options, languages=("es",), of=of)
        (got,) = ask(source, want(APPLE, "es", DESCRIPTION))
    assert texts(got) == ["empresa"]
    question = sent(server.asked[0])["messages"][-1]["content"]
    assert "machine translation: " in question and "americana" in question
    assert "Correct it" in question


def children() -> list[int]:
    """The processes that this one started for Apertium."""
    told = subprocess.run(
        ["ps", "-o", "pid=,comm=", "--ppid", str(os.getpid())],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    rows = [line.split(None, 1) for line in told.splitlines()]
    return sorted(int(pid) for pid, name in rows if name.startswith(("lt-proc", "apertium", "lrx")))
