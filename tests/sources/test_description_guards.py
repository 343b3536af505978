"""What a description must not be: every code with an example that it refuses, and one like it
that it lets through."""

from __future__ import annotations

import pytest

from kgenrich.model import Entity, Value
from kgenrich.sources.graph.describe.forms import learn_forms
from kgenrich.sources.graph.describe.guards import Refusal, refuse, witness
from kgenrich.sources.graph.describe.language_style import learn_style
from kgenrich.sources.graph.describe.lexicon import Lexicon
from kgenrich.sources.graph.describe.records import Record, record
from kgenrich.sources.graph.describe.templates import Filled, Template, abstract, fill

GERMANY, FRANCE, LAOS = "Q183", "Q142", "Q819"
NAMES = {GERMANY: ("Deutschland",), FRANCE: ("Frankreich",), LAOS: ("Laos",)}
MALE, FEMALE = "Q6581097", "Q6581072"


def place(country: str, id: str = "Q900001") -> Record:
    return record(Entity(id, classes=("Q515",), claims={"P17": (Value("entity", country),)}))


def person(gender: str, country: str = FRANCE) -> Record:
    claims = {
        "P27": (Value("entity", country),),
        "P21": (Value("entity", gender),),
        "P106": (Value("entity", "Q36180"),),
    }
    return record(Entity("Q900002", classes=("Q5",), claims=claims))


CORPUS = [
    (place(GERMANY), "Stadt in Deutschland"),
    (place(GERMANY), "deutsche Stadt"),
    (place(GERMANY), "Berg von Deutschland"),
    (place(FRANCE), "Stadt in Frankreich"),
    (place(FRANCE), "französische Stadt"),
    (place(FRANCE), "französische Stadt"),
    (place(FRANCE), "Berg der Insel von Frankreich"),
    (place(LAOS), "Kreis in Laos"),
    (place(LAOS), "Ufer in der Mitte"),
    (place(LAOS), "Platz von der Reise"),
    (place(LAOS), "Fluss von Norden in der Ebene"),
    *[(person(MALE), "französischer Dichter")] * 3,
    *[(person(FEMALE), "französische Dichterin")] * 3,
]


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    style = learn_style([text for _, text in CORPUS])
    return learn_forms(CORPUS, style, NAMES, NAMES)


def judge(
    lexicon: Lexicon,
    text: str,
    reduced: Record,
    *,
    values: tuple[str, ...] = (),
    template: Template | None = None,
    english: str = "",
    said: frozenset[str] = frozenset(),
) -> Refusal | None:
    return refuse(
        Filled(text, 1.0, values),
        (text,) if template is None else template,
        reduced,
        lexicon,
        witness(CORPUS, lexicon),
        texts={"en": english},
        said=said,
        labels=("Bad Muster",),
    )


@pytest.mark.parametrize(
    ("code", "text", "country"),
    [
        (Refusal.EMPTY, " ", GERMANY),
        (Refusal.LENGTH, "Stadt in Deutschland " * 15, GERMANY),
        (Refusal.FINAL_STOP, "Stadt in Deutschland.", GERMANY),
        (Refusal.LEADING_ARTICLE, "der Kreis", GERMANY),
        (Refusal.START_CASE, "Deutsche Stadt", GERMANY),
        (Refusal.LABEL, "Bad Muster", GERMANY),
        (Refusal.DOUBLED, "Stadt in Deutschland in Deutschland", GERMANY),
        (Refusal.UNLICENSED_VALUE, "Stadt in Frankreich", GERMANY),
        (Refusal.UNLICENSED_VALUE, "französische Stadt", LAOS),
        (Refusal.UNLICENSED_NUMBER, "Stadt mit 3 Kreisen", GERMANY),
        (None, "Stadt in Deutschland", GERMANY),
        (None, "französische Stadt", FRANCE),
    ],
)
def test_refused_of_a_town(lexicon: Lexicon, code: Refusal | None, text: str, country: str) -> None:
    assert judge(lexicon, text, place(country)) is code


def test_the_same_country_twice_in_different_forms_is_doubled(lexicon: Lexicon) -> None:
    text = "deutsche Stadt in Deutschland"
    assert judge(lexicon, text, place(GERMANY), values=(GERMANY, GERMANY)) is Refusal.DOUBLED


def test_a_country_is_not_described_as_lying_in_itself(lexicon: Lexicon) -> None:
    itself = place(LAOS, id=LAOS)
    assert judge(lexicon, "Ort in Laos", itself, values=(LAOS,)) is Refusal.UNLICENSED_VALUE


