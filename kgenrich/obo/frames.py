"""The frames of an OBO document, one by one, so that what is broken costs itself: a clause.

The parser (fastobo) refuses a document at its first error, which is most often a clause of an older
version of the format; such a clause is brought into the present one, or left out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import fastobo
from fastobo.id import BaseIdent

from kgenrich.errors import InputError
from kgenrich.inputs import CHUNK, LONGEST_LINE, Input

KINDS = ("Term", "Typedef", "Instance")
"""What a frame can be; the header is the one without a kind."""

_START = re.compile(r"\[(\w+)\][ \t]*(?:!.*)?")
_COMMENTS = ("!", "#")
_OF_HEADER = ("property_value:",)
_OF_TERMS = (*_OF_HEADER, "name:", "def:", "comment:", "synonym:", "xref:", "subset:", "is_a:")
_SCOPES = ("EXACT", "NARROW", "BROAD", "RELATED")
_OLD_SYNONYMS = {f"{scope.lower()}_synonym": scope for scope in _SCOPES}
_OLD_XREFS = ("xref_analog", "xref_unknown", "xref_unk")
_QUOTED = re.compile(
    r"""\s*(?P<text>"(?:[^"\\]|\\.)*")\s*(?P<scope>EXACT|NARROW|BROAD|RELATED)?
    (?P<xrefs>[^{]*)(?P<qualifiers>\{.*\})?\s*(?:!.*)?""",
    re.VERBOSE,
)


_UNTYPED = re.compile(r'\s*(?P<relation>\S+?):?\s+(?P<text>"(?:[^"\\]|\\.)*")\s*(?:!.*)?')
_BLANK = "\\ "


class Frame(NamedTuple):
    """The lines of a frame without its first, each with its number."""

    kind: str
    lines: Sequence[tuple[int, str]]


class ParsedHeader(NamedTuple):
    """The clauses of the header, as fastobo has them."""

    clauses: Sequence[Any]


class ParsedFrame(NamedTuple):
    """The clauses of another frame, as fastobo has them."""

    kind: str
    id: BaseIdent
    clauses: Sequence[Any]


class Broken(NamedTuple):
    """A line that cannot be read, by its number, and why."""

    number: int
    text: str
    reason: str


def split_frames(lines: Iterable[str], name: str) -> Iterator[Frame]:
    """The frames of the document called ``name`` by its lines, the header first.

    Raises `InputError` where a frame has no end.
    """
    kind = ""
    inside: list[tuple[int, str]] = []
    size = 0
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if start := _START.fullmatch(text):
            yield Frame(kind, inside)
            kind, inside, size = start[1], [], 0
        elif text and not text.startswith(_COMMENTS):
            # A line that is a comment is what fastobo panics at.
            inside.append((number, text))
            size += len(text)
            if size > LONGEST_LINE:
                raise InputError(f"{name} is no OBO document: a frame of it has no end.")
    yield Frame(kind, inside)


def parse_frame(
    frame: Frame, repaired: Counter[str]
) -> Iterator[ParsedHeader | ParsedFrame | Broken]:
    """A frame, after what of it cannot be read; counts the clauses that had to be mended."""
    if not frame.kind:
        clauses, broken = _with_qualifiers("", "id: header", frame.lines, repaired)
        yield from broken
        yield ParsedHeader(clauses)
        return
    place = next((i for i, (_, text) in enumerate(frame.lines) if text.startswith("id:")), None)
    if frame.kind not in KINDS or place is None:
        number, text = frame.lines[0] if frame.lines else (0, f"[{frame.kind}]")
        why = "The frame has no id." if frame.kind in KINDS else "There are no such frames."
        yield Broken(number, text, why)
        return
    number, first = frame.lines[place]
    rest = [*frame.lines[:place], *frame.lines[place + 1 :]]
    kind = frame.kind
    if kind == "Instance":
        # fastobo reads no clauses of an instance; all that it can have a term has too.
        kind = "Term"
        rest = [(at, text.replace("instance_of:", "is_a:", 1)) for at, text in rest]
    try:
        id = _load(f"[{kind}]\n{first}\n")[0].id
    except SyntaxError as error:
        yield Broken(number, first, _reason(error))
        return
    clauses, broken = _with_qualifiers(kind, first, rest, repaired)
    yield from broken
    yield ParsedFrame(frame.kind, id, clauses)


def _with_qualifiers(
    kind: str, id: str, lines: Sequence[tuple[int, str]], repaired: Counter[str]
) -> tuple[list[Any], list[Broken]]:
    """The clauses of a frame that has an id, and the lines that are none."""
    start = f"[{kind}]\n{id}\n" if kind else ""
    if kind == "Term":
        return _clauses(start, lines, repaired)
    # Only of terms does fastobo 0.14 tell the qualifiers: what a term can have is read as its.
    shared = [line for line in lines if line[1].startswith(_OF_TERMS if kind else _OF_HEADER)]
    others = [line for line in lines if line not in shared]
    clauses, broken = _clauses(start, others, repaired)
    more, broken_more = _clauses(f"[Term]\n{id}\n", shared, repaired)
    return [*clauses, *more], [*broken, *broken_more]


def _clauses(
    start: str, lines: Sequence[tuple[int, str]], repaired: Counter[str]
) -> tuple[list[Any], list[Broken]]:
    """The clauses of some lines after the start of a frame, and those that are none."""

    def read(*texts: str) -> list[Any]:
        document = _load(start + "".join(f"{text}\n" for text in texts))
        return list(document[0] if start else document.header)

    try:
        return read(*(text for _, text in lines)), []
    except SyntaxError:
        clauses: list[Any] = []
        broken: list[Broken] = []
    for number, text in lines:
        try:
            clauses += read(text)
        except SyntaxError as error:
            for attempt in in_present_format(text):
                try:
                    clauses += read(attempt)
                except SyntaxError:
                    continue
                repaired["clause"] += 1
                break
            else:
                broken.append(Broken(number, text, _reason(error)))
    return clauses, broken


def in_present_format(clause: str) -> Iterator[str]:
    """What a clause that cannot be read may have meant, the likeliest first.

    >>> list(in_present_format('related_synonym: "heart" []'))
    ['synonym: "heart" RELATED []']
    >>> list(in_present_format('def: "A muscle." [Gray 1918]'))[-1]
    'def: "A muscle." []'
    >>> list(in_present_format("name: poly{A} tail"))
    ['name: poly\\\\{A\\\\} tail']
    """
    tag, _, value = clause.partition(":")
    quoted = _QUOTED.fullmatch(value)
    if tag in _OLD_XREFS:
        yield f"xref:{value}"
    elif tag in ("name", "comment") and "{" in value and "xml:lang" not in value:
        yield clause.replace("{", "\\{").replace("}", "\\}")
    elif tag in ("subset", "namespace", "subsetdef"):
        name, quote, rest = value.strip().partition('"')
        yield f"{tag}: {name.strip().replace(' ', _BLANK)} {quote}{rest}".rstrip()
    elif tag == "property_value" and (said := _UNTYPED.fullmatch(value)):
        yield f"property_value: {said['relation']} {said['text']} xsd:string"
    elif quoted and (tag == "def" or tag == "synonym" or tag in _OLD_SYNONYMS):
        scope = quoted["scope"] or _OLD_SYNONYMS.get(tag, "RELATED")
        start = f"def: {quoted['text']}" if tag == "def" else f"synonym: {quoted['text']} {scope}"
        end = f" {quoted['qualifiers']}" if quoted["qualifiers"] else ""
        xrefs = quoted["xrefs"].strip()
        yield from dict.fromkeys(f"{start} {each}{end}" for each in (xrefs, "[]") if each)


def _load(text: str) -> fastobo.doc.OboDoc:
    try:
        return fastobo.loads(text, threads=1)
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise SyntaxError("the parser gives up") from error


def _reason(error: SyntaxError) -> str:
    return f"It is no clause of OBO 1.4: {error.msg}."


def read_lines(source: Input) -> Iterator[str]:
    """The lines of a file. What is no UTF-8 becomes U+FFFD, which is for its reader to judge."""
    rest = b""
    while chunk := source.read(CHUNK):
        *lines, rest = (rest + chunk).split(b"\n")
        if len(rest) > LONGEST_LINE:
            raise InputError(f"{source.name} is no OBO document: it has no lines.")
        yield from (line.decode("utf-8", "replace") for line in lines)
    if rest:
        yield rest.decode("utf-8", "replace")
