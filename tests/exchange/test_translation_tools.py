"""Files go out, translators' own tools work on them, and every decision arrives."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from translate.storage import pypo, tmx, xliff, xliff2

from kgenrich.verbs.decide import DecideOptions, accept, edit, reject
from tests.exchange.world import IDS, Desk

NAMES = {id: name for name, id in IDS.items()}
FORMATS = {
    "po": pypo.pofile,
    "xlf": xliff.xlifffile,
    "xlf2": xliff2.Xliff2File,
    "tmx": tmx.tmxfile,
}


def named(unit: Any) -> str:
    """The name of a unit by the note for us; of XLIFF 2 the toolkit sees no notes but its own."""
    if isinstance(unit, xliff2.Xliff2Unit):
        return NAMES[unit.getid()[:32]]
    return NAMES[unit.getnotes().partition("kgenrich id=")[2][:32]]


def approve(unit: Any) -> None:
    """Say in the tool that a text is right as it is."""
    if isinstance(unit, tmx.tmxunit):
        target = unit.xmlelement.findall("{*}tuv")[-1]
        target.set("changeid", "Ada")
        target.set("changedate", "20261127T101010Z")
    else:
        unit.markfuzzy(False)


def session(desk: Desk, ending: str, **options: Any) -> Path:
    """What a translator does: one is approved, one changed, one rejected, one replaced by another
    candidate, and one not touched."""
    path = desk.out(f"terms.{ending}", **options)
    store = FORMATS[ending].parsefile(str(path))
    done = set()
    for unit in store.units:
        if unit.isheader() or not unit.source:
            continue
        match name := named(unit):
            case "city":
                unit.target = "Berlin"
            case "told":
                unit.target = "la capitale tedesca"
            case "writer":
                approve(unit)
            case "alias":
                unit.addnote("reject: language, not Italian", origin="translator")
        done.add(name)
    assert done == {"city", "told", "writer", "alias", "thing"}
    store.save()
    return path


@pytest.mark.parametrize("ending", FORMATS)
def test_every_decision_of_a_session_arrives(place: Desk, ending: str) -> None:
    path = session(place, ending)
    before = place.content()
    told = place.back(path, dry_run=True)
    assert place.content() == before
    report = place.back(path)
    assert place.decided() == {
        "second": ("accept", "Berlin", "ann", ""),
        "told": ("edit", "la capitale tedesca", "ann", ""),
        "writer": ("accept", "Douglas Adams", "ann", ""),
        "alias": ("reject", "DNA", "ann", "language"),
    }
    assert report.counts == told.counts
    assert report.counts == {"accepted": 2, "edited": 1, "rejected": 1, "left": 1}
    assert report.rows == []
    after = place.content()
    again = place.back(path)
    assert place.content() == after
    assert again.counts["decided so before"] == 4


@pytest.mark.parametrize("ending", [*FORMATS, "tbx"])
def test_what_is_saved_untouched_decides_nothing(lite: Desk, ending: str) -> None:
    workspace = lite.workspace
    edit(workspace, DecideOptions(candidates=(IDS["city"],), text="Berlino!", author="bob"))
    accept(workspace, DecideOptions(candidates=(IDS["alias"],), author="bob", comment="sì"))
    reject(
        workspace,
        DecideOptions(candidates=(IDS["writer"],), reason="style", author="b", comment="no"),
    )
    states = ("open", "accepted", "rejected")
    path = lite.out(f"all.{ending}", states=states)
    before = lite.content()
    if ending in FORMATS:
        store = FORMATS[ending].parsefile(str(path))
        store.save()
    report = lite.back(path)
    assert (report.decided, report.rows) == (0, [])
    assert report.counts["left"] == (4 if ending == "tbx" else 5)
    assert lite.content() == before


@pytest.mark.parametrize("ending", ["po", "xlf", "xlf2"])
def test_what_was_decided_stands_as_decided_in_the_tool(lite: Desk, ending: str) -> None:
    workspace = lite.workspace
    accept(workspace, DecideOptions(candidates=(IDS["city"],), author="bob"))
    reject(workspace, DecideOptions(candidates=(IDS["writer"],), reason="style", author="b"))
    path = lite.out(f"all.{ending}", states=("open", "accepted", "rejected"))
    store = FORMATS[ending].parsefile(str(path))
    fuzzy = {
        named(unit): unit.isfuzzy() for unit in store.units if unit.source and not unit.isheader()
    }
    assert fuzzy.pop("city") is False
    assert all(fuzzy.values())
    for unit in store.units:
        if unit.source and not unit.isheader() and named(unit) in ("city", "writer"):
            unit.target = {"city": "Berlino!", "writer": "D. Adams"}[named(unit)]
    store.save()
    lite.back(path)
    assert lite.decided()["city"][:2] == ("edit", "Berlino!")


def test_alternatives_and_limits_are_seen_by_the_tools(lite: Desk) -> None:
    [city, *_] = xliff.xlifffile.parsefile(str(lite.out("terms.xlf"))).units
    others = [(one.xmlelement.get("match-quality"), one.target) for one in city.getalttrans()]
    assert others == [("90%", "Berlino"), ("40%", "Berlin")]
    assert city.xmlelement.get("maxwidth") == "250"
    assert [one.xmlelement.get("origin") for one in city.getalttrans()] == ["names, big"] * 2
    second = ElementTree.parse(lite.out("terms.xlf2"))
    space = "{urn:oasis:names:tc:xliff:matches:2.0}match"
    assert [m.get("matchQuality") for m in second.iter(space)][:2] == ["90.0", "40.0"]
    text = lite.out("terms.po").read_text("utf-8")
    assert "#, fuzzy, max-length:250\n" in text
    assert "#. Berlin (40 %: names, big; CC0-1.0)\n" in text


def tool(module: str, *arguments: object) -> str:
    """Run a tool of translate-toolkit."""
    code = f"from translate.{module} import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "--progress=none", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return done.stdout + done.stderr


def test_po_that_becomes_xliff_and_po_again_keeps_every_unit(lite: Desk) -> None:
    """The conversion drops contexts and takes one message for another; the note stays."""
    path = session(lite, "po")
    other, back = lite.folder / "on.xlf", lite.folder / "back.po"
    tool("convert.po2xliff", path, other)
    tool("convert.xliff2po", other, back)
    for changed in (other, back):
        report = lite.back(changed, dry_run=True)
        assert report.counts["left"] + report.decided == 5, changed
        assert report.rows == []
    lite.back(back)
    assert lite.decided()["told"] == ("edit", "la capitale tedesca", "ann", "")
    assert lite.decided()["second"][0] == "accept"


def test_pofilter_finds_a_fault_and_its_file_comes_back(lite: Desk) -> None:
    path = lite.out("terms.po")
    store = pypo.pofile.parsefile(str(path))
    for unit in store.units:
        if not unit.isheader():
            unit.markfuzzy(False)
            if named(unit) == "thing":
                unit.target = "un a"
    store.save()
    found = lite.folder / "found.po"
    tool("filters.pofilter", "--test=printf", path, found)
    filtered = pypo.pofile.parsefile(str(found))
    [wrong] = [unit for unit in filtered.units if not unit.isheader()]
    assert "printf" in wrong.getnotes()
    wrong.target = "un %s"
    filtered.save()
    lite.back(found)
    assert lite.decided() == {"thing": ("edit", "un %s", "ann", "")}


@pytest.mark.skipif(shutil.which("msgfmt") is None, reason="gettext is not installed")
def test_gettext_takes_the_catalogue(lite: Desk) -> None:
    path = lite.out("terms.po", states=("open", "accepted"))
    compiled, merged = lite.folder / "terms.mo", lite.folder / "merged.po"
    for arguments in (
        ["msgfmt", "-c", "-v", path, "-o", compiled],
        ["msgmerge", "-q", "-N", path, path, "-o", merged],
    ):
        done = subprocess.run([*map(str, arguments)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    report = lite.back(merged)
    assert (report.counts["left"], report.decided) == (5, 0)


def test_who_and_when_come_from_the_file(lite: Desk) -> None:
    path = session(lite, "po")
    text = path.read_text("utf-8").replace(
        '"MIME-Version',
        '"Last-Translator: Ada <ada@example.org>\\n"\n'
        '"PO-Revision-Date: 2026-11-02 09:00+0100\\n"\n'
        '"MIME-Version',
        1,
    )
    path.write_text(text, "utf-8")
    lite.back(path, author=None)
    assert lite.decided()["writer"][2] == "Ada <ada@example.org>"


def test_a_glossary_says_what_is_forbidden_and_comes_back(place: Desk) -> None:
    accept(place.workspace, DecideOptions(candidates=(IDS["city"],), author="bob"))
    reject(place.workspace, DecideOptions(candidates=(IDS["writer"],), author="bob"))
    path = place.out("terms.tbx", states=("open", "accepted", "rejected"))
    space = {"t": "urn:iso:std:iso:30042:ed-2"}
    tree = ElementTree.parse(path)
    said = {
        term.findtext("t:term", "", space): term.findtext("t:termNote", "", space)
        for term in tree.iterfind(".//t:termSec[@id]", space)
    }
    assert said == {
        "Berlino": "preferredTerm-admn-sts",
        "Douglas Adams": "deprecatedTerm-admn-sts",
        "DNA": "",
        "un & 'c' %s < d": "",
    }
    for term in tree.iterfind(".//t:termSec[@id]", space):
        [word] = term.iterfind("t:term", space)
        if word.text == "DNA":
            note = ElementTree.SubElement(term, f"{{{space['t']}}}termNote")
            note.set("type", "administrativeStatus")
            note.text = "supersededTerm-admn-sts"
        elif word.text == "Berlino":
            word.text = "Berlino!"
    tree.write(path, encoding="utf-8", xml_declaration=True)
    place.back(path)
    assert place.decided() == {
        "city": ("edit", "Berlino!", "ann", ""),
        "writer": ("reject", "Douglas Adams", "bob", ""),
        "alias": ("reject", "DNA", "ann", ""),
    }


def test_our_glossary_is_one_for_the_dictionary_source(lite: Desk) -> None:
    """One reader a format: what goes out as a glossary binds names here, too."""
    from kgenrich.sources.dictionary.files.concepts import Reading
    from kgenrich.sources.dictionary.files.reading import read_concepts

    reject(lite.workspace, DecideOptions(candidates=(IDS["writer"],), author="bob"))
    path = lite.out("terms.tbx", states=("rejected",))
    [concept] = read_concepts(path, Reading())
    assert concept.forbidden == {"it": ("Douglas Adams",)}
    assert concept.names == {"en": ("Douglas Adams",)}


@pytest.mark.parametrize("ending", ["xlf", "xlf2", "tmx", "tbx"])
def test_a_document_that_is_cut_off_is_not_applied(lite: Desk, ending: str) -> None:
    from kgenrich.errors import InputError

    path = lite.out(f"terms.{ending}")
    whole = (
        path.read_bytes()
        .replace(b"needs-review-translation", b"final")
        .replace(b'"initial"', b'"final"')
    )
    for share in (0.4, 0.7, 0.95):
        path.write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(InputError, match=r"cut off|well-formed"):
            lite.back(path)
    assert lite.decided() == {}


@pytest.mark.parametrize("ending", ["xlf", "xlf2", "tmx"])
def test_a_part_that_is_broken_is_told_by_line_and_the_rest_goes_on(
    lite: Desk, ending: str
) -> None:
    path = session(lite, ending)
    data = path.read_bytes()
    place = data.index(b"Berlino")
    path.write_bytes(data[:place] + b"<broken" + data[place:])
    report = lite.back(path)
    assert [row["outcome"] for row in report.rows] == ["damaged"]
    assert 0 < report.rows[0]["line"] <= data[:place].count(b"\n") + 2
    assert {"told", "writer", "alias"} <= lite.decided().keys()


def test_several_languages_are_several_files(lite: Desk) -> None:
    from kgenrich.verbs.exchange import UnitsOptions, export_units

    path = lite.folder / "terms.po"
    report = export_units(lite.workspace, UnitsOptions(output=str(path), from_languages=("en",)))
    assert [Path(file.path).name for file in report.files] == ["terms.it.po", "terms.ja.po"]
    assert report.counts == {"units": 6}
    lite.back(lite.folder / "terms.ja.po")
    assert "Language: ja" in (lite.folder / "terms.ja.po").read_text("utf-8")
