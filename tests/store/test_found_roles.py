"""What the properties of a wiki of one's own were found to be is kept in the store."""

from __future__ import annotations

from kgenrich.store.base import Store
from kgenrich.store.found_roles import found_roles, note_roles
from kgenrich.store.opening import open_store


def test_roles_are_kept_and_those_found_later_take_their_place(store: Store) -> None:
    assert found_roles(store) == {}
    note_roles(store, {"instance_of": "P5"})
    note_roles(store, {"instance_of": "P6", "country": "P8"})
    again = open_store(store.engine.url.render_as_string(hide_password=False))
    try:
        assert found_roles(again) == {"instance_of": "P6", "country": "P8"}
    finally:
        again.close()
