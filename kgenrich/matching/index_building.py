"""Building the index of names of a store, and bringing it up to date with what changed since."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from filelock import FileLock

from kgenrich.matching.name_forms import LONGEST, name_forms
from kgenrich.matching.name_index import STATE, VERSION, IndexState, read_state, register
from kgenrich.matching.name_rows import NameRow, NameRowsWriter
from kgenrich.progress import SILENT, Progress
from kgenrich.store.base import Store
from kgenrich.store.facts.changes import Keys, change_mark, changed_between, latest_change
from kgenrich.store.facts.names import (
    EntityNames,
    class_keys,
    count_entities,
    entity_names,
    property_keys,
)

_HEAP = 64_000_000
"""Bytes that wait for being written."""
_ROLES = ("class", "property")
_TOLD_EACH = 1000


def update_index(store: Store, folder: Path, progress: Progress = SILENT) -> IndexState:
    """Make the index in a folder that of the graph as it is: built where there is none, else
    changed by what changed in the graph since. One process at a time does so; killed, it is done
    again."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{folder}.lock"):
        state, change = read_state(folder), latest_change(store)
        fresh = IndexState(VERSION, change, change_mark(store, change))
        if state is not None and state.mark == change_mark(store, state.change):
            if state.change == change:
                return state
            changed = changed_between(store, state.change, change)
            if changed is not None and state.live >= state.rows // 2:
                newer = msgspec.structs.replace(fresh, rows=state.rows)
                return _change(store, folder, newer, changed, progress)
        return _build(store, folder, fresh, progress)


def _build(store: Store, folder: Path, state: IndexState, progress: Progress) -> IndexState:
    import tantivy

    with tempfile.TemporaryDirectory(
        prefix=f".{folder.name}-", dir=folder.parent, ignore_cleanup_errors=True
    ) as name:
        beside = Path(name) / folder.name
        beside.mkdir()
        builder = tantivy.SchemaBuilder()
        builder.add_text_field("entity", tokenizer_name="raw", index_option="basic")
        for field in ("words", "sounds", "pairs"):
            builder.add_text_field(field, tokenizer_name="spaced", index_option="freq")
        for field in ("classes", "role"):
            builder.add_text_field(field, tokenizer_name="spaced", index_option="basic")
        for field in ("row", "links"):
            builder.add_integer_field(field, fast=True)
        tantivy.Index(builder.build(), path=str(beside))
        progress.begin("indexing names", count_entities(store), "entities")
        state = _write(store, beside, state, None, progress)
        if folder.exists():
            folder.rename(Path(name) / "old")
        beside.rename(folder)
    return state


def _change(
    store: Store,
    folder: Path,
    state: IndexState,
    changed: Keys,
    progress: Progress,
) -> IndexState:
    roles = _roles(store)
    before = {role: np.load(folder / f"{role}.npy") for role in _ROLES}
    turned = [np.setxor1d(roles[role], before[role]) for role in _ROLES]
    keys = np.unique(np.concatenate([changed, *turned]))
    progress.begin("indexing names", len(keys), "entities")
    return _write(store, folder, state, keys, progress)


def _write(
    store: Store, folder: Path, state: IndexState, keys: Keys | None, progress: Progress
) -> IndexState:
    """Write the names of entities; of those of these keys instead of what was there."""
    roles = _roles(store)
    named = {role: set(keys.tolist()) for role, keys in roles.items()}
    with _writing(folder) as writer, NameRowsWriter(folder, state.rows) as rows:
        for key in () if keys is None else keys.tolist():
            writer.delete_documents_by_term("entity", str(key))
        read = entity_names(store, None if keys is None else keys.tolist())
        for entity in _told(read, progress):
            role = " ".join(role for role in _ROLES if entity.key in named[role])
            for row in _rows(entity):
                _add(writer, entity, row, role, rows.add(row))
    for role, found in roles.items():
        np.save(folder / f"{role}.npy", found)
    state = msgspec.structs.replace(state, rows=rows.number, live=_live(folder))
    beside = folder / f".{STATE}"
    beside.write_bytes(msgspec.json.encode(state))
    beside.replace(folder / STATE)
    return state


@contextmanager
def _writing(folder: Path) -> Iterator[Any]:
    import tantivy

    index = tantivy.Index.open(str(folder))
    register(index)
    writer = index.writer(_HEAP, 1)
    try:
        yield writer
        writer.commit()
    except BaseException:
        writer.rollback()
        raise
    finally:
        writer.wait_merging_threads()


def _live(folder: Path) -> int:
    """How many names an index finds."""
    import tantivy

    number: int = tantivy.Index.open(str(folder)).searcher().num_docs
    return number


def _roles(store: Store) -> dict[str, Keys]:
    return dict(zip(_ROLES, (class_keys(store), property_keys(store)), strict=True))


def _rows(entity: EntityNames) -> Iterator[NameRow]:
    """A row for each name that is another in its forms."""
    seen = set()
    for text in entity.names:
        text = text[:LONGEST].replace("\0", "")
        forms = name_forms(text)
        if forms.words and (forms.words, forms.pairs) not in seen:
            seen.add((forms.words, forms.pairs))
            yield NameRow(entity.key, entity.links, text, forms.words, forms.sounds)


def _add(writer: Any, entity: EntityNames, row: NameRow, role: str, number: int) -> None:
    import tantivy

    writer.add_document(
        tantivy.Document(
            entity=str(entity.key),
            words=row.words,
            sounds=row.sounds,
            pairs=name_forms(row.text).pairs,
            classes=" ".join(map(str, entity.classes)),
            role=role,
            row=number,
            links=entity.links,
        )
    )


def _told(entities: Iterable[EntityNames], progress: Progress) -> Iterator[EntityNames]:
    for done, entity in zip(count(1), entities, strict=False):
        yield entity
        if done % _TOLD_EACH == 0:
            progress.checkpoint()
            progress.update(done)
