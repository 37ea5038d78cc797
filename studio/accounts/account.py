"""The accounts that jobs are sent to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from studio.catalog.models import CATALOG, ProviderName
from studio.media.links import Links
from studio.providers.base import Provider, Upload

SANDBOX = "sandbox"
SANDBOXES: Mapping[ProviderName, str] = {
    name: f"{SANDBOX}:{name}" if place else SANDBOX for place, name in enumerate(CATALOG.providers)
}
"""The accounts of the built-in sandbox, by the provider whose place it takes."""


@dataclass(frozen=True)
class Account:
    """One account at one provider, under the name that is stored with its jobs."""

    name: str
    """``sandbox``, ``dashscope:beijing`` …"""
    provider: Provider
    region: str
    """Catalog region whose prices apply."""
    live: bool
    """Whether jobs cost money there."""
    poll_seconds: float
    """Time between two looks at a task that is running."""
    upload: Upload | None = None
    """Takes a file over for the provider: the provider's own upload, or that of a bucket from which it fetches."""
    links: Links | None = None
    """Addresses from which the provider fetches files of this studio itself."""

    @property
    def takes_files(self) -> bool:
        """Whether a file that has no public address of its own can be brought to the provider."""
        return self.upload is not None or self.links is not None


def in_sandbox(account: str) -> bool:
    """Whether jobs of the account of that name are free."""
    return account in SANDBOXES.values()
