"""Accounts that jobs bear and that this studio does not have."""

from __future__ import annotations

from studio.accounts.account import in_sandbox
from studio.catalog.models import CATALOG
from studio.errors import AccountMissing
from studio.message import Told


def account_missing(account: str) -> AccountMissing:
    """The error of an account that is not set up here, with the settings that bring it back."""
    provider, _, region = account.partition(":")
    if in_sandbox(account):
        return AccountMissing(Told("Set {settings} and restart the studio.", settings="STUDIO_PROVIDER=sandbox"))
    if provider == "aivideoapi":
        return AccountMissing(Told("Set {settings} and restart the studio.", settings="AIVIDEOAPI_KEY"))
    if provider == "dashscope" and region in CATALOG.providers["dashscope"].regions:
        return AccountMissing(
            Told(
                "Set {settings}, DASHSCOPE_API_KEY to the key of that region, and restart the studio.",
                settings=f"DASHSCOPE_REGION={region}",
            )
        )
    return AccountMissing(Told("This version of the studio knows no account {name}.", name=account))
