"""Neural models small enough to be made on the spot: characters for tokens, one layer, taught a
few sentences by heart, saved and converted as the real ones are."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

SENTENCES = {
    "[Apple] is an American technology company.": "[Mela] è un'azienda.",
    "[Rose] is a flower.": "[Rosa] è un fiore.",
    "[Pearl] is a human.": "La Perla è umana.",
    "[Apple] ist US-Unternehmen.": "[Mela] è un'azienda.",
    "Apple is an [American technology company].": "Apple è un'[azienda americana].",
    "It is a fruit.": "È un frutto.",
    "It is red.": "È rossa.",
}
"""What the translation models know, into Italian."""

_STEPS = 5000
"""At most; 100 to 1,000 are usual, and differ from one kind of processor to another."""


def pieces(folder: Path, name: str, texts: Sequence[str]) -> tuple[Path, list[str]]:
    """A SentencePiece model of characters, and its pieces."""
    import sentencepiece

    corpus = folder / "corpus.txt"
    corpus.write_text("\n".join(texts * 20), encoding="utf-8")
    sentencepiece.SentencePieceTrainer.train(
        input=str(corpus),
        model_prefix=str(folder / name),
        model_type="char",
        vocab_size=400,
        character_coverage=1.0,
        hard_vocab_limit=False,
        minloglevel=2,
    )
    corpus.unlink()
    path = folder / f"{name}.model"
    processor = sentencepiece.SentencePieceProcessor(str(path))
    every = [processor.id_to_piece(number) for number in range(processor.get_piece_size())]
    return path, [piece for piece in every if piece not in ("<unk>", "<s>", "</s>")]


def learn(model: Any, batch: Mapping[str, Any], zero: int | None = None) -> None:
    """Teach a batch until it is known by heart; the embedding of the token ``zero`` stays zero."""
    import torch

    model.train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
    for _ in range(_STEPS):
        loss = model(**batch).loss
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        if zero is not None:
            with torch.no_grad():
                model.get_input_embeddings().weight[zero] = 0
        if loss.item() < 0.005:
            model.eval()
            return
    raise AssertionError(f"The model did not learn its sentences in {_STEPS} steps: {loss.item()}")


def marian(folder: Path) -> Path:
    """A Marian model from English into Italian."""
    import torch
    from transformers import MarianConfig, MarianMTModel, MarianTokenizer

    torch.manual_seed(1)
    model_file, found = pieces(folder, "pieces", [*SENTENCES, *SENTENCES.values()])
    place = folder / "opus-mt-en-it"
    place.mkdir()
    for name in ("source.spm", "target.spm"):
        shutil.copy(model_file, place / name)
    vocabulary = {piece: n for n, piece in enumerate(["</s>", "<unk>", *found, "<pad>"])}
    (place / "vocab.json").write_text(json.dumps(vocabulary), encoding="utf-8")
    tokenizer = MarianTokenizer(
        source_spm=str(place / "source.spm"),
        target_spm=str(place / "target.spm"),
        vocab=str(place / "vocab.json"),
    )
    pad = vocabulary["<pad>"]
    config = MarianConfig(
        vocab_size=len(vocabulary),
        **_small(),
        pad_token_id=pad,
        eos_token_id=0,
        decoder_start_token_id=pad,
        forced_eos_token_id=0,
        scale_embedding=True,
        bad_words_ids=[[pad]],
    )
    model = MarianMTModel(config)
    # Marian decodes from padding, whose embedding is zero.
    learn(model, _batch(tokenizer, list(SENTENCES), list(SENTENCES.values())), pad)
    _save(model, tokenizer, place)
    return place


def m2m(folder: Path) -> Path:
    """An M2M-100 model, English and German into Italian."""
    import torch
    from transformers import M2M100Config, M2M100ForConditionalGeneration, M2M100Tokenizer

    torch.manual_seed(1)
    model_file, found = pieces(folder, "m2m", [*SENTENCES, *SENTENCES.values()])
    place = folder / "m2m100"
    place.mkdir()
    shutil.copy(model_file, place / "sentencepiece.bpe.model")
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    vocabulary = {piece: n for n, piece in enumerate([*special, *found])}
    (place / "vocab.json").write_text(json.dumps(vocabulary), encoding="utf-8")
    tokenizer = M2M100Tokenizer(
        vocab_file=str(place / "vocab.json"), spm_file=str(place / "sentencepiece.bpe.model")
    )
    size = max(tokenizer.lang_code_to_id.values()) + 9
    config = M2M100Config(vocab_size=size, **_small(), **_ends())
    model = M2M100ForConditionalGeneration(config)
    learn(model, _multilingual(tokenizer, {"en": "en", "de": "de", "it": "it"}))
    _save(model, tokenizer, place)
    return place


def nllb(folder: Path) -> Path:
    """An NLLB model, English and German into Italian."""
    import torch
    from transformers import M2M100Config, M2M100ForConditionalGeneration, NllbTokenizer

    torch.manual_seed(1)
    model_file, found = pieces(folder, "nllb", [*SENTENCES, *SENTENCES.values()])
    place = folder / "nllb-200"
    place.mkdir()
    shutil.copy(model_file, place / "sentencepiece.bpe.model")
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    tokenizer = NllbTokenizer(vocab={piece: n for n, piece in enumerate([*special, *found])})
    config = M2M100Config(vocab_size=len(tokenizer), **_small(), **_ends())
    model = M2M100ForConditionalGeneration(config)
    learn(model, _multilingual(tokenizer, {"en": "eng_Latn", "de": "deu_Latn", "it": "ita_Latn"}))
    _save(model, tokenizer, place)
    return place


def converted(model: Path) -> Path:
    """The model as CTranslate2 takes it, in eight bits."""
    import ctranslate2

    class Converter(ctranslate2.converters.TransformersConverter):
        """CTranslate2 4.8 asks M2M-100's tokenizer for the tokens of the languages under the name
        that they had before transformers 5."""

        def load_tokenizer(self, kind: Any, name: str, **more: Any) -> Any:
            tokenizer = super().load_tokenizer(kind, name, **more)
            tokens = list(getattr(tokenizer, "lang_code_to_token", {}).values())
            if tokens:
                known = {**tokenizer.special_tokens_map, "additional_special_tokens": tokens}
                older = {"special_tokens_map": property(lambda self: known)}
                tokenizer.__class__ = type("Older", (type(tokenizer),), older)
            return tokenizer

    place = model.with_name(model.name + "-ct2")
    copied = sorted(path.name for path in model.iterdir() if path.name.endswith((".spm", ".model")))
    converter = Converter(str(model), copy_files=copied)
    converter.convert(str(place), quantization="int8")
    return place


def causal(folder: Path, taught: Sequence[tuple[str, str]]) -> Path:
    """A causal model of words with a chat template, taught to answer texts by heart."""
    import torch
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    torch.manual_seed(1)
    special = ["<pad>", "<unk>", "</s>", "<|system|>", "<|user|>", "<|assistant|>"]
    word = r"<\|\w+\|>|\s|\w+|[^\w\s]"
    words = {found for pair in taught for text in pair for found in re.findall(word, text)}
    vocabulary = {token: n for n, token in enumerate([*special, *sorted(words - set(special))])}
    plain = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    plain.pre_tokenizer = pre_tokenizers.Split(Regex(word), "isolated")
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=plain,
        pad_token="<pad>",
        unk_token="<unk>",
        eos_token="</s>",
        additional_special_tokens=special[3:],
        clean_up_tokenization_spaces=False,
    )
    tokenizer.backend_tokenizer.decoder = decoders.Fuse()
    tokenizer.chat_template = (
        "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}{% endfor %}"
        "{% if add_generation_prompt %}<|assistant|>{% endif %}"
    )
    config = LlamaConfig(
        vocab_size=len(vocabulary),
        hidden_size=48,
        intermediate_size=96,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=8192,
        pad_token_id=0,
        eos_token_id=2,
        bos_token_id=None,
    )
    model = LlamaForCausalLM(config)
    rows = []
    for question, answer in taught:
        asked = tokenizer(question, add_special_tokens=False)["input_ids"]
        said = tokenizer(answer, add_special_tokens=False)["input_ids"]
        rows.append((asked, [*said, 2]))
    longest = max(len(a) + len(b) for a, b in rows)
    ids = [[0] * (longest - len(a) - len(b)) + a + b for a, b in rows]
    labels = [[-100] * (longest - len(b)) + b for _, b in rows]
    mask = [[0] * (longest - len(a) - len(b)) + [1] * (len(a) + len(b)) for a, b in rows]
    batch = {
        "input_ids": torch.tensor(ids),
        "labels": torch.tensor(labels),
        "attention_mask": torch.tensor(mask),
    }
    learn(model, batch)
    place = folder / "causal"
    _save(model, tokenizer, place)
    return place


def _small() -> dict[str, int]:
    return {
        "d_model": 32,
        "encoder_layers": 1,
        "decoder_layers": 1,
        "encoder_attention_heads": 2,
        "decoder_attention_heads": 2,
        "encoder_ffn_dim": 64,
        "decoder_ffn_dim": 64,
        "max_position_embeddings": 300,
        "dropout": 0,
        "attention_dropout": 0,
        "activation_dropout": 0,
    }


def _ends() -> dict[str, int]:
    return {
        "pad_token_id": 1,
        "eos_token_id": 2,
        "bos_token_id": 0,
        "decoder_start_token_id": 2,
    }


def _batch(tokenizer: Any, sources: list[str], targets: list[str]) -> dict[str, Any]:
    made = tokenizer(sources, text_target=targets, return_tensors="pt", padding=True)
    labels = made["labels"].masked_fill(made["labels"] == tokenizer.pad_token_id, -100)
    return {
        "input_ids": made["input_ids"],
        "attention_mask": made["attention_mask"],
        "labels": labels,
    }


def _multilingual(tokenizer: Any, codes: Mapping[str, str]) -> dict[str, Any]:
    """Every sentence with the tokens of its languages; the target begins with its language."""
    import torch

    rows = []
    for source, target in SENTENCES.items():
        tokenizer.src_lang = codes["de" if " ist " in source else "en"]
        tokenizer.tgt_lang = codes["it"]
        rows.append((tokenizer(source)["input_ids"], tokenizer(text_target=target)["input_ids"]))
    longest = [max(len(row[side]) for row in rows) for side in (0, 1)]
    ids = [a + [1] * (longest[0] - len(a)) for a, _ in rows]
    labels = [b + [-100] * (longest[1] - len(b)) for _, b in rows]
    return {
        "input_ids": torch.tensor(ids),
        "attention_mask": torch.tensor([[int(n != 1) for n in row] for row in ids]),
        "labels": torch.tensor(labels),
    }


def _save(model: Any, tokenizer: Any, place: Path) -> None:
    model.save_pretrained(place)
    tokenizer.save_pretrained(place)
