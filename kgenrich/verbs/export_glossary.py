"""Writing what entities are called in one language and in others, for machine translation and
language models."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter

from msgspec.structs import replace

from kgenrich.errors import UsageError
from kgenrich.export.glossary import FORMS, GlossaryEntry, Target
from kgenrich.languages import chain, valid_codes
from kgenrich.model import MUL, Entity, TermKind, TermRequest, TermRow
from kgenrich.sources.dictionary.glossary_rules import GlossaryRule, glossary_rules
from kgenrich.store.base import Store
from kgenrich.store.facts.graph import find_entities
from kgenrich.store.keys import chunks
from kgenrich.store.story.exports import term_rows
from kgenrich.store.story.told_terms import doubts
from kgenrich.verbs.arguments import read_languages
from kgenrich.verbs.delivery import Delivery, ExportOptions, ExportReport
from kgenrich.verbs.workspace import Share, Workspace

_FORMATS = {"json": "json", "jsonl": "jsonl", "ndjson": "jsonl", "tsv": "tsv"}
_PAGE = 1000


class GlossaryOptions(ExportOptions, frozen=True, kw_only=True):
    """``source`` is the language that is translated from, ``languages`` are those that are
    translated to; proposed names count from ``minimum`` on, all from ``floor`` on."""

    source: str
    minimum: Share = 0.9
    floor: Share = 0.0


def export_glossary(workspace: Workspace, options: GlossaryOptions) -> ExportReport:
    """Write the label of each entity in one language with those in others.

    An asserted label has the probability 1, or, where a check would replace it, what is left of
    that; an accepted one 1; a proposed one its own. Names that a glossary of the settings forbids
    stand beside. Raises `UsageError` where no or wrong languages are given.
    """
    source = valid_codes([options.source])[0]
    targets = tuple(one for one in read_languages(workspace, options.languages) if one != source)
    if not targets:
        raise UsageError("To which languages? Give --to fr,de.")
    place = Delivery(workspace, "export glossary", options, _FORMATS, "tsv")
    if place.format == "pairs" and len(targets) > 1:
        raise UsageError(f"Pairs are of two languages: give one of {', '.join(targets)} with --to.")
    names = tuple(dict.fromkeys((*chain(source), MUL)))
    scope = replace(place.scope, languages=(*names, *targets), kinds=(TermKind.LABEL,))
    rules = tuple(glossary_rules(workspace.settings))
    counts = {"entities": 0, "names": 0}
    with workspace.store.snapshot() as store:
        states = ("asserted", "accepted", "proposed")
        rows = term_rows(store, scope, states=states, minimum=options.minimum)
        entries = _entries(store, rows, names, targets, rules, options.floor)

        def counted() -> Iterator[GlossaryEntry]:
            for entry in place.watched(entries, "writing names"):
                counts["entities"] += 1
                counts["names"] += sum(bool(one.text) for one in entry.targets.values())
                yield entry

        return place.write(
            FORMS[place.format](counted()),
            lambda: dict(counts),
            minimum=options.minimum,
            floor=options.floor,
            source=source,
        )


def _entries(
    store: Store,
    rows: Iterable[TermRow],
    names: Sequence[str],
    targets: Sequence[str],
    rules: Sequence[GlossaryRule],
    floor: float,
) -> Iterator[GlossaryEntry]:
    grouped = ((id, list(mine)) for id, mine in groupby(rows, attrgetter("entity")))
    for page in chunks(grouped, _PAGE):
        ids = [id for id, _ in page]
        doubted = doubts(store, ids)
        entities = find_entities(store, ids) if rules else {}
        for id, mine in page:
            labels: dict[str, TermRow] = {}
            for row in mine:
                labels.setdefault(row.language, row)
            language = next((code for code in names if code in labels), "")
            if not language:
                continue
            found = {}
            for code in targets:
                target = _target(labels.get(code), doubted.get((id, code), 0.0), floor)
                forbidden = _forbidden(rules, entities.get(id), code)
                if target.text or forbidden:
                    found[code] = replace(target, forbidden=forbidden)
            if found:
                yield GlossaryEntry(id, language, labels[language].text, found)


def _target(row: TermRow | None, doubt: float, floor: float) -> Target:
    if row is None:
        return Target("", 0.0, "")
    probability = 1.0
    if row.state == "proposed":
        probability = row.probability or 0.0
    elif row.state == "asserted":
        probability = 1 - doubt
    if probability < floor:
        return Target("", 0.0, "")
    return Target(row.text, round(probability, 4), row.state)


def _forbidden(
    rules: Sequence[GlossaryRule], entity: Entity | None, language: str
) -> tuple[str, ...]:
    if entity is None:
        return ()
    request = TermRequest(entity, language, TermKind.LABEL)
    texts = (text for rule in rules for text in rule.forbidden(request))
    return tuple(dict.fromkeys(texts))
