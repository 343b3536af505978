"""WikiKGE-10 (Conia et al., EMNLP 2023): reading a folder of it, and its two official scorers.

The folder holds JSON lines by language: ``gold/xx.json`` (``correct_values``,
``incorrect_values``), ``wikidata/xx.json`` (``values``, ``primary``),
``m-nta/with_gpt-4/xx.m-nta.json`` and ``gpt/xx.gpt-N.json`` (``values`` of ``[score, name,
is-primary]``). Any subset of entities will do; a language without recorded answers of a model has
no such file.

Names in ``wikidata`` of the target language are nearly all judged: for coverage they are the
answer and never evidence.
"""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from kgenrich.adapters.encoder.name_tables import read_terms
from kgenrich.consensus.candidate_groups import group
from kgenrich.consensus.entity_names import (
    EntityNames,
    ForeignName,
    GraphName,
    foreign_names,
    name_of,
)
from kgenrich.consensus.ranker_training import Lesson
from kgenrich.errors import InputError
from kgenrich.model import Candidate, Entity, Evidence, SourceKind, TermKind

MODELS = ("gpt-3", "gpt-3.5", "gpt-4")
VOTERS = "m-nta"
"""The source name of the votes that translation and web search gave; they are not told apart."""

_Names = list[tuple[str, bool]]
"""Names of the graph and whether each is the label."""


class Item(Struct, frozen=True):
    """One entity in one language.

    ``names`` are those of the graph, ``primary`` is parallel to them; ``scores`` the M-NTA score
    with GPT-4 by name; ``models`` the names by language model in the order of the answer;
    ``foreign`` the entity's names in other languages, as far as they are known.
    """

    id: str
    language: str
    correct: tuple[str, ...]
    incorrect: tuple[str, ...]
    names: tuple[str, ...] = ()
    primary: tuple[bool, ...] = ()
    scores: Mapping[str, int] = {}
    first: frozenset[str] = frozenset()
    models: Mapping[str, tuple[str, ...]] = {}
    foreign: tuple[ForeignName, ...] = ()

    def candidates(self) -> list[Candidate]:
        """The recorded answers as candidates with evidence, without any name of the graph.

        A score counts the answers that hold a name, GPT-4's own included, so that what is left
        are votes of translation and search; each becomes evidence from a list of its own.
        """
        evidence: dict[str, list[Evidence]] = {}
        held = frozenset(self.models.get("gpt-4", ()))
        for name, score in self.scores.items():
            rank = 1 if name in self.first else 2
            evidence[name] = [
                Evidence(VOTERS, SourceKind.MT, from_language=str(i), rank=rank, raw=name)
                for i in range(score - (name in held))
            ]
        for model, names in self.models.items():
            for place, name in enumerate(names, 1):
                evidence.setdefault(name, []).append(
                    Evidence(model, SourceKind.LLM, rank=place, raw=name)
                )
        return [
            Candidate(self.id, self.language, TermKind.LABEL, name, tuple(items))
            for name, items in evidence.items()
        ]

    @property
    def entity_names(self) -> EntityNames:
        """The recorded answers and the names of the graph, as the ranker takes them."""
        candidates = [name_of(item) for item in group(self.candidates())]
        graph = [GraphName(t, p) for t, p in zip(self.names, self.primary, strict=True)]
        return EntityNames(self.language, candidates, graph, self.foreign)

    @property
    def lesson(self) -> Lesson:
        """What the ranker is to learn from it."""
        gold = {normal(name) for name in self.correct}
        return Lesson(
            self.id,
            self.entity_names,
            lambda text: normal(text) in gold,
            len(gold),
            frozenset(self.incorrect),
        )


class Score(Struct, frozen=True):
    """Precision, recall and F1 in per cent."""

    p: float
    r: float
    f1: float


def score(p: float, r: float) -> Score:
    """From shares to per cent, with their harmonic mean."""
    return Score(100 * p, 100 * r, 200 * p * r / (p + r) if p + r else 0.0)


