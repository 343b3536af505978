"""What was learned from a graph's descriptions, asked by the composer and by the memory."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from msgspec import Struct

from kgenrich.model import Entity
from kgenrich.sources.graph.describe.channels import (
    CHANNELS,
    COMPOSER,
    MEMORY,
    Calibrator,
    ChannelChoices,
    Choice,
    Reading,
    composer_keys,
    elect,
    memory_keys,
    same,
)
from kgenrich.sources.graph.describe.guards import Witnesses, refuse
from kgenrich.sources.graph.describe.lexicon import Lexicon
from kgenrich.sources.graph.describe.records import Record, Roles, record
from kgenrich.sources.graph.describe.templates import abstract, show, template_key
from kgenrich.sources.graph.describe.trait_votes import Ballot, KeptVotes
from kgenrich.text import clean, vote_key

_MOST_ASKED = 20_000
_MOST_CHOICES = 3


class ChannelProposal(NamedTuple):
    """What one channel proposes. ``from_language`` and ``from_text`` are those of the description
    that the memory started from, empty for the composer."""

    choice: Choice
    probability: float
    from_language: str = ""
    from_text: str = ""

    def note(self) -> str:
        """A sentence for people: pattern, support, examples."""
        choice = self.choice
        where = f" where {self.from_language} says “{self.from_text}”" if self.from_text else ""
        examples = ", ".join(choice.examples)
        return (
            f"Pattern “{show(choice.template)}”{where}: {choice.best_votes} described so"
            f" ({choice.best_share:.0%} of their like), such as {examples}."
        )


class WrittenLanguage(Struct):
    """What it takes to describe in a language: its forms, what its words were seen with, and the
    votes by channel."""

    lexicon: Lexicon
    witnesses: Witnesses
    votes: dict[str, KeptVotes]


class DescriptionModel(Struct, dict=True):
    """What was learned. ``readers`` are the lexicons of the languages whose descriptions the memory
    reads, the most described ones first; ``written`` is by language what can be described in."""

    roles: Roles
    readers: dict[str, Lexicon]
    written: dict[str, WrittenLanguage]
    calibrators: dict[str, Calibrator]

    def propose(self, entity: Entity, language: str, channel: str) -> ChannelProposal | None:
        """What a channel proposes for an entity, or None where it abstains."""
        if language not in self.written:
            return None
        # Both channels are asked in turn about the same entities: they are answered at once.
        known = self._answers.get((entity.id, language))
        if known is None or known[0] != entity:
            if len(self._answers) >= _MOST_ASKED:
                self._answers.clear()
            known = self._answers[entity.id, language] = entity, self._answer(entity, language)
        return known[1].get(channel)

    def _answer(self, entity: Entity, language: str) -> dict[str, ChannelProposal]:
        reduced, written = record(entity, self.roles), self.written[language]
        texts = {code: clean(entity.descriptions.get(code, "")) for code in self.readers}
        readings = [
            self._read(reduced, code, text)
            for code, text in texts.items()
            if text and code != language
        ]
        learned = written.lexicon, written.witnesses, written.votes
        best = choose(reduced, readings, *learned, labels=entity.names(language))
        described = {}
        for channel, choices in best.choices.items():
            probability = self.calibrators[channel].probability(best.features(channel))
            source = choices[0].key[0] if channel == MEMORY and choices[0].key else ""
            described[channel] = ChannelProposal(
                choices[0], probability, source, texts.get(source, "")
            )
        return described

    @cached_property
    def _answers(self) -> dict[tuple[str, str], tuple[Entity, dict[str, ChannelProposal]]]:
        return {}

    @cached_property
    def _readings(self) -> dict[tuple[str, str], tuple[Record, Reading]]:
        return {}

    def _read(self, reduced: Record, language: str, text: str) -> Reading:
        known = self._readings.get((reduced.id, language))
        if known is None or known[0] != reduced or known[1].text != text:
            if len(self._readings) >= _MOST_ASKED:
                self._readings.clear()
            known = reduced, read_description(reduced, language, text, self.readers[language])
            self._readings[reduced.id, language] = known
        return known[1]


def read_description(reduced: Record, language: str, text: str, lexicon: Lexicon) -> Reading:
    """What a description in a source language says."""
    template, values = abstract(reduced, lexicon.style.canonical(text), lexicon)
    return Reading(language, text, vote_key(text), template_key(template), values)


def choose(
    reduced: Record,
    readings: Sequence[Reading],
    lexicon: Lexicon,
    witnesses: Witnesses,
    votes: Mapping[str, Ballot | KeptVotes],
    *,
    labels: Collection[str] = (),
    hidden: str = "",
    own: str | None = None,
) -> ChannelChoices:
    """What each channel would say of an entity; without the votes of a ``hidden`` cluster, and
    without the entity's ``own`` (its template key)."""
    texts = {reading.source: reading.text for reading in readings}
    said = frozenset(value for reading in readings for value in reading.values)
    keys = {COMPOSER: composer_keys(reduced), MEMORY: memory_keys(reduced, readings)}
    chosen: dict[str, list[Choice]] = {}
    for channel in CHANNELS:
        choices = elect(
            votes[channel], keys[channel], reduced, lexicon, said=said, hidden=hidden, own=own
        )
        for place, choice in enumerate(choices[:_MOST_CHOICES]):
            if not refuse(
                choice.filled,
                choice.template,
                reduced,
                lexicon,
                witnesses,
                texts=texts,
                said=said,
                labels=labels,
            ):
                chosen[channel] = choices[place:]
                break
    # What only some entities are said to be needs a witness in another language.
    if COMPOSER in chosen and votes[COMPOSER].varies(chosen[COMPOSER][0].name):
        agreed = MEMORY in chosen and same(chosen[MEMORY][0], chosen[COMPOSER][0])
        if not agreed:
            del chosen[COMPOSER]
    heard = [
        votes[MEMORY].support(key.what, hidden, own, reduced.cluster)[0] > 0
        for key in keys[MEMORY]
        if key.main
    ]
    return ChannelChoices(chosen, sum(heard) / len(heard) if heard else 0.5, len(readings))
