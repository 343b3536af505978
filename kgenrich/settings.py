"""Settings from defaults, a TOML file and the environment, in one frozen value.

Precedence, strongest first: command line, environment (``KGENRICH_STORE``,
``KGENRICH_NETWORK__CONTACT``), the file named by ``--config`` or ``KGENRICH_CONFIG``, else
``kgenrich.toml`` in the working directory, else the user's configuration folder. The one in the
working directory is taken as far as it is harmless or trusted (`kgenrich.trust`).
Secrets are read from the environment by the sources themselves and never appear here.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from msgspec import Struct
from platformdirs import user_config_path, user_data_path
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationError,
    field_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from kgenrich import trust
from kgenrich.errors import InputError, UsageError
from kgenrich.inputs import read_text
from kgenrich.property_roles import WIKIDATA, WIKIDATA_BASE, PropertyRoles
from kgenrich.targets import TargetName

FILE = "kgenrich.toml"

_PROPERTIES = """
17 21 27 30 36 39 50 54 57 86 101 105 106 131 136 159 161 170 171 175 178 179 218 219 220 225
276 279 297 300 361 413 495 498 506 569 570 571 576 577 580 582 607 641 706 740 1448 1549 1559
1705 2521 239 246 487 625 1282 2888
"""
DEFAULT_PROPERTIES = tuple(f"P{number}" for number in _PROPERTIES.split())
"""What descriptions and names are made from: places, dates, occupations, native names, codes that
dictionaries know."""

_PROPERTY = re.compile(r"P[1-9][0-9]*|[A-Za-z][A-Za-z0-9+.-]*:\S+")


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Network(_Frozen):
    """How servers are spoken to."""

    contact: str = Field("", description="Who runs this tool: an e-mail address or a user page.")
    api: str = "https://www.wikidata.org/w/api.php"
    endpoint: str = "https://query.wikidata.org/sparql"
    stream: str = Field(
        "https://stream.wikimedia.org/v2/stream/recentchange",
        description="Events of what changes on the wikis of Wikimedia.",
    )
    timeout: float = Field(60.0, gt=0, description="Seconds to wait for an answer.")
    retries: int = Field(5, ge=0)
    concurrency: int = Field(3, ge=1, description="Requests in flight for one host.")
    requests_per_minute: float = Field(200.0, gt=0)
    max_answer_bytes: int = Field(64 * 2**20, gt=0)


class Target(_Frozen):
    """What receives the terms, and what it allows."""

    profile: TargetName | Literal[""] = Field(
        "", description="Kinds and rules of its terms; empty: those of each entity's graph."
    )
    max_length: int = Field(0, ge=0, description="Code points in one term; 0: the profile's.")
    licence: str = Field("CC0-1.0", description="Licence under which the target publishes terms.")


class Publish(_Frozen):
    """Where decided terms are sent, and how. Without an address nothing is."""

    api: str = Field("", description="The api.php of the wiki that edits go to.")
    rest: str = Field(
        "", description="Its REST API (.../w/rest.php/wikibase/v1), which then takes the edits."
    )
    sparql: str = Field("", description="The SPARQL Update endpoint that new triples go to.")
    query: str = Field(
        "", description="The SPARQL endpoint that answers queries; empty: the one for updates."
    )
    graph: str = Field("", description="The IRI of the named graph there; empty: the default one.")
    edits_per_minute: float = Field(10.0, gt=0)
    bot: bool = Field(False, description="Edit as a bot; the account needs that right.")
    tags: tuple[str, ...] = Field((), description="Change tags that the wiki knows.")
    policies: bool = Field(False, description="Send also what a policy decided, and no person.")
    settle: float = Field(
        15.0, ge=0, description="Seconds after which an edit without an answer has come or not."
    )


class Consensus(_Frozen):
    """How candidates become proposals."""

    ranker: str = "default"
    coverage_votes: int = 2
    precision_votes: int = 1
    minimum_probability: float = Field(0.05, ge=0, le=1)
    agreement: float = Field(
        0.6, ge=0, le=1, description="Cosine from which two descriptions agree."
    )


class SettingsFile(Struct, frozen=True):
    """The file that applies, and what of it is taken. ``withheld`` are the settings that are not,
    by their dotted names; ``state`` is then that of `kgenrich.trust.state`."""

    path: Path
    values: Mapping[str, Any]
    state: str = ""
    withheld: Mapping[str, Any] = {}

    def remark(self) -> str:
        """What to tell of what is withheld; empty where nothing is."""
        if not self.withheld:
            return ""
        why = "was changed since you trusted it" if self.state == "changed" else "is not trusted"
        some, more = ", ".join([*self.withheld][:4]), len(self.withheld) - 4
        return (
            f"The {self.path.name} in this folder {why}. Not taken from it: {some}"
            f"{f' and {more} more' if more > 0 else ''}. `kgenrich config` shows them; if they are "
            "yours, type `kgenrich config trust`."
        )


class Settings(BaseSettings):
    """Everything that can be set, with its default; ``file`` is where it comes from."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_prefix="KGENRICH_", env_nested_delimiter="__"
    )

    store: str = Field(
        "", description="A path or a database URL; empty for the user's data folder."
    )
    base: str = Field(WIKIDATA_BASE, description="Concept base of bare ids.")
    languages: tuple[str, ...] = Field(
        (), description="Languages to harvest and enrich; empty: all."
    )
    properties: tuple[str, ...] = Field(DEFAULT_PROPERTIES, description="Claims to keep.")
    roles: Mapping[str, str] = Field(
        {}, description="Properties by what they stand for, where the graph is not Wikidata."
    )
    network: Network = Network()  # type: ignore[call-arg]
    target: Target = Target()  # type: ignore[call-arg]
    publish: Publish = Publish()  # type: ignore[call-arg]
    consensus: Consensus = Consensus()  # type: ignore[call-arg]
    encoder: str = Field(
        "", description="Compares names; empty: the shipped one, else weights, a folder or an id."
    )
    sources: Mapping[str, Mapping[str, Any]] = Field({}, description="Options by source name.")
    refit_after: float = Field(
        0.05, ge=0, le=1, description="Share of changed entities from which sources learn anew."
    )
    disabled: tuple[str, ...] = Field((), description="Sources that are off unless asked for.")
    jobs: str = Field("", description="A folder of job files, beside the user's own.")
    _file: SettingsFile | None = PrivateAttr(None)

    @field_validator("roles")
    @classmethod
    def _known_roles(cls, roles: Mapping[str, str]) -> Mapping[str, str]:
        for role, name in roles.items():
            if role not in WIKIDATA:
                raise ValueError(f"there is no role {role!r}; known are {', '.join(WIKIDATA)}")
            if not _PROPERTY.fullmatch(name):
                raise ValueError(f"{name!r} of {role} is neither the id of a property nor an IRI")
        return roles

    @property
    def is_wikidata(self) -> bool:
        """Whether bare ids are those of Wikidata."""
        return self.base == WIKIDATA_BASE

    @property
    def kept_properties(self) -> tuple[str, ...] | None:
        """The properties whose claims a harvest of a Wikibase keeps; None for all of them: the
        default ones are Wikidata's, and mean nothing in another wiki."""
        is_default = self.properties == DEFAULT_PROPERTIES
        return None if is_default and not self.is_wikidata else self.properties

    def property_roles(self, found: Mapping[str, str] = MappingProxyType({})) -> PropertyRoles:
        """Which properties have which roles: those of the settings, then those ``found`` on a wiki
        of one's own, or Wikidata's."""
        return PropertyRoles({**(WIKIDATA if self.is_wikidata else found), **self.roles})

    @property
    def file(self) -> SettingsFile | None:
        """The file that they were read from."""
        return self._file

    @classmethod
    def settings_customise_sources(
        cls, *_: Any, **sources: Any
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment overrides what comes from the file."""
        return sources["env_settings"], sources["init_settings"]

    def said_by(self, *names: str) -> str:
        """Who said a setting, by its names from the outermost table on: the path of the file,
        ``the environment`` or ``the default``."""
        mine: Any = self.model_dump()
        filed: Any = self.file.values if self.file else {}
        default: Any = type(self).model_construct().model_dump()
        for name in names:
            mine, filed, default = (
                table.get(name) if isinstance(table, Mapping) else None
                for table in (mine, filed, default)
            )
        if mine == default:
            return "the default"
        return str(self.file.path) if self.file and mine == filed else "the environment"

    def digest(self) -> str:
        """A hash of every setting that can change a result, for the record of a run."""
        shown = self.model_dump_json(exclude={"store", "network", "jobs", "publish"})
        return sha256(shown.encode()).hexdigest()[:16]

    def store_url(self) -> str:
        """The database as an SQLAlchemy URL. Raises `UsageError` where the settings name one that
        is withheld: another one is not what was meant."""
        if not self.store and self.file is not None and "store" in self.file.withheld:
            raise UsageError(
                f"The {self.file.path.name} in this folder is not trusted, so its store is not "
                "taken: type `kgenrich config trust`, or name one with --store."
            )
        store = self.store or str(user_data_path("kgenrich") / "kgenrich.db")
        if "://" in store:
            if store.startswith(("postgres://", "postgresql://")):
                return "postgresql+psycopg://" + store.split("://", 1)[1]
            return store
        return f"sqlite:///{Path(store).expanduser()}"


def find_file(explicit: Path | None = None) -> Path | None:
    """The settings file that applies, or None. Raises `UsageError` when one is named that is not
    there."""
    if explicit is None and "KGENRICH_CONFIG" in os.environ:
        explicit = Path(os.environ["KGENRICH_CONFIG"])
    if explicit is not None:
        if not explicit.is_file():
            raise UsageError(f"There is no settings file {explicit}.")
        return explicit
    return next(filter(Path.is_file, (Path(FILE), user_config_path("kgenrich") / FILE)), None)


def secrets_file() -> Path:
    """Where keys lie that services of the system hand over as environment variables."""
    return user_config_path("kgenrich") / "secrets.env"


def load_settings(config: Path | None = None, store: str | None = None) -> Settings:
    """Read the settings; ``store`` overrides theirs. Raises `UsageError` naming the setting that is
    wrong."""
    path = find_file(config)
    if path is None:
        return _settings({}, store)
    text, values = read_file(path)
    file = SettingsFile(path, values)
    # One that is named, by an option or in the environment, is the user's word.
    if path == Path(FILE) and config is None and "KGENRICH_CONFIG" not in os.environ:
        state = trust.state(path, text)
        if state != "trusted" and (orders := trust.orders(values, path.parent)):
            withheld = {".".join(names): value for names, value in orders.items()}
            file = SettingsFile(path, trust.without(values, orders), state, withheld)
    settings = _settings(file.values, store)
    settings._file = file
    return settings


def read_file(path: Path) -> tuple[str, dict[str, Any]]:
    """The text of a settings file, and what it says, right or wrong. Raises `UsageError` where it
    cannot be read."""
    try:
        text = read_text(path)
        values = tomllib.loads(text)
    except InputError as error:
        raise UsageError(f"The settings cannot be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"The settings file {path} cannot be read: {error}.") from error
    return text, values


def _settings(values: Mapping[str, Any], store: str | None) -> Settings:
    if unknown := sorted(values.keys() - Settings.model_fields.keys()):
        # Said here, for pydantic takes names of its own (``_env_prefix``) beside those of fields.
        raise UsageError(f"The setting {unknown[0]} is wrong: there is none of that name.")
    try:
        settings = Settings(**values)
        return settings.model_copy(update={"store": store}) if store else settings
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "settings"
        raise UsageError(f"The setting {where} is wrong: {first['msg']}.") from error
    except ValueError as error:
        raise UsageError(f"The settings cannot be read: {error}.") from error
