"""What the labels of the graph teach of names in another script: how words are written, what
stands between them, and which classes have names that are transliterated at all.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from msgspec import Struct

from kgenrich.adapters.transliteration.alphabet import folded
from kgenrich.adapters.transliteration.name_words import sounds_alike
from kgenrich.adapters.transliteration.transliterator import Ways
from kgenrich.languages import in_script
from kgenrich.model import Entity
from kgenrich.sources.graph.transliteration.words import Name, is_plain, joint_kind, split

_STRENGTH = 8.0
"""Entities that the rate of all classes counts for beside that of one."""

_NETWORK = 2.0
"""Labels that the network counts for beside those in which a word was seen."""

_ALL = ""
_BETWEEN = {"ja": {" ": "・", "-": "＝"}, "zh": {" ": "·", "-": "-"}}
"""What stands between words where no label tells."""


class Spellings(Struct):
    """Counts by target language: ``words`` of the spellings of a word, ``joints`` of what stands
    for a space or a hyphen, ``classes`` of the labels of a class that sound like the name they
    would be taken from, and of all.
    """

    words: dict[str, dict[str, dict[str, int]]] = {}
    joints: dict[str, dict[str, dict[str, int]]] = {}
    classes: dict[str, dict[str, list[int]]] = {}

    def observe(self, entity: Entity, name: Name, target: str) -> None:
        """Count the label that an entity has beside the name that it would be taken from."""
        label = entity.labels[target]
        other, alike = split(label), False
        if len(other.words) == len(name.words) and is_plain(label) and in_script(label, target):
            pairs = [
                (folded(one), folded(two)) for one, two in zip(name.words, other.words, strict=True)
            ]
            sounding = [pair for pair in pairs if sounds_alike(*pair)]
            alike = len(sounding) == len(pairs)
            words = self.words.setdefault(target, {})
            for one, two in sounding:
                spellings = words.setdefault(one, {})
                spellings[two] = spellings.get(two, 0) + 1
            if alike:
                for kind, joint in zip(map(joint_kind, name.joints), other.joints, strict=True):
                    joints = self.joints.setdefault(target, {}).setdefault(kind, {})
                    joints[joint] = joints.get(joint, 0) + 1
        for class_id in (_ALL, *entity.classes):
            counts = self.classes.setdefault(target, {}).setdefault(class_id, [0, 0])
            counts[0] += alike
            counts[1] += 1

    def labels(self, target: str) -> int:
        """How many labels of a language were counted."""
        return self.classes.get(target, {}).get(_ALL, [0, 0])[1]

    def rate(self, classes: Sequence[str], target: str) -> float:
        """The share of the labels of a class that sound alike, the largest class that is known;
        drawn towards that of all where it has few.
        """
        counts = self.classes.get(target, {})
        alike, seen = counts.get(_ALL, (0, 0))
        rate = (alike + 1) / (seen + 2)
        known = (counts[of] for of in classes if of in counts)
        alike, seen = max(known, key=lambda of: of[1], default=(0, 0))
        return (alike + _STRENGTH * rate) / (seen + _STRENGTH)

    def seen(self, word: str, target: str) -> dict[str, int]:
        """In how many labels a word was written how."""
        return self.words.get(target, {}).get(folded(word), {})

    def ways(self, word: str, target: str, network: Ways, width: int) -> Ways:
        """The ways to write a word, the best first: those of the network, and how often labels
        have each.
        """
        seen = self.seen(word, target)
        total = sum(seen.values()) + _NETWORK
        chances: dict[str, float] = defaultdict(float)
        for text, chance in network:
            chances[text] += _NETWORK * chance / total
        capital = word[:1].isupper() or word[:1].lower() == word[:1].upper()
        for text, count in seen.items():
            chances[text[:1].upper() + text[1:] if capital else text] += count / total
        return sorted(chances.items(), key=lambda way: (-way[1], way[0]))[:width]

    def between(self, target: str) -> dict[str, str]:
        """What mostly stands for a space and for a hyphen."""
        usual = dict(_BETWEEN.get(target.split("-")[0], {}))
        for kind, counts in self.joints.get(target, {}).items():
            usual[kind] = max(sorted(counts), key=counts.__getitem__)
        return usual


def merged(parts: Sequence[Spellings]) -> Spellings:
    """The counts of all parts together."""
    every = Spellings()
    for part in parts:
        for mine, others in ((every.words, part.words), (every.joints, part.joints)):
            for target, by_word in others.items():
                into = mine.setdefault(target, {})
                for word, counts in by_word.items():
                    into[word] = dict(Counter(into.get(word, {})) + Counter(counts))
        for target, by_class in part.classes.items():
            of_target = every.classes.setdefault(target, {})
            for class_id, (alike, seen) in by_class.items():
                before = of_target.get(class_id, [0, 0])
                of_target[class_id] = [before[0] + alike, before[1] + seen]
    return every
