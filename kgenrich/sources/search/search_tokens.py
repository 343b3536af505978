"""Words to search by: in scripts without spaces, every pair of neighbouring characters."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

import regex

SPACELESS = "".join(
    rf"\p{{Script={name}}}"
    for name in ("Hani", "Hira", "Kana", "Thai", "Laoo", "Khmr", "Mymr", "Tibt")
)
_RUN = regex.compile(
    rf"(?P<pairs>[{SPACELESS}ー々]+)|(?P<word>[[\p{{L}}\p{{N}}\p{{M}}]--[{SPACELESS}ー々]]+)",
    regex.V1,
)
_ACCENTS = regex.compile(r"[\u0300-\u036f]")


def tokens(text: str) -> list[str]:
    """The tokens of a text, in order: words in lower case without accents, and pairs.

    >>> tokens("Čáslav, 東京都 (Tokyo)")
    ['caslav', '東京', '京都', 'tokyo']
    """
    return list(_tokens(text))


def _tokens(text: str) -> Iterator[str]:
    folded = _ACCENTS.sub("", unicodedata.normalize("NFKD", text).casefold())
    for found in _RUN.finditer(unicodedata.normalize("NFC", folded)):
        run = found.group()
        if found.lastgroup == "word" or len(run) == 1:
            yield run
        else:
            yield from (run[i : i + 2] for i in range(len(run) - 1))
