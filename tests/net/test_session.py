"""Manners and failures on the network, against a server that misbehaves."""

from __future__ import annotations

import gzip
import time
import tracemalloc
import zlib
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgenrich.errors import NetworkError, UsageError
from kgenrich.net.mediawiki import ApiError, MediaWiki
from kgenrich.net.pacing import LONGEST_BELIEVED, Rate, retry_after
from kgenrich.net.service import Service
from kgenrich.net.session import Session, check_url, user_agent
from kgenrich.net.sparql import Endpoint
from kgenrich.settings import Network
from tests.server import Asked, Reply, Server

API = Path(__file__).parents[1] / "fixtures" / "api"
GOOD = Reply({"entities": {}, "success": 1})
QUERY = "SELECT ?item WHERE { ?item ?p ?o }"
PAGE = Reply("<!DOCTYPE html><html><body>Sign in</body></html>", type="text/html")


def network(**settings: object) -> Network:
    """Settings that are polite in form and fast in tests."""
    quick = {"contact": "me@example.org", "requests_per_minute": 1e6, "timeout": 5, "retries": 2}
    return Network.model_validate(quick | settings)


def get(server: Server, **settings: object) -> bytes:
    with Session(network(**settings)) as session:
        return session.request("GET", server.url).body


def api(server: Server, **settings: object) -> bytes:
    with Session(network(**settings)) as session:
        return MediaWiki(session, f"{server.url}/w/api.php").get({"action": "wbgetentities"})


def test_nobody_is_asked_without_a_contact() -> None:
    with pytest.raises(UsageError, match=r"KGENRICH_NETWORK__CONTACT.*kgenrich\.toml"):
        Session(network(contact=" "))
    with pytest.raises(UsageError, match="contact"):
        Endpoint(network(contact=""), "http://127.0.0.1:1/sparql")


def test_the_user_agent_names_the_operator_and_cannot_be_split() -> None:
    agent = user_agent(network(contact="me@example.org\r\nX-Evil: 1"))
    assert agent.startswith("kgenrich/") and "me@example.org X-Evil: 1" in agent
    with Server([GOOD]) as server:
        api(server)
        assert "me@example.org" in server.asked[0].headers["user-agent"]


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://example.org", "example.org", "http://"]
)
def test_only_web_servers_are_asked(url: str) -> None:
    with pytest.raises(UsageError, match="no address of a web server"):
        check_url(url)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_passes_is_asked_again(status: int) -> None:
    with Server([Reply(status=status, headers={"Retry-After": "0"}), GOOD]) as server:
        assert get(server) == GOOD.data()
        assert len(server.asked) == 2


def test_retry_after_in_seconds_is_obeyed() -> None:
    with Server([Reply(status=429, headers={"Retry-After": "1"}), GOOD]) as server:
        get(server)
        assert server.asked[1].at - server.asked[0].at >= 0.95


def test_retry_after_as_a_date_is_obeyed() -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)
    with Server([Reply(status=503, headers={"Retry-After": date}), GOOD]) as server:
        get(server)
        # The date has whole seconds, so up to one of the two is lost.
        assert server.asked[1].at - server.asked[0].at >= 0.8


def test_a_server_that_wants_long_peace_gets_it() -> None:
    with (
        Server([Reply(status=429, headers={"Retry-After": "86400"})]) as server,
        pytest.raises(NetworkError, match="come back in 86400 seconds"),
    ):
        get(server)


def test_the_tries_have_an_end() -> None:
    with Server([Reply(status=503, headers={"Retry-After": "0"})]) as server:
        with pytest.raises(NetworkError, match="no usable answer in 3 tries: it answered 503"):
            get(server)
        assert len(server.asked) == 3


def test_what_will_not_change_is_not_asked_again() -> None:
    with Server([Reply("No such page.\x1b[31m", status=404)]) as server:
        with pytest.raises(NetworkError, match=r"answered 404: No such page\.\[31m\."):
            get(server)
        assert len(server.asked) == 1


