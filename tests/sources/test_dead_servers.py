"""Servers that are not there, or die: they cost seconds, with the default retries, and whoever else
is asked goes on."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest

from kgenrich.errors import SourceStopped
from kgenrich.model import Entity
from kgenrich.net.liveness import CONNECT, SILENCES
from kgenrich.sources.base import Answer
from tests.asking import APPLE, answers_of, ask, make, texts, want
from tests.server import Reply, Server

GOOD = Reply({"translatedText": "[Nome] è un nome."})
MANY = [want(Entity(f"Q{n}", labels={"en": f"Name {n}"})) for n in range(1, 31)]


def stopped(url: str, *, most: float, **options: Any) -> tuple[list[Answer], str]:
    """The answers of a LibreTranslate that must be given up, and why; within so many seconds."""
    own = {"url": url, "retries": 5, "requests_per_minute": 1e6, **options}
    answers: list[Answer] = []
    began = time.monotonic()
    with pytest.raises(SourceStopped) as caught:
        for answer in answers_of(make("libretranslate", own), MANY):
            answers.append(answer)
    assert time.monotonic() - began < most
    return answers, str(caught.value)


@contextmanager
def listening(backlog: int = 5) -> Iterator[tuple[socket.socket, str]]:
    """A socket that listens on the loopback, and its address."""
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(backlog)
        yield listener, f"http://127.0.0.1:{listener.getsockname()[1]}"


def unused() -> str:
    with listening() as (_, url):
        return url


@pytest.mark.parametrize(
    "host", ["http://127.0.0.1", "http://nowhere.invalid", "https://127.0.0.1"]
)
def test_who_is_not_there_costs_no_retry(host: str) -> None:
    url = host if "invalid" in host else host + ":" + unused().rpartition(":")[2]
    answers, why = stopped(url, most=10)
    assert answers == [] and "could not be reached" in why


def test_a_server_without_the_certificate_is_not_asked_again() -> None:
    with Server([GOOD]) as server:
        answers, why = stopped(server.url.replace("http:", "https:"), most=10)
    assert answers == [] and "certificate" in why and server.asked == []


@pytest.mark.slow
def test_packets_that_are_lost_are_not_waited_for_long() -> None:
    """The queue of the listener is full, so that nothing answers to an attempt to connect."""
    with listening(backlog=0) as (_, url):
        port = int(url.rpartition(":")[2])
        full = [socket.socket() for _ in range(4)]
        for one in full:
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))
        answers, why = stopped(url, most=CONNECT + 20, timeout=60)
        for one in full:
            one.close()
    assert answers == [] and "does not answer" in why


@pytest.mark.slow
def test_who_hangs_up_at_once_is_asked_three_times() -> None:
    """As a port does whose container is dead."""
    with listening() as (listener, url):

        def hang_up() -> None:
            while True:
                try:
                    listener.accept()[0].close()
                except OSError:
                    return

        threading.Thread(target=hang_up, daemon=True).start()
        answers, why = stopped(url, most=20)
        listener.shutdown(socket.SHUT_RDWR)
    assert answers == [] and "could not be reached" in why


def test_silence_at_first_contact_costs_one_timeout() -> None:
    with listening() as (_, url):
        answers, why = stopped(url, most=10, timeout=0.3)
    assert answers == [] and "no answer within 0.3 seconds; if it is only slow, a longer" in why


def test_silences_in_a_row_end_it() -> None:
    with Server([GOOD] * 5 + [GOOD._replace(pause=2.0)]) as server:
        answers, why = stopped(server.url, most=10, timeout=0.5, concurrency=1)
        assert len(server.asked) == 5 + SILENCES, "no question is put again"
    assert [bool(answer.candidates) for answer in answers] == [True] * 5 + [False] * (SILENCES - 1)
    assert "no answer within 0.5 seconds" in why


@pytest.mark.slow
def test_a_server_that_dies_on_the_way_is_given_up_when_the_tries_of_one_request_are() -> None:
    with Server([GOOD._replace(headers={"Connection": "close"})]) as server:
        url = server.url
        source = make("libretranslate", {"url": url, "retries": 2, "requests_per_minute": 1e6})
        assert texts(ask(source, MANY[0])[0]) == ["Nome"]
    began = time.monotonic()
    with pytest.raises(SourceStopped, match="3 tries: it could not be reached"):
        list(answers_of(source, MANY))
    assert time.monotonic() - began < 20, "1 + 2 seconds, once"


@pytest.mark.slow
def test_a_gateway_before_a_dead_server_is_given_up_after_one_round() -> None:
    with Server([Reply("Bad gateway", status=502)]) as server:
        answers, why = stopped(server.url, most=30, retries=3)
    assert answers == [] and "in 4 tries: it answered 502: Bad gateway" in why


def test_one_broken_answer_is_no_dead_server() -> None:
    with Server([GOOD._replace(cut=True), GOOD]) as server:
        source = make("libretranslate", {"url": server.url, "retries": 1})
        assert texts(ask(source, want(APPLE))[0]) == ["Nome"]
