"""Folders in the layout of DBP15K and DBP-5L."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from kgenrich.adapters.alignment.dbp15k import is_folder, local_name, read_folder
from kgenrich.adapters.completion.dbp5l import languages, read_language, read_relations
from kgenrich.adapters.encoder.name_encoder import NameEncoder
from kgenrich.errors import InputError
from kgenrich.evaluate.alignment import evaluate

FILES = {
    "ent_ids_1": "7\thttp://zh.dbpedia.org/resource/民族陣線_(法國)\n9\thttp://zh.dbpedia.org/resource/法國\n",
    "ent_ids_2": "1\thttp://dbpedia.org/resource/France\n2\thttp://dbpedia.org/resource/AC/DC\n",
    "triples_1": "7\t3\t9\n",
    "triples_2": "2\t5\t1\n",
    "sup_pairs": "9\t1\n",
    "ref_pairs": "7\t2\n",
    "translated_ent_name.tsv": "http://zh.dbpedia.org/resource/法國\tfrance\n",
}


def write(folder: Path, files: dict[str, str], *, packed: bool = False) -> Path:
    for name, text in files.items():
        if packed:
            (folder / f"{name}.gz").write_bytes(gzip.compress(text.encode()))
        else:
            (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("pairs", ["pairs", "ent_ids"])
def test_a_folder_is_read(tmp_path: Path, packed: bool, pairs: str) -> None:
    files = {name.replace("_pairs", f"_{pairs}"): text for name, text in FILES.items()}
    graphs = read_folder(write(tmp_path, files, packed=packed))
    assert is_folder(tmp_path)
    assert graphs.left.names == ["民族陣線 (法國)", "法國"]
    assert graphs.right.names == ["France", "AC/DC"]
    assert graphs.left.triples.tolist() == [[0, 0, 1]]
    assert graphs.seeds.tolist() == [[1, 0]] and graphs.test.tolist() == [[0, 1]]


def test_translated_names_are_read_only_when_asked_for(tmp_path: Path) -> None:
    folder = write(tmp_path, FILES)
    assert read_folder(folder).left.names[1] == "法國"
    assert read_folder(folder, translated=True).left.names == ["民族陣線 (法國)", "france"]


def test_pairs_may_stand_the_other_way_round(tmp_path: Path) -> None:
    assert read_folder(write(tmp_path, FILES | {"sup_pairs": "1\t9\n"})).seeds.tolist() == [[1, 0]]


def test_pairs_and_triples_may_be_written_by_uri(tmp_path: Path) -> None:
    by_number = read_folder(write(tmp_path, FILES))
    left, right = by_number.left.ids, by_number.right.ids
    changed = FILES | {
        "ref_pairs": f"{left[0]}\t{right[1]}\n",
        "sup_pairs": f"{left[1]}\t{right[0]}\n",
    }
    by_uri = read_folder(write(tmp_path, changed))
    assert by_uri.test.tolist() == [[0, 1]] and by_uri.seeds.tolist() == [[1, 0]]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"sup_pairs": "9\t77\n"}, "sup_pairs has an entity that ent_ids lacks: 9 77"),
        ({"triples_1": "7\t3\t99\n"}, "triples_1 has an entity that ent_ids lacks: 7 3 99"),
        ({"ent_ids_2": "1\n"}, "too few columns"),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, change: dict[str, str], told: str) -> None:
    with pytest.raises(InputError, match=told):
        read_folder(write(tmp_path, FILES | change))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    folder = write(tmp_path, {k: v for k, v in FILES.items() if k != "ref_pairs"})
    with pytest.raises(InputError, match="ref_pairs or ref_ent_ids"):
        read_folder(folder)
    assert not is_folder(tmp_path / "none")


def test_known_pairs_and_for_names_the_triples_may_be_missing(tmp_path: Path) -> None:
    needed = ("ent_ids_1", "ent_ids_2", "ref_pairs")
    folder = write(tmp_path, {name: FILES[name] for name in needed})
    with pytest.raises(InputError, match="triples_1"):
        read_folder(folder)
    graphs = read_folder(folder, names_only=True)
    assert graphs.seeds.shape == (0, 2) and graphs.test.tolist() == [[0, 1]]
    with pytest.raises(InputError, match="no known pairs"):
        evaluate(graphs, NameEncoder.load(), "train")
    assert evaluate(graphs, NameEncoder.load()).queries == 1


def test_a_pair_that_stands_twice_is_one(tmp_path: Path) -> None:
    folder = write(tmp_path, FILES | {"ref_pairs": "7\t2\n7\t2\n2\t7\n"})
    assert read_folder(folder).test.tolist() == [[0, 1]]


def test_a_pair_to_be_found_is_not_known(tmp_path: Path) -> None:
    folder = write(tmp_path, FILES | {"ref_pairs": "7\t2\n", "sup_pairs": "7\t2\n"})
    graphs = read_folder(folder)
    assert graphs.test.tolist() == [[0, 1]] and not len(graphs.seeds)


def test_blank_lines_marks_and_long_names_are_read(tmp_path: Path) -> None:
    long = "x" * 200_000
    files = FILES | {
        "ent_ids_1": f"\ufeff{FILES['ent_ids_1']}\n900\thttp://dbpedia.org/resource/{long}\r\n\n",
        "ref_pairs": "7\t2\n\n",
    }
    graphs = read_folder(write(tmp_path, files))
    assert graphs.left.names[-1] == long and graphs.test.tolist() == [[0, 1]]


@pytest.mark.parametrize(
    ("uri", "name"),
    [
        ("http://dbpedia.org/resource/AC/DC_(album)", "AC/DC (album)"),
        ("http://dbpedia.org/resource/Caf%C3%A9", "Café"),
        ("http://www.w3.org/2002/07/owl#Thing", "Thing"),
        ("http://example.org/a/b", "b"),
    ],
)
def test_a_name_is_the_end_of_a_uri(uri: str, name: str) -> None:
    assert local_name(uri) == name


def test_a_completion_folder_is_read(tmp_path: Path) -> None:
    (tmp_path / "entity").mkdir()
    (tmp_path / "kg").mkdir()
    (tmp_path / "relations.txt").write_text("http://dbpedia.org/ontology/birthPlace\n")
    (tmp_path / "entity" / "it.tsv").write_text("http://it.dbpedia.org/resource/Roma\nx/Dante\n")
    for part in ("train", "val", "test"):
        (tmp_path / "kg" / f"it-{part}.tsv").write_text("1\t0\t0\n")
    assert languages(tmp_path) == ["it"] and read_relations(tmp_path) == ["birth place"]
    graph = read_language(tmp_path, "it", 1)
    assert graph.names == ["Roma", "Dante"] and graph.test.tolist() == [[1, 0, 0]]
    (tmp_path / "kg" / "it-val.tsv").unlink()
    assert read_language(tmp_path, "it", 1).development.shape == (0, 3)
    for wrong in ("5\t0\t0\n", "0\t0\t-1\n", "0\t1\t0\n"):
        (tmp_path / "kg" / "it-test.tsv").write_text(wrong)
        with pytest.raises(InputError, match="does not name"):
            read_language(tmp_path, "it", 1)
    (tmp_path / "kg" / "it-test.tsv").write_text("\n")
    with pytest.raises(InputError, match="no triples"):
        read_language(tmp_path, "it", 1)
