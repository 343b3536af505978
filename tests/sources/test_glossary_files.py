"""Glossaries in the formats that people have: what real tools write, and what goes wrong."""

from __future__ import annotations

import struct
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import write_po
from hypothesis import given
from hypothesis import strategies as st

from kgenrich.errors import InputError, KgenrichError, SourceStopped, UsageError
from kgenrich.harvest.iris import is_bare
from kgenrich.model import Entity, Value
from kgenrich.settings import Settings
from kgenrich.sources.base import FreeSource
from kgenrich.sources.dictionary.files.concepts import Concept, Reading
from kgenrich.sources.dictionary.files.reading import FORMATS, read_concepts
from kgenrich.sources.dictionary.glossary import GlossarySource
from kgenrich.text import clean
from kgenrich.verbs.assembly import make_validator
from tests.asking import ALIAS, LABEL, make, want

FIXTURES = Path(__file__).parent.parent / "fixtures/glossaries"
PARTS = {
    "Q1": ("gearbox", "cambio"),
    "Q2": ("clutch", "frizione"),
    "Q3": ("brake <disc> & pad", "disco «freno»"),
}


def glossary(file: Path, **options: object) -> GlossarySource:
    source = make("glossary", {"file": str(file), **options}, name="my-terms")
    assert isinstance(source, GlossarySource)
    return source


def written(folder: Path, name: str, text: str | bytes) -> Path:
    file = folder / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def said(source: FreeSource, entity: Entity, language: str) -> list[str]:
    return [c.text for c in source.candidates(want(entity, language, LABEL))]


def read(file: Path, form: str = "", **reading: str) -> tuple[list[Concept], int]:
    notes = Reading(**reading)  # type: ignore[arg-type]
    return list(read_concepts(file, notes, form)), notes.unread


@pytest.mark.parametrize("ending", ["tmx", "tbx", "xlf", "xliff", "po", "mo", "qm"])
def test_what_real_tools_write_is_read_and_found_by_identifiers(ending: str) -> None:
    source = glossary(FIXTURES / f"terms.{ending}")
    for item, (english, italian) in PARTS.items():
        assert said(source, Entity(item), "it") == [italian]
        assert said(source, Entity(item), "en") == [english]
        assert said(source, Entity(item), "fr") == []
    assert said(source, Entity("Q9"), "it") == []
    assert not source.remark


def test_what_has_an_identifier_for_a_message_has_no_name_in_that_language() -> None:
    source = glossary(FIXTURES / "by_ids.qm")
    assert said(source, Entity("Q1"), "it") == ["cambio"]
    assert said(source, Entity("Q1"), "en") == []


@pytest.mark.parametrize("ending", ["tmx", "tbx", "xlf", "xliff", "po", "mo", "qm"])
def test_an_untranslated_or_fuzzy_unit_says_nothing(ending: str) -> None:
    concepts, _ = read(FIXTURES / f"terms.{ending}")
    names = [name for concept in concepts for name in concept.names.get("it", ())]
    assert "sfocato" not in names
    assert "" not in names
    assert {"cambio", "frizione", "disco «freno»"} <= {*names}


TBX = """<tbx xmlns="urn:iso:std:iso:30042:ed-2" type="TBX-Basic" style="dct" xml:lang="en"
  xmlns:min="http://www.tbxinfo.net/ns/min" xmlns:basic="http://www.tbxinfo.net/ns/basic">
<text><body><conceptEntry id="c1">
<basic:externalCrossReference target="http://www.wikidata.org/entity/Q1"/>
<langSec xml:lang="it">
<termSec><term>scatola marce</term><min:administrativeStatus>deprecatedTerm-admn-sts
</min:administrativeStatus></termSec>
<termSec><term>scatola del cambio</term></termSec>
<termSec><term>cambio</term><min:administrativeStatus>preferredTerm-admn-sts
</min:administrativeStatus></termSec>
</langSec></conceptEntry></body></text></tbx>"""


