"""Languages: the codes, their scripts, chains and tags."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import langcodes
import pytest
from hypothesis import given
from hypothesis import strategies as st
from langcodes.data_dicts import (
    ALL_SCRIPTS,
    LANGUAGE_ALPHA3,
    LANGUAGE_ALPHA3_BIBLIOGRAPHIC,
)

from kgenrich import languages
from kgenrich.errors import UsageError
from kgenrich.export.syntax import is_tag
from kgenrich.languages.tags import SPELLINGS as SPELLED
from kgenrich.model import TermKind

IN_USE = [code for code in languages.CODES if languages.current(code) == code]
NEWER_THAN_LANGCODES = {"tok", "isv", "rsk", "nan"}


def test_numbers_of_languages_never_change() -> None:
    """The database stores positions; these were handed out first and must stay."""
    places = {"mul": 0, "aa": 1, "en": 97, "it": 164, "zh": 410, "zh-hant": 414, "zu": 422}
    assert {code: languages.CODES.index(code) for code in places} == places
    assert len(languages.CODES) == len(set(languages.CODES)) >= 902


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("en", ("en", "mul")),
        ("en-gb", ("en-gb", "en", "mul")),
        ("it", ("it", "mul", "en")),
        ("gsw", ("gsw", "de", "mul", "en")),
        ("zh-tw", ("zh-tw", "zh-hant", "zh-hk", "zh", "zh-hans", "mul", "en")),
        ("mul", ("mul", "en")),
    ],
)
def test_chain(code: str, expected: tuple[str, ...]) -> None:
    assert languages.chain(code) == expected


def test_fallbacks_are_known_and_exclude_the_language_itself() -> None:
    for code in languages.CODES:
        chain = languages.fallbacks(code)
        assert set(chain) <= set(languages.CODES) - {code, "mul"}, code
        assert len(set(chain)) == len(chain), code
        assert "en" not in chain or code.startswith("en-") or code == "simple", code


@pytest.mark.parametrize(
    ("code", "script"),
    [
        ("sr", "Cyrl"),
        ("sr-el", "Latn"),
        ("zh-tw", "Hant"),
        ("zh-cn", "Hans"),
        ("kk-cn", "Arab"),
        ("uz-cyrl", "Cyrl"),
        ("ja", "Jpan"),
        ("ko", "Kore"),
        ("el", "Grek"),
        ("mul", "Zyyy"),
        ("ru-petr1708", "Cyrl"),
        ("qqq", "Zyyy"),
    ],
)
def test_script(code: str, script: str) -> None:
    assert languages.script(code) == script


@pytest.mark.parametrize(
    ("code", "tag"),
    [
        ("simple", "en-simple"),
        ("sr-ec", "sr-Cyrl"),
        ("sr-el", "sr-Latn"),
        ("nrm", "fr-x-nrm"),
        ("zh-classical", "lzh"),
        ("als", "gsw"),
        ("roa-tara", "nap-x-tara"),
        ("map-bms", "jv-x-bms"),
        ("be-tarask", "be-tarask"),
        ("be-x-old", "be-tarask"),
        ("zh-hk", "zh-Hant-HK"),
        ("pt-br", "pt-BR"),
        ("no", "no"),
        ("nb", "nb"),
        ("tl", "tl"),
        ("FR-ca", "fr-CA"),
        ("en-x-GB-abcd", "en-x-gb-abcd"),
        ("not a tag", "und"),
        ("", "und"),
    ],
)
def test_bcp47(code: str, tag: str) -> None:
    assert languages.bcp47(code) == tag


def test_every_tag_is_valid() -> None:
    tags = [languages.bcp47(code) for code in languages.CODES]
    known = [tag for tag in tags if tag.split("-")[0] not in NEWER_THAN_LANGCODES]
    assert [tag for tag in known if not langcodes.tag_is_valid(tag)] == []
    assert len(tags) - len(known) < 15


def test_tags_of_codes_in_use_are_distinct_and_lead_back() -> None:
    assert len({languages.bcp47(code).lower() for code in IN_USE}) == len(IN_USE)
    for code in IN_USE:
        assert languages.wikimedia(languages.bcp47(code)) == code
        assert languages.wikimedia(languages.bcp47(code).upper()) == code


@given(
    st.from_regex(
        r"[a-z]{2,3}(-[a-z]{4})?(-[a-z]{2})?(-[a-z]{5,8})?(-x-[a-z]{1,8})?", fullmatch=True
    )
)
def test_any_tag_comes_back(code: str) -> None:
    once = languages.wikimedia(code)
    assert languages.wikimedia(languages.bcp47(once)) == once


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("it-IT", "it"),
        ("IT-it", "it"),
        ("it_SM", "it"),
        ("en-US", "en-us"),
        ("EN-us", "en-us"),
        ("en-KE", "en"),
        ("es-BO", "es"),
        ("de-DE-1996", "de"),
        ("de-AT-1996", "de-at"),
        ("sr-Latn-RS", "sr-el"),
        ("sr-cyrl-rs", "sr-ec"),
        ("zh-Hant-TW", "zh-tw"),
        ("zh-TW", "zh-tw"),
        ("zh-Hant-US", "zh-hant"),
        ("zh-Hans-US-u-nu-hanidec", "zh-hans"),
        ("zh-yue-HK", "yue"),
        ("zh-gan", "gan"),
        ("ar-arz-EG", "arz"),
        ("pt-BRA", "pt"),
        ("ja-Jpan-JP", "ja"),
        ("ko-Hang-KR", "ko"),
        ("ru-Cyrl", "ru"),
        ("mul-IT", "mul"),
    ],
)
def test_a_tag_without_a_code_falls_to_the_longest_part_that_has_one(tag: str, code: str) -> None:
    assert languages.wikimedia(tag) == code


@pytest.mark.parametrize("tag", ["ja-latn", "zh-latn-pinyin", "ru-x-translit", "qqq-it", "x-it"])
def test_text_in_a_foreign_script_or_of_private_meaning_is_not_the_language_s(tag: str) -> None:
    assert languages.wikimedia(tag.upper()) == tag


@given(
    st.sampled_from(IN_USE),
    st.from_regex(r"(-[a-z]{2}|-[0-9]{3})?(-[a-z]{5,8})?", fullmatch=True),
)
def test_a_region_or_variant_never_hides_a_language(code: str, more: str) -> None:
    tag = languages.bcp47(code)
    if "-x-" not in tag:
        found = languages.bcp47(languages.wikimedia(tag + more)).lower()
        assert languages.wikimedia(tag + more) in languages.CODES
        assert f"{tag}{more}".lower().split("-")[0] == found.split("-")[0]


SPELLINGS = sorted(SPELLED)
WHOLE = [spelling for spelling in SPELLINGS if not spelling.startswith("-")]


@st.composite
def spelled(draw: st.DrawFn, spelling: st.SearchStrategy[str]) -> tuple[str, str]:
    """A spelling, and the same as others write it: any case, underscores, blanks around it."""
    plain = draw(spelling)
    cases = draw(st.lists(st.booleans(), min_size=len(plain), max_size=len(plain)))
    text = "".join(c.upper() if up else c for c, up in zip(plain, cases, strict=True))
    text = text.replace("-", draw(st.sampled_from("-_")))
    return plain, draw(st.sampled_from(["", " "])) + text + draw(st.sampled_from(["", " ", "\n"]))


@given(spelled(st.sampled_from([*WHOLE, *languages.CODES])))
def test_every_registered_spelling_arrives_at_one_code(said: tuple[str, str]) -> None:
    plain, written = said
    code = languages.wikimedia(plain)
    assert code and languages.wikimedia(written) == code
    assert languages.wikimedia(code) == code, "what it arrives at is where it stays"
    assert languages.bcp47(written.strip()) == languages.bcp47(code)
    assert languages.wikimedia(languages.bcp47(code)) == code


@given(
    st.sampled_from(WHOLE),
    st.from_regex(r"(-[a-z]{2}|-[0-9]{3})?(-[a-z]{5,8})?(-x-[a-z]{1,8})?", fullmatch=True),
)
def test_what_follows_a_spelling_follows_its_code(spelling: str, more: str) -> None:
    """ger-AT is de-at, iw-IL is he: a spelling may begin a longer tag."""
    now = SPELLED[spelling]
    if not now.startswith(f"{spelling}-"):
        assert languages.wikimedia(spelling + more) == languages.wikimedia(now + more)


def test_spellings_lead_to_codes_and_valid_tags_alone() -> None:
    for spelling, code in SPELLED.items():
        assert code not in SPELLED and spelling != code
        if not code.startswith("-"):
            assert code in IN_USE or langcodes.tag_is_valid(code), spelling
    assert not set(SPELLED) & set(IN_USE), "a code in use is its own"


def test_iso_639_is_as_others_know_it() -> None:
    """Every code of ISO 639-2 and 639-3 that has a shorter one leads to it (langcodes has both
    lists), as far as Wikimedia does not use it for a language of its own."""
    for table in (LANGUAGE_ALPHA3, LANGUAGE_ALPHA3_BIBLIOGRAPHIC):
        for short, long in table.items():
            if len(short) == 2 and languages.wikimedia(short) == short and long not in IN_USE:
                assert languages.wikimedia(long) == short


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        *(("ger", "de"), ("deu", "de"), ("GER-at", "de-at"), ("fre-CA", "fr-ca"), ("chi", "zh")),
        *(("iw", "he"), ("in", "id"), ("ji", "yi"), ("jw", "jv"), ("jaw", "jv"), ("iw-IL", "he")),
        *(("mo", "mo"), ("mol", "mo"), ("ro-Cyrl-MD", "mo"), ("sh", "sh"), ("hbs", "sh")),
        *(("scr", "hr"), ("scc", "sr"), ("no", "no"), ("nor", "no"), ("nob", "nb"), ("nno", "nn")),
        *(("i-klingon", "tlh"), ("art-lojban", "jbo"), ("no-bok", "nb"), ("zh-guoyu", "zh")),
        *(("zh-min-nan", "nan"), ("zh-min-nan-TW", "nan"), ("zh-hakka", "hak"), ("i-lux", "lb")),
        *(("zh-cmn-Hant", "zh-hant"), ("cmn-Hans-CN", "zh-cn"), ("zho_TW", "zh-tw")),
        *(("en-GB-oed", "en-gb"), ("en_UK", "en-gb"), ("sgn-BR", "bzs"), ("my-BU", "my")),
        *(("arb", "ar"), ("ekk", "et"), ("swh_KE", "sw"), ("zlm", "ms"), ("hy-arevmda", "hyw")),
        *(("hbs_HR", "hr"), ("hbs_BS", "bs"), ("hbs_SR", "sr-el"), ("cbk", "cbk-zam")),
        *(("qaa-BU", "qaa-mm"), ("ja-Latn-hepburn-heploc", "ja-latn-hepburn-alalc97")),
        *(("zh-classical", "lzh"), ("en_US", "en-us"), ("i-default", "i-default")),
        *(("xx-new", "xx-new"), ("en-US-US", "en-us"), ("english", "english")),
    ],
)
def test_whatever_is_written_for_a_language_is_read(tag: str, code: str) -> None:
    assert languages.wikimedia(tag) == code


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "-", "not a tag", "en--us", "en-", "zh-classicalchinese", "日本語", "e n", "42"),
        *("xx-very-long-private-thing", "tag-of-more-than-eightletters", "en-x", "x", "i-nothing"),
        *("zh" + "-zho" * 2000, "x" * 10**6, "en\0", "<script>", "en@latin"),
    ],
)
def test_what_is_no_language_tag_is_none(text: str) -> None:
    assert languages.wikimedia(text) is None
    assert languages.bcp47(text) == "und"
    with pytest.raises(UsageError):
        languages.valid_codes([text])


@given(st.text() | st.from_regex(r"([a-z]{1,9}[-_])*[a-z0-9]{1,9}", fullmatch=True))
def test_any_text_is_a_tag_that_can_be_exported_or_none(text: str) -> None:
    code = languages.wikimedia(text)
    if code is not None:
        assert is_tag(languages.bcp47(code)), code
        assert languages.wikimedia(code) == code == code.lower()


def test_old_codes_are_those_of_one_language() -> None:
    for code in languages.CODES:
        for old in languages.old_codes(code):
            assert languages.current(old) == languages.wikimedia(old) == code


def test_check_normalises_and_suggests() -> None:
    assert languages.valid_codes(["it", "zh_Hant", "pt-BR", "it", "no"]) == (
        "it",
        "zh-hant",
        "pt-br",
        "no",
    )
    with pytest.raises(UsageError, match=r"no language 'italian': did you mean 'it' \(Italian\)"):
        languages.valid_codes(["italian"])
    with pytest.raises(UsageError, match="did you mean 'be-tarask'"):
        languages.valid_codes(["be-taras"])
    with pytest.raises(UsageError, match=r"no language '1234567890'\.$"):
        languages.valid_codes(["1234567890"])


@pytest.mark.parametrize(
    ("site", "language"),
    [
        ("enwiki", "en"),
        ("zh_min_nanwiki", "nan"),
        ("nowiki", "nb"),
        ("bat_smgwiki", "sgs"),
        ("be_x_oldwiki", "be-tarask"),
        ("roa_tarawiki", "roa-tara"),
        ("bhwiki", "bho"),
        ("itwikiquote", "it"),
        ("simplewiki", None),
        ("commonswiki", None),
        ("specieswiki", None),
        ("metawiki", None),
        ("something", None),
    ],
)
def test_site_language(site: str, language: str | None) -> None:
    assert languages.site_language(site) == language


def test_every_language_has_the_wiki_that_its_sitelinks_name() -> None:
    """As far as it has one: what a site is of leads back to the name of the site."""
    for site in ("it", "no", "als", "zh-yue", "zh-min-nan", "zh-classical", "fiu-vro", "roa-rup"):
        language = languages.site_language(f"{site.replace('-', '_')}wiki")
        assert language is not None and languages.wiki(language) == site
    assert languages.wiki("be-x-old") == "be-tarask"
    assert {languages.wiki(code) for code in languages.variants("zh")} == {"zh"}
    assert languages.wiki("simple") == "simple" and languages.wiki("de-formal") == "de"


@pytest.mark.parametrize("code", IN_USE)
def test_search_engines_are_told_no_more_than_a_language_and_a_region(code: str) -> None:
    """SearXNG answers 400 to anything else (``VALID_LANGUAGE_CODE`` of its webutils)."""
    assert re.fullmatch(r"[a-z]{2,3}(-[a-zA-Z]{2})?", languages.locale(code))


@given(
    st.text(max_size=20)
    | st.sampled_from(["Jana", "Zoë 2", "Јана", "東京", "Tōkyō", "42", "µ", ""])
)
def test_the_scripts_of_a_text_are_those_of_the_languages_that_it_may_be_in(text: str) -> None:
    found = languages.scripts_of(text)
    for code in languages.CODES:
        if (written := languages.script(code)) != "Zyyy":
            assert (written in found) == languages.in_script(text, code)


def test_scripts_are_of_iso_15924() -> None:
    written = {languages.script(code) for code in languages.CODES} - {"Zyyy"}
    assert written <= set(ALL_SCRIPTS)


def test_coverage_states() -> None:
    label, description = TermKind.LABEL, TermKind.DESCRIPTION
    assert languages.state("it", {"it", "mul"}, label) == "explicit"
    assert languages.state("it", {"mul"}, label) == "inherited"
    assert languages.state("it", {"mul"}, description) == "missing"
    assert languages.state("it", {"en"}, label) == "missing"
    assert languages.state("ru", {"mul"}, label, "Jana") == "other script"
    assert languages.state("ru", {"mul", "ru"}, label, "Jana") == "explicit"
    assert languages.state("ba", {"mul", "ru"}, label, "Jana") == "inherited"
    assert languages.state("ru", {"mul"}, description, "Jana") == "missing"
    assert languages.state("ru", {"mul"}, label, "1984") == "inherited"
    assert languages.state("en-gb", {"en"}, description) == "inherited"
    assert languages.state("gsw", {"de"}, label) == "inherited"
    assert languages.state("gsw", {"de"}, TermKind.ALIAS) == "missing"


def test_variants() -> None:
    assert "zh-hant" in languages.variants("zh-hans")
    assert languages.variants("it") == ("it",)
    assert languages.variants("zh-yue") == ("zh-yue",)


def test_every_language_of_real_items_is_known(shared_data: Path) -> None:
    seen, sites = set(), set()
    with gzip.open(shared_data / "wikidata_entities" / "entities.ndjson.gz") as lines:
        for line in lines:
            item = json.loads(line)
            seen |= {
                code
                for kind in ("labels", "descriptions", "aliases")
                for code in item.get(kind) or {}
            }
            sites |= set(item.get("sitelinks") or {})
    assert seen <= set(languages.CODES)
    without = {site for site in sites if languages.site_language(site) is None}
    assert without <= {"commonswiki", "simplewiki", "simplewikiquote", "specieswiki", "metawiki"}


def test_japanese_may_be_written_in_three_scripts() -> None:
    assert (
        languages.in_script("ダグラス", "ja")
        and languages.in_script("東京", "ja")
        and not languages.in_script("서울", "ja")
    )
    assert languages.in_script("서울", "ko") and languages.in_script("上海", "zh-hant")


@pytest.mark.parametrize("code", ["tl", "sh"])
def test_languages_that_cldr_merges_stay_apart(code: str) -> None:
    """Wikimedia keeps Tagalog and Filipino, Serbo-Croatian and Serbian apart; langcodes 3.5.1 does
    not (findings/langcodes-merges-tl-and-sh.sh)."""
    assert languages.bcp47(code) == code
    assert languages.wikimedia(code) == code
