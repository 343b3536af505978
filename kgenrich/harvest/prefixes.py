"""The prefixes that a file declares at its beginning, before it is read."""

from __future__ import annotations

import re
from contextlib import suppress

from pyoxigraph import RdfFormat, parse

from kgenrich.harvest.triples import Format, OboFormat
from kgenrich.inputs import Input

_HEAD = 1 << 16
_WITH_PREFIXES = (RdfFormat.TURTLE, RdfFormat.TRIG, RdfFormat.N3, RdfFormat.RDF_XML)
_IDSPACE = re.compile(r"^idspace:[ \t]*(\S+)[ \t]+(\S+)", re.MULTILINE)


def declared_prefixes(source: Input, form: Format) -> dict[str, str]:
    """Where the IRIs of each prefix begin, as far as the beginning of a file says."""
    head = source.look(_HEAD)
    if form == OboFormat.OBO:
        return dict(_IDSPACE.findall(head.decode("utf-8", "replace")))
    if isinstance(form, OboFormat) or form not in _WITH_PREFIXES:
        return {}
    parser = parse(head, format=form, base_iri="x:", lenient=True)
    # The beginning of a file may end anywhere.
    with suppress(SyntaxError):
        for _ in parser:
            pass
    return dict(parser.prefixes)
