"""What the verbs that propose share: sources, ranker and validators from the settings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kgenrich.consensus.pool import PoolRanker, Ranker, VoteRanker
from kgenrich.consensus.propose import Validator
from kgenrich.errors import SourceStopped, UsageError
from kgenrich.languages import check
from kgenrich.model import TermKind, TermRequest
from kgenrich.settings import Settings
from kgenrich.sources.base import Graph, Source, SourceContext, available, build

if TYPE_CHECKING:
    from kgenrich.store.base import Store

RANKERS = ("default", "pool", "vote")


def make_sources(
    settings: Settings, graph: Graph, languages: Sequence[str], names: Sequence[str] | None
) -> tuple[list[Source], dict[str, str]]:
    """The sources that are on, and the reason by name for those that cannot be.

    Without ``names`` that is every registered source that is not disabled and has what it needs;
    a source asked for by name that cannot be used raises `UsageError`.
    """
    chosen = [n for n in available() if n not in settings.disabled] if names is None else names
    sources, unusable = [], {}
    for name in chosen:
        context = SourceContext(graph, tuple(languages), settings, settings.sources.get(name, {}))
        try:
            sources.append(build(name, context))
        except SourceStopped as error:
            unusable[name] = str(error)
            if names is not None:
                raise UsageError(f"The source {name!r} cannot be used: {error}") from error
    if not sources:
        raise UsageError("There is no usable source: see `kgenrich sources list`.")
    return sources, unusable


def make_ranker(settings: Settings, name: str | None) -> Ranker:
    """The ranker by name; the settings' one for None."""
    name = name or settings.consensus.ranker
    if name == "vote":
        return VoteRanker(settings.consensus.coverage_votes)
    if name in {"default", "pool"}:
        return PoolRanker()
    raise UsageError(f"There is no ranker {name!r}. Known: {', '.join(RANKERS)}.")


def make_validator(settings: Settings, store: Store | None) -> Validator:
    """The validators for the target of the settings; with a store they also look for another
    entity that has the same label and description."""
    from kgenrich.consensus.validate import validate

    taken = None
    if store is not None:
        from kgenrich.store.duplicates import taken_in

        taken = taken_in(store)

    def check_text(request: TermRequest, text: str) -> tuple[str, ...]:
        return validate(request, text, target=settings.target, taken=taken)

    return check_text


def read_languages(settings: Settings, asked: Sequence[str] | None) -> tuple[str, ...]:
    """The languages asked for, else those of the settings; `UsageError` if neither or unknown."""
    languages = tuple(asked or settings.languages)
    if not languages:
        raise UsageError(
            "Which languages? Give --languages it,ja or set `languages` in kgenrich.toml."
        )
    return check(languages)


def read_kinds(asked: Sequence[str] | None) -> tuple[TermKind, ...]:
    """The kinds of term asked for, else labels and descriptions."""
    if not asked:
        return TermKind.LABEL, TermKind.DESCRIPTION
    try:
        return tuple(dict.fromkeys(TermKind(kind.removesuffix("s")) for kind in asked))
    except ValueError as error:
        raise UsageError(f"{error}: use label, description or alias.") from error
