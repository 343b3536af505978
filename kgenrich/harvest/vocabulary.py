"""How the graph of an RDF file is to be read: what its reader was told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kgenrich.harvest.batch import GraphNotes
from kgenrich.harvest.gathering import Gathered
from kgenrich.harvest.iris import ENTITY, Iris
from kgenrich.harvest.parsing import Noted
from kgenrich.harvest.profiles import (
    GENERIC,
    ORDER,
    WIKIBASE,
    Profile,
    meanings,
    named,
    ready,
    told,
)
from kgenrich.harvest.summary import Summary
from kgenrich.property_roles import WIKIDATA


class Vocabulary:
    """Which predicates mean what, and how IRIs and languages are written here.

    ``base`` is the IRI prefix of bare ids, ``address`` that of what a file names by relative IRIs
    (see `Iris`). ``profiles`` are names or files, by default those that the file is told to have;
    ``labels`` takes the place of their label predicates. ``untagged`` is the language of literals
    without one, empty where it is to be found. ``properties`` are those whose values are kept
    besides: IRIs, or the ids of a Wikibase whose truthy statements they are; those of
    ``instance_of`` are classes. What cannot be used goes to ``notes``. When a file has been
    gathered, ``summary`` says what it is.
    """

    def __init__(
        self,
        base: str,
        *,
        address: str = "",
        profiles: Sequence[str] = (),
        labels: Sequence[str] = (),
        untagged: str = "",
        languages: Sequence[str] = (),
        properties: Sequence[str] = (),
        instance_of: str = WIKIDATA["instance_of"],
        notes: GraphNotes | None = None,
    ) -> None:
        self.notes = notes or GraphNotes()
        self.iris = Iris(base, address, self.notes)
        self.noted = Noted(self.notes.repaired)
        self.summary = Summary()
        self.labels = tuple(labels)
        self.untagged = untagged
        self.languages = frozenset(languages)
        direct = base.removesuffix(ENTITY) + "prop/direct/"
        self.instance_of = direct + instance_of if instance_of else ""
        self.properties: Mapping[str, str] = {
            name if "://" in name else direct + name: name for name in properties
        }
        """What the predicates whose values are kept are called."""
        self._named = named(profiles)

    def gather(self) -> Gathered:
        """A place for the facts of a file."""
        profiles = self._named or [*map(ready, ORDER)]
        every = meanings([*profiles, ready(WIKIBASE)], self.labels)
        properties = {*self.properties, self.instance_of}
        return Gathered(every, self.iris, properties, self.noted.tags)

    def profiles_of(self, gathered: Gathered) -> list[Profile]:
        """The profiles that hold for a file: those that were named, else those that its predicates
        and types tell, and what is read of any graph. That of Wikibase, which holds for what the
        wiki itself is about, is not among them."""
        if self._named:
            return self._named
        predicates = {form.predicate for form in gathered.forms}.union(gathered.unread)
        found = told(gathered.types | predicates)
        return [*(profile for profile in found if profile.name != WIKIBASE), ready(GENERIC)]
