"""Web search as M-NTA uses it (Conia et al., EMNLP 2023).

The query is ``NAME (DESCRIPTION) in LANGUAGE``; of the ten first results the emphasised terms are
taken, and of these the five most frequent that occur at least twice. Engines that emphasise
nothing give the heads of their titles instead. Where no term occurs twice, the span of titles and
snippets that is most like the entity's names is taken. What pages say is untrusted: it is only ever
a candidate, and only if it looks like a name.
"""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import regex
from msgspec import Struct, to_builtins
from msgspec.json import encode

from kgenrich.adapters.likeness import likeness
from kgenrich.languages import name as language_name
from kgenrich.model import SourceKind, TermRequest
from kgenrich.sources import loose
from kgenrich.sources.base import SourceContext
from kgenrich.sources.naturalise import named, source_language
from kgenrich.sources.plausible import plausible
from kgenrich.sources.remote_source import CallOptions, RemoteSource, Reply, Suggestion
from kgenrich.sources.search.name_extraction import most_alike
from kgenrich.sources.search.page_names import other_names
from kgenrich.text import clean, strip_qualifier, vote_key

VERSION = "emphasis-1"
RESULTS, TERMS, TWICE = 10, 5, 2
"""Results read, terms kept, and how often a term must occur."""

_SNIPPET = 2_000
_EMPHASIS = regex.compile(
    r"(?si)<(?:span class=\"?searchmatch\"?|strong|b|em|mark)>(.{1,200}?)"
    r"</(?:span|strong|b|em|mark)>"
)
_BETWEEN = regex.compile(
    r"(?si)</(?:span|strong|b|em|mark)>([\s\-‐–・·.’']{0,2})"
    r"<(?:span class=\"?searchmatch\"?|strong|b|em|mark)>"
)
_TAG = regex.compile(r"<[^<>]{0,200}>")
_SEPARATOR = regex.compile(r"\s+[-–—|·:»]\s+|\s*[|｜]\s*|\s+[_]\s+")


class WebOptions(CallOptions, frozen=True, kw_only=True):
    """What every search engine has: its ``url``, and the ``price`` of a thousand queries."""

    url: str = ""
    price: float | None = None


class Query(Struct, frozen=True):
    """What is searched for, and the language of its words."""

    text: str
    language: str
    name: str

    @property
    def parts(self) -> tuple[str, ...]:
        """What the answer hangs on."""
        return (self.language, self.text)


class Result(Struct, frozen=True):
    """One result: its title, its snippet as HTML, its address."""

    title: str
    snippet: str = ""
    url: str = ""


def results(hits: Sequence[dict[str, Any]], snippet: str) -> list[Result]:
    """The hits of an engine as results; ``snippet`` names the field of theirs. One without any
    text is left out."""
    read = (Result(*(loose.text(hit, name) for name in ("title", snippet, "url"))) for hit in hits)
    return [one for one in read if one.title or one.snippet]


