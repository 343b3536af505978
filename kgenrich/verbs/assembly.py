"""What proposes and what judges, made from the settings: sources, ranker, agreement, validators."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from itertools import islice
from math import inf
from typing import TYPE_CHECKING

from msgspec.structs import replace
from platformdirs import user_cache_path

from kgenrich.consensus.consensus import Consensus
from kgenrich.consensus.description_agreement import BY_CHARACTERS, Agreement
from kgenrich.consensus.label_faults.facts import VERSION, LabelFacts
from kgenrich.consensus.label_faults.facts import learn as learn_labels
from kgenrich.consensus.learned_ranker import LearnedRanker
from kgenrich.consensus.people_calibration import CalibratedRanker
from kgenrich.consensus.rankers import PoolRanker, Ranker, VoteRanker
from kgenrich.consensus.validators import Validator, validate
from kgenrich.errors import SourceStopped, UsageError
from kgenrich.model import SourceKind, TermKind
from kgenrich.property_roles import OF_WIKIDATA, PropertyRoles
from kgenrich.settings import Settings
from kgenrich.sources.base import (
    Graph,
    Source,
    SourceContext,
    available,
    build,
    configured,
    refused,
)
from kgenrich.sources.budget import Limits
from kgenrich.sources.dictionary.glossary_rules import glossary_rules
from kgenrich.sources.fit_cache import FitCache
from kgenrich.sources.fitted_values import Fitting
from kgenrich.store.facts.graph import taken_in
from kgenrich.verbs.calibrate import current_calibration
from kgenrich.verbs.workspace import Workspace

if TYPE_CHECKING:
    from kgenrich.store.base import Store

FITTED = user_cache_path("kgenrich") / "fitted"
"""Where what sources learn from a graph is kept between runs."""

LABELLED = 200_000
"""Entities whose labels are read to know what labels are like."""

_AT_HAND = {SourceKind.GRAPH, SourceKind.DICTIONARY}
"""The kinds of sources that cost nothing and ask nobody."""


def make_sources(
    settings: Settings,
    graph: Graph,
    languages: Sequence[str],
    names: Sequence[str] = (),
    limits: Mapping[str, Limits] | None = None,
    fits: FitCache | None = None,
    roles: PropertyRoles = OF_WIKIDATA,
) -> tuple[list[Source], dict[str, str]]:
    """The sources that are on, and the reason by name for those that cannot be.

    Without ``names`` that is every source that is not disabled and has what it needs; one that
    asks others than the graph must have a table in the settings, for it may cost money. A source
    asked for by name that cannot be used raises `UsageError`. ``limits`` are those of each source
    by name, under ``""`` those of all others. ``fits`` keeps what they learn from the
    graph; None for the parts of a graph that evaluation makes. ``roles`` are those of its
    properties.
    """
    limits = limits or {}
    registered = configured(settings)
    if unknown := [name for name in limits if name and name not in registered]:
        raise UsageError(f"There is no source {unknown[0]!r} to set a budget for.")
    fits = fits or FitCache()
    shared = SourceContext(graph, tuple(languages), settings, fits=fits, roles=roles)
    sources, unusable = [], {}
    for name in names or [n for n in registered if n not in settings.disabled]:
        if not names and name not in settings.sources and available()[name].is_called:
            unusable[name] = f"it is {_lacking(name)}."
            continue
        options = settings.sources.get(name, {})
        limit = limits.get(name, limits.get("", Limits()))
        context = replace(shared, options=options, limits=limit)
        try:
            source = build(name, context)
        except SourceStopped as error:
            unusable[name] = str(error)
            if names:
                raise UsageError(f"The source {name!r} cannot be used: {error}") from error
            continue
        if not names and (table := lacking_table(settings, name, source)):
            unusable[name] = f"it is {table}."
        else:
            sources.append(source)
    if not sources:
        raise UsageError("There is no usable source: see `kgenrich sources list`.")
    return sources, unusable


def lacking_table(settings: Settings, name: str, source: Source) -> str:
    """What to know of a source that is off because the settings do not name it: one that asks
    others than the graph and dictionaries of this machine may cost money. Empty where it is on."""
    if source.kind in _AT_HAND or name in settings.sources:
        return ""
    return _lacking(name)


def _lacking(name: str) -> str:
    return f"used when the settings have a table [sources.{name}]"


def fit_cache(workspace: Workspace, *, refit: bool = False) -> FitCache:
    """What sources have learned, kept from run to run: as good as the settings want it, and nothing
    for ``refit``."""
    tell = workspace.progress.remark
    return FitCache(FITTED, workspace.settings.refit_after, refit=refit, tell=tell)


def usable_sources(
    workspace: Workspace,
    languages: Sequence[str],
    names: Sequence[str],
    fits: FitCache,
    limits: Mapping[str, Limits] | None = None,
) -> list[Source]:
    """`make_sources` on the graph in the store, with a remark on those that are off."""
    workspace.progress.update(note="fitting the sources")
    settings, graph = workspace.settings, workspace.graph
    sources, unusable = make_sources(
        settings, graph, languages, names, limits, fits, workspace.roles
    )
    workspace.progress.checkpoint()
    if unusable:
        # Of the others hardly any is one that somebody wanted.
        wanted = [name for name in unusable if name in {*names, *settings.sources}]
        off = ", ".join(wanted) or f"{len(unusable)} sources that the settings do not name"
        workspace.progress.remark(f"Off: {off}. `kgenrich sources list` says why.")
    for sentence in refused():
        workspace.progress.remark(sentence)
    for source in sources:
        if remark := getattr(source, "remark", ""):
            workspace.progress.remark(remark)
        if host := getattr(source, "host", ""):
            told = [settings.said_by("sources", source.name, name) for name in ("url", "key_env")]
            said = next((one for one in told if one != "the default"), "the default")
            workspace.announce(host, said, getattr(source, "key_env", ""))
    return sources


def label_facts(workspace: Workspace, languages: Sequence[str], fits: FitCache) -> LabelFacts:
    """What the labels of the graph are like in the languages; kept as long as the graph stays."""
    workspace.progress.update(note="reading the labels")
    context = SourceContext(workspace.graph, tuple(languages), workspace.settings, fits=fits)
    return Fitting(
        context,
        "label-facts",
        LabelFacts,
        lambda graph: learn_labels(islice(graph.entities(), LABELLED), languages),
        (VERSION, tuple(languages)),
        LABELLED,
    ).value


def read_limits(calls: Sequence[str], costs: Sequence[str]) -> dict[str, Limits]:
    """The budgets of ``--max-calls`` and ``--max-cost``: ``100`` for every source, ``NAME=100``
    for one. Raises `UsageError` for what is neither."""
    limits: dict[str, Limits] = {}
    for option, values in (("max_calls", calls), ("max_cost", costs)):
        for value in values:
            name, _, amount = value.rpartition("=")
            try:
                number = int(amount) if option == "max_calls" else float(amount)
            except ValueError:
                number = -1
            if not 0 <= number < inf:
                flag = "--" + option.replace("_", "-")
                raise UsageError(f"{flag} {value}: give a number, or NAME=NUMBER for one source.")
            limits[name] = replace(limits.get(name, Limits()), **{option: number})
    shared = limits.get("", Limits())
    return {name: own.within(shared) for name, own in limits.items()}


def make_ranker(settings: Settings, name: str = "") -> Ranker:
    """The ranker by name, else that of the settings. Raises `UsageError` for an unknown one."""
    name = name or settings.consensus.ranker
    if name == "vote":
        return VoteRanker(settings.consensus.coverage_votes)
    if name == "pool":
        return PoolRanker()
    if name in {"default", "learned"}:
        return LearnedRanker()
    raise UsageError(f"There is no ranker {name!r}. Known: default, pool, learned, vote.")


def make_consensus(
    settings: Settings,
    kinds: Collection[TermKind],
    ranker: str = "",
    store: Store | None = None,
    minimum: float = 0.0,
) -> Consensus:
    """How candidates become proposals: the parts of the settings, or another ranker by name; with
    a store calibrated by what people decided there. The encoder that compares descriptions is
    opened only where these are wanted."""
    agreement = BY_CHARACTERS
    if TermKind.DESCRIPTION in kinds:
        from kgenrich.adapters.likeness import likeness

        agreement = Agreement(likeness(settings.encoder), settings.consensus.agreement)
    validator = make_validator(settings, store)
    made = make_ranker(settings, ranker)
    if store is not None and (calibration := current_calibration(store)).curves:
        made = CalibratedRanker(made, calibration)
    return Consensus(made, validator, agreement, minimum)


def make_validator(settings: Settings, store: Store | None) -> Validator:
    """The validators for the target of the settings and its glossaries; with a store they also
    look for another entity that has the same label and description."""
    taken = None if store is None else taken_in(store)
    rules = tuple(glossary_rules(settings))
    return partial(validate, target=settings.target, taken=taken, rules=rules)
