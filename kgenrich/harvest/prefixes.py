"""The prefixes that a file declares at its beginning, before it is read."""

from __future__ import annotations

import re
from contextlib import suppress

from pyoxigraph import RdfFormat, parse

from kgenrich.harvest.triples import Format, OboFormat
from kgenrich.inputs import Input
from kgenrich.namespaces import NAMESPACES, OBO, OBO_IN_OWL

_HEAD = 1 << 16
_WITH_PREFIXES = (RdfFormat.TURTLE, RdfFormat.TRIG, RdfFormat.N3, RdfFormat.RDF_XML)
# What its tags stand for.
_OF_OBO = {
    **{name: NAMESPACES[name] for name in ("owl", "rdf", "rdfs", "xsd")},
    "obo": OBO,
    "oboInOwl": OBO_IN_OWL,
}
_ID = re.compile(r"^id:[ \t]*([A-Za-z]\w*):(?!//)", re.MULTILINE)
_IDSPACE = re.compile(r"^idspace:[ \t]*(\S+)[ \t]+(\S+)", re.MULTILINE)


def declared_prefixes(source: Input, form: Format) -> dict[str, str]:
    """Where the IRIs of each prefix begin, as far as the beginning of a file says."""
    head = source.look(_HEAD)
    if isinstance(form, OboFormat):
        text = head.decode("utf-8", "replace") if form == OboFormat.OBO else ""
        spaces = {prefix: f"{OBO}{prefix}_" for prefix in _ID.findall(text)}
        return _OF_OBO | spaces | dict(_IDSPACE.findall(text))
    if form not in _WITH_PREFIXES:
        return {}
    parser = parse(head, format=form, base_iri="x:", lenient=True)
    # The beginning of a file may end anywhere.
    with suppress(SyntaxError):
        for _ in parser:
            pass
    return dict(parser.prefixes)
