"""Settings: typed, from the environment and a ``.env`` file, checked before anything starts.

A wrong setting raises ``ConfigError``, whose text names the setting, the value and the way out. The README's table of
settings is checked against the fields below.
"""

from __future__ import annotations

import configparser
import errno
import os
import socket
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from dotenv import dotenv_values
from pydantic import AliasChoices, BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from studio.catalog import CATALOG, ProviderName
from studio.errors import ConfigError

CREDENTIALS = Path("~/.alibabacloud/credentials")
AIVIDEOAPI_REGION = "global"
"""AIVideoAPI has one region."""


def _setting(*names: str, default: Any, about: str) -> Any:
    return Field(default=default, validation_alias=AliasChoices(*names), description=about)


class Settings(BaseModel):
    """All settings of the studio. The first alias of a field is its documented name."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    provider: Literal["auto", "sandbox", "dashscope", "aivideoapi"] = _setting(
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
        "DASHSCOPE_REGION", default="beijing", about="Where the key belongs: `beijing`, `singapore`, `virginia` …"
    )
    dashscope_base_url: str | None = _setting(
        "DASHSCOPE_BASE_URL", default=None, about="Any other host that speaks the DashScope protocol"
    )
    dashscope_workspace: str | None = _setting(
        "DASHSCOPE_WORKSPACE", default=None, about="Workspace id, where the region's host needs one"
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
    s3_endpoint: str | None = _setting(
        "STUDIO_S3_ENDPOINT",
        default=None,
        about="Address of an S3-compatible store, for a bucket from which AIVideoAPI fetches files",
    )
    s3_bucket: str | None = _setting("STUDIO_S3_BUCKET", default=None, about="Name of the bucket")
    s3_region: str = _setting("STUDIO_S3_REGION", default="us-east-1", about="Region of the bucket")
    s3_key_id: str | None = _setting("STUDIO_S3_KEY_ID", default=None, about="Id of a key that may write to the bucket")
    s3_secret: SecretStr | None = _setting("STUDIO_S3_SECRET", default=None, about="Secret of that key")
    output_dir: Path = _setting("OUTPUT_DIR", default=Path("output"), about="Where finished videos are saved")
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
    keep_days: Annotated[int, Field(ge=1, le=36500)] | None = _setting(
        "STUDIO_KEEP_DAYS",
        default=None,
        about="Days after which videos and their jobs are deleted, favourites excepted; else they are kept",
    )
    allow_private_urls: bool = _setting(
        "STUDIO_ALLOW_PRIVATE_URLS",
        default=False,
        about="Whether files may be added from addresses of this machine's own network",
    )
    host: str = _setting(
        "STUDIO_HOST", "GRADIO_SERVER_NAME", default="127.0.0.1", about="Address to listen on; `0.0.0.0` for all"
    )
    port: Annotated[int, Field(ge=0, le=65535)] = _setting(
        "STUDIO_PORT", "GRADIO_SERVER_PORT", default=7860, about="Port to listen on; 0 takes any free one"
    )
    secret: SecretStr | None = _setting(
        "STUDIO_SECRET", default=None, about="Signs the visitors' cookies; else made once and kept in the data folder"
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

    @field_validator("dashscope_region")
    @classmethod
    def _known_region(cls, value: str) -> str:
        known = CATALOG.providers["dashscope"].regions
        if value not in known:
            raise ValueError(f"must be one of {', '.join(known)}")
        return value

    @field_validator("dashscope_base_url", "aivideoapi_base_url", "public_url", "s3_endpoint")
    @classmethod
    def _web_address(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        return value

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
        """Read ``dotenv`` below ``environ`` (the environment wins); an empty value counts as unset.

        Raises ConfigError with one line for each wrong setting.
        """
        try:
            values = {**dotenv_values(dotenv), **environ}
            settings = cls.model_validate({key: value for key, value in values.items() if value})
        except ValidationError as error:
            raise ConfigError("\n".join(_sentence(cls, e["loc"], e["msg"], values) for e in error.errors())) from None
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{dotenv} cannot be read: {error}") from error
        if settings.dashscope_api_key is None and (key := _credentials_key(CREDENTIALS.expanduser())):
            settings = settings.model_copy(update={"dashscope_api_key": SecretStr(key)})
        return settings.model_copy(
            update={"output_dir": settings.output_dir.resolve(), "data_dir": settings.data_dir.resolve()}
        )

    @property
    def providers(self) -> tuple[ProviderName, ...]:
        """The clouds that new jobs can go to, the preferred one first; none where the sandbox is used."""
        if self.provider == "sandbox":
            return ()
        keys: dict[ProviderName, SecretStr | None] = {
            "dashscope": self.dashscope_api_key,
            "aivideoapi": self.aivideoapi_key,
        }
        return tuple(sorted((name for name, key in keys.items() if key), key=lambda name: name != self.provider))

    @property
    def live(self) -> bool:
        """Whether new jobs go to a real cloud (and cost money) rather than to the sandbox."""
        return bool(self.providers)

    @property
    def public_address(self) -> str | None:
        """Where the internet reaches this studio, without a path; None when nobody told."""
        if self.public_url:
            return self.public_url.rstrip("/")
        return f"https://{self.space_host}" if self.space_host else None

    def check(self) -> None:
        """Find out now what would fail later: a missing key, folders that refuse writing, a port in use."""
        ways = {
            "dashscope": f"DASHSCOPE_API_KEY, or dashscope_api_key in {CREDENTIALS}",
            "aivideoapi": "AIVIDEOAPI_KEY",
        }
        if self.provider in ways and self.provider not in self.providers:
            raise ConfigError(
                f"STUDIO_PROVIDER is {self.provider} but there is no key: set {ways[self.provider]}, "
                "or STUDIO_PROVIDER=sandbox to try without."
            )
        if "dashscope" in self.providers:
            self.dashscope_host()
        self.bucket()
        for name, folder in (("STUDIO_DATA_DIR", self.data_dir), ("OUTPUT_DIR", self.output_dir)):
            _check_writable(name, folder)
        _check_address(self.host, self.port)

    def dashscope_host(self) -> str:
        """Base address of DashScope, without a path."""
        if self.dashscope_base_url:
            return self.dashscope_base_url
        region = CATALOG.providers["dashscope"].regions[self.dashscope_region]
        if "{workspace}" not in region.host:
            return region.host
        if not self.dashscope_workspace:
            raise ConfigError(
                f"DASHSCOPE_REGION {self.dashscope_region} is reached through a workspace's own host: "
                "set DASHSCOPE_WORKSPACE to its id."
            )
        return region.host.format(workspace=self.dashscope_workspace)

    def aivideoapi_host(self) -> str:
        """Base address of AIVideoAPI."""
        return self.aivideoapi_base_url or CATALOG.providers["aivideoapi"].regions[AIVIDEOAPI_REGION].host

    def bucket(self) -> tuple[str, str, str, str, SecretStr] | None:
        """Endpoint, name, region, key id and secret of the bucket, if there is one; ConfigError for part of one."""
        endpoint, name, key_id, secret = self.s3_endpoint, self.s3_bucket, self.s3_key_id, self.s3_secret
        if endpoint and name and key_id and secret:
            return endpoint, name, self.s3_region, key_id, secret
        parts = {"ENDPOINT": endpoint, "BUCKET": name, "KEY_ID": key_id, "SECRET": secret}
        given = [f"STUDIO_S3_{part}" for part, value in parts.items() if value]
        missing = [f"STUDIO_S3_{part}" for part, value in parts.items() if not value]
        if given:
            raise ConfigError(f"{given[0]} is set but not {', '.join(missing)}: a bucket needs all of them.")
        return None

    def database(self) -> str:
        """SQLAlchemy URL of the job database."""
        url = self.database_url or f"sqlite:///{self.data_dir / 'studio.db'}"
        parsed = make_url(url)
        if parsed.get_backend_name() == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
        return parsed.render_as_string(hide_password=False)


def documented() -> list[tuple[str, str, str]]:
    """Name, default and meaning of every setting, for the README's table."""
    rows = []
    for field in Settings.model_fields.values():
        alias = field.validation_alias
        name = str(alias.choices[0]) if isinstance(alias, AliasChoices) else str(alias)
        rows.append((name, "" if field.default is None else str(field.default), field.description or ""))
    return rows


