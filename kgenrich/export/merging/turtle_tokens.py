"""What Turtle and TriG are made of, as far as statements are to be told from each other.

Tokens are those of RDF 1.1 and 1.2 (W3C), and what is often written in their place: IRIs with
spaces, tags with underscores. Everything is bytes of UTF-8.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kgenrich.export.merging.iris import absolute, unescaped
from kgenrich.namespaces import RDF

_C = rb"[\w\-\x80-\xff]"
_L = rb"[\w:%\-\x80-\xff]"
SPACE = rb"(?:[ \t\r\n]++|#[^\r\n]*+)"
_IRI = rb"<[^<>\r\n]*>"
_BLANK = rb"_:[\w\x80-\xff](?:%s|\.++(?=%s))*+" % (_C, _C)
_PREFIX = rb"(?:[A-Za-z\x80-\xff](?:%s|\.++(?=%s))*+)?:" % (_C, _C)
_NAME = rb"%s(?:(?:%s|\\.)(?:%s|\\.|\.++(?=%s|\\))*+)?+" % (_PREFIX, _L, _L, _L)
_OTHERS = (
    rb'"""(?:[^"\\]|\\.|"(?!""))*+"""',
    rb"'''(?:[^'\\]|\\.|'(?!''))*+'''",
    rb'"(?!"")(?:[^"\\\r\n]|\\.)*+"',
    rb"'(?!'')(?:[^'\\\r\n]|\\.)*+'",
    rb"@[\w\-]+",
    rb"[+\-]?(?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)[eE][+\-]?[0-9]+|[0-9]*\.[0-9]+|[0-9]+)",
    rb"[A-Za-z]+",
    rb"<<|>>|\{\||\|\}|\^\^|[;,\[\]()~]",
)
_FIRST = rb"%s|%s|%s" % (_IRI, _BLANK, _NAME)
_TOKEN = rb"%s|%s" % (_FIRST, b"|".join(_OTHERS))

TOKEN = re.compile(rb"#[^\r\n]*+|(?P<token>%s)" % _TOKEN, re.DOTALL)
"""A token, or a comment."""

TOKENS = re.compile(rb"(?:%s|%s)*+" % (SPACE, _TOKEN), re.DOTALL)
"""As much as can be read."""

STATEMENT = re.compile(
    rb"%s*+(?P<first>%s)?+(?:%s|%s)*+(?P<end>[.{}])" % (SPACE, _FIRST, SPACE, _TOKEN), re.DOTALL
)
"""What ends with a full stop or a brace; ``first`` is its subject if that is not in brackets."""

DIRECTIVE = re.compile(
    rb"""%(s)s*+(?:
    (?:(?P<at>@prefix)|(?i:PREFIX)(?=[\s\#]))%(s)s*+(?P<name>%(p)s)%(s)s*+(?P<space>%(i)s)
    |(?:(?P<at_base>@base)|(?i:BASE)(?=[\s<\#]))%(s)s*+(?P<base>%(i)s)
    |(?:(?P<at_version>@version)|(?i:VERSION)(?=[\s\#"']))%(s)s*+(?:"[^"]*"|'[^']*')
    )(?(at)%(s)s*+\.)(?(at_base)%(s)s*+\.)(?(at_version)%(s)s*+\.)"""
    % {b"s": SPACE.replace(b"#", rb"\#").replace(b" ", rb"\ "), b"p": _PREFIX, b"i": _IRI},
    re.VERBOSE,
)
"""A prefix, with its colon, or a base."""

_LOCAL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_\-]*[A-Za-z0-9_])?")


class Names:
    """What names stand for at a place of a document: IRIs relative to ``base``, and prefixes."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._spaces: dict[bytes, str] = {}

    def declare(self, directive: re.Match[bytes]) -> None:
        """Take up a match of `DIRECTIVE`."""
        if directive["name"] is not None:
            self._spaces[directive["name"]] = self.iri(directive["space"])
        elif directive["base"] is not None:
            self._base = self.iri(directive["base"])

    def iri(self, token: bytes) -> str:
        """The IRI of a token, empty for what is none."""
        if token.startswith(b"<"):
            return absolute(unescaped(token[1:-1]), self._base)
        if token == b"a":
            return f"{RDF}type"
        prefix, colon, local = token.partition(b":")
        space = self._spaces.get(prefix + colon)
        if space is None:
            return ""
        return space + re.sub(rb"\\(.)", rb"\1", local).decode("utf-8", "replace")

    def short(self, term: str) -> str:
        """A term in N-Triples form as it can be written here."""
        if not term.startswith("<"):
            text, mark, datatype = term.rpartition("^^<")
            return f"{text}^^{self.short(f'<{datatype}')}" if mark and term[-1] == ">" else term
        best, space = b"", ""
        for name, each in self._spaces.items():
            if len(each) > len(space) and term.startswith(each, 1):
                best, space = name, each
        if space and _LOCAL.fullmatch(local := term[len(space) + 1 : -1]):
            return best.decode() + local
        return term


def tokens(text: bytes, start: int = 0, end: int | None = None) -> Iterator[re.Match[bytes]]:
    """The tokens between two places of a statement, without comments."""
    found = TOKEN.finditer(text, start, len(text) if end is None else end)
    return (each for each in found if each["token"] is not None)
