"""What every verb works in: the settings, one store that is opened once, and who listens."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, Self, TypeVar

import msgspec
from msgspec import Meta, Struct

from kgenrich.errors import UsageError
from kgenrich.masking import mask
from kgenrich.progress import SILENT, Progress
from kgenrich.property_roles import PropertyRoles
from kgenrich.settings import Settings
from kgenrich.waits import tell_waits

if TYPE_CHECKING:
    from kgenrich.curies import Curies
    from kgenrich.sources.dictionary.glossary_rules import GlossaryRule
    from kgenrich.store.base import Store
    from kgenrich.store.facts.graph import StoreGraph

O = TypeVar("O", bound="Options")  # noqa: E741


class Rows(list[dict[str, Any]]):
    """A table, a mapping from column to value a row, as ``pandas.DataFrame`` and
    ``polars.DataFrame`` take it. ``total`` is the number of rows before a limit."""

    def __init__(self, rows: list[dict[str, Any]], total: int | None = None) -> None:
        super().__init__(rows)
        self.total = len(rows) if total is None else total


Count = Annotated[int, Meta(ge=1)]
Share = Annotated[float, Meta(ge=0, le=1)]


class Options(Struct, frozen=True, forbid_unknown_fields=True):
    """What all structs of options have in common: an unknown option is an error."""


class Workspace:
    """Settings and the store that they name. A context manager: at its end the store is closed."""

    def __init__(self, settings: Settings, progress: Progress = SILENT) -> None:
        self.settings = settings
        self.progress = progress
        tell_waits(progress)
        self._store: Store | None = None
        self._curies: Curies | None = None
        self._glossaries: tuple[object, tuple[GlossaryRule, ...]] | None = None
        self._announced: set[tuple[str, str]] = set()

    @property
    def store(self) -> Store:
        """The store, opened when it is first wanted. Raises `StoreError` where there is none."""
        return self._store or self._open(create=False)

    def make_store(self) -> Store:
        """The store; one that is missing is made, one of an older version is migrated."""
        return self._store or self._open(create=True)

    @cached_property
    def graph(self) -> StoreGraph:
        """The graph in the store."""
        from kgenrich.store.facts.graph import StoreGraph

        return StoreGraph(self.store)

    @property
    def roles(self) -> PropertyRoles:
        """Which properties of the graph have which roles: as the settings say, else as harvests
        of a wiki of one's own found, else Wikidata's."""
        from kgenrich.store.found_roles import found_roles

        settings = self.settings
        return settings.property_roles({} if settings.is_wikidata else found_roles(self.store))

    @property
    def glossary_rules(self) -> tuple[GlossaryRule, ...]:
        """What the glossaries of the settings bind names to; they are read again where their files
        have changed. Raises as `kgenrich.sources.dictionary.glossary_rules.glossary_rules`."""
        from kgenrich.sources.dictionary.glossary_rules import glossary_rules, glossary_stamps

        stamps = glossary_stamps(self.settings)
        if self._glossaries is None or self._glossaries[0] != stamps:
            self._glossaries = stamps, tuple(glossary_rules(self.settings))
        return self._glossaries[1]

    @property
    def curies(self) -> Curies:
        """The prefixes of the store's origins, and those that are well known. Raises `StoreError`
        where there is no store."""
        from kgenrich.curies import Curies
        from kgenrich.store.facts.origins import all_origins

        prefixes = {origin.name: origin.prefixes for origin in all_origins(self.store)}
        if self._curies is None or self._curies.origins != prefixes:
            self._curies = Curies(prefixes)
        return self._curies

    @property
    def store_name(self) -> str:
        """The database as it may be shown: without a password."""
        return mask(self.settings.store_url())

    def announce(self, host: str, said_by: str, key_env: str = "") -> None:
        """Say, once, which host is about to be asked, with the key in which variable, and who said
        so."""
        if (host, key_env) not in self._announced:
            self._announced.add((host, key_env))
            key = f" with the key in {key_env}" if key_env else ""
            self.progress.remark(f"{host} is asked{key}, as {said_by} says.")

    def close(self) -> None:
        """Close what was opened."""
        if self._store is not None:
            self._store.close()
            self._store = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _open(self, *, create: bool) -> Store:
        from kgenrich.store.opening import open_store

        settings = self.settings
        self._store = open_store(settings.store_url(), create=create, base=settings.base)
        return self._store


def read_options(kind: type[O], /, **options: Any) -> O:
    """Options by name as the struct of a verb, lists as tuples.

    Raises `UsageError` naming the option that is unknown or wrong.
    """
    try:
        return msgspec.convert(options, kind)
    except msgspec.ValidationError as error:
        raise UsageError(f"The options are wrong: {error}.") from error
