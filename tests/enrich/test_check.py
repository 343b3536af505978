"""``kgenrich check``: names of the graph are judged by what sources say without them."""

from __future__ import annotations

import json
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from kgenrich.cli.main import cli
from kgenrich.consensus.candidate_groups import GraphName, group, unnamed
from kgenrich.consensus.label_faults.facts import learn
from kgenrich.consensus.label_faults.judgement import Fault
from kgenrich.consensus.learned_ranker import load_model
from kgenrich.consensus.name_judgement import judge_names
from kgenrich.consensus.rankers import PoolRanker
from kgenrich.consensus.validators import validate
from kgenrich.enrich.check import JudgedEntity, better_names, judge_entities
from kgenrich.model import Candidate, Entity, Evidence, SourceKind, TermKind, TermRequest, Value
from kgenrich.resources import resource
from kgenrich.sources.base import FreeSource
from kgenrich.sources.candidate_collector import CandidateCollector, discard, forget
from kgenrich.store.facts.load import load_entities
from kgenrich.store.opening import open_store
from tests.enrich.test_kill_enrich import content, finish, start

FILM = Entity(
    "Q65049101",
    labels={"fr": "Acte de foi", "en": "Act of Faith"},
    aliases={"fr": ("Бред", "Acte De Foi")},
    sitelinks={"frwiki": "Acte de foi", "enwiki": "Act of Faith"},
    revision=7,
)


class Translator(FreeSource):
    """Answers from a list, from four languages, as long as it cannot see the answer."""

    name, kind, licence = "four", SourceKind.MT, ""

    def __init__(self, answers: Sequence[str]) -> None:
        self.answers = answers

    def candidates(self, request: TermRequest) -> Iterator[Candidate]:
        entity, language = request.entity, request.language
        assert not entity.names(language)
        evidence = tuple(
            Evidence(self.name, self.kind, from_language=code) for code in ("de", "en", "es", "it")
        )
        for text in self.answers:
            yield Candidate(entity.id, language, request.kind, text, evidence)


def allowed(request: TermRequest, text: str) -> tuple[str, ...]:
    """What speaks against a text: nothing but what the shipped rules say."""
    return validate(request, text)


def collector(*answers: str) -> CandidateCollector:
    return CandidateCollector([Translator(answers)], discard, forget)


def test_sources_do_not_see_the_names_that_are_judged() -> None:
    bare = unnamed(FILM, "fr")
    assert (bare.names("fr"), dict(bare.sitelinks)) == ((), {"enwiki": "Act of Faith"})
    assert bare.names("en") == ("Act of Faith",)


def test_names_are_judged_and_better_ones_go_into_the_queue() -> None:
    (found,) = judge_entities(
        [FILM], ["fr"], collector("Acte de foi", "L'Acte de foi"), load_model()
    )
    label, foreign, _ = found.findings
    assert label.wrong < 0.2 < foreign.wrong
    assert "in another script than the language's" in foreign.reasons
    proposals = better_names(found, foreign.wrong, allowed)
    assert [p.candidate.text for p in proposals] == ["L'Acte de foi"]
    assert (proposals[0].candidate.kind, proposals[0].replaces) == (TermKind.ALIAS, "")
    assert proposals[0].votes == {"mt": 4}
    assert proposals[0].reasons[0].startswith("instead of 'Бред', wrong with a probability of")


def test_where_no_source_answers_and_nothing_is_known_nothing_is_said() -> None:
    assert list(judge_entities([FILM], ["fr", "it"], collector(), load_model())) == []


@pytest.mark.slow
def test_on_the_shipped_items(tmp_path: Path) -> None:
    def run(*arguments: str) -> str:
        store = f"sqlite:///{tmp_path / 'graph.db'}"
        ran = CliRunner().invoke(cli, ["--quiet", "--store", store, *arguments])
        assert ran.exit_code == 0, ran.output
        return ran.stdout

    run("harvest", "dump", str(resource("config/demo/items.json.gz")))
    asked = ("check", "--languages", "it", "--limit", "40", "--sources", "names", "--json")
    found = json.loads(run(*asked))
    assert list(found) == ["before", "judged", "over", "names", "failed"]
    assert found["judged"] > 10
    assert all(row["wrong"] >= found["over"] and row["reasons"] for row in found["names"])
    assert {row["kind"] for row in found["names"]} <= {"label"}, "the graph says nothing of aliases"
    strict = json.loads(run(*asked, "--strict", "--dry-run"))
    assert len(strict["names"]) >= len(found["names"])


