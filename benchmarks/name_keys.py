"""What a name's key costs beside the benchmark's normal form, as it was used before: interleaved.

    python benchmarks/name_keys.py

Without the cache, which holds most keys of a run. The ratio is that of the least times.
"""

from __future__ import annotations

from timeit import timeit
from unicodedata import normalize

from kgenrich.text import vote_key

NAMES = ("Ada Lovelace", "Jean-Paul Sartre", "Città del Vaticano", "Москва", "東京都", "서울특별시",
         "القاهرة", "दिल्ली", "L'Aquila")  # fmt: skip


class _Alphanumeric(dict[int, str]):
    def __missing__(self, code: int) -> str:
        char = chr(code)
        self[code] = kept = char if char.isalnum() or char.isspace() else ""
        return kept


KEPT = _Alphanumeric()


def before(text: str) -> str:
    """Lower case, only alphanumeric characters and spaces."""
    return " ".join(normalize("NFC", text).lower().translate(KEPT).split())


def main() -> None:
    """Print the microseconds of both for each name."""
    key = vote_key.__wrapped__
    for name in NAMES:
        best = [1.0, 1.0]
        for _ in range(30):
            for i, function in enumerate((before, key)):
                best[i] = min(best[i], timeit(lambda f=function, n=name: f(n), number=1000))
        print(f"{name:20} {best[0] * 1e3:.2f} {best[1] * 1e3:.2f} ratio {best[1] / best[0]:.2f}")


if __name__ == "__main__":
    main()
