"""The tables: one schema for SQLite and PostgreSQL. The migrations lead to exactly this.

A *slot* is a language and a kind in one integer (`kgenrich.store.term_slots`), a *key* an entity in
one (`kgenrich.store.keys`). Times are ISO 8601 in UTC. Candidates, evidence and calls are only
ever added; of proposals and decisions the ``current`` ones hold, the others are history.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, get_args

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    TextClause,
    false,
    text,
)
from sqlalchemy.schema import SchemaItem
from sqlalchemy.types import TypeEngine

from kgenrich.model import EntityType, ValueKind

HEAD = "0016"
"""The migration that these tables belong to."""

metadata = MetaData()

# SQLite keeps a table by its key without a second index only if the key's type is INTEGER.
_Key: TypeEngine[Any] = BigInteger().with_variant(Integer(), "sqlite")
_Hash = String(32)
_Kind = TypeEngine[Any] | type[TypeEngine[Any]]


def _columns(kind: _Kind, *names: str) -> list[Column[Any]]:
    return [Column(name, kind, nullable=False) for name in names]


def _table(name: str, *parts: SchemaItem, keyed: bool = False) -> Table:
    """A table; SQLite keeps a ``keyed`` one in the order of its key, without row numbers."""
    return Table(name, metadata, *parts, sqlite_with_rowid=not keyed)


def _key(*names: str, kind: _Kind = _Key) -> list[Column[Any]]:
    return [Column(name, kind, primary_key=True, autoincrement=False) for name in names]


def _partial(
    name: str, where: str | ColumnElement[bool], *columns: Any, unique: bool = False
) -> None:
    condition = text(where) if isinstance(where, str) else where
    Index(name, *columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


meta = _table(
    "meta",
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
languages = _table(
    "languages",
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("code", Text, nullable=False, unique=True),
)
iris = _table(
    "iris",
    *_key("key"),
    Column("iri", Text, nullable=False),
)


def _said() -> Column[Any]:
    """Which origins say what the row holds, and in which form: a set of `sayings`."""
    return Column("said", Integer, nullable=False, server_default=text("1"))


# Who says what the graph says (`kgenrich.store.facts.ledger`).
origins = _table(
    "origins",
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False, unique=True),
    *_columns(Text, "kind", "place", "licence", "profile", "language", "prefixes"),
    *_columns(Text, "retrieved", "digest"),
)
forms = _table(
    "forms",
    Column("id", Integer, primary_key=True, autoincrement=False),
    *_columns(Text, "role", "predicate", "tag", "datatype"),
    Column("rank", Integer, nullable=False),
)
sayings = _table(
    "sayings",
    Column("id", Integer, primary_key=True, autoincrement=False),
    # Pairs of an origin and a form.
    Column("members", Text, nullable=False, unique=True),
)
presence = _table(
    "presence",
    *_key("entity_key", kind=BigInteger),
    *_key("origin_id", kind=Integer),
    # What was last loaded, so that loading it again costs one look-up.
    Column("digest", BigInteger, nullable=False),
    # The type of the entity; of one that the origin says is gone -1.
    Column("type", SmallInteger, nullable=False),
    Index("presence_by_origin", "origin_id", "entity_key"),
    keyed=True,
)
# The letters of what is written otherwise than it is kept.
originals = _table(
    "originals",
    *_key("entity_key", kind=BigInteger),
    *_key("origin_id", "form_id", "ord", kind=Integer),
    *_columns(Text, "text", "raw", "node"),
    keyed=True,
)
# What a run notes on its way, as packed keys: the entities that a harvest of a whole origin has
# met, and those of which enriching got not every answer.
seen = _table(
    "seen",
    *_key("run_id", "place", kind=Integer),
    Column("entity_keys", LargeBinary, nullable=False),
)

# What loads changed (`kgenrich.store.facts.changes`): packed keys of the entities, and of those of
# them in which others may read something else than before, until that is ``settled``.
changes = _table(
    "changes",
    Column("id", Integer, primary_key=True),
    *_columns(LargeBinary, "entity_keys", "told_keys"),
    Column("settled", Boolean, nullable=False),
)

# The graph as harvested.
entities = _table(
    "entities",
    *_key("key"),
    Column("revision", BigInteger, nullable=False),
    Column("redirect_key", BigInteger),
    Column("deleted", Boolean, nullable=False),
    Column("links", Integer, nullable=False),
    # Of all that its origins say.
    Column("digest", BigInteger, nullable=False),
    Column("type", SmallInteger, nullable=False, server_default=text("0")),
)
Index("entities_by_links", entities.c.links.desc(), entities.c.key)
classes = _table(
    "classes",
    *_key("class_key", "entity_key", kind=BigInteger),
    Column("ord", Integer, nullable=False),
    _said(),
    Index("classes_by_entity", "entity_key"),
    keyed=True,
)
terms = _table(
    "terms",
    *_key("entity_key", kind=BigInteger),
    *_key("slot", "ord", kind=Integer),
    Column("text", Text, nullable=False),
    _said(),
    keyed=True,
)
# A label longer than any Wikibase takes may also be longer than an index entry can be.
LONGEST_INDEXED = 250
_is_indexed = f"slot % 4 = 0 AND length(text) <= {LONGEST_INDEXED}"
_partial("labels_by_text", _is_indexed, terms.c.slot, terms.c.text)


def is_indexed_label(name: str) -> TextClause:
    """The condition of the index over labels for the table or alias ``name``, to the letter:
    otherwise it is not used."""
    return text(f"{name}.slot % 4 = 0 AND length({name}.text) <= {LONGEST_INDEXED}")


def is_alive() -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """The conditions for an entity to be neither merged into another nor deleted."""
    return entities.c.redirect_key.is_(None), ~entities.c.deleted


VALUE_KINDS: tuple[ValueKind, ...] = get_args(ValueKind)
"""The kinds of values by the number that stands for them."""
ENTITY_TYPES: tuple[EntityType, ...] = get_args(EntityType)
"""The types of entities by the number that stands for them."""
ITEMS: tuple[EntityType, ...] = ("item",)
"""What terms are asked for unless told otherwise."""


def type_codes(types: Iterable[EntityType]) -> list[int]:
    """The numbers of types."""
    return sorted({ENTITY_TYPES.index(type) for type in types})


def is_of_type(types: Iterable[EntityType]) -> ColumnElement[bool]:
    """The condition for an entity to be of one of the types."""
    return entities.c.type.in_(type_codes(types))


claims = _table(
    "claims",
    *_key("entity_key", "property_key", kind=BigInteger),
    *_key("ord", kind=Integer),
    Column("kind", SmallInteger, nullable=False),
    *_columns(Text, "value", "language"),
    Column("precision", Integer, nullable=False),
    _said(),
    keyed=True,
)
sitelinks = _table(
    "sitelinks",
    Column("entity_key", BigInteger, primary_key=True),
    Column("site", Text, primary_key=True),
    Column("title", Text, nullable=False),
    _said(),
    keyed=True,
)

# What of it is there: kept up to date with every load. One packed row a class
# (`kgenrich.store.facts.coverage_counts`), since a batch touches hundreds of slots of each of its
# classes.
coverage = _table(
    "coverage",
    *_key("class_key"),
    Column("counts", LargeBinary, nullable=False),
)
totals = _table(
    "totals",
    *_key("class_key"),
    *_columns(BigInteger, "entities", "links"),
)

# What was done.
runs = _table(
    "runs",
    Column("id", Integer, primary_key=True),
    *_columns(
        Text,
        "verb",
        "scope",
        "settings_hash",
        "code_version",
        "status",
        "started",
        "finished",
        "position",
        "counts",
    ),
    # The live process that has it, in words.
    Column("holder", Text, nullable=False, server_default=text("''")),
)
_partial("runs_unfinished", "status != 'done'", runs.c.verb)
_partial("runs_of_harvests", "verb LIKE 'harvest %'", runs.c.id)
rejects = _table(
    "rejects",
    Column("input", Text, primary_key=True),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("entity", Text, primary_key=True),
    Column("run_id", Integer, nullable=False),
    *_columns(Text, "reason", "excerpt"),
)
Index(
    "rejects_by_run",
    rejects.c.run_id.desc(),
    rejects.c.input,
    rejects.c.position,
    rejects.c.entity,
)
exports = _table(
    "exports",
    Column("id", Integer, primary_key=True),
    Column("run_id", Integer, nullable=False),
    *_columns(Text, "format", "path"),
    Column("rows", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("at", Text, nullable=False),
    Index("exports_by_run", "run_id"),
)

# What jobs did: a run of a job goes through steps, each of which leads to a run of a verb.
job_runs = _table(
    "job_runs",
    Column("id", Integer, primary_key=True),
    *_columns(Text, "job", "file", "status", "started", "resumed", "finished"),
    # The live process that has it, and who asked it to stop, in words.
    *_columns(Text, "holder", "stop", "error"),
    # What languages had and lacked.
    *_columns(Text, "before", "after"),
    Index("job_runs_by_job", "job", "id"),
)
_partial("job_runs_unfinished", "status NOT IN ('done', 'partly')", job_runs.c.job, unique=True)
job_steps = _table(
    "job_steps",
    *_key("job_run_id", "place", kind=Integer),
    *_columns(Text, "name", "scope", "status", "position", "counts", "error"),
    *_columns(Text, "started", "finished"),
    Column("seconds", Double, nullable=False),
    # The run of the verb; 0 where it keeps none.
    Column("run_id", Integer, nullable=False),
    keyed=True,
)
# When jobs are due by themselves.
job_schedules = _table(
    "job_schedules",
    Column("job", Text, primary_key=True),
    *_columns(Text, "cron", "zone", "last", "next"),
    keyed=True,
)

# What sources said.
sources = _table(
    "sources",
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    *_columns(Text, "kind", "licence"),
)
calls = _table(
    "calls",
    Column("fingerprint", Text, primary_key=True),
    *_columns(Integer, "source_id", "run_id"),
    Column("at", Text, nullable=False),
    Column("seconds", Double, nullable=False),
    *_columns(Text, "model_requested", "model_resolved"),
    *_columns(Integer, "tokens_in", "tokens_out"),
    Column("cost", Double, nullable=False),
    *_columns(Text, "licence", "answer", "error"),
)
in_flight = _table(
    "in_flight",
    Column("fingerprint", Text, primary_key=True),
    Column("run_id", Integer, nullable=False, index=True),
    keyed=True,
)
spending = _table(
    "spending",
    Column("id", Integer, primary_key=True),
    Column("run_id", Integer, nullable=False),
    Column("source", Text, nullable=False),
    Column("calls", BigInteger, nullable=False),
    Column("cost", Double, nullable=False),
)
candidates = _table(
    "candidates",
    Column("id", _Hash, primary_key=True),
    Column("entity_key", BigInteger, nullable=False),
    Column("slot", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("run_id", Integer, nullable=False),
    Column("at", Text, nullable=False),
    Index("candidates_by_term", "entity_key", "slot"),
)
evidence = _table(
    "evidence",
    Column("id", _Hash, primary_key=True),
    Column("candidate_id", _Hash, nullable=False),
    Column("source_id", Integer, nullable=False),
    Column("call", Text, nullable=False),
    # Its place in the answer that it came with.
    Column("ord", Integer, nullable=False),
    *_columns(Text, "from_language", "from_text", "raw"),
    Column("score", Double),
    Column("rank", Integer, nullable=False),
    *_columns(Text, "url", "licence", "note"),
    Column("run_id", Integer, nullable=False),
    Column("at", Text, nullable=False),
    Index("evidence_by_candidate", "candidate_id"),
)
_partial("evidence_by_call", evidence.c.call != "", evidence.c.call)

# What was made of it.
proposals = _table(
    "proposals",
    Column("id", _Hash, primary_key=True),
    Column("candidate_id", _Hash, nullable=False),
    Column("entity_key", BigInteger, nullable=False),
    *_columns(Integer, "slot", "score"),
    Column("votes", Text, nullable=False),
    Column("probability", Double, nullable=False),
    *_columns(Text, "ranker", "reasons", "codes"),
    Column("rank", Integer, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("run_id", Integer, nullable=False),
    Column("at", Text, nullable=False),
    Column("current", Boolean, nullable=False),
    # The label of the graph that is to be replaced.
    Column("replaces", Text, nullable=False, server_default=text("''")),
    # The change after which it has to be made anew, 0 for none.
    Column("stale", Integer, nullable=False, server_default=text("0")),
)
decisions = _table(
    "decisions",
    Column("id", Integer, primary_key=True),
    Column("candidate_id", _Hash, nullable=False),
    *_columns(Text, "verdict", "author", "text", "comment"),
    Column("score", Integer, nullable=False),
    Column("probability", Double, nullable=False),
    Column("ranker", Text, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("at", Text, nullable=False),
    Column("current", Boolean, nullable=False),
    Column("replaces", Text, nullable=False, server_default=text("''")),
    # Those of the candidate: what an entity has accepted is asked for all the time.
    Column("entity_key", BigInteger, nullable=False, server_default=text("0")),
    Column("slot", Integer, nullable=False, server_default=text("0")),
    # Why a rejected one is wrong, as a code.
    Column("reason", Text, nullable=False, server_default=text("''")),
    # All that one action decided, and the action that it takes back.
    *(
        Column(name, Text, nullable=False, server_default=text("''"))
        for name in ("batch", "undoes")
    ),
    # Empty for a decision; for what a person said where others are asked, too, of which kind it is
    # (`kgenrich.store.story.opinions`), and whether it still stands. None of these is current.
    Column("opinion", Text, nullable=False, server_default=text("''")),
    Column("standing", Boolean, nullable=False, server_default=false()),
    Index("decisions_by_candidate", "candidate_id"),
    Index("decisions_by_author", "author", "id"),
)
# Which decisions held until an action, of whatever candidates: what its undoing brings back. Those
# that an undoing itself brought back are ``restored``.
displaced = _table(
    "displaced",
    Column("batch", Text, primary_key=True),
    Column("decision_id", Integer, primary_key=True, autoincrement=False),
    Column("restored", Boolean, nullable=False),
    keyed=True,
)

# The review queue: for each term the best candidate that can still be decided, kept up to date with
# every proposal and decision (`kgenrich.store.story.queue_upkeep`).
queue = _table(
    "queue",
    *_key("entity_key", kind=BigInteger),
    *_key("slot", kind=Integer),
    Column("candidate_id", _Hash, nullable=False),
    *_columns(Integer, "language", "links"),
    Column("probability", Double, nullable=False),
    Column("state", Text, nullable=False),
    # Sets of keys, numbers and codes, each with a space on both sides.
    *_columns(Text, "classes", "sources", "codes"),
    keyed=True,
)
# An item is in one of each pair: those that are shown by default come without passing others.
LIKELY, UNLIKELY = "probability >= 0.5", "probability < 0.5"
_in_order = (queue.c.links.desc(), queue.c.entity_key, queue.c.slot)
for _name, _condition in (("likely", LIKELY), ("unlikely", UNLIKELY)):
    _partial(f"queue_{_name}_by_language", _condition, queue.c.language, *_in_order)
    _partial(f"queue_{_name}", _condition, *_in_order)
Index("queue_by_candidate", queue.c.candidate_id, unique=True)
queue_counts = _table(
    "queue_counts",
    Column("facet", Text, primary_key=True),
    *_key("slot", kind=Integer),
    Column("value", Text, primary_key=True),
    # The probability in twentieths, rounded down.
    *_key("band", kind=Integer),
    Column("state", Text, primary_key=True),
    Column("number", BigInteger, nullable=False),
    keyed=True,
)
# Entities with proposals that were loaded anew since: their part of the queue is to be looked at.
unsettled = _table("unsettled", *_key("entity_key"))
# Who has an item of the queue in front of them, until when (seconds since 1970), and who put it
# off.
leases = _table(
    "leases",
    Column("candidate_id", _Hash, primary_key=True),
    Column("reviewer", Text, nullable=False),
    Column("until", Double, nullable=False),
    keyed=True,
)
skips = _table(
    "skips",
    Column("reviewer", Text, primary_key=True),
    Column("candidate_id", _Hash, primary_key=True),
    keyed=True,
)
reviewers = _table(
    "reviewers",
    Column("token_hash", String(64), primary_key=True),
    *_columns(Text, "name", "reads", "writes", "invited", "revoked"),
    Column("trust", Text, nullable=False, server_default=text("'trusted'")),
    Index("reviewers_by_name", "name"),
)
# How many people decide on a term of a language; of the language "" on those of all others.
review_policies = _table(
    "review_policies",
    Column("language", Text, primary_key=True),
    *_columns(Integer, "reviewers", "votes"),
    Column("self_review", Boolean, nullable=False),
    Column("sampled", Double, nullable=False),
    keyed=True,
)
# Proposals of terms that the graph has, shown among the others to measure; the columns that the
# queue has, too, say the same.
known_terms = _table(
    "known_terms",
    Column("candidate_id", _Hash, primary_key=True),
    Column("entity_key", BigInteger, nullable=False),
    *_columns(Integer, "slot", "language", "links"),
    Column("probability", Double, nullable=False),
    *_columns(Text, "state", "classes", "sources", "codes"),
    # As JSON: the proposal, and the names that are right.
    *_columns(Text, "proposal", "held", "at"),
    Index("known_terms_by_slot", "slot", "links"),
)

# What was published: a batch of edits, one an entity, each with the terms that it changes.
publish_batches = _table(
    "publish_batches",
    Column("id", Text, primary_key=True),
    # The batch that this one undoes, empty for none.
    *_columns(Text, "reverts", "interface", "target", "summary", "scope", "author", "at"),
)
publish_edits = _table(
    "publish_edits",
    Column("batch", Text, primary_key=True),
    *_key("place", kind=Integer),
    Column("entity_key", BigInteger, nullable=False),
    *_columns(Text, "state", "summary", "message"),
    # The revision that the edit is based on, and the one that it made (0: none).
    *_columns(BigInteger, "base", "revision"),
    # When it was sent last (seconds since 1970; 0: never).
    Column("sent", Double, nullable=False),
    keyed=True,
)
publish_terms = _table(
    "publish_terms",
    Column("batch", Text, primary_key=True),
    *_key("place", "ord", kind=Integer),
    Column("candidate_id", _Hash, nullable=False),
    *_columns(Integer, "decision_id", "slot"),
    # The text that gives way and the one that comes, empty for none.
    *_columns(Text, "before", "after", "state", "reason"),
    Index("publish_terms_by_decision", "decision_id"),
    keyed=True,
)


_partial("proposals_current", "current", proposals.c.candidate_id, unique=True)
_partial("proposals_by_term", "current", proposals.c.entity_key, proposals.c.slot)
_partial("proposals_by_slot", "current", proposals.c.slot, proposals.c.entity_key)
_partial("proposals_stale", "current AND stale > 0", proposals.c.slot, proposals.c.entity_key)
_partial("decisions_current", "current", decisions.c.candidate_id, unique=True)
_partial(
    "decisions_by_term",
    "current",
    decisions.c.entity_key,
    decisions.c.slot,
    decisions.c.candidate_id,
)
_partial("decisions_by_slot", "current", decisions.c.slot, decisions.c.entity_key)
_partial("opinions_standing", "standing", decisions.c.entity_key, decisions.c.slot)
_partial("decisions_by_batch", "batch != ''", decisions.c.batch)
_partial("decisions_undoing", "undoes != ''", decisions.c.undoes)
_partial("decisions_replacing", "current AND replaces != ''", decisions.c.entity_key)