def normal(text: str) -> str:
    """The benchmark's normal form: lower case, only alphanumeric characters and spaces.

    >>> normal("Rock 'n' Roll (album)")
    'rock n roll album'
    """
    return "".join(c for c in text.lower() if c.isalnum() or c == " ")


def coverage(items: Sequence[Item], proposed: Sequence[Iterable[str]]) -> Score:
    """The official coverage scorer: micro-averaged over the sets of normal forms.

    ``proposed`` holds the proposed names of each item.
    """
    hits = given = wanted = 0
    for item, names in zip(items, proposed, strict=True):
        gold = {normal(name) for name in item.correct}
        offered = {normal(name) for name in names}
        hits += len(gold & offered)
        given += len(offered)
        wanted += len(gold)
    return score(hits / max(1, given), hits / max(1, wanted))


def precision(items: Sequence[Item], proposed: Sequence[Iterable[str]]) -> Score:
    """The official precision scorer: "P" is the accuracy over all judged names, right ones being
    proposed and wrong ones not; "R" the share of wrong names that are not proposed.
    """
    kept = dropped = judged = wrong = 0
    for item, names in zip(items, proposed, strict=True):
        offered = {normal(name) for name in names}
        kept += sum(normal(name) in offered for name in item.correct)
        dropped += sum(normal(name) not in offered for name in item.incorrect)
        judged += len(item.correct) + len(item.incorrect)
        wrong += len(item.incorrect)
    return score((kept + dropped) / max(1, judged), dropped / max(1, wrong))


def errors(items: Sequence[Item], called_wrong: Sequence[Iterable[str]]) -> Score:
    """Finding the wrong names among those that the graph really has, each as it is written.

    ``called_wrong`` holds the names of each item that a system calls wrong.
    """
    hits = called = wrong = 0
    for item, names in zip(items, called_wrong, strict=True):
        bad = set(item.incorrect) & set(item.names)
        flagged = set(names) & set(item.names)
        hits += len(bad & flagged)
        called += len(flagged)
        wrong += len(bad)
    return score(hits / max(1, called), hits / max(1, wrong))


def load(folder: Path, names: Path | None = None) -> dict[str, list[Item]]:
    """The items by language, in the order of the gold files. Raises `InputError`.

    Names in other languages are those that the folder has of the same entity; few entities are in
    more than one of its languages. ``names`` may give more: a TSV file ``qid lang kind text``.
    """
    gold = sorted((folder / "gold").glob("*.json"))
    if not gold:
        raise InputError(f"{folder} does not hold WikiKGE-10: there is no gold/*.json in it.")
    codes = [path.stem for path in gold]
    graphs = {code: _graph(folder / "wikidata" / f"{code}.json") for code in codes}
    known = _known(graphs, names)
    return {code: _load_language(folder, code, graphs[code], known) for code in codes}


def absent(folder: Path, languages: Iterable[str]) -> list[str]:
    """The files that the benchmark has of these languages and the folder lacks, by pattern; a
    language without the answers of some models alone lacks nothing."""
    missing = []
    for code in languages:
        for path in (f"wikidata/{code}.json", f"m-nta/with_gpt-4/{code}.m-nta.json"):
            if not (folder / path).exists():
                missing.append(path)
    if not any((folder / "gpt").glob("*.json")):
        missing.append("gpt/*.json")
    return missing


def _known(graphs: Mapping[str, Mapping[str, _Names]], names: Path | None) -> dict[str, Entity]:
    """The names of every entity of the graphs by language, label and aliases not told apart."""
    found: dict[str, dict[str, dict[str, None]]] = {q: {} for g in graphs.values() for q in g}
    for code, graph in graphs.items():
        for qid, held in graph.items():
            found[qid].setdefault(code, {}).update(dict.fromkeys(n for n, _ in held))
    for qid, code, kind, text in read_terms(names) if names else ():
        if qid in found and kind is not TermKind.DESCRIPTION:
            found[qid].setdefault(code, {})[text] = None
    return {
        qid: Entity(qid, aliases={code: tuple(texts) for code, texts in by_code.items()})
        for qid, by_code in found.items()
    }


