"""Entities out of a file of terms, and names of some of them taken away."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct, json
from msgspec.structs import replace

from kgenrich.adapters.encoder.name_tables import read_terms
from kgenrich.errors import InputError
from kgenrich.evaluate.heldout.outcomes import family
from kgenrich.inputs import read_text
from kgenrich.languages import base
from kgenrich.model import MUL, Entity, TermKind, TermRequest, content_id
from kgenrich.sources.base import MemoryGraph
from kgenrich.text import clean

FOLDS = 20
"""Parts that the entities fall into by a hash of the id, of which one is held out."""


class HeldOutNames(Struct, frozen=True):
    """The graph without the names, the requests for them, the names that are right, and which
    entities are classes of others."""

    graph: MemoryGraph
    requests: tuple[TermRequest, ...]
    gold: tuple[tuple[str, ...], ...]
    classes: frozenset[str]


def read_entities(path: Path, classes: Path | None = None) -> list[Entity]:
    """The entities of a TSV file ``qid lang kind text ...``, with the ``classes`` of a JSON file
    (by id a list of ids). The label is the first one, else the first alias; English descriptions
    are kept. Raises `InputError` for files that cannot be read.
    """
    labels: dict[str, dict[str, str]] = defaultdict(dict)
    names: dict[str, dict[str, dict[str, None]]] = defaultdict(lambda: defaultdict(dict))
    descriptions: dict[str, str] = {}
    for entity, language, kind, text in read_terms(path):
        if kind is TermKind.DESCRIPTION:
            if language == "en":
                descriptions.setdefault(entity, clean(text))
        elif text := clean(text):
            names[entity][language][text] = None
            if kind is TermKind.LABEL:
                labels[entity].setdefault(language, text)
    of_class = _read_classes(classes) if classes else {}
    return [
        _entity(id, by_language, labels.get(id, {}), descriptions.get(id), of_class.get(id, ()))
        for id, by_language in names.items()
    ]


def _entity(
    id: str,
    names: Mapping[str, Collection[str]],
    labels: Mapping[str, str],
    description: str | None,
    classes: Sequence[str],
) -> Entity:
    chosen = {code: labels.get(code) or next(iter(texts)) for code, texts in names.items()}
    aliases = {
        code: tuple(text for text in texts if text != chosen[code]) for code, texts in names.items()
    }
    return Entity(
        id,
        labels=chosen,
        aliases={code: texts for code, texts in aliases.items() if texts},
        descriptions={} if description is None else {"en": description},
        classes=tuple(classes),
    )


def _read_classes(path: Path) -> dict[str, list[str]]:
    try:
        return json.decode(read_text(path), type=dict[str, list[str]])
    except ValueError as error:
        raise InputError(f"{path} is no JSON object of lists of ids: {error}.") from error


def hold_out(
    entities: Sequence[Entity], sources: Sequence[str], targets: Sequence[str], most: int, fold: int
) -> HeldOutNames:
    """Take the names in all ``targets`` away from one part of the entities, and ask for at most
    ``most`` of each language, drawn by a hash. The entity of a request has names in the
    ``sources`` alone, and none in what is near the language that is asked for."""
    gone = {code for target in targets for code in family(target)}
    # English is what names come from, also where it is asked for.
    gone |= {code for code in targets if base(code) == "en"}
    kept, held = [], []
    for entity in entities:
        if _fold(entity.id) == fold:
            held.append(entity)
            kept.append(_with(entity, entity.labels.keys() - gone))
        else:
            kept.append(entity)
    held.sort(key=lambda entity: content_id("asked", entity.id))
    requests: list[TermRequest] = []
    gold: list[tuple[str, ...]] = []
    for target in targets:
        shown = [code for code in sources if code not in family(target)]
        asked = list(_requests(held, shown, target, most))
        requests += (request for request, _ in asked)
        gold += (right for _, right in asked)
    classes = frozenset(id for entity in entities for id in entity.classes)
    return HeldOutNames(MemoryGraph(kept), tuple(requests), tuple(gold), classes)


def _requests(
    held: Sequence[Entity], shown: Sequence[str], target: str, most: int
) -> Iterator[tuple[TermRequest, tuple[str, ...]]]:
    asked = 0
    for entity in held:
        if asked < most and target in entity.labels and any(c in entity.labels for c in shown):
            asked += 1
            bare = _with(entity, shown)
            yield TermRequest(bare, target, TermKind.LABEL), entity.names(target)


def _with(entity: Entity, languages: Collection[str]) -> Entity:
    """The entity with its names in these languages alone."""
    return replace(
        entity,
        labels={code: text for code, text in entity.labels.items() if code in languages},
        aliases={code: texts for code, texts in entity.aliases.items() if code in languages},
        sitelinks={},
    )


def _fold(id: str) -> int:
    return int(content_id("held out names", id)[:8], 16) % FOLDS


def first_name(request: TermRequest) -> str:
    """The name that a request is mostly answered from: English, `mul` or another."""
    labels = request.entity.labels
    return next((labels[code] for code in ("en", MUL, *sorted(labels)) if code in labels), "")
