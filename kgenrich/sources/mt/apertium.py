"""The source ``apertium``: rule-based translation, kept alive; not for names.

Measured on names it does harm ("Pink Floyd" becomes "Rosa Floyd"), on short descriptions between
neighbouring languages it does well. A *mode* is a pipeline of programs; each is started once with
``-z``, by which it flushes what it has at a NUL, so that one pipeline serves every text.
"""

from __future__ import annotations

import os
import selectors
import shlex
import subprocess
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path, PurePath
from typing import IO

import regex

from kgenrich.errors import InputError, SourceStopped
from kgenrich.languages import bcp47, wikimedia
from kgenrich.model import TermKind
from kgenrich.sources.base import SourceContext
from kgenrich.sources.mt.local import LocalTranslation
from kgenrich.sources.mt.source import Job, MtOptions, Translated
from kgenrich.sources.programs import FOLDERS, find_program

PATIENCE = 20.0
"""Seconds for one text; the first one waits for the dictionaries to load."""

_PROGRAMS = """
lt-proc lsx-proc lrx-proc rtx-proc hfst-proc hfst-proc2 hfst-apertium-proc cg-proc cg-mwesplit
vislcg3 apertium-tagger apertium-anaphora apertium-pretransfer apertium-transfer apertium-interchunk
apertium-postchunk apertium-posttransfer apertium-extract-caps apertium-restore-caps
apertium-cleanstream apertium-wblank-attach apertium-wblank-detach apertium-wblank-mode
"""
PROGRAMS = frozenset(_PROGRAMS.split())
"""What a mode may run: a mode file is a command line, and these only read and write the stream."""

_RESERVED = str.maketrans(dict.fromkeys("[]{}^$/\\@<>~*#\0\n", " "))
# Marks of words that have no entry (*), no translation (@), no inflected form (#), some of them
# escaped (\@American). The text that is sent has none of these characters.
_MARKS = str.maketrans("", "", "\\@*#~^$")
_WORD = regex.compile(r"[\p{L}\p{N}][\p{L}\p{N}\p{M}'’-]*")
# Rules that move words leave the space that was before them.
_LOOSE = regex.compile(r"\s+(?=[.,](?:\s|$))")
_UNTRANSLATED = regex.compile(r"[*@]\w")


class ApertiumOptions(MtOptions, frozen=True, kw_only=True):
    """``[sources.apertium]``: the folder of the ``modes``, and the folders that hold the
    ``programs``."""

    modes: str = "/usr/share/apertium/modes"
    programs: tuple[str, ...] = FOLDERS


class Mode:
    """A pipeline that stays alive.

    Raises `InputError` for a mode file that cannot be read.
    """

    def __init__(self, path: Path, folders: Sequence[str] = FOLDERS) -> None:
        self._lock = threading.Lock()
        self._stages: list[subprocess.Popen[bytes]] = []
        try:
            before: IO[bytes] | int | None = subprocess.PIPE
            for stage in _stages(path.read_text("utf-8"), folders):
                program = subprocess.Popen(  # noqa: S603
                    stage, stdin=before, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
                )
                if self._stages and not isinstance(before, int) and before:
                    # The next stage alone holds the pipe now, so that the end of one ends all.
                    before.close()
                self._stages.append(program)
                before = program.stdout
        except (OSError, ValueError) as error:
            self.close()
            raise InputError(f"The Apertium mode {path} cannot be run: {error}.") from error

    def translate(self, text: str) -> str:
        """The translation of one line, unknown words as they are; empty where most words are
        unknown. Raises ``OSError`` when the pipeline is broken and ``TimeoutError`` when it is
        stuck."""
        with self._lock:
            first, last = self._stages[0].stdin, self._stages[-1].stdout
            if first is None or last is None:
                raise OSError("the pipeline is closed")
            first.write(text.translate(_RESERVED).encode() + b"[][\n]\0")
            first.flush()
            raw = _until_nul(last)
        if not raw.strip():
            # Its last programs end an answer even where the first ones have died.
            raise BrokenPipeError("the pipeline ended")
        said = raw.decode("utf-8", "replace").replace("[][\n]", "")
        if 2 * len(_UNTRANSLATED.findall(said)) > len(_WORD.findall(said)):
            return ""
        said = " ".join(said.translate(_MARKS).split())
        if not _LOOSE.search(text):
            said = _LOOSE.sub("", said)
        # A sentence begins with a capital letter, a description need not.
        return said[:1].lower() + said[1:] if text[:1].islower() else said

    def close(self) -> None:
        """End the programs."""
        for stage in self._stages:
            for pipe in filter(None, (stage.stdin, stage.stdout)):
                with suppress(OSError):
                    pipe.close()
        for stage in self._stages:
            try:
                stage.wait(2)
            except subprocess.TimeoutExpired:
                stage.kill()
                stage.wait()
        self._stages.clear()


