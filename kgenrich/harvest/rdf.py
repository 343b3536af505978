"""Any RDF file with labels and descriptions: its subjects become entities.

The file is streamed (`triples`) and its facts are gathered by subject (`gathering`), since nothing
says that the triples of a subject stand together. Then what they mean is decided (`plans`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pyoxigraph import NamedNode, Quad, RdfFormat, Triple

from kgenrich.errors import InputError
from kgenrich.harvest.batch import Batch
from kgenrich.harvest.gathering import Gathered
from kgenrich.harvest.grouping import MOST
from kgenrich.harvest.plans import lay_down
from kgenrich.harvest.rdf_entities import EntityMaker
from kgenrich.harvest.triples import Format, read_triples
from kgenrich.harvest.vocabulary import Vocabulary
from kgenrich.inputs import CHUNK, Input
from kgenrich.namespaces import KGENRICH
from kgenrich.store.keys import entity_key

BATCH = 2_000

_WITH_GRAPHS = (RdfFormat.N_QUADS, RdfFormat.TRIG)
_PROPOSED = NamedNode(f"{KGENRICH}proposed")

HOPELESS = 1_000
"""Broken parts at the start after which a file is taken for something else."""


def read_rdf(
    source: Input,
    form: Format,
    vocabulary: Vocabulary,
    base_iri: str = "",
    *,
    start: str = "",
    size: int = BATCH,
) -> Iterator[Batch]:
    """The subjects that have a name, a description or a class, in the order of the store.

    ``base_iri`` is what relative IRIs are relative to. Positions are ids. While the file is read,
    batches without entities tell the progress. Blank nodes are no entities. Raises `InputError`
    for a file that says nothing of any IRI, and, after everything before has been given, where
    reading cannot go on.
    """
    gathered = vocabulary.gather()
    notes = vocabulary.notes
    stopped: InputError | None = None
    try:
        try:
            for batch in _gather(source, form, base_iri, vocabulary, gathered):
                batch.position = start
                yield batch
        except InputError as error:
            stopped = error
        gathered.finish()
        make = EntityMaker(vocabulary, gathered, lay_down(vocabulary, gathered, base_iri)).entity
        batch = Batch(start, source.tell())
        last = (entity_key(start), start) if start else None
        for name, facts in gathered.groups:
            if last and (entity_key(name), name) <= last:
                continue
            if (entity := make(name, facts)) is None:
                continue
            if name in gathered.groups.cut:
                notes.leave("part", f"more than {MOST:,} statements of one subject", name)
            batch.entities.append(entity)
            batch.read += 1
            batch.position = name
            if batch.read >= size:
                notes.move_to(batch)
                yield batch
                batch = Batch(name, source.tell())
        notes.move_to(batch)
        if batch.read or batch.left_out:
            yield batch
        if stopped:
            raise stopped
    finally:
        gathered.close()


def _asserted(quads: Sequence[Quad | Triple]) -> list[Quad | Triple]:
    """Those that are not in the graph of what this tool proposes."""
    return [quad for quad in quads if not (isinstance(quad, Quad) and quad.graph_name == _PROPOSED)]


def _gather(
    source: Input, form: Format, base_iri: str, vocabulary: Vocabulary, gathered: Gathered
) -> Iterator[Batch]:
    """Gather the facts of a file; gives what is broken, and from time to time how far it is."""
    progress = 0
    batch = Batch()
    for triples, rejects in read_triples(source, form, base_iri, vocabulary.noted):
        gathered.take(_asserted(triples) if form in _WITH_GRAPHS else triples)
        if rejects:
            batch.read += len(rejects)
            batch.rejects += rejects
            if not gathered.described and batch.read >= HOPELESS:
                break
        if gathered.described and (batch.read or source.tell() - progress > CHUNK):
            batch.done = progress = source.tell()
            yield batch
            batch = Batch()
    if not gathered.described:
        first = f": {batch.rejects[0].reason}" if batch.rejects else "."
        raise InputError(f"{source.name} says nothing of any IRI as {form}{first}")
    if batch.read:
        batch.done = source.tell()
        yield batch
