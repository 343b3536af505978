"""The command line as a person meets it: one clear sentence, the right exit code."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kgenrich.resources import resource
from kgenrich.verbs.decide import LOOKED_AT

pytestmark = pytest.mark.slow

ITEMS = str(resource("config/demo/items.json.gz"))


def kgenrich(
    *arguments: str, cwd: Path, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the tool as a user does, with nothing of this machine's settings."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("KGENRICH_")}
    return subprocess.run(
        [sys.executable, "-m", "kgenrich.cli.main", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=clean | {"HOME": str(cwd), "COLUMNS": "120"} | (environment or {}),
    )


def failed(done: subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    """One sentence, no traceback, the exit code."""
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) <= 4, done.stderr
    for word in words:
        assert word in done.stderr, done.stderr


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working directory with a small store."""
    path = tmp_path_factory.mktemp("work")
    (path / "kgenrich.toml").write_text('store = "graph.db"\n', encoding="utf-8")
    done = kgenrich("harvest", "dump", ITEMS, cwd=path)
    assert done.returncode == 0, done.stderr
    return path


def test_help_is_instant(tmp_path: Path) -> None:
    before = os.times()
    assert kgenrich("--help", cwd=tmp_path).returncode == 0
    after = os.times()
    spent = after.children_user + after.children_system
    assert spent - before.children_user - before.children_system < 0.6, "0.3 s, doubled for noise"


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["enrich", "--languages", "itt"], 2, ["itt"]),
        (["enrich"], 2, ["--languages"]),
        (["enrich", "--languages", "it", "--kinds", "nickname"], 2, ["nickname"]),
        (["enrich", "--languages", "it", "--sources", "oracle"], 2, ["oracle"]),
        (["enrich", "--languages", "it", "--ranker", "coin"], 2, ["coin"]),
        (["show", "Q999999999"], 1, ["Q999999999"]),
        (["coverage", "--class", "Q99999"], 1, ["Q99999"]),
        (["gaps", "-l", "it", "--class", "q99999"], 1, ["Q99999"]),
        (["enrich", "-l", "it", "--class", "Q99999"], 1, ["Q99999"]),
        (["decide", "list", "--class", "Q99999"], 1, ["Q99999"]),
        (["check", "-l", "it", "-s", "names", "--class", "q99999"], 1, ["Q99999"]),
        (["export", "rdf", "-o", "-", "--class", "Q99999"], 1, ["Q99999"]),
        (["export", "provenance", "-o", "-", "--class", "Q99999"], 1, ["Q99999"]),
        (["export", "quickstatements", "-o", "-", "--class", "Q99999"], 1, ["Q99999"]),
        (["export", "terms", "-o", "-", "--class", "Q99999"], 1, ["Q99999"]),
        (["sources", "test", "names", "Q99999", "it"], 1, ["Q99999"]),
        (["decide", "accept"], 2, ["policy"]),
        (["decide", "accept", "ffffffffff"], 2, ["ffffffffff"]),
        (["harvest", "dump", "nowhere.json"], 1, ["nowhere.json"]),
        (["harvest", "ids", "Q42"], 2, ["contact"]),
        (["--config", "nowhere.toml", "coverage"], 2, ["nowhere.toml"]),
        (["frobnicate"], 2, ["frobnicate"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else str(value),
)
def test_what_is_wrong_is_said_in_one_sentence(
    folder: Path, arguments: list[str], code: int, words: list[str]
) -> None:
    failed(kgenrich(*arguments, cwd=folder), code, *words)


def test_a_missing_database_says_how_to_make_one(tmp_path: Path) -> None:
    done = kgenrich("--store", "none.db", "coverage", "--languages", "it", cwd=tmp_path)
    failed(done, 1, "none.db")
    assert not (tmp_path / "none.db").exists()


def test_something_else_than_a_database_is_left_alone(tmp_path: Path) -> None:
    other = tmp_path / "photo.db"
    other.write_bytes(b"\x89PNG and so on" * 1000)
    failed(kgenrich("--store", str(other), "coverage", "-l", "it", cwd=tmp_path), 1, "photo.db")
    assert other.read_bytes() == b"\x89PNG and so on" * 1000


def test_a_wrong_setting_is_named(tmp_path: Path) -> None:
    (tmp_path / "kgenrich.toml").write_text("[network]\ntimeout = -1\n", encoding="utf-8")
    failed(kgenrich("config", cwd=tmp_path), 2, "network.timeout")
    (tmp_path / "kgenrich.toml").write_text("stor = 'x'\n", encoding="utf-8")
    failed(kgenrich("--config", "kgenrich.toml", "config", cwd=tmp_path), 2, "stor")


def test_the_environment_is_stronger_than_the_file(tmp_path: Path) -> None:
    (tmp_path / "kgenrich.toml").write_text(
        "[network]\ncontact = 'a@example.org'\ntimeout = 9\n", encoding="utf-8"
    )
    done = kgenrich(
        "config", "--json", cwd=tmp_path, environment={"KGENRICH_NETWORK__CONTACT": "b@example.org"}
    )
    network = json.loads(done.stdout)["settings"]["network"]
    assert (network["contact"], network["timeout"]) == ("b@example.org", 9)


def test_the_password_of_a_database_is_never_shown(tmp_path: Path) -> None:
    done = kgenrich("--store", "postgresql://ann:secret@127.0.0.1:1/x", "db", "info", cwd=tmp_path)
    assert done.returncode == 1
    assert "secret" not in done.stdout + done.stderr


def test_from_gaps_to_a_decision(folder: Path) -> None:
    """The whole path on a small store; what was asked of an equal graph is asked of no more."""
    for again, asked, new in (([], True, True), ([], False, False), (["all"], True, False)):
        given = ["--again", *again] if again else []
        done = kgenrich("enrich", "-l", "it,fr", *given, "--json", cwd=folder)
        assert done.returncode == 0, done.stderr
        tally = json.loads(done.stdout)
        assert (tally["requests"] > 50) is (tally["proposals"] > 0) is asked
        assert (tally["new"] > 0) is new
    listed = json.loads(kgenrich("decide", "list", "--json", cwd=folder).stdout)
    first, second = listed[0], listed[1]
    assert first["reasons"] and 0 <= first["probability"] <= 1
    assert kgenrich("decide", "accept", first["candidate"][:12], cwd=folder).returncode == 0
    assert kgenrich("decide", "edit", second["candidate"], "un altro", cwd=folder).returncode == 0
    still = json.loads(kgenrich("decide", "list", "--json", cwd=folder).stdout)
    assert not {first["candidate"], second["candidate"]} & {row["candidate"] for row in still}
    shown = kgenrich("show", first["entity"], "--languages", first["language"], cwd=folder).stdout
    assert first["text"] in shown and "accept" in shown
    out = folder / "edits.tsv"
    assert kgenrich("export", "quickstatements", "--output", str(out), cwd=folder).returncode == 0
    assert first["text"] in out.read_text(encoding="utf-8")


def test_a_policy_admits_only_what_it_says(folder: Path) -> None:
    assert kgenrich("enrich", "-l", "es", cwd=folder).returncode == 0
    policy = ["-l", "es", "--over", "0.9"]
    told = json.loads(
        kgenrich("decide", "list", *policy, "--limit", "9999", "--json", cwd=folder).stdout
    )
    assert all(row["probability"] >= 0.9 and row["language"] == "es" for row in told)
    looked_at = [row for row in told if LOOKED_AT & {*row["codes"]}]
    told = [row for row in told if row not in looked_at]
    dry = json.loads(
        kgenrich("decide", "accept", *policy, "--dry-run", "--json", cwd=folder).stdout
    )
    assert (dry["decided"], dry["new"]) == (len(told), 0)
    assert sum(dry["left_out"].values()) == len(looked_at)
    done = json.loads(kgenrich("decide", "accept", *policy, "--json", cwd=folder).stdout)
    assert done["new"] == len(told) > 0
    again = json.loads(kgenrich("decide", "accept", *policy, "--json", cwd=folder).stdout)
    assert again["decided"] == 0
    none = kgenrich("decide", "list", "-l", "es", "--from-kinds", "4", "--json", cwd=folder)
    assert json.loads(none.stdout) == []


def test_a_truncated_archive_keeps_what_was_read(tmp_path: Path) -> None:
    whole = Path(ITEMS).read_bytes()
    cut = tmp_path / "cut.json.gz"
    cut.write_bytes(whole[: len(whole) // 2])
    done = kgenrich("--store", "graph.db", "harvest", "dump", str(cut), cwd=tmp_path)
    failed(done, 1, "cut.json.gz")
    info = kgenrich("--store", "graph.db", "coverage", "-l", "en", "--json", cwd=tmp_path)
    assert info.returncode == 0 and "entities" in info.stdout


def test_a_line_of_garbage_is_kept_aside(tmp_path: Path) -> None:
    lines = gzip.decompress(Path(ITEMS).read_bytes()).splitlines()[:6]
    lines.insert(3, b'{"type":"item","id":"Q1","labels": GARBAGE},')
    broken = tmp_path / "some.json"
    broken.write_bytes(b"\n".join([*lines, b"]"]))
    done = kgenrich("--store", "graph.db", "harvest", "dump", str(broken), "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    counts = json.loads(done.stdout)
    assert (counts["new"], counts["broken"]) == (5, 1)


def test_completion_names_the_command(tmp_path: Path) -> None:
    for shell in ("bash", "zsh", "fish"):
        assert "kgenrich" in kgenrich("completion", shell, cwd=tmp_path).stdout


def test_brackets_in_an_error_are_text_and_not_markup(tmp_path: Path) -> None:
    (tmp_path / "my.toml").write_text("[sources.names]\n'[/b]' = 1\n", encoding="utf-8")
    assert kgenrich("--store", "g.db", "harvest", "dump", ITEMS, cwd=tmp_path).returncode == 0
    mine = ["--config", "my.toml", "--store", "g.db"]
    failed(kgenrich(*mine, "enrich", "-l", "it", cwd=tmp_path), 2, "[/b]")


def test_a_held_out_graph_says_how_far_its_probabilities_can_be_believed(folder: Path) -> None:
    asked = ["evaluate", "heldout", "-l", "it", "-k", "label", "-s", "names", "--sample", "300"]
    done = kgenrich(*asked, "--json", "--plot", "reliability.svg", cwd=folder)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert list(found) == ["it", "all"]
    cell = found["it"]["label"]
    assert cell == found["all"]["label"], "there is one language"
    keys = ["requested", "answered", "precision", "recall", "f1", "ece"]
    assert list(cell) == [*keys, "reliability", "thresholds", "slices", "clusters"]
    assert sum(row["count"] for row in cell["reliability"]) <= cell["requested"]
    assert [row["wanted"] for row in cell["thresholds"]] == [0.9, 0.95, 0.99]
    assert (folder / "reliability.svg").read_text("utf-8").startswith("<svg")

    table = kgenrich(*asked, cwd=folder)
    assert table.returncode == 0, table.stderr
    assert "95% right" in table.stdout and "Reliability of every label" in table.stdout
