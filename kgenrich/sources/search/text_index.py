"""A full-text index over local text, built once for a content and kept in the user's cache.

It is searched by words; in scripts without spaces, by every pair of neighbouring characters.
"""

from __future__ import annotations

import tempfile
import unicodedata
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any

import regex

from kgenrich.corpus import Page, pages
from kgenrich.errors import InputError, KgenrichError
from kgenrich.text import UNICODE, vote_key

VERSION = f"2 {UNICODE}"
"""Of the layout, the tokens and the keys: another one makes another index."""

_HEAP = 32_000_000
_LONGEST_PHRASE = 12
_STORED = ("title", "language", "text", "qid")

SPACELESS = "".join(
    rf"\p{{Script={name}}}"
    for name in ("Hani", "Hira", "Kana", "Thai", "Laoo", "Khmr", "Mymr", "Tibt")
)
_RUN = regex.compile(
    rf"(?P<pairs>[{SPACELESS}ー々]+)|(?P<word>[[\p{{L}}\p{{N}}\p{{M}}]--[{SPACELESS}ー々]]+)",
    regex.V1,
)
_ACCENTS = regex.compile(r"[\u0300-\u036f]")


class TextIndex:
    """Finds pages by entity, by title and by a phrase; ``digest`` is that of the text."""

    def __init__(self, folder: Path) -> None:
        import tantivy

        self._tantivy = tantivy
        self.digest = folder.name
        try:
            index = tantivy.Index.open(str(folder))
            self._register(index)
            self._searcher = index.searcher()
        except ValueError as error:
            raise KgenrichError(
                f"The search index {folder} cannot be opened ({error}): delete it to build it anew."
            ) from error
        self._schema = index.schema
        self._spoken: dict[str, bool] = {}

    def speaks(self, language: str) -> bool:
        """Whether there is a page in the language."""
        if language not in self._spoken:
            self._spoken[language] = bool(self._search([("language", [language])], None, 1))
        return self._spoken[language]

    def of_entity(self, qid: str, language: str | None = None, limit: int = 20) -> list[Page]:
        """The pages about an entity."""
        return self._search([("qid", [qid])], language, limit)

    def titled(self, title: str, language: str, limit: int = 5) -> list[Page]:
        """The pages whose title is the name, in normal form."""
        key = vote_key(title)
        return self._search([("key", [key])], language, limit) if key else []

    def anonymous(self, language: str, limit: int) -> list[Page]:
        """Pages that do not say which entity they are about."""
        return self._search([("qid", [""])], language, limit)

    def mentioning(self, phrase: str, language: str, limit: int = 10) -> list[Page]:
        """The pages whose text has the phrase, best first."""
        words = tokens(phrase)
        if not words or len(words) > _LONGEST_PHRASE:
            return []
        return self._search([("body", words)], language, limit)

    def _search(
        self, wanted: Sequence[tuple[str, Sequence[str]]], language: str | None, limit: int
    ) -> list[Page]:
        query = self._tantivy.Query
        must = self._tantivy.Occur.Must
        parts = [
            query.phrase_query(self._schema, field, list(words))
            if len(words) > 1
            else query.term_query(self._schema, field, words[0])
            for field, words in wanted
        ]
        if language is not None:
            parts.append(query.term_query(self._schema, "language", language))
        whole = query.boolean_query([(must, part) for part in parts])
        hits = self._searcher.search(whole, limit).hits
        documents = [self._searcher.doc(address) for _, address in hits]
        return [Page(*(str(one.get_first(field) or "") for field in _STORED)) for one in documents]

    @staticmethod
    def _register(index: Any) -> None:
        import tantivy

        analyzer = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
        index.register_tokenizer("tokens", analyzer)


def tokens(text: str) -> list[str]:
    """The tokens of a text, in order: words in lower case without accents, and pairs.

    >>> tokens("Čáslav, 東京都 (Tokyo)")
    ['caslav', '東京', '京都', 'tokyo']
    """
    folded = _ACCENTS.sub("", unicodedata.normalize("NFKD", text).casefold())
    result: list[str] = []
    for found in _RUN.finditer(unicodedata.normalize("NFC", folded)):
        run = found.group()
        if found.lastgroup == "word" or len(run) == 1:
            result.append(run)
        else:
            result.extend(run[i : i + 2] for i in range(len(run) - 1))
    return result


def open_index(corpora: Sequence[Path], cache: Path) -> TextIndex:
    """The index over the corpora, built if it is not in the cache yet.

    Raises `InputError` for a corpus that cannot be read, naming the line.
    """
    folder = cache / _digest(corpora)
    if not folder.is_dir():
        _build(corpora, folder)
    return TextIndex(folder)


def _digest(corpora: Sequence[Path]) -> str:
    digest = blake2b(VERSION.encode(), digest_size=16)
    for corpus in corpora:
        try:
            with corpus.open("rb") as data:
                while block := data.read(1 << 20):
                    digest.update(block)
        except OSError as error:
            raise InputError(f"The corpus {corpus} cannot be read: {error.strerror}.") from error
    return digest.hexdigest()


def _build(corpora: Sequence[Path], folder: Path) -> None:
    """Build beside and rename, so that a broken or a second build leaves nothing half done."""
    import tantivy

    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(
        prefix=f".{folder.name}-", dir=folder.parent, ignore_cleanup_errors=True
    ) as beside:
        builder = tantivy.SchemaBuilder()
        for field in ("qid", "language", "key"):
            builder.add_text_field(field, stored=field != "key", tokenizer_name="raw")
        for field in ("title", "text"):
            builder.add_text_field(field, stored=True, tokenizer_name="raw", index_option="basic")
        builder.add_text_field("body", stored=False, tokenizer_name="tokens")
        index = tantivy.Index(builder.build(), path=beside)
        TextIndex._register(index)
        writer = index.writer(_HEAP, 1)
        try:
            for corpus in corpora:
                for page in pages(corpus):
                    document = tantivy.Document(
                        qid=page.qid,
                        language=page.language,
                        key=vote_key(page.title),
                        title=page.title,
                        text=page.text,
                        body=" ".join(tokens(page.text)),
                    )
                    writer.add_document(document)
            writer.commit()
        except BaseException:
            writer.rollback()
            raise
        finally:
            # Its threads write into the folder until then.
            writer.wait_merging_threads()
        try:
            Path(beside).rename(folder)
        except OSError:
            # Somebody else built the same index in the meantime.
            if not folder.is_dir():
                raise
