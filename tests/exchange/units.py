"""Units for tests of formats, and texts that are hard for them."""

from __future__ import annotations

from hypothesis import strategies as st

from kgenrich.exchange.unit import Suggestion, Unit, UnitState
from kgenrich.model import Candidate, RejectReason, TermKind

HARD = (
    "=1+1",
    "'=x",
    "'",
    "@SUM(A1)",
    "007",
    "1E5",
    "1/2",
    "TRUE",
    "nan",
    "NA",
    "None",
    "null",
    "#N/A",
    "a\tb",
    'say "no"',
    "_x0041_",
    "_x000D_",
    "<b>&amp;</b>",
    "zero\u200dwidth",
    "\u202eright to left",
    "שלום (עולם)",
    "😀🏳️‍🌈",
    "a; b, c | d",
    " kept ",
)
texts = st.sampled_from(HARD) | st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=30
).filter(str.strip)
optional = st.just("") | texts
"""Texts that may be missing."""


def unit(
    text: str = "Fieber",
    *,
    entity: str = "Q38933",
    kind: TermKind = TermKind.LABEL,
    language: str = "de",
    source_text: str = "fever",
    state: UnitState = UnitState.OPEN,
    comment: str = "",
    reason: str = "",
    author: str = "",
) -> Unit:
    """A unit for a proposed text."""
    candidate = Candidate(entity, language, kind, text).id
    return Unit(
        id=candidate,
        entity=entity,
        kind=kind,
        source_language="en",
        source_text=source_text,
        language=language,
        target=text,
        basis="0123456789abcdef",
        state=state,
        suggestions=(
            Suggestion(text, candidate, 0.91, ("labels",)),
            Suggestion("Pyrexie", "", 0.3, ("mt",)),
        ),
        context=("is a: symptom", "en: raised temperature"),
        maximum=250,
        revision=7,
        comment=comment,
        reason=reason,
        author=author,
        at="2026-11-01T10:00:00+00:00" if author else "",
    )


units = st.builds(
    unit,
    texts,
    entity=st.sampled_from(["Q1", "Q2", "http://purl.obolibrary.org/obo/HP_0001945"]),
    kind=st.sampled_from(TermKind),
    language=st.sampled_from(["de", "nan", "ar", "zh-hant", "sr-el"]),
    source_text=optional,
    state=st.sampled_from(UnitState),
    comment=optional.map(str.strip),
    reason=st.sampled_from(["", *RejectReason]),
    author=st.sampled_from(["", "Ada"]),
)
