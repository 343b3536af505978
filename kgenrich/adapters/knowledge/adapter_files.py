"""Files of trained adapters: a change of the n-gram table, or a set of sites with its fusion."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from kgenrich.adapters.encoder.name_encoder import Encoder, NameEncoder, Vectors
from kgenrich.adapters.encoder.name_tables import Ints
from kgenrich.errors import InputError

if TYPE_CHECKING:
    from torch import nn

_FORMAT = "kgenrich-adapter-1"


class Card(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a file of adapters says of itself. ``base`` is the encoder that it was trained on."""

    format: str = _FORMAT
    kind: str
    base: str
    parts: tuple[str, ...] = ()
    inner: int = 0
    active: str = ""


def save_change(path: Path, base: str, rows: Ints, change: Vectors) -> None:
    """Write a change of the n-gram table."""
    from safetensors.numpy import save_file

    card = Card(kind="ngrams", base=base)
    tensors: dict[str, NDArray[Any]] = {
        "rows": rows.astype(np.int32),
        "change": change.astype(np.float16),
    }
    _write(path, lambda beside: save_file(tensors, beside, _said(card)))


def save_sites(
    path: Path, base: str, sites: nn.ModuleList, parts: Sequence[str], inner: int, active: str
) -> None:
    """Write the adapters and gates of all sites; ``active`` is what is used when loaded."""
    card = Card(kind="sites", base=base, parts=tuple(parts), inner=inner, active=active)
    _save_module(path, sites, card)


def save_module(path: Path, kind: str, base: str, module: nn.Module, inner: int) -> None:
    """Write adapters of another kind: only what trained them can load them."""
    _save_module(path, module, Card(kind=kind, base=base, inner=inner))


def _save_module(path: Path, module: nn.Module, card: Card) -> None:
    from safetensors.torch import save_file

    tensors = {key: value.contiguous() for key, value in module.state_dict().items()}
    _write(path, lambda beside: save_file(tensors, beside, _said(card)))


def _said(card: Card) -> dict[str, str]:
    return {"card": msgspec.json.encode(card).decode()}


def _write(path: Path, save: Callable[[Path], None]) -> None:
    """Write beside the target and then in its place."""
    beside = path.with_name(path.name + ".part")
    save(beside)
    beside.chmod(0o644)
    beside.replace(path)


def load_adapted(path: Path, base: str | None = None) -> Encoder:
    """The encoder of a file of adapters; ``base`` overrides the one it was trained on.

    Raises `InputError` when the file is none, or does not fit the encoder.
    """
    try:
        with safe_open(path, framework="numpy") as file:
            card = msgspec.json.decode((file.metadata() or {}).get("card", ""), type=Card)
            if card.kind == "ngrams":
                frozen = NameEncoder.load(Path(base) if base else None)
                return frozen.changed(file.get_tensor("rows"), file.get_tensor("change"))
        return _with_sites(path, card, base)
    except (SafetensorError, OSError, KeyError, IndexError, msgspec.MsgspecError) as error:
        raise InputError(f"{path} is no file of adapters: {error}.") from error
    except (RuntimeError, ValueError) as error:
        raise InputError(f"The adapters {path} do not fit the encoder.") from error


def _with_sites(path: Path, card: Card, base: str | None) -> Encoder:
    from safetensors.torch import load_file

    from kgenrich.adapters.knowledge.adapter_modules import activate
    from kgenrich.adapters.knowledge.adapter_training import make_sites
    from kgenrich.adapters.knowledge.backbone import BackboneEncoder, open_backbone

    backbone = open_backbone(base or card.base)
    sites = make_sites(backbone, card.parts, card.inner, 0)
    sites.load_state_dict(load_file(path))
    activate(sites, card.active)
    return BackboneEncoder(backbone, sites)