def test_forbidden_and_preferred_terms_of_tbx_bind_every_source(tmp_path: Path) -> None:
    file = written(tmp_path, "terms.tbx", TBX)
    source = glossary(file)
    gearbox = Entity("Q1", {"en": "gearbox"})
    assert said(source, gearbox, "it") == ["cambio"]
    aliases = [c.text for c in source.candidates(want(gearbox, "it", ALIAS))]
    assert aliases == ["cambio", "scatola del cambio"]
    table = {"use": "glossary", "file": str(file)}
    validator = make_validator(Settings(sources={"my-terms": table}), None)
    codes = {
        text: {c for c in validator(want(gearbox, "it"), text) if c[0] == "E"}
        for text in ("cambio", "scatola del cambio", "scatola marce")
    }
    assert codes["cambio"] == set()
    assert codes["scatola del cambio"] == {"E-preferred"}
    assert codes["scatola marce"] == {"E-forbidden", "E-preferred"}


def test_a_memory_prefers_nothing(tmp_path: Path) -> None:
    table = {"use": "glossary", "file": str(FIXTURES / "terms.tmx")}
    validator = make_validator(Settings(sources={"memory": table}), None)
    assert "E-preferred" not in validator(want(Entity("Q1"), "it"), "scatola del cambio")


XLIFF = """<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2">
<file original="a" source-language="en" target-language="it" datatype="plaintext"><body><group>
<trans-unit id="Q1"><source>gear<g id="1">box</g><ph id="2">code</ph></source>
<target state="needs-translation">gearbox</target>
<alt-trans><target>alternative</target></alt-trans></trans-unit>
<trans-unit id="Q2"><source>clutch</source><target state="translated">frizione</target>
</trans-unit></group></body></file></xliff>"""


def test_of_xliff_neither_what_waits_nor_alternatives_nor_codes(tmp_path: Path) -> None:
    source = glossary(written(tmp_path, "a.xlf", XLIFF))
    assert said(source, Entity("Q1"), "it") == []
    assert said(source, Entity("Q1"), "en") == ["gearbox"]
    assert said(source, Entity("Q2"), "it") == ["frizione"]


XLIFF_2 = """<xliff xmlns="urn:oasis:names:tc:xliff:document:2.0" version="2.1" srcLang="en"
trgLang="it"><file id="f"><unit id="Q1"><segment state="final"><source>gear</source>
<target>cambio</target></segment><ignorable><source> </source></ignorable>
<segment state="initial"><source>box</source><target>scatola</target></segment></unit></file>
</xliff>"""


def test_a_unit_of_several_segments_is_one_text_if_all_are_translated(tmp_path: Path) -> None:
    source = glossary(written(tmp_path, "a.xliff", XLIFF_2))
    assert said(source, Entity("Q1"), "en") == ["gear box"]
    assert said(source, Entity("Q1"), "it") == []
    done = XLIFF_2.replace("initial", "translated")
    assert said(glossary(written(tmp_path, "b.xliff", done)), Entity("Q1"), "it") == [
        "cambio scatola"
    ]


JMDICT = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE JMdict [
<!ELEMENT JMdict (entry*)>
<!-- an entity for a kind of word -->
<!ENTITY n "noun (common) (futsuumeishi)">
]>
<JMdict><entry><ent_seq>1234</ent_seq><k_ele><keb>変速機</keb></k_ele>
<r_ele><reb>へんそくき</reb></r_ele>
<sense><pos>&n;</pos><gloss>gearbox</gloss><gloss xml:lang="ger">Getriebe</gloss></sense>
</entry></JMdict>"""


def test_jmdict_with_its_entities(tmp_path: Path) -> None:
    file = written(tmp_path, "JMdict.xml", JMDICT)
    source = glossary(file, name="en", **{"class": "Q9"})
    gearbox = Entity("Q1", {"en": "gearbox"}, classes=("Q9",))
    assert said(source, gearbox, "ja") == ["変速機"]
    assert said(source, gearbox, "de") == ["Getriebe"]
    assert said(source, Entity("Q1", {"en": "gearbox"}), "ja") == []
    by_number = glossary(file, property="P9999")
    assert said(by_number, Entity("Q1", claims={"P9999": (Value("string", "1234"),)}), "ja")


EDICT = """　？？？ /EDICT, a dictionary/Created: 2021-02-03/
変速機;変速器 [へんそくき] /(n) (1) gearbox/(2) {comp} transmission/EntL1234X/
夏目雪 [なつめゆき] /(h) Natsume Yuki (1867.2.9-1916.12.9)/
あれ /(pn) that/
not a line of it
"""


@pytest.mark.parametrize("encoding", ["euc_jp", "utf-8"])
@pytest.mark.parametrize("name", ["edict", "enamdict", "terms.edict"])
def test_edict_in_both_its_encodings(tmp_path: Path, name: str, encoding: str) -> None:
    concepts, unread = read(written(tmp_path, name, EDICT.encode(encoding)))
    assert [dict(concept.names) for concept in concepts] == [
        {"ja": ("変速機", "変速器", "へんそくき"), "en": ("gearbox", "transmission")},
        {"ja": ("夏目雪", "なつめゆき"), "en": ("Natsume Yuki",)},
        {"ja": ("あれ",), "en": ("that",)},
    ]
    assert concepts[0].ids == (("ent_seq", "1234"),)
    assert unread == 1


SKOS = """@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix : <http://vocabulary.example/> .
:gearbox skos:prefLabel "gearbox"@en, "cambio"@it ; skos:altLabel "scatola del cambio"@it ;
  skos:exactMatch <http://www.wikidata.org/entity/Q1> ;
  skos:closeMatch <http://www.wikidata.org/entity/Q8> .
