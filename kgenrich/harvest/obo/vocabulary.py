"""The properties of OWL that stand for the tags of OBO (OBO Flat File Format 1.4, sections 5.8 and
5.9), and where a clause of fastobo holds its value."""

from __future__ import annotations

from pyoxigraph import Literal, NamedNode

from kgenrich.namespaces import OBO, OBO_IN_OWL, OWL, RDF, RDFS, XSD


def oio(name: str) -> NamedNode:
    """A property of oboInOwl."""
    return NamedNode(OBO_IN_OWL + name)


def owl(name: str) -> NamedNode:
    """A term of OWL."""
    return NamedNode(OWL + name)


TYPE = NamedNode(f"{RDF}type")
LABEL, COMMENT = NamedNode(f"{RDFS}label"), NamedNode(f"{RDFS}comment")
SUBCLASS, SUBPROPERTY = NamedNode(f"{RDFS}subClassOf"), NamedNode(f"{RDFS}subPropertyOf")
DEFINITION, DEPRECATED = NamedNode(f"{OBO}IAO_0000115"), owl("deprecated")
XREF, SYNONYM_TYPE, SUBSET = oio("hasDbXref"), oio("hasSynonymType"), oio("inSubset")
STRING = NamedNode(f"{XSD}string")
TRUE = Literal("true", datatype=NamedNode(f"{XSD}boolean"))
ANNOTATION_PROPERTY = owl("AnnotationProperty")

KINDS = {
    "Term": owl("Class"),
    "Typedef": owl("ObjectProperty"),
    "Instance": owl("NamedIndividual"),
}
"""What frames are, by their kind."""

TEXTS = {
    "name": (LABEL, "name"),
    "def": (DEFINITION, "definition"),
    "comment": (COMMENT, "comment"),
    "created_by": (oio("created_by"), "creator"),
    "expand_expression_to": (NamedNode(f"{OBO}IAO_0000424"), "definition"),
    "expand_assertion_to": (NamedNode(f"{OBO}IAO_0000425"), "definition"),
}
"""Tags whose value is a text, with the attribute that holds it."""

NAMES = {
    "namespace": (oio("hasOBONamespace"), "namespace"),
    "alt_id": (oio("hasAlternativeId"), "alt_id"),
}
"""Tags whose value is an id that stays a text."""

_BOTH = {
    "subset": SUBSET,
    "replaced_by": NamedNode(f"{OBO}IAO_0100001"),
    "consider": oio("consider"),
}
_OF_CLASSES = {
    "is_a": SUBCLASS,
    "disjoint_from": owl("disjointWith"),
    "equivalent_to": owl("equivalentClass"),
}
_OF_PROPERTIES = {
    "is_a": SUBPROPERTY,
    "disjoint_from": owl("propertyDisjointWith"),
    "equivalent_to": owl("equivalentProperty"),
    "inverse_of": owl("inverseOf"),
    "domain": NamedNode(f"{RDFS}domain"),
    "range": NamedNode(f"{RDFS}range"),
}
LINKS = {
    "Term": _BOTH | _OF_CLASSES,
    "Typedef": _BOTH | _OF_PROPERTIES,
    "Instance": _BOTH | {"is_a": TYPE},
}
"""Tags whose value is an id that becomes an IRI, by the kind of the frame."""

LINKED = ("term", "typedef", "subset", "domain", "range", "target")
"""The attributes that hold it, whichever there is."""

TRAITS = {
    "is_transitive": owl("TransitiveProperty"),
    "is_reflexive": owl("ReflexiveProperty"),
    "is_symmetric": owl("SymmetricProperty"),
    "is_asymmetric": owl("AsymmetricProperty"),
    "is_functional": owl("FunctionalProperty"),
    "is_inverse_functional": owl("InverseFunctionalProperty"),
}
"""Tags whose ``true`` says of which kind a property is."""

SET_OPERATIONS = {"intersection_of": owl("intersectionOf"), "union_of": owl("unionOf")}
"""Tags that together define a class."""

HEADER = {
    "remark": COMMENT,
    "format-version": oio("hasOBOFormatVersion"),
    "default-namespace": oio("hasDefaultNamespace"),
    "date": oio("hasDate"),
    "saved-by": oio("savedBy"),
    "saved-py": oio("savedBy"),  # What fastobo 0.14 calls it.
    "auto-generated-by": oio("auto-generated-by"),
}
"""Tags of the header whose value is a text."""

DEFINED = {
    "subsetdef": (oio("SubsetProperty"), "subset", COMMENT),
    "synonymtypedef": (oio("SynonymTypeProperty"), "typedef", LABEL),
}
"""Tags of the header that define a property: below which, in which attribute, and what says it."""

SCOPES = {
    "EXACT": oio("hasExactSynonym"),
    "NARROW": oio("hasNarrowSynonym"),
    "BROAD": oio("hasBroadSynonym"),
    "RELATED": oio("hasRelatedSynonym"),
}
"""The predicates of synonyms by their scope."""
