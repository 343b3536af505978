"""Glossaries in every format with one odd part: the other concepts are found as if nothing was.

Only what has no way to go on may be refused as a whole: a table with a cell of absurd length, and a
catalogue whose bytes are damaged.
"""

from __future__ import annotations

import io
import random
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from kgenrich.errors import SourceStopped
from kgenrich.model import Entity
from kgenrich.sources.base import FreeSource
from tests.asking import make, want
from tests.fuzz.mutations import mutate_bytes, mutate_line, storable
from tests.fuzz.readers import READERS, Attempt, Try

ITEMS = {f"Q{n}": f"Nome {n} è" for n in range(1, 7)}
FIXTURES = Path(__file__).parent.parent / "fixtures/glossaries"


def _read(file: Path, odd: str, *, may_refuse: bool) -> Attempt:
    try:
        source = make("glossary", {"file": str(file), "language": "it"})
    except SourceStopped as error:
        said = {} if may_refuse else dict.fromkeys(ITEMS, "read")
        return Attempt(said, {}, str(error))
    assert isinstance(source, FreeSource)
    read = {
        item: candidate.text
        for item in ITEMS
        for candidate in source.candidates(want(Entity(item), "it"))
    }
    return Attempt({item: text for item, text in ITEMS.items() if item != odd}, read)


def _lines(
    ending: str, unit: str, before: str = "", after: str = "", *, may_refuse: bool = False
) -> Try:
    """A text in which one line of one unit is odd. What that says may be taken for another item."""

    def attempt(chance: random.Random, folder: Path) -> Attempt:
        odd = chance.choice([*ITEMS])
        parts = []
        for item, text in ITEMS.items():
            lines = unit.format(item=item, number=item[1:], text=text).split("\n")
            if item == odd:
                place = chance.choice([n for n, line in enumerate(lines) if line])
                lines[place] = mutate_line(lines[place], chance)
            parts.append("\n".join(lines))
        file = folder / f"terms{ending}"
        file.write_bytes(storable(before + "".join(parts) + after))
        return _read(file, odd, may_refuse=may_refuse)

    return attempt


XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
READERS["glossary, TMX"] = _lines(
    ".tmx",
    '<tu tuid="{item}">\n<tuv xml:lang="en"><seg>Name</seg></tuv>\n'
    '<tuv xml:lang="it"><seg>{text}</seg></tuv></tu>\n',
    f'{XML}<tmx version="1.4"><header/><body>\n',
    "</body></tmx>",
)
READERS["glossary, TBX"] = _lines(
    ".tbx",
    '<termEntry id="{item}">\n<langSet xml:lang="it"><tig><term>{text}</term>\n'
    '<termNote type="administrativeStatus">preferredTerm-admn-sts</termNote></tig></langSet>\n'
    "</termEntry>\n",
    f'{XML}<martif type="TBX"><text><body>\n',
    "</body></text></martif>",
)
READERS["glossary, XLIFF 1.2"] = _lines(
    ".xlf",
    '<trans-unit id="{item}">\n<source>Name</source>\n'
    '<target state="final">{text}</target></trans-unit>\n',
    f'{XML}<xliff version="1.2"><file source-language="en" target-language="it"><body>\n',
    "</body></file></xliff>",
)
READERS["glossary, XLIFF 2"] = _lines(
    ".xliff",
    '<unit id="{item}"><segment>\n<source>Name</source>\n<target>{text}</target>\n'
    "</segment></unit>\n",
    f'{XML}<xliff version="2.1" srcLang="en" trgLang="it"><file id="f">\n',
    "</file></xliff>",
)
READERS["glossary, JMdict"] = _lines(
    ".xml",
    "<entry><ent_seq>{item}</ent_seq>\n<r_ele><reb>なまえ</reb></r_ele>\n"
    '<sense><gloss xml:lang="ita">{text}</gloss></sense></entry>\n',
    f'{XML}<!DOCTYPE JMdict [<!ENTITY n "noun">]>\n<JMdict>\n',
    "</JMdict>",
)
READERS["glossary, PO"] = _lines(
    ".po",
    '#. {item}\nmsgid "Name {number}"\nmsgstr "{text}"\n\n',
    'msgid ""\nmsgstr ""\n"Language: it\\n"\n\n',
)
READERS["glossary, SKOS"] = _lines(
    ".nt",
    "<http://www.wikidata.org/entity/{item}> "
    '<http://www.w3.org/2004/02/skos/core#prefLabel> "{text}"@it .\n',
)
READERS["glossary, table"] = _lines(
    ".tsv", "{item}\t{text}\tx\n", "id\tit\tcomment\n", may_refuse=True
)


def _edict(chance: random.Random, folder: Path) -> Attempt:
    lines = [f"名{n} [な{n}] /(n) Name {n}/EntL{n}X/" for n in range(1, 7)]
    odd = chance.randrange(6)
    lines[odd] = mutate_line(lines[odd], chance)
    file = folder / "edict"
    file.write_bytes("\n".join(lines).encode("utf-8", "surrogatepass"))
    try:
        source = make("glossary", {"file": str(file), "name": "en", "class": "Q9"})
    except SourceStopped as error:
        return Attempt({}, {}, str(error))
    assert isinstance(source, FreeSource)
    read = {
        str(n): candidate.text
        for n in range(1, 7)
        for candidate in source.candidates(
            want(Entity("Q1", {"en": f"Name {n}"}, classes=("Q9",)), "ja")
        )
    }
    return Attempt({str(n): f"名{n}" for n in range(1, 7) if n != odd + 1}, read)


READERS["glossary, EDICT"] = _edict


def _damaged(ending: str) -> Try:
    """A compiled catalogue with damaged bytes; what they belong to nobody can tell."""

    def attempt(chance: random.Random, folder: Path) -> Attempt:
        data = (FIXTURES / "terms.qm").read_bytes()
        if ending == ".mo":
            catalogue, made = Catalog("it"), io.BytesIO()
            for item, text in ITEMS.items():
                catalogue.add(item, text)
            write_mo(made, catalogue)
            data = made.getvalue()
        file = folder / f"terms{ending}"
        file.write_bytes(mutate_bytes(data, chance))
        return Attempt({}, *_read(file, "", may_refuse=True)[1:])

    return attempt


READERS["glossary, MO"] = _damaged(".mo")
READERS["glossary, QM"] = _damaged(".qm")
