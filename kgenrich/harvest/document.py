"""The JSON of a Wikibase entity, as dumps and the API give it, to an `Entity`.

Only what an `Entity` holds is decoded: everything else is passed over unread, which is most of
the document and of the time. Format: Wikibase's ``docs/topics/json.md``. A document that is not
quite of this form is read part by part (`shapes`).
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct, defstruct, field

from kgenrich.errors import InputError
from kgenrich.harvest.batch import Notes
from kgenrich.harvest.shapes import ENTITY, PROPERTY, as_in_dump, entities_in
from kgenrich.harvest.statements import Statement, best_values
from kgenrich.harvest.texts import MAX_TEXT, fact, facts
from kgenrich.languages import under_current_codes
from kgenrich.model import Entity, EntityType, Value
from kgenrich.property_roles import WIKIDATA

_WHY = f"(empty, or over {MAX_TEXT:,} characters)"


class _Text(Struct, gc=False):
    value: str
    # A text in another language that is only shown in the place of this one.
    fallback: None = field(name="for-language", default=None)


class _Sitelink(Struct, gc=False):
    title: str = ""


class _Redirect(Struct):
    origin: str = field(name="from", default="")
    target: str = field(name="to", default="")


# PHP writes an empty map as `[]`.
_Nothing = Annotated[list[Any], Meta(max_length=0)]


# A part that the document does not have.
_ABSENT: Any = ()

_TYPES: Mapping[str, EntityType] = {
    "item": "item",
    "property": "property",
    "lexeme": "lexeme",
    "mediainfo": "media",
}
_BY_LETTER: Mapping[str, EntityType] = {
    "Q": "item",
    "P": "property",
    "L": "lexeme",
    "M": "media",
}


class _Document(Struct):
    id: str = ""
    type: str = "item"
    lastrevid: Annotated[int, Meta(ge=0, le=2**63 - 1)] = 0
    redirects: _Redirect | None = None
    # A redirect itself, as Special:EntityData writes it: {"entity": "Q1", "redirect": "Q2"}.
    entity: str = ""
    redirect: str = ""
    # The claims of the REST API.
    statements: None = None


class Reader:
    """Turns entity documents into entities, with the terms of some languages and the claims of
    some properties alone.

    ``languages`` empty means all of them, ``properties`` None too. The values of the property
    ``instance_of`` are read in any case: they are the classes. The lemmas of a lexeme are read as
    its labels.
    """

    def __init__(
        self,
        languages: Sequence[str] = (),
        properties: Sequence[str] | None = (),
        instance_of: str = WIKIDATA["instance_of"],
    ) -> None:
        self._kept = None if properties is None else tuple(dict.fromkeys(properties))
        self._names = [(f"_{place}", code) for place, code in enumerate(dict.fromkeys(languages))]
        self.take_classes_from(instance_of)

    def take_classes_from(self, instance_of: str) -> None:
        """From here on the classes are the values of this property; empty: nothing has classes."""
        self._instance_of = instance_of
        kept = None if self._kept is None else tuple(filter(PROPERTY.fullmatch, self._kept))
        self._only_classes = kept is None or instance_of not in kept
        claims: Any
        if kept is None:
            self._wanted = None
            claims = dict[str, list[Statement]]
        else:
            self._wanted = tuple(dict.fromkeys((*kept, *([instance_of] if instance_of else []))))
            claims = defstruct("_Claims", [(p, list[Statement], ()) for p in self._wanted])
            self._values = _getter(self._wanted)
        text, texts = self._by_language(_Text), self._by_language(list[_Text])
        document = defstruct(
            "_Entity",
            [
                ("labels", text | _Nothing, ()),
                ("lemmas", text | _Nothing, ()),
                ("descriptions", text | _Nothing, ()),
                ("aliases", texts | _Nothing, ()),
                ("claims", claims | _Nothing, ()),
                ("sitelinks", dict[str, _Sitelink] | _Nothing, ()),
            ],
            bases=(_Document,),
        )
        self._type = document
        self._decoder = msgspec.json.Decoder(document)

    def _by_language(self, kind: Any) -> Any:
        """The type of a map by language: only those that are wanted are decoded."""
        if not self._names:
            return dict[str, kind]
        fields = [(name, kind | None, field(name=code, default=None)) for name, code in self._names]
        return defstruct("_Languages", fields, gc=False)

    def read(
        self, data: bytes | memoryview | msgspec.Raw, notes: Notes | None = None
    ) -> Iterator[Entity]:
        """The entities in one document: itself, and the redirect that led to it; those of several
        where it holds several. What of them cannot be used goes into ``notes``.

        What is neither an item, property or lexeme nor a media file yields nothing. Raises
        `InputError` when it is not an entity document.
        """
        notes = Notes() if notes is None else notes
        try:
            document: Any = self._decoder.decode(data)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            yield from self._read_anyway(data, notes, error)
            return
        is_whole = document.labels is not _ABSENT or self._has_parts(document)
        if (document.id and is_whole) or document.redirect:
            yield from self._entities(document, notes)
        else:
            yield from self._read_anyway(data, notes)

    @staticmethod
    def _has_parts(document: Any) -> bool:
        parts = document.descriptions, document.aliases, document.claims, document.sitelinks
        is_any = any(part is not _ABSENT for part in (*parts, document.lemmas))
        return is_any or document.redirects is not None

    def _read_anyway(
        self, data: bytes | memoryview | msgspec.Raw, notes: Notes, why: Exception | None = None
    ) -> Iterator[Entity]:
        """The entities in a document of another form than that of a dump."""
        try:
            found = list(entities_in(bytes(data)))
        except InputError as error:
            raise InputError(f"{why or error}".rstrip(".") + ".") from error
        if not found:
            raise InputError("It holds no entity.")
        for name, told in found:
            own = Notes()
            try:
                document: Any = msgspec.convert(
                    as_in_dump(name, told, self._wanted, own), self._type
                )
                entities = list(self._entities(document, own))
                if own.reasons and not any(map(_has_something, entities)):
                    raise InputError(f"Nothing of it can be used: {own.reason(document.id)}.")
            except UnicodeEncodeError:
                notes.broken.append((name, "It has half a surrogate pair in its structure."))
            except InputError as error:
                notes.broken.append((name, str(error)))
            else:
                yield from entities
                notes.add(own)

    def _entities(self, document: Any, notes: Notes) -> Iterator[Entity]:
        if document.redirect and document.entity:
            yield _redirect(document.entity, document.redirect)
            return
        if document.type not in _TYPES:
            return
        if not ENTITY.fullmatch(document.id):
            raise InputError(f"{document.id[:40]!r} is no id of an entity.")
        yield self._entity(document, notes)
        moved = document.redirects
        if moved and moved.origin and moved.origin != document.id:
            yield _redirect(moved.origin, document.id, document.lastrevid)

    def _entity(self, document: Any, notes: Notes) -> Entity:
        name = document.id
        claims: dict[str, tuple[Value, ...]] = {}
        classes: tuple[str, ...] = ()
        if ranked := document.claims:
            for property, statements in self._statements(ranked):
                if statements:
                    values, unread = best_values(statements)
                    if values:
                        claims[property] = values
                    if unread:
                        notes.leave(name, "claim", property, unread)
            types = claims.get(self._instance_of, ())
            classes = tuple([value.value for value in types if value.kind == "entity"])
            if self._only_classes:
                claims.pop(self._instance_of, None)
        sitelinks = {site: link.title for site, link in _items(document.sitelinks)}
        kept = facts(sitelinks)
        if len(kept) < len(sitelinks):
            _note(notes, name, "sitelink", sitelinks, kept)
        return Entity(
            id=name,
            labels=self._texts(document.labels or document.lemmas, name, "label", notes),
            descriptions=self._texts(document.descriptions, name, "description", notes),
            aliases=self._aliases(document.aliases, name, notes),
            classes=classes,
            claims=claims,
            sitelinks=kept,
            revision=document.lastrevid,
            type=_TYPES[document.type],
        )

    def _statements(self, claims: Any) -> Iterable[tuple[str, Sequence[Statement]]]:
        if self._wanted is None:
            return [(name, each) for name, each in claims.items() if PROPERTY.fullmatch(name)]
        return zip(self._wanted, self._values(claims), strict=True)

    def _texts(self, terms: Any, entity: str, part: str, notes: Notes) -> dict[str, str]:
        texts = {code: term.value for code, term in self._languages(terms)}
        kept = facts(texts)
        if len(kept) < len(texts):
            _note(notes, entity, part, texts, kept)
        return under_current_codes(kept)

    def _aliases(self, terms: Any, entity: str, notes: Notes) -> dict[str, tuple[str, ...]]:
        aliases = {}
        for code, names in self._languages(terms):
            texts = dict.fromkeys([fact(name.value) for name in names])
            if "" in texts:
                del texts[""]
                count = sum(not fact(name.value) for name in names)
                notes.leave(entity, "alias", f"{code} {_WHY}", count)
            if texts:
                aliases[code] = tuple(texts)
        return under_current_codes(aliases)

    def _languages(self, terms: Any) -> Iterable[tuple[str, Any]]:
        if not terms or not self._names:
            return _items(terms)
        return [
            (code, value)
            for name, code in self._names
            if (value := getattr(terms, name)) is not None
        ]


def _getter(names: Sequence[str]) -> Callable[[Any], tuple[Any, ...]]:
    """Of an object the attributes of these names."""
    if len(names) > 1:
        return attrgetter(*names)
    return lambda claims: tuple(getattr(claims, name) for name in names)


def _redirect(id: str, target: str, revision: int = 0) -> Entity:
    kind = _BY_LETTER.get(id[:1], "item")
    return Entity(id, redirect=target, revision=revision, type=kind)


def _note(notes: Notes, entity: str, part: str, texts: Iterable[str], kept: Container[str]) -> None:
    for key in texts:
        if key not in kept:
            notes.leave(entity, part, f"{key} {_WHY}")


def _has_something(entity: Entity) -> bool:
    return bool(entity.labels or entity.descriptions or entity.aliases or entity.claims)


def _items(terms: Any) -> Iterable[tuple[str, Any]]:
    return terms.items() if terms else ()