def test_an_endless_answer_is_not_swallowed() -> None:
    with (
        Server([Reply(b"x" * 300_000)]) as server,
        pytest.raises(NetworkError, match="more than 200,000 bytes"),
    ):
        get(server, max_answer_bytes=200_000)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(b"x" * 100, drip=0.1),
        Reply(b"x", drip_head=0.1),
        Reply(b"x" * 100, status=302, headers={"Location": "/"}, drip_head=0.1),
        Reply(b"x" * 100, status=503, drip=0.1),
        Reply(b"x" * 100, headers={"Content-Encoding": "gzip"}, drip_head=0.1),
    ],
    ids=["body", "headers", "redirect", "error", "packed"],
)
@pytest.mark.parametrize("query", [False, True], ids=["request", "query"])
def test_a_server_that_drips_is_left(reply: Reply, query: bool) -> None:
    settings = {"timeout": 0.4, "retries": 0}
    begun = time.monotonic()
    with Server([reply]) as server:
        with pytest.raises(NetworkError, match="no end of the answer within 2 seconds"):
            if query:
                Endpoint(network(**settings), server.url).select(QUERY)
            else:
                get(server, **settings)
        assert 1.9 <= time.monotonic() - begun < 5, "all of it takes ten"


def test_a_connection_is_used_again_however_long_it_is_open() -> None:
    with Server([Reply(b"x" * 10, drip=0.02)]) as server, Session(network(timeout=0.4)) as session:
        begun = time.monotonic()
        while time.monotonic() - begun < 2.5:
            assert session.request("GET", server.url).body == b"x" * 10
            time.sleep(0.05)


@pytest.mark.parametrize("packed", [gzip.compress(bytes(10**7)), zlib.compress(bytes(10**8))])
@pytest.mark.parametrize("query", [False, True], ids=["request", "query"])
def test_what_is_packed_is_unpacked_in_bounds(packed: bytes, query: bool) -> None:
    encoding = "gzip" if packed[0] == 0x1F else "deflate"
    tracemalloc.start()
    with (
        Server([Reply(packed, headers={"Content-Encoding": encoding})]) as server,
        pytest.raises(NetworkError, match="more than 200,000 bytes"),
    ):
        if query:
            Endpoint(network(max_answer_bytes=200_000), server.url).select(QUERY)
        get(server, max_answer_bytes=200_000)
    assert tracemalloc.get_traced_memory()[1] < 3_000_000
    tracemalloc.stop()


def test_what_comes_with_a_redirect_is_not_read() -> None:
    def answer(asked: Asked) -> Reply:
        if asked.path == "/":
            return Reply(b"x" * 10**6, status=302, headers={"Location": "/there"}, drip=0.01)
        return GOOD

    with Server(answer) as server:
        assert get(server, max_answer_bytes=1000) == GOOD.data()


@pytest.mark.parametrize(
    "location",
    ["/", "file:///etc/passwd", "ftp://example.org/", "http://[", "http:///", "\xff\xfe"],
)
def test_a_redirect_to_nowhere_is_no_crash_and_is_not_tried_again(location: str) -> None:
    with Server([Reply(status=302, headers={"Location": location})]) as server:
        with pytest.raises(NetworkError, match="leads to no other address"):
            get(server)
        assert len(server.asked) <= 6


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Length": "5, 6"},
        {"Content-Length": "-1"},
        {"Content-Length": "x"},
        {"Transfer-Encoding": "chunked"},
        {"Content-Encoding": "gzip"},
        {"Content-Encoding": "gzip, " * 40 + "gzip"},
        {f"X-{n}": "x" for n in range(120)},
        {"X": "x" * 70_000},
    ],
    ids=lambda headers: next(iter(headers.items()))[0],
)
def test_broken_headers_are_no_crash(headers: dict[str, str]) -> None:
    with Server([Reply(b"no chunk", headers=headers)]) as server, suppress(NetworkError):
        assert get(server, retries=0, timeout=0.3) == b"no chunk"


def test_silence_and_broken_connections_are_told_in_a_sentence() -> None:
    with (
        Server([Reply(pause=1.0)]) as server,
        pytest.raises(NetworkError, match=r"no answer within 0\.2 seconds"),
    ):
        get(server, timeout=0.2, retries=0)
    with (
        Server([Reply(b"x" * 1000, cut=True)]) as server,
        pytest.raises(NetworkError, match="broke in the middle"),
    ):
        get(server, retries=0)
    with (
        pytest.raises(NetworkError, match="could not be reached"),
        Session(network(retries=0)) as session,
    ):
        session.request("GET", "http://127.0.0.1:9/")


