"""``kgenrich evaluate transliteration``: shares of words that are right, and what the shipped
weights reach.
"""

from __future__ import annotations

import gzip
import json
import os
import time
from pathlib import Path

import pytest

from kgenrich.adapters.transliteration.transliterator import SHIPPED, shipped, transliterate
from kgenrich.adapters.transliteration.word_pairs import fold
from kgenrich.cli.main import main
from kgenrich.resources import resource

DATA = os.environ.get("KGENRICH_SHARED_DATA")
LEAST = {
    "russian": 0.65, "hebrew": 0.55, "arabic": 0.53, "katakana": 0.48, "korean": 0.52,
    "chinese": 0.21,
}  # fmt: skip
"""Shares of development words that are right first, a little below those of the model card."""


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as stopped:
        main(("evaluate", "transliteration", *arguments))
    printed = capsys.readouterr()
    return int(stopped.value.code or 0), printed.out, printed.err


def write(path: Path, *pairs: tuple[str, str]) -> str:
    lines = (f"{word}\t{' '.join(other)}\t1\n" for word, other in pairs)
    path.write_text("".join(lines), encoding="utf-8")
    return str(path)


def test_shares_are_those_of_the_best_and_of_the_three_best(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["martin", "robert", "simon"]
    ways = transliterate(words, "en", "ru", n=4)
    chosen = [ways[0][0][0], ways[1][1][0], "ъъ"]
    file = write(tmp_path / "words.tsv", *zip(words, chosen, strict=True))
    status, out, _ = run(capsys, file, "--json")
    report = json.loads(out)
    assert status == 0 and report.pop("seconds") > 0
    assert report == {"words": 3, "best1": 0.3333, "best3": 0.6667}


def test_a_word_with_several_spellings_is_right_with_any(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (ways,) = transliterate(["martin"], "en", "ru", n=2)
    file = write(tmp_path / "words.tsv", ("martin", "ъъ"), ("martin", ways[0][0]))
    _, out, _ = run(capsys, file, "--json")
    assert json.loads(out)["best1"] == 1.0 and json.loads(out)["words"] == 1


def test_the_language_is_told_by_the_script(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for text, name in (("мартин", "Russian"), ("マルティン", "Japanese"), ("מרטין", "Hebrew")):
        status, out, _ = run(capsys, write(tmp_path / "words.tsv", ("martin", text)))
        assert status == 0 and f"1 words in {name}" in out


def test_words_of_other_scripts_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path / "words.tsv", ("martin", "მარტინი"))
    status, _, err = run(capsys, file)
    assert status != 0 and "no script that there is training data for" in err
    status, _, err = run(capsys, file, "--to", "ka")
    assert status != 0 and "Georgian" in err and "not trained" in err


@pytest.mark.parametrize("text", ["", "word\n", "word\tа\tmany\n", "\0\1\2"])
def test_what_is_no_file_of_words_is_told_in_a_sentence(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "words.tsv").write_text(text, encoding="utf-8")
    status, _, err = run(capsys, str(tmp_path / "words.tsv"))
    assert status != 0 and err.strip().endswith(".") and "Traceback" not in err


def test_the_shipped_weights_are_small() -> None:
    sizes = [resource(f"{path}.safetensors").stat().st_size for path in SHIPPED]
    assert sum(sizes) < 15_000_000


@pytest.mark.slow
@pytest.mark.skipif(DATA is None, reason="KGENRICH_SHARED_DATA names no folder")
@pytest.mark.parametrize("name", LEAST)
def test_words_that_were_held_out_are_written(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with gzip.open(Path(DATA or "") / f"transliteration/{name}.tsv.gz", "rt", "utf-8") as lines:
        held_out = [line for line in lines if fold(line.split("\t")[0]) < 2]
    path = tmp_path / "words.tsv"
    path.write_text("".join(held_out), encoding="utf-8")
    _, out, _ = run(capsys, str(path), "--json")
    report = json.loads(out)
    assert report["words"] > 500 and report["best1"] > LEAST[name]
    assert report["best3"] > report["best1"] + 0.08


def test_many_words_take_little_time() -> None:
    words = [f"{a}{b}{c}" for a in "bdgklm" for b in "aeiou" for c in ("rtin", "bert", "son")] * 20
    shipped(SHIPPED[0]).transliterate(words[:1], "ru")
    began = time.process_time()
    answers = transliterate(words, "en", "ru", n=3)
    assert len(answers) == len(words) and all(answers)
    assert time.process_time() - began < 5