def test_another_value_than_the_one_named_elsewhere_is_refused(lexicon: Lexicon) -> None:
    both = (Value("entity", FRANCE), Value("entity", GERMANY))
    reduced = record(Entity("Q900003", classes=("Q515",), claims={"P17": both}))
    text, values = "Stadt in Frankreich", (FRANCE,)
    assert judge(lexicon, text, reduced, values=values) is None
    said = frozenset({GERMANY})
    assert judge(lexicon, text, reduced, values=values, said=said) is Refusal.UNLICENSED_VALUE


def test_a_number_that_another_language_gives_is_licensed(lexicon: Lexicon) -> None:
    text = "Stadt mit 3 Kreisen"
    assert judge(lexicon, text, place(GERMANY), english="town with 3 districts") is None


@pytest.mark.parametrize(
    ("text", "gender", "code"),
    [
        ("französischer Dichter", MALE, None),
        ("französische Dichterin", FEMALE, None),
        ("französischer Dichter", FEMALE, Refusal.GENDER),
        ("französische Dichterin", MALE, Refusal.GENDER),
    ],
)
def test_words_are_only_said_of_a_gender_that_they_were_seen_with(
    lexicon: Lexicon, text: str, gender: str, code: Refusal | None
) -> None:
    assert judge(lexicon, text, person(gender)) is code


def test_names_that_nothing_speaks_for_are_refused() -> None:
    """Stations in Seoul do not make the next one lie in Seoul."""
    station = record(
        Entity("Q900004", classes=("Q55488",), claims={"P17": (Value("entity", "Q884"),)})
    )
    texts = [
        "gare de Séoul",
        "gare de la ville",
        "gare de la côte",
        "station dans la ville de Lyon",
    ]
    corpus = [(station, text) for text in texts]
    lexicon = learn_forms(corpus, learn_style(texts), {}, {})

    def judged(english: str) -> Refusal | None:
        return refuse(
            Filled("gare de Séoul", 1.0, ()),
            ("gare de Séoul",),
            station,
            lexicon,
            witness(corpus, lexicon),
            texts={"en": english},
            said=frozenset(),
        )

    assert judged("train station in South Korea") is Refusal.UNLICENSED_WORD
    assert judged("train station in Seoul") is None


def test_where_nouns_have_capitals_other_languages_tell_the_names() -> None:
    station = record(
        Entity("Q900004", classes=("Q55488",), claims={"P17": (Value("entity", "Q884"),)})
    )
    texts = ["Bahnhof in Seoul", "Bahnhof am Fluss", "Halt in der Provinz", "Halt mit Gleis"]
    corpus = [(station, text) for text in texts]
    lexicon = learn_forms(corpus, learn_style(texts), {}, {})
    witnesses = witness(corpus, lexicon, lambda _: ["gare de Séoul, sur le fleuve"])
    assert witnesses.is_name("Seoul")
    assert not witnesses.is_name("Fluss")


def test_no_label_is_written_where_only_other_forms_were_seen(lexicon: Lexicon) -> None:
    """Neither "Stadt von Laos" nor, after an adjective, "Laose Stadt"."""
    (mention,) = lexicon.mentions("Berg von Deutschland", [GERMANY])
    assert (mention.kind, mention.form) == ("v", "von Deutschland")
    assert lexicon.choose(GERMANY, "v", "", "") is not None
    assert lexicon.choose(LAOS, "v", "", "") is None
    (mention,) = lexicon.mentions("deutsche Stadt", [GERMANY])
    assert lexicon.choose(FRANCE, mention.kind, "stadt", "") is not None
    assert lexicon.choose(LAOS, mention.kind, "stadt", "") is None


def test_labels_do_not_stand_where_others_take_an_ending() -> None:
    """Чили stays as it is after коммуна, but Франция does not."""
    texts = ["коммуна Чили", "коммуна Италии", "город в Италии", "коммуна Перу"]
    countries = ["Q298", "Q38", "Q38", "Q419"]
    names = {"Q298": ("Чили",), "Q38": ("Италия",), "Q419": ("Перу",), FRANCE: ("Франция",)}
    corpus = [(place(c), t) for c, t in zip(countries, texts, strict=True)]
    lexicon = learn_forms(corpus, learn_style(texts), names, names)
    template, _ = abstract(corpus[0][0], texts[0], lexicon)
    filled = fill(corpus[3][0], template, lexicon)
    assert filled is not None and filled.text == "коммуна Перу"
    assert fill(place(FRANCE), template, lexicon) is None
