"""What engines of machine translation call languages, and what of Apertium is reached by them."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from kgenrich.languages import CODES, bcp47, script
from kgenrich.model import MUL
from kgenrich.sources.mt.apertium import Mode, languages_of
from kgenrich.sources.mt.codes import Codes

FIXTURES = Path(__file__).parents[1] / "fixtures"
ENGINES = ("nllb", "m2m-100", "deepl", "azure", "google", "libretranslate", "brave")
DEBIAN = {
    mode: package
    for package, mode in (
        line.split("\t") for line in (FIXTURES / "apertium_modes.tsv").read_text().splitlines()
    )
}


@pytest.mark.parametrize(
    ("engine", "language", "source", "target"),
    [
        ("deepl", "en", "en", "en-us"),
        ("deepl", "zh-hant", "zh", "zh-hant"),
        ("deepl", "pt-br", "pt", "pt-br"),
        ("deepl", "sw", None, None),
        ("azure", "zh", "zh-Hans", "zh-Hans"),
        ("azure", "sr-el", "sr-Latn", "sr-Latn"),
        ("google", "nb", "no", "no"),
        ("google", "zh-tw", "zh-TW", "zh-TW"),
        ("libretranslate", "zh-hant", "zt", "zt"),
        ("nllb", "zh-hant", "zho_Hant", "zho_Hant"),
        ("nllb", "de-at", "deu_Latn", "deu_Latn"),
        ("m2m-100", "nso", "ns", "ns"),
        ("m2m-100", "zh-hant", None, None),
        ("nllb", "sq", "als_Latn", "als_Latn"),
        ("nllb", "gsw", None, None),
        ("nllb", "mni", None, None),
        ("nllb", "no", "nob_Latn", "nob_Latn"),
        ("nllb", "be-tarask", None, None),
        ("azure", "zh-tw", "zh-Hant", "zh-Hant"),
        ("azure", "sr", "sr-Cyrl", "sr-Cyrl"),
        ("google", "zh-hk", "zh-TW", "zh-TW"),
        ("google", "zh-hans", "zh-CN", "zh-CN"),
        ("google", "sr-ec", "sr", "sr"),
        ("google", "sr-el", None, None),
        ("deepl", "en-gb", "en", "en-gb"),
        ("deepl", "zh-cn", "zh", "zh-hans"),
        ("marian", "sr-el", "sr-el", "sr-el"),
    ],
)
def test_language_codes(engine: str, language: str, source: str | None, target: str | None) -> None:
    codes = Codes(engine)
    assert codes.sources(language) == [source] * (source is not None)
    assert codes.targets(language) == [target] * (target is not None)


def test_the_users_codes_come_first() -> None:
    assert Codes("deepl", {"en": "en-gb"}).targets("en") == ["en-gb"]
    installed = languages_of(DEBIAN)
    assert Codes("apertium", {"oc": "oc_aran"}, installed).targets("oc") == ["oc_aran"]


@pytest.mark.parametrize("engine", ENGINES)
def test_every_code_is_of_one_language_of_wikimedia_and_reached_by_it(engine: str) -> None:
    table = Codes(engine).by_language
    assert set(table) <= set(CODES)
    assert all(len(codes) == 1 for codes in table.values())


@pytest.mark.parametrize("engine", ENGINES)
def test_no_engine_is_asked_for_another_script_or_for_no_language(engine: str) -> None:
    codes = Codes(engine)
    spoken = {code: language for language, (code,) in codes.by_language.items()}
    for language in CODES:
        for code in codes.codes(language):
            assert script(spoken[code]) == script(language), (language, code)
    assert not any(codes.codes(language) for language in (MUL, "und", "zxx", "mis"))


def test_every_pair_of_debian_s_apertium_is_reached() -> None:
    """138 modes in 46 packages (bookworm; `dpkg -c` of each). What is not reached is no language of
    its own: norms of Catalan, Aranese, Gascon, Portuguese before 1990, and modes for tests."""
    codes = Codes("apertium", installed=languages_of(DEBIAN))
    reached = {
        mode
        for one, other in product(CODES, CODES)
        if one != other
        for source, target in product(codes.sources(one), codes.targets(other))
        if (mode := f"{source}-{target}") in DEBIAN
    }
    assert len(DEBIAN) == 138 and len(reached) == 96
    norms = ("cat_", "oc_", "oci_", "nno_e", "por_PT")
    for mode in DEBIAN.keys() - reached:
        sides = mode.split("-")
        assert len(sides) != 2 or mode == "Cyrl-Latn" or any(norm in mode for norm in norms), mode


@pytest.mark.parametrize(
    "row",
    """
    en gl en-gl | en eo en-eo | es pt es-pt | fr es fr-es | eu es eu-es | es oc es-oc | ro es ro-es
    id ms ind-zlm | en hr eng-hbs_HR | en bs eng-hbs_BS | en sr-el eng-hbs_SR | en sh eng-hbs
    hr en hbs-eng | sr-el mk hbs-mkd | es pt-br es-pt_BR | ca pt-br cat-por_BR | es en-us spa-eng_US
    en es eng-spa | es fr es-fr | nb nn nob-nno
    """.strip()
    .replace("\n", "|")
    .split("|"),
)
def test_a_language_is_found_under_the_code_of_the_pair(row: str) -> None:
    source, target, mode = row.split()
    codes = Codes("apertium", installed=languages_of(DEBIAN))
    pairs = product(codes.sources(source), codes.targets(target))
    assert [pair for pair in map("-".join, pairs) if pair in DEBIAN] == [mode]


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (r"\@American #fudbal trener", "American fudbal trener"),
        (r"*Zorgblatt i rijeka", "Zorgblatt i rijeka"),
        (r"rijeka @in Hrvatska", "rijeka in Hrvatska"),
        (r"\@American \@painter", ""),
        (r"\@American \@painter #rodni \@in Zagreb", ""),
        ("pueblo en Francia", "pueblo en Francia"),
    ],
)
def test_marks_of_unknown_words_are_never_part_of_a_translation(
    tmp_path: Path, said: str, kept: str
) -> None:
    """As Apertium's Croatian, Bosnian and Serbian write them. What is mostly unknown is no
    translation. The pipeline is a real one, of a program that writes them for whatever comes."""
    program, mode_file = tmp_path / "lt-proc", tmp_path / "eng-hbs_HR.mode"
    escaped = said.replace("\\", "\\\\")
    program.write_text(f"#!/bin/sh\nexec sed -zu 's/^[^[]*/{escaped}/'\n", "utf-8")
    program.chmod(0o755)
    mode_file.write_text("lt-proc", "utf-8")
    mode = Mode(mode_file, [str(tmp_path)])
    try:
        assert mode.translate("X") == kept
    finally:
        mode.close()


def test_codes_of_installed_modes_are_tags_of_languages() -> None:
    assert all(bcp47(code) != "und" for code in languages_of(DEBIAN))
