"""Every query of every command is answered through an index, on both databases: the time of a
command goes with what it is asked for, not with what is in the store."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from benchmarks.worked_store import fill
from kgenrich.cli.main import cli
from kgenrich.resources import resource
from kgenrich.store.base import Store
from kgenrich.store.opening import open_store
from kgenrich.store.story.proposals import proposals
from tests.changing_wiki import ChangingWiki
from tests.databases import postgres_schema
from tests.harvest.test_wikibase import DOCUMENTS
from tests.harvest.test_wikibase import recorded as recorded_answer
from tests.plans import faults, recorded
from tests.server import Asked, Reply, Server

pytestmark = pytest.mark.slow

ITEMS = str(resource("config/demo/items.json.gz"))
LABEL = "http://www.w3.org/2000/01/rdf-schema#label"

# {0}, {1}, ...: candidates that nobody decided on; {api}: a wiki; {store}: the store itself.
PARTS = {
    "harvest dump": [f"{ITEMS} -l it,en", f"{ITEMS}"],
    "harvest ids": ["Q1 Q42 Q1001 --api {api}/api.php"],
    "harvest sparql": ["few.rq --endpoint {api}/sparql --api {api}/api.php"],
    "harvest rdf": ["few.nt", "few.nt --complete"],
    "harvest forget": ["few.nt --dry-run", "few.nt"],
    "coverage": ["-l de", "-l it --class Q5", "-k label --class Q5", "--class Q5 --class Q6"],
    "gaps": ["-l it", "-l it -k description --class Q5", "-l it -k alias --limit 2000"],
    "show": ["Q1001", "Q1600 -l it,fr"],
    "enrich": ["-l it,fr -s names --limit 20 --unharvested", "-l it -s names --class Q5 --limit 9"],
    "check": ["-l it -s names --limit 20", "-l it -s names --class Q5 --limit 5"],
    "rejects": ["", "--limit 5"],
    "decide list": [
        "--limit 5",
        "-l it -k label --over 0.5 --under 0.9 --limit 5",
        "--class Q5 --limit 5",
        "--all --limit 5",
        "--from-kinds 2 --limit 5",
    ],
    "decide accept": ["{0}", "-l fr --over 0.999 --limit 5", "--class Q5 --over 0.9 --limit 5"],
    "decide edit": ["{1} 'un altro'"],
    "decide reject": ["{2} {3}", "--under 0.01 --limit 5"],
    "decide next": ["", "-l it,fr -k label", "--class Q5 --source big --code W-x --links 1"],
    "decide reopen": ["{0}"],
    "decide alike": ["-l it -k label", "--class Q5"],
    "decide ask-again": ["-l it -s names --limit 5", "--class Q5 -s names --limit 5"],
    "review invite": ["Ada -l it"],
    "review people": [""],
    "review trust": ["Ada"],
    "review policy": ["", "-l ja --reviewers 1"],
    "review mix": ["-l it -k label -s names --limit 5"],
    "review revoke": ["Ada"],
    "decide log": ["--limit 3", "--author ann --limit 3"],
    "decide undo": ["--author ann"],
    "jobs validate": ["few.toml"],
    "jobs run": ["few.toml"],
    "jobs status": ["", "few"],
    "jobs history": ["", "few --limit 3"],
    "export rdf": ["-o - --class Q5", "-o part.nq -l it --class Q5"],
    "export provenance": ["-o part.nt --class Q5"],
    "export quickstatements": ["-o part.tsv --class Q5", "-o part.csv --class Q5 --proposed"],
    "export wbeditentity": ["-o part.jsonl --class Q5 --proposed"],
    "export glossary": ["--from en --to it,fr -o part.tsv --class Q5"],
    "export terms": ["-o part.csv --class Q5", "-o part.jsonl --class Q5 --states proposed"],
    "exchange export": [
        "part.jsonl -l it --limit 5 --force",
        "part.jsonl -l it -k label --class Q5 --limit 5 --force",
        "part.jsonl -l it --ids Q1001 --states accepted --force",
        "part.jsonl -l it --limit 5 --force",
    ],
    "exchange import": ["part.jsonl", "part.jsonl --dry-run"],
    "publish plan": ["--class Q5 -l it --limit 5"],
    "publish status": [""],
    "sources test": ["names Q1001 it"],
}
"""What commands are asked that is about a part of the store."""

JOB = """
languages = ["it"]
sources = ["names"]
classes = ["Q5"]
[harvest]
rdf = "few.nt"
[enrich]
[accept]
over = 0.95
[[export]]
format = "terms"
output = "few.csv"
"""

KEYS = {"decide next": "?sar1udnote\nzq"}
"""What is typed."""

WHOLES = {
    "coverage": ["", "--by-class"],
    "decide accept": ["--over 0.99 --dry-run"],
    "export rdf": ["-o all.nt", "-o it.nt -l it", "-o all.trig"],
    "export provenance": ["-o all.nt"],
    "export quickstatements": ["-o all.tsv", "-o all.csv --proposed"],
    "export wbeditentity": ["-o all.requests.jsonl --proposed"],
    "exchange working-set": ["all.babelon.tsv -l it -k label"],
    "export terms": ["-o all.csv", "-o all.jsonl --states asserted,accepted,proposed"],
    "evaluate heldout": ["-l it -k label -s names --sample 20"],
    "evaluate check": ["-l it -s names --sample 20"],
    "evaluate review": [""],
    "review calibrate": ["--dry-run", ""],
    "align": ["'{store}' few.nt -o matches.tsv --names-only"],
    "origins": [""],
    "harvest changes": ["--api {api}/api.php --dry-run --allow-gone 5000"],
    "doctor": ["--offline"],
    "db check": [""],
    "db info": [""],
    "db upgrade": [""],
    "report": ["-o last.html"],
}
"""What is about all of it."""

WITHOUT_STORE = {
    "adapters encode": "a model and texts",
    "adapters train": "files",
    "completion": "the commands",
    "config show": "the settings",
    "config trust": "a file of settings",
    "config untrust": "a file of settings",
    "db backup": "all of it, which is read back in a database of its own",
    "db downgrade": "migrations, which read what they change",
    "db restore": "a file, and a store that is emptied for it",
    "decide reasons": "a list",
    "demo": "runs the others",
    "evaluate alignment": "files",
    "evaluate completion": "files",
    "evaluate names": "a file",
    "evaluate retrieval": "a file",
    "evaluate transliteration": "a file",
    "evaluate wikikge": "files",
    "jobs install": "a file",
    "jobs list": "files",
    "jobs serve": "runs jobs in processes of their own until it is ended",
    "jobs stop": "a run in another process",
    "publish revert": "a batch, an edit at a time, as `publish status` reads it",
    "publish run": "the same",
    "sources list": "the settings",
    "serve game": "the queue and decisions, as `decide list` and `decide accept` read them",
    "serve reconcile": "the names of all entities, which it keeps in an index of its own",
}
"""The commands that ask no store, or nothing of their own, with what they are about."""

SOME = {
    ("store.story.staleness.settle", "SCAN"): "a row for each load since the last enriching",
    ("store.story.staleness.retire", "SCAN of runs"): "those of one verb",
    ("store.story.staleness.retire", "SCAN runs"): "the same",
    ("store.story.job_schedules.noted_schedules", "SCAN"): "there is one for each job",
    ("store.facts.changes.note_changes", "SCAN of changes"): "the last one alone",
    ("store.facts.changes.latest_change", "SCAN of changes"): "the last one alone",
    ("store.facts.changes.changed_between", "SCAN of changes"): "the first one alone",
    ("store.story.staleness._mark", "SCAN of"): "a batch of a load is much of a small store",
    ("store.story.undoing.undo_batch", "SCAN of decisions"): "an action that is much of it",
    ("store.story.undoing._held", "SCAN of decisions"): "the same",
    ("store.story.decisions.lock_places", "SCAN of candidates"): "the same",
    ("store.story.decisions.end", "SCAN of decisions"): "the same",
    ("store.story.queue_upkeep._items", "SCAN of classes"): "the same",
    ("store.story.pending_terms.pending", "SCAN of proposals"): "members of a class",
    ("store.story.pending_terms.accepted_terms", "SCAN of decisions"): "members of a class",
    ("store.story.decisions.current_decisions", "SCAN of decisions"): "members of a class",
    ("store.story.dependents._speaking_of", "SCAN"): "claims have no index by value, once a load",
    ("store.story.dependents.namesakes", "SCAN"): "which terms are proposed, and who is called so",
    ("store.story.dependents.freed", "SCAN"): "what was refused as a duplicate, by its codes",
    ("store.story.runs.latest_runs", "SCAN"): "the latest ones until there are enough",
    ("store.story.job_runs.job_runs", "SCAN"): "the latest ones until there are enough",
    ("store.story.queue_upkeep._items", "SORT"): "what is proposed for the entities in hand",
    ("store.story.queue_upkeep.settle", "SCAN of unsettled"): "the first ones, which are then gone",
    ("store.story.queue_upkeep.settle", "SCAN unsettled"): "the same",
    ("store.story.queue.read_items", "SCAN"): "the best ones until there are enough",
    ("store.story.leases.take_next", "SCAN"): "there is one for each who decides now",
    ("store.story.reviewers.reviewers", "SCAN"): "all who were invited",
    ("store.story.policies.policies", "SCAN"): "there is one for each language",
    ("store.story.policies.read_policies", "SCAN"): "the same",
    ("store.story.known.count_known", "SCAN"): "some hundred",
    ("store.story.authors.policies_of", "SCAN"): "who decided, from an index alone",
    ("store.story.publishing.batches", ""): "the latest ones until there are enough",
    ("store.story.publishing.planned_decisions", "SCAN"): "a page of decisions, much of them here",
    ("store.story.undoing._is_undone", "SORT"): "the decisions of an action",
    ("store.facts.coverage.gaps", ""): "by sitelinks until there are enough; members of a class",
    ("store.facts.graph.StoreGraph._all", ""): "a page of the graph, which sources learn from",
    ("store.facts.graph.StoreGraph.digests", ""): "is the graph the one that was learned from?",
    ("store.facts.origins.all_origins", "SCAN"): "there are few",
    ("store.facts.origins.register", "SCAN of origins"): "which number is free",
    ("store.ledger.Ledger.read", ""): "what is new of it",
    ("store.facts.graph.StoreGraph.licences", "SCAN"): "the origins, of which there are few",
    (
        "store.story.decisions.lock_places",
        "SORT",
    ): "candidates of 500 decisions, as they are locked",
    ("store.story.exports.is_export", "SCAN"): "the files that were written",
    ("store.story.exports.was_exported", "SCAN"): "the same",
    ("store.story.exports.term_rows", ""): "in the order of the file; members of a class",
    ("store.story.pending_terms.overtaken", "SCAN"): "a class that is much of a small store",
    ("store.story.pending_terms.pending", "SORT"): "members of a class, counted by language",
    (
        "store.story.pending_terms.pending",
        "SCAN of terms",
    ): "PostgreSQL joins it whole",
    ("store.story.proposals._rows", ""): "by sitelinks until there are enough; members of a class",
    ("store.story.proposals.count_proposals", ""): "how many there are, of which some are shown",
    ("store.story.runs.find_rejects", "SCAN"): "the latest ones until there are enough",
    ("store.story.undoing.actions", "SCAN"): "the latest ones until there are enough",
    ("store.story.runs.runs", "SCAN"): "the latest ones, or all that provenance tells of",
}
"""Who may read a table in an order (SCAN) or sort (SORT) whatever is asked, and why."""

ALL = {
    ("store.facts.coverage._summed", ""): "the largest of all classes",
    ("store.facts.origins.all_origins", "SCAN"): "all of them",
    ("store.facts.origins.entities_by_origin", "SCAN"): "counts all that each one says",
    ("store.facts.recount._pages", "SCAN"): "checks every entity",
    ("store.facts.recount.differences", "SCAN"): "checks every count",
    ("store.story.answers.read_evidence", "SCAN"): "a page of an export is much of a small store",
    ("store.story.decisions.current_decisions", "SCAN"): "the same",
    ("store.story.exports._stories", "SCAN"): "the same",
    **{
        (f"store.story.figures.{name}", ""): "a report counts all that there is"
        for name in (
            *("source_figures", "waiting", "outcomes", "agreement"),
            *("reviewed", "failures"),
        )
    },
    ("store.story.judgements.judgements", ""): "all that people decided",
    ("store.story.judgements._undone", ""): "the same",
    ("store.story.told_terms._others", "SCAN"): "a page of an export is much of a small store",
    ("store.story.told_terms._reasons", "SCAN"): "the same",
    ("store.migrate._problems", "SCAN"): "checks every row",
    ("store.story.queue_upkeep.wrong_entities", "SCAN"): "checks every item and count",
    ("store.story.queue_upkeep._items", ""): "a page of entities is much of a small store",
    ("store.story.queue_upkeep._states", "SCAN"): "the same",
    (
        "store.story.queue_upkeep._pages",
        "SCAN",
    ): "checks every entity that anything is proposed for",
    ("store.overview._count", "SCAN"): "counts every row",
    ("store.story.pending_terms.pending", "SCAN"): "of all languages",
    ("store.story.pending_terms.overtaken", "SCAN"): "of everything that was accepted",
}
"""Who may do so for a command that is about the whole store, and why."""


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def worked(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    """A store in which people have worked, large enough for a planner to care."""
    folder = tmp_path_factory.mktemp("worked")
    if request.param == "sqlite":
        yield from _filled(f"sqlite:///{folder / 'store.db'}")
    else:
        with postgres_schema(request.getfixturevalue("postgres")) as url:
            yield from _filled(url)


def _filled(url: str) -> Iterator[Store]:
    store = open_store(url, create=True)
    fill(store, 2000, 2000)
    if store.engine.dialect.name == "postgresql":
        with store.begin() as connection:
            connection.exec_driver_sql("ANALYZE")
    yield store
    store.close()


@pytest.fixture(scope="module")
def api() -> Iterator[str]:
    """A wiki in which something was changed, and a SPARQL endpoint."""
    wiki = ChangingWiki(DOCUMENTS)
    wiki.label("Q1", "it", "universo osservabile")

    def answer(asked: Asked) -> Reply:
        if asked.path.startswith("/sparql"):
            return Reply(recorded_answer("sparql_people.json"))
        return wiki.answer(asked)

    with Server(answer) as server:
        yield server.url


def test_every_command_has_a_case() -> None:
    assert _commands(cli) == PARTS.keys() | WHOLES.keys() | WITHOUT_STORE.keys()


@pytest.mark.parametrize("about", ["part", "whole"])
def test_no_query_reads_more_than_it_is_asked_for(
    worked: Store, api: str, about: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KGENRICH_NETWORK__CONTACT", "test@example.org")
    monkeypatch.setattr("kgenrich.cli.decide_next.demand_terminal", lambda: None)
    Path("few.nt").write_text(f'<http://www.wikidata.org/entity/Q1001> <{LABEL}> "P"@it .\n')
    Path("few.toml").write_text(JOB)
    Path("few.rq").write_text("SELECT ?x WHERE { ?x ?p ?o }")
    url = worked.engine.url.render_as_string(hide_password=False)
    cases, allowed = (PARTS, SOME) if about == "part" else (WHOLES, SOME | ALL)
    wanted: list[str] = []
    unheld: list[str] = []
    for command, given in cases.items():
        if command.startswith("decide") and not wanted:
            wanted = _fresh(worked)
        for options in given:
            arguments = shlex.split(options.format(*wanted, api=api, store=url))
            with recorded() as queries:
                words = ["--store", url, *command.split(), *arguments]
                done = CliRunner().invoke(cli, words, input=KEYS.get(command))
            assert done.exit_code == 0, (command, options, done.output)
            with worked.begin() as connection:
                for query in queries:
                    unheld += [
                        f"{command} {options}: {query.asker}: {fault}"
                        for fault in faults(connection, query)
                        if not any(
                            query.asker == asker and fault.startswith(start)
                            for asker, start in allowed
                        )
                    ]
    assert not unheld, "\n".join(unheld)


def _fresh(store: Store) -> list[str]:
    """Candidates of which nothing that they rest on was changed."""
    found = (one for one in proposals(store, state="open") if not one.stale)
    return [one.proposal.candidate.id for one in islice(found, 4)]


def _commands(command: click.Command, *path: str) -> set[str]:
    if not isinstance(command, click.Group):
        return {" ".join(path)}
    context = click.Context(command)
    names = command.list_commands(context)
    parts = [(name, command.get_command(context, name)) for name in names]
    return set().union(*(_commands(part, *path, name) for name, part in parts if part))
