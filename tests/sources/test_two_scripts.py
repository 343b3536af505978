"""Chinese labels in two scripts teach one language."""

from __future__ import annotations

import pytest

from kgenrich.model import Entity, TermKind, TermRequest
from kgenrich.settings import Settings
from kgenrich.sources.base import MemoryGraph, SourceContext
from kgenrich.sources.graph.name_kinds import kinds_of
from kgenrich.sources.graph.name_model import NamesOptions
from kgenrich.sources.graph.names import Names
from kgenrich.sources.graph.phrases.composer import Part
from kgenrich.sources.graph.two_scripts import (
    ScriptCounts,
    is_undivided,
    one_script,
    other_script,
    ways_in_one_script,
)

TOWNS = ["Berlin", "Madrid", "Roma", "Wien", "Paris", "Oslo", "Praha", "London", "Sofia", "Kyiv"]
CHINESE = ["柏林", "马德里", "罗马", "维也纳", "巴黎", "奥斯陆", "布拉格", "伦敦", "索非亚", "基辅"]


def named(traditional: str) -> Names:
    """Towns with stations and libraries, of which one kind is called in traditional characters."""
    entities = []
    for number, (town, chinese) in enumerate(zip(TOWNS, CHINESE, strict=True)):
        for place, (kind, word) in enumerate((("Library", "图书馆"), ("Station", "车站"))):
            text = chinese + word
            entities.append(
                Entity(
                    f"Q{100 + 2 * number + place}",
                    labels={
                        "en": f"{town} {kind}",
                        "zh": other_script(text) if kind == traditional else text,
                    },
                    classes=(f"Q{place + 1}",),
                )
            )
        entities.append(Entity(f"Q{500 + number}", labels={"en": town, "zh": chinese}))
    filled = [
        Entity(f"Q{900 + n}", labels={"en": f"Thing {n}", "zh": f"Thing {n}"}) for n in range(40)
    ]
    context = SourceContext(MemoryGraph([*entities, *filled]), ("zh",), Settings())
    return Names(context, NamesOptions())


@pytest.mark.parametrize("traditional", ["Library", "Station"])
def test_a_name_is_in_the_script_of_its_kind(traditional: str) -> None:
    """What the other kind's labels teach of its words is taken over into its script."""
    source = named(traditional)
    for kind, class_id, word in (("Library", "Q1", "图书馆"), ("Station", "Q2", "车站")):
        entity = Entity("Q9", labels={"en": f"Praha {kind}"}, classes=(class_id,))
        (ranked,) = source.ranked([TermRequest(entity, "zh", TermKind.LABEL)])
        texts = [one.text for one in ranked]
        simplified = f"布拉格{word}"
        right = other_script(simplified) if kind == traditional else simplified
        other = simplified if kind == traditional else other_script(simplified)
        assert texts.index(right) < texts.index(other)


def test_ways_to_write_a_word_are_one_in_either_script() -> None:
    ways = ways_in_one_script([("薩拉", 0.3), ("莎拉", 0.35), ("萨拉", 0.2)])
    assert ways == [("萨拉", 0.5), ("莎拉", 0.35)]


def test_scripts_are_counted_by_kind_and_few_say_little() -> None:
    counts = ScriptCounts()
    lake, town = (kinds_of(Entity("Q1", classes=(c,)), "X", "en") for c in ("Q1", "Q2"))
    for _ in range(40):
        counts.observe(lake, ["馬"])
        counts.observe(town, ["马"])
        counts.observe(town, ["大"])
    assert counts.share_of_traditional(lake) > 0.8 > 0.2 > counts.share_of_traditional(town)
    assert ScriptCounts().share_of_traditional(lake) == 0.5


def test_a_name_that_is_the_same_in_both_scripts_is_offered_once() -> None:
    parts = [Part("大山", -0.5, 0, 0.0, 0, 3.0, 0, ""), Part("马", -1.0, 0, 0.0, 0, 3.0, 0, "")]
    written = ScriptCounts().written(parts, kinds_of(Entity("Q1"), "X", "en"))
    assert [part.text for part in written] == ["大山", "马", "馬"]
    assert is_undivided("zh") and not is_undivided("zh-hant") and one_script("馬") == "马"
