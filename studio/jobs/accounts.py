"""The accounts that jobs are sent to."""

from __future__ import annotations

from dataclasses import dataclass

from studio.providers.base import Provider

SANDBOX = "sandbox"


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
