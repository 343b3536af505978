"""Entities by their ids, from the API of a Wikibase (``wbgetentities``)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import msgspec
from msgspec import UNSET, Raw, Struct

from kgenrich.errors import InputError, NetworkError, UsageError
from kgenrich.harvest.batch import Batch, Notes
from kgenrich.harvest.document import Reader
from kgenrich.model import Entity, Reject
from kgenrich.net.mediawiki import MOST_VALUES, ApiError, MediaWiki
from kgenrich.net.session import Session

_ID = re.compile(r"[QPLM][1-9][0-9]{0,17}")
_NO_SUCH = frozenset({"no-such-entity", "unknown-entity", "invalid-entity-id"})

Lookup = Callable[[str], Entity | None]
"""The entity as it is in the store."""


class _Answer(Struct):
    entities: dict[str, Raw] | list[Raw] = []


class _Head(Struct):
    id: Any = ""
    type: Any = None
    # Format version 1 says "", version 2 true.
    missing: Any = None
    redirects: Any = None
    labels: Any = UNSET
    descriptions: Any = UNSET
    aliases: Any = UNSET

    @property
    def gone(self) -> bool:
        return self.missing is not None and self.missing is not False

    @property
    def says_nothing(self) -> bool:
        """Whether it has none of the parts of an entity that was asked for."""
        parts = (self.labels, self.descriptions, self.aliases)
        is_read = isinstance(self.type, str) and self.type not in ("item", "property")
        return not is_read and all(part is UNSET for part in parts)


_answer = msgspec.json.Decoder(_Answer)
_head = msgspec.json.Decoder(_Head)


def entity_id(text: str, base: str) -> str:
    """The bare id in what a person writes: ``Q42``, ``q42``, its IRI (in angle brackets or not) or
    the address of its page.

    Raises `UsageError` when there is none.

    >>> entity_id("https://www.wikidata.org/wiki/Q42", "http://www.wikidata.org/entity/")
    'Q42'
    """
    text = text.strip().removeprefix("<").removesuffix(">")
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
    size: int = MOST_VALUES,
    look: Callable[[Iterable[Raw]], None] | None = None,
) -> Iterator[Batch]:
    """The entities of some ids, in their order; a position is the last id that was done. ``look``
    is shown the first documents before any is read.

    An id that leads elsewhere yields its target and itself as a redirect. One that the server
    says is missing is marked as deleted if ``lookup`` knows it, else reported as broken, as is one
    that it refuses. An answer without a word on an id that was asked for deletes nothing: it is
    asked for again and then a `NetworkError`, as any answer that does not come.
    """
    wiki = MediaWiki(session, api)
    begin = ids.index(start) + 1 if start in ids else 0
    size = min(size, MOST_VALUES)
    todo = [ids[at : at + size] for at in range(begin, len(ids), size)]

    def ask(part: Sequence[str]) -> list[tuple[str, _Told]]:
        return _fetch(wiki, part, languages)

    done = begin
    for part, documents in zip(todo, session.map(ask, todo), strict=True):
        done += len(part)
        batch = Batch(position=part[-1], done=done, read=len(part), live=True)
        if look is not None:
            look(data for _, data in documents if isinstance(data, Raw))
            look = None
        for name, data in documents:
            _add(batch, reader, api, name, data, lookup)
        yield batch


_Told = Raw | ApiError | None
"""What an answer says of an id: its document, that it is refused, that it is missing."""


def _fetch(
    wiki: MediaWiki, ids: Sequence[str], languages: Sequence[str]
) -> list[tuple[str, _Told]]:
    """What the server says of each of some ids."""
    parameters = {
        "action": "wbgetentities",
        "ids": "|".join(ids),
        "props": "info|labels|descriptions|aliases|claims|sitelinks",
    }
    # More than can be named are all of them: the reader keeps those that are wanted.
    if 0 < len(languages) <= MOST_VALUES:
        parameters["languages"] = "|".join(languages)
    told: dict[str, Raw | None] = {}

    def lacks(body: bytes) -> str:
        nonlocal told
        told = _documents(wiki.api, body)
        missing = [name for name in ids if name not in told]
        more = f" and {len(missing) - 3:,} more" if len(missing) > 3 else ""
        return ", ".join(missing[:3]) + more

    try:
        wiki.get(parameters, lacks)
    except ApiError as error:
        if error.code not in _NO_SUCH:
            raise
        # One bad id spoils the whole answer: halve until it is alone.
        if len(ids) == 1:
            return [(ids[0], error)]
        middle = len(ids) // 2
        return _fetch(wiki, ids[:middle], languages) + _fetch(wiki, ids[middle:], languages)
    return [(name, told[name]) for name in ids]


def _documents(api: str, body: bytes) -> dict[str, Raw | None]:
    """The documents of an answer by every id that they go by; None for those that are missing."""
    found: dict[str, Raw | None] = {}
    try:
        entities = _answer.decode(body).entities
        named = entities.items() if isinstance(entities, dict) else (("", one) for one in entities)
        for name, document in named:
            try:
                head = _head.decode(document)
            except msgspec.ValidationError:
                continue
            if head.says_nothing and not head.gone:
                continue
            told = None if head.gone else document
            if name:
                # A redirect is named by the id that was asked for and holds that of its target.
                found[name] = told
            elif isinstance(head.redirects, dict):
                found[str(head.redirects.get("from"))] = told
            found.setdefault(str(head.id), told)
    except msgspec.MsgspecError as error:
        raise NetworkError(f"{api} sent something else than entities: {error}.") from error
    return found


def _add(batch: Batch, reader: Reader, api: str, name: str, told: _Told, lookup: Lookup) -> None:
    if told is None and (before := lookup(name)) is not None:
        if before.deleted:
            batch.unchanged += 1
        else:
            batch.entities.append(Entity(name, revision=before.revision, deleted=True))
        return
    if told is None or isinstance(told, ApiError):
        reason = "The server has no such entity." if told is None else str(told)
        batch.rejects.append(Reject(api, 0, reason, name, name))
        return
    notes = Notes()
    try:
        batch.entities.extend(reader.read(told, notes))
    except InputError as error:
        notes.broken.append((name, str(error)))
    batch.note(notes, api, 0, bytes(told))
