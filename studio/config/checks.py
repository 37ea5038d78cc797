"""What would fail later, found out before anything starts. Each check raises ConfigError that says the way out."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from studio.catalog.models import CATALOG, ProviderName
from studio.config.addresses import is_public
from studio.config.loading import Key
from studio.errors import ConfigError
from studio.system import listening

if TYPE_CHECKING:
    from studio.config.settings import Settings


def check(settings: Settings, preferred: Key | None) -> None:
    """Find out now what would fail later: a missing key, folders that refuse writing, a port in use. ``preferred`` is
    where the key of the cloud is set that is to come first."""
    if preferred is not None and settings.provider not in settings.providers:
        raise ConfigError(
            f"STUDIO_PROVIDER is {settings.provider} but there is no key: set {preferred.setting}"
            f"{preferred.elsewhere}, or STUDIO_PROVIDER=sandbox to try without."
        )
    for name in settings.providers:
        check_key(settings, name)
    settings.bucket()
    _check_public_url(settings)
    for name, folder in (("STUDIO_DATA_DIR", settings.data_dir), ("OUTPUT_DIR", settings.output_dir)):
        check_writable(name, folder)
    with contextlib.suppress(OSError):  # another's, or of a file system without owners
        settings.data_dir.chmod(0o700)  # it may be older than the studio's habit of making its files so
    listening.check(settings.host, settings.port)


def check_key(settings: Settings, name: ProviderName) -> None:
    """ConfigError for a key that cannot be good where it is to be used."""
    if name == "dashscope":
        settings.dashscope_host()
        _check_key_belongs(settings)


def _check_public_url(settings: Settings) -> None:
    if settings.public_url is None:
        return
    if (path := urlsplit(settings.public_url).path) and path != settings.root_path:
        raise ConfigError(
            f"STUDIO_PUBLIC_URL is {settings.public_url}, whose path is not STUDIO_ROOT_PATH {settings.root_path}: "
            "set both to the same path, or only one of them."
        )
    # A cloud of one's own may stand in the same network.
    if not is_public(settings.public_url) and (
        not settings.aivideoapi_base_url or is_public(settings.aivideoapi_base_url)
    ):
        raise ConfigError(
            f"STUDIO_PUBLIC_URL is {settings.public_url}, which is no address in the internet: no cloud could fetch "
            "files there. Set it to the address under which everyone reaches this studio, or unset it."
        )


def _check_key_belongs(settings: Settings) -> None:
    """ConfigError for a key that shows by how it begins that it is good in another region."""
    if settings.dashscope_api_key is None:
        return
    regions, chosen = CATALOG.providers["dashscope"].regions, settings.dashscope_region
    own = CATALOG.providers["dashscope"].region_of(settings.dashscope_api_key.get_secret_value().strip())
    # A host given by hand may be a relay with keys of its own; that of the key's region is none.
    if settings.dashscope_base_url and (
        own is None or urlsplit(settings.dashscope_base_url).hostname != urlsplit(regions[own].host or "").hostname
    ):
        return
    if own is not None and own != chosen:
        raise ConfigError(
            f"DASHSCOPE_API_KEY begins with {regions[own].key_prefix}: it is a key of the {regions[own].name}, "
            f"which has a host of its own, but DASHSCOPE_REGION is {chosen}. "
            f"Set DASHSCOPE_REGION={own}, or take a pay-as-you-go key of that region."
        )
    if own is None and regions[chosen].key_prefix:
        others = ", ".join(name for name, region in regions.items() if not region.key_prefix)
        raise ConfigError(
            f"DASHSCOPE_REGION is {chosen}, but DASHSCOPE_API_KEY is no key of the {regions[chosen].name}: those "
            f"begin with {regions[chosen].key_prefix}. Take such a key, or set DASHSCOPE_REGION to the region "
            f"where this one was made: {others}."
        )


def check_writable(name: str, folder: Path) -> None:
    """ConfigError, which names the setting, where the studio cannot write to the folder; it is made if need be."""
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