class Apertium:
    """The installed modes; each is started when its first text comes. ``pairs`` are their names
    (``eng-spa``)."""

    def __init__(self, folder: Path, programs: Sequence[str] = FOLDERS) -> None:
        self._folder, self._programs = folder, programs
        self._alive: dict[str, Mode] = {}
        self.pairs = {path.stem for path in folder.glob("*.mode")}

    def translate(self, jobs: Sequence[Job]) -> list[Translated]:
        """The translations, in order. What is marked is translated alone: the rules need no
        context, and know nothing of brackets. Raises `SourceStopped`."""
        return [Translated(self._one(job), bare=True) for job in jobs]

    def close(self) -> None:
        """End every pipeline."""
        while self._alive:
            self._alive.popitem()[1].close()

    def __del__(self) -> None:
        self.close()

    def _one(self, job: Job) -> str:
        name = f"{job.source}-{job.target}"
        for _ in range(2):
            try:
                if name not in self._alive:
                    self._alive[name] = Mode(self._folder / f"{name}.mode", self._programs)
                return self._alive[name].translate(job.sentence.marked)
            except InputError as error:
                raise SourceStopped(str(error)) from error
            except OSError:
                # A program ended; once is bad luck, twice is a broken installation.
                self._alive.pop(name).close()
        raise SourceStopped(f"The Apertium pipeline {name} does not answer.")


class ApertiumSource(LocalTranslation):
    """For descriptions and definitions. Raises `SourceStopped` where Apertium is not installed."""

    kinds = frozenset({TermKind.DESCRIPTION, TermKind.DEFINITION})

    def __init__(self, context: SourceContext) -> None:
        options = context.read(ApertiumOptions)
        self._engine = Apertium(Path(options.modes).expanduser(), options.programs)
        if find_program("lt-proc", options.programs) is None or not self._engine.pairs:
            raise SourceStopped(
                f"Apertium is not installed, or no pair of languages in {options.modes} "
                "(Debian: apt install apertium apertium-eng-spa)."
            )
        identity = ("apertium", *sorted(self._engine.pairs))
        installed = languages_of(self._engine.pairs)
        super().__init__(context, options, "apertium", identity, installed=installed)

    def speaks(self, source: str, target: str) -> bool:
        return source != target and f"{source}-{target}" in self._engine.pairs

    def translate(self, jobs: Sequence[Job]) -> list[Translated]:
        return self._engine.translate(jobs)


factory = ApertiumSource
"""Apertium (a `SourceFactory`)."""


def languages_of(modes: Iterable[str]) -> list[str]:
    """The codes of languages in the names of modes, by which these call them: of two or three
    letters, some with a region (``pt_BR``, ``hbs_HR``). Modes that serve for tests, and norms of a
    language that are not a language of their own (``cat_valencia``, ``nno_e``), are left to the
    option ``codes``.

    >>> languages_of(["en-gl", "eng-hbs_HR", "eng-cat_valencia", "gl-pt-latin1"])
    ['en', 'eng', 'gl', 'hbs_HR']
    """
    pairs = (name.split("-") for name in modes)
    sides = {side for pair in pairs if len(pair) == 2 for side in pair}
    return sorted(
        side for side in sides if (code := wikimedia(side)) and bcp47(side) == bcp47(code)
    )


def _stages(mode: str, folders: Sequence[str]) -> Iterator[list[str]]:
    """The programs of a mode with ``-z``; ``$1`` (how unknown words are marked) is ``-g``,
    ``$2`` is empty."""
    for part in mode.strip().split("|"):
        words = [word for word in shlex.split(part.replace("$1", "-g").replace("$2", "")) if word]
        if not words:
            raise ValueError("a stage of the pipeline is empty")
        name = PurePath(words[0]).name
        if name not in PROGRAMS:
            raise ValueError(f"{name} is no program of Apertium that a mode needs")
        program = find_program(name, folders)
        if program is None:
            raise ValueError(f"there is no program {name} in {', '.join(folders)}")
        yield [program, "-z", *words[1:]]


def _until_nul(pipe: IO[bytes]) -> bytes:
    """What comes up to a NUL, waited for `PATIENCE` seconds."""
    data = bytearray()
    end = time.monotonic() + PATIENCE
    with selectors.DefaultSelector() as waiting:
        waiting.register(pipe, selectors.EVENT_READ)
        while True:
            if not waiting.select(max(0.0, end - time.monotonic())):
                raise TimeoutError("the pipeline is stuck")
            piece = os.read(pipe.fileno(), 65536)
            if not piece:
                raise BrokenPipeError("the pipeline ended")
            data += piece
            if data.endswith(b"\0"):
                return bytes(data[:-1])
