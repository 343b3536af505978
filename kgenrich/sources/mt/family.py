"""What the families of neural translation models want before and after a sentence."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePath
from typing import Literal

import regex
from msgspec import Struct

from kgenrich.errors import SourceStopped, UsageError
from kgenrich.sources.base import SourceContext
from kgenrich.sources.mt.codes import Codes
from kgenrich.sources.mt.local import Engine, LocalTranslation
from kgenrich.sources.mt.source import MtOptions
from kgenrich.sources.remote_source import require_option

Family = Literal["marian", "m2m-100", "nllb"]

LICENCES: dict[str, str] = {
    "marian": "CC-BY-4.0",
    "m2m-100": "MIT",
    "nllb": "CC-BY-NC-4.0",
}
"""Licences of the published weights; another one can be set with the option ``licence``."""


_PAIR = regex.compile(r"(?<![a-z0-9])([a-z]{2,3})-([a-z]{2,3})(?![a-z0-9])")

LONGEST = 256
"""Tokens of a translation; sentences are far shorter, and a model that repeats itself stops."""


class NeuralOptions(MtOptions, frozen=True, kw_only=True):
    """The options of local neural models.

    ``model`` is a directory (for transformers also the id of a downloaded model). Models of one
    pair of languages each have ``{source}`` and ``{target}`` in their place; a single one has its
    ``pair`` (``en-it``) in its name or in this option. ``family`` is found out where it is not
    given. ``accept_licence`` must name the licence of weights that are not free for every
    use. ``beam`` is the width of the search, ``batch`` the requests, ``device`` cpu or cuda.
    """

    model: str = ""
    pair: str = ""
    family: Family | None = None
    accept_licence: str = ""
    device: str = "auto"
    beam: int = 4
    batch: int = 32
    threads: int = 0


class Affixes(Struct, frozen=True):
    """Tokens around a source sentence, and those that a translation begins with."""

    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    target: tuple[str, ...] = ()


def affixes(family: Family, source: str, target: str) -> Affixes:
    """The tokens of a pair, in the family's own codes.

    >>> affixes("nllb", "eng_Latn", "ita_Latn").target
    ('ita_Latn',)
    """
    if family == "marian":
        return Affixes(after=("</s>",))
    if family == "m2m-100":
        return Affixes((f"__{source}__",), ("</s>",), (f"__{target}__",))
    return Affixes((source,), ("</s>",), (target,))


def neural_source(
    context: SourceContext,
    adapter: str,
    find_family: Callable[[NeuralOptions], Family | None],
    engine: Callable[[NeuralOptions, Family], Engine],
) -> LocalTranslation:
    """A local model as a source.

    Raises `SourceStopped` without a model, for one whose family or pair is not known, and for
    weights that are only for non-commercial use until ``accept_licence`` names their licence;
    `UsageError` for numbers that make no sense.
    """
    options = context.read(NeuralOptions)
    require_option(options.model, "model", '"/models/m2m100"')
    if options.beam < 1 or options.batch < 1:
        raise UsageError("The options beam and batch are at least 1.")
    family = options.family or find_family(options)
    if family is None:
        raise SourceStopped(
            f"Which family is the model {options.model} of? Set family to marian, m2m-100 or nllb."
        )
    if family == "marian" and "{source}" not in options.model:
        require_option(options.pair or _pair(options.model), "pair", '"en-it"')
    licence = options.licence or LICENCES[family]
    if "-NC" in licence.upper() and options.accept_licence != licence:
        raise SourceStopped(
            f"Its weights are licensed {licence}, which forbids commercial use, and what it makes "
            f'is marked so: set accept_licence = "{licence}" under [sources.{context.name}] to use '
            "it."
        )
    return LocalTranslation(
        context,
        options,
        Codes(family, options.codes),
        options.model,
        (adapter, options.model, family, str(options.beam)),
        engine(options, family),
        licence,
        options.batch,
    )


def speaks(options: NeuralOptions, family: Family, source: str, target: str) -> bool:
    """Whether the model is one for the pair; of Marian models each is for one pair alone."""
    if family != "marian" or "{source}" in options.model:
        return True
    return (options.pair or _pair(options.model)) == f"{source}-{target}"


def _pair(model: str) -> str:
    found = _PAIR.findall(PurePath(model).name, overlapped=True)
    return "-".join(found[-1]) if found else ""


def place_of(model: str, source: str, target: str) -> str:
    """Where the model of a pair is."""
    return model.replace("{source}", source).replace("{target}", target)
