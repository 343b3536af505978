"""A graph goes out as it came in: harvested, exported, merged, harvested again."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
import rdflib
from hypothesis import given, settings
from hypothesis import strategies as st

from kgenrich.cli.main import main
from kgenrich.export.syntax import escape
from kgenrich.model import Candidate, Decision, Proposal, TermKind, Verdict
from kgenrich.namespaces import RDF, RDFS, SKOS, SKOSXL
from kgenrich.store.base import Store
from kgenrich.store.opening import open_store
from kgenrich.store.story.decisions import save_decisions
from kgenrich.store.story.proposals import save_proposals
from kgenrich.store.story.runs import running
from tests.export.merging.graphs import by_oxigraph, by_rdflib, is_with_lines_added
from tests.stores import dump

E = "http://e.example/"
FORMS = ["nt", "ttl"]
STATEMENTS = f"""@prefix e: <{E}> .
@prefix skos: <{SKOS}> .
@prefix xl: <{SKOSXL}> .
@prefix rdfs: <{RDFS}> .

# A thesaurus.
e:scheme a skos:ConceptScheme ;
    skos:prefLabel "Objects"@en .
e:c1 a skos:Concept ;
    skos:inScheme e:scheme ;
    skos:notation "A.1" ;
    skos:prefLabel "Krug"@de-DE, "cruche"@fr-fr, "jug"@en-GB, "壺"@zh-CN, "EVOO" ;
    skos:altLabel "pichet"@fr-fr ;
    skos:hiddenLabel "krug"@de-DE ;
    skos:definition "A vessel with a handle."@en-GB ;
    skos:scopeNote "Not for amphorae."@en-GB .
e:c2 a skos:Concept ; skos:broader e:c1 ; skos:prefLabel "amphora"@en-GB ;
    skos:exactMatch <http://vocab.getty.edu/aat/300000000> .
e:x1 a skos:Concept ;
    xl:prefLabel e:l1 ;
    xl:altLabel e:l2 .
e:l1 a xl:Label ; xl:literalForm "emploi"@fr .
e:l2 a xl:Label ; xl:literalForm "travail"@fr .
""".encode()

TAGS = """# A thesaurus as it is: everything here must come out again to the letter.
@prefix m: <https://example.org/museum/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix dct: <http://purl.org/dc/terms/> .
m:scheme a skos:ConceptScheme ; dct:title "Objects"@en ;
    dct:license <https://creativecommons.org/licenses/by-sa/4.0/> .
m:c1 a skos:Concept ; skos:inScheme m:scheme ; skos:notation "A.1" ;
    skos:prefLabel "Krug"@de-DE, "cruche"@fr-fr, "jug"@en-GB, "壺"@zh-CN, "EVOO" ;
    skos:altLabel "pichet"@fr-fr ; skos:hiddenLabel "krug"@de-DE ;
    skos:definition "A vessel with a handle."@en-GB, "Contenant à anse."@fr-fr ;
    skos:scopeNote "Not for amphorae."@en-GB .
m:c2 a skos:Concept ; skos:inScheme m:scheme ; skos:broader m:c1 ;
    skos:prefLabel "jug (general, large)"@en-GB ;
    skos:exactMatch <http://vocab.getty.edu/aat/300000000> .