def test_an_error_inside_an_answer_of_status_200_is_found() -> None:
    with (
        Server([Reply((API / "bogus.json").read_bytes())]) as server,
        pytest.raises(ApiError, match=r"no-such-entity.*Invalid id: bogus") as caught,
    ):
        api(server)
    assert caught.value.code == "no-such-entity"


def test_a_lagging_wiki_is_waited_for() -> None:
    lagging = Reply((API / "maxlag.json").read_bytes(), headers={"Retry-After": "0"})
    with Server([lagging, GOOD]) as server:
        begun = time.monotonic()
        assert api(server) == GOOD.data()
        assert time.monotonic() - begun >= 3.4, "its lag of 3.45 seconds counts"
        assert server.asked[0].parameters["maxlag"] == "5"


@pytest.mark.parametrize(
    ("reply", "sentence"),
    [
        (PAGE, "sent a web page instead of data"),
        (Reply('{"entities": {"Q1": {"id": "Q'), "cut off or no JSON"),
        (Reply(b""), "cut off or no JSON"),
        (Reply(b"[" * 100_000), "cut off or no JSON"),
    ],
)
def test_other_things_than_json_are_named(reply: Reply, sentence: str) -> None:
    with Server([reply]) as server, pytest.raises(NetworkError, match=sentence):
        api(server)


def test_no_more_requests_are_in_flight_than_allowed_and_answers_keep_their_order() -> None:
    slow = lambda asked: Reply(asked.parameters["n"], pause=0.15)  # noqa: E731
    with Server(slow) as server, Session(network(concurrency=3)) as session:

        def ask(number: int) -> bytes:
            return session.request("GET", server.url, params={"n": str(number)}).body

        assert [int(body) for body in session.map(ask, range(12))] == list(range(12))
        assert 1 < server.most_at_once <= 3


def test_requests_come_at_a_steady_rate() -> None:
    rate = Rate(per_minute=1200)
    begun = time.monotonic()
    for _ in range(5):
        rate.wait()
    assert 0.19 <= time.monotonic() - begun < 10


@given(st.integers(0, LONGEST_BELIEVED), st.sampled_from(["", ".0", ".5"]))
def test_a_retry_after_in_seconds_is_believed(seconds: int, rest: str) -> None:
    if seconds < LONGEST_BELIEVED:
        assert retry_after(f" {seconds}{rest}", 0) == float(f"{seconds}{rest}")


@given(st.integers(2, LONGEST_BELIEVED - 2))
def test_a_retry_after_as_a_date_is_believed(seconds: int) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)
    assert seconds - 2 < retry_after(date, 0) <= seconds


ABSURD = (
    st.text(max_size=40).filter(lambda text: not text.strip()[:1].isdigit())
    | st.none()
    | st.integers(max_value=-1).map(str)
    | st.integers(int(LONGEST_BELIEVED) + 1).map(str)
    | st.integers(1, 999).map(lambda n: "9" * n + "0" * 9)
    | st.floats(max_value=-0.1).map(str)
    | st.sampled_from(
        ["nan", "inf", "-inf", "1e400", "1_0", "0x10", "\u0663", "\uff15", "5 6", "+5"]
    )
    | st.datetimes(max_value=datetime(2026, 1, 1)).map(format_datetime)
    | st.datetimes(min_value=datetime(2500, 1, 1)).map(format_datetime)
    | st.tuples(
        st.integers(-(10**12), 10**12), st.integers(-(10**12), 10**12), st.integers(-(10**9), 10**9)
    ).map(lambda n: f"Sun, {n[0]} Nov {n[1]} 08:49:37 {n[2]:+05d}")
)


@given(ABSURD, st.integers(0, 10**6))
def test_a_retry_after_that_cannot_be_meant_is_a_usual_wait(text: str | None, attempt: int) -> None:
    assert 0.75 * min(60, 2 ** min(attempt, 6)) <= retry_after(text, attempt) <= 75


