"""What goes out and comes back as it was decides nothing, whatever stands in the texts."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from translate.storage import pypo, tmx, xliff, xliff2

from kgenrich.exchange.formats import FORMATS, Header
from kgenrich.exchange.unit import (
    Suggestion,
    Unit,
    UnitAnswer,
    UnitState,
    basis_digest,
    sent_digest,
    writable,
)
from kgenrich.model import TermKind, content_id
from kgenrich.text import clean

HARD = st.text(
    st.one_of(
        st.sampled_from("\0\x01\x07\x0b\x0c\x1b\x7f\x85\u2028\u2029\ufeff\ufffe\uffff\ufffd"),
        st.sampled_from("\u200e\u200f\u202a\u202e\u2066\u2069\u200b\u200c\u200d\u00ad"),
        st.sampled_from("\n\r\t \u00a0\u3000\"'\\<>&%;:#|{}[]()/=~*-$@`"),
        st.sampled_from("אبगé\u0301ßİı𝔄😀👩🏽\U0010ffff"),
        st.characters(exclude_categories=("Cs",)),
    ),
    max_size=30,
)
PIECES = st.one_of(
    HARD,
    st.sampled_from(
        [
            " %s and %d%%, %(name)s, {0}",
            "]]>",
            "<!-- -->",
            "&amp;lt;",
            "#, fuzzy",
            "#~ msgid",
            'msgid ""\nmsgstr "x"',
            "\\n\\t\\\\",
            "reject: wrong",
            "kgenrich id=" + "0" * 32 + " basis=" + "0" * 16 + " sent=" + "0" * 16,
            " leading\n and trailing \r\n",
            "=1+1",
        ]
    ),
)
TEXTS = st.lists(PIECES, max_size=3).map("".join)


@st.composite
def a_unit(draw: st.DrawFn) -> Unit:
    """A unit as a store gives it."""
    source = writable(draw(TEXTS)) or "Q1"
    target = writable(draw(TEXTS))
    entity = draw(st.sampled_from(["Q64", "http://example.org/a?b=1&c#<d> %20", "urn:x:é"]))
    kind = draw(st.sampled_from([TermKind.LABEL, TermKind.ALIAS]))
    state = draw(st.sampled_from(UnitState))
    language = draw(st.sampled_from(["it", "zh-hant", "sr-el"]))
    decided = state is not UnitState.OPEN
    texts = draw(st.lists(TEXTS.map(writable), max_size=2))
    return Unit(
        id=content_id(entity, language, kind, target),
        entity=entity,
        kind=kind,
        source_language=draw(st.sampled_from(["en", "de"])),
        source_text=source,
        language=language,
        target=target if clean(target) else "x",
        basis=basis_digest("en", source, 1),
        state=state,
        suggestions=tuple(Suggestion(one, "", 0.5, ("a", "b"), "CC0-1.0") for one in texts),
        context=tuple(writable(draw(TEXTS)) for _ in range(2)),
        maximum=draw(st.sampled_from([0, 250])),
        comment=writable(draw(TEXTS)) if decided else "",
        reason="spelling" if state is UnitState.REJECTED else "",
        author=writable(draw(TEXTS)) if decided else "",
        at="2026-11-28T13:50:51+00:00" if decided else "",
    )


def went_out(unit: Unit, answer: UnitAnswer) -> None:
    """The answer is that of the unit, and was not touched."""
    assert (answer.id, answer.basis, answer.problem) == (unit.id, unit.basis, "")
    assert sent_digest(answer.state, answer.text) == answer.sent == unit.sent
    if answer.source_text:
        assert clean(answer.source_text) == clean(unit.source_text)


@pytest.mark.parametrize("name", [n for n, form in FORMATS.items() if not form.of_ontologies])
@settings(max_examples=50, suppress_health_check=[*HealthCheck])
@given(units=st.lists(a_unit(), min_size=1, max_size=4, unique_by=lambda unit: unit.id))
def test_every_unit_comes_back_as_it_went_out(name: str, units: list[Unit]) -> None:
    form = FORMATS[name]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"units.{form.endings[0]}"
        header = Header("en", "it", "http://www.wikidata.org/entity/")
        path.write_bytes(b"".join(form.module.write(units, header)))
        answers = {one.id: one for one in form.module.read(str(path))}
        assert answers.keys() == {unit.id for unit in units}
        for unit in units:
            went_out(unit, answers[unit.id])


TOOLS = {
    "po": pypo.pofile,
    "xliff": xliff.xlifffile,
    "xliff2": xliff2.Xliff2File,
    "tmx": tmx.tmxfile,
}


@pytest.mark.parametrize("name", TOOLS)
@settings(max_examples=25, suppress_health_check=[*HealthCheck])
@given(units=st.lists(a_unit(), min_size=1, max_size=3, unique_by=lambda unit: unit.id))
def test_what_a_tool_reads_and_writes_comes_back_as_it_went_out(
    name: str, units: list[Unit]
) -> None:
    form = FORMATS[name]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"units.{form.endings[0]}"
        path.write_bytes(b"".join(form.module.write(units, Header("en", "it"))))
        TOOLS[name].parsefile(str(path)).save()
        answers = {one.id: one for one in form.module.read(str(path))}
        assert answers.keys() == {unit.id for unit in units}
        for unit in units:
            went_out(unit, answers[unit.id])
