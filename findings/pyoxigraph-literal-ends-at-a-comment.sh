#!/bin/sh
# pyoxigraph 0.5.13: in RDF/XML a literal cannot go on after a comment, an instruction or CDATA.
#
# Text of an XML element may be interrupted by comments and processing instructions, and parts of it
# may be CDATA sections; to an application it is one text (XML 1.0, sections 2.4 to 2.7). pyoxigraph
# reads a literal that is CDATA alone, but refuses the whole document where text stands before or
# after one of the three: "Unexpected text event". rdflib 7.6.0 reads each as one literal. Editors
# of ontologies put remarks in definitions this way; the file then seems to be broken.
#
# Seen: four documents refused, of which rdflib reads 'a<b and more', 'say a<b', 'xy', 'xy'
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet pyoxigraph==0.5.13 rdflib==7.6.0
"$folder/venv/bin/python" - <<'PYTHON'
from pyoxigraph import RdfFormat, parse
from rdflib import Graph

DOCUMENT = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
  xmlns:e="http://example.org/"><rdf:Description rdf:about="http://example.org/1"
  ><e:p>%s</e:p></rdf:Description></rdf:RDF>"""
expected = {
    "<![CDATA[a<b]]>": ("read", "a<b"),
    "<![CDATA[a<b]]> and more": ("refused", "a<b and more"),
    "say <![CDATA[a<b]]>": ("refused", "say a<b"),
    "x<!-- remark -->y": ("refused", "xy"),
    "x<?editor mark?>y": ("refused", "xy"),
}
seen = {}
for inside in expected:
    document = DOCUMENT % inside
    try:
        list(parse(document.encode(), format=RdfFormat.RDF_XML))
        outcome = "read"
    except SyntaxError as error:
        outcome = "refused"
        print(f"{inside}: {error}")
    (literal,) = Graph().parse(data=document, format="xml").objects()
    seen[inside] = (outcome, str(literal))
    print(f"{inside}: {outcome}; rdflib: {literal}")
assert seen == expected, f"the behaviour has changed: {seen}"
PYTHON
