"""Publishing among other editors, kills and lost answers, in any order: each accepted term is
written once, and nothing that a person wrote is lost."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from kgenrich.export.edits import TermChange
from kgenrich.model import Entity as GraphEntity
from kgenrich.model import Verdict
from kgenrich.net.wiki_edits import WikiTerms
from kgenrich.publish.wikis import ActionWiki, RestWiki
from kgenrich.store.base import Store
from kgenrich.store.facts.load import load_entities
from kgenrich.store.opening import open_store
from kgenrich.store.story.decisions import save_decisions
from kgenrich.store.story.proposals import save_proposals
from kgenrich.store.story.publishing import batches, count_batch, edits_of
from kgenrich.verbs import publish
from kgenrich.verbs.publish import BatchOptions, PlanOptions
from kgenrich.verbs.workspace import Workspace
from tests.publish.edited_wiki import TOKEN, EditedWiki, Place, places
from tests.publish.world import ALIAS, LABEL, TERMS, accepted, fill, proposed, settings_for, wiki_of
from tests.server import Asked, Reply, Server

OLD = "vecchio nome"
REPLACED = ("Q3", "it", LABEL, "nuovo nome")
ENTITIES = ("Q1", "Q2", "Q3", "P31")
TEXTS = ("universo", "Terra", "nuovo nome", OLD, "Ann's", "")
_BATCH = re.compile(r"editgroups/b/CB/([0-9a-f]+)\|")


class Killed(BaseException):
    """The process is gone."""


class MortalWiki:
    """A wiki whose client is killed at its n-th step: before it reads, before it sends, or when
    what it sent has arrived."""

    def __init__(self, wiki: ActionWiki | RestWiki, point: str, step: int) -> None:
        self._wiki, self._point, self._left = wiki, point, step

    def __enter__(self) -> MortalWiki:
        self._wiki.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._wiki.__exit__(*error)

    def _step(self, point: str) -> None:
        if point == self._point:
            self._left -= 1
            if self._left <= 0:
                raise Killed

    def terms(self, entity: str, wanted: Sequence[TermChange]) -> WikiTerms:
        self._step("reading")
        return self._wiki.terms(entity, wanted)

    def edit(self, entity: str, changes: Sequence[TermChange], now: WikiTerms, summary: str) -> int:
        self._step("sending")
        revision = self._wiki.edit(entity, changes, now, summary)
        self._step("sent")
        return revision

    def own_revision(self, entity: str, mark: str, changes: Sequence[TermChange]) -> int:
        self._step("looking up")
        return self._wiki.own_revision(entity, mark, changes)


class Switch:
    """One server for all wikis, one after the other."""

    wiki: EditedWiki

    def answer(self, asked: Asked) -> Reply:
        return self.wiki.answer(asked)


switch = Switch()


def make_store(path: Path) -> None:
    """The store that each example starts with."""
    store = open_store(f"sqlite:///{path}", create=True)
    fill(store)
    load_entities(store, [GraphEntity("Q3", labels={"en": "thing Q3", "it": OLD}, revision=1001)])
    made = proposed(REPLACED, replaces=OLD)
    save_proposals(store, 1, [made], {"Q3": 1001})
    save_decisions(store, [accepted(made)])
    store.close()


entities = st.sampled_from(ENTITIES)
languages = st.sampled_from(["it", "it", "fr", "mul", "de"])
texts = st.sampled_from(TEXTS)
faults = st.sampled_from(
    ["lost", "unanswered", "garbled", "500", "429", "ratelimited", "badtoken", "", ""]
)
deaths = st.one_of(
    st.none(),
    st.tuples(st.sampled_from(["reading", "sending", "sent", "looking up"]), st.integers(1, 3)),
)


class Publishing(RuleBasedStateMachine):
    """A store whose terms are published, and a wiki that others edit."""

    interface = "action"
    server: Server
    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        path = Path(self.folder.name) / "store.db"
        copyfile(self.template, path)
        self.wiki = switch.wiki = wiki_of()
        self.wiki.add("Q3", labels={"en": "thing Q3", "it": OLD})
        self.settings = settings_for(self.server, interface=self.interface)
        self.store: Store = open_store(f"sqlite:///{path}")
        self.workspace = Workspace(self.settings)
        self.workspace._store = self.store
        self.touched: set[tuple[str, Place]] = set()
        self.reverted: set[str] = set()
        self.checked = 0

    @initialize(limit=st.one_of(st.none(), st.integers(1, 2)))
    def plan_first(self, limit: int | None) -> None:
        self.plan(limit)

    @rule(entity=entities, language=languages, text=texts)
    def somebody_writes_a_label(self, entity: str, language: str, text: str) -> None:
        self._label(entity, language, text)

    @rule(entity=entities, text=st.sampled_from(["cosmo", "pianeta Terra", "mondo"]))
    def somebody_adds_an_alias(self, entity: str, text: str) -> None:
        def add(there: Any) -> None:
            kept = there.aliases.setdefault("it", [])
            kept += [text] * (text not in kept)

        self.wiki.edit(entity, add)
        self.touched.add((entity, ("alias", "it", text)))

    @rule(entity=entities)
    def somebody_undoes_our_last_edit(self, entity: str) -> None:
        ours = self.wiki.ours(entity)
        if not ours:
            return
        for (kind, language, text), (before, after) in ours[-1].changes().items():
            self.touched.add((entity, (kind, language, text)))
            here = places(self.wiki.entities[entity]).get((kind, language, text), "")
            if here != after:
                continue

            def back(there: Any, kind=kind, code=language, text=text, before=before) -> None:  # type: ignore[no-untyped-def]
                if kind == "alias":
                    kept = there.aliases.setdefault(code, [])
                    kept.append(text) if before else kept.remove(text)
                    return
                terms = there.labels if kind == "label" else there.descriptions
                terms[code] = before
                if not before:
                    del terms[code]

            self.wiki.edit(entity, back)

    @rule(some=st.lists(faults, max_size=4))
    def the_wiki_will_fail(self, some: list[str]) -> None:
        self.wiki.faults.extend(some)

    @rule(
        term=st.sampled_from(TERMS),
        verdict=st.sampled_from([Verdict.ACCEPT, Verdict.REJECT, Verdict.REOPEN]),
    )
    def somebody_decides(self, term: Any, verdict: Verdict) -> None:
        save_decisions(self.store, [accepted(proposed(term), verdict=verdict)])

    @rule(limit=st.one_of(st.none(), st.integers(1, 2)))
    def plan(self, limit: int | None) -> None:
        publish.plan(self.workspace, PlanOptions(author="owner", limit=limit))

    @rule(
        place=st.integers(0, 3),
        limit=st.one_of(st.none(), st.integers(1, 2)),
        death=deaths,
        faster=st.lists(st.tuples(languages, texts), max_size=2),
    )
    def run(
        self,
        place: int,
        limit: int | None,
        death: tuple[str, int] | None,
        faster: list[tuple[str, str]],
    ) -> None:
        known = batches(self.store)
        for language, text in faster:
            # Somebody edits the entity after it was read.
            self.wiki.meanwhile.append(partial(self._label, language=language, text=text))
        if known:
            batch = known[place % len(known)].id
            self._act(publish.run, BatchOptions(batch=batch, limit=limit), death)

    @rule(place=st.integers(0, 3), death=deaths)
    def revert(self, place: int, death: tuple[str, int] | None) -> None:
        known = [one.id for one in batches(self.store) if not one.reverts]
        if known:
            batch = known[place % len(known)]
            self.reverted.add(batch)
            self._act(publish.revert, BatchOptions(batch=batch), death)

    @invariant()
    def nothing_of_anybody_else_is_lost(self) -> None:
        assert not self.wiki.repeated, "no edit is sent again after it was done"
        if self.wiki._next == self.checked:
            return
        self.checked = self.wiki._next
        planned = {
            batch.id: (batch, {edit.entity: edit for edit in edits_of(self.store, batch.id)})
            for batch in batches(self.store)
        }
        for id in ENTITIES:
            sent: set[str] = set()
            for revision in self.wiki.ours(id):
                name = _BATCH.findall(revision.comment)[-1]
                assert name not in sent, "no edit is sent twice"
                sent.add(name)
                _, edits = planned[name]
                wanted = {_place(term): (term.before, term.after) for term in edits[id].terms}
                for place, change in revision.changes().items():
                    assert wanted[place] == change, "what was there is what was to give way"

    def teardown(self) -> None:
        try:
            self._come_to_an_end()
        finally:
            self.workspace.close()
            self.folder.cleanup()

    def _come_to_an_end(self) -> None:
        self.wiki.faults.clear()
        self.wiki.meanwhile.clear()
        for batch in reversed(batches(self.store)):
            report = publish.run(self.workspace, BatchOptions(batch=batch.id))
            assert not report.stopped and report.left == 0
            assert count_batch(self.store, batch.id).left == 0
        self.nothing_of_anybody_else_is_lost()
        for batch in batches(self.store):
            for edit in edits_of(self.store, batch.id):
                self._compare(batch.id, edit)
        for entity, language, kind, text in TERMS:
            place = (str(kind), language, text if kind is ALIAS else "")
            ours = [one for one in self.wiki.ours(entity) if place in one.changes()]
            if ours and not self.reverted and (entity, place) not in self.touched:
                assert len(ours) == 1 and places(self.wiki.entities[entity])[place] == text

    def _compare(self, batch: str, edit: Any) -> None:
        """What the store says became of an edit is what the wiki has in its history."""
        ours = [one for one in self.wiki.ours(edit.entity) if batch in one.comment.split("/CB/")[1]]
        made = ours[0].changes() if ours else {}
        assert edit.revision == (ours[0].number if ours else 0)
        for term in edit.terms:
            assert (str(term.state) == "written") == (_place(term) in made), (term, made)

    def _label(self, entity: str, language: str, text: str) -> None:
        self.wiki.label(entity, language, text)
        self.touched.add((entity, ("label", language, "")))
        if language == "mul":
            self.touched.add((entity, ("label", "it", "")))

    def _act(self, verb: Any, options: BatchOptions, death: tuple[str, int] | None) -> None:
        kinds = {"ActionWiki": ActionWiki, "RestWiki": RestWiki}
        name = "RestWiki" if self.interface == "rest" else "ActionWiki"
        point, step = death or ("never", 1)

        def mortal(given: Any) -> MortalWiki:
            return MortalWiki(kinds[name](given), point, step)

        with patch.object(publish, name, mortal), suppress(Killed):
            verb(self.workspace, options)


def _place(term: Any) -> Place:
    alias = (term.after or term.before) if term.kind is ALIAS else ""
    return str(term.kind), term.language, alias


class PublishingThroughRest(Publishing):
    """The same through the REST API."""

    interface = "rest"


FEW = settings(max_examples=30, stateful_step_count=25)
MANY = settings(max_examples=60, stateful_step_count=40)


@pytest.fixture(scope="module", autouse=True)
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    Publishing.template = tmp_path_factory.mktemp("template") / "store.db"
    make_store(Publishing.template)
    with pytest.MonkeyPatch.context() as patched, Server(switch.answer) as server:
        patched.setenv("KGENRICH_WIKI_TOKEN", TOKEN)
        Publishing.server = server
        yield


class TestAction(Publishing.TestCase):  # type: ignore[name-defined, misc]
    settings = FEW


class TestRest(PublishingThroughRest.TestCase):  # type: ignore[name-defined, misc]
    settings = FEW


@pytest.mark.slow
class TestActionAtLength(Publishing.TestCase):  # type: ignore[name-defined, misc]
    settings = MANY


@pytest.mark.slow
class TestRestAtLength(PublishingThroughRest.TestCase):  # type: ignore[name-defined, misc]
    settings = MANY
