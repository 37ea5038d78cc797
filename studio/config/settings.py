"""All settings, each with its type, its bounds and its sentence, and what follows from them.

A wrong setting raises ``ConfigError``, whose text names the setting, the value and the way out. The table in
``docs/settings.md`` is checked against the fields below.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ByteSize,
    ConfigDict,
    Field,
    PrivateAttr,
    SecretStr,
    ValidationError,
    field_validator,
)
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from studio.catalog.models import CATALOG, ProviderName
from studio.config import checks, keys, loading
from studio.config.addresses import clean_path, host_names, is_loopback, listed, origins
from studio.config.keys import AddedKey
from studio.config.loading import CREDENTIALS, Key
from studio.errors import ConfigError
from studio.system import listening
from studio.system.envfile import trimmed
from studio.system.hosts import Host
from studio.system.networks import Network, read_networks

KEYS: Mapping[ProviderName, Key] = {
    "dashscope": Key(
        "dashscope_api_key",
        "DASHSCOPE_API_KEY",
        f", or dashscope_api_key in {CREDENTIALS}",
        "DASHSCOPE_REGION",
        "DASHSCOPE_WORKSPACE",
    ),
    "aivideoapi": Key("aivideoapi_key", "AIVIDEOAPI_KEY"),
}
"""Where the key of each cloud is set."""


def _setting(*names: str, default: Any, about: str) -> Any:
    return Field(default=default, validation_alias=AliasChoices(*names), description=about)


class Settings(BaseModel):
    """All settings of the studio. The first alias of a field is its documented name."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    _added: frozenset[ProviderName] = PrivateAttr(default=frozenset())
    _of_tools: frozenset[ProviderName] = PrivateAttr(default=frozenset())

    provider: str = _setting(
        "STUDIO_PROVIDER",
        default="auto",
        about="`auto` offers every provider whose key is set, and the built-in sandbox when there is none; "
        "`dashscope` or `aivideoapi` puts that one first; `sandbox` keeps to the sandbox",
    )
    dashscope_api_key: SecretStr | None = _setting(
        "DASHSCOPE_API_KEY",
        default=None,
        about="Key of Alibaba Model Studio; else `dashscope_api_key` in `~/.alibabacloud/credentials`",
    )
    dashscope_region: str = _setting(
        "DASHSCOPE_REGION",
        default="beijing",
        about="Where the key belongs: `beijing`, `singapore`, `virginia`, `frankfurt`, `tokyo` or `token-plan`",
    )
    dashscope_base_url: str | None = _setting(
        "DASHSCOPE_BASE_URL",
        default=None,
        about="Any other address that speaks the DashScope protocol, with a path if it has one",
    )
    dashscope_workspace: str | None = _setting(
        "DASHSCOPE_WORKSPACE",
        default=None,
        about="Workspace id: requests go to the workspace's own host; `frankfurt` and `tokyo` need it",
    )
    aivideoapi_key: SecretStr | None = _setting("AIVIDEOAPI_KEY", default=None, about="Key of AIVideoAPI")
    aivideoapi_base_url: str | None = _setting(
        "AIVIDEOAPI_BASE_URL", default=None, about="Any other host that speaks the AIVideoAPI protocol"
    )
    public_url: str | None = _setting(
        "STUDIO_PUBLIC_URL",
        default=None,
        about="Address of this studio in the internet: AIVideoAPI fetches files and reports ends there",
    )
    root_path: str = _setting(
        "STUDIO_ROOT_PATH",
        "GRADIO_ROOT_PATH",
        default="",
        about="Path below which a proxy shows the studio, such as `/studio`; else that of STUDIO_PUBLIC_URL",
    )
    s3_endpoint: str | None = _setting(
        "STUDIO_S3_ENDPOINT",
        default=None,
        about="Address of an S3-compatible store, for a bucket from which AIVideoAPI fetches files or `OUTPUT_DIR`",
    )
    s3_bucket: str | None = _setting(
        "STUDIO_S3_BUCKET", default=None, about="Name of the bucket from which files are fetched"
    )
    s3_region: str = _setting("STUDIO_S3_REGION", default="us-east-1", about="Region of the store")
    s3_key_id: str | None = _setting("STUDIO_S3_KEY_ID", default=None, about="Id of a key that may write there")
    s3_secret: SecretStr | None = _setting("STUDIO_S3_SECRET", default=None, about="Secret of that key")
    s3_redirect: bool = _setting(
        "STUDIO_S3_REDIRECT",
        default=False,
        about="`true` sends players to the bucket of `OUTPUT_DIR` itself, by signed addresses that anyone can use for "
        "some hours; else the studio passes videos on",
    )
    output: str = _setting(
        "OUTPUT_DIR",
        default="output",
        about="Where finished videos are saved: a folder, or `s3://bucket/prefix` in the store of STUDIO_S3_ENDPOINT",
    )
    data_dir: Path = _setting(
        "STUDIO_DATA_DIR",
        default=Path("data"),
        about="Database, visitors' files, cookie secret and the sandbox's files",
    )
    database_url: str | None = _setting(
        "DATABASE_URL",
        default=None,
        about="`postgresql://…` to share jobs between processes; else SQLite in the data folder",
    )
    poll_seconds: Annotated[float, Field(gt=0, le=3600)] | None = _setting(
        "STUDIO_POLL_SECONDS", default=None, about="Seconds between two looks at a running task; else the catalog's"
    )
    daily_limit: Annotated[Decimal, Field(ge=0, allow_inf_nan=False)] | None = _setting(
        "STUDIO_DAILY_LIMIT",
        default=None,
        about="The most that all visitors together may spend on one day (UTC), in the provider's currency",
    )
    visitor_daily_limit: Annotated[Decimal, Field(ge=0, allow_inf_nan=False)] | None = _setting(
        "STUDIO_VISITOR_DAILY_LIMIT",
        default=None,
        about="The most that one visitor may spend on one day; all guests of one network count as one visitor",
    )
    visitor_jobs: Annotated[int, Field(ge=1)] | None = _setting(
        "STUDIO_VISITOR_JOBS",
        default=None,
        about="The most jobs that one visitor may have under way; else 40 in a public studio",
    )
    visitor_daily_jobs: Annotated[int, Field(ge=1)] | None = _setting(
        "STUDIO_VISITOR_DAILY_JOBS",
        default=None,
        about="The most jobs that one visitor may make on one day; else 200 in a public studio",
    )
    visitor_bytes: Annotated[ByteSize, Field(ge=1)] | None = _setting(
        "STUDIO_VISITOR_BYTES",
        default=None,
        about="The most that one visitor's files and videos may take, such as `500MB`; else `4GB` in a public studio",
    )
    visitor_streams: Annotated[int, Field(ge=1)] = _setting(
        "STUDIO_VISITOR_STREAMS", default=32, about="The most pages that one visitor may hold open and live"
    )
    streams: Annotated[int, Field(ge=1)] = _setting(
        "STUDIO_STREAMS", default=512, about="The most pages that all visitors together may hold open and live"
    )
    without_limits: bool = _setting(
        "STUDIO_WITHOUT_LIMITS",
        default=False,
        about="`true` lets a public studio take jobs that cost money without a daily limit, on your bill",
    )
    disk_reserve: Annotated[ByteSize, Field(ge=0)] | None = _setting(
        "STUDIO_DISK_RESERVE",
        default=None,
        about="How much of the disk only finished videos may use, and no file that is added; "
        "else `1GiB`, or a twentieth of a smaller disk",
    )
    keep_days: Annotated[int, Field(ge=1, le=36500)] | None = _setting(
        "STUDIO_KEEP_DAYS",
        default=None,
        about="Days after which videos and their jobs are deleted, favorites excepted; else they are kept",
    )
    allow_private_urls: bool = _setting(
        "STUDIO_ALLOW_PRIVATE_URLS",
        default=False,
        about="Whether files and results may be fetched from private networks when visitors or clouds name them",
    )
    host: str = _setting(
        "STUDIO_HOST",
        "GRADIO_SERVER_NAME",
        default="127.0.0.1",
        about="Address to listen on; `0.0.0.0` for all of IPv4, `::` for all of IPv6 and IPv4",
    )
    port: Annotated[int, Field(ge=0, le=65535)] = _setting(
        "STUDIO_PORT", "GRADIO_SERVER_PORT", default=7860, about="Port to listen on; 0 takes any free one"
    )
    secret: SecretStr | None = _setting(
        "STUDIO_SECRET", default=None, about="Signs the visitors' cookies; else made once and kept in the data folder"
    )
    visitors_epoch: Annotated[int, Field(ge=0, le=2**31 - 1)] = _setting(
        "STUDIO_VISITORS_EPOCH",
        default=0,
        about="Raise it by one to void every cookie and token that was handed out before",
    )
    hosts: Annotated[tuple[str, ...], BeforeValidator(host_names)] | None = _setting(
        "STUDIO_HOSTS",
        default=None,
        about="Names by which this studio is reached, with commas between; `*.example.com` for all below one",
    )
    trusted_origins: Annotated[tuple[str, ...], BeforeValidator(origins)] | None = _setting(
        "STUDIO_TRUSTED_ORIGINS",
        default=None,
        about="Origins whose pages are this studio's own, where a proxy hides it: `https://studio.example.com`",
    )
    trusted_proxies: Annotated[tuple[Network, ...], BeforeValidator(read_networks)] | None = _setting(
        "STUDIO_TRUSTED_PROXIES",
        default=None,
        about="Networks of the proxies before this studio, with commas between: their `X-Forwarded-For` says who asks",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = _setting(
        "STUDIO_LOG_LEVEL", default="INFO", about="How much is written to the terminal"
    )
    on_space: bool = _setting("SPACE_ID", default=False, about="Set by Hugging Face Spaces")
    space_host: str | None = _setting(
        "SPACE_HOST", default=None, about="Set by Hugging Face Spaces; STUDIO_PUBLIC_URL where that is not set"
    )

    @field_validator("on_space", mode="before")
    @classmethod
    def _present(cls, value: object) -> bool:
        return bool(value)

    @field_validator("provider")
    @classmethod
    def _known_provider(cls, value: str) -> str:
        known = ("auto", "sandbox", *KEYS)
        if value not in known:
            *most, last = map(repr, known)
            raise ValueError(f"input should be {', '.join(most)} or {last}")
        return value

    @field_validator("dashscope_region")
    @classmethod
    def _known_region(cls, value: str) -> str:
        known = CATALOG.providers["dashscope"].regions
        if value not in known:
            raise ValueError(f"must be one of {', '.join(known)}")
        return value

    @field_validator("dashscope_workspace")
    @classmethod
    def _host_label(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?", value):
            raise ValueError("must be the workspace's id alone, which has letters, digits and hyphens")
        return value

    @field_validator(*(key.field for key in KEYS.values()), "s3_key_id", "s3_secret", mode="before")
    @classmethod
    def _sendable(cls, value: object) -> object:
        """What goes out in a header; what a copy left around it is no part of it."""
        if not isinstance(value, str):
            return value
        value = trimmed(value)
        for place, sign in enumerate(value, 1):
            if not "!" <= sign <= "~":
                raise ValueError(f"holds a sign that no key has (U+{ord(sign):04X}, at place {place}): copy it anew")
        return value or None

    @field_validator("*", mode="before")
    @classmethod
    def _text(cls, value: object) -> object:
        # Python hands on bytes that are no text as surrogates; no path has NUL.
        if isinstance(value, str) and re.search(r"[\0\ud800-\udfff]", value):
            raise ValueError("must be text: it holds NUL, or bytes that are no UTF-8")
        return value

    @field_validator("dashscope_base_url", "aivideoapi_base_url", "public_url", "s3_endpoint")
    @classmethod
    def _web_address(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        return value

    @field_validator("public_url")
    @classmethod
    def _plain_address(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        if Host.of_address(value) is None or re.search(r"[?#\s]", value):
            raise ValueError("must be an address such as https://studio.example or https://example.com/studio")
        clean_path(parts.path)
        return value.rstrip("/")

    @field_validator("root_path")
    @classmethod
    def _path(cls, value: str) -> str:
        # Gradio's own variable may be a whole address.
        return clean_path(urlsplit(value).path if value.startswith(("http://", "https://")) else value)

    @field_validator("host")
    @classmethod
    def _plain_host(cls, value: str) -> str:
        return listening.plain_host(value.strip())

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str | None) -> str | None:
        if value is None:
            return None
        try:
            backend = make_url(value).get_backend_name()
        except ArgumentError as error:
            raise ValueError("must be a URL such as postgresql://user:password@host/name") from error
        if backend not in ("sqlite", "postgresql"):
            raise ValueError("must begin with postgresql:// or sqlite:///")
        return value

    @classmethod
    def load(cls, environ: Mapping[str, str] = os.environ, dotenv: Path = Path(".env")) -> Self:
        """Read ``dotenv`` below ``environ`` (the environment wins); an empty value counts as unset. Below both are the
        keys that were added in the page.

        Raises ConfigError with one line for each wrong setting.
        """
        values = loading.gather(environ, dotenv)
        try:
            settings = cls.model_validate(values)
        except ValidationError as error:
            raise loading.wrong(error, values) from None
        for name, added in keys.read(settings.data_dir).items():
            if getattr(settings, KEYS[name].field) is None:
                try:
                    settings = settings.with_key(name, added)
                except ConfigError:  # it speaks of the settings that would say the same, and nobody has set them
                    raise keys.unusable(settings.data_dir, name, KEYS[name].setting) from None
        if settings.dashscope_api_key is None and (key := loading.credentials_key()):
            settings = settings.model_copy(update={"dashscope_api_key": SecretStr(key)})
            settings._of_tools = frozenset({"dashscope"})
        return settings.model_copy(
            update={
                "output": settings.output if "://" in settings.output else str(Path(settings.output).resolve()),
                "data_dir": settings.data_dir.resolve(),
                "root_path": settings.root_path or urlsplit(settings.public_url or "").path,
            }
        )

    def with_key(self, name: ProviderName, added: AddedKey) -> Self:
        """These, with a key that the owner added in the page; ConfigError for one that can be none, or not there."""
        place = KEYS[name]
        values = {place.setting: added.key.get_secret_value()}
        if place.region:
            values[place.region] = added.region
        if place.workspace and added.workspace:
            values[place.workspace] = added.workspace
        try:
            checked = type(self).model_validate(values)
        except ValidationError as error:
            raise loading.wrong(error, values) from None
        fields = (place.field, *_fields(place))
        settings = self.model_copy(update={field: getattr(checked, field) for field in fields})
        settings._added = self._added | {name}
        checks.check_key(settings, name)
        return settings

    def without_key(self, name: ProviderName) -> Self:
        """These without the key of a cloud, its region and its workspace."""
        fields = (KEYS[name].field, *_fields(KEYS[name]))
        settings = self.model_copy(update={field: type(self).model_fields[field].default for field in fields})
        settings._added = self._added - {name}
        return settings

    @property
    def added_keys(self) -> frozenset[ProviderName]:
        """The clouds whose keys were added in the page; the environment sets none for them."""
        return self._added

    @property
    def keys_of_tools(self) -> frozenset[ProviderName]:
        """The clouds whose keys stand in the file of the cloud's own tools."""
        return self._of_tools

    @property
    def providers(self) -> tuple[ProviderName, ...]:
        """The clouds that new jobs can go to, the preferred one first; none where the sandbox is used."""
        if self.provider == "sandbox":
            return ()
        names = [name for name, key in KEYS.items() if getattr(self, key.field)]
        return tuple(sorted(names, key=lambda name: name != self.provider))

    @property
    def output_dir(self) -> Path:
        """The local folder in which results are made whole: that of OUTPUT_DIR, or one below the data where OUTPUT_DIR
        names none."""
        return self.outbox if "://" in self.output else Path(self.output)

    @property
    def outbox(self) -> Path:
        """The local folder of what is on its way to, or from, where finished videos are saved."""
        return self.data_dir / "outbox"

    @property
    def live(self) -> bool:
        """Whether new jobs go to a real cloud (and cost money) rather than to the sandbox."""
        return bool(self.providers)

    @property
    def public_address(self) -> str | None:
        """Where the internet reaches this studio, without a slash at its end; None when nobody told."""
        if self.public_url:
            return self.public_url if urlsplit(self.public_url).path else self.public_url + self.root_path
        return f"https://{self.space_hosts[0]}" if self.space_hosts else None

    @property
    def space_hosts(self) -> tuple[str, ...]:
        """The names of the Space this runs on; several where it has a domain of its own."""
        return listed(self.space_host or "")

    @property
    def public(self) -> bool:
        """Whether strangers can reach this studio: on a Space, by an address told, or because it listens for them."""
        return self.on_space or self.public_address is not None or not is_loopback(self.host)

    @property
    def missing_limits(self) -> tuple[str, ...]:
        """The settings without which this studio takes no new job that costs money."""
        if not (self.live and self.public) or self.without_limits:
            return ()
        needed = {"STUDIO_DAILY_LIMIT": self.daily_limit, "STUDIO_VISITOR_DAILY_LIMIT": self.visitor_daily_limit}
        return tuple(name for name, value in needed.items() if value is None)

    def check(self) -> None:
        """Find out now what would fail later: a missing key, folders that refuse writing, a port in use."""
        checks.check(self, KEYS.get(self.provider))

    def dashscope_host(self) -> str:
        """Base address of DashScope: what was set, else the workspace's own, else the one that its region shares."""
        if self.dashscope_base_url:
            return self.dashscope_base_url
        region = CATALOG.providers["dashscope"].regions[self.dashscope_region]
        if self.dashscope_workspace and region.workspace_host:
            return region.workspace_host.format(workspace=self.dashscope_workspace)
        if region.host is None:
            raise ConfigError(
                f"DASHSCOPE_REGION {self.dashscope_region} is reached through a workspace's own host: "
                "set DASHSCOPE_WORKSPACE to its id."
            )
        return region.host

    def aivideoapi_host(self) -> str:
        """Base address of AIVideoAPI."""
        host = self.aivideoapi_base_url or CATALOG.providers["aivideoapi"].regions["global"].host
        assert host is not None
        return host

    def bucket(self) -> tuple[str, str, str, str, SecretStr] | None:
        """Endpoint, name, region, key id and secret of the bucket from which clouds fetch, if there is one; ConfigError
        for part of one."""
        endpoint, name, key_id, secret = self.s3_endpoint, self.s3_bucket, self.s3_key_id, self.s3_secret
        if endpoint and name and key_id and secret:
            return endpoint, name, self.s3_region, key_id, secret
        # Address and key alone are for where videos are saved, or were.
        if name is None and ("://" in self.output or (endpoint and key_id and secret)):
            return None
        parts = {"ENDPOINT": endpoint, "BUCKET": name, "KEY_ID": key_id, "SECRET": secret}
        present = [f"STUDIO_S3_{part}" for part, value in parts.items() if value]
        missing = [f"STUDIO_S3_{part}" for part, value in parts.items() if not value]
        if present:
            raise ConfigError(f"{present[0]} is set but not {', '.join(missing)}: a bucket needs all of them.")
        return None

    def database(self) -> URL:
        """Address of the job database."""
        if self.database_url is None:
            return sqlite_url(self.data_dir / "studio.db")
        parsed = make_url(self.database_url)
        return parsed.set(drivername="postgresql+psycopg") if parsed.get_backend_name() == "postgresql" else parsed


def _fields(place: Key) -> list[str]:
    """The fields of what belongs to a key: its region, its workspace."""
    settings = {place.region, place.workspace} - {None}
    return [name for name, field in Settings.model_fields.items() if _names(field.validation_alias)[0] in settings]


def _names(alias: object) -> list[str]:
    return [str(one) for one in alias.choices] if isinstance(alias, AliasChoices) else [str(alias)]


def sqlite_url(path: Path) -> URL:
    """Address of a database file; made of its parts, since a path may hold what means something in an address."""
    return URL.create("sqlite", database=str(path))


def documented() -> list[tuple[str, str, str]]:
    """Name, default and meaning of every setting, for ``docs/settings.md``."""
    rows = []
    for field in Settings.model_fields.values():
        name, *_ = _names(field.validation_alias)
        rows.append((name, "" if field.default is None else str(field.default), field.description or ""))
    return rows
