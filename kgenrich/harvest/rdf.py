"""Any RDF file with labels and descriptions: its subjects become entities.

The file is streamed (`triples`) and its facts are grouped by subject (`grouping`), since nothing
says that the triples of a subject stand together.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from pyoxigraph import NamedNode

from kgenrich.errors import InputError
from kgenrich.harvest.batch import Batch
from kgenrich.harvest.grouping import Groups
from kgenrich.harvest.triples import Format, read_triples
from kgenrich.harvest.vocabulary import Fact, Vocabulary
from kgenrich.inputs import CHUNK, Input
from kgenrich.model import Entity, Reject, Value

BATCH = 500

HOPELESS = 1_000
"""Broken parts at the start after which a file is taken for something else."""

_REVISION = re.compile(r"[0-9]{1,18}")
_OFTEN = 1 << 12
"""Triples after which it is time to tell how far the file has been read."""


def read_rdf(
    source: Input,
    form: Format,
    vocabulary: Vocabulary,
    base_iri: str = "",
    *,
    start: str = "",
    size: int = BATCH,
) -> Iterator[Batch]:
    """The subjects that have a name, a description or a class, in the order of their ids.

    ``base_iri`` is what relative IRIs are relative to. Positions are ids. While the file is read,
    batches without entities tell the progress. Blank nodes are no entities. Raises `InputError`
    for a file that says nothing of any IRI, and, after everything before has been given, where
    reading cannot go on.
    """
    groups: Groups[Fact] = Groups(Fact)
    notes = vocabulary.notes
    stopped: InputError | None = None
    try:
        try:
            for batch in _gathered(source, form, base_iri, vocabulary, groups):
                batch.position = start
                yield batch
        except InputError as error:
            stopped = error
        batch = Batch(start, source.tell())
        notes.move_to(batch)
        for name, facts in groups:
            if name <= start or (entity := _entity(name, facts)) is None:
                continue
            batch.entities.append(entity)
            batch.read += 1
            batch.position = name
            if batch.read >= size:
                yield batch
                batch = Batch(name, source.tell())
        if batch.read or batch.left_out:
            yield batch
        if stopped:
            raise stopped
    finally:
        groups.close()


def _gathered(
    source: Input, form: Format, base_iri: str, vocabulary: Vocabulary, groups: Groups[Fact]
) -> Iterator[Batch]:
    """Gather the facts of a file; gives what is broken, and from time to time how far it is."""
    facts, add = vocabulary.facts, groups.add
    described = False
    progress = 0
    batch = Batch()
    items = read_triples(source, form, base_iri, vocabulary.notes.repaired)
    for count, item in enumerate(items, 1):
        if isinstance(item, Reject):
            batch.read += 1
            batch.rejects.append(item)
            if not described and batch.read >= HOPELESS:
                break
        else:
            described = described or isinstance(item.subject, NamedNode)
            for name, each in facts(item):
                add(name, each, len(each.value.value))
        if count % _OFTEN == 0 and described and (batch.read or source.tell() - progress > CHUNK):
            batch.done = progress = source.tell()
            yield batch
            batch = Batch()
    if not described:
        first = f": {batch.rejects[0].reason}" if batch.rejects else "."
        raise InputError(f"{source.name} says nothing of any IRI as {form}{first}")
    if batch.read:
        batch.done = source.tell()
        yield batch


def _entity(name: str, facts: Iterable[Fact]) -> Entity | None:
    labels: dict[str, str] = {}
    descriptions: dict[str, str] = {}
    aliases: dict[str, dict[str, None]] = {}
    classes: dict[str, None] = {}
    claims: dict[str, dict[Value, None]] = {}
    sitelinks: dict[str, str] = {}
    redirect, revision = "", 0
    for each in sorted(facts, key=lambda each: (each.folded, each.order)):
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
            case "sitelink":
                sitelinks.setdefault(each.key, text)
            case "revision":
                revision = max(revision, int(text) if _REVISION.fullmatch(text) else 0)
            case "redirect":
                redirect = text
            case "article":
                return None
    if not (labels or descriptions or aliases or classes):
        # What is the same as another and has no terms of its own has been merged into it.
        return Entity(id=name, redirect=redirect) if redirect else None
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
        sitelinks=sitelinks,
        revision=revision,
    )
