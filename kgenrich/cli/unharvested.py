"""What the verbs say of languages that were asked for but never harvested."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from kgenrich.cli.context import App
from kgenrich.store.story.runs import harvested_languages


def warn(app: App, languages: Sequence[str]) -> None:
    """Warn of those of the languages that were not harvested."""
    if told := sentence(app, languages):
        app.errors.print(f"Warning: {told}", style="bold")


def sentence(app: App, languages: Sequence[str]) -> str:
    """What to know of those of the languages that were not harvested; empty if all were."""
    harvested: Collection[str] | None = harvested_languages(app.store())
    if harvested is None:
        return ""
    missed = [code for code in languages if code not in harvested]
    verb = "was" if len(missed) == 1 else "were"
    return (
        f"{', '.join(missed)} {verb} not harvested: what is missing here may exist in the graph."
        if missed
        else ""
    )
