"""An entity as rows, and rows as what each origin says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from kgenrich.model import Entity, Form, Value
from kgenrich.store.bulk import Row
from kgenrich.store.facts.merging import ALIAS, SaidClaim, SaidTerm, merged_claims, merged_terms
from kgenrich.store.keys import entity_key
from kgenrich.store.ledger import PLAIN, LedgerEntry, Members
from kgenrich.store.tables import VALUE_KINDS, claims, classes, originals, sitelinks, terms
from kgenrich.store.term_slots import Slots

TABLES = (terms, classes, claims, sitelinks, originals)
Rows = tuple[list[Row], list[Row], list[Row], list[Row], list[Row]]
"""The rows of one entity in each of `TABLES`."""

_Manner = tuple[Form, Mapping[str, int] | None, int]
"""A form, where its texts stand, if they are terms, and the number of who says so in it."""

_VALUE_CODES = {kind: code for code, kind in enumerate(VALUE_KINDS)}
_ALONE = 0
"""Stands before a class where the property of a claim stands."""


def no_rows() -> Rows:
    """Nothing in any table."""
    return [], [], [], [], []


class Sayings(NamedTuple):
    """What origins say of an entity; links and the letters of statements are rows."""

    terms: list[SaidTerm]
    classes: list[SaidClaim]
    claims: list[SaidClaim]
    links: list[Row]
    originals: list[Row]


class EntityRows:
    """How what the ``origin`` says becomes rows; of terms only those in ``languages``, if any."""

    def __init__(
        self, slots: Slots, entry: LedgerEntry, origin: int, languages: Set[str] = frozenset()
    ) -> None:
        self.slots, self.entry, self.origin, self.languages = slots, entry, origin, languages
        self.touched = set(slots.select(languages, ())) if languages else None
        self._plain = 0
        # By the identity of forms, which are few and kept here.
        self._simple: dict[int, _Manner] = {}

    def plain(self, key: int, entity: Entity) -> Rows:
        """The rows of an entity of the Wikibase model that no other origin speaks of."""
        slots, wanted = self.slots, self.languages
        said = self._plain = self._plain or self.entry.set_id(frozenset({(self.origin, PLAIN)}))
        texts: list[Row] = []
        for places, by_language in (
            (slots.labels, entity.labels),
            (slots.descriptions, entity.descriptions),
            (slots.definitions, entity.definitions),
        ):
            if wanted:
                by_language = {c: t for c, t in by_language.items() if c in wanted}
            texts += [(key, places[code], 0, text, said) for code, text in by_language.items()]
        for code, names in entity.aliases.items():
            if not wanted or code in wanted:
                slot = slots.aliases[code]
                texts += [(key, slot, place, text, said) for place, text in enumerate(names)]
        return (
            texts,
            [
                (entity_key(id), key, place, said)
                for place, id in enumerate(dict.fromkeys(entity.classes))
            ],
            [
                (
                    key,
                    entity_key(property),
                    place,
                    _VALUE_CODES[value.kind],
                    value.value,
                    value.language,
                    value.precision,
                    said,
                )
                for property, values in entity.claims.items()
                for place, value in enumerate(values)
            ],
            [(key, site, title, said) for site, title in entity.sitelinks.items()],
            [],
        )

    def stated(self, key: int, entity: Entity) -> Sayings:
        """What the origin says of an entity in statements."""
        origin, form_id = self.origin, self.entry.form_id
        slots = {
            "label": self.slots.labels,
            "alias": self.slots.aliases,
            "description": self.slots.descriptions,
            "definition": self.slots.definitions,
        }
        mine = Sayings([], [], [], [], [])
        for one in entity.statements:
            form, value = one.form, one.value
            number = form_id(form)
            places = slots.get(form.role)
            if places is not None:
                slot = places[value.language]
                mine.terms.append(SaidTerm(slot, value.value, origin, number, 0))
            elif form.role == "class":
                what = (_ALONE, entity_key(value.value))
                mine.classes.append(SaidClaim(what, origin, number, 0))
            else:
                claim = (entity_key(form.predicate), *_columns(value))
                mine.claims.append(SaidClaim(claim, origin, number, 0))
            if one.raw or one.node:
                mine.originals.append((key, origin, number, 0, value.value, one.raw, one.node))
        if mine.originals:
            # The text itself is one of its spellings too.
            spelt = {(row[2], row[4]) for row in mine.originals}
            mine.originals.extend(
                (key, origin, number, 0, one.value.value, "", "")
                for one in entity.statements
                if not (one.raw or one.node)
                and ((number := form_id(one.form)), one.value.value) in spelt
            )
        return mine

    def alone(self, key: int, entity: Entity) -> Rows:
        """The rows of an entity that only the origin speaks of, in statements."""
        return self._simply(key, entity) or self.merged(key, [self.stated(key, entity)])

    def _simply(self, key: int, entity: Entity) -> Rows | None:
        """What `merged` gives, by a way that is four times as short; None where the statements are
        not as simple as that: with a text in two forms, two labels of a language, or letters."""
        known = self._simple
        rows = no_rows()
        taken: set[int] = set()
        aliases: dict[int, list[tuple[str, int]]] = {}
        classes: list[tuple[int, int]] = []
        claims: list[tuple[int | str, ...]] = []
        for one in entity.statements:
            form, value = one.form, one.value
            if one.raw or one.node:
                return None
            try:
                _, places, said = known[id(form)]
            except KeyError:
                _, places, said = known[id(form)] = self._manner(form)
            if places is not None:
                slot = places[value.language]
                if slot % 4 == ALIAS:
                    aliases.setdefault(slot, []).append((value.value, said))
                elif slot in taken:
                    return None
                else:
                    taken.add(slot)
                    rows[0].append((key, slot, 0, value.value, said))
            elif form.role == "class":
                classes.append((entity_key(value.value), said))
            else:
                claims.append((entity_key(form.predicate), *_columns(value), said))
        for slot, found in aliases.items():
            if len({text for text, _ in found}) < len(found):
                return None
            rows[0].extend(
                (key, slot, n, text, said) for n, (text, said) in enumerate(sorted(found))
            )
        if len({name for name, _ in classes}) < len(classes):
            return None
        rows[1].extend((name, key, n, said) for n, (name, said) in enumerate(sorted(classes)))
        if len({claim[:-1] for claim in claims}) < len(claims):
            return None
        for property, mine in groupby(sorted(claims), itemgetter(0)):
            rows[2].extend((key, property, n, *claim[1:]) for n, claim in enumerate(mine))
        return rows

    def _manner(self, form: Form) -> _Manner:
        slots = self.slots
        places = {
            "label": slots.labels,
            "alias": slots.aliases,
            "description": slots.descriptions,
            "definition": slots.definitions,
        }
        members = frozenset({(self.origin, self.entry.form_id(form))})
        return form, places.get(form.role), self.entry.set_id(members)

    def said(self, rows: Rows, *, kept: Callable[[int, int], bool]) -> Sayings:
        """What rows say, of those (origin, slot; 0 for what is no term) that are ``kept``."""
        members = self.entry.members
        return Sayings(
            [
                SaidTerm(slot, text, origin, form, place)
                for _, slot, place, text, said in rows[0]
                for origin, form in members(said)
                if kept(origin, slot)
            ],
            [
                SaidClaim((_ALONE, class_key), origin, form, place)
                for class_key, _, place, said in rows[1]
                for origin, form in members(said)
                if kept(origin, 0)
            ],
            [
                SaidClaim((property, *value), origin, form, place)
                for _, property, place, *value, said in rows[2]
                for origin, form in members(said)
                if kept(origin, 0)
            ],
            [
                (key, site, title, self.entry.set_id(mine))
                for key, site, title, said in rows[3]
                if (mine := frozenset(one for one in members(said) if kept(one[0], 0)))
            ],
            [row for row in rows[4] if kept(row[1], 0)],
        )

    def merged(self, key: int, said: Sequence[Sayings]) -> Rows:
        """The rows of an entity by all that is said of it."""
        ranked, number = self.entry.ranked, self._set_id
        order = self.entry.ledger.precedence
        all_terms = [one for each in said for one in each.terms]
        all_classes = [one for each in said for one in each.classes]
        all_claims = [one for each in said for one in each.claims]
        return (
            [
                (key, slot, place, text, number(members))
                for slot, text, place, members in merged_terms(all_terms, ranked, order)
            ],
            [
                (class_key, key, place, number(members))
                for (_, class_key), place, members in merged_claims(all_classes, order)
            ],
            [
                (key, property, place, *value, number(members))
                for (property, *value), place, members in merged_claims(all_claims, order)
            ],
            self._links([row for each in said for row in each.links]),
            _numbered(row for each in said for row in each.originals),
        )

    def _set_id(self, members: Members) -> int:
        return self.entry.set_id(members)

    def _links(self, rows: Sequence[Row]) -> list[Row]:
        """Links by site: who names the same page says it together; of two pages that of the first
        origin is kept."""
        found: dict[str, Row] = {}
        order = self.entry.ledger.precedence
        for row in rows:
            key, site, title, said = row
            known = found.get(site)
            if known is None:
                found[site] = row
            elif known[2] == title:
                members = self.entry.members(known[3]) | self.entry.members(said)
                found[site] = (key, site, title, self.entry.set_id(members))
            else:
                found[site] = min(
                    known, row, key=lambda one: min(order(o) for o, _ in self.entry.members(one[3]))
                )
        return list(found.values())


def _columns(value: Value) -> tuple[int | str, ...]:
    return _VALUE_CODES[value.kind], value.value, value.language, value.precision


def _numbered(rows: Iterable[Row]) -> list[Row]:
    """The letters of statements, each once, numbered within their origin and form."""
    ordered = sorted({(*row[:3], *row[4:]) for row in rows})
    return [
        (*row[:3], place, *row[3:])
        for _, mine in groupby(ordered, key=itemgetter(0, 1, 2))
        for place, row in enumerate(mine)
    ]