"""
"""A concept scheme that states its licence, with two concepts."""

Run = Callable[..., str]

text = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=12).filter(
    lambda text: bool(text.strip())
)
literals = st.builds(
    lambda text, kind: f'"{escape(text)}"{kind}',
    text,
    st.sampled_from(["", "@de", "@de-DE", "@fr-fr", "@zh-Hant-TW", "@EN-gb", "@x-own", "@mul"]),
)
subjects = st.sampled_from([f"<{E}{name}>" for name in ("c1", "c2", "é", "s#x")])


def _of(predicate: str, objects: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(lambda s, o: f"{s} <{SKOS}{predicate}> {o} .", subjects, objects)


graphs = st.builds(
    lambda lines, subject: [f'{subject} <{SKOS}prefLabel> "a"@en-GB .', *lines],
    st.lists(
        st.one_of(
            *(_of(name, literals) for name in ("prefLabel", "altLabel", "hiddenLabel")),
            *(_of(name, literals) for name in ("definition", "scopeNote")),
            *(_of(name, subjects) for name in ("broader", "exactMatch", "inScheme")),
            _of("notation", st.builds(lambda text: f'"{escape(text)}"^^<urn:d>', text)),
            st.builds(
                lambda s, node, text: (
                    f"{s} <{SKOSXL}prefLabel> {node} .\n{node} <{RDF}type> <{SKOSXL}Label> .\n"
                    f"{node} <{SKOSXL}literalForm> {text} ."
                ),
                subjects,
                st.sampled_from([f"<{E}l1>", f"<{E}l2>", "_:l3"]),
                literals,
            ),
        ),
        max_size=8,
    ),
    subjects,
)
"""Statements about concepts as lines of N-Triples; the first one gives a label."""


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs commands on a store; gives what they print, in one line."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, code: int = 0) -> str:
        with pytest.raises(SystemExit) as end:
            main(["--store", "graph.db", *arguments])
        told = " ".join("".join(capsys.readouterr()).split())
        assert end.value.code == code, told
        return told

    return run


@pytest.fixture
def harvested(run: Run) -> Iterator[Store]:
    """The store of the statements above, harvested from ``source.ttl``."""
    Path("source.ttl").write_bytes(STATEMENTS)
    run("harvest", "rdf", "source.ttl")
    store = open_store("sqlite:///graph.db")
    yield store
    store.close()


def propose(
    store: Store,
    entity: str,
    language: str,
    text: str,
    kind: TermKind = TermKind.LABEL,
    replaces: str = "",
) -> Candidate:
    candidate = Candidate(entity if ":" in entity else E + entity, language, kind, text)
    proposal = Proposal(candidate, 1, {}, 0.9, "test", replaces=replaces)
    with running(store, "enrich", {}, "") as made:
        save_proposals(store, made.id, [proposal], {})
    return candidate


def accept(
    store: Store,
    entity: str,
    language: str,
    text: str,
    kind: TermKind = TermKind.LABEL,
    replaces: str = "",
) -> None:
    candidate = propose(store, entity, language, text, kind, replaces)
    decided = Decision(
        candidate.id, Verdict.ACCEPT, "Ada", text, "2026-01-01T00:00:00+00:00", replaces=replaces
    )
    save_decisions(store, [decided])


def _run(store: Path, *arguments: str) -> None:
    with (
        redirect_stdout(io.StringIO()) as out,
        redirect_stderr(io.StringIO()) as err,
        pytest.raises(SystemExit) as end,
    ):
        main(["--store", str(store), *arguments])
    assert end.value.code == 0, out.getvalue() + err.getvalue()


@pytest.mark.slow
@settings(max_examples=15)
@given(graphs, st.sampled_from(["nt", "ttl", "rdf"]), st.booleans())
def test_whole_graphs_come_out_as_they_came_in(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], form: str, is_alias: bool
) -> None:
    folder = tmp_path_factory.mktemp("trip")
    store, source, copy = folder / "graph.db", folder / f"a.{form}", folder / f"copy.{form}"
    types = [f"{line.split()[0]} <{RDF}type> <{SKOS}Concept> ." for line in lines]
    graph = rdflib.Graph().parse(data="\n".join([*lines, *types]), format="nt")
    source.write_text(graph.serialize(format={"rdf": "xml"}.get(form, form)), encoding="utf-8")
    _run(store, "harvest", "rdf", str(source))
    _run(store, "export", "rdf", "-o", str(folder / "out.nt"))
    assert by_oxigraph("nt", (folder / "out.nt").read_bytes()) == by_oxigraph(
        form, source.read_bytes()
    )
    merging = ("export", "rdf", "--merge-into", str(source), "-o", str(copy))
    _run(store, *merging)
    assert copy.read_bytes() == source.read_bytes()
    opened = open_store(f"sqlite:///{store}")
    kind = TermKind.ALIAS if is_alias else TermKind.LABEL
    accept(opened, lines[0].split()[0][1:-1], "sw", "mtungi", kind)
    opened.close()
    _run(store, *merging)
    new = by_oxigraph(form, copy.read_bytes()) - by_oxigraph(form, source.read_bytes())
    assert len(new) in (1, 3) and any('"mtungi"@sw' in statement for statement in new)
    assert is_with_lines_added(source.read_bytes(), copy.read_bytes())


@pytest.mark.parametrize("form", FORMS)
def test_a_graph_comes_out_to_the_letter(harvested: Store, run: Run, form: str) -> None:
    run("export", "rdf", "-o", f"out.{form}")
    data = Path(f"out.{form}").read_bytes()
    assert by_oxigraph(form, data) == by_oxigraph("ttl", STATEMENTS)
    assert by_rdflib(form, data) == by_rdflib("ttl", STATEMENTS)
    for literal in ('"Krug"@de-DE', '"cruche"@fr-fr', '"jug"@en-GB', '"壺"@zh-CN', '"EVOO"'):
        assert literal.encode() in data


@pytest.mark.parametrize("form", FORMS)
def test_a_thesaurus_as_it_is(run: Run, form: str) -> None:
    Path("tags.ttl").write_text(TAGS, encoding="utf-8")
    run("harvest", "rdf", "tags.ttl")
    run("export", "rdf", "-o", f"out.{form}")
    data = Path(f"out.{form}").read_bytes()
    assert by_oxigraph(form, data) == by_oxigraph("ttl", TAGS.encode())
    assert by_rdflib(form, data) == by_rdflib("ttl", TAGS.encode())


def test_subjects_stand_in_the_order_of_their_iris(harvested: Store, run: Run) -> None:
    run("export", "rdf", "-o", "out.nt")
    lines = Path("out.nt").read_text().splitlines()
    entities = dict.fromkeys(line.split()[0] for line in lines if f"<{E}l" not in line[:22])
    assert [*entities] == [f"<{E}{name}>" for name in ("c1", "c2", "scheme", "x1")]
    run("export", "rdf", "-o", "again.nt")
    assert Path("again.nt").read_bytes() == Path("out.nt").read_bytes()


def test_without_anything_new_a_copy_is_the_source(harvested: Store, run: Run) -> None:
    run("export", "rdf", "--merge-into", "source.ttl", "-o", "copy.ttl")
    assert Path("copy.ttl").read_bytes() == STATEMENTS


def test_a_file_is_merged_in_its_place_with_force(harvested: Store, run: Run) -> None:
    accept(harvested, "c1", "it", "brocca")
    run("export", "rdf", "--merge-into", "source.ttl", "-o", "source.ttl", "--force")
    copy = Path("source.ttl").read_bytes()
    assert is_with_lines_added(STATEMENTS, copy) and "brocca" in copy.decode()


def test_a_new_label_is_one_line_of_its_entity(harvested: Store, run: Run) -> None:
    accept(harvested, "c1", "it", "brocca")
    run("export", "rdf", "--merge-into", "source.ttl", "-o", "copy.ttl")
    new = b'    skos:prefLabel "brocca"@it ;\n'
    copy = Path("copy.ttl").read_bytes()
    assert copy.replace(new, b"") == STATEMENTS and copy.count(new) == 1


def test_new_terms_are_written_as_those_beside_them(harvested: Store, run: Run) -> None:
    accept(harvested, "x1", "it", "lavoro")
    accept(harvested, "c2", "de", "Amphore")
    accept(harvested, "c2", "zh-hans-cn", "双耳瓶")
    accept(harvested, "c2", "it", "Un vaso.", TermKind.DEFINITION)
    run("export", "rdf", "--merge-into", "source.ttl", "-o", "copy.ttl")
    copy = Path("copy.ttl").read_text()
    assert is_with_lines_added(STATEMENTS, copy.encode())
    assert 'skos:prefLabel "Amphore"@de-DE ;\n' in copy, "as this origin tags German"
    assert 'skos:definition "Un vaso."@it ;\n' in copy
    added = set(copy.splitlines()) - set(STATEMENTS.decode().splitlines())
    (node,) = (line.split()[1] for line in added if "xl:prefLabel" in line)
    assert f'{node} a xl:Label ; xl:literalForm "lavoro"@it .' in added


def test_what_is_new_alone(harvested: Store, run: Run) -> None:
    accept(harvested, "c1", "it", "brocca")
    accept(harvested, "c2", "en-gb", "amphora, jar", replaces="amphora")
    run("export", "rdf", "--delta", "-o", "new.nt")
    label = f"<{SKOS}prefLabel>"
    assert Path("new.nt").read_text() == (
        f'<{E}c1> {label} "brocca"@it .\n<{E}c2> {label} "amphora, jar"@en-GB .\n'
    )
    run("export", "rdf", "--patch", "-o", "new.rdfp")
    assert Path("new.rdfp").read_text() == (
        f'TX .\nA <{E}c1> {label} "brocca"@it .\n'
        f'D <{E}c2> {label} "amphora"@en-GB .\nA <{E}c2> {label} "amphora, jar"@en-GB .\nTC .\n'
    )
    run("export", "rdf", "--patch", "-o", "new.ru")
    assert 'DELETE DATA {\n  e:c2 skos:prefLabel "amphora"@en-GB' in Path("new.ru").read_text()
    told = run("export", "rdf", "--merge-into", "source.ttl", "-o", "copy.ttl")
    assert "1 left out: in the place of a label, which --patch says" in told


def test_another_vocabulary_on_request(harvested: Store, run: Run) -> None:
    accept(harvested, "c1", "it", "brocca")
    run("export", "rdf", "--vocabulary", "schema", "-l", "it,fr", "-o", "out.nt")
    lines = Path("out.nt").read_text().splitlines()
    names = {line.partition(" ")[2] for line in lines if "schema.org/name" in line}
    assert names == {
        '<http://schema.org/name> "brocca"@it .',
        '<http://schema.org/name> "cruche"@fr-fr .',
        '<http://schema.org/name> "emploi"@fr .',
    }


def test_of_two_predicates_for_labels_a_new_one_takes_the_first(run: Run) -> None:
    Path("both.ttl").write_text(
        f"@prefix skos: <{SKOS}> .\n@prefix rdfs: <{RDFS}> .\n"
        f'<{E}c1> a skos:Concept ; rdfs:label "amphora (vessel)"@en ; skos:prefLabel "amphora"@en .'
    )
    run("harvest", "rdf", "both.ttl")
    store = open_store("sqlite:///graph.db")
    accept(store, "c1", "it", "anfora")
    store.close()
    run("export", "rdf", "--delta", "-o", "new.nt")
    assert Path("new.nt").read_text() == f'<{E}c1> <{SKOS}prefLabel> "anfora"@it .\n'


def test_an_origin_alone(harvested: Store, run: Run) -> None:
    Path("de.ttl").write_text(
        f'@prefix skos: <{SKOS}> .\n<{E}c1> a skos:Concept ; skos:prefLabel "Kanne"@de .\n'
    )
    run("harvest", "rdf", "de.ttl")
    run("export", "rdf", "--origin", "de.ttl", "-o", "says.nt")
    run("export", "rdf", "--only", "de.ttl", "-o", "only.nt")
    run("export", "rdf", "--origin", "source.ttl", "-o", "first.nt")
    assert Path("says.nt").read_text().count("\n") == 2
    assert Path("only.nt").read_text() == f'<{E}c1> <{SKOS}prefLabel> "Kanne"@de .\n'
    assert by_oxigraph("nt", Path("first.nt").read_bytes()) == by_oxigraph("ttl", STATEMENTS)
    assert "There is no origin" in run("export", "rdf", "--only", "x", "-o", "x.nt", code=2)


def test_the_own_export_harvested_again_changes_nothing(harvested: Store, run: Run) -> None:
    accept(harvested, "c1", "it", "brocca")
    for name in ("out.trig", "out.nt"):
        run("export", "rdf", "-o", name)
        before = dump(harvested)
        told = run("harvest", "rdf", name)
        assert f"{name} was exported from this store" in told and "--origin" in told
        assert dump(harvested) == before


def test_what_is_proposed_alone_is_not_taken_for_asserted(harvested: Store, run: Run) -> None:
    propose(harvested, "c1", "it", "caraffa")
    accept(harvested, "c2", "it", "anfora")
    run("export", "rdf", "-o", "out.trig")
    data = Path("out.trig").read_text()
    assert '"caraffa"@it' in data and "<urn:kgenrich:proposed> {" in data
    Path("elsewhere.trig").write_text(f"{data}# mended\n")
    run("harvest", "rdf", "elsewhere.trig")
    run("export", "rdf", "--origin", "elsewhere.trig", "-o", "out.nt")
    taken = Path("out.nt").read_text()
    assert '"anfora"@it' in taken and '"caraffa"@it' not in taken


def test_a_copy_that_took_the_place_of_its_source_is_read(harvested: Store, run: Run) -> None:
    accept(harvested, "c1", "it", "brocca")
    run("export", "rdf", "--merge-into", "source.ttl", "-o", "copy.ttl")
    Path("copy.ttl").replace("source.ttl")
    assert "exported from this store" not in run("harvest", "rdf", "source.ttl")
    run("export", "rdf", "--delta", "-o", "new.nt")
    assert Path("new.nt").read_text() == "", "it is there by now"


def test_a_copy_is_read_as_a_newer_version(harvested: Store, run: Run) -> None:
    accept(harvested, "c1", "it", "brocca")
    run("export", "rdf", "--merge-into", "source.ttl", "-o", "copy.ttl")
    run("harvest", "rdf", "copy.ttl", "--origin", "source.ttl")
    run("export", "rdf", "--delta", "-o", "new.nt")
    assert Path("new.nt").read_text() == "", "it is there by now"
    told = run("export", "rdf", "--merge-into", "copy.ttl", "-o", "copy2.ttl")
    assert "not as it was" not in told
    assert Path("copy2.ttl").read_bytes() == Path("copy.ttl").read_bytes()
    Path("copy.ttl").write_bytes(STATEMENTS)
    told = run("export", "rdf", "--merge-into", "copy.ttl", "-o", "copy2.ttl")
    assert "copy.ttl is not as it was when it was harvested" in told


def test_files_that_take_nothing_say_what_to_do(harvested: Store, run: Run) -> None:
    Path("a.jsonld").write_text(f'{{"@id": "{E}c1", "@type": "{E}x"}}')
    told = run("export", "rdf", "--merge-into", "a.jsonld", "-o", "b.jsonld", code=2)
    assert "no copy keeps every byte" in told and "--delta" in told
    Path("other.ttl").write_bytes(STATEMENTS)
    told = run("export", "rdf", "--merge-into", "other.ttl", "-o", "b.ttl", code=2)
    assert "other.ttl is no origin of this store" in told
    assert "--force" in run(
        "export", "rdf", "--merge-into", "source.ttl", "-o", "source.ttl", code=2
    )
    assert Path("source.ttl").read_bytes() == STATEMENTS


def test_packed_files_stay_packed(run: Run) -> None:
    import gzip

    Path("source.ttl.gz").write_bytes(gzip.compress(STATEMENTS))
    run("harvest", "rdf", "source.ttl.gz")
    run("export", "rdf", "--merge-into", "source.ttl.gz", "-o", "copy.ttl.gz")
    assert gzip.decompress(Path("copy.ttl.gz").read_bytes()) == STATEMENTS


OBO = """format-version: 1.4
ontology: t

[Term]
id: T:0000001
name: jug
def: "A vessel with a handle." [T:x]
synonym: "pitcher" EXACT []
is_a: T:0000002 ! vessel

[Term]
id: T:0000002
name: vessel
"""


def test_an_obo_document_gets_new_clauses(run: Run) -> None:
    import fastobo

    Path("t.obo").write_text(OBO)
    run("harvest", "rdf", "t.obo")
    run("export", "rdf", "--merge-into", "t.obo", "-o", "copy.obo")
    assert Path("copy.obo").read_text() == OBO
    store = open_store("sqlite:///graph.db")
    entity = "http://purl.obolibrary.org/obo/T_0000001"
    accept(store, entity, "it", "caraffa", TermKind.ALIAS)
    accept(store, entity, "de", "Krug")
    store.close()
    run("export", "rdf", "--merge-into", "t.obo", "-o", "copy.obo")
    assert is_with_lines_added(OBO.encode(), Path("copy.obo").read_bytes())
    before, after = (
        {str(clause) for clause in fastobo.load(name)[0]} for name in ("t.obo", "copy.obo")
    )
    assert before < after and len(after - before) == 2
    assert 'synonym: "caraffa" EXACT [] {xml:lang="it"}' in after
