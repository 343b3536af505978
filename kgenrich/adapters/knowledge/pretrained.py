"""Loading what others have trained with transformers: weights are data and never code.

Code that comes with a model is not run, and weights are read from safetensors alone: a pickle
(``pytorch_model.bin``) is a program that reading it runs.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from kgenrich.errors import InputError

_PICKLES = frozenset({".bin", ".pt", ".pth", ".pkl", ".ckpt"})


def load_pretrained(kind: str, name: str, *, local: bool = True, **more: Any) -> tuple[Any, Any]:
    """A model of the class (``AutoModel``) and its tokenizer, by a folder or the id of one on the
    hub; ``local`` takes only what was downloaded before.

    Raises `InputError` in one sentence, ``ImportError`` without the extra packages, and ``OSError``
    where there is no such model here.
    """
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    # A configuration can name code on the hub for parts of a model.
    os.environ["USE_HUB_KERNELS"] = "NO"
    import transformers

    place = Path(name).expanduser()
    name = str(place) if place.exists() else name
    check_weights(name)
    here = {"local_files_only": local, "trust_remote_code": False}
    try:
        model = getattr(transformers, kind).from_pretrained(
            name,
            use_safetensors=True,
            # Else adapters of peft are looked for on the hub even if all else is local.
            adapter_kwargs={"local_files_only": local},
            **here,
            **more,
        )
        return model, transformers.AutoTokenizer.from_pretrained(name, **here)
    except (OSError, ValueError) as error:
        if "trust_remote_code" in str(error):
            raise InputError(
                f"The model {name} needs code of its own, which is never run: take one of a kind "
                "that transformers has itself."
            ) from error
        raise


def check_weights(name: str) -> None:
    """Raises `InputError` for a model on this machine, a folder or an id, whose weights are no
    safetensors."""
    folder = Path(name) if Path(name).is_dir() else _downloaded(name)
    if folder is None:
        return
    adapter = "adapter_model" if (folder / "adapter_config.json").is_file() else ""
    files = [path for path in folder.iterdir() if path.name.startswith(adapter)]
    pickled = sorted(path.name for path in files if path.suffix in _PICKLES)
    if pickled and not any(path.suffix == ".safetensors" for path in files):
        raise InputError(
            f"The weights of {name} are {pickled[0]}, which can run code when it is read: take a "
            "revision with model.safetensors, or convert them where you trust them "
            "(https://huggingface.co/docs/safetensors/convert-weights)."
        )


def _downloaded(name: str) -> Path | None:
    """The folder of a model that was downloaded from the hub."""
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        found = (try_to_load_from_cache(name, f"{one}config.json") for one in ("", "adapter_"))
        return next((Path(path).parent for path in found if isinstance(path, str)), None)
    except HFValidationError:
        return None
