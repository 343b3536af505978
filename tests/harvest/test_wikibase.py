"""Entities by id and by SPARQL, from recorded answers and from a real SPARQL server."""

from __future__ import annotations

import gzip
import json
import socket
import sqlite3
import subprocess
import sysconfig
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from kgenrich.cli.main import cli
from kgenrich.errors import InputError, NetworkError, UsageError
from kgenrich.harvest.sparql import in_order
from kgenrich.harvest.wikibase import entity_id
from kgenrich.languages import CODES, chain
from kgenrich.resources import resource
from tests.server import Asked, Reply, Server

API = Path(__file__).parents[1] / "fixtures" / "api"
BASE = "http://www.wikidata.org/entity/"
DOCUMENTS = {
    json.loads(line)["id"]: json.loads(line)
    for line in gzip.decompress(resource("config/demo/items.json.gz").read_bytes())
    .decode()
    .replace(",\n", "\n")
    .splitlines()
    if len(line) > 2
}
ENGLISH = {name for name, told in DOCUMENTS.items() if "en" in told["labels"]}


def recorded(name: str) -> bytes:
    data = (API / name).read_bytes()
    return gzip.decompress(data) if name.endswith(".gz") else data


def wiki(asked: Asked) -> Reply:
    """What the API of a wiki with the shipped items answers; it has no properties."""
    if asked.parameters["action"] == "query":
        return Reply({"query": {"namespaces": {"0": {"id": 0, "case": "first-letter"}}}})
    names = asked.parameters["ids"].split("|")
    assert len(names) <= 50
    if any(name.startswith("L") for name in names):
        return Reply(recorded("bogus.json"))
    languages = set(asked.parameters.get("languages", "").split("|")) - {""}
    entities: dict[str, Any] = {}
    for name in names:
        if name not in DOCUMENTS:
            entities[name] = {"id": name, "missing": True}
            continue
        document = dict(DOCUMENTS[name])
        if languages:
            for part in ("labels", "descriptions", "aliases"):
                document[part] = {c: t for c, t in document[part].items() if c in languages}
        entities[name] = document
    return Reply({"entities": entities, "success": 1})


@pytest.fixture(autouse=True)
def contact(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KGENRICH_NETWORK__CONTACT", "me@example.org")
    monkeypatch.setenv("KGENRICH_NETWORK__REQUESTS_PER_MINUTE", "1000000")
    monkeypatch.setenv("KGENRICH_NETWORK__RETRIES", "1")


def attempt(store: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["--store", str(store), "harvest", *arguments])


def harvest(store: Path, *arguments: str) -> dict[str, Any]:
    result = attempt(store, *arguments, "--json")
    if result.exception:
        raise result.exception
    counts: dict[str, Any] = json.loads(result.stdout)
    return counts


def rows(store: Path, query: str) -> list[Any]:
    with sqlite3.connect(store) as connection:
        return connection.execute(query).fetchall()


def content(store: Path) -> list[Any]:
    return [
        sorted(rows(store, f"SELECT * FROM {table}"), key=repr)
        for table in ("entities", "terms", "classes", "claims", "sitelinks", "coverage")
    ]


def test_what_comes_by_ids_is_what_the_dump_says(tmp_path: Path) -> None:
    with Server(wiki) as server:
        counts = harvest(tmp_path / "a.db", "ids", *DOCUMENTS, "--api", f"{server.url}/api.php")
        assert (counts["new"], counts["broken"]) == (698, 0)
        assert len(server.asked) == 14 and server.most_at_once <= 3
        asked = server.asked[0].parameters
        assert asked["action"] == "wbgetentities" and asked["maxlag"] == "5"
        assert "languages" not in asked
    harvest(tmp_path / "b.db", "dump", str(resource("config/demo/items.json.gz")))
    assert content(tmp_path / "a.db") == content(tmp_path / "b.db")


def test_the_server_is_asked_for_the_wanted_languages_alone(tmp_path: Path) -> None:
    with Server(wiki) as server:
        api = f"{server.url}/api.php"
        harvest(tmp_path / "a.db", "ids", "Q1", "--api", api, "--languages", "it")
        assert server.asked[0].parameters["languages"] == "it|mul|en"


@pytest.mark.parametrize("count", [3, 50, 51, 200])
def test_no_parameter_has_more_values_than_the_api_takes(tmp_path: Path, count: int) -> None:
    def strict(asked: Asked) -> Reply:
        for name in ("ids", "languages", "props"):
            if len(asked.parameters.get(name, "").split("|")) > 50:
                return Reply({"error": {"code": "toomanyvalues", "info": f"{name}: 50."}})
        return wiki(asked)

    # Beside these, which fall back to no other language, mul and en are asked for.
    alone = [code for code in CODES if chain(code) == (code, "mul", "en")]
    languages = alone[: count - 2]
    names = list(DOCUMENTS)[:120]
    with Server(strict) as server:
        options = ["--languages", ",".join(languages), "--batch", "500", "--api", server.url]
        counts = harvest(tmp_path / "a.db", "ids", *names, *options)
    assert (counts["read"], counts["new"], counts["broken"]) == (120, 120, 0)
    dump = str(resource("config/demo/items.json.gz"))
    harvest(tmp_path / "b.db", "dump", dump, "--limit", "120", "--languages", ",".join(languages))
    assert content(tmp_path / "a.db") == content(tmp_path / "b.db")


def test_ids_come_from_a_file_in_every_form(tmp_path: Path) -> None:
    file = tmp_path / "ids.txt"
    file.write_text(f"# mine\nQ1\n\n <{BASE}Q2> \nhttps://www.wikidata.org/wiki/Q3\nq4\nQ1\n")
    with Server(wiki) as server:
        harvest(tmp_path / "a.db", "ids", "--file", str(file), "--api", server.url)
        assert server.asked[0].parameters["ids"] == "Q1|Q2|Q3|Q4"


@pytest.mark.parametrize("text", ["", "42", "Q", "Q0", "Q01", "http://example.org/Q1", "Q1|Q2"])
def test_what_is_no_id_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError, match="no entity id"):
        entity_id(text, BASE)


