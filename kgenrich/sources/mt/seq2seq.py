"""The source ``transformers-mt``: Marian, M2M-100 and NLLB models as transformers loads them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from kgenrich.errors import SourceStopped
from kgenrich.sources.mt.local import LONGEST, Family, NeuralTranslation
from kgenrich.sources.mt.source import Job, Translated
from kgenrich.sources.neural import load


class _Config(msgspec.Struct):
    model_type: str = ""
    tokenizer_class: str | None = None


class Seq2Seq(NeuralTranslation):
    """With `AutoModelForSeq2SeqLM`."""

    adapter = "transformers-mt"

    @staticmethod
    def find_family(model: str) -> Family | None:
        """By the configuration, else by the id."""
        kind = ""
        for name in ("config.json", "tokenizer_config.json"):
            path = Path(model).expanduser() / name
            if path.is_file():
                try:
                    config = msgspec.json.decode(path.read_bytes(), type=_Config)
                except msgspec.MsgspecError as error:
                    raise SourceStopped(f"{path} cannot be read: {error}.") from error
                kind += f" {config.model_type} {config.tokenizer_class or ''}".lower()
        kind = kind or model.lower()
        signs: dict[str, Family] = {
            "nllb": "nllb",
            "m2m": "m2m-100",
            "marian": "marian",
            "opus": "marian",
        }
        family = next((family for sign, family in signs.items() if sign in kind), None)
        return family or ("marian" if "{source}" in model else None)

    def is_there(self, folder: Path) -> bool:
        """A hub id is known only when it is loaded."""
        is_id = not self.options.model.startswith((".", "/", "~"))
        return is_id or (folder / "config.json").is_file()

    def load(self, place: str) -> tuple[Any, ...]:
        return load("AutoModelForSeq2SeqLM", place, self.options.device)

    def translate_group(self, jobs: Sequence[Job]) -> Iterator[Translated]:
        for start in range(0, len(jobs), self.options.batch):
            yield from self._batch(jobs[start : start + self.options.batch])

    def _batch(self, jobs: Sequence[Job]) -> Iterator[Translated]:
        import torch

        source, target = jobs[0].source, jobs[0].target
        model, tokenizer = self.loaded(self.place(source, target))
        forced = {}
        if self.family != "marian":
            tokenizer.src_lang = source
            forced["forced_bos_token_id"] = tokenizer.convert_tokens_to_ids(self.tag(target))
        texts = [job.sentence.text for job in jobs]
        inputs = tokenizer(
            texts, return_tensors="pt", padding=True, truncation=True, max_length=LONGEST
        )
        with torch.inference_mode():
            made = model.generate(
                **inputs.to(model.device),
                num_beams=self.options.beam,
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
        sure = _confidence(model, made, self.options.beam)
        yield from map(Translated, said, sure)


factory = Seq2Seq
"""A model of transformers (a `SourceFactory`)."""


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
    mean = steps.where(real, 0).sum(dim=1) / real.sum(dim=1).clamp(min=1)
    return [float(value) for value in mean.exp()]