class WebSearch(RemoteSource[Query]):
    """What all engines share: the query, and the terms in what comes back."""

    kind = SourceKind.SEARCH

    def __init__(self, context: SourceContext, options: WebOptions, engine: str) -> None:
        super().__init__(context, options, engine, (engine, options.url, VERSION))
        self.price = options.price or 0.0
        # Without its memory of vectors, which threads cannot share.
        self._encoder = likeness(context.settings.encoder).encoder

    def body(self, request: TermRequest) -> Query | None:
        """The query; None for what is no name and for entities without one."""
        if not request.kind.is_name:
            return None
        entity = named(request.entity, request.language)
        home = source_language(entity)
        if not home or home == request.language:
            return None
        name = clean(entity.labels[home])[:200]
        described = clean(entity.descriptions.get(home, ""))[:200]
        about = f" ({described})" if described else ""
        text = f"{name}{about} in {language_name(request.language)}"
        return Query(text, home, name)

    def max_cost(self, body: Query) -> float:
        """Engines count queries."""
        return self.price / 1000

    def ask(self, request: TermRequest, body: Query) -> Reply:
        return self.reply(request, body, self.search(request, body)[:RESULTS])

    def search(self, request: TermRequest, query: Query) -> list[Result]:
        """One call of the engine."""
        raise NotImplementedError

    def reply(
        self,
        request: TermRequest,
        query: Query,
        results: Sequence[Result],
        more: Sequence[Suggestion] = (),
    ) -> Reply:
        """The candidates in the results, after those found in another way."""
        suggestions = [*more]
        known = {vote_key(one.text) for one in suggestions}
        for text, count, result in terms(request, query, results):
            if vote_key(text) not in known:
                note = f"emphasised in {count} of {len(results)} results"
                suggestions.append(_suggestion(text, query, result, len(suggestions) + 1, note))
        if not suggestions:
            suggestions.extend(self._matched(request, query, results))
        return Reply(
            suggestions=suggestions,
            answer=encode([to_builtins(result) for result in results]).decode(),
            model=self.model,
            cost=self.max_cost(query),
        )

    def _matched(
        self, request: TermRequest, query: Query, results: Sequence[Result]
    ) -> Iterator[Suggestion]:
        """The span most like the entity's names, from the first result that holds it."""
        texts = [text for one in results for text in (head(one.title), plain(one.snippet))]
        names = other_names(request.entity, request.language)
        match = most_alike(texts, names, request.language, self._encoder)
        if match is None or not plausible(request, match.span):
            return
        first = next(place for place, text in enumerate(texts) if match.span in text) // 2
        note = (
            f"most like {match.name!r} ({match.cosine:.2f}) of the spans in {len(results)} results"
        )
        yield _suggestion(plausible(request, match.span), query, results[first], 1, note)


def _suggestion(text: str, query: Query, result: Result, rank: int, note: str) -> Suggestion:
    return Suggestion(
        text=text,
        from_language=query.language,
        from_text=query.text,
        raw=plain(result.snippet)[:300] or result.title,
        rank=rank,
        url=result.url[:500],
        note=note,
    )


def terms(
    request: TermRequest, query: Query, results: Sequence[Result]
) -> list[tuple[str, int, Result]]:
    """The terms with how many results hold them and the first that does, most frequent first."""
    emphasised = [list(emphasis(result.snippet)) for result in results]
    if not any(emphasised):
        heads = [head(result.title) for result in results]
        bodies = [vote_key(f"{result.title} {plain(result.snippet)}") for result in results]
        emphasised = [[h for h in heads if vote_key(h) and vote_key(h) in body] for body in bodies]
    words = {vote_key(w) for w in query.text.split()} - {vote_key(w) for w in query.name.split()}
    words |= {vote_key(language_name(request.language))}
    counts: Counter[str] = Counter()
    first: dict[str, tuple[str, Result]] = {}
    for result, found in zip(results, emphasised, strict=True):
        for key, text in {vote_key(text): text for text in reversed(found)}.items():
            term = plausible(request, text)
            if term and key not in words:
                counts[key] += 1
                first.setdefault(key, (term, result))
    often = [(key, count) for key, count in counts.items() if count >= TWICE]
    often.sort(key=lambda pair: -pair[1])
    return [(first[key][0], count, first[key][1]) for key, count in often[:TERMS]]


def emphasis(snippet: str) -> list[str]:
    """The emphasised terms of a snippet; words emphasised one by one are one term.

    >>> emphasis('<span class="searchmatch">Douglas</span> <span class="searchmatch">Adams</span>')
    ['Douglas Adams']
    """
    joined = _BETWEEN.sub(r"\1", snippet[:_SNIPPET])
    return [text for found in _EMPHASIS.findall(joined) if (text := plain(found))]


def plain(snippet: str) -> str:
    """A snippet without markup."""
    return clean(html.unescape(_TAG.sub("", snippet[:_SNIPPET])))


def head(title: str) -> str:
    """A title without the name of its site and without a qualifier.

    >>> head("アダム・ラクスマン - Wikipedia")
    'アダム・ラクスマン'
    """
    return strip_qualifier(_SEPARATOR.split(plain(title))[0])
