"""What the report of a run says, as values: the page and the JSON have the same."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from msgspec import Struct

from kgenrich.store.story.figures import Agreement, Outcome, Waiting


class RunFacts(Struct, frozen=True):
    """The run: of a ``job`` or of a ``verb``, its number and name, how it stands and why, when it
    began and ended, and the process that has it (empty: none)."""

    of: Literal["job", "verb"]
    id: int
    name: str
    status: str
    error: str
    started: str
    finished: str
    seconds: float
    holder: str = ""


class StepFacts(Struct, frozen=True):
    """A step: what it is, how it ended, what it counted (numbers alone)."""

    name: str
    status: str
    error: str
    seconds: float
    counts: dict[str, float]


class CoverageFacts(Struct, frozen=True):
    """Terms of a kind in a language: how many entities want one, have one, inherit one, lack one;
    of these that were accepted and wait for their export, or have proposals. ``share_before`` is
    `share` when the run began, None where that was not kept."""

    language: str
    language_name: str
    kind: str
    entities: int
    explicit: int
    inherited: int
    accepted: int
    proposed: int
    missing: int
    share_before: float | None = None

    @property
    def present(self) -> int:
        """Has one, or inherits one."""
        return self.explicit + self.inherited

    @property
    def share(self) -> float:
        """How many of the entities have, inherit or get one, in [0, 1]."""
        return (self.present + self.accepted) / max(1, self.entities)


class SourceFacts(Struct, frozen=True):
    """A source: requests ``asked``, answered from what is ``remembered``, ``failed``; its calls,
    their seconds and cost; the new proposals that it supports, and what was decided on them; why it
    ``stopped``."""

    name: str
    kind: str
    asked: int
    remembered: int
    failed: int
    calls: int
    seconds: float
    cost: float
    proposals: int
    accepted: int
    rejected: int
    stopped: str

    @property
    def waiting(self) -> int:
        """Proposals that nobody decided on."""
        return max(0, self.proposals - self.accepted - self.rejected)


class Tenth(Struct, frozen=True):
    """Predictions of one tenth of probability: how many, their mean, the share that was right."""

    count: int
    expected: float
    right: float


class Reliability(Struct, frozen=True):
    """How probabilities fared: by tenths, over so many terms, with the expected calibration
    error."""

    name: str
    terms: int
    error: float
    bins: tuple[Tenth, ...]


class HeldOut(Struct, frozen=True):
    """An evaluation on hidden terms: the run of ``evaluate heldout`` that made it, and when; the
    ``entities`` of which a part was hidden; reliability by kind of term."""

    run: int
    at: str
    entities: int
    reliability: tuple[Reliability, ...]


class Fault(Struct, frozen=True):
    """What failed, ``count`` times (0: once for all), and what it ``waits`` for."""

    what: str
    reason: str
    count: int
    waits: str


class MissingTerm(Struct, frozen=True):
    """A term that an entity lacks, and whether a proposal waits."""

    language: str
    language_name: str
    kind: str
    proposed: bool


class Wanted(Struct, frozen=True):
    """An entity that lacks ``terms``, with its label (in ``label_language``), its address (empty
    where it has none), and how many sitelinks it has."""

    entity: str
    label: str
    label_language: str
    url: str
    links: int
    terms: tuple[MissingTerm, ...]


class StreamFacts(Struct, frozen=True):
    """Until when the changes of a wiki are known that the ``feed`` told, and how many seconds that
    was behind the end of the run."""

    feed: str
    known_until: str
    behind: float


class RunReport(Struct, frozen=True):
    """Everything that the page says."""

    run: RunFacts
    steps: tuple[StepFacts, ...]
    coverage: tuple[CoverageFacts, ...]
    outcomes: tuple[Outcome, ...]
    sources: tuple[SourceFacts, ...]
    agreement: tuple[Agreement, ...]
    held_out: HeldOut | None
    reviewed: Reliability | None
    calls: int
    call_seconds: float
    cost: float
    faults: tuple[Fault, ...]
    wanted: tuple[Wanted, ...]
    waiting: Waiting
    oldest_url: str
    streams: tuple[StreamFacts, ...]
    next_run: str

    def as_json(self) -> dict[str, Any]:
        """The report for programs."""
        told: dict[str, Any] = msgspec.to_builtins(self)
        return told
