"""Entities by their ids, from the API of a Wikibase (``wbgetentities``, 50 a call)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

import msgspec
from msgspec import Raw, Struct

from kgenrich.errors import InputError, NetworkError, UsageError
from kgenrich.harvest.batch import Batch, excerpt
from kgenrich.harvest.document import Reader
from kgenrich.model import Entity, Reject
from kgenrich.net.mediawiki import ApiError, MediaWiki
from kgenrich.net.session import Session

BATCH = 50
"""Ids in one call: the most that is allowed without special rights."""

_ID = re.compile(r"[QPLM][1-9][0-9]{0,17}")
_NO_SUCH = frozenset({"no-such-entity", "unknown-entity", "invalid-entity-id"})

Lookup = Callable[[str], Entity | None]
"""The entity as it is in the store."""


class _Answer(Struct):
    entities: dict[str, Raw] | list[Raw] = []


class _Head(Struct):
    id: str = ""
    # Format version 1 says "", version 2 true.
    missing: bool | str | None = None


_answer = msgspec.json.Decoder(_Answer)
_head = msgspec.json.Decoder(_Head)


def entity_id(text: str, base: str) -> str:
    """The bare id in what a person writes: ``Q42``, ``q42``, its IRI or the address of its page.

    Raises `UsageError` when there is none.

    >>> entity_id("https://www.wikidata.org/wiki/Q42", "http://www.wikidata.org/entity/")
    'Q42'
    """
    text = text.strip()
    short = text.removeprefix(base)
    if short == text and "://" in text:
        short = re.split(r"[/:#]", text)[-1] if re.search(r"/wiki/[^/?#]+$", text) else ""
    short = short.upper()
    if not _ID.fullmatch(short):
        raise UsageError(f"{text[:80]!r} is no entity id (Q42) and no IRI under {base}.")
    return short


def read_ids(
    session: Session,
    api: str,
    ids: Sequence[str],
    reader: Reader,
    lookup: Lookup,
    *,
    languages: Sequence[str] = (),
    start: str = "",
    size: int = BATCH,
) -> Iterator[Batch]:
    """The entities of some ids, in their order; a position is the last id that was done.

    An id that leads elsewhere yields its target and itself as a redirect. One that the server no
    longer has is marked as deleted if ``lookup`` knows it, else reported as broken. Raises
    `NetworkError`.
    """
    wiki = MediaWiki(session, api)
    begin = ids.index(start) + 1 if start in ids else 0
    todo = [ids[at : at + size] for at in range(begin, len(ids), size)]

    def ask(part: Sequence[str]) -> list[tuple[str, Raw | None]]:
        return _fetch(wiki, part, languages)

    done = begin
    for part, documents in zip(todo, session.map(ask, todo), strict=True):
        done += len(part)
        batch = Batch(position=part[-1], done=done, read=len(part))
        for name, data in documents:
            _add(batch, reader, api, name, data, lookup)
        yield batch


def _fetch(
    wiki: MediaWiki, ids: Sequence[str], languages: Sequence[str]
) -> list[tuple[str, Raw | None]]:
    """The documents of some ids; None for those that the server does not have."""
    parameters = {
        "action": "wbgetentities",
        "ids": "|".join(ids),
        "props": "info|labels|descriptions|aliases|claims|sitelinks",
    }
    if languages:
        parameters["languages"] = "|".join(languages)
    try:
        body = wiki.get(parameters)
    except ApiError as error:
        if error.code not in _NO_SUCH:
            raise
        # One bad id spoils the whole answer: halve until it is alone.
        if len(ids) == 1:
            return [(ids[0], None)]
        middle = len(ids) // 2
        return _fetch(wiki, ids[:middle], languages) + _fetch(wiki, ids[middle:], languages)
    try:
        entities = _answer.decode(body).entities
        documents = entities.values() if isinstance(entities, dict) else entities
        heads = [(_head.decode(document), document) for document in documents]
        by_id = {head.id: document for head, document in heads}
        if isinstance(entities, dict):
            # A redirect is named by the id that was asked for and holds that of its target.
            by_id |= entities
    except msgspec.MsgspecError as error:
        raise NetworkError(f"{wiki.api} sent something else than entities: {error}.") from error
    gone = {head.id for head, _ in heads if head.missing is not None and head.missing is not False}
    return [(name, None if name in gone else by_id.get(name)) for name in ids]


def _add(
    batch: Batch, reader: Reader, api: str, name: str, data: Raw | None, lookup: Lookup
) -> None:
    where = f"{api}?ids={name}"
    if data is None:
        before = lookup(name)
        if before is None:
            batch.rejects.append(Reject(where, 0, "The server has no such entity.", name))
        else:
            batch.entities.append(Entity(name, revision=before.revision, deleted=True))
        return
    try:
        batch.entities.extend(reader.read(data))
    except InputError as error:
        batch.rejects.append(Reject(where, 0, str(error), excerpt(bytes(data))))
