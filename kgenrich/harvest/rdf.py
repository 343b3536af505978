"""Any RDF file with labels and descriptions: its subjects become entities.

The file is streamed through pyoxigraph and its facts are grouped by subject (`grouping`), since
nothing says that the triples of a subject stand together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import PurePath
from typing import IO, cast

from pyoxigraph import NamedNode, Quad, RdfFormat, Triple, parse

from kgenrich.errors import InputError, UsageError
from kgenrich.harvest.batch import Batch, excerpt
from kgenrich.harvest.grouping import Groups
from kgenrich.harvest.vocabulary import Fact, Vocabulary
from kgenrich.inputs import CHUNK, LONGEST_LINE, Input
from kgenrich.model import Entity, Reject, Value
from kgenrich.packing import PACKINGS

BATCH = 500

FORMATS = {
    "nt": RdfFormat.N_TRIPLES,
    "nq": RdfFormat.N_QUADS,
    "ttl": RdfFormat.TURTLE,
    "trig": RdfFormat.TRIG,
    "n3": RdfFormat.N3,
    "rdf": RdfFormat.RDF_XML,
    "owl": RdfFormat.RDF_XML,
    "xml": RdfFormat.RDF_XML,
    "jsonld": RdfFormat.JSON_LD,
    "json": RdfFormat.JSON_LD,
}
_BY_LINE = (RdfFormat.N_TRIPLES, RdfFormat.N_QUADS)


def format_of(path: str, name: str = "") -> RdfFormat:
    """The format of a file by its name (``names.ttl.gz``), or the one called ``name``.

    Raises `UsageError` when it cannot be told.
    """
    suffixes = [suffix.lower() for suffix in PurePath(path).suffixes]
    if suffixes and suffixes[-1] in PACKINGS:
        suffixes.pop()
    ending = name or (suffixes[-1][1:] if suffixes else "")
    if ending not in FORMATS:
        raise UsageError(
            f"The format of {path} cannot be told from its name: give --format "
            f"({', '.join(FORMATS)})."
        )
    return FORMATS[ending]


def read_rdf(
    source: Input, form: RdfFormat, vocabulary: Vocabulary, *, start: str = "", size: int = BATCH
) -> Iterator[Batch]:
    """The subjects that have a name, a description or a class, in the order of their ids.

    Positions are ids. While the file is read, batches without entities tell the progress. A
    broken line of N-Triples or N-Quads is reported; in other formats it ends the file with an
    `InputError`. Blank nodes are no entities.
    """
    groups: Groups[Fact] = Groups(Fact)
    try:
        progress = 0
        for item in _quads(source, form):
            if isinstance(item, Reject):
                yield Batch(start, source.tell(), 1, [], [item])
            elif isinstance(item.subject, NamedNode):
                for each in vocabulary.facts(item):
                    groups.add(vocabulary.bare(item.subject.value), each, len(each.value.value))
            if source.tell() - progress > CHUNK:
                progress = source.tell()
                yield Batch(start, progress)
        batch = Batch(start, source.tell())
        for name, facts in groups:
            if name <= start or (entity := _entity(name, facts)) is None:
                continue
            batch.entities.append(entity)
            batch.read += 1
            batch.position = name
            if batch.read >= size:
                yield batch
                batch = Batch(name, source.tell())
        if batch.read:
            yield batch
    finally:
        groups.close()


def _quads(source: Input, form: RdfFormat) -> Iterator[Quad | Triple | Reject]:
    if form not in _BY_LINE:
        try:
            yield from parse(cast(IO[bytes], source), format=form)
        except SyntaxError as error:
            raise InputError(f"{source.name} is broken: {_tidy(error)}") from error
        return
    number = 0
    rest = b""
    while chunk := source.read(CHUNK):
        block, newline, remainder = chunk.rpartition(b"\n")
        if not newline:
            rest += chunk
            if len(rest) > LONGEST_LINE:
                raise InputError(f"{source.name} is no {form.name}: it has no lines.")
            continue
        block, rest = rest + block, remainder
        yield from _block(source.name, block, form, number)
        number += block.count(b"\n") + 1
    if rest:
        yield from _block(source.name, rest, form, number)


def _block(
    name: str, block: bytes, form: RdfFormat, number: int
) -> Iterator[Quad | Triple | Reject]:
    """The triples of some whole lines, after line ``number``, and those lines that have none."""
    try:
        yield from list(parse(block, format=form))
    except SyntaxError:
        for place, line in enumerate(block.split(b"\n"), number + 1):
            try:
                yield from list(parse(line, format=form))
            except SyntaxError as error:
                yield Reject(name, place, _tidy(error, " at line 1"), excerpt(line))


def _tidy(error: SyntaxError, place: str = "") -> str:
    return f"{error.msg}".replace(place, "").removeprefix("Parser error").strip(" :.") + "."


def _entity(name: str, facts: Iterable[Fact]) -> Entity | None:
    labels: dict[str, str] = {}
    descriptions: dict[str, str] = {}
    aliases: dict[str, dict[str, None]] = {}
    classes: dict[str, None] = {}
    claims: dict[str, dict[Value, None]] = {}
    for each in sorted(facts, key=lambda each: (each.folded, each.order)):
        if not each.value.value:
            continue
        text = each.value.value
        match each.role:
            case "label":
                if labels.setdefault(each.key, text) != text:
                    aliases.setdefault(each.key, {})[text] = None
            case "alias":
                aliases.setdefault(each.key, {})[text] = None
            case "description":
                descriptions.setdefault(each.key, text)
            case "class":
                classes[text] = None
            case "claim":
                claims.setdefault(each.key, {})[each.value] = None
    if not (labels or descriptions or aliases or classes):
        return None
    return Entity(
        id=name,
        labels=labels,
        descriptions=descriptions,
        aliases={
            language: others
            for language, texts in aliases.items()
            if (others := tuple(text for text in texts if text != labels.get(language)))
        },
        classes=tuple(classes),
        claims={key: tuple(values) for key, values in claims.items()},
    )
