"""Accounts for what only asks whose account it is."""

from __future__ import annotations

from typing import Any

from studio.accounts.account import Account
from studio.catalog.models import CATALOG


def account_at(provider: str) -> Account:
    """One at the first region of a provider; nothing is ever asked of it."""
    nobody: Any = None
    region = next(iter(CATALOG.providers[provider].regions))
    return Account("sandbox", nobody, region, live=False, poll_seconds=1, upload=nobody)
