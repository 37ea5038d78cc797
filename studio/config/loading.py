"""Where settings come from, and what is said of those that are wrong."""

from __future__ import annotations

import configparser
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from studio.errors import ConfigError
from studio.system.envfile import read, trimmed

CREDENTIALS = Path("~/.alibabacloud/credentials")


class Key(NamedTuple):
    """Where the key of a cloud is set."""

    field: str
    """Of ``Settings``."""
    setting: str
    """Its name in the environment."""
    elsewhere: str = ""
    """Where it is looked for besides, in words."""
    region: str | None = None
    """The setting that says in which region it is good, where there is one."""
    workspace: str | None = None
    """The setting that says to which workspace it belongs, where there is one."""


def gather(environ: Mapping[str, str], dotenv: Path) -> dict[str, str]:
    """What is set: ``dotenv`` below ``environ``, without what is empty. ConfigError when it cannot be read."""
    try:
        values = {**read(dotenv), **environ}
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{dotenv} cannot be read: {error}") from error
    return {name: value for name, value in values.items() if value}


def wrong(error: ValidationError, values: Mapping[str, str]) -> ConfigError:
    """A line for each setting that is wrong; a secret is not repeated."""
    return ConfigError("\n".join(_sentence(one["loc"], one["msg"], values) for one in error.errors()))


def _sentence(loc: tuple[int | str, ...], message: str, values: Mapping[str, str]) -> str:
    name = next((str(part) for part in loc if str(part) in values), str(loc[0]))
    secret = any(word in name for word in ("KEY", "SECRET", "DATABASE"))
    shown = "" if secret else f" is {values.get(name)!r}, but"
    message = message.removeprefix("Value error, ")
    if "byte unit" in message or "byte string" in message:
        message = "must be a size such as 500MB or 4GiB"
    return f"{name}{shown or ':'} {message[:1].lower()}{message[1:]}."


def credentials_key() -> str | None:
    """The key of DashScope in the file that Alibaba's own tools keep; ConfigError when that cannot be read."""
    path = CREDENTIALS.expanduser()
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
            return trimmed(key).strip("\"'")
    return None
