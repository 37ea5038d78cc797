"""Accounts that jobs bear and that this studio does not have."""

from __future__ import annotations

from studio.accounts.account import in_sandbox
from studio.errors import AccountMissing
from studio.message import Message
from studio.providers.clouds import CLIENTS


def account_missing(account: str) -> AccountMissing:
    """The error of an account that is not set up here, with the settings that bring it back."""
    if in_sandbox(account):
        return AccountMissing(Message("Set {settings} and restart the studio.", settings="STUDIO_PROVIDER=sandbox"))
    provider, _, region = account.partition(":")
    way = CLIENTS[provider].way_back(region) if provider in CLIENTS else None
    return AccountMissing(way or Message("This version of the studio has no account {name}.", name=account))
