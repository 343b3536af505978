"""The sources ``libretranslate``, ``deepl``, ``azure`` and ``google``: services over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import regex
from msgspec.structs import replace

from kgenrich.errors import NetworkError, SourceStopped
from kgenrich.model import TermRequest
from kgenrich.net.service import Service
from kgenrich.net.session import Refused
from kgenrich.sources import loose
from kgenrich.sources.base import SourceContext
from kgenrich.sources.mt.source import Job, Jobs, MtOptions, Translated, Translation
from kgenrich.sources.remote_source import Reply, network, require_option, secret

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


class RemoteTranslation(Translation):
    """A service: one call for each source language, of which ``at_once`` are asked for one
    request, one after the other. Its address and key are those of ``url`` and ``key_env`` where no
    option says otherwise."""

    engine: ClassVar[str]
    url: ClassVar[str] = ""
    free: ClassVar[bool] = False

    def __init__(self, context: SourceContext) -> None:
        options = context.read(ServiceOptions)
        address = options.url or self.url
        require_option(address, "url", '"https://translate.example.org"')
        require_option(0.0 if self.free else options.price, "price", "20.0")
        variable = options.key_env or self.key_env
        self.key, self.key_env = secret(variable) if variable else "", variable
        headers = self.headers(options)
        self.service = Service(network(context, options), address, headers=headers, secret=self.key)
        self.host = self.service.host
        identity, width = (self.engine, self.service.url), max(1, options.at_once)
        super().__init__(context, options, self.engine, identity, width=width)
        self.price = options.price or 0.0
        self._unspoken: set[tuple[str, str]] = set()

    def headers(self, options: ServiceOptions) -> dict[str, str]:
        """What is sent with every call."""
        return {}

    def translate(self, job: Job) -> Translated:
        """One call. Raises what `Service.post` does."""
        raise NotImplementedError

    def counted(self, job: Job) -> int:
        """How many characters of a sentence are paid: services count those that they are sent."""
        return len(job.sentence.text)

    def is_worth_asking(self, body: Jobs) -> bool:
        """Not when the server has said that it does not translate between the languages."""
        return any((job.source, job.target) not in self._unspoken for job in body.jobs)

    def max_cost(self, body: Jobs) -> float:
        return sum(self.counted(job) * self.price / 1e6 for job in body.jobs)

    def calls(self, body: Jobs) -> int:
        return len(body.jobs)

    def ask(self, request: TermRequest, body: Jobs) -> Reply:
        """What was translated before a call failed is kept."""
        made: list[Translated] = []
        for job in body.jobs:
            try:
                made.append(self.translate(job))
            except (NetworkError, SourceStopped) as error:
                if isinstance(error, Refused) and _UNSPOKEN.search(str(error)):
                    self._unspoken.add((job.source, job.target))
                if not made:
                    raise
                break
        done = Jobs(body.jobs[: len(made)])
        return replace(self.reply(request, done, made), cost=self.max_cost(done))


class LibreTranslate(RemoteTranslation):
    """LibreTranslate, one's own or a public server; ``url`` has no default, most servers need no
    key."""

    engine = "libretranslate"
    free = True

    def translate(self, job: Job) -> Translated:
        body = {"q": job.sentence.text, "source": job.source, "target": job.target}
        more = {"format": "text"} | ({"api_key": self.key} if self.key else {})
        said = self.service.post("/translate", body | more, dict[str, Any])
        return Translated(_first([said], "translatedText"))


class DeepL(RemoteTranslation):
    """DeepL; the address of its free plan is https://api-free.deepl.com. It takes the sentence as
    context beside the text and counts the text alone, so no bracket is needed or lost."""

    engine = "deepl"
    url = "https://api.deepl.com"
    key_env = "DEEPL_AUTH_KEY"

    def headers(self, options: ServiceOptions) -> dict[str, str]:
        return {"Authorization": f"DeepL-Auth-Key {self.key}"}

    def counted(self, job: Job) -> int:
        return len(job.sentence.marked)

    def translate(self, job: Job) -> Translated:
        body = {
            "text": [job.sentence.marked],
            "source_lang": job.source.upper(),
            "target_lang": job.target.upper(),
            "context": job.sentence.about,
        }
        said = self.service.post("/v2/translate", body, dict[str, Any])
        return Translated(_first(loose.objects(said, "translations"), "text"), bare=True)


class Azure(RemoteTranslation):
    """Azure AI Translator, version 3."""

    engine = "azure"
    url = "https://api.cognitive.microsofttranslator.com"
    key_env = "AZURE_TRANSLATOR_KEY"

    def headers(self, options: ServiceOptions) -> dict[str, str]:
        region = {"Ocp-Apim-Subscription-Region": options.region} if options.region else {}
        return {"Ocp-Apim-Subscription-Key": self.key} | region

    def translate(self, job: Job) -> Translated:
        path = f"/translate?api-version=3.0&from={job.source}&to={job.target}"
        said = self.service.post(path, [{"Text": job.sentence.text}], list[Any])
        made = [one for row in said for one in loose.objects(row, "translations") or ()]
        return Translated(_first(made, "text"))


class Google(RemoteTranslation):
    """Google Cloud Translation, basic edition."""

    engine = "google"
    url = "https://translation.googleapis.com"
    key_env = "GOOGLE_TRANSLATE_KEY"

    def headers(self, options: ServiceOptions) -> dict[str, str]:
        return {"X-Goog-Api-Key": self.key}

    def translate(self, job: Job) -> Translated:
        texts = {"q": job.sentence.text, "source": job.source, "target": job.target}
        body = texts | {"format": "text"}
        said = self.service.post("/language/translate/v2", body, dict[str, Any])
        made = loose.objects(said, "data", "translations")
        return Translated(_first(made, "translatedText"))


libretranslate, deepl, azure, google = LibreTranslate, DeepL, Azure, Google
"""What entry points name (each a `SourceFactory`)."""


def _first(made: Sequence[dict[str, Any]] | None, field: str) -> str:
    """The first translation that is a text. An engine that gives none, or nothing for something,
    failed."""
    found = next((text for one in made or () if (text := loose.text(one, field).strip())), "")
    if not found:
        raise NetworkError("The service sent an answer without a translation.")
    return found
