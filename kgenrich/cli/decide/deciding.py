"""What the verbs of ``decide`` share: choosing, looking at the entities as they are, saving."""

from __future__ import annotations

import getpass
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import click

from kgenrich.cli.context import App
from kgenrich.cli.engine import read_kinds
from kgenrich.cli.naming import class_named
from kgenrich.cli.tables import shown
from kgenrich.consensus.validators import is_hard, meaning
from kgenrich.enrich.revalidation import STALE, RevalidatedProposal, revalidated
from kgenrich.errors import UsageError
from kgenrich.languages import check
from kgenrich.model import Decision, Scope, TermKind, Verdict
from kgenrich.store.story.decisions import Saved, save_decisions
from kgenrich.store.story.proposals import Filters, find_proposal, proposals

RIVAL = "another candidate for the same term"


def decide(
    app: App,
    verdict: Verdict,
    candidates: Sequence[str],
    limit: int | None,
    author: str | None,
    comment: str,
    dry_run: bool,
    as_json: bool,
    anyway: bool = False,
    **given: Any,
) -> None:
    """Decide on the named candidates, or on the open ones that a policy admits."""
    policy = {name: value for name, value in given.items() if value not in (None, 1)}
    if limit is not None:
        policy["limit"] = limit
    if bool(candidates) == bool(policy):
        raise UsageError("Name candidates, or give a policy such as --over 0.95; not both.")
    if candidates:
        decide_named(app, verdict, candidates, author, comment, dry_run, as_json, anyway)
        return
    if anyway:
        raise UsageError("--anyway is for candidates that are named, not for a policy.")
    scope, filters = read_filters(app, **given)
    left_out: Counter[str] = Counter()
    store = app.store()
    if verdict is Verdict.REJECT:
        chosen = revalidated(store, proposals(store, scope, **filters), app.settings.target)
    else:
        filters["gone"] = True
        stored = revalidated(store, proposals(store, scope, **filters), app.settings.target)
        chosen = _admitted(stored, left_out)
    who = author or "policy: " + ", ".join(
        f"{name.replace('_', ' ')} {'+'.join(value) if isinstance(value, tuple) else value}"
        for name, value in policy.items()
    )
    rows = list(islice(chosen, limit))
    _save(app, verdict, rows, None, who, comment, dry_run, as_json, left_out)


def decide_named(
    app: App,
    verdict: Verdict,
    candidates: Sequence[str],
    author: str | None,
    comment: str,
    dry_run: bool,
    as_json: bool,
    anyway: bool = False,
    text: str | None = None,
) -> None:
    """Decide on each, in the wording ``text`` where it is given.

    Raises `UsageError` for one that must not be written; ``anyway`` lets those through whose
    entity was changed since.
    """
    store = app.store()
    stored = [find_proposal(store, candidate) for candidate in candidates]
    rows = list(revalidated(store, stored, app.settings.target, text))
    if verdict is not Verdict.REJECT:
        for row in rows:
            _object(row, text, anyway)
    who = author or getpass.getuser()
    _save(app, verdict, rows, text, who, comment, dry_run, as_json, None)


def read_filters(
    app: App,
    languages: tuple[str, ...] | None,
    kinds: tuple[str, ...] | None,
    class_id: str | None,
    over: float | None,
    under: float | None,
    from_kinds: int,
) -> tuple[Scope, Filters]:
    """The options as the store takes them: open first choices that nothing spoke against when
    they were made, for others need a person who names them."""
    scope = Scope(
        check(languages) if languages else (),
        read_kinds(kinds) if kinds else (),
        class_named(app.store(), class_id),
    )
    return scope, {
        "minimum": over or 0.0,
        "below": under,
        "from_kinds": from_kinds,
        "firsts": True,
        "state": "open",
    }


def told(row: RevalidatedProposal, labels: dict[str, str]) -> dict[str, Any]:
    """A proposal as JSON has it; ``codes`` are those that hold now."""
    proposal = row.stored.proposal
    entity = proposal.candidate.entity
    return {
        "candidate": proposal.candidate.id,
        "entity": entity,
        "label": labels.get(entity, ""),
        "language": proposal.candidate.language,
        "kind": str(proposal.candidate.kind),
        "text": proposal.candidate.text,
        "replaces": row.replaces,
        "probability": proposal.probability,
        "score": proposal.score,
        "votes": proposal.votes,
        "codes": row.codes,
        "reasons": proposal.reasons,
        "decision": row.stored.decision,
    }


