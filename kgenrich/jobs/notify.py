"""Telling a program of one's own how a job goes: its summary as JSON on the standard input."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
from collections.abc import Sequence
from tempfile import TemporaryFile
from typing import Any, Literal

import msgspec

from kgenrich.errors import UsageError
from kgenrich.escaping import bounded
from kgenrich.masking import mask, masked
from kgenrich.progress import Progress

Event = Literal["start", "done", "partly", "stopped", "failed"]
"""When it is told: also when all went well, for a job of which nobody hears may be long dead."""

TIMEOUT = 30.0
"""Seconds that the program has."""
_EXCERPT = 200


def words_of(command: str | Sequence[str]) -> list[str]:
    """The program and its arguments; no shell is asked. Raises `UsageError` for what is none."""
    try:
        words = shlex.split(command) if isinstance(command, str) else list(command)
    except ValueError as error:
        raise UsageError(f"The command {command!r} cannot be taken apart: {error}.") from error
    if not words:
        raise UsageError("There is no command to tell.")
    return words


def notify(
    command: Sequence[str],
    event: Event,
    summary: dict[str, Any],
    progress: Progress,
    timeout: float = TIMEOUT,
) -> bool:
    """Run the command with ``{"event": ..., **summary}`` on its standard input, without passwords;
    gives whether it took it. That it did not is remarked, and changes nothing else."""
    told = msgspec.json.encode({"event": event} | masked(msgspec.to_builtins(summary)))
    why = _run(command, told, timeout)
    if why:
        progress.remark(f"{command[0]} could not be told of {event}: {why}.", grave=True)
    return not why


def _run(command: Sequence[str], told: bytes, timeout: float) -> str:
    """Why the command did not take what it was told; empty where it did."""
    # Files, not pipes: what it leaves running may keep those open for ever.
    with TemporaryFile() as given, TemporaryFile() as errors:
        given.write(told)
        given.seek(0)
        try:
            process = subprocess.Popen(  # noqa: S603 (the user's own command, without a shell)
                command,
                stdin=given,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                start_new_session=True,
            )
        except OSError as error:
            return error.strerror or type(error).__name__
        try:
            code = process.wait(timeout)
        except subprocess.TimeoutExpired:
            return f"it took longer than {timeout:g} seconds"
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        if code == 0:
            return ""
        errors.seek(max(0, errors.seek(0, os.SEEK_END) - _EXCERPT))
        said = bounded(mask(errors.read().decode("utf-8", "replace").strip()))
        return f"it ended with {code}{f': {said}' if said else ''}"
