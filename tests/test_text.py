"""Which names are one: by real words of many scripts, by Unicode's rules, and on real data."""

from __future__ import annotations

import gzip
import sys
import unicodedata
from collections import Counter, defaultdict
from pathlib import Path
from shutil import which
from subprocess import run

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from kgenrich.evaluate.wikikge.benchmark import normal
from kgenrich.text import UNICODE, vote_key

ONE = {
    "capitals": ("Ada Lovelace", "ADA LOVELACE"),
    "punctuation": ("Jean-Paul Sartre!", "JeanPaul Sartre"),
    "canonical equivalents": ("Città", "Citta\u0300"),
    "ideographs of one form": ("\ufa19戸", "神戸"),
    "full and half width": ("ＤＶＤ", "DVD"),
    "half-width kana": ("ｶﾞｽ", "ガス"),
    "katakana dots": ("ジャン・ポール", "ジャン＝ポール", "ジャンポール"),
    "square form": ("㍿", "株式会社"),
    "Chinese dots": ("让·保罗", "让保罗"),
    "Hangul jamo": ("한국", "\u1112\u1161\u11ab\u1100\u116e\u11a8"),
    "Arabic vowel signs": ("صَلاة", "صلاة"),
    "Arabic presentation forms": ("ﺳﻼﻡ", "سلام"),
    "tatweel": ("مـحـمـد", "محمد"),
    "Persian non-joiner": ("می\u200cخواهم", "میخواهم"),
    "Hebrew points": ("שָׁלוֹם", "שלום"),
    "geresh": ("צ׳רצ׳יל", "צ'רצ'יל", "צ’רצ’יל"),
    "gershayim": ("צה״ל", 'צה"ל'),
    "Ukrainian apostrophes": ("п'ять", "п’ять", "п\u02bcять"),
    "Breton apostrophes": ("c'hoar", "c’hoar", "c\u02bchoar"),
    "okina": ("Hawai\u02bbi", "Hawai‘i", "Hawai'i"),
    "Uzbek": ("O\u02bbzbekiston", "O‘zbekiston", "O'zbekiston"),
    "possessive": ("Lord's Prayer", "Lord’s Prayer", "Lords Prayer"),
    "quotation": ("rock 'n' roll", "‘Rock’ n roll"),
    "Catalan dots": ("col·lecció", "coŀlecció", "COL•LECCIÓ"),
    "stress": ("Росси\u0301я", "Россия"),
    "final sigma": ("ΟΔΟΣ", "οδος"),
    "dotted I": ("İstanbul", "i\u0307stanbul", "istanbul", "ISTANBUL"),
    "dotless I": ("IĞDIR", "Iğdır", "ığdır"),
    "long s and ligatures": ("ﬁnaſ", "finas"),
    "Malayalam chillu": ("അവൻ", "അവന\u0d4d\u200d"),
    "Bengali khanda ta": ("হঠাৎ", "হঠাত\u09cd\u200d"),
    "Devanagari nukta": ("\u0958लम", "क\u093cलम"),
    "Thai sara am": ("น\u0e33", "น\u0e4d\u0e32"),
    "Tibetan tsheg": ("བོད་", "བོད"),
    "Ethiopic word space": ("አዲስ፡አበባ", "አዲስ አበባ"),
    "number sign": ("#MeToo", "MeToo"),
    "sharp": ("F♯", "F#"),
}
OTHER = {
    "Hindi": ("दाल", "दिल", "दल"),
    "Marathi": ("कोची", "काच", "कच"),
    "Bengali": ("বল", "বেল", "বিল", "বাল"),
    "Punjabi": ("ਦਲ", "ਦਾਲ", "ਦਿਲ"),
    "Gujarati": ("કલ", "કાલ", "કુલ"),
    "Odia": ("ଫଳ", "ଫୁଲ", "ଫଲ"),
    "Tamil": ("மாலி", "மலை", "மாலை"),
    "Telugu": ("పాలు", "పులి", "పల"),
    "Kannada": ("ಮನ", "ಮನೆ", "ಮೀನು"),
    "Malayalam": ("മല", "മാല", "മുല"),
    "Sinhala": ("මල", "මාල", "මුල"),
    "Thai": ("ไม", "ไม่", "ไม้", "ไหม"),
    "Lao": ("ມາ", "ມ້າ", "ໝາ"),
    "Khmer": ("ខ្មែរ", "ខមរ", "ខ្មរ"),
    "Burmese": ("ပန", "ပန်း", "ပိန်"),
    "Tibetan": ("བད", "བོད", "བ་ད"),
    "Dhivehi": ("ދިވެހި", "ދަވަހަ"),
    "Javanese": ("ꦗꦮ", "ꦗꦮꦶ"),
    "N'Ko": ("ߒߞߏ", "ߒߞߏ߫"),
    "Vietnamese": ("ma", "má", "mà", "mả", "mã", "mạ"),
    "Yoruba": ("ọkọ", "ọkọ\u0301", "ọkọ\u0300"),
    "Malagasy": ("n\u0308", "n"),
    "Japanese": ("カス", "ガス"),
    "Ainu": ("ト", "ト\u309a", "ド"),
    "Korean": ("한국", "한굑"),
    "Chinese": ("\U0002a6df", "\U000323b0", "\U0003347a"),
    "Hawaiian": ("kou", "ko\u02bbu"),
    "Uzbek": ("ot", "o't"),
    "Breton": ("sac'h", "sach"),
    "Hebrew": ("ג'ין", "גין"),
    "Catalan": ("cel·la", "cella"),
    "Turkish": ("kır", "kir"),
    "Montenegrin": ("с\u0301", "с"),
    "Bulgarian": ("ѝ", "и"),
    "Russian": ("й", "и"),
    "Kashmiri": ("کٔ", "ک"),
    "German": ("Maße", "Masse"),
    "signs": ("C", "C++", "C#", "C$"),
    "hours": ("UTC+4", "UTC-4"),
    "Braille": ("⠁⠃", "⠃⠁"),
    "SignWriting": ("\U0001d800", "\U0001d801"),
}
LEFT_OUT = regex.compile(
    r"[\p{Hebrew}\p{Syriac}\p{Samaritan}\p{Arabic}\p{Me}\p{Default_Ignorable_Code_Point}"
    r"\u0610-\u061a\u064b-\u0652\u0670\u20d0-\u20f0\u1b6b-\u1b73"
    r"\U0001cf00-\U0001cf46\U0001d100-\U0001d2ff]"
)
MARKS = [
    chr(code)
    for code in range(0x20000)
    if unicodedata.category(chr(code))[0] == "M" and not LEFT_OUT.match(chr(code))
]


