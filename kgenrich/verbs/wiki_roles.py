"""Which properties a harvest of a wiki of one's own takes for what: told before use, and kept in
the store for later commands."""

from __future__ import annotations

from collections.abc import Iterable

from kgenrich.harvest.document import Reader
from kgenrich.harvest.wiki_properties import Document, Found, PropertyFinder
from kgenrich.verbs.workspace import Workspace

_UNKNOWN = (
    "No property was found that says what an entity is an instance of, so nothing has a class: "
    'name it in the settings, as in [roles] instance_of = "P1".'
)


class RoleSearch:
    """Looks at a wiki for the roles that neither the settings nor harvests before know, for the
    ``reader`` of a harvest. What a dry run finds is not kept."""

    def __init__(self, workspace: Workspace, reader: Reader, *, dry_run: bool) -> None:
        self._workspace, self._reader, self._dry_run = workspace, reader, dry_run
        self._finder = PropertyFinder()

    def begin(self) -> None:
        """Take up what is known."""
        self._reader.take_classes_from(self._known().get("instance_of", ""))

    def see(self, documents: Iterable[Document]) -> None:
        """Look at some documents, and wait for more."""
        self._finder.see(documents)

    def look(self, documents: Iterable[Document]) -> None:
        """Look at the first documents of the graph; from then on the reader knows its classes."""
        self._finder.see(documents)
        known = self._known()
        new = {role: one for role, one in self._finder.found().items() if role not in known}
        if new:
            self._workspace.progress.remark(_sentence(new))
        roles = known | {role: one.property for role, one in new.items()}
        if "instance_of" not in roles:
            self._workspace.progress.remark(_UNKNOWN, grave=True)
        if new and not self._dry_run:
            from kgenrich.store.found_roles import note_roles

            note_roles(self._workspace.make_store(), roles)
        self._reader.take_classes_from(roles.get("instance_of", ""))

    def _known(self) -> dict[str, str]:
        if self._dry_run:
            return dict(self._workspace.settings.property_roles().ids)
        self._workspace.make_store()
        return dict(self._workspace.roles.ids)


def _sentence(found: dict[str, Found]) -> str:
    told = (f"{one.property} for {role}, {one.how}" for role, one in found.items())
    taken = "; ".join(told)
    return f"Properties of this wiki are taken: {taken}. [roles] in the settings corrects it."
