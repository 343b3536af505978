"""What a file was found to be, for people and for programs."""

from __future__ import annotations

from collections import Counter
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from kgenrich.harvest.about import About
from kgenrich.harvest.profiles import GENERIC
from kgenrich.harvest.unread import Unread
from kgenrich.harvest.untagged import Untagged
from kgenrich.model import UNDETERMINED, Origin

MOST_ROWS = 50


class Summary(Struct):
    """What a file was found to be: what it says ``about`` itself, by which profiles (their
    ``titles``) it was read; how many entities there are of each type, and items by what they are
    ``called``; how many texts stand in nodes of their own; how texts without a tag were taken, how
    many there are by predicate and language; how many of a region were taken for their language;
    and what texts were not read, by predicate, those of ``blank`` nodes apart."""

    about: About = About()
    titles: tuple[str, ...] = ()
    types: Counter[str] = field(default_factory=Counter)
    called: Counter[str] = field(default_factory=Counter)
    in_nodes: Counter[str] = field(default_factory=Counter)
    untagged_as: Untagged = Untagged()
    untagged: Counter[tuple[str, str]] = field(default_factory=Counter)
    regions: Counter[tuple[str, str]] = field(default_factory=Counter)
    unread: dict[str, Unread] = field(default_factory=dict)
    blank: Counter[str] = field(default_factory=Counter)

    def sentence(self) -> str:
        """What it is, as "267 concepts, 1 scheme, SKOS; 12 labels are nodes".

        >>> from collections import Counter
        >>> called, types = Counter(concept=267), Counter(item=267)
        >>> Summary(titles=("SKOS",), called=called, types=types).sentence()
        '267 concepts, SKOS'
        """
        others = self.types["item"] - self.called.total()
        counts = [*self.called.most_common(), ("other" if self.called else "entity", others)]
        counts += [(name, n) for name, n in self.types.most_common() if name != "item"]
        parts = [f"{number:,} {_many(name, number)}" for name, number in counts if number]
        parts += [title for title in self.titles if title != GENERIC] or [GENERIC]
        nodes = ", ".join(f"{n:,} {_many(role, n)}" for role, n in self.in_nodes.items())
        return ", ".join(parts) + (f"; {nodes} in nodes of their own" if nodes else "")

    def told_of(self, origin: Origin) -> Origin:
        """The origin with what the file says of it, where nobody said anything else."""
        language = self.untagged_as.language if self.untagged else ""
        return replace(
            origin,
            licence=origin.licence or "; ".join(self.about.licences),
            profile=", ".join(self.about.profiles),
            language="" if language == UNDETERMINED else language,
        )

    def report(self) -> dict[str, Any]:
        """The same for programs, the most frequent first."""
        unread = sorted(
            self.unread.items(), key=lambda row: (-row[1].tagged - row[1].untagged, row[0])
        )
        return {
            "is": self.sentence(),
            "profiles": list(self.about.profiles),
            "types": dict(self.types),
            "title": self.about.title,
            "licences": list(self.about.licences),
            "untagged": [
                {
                    "predicate": predicate,
                    "texts": number,
                    "language": language,
                    "reason": "unknown" if language == UNDETERMINED else self.untagged_as.reason,
                }
                for (predicate, language), number in self.untagged.most_common(MOST_ROWS)
            ],
            "regions": [
                {"tag": tag, "language": language, "texts": number}
                for (tag, language), number in self.regions.most_common(MOST_ROWS)
            ],
            "unread": [
                {
                    "predicate": predicate,
                    "tagged": texts.tagged,
                    "untagged": texts.untagged,
                    "example": texts.example,
                }
                for predicate, texts in unread[:MOST_ROWS]
            ],
            "blank": [
                {"predicate": predicate, "texts": number}
                for predicate, number in self.blank.most_common(MOST_ROWS)
            ],
        }


def _many(name: str, number: int) -> str:
    if number == 1 or name.endswith("series"):
        return name
    if name == "deprecated":
        return name
    if name.endswith("y"):
        return f"{name[:-1]}ies"
    return f"{name}es" if name.endswith(("s", "x")) else f"{name}s"
