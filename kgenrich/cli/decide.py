"""``kgenrich decide``: people and policies accept, reject and edit proposals."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from kgenrich.cli.context import App, languages_option, list_option, pass_app
from kgenrich.errors import UsageError

if TYPE_CHECKING:
    from kgenrich.model import Decision, Verdict
    from kgenrich.store.proposals import StoredProposal


@click.group()
def command() -> None:
    """Accept, reject or edit proposals, singly or by policy; every decision is kept.

    A candidate is named by its id, or the first digits of it, as `decide list` prints them.
    """


def _filters(function: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(
        [
            languages_option(),
            list_option("--kinds", "-k", metavar="KINDS", help="label, description, alias."),
            click.option("--class", "class_id", metavar="ID", help="Only this class, as Q5."),
            click.option("--over", type=click.FloatRange(0, 1), help="Probability at least this."),
            click.option("--under", type=click.FloatRange(0, 1), help="Probability below this."),
            click.option(
                "--from-kinds",
                type=click.IntRange(1, 4),
                default=1,
                help="Supported by at least so many kinds of source.",
            ),
            click.option("--limit", type=click.IntRange(1), help="At most so many."),
        ]
    ):
        function = option(function)
    return function


def _authored(function: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(
        [
            click.option("--author", help="Who decides; your login name by default."),
            click.option("--comment", default="", help="Why."),
            click.option("--dry-run", is_flag=True, help="Say what would be decided."),
            click.option("--json", "as_json", is_flag=True, help="Print JSON."),
        ]
    ):
        function = option(function)
    return function


@command.command("list")
@_filters
@click.option("--all", "every", is_flag=True, help="Decided ones too, and those objected to.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_app
def list_proposals(app: App, /, every: bool, as_json: bool, **filters: Any) -> None:
    """The review queue: open proposals, the best of each request, most linked entities first."""
    from kgenrich.cli.tables import plain, print_table

    if filters["limit"] is None:
        filters["limit"] = 50
    rows = list(_select(app, **filters, every=every))
    if as_json:
        app.print_json([_as_dict(row) for row in rows])
        return
    print_table(
        app.console,
        ["candidate", "entity", "language", "kind", "text", "p", "votes", "why"],
        [
            [
                row.proposal.candidate.id[:10],
                row.proposal.candidate.entity,
                row.proposal.candidate.language,
                str(row.proposal.candidate.kind),
                plain(row.proposal.candidate.text),
                f"{row.proposal.probability:.2f}",
                " ".join(f"{kind} {count}" for kind, count in row.proposal.votes.items()),
                plain(row.proposal.reasons[0]) if row.proposal.reasons else "",
            ]
            for row in rows
        ],
    )


@command.command()
@click.argument("candidates", nargs=-1)
@_filters
@_authored
@pass_app
def accept(app: App, /, **given: Any) -> None:
    """Accept candidates by id, or all open ones that a policy admits.

    For example: kgenrich decide accept --kinds label --over 0.95 --from-kinds 3
    """
    from kgenrich.model import Verdict

    _decide(app, Verdict.ACCEPT, **given)


@command.command()
@click.argument("candidates", nargs=-1)
@_filters
@_authored
@pass_app
def reject(app: App, /, **given: Any) -> None:
    """Reject candidates by id, or all open ones that a policy admits."""
    from kgenrich.model import Verdict

    _decide(app, Verdict.REJECT, **given)


@command.command()
@click.argument("candidate")
@click.argument("text")
@_authored
@pass_app
def edit(
    app: App,
    candidate: str,
    text: str,
    author: str | None,
    comment: str,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Accept a candidate in another wording."""
    from kgenrich.cli.engine import make_validator
    from kgenrich.model import TermRequest, Verdict
    from kgenrich.store.graph import find_entity
    from kgenrich.store.proposals import find_proposal
    from kgenrich.text import clean

    store = app.store()
    stored = find_proposal(store, candidate)
    proposed = stored.proposal.candidate
    wording = clean(text)
    entity = find_entity(store, proposed.entity)
    if entity is not None:
        request = TermRequest(entity, proposed.language, proposed.kind)
        validate = make_validator(app.settings, store)
        hard = [code for code in validate(request, wording) if code.startswith("E")]
        if hard:
            raise UsageError(f"{wording!r} cannot be a {proposed.kind}: {', '.join(hard)}.")
    decision = _decision(stored, Verdict.EDIT, _author(author), comment, wording)
    _save(app, [decision], dry_run, as_json)