def test_a_redirect_leads_to_its_target_and_is_kept(tmp_path: Path) -> None:
    store = tmp_path / "a.db"
    with Server([Reply(recorded("redirect.json.gz"))]) as server:
        counts = harvest(store, "ids", "Q32063953", "--api", server.url)
    assert (counts["new"], counts["broken"]) == (2, 0)
    assert rows(store, "SELECT key, redirect_key FROM entities ORDER BY key") == [
        (1040 * 4, None),
        (32063953 * 4, 1040 * 4),
    ]
    assert rows(store, "SELECT count(*) FROM terms WHERE entity_key = 32063953 * 4") == [(0,)]


def test_a_missing_id_is_reported_and_a_known_one_is_deleted(tmp_path: Path) -> None:
    store = tmp_path / "a.db"
    with Server([Reply(recorded("missing_item_property.json.gz"))]) as server:
        for _ in range(2):
            counts = harvest(store, "ids", "Q6", "Q42", "P31", "--api", server.url)
            assert (counts["read"], counts["broken"]) == (3, 1)
    assert counts["unchanged"] == 2
    assert rows(store, "SELECT key, deleted FROM entities ORDER BY key") == [(125, 0), (168, 0)]
    assert rows(store, "SELECT excerpt FROM rejects") == [("Q6",)]
    gone = Reply({"entities": {"Q42": {"id": "Q42", "missing": ""}}})
    with Server([gone]) as server:
        assert harvest(store, "ids", "Q42", "--api", server.url)["changed"] == 1
        assert harvest(store, "ids", "Q42", "--api", server.url)["changed"] == 0
    assert rows(store, "SELECT deleted FROM entities WHERE key = 168") == [(1,)]
    assert rows(store, "SELECT count(*) FROM terms WHERE entity_key = 168") == [(0,)]


def test_one_refused_id_does_not_spoil_the_others(tmp_path: Path) -> None:
    names = [*list(DOCUMENTS)[:20], "L7", *list(DOCUMENTS)[20:40]]
    with Server(wiki) as server:
        counts = harvest(tmp_path / "a.db", "ids", *names, "--api", server.url)
    assert (counts["read"], counts["new"], counts["broken"]) == (41, 40, 1)


def test_media_files_are_passed_over(tmp_path: Path) -> None:
    with Server([Reply(recorded("media.json"))]) as server:
        counts = harvest(tmp_path / "a.db", "ids", "M65057", "--api", server.url)
    assert (counts["read"], counts["not_asked_for"], counts["new"]) == (1, 1, 0)


