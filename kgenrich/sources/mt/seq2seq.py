"""The source ``transformers-mt``: Marian, M2M-100 and NLLB models as transformers loads them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from kgenrich.errors import SourceStopped
from kgenrich.sources.base import SourceContext
from kgenrich.sources.mt.family import (
    LONGEST,
    Family,
    NeuralOptions,
    neural_source,
    place_of,
    speaks,
)
from kgenrich.sources.mt.local import LocalTranslation, by_group
from kgenrich.sources.mt.source import Job, Translated


class _Config(msgspec.Struct):
    model_type: str = ""
    tokenizer_class: str | None = None


class Seq2SeqEngine:
    """Translates with `AutoModelForSeq2SeqLM`, loaded when the first sentence needs one."""

    def __init__(self, options: NeuralOptions, family: Family) -> None:
        self._options = options
        self._family: Family = family
        self._loaded: dict[str, tuple[Any, Any]] = {}

    def speaks(self, source: str, target: str) -> bool:
        """Whether there is a model for the pair; a hub id is known only when it is loaded."""
        model = self._options.model
        folder = Path(place_of(model, source, target)).expanduser()
        there = not model.startswith((".", "/", "~")) or (folder / "config.json").is_file()
        return there and speaks(self._options, self._family, source, target)

    def translate(self, jobs: Sequence[Job]) -> list[Translated]:
        """See `Engine.translate`; sentences of one pair go in one batch."""
        return by_group(jobs, _pair_of, self._pair)

    def _pair(self, pair: tuple[str, str], jobs: Sequence[Job]) -> Iterator[Translated]:
        for start in range(0, len(jobs), self._options.batch):
            some = jobs[start : start + self._options.batch]
            yield from self._batch(*pair, [job.sentence.text for job in some])

    def _batch(self, source: str, target: str, texts: Sequence[str]) -> list[Translated]:
        import torch

        model, tokenizer = self._load(place_of(self._options.model, source, target))
        forced = {}
        if self._family != "marian":
            tokenizer.src_lang = source
            token = target if self._family == "nllb" else f"__{target}__"
            forced = {"forced_bos_token_id": tokenizer.convert_tokens_to_ids(token)}
        inputs = tokenizer(
            list(texts), return_tensors="pt", padding=True, truncation=True, max_length=LONGEST
        )
        with torch.inference_mode():
            made = model.generate(
                **inputs.to(model.device),
                num_beams=self._options.beam,
                do_sample=False,
                max_new_tokens=LONGEST,
                output_scores=True,
                return_dict_in_generate=True,
                **forced,
            )
        # A translation begins with the start token and, if forced, that of the language, which not
        # every tokenizer takes for special.
        begin = 2 if forced else 1
        said = tokenizer.batch_decode(made.sequences[:, begin:], skip_special_tokens=True)
        sure = _confidence(model, made, self._options.beam)
        return [Translated(text, value) for text, value in zip(said, sure, strict=True)]

    def _load(self, place: str) -> tuple[Any, Any]:
        if place not in self._loaded:
            from kgenrich.sources.neural import load

            self._loaded[place] = load("AutoModelForSeq2SeqLM", place, self._options.device)
        return self._loaded[place]


def find_family(options: NeuralOptions) -> Family | None:
    """Which family the model is of, by its configuration, else by its id."""
    path = Path(options.model).expanduser()
    kind = ""
    for name in ("config.json", "tokenizer_config.json"):
        if (path / name).is_file():
            try:
                config = msgspec.json.decode((path / name).read_bytes(), type=_Config)
            except msgspec.MsgspecError as error:
                raise SourceStopped(f"{path / name} cannot be read: {error}.") from error
            kind += f" {config.model_type} {config.tokenizer_class or ''}".lower()
    kind = kind or options.model.lower()
    if "nllb" in kind:
        return "nllb"
    if "m2m" in kind:
        return "m2m-100"
    if "marian" in kind or "opus" in kind or "{source}" in options.model:
        return "marian"
    return None


def factory(context: SourceContext) -> LocalTranslation:
    """A model of transformers (a `SourceFactory`)."""
    return neural_source(context, "transformers-mt", find_family, Seq2SeqEngine)


def _pair_of(job: Job) -> tuple[str, str]:
    return job.source, job.target


def _confidence(model: Any, made: Any, beams: int) -> list[float]:
    """The mean probability of the tokens of each sequence, from their log-probabilities."""
    import torch

    steps = model.compute_transition_scores(
        made.sequences,
        made.scores,
        made.beam_indices if beams > 1 else None,
        normalize_logits=beams == 1,
    )
    real = torch.isfinite(steps) & (steps < 0)
    steps = torch.where(real, steps, torch.zeros_like(steps))
    mean = steps.sum(dim=1) / real.sum(dim=1).clamp(min=1)
    return [float(value) for value in mean.exp()]
