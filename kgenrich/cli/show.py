"""``kgenrich show``: an entity, its terms, what is proposed, and why."""

from __future__ import annotations

from typing import Any

import click

from kgenrich.cli import options
from kgenrich.cli.context import App, pass_app
from kgenrich.cli.tables import print_table
from kgenrich.escaping import shown


@click.command()
@click.argument("entity", metavar="ID")
@options.languages()
@options.reader
@options.as_json()
@pass_app
def command(app: App, /, **given: Any) -> None:
    """Show an entity: its terms, what is proposed in their place, and why.

    Without --languages: those of the settings, else yours and those with proposals; `all` is
    every language it has a term in.
    """
    from kgenrich.verbs.story import StoryOptions, story

    _print(app, app.run(story, StoryOptions(**given)))


def _print(app: App, story: dict[str, Any]) -> None:
    from rich.padding import Padding
    from rich.text import Text

    console = app.console

    def line(text: str, style: str = "", indent: int = 0) -> None:
        console.print(Padding(Text(text, style=style), (0, 0, 0, indent)))

    line(f"{shown(app.curie(story['entity']))}  {shown(story['label'])}", "bold")
    if story["description"]:
        line(shown(story["description"]))
    classes = [(shown(one["label"]), shown(app.curie(one["id"]))) for one in story["classes"]]
    facts = [] if story["type"] == "item" else [story["type"]]
    facts += [f"{label} ({id})".lstrip() for label, id in classes]
    facts += [f"{story['sitelinks']} sitelinks", f"revision {story['revision']}"]
    line(" · ".join(facts), "dim")
    if story["redirect"]:
        line(f"Redirects to {shown(app.curie(story['redirect']))}.", "yellow")
    if story["deleted"]:
        line("Deleted in the graph.", "yellow")
    # One wiki alone need not be told again with each term.
    is_told = len({name for term in story["terms"] for name in term["said_by"]}) > 1
    print_table(
        console,
        ["language", "kind", "state", "text", *(["said by"] if is_told else [])],
        [
            [
                term["language"],
                term["kind"],
                term["state"]
                + (
                    f" from {term['from']}"
                    if term["state"] in ("inherited", "other script")
                    else ""
                ),
                term["text"] or "–",
                *([", ".join(term["said_by"])] if is_told else []),
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
