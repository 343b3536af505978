"""Reading a folder that is laid out like WikiKGE-10.

It holds JSON lines by language: ``gold/xx.json`` (``correct_values``, ``incorrect_values``),
``wikidata/xx.json`` (``values``, ``primary``), ``m-nta/with_gpt-4/xx.m-nta.json`` and
``gpt/xx.gpt-N.json`` (``values`` of ``[score, name, is-primary]``). Any subset of entities will
do; a language without recorded answers of a model has no such file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from kgenrich.adapters.encoder.name_tables import read_terms
from kgenrich.consensus.candidate_groups import ForeignName, foreign_names
from kgenrich.errors import InputError
from kgenrich.evaluate.wikikge.benchmark import Item
from kgenrich.inputs import read_lines
from kgenrich.languages import base
from kgenrich.model import Entity

MODELS = ("gpt-3", "gpt-3.5", "gpt-4")
T = TypeVar("T")


def load(folder: Path, names: Path | None = None) -> dict[str, list[Item]]:
    """The items by language, in the order of the gold files. Raises `InputError`.

    Names in other languages are those that the folder has of the same entity; few entities are in
    more than one of its languages. ``names`` may give more: a TSV file ``qid lang kind text``.
    """
    gold = sorted((folder / "gold").glob("*.json"))
    if not gold:
        raise InputError(f"{folder} does not hold WikiKGE-10: there is no gold/*.json in it.")
    codes = [path.stem for path in gold]
    graphs = {code: _read(folder / "wikidata" / f"{code}.json", _Graph) for code in codes}
    known = _known(graphs, names)
    return {code: _load_language(folder, code, graphs[code], known) for code in codes}


def absent(folder: Path, languages: Iterable[str]) -> list[str]:
    """The files that the benchmark has of these languages and the folder lacks, by pattern; a
    language without the answers of some models alone lacks nothing."""
    patterns = ("wikidata/{}.json", "m-nta/with_gpt-4/{}.m-nta.json")
    wanted = [pattern.format(code) for code in languages for pattern in patterns]
    return [pattern for pattern in (*wanted, "gpt/*.json") if not any(folder.glob(pattern))]


class _Gold(Struct):
    """correct_values and incorrect_values are no lists of names."""

    correct_values: tuple[str, ...]
    incorrect_values: tuple[str, ...]


class _Graph(Struct):
    """values and primary are no lists of names and flags, one a name."""

    values: list[str | int] = []
    primary: list[bool] = []

    def __post_init__(self) -> None:
        if len(self.values) != len(self.primary):
            raise ValueError


class _Answers(Struct):
    """values is no list of [score, name, is-primary]."""

    values: list[tuple[float, str | int, bool]]


def _known(graphs: Mapping[str, Mapping[str, _Graph]], names: Path | None) -> dict[str, Entity]:
    """The names of every entity of the graphs by language, label and aliases not told apart."""
    by_id: dict[str, dict[str, dict[str, None]]] = {q: {} for g in graphs.values() for q in g}
    for code, graph in graphs.items():
        for qid, held in graph.items():
            by_id[qid].setdefault(code, {}).update(dict.fromkeys(map(str, held.values)))
    for qid, code, kind, text in read_terms(names) if names else ():
        if qid in by_id and kind.is_name:
            by_id[qid].setdefault(code, {})[text] = None
    return {
        qid: Entity(qid, aliases={code: tuple(texts) for code, texts in by_code.items()})
        for qid, by_code in by_id.items()
    }


def _load_language(
    folder: Path, language: str, graph: Mapping[str, _Graph], known: Mapping[str, Entity]
) -> list[Item]:
    scored = _read(folder / "m-nta" / "with_gpt-4" / f"{language}.m-nta.json", _Answers)
    models = {m: _read(folder / "gpt" / f"{language}.{m}.json", _Answers) for m in MODELS}
    items = []
    for qid, gold in _read(folder / "gold" / f"{language}.json", _Gold).items():
        names, votes = graph.get(qid, _Graph()), scored.get(qid, _Answers([])).values
        items.append(
            Item(
                qid,
                language,
                gold.correct_values,
                gold.incorrect_values,
                tuple(map(str, names.values)),
                tuple(names.primary),
                {str(name): int(points) for points, name, _ in votes},
                frozenset(str(name) for _, name, first in votes if first),
                {
                    model: tuple(str(name) for _, name, _ in by_id[qid].values)
                    for model, by_id in models.items()
                    if qid in by_id and by_id[qid].values
                },
                _foreign(known.get(qid, Entity(qid)), language),
            )
        )
    return items


def _foreign(entity: Entity, language: str) -> tuple[ForeignName, ...]:
    """Regional forms of the language would give the answer away."""
    aliases = {c: texts for c, texts in entity.aliases.items() if base(c) != base(language)}
    return foreign_names(replace(entity, aliases=aliases), language)


def _read(path: Path, kind: type[T]) -> dict[str, T]:
    """The records of a file of JSON lines by entity; empty where there is no such file. Raises
    `InputError`, which says of a record of another shape what the docstring of its kind says."""
    records: dict[str, T] = {}
    for number, line in enumerate(read_lines(path) if path.exists() else (), 1):
        if not line.strip():
            continue
        try:
            record = msgspec.json.decode(line)
            qid = msgspec.convert(record["wikidata_id"], str)
        except (msgspec.DecodeError, KeyError, TypeError) as error:
            raise InputError(f"{path}, line {number}: not a record of WikiKGE-10.") from error
        try:
            records[qid] = msgspec.convert(record, kind)
        except msgspec.ValidationError as error:
            raise InputError(f"{path}, {qid}: {kind.__doc__}") from error
    return records
