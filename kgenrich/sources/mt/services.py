"""The sources ``libretranslate``, ``deepl``, ``azure`` and ``google``: services over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import regex
from msgspec import Struct
from msgspec.structs import replace

from kgenrich.errors import NetworkError, SourceStopped
from kgenrich.model import TermRequest
from kgenrich.net.service import Service
from kgenrich.net.session import Refused
from kgenrich.sources.base import SourceContext
from kgenrich.sources.mt.codes import Codes
from kgenrich.sources.mt.source import Job, Jobs, MtOptions, Translated, Translation
from kgenrich.sources.remote_source import Reply, network, require_option, secret

T = TypeVar("T")
Speak = Callable[[Service, str, Job], Translated]
"""One call: the service, the key where it travels in the body, what to translate."""


_UNSPOKEN = regex.compile(r"(?i)not supported|unsupported|language pair|language is not valid")
"""How servers say that they do not speak a language that their kind does."""


class ServiceOptions(MtOptions, frozen=True, kw_only=True):
    """What every service has: ``price`` for a million characters (0 for a free plan), without
    which costs could not be bounded, ``url``, ``key_env`` with the name of the variable that holds
    the key, for Azure the ``region`` that the key belongs to, and ``at_once``, the source languages
    of one request, each a call of its own."""

    price: float | None = None
    url: str = ""
    key_env: str = ""
    region: str = ""
    at_once: int = 1


class _Text(Struct):
    text: str


class _Texts(Struct):
    translations: list[_Text]


class _Translated(Struct, rename="camel"):
    translated_text: str


class _GoogleData(Struct):
    translations: list[_Translated]


class _GoogleSaid(Struct):
    data: _GoogleData


def libretranslate(context: SourceContext) -> RemoteTranslation:
    """LibreTranslate, one's own or a public server; ``url`` has no default, most servers need no
    key (a `SourceFactory`)."""

    def speak(service: Service, key: str, job: Job) -> Translated:
        body = {"q": job.sentence.text, "source": job.source, "target": job.target}
        more = {"format": "text"} | ({"api_key": key} if key else {})
        return Translated(service.post("/translate", body | more, _Translated).translated_text)

    return _make(context, speak, price=0.0)


def deepl(context: SourceContext) -> RemoteTranslation:
    """DeepL; the address of its free plan is https://api-free.deepl.com. It takes the sentence as
    context beside the text and counts the text alone, so no bracket is needed or lost (a
    `SourceFactory`)."""

    def speak(service: Service, key: str, job: Job) -> Translated:
        body = {
            "text": [job.sentence.marked],
            "source_lang": job.source.upper(),
            "target_lang": job.target.upper(),
            "context": job.sentence.about,
        }
        said = service.post("/v2/translate", body, _Texts)
        return Translated(_first(said.translations).text, bare=True)

    return _make(
        context,
        speak,
        url="https://api.deepl.com",
        key_env="DEEPL_AUTH_KEY",
        headers=lambda key, options: {"Authorization": f"DeepL-Auth-Key {key}"},
        counted=lambda job: len(job.sentence.marked),
    )


def azure(context: SourceContext) -> RemoteTranslation:
    """Azure AI Translator, version 3 (a `SourceFactory`)."""

    def speak(service: Service, key: str, job: Job) -> Translated:
        path = f"/translate?api-version=3.0&from={job.source}&to={job.target}"
        said = service.post(path, [{"Text": job.sentence.text}], list[_Texts])
        return Translated(_first(_first(said).translations).text)

    def headers(key: str, options: ServiceOptions) -> dict[str, str]:
        region = {"Ocp-Apim-Subscription-Region": options.region} if options.region else {}
        return {"Ocp-Apim-Subscription-Key": key} | region

    return _make(
        context,
        speak,
        url="https://api.cognitive.microsofttranslator.com",
        key_env="AZURE_TRANSLATOR_KEY",
        headers=headers,
    )


def google(context: SourceContext) -> RemoteTranslation:
    """Google Cloud Translation, basic edition (a `SourceFactory`)."""

    def speak(service: Service, key: str, job: Job) -> Translated:
        body = {
            "q": job.sentence.text,
            "source": job.source,
            "target": job.target,
            "format": "text",
        }
        said = service.post("/language/translate/v2", body, _GoogleSaid)
        return Translated(_first(said.data.translations).translated_text)

    return _make(
        context,
        speak,
        url="https://translation.googleapis.com",
        key_env="GOOGLE_TRANSLATE_KEY",
        headers=lambda key, options: {"X-Goog-Api-Key": key},
    )


class RemoteTranslation(Translation):
    """A service: one call for each source language, of which ``at_once`` are asked for one
    request, one after the other. ``counted`` tells how many characters of a sentence are paid."""

    def __init__(
        self,
        context: SourceContext,
        options: ServiceOptions,
        engine: str,
        service: Service,
        translate: Callable[[Job], Translated],
        counted: Callable[[Job], int],
    ) -> None:
        codes, identity = Codes(engine, options.codes), (engine, service.url)
        super().__init__(context, options, codes, engine, identity, width=options.at_once)
        self.price = options.price or 0.0
        self._translate, self._counted = translate, counted
        self._unspoken: set[tuple[str, str]] = set()

    def is_worth_asking(self, body: Jobs) -> bool:
        """Not when the server has said that it does not translate between the languages."""
        return any((job.source, job.target) not in self._unspoken for job in body.jobs)

    def max_cost(self, body: Jobs) -> float:
        """Services count the characters that they are sent."""
        return sum(self._counted(job) * self.price / 1e6 for job in body.jobs)

    def calls(self, body: Jobs) -> int:
        """See `RemoteSource.calls`."""
        return len(body.jobs)

    def ask(self, request: TermRequest, body: Jobs) -> Reply:
        """See `RemoteSource.ask`; what was translated before a call failed is kept."""
        made: list[Translated] = []
        for job in body.jobs:
            try:
                made.append(self._translate(job))
            except (NetworkError, SourceStopped) as error:
                if isinstance(error, Refused) and _UNSPOKEN.search(str(error)):
                    self._unspoken.add((job.source, job.target))
                if not made:
                    raise
                break
        done = Jobs(body.jobs[: len(made)])
        return replace(self.reply(request, done, made), cost=self.max_cost(done))


def _make(
    context: SourceContext,
    speak: Speak,
    *,
    url: str = "",
    key_env: str = "",
    price: float | None = None,
    headers: Callable[[str, ServiceOptions], Mapping[str, str]] = lambda key, options: {},
    counted: Callable[[Job], int] = lambda job: len(job.sentence.text),
) -> RemoteTranslation:
    options = context.read(ServiceOptions)
    engine = speak.__qualname__.partition(".")[0]
    address = options.url or url
    require_option(address, "url", '"https://translate.example.org"')
    require_option(price if options.price is None else options.price, "price", "20.0")
    variable = options.key_env or key_env
    key = secret(variable) if variable else ""
    service = Service(network(context, options), address, headers=headers(key, options), secret=key)
    return RemoteTranslation(
        context, options, engine, service, lambda job: speak(service, key, job), counted
    )


def _first(found: Sequence[T]) -> T:
    if not found:
        raise NetworkError("The service sent an answer without a translation.")
    return found[0]
