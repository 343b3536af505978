"""The JSON of a Wikibase entity, as dumps and the API give it, to an `Entity`.

Only what an `Entity` holds is decoded: everything else is passed over unread, which is most of
the document and of the time. Format: Wikibase's ``docs/topics/json.md``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct, defstruct, field

from kgenrich.errors import InputError
from kgenrich.languages import current, under_current_codes
from kgenrich.model import Entity, Value

INSTANCE_OF = "P31"
MAX_TEXT = 10_000
"""Code points; a longer text is no term of any graph and is left out."""

PLAIN = re.compile(
    "[ -~\xa0-\u02ff\u0388-\u0482\u048a-\u0559\u0561-\u0587\u05d0-\u05ea\u0620-\u064a"
    "\u0671-\u06d3\u10d0-\u10ff\u1e00-\u1eff\u200c-\u2027\u3001-\u3029\u3041-\u3096"
    "\u30a1-\u30ff\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff5e]*+"
)
"""Texts of letters that no normalization touches, in any company: nine in ten need no more than
this look (UAX 15, section 9: starters whose NFC quick check is Yes)."""

_PROPERTY = re.compile(r"P[1-9][0-9]*")
_ID = re.compile(r"[A-Z][1-9][0-9]*(-[A-Z][1-9][0-9]*)?")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_LETTERS = {"item": "Q", "property": "P", "lexeme": "L"}


class _Text(Struct, gc=False):
    value: str


class _Sitelink(Struct, gc=False):
    title: str = ""


class _Redirect(Struct):
    origin: str = field(name="from", default="")
    target: str = field(name="to", default="")


class _DataValue(Struct, gc=False):
    type: str = ""
    value: Any = None


class _Snak(Struct, gc=False):
    snaktype: str = ""
    datavalue: _DataValue | None = None


class _Statement(Struct, gc=False):
    mainsnak: _Snak
    rank: str = "normal"


# PHP writes an empty map as `[]`.
_Nothing = Annotated[list[Any], Meta(max_length=0)]


class _Document(Struct):
    id: str = ""
    type: str = "item"
    lastrevid: int = 0
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
        self._properties = tuple(p for p in dict.fromkeys(properties) if _PROPERTY.fullmatch(p))
        self._names = [(f"_{place}", code) for place, code in enumerate(dict.fromkeys(languages))]
        names = dict.fromkeys((INSTANCE_OF, *self._properties), list[_Statement])
        claims: Any = defstruct("_Claims", [(name, kind, ()) for name, kind in names.items()])
        text, texts = self._by_language(_Text), self._by_language(list[_Text])
        document = defstruct(
            "_Entity",
            [
                ("labels", text | _Nothing, ()),
                ("descriptions", text | _Nothing, ()),
                ("aliases", texts | _Nothing, ()),
                ("claims", claims | _Nothing, ()),
            ],
            bases=(_Document,),
        )
        self._decoder = msgspec.json.Decoder(document)

    def _by_language(self, kind: Any) -> Any:
        """The type of a map by language: only those that are wanted are decoded."""
        if not self._names:
            return dict[str, kind]
        fields = [(name, kind | None, field(name=code, default=None)) for name, code in self._names]
        return defstruct("_Languages", fields, gc=False)

    def read(self, data: bytes | memoryview | msgspec.Raw) -> Iterator[Entity]:
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
        if ranked := document.claims:
            for name in self._properties:
                if (statements := getattr(ranked, name)) and (values := best_values(statements)):
                    claims[name] = values
            if types := claims.get(INSTANCE_OF) or best_values(ranked.P31):
                classes = tuple([value.value for value in types if value.kind == "entity"])
        sitelinks = {site: link.title for site, link in _items(document.sitelinks)}
        return Entity(
            id=document.id,
            labels=self._texts(document.labels),
            descriptions=self._texts(document.descriptions),
            aliases=self._aliases(document.aliases),
            classes=classes,
            claims=claims,
            sitelinks=facts(sitelinks),
            revision=document.lastrevid,
        )

    def _texts(self, terms: Any) -> dict[str, str]:
        texts = facts({code: term.value for code, term in self._languages(terms)})
        return under_current_codes(texts)

    def _aliases(self, terms: Any) -> dict[str, tuple[str, ...]]:
        aliases = {}
        for code, names in self._languages(terms):
            texts = dict.fromkeys([fact(name.value) for name in names])
            texts.pop("", None)
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


def best_values(statements: Sequence[_Statement]) -> tuple[Value, ...]:
    """The values of the statements of the best rank, each once; unknown values have none."""
    best = [s for s in statements if s.rank == "preferred"]
    best = best or [s for s in statements if s.rank == "normal"]
    values = [
        value
        for s in best
        if s.mainsnak.snaktype == "value" and (value := _value(s.mainsnak.datavalue))
    ]
    return tuple(values) if len(values) < 2 else tuple(dict.fromkeys(values))


def fact(text: str) -> str:
    """A harvested text: what the graph says, in NFC and without control characters; empty when
    it is too long to be a term."""
    if len(text) > MAX_TEXT:
        return ""
    if PLAIN.fullmatch(text):
        return text
    if not text.isprintable():
        text = _CONTROLS.sub(" ", text).strip()
    return unicodedata.normalize("NFC", text)


def facts(texts: dict[str, str]) -> dict[str, str]:
    """Every text as a `fact`, without the empty ones."""
    normal = {
        key: text if text.isascii() and text.isprintable() and len(text) < MAX_TEXT else fact(text)
        for key, text in texts.items()
    }
    return {key: text for key, text in normal.items() if text} if "" in normal.values() else normal


def _items(terms: Any) -> Iterable[tuple[str, Any]]:
    return terms.items() if terms else ()


def _value(data: _DataValue | None) -> Value | None:
    if data is None:
        return None
    kind, value = data.type, data.value
    if kind == "string":
        return Value("string", text) if isinstance(value, str) and (text := fact(value)) else None
    if not isinstance(value, dict):
        return None
    if kind == "wikibase-entityid":
        name = value.get("id")
        kind_of_entity = value.get("entity-type")
        if name is None and isinstance(kind_of_entity, str) and kind_of_entity in _LETTERS:
            # Older documents have the number alone.
            name = f"{_LETTERS[kind_of_entity]}{value.get('numeric-id')}"
        return Value("entity", name) if isinstance(name, str) and _ID.fullmatch(name) else None
    if kind == "time":
        moment, precision = value.get("time"), value.get("precision")
        if isinstance(moment, str) and isinstance(precision, int) and 0 <= precision <= 14:
            return Value("time", fact(moment), precision=precision)
    elif kind == "monolingualtext":
        words, language = value.get("text"), value.get("language")
        if isinstance(words, str) and isinstance(language, str) and (words := fact(words)):
            return Value("text", words, current(fact(language)))
    elif kind == "quantity":
        amount = value.get("amount")
        if isinstance(amount, str):
            return Value("quantity", fact(amount).removeprefix("+"))
    return None
