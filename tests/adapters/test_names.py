"""The names that encoders are trained on."""

from __future__ import annotations

from pathlib import Path

import pytest

from kgenrich.adapters.encoder.name_tables import item_ids_in, read_terms
from kgenrich.errors import InputError


def test_ids_are_found_in_files_and_in_folders_of_files(tmp_path: Path) -> None:
    (tmp_path / "gold").mkdir()
    (tmp_path / "gold/it.json").write_text('{"wikidata_id": "Q12", "correct_values": ["Q-tip"]}\n')
    (tmp_path / "gold/de.json").write_text('{"wikidata_id": "Q7"}\n')
    (tmp_path / "ids.txt").write_text("Q3\nQ04 XQ5 Q7\n")
    assert item_ids_in([tmp_path / "gold", tmp_path / "ids.txt"]) == {"Q12", "Q7", "Q3"}


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere\.txt"):
        item_ids_in([tmp_path / "nowhere.txt"])


@pytest.mark.parametrize("name", ["terms.tsv", "terms.tsv.gz"])
def test_terms_that_are_no_text_are_one_clear_sentence(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"\x1f\x82\xff\x00 garbage")
    with pytest.raises(InputError, match=r"terms\.tsv.* is not in UTF-8"):
        list(read_terms(tmp_path / name))
