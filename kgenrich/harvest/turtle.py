"""Turtle and its kin (TriG, N3) as streams that go on after an error.

A parser stops where the text is broken, and what it would take up again is a matter of luck. So the
text that it has just read is kept: where literals, tags or IRIs can be mended, it reads the
statement again, and else goes on with the next line that begins one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import IO, cast
from urllib.parse import quote

from pyoxigraph import Quad, RdfFormat, Triple, parse

from kgenrich.harvest.batch import EXCERPT, excerpt
from kgenrich.harvest.parsing import TOGETHER, Block, Noted
from kgenrich.harvest.tag_spelling import Readable
from kgenrich.inputs import Input
from kgenrich.model import Reject

KEPT = 1 << 24
"""Bytes that are kept to go back to: as many as a token may have for the parser."""

NO_TAG = "x-none"
"""Stands for the tag of a literal that is no tag."""

_STEP = 1 << 18
_BEGIN = rb"(?:<|@?(?i:prefix|base)\s|[\w.\-\x80-\xff]*:|\[|\()"
_END = rb"[ \t\r]*(?:#[^\n]*)?\n"
_NEXT = re.compile(rb"\.%s(?:%s)*[ \t]*(?=%s)" % (_END, _END, _BEGIN))
_FIRST = re.compile(rb"[ \t]*" + _BEGIN)
_TOKEN = re.compile(
    rb'(?P<text>"""(?:[^"\\]|\\.|"{1,2}(?!"))*"""|"(?:[^"\\\n]|\\.)*"'
    rb"|'''(?:[^'\\]|\\.|'{1,2}(?!'))*'''|'(?:[^'\\\n]|\\.)*')(?P<tag>@[^\s,;.\])}]*)?"
    rb"|<(?P<iri>[^<>\"\n]*)>|#[^\n]*",
    re.DOTALL,
)
_ESCAPE = re.compile(rb"\\(?:u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|[tbnrf\"'\\]|.)?", re.DOTALL)
_TAG = re.compile(rb"@[A-Za-z]+(?:-[A-Za-z0-9]+)*(?:--(?:ltr|rtl))?")
_SURROGATE = re.compile(rb"\\(?:u|U0000)[dD][89a-fA-F]|\\U(?!00(?:0|10))")


def mended(text: bytes, repaired: Counter[str]) -> bytes:
    """Whole lines with literals, language tags and IRIs that a parser takes; counts what had to be
    changed. What is no UTF-8 becomes U+FFFD."""

    def mend(token: re.Match[bytes]) -> bytes:
        whole = token[0]
        literal, tag, iri = token["text"], token["tag"], token["iri"]
        if literal is not None:
            sound = _ESCAPE.sub(_escaped, literal)
            repaired["literal"] += sound != literal
            if tag and not _TAG.fullmatch(tag):
                repaired["language tag"] += 1
                tag = tag.replace(b"_", b"-")
                tag = tag if _TAG.fullmatch(tag) else b"@" + NO_TAG.encode()
            whole = sound + (tag or b"")
        elif iri is not None:
            sound = quote(iri, safe=_IRI).encode()
            repaired["IRI"] += sound != iri
            whole = b"<%s>" % sound
        return whole

    return _TOKEN.sub(mend, text.decode("utf-8", "replace").encode())


# Everything but what an IRI may not hold (RFC 3987), bytes of other scripts too.
_IRI = bytes(sorted(set(range(0x21, 0x100)) - set(b'<>"{}|^`')))


def _escaped(escape: re.Match[bytes]) -> bytes:
    whole = escape[0]
    if len(whole) > 2 or whole[1:] in b"tbnrf\"'\\":
        return b"\\uFFFD" if _SURROGATE.match(whole) else whole
    return b"\\" + whole


def read_statements(source: Input, form: RdfFormat, base_iri: str, noted: Noted) -> Iterator[Block]:
    """The triples of a text, and a reject for each statement that is broken, by its line."""
    text = _Text(noted.tags.in_text(source), noted.repaired)
    while True:
        parser = parse(cast(IO[bytes], text), format=form, base_iri=base_iri or None, lenient=True)
        some: list[Quad | Triple] = []
        try:
            while True:
                # An error leaves in the list what came before it.
                some.extend(islice(parser, TOGETHER))
                if len(some) < TOGETHER:
                    yield some, ()
                    return
                last = some.pop()
                yield some, ()
                some = [last]
        except SyntaxError as error:
            number = text.begun + (error.lineno or 1) - 1
            # What stands right before an error may be half of something (the en of @en_US), and
            # is read again where that is mended.
            before = some[-1:]
            yield some[:-1], ()
            if not text.mend(number):
                why = noted.tags.restored(excerpt(text.line(number)))
                yield before, (Reject(source.name, number, reason(error), why),)
                if not text.skip(number):
                    return
            base = f"@base <{parser.base_iri}> . " if parser.base_iri else ""
            prefixes = (f"@prefix {name}: <{iri}> . " for name, iri in parser.prefixes.items())
            text.ahead = "".join((base, *prefixes)).encode()


