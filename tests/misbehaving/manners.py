"""The ways in which a server misbehaves: what it makes of the answer that it should have given."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

from tests.server import Reply

SILENCE = 2.0
"""Seconds for which those who ask here wait for an answer."""
LARGE = 6 << 20
"""Bytes of an answer that is too long for them."""

GOOD, SLOW = "good", "slow, then good"
WHOLE = (GOOD, SLOW)
"""The ways in which a good answer comes whole."""

_AT_ONCE = {"Retry-After": "0"}
_ABSURD = ("-5", "soon", "999999999999", "1e9", "Thu, 01 Jan 1970 00:00:00 GMT", "²", "0 0")
_PAGE = "<!doctype html><html><body>Just a moment...</body></html>"

Manner = Callable[[Reply, random.Random], Reply]


def _length(more: int) -> Manner:
    """A length that is not that of the answer."""
    return lambda good, chance: good._replace(
        headers={"Content-Length": str(len(good.data()) + more)}
    )


def _status(*statuses: int, **headers: str) -> Manner:
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda good, chance: Reply("trouble", chance.choice(statuses), told, "text/plain")


MANNERS: Mapping[str, tuple[float, Manner]] = {
    GOOD: (60, lambda good, chance: good),
    SLOW: (4, lambda good, chance: good._replace(pause=SILENCE / 8)),
    "429, at once again": (5, _status(429, Retry_After="0")),
    "429 without a word": (1, _status(429)),
    "429, an absurd Retry-After": (
        1,
        lambda good, chance: Reply("", 429, {"Retry-After": chance.choice(_ABSURD)}),
    ),
    "500, 502, 503, 504": (4, _status(500, 502, 503, 504, Retry_After="0")),
    "503 with a page": (1, lambda good, chance: Reply(_PAGE, 503, _AT_ONCE, "text/html")),
    "a page": (3, lambda good, chance: Reply(_PAGE, type=chance.choice(("text/html", "x/y")))),
    "an empty body": (3, lambda good, chance: Reply(b"")),
    "half of the JSON": (3, lambda good, chance: good._replace(body=_half(good, chance))),
    "hung up before the headers": (1, lambda good, chance: Reply(mute=True)),
    "drips in the headers": (1, lambda good, chance: good._replace(drip_head=SILENCE / 4)),
    "hung up in the body": (1, lambda good, chance: good._replace(cut=True)),
    "a length too long": (0.5, _length(10)),
    "a length too short": (1, _length(-10)),
    "silence": (0.3, lambda good, chance: good._replace(pause=SILENCE * 2)),
    "drips": (0.5, lambda good, chance: good._replace(drip=SILENCE / 3)),
    "garbage that says it is gzip": (
        2,
        lambda good, chance: Reply(chance.randbytes(80), headers={"Content-Encoding": "gzip"}),
    ),
    "bytes": (2, lambda good, chance: Reply(chance.randbytes(200))),
    "a loop of redirects": (
        0.2,
        lambda good, chance: Reply("", chance.choice((301, 302, 307)), {"Location": "?again"}),
    ),
    "a very large body": (1, lambda good, chance: Reply(b" " * LARGE)),
}


def _half(good: Reply, chance: random.Random) -> bytes:
    data = good.data()
    return data[: chance.randrange(1, len(data))]


def misbehave(good: Reply, odd: Mapping[str, object], chance: random.Random) -> tuple[str, Reply]:
    """How the server behaves this time. ``odd`` are answers of its own kind, by what is odd."""
    weights = [weight for weight, _ in MANNERS.values()]
    (name,) = chance.choices([*MANNERS, "odd"], [*weights, 8 if odd else 0])
    if name == "odd":
        name = chance.choice([*odd])
        return name, Reply(odd[name], headers=_AT_ONCE)
    return name, MANNERS[name][1](good, chance)
