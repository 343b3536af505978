"""The contract of a source: term requests go in, answers with candidates and evidence come out.

A source works in batches, never writes to the store and never decides. Third parties register
one by an entry point of the group ``kgenrich.sources`` whose value is a `SourceFactory`; the
built-in ones go through the same door. What is installed is not yet asked for: a third party's is
imported when the settings have a table for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Protocol, TypeVar, runtime_checkable

from msgspec import Struct, ValidationError, convert, field
from msgspec.structs import replace

from kgenrich.errors import KgenrichError, SourceStopped, UsageError
from kgenrich.model import Call, Candidate, Entity, SourceKind, TermRequest
from kgenrich.property_roles import OF_WIKIDATA, PropertyRoles
from kgenrich.settings import Settings
from kgenrich.sources.budget import Limits
from kgenrich.sources.fit_cache import FitCache

GROUP = "kgenrich.sources"

MOST_LABELS = 200_000
"""Labels that a `LabelLookup` holds; when there are more, it begins anew."""

T = TypeVar("T")


class Answer(Struct, frozen=True):
    """What a source says to one request.

    No candidates and no ``failure`` means that it abstains. ``failure`` is the reason why this
    one request could not be answered. ``call`` records what was asked of a model or service; a
    source that only reads the graph leaves it out.
    """

    request: TermRequest
    candidates: tuple[Candidate, ...] = ()
    call: Call | None = None
    failure: str = ""


class Question(Struct, frozen=True):
    """A request made ready to be asked.

    ``fingerprint`` identifies the call that would answer (source, model, parameters, prompt
    version, input); it is empty where asking is free and is simply done again. ``body`` is what
    the source makes of the request, for itself.
    """

    request: TermRequest
    fingerprint: str = ""
    body: Any = None


class Graph(Protocol):
    """The graph as a source may read it."""

    def entities(self, ids: Iterable[str] | None = None) -> Iterator[Entity]:
        """The named entities, or all of them, in a stable order; unknown ids are left out."""
        ...

    def labels(
        self, ids: Iterable[str], languages: Sequence[str]
    ) -> Mapping[str, Mapping[str, str]]:
        """Labels by entity id and language, for the ids and languages that have one."""
        ...


class SourceContext(Struct, frozen=True):
    """What a factory is given: the graph, the languages wanted, and the settings.

    ``options`` are those of this source alone (the table ``[sources.NAME]`` of the settings),
    ``name`` is the one under which it is to appear, ``limits`` bound what it may spend. ``fits``
    holds what the sources of one run have learned (`kgenrich.sources.fitted_values`). ``roles``
    says which properties of the graph stand for what.
    """

    graph: Graph
    languages: tuple[str, ...]
    settings: Settings
    options: Mapping[str, Any] = {}
    name: str = ""
    limits: Limits = Limits()
    fits: FitCache = field(default_factory=FitCache)
    roles: PropertyRoles = OF_WIKIDATA

    def read(self, kind: type[T]) -> T:
        """The options as ``kind``, a msgspec struct with defaults.

        Raises `UsageError` naming the option that is wrong or unknown.
        """
        try:
            return convert(dict(self.options), kind, strict=False)
        except ValidationError as error:
            raise UsageError(
                f"The options of the source {self.name!r} are wrong: {error}."
            ) from error


@runtime_checkable
class Source(Protocol):
    """A source of candidates. See the module for what it may and may not do."""

    @property
    def name(self) -> str: ...

    @property
    def kind(self) -> SourceKind: ...

    @property
    def licence(self) -> str:
        """The licence of what it proposes, as an SPDX id or a URL; empty where unknown."""
        ...

    def prepare(self, requests: Sequence[TermRequest]) -> Sequence[Question]:
        """The questions to those of the requests that it can be asked, without asking."""
        ...

    def propose(self, questions: Sequence[Question]) -> Iterable[Answer]:
        """Answers to some of the questions that it prepared, in any order, at most one each.

        Raises `SourceStopped` when the source cannot be used any further in this run.
        """
        ...


SourceFactory = Callable[[SourceContext], Source]


class FreeSource:
    """What a source inherits that costs nothing: it says the candidates of one request."""

    def candidates(self, request: TermRequest) -> Iterable[Candidate]:
        """The candidates of a request, the best first; none where it abstains."""
        raise NotImplementedError

    def prepare(self, requests: Sequence[TermRequest]) -> list[Question]:
        return [Question(request) for request in requests]

    def propose(self, questions: Sequence[Question]) -> Iterator[Answer]:
        for question in questions:
            yield Answer(question.request, tuple(self.candidates(question.request)))


class MemoryGraph:
    """A graph held in memory."""

    def __init__(self, entities: Iterable[Entity]) -> None:
        self._entities = {entity.id: entity for entity in entities}

    def entities(self, ids: Iterable[str] | None = None) -> Iterator[Entity]:
        for entity_id in self._entities if ids is None else ids:
            if entity_id in self._entities:
                yield self._entities[entity_id]

    def labels(
        self, ids: Iterable[str], languages: Sequence[str]
    ) -> Mapping[str, Mapping[str, str]]:
        return {
            entity.id: labels
            for entity in self.entities(ids)
            if (labels := {c: entity.labels[c] for c in languages if c in entity.labels})
        }


class LabelLookup:
    """The labels of a graph, of classes and of what claims point to: the same few are wanted again
    and again, so each is looked up once while it is held."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._held: dict[tuple[str, str], str] = {}

    def get(self, ids: Iterable[str], languages: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
        """As `Graph.labels`, without the ids that have none left out."""
        wanted = list(dict.fromkeys(ids))
        unknown = [id for id in wanted if any((id, c) not in self._held for c in languages)]
        if unknown:
            if len(self._held) > MOST_LABELS:
                self._held.clear()
                unknown = wanted
            found = self._graph.labels(unknown, languages)
            labels = {(id, c): found.get(id, {}).get(c, "") for id in unknown for c in languages}
            self._held.update(labels)
        return {
            id: {c: text for c in languages if (text := self._held.get((id, c), ""))}
            for id in wanted
        }


_CALLED = tuple(f"kgenrich.sources.{room}." for room in ("mt", "search", "llm"))


class Registration(Struct, frozen=True):
    """A source that an installed package offers by an entry point."""

    point: EntryPoint
    package: str

    @property
    def is_own(self) -> bool:
        """Whether it is a source of kgenrich itself."""
        return self.package == "kgenrich"

    @property
    def is_called(self) -> bool:
        """Whether it is one of kgenrich that asks others than the graph and dictionaries, which
        its module tells: so it need not be imported to know it."""
        return self.is_own and self.point.value.startswith(_CALLED)


def available() -> dict[str, Registration]:
    """The registered sources by name; none is imported. A name that is taken is `refused`."""
    return {name: rivals[0] for name, rivals in _by_name().items() if _is_settled(rivals)}


def refused() -> list[str]:
    """A sentence for every name that packages register and do not get: ours are ours, and what
    several third parties want has none of them."""
    return [
        f"The source {name!r} of {' and '.join(others)} is refused: the name is taken."
        for name, rivals in _by_name().items()
        if len(rivals) > 1 and (others := [one.package for one in rivals if not one.is_own])
    ]


@cache
def _by_name() -> dict[str, list[Registration]]:
    """Who registers each name, ours first. Looked up once: it reads the metadata of everything
    that is installed."""
    found = [
        Registration(point, point.dist.name if point.dist else "an unknown package")
        for point in entry_points(group=GROUP)
    ]
    by_name: dict[str, list[Registration]] = {}
    for one in sorted(found, key=lambda one: (not one.is_own, one.package)):
        by_name.setdefault(one.point.name, []).append(one)
    return by_name


def _is_settled(rivals: Sequence[Registration]) -> bool:
    return len(rivals) == 1 or rivals[0].is_own


def configured(settings: Settings) -> dict[str, str]:
    """Every source by name, and the registered one that it is made by: a table ``[sources.NAME]``
    with ``use = "REGISTERED"`` makes a source of its own, so that one adapter serves many models.
    """
    own = {n: str(table["use"]) for n, table in settings.sources.items() if "use" in table}
    return {name: name for name in available()} | own


def build(name: str, context: SourceContext) -> Source:
    """Make a source by its name, ready to be asked: what it learns from the graph, it learns or
    finds in ``context.fits`` before its first answer.

    Raises `UsageError` for an unknown name and `SourceStopped` when it cannot be imported, as a
    third party's cannot that has no table in the settings or that is broken.
    """
    options = dict(context.options)
    use = str(options.pop("use", name))
    points = available()
    if use not in points:
        why = [one for one in refused() if repr(use) in one]
        known = f"Registered: {', '.join(points) or 'none'}."
        raise UsageError(f"There is no source {use!r}. {(why or [known])[0]}")
    chosen = points[use]
    if not chosen.is_own and name not in context.settings.sources:
        raise SourceStopped(
            f"it is of the package {chosen.package}, and imported when the settings have a table "
            f"[sources.{name}]."
        )
    try:
        source: Source = chosen.point.load()(replace(context, name=name, options=options))
    except (KgenrichError, KeyboardInterrupt):
        raise
    except BaseException as error:
        if chosen.is_own and not isinstance(error, ImportError):
            raise
        # Whatever a third party's module does when it is imported, the other sources go on.
        trouble = " ".join(f"{type(error).__name__}: {error}".split())[:200].rstrip(".")
        raise SourceStopped(
            f"The source {use!r} of {chosen.package} is broken ({trouble})."
        ) from error
    return source
