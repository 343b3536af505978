"""The tables: one schema for SQLite and PostgreSQL. The migrations lead to exactly this.

A *slot* is a language and a kind in one integer (`kgenrich.store.term_slots`), a *key* an entity in
one (`kgenrich.store.keys`). Times are ISO 8601 in UTC. Candidates, evidence and calls are only
ever added; of proposals and decisions the ``current`` ones hold, the others are history.
"""

from __future__ import annotations

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
    text,
)

HEAD = "0002"
"""The migration that these tables belong to."""

metadata = MetaData()

# SQLite keeps a table by its key without a second index only if the key's type is INTEGER.
_Key = BigInteger().with_variant(Integer(), "sqlite")
_Hash = String(32)


meta = Table(
    "meta",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
languages = Table(
    "languages",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("code", Text, nullable=False, unique=True),
)
iris = Table(
    "iris",
    metadata,
    Column("key", _Key, primary_key=True, autoincrement=False),
    Column("iri", Text, nullable=False),
)

# The graph as harvested.
entities = Table(
    "entities",
    metadata,
    Column("key", _Key, primary_key=True, autoincrement=False),
    Column("revision", BigInteger, nullable=False),
    Column("redirect_key", BigInteger),
    Column("deleted", Boolean, nullable=False),
    Column("links", Integer, nullable=False),
    # What was last loaded, so that loading it again costs one look-up.
    Column("digest", BigInteger, nullable=False),
)
Index("entities_by_links", entities.c.links.desc(), entities.c.key)
classes = Table(
    "classes",
    metadata,
    Column("class_key", BigInteger, primary_key=True),
    Column("entity_key", BigInteger, primary_key=True),
    Column("ord", Integer, nullable=False),
    Index("classes_by_entity", "entity_key"),
    sqlite_with_rowid=False,
)
terms = Table(
    "terms",
    metadata,
    Column("entity_key", BigInteger, primary_key=True),
    Column("slot", Integer, primary_key=True),
    Column("ord", Integer, primary_key=True),
    Column("text", Text, nullable=False),
    sqlite_with_rowid=False,
)
# A label longer than any Wikibase takes may also be longer than an index entry can be.
LONGEST_INDEXED = 250
Index(
    "labels_by_text",
    terms.c.slot,
    terms.c.text,
    sqlite_where=text(f"slot % 4 = 0 AND length(text) <= {LONGEST_INDEXED}"),
    postgresql_where=text(f"slot % 4 = 0 AND length(text) <= {LONGEST_INDEXED}"),
)


def is_indexed_label(name: str) -> TextClause:
    """The condition of the index over labels for the table or alias ``name``, to the letter:
    otherwise it is not used."""
    return text(f"{name}.slot % 4 = 0 AND length({name}.text) <= {LONGEST_INDEXED}")


def is_alive() -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """The conditions for an entity to be neither merged into another nor deleted."""
    return entities.c.redirect_key.is_(None), ~entities.c.deleted


claims = Table(
    "claims",
    metadata,
    Column("entity_key", BigInteger, primary_key=True),
    Column("property_key", BigInteger, primary_key=True),
    Column("ord", Integer, primary_key=True),
    Column("kind", SmallInteger, nullable=False),
    Column("value", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("precision", Integer, nullable=False),
    sqlite_with_rowid=False,
)
sitelinks = Table(
    "sitelinks",
    metadata,
    Column("entity_key", BigInteger, primary_key=True),
    Column("site", Text, primary_key=True),
    Column("title", Text, nullable=False),
    sqlite_with_rowid=False,
)

# What of it is there: kept up to date with every load. One packed row a class
# (`kgenrich.store.facts.coverage_counts`), since a batch touches hundreds of slots of each of its
# classes.
coverage = Table(
    "coverage",
    metadata,
    Column("class_key", _Key, primary_key=True, autoincrement=False),
    Column("counts", LargeBinary, nullable=False),
)
totals = Table(
    "totals",
    metadata,
    Column("class_key", _Key, primary_key=True, autoincrement=False),
    Column("entities", BigInteger, nullable=False),
    Column("links", BigInteger, nullable=False),
)

# What was done.
runs = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("verb", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("settings_hash", Text, nullable=False),
    Column("code_version", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("started", Text, nullable=False),
    Column("finished", Text, nullable=False),
    Column("position", Text, nullable=False),
    Column("counts", Text, nullable=False),
)
rejects = Table(
    "rejects",
    metadata,
    Column("input", Text, primary_key=True),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("reason", Text, nullable=False),
    Column("excerpt", Text, nullable=False),
)
exports = Table(
    "exports",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run_id", Integer, nullable=False),
    Column("format", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("at", Text, nullable=False),
)

# What sources said.
sources = Table(
    "sources",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("licence", Text, nullable=False),
)
calls = Table(
    "calls",
    metadata,
    Column("fingerprint", Text, primary_key=True),
    Column("source_id", Integer, nullable=False),
    Column("run_id", Integer, nullable=False),
    Column("at", Text, nullable=False),
    Column("seconds", Double, nullable=False),
    Column("model_requested", Text, nullable=False),
    Column("model_resolved", Text, nullable=False),
    Column("tokens_in", Integer, nullable=False),
    Column("tokens_out", Integer, nullable=False),
    Column("cost", Double, nullable=False),
    Column("licence", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("error", Text, nullable=False),
)
candidates = Table(
    "candidates",
    metadata,
    Column("id", _Hash, primary_key=True),
    Column("entity_key", BigInteger, nullable=False),
    Column("slot", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("run_id", Integer, nullable=False),
    Column("at", Text, nullable=False),
    Index("candidates_by_term", "entity_key", "slot"),
)
evidence = Table(
    "evidence",
    metadata,
    Column("id", _Hash, primary_key=True),
    Column("candidate_id", _Hash, nullable=False),
    Column("source_id", Integer, nullable=False),
    Column("call", Text, nullable=False),
    # Its place in the answer that it came with.
    Column("ord", Integer, nullable=False),
    Column("from_language", Text, nullable=False),
    Column("from_text", Text, nullable=False),
    Column("raw", Text, nullable=False),
    Column("score", Double),
    Column("rank", Integer, nullable=False),
    Column("url", Text, nullable=False),
    Column("licence", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("run_id", Integer, nullable=False),
    Column("at", Text, nullable=False),
    Index("evidence_by_candidate", "candidate_id"),
)
Index(
    "evidence_by_call",
    evidence.c.call,
    sqlite_where=evidence.c.call != "",
    postgresql_where=evidence.c.call != "",
)

# What was made of it.
proposals = Table(
    "proposals",
    metadata,
    Column("id", _Hash, primary_key=True),
    Column("candidate_id", _Hash, nullable=False),
    Column("entity_key", BigInteger, nullable=False),
    Column("slot", Integer, nullable=False),
    Column("score", Integer, nullable=False),
    Column("votes", Text, nullable=False),
    Column("probability", Double, nullable=False),
    Column("ranker", Text, nullable=False),
    Column("reasons", Text, nullable=False),
    Column("codes", Text, nullable=False),
    Column("rank", Integer, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("run_id", Integer, nullable=False),
    Column("at", Text, nullable=False),
    Column("current", Boolean, nullable=False),
    # The label of the graph that is to be replaced.
    Column("replaces", Text, nullable=False, server_default=text("''")),
)
decisions = Table(
    "decisions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("candidate_id", _Hash, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("comment", Text, nullable=False),
    Column("score", Integer, nullable=False),
    Column("probability", Double, nullable=False),
    Column("ranker", Text, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("at", Text, nullable=False),
    Column("current", Boolean, nullable=False),
    Column("replaces", Text, nullable=False, server_default=text("''")),
)


def _current(name: str, table: Table, *columns: str, unique: bool = False) -> None:
    Index(
        name,
        *(table.c[column] for column in columns),
        unique=unique,
        sqlite_where=text("current"),
        postgresql_where=text("current"),
    )


_current("proposals_current", proposals, "candidate_id", unique=True)
_current("proposals_by_term", proposals, "entity_key", "slot")
_current("proposals_by_probability", proposals, "slot", "probability")
_current("decisions_current", decisions, "candidate_id", unique=True)
