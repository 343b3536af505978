"""Glossaries for machine translation and language models: what each entity is called in one
language and in others, and how sure that is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import msgspec
from msgspec import Struct

from kgenrich.export.writing import batches
from kgenrich.model import TermState
from kgenrich.text import clean

_BATCH = 2000
COLUMNS = (
    "entity",
    "source_language",
    "source",
    "target_language",
    "target",
    "probability",
    "state",
    "forbidden",
)


class Target(Struct, frozen=True):
    """A name in a language, how probably it is right, whether the graph has it or it was accepted
    or proposed, and the names that a glossary forbids there. ``text`` is empty where there is none
    but of those."""

    text: str
    probability: float
    state: TermState | str
    forbidden: tuple[str, ...] = ()


class GlossaryEntry(Struct, frozen=True):
    """What an entity is called: in the language that is translated from, and in others."""

    entity: str
    language: str
    source: str
    targets: dict[str, Target]


def as_json(entries: Iterable[GlossaryEntry]) -> Iterator[bytes]:
    """An array of objects, one a line."""
    encoder = msgspec.json.Encoder()
    before = b"[\n"
    for batch in batches(entries, _BATCH):
        yield before + b",\n".join(encoder.encode(entry) for entry in batch)
        before = b",\n"
    yield b"\n]\n" if before == b",\n" else b"[\n]\n"


def as_jsonl(entries: Iterable[GlossaryEntry]) -> Iterator[bytes]:
    """An object a line."""
    encoder = msgspec.json.Encoder()
    for batch in batches(entries, _BATCH):
        yield encoder.encode_lines(batch)


def as_tsv(entries: Iterable[GlossaryEntry]) -> Iterator[bytes]:
    """A line for each pair of names, after one that names the columns; forbidden names are
    separated by ``|``. No text has a tab or a line end in it."""
    yield ("\t".join(COLUMNS) + "\n").encode()
    for batch in batches(entries, _BATCH):
        yield "".join(line for entry in batch for line in _lines(entry)).encode()


def as_pairs(entries: Iterable[GlossaryEntry]) -> Iterator[bytes]:
    """The names alone, source and target, as translation services take them: without a head, and
    without what no name is known for."""
    for batch in batches(entries, _BATCH):
        yield "".join(
            f"{clean(entry.source)}\t{clean(target.text)}\n"
            for entry in batch
            for target in entry.targets.values()
            if target.text
        ).encode()


def _lines(entry: GlossaryEntry) -> Iterator[str]:
    for language, target in entry.targets.items():
        cells = (
            entry.entity,
            entry.language,
            clean(entry.source),
            language,
            clean(target.text),
            f"{target.probability:.4f}",
            target.state,
            "|".join(clean(text).replace("|", "¦") for text in target.forbidden),
        )
        yield "\t".join(cells) + "\n"


FORMS: dict[str, Callable[[Iterable[GlossaryEntry]], Iterator[bytes]]] = {
    "json": as_json,
    "jsonl": as_jsonl,
    "tsv": as_tsv,
    "pairs": as_pairs,
}