@pytest.mark.parametrize("names", ONE.values(), ids=ONE)
def test_one_name_written_in_several_ways_has_one_key(names: tuple[str, ...]) -> None:
    assert len(set(map(vote_key, names))) == 1 and vote_key(names[0])


@pytest.mark.parametrize("names", OTHER.values(), ids=OTHER)
def test_different_names_have_different_keys(names: tuple[str, ...]) -> None:
    keys = list(map(vote_key, names))
    assert len(set(keys)) == len(names) and all(keys)


@pytest.mark.parametrize("base", "กक")
def test_every_mark_that_is_a_letter_tells_names_apart(base: str) -> None:
    by_key = defaultdict(set)
    for mark in (*MARKS, ""):
        by_key[vote_key(base + mark)].add(unicodedata.normalize("NFKC", base + mark))
    assert {key: names for key, names in by_key.items() if len(names) > 1} == {}
    assert len(MARKS) > 1500


@given(st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from(MARKS), max_size=12))
def test_canonical_equivalents_are_one(text: str) -> None:
    forms = {vote_key(unicodedata.normalize(form, text)) for form in ("NFC", "NFD")}
    assert forms == {vote_key(text)}


@given(st.text(st.characters(categories=["L", "Nd"], max_codepoint=0x2FF), max_size=12))
def test_a_key_is_its_own_key(text: str) -> None:
    assert vote_key(vote_key(text)) == vote_key(text)


