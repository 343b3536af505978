"""A copy of a file is its source to the byte and what was added, for two independent readers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgenrich.errors import InputError
from kgenrich.export.counts import ExportCounts
from kgenrich.export.merging.additions import Addition
from kgenrich.namespaces import RDF, SKOS, SKOSXL, XSD
from tests.export.merging.documents import documents
from tests.export.merging.graphs import by_oxigraph, by_rdflib, is_with_lines_added, merged
from tests.export.merging.layouts import LINES, PREFIXES, TRIG, TURTLE, XML, E

PREF, ALT = f"{SKOS}prefLabel", f"{SKOS}altLabel"

JUG = Addition(f"{E}c1", PREF, "brocca", "it")
SECOND = Addition(f"{E}c1", ALT, 'a "jug"\n\\', "de-DE")
XL = Addition(f"{E}c2", f"{SKOSXL}prefLabel", "Krug", "de", node=f"{E}c2/label/1")
TYPED = Addition(f"{E}c2", f"{SKOS}notation", "A<1>&", datatype=f"{XSD}token")
UNKNOWN = Addition("urn:not:there", PREF, "日本", "ja")
UNTAGGED = Addition(f"{E}c1", PREF, "EVOO")
EVERY = [JUG, SECOND, XL, TYPED, UNKNOWN, UNTAGGED]


def check(form: str, source: bytes, additions: list[Addition], *, lines: bool = True) -> bytes:
    """Merge, read both, and give the copy. ``lines``: the source has lines to be kept."""
    counts = ExportCounts()
    copy = merged(form, source, additions, counts=counts)
    assert by_oxigraph(form, copy) == by_oxigraph(form, source, additions)
    assert by_rdflib(form, copy) == by_rdflib(form, source, additions)
    assert counts.terms == len(additions)
    assert counts.triples == sum(3 if each.node else 1 for each in additions)
    assert not lines or is_with_lines_added(source, copy)
    for size in (1, 7, 64):
        assert merged(form, source, additions, size=size) == copy
    return copy


@pytest.mark.parametrize("form", ["nt", "nq"])
@pytest.mark.parametrize("name", LINES)
def test_lines(form: str, name: str) -> None:
    check(form, LINES[name].encode(), EVERY)
    check(form, LINES[name].replace("\n", "\r\n").encode(), EVERY)


def test_new_lines_follow_those_about_their_subject() -> None:
    source = f'<{E}c1> <{PREF}> "jug"@en .\n<{E}c1> <{ALT}> "x" .\n<{E}c2> <{PREF}> "x" .\n'
    copy = check("nt", source.encode(), [JUG, UNKNOWN]).decode().splitlines()
    assert copy[2] == f'<{E}c1> <{PREF}> "brocca"@it .'
    assert copy[-1] == f'<urn:not:there> <{PREF}> "日本"@ja .'


def test_a_new_quad_is_in_the_graph_of_its_subject() -> None:
    source = f'<{E}c1> <{PREF}> "a . <b> "@en <{E}g> .\r\n<{E}c2> <{PREF}> "x" _:g .\r\n'.encode()
    copy = check("nq", source, [JUG, TYPED, UNKNOWN]).decode()
    assert f'"brocca"@it <{E}g> .\r\n' in copy
    assert "token> _:g .\r\n" in copy
    assert copy.endswith('"日本"@ja .\r\n')


@pytest.mark.parametrize("form", ["ttl", "trig"])
@pytest.mark.parametrize("name", TURTLE)
def test_turtle(form: str, name: str) -> None:
    check(form, TURTLE[name].encode(), EVERY)
    check(form, TURTLE[name].encode(), [JUG])
    check(form, TURTLE[name].replace("\n", "\r\n").encode(), EVERY)


@pytest.mark.slow
@given(documents(has_graphs=False), st.lists(st.sampled_from(EVERY), unique=True))
def test_turtle_in_any_layout(source: str, additions: list[Addition]) -> None:
    check("ttl", source.encode(), additions)


@pytest.mark.slow
@given(documents(has_graphs=True), st.lists(st.sampled_from(EVERY), unique=True))
def test_trig_in_any_layout(source: str, additions: list[Addition]) -> None:
    check("trig", source.encode(), additions)


def test_a_block_gets_one_more_line() -> None:
    source = PREFIXES + 'e:c1 a skos:Concept ;\n  skos:prefLabel "jug"@en ;\n  skos:notation 1 .\n'
    copy = check("ttl", source.encode(), [JUG]).decode()
    assert copy == source.replace("@en ;\n", '@en ;\n  skos:prefLabel "brocca"@it ;\n')


def test_names_are_those_of_their_place() -> None:
    source = PREFIXES + f"e:c1 a e:x .\n@prefix e: <urn:e:> .\n@prefix f: <{E}> .\nf:c2 a e:x .\n"
    copy = check("ttl", source.encode(), [JUG, TYPED]).decode()
    assert 'e:x .\ne:c1 skos:prefLabel "brocca"@it .\n@prefix' in copy
    assert "e:x .\nf:c2 skos:notation" in copy


def test_a_label_node_gets_a_line_of_its_own() -> None:
    source = f"@prefix xl: <{SKOSXL}> .\n" + PREFIXES + "e:c2 a e:x ;\n  a e:y .\n\ne:c3 a e:x .\n"
    copy = check("ttl", source.encode(), [XL]).decode()
    assert f"e:x ;\n  xl:prefLabel <{XL.node}> ;\n  a e:y .\n" in copy
    assert f'e:y .\n<{XL.node}> a xl:Label ; xl:literalForm "Krug"@de .\n\n' in copy


@pytest.mark.parametrize("name", TRIG)
def test_trig(name: str) -> None:
    check("trig", TRIG[name].encode(), EVERY)
    check("trig", TRIG[name].replace("\n", "\r\n").encode(), EVERY)


@pytest.mark.parametrize("name", XML)
def test_rdfxml(name: str) -> None:
    for source in (XML[name], XML[name].replace("\n", "\r\n")):
        check("rdf", source.encode(), EVERY, lines="\n" in source)


def test_a_new_statement_is_in_the_graph_of_its_subject() -> None:
    source = (PREFIXES + "e:g {\n  e:c1 a e:x .\n}\ne:h { e:c2 a e:x }\n").encode()
    copy = check("trig", source, [JUG, TYPED]).decode()
    assert 'e:c1 a e:x .\n  e:c1 skos:prefLabel "brocca"@it .\n}\n' in copy
    assert "e:c2 a e:x }\ne:h { e:c2 skos:notation " in copy


def test_new_elements_are_those_of_a_person() -> None:
    source = f"""<rdf:RDF xmlns:rdf="{RDF}" xmlns:s="{SKOS}">
    <s:Concept rdf:about="{E}c1">
        <s:prefLabel xml:lang="en">jug</s:prefLabel>
        <s:notation>1</s:notation>
    </s:Concept>
    <s:Concept rdf:about="{E}c2"/>
