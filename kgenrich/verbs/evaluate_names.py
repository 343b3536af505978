"""Measuring names: those of a file of terms, held out and proposed anew."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec

from kgenrich.errors import UsageError
from kgenrich.evaluate.names.held_out_names import hold_out, read_entities
from kgenrich.evaluate.names.name_outcomes import FEW_DATA, outcomes
from kgenrich.evaluate.names.name_report import report
from kgenrich.languages import valid_codes
from kgenrich.model import TermKind
from kgenrich.sources.candidate_collector import CandidateCollector, discard, forget
from kgenrich.verbs.assembly import make_consensus, make_sources
from kgenrich.verbs.workspace import Count, Options, Workspace


class NamesOptions(Options, frozen=True, kw_only=True):
    """``items`` names at most are asked for in each of ``to_languages``, of entities of one
    ``fold`` of twenty, of which the names in ``from_languages`` are shown. ``classes`` is a JSON
    file of classes by entity, ``details`` one for every outcome as JSON lines."""

    file: Path
    from_languages: tuple[str, ...] = ()
    to_languages: tuple[str, ...] = ()
    classes: Path | None = None
    sources: tuple[str, ...] = ()
    items: Count = 400
    fold: int = 0
    details: str | None = None


def evaluate_names(workspace: Workspace, options: NamesOptions) -> dict[str, Any]:
    """Take names away from a file of terms, propose them anew, compare.

    Without ``sources`` those are asked that need nothing but the graph and this machine. Raises
    `InputError` for a file that cannot be read and `UsageError` for languages and sources that
    there are not.
    """
    shown = valid_codes(options.from_languages or ("en",))
    if not options.to_languages:
        raise UsageError("Say the languages to ask for, for example --to fr,ru,ja.")
    asked = valid_codes(options.to_languages)
    entities = read_entities(options.file, options.classes)
    held = hold_out(entities, shown, asked, options.items, options.fold)
    if not held.requests:
        raise UsageError(
            f"{options.file} has no entities with names in {', '.join(shown)} and in"
            f" {', '.join(asked)}."
        )
    labelled = Counter(code for entity in entities for code in entity.labels)
    few = frozenset(code for code in asked if labelled[code] < FEW_DATA)
    settings = workspace.settings
    sources, _ = make_sources(settings, held.graph, asked, options.sources)
    consensus = make_consensus(settings, (TermKind.LABEL,))
    workspace.progress.begin("names held out", total=len(held.requests))
    began = time.perf_counter()
    collector = CandidateCollector(sources, discard, forget, free_only=not options.sources)
    found = outcomes(held, collector, consensus, few, workspace.progress)
    if options.details:
        lines = msgspec.json.Encoder().encode_lines(found)
        Path(options.details).write_bytes(lines)
    return report(found, asked, time.perf_counter() - began)
