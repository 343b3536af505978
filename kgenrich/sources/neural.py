"""Loading models of transformers from a directory, or by the id of one that was downloaded."""

from __future__ import annotations

from typing import Any

from kgenrich.errors import InputError, SourceStopped


def load(kind: str, model: str, device: str = "auto") -> tuple[Any, Any]:
    """A model of the class (``AutoModelForSeq2SeqLM``) and its tokenizer, ready to be asked, on the
    ``device``, for ``auto`` the GPU when there is one.

    A directory is read as it is; a hub id only from what was downloaded before, for nothing is
    fetched behind the user's back. Raises `SourceStopped` in one sentence, also for what
    `kgenrich.adapters.knowledge.pretrained` does not read.
    """
    from kgenrich.adapters.knowledge.pretrained import load_pretrained

    try:
        import torch

        loaded, tokenizer = load_pretrained(kind, model, dtype="auto")
        if device == "auto":
            device = "cuda" if torch.cuda.is_available() else "cpu"
        if device == "cpu" and loaded.dtype in (torch.float16, torch.bfloat16):
            loaded = loaded.float()
        return loaded.to(device).eval(), tokenizer
    except ImportError as error:
        raise SourceStopped(
            "It needs the extra packages for neural models: pip install 'kgenrich[neural]'."
        ) from error
    except InputError as error:
        raise SourceStopped(str(error)) from error
    except Exception as error:
        # What a broken file raises differs by format and version.
        why = " ".join(str(error).split())[:200].rstrip(".")
        raise SourceStopped(f"The model {model} cannot be loaded: {why}.") from error
