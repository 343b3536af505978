"""Files as training reads and writes them: text, JSON, weights; whole results or none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from kgenrich.errors import InputError

Arrays = Mapping[str, NDArray[Any]]
C = TypeVar("C", bound=Struct)


def find_file(folder: Path, *names: str) -> Path | None:
    """The first file of these names that the folder has, plain or ``.gz``."""
    paths = (folder / (name + suffix) for name in names for suffix in ("", ".gz"))
    return next((path for path in paths if path.is_file()), None)


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Let ``write`` fill a file beside the target, which then takes its place."""
    beside = path.with_name(path.name + ".part")
    write(beside)
    beside.chmod(0o644)
    beside.replace(path)


def write_json(path: Path, value: Any) -> None:
    """Write a value as JSON that people can read."""
    text = msgspec.json.format(msgspec.json.encode(value))
    write_whole(path, lambda beside: beside.write_bytes(text))


class AdapterCard(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a file of adapters says of itself.

    ``base`` is the encoder that they were trained on, ``parts`` the kinds of knowledge, ``inner``
    the width of bottlenecks and ``active`` what is used once they are loaded.
    """

    format: str = "kgenrich-adapter-1"
    kind: str
    base: str
    parts: tuple[str, ...] = ()
    inner: int = 0
    active: str = ""


def write_arrays(path: Path, card: Struct, arrays: Arrays) -> None:
    """Write a card and arrays of any shapes and types."""
    from safetensors.numpy import save_file

    # One entry alone: safetensors writes several in any order, and equal weights should be equal
    # bytes.
    metadata = {"card": msgspec.json.encode(card).decode()}
    tensors = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    write_whole(path, lambda beside: save_file(tensors, beside, metadata))


def read_arrays(path: Path, card: type[C], kind: str) -> tuple[C, Arrays]:
    """The card and the arrays of a file. Raises `InputError` when it is none of this ``kind``."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            read = msgspec.json.decode((file.metadata() or {}).get("card", ""), type=card)
            return read, {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError, msgspec.MsgspecError) as error:
        raise InputError(f"{path} is no {kind}: {error}.") from error