def queued(row: RevalidatedProposal, labels: dict[str, str]) -> dict[str, str]:
    """A proposal as the tables of the review queue have it."""
    proposal = row.stored.proposal
    candidate = proposal.candidate
    text = candidate.text
    return {
        "candidate": candidate.id[:10],
        "entity": f"{candidate.entity} {labels.get(candidate.entity, '')}".strip(),
        "language": candidate.language,
        "kind": str(candidate.kind),
        "term": f"{candidate.language} {candidate.kind}",
        "text": f"{text} instead of {row.replaces}" if row.replaces else text,
        "p": f"{proposal.probability:.2f}",
        "votes": " ".join(f"{kind} {count}" for kind, count in proposal.votes.items()),
        "why": proposal.reasons[0] if proposal.reasons else "",
        "objections": " ".join(row.codes),
    }


def _admitted(
    rows: Iterable[RevalidatedProposal], left_out: Counter[str]
) -> Iterator[RevalidatedProposal]:
    """Those that may be written, one for each label or description; others are counted."""
    taken = set()
    for row in rows:
        candidate = row.stored.proposal.candidate
        place = (candidate.entity, candidate.language, candidate.kind)
        if hard := [code for code in row.codes if is_hard(code)]:
            left_out[hard[0]] += 1
        elif place in taken:
            left_out[RIVAL] += 1
        else:
            if candidate.kind is not TermKind.ALIAS:
                taken.add(place)
            yield row


def _object(row: RevalidatedProposal, text: str | None, anyway: bool) -> None:
    hard = [code for code in row.codes if is_hard(code) and not (anyway and code == STALE)]
    if not hard:
        return
    candidate = row.stored.proposal.candidate
    wording = candidate.text if text is None else text
    said = "; ".join(f"{code}: {meaning(code)}" for code in hard)
    way = " Enrich again, or give --anyway." if hard == [STALE] else ""
    raise UsageError(
        f"{shown(wording)!r} cannot be the {candidate.language} {candidate.kind} of "
        f"{candidate.entity} ({said}).{way}"
    )


def _save(
    app: App,
    verdict: Verdict,
    rows: Sequence[RevalidatedProposal],
    text: str | None,
    author: str,
    comment: str,
    dry_run: bool,
    as_json: bool,
    left_out: Counter[str] | None,
) -> None:
    """Save and tell. ``left_out`` is None for named candidates, which are told one by one."""
    made = [_decision(row, verdict, author, comment, text) for row in rows]
    saved = Saved() if dry_run else save_decisions(app.store(), made)
    if as_json:
        app.print_json(
            {
                "decided": len(made),
                "new": saved.new,
                "superseded": len(saved.superseded),
                "left_out": left_out or {},
                "dry_run": dry_run,
            }
        )
        return
    if left_out is None:
        for row, decision in zip(rows, made, strict=True):
            candidate = row.stored.proposal.candidate
            codes = f" ({', '.join(row.codes)})" if row.codes else ""
            instead = f" instead of {shown(row.replaces)}" if row.replaces else ""
            click.echo(
                f"{decision.verdict} {shown(candidate.entity)} {candidate.language} "
                f"{candidate.kind}: {shown(decision.text)}{instead}{codes}"
            )
        for one in saved.superseded:
            click.echo(f"supersedes {shown(one.text)} ({one.verdict} by {shown(one.author)})")
    elif saved.superseded:
        click.echo(f"supersedes {len(saved.superseded)} earlier ones.")
    for reason, count in sorted((left_out or {}).items()):
        click.echo(f"{count} left out: {reason} {meaning(reason)}".rstrip())
    if dry_run:
        click.echo(f"{len(made)} would be decided.")
    else:
        click.echo(f"{len(made)} decided, {saved.new} of them anew.")


def _decision(
    row: RevalidatedProposal, verdict: Verdict, author: str, comment: str, text: str | None
) -> Decision:
    proposal = row.stored.proposal
    return Decision(
        candidate=proposal.candidate.id,
        verdict=verdict,
        author=author,
        text=proposal.candidate.text if text is None else text,
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        comment=comment,
        score=proposal.score,
        probability=proposal.probability,
        ranker=proposal.ranker,
        revision=row.stored.revision,
        replaces=row.replaces,
    )