def test_what_the_other_languages_call_it_is_not_enough_to_call_a_label_wrong() -> None:
    """That takes a sign that the label is broken, or somebody who does not only read the graph."""
    known = Evidence("names", SourceKind.GRAPH, score=0.96)
    right = Candidate("Q1040", "it", TermKind.LABEL, "Karlsruhe", (known,))
    names = [GraphName("Stoccarda", True), GraphName("KA", False)]
    model = load_model()
    (own,) = judge_names(model, "it", names, group([right]))
    assert own.primary and own.wrong < 0.04
    (found,) = judge_names(model, "it", names, group([right]), fault=Fault(0.4, ("a sign",)))
    assert found.wrong == pytest.approx(0.4) and found.reasons[0] == "a sign"
    assert found.better == "Karlsruhe"
    read = replace(known, source="cldr", kind=SourceKind.DICTIONARY)
    (told,) = judge_names(model, "it", names, group([replace(right, evidence=(read,))]))
    assert 0.24 < told.wrong < 0.6 and told.better == "Karlsruhe"
    judged = JudgedEntity(
        Entity("Q1040", labels={"it": "Stoccarda"}), "it", (found,), tuple(group([right]))
    )
    (better,) = better_names(judged, 0.24, allowed)
    assert (better.ranker, better.candidate.kind) == (PoolRanker.name, TermKind.LABEL)
    assert (better.candidate.text, better.replaces) == ("Karlsruhe", "Stoccarda")
    both = found.wrong * found.better_probability
    assert better.probability == pytest.approx(both), "the one wrong and the other right"
    assert not better_names(judged, 0.24, lambda request, text: ("E-mul",))
    (kept,) = judge_names(model, "it", [GraphName("Karlsruhe", True)], group([right]))
    assert kept.wrong < 0.03 and not kept.better
    (alias,) = judge_names(
        model, "it", [GraphName("Fidelitas", True), GraphName("Karlsruhe", False)], group([right])
    )
    assert alias.wrong < 0.05, "the graph has that name too"


def test_a_label_is_judged_where_no_source_answers() -> None:
    facts = learn([FILM], ["fr"])
    wrong = replace(FILM, labels={"fr": "AmÃ©lie", "en": "Act of Faith"}, sitelinks={})
    (found,) = judge_entities([wrong], ["fr"], collector(), load_model(), facts=facts)
    assert found.findings[0].wrong > 0.24 and "'Amélie'" in found.findings[0].reasons[0]


def misnamed(path: Path) -> None:
    """People who have one name in all languages, but for one in twenty in Italian."""
    given, family = ("Anna", "Bruno", "Carla", "Dario"), ("Abel", "Brandt", "Costa", "Duval")
    names = [f"{first} {second} {n}" for n in range(25) for first in given for second in family]
    people = [
        Entity(
            f"Q{1000 + place}",
            labels=dict.fromkeys(("en", "de", "fr", "es"), name)
            | {"it": name if place % 20 else names[place - 7]},
            classes=("Q5",),
            claims={"P31": (Value("entity", "Q5"),)},
            revision=place,
        )
        for place, name in enumerate(names, 1)
    ]
    store = open_store(f"sqlite:///{path}", create=True)
    load_entities(store, people)
    store.close()


@pytest.mark.slow
@pytest.mark.parametrize("stop", [signal.SIGKILL, signal.SIGINT])
def test_a_stopped_check_keeps_what_it_found_and_goes_on(tmp_path: Path, stop: int) -> None:
    quiet, stopped = tmp_path / "quiet.db", tmp_path / "stopped.db"
    misnamed(quiet)
    shutil.copy(quiet, stopped)
    command = ["check", "--languages", "it", "--sources", "names", "--batch", "20", "--over", "0.1"]
    finish(quiet, *command)

    def position() -> str:
        with sqlite3.connect(stopped) as connection:
            told = connection.execute("SELECT position FROM runs WHERE verb = 'check'").fetchone()
            return str(told[0]) if told else ""

    for _ in range(3):
        before = position()
        process = start(stopped, *command)
        while process.poll() is None and position() == before:
            time.sleep(0.01)
        process.send_signal(stop)
        _, errors = process.communicate()
        assert process.returncode == (130 if stop == signal.SIGINT else -stop), errors.decode()
        assert position() != before
    kept = content(stopped)["proposals"]
    done = int(position().split()[0])
    assert done >= 60
    process = start(stopped, *command, "--json", output=subprocess.PIPE)
    told = json.loads(process.communicate()[0])
    assert process.returncode == 0 and told["before"] == done
    every = content(quiet)
    assert kept and set(kept) < set(every["proposals"])
    assert content(stopped) == every
    with sqlite3.connect(stopped) as connection:
        assert connection.execute("SELECT count(*) FROM runs WHERE verb = 'check'").fetchone() == (
            1,
        )