def reason(error: SyntaxError) -> str:
    """What is wrong, without where: that is known better."""
    text = re.sub(r"^Parser error(?: at| between)? .*?: | \(line \d+\)$", "", f"{error.msg}")
    hint = ": --base-iri says what it is relative to" if "No scheme" in text else ""
    return f"{text.strip(' :.')}{hint}."


def _without_comment(line: bytes) -> bytes:
    """A line without the comment at its end."""
    begins = [token.start() for token in _TOKEN.finditer(line) if token[0].startswith(b"#")]
    return line[: begins[0]].rstrip() if begins else line


class _Text:
    """What a parser reads, of which the last part is kept to be read again from a line of it.

    ``begun`` is the number of the line that the parser has as its first, ``ahead`` what it is to
    read before that. Once something had to be mended, all that follows is.
    """

    def __init__(self, source: Readable, repaired: Counter[str]) -> None:
        self.begun = 1
        self.ahead = b""
        self._source = source
        self._repaired = repaired
        self._kept = bytearray()
        self._at = 0
        # A line's number and its place in what is kept, from which others are found.
        self._number, self._place = 1, 0
        self._mending = False
        self._rest = b""

    def read(self, size: int) -> bytes:
        """For the parser: up to ``size`` bytes."""
        if self.ahead:
            piece, self.ahead = self.ahead[:size], self.ahead[size:]
            return piece
        if self._at == len(self._kept):
            self._forget()
            self._more()
        piece = bytes(self._kept[self._at : self._at + size])
        self._at += len(piece)
        return piece

    def line(self, number: int) -> bytes:
        """The beginning of a line."""
        start = self._find(number)
        return bytes(self._kept[start : start + EXCERPT]).partition(b"\n")[0]

    def mend(self, number: int) -> bool:
        """Read the statement of a broken line again, and the one before, if anything of them can be
        mended."""
        line = self._find(number)
        before = start = self._place
        for found in _NEXT.finditer(self._kept, max(start, line - _STEP), line + EXCERPT):
            if found.end() > line:
                break
            before, start = start, found.end()
        start = before
        broken = bytes(self._kept[start : self._next(line)])
        if mended(broken, Counter()) == broken:
            return False
        self._begin(number - self._kept.count(b"\n", start, line), start)
        self._rest = bytes(self._kept[start:]) + self._rest
        del self._kept[start:]
        self._mending = True
        self._more()
        return True

    def skip(self, number: int) -> bool:
        """Go on with the next statement that begins on a line of its own, if there is one."""
        line = self._find(number)
        before = bytes(self._kept[max(0, line - EXCERPT) : line]).rstrip()
        has_end = _without_comment(before.rpartition(b"\n")[2]).endswith(b".")
        if line > self._place and _FIRST.match(self._kept, line) and not has_end:
            # It is the statement before that has no end.
            self._begin(number, line)
            return True
        place = self._next(line)
        self._begin(number + self._kept.count(b"\n", line, place), place)
        return place < len(self._kept)

    def _begin(self, number: int, place: int) -> None:
        self.begun = self._number = number
        self._at = self._place = place

    def _find(self, number: int) -> int:
        """The place of a line."""
        place = self._place
        for _ in range(number - self._number):
            place = self._kept.find(b"\n", place) + 1 or place
        return place

    def _next(self, line: int) -> int:
        """The place of the next statement after a line, or the end."""
        start = line
        while not (found := _NEXT.search(self._kept, start)):
            start = max(line, len(self._kept) - EXCERPT)
            if len(self._kept) - line > KEPT or not self._more():
                return len(self._kept)
        return found.end()

    def _forget(self) -> None:
        if len(self._kept) > 2 * KEPT:
            cut = self._kept.find(b"\n", len(self._kept) - KEPT) + 1
            self._number += self._kept.count(b"\n", self._place, max(self._place, cut))
            self._place = max(0, self._place - cut)
            self._at -= cut
            del self._kept[:cut]

    def _more(self) -> bool:
        """Keep more of the text; False at its end."""
        size = len(self._kept)
        while len(self._kept) == size:
            data = self._source.read(_STEP)
            if self._mending:
                # Whole statements, for a token may go over lines.
                self._rest += data
                ends = self._rest.rfind(b".\n") + 1 or self._rest.rfind(b"\n") + 1
                end = ends if data and len(self._rest) < KEPT else len(self._rest)
                self._kept += mended(self._rest[:end], self._repaired)
                self._rest = self._rest[end:]
            else:
                self._kept += data
            if not data:
                break
        return len(self._kept) > size