@pytest.mark.parametrize(
    "header", ["-1", "1e400", "nan", "9" * 400, "Sun, 06 Nov 9999 08:49:37 GMT"]
)
def test_an_absurd_retry_after_does_not_end_a_run(header: str) -> None:
    with Server([Reply(status=503, headers={"Retry-After": header}), GOOD]) as server:
        assert get(server) == GOOD.data()
        assert 0.7 < server.asked[1].at - server.asked[0].at < 2


def test_a_query_brings_its_table() -> None:
    with Server([Reply((API / "sparql_people.json").read_bytes())]) as server:
        table = Endpoint(network(), f"{server.url}/sparql").select(QUERY)
        assert table.variables == ["entity", "entityLabel", "year"]
        assert table.column("entity")[0].value.endswith("/Q3731207")
        asked = server.asked[0]
        assert asked.method == "GET" and asked.parameters["query"] == QUERY
        assert "sparql-results+json" in asked.headers["accept"]
        assert "me@example.org" in asked.headers["user-agent"]


def test_a_long_query_is_posted() -> None:
    with Server([Reply((API / "sparql_people.json").read_bytes())]) as server:
        Endpoint(network(), server.url).select(QUERY + " #" + "x" * 3000)
        assert server.asked[0].method == "POST"


def test_a_query_service_is_asked_again_when_it_says_when() -> None:
    table = Reply((API / "sparql_people.json").read_bytes())
    with Server([Reply(status=429, headers={"Retry-After": "1"}), table]) as server:
        Endpoint(network(), server.url).select(QUERY)
        assert server.asked[1].at - server.asked[0].at >= 0.95


@pytest.mark.parametrize(
    ("reply", "error", "sentence"),
    [
        (Reply("Parse error: Expected one of ASK", status=400), UsageError, "Expected one of ASK"),
        (Reply("java.util.concurrent.TimeoutException", status=500), NetworkError, "Timeout.*less"),
        (Reply('{"head":{"vars":["item"]},"results":{"bindings":[{'), NetworkError, "cut off"),
        (PAGE, NetworkError, "something else than JSON"),
        (Reply(status=403), NetworkError, "answered 403"),
        (Reply(status=404), NetworkError, "answered 404"),
        (Reply(b" " * 300_000), NetworkError, "more than 200,000 bytes"),
        (Reply(status=503, headers={"Retry-After": "9999"}), NetworkError, "in 9999 seconds"),
        (Reply(pause=2.0), NetworkError, "no answer within 1 seconds"),
    ],
)
def test_what_goes_wrong_with_a_query_is_told_once(
    reply: Reply, error: type[Exception], sentence: str
) -> None:
    with Server([reply]) as server:
        with pytest.raises(error, match=sentence):
            Endpoint(network(max_answer_bytes=200_000, timeout=1), server.url).select(QUERY)
        assert len(server.asked) == 1


def test_only_select_queries_select() -> None:
    with pytest.raises(UsageError, match="no SELECT query but CONSTRUCT"):
        Endpoint(network(), "http://127.0.0.1:9/").select("CONSTRUCT WHERE { ?s ?p ?o }")


@pytest.mark.parametrize("before", [0, 120, 137, 140, 155, 400])
def test_a_key_that_a_server_repeats_is_shown_nowhere(before: int) -> None:
    key = "sk-SECRET/SECRET=123"

    def echo(status: int) -> Server:
        return Server(lambda a: Reply({"said": "x" * before + a.headers["authorization"]}, status))

    headers = {"Authorization": f"Bearer {key}"}
    with echo(422) as server, pytest.raises(NetworkError) as caught:
        Service(network(), server.url, headers=headers, secret=key).post("/x", {}, dict)
    assert "SECRET" not in str(caught.value)
    with echo(200) as server:
        told = Service(network(), server.url, headers=headers, secret=key).post("/x", {}, dict)
    assert told == {"said": "x" * before + "Bearer [key]"}


def test_an_address_holds_no_password() -> None:
    with pytest.raises(UsageError, match="no user or password") as caught:
        check_url("https://bob:hunter2@example.org/api")
    assert "hunter2" not in str(caught.value)
