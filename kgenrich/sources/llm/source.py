"""Language models as a source: one-shot prompt, checked answer, one repair."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct, field
from msgspec.structs import replace

from kgenrich.errors import NetworkError, SourceStopped, UsageError
from kgenrich.model import Entity, SourceKind, TermKind, TermRequest
from kgenrich.net.service import Service
from kgenrich.sources.base import Question, Source, SourceContext, build
from kgenrich.sources.dictionary.glossary_rules import glossary_rules
from kgenrich.sources.fitted_values import Fitting
from kgenrich.sources.llm.answer import Reading, read
from kgenrich.sources.llm.chat import Chat, Completion, LocalChat, OpenAIChat
from kgenrich.sources.llm.material import (
    VERSION,
    EntityFacts,
    Examples,
    Passage,
    find_examples,
    from_corpus,
)
from kgenrich.sources.llm.prompt import (
    Material,
    Message,
    conversation,
    example_answer,
    quotable,
    repair,
    versions,
)
from kgenrich.sources.llm.spoken import spoken
from kgenrich.sources.naturalise import named, source_language
from kgenrich.sources.remote_source import (
    CallOptions,
    RemoteSource,
    Reply,
    Suggestion,
    network,
    require_option,
    secret,
)
from kgenrich.text import vote_key

MILLION = 1e6


class LlmOptions(CallOptions, frozen=True, kw_only=True):
    """What every language model has: ``price_in`` and ``price_out`` for a million tokens,
    ``tokens`` at most in an answer, whether an ``example`` and a ``glossary`` are given, a
    ``corpus`` to find evidence in (``kgenrich.sources.search``) with its ``corpus_licence``, and
    ``draft``, a local source of machine translation whose term is to be corrected."""

    model: str = ""
    price_in: float = 0.0
    price_out: float = 0.0
    tokens: int = 400
    example: bool = True
    glossary: bool = True
    examples_from: int = 100_000
    corpus: str = ""
    corpus_licence: str = ""
    draft: str = ""


class ServerOptions(LlmOptions, frozen=True, kw_only=True):
    """``[sources.openai]``: ``model``, ``url`` of the API (up to ``/v1``), ``key_env`` with the
    name of the variable that holds the key, if one is needed, and ``parameters``, fields sent with
    every request (``temperature``, ``max_tokens``)."""

    url: str = "https://api.openai.com/v1"
    key_env: str | None = None
    parameters: dict[str, Any] = field(default_factory=dict)


class LocalOptions(LlmOptions, frozen=True, kw_only=True):
    """``[sources.transformers-llm]``: ``model``, a directory or the id of a downloaded model, and
    ``device``."""

    device: str = "auto"
    concurrency: int = 1


class Dialogue(Struct, frozen=True):
    """A conversation to be had, what may be quoted in it, and what may not be answered; the
    questions that bring the draft to be corrected (``drafts``), and their identity (``draft``)."""

    messages: tuple[Message, ...]
    passages: tuple[Passage, ...] = ()
    seen: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    material: Material = Material(())
    shot: tuple[Material, str] | None = None
    draft: str = ""
    drafts: tuple[Question, ...] = ()

    @property
    def parts(self) -> tuple[str, ...]:
        """What the answer hangs on: every word of the conversation, and who made the draft."""
        return (*(text for m in self.messages for text in (m.role, m.content)), self.draft)


class LanguageModel(RemoteSource[Dialogue]):
    """See the module."""

    kind = SourceKind.LLM
    options: LlmOptions

    def __init__(self, context: SourceContext, options: LlmOptions, chat: Chat) -> None:
        identity = ("llm", *chat.identity, *versions())
        super().__init__(context, options, options.model, identity)
        self._chat = chat
        languages, entities = sorted(set(context.languages)), options.examples_from
        fitting = Fitting(
            context,
            "examples",
            Examples,
            lambda graph: find_examples(graph, languages, entities),
            (VERSION, languages, entities),
            entities,
        )
        self._facts = EntityFacts(
            context.graph, lambda: fitting.value, lambda: list(glossary_rules(context.settings))
        )
        corpus = options.corpus
        self._retrieve = from_corpus(corpus, options.corpus_licence) if corpus else None
        self._draft = _drafter(context, options.draft) if options.draft else None
        self._draft_lock = Lock()

    def body(self, request: TermRequest) -> Dialogue | None:
        """The conversation; None for an entity without any name, and where its definition is wanted
        and it has none."""
        request = replace(request, entity=named(request.entity, request.language))
        home = source_language(request.entity)
        if not home:
            return None
        facts, glossary = self._facts, self.options.glossary
        material = facts.material(request, glossary=glossary)
        if request.kind is TermKind.DEFINITION and not material.definitions:
            return None
        passages = tuple(self._retrieve(request)) if self._retrieve else ()
        material = replace(material, passages=tuple(p.text for p in passages))
        shot: tuple[Material, str] | None = None
        refused: tuple[str, ...] = ()
        if self.options.example and (example := facts.example(request)) is not None:
            entity, text = example
            unnamed = replace(request, entity=_without(entity, request))
            told = replace(facts.material(unnamed, glossary=glossary), wanted="", unwanted=())
            shot = (told, example_answer(text))
            if entity.labels.get(home) != request.entity.labels[home]:
                refused = (text,)
        drafts = tuple(self._draft.prepare([request])) if self._draft else ()
        draft_call = next((draft.fingerprint for draft in drafts), "") or None
        return Dialogue(
            conversation(request.kind, request.language, material, shot),
            passages,
            quotable(material),
            refused,
            material,
            shot,
            f"{self.options.draft} {draft_call}" if self._draft else "",
            drafts,
        )

    def max_cost(self, body: Dialogue) -> float:
        """A token is at least a byte."""
        said = sum(len(m.content.encode()) + 16 for m in body.messages)
        return self._price(said, self.options.tokens)

    def ask(self, request: TermRequest, body: Dialogue) -> Reply:
        """Ask, check, and ask once more if the answer cannot be used."""
        messages = body.messages
        if draft := self._drafted(body.drafts):
            material = replace(body.material, draft=draft)
            messages = conversation(request.kind, request.language, material, body.shot)
        first = self._chat.complete(messages)
        if unsaid := self._unsaid(request, first):
            return replace(self._reply(body, Reading(), [first]), failure=unsaid, passes=True)
        reading = self._read(request, body, first)
        said = [first]
        if reading.problem and (again := self._again(body, messages, first, reading.problem)):
            said.append(again)
            reading = self._read(request, body, again)
            if reading.problem:
                reading = Reading(problem=f"{reading.problem} (asked twice)")
        return self._reply(body, reading, said)

    def _again(
        self, body: Dialogue, messages: Sequence[Message], first: Completion, problem: str
    ) -> Completion | None:
        """The answer to the request to repair; None where it may not or cannot be asked for."""
        more = (*messages, Message("assistant", first.content[:4000]), repair(problem))
        most = self.max_cost(replace(body, messages=more))
        try:
            self.budget.take(most)
        except SourceStopped:
            return None
        try:
            return self._chat.complete(more)
        except (NetworkError, SourceStopped):
            return None
        finally:
            # What both calls did cost is settled at once, with the reply.
            self.budget.settle(most, 0.0)

    def _unsaid(self, request: TermRequest, said: Completion) -> str:
        """Why a model said nothing of use, which another time it may; empty where it spoke."""
        if said.refusal:
            return f"the server refused: {said.refusal}"
        if request.kind is TermKind.DEFINITION and said.ended == "length":
            return (
                f"the definition does not fit into its {self.options.tokens} tokens: "
                f"raise tokens under [sources.{self.name}]"
            )
        if spoken(said.content).text.strip():
            return ""
        if said.ended == "length":
            return (
                f"it spent its {self.options.tokens} tokens on thinking and gave no answer: "
                f"raise tokens under [sources.{self.name}]"
            )
        return "it gave no answer"

    def _read(self, request: TermRequest, body: Dialogue, said: Completion) -> Reading:
        reading = read(request, said.content, body.seen, body.refused, body.material.unwanted)
        if reading.problem and said.ended == "length":
            return Reading(problem="it is cut off, it must be shorter")
        return reading

    def _reply(self, body: Dialogue, reading: Reading, said: Sequence[Completion]) -> Reply:
        tokens_in = sum(one.tokens_in for one in said)
        tokens_out = sum(one.tokens_out for one in said)
        suggestions = []
        for rank, term in enumerate(reading.terms, 1):
            source = _holder(body.passages, term.quote) or Passage("")
            note = "quoted from the evidence" if term.quote else "from the model's memory"
            raw = term.quote or term.text
            suggestions.append(
                Suggestion(
                    text=term.text,
                    rank=rank,
                    raw=raw,
                    url=source.url,
                    licence=source.licence,
                    note=note,
                )
            )
        return Reply(
            suggestions=suggestions,
            answer="\n---\n".join(one.content for one in said),
            model=said[-1].model,
            tokens_in=tokens_in,
            tokens_out=tokens_out,
            cost=self._price(tokens_in, tokens_out),
            failure=f"the answer cannot be used: {reading.problem}" if reading.problem else "",
        )

    def _price(self, tokens_in: int, tokens_out: int) -> float:
        options = self.options
        return (tokens_in * options.price_in + tokens_out * options.price_out) / MILLION

    def _drafted(self, drafts: Sequence[Question]) -> str:
        if self._draft is None or not drafts:
            return ""
        with self._draft_lock:
            answers = list(self._draft.propose(drafts))
        return next((c.text for answer in answers for c in answer.candidates), "")


def _holder(passages: Sequence[Passage], quote: str) -> Passage | None:
    key = vote_key(quote)
    return next((one for one in passages if key and key in vote_key(one.text)), None)


def _without(entity: Entity, request: TermRequest) -> Entity:
    """The example as the model would have seen it: without the terms that it shows."""
    fields = (
        ("labels", "aliases", "descriptions") if request.kind.is_name else (f"{request.kind}s",)
    )
    kept = {
        field: {c: term for c, term in getattr(entity, field).items() if c != request.language}
        for field in fields
    }
    return replace(entity, **kept)


def _drafter(context: SourceContext, name: str) -> Source:
    """A source of machine translation that costs nothing, to make the drafts."""
    options = context.settings.sources.get(name, {})
    source = build(name, replace(context, options=options))
    if source.kind is not SourceKind.MT or isinstance(getattr(source, "price", None), float):
        raise UsageError(
            f"The option draft of {context.name!r} names {name!r}, which is no local source of "
            "machine translation."
        )
    return source


def server(context: SourceContext) -> LanguageModel:
    """A model behind an OpenAI-compatible server (a `SourceFactory`)."""
    options = context.read(ServerOptions)
    require_option(options.model, "model", '"gpt-4o-mini"')
    # The whole host: the key must not go to one that has this name in its own.
    is_openai = urlsplit(options.url).hostname == "api.openai.com"
    variable = options.key_env or ("OPENAI_API_KEY" if is_openai else "")
    key = secret(variable) if variable else ""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    service = Service(network(context, options), options.url, headers=headers, secret=key)
    parameters = {"temperature": 0, "max_tokens": options.tokens} | options.parameters
    parameters = {name: value for name, value in parameters.items() if value != ""}
    model = LanguageModel(context, options, OpenAIChat(service, options.model, parameters))
    model.host, model.key_env = service.host, variable
    return model


def local(context: SourceContext) -> LanguageModel:
    """A model of transformers on this machine (a `SourceFactory`)."""
    options = replace(context.read(LocalOptions), concurrency=1)
    require_option(options.model, "model", '"/models/my-model"')
    return LanguageModel(context, options, LocalChat(options.model, options.device, options.tokens))
