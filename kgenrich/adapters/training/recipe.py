"""Recipes: TOML files that say what is trained, from what, and how."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from kgenrich.adapters.encoder.ngrams import NgramSpec
from kgenrich.errors import InputError, UsageError


class Plan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long to train and when to look.

    The learning rate rises over ``warmup`` (a share of the steps) and falls to 0 in a straight
    line. The development part is scored every ``check`` steps (0: at the end only); training
    ends early after ``patience`` scores without a better one (0: never), and the best state is
    kept.
    """

    steps: int
    seed: int = 0
    threads: int = 1
    warmup: float = 0.03
    check: int = 0
    patience: int = 0
    checkpoint: int = 500


class NameModel(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The shape of the encoder and how it is trained.

    ``dropout`` is the share of n-grams left out of a training batch; ``evenness`` the power of
    the number of pairs with which languages are drawn (1: as they come, 0: all alike); ``cross``
    and ``within`` the shares of batches between two languages neither of which is the hub, and
    between two names of the hub.
    """

    ngrams: NgramSpec = NgramSpec()
    dimension: int = 128
    hidden: int = 256
    batch: int = 1024
    temperature: float = 0.07
    dropout: float = 0.2
    table_rate: float = 0.05
    layer_rate: float = 1e-3
    evenness: float = 0.6
    cross: float = 0.1
    within: float = 0.05
    fewest: int = 300
    test: int = 5
    development: int = 1


class NamesRecipe(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="names", tag_field="kind"
):
    """The shipped name encoder. ``terms`` is a TSV of terms, relative to the data folder.

    ``without`` are text files and folders of such: every entity whose id (``Q42``) stands in one
    is left out, so that what is measured on these entities is not memory.
    """

    name: str
    terms: str
    train: Plan
    model: NameModel = NameModel()
    without: tuple[str, ...] = ()


class SetModel(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Bottlenecks of width ``inner`` and their training; ``development`` is the share of
    entities that are held out.
    """

    inner: int = 64
    batch: int = 128
    temperature: float = 0.07
    rate: float = 1e-3
    development: float = 0.1


class SetRecipe(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="set", tag_field="kind"
):
    """The adapters EP, TP, ES, TS and their fusion, from the entities of the store.

    ``base`` is ``names`` (the shipped encoder), a file of its kind, or a Hugging Face model.
    ``relations`` is the language of the names of properties: those of the store, else those that
    are shipped. ``corpus`` is local text (see `kgenrich.corpus`), relative to the data folder,
    whose sentences stand beside the descriptions of ES and TS.
    """

    name: str
    train: Plan
    base: str = "names"
    parts: tuple[Literal["EP", "TP", "ES", "TS"], ...] = ("EP", "TP", "ES", "TS")
    relations: str = "en"
    corpus: str = ""
    model: SetModel = SetModel()


class SeedModel(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the shipped encoder is adapted to the known pairs of two graphs."""

    batch: int = 1024
    temperature: float = 0.08
    dropout: float = 0.2
    rate: float = 0.02
    development: float = 0.1


class SeedRecipe(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="seeds", tag_field="kind"
):
    """An adapter to two graphs: ``folder`` in the layout of DBP15K, relative to the data folder."""

    name: str
    folder: str
    train: Plan
    model: SeedModel = SeedModel()


class CalibrationRecipe(
    Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    tag="calibration",
    tag_field="kind",
):
    """The probability of a match: ``folders`` in the layout of DBP15K, relative to the data
    folder, and the ``share`` of partners taken away.
    """

    name: str
    folders: tuple[str, ...]
    share: float = 0.3


Recipe = NamesRecipe | SetRecipe | SeedRecipe | CalibrationRecipe


def read_recipe(path: Path) -> Recipe:
    """Read a recipe. Raises `UsageError` when there is none, `InputError` when it is wrong."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        recipe: Recipe = msgspec.convert(table, Recipe)
        return recipe
    except FileNotFoundError as error:
        raise UsageError(f"There is no recipe {path}.") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.MsgspecError) as error:
        raise InputError(f"The recipe {path} cannot be read: {error}.") from error
