"""Who may review: people by the hashes of their tokens."""

from __future__ import annotations

from hashlib import blake2b

from msgspec import Struct
from sqlalchemy import Connection, insert, select, update

from kgenrich.errors import UsageError
from kgenrich.store.base import Store
from kgenrich.store.rows import from_row, storable
from kgenrich.store.story.policies import TRUSTED
from kgenrich.store.story.runs import now
from kgenrich.store.tables import reviewers as table


class ReviewerRow(Struct, frozen=True):
    """A person: the codes of the languages that they read and write, with commas; since when they
    may review, and until when they could (empty: they can). What somebody ``new`` decides is
    sampled where a policy says so."""

    name: str
    reads: str
    writes: str
    invited: str
    revoked: str = ""
    trust: str = TRUSTED


def token_hash(token: str) -> str:
    """What is kept of a token, which is long and made by chance: nobody finds it by trying."""
    return blake2b(token.encode("utf-8", "replace"), digest_size=32).hexdigest()


def add_reviewer(
    store: Store, name: str, token: str, reads: str, writes: str, trust: str = TRUSTED
) -> None:
    """Let the holder of a token review under this name. Raises `UsageError` where somebody has the
    name already."""

    def work(connection: Connection) -> None:
        is_held = table.c.name == storable(name), table.c.revoked == ""
        if connection.execute(select(table.c.name).where(*is_held).with_for_update()).first():
            raise UsageError(f"{name[:200]!r} is a reviewer already: revoke that token first.")
        row = ReviewerRow(storable(name), reads, writes, now(), trust=trust)
        columns = {field: getattr(row, field) for field in row.__struct_fields__}
        connection.execute(insert(table).values(token_hash=token_hash(token), **columns))

    store.write(work)


def revoke(store: Store, name: str) -> bool:
    """Have a reviewer's token open nothing any more; whether there was one. What they decided
    stays."""
    query = update(table).where(table.c.name == storable(name), table.c.revoked == "")
    return store.write(
        lambda connection: connection.execute(query.values(revoked=now())).rowcount > 0
    )


def find_reviewer(store: Store, token: str) -> ReviewerRow | None:
    """The reviewer whose token this is."""
    query = select(table).where(table.c.token_hash == token_hash(token), table.c.revoked == "")
    with store.read() as connection:
        row = connection.execute(query).first()
    return None if row is None else from_row(ReviewerRow, row)


def reviewers(store: Store) -> list[ReviewerRow]:
    """All who were ever invited, by name."""
    query = select(table).order_by(table.c.name, table.c.invited)
    with store.read() as connection:
        return [from_row(ReviewerRow, row) for row in connection.execute(query)]