def _load_language(
    folder: Path, language: str, graph: Mapping[str, _Names], known: Mapping[str, Entity]
) -> list[Item]:
    scored = _answers(folder / "m-nta" / "with_gpt-4" / f"{language}.m-nta.json")
    models = {model: _answers(folder / "gpt" / f"{language}.{model}.json") for model in MODELS}
    items = []
    for qid, gold in _read(folder / "gold" / f"{language}.json").items():
        names = graph.get(qid, [])
        correct, incorrect = _judged(gold, folder / "gold" / f"{language}.json")
        votes = scored.get(qid, [])
        answers = {
            model: tuple(name for _, name, _ in by_id[qid])
            for model, by_id in models.items()
            if qid in by_id
        }
        items.append(
            Item(
                qid,
                language,
                correct,
                incorrect,
                tuple(name for name, _ in names),
                tuple(primary for _, primary in names),
                {name: int(points) for points, name, _ in votes},
                frozenset(name for _, name, first in votes if first),
                {model: answer for model, answer in answers.items() if answer},
                _foreign(known.get(qid, Entity(qid)), language),
            )
        )
    return items


def _foreign(entity: Entity, language: str) -> tuple[ForeignName, ...]:
    """Regional forms of the language would give the answer away."""
    base = language.partition("-")[0]
    aliases = {c: texts for c, texts in entity.aliases.items() if c.partition("-")[0] != base}
    return foreign_names(replace(entity, aliases=aliases), language)


def _graph(path: Path) -> dict[str, _Names]:
    """The names that the graph has by entity, and which of them are labels."""
    found: dict[str, _Names] = {}
    for qid, record in _read(path).items():
        try:
            values = msgspec.convert(record.get("values", []), list[str | int])
            primary = msgspec.convert(record.get("primary", []), list[bool])
            found[qid] = list(zip(map(str, values), primary, strict=True))
        except ValueError as error:
            raise InputError(
                f"{path}, {qid}: values and primary are no lists of names and flags, one a name."
            ) from error
    return found


def _answers(path: Path) -> dict[str, list[tuple[float, str, bool]]]:
    """The answers by entity: score, name, whether it is the primary one."""
    found = {}
    for qid, record in _read(path).items():
        try:
            values = msgspec.convert(record["values"], list[tuple[float, str | int, bool]])
        except (KeyError, msgspec.ValidationError) as error:
            raise InputError(
                f"{path}, {qid}: values is no list of [score, name, is-primary]."
            ) from error
        found[qid] = [(points, str(name), first) for points, name, first in values]
    return found


def _judged(record: Mapping[str, Any], path: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    try:
        keys = ("correct_values", "incorrect_values")
        correct, incorrect = (msgspec.convert(record[key], tuple[str, ...]) for key in keys)
    except (KeyError, msgspec.ValidationError) as error:
        raise InputError(
            f"{path}, {record['wikidata_id']}: correct_values and incorrect_values are no lists "
            "of names."
        ) from error
    return correct, incorrect


def _read(path: Path) -> dict[str, dict[str, Any]]:
    """The records of a file of JSON lines by entity; empty where there is no such file."""
    if not path.exists():
        return {}
    records: dict[str, dict[str, Any]] = {}
    for number, line in enumerate(path.read_bytes().removeprefix(BOM_UTF8).splitlines(), 1):
        if not line.strip():
            continue
        try:
            record = msgspec.json.decode(line)
            records[record["wikidata_id"]] = record
        except (msgspec.DecodeError, KeyError, TypeError) as error:
            raise InputError(f"{path}, line {number}: not a record of WikiKGE-10.") from error
    return records