:clutch skos:prefLabel "frizione"@it .
:brake skos:prefLabel "freno"@it .
"""
SSSOM = """#curie_map:
#  v: "http://vocabulary.example/"
#  wd: "http://www.wikidata.org/entity/"
subject_id\tpredicate_id\tobject_id\tmapping_justification
wd:Q2\tskos:exactMatch\tv:clutch\tsemapv:ManualMappingCuration
v:brake\tskos:closeMatch\twd:Q3\tsemapv:ManualMappingCuration
"""


def test_a_thesaurus_is_found_by_exact_matches_alone(tmp_path: Path) -> None:
    file = written(tmp_path, "vocabulary.ttl", SKOS)
    mappings = written(tmp_path, "mappings.sssom.tsv", SSSOM)
    source = glossary(file, mappings=str(mappings))
    match = {"P2888": (Value("string", "http://vocabulary.example/brake"),)}
    found = {
        "its own IRI": Entity("http://vocabulary.example/clutch"),
        "exactMatch in the file": Entity("Q1"),
        "a mapping": Entity("Q2"),
        "exactMatch of the entity": Entity("Q7", claims=match),
    }
    names = {how: said(source, entity, "it") for how, entity in found.items()}
    assert names == {
        "its own IRI": ["frizione"],
        "exactMatch in the file": ["cambio"],
        "a mapping": ["frizione"],
        "exactMatch of the entity": ["freno"],
    }
    for near in (Entity("Q8"), Entity("Q3"), Entity("Q9", {"it": "freno", "en": "gearbox"})):
        assert said(source, near, "it") == []
    (candidate,) = source.candidates(want(Entity("Q2"), "it"))
    assert candidate.evidence[0].note == (
        "vocabulary.ttl, found by the mapping of http://vocabulary.example/clutch"
    )


def test_a_table_is_found_by_the_value_of_a_property(tmp_path: Path) -> None:
    file = written(tmp_path, "a.csv", "id,it\nDE,Germania\nFR,Francia\n")
    source = glossary(file, property="P297")

    def country(*codes: str) -> Entity:
        return Entity("Q1", claims={"P297": tuple(Value("string", code) for code in codes)})

    assert said(source, country("DE"), "it") == ["Germania"]
    assert said(source, country("DE", "FR"), "it") == said(source, Entity("DE"), "it") == []


def test_only_the_field_that_is_named_identifies(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        "a.tmx",
        '<tmx version="1.4"><body><tu tuid="Q7"><prop type="x-item">Q1</prop>'
        '<tuv xml:lang="it"><seg>cambio</seg></tuv></tu></body></tmx>',
    )
    assert said(glossary(file), Entity("Q7"), "it") == ["cambio"]
    source = glossary(file, id="x-item")
    assert said(source, Entity("Q7"), "it") == []
    assert said(source, Entity("Q1"), "it") == ["cambio"]


PO = """msgid ""
msgstr ""
"Language: it\\n"

msgctxt "Q1"
msgid "gearbox"
msgstr "cambio"

msgctxt "Q2"
msgstr "lost
msgid

#. Q3
msgid "brake"
msgid_plural "brakes"
msgstr[0] "freno|/|$[~x 'freni']"
msgstr[1] "freni"

