"""The JSON of a Wikibase entity, as dumps and the API give it, to an `Entity`.

Only what an `Entity` holds is decoded: everything else is passed over unread, which is most of
the document and of the time. Format: Wikibase's ``docs/topics/json.md``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct, defstruct, field

from kgenrich.errors import InputError
from kgenrich.model import Entity, Value

INSTANCE_OF = "P31"
MAX_TEXT = 10_000
"""Code points; a longer text is no term of any graph and is left out."""

_PROPERTY = re.compile(r"P[1-9][0-9]*")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_LETTERS = {"item": "Q", "property": "P", "lexeme": "L"}


class _Text(Struct):
    value: str


class _Sitelink(Struct):
    title: str = ""


class _Redirect(Struct):
    origin: str = field(name="from", default="")
    target: str = field(name="to", default="")


class _DataValue(Struct):
    type: str = ""
    value: Any = None


class _Snak(Struct):
    snaktype: str = ""
    datavalue: _DataValue | None = None


class _Statement(Struct):
    mainsnak: _Snak
    rank: str = "normal"


# PHP writes an empty map as `[]`.
_Nothing = list[Any]


class _Document(Struct):
    id: str = ""
    type: str = "item"
    lastrevid: int = 0
    labels: dict[str, _Text] | _Nothing = {}
    descriptions: dict[str, _Text] | _Nothing = {}
    aliases: dict[str, list[_Text]] | _Nothing = {}
    sitelinks: dict[str, _Sitelink] | _Nothing = {}
    redirects: _Redirect | None = None
    # A redirect itself, as Special:EntityData writes it: {"entity": "Q1", "redirect": "Q2"}.
    entity: str = ""
    redirect: str = ""


class Reader:
    """Turns entity documents into entities, with the terms of some languages and the claims of
    some properties alone.

    ``languages`` empty means all of them. The classes (P31) are read in any case.
    """

    def __init__(self, languages: Sequence[str] = (), properties: Sequence[str] = ()) -> None:
        self._languages = frozenset(languages)
        self._properties = tuple(p for p in dict.fromkeys(properties) if _PROPERTY.fullmatch(p))
        fields = dict.fromkeys((INSTANCE_OF, *self._properties), list[_Statement])
        claims = defstruct("_Claims", [(name, kind, ()) for name, kind in fields.items()])
        document = defstruct("_Entity", [("claims", claims | _Nothing, ())], bases=(_Document,))
        self._decoder = msgspec.json.Decoder(document)

    def read(self, data: bytes | msgspec.Raw) -> Iterator[Entity]:
        """The entities in one document: itself, and the redirect that led to it.

        Lexemes and media files have no labels of an entity and yield nothing. Raises `InputError`
        when it is not an entity document.
        """
        try:
            document: Any = self._decoder.decode(data)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise InputError(f"{error}".rstrip(".") + ".") from error
        if document.redirect and document.entity:
            yield Entity(document.entity, redirect=document.redirect)
            return
        if not document.id:
            raise InputError("The document has no entity id.")
        if document.type not in ("item", "property"):
            return
        yield self._entity(document)
        moved = document.redirects
        if moved and moved.origin and moved.origin != document.id:
            yield Entity(moved.origin, redirect=document.id, revision=document.lastrevid)

    def _entity(self, document: Any) -> Entity:
        claims: dict[str, tuple[Value, ...]] = {}
        classes: tuple[str, ...] = ()
        if document.claims:
            found = document.claims
            for name in self._properties:
                if (statements := getattr(found, name)) and (values := best_values(statements)):
                    claims[name] = values
            classes = tuple(
                value.value
                for value in claims.get(INSTANCE_OF) or best_values(found.P31)
                if value.kind == "entity"
            )
        return Entity(
            id=document.id,
            labels=self._texts(document.labels),
            descriptions=self._texts(document.descriptions),
            aliases=self._aliases(document.aliases),
            classes=classes,
            claims=claims,
            sitelinks={s: fact(link.title) for s, link in _items(document.sitelinks) if link.title},
            revision=document.lastrevid,
        )

    def _texts(self, found: Any) -> Mapping[str, str]:
        wanted = self._languages
        texts = {
            code: fact(term.value) for code, term in _items(found) if not wanted or code in wanted
        }
        return texts if all(texts.values()) else {c: text for c, text in texts.items() if text}

    def _aliases(self, found: Any) -> Mapping[str, tuple[str, ...]]:
        wanted = self._languages
        aliases = {}
        for code, terms in _items(found):
            if wanted and code not in wanted:
                continue
            texts = tuple(dict.fromkeys(text for term in terms if (text := fact(term.value))))
            if texts:
                aliases[code] = texts
        return aliases


def best_values(statements: Sequence[_Statement]) -> tuple[Value, ...]:
    """The values of the statements of the best rank, each once; unknown values have none."""
    best = [s for s in statements if s.rank == "preferred"]
    best = best or [s for s in statements if s.rank == "normal"]
    values = (_value(s.mainsnak.datavalue) for s in best if s.mainsnak.snaktype == "value")
    return tuple(dict.fromkeys(value for value in values if value is not None))


def fact(text: str) -> str:
    """A harvested text: what the graph says, in NFC and without control characters; empty when
    it is too long to be a term."""
    if not text.isprintable():
        text = _CONTROLS.sub(" ", text).strip()
    if len(text) > MAX_TEXT:
        return ""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _items(found: Any) -> Any:
    return found.items() if found else ()


def _value(data: _DataValue | None) -> Value | None:
    if data is None:
        return None
    value = data.value
    match data.type, value:
        case "wikibase-entityid", {"id": str(id)}:
            return Value("entity", id)
        case "wikibase-entityid", {"entity-type": str(kind), "numeric-id": int(number)}:
            return Value("entity", f"{_LETTERS[kind]}{number}") if kind in _LETTERS else None
        case "time", {"time": str(time), "precision": int(precision)}:
            return Value("time", time, precision=precision)
        case "monolingualtext", {"text": str(text), "language": str(language)}:
            return Value("text", text, language) if (text := fact(text)) else None
        case "quantity", {"amount": str(amount)}:
            return Value("quantity", amount.removeprefix("+"))
        case "string", str(text):
            return Value("string", text) if (text := fact(text)) else None
    return None
