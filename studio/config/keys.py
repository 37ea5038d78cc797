"""Keys of clouds that the owner added in the page: a file in the data folder, for the studio's own user alone.

    keys.json    {"dashscope": {"key": "sk-…", "region": "beijing", "workspace": null}}

A key that the environment or ``.env`` sets goes before the one in the file, and the file's is then not read. A key
brings the region and the workspace along with which it was checked.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from studio.catalog.models import CATALOG, ProviderName
from studio.errors import ConfigError, KeysNotSaved
from studio.message import Message
from studio.system.envfile import trimmed
from studio.system.parsing import json_of

NAME = "keys.json"


@dataclass(frozen=True)
class AddedKey:
    """A key, and where it is good."""

    key: SecretStr
    region: str
    workspace: str | None = None


def read(data_dir: Path) -> dict[ProviderName, AddedKey]:
    """The keys by provider; none where there is no file. ConfigError when it cannot be read, or is no such file."""
    path = data_dir / NAME
    try:
        data = dict(json_of(path.read_text("utf-8")).items())
        return {name: _parsed(name, data[name]) for name in CATALOG.providers if name in data}
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        # What stands in it is not repeated.
        reason = (error.strerror or str(error)) if isinstance(error, OSError) else "it is damaged"
        raise ConfigError(
            Message(
                "{file}, which holds the keys that were added in the page, cannot be read ({reason}). "
                "Give the studio permission, or delete it and add the keys again.",
                file=str(path),
                reason=reason,
            )
        ) from None


def unusable(data_dir: Path, name: ProviderName, setting: str) -> ConfigError:
    """The error of an entry that can be read, and whose key can be none; ``setting`` goes before it."""
    return ConfigError(
        f"{data_dir / NAME}, which holds the keys that were added in the page, has an API key of "
        f"{CATALOG.providers[name].name} that cannot be used: it holds a sign that no key has, or its region or "
        f"workspace cannot be its own. Delete the file and add the keys again, or set {setting}."
    )


def _parsed(name: ProviderName, data: Mapping[str, Any]) -> AddedKey:
    key, region, workspace = data["key"], data["region"], data.get("workspace")
    if not isinstance(key, str) or not trimmed(key) or region not in CATALOG.providers[name].regions:
        raise ValueError
    if workspace is not None and not isinstance(workspace, str):
        raise ValueError
    return AddedKey(SecretStr(key), region, workspace)


def put(data_dir: Path, name: ProviderName, added: AddedKey | None) -> None:
    """Put one key into the file, or with None take it out; raises KeysNotSaved, and then the file is as it was."""
    try:
        kept = read(data_dir)
        kept.pop(name, None)
        write(data_dir, {**kept, name: added} if added else kept)
    except OSError as error:
        reason = error.strerror or str(error)
        raise KeysNotSaved(
            Message("{folder} is not writable: {reason}.", folder=data_dir.name, reason=reason)
        ) from error
    except ConfigError as error:  # at the start it is a wrong setting
        raise KeysNotSaved(error.said) from None


def write(data_dir: Path, keys: Mapping[ProviderName, AddedKey]) -> None:
    """Put ``keys`` in the place of those in the file, all or nothing; raises OSError."""
    path = data_dir / NAME
    entries = {
        name: {"key": one.key.get_secret_value(), "region": one.region, "workspace": one.workspace}
        for name, one in keys.items()
    }
    partial = data_dir / f"{NAME}.{secrets.token_hex(4)}.part"
    try:
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            json.dump(entries, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
