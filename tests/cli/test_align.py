"""``kgenrich align`` and the formats that it writes."""

from __future__ import annotations

import csv
import json
import re
import tempfile
from pathlib import Path

import numpy as np
import pytest
import sssom_pydantic
from hypothesis import given
from hypothesis import strategies as st
from rdflib import OWL, Graph, URIRef

from kgenrich.adapters.alignment.graph_arrays import Graph as Names
from kgenrich.adapters.alignment.graph_building import known_pairs
from kgenrich.cli.main import main
from kgenrich.errors import InputError
from kgenrich.export.mappings import Mapping, sssom, triples
from kgenrich.pairs import read_pairs, uri
from tests.databases import postgres_schema

LABEL = "<http://www.w3.org/2000/01/rdf-schema#label>"
LEFT = {"1": "Moscow", "2": "Tokyo", "3": "Albert Einstein"}
RIGHT = {"7": "東京", "8": "Москва", "9": "Альберт Эйнштейн"}
GOLD = {("1", "8"), ("2", "7"), ("3", "9")}


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    return int(stopped.value.code or 0)


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    found = []
    for side, names, tag in (("a", LEFT, "en"), ("b", RIGHT, "ru")):
        path = tmp_path / f"{side}.nt"
        lines = [f'<http://{side}/{id}> {LABEL} "{name}"@{tag} .\n' for id, name in names.items()]
        path.write_text("".join(lines), encoding="utf-8")
        found.append(str(path))
    return found[0], found[1]


def test_two_rdf_files_become_same_as(files: tuple[str, str], tmp_path: Path) -> None:
    out = tmp_path / "out.nt"
    assert run("align", *files, "-o", str(out)) == 0
    graph = Graph().parse(out)
    assert set(graph.subject_objects(OWL.sameAs)) == {
        (URIRef(f"http://a/{a}"), URIRef(f"http://b/{b}")) for a, b in GOLD
    }


def test_two_rdf_files_become_sssom(files: tuple[str, str], tmp_path: Path) -> None:
    out = tmp_path / "out.sssom.tsv"
    assert run("align", *files, "-o", str(out)) == 0
    lines = out.read_text(encoding="utf-8").splitlines()
    rows = list(csv.DictReader([x for x in lines if not x.startswith("#")], delimiter="\t"))
    assert {(r["subject_label"], r["object_label"]) for r in rows} == {
        (LEFT[a], RIGHT[b]) for a, b in GOLD
    }
    assert all(0.5 <= float(r["confidence"]) <= 1 for r in rows)


