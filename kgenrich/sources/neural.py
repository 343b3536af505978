"""Loading models of transformers from a directory, or by the id of one that was downloaded."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from kgenrich.errors import SourceStopped


def load(kind: str, model: str, device: str = "auto") -> tuple[Any, Any]:
    """A model of the class (``AutoModelForSeq2SeqLM``) and its tokenizer, ready to be asked, on the
    ``device``, for ``auto`` the GPU when there is one.

    A directory is read as it is; a hub id only from what was downloaded before, for nothing is
    fetched behind the user's back. Code that comes with a model is never run, and weights are read
    from safetensors. Raises `SourceStopped` in one sentence.
    """
    try:
        import torch
        import transformers
    except ImportError as error:
        raise SourceStopped(
            "It needs the extra packages for neural models: pip install 'kgenrich[neural]'."
        ) from error
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    place = str(Path(model).expanduser()) if Path(model).expanduser().exists() else model
    quiet = {"local_files_only": True, "trust_remote_code": False}
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(place, **quiet)
        # Else adapters of peft are looked for on the hub even if all else is local.
        here = {"adapter_kwargs": {"local_files_only": True}, **quiet}
        loaded = getattr(transformers, kind).from_pretrained(
            place, use_safetensors=True, dtype="auto", **here
        )
        if device == "auto":
            device = "cuda" if torch.cuda.is_available() else "cpu"
        if device == "cpu" and loaded.dtype in (torch.float16, torch.bfloat16):
            loaded = loaded.float()
        return loaded.to(device).eval(), tokenizer
    except Exception as error:
        # What a broken file raises differs by format and version.
        why = " ".join(str(error).split())[:200].rstrip(".")
        raise SourceStopped(f"The model {model} cannot be loaded: {why}.") from error
