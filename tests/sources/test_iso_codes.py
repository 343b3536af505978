"""The source `iso-codes`: what an installed package says, and only what its catalogues have."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from kgenrich.errors import SourceStopped
from kgenrich.languages import in_script
from kgenrich.model import Entity, Value
from kgenrich.sources.base import FreeSource
from kgenrich.sources.dictionary.known_packages import FOLDERS
from tests.asking import make, want

COUNTRIES = [
    {"alpha_2": "DE", "name": "Germany"},
    {"alpha_2": "FR", "name": "France"},
    {"alpha_2": "TR", "name": "Türkiye"},
    {"alpha_2": "KR", "name": "Korea, Republic of", "common_name": "South Korea"},
    {"alpha_2": "KP", "name": "Korea, Democratic People's Republic of"},
    {"alpha_2": "FK", "name": "Falkland Islands (Malvinas)"},
]
PARTS = [
    {"code": "DE-BY", "name": "Bayern"},
    {"code": "BE-VLI", "name": "Limburg"},
    {"code": "NL-LI", "name": "Limburg"},
]


def install(
    folder: Path, said: Mapping[str, Mapping[str, str]], domain: str = "iso_3166-1"
) -> FreeSource:
    """The source over a package with these countries, and messages by locale."""
    (folder / "iso-codes/json").mkdir(parents=True, exist_ok=True)
    rows: dict[str, Sequence[object]] = {"3166-1": COUNTRIES, "3166-2": PARTS}
    rows["639-2"] = [{"alpha_3": "ady", "name": "Adyghe; Adygei"}]
    for standard in ("3166-1", "3166-2", "639-2", "639-3", "15924", "4217"):
        data = json.dumps({standard: rows.get(standard, [])}, ensure_ascii=False)
        (folder / f"iso-codes/json/iso_{standard}.json").write_text(data, "utf-8")
    for locale, messages in said.items():
        catalogue = Catalog()
        for message, text in messages.items():
            catalogue.add(message, text)
        place = folder / "locale" / locale / "LC_MESSAGES"
        place.mkdir(parents=True, exist_ok=True)
        with (place / f"{domain}.mo").open("wb") as file:
            write_mo(file, catalogue)
    source = make("iso-codes", {"folders": [str(folder)]}, languages=("ja",))
    assert isinstance(source, FreeSource)
    return source


def said(source: FreeSource, language: str, **codes: str) -> list[str]:
    claims = {name: (Value("string", code),) for name, code in codes.items()}
    return [c.text for c in source.candidates(want(Entity("Q1", claims=claims), language))]


def test_a_message_that_a_catalogue_lacks_is_no_answer(tmp_path: Path) -> None:
    source = install(tmp_path, {"ja": {"Germany": "ドイツ", "Turkey": "トルコ"}})
    assert said(source, "ja", P297="DE") == ["ドイツ"]
    assert said(source, "ja", P297="TR") == said(source, "ja", P297="FR") == []
    assert said(source, "he", P297="DE") == []


def test_a_catalogue_that_repeats_the_english_says_nothing(tmp_path: Path) -> None:
    echo = {row["name"]: row["name"] for row in COUNTRIES}
    source = install(
        tmp_path, {"ia": echo, "ja": echo, "fr": {"Germany": "Allemagne", "France": "France"}}
    )
    assert said(source, "ia", P297="DE") == said(source, "ja", P297="DE") == []
    assert said(source, "fr", P297="FR") == ["France"]


@pytest.mark.parametrize(
    ("message", "text", "code", "names"),
    [
        ("South Korea", "Corée du Sud", {"P297": "KR"}, ["Corée du Sud"]),
        ("Korea, Republic of", "République de Corée", {"P297": "KR"}, ["République de Corée"]),
        ("Korea, Republic of", "Corée, République de", {"P297": "KR"}, []),
        ("South Korea", "Corée, République de", {"P297": "KR"}, []),
        ("Germany", "Allemagne།", {"P297": "DE"}, ["Allemagne"]),
        ("Falkland Islands (Malvinas)", "Malouines (îles)", {"P297": "FK"}, ["Malouines"]),
    ],
)
def test_inverted_and_bracketed_names(
    tmp_path: Path, message: str, text: str, code: dict[str, str], names: list[str]
) -> None:
    assert said(install(tmp_path, {"fr": {message: text}}), "fr", **code) == names


def test_of_several_names_the_first_and_none_that_several_subdivisions_share(
    tmp_path: Path,
) -> None:
    source = install(tmp_path, {"fr": {"Adyghe; Adygei": "adyghé\xa0; adyguéen"}}, "iso_639-2")
    assert said(source, "fr", P220="ady") == ["adyghé"]
    parts = {"Bayern": "Bavière", "Limburg": "Limbourg"}
    source = install(tmp_path, {"fr": parts}, "iso_3166-2")
    assert said(source, "fr", P300="DE-BY") == ["Bavière"]
    assert said(source, "fr", P300="NL-LI") == said(source, "en", P300="DE-BY") == []


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        ("zh_CN", "zh"), ("zh_CN", "zh-hans"), ("zh_TW", "zh-tw"), ("pt_BR", "pt-br"),
        ("sr@latin", "sr-el"), ("ca@valencia", "ca"), ("nb", "nb"), ("kmr", "ku"),
    ],
)  # fmt: skip
def test_a_locale_is_read_for_the_language_it_is(
    tmp_path: Path, locale: str, language: str
) -> None:
    assert said(install(tmp_path, {locale: {"Germany": "D!"}}), language, P297="DE") == ["D!"]


@pytest.mark.parametrize(
    ("locale", "language"),
    [("zh_TW", "zh"), ("zh_TW", "zh-hans"), ("sr@latin", "sr"), ("sr@latin", "sr-ec"),
     ("uz@cyrillic", "uz"), ("en@shaw", "en-gb"), ("tt@iqtelif", "tt")],
)  # fmt: skip
def test_and_for_no_other(tmp_path: Path, locale: str, language: str) -> None:
    assert "D!" not in said(install(tmp_path, {locale: {"Germany": "D!"}}), language, P297="DE")


@pytest.mark.parametrize("data", [b"", b"not a catalogue", b"\xde\x12\x04\x95" + b"\xff" * 40])
def test_a_broken_catalogue_says_nothing(tmp_path: Path, data: bytes) -> None:
    install(tmp_path, {"fr": {"Germany": "Allemagne"}})
    (tmp_path / "locale/fr/LC_MESSAGES/iso_3166-1.mo").write_bytes(data)
    assert said(install(tmp_path, {}), "fr", P297="DE") == []


def test_where_it_is_not_installed_it_says_what_it_is(tmp_path: Path) -> None:
    with pytest.raises(SourceStopped, match=r"apt install iso-codes.*LGPL"):
        make("iso-codes", {"folders": [str(tmp_path)]})


@pytest.mark.skipif(
    not any((Path(folder) / "iso-codes/json").is_dir() for folder in FOLDERS),
    reason="the package iso-codes is not installed",
)
def test_the_installed_package() -> None:
    source = make("iso-codes", languages=("ja",))
    assert isinstance(source, FreeSource)
    assert source.licence == "LGPL-2.1-or-later"
    assert said(source, "ja", P297="DE") == ["ドイツ"]
    assert said(source, "fr", P300="DE-BY") == ["Bavière"]
    assert said(source, "ja", P220="deu") == ["ドイツ語"]
    assert said(source, "fr", P506="Cyrl") == ["cyrillique"]
    for language in ("ja", "el", "he"):
        for code in ("IR", "KR", "TW", "GB", "CV"):
            assert all(in_script(text, language) for text in said(source, language, P297=code))
