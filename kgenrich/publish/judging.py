"""What of an edit still applies to an entity as it is now."""

from __future__ import annotations

from msgspec.structs import replace

from kgenrich.model import MUL, TermKind
from kgenrich.net.wiki_edits import WikiTerms
from kgenrich.store.story.publishing import PublishState, PublishTerm
from kgenrich.text import clean

_SHOWN = 100


def judged(term: PublishTerm, now: WikiTerms) -> PublishTerm:
    """The term as ``planned`` where it is to be written, as ``there`` where there is nothing to do,
    as ``taken`` where the entity has another text than the one that should give way."""
    if term.kind is TermKind.ALIAS:
        return _judged_alias(term, now)
    terms = now.labels if term.kind is TermKind.LABEL else now.descriptions
    current = terms.get(term.language, "")
    if clean(current) == clean(term.after):
        return replace(term, state=PublishState.THERE, reason="it is so already")
    if clean(current) != clean(term.before):
        has = f"has “{current[:_SHOWN]}” by now" if current else "has none any more"
        return replace(term, state=PublishState.TAKEN, reason=f"the {term.kind} {has}")
    if _is_inherited(term, now):
        return replace(term, state=PublishState.THERE, reason="the label for all languages says so")
    return replace(term, state=PublishState.PLANNED, reason="")


def _is_inherited(term: PublishTerm, now: WikiTerms) -> bool:
    """Whether a new label would merely repeat the one for all languages."""
    everywhere = now.labels.get(MUL, "")
    is_new = term.kind is TermKind.LABEL and term.language != MUL and not term.before
    return is_new and bool(everywhere) and clean(everywhere) == clean(term.after)


def _judged_alias(term: PublishTerm, now: WikiTerms) -> PublishTerm:
    has = {clean(text) for text in now.aliases.get(term.language, ())}
    if not term.after:
        # The wiki's own letters are what can be taken away.
        exact = term.before in now.aliases.get(term.language, ())
        if exact:
            return replace(term, state=PublishState.PLANNED, reason="")
        return replace(term, state=PublishState.THERE, reason="it is gone already")
    label = clean(now.labels.get(term.language, ""))
    if clean(term.after) in has or clean(term.after) == label:
        return replace(term, state=PublishState.THERE, reason="it is so already")
    return replace(term, state=PublishState.PLANNED, reason="")
