"""No password of an address is ever shown."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgenrich.masking import mask, masked

schemes = st.sampled_from(
    ["postgresql", "postgres", "POSTGRESQL+psycopg", "postgresql+psycopg2", "mysql", "sqlite+x"]
)
users = st.from_regex(r"[a-z0-9._-]{0,8}", fullmatch=True)
# Told apart from all else in the text by its first and last letter.
raw = st.text(min_size=1, max_size=12).map(lambda text: f"Ŝ{text}Ŝ")
unspaced = raw.map(lambda text: "".join(text.split()))
parameters = st.sampled_from(
    ["password", "PASSWORD", "sslpassword", "p%61ssword", "oauth_client_secret", "scram_client_key"]
)
before = st.sampled_from(["", "The database ", "(psycopg.OperationalError) connection to "])
after = st.sampled_from(["", " cannot be reached: no route to host.", "\nmore"])


@given(schemes, users, raw)
def test_whatever_stands_before_the_host(scheme: str, user: str, password: str) -> None:
    shown = mask(f"{scheme}://{user}:{password}@db.example.org/kg")
    assert shown == f"{scheme}://{user}:***@db.example.org/kg"
    assert mask(shown) == shown


@given(before, schemes, users, unspaced, after)
def test_an_address_in_a_sentence(
    before: str, scheme: str, user: str, password: str, after: str
) -> None:
    shown = mask(f"{before}{scheme}://{user}:{password}@db.example.org/kg{after}")
    assert shown == f"{before}{scheme}://{user}:***@db.example.org/kg{after}"


@given(before, schemes, parameters, raw, after)
def test_parameters(before: str, scheme: str, name: str, password: str, after: str) -> None:
    shown = mask(f"{before}{scheme}:///kg?a=1&{name}={quote(password)}&sslmode=require{after}")
    assert shown == f"{before}{scheme}:///kg?a=1&{name}=***&sslmode=require{after}"


@given(users, raw.filter(lambda text: "&" not in text))
def test_parameters_as_people_type_them(user: str, password: str) -> None:
    shown = mask(f"postgresql://{user}@db.example.org/kg?password={password}")
    assert "Ŝ" not in shown


@given(st.text(alphabet="ab c'\\", min_size=1))
def test_connection_strings(password: str) -> None:
    quoted = password.replace("\\", "\\\\").replace("'", "\\'")
    shown = mask(f"bad dsn: host=db password = '{quoted}' user=me")
    assert shown == "bad dsn: host=db password = *** user=me"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgresql://me:Secret", "postgresql://me:***"),
        ("postgresql://me:Secret/kg", "postgresql://me:***/kg"),
        ("postgresql://[::1]:5432/kg", "postgresql://[::1]:5432/kg"),
        ("postgresql://me@h1:1,h2:2/kg?passfile=/etc/p", None),
        ("postgresql://db:5432/kg cannot be reached", None),
        ("sqlite:////home/me/kg.db", None),
        ("https://www.wikidata.org/wiki/User:Example", None),
        ("http://127.0.0.1:8080/@me: no answer", None),
        ("http://me:pw@host/x", "http://me:***@host/x"),
        ("https://host/sparql?apikey=abc&q=1", "https://host/sparql?apikey=***&q=1"),
        ("limit = 5, see me@example.org", None),
        ("/data/graph.db@it", None),
    ],
)
def test_what_is_no_password_stays(text: str, shown: str | None) -> None:
    assert mask(text) == (text if shown is None else shown)


def test_settings() -> None:
    said = {"url": "https://a:b@c", "api_key": "abc", "key_env": "KEY", "tokens": 4, "x": ["k=v"]}
    assert masked(said) == {
        "url": "https://a:***@c",
        "api_key": "***",
        "key_env": "KEY",
        "tokens": 4,
        "x": ["k=v"],
    }
