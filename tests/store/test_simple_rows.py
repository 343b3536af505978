"""An entity that one origin alone speaks of becomes the same rows by a shorter way."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from kgenrich.model import Entity, Form, Origin, Statement, Value
from kgenrich.store.base import Store
from kgenrich.store.facts.entity_rows import EntityRows
from kgenrich.store.facts.origins import register
from kgenrich.store.ledger import LedgerEntry

FORMS = st.builds(
    Form,
    st.sampled_from(["label", "alias", "definition", "class", "note", "mapping"]),
    st.sampled_from(["http://e.x/p", "http://e.x/q"]),
    st.sampled_from(["", "de-DE"]),
    rank=st.integers(0, 1),
)
TEXTS = st.builds(
    Value, st.sampled_from(["text"]), st.sampled_from("abc"), st.sampled_from(["de", "en"])
)
STATEMENTS = st.lists(
    st.builds(Statement, FORMS, TEXTS, st.sampled_from(["", "", "", " a"])),
    min_size=1,
    max_size=6,
    unique=True,
)


@given(STATEMENTS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_the_shorter_way_leads_to_the_same_rows(store: Store, statements: list[Statement]) -> None:
    origin = register(store, Origin("a.ttl"))
    store.number_languages(["de", "en"])
    entity = Entity("http://e.x/a", statements=tuple(statements))

    def compare(connection: Connection) -> None:
        store.ledger.read(connection)
        rows = EntityRows(store.slots, LedgerEntry(store.ledger, connection), origin)
        merged = rows.merged(1, [rows.stated(1, entity)])
        assert [sorted(each) for each in rows.alone(1, entity)] == [sorted(m) for m in merged]

    store.write(compare)
