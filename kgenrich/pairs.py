"""Pairs of ids that are known to name the same: tables with or without a header, and SSSOM.

A table has two columns, or those that its header calls ``subject_id`` and ``object_id`` as SSSOM
does (Matentzoglu et al., 2022), separated by tabs, commas, semicolons or spaces. Empty lines and
comments are passed over; comments may give prefixes (``#  ex: "http://example.org/"``).
"""

from __future__ import annotations

import csv
import re
import string
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from msgspec import Struct

from kgenrich.inputs import read_lines

_PREFIX = re.compile(r"""([\w.-]+):\s*(?:"([^"]*)"|'([^']*)'|([^\s"',}]+))""")
_STRAY = re.compile("%(?![0-9A-Fa-f]{2})")
_COLUMNS = ("subject_id", "object_id")
# What RFC 3986 lets stand in a URI, and the percent sign of what is encoded already.
_URI = string.ascii_letters + string.digits + "-._~:/?#[]@!$&'()*+,;=%"
_SAME = ("exactMatch", "sameAs", "equivalentClass", "equivalentProperty")
_OTHER_THAN_SAME = re.compile(r".*(broad|narrow|related)Match|.*(subClassOf|subPropertyOf)")


class Pair(Struct, frozen=True):
    """Two ids, the number of their line, and how they are related, where it says so."""

    line: int
    left: str
    right: str
    predicate: str = ""

    @property
    def says_same(self) -> bool:
        """Whether both are one thing, not merely much alike."""
        return not self.predicate or self.predicate.endswith(_SAME)


def uri(iri: str) -> str:
    """An IRI as a URI (RFC 3987, 3.1), as SSSOM has them."""
    return quote(_STRAY.sub("%25", iri), safe=_URI)


def read_pairs(path: Path) -> Iterator[Pair]:
    """The pairs of a file; the first may be the titles of its columns. Rows that say that two are
    not the same, or only related, are left out.

    Raises `InputError` where the file cannot be read.
    """
    prefixes: dict[str, str] = {}
    delimiter = ""
    header: list[str] | None = None
    for number, line in enumerate(read_lines(path), 1):
        if line.startswith("#"):
            prefixes |= {name: "".join(quoted) for name, *quoted in _PREFIX.findall(line)}
            continue
        if not line.strip():
            continue
        delimiter = delimiter or next((mark for mark in "\t,;" if mark in line), " ")
        try:
            cells = next(csv.reader([line], delimiter=delimiter, skipinitialspace=True))
        except csv.Error:
            # A cell of absurd length.
            cells = []
        if header is None:
            header = cells if {*_COLUMNS} <= {*cells} else []
            if header:
                continue
        row = dict(zip(header, cells, strict=False)) if header else {}
        if row.get("predicate_modifier") or _OTHER_THAN_SAME.match(row.get("predicate_id", "")):
            continue
        left, right, *_ = [*([row.get(name, "") for name in _COLUMNS] if header else cells), "", ""]
        predicate = row.get("predicate_id", "")
        yield Pair(number, _expanded(left, prefixes), _expanded(right, prefixes), predicate)


def _expanded(name: str, prefixes: dict[str, str]) -> str:
    """The IRI that a CURIE stands for; anything else as it is."""
    name = name.strip().removeprefix("<").removesuffix(">")
    prefix, colon, rest = name.partition(":")
    is_curie = colon and prefix in prefixes and not rest.startswith("//")
    return prefixes[prefix] + rest if is_curie else name
