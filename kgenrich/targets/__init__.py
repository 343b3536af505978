"""What receives the terms: which kinds it has a place for, and what it holds them to.

A target profile is a TOML file beside this one. Unless the settings name one, that of an entity
holds: one with a bare id (``Q42``) belongs to a Wikibase, one with an IRI to a vocabulary.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from kgenrich.model import TermKind

TargetName = Literal["wikibase", "vocabulary"]
"""The profiles that there are."""


class TermRules(Struct, frozen=True, forbid_unknown_fields=True):
    """What terms of one kind are held to: at most ``longest`` code points, and what the validators
    look for, by the ``codes`` of what speaks against a text. Those that are ``prose`` may have
    several lines."""

    longest: int
    codes: frozenset[str]
    prose: bool = False


class TargetProfile(Struct, frozen=True, forbid_unknown_fields=True):
    """A target, ``title`` in words. ``kinds`` are those that it has a place for; ``asked`` those
    that are asked for where nobody names any, of ``asked_where_present`` those that the graph has
    terms of already. ``codes`` are looked for in terms of every kind."""

    title: str
    codes: frozenset[str]
    kinds: Mapping[TermKind, TermRules]
    asked: tuple[TermKind, ...]
    asked_where_present: tuple[TermKind, ...] = ()


@cache
def profile(name: TargetName) -> TargetProfile:
    """A profile by its name; the codes of all kinds are among those of each."""
    text = files("kgenrich.targets").joinpath(f"{name}.toml").read_text("utf-8")
    read = msgspec.convert(tomllib.loads(text), TargetProfile)
    kinds = {
        kind: replace(rules, codes=rules.codes | read.codes) for kind, rules in read.kinds.items()
    }
    return replace(read, kinds=kinds)


def profile_of(entity: str, name: TargetName | Literal[""] = "") -> TargetProfile:
    """The named profile, else that of an entity by its id."""
    return profile(name or ("vocabulary" if ":" in entity else "wikibase"))
