"""The packages of Debian and npm that dictionaries read, there or not: what each has, under which
licence, and in which languages (``benchmarks/dictionary_languages.py``)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from msgspec import Struct

from kgenrich.languages import current, same_language

FOLDERS = {
    "apt": ("/usr/share", "/usr/local/share", "/opt/homebrew/share"),
    "npm": (
        "/usr/local/lib/node_modules",
        "/usr/lib/node_modules",
        "/opt/homebrew/lib/node_modules",
        "~/.npm-global/lib/node_modules",
        "/usr/share/nodejs",
    ),
}
"""Where packages are installed for the whole machine, by what installs them."""

_INSTALL = {"apt": "apt install", "npm": "npm install --global"}

_TABLE = Path(__file__).parent / "packages.tsv"


class KnownPackage(Struct, frozen=True):
    """A package, what installs it (``manager``) and the ``source`` that reads it; ``file`` is one
    of its files, from a folder such as ``/usr/share``, ``megabytes`` what it takes when it is
    installed."""

    manager: str
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

    @property
    def install(self) -> str:
        """The command that installs it."""
        return f"{_INSTALL[self.manager]} {self.package}"

    def folders(self, given: Sequence[str] = ()) -> tuple[Path, ...]:
        """The folders that may have it: those that are ``given``, else where it is installed."""
        return tuple(Path(folder).expanduser() for folder in given or FOLDERS[self.manager])

    def place(self, given: Sequence[str] = ()) -> str:
        """The path of its file in one of `folders`; empty where it is not installed."""
        paths = (folder / self.file for folder in self.folders(given))
        return next((str(path) for path in paths if path.is_file()), "")

    def lacking(self) -> str:
        """What to tell where it is not installed."""
        return (
            f"The package {self.package} is not installed ({self.install}): it would "
            f"name {self.what} ({self.licence})."
        )


@cache
def known_packages() -> tuple[KnownPackage, ...]:
    """All of them."""
    _, *lines = _TABLE.read_text("utf-8").splitlines()
    rows = (line.split("\t") for line in lines)
    return tuple(
        KnownPackage(by, source, package, file, licence, int(size), what, frozenset(codes.split()))
        for by, source, package, file, licence, size, what, codes in rows
    )