#~ msgctxt "Q4"
#~ msgid "old"
#~ msgstr "vecchio"
"""


def test_a_broken_entry_of_po_costs_itself_and_is_counted(tmp_path: Path) -> None:
    source = glossary(written(tmp_path, "a.po", PO))
    assert said(source, Entity("Q1"), "it") == ["cambio"]
    assert said(source, Entity("Q3"), "it") == ["freno"]
    assert said(source, Entity("Q2"), "it") == said(source, Entity("Q4"), "it") == []
    assert source.remark == "Entries of a.po that could not be read: 2."


def test_a_catalogue_in_another_encoding_and_a_line_in_none(tmp_path: Path) -> None:
    header = 'msgid ""\nmsgstr "Language: it\\n"\n"Content-Type: text/plain; charset={}\\n"\n\n'
    entry = 'msgctxt "{}"\nmsgid "{}"\nmsgstr "città"\n'
    latin = header.format("ISO-8859-15").encode() + entry.format("Q1", "town").encode("latin1")
    assert said(glossary(written(tmp_path, "a.po", latin)), Entity("Q1"), "it") == ["città"]
    for encoding in ("UTF-8", "CHARSET", "idna"):
        mixed = header.format(encoding).encode() + entry.format("Q1", "town").encode("latin1")
        source = glossary(written(tmp_path, "b.po", mixed + entry.format("Q2", "city").encode()))
        assert said(source, Entity("Q2"), "it") == ["città"]
        assert said(source, Entity("Q1"), "it") == []


def test_what_a_file_does_not_say_of_its_languages_is_told(tmp_path: Path) -> None:
    file = written(tmp_path, "a.po", 'msgctxt "Q1"\nmsgid "Getriebe"\nmsgstr "cambio"\n')
    assert said(glossary(file), Entity("Q1"), "it") == []
    told = glossary(file, source_language="de", language="it")
    assert (said(told, Entity("Q1"), "de"), said(told, Entity("Q1"), "it")) == (
        ["Getriebe"],
        ["cambio"],
    )


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("a.tmx", "<tmx><body><tu>", "cut off"),
        ("a.tmx", "<tmx>" + "<a>" * 200, "absurd size"),
        ("a.tmx", "<tmx><tu>" + "<a/>" * 30_000, "absurd size"),
        ("a.tmx", '<!DOCTYPE a [<!ENTITY b "&c;"><!ENTITY c "&d;">]><tmx>&b;</tmx>', "refused"),
        ("a.tmx", '<!DOCTYPE a SYSTEM "file:///etc/passwd"><tmx>', "cut off"),
        ("a.mo", "no catalogue", "no catalogue of gettext"),
        ("a.qm", "no catalogue", "no catalogue of Qt"),
        ("edict", "no dictionary\n", "no entries of EDICT"),
        ("a.ttl", "no graph at all", "no RDF|nothing of any IRI"),
        ("a.tmx.gz", b"\x1f\x8b\x08\x00broken", "damaged|cut off"),
    ],
)
def test_what_is_broken_as_a_whole_is_refused_in_a_sentence(
    tmp_path: Path, name: str, text: str | bytes, why: str
) -> None:
    with pytest.raises(SourceStopped, match=why):
        glossary(written(tmp_path, name, text))


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        ('<tu tuid="Q2">', "<tu/>"),
        ('<tu tuid="Q2">', ""),
        ('<tu tuid="Q2">', "</tu"),
        ('<tu tuid="Q2" tuid="Q2">', "</tu>"),
        ("<null>", "</tu>"),
        ('<tu tuid="Q2">&#1;\x01 \udcff', "</tu>"),
        ('<tu tuid="Q2"><prop>', "</tu>"),
    ],
)
def test_a_broken_unit_of_xml_costs_itself_and_is_counted(
    tmp_path: Path, begin: str, end: str
) -> None:
    unit = '<tuv xml:lang="it"><seg>{}</seg></tuv>'
    # The units after it are far away, so that another piece of the file is read.
    units = [
        f'<tu tuid="Q{n}"><note>{"x" * 900}</note>{unit.format(f"nome {n}")}</tu>'
        for n in range(3, 200)
    ]
    text = (
        f'<tmx version="1.4"><body a="&lt;"><tu tuid="Q1">{unit.format("cambio")}</tu>\n'
        f"{begin}{unit.format('rotto')}{end}\n{''.join(units)}</body></tmx>"
    )
    file = written(tmp_path, "a.tmx", text.encode("utf-8", "surrogateescape"))
    source = glossary(file)
    assert said(source, Entity("Q1"), "it") == ["cambio"]
    assert [said(source, Entity(f"Q{n}"), "it") for n in range(3, 200)] == [
        [f"nome {n}"] for n in range(3, 200)
    ]
    assert source.remark


def test_a_file_of_breaks_is_given_up(tmp_path: Path) -> None:
    file = written(tmp_path, "a.tmx", "<tmx>" + "<tu><a></tu>" * 3_000)
    with pytest.raises(SourceStopped, match="no well-formed XML"):
        glossary(file)


def test_an_unknown_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="tmx"):
        glossary(written(tmp_path, "a.txt", ""), format="docx")


def test_a_message_outside_of_a_catalogue_costs_itself(tmp_path: Path) -> None:
    data = bytearray((FIXTURES / "terms.mo").read_bytes())
    (table,) = struct.unpack_from("<12xI", data)
    struct.pack_into("<I", data, table + 12, 1 << 31)
    concepts, unread = read(written(tmp_path, "a.mo", bytes(data)))
    assert unread == 1
    assert len(concepts) >= 2


def test_a_large_entity_is_no_way_out_of_memory(tmp_path: Path) -> None:
    grown = "&a;" * 5_000
    text = f'<!DOCTYPE t [<!ENTITY a "{"x" * 900}">]><tmx>{grown}</tmx>'
    with pytest.raises(SourceStopped, match="20 times"):
        glossary(written(tmp_path, "a.tmx", text))


NAME = st.text(min_size=1, max_size=40).filter(
    lambda text: clean(text) == text and "|/|" not in text and "\x04" not in text
    and not is_bare(text) and "://" not in text
)  # fmt: skip


def through_po(folder: Path, pairs: dict[str, str]) -> Path:
    file = folder / "any.po"
    with file.open("wb") as opened:
        write_po(opened, _catalogue(pairs), width=0)
    return file


def through_mo(folder: Path, pairs: dict[str, str]) -> Path:
    file = folder / "any.mo"
    with file.open("wb") as opened:
        write_mo(opened, _catalogue(pairs))
    return file


def _catalogue(pairs: dict[str, str]) -> Catalog:
    catalogue = Catalog("it")
    for english, italian in pairs.items():
        catalogue.add(english, italian)
    return catalogue


@pytest.mark.parametrize("write", [through_po, through_mo])
@given(pairs=st.dictionaries(NAME, NAME, min_size=1, max_size=5))
def test_what_babel_writes_is_read_back(
    tmp_path_factory: pytest.TempPathFactory,
    write: Callable[[Path, dict[str, str]], Path],
    pairs: dict[str, str],
) -> None:
    concepts, unread = read(write(tmp_path_factory.getbasetemp(), pairs))
    assert unread == 0
    got = {c.names["en"][0]: c.names["it"][0] for c in concepts if "it" in c.names}
    assert got == pairs


@pytest.mark.parametrize("form", sorted(FORMATS.keys() - {"csv", "tsv"}))
@given(data=st.binary(max_size=300))
def test_whatever_lies_in_a_file_is_read_or_refused_in_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, form: str, data: bytes
) -> None:
    file = tmp_path_factory.getbasetemp() / "any"
    file.write_bytes(data)
    try:
        read(file, form)
    except KgenrichError as error:
        assert isinstance(error, InputError)


@pytest.mark.parametrize("name", ["terms.mo", "terms.qm"])
@given(data=st.data())
def test_a_catalogue_with_a_broken_byte_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, name: str, data: st.DataObject
) -> None:
    content = bytearray((FIXTURES / name).read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] = data.draw(st.integers(0, 255))
    file = tmp_path_factory.getbasetemp() / name
    file.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    try:
        read(file)
    except KgenrichError as error:
        assert isinstance(error, InputError)


@pytest.mark.skipif(
    subprocess.run(["which", "msgfmt"], capture_output=True).returncode != 0,
    reason="gettext's msgfmt is not installed",
)
def test_what_msgfmt_makes_of_a_catalogue_is_what_it_says(tmp_path: Path) -> None:
    for option in ("--endianness=little", "--endianness=big"):
        made = tmp_path / "made.mo"
        subprocess.run(
            ["msgfmt", option, "-o", made, FIXTURES / "terms.po"], check=True, cwd=tmp_path
        )
        source = glossary(made)
        assert {item: said(source, Entity(item), "it") for item in PARTS} == {
            item: [italian] for item, (_, italian) in PARTS.items()
        }
