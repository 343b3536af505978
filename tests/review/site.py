"""A review page that is served on a store of some places, as browsers and scripts reach it."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Thread

import uvicorn

from kgenrich.model import Entity, TermKind, Value
from kgenrich.review.address import ServeOptions, read_address
from kgenrich.review.app import make_app
from kgenrich.settings import Settings
from kgenrich.store.base import Store
from kgenrich.store.facts.load import load_entities
from kgenrich.store.story.proposals import save_proposals
from kgenrich.verbs.reviewers import Reviewer, reviewer_of
from kgenrich.verbs.workspace import Workspace
from tests.store.test_proposals import proposal

HOSTILE = "<script>document.title='taken'</script>\"'&"
_SITES = ("enwiki", "dewiki", "frwiki", "jawiki", "arwiki")


def places(number: int) -> list[Entity]:
    """Places; the first ones are linked most."""
    return [
        Entity(
            f"Q{n}",
            labels={"en": f"place {n}", "de": f"Ort {n}", "ar": f"مكان {n}"},
            descriptions={"en": "a hamlet in the hills"},
            classes=("Q515",),
            claims={"P571": (Value("time", "+1900-01-01T00:00:00Z"),)},
            sitelinks=dict.fromkeys(_SITES[: max(6 - n, 0)], "x"),
            revision=1,
        )
        for n in range(1, number + 1)
    ]


def fill(store: Store, number: int = 6) -> None:
    """An Italian name for each place with another one beside it, an Arabic one for the first, and
    what nobody should run."""
    load_entities(
        store, [*places(number), Entity("Q515", labels={"en": "village", "it": "villaggio"})]
    )
    made = []
    for n in range(1, number + 1):
        made.append(proposal(f"Q{n}", f"luogo {n}"))
        made.append(proposal(f"Q{n}", f"luoghi {n}", rank=2, probability=0.3))
    made.append(proposal("Q1", "مكان", "ar", TermKind.ALIAS, 0.8))
    load_entities(store, [Entity("Q900", labels={"en": HOSTILE}, descriptions={"en": HOSTILE})])
    made.append(proposal("Q900", HOSTILE, "de", TermKind.ALIAS, 0.7, codes=("W-case",)))
    save_proposals(store, 1, made, {f"Q{n}": 1 for n in range(1, number + 1)})


@contextmanager
def served(
    url: str,
    local: str | None = "ann",
    sources: Mapping[str, Mapping[str, object]] | None = None,
    **options: object,
) -> Iterator[str]:
    """The address of a page on the store of this URL; without a ``local`` reviewer with tokens."""
    workspace = Workspace(Settings(store=url, sources=sources or {}))  # type: ignore[call-arg]
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    address = read_address(ServeOptions(port=port, **options), port)  # type: ignore[arg-type]
    reviewer = None if local is None else Reviewer(local, ("en", "de"))
    app = make_app(workspace, address, partial(reviewer_of, workspace), reviewer)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off", ws="none"))
    thread = Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()
        workspace.close()
        listener.close()


def proof_in(html: str) -> str:
    """What the forms of a page carry."""
    found = re.search(r'name="proof" value="([0-9a-f]+)"', html)
    assert found, html
    return found[1]


def store_path(folder: Path) -> str:
    """The URL of an SQLite store in a folder."""
    return f"sqlite:///{folder / 'store.db'}"
