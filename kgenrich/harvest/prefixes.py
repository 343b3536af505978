"""The prefixes that a file declares at its beginning, before it is read."""

from __future__ import annotations

import re
from contextlib import suppress

from pyoxigraph import RdfFormat, parse

from kgenrich.harvest.triples import Format, OboFormat
from kgenrich.inputs import Input
from kgenrich.namespaces import OBO

_HEAD = 1 << 16
_WITH_PREFIXES = (RdfFormat.TURTLE, RdfFormat.TRIG, RdfFormat.N3, RdfFormat.RDF_XML)
_ID = re.compile(r"^id:[ \t]*([A-Za-z]\w*):(?!//)", re.MULTILINE)
_IDSPACE = re.compile(r"^idspace:[ \t]*(\S+)[ \t]+(\S+)", re.MULTILINE)


def declared_prefixes(source: Input, form: Format) -> dict[str, str]:
    """Where the IRIs of each prefix begin, as far as the beginning of a file says."""
    head = source.look(_HEAD)
    if form == OboFormat.OBO:
        text = head.decode("utf-8", "replace")
        spaces = {prefix: f"{OBO}{prefix}_" for prefix in _ID.findall(text)}
        return spaces | dict(_IDSPACE.findall(text))
    if isinstance(form, OboFormat) or form not in _WITH_PREFIXES:
        return {}
    parser = parse(head, format=form, base_iri="x:", lenient=True)
    # The beginning of a file may end anywhere.
    with suppress(SyntaxError):
        for _ in parser:
            pass
    return dict(parser.prefixes)
