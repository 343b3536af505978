"""What answers a conversation: a server that speaks OpenAI's chat completions, or a local model."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from msgspec import Struct
from msgspec.structs import asdict

from kgenrich.errors import NetworkError
from kgenrich.net.faults import told
from kgenrich.net.service import Service
from kgenrich.net.session import Refused
from kgenrich.sources import loose
from kgenrich.sources.llm.answer import SCHEMA
from kgenrich.sources.llm.prompt import Message
from kgenrich.sources.neural import load

LADDER: tuple[dict[str, Any] | None, ...] = (
    {"type": "json_schema", "json_schema": {"name": "terms", "schema": SCHEMA, "strict": True}},
    {"type": "json_object"},
    None,
)
"""How an answer in JSON is asked for; servers that refuse one are asked in the next way. Many
take the field and ignore it, so an answer is checked however it was asked for."""

_REFUSED_FORM = frozenset({400, 415, 422, 501})

_LENGTH = frozenset({"length", "max_tokens"})
_SPOKEN = frozenset({"", "text", "output_text"})
_STOPPED = frozenset({"content_filter", "refusal", "safety", "error"})


class Completion(Struct, frozen=True):
    """An answer: its text, the model that gave it, tokens, and why it ended (``stop``,
    ``length``); ``refusal`` says in the server's words why there is no text."""

    content: str
    model: str = ""
    tokens_in: int = 0
    tokens_out: int = 0
    ended: str = ""
    refusal: str = ""


class Chat(Protocol):
    """Answers conversations."""

    @property
    def identity(self) -> tuple[str, ...]:
        """What its answers hang on: adapter, place, model, parameters."""
        ...

    def complete(self, messages: Sequence[Message]) -> Completion:
        """Raises `NetworkError` for this conversation, `SourceStopped` for all."""
        ...


class OpenAIChat:
    """Any server with ``POST /v1/chat/completions``: hosted ones, vLLM, llama-server, Ollama."""

    def __init__(self, service: Service, model: str, parameters: Mapping[str, Any]) -> None:
        self._service = service
        self._model = model
        self._parameters = dict(parameters)
        self._rung = 0
        self._lock = threading.Lock()
        self.identity = ("openai", service.url, model, repr(sorted(self._parameters.items())))

    def complete(self, messages: Sequence[Message]) -> Completion:
        plain = [asdict(message) for message in messages]
        said = self._climb({"model": self._model, "messages": plain, **self._parameters})
        choices = loose.objects(said, "choices") or ()
        choice = next((one for one in choices if not one.get("error")), None)
        if choice is None or not isinstance(choice.get("message"), dict):
            raise NetworkError(f"{self._service.host} sent an answer without a message.")
        message, ended = choice["message"], loose.text(choice, "finish_reason")
        refusal = loose.text(message, "refusal") or _refusal(message.get("content"))
        content = _content(message.get("content"))
        if ended in _STOPPED and not content:
            refusal = refusal or f"it was ended ({ended})"
        return Completion(
            content,
            loose.text(said, "model"),
            loose.number(said, "usage", "prompt_tokens"),
            loose.number(said, "usage", "completion_tokens"),
            "length" if ended.casefold() in _LENGTH else ended,
            told(refusal),
        )

    def _climb(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Ask in the best way that the server takes; a way is given up for good only when the next
        one was taken, for a request may be refused for another reason."""
        refused: Refused | None = None
        for rung in range(self._rung, len(LADDER)):
            extra = {"response_format": form} if (form := LADDER[rung]) else {}
            try:
                said = self._service.post("/chat/completions", {**body, **extra}, dict[str, Any])
            except Refused as error:
                if error.status not in _REFUSED_FORM:
                    raise
                refused = refused or error
                continue
            with self._lock:
                self._rung = max(self._rung, rung)
            return said
        assert refused is not None  # noqa: S101
        raise refused


def _content(content: Any) -> str:
    """The text of a message, which may come in parts, some of them thoughts."""
    parts = content if isinstance(content, list) else [content]
    return "".join(
        part if isinstance(part, str) else loose.text(part, "text")
        for part in parts
        if isinstance(part, str)
        or (loose.text(part, "type") in _SPOKEN and not loose.at(part, "thought"))
    )


def _refusal(content: Any) -> str:
    parts = content if isinstance(content, list) else ()
    return next(filter(None, (loose.text(part, "refusal") for part in parts)), "")


class LocalChat:
    """A causal language model of transformers, from a directory or from what was downloaded.

    Raises `SourceStopped` when it cannot be loaded. Answers are greedy, so that the same question
    has the same answer.
    """

    def __init__(self, model: str, device: str, tokens: int) -> None:
        self.identity = ("transformers", model, str(tokens))
        self._name, self._device, self._tokens = model, device, tokens
        self._model: Any = None
        self._tokenizer: Any = None
        self._lock = threading.Lock()

    def complete(self, messages: Sequence[Message]) -> Completion:
        with self._lock:
            if self._model is None:
                loaded = load("AutoModelForCausalLM", self._name, self._device)
                self._model, self._tokenizer = loaded
            import torch

            text = self._text(messages)
            inputs = self._tokenizer(text, return_tensors="pt", add_special_tokens=False)
            room = getattr(self._model.config, "max_position_embeddings", None)
            length = inputs["input_ids"].shape[1]
            if room is not None and length + self._tokens > room:
                raise NetworkError(f"The question has {length} tokens, too many for {self._name}.")
            with torch.inference_mode():
                made = self._model.generate(
                    **inputs.to(self._model.device),
                    max_new_tokens=self._tokens,
                    do_sample=False,
                    pad_token_id=self._tokenizer.pad_token_id or self._tokenizer.eos_token_id,
                )
        fresh = made[0][length:]
        content = self._tokenizer.decode(fresh, skip_special_tokens=True)
        ended = "length" if len(fresh) >= self._tokens else "stop"
        return Completion(content, self._name, int(length), len(fresh), ended)

    def _text(self, messages: Sequence[Message]) -> str:
        if self._tokenizer.chat_template:
            plain = [asdict(message) for message in messages]
            fill = self._tokenizer.apply_chat_template
            return str(fill(plain, tokenize=False, add_generation_prompt=True))
        return "\n\n".join(f"{m.role}: {m.content}" for m in messages) + "\n\nassistant:"
