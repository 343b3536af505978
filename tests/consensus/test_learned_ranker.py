"""The trained ranker: features, trees, the models' file, what it says of candidates and names."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import asdict

from kgenrich.consensus.candidate_features import FEATURES, candidate_rows
from kgenrich.consensus.candidate_groups import EntityNames, GraphName, Name, group, name_of
from kgenrich.consensus.decision_trees import Trees, fit
from kgenrich.consensus.feature_tables import GRAPH_COLUMNS, graph_rows
from kgenrich.consensus.learned_ranker import (
    FILE,
    LearnedRanker,
    load_model,
    read_models,
    write_models,
)
from kgenrich.consensus.name_judgement import judge_names
from kgenrich.consensus.rankers import PoolRanker
from kgenrich.consensus.spelling import RULES, variant_candidates, variants
from kgenrich.errors import InputError
from kgenrich.model import (
    Candidate,
    Entity,
    Evidence,
    SourceKind,
    TermKind,
    TermRequest,
)
from kgenrich.resources import resource
from kgenrich.text import vote_key

LANGUAGES = ("ar", "de", "el", "en", "it", "ja", "ko", "ru", "sw", "zh", "zh-hant", "xyz")
texts = st.text(min_size=1, max_size=30)
MT, LLM = SourceKind.MT, SourceKind.LLM
GRAPH, SEARCH = SourceKind.GRAPH, SourceKind.SEARCH


def candidate(text: str, *evidence: Evidence, language: str = "it") -> Candidate:
    return Candidate("Q1", language, TermKind.LABEL, text, evidence)


def votes(count: int) -> list[Evidence]:
    return [Evidence("nllb", MT, from_language=code) for code in ("de", "en", "es", "fr")[:count]]


def request(kind: TermKind = TermKind.LABEL, language: str = "it") -> TermRequest:
    return TermRequest(Entity("Q1", labels={"en": "Rome"}), language, kind)


@pytest.mark.parametrize(
    ("text", "language", "rule", "expected"),
    [
        ("Джон Гриз", "ru", "family-first", "Гриз Джон"),
        ("Roberto Félix Salazar", "es", "unaccented", "Roberto Felix Salazar"),
        ("钟欣潼", "zh", "traditional", "鍾欣潼"),
        ("كأس الخليج 21", "ar", "indic-digits", "كأس الخليج ٢١"),
        ("عبد العزيز", "ar", "joined-abd", "عبدالعزيز"),
        ("국가 원수", "ko", "unspaced", "국가원수"),
        ("Kondor (Film)", "de", "unbracketed", "Kondor"),
        ("UEFA Cup 2008-09", "en", "year-first", "2008-09 UEFA Cup"),
        ("UEFA Cup 2008-09", "en", "full-season", "UEFA Cup 2008-2009"),
        ("Wounded-Knee-Massaker", "de", "spaced", "Wounded Knee Massaker"),
        ("Юрий Андреевич Белов", "ru", "initials", "Белов Ю А"),
    ],
)
def test_variants_follow_the_habits_of_spelling(
    text: str, language: str, rule: str, expected: str
) -> None:
    assert dict(variants(text, language))[rule] == expected


@given(texts, st.sampled_from(LANGUAGES))
def test_variants_have_a_known_rule_and_differ_from_the_name(text: str, language: str) -> None:
    for rule, variant in variants(text, language):
        assert rule in RULES
        assert variant
        assert variant != text


@given(st.lists(texts, max_size=6), st.sampled_from(LANGUAGES))
def test_every_row_has_every_feature_and_a_finite_one(found: list[str], language: str) -> None:
    evidence = (*votes(2), Evidence("gpt-4", LLM, rank=1))
    names = [name_of(g) for g in group(candidate(text, *evidence) for text in found)]
    for row in candidate_rows(names, language):
        assert len(row.values) == len(FEATURES)
        assert np.isfinite(row.values).all()
        assert row.rule == 0 or row.text not in {name.text for name in names}
    graph = [GraphName(text, not i) for i, text in enumerate(found)]
    judged = graph_rows(EntityNames(language, names, graph))
    assert [len(row) for row in judged.values] == [len(FEATURES) + GRAPH_COLUMNS] * len(graph)
    assert all(
        judged.names[place].key == vote_key(text)
        for place, text in zip(judged.place, found, strict=True)
        if place >= 0
    )


def test_votes_are_counted_by_answer_list_and_models_apart() -> None:
    (found,) = group(
        [
            candidate("Roma", *votes(3), Evidence("gpt-4", LLM, rank=2)),
            candidate("ROMA", Evidence("nllb", MT, from_language="en", raw="ROMA")),
        ]
    )
    name = name_of(found)
    assert (name.votes, name.mentions, name.models, name.spellings) == (3, 4, {"gpt-4": 2}, 2)


def test_a_source_never_seen_counts_by_its_kind() -> None:
    def features(source: str) -> list[float]:
        return candidate_rows([Name("Roma", "roma", 2, 2, {source: 1})], "it")[0].values

    assert features("gpt-4") == features("a model of tomorrow")


@given(st.data())
def test_trees_answer_as_asked_one_by_one(data: st.DataObject) -> None:
    size = st.integers(1, 5)
    count, depth, columns = data.draw(size), data.draw(size), data.draw(size)
    random = np.random.default_rng(data.draw(st.integers(0, 99)))
    trees = Trees(
        random.integers(0, columns, (count, depth)).astype(np.int16),
        random.normal(size=(count, depth)).astype(np.float32),
        random.normal(size=(count, 2**depth)).astype(np.float16),
        np.array([0.25], dtype=np.float32),
    )
    table = random.normal(size=(7, columns)).astype(np.float32)
    for row, found in zip(table, trees.probability(table), strict=True):
        total = 0.25
        for asked, borders, leaves in zip(trees.columns, trees.borders, trees.leaves, strict=True):
            bits = [row[c] > b for c, b in zip(asked, borders, strict=True)]
            total += float(leaves[sum(bit << level for level, bit in enumerate(bits))])
        assert found == pytest.approx(1 / (1 + np.exp(-total)))


@pytest.mark.slow
def test_training_learns_and_repeats_itself() -> None:
    random = np.random.default_rng(0)
    table = random.normal(size=(2000, 4)).astype(np.float32)
    truth = (table[:, 0] > 0) ^ (table[:, 1] > 0)
    first, second = (fit(table, truth, trees=60, depth=3, rate=0.3, seeds=2) for _ in range(2))
    for name, array in asdict(first).items():
        assert np.array_equal(array, asdict(second)[name]), name
    assert ((first.probability(table) > 0.5) == truth).mean() > 0.95


def test_the_same_models_give_the_same_bytes(tmp_path: Path) -> None:
    shipped = resource(FILE)
    write_models(tmp_path / "copy.safetensors", read_models(shipped))
    assert (tmp_path / "copy.safetensors").read_bytes() == shipped.read_bytes()


@pytest.mark.parametrize("content", [b"", b"not a model", b"\x10\0\0\0\0\0\0\0{}"])
def test_a_broken_model_file_is_one_clear_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.safetensors"
    path.write_bytes(content)
    with pytest.raises(InputError, match="not a ranker"):
        read_models(path)


def test_a_model_of_other_columns_is_told_apart(tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    arrays = load_file(resource(FILE))
    arrays["shipped/layout"] += 1
    save_file(arrays, tmp_path / "other.safetensors")
    with pytest.raises(InputError, match="another version of kgenrich: train it anew"):
        read_models(tmp_path / "other.safetensors")


def test_names_in_other_languages_speak_for_a_name() -> None:
    found = group([candidate("Москва", *votes(2)), candidate("Столица", *votes(2))])
    known = Entity("Q1", labels={"en": "Moscow", "de": "Moskau", "it": "Mosca", "fr": "Moscou"})

    def sure(entity: Entity) -> float:
        asked = TermRequest(entity, "ru", TermKind.LABEL)
        return dict(
            zip([g.candidate.text for g in found], LearnedRanker().rank(asked, found), strict=True)
        )["Москва"]

    assert sure(known) > sure(Entity("Q1"))


def test_agreement_makes_a_name_probable() -> None:
    found = group(
        [
            candidate("Roma", *votes(4), Evidence("a model of tomorrow", LLM, rank=1)),
            candidate("Romolo", Evidence("a model of tomorrow", LLM, rank=2)),
        ]
    )
    roma, romolo = LearnedRanker().rank(request(), found)
    assert roma > 0.8
    assert romolo < 0.3


def test_what_graph_sources_say_of_a_name_is_pooled() -> None:
    texts = [candidate("Roma", *votes(2)), candidate("Rom", *votes(1))]
    known = Evidence("same-entity", GRAPH, score=0.9)
    plain = LearnedRanker().rank(request(), group(texts))
    pooled = LearnedRanker().rank(request(), group([texts[0], candidate("Rom", *votes(1), known)]))
    assert dict(zip("ab", plain, strict=True)) != dict(zip("ab", pooled, strict=True))
    assert max(pooled) >= 0.9


@pytest.mark.slow
@given(
    st.lists(st.tuples(st.sampled_from([GRAPH, SEARCH]), st.floats(0, 1)), min_size=1, max_size=4),
    st.integers(1, 4),
)
def test_another_answer_never_lowers_what_calibrated_sources_say(
    estimates: list[tuple[SourceKind, float]], agreeing: int
) -> None:
    own = [Evidence(f"{kind} {n}", kind, score=p) for n, (kind, p) in enumerate(estimates)]
    alone = PoolRanker().rank(request(), group([candidate("Roma", *own)]))
    both = LearnedRanker().rank(request(), group([candidate("Roma", *own, *votes(agreeing))]))
    assert both[0] >= alone[0]


def test_a_search_without_scores_is_a_vote() -> None:
    texts = [candidate("Roma", *votes(2)), candidate("Rom", *votes(1))]
    plain = LearnedRanker().rank(request(), group(texts))
    found = Evidence("web", SEARCH)
    more = LearnedRanker().rank(request(), group([candidate("Roma", *votes(2), found), texts[1]]))
    assert more != plain


@pytest.mark.parametrize("kind", [TermKind.LABEL, TermKind.DESCRIPTION])
def test_without_names_from_outside_the_graph_the_pool_decides(kind: TermKind) -> None:
    evidence = [Evidence("same-entity", GRAPH, score=0.7)]
    evidence += votes(2) if kind is TermKind.DESCRIPTION else []
    found = group([candidate("Roma", *evidence), candidate("Urbe", evidence[0])])
    ranker = LearnedRanker().of(request(kind), found)
    assert ranker.name == PoolRanker.name
    assert ranker.rank(request(kind), found) == PoolRanker().rank(request(kind), found)


def test_variants_can_be_proposed_and_are_judged_by_their_rule() -> None:
    given_ = [candidate("Джон Гриз", *votes(4), language="ru")]
    made = variant_candidates(given_)
    assert {c.text for c in made} == {"Гриз Джон", "Гриз Д", "Гриз"}
    found = group([*given_, *made])
    by_text = dict(
        zip(
            [g.candidate.text for g in found],
            LearnedRanker().rank(request(language="ru"), found),
            strict=True,
        )
    )
    assert by_text["Джон Гриз"] > by_text["Гриз Джон"] > by_text["Гриз Д"]


def test_a_wrong_alias_is_found_with_reason_and_better_name() -> None:
    found = group([candidate("Acte de foi", *votes(4)), candidate("Acte", *votes(1))])
    graph = [GraphName("Acte de foi", True), GraphName("Бред", False)]
    label, alias = judge_names(load_model(), "fr", graph, found)
    assert alias.wrong > 0.3 > label.wrong
    assert "another script" in " ".join(alias.reasons)
    assert "given by 4 of the sources' answers" in " ".join(label.reasons)
    assert alias.better in {"", "Acte"}


def test_nothing_is_said_of_no_names() -> None:
    assert judge_names(load_model(), "it", [], []) == []
    assert load_model().judge([EntityNames("it", [])]) == [[]]
