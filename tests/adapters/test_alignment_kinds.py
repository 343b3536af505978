"""Classes, properties, units, individuals and concepts: what may be one, and how it is said."""

from __future__ import annotations

from pathlib import Path

import pytest
from rdflib import Graph, Namespace, URIRef
from rdflib.namespace import OWL, RDF, SKOS

from kgenrich.adapters.alignment.kinds import Kind, kind_of, reach
from kgenrich.cli.main import main

QUDT = Namespace("http://qudt.org/schema/qudt/")
A, B = "http://a.example/", "http://b.example/"


@pytest.mark.parametrize(
    ("types", "kind"),
    [
        ([], Kind(0)),
        (["Q5", "Q515"], Kind(0)),
        ([OWL.Class], Kind.CLASS),
        ([RDF.Property, OWL.FunctionalProperty], Kind.PROPERTY),
        ([OWL.NamedIndividual, QUDT.QuantityKind], Kind.INDIVIDUAL),
        ([OWL.NamedIndividual, QUDT.Unit], Kind.UNIT),
        ([QUDT.DerivedUnit], Kind.UNIT),
        (["http://example.org/ArmyUnitary"], Kind.INDIVIDUAL),
        ([SKOS.Concept, "http://example.org/Thing"], Kind.CONCEPT),
        ([OWL.Class, SKOS.Concept], Kind.CLASS | Kind.CONCEPT),
    ],
)
def test_types_say_what_an_entity_is(types: list[str], kind: Kind) -> None:
    assert kind_of(map(str, types)) == kind


def test_kinds_that_may_be_one() -> None:
    def may(one: Kind, other: Kind) -> bool:
        return (reach(one) & reach(other)) != 0

    apart = [Kind.CLASS, Kind.PROPERTY, Kind.INDIVIDUAL, Kind.UNIT]
    for one in apart:
        for other in apart:
            assert may(one, other) == (one == other)
        assert may(one, Kind(0)) and may(one, Kind.CONCEPT) == (one != Kind.PROPERTY)
    assert may(Kind.CLASS | Kind.CONCEPT, Kind.CLASS) and may(Kind(0), Kind(0))


def written(folder: Path, sides: dict[str, dict[str, tuple[str, object]]], *more: str) -> Graph:
    """What is written of two graphs: base, then name of an entity to its label and type."""
    for base, entities in sides.items():
        graph = Graph()
        for name, (label, type_) in entities.items():
            text = f'<{base}{name}> <{SKOS.prefLabel}> "{label}"@en .'
            text += f" <{base}{name}> <{RDF.type}> <{type_}> ." if type_ else ""
            graph.parse(data=text, format="turtle")
        graph.serialize(folder / f"{base[7]}.nt", format="nt", encoding="utf-8")
    files = [str(folder / "a.nt"), str(folder / "b.nt"), "-o", str(folder / "out.nt")]
    with pytest.raises(SystemExit) as stopped:
        main(["align", *files, "--names-only", "--force", *more])
    assert not stopped.value.code
    found = Graph().parse(folder / "out.nt")
    for subject in set(found.subjects()):
        if A not in subject:
            found.remove((subject, None, None))
    return found


NAMES = {
    "p": ("has symbol", OWL.ObjectProperty),
    "c": ("measuring instrument", OWL.Class),
    "u": ("kilowatt hour", QUDT.Unit),
    "k": ("thermodynamics", SKOS.Concept),
    "i": ("Marie Curie", "http://schema.org/Person"),
    "x": ("Rio de Janeiro", None),
}


def test_the_predicate_follows_from_what_is_matched(tmp_path: Path) -> None:
    found = written(tmp_path, {A: NAMES, B: NAMES})
    said = {str(s)[len(A) :]: p for s, p, _ in found}
    assert said.pop("k") in (SKOS.exactMatch, SKOS.closeMatch)
    assert said == {
        "p": OWL.equivalentProperty,
        "c": OWL.equivalentClass,
        "u": OWL.sameAs,
        "i": OWL.sameAs,
        "x": OWL.sameAs,
    }
    assert all(str(s)[len(A) :] == str(o)[len(B) :] for s, _, o in found)
    told = written(tmp_path, {A: NAMES, B: NAMES}, "--predicate", "owl:equivalentClass")
    assert {p for _, p, _ in told} == {OWL.equivalentClass}


def test_a_property_is_no_class_unless_that_is_said(tmp_path: Path) -> None:
    as_class = {"p": ("has symbol", OWL.Class)} | {n: NAMES[n] for n in "kix"}
    found = written(tmp_path, {A: NAMES, B: as_class})
    assert not list(found.predicate_objects(URIRef(A + "p")))
    found = written(tmp_path, {A: NAMES, B: as_class}, "--any-kind")
    assert list(found.objects(URIRef(A + "p"))) == [URIRef(B + "p")]
