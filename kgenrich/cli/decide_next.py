"""``kgenrich decide next``: the review queue on a terminal, one key a decision."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import click

from kgenrich.cli.context import App
from kgenrich.errors import KgenrichError, UsageError
from kgenrich.escaping import shown
from kgenrich.model import RejectReason, Verdict
from kgenrich.verbs.decide import DecideOptions, DecideReport, accept, edit, leave_open, reject
from kgenrich.verbs.review import (
    ReviewItem,
    ReviewOptions,
    next_candidate,
    review_item,
    skip,
    take_up,
)
from kgenrich.verbs.undoing import UndoOptions, undo

KEYS = {
    "a": "accept",
    "1-9": "accept another candidate",
    "e": "edit and accept",
    "r": "reject",
    "u": "unsure",
    "d": "discuss",
    "s": "skip",
    "z": "undo",
    "?": "keys",
    "q": "quit",
}
_EVIDENCE = 6


def demand_terminal() -> None:
    """Raises `UsageError` where nobody can press a key."""
    if sys.stdin is None or not sys.stdin.isatty():
        raise UsageError(
            "`kgenrich decide next` asks for keys, and this is no terminal: use `decide list`, "
            "`decide accept` and `decide reject`, or `kgenrich review` for a browser."
        )


def typed() -> str:
    """The next key; the end of what is typed ends the session as Ctrl-C does."""
    key = click.getchar()
    if key in ("", "\x03", "\x04"):
        raise click.Abort
    return key


class Session:
    """One reviewer at the queue."""

    def __init__(
        self, app: App, chosen: ReviewOptions, author: str, readers: Sequence[str]
    ) -> None:
        self._app = app
        self._workspace = app.workspace
        self._chosen = chosen
        self._author = author
        self._readers = readers
        self.decided = 0

    def run(self) -> None:
        """Until the queue is empty or the reviewer ends."""
        if skipped := take_up(self._workspace, self._author):
            click.echo(f"{skipped} that you skipped before come again.")
        again = ""
        while candidate := again or next_candidate(self._workspace, self._chosen, self._author):
            item = review_item(self._workspace, candidate, self._readers, self._author)
            self._show(item)
            try:
                outcome = self._ask(item)
            except KgenrichError as error:
                click.echo(f"{shown(str(error))}")
                # What others have decided on meanwhile is gone from the queue.
                outcome = ""
            if outcome is None:
                break
            again = outcome
        else:
            click.echo("Nothing is left to decide here.")
        click.echo(f"{self.decided} decided.")

    def _ask(self, item: ReviewItem) -> str | None:
        """Do what a key says. Back comes the candidate to show next (empty: the next in the queue),
        None to end."""
        while True:
            key = self._key("> ")
            if key == "q":
                return None
            if key == "?":
                click.echo("  ".join(f"{key} {what}" for key, what in KEYS.items()))
            elif key == "z":
                return self._undo() or item.candidate
            elif key == "s":
                skip(self._workspace, item.candidate, self._author)
                return ""
            elif self._decide(item, key):
                self.decided += 1
                return ""

    def _decide(self, item: ReviewItem, key: str) -> bool:
        workspace = self._workspace
        if key == "a":
            self._tell(accept(workspace, self._on(item.candidate)))
        elif key.isdecimal() and 0 < int(key) <= len(item.rivals):
            self._tell(accept(workspace, self._on(item.rivals[int(key) - 1].candidate)))
        elif key == "e":
            text = click.prompt("Wording", default=item.text)
            if text == item.text:
                self._tell(accept(workspace, self._on(item.candidate)))
            else:
                self._tell(edit(workspace, self._on(item.candidate, text=text)))
        elif key == "r":
            reason = self._reason()
            self._tell(reject(workspace, self._on(item.candidate, reason=reason)))
        elif key == "u":
            self._tell(leave_open(workspace, Verdict.UNSURE, self._on(item.candidate)))
        elif key == "d":
            note = self._on(item.candidate, comment=click.prompt("Note"))
            self._tell(leave_open(workspace, Verdict.DISCUSS, note))
        else:
            return False
        return True

    def _on(self, candidate: str, **more: Any) -> DecideOptions:
        return DecideOptions(
            candidates=(candidate,), author=self._author, unless_decided=True, **more
        )

    def _reason(self) -> str:
        reasons = [*RejectReason]
        for number, reason in enumerate(reasons, 1):
            click.echo(f"  {number} {reason.meaning}")
        key = self._key("Why (any other key: no reason)? ")
        is_one = key.isdecimal() and 0 < int(key) <= len(reasons)
        return str(reasons[int(key) - 1]) if is_one else ""

    def _undo(self) -> str:
        """Take the last decision back and give its candidate, to be decided anew."""
        try:
            report = undo(self._workspace, UndoOptions(author=self._author))
        except KgenrichError as error:
            click.echo(str(error))
            return ""
        click.echo(f"{report.taken_back} taken back.")
        self.decided = max(self.decided - 1, 0)
        return report.candidates[0] if report.candidates else ""

    def _key(self, prompt: str) -> str:
        click.echo(prompt, nl=False)
        key = typed()
        click.echo(shown(key))
        return key

    def _tell(self, report: DecideReport) -> None:
        for _, decision in report.made:
            click.echo(f"{decision.verdict}: {shown(decision.text)}")

    def _show(self, item: ReviewItem) -> None:
        curie = self._app.curie(item.entity)
        line = self._app.console.print
        line(f"\n{shown(curie)}  {item.language} {item.kind}", style="bold")
        for name in item.names:
            line(f"  {name.language}: {shown(name.label)}  {shown(name.description)}".rstrip())
        if item.classes:
            line("  is " + ", ".join(shown(label.text) for _, label in item.classes))
        for property, values in item.statements:
            told = ", ".join(shown(value.text) for value in values)
            line(f"  {shown(property.text)}: {told}")
        for _, label, text in item.siblings:
            line(f"  beside it: {shown(label.text)} = {shown(text.text)}", style="dim")
        instead = f" instead of {shown(item.replaces)}" if item.replaces else ""
        line(f"  {shown(item.text)}{instead}  {item.probability:.2f}", style="bold green")
        for number, rival in enumerate(item.rivals, 1):
            codes = f"  {' '.join(rival.codes)}" if rival.codes else ""
            line(f"  {number} {shown(rival.text)}  {rival.probability:.2f}{codes}")
        for one in item.evidence[:_EVIDENCE]:
            of = f" from {one.from_language} “{shown(one.from_text)}”" if one.from_text else ""
            note = f": {shown(one.note)}" if one.note else ""
            line(f"  {shown(one.source)}{of}{note}", style="dim")
        for code, meaning in item.objections:
            line(f"  {code} {shown(meaning)}", style="yellow")
        for opinion in item.opinions:
            note = f": {shown(opinion.comment)}" if opinion.comment else ""
            line(f"  {shown(opinion.author)} says {opinion.verdict} {shown(opinion.text)}{note}")
        for past in item.history:
            said = f"  {past.verdict} by {shown(past.author)}"
            line(f"{said}: {shown(past.comment)}" if past.comment else said)
