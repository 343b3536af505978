"""What an RDF file says of each subject, gathered before anybody knows what it means.

Every predicate that some profile reads is kept, as the number of its `ObjectForm` with a text; of
the others texts are counted. This is where all triples of a file go through: what is done for each
is as little as can be.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable
from typing import NamedTuple

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Triple

from kgenrich.harvest.about import HEADER_PREDICATES, HEADER_TYPES, LICENCES, Header
from kgenrich.harvest.grouping import Facts, Groups
from kgenrich.harvest.iris import Iris
from kgenrich.harvest.literals import STRING
from kgenrich.harvest.profiles import Meanings
from kgenrich.harvest.tag_spelling import TagSpellings
from kgenrich.harvest.unread import MOST_SEEN, UnreadTexts
from kgenrich.harvest.wiki_facts import NODE, OF_WIKIBASE, wiki_fact
from kgenrich.model import content_id
from kgenrich.namespaces import RDF
from kgenrich.store.keys import entity_key

TYPE = f"{RDF}type"
_ROUND = 2_000
_MADE_UP = re.compile(r"_:[0-9a-f]{24,32}")


class ObjectForm(NamedTuple):
    """How objects are written: under which predicate, as an IRI, a literal or the text of a node
    (``kind``), with which tag (to the letter) or datatype."""

    predicate: str
    kind: str
    tag: str = ""
    datatype: str = ""


class Gathered:
    """The facts of a file by subject (``groups``); ``forms`` and how often each occurs
    (``counts``), with an example of each (``examples``), by number; ``unread`` texts by predicate,
    how many of ``blank`` nodes are not; ``types`` that there are, ``headers`` that may describe the
    file, and whether anything is ``described``: has an IRI."""

    def __init__(
        self,
        meanings: Meanings,
        iris: Iris,
        properties: Collection[str],
        tags: TagSpellings,
    ) -> None:
        # As the store keeps them: what comes in order is written in order.
        self.groups = Groups(entity_key)
        self.forms = [ObjectForm("", kind) for kind in ("link", "number", "id", "page", "node")]
        self.counts = [0] * len(self.forms)
        self.examples = [""] * len(self.forms)
        silent = {p for p, place in meanings.predicates.items() if place.part == "silent"}
        self.unread = UnreadTexts(iris, tags, silent)
        self.blank = Counter[str]()
        self.types: set[str] = set()
        self.headers: dict[str, Header] = {}
        self.described = False
        self._iris, self._tags = iris, tags
        self._nodes = Groups()
        self._texts = meanings.texts
        self._special = {TYPE, *meanings.nodes, *OF_WIKIBASE}
        self._node_predicates = frozenset(meanings.nodes)
        wanted = {*meanings.predicates, *meanings.nodes, *properties, *HEADER_PREDICATES, TYPE}
        self._numbers: dict[str, dict[str, int]] = {
            predicate: {} for predicate in wanted - {*self._texts, *silent}
        }
        self._other_numbers: dict[str, dict[str, int]] = {}
        self._licences: set[int] = set()
        self._subject, self._facts = "", _none()

    def take(self, triples: Iterable[Quad | Triple]) -> None:
        """Take some triples in."""
        numbers, special, counts = self._numbers, self._special, self.counts
        subject, (mine, texts) = self._subject, self._facts
        for triple in triples:
            predicate = triple.predicate.value
            known = numbers.get(predicate)
            if known is None:
                self._other(triple.subject, predicate, triple.object)
                continue
            about, node = triple.subject, triple.object
            if not isinstance(about, NamedNode):
                self._other(about, predicate, node)
                continue
            iri = about.value
            if isinstance(node, Literal):
                text = node.value
                key = node.language or "^" + node.datatype.value
            elif isinstance(node, NamedNode):
                if predicate in special and not self._is_plain(iri, predicate, node):
                    continue
                text, key = node.value, ""
            elif predicate in self._node_predicates and isinstance(node, BlankNode):
                self._link(iri, predicate, str(node))
                continue
            else:
                continue
            if iri != subject:
                self._keep(subject, (mine, texts))
                subject, (mine, texts) = iri, _none()
            try:
                number = known[key]
            except KeyError:
                number = self._number(predicate, known, key, text)
            counts[number] += 1
            mine.append(number)
            texts.append(text)
        if len(mine) > _ROUND:
            self._keep(subject, (mine, texts))
            mine, texts = _none()
        self._subject, self._facts = subject, (mine, texts)
        self.described |= bool(subject)

    def finish(self) -> None:
        """Bring what nodes say to whom it is about."""
        self._keep(self._subject, self._facts)
        self._subject, self._facts = "", _none()
        for node, (numbers, all_texts) in self._nodes:
            said = [(self.forms[n], text) for n, text in zip(numbers, all_texts, strict=True)]
            links = [(form.predicate, text) for form, text in said if form.kind == "link"]
            texts = [(form, text) for form, text in said if form.kind != "link"]
            for predicate, subject in links:
                for form, text in texts:
                    mine = ObjectForm(predicate, "node", form.tag, form.datatype)
                    name = _name(node, subject, predicate, form.tag, text)
                    self._add(subject, self.number(mine, text), f"{name}\n{text}")
                if not texts and not node.startswith("_:"):
                    self._add(subject, self.number(ObjectForm(predicate, "iri"), node), node)
            if not links:
                for form, text in texts:
                    self.unread.add(form.predicate, form.tag, form.datatype, text)
            elif texts:
                self.groups.add(self._iris.name(node), ([NODE], [""]))
        self._nodes.close()

    def close(self) -> None:
        """Remove the temporary files."""
        self._nodes.close()
        self.groups.close()

    def number(self, form: ObjectForm, example: str = "") -> int:
        """The number of a form, which may be a new one."""
        known = self._other_numbers.setdefault(form.predicate, {})
        key = "\n".join(form[1:])
        if key not in known:
            known[key] = self._new(form, example)
        return known[key]

    def _number(self, predicate: str, known: dict[str, int], key: str, text: str) -> int:
        if not key:
            form = ObjectForm(predicate, "iri")
        elif key[0] == "^":
            form = ObjectForm(predicate, "literal", "", key[1:])
        else:
            tag = self._tags.written(key)
            form = ObjectForm(predicate, "literal", tag, "" if tag else STRING)
        known[key] = number = self._new(form, text)
        if predicate in LICENCES:
            self._licences.add(number)
        return number

    def _new(self, form: ObjectForm, example: str) -> int:
        self.forms.append(form)
        self.counts.append(0)
        self.examples.append(self._tags.restored(example))
        return len(self.forms) - 1

    def _add(self, subject: str, number: int, text: str) -> None:
        self.counts[number] += 1
        self.groups.add(subject, ([number], [text]))

    def _keep(self, subject: str, facts: Facts) -> None:
        """Put away the facts that came together."""
        numbers, texts = facts
        if numbers and (name := self._iris.told_name(subject)):
            self.groups.add(name, facts)
        header = self.headers.get(subject)
        if header is None and self._licences and not self._licences.isdisjoint(numbers):
            header = self._header(subject)
        if header is not None:
            header.add(zip(map(self.forms.__getitem__, numbers), texts, strict=True))

    def _header(self, subject: str) -> Header | None:
        if len(self.headers) >= Header.MOST and subject not in self.headers:
            return None
        return self.headers.setdefault(subject, Header())

    def _is_plain(self, iri: str, predicate: str, node: object) -> bool:
        """Whether a triple of a special predicate is a fact as others are, too."""
        if predicate in self._node_predicates and isinstance(node, NamedNode):
            self._link(iri, predicate, node.value)
            return False
        if predicate == TYPE and isinstance(node, NamedNode):
            if node.value in HEADER_TYPES and (header := self._header(iri)):
                header.types.add(node.value)
            if len(self.types) < MOST_SEEN:
                self.types.add(node.value)
        elif (number := OF_WIKIBASE.get(predicate)) is not None:
            self._of_wikibase(number, iri, node)
        return True

    def _of_wikibase(self, number: int, iri: str, node: object) -> None:
        if found := wiki_fact(number, iri, node, self._iris):
            self.groups.add(found[0], ([number], [found[1]]))

    def _link(self, iri: str, predicate: str, node: str) -> None:
        self.described = True
        if name := self._iris.name(iri):
            self._nodes.add(node, ([self.number(ObjectForm(predicate, "link"))], [name]))

    def _other(self, subject: object, predicate: str, node: object) -> None:
        """A triple that is not read, or of a blank node."""
        self.described |= isinstance(subject, NamedNode)
        if predicate in OF_WIKIBASE and isinstance(subject, NamedNode):
            self._of_wikibase(OF_WIKIBASE[predicate], subject.value, node)
        if self.unread.see(predicate) is None or not isinstance(node, Literal):
            return
        tag = self._tags.written(node.language or "")
        datatype = "" if tag else node.datatype.value
        if predicate in self._texts and isinstance(subject, NamedNode | BlankNode):
            key = subject.value if isinstance(subject, NamedNode) else str(subject)
            form = ObjectForm(predicate, "literal", tag, datatype)
            self._nodes.add(key, ([self.number(form)], [node.value]))
        elif isinstance(subject, NamedNode):
            self.unread.add(predicate, tag, datatype, node.value)
        elif predicate in self._numbers:
            self.blank[predicate] += 1


def _none() -> Facts:
    return [], []


def _name(node: str, *said: str) -> str:
    """The name of a node; one that a parser makes up is called by what is said of it, so that it
    has the same name the next time."""
    return f"_:{content_id(*said)}" if _MADE_UP.fullmatch(node) else node
