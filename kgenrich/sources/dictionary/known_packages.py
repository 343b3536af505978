"""The packages of Debian that dictionaries read, there or not: what each has, under which licence,
and in which languages (``benchmarks/dictionary_languages.py``)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from msgspec import Struct

from kgenrich.languages import current, same_language

FOLDERS = ("/usr/share", "/usr/local/share", "/opt/homebrew/share")

_TABLE = Path(__file__).parent / "packages.tsv"


class KnownPackage(Struct, frozen=True):
    """A package and the ``source`` that reads it; ``file`` is one of its files, from a folder such
    as ``/usr/share``, ``megabytes`` what it takes when it is installed."""

    source: str
    package: str
    file: str
    licence: str
    megabytes: int
    what: str
    languages: frozenset[str]

    def serves(self, languages: Sequence[str]) -> list[str]:
        """Those of the languages in which it has names."""
        return [
            language
            for language in languages
            if not self.languages.isdisjoint((current(language), *same_language(language)))
        ]

    def place(self, folders: Sequence[str] = FOLDERS) -> str:
        """The path of its file; empty where it is not installed."""
        paths = (Path(folder).expanduser() / self.file for folder in folders)
        return next((str(path) for path in paths if path.is_file()), "")

    def lacking(self) -> str:
        """What to tell where it is not installed."""
        return (
            f"The package {self.package} is not installed (apt install {self.package}): it would "
            f"name {self.what} ({self.licence})."
        )


@cache
def known_packages() -> tuple[KnownPackage, ...]:
    """All of them."""
    _, *lines = _TABLE.read_text("utf-8").splitlines()
    rows = (line.split("\t") for line in lines)
    return tuple(
        KnownPackage(source, package, file, licence, int(size), what, frozenset(codes.split()))
        for source, package, file, licence, size, what, codes in rows
    )