def _sentence(cls: type[Settings], loc: tuple[Any, ...], message: str, values: Mapping[str, Any]) -> str:
    name = next((str(part) for part in loc if str(part) in values), str(loc[0]))
    secret = any(word in name for word in ("KEY", "SECRET", "DATABASE"))
    shown = "" if secret else f" is {values.get(name)!r}, but"
    message = message.removeprefix("Value error, ")
    return f"{name}{shown or ':'} {message[:1].lower()}{message[1:]}."


def _credentials_key(path: Path) -> str | None:
    if not path.is_file():
        return None
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string("[default]\n" + path.read_text("utf-8-sig").replace("[default]\n", "", 1))
    except (OSError, UnicodeDecodeError, configparser.Error) as error:
        raise ConfigError(
            f"{path} cannot be read: {str(error).splitlines()[0]}. Mend it or set DASHSCOPE_API_KEY."
        ) from error
    for section in parser.sections():
        if key := parser[section].get("dashscope_api_key"):
            return key.strip().strip("\"'")
    return None


def _check_writable(name: str, folder: Path) -> None:
    probe = folder / f".writable-{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise ConfigError(
            f"{name} is {folder}, which cannot be written ({error.strerror}): "
            f"give the studio permission, or set {name} to another folder."
        ) from error


def _check_address(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
                raise ConfigError(
                    f"STUDIO_HOST is {host}, which is no address of this machine ({error.strerror}): "
                    "set it to 127.0.0.1, or to 0.0.0.0 for all addresses."
                ) from error
            raise ConfigError(
                f"STUDIO_PORT {port} on {host} cannot be used ({error.strerror}): "
                "stop what runs there, or set STUDIO_PORT to another port (0 takes any free one)."
            ) from error