def test_a_broken_harvest_goes_on_where_it_was(tmp_path: Path) -> None:
    store, calls = tmp_path / "a.db", 0

    def failing(asked: Asked) -> Reply:
        nonlocal calls
        calls += 1
        return wiki(asked) if calls <= 5 else Reply("{", status=200)

    with Server(failing) as server:
        # The address is part of what is harvested, so both have to be the same server.
        api = server.url
        with pytest.raises(NetworkError, match="cut off"):
            harvest(store, "ids", *DOCUMENTS, "--api", api)
        (kept,) = rows(store, "SELECT count(*) FROM entities")[0]
        assert kept in (100, 150, 200, 250)
        calls = -1000
        counts = harvest(store, "ids", *DOCUMENTS, "--api", api)
    assert counts["new"] == 698 - kept
    assert rows(store, "SELECT status FROM runs") == [("done",)]


@pytest.mark.parametrize(
    "verb", [["ids", "Q1"], ["sparql", "SELECT ?item WHERE { ?item ?p ?o }"]], ids=lambda v: v[0]
)
def test_the_network_needs_a_contact(
    tmp_path: Path, verb: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KGENRICH_NETWORK__CONTACT")
    result = attempt(tmp_path / "a.db", *verb)
    assert isinstance(result.exception, UsageError)
    assert "KGENRICH_NETWORK__CONTACT" in str(result.exception)
    assert not (tmp_path / "a.db").exists()


@pytest.fixture(scope="module")
def oxigraph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real SPARQL server with the English labels and the classes of the shipped items."""
    folder = tmp_path_factory.mktemp("oxigraph")
    data = folder / "items.nt"
    with data.open("w", encoding="utf-8") as file:
        for name, told in DOCUMENTS.items():
            for language, label in told["labels"].items():
                if language in ("en", "it"):
                    text = json.dumps(label["value"])
                    file.write(
                        f"<{BASE}{name}> <http://www.w3.org/2000/01/rdf-schema#label> "
                        f"{text}@{language} .\n"
                    )
    program = Path(sysconfig.get_path("scripts")) / "oxigraph"
    location = ["--location", str(folder / "store")]
    subprocess.run([program, "load", *location, "--file", data], check=True, capture_output=True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [program, "serve-read-only", *location, "--bind", f"127.0.0.1:{port}"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        url = f"http://127.0.0.1:{port}"
        for _ in range(200):
            try:
                urllib.request.urlopen(url, timeout=5).close()
                break
            except (urllib.error.URLError, ConnectionError):
                assert process.poll() is None
                time.sleep(0.05)
        yield f"{url}/query"
    finally:
        process.terminate()
        process.wait(10)


PREFIX = "PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>\n"
ENGLISH_ITEMS = (
    PREFIX + 'SELECT ?item ?label WHERE { ?item rdfs:label ?label FILTER(LANG(?label) = "en") }'
)
PAGED_ITEMS = (
    PREFIX + "SELECT DISTINCT ?item WHERE { ?item rdfs:label ?label FILTER(STR(?item) > $after) "
    'FILTER(LANG(?label) = "en") } ORDER BY STR(?item) LIMIT 100'
)


@pytest.mark.parametrize("query", [ENGLISH_ITEMS, PAGED_ITEMS], ids=["whole", "paged"])
def test_a_query_selects_what_is_fetched(tmp_path: Path, oxigraph: str, query: str) -> None:
    store = tmp_path / "a.db"
    with Server(wiki) as server:
        options = ["--endpoint", oxigraph, "--api", server.url]
        counts = harvest(store, "sparql", query, *options)
        assert counts["new"] == counts["read"] == len(ENGLISH)
        file = tmp_path / "items.rq"
        file.write_text(query)
        assert harvest(store, "sparql", str(file), *options)["unchanged"] == len(ENGLISH)
    assert {key // 4 for (key,) in rows(store, "SELECT key FROM entities")} == {
        int(name[1:]) for name in ENGLISH
    }


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("SELECT ?x WHERE { ?x }", "The query was refused: "),
        (PREFIX + "SELECT ?l WHERE { ?item rdfs:label ?l }", "selects no entities"),
        (PREFIX + "SELECT ?p WHERE { ?i ?p ?l }", "selects IRIs like http://www.w3.org"),
        ("ASK { ?s ?p ?o }", "no SELECT query but ASK"),
    ],
)
def test_a_query_of_no_use_is_a_usage_error(
    tmp_path: Path, oxigraph: str, query: str, sentence: str
) -> None:
    result = attempt(tmp_path / "a.db", "sparql", query, "--endpoint", oxigraph)
    assert isinstance(result.exception, UsageError)
    assert sentence in str(result.exception)


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("SELECT garbage", "'SELECT garbage' is neither a query nor a file: "),
        ("SELECT\0", "is neither a query nor a file: "),
        ("SELECT garbage " * 1000, "is neither a query nor a file: "),
        ("notes.txt", "There is no query in the file 'notes.txt': "),
    ],
    ids=["words", "nul", "long", "file"],
)
def test_what_is_no_query_is_said_with_what_a_query_must_have(
    tmp_path: Path, query: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("notes.txt").write_text("SELECT garbage")
    result = attempt(tmp_path / "a.db", "sparql", query)
    assert isinstance(result.exception, UsageError)
    assert sentence in str(result.exception)
    assert "SELECT ?item WHERE { ... }" in str(result.exception)
    assert len(str(result.exception)) < 400


@pytest.mark.parametrize(("name", "sentence"), [("latin1.rq", "UTF-8"), ("folder", "directory")])
def test_a_file_of_a_query_that_cannot_be_read(tmp_path: Path, name: str, sentence: str) -> None:
    (tmp_path / "latin1.rq").write_bytes(b"SELECT \xe4 {}")
    (tmp_path / "folder").mkdir()
    result = attempt(tmp_path / "a.db", "sparql", str(tmp_path / name))
    assert isinstance(result.exception, InputError) and sentence in str(result.exception)


@pytest.mark.parametrize(
    ("answer", "names"),
    [
        ("sparql_people.json", ["Q505932", "Q3731207"]),
        ("sparql_genres.json", ["Q112983", "Q185598", "Q1473346", "Q3879286"]),
    ],
)
def test_recorded_tables_name_their_entities(tmp_path: Path, answer: str, names: list[str]) -> None:
    def both(asked: Asked) -> Reply:
        return wiki(asked) if asked.path == "/api.php" else Reply(recorded(answer))

    with Server(both) as server:
        harvest(
            tmp_path / "a.db",
            *("sparql", "SELECT ?x WHERE { ?x ?p ?o }"),
            *("--endpoint", f"{server.url}/sparql", "--api", f"{server.url}/api.php"),
        )
        assert server.asked[1].parameters["ids"] == "|".join(names)


def test_statements_are_no_entities(tmp_path: Path) -> None:
    with Server([Reply(recorded("sparql_statements.json"))]) as server:
        result = attempt(
            tmp_path / "a.db", "sparql", "SELECT ?x WHERE { ?x ?p ?o }", "--endpoint", server.url
        )
    assert isinstance(result.exception, UsageError) and "entity/statement" in str(result.exception)


def test_no_rows_are_no_error(tmp_path: Path, oxigraph: str) -> None:
    query = "SELECT ?item WHERE { ?item <http://example.org/none> ?o }"
    assert harvest(tmp_path / "a.db", "sparql", query, "--endpoint", oxigraph)["read"] == 0


def test_ids_have_one_order() -> None:
    assert in_order(["Q10", "Q9", "P31", "Q9"]) == ["P31", "Q9", "Q10"]


def test_a_wikibase_with_another_base_has_bare_ids_of_its_own(tmp_path: Path) -> None:
    config = tmp_path / "kgenrich.toml"
    config.write_text('base = "http://wiki.example.org/entity/"\n')
    table = {
        "head": {"vars": ["item"]},
        "results": {
            "bindings": [{"item": {"type": "uri", "value": "http://wiki.example.org/entity/Q1"}}]
        },
    }

    def both(asked: Asked) -> Reply:
        return wiki(asked) if asked.path == "/api.php" else Reply(table)

    with Server(both) as server:
        result = CliRunner().invoke(
            cli,
            [
                *("--config", str(config), "--store", str(tmp_path / "a.db"), "harvest"),
                *("sparql", "SELECT ?x WHERE { ?x ?p ?o }", "--json"),
                *("--endpoint", f"{server.url}/sparql", "--api", f"{server.url}/api.php"),
            ],
        )
    assert json.loads(result.stdout)["new"] == 1
