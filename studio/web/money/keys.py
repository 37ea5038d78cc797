"""Where the keys of clouds are changed: in the page, on the studio's own machine, or as its owner does it elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from studio.catalog.models import CATALOG, ProviderName
from studio.config import CREDENTIALS, KEYS, Settings
from studio.service import Studio
from studio.web.edge.loopback import is_local
from studio.web.text import Translation


def place_name(provider: ProviderName, region: str, words: Translation) -> str:
    """A cloud, with the region where it has several: ``DashScope · Beijing``, ``AIVideoAPI``."""
    cloud = CATALOG.providers[provider]
    return f"{cloud.name} · {words.said(cloud.regions[region].name)}" if len(cloud.regions) > 1 else cloud.name


@dataclass(frozen=True)
class KeyAccess:
    """How who asks can change the keys of the clouds."""

    settings: Settings
    otherwise: str
    """Why he may not change keys in the page, and what is done instead; empty where he may."""

    def place(self, provider: ProviderName, words: Translation) -> str:
        """Where the key of a cloud stands that was not added in the page."""
        if provider in self.settings.keys_of_tools:
            return words("key.in_file", name=KEYS[provider].field, file=CREDENTIALS.as_posix())
        return KEYS[provider].setting


def key_access(request: Request, studio: Studio, words: Translation) -> KeyAccess:
    """The page changes keys where the studio is for its own machine alone, and the request comes from there by no way
    round."""
    settings = studio.settings
    names = words("language.or").join(KEYS[name].setting for name in KEYS)
    if settings.provider == "sandbox":
        return KeyAccess(settings, words("key.elsewhere.sandbox"))
    if settings.on_space:
        return KeyAccess(settings, words("key.elsewhere.space", settings=names))
    if settings.public:
        return KeyAccess(settings, words("key.elsewhere.server", settings=names))
    if is_local(request):
        return KeyAccess(settings, "")
    return KeyAccess(settings, words("key.elsewhere.local", settings=names, port=studio.port))