</rdf:RDF>
"""
    copy = check("rdf", source.encode(), [JUG, SECOND, TYPED]).decode()
    jug = '        <s:prefLabel xml:lang="it">brocca</s:prefLabel>\n'
    assert copy.split(jug) == [
        source.partition("        <s:not")[0],
        copy.partition(jug)[2],
    ]
    second = '        <s:altLabel xml:lang="de-DE">a "jug"&#10;\\</s:altLabel>\n'
    assert f"</s:notation>\n{second}    </s:Concept>\n" in copy
    typed = f'<s:notation rdf:datatype="{XSD}token">A&lt;1&gt;&amp;</s:notation>'
    assert f'<rdf:Description rdf:about="{E}c2">{typed}</rdf:Description>\n</rdf:RDF>' in copy


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1", "us-ascii"])
def test_xml_keeps_its_encoding(encoding: str) -> None:
    declared = encoding.removesuffix("-sig")
    source = f'<?xml version="1.0" encoding="{declared}"?>\n' + XML["elements"].partition("?>\n")[2]
    copy = merged("rdf", source.encode(encoding), EVERY)
    text = copy.decode(encoding)
    assert is_with_lines_added(source.encode(), text.encode())
    # The readers take few encodings.
    read = text.replace(declared, "utf-8", 1).encode()
    assert by_rdflib("rdf", read) == by_rdflib("rdf", XML["elements"].encode(), EVERY)


@pytest.mark.parametrize(
    ("source", "why"),
    [
        (f'<e:x xmlns:e="{E}"/>', "has no rdf:RDF with room"),
        (f'<r:RDF xmlns:r="{RDF}"/>', "has no rdf:RDF with room"),
        (f'<r:RDF xmlns:r="{RDF}">\n<r:', "no sound XML .*line 2"),
        ('<?xml version="1.0" encoding="x-none"?><a/>', "no sound XML"),
        ("", "no sound XML"),
    ],
)
def test_xml_that_takes_nothing(source: str, why: str) -> None:
    with pytest.raises(InputError, match=f"source.*{why}.*--delta"):
        merged("rdf", source.encode(), [JUG])


def test_what_xml_cannot_say_is_counted() -> None:
    counts = ExportCounts()
    number = Addition(f"{E}c1", f"{E}1", "x")
    control = Addition(f"{E}c1", PREF, "\x01", "en")
    source = XML["elements"].encode()
    assert merged("rdf", source, [number, control], counts=counts) == source
    assert counts.refused == {
        "its predicate is no name in XML": 1,
        "a character that XML cannot have": 1,
    }


@pytest.mark.parametrize(
    ("form", "source", "line"),
    [
        ("ttl", f'<{E}c1> a <{E}x> .\n<{E}c3> a "cut\n', 2),
        ("ttl", f"<{E}c3> a <{E}x> ; # .\n\n", 1),
        ("ttl", f"<{E}g> {{ <{E}c3> a <{E}x> }}", 1),
        ("trig", f"\n<{E}g> {{ <{E}c3> a <{E}x> .\n", 2),
        ("ttl", f"\n\n\n<{E}c3> a `x` .\n" + "# x\n" * 9, 4),
    ],
)
def test_what_cannot_be_read_is_named_by_its_line(form: str, source: str, line: int) -> None:
    with pytest.raises(InputError, match=f"Line {line} of source cannot be read.*--delta"):
        merged(form, source.encode(), [UNKNOWN])


@pytest.mark.parametrize("form", ["nt", "nq", "ttl", "trig"])
def test_other_encodings_are_refused(form: str) -> None:
    with pytest.raises(InputError, match="not in UTF-8"):
        merged(form, f"<{E}c1> a <{E}x> .".encode("utf-16"), [JUG])


@pytest.mark.parametrize("form", ["nt", "nq", "ttl", "trig", "rdf"])
def test_without_additions_it_is_a_copy(form: str) -> None:
    source = b"\xfe whatever \r\n it is"
    assert merged(form, source, []) == source


@pytest.mark.parametrize("form", ["nt", "nq", "ttl", "trig", "rdf"])
def test_what_rdf_cannot_say_is_counted(form: str) -> None:
    source = b"<r:RDF xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#'></r:RDF>"
    source = source if form == "rdf" else b""
    counts = ExportCounts()
    bad = [
        Addition("no IRI", PREF, "x", "it"),
        Addition(f"{E}c1", PREF, "x", "not a tag"),
        Addition(f"{E}c1", PREF, "\ud800", "it"),
        Addition(f"{E}c1", PREF, "x", datatype="a b"),
    ]
    assert merged(form, source, bad, counts=counts) == source
    assert (counts.terms, counts.triples, counts.refused.total()) == (0, 0, 4)
