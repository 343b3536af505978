"""Taking decisions back, and what was decided by whom."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from kgenrich.errors import UsageError
from kgenrich.store.story.authors import policies_of
from kgenrich.store.story.runs import now
from kgenrich.store.story.undoing import actions, find_batch, last_batch, undo_batch
from kgenrich.verbs.decide import author_named
from kgenrich.verbs.workspace import Count, Options, Rows, Workspace

OPINION = "opinion"
"""What is told of a verdict that others shall not know yet."""


class UndoOptions(Options, frozen=True, kw_only=True):
    """Which ``action``, by its name or the first digits of it; without one the last of the
    ``author`` that holds. ``policies``: those that the author had a policy decide, too."""

    action: str = ""
    author: str | None = None
    policies: bool = False


class UndoReport(Struct, frozen=True):
    """The ``undone`` action, how many decisions were taken back, how many earlier ones hold again,
    and how many others have decided on since, which stay. ``action`` is the undoing itself."""

    undone: str
    action: str
    taken_back: int
    restored: int
    overtaken: int
    candidates: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The counts."""
        names = ("undone", "action", "taken_back", "restored", "overtaken")
        return {name: getattr(self, name) for name in names}


def undo(workspace: Workspace, options: UndoOptions) -> UndoReport:
    """Take back an action, or the taking back of one.

    Raises `UsageError` where there is none.
    """
    store, author = workspace.store, author_named(options.author)
    if options.action:
        batch = find_batch(store, options.action)
    else:
        authors = policies_of(store, author) if options.policies else []
        batch = last_batch(store, [author, *authors])
    if not batch:
        raise UsageError(f"There is nothing of {author} to take back: name an action.")
    done = undo_batch(store, batch, author, now())
    return UndoReport(
        batch, done.batch, len(done.candidates), done.restored, done.overtaken, done.candidates
    )


class ActionsOptions(Options, frozen=True, kw_only=True):
    """Of whom (all without ``author``), and at most how many. A ``viewer`` is not told what others
    say of what is not decided yet."""

    author: str | None = None
    limit: Count = 50
    viewer: str | None = None


def list_actions(workspace: Workspace, options: ActionsOptions) -> Rows:
    """What was decided, the last first, a row an action."""
    rows = actions(workspace.store, options.author, options.limit)
    hidden = {"verdict": OPINION, "text": "", "comment": ""}
    return Rows(
        [
            {
                "action": one.batch,
                "at": one.at,
                "author": one.author,
                "decisions": one.count,
                "verdict": one.verdict,
                "text": one.text,
                "comment": one.comment,
                "undoes": one.undoes,
            }
            | (hidden if one.pending and options.viewer not in (None, one.author) else {})
            for one in rows
        ]
    )
