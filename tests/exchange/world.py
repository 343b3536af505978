"""A store with terms to be decided, and what there is to compare after an exchange."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kgenrich.model import Entity, TermKind, Value
from kgenrich.settings import Settings
from kgenrich.store.base import Store
from kgenrich.store.facts.load import load_entities
from kgenrich.store.opening import open_store
from kgenrich.verbs.exchange import UnitsOptions, export_units
from kgenrich.verbs.exchange_import import ImportOptions, ImportReport, import_units
from kgenrich.verbs.workspace import Workspace
from tests.store.test_proposals import proposal, save
from tests.stores import dump

LABEL, DESCRIPTION, ALIAS = TermKind.LABEL, TermKind.DESCRIPTION, TermKind.ALIAS
CITY = Entity(
    "Q64",
    labels={"en": "Berlin", "de": "Berlin", "ja": "ベルリン"},
    descriptions={"en": "capital of Germany"},
    classes=("Q515",),
    sitelinks={"enwiki": "Berlin", "dewiki": "Berlin"},
    revision=8,
)
WRITER = Entity(
    "Q42",
    labels=dict.fromkeys(("en", "de", "fr"), "Douglas Adams"),
    descriptions={"en": "English writer"},
    classes=("Q5",),
    claims={"P31": (Value("entity", "Q5"),)},
    sitelinks={"enwiki": "Douglas Adams"},
    revision=7,
)
THING = Entity("http://example.org/a?b=1&c#<d>", labels={"en": 'a <b> & "c" %s'}, revision=1)
CLASS = Entity("Q515", labels={"en": "city", "it": "città"})
PROPOSALS = {
    "city": proposal("Q64", "Berlino"),
    "second": proposal("Q64", "Berlin", rank=2, probability=0.4),
    "told": proposal("Q64", "capitale della Germania", kind=DESCRIPTION),
    "writer": proposal("Q42", "Douglas Adams"),
    "alias": proposal("Q42", "DNA", kind=ALIAS),
    "thing": proposal(THING.id, "un & 'c' %s < d"),
    "japanese": proposal("Q42", "ダグラス・アダムズ", "ja"),
}
IDS = {name: one.candidate.id for name, one in PROPOSALS.items()}


def fill(store: Store) -> None:
    """Three entities with what is proposed for them."""
    load_entities(store, [CITY, WRITER, THING, CLASS])
    for entity in (CITY, WRITER, THING):
        mine = [one for one in PROPOSALS.values() if one.candidate.entity == entity.id]
        save(store, *mine, revision=entity.revision)


class Desk:
    """A store and a folder in which files go out and come back."""

    def __init__(self, workspace: Workspace, folder: Path) -> None:
        self.workspace, self.folder = workspace, folder

    @property
    def store(self) -> Store:
        """The store itself."""
        return self.workspace.store

    def out(self, name: str, **options: Any) -> Path:
        """Write a file."""
        path = self.folder / name
        given = {"languages": ("it",), "from_languages": ("en",), "reader": "en", "force": True}
        export_units(self.workspace, UnitsOptions(output=str(path), **(given | options)))
        return path

    def back(self, path: Path, author: str | None = "ann", **options: Any) -> ImportReport:
        """Read a file."""
        given = ImportOptions(file=str(path), author=author, **options)
        return import_units(self.workspace, given)

    def decided(self) -> dict[str, tuple[str, str, str, str]]:
        """What was decided by name: verdict, text, author and reason."""
        from kgenrich.store.story.conditions import DECIDING
        from kgenrich.store.story.decisions import current_decisions

        with self.store.read() as connection:
            found = current_decisions(connection, IDS.values())
        names = {id: name for name, id in IDS.items()}
        return {
            names[id]: (str(one.verdict), one.text, one.author, one.reason)
            for id, one in found.items()
            if one.verdict in DECIDING
        }

    def content(self) -> dict[str, Any]:
        """All that the store holds, but for what was exported when."""
        return dump(self.store, "exports", "runs")


@contextmanager
def desk(url: str, folder: Path) -> Iterator[Desk]:
    """A filled store."""
    store = open_store(url, create=True)
    fill(store)
    store.close()
    with Workspace(Settings(store=url)) as workspace:  # type: ignore[call-arg]
        yield Desk(workspace, folder)


def edit_lines(path: Path, change: Callable[[dict[str, Any]], dict[str, Any] | None]) -> Path:
    """Change the units of JSON lines."""
    lines = [change(json.loads(line)) for line in path.read_text("utf-8").splitlines()]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines if line), "utf-8")
    return path
