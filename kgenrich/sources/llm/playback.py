"""The source ``llm-file``: recorded answers of a language model, played from files.

One file a language and model, ``LANGUAGE.MODEL.json``, a JSON object a line:
``{"wikidata_id": "Q42", "values": [[1, "Douglas Adams", true], ...]}``, each value a score or
rank, a name, and whether the model gave it as the main name. So are the answers released with
WikiKGE-10 (Conia et al., 2023).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import msgspec
from msgspec import Struct

from kgenrich.errors import InputError, SourceStopped
from kgenrich.model import Candidate, Evidence, SourceKind, TermRequest
from kgenrich.sources.base import FreeSource, SourceContext
from kgenrich.sources.plausible import plausible
from kgenrich.sources.remote_source import require_option


class PlaybackOptions(Struct, frozen=True, forbid_unknown_fields=True):
    """``[sources.llm-file]``: the ``folder`` of the files, the ``model`` in their names, and the
    ``licence`` of the answers."""

    folder: str = ""
    model: str = ""
    licence: str = ""


class _Row(Struct):
    wikidata_id: str
    values: list[tuple[float, str, bool]] = []


class Playback(FreeSource):
    """See the module. Names answer requests for labels and aliases; it knows nothing else.

    Raises `SourceStopped` where there are no files of the model.
    """

    kind = SourceKind.LLM

    def __init__(self, context: SourceContext) -> None:
        options = context.read(PlaybackOptions)
        require_option(options.folder, "folder", '"gpt"')
        require_option(options.model, "model", '"gpt-4"')
        folder = Path(options.folder).expanduser()
        if not any(folder.glob(f"*.{options.model}.json")):
            raise SourceStopped(f"There is no file *.{options.model}.json in {folder}.")
        self.name, self.licence, self.model = context.name, options.licence, options.model
        self._names = cache(lambda language: _read(folder / f"{language}.{options.model}.json"))

    def candidates(self, request: TermRequest) -> Iterator[Candidate]:
        """The recorded names, in their order; a language without a file is abstained from."""
        if request.kind.is_name:
            names = self._names(request.language).get(request.entity.id, ())
            texts = dict.fromkeys(t for name in names if (t := plausible(request, name)))
            for rank, text in enumerate(texts, 1):
                note = f"answer {rank} of {self.model}, recorded"
                evidence = Evidence(
                    self.name, self.kind, raw=text, rank=rank, licence=self.licence, note=note
                )
                yield request.candidate(text, evidence)


factory = Playback
"""Recorded answers (a `SourceFactory`)."""


def _read(path: Path) -> dict[str, tuple[str, ...]]:
    """The names by entity; none where there is no such file."""
    names = {}
    for number, line in enumerate(path.read_bytes().split(b"\n") if path.is_file() else (), 1):
        try:
            if line.strip():
                row = msgspec.json.decode(line, type=_Row)
                names[row.wikidata_id] = tuple(name for _, name, _ in row.values)
        except (msgspec.MsgspecError, ValueError) as error:
            why = f"{path}, line {number}, is no recorded answer: {error}."
            raise InputError(why) from error
    return names
