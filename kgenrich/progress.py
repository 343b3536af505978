"""How far a verb is, told to whoever listens: a terminal, a notebook, a log, or nobody."""

from __future__ import annotations


class Progress:
    """Listens and does nothing; subclasses show what they are told.

    A step begins, is updated any number of times, and ends when the next one begins or the verb
    returns. Amounts are in the step's own unit.
    """

    def begin(self, step: str, total: int | None = None, unit: str = "") -> None:
        """A step begins: ``total`` is how much there is to do, None where nobody knows."""

    def update(self, done: int | None = None, note: str = "") -> None:
        """So much of the step is done, all in all; ``note`` is a few words for people."""

    def begin_run(self, run: int) -> None:
        """What is done from here on is noted in the store, as this run."""

    def checkpoint(self) -> None:
        """A batch is stored: here the verb may be ended, by raising `Halted`."""

    def remark(self, text: str, *, grave: bool = False) -> None:
        """Something that the reader should know and that is no error; ``grave`` if he must."""


SILENT = Progress()
"""Tells nobody."""
