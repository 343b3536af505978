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
from kgenrich.sources.mt.local import LONGEST, Family, NeuralTranslation
from kgenrich.sources.mt.source import Job, Translated

_PIECES: dict[Family, tuple[str, ...]] = {
    "marian": ("source.spm",),
    "m2m-100": ("sentencepiece.bpe.model", "spm.128k.model", "sentencepiece.model"),
    "nllb": (
        "sentencepiece.bpe.model",
        "flores200_sacrebleu_tokenizer_spm.model",
        "sentencepiece.model",
    ),
}


class CTranslate(NeuralTranslation):
    """See the module."""

    adapter = "ctranslate2"

    @staticmethod
    def find_family(model: str) -> Family | None:
        """By the files beside the model and the tokens it knows."""
        path = Path(model).expanduser()
        if "{source}" in model:
            return "marian"
        if not (path / "model.bin").is_file():
            return None
        if (path / "source.spm").is_file():
            return "marian"
        known: set[str] = set()
        for name in ("shared_vocabulary.json", "source_vocabulary.json"):
            if (path / name).is_file():
                known.update(json.loads((path / name).read_text("utf-8")))
        return "nllb" if "eng_Latn" in known else "m2m-100" if "__en__" in known else None

    def is_there(self, folder: Path) -> bool:
        return (folder / "model.bin").is_file()

    def group(self, job: Job) -> str:
        """One model's, whatever their languages."""
        return self.place(job.source, job.target)

    def translate_group(self, jobs: Sequence[Job]) -> list[Translated]:
        translator, source, target = self.loaded(self.group(jobs[0]))
        texts = [[*source.encode(job.sentence.text, out_type=str), "</s>"] for job in jobs]
        prefixes: list[list[str]] | None = None
        if self.family != "marian":
            texts = [[self.tag(job.source), *text] for job, text in zip(jobs, texts, strict=True)]
            prefixes = [[self.tag(job.target)] for job in jobs]
        results = translator.translate_batch(
            texts,
            target_prefix=prefixes,
            beam_size=self.options.beam,
            max_decoding_length=LONGEST,
            max_batch_size=self.options.batch,
            return_scores=True,
        )
        made = []
        for prefix, result in zip(prefixes or [[] for _ in jobs], results, strict=True):
            pieces = result.hypotheses[0]
            if pieces[: len(prefix)] == prefix:
                pieces = pieces[len(prefix) :]
            made.append(Translated(target.decode(pieces), exp(min(0.0, result.scores[0]))))
        return made

    def load(self, place: str) -> tuple[Any, ...]:
        try:
            import ctranslate2
            from sentencepiece import SentencePieceProcessor
        except ImportError as error:
            raise SourceStopped(
                "It needs the extra packages for neural models: pip install 'kgenrich[neural]'."
            ) from error
        path = Path(place).expanduser()
        names = _PIECES[self.family]
        try:
            translator = ctranslate2.Translator(
                str(path), device=self.options.device, intra_threads=self.options.threads
            )
            pieces = next((path / name for name in names if (path / name).is_file()), None)
            if pieces is None:
                raise OSError(f"it has no SentencePiece model ({' or '.join(names)})")
            source = target = SentencePieceProcessor(str(pieces))
            if (path / "target.spm").is_file():
                target = SentencePieceProcessor(str(path / "target.spm"))
        except (RuntimeError, ValueError, OSError) as error:
            why = " ".join(str(error).split())[:200].rstrip(".")
            raise SourceStopped(f"The model {place} cannot be loaded: {why}.") from error
        return translator, source, target


factory = CTranslate
"""A converted model (a `SourceFactory`)."""
