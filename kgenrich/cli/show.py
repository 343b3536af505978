"""``kgenrich show``: an entity, its terms, what is proposed, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from kgenrich.cli.context import App, languages_option, pass_app
from kgenrich.cli.naming import reader_option
from kgenrich.cli.tables import print_table, shown

if TYPE_CHECKING:
    from rich.console import Console

    from kgenrich.enrich.revalidation import RevalidatedProposal
    from kgenrich.model import Entity
    from kgenrich.store.base import Store


@click.command()
@click.argument("entity", metavar="ID")
@languages_option()
@reader_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_app
def command(
    app: App, entity: str, languages: tuple[str, ...] | None, reader: str | None, as_json: bool
) -> None:
    """Show an entity: its terms, what is proposed in their place, and why.

    Without --languages: those of the settings, else yours and those with proposals; `all` is
    every language it has a term in.
    """
    from kgenrich.cli.naming import entity_named, reader_language
    from kgenrich.enrich.revalidation import revalidated
    from kgenrich.model import Scope
    from kgenrich.store.story.proposals import proposals

    store = app.store()
    found = entity_named(store, entity)
    tongue = reader_language(reader)
    every = proposals(store, Scope(ids=(found.id,)), state="all")
    stored = list(revalidated(store, every, app.settings.target))
    chosen = _languages(app, languages, found, stored, tongue)
    story = _story(store, found, stored, chosen, tongue)
    if as_json:
        app.print_json(story)
    else:
        _print(app.console, story)


def _languages(
    app: App,
    asked: tuple[str, ...] | None,
    entity: Entity,
    stored: list[RevalidatedProposal],
    reader: str,
) -> tuple[str, ...]:
    from kgenrich.languages import check

    if asked and asked != ("all",):
        return check(asked)
    if not asked and app.settings.languages:
        return app.settings.languages
    proposed = sorted({row.stored.proposal.candidate.language for row in stored})
    if not asked:
        return tuple(dict.fromkeys((reader, *proposed)))
    return tuple(sorted({*proposed, *(term.language for term in entity.terms())}))


def _story(
    store: Store,
    entity: Entity,
    stored: list[RevalidatedProposal],
    languages: tuple[str, ...],
    reader: str,
) -> dict[str, Any]:
    """Everything there is to tell, as JSON has it."""
    from kgenrich.cli.naming import names
    from kgenrich.languages import chain
    from kgenrich.store.story.decisions import decisions

    labels = names(store, [entity.id, *entity.classes], reader)
    description = next(
        (entity.descriptions[code] for code in chain(reader) if code in entity.descriptions), ""
    )
    wanted = [row for row in stored if row.stored.proposal.candidate.language in languages]
    place = {code: number for number, code in enumerate(languages)}
    wanted.sort(
        key=lambda row: (
            place[row.stored.proposal.candidate.language],
            row.stored.proposal.candidate.kind,
            row.stored.proposal.rank,
        )
    )
    return {
        "entity": entity.id,
        "label": labels.get(entity.id, ""),
        "description": description,
        "revision": entity.revision,
        "redirect": entity.redirect,
        "deleted": entity.deleted,
        "sitelinks": len(entity.sitelinks),
        "classes": [{"id": id, "label": labels.get(id, "")} for id in entity.classes],
        "terms": [term for code in languages for term in _terms(entity, code)],
        "proposals": [
            _proposal(row, decisions(store, row.stored.proposal.candidate.id)) for row in wanted
        ],
    }


def _terms(entity: Entity, code: str) -> list[dict[str, Any]]:
    """The label, the description and the aliases of a language, with where they come from."""
    from kgenrich.languages import fallbacks
    from kgenrich.model import MUL, TermKind

    told = []
    heirs = fallbacks(code)
    for kind, by_language, order in (
        (TermKind.LABEL, entity.labels, (code, *heirs, MUL)),
        (TermKind.DESCRIPTION, entity.descriptions, (code, *heirs)),
    ):
        origin = next((one for one in order if one in by_language), "")
        state = "missing" if not origin else "explicit" if origin == code else "inherited"
        term = {"language": code, "kind": str(kind), "state": state}
        told.append(term | {"text": by_language.get(origin, ""), "from": origin})
    for text in entity.aliases.get(code, ()):
        term = {"language": code, "kind": str(TermKind.ALIAS), "state": "explicit"}
        told.append(term | {"text": text, "from": code})
    return told


def _proposal(row: RevalidatedProposal, history: list[Any]) -> dict[str, Any]:
    import msgspec

    proposal = row.stored.proposal
    holds = len(history) - 1 if row.stored.decision is not None else -1
    candidate = proposal.candidate
    return {
        "candidate": candidate.id,
        "language": candidate.language,
        "kind": str(candidate.kind),
        "text": candidate.text,
        "replaces": proposal.replaces,
        "rank": proposal.rank,
        "probability": proposal.probability,
        "score": proposal.score,
        "votes": dict(proposal.votes),
        "ranker": proposal.ranker,
        "reasons": list(proposal.reasons),
        "codes": list(row.codes),
        "explicit": row.explicit,
        "at": row.stored.at,
        "evidence": [msgspec.to_builtins(evidence) for evidence in candidate.evidence],
        "decisions": [
            msgspec.to_builtins(decision) | {"current": number == holds}
            for number, decision in enumerate(history)
        ],
    }


def _print(console: Console, story: dict[str, Any]) -> None:
    from rich.padding import Padding
    from rich.text import Text

    def line(text: str, style: str = "", indent: int = 0) -> None:
        console.print(Padding(Text(text, style=style), (0, 0, 0, indent)))

    line(f"{story['entity']}  {shown(story['label'])}", "bold")
    if story["description"]:
        line(shown(story["description"]))
    facts = [f"{shown(one['label'])} ({one['id']})".lstrip() for one in story["classes"]]
    facts += [f"{story['sitelinks']} sitelinks", f"revision {story['revision']}"]
    line(" · ".join(facts), "dim")
    if story["redirect"]:
        line(f"Redirects to {story['redirect']}.", "yellow")
    if story["deleted"]:
        line("Deleted in the graph.", "yellow")
    print_table(
        console,
        ["language", "kind", "state", "text"],
        [
            [
                term["language"],
                term["kind"],
                term["state"] + (f" from {term['from']}" if term["state"] == "inherited" else ""),
                term["text"] or "–",
            ]
            for term in story["terms"]
        ],
    )
    if not story["proposals"]:
        line("Nothing is proposed in these languages.", "dim")
    for proposal in story["proposals"]:
        votes = ", ".join(f"{kind} {count}" for kind, count in proposal["votes"].items())
        instead = f", to replace “{shown(proposal['replaces'])}”" if proposal["replaces"] else ""
        named = f"{proposal['language']} {proposal['kind']}: {shown(proposal['text'])}"
        line(named + instead, "bold")
        line(
            f"probability {proposal['probability']:.2f} · score {proposal['score']} · "
            f"votes {votes or 'none'} · {shown(proposal['ranker'])} · "
            f"candidate {proposal['candidate'][:10]}",
            indent=2,
        )
        for reason in proposal["reasons"]:
            line(f"because {shown(reason)}", indent=2)
        if proposal["explicit"]:
            line("the graph has the term by now", "yellow", 2)
        if proposal["codes"]:
            line(f"objections: {', '.join(map(shown, proposal['codes']))}", "yellow", 2)
        for evidence in proposal["evidence"]:
            line(_evidence(evidence), indent=2)
        for decision in proposal["decisions"]:
            colour = "green" if decision["verdict"] != "reject" else "red"
            line(_decision(decision), colour if decision["current"] else "dim", 2)
        line("")


def _evidence(evidence: dict[str, Any]) -> str:
    said = f"{shown(evidence['source'])} ({evidence['kind']})"
    if evidence.get("from_text"):
        said += f" from {evidence.get('from_language', '')} “{shown(evidence['from_text'])}”"
    details = []
    if evidence.get("score") is not None:
        details.append(f"score {evidence['score']:.2f}")
    details += [shown(evidence[name]) for name in ("note", "licence", "url") if evidence.get(name)]
    return ": ".join(filter(None, [said, ", ".join(details)]))


def _decision(decision: dict[str, Any]) -> str:
    said = f"{decision['verdict']} by {shown(decision['author'])}, {decision['at']}"
    if decision["verdict"] == "edit":
        said += f", as “{shown(decision['text'])}”"
    if decision.get("comment"):
        said += f": {shown(decision['comment'])}"
    return said if decision["current"] else f"{said} (superseded)"