@given(st.text(st.sampled_from("abcXYZ äöéßñж京, .-()"), max_size=20))
def test_plain_names_are_compared_as_the_benchmark_does(text: str) -> None:
    assert vote_key(text) == " ".join(normal(text).split())


# -- one Unicode for every Python --------------------------------------------------------------

EVERY = """
import importlib.util, sys
from hashlib import sha256
spec = importlib.util.spec_from_file_location("text", sys.argv[1])
text = importlib.util.module_from_spec(spec)
spec.loader.exec_module(text)
spans = ((0, 0xD800), (0xE000, 0x20000), (0x2F800, 0x2FA20), (0xE0000, 0xE0200))
planes = [code for first, end in spans for code in range(first, end)]
keys = [text.vote_key(before + chr(code) + "\\u0301") for before in ("", "a") for code in planes]
print(sha256("\\n".join(keys).encode()).hexdigest())
"""
DIGEST = "36879854b16b5c865f8bbf39ea7eeb10613178096f51fef5fd62e41bc01f398f"


@pytest.mark.slow
@pytest.mark.parametrize("python", ["", "python3.11", "python3.12", "python3.13", "python3.14"])
def test_keys_are_those_of_one_unicode_whatever_the_python(python: str) -> None:
    command = which(python) if python else sys.executable
    source = Path(vote_key.__wrapped__.__code__.co_filename)
    if command is None or run([command, "-c", ""], capture_output=True).returncode:
        pytest.skip(f"{python} is not installed.")
    told = run([command, "-c", EVERY, str(source)], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == DIGEST


@pytest.mark.slow
def test_the_table_is_that_of_the_unicode_character_database() -> None:
    ucd = pytest.importorskip("unicodedata2")
    from tests.unicode_table import OLDEST, TABLE, table

    if unicodedata.unidata_version != OLDEST:
        pytest.skip("Only the oldest Python makes the table.")
    assert ucd.unidata_version.startswith(UNICODE)
    assert TABLE.read_text(encoding="utf-8") == table()


# -- on real names -----------------------------------------------------------------------------


@pytest.mark.slow
def test_of_real_names_those_fall_together_that_differ_in_no_letter(shared_data: Path) -> None:
    """Of every two names of one language with one key, what differs is no letter and no mark that
    is one, but for what folds: width, ligatures, position, stress, apostrophes of one kind."""
    names: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    with gzip.open(shared_data / "terms" / "terms.tsv.gz", "rt", encoding="utf-8") as lines:
        next(lines)
        for line in lines:
            _, language, kind, text, _ = line.rstrip("\n").split("\t")
            if kind != "description":
                names[language][vote_key(text)].add(text)
    differ: Counter[str] = Counter()
    for keys in names.values():
        for key, texts in keys.items():
            if key and len(texts) > 1:
                letters = [Counter(_letters(text)) for text in texts]
                for other in letters[1:]:
                    differ.update((letters[0] - other) + (other - letters[0]))
    told = {char: count for char, count in differ.items() if not FOLDED.match(char)}
    assert told == {}


# Stress, the dot of İ, ı beside it, apostrophes, tatweel, optional points, the long s.
FOLDED = regex.compile(r"[\u0307ıi\u0300\u0301\u02bb\u02bc\u0640\p{Hebrew}\u064b-\u0652\u0670ſ]")


def _letters(text: str) -> str:
    """The letters and marks of a text without presentation forms and case."""
    seen = "".join(filter(vote_key, text))
    plain = unicodedata.normalize("NFKD", seen).lower().replace("ς", "σ")
    return "".join(char for char in plain if unicodedata.category(char)[0] in "LM")
