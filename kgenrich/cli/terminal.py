"""What everything printed passes: text of graphs, servers, models, settings and errors is hostile,
and none of it steers a terminal. Control characters and bidirectional overrides are shown escaped.
"""

from __future__ import annotations

import re
import sys
from codecs import getincrementaldecoder
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from rich.console import Console

# C0 but for tabs and ends of lines, DEL, C1; line and paragraph separators; overrides, embeddings,
# isolates (Unicode Annex 9) but for FSI and PDI, which `shown` sets; annotations; surrogates.
_STEERING = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066\u2067\u206a-\u206f\ud800-\udfff"
    "\ufff9-\ufffb]|\r(?!\n)"
)
_ISOLATES = re.compile("[\u2068\u2069]")
_BREAKS = re.compile(r"[\t\n\x0b\x0c\r\x85\u2028\u2029]+")
_RIGHT_TO_LEFT = re.compile(
    r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_LONGEST = 400


def visible(text: str) -> str:
    """The text with what could steer a terminal shown as Python writes it.

    >>> visible("a\\x1b[31mred\\u202e\\n")
    'a\\\\x1b[31mred\\\\u202e\\n'
    """
    return text if text.isascii() and text.isprintable() else _STEERING.sub(_escaped, text)


def plain(text: str) -> str:
    """The text on one line, as `visible`, isolates too.

    >>> plain("a\\nb\\x07")
    'a b\\\\x07'
    """
    return _ISOLATES.sub(_escaped, visible(_BREAKS.sub(" ", text)))


def shown(text: str) -> str:
    """The text as a part of a line: `plain`, bounded, and a right-to-left one isolated from what
    stands around it (Unicode Annex 9, FSI and PDI)."""
    text = plain(text)
    if len(text) > _LONGEST:
        text = text[: _LONGEST - 1] + "…"
    return f"\u2068{text}\u2069" if _RIGHT_TO_LEFT.search(text) else text


def visible_json(text: str) -> str:
    """JSON that is equal and steers no terminal: what does is escaped within its strings.

    >>> visible_json('"a\\x9b1m"')
    '"a\\\\u009b1m"'
    """
    return _ISOLATES.sub(_in_json, _STEERING.sub(_in_json, text))


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


def _escaped(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def _in_json(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"
