"""The review page as a browser without script meets it: forms, addresses, refusals."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from html import escape
from pathlib import Path

import pytest
import requests
from msgspec.structs import replace

from kgenrich.errors import UsageError
from kgenrich.model import Entity, Evidence, SourceKind, Value
from kgenrich.review.address import ServeOptions, read_address
from kgenrich.review.guard import LARGEST
from kgenrich.settings import Settings
from kgenrich.store.base import Store
from kgenrich.store.facts.load import load_entities
from kgenrich.store.story.decisions import decisions
from kgenrich.store.story.leases import LEASE, take_next
from kgenrich.store.story.proposals import find_proposal, proposals, save_proposals
from kgenrich.store.story.queue import QueueFilter
from kgenrich.verbs.reviewers import InviteOptions, invite, revoke
from kgenrich.verbs.workspace import Workspace
from tests.review.site import HOSTILE, fill, places, proof_in, served
from tests.store.test_proposals import proposal

FIRST = proposal("Q1", "luogo 1").candidate.id
RIVAL = proposal("Q1", "luoghi 1", rank=2, probability=0.3).candidate.id


@pytest.fixture
def site(store: Store, store_url: str) -> Iterator[str]:
    """The page of the user of this machine."""
    fill(store)
    with served(store_url) as address:
        yield address


@pytest.fixture
def shared(store: Store, store_url: str) -> Iterator[str]:
    """The page with tokens."""
    fill(store)
    with served(store_url, local=None) as address:
        yield address


def held(store: Store, candidate: str) -> str:
    found = find_proposal(store, candidate).decision
    return "" if found is None else f"{found.verdict} {found.text} by {found.author}"


class Browser:
    """Follows links and sends the forms of pages."""

    def __init__(self, site: str, languages: str = "en") -> None:
        self.site = site
        self.session = requests.Session()
        self.session.headers["Accept-Language"] = languages

    def get(self, path: str, status: int = 200) -> str:
        answer = self.session.get(self.site + path)
        assert answer.status_code == status, answer.text
        self.at = answer.url.removeprefix(self.site)
        self.html = answer.text
        return self.html

    def send(self, path: str, status: int = 200, **fields: str) -> str:
        fields = fields if "proof" in fields else {"proof": proof_in(self.html), **fields}
        answer = self.session.post(self.site + path, fields)
        assert answer.status_code == status, answer.text
        self.at = answer.url.removeprefix(self.site)
        self.html = answer.text
        return self.html


def test_the_queue_has_true_counts_and_links_that_narrow_it(site: str) -> None:
    browser = Browser(site)
    html = browser.get("/")
    assert "8 proposals" in html and "luogo 1" in html and "place 1" in html
    assert "2 proposals" not in html
    html = browser.get("/?languages=it&floor=0")
    assert "6 proposals" in html
    assert re.search(r'class=Q515"\s*>\s*<bdi lang="en" dir="ltr">village', html)
    assert "6 proposals" in browser.get("/?class=Q515&languages=it")
    assert "1 proposal" in browser.get("/?find=place+3")
    assert "luogo 2" in browser.get("/?find=q2") and "luogo 3" not in browser.html
    assert "Nothing is left" in browser.get("/?find=nothing+like+it")


def test_a_long_queue_comes_page_by_page(store: Store, store_url: str) -> None:
    fill(store, 30)
    seen = []
    with served(store_url) as site:
        browser, path = Browser(site), "/?languages=it"
        while path:
            html = browser.get(path)
            seen += re.findall(r"luogo \d+", html)
            more = re.search(r'href="(/[^"]*after=[^"]*)"', html)
            path = more[1].replace("&amp;", "&") if more else ""
    assert len(seen) == len(set(seen)) == 30


def test_what_a_source_says_stands_once(store: Store, store_url: str) -> None:
    fill(store)
    plain = proposal("Q1", "collina")
    heard = Evidence("names", SourceKind.GRAPH, score=0.56, note="one of its words by sound")
    reasons = ("names (0.56): one of its words by sound", "also written Colline")
    wanted = replace(plain, candidate=replace(plain.candidate, evidence=(heard,)), reasons=reasons)
    save_proposals(store, 1, [wanted], {"Q1": 1})
    with served(store_url) as site:
        html = Browser(site).get(f"/item/{wanted.candidate.id}")
    assert html.count("one of its words by sound") == 1 and "also written Colline" in html
    assert "(graph, 0.56)" in html


def test_accepting_leads_to_the_next_and_supersedes_rivals(site: str, store: Store) -> None:
    browser = Browser(site)
    html = browser.get("/next?languages=it")
    assert browser.at == f"/item/{FIRST}?languages=it"
    assert "place 1" in html and "Ort 1" in html and "luoghi 1" in html
    assert "of 100 like this about 90" in html
    browser.send(browser.at, action=f"accept:{RIVAL}")
    assert held(store, RIVAL) == "accept luoghi 1 by ann"
    assert "luogo 2" in browser.html, "on to the next"
    browser.get(f"/item/{FIRST}")
    browser.send(f"/item/{FIRST}", action="accept", seen="decided")
    assert (held(store, FIRST), held(store, RIVAL)) == ("accept luogo 1 by ann", "")


def test_every_action(site: str, store: Store) -> None:
    browser = Browser(site)
    said = []
    for fields in (
        {"action": "accept", "text": "borgo"},
        {"action": "reject:spelling"},
        {"action": "unsure"},
        {"action": "discuss", "comment": "is it?"},
        {"action": "skip"},
    ):
        browser.get("/next?languages=it")
        candidate = re.search("/item/([0-9a-f]+)", browser.at)[1]  # type: ignore[index]
        browser.send(browser.at, **fields)
        held = find_proposal(store, candidate).decision
        said.append(held and (str(held.verdict), held.text, held.reason, held.comment))
    assert said == [
        ("edit", "borgo", "", ""),
        ("reject", "luogo 2", "spelling", ""),
        ("unsure", "luogo 3", "", ""),
        ("discuss", "luogo 4", "", "is it?"),
        None,
    ]
    assert "luogo 6" in browser.html, "what was skipped comes no more"
    browser.send("/undo?languages=it")
    assert "luogo 4" in browser.html and browser.at.endswith("?languages=it")
    log = browser.get("/log?author=ann")
    assert log.count("<tr>") == 1 + 5


def test_undo_and_reopen(site: str, store: Store) -> None:
    browser = Browser(site)
    browser.get("/next?languages=it")
    browser.send(browser.at, action="accept")
    browser.send("/undo")
    assert browser.at == f"/item/{FIRST}?" or browser.at == f"/item/{FIRST}"
    assert held(store, FIRST) == "reopen luogo 1 by ann"
    browser.send(f"/item/{FIRST}", action="reject:")
    browser.get(f"/item/{FIRST}")
    assert "Decided by" in browser.html
    browser.send(f"/reopen/{FIRST}")
    assert held(store, FIRST) == "reopen luogo 1 by ann"
    browser.get("/log")
    browser.send("/undo", batch=re.search('name="batch" value="([0-9a-f]+)"', browser.html)[1])  # type: ignore[index]
    assert held(store, FIRST) == "reject luogo 1 by ann"


def test_what_another_decided_meanwhile_is_told(site: str, store: Store) -> None:
    one, other = Browser(site), Browser(site)
    for browser in (one, other):
        browser.get(f"/item/{FIRST}")
    one.send(f"/item/{FIRST}", action="reject:")
    html = other.send(f"/item/{FIRST}", 409, action="accept")
    assert "has decided on this term meanwhile" in html
    assert len(decisions(store, FIRST)) == 1


def test_hostile_texts_stay_text(site: str, store: Store) -> None:
    browser = Browser(site)
    mine = next(s for s in proposals(store) if s.proposal.candidate.text == HOSTILE)
    id = mine.proposal.candidate.id
    browser.get(f"/item/{id}")
    browser.send(f"/item/{id}", action="discuss", comment=HOSTILE)
    for path in ("/?floor=0&languages=de&states=discuss", f"/item/{id}", "/log"):
        html = browser.get(path)
        assert "<script>doc" not in html and escape(HOSTILE, quote=False)[:20] in html
    html = browser.get(f"/?find={HOSTILE}&source={HOSTILE}&languages=zz%22<script>", 400)
    assert "<script>doc" not in html and "<script>" not in html.split("</head>")[1]


def test_every_text_has_its_own_language_and_direction(site: str) -> None:
    browser = Browser(site)
    html = browser.get("/next?languages=ar")
    assert '<bdi lang="ar" dir="rtl">مكان</bdi>' in html and '<html lang="en" dir="ltr">' in html
    arabic = Browser(site, "ar")
    html = arabic.get("/next?languages=it")
    assert '<html lang="ar" dir="rtl">' in html
    assert '<bdi lang="it" dir="ltr">luogo 1</bdi>' in html


def test_each_reader_has_the_page_in_their_language(site: str) -> None:
    said = {"en": "Queue", "de": "Warteschlange", "ja": "キュー", "fr": "File d’attente"}
    for _ in range(2):
        for language, title in said.items():
            assert f"<h1>{title}</h1>" in Browser(site, language).get("/?languages=it")


def test_headers_allow_nothing_from_elsewhere(site: str) -> None:
    answer = requests.get(f"{site}/")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "http" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=strict" in cookie
    assert not re.search(r"\son\w+=|style=|javascript:|https?://", answer.text)
    for path in re.findall(r'(?:href|src)="(/static/[^"]+)"', answer.text):
        got = requests.get(site + path)
        assert got.status_code == 200 and "immutable" in got.headers["Cache-Control"]
    assert len(answer.content) < 100_000


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 421),
        ({"Origin": "https://evil.example"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
def test_what_comes_from_elsewhere_is_refused(
    site: str, store: Store, headers: dict[str, str], status: int
) -> None:
    browser = Browser(site)
    proof = proof_in(browser.get(f"/item/{FIRST}"))
    fields = {"proof": proof, "action": "accept"}
    answer = browser.session.post(f"{site}/item/{FIRST}", fields, headers=headers)
    assert (answer.status_code, held(store, FIRST)) == (status, "")


def test_forged_and_oversized_requests_are_refused(site: str, store: Store) -> None:
    browser = Browser(site)
    browser.get(f"/item/{FIRST}")
    for proof in ("", "0" * 32, "é"):
        browser.send(f"/item/{FIRST}", 403, proof=proof, action="accept")
        browser.get(f"/item/{FIRST}")
    other = proof_in(Browser(site).get("/log"))
    browser.send(f"/item/{FIRST}", 403, proof=other, action="accept")
    browser.get(f"/item/{FIRST}")
    too_large = {"proof": proof_in(browser.html), "action": "accept", "text": "x" * LARGEST}
    assert browser.session.post(f"{site}/item/{FIRST}", too_large).status_code == 413
    assert requests.get(f"{site}/?find={'x' * 5000}").status_code == 414
    assert requests.put(f"{site}/").status_code == 405
    for path in ("/static/x/..%2f..%2fapp.py", "/static/x/app.py", "/item/..%2f..", "/nothing"):
        assert requests.get(site + path).status_code in (400, 404)
    for query in (
        "floor=many",
        "floor=7",
        "links=-1",
        "after=x",
        "after=1.2.99999999999999999999",
        "states=gone",
        "languages=%00",
        "kinds=x",
        "class=Q99999",
    ):
        assert requests.get(f"{site}/?{query}").status_code in (400, 409), query
    assert held(store, FIRST) == ""


def workspace(store_url: str) -> Workspace:
    return Workspace(Settings(store=store_url))  # type: ignore[call-arg]


def test_tokens_open_the_page_until_they_are_revoked(
    shared: str, store_url: str, store: Store
) -> None:
    with workspace(store_url) as mine:
        token = invite(mine, InviteOptions(name="Ben", languages=("it",), reads=("de",)))
        with pytest.raises(UsageError, match="already"):
            invite(mine, InviteOptions(name="Ben", languages=("it",)))
        browser = Browser(shared)
        browser.get(f"/item/{FIRST}?languages=it")
        assert browser.at.startswith("/sign-in?to=%2Fitem")
        html = browser.send("/sign-in", proof="", token=token, to=f"/item/{FIRST}?languages=it")
        assert browser.at == f"/item/{FIRST}?languages=it" and "Ort 1" in html
        browser.send(f"/item/{FIRST}", action="accept")
        assert held(store, FIRST) == "accept luogo 1 by Ben"
        arabic = next(s for s in proposals(store) if s.proposal.candidate.language == "ar")
        html = browser.get(f"/item/{arabic.proposal.candidate.id}")
        assert "not invited" in html
        browser.send(f"/item/{arabic.proposal.candidate.id}", 400, action="accept")
        assert "5 proposals" in browser.get("/"), "only what one writes"
        revoke(mine, "Ben")
        assert browser.get("/").count("Sign in") and "/sign-in" in browser.at
        with store.read() as connection:
            rows = connection.exec_driver_sql("SELECT * FROM reviewers").all()
        assert token not in str(rows)


def test_wrong_tokens_are_slowed_down(shared: str) -> None:
    browser = Browser(shared)
    browser.get("/sign-in")
    tried = [
        browser.session.post(f"{shared}/sign-in", {"token": f"wrong {n}"}).status_code
        for n in range(6)
    ]
    assert tried[:3] == [403, 403, 403] and 429 in tried[3:]


@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example", "/\\evil.example", "x"])
def test_signing_in_leads_nowhere_else(shared: str, store_url: str, to: str) -> None:
    with workspace(store_url) as mine:
        token = invite(mine, InviteOptions(name="Ben", languages=()))
    answer = requests.post(f"{shared}/sign-in", {"token": token, "to": to}, allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


def test_where_the_page_may_be() -> None:
    assert read_address(ServeOptions(), 8765).url == "http://127.0.0.1:8765/"
    behind = ServeOptions(host="0.0.0.0", behind_proxy=True, address="https://review.example.org")
    assert read_address(behind, 1).hosts == ("review.example.org",)
    for wrong in (
        ServeOptions(host="0.0.0.0"),
        ServeOptions(host="0.0.0.0", tokens=True),
        ServeOptions(behind_proxy=True),
        ServeOptions(behind_proxy=True, address="http://review.example.org"),
        ServeOptions(address="https://review.example.org"),
    ):
        with pytest.raises(UsageError):
            read_address(wrong, 1)


def test_languages_are_chosen_once(site: str) -> None:
    browser = Browser(site)
    browser.get("/settings")
    browser.send("/settings", reads="ar, de", interface="en")
    html = browser.get(f"/item/{FIRST}")
    assert html.index("مكان 1") < html.index("Ort 1") and "place 1" not in html
    browser.get("/settings")
    assert browser.send("/settings", 400, reads="zz-nothing")


def test_four_at_once_decide_each_item_once_though_one_is_killed(
    store: Store, store_url: str
) -> None:
    number = 40
    fill(store, number)
    with workspace(store_url) as mine:
        names = ("Ann", "Ben", "Eve", "Joe")
        tokens = [invite(mine, InviteOptions(name=name, languages=("it",))) for name in names]
    with served(store_url, local=None) as site:

        def work(token: str) -> int:
            browser = Browser(site)
            browser.get("/sign-in")
            browser.send("/sign-in", proof="", token=token, to="/next?languages=it")
            done = 0
            while "/item/" in browser.at:
                if token == tokens[-1] and done == 3:
                    return done  # Gone, with an item in front.
                browser.send(browser.at, action="accept")
                done += 1
            return done

        with ThreadPoolExecutor(4) as pool:
            done = list(pool.map(work, tokens))
    made = [proposal(f"Q{n}", f"luogo {n}").candidate.id for n in range(1, number + 1)]
    (left,) = [id for id in made if not decisions(store, id)]
    assert sum(done) == number - 1 and all(
        len(decisions(store, id)) == 1 for id in made if id != left
    )
    italian = QueueFilter(languages=("it",))
    assert take_next(store, italian, "Ann", time.time()) is None, "somebody has it"
    found = take_next(store, italian, "Ann", time.time() + LEASE + 1)
    assert found is not None and found.candidate_id == left, "no lease is stuck"


def test_what_stands_around_a_proposal(store: Store, store_url: str, tmp_path: Path) -> None:
    """A picture, the page of the entity, what a glossary calls it, where the term goes."""
    glossary = tmp_path / "terms.csv"
    glossary.write_text("id,it\nQ1,Luogo Uno\n", encoding="utf-8")
    fill(store)
    pictured = places(1)[0]
    claims = {"P18": (Value("string", "A & b.jpg"),), **pictured.claims}
    load_entities(store, [replace(pictured, claims=claims, revision=2)])
    settings = {"glossary": {"file": str(glossary)}}
    with served(store_url, sources=settings) as site:
        browser = Browser(site)
        html = browser.get(f"/item/{FIRST}")
        assert "commons.wikimedia.org/wiki/File:A_%26_b.jpg" in html
        assert 'href="http://www.wikidata.org/entity/Q1"' in html
        assert "Luogo Uno" in html and "a Wikibase" in html and "250" in html
        browser.session.headers["Accept-Language"] = "de"
        html = browser.get(f"/item/{FIRST}")
        assert "Zeichen: höchstens 250" in html and "wurde seit dem Vorschlag geändert" in html


def test_names_are_found_by_how_they_begin(site: str) -> None:
    browser = Browser(site)
    for start in ("Ort 1", "ort 1", "مكان 1", "Q1", "place 1"):
        html = browser.get("/?languages=it&find=" + start)
        assert "luogo 1" in html and "luogo 2" not in html, start
    assert "6 proposals" in browser.get("/?languages=it&find=place")
    assert "luogo" not in browser.get("/?languages=it&find=lace")
    assert "luogo" not in browser.get("/?languages=it&find=%25")


def test_terms_that_people_have_written_meanwhile_are_gone(site: str, store: Store) -> None:
    browser = Browser(site)
    browser.get("/next?languages=it")
    load_entities(store, [Entity("Q1", labels={"it": "Luogo"}, revision=9)])
    html = browser.send(browser.at, 400, action="accept")
    assert "E-stale" in html
    assert "luogo 2" in browser.get("/next?languages=it")
