"""What everything printed passes: nothing that others wrote steers a terminal
(`kgenrich.escaping`)."""

from __future__ import annotations

import re
import sys
from codecs import getincrementaldecoder
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO

from kgenrich.escaping import ISOLATES, STEERING, visible

if TYPE_CHECKING:
    from rich.console import Console


def visible_json(text: str) -> str:
    """JSON that is equal and steers no terminal: what does is escaped within its strings.

    >>> visible_json('"a\\x9b1m"')
    '"a\\\\u009b1m"'
    """
    return ISOLATES.sub(_in_json, STEERING.sub(_in_json, text))


def console(*, err: bool = False, quiet: bool = False, width: int | None = None) -> Console:
    """Where tables and remarks are printed: nothing is read as markup, and only what `rich` itself
    makes of styles reaches the terminal unescaped. Without a ``width`` it is that of the terminal.
    """
    from rich.console import Console, ConsoleOptions
    from rich.segment import Segment

    class Guarded(Console):
        def render(
            self, renderable: Any, options: ConsoleOptions | None = None
        ) -> Iterable[Segment]:
            for segment in super().render(renderable, options):
                yield segment if segment.control else Segment(visible(segment.text), segment.style)

        def on_broken_pipe(self) -> None:
            raise BrokenPipeError

    stream = sys.stderr if err else sys.stdout
    file = stream.stream if isinstance(stream, Guard) else stream
    return Guarded(file=file, highlight=False, markup=False, quiet=quiet, width=width)


class Guard:
    """A text stream that everything is `visible` in, whoever writes to it: commands, warnings, logs
    of libraries, tracebacks. Its ``buffer`` is that of the stream, and guarded too on a terminal.
    """

    encoding = "utf-8"

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        self.stream.write(visible(text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    @property
    def buffer(self) -> Any:
        """Where bytes are written."""
        return _Bytes(self.stream) if self.stream.isatty() else self.stream.buffer

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


class _Bytes:
    """Shows bytes on a terminal as the text that they are."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._decoder = getincrementaldecoder("utf-8")("replace")

    def write(self, data: bytes) -> int:
        self._stream.write(visible(self._decoder.decode(data)))
        return len(data)

    def flush(self) -> None:
        self._stream.flush()


@contextmanager
def guarded() -> Iterator[None]:
    """Within, the standard streams are guarded."""
    before = sys.stdout, sys.stderr
    for stream in filter(None, before):
        if hasattr(stream, "reconfigure"):
            # What a terminal's encoding lacks is no reason to fail.
            stream.reconfigure(errors="backslashreplace")
    sys.stdout, sys.stderr = (stream and Guard(stream) for stream in before)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def _in_json(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"
