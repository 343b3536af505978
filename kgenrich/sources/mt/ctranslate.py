"""The source ``ctranslate2``: Marian, M2M-100 and NLLB models converted for CTranslate2.

A directory holds what the converter writes (``model.bin``, ``config.json``, the vocabularies) and
the SentencePiece models, which ``--copy_files`` brings along.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from math import exp
from pathlib import Path
from typing import Any

from kgenrich.errors import SourceStopped
from kgenrich.sources.base import SourceContext
from kgenrich.sources.mt.family import (
    LONGEST,
    Family,
    NeuralOptions,
    affixes,
    neural_source,
    place_of,
    speaks,
)
from kgenrich.sources.mt.local import LocalTranslation, by_group
from kgenrich.sources.mt.source import Job, Translated

_PIECES = {
    "marian": ("source.spm",),
    "m2m-100": ("sentencepiece.bpe.model", "spm.128k.model", "sentencepiece.model"),
    "nllb": (
        "sentencepiece.bpe.model",
        "flores200_sacrebleu_tokenizer_spm.model",
        "sentencepiece.model",
    ),
}


class CTranslateEngine:
    """Translates with the models of a directory, loaded when the first sentence needs one."""

    def __init__(self, options: NeuralOptions, family: Family) -> None:
        self._options = options
        self._family: Family = family
        self._loaded: dict[str, tuple[Any, Any, Any]] = {}

    def speaks(self, source: str, target: str) -> bool:
        """Whether there is a model for the pair."""
        folder = Path(place_of(self._options.model, source, target)).expanduser()
        known = speaks(self._options, self._family, source, target)
        return known and (folder / "model.bin").is_file()

    def translate(self, jobs: Sequence[Job]) -> list[Translated]:
        """See `Engine.translate`; sentences of one model and target go in one batch."""

        def folder(job: Job) -> str:
            return place_of(self._options.model, job.source, job.target)

        return by_group(jobs, folder, self._batch)

    def _batch(self, folder: str, jobs: Sequence[Job]) -> list[Translated]:
        translator, source, target = self._load(folder)
        around = [affixes(self._family, job.source, job.target) for job in jobs]
        tokens = [
            [*a.before, *source.encode(job.sentence.text, out_type=str), *a.after]
            for a, job in zip(around, jobs, strict=True)
        ]
        prefix = [list(a.target) for a in around] if any(a.target for a in around) else None
        results = translator.translate_batch(
            tokens,
            target_prefix=prefix,
            beam_size=self._options.beam,
            max_decoding_length=LONGEST,
            max_batch_size=self._options.batch,
            return_scores=True,
        )
        made = []
        for a, result in zip(around, results, strict=True):
            pieces = result.hypotheses[0]
            if pieces[: len(a.target)] == list(a.target):
                pieces = pieces[len(a.target) :]
            made.append(Translated(target.decode(pieces), exp(min(0.0, result.scores[0]))))
        return made

    def _load(self, folder: str) -> tuple[Any, Any, Any]:
        if folder not in self._loaded:
            try:
                import ctranslate2
                import sentencepiece
            except ImportError as error:
                raise SourceStopped(
                    "It needs the extra packages for neural models: pip install 'kgenrich[neural]'."
                ) from error
            path = Path(folder).expanduser()
            try:
                translator = ctranslate2.Translator(
                    str(path),
                    device=self._options.device,
                    intra_threads=self._options.threads,
                )
                source = sentencepiece.SentencePieceProcessor(str(_pieces(path, self._family)))
                target = source
                if (path / "target.spm").is_file():
                    target = sentencepiece.SentencePieceProcessor(str(path / "target.spm"))
            except (RuntimeError, ValueError, OSError) as error:
                why = " ".join(str(error).split())[:200].rstrip(".")
                raise SourceStopped(f"The model {folder} cannot be loaded: {why}.") from error
            self._loaded[folder] = translator, source, target
        return self._loaded[folder]


def find_family(options: NeuralOptions) -> Family | None:
    """Which family the model is of, by the files beside it and the tokens it knows."""
    if "{source}" in options.model:
        return "marian"
    path = Path(options.model).expanduser()
    if not (path / "model.bin").is_file():
        raise SourceStopped(f"There is no CTranslate2 model (model.bin) in {options.model}.")
    if (path / "source.spm").is_file():
        return "marian"
    known: set[str] = set()
    for name in ("shared_vocabulary.json", "source_vocabulary.json"):
        if (path / name).is_file():
            known.update(json.loads((path / name).read_text("utf-8")))
    if "eng_Latn" in known:
        return "nllb"
    if "__en__" in known:
        return "m2m-100"
    return None


def factory(context: SourceContext) -> LocalTranslation:
    """A converted model (a `SourceFactory`)."""
    return neural_source(context, "ctranslate2", find_family, CTranslateEngine)


def _pieces(path: Path, family: Family) -> Path:
    for name in _PIECES[family]:
        if (path / name).is_file():
            return path / name
    raise OSError(f"it has no SentencePiece model ({' or '.join(_PIECES[family])})")