def test_only_its_own_file_is_overwritten(
    files: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.tsv"
    out.write_text("of a person")
    assert run("align", *files, "-o", str(out)) == 2
    assert out.read_text() == "of a person"
    assert "--force" in capsys.readouterr().err
    assert run("align", *files, "-o", str(out), "--force") == 0
    assert run("align", *files, "-o", str(out)) == 0
    curated = out.read_text(encoding="utf-8").replace("owl:sameAs", "skos:closeMatch", 1)
    out.write_text(curated, encoding="utf-8")
    assert run("align", *files, "-o", str(out)) == 2
    assert out.read_text(encoding="utf-8") == curated


def test_seeds_are_certain(
    files: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seeds, out = tmp_path / "seeds.tsv", tmp_path / "out.tsv"
    seeds.write_text("http://a/1\thttp://b/7\n", encoding="utf-8")
    assert run("align", *files, "-o", str(out), "--seeds", str(seeds), "--json") == 0
    assert json.loads(capsys.readouterr().out)["seeds"] == 1
    (row,) = [x for x in out.read_text(encoding="utf-8").splitlines() if x.startswith("subject:1")]
    assert "\tobject1:7\t" in row and "1.0000" in row
    assert "semapv:UnspecifiedMatching" in row
    seeds.write_text("http://a/1\tnobody\n", encoding="utf-8")
    assert run("align", *files, "-o", str(out), "--seeds", str(seeds)) == 1


def test_a_dbp15k_folder_holds_both_graphs(tmp_path: Path) -> None:
    for name, text in {
        "ent_ids_1": "0\thttp://a/Moscow\n1\thttp://a/Tokyo\n",
        "ent_ids_2": "2\thttp://b/東京\n3\thttp://b/Москва\n",
        "triples_1": "",
        "triples_2": "",
        "sup_pairs": "",
        "ref_pairs": "0\t3\n",
    }.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    out = tmp_path / "out.nt"
    assert run("align", str(tmp_path), "-o", str(out)) == 0
    assert "<http://a/Moscow>" in out.read_text(encoding="utf-8")


def test_the_known_pairs_of_a_folder_may_be_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, text in {
        "ent_ids_1": "0\thttp://a/Moscow\n1\thttp://a/Tokyo\n",
        "ent_ids_2": "2\thttp://b/東京\n3\thttp://b/Москва\n",
        "triples_1": "",
        "triples_2": "",
        "sup_pairs": "0\t2\n",
        "ref_pairs": "1\t3\n",
    }.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    out, told = tmp_path / "out.nt", {}
    for more in ([], ["--no-seeds"]):
        assert run("align", str(tmp_path), "-o", str(out), "--json", "--force", *more) == 0
        told[bool(more)] = json.loads(capsys.readouterr().out), out.read_text(encoding="utf-8")
    pair = "<http://a/Moscow> <http://www.w3.org/2002/07/owl#sameAs> <http://b/{}> ."
    assert told[False][0]["seeds"] == 1 and pair.format("東京") in told[False][1]
    assert told[True][0]["seeds"] == 0 and pair.format("Москва") in told[True][1]
    seeds = tmp_path / "seeds.tsv"
    seeds.write_text("http://a/Moscow\thttp://b/Москва\n", encoding="utf-8")
    both = ("--no-seeds", "--seeds", str(seeds))
    assert run("align", str(tmp_path), "-o", str(out), *both) == 2


def test_a_language_asked_for_is_the_only_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    names = (("Rom", "@de-DE"), ("Roma", "@it"), ("Prag", "@de"), ("Praha", "@cs"))
    names += (("Tokyo", ""), ("Oslo", "@nb"))
    ids = {"Rom": 1, "Roma": 1, "Prag": 2, "Praha": 2, "Tokyo": 3, "Oslo": 4}
    lines = [f'<http://a/{ids[name]}> {LABEL} "{name}"{tag} .\n' for name, tag in names]
    Path("a.nt").write_text("".join(lines), encoding="utf-8")
    assert run("--store", "a.db", "harvest", "rdf", "a.nt", "--untagged", "mul") == 0
    for source in ("a.nt", "a.db"):
        capsys.readouterr()
        wanted = (f"{source}@DE", f"{source}@cs", "--minimum", "0.01")
        assert run("align", *wanted, "-o", "out.tsv") == 0
        told = " ".join(capsys.readouterr().err.split())
        assert f"1 of 4 entities in {source} have no name in de" in told
        assert f"2 of 4 entities in {source} have no name in cs" in told
        lines = Path("out.tsv").read_text(encoding="utf-8").splitlines()
        rows = list(csv.DictReader([x for x in lines if not x.startswith("#")], delimiter="\t"))
        found = {(row["subject_label"], row["object_label"]) for row in rows}
        assert found == {("Prag", "Praha"), ("Tokyo", "Tokyo")}


def test_a_language_that_nobody_has_is_an_error(
    files: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    left, right = files
    assert run("align", f"{left}@ja", right, "-o", str(tmp_path / "x.nt")) == 2
    assert f"No entity in {left} has a name in ja." in capsys.readouterr().err
    assert not (tmp_path / "x.nt").exists()


def test_the_password_of_a_database_is_not_shown(
    files: tuple[str, str], tmp_path: Path, postgres: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with postgres_schema(postgres) as url:
        url = re.sub(r"://([^:/@]+)@", r"://\1:hidden@", url)
        assert run("--store", url, "harvest", "rdf", files[0]) == 0
        assert run("align", f"{url}@en", files[1], "-o", str(tmp_path / "x.tsv")) == 0
        assert run("align", f"{url}@ja", files[1], "-o", str(tmp_path / "y.tsv")) == 2
    told = capsys.readouterr().err + (tmp_path / "x.tsv").read_text(encoding="utf-8")
    assert "has a name in ja" in told and "mapping_set_title" in told and "hidden" not in told


def test_one_graph_is_not_enough(files: tuple[str, str], tmp_path: Path) -> None:
    assert run("align", files[0], "-o", str(tmp_path / "x.nt")) == 2
    (tmp_path / "bad.nt").write_text("no triple\n", encoding="utf-8")
    assert run("align", files[0], str(tmp_path / "bad.nt"), "-o", str(tmp_path / "x.nt")) == 1
    assert not (tmp_path / "x.nt").exists()


def test_hostile_labels_stay_in_their_cell() -> None:
    mapping = Mapping("http://a/1", "a\tb\nc", "http://b/1", "x\r\n#y", 0.7)
    *_, row = sssom([mapping], "t\nitle")
    assert row.count("\t") == 6 and row.count("\n") == 1
    assert "skos:closeMatch" in row and "owl:sameAs" not in row


def test_sssom_has_curies_quoted_cells_and_a_lasting_id() -> None:
    mapping = Mapping("http://a/東%20京", '"Heroes"', "http://b/1", 'a "b"', 0.7)
    lines = list(sssom([mapping], "title"))
    assert '#  subject: "http://a/"\n' in lines
    header = {line.split(":", 1)[0]: line.split(":", 1)[1].strip() for line in lines[:-2]}
    assert all(header[f"#{name}"].startswith('"https://') for name in ("mapping_set_id", "license"))
    (row,) = csv.DictReader(lines[-2:], delimiter="\t")
    assert row["subject_id"] == "subject:%E6%9D%B1%20%E4%BA%AC"
    assert (row["subject_label"], row["object_label"]) == ('"Heroes"', 'a "b"')
    assert "mapping_tool" not in row and lines == list(sssom([mapping], "title"))
    assert lines != list(sssom([mapping, mapping], "title"))[: len(lines)]


ENDS = st.text(st.sampled_from("aé東/#:;,|_-.~%20()'\"&?=@ "), min_size=1, max_size=8)
IRIS = st.builds("{}{}z".format, st.sampled_from(["http://a/", "urn:x:", "https://b.c/d#"]), ENDS)
MAPPINGS = st.builds(
    Mapping, IRIS, st.text(max_size=9), IRIS, st.text(max_size=9), st.floats(0, 1), st.booleans()
)


@given(st.lists(MAPPINGS, min_size=1, max_size=9))
def test_pairs_come_back_from_our_own_sssom(mappings: list[Mapping]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.sssom.tsv"
        path.write_text("".join(sssom(mappings, "a")), encoding="utf-8")
        pairs = [(pair.left, pair.right) for pair in read_pairs(path)]
    assert pairs == [(uri(one.subject), uri(one.object)) for one in mappings]


@given(st.lists(MAPPINGS, min_size=1, max_size=20))
def test_sssom_is_what_another_parser_takes(mappings: list[Mapping]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.sssom.tsv"
        path.write_text("".join(sssom(mappings, "a - b")), encoding="utf-8")
        found = sssom_pydantic.read(path)
    expand = found.converter.expand
    read = [(expand(one.subject.curie), expand(one.object.curie)) for one in found.mappings]
    assert sorted(read) == sorted((uri(one.subject), uri(one.object)) for one in mappings)
    about = found.mapping_set
    assert about.title == "a - b"
    assert {address.scheme for address in (about.id, about.license)} == {"https"}


ROWS = {
    "plain": "http://a/1\thttp://b/8\n",
    "blank lines": "\nhttp://a/1\thttp://b/8\n\n  \n",
    "comments": "# known: see http://e.x/\nhttp://a/1\thttp://b/8\n#http://a/2\thttp://b/8\n",
    "titles": "left\tright\nhttp://a/1\thttp://b/8\n",
    "SSSOM's titles": "object_id\tsubject_id\nhttp://b/8\thttp://a/1\n",
    "CSV": 'subject_id,object_id\r\n"http://a/1",http://b/8\r\n',
    "semicolons": "http://a/1;http://b/8\n",
    "spaces": "<http://a/1>  <http://b/8>\n",
    "bare ids": "1\t8\n",
    "CURIEs": "#curie_map:\n#  x: http://a/\n#  y: 'http://b/'\nsubject_id\tobject_id\nx:1\ty:8\n",
    "other relations": "subject_id\tpredicate_id\tobject_id\nhttp://a/1\towl:sameAs\thttp://b/8\n"
    "http://a/2\tskos:relatedMatch\thttp://b/7\n",
    "other entities": "http://a/1\thttp://b/8\nhttp://c/1\thttp://b/7\n",
    "a byte order mark": "\ufeffhttp://a/1\thttp://b/8\n",
}


@pytest.mark.parametrize("rows", ROWS.values(), ids=ROWS)
def test_seeds_are_read_however_they_are_written(tmp_path: Path, rows: str) -> None:
    seeds = tmp_path / "seeds"
    seeds.write_bytes(rows.encode())
    left, right = (
        Names(list(names), list(names.values()), np.zeros((0, 3), np.int64))
        for names in (
            {f"http://a/{id}": name for id, name in LEFT.items()},
            {f"http://b/{id}": name for id, name in RIGHT.items()},
        )
    )
    pairs, others = known_pairs(seeds, left, right)
    assert pairs.tolist() == [[0, 1]]
    assert others == ("http://c" in rows)


def test_what_is_no_iri_does_not_get_into_rdf() -> None:
    with pytest.raises(InputError, match="no absolute IRI"):
        list(triples([Mapping("Q1> <x", "", "http://b/1", "", 1.0)]))


def test_json_beside_matches_on_the_standard_output_is_one_line_on_the_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    graph = tmp_path / "graph.nt"
    graph.write_text(
        '<http://a.org/1> <http://www.w3.org/2000/01/rdf-schema#label> "Rome"@en .\n',
        encoding="utf-8",
    )
    assert run("align", str(graph), str(graph), "-o", "-", "--json") == 0
    _, err = capsys.readouterr()
    (line,) = err.splitlines()
    assert json.loads(line)["matches"] == 1
