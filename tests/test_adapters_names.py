"""The names that encoders are trained on."""

from __future__ import annotations

from pathlib import Path

import pytest

from kgenrich.adapters.names import mentioned
from kgenrich.errors import InputError


def test_ids_are_found_in_files_and_in_folders_of_files(tmp_path: Path) -> None:
    (tmp_path / "gold").mkdir()
    (tmp_path / "gold/it.json").write_text('{"wikidata_id": "Q12", "correct_values": ["Q-tip"]}\n')
    (tmp_path / "gold/de.json").write_text('{"wikidata_id": "Q7"}\n')
    (tmp_path / "ids.txt").write_text("Q3\nQ04 XQ5 Q7\n")
    assert mentioned([tmp_path / "gold", tmp_path / "ids.txt"]) == {"Q12", "Q7", "Q3"}


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere\.txt"):
        mentioned([tmp_path / "nowhere.txt"])
