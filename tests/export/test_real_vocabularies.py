"""Real vocabularies go round: every text is read or named as unread, no tag changes, and a copy of
the file is the file.

They come from the npm packages ``@vocabulary/*``, which pack published vocabularies as N-Quads.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner

from kgenrich.cli.main import cli
from kgenrich.model import Candidate, Decision, Proposal, TermKind, Verdict
from kgenrich.store.opening import open_store
from kgenrich.store.story.decisions import save_decisions
from kgenrich.store.story.proposals import save_proposals
from kgenrich.store.story.runs import running

pytestmark = pytest.mark.slow

VERSIONS = {
    "skos": "1.0.6",
    "org": "1.0.6",
    "dcat": "1.0.5",
    "m4i": "1.3.0",
    "mads": "1.1.0",
    "frbr": "1.0.6",
    "crm": "1.0.5",
}
_TAG = re.compile(r'"@([A-Za-z0-9-]+) (?:<[^>]*> )?\.$')
Text = tuple[str, str, str, str]
"""A subject, a predicate, a text and its tag to the letter."""


@pytest.fixture(scope="module", params=VERSIONS)
def vocabulary(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp(request.param)
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("there is no npm, which the vocabularies are fetched with")
    name = f"@vocabulary/{request.param}@{VERSIONS[request.param]}"
    done = subprocess.run(
        [npm, "pack", "--silent", name], cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip(f"npm does not give {name}: {done.stderr.strip()[-200:]}")
    (archive,) = folder.glob("*.tgz")
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    (path,) = folder.glob("package/*.nq")
    yield path


def run(folder: Path, *arguments: str) -> str:
    result = CliRunner().invoke(cli, ["--store", str(folder / "graph.db"), *arguments])
    assert result.exit_code == 0, (result.output, result.exception)
    return result.stdout


def texts(path: Path) -> set[Text]:
    """The texts with a tag that are said of IRIs, the tag from the line itself: parsers write it in
    small letters."""
    form = ox.RdfFormat.N_QUADS if path.suffix == ".nq" else ox.RdfFormat.N_TRIPLES
    found = set()
    for line in path.read_text(encoding="utf-8").split("\n"):
        if tag := _TAG.search(line):
            (quad,) = ox.parse(line, format=form)
            if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.Literal):
                said = quad.subject.value, quad.predicate.value, quad.object.value, tag[1]
                found.add(said)
    return found


def test_a_real_vocabulary_goes_round(vocabulary: Path, tmp_path: Path) -> None:
    report = json.loads(run(tmp_path, "harvest", "rdf", str(vocabulary), "--json"))
    out, copy = tmp_path / "out.nt", tmp_path / "copy.nq"
    run(tmp_path, "export", "rdf", "-o", str(out))
    source, written = texts(vocabulary), texts(out)
    assert written <= source, "nothing is changed and nothing invented"
    unread = {row["predicate"] for row in report["vocabulary"]["unread"]}
    left_out = sum(report["left_out"].values())
    silent = {text for text in source - written if text[1] not in unread}
    assert len(silent) <= left_out, sorted(silent)[:5]
    run(tmp_path, "export", "rdf", "--merge-into", str(vocabulary), "-o", str(copy))
    assert copy.read_bytes() == vocabulary.read_bytes()
    subject, *_ = min(source)
    accept(tmp_path, subject, "sw", "neno jipya")
    run(tmp_path, "export", "rdf", "--merge-into", str(vocabulary), "-o", str(copy))
    before, after = (path.read_bytes().splitlines() for path in (vocabulary, copy))
    assert [line for line in after if line not in set(before)] == [*{*after} - {*before}]
    assert len(after) == len(before) + 1


def accept(folder: Path, entity: str, language: str, text: str) -> None:
    store = open_store(f"sqlite:///{folder / 'graph.db'}")
    candidate = Candidate(entity, language, TermKind.LABEL, text)
    with running(store, "enrich", {}, "") as made:
        save_proposals(store, made.id, [Proposal(candidate, 1, {}, 0.9, "test")], {})
    at = "2026-01-01T00:00:00+00:00"
    save_decisions(store, [Decision(candidate.id, Verdict.ACCEPT, "Ada", text, at)])
    store.close()