def _decide(
    app: App,
    verdict: Verdict,
    candidates: tuple[str, ...],
    author: str | None,
    comment: str,
    dry_run: bool,
    as_json: bool,
    **filters: Any,
) -> None:
    from kgenrich.store.proposals import find_proposal

    policy = {name: value for name, value in filters.items() if value not in (None, 1)}
    if bool(candidates) == bool(policy):
        raise UsageError("Name candidates, or give a policy such as --over 0.95; not both.")
    if candidates:
        chosen: Iterable[StoredProposal] = [find_proposal(app.store(), c) for c in candidates]
        who = _author(author)
    else:
        chosen = _select(app, **filters)
        told = ", ".join(
            f"{name.replace('_', ' ')} {'+'.join(value) if isinstance(value, tuple) else value}"
            for name, value in policy.items()
        )
        who = author or f"policy: {told}"
    decisions = [_decision(stored, verdict, who, comment) for stored in chosen]
    _save(app, decisions, dry_run, as_json)


def _save(app: App, decisions: list[Decision], dry_run: bool, as_json: bool) -> None:
    from kgenrich.store.decisions import save_decisions

    new = 0 if dry_run else save_decisions(app.store(), decisions).new
    if as_json:
        app.print_json({"decided": len(decisions), "new": new, "dry_run": dry_run})
    elif dry_run:
        click.echo(f"{len(decisions)} would be decided.")
    else:
        click.echo(f"{len(decisions)} decided, {new} of them anew.")


def _select(
    app: App,
    languages: tuple[str, ...] | None,
    kinds: tuple[str, ...] | None,
    class_id: str | None,
    over: float | None,
    under: float | None,
    from_kinds: int,
    limit: int | None,
    every: bool = False,
) -> Iterable[StoredProposal]:
    from kgenrich.cli.engine import read_kinds
    from kgenrich.languages import check
    from kgenrich.store.proposals import proposals

    rows = proposals(
        app.store(),
        languages=check(languages) if languages else (),
        kinds=read_kinds(kinds) if kinds else (),
        class_id=class_id,
        minimum=over or 0.0,
        state="all" if every else "open",
    )
    count = 0
    for row in rows:
        proposal = row.proposal
        if under is not None and proposal.probability >= under:
            continue
        if len(proposal.votes) < from_kinds:
            continue
        # What a validator objects to, and second choices, need a person who names them.
        if not every and (proposal.rank != 1 or any(c.startswith("E") for c in proposal.codes)):
            continue
        yield row
        count += 1
        if count == limit:
            return


def _decision(
    stored: StoredProposal, verdict: Verdict, author: str, comment: str, text: str | None = None
) -> Decision:
    from kgenrich.model import Decision

    proposal = stored.proposal
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
        revision=stored.revision,
    )


def _author(author: str | None) -> str:
    return author or getpass.getuser()


def _as_dict(row: StoredProposal) -> dict[str, Any]:
    proposal = row.proposal
    return {
        "candidate": proposal.candidate.id,
        "entity": proposal.candidate.entity,
        "language": proposal.candidate.language,
        "kind": str(proposal.candidate.kind),
        "text": proposal.candidate.text,
        "probability": proposal.probability,
        "score": proposal.score,
        "votes": proposal.votes,
        "codes": proposal.codes,
        "reasons": proposal.reasons,
        "decision": row.decision,
    }
