"""Real documents with one odd part: what mutates knows the structure and leaves the rest alone."""

from __future__ import annotations

import copy
import random
import re
from collections.abc import Callable, Iterator
from typing import Any

ODD_TEXTS = (
    "",
    " ",
    "\0",
    "\x1b[31mred\x1b[0m",
    "\x85\x9b",
    "a" * 20_000,
    "=1+1",
    'odd " quote',
    "\ud800",
    "\u202egnp.exe",
    "null",
    "<script>alert(1)</script>",
    "http://",
    "http://x.test/ y",
    "Q0",
    "Q" + "9" * 40,
    "zh-classical",
    "x-" + "y" * 300,
    "\\",
    "%00",
    "\u0bcd\u0bcd",
)
ODD_VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, 1e308, 2**70, [], {}, [None], [[]], {"": ""}, {"value": None},
    *ODD_TEXTS,
)  # fmt: skip

Path = tuple[Any, ...]


def json_paths(value: Any, at: Path = ()) -> Iterator[Path]:
    """The place of every part of a JSON document, the whole included."""
    yield at
    if isinstance(value, dict):
        for key, part in value.items():
            yield from json_paths(part, (*at, key))
    elif isinstance(value, list):
        for place, part in enumerate(value):
            yield from json_paths(part, (*at, place))


def mutate_json(document: Any, chance: random.Random) -> Any:
    """A copy of a JSON document in which one part below the top is odd."""
    told = copy.deepcopy(document)
    path = chance.choice([path for path in json_paths(told) if path])
    parent = told
    for step in path[:-1]:
        parent = parent[step]
    last, value = path[-1], parent[path[-1]]
    match chance.randrange(7):
        case 0:
            del parent[last]
        case 1:
            parent[last] = [value]
        case 2:
            parent[last] = {"0": value}
        case 3 if isinstance(parent, list):
            parent[last:last] = [copy.deepcopy(value)] * chance.randrange(1, 5)
        case 4 if isinstance(parent, dict):
            parent[chance.choice(ODD_TEXTS)] = parent.pop(last)
        case 5:
            parent[last] = _nested(value, chance.choice([3, 50, 400]))
        case _:
            parent[last] = chance.choice(ODD_VALUES)
    return told


def _nested(value: Any, depth: int) -> Any:
    for _ in range(depth):
        value = [value]
    return value


_TOKENS = re.compile(r'"(?:[^"\\\n]|\\.)*"|<[^<>\n]*>|@[\w-]+|\^\^|[\w:.-]+|\S')


def mutate_line(line: str, chance: random.Random) -> str:
    """A line in which one token (literal, IRI, tag, word, sign) is odd, gone or doubled."""
    tokens = [match.span() for match in _TOKENS.finditer(line)]
    if not tokens:
        return chance.choice(ODD_TEXTS)
    begin, end = chance.choice(tokens)
    token = line[begin:end]
    odd = chance.choice(ODD_TEXTS)
    shapes: list[Callable[[], str]] = [
        lambda: "",
        lambda: token * 2,
        lambda: token[:-1],
        lambda: token[:1] + odd + token[1:],
        lambda: f"@{odd}" if token.startswith("@") else odd,
        lambda: token + "\t" + odd,
    ]
    return (line[:begin] + chance.choice(shapes)() + line[end:]).replace("\n", " ")


def mutate_bytes(data: bytes, chance: random.Random) -> bytes:
    """Bytes that are cut off, changed, doubled or strewn with noise at one place."""
    place = chance.randrange(len(data)) if data else 0
    match chance.randrange(5):
        case 0:
            return data[:place]
        case 1:
            return data[:place] + bytes([chance.randrange(256)]) + data[place + 1 :]
        case 2:
            return data[:place] + chance.randbytes(chance.randrange(1, 40)) + data[place:]
        case 3:
            return data[:place] + data[place + chance.randrange(1, 60) :]
        case _:
            return data[:place] + data[max(0, place - 50) :]


def storable(text: str) -> bytes:
    """UTF-8, halves of surrogate pairs as some programs write them."""
    return text.encode("utf-8", "surrogatepass")
